"""Levels of a run as plain numbers, and what steps between them are made of: fused updates of exponential integrators."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

__all__ = [
    "Estimates", "Level", "LevelModel", "Levels", "VelocityModel", "combined", "euler", "expm1mx", "half_logsnr_rise",
    "inner_levels", "line_of_data", "line_of_noise", "middle_of_data", "middle_of_noise", "noise_left", "numbers", "of_data",
    "of_noise", "pairs", "walked",
]  # fmt: skip

Levels = Tensor | Sequence[float]
Level = tuple[float, float]
Estimates = Tensor | Sequence[Tensor]
LevelModel = Callable[[Tensor, float, float], Tensor]
VelocityModel = Callable[[Tensor, float], Tensor]


def numbers(levels: Levels) -> list[float]:
    """A run's levels, or times, as plain numbers; read from their device once."""
    return torch.as_tensor(levels, dtype=torch.float64).tolist()  # type: ignore[no-any-return]


def pairs(alphas: Levels, sigmas: Levels) -> list[Level]:
    """Signal and noise scale of each level."""
    return list(zip(numbers(alphas), numbers(sigmas), strict=True))


def half_logsnr_rise(start: Level, end: Level) -> float:
    """Rise of half_logsnr from one level to another."""
    return math.log(start[1] / start[0] * (end[0] / end[1]))


def expm1mx(x: float) -> float:
    """exp(x) - 1 - x to full precision."""
    if abs(x) >= 1:
        return math.expm1(x) - x
    series = 1.0
    for n in range(18, 2, -1):
        series = 1 + x / n * series
    return x * x / 2 * series


def combined(x_t: Tensor, of_x_t: float, parts: Sequence[tuple[Tensor, float]]) -> Tensor:
    """of_x_t*x_t and the parts times their weights, one multiply-add each."""
    found = of_x_t * x_t
    for part, weight in parts:
        found = found.add_(part, alpha=weight)
    return found


def euler(x_t: Tensor, x_0: Tensor, start: Level, end: Level) -> Tensor:
    """The data as estimated, and the noise left over scaled down."""
    kept = end[1] / start[1]
    return combined(x_t, kept, [(x_0, end[0] - kept * start[0])])


def of_data(x_t: Tensor, x_0: Tensor, changes: Sequence[tuple[Tensor, float]], start: Level, end: Level) -> Tensor:
    """Euler's step, and alpha_s times changes of the data by their weights."""
    kept = end[1] / start[1]
    return combined(x_t, kept, [(x_0, end[0] - kept * start[0]), *((part, end[0] * weight) for part, weight in changes)])


def of_noise(x_t: Tensor, eps: Tensor, changes: Sequence[tuple[Tensor, float]], start: Level, end: Level) -> Tensor:
    """The state without its noise carried over, and the noise by its weights."""
    grown = end[0] / start[0]
    return combined(x_t, grown, [(eps, end[1] - grown * start[1]), *((part, -end[1] * weight) for part, weight in changes)])


def middle_of_noise(x_t: Tensor, epsilons: Estimates, levels: Sequence[Level]) -> Tensor:
    """The noise held at what the line through its two estimates has in the middle of the step, in half_logsnr."""
    start, inner, end = levels
    whole = half_logsnr_rise(start, end)
    weight = math.expm1(whole) * whole / (2 * half_logsnr_rise(start, inner))
    return of_noise(x_t, epsilons[0], [(epsilons[1] - epsilons[0], weight)], start, end)


def line_of_noise(x_t: Tensor, first: Tensor, second: Tensor, levels: Sequence[Level]) -> Tensor:
    """The noise on the line in half_logsnr through its estimates at the first and the second of three levels."""
    start, inner, end = levels
    weight = expm1mx(half_logsnr_rise(start, end)) / half_logsnr_rise(start, inner)
    return of_noise(x_t, first, [(second - first, weight)], start, end)


def middle_of_data(x_t: Tensor, x_0s: Estimates, levels: Sequence[Level]) -> Tensor:
    """The data held at what the line through their two estimates has in the middle of the step, in half_logsnr."""
    start, inner, end = levels
    whole = half_logsnr_rise(start, end)
    weight = -math.expm1(-whole) * whole / (2 * half_logsnr_rise(start, inner))
    return of_data(x_t, x_0s[0], [(x_0s[1] - x_0s[0], weight)], start, end)


def line_of_data(x_t: Tensor, first: Tensor, second: Tensor, levels: Sequence[Level]) -> Tensor:
    """The data on the line in half_logsnr through their estimates at the first and the second of three levels."""
    start, inner, end = levels
    weight = expm1mx(-half_logsnr_rise(start, end)) / half_logsnr_rise(start, inner)
    return of_data(x_t, first, [(second - first, weight)], start, end)


def walked(x_T: Tensor, levels: Sequence[Any], move: Callable[[Tensor, Any, Any], Tensor]) -> Tensor:
    """States that move(state, level, next level) makes of each other, x_T first."""
    states = [x_T]
    for start, end in pairwise(levels):
        states.append(move(states[-1], start, end))
    return torch.stack(states)


def inner_levels(start: Level, end: Level, n: int) -> list[Level]:
    """The n - 1 levels between two that part their step evenly in half_logsnr; the signal keeps its scale there."""
    logs = [math.log(level[1] / level[0]) for level in (start, end)]
    return [(1.0, math.exp(((n - k) * logs[0] + k * logs[1]) / n)) for k in range(1, n)]


def noise_left(x_t: Tensor, x_0: Tensor, level: Level) -> Tensor:
    """The noise that is left when the data are taken off."""
    return torch.sub(x_t, x_0, alpha=level[0]).div_(level[1])
