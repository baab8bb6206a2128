"""Threads whose answer was that the code is right, in the code's own terms; N numbers are the collection's."""

import math

import numpy as np
import torch

from tests.adapters.suspected import Question, adapter


def betas_cosine__grid_past_the_end(T, offset, beta_max):
    steps = T + 1
    grid = np.linspace(0, steps, steps, dtype=np.float64)
    kept = np.cos(((grid / steps) + float(offset)) / (1 + float(offset)) * np.pi * 0.5) ** 2
    kept = kept / kept[0]
    return np.clip(1 - kept[1:] / kept[:-1], 0, float(beta_max))


def betas_cosine__grid_to_the_end(T, offset, beta_max):
    grid = torch.linspace(0, T, T + 1, dtype=torch.float64)
    kept = torch.cos((grid / T + float(offset)) / (1 + float(offset)) * math.pi * 0.5) ** 2
    kept = kept / kept[0]
    return torch.clip(1 - kept[1:] / kept[:-1], 0, float(beta_max))


def betas_cosine__first_line_alone_changed(T, offset, beta_max):
    grid = np.linspace(0, T, T + 1, dtype=np.float64)
    kept = np.cos((grid / (T + 1) + offset) / (1 + offset) * np.pi * 0.5) ** 2
    kept = kept / kept[0]
    return np.clip(1 - kept[1:] / kept[:-1], 0, beta_max)


def edm_denoiser_from_v__minus_sigma(x_t, v_hat, sigma_t):
    return v_hat * (-sigma_t / (sigma_t**2 + 1) ** 0.5) + (x_t / (sigma_t**2 + 1))


def edm_denoiser_from_v__scaled_input(x_t, v_hat, sigma_t):
    c_skip, c_out, c_in = 1 / (sigma_t**2 + 1), -sigma_t / (sigma_t**2 + 1) ** 0.5, 1 / (sigma_t**2 + 1) ** 0.5
    return c_out * v_hat + c_skip / c_in * (x_t * c_in)


def edm_denoiser_from_v__plus_sigma(x_t, v_hat, sigma_t):
    return v_hat * (sigma_t / (sigma_t**2 + 1) ** 0.5) + (x_t / (sigma_t**2 + 1))


def edm_denoiser_from_v__root_of_signal_power(x_t, v_hat, sigma_t):
    kept = 1 / (sigma_t**2 + 1)
    return x_t * kept**0.5 - v_hat * (1 - kept) ** 0.5


def linear_path_velocity__from_the_state(x_t, x_0, time, sigma_min):
    # The thread's time is 0 at noise, its x1 are data: its velocity is ours turned round.
    t, x1, xt = 1 - time, x_0, x_t
    return -(x1 - (1 - sigma_min) * xt) / (1 - (1 - sigma_min) * t)


def linear_path_velocity__from_the_noise(x_t, x_0, time, sigma_min):
    t, x1 = 1 - time, x_0
    x0 = (x_t - t * x1) / (1 - (1 - sigma_min) * t)
    return -(x1 - (1 - sigma_min) * x0)


def linear_path_velocity__time_in_the_numerator(x_t, x_0, time, sigma_min):
    t, x1 = 1 - time, x_0
    return -(x1 - (1 - sigma_min) * t) / (1 - (1 - sigma_min) * t) + 0 * x_t


def linear_path_velocity__state_as_noise(x_t, x_0, time, sigma_min):
    return -(x_0 - (1 - sigma_min) * x_t)


def posterior_mean__alpha_next_over_alpha(x_0, x_t, alpha_s, alpha_t, logsnr_s, logsnr_t):
    c = -np.expm1(logsnr_t - logsnr_s)
    alpha_next, alpha = alpha_s, alpha_t
    return alpha_next * (x_t * (1 - c) / alpha + c * x_0)


def posterior_mean__of_predicted_noise(x_0, x_t, alpha_s, alpha_t, sigma_t, logsnr_s, logsnr_t):
    c = -np.expm1(logsnr_t - logsnr_s)
    noise = (x_t - alpha_t * x_0) / sigma_t
    return alpha_s / alpha_t * (x_t - c * sigma_t * noise)


def posterior_mean__alpha_over_alpha_next(x_0, x_t, alpha_s, alpha_t, sigma_t, logsnr_s, logsnr_t):
    c = -np.expm1(logsnr_t - logsnr_s)
    noise = (x_t - alpha_t * x_0) / sigma_t
    return alpha_t / alpha_s * (x_t - c * sigma_t * noise)


def _offset(bin_width):
    """The released code's offset, with its inverse scaler of [-1, 1] or of [0, 1]."""
    if bin_width not in (1 / 128, 1 / 256):
        raise NotImplementedError("data on [-1, 1] or [0, 1] alone")
    return 7.0 - ((-1.0 + 1.0) / 2.0 if bin_width == 1 / 128 else -1.0)


def dequantised_bits_per_dimension__seven_less_the_scaler(log_density, dimensions, bin_width):
    return -log_density / math.log(2) / dimensions + _offset(float(bin_width))


def dequantised_bits_per_dimension__eight_always(log_density, dimensions, bin_width):
    return -log_density / math.log(2) / dimensions + (8 if _offset(float(bin_width)) else 0)


def dequantised_bits_per_dimension__no_offset(log_density, dimensions, bin_width):
    return -log_density / math.log(2) / dimensions + 0 * _offset(float(bin_width))


def residual_shift_sample__whole_variance(x_0, x_degraded, eps, shift_t, shift_noise):
    mean = shift_t * (x_degraded - x_0) + x_0
    variance = shift_t * shift_noise**2
    return mean + variance**0.5 * eps


def residual_shift_sample__variance_of_alphas(x_0, x_degraded, eps, shift_s, shift_t, shift_noise):
    mean = shift_t * (x_degraded - x_0) + x_0
    variance = (shift_t - shift_s) * shift_noise**2
    return mean + variance**0.5 * eps


def _resshift(alpha_s, alpha_t, sigma_s, sigma_t):
    """The released code's tables of a chain of two levels, at some kappa: etas, what each adds, and kappa."""
    if alpha_s != 1 or alpha_t != 1 or sigma_s == 0:
        raise NotImplementedError("a residual's chain keeps the data's scale, and its log variance is clipped at the first step")
    kappa = 2.0
    etas_prev, etas = sigma_s**2 / kappa**2, sigma_t**2 / kappa**2
    return etas_prev, etas, etas - etas_prev, kappa


def general_posterior_mean__shares_of_the_residual(x_0, x_t, alpha_s, sigma_s, alpha_t, sigma_t):
    etas_prev, etas, alpha, _ = _resshift(alpha_s, alpha_t, sigma_s, sigma_t)
    return etas_prev / etas * x_t + alpha / etas * x_0


def general_posterior_variance__kappa_squared(alpha_s, sigma_s, alpha_t, sigma_t):
    etas_prev, etas, alpha, kappa = _resshift(alpha_s, alpha_t, sigma_s, sigma_t)
    return kappa**2 * etas_prev / etas * alpha


def general_posterior_variance__alpha_alone(alpha_s, sigma_s, alpha_t, sigma_t):
    _, _, alpha, kappa = _resshift(alpha_s, alpha_t, sigma_s, sigma_t)
    return kappa**2 * alpha


def simple_loss__noise_itself(eps, eps_hat):
    return ((eps - eps_hat) ** 2).reshape(len(eps), -1).mean(1)


def simple_loss__noise_as_it_is_added(eps, eps_hat):
    coef2 = (1 - 0.0625) ** 0.5  # sqrt(1 - alpha_bar_t) at some t
    return ((coef2 * eps - eps_hat) ** 2).reshape(len(eps), -1).mean(1)


def marginal_sample__both_roots(alpha_bar_t, x_0, eps):
    return (alpha_bar_t**0.5) * x_0 + (1.0 - alpha_bar_t) ** 0.5 * eps


def marginal_sample__one_root(alpha_bar_t, x_0, eps):
    return (alpha_bar_t**0.5) * x_0 + (1.0 - alpha_bar_t) * eps


def ddim_step_exponential__phi_of_expm1(x_t, x_0, logsnr_s, logsnr_t, alpha_s, sigma_s, sigma_t):
    # The repository steps from its s to its t; phi_1 = expm1(-h) holds the -1 that the paper writes out.
    phi_1 = np.expm1(-(logsnr_s - logsnr_t) / 2)
    return sigma_s / sigma_t * x_t - alpha_s * phi_1 * x_0


def ddim_step_exponential__one_taken_off_twice(x_t, x_0, logsnr_s, logsnr_t, alpha_s, sigma_s, sigma_t):
    phi_1 = np.expm1(-(logsnr_s - logsnr_t) / 2)
    return sigma_s / sigma_t * x_t - alpha_s * (phi_1 - 1) * x_0


def ddim_step_exponential__noise_form_for_data(x_t, x_0, logsnr_s, logsnr_t, alpha_s, alpha_t, sigma_s):
    return alpha_s / alpha_t * x_t - sigma_s * np.expm1((logsnr_s - logsnr_t) / 2) * x_0


def ddim_step_exponential_eps__log_alphas(x_t, eps, logsnr_s, logsnr_t, log_alpha_bar_s, log_alpha_bar_t, sigma_s):
    phi_1 = np.expm1((logsnr_s - logsnr_t) / 2)
    return np.exp((log_alpha_bar_s - log_alpha_bar_t) / 2) * x_t - (sigma_s * phi_1) * eps


def ddim_step_exponential_eps__one_taken_off_twice(x_t, eps, logsnr_s, logsnr_t, log_alpha_bar_s, log_alpha_bar_t, sigma_s):
    phi_1 = np.expm1((logsnr_s - logsnr_t) / 2)
    return np.exp((log_alpha_bar_s - log_alpha_bar_t) / 2) * x_t - (sigma_s * (phi_1 - 1)) * eps


def lcm_c_out__tends_to_one(t_index, timestep_scaling, sigma_data):
    scaled = t_index * timestep_scaling
    return scaled / (scaled**2 + sigma_data**2) ** 0.5


def lcm_c_out__as_edm(t_index, timestep_scaling, sigma_data):
    scaled = t_index * timestep_scaling
    return scaled * sigma_data / (scaled**2 + sigma_data**2) ** 0.5


def lcm_c_skip__one_at_the_boundary(t_index, timestep_scaling, sigma_data):
    return sigma_data**2 / ((t_index * timestep_scaling) ** 2 + sigma_data**2)


_NUMPY = ("numpy",)

QUESTIONS = {
    "N01": Question(
        "lucidrains/denoising-diffusion-pytorch#19, jannerm/diffuser#68: linspace(0, T + 1, T + 1)/(T + 1)",
        (betas_cosine__grid_past_the_end, betas_cosine__grid_to_the_end),
        (betas_cosine__first_line_alone_changed,),
        _NUMPY,
    ),
    "N03": Question(
        "huggingface/diffusers#1481: the sign of c_out",
        (edm_denoiser_from_v__minus_sigma,),
        (edm_denoiser_from_v__plus_sigma,),
    ),
    "N07": Question(
        "atong01/conditional-flow-matching#156, #175: the target from the state",
        (linear_path_velocity__from_the_state, linear_path_velocity__from_the_noise),
        (linear_path_velocity__time_in_the_numerator, linear_path_velocity__state_as_noise),
    ),
    "N09": Question(
        "lucidrains/denoising-diffusion-pytorch#173: alpha_next/alpha",
        (posterior_mean__alpha_next_over_alpha, posterior_mean__of_predicted_noise),
        (posterior_mean__alpha_over_alpha_next,),
        _NUMPY,
    ),
    "N11": Question(
        "yang-song/score_sde_pytorch#51: offset = 7 - inverse_scaler(-1)",
        (dequantised_bits_per_dimension__seven_less_the_scaler,),
        (dequantised_bits_per_dimension__eight_always, dequantised_bits_per_dimension__no_offset),
    ),
    "N13-resshift": Question(
        "zsyOAOA/ResShift#83: etas, not alphas, in the variance of x_t given x_0",
        (residual_shift_sample__whole_variance,),
        (residual_shift_sample__variance_of_alphas,),
    ),
    "N13-resshift-mean": Question("zsyOAOA/ResShift: the posterior's mean", (general_posterior_mean__shares_of_the_residual,)),
    "N13-resshift-variance": Question(
        "zsyOAOA/ResShift: the posterior's variance, where alphas do stand",
        (general_posterior_variance__kappa_squared,),
        (general_posterior_variance__alpha_alone,),
    ),
    "N13-tqch": Question(
        "tqch/ddpm-torch#2: the target is noise of unit scale",
        (simple_loss__noise_itself,),
        (simple_loss__noise_as_it_is_added,),
    ),
    "N13-csdi": Question(
        "ermongroup/CSDI#9: the root over 1 - alpha, which the paper leaves out",
        (marginal_sample__both_roots,),
        (marginal_sample__one_root,),
    ),
    "N13-dpm-solver": Question(
        "LuChengTHU/dpm-solver#61: phi_1 for data",
        (ddim_step_exponential__phi_of_expm1,),
        (ddim_step_exponential__one_taken_off_twice, ddim_step_exponential__noise_form_for_data),
        _NUMPY,
    ),
    "N13-dpm-solver-eps": Question(
        "LuChengTHU/dpm-solver#61: phi_1 for noise",
        (ddim_step_exponential_eps__log_alphas,),
        (ddim_step_exponential_eps__one_taken_off_twice,),
        _NUMPY,
    ),
    "N15": Question(
        "huggingface/diffusers#8547: c_out without sigma_data",
        (lcm_c_out__tends_to_one,),
        (lcm_c_out__as_edm,),
    ),
    "N15-skip": Question("huggingface/diffusers#8547: c_skip", (lcm_c_skip__one_at_the_boundary,)),
    "7046": Question(
        "huggingface/diffusers#7046: the state divided by sigma**2 + 1 without a root",
        (edm_denoiser_from_v__minus_sigma, edm_denoiser_from_v__scaled_input),
        (edm_denoiser_from_v__root_of_signal_power,),
    ),
}

right = adapter(QUESTIONS)
