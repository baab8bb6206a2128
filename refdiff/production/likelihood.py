"""Likelihood along the probability flow, batched: divergences, closed forms for Gaussian data, 8-bit data."""

import math

import torch
from torch import Tensor

__all__ = [
    "dequantised_bits_per_dimension",
    "elbo_gaussian_data",
    "exact_divergence",
    "hutchinson_divergence",
    "hutchinson_variance_gaussian",
    "hutchinson_variance_rademacher",
    "likelihood_weighted_loss",
    "log_density_rate",
    "logit_log_determinant",
    "probability_flow_divergence",
    "probability_flow_latent",
    "probability_flow_log_likelihood",
    "probability_flow_prior_mismatch",
    "reverse_sde_log_likelihood",
    "uniform_dequantisation_bound",
]

Number = Tensor | float
_LOG_TWO_PI = math.log(2 * math.pi)


def exact_divergence(jacobian: Tensor) -> Tensor:
    """Trace of each sample's Jacobian, shape (B,). Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (39)."""
    return torch.diagonal(jacobian, dim1=-2, dim2=-1).sum(-1)


def log_density_rate(jacobian: Tensor) -> Tensor:
    """Time derivative of the log density along a trajectory. Source: Chen et al. 2018, arXiv:1806.07366v5, Theorem 1."""
    return -exact_divergence(jacobian)


def hutchinson_divergence(probe: Tensor, jacobian: Tensor) -> Tensor:
    """Estimate of the trace from one probe a sample. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (40).

    Without a whole Jacobian, take (probe * vector-Jacobian product of probe).sum(-1): the same number.
    """
    return torch.einsum("bi,bij,bj->b", probe, jacobian, probe)


def hutchinson_variance_gaussian(jacobian: Tensor) -> Tensor:
    """Variance of the estimate over a Gaussian probe. Source: Avron and Toledo 2011, J. ACM 58(2), Table 1."""
    return (jacobian + jacobian.mT).square().sum((-2, -1)) / 2


def hutchinson_variance_rademacher(jacobian: Tensor) -> Tensor:
    """Variance of the estimate over a probe of signs. Source: Avron and Toledo 2011, J. ACM 58(2), Table 1."""
    return torch.triu(jacobian + jacobian.mT, diagonal=1).square().sum((-2, -1))


def probability_flow_divergence(score_divergence: Tensor, drift_rate: Number, diffusion: Number, dimensions: int) -> Tensor:
    """Divergence of the probability-flow ODE's velocity. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (13)."""
    return drift_rate * dimensions - diffusion**2 * score_divergence / 2


def probability_flow_latent(x_0: Tensor, mean: Tensor, variance: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """State at t on the flow through x_0, for Gaussian data. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (13)."""
    return alpha_t * mean + torch.sqrt(alpha_t**2 + sigma_t**2 / variance) * (x_0 - mean)


def probability_flow_log_likelihood(x_0: Tensor, mean: Tensor, variance: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Log likelihood under the flow from a unit Gaussian at t. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (39)."""
    latent = probability_flow_latent(x_0, mean, variance, alpha_t, sigma_t)
    growth = torch.log(alpha_t**2 + sigma_t**2 / variance)
    return (growth - _LOG_TWO_PI - latent.square()).sum(-1) / 2


def probability_flow_prior_mismatch(x_0: Tensor, mean: Tensor, variance: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Flow's log likelihood less the true log density. Source: Song et al. 2021, arXiv:2101.09258v4, Theorem 1."""
    latent = probability_flow_latent(x_0, mean, variance, alpha_t, sigma_t)
    law = (x_0 - mean).square() / variance + torch.log(alpha_t**2 * variance + sigma_t**2)
    return (law - latent.square()).sum(-1) / 2


def reverse_sde_log_likelihood(x_0: Tensor, mean: Tensor, variance: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Log likelihood under the reverse SDE from a unit Gaussian at t. Source: Song et al. 2021, arXiv:2101.09258v4, section 3."""
    power = alpha_t**2 * variance + sigma_t**2
    spread = variance * (sigma_t**2 / power + variance * (alpha_t / power) ** 2)
    gap = x_0 - sigma_t**2 / power * mean
    return -(gap.square() / spread + torch.log(spread) + _LOG_TWO_PI).sum(-1) / 2


def elbo_gaussian_data(x_0: Tensor, mean: Tensor, variance: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Continuous-time bound of Gaussian data with the exact score. Source: Song et al. 2021, arXiv:2101.09258v4, Theorem 3."""
    share = sigma_t**2 / (alpha_t**2 * variance + sigma_t**2)
    gained = share * (1 - (x_0 - mean).square() / variance) + torch.log(alpha_t**2 + sigma_t**2 / variance)
    return (gained - _LOG_TWO_PI - (alpha_t * x_0).square() - sigma_t**2).sum(-1) / 2


def uniform_dequantisation_bound(x_0: Tensor, mean: Tensor, variance: Number, bin_width: Number) -> Tensor:
    """Lower bound on a bin's log probability under a Gaussian. Source: Theis et al. 2016, arXiv:1511.01844v3, section 3.1."""
    squares = ((x_0 - mean).square() + bin_width**2 / 12) / variance
    logs = torch.log(torch.as_tensor(bin_width**2 / (2 * math.pi * variance), dtype=x_0.dtype, device=x_0.device))
    return (logs - squares).sum(-1) / 2


def dequantised_bits_per_dimension(log_density: Tensor, dimensions: int, bin_width: Number) -> Tensor:
    """Bits per dimension of 8-bit data from a rescaled density. Source: Theis et al. 2016, arXiv:1511.01844v3, section 3.1."""
    return -(log_density / dimensions + math.log(bin_width)) / math.log(2)


def logit_log_determinant(x_0: Tensor, margin: Number) -> Tensor:
    """Log determinant of the logit of shrunk data. Source: Dinh et al. 2017, arXiv:1605.08803v3, section 4.1."""
    kept = 1 - 2 * margin
    return (math.log(kept) - torch.log(margin + kept * x_0) - torch.log(margin + kept * (1 - x_0))).sum(-1)


def likelihood_weighted_loss(score: Tensor, score_hat: Tensor, diffusion: Number) -> Tensor:
    """Loss weighted by g**2, summed over a sample. Source: Song et al. 2021, arXiv:2101.09258v4, Theorem 1."""
    return diffusion**2 * (score_hat - score).square().flatten(1).sum(1) / 2
