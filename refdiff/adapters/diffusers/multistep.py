"""Solvers that remember: DPMSolverMultistep, UniPCMultistep, DEISMultistep and LMSDiscrete.

Single steps call the public updates, which convert nothing; runs call `step`, which casts states to float32 where it does.
"""

from dataclasses import dataclass
from typing import Any, final

from diffusers.schedulers.scheduling_deis_multistep import DEISMultistepScheduler
from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler
from diffusers.schedulers.scheduling_lms_discrete import LMSDiscreteScheduler
from diffusers.schedulers.scheduling_unipc_multistep import UniPCMultistepScheduler
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

__all__ = ["Multistep", "ThirdOrder"]


def _solver(scale: Scale, predicts: str, kind: str, order: int, form: str, to_data: bool) -> Any:
    with quiet():
        return DPMSolverMultistepScheduler(
            num_train_timesteps=10,
            solver_order=order,
            prediction_type=predicts,
            algorithm_type=kind,
            solver_type=form,
            lower_order_final=False,
            final_sigmas_type="zero" if to_data else "sigma_min",
            use_flow_sigmas=scale.flow,
        )


@dataclass(frozen=True)
class _Solvers:
    predicts: Predicts = EPSILON
    scale: Scale = VARIANCE
    ARRAY = "torch"

    def _step(self, kind: str, form: str, x_t: Tensor, history: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        levels, order = Levels(self.scale, alphas, sigmas), len(history)
        scheduler = levels.into(_solver(self.scale, "sample", kind, order, form, False), order - 1)
        third, second = scheduler.multistep_dpm_solver_third_order_update, scheduler.multistep_dpm_solver_second_order_update
        moved: Tensor = (third if order == 3 else second)(list(history), sample=x_t / levels.sizes[-2])
        return moved * levels.sizes[-1]

    def _path(
        self, kind: str, form: str, order: int, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor
    ) -> Tensor:
        if kind == "dpmsolver" and sigmas[-1] == 0:
            raise NotImplementedError("algorithm_type dpmsolver refuses final_sigmas_type zero")
        if kind == "dpmsolver":
            refused(self.predicts, EPSILON, SAMPLE, V)
        levels = Levels(self.scale, alphas, sigmas)
        scheduler = levels.into(_solver(self.scale, self.predicts.name, kind, order, form, bool(sigmas[-1] == 0)))
        return levels.run(scheduler, self.predicts, denoiser_at_level, x_T)


@final
class ThirdOrder(_Solvers):
    """solver_order = 3 held to a method of third order, which the released update is not."""

    def dpmpp_3m_step(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("dpmsolver++", "midpoint", x_t, x_0s, alphas, sigmas)

    def dpm_solver_3m_step(self, x_t: Tensor, epsilons: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("dpmsolver", "midpoint", x_t, epsilons, alphas, sigmas)

    def dpmpp_3m_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._path("dpmsolver++", "midpoint", 3, denoiser_at_level, x_T, alphas, sigmas)

    def dpm_solver_3m_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._path("dpmsolver", "midpoint", 3, denoiser_at_level, x_T, alphas, sigmas)


@final
class Multistep(_Solvers):
    """Multistep formulas as released."""

    def dpmpp_2m_step(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("dpmsolver++", "midpoint", x_t, x_0s, alphas, sigmas)

    def dpmpp_2m_heun_step(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("dpmsolver++", "heun", x_t, x_0s, alphas, sigmas)

    def dpmpp_3m_released_step(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("dpmsolver++", "midpoint", x_t, x_0s, alphas, sigmas)

    def dpm_solver_2m_step(self, x_t: Tensor, epsilons: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("dpmsolver", "midpoint", x_t, epsilons, alphas, sigmas)

    def dpm_solver_2m_heun_step(self, x_t: Tensor, epsilons: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("dpmsolver", "heun", x_t, epsilons, alphas, sigmas)

    def dpmpp_2m_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._path("dpmsolver++", "midpoint", 2, denoiser_at_level, x_T, alphas, sigmas)

    def dpmpp_2m_heun_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._path("dpmsolver++", "heun", 2, denoiser_at_level, x_T, alphas, sigmas)

    def dpm_solver_2m_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._path("dpmsolver", "midpoint", 2, denoiser_at_level, x_T, alphas, sigmas)

    def _unipc(self, variant: str, order: int, to_data: bool, predicts: str) -> Any:
        # The last step to data is of first order only where orders fall towards the end.
        return UniPCMultistepScheduler(
            num_train_timesteps=10,
            solver_order=order,
            prediction_type=predicts,
            solver_type=variant,
            lower_order_final=to_data,
            use_flow_sigmas=self.scale.flow,
        )

    def _predicted(self, variant: str, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        levels, order = Levels(self.scale, alphas, sigmas), len(x_0s)
        scheduler = levels.into(self._unipc(variant, order, False, "sample"), order - 1)
        scheduler.model_outputs = list(x_0s)
        moved: Tensor = scheduler.multistep_uni_p_bh_update(x_0s[-1], sample=x_t / levels.sizes[-2], order=order)
        return moved * levels.sizes[-1]

    def _corrected(self, variant: str, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        levels, order = Levels(self.scale, alphas, sigmas), len(x_0s) - 1
        scheduler = levels.into(self._unipc(variant, order, False, "sample"), order)
        scheduler.model_outputs = list(x_0s[:-1])
        x = x_t / levels.sizes[-2]
        moved: Tensor = scheduler.multistep_uni_c_bh_update(x_0s[-1], last_sample=x, this_sample=x, order=order)
        return moved * levels.sizes[-1]

    def unip_step_bh1(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._predicted("bh1", x_t, x_0s, alphas, sigmas)

    def unip_step_bh2(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._predicted("bh2", x_t, x_0s, alphas, sigmas)

    def unic_step_bh1(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._corrected("bh1", x_t, x_0s, alphas, sigmas)

    def unic_step_bh2(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._corrected("bh2", x_t, x_0s, alphas, sigmas)

    def _unipc_path(self, variant: str, model: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor, order: int) -> Tensor:
        levels = Levels(self.scale, alphas, sigmas)
        scheduler = levels.into(self._unipc(variant, int(order), bool(sigmas[-1] == 0), self.predicts.name))
        scheduler.timestep_list = [None] * int(order)
        corrected = []

        def move(output: Tensor, i: int, x: Tensor) -> Tensor:
            state: Tensor = scheduler.step(output, scheduler.timesteps[i], x).prev_sample
            # `step` corrects the state it was given before it predicts the next.
            corrected.append(scheduler.last_sample)
            return state

        states = levels.run(scheduler, self.predicts, model, x_T, move)
        return levels.back([*corrected, states[-1] / levels.sizes[-1]])

    def unipc_bh1_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor, order: int) -> Tensor:
        return self._unipc_path("bh1", denoiser_at_level, x_T, alphas, sigmas, order)

    def unipc_bh2_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor, order: int) -> Tensor:
        return self._unipc_path("bh2", denoiser_at_level, x_T, alphas, sigmas, order)

    def _deis(self, order: int, predicts: str) -> Any:
        return DEISMultistepScheduler(
            num_train_timesteps=10,
            solver_order=order,
            prediction_type=predicts,
            lower_order_final=False,
            use_flow_sigmas=self.scale.flow,
        )

    def deis_step(self, x_t: Tensor, epsilons: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        levels, order = Levels(self.scale, alphas, sigmas), len(epsilons)
        scheduler, x = levels.into(self._deis(order, "epsilon"), order - 1), x_t / levels.sizes[-2]
        if order == 1:
            moved: Tensor = scheduler.deis_first_order_update(epsilons[0], sample=x)
        elif order == 2:
            moved = scheduler.multistep_deis_second_order_update(list(epsilons), sample=x)
        else:
            moved = scheduler.multistep_deis_third_order_update(list(epsilons), sample=x)
        return moved * levels.sizes[-1]

    def deis_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor, order: int) -> Tensor:
        if sigmas[-1] == 0:
            raise NotImplementedError("DEISMultistepScheduler ends at its table's least noise, never at data")
        levels = Levels(self.scale, alphas, sigmas)
        return levels.run(levels.into(self._deis(int(order), self.predicts.name)), self.predicts, denoiser_at_level, x_T)

    def lms_step(self, x_t: Tensor, epsilons: Tensor, sigmas: Tensor) -> Tensor:
        order = len(epsilons)
        levels = Levels(NOISE_ALONE, sigmas * 0 + 1, sigmas)
        scheduler = levels.into(LMSDiscreteScheduler(num_train_timesteps=10), order - 1)
        scheduler.derivatives, scheduler.is_scale_input_called = list(epsilons[:-1]), True
        moved: Tensor = scheduler.step(epsilons[-1], scheduler.timesteps[order - 1], x_t, order).prev_sample
        return moved

    def lms_path(self, denoiser_at_level: Denoiser, x_T: Tensor, sigmas: Tensor, order: int) -> Tensor:
        refused(self.predicts, EPSILON, SAMPLE, V)
        levels = Levels(NOISE_ALONE, sigmas * 0 + 1, sigmas)
        scheduler = levels.into(LMSDiscreteScheduler(num_train_timesteps=10, prediction_type=self.predicts.name))
        scheduler.is_scale_input_called = True

        def move(output: Tensor, i: int, x: Tensor) -> Tensor:
            state: Tensor = scheduler.step(output, scheduler.timesteps[i], x, int(order)).prev_sample
            return state

        return levels.run(scheduler, self.predicts, denoiser_at_level, x_T, move)
