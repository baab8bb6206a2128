"""Arguments of the formulas of multistep."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import SHAPE, run, state

__all__ = ["sample"]

# Runs whose weights are those of steps in sigma/alpha, not in its log.
_LINEAR = ("lms_path", "ipndm_path", "plms_path", "pndm_path")
# How many estimates a step may be made of; the correctors have one at s beside them.
_MOST = {"lms_step": 4, "adams_bashforth_eps": 4, "deis_step": 3, "exponential_multistep_step": 4, "unip": 3, "unic": 3}


def _count(name: str, rng: np.random.Generator) -> int:
    for known, most in _MOST.items():
        if name.startswith(known):
            return int(rng.integers(1, most + 1))
    return 3 if "_3m_" in name else 2


def _levels(count: int, rng: np.random.Generator) -> dict[str, Any]:
    """Scales at so many levels and one more, of any process; steps in half_logsnr that differ up to tenfold."""
    gaps = 10 ** rng.uniform(-4, 0.2) * 10 ** rng.uniform(-0.5, 0.5, count)
    half_logsnrs = rng.uniform(-3, 3) + np.concatenate([np.zeros(1), np.cumsum(gaps)])
    ratios = np.exp(-half_logsnrs)
    kind = rng.integers(4)
    if kind == 0:
        alphas = np.ones(count + 1)
    elif kind == 1:
        alphas = 1 / np.sqrt(1 + ratios**2)
    elif kind == 2:
        alphas = 1 / (1 + ratios)
    else:
        alphas = 10 ** rng.uniform(-1, 1, count + 1)
    return {"alphas": alphas, "sigmas": alphas * ratios}


def _falling(count: int, rng: np.random.Generator) -> np.ndarray:
    """Noise scales at so many levels and one more, which may be 0."""
    gaps = 10 ** rng.uniform(-0.5, 0.5, count)
    end = float(rng.choice([0.0, *10 ** rng.uniform(-3, 2, 3)]))
    return np.asarray(10 ** rng.uniform(-3, 2) * (end + np.concatenate([np.cumsum(gaps)[::-1], np.zeros(1)])))


def _step(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    count = _count(name, rng)
    given: dict[str, Any] = _levels(count, rng) if "alphas" in arguments else {"sigmas": _falling(count, rng)}
    made = state(rng, (count + name.startswith("unic"), *SHAPE))
    # As smooth as a model's estimates along a run are, or not smooth at all.
    made = made if rng.integers(2) else made[:1] + np.cumsum(made * 10 ** rng.uniform(-4, 0), axis=0)
    given |= {"x_0s": made, "epsilons": made, "x_t": state(rng)}
    return {key: given[key] for key in arguments}


def _gentle(rng: np.random.Generator, kinds: tuple[str, ...], linear: bool, middles: bool) -> dict[str, Any]:
    """A run of at most 10 steps that differ at most threefold, on data of unit size; the last may end at data.

    Args:
        rng: generator.
        kinds: what may be given: noise scales alone, times of a straight path.
        linear: whether the steps are compared in sigma, those to data among them, rather than in half_logsnr.
        middles: whether each of the first three steps has a level in its middle too.
    """
    given = run(rng, kinds)
    n, to_data = int(rng.integers(4 if middles else 1, 11)), bool(rng.integers(2))
    gone = np.concatenate([np.zeros(1), np.cumsum(10 ** rng.uniform(-0.47, 0, n))])
    if linear:
        levels = 10 ** rng.uniform(-0.5, 1.3) * (gone[-1] - gone + (0 if to_data else 10 ** rng.uniform(-1, 0.5)))
    else:
        levels = np.exp(rng.uniform(0, 3) - gone * 10 ** rng.uniform(-1.3, 0))
        levels[-1] *= not to_data
    if middles:
        levels = np.concatenate([np.stack([levels[:3], (levels[:3] + levels[1:4]) / 2], axis=1).ravel(), levels[3:]])
    if "sigmas" in given:
        return given | {"sigmas": levels, "x_T": levels[0] * rng.standard_normal(SHAPE)}
    return given | {"times": levels / (1 + levels)}


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    if not name.endswith("_path"):
        return _step(name, arguments, rng)
    kinds = ("sigmas", "times") if "alphas" in arguments else ("sigmas",)
    given = _gentle(rng, kinds, name in _LINEAR, name == "pndm_path")
    if "order" in arguments:
        given["order"] = int(rng.integers(1, 5 if name in ("lms_path", "exponential_multistep_path") else 4))
    if "extrapolation" in arguments:
        given["extrapolation"] = float(rng.uniform(0, 3))
    return given
