"""Arguments of the forward process that the ordinary ones do not cover."""

from typing import Any

import numpy as np

from refdiff.golden.domain import ordinary
from refdiff.golden.domain.draws import scale, state

__all__ = ["levels", "sample"]


def levels(rng: np.random.Generator) -> dict[str, Any]:
    """Scales at s and t of some process: the signal falls, rises or stays, the noise grows by far or hardly."""
    alpha_s, sigma_s = scale(rng), scale(rng) * float(rng.choice([0.0, 1.0, 1.0, 1.0]))
    alpha_t = alpha_s * float(rng.choice([1.0, rng.uniform(0, 1), 10 ** rng.uniform(-4, 0), 1 - 10 ** rng.uniform(-9, -1), 2.5]))
    carried = alpha_t / alpha_s * sigma_s
    growth = 1 + float(rng.choice([10 ** rng.uniform(-9, 0), 10 ** rng.uniform(0, 4)]))
    return {"alpha_s": alpha_s, "sigma_s": sigma_s, "alpha_t": alpha_t, "sigma_t": carried * growth if carried else scale(rng)}


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    if name == "residual_shift_sample":
        share = float(rng.choice([rng.uniform(0, 1), 10 ** rng.uniform(-9, 0), 1 - 10 ** rng.uniform(-9, 0), 0.0, 1.0]))
        known = {"shift_t": share, "shift_noise": scale(rng)}
        return {argument: known[argument] if argument in known else state(rng) for argument in arguments}
    if not name.startswith("general_"):
        return ordinary.sample(name, arguments, rng)
    given = levels(rng) | {"x_s": state(rng)}
    return {argument: given[argument] for argument in arguments}
