"""Certificates: the float64 reading's error in ulp, searched for its worst over the documented domain, against Arb."""

import zlib
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from refdiff.catalogue import Formula, evaluate
from refdiff.golden.domain import sample
from refdiff.golden.models import array_models, ball_models
from refdiff.golden.search import searched
from refdiff.golden.truth import exact, read
from refdiff.numbers.balls import ball, precision
from refdiff.vocabulary import Quantities

__all__ = ["Certificate", "certify", "errors"]

_BITS = 400


class Certificate(NamedTuple):
    """The worst error found: so many ulp of the stated scale, over this many values."""

    formula: str
    worst: float
    stated: float
    values: int
    arguments: Mapping[str, Any]

    @property
    def holds(self) -> bool:
        """Whether the docstring's number is true as far as the search went."""
        return self.worst <= self.stated


def errors(asked: Formula, given: Mapping[str, Any]) -> np.ndarray:
    """Error of each element in float64 ulp of the scale the docstring names."""
    with np.errstate(all="ignore"):
        got = np.asarray(read(asked, asked.function, {**given, **array_models(given, lambda _, value: value)}), dtype=np.float64)
    with precision(_BITS):
        start = exact(given)
        start |= ball_models(Quantities(start))
        true = np.asarray(read(asked, asked.function, start), dtype=object)
        value = true if true.shape else true.item()
        scale = np.broadcast_to(
            np.asarray(evaluate(asked.error[1], Quantities({**start, "value": value})), dtype=object), true.shape
        )
        gaps = [float(abs(ball(a) - float(b)).upper()) for a, b in zip(true.flat, got.flat, strict=True)]
        scales = np.array([float(abs(ball(entry)).upper()) for entry in scale.flat])
    spacing = np.spacing(scales)
    gaps_at = np.asarray(gaps)
    ordinary = np.isfinite(scales) & (scales > 1e-290)
    return np.where(ordinary, np.divide(gaps_at, spacing, where=ordinary, out=np.zeros_like(spacing)), 0.0)


def certify(asked: Formula, tries: int = 50, seed: int = 0) -> Certificate:
    """Worst error over arguments searched for, the hard ends included.

    Args:
        asked: the formula.
        tries: sets of arguments, half of them near the worst until then; each gives as many values as the result has elements.
        seed: another seed searches elsewhere; the search is deterministic.
    """
    rng = np.random.default_rng([seed, zlib.crc32(asked.name.encode())])
    worst, values, where = 0.0, 0, {}

    def badness(given: Mapping[str, Any]) -> float:
        nonlocal values
        found = errors(asked, given)
        values += found.size
        return float(np.nan_to_num(found, nan=np.inf).max(initial=0))

    for bad, given in searched(partial(sample, asked.name, asked.arguments), badness, tries, rng):
        if bad > worst:
            worst, where = bad, given
    return Certificate(asked.name, worst, asked.error[0], values, where)
