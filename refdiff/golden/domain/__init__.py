"""Where each formula is documented to hold: random arguments with full mantissas, the hard ends as likely as the middle."""

import importlib
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np

from refdiff.catalogue import formula

__all__ = ["sample"]


@cache
def _of(subject: str) -> ModuleType:
    """The subject's own module, or that of the ordinary formulas."""
    own = f"{__name__}.{subject}"
    return importlib.import_module(own if find_spec(own) else f"{__name__}.ordinary")


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula, float64 with full mantissas, from its whole documented domain."""
    drawn: dict[str, Any] = _of(formula(name).subject).sample(name, arguments, rng)
    return _longer(drawn, rng) if "up to 64 summands" in formula(name).document and rng.integers(3) == 0 else drawn


def _longer(given: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """The same samples with as many entries as their sums are certified for; entries recur, as those of flat pictures do."""
    batches = {name: value for name, value in given.items() if isinstance(value, np.ndarray) and value.ndim > 1}
    if len({value.shape for value in batches.values()}) != 1 or any(value.ndim > 2 for value in batches.values()):
        return given
    width = next(iter(batches.values())).shape[1]
    return given | {name: value[:, rng.integers(width, size=64)] for name, value in batches.items()}
