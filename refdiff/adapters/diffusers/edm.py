"""EDMEuler and EDMDPMSolverMultistep: solvers whose signal keeps its scale, for networks preconditioned as EDM's."""

from typing import Any, final

from diffusers.schedulers.scheduling_edm_dpmsolver_multistep import EDMDPMSolverMultistepScheduler
from diffusers.schedulers.scheduling_edm_euler import EDMEulerScheduler
from torch import Tensor

from refdiff.adapters.diffusers.levels import NOISE_ALONE, Denoiser, Levels, Predicts

__all__ = ["EDM"]

_DATA = 0.5


def _raw(x_t: Tensor, x_0: Tensor, _alpha: Tensor, sigma: Tensor) -> Tensor:
    """What EDM's network puts out where its denoiser says x_0."""
    total = sigma**2 + _DATA**2
    return (x_0 - _DATA**2 / total * x_t) / (sigma * _DATA / total.sqrt())


_RAW = Predicts("epsilon", _raw)


def _solver(order: int, form: str, to_data: bool) -> Any:
    return EDMDPMSolverMultistepScheduler(
        num_train_timesteps=10,
        sigma_data=_DATA,
        solver_order=order,
        solver_type=form,
        lower_order_final=False,
        final_sigmas_type="zero" if to_data else "sigma_min",
    )


@final
class EDM:
    """Formulas of EDM's two schedulers as released."""

    ARRAY = "torch"

    def euler_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        levels = Levels(NOISE_ALONE, alphas, sigmas)
        scheduler = levels.into(EDMEulerScheduler(num_train_timesteps=10, sigma_data=_DATA))
        scheduler.is_scale_input_called = True
        return levels.run(scheduler, _RAW, denoiser_at_level, x_T)

    def _step(self, form: str, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        levels, order = Levels(NOISE_ALONE, alphas, sigmas), len(x_0s)
        scheduler = levels.into(_solver(order, form, False), order - 1)
        third, second = scheduler.multistep_dpm_solver_third_order_update, scheduler.multistep_dpm_solver_second_order_update
        moved: Tensor = (third if order == 3 else second)(list(x_0s), sample=x_t / levels.sizes[-2])
        return moved * levels.sizes[-1]

    def dpmpp_2m_step(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("midpoint", x_t, x_0s, alphas, sigmas)

    def dpmpp_2m_heun_step(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("heun", x_t, x_0s, alphas, sigmas)

    def dpmpp_3m_released_step(self, x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._step("midpoint", x_t, x_0s, alphas, sigmas)

    def _path(self, form: str, model: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        levels = Levels(NOISE_ALONE, alphas, sigmas)
        return levels.run(levels.into(_solver(2, form, bool(sigmas[-1] == 0))), _RAW, model, x_T)

    def dpmpp_2m_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._path("midpoint", denoiser_at_level, x_T, alphas, sigmas)

    def dpmpp_2m_heun_path(self, denoiser_at_level: Denoiser, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        return self._path("heun", denoiser_at_level, x_T, alphas, sigmas)
