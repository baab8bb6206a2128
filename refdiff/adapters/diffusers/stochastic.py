"""Solvers of the reverse-time process: DPMSolverMultistep's sde types, SASolver and ScoreSdeVe's two steps.

Diffusers knows no strength of the noise but the full one, eta = 1, except for SASolver's tau. DPMSolverSDE and
CosineDPMSolverMultistep are not here: they need torchsde, which draws their noise.
"""

from dataclasses import dataclass
from typing import Any, final

import torch
from diffusers.schedulers import scheduling_sde_ve
from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler
from diffusers.schedulers.scheduling_sasolver import SASolverScheduler
from diffusers.schedulers.scheduling_sde_ve import ScoreSdeVeScheduler
from torch import Tensor

from refdiff.adapters.diffusers.levels import (
    EPSILON,
    SAMPLE,
    VARIANCE,
    Denoiser,
    Levels,
    Predicts,
    Scale,
    V,
    drawn,
    quiet,
    refused,
)

__all__ = ["Stochastic"]


def _full(eta: Tensor) -> None:
    if float(eta) != 1:
        raise NotImplementedError("diffusers' sde types have the full noise, eta = 1, and no option for another")


@final
@dataclass(frozen=True)
class Stochastic:
    """Stochastic formulas as released."""

    predicts: Predicts = EPSILON
    scale: Scale = VARIANCE
    ARRAY = "torch"

    def _solver(self, predicts: str, kind: str, form: str, order: int, to_data: bool) -> Any:
        with quiet():
            return DPMSolverMultistepScheduler(
                num_train_timesteps=10,
                solver_order=order,
                prediction_type=predicts,
                algorithm_type=kind,
                solver_type=form,
                lower_order_final=False,
                final_sigmas_type="zero" if to_data else "sigma_min",
                use_flow_sigmas=self.scale.flow,
            )

    def _step(self, kind: str, form: str, x_t: Tensor, history: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        levels, order = Levels(self.scale, alphas, sigmas), len(history)
        scheduler = levels.into(self._solver("sample", kind, form, order, False), order - 1)
        x = x_t / levels.sizes[-2]
        if order == 1:
            moved: Tensor = scheduler.dpm_solver_first_order_update(history[0], sample=x, noise=z)
        elif order == 2:
            moved = scheduler.multistep_dpm_solver_second_order_update(list(history), sample=x, noise=z)
        else:
            moved = scheduler.multistep_dpm_solver_third_order_update(list(history), sample=x, noise=z)
        return moved * levels.sizes[-1]

    def _path(
        self, kind: str, form: str, order: int, model: Denoiser, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor
    ) -> Tensor:
        if kind == "sde-dpmsolver" and sigmas[-1] == 0:
            raise NotImplementedError("algorithm_type sde-dpmsolver refuses final_sigmas_type zero")
        if kind == "sde-dpmsolver":
            refused(self.predicts, EPSILON, SAMPLE, V)
        levels = Levels(self.scale, alphas, sigmas)
        scheduler = levels.into(self._solver(self.predicts.name, kind, form, order, bool(sigmas[-1] == 0)))

        def move(output: Tensor, i: int, x: Tensor) -> Tensor:
            state: Tensor = scheduler.step(output, scheduler.timesteps[i], x, variance_noise=z[i]).prev_sample
            return state

        return levels.run(scheduler, self.predicts, model, x_T, move)

    def dpmpp_sde_1_step(
        self, x_t: Tensor, x_0: Tensor, z: Tensor, alpha_s: Tensor, sigma_s: Tensor, alpha_t: Tensor, sigma_t: Tensor
    ) -> Tensor:
        levels = torch.stack([alpha_t, alpha_s]), torch.stack([sigma_t, sigma_s])
        return self._step("sde-dpmsolver++", "midpoint", x_t, x_0[None], z, *levels)

    def dpm_solver_sde_1_step(
        self, x_t: Tensor, eps: Tensor, z: Tensor, alpha_s: Tensor, sigma_s: Tensor, alpha_t: Tensor, sigma_t: Tensor
    ) -> Tensor:
        levels = torch.stack([alpha_t, alpha_s]), torch.stack([sigma_t, sigma_s])
        return self._step("sde-dpmsolver", "midpoint", x_t, eps[None], z, *levels)

    def dpmpp_2m_sde_step(self, x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        _full(eta)
        return self._step("sde-dpmsolver++", "midpoint", x_t, x_0s, z, alphas, sigmas)

    def dpmpp_2m_sde_heun_step(self, x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        _full(eta)
        return self._step("sde-dpmsolver++", "heun", x_t, x_0s, z, alphas, sigmas)

    def dpmpp_3m_sde_step(self, x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        _full(eta)
        return self._step("sde-dpmsolver++", "midpoint", x_t, x_0s, z, alphas, sigmas)

    def dpm_solver_2m_sde_step(self, x_t: Tensor, epsilons: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("sde-dpmsolver", "midpoint", x_t, epsilons, z, alphas, sigmas)

    def dpmpp_sde_1_path(self, denoiser_at_level: Denoiser, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._path("sde-dpmsolver++", "midpoint", 1, denoiser_at_level, x_T, z, alphas, sigmas)

    def dpm_solver_sde_1_path(
        self, denoiser_at_level: Denoiser, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor
    ) -> Tensor:
        return self._path("sde-dpmsolver", "midpoint", 1, denoiser_at_level, x_T, z, alphas, sigmas)

    def dpmpp_2m_sde_path(
        self, denoiser_at_level: Denoiser, x_T: Tensor, z: Tensor, eta: Tensor, alphas: Tensor, sigmas: Tensor
    ) -> Tensor:
        _full(eta)
        return self._path("sde-dpmsolver++", "midpoint", 2, denoiser_at_level, x_T, z, alphas, sigmas)

    def dpmpp_2m_sde_heun_path(
        self, denoiser_at_level: Denoiser, x_T: Tensor, z: Tensor, eta: Tensor, alphas: Tensor, sigmas: Tensor
    ) -> Tensor:
        _full(eta)
        return self._path("sde-dpmsolver++", "heun", 2, denoiser_at_level, x_T, z, alphas, sigmas)

    def dpmpp_3m_sde_path(
        self, denoiser_at_level: Denoiser, x_T: Tensor, z: Tensor, eta: Tensor, alphas: Tensor, sigmas: Tensor
    ) -> Tensor:
        _full(eta)
        # Its second step is of the type heun here.
        return self._path("sde-dpmsolver++", "heun", 3, denoiser_at_level, x_T, z, alphas, sigmas)

    def dpm_solver_2m_sde_path(
        self, denoiser_at_level: Denoiser, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor
    ) -> Tensor:
        return self._path("sde-dpmsolver", "midpoint", 2, denoiser_at_level, x_T, z, alphas, sigmas)

    def _adams(self, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> tuple[Levels, Any]:
        levels = Levels(self.scale, alphas, sigmas)
        scheduler = SASolverScheduler(
            num_train_timesteps=10, predictor_order=3, corrector_order=3, use_flow_sigmas=self.scale.flow
        )
        return levels, levels.into(scheduler, len(x_0s) - 1)

    def sa_predictor_step(
        self, x_t: Tensor, x_0s: Tensor, z: Tensor, noise_strength: Tensor, alphas: Tensor, sigmas: Tensor
    ) -> Tensor:
        levels, scheduler = self._adams(x_0s, alphas, sigmas)
        scheduler.model_outputs = list(x_0s)
        moved: Tensor = scheduler.stochastic_adams_bashforth_update(
            x_0s[-1], sample=x_t / levels.sizes[-2], noise=z, order=len(x_0s), tau=noise_strength
        )
        return moved * levels.sizes[-1]

    def sa_corrector_step(
        self, x_t: Tensor, x_0s: Tensor, z: Tensor, noise_strength: Tensor, alphas: Tensor, sigmas: Tensor
    ) -> Tensor:
        levels, scheduler = self._adams(x_0s, alphas, sigmas)
        scheduler.model_outputs = list(x_0s[:-1])
        x = x_t / levels.sizes[-2]
        moved: Tensor = scheduler.stochastic_adams_moulton_update(
            x_0s[-1], last_sample=x, last_noise=z, this_sample=x, order=len(x_0s), tau=noise_strength
        )
        return moved * levels.sizes[-1]

    def predictor_corrector_ve_path(
        self, denoiser_at_level: Denoiser, x_T: Tensor, z: Tensor, sigmas: Tensor, corrector_snr: Tensor
    ) -> Tensor:
        if sigmas[-1] > 0:
            raise NotImplementedError("ScoreSdeVeScheduler's last step goes to sigma = 0")
        n = len(sigmas) - 1
        scheduler = ScoreSdeVeScheduler(num_train_timesteps=n, snr=float(corrector_snr))
        # Times at which floor(t*(n - 1)) is the level: the library's own are as near to these as float32 is.
        scheduler.timesteps, scheduler.discrete_sigmas = torch.ones(n), sigmas[:-1].flip(0)
        states = [x_T]
        for i in range(n):
            x = states[-1]
            for half in range(2):
                score = (denoiser_at_level(x, 1.0, sigmas[i]) - x) / sigmas[i] ** 2
                with drawn(scheduling_sde_ve, z[2 * i + half]):
                    if half:
                        x = scheduler.step_pred(score, (n - 1 - i + 0.25) / max(n - 1, 1), x).prev_sample
                    else:
                        x = scheduler.step_correct(score, x).prev_sample
            states.append(x)
        return torch.stack(states)
