"""Meta's flow_matching under the vocabulary's names: schedulers, affine paths, the ODE solver and its likelihood.

Its t = 1 is data and its velocities point there, so that times become 1 - time and rates turn their signs. Its solver takes
times in either order, and gets ours as they are. Its `rk4` is torchdiffeq's three eighths rule.
"""

from collections.abc import Callable
from unittest import mock

import torch
from torch import Tensor

try:
    from flow_matching.path import AffineProbPath, CondOTProbPath
    from flow_matching.path.scheduler import (
        CondOTScheduler,
        CosineScheduler,
        SchedulerOutput,
        ScheduleTransformedModel,
        VPScheduler,
    )
    from flow_matching.solver import ODESolver
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "flow_matching":
        raise
    raise ImportError("flow_matching is not installed; pip install flow-matching") from error

__all__ = [
    "ARRAY",
    "cosine_path_rates",
    "cosine_path_scales",
    "eps_from_velocity",
    "eps_from_x_0",
    "exact_divergence",
    "flow_euler_path",
    "flow_euler_step",
    "flow_heun_path",
    "flow_heun_step",
    "flow_midpoint_path",
    "flow_rk4_path",
    "flow_three_eighths_path",
    "hutchinson_divergence",
    "linear_path_rates",
    "linear_path_scales",
    "linear_path_velocity",
    "log_density_rate",
    "marginal_mean",
    "marginal_sample",
    "transformed_velocity",
    "velocity_from_eps",
    "velocity_from_x_0",
    "vp_path_rates",
    "vp_path_scales",
    "x_0_from_eps",
    "x_0_from_velocity",
]

ARRAY = "torch"

VelocityModel = Callable[[Tensor, Tensor], Tensor]
Schedule = Callable[[Tensor], SchedulerOutput]


class _Given:
    """A scheduler that is at these scales and rates at whatever time."""

    def __init__(self, alpha_t: Tensor, sigma_t: Tensor, alpha_dot_t: Tensor, sigma_dot_t: Tensor) -> None:
        self._at = SchedulerOutput(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)

    def __call__(self, t: Tensor) -> SchedulerOutput:
        return self._at

    def snr_inverse(self, snr: Tensor) -> Tensor:
        return snr


def _their_time(time: Tensor) -> Tensor:
    t = 1 - time
    if (1 - t != time).any():
        raise NotImplementedError("flow_matching counts time from noise to data, and 1 - time is not exact in this dtype")
    return t


def _scales(scheduler: Schedule, time: Tensor) -> Tensor:
    at = scheduler(_their_time(time))
    return torch.stack([at.alpha_t, at.sigma_t])


def _rates(scheduler: Schedule, time: Tensor) -> Tensor:
    at = scheduler(_their_time(time))
    return -torch.stack([at.d_alpha_t, at.d_sigma_t])


def _need_straight(sigma_min: Tensor) -> None:
    if sigma_min != 0:
        raise NotImplementedError("CondOTScheduler leaves no noise on the data: its sigma_min is 0")


def linear_path_scales(time: Tensor, sigma_min: Tensor) -> Tensor:
    _need_straight(sigma_min)
    return _scales(CondOTScheduler(), time)


def linear_path_rates(time: Tensor, sigma_min: Tensor) -> Tensor:
    _need_straight(sigma_min)
    return _rates(CondOTScheduler(), time)


def linear_path_velocity(x_t: Tensor, x_0: Tensor, time: Tensor, sigma_min: Tensor) -> Tensor:
    _need_straight(sigma_min)
    velocity: Tensor = CondOTProbPath().target_to_velocity(x_0, x_t, _their_time(time))
    return -velocity


def cosine_path_scales(time: Tensor) -> Tensor:
    return _scales(CosineScheduler(), time)


def cosine_path_rates(time: Tensor) -> Tensor:
    return _rates(CosineScheduler(), time)


def vp_path_scales(time: Tensor, beta_rate_min: Tensor, beta_rate_max: Tensor) -> Tensor:
    return _scales(VPScheduler(float(beta_rate_min), float(beta_rate_max)), time)


def vp_path_rates(time: Tensor, beta_rate_min: Tensor, beta_rate_max: Tensor) -> Tensor:
    return _rates(VPScheduler(float(beta_rate_min), float(beta_rate_max)), time)


def marginal_sample(x_0: Tensor, eps: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    batch = [scale.expand(len(x_0)) for scale in (alpha_t, sigma_t, 0 * alpha_t, 0 * sigma_t)]
    noisy: Tensor = AffineProbPath(_Given(*batch)).sample(x_0=eps, x_1=x_0, t=batch[0]).x_t
    return noisy


def marginal_mean(x_0: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    return marginal_sample(x_0, torch.zeros_like(x_0), alpha_t, sigma_t)


def _at_level(alpha_t: Tensor, sigma_t: Tensor) -> AffineProbPath:
    return AffineProbPath(_Given(alpha_t, sigma_t, 0 * alpha_t, 0 * sigma_t))


def x_0_from_eps(x_t: Tensor, eps: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    x_0: Tensor = _at_level(alpha_t, sigma_t).epsilon_to_target(eps, x_t, alpha_t)
    return x_0


def eps_from_x_0(x_t: Tensor, x_0: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    eps: Tensor = _at_level(alpha_t, sigma_t).target_to_epsilon(x_0, x_t, alpha_t)
    return eps


# The conversions hold for either direction of time, as long as velocity and rates share it: they get ours.
def velocity_from_x_0(
    x_t: Tensor, x_0: Tensor, alpha_t: Tensor, sigma_t: Tensor, alpha_dot_t: Tensor, sigma_dot_t: Tensor
) -> Tensor:
    path = AffineProbPath(_Given(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t))
    velocity: Tensor = path.target_to_velocity(x_0, x_t, alpha_t)
    return velocity


def velocity_from_eps(
    x_t: Tensor, eps: Tensor, alpha_t: Tensor, sigma_t: Tensor, alpha_dot_t: Tensor, sigma_dot_t: Tensor
) -> Tensor:
    path = AffineProbPath(_Given(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t))
    velocity: Tensor = path.epsilon_to_velocity(eps, x_t, alpha_t)
    return velocity


def x_0_from_velocity(
    x_t: Tensor, velocity: Tensor, alpha_t: Tensor, sigma_t: Tensor, alpha_dot_t: Tensor, sigma_dot_t: Tensor
) -> Tensor:
    path = AffineProbPath(_Given(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t))
    x_0: Tensor = path.velocity_to_target(velocity, x_t, alpha_t)
    return x_0


def eps_from_velocity(
    x_t: Tensor, velocity: Tensor, alpha_t: Tensor, sigma_t: Tensor, alpha_dot_t: Tensor, sigma_dot_t: Tensor
) -> Tensor:
    path = AffineProbPath(_Given(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t))
    eps: Tensor = path.velocity_to_epsilon(velocity, x_t, alpha_t)
    return eps


def transformed_velocity(
    x_t: Tensor, velocity: Tensor, state_scale: Tensor, state_scale_rate: Tensor, time_rate: Tensor
) -> Tensor:
    zero, one = 0 * state_scale, torch.ones_like(state_scale)
    # Where the old path is at alpha_t = 0 and sigma_t = 1 with rates 1 and 0, the new one's rates are the ones asked for.
    old = _Given(zero, one, one, zero)
    new = _Given(zero, state_scale, time_rate * state_scale, state_scale_rate)
    moved: Tensor = ScheduleTransformedModel(_Still(velocity), old, new)(x=state_scale * x_t, t=zero)
    return moved


class _Still(torch.nn.Module):
    """A network that puts out the same velocity wherever it is asked."""

    def __init__(self, velocity: Tensor) -> None:
        super().__init__()
        self.velocity = velocity

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        return self.velocity


def _run(velocity_model: VelocityModel, x_T: Tensor, times: Tensor, method: str) -> Tensor:
    solver = ODESolver(lambda x, t: velocity_model(x, t))
    states: Tensor = solver.sample(x_T, None, method, time_grid=times, return_intermediates=True)
    return states


def flow_euler_path(velocity_model: VelocityModel, x_T: Tensor, times: Tensor) -> Tensor:
    return _run(velocity_model, x_T, times, "euler")


def flow_midpoint_path(velocity_model: VelocityModel, x_T: Tensor, times: Tensor) -> Tensor:
    return _run(velocity_model, x_T, times, "midpoint")


def flow_heun_path(velocity_model: VelocityModel, x_T: Tensor, times: Tensor) -> Tensor:
    return _run(velocity_model, x_T, times, "heun2")


def flow_three_eighths_path(velocity_model: VelocityModel, x_T: Tensor, times: Tensor) -> Tensor:
    return _run(velocity_model, x_T, times, "rk4")


def flow_rk4_path(velocity_model: VelocityModel, x_T: Tensor, times: Tensor) -> Tensor:
    raise NotImplementedError("torchdiffeq's rk4 is the three eighths rule, and it has no other method of four stages")


def _falling(step_size: Tensor) -> Tensor:
    if step_size.numel() != 1:
        raise NotImplementedError("ODESolver takes one step size for the whole batch")
    return torch.stack([step_size.reshape(()), 0 * step_size.reshape(())])


def flow_euler_step(x_t: Tensor, velocity: Tensor, step_size: Tensor) -> Tensor:
    return _run(lambda x, t: velocity, x_t, _falling(step_size), "euler")[-1]


def flow_heun_step(x_t: Tensor, velocity: Tensor, velocity_next: Tensor, step_size: Tensor) -> Tensor:
    times = _falling(step_size)
    return _run(lambda x, t: velocity if t == times[0] else velocity_next, x_t, times, "heun2")[-1]


def _log_density_change(jacobian: Tensor, exact: bool) -> Tensor:
    """What `compute_likelihood` adds to the source's log density for a velocity linear in the state, in one Euler step."""
    solver = ODESolver(lambda x, t: torch.einsum("bij,bj->bi", jacobian, x))
    x_1 = torch.zeros_like(jacobian[:, 0])
    times = torch.tensor([1.0, 0.0], dtype=x_1.dtype)
    change: Tensor = solver.compute_likelihood(
        x_1, lambda x: torch.zeros_like(x[:, 0]), None, "euler", time_grid=times, exact_divergence=exact
    )[1]
    return change


def log_density_rate(jacobian: Tensor) -> Tensor:
    return _log_density_change(jacobian, exact=True)


def exact_divergence(jacobian: Tensor) -> Tensor:
    return -_log_density_change(jacobian, exact=True)


def hutchinson_divergence(probe: Tensor, jacobian: Tensor) -> Tensor:
    if (probe.abs() != 1).any():
        raise NotImplementedError("flow_matching's probes are signs")
    # Its probe is 1 where the normal it draws is negative.
    with mock.patch.object(torch, "randn_like", return_value=-probe):
        return -_log_density_change(jacobian, exact=False)
