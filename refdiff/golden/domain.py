"""Where each formula is documented to hold: random arguments with full mantissas, the hard ends as likely as the middle."""

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["sample"]

_SHAPE = (4, 3)
# Formulas that exclude s = 0, and s = t.
_NOT_FROM_DATA = {
    "posterior_log_variance",
    "posterior_log_variance_learned",
    "denoising_kl",
    "denoising_kl_gradient",
    "simple_loss_weight",
}


def _log_power(rng: np.random.Generator) -> float:
    """log alpha_bar: from barely noisy (-1e-12) over the middle to signal power 1e-300."""
    return -float(10 ** rng.uniform(-12, np.log10(700)))


def _schedule_pair(rng: np.random.Generator) -> tuple[float, float]:
    """log alpha_bar at s and t with s < t: far apart, adjacent in float64, or anything between."""
    late = _log_power(rng)
    kind = rng.integers(4)
    if kind == 0:
        return late * float(rng.uniform(0.0, 1.0)), late
    if kind == 1:
        return late * (1 - float(10 ** rng.uniform(-15, -1))), late
    if kind == 2:
        return late * float(10 ** rng.uniform(-12, 0)), late
    return float(np.nextafter(late, 0)), late


def _covariance(rng: np.random.Generator, size: int) -> np.ndarray:
    rotation, _ = np.linalg.qr(rng.standard_normal((size, size)))
    spread = 10 ** rng.uniform(-1, 1, size)
    product = rotation * spread @ rotation.T
    return np.asarray((product + product.T) / 2)


def _betas(rng: np.random.Generator) -> np.ndarray:
    steps = int(rng.choice([2, 3, 10, 100, 1000, 4000]))
    return np.sort(10 ** rng.uniform(-5, rng.uniform(-4, -0.31), steps))


def _state(rng: np.random.Generator, shape: tuple[int, ...] = _SHAPE) -> np.ndarray:
    return rng.standard_normal(shape) * 10 ** rng.uniform(-2, 2)


def _scale(rng: np.random.Generator) -> float:
    return float(10 ** rng.uniform(-4, 4))


_SAMPLERS: dict[str, Callable[[np.random.Generator], Any]] = {
    "T": lambda rng: int(rng.choice([1, 2, 3, 10, 100, 1000, 4000])),
    "beta_start": lambda rng: float(10 ** rng.uniform(-6, -1)),
    "beta_end": lambda rng: float(rng.uniform(0.1, 0.999)),
    "beta_max": lambda rng: float(rng.uniform(0.5, 0.9999)),
    "betas": _betas,
    "steps_offset": lambda rng: int(rng.integers(2)),
    "alpha_t": _scale,
    "sigma_t": _scale,
    "alpha_dot_t": lambda rng: -_scale(rng),
    "sigma_dot_t": _scale,
    "logsnr_t": lambda rng: float(rng.uniform(-1, 1) * 10 ** rng.uniform(-3, np.log10(700))),
    "gamma": lambda rng: float(10 ** rng.uniform(-2, 2)),
    "interpolation": lambda rng: float(rng.uniform(0, 1)),
    "eta": lambda rng: float(rng.choice([0.0, 1.0, rng.uniform(0, 1), 1 - 10 ** rng.uniform(-12, -1)])),
    "log_alpha_bar_T": _log_power,
    "variance": lambda rng: float(10 ** rng.uniform(-6, 6)),
    "variance_1": lambda rng: float(10 ** rng.uniform(-6, 6)),
    "variance_2": lambda rng: float(10 ** rng.uniform(-6, 6)),
    "nats": _state,
    "dimensions": lambda rng: int(rng.integers(1, 200_000)),
}


def _sampling(arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """A sampling run on Gaussian data of unit size, whose denoiser follows from mean and variance."""
    betas = np.sort(10 ** rng.uniform(-4, rng.uniform(-2, -0.31), int(rng.choice([10, 100, 1000]))))
    n = int(rng.integers(1, 11))
    times = np.sort(rng.choice(np.arange(1, len(betas) + 1), n, replace=False))[::-1].copy()
    given = {"betas": betas, "timesteps": times, "x_T": rng.standard_normal(_SHAPE), "z": rng.standard_normal((n, *_SHAPE))}
    given |= {"mean": rng.standard_normal(_SHAPE[1]), "variance": 10 ** rng.uniform(-2, 1, _SHAPE[1])}
    return given | ({"eta": _SAMPLERS["eta"](rng)} if "eta" in arguments else {})


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula, float64 with full mantissas, from its whole documented domain."""
    size = int(rng.integers(1, 9))
    vectors = {
        "gaussian_log_density", "gaussian_density", "gaussian_kl", "gaussian_product_mean", "gaussian_affine_mean",
        "gaussian_quadratic_expectation", "gaussian_conditional_mean",
    }  # fmt: skip
    given: dict[str, Any] = {}
    if "denoiser" in arguments:
        return _sampling(arguments, rng)
    if "log_alpha_bar_t" in arguments:
        given["log_alpha_bar_s"], given["log_alpha_bar_t"] = _schedule_pair(rng)
        if name in _NOT_FROM_DATA:
            given = {key: max(power, -600.0) for key, power in given.items()}
            given["log_alpha_bar_s"] = min(given["log_alpha_bar_s"], given["log_alpha_bar_t"] * 1e-12)
            given["log_alpha_bar_s"] = max(given["log_alpha_bar_s"], float(np.nextafter(given["log_alpha_bar_t"], 0)))
        elif rng.integers(10) == 0:
            given["log_alpha_bar_s"] = 0.0
    if name == "decoder_log_likelihood":
        given["x_0"] = (2 * rng.integers(0, 256, _SHAPE) - 255) / 255
        given["log_scale"] = rng.uniform(-7, 1, _SHAPE)
        given["mean"] = given["x_0"] + rng.uniform(-8, 8, _SHAPE) * np.exp(given["log_scale"])
    for argument in arguments:
        if argument in given:
            continue
        if argument in _SAMPLERS:
            given[argument] = _SAMPLERS[argument](rng)
        elif "covariance" in argument:
            given[argument] = _covariance(rng, size)
        elif argument == "matrix":
            given[argument] = rng.uniform(-2, 2, (size, size))
        elif argument == "points":
            given[argument] = _state(rng, (7, _SHAPE[1]))
        elif name == "betas_cosine" and argument == "offset":
            given[argument] = float(rng.choice([0.0, 0.008, rng.uniform(0, 1)]))
        elif argument == "n":
            given[argument] = int(rng.integers(1, given["T"] + 1))
        elif name in vectors:
            given[argument] = _state(rng, (size,))
        else:
            given[argument] = _state(rng)
    return {argument: given[argument] for argument in arguments}
