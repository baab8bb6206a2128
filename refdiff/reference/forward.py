"""The forward process: x_t given x_0, and x_t given an earlier x_s."""

from refdiff.numbers import namespace

__all__ = [
    "general_transition_mean", "general_transition_variance", "marginal_mean", "marginal_sample", "marginal_variance",
    "residual_shift_sample", "transition_mean", "transition_variance",
]  # fmt: skip


def marginal_mean(x_0, log_alpha_bar_t):
    """Mean of x_t given x_0.

    Formula:
        sqrt(alpha_bar_t)*x_0

    Args:
        x_0: data, any shape.
        log_alpha_bar_t: log signal power at t, in [-700, 0], broadcasts against x_0.

    Returns:
        The broadcast shape, in units of x_0. Error at most 2 ulp.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (4).
    """
    xp = namespace(x_0, log_alpha_bar_t)
    return xp.exp(log_alpha_bar_t / 2) * x_0


def marginal_variance(log_alpha_bar_t):
    """Variance of x_t given x_0.

    Formula:
        1 - alpha_bar_t

    Args:
        log_alpha_bar_t: log signal power at t, <= 0, any shape.

    Returns:
        The same shape, in [0, 1]. Error at most 1 ulp.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (4). A variance: the scale is its square root.
    """
    xp = namespace(log_alpha_bar_t)
    return -xp.expm1(log_alpha_bar_t)


def marginal_sample(x_0, eps, log_alpha_bar_t):
    """x_t that unit noise eps makes of x_0.

    Formula:
        sqrt(alpha_bar_t)*x_0 + sqrt(1 - alpha_bar_t)*eps

    Args:
        x_0: data, any shape.
        eps: unit noise, broadcasts against x_0.
        log_alpha_bar_t: log signal power at t, in [-700, 0], broadcasts against x_0.

    Returns:
        The broadcast shape, in units of x_0.
        Error at most 3 ulp of sqrt(alpha_bar_t)*abs(x_0) + sqrt(1 - alpha_bar_t)*abs(eps).

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (4) and section 3.2.
    """
    xp = namespace(x_0, eps, log_alpha_bar_t)
    return xp.exp(log_alpha_bar_t / 2) * x_0 + xp.sqrt(-xp.expm1(log_alpha_bar_t)) * eps


def transition_mean(x_s, log_alpha_bar_s, log_alpha_bar_t):
    """Mean of x_t given an earlier x_s.

    Formula:
        sqrt(alpha_bar_t/alpha_bar_s)*x_s

    Args:
        x_s: state at s < t, any shape.
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], broadcasts against x_s.
        log_alpha_bar_t: log signal power at t, in [-700, 0], broadcasts against x_s.

    Returns:
        The broadcast shape, in units of x_s. Error at most 3 ulp.

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, Eq. (20); Ho et al. 2020, arXiv:2006.11239v2, Eq. (2) for s = t - 1.
    """
    xp = namespace(x_s, log_alpha_bar_s, log_alpha_bar_t)
    return xp.exp(log_alpha_bar_t / 2) / xp.exp(log_alpha_bar_s / 2) * x_s


def transition_variance(log_alpha_bar_s, log_alpha_bar_t):
    """Variance of x_t given an earlier x_s.

    Formula:
        1 - alpha_bar_t/alpha_bar_s

    Args:
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], any shape.
        log_alpha_bar_t: log signal power at t, <= 0, broadcasts against the first.

    Returns:
        The broadcast shape, in [0, 1]; beta_t for s = t - 1. Error at most 1.5 ulp.

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, Eq. (20); Ho et al. 2020, arXiv:2006.11239v2, Eq. (2) for s = t - 1.
    """
    xp = namespace(log_alpha_bar_s, log_alpha_bar_t)
    return -xp.expm1(log_alpha_bar_t - log_alpha_bar_s)


def general_transition_mean(x_s, alpha_s, alpha_t):
    """Mean of x_t given an earlier x_s, for signal scales of any process.

    Formula:
        alpha_t/alpha_s*x_s

    Args:
        x_s: state at s < t, any shape.
        alpha_s: signal scale at s, > 0, broadcasts against x_s.
        alpha_t: signal scale at t, > 0, broadcasts against x_s.

    Returns:
        The broadcast shape, in units of x_s; the noise scales do not matter. Error at most 1.5 ulp.

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, Eq. (20) and Appendix A, where alpha_t/alpha_s is alpha_{t|s}.
    """
    return alpha_t / alpha_s * x_s


def general_transition_variance(alpha_s, sigma_s, alpha_t, sigma_t):
    """Variance of x_t given an earlier x_s, for signal and noise scales of any process.

    Formula:
        sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2

    With alpha 1 it is `ve_added_variance`, with preserved variance `transition_variance`, with the noise scales of sub-VP
    `subvp_transition_variance`; from sigma_s = 0 it is sigma_t**2.

    Args:
        alpha_s: signal scale at s, > 0, any shape.
        sigma_s: noise scale at s, >= 0, broadcasts against the first.
        alpha_t: signal scale at t, > 0, broadcasts against the first.
        sigma_t: noise scale at t, at least alpha_t/alpha_s*sigma_s, broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_t squared, >= 0. Error at most 3 ulp of sigma_t**2. Where s is near t a difference
        of scales has no more digits; `transition_variance`, from log powers, has.

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, Eq. (20) and Appendix A, sigma_{t|s}^2.
    """
    carried = alpha_t / alpha_s * sigma_s
    return (sigma_t - carried) * (sigma_t + carried)


def residual_shift_sample(x_0, x_degraded, eps, shift_t, shift_noise):
    """x_t that unit noise eps makes of x_0 on its way to a degraded image: ResShift's state.

    Formula:
        x_0 + shift_t*(x_degraded - x_0) + shift_noise*sqrt(shift_t)*eps

    Its chain adds the residual's share and the variance of each step, (shift_t - shift_s)*(x_degraded - x_0) and
    shift_noise**2*(shift_t - shift_s); here is what they sum up to. Its posterior of x_s knows nothing of x_degraded: it is
    `general_posterior_mean` and `general_posterior_variance` at signal 1 and noise scales shift_noise*sqrt(shift).

    Args:
        x_0: data, any shape.
        x_degraded: degraded image, broadcasts against x_0.
        eps: unit noise, broadcasts against x_0.
        shift_t: share of the residual x_degraded - x_0 at t, in [0, 1], broadcasts against x_0.
        shift_noise: noise scale at the end of the chain, >= 0, a number; 2 in released code.

    Returns:
        The broadcast shape, in units of x_0. Error at most 2 ulp of
        abs(x_0) + abs(x_degraded) + shift_noise*sqrt(shift_t)*abs(eps).

    Source:
        Yue et al. 2023, arXiv:2307.12348, section 3.1, q(x_t | x_0, y_0), where y_0, eta_t and kappa are x_degraded, shift_t
        and shift_noise.
    """
    xp = namespace(x_0, x_degraded, eps, shift_t, shift_noise)
    return x_0 + shift_t * (x_degraded - x_0) + shift_noise * xp.sqrt(shift_t) * eps
