"""The forward posterior: x_s given a later x_t and x_0, for any s < t."""

from refdiff.numbers import namespace
from refdiff.reference.forward import general_transition_mean, general_transition_variance

__all__ = [
    "general_posterior_mean",
    "general_posterior_variance",
    "posterior_log_variance",
    "posterior_log_variance_large",
    "posterior_log_variance_learned",
    "posterior_mean",
    "posterior_mean_x_0_coefficient",
    "posterior_mean_x_t_coefficient",
    "posterior_variance",
    "posterior_variance_large",
]


def posterior_mean_x_0_coefficient(log_alpha_bar_s, log_alpha_bar_t):
    """Weight of x_0 in the mean of x_s given x_t and x_0.

    Formula:
        sqrt(alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(1 - alpha_bar_t)

    Args:
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], any shape.
        log_alpha_bar_t: log signal power at t, in [-700, 0), broadcasts against the first.

    Returns:
        The broadcast shape, in [0, 1]; 1 at s = 0. Error at most 3.5 ulp.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (7), with t - 1 written s and beta_t as 1 - alpha_bar_t/alpha_bar_s.
    """
    xp = namespace(log_alpha_bar_s, log_alpha_bar_t)
    fall = xp.expm1(xp.wide(log_alpha_bar_t) - log_alpha_bar_s)
    return xp.rounded(xp.exp(log_alpha_bar_s / 2) * fall / xp.expm1(log_alpha_bar_t))


def posterior_mean_x_t_coefficient(log_alpha_bar_s, log_alpha_bar_t):
    """Weight of x_t in the mean of x_s given x_t and x_0.

    Formula:
        sqrt(alpha_bar_t/alpha_bar_s)*(1 - alpha_bar_s)/(1 - alpha_bar_t)

    Args:
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], any shape.
        log_alpha_bar_t: log signal power at t, in [-700, 0), broadcasts against the first.

    Returns:
        The broadcast shape, in [0, 1]; 0 at s = 0. Error at most 3.5 ulp.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (7), with t - 1 written s and 1 - beta_t as alpha_bar_t/alpha_bar_s.
    """
    xp = namespace(log_alpha_bar_s, log_alpha_bar_t)
    kept = xp.wide(xp.exp(log_alpha_bar_t / 2)) / xp.exp(log_alpha_bar_s / 2)
    return xp.rounded(kept * (xp.wide(xp.expm1(log_alpha_bar_s)) / xp.expm1(log_alpha_bar_t)))


def posterior_mean(x_0, x_t, log_alpha_bar_s, log_alpha_bar_t):
    """Mean of x_s given a later x_t and x_0.

    Formula:
        sqrt(alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(1 - alpha_bar_t)*x_0
        + sqrt(alpha_bar_t/alpha_bar_s)*(1 - alpha_bar_s)/(1 - alpha_bar_t)*x_t

    Args:
        x_0: data, or the network's estimate of it, any shape.
        x_t: state at t, broadcasts against x_0.
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], broadcasts against x_0.
        log_alpha_bar_t: log signal power at t, in [-700, 0), broadcasts against x_0.

    Returns:
        The broadcast shape, in units of x_0. Error at most 3.5 ulp of abs(x_0) + abs(x_t).

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (7), with t - 1 written s.
    """
    of_x_0 = posterior_mean_x_0_coefficient(log_alpha_bar_s, log_alpha_bar_t)
    of_x_t = posterior_mean_x_t_coefficient(log_alpha_bar_s, log_alpha_bar_t)
    xp = namespace(x_0, x_t, log_alpha_bar_s, log_alpha_bar_t)
    return xp.rounded(xp.wide(of_x_0) * x_0 + xp.wide(of_x_t) * x_t)


def posterior_variance(log_alpha_bar_s, log_alpha_bar_t):
    """Variance of x_s given a later x_t and x_0.

    Formula:
        (1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)

    Args:
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], any shape.
        log_alpha_bar_t: log signal power at t, < 0, broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0 squared; 0 at s = 0. Error at most 4 ulp.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (7), with t - 1 written s. A variance: samplers add its square root.
    """
    xp = namespace(log_alpha_bar_s, log_alpha_bar_t)
    fall = -xp.expm1(xp.wide(log_alpha_bar_t) - log_alpha_bar_s)
    return xp.rounded(xp.expm1(log_alpha_bar_s) / xp.wide(xp.expm1(log_alpha_bar_t)) * fall)


def posterior_variance_large(log_alpha_bar_s, log_alpha_bar_t):
    """Reverse variance that is exact for unit Gaussian data: the forward step's own.

    Formula:
        1 - alpha_bar_t/alpha_bar_s

    Args:
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], any shape.
        log_alpha_bar_t: log signal power at t, <= 0, broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0 squared; beta_t for s = t - 1. Error at most 1.5 ulp.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, section 3.2, first choice of sigma_t^2 ("fixed_large").
    """
    xp = namespace(log_alpha_bar_s, log_alpha_bar_t)
    return xp.rounded(-xp.expm1(xp.wide(log_alpha_bar_t) - log_alpha_bar_s))


def posterior_log_variance(log_alpha_bar_s, log_alpha_bar_t):
    """Log variance of x_s given a later x_t and x_0.

    Formula:
        log((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s))

    Args:
        log_alpha_bar_s: log signal power at s, in (log_alpha_bar_t, 0], any shape.
        log_alpha_bar_t: log signal power at t, < 0, broadcasts against the first.

    Returns:
        The broadcast shape, in nats; -inf at s = 0, where DDPM's code puts the value at t = 2 instead.
        Error at most 1.5 ulp of 1 + abs(value).

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (7), with t - 1 written s.
    """
    xp = namespace(log_alpha_bar_s, log_alpha_bar_t)
    return xp.log(posterior_variance(log_alpha_bar_s, log_alpha_bar_t))


def posterior_log_variance_large(log_alpha_bar_s, log_alpha_bar_t):
    """Log of the forward step's variance.

    Formula:
        log(1 - alpha_bar_t/alpha_bar_s)

    Args:
        log_alpha_bar_s: log signal power at s, in (log_alpha_bar_t, 0], any shape.
        log_alpha_bar_t: log signal power at t, <= 0, broadcasts against the first.

    Returns:
        The broadcast shape, in nats. Error at most 1 ulp of 1 + abs(value).

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, section 3.2.
    """
    xp = namespace(log_alpha_bar_s, log_alpha_bar_t)
    return xp.log(-xp.expm1(log_alpha_bar_t - log_alpha_bar_s))


def posterior_log_variance_learned(interpolation, log_alpha_bar_s, log_alpha_bar_t):
    """Log variance between the posterior's and the forward step's.

    Formula:
        interpolation*log(1 - alpha_bar_t/alpha_bar_s)
        + (1 - interpolation)
        * log((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s))

    Args:
        interpolation: the paper's v, 1 for the larger; networks put out 2*v - 1; any shape, in [0, 1].
        log_alpha_bar_s: log signal power at s, in (log_alpha_bar_t, 0), broadcasts against the first.
        log_alpha_bar_t: log signal power at t, < 0, broadcasts against the first.

    Returns:
        The broadcast shape, in nats. Error at most 2.5 ulp of 1 + abs(value).

    Source:
        Nichol and Dhariwal 2021, arXiv:2102.09672v1, Eq. (15).
    """
    xp = namespace(interpolation, log_alpha_bar_s, log_alpha_bar_t)
    shrink = xp.log(xp.expm1(log_alpha_bar_s) / xp.expm1(log_alpha_bar_t))
    return posterior_log_variance_large(log_alpha_bar_s, log_alpha_bar_t) + (1 - interpolation) * shrink


def general_posterior_mean(x_0, x_t, alpha_s, sigma_s, alpha_t, sigma_t):
    """Mean of x_s given x_t and x_0, for signal and noise scales of any process.

    Formula:
        alpha_s*(sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2)/sigma_t**2*x_0 + alpha_t/alpha_s*sigma_s**2/sigma_t**2*x_t

    Args:
        x_0: data, any shape.
        x_t: state at t, broadcasts against x_0.
        alpha_s: signal scale at s, > 0, broadcasts against x_0.
        sigma_s: noise scale at s, >= 0, broadcasts against x_0.
        alpha_t: signal scale at t, > 0, broadcasts against x_0.
        sigma_t: noise scale at t, > 0 and at least alpha_t/alpha_s*sigma_s, broadcasts against x_0.

    Returns:
        The broadcast shape, in units of x_s; alpha_s*x_0 at sigma_s = 0. Error at most 1 ulp of
        alpha_s*abs(x_0) + alpha_t/alpha_s*sigma_s**2/sigma_t**2*abs(x_t).

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, Appendix A, q(z_s | z_t, x); by Bayes' rule, Ho et al. 2020,
        arXiv:2006.11239v2, Eq. (7), where variance is preserved.
    """
    xp = namespace(x_0, x_t, alpha_s, sigma_s, alpha_t, sigma_t)
    alpha_s, sigma_s, alpha_t, sigma_t = xp.wide(alpha_s), xp.wide(sigma_s), xp.wide(alpha_t), xp.wide(sigma_t)
    shrink, added = (sigma_s / sigma_t) ** 2, general_transition_variance(alpha_s, sigma_s, alpha_t, sigma_t)
    return xp.rounded(alpha_s * (added / sigma_t**2) * x_0 + shrink * general_transition_mean(x_t, alpha_s, alpha_t))


def general_posterior_variance(alpha_s, sigma_s, alpha_t, sigma_t):
    """Variance of x_s given x_t and x_0, for signal and noise scales of any process.

    Formula:
        sigma_s**2*(sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2)/sigma_t**2

    Args:
        alpha_s: signal scale at s, > 0, any shape.
        sigma_s: noise scale at s, >= 0, broadcasts against the first.
        alpha_t: signal scale at t, > 0, broadcasts against the first.
        sigma_t: noise scale at t, > 0 and at least alpha_t/alpha_s*sigma_s, broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_s squared, in [0, sigma_s**2]. Error at most 1 ulp of sigma_s**2.

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, Appendix A, q(z_s | z_t, x); by Bayes' rule, Ho et al. 2020,
        arXiv:2006.11239v2, Eq. (7), where variance is preserved.
    """
    xp = namespace(alpha_s, sigma_s, alpha_t, sigma_t)
    alpha_s, sigma_s, alpha_t, sigma_t = xp.wide(alpha_s), xp.wide(sigma_s), xp.wide(alpha_t), xp.wide(sigma_t)
    return xp.rounded((sigma_s / sigma_t) ** 2 * general_transition_variance(alpha_s, sigma_s, alpha_t, sigma_t))
