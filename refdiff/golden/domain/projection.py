"""Arguments of the formulas of projection."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import Draw, draw, scale

__all__ = ["sample"]

# Whose value is as small as the weight of all points but the nearest.
_VANISHING = {"denoiser_projection_error", "moreau_gap"}


def _points(rng: np.random.Generator) -> np.ndarray:
    points: np.ndarray = rng.standard_normal((int(rng.integers(2, 8)), 3)) * 10 ** rng.uniform(-2, 2)
    return points


_SAMPLERS: dict[str, Draw] = {
    "points": _points,
    "sigma_t": scale,
    "extrapolation": lambda rng: float(rng.choice([1.0, 2.0, 1.5, rng.uniform(-1, 3)])),
    "n": lambda rng: int(rng.choice([1, 2, 10, 1000, int(rng.integers(1, 200))])),
    "relative_error": lambda rng: float(rng.choice([rng.uniform(0.01, 0.99), 10 ** rng.uniform(-9, -0.01)])),
    "distance_ratio": lambda rng: 1 + float(10 ** rng.uniform(-6, 3)),
}


def _spread(given: dict[str, Any], rng: np.random.Generator) -> float:
    """A noise scale at which the farthest point's weight is between nearly 1 and exp(-300) of the nearest's."""
    squares = np.sum((given["x_t"][:, None] - given["points"]) ** 2, axis=2)
    return float(np.sqrt(np.max(squares - squares.min(axis=1, keepdims=True)) / 10 ** rng.uniform(-3, 2.5)))


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    given = draw(arguments, rng, _SAMPLERS)
    if "points" in given and rng.integers(2):
        given["x_t"] = given["x_t"] * np.abs(given["points"]).max() / np.abs(given["x_t"]).max()
    if name in _VANISHING:
        given["sigma_t"] = _spread(given, rng)
    if "sigma_s" in given:
        share = float(rng.choice([0.0, 1.0, rng.uniform(0, 1), 10 ** rng.uniform(-6, 0), 1 - 10 ** rng.uniform(-15, 0)]))
        given["sigma_s"] = given["sigma_t"] * (share if name != "gradient_estimation_defect" else rng.uniform(0, 1))
    if "sigma_u" in given:
        given["sigma_u"] = given["sigma_t"] * (1 + float(10 ** rng.uniform(-12, 3)))
    if "sigmas" in given:
        widest = min(1 / given["relative_error"], 9.0)
        ratios = 1 + rng.uniform(0, widest, int(rng.integers(1, 9))) * 10 ** rng.uniform(-6, 0)
        given["sigmas"] = scale(rng) * np.cumprod([1.0, *ratios])[::-1].copy()
    return given
