"""Several resolutions, batched: pooling and upsampling, schedules carried over, nested forward processes."""

import math

import torch
from torch import Tensor

from refdiff.production.posterior import general_posterior_mean, general_posterior_variance

__all__ = [
    "average_pool",
    "logsnr_interpolated",
    "logsnr_shifted",
    "nearest_upsample",
    "nested_coarse_variance",
    "nested_cross_covariance",
    "nested_cross_covariance_shared_noise",
    "nested_joint_posterior_mean",
    "nested_joint_posterior_variances",
    "nested_joint_sample",
    "nested_posterior_mean",
    "nested_posterior_mean_shared_noise",
    "nested_posterior_variance",
    "nested_posterior_variance_shared_noise",
    "pooled_logsnr",
    "pooled_noise_scale",
]

Number = Tensor | float


def _count(x: Tensor, pooling: int) -> int:
    """Entries of a block."""
    return int(pooling ** (x.ndim - 1))


def average_pool(x: Tensor, pooling: int) -> Tensor:
    """Mean of each block of `pooling` along every axis but the first. Source: Gu et al. 2023, arXiv:2310.15111v2, section 3.1."""
    for axis in range(1, x.ndim):
        if x.shape[axis] % pooling:
            raise ValueError(f"axis {axis} of length {x.shape[axis]} is no multiple of {pooling}; crop or pad the states first")
        x = x.unflatten(axis, (-1, pooling)).mean(axis + 1)
    return x


def nearest_upsample(x: Tensor, pooling: int) -> Tensor:
    """Each entry repeated along every axis but the first. Source: Gu et al. 2023, arXiv:2310.15111v2, section 3.1."""
    for axis in range(1, x.ndim):
        x = x.repeat_interleave(pooling, axis)
    return x


def pooled_noise_scale(sigma_t: Tensor, pooling: int, axes: int) -> Tensor:
    """Noise scale of an average-pooled state. Source: Hoogeboom et al. 2023, arXiv:2301.11093v2, section 3.1."""
    return sigma_t / math.sqrt(pooling**axes)


def pooled_logsnr(logsnr_t: Tensor, pooling: int, axes: int) -> Tensor:
    """Log SNR of an average-pooled state. Source: Hoogeboom et al. 2023, arXiv:2301.11093v2, section 3.1."""
    return logsnr_t + axes * math.log(pooling)


def logsnr_shifted(logsnr_t: Tensor, resolution: int, resolution_base: int) -> Tensor:
    """Log SNR carried over to another resolution. Source: Hoogeboom et al. 2023, arXiv:2301.11093v2, section 3.1."""
    return logsnr_t + 2 * math.log(resolution_base / resolution)


def logsnr_interpolated(
    logsnr_t: Tensor,
    time: Number,
    resolution: int,
    resolution_base: int,
    resolution_high: int,
) -> Tensor:
    """Log SNR between two shifted schedules. Source: Hoogeboom et al. 2023, arXiv:2301.11093v2, section 3.1."""
    low, high = 2 * math.log(resolution_base / resolution), 2 * math.log(resolution_high / resolution)
    return logsnr_t + (time * low + (1 - time) * high)


def nested_coarse_variance(variance: Tensor, pooling: int, alpha_coarse: Number, sigma_coarse: Number) -> Tensor:
    """Variance of the coarse state. Source: Gu et al. 2023, arXiv:2310.15111v2, section 3.1."""
    return alpha_coarse**2 * average_pool(variance, pooling) / _count(variance, pooling) + sigma_coarse**2


def nested_cross_covariance(variance: Tensor, pooling: int, alpha_t: Number, alpha_coarse: Number) -> Tensor:
    """Covariance of fine and coarse states with noises of their own. Source: Gu et al. 2023, arXiv:2310.15111v2, section 3.1."""
    return alpha_t * alpha_coarse * variance / _count(variance, pooling)


def nested_cross_covariance_shared_noise(variance: Tensor, pooling: int, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Covariance of fine states with their average. Source: Hoogeboom et al. 2023, arXiv:2301.11093v2, section 3.1."""
    return (alpha_t**2 * variance + sigma_t**2) / _count(variance, pooling)


def nested_posterior_mean(
    x_coarse: Tensor,
    mean: Tensor,
    variance: Tensor,
    pooling: int,
    alpha_t: Number,
    alpha_coarse: Number,
    sigma_coarse: Number,
) -> Tensor:
    """Mean of the fine state given a coarse one with its own noise. Source: Gu et al. 2023, arXiv:2310.15111v2, section 3.1."""
    power = alpha_coarse**2 * average_pool(variance, pooling) + _count(mean, pooling) * sigma_coarse**2
    gap = x_coarse - alpha_coarse * average_pool(mean, pooling)
    return alpha_t * (mean + alpha_coarse * variance * nearest_upsample(gap / power, pooling))


def nested_posterior_variance(
    variance: Tensor,
    pooling: int,
    alpha_t: Number,
    sigma_t: Number,
    alpha_coarse: Number,
    sigma_coarse: Number,
) -> Tensor:
    """Variance of the fine state given a coarse one with noise of its own. Source: Gu et al. 2023, arXiv:2310.15111v2."""
    count = _count(variance, pooling)
    power = alpha_coarse**2 * average_pool(variance, pooling) + count * sigma_coarse**2
    return alpha_t**2 * variance * (1 - alpha_coarse**2 * variance / nearest_upsample(count * power, pooling)) + sigma_t**2


def nested_posterior_mean_shared_noise(
    x_coarse: Tensor,
    mean: Tensor,
    variance: Tensor,
    pooling: int,
    alpha_t: Number,
    sigma_t: Number,
) -> Tensor:
    """Mean of the fine state given its own average. Source: Hoogeboom et al. 2023, arXiv:2301.11093v2, section 3.1."""
    power = alpha_t**2 * variance + sigma_t**2
    gap = x_coarse - alpha_t * average_pool(mean, pooling)
    return torch.addcmul(alpha_t * mean, power, nearest_upsample(gap / average_pool(power, pooling), pooling))


def nested_posterior_variance_shared_noise(variance: Tensor, pooling: int, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Variance of the fine state given its own average. Source: Hoogeboom et al. 2023, arXiv:2301.11093v2, section 3.1."""
    power = alpha_t**2 * variance + sigma_t**2
    count = _count(variance, pooling)
    return power * (1 - power / nearest_upsample(count * average_pool(power, pooling), pooling))


def _beside(fine: Tensor, coarse: Tensor) -> Tensor:
    return torch.cat([fine.flatten(1), coarse.flatten(1)], dim=1)


def nested_joint_sample(
    x_0: Tensor, eps: Tensor, eps_coarse: Tensor, pooling: int, alpha_t: Number, sigma_t: Number, alpha_coarse: Number,
    sigma_coarse: Number,
) -> Tensor:  # fmt: skip
    """Fine and coarse state with noises of their own, in a row. Source: Gu et al. 2023, arXiv:2310.15111v2, section 3.1."""
    return _beside(alpha_t * x_0 + sigma_t * eps, alpha_coarse * average_pool(x_0, pooling) + sigma_coarse * eps_coarse)


def nested_joint_posterior_mean(
    x_0: Tensor, x_t: Tensor, x_coarse: Tensor, pooling: int, alpha_s: Number, sigma_s: Number, alpha_t: Number,
    sigma_t: Number, alpha_coarse_s: Number, sigma_coarse_s: Number, alpha_coarse: Number, sigma_coarse: Number,
) -> Tensor:  # fmt: skip
    """Mean of both states at s given both at t and x_0, in a row. Source: Gu et al. 2023, arXiv:2310.15111v2, section 3.1."""
    fine = general_posterior_mean(x_0, x_t, alpha_s, sigma_s, alpha_t, sigma_t)
    coarse = average_pool(x_0, pooling)
    return _beside(fine, general_posterior_mean(coarse, x_coarse, alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse))


def nested_joint_posterior_variances(
    alpha_s: Number, sigma_s: Number, alpha_t: Number, sigma_t: Number, alpha_coarse_s: Number, sigma_coarse_s: Number,
    alpha_coarse: Number, sigma_coarse: Number,
) -> Tensor:  # fmt: skip
    """Variance of an entry of both, shape (2, ...). Source: Gu et al. 2023, arXiv:2310.15111v2, section 3.1."""
    fine = general_posterior_variance(alpha_s, sigma_s, alpha_t, sigma_t)
    return torch.stack([fine, general_posterior_variance(alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse)])
