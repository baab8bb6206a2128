"""One sampling step from t to an earlier s: DDPM's and DDIM's, strided or not."""

from refdiff.numbers import namespace
from refdiff.reference.posterior import posterior_mean, posterior_variance, posterior_variance_large

__all__ = ["ddim_noise_scale", "ddim_step", "ddpm_step", "ddpm_step_large"]


def ddpm_step(x_t, x_0, z, log_alpha_bar_s, log_alpha_bar_t):
    """x_s drawn with the posterior variance ("fixed_small").

    Formula:
        sqrt(alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(1 - alpha_bar_t)*x_0
        + sqrt(alpha_bar_t/alpha_bar_s)*(1 - alpha_bar_s)/(1 - alpha_bar_t)*x_t
        + sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s))*z

    Args:
        x_t: state at t, any shape.
        x_0: the network's estimate of the data, broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t; without effect at s = 0.
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], broadcasts against x_t.
        log_alpha_bar_t: log signal power at t, in [-700, 0), broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 4 ulp of abs(x_0) + abs(x_t) + abs(z).

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (7) and Algorithm 2, second choice of sigma_t^2, with t - 1 written s.
    """
    xp = namespace(x_t, x_0, z, log_alpha_bar_s, log_alpha_bar_t)
    mean = posterior_mean(x_0, x_t, log_alpha_bar_s, log_alpha_bar_t)
    return xp.rounded(mean + xp.sqrt(xp.wide(posterior_variance(log_alpha_bar_s, log_alpha_bar_t))) * z)


def ddpm_step_large(x_t, x_0, z, log_alpha_bar_s, log_alpha_bar_t):
    """x_s drawn with the forward step's variance ("fixed_large").

    Formula:
        sqrt(alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(1 - alpha_bar_t)*x_0
        + sqrt(alpha_bar_t/alpha_bar_s)*(1 - alpha_bar_s)/(1 - alpha_bar_t)*x_t
        + sqrt(1 - alpha_bar_t/alpha_bar_s)*z

    Args:
        x_t: state at t, any shape.
        x_0: the network's estimate of the data, broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t; pass 0 for the last step, as Algorithm 2 does.
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], broadcasts against x_t.
        log_alpha_bar_t: log signal power at t, in [-700, 0), broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 4 ulp of abs(x_0) + abs(x_t) + abs(z).

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (7) and Algorithm 2, first choice of sigma_t^2, with t - 1 written s.
    """
    xp = namespace(x_t, x_0, z, log_alpha_bar_s, log_alpha_bar_t)
    mean = posterior_mean(x_0, x_t, log_alpha_bar_s, log_alpha_bar_t)
    return xp.rounded(mean + xp.sqrt(xp.wide(posterior_variance_large(log_alpha_bar_s, log_alpha_bar_t))) * z)


def ddim_noise_scale(eta, log_alpha_bar_s, log_alpha_bar_t):
    """Standard deviation of the noise a DDIM step adds.

    Formula:
        eta*sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t))*sqrt(1 - alpha_bar_t/alpha_bar_s)

    Args:
        eta: 0 for the deterministic step, 1 for DDPM's variance, in [0, 1], any shape.
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], broadcasts against the first.
        log_alpha_bar_t: log signal power at t, < 0, broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0. Error at most 2.5 ulp.

    Source:
        Song et al. 2021, arXiv:2010.02502v4, Eq. (16), where alpha_t is our alpha_bar_t.
    """
    xp = namespace(eta, log_alpha_bar_s, log_alpha_bar_t)
    return xp.rounded(eta * xp.sqrt(xp.wide(posterior_variance(log_alpha_bar_s, log_alpha_bar_t))))


def ddim_step(x_t, x_0, z, eta, log_alpha_bar_s, log_alpha_bar_t):
    """x_s on the DDIM family's path from x_t towards x_0, with the chosen share of fresh noise.

    Formula:
        sqrt(alpha_bar_s)*x_0 + sqrt(1 - alpha_bar_s - scale**2)*noise + scale*z
        where noise = (x_t - sqrt(alpha_bar_t)*x_0)/sqrt(1 - alpha_bar_t)
        where scale = eta*sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t))*sqrt(1 - alpha_bar_t/alpha_bar_s)

    The body writes the radicand as (1 - alpha_bar_s)*((1 - eta)*(1 + eta) + eta**2*share), a sum of positive terms.

    Args:
        x_t: state at t, any shape.
        x_0: the network's estimate of the data, broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t; without effect at eta = 0 or s = 0.
        eta: 0 for the deterministic step, 1 for DDPM's, in [0, 1], broadcasts against x_t.
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], broadcasts against x_t.
        log_alpha_bar_t: log signal power at t, in [-700, 0), broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0.
        Error at most 3 ulp of abs(x_0) + abs(z) + sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t))*(abs(x_t) + abs(x_0)).

    Source:
        Song et al. 2021, arXiv:2010.02502v4, Eqs. (12) and (16), where alpha_t is our alpha_bar_t.
    """
    xp = namespace(x_t, x_0, z, eta, log_alpha_bar_s, log_alpha_bar_t)
    x_0, eta = xp.wide(x_0), xp.wide(eta)
    ratio = xp.wide(xp.expm1(log_alpha_bar_s)) / xp.expm1(log_alpha_bar_t)
    share = xp.exp(log_alpha_bar_t) / xp.wide(xp.exp(log_alpha_bar_s)) * ratio
    kept = xp.sqrt(ratio * ((1 - eta) * (1 + eta) + eta**2 * share))
    noise = kept * (x_t - xp.exp(log_alpha_bar_t / 2) * x_0)
    fresh = ddim_noise_scale(xp.rounded(eta), log_alpha_bar_s, log_alpha_bar_t)
    return xp.rounded(xp.exp(log_alpha_bar_s / 2) * x_0 + noise + xp.wide(fresh) * z)
