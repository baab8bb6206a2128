"""Runs an adapter through the vectors: one outcome a case, one result a formula."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from refdiff.catalogue import formulas
from refdiff.conformance.adapter import Adapter
from refdiff.conformance.arrays import Lift, inputs, lifter, output
from refdiff.conformance.diagnose import Diagnosis, diagnose, diagnose_shape
from refdiff.conformance.judge import Judgement, Verdict, judge
from refdiff.golden.vectors import Vector, Vectors

__all__ = ["Outcome", "Result", "Settings", "check", "outcome"]

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

    def count(self, verdict: Verdict) -> int:
        return sum(outcome.verdict is verdict for outcome in self.outcomes)

    @property
    def verdict(self) -> Verdict:
        """The worst of its cases; a formula no case of which could be judged is not conformant."""
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
    if missing := adapter.missing(vector.formula, quantities):
        return Outcome(vector, Judgement(Verdict.NOT_PROVIDED, f"the case does not carry {', '.join(missing)}"))
    if hard := _too_narrow(adapter, vector, settings.dtype):
        return Outcome(vector, Judgement(Verdict.NOT_JUDGED, hard))
    called = adapter.call(vector.formula, quantities, settings.seconds)
    note = f"printed {len(called.printed.splitlines())} lines" if called.printed.strip() else ""
    if called.declined:
        return Outcome(vector, Judgement(Verdict.NOT_PROVIDED, called.declined), note=note)
    if called.failure:
        return Outcome(vector, Judgement(Verdict.WRONG, called.failure), note=note)
    try:
        got = output(called.value)
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
    high = dtype == "float16" and any(np.abs(value).max() > _FLOAT16_ROOM for value in states)
    return "an intermediate state is beyond float16" if high else ""


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
        yield _result(adapter, chosen, settings, lift, name)


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
