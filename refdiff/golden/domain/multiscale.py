"""Arguments of the formulas of multiscale."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import Draw, draw

__all__ = ["sample"]

_SAMPLERS: dict[str, Draw] = {}


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    return draw(arguments, rng, _SAMPLERS)
