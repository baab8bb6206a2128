"""RePaintScheduler of old diffusers: its known part is the image noised to the time that a step goes to."""

from unittest import mock

import torch
from torch import Tensor

from tests.releases.adapters.diffusers_release import exact, scheduling

__all__ = ["ARRAY", "marginal_sample"]

ARRAY = "torch"
repaint = scheduling("repaint")


def marginal_sample(betas: Tensor, t: int, x_0: Tensor, eps: Tensor) -> Tensor:
    if t == len(betas):
        raise NotImplementedError("no step goes to the last time")
    if betas[t] == 1:
        raise NotImplementedError("without signal at t + 1 the unknown part is nan, and so is its product with a mask of 0")
    scheduler = exact(repaint.RePaintScheduler(len(betas), clip_sample=False), betas)
    scheduler.set_timesteps(len(betas))
    with mock.patch.object(repaint, "randn_tensor", return_value=eps):
        # The step from t + 1, all of whose result is known.
        return scheduler.step(0 * x_0, t, 0 * x_0, x_0, torch.ones_like(x_0)).prev_sample
