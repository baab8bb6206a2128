"""Finite data in PyTorch: exact posteriors, scores and loss floors, batched over states and noise levels.

The weights are taken in float64 whatever the dtype of the state: float32 would blend points that small noise tells apart.
"""

import math

import torch
from torch import Tensor

__all__ = [
    "denoiser_jacobian_dirac",
    "eps_loss_floor_dirac",
    "log_density_dirac",
    "loss_floor_dirac",
    "posterior_covariance_dirac",
    "posterior_weights_dirac",
    "score_dirac",
    "score_divergence_dirac",
]


def _wide(x_t: Tensor, points: Tensor, alpha_t: Tensor | float, sigma_t: Tensor | float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Everything in float64, scales as columns: numbers or shape (B,)."""
    alpha, sigma = (torch.as_tensor(scale, dtype=torch.float64, device=x_t.device).reshape(-1, 1) for scale in (alpha_t, sigma_t))
    return x_t.double(), points.double(), alpha, sigma


def _weights(x_t: Tensor, points: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
    """Softmax of half the differences of squared distances to the nearest point, as products of differences."""
    gaps = x_t[:, None, :] - alpha[:, :, None] * points
    nearest = gaps.square().sum(dim=2).argmin(dim=1)
    chosen = points[nearest][:, None, :]
    both = gaps + (x_t[:, None, :] - alpha[:, :, None] * chosen)
    nearer = ((points - chosen) * both).sum(dim=2)
    return torch.softmax(alpha * nearer / (2 * sigma.square()), dim=1)


def _centred(weights: Tensor, points: Tensor) -> Tensor:
    """The points about their mean, taken from the likeliest one so that small spreads are kept."""
    offsets = points - points[weights.argmax(dim=1)][:, None, :]
    return offsets - (weights[:, None, :] @ offsets)


def posterior_weights_dirac(x_t: Tensor, points: Tensor, alpha_t: Tensor | float, sigma_t: Tensor | float) -> Tensor:
    """Probability of each point given x_t, shape (B, N).

    Source: Karras et al. 2022, arXiv:2206.00364v2, Eq. (57), for any alpha_t.
    """
    return _weights(*_wide(x_t, points, alpha_t, sigma_t)).to(x_t.dtype)


def log_density_dirac(x_t: Tensor, points: Tensor, alpha_t: Tensor | float, sigma_t: Tensor | float) -> Tensor:
    """Log density of x_t in nats, shape (B,).

    Source: Karras et al. 2022, arXiv:2206.00364v2, Eq. (54), for any alpha_t.
    """
    x, data, alpha, sigma = _wide(x_t, points, alpha_t, sigma_t)
    share, likeliest = _weights(x, data, alpha, sigma).max(dim=1)
    squares = ((x - alpha * data[likeliest]) / sigma).square().sum(dim=1)
    normaliser = x.shape[1] * (math.log(2 * math.pi) + 2 * sigma[:, 0].log())
    return (-(squares + normaliser) / 2 - torch.log(len(data) * share)).to(x_t.dtype)


def score_dirac(x_t: Tensor, points: Tensor, alpha_t: Tensor | float, sigma_t: Tensor | float) -> Tensor:
    """Gradient of the log density of x_t, shape (B, d).

    Source: Karras et al. 2022, arXiv:2206.00364v2, Eqs. (3) and (57), for any alpha_t.
    """
    x, data, alpha, sigma = _wide(x_t, points, alpha_t, sigma_t)
    weights = _weights(x, data, alpha, sigma)
    gaps = alpha[:, :, None] * data - x[:, None, :]
    return ((weights[:, None, :] @ gaps)[:, 0, :] / sigma.square()).to(x_t.dtype)


def posterior_covariance_dirac(x_t: Tensor, points: Tensor, alpha_t: Tensor | float, sigma_t: Tensor | float) -> Tensor:
    """Covariance of x_0 given x_t, shape (B, d, d).

    Source: Kay 1993, Fundamentals of Statistical Signal Processing, section 10.3.
    """
    x, data, alpha, sigma = _wide(x_t, points, alpha_t, sigma_t)
    weights = _weights(x, data, alpha, sigma)
    centred = _centred(weights, data)
    return (centred.mT @ (weights[:, :, None] * centred)).to(x_t.dtype)


def denoiser_jacobian_dirac(x_t: Tensor, points: Tensor, alpha_t: Tensor | float, sigma_t: Tensor | float) -> Tensor:
    """Derivative of the mean of x_0 given x_t by x_t, shape (B, d, d).

    Source: Manor and Michaeli 2024, arXiv:2309.13598v2, section 3, Theorem 2, for any alpha_t.
    """
    x, data, alpha, sigma = _wide(x_t, points, alpha_t, sigma_t)
    covariance = posterior_covariance_dirac(x, data, alpha_t, sigma_t)
    return ((alpha / sigma.square())[:, :, None] * covariance).to(x_t.dtype)


def loss_floor_dirac(x_t: Tensor, points: Tensor, alpha_t: Tensor | float, sigma_t: Tensor | float) -> Tensor:
    """Least mean squared error of x_0 given x_t, summed over entries, shape (B,).

    Source: Kay 1993, Fundamentals of Statistical Signal Processing, section 10.3.
    """
    x, data, alpha, sigma = _wide(x_t, points, alpha_t, sigma_t)
    weights = _weights(x, data, alpha, sigma)
    return (weights * _centred(weights, data).square().sum(dim=2)).sum(dim=1).to(x_t.dtype)


def eps_loss_floor_dirac(x_t: Tensor, points: Tensor, alpha_t: Tensor | float, sigma_t: Tensor | float) -> Tensor:
    """Least mean squared error of eps given x_t, summed over entries, shape (B,).

    Source: Vincent 2011, Neural Computation 23(7), section 4.2 and the appendix.
    """
    x, data, alpha, sigma = _wide(x_t, points, alpha_t, sigma_t)
    return ((alpha / sigma)[:, 0].square() * loss_floor_dirac(x, data, alpha_t, sigma_t)).to(x_t.dtype)


def score_divergence_dirac(x_t: Tensor, points: Tensor, alpha_t: Tensor | float, sigma_t: Tensor | float) -> Tensor:
    """Divergence of the score of x_t, shape (B,).

    Source: Manor and Michaeli 2024, arXiv:2309.13598v2, section 3, Theorem 2, its trace.
    """
    x, data, _, sigma = _wide(x_t, points, alpha_t, sigma_t)
    floor = eps_loss_floor_dirac(x, data, alpha_t, sigma_t)
    return ((floor - x.shape[1]) / sigma[:, 0].square()).to(x_t.dtype)
