"""Single formulas in a form that is often asked about: it looks unlike the paper's and is equal to it."""

import math

import numpy as np

from tests.adapters.suspected import Question


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
    return 0.5 * ((score_hat / sigma_t + eps / sigma_t) ** 2).reshape(len(eps), -1).sum(1)


def marginal_sample__known_region(betas, t_index, x_0, eps):
    kept = (1 - betas).cumprod(0)[t_index]
    return kept**0.5 * x_0 + (1 - kept) ** 0.5 * eps


def marginal_sample__known_region_as_printed(betas, t_index, x_0, eps):
    kept = (1 - betas).cumprod(0)[t_index]
    return kept**0.5 * x_0 + (1 - kept) * eps


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


def min_snr_weight_v__eps_weight_times_share(snr_t, gamma):
    capped = snr_t * (snr_t < gamma) + gamma * (snr_t >= gamma)
    return capped / snr_t * (snr_t / (snr_t + 1))


def min_snr_weight_v__of_eps(snr_t, gamma):
    capped = snr_t * (snr_t < gamma) + gamma * (snr_t >= gamma)
    return capped / snr_t


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
    "repaint": Question(
        "huggingface/diffusers#10185, #10644: the root that RePaint's Algorithm 1 leaves out",
        (marginal_sample__known_region,),
        (marginal_sample__known_region_as_printed,),
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
    "min-snr-v": Question(
        "kohya-ss/sd-scripts#673: snr + 1 below the cap",
        (min_snr_weight_v__eps_weight_times_share,),
        (min_snr_weight_v__of_eps,),
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
}
