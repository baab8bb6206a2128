"""FlowMatchEulerDiscreteScheduler of old diffusers: noise added at each sample's own time."""

import torch
from torch import Tensor

from tests.releases.adapters.diffusers_release import scheduling

__all__ = ["ARRAY", "linear_path_scales"]

ARRAY = "torch"


def linear_path_scales(time: Tensor, sigma_min: Tensor) -> Tensor:
    if float(sigma_min):
        raise NotImplementedError("its path ends at data")
    scheduler = scheduling("flow_match_euler_discrete").FlowMatchEulerDiscreteScheduler()
    scheduler.sigmas = torch.sort(time, descending=True).values
    scheduler.timesteps = 1000 * scheduler.sigmas
    one = torch.ones_like(time)
    scales = [scheduler.scale_noise(data, 1000 * time, noise) for data, noise in ((one, 0 * one), (0 * one, one))]
    return torch.stack(scales)
