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
    return drawn
