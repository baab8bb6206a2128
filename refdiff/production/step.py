"""One sampler update from t to s by table, for any s < t. The noise z is always an argument."""

import torch
from torch import Tensor

from refdiff.production.forward import like
from refdiff.production.posterior import posterior_mean, posterior_mean_coefficients
from refdiff.production.schedule import Schedule

__all__ = [
    "ddim_noise_scale",
    "ddim_step",
    "ddim_step_coefficients",
    "ddpm_step",
    "ddpm_step_coefficients",
    "ddpm_step_large",
]

Weights = tuple[Tensor, Tensor, Tensor]


def ddpm_step_coefficients(schedule: Schedule, s: Tensor | int, t: Tensor | int) -> Weights:
    """Weights of x_0, x_t and z in a DDPM step, float64."""
    log_s, log_t, gap = schedule.levels(s, t)
    of_x_0, of_x_t = posterior_mean_coefficients(schedule, s, t)
    return of_x_0, of_x_t, torch.sqrt(torch.expm1(log_s) / torch.expm1(log_t) * -torch.expm1(gap))


def ddim_step_coefficients(schedule: Schedule, s: Tensor | int, t: Tensor | int, eta: Tensor | float) -> Weights:
    """Weights of x_0, x_t and z in a DDIM step, float64.

    What is left for the old noise, 1 - alpha_bar_s - scale**2, is written as a sum of positive terms.
    """
    log_s, log_t, gap = schedule.levels(s, t)
    eta = torch.as_tensor(eta, dtype=torch.float64, device=log_s.device)
    ratio = torch.expm1(log_s) / torch.expm1(log_t)
    kept = torch.sqrt(ratio * ((1 - eta) * (1 + eta) + eta.square() * ratio * torch.exp(gap)))
    scale = eta * torch.sqrt(ratio * -torch.expm1(gap))
    return torch.exp(log_s / 2) - kept * torch.exp(log_t / 2), kept, scale


def _combined(weights: Weights, x_0: Tensor, x_t: Tensor, z: Tensor) -> Tensor:
    of_x_0, of_x_t, of_z = weights
    mean = torch.addcmul(like(of_x_t, x_t) * x_t, like(of_x_0, x_0), x_0)
    return torch.addcmul(mean, like(of_z, z), z)


def ddpm_step(schedule: Schedule, s: Tensor | int, t: Tensor | int, x_t: Tensor, x_0: Tensor, z: Tensor) -> Tensor:
    """x_s drawn with the posterior variance. Source: Ho et al. 2020, arXiv:2006.11239v2, Algorithm 2."""
    return _combined(ddpm_step_coefficients(schedule, s, t), x_0, x_t, z)


def ddpm_step_large(schedule: Schedule, s: Tensor | int, t: Tensor | int, x_t: Tensor, x_0: Tensor, z: Tensor) -> Tensor:
    """x_s drawn with the forward step's variance; pass z = 0 for the last step, as Algorithm 2 does.

    Source: Ho et al. 2020, arXiv:2006.11239v2, Algorithm 2.
    """
    scale = torch.sqrt(-torch.expm1(schedule.levels(s, t)[2]))
    return torch.addcmul(posterior_mean(schedule, s, t, x_0, x_t), like(scale, z), z)


def ddim_noise_scale(schedule: Schedule, s: Tensor | int, t: Tensor | int, eta: Tensor | float) -> Tensor:
    """Standard deviation of the noise a DDIM step adds. Source: Song et al. 2021, arXiv:2010.02502v4, Eq. (16)."""
    return ddim_step_coefficients(schedule, s, t, eta)[2].to(schedule.dtype)


def ddim_step(
    schedule: Schedule,
    s: Tensor | int,
    t: Tensor | int,
    x_t: Tensor,
    x_0: Tensor,
    z: Tensor,
    eta: Tensor | float,
) -> Tensor:
    """x_s on the path from x_t towards x_0, with eta's share of fresh noise.

    Source: Song et al. 2021, arXiv:2010.02502v4, Eqs. (12) and (16), where alpha_t is our alpha_bar_t.
    """
    return _combined(ddim_step_coefficients(schedule, s, t, eta), x_0, x_t, z)
