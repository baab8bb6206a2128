"""How far honest code of a sampler's whole run may stray: every rounding on the way, carried on by the run's own derivatives."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from flint import arb

from refdiff.catalogue import Formula
from refdiff.golden.models import ball_models
from refdiff.numbers.balls import ball
from refdiff.numbers.strays import Stray, reach, rounded, strays, tracking
from refdiff.vocabulary import Quantities

__all__ = ["strayed"]

_LEVELS = ("alphas", "sigmas", "times")


def _whole(x: Any) -> bool:
    return isinstance(x, int) or (isinstance(x, np.ndarray) and x.dtype.kind == "i")


def _by_magnitude(x: Stray, magnitude: arb) -> Stray:
    """The number after a rounding of this magnitude."""
    return rounded(x, float((magnitude / abs(x.value)).mid())) if not x.value.is_zero() else x


def _log_ratios(quantities: Quantities) -> list[float]:
    """abs(log(sigma/alpha)) of every level that has both, else 0."""
    found = []
    for alpha, sigma in zip(quantities["alphas"], quantities["sigmas"], strict=True):
        pair = [ball(getattr(level, "value", level)) for level in (alpha, sigma)]
        found.append(0.0 if any(level.is_zero() for level in pair) else float(abs((pair[1] / pair[0]).log()).mid()))
    return found


def _rounded_levels(quantities: Quantities) -> dict[str, Any]:
    """Every level rounded as code does that keeps it as half_logsnr: by 1 + abs(log(sigma/alpha)) roundings."""
    if "alphas" not in quantities:
        return {}
    counts = [1 + ratio for ratio in _log_ratios(quantities)]
    known = {name: strays(np.asarray(quantities[name], dtype=object)) for name in _LEVELS if name in quantities}
    return {
        name: np.array([rounded(level, count) for level, count in zip(levels, counts, strict=True)], dtype=object)
        for name, levels in known.items()
    }


def _told(model: Callable[..., Any], level: Callable[..., tuple[Any, Any]]) -> Callable[..., Any]:
    """A model whose answer was another prediction's before: x_0 made of eps, or eps of x_0, with the roundings of that."""

    def answered(x_t: Any, *at: Any) -> Any:
        alpha, sigma = (ball(getattr(scale, "value", scale)) for scale in level(*at))
        found = np.asarray(model(x_t, *at), dtype=object)
        sizes = [abs(x.value) / (abs(alpha) if abs(alpha) > abs(sigma) / 100 else abs(sigma)) for x in x_t.flat]
        entries = [_by_magnitude(entry, size + abs(entry.value)) for entry, size in zip(found.flat, sizes, strict=True)]
        return np.array(entries, dtype=object).reshape(found.shape)

    return answered


def strayed(asked: Formula, given: Mapping[str, Any]) -> np.ndarray:
    """Sum of all roundings' first-order effects on every entry of a run, in units of the dtype's relative rounding.

    Args:
        asked: a sampler's whole run over levels.
        given: the case's inputs, as exact balls and integers.
    """
    with tracking():
        start = {name: value if _whole(value) else strays(value) for name, value in given.items()}
        start |= _rounded_levels(Quantities(start))
        models = ball_models(Quantities(start))
        start["denoiser_at_level"] = _told(models["denoiser_at_level"], lambda alpha, sigma: (alpha, sigma))
        if "velocity_model" in models:
            start["velocity_model"] = _told(models["velocity_model"], lambda time: (1 - time, time))
        quantities = Quantities(start)
        states = np.asarray(asked.function(*(quantities[name] for name in asked.arguments)), dtype=object)
        return np.array([reach(entry) for entry in states.flat]).reshape(states.shape)
