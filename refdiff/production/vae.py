"""A variational autoencoder's sample and the terms of its loss, in tensors."""

import math

import torch
from torch import Tensor
from torch.nn import functional

__all__ = [
    "bernoulli_reconstruction_nll",
    "beta_vae_loss",
    "gaussian_reconstruction_nll",
    "reparameterised_sample",
    "vae_kl",
    "vae_kl_elementwise",
]

_LOG_TWO_PI = math.log(2 * math.pi)
# exp(x) - 1 - x over x**2 below 1 in size, lowest power first: 1/n! from n = 2; float32 needs half of them.
_SERIES = tuple(1 / math.factorial(n) for n in range(2, 20))


def _exp_less_tangent(x: Tensor) -> Tensor:
    """exp(x) - 1 - x to full relative precision; gradients stay finite on both sides."""
    inside = x.abs() < 1
    small = torch.where(inside, x, 0)
    terms = _SERIES if x.dtype == torch.float64 else _SERIES[:10]
    series = torch.full_like(small, terms[-1])
    for term in terms[-2::-1]:
        series = series * small + term
    return torch.where(inside, small * small * series, torch.expm1(x) - x)


def reparameterised_sample(mean: Tensor, log_variance: Tensor, eps: Tensor) -> Tensor:
    """Draw mean + exp(log_variance/2)*eps, elementwise.

    Source: Kingma and Welling 2014, arXiv:1312.6114v10, section 2.4.
    """
    return torch.addcmul(mean, torch.exp(log_variance / 2), eps)


def vae_kl_elementwise(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL of each latent entry from the unit Gaussian, in nats.

    Source: Kingma and Welling 2014, arXiv:1312.6114v10, appendix B.
    """
    return (mean * mean + _exp_less_tangent(log_variance)) / 2


def vae_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL of each sample's encoder from the unit Gaussian, in nats, shape (B,).

    Source: Kingma and Welling 2014, arXiv:1312.6114v10, appendix B.
    """
    return vae_kl_elementwise(mean, log_variance).flatten(1).sum(dim=1)


def gaussian_reconstruction_nll(x_0: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """Negative log likelihood of each sample under a Gaussian decoder, in nats, shape (B,).

    Source: Kingma and Welling 2014, arXiv:1312.6114v10, appendix C.2.
    """
    squares = (x_0 - mean).square() * torch.exp(-log_variance)
    return (squares + (log_variance + _LOG_TWO_PI)).flatten(1).sum(dim=1) / 2


def bernoulli_reconstruction_nll(x_0: Tensor, logits: Tensor) -> Tensor:
    """Binary cross-entropy of each sample, data in [0, 1], in nats, shape (B,).

    Two sums of terms that are never negative: a sure and right logit keeps its digits.

    Source: Kingma and Welling 2014, arXiv:1312.6114v10, appendix C.1.
    """
    entries = x_0 * -functional.logsigmoid(logits) + (1 - x_0) * -functional.logsigmoid(-logits)
    return entries.flatten(1).sum(dim=1)


def beta_vae_loss(reconstruction_nll: Tensor, kl: Tensor, kl_weight: Tensor | float) -> Tensor:
    """Negative evidence lower bound with its KL term weighted, in nats, shape (B,).

    Source: Higgins et al. 2017, beta-VAE, Eq. (4).
    """
    return reconstruction_nll + kl_weight * kl
