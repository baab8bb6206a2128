"""Levels, conversions and steps in a form that is often asked about: it looks unlike the paper's and is equal to it."""

import math

import numpy as np

from tests.adapters.suspected import Question, adapter


def ddim_noise_scale__two_roots(alpha_bar_s, alpha_bar_t, eta):
    return eta * ((1 - alpha_bar_s) / (1 - alpha_bar_t)) ** 0.5 * (1 - alpha_bar_t / alpha_bar_s) ** 0.5


def ddim_noise_scale__one_root(alpha_bar_s, alpha_bar_t, eta):
    return eta * ((1 - alpha_bar_t / alpha_bar_s) * (1 - alpha_bar_s) / (1 - alpha_bar_t)) ** 0.5


def ddim_noise_scale__levels_swapped(alpha_bar_s, alpha_bar_t, eta):
    if alpha_bar_s == 1:
        raise NotImplementedError("a step that ends before the data")
    return eta * ((1 - alpha_bar_t) / (1 - alpha_bar_s)) ** 0.5 * (1 - alpha_bar_t / alpha_bar_s) ** 0.5


def posterior_log_variance_learned__output_in_minus_one_to_one(betas, s, t, interpolation):
    if s != t - 1:
        raise NotImplementedError("a table of single steps")
    kept = np.cumprod(1.0 - betas)
    before = np.append(kept.dtype.type(1), kept[:-1])
    variance = betas * (1 - before) / (1 - kept)
    shortest = np.log(np.append(variance[1], variance[1:]))  # clipped at the first, where it would be log(0)
    frac = ((2 * interpolation - 1) + 1) / 2
    return frac * np.log(betas)[t - 1] + (1 - frac) * shortest[t - 1]


def posterior_log_variance_learned__output_as_share(betas, s, t, interpolation):
    if s != t - 1:
        raise NotImplementedError("a table of single steps")
    kept = np.cumprod(1.0 - betas)
    variance = betas[1:] * (1 - kept[:-1]) / (1 - kept[1:])
    frac = 2 * interpolation - 1
    return frac * np.log(betas)[t - 1] + (1 - frac) * np.log(variance)[t - 2]


def posterior_mean__of_noise(betas, s, t, x_0, x_t):
    if s != t - 1:
        raise NotImplementedError("a table of single steps")
    kept = np.cumprod(1 - betas)[t - 1]
    eps = (x_t - kept**0.5 * x_0) / (1 - kept) ** 0.5
    return 1 / (1 - betas[t - 1]) ** 0.5 * (x_t - betas[t - 1] / (1 - kept) ** 0.5 * eps)


def posterior_mean__of_noise_step_alpha(betas, s, t, x_0, x_t):
    if s != t - 1:
        raise NotImplementedError("a table of single steps")
    kept = np.cumprod(1 - betas)[t - 1]
    eps = (x_t - kept**0.5 * x_0) / (1 - kept) ** 0.5
    return 1 / (1 - betas[t - 1]) ** 0.5 * (x_t - betas[t - 1] / betas[t - 1] ** 0.5 * eps)


def corrector_step_vp__alpha_of_one_step(x_t, score, z, corrector_snr, beta_t):
    alpha = 1 - beta_t
    grad_norm = (score.reshape(len(score), -1) ** 2).sum(-1) ** 0.5
    noise_norm = (z.reshape(len(z), -1) ** 2).sum(-1) ** 0.5
    step_size = ((corrector_snr * noise_norm / grad_norm) ** 2 * 2 * alpha)[:, None]
    return x_t + step_size * score + (step_size * 2) ** 0.5 * z


def corrector_step_vp__root_of_alpha(x_t, score, z, corrector_snr, beta_t):
    return corrector_step_vp__alpha_of_one_step(x_t, score, z, corrector_snr, 1 - (1 - beta_t) ** 0.5)


def marginal_sample__known_region(betas, t_index, x_0, eps):
    kept = (1 - betas).cumprod(0)[t_index]
    return kept**0.5 * x_0 + (1 - kept) ** 0.5 * eps


def marginal_sample__known_region_as_printed(betas, t_index, x_0, eps):
    kept = (1 - betas).cumprod(0)[t_index]
    return kept**0.5 * x_0 + (1 - kept) * eps


def shifted_time__reciprocal(time, time_shift):
    return 1 / (1 + (1 / time - 1) / time_shift)


def shifted_time__scale_beside_signal(time, time_shift):
    return time_shift * time / (time_shift * time + (1 - time))


def shifted_time__inverted(time, time_shift):
    return time / (time_shift + (1 - time_shift) * time)


def exponentially_shifted_time__power_of_one(time, log_time_shift):
    return math.exp(log_time_shift) / (math.exp(log_time_shift) + (1 / time - 1) ** 1.0)


def exponentially_shifted_time__not_exponential(time, log_time_shift):
    return log_time_shift / (log_time_shift + (1 / time - 1))


def edm_sigma_from_vp_time__log_snr(time, beta_rate_min, beta_rate_max):
    # Imagen's log SNR, -log(expm1(integral of beta)), its sigma half of it turned round.
    log_snr = -np.log(np.expm1(beta_rate_min * time + 0.5 * (beta_rate_max - beta_rate_min) * time**2))
    return np.exp(-0.5 * log_snr)


def edm_sigma_from_vp_time__sigmoid(time, beta_rate_min, beta_rate_max):
    log_snr = -np.log(np.expm1(beta_rate_min * time + 0.5 * (beta_rate_max - beta_rate_min) * time**2))
    return (1 / (1 + np.exp(log_snr))) ** 0.5


def edm_sigma_from_cosine_time__log_snr_of_tangent(time):
    return np.exp(-0.5 * (-2 * np.log(np.tan(time * math.pi / 2))))


def edm_sigma_from_cosine_time__whole_log_snr(time):
    return np.exp(-1 * (-2 * np.log(np.tan(time * math.pi / 2))))


def v_from_eps__of_the_angle(x_t, eps, alpha_t, sigma_t):
    return (eps - sigma_t * x_t) / alpha_t


def v_from_eps__turned(x_t, eps, alpha_t, sigma_t):
    return (sigma_t * x_t - eps) / alpha_t


def langevin_step__half_step_named(x_t, score, z, step_size):
    eps = step_size / 2
    return x_t + eps * score + (2 * eps) ** 0.5 * z


def langevin_step__root_of_half(x_t, score, z, step_size):
    eps = step_size / 2
    return x_t + eps * score + eps**0.5 * z


def euler_ancestral_step__as_the_chain(x_t, x_0, z, sigma_s, sigma_t, eta):
    # The released VE chain's ancestral step: no level below the next, and the same state.
    if eta != 1:
        raise NotImplementedError("the chain's own noise alone")
    added = sigma_t**2 - sigma_s**2
    score = (x_0 - x_t) / sigma_t**2
    return x_t + score * added + (sigma_s**2 * added / sigma_t**2) ** 0.5 * z


def euler_ancestral_step__noise_from_the_top(x_t, x_0, z, sigma_s, sigma_t, eta):
    if eta != 1:
        raise NotImplementedError("the chain's own noise alone")
    added = sigma_t**2 - sigma_s**2
    return x_t + (x_0 - x_t) / sigma_t**2 * added + added**0.5 * z


def reverse_sde_drift__plus_for_time_that_falls(x_t, score, drift_rate, diffusion):
    # Stated for a clock that runs from noise to data, where every sign is turned, and turned back.
    backwards = -drift_rate * x_t + diffusion**2 * score
    return -backwards


def reverse_sde_drift__half(x_t, score, drift_rate, diffusion):
    return drift_rate * x_t - 0.5 * diffusion**2 * score


def ddpm_step__ddim_with_eta_one(x_t, x_0, z, alpha_bar_s, alpha_bar_t):
    eps = (x_t - alpha_bar_t**0.5 * x_0) / (1 - alpha_bar_t) ** 0.5
    variance = (1 - alpha_bar_s) / (1 - alpha_bar_t) * (1 - alpha_bar_t / alpha_bar_s)
    return alpha_bar_s**0.5 * x_0 + (1 - alpha_bar_s - variance) ** 0.5 * eps + variance**0.5 * z


def ddpm_step__marginal_noise_kept(x_t, x_0, z, alpha_bar_s, alpha_bar_t):
    eps = (x_t - alpha_bar_t**0.5 * x_0) / (1 - alpha_bar_t) ** 0.5
    variance = (1 - alpha_bar_s) / (1 - alpha_bar_t) * (1 - alpha_bar_t / alpha_bar_s)
    return alpha_bar_s**0.5 * x_0 + (1 - alpha_bar_s) ** 0.5 * eps + variance**0.5 * z


def x_0_from_eps__root_of_recip_less_one(x_t, eps, alpha_bar_t):
    return (1 / alpha_bar_t) ** 0.5 * x_t - (1 / alpha_bar_t - 1) ** 0.5 * eps


def x_0_from_eps__recip_of_the_noise(x_t, eps, alpha_bar_t):
    return (1 / alpha_bar_t) ** 0.5 * x_t - (1 - alpha_bar_t) ** 0.5 * eps


_NUMPY = ("numpy",)

QUESTIONS = {
    "ddim-sigma": Question(
        "DDIM's sigma under one root, or two (Song et al. 2021, Eq. (16))",
        (ddim_noise_scale__two_roots, ddim_noise_scale__one_root),
        (ddim_noise_scale__levels_swapped,),
    ),
    "learned-range": Question(
        "openai/improved-diffusion: (output + 1)/2 between the two log variances",
        (posterior_log_variance_learned__output_in_minus_one_to_one,),
        (posterior_log_variance_learned__output_as_share,),
        _NUMPY,
    ),
    "mean-of-noise": Question(
        "openai/guided-diffusion#146, lucidrains/denoising-diffusion-pytorch#135: the mean through x_0, or Eq. (11)",
        (posterior_mean__of_noise,),
        (posterior_mean__of_noise_step_alpha,),
        _NUMPY,
    ),
    "corrector-alpha": Question(
        "yang-song/score_sde_pytorch#73: the corrector's alpha is 1 - beta, not the running product",
        (corrector_step_vp__alpha_of_one_step,),
        (corrector_step_vp__root_of_alpha,),
    ),
    "repaint": Question(
        "huggingface/diffusers#10185, #10644: the root that RePaint's Algorithm 1 leaves out",
        (marginal_sample__known_region,),
        (marginal_sample__known_region_as_printed,),
    ),
    "sd3-shift": Question(
        "bghira/SimpleTuner#892: Stable Diffusion 3's shift and its reciprocal form",
        (shifted_time__reciprocal, shifted_time__scale_beside_signal),
        (shifted_time__inverted,),
    ),
    "flux-shift": Question(
        "Flux's exp(mu), which is the shift",
        (exponentially_shifted_time__power_of_one,),
        (exponentially_shifted_time__not_exponential,),
    ),
    "imagen-log-snr": Question(
        "lucidrains' beta_linear_log_snr: -log(expm1(.)) is the log SNR of the VP process",
        (edm_sigma_from_vp_time__log_snr,),
        (edm_sigma_from_vp_time__sigmoid,),
        _NUMPY,
    ),
    "cosine-log-snr": Question(
        "simple diffusion's -2*log(tan(pi*t/2))",
        (edm_sigma_from_cosine_time__log_snr_of_tangent,),
        (edm_sigma_from_cosine_time__whole_log_snr,),
        _NUMPY,
    ),
    "v-sign": Question(
        "v is alpha*eps - sigma*x_0, data taken off",
        (v_from_eps__of_the_angle,),
        (v_from_eps__turned,),
    ),
    "langevin-half": Question(
        "Langevin's two forms: alpha/2 beside sqrt(alpha), eps beside sqrt(2*eps)",
        (langevin_step__half_step_named,),
        (langevin_step__root_of_half,),
    ),
    "ancestral-down": Question(
        "k-diffusion's step below the next level and noise back up is the VE chain's ancestral step",
        (euler_ancestral_step__as_the_chain,),
        (euler_ancestral_step__noise_from_the_top,),
    ),
    "reverse-sign": Question(
        "the reverse drift's sign hangs on the clock's direction",
        (reverse_sde_drift__plus_for_time_that_falls,),
        (reverse_sde_drift__half,),
    ),
    "ddim-eta-one": Question(
        "DDIM with eta = 1 is DDPM's sampler, though no posterior mean is in it",
        (ddpm_step__ddim_with_eta_one,),
        (ddpm_step__marginal_noise_kept,),
    ),
    "recip-less-one": Question(
        "tqch/ddpm-torch: sqrt(1/alpha_bar - 1), right before a prediction of noise and wrong as a noise scale",
        (x_0_from_eps__root_of_recip_less_one,),
        (x_0_from_eps__recip_of_the_noise,),
    ),
}

right = adapter(QUESTIONS)
