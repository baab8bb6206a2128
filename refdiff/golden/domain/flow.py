"""Arguments of the formulas of flow matching."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import Draw, draw, state

__all__ = ["sample"]

_SHAPE = (3, 2)
# SD3's mode sampling: beyond this scale its map is not monotone.
_STEEPEST = 2 / (np.pi - 2)


def _scale(rng: np.random.Generator) -> float:
    return float(10 ** rng.uniform(-2, 2))


def _time(rng: np.random.Generator) -> float:
    """A time in (0, 1): as near to either end as anything between."""
    near = float(10 ** rng.uniform(-12, -1))
    return float(rng.choice([near, 1 - near, rng.uniform(0, 1)]))


def _with_ends(rng: np.random.Generator) -> np.ndarray:
    return rng.permutation([0.0, 1.0, _time(rng), _time(rng)])


def _times(rng: np.random.Generator) -> np.ndarray:
    return np.array([_time(rng) for _ in range(4)])


def _uniforms(rng: np.random.Generator) -> np.ndarray:
    return np.array([0.0, *_times(rng)])


_SAMPLERS: dict[str, Draw] = {
    "time": _with_ends,
    "uniform": _with_ends,
    "sigma_min": lambda rng: float(rng.choice([0.0, 10 ** rng.uniform(-6, 0), rng.uniform(0, 1)])),
    "sigma_max": lambda rng: float(10 ** rng.uniform(1, 4)),
    "beta_rate_min": lambda rng: float(10 ** rng.uniform(-3, 0)),
    "beta_rate_max": lambda rng: float(10 ** rng.uniform(0.1, 1.6)),
    "alpha_t": _scale,
    "sigma_t": _scale,
    "alpha_s": _scale,
    "sigma_s": _scale,
    "alpha_dot_t": lambda rng: -_scale(rng),
    "sigma_dot_t": _scale,
    "variance": lambda rng: float(10 ** rng.uniform(-4, 4)),
    "weights": lambda rng: (lambda mass: mass / mass.sum())(rng.uniform(0.05, 1, 3)),
    "means": lambda rng: state(rng, (3, 2)),
    "variances": lambda rng: 10 ** rng.uniform(-2, 2, 3),
    "points": lambda rng: state(rng, (4, 2)),
    "velocities": lambda rng: state(rng, (3, 4, 2)),
    "state_scale": _scale,
    "state_scale_rate": lambda rng: float(rng.normal() * _scale(rng)),
    "time_rate": lambda rng: float(rng.normal() * _scale(rng)),
    "step_size": lambda rng: float(10 ** rng.uniform(-4, 0)),
    "logit_mean": lambda rng: float(rng.uniform(-3, 3)),
    "logit_scale": lambda rng: float(10 ** rng.uniform(-1, 1)),
    "mode_scale": lambda rng: float(rng.choice([rng.uniform(-1, 0), rng.uniform(0, _STEEPEST), 1.75, -0.999])),
    "time_shift": lambda rng: float(10 ** rng.uniform(-2, 2)),
    "log_time_shift": lambda rng: float(rng.uniform(-6, 6)),
    "pixels": lambda rng: float(rng.integers(1, 2**24)),
    "base_pixels": lambda rng: float(rng.integers(1, 2**24)),
    "sequence_length": lambda rng: float(rng.integers(1, 20000)),
    "base_sequence_length": lambda rng: float(rng.integers(1, 1000)),
    "max_sequence_length": lambda rng: float(rng.integers(1001, 20000)),
    "base_log_time_shift": lambda rng: float(rng.uniform(-1, 1)),
    "max_log_time_shift": lambda rng: float(rng.uniform(-2, 2)),
}

# Where 0, or both ends, are excluded.
_OWN: dict[str, dict[str, Draw]] = {
    "linear_path_velocity": {"time": _time},
    "vp_path_scales": {"time": lambda rng: np.array([1.0, *_times(rng)])},
    "vp_path_rates": {"time": _times},
    "ve_path_scales": {"sigma_min": lambda rng: float(10 ** rng.uniform(-4, 0))},
    "ve_path_rates": {"sigma_min": lambda rng: float(10 ** rng.uniform(-4, 0))},
    # At exactly 1 the printed forms are differences that vanish.
    "cosine_path_scales": {"time": _uniforms},
    "cosine_path_rates": {"time": _uniforms},
    "mode_time": {"uniform": _uniforms},
    "cosmap_time": {"uniform": _uniforms},
    "exponentially_shifted_time": {"time": lambda rng: np.array([1.0, *_times(rng)])},
    "reflow_velocity_gaussian": {"time": lambda rng: float(rng.choice([0.0, 1.0, _time(rng)]))},
}


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula, float64 with full mantissas, from its whole documented domain."""
    samplers = {argument: lambda rng: state(rng, _SHAPE) for argument in arguments} | _SAMPLERS | _OWN.get(name, {})
    given = draw(arguments, rng, samplers)
    if "points" in given or "means" in given:
        # States near the data as the noise would put them; far states as likely.
        centres = np.asarray(given["points"] if "points" in given else given["means"])
        if name == "velocity_variance_dirac":  # further apart than this, the variance underflows
            given["sigma_t"] = given["alpha_t"] * float(np.abs(centres).max() * 10 ** rng.uniform(-1.2, 2))
        noise = rng.standard_normal(_SHAPE) * float(rng.choice([1.0, 1.0, 8.0]))
        given["x_t"] = given["alpha_t"] * centres[rng.integers(0, 3, _SHAPE[0])] + given["sigma_t"] * noise
    if name == "logit_normal_density":  # as far out as eight deviations, or as a time near 1 in float64 goes
        logit = given["logit_mean"] + given["logit_scale"] * rng.uniform(-8, 8, 4)
        given["time"] = 1 / (1 + np.exp(-np.clip(logit, -28, 28)))
    if name == "path_straightness" and rng.integers(3) == 0:
        given["velocities"] = np.repeat(given["displacement"][:, None], 4, axis=1)
    return given
