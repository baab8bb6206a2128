"""Arguments of the stochastic differential equations."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import Draw, draw, scale, schedule_pair

__all__ = ["sample"]


def _time(rng: np.random.Generator) -> float:
    """Both ends, close to 0, close to 1, or anything between."""
    near = float(10 ** rng.uniform(-9, 0))
    return float(rng.choice([0.0, 1.0, near, near, 1 - near, rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0, 1)]))


def _rate(rng: np.random.Generator) -> float:
    """Either sign, over seven decades, and 0."""
    return float(rng.choice([0.0, -1.0, 1.0, -1.0, -1.0])) * float(10 ** rng.uniform(-6, 1))


def _beta(rng: np.random.Generator) -> float:
    """Close to 0, close to 1, or anything between."""
    return float(rng.choice([10 ** rng.uniform(-8, 0), rng.uniform(0, 1), 1 - 10 ** rng.uniform(-6, -1)]))


_SAMPLERS: dict[str, Draw] = {
    "time": _time,
    "alpha_t": scale,
    "sigma_t": scale,
    "alpha_s": scale,
    "sigma_s": lambda rng: float(rng.choice([0.0, scale(rng), scale(rng), scale(rng)])),
    "alpha_dot_t": lambda rng: -scale(rng),
    "sigma_dot_t": scale,
    "variance": scale,
    "drift_rate": _rate,
    "diffusion": lambda rng: float(10 ** rng.uniform(-3, 2)),
    "step_size": lambda rng: float(10 ** rng.uniform(-6, 0)),
    "noise_strength": lambda rng: float(rng.choice([0.0, 1.0, rng.uniform(0, 2)])),
    "beta_s": _beta,
    "beta_t": _beta,
    "corrector_snr": lambda rng: float(10 ** rng.uniform(-3, 0)),
    "drift_divergence": lambda rng: rng.standard_normal(4) * 10 ** rng.uniform(-2, 2),
    "score_divergence": lambda rng: rng.standard_normal(4) * 10 ** rng.uniform(-2, 2),
}


def _rising(rng: np.random.Generator) -> tuple[float, float]:
    """Two positive numbers, the first smaller: far apart or almost equal."""
    low = scale(rng)
    return low, low * (1 + float(rng.choice([10 ** rng.uniform(-12, 0), 10 ** rng.uniform(0, 6)])))


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    given = draw(arguments, rng, _SAMPLERS)
    if name == "linear_sde_diffusion" and rng.integers(4) == 0:
        given["alpha_dot_t"] = 0.0
    if "beta_rate_min" in arguments:
        given["beta_rate_min"], given["beta_rate_max"] = _rising(rng)
    if "sigma_min" in arguments:
        given["sigma_min"], given["sigma_max"] = _rising(rng)
    if "sigma_s" in arguments and "alpha_s" not in arguments:
        given["sigma_s"], given["sigma_t"] = _rising(rng)
        given["sigma_s"] *= float(rng.choice([0.0, 1.0, 1.0, 1.0]))
    if name.startswith("predictor_corrector"):
        given["z"] = rng.standard_normal((2, *given["x_t"].shape))
        given |= {key: value or 1e-3 * given["sigma_t"] for key, value in given.items() if key == "sigma_s"}
    if "log_alpha_bar_t" in arguments:
        early, given["log_alpha_bar_t"] = schedule_pair(rng)
        if "log_alpha_bar_s" in arguments:
            given["log_alpha_bar_s"] = early * float(rng.choice([0.0, 1.0, 1.0, 1.0]))
    return given
