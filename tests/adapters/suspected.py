"""Code that people reported as wrong and that is right: none of it may be flagged.

N numbers are the reports'; the rest are forms that look unlike the paper's and are often asked about.
"""

import numpy as np


def betas_cosine(T, offset, beta_max):
    """N01: a grid up to T + 1 divided by T + 1 is the grid up to T divided by T."""
    grid = np.linspace(0, T + 1, T + 1, dtype=np.float64)
    bars = np.cos((grid / (T + 1) + offset) / (1 + offset) * np.pi * 0.5) ** 2
    bars = bars / bars[0]
    return np.clip(1 - bars[1:] / bars[:-1], 0, beta_max)


def x_0_from_v(x_t, v, sigma_over_alpha_t):
    """N03: c_out is negative for v = alpha*eps - sigma*x_0, with k-diffusion's sigma and its unscaled state."""
    total = sigma_over_alpha_t**2 + 1
    c_skip, c_out, c_in = 1 / total, -sigma_over_alpha_t / total**0.5, 1 / total**0.5
    return c_skip * (x_t / c_in) + c_out * v


def gaussian_kl_isotropic(mean_1, variance_1, mean_2, variance_2):
    """N05: the half in front makes a log variance's factor of 2 needless."""
    log_1, log_2 = np.log(variance_1), np.log(variance_2)
    each = 0.5 * (log_2 - log_1 - 1 + np.exp(log_1 - log_2) + (mean_1 - mean_2) ** 2 * np.exp(-log_2))
    return each.sum(axis=tuple(range(1, each.ndim)))


def velocity_from_x_0(x_t, x_0, alpha_t, sigma_t):
    """N07: on a straight path the target from the state equals the one from both ends."""
    if alpha_t + sigma_t != 1:
        raise NotImplementedError("straight paths only")
    return (x_t - x_0) / sigma_t


def _vdm(logsnr_s, logsnr_t):
    return -np.expm1(logsnr_t - logsnr_s)


def posterior_mean(x_0, x_t, alpha_s, alpha_t, logsnr_s, logsnr_t):
    """N09: alpha_next/alpha in VDM's mean is alpha_s/alpha_t, larger than 1, and belongs there."""
    c = _vdm(logsnr_s, logsnr_t)
    return alpha_s * (x_t * (1 - c) / alpha_t + c * x_0)


def posterior_variance(sigma_s, logsnr_s, logsnr_t):
    """N09: VDM's form of the same variance."""
    return sigma_s**2 * _vdm(logsnr_s, logsnr_t)


def bits_per_dimension(nats, dimensions):
    """N11: an offset for the data's scale belongs to the density, not to this conversion; base 2 by the change of base."""
    return nats / dimensions * np.log2(np.e)


def ddpm_step(x_t, x_0, z, alpha_bar_s, alpha_bar_t):
    """DDIM's step with eta = 1, written with the noise it predicts."""
    eps = (x_t - np.sqrt(alpha_bar_t) * x_0) / np.sqrt(1 - alpha_bar_t)
    variance = (1 - alpha_bar_s) / (1 - alpha_bar_t) * (1 - alpha_bar_t / alpha_bar_s)
    return np.sqrt(alpha_bar_s) * x_0 + np.sqrt(1 - alpha_bar_s - variance) * eps + np.sqrt(variance) * z


def x_0_from_eps(x_t, eps, sigma_over_alpha_t, alpha_t):
    """sqrt(1/alpha_bar - 1) is right here, where it multiplies eps, and wrong as a noise scale."""
    return x_t / alpha_t - sigma_over_alpha_t * eps


def min_snr_weight_x_0(snr_t, gamma):
    """The weight of eps, min(gamma/snr, 1), times the SNR."""
    return snr_t * np.minimum(gamma / snr_t, 1)


def denoising_kl(x_0, x_0_hat, logsnr_s, logsnr_t):
    """VDM's expm1 of the difference times the SNR at t."""
    error = (x_0 - x_0_hat) ** 2
    return 0.5 * np.expm1(logsnr_s - logsnr_t) * np.exp(logsnr_t) * error.sum(axis=tuple(range(1, error.ndim)))
