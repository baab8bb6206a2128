"""Arguments of the formulas of latent."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import Draw, draw, scale

__all__ = ["sample"]

_SCALES = (0.18215, 0.13025, 1.5305, 0.3611, 1.0)


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    batch, size, pixels = int(rng.integers(1, 4)), int(rng.integers(1, 4)), int(rng.integers(1, 5))
    spread = 10 ** rng.uniform(-2, 2)

    def states(rng: np.random.Generator) -> np.ndarray:
        return rng.standard_normal((batch, size)) * spread

    def variances(rng: np.random.Generator) -> np.ndarray:
        return np.asarray(10 ** rng.uniform(-4, 4, (batch, size)))

    samplers: dict[str, Draw] = {
        "latent": lambda rng: rng.standard_normal((batch, size, 2)) * spread + rng.standard_normal() * 10 ** rng.uniform(-2, 3),
        "scaled": states,
        "latent_shift": lambda rng: float(rng.choice([0.0, 0.0609, 0.1159, rng.standard_normal() * spread])),
        "latent_scale": lambda rng: float(rng.choice([*_SCALES, scale(rng), 1 + rng.standard_normal() * 1e-6])),
        "dimensions": lambda rng: int(rng.choice([1, 4, 4096, 16_384])),
        "x_0": lambda rng: rng.standard_normal((batch, pixels)) * spread,
        "mean": states,
        "mean_1": states,
        "mean_2": lambda rng: rng.standard_normal(size) * spread,
        "variance": variances,
        "variance_1": variances,
        "variance_2": lambda rng: 10 ** rng.uniform(-4, 4, size),
        "matrix": lambda rng: rng.uniform(-2, 2, (pixels, size)),
        "offset": lambda rng: rng.standard_normal(pixels) * spread,
        "decoder_variance": scale,
    }
    given = draw(arguments, rng, samplers)
    if "betas" in arguments:
        steps = int(rng.integers(1, 6))
        given["betas"] = np.sort(10 ** rng.uniform(-4, rng.uniform(-3, -0.05), steps))
        powers = np.cumprod(1 - given["betas"])
        given |= {"slopes": rng.choice([1.0, rng.uniform(-2, 2)]) * np.sqrt(powers), "latent_variance": scale(rng)}
        given["intercepts"] = rng.standard_normal(steps) * 10 ** rng.uniform(-2, 1)
    return given
