"""Arguments of the formulas of multiscale."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import Draw, draw, scale
from refdiff.golden.domain.forward import levels

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
        "x_0": lambda rng: rng.standard_normal((batch, *fine)) * spread,
        "x_t": lambda rng: rng.standard_normal((batch, *fine)) * spread,
        "eps": lambda rng: rng.standard_normal((batch, *fine)),
        "eps_coarse": lambda rng: rng.standard_normal((batch, *coarse)),
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
    given = draw(arguments, rng, samplers)
    if name.startswith("nested_joint_posterior"):
        fine_levels, coarse_levels = levels(rng), levels(rng)
        given |= fine_levels | {
            f"{key[:-1]}coarse{'_s' if key[-1] == 's' else ''}": value for key, value in coarse_levels.items()
        }
    return {argument: given[argument] for argument in arguments}
