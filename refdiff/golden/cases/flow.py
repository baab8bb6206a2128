"""Cases of flow matching."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, single, state

__all__ = ["cases"]

Given = dict[str, Any]
COUNT = 20
# Times that float32 holds, both ends' neighbourhoods among them.
_EVEN = [k / 64 for k in (1, 3, 5, 8, 11, 14, 19, 23, 27, 30, 32, 34, 37, 41, 45, 50, 55, 59, 61, 63)]
_NEAR = [2.0**-k for k in range(7, 17)]


def _time(i: int) -> float:
    return _EVEN[i]


def _times(i: int) -> np.ndarray:
    """Three times; every other case one of them is near an end."""
    end = (_NEAR[i // 2] if i % 4 else 1 - _NEAR[i // 2]) if i % 2 == 0 else _EVEN[(i + 9) % COUNT]
    return np.array([_EVEN[i], end, _EVEN[(i + 5) % COUNT]])


def _rates(i: int) -> Given:
    """A straight path, one with sigma_min, one that scales no data, one whose scales turn: no coincidence holds in all."""
    level = (i + 1) / 32 + 1 / 8
    if i % 4 == 1:
        return {"alpha_t": 1 - level, "sigma_t": single(1 / 16 + 15 * level / 16), "alpha_dot_t": -1.0, "sigma_dot_t": 15 / 16}
    if i % 4 == 2:
        return {"alpha_t": 1.0, "sigma_t": 4 * level, "alpha_dot_t": 0.0, "sigma_dot_t": 2.5}
    if i % 4 == 3:
        angle = np.pi * level / 2
        cosine, sine = single(np.cos(angle)), single(np.sin(angle))
        return {"alpha_t": cosine, "sigma_t": sine, "alpha_dot_t": single(-1.5 * sine), "sigma_dot_t": single(1.5 * cosine)}
    return {"alpha_t": 1 - level, "sigma_t": level, "alpha_dot_t": -1.0, "sigma_dot_t": 1.0}


def _short(x: np.ndarray) -> np.ndarray:
    """Cut to what bfloat16 holds: the upper half of a float32."""
    return (x.astype(np.float32).view(np.uint32) & 0xFFFF0000).view(np.float32).astype(np.float64)


def _sigma_min(i: int) -> float:
    return (0.0, 1 / 4, 1 / 16, 1 / 2)[i % 4]


def _beta(i: int) -> Given:
    return {"beta_rate_min": (0.125, 0.5, single(0.1))[i % 3], "beta_rate_max": (20.0, 8.0, 3.0, 20.0)[i % 4]}


def _geometric(i: int) -> Given:
    return {"sigma_min": (1 / 64, 1 / 8, 1.0)[i % 3], "sigma_max": (50.0, 8.0, 80.0, 2.0)[i % 4]}


def _state(what: str, i: int, *shape: int) -> np.ndarray:
    return state(f"flow/{what}/{i}", shape or ((2, 3), (3, 1), (1, 4), (2, 2, 2))[i % 4])


def _apart(i: int) -> Given:
    """A state on the other side of 0 than its data: their difference loses no digits, by whatever route."""
    x_0 = _state("x_0", i)
    return {"x_t": np.copysign(_state("x_t", i), -x_0), "x_0": x_0}


def _gaussian(i: int) -> Given:
    return {"mean": _state("mean", i, 3), "variance": _state("variance", i, 3) ** 2 + 1 / 16}


def _finite(i: int) -> Given:
    """States among the noised points, the noise about as large as the gaps: several points count."""
    rates = _rates(i)
    points = _state("points", i, 4, 2)
    noise = rates["sigma_t"] * _state("noise", i, 3, 2) / 2
    return rates | {"points": points, "x_t": _short(rates["alpha_t"] * points[:3] + noise)}


def _mixture(i: int) -> Given:
    given = _finite(i)
    weights = np.array(((1, 2, 5), (4, 3, 1), (1, 6, 1), (2, 2, 4))[i % 4]) / 8
    variances = np.array(((1, 4, 16), (8, 1, 2), (2, 32, 1))[i % 3]) / 16
    return {"weights": weights, "means": given.pop("points")[:3], "variances": variances} | given


def _velocity(i: int) -> Given:
    shape = ((2, 3), (3, 1), (1, 4), (2, 2, 2))[i % 4]
    return {"velocity": _state("velocity", i, *shape), "velocity_hat": _state("velocity_hat", i, *shape)}


def _path(i: int) -> Given:
    shape = ((2, 3), (3, 1), (1, 4), (2, 2, 2))[i % 4]
    bend = _state("bend", i, shape[0], 2 + i % 4, *shape[1:])
    displacement = _state("displacement", i, *shape)
    straight = np.broadcast_to(displacement[:, None], bend.shape)
    return {"displacement": displacement, "velocities": _short(straight + bend / 4 if i % 2 else straight + bend)}


def _map(i: int) -> Given:
    rates, later = _rates(i), _rates((i + 4) % COUNT)
    ends: tuple[tuple[float, float], ...] = ((1.0, 0.0), (later["alpha_t"], later["sigma_t"]))
    alpha_s, sigma_s = ends[i % 2]
    start = {"alpha_t": 0.0, "sigma_t": 1.0} if i % 3 == 0 else {name: rates[name] for name in ("alpha_t", "sigma_t")}
    return _gaussian(i) | start | {"alpha_s": alpha_s, "sigma_s": sigma_s, "x_t": _state("x_t", i, 2, 3)}


def _logit(i: int) -> Given:
    return {"logit_mean": (0.0, 0.5, -0.5, 1.0, -1.25)[i % 5], "logit_scale": (1.0, 0.5, 2.0, 0.75)[i % 4]}


def _mode(i: int) -> Given:
    return {"uniform": _times(i), "mode_scale": (1.25, -0.5, 0.75, 1.75, -0.75)[i % 5]}


def _shift(i: int) -> Given:
    return {"time": _times(i), "time_shift": (3.0, 0.5, 1.75, 6.0, 0.25)[i % 5]}


def _length(i: int) -> Given:
    return {
        "sequence_length": (1024.0, 4096.0, 256.0, 3600.0, 6400.0)[i % 5] + 16 * (i // 5),
        "base_sequence_length": (256.0, 64.0)[i % 2],
        "max_sequence_length": (4096.0, 8192.0, 4096.0)[i % 3],
        "base_log_time_shift": (0.5, 0.25)[i % 2],
        "max_log_time_shift": (single(1.15), 2.0, 1.5)[i % 3],
    }


def _batch(i: int) -> Given:
    """Far more than a rounding between the best pairing and the next; neither the drawn order nor a greedy one is best."""
    return {"x_0": _state("ot/x_0", i, 3 + i % 3, 2), "eps": _state("ot/eps", i, 3 + i % 3, 2)}


def _step(i: int) -> Given:
    shape = ((2, 3), (3, 1), (1, 4), (2, 2, 2))[i % 4]
    return {name: _state(name, i, *shape) for name in ("x_t", "velocity")} | {"step_size": (1 / 32, 1 / 8, 0.25, 0.5)[i // 5]}


_CASES: Mapping[str, tuple[str, Callable[[int], Given]]] = {
    "linear_path_scales": ("1 is noise; sigma_min stays at the data", lambda i: {"time": _times(i), "sigma_min": _sigma_min(i)}),
    "linear_path_rates": ("signs, and sigma_min", lambda i: {"time": _times(i), "sigma_min": _sigma_min(i)}),
    "linear_path_velocity": (
        "sign and direction of time; sigma_min on the state as well as below",
        lambda i: _apart(i) | {"time": _time(i), "sigma_min": _sigma_min(i)},
    ),
    "cosine_path_scales": ("a quarter turn; near time 1 a cosine loses all digits", lambda i: {"time": _times(i)}),
    "cosine_path_rates": ("sign, and the angle's own rate", lambda i: {"time": _times(i)}),
    "vp_path_scales": (
        "halved integral of beta; near time 0 1 - alpha**2 loses digits",
        lambda i: {"time": _times(i)} | _beta(i),
    ),
    "vp_path_rates": ("beta/2, and sigma's rate not its square's", lambda i: {"time": _times(i)} | _beta(i)),
    "ve_path_scales": ("geometric, not linear", lambda i: {"time": _times(i)} | _geometric(i)),
    "ve_path_rates": ("the log of the ratio", lambda i: {"time": _times(i)} | _geometric(i)),
    "marginal_velocity_gaussian": (
        "the mean moves, the spread grows",
        lambda i: {"x_t": _state("x_t", i, 2, 3)} | _gaussian(i) | _rates(i),
    ),
    "marginal_velocity_dirac": ("several points count; sign", _finite),
    "marginal_velocity_mixture": ("unequal weights and widths", _mixture),
    "velocity_variance_gaussian": (
        "the variance that is left given x_t",
        lambda i: {"variance": _gaussian(i)["variance"]} | _rates(i),
    ),
    "velocity_variance_dirac": ("the variance that is left given x_t, averaged over entries", _finite),
    "velocity_variance_mixture": ("within components and between them, averaged over entries", _mixture),
    "flow_matching_loss": ("unequal errors: a mean over the batch or a sum shows", _velocity),
    "transformed_velocity": (
        "each of the three factors",
        lambda i: {
            "x_t": _state("x_t", i),
            "velocity": _state("velocity", i),
            "state_scale": (1.0, 0.5, 1.5)[i % 3],
            "state_scale_rate": (0.0, -0.75, 2.0, 0.5)[i % 4],
            "time_rate": (-1.0, 0.5, 3.0, -2.0, 1.0)[i % 5],
        },
    ),
    "path_straightness": ("paths that miss their end, and paths that bend", _path),
    "flow_map_gaussian": ("from pure noise, to pure data, and between", _map),
    "reflow_velocity_gaussian": (
        "deviation, not variance; straight, unlike before the reflow",
        lambda i: {"x_t": _state("x_t", i, 2, 3), "time": _time(i)} | _gaussian(i),
    ),
    "logit_normal_time": ("deviation, not variance; 1 is noise", lambda i: {"z": _state("z", i, 4)} | _logit(i)),
    "logit_normal_density": ("the logit's own rate; both ends", lambda i: {"time": _times(i)} | _logit(i)),
    "mode_time": ("the map falls; square of the cosine", _mode),
    "mode_time_density": ("one over the slope", _mode),
    "cosmap_time": ("half the angle; 1 is noise", lambda i: {"uniform": _times(i)}),
    "cosmap_density": ("the square in the denominator", lambda i: {"time": _times(i)}),
    "shifted_time": ("towards noise, ends stay", _shift),
    "unshifted_time": ("towards data, ends stay", _shift),
    "shifted_time_density": ("the inverse's slope", _shift),
    "resolution_time_shift": (
        "areas under a root",
        lambda i: {"pixels": float((512 + 64 * i) * 1024), "base_pixels": (65536.0, 262144.0)[i % 2]},
    ),
    "exponentially_shifted_time": (
        "exp of mu; towards noise",
        lambda i: {"time": _times(i), "log_time_shift": (0.5, single(1.15), -0.75, 2.0, 3.0)[i % 5]},
    ),
    "sequence_length_time_shift": ("the base length comes off; the line goes on beyond both points", _length),
    "minibatch_ot_permutation": ("all pairings: the nearest noise may be another's", _batch),
    "minibatch_ot_cost": ("mean over pairs of the summed squares", _batch),
    "flow_euler_step": ("towards data", _step),
    "flow_heun_step": ("the mean of two velocities", lambda i: _step(i) | {"velocity_next": _state("next", i)}),
}


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    return {
        name: [Case(labelled("flow", name, f"v-{i + 1}"), comment, given(i)) for i in range(COUNT)]
        for name, (comment, given) in _CASES.items()
    }
