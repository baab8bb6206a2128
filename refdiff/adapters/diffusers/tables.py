"""Solvers that look their levels up in alphas_cumprod by whole times: PNDM, IPNDM, DDIMInverse and UnCLIP.

A case's levels become the rows of a short table of their own, so that every stride is one row (PNDM's halves: two).
"""

from dataclasses import dataclass
from typing import Any, final

import torch
from diffusers.schedulers import scheduling_unclip
from diffusers.schedulers.scheduling_ddim_inverse import DDIMInverseScheduler
from diffusers.schedulers.scheduling_ipndm import IPNDMScheduler
from diffusers.schedulers.scheduling_pndm import PNDMScheduler
from diffusers.schedulers.scheduling_unclip import UnCLIPScheduler
from torch import Tensor

from refdiff.adapters.diffusers.levels import EPSILON, SAMPLE, VARIANCE, Denoiser, Levels, Predicts, V, drawn, refused

__all__ = ["Tables", "UnCLIP"]


def _powers(levels: Levels) -> Tensor:
    """Signal powers of the levels, from noise to data."""
    return (levels.alphas / levels.sizes) ** 2


@final
@dataclass(frozen=True)
class Tables:
    """Formulas of solvers of tables, as released."""

    predicts: Predicts = EPSILON
    ARRAY = "torch"

    def _pndm(self, powers: Tensor, n: int, T: int, skip: bool) -> Any:
        """A PNDMScheduler whose row t_index is the level T - 1 - t_index of these, and data the last of them."""
        refused(self.predicts, EPSILON, V)
        scheduler = PNDMScheduler(num_train_timesteps=T, prediction_type=self.predicts.name, skip_prk_steps=skip)
        scheduler.set_timesteps(n)
        scheduler.alphas_cumprod, scheduler.final_alpha_cumprod = powers[:-1].flip(0).cpu(), powers[-1].cpu()
        return scheduler

    def plms_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        levels, n = Levels(VARIANCE, alphas, sigmas), len(sigmas) - 1
        scheduler = self._pndm(_powers(levels), n, n, True)
        states = [x_T / levels.sizes[0]]
        x = states[0]
        for call, index in enumerate(scheduler.timesteps.tolist()):
            x = scheduler.step(levels.output(self.predicts, denoiser_at_level, x, n - 1 - index), index, x).prev_sample
            # The first two calls are one step: the second asks at its end and goes again from its start.
            if call > 0 or n == 1:
                states.append(x)
        return levels.back(states)

    def pndm_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        levels, n = Levels(VARIANCE, alphas, sigmas), len(sigmas) - 4
        # Two rows a step, by falling t_index; after the third step, and above the first, one of the two is never read.
        rows = torch.tensor([0, *range(6), *(6 + k // 2 for k in range(2 * n - 7))])
        powers = torch.cat([_powers(levels)[rows], _powers(levels)[-1:]])
        scheduler = self._pndm(powers, n, 2 * n, False)
        ends = [0, 2, 4, *range(6, n + 4)]
        states, x = [x_T / levels.sizes[0]], x_T / levels.sizes[0]
        for call, index in enumerate(scheduler.timesteps.tolist()):
            level = int(rows[2 * n - 1 - index])
            x = scheduler.step(levels.output(self.predicts, denoiser_at_level, x, level), index, x).prev_sample
            if call in (3, 7) or call >= 11:
                states.append(x)
        return torch.stack([x * levels.sizes[end] for x, end in zip(states, ends, strict=True)])

    def ipndm_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        levels = Levels(VARIANCE, alphas, sigmas)
        scheduler = levels.into(IPNDMScheduler(num_train_timesteps=10))
        # Its networks predict cos*eps - sin*x_0; its `betas` are noise scales and its `alphas` signal scales.
        scheduler.alphas, scheduler.betas = (alphas / levels.sizes).cpu(), (sigmas / levels.sizes).cpu()
        return levels.run(scheduler, V, denoiser_at_level, x_T)

    def adams_bashforth_eps(self, epsilons: Tensor) -> Tensor:
        # On equal rows of pure noise a step leaves the combined noise itself, up to sign.
        scheduler = IPNDMScheduler(num_train_timesteps=10)
        scheduler.alphas, scheduler.betas = epsilons.new_tensor([1.0] * 9).cpu(), epsilons.new_tensor([0.0] * 8 + [1.0]).cpu()
        scheduler._step_index, scheduler.ets = 7, list(epsilons[:-1])
        combined: Tensor = scheduler.step(epsilons[-1], 0, 0 * epsilons[-1]).prev_sample
        return combined

    def ddim_inversion_step(self, betas: Tensor, s: int, t: int, x_s: Tensor, x_0: Tensor) -> Tensor:
        T = len(betas)
        n = T // (t - s)
        if T // n != t - s:
            raise NotImplementedError(f"DDIMInverseScheduler strides by T // n, which is never {t - s} for T = {T}")
        refused(self.predicts, EPSILON, SAMPLE, V)
        scheduler = DDIMInverseScheduler(num_train_timesteps=T, prediction_type=self.predicts.name, clip_sample=False)
        scheduler.set_timesteps(n)
        powers = torch.cumprod(1 - betas, 0).cpu()
        scheduler.alphas_cumprod = powers
        output = self.predicts.output(x_s, x_0, powers[s - 1].sqrt(), (1 - powers[s - 1]).sqrt())
        moved: Tensor = scheduler.step(output, t - 1, x_s).prev_sample
        return moved


@final
@dataclass(frozen=True)
class UnCLIP:
    """DDPM's steps by UnCLIPScheduler, which is told the next time."""

    predicts: Predicts = EPSILON
    ARRAY = "torch"

    def ddpm_step(self, betas: Tensor, s: int, t: int, x_t: Tensor, x_0: Tensor, z: Tensor) -> Tensor:
        refused(self.predicts, EPSILON, SAMPLE)
        scheduler = UnCLIPScheduler(num_train_timesteps=len(betas), prediction_type=self.predicts.name, clip_sample=False)
        scheduler.betas, scheduler.alphas = betas.cpu(), 1 - betas.cpu()
        scheduler.alphas_cumprod = powers = torch.cumprod(1 - betas, 0).cpu()
        output = self.predicts.output(x_t, x_0, powers[t - 1].sqrt(), (1 - powers[t - 1]).sqrt())
        with drawn(scheduling_unclip, z):
            moved: Tensor = scheduler.step(output, t - 1, x_t, prev_timestep=s - 1).prev_sample
        return moved
