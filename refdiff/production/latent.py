"""Diffusion in a latent space: the scaling of latents, and the terms an autoencoder adds to the bound."""

import math

import torch
from torch import Tensor

__all__ = [
    "encoder_entropy",
    "latent_bound",
    "latent_bound_diffusion",
    "latent_cross_entropy",
    "latent_reconstruction",
    "latent_scaling_log_determinant",
    "scaled_latent",
    "unscaled_latent",
]

Number = Tensor | float
_LOG_TWO_PI = math.log(2 * math.pi)


def scaled_latent(latent: Tensor, latent_shift: Number, latent_scale: Number) -> Tensor:
    """Latent as the diffusion model takes it. Source: Rombach et al. 2022, arXiv:2112.10752v2, Appendix G."""
    return (latent - latent_shift) * latent_scale


def unscaled_latent(scaled: Tensor, latent_shift: Number, latent_scale: Number) -> Tensor:
    """Latent as the decoder takes it. Source: Rombach et al. 2022, arXiv:2112.10752v2, Appendix G."""
    return scaled / latent_scale + latent_shift


def latent_scaling_log_determinant(latent_scale: Number, dimensions: int) -> Tensor:
    """Log determinant of the scaling. Source: Dinh et al. 2017, arXiv:1605.08803v3, Eq. (2)."""
    return dimensions * torch.log(torch.as_tensor(latent_scale))


def encoder_entropy(variance: Tensor) -> Tensor:
    """Entropy of a Gaussian encoder, shape (B,). Source: Vahdat et al. 2021, arXiv:2106.05931v3, section 3."""
    return (torch.log(variance) + (_LOG_TWO_PI + 1)).flatten(1).sum(1) / 2


def latent_cross_entropy(mean_1: Tensor, variance_1: Tensor, mean_2: Tensor, variance_2: Tensor) -> Tensor:
    """Cross entropy to a Gaussian prior, shape (B,). Source: Vahdat et al. 2021, arXiv:2106.05931v3, section 3."""
    squares = (variance_1 + (mean_1 - mean_2).square()) / variance_2
    return (squares + torch.log(variance_2) + _LOG_TWO_PI).sum(-1) / 2


def latent_reconstruction(
    x_0: Tensor,
    mean: Tensor,
    variance: Tensor,
    matrix: Tensor,
    offset: Tensor,
    decoder_variance: Number,
) -> Tensor:
    """Expected log likelihood under a linear decoder, shape (B,). Source: Lucas et al. 2019, arXiv:1911.02469v1, section 4."""
    gaps = x_0 - torch.addmm(offset, mean, matrix.mT)
    squares = (gaps.square() + variance @ matrix.mT.square()) / decoder_variance
    return -(squares + torch.log(torch.as_tensor(decoder_variance)) + _LOG_TWO_PI).sum(-1) / 2


def latent_bound(
    x_0: Tensor,
    mean: Tensor,
    variance: Tensor,
    matrix: Tensor,
    offset: Tensor,
    decoder_variance: Number,
) -> Tensor:
    """Bound of a linear Gaussian autoencoder, shape (B,). Source: Vahdat et al. 2021, arXiv:2106.05931v3, section 3."""
    kept = latent_reconstruction(x_0, mean, variance, matrix, offset, decoder_variance)
    return kept + (1 + torch.log(variance) - variance - mean.square()).sum(-1) / 2


def latent_bound_diffusion(
    x_0: Tensor,
    mean: Tensor,
    variance: Tensor,
    matrix: Tensor,
    offset: Tensor,
    decoder_variance: Number,
    slopes: Tensor,
    intercepts: Tensor,
    latent_variance: Number,
    betas: Tensor,
) -> Tensor:
    """The same with a diffusion model of linear estimates for the latent's prior, shape (B,).

    Source: Vahdat et al. 2021, arXiv:2106.05931v3, section 3.
    """
    kept = latent_reconstruction(x_0, mean, variance, matrix, offset, decoder_variance) + encoder_entropy(variance)
    logs = torch.cumsum(torch.log1p(-betas.double()), 0)
    noise = -torch.expm1(logs)
    drops = torch.exp(logs[:-1]) * betas[1:] / (noise[:-1] * noise[1:])
    gains = torch.cat([1 / torch.as_tensor(latent_variance, dtype=logs.dtype, device=logs.device).reshape(1), drops])
    keeps = 1 - slopes * torch.exp(logs / 2)
    errors = (keeps * mean[..., None] - intercepts).square() + keeps.square() * variance[..., None]
    matching = (gains * (errors + slopes.square() * noise)).sum((1, 2))
    prior = torch.exp(logs[-1]) * (mean.square() + variance - 1) - torch.log(noise[-1])
    width = torch.log(torch.as_tensor(latent_variance, dtype=logs.dtype)) + _LOG_TWO_PI
    return (kept - (matching + (prior + width).sum(1)) / 2).to(x_0.dtype)
