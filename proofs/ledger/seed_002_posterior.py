"""Seed 002, section 2.3 from equation (43) to (50): the forward posterior and the reverse model's form."""

import sympy as sp

from refdiff.reference import conversion, forward, posterior

from ..algebra import completed_square, expectation, forward_states, log_normal, positive, real
from .evidence import Counterexample, Proof

# Square roots of alpha_bar_{t-1} and alpha_bar_t, and what follows from them.
A_S, A_T = positive("a_s a_t")
ALPHA, BAR_S, BAR_T = A_T**2 / A_S**2, A_S**2, A_T**2
LOGS = (sp.log(BAR_S), sp.log(BAR_T))
X_0, X_S, X_T, FIRST, SECOND = real("x_0 x_s x_t u_1 u_2")
HALF = sp.Rational(1, 2)
# t = 2 with both alphas one half, x_0 = 0 and x_2 = 1.
SIMPLE = {A_S: sp.sqrt(HALF), A_T: HALF, X_0: 0, X_T: 1}
WHERE = "alpha_1 = alpha_2 = 1/2, t = 2, x_0 = 0, x_2 = 1"


def _by_regression():
    """Mean and variance of x_{t-1} given x_t and x_0, from the covariance of their draws."""
    noises = [FIRST, SECOND]
    before = sp.sqrt(1 - BAR_S) * FIRST
    after = A_T / A_S * before + sp.sqrt(1 - ALPHA) * SECOND
    slope = expectation(before * after, noises) / expectation(after**2, noises)
    return A_S * X_0 + slope * (X_T - A_T * X_0), expectation(before**2, noises) - slope * expectation(before * after, noises)


MEAN, VARIANCE = _by_regression()
PRINTED_VARIANCE = (1 - ALPHA) * (1 - BAR_S) / (1 - BAR_T)


def _mean(of_x_t, of_x_0, below, x_0=X_0):
    """The printed form of the posterior's mean: two coefficients and a denominator."""
    return (of_x_t * (1 - BAR_S) * X_T + of_x_0 * (1 - ALPHA) * x_0) / below


RIGHT_MEAN = _mean(A_T / A_S, A_S, 1 - BAR_T)


def eq_043():
    """002/43: Bayes' rule for the reverse step.

    Printed:
        q(x_{t-1}|x_t, x_0) = q(x_t|x_{t-1}, x_0) q(x_{t-1}|x_0) / q(x_t|x_0)
    Verdict: proved
    Scope: one dimension, any alpha_t and alpha_bar_t
    Reading: the left side from covariances, the right side from equations (34) and (44).
    Formulas: posterior_mean posterior_variance
    """
    prior, end = log_normal(X_S, A_S * X_0, 1 - BAR_S), log_normal(X_T, A_T * X_0, 1 - BAR_T)
    step = log_normal(X_T, A_T / A_S * X_S, 1 - ALPHA)
    return Proof(log_normal(X_S, MEAN, VARIANCE), step + prior - end, (step + prior, step - prior + end))


def eq_044():
    """002/44: the forward process in one jump.

    Printed:
        q(x_t|x_0) = N(x_t; sqrt(alpha_bar_t) x_0, (1 - alpha_bar_t) I)
            where alpha_bar_t := prod_{s=1..t} alpha_s
        <=> x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps_0
            where eps_0 ~ N(0, I)
    Verdict: proved
    Scope: t = 3 in one dimension, any alphas
    Reading: for t = 3, from three steps of equation (34). eps_0 is the noise of the whole way, a mixture of the steps' noises.
    Formulas: alpha_bar marginal_mean marginal_sample marginal_variance
    """
    kept = positive("k_1:4")
    noises = real("u_1:4")
    state = forward_states(X_0, kept, noises)[-1]
    mean = expectation(state, noises)
    moments = (mean, expectation((state - mean) ** 2, noises))
    share = sp.prod(kept)
    ours = (forward.marginal_mean(X_0, 2 * sp.log(share)), forward.marginal_variance(2 * sp.log(share)))
    return (
        Proof(moments, (share * X_0, 1 - share**2), ((share**2 * X_0, 1 - share**2), (share * X_0, 1 - share))),
        Proof(moments, ours, ((ours[0], sp.sqrt(ours[1])),)),
    )


def _exponent(kept):
    """The exponent of equation (45), with this factor on x_{t-1}."""
    steps = (X_T - kept * X_S) ** 2 / (2 * (1 - ALPHA)) + (X_S - A_S * X_0) ** 2 / (2 * (1 - BAR_S))
    return -(steps - (X_T - A_T * X_0) ** 2 / (2 * (1 - BAR_T)))


def eq_045():
    """002/45: the posterior's exponent.

    Printed:
        q(x_{t-1}|x_t, x_0) prop. to exp(-[
              (x_t - sqrt(alpha_bar_t) x_{t-1})^2 / (2 (1 - alpha_t))
            + (x_{t-1} - sqrt(alpha_bar_{t-1}) x_0)^2 / (2 (1 - alpha_bar_{t-1}))
            - (x_t - sqrt(alpha_bar_t) x_0)^2 / (2 (1 - alpha_bar_t)) ])
    Verdict: false as printed
    Scope: one dimension, any alpha_t and alpha_bar_t
    Reading: the bar in the first square is wrong: one step keeps sqrt(alpha_t), as equation (34) says; the rest is right.
    Right:
        (x_t - sqrt(alpha_t) x_{t-1})^2 / (2 (1 - alpha_t)) first, rest as printed
    Numbers: at alpha_1 = alpha_2 = 1/2, t = 2, x_0 = 0, x_2 = 1, mean: printed 0.4, right 0.471405
    Formulas: posterior_mean posterior_variance
    """
    right = _exponent(A_T / A_S)
    return (
        Counterexample(f"{WHERE}, mean", completed_square(_exponent(A_T), X_S)[0].subs(SIMPLE), MEAN.subs(SIMPLE)),
        # With the right factor the exponent vanishes at the mean, so no other factor is lost in the proportion.
        Proof(-((X_S - MEAN) ** 2) / (2 * VARIANCE), right, (_exponent(A_T), right / 2)),
    )


def after_045_a():
    """002/after 45 a: a Gaussian's exponent, and what stands in its denominator.

    Printed:
        The general form of a Gaussian distribution is
        f prop. to exp(-(x - mu)^2/sigma^2) (see eq. (1)), where ...
        the expression in the denominator is sigma_q
    Verdict: false as printed
    Scope: one dimension, any mu and sigma
    Reading: equation (1) has 2 sigma^2 in the denominator; as printed here the variance would be sigma^2/2. And the denominator
        holds a variance, not sigma_q.
    Right:
        f prop. to exp(-(x - mu)^2/(2 sigma^2)), and the denominator is 2 sigma_q^2
    Numbers: at sigma = 1, variance: printed 0.5, right 1
    Formulas: gaussian_density
    """
    x, mu = real("x mu")
    sigma = positive("sigma")
    printed = completed_square(-((x - mu) ** 2) / sigma**2, x)[1]
    right = completed_square(-((x - mu) ** 2) / (2 * sigma**2), x)[1]
    by_change_of_variables = completed_square(log_normal(x, mu, sigma**2), x)[1]
    return (
        Counterexample("sigma = 1, variance", printed.subs(sigma, 1), by_change_of_variables.subs(sigma, 1)),
        Proof(by_change_of_variables, right, (printed, sigma)),
    )


def eq_046():
    """002/46: the posterior as a Gaussian.

    Printed:
        q(x_{t-1}|x_t, x_0) prop. to N(x_{t-1};
            [sqrt(alpha_bar_t)(1 - alpha_bar_{t-1}) x_t
             + sqrt(alpha_bar_{t+1})(1 - alpha_t) x_0] / (1 - alpha_bar_0),
            (1 - alpha_t)(1 - alpha_bar_{t-1})/(1 - alpha_bar_t))
    Verdict: false as printed
    Scope: one dimension, any alpha_t and alpha_bar_t
    Reading: three indices are wrong: sqrt(alpha_t) without the bar, alpha_bar_{t-1} for alpha_bar_{t+1}, and alpha_bar_t for
        alpha_bar_0, which is 1, so that the printed mean divides by 0. The variance is right.
    Right:
        mean [sqrt(alpha_t)(1 - alpha_bar_{t-1}) x_t
              + sqrt(alpha_bar_{t-1})(1 - alpha_t) x_0] / (1 - alpha_bar_t)
    Numbers: at alpha_1 = alpha_2 = 1/2, t = 2, x_0 = 0, x_2 = 1, mean: printed inf, right 0.471405; at the same over
        1 - alpha_bar_t: printed 0.333333, right 0.471405
    Formulas: posterior_mean posterior_mean_x_0_coefficient posterior_mean_x_t_coefficient posterior_variance
    """
    mended = _mean(A_T, A_S, 1 - BAR_T)
    return (
        Counterexample(f"{WHERE}, mean", float("inf"), MEAN.subs(SIMPLE)),
        Counterexample("the same over 1 - alpha_bar_t", mended.subs(SIMPLE), MEAN.subs(SIMPLE)),
        Proof((MEAN, VARIANCE), (RIGHT_MEAN, PRINTED_VARIANCE), ((mended, PRINTED_VARIANCE), (RIGHT_MEAN, 1 - ALPHA))),
    )


def eq_047():
    """002/47: the posterior's mean.

    Printed:
        mu_q(x_0, x_t) = [sqrt(alpha_bar_t)(1 - alpha_bar_{t-1}) x_t
                          + sqrt(alpha_bar_{t+1})(1 - alpha_t) x_0]
                         / (1 - alpha_bar_0)
    Verdict: false as printed
    Scope: one dimension, any alpha_t and alpha_bar_t
    Reading: the three wrong indices of equation (46) again. Equations (53) and (58), which claim to come from it, come from the
        right form. The printed x_0 coefficient, over 1 - alpha_bar_t, is wrong as well: alpha_bar_3 = 1/8 in the numbers.
    Right:
        mu_q = [sqrt(alpha_t)(1 - alpha_bar_{t-1}) x_t
                + sqrt(alpha_bar_{t-1})(1 - alpha_t) x_0] / (1 - alpha_bar_t)
    Numbers: at every alpha = 1/2, t = 2, x_0 = 0, x_2 = 1: printed inf, right 0.471405; at x_0 = 1, x_2 = 0, over
        1 - alpha_bar_t: printed 0.235702, right 0.471405
    Formulas: posterior_mean posterior_mean_x_0_coefficient posterior_mean_x_t_coefficient
    """
    ours = posterior.posterior_mean(X_0, X_T, *LOGS)
    of_data = SIMPLE | {X_0: 1, X_T: 0}
    mended = _mean(A_T, sp.sqrt(BAR_T / 2), 1 - BAR_T)
    return (
        Counterexample("every alpha = 1/2, t = 2, x_0 = 0, x_2 = 1", float("inf"), MEAN.subs(SIMPLE)),
        Counterexample("x_0 = 1, x_2 = 0, over 1 - alpha_bar_t", mended.subs(of_data), MEAN.subs(of_data)),
        Proof(MEAN, RIGHT_MEAN, (_mean(A_T, A_S, 1 - BAR_T), _mean(A_T / A_S, A_T, 1 - BAR_T))),
        Proof(MEAN, ours, (_mean(A_S, A_T / A_S, 1 - BAR_T),)),
    )


def eq_048():
    """002/48: the posterior's spread.

    Printed:
        sigma_q = (1 - alpha_t)(1 - alpha_bar_{t-1})/(1 - alpha_bar_t)
    Verdict: notation slip
    Scope: one dimension, any alpha_t and alpha_bar_t
    Reading: the value is right, and only the name is wrong: it is the variance, as equation (46) has it, and (51) and (64) use
        sigma_q as its root (1/(2 sigma_q^2), and sigma_t z). The name is what the sentence before (46) gives to the denominator
        of a Gaussian's exponent (002/after 45 a).
    Right:
        sigma_q^2 = (1 - alpha_t)(1 - alpha_bar_{t-1})/(1 - alpha_bar_t)
    Numbers: at alpha_1 = alpha_2 = 1/2, t = 2, sigma_q: printed 0.333333, right 0.57735
    Formulas: posterior_variance
    """
    return (
        Counterexample("alpha_1 = alpha_2 = 1/2, t = 2, sigma_q", PRINTED_VARIANCE.subs(SIMPLE), sp.sqrt(VARIANCE.subs(SIMPLE))),
        Proof(VARIANCE, PRINTED_VARIANCE, (PRINTED_VARIANCE**2, (1 - ALPHA) * (1 - BAR_T) / (1 - BAR_S))),
        Proof(VARIANCE, posterior.posterior_variance(*LOGS), (1 - ALPHA,)),
    )


def eq_049():
    """002/49: the model's mean from its estimate of x_0.

    Printed:
        mu_p = mu_theta(x_t, t)
            = [sqrt(alpha_bar_t)(1 - alpha_bar_{t-1}) x_t
               + sqrt(alpha_bar_{t-1})(1 - alpha_t) x_theta(x_t, t)]
              / (1 - alpha_bar_t)
    Verdict: false as printed
    Scope: one dimension, any alpha_t and alpha_bar_t
    Reading: the model may be chosen freely, but this choice is said to match the posterior, and equation (59) to rewrite it: with
        the bar on the first root, a network that is right (x_theta = x_0) gives another mean than the posterior's. The other
        two indices that equations (46) and (47) have wrong are right here.
    Right:
        mu_theta = [sqrt(alpha_t)(1 - alpha_bar_{t-1}) x_t
                    + sqrt(alpha_bar_{t-1})(1 - alpha_t) x_theta]
                   / (1 - alpha_bar_t)
    Numbers: at alpha_1 = alpha_2 = 1/2, t = 2, x_theta = x_0 = 0, x_2 = 1: printed 0.333333, right 0.471405
    Formulas: posterior_mean posterior_mean_x_t_coefficient
    """
    eps = real("eps")
    x_theta = conversion.x_0_from_eps(X_T, eps, A_T, sp.sqrt(1 - BAR_T))
    rewritten = (X_T - (1 - ALPHA) / sp.sqrt(1 - BAR_T) * eps) * A_S / A_T
    where = "alpha_1 = alpha_2 = 1/2, t = 2, x_theta = x_0 = 0, x_2 = 1"
    printed = _mean(A_T, A_S, 1 - BAR_T)
    return (
        Counterexample(where, printed.subs(SIMPLE), MEAN.subs(SIMPLE)),
        Proof(MEAN, RIGHT_MEAN, (printed,)),
        Proof(rewritten, RIGHT_MEAN.subs(X_0, x_theta), (printed.subs(X_0, x_theta),)),
    )


def eq_050():
    """002/50: the model's spread.

    Printed:
        sigma_p = sigma_q = (1 - alpha_t)(1 - alpha_bar_{t-1})/(1 - alpha_bar_t)
    Verdict: notation slip
    Scope: one dimension, any alpha_t and alpha_bar_t
    Reading: the variance again, rightly valued and wrongly named, as in equation (48). Taking sigma_p = sigma_q is a choice,
        which loses nothing: of all variances for the model this one makes the divergence least when the means agree.
    Right:
        sigma_p^2 = sigma_q^2
            = (1 - alpha_t)(1 - alpha_bar_{t-1})/(1 - alpha_bar_t)
    Numbers: at alpha_1 = alpha_2 = 1/2, t = 2, standard deviation of the step: printed 0.333333, right 0.57735
    Formulas: posterior_variance
    """
    v = positive("v")
    ratio = VARIANCE / v
    # KL of equation (2) with equal means, one dimension.
    best = sp.solve(sp.diff(ratio - 1 - sp.log(ratio), v), v)[0]
    where = "alpha_1 = alpha_2 = 1/2, t = 2, standard deviation of the step"
    return (
        Counterexample(where, PRINTED_VARIANCE.subs(SIMPLE), sp.sqrt(VARIANCE.subs(SIMPLE))),
        Proof(best, PRINTED_VARIANCE, (PRINTED_VARIANCE**2, 1 - ALPHA)),
    )


def after_050_a():
    """002/after 50 a: the divergence quoted from equation (3).

    Printed:
        when the sigma of two Gaussian is the same, the KL divergence between
        them could be concert as [sic] D_KL = 1/(2 Sigma^2) ||mu_x - mu_y||^2
    Verdict: false as printed
    Scope: one dimension, any means and variance
    Reading: literally another value, the square being one too many: Sigma is the covariance of equation (2). With sigma in its
        place it is equation (3).
    Right:
        D_KL = 1/(2 sigma^2) ||mu_x - mu_y||^2, with sigma^2 = Sigma
    Numbers: at Sigma = 2, means 0 and 1: printed 0.125, right 0.25
    Formulas: gaussian_kl_isotropic
    """
    mu_x, mu_y, u = real("mu_x mu_y u")
    v = positive("v")
    draw = mu_x + sp.sqrt(v) * u
    exact = expectation(log_normal(draw, mu_x, v) - log_normal(draw, mu_y, v), [u])
    gap = (mu_x - mu_y) ** 2
    at = {v: 2, mu_x: 0, mu_y: 1}
    return (
        Counterexample("Sigma = 2, means 0 and 1", (gap / (2 * v**2)).subs(at), exact.subs(at)),
        Proof(exact, gap / (2 * v), (gap / (2 * v**2), gap / v)),
    )
