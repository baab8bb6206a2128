"""Arguments of the formulas of edm."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import Draw, draw, scale

__all__ = ["sample"]

_SHARES = (0.0, 1.0)


def _signed(rng: np.random.Generator) -> float:
    return float(rng.choice([-1, 1])) * scale(rng)


_SAMPLERS: dict[str, Draw] = {
    "sigma_t": scale,
    "sigma_data": scale,
    "alpha_t": scale,
    "alpha_dot_t": _signed,
    "noise_level_t": scale,
    "noise_level_dot_t": _signed,
    "P_mean": lambda rng: float(rng.uniform(-3, 3)),
    "P_std": lambda rng: float(10 ** rng.uniform(-2, 1)),
    "z": lambda rng: rng.standard_normal((4, 3)),
    "logsnr_t": lambda rng: rng.uniform(-20, 20, (4, 3)) * 10 ** rng.uniform(-3, 0),
    "rho": lambda rng: float(rng.choice([1.0, 7.0, rng.uniform(1, 10)])),
    "n": lambda rng: int(rng.integers(2, 13)),
    "T": lambda rng: int(rng.choice([*range(1, 13), 100, 4000], p=[0.08] * 12 + [0.03, 0.01])),
    "offset": lambda rng: float(rng.choice([0.0, 0.008, rng.uniform(0, 1)])),
    "beta_max": lambda rng: float(rng.choice([0.999, rng.uniform(0.01, 0.9999)])),
    "S_churn": lambda rng: float(rng.choice([0.0, *10 ** rng.uniform(-2, 2, 5)])),
    "S_noise": lambda rng: float(rng.uniform(0.9, 1.1)),
    "churn": lambda rng: float(rng.choice([0.0, np.sqrt(2) - 1, 10 ** rng.uniform(-12, 0)])),
    "time": lambda rng: float(rng.choice([1.0, rng.uniform(0, 1), 10 ** rng.uniform(-8, 0)])),
    "beta_rate_min": lambda rng: float(10 ** rng.uniform(-3, 0)),
    "beta_rate_max": lambda rng: float(10 ** rng.uniform(0.1, 1.6)),
}


def _edges(given: dict[str, Any], rng: np.random.Generator) -> None:
    """Pairs of noise scales: s from far below t up to t itself, and bounds met exactly."""
    if "sigma_s" in given:
        share = float(rng.choice([0.0, 1.0, rng.uniform(0, 1), 10 ** rng.uniform(-6, 0), 1 - 10 ** rng.uniform(-15, 0)]))
        given["sigma_s"] = given["sigma_t"] * share
    if "sigma_max" in given:
        given["sigma_min"] = float(10 ** rng.uniform(-4, 0))
        given["sigma_max"] = given["sigma_min"] * float(10 ** rng.uniform(0.01, 5))
    if "sigma_max" in given and "sigma_t" in given:
        top = given["sigma_max"] / given["sigma_min"]
        given["sigma_t"] = given["sigma_min"] * float(rng.choice([top ** rng.uniform(0, 1), 1 + 10 ** rng.uniform(-12, 0)]))
    if "S_min" in given:
        low, high = sorted(float(10 ** rng.uniform(-4, 4)) for _ in range(2))
        given |= {"S_min": float(rng.choice([0.0, low])), "S_max": high}
        given["sigma_t"] = np.array([low, high, np.nextafter(low, 0), np.nextafter(high, 1e9), (low * high) ** 0.5])


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    given = draw(arguments, rng, _SAMPLERS)
    if name == "edm_sigma_from_flow_time":
        given["time"] = float(rng.choice([0.0, rng.uniform(0, 1), 1 - 10 ** rng.uniform(-12, 0)]))
    if name == "edm_sigma_from_ve_time":
        given["time"] = float(rng.choice([*_SHARES, rng.uniform(0, 1)]))
    _edges(given, rng)
    return given
