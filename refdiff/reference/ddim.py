"""The DDIM family beyond its step: its laws, its inversion, its forms as an ODE solver, and its bond with rectified flow."""

from refdiff.numbers import namespace

__all__ = [
    "ddim_chain_gain",
    "ddim_chain_variance",
    "ddim_conditional_mean",
    "ddim_conditional_variance",
    "ddim_eta_max",
    "ddim_gain",
    "ddim_inversion_step",
    "ddim_step_exponential",
    "ddim_step_exponential_eps",
    "ddim_step_scaled",
    "ddim_stochastic_gap",
    "probability_flow_gain",
    "rectified_state",
    "rectified_step",
    "rectified_time",
    "rectified_velocity",
    "reflow_gain_gap",
    "unscaled_rectified_gap",
]


def ddim_conditional_mean(x_0, x_t, noise_share, log_alpha_bar_s, log_alpha_bar_t):
    """Mean of x_s given x_t and x_0 in the DDIM family.

    Formula:
        sqrt(alpha_bar_s)*x_0 + sqrt((1 - alpha_bar_s)*(1 - noise_share**2))*(x_t - sqrt(alpha_bar_t)*x_0)/sqrt(1 - alpha_bar_t)

    Args:
        x_0: data, broadcasts against x_t.
        x_t: state at t, any shape.
        noise_share: standard deviation of the fresh noise, over the largest admissible one sqrt(1 - alpha_bar_s), in [0, 1].
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], broadcasts against x_t.
        log_alpha_bar_t: log signal power at t, in [-700, 0), broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0.
        Error at most 3.5 ulp of abs(x_0) + sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t))*(abs(x_t) + abs(x_0)).

    Source:
        Song et al. 2021, arXiv:2010.02502v4, Eq. (7), where alpha_t is our alpha_bar_t and sigma_t is
        noise_share*sqrt(1 - alpha_bar_s). Every share keeps the marginals q(x_s | x_0), Lemma 1.
    """
    xp = namespace(x_0, x_t, noise_share, log_alpha_bar_s, log_alpha_bar_t)
    kept = xp.sqrt(xp.expm1(log_alpha_bar_s) / xp.expm1(log_alpha_bar_t) * (1 - noise_share) * (1 + noise_share))
    return xp.exp(log_alpha_bar_s / 2) * x_0 + kept * (x_t - xp.exp(log_alpha_bar_t / 2) * x_0)


def ddim_conditional_variance(noise_share, log_alpha_bar_s):
    """Variance of x_s given x_t and x_0 in the DDIM family.

    Formula:
        noise_share**2*(1 - alpha_bar_s)

    Args:
        noise_share: standard deviation of the fresh noise, over the largest admissible one sqrt(1 - alpha_bar_s), in [0, 1].
        log_alpha_bar_s: log signal power at s, in [-700, 0], broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0 squared. Error at most 2.5 ulp.

    Source:
        Song et al. 2021, arXiv:2010.02502v4, Eq. (7), where sigma_t**2 is at most 1 - alpha_bar_s.
    """
    return -namespace(noise_share, log_alpha_bar_s).expm1(log_alpha_bar_s) * noise_share**2


def ddim_eta_max(log_alpha_bar_s, log_alpha_bar_t):
    """Largest eta for which DDIM's radicand 1 - alpha_bar_s - scale**2 is not negative.

    Formula:
        sqrt((1 - alpha_bar_t)/(1 - alpha_bar_t/alpha_bar_s))

    Args:
        log_alpha_bar_s: log signal power at s, in (log_alpha_bar_t, 0), any shape.
        log_alpha_bar_t: log signal power at t, in [-700, 0), broadcasts against the first.

    Returns:
        The broadcast shape, at least 1: every eta in [0, 1] is admissible. Error at most 2 ulp.

    Source:
        Song et al. 2021, arXiv:2010.02502v4, Eqs. (12) and (16): scale**2 = 1 - alpha_bar_s solved for eta.
    """
    xp = namespace(log_alpha_bar_s, log_alpha_bar_t)
    return xp.sqrt(-xp.expm1(log_alpha_bar_t) / -xp.expm1(log_alpha_bar_t - log_alpha_bar_s))


def ddim_inversion_step(x_s, x_0, log_alpha_bar_s, log_alpha_bar_t):
    """State at t by DDIM's deterministic step taken from an earlier s towards noise.

    Formula:
        sqrt(alpha_bar_t)*x_0 + sqrt(1 - alpha_bar_t)*(x_s - sqrt(alpha_bar_s)*x_0)/sqrt(1 - alpha_bar_s)

    Args:
        x_s: state at s, any shape.
        x_0: estimate of the data, from x_s in practice, broadcasts against x_s; with the estimate that the
            step from t used, the inversion is exact.
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0), broadcasts against x_s.
        log_alpha_bar_t: log signal power at t, in [-700, 0), broadcasts against x_s.

    Returns:
        The broadcast shape, in units of x_0.
        Error at most 3.5 ulp of abs(x_0) + sqrt((1 - alpha_bar_t)/(1 - alpha_bar_s))*(abs(x_s) + abs(x_0)).

    Source:
        Song et al. 2021, arXiv:2010.02502v4, section 4.3 and Eq. (13), run backwards, where alpha_t is our alpha_bar_t.
    """
    xp = namespace(x_s, x_0, log_alpha_bar_s, log_alpha_bar_t)
    grown = xp.sqrt(xp.expm1(log_alpha_bar_t) / xp.expm1(log_alpha_bar_s))
    return xp.exp(log_alpha_bar_t / 2) * x_0 + grown * (x_s - xp.exp(log_alpha_bar_s / 2) * x_0)


def ddim_step_exponential(x_t, x_0, logsnr_s, logsnr_t):
    """DDIM's deterministic step as an exponential integrator of the data prediction.

    Formula:
        sigma_s/sigma_t*x_t + alpha_s*(1 - exp(half_logsnr_t - half_logsnr_s))*x_0

    Args:
        x_t: state at t, any shape.
        x_0: the network's estimate of the data, broadcasts against x_t.
        logsnr_s: log SNR at s, in [logsnr_t, 700], broadcasts against x_t.
        logsnr_t: log SNR at t, >= -700, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0; signal and noise preserve variance.
        Error at most 3 ulp of sqrt((1 + exp(logsnr_t))/(1 + exp(logsnr_s)))*abs(x_t) + abs(x_0).

    Source:
        Lu et al. 2022, DPM-Solver++, arXiv:2211.01095v2, section 4.2 at first order, where lambda is our half_logsnr: DDIM.
    """
    xp = namespace(x_t, x_0, logsnr_s, logsnr_t)
    kept = xp.sqrt(xp.sigmoid(-logsnr_s) / xp.sigmoid(-logsnr_t))
    return kept * x_t - xp.sqrt(xp.sigmoid(logsnr_s)) * xp.expm1((logsnr_t - logsnr_s) / 2) * x_0


def ddim_step_exponential_eps(x_t, eps, logsnr_s, logsnr_t):
    """DDIM's deterministic step as an exponential integrator of the noise prediction.

    Formula:
        alpha_s/alpha_t*x_t - sigma_s*(exp(half_logsnr_s - half_logsnr_t) - 1)*eps

    Args:
        x_t: state at t, any shape.
        eps: the network's estimate of the noise, broadcasts against x_t.
        logsnr_s: log SNR at s, in [logsnr_t, 700], broadcasts against x_t.
        logsnr_t: log SNR at t, >= -700, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0; signal and noise preserve variance.
        Error at most 3.5 ulp of sqrt((1 + exp(-logsnr_t))/(1 + exp(-logsnr_s)))
        * (abs(x_t) + (1 + logsnr_s - logsnr_t)*abs(eps)).

    Source:
        Lu et al. 2022, DPM-Solver, arXiv:2206.00927v3, section 4.1: DPM-Solver-1 is DDIM; lambda is our half_logsnr.
    """
    xp = namespace(x_t, eps, logsnr_s, logsnr_t)
    grown = xp.sqrt(xp.sigmoid(logsnr_s) / xp.sigmoid(logsnr_t))
    return grown * x_t - xp.sqrt(xp.sigmoid(-logsnr_s)) * xp.expm1((logsnr_s - logsnr_t) / 2) * eps


def ddim_step_scaled(x_t, eps, alpha_s, sigma_s, alpha_t, sigma_t):
    """DDIM's deterministic step for any two scales: an Euler step of x/alpha in sigma/alpha.

    Formula:
        alpha_s*(x_t/alpha_t + (sigma_s/alpha_s - sigma_t/alpha_t)*eps)

    Args:
        x_t: state at t, any shape.
        eps: the network's estimate of the noise, broadcasts against x_t.
        alpha_s: signal scale at s, > 0, broadcasts against x_t.
        sigma_s: noise scale at s, >= 0, broadcasts against x_t.
        alpha_t: signal scale at t, > 0, broadcasts against x_t.
        sigma_t: noise scale at t, >= 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0.
        Error at most 3 ulp of alpha_s/alpha_t*(abs(x_t) + sigma_t*abs(eps)) + sigma_s*abs(eps).

    Source:
        Song et al. 2021, arXiv:2010.02502v4, Eq. (13), for scales that need not preserve variance.
    """
    return alpha_s / alpha_t * (x_t - sigma_t * eps) + sigma_s * eps


def ddim_stochastic_gap(noise_share, log_alpha_bar_s):
    """Mean squared distance of a DDIM step with fresh noise from the step without, where the estimate of the data is right.

    Formula:
        2*(1 - alpha_bar_s)*(1 - sqrt(1 - noise_share**2))

    Args:
        noise_share: standard deviation of the fresh noise, over the largest admissible one sqrt(1 - alpha_bar_s), in [0, 1].
        log_alpha_bar_s: log signal power at s, in [-700, 0], broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0 squared, for each entry. It is 0 for no fresh noise alone: with any, no ODE, and so
        no rectified flow, takes the same step. Error at most 3.5 ulp.

    Source:
        Song et al. 2021, arXiv:2010.02502v4, Eq. (12): the variance of the difference of two steps with one x_t and x_0.
    """
    xp = namespace(noise_share, log_alpha_bar_s)
    return -2 * xp.expm1(log_alpha_bar_s) * noise_share**2 / (1 + xp.sqrt((1 - noise_share) * (1 + noise_share)))


def ddim_gain(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """Factor by which a deterministic DDIM step scales the state's distance from its mean, on Gaussian data.

    Formula:
        (alpha_s*alpha_t*variance + sigma_s*sigma_t)/(alpha_t**2*variance + sigma_t**2)

    Args:
        variance: variance of the data, >= 0, any shape.
        alpha_s: signal scale at s, >= 0, broadcasts against the first.
        sigma_s: noise scale at s, >= 0, broadcasts against the first.
        alpha_t: signal scale at t, >= 0, broadcasts against the first.
        sigma_t: noise scale at t, > 0, broadcasts against the first.

    Returns:
        The broadcast shape, a pure number. Error at most 1 ulp.

    Source:
        Song et al. 2021, arXiv:2010.02502v4, Eq. (12) with no fresh noise, and the exact denoiser of Gaussian data.
    """
    xp = namespace(variance, alpha_s, sigma_s, alpha_t, sigma_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    return xp.rounded((alpha_s * alpha_t * variance + sigma_s * sigma_t) / (alpha_t**2 * variance + sigma_t**2))


def probability_flow_gain(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """Factor by which the exact probability flow scales the state's distance from its mean, on Gaussian data.

    Formula:
        sqrt((alpha_s**2*variance + sigma_s**2)/(alpha_t**2*variance + sigma_t**2))

    Args:
        variance: variance of the data, >= 0, any shape.
        alpha_s: signal scale at s, >= 0, broadcasts against the first.
        sigma_s: noise scale at s, >= 0, broadcasts against the first.
        alpha_t: signal scale at t, >= 0, broadcasts against the first.
        sigma_t: noise scale at t, > 0, broadcasts against the first.

    Returns:
        The broadcast shape, a pure number: the limit of DDIM with many steps. Error at most 2.5 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (13) and section 4.3, solved for Gaussian data.
    """
    xp = namespace(variance, alpha_s, sigma_s, alpha_t, sigma_t)
    return xp.sqrt((alpha_s**2 * variance + sigma_s**2) / (alpha_t**2 * variance + sigma_t**2))


def reflow_gain_gap(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """Gain of a reflowed model's one step less the gain of DDIM's from the first model, on Gaussian data.

    Formula:
        sqrt((alpha_s**2*variance + sigma_s**2)/power) - (alpha_s*alpha_t*variance + sigma_s*sigma_t)/power
        where power = alpha_t**2*variance + sigma_t**2

    The body writes the difference of squares by Lagrange's identity, as variance*(alpha_s*sigma_t - alpha_t*sigma_s)**2.

    Args:
        variance: variance of the data, >= 0, any shape.
        alpha_s: signal scale at s, >= 0, broadcasts against the first.
        sigma_s: noise scale at s, >= 0, broadcasts against the first.
        alpha_t: signal scale at t, >= 0, broadcasts against the first.
        sigma_t: noise scale at t, > 0, broadcasts against the first.

    Returns:
        The broadcast shape, >= 0, a pure number. Reflow pairs each state with the end of its own path; one Euler step of the
        reflowed model then is the exact flow. Error at most 1 ulp of
        sqrt((alpha_s**2*variance + sigma_s**2)/(alpha_t**2*variance + sigma_t**2)).

    Source:
        Liu et al. 2022, arXiv:2209.03003v1, section 2.2, reflow, and Song et al. 2021, arXiv:2010.02502v4, Eq. (12).
    """
    xp = namespace(variance, alpha_s, sigma_s, alpha_t, sigma_t)
    alpha_s, sigma_s, alpha_t, sigma_t = xp.wide(alpha_s), xp.wide(sigma_s), xp.wide(alpha_t), xp.wide(sigma_t)
    power_s, power_t = alpha_s**2 * variance + sigma_s**2, alpha_t**2 * variance + sigma_t**2
    both = alpha_s * alpha_t * variance + sigma_s * sigma_t
    parted = xp.sqrt(variance / power_t) * (alpha_s * sigma_t - alpha_t * sigma_s)
    return xp.rounded(parted**2 / (xp.sqrt(power_s) * xp.sqrt(power_t) + both))


def ddim_chain_gain(variance, alphas, sigmas):
    """Factor by which a run of deterministic DDIM steps scales the state's distance from its mean, on Gaussian data.

    Formula:
        prod((alphas[1:]*alphas[:-1]*variance + sigmas[1:]*sigmas[:-1])/(alphas[:-1]**2*variance + sigmas[:-1]**2))

    Args:
        variance: variance of the data, >= 0, a number.
        alphas: signal scales of the run's levels, from noise to data, >= 0, shape (n + 1,).
        sigmas: noise scales of the run's levels, from noise to data, shape (n + 1,), > 0 but for the last.

    Returns:
        A number. Error at most 1 ulp of value*len(alphas).

    Source:
        Song et al. 2021, arXiv:2010.02502v4, Eq. (12) with no fresh noise, and the exact denoiser of Gaussian data.
    """
    xp = namespace(variance, alphas, sigmas)
    return xp.prod(ddim_gain(variance, alphas[1:], sigmas[1:], alphas[:-1], sigmas[:-1]))


def ddim_chain_variance(variance, alphas, sigmas):
    """Variance of what a run of deterministic DDIM steps makes of exact states, on Gaussian data.

    Formula:
        prod(both/power)**2*power[0]
        where both = alphas[1:]*alphas[:-1]*variance + sigmas[1:]*sigmas[:-1]
        where power = alphas[:-1]**2*variance + sigmas[:-1]**2

    Args:
        variance: variance of the data, >= 0, a number.
        alphas: signal scales of the run's levels, from noise to data, >= 0, shape (n + 1,).
        sigmas: noise scales of the run's levels, from noise to data, shape (n + 1,), > 0 but for the last.

    Returns:
        A number, in units of x_0 squared; never above the true alphas[-1]**2*variance + sigmas[-1]**2.
        Error at most 3.5 ulp of value*len(alphas).

    Source:
        Song et al. 2021, arXiv:2010.02502v4, Eq. (12) with no fresh noise, and the exact denoiser of Gaussian data.
    """
    return ddim_chain_gain(variance, alphas, sigmas) ** 2 * (alphas[0] ** 2 * variance + sigmas[0] ** 2)


def rectified_time(alpha_t, sigma_t):
    """Time of rectified flow at which noise and data have the ratio that they have at t.

    Formula:
        sigma_t/(alpha_t + sigma_t)

    Args:
        alpha_t: signal scale, >= 0, any shape.
        sigma_t: noise scale, > 0 where there is no signal, broadcasts against the first.

    Returns:
        The broadcast shape, in [0, 1]; 0 is data. Error at most 2 ulp.

    Source:
        Liu et al. 2022, arXiv:2209.03003v1, section 2.3, with their t written 1 - time: the time change to the straight path.
    """
    return sigma_t / (alpha_t + sigma_t)


def rectified_state(x_t, alpha_t, sigma_t):
    """State of rectified flow that the state of any process at t stands for.

    Formula:
        x_t/(alpha_t + sigma_t)

    Args:
        x_t: state alpha_t*x_0 + sigma_t*eps, any shape.
        alpha_t: signal scale, >= 0, broadcasts against x_t.
        sigma_t: noise scale, >= 0, broadcasts against x_t; not both are 0.

    Returns:
        The broadcast shape, (1 - time)*x_0 + time*eps at `rectified_time`. Error at most 2 ulp.

    Source:
        Liu et al. 2022, arXiv:2209.03003v1, section 2.3: weights that sum to 1 need this scaling beside the time change.
    """
    return x_t / (alpha_t + sigma_t)


def rectified_velocity(x_t, x_0, alpha_t, sigma_t):
    """Velocity of rectified flow, noise less data, from the state of any process and an estimate of the data.

    Formula:
        (x_t - alpha_t*x_0)/sigma_t - x_0

    Args:
        x_t: state alpha_t*x_0 + sigma_t*eps, any shape.
        x_0: the network's estimate of the data, broadcasts against x_t.
        alpha_t: signal scale, >= 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0 per unit of `rectified_time`.
        Error at most 3 ulp of abs(x_t)/sigma_t + (alpha_t/sigma_t + 1)*abs(x_0).

    Source:
        Liu et al. 2022, arXiv:2209.03003v1, Eq. (1), with their t written 1 - time, which turns the sign.
    """
    return (x_t - alpha_t * x_0) / sigma_t - x_0


def rectified_step(x_t, x_0, alpha_s, sigma_s, alpha_t, sigma_t):
    """State at s by one Euler step of rectified flow between scaled states: DDIM's deterministic step.

    Formula:
        (alpha_s + sigma_s)*(x_t/(alpha_t + sigma_t) + (time_s - time_t)*velocity)
        where velocity = (x_t - alpha_t*x_0)/sigma_t - x_0
        where time_s = sigma_s/(alpha_s + sigma_s)
        where time_t = sigma_t/(alpha_t + sigma_t)

    Args:
        x_t: state at t, any shape.
        x_0: the network's estimate of the data, broadcasts against x_t.
        alpha_s: signal scale at s, >= 0, broadcasts against x_t.
        sigma_s: noise scale at s, >= 0, broadcasts against x_t; not both are 0.
        alpha_t: signal scale at t, >= 0, broadcasts against x_t.
        sigma_t: noise scale at t, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0.
        Error at most 4 ulp of alpha_s*abs(x_0) + sigma_s/sigma_t*(abs(x_t) + alpha_t*abs(x_0)).

    Source:
        Liu et al. 2022, arXiv:2209.03003v1, section 2.3 and Eq. (1); Song et al. 2021, arXiv:2010.02502v4, Eq. (12) with no
        fresh noise.
    """
    return alpha_s * x_0 + sigma_s / sigma_t * (x_t - alpha_t * x_0)


def unscaled_rectified_gap(x_0, eps, alpha_s, sigma_s, alpha_t, sigma_t):
    """What an Euler step of rectified flow misses DDIM's by when times are changed but states are not scaled.

    Formula:
        (alpha_t - alpha_s)*x_0 + (sigma_t - sigma_s)*eps + (time_s - time_t)*(eps - x_0)
        where time_s = sigma_s/(alpha_s + sigma_s)
        where time_t = sigma_t/(alpha_t + sigma_t)

    The body sees that it is (1 - 1/(alpha_t + sigma_t))*x_t less the same at s: 0 where the scales sum to 1 at both ends.

    Args:
        x_0: data, any shape.
        eps: unit noise, broadcasts against x_0.
        alpha_s: signal scale at s, >= 0, broadcasts against x_0.
        sigma_s: noise scale at s, >= 0, broadcasts against x_0; not both are 0.
        alpha_t: signal scale at t, >= 0, broadcasts against x_0.
        sigma_t: noise scale at t, > 0, broadcasts against x_0.

    Returns:
        The broadcast shape, in units of x_0: the unscaled step less DDIM's, both from alpha_t*x_0 + sigma_t*eps.
        Error at most 3 ulp of (1 + alpha_s + sigma_s + alpha_t + sigma_t)*(abs(x_0) + abs(eps)).

    Source:
        Liu et al. 2022, arXiv:2209.03003v1, section 2.3: the time change alone is not enough.
    """
    sum_s, sum_t = alpha_s + sigma_s, alpha_t + sigma_t
    excess_s, excess_t = (sum_s - 1) / sum_s, (sum_t - 1) / sum_t
    return (excess_t * alpha_t - excess_s * alpha_s) * x_0 + (excess_t * sigma_t - excess_s * sigma_s) * eps
