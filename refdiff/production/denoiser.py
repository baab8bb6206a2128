"""Exact denoisers of known data: softmax attention whose keys and values are the data."""

import math

import torch
from torch import Tensor

__all__ = ["denoiser_correlated_gaussian", "denoiser_dirac", "denoiser_gaussian", "posterior_weights"]

_LARGEST = 1 << 25  # weights held at once: 256 MiB in float64
_NEGLIGIBLE = math.exp(-60)  # far below one ulp of any sum; subnormal weights would slow the product several times
_NO_SIGNAL = 1e-150  # stands for alpha_t = 0: every point is then equally likely, without a division by zero


def denoiser_gaussian(
    x_t: Tensor,
    mean: Tensor | float,
    variance: Tensor | float,
    alpha_t: Tensor | float,
    sigma_t: Tensor | float,
) -> Tensor:
    """Mean of x_0 given x_t for Gaussian x_0 with independent entries.

    Source: Kay 1993, Fundamentals of Statistical Signal Processing, Theorem 10.2.
    """
    noise = sigma_t * sigma_t
    power = alpha_t * alpha_t * variance + noise
    return alpha_t * variance / power * x_t + noise / power * mean


def denoiser_correlated_gaussian(
    x_t: Tensor, mean: Tensor, covariance: Tensor, alpha_t: Tensor | float, sigma_t: Tensor | float
) -> Tensor:
    """Mean of x_0 given x_t, shape (B, d), for Gaussian x_0 of this covariance, shape (d, d): one Cholesky factor for the batch.

    Source: Kay 1993, Fundamentals of Statistical Signal Processing, Theorem 10.2.
    """
    noise = torch.eye(len(mean), dtype=x_t.dtype, device=x_t.device) * (sigma_t * sigma_t)
    factor = torch.linalg.cholesky(alpha_t * alpha_t * covariance + noise)
    whitened = torch.cholesky_solve((x_t - alpha_t * mean).mT, factor)
    return mean + alpha_t * (covariance @ whitened).mT


def posterior_weights(x_t: Tensor, points: Tensor, alpha_t: Tensor | float, sigma_t: Tensor | float) -> Tensor:
    """Probability of each point given x_t, shape (B, N), float64; alpha_t and sigma_t are numbers or have shape (B,).

    Distances are summed from differences: the product form |x|**2 - 2*x@y + |y|**2 loses the digits that decide between
    two near points when sigma_t is small. float32 would blend wrongly there, so it is not used.
    """
    alpha = _column(alpha_t, x_t).clamp(min=_NO_SIGNAL)
    scaled = x_t.to(torch.float64) / alpha
    distance = torch.cdist(scaled, points.to(torch.float64), compute_mode="donot_use_mm_for_euclid_dist")
    distance *= alpha / _column(sigma_t, x_t)
    nearest = distance.amin(dim=1, keepdim=True)
    weights = torch.exp((nearest - distance) * (nearest + distance) / 2)
    weights = torch.where(weights < _NEGLIGIBLE, 0, weights)
    return weights / weights.sum(dim=1, keepdim=True)


def _column(scale: Tensor | float, x: Tensor) -> Tensor:
    return torch.as_tensor(scale, dtype=torch.float64, device=x.device).reshape(-1, 1)


def denoiser_dirac(x_t: Tensor, points: Tensor, alpha_t: Tensor | float, sigma_t: Tensor | float) -> Tensor:
    """Mean of x_0 given x_t when x_0 is one of N equally likely points.

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        alpha_t, sigma_t: signal and noise scale, numbers or shape (B,).

    Source: Karras et al. 2022, arXiv:2206.00364v2, Eq. (57), for any alpha_t.
    """
    rows = max(1, _LARGEST // len(points))
    values = points.to(torch.float64)
    alphas, sigmas = (_column(scale, x_t).expand(len(x_t), 1) for scale in (alpha_t, sigma_t))
    parts = zip(x_t.split(rows), alphas.split(rows), sigmas.split(rows), strict=True)
    return torch.cat([posterior_weights(x, points, a, s) @ values for x, a, s in parts]).to(x_t.dtype)
