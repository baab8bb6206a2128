"""Adapter of a small NumPy library: its functions under our names, textbook forms, every dtype as it comes."""

import math

import numpy as np

from tests.adapters.numpy_library import GaussianDiffusion, mean_flat, normal_kl, sum_flat


def betas_linear(T, beta_start, beta_end):
    return np.linspace(beta_start, beta_end, T)


def betas_scaled_linear(T, beta_start, beta_end):
    return np.linspace(beta_start**0.5, beta_end**0.5, T) ** 2


def betas_cosine(T, offset, beta_max):
    def f(u):
        return math.cos((u + offset) / (1 + offset) * math.pi / 2) ** 2

    return np.array([min(1 - f((i + 1) / T) / f(i / T), beta_max) for i in range(T)])


def betas_sigmoid(T, beta_start, beta_end):
    x = np.linspace(-6, 6, T)
    return 1 / (1 + np.exp(-x)) * (beta_end - beta_start) + beta_start


def betas_zero_terminal_snr(betas):
    root = np.sqrt(np.cumprod(1 - betas))
    first, last = root[0].copy(), root[-1].copy()
    root = (root - last) * (first / (first - last))
    bars = root**2
    return 1 - np.concatenate([bars[:1], bars[1:] / bars[:-1]])


def alpha_bar(betas):
    return GaussianDiffusion(betas).alphas_cumprod


def log_alpha_bar(betas):
    return np.log(np.cumprod(1 - betas))


def alpha(betas, t_index):
    return GaussianDiffusion(betas).sqrt_alphas_cumprod[t_index]


def sigma(betas, t_index):
    return GaussianDiffusion(betas).sqrt_one_minus_alphas_cumprod[t_index]


def snr(betas, t_index):
    bar = GaussianDiffusion(betas).alphas_cumprod[t_index]
    return bar / (1 - bar)


def logsnr(alpha_bar_t):
    return np.log(alpha_bar_t) - np.log(1 - alpha_bar_t)


def timesteps_leading(T, n, steps_offset):
    return (np.arange(n) * (T // n)).round()[::-1] + steps_offset + 1


def timesteps_trailing(T, n):
    return np.round(np.arange(T, 0, -T / n)).astype(np.int64)[:n]


def timesteps_linspace(T, n):
    return np.linspace(0, T - 1, n).round()[::-1].astype(np.int64) + 1


def marginal_mean(betas, t_index, x_0):
    return GaussianDiffusion(betas).sqrt_alphas_cumprod[t_index] * x_0


def marginal_variance(alpha_bar_t):
    return 1 - alpha_bar_t


def marginal_sample(betas, t_index, x_0, eps):
    return GaussianDiffusion(betas).q_sample(x_0, t_index, eps)


def transition_mean(betas, s_index, t_index, x_s):
    diffusion = GaussianDiffusion(betas)
    return np.sqrt(diffusion.level(t_index) / diffusion.level(s_index)) * x_s


def transition_variance(betas, s_index, t_index):
    return GaussianDiffusion(betas).step_beta(s_index, t_index)


def posterior_mean_x_0_coefficient(betas, s_index, t_index):
    return GaussianDiffusion(betas).q_posterior_coefficients(s_index, t_index)[0]


def posterior_mean_x_t_coefficient(betas, s_index, t_index):
    return GaussianDiffusion(betas).q_posterior_coefficients(s_index, t_index)[1]


def posterior_mean(betas, s_index, t_index, x_0, x_t):
    return GaussianDiffusion(betas).q_posterior_mean(x_0, x_t, s_index, t_index)


def posterior_variance(betas, s_index, t_index):
    return GaussianDiffusion(betas).q_posterior_variance(s_index, t_index)


def posterior_variance_large(betas, s, t):
    # One step of the table is the table itself; longer ones come from the products.
    return betas[t - 1] if s == t - 1 else GaussianDiffusion(betas).step_beta(s - 1, t - 1)


def posterior_log_variance(betas, s_index, t_index):
    return np.log(GaussianDiffusion(betas).q_posterior_variance(s_index, t_index))


def posterior_log_variance_large(betas, s, t):
    return np.log(posterior_variance_large(betas, s, t))


def posterior_log_variance_learned(betas, s, t, interpolation):
    low, high = posterior_log_variance(betas, s - 1, t - 1), posterior_log_variance_large(betas, s, t)
    return interpolation * high + (1 - interpolation) * low


def x_0_from_eps(x_t, eps, alpha_t, sigma_t):
    return (x_t - sigma_t * eps) / alpha_t


def eps_from_x_0(x_t, x_0, alpha_t, sigma_t):
    return (x_t - alpha_t * x_0) / sigma_t


def x_0_from_v(x_t, v, alpha_t, sigma_t):
    return alpha_t * x_t - sigma_t * v


def eps_from_v(x_t, v, alpha_t, sigma_t):
    return alpha_t * v + sigma_t * x_t


def v_from_eps(x_t, eps, alpha_t, sigma_t):
    return alpha_t * eps - sigma_t * x_0_from_eps(x_t, eps, alpha_t, sigma_t)


def v_from_x_0(x_t, x_0, alpha_t, sigma_t):
    return alpha_t * eps_from_x_0(x_t, x_0, alpha_t, sigma_t) - sigma_t * x_0


def score_from_eps(eps, sigma_t):
    return -eps / sigma_t


def score_from_x_0(x_t, x_0, alpha_t, sigma_t):
    return (alpha_t * x_0 - x_t) / sigma_t**2


def velocity_from_x_0(x_t, x_0, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    return alpha_dot_t * x_0 + sigma_dot_t * (x_t - alpha_t * x_0) / sigma_t


def gaussian_kl_isotropic(mean_1, variance_1, mean_2, variance_2):
    return sum_flat(normal_kl(mean_1, np.log(variance_1), mean_2, np.log(variance_2)))


def prior_kl(betas, x_0):
    diffusion = GaussianDiffusion(betas)
    mean = diffusion.sqrt_alphas_cumprod[-1] * x_0
    return sum_flat(normal_kl(mean, np.log(1.0 - diffusion.alphas_cumprod[-1]), 0.0, 0.0))


def denoising_kl(x_0, x_0_hat, snr_s, snr_t):
    return 0.5 * (snr_s - snr_t) * sum_flat((x_0 - x_0_hat) ** 2)


def simple_loss(eps, eps_hat):
    return mean_flat((eps - eps_hat) ** 2)


def bits_per_dimension(nats, dimensions):
    return nats / np.log(2.0) / dimensions


def simple_loss_weight(snr_s, snr_t):
    return 0.5 * (snr_s / snr_t - 1)


def snr_weight_x_0(alpha_t, sigma_t):
    return (alpha_t / sigma_t) ** 2


def snr_weight_v(snr_t):
    return snr_t / (snr_t + 1)


def min_snr_weight_x_0(snr_t, gamma):
    return min(snr_t, gamma)


def min_snr_weight_eps(snr_t, gamma):
    return np.minimum(snr_t, gamma) / snr_t


def min_snr_weight_v(snr_t, gamma):
    return np.minimum(snr_t, gamma) / (snr_t + 1)


def ddpm_step(betas, s_index, t_index, x_t, x_0, z):
    diffusion = GaussianDiffusion(betas)
    mean = diffusion.q_posterior_mean(x_0, x_t, s_index, t_index)
    return mean if s_index < 0 else mean + np.sqrt(diffusion.q_posterior_variance(s_index, t_index)) * z


def ddim_noise_scale(betas, s_index, t_index, eta):
    return GaussianDiffusion(betas).ddim_sigma(s_index, t_index, eta)


def ddim_step(betas, s_index, t_index, x_t, x_0, z, eta):
    return GaussianDiffusion(betas).ddim(x_t, x_0, z, s_index, t_index, eta)


def ddim_path(denoiser, x_T, z, eta, betas, timesteps):
    diffusion, x, states = GaussianDiffusion(betas), x_T, [x_T]
    indices = [*(timesteps - 1), -1]
    for noise, now, prev in zip(z, indices[:-1], indices[1:], strict=True):
        x = diffusion.ddim(x, denoiser(x, now + 1), noise, prev, now, eta)
        states.append(x)
    return np.stack(states)


def denoiser_dirac(x_t, points, alpha_t, sigma_t):
    logits = -((x_t[:, None] - alpha_t * points[None]) ** 2).sum(-1) / (2 * sigma_t**2)
    weights = np.exp(logits - logits.max(1, keepdims=True))
    return weights / weights.sum(1, keepdims=True) @ points
