"""Seed 002, section 4.2: mean and variance of the variance-preserving process, Eqs. (111) to (130)."""

import sympy as sp

from refdiff.reference import forward

from ..algebra import expectation, positive, real, symmetric
from .diffusion import euler_rate, rate
from .evidence import Counterexample, Proof

X, X_0, MU, U, A = real("x x_0 mu u A")
# Instantaneous rate beta(t), its integral from 0 to t, the variance at t.
BETA, TOTAL, VARIANCE = positive("beta total variance")
DRIFT, NOISE = -BETA * X / 2, sp.sqrt(BETA)
RATES = {TOTAL: BETA}


def _mean(expression):
    """Expectation over x of mean mu and the given variance; what follows uses its first two moments only."""
    return expectation(expression.subs(X, MU + sp.sqrt(VARIANCE) * U), [U])


def _variance_rate():
    """Growth of E[(x - mu)^2], from one Euler step; that mu moves too adds -2 E[x - mu] dmu/dt = 0."""
    return _mean(euler_rate((X - MU) ** 2, X, DRIFT, NOISE))


def _drift_part():
    """What the drift adds to the growth of the variance: all of it but the noise's power."""
    return _variance_rate() - expectation((NOISE * U) ** 2, [U])


def eq_111():
    """002/111: growth of the mean of the variance-preserving process.

    Printed:
        dmu/dt = E[-(1/2) beta(t) x]
    Verdict: proved
    Scope: one dimension, f = -beta x/2, x of any mean and variance
    Formulas: vp_drift_rate
    """
    by_one_step = _mean(euler_rate(X, X, DRIFT, NOISE))
    return Proof(by_one_step, _mean(-BETA * X / 2), (_mean(BETA * X / 2), _mean(-BETA * X)))


def eq_112():
    """002/112: the rate beta(t) taken out of the expectation.

    Printed:
        E[-(1/2) beta(t) x] = -(1/2) beta(t) E(x)
    Verdict: proved
    Scope: x of three values
    Formulas: vp_drift_rate
    """
    values, weights = real("a b c"), positive("p q r")
    inside = sum(weight * (-BETA * value / 2) for value, weight in zip(values, weights, strict=True))
    average = sum(weight * value for value, weight in zip(values, weights, strict=True))
    return Proof(inside, -BETA / 2 * average, (BETA / 2 * average, -BETA * average))


def after_112_a():
    """002/after 112 a: why beta(t) leaves the expectation.

    Printed:
        "The expected value is independent of t"
    Verdict: notation slip
    Scope: one dimension, f = -beta x/2, x of any mean and variance
    Reading: the fact it is given for is right: beta(t) leaves the expectation, which is over x. Only what is said not to depend
        on t is wrong: literally it is E(x), which decays, as Eq. (117) says; meant is the averaging over x.
    Right:
        beta(t) does not depend on x, so E[beta(t) x] = beta(t) E(x)
    Numbers: at beta = 1, x_0 = 1, E(x) at t = 1: printed 1, right 0.606531
    """
    mean = forward.marginal_mean(X_0, -TOTAL)
    shown = Counterexample("beta = 1, x_0 = 1, E(x) at t = 1", 1, mean.subs({X_0: 1, TOTAL: 1}))
    return shown, Proof(_mean(BETA * X), BETA * MU, (BETA, BETA * X))


def eq_113():
    """002/113: the differential equation of the mean.

    Printed:
        dmu/dt = -(1/2) beta(t) mu
    Verdict: proved
    Scope: one dimension, any beta(t)
    Formulas: marginal_mean vp_drift_rate
    """
    mean = forward.marginal_mean(X_0, -TOTAL)
    return Proof(rate(mean, RATES), -BETA * mean / 2, (BETA * mean / 2, -BETA * mean))


def eq_114():
    """002/114: the equation of the mean, variables separated.

    Printed:
        <=> dmu/mu = -(1/2) beta(t) dt
    Verdict: true under a named convention
    Scope: one dimension, any beta(t)
    Reading: literally "<=>" fails where mu = 0, which solves Eq. (113) and cannot be divided by; charitably entry by
        entry, for those that are not 0. The solution (116) covers the rest with A = 0.
    Right:
        dmu/mu = -(1/2) beta(t) dt for each entry mu != 0
    """
    mean = forward.marginal_mean(X_0, -TOTAL)
    return Proof(rate(mean, RATES) / mean, -BETA / 2, (BETA / 2, -BETA))


def eq_115():
    """002/115: the equation of the mean, integrated.

    Printed:
        <=> ln mu = int_0^t -(1/2) beta(s) ds + c
    Verdict: true under a named convention
    Scope: one dimension, any beta(t)
    Reading: literally ln mu needs mu > 0, and pixels scaled to [-1, 1] are often negative; charitably ln|mu|, the sign
        being left to the constant A of Eq. (116).
    Right:
        ln|mu| = -int_0^t (1/2) beta(s) ds + c for each entry mu != 0
    """
    size = positive("size")
    risen = [sp.log(abs(forward.marginal_mean(sign * size, -TOTAL))) - sp.log(size) for sign in (1, -1)]
    return Proof(risen, [-TOTAL / 2] * 2, ([TOTAL / 2] * 2, [-TOTAL] * 2))


def eq_116():
    """002/116: general solution for the mean.

    Printed:
        <=> mu = A e^(-int_0^t (1/2) beta(s) ds)
    Verdict: proved
    Scope: one dimension, any beta(t)
    Formulas: marginal_mean
    """

    def relative_growth(candidate):
        return rate(candidate, RATES) / candidate

    misprints = A * sp.exp(-TOTAL), A * sp.exp(TOTAL / 2)
    return Proof(-BETA / 2, relative_growth(A * sp.exp(-TOTAL / 2)), tuple(map(relative_growth, misprints)))


def eq_117():
    """002/117: mean of x(t) given x_0.

    Printed:
        mu = x_0 e^(-(1/2) int_0^t beta(s) ds)
    Verdict: proved
    Scope: Euler steps at a constant rate, in the limit
    Formulas: marginal_mean vp_log_alpha_bar
    """
    steps = positive("n")
    # n Euler steps of length t/n at a constant rate.
    limit = sp.limit((1 - TOTAL / (2 * steps)) ** steps, steps, sp.oo) * X_0
    return Proof(limit, forward.marginal_mean(X_0, -TOTAL), (X_0 * sp.exp(-TOTAL), X_0 * sp.exp(TOTAL / 2)))


def after_117_a():
    """002/after 117 a: the "tool term" vanishes.

    Printed:
        E(x - mu) = 0. Let k = E[f(x, t)]
        <=> E[E(f(x, t)) (x - mu)] = 0
    Verdict: proved
    Scope: f of degree two, Gaussian x, one dimension
    """
    a, b, c = real("a b c")
    f = a + b * X + c * X**2
    return Proof(_mean(_mean(f) * (X - MU)), sp.Integer(0), (_mean(f * (X - MU)), _mean(f * X)))


def after_117_b():
    """002/after 117 b: what the noise adds to the variance.

    Printed:
        "the second term of dSigma/dt, E[g^2(t)] = beta(t)"
    Verdict: proved
    Scope: one step in one dimension
    Formulas: vp_diffusion
    """
    by_one_step = euler_rate(X**2, X, sp.Integer(0), NOISE)
    return Proof(by_one_step, BETA, (sp.sqrt(BETA), BETA / 2))


def eq_118():
    """002/118: the first term of the growth of the variance.

    Printed:
        2 E(f(x, t) (x - mu))
    Verdict: proved
    Scope: one dimension, f = -beta x/2, x of any mean and variance
    Reading: one-dimensional, or entry by entry, as Eq. (109) is; for vectors it is E[f (x - mu)^T] and its transpose.
    """
    printed = _mean(DRIFT * (X - MU))
    return Proof(_drift_part(), 2 * printed, (printed, 2 * _mean(DRIFT * X)))


def eq_119():
    """002/119: nothing subtracted.

    Printed:
        [(118)] = 2 E(f(x, t) (x - mu)) - 0
    Verdict: proved
    Scope: one dimension, f = -beta x/2, x of any mean and variance
    """
    nothing = _mean(_mean(DRIFT) * (X - MU))
    printed = 2 * _mean(DRIFT * (X - MU)) - nothing
    return Proof(_drift_part(), printed, (printed - _mean(DRIFT) * MU, printed - _mean(DRIFT)))


def eq_120():
    """002/120: the tool term subtracted.

    Printed:
        [(118)] = 2 E(f(x, t) (x - mu) - E(f(x, t)) (x - mu))
    Verdict: proved
    Scope: one dimension, f = -beta x/2, x of any mean and variance
    """
    printed = 2 * _mean(DRIFT * (X - MU) - _mean(DRIFT) * (X - MU))
    return Proof(_drift_part(), printed, (printed / 2, 2 * _mean(DRIFT * (X - MU) - _mean(DRIFT) * X)))


def eq_121():
    """002/121: the common factor x - mu taken out.

    Printed:
        [(118)] = 2 E((f(x, t) - E(f(x, t))) . (x - mu))
    Verdict: proved
    Scope: one dimension, f = -beta x/2, x of any mean and variance
    """
    printed = 2 * _mean((DRIFT - _mean(DRIFT)) * (X - MU))
    return Proof(_drift_part(), printed, (printed / 2, 2 * _mean((DRIFT - _mean(DRIFT)) ** 2)))


def eq_122():
    """002/122: the drift put in.

    Printed:
        [(118)] = 2 E((( -(1/2) beta(t) x - (-(1/2) beta(t) mu)) . (x - mu))
    Verdict: notation slip
    Scope: one dimension, f = -beta x/2, x of any mean and variance
    Reading: literally one opening parenthesis is never closed; charitably as in Eq. (121), the only reading that has a meaning.
        The remark beside it, "Factor out the common factor -(1/2) beta(t)", belongs to the step from here to (123), and that of
        (123), "Given conditions", to (124).
    Right:
        2 E((-(1/2) beta(t) x - (-(1/2) beta(t) mu)) . (x - mu))
    """
    intended = 2 * _mean((-BETA * X / 2 + BETA * MU / 2) * (X - MU))
    return Proof(_drift_part(), intended, (-intended, 2 * _mean((-BETA * X + BETA * MU) * (X - MU))))


def eq_123():
    """002/123: the factor -beta/2 taken out.

    Printed:
        [(118)] = -beta(t) E((x - mu)^2)
    Verdict: proved
    Scope: one dimension, f = -beta x/2, x of any mean and variance
    """
    square = _mean((X - MU) ** 2)
    return Proof(_drift_part(), -BETA * square, (BETA * square, -BETA * square / 2, -BETA * _mean(X**2)))


def eq_124():
    """002/124: the first term in terms of the variance.

    Printed:
        [(118)] = -beta(t) Sigma
    Verdict: proved
    Scope: one dimension, f = -beta x/2, x of any mean and variance
    """
    return Proof(_drift_part(), -BETA * VARIANCE, (-BETA * VARIANCE / 2, -BETA * VARIANCE**2))


def eq_125():
    """002/125: the differential equation of the covariance.

    Printed:
        dSigma/dt = (I - Sigma) beta(t)
    Verdict: proved
    Scope: two dimensions, any covariance
    Reading: the covariance is a matrix, so that I is the identity and not a shorthand for 1.
    Formulas: linear_sde_variance_rate
    """
    covariance, factor = symmetric("l_1 l_2 l_3")
    noises, fresh, root = real("u_1 u_2"), real("z_1 z_2"), sp.Dummy("root")
    # One Euler step of length root^2 from x = mu + factor u.
    deviation = [(1 - BETA * root**2 / 2) * sum(row * noises) for row in factor]
    moved = [kept + NOISE * root * z for kept, z in zip(deviation, fresh, strict=True)]
    products = [expectation(a * b, [*noises, *fresh]) for a in moved for b in moved]
    growth = [sp.expand(product).coeff(root, 2) for product in products]
    identity = sp.eye(2)
    right = [BETA * (identity[i, j] - covariance[i, j]) for i in range(2) for j in range(2)]
    return Proof(growth, right, ([-one for one in right], [BETA * (1 - one) for one in covariance.flat]))


def eq_126():
    """002/126: the equation of the covariance, variables separated.

    Printed:
        <=> dSigma/(I - Sigma) = beta(t) dt
    Verdict: true under a named convention
    Scope: one dimension, any beta(t)
    Reading: literally a division by a matrix; charitably Sigma is a number times I, as it is from Sigma(0) = 0 on, and I
        - Sigma is never 0.
    Right:
        dSigma/(1 - Sigma) = beta(t) dt for the variance Sigma != 1 of each entry
    """
    variance = forward.marginal_variance(-TOTAL)
    right = rate(variance, RATES) / (1 - variance)
    return Proof(BETA, right, (-right, rate(variance, RATES) / variance))


def eq_127():
    """002/127: the equation of the covariance, integrated.

    Printed:
        <=> -ln(Sigma - I) = -int_0^t B(s) ds + C
    Verdict: false as printed
    Scope: one dimension, any beta(t)
    Reading: literally the right side has the wrong sign, so Sigma - I = e^(int - C) would grow; B was never defined (beta
        is meant); and Sigma - I is negative, so its logarithm is not real. The sign is no convention: Eqs. (126) and
        (128) around it need the other one.
    Right:
        -ln(I - Sigma) = int_0^t beta(s) ds + C
    Numbers: at beta = 1, the rise of -ln|Sigma - I| from t = 0 to t = 1: printed -1, right 1
    """
    variance = forward.marginal_variance(-TOTAL)
    risen = -sp.log(1 - variance)
    where = "beta = 1, the rise of -ln|Sigma - I| from t = 0 to t = 1"
    return Counterexample(where, -1, risen.subs(TOTAL, 1)), Proof(risen, TOTAL, (-TOTAL, TOTAL / 2))


def eq_128():
    """002/128: the covariance's distance from I decays.

    Printed:
        <=> I - Sigma = A e^(-int_0^t beta(s) ds)
    Verdict: proved
    Scope: one dimension, any beta(t)
    Reading: it solves Eq. (125); it does not follow from Eq. (127) as printed.
    """

    def growth_over_gap(gap):
        return rate(1 - gap, RATES) / gap

    misprints = A * sp.exp(TOTAL), A * sp.exp(-TOTAL / 2)
    return Proof(BETA, growth_over_gap(A * sp.exp(-TOTAL)), tuple(map(growth_over_gap, misprints)))


def eq_129():
    """002/129: general solution for the covariance.

    Printed:
        <=> Sigma = I - A e^(-int_0^t beta(s) ds)
    Verdict: proved
    Scope: one dimension, any beta(t)
    Reading: A = I - Sigma(0) for any covariance at time 0.
    Formulas: transition_variance
    """
    start = positive("start")
    # What is kept of the starting variance, and what the step adds.
    kept = forward.transition_mean(1, 0, -TOTAL) ** 2 * start
    composed = kept + forward.transition_variance(sp.Integer(0), -TOTAL)
    misprints = tuple(1 - a * sp.exp(-TOTAL) for a in (start, 1 + start))
    return Proof(composed, 1 - (1 - start) * sp.exp(-TOTAL), misprints)


def eq_130():
    """002/130: covariance of x(t) given x_0.

    Printed:
        When t = 0, Sigma = 0, so A = I. Therefore
        Sigma = I - I e^(-int_0^t beta(s) ds)
    Verdict: proved
    Scope: DDPM's steps at a constant rate, in the limit
    Formulas: marginal_variance vp_log_alpha_bar
    """
    steps, k = positive("n"), sp.Dummy("k", integer=True)
    # n steps of DDPM's chain, each of variance total/n: the noise of a step is kept by those after it.
    limit = sp.limit(sp.summation(TOTAL / steps * (1 - TOTAL / steps) ** k, (k, 0, steps - 1)), steps, sp.oo)
    return Proof(limit, forward.marginal_variance(-TOTAL), (1 - sp.exp(-TOTAL / 2), sp.exp(-TOTAL), 1 - sp.exp(TOTAL)))


def after_130_a():
    """002/after 130 a: sign of the exponent in Eq. (130).

    Printed:
        "the exponent of e is positive and its overall magnitude
        remains less than 1"
    Verdict: notation slip
    Scope: one dimension, any beta(t)
    Reading: the fact is right, and only the name is wrong: what is positive and less than 1 is the exponential; the exponent,
        -int beta, is negative.
    Right:
        0 < e^(-int_0^t beta(s) ds) < 1 for t > 0
    Numbers: at beta = 1, t = 1, is the exponent positive: printed yes, right no
    Formulas: marginal_variance vp_log_alpha_bar
    """
    excess = positive("excess")
    # Any positive integral is log(1 + excess).
    power = forward.marginal_mean(1, -sp.log(1 + excess)) ** 2
    inside = [1 / (1 + excess), excess / (1 + excess)]
    exponent = sp.log(forward.marginal_mean(1, -TOTAL) ** 2).subs(TOTAL, 1)
    shown = Counterexample("beta = 1, t = 1, is the exponent positive", True, bool(exponent > 0))
    return shown, Proof([power, 1 - power], inside, ([1 / excess, inside[1]], inside[::-1]))


def after_130_b():
    """002/after 130 b: bounds and course of the variance.

    Printed:
        "the variance of the process is confined to oscillate within
        the interval [0, Sigma(0)]"
    Verdict: false as printed
    Scope: one dimension, any beta(t)
    Reading: literally Sigma(0) = 0, as the text says just above, so the interval is the point 0; and Sigma does not
        oscillate, as its derivative beta (1 - Sigma) is never negative. Charitably [0, I).
    Right:
        Sigma rises from 0 towards I:
        dSigma/dt = beta(t) e^(-int_0^t beta(s) ds) > 0
    Numbers: at beta = 1, the largest Sigma for t <= 1: printed 0, right 0.632121
    Formulas: marginal_variance
    """
    variance = forward.marginal_variance(-TOTAL)
    shown = Counterexample("beta = 1, the largest Sigma for t <= 1", variance.subs(TOTAL, 0), variance.subs(TOTAL, 1))
    return shown, Proof(rate(variance, RATES), BETA * sp.exp(-TOTAL), (-BETA * sp.exp(-TOTAL), BETA))


def after_130_c():
    """002/after 130 c: why the process is called variance-preserving.

    Printed:
        "As a result, the forward process in DDPM is classified as
        variance-preserving (VP) type"
    Verdict: true under a named convention
    Scope: one dimension, any beta(t)
    Reading: literally the variance given x_0 is preserved, but it rises from 0 to 1; the name means the variance of x(t)
        over the data, and holds for data of unit variance.
    Right:
        Var[x(t)] = e^(-int beta) Var[x(0)] + 1 - e^(-int beta)
                  = 1 when Var[x(0)] = 1
    Formulas: marginal_mean marginal_variance
    """

    def variance(of_data):
        return forward.marginal_mean(1, -TOTAL) ** 2 * of_data + forward.marginal_variance(-TOTAL)

    return Proof(variance(1), sp.Integer(1), (variance(2), variance(0)))
