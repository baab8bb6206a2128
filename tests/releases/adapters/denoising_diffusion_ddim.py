"""DDIM of old denoising-diffusion-pytorch, one step at a time: its grid is replaced by a case's two times."""

from unittest import mock

import torch
from torch import Tensor

from tests.releases.adapters.denoising_diffusion_release import Network, diffusion, library

__all__ = ["ARRAY", "ddim_step"]

ARRAY = "torch"


def ddim_step(betas: Tensor, s: int, t: int, x_t: Tensor, x_0: Tensor, z: Tensor, eta: Tensor) -> Tensor:
    if s <= 1:
        raise NotImplementedError("takes its time 0, our 1, for data and adds no noise there")
    if (betas[:t] == 1).any():
        raise NotImplementedError("it divides by alpha_t, which is 0")
    sampler = diffusion(
        betas, Network(x_0), objective="pred_x0", beta_schedule="cosine", sampling_timesteps=1, ddim_sampling_eta=float(eta)
    )
    grid = torch.tensor([s - 1, t - 1, len(betas)])
    with (
        mock.patch.multiple(torch, linspace=lambda *_, **__: grid, randn=lambda *_, **__: x_t, randn_like=lambda _: z),
        mock.patch.multiple(library, unnormalize_to_zero_to_one=lambda state: state, tqdm=lambda pairs, **_: pairs),
    ):
        return sampler.ddim_sample(x_t.shape, clip_denoised=False)
