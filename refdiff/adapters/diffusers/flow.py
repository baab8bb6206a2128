"""FlowMatchEulerDiscrete and FlowMatchHeunDiscrete: runs along the straight path's velocity."""

from collections.abc import Callable
from typing import Any, final

import torch
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from diffusers.schedulers.scheduling_flow_match_heun_discrete import FlowMatchHeunDiscreteScheduler
from torch import Tensor

from refdiff.adapters.diffusers.levels import STRAIGHT, Levels

__all__ = ["Flow"]

Velocity = Callable[[Tensor, Any], Tensor]


@final
class Flow:
    """Formulas of flow matching as released."""

    ARRAY = "torch"

    def flow_euler_path(self, velocity_model: Velocity, x_T: Tensor, times: Tensor) -> Tensor:
        scheduler = Levels(STRAIGHT, 1 - times, times).into(FlowMatchEulerDiscreteScheduler())
        states = [x_T]
        for i in range(len(times) - 1):
            states.append(scheduler.step(velocity_model(states[-1], times[i]), 0.0, states[-1]).prev_sample)
        return torch.stack(states)

    def flow_euler_step(self, x_t: Tensor, velocity: Tensor, step_size: Tensor) -> Tensor:
        # Its times are differences of times: from step_size to 0 here.
        times = torch.stack([step_size, 0 * step_size])
        return self.flow_euler_path(lambda *_: velocity, x_t, times)[-1]

    def flow_heun_path(self, velocity_model: Velocity, x_T: Tensor, times: Tensor) -> Tensor:
        if times[-1] == 0:
            raise NotImplementedError("FlowMatchHeunDiscreteScheduler takes Euler's step down to time 0")
        scheduler = FlowMatchHeunDiscreteScheduler()
        scheduler.prev_derivative = scheduler.dt = None
        scheduler = Levels(STRAIGHT, 1 - times, times).into(scheduler)
        scheduler.sigmas = torch.cat([times[:1], times[1:].repeat_interleave(2)]).cpu()
        states = [x_T]
        for i in range(len(times) - 1):
            x = scheduler.step(velocity_model(states[-1], times[i]), 0.0, states[-1]).prev_sample
            states.append(scheduler.step(velocity_model(x, times[i + 1]), 0.0, x).prev_sample)
        return torch.stack(states)
