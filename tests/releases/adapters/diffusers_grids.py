"""Grids of noise scales of old diffusers."""

import numpy as np
import torch
from torch import Tensor

from tests.releases.adapters.diffusers_release import scheduling

__all__ = ["ARRAY", "ncsn_sigmas", "sigmas_beta"]

ARRAY = "torch"


def sigmas_beta(n: int, sigma_min: Tensor, sigma_max: Tensor, beta_a: Tensor, beta_b: Tensor) -> Tensor:
    if any(abs(float(shape) - 0.6) > 1e-6 for shape in (beta_a, beta_b)):
        raise NotImplementedError("both shapes are fixed at 0.6")
    scheduler = scheduling("dpmsolver_multistep").DPMSolverMultistepScheduler(1000, use_beta_sigmas=True)
    table = torch.exp(torch.linspace(float(sigma_min.log()), float(sigma_max.log()), 1000, dtype=torch.float64))
    scheduler.alphas_cumprod = 1 / (1 + table**2)
    scheduler.num_inference_steps = n  # the release before reads it before it sets it
    scheduler.set_timesteps(n)
    return scheduler.sigmas[:-1]


def ncsn_sigmas(n: int, sigma_min: Tensor, sigma_max: Tensor) -> Tensor:
    scheduler = scheduling("karras_ve").KarrasVeScheduler(float(sigma_min), float(sigma_max))
    scheduler.set_timesteps(n)
    return torch.as_tensor(np.asarray(scheduler.schedule)[np.asarray(scheduler.timesteps)])
