"""What properties are tried on, and how far float64 may stray: in ulp, as the docstrings state it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis import strategies as st

from refdiff.catalogue import evaluate, formula
from refdiff.vocabulary import Quantities

__all__ = [
    "covariances", "levels", "log_powers", "matrices", "pairs", "scales", "schedules", "share", "slack", "states", "triples",
    "within",
]  # fmt: skip

share = st.floats(0, 1)
# log alpha_bar from barely noisy to a signal power of 1e-300: the documented domain.
log_powers = st.floats(-12, np.log10(700)).map(lambda exponent: -(10**exponent))
levels = st.floats(-700, 700)
scales = st.floats(-4, 4).map(lambda exponent: 10**exponent)
seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def _sorted_powers(count: int) -> Any:
    return st.lists(log_powers, min_size=count, max_size=count, unique=True).map(lambda found: tuple(sorted(found)[::-1]))


pairs = _sorted_powers(2)
triples = _sorted_powers(3)


def states(*shape: int) -> Any:
    """Float64 arrays of one shape, full mantissas, spread over four decades."""
    return seeds.map(lambda rng: rng.standard_normal(shape) * 10 ** rng.uniform(-2, 2))


def matrices(rows: int, columns: int) -> Any:
    """Matrices with entries in [-2, 2]."""
    return seeds.map(lambda rng: rng.uniform(-2, 2, (rows, columns)))


def covariances(size: int) -> Any:
    """Symmetric positive definite matrices of condition number at most 100."""

    def build(rng: np.random.Generator) -> np.ndarray:
        rotation, _ = np.linalg.qr(rng.standard_normal((size, size)))
        product = rotation * 10 ** rng.uniform(-1, 1, size) @ rotation.T
        return (product + product.T) / 2

    return seeds.map(build)


schedules = st.integers(2, 200).flatmap(
    lambda T: seeds.map(lambda rng: np.sort(10 ** rng.uniform(-5, rng.uniform(-4, -0.31), T)))
)


def slack(name: str, arguments: Mapping[str, Any], value: Any) -> Any:
    """Error that the formula's docstring allows at these arguments."""
    count, scale = formula(name).error
    known = Quantities({**arguments, "value": np.asarray(value)})
    return count * np.spacing(np.abs(np.asarray(evaluate(scale, known), dtype=float)))


def within(found: Any, expected: Any, allowed: Any) -> bool:
    """Whether the difference is at most what is allowed, in every element; the shapes must be the same."""
    assert np.shape(found) == np.shape(expected)
    return bool(np.all(np.abs(np.asarray(found) - expected) <= allowed))
