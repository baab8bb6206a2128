"""Arguments of the formulas of grid."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import Draw, draw

__all__ = ["sample"]


def _table(rng: np.random.Generator) -> np.ndarray:
    """A rising schedule of 2 to 100 steps."""
    steps = int(rng.choice([2, 3, 5, 10, 30, 100]))
    return np.sort(10 ** rng.uniform(-5, rng.uniform(-4, -0.31), steps))


def _shape(rng: np.random.Generator) -> float:
    return float(rng.choice([0.6, 1.0, rng.uniform(0.4, 1), rng.uniform(1, 5)]))


_SAMPLERS: dict[str, Draw] = {
    "n": lambda rng: int(rng.choice([1, 2, 3, int(rng.integers(2, 13))])),
    "T": lambda rng: int(rng.choice([1, 2, 10, 50, 1000, int(rng.integers(1, 200))])),
    "steps_offset": lambda rng: int(rng.integers(2)),
    "rho": lambda rng: float(rng.choice([1.0, 7.0, 10 ** rng.uniform(-1, 1)])),
    "sigma_t": lambda rng: 10 ** rng.uniform(-6, 6, (4, 3)),
    "time": lambda rng: rng.choice([0.0, rng.uniform(0, 1), 10 ** rng.uniform(-12, 0), 1 - 10 ** rng.uniform(-12, 0)], (4, 3)),
    "time_min": lambda rng: float(rng.choice([1e-3, 10 ** rng.uniform(-5, -0.01)])),
    "beta_rate_min": lambda rng: float(10 ** rng.uniform(-3, 0)),
    "beta_rate_max": lambda rng: float(10 ** rng.uniform(0.1, 1.6)),
    "beta_a": _shape,
    "beta_b": _shape,
    "betas": _table,
    "time_shift": lambda rng: float(rng.choice([1.0, 3.0, 10 ** rng.uniform(-1, 1.5)])),
    "log_time_shift": lambda rng: float(rng.choice([0.0, rng.uniform(-3, 4)])),
    "terminal": lambda rng: float(rng.choice([0.1, 10 ** rng.uniform(-4, -0.1)])),
}


def _together(given: dict[str, Any], rng: np.random.Generator) -> None:
    """What depends on another argument."""
    if "sigma_max" in given:
        given["sigma_min"] = float(10 ** rng.uniform(-4, 0))
        given["sigma_max"] = given["sigma_min"] * float(10 ** rng.uniform(0.01, 5))
    if "fractional_t" in given:
        steps = len(given["betas"])
        given["fractional_t"] = np.array([1.0, steps, *rng.uniform(1, steps, 3), rng.integers(1, steps + 1)], dtype=np.float64)
    if "sigma_over_alpha_t" in given:
        ends = np.sqrt(1 / np.cumprod(1 - given["betas"])[[0, -1]] - 1)
        inside = ends[0] * (ends[1] / ends[0]) ** rng.uniform(0, 1, 4)
        given["sigma_over_alpha_t"] = np.array([*inside, ends[0] / 3, 2 * ends[1]])
    if "sigmas" in given:
        given["n"] = int(rng.integers(2, 13))
        given["sigmas"] = np.sort(10 ** rng.uniform(-3, 2.5, int(rng.integers(2, 12))))[::-1].copy()
    if "terminal" in given:
        given["times"] = np.array([1.0, *np.sort(rng.uniform(0.01, 0.999, int(rng.integers(1, 9))))[::-1]])
    if "linear_steps" in given:
        given["n"] = int(rng.integers(2, 13))
        given["linear_steps"] = int(rng.integers(1, given["n"]))
        given["threshold_noise"] = given["linear_steps"] / given["n"] * float(rng.choice([1.0, 10 ** rng.uniform(-3, 0)]))
    if "T" in given and "n" in given:
        given["n"] = int(rng.integers(1, given["T"] + 1))


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    given = draw(arguments, rng, _SAMPLERS)
    _together(given, rng)
    return given
