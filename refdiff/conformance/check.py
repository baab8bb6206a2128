"""Runs an adapter through the vectors: one outcome a case, one result a formula."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from refdiff.catalogue import formulas
from refdiff.conformance.adapter import Adapter
from refdiff.conformance.arrays import Lift, inputs, lifter, output
from refdiff.conformance.diagnose import Diagnosis, diagnose, diagnose_shape
from refdiff.conformance.invariants import Broken, broken
from refdiff.conformance.judge import Judgement, Verdict, judge
from refdiff.conformance.law import draws_its_own, law
from refdiff.conformance.local_orders import local_orders_of
from refdiff.conformance.orders import Order, orders_of
from refdiff.golden.vectors import Vector, Vectors

__all__ = ["Outcome", "Result", "Settings", "beyond_cases", "check", "outcome"]

SECONDS = 20.0
_FLOAT16_ROOM = 30000.0


@dataclass(frozen=True)
class Settings:
    """How an adapter is asked: array library, arithmetic, device, and the limit on one call."""

    array: str
    dtype: str = "float64"
    device: str = "cpu"
    seconds: float = SECONDS


@dataclass(frozen=True)
class Outcome:
    """What one case came to."""

    vector: Vector
    judgement: Judgement
    got: np.ndarray | None = None
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        return self.judgement.verdict


@dataclass(frozen=True)
class Result:
    """What one formula came to, over all its cases."""

    formula: str
    outcomes: Sequence[Outcome]
    diagnosis: Diagnosis | None = None
    reason: str = ""
    declined: Sequence[str] = field(default_factory=tuple)
    orders: Sequence[Order] = field(default_factory=tuple)
    broken: Sequence[Broken] = field(default_factory=tuple)

    @property
    def short(self) -> Sequence[Order]:
        """Orders of convergence that are lower than the formula's own."""
        return [order for order in self.orders if order.short]

    def count(self, verdict: Verdict) -> int:
        return sum(outcome.verdict is verdict for outcome in self.outcomes)

    @property
    def verdict(self) -> Verdict:
        """The worst of its cases, or wrong where an invariant is broken or an order is short.

        A formula no case of which could be judged is not conformant.
        """
        if self.outcomes and (self.broken or self.short):
            return Verdict.WRONG
        for verdict in (Verdict.WRONG, Verdict.IMPRECISE, Verdict.CONFORMANT, Verdict.NOT_JUDGED):
            if self.count(verdict):
                return verdict
        return Verdict.NOT_PROVIDED

    @property
    def worst(self) -> Outcome | None:
        """The failed case that is furthest off."""
        failed = [one for one in self.outcomes if one.verdict in (Verdict.WRONG, Verdict.IMPRECISE)]
        rank = {Verdict.WRONG: 1, Verdict.IMPRECISE: 0}
        return max(failed, key=lambda one: (rank[one.verdict], one.judgement.badness, one.vector.id), default=None)


def outcome(adapter: Adapter, vector: Vector, lift: Lift, settings: Settings) -> Outcome:
    """One case, called and judged."""
    with np.errstate(over="ignore"):
        quantities = inputs(vector, lift)
    if missing := [name for name in adapter.missing(vector.formula, quantities) if name != "seed"]:
        return Outcome(vector, Judgement(Verdict.NOT_PROVIDED, f"the case does not carry {', '.join(missing)}"))
    if hard := _too_narrow(adapter, vector, settings.dtype):
        return Outcome(vector, Judgement(Verdict.NOT_JUDGED, hard))
    if draws_its_own(adapter, vector.formula):
        judgement, got = law(adapter, vector, lift, settings.dtype, settings.seconds)
        return Outcome(vector if got is None else vector.seen_as(got.shape), judgement, got)
    called = adapter.call(vector.formula, quantities, settings.seconds)
    note = f"printed {len(called.printed.splitlines())} lines" if called.printed.strip() else ""
    if called.declined:
        return Outcome(vector, Judgement(Verdict.NOT_PROVIDED, called.declined), note=note)
    if called.failure:
        return Outcome(vector, Judgement(Verdict.WRONG, called.failure), note=note)
    try:
        got = vector.without_data(output(called.value))
    except (TypeError, ValueError) as error:
        return Outcome(vector, Judgement(Verdict.WRONG, str(error)), note=note)
    vector = vector.seen_as(got.shape)
    judgement = judge(vector, got, settings.dtype)
    if judgement.verdict is Verdict.CONFORMANT and (narrower := _narrower(called.value, settings.dtype)):
        note = "; ".join(filter(None, (note, narrower)))
    return Outcome(vector, judgement, got, note)


def _too_narrow(adapter: Adapter, vector: Vector, dtype: str) -> str:
    """Why a half-precision dtype cannot carry the case's inputs exactly; empty when it can."""
    if dtype not in ("float16", "bfloat16"):
        return ""
    asked = adapter.asked[vector.formula]
    if any("covariance" in name or name == "matrix" for name in asked):
        return f"linear algebra is not judged in {dtype}"
    derived = [name for name in asked if isinstance(vector.derived.get(name), np.ndarray)]
    if derived:
        return f"the case's {', '.join(derived)} is not exact in {dtype}"
    states = [value for value in vector.derived.values() if isinstance(value, np.ndarray)]
    if dtype == "float16" and any(np.abs(value).max() > _FLOAT16_ROOM for value in states):
        return "an intermediate state is beyond float16"
    given = [np.abs(value[value != 0]) for name in asked if isinstance(value := vector.given.get(name), np.ndarray)]
    small = dtype == "float16" and any(value.min(initial=1) < 1 / _FLOAT16_ROOM for value in given if value.dtype.kind == "f")
    return "one over an input is beyond float16" if small else ""


def _narrower(value: Any, dtype: str) -> str:
    """A remark where the returned dtype is not the asked one."""
    returned = str(getattr(value, "dtype", dtype)).rpartition(".")[2]
    return f"returned {returned} for {dtype}" if "float" in returned and returned != dtype else ""


def check(
    adapter: Adapter,
    vectors: Vectors,
    settings: Settings,
    names: Sequence[str] = (),
    cases: Sequence[str] = (),
) -> Iterator[Result]:
    """Results by formula, in catalogue order, each as soon as it is known.

    Args:
        adapter: the implementation.
        vectors: the golden vectors.
        settings: array library, dtype, device and time limit.
        names: formulas to check; all of them unless given.
        cases: ids of the cases to run; all of them unless given.

    Raises:
        UnavailableError: when the array library, dtype or device is not there.
    """
    lift = lifter(settings.array, settings.dtype, settings.device)
    for name in names or formulas():
        chosen = [vector for vector in vectors.of(name) if not cases or vector.id in cases]
        result = _result(adapter, chosen, settings, lift, name)
        yield result if cases or not result.outcomes else beyond_cases(adapter, result, settings, lift)


def beyond_cases(adapter: Adapter, result: Result, settings: Settings, lift: Lift) -> Result:
    """The result with what a sampler shows beyond its cases: invariants at many numbers of steps, and its order of convergence.

    A step of a solver that fails its cases shows its local order.
    """
    name = result.formula
    if settings.dtype not in ("float64", "float32") or draws_its_own(adapter, name):
        return result
    if not formulas()[name].whole_run:
        failed = result.verdict is Verdict.WRONG and settings.dtype == "float64"
        return replace(result, orders=local_orders_of(adapter, name, lift, settings.seconds)) if failed else result
    coarse = result.verdict is Verdict.IMPRECISE
    measured = orders_of(adapter, name, lift, settings.dtype, settings.seconds, coarse)
    return replace(result, orders=measured, broken=broken(adapter, name, lift, settings.seconds))


def _as_floats(outputs: Sequence[tuple[Vector, np.ndarray]]) -> list[tuple[Vector, np.ndarray]]:
    return [(vector, got.astype(np.float64).reshape(vector.value.shape)) for vector, got in outputs]


def _result(adapter: Adapter, vectors: Sequence[Vector], settings: Settings, lift: Lift, name: str) -> Result:
    if name not in adapter.functions:
        return Result(name, (), reason="the adapter has no such function")
    outcomes = [outcome(adapter, vector, lift, settings) for vector in vectors]
    ran = [one for one in outcomes if one.verdict is not Verdict.NOT_PROVIDED]
    refused = sorted({one.judgement.reason for one in outcomes if one.verdict is Verdict.NOT_PROVIDED})
    wrong = [one for one in ran if one.verdict is Verdict.WRONG]
    shaped = [
        (one.vector, one.got)
        for one in wrong
        if one.got is not None and one.got.size == one.vector.value.size and one.got.dtype.kind != "c"
    ]
    held = [(one.vector, one.got) for one in ran if one.verdict is Verdict.CONFORMANT and one.got is not None]
    found = diagnose(_as_floats(shaped), settings.dtype, _as_floats(held)) if shaped else None
    if not shaped and wrong:
        found = diagnose_shape([(one.vector, one.got) for one in wrong if one.got is not None])
    reason = "; ".join(refused[:3]) if not ran else next((one.judgement.reason for one in wrong if one.judgement.reason), "")
    return Result(name, ran, found, reason, tuple(refused))
