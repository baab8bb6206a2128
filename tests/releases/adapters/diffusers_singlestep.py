"""DPMSolverSinglestepScheduler of old diffusers, of third order, on two steps to data: both are of first order."""

import torch
from torch import Tensor

from tests.releases.adapters.diffusers_release import scheduling

__all__ = ["ARRAY", "euler_path"]

ARRAY = "torch"


def euler_path(denoiser_at_level, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    if len(sigmas) != 3 or sigmas[-1] > 0:
        raise NotImplementedError("two steps to data only")
    scheduler = scheduling("dpmsolver_singlestep").DPMSolverSinglestepScheduler(solver_order=3, prediction_type="sample")
    scheduler.set_timesteps(2)
    scheduler.sigmas = sigmas / alphas
    # Its own states have unit total variance of unit data.
    own = 1 / (1 + scheduler.sigmas**2).sqrt()
    states = [x_T]
    for index, t in enumerate(scheduler.timesteps):
        x_0 = denoiser_at_level(states[-1], alphas[index], sigmas[index])
        state = states[-1] * own[index] / alphas[index]
        states.append(scheduler.step(x_0, t, state).prev_sample * alphas[index + 1] / own[index + 1])
    return torch.stack(states)
