"""Solvers that forget, and their runs: levels read once as numbers, then fused updates of the states.

Levels are a run's: tensors or lists of numbers, from noise to data. A model at a level is asked with plain numbers.
"""

import math

import torch
from torch import Tensor

from refdiff.production.adaptive import probability_flow_rk45
from refdiff.production.levels import (
    Estimates,
    Level,
    LevelModel,
    Levels,
    VelocityModel,
    combined,
    euler,
    expm1mx,
    half_logsnr_rise,
    inner_levels,
    line_of_data,
    line_of_noise,
    middle_of_data,
    middle_of_noise,
    noise_left,
    numbers,
    of_data,
    pairs,
    walked,
)

__all__ = [
    "dpm2_path", "dpm2_step", "dpm_solver_2s_path", "dpm_solver_2s_step", "dpm_solver_3s_path", "dpm_solver_3s_state",
    "dpm_solver_3s_step", "dpmpp_2s_heun_step", "dpmpp_2s_path", "dpmpp_2s_step", "dpmpp_3s_heun_step", "dpmpp_3s_path",
    "dpmpp_3s_state", "dpmpp_3s_step", "euler_path", "flow_euler_path", "flow_heun_path", "flow_midpoint_path", "flow_rk4_path",
    "flow_three_eighths_path", "heun_path", "probability_flow_rk45",
]  # fmt: skip


def dpm2_step(x_t: Tensor, x_0s: Estimates, sigmas: Levels) -> Tensor:
    """State at s by the midpoint method in sigma. Source: Lu et al. 2022, arXiv:2206.00927v3, Algorithm 1."""
    start, middle, end = numbers(sigmas)
    return combined(torch.lerp(x_0s[0], x_t, end / start), 1.0, [(x_0s[0] - x_0s[1], (end - start) / middle)])


def dpm_solver_2s_step(x_t: Tensor, epsilons: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """State at s by DPM-Solver-2. Source: Lu et al. 2022, arXiv:2206.00927v3, Algorithm 1."""
    return middle_of_noise(x_t, epsilons, pairs(alphas, sigmas))


def dpm_solver_3s_state(x_t: Tensor, epsilons: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """State at DPM-Solver-3's second inner level. Source: Lu et al. 2022, arXiv:2206.00927v3, Algorithm 2."""
    return line_of_noise(x_t, epsilons[0], epsilons[1], pairs(alphas, sigmas))


def dpm_solver_3s_step(x_t: Tensor, epsilons: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """State at s by DPM-Solver-3. Source: Lu et al. 2022, arXiv:2206.00927v3, Algorithm 2."""
    levels = pairs(alphas, sigmas)
    return line_of_noise(x_t, epsilons[0], epsilons[2], [levels[0], *levels[2:]])


def dpmpp_2s_step(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """State at s by DPM-Solver++(2S). Source: Lu et al. 2022, arXiv:2211.01095v3, Algorithm 1."""
    return middle_of_data(x_t, x_0s, pairs(alphas, sigmas))


def dpmpp_2s_heun_step(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """The data on a straight line in half_logsnr. Source: Lu et al. 2022, arXiv:2211.01095v3, code, type "taylor"."""
    return line_of_data(x_t, x_0s[0], x_0s[1], pairs(alphas, sigmas))


def dpmpp_3s_state(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """State at the third order's second inner level. Source: Lu et al. 2022, arXiv:2211.01095v3, code."""
    return line_of_data(x_t, x_0s[0], x_0s[1], pairs(alphas, sigmas))


def dpmpp_3s_step(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """State at s by DPM-Solver++'s third order. Source: Lu et al. 2022, arXiv:2211.01095v3, code, type "dpmsolver"."""
    levels = pairs(alphas, sigmas)
    return line_of_data(x_t, x_0s[0], x_0s[2], [levels[0], *levels[2:]])


def dpmpp_3s_heun_step(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """The data on a parabola in half_logsnr. Source: Lu et al. 2022, arXiv:2211.01095v3, code, type "taylor"."""
    start, *inner, end = pairs(alphas, sigmas)
    first, second, whole = (half_logsnr_rise(start, level) for level in (*inner, end))
    linear, apart = expm1mx(-whole), half_logsnr_rise(*inner)
    bent = (whole**2 - 2 * linear - first * linear) / apart
    changes = [(x_0s[1] - x_0s[0], (linear - bent) / first), (x_0s[2] - x_0s[0], bent / second)]
    return of_data(x_t, x_0s[0], changes, start, end)


def euler_path(denoiser_at_level: LevelModel, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of Euler's method in sigma/alpha, which is DDIM, x_T first, shape (n + 1, *x_T.shape).

    Source: Song et al. 2021, arXiv:2010.02502v4, Eq. (13).
    """

    def move(x_t: Tensor, start: Level, end: Level) -> Tensor:
        return euler(x_t, denoiser_at_level(x_t, *start), start, end)

    return walked(x_T, pairs(alphas, sigmas), move)


def heun_path(denoiser_at_level: LevelModel, x_T: Tensor, sigmas: Levels) -> Tensor:
    """States of EDM's deterministic sampler, x_T first, shape (n + 1, *x_T.shape); Euler's step down to 0.

    Source: Karras et al. 2022, arXiv:2206.00364v2, Algorithm 1.
    """

    def move(x_t: Tensor, start: float, end: float) -> Tensor:
        x_0 = denoiser_at_level(x_t, 1.0, start)
        state = torch.lerp(x_0, x_t, end / start)
        if end == 0:
            return state
        slope = (state - denoiser_at_level(state, 1.0, end)).div_(end).sub_(x_t - x_0, alpha=1 / start)
        return torch.add(state, slope, alpha=(end - start) / 2)

    return walked(x_T, numbers(sigmas), move)


def dpm2_path(denoiser_at_level: LevelModel, x_T: Tensor, sigmas: Levels) -> Tensor:
    """States of k-diffusion's DPM2, x_T first, shape (n + 1, *x_T.shape); Euler's step down to 0.

    Source: Lu et al. 2022, arXiv:2206.00927v3, Algorithm 1.
    """

    def move(x_t: Tensor, start: float, end: float) -> Tensor:
        x_0 = denoiser_at_level(x_t, 1.0, start)
        if end == 0:
            return x_0
        middle = math.sqrt(start * end)
        second = denoiser_at_level(torch.lerp(x_0, x_t, middle / start), 1.0, middle)
        return dpm2_step(x_t, (x_0, second), (start, middle, end))

    return walked(x_T, numbers(sigmas), move)


def dpm_solver_2s_path(denoiser_at_level: LevelModel, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of DPM-Solver-2, x_T first, shape (n + 1, *x_T.shape); Euler's step down to sigma = 0.

    Source: Lu et al. 2022, arXiv:2206.00927v3, Algorithm 1.
    """

    def move(x_t: Tensor, start: Level, end: Level) -> Tensor:
        x_0 = denoiser_at_level(x_t, *start)
        if end[1] == 0:
            return end[0] * x_0
        (inner,) = inner_levels(start, end, 2)
        state = euler(x_t, x_0, start, inner)
        epsilons = noise_left(x_t, x_0, start), noise_left(state, denoiser_at_level(state, *inner), inner)
        return middle_of_noise(x_t, epsilons, (start, inner, end))

    return walked(x_T, pairs(alphas, sigmas), move)


def dpm_solver_3s_path(denoiser_at_level: LevelModel, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of DPM-Solver-3, x_T first, shape (n + 1, *x_T.shape); Euler's step down to sigma = 0.

    Source: Lu et al. 2022, arXiv:2206.00927v3, Algorithm 2.
    """

    def move(x_t: Tensor, start: Level, end: Level) -> Tensor:
        x_0 = denoiser_at_level(x_t, *start)
        if end[1] == 0:
            return end[0] * x_0
        third, later = inner_levels(start, end, 3)
        eps, state = noise_left(x_t, x_0, start), euler(x_t, x_0, start, third)
        second = noise_left(state, denoiser_at_level(state, *third), third)
        state = line_of_noise(x_t, eps, second, (start, third, later))
        return line_of_noise(x_t, eps, noise_left(state, denoiser_at_level(state, *later), later), (start, later, end))

    return walked(x_T, pairs(alphas, sigmas), move)


def dpmpp_2s_path(denoiser_at_level: LevelModel, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of DPM-Solver++(2S), x_T first, shape (n + 1, *x_T.shape); Euler's step down to sigma = 0.

    Source: Lu et al. 2022, arXiv:2211.01095v3, Algorithm 1.
    """

    def move(x_t: Tensor, start: Level, end: Level) -> Tensor:
        x_0 = denoiser_at_level(x_t, *start)
        if end[1] == 0:
            return end[0] * x_0
        (inner,) = inner_levels(start, end, 2)
        # In the middle of the step the second estimate alone counts.
        return euler(x_t, denoiser_at_level(euler(x_t, x_0, start, inner), *inner), start, end)

    return walked(x_T, pairs(alphas, sigmas), move)


def dpmpp_3s_path(denoiser_at_level: LevelModel, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of DPM-Solver++'s third order, x_T first, shape (n + 1, *x_T.shape); Euler's step down to sigma = 0.

    Source: Lu et al. 2022, arXiv:2211.01095v3, code, type "dpmsolver".
    """

    def move(x_t: Tensor, start: Level, end: Level) -> Tensor:
        x_0 = denoiser_at_level(x_t, *start)
        if end[1] == 0:
            return end[0] * x_0
        third, later = inner_levels(start, end, 3)
        second = denoiser_at_level(euler(x_t, x_0, start, third), *third)
        state = line_of_data(x_t, x_0, second, (start, third, later))
        return line_of_data(x_t, x_0, denoiser_at_level(state, *later), (start, later, end))

    return walked(x_T, pairs(alphas, sigmas), move)


def flow_euler_path(velocity_model: VelocityModel, x_T: Tensor, times: Levels) -> Tensor:
    """States of Euler's method along the straight path's velocity, x_T first, shape (n + 1, *x_T.shape).

    Source: Liu et al. 2022, arXiv:2209.03003v1, section 2.2.
    """

    def move(x_t: Tensor, start: float, end: float) -> Tensor:
        return torch.add(x_t, velocity_model(x_t, start), alpha=end - start)

    return walked(x_T, numbers(times), move)


def flow_midpoint_path(velocity_model: VelocityModel, x_T: Tensor, times: Levels) -> Tensor:
    """States of the midpoint method along the straight path's velocity, x_T first, shape (n + 1, *x_T.shape).

    Source: Hairer, Norsett and Wanner 1993, Solving Ordinary Differential Equations I, section II.1.
    """

    def move(x_t: Tensor, start: float, end: float) -> Tensor:
        middle = torch.add(x_t, velocity_model(x_t, start), alpha=(end - start) / 2)
        return torch.add(x_t, velocity_model(middle, (start + end) / 2), alpha=end - start)

    return walked(x_T, numbers(times), move)


def flow_heun_path(velocity_model: VelocityModel, x_T: Tensor, times: Levels) -> Tensor:
    """States of Heun's method along the straight path's velocity, down to time 0 too, x_T first, shape (n + 1, *x_T.shape).

    Source: Karras et al. 2022, arXiv:2206.00364v2, Algorithm 1, lines 4 to 8.
    """

    def move(x_t: Tensor, start: float, end: float) -> Tensor:
        first = velocity_model(x_t, start)
        second = velocity_model(torch.add(x_t, first, alpha=end - start), end)
        return torch.add(x_t, first + second, alpha=(end - start) / 2)

    return walked(x_T, numbers(times), move)


def flow_rk4_path(velocity_model: VelocityModel, x_T: Tensor, times: Levels) -> Tensor:
    """States of the classical Runge-Kutta method along the straight path's velocity, x_T first, shape (n + 1, *x_T.shape).

    Source: Hairer, Norsett and Wanner 1993, Solving Ordinary Differential Equations I, Table 1.2, left.
    """

    def move(x_t: Tensor, start: float, end: float) -> Tensor:
        rise, middle = end - start, (start + end) / 2
        first = velocity_model(x_t, start)
        second = velocity_model(torch.add(x_t, first, alpha=rise / 2), middle)
        third = velocity_model(torch.add(x_t, second, alpha=rise / 2), middle)
        last = velocity_model(torch.add(x_t, third, alpha=rise), end)
        return torch.add(x_t, (first + last).add_(second + third, alpha=2), alpha=rise / 6)

    return walked(x_T, numbers(times), move)


def flow_three_eighths_path(velocity_model: VelocityModel, x_T: Tensor, times: Levels) -> Tensor:
    """States of Kutta's 3/8 rule, torchdiffeq's "rk4", along the straight path's velocity, x_T first, shape (n + 1, *x_T.shape).

    Source: Hairer, Norsett and Wanner 1993, Solving Ordinary Differential Equations I, Table 1.2, right.
    """

    def move(x_t: Tensor, start: float, end: float) -> Tensor:
        rise = end - start
        first = velocity_model(x_t, start)
        second = velocity_model(torch.add(x_t, first, alpha=rise / 3), start + rise / 3)
        third = velocity_model(torch.add(x_t, torch.sub(second, first, alpha=1 / 3), alpha=rise), start + 2 * rise / 3)
        last = velocity_model(torch.add(x_t, first - second + third, alpha=rise), end)
        return torch.add(x_t, (first + last).add_(second + third, alpha=3), alpha=rise / 8)

    return walked(x_T, numbers(times), move)
