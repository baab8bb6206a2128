"""LMSDiscreteScheduler of old diffusers, whose states are x_t/alpha_t."""

import numpy as np
from torch import Tensor

from tests.releases.adapters.diffusers_release import scheduling

__all__ = ["ARRAY", "marginal_sample"]

ARRAY = "torch"


def marginal_sample(betas: Tensor, t: int, x_0: Tensor, eps: Tensor) -> Tensor:
    scheduler = scheduling("lms_discrete").LMSDiscreteScheduler(len(betas))
    # Neither release takes the betas that it is given: what is set after them overwrites them.
    scheduler.alphas_cumprod = np.cumprod(1 - betas.numpy())
    scheduler.sigmas = ((1 - scheduler.alphas_cumprod) / scheduler.alphas_cumprod) ** 0.5
    scheduler.set_format("pt")
    return scheduler.add_noise(x_0, eps, t - 1) * scheduler.alphas_cumprod[t - 1] ** 0.5
