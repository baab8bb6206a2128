"""The cosine schedule of old denoising-diffusion-pytorch, capped where a case asks: its own cap was moved in the same release."""

from unittest import mock

import torch
from torch import Tensor

from tests.releases.adapters.denoising_diffusion_release import library

__all__ = ["ARRAY", "betas_cosine"]

ARRAY = "torch"


def betas_cosine(T: int, offset: Tensor, beta_max: Tensor) -> Tensor:
    with mock.patch.object(torch, "clip", lambda betas, low, _: torch.clamp(betas, low, float(beta_max))):
        return library.cosine_beta_schedule(T, float(offset))
