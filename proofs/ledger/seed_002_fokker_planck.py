"""Seed 002, section 5.1: the reverse SDE by heat and Fokker-Planck equations, Eqs. (159) to (172)."""

import sympy as sp

from ..algebra import completed_square, expectation, log_normal, positive, real
from .diffusion import euler_rate, rate, spread, transport
from .evidence import Counterexample, Proof

X, Y, K, MEAN, U = real("x y k mean u")
# sigma(t) and its growth; g(t); variance of Gaussian data, and of x over data and noise.
SIGMA, GROWTH, NOISE, SPREAD = positive("sigma growth g spread")
RATES = {SIGMA: GROWTH}
TOTAL = SPREAD + SIGMA**2
KAPPA = SIGMA * GROWTH
V = NOISE**2 / 2 - KAPPA
# Density of Gaussian data plus noise, and the slope and curvature of log u for any density at all.
LOG_U = log_normal(X, MEAN, TOTAL)
SLOPE, BEND = real("slope bend")
HEAT = KAPPA * (BEND + SLOPE**2)


def _blurred(x):
    """Density of data N(0, spread) plus noise, even in x."""
    return sp.exp(log_normal(x, 0, TOTAL))


def _transform(even):
    """Integral of an even function of x against e^(-i k x)."""
    return sp.integrate(even * sp.cos(K * X), (X, -sp.oo, sp.oo))


def _linear_drift():
    """Drift a (x - mean) under which a Gaussian of variance TOTAL keeps it: by Eq. (145), 2 a TOTAL + g^2 = d TOTAL/dt."""
    a = sp.Dummy("a")
    slope = sp.solve(2 * a * TOTAL + NOISE**2 - rate(TOTAL, RATES), a)[0]
    return slope * (X - MEAN)


def _density_growth(drift, backwards=False):
    """d log u/dt by the Fokker-Planck equation, for any density, under drift = factor*grad log u; noise added as time falls if
    `backwards`.
    """
    factor = sp.cancel(drift / SLOPE)
    sign = -1 if backwards else 1
    return sp.expand(-factor * (BEND + SLOPE**2) + sign * NOISE**2 / 2 * (BEND + SLOPE**2))


def eq_159():
    """002/159: the heat equation.

    Printed:
        du(x, t)/dt = kappa Laplacian_x u(x, t)
    Verdict: definition
    Scope: one data point in two dimensions; other data by linearity
    Reading: kappa is "the coefficient to be determined" and may depend on t, and u is p(x; sigma(t)) of Eq. (157). Both sides
        are linear in u, so that what holds for one data point holds for all data: kappa = sigma sigma'.
    """
    point, start = real("x_1 x_2"), real("y_1 y_2")
    log_u = sum(log_normal(a, b, SIGMA**2) for a, b in zip(point, start, strict=True))
    laplacian = sum(spread(log_u, a) for a in point)
    return Proof(rate(log_u, RATES), KAPPA * laplacian, (KAPPA / 2 * laplacian, GROWTH**2 * laplacian, 2 * KAPPA * laplacian))


def eq_160():
    """002/160: left side of the heat equation in the Fourier domain.

    Printed:
        left side = u^(k, t) . (-k^2/2) . d sigma^2(t)/dt
            = -k^2 u^(k, t) sigma'(t) sigma(t)
    Verdict: true under a named convention
    Scope: data N(0, v) in one dimension
    Reading: for the transform with e^(-i k x), whatever its factor in front; with e^(-2 pi i k x) there would be a (2
        pi)^2.
    Right:
        u^(k, t) = int u(x, t) e^(-i k x) dx, so u^ = p_data^ e^(-k^2 sigma^2(t)/2)
    """
    transformed = _transform(_blurred(X))
    # Of the data, by their variance, times that of the noise.
    product = sp.exp(-(K**2) * SPREAD / 2) * sp.exp(-(K**2) * SIGMA**2 / 2)
    printed = [transformed * (-(K**2) / 2) * rate(SIGMA**2, RATES), -(K**2) * transformed * GROWTH * SIGMA]
    misprint = -(K**2) * transformed * GROWTH * SIGMA / 2
    return (
        Proof([rate(transformed, RATES)] * 2, printed, ([printed[0], misprint], [-printed[0], printed[1]])),
        Proof(sp.expand(transformed), sp.expand(product), (sp.exp(-(K**2) * SIGMA**2 / 2), sp.exp(-(K**2) * TOTAL))),
    )


def eq_161():
    """002/161: right side of the heat equation in the Fourier domain.

    Printed:
        right side = -kappa k^2 u^(k, t)
    Verdict: true under a named convention
    Scope: data N(0, v) in one dimension
    Reading: for the transform with e^(-i k x), as in Eq. (160).
    Right:
        int u''(x, t) e^(-i k x) dx = -k^2 u^(k, t)
    """
    # One symbol for the variance of data plus noise.
    density = sp.exp(log_normal(X, 0, positive("variance")))
    right = -(K**2) * _transform(density)
    found = sp.expand(_transform(sp.expand(sp.diff(density, X, 2))))
    return Proof(found, right, (-right, right / K))


def after_161_a():
    """002/after 161 a: the coefficient of the heat equation.

    Printed:
        "Thus kappa = sigma'(t) sigma(t)"
    Verdict: proved
    Scope: data N(0, v) in one dimension
    Reading: the convention of Eqs. (160) and (161) cancels.
    """
    kappa = sp.Dummy("kappa")
    transformed = _transform(_blurred(X))
    found = sp.solve(rate(transformed, RATES) + kappa * K**2 * transformed, kappa)[0]
    return Proof(found, SIGMA * GROWTH, (SIGMA * GROWTH / 2, GROWTH, -SIGMA * GROWTH))


def eq_162():
    """002/162: the heat equation of the blurred data.

    Printed:
        du(x, t)/dt = sigma'(t) sigma(t) Laplacian_x u(x, t)
    Verdict: proved
    Scope: correlated Gaussian data in two dimensions
    Reading: for s(t) = 1, as u is p of Eq. (157).
    Formulas: fokker_planck_rate
    """
    spreads, point, turn = positive("c_1 c_2"), real("x_1 x_2"), [sp.Rational(3, 5), sp.Rational(4, 5)]
    # The data's principal axes are turned against the coordinates.
    along = turn[0] * point[0] + turn[1] * point[1], -turn[1] * point[0] + turn[0] * point[1]
    log_u = sum(log_normal(a, MEAN, c + SIGMA**2) for a, c in zip(along, spreads, strict=True))
    laplacian = sum(spread(log_u, a) for a in point)
    return Proof(rate(log_u, RATES), KAPPA * laplacian, (KAPPA / 2 * laplacian, GROWTH * laplacian))


def eq_163():
    """002/163: the Fokker-Planck equation.

    Printed:
        du/dt = -div(f(x, t) u) + (1/2) g(t)^2 Laplacian_x u
    Verdict: proved
    Scope: one dimension, drift of degree two, Gaussian u, five moments
    Reading: from an Euler step of dx = f dt + g dw: both sides give the same growth of E[x^n], n = 1 to 5.
    Formulas: fokker_planck_rate
    """
    a, b, c = real("a b c")
    drift, log_u = a + b * X + c * X**2, log_normal(X, 0, SPREAD)

    def mean(polynomial):
        return expectation(polynomial.subs(X, sp.sqrt(SPREAD) * U), [U])

    def growths(density_growth):
        """Growth of the first five moments when u grows by u*density_growth."""
        return [mean(sp.expand(X**n * density_growth)) for n in range(1, 6)]

    carried, spreading = transport(log_u, X, drift), NOISE**2 * spread(log_u, X)
    by_steps = [mean(euler_rate(X**n, X, drift, NOISE)) for n in range(1, 6)]
    outside = -drift * sp.diff(log_u, X)
    density = sp.exp(log_u)
    higher = [carried + spreading / 2 + sp.cancel(sp.diff(density, X, n) / density) for n in (3, 4, 5)]
    misprints = -carried + spreading / 2, carried + spreading, outside + spreading / 2, *higher
    return Proof(by_steps, growths(carried + spreading / 2), tuple(map(growths, misprints)))


def eq_164():
    """002/164: heat and Fokker-Planck equations combined.

    Printed:
        sigma'(t) sigma(t) Laplacian_x u(x, t)
            = -div(f(x, t) u(x, t)) + (1/2) g(t)^2 Laplacian_x u(x, t)
    Verdict: proved
    Scope: Gaussian data in one dimension
    Reading: the linear drift of Gaussian data follows from the equation of their variance alone.
    Formulas: fokker_planck_rate
    """
    drift, spreading = _linear_drift(), spread(LOG_U, X)
    right = transport(LOG_U, X, drift) + NOISE**2 / 2 * spreading
    misprints = right - NOISE**2 / 4 * spreading, right - 2 * transport(LOG_U, X, drift)
    return Proof(KAPPA * spreading, right, misprints)


def eq_165():
    """002/165: the combined equation, rearranged.

    Printed:
        div(f(x, t) u) = ((1/2) g(t)^2 - dot(sigma)(t) sigma(t)) Laplacian_x u
    Verdict: proved
    Scope: Gaussian data in one dimension
    Reading: dot(sigma) is the sigma' of the other lines.
    """
    divergence = -transport(LOG_U, X, _linear_drift())
    return Proof(divergence, V * spread(LOG_U, X), (-V * spread(LOG_U, X), (NOISE**2 - KAPPA) * spread(LOG_U, X)))


def eq_166():
    """002/166: the drift taken along the gradient.

    Printed:
        Let f u = v(t) grad_x u, thus
        v(t) Laplacian_x u = ((1/2) g(t)^2 - sigma'(t) sigma(t)) Laplacian_x u
    Verdict: proved
    Scope: Gaussian data in one dimension
    Reading: the ansatz is one choice among many (any divergence-free part of f u may be added). Gaussian data satisfy it:
        their v is read off the linear drift.
    """
    v = sp.cancel(_linear_drift() / sp.diff(LOG_U, X))
    curvature = spread(LOG_U, X)
    return Proof(v * curvature, V * curvature, (-V * curvature, (NOISE**2 - KAPPA) * curvature))


def eq_167():
    """002/167: the factor of the gradient.

    Printed:
        v(t) = (1/2) g(t)^2 - sigma'(t) sigma(t)
    Verdict: proved
    Scope: one dimension, any density
    """
    v = sp.Dummy("v")
    # For any density: heat equation on the left, Fokker-Planck equation with f = v grad log u on the right.
    found = sp.solve(HEAT - _density_growth(v * SLOPE), v)[0]
    return Proof(found, V, (-V, NOISE**2 - KAPPA, NOISE**2 / 2 + KAPPA))


def eq_168():
    """002/168: the drift.

    Printed:
        f(x, t) = v(t) grad_x u(x, t)/u(x, t)
    Verdict: proved
    Scope: Gaussian data in one dimension
    """
    density = sp.exp(LOG_U)
    ratio = sp.diff(density, X) / density
    return Proof(_linear_drift(), V * ratio, (V / ratio, -V * ratio))


def eq_169():
    """002/169: the drift by the score.

    Printed:
        [f(x, t)] = ((1/2) g^2(t) - sigma'(t) sigma(t)) grad_x log u(x, t)
    Verdict: proved
    Scope: Gaussian data in one dimension
    Reading: it is no longer of the form x f(t) that the section assumed at its start, unless the data are Gaussian with mean 0
        and a covariance that is a multiple of I: another SDE with the same densities.
    """
    score = sp.diff(LOG_U, X)
    return Proof(_linear_drift(), (NOISE**2 / 2 - KAPPA) * score, ((NOISE**2 - KAPPA) * score, (KAPPA - NOISE**2 / 2) * score))


def eq_170():
    """002/170: the forward SDE.

    Printed:
        dx = ((1/2) g(t)^2 - sigma'(t) sigma(t)) grad_x log p(x; sigma(t)) dt
             + g(t) dw
    Verdict: true under a named convention
    Scope: one dimension, any density
    Reading: for s(t) = 1, that is for the unscaled image, although the section set out with any s(t); time runs forwards. Both
        signs are right, for any density that obeys the heat equation.
    Right:
        the density of x(t) is p(x; sigma(t)) at every t, for every g
    """
    misprints = (NOISE**2 / 2 + KAPPA) * SLOPE, (-(NOISE**2) / 2 - KAPPA) * SLOPE, (NOISE**2 - KAPPA) * SLOPE
    return Proof(HEAT, _density_growth((NOISE**2 / 2 - KAPPA) * SLOPE), tuple(map(_density_growth, misprints)))


def eq_171():
    """002/171: the forward SDE, its drift in two parts.

    Printed:
        [dx] = -sigma'(t) sigma(t) grad_x log p(x; sigma(t)) dt
            + (1/2) g^2(t) grad_x log p(x; sigma(t)) dt + g(t) dw
    Verdict: true under a named convention
    Scope: Gaussian data in one dimension
    Reading: for s(t) = 1 and time forwards, as Eq. (170), which it equals.
    Right:
        the density of x(t) is p(x; sigma(t)) at every t, for every g
    Formulas: edm_velocity
    """
    score = sp.diff(LOG_U, X)
    printed = -KAPPA * score + NOISE**2 / 2 * score
    return Proof(_linear_drift(), printed, (KAPPA * score + NOISE**2 / 2 * score, -KAPPA * score - NOISE**2 / 2 * score))


def eq_172():
    """002/172: the reverse SDE.

    Printed:
        The reverse SDE is defined by replacing the + in front of the second term
        with -.
        dx = -sigma'(t) sigma(t) grad_x log p(x; sigma(t)) dt
            - (1/2) g^2(t) grad_x log p(x; sigma(t)) dt + g(t) dw
    Verdict: true under a named convention
    Scope: any density in one dimension; by Bayes' rule for Gaussian data
    Reading: time runs backwards (dt < 0, dw is noise of the reverse process) and s(t) = 1; with dt > 0 it is another
        process. Proved against Bayes' rule for one forward step of Gaussian data, and for any density by the
        Fokker-Planck equation.
    Right:
        the same with dt < 0: x(t) then has the density p(x; sigma(t)) at every t
    Formulas: edm_velocity same_marginals_drift
    """
    h, x_s = sp.Dummy("h"), sp.Dummy("x_s", real=True)
    # x at t - h, and the forward step from it; Bayes' rule gives the mean of the step back.
    before = TOTAL - rate(TOTAL, RATES) * h
    gain = sp.cancel(_linear_drift() / (X - MEAN))
    prior = log_normal(x_s, MEAN, before)
    likelihood = log_normal(X, x_s + gain * (x_s - MEAN) * h, NOISE**2 * h)
    back, _ = completed_square(prior + likelihood, x_s)
    step = sp.diff(sp.cancel(back), h).subs(h, 0)
    score = sp.diff(LOG_U, X)

    def both(first, second):
        """The step back for Gaussian data, and the growth of any density."""
        factor = first * KAPPA + second * NOISE**2 / 2
        return [-factor * score, _density_growth(factor * SLOPE, backwards=True)]

    return Proof([step, HEAT], both(-1, -1), (both(-1, 1), both(1, -1), both(-1, -2)))


def after_172_a():
    """002/after 172 a: what the terms of the reverse SDE do.

    Printed:
        "The first term in the above expression represents the
        probability flow, while the second and third terms can be
        interpreted as the Langevin dynamics sampling process."
    Verdict: proved
    Scope: one dimension, any density
    Reading: the first term alone moves the density as the heat equation does; the other two leave any density as it is.
        With dt < 0 the second term goes uphill, as Langevin dynamics does.
    Formulas: edm_velocity langevin_step probability_flow_drift same_marginals_drift
    """

    def moved(factor, noise):
        return [sp.expand((-factor - noise / 2) * (BEND + SLOPE**2))]

    found = [*moved(-KAPPA, 0), *moved(-(NOISE**2) / 2, NOISE**2)]
    wrong_flow, wrong_noise = [*moved(KAPPA, 0), found[1]], [found[0], *moved(-(NOISE**2) / 2, NOISE)]
    return Proof([HEAT, sp.Integer(0)], found, (wrong_flow, wrong_noise, [found[0], *moved(NOISE**2 / 2, NOISE**2)]))


def after_172_b():
    """002/after 172 b: noise added and removed balance.

    Printed:
        "due to the appropriate choice of g(t), the noise addition and
        removal can counterbalance each other"
    Verdict: true under a named convention
    Scope: Gaussian data in one dimension
    Reading: no choice of g is needed: with the exact score and in continuous time they balance for every g. What must be chosen
        is the factor g^2/2 of the score: the variance of Gaussian data does not see g.
    Right:
        d Var[x]/dt = 2 sigma sigma' for every g(t)
    Formulas: same_marginals_drift
    """
    total = sp.Dummy("total", positive=True)

    def growth(factor):
        """Growth of the variance with t when x steps back: drift and noise then act against it."""
        drift = factor * sp.diff(log_normal(X, 0, total), X)
        found = euler_rate(X**2, X, -drift, NOISE).subs(X, sp.sqrt(total) * U)
        return -expectation(found, [U])

    misprints = growth(-KAPPA - NOISE**2), growth(-KAPPA - NOISE / 2)
    return Proof(rate(TOTAL, RATES), growth(-KAPPA - NOISE**2 / 2), misprints)


def after_172_c():
    """002/after 172 c: noise always helps.

    Printed:
        "good results can be achieved using only the probability flow,
        but sampling using the entire equation will inevitably yield
        better results"
    Verdict: false as printed
    Scope: one dimension, any density
    Reading: literally always. In continuous time and with the exact score both give the same density, so neither is better;
        with finite steps the noise can make it worse: in the numbers the variance is off by 1/4 with it and by 1/8 without.
        With a trained network it may help or not.
    Right:
        both give p(x; sigma(t)); with finite steps either may be closer
    Numbers: at unit Gaussian data, sigma = 1 to 1/2 in one Euler step, g^2 = 2, is the variance nearer than without noise:
        printed yes, right no
    Formulas: probability_flow_drift same_marginals_drift
    """
    # Unit Gaussian data, sigma(t) = t, one Euler step from sigma = 1 to 1/2: the variance wanted is 1 + 1/4.
    half = sp.Rational(1, 2)

    def error(power):
        """Distance of the variance after the step from the right one, at g^2 = power."""
        kept = 1 - half * (1 + power / 2) / 2
        return abs(kept**2 * 2 + power * half - sp.Rational(5, 4))

    where = "unit Gaussian data, sigma = 1 to 1/2 in one Euler step, g^2 = 2, is the variance nearer than without noise"
    shown = Counterexample(where, True, bool(error(2) < error(0)))
    return shown, Proof(
        _density_growth(-KAPPA * SLOPE - NOISE**2 / 2 * SLOPE, backwards=True),
        sp.expand(HEAT),
        (_density_growth(-KAPPA * SLOPE, backwards=True),),
    )
