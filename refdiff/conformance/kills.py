"""The kill matrix: which golden cases tell each known mistake from the truth, in each dtype."""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from refdiff.catalogue import formulas
from refdiff.conformance.arrays import inputs
from refdiff.conformance.judge import Verdict, judge
from refdiff.golden.files import FORMAT, write_json
from refdiff.golden.vectors import Vector, Vectors
from refdiff.mistakes import mistakes_of
from refdiff.vocabulary import Quantities

__all__ = ["kills", "write_kills"]

_DTYPES = ("float64", "float32", "float16", "bfloat16")
_BAD = (Verdict.WRONG, Verdict.IMPRECISE)


def _answer(body: Callable[..., Any], quantities: Mapping[str, Any]) -> np.ndarray | None:
    """What a mistaken body gives in float64; None where the case does not carry what it asks for, or it fails."""
    try:
        with np.errstate(all="ignore"):
            return np.asarray(body(*(quantities[name] for name in inspect.signature(body).parameters)), dtype=np.float64)
    except (KeyError, IndexError, ValueError, TypeError, ZeroDivisionError, OverflowError):
        return None


def _killing(vector: Vector, answer: np.ndarray) -> list[str]:
    """Dtypes in which this case does not take the answer for the truth."""
    return [dtype for dtype in _DTYPES if judge(vector, answer, dtype).verdict in _BAD]


def kills(vectors: Vectors) -> list[dict[str, Any]]:
    """For each known mistake, in how many cases each dtype tells it from the truth.

    Args:
        vectors: the golden vectors.

    Returns:
        One row for each mistake, in the catalogue's order: its name, the number of killing cases by dtype,
        the number of cases it could be tried on, and the first case that kills it in float32, or "".
    """
    rows: list[dict[str, Any]] = []
    for formula in formulas():
        known = mistakes_of(formula)
        found: dict[str, dict[str, Any]] = {
            name: {"mistake": name, **dict.fromkeys(_DTYPES, 0), "cases": 0, "first": ""} for name in known
        }
        for vector in vectors.of(formula):
            quantities = Quantities(inputs(vector, lambda _, value: value[()]))
            for name, body in known.items():
                answer = _answer(body, quantities)
                if answer is None:
                    continue
                row = found[name]
                row["cases"] += 1
                for dtype in _killing(vector, answer):
                    row[dtype] += 1
                    if dtype == "float32":
                        row["first"] = row["first"] or vector.id
        rows += found.values()
    return rows


def write_kills(rows: list[dict[str, Any]], target: Path) -> str:
    """Writes the kill matrix that `kills` returns, one mistake a line; returns the file's digest."""
    header = {"format": FORMAT, "notes": "cases whose answer a mistake does not pass for, by dtype; first: the first in float32"}
    return write_json(target, header, "mistakes", rows)
