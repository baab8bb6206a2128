"""Steps and runs that draw their own noise: their law, told from a few calls with the same seed.

A step is affine in the states and in the noise, and so is a run on Gaussian data. With the same seed the noise cancels between
two calls, which leaves the affine part, judged like any other value; with all states at 0 the noise is left alone, and its mean,
scale, fourth moment and the correlation of neighbours are compared with what they should be. Each statistic is held to within
_SIGMAS standard errors: a right implementation fails one in about 1e10 of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refdiff.catalogue import formula
from refdiff.conformance.adapter import Adapter, Called
from refdiff.conformance.arrays import Lift, inputs, output
from refdiff.conformance.judge import Judgement, Verdict, judge
from refdiff.golden.models import array_models
from refdiff.golden.vectors import Vector
from refdiff.vocabulary import Quantities

__all__ = ["draws_its_own", "law"]

Floats = NDArray[np.float64]
_SIGMAS = 6.5
_COPIES = 1 << 15
_SEED = 20
# What is noise, data or state, by the axis of its batch.
_STATES = {"x_t": 0, "x_0": 0, "eps": 0, "x_s": 0, "x_T": 0, "score": 0, "x_0s": 1, "epsilons": 1, "drift": 0}
_CENTRES = ("mean",)


def draws_its_own(adapter: Adapter, name: str) -> bool:
    """Whether an implementation asks for a seed where the formula has noise."""
    asked = adapter.asked[name]
    return "seed" in asked and "z" not in asked and "z" in formula(name).arguments


def _reference(vector: Vector, given: Mapping[str, Any]) -> Floats:
    known = Quantities({**vector.derived, **given, **array_models(given, lambda _, value: value)})
    asked = formula(vector.formula)
    with np.errstate(all="ignore"):
        return np.asarray(asked.function(*(known[name] for name in asked.arguments)), dtype=np.float64)


def _still(given: Mapping[str, Any]) -> dict[str, Any]:
    """The case with every state, and the mean of its data, at 0."""
    return {name: 0 * value if name in _STATES or name in _CENTRES else value for name, value in given.items()}


def _repeated(given: Mapping[str, Any]) -> dict[str, Any]:
    """The case with every sample many times over."""
    batches = {name: axis for name, axis in _STATES.items() if np.ndim(given.get(name, 0)) > axis}
    return {name: np.repeat(value, _COPIES, axis=batches[name]) if name in batches else value for name, value in given.items()}


def _call(adapter: Adapter, case: Vector, lift: Lift, seconds: float) -> Called:
    quantities = {name: value for name, value in inputs(case, lift).items() if name != "z"}
    return adapter.call(case.formula, {**quantities, "seed": _SEED}, seconds)


def _changed(vector: Vector, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Vector:
    return replace(vector, given=change(vector.given), derived=change(vector.derived))


def _last(vector: Vector, value: Floats) -> Floats:
    """The last state of a run; a step's result as it is."""
    return value[-1] if vector.formula.endswith("_path") and value.ndim > 2 else value


def _spread(vector: Vector) -> Floats:
    """Standard deviation of every entry of the first sample, of what the noise makes of states at 0."""
    still = _changed(vector, _still)
    run, noise = vector.formula.endswith("_path"), 0 * vector.given["z"]
    base = _last(vector, _reference(still, {**still.given, "z": noise}))
    total = np.zeros_like(base)
    for i in range(len(noise) if run else 1):
        unit = noise.copy()
        unit[i if run else ...] = 1
        total += (_last(vector, _reference(still, {**still.given, "z": unit})) - base) ** 2
    return np.asarray(np.sqrt(total)[0])


def _fault(noise: Floats, spread: Floats, entries_apart: bool) -> str:
    """What is wrong with so many draws of noise, shape (draws, ...); empty when nothing is."""
    moving = spread > 0
    if np.abs(noise[:, ~moving]).max(initial=0) > 0:
        return "adds noise where there is none to add"
    if not moving.any():
        return ""
    unit = noise[:, moving] / spread[moving]
    found = {
        "the noise has a mean of {:.3g} standard deviations": (unit.mean(), 0.0, 1.0),
        "the noise has {:.4g} times its variance": ((unit**2).mean(), 1.0, 2.0),
        "the noise has a fourth moment of {:.4g}, that of a Gaussian is 3": ((unit**4).mean(), 3.0, 96.0),
        "neighbouring samples' noises correlate by {:.3g}": ((unit[1:] * unit[:-1]).mean(), 0.0, 1.0),
    }
    if entries_apart and unit.shape[1] > 1:
        found["neighbouring entries' noises correlate by {:.3g}"] = ((unit[:, 1:] * unit[:, :-1]).mean(), 0.0, 1.0)
    for told, (value, wanted, variance) in found.items():
        if not abs(value - wanted) <= _SIGMAS * np.sqrt(variance / unit.size):
            return told.format(value)
    return ""


def law(adapter: Adapter, vector: Vector, lift: Lift, dtype: str, seconds: float) -> tuple[Judgement, Floats | None]:
    """Verdict on one case of an implementation that draws its own noise, and its affine part.

    Args:
        adapter: the implementation; its function asks for `seed`.
        vector: the golden case, with `z`.
        lift: turns arrays into the implementation's.
        dtype: arithmetic asked for.
        seconds: limit on one call.
    """
    if vector.formula.endswith("_path") and "mean" not in vector.given:
        return Judgement(Verdict.NOT_PROVIDED, "a run that draws its own noise is judged on Gaussian data alone"), None
    still = _changed(vector, _still)
    calls = [_call(adapter, case, lift, seconds) for case in (vector, still, _changed(still, _repeated))]
    for called in calls:
        if called.declined:
            return Judgement(Verdict.NOT_PROVIDED, called.declined), None
        if called.failure:
            return Judgement(Verdict.WRONG, called.failure), None
    try:
        moved, base, noise = (np.asarray(output(called.value), dtype=np.float64) for called in calls)
    except (TypeError, ValueError) as error:
        return Judgement(Verdict.WRONG, str(error)), None
    if moved.shape != base.shape:
        return Judgement(Verdict.WRONG, f"returned shape {moved.shape} and then {base.shape} for the same shapes"), None
    seen = vector.seen_as(moved.shape)
    wanted, rest = (seen.lined_up(_reference(case, {**case.given, "z": 0 * case.given["z"]})) for case in (vector, still))
    affine = moved - base + rest if moved.shape == rest.shape else moved
    judgement = judge(replace(seen, expected={**seen.expected, "value": wanted, "low": 0 * wanted}), affine, dtype)
    if judgement.verdict in (Verdict.WRONG, Verdict.IMPRECISE):
        return judgement, affine
    fault = _fault(_last(vector, noise), _spread(vector), "covariance" not in vector.given)
    return (Judgement(Verdict.WRONG, fault, judgement.judged, judgement.judged), None) if fault else (judgement, affine)
