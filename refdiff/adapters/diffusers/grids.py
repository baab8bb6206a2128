"""Grids of noise scales and times, read from what `set_timesteps` leaves; they are float32, whatever is asked for."""

from typing import Any, final

import numpy as np
import torch
from diffusers.schedulers.scheduling_edm_euler import EDMEulerScheduler
from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from torch import Tensor

from refdiff.adapters.diffusers.levels import quiet

__all__ = ["Grids"]


def _edm(n: int, sigma_min: Tensor, sigma_max: Tensor, schedule: str, rho: float = 7.0) -> Tensor:
    scheduler = EDMEulerScheduler(
        sigma_min=float(sigma_min), sigma_max=float(sigma_max), sigma_schedule=schedule, rho=rho, num_train_timesteps=10
    )
    scheduler.set_timesteps(n)
    sigmas: Tensor = scheduler.sigmas[:-1]
    return sigmas


def _table(betas: Tensor, **options: Any) -> EulerDiscreteScheduler:
    scheduler = EulerDiscreteScheduler(num_train_timesteps=len(betas), trained_betas=betas.cpu().numpy())
    scheduler.set_timesteps(**options)
    return scheduler


def _flow(sigmas: Tensor, mu: float | None = None, **options: Any) -> Tensor:
    """The times that a pipeline's `sigmas` become, in the shape they came in."""
    scheduler = FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=mu is not None, **options)
    scheduler.set_timesteps(sigmas=sigmas.cpu().double().reshape(-1).numpy(), mu=mu)
    times: Tensor = scheduler.sigmas[:-1]
    return times.reshape(sigmas.shape)


def _parts(n: int) -> Tensor:
    """What pipelines hand to the scheduler."""
    return torch.as_tensor(np.linspace(1.0, 1 / n, n))


@final
class Grids:
    """Grids as released."""

    ARRAY = "torch"

    def sigmas_karras(self, n: int, sigma_min: Tensor, sigma_max: Tensor, rho: Tensor) -> Tensor:
        return _edm(n, sigma_min, sigma_max, "karras", float(rho))

    def sigmas_polyexponential(self, n: int, sigma_min: Tensor, sigma_max: Tensor, rho: Tensor) -> Tensor:
        if float(rho) != 1:
            raise NotImplementedError("diffusers' exponential grids are of rho = 1")
        return _edm(n, sigma_min, sigma_max, "exponential")

    def sigmas_beta(self, n: int, sigma_min: Tensor, sigma_max: Tensor, beta_a: Tensor, beta_b: Tensor) -> Tensor:
        # The shapes have defaults that no public option changes.
        ends = np.array([float(sigma_max), float(sigma_min)])
        made: np.ndarray = EulerDiscreteScheduler(num_train_timesteps=10)._convert_to_beta(ends, n, float(beta_a), float(beta_b))
        return torch.from_numpy(made)

    def edm_sigma_at_fractional_time_linear(self, betas: Tensor, fractional_t: Tensor) -> Tensor:
        levels: Tensor = _table(betas, timesteps=(fractional_t - 1).cpu().numpy()).sigmas[:-1]
        return levels

    def fractional_time_from_edm_sigma(self, betas: Tensor, sigma_over_alpha_t: Tensor) -> Tensor:
        scheduler = _table(betas, sigmas=[*sigma_over_alpha_t.cpu().tolist(), 0.0])
        times: Tensor = scheduler.timesteps + 1
        return times

    def shifted_time(self, time: Tensor, time_shift: Tensor) -> Tensor:
        return _flow(time, shift=float(time_shift))

    def exponentially_shifted_time(self, time: Tensor, log_time_shift: Tensor) -> Tensor:
        return _flow(time, mu=float(log_time_shift))

    def flow_times_shifted(self, n: int, time_shift: Tensor) -> Tensor:
        return _flow(_parts(n), shift=float(time_shift))

    def flow_times_exponentially_shifted(self, n: int, log_time_shift: Tensor) -> Tensor:
        return _flow(_parts(n), mu=float(log_time_shift))

    def flow_times_stretched(self, times: Tensor, terminal: Tensor) -> Tensor:
        if float(terminal) == 0:
            raise NotImplementedError("FlowMatchEulerDiscreteScheduler takes shift_terminal = 0 for no stretch")
        return _flow(times, shift_terminal=float(terminal))

    def flow_times_ending_at(self, n: int, time_min: Tensor, time_shift: Tensor) -> Tensor:
        T = round(1 / float(time_min))
        if abs(T * float(time_min) - 1) > 1e-6:
            raise NotImplementedError("the least time of FlowMatchEulerDiscreteScheduler is 1/T")
        scheduler = FlowMatchEulerDiscreteScheduler(num_train_timesteps=T, shift=float(time_shift))
        with quiet():
            scheduler.set_timesteps(n)
        times: Tensor = scheduler.sigmas[:-1]
        return times
