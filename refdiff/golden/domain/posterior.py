"""Arguments of the forward posterior that the ordinary ones do not cover."""

from typing import Any

import numpy as np

from refdiff.golden.domain import ordinary
from refdiff.golden.domain.draws import state
from refdiff.golden.domain.forward import levels

__all__ = ["sample"]


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    if not name.startswith("general_"):
        return ordinary.sample(name, arguments, rng)
    given = levels(rng) | {"x_0": state(rng), "x_t": state(rng)}
    return {argument: given[argument] for argument in arguments}
