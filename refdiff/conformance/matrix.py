"""Several implementations side by side: one process each, one row a formula, one column an implementation."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

from refdiff.catalogue import formulas

__all__ = ["Column", "checked", "failed", "rows"]

_SECONDS = 900.0
# Exit statuses of `refdiff check` that come with a report.
_JUDGED = (0, 1, 4)


@dataclass(frozen=True)
class Column:
    """One implementation: its release, its report as `refdiff check --json` gives it, and why there is none."""

    target: str
    version: str
    report: Mapping[str, Any] | None
    failure: str = ""

    @property
    def verdicts(self) -> dict[str, str]:
        """Verdict by formula, of those that it provides."""
        found = {one["formula"]: one["verdict"] for one in (self.report or {"formulas": ()})["formulas"]}
        return {name: verdict for name, verdict in found.items() if verdict != "not provided"}


def _column(target: str, version: str, dtype: str, names: Sequence[str], seconds: float) -> Column:
    command = [sys.executable, "-m", "refdiff", "check", target, "--dtype", dtype, "--json"]
    command += [part for name in names for part in ("--formula", name)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)
    except subprocess.TimeoutExpired:
        return Column(target, version, None, f"did not finish within {seconds:.0f} s")
    if done.returncode in _JUDGED:
        try:
            return Column(target, version, json.loads(done.stdout))
        except ValueError:
            return Column(target, version, None, "its report is not JSON")
    last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
    return Column(target, version, None, last.removeprefix("refdiff: "))


def checked(
    targets: Mapping[str, str],
    dtype: str = "float64",
    names: Sequence[str] = (),
    workers: int = 2,
    seconds: float = _SECONDS,
    told: Callable[[Column], None] = lambda column: None,
) -> list[Column]:
    """Every implementation checked in a process of its own.

    Args:
        targets: version by target.
        dtype: arithmetic asked for.
        names: only these formulas; all unless given.
        workers: processes at a time.
        seconds: limit on each.
        told: called with each column as soon as it is known.

    Returns:
        Columns in the targets' order; one that failed says why and takes nothing from the others.
    """
    found: dict[str, Column] = {}
    with ThreadPoolExecutor(workers) as pool:
        waiting = [pool.submit(_column, target, version, dtype, names, seconds) for target, version in targets.items()]
        for done in as_completed(waiting):
            column = done.result()
            found[column.target] = column
            told(column)
    return [found[target] for target in targets]


def rows(columns: Sequence[Column]) -> Iterator[tuple[str, list[str]]]:
    """(formula, verdict of each column, "" where it does not provide it) for every formula that somebody provides."""
    for name in formulas():
        found = [column.verdicts.get(name, "") for column in columns]
        if any(found):
            yield name, found


def failed(columns: Sequence[Column]) -> list[tuple[Column, Mapping[str, Any]]]:
    """Each column's formulas that are wrong, as its report tells them."""
    return [
        (column, one)
        for column in columns
        for one in (column.report or {"formulas": ()})["formulas"]
        if one["verdict"] == "wrong"
    ]
