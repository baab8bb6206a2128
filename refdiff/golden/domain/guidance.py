"""Arguments of the formulas of guidance."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import Draw, draw, scale, state

__all__ = ["sample"]

_SHAPE = (3, 2)


def _guidance(rng: np.random.Generator) -> float:
    return float(rng.choice([rng.uniform(0, 1), rng.uniform(1, 15), 10 ** rng.uniform(-6, 2), -rng.uniform(0, 2), 7.5]))


def _moderate(rng: np.random.Generator) -> float:
    return float(10 ** rng.uniform(-2, 2))


def _variance(rng: np.random.Generator) -> float:
    return float(10 ** rng.uniform(-3, 3))


_SAMPLERS: dict[str, Draw] = {
    "guidance_scale": _guidance,
    "guidance_weight": _guidance,
    "negative_scale": lambda rng: abs(_guidance(rng)),
    "rescale_share": lambda rng: float(rng.choice([0.0, 1.0, 0.7, rng.uniform(0, 1)])),
    "variance": lambda rng: float(rng.choice([0.0, _variance(rng), _variance(rng)])),
    "sigma_t": _moderate,
    "alpha_t": _moderate,
    "alpha_s": _moderate,
    "sigma_s": _moderate,
    "variance_unconditional": _variance,
    "variance_conditional": _variance,
}


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula, float64 with full mantissas, from its whole documented domain."""
    given = draw(arguments, rng, {argument: lambda rng: state(rng, _SHAPE) for argument in arguments} | _SAMPLERS)
    if name == "cfg_pp_step":
        given["guidance_scale"] = float(rng.choice([0.0, 1.0, rng.uniform(0, 1)]))
    if "interval_low" in given:
        # Either side of the interval, and both its ends.
        given["interval_low"], given["interval_high"] = sorted((scale(rng), scale(rng)))
        low, high = given["interval_low"], given["interval_high"]
        given["sigma_t"] = float(rng.choice([low, high, low / 2, high * 2, low + rng.uniform(0, 1) * (high - low)]))
    if name == "guided_scale_bound" and rng.integers(2):
        given["variance_conditional"] = given["variance_unconditional"] * (1 + float(10 ** rng.uniform(-12, -1)))
    elif "variance_conditional" in given:
        while "guidance_scale" in given and not _proper(given):
            given["guidance_scale"] = _guidance(rng)
    return given


def _proper(given: dict[str, Any]) -> bool:
    """Whether there is a guided law."""
    w = given["guidance_scale"]
    return bool((1 - w) * given["variance_conditional"] + w * given["variance_unconditional"] > 0 and w not in (0, 1))
