"""Solvers that forget, and their runs: levels read once as numbers, then fused updates of the states.

Levels are a run's: tensors or lists of numbers, from noise to data. A model at a level is asked with plain numbers.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = [
    "dpm2_path",
    "dpm2_step",
    "dpm_solver_2s_path",
    "dpm_solver_2s_step",
    "dpm_solver_3s_path",
    "dpm_solver_3s_state",
    "dpm_solver_3s_step",
    "dpmpp_2s_heun_step",
    "dpmpp_2s_path",
    "dpmpp_2s_step",
    "dpmpp_3s_heun_step",
    "dpmpp_3s_path",
    "dpmpp_3s_state",
    "dpmpp_3s_step",
    "euler_path",
    "flow_euler_path",
    "flow_heun_path",
    "flow_midpoint_path",
    "flow_rk4_path",
    "flow_three_eighths_path",
    "heun_path",
    "probability_flow_rk45",
]

Levels = Tensor | Sequence[float]
Level = tuple[float, float]
Estimates = Tensor | Sequence[Tensor]
LevelModel = Callable[[Tensor, float, float], Tensor]
VelocityModel = Callable[[Tensor, float], Tensor]


def _numbers(levels: Levels) -> list[float]:
    return torch.as_tensor(levels, dtype=torch.float64).tolist()  # type: ignore[no-any-return]


def _pairs(alphas: Levels, sigmas: Levels) -> list[Level]:
    return list(zip(_numbers(alphas), _numbers(sigmas), strict=True))


def _fall(start: Level, end: Level) -> float:
    """Rise of half_logsnr from one level to another."""
    return math.log(start[1] / start[0] * (end[0] / end[1]))


def _expm1mx(x: float) -> float:
    """exp(x) - 1 - x to full precision."""
    if abs(x) >= 1:
        return math.expm1(x) - x
    series = 1.0
    for n in range(18, 2, -1):
        series = 1 + x / n * series
    return x * x / 2 * series


def _combined(x_t: Tensor, of_x_t: float, parts: Sequence[tuple[Tensor, float]]) -> Tensor:
    """of_x_t*x_t and the parts times their weights, one multiply-add each."""
    found = of_x_t * x_t
    for part, weight in parts:
        found = found.add_(part, alpha=weight)
    return found


def _euler(x_t: Tensor, x_0: Tensor, start: Level, end: Level) -> Tensor:
    kept = end[1] / start[1]
    return _combined(x_t, kept, [(x_0, end[0] - kept * start[0])])


def _of_data(x_t: Tensor, x_0: Tensor, changes: Sequence[tuple[Tensor, float]], start: Level, end: Level) -> Tensor:
    """Euler's step, and alpha_s times changes of the data by their weights."""
    kept = end[1] / start[1]
    return _combined(x_t, kept, [(x_0, end[0] - kept * start[0]), *((part, end[0] * weight) for part, weight in changes)])


def _of_noise(x_t: Tensor, eps: Tensor, changes: Sequence[tuple[Tensor, float]], start: Level, end: Level) -> Tensor:
    """The state without its noise carried over, and the noise by its weights."""
    grown = end[0] / start[0]
    return _combined(x_t, grown, [(eps, end[1] - grown * start[1]), *((part, -end[1] * weight) for part, weight in changes)])


def dpm2_step(x_t: Tensor, x_0s: Estimates, sigmas: Levels) -> Tensor:
    """State at s by the midpoint method in sigma. Source: Lu et al. 2022, arXiv:2206.00927v3, Algorithm 1."""
    start, middle, end = _numbers(sigmas)
    return _combined(torch.lerp(x_0s[0], x_t, end / start), 1.0, [(x_0s[0] - x_0s[1], (end - start) / middle)])


def _middle_of_noise(x_t: Tensor, epsilons: Estimates, levels: Sequence[Level]) -> Tensor:
    start, inner, end = levels
    whole = _fall(start, end)
    weight = math.expm1(whole) * whole / (2 * _fall(start, inner))
    return _of_noise(x_t, epsilons[0], [(epsilons[1] - epsilons[0], weight)], start, end)


def _line_of_noise(x_t: Tensor, first: Tensor, second: Tensor, levels: Sequence[Level]) -> Tensor:
    start, inner, end = levels
    weight = _expm1mx(_fall(start, end)) / _fall(start, inner)
    return _of_noise(x_t, first, [(second - first, weight)], start, end)


def _middle_of_data(x_t: Tensor, x_0s: Estimates, levels: Sequence[Level]) -> Tensor:
    start, inner, end = levels
    whole = _fall(start, end)
    weight = -math.expm1(-whole) * whole / (2 * _fall(start, inner))
    return _of_data(x_t, x_0s[0], [(x_0s[1] - x_0s[0], weight)], start, end)


def _line_of_data(x_t: Tensor, first: Tensor, second: Tensor, levels: Sequence[Level]) -> Tensor:
    start, inner, end = levels
    weight = _expm1mx(-_fall(start, end)) / _fall(start, inner)
    return _of_data(x_t, first, [(second - first, weight)], start, end)


def dpm_solver_2s_step(x_t: Tensor, epsilons: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """State at s by DPM-Solver-2. Source: Lu et al. 2022, arXiv:2206.00927v3, Algorithm 1."""
    return _middle_of_noise(x_t, epsilons, _pairs(alphas, sigmas))


def dpm_solver_3s_state(x_t: Tensor, epsilons: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """State at DPM-Solver-3's second inner level. Source: Lu et al. 2022, arXiv:2206.00927v3, Algorithm 2."""
    return _line_of_noise(x_t, epsilons[0], epsilons[1], _pairs(alphas, sigmas))


def dpm_solver_3s_step(x_t: Tensor, epsilons: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """State at s by DPM-Solver-3. Source: Lu et al. 2022, arXiv:2206.00927v3, Algorithm 2."""
    levels = _pairs(alphas, sigmas)
    return _line_of_noise(x_t, epsilons[0], epsilons[2], [levels[0], *levels[2:]])


def dpmpp_2s_step(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """State at s by DPM-Solver++(2S). Source: Lu et al. 2022, arXiv:2211.01095v3, Algorithm 1."""
    return _middle_of_data(x_t, x_0s, _pairs(alphas, sigmas))


def dpmpp_2s_heun_step(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """The data on a straight line in half_logsnr. Source: Lu et al. 2022, arXiv:2211.01095v3, code, type "taylor"."""
    return _line_of_data(x_t, x_0s[0], x_0s[1], _pairs(alphas, sigmas))


def dpmpp_3s_state(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """State at the third order's second inner level. Source: Lu et al. 2022, arXiv:2211.01095v3, code."""
    return _line_of_data(x_t, x_0s[0], x_0s[1], _pairs(alphas, sigmas))


def dpmpp_3s_step(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """State at s by DPM-Solver++'s third order. Source: Lu et al. 2022, arXiv:2211.01095v3, code, type "dpmsolver"."""
    levels = _pairs(alphas, sigmas)
    return _line_of_data(x_t, x_0s[0], x_0s[2], [levels[0], *levels[2:]])


def dpmpp_3s_heun_step(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """The data on a parabola in half_logsnr. Source: Lu et al. 2022, arXiv:2211.01095v3, code, type "taylor"."""
    start, *inner, end = _pairs(alphas, sigmas)
    first, second, whole = (_fall(start, level) for level in (*inner, end))
    linear, apart = _expm1mx(-whole), _fall(*inner)
    bent = (whole**2 - 2 * linear - first * linear) / apart
    changes = [(x_0s[1] - x_0s[0], (linear - bent) / first), (x_0s[2] - x_0s[0], bent / second)]
    return _of_data(x_t, x_0s[0], changes, start, end)


def _walked(x_T: Tensor, levels: Sequence[Any], move: Callable[[Tensor, Any, Any], Tensor]) -> Tensor:
    """States that move(state, level, next level) makes of each other, x_T first."""
    states = [x_T]
    for start, end in pairwise(levels):
        states.append(move(states[-1], start, end))
    return torch.stack(states)


def _inner(start: Level, end: Level, n: int) -> list[Level]:
    """The n - 1 levels between two that part their step evenly in half_logsnr; the signal keeps its scale there."""
    logs = [math.log(level[1] / level[0]) for level in (start, end)]
    return [(1.0, math.exp(((n - k) * logs[0] + k * logs[1]) / n)) for k in range(1, n)]


def euler_path(denoiser_at_level: LevelModel, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of Euler's method in sigma/alpha, which is DDIM, x_T first, shape (n + 1, *x_T.shape).

    Source: Song et al. 2021, arXiv:2010.02502v4, Eq. (13).
    """

    def move(x_t: Tensor, start: Level, end: Level) -> Tensor:
        return _euler(x_t, denoiser_at_level(x_t, *start), start, end)

    return _walked(x_T, _pairs(alphas, sigmas), move)


def heun_path(denoiser_at_level: LevelModel, x_T: Tensor, sigmas: Levels) -> Tensor:
    """States of EDM's deterministic sampler, x_T first, shape (n + 1, *x_T.shape); Euler's step down to 0.

    Source: Karras et al. 2022, arXiv:2206.00364v2, Algorithm 1.
    """

    def move(x_t: Tensor, start: float, end: float) -> Tensor:
        x_0 = denoiser_at_level(x_t, 1.0, start)
        euler = torch.lerp(x_0, x_t, end / start)
        if end == 0:
            return euler
        slope = (euler - denoiser_at_level(euler, 1.0, end)).div_(end).sub_(x_t - x_0, alpha=1 / start)
        return euler.add_(slope, alpha=(end - start) / 2)

    return _walked(x_T, _numbers(sigmas), move)


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

    return _walked(x_T, _numbers(sigmas), move)


def _left(x_t: Tensor, x_0: Tensor, level: Level) -> Tensor:
    """The noise that is left when the data are taken off."""
    return torch.sub(x_t, x_0, alpha=level[0]).div_(level[1])


def dpm_solver_2s_path(denoiser_at_level: LevelModel, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of DPM-Solver-2, x_T first, shape (n + 1, *x_T.shape); Euler's step down to sigma = 0.

    Source: Lu et al. 2022, arXiv:2206.00927v3, Algorithm 1.
    """

    def move(x_t: Tensor, start: Level, end: Level) -> Tensor:
        x_0 = denoiser_at_level(x_t, *start)
        if end[1] == 0:
            return end[0] * x_0
        (inner,) = _inner(start, end, 2)
        state = _euler(x_t, x_0, start, inner)
        epsilons = _left(x_t, x_0, start), _left(state, denoiser_at_level(state, *inner), inner)
        return _middle_of_noise(x_t, epsilons, (start, inner, end))

    return _walked(x_T, _pairs(alphas, sigmas), move)


def dpm_solver_3s_path(denoiser_at_level: LevelModel, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of DPM-Solver-3, x_T first, shape (n + 1, *x_T.shape); Euler's step down to sigma = 0.

    Source: Lu et al. 2022, arXiv:2206.00927v3, Algorithm 2.
    """

    def move(x_t: Tensor, start: Level, end: Level) -> Tensor:
        x_0 = denoiser_at_level(x_t, *start)
        if end[1] == 0:
            return end[0] * x_0
        third, later = _inner(start, end, 3)
        eps, state = _left(x_t, x_0, start), _euler(x_t, x_0, start, third)
        second = _left(state, denoiser_at_level(state, *third), third)
        state = _line_of_noise(x_t, eps, second, (start, third, later))
        return _line_of_noise(x_t, eps, _left(state, denoiser_at_level(state, *later), later), (start, later, end))

    return _walked(x_T, _pairs(alphas, sigmas), move)


def dpmpp_2s_path(denoiser_at_level: LevelModel, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of DPM-Solver++(2S), x_T first, shape (n + 1, *x_T.shape); Euler's step down to sigma = 0.

    Source: Lu et al. 2022, arXiv:2211.01095v3, Algorithm 1.
    """

    def move(x_t: Tensor, start: Level, end: Level) -> Tensor:
        x_0 = denoiser_at_level(x_t, *start)
        if end[1] == 0:
            return end[0] * x_0
        (inner,) = _inner(start, end, 2)
        # In the middle of the step the second estimate alone counts.
        return _euler(x_t, denoiser_at_level(_euler(x_t, x_0, start, inner), *inner), start, end)

    return _walked(x_T, _pairs(alphas, sigmas), move)


def dpmpp_3s_path(denoiser_at_level: LevelModel, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of DPM-Solver++'s third order, x_T first, shape (n + 1, *x_T.shape); Euler's step down to sigma = 0.

    Source: Lu et al. 2022, arXiv:2211.01095v3, code, type "dpmsolver".
    """

    def move(x_t: Tensor, start: Level, end: Level) -> Tensor:
        x_0 = denoiser_at_level(x_t, *start)
        if end[1] == 0:
            return end[0] * x_0
        third, later = _inner(start, end, 3)
        second = denoiser_at_level(_euler(x_t, x_0, start, third), *third)
        state = _line_of_data(x_t, x_0, second, (start, third, later))
        return _line_of_data(x_t, x_0, denoiser_at_level(state, *later), (start, later, end))

    return _walked(x_T, _pairs(alphas, sigmas), move)


def flow_euler_path(velocity_model: VelocityModel, x_T: Tensor, times: Levels) -> Tensor:
    """States of Euler's method along the straight path's velocity, x_T first, shape (n + 1, *x_T.shape).

    Source: Liu et al. 2022, arXiv:2209.03003v1, section 2.2.
    """

    def move(x_t: Tensor, start: float, end: float) -> Tensor:
        return torch.add(x_t, velocity_model(x_t, start), alpha=end - start)

    return _walked(x_T, _numbers(times), move)


def flow_midpoint_path(velocity_model: VelocityModel, x_T: Tensor, times: Levels) -> Tensor:
    """States of the midpoint method along the straight path's velocity, x_T first, shape (n + 1, *x_T.shape).

    Source: Hairer, Norsett and Wanner 1993, Solving Ordinary Differential Equations I, section II.1.
    """

    def move(x_t: Tensor, start: float, end: float) -> Tensor:
        middle = torch.add(x_t, velocity_model(x_t, start), alpha=(end - start) / 2)
        return torch.add(x_t, velocity_model(middle, (start + end) / 2), alpha=end - start)

    return _walked(x_T, _numbers(times), move)


def flow_heun_path(velocity_model: VelocityModel, x_T: Tensor, times: Levels) -> Tensor:
    """States of Heun's method along the straight path's velocity, down to time 0 too, x_T first, shape (n + 1, *x_T.shape).

    Source: Karras et al. 2022, arXiv:2206.00364v2, Algorithm 1, lines 4 to 8.
    """

    def move(x_t: Tensor, start: float, end: float) -> Tensor:
        first = velocity_model(x_t, start)
        second = velocity_model(torch.add(x_t, first, alpha=end - start), end)
        return torch.add(x_t, first + second, alpha=(end - start) / 2)

    return _walked(x_T, _numbers(times), move)


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

    return _walked(x_T, _numbers(times), move)


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

    return _walked(x_T, _numbers(times), move)


def probability_flow_rk45(
    denoiser_at_level: LevelModel, x_T: Tensor, alphas: Levels, sigmas: Levels, rtol: float = 1e-6, atol: float = 1e-6
) -> Tensor:
    """States of the probability flow at all levels, by SciPy's adaptive Runge-Kutta method of order 5(4).

    Solved for u = x/sqrt(alpha**2 + sigma**2) in the angle of (alpha, sigma), where the right side is v, of the size of the data
    and the noise at every level: neither the end without signal nor the one with hardly any noise is stiff.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t; asked where variance is preserved.
        x_T: state at the first level, shape (B, ...); float64 for tolerances below 1e-6.
        alphas: signal scales from noise to data, >= 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0, shape (n + 1,).
        rtol: relative tolerance of one step's error in u.
        atol: absolute tolerance of one step's error in u.

    Returns:
        Shape (n + 1, *x_T.shape), x_T first.

    Raises:
        ValueError: when a level has no noise, where v of a denoiser is 0/0.
        ArithmeticError: when the steps that the tolerances ask for become too short.

    Source: Song et al. 2021, arXiv:2011.13456v2, section 4.3, black-box ODE solvers, in another variable.
    """
    from scipy.integrate import solve_ivp

    levels = _pairs(alphas, sigmas)
    if not all(sigma > 0 for _, sigma in levels):
        raise ValueError(f"got the noise scales {[sigma for _, sigma in levels]}, wanted all above 0; stop short of the data")

    def velocity(angle: float, u: np.ndarray) -> np.ndarray:
        state = torch.as_tensor(u, dtype=x_T.dtype, device=x_T.device).reshape(x_T.shape)
        alpha, sigma = math.cos(angle), math.sin(angle)
        v = (alpha * state - denoiser_at_level(state, alpha, sigma)) / sigma
        return np.asarray(v.double().cpu().numpy()).ravel()

    def move(x_t: Tensor, start: Level, end: Level) -> Tensor:
        angles = [math.atan2(sigma, alpha) for alpha, sigma in (start, end)]
        begun = (x_t.double() / math.hypot(*start)).cpu().numpy().ravel()
        found = solve_ivp(velocity, angles, begun, method="RK45", t_eval=angles[1:], rtol=rtol, atol=atol)
        if not found.success:
            raise ArithmeticError(f"got no solution between angles {angles} ({found.message}); give wider tolerances")
        return (torch.as_tensor(found.y[:, -1]) * math.hypot(*end)).reshape(x_t.shape).to(x_T)

    return _walked(x_T, levels, move)
