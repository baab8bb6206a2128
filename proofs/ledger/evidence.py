"""What may stand behind a verdict, and whether it does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from flint import arb

from ..algebra import same

__all__ = ["Counterexample", "Evidence", "Order", "Proof", "Unchecked", "faults", "numbers"]


class Proof(NamedTuple):
    """Two roads to one thing, symbols or balls; and near misses, which the same comparison must refuse."""

    left: Any
    right: Any
    wrong: tuple[Any, ...]


class Counterexample(NamedTuple):
    """The smallest numbers found at which the printed form is not what it claims to be; of a yes or no, the two answers."""

    at: str
    printed: Any
    right: Any


class Order(NamedTuple):
    """A heuristic's error at a step h, the power of h by which it falls, and near misses, whose errors must fall more slowly."""

    error: Callable[[float], float]
    order: float
    wrong: tuple[Callable[[float], float], ...]
    # The last of four steps, each half of the one before, is 2**-finest.
    finest: int = 9


@dataclass(frozen=True)
class Unchecked:
    """No computation can decide it; Reading says why."""


Evidence = Proof | Counterexample | Order | Unchecked


def _equal(one: Any, other: Any) -> bool:
    """Identical symbols, or tight enclosures that meet."""
    if np.shape(one) != np.shape(other):
        return False
    entries = [*np.ravel(np.asarray(one, dtype=object)), *np.ravel(np.asarray(other, dtype=object))]
    if not any(isinstance(entry, arb) for entry in entries):
        return same(one, other)
    half = len(entries) // 2
    pairs = zip(map(arb, entries[:half]), map(arb, entries[half:]), strict=True)
    return all(a.overlaps(b) and (a - b).rad() < arb(2) ** -60 * (1 + abs(a)) for a, b in pairs)


def _number(value: Any) -> float:
    return float(sp.N(value, 30)) if isinstance(value, sp.Basic) else float(value)


def _spelled(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else f"{_number(value):.6g}"


def numbers(shown: Counterexample) -> str:
    """The counterexample as its docstring prints it."""
    return f"at {shown.at}: printed {_spelled(shown.printed)}, right {_spelled(shown.right)}"


def _measured(error: Callable[[float], float], finest: int) -> float:
    """Slope of log error against log h between small steps, the middle of three."""
    errors = np.array([abs(float(error(2.0**-k))) for k in range(finest - 3, finest + 1)])
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.median(-np.diff(np.log2(errors))))


def _faults_of_order(heuristic: Order) -> list[str]:
    slope = _measured(heuristic.error, heuristic.finest)
    found = [] if abs(slope - heuristic.order) < 0.15 else [f"the error falls with power {slope:.2f}, not {heuristic.order:g}"]
    found += [] if heuristic.wrong else ["no near miss: nothing shows that the order bites"]
    slopes = [_measured(miss, heuristic.finest) for miss in heuristic.wrong]
    return found + [f"near miss {i} falls as fast" for i, slope in enumerate(slopes) if not slope < heuristic.order - 0.15]


def _faults_of_one(evidence: Evidence) -> list[str]:
    if isinstance(evidence, Proof):
        found = [] if _equal(evidence.left, evidence.right) else ["the two sides differ"]
        found += [] if evidence.wrong else ["no near miss: nothing shows that the proof bites"]
        return found + [f"near miss {i} passes" for i, miss in enumerate(evidence.wrong) if _equal(evidence.left, miss)]
    if isinstance(evidence, Counterexample):
        printed, right = _number(evidence.printed), _number(evidence.right)
        apart = np.isinf(printed) or abs(printed - right) > 1e-6 * max(abs(printed), abs(right))
        return [] if apart and np.isfinite(right) else ["the numbers do not differ"]
    if isinstance(evidence, Order):
        return _faults_of_order(evidence)
    return []


def faults(evidence: Any) -> list[str]:
    """What is wrong with an entry's evidence: one kind of it, or a tuple of several."""
    several = [evidence] if isinstance(evidence, (Proof, Counterexample, Order, Unchecked)) else list(evidence)
    return [fault for one in several for fault in _faults_of_one(one)] if several else ["no evidence"]
