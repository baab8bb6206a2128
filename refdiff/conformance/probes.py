"""What explains a wrong output where no known mistake does: structural changes of the right value, and constants beside it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from refdiff.golden.vectors import Vector
from refdiff.vocabulary import Quantities

__all__ = ["Constant", "constants", "probes"]

Floats = NDArray[np.float64]
Probe = tuple[str, str, Floats]
# How far from constant a factor or an offset may be: above float32's rounding, below any change of a formula.
_STEADY = 1e-5
# Values that have to agree on a constant, so that it is no accident.
_ENOUGH = 5


class Constant(NamedTuple):
    """A number that turns so many right values into the outputs."""

    name: str
    what: str
    values: int


def probes(vector: Vector) -> Iterator[Probe]:
    """Structural changes of the case's right value: (name, what it is, changed value)."""
    yield from _changed(vector.value.astype(np.float64))
    yield from _per_dimension(vector)
    yield from _unfinished(vector)


def _changed(value: Floats) -> Iterator[Probe]:
    """Structural changes of the right value: (name, what it is, changed value)."""
    with np.errstate(all="ignore"):
        yield "sign", "the right value with the opposite sign", -value
        yield "square", "the square of the right value: a variance where a scale belongs, or twice applied", value**2
        yield "square root", "the square root of the right value: a scale where a variance belongs", np.sqrt(value)
        yield "reciprocal", "one over the right value", 1 / value
        yield "log", "the natural log of the right value", np.log(value)
        yield "exp", "exp of the right value", np.exp(value)
        yield "bits", "the right value in bits: it was divided by log(2)", value / np.log(2)
        yield "nats", "the right value in nats: it was not divided by log(2)", value * np.log(2)
        yield "clipped", "the right value clipped to [-1, 1]", np.clip(value, -1, 1)
    if value.ndim >= 1 and len(value) > 1:
        yield "reversed", "the right values in reversed order", value[::-1]
        yield "shifted", "the right values shifted by one towards the end", np.concatenate([value[:1], value[:-1]])
        yield "shifted", "the right values shifted by one towards the start", np.concatenate([value[1:], value[-1:]])
        if value.ndim == 1:
            yield "batch", "the sum over the batch in place of one value for each sample", np.full_like(value, value.sum())
            yield "batch", "the mean over the batch in place of one value for each sample", np.full_like(value, value.mean())
    if value.ndim == 2 and value.shape[0] == value.shape[1] > 1:
        yield "transposed", "the right matrix transposed", value.T
    if value.ndim == 3 and value.shape[1] == value.shape[2] > 1:
        yield "diagonal", "the right matrices with nothing off their diagonals", value * np.eye(value.shape[1])


def _per_dimension(vector: Vector) -> Iterator[Probe]:
    """A mean over the entries of each sample where a sum belongs, and the reverse, where the value is one for each sample."""
    value = vector.value.astype(np.float64)
    sizes = {
        np.size(given) // len(value)
        for given in vector.given.values()
        if np.ndim(given) > 1 and value.ndim == 1 and len(value) == len(given)
    }
    for size in sizes if len(sizes) == 1 else ():
        yield "mean for sum", "the right value divided by the number of entries of a sample", value / size
        yield "sum for mean", "the right value times the number of entries of a sample", value * size


def _unfinished(vector: Vector) -> Iterator[Probe]:
    """A run whose last step, down to data, is no number: log(sigma) has no end there."""
    known = Quantities({**vector.derived, **vector.given})
    if vector.formula.endswith("_path") and "sigmas" in known and float(known["sigmas"][-1]) == 0:
        broken = vector.value.astype(np.float64).copy()
        broken[... if vector.states == -1 else -1] = np.nan
        yield "last step", "the right states, but for the last: a step to sigma = 0 takes no log of sigma, it is Euler's", broken


def constants(failed: Sequence[tuple[Vector, Floats]], dtype: str) -> Iterator[Constant]:
    """A constant factor, or a constant that is added, if there is one between outputs and right values."""
    telling = [_telling(vector, got, dtype) for vector, got in failed]
    value, got = (np.concatenate([pair[side] for pair in telling] or [np.zeros(0)]) for side in (0, 1))
    if len(np.unique(value)) < _ENOUGH or not np.isfinite(got).all():
        return
    ratio = float(np.median(got / value))
    if ratio != 0 and abs(ratio - 1) > _STEADY and np.abs(got / value - ratio).max() <= _STEADY * abs(ratio):
        yield Constant("factor", f"the right value times {ratio:.6g}", len(value))
    shift = float(np.median(got - value))
    if _steady(got - value, shift, value):
        yield Constant("offset", f"the right value {'+-'[shift < 0]} {abs(shift):.6g}", len(value))
    # A constant that hangs on the case's own numbers shows only where a case has several samples.
    each = [(right, out, float(np.median(out - right))) for right, out in telling if len(np.unique(right)) > 1]
    count = sum(len(right) for right, _, _ in each)
    if len(each) > 1 and count >= _ENOUGH and all(_steady(out - right, by, right) for right, out, by in each):
        yield Constant("offset", "the right value and a constant of each case, the same for all samples", count)


def _telling(vector: Vector, got: Floats, dtype: str) -> tuple[Floats, Floats]:
    value = vector.value.astype(np.float64)
    with np.errstate(invalid="ignore"):
        kept = (value != 0) & (vector.expected.get(dtype, np.zeros_like(value)) <= 1e-4 * np.abs(value))
    return value[kept], np.broadcast_to(got, value.shape)[kept]


def _steady(difference: Floats, constant: float, value: Floats) -> bool:
    """Whether outputs are off by one constant: it is not lost in rounding, and what is left of the difference is."""
    largest = float(np.abs(value).max())
    left = np.abs(difference - constant).max()
    return abs(constant) > 10 * _STEADY * largest and bool(left <= _STEADY * (largest + abs(constant)))
