"""DDIMScheduler and its inverse of old diffusers: their times are our t_index."""

import torch
from torch import Tensor

from tests.releases.adapters.diffusers_release import exact, scheduling, strides

__all__ = ["ARRAY", "ddim_inversion_step", "marginal_sample", "timesteps_leading"]

ARRAY = "torch"
ddim = scheduling("ddim")


def timesteps_leading(T: int, n: int, steps_offset: int) -> Tensor:
    scheduler = ddim.DDIMScheduler(T)
    scheduler.set_timesteps(n, offset=steps_offset)
    return torch.as_tensor(scheduler.timesteps) + 1


def marginal_sample(betas: Tensor, t: int, x_0: Tensor, eps: Tensor) -> Tensor:
    """Noised after half-precision data went through the same scheduler."""
    scheduler = ddim.DDIMScheduler(len(betas), trained_betas=betas.numpy())
    scheduler.add_noise(x_0.half(), eps.half(), torch.tensor([t - 1]))
    return scheduler.add_noise(x_0, eps, torch.tensor([t - 1]))


def ddim_inversion_step(betas: Tensor, s: int, t: int, x_s: Tensor, x_0: Tensor) -> Tensor:
    stride = t - s
    scheduler = scheduling("ddim_inverse").DDIMInverseScheduler(
        len(betas), prediction_type="sample", clip_sample=False, steps_offset=(t - 1) % stride
    )
    scheduler.set_timesteps(strides(len(betas), s, t))
    # A run starts at data and makes its k-th step to the k-th time of the leading grid: this is the step to t.
    return exact(scheduler, betas).step(x_0, scheduler.timesteps[(t - 1) // stride], x_s).prev_sample
