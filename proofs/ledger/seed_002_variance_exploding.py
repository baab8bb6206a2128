"""Seed 002, section 4.2: the variance-exploding process and both transition laws, Eqs. (131) to (136)."""

import sympy as sp

from refdiff.reference import forward, schedule

from ..algebra import expectation, positive, real
from .diffusion import euler_rate, rate
from .evidence import Counterexample, Proof

X, X_0, MU, U, C = real("x x_0 mu u c")
# sigma(t), its growth, and the integral of beta up to t.
SIGMA, SIGMA_0, GROWTH, VARIANCE, TOTAL = positive("sigma sigma_0 growth variance total")
RATES = {SIGMA: GROWTH}
NOISE = sp.sqrt(rate(SIGMA**2, RATES))


def _variance_rate(noise):
    """Growth of E[(x - mu)^2] without drift, from one Euler step."""
    return expectation(euler_rate((X - MU) ** 2, X, sp.Integer(0), noise).subs(X, MU + sp.sqrt(VARIANCE) * U), [U])


def _chain():
    """x after three steps of SMLD's forward process, the levels and the noises."""
    levels, noises = positive("sigma_0 sigma_1 sigma_2 sigma_3"), real("z_0 z_1 z_2")
    x = X_0
    for before, after, noise in zip(levels, levels[1:], noises, strict=False):
        x = x + sp.sqrt(after**2 - before**2) * noise
    return x, levels, noises


def eq_131():
    """002/131: drift and diffusion of the variance-exploding process.

    Printed:
        f(x, t) = 0
        g(t) = sqrt(d sigma^2(t)/dt)
    Verdict: definition
    Scope: one dimension, any sigma(t)
    Reading: it needs sigma(t) to grow. Over a short step h the noise's power g^2 h is the discrete sigma^2(t + h) -
        sigma^2(t) to first order in h.
    Formulas: linear_sde_diffusion ve_diffusion
    """
    h = sp.Dummy("h")
    first_order = sp.expand((SIGMA + GROWTH * h) ** 2 - SIGMA**2).coeff(h, 1)
    by_one_step = _variance_rate(NOISE)
    return Proof(first_order, by_one_step, (_variance_rate(NOISE**2), _variance_rate(sp.sqrt(GROWTH))))


def after_131_a():
    """002/after 131 a: mean of the variance-exploding process.

    Printed:
        "It's easy to see that mu = 0"
    Verdict: false as printed
    Scope: three steps in one dimension, any levels
    Reading: literally the mean given x(0) is 0, which Eq. (135) leaves no doubt about: it is x(0). What is 0 is dmu/dt.
    Right:
        mu = x(0)
    Numbers: at x(0) = 1: printed 0, right 1
    Formulas: ve_transition_sample
    """
    x, _, noises = _chain()
    mean = expectation(x, noises)
    return Counterexample("x(0) = 1", 0, mean.subs(X_0, 1)), Proof(mean, X_0, (sp.Integer(0), 2 * X_0))


def eq_132():
    """002/132: growth of the variance.

    Printed:
        dSigma/dt = d sigma^2(t)/dt
    Verdict: proved
    Scope: one dimension, any sigma(t)
    Formulas: linear_sde_variance_rate ve_diffusion
    """
    return Proof(_variance_rate(NOISE), rate(SIGMA**2, RATES), (rate(SIGMA, RATES), rate(SIGMA**2, RATES) / 2))


def eq_133():
    """002/133: general solution for the exploding variance.

    Printed:
        Sigma = sigma^2(t) + C
    Verdict: proved
    Scope: one dimension, any sigma(t)
    Formulas: ve_added_variance
    """
    misprints = SIGMA + C, C * SIGMA**2
    return Proof(_variance_rate(NOISE), rate(SIGMA**2 + C, RATES), tuple(rate(one, RATES) for one in misprints))


def after_133_a():
    """002/after 133 a: the constant of the exploding variance.

    Printed:
        "When t = 0, Sigma = sigma(0), so C = -sigma(0)"
    Verdict: false as printed
    Scope: any sigma(0)
    Reading: literally a variance equals a standard deviation, and from Sigma(0) = sigma(0) Eq. (133) would give C =
        sigma(0) - sigma^2(0), not -sigma(0); a square alone does not save it, as Sigma(0) = sigma^2(0) gives C = 0. Eq.
        (134) needs Sigma(0) = 0.
    Right:
        When t = 0, Sigma = 0, so C = -sigma^2(0)
    Numbers: at sigma(0) = 3, C: printed -3, right -9
    Formulas: ve_added_variance
    """
    constant = sp.solve(SIGMA_0**2 + C, C)[0]
    shown = Counterexample("sigma(0) = 3, C", -3, constant.subs(SIGMA_0, 3))
    return shown, Proof(constant, -(SIGMA_0**2), (-SIGMA_0, SIGMA_0 - SIGMA_0**2))


def eq_134():
    """002/134: the exploding variance of x(t) given x(0).

    Printed:
        Sigma = sigma^2(t) - sigma^2(0)
    Verdict: proved
    Scope: three steps in one dimension, any levels
    Reading: the squares are right here; they are missing in the sentence before it.
    Formulas: ve_added_variance
    """
    x, levels, noises = _chain()
    variance = expectation((x - X_0) ** 2, noises)
    misprints = levels[-1] ** 2 - levels[0], levels[-1] ** 2, (levels[-1] - levels[0]) ** 2
    return Proof(variance, levels[-1] ** 2 - levels[0] ** 2, misprints)


def after_134_a():
    """002/after 134 a: the variance is without bound.

    Printed:
        "the variance Sigma in the SMLD method has no boundary
        constraints"
    Verdict: true under a named convention
    Scope: geometric sigma(t)
    Reading: literally no schedule is bounded, but a sigma(t) that ends at sigma_max bounds Sigma by sigma_max^2;
        charitably the process sets no bound of its own: a geometric sigma(t) passes every one in finite time, while the
        variance-preserving Sigma stays below 1.
    Right:
        for sigma(t) = sigma(0) r^t with r > 1, Sigma reaches any M at
        t = ln(1 + M/sigma^2(0))/(2 ln r)
    Formulas: ve_added_variance ve_sigma
    """
    bound, ratio = positive("M r")
    when = sp.log(1 + bound / SIGMA_0**2) / (2 * sp.log(ratio))
    reached = [SIGMA_0**2 * sp.exp(sp.log(ratio) * 2 * time) - SIGMA_0**2 for time in (when, 2 * when)]
    return Proof(reached[0], bound, (reached[1], forward.marginal_variance(-bound)))


def eq_135():
    """002/135: transition law of the variance-exploding process.

    Printed:
        p_0t(x(t)|x(0)) = N(x(t); x(0), [sigma^2(t) - sigma^2(0)] I)
    Verdict: proved
    Scope: three steps in one dimension, any levels
    Reading: a sum of independent Gaussian steps, so its mean and variance are the whole law. It contradicts "mu = 0"
        after Eq. (131).
    Formulas: ve_added_variance ve_transition_sample
    """
    x, levels, noises = _chain()
    mean = expectation(x, noises)
    found = [mean, expectation((x - mean) ** 2, noises)]
    variance = levels[-1] ** 2 - levels[0] ** 2
    return Proof(found, [X_0, variance], ([sp.Integer(0), variance], [X_0, levels[-1] ** 2]))


def eq_136():
    """002/136: transition law of the variance-preserving process.

    Printed:
        p_0t(x(t)|x(0)) = N(x(t); x(0) e^(-(1/2) int_0^t beta(s) ds),
            I - e^(-int_0^t beta(s) ds) I)
    Verdict: proved
    Scope: two legs, each the limit of Euler steps at its own rate
    Reading: proved as the law of two legs, each the limit of Euler steps at its own rate.
    Formulas: marginal_mean marginal_variance vp_log_alpha_bar
    """
    legs, n, u, v = positive("leg_1 leg_2"), positive("n"), *real("u v")
    kept = [sp.limit((1 - leg / (2 * n)) ** n, n, sp.oo) for leg in legs]
    # The noise that is left of n equal steps, a geometric sum.
    added = [sp.limit(1 - (1 - leg / n) ** n, n, sp.oo) for leg in legs]
    x = kept[1] * (kept[0] * X_0 + sp.sqrt(added[0]) * u) + sp.sqrt(added[1]) * v
    mean = expectation(x, [u, v])
    found = [mean, sp.expand(expectation((x - mean) ** 2, [u, v]))]
    both = -sum(legs)
    right = [forward.marginal_mean(X_0, both), forward.marginal_variance(both)]
    return Proof(found, right, ([X_0 * sp.exp(both), right[1]], [right[0], 1 - sp.exp(both / 2)]))


def after_136_a():
    """002/after 136 a: the schedule of DDPM.

    Printed:
        "In fact, it is a linear function of time"
    Verdict: true under a named convention
    Scope: T = 4, any ends
    Reading: "it" is beta, and the schedule is that of Ho et al. 2020, which DDPM's definition does not fix: others, such
        as one with a linear sqrt(beta), are in use.
    Right:
        beta_t = beta_1 + (beta_T - beta_1)(t - 1)/(T - 1)
    Formulas: betas_linear betas_scaled_linear vp_beta_rate
    """
    ends = positive("beta_1 beta_T")
    first, last = ends
    found = list(schedule.betas_linear(4, *ends))

    def line(share):
        return [first + (last - first) * share(t) for t in range(1, 5)]

    thirds, quarters = (sp.Rational(1, n) for n in (3, 4))
    bent = list(schedule.betas_scaled_linear(4, *ends))
    return Proof(
        found, line(lambda t: (t - 1) * thirds), (line(lambda t: t * quarters), line(lambda t: (t - 1) * quarters), bent)
    )


def after_136_b():
    """002/after 136 b: the schedule's value at time 0.

    Printed:
        "it satisfies the condition lim_(t->0) beta(t) = 0"
    Verdict: false as printed
    Scope: three steps as their number grows
    Reading: literally the linear schedule vanishes at time 0, but DDPM's is 1e-4 at t = 1 and, extended along its line,
        8e-5 at t = 0; the same schedule as a rate per unit time, N beta_i, starts at 0.1. Charitably the variance of one
        step vanishes as the number N of steps grows; that is what Eqs. (138) to (142) use.
    Right:
        lim_(N->oo) beta_i = 0, where beta_i = beta(i/N)/N
    Numbers: at T = 1000, beta_1 = 1e-4, beta_T = 0.02, the line at t = 0: printed 0, right 8.00801e-05
    Formulas: betas_linear vp_beta_rate
    """
    first, last, n = positive("first last n")
    betas = schedule.betas_linear(1000, sp.Rational(1, 10000), sp.Rational(2, 100))
    # A step of the schedule whose rate runs from first to last, as the number of steps grows.
    one_step = schedule.betas_linear(3, first / n, last / n)[1]
    limits = [sp.limit(one, n, sp.oo) for one in (one_step, n * one_step)]
    shown = Counterexample("T = 1000, beta_1 = 1e-4, beta_T = 0.02, the line at t = 0", 0, 2 * betas[0] - betas[1])
    return shown, Proof(limits[0], sp.Integer(0), (limits[1],))
