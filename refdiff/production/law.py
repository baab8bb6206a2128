"""Exact laws on Gaussian data: what a sampler that is linear in its estimates makes of them, without a draw."""

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = [
    "affine_chain_covariance",
    "affine_chain_mean",
    "ancestral_chain_variance",
    "ancestral_gain",
    "dpm2_gain",
    "dpmpp_2s_gain",
    "heun_chain_variance",
    "heun_gain",
    "probability_flow_solution_correlated",
]

Scale = Tensor | float


def _wide(x: Scale | Sequence[float]) -> Tensor:
    return torch.as_tensor(x, dtype=torch.float64)


def _kind(*scales: Scale) -> torch.dtype:
    """The narrowest dtype among tensors; float64 for numbers alone."""
    known = {scale.dtype for scale in scales if isinstance(scale, Tensor)}
    narrowest: torch.dtype = min(known, key=lambda dtype: torch.finfo(dtype).bits, default=torch.float64)
    return narrowest


def probability_flow_solution_correlated(
    x_t: Tensor, mean: Tensor, covariance: Tensor, alpha_t: Scale, sigma_t: Scale, alpha_s: Scale, sigma_s: Scale
) -> Tensor:
    """State at s on the exact probability flow through x_t: each eigenvector of the covariance has its own gain.

    Args:
        x_t: states, shape (B, d).
        mean: mean of the data, shape (d,).
        covariance: covariance of the data, symmetric positive definite, shape (d, d).
        alpha_t, sigma_t: signal and noise scale at t.
        alpha_s, sigma_s: the same at s.

    Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (13) and section 4.3, solved for Gaussian data.
    """
    alpha, sigma, alpha_end, sigma_end = (_wide(scale).to(x_t.device) for scale in (alpha_t, sigma_t, alpha_s, sigma_s))
    values, vectors = torch.linalg.eigh(covariance.double())
    gain = torch.sqrt((alpha_end**2 * values + sigma_end**2) / (alpha**2 * values + sigma**2))
    centred = (x_t.double() - alpha * mean.double()) @ vectors
    found: Tensor = alpha_end * mean.double() + (centred * gain) @ vectors.T
    return found.to(x_t.dtype)


def affine_chain_mean(gains: Tensor, offsets: Tensor, mean: Tensor) -> Tensor:
    """Mean of the last state of x to gain @ x + offset and centred noise, n times; gains of shape (n, d, d), offsets (n, d).

    Source: Kay 1993, Fundamentals of Statistical Signal Processing, section 13.3.
    """
    for gain, offset in zip(gains, offsets, strict=True):
        mean = torch.addmv(offset, gain, mean)
    return mean


def affine_chain_covariance(gains: Tensor, noise_factors: Tensor, covariance: Tensor) -> Tensor:
    """Covariance of the last state of x to gain @ x + factor @ z, n times; gains of shape (n, d, d), factors (n, d, k).

    Source: Kay 1993, Fundamentals of Statistical Signal Processing, section 13.3.
    """
    for gain, fresh in zip(gains, noise_factors @ noise_factors.mT, strict=True):
        covariance = torch.addmm(fresh, gain @ covariance, gain.T)
    return covariance


def _euler(variance: Tensor, alpha_s: Scale, sigma_s: Tensor, alpha_t: Scale, sigma_t: Tensor) -> Tensor:
    return (alpha_s * alpha_t * variance + sigma_s * sigma_t) / (alpha_t**2 * variance + sigma_t**2)


def _heun(variance: Tensor, start: Tensor, end: Tensor) -> Tensor:
    parts = variance**2 + variance * (start**2 + 3 * end**2) / 2 + end**3 * start
    heun = parts / ((variance + start**2) * (variance + end**2))
    return torch.where(end > 0, heun, _euler(variance, 1, end, 1, start))


def heun_gain(variance: Scale, sigma_t: Scale, sigma_s: Scale) -> Tensor:
    """Factor on the distance from the mean of one step of EDM's Heun sampler, on Gaussian data.

    Source: Karras et al. 2022, arXiv:2206.00364v2, Algorithm 1.
    """
    return _heun(_wide(variance), _wide(sigma_t), _wide(sigma_s)).to(_kind(variance, sigma_t, sigma_s))


def heun_chain_variance(variance: Scale, sigmas: Tensor) -> Tensor:
    """Variance of what EDM's deterministic sampler makes of exact states on Gaussian data.

    Source: Karras et al. 2022, arXiv:2206.00364v2, Algorithm 1.
    """
    spread, levels = _wide(variance), _wide(sigmas)
    gain = torch.prod(_heun(spread, levels[:-1], levels[1:]))
    return (gain**2 * (spread + levels[0] ** 2)).to(_kind(variance, sigmas))


def dpm2_gain(variance: Scale, sigma_t: Scale, sigma_s: Scale) -> Tensor:
    """Factor on the distance from the mean of one step of k-diffusion's DPM2, on Gaussian data.

    Source: Lu et al. 2022, arXiv:2206.00927v3, Algorithm 1.
    """
    spread, start, end = _wide(variance), _wide(sigma_t), _wide(sigma_s)
    square, middle = start * end, torch.sqrt(start * end)
    parts = spread**2 + spread * (start * (start - middle) + middle * end + square) + square**2
    whole = parts / ((spread + square) * (spread + start**2))
    return torch.where(end > 0, whole, _euler(spread, 1, end, 1, start)).to(_kind(variance, sigma_t, sigma_s))


def dpmpp_2s_gain(variance: Scale, alpha_s: Scale, sigma_s: Scale, alpha_t: Scale, sigma_t: Scale) -> Tensor:
    """Factor on the distance from the mean of one step of DPM-Solver++(2S), on Gaussian data.

    Source: Lu et al. 2022, arXiv:2211.01095v3, Algorithm 1.
    """
    spread, level_s, level_t = _wide(variance), _wide(sigma_s) / _wide(alpha_s), _wide(sigma_t) / _wide(alpha_t)
    halfway = _euler(spread, 1, torch.sqrt(level_s * level_t), 1, level_t)
    towards = (level_t - level_s) * spread / (spread + level_s * level_t) * halfway
    found = _wide(alpha_s) / _wide(alpha_t) * (level_s + towards) / level_t
    return found.to(_kind(variance, alpha_s, sigma_s, alpha_t, sigma_t))


def _ancestral(
    variance: Tensor, eta: Tensor, alpha_s: Tensor, sigma_s: Tensor, alpha_t: Tensor, sigma_t: Tensor
) -> tuple[Tensor, Tensor]:
    """Gain and fresh variance of a DDIM step."""
    ratio = alpha_t * sigma_s / (alpha_s * sigma_t)
    kept = sigma_s * torch.sqrt((1 - eta) * (1 + eta) + (eta * ratio) ** 2)
    return _euler(variance, alpha_s, kept, alpha_t, sigma_t), (eta * sigma_s) ** 2 * (1 - ratio) * (1 + ratio)


def ancestral_gain(variance: Scale, eta: Scale, alpha_s: Scale, sigma_s: Scale, alpha_t: Scale, sigma_t: Scale) -> Tensor:
    """Factor on the distance from the mean of one DDIM step with fresh noise, Euler's ancestral step, on Gaussian data.

    Source: Song et al. 2021, arXiv:2010.02502v4, Eqs. (12) and (16).
    """
    asked = variance, eta, alpha_s, sigma_s, alpha_t, sigma_t
    return _ancestral(*(_wide(one) for one in asked))[0].to(_kind(*asked))


def ancestral_chain_variance(variance: Scale, eta: Scale, alphas: Tensor, sigmas: Tensor) -> Tensor:
    """Variance of what a run of DDIM steps with fresh noise makes of exact states on Gaussian data.

    Source: Song et al. 2021, arXiv:2010.02502v4, Eqs. (12) and (16).
    """
    spread, share, signal, noise = (_wide(x) for x in (variance, eta, alphas, sigmas))
    gains, fresh = _ancestral(spread, share, signal[1:], noise[1:], signal[:-1], noise[:-1])
    # What each part of the variance is scaled by after all later steps.
    after = torch.flip(torch.cumprod(torch.flip(gains**2, (0,)), 0), (0,))
    start = signal[0] ** 2 * spread + noise[0] ** 2
    found = after[0] * start + torch.sum(torch.cat([after[1:], torch.ones_like(after[:1])]) * fresh)
    return found.to(_kind(variance, eta, alphas, sigmas))
