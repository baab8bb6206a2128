"""The probability flow solved to thirty digits where no closed form is known: what solvers' orders are measured against."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from refdiff.golden.files import FORMAT, IntegrityError, folder, load, pack, unpack, write_json

__all__ = ["FILE", "Solution", "solutions", "write_solutions"]

FILE = "solutions.json"
_BITS = 256
_STEPS = 100
_AGREEMENT = 1e-35
_START, _END = 8.0, 0.5


@dataclass(frozen=True)
class Solution:
    """Data, a state at sigma = start in EDM's coordinates (signal scale 1), and where the flow takes it at sigma = end."""

    id: str
    data: Mapping[str, Any]
    x_start: np.ndarray
    start: float
    end: float
    value: np.ndarray
    low: np.ndarray


def _problems() -> Iterator[tuple[str, dict[str, Any], np.ndarray]]:
    """(id, data, states at the start), float32-exact."""
    points = np.array([[1.0, 0.5], [-1.0, 0.25], [0.5, -1.5]])
    states = np.array([[4.0, -2.5], [-7.5, 9.0]])
    yield "solution/three-points@1", {"points": points}, states
    spread = {"weights": np.array([0.5, 0.3125, 0.1875]), "means": points, "variances": np.array([0.25, 0.0625, 0.5])}
    yield "solution/three-blobs@1", spread, states


def _solved(data: Mapping[str, Any], state: np.ndarray) -> Any:
    """The solution from one state, by two methods.

    Raises:
        ArithmeticError: when they disagree.
    """
    from flint import arb

    from refdiff.definitions.trajectory import extrapolated_flow, taylor_flow
    from refdiff.numbers.balls import balls

    # A finite data set is a mixture without spread.
    count = len(data.get("points", ()))
    weights = balls(data["weights"]) if not count else np.array([arb(1) / count] * count, dtype=object)
    means, variances = balls(data.get("means", data.get("points"))), balls(data.get("variances", np.zeros(count)))
    start, end = (-arb(sigma).log() for sigma in (_START, _END))
    first, second = (
        solve(weights, means, variances, balls(state), start, end, _STEPS) for solve in (taylor_flow, extrapolated_flow)
    )
    if any(not abs(a - b) < _AGREEMENT for a, b in zip(first, second, strict=True)):
        raise ArithmeticError(f"two methods disagree on the flow from {state}: {first} and {second}")
    return first


def write_solutions(target: Path) -> str:
    """Solves every problem anew and writes the file below `target`; returns its digest."""
    from refdiff.numbers.balls import precision

    rows = []
    for identifier, data, states in _problems():
        with precision(_BITS):
            found = [entry for state in states for entry in _solved(data, state)]
            value = np.array([float(entry) for entry in found])
            low = np.array([float(entry - nearest) for entry, nearest in zip(found, value.tolist(), strict=True)])
        row = {"id": identifier, "start": _START, "end": _END, "x_start": pack(states, {}, "x_start")}
        row |= {"data": {name: pack(array, {}, name) for name, array in data.items()}}
        row |= {name: pack(array.reshape(states.shape), {}, name) for name, array in (("value", value), ("low", low))}
        rows.append(row)
    notes = "dx/dsigma = (x - D(x; sigma))/sigma from x_start at sigma = start; at sigma = end it is value + low to 30 digits"
    return write_json(target / FILE, {"format": FORMAT, "notes": notes}, "solutions", rows)


@cache
def solutions(root: Path | None = None) -> Mapping[str, Solution]:
    """The stored solutions by id.

    Raises:
        IntegrityError: when the file is missing, damaged or of another format.
    """
    path = (root or folder()) / FILE
    files = load(path.parent / "manifest.json")["files"]
    digest = next((entry["sha256"] for entry in files if entry["file"] == FILE), None)
    if digest is None:
        raise IntegrityError(f"{path.parent / 'manifest.json'} does not list {FILE}; restore it from the release")
    content = load(path, digest)
    try:
        return {row["id"]: _read(row) for row in content["solutions"]}
    except (KeyError, TypeError, ValueError) as error:
        raise IntegrityError(f"{path} lacks {error}; restore it from the release") from error


def _read(row: Mapping[str, Any]) -> Solution:
    arrays = {name: unpack(row[name], {}) for name in ("x_start", "value", "low")}
    data = {name: unpack(value, {}) for name, value in row["data"].items()}
    return Solution(row["id"], data, arrays["x_start"], row["start"], row["end"], arrays["value"], arrays["low"])
