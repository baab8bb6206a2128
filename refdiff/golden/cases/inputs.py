"""What cases are made of: float32-exact schedules, bfloat16-exact states, and the times worth trying."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refdiff.numbers.balls import ball, precision
from refdiff.reference import schedule

__all__ = ["Case", "covariance", "integers", "labelled", "pairs", "schedules", "single", "state", "times"]


@dataclass(frozen=True)
class Case:
    """One case: a permanent id, what it hunts, and its inputs by vocabulary name."""

    id: str
    comment: str
    given: Mapping[str, Any] = field(hash=False)


def single(x: float) -> float:
    """The float32 nearest to x, as a float."""
    return float(np.float32(x))


def integers(key: str, count: int, low: int, high: int) -> list[int]:
    """Integers in low..high that depend on the key alone, on every machine and in every release."""
    digits = b"".join(hashlib.sha256(f"{key}/{block}".encode()).digest() for block in range(count // 8 + 1))
    words = [int.from_bytes(digits[4 * i : 4 * i + 4], "big") for i in range(count)]
    return [low + word % (high - low + 1) for word in words]


def state(key: str, shape: Sequence[int], unit: float = 1 / 16, reach: int = 40) -> NDArray[np.float64]:
    """Signed multiples of `unit` that bfloat16 holds exactly; no entry is 0."""
    values = [k if k > 0 else k - 1 for k in integers(key, int(np.prod(shape)), -reach, reach)]
    return np.array(values, dtype=np.float64).reshape(shape) * unit


def covariance(key: str, size: int) -> NDArray[np.float64]:
    """Symmetric positive definite, float32-exact, with unequal entries."""
    factor = np.array(integers(key, size * size, -4, 4), dtype=np.float64).reshape(size, size) / 8
    return factor @ factor.T + np.eye(size) / 2


@cache
def schedules() -> Mapping[str, NDArray[np.float64]]:
    """Named betas, each the float32 nearest to the truth, so that one vector serves every dtype."""
    with precision(200):
        tables = {
            "linear-1000": schedule.betas_linear(1000, ball(single(1e-4)), ball(single(0.02))),
            "linear-10": schedule.betas_linear(10, ball(single(0.01)), ball(single(0.4))),
            "scaled-linear-1000": schedule.betas_scaled_linear(1000, ball(single(0.00085)), ball(single(0.012))),
            "cosine-1000": schedule.betas_cosine(1000, ball(single(0.008)), ball(single(0.999))),
            "cosine-50": schedule.betas_cosine(50, ball(single(0.008)), ball(single(0.999))),
            "sigmoid-100": schedule.betas_sigmoid(100, ball(single(1e-4)), ball(single(0.02))),
        }
        found = {
            name: np.array([np.float32(float(entry)) for entry in table], dtype=np.float64) for name, table in tables.items()
        }
        linear = np.array([ball(entry) for entry in found["linear-1000"].tolist()], dtype=object)
        rescaled = schedule.betas_zero_terminal_snr(linear)
        found["zero-snr-1000"] = np.array([np.float32(float(entry)) for entry in rescaled], dtype=np.float64)
    return found


_PAIRS: tuple[tuple[str, int, int, str], ...] = (
    ("linear-1000", 0, 1, "last step: s = 0, where an index one row off shows most"),
    ("linear-1000", 1, 2, "s near t at the clean end: 1 - alpha_bar from alpha_bar loses digits"),
    ("linear-1000", 9, 10, "one step, early"),
    ("linear-1000", 499, 500, "one step in the middle: the ordinary case"),
    ("linear-1000", 998, 999, "one step at the noisy end: beta_t nearly equals the posterior variance"),
    ("linear-1000", 999, 1000, "first step of sampling"),
    ("linear-1000", 0, 20, "strided last step: t - 1 is not s"),
    ("linear-1000", 480, 500, "strided step: beta_t is not 1 - alpha_bar_t/alpha_bar_s"),
    ("linear-1000", 900, 1000, "strided first step"),
    ("linear-1000", 0, 1000, "all in one step"),
    ("linear-1000", 1, 1000, "widest stride that does not end at 0"),
    ("linear-1000", 333, 667, "stride that does not divide T"),
    ("cosine-1000", 0, 1, "cosine schedule, last step"),
    ("cosine-1000", 499, 500, "cosine schedule, middle"),
    ("cosine-1000", 950, 1000, "cosine schedule's capped end, strided"),
    ("cosine-1000", 998, 999, "cosine schedule near its end: beta_t close to 1"),
    ("cosine-1000", 999, 1000, "cosine schedule's capped beta"),
    ("scaled-linear-1000", 960, 980, "Stable Diffusion's schedule at 50 steps"),
    ("scaled-linear-1000", 499, 500, "Stable Diffusion's schedule, one step"),
    ("zero-snr-1000", 980, 1000, "zero terminal SNR: no signal at t, strided"),
    ("zero-snr-1000", 750, 1000, "zero terminal SNR, a quarter of the way in one step"),
    ("zero-snr-1000", 998, 999, "zero terminal SNR, one before the end"),
    ("linear-10", 4, 5, "ten steps: large betas, so every dtype can judge"),
    ("linear-10", 9, 10, "ten steps, first step of sampling"),
    ("linear-10", 6, 9, "ten steps, strided"),
    ("linear-10", 2, 10, "ten steps, widely strided"),
    ("cosine-50", 42, 49, "T not a multiple of n: 50 steps in strides of 7"),
    ("cosine-50", 7, 14, "T not a multiple of n, later"),
)


def pairs(*, from_data: bool = True, to_no_signal: bool = True) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(label, comment, {betas, s, t}); without s = 0, or without alpha_bar_t = 0, where the formula excludes them."""
    for name, s, t, comment in _PAIRS:
        if (s == 0 and not from_data) or (name.startswith("zero") and t == 1000 and not to_no_signal):
            continue
        yield f"{name}/s-{s}-t-{t}", comment, {"betas": schedules()[name], "s": s, "t": t}


_TIMES: tuple[tuple[str, int, str], ...] = (
    ("linear-1000", 1, "first row of the table: alpha_bar_1, not 1 and not alpha_bar_2"),
    ("linear-1000", 2, "second row: an index one off shows"),
    ("linear-1000", 10, "early"),
    ("linear-1000", 100, "one tenth"),
    ("linear-1000", 250, "one quarter"),
    ("linear-1000", 500, "middle"),
    ("linear-1000", 999, "last row but one"),
    ("linear-1000", 1000, "last row"),
    ("cosine-1000", 1, "cosine schedule, first row"),
    ("cosine-1000", 500, "cosine schedule, middle"),
    ("cosine-1000", 999, "cosine schedule, last row but one"),
    ("scaled-linear-1000", 1, "Stable Diffusion's schedule, first row"),
    ("scaled-linear-1000", 981, "Stable Diffusion's schedule, first time of 50 leading steps"),
    ("scaled-linear-1000", 500, "Stable Diffusion's schedule, middle"),
    ("zero-snr-1000", 999, "zero terminal SNR, last row with signal"),
    ("linear-10", 1, "ten steps, first row"),
    ("linear-10", 5, "ten steps, middle: every dtype can judge"),
    ("linear-10", 8, "ten steps, later"),
    ("linear-10", 10, "ten steps, last row"),
    ("cosine-50", 7, "fifty cosine steps, early"),
    ("cosine-50", 25, "fifty cosine steps, middle"),
    ("cosine-50", 49, "fifty cosine steps, one before the cap"),
    ("sigmoid-100", 50, "sigmoid schedule, middle"),
    ("sigmoid-100", 100, "sigmoid schedule, last row"),
)


def times() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(label, comment, {betas, t}) with some signal and some noise left."""
    for name, t, comment in _TIMES:
        yield f"{name}/t-{t}", comment, {"betas": schedules()[name], "t": t}


def labelled(subject: str, formula: str, label: str, revision: int = 1) -> str:
    """A case's permanent id."""
    return f"{subject}.{formula}/{label}@{revision}"
