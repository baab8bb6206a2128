"""What becomes of a right value when its meaning, its order or its shape is mistaken."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from refdiff.golden.vectors import Vector

__all__ = ["changed_values", "mean_or_sum"]

Floats = NDArray[np.float64]


def changed_values(value: Floats) -> Iterator[tuple[str, str, Floats]]:
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


def mean_or_sum(vector: Vector) -> Iterator[tuple[str, str, Floats]]:
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
