"""Arguments of the formulas of stationary data."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import Draw, draw, scale

__all__ = ["sample"]

_SAMPLERS: dict[str, Draw] = {
    "alpha_t": scale,
    "sigma_t": scale,
    "power": scale,
    "frequency": lambda rng: float(10 ** rng.uniform(-2, 4)),
    "power_at_one": scale,
    "spectral_exponent": lambda rng: float(rng.choice([-1, 1, 1, 1]) * rng.choice([2.0, rng.uniform(0.5, 4)])),
}
_WHOLE = {"stationary_covariance", "denoiser_stationary", "score_stationary", "loss_floor_stationary"}


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    given = draw(arguments, rng, _SAMPLERS)
    if name in _WHOLE:
        size = int(rng.integers(1, 7))
        half = 10 ** rng.uniform(-4, 4, size // 2 + 1) * rng.choice([0.0, 1.0, 1.0, 1.0], size // 2 + 1)
        if name == "stationary_covariance":
            half[0] += 1.0  # Not all frequencies are silent.
        index = np.arange(size)
        given["power"] = half[np.minimum(index, size - index)]
        if "x_t" in arguments:
            reach = 10 ** rng.uniform(-2, 2)
            given["x_t"], given["mean"] = rng.standard_normal((2, size)) * reach, rng.standard_normal(size) * reach
    return given
