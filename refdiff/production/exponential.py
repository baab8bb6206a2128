"""Weights of exponential integrators' steps as plain numbers, and the fused update that they make."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from torch import Tensor

__all__ = [
    "AtLevel",
    "Levels",
    "Number",
    "Rule",
    "Weights",
    "ancestral",
    "held",
    "lengths",
    "line",
    "made",
    "midpoint",
    "moment",
    "noise_held",
    "noise_midpoint",
    "numbers",
    "parabola",
    "parabola_bent_by_half",
    "parabola_to_the_end",
]

Number = Tensor | float
Levels = Tensor | Sequence[float]
AtLevel = Callable[[Tensor, float, float], Tensor]
Weights = tuple[float, list[float], float]
Rule = Callable[[float, Sequence[float], Sequence[float]], Weights]


def numbers(levels: Levels) -> list[float]:
    """Levels as plain numbers, read at once."""
    return [float(level) for level in (levels.tolist() if isinstance(levels, Tensor) else levels)]


def made(x_t: Tensor, estimates: Sequence[Tensor] | Tensor, z: Tensor, weights: Weights) -> Tensor:
    """The state, the estimates and the noise by their weights."""
    of_x_t, of_estimates, of_z = weights
    x = x_t * of_x_t
    for estimate, weight in zip(estimates, of_estimates, strict=True):
        x.add_(estimate, alpha=weight)
    return x.add_(z, alpha=of_z) if of_z else x


def lengths(alphas: Sequence[float], sigmas: Sequence[float]) -> list[float]:
    """Lengths in half_logsnr of the steps between neighbouring levels."""
    ratios = [sigma / alpha for alpha, sigma in zip(alphas, sigmas, strict=True)]
    return [math.log(before / after) for before, after in pairwise(ratios)]


def moment(decay: float) -> float:
    """Integral over u in [0, 1] of decay*exp(-decay*(1 - u))*u: by its series where the difference would lose digits."""
    if decay > 1:
        return 1 + math.expm1(-decay) / decay
    series = 1.0
    for k in range(18, 2, -1):
        series = 1 - decay / k * series
    return decay / 2 * series


def held(eta: float, alphas: Sequence[float], sigmas: Sequence[float]) -> Weights:
    """Weights of the state, of data that are held, and of the noise, between the last two levels."""
    h = lengths(alphas[-2:], sigmas[-2:])[0]
    of_data = -alphas[-1] * math.expm1(-(1 + eta) * h)
    return sigmas[-1] / sigmas[-2] * math.exp(-eta * h), [of_data], sigmas[-1] * math.sqrt(-math.expm1(-2 * eta * h))


def midpoint(eta: float, alphas: Sequence[float], sigmas: Sequence[float]) -> Weights:
    """The same for the data that a line through two estimates has in the middle of the step."""
    back, h = lengths(alphas, sigmas)
    of_x_t, (of_data,), of_z = held(eta, alphas, sigmas)
    return of_x_t, [-of_data * h / (2 * back), of_data * (1 + h / (2 * back))], of_z


def line(eta: float, alphas: Sequence[float], sigmas: Sequence[float]) -> Weights:
    """The same for data on the line through two estimates."""
    back, h = lengths(alphas, sigmas)
    of_x_t, (of_data,), of_z = held(eta, alphas, sigmas)
    slope = alphas[-1] * moment((1 + eta) * h) * h / back
    return of_x_t, [-slope, of_data + slope], of_z


def parabola(eta: float, alphas: Sequence[float], sigmas: Sequence[float], bent: float = 1.0) -> Weights:
    """The same for data on the parabola through three estimates, or with this share of its bend."""
    early, late, h = lengths(alphas, sigmas)
    of_x_t, (of_data,), of_z = held(eta, alphas, sigmas)
    mean = moment((1 + eta) * h)
    square = bent * (1 - 2 * mean / ((1 + eta) * h))
    # The parabola in Newton's form: slope at t, and its change over the two steps before.
    slope = alphas[-1] * mean * h / late
    bend = alphas[-1] * (mean * late + square * h) / (late + early)
    newest, oldest = bend * h / late, bend * h / early
    return of_x_t, [oldest, -slope - newest - oldest, of_data + slope + newest], of_z


def parabola_bent_by_half(eta: float, alphas: Sequence[float], sigmas: Sequence[float]) -> Weights:
    """The same for data with half the parabola's bend."""
    return parabola(eta, alphas, sigmas, 0.5)


def parabola_to_the_end(eta: float, alphas: Sequence[float], sigmas: Sequence[float]) -> Weights:
    """The same where the last of the three estimates is at the end of the step."""
    back, h = lengths(alphas, sigmas)
    of_x_t, (of_data,), of_z = held(eta, alphas, sigmas)
    mean = moment((1 + eta) * h)
    square = 1 - 2 * mean / ((1 + eta) * h)
    bend = alphas[-1] * h * (square - mean) / (h + back)
    slope = alphas[-1] * mean + bend
    return of_x_t, [bend * h / back, of_data - slope - bend * h / back, slope], of_z


def noise_held(alphas: Sequence[float], sigmas: Sequence[float]) -> Weights:
    """Weights of the state, of unit noise that is held, and of the fresh noise, between the last two levels."""
    grown = alphas[-1] / alphas[-2] * sigmas[-2]
    spread = math.sqrt((grown - sigmas[-1]) * (grown + sigmas[-1]))
    return alphas[-1] / alphas[-2], [-2 * (grown - sigmas[-1])], spread


def noise_midpoint(alphas: Sequence[float], sigmas: Sequence[float]) -> Weights:
    """The same for the noise that a line through two estimates has in the middle of the step."""
    back, h = lengths(alphas, sigmas)
    of_x_t, (of_eps,), of_z = noise_held(alphas, sigmas)
    return of_x_t, [-of_eps * h / (2 * back), of_eps * (1 + h / (2 * back))], of_z


def ancestral(eta: float, alphas: Sequence[float], sigmas: Sequence[float], middle: Sequence[float]) -> Weights:
    """Weights from the first level to the last, those of the data shared out among the estimates."""
    shrunk = sigmas[-1] / sigmas[0] * (alphas[0] / alphas[-1])
    kept = sigmas[-1] / sigmas[0] * math.sqrt((1 - eta) * (1 + eta) + (eta * shrunk) ** 2)
    of_data = alphas[-1] - kept * alphas[0]
    fresh = eta * sigmas[-1] * math.sqrt((1 - shrunk) * (1 + shrunk))
    return kept, [of_data * share for share in middle], fresh
