"""LCMScheduler of old diffusers over a case's own times."""

from unittest import mock

import torch
from torch import Tensor

from tests.releases.adapters.diffusers_release import exact, scheduling

__all__ = ["ARRAY", "lcm_path"]

ARRAY = "torch"
lcm = scheduling("lcm")


def lcm_path(
    denoiser_at_level, x_T: Tensor, z: Tensor, betas: Tensor, timesteps: Tensor, alphas: Tensor, sigmas: Tensor
) -> Tensor:
    scheduler = exact(lcm.LCMScheduler(len(betas), prediction_type="sample", clip_sample=False), betas)
    scheduler.timesteps, scheduler.num_inference_steps = timesteps - 1, len(timesteps)
    # The model is the consistency function itself: the boundary condition has nothing to add to it.
    scheduler.get_scalings_for_boundary_condition_discrete = lambda *_: (0.0, 1.0)
    states = [x_T]
    for index, t in enumerate(scheduler.timesteps):
        x_0 = denoiser_at_level(states[-1], alphas[index], sigmas[index])
        with mock.patch.object(lcm, "randn_tensor", return_value=z[index]):
            states.append(scheduler.step(x_0, t, states[-1]).prev_sample)
    return torch.stack(states)
