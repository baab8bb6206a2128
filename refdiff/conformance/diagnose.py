"""Which mistake was made: a failed output held against known wrong bodies and structural changes of the right one."""

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refdiff.catalogue import formulas
from refdiff.conformance.judge import ulp
from refdiff.conformance.planting import planted, steps_of
from refdiff.conformance.probes import constants, probes
from refdiff.conformance.slips import Slip, slips
from refdiff.golden.models import array_models
from refdiff.golden.vectors import Vector
from refdiff.vocabulary import Quantities

__all__ = ["Diagnosis", "diagnose", "diagnose_shape"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Diagnosis:
    """The mistake that explains an output: what it is, the fix, and how many elements it explains."""

    mistake: str
    what: str
    fix: str
    matched: int
    total: int


@cache
def _mistakes(formula: str) -> Mapping[str, Callable[..., Any]]:
    module = importlib.import_module(f"refdiff.mistakes.{formulas()[formula].subject}")
    return {name: getattr(module, name) for name in module.__all__ if name.startswith(f"{formula}__")}


def _mistaken_runs(formula: str, quantities: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str, str], Floats | None]]:
    """A run with each known mistake of its steps: (name, what it is, fix), and its value."""
    for step in steps_of(formula):
        for name, function in _mistakes(step).items():
            what, fix = _told(function)
            yield (
                (name, f"in its step: {what}", fix),
                _attempt(partial(planted, formula, step, partial(_asked, function)), quantities),
            )


def _told(function: Callable[..., Any]) -> tuple[str, str]:
    document = (inspect.getdoc(function) or "").splitlines()
    fix = next((line.partition(":")[2].strip() for line in document if line.startswith("Fix:")), "")
    return (document or [""])[0].rstrip("."), fix


def _float_quantities(vector: Vector) -> dict[str, Any]:
    return {**vector.derived, **vector.given, **array_models(vector.given, lambda _, value: value)}


def _asked(function: Callable[..., Any], known: Quantities) -> Any:
    return function(**{name: known[name] for name in inspect.signature(function).parameters})


def _attempt(body: Callable[[Quantities], Any], quantities: Mapping[str, Any]) -> Floats | None:
    try:
        with np.errstate(all="ignore"):
            return np.asarray(body(Quantities(quantities)), dtype=np.float64)
    except (KeyError, IndexError, ValueError, TypeError, ZeroDivisionError, OverflowError):
        return None


def _evaluate(function: Callable[..., Any], quantities: Mapping[str, Any]) -> Floats | None:
    return _attempt(partial(_asked, function), quantities)


def _moved(vector: Vector) -> Iterator[tuple[str, str, Floats]]:
    """The right formula read at neighbouring times: an index one row off."""
    given = vector.given
    if "betas" not in given or "t" not in given or np.ndim(given["t"]) or "log_alpha_bar_t" in given:
        return
    asked, steps = formulas()[vector.formula], len(given["betas"])
    kept = {name: value for name, value in {**vector.derived, **given}.items() if name in given or np.ndim(value)}
    for shift_t, shift_s, what in (
        (1, 1, "t + 1"),
        (-1, -1, "t - 1"),
        (1, 0, "t + 1, with s kept"),
        (0, 1, "s + 1"),
        (0, -1, "s - 1"),
    ):
        moved = {**kept, "t": given["t"] + shift_t}
        if "s" in given:
            moved["s"] = given["s"] + shift_s
        elif shift_s != shift_t:
            continue
        if not 1 <= moved["t"] <= steps or not 0 <= moved.get("s", 0) < moved["t"]:
            continue
        value = _evaluate(asked.function, moved)
        if value is not None:
            yield "time index", f"the right formula at {what}: an index one row off", value


def _evidence(got: Floats, candidate: Floats, vector: Vector, dtype: str) -> tuple[int, int]:
    """Elements where an output is this candidate and not the truth, and those plus the ones that speak against it."""
    value = vector.value.astype(np.float64)
    reach = vector.expected[dtype] if dtype in vector.expected else np.zeros_like(value)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        grown = reach * np.maximum(1, np.where(value == 0, 1, np.abs(candidate / value)))
        room = 4 * ulp(candidate, dtype) + grown
        same = (np.abs(got - candidate) <= room) | (got == candidate) | (np.isnan(got) & np.isnan(candidate))
        differs = ~(np.abs(candidate - value) <= room)
    return int((same & differs).sum()), int((differs | ~same).sum())


Outputs = Sequence[tuple[Vector, Floats]]


def diagnose(failed: Outputs, dtype: str, passed: Outputs = ()) -> Diagnosis | None:
    """The mistake that explains at least nine tenths of what can tell it from the truth; None when nothing does.

    Args:
        failed: the cases that one formula failed, each with the output, of the expected shape.
        dtype: the arithmetic that was asked for; a wrong formula may have lost digits beside, so float32's comes next.
        passed: the cases that it passed: a mistake that would have failed them was not made.
    """
    found = _diagnose(failed, dtype, passed)
    return found or (_diagnose(failed, "float32", passed) if dtype == "float64" else None)


def _candidates(vector: Vector) -> Iterator[tuple[tuple[str, str, str], Floats]]:
    """The known mistakes and structural changes: (name, what it is, fix), and what each gives in this case."""
    quantities = _float_quantities(vector)
    for name, function in _mistakes(vector.formula).items():
        candidate = _evaluate(function, quantities)
        if candidate is not None:
            yield (name, *_told(function)), vector.lined_up(candidate)
    for key, candidate in _mistaken_runs(vector.formula, quantities):
        if candidate is not None:
            yield key, vector.lined_up(candidate)
    for name, what, candidate in [*probes(vector), *_moved(vector)]:
        yield (name, what, ""), candidate


def _against(got: Floats, candidate: Floats, vector: Vector, dtype: str) -> int:
    """Elements of a right output at which a candidate is far from the truth."""
    value = vector.value.astype(np.float64)
    reach = vector.expected[dtype] if dtype in vector.expected else np.zeros_like(value)
    with np.errstate(invalid="ignore"):
        near = (np.abs(candidate - value) <= 4 * (4 * ulp(value, dtype) + reach)) | (candidate == value) | (candidate == got)
    return int((~near & np.isfinite(value)).sum())


def _ruled_out(key: tuple[str, str, str], matched: int, passed: Outputs, dtype: str) -> bool:
    """Whether too much passed that a candidate would have failed: a tenth of all that tells, or half of a known mistake's.

    A known mistake may have been made under a condition of the implementation's own.
    """
    most = matched / 2 if "__" in key[0] else matched / 9
    against = 0
    for vector, got in passed:
        candidate = next((one for other, one in _candidates(vector) if other == key), None)
        if candidate is not None and candidate.size in (1, vector.value.size):
            against += _against(got, np.broadcast_to(candidate, vector.value.shape), vector, dtype)
        if against > most:
            return True
    return False


def _diagnose(failed: Outputs, dtype: str, passed: Outputs) -> Diagnosis | None:
    tally: dict[tuple[str, str, str], list[int]] = {}
    deviating = 0
    for vector, got in failed:
        got = np.broadcast_to(np.asarray(got, dtype=np.float64), vector.value.shape)
        value = vector.value.astype(np.float64)
        deviating += _evidence(got, got, vector, dtype)[0]
        for key, candidate in _candidates(vector):
            try:
                candidate = np.broadcast_to(candidate, value.shape)
            except ValueError:
                continue
            counted = tally.setdefault(key, [0, 0])
            if "__" not in key[0] and len(np.unique(value)) == 1 and value.flat[0] in (0, 1, -1):
                continue  # Any function of 0 or 1 may hit the output by chance.
            for index, count in enumerate(_evidence(got, candidate, vector, dtype)):
                counted[index] += count
    # Ranked by what is explained; known mistakes come before structural probes when both explain as much.
    ranked = sorted(tally.items(), key=lambda item: (-item[1][0], "__" not in item[0][0]))
    for key, (matched, total) in ranked:
        if matched < max(1, 0.5 * deviating):
            break
        if matched >= 0.9 * total and not _ruled_out(key, matched, passed, dtype):
            return Diagnosis(*key, matched, total)
    return _slipped(failed, dtype, deviating, passed) or _constant(failed, dtype)


def _slipped(failed: Outputs, dtype: str, deviating: int, passed: Outputs) -> Diagnosis | None:
    """The one-place change of the printed form that explains as much as a known mistake must; None when none does."""
    name = failed[0][0].formula
    known = [Quantities(_float_quantities(vector)) for vector, _ in failed]
    best: Diagnosis | None = None
    for slip in slips(name):
        matched = total = 0
        for (vector, got), quantities in zip(failed, known, strict=True):
            try:
                with np.errstate(all="ignore"):
                    candidate = np.asarray(slip.value(quantities), dtype=np.float64)
                candidate = np.broadcast_to(vector.lined_up(candidate), vector.value.shape)
            except Exception:  # a changed form need not make sense: it may raise anything
                continue
            agreeing, telling = _evidence(np.broadcast_to(got, vector.value.shape), candidate, vector, dtype)
            silent = int((np.isnan(candidate) & np.isnan(got)).sum())  # Many a change gives what is not a number.
            matched, total = matched + agreeing - silent, total + telling - silent
            if total - matched > 0.1 * deviating:
                break
        better = matched >= max(2, 0.9 * total, 0.5 * deviating) and (best is None or matched > best.matched)
        if better and not _slip_ruled_out(slip, matched, passed, dtype):
            best = Diagnosis("slip", slip.what, " ".join(slip.right.split()), matched, total)
    return best


def _slip_ruled_out(slip: Slip, matched: int, passed: Outputs, dtype: str) -> bool:
    against = 0
    for vector, got in passed:
        try:
            with np.errstate(all="ignore"):
                candidate = np.asarray(slip.value(Quantities(_float_quantities(vector))), dtype=np.float64)
            candidate = np.broadcast_to(vector.lined_up(candidate), vector.value.shape)
        except Exception:  # a changed form need not make sense: it may raise anything
            continue
        against += _against(got, candidate, vector, dtype)
        if against > matched / 9:
            return True
    return False


def diagnose_shape(failed: Sequence[tuple[Vector, np.ndarray]]) -> Diagnosis | None:
    """The known mistake, or the reduction, that returns the same wrongly shaped outputs; None when none does."""
    total = sum(got.size for _, got in failed)
    for name, function in _mistakes(failed[0][0].formula).items() if failed else ():
        candidates = [_evaluate(function, _float_quantities(vector)) for vector, _ in failed]
        if all(one is not None and _alike(one, got) for one, (_, got) in zip(candidates, failed, strict=True)):
            return Diagnosis(name, *_told(function), total, total)
    for what, reduced in (("mean", np.mean), ("sum", np.sum)):
        if failed and all(vector.value.ndim == 1 and _alike(np.asarray(reduced(vector.value)), got) for vector, got in failed):
            told = f"the {what} over the batch in place of one value for each sample"
            return Diagnosis("batch", told, "", total, total)
    return None


def _alike(one: Floats, other: np.ndarray) -> bool:
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-5, atol=0)


def _constant(failed: Outputs, dtype: str) -> Diagnosis | None:
    found = next(constants(failed, dtype), None)
    return found and Diagnosis(found.name, found.what, "", found.values, found.values)
