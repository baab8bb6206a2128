"""Losses, weights and guidance in a form that is often asked about: it looks unlike the paper's and is equal to it."""

import math

import numpy as np

from tests.adapters.suspected import Question, adapter


def vae_kl__log_variance_once(mean, log_variance):
    return (-0.5 * (1 + log_variance - mean**2 - np.exp(log_variance))).reshape(len(mean), -1).sum(1)


def vae_kl__log_variance_twice(mean, log_variance):
    return (-0.5 * (1 + 2 * log_variance - mean**2 - np.exp(log_variance))).reshape(len(mean), -1).sum(1)


def gaussian_log_density_isotropic__log_of_a_root(x, mean, variance):
    std = variance**0.5
    each = -((x - mean) ** 2) / (2 * std**2) - np.log(std) - math.log(math.sqrt(2 * math.pi))
    return each.reshape(len(each), -1).sum(1)


def gaussian_log_density_isotropic__log_without_half(x, mean, variance):
    std = variance**0.5
    each = -((x - mean) ** 2) / (2 * std**2) - np.log(std) - math.log(2 * math.pi)
    return each.reshape(len(each), -1).sum(1)


def denoising_score_matching_loss__weight_folded_in(score_hat, eps, sigma_t):
    return 0.5 * ((sigma_t * score_hat + eps) ** 2).reshape(len(eps), -1).sum(1)


def denoising_score_matching_loss__score_divided(score_hat, eps, sigma_t):
    return 0.5 * sigma_t**2 * ((score_hat / sigma_t + eps / sigma_t) ** 2).reshape(len(eps), -1).sum(1)


def edm_loss_weight__inverse_square_of_c_out(sigma_t, sigma_data):
    c_out = sigma_t * sigma_data / (sigma_t**2 + sigma_data**2) ** 0.5
    return 1 / c_out**2


def edm_loss_weight__sum_squared(sigma_t, sigma_data):
    return (sigma_t**2 + sigma_data**2) / (sigma_t + sigma_data) ** 2


def classifier_free_guidance__from_the_conditional(eps_unconditional, eps_conditional, guidance_scale):
    return eps_conditional + (guidance_scale - 1) * (eps_conditional - eps_unconditional)


def classifier_free_guidance__from_the_conditional_whole(eps_unconditional, eps_conditional, guidance_scale):
    return eps_conditional + guidance_scale * (eps_conditional - eps_unconditional)


def classifier_free_guidance_weighted__one_more(eps_unconditional, eps_conditional, guidance_weight):
    return eps_unconditional + (1 + guidance_weight) * (eps_conditional - eps_unconditional)


def classifier_free_guidance_weighted__as_a_scale(eps_unconditional, eps_conditional, guidance_weight):
    return eps_unconditional + guidance_weight * (eps_conditional - eps_unconditional)


def min_snr_weight_v__eps_weight_times_share(snr_t, gamma):
    capped = snr_t * (snr_t < gamma) + gamma * (snr_t >= gamma)
    return capped / snr_t * (snr_t / (snr_t + 1))


def min_snr_weight_v__of_eps(snr_t, gamma):
    capped = snr_t * (snr_t < gamma) + gamma * (snr_t >= gamma)
    return capped / snr_t


def min_snr_weight_x_0__of_eps_times_snr(snr_t, gamma):
    ratio = gamma / snr_t
    return snr_t * (ratio * (ratio < 1) + 1 * (ratio >= 1))


def min_snr_weight_x_0__not_multiplied(snr_t, gamma):
    ratio = gamma / snr_t
    return ratio * (ratio < 1) + 1 * (ratio >= 1)


def denoising_kl__expm1_of_gamma(x_0, x_0_hat, logsnr_s, logsnr_t):
    error = ((x_0 - x_0_hat) ** 2).reshape(len(x_0), -1).sum(1)
    return 0.5 * np.expm1(logsnr_s - logsnr_t) * np.exp(logsnr_t) * error


def denoising_kl__weight_of_noise(x_0, x_0_hat, logsnr_s, logsnr_t):
    error = ((x_0 - x_0_hat) ** 2).reshape(len(x_0), -1).sum(1)
    return 0.5 * np.expm1(logsnr_s - logsnr_t) * error


def gaussian_kl_isotropic__logvars_without_two(mean_1, variance_1, mean_2, variance_2):
    log_1, log_2 = np.log(variance_1), np.log(variance_2)
    each = 0.5 * (-1.0 + log_2 - log_1 + np.exp(log_1 - log_2) + (mean_1 - mean_2) ** 2 * np.exp(-log_2))
    return each.reshape(len(each), -1).sum(1)


def gaussian_kl_isotropic__twice_the_log_stds(mean_1, variance_1, mean_2, variance_2):
    std_1, std_2 = np.sqrt(variance_1), np.sqrt(variance_2)
    each = 0.5 * (-1.0 + 2 * (np.log(std_2) - np.log(std_1)) + variance_1 / variance_2 + (mean_1 - mean_2) ** 2 / variance_2)
    return each.reshape(len(each), -1).sum(1)


def gaussian_kl_isotropic__twice_the_logvars(mean_1, variance_1, mean_2, variance_2):
    log_1, log_2 = np.log(variance_1), np.log(variance_2)
    each = 0.5 * (-1.0 + 2 * (log_2 - log_1) + np.exp(log_1 - log_2) + (mean_1 - mean_2) ** 2 * np.exp(-log_2))
    return each.reshape(len(each), -1).sum(1)


_NUMPY = ("numpy",)

QUESTIONS = {
    "N05": Question(
        "openai/improved-diffusion#119: log variances without a factor of 2",
        (gaussian_kl_isotropic__logvars_without_two, gaussian_kl_isotropic__twice_the_log_stds),
        (gaussian_kl_isotropic__twice_the_logvars,),
        _NUMPY,
    ),
    "vae-kl": Question(
        "AntixK/PyTorch-VAE#69, rstudio/keras3#359: the log variance without a 2",
        (vae_kl__log_variance_once,),
        (vae_kl__log_variance_twice,),
        _NUMPY,
    ),
    "log-of-root": Question(
        "yifan123/flow_grpo#108: log(sqrt(2*pi)) without a half",
        (gaussian_log_density_isotropic__log_of_a_root,),
        (gaussian_log_density_isotropic__log_without_half,),
        _NUMPY,
    ),
    "dsm-weight": Question(
        "txie-93/cdvae#7: sigma**2 folded into the norm",
        (denoising_score_matching_loss__weight_folded_in,),
        (denoising_score_matching_loss__score_divided,),
    ),
    "edm-weight": Question(
        "lucidrains/alphafold3-pytorch#68: 1/c_out**2, where AlphaFold 3's supplement prints a sum",
        (edm_loss_weight__inverse_square_of_c_out,),
        (edm_loss_weight__sum_squared,),
    ),
    "guidance": Question(
        "guidance from the conditional estimate takes the scale less one",
        (classifier_free_guidance__from_the_conditional,),
        (classifier_free_guidance__from_the_conditional_whole,),
    ),
    "guidance-weight": Question(
        "Ho and Salimans' w is the scale less one",
        (classifier_free_guidance_weighted__one_more,),
        (classifier_free_guidance_weighted__as_a_scale,),
    ),
    "min-snr-v": Question(
        "kohya-ss/sd-scripts#673: snr + 1 below the cap",
        (min_snr_weight_v__eps_weight_times_share,),
        (min_snr_weight_v__of_eps,),
    ),
    "min-snr-x-0": Question(
        "min(gamma/snr, 1) of noise is min(snr, gamma) of data",
        (min_snr_weight_x_0__of_eps_times_snr,),
        (min_snr_weight_x_0__not_multiplied,),
    ),
    "vdm-expm1": Question(
        "VDM's expm1(gamma_t - gamma_s), of noise, times the SNR, of data",
        (denoising_kl__expm1_of_gamma,),
        (denoising_kl__weight_of_noise,),
        _NUMPY,
    ),
}

right = adapter(QUESTIONS)
