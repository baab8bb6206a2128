"""Runs worth trying for any sampler: kinds of noise levels, grids of every length, and data whose denoiser is exact."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import covariance, schedules, single, state

__all__ = ["LEVELS", "data", "runs"]


def _singles(values: Sequence[float]) -> np.ndarray:
    return np.array([single(x) for x in values])


def _falling(start: float, end: float, n: int, bend: float, zero: bool) -> np.ndarray:
    """n noise scales, evenly spaced in their root of degree `bend` as EDM's are, and 0 after them where asked."""
    roots = [start ** (1 / bend) + k / max(n - 1, 1) * (end ** (1 / bend) - start ** (1 / bend)) for k in range(n)]
    return _singles([*(root**bend for root in roots), *([0.0] if zero else [])])


def _table(name: str, *times: int) -> dict[str, Any]:
    return {"betas": schedules()[name], "timesteps": np.array(times)}


def _times(*times: float) -> dict[str, Any]:
    return {"times": _singles(times)}


def _sigmas(start: float, end: float, n: int, bend: float, zero: bool = True) -> dict[str, Any]:
    return {"sigmas": _falling(start, end, n, bend, zero)}


# (kind, label, comment, levels); a kind is what the case gives: sigmas alone, betas and timesteps, or times of a straight path.
LEVELS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("sigmas", "karras-5", "EDM's spacing, five levels and 0", _sigmas(8.0, 0.05, 5, 7)),
    ("sigmas", "karras-4-ends-with-noise", "EDM's spacing, the last level has noise", _sigmas(8.0, 0.25, 5, 7, False)),
    ("sigmas", "even-6", "evenly spaced noise scales: steps grow in half_logsnr", _sigmas(3.0, 0.5, 6, 1)),
    ("sigmas", "geometric-7-ends-with-noise", "equal steps in half_logsnr", _sigmas(6.0, 0.09, 8, 64, False)),
    ("sigmas", "one-step", "a single step to data", _sigmas(2.5, 2.5, 1, 1)),
    ("sigmas", "one-step-ends-with-noise", "a single step that leaves noise", _sigmas(2.5, 1.25, 2, 1, False)),
    ("sigmas", "two-steps", "two steps: no history at the first, no noise after the last", _sigmas(4.0, 0.5, 2, 2)),
    ("sigmas", "three-steps-end-with-noise", "three unequal steps, all within noise", _sigmas(4.0, 0.125, 4, 3, False)),
    ("sigmas", "karras-12", "EDM's spacing from sigma_max = 80", _sigmas(80.0, 0.03, 12, 7)),
    ("sigmas", "bent-9", "spacing between even and EDM's", _sigmas(14.5, 0.0625, 9, 2.5)),
    ("betas", "linear-10-every", "every step of a short table", _table("linear-10", *range(10, 0, -1))),
    ("betas", "linear-10-strided", "strided, ends at t = 1 and then at data", _table("linear-10", 10, 7, 4, 1)),
    ("betas", "linear-1000-trailing-5", "trailing grid", _table("linear-1000", 1000, 800, 600, 400, 200)),
    ("betas", "linear-1000-leading-5", "leading grid: starts early, ends at t = 1", _table("linear-1000", 801, 601, 401, 201, 1)),
    ("betas", "cosine-50-strided", "T not a multiple of n", _table("cosine-50", 49, 42, 35, 28, 21, 14, 7)),
    (
        "betas",
        "scaled-linear-1000-4",
        "Stable Diffusion's schedule, four steps",
        _table("scaled-linear-1000", 951, 701, 451, 201),
    ),
    ("betas", "sigmoid-100-4", "sigmoid schedule, trailing grid", _table("sigmoid-100", 100, 75, 50, 25)),
    ("times", "flow-5", "rectified flow from little signal, even times", _times(0.96875, 0.75, 0.5, 0.25, 0.0)),
    ("times", "flow-shifted-6", "times shifted towards noise, as SD3's", _times(0.984375, 0.9375, 0.875, 0.75, 0.5, 0.25, 0.0)),
    ("times", "flow-ends-with-noise", "rectified flow stopped before data", _times(0.9375, 0.75, 0.625, 0.375, 0.125)),
)

LAWS = ("dirac", "gaussian", "mixture", "correlated")


def data(key: str, law: str, unit: float = 1 / 16, reach: int = 24) -> dict[str, Any]:
    """Data of one law: three points in the plane, a Gaussian with independent entries, a mixture, or eight correlated entries."""
    if law == "dirac":
        return {"points": state(f"{key}/points", (3, 2), unit, reach)}
    if law == "gaussian":
        return {"mean": state(f"{key}/mean", (2,), unit, reach), "variance": np.abs(state(f"{key}/variance", (2,), unit, reach))}
    if law == "mixture":
        means = state(f"{key}/means", (3, 2), unit, reach)
        return {"weights": np.array([0.5, 0.3125, 0.1875]), "means": means, "variances": np.array([0.25, 0.0625, 0.5])}
    return {"mean": state(f"{key}/mean", (8,), unit, reach), "covariance": covariance(f"{key}/covariance", 8) / 4}


def _start(key: str, levels: dict[str, Any], size: int) -> np.ndarray:
    """A state of about the size that a noisy one has at the first level, exact in bfloat16."""
    first = float(levels["sigmas"][0]) if "sigmas" in levels else 1.0
    unit = 2.0 ** np.floor(np.log2(first / 16))
    return state(f"{key}/x_T", (1 if size > 2 else 2, size), unit=float(unit), reach=32)


def runs(key: str, kinds: Sequence[str] = ("sigmas", "betas", "times"), laws: Sequence[str] = LAWS) -> Iterator[tuple[Any, ...]]:
    """(label, comment, given) for at least 20 runs: every kind of levels asked for, on every law in turn.

    Args:
        key: what the states depend on; another key gives other states.
        kinds: what the cases give: sigmas alone, betas and timesteps, times.
        laws: data, taken in turn.
    """
    chosen = [row for row in LEVELS if row[0] in kinds]
    rounds = -(-20 // len(chosen))
    for i in range(rounds * len(chosen)):
        _, label, comment, levels = chosen[i % len(chosen)]
        law = laws[(i + i // len(chosen)) % len(laws)]
        known = data(f"{key}/{i}", law)
        size = next(iter(known.values())).shape[-1] if law != "mixture" else 2
        again = f"-{i // len(chosen) + 1}" if i >= len(chosen) else ""
        yield f"{law}/{label}{again}", comment, levels | known | {"x_T": _start(f"{key}/{i}", levels, size)}
