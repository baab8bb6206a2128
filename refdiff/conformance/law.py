"""Steps and runs that draw their own noise: their law, told from a few calls with the same seed.

A step is affine in the states and in the noise, and so is a run on Gaussian data. With the same seed the noise cancels between
two calls, which leaves the affine part, judged like any other value; with all states at 0 the noise is left alone, and its mean,
scale, fourth moment and the correlation of neighbours are compared with what they should be. Each statistic is held to within
_SIGMAS standard errors: a right implementation fails one in about 1e10 of them.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refdiff.catalogue import formula
from refdiff.conformance.adapter import Adapter, Called
from refdiff.conformance.arrays import Lift, inputs, output
from refdiff.conformance.judge import Judgement, Verdict, judge, ulp
from refdiff.golden.models import array_models
from refdiff.golden.vectors import Vector
from refdiff.vocabulary import Quantities

__all__ = ["draws_its_own", "law"]

Floats = NDArray[np.float64]
_SIGMAS = 6.5
_COPIES = 1 << 15
_SEED = 20
# What is noise, data or state, by the axis of its batch.
_STATES = {
    "x_t": 0, "x_0": 0, "x_0_hat": 0, "eps": 0, "x_s": 0, "x_T": 0, "score": 0, "x_0s": 1, "epsilons": 1, "drift": 0,
}  # fmt: skip
_CENTRES = ("mean",)
# Runs whose noises released code draws so that they hang together.
_CALLERS = ("dpmpp_sde_path",)
# Above the rounding of a run in float64, below any bend or noise.
_STRAIGHT = 1e-9


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


def _untellable(vector: Vector) -> str:
    """Why a seed cannot tell the noise's law; empty when it can."""
    run, given = vector.formula.endswith("_path"), vector.given
    if run and "mean" not in given:
        return "a run that draws its own noise is judged on Gaussian data alone"
    if not _STATES.keys() & given.keys():
        return "noise alone, without a state beside it, is judged as the argument z"
    if vector.formula in _CALLERS:
        return "its noises hang together as the caller chooses: they are judged as the argument z"
    none, one, other, two = (_reference(vector, {**given, "z": times * given["z"]}) for times in (0, 1, -1, 2))
    size = np.abs(np.stack([none, one, other, two])).max()
    bent = max(np.abs(one + other - 2 * none).max(), np.abs(two - 2 * one + none).max())
    return "" if bent <= _STRAIGHT * size else "noise that does not enter linearly is judged as the argument z"


def _responses(vector: Vector) -> Iterator[Floats]:
    """What each unit of noise makes of states at 0: of every step, and of every entry where data mix them."""
    still = _changed(vector, _still)
    noise = 0 * vector.given["z"]
    base = _last(vector, _reference(still, {**still.given, "z": noise}))
    lead = noise.ndim - base.ndim
    entries = np.ndindex(noise.shape[lead + 1 :]) if "covariance" in vector.given else [(...,)]
    for step, entry in itertools.product(np.ndindex(noise.shape[:lead]), list(entries)):
        unit = noise.copy()
        unit[(*step, slice(None), *entry)] = 1
        yield _last(vector, _reference(still, {**still.given, "z": unit})) - base


def _spread(vector: Vector) -> Floats:
    """Standard deviation of every entry of the first sample, of what the noise makes of states at 0."""
    return np.asarray(np.sqrt(sum(response**2 for response in _responses(vector)))[0])


def _fault(noise: Floats, spread: Floats, entries_apart: bool) -> str:
    """What is wrong with so many draws of noise, shape (draws, ...); empty when nothing is."""
    # Where data have no width a state is made of noise to within rounding alone.
    moving = spread > _STRAIGHT * spread.max(initial=0)
    if np.abs(noise[:, ~moving]).max(initial=0) > _STRAIGHT * spread.max(initial=0):
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
    # Entries that are not independent are at worst the same, so that draws alone count.
    count = unit.size if entries_apart else len(unit)
    for told, (value, wanted, variance) in found.items():
        if not abs(value - wanted) <= _SIGMAS * np.sqrt(variance / count):
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
    if untold := _untellable(vector):
        return Judgement(Verdict.NOT_PROVIDED, untold), None
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
    # The noise that cancels has been rounded in both calls.
    rounded = seen.expected[dtype] + 2 * (ulp(moved, dtype) + ulp(base, dtype))
    judgement = judge(
        replace(seen, expected={**seen.expected, "value": wanted, "low": 0 * wanted, dtype: rounded}), affine, dtype
    )
    if judgement.verdict in (Verdict.WRONG, Verdict.IMPRECISE):
        return judgement, affine
    fault = _fault(_last(vector, noise), _spread(vector), "covariance" not in vector.given)
    return (Judgement(Verdict.WRONG, fault, judgement.judged, judgement.judged), None) if fault else (judgement, affine)
