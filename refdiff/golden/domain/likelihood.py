"""Arguments of the formulas of likelihood."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import Draw, draw, scale

__all__ = ["sample"]


def _jacobian(rng: np.random.Generator, batch: int, size: int) -> np.ndarray:
    """Symmetric, skew, diagonal or without structure; entries of either sign over four decades."""
    found = rng.standard_normal((batch, size, size)) * 10 ** rng.uniform(-2, 2)
    kind = rng.integers(5)
    if kind == 0:
        found = found + found.mT
    elif kind == 1:
        found = found - found.mT + np.eye(size) * rng.standard_normal()
    elif kind == 2:
        found = found * (np.eye(size) + 1e-6)
    return np.asarray(found)


def _number_or_each(rng: np.random.Generator, batch: int) -> Any:
    return scale(rng) if rng.integers(2) else 10 ** rng.uniform(-4, 4, batch)


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    batch, size = int(rng.integers(1, 4)), int(rng.integers(1, 5))
    spread = 10 ** rng.uniform(-3, 3)
    samplers: dict[str, Draw] = {
        "jacobian": lambda rng: _jacobian(rng, batch, size),
        "probe": lambda rng: rng.choice([-1.0, 1.0], (batch, size)) if rng.integers(2) else rng.standard_normal((batch, size)),
        "score_divergence": lambda rng: rng.standard_normal(batch) * spread,
        "drift_rate": lambda rng: float(rng.standard_normal() * 10 ** rng.uniform(-2, 2)),
        "diffusion": lambda rng: _number_or_each(rng, batch),
        "dimensions": lambda rng: int(rng.choice([1, 2, 3, 784, 3072, 196_608])),
        "x_0": lambda rng: rng.standard_normal((batch, size)) * spread,
        "mean": lambda rng: rng.standard_normal(size) * spread,
        "variance": lambda rng: (10 ** rng.uniform(-3, 3, size)) * spread**2,
        "alpha_t": lambda rng: float(rng.choice([1.0, rng.uniform(0, 1), 10 ** rng.uniform(-4, 0)])),
        "sigma_t": lambda rng: float(rng.choice([1.0, rng.uniform(0, 1), scale(rng)])),
        "bin_width": lambda rng: float(rng.choice([1 / 256, 1 / 128, 1.0, scale(rng)])),
        "log_density": lambda rng: rng.standard_normal(batch) * 10 ** rng.uniform(-2, 6),
        "margin": lambda rng: float(rng.choice([0.05, 1e-6, rng.uniform(0, 0.5), 10 ** rng.uniform(-12, -0.4)])),
        "score": lambda rng: rng.standard_normal((batch, size, 2)) * spread,
        "score_hat": lambda rng: rng.standard_normal((batch, size, 2)) * spread,
    }
    given = draw(arguments, rng, samplers)
    if name == "uniform_dequantisation_bound":
        given["mean"] = given["x_0"] + rng.standard_normal((batch, size)) * spread
    if "margin" in arguments:
        near = 10 ** rng.uniform(-15, 0, (batch, size))
        given["x_0"] = np.where(rng.integers(2, size=(batch, size)) == 1, near, 1 - near).clip(1e-16, 1 - 1e-16)
    return given
