"""Arguments of the formulas of ddim."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import Draw, draw, log_power, scale, schedule_pair

__all__ = ["sample"]


def _share(rng: np.random.Generator) -> float:
    return float(rng.choice([0.0, 1.0, rng.uniform(0, 1), 10 ** rng.uniform(-9, 0), 1 - 10 ** rng.uniform(-12, 0)]))


_SAMPLERS: dict[str, Draw] = {
    "noise_share": _share,
    "variance": lambda rng: float(10 ** rng.uniform(-6, 6)),
    "log_alpha_bar_s": log_power,
    "alpha_s": scale,
    "sigma_s": scale,
    "alpha_t": scale,
    "sigma_t": scale,
}


def _levels(given: dict[str, Any], rng: np.random.Generator) -> None:
    """Pairs of levels in their order, near to each other as often as far apart."""
    if "log_alpha_bar_t" in given:
        given["log_alpha_bar_s"], given["log_alpha_bar_t"] = schedule_pair(rng)
    if "logsnr_t" in given:
        pair = np.sort(rng.uniform(-700, 700, 2) * 10 ** rng.uniform(-3, 0))
        given["logsnr_t"], given["logsnr_s"] = (float(level) for level in pair)
        if rng.integers(3) == 0:
            given["logsnr_s"] = given["logsnr_t"] + abs(given["logsnr_t"]) * float(10 ** rng.uniform(-14, 0)) / 700
    if "alpha_s" in given and rng.integers(3) == 0:
        share = 1 - float(10 ** rng.uniform(-14, -1))
        given |= {"alpha_s": given["alpha_t"] / share, "sigma_s": given["sigma_t"] * share}


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    given = draw(arguments, rng, _SAMPLERS)
    _levels(given, rng)
    if "noise_share" in given and "x_t" not in given:
        given["noise_share"] = np.array([0.0, 1.0, rng.uniform(0, 1), 10 ** rng.uniform(-9, 0), 1 - 10 ** rng.uniform(-12, 0)])
    if "alphas" in given:
        n = int(rng.integers(2, 10))
        given["alphas"] = np.sort(rng.uniform(0.01, 1, n))
        given["sigmas"] = np.sort(10 ** rng.uniform(-3, 2, n))[::-1].copy()
        given["sigmas"][-1] *= rng.integers(2)
    return given
