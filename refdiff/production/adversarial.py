"""Denoising with a GAN in PyTorch: losses, the generator's step, and the true denoising law of Gaussian mixtures."""

import math

import torch
from torch import Tensor

__all__ = [
    "ddgan_step",
    "denoising_posterior_log_density_mixture",
    "denoising_posterior_means_mixture",
    "denoising_posterior_variances_mixture",
    "denoising_posterior_weights_mixture",
    "discriminator_loss",
    "generator_loss_nonsaturating",
    "optimal_discriminator",
]


def optimal_discriminator(log_density_real: Tensor, log_density_fake: Tensor) -> Tensor:
    """Best probability that a point is data. Source: Goodfellow et al. 2014, arXiv:1406.2661v1, Eq. (2)."""
    return torch.sigmoid(log_density_real - log_density_fake)


def discriminator_loss(logit_real: Tensor, logit_fake: Tensor) -> Tensor:
    """Cross entropy on a real and a generated point each. Source: Goodfellow et al. 2014, arXiv:1406.2661v1, Eq. (1)."""
    return generator_loss_nonsaturating(logit_real) + generator_loss_nonsaturating(-logit_fake)


def generator_loss_nonsaturating(logit_fake: Tensor) -> Tensor:
    """-log D(fake). Source: Goodfellow et al. 2014, arXiv:1406.2661v1, section 3."""
    return _softplus(-logit_fake)


def _softplus(x: Tensor) -> Tensor:
    """log(1 + exp(x)) at any x; torch's own drops the last digits above its threshold."""
    return torch.clamp(x, min=0) + torch.log1p(torch.exp(-x.abs()))


def _marginal(variances: Tensor, log_power: Tensor) -> Tensor:
    return torch.exp(log_power) * variances - torch.expm1(log_power)


def ddgan_step(x_t: Tensor, x_0_hat: Tensor, z: Tensor, log_alpha_bar_s: Tensor, log_alpha_bar_t: Tensor) -> Tensor:
    """x_s drawn from the posterior at the generator's x_0. Source: Xiao et al. 2022, arXiv:2112.07804v2, section 3.2."""
    gap = log_alpha_bar_t - log_alpha_bar_s
    whole, added = torch.expm1(log_alpha_bar_t), torch.expm1(gap)
    ratio = torch.expm1(log_alpha_bar_s) / whole
    mean = torch.addcmul(torch.exp(gap / 2) * ratio * x_t, torch.exp(log_alpha_bar_s / 2) * (added / whole), x_0_hat)
    return torch.addcmul(mean, torch.sqrt(-added * ratio), z)


def denoising_posterior_variances_mixture(variances: Tensor, log_alpha_bar_s: Tensor, log_alpha_bar_t: Tensor) -> Tensor:
    """Variance of x_s given x_t and the component. Source: Xiao et al. 2022, arXiv:2112.07804v2, section 3.1."""
    added = -torch.expm1(log_alpha_bar_t - log_alpha_bar_s)
    return added * _marginal(variances, log_alpha_bar_s) / _marginal(variances, log_alpha_bar_t)


def denoising_posterior_means_mixture(
    x_t: Tensor,
    means: Tensor,
    variances: Tensor,
    log_alpha_bar_s: Tensor,
    log_alpha_bar_t: Tensor,
) -> Tensor:
    """Mean of x_s given x_t and the component, (B, K, d). Source: Xiao et al. 2022, arXiv:2112.07804v2, section 3.1."""
    gain = _marginal(variances, log_alpha_bar_s) / _marginal(variances, log_alpha_bar_t)
    gain = (torch.exp((log_alpha_bar_t - log_alpha_bar_s) / 2) * gain)[:, None]
    return torch.exp(log_alpha_bar_s / 2) * means + gain * (x_t[:, None] - torch.exp(log_alpha_bar_t / 2) * means)


def _log_joint(x_t: Tensor, weights: Tensor, means: Tensor, variances: Tensor, log_alpha_bar_t: Tensor) -> Tensor:
    spread = _marginal(variances, log_alpha_bar_t)
    squares = (x_t[:, None] - torch.exp(log_alpha_bar_t / 2) * means).square().sum(2)
    return torch.log(weights) - (x_t.shape[1] * torch.log(spread) + squares / spread) / 2


def denoising_posterior_weights_mixture(
    x_t: Tensor,
    weights: Tensor,
    means: Tensor,
    variances: Tensor,
    log_alpha_bar_t: Tensor,
) -> Tensor:
    """Probability of each component given x_t, (B, K). Source: Xiao et al. 2022, arXiv:2112.07804v2, section 3.1."""
    return torch.softmax(_log_joint(x_t, weights, means, variances, log_alpha_bar_t), dim=1)


def denoising_posterior_log_density_mixture(
    x_s: Tensor,
    x_t: Tensor,
    weights: Tensor,
    means: Tensor,
    variances: Tensor,
    log_alpha_bar_s: Tensor,
    log_alpha_bar_t: Tensor,
) -> Tensor:
    """Log density of the true denoising law, (B,). Source: Xiao et al. 2022, arXiv:2112.07804v2, section 3.1."""
    joint = _log_joint(x_t, weights, means, variances, log_alpha_bar_t)
    spread = denoising_posterior_variances_mixture(variances, log_alpha_bar_s, log_alpha_bar_t)
    gaps = x_s[:, None] - denoising_posterior_means_mixture(x_t, means, variances, log_alpha_bar_s, log_alpha_bar_t)
    exponents = (x_t.shape[1] * torch.log(2 * math.pi * spread) + gaps.square().sum(2) / spread) / 2
    return torch.logsumexp(joint - exponents, dim=1) - torch.logsumexp(joint, dim=1)
