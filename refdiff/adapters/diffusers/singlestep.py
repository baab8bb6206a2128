"""Solvers that forget: EulerDiscrete, HeunDiscrete, KDPM2Discrete and DPMSolverSinglestep.

The first three keep the signal's scale at 1; DPMSolverSinglestep counts a step's inner levels as levels of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, final

import torch
from diffusers.schedulers.scheduling_dpmsolver_singlestep import DPMSolverSinglestepScheduler
from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler
from diffusers.schedulers.scheduling_heun_discrete import HeunDiscreteScheduler
from diffusers.schedulers.scheduling_k_dpm_2_discrete import KDPM2DiscreteScheduler
from torch import Tensor

from refdiff.adapters.diffusers.levels import (
    EPSILON,
    NOISE_ALONE,
    SAMPLE,
    VARIANCE,
    Denoiser,
    Levels,
    Predicts,
    Scale,
    V,
    quiet,
    refused,
)

__all__ = ["Singlestep", "halved"]

Move = Callable[[Tensor, int, Tensor], Tensor]


def halved(sigmas: Tensor) -> Tensor:
    """The levels with the geometric mean between each two, none before a last of 0."""
    return torch.stack(list(_halves(sigmas)))


def _halves(sigmas: Tensor) -> Iterator[Tensor]:
    for i in range(len(sigmas) - 1):
        yield sigmas[i]
        if sigmas[i + 1] > 0:
            yield (sigmas[i] * sigmas[i + 1]).sqrt()
    yield sigmas[-1]


def _ends(states: Tensor, levels: int) -> Tensor:
    """States at the ends of the steps, of a run that shows the inner ones too."""
    return states[::2] if len(states) == 2 * levels - 1 else torch.cat([states[::2], states[-1:]])


@final
@dataclass(frozen=True)
class Singlestep:
    """Singlestep formulas as released."""

    predicts: Predicts = EPSILON
    scale: Scale = VARIANCE
    ARRAY = "torch"

    def euler_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        refused(self.predicts, EPSILON, SAMPLE, V)
        levels = Levels(NOISE_ALONE, alphas, sigmas)
        scheduler = levels.into(EulerDiscreteScheduler(num_train_timesteps=10, prediction_type=self.predicts.name))
        scheduler.is_scale_input_called = True
        return levels.run(scheduler, self.predicts, denoiser_at_level, x_T)

    def heun_path(self, denoiser_at_level: Denoiser, x_T: Tensor, sigmas: Tensor) -> Tensor:
        refused(self.predicts, EPSILON, SAMPLE, V)
        levels = Levels(NOISE_ALONE, sigmas * 0 + 1, sigmas)
        scheduler = HeunDiscreteScheduler(num_train_timesteps=10, prediction_type=self.predicts.name)
        scheduler.prev_derivative = scheduler.dt = None
        scheduler = levels.into(scheduler)
        # The library too writes every level twice but the first and the last, where it has no second half.
        scheduler.sigmas = torch.cat([sigmas[:1], sigmas[1:].repeat_interleave(2)]).cpu()

        def move(output: Tensor, i: int, x: Tensor) -> Tensor:
            ahead: Tensor = scheduler.step(output, 0, x).prev_sample
            if sigmas[i + 1] > 0:
                ahead = scheduler.step(levels.output(self.predicts, denoiser_at_level, ahead, i + 1), 0, ahead).prev_sample
            return ahead

        return levels.run(scheduler, self.predicts, denoiser_at_level, x_T, move)

    def dpm2_path(self, denoiser_at_level: Denoiser, x_T: Tensor, sigmas: Tensor) -> Tensor:
        refused(self.predicts, EPSILON, V)
        every = halved(sigmas)
        levels = Levels(NOISE_ALONE, every * 0 + 1, every)
        scheduler = levels.into(KDPM2DiscreteScheduler(num_train_timesteps=10, prediction_type=self.predicts.name))
        scheduler.sigmas = torch.cat([sigmas[:1], sigmas[1:].repeat_interleave(2)]).cpu()
        # A step reads its middle at the places 2i + 1.
        scheduler.sigmas_interpol = torch.cat([every[1::2].repeat_interleave(2).roll(1), every[-1:], every[-1:]]).cpu()
        return _ends(levels.run(scheduler, self.predicts, denoiser_at_level, x_T), len(sigmas))

    def _solver(self, predicts: str, kind: str, form: str, order: int) -> Any:
        with quiet():
            return DPMSolverSinglestepScheduler(
                num_train_timesteps=12,
                solver_order=order,
                prediction_type=predicts,
                algorithm_type=kind,
                solver_type=form,
                lower_order_final=False,
                final_sigmas_type="sigma_min",
                use_flow_sigmas=self.scale.flow,
            )

    def _step(self, kind: str, form: str, x_t: Tensor, history: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        levels, order = Levels(self.scale, alphas, sigmas), len(history)
        scheduler = levels.into(self._solver("sample", kind, form, order), order - 1)
        x = x_t / levels.sizes[0]
        moved: Tensor = scheduler.singlestep_dpm_solver_update(list(history), sample=x, order=order)
        return moved * levels.sizes[-1]

    def dpmpp_2s_step(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("dpmsolver++", "midpoint", x_t, x_0s, alphas, sigmas)

    def dpmpp_2s_heun_step(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("dpmsolver++", "heun", x_t, x_0s, alphas, sigmas)

    def dpmpp_3s_state(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("dpmsolver++", "heun", x_t, x_0s, alphas, sigmas)

    def dpmpp_3s_step(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("dpmsolver++", "midpoint", x_t, x_0s, alphas, sigmas)

    def dpmpp_3s_heun_step(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("dpmsolver++", "heun", x_t, x_0s, alphas, sigmas)

    def dpm_solver_2s_step(self, x_t: Tensor, epsilons: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("dpmsolver", "midpoint", x_t, epsilons, alphas, sigmas)

    def dpm_solver_3s_state(self, x_t: Tensor, epsilons: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("dpmsolver", "heun", x_t, epsilons, alphas, sigmas)

    def dpm_solver_3s_step(self, x_t: Tensor, epsilons: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("dpmsolver", "midpoint", x_t, epsilons, alphas, sigmas)

    def _path(self, kind: str, model: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        if kind == "dpmsolver" and sigmas[-1] == 0:
            raise NotImplementedError("algorithm_type dpmsolver refuses final_sigmas_type zero")
        if kind == "dpmsolver":
            refused(self.predicts, EPSILON, SAMPLE, V)
        ratios = halved(sigmas / alphas)
        # Inner levels in the scheduler's own scale; the ends in the case's.
        inner = torch.ones_like(ratios)
        inner[: 2 * len(alphas) - 1 : 2] = alphas[: len(inner[: 2 * len(alphas) - 1 : 2])]
        inner[-1] = alphas[-1]
        levels = Levels(self.scale, inner, ratios * inner)
        scheduler = levels.into(self._solver(self.predicts.name, kind, "midpoint", 2))
        scheduler.order_list = ([1, 2] * len(sigmas))[: len(ratios) - 1]
        return _ends(levels.run(scheduler, self.predicts, model, x_T), len(sigmas))

    def dpmpp_2s_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._path("dpmsolver++", denoiser_at_level, x_T, alphas, sigmas)

    def dpm_solver_2s_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._path("dpmsolver", denoiser_at_level, x_T, alphas, sigmas)
