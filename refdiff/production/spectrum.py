"""Stationary data in PyTorch: Wiener's filter through the real fast Fourier transform.

Signals are real and periodic along the last axis; `power` is the variance of each coefficient of the orthonormal transform, for
all d frequencies, and power[k] is power[d - k].
"""

import torch
from torch import Tensor

__all__ = [
    "cutoff_frequency",
    "denoiser_stationary",
    "frequency_posterior_variance",
    "frequency_snr",
    "loss_floor_stationary",
    "noised_power",
    "power_law_spectrum",
    "score_stationary",
    "wiener_gain",
]

Number = Tensor | float


def noised_power(power: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Power spectrum of x_t. Source: Wiener 1949, chapter 3."""
    return alpha_t * alpha_t * power + sigma_t * sigma_t


def frequency_snr(power: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Signal-to-noise ratio of each coefficient. Source: Rissanen et al. 2023, arXiv:2206.13397v7."""
    ratio = alpha_t / sigma_t
    return ratio * ratio * power


def wiener_gain(power: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Factor from a coefficient of x_t to the mean of that of x_0. Source: Wiener 1949, chapter 3."""
    return alpha_t * power / noised_power(power, alpha_t, sigma_t)


def frequency_posterior_variance(power: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Variance of each coefficient of x_0 given x_t. Source: Wiener 1949, chapter 3."""
    return sigma_t * sigma_t * power / noised_power(power, alpha_t, sigma_t)


def loss_floor_stationary(power: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Least mean squared error per sample of the signal. Source: Wiener 1949, chapter 3."""
    return frequency_posterior_variance(power, alpha_t, sigma_t).mean(-1)


def _filtered(x: Tensor, gain: Tensor) -> Tensor:
    size = x.shape[-1]
    half = gain[..., : size // 2 + 1]
    filtered: Tensor = torch.fft.irfft(torch.fft.rfft(x) * half, n=size)
    return filtered


def denoiser_stationary(x_t: Tensor, mean: Tensor, power: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Mean of x_0 given x_t, for Gaussian data with a circulant covariance. Source: Wiener 1949, chapter 3."""
    return mean + _filtered(x_t - alpha_t * mean, wiener_gain(power, alpha_t, sigma_t))


def score_stationary(x_t: Tensor, mean: Tensor, power: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Gradient of log p_t at x_t. Source: Bishop 2006, section 2.3; Gray 2006, section 3.1."""
    return _filtered(alpha_t * mean - x_t, 1 / noised_power(power, alpha_t, sigma_t))


def power_law_spectrum(frequency: Tensor, power_at_one: Number, spectral_exponent: Number) -> Tensor:
    """Power at a frequency. Source: van der Schaaf and van Hateren 1996, section 3."""
    return power_at_one / frequency**spectral_exponent


def cutoff_frequency(power_at_one: Tensor, spectral_exponent: Number, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Frequency at which the SNR is 1. Source: Rissanen et al. 2023, arXiv:2206.13397v7, section on spectral analysis."""
    return frequency_snr(power_at_one, alpha_t, sigma_t) ** (1 / spectral_exponent)
