"""Arguments of the formulas of variational autoencoders."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import SHAPE, Draw, draw, state

__all__ = ["sample"]


def _logs(rng: np.random.Generator) -> np.ndarray:
    """Of either sign, from barely anything to the whole range."""
    return np.asarray(rng.choice([-1, 1], SHAPE) * 10 ** rng.uniform(-12, np.log10(700), SHAPE))


def _small(rng: np.random.Generator) -> np.ndarray:
    return np.asarray(rng.standard_normal(SHAPE) * 10 ** rng.uniform(-12, 2))


def _shares(rng: np.random.Generator) -> np.ndarray:
    """Pixels in [0, 1]; both ends occur."""
    return np.where(rng.uniform(size=SHAPE) < 0.3, rng.integers(0, 2, SHAPE), rng.uniform(size=SHAPE)).astype(float)


def _amount(rng: np.random.Generator) -> np.ndarray:
    return np.asarray(rng.standard_normal(SHAPE[0]) * 10 ** rng.uniform(-2, 4))


_SAMPLERS: dict[str, Draw] = {
    "mean": _small,
    "log_variance": _logs,
    "logits": _logs,
    "reconstruction_nll": _amount,
    "kl": lambda rng: np.abs(_amount(rng)),
    "kl_weight": lambda rng: float(10 ** rng.uniform(-4, 3)),
}


def _linear(rng: np.random.Generator) -> dict[str, Any]:
    """A linear model of 1 to 4 latents seen in 1 to 4 dimensions, narrow and wide encoders."""
    d, k = (int(size) for size in rng.integers(1, 5, 2))
    return {
        "x_0": state(rng, (2, d)),
        "mean": state(rng, (2, k)),
        "log_variance": rng.uniform(-1, 1, (2, k)) * 10 ** rng.uniform(-3, np.log10(30)),
        "matrix": rng.uniform(-2, 2, (d, k)),
        "offset": state(rng, (d,)),
        "noise_variance": float(10 ** rng.uniform(-2, 2)),
    }


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    if name.startswith("linear"):
        given = _linear(rng)
        return {argument: given[argument] for argument in arguments}
    given = draw(arguments, rng, _SAMPLERS)
    if name == "gaussian_reconstruction_nll":
        given |= {"log_variance": rng.uniform(-30, 30, SHAPE), "mean": state(rng)}
    if name == "bernoulli_reconstruction_nll":
        given["x_0"] = _shares(rng)
    return given
