"""Samplers that add noise back: the ancestral ones, LCM, TCD and consistency models, each step's draw replaced by the case's."""

from dataclasses import dataclass
from typing import Any, final

import torch
from diffusers.schedulers import (
    scheduling_consistency_models,
    scheduling_euler_ancestral_discrete,
    scheduling_flow_match_lcm,
    scheduling_k_dpm_2_ancestral_discrete,
    scheduling_lcm,
    scheduling_ltx_euler_ancestral_rf,
    scheduling_tcd,
)
from diffusers.schedulers.scheduling_consistency_models import CMStochasticIterativeScheduler
from diffusers.schedulers.scheduling_euler_ancestral_discrete import EulerAncestralDiscreteScheduler
from diffusers.schedulers.scheduling_flow_match_lcm import FlowMatchLCMScheduler
from diffusers.schedulers.scheduling_k_dpm_2_ancestral_discrete import KDPM2AncestralDiscreteScheduler
from diffusers.schedulers.scheduling_lcm import LCMScheduler
from diffusers.schedulers.scheduling_ltx_euler_ancestral_rf import LTXEulerAncestralRFScheduler
from diffusers.schedulers.scheduling_tcd import TCDScheduler
from torch import Tensor

from refdiff.adapters.diffusers.levels import (
    EPSILON,
    FLOW,
    NOISE_ALONE,
    SAMPLE,
    STRAIGHT,
    Denoiser,
    Levels,
    Predicts,
    V,
    drawn,
    quiet,
    refused,
)

__all__ = ["Renoised"]


def _whole(eta: Tensor) -> None:
    if float(eta) != 1:
        raise NotImplementedError("diffusers' ancestral schedulers have the posterior's noise, eta = 1, and no option for less")


def _one_step(alphas: Tensor, sigmas: Tensor) -> Levels:
    return Levels(NOISE_ALONE, alphas, sigmas)


@final
@dataclass(frozen=True)
class Renoised:
    """Formulas of samplers that add noise back, as released."""

    predicts: Predicts = EPSILON
    ARRAY = "torch"

    def _euler(self, levels: Levels) -> Any:
        refused(self.predicts, EPSILON, V)
        scheduler = levels.into(EulerAncestralDiscreteScheduler(num_train_timesteps=10, prediction_type=self.predicts.name))
        scheduler.is_scale_input_called = True
        return scheduler

    def euler_ancestral_step(self, x_t: Tensor, x_0: Tensor, z: Tensor, eta: Tensor, sigma_s: Tensor, sigma_t: Tensor) -> Tensor:
        _whole(eta)
        sigmas = torch.stack([sigma_t, sigma_s])
        return self._ancestral(lambda *_: x_0, x_t, z[None], sigmas)[-1]

    def euler_ancestral_path(self, denoiser_at_level: Denoiser, x_T: Tensor, z: Tensor, sigmas: Tensor, eta: Tensor) -> Tensor:
        _whole(eta)
        return self._ancestral(denoiser_at_level, x_T, z, sigmas)

    def _ancestral(self, model: Denoiser, x_T: Tensor, z: Tensor, sigmas: Tensor) -> Tensor:
        levels = _one_step(sigmas * 0 + 1, sigmas)
        scheduler = self._euler(levels)

        def move(output: Tensor, i: int, x: Tensor) -> Tensor:
            with drawn(scheduling_euler_ancestral_discrete, z[i]):
                state: Tensor = scheduler.step(output, scheduler.timesteps[i], x).prev_sample
            return state

        return levels.run(scheduler, self.predicts, model, x_T, move)

    def dpm2_ancestral_path(self, denoiser_at_level: Denoiser, x_T: Tensor, z: Tensor, sigmas: Tensor, eta: Tensor) -> Tensor:
        _whole(eta)
        refused(self.predicts, EPSILON, V)
        scheduler = KDPM2AncestralDiscreteScheduler(num_train_timesteps=10, prediction_type=self.predicts.name)
        levels = _one_step(sigmas * 0 + 1, sigmas)
        scheduler = levels.into(scheduler)
        after = sigmas[1:]
        up = (after**2 * (sigmas[:-1] ** 2 - after**2) / sigmas[:-1] ** 2).sqrt()
        down = (after**2 - up**2).sqrt()
        middle = (sigmas[:-1] * down).sqrt()
        # `set_timesteps` makes these four tables of its sigmas in the same way, each entry twice but the first.
        for name, entries in (("sigmas_up", up), ("sigmas_down", down), ("sigmas_interpol", middle), ("sigmas", sigmas)):
            setattr(scheduler, name, torch.cat([entries[:1], entries[1:].repeat_interleave(2), entries[-1:]]).cpu())

        def move(output: Tensor, i: int, x: Tensor) -> Tensor:
            with drawn(scheduling_k_dpm_2_ancestral_discrete, z[i]):
                ahead: Tensor = scheduler.step(output, 0, x).prev_sample
                if sigmas[i + 1] > 0:
                    x_0 = denoiser_at_level(ahead, 1.0, middle[i])
                    told = self.predicts.output(ahead, x_0, torch.ones_like(middle[i]), middle[i])
                    ahead = scheduler.step(told, 0, ahead).prev_sample
            return ahead

        return levels.run(scheduler, self.predicts, denoiser_at_level, x_T, move)

    def dpm2_ancestral_step(self, x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Tensor, sigma_s: Tensor, sigma_t: Tensor) -> Tensor:
        told = iter(x_0s)
        return self.dpm2_ancestral_path(lambda *_: next(told), x_t, z[None], torch.stack([sigma_t, sigma_s]), eta)[-1]

    def euler_ancestral_flow_path(
        self, denoiser_at_level: Denoiser, x_T: Tensor, z: Tensor, times: Tensor, eta: Tensor
    ) -> Tensor:
        levels = Levels(STRAIGHT, 1 - times, times)
        scheduler = levels.into(LTXEulerAncestralRFScheduler(eta=float(eta)))

        def move(output: Tensor, i: int, x: Tensor) -> Tensor:
            with drawn(scheduling_ltx_euler_ancestral_rf, z[i]):
                state: Tensor = scheduler.step(output, scheduler.timesteps[i], x).prev_sample
            return state

        return levels.run(scheduler, FLOW, denoiser_at_level, x_T, move)

    def euler_ancestral_flow_step(
        self, x_t: Tensor, x_0: Tensor, z: Tensor, eta: Tensor, sigma_s: Tensor, sigma_t: Tensor
    ) -> Tensor:
        return self.euler_ancestral_flow_path(lambda *_: x_0, x_t, z[None], torch.stack([sigma_t, sigma_s]), eta)[-1]

    def lcm_path(self, denoiser_at_level: Denoiser, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        if sigmas[-1] > 0:
            raise NotImplementedError("a consistency scheduler's last step ends at data")
        n = len(sigmas) - 1
        if bool((alphas + sigmas - 1).abs().max() < 1e-6):
            return self._flow_lcm(denoiser_at_level, x_T, z, alphas, sigmas)
        refused(self.predicts, EPSILON, SAMPLE, V)
        if bool((torch.hypot(alphas, sigmas) - 1).abs().max() > 1e-6):
            raise NotImplementedError("LCMScheduler's alphas_cumprod has few digits for levels that do not preserve variance")
        # A network of scaled times is the function of its boundary condition; so large a scaling leaves the network alone.
        scheduler = LCMScheduler(
            num_train_timesteps=n + 1,
            prediction_type=self.predicts.name,
            clip_sample=False,
            timestep_scaling=1e12,
            original_inference_steps=n + 1,
        )
        scheduler.set_timesteps(timesteps=list(range(n, 0, -1)))
        scheduler.alphas_cumprod = (alphas**2).flip(0)
        states = [x_T]
        for i in range(n):
            x = states[-1]
            output = self.predicts.output(x, denoiser_at_level(x, alphas[i], sigmas[i]), alphas[i], sigmas[i])
            with drawn(scheduling_lcm, z[i]):
                states.append(scheduler.step(output, scheduler.timesteps[i], x).prev_sample)
        return torch.stack(states)

    def _flow_lcm(self, model: Denoiser, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        levels = Levels(STRAIGHT, alphas, sigmas)
        scheduler = levels.into(FlowMatchLCMScheduler())

        def move(output: Tensor, i: int, x: Tensor) -> Tensor:
            with drawn(scheduling_flow_match_lcm, z[i]):
                state: Tensor = scheduler.step(output, scheduler.timesteps[i], x).prev_sample
            return state

        return levels.run(scheduler, FLOW, model, x_T, move)

    def _scalings(self, t_index: int, timestep_scaling: Tensor, sigma_data: Tensor) -> tuple[Tensor, Tensor]:
        if float(sigma_data) != 0.5:
            raise NotImplementedError("LCMScheduler fixes sigma_data at 0.5")
        scheduler = LCMScheduler(timestep_scaling=float(timestep_scaling))
        found: tuple[Tensor, Tensor] = scheduler.get_scalings_for_boundary_condition_discrete(int(t_index))
        return found

    def lcm_c_skip(self, t_index: int, timestep_scaling: Tensor, sigma_data: Tensor) -> Tensor:
        return torch.as_tensor(self._scalings(t_index, timestep_scaling, sigma_data)[0], dtype=sigma_data.dtype)

    def lcm_c_out(self, t_index: int, timestep_scaling: Tensor, sigma_data: Tensor) -> Tensor:
        return torch.as_tensor(self._scalings(t_index, timestep_scaling, sigma_data)[1], dtype=sigma_data.dtype)

    def tcd_step(
        self, x_t: Tensor, x_0: Tensor, z: Tensor, log_alpha_bar_r: Tensor, log_alpha_bar_s: Tensor, log_alpha_bar_t: Tensor
    ) -> Tensor:
        # Rows at the indices 1, 2 and 4 for r, s and t: eta = 1/2 takes s to r.
        powers = torch.stack([log_alpha_bar_s * 0, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_s, log_alpha_bar_t]).exp()
        scheduler = self._tcd(5, [4, 2])
        scheduler.alphas_cumprod = powers
        output = self.predicts.output(x_t, x_0, powers[4].sqrt(), (1 - powers[4]).sqrt())
        with drawn(scheduling_tcd, z):
            moved: Tensor = scheduler.step(output, 4, x_t, eta=0.5).prev_sample
        return moved

    def _tcd(self, T: int, indices: list[int]) -> Any:
        refused(self.predicts, EPSILON, SAMPLE, V)
        scheduler = TCDScheduler(
            num_train_timesteps=T, prediction_type=self.predicts.name, clip_sample=False, original_inference_steps=T
        )
        with quiet():
            scheduler.set_timesteps(timesteps=indices)
        return scheduler

    def tcd_path(
        self, denoiser_at_level: Denoiser, x_T: Tensor, z: Tensor, betas: Tensor, timesteps: Tensor, tcd_gamma: Tensor,
        alphas: Tensor, sigmas: Tensor,
    ) -> Tensor:  # fmt: skip
        scheduler = self._tcd(len(betas), (timesteps - 1).tolist())
        scheduler.alphas_cumprod = torch.cumprod(1 - betas, 0).cpu()
        states = [x_T]
        for i, index in enumerate(scheduler.timesteps):
            output = self.predicts.output(states[-1], denoiser_at_level(states[-1], alphas[i], sigmas[i]), alphas[i], sigmas[i])
            with drawn(scheduling_tcd, z[i]):
                states.append(scheduler.step(output, index, states[-1], eta=float(tcd_gamma)).prev_sample)
        return torch.stack(states)

    def consistency_path(self, denoiser_at_level: Denoiser, x_T: Tensor, z: Tensor, sigmas: Tensor, sigma_min: Tensor) -> Tensor:
        n = len(sigmas) - 1
        scheduler = CMStochasticIterativeScheduler(
            num_train_timesteps=n + 1, sigma_min=float(sigma_min), sigma_max=float(sigmas[0]), clip_denoised=False
        )
        scheduler.set_timesteps(n)
        levels = _one_step(sigmas * 0 + 1, sigmas)
        scheduler = levels.into(scheduler)
        scheduler.sigmas[-1], scheduler.is_scale_input_called = sigma_min, True
        states = [x_T]
        for i in range(n):
            skip, out = scheduler.get_scalings_for_boundary_condition(scheduler.sigmas[i])
            output = (denoiser_at_level(states[-1], 1.0, sigmas[i]) - skip * states[-1]) / out
            with drawn(scheduling_consistency_models, z[i]):
                states.append(scheduler.step(output, scheduler.timesteps[i], states[-1]).prev_sample)
        return torch.stack(states)
