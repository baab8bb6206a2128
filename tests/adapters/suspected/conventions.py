"""Released code whose convention is not the paper's, where the number is the same: other counts, other signs, other tables."""

import numpy as np

from tests.adapters.suspected import Question, adapter


def posterior_log_variance_large__first_entry_replaced(betas, s, t):
    # Released code puts the posterior variance of t = 2 into the first entry, for the decoder's sake.
    if s != t - 1 or t == 1:
        raise NotImplementedError("a table of single steps, whose first entry belongs to the decoder")
    kept = np.cumprod(1.0 - betas)
    second = betas[1] * (1 - kept[0]) / (1 - kept[1])
    return np.log(np.append(second, betas[1:]))[t - 1]


def posterior_log_variance_large__first_entry_read(betas, s, t):
    if s != t - 1:
        raise NotImplementedError("a table of single steps")
    kept = np.cumprod(1.0 - betas)
    second = betas[1] * (1 - kept[0]) / (1 - kept[1])
    return np.log(np.append(second, betas[1:]))[t - 1]


def timesteps_leading__range_and_one(T, n, steps_offset):
    # Latent diffusion: every c-th index from 0, one added, and walked from behind; our times count from 1.
    if T % n or steps_offset != 1:
        raise NotImplementedError("steps that divide the table, one added")
    indices = np.asarray(list(range(0, T, T // n))) + 1
    return np.flip(indices) + 1


def timesteps_leading__one_not_added(T, n, steps_offset):
    if T % n or steps_offset != 1:
        raise NotImplementedError("steps that divide the table, one added")
    return np.flip(np.asarray(list(range(0, T, T // n)))) + 1


def unscaled_latent__divided_then_shifted(scaled, latent_shift, latent_scale):
    return (scaled / latent_scale) + latent_shift


def unscaled_latent__shifted_then_divided(scaled, latent_shift, latent_scale):
    return (scaled + latent_shift) / latent_scale


def scaled_latent__shift_times_scale(latent, latent_shift, latent_scale):
    return latent * latent_scale - latent_shift * latent_scale


def scaled_latent__scaled_then_shifted(latent, latent_shift, latent_scale):
    return latent * latent_scale - latent_shift


def _std(x, ddof):
    """Of each sample, keeping axes."""
    flat = x.reshape(len(x), -1)
    spread = ((flat - flat.mean(1)[:, None]) ** 2).sum(1) / (flat.shape[1] - ddof)
    return (spread**0.5).reshape(-1, *[1] * (x.ndim - 1))


def rescaled_guidance__unbiased(eps_guided, eps_conditional, rescale_share):
    rescaled = eps_guided * (_std(eps_conditional, 1) / _std(eps_guided, 1))
    return rescale_share * rescaled + (1 - rescale_share) * eps_guided


def rescaled_guidance__biased(eps_guided, eps_conditional, rescale_share):
    factor = _std(eps_conditional, 0) / _std(eps_guided, 0)
    return (rescale_share * factor + (1 - rescale_share)) * eps_guided


def rescaled_guidance__ratio_inverted(eps_guided, eps_conditional, rescale_share):
    rescaled = eps_guided * (_std(eps_guided, 0) / _std(eps_conditional, 0))
    return rescale_share * rescaled + (1 - rescale_share) * eps_guided


def dpmpp_2m_step__minus_expm1(x_t, x_0s, alphas, sigmas):
    # diffusers: D0 and D1 with a negative factor that is written as a minus sign.
    lambdas = np.log(alphas) - np.log(sigmas)
    h, h_0 = lambdas[2] - lambdas[1], lambdas[1] - lambdas[0]
    r0 = h_0 / h
    D0, D1 = x_0s[1], (1.0 / r0) * (x_0s[1] - x_0s[0])
    return sigmas[2] / sigmas[1] * x_t - alphas[2] * (np.exp(-h) - 1.0) * D0 - 0.5 * (alphas[2] * (np.exp(-h) - 1.0)) * D1


def dpmpp_2m_step__plus_half(x_t, x_0s, alphas, sigmas):
    lambdas = np.log(alphas) - np.log(sigmas)
    h, h_0 = lambdas[2] - lambdas[1], lambdas[1] - lambdas[0]
    r0 = h_0 / h
    D0, D1 = x_0s[1], (1.0 / r0) * (x_0s[1] - x_0s[0])
    return sigmas[2] / sigmas[1] * x_t - alphas[2] * (np.exp(-h) - 1.0) * D0 + 0.5 * (alphas[2] * (np.exp(-h) - 1.0)) * D1


def probability_flow_drift__half_squared(x_t, score, drift_rate, diffusion):
    return drift_rate * x_t - (0.5 * diffusion) * diffusion * score


def probability_flow_drift__whole(x_t, score, drift_rate, diffusion):
    return drift_rate * x_t - diffusion**2 * score


def velocity_from_eps__noise_less_data(x_t, eps, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    # SD3's and Flux's target is noise - latents: time runs to the noise.
    if alpha_dot_t != -1 or sigma_dot_t != 1:
        raise NotImplementedError("straight paths alone")
    return eps - (x_t - sigma_t * eps) / alpha_t


def velocity_from_eps__data_less_noise(x_t, eps, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    if alpha_dot_t != -1 or sigma_dot_t != 1:
        raise NotImplementedError("straight paths alone")
    return (x_t - sigma_t * eps) / alpha_t - eps


_NUMPY = ("numpy",)

QUESTIONS = {
    "fixed-large": Question(
        "openai/guided-diffusion: the first log variance of FIXED_LARGE is another's",
        (posterior_log_variance_large__first_entry_replaced,),
        (posterior_log_variance_large__first_entry_read,),
        _NUMPY,
    ),
    "index-plus-one": Question(
        "CompVis/latent-diffusion: one is added to the indices",
        (timesteps_leading__range_and_one,),
        (timesteps_leading__one_not_added,),
        _NUMPY,
    ),
    "latent-shift": Question(
        "Flux's latents are divided and then shifted on their way back",
        (unscaled_latent__divided_then_shifted,),
        (unscaled_latent__shifted_then_divided,),
    ),
    "latent-scale": Question(
        "Stable Diffusion's 0.18215 multiplies on the way in",
        (scaled_latent__shift_times_scale,),
        (scaled_latent__scaled_then_shifted,),
    ),
    "rescale-std": Question(
        "rescaled guidance with either standard deviation",
        (rescaled_guidance__unbiased, rescaled_guidance__biased),
        (rescaled_guidance__ratio_inverted,),
    ),
    "dpmpp-minus": Question(
        "diffusers' DPM-Solver++(2M) subtracts both terms",
        (dpmpp_2m_step__minus_expm1,),
        (dpmpp_2m_step__plus_half,),
        _NUMPY,
    ),
    "flow-half": Question(
        "the probability flow takes half of the score's term",
        (probability_flow_drift__half_squared,),
        (probability_flow_drift__whole,),
    ),
    "flow-target": Question(
        "SD3's target is noise less data",
        (velocity_from_eps__noise_less_data,),
        (velocity_from_eps__data_less_noise,),
    ),
}

right = adapter(QUESTIONS)
