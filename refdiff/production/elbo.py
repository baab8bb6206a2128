"""Weightings of noise levels, units of likelihoods and the variance of sampled KL terms, in tensors."""

import math

import torch
from torch import Tensor

__all__ = [
    "bits_per_dimension_of_density",
    "elbo_weight",
    "elbo_weight_edm",
    "elbo_weight_flow",
    "elbo_weight_flow_logit_normal",
    "elbo_weight_min_snr",
    "elbo_weight_p2",
    "elbo_weight_p2_offset",
    "elbo_weight_sigmoid",
    "elbo_weight_simple_cosine",
    "elbo_weight_snr",
    "elbo_weight_truncated_snr",
    "elbo_weight_v_cosine",
    "log_ratio_variance",
    "logsnr_dot",
    "snr_dot",
    "vlb_integrand",
    "vlb_integrand_eps",
]

Number = Tensor | float


def bits_per_dimension_of_density(nats: Tensor, dimensions: int, bin_width: Number) -> Tensor:
    """Bits per dimension of discrete data from a density's nats; bin_width is 2/255 for 8-bit data scaled to [-1, 1].

    Source: Theis et al. 2016, arXiv:1511.01844v3, section 3.1.
    """
    width = torch.log(torch.as_tensor(bin_width, dtype=nats.dtype, device=nats.device))
    return (nats / dimensions - width) / math.log(2)


def elbo_weight(loss_weight: Tensor, logsnr_dot_t: Tensor) -> Tensor:
    """Weighting of noise levels that loss_weight on the error of eps amounts to at uniform times.

    Source: Kingma and Gao 2023, arXiv:2303.00848v7, section 3.
    """
    return -loss_weight / logsnr_dot_t


def elbo_weight_simple_cosine(logsnr_t: Tensor) -> Tensor:
    """L_simple on the cosine schedule: sech(logsnr/2). Source: Kingma and Gao 2023, arXiv:2303.00848v7, Table 1."""
    return 1 / torch.cosh(logsnr_t / 2)


def elbo_weight_min_snr(logsnr_t: Tensor, gamma: Number) -> Tensor:
    """Min-SNR on the cosine schedule. Source: Kingma and Gao 2023, arXiv:2303.00848v7, Table 1."""
    return elbo_weight_simple_cosine(logsnr_t) * (gamma * torch.exp(-logsnr_t)).clamp(max=1)


def elbo_weight_p2(logsnr_t: Tensor, p2_gamma: Number) -> Tensor:
    """P2 with k = 1 on the cosine schedule. Source: Kingma and Gao 2023, arXiv:2303.00848v7, Table 1."""
    return elbo_weight_simple_cosine(logsnr_t) * torch.sigmoid(-logsnr_t) ** p2_gamma


def elbo_weight_v_cosine(logsnr_t: Tensor) -> Tensor:
    """Error of v on the cosine schedule. Source: Kingma and Gao 2023, arXiv:2303.00848v7, Table 1."""
    return torch.exp(-logsnr_t / 2)


def elbo_weight_flow(logsnr_t: Tensor) -> Tensor:
    """Error of the velocity on straight paths at uniform times; the same as elbo_weight_v_cosine.

    Source: Kingma and Gao 2023, arXiv:2303.00848v7, Table 1.
    """
    return torch.exp(-logsnr_t / 2)


def elbo_weight_flow_logit_normal(logsnr_t: Tensor, logit_mean: Number, logit_scale: Number) -> Tensor:
    """Error of the velocity on straight paths at logit-normal times.

    Source: Esser et al. 2024, arXiv:2403.03206v1, section 3.1, carried to logsnr.
    """
    distance = (logsnr_t / 2 + logit_mean) / logit_scale
    share = (1 + torch.exp(-logsnr_t / 2)).square()
    return torch.exp(-distance.square() / 2) * share / (2 * logit_scale * math.sqrt(2 * math.pi))


def elbo_weight_edm(logsnr_t: Tensor, P_mean: Number, P_std: Number, sigma_data: Number) -> Tensor:
    """EDM's loss at its log-normal noise scales, times sigma_data squared.

    Source: Kingma and Gao 2023, arXiv:2303.00848v7, Table 1; Karras et al. 2022, arXiv:2206.00364v2, Table 1.
    """
    distance = (logsnr_t + 2 * P_mean) / (2 * P_std)
    density = torch.exp(-distance.square() / 2) / (2 * P_std * math.sqrt(2 * math.pi))
    return density * (torch.exp(-logsnr_t) + sigma_data**2)


def elbo_weight_sigmoid(logsnr_t: Tensor, weight_bias: Number) -> Tensor:
    """sigmoid(weight_bias - logsnr). Source: Kingma and Gao 2023, arXiv:2303.00848v7, Table 1."""
    return torch.sigmoid(weight_bias - logsnr_t)


def log_ratio_variance(mean_1: Tensor, variance_1: Number, mean_2: Tensor, variance_2: Number) -> Tensor:
    """Variance of one sample's estimate of the KL of two isotropic Gaussians, in nats squared, shape (B,).

    Source: Ho et al. 2020, arXiv:2006.11239v2, section 2, on Rao-Blackwellized terms.
    """
    excess = (variance_1 - variance_2) / variance_2
    squares = variance_1 * ((mean_1 - mean_2) / variance_2).square()
    return (squares + excess**2 / 2).flatten(1).sum(dim=1)


def elbo_weight_p2_offset(logsnr_t: Tensor, p2_gamma: Number, p2_offset: Number) -> Tensor:
    """P2 with any k on the cosine schedule. Source: Choi et al. 2022, arXiv:2204.00227v1, Eq. (8)."""
    return elbo_weight_simple_cosine(logsnr_t) * (p2_offset + torch.exp(logsnr_t)) ** -p2_gamma


def elbo_weight_snr(logsnr_t: Tensor) -> Tensor:
    """Error of x_0 weighted by the SNR; the same as L_simple. Source: Salimans and Ho 2022, arXiv:2202.00512v2, section 4."""
    return elbo_weight_simple_cosine(logsnr_t)


def elbo_weight_truncated_snr(logsnr_t: Tensor) -> Tensor:
    """Error of x_0 weighted by max(SNR, 1). Source: Salimans and Ho 2022, arXiv:2202.00512v2, section 4."""
    return elbo_weight_simple_cosine(logsnr_t) * torch.exp(-logsnr_t).clamp(min=1)


def snr_dot(alpha_t: Number, sigma_t: Number, alpha_dot_t: Number, sigma_dot_t: Number) -> Number:
    """Time derivative of the SNR. Source: Kingma et al. 2021, arXiv:2107.00630v6, section 4.2."""
    return 2 * alpha_t * (alpha_dot_t * sigma_t - alpha_t * sigma_dot_t) / (sigma_t * sigma_t * sigma_t)


def logsnr_dot(alpha_t: Number, sigma_t: Number, alpha_dot_t: Number, sigma_dot_t: Number) -> Number:
    """Time derivative of the log SNR. Source: Kingma and Gao 2023, arXiv:2303.00848v7, section 2."""
    return 2 * (alpha_dot_t / alpha_t - sigma_dot_t / sigma_t)


def vlb_integrand(x_0: Tensor, x_0_hat: Tensor, snr_dot_t: Number) -> Tensor:
    """What the negative bound gains per unit time, shape (B,). Source: Kingma et al. 2021, arXiv:2107.00630v6, section 4.2."""
    return -snr_dot_t * (x_0 - x_0_hat).square().flatten(1).sum(1) / 2


def vlb_integrand_eps(eps: Tensor, eps_hat: Tensor, logsnr_dot_t: Number) -> Tensor:
    """The same from estimates of the noise, shape (B,). Source: Kingma and Gao 2023, arXiv:2303.00848v7, section 2."""
    return -logsnr_dot_t * (eps - eps_hat).square().flatten(1).sum(1) / 2
