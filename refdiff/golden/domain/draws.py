"""Single arguments, drawn with full mantissas, the hard ends as likely as the middle."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["SHAPE", "Draw", "betas", "covariance", "draw", "log_power", "run", "scale", "schedule_pair", "state"]

SHAPE = (4, 3)
Draw = Callable[[np.random.Generator], Any]


def log_power(rng: np.random.Generator) -> float:
    """log alpha_bar: from barely noisy (-1e-12) over the middle to signal power 1e-300."""
    return -float(10 ** rng.uniform(-12, np.log10(700)))


def schedule_pair(rng: np.random.Generator) -> tuple[float, float]:
    """log alpha_bar at s and t with s < t: far apart, adjacent in float64, or anything between."""
    late = log_power(rng)
    kind = rng.integers(4)
    if kind == 0:
        return late * float(rng.uniform(0.0, 1.0)), late
    if kind == 1:
        return late * (1 - float(10 ** rng.uniform(-15, -1))), late
    if kind == 2:
        return late * float(10 ** rng.uniform(-12, 0)), late
    return float(np.nextafter(late, 0)), late


def covariance(rng: np.random.Generator, size: int) -> np.ndarray:
    """Symmetric positive definite, of condition number at most 100."""
    rotation, _ = np.linalg.qr(rng.standard_normal((size, size)))
    spread = 10 ** rng.uniform(-1, 1, size)
    product = rotation * spread @ rotation.T
    return np.asarray((product + product.T) / 2)


def betas(rng: np.random.Generator) -> np.ndarray:
    """A rising schedule of 2 to 4000 steps."""
    steps = int(rng.choice([2, 3, 10, 100, 1000, 4000]))
    return np.sort(10 ** rng.uniform(-5, rng.uniform(-4, -0.31), steps))


def state(rng: np.random.Generator, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    """Entries with full mantissas, over four decades."""
    return rng.standard_normal(shape) * 10 ** rng.uniform(-2, 2)


def scale(rng: np.random.Generator) -> float:
    """A positive number over eight decades."""
    return float(10 ** rng.uniform(-4, 4))


def draw(arguments: tuple[str, ...], rng: np.random.Generator, samplers: Mapping[str, Draw]) -> dict[str, Any]:
    """One value for each argument: from its own sampler, or else a state."""
    return {name: samplers[name](rng) if name in samplers else state(rng) for name in arguments}


def run(rng: np.random.Generator, kinds: tuple[str, ...] = ("sigmas", "betas", "times"), zero: bool = True) -> dict[str, Any]:
    """A sampling run of at most 10 steps on data of unit size: levels of some kind, a law whose denoiser is exact, a start.

    Args:
        rng: generator.
        kinds: what may be given: noise scales alone, a table with times, times of a straight path.
        zero: whether the last level may have no noise.
    """
    n, kind = int(rng.integers(1, 11)), str(rng.choice(kinds))
    if kind == "betas":
        rising = np.sort(10 ** rng.uniform(-4, rng.uniform(-2, -0.31), int(rng.choice([10, 100, 1000]))))
        times = np.sort(rng.choice(np.arange(1, len(rising) + 1), n, replace=False))[::-1].copy()
        levels: dict[str, Any] = {"betas": rising, "timesteps": times}
    else:
        falling = np.sort(rng.uniform(0.05, 0.99, n + 1))[::-1].copy()
        falling[-1] *= 1 if not zero else rng.integers(2)
        levels = {"times": falling} if kind == "times" else {"sigmas": falling / (1 - falling)}
    size = float(levels["sigmas"][0]) if kind == "sigmas" else 1.0
    law = int(rng.integers(3))
    if law == 0:
        known: dict[str, Any] = {"points": rng.standard_normal((5, SHAPE[1]))}
    elif law == 1:
        known = {"mean": rng.standard_normal(SHAPE[1]), "variance": 10 ** rng.uniform(-2, 1, SHAPE[1])}
    else:
        weights = rng.uniform(0.1, 1, 3)
        known = {
            "weights": weights / weights.sum(),
            "means": rng.standard_normal((3, SHAPE[1])),
            "variances": 10 ** rng.uniform(-2, 0, 3),
        }
    return levels | known | {"x_T": size * rng.standard_normal(SHAPE)}
