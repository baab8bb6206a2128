"""Arguments of the formulas of multiscale."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import Draw, draw, scale

__all__ = ["sample"]


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    batch, axes = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    # A block of one entry has nothing left to vary.
    pooling = int(rng.integers(2 if name == "nested_posterior_variance_shared_noise" else 1, 4))
    coarse = tuple(int(size) for size in rng.integers(1, 3, axes))
    fine = tuple(size * pooling for size in coarse)
    spread = 10 ** rng.uniform(-2, 2)
    samplers: dict[str, Draw] = {
        "x": lambda rng: rng.standard_normal((batch, *(coarse if name == "nearest_upsample" else fine))) * spread,
        "x_coarse": lambda rng: rng.standard_normal((batch, *coarse)) * spread,
        "mean": lambda rng: rng.standard_normal((batch, *fine)) * spread,
        "variance": lambda rng: 10 ** rng.uniform(-3, 3, (batch, *fine)),
        "pooling": lambda rng: pooling,
        "axes": lambda rng: int(rng.integers(1, 4)),
        "sigma_t": scale,
        "sigma_coarse": scale,
        "alpha_t": lambda rng: float(rng.choice([1.0, rng.uniform(0, 1), 10 ** rng.uniform(-4, 0)])),
        "alpha_coarse": lambda rng: float(rng.choice([1.0, rng.uniform(0, 1), 10 ** rng.uniform(-4, 0)])),
        "logsnr_t": lambda rng: rng.uniform(-1, 1, 4) * 10 ** rng.uniform(-3, 2.8),
        "time": lambda rng: float(rng.choice([0.0, 1.0, rng.uniform(0, 1)])),
        "resolution": lambda rng: int(rng.choice([24, 48, 96, 128, 256, 512, 1024])),
        "resolution_base": lambda rng: int(rng.choice([16, 32, 64, 100])),
        "resolution_high": lambda rng: int(rng.choice([64, 192, 300])),
    }
    return draw(arguments, rng, samplers)
