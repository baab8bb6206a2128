"""Seed 002, section 5.1: linear SDEs as scaling and added noise, Eqs. (143) to (158)."""

import sympy as sp

from refdiff.reference import forward

from ..algebra import completed_square, expectation, log_normal, positive, real
from .diffusion import euler_rate, rate
from .evidence import Counterexample, Proof, Unchecked

X, X_0, MU, MEAN, U, V = real("x x_0 mu mean u v")
# The linear drift's f(t), its integral F, g(t), and G, the integral of g^2 e^(-2 F).
F_RATE, F, A, C = real("f F A c")
NOISE, G, VARIANCE, SIGMA, SCALE, SPREAD = positive("g G variance sigma s spread")
RATES = {F: F_RATE, G: NOISE**2 * sp.exp(-2 * F)}
# One worked case: f = -1/2, g = 1, t = 1, where the variance is 1 - 1/e.
CASE = "f = -1/2, g = 1, t = 1"


def _variance_rate():
    """Growth of E[(x - mu)^2] under dx = f x dt + g dw, from one Euler step."""
    return expectation(euler_rate((X - MU) ** 2, X, F_RATE * X, NOISE).subs(X, MU + sp.sqrt(VARIANCE) * U), [U])


def _marginal_log(log_joint, hidden):
    """Log of the integral over `hidden` of exp(log_joint), Gaussian in it."""
    mean, variance = completed_square(log_joint, hidden)
    return log_joint.subs(hidden, mean) + sp.log(2 * sp.pi * variance) / 2


def _by_sampling(scale):
    """Log density of scale*(x_0 + sigma*noise) for Gaussian x_0, from its first two moments."""
    x = scale * (MEAN + sp.sqrt(SPREAD) * U + SIGMA * V)
    mean = expectation(x, [U, V])
    return log_normal(X, mean, sp.expand(expectation((x - mean) ** 2, [U, V])))


def _convolved_log(x):
    """Log of [p_data * N(0, sigma^2)](x) for Gaussian data: the convolution's integral, by completing the square."""
    return _marginal_log(log_normal(X_0, MEAN, SPREAD) + log_normal(x - X_0, 0, SIGMA**2), X_0)


def eq_143():
    """002/143: mean under a linear drift, general solution.

    Printed:
        mu = A e^(int_0^t f(r) dr)
    Verdict: proved
    Scope: one dimension, any f(t) and g(t)
    Reading: f(x, t) is written x f(t). Eq. (116) is the case f = -beta/2.
    Formulas: linear_sde_transition_mean
    """

    def relative_growth(candidate):
        return rate(candidate, RATES) / candidate

    # The equation dmu/dt = E[f(x, t)], from one Euler step.
    wanted = euler_rate(X, X, F_RATE * X, NOISE) / X
    return Proof(wanted, relative_growth(A * sp.exp(F)), tuple(map(relative_growth, (A * sp.exp(F / 2), A * sp.exp(-F)))))


def eq_144():
    """002/144: mean of x(t) given x_0 under a linear drift.

    Printed:
        mu = x_0 e^(int_0^t f(r) dr)
    Verdict: proved
    Scope: Euler steps at a constant rate, in the limit
    Formulas: linear_sde_transition_mean
    """
    n, total = positive("n total")
    limit = X_0 * sp.limit((1 + total / n) ** n, n, sp.oo)
    return Proof(limit, X_0 * sp.exp(total), (X_0 * sp.exp(total / 2), X_0 * sp.exp(-total)))


def eq_145():
    """002/145: growth of the variance under a linear drift.

    Printed:
        dSigma/dt = 2 f(t) Sigma + g^2(t)
    Verdict: proved
    Scope: one dimension, any f(t) and g(t)
    Formulas: linear_sde_variance_rate
    """
    right = 2 * F_RATE * VARIANCE + NOISE**2
    return Proof(_variance_rate(), right, (F_RATE * VARIANCE + NOISE**2, 2 * F_RATE * VARIANCE + NOISE))


def eq_146():
    """002/146: the equation of the variance, rearranged.

    Printed:
        dSigma/dt - 2 f(t) Sigma = g^2(t)
    Verdict: proved
    Scope: one dimension, any f(t) and g(t)
    """
    return Proof(_variance_rate() - 2 * F_RATE * VARIANCE, NOISE**2, (NOISE, -(NOISE**2)))


def eq_147():
    """002/147: general solution for the variance under a linear drift.

    Printed:
        => Sigma = [int g^2(t) e^(-2 int f(t) dt) dt + c] e^(-int -2 f(t) dt)
    Verdict: proved
    Scope: one dimension, any f(t) and g(t)
    Reading: the integrals of f are one and the same antiderivative.
    Formulas: linear_sde_transition_variance
    """

    def remainder(candidate):
        """dSigma/dt - 2 f Sigma, which Eq. (146) wants to be g^2."""
        return sp.expand(rate(candidate, RATES) - 2 * F_RATE * candidate)

    misprints = (G + C) * sp.exp(-2 * F), (G + C) * sp.exp(F), G * sp.exp(2 * F) + C
    return Proof(NOISE**2, remainder((G + C) * sp.exp(2 * F)), tuple(map(remainder, misprints)))


def eq_148():
    """002/148: an empty line.

    Printed:
        (nothing: the number stands alone)
    Verdict: not checkable
    Reading: the line holds no statement, only its number
    """
    return Unchecked()


def after_148_a():
    """002/after 148 a: the constant of the variance under a linear drift.

    Printed:
        "Substituting Sigma(0) = 0, it is easy to obtain C = 0"
    Verdict: true under a named convention
    Scope: f = -b/2, g = 1
    Reading: literally false for an arbitrary antiderivative in Eq. (147): for f = -1/2, g = 1 the integrand is e^t, and its
        antiderivatives e^t and e^t - 1 need different constants. True for integrals from 0 to t, as Eq. (149) writes them. c
        became C.
    Right:
        C = 0 when both integrals run from 0 to t
    Formulas: linear_sde_transition_variance
    """
    t, b = positive("t b")
    # f = -b/2, g = 1: the integral of e^(b t) from 0, and the antiderivative without a lower end.
    from_zero, bare = sp.integrate(sp.exp(b * X), (X, 0, t)), sp.integrate(sp.exp(b * t), t)

    def constant(integral):
        return sp.solve(sp.limit((integral + C) * sp.exp(-b * t), t, 0), C)[0]

    return Proof(constant(from_zero), sp.Integer(0), (constant(bare),))


def eq_149():
    """002/149: variance of x(t) given x(0) under a linear drift.

    Printed:
        Sigma = int_0^t g^2(r)/e^(int_0^t 2 f(r) dr) dr . e^(int_0^t 2 f(r) dr)
    Verdict: false as printed
    Scope: f = -b/2, g^2 of degree one
    Reading: literally the inner integral runs to t, does not depend on the outer variable r and cancels against the last
        factor, which leaves int_0^t g^2; it must run to r. The mistake returns in the definition of sigma(t).
    Right:
        Sigma = int_0^t g^2(r)/e^(int_0^r 2 f(u) du) dr . e^(int_0^t 2 f(u) du)
    Numbers: at f = -1/2, g = 1, t = 1: printed 1, right 0.632121
    Formulas: linear_sde_transition_variance
    """
    r, t, first, second = positive("r t g_0 g_1")
    b = positive("b")
    power = first + second * r

    def variance(inner_end):
        """For f = -b/2 and a linear g^2."""
        return sp.integrate(sp.expand(power * sp.exp(b * inner_end)), (r, 0, t)) * sp.exp(-b * t)

    def remainder(candidate):
        return [sp.diff(candidate, t) + b * candidate, candidate.subs(t, 0)]

    at = {b: 1, first: 1, second: 0, t: 1}
    shown = Counterexample(CASE, variance(t).subs(at), variance(r).subs(at))
    return shown, Proof([power.subs(r, t), sp.Integer(0)], remainder(variance(r)), (remainder(variance(t)),))


def after_149_a():
    """002/after 149 a: definition of the scale s(t).

    Printed:
        s(t) x(0) = mu = x_0 e^(int_0^t r dr)
    Verdict: false as printed
    Scope: Euler steps at a constant rate, in the limit
    Reading: literally f is missing, and s(t) = e^(t^2/2) whatever the drift; charitably as in Eq. (144), which it repeats.
    Right:
        s(t) x(0) = mu = x_0 e^(int_0^t f(r) dr)
    Numbers: at f = -1/2, g = 1, t = 1: printed 1.64872, right 0.606531
    Formulas: linear_sde_drift_rate linear_sde_transition_mean
    """
    printed, right = sp.exp(sp.Rational(1, 2)), sp.exp(F).subs(F, -sp.Rational(1, 2))
    total = positive("total")
    n = positive("n")
    limit = sp.limit((1 - total / n) ** n, n, sp.oo)
    return Counterexample(CASE, printed, right), Proof(limit, sp.exp(F).subs(F, -total), (sp.exp(total**2 / 2), sp.exp(total)))


def after_149_b():
    """002/after 149 b: definition of the noise level sigma(t).

    Printed:
        sigma(t) = sqrt(int_0^t g^2(r)/e^(int_0^t 2 f(r) dr) dr)
    Verdict: false as printed
    Scope: f = -1/2, g = 1, any t
    Reading: literally the inner integral runs to t, as in Eq. (149); it must run to r.
    Right:
        sigma(t) = sqrt(int_0^t g^2(r)/s(r)^2 dr), with s(r) = e^(int_0^r f(u) du)
    Numbers: at f = -1/2, g = 1, t = 1: printed 1.64872, right 1.31083
    Formulas: linear_sde_diffusion
    """
    r, t = positive("r t")
    printed, right = (sp.sqrt(sp.integrate(sp.exp(end), (r, 0, t))) for end in (t, r))
    # At f = -1/2, g = 1 the scale is e^(-t/2) and the variance 1 - e^(-t).
    wanted = sp.sqrt(forward.marginal_variance(-t) / forward.marginal_mean(1, -t) ** 2)
    return Counterexample(CASE, printed.subs(t, 1), right.subs(t, 1)), Proof(wanted**2, right**2, (printed**2, right))


def eq_150():
    """002/150: transition law as scaling and added noise.

    Printed:
        p_0t(x(t)|x(0)) = N(x_t, s(t) x(0), s^2(t) sigma^2(t) I)
    Verdict: proved
    Scope: one dimension, any f(t) and g(t)
    Reading: with the right forms of s(t) and sigma(t), which stand misprinted just before (002/after 149 a and b). The first
        comma stands for a semicolon.
    Formulas: linear_sde_diffusion linear_sde_drift_rate
    """

    def remainders(scale, square):
        """What Eqs. (113) and (146) want of mean and variance: f and g^2."""
        variance = scale**2 * square
        return [rate(scale, RATES) / scale, sp.expand(rate(variance, RATES) - 2 * F_RATE * variance)]

    misprints = remainders(sp.exp(F), G**2), remainders(sp.exp(2 * F), G), remainders(sp.exp(F / 2), G)
    return Proof([F_RATE, NOISE**2], remainders(sp.exp(F), G), misprints)


def after_150_a():
    """002/after 150 a: both earlier processes are special cases.

    Printed:
        "we obtain a more general form compared to VE and VP"
    Verdict: proved
    Scope: one dimension, any beta(t) and sigma(t)
    Reading: VP is f = -beta/2, g^2 = beta; VE is f = 0, g^2 = d sigma^2/dt, where the sigma(t) of Eq. (150) is
        sqrt(sigma^2(t) - sigma^2(0)) of Eq. (135).
    Formulas: marginal_mean marginal_variance ve_transition_sample
    """
    total, level, start = positive("total level start")
    preserving = sp.exp(-total / 2), sp.integrate(sp.exp(X), (X, 0, total))
    exploding = sp.Integer(1), sp.integrate(2 * X, (X, start, level))
    found = [form for scale, square in (preserving, exploding) for form in (scale * X_0, sp.expand(scale**2 * square))]
    right = [forward.marginal_mean(X_0, -total), forward.marginal_variance(-total), X_0, level**2 - start**2]
    return Proof(found, right, ([*right[:3], level**2], [X_0 * sp.exp(-total), *right[1:]]))


def after_150_b():
    """002/after 150 b: what s and sigma mean.

    Printed:
        "only s(t) is related to the original image x(0), and it can be
        interpreted as a scaling factor, while sigma can be understood
        as the magnitude of added noise"
    Verdict: true under a named convention
    Scope: one dimension, any s and sigma
    Reading: literally the noise in x(t) has the magnitude s sigma, not sigma; s scales the noise as it scales the image.
        sigma is the noise's magnitude in x(t)/s(t), against the unscaled image.
    Right:
        x(t)/s(t) = x(0) + sigma(t) z with z ~ N(0, I)
    Numbers: at s = 1/2, sigma = 2, magnitude of the noise in x(t): printed 2, right 1
    Formulas: edm_state
    """
    noise = expectation((SCALE * SIGMA * U) ** 2, [U])
    unscaled = (SCALE * X_0 + sp.sqrt(noise) * U) / SCALE
    at = {SCALE: sp.Rational(1, 2), SIGMA: 2}
    shown = Counterexample("s = 1/2, sigma = 2, magnitude of the noise in x(t)", SIGMA.subs(at), sp.sqrt(noise).subs(at))
    return shown, Proof(unscaled, X_0 + SIGMA * U, (X_0 + SCALE * SIGMA * U, SCALE * X_0 + SIGMA * U))


def eq_151():
    """002/151: law of the unscaled image.

    Printed:
        Let x^ denote the unscaled image, and x the scaled image.
        x^ ~ N(x^; s(t) x_0, s^2(t) sigma^2(t) I)
    Verdict: notation slip
    Scope: one dimension, any s and sigma
    Reading: the law is right, and only its name is wrong: it is the law of the scaled x = s x^, the image that Eq. (150) is
        about and that (152) gives the same law; the text has just called x^ the unscaled image.
    Right:
        x ~ N(x; s x_0, s^2 sigma^2 I), where x = s x^ and
        x^ ~ N(x^; x_0, sigma^2 I)
    Numbers: at s = 1/2, x_0 = 2, mean of the unscaled image: printed 1, right 2
    Formulas: edm_state
    """
    x = SCALE * (X_0 + SIGMA * U)
    mean = expectation(x, [U])
    found = [mean, sp.expand(expectation((x - mean) ** 2, [U]))]
    right = [SCALE * X_0, SCALE**2 * SIGMA**2]
    at = {SCALE: sp.Rational(1, 2), X_0: 2}
    printed, unscaled = SCALE * X_0, expectation(x / SCALE, [U])
    shown = Counterexample("s = 1/2, x_0 = 2, mean of the unscaled image", printed.subs(at), sp.cancel(unscaled).subs(at))
    return shown, Proof(found, right, ([X_0, SIGMA**2], [SCALE * X_0, SCALE * SIGMA**2]))


def eq_152():
    """002/152: density of the scaled image.

    Printed:
        x ~ N(x/s(t); x_0, sigma^2(t) I) s^(-d)(t)
    Verdict: proved
    Scope: three dimensions
    Reading: as the density in x of the law N(x; s x_0, s^2 sigma^2 I).
    Formulas: edm_state
    """
    point, start = real("x_1 x_2 x_3"), real("y_1 y_2 y_3")
    scaled = sum(log_normal(a, SCALE * b, SCALE**2 * SIGMA**2) for a, b in zip(point, start, strict=True))
    unscaled = sum(log_normal(a / SCALE, b, SIGMA**2) for a, b in zip(point, start, strict=True))
    return Proof(scaled, unscaled - 3 * sp.log(SCALE), (unscaled, unscaled + 3 * sp.log(SCALE), unscaled - sp.log(SCALE)))


def after_152_a():
    """002/after 152 a: the factor s^(-d) may be dropped.

    Printed:
        "Since the solution mostly involves the gradient with respect
        to x, for the sake of simplification, it is discarded at the
        outset."
    Verdict: proved
    Scope: one dimension, any s and sigma
    Reading: the gradient of log p does not see it. The density's integral and its time derivative do: with s(t) moving,
        Eqs. (155) to (158) are equal up to s^(-d) only, and the heat equation (159) that follows is for s = 1.
    """
    kept = sp.diff(log_normal(X, SCALE * X_0, SCALE**2 * SIGMA**2), X)
    dropped = log_normal(X / SCALE, X_0, SIGMA**2)
    return Proof(kept, sp.diff(dropped, X), ((X_0 - X / SCALE) / SIGMA**2, sp.diff(sp.exp(dropped), X)))


def eq_153():
    """002/153: density of the noisy data.

    Printed:
        p_t(x) = int p_data(x_0) p_0t(x|x_0) dx_0
    Verdict: definition
    Scope: Gaussian data in one dimension
    Reading: the integral is the density of a draw x_0 ~ p_data, x ~ p_0t(.|x_0).
    """
    gain, noise = positive("gain noise")
    integral = _marginal_log(log_normal(X_0, MEAN, SPREAD) + log_normal(X, gain * X_0, noise), X_0)
    drawn = gain * (MEAN + sp.sqrt(SPREAD) * U) + sp.sqrt(noise) * V
    mean = expectation(drawn, [U, V])
    by_moments = log_normal(X, mean, sp.expand(expectation((drawn - mean) ** 2, [U, V])))
    return Proof(integral, by_moments, (log_normal(X, mean, noise), log_normal(X, mean, gain * SPREAD + noise)))


def eq_154():
    """002/154: the transition law put in.

    Printed:
        [p_t(x)] = int p_data(x_0) [N(x; s(t) x_0, s^2(t) sigma^2(t))] dx_0
    Verdict: proved
    Scope: Gaussian data in one dimension
    """
    integral = _marginal_log(log_normal(X_0, MEAN, SPREAD) + log_normal(X, SCALE * X_0, SCALE**2 * SIGMA**2), X_0)
    misprint = _marginal_log(log_normal(X_0, MEAN, SPREAD) + log_normal(X, SCALE * X_0, SIGMA**2), X_0)
    return Proof(_by_sampling(SCALE), integral, (misprint, _by_sampling(1)))


def eq_155():
    """002/155: the scale moved into the argument.

    Printed:
        [p_t(x)] = int p_data [N(x/s(t); x_0, sigma^2(t))] dx_0
    Verdict: true under a named convention
    Scope: Gaussian data in one dimension
    Reading: literally the factor s^(-d) is missing and the right side integrates to s^d; the text says after Eq. (152)
        that it drops that factor.
    Right:
        = s(t)^(-d) int p_data(x_0) N(x/s(t); x_0, sigma^2(t)) dx_0
    Numbers: at d = 1, s = 1/2, total mass: printed 0.5, right 1
    """
    integral = _marginal_log(log_normal(X_0, MEAN, SPREAD) + log_normal(X / SCALE, X_0, SIGMA**2), X_0)
    mass = sp.integrate(sp.exp(log_normal(2 * X, 0, 1)), (X, -sp.oo, sp.oo))
    shown = Counterexample("d = 1, s = 1/2, total mass", mass, 1)
    return shown, Proof(_by_sampling(SCALE), integral - sp.log(SCALE), (integral, integral + sp.log(SCALE)))


def after_155_a():
    """002/after 155 a: the Gaussian's exponent.

    Printed:
        N(x/s(t); x_0, sigma^2(t)) proportional to exp(-(x_0 - x/s(t))^2/sigma^2)
    Verdict: false as printed
    Scope: one dimension, any s and sigma
    Reading: literally the exponent lacks the factor 1/2, so it is a Gaussian of variance sigma^2/2; no constant of
        proportionality mends it. Eqs. (1) and (181) have 2 sigma^2; the sentence after Eq. (45) makes the same mistake.
    Right:
        N(x/s(t); x_0, sigma^2(t)) proportional to
        exp(-(x_0 - x/s(t))^2/(2 sigma^2))
    Numbers: at |x_0 - x/s| = sigma, density over its peak: printed 0.367879, right 0.606531
    Formulas: gaussian_density
    """
    log_ratio = log_normal(X / SCALE, X_0, SIGMA**2) - log_normal(X_0, X_0, SIGMA**2)
    printed, right = (-((X_0 - X / SCALE) ** 2) / (k * SIGMA**2) for k in (1, 2))
    at = {X: 1, X_0: 0, SCALE: 1, SIGMA: 1}
    shown = Counterexample("|x_0 - x/s| = sigma, density over its peak", *(sp.exp(one.subs(at)) for one in (printed, right)))
    return shown, Proof(log_ratio, right, (printed, right / 2))


def eq_156():
    """002/156: density of the noisy data as a convolution.

    Printed:
        p_t(x) = [p_data * N(0, sigma^2(t) I)](x/s(t))
    Verdict: true under a named convention
    Scope: Gaussian data in one dimension
    Reading: literally s^(-d) is missing; the text says after Eq. (152) that it drops it.
    Right:
        p_t(x) = s(t)^(-d) [p_data * N(0, sigma^2(t) I)](x/s(t))
    Numbers: at d = 1, data N(0, 1), s = 1/2, sigma = 1, x = 0: printed 0.282095, right 0.56419
    """
    convolved = _convolved_log(X / SCALE)
    at = {MEAN: 0, SPREAD: 1, SCALE: sp.Rational(1, 2), SIGMA: 1, X: 0}
    densities = [sp.exp(log_density.subs(at)) for log_density in (convolved, _by_sampling(SCALE))]
    shown = Counterexample("d = 1, data N(0, 1), s = 1/2, sigma = 1, x = 0", *densities)
    return shown, Proof(_by_sampling(SCALE), convolved - sp.log(SCALE), (convolved, _convolved_log(X * SCALE)))


def eq_157():
    """002/157: the data's density blurred by noise.

    Printed:
        p(x; sigma) = p_data * N(0, sigma(t)^2 I)
    Verdict: definition
    Scope: Gaussian data in one dimension
    Reading: it is the density of data plus independent noise.
    """
    misprints = log_normal(X, MEAN, SPREAD + SIGMA), log_normal(X, MEAN, SPREAD * SIGMA**2 / (SPREAD + SIGMA**2))
    return Proof(_convolved_log(X), _by_sampling(1), misprints)


def eq_158():
    """002/158: density of the noisy data by the blurred one.

    Printed:
        p_t(x; sigma) = p(x/s(t); sigma(t))
    Verdict: true under a named convention
    Scope: Gaussian data in one dimension
    Reading: literally s^(-d) is missing; the text says after Eq. (152) that it drops it.
    Right:
        p_t(x) = s(t)^(-d) p(x/s(t); sigma(t))
    Numbers: at d = 1, s = 3, total mass: printed 3, right 1
    Formulas: edm_state
    """
    blurred = _by_sampling(1).subs(X, X / SCALE)
    mass = sp.integrate(sp.exp(log_normal(X / 3, 0, 1)), (X, -sp.oo, sp.oo))
    shown = Counterexample("d = 1, s = 3, total mass", mass, 1)
    return shown, Proof(_by_sampling(SCALE), blurred - sp.log(SCALE), (blurred, blurred + sp.log(SCALE)))
