"""Arguments of the solvers of the reverse-time SDE."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import SHAPE, run, state

__all__ = ["sample"]

# How many levels a step's arrays hold, where that is not one more than its estimates.
_LEVELS = {"dpmpp_3m_sde_step": 4, "dpmpp_3m_sde_released_step": 4, "sa_predictor_step": 4}
_DRAWS = ("dpmpp_sde_path", "predictor_corrector_ve_path", "predictor_corrector_vp_path")


def _scales(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Signal and noise scales at n levels of rising half_logsnr, their steps over three decades: any process at all."""
    rises = np.cumsum(10 ** rng.uniform(-2.5, 0.5, n)) + rng.uniform(-5, 3)
    ratios = np.exp(-rises)
    kind = rng.integers(4)
    if kind == 0:
        return np.ones(n), ratios
    if kind == 1:
        return 1 / np.sqrt(1 + ratios**2), ratios / np.sqrt(1 + ratios**2)
    if kind == 2:
        return 1 / (1 + ratios), ratios / (1 + ratios)
    alphas = np.sort(10 ** rng.uniform(-2, 1, n))
    return alphas, alphas * ratios


def _share(rng: np.random.Generator) -> float:
    return float(rng.choice([0.0, 1.0, *rng.uniform(0, 1, 3)]))


def _step(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    alphas, sigmas = _scales(rng, _LEVELS.get(name, 3) if "alphas" in arguments else 2)
    known: dict[str, Any] = {"alphas": alphas, "sigmas": sigmas, "eta": _share(rng), "noise_strength": 1.5 * _share(rng)}
    known |= {"alpha_t": float(alphas[0]), "sigma_t": float(sigmas[0]), "alpha_s": float(alphas[1]), "sigma_s": float(sigmas[1])}
    estimates = (len(alphas) - 1 if name in _LEVELS else 3 if name == "sa_corrector_step" else 2, *SHAPE)
    known |= {"x_0s": state(rng, estimates), "epsilons": state(rng, estimates), "z": rng.standard_normal(SHAPE)}
    return {name: known[name] if name in known else state(rng) for name in arguments}


def _process(arguments: tuple[str, ...], rng: np.random.Generator, n: int) -> dict[str, Any]:
    """Times and rates of a process, and a start of its size."""
    falling = np.sort(rng.uniform(0.2, 1, n))[::-1]
    known: dict[str, Any] = {"sde_times": np.append(falling, falling[-1] * rng.uniform(0, 1))}
    if "sigma_min" in arguments:
        low, spread = float(10 ** rng.uniform(-2, -0.5)), float(10 ** rng.uniform(0.5, 2))
        ends, size = {"sigma_min": low, "sigma_max": low * spread}, 1 + low * spread
    else:
        low, rise = float(10 ** rng.uniform(-1, 0)), float(10 ** rng.uniform(0, 1.3))
        ends, size = {"beta_rate_min": low, "beta_rate_max": low + rise}, 1
    return known | ends | {"x_T": size * rng.standard_normal(SHAPE)}


def _levels(name: str, arguments: tuple[str, ...], rng: np.random.Generator, n: int) -> dict[str, Any]:
    """Levels of a run, its steps neither so short that a difference of levels has no digits nor of one size, and its start."""
    lengths = np.append(0, rng.uniform(0.2, 1, n))
    ratios = np.exp(rng.uniform(1, 2) - np.cumsum(lengths) * (rng.uniform(2, 4) / lengths.sum()))
    kind = 1 if "vp" in name else int(rng.integers(3)) if "alphas" in arguments else 0
    alphas = (np.ones(n + 1), 1 / np.sqrt(1 + ratios**2), 1 / (1 + ratios))[kind]
    sigmas = alphas * ratios
    if "langevin" not in name and rng.integers(2):
        alphas[-1], sigmas[-1] = 1, 0
    known: dict[str, Any] = {"alphas": alphas} if "alphas" in arguments else {}
    return known | {"sigmas": sigmas, "x_T": (alphas[0] + sigmas[0]) * rng.standard_normal(SHAPE)}


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    if "x_T" not in arguments:
        return _step(name, arguments, rng)
    given = {key: value for key, value in run(rng, ("sigmas",)).items() if key not in ("sigmas", "x_T")}
    n = int(rng.integers(1, 11))
    given |= _process(arguments, rng, n) if "sde_times" in arguments else _levels(name, arguments, rng, n)
    draws = 2 * n if name in _DRAWS else 3 * (n + 1) if "langevin" in name else n
    given |= {"z": rng.standard_normal((draws, *SHAPE)), "eta": _share(rng)}
    given |= {"corrector_snr": float(rng.uniform(0.05, 0.5)), "step_size": float(rng.uniform(0.02, 0.5))}
    if "langevin" in name:
        given["step_size"] *= float(given["sigmas"][-1]) ** 2
    return given
