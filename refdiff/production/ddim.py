"""DDIM run backwards, as an exponential integrator, and in rectified flow's coordinates; batched.

A level is a number or one entry for each sample: a tensor of shape (B,) lines up with the first axis of the states.
"""

import torch
from torch import Tensor

from refdiff.production.forward import like

__all__ = [
    "ddim_conditional_mean",
    "ddim_conditional_variance",
    "ddim_eta_max",
    "ddim_inversion_step",
    "ddim_step_exponential",
    "ddim_step_exponential_eps",
    "ddim_step_scaled",
    "rectified_state",
    "rectified_step",
    "rectified_time",
    "rectified_velocity",
]

Level = Tensor | float


def _wide(level: Level, x: Tensor) -> Tensor:
    return torch.as_tensor(level, dtype=torch.float64, device=x.device)


def _combined(x: Tensor, of_x: Tensor, y: Tensor, of_y: Tensor) -> Tensor:
    return torch.addcmul(like(of_x, x) * x, like(of_y, x), y)


def ddim_conditional_mean(x_0: Tensor, x_t: Tensor, noise_share: Level, log_alpha_bar_s: Level, log_alpha_bar_t: Level) -> Tensor:
    """Mean of x_s given x_t and x_0, some of the noise being fresh. Source: Song et al. 2021, arXiv:2010.02502v4, Eq. (7)."""
    share, log_s, log_t = (_wide(level, x_t) for level in (noise_share, log_alpha_bar_s, log_alpha_bar_t))
    kept = torch.sqrt(torch.expm1(log_s) / torch.expm1(log_t) * (1 - share) * (1 + share))
    return _combined(x_t, kept, x_0, torch.exp(log_s / 2) - kept * torch.exp(log_t / 2))


def ddim_conditional_variance(noise_share: Level, log_alpha_bar_s: Level) -> Tensor:
    """Variance of x_s given x_t and x_0. Source: Song et al. 2021, arXiv:2010.02502v4, Eq. (7)."""
    return -torch.expm1(torch.as_tensor(log_alpha_bar_s)) * noise_share**2


def ddim_eta_max(log_alpha_bar_s: Level, log_alpha_bar_t: Level) -> Tensor:
    """Largest admissible eta. Source: Song et al. 2021, arXiv:2010.02502v4, Eqs. (12) and (16)."""
    log_s, log_t = torch.as_tensor(log_alpha_bar_s), torch.as_tensor(log_alpha_bar_t)
    return torch.sqrt(torch.expm1(log_t) / torch.expm1(log_t - log_s))


def ddim_inversion_step(x_s: Tensor, x_0: Tensor, log_alpha_bar_s: Level, log_alpha_bar_t: Level) -> Tensor:
    """State at t from an earlier s, towards noise. Source: Song et al. 2021, arXiv:2010.02502v4, section 4.3."""
    log_s, log_t = _wide(log_alpha_bar_s, x_s), _wide(log_alpha_bar_t, x_s)
    grown = torch.sqrt(torch.expm1(log_t) / torch.expm1(log_s))
    return _combined(x_s, grown, x_0, torch.exp(log_t / 2) - grown * torch.exp(log_s / 2))


def ddim_step_exponential(x_t: Tensor, x_0: Tensor, logsnr_s: Level, logsnr_t: Level) -> Tensor:
    """State at s from the data prediction. Source: Lu et al. 2022, arXiv:2211.01095v2, section 4.2 at first order."""
    at_s, at_t = _wide(logsnr_s, x_t), _wide(logsnr_t, x_t)
    kept = torch.sqrt(torch.sigmoid(-at_s) / torch.sigmoid(-at_t))
    return _combined(x_t, kept, x_0, -torch.sqrt(torch.sigmoid(at_s)) * torch.expm1((at_t - at_s) / 2))


def ddim_step_exponential_eps(x_t: Tensor, eps: Tensor, logsnr_s: Level, logsnr_t: Level) -> Tensor:
    """State at s from the noise prediction. Source: Lu et al. 2022, arXiv:2206.00927v3, section 4.1."""
    at_s, at_t = _wide(logsnr_s, x_t), _wide(logsnr_t, x_t)
    grown = torch.sqrt(torch.sigmoid(at_s) / torch.sigmoid(at_t))
    return _combined(x_t, grown, eps, -torch.sqrt(torch.sigmoid(-at_s)) * torch.expm1((at_s - at_t) / 2))


def ddim_step_scaled(x_t: Tensor, eps: Tensor, alpha_s: Level, sigma_s: Level, alpha_t: Level, sigma_t: Level) -> Tensor:
    """State at s for any two scales. Source: Song et al. 2021, arXiv:2010.02502v4, Eq. (13)."""
    grown = _wide(alpha_s, x_t) / _wide(alpha_t, x_t)
    return _combined(x_t, grown, eps, _wide(sigma_s, x_t) - grown * _wide(sigma_t, x_t))


def rectified_time(alpha_t: Level, sigma_t: Level) -> Level:
    """Time of rectified flow, 0 for data. Source: Liu et al. 2022, arXiv:2209.03003v1, section 2.3."""
    return sigma_t / (alpha_t + sigma_t)


def rectified_state(x_t: Tensor, alpha_t: Level, sigma_t: Level) -> Tensor:
    """State of rectified flow. Source: Liu et al. 2022, arXiv:2209.03003v1, section 2.3."""
    return like(1 / (_wide(alpha_t, x_t) + _wide(sigma_t, x_t)), x_t) * x_t


def rectified_velocity(x_t: Tensor, x_0: Tensor, alpha_t: Level, sigma_t: Level) -> Tensor:
    """Noise less data. Source: Liu et al. 2022, arXiv:2209.03003v1, Eq. (1)."""
    alpha, sigma = _wide(alpha_t, x_t), _wide(sigma_t, x_t)
    return _combined(x_t, 1 / sigma, x_0, -(alpha + sigma) / sigma)


def rectified_step(x_t: Tensor, x_0: Tensor, alpha_s: Level, sigma_s: Level, alpha_t: Level, sigma_t: Level) -> Tensor:
    """State at s by one Euler step between scaled states. Source: Liu et al. 2022, arXiv:2209.03003v1, section 2.3."""
    kept = _wide(sigma_s, x_t) / _wide(sigma_t, x_t)
    return _combined(x_t, kept, x_0, _wide(alpha_s, x_t) - kept * _wide(alpha_t, x_t))
