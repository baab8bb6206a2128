"""Arguments of the formulas of law."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import covariance, scale

__all__ = ["sample"]


def _share(rng: np.random.Generator) -> float:
    return float(rng.choice([0.0, 1.0, rng.uniform(0, 1), 10 ** rng.uniform(-9, 0), 1 - 10 ** rng.uniform(-12, 0)]))


def _pair(rng: np.random.Generator, kept: bool) -> dict[str, Any]:
    """Two levels with falling noise over signal, the later one's at any share of the earlier one's, 0 and 1 among them."""
    share = float(rng.choice([0.0, 1.0, rng.uniform(0, 1), 10 ** rng.uniform(-6, 0), 1 - 10 ** rng.uniform(-12, 0)]))
    alpha_t, level = 1.0 if kept else scale(rng), scale(rng)
    alpha_s = alpha_t if kept or share == 1 else scale(rng)
    return {"alpha_t": alpha_t, "sigma_t": alpha_t * level, "alpha_s": alpha_s, "sigma_s": alpha_s * level * share}


def _chain(rng: np.random.Generator) -> dict[str, Any]:
    """Matrices of up to 10 steps on up to 4 entries, about as large as the identity."""
    n, size, draws = int(rng.integers(1, 11)), int(rng.choice([2, 3, 4])), int(rng.choice([1, 2, 3]))
    return {
        "gains": (np.eye(size) + rng.standard_normal((n, size, size))) * 10 ** rng.uniform(-0.5, 0.2),
        "offsets": rng.standard_normal((n, size)) * 10 ** rng.uniform(-2, 2),
        "noise_factors": rng.standard_normal((n, size, draws)) * 10 ** rng.uniform(-2, 1),
        "mean": rng.standard_normal(size) * 10 ** rng.uniform(-2, 2),
        "covariance": covariance(rng, size),
    }


def _run(rng: np.random.Generator) -> dict[str, Any]:
    n = int(rng.integers(1, 11))
    sigmas = np.sort(10 ** rng.uniform(-3, 2, n + 1))[::-1].copy()
    sigmas[-1] *= rng.integers(2)
    return {"alphas": np.sort(rng.uniform(0.01, 1, n + 1)), "sigmas": sigmas}


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    if "gains" in arguments:
        known = _chain(rng)
    elif "sigmas" in arguments:
        known = _run(rng)
    else:
        known = _pair(rng, "alpha_s" not in arguments)
    known |= {"eta": _share(rng)}
    if "variance" in arguments:
        known["variance"] = float(10 ** rng.uniform(-6, 6)) if "sigmas" in arguments else 10 ** rng.uniform(-6, 6, 4)
    if "x_t" in arguments:
        size = int(rng.choice([2, 2, 3]))
        known |= {"x_t": rng.standard_normal((4, size)) * 10 ** rng.uniform(-2, 2), "covariance": covariance(rng, size)}
        known["mean"] = rng.standard_normal(size) * 10 ** rng.uniform(-2, 2)
    return {argument: known[argument] for argument in arguments}
