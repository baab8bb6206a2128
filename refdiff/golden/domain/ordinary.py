"""Arguments of the formulas of one Markov step, its schedules, conversions and losses."""

from collections.abc import Callable
from typing import Any

import numpy as np

from refdiff.golden.domain.draws import SHAPE, betas, covariance, log_power, scale, schedule_pair, state

__all__ = ["sample"]

# Formulas that exclude s = 0, and s = t.
_NOT_FROM_DATA = {
    "posterior_log_variance",
    "posterior_log_variance_learned",
    "denoising_kl",
    "denoising_kl_gradient",
    "simple_loss_weight",
}


_SAMPLERS: dict[str, Callable[[np.random.Generator], Any]] = {
    "T": lambda rng: int(rng.choice([1, 2, 3, 10, 100, 1000, 4000])),
    "beta_start": lambda rng: float(10 ** rng.uniform(-6, -1)),
    "beta_end": lambda rng: float(rng.uniform(0.1, 0.999)),
    "beta_max": lambda rng: float(rng.uniform(0.5, 0.9999)),
    "betas": betas,
    "steps_offset": lambda rng: int(rng.integers(2)),
    "alpha_t": scale,
    "sigma_t": scale,
    "alpha_dot_t": lambda rng: -scale(rng),
    "sigma_dot_t": scale,
    "logsnr_t": lambda rng: float(rng.uniform(-1, 1) * 10 ** rng.uniform(-3, np.log10(700))),
    "gamma": lambda rng: float(10 ** rng.uniform(-2, 2)),
    "interpolation": lambda rng: float(rng.uniform(0, 1)),
    "eta": lambda rng: float(rng.choice([0.0, 1.0, rng.uniform(0, 1), 1 - 10 ** rng.uniform(-12, -1)])),
    "log_alpha_bar_T": log_power,
    "variance": lambda rng: float(10 ** rng.uniform(-6, 6)),
    "variance_1": lambda rng: float(10 ** rng.uniform(-6, 6)),
    "variance_2": lambda rng: float(10 ** rng.uniform(-6, 6)),
    "nats": state,
    "dimensions": lambda rng: int(rng.integers(1, 200_000)),
}


def _sampling(arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """A sampling run on data of unit size: Gaussian, or for guidance finitely many points, some of which meet the condition."""
    rising = np.sort(10 ** rng.uniform(-4, rng.uniform(-2, -0.31), int(rng.choice([10, 100, 1000]))))
    n = int(rng.integers(1, 1 + min(len(rising), 50 if "guidance_scale" in arguments else 10)))
    times = np.sort(rng.choice(np.arange(1, len(rising) + 1), n, replace=False))[::-1].copy()
    given = {"betas": rising, "timesteps": times, "x_T": rng.standard_normal(SHAPE), "z": rng.standard_normal((n, *SHAPE))}
    given |= {"mean": rng.standard_normal(SHAPE[1]), "variance": 10 ** rng.uniform(-2, 1, SHAPE[1])}
    if "guidance_scale" in arguments:
        points = rng.standard_normal((5, SHAPE[1]))
        law = {"points": points, "points_conditional": points[: int(rng.integers(1, 5))]}
        scale = float(rng.choice([0.0, 1.0, 7.5, rng.uniform(0, 10)]))
        told = _composed(rng) if "latent_scale" in arguments else {name: given[name] for name in ("betas", "timesteps")}
        return told | {"x_T": given["x_T"], "guidance_scale": scale} | law
    return given | ({"eta": _SAMPLERS["eta"](rng)} if "eta" in arguments else {})


def _composed(rng: np.random.Generator) -> dict[str, Any]:
    """What Stable Diffusion's run is composed of: its own numbers, or others on as many as 50 steps."""
    T = int(rng.choice([4, 10, 100, 1000]))
    released = {"T": 1000, "n": 50, "steps_offset": 1, "beta_start": 0.00085, "beta_end": 0.012, "latent_scale": 0.18215}
    n = int(rng.integers(1, min(T // 2, 50) + 1))
    other: dict[str, Any] = {"T": T, "n": n, "steps_offset": int(rng.integers(1, T // n if rng.integers(2) else 2))}
    start = float(10 ** rng.uniform(-4, -2))
    other |= {"beta_start": start, "beta_end": start * float(10 ** rng.uniform(0, 1.5)), "latent_scale": scale(rng)}
    return released if rng.integers(4) == 0 else other


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula, float64 with full mantissas, from its whole documented domain."""
    size = int(rng.integers(1, 9))
    vectors = {
        "gaussian_log_density", "gaussian_density", "gaussian_kl", "gaussian_product_mean", "gaussian_affine_mean",
        "gaussian_quadratic_expectation", "gaussian_conditional_mean",
    }  # fmt: skip
    given: dict[str, Any] = {}
    if "x_T" in arguments:
        return _sampling(arguments, rng)
    if "log_alpha_bar_t" in arguments:
        given["log_alpha_bar_s"], given["log_alpha_bar_t"] = schedule_pair(rng)
        if name in _NOT_FROM_DATA:
            given = {key: max(power, -600.0) for key, power in given.items()}
            given["log_alpha_bar_s"] = min(given["log_alpha_bar_s"], given["log_alpha_bar_t"] * 1e-12)
            given["log_alpha_bar_s"] = max(given["log_alpha_bar_s"], float(np.nextafter(given["log_alpha_bar_t"], 0)))
        elif rng.integers(10) == 0:
            given["log_alpha_bar_s"] = 0.0
    if name == "denoiser_correlated_gaussian":
        size = SHAPE[1]
        given["mean"] = state(rng, (size,))
    if name == "decoder_log_likelihood":
        given["x_0"] = (2 * rng.integers(0, 256, SHAPE) - 255) / 255
        given["log_scale"] = rng.uniform(-7, 1, SHAPE)
        given["mean"] = given["x_0"] + rng.uniform(-8, 8, SHAPE) * np.exp(given["log_scale"])
    for argument in arguments:
        if argument in given:
            continue
        if argument in _SAMPLERS:
            given[argument] = _SAMPLERS[argument](rng)
        elif "covariance" in argument:
            given[argument] = covariance(rng, size)
        elif argument == "matrix":
            given[argument] = rng.uniform(-2, 2, (size, size))
        elif argument == "points":
            given[argument] = state(rng, (7, SHAPE[1]))
        elif name == "betas_cosine" and argument == "offset":
            given[argument] = float(rng.choice([0.0, 0.008, rng.uniform(0, 1)]))
        elif argument == "n":
            given[argument] = int(rng.integers(1, given["T"] + 1))
        elif name in vectors:
            given[argument] = state(rng, (size,))
        else:
            given[argument] = state(rng)
    return {argument: given[argument] for argument in arguments}
