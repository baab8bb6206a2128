"""What tests of recorded findings share: verdicts by formula, reproductions run, and wanted values read in Arb."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from refdiff.adapters.findings import Finding
from refdiff.conformance.adapter import load_adapter
from refdiff.conformance.check import Outcome, Result, Settings, check
from refdiff.conformance.judge import Verdict
from refdiff.golden.vectors import Vectors

ROOT = Path(__file__).resolve().parents[1]
FAILED = (Verdict.WRONG, Verdict.IMPRECISE)


@cache
def vectors() -> Vectors:
    return Vectors()


@cache
def results(target: str, dtype: str) -> dict[str, Result]:
    adapter = load_adapter(target)
    found = check(adapter, vectors(), Settings("torch", dtype), sorted(adapter.functions))
    return {result.formula: result for result in found}


def by_verdict(target: str, dtype: str) -> dict[str, set[str]]:
    """Names of formulas by verdict; without those whose every case the library declines."""
    found: dict[str, set[str]] = {}
    for name, result in results(target, dtype).items():
        found.setdefault(result.verdict.value, set()).add(name)
    found.pop(Verdict.NOT_PROVIDED.value, None)
    return found


def failed(target: str, formula: str, dtype: str = "float64") -> dict[str, Outcome]:
    """Outcomes of the cases that fail, by id."""
    return {one.vector.id: one for one in results(target, dtype)[formula].outcomes if one.verdict in FAILED}


def command(target: str) -> tuple[int, dict[str, Any]]:
    """Exit status of `refdiff check` and what it tells of each formula that the library has."""
    line = [sys.executable, "-m", "refdiff", "check", target, "--json"]
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=ROOT, timeout=240)
    assert done.stdout, done.stderr
    told = {one["formula"]: one for one in json.loads(done.stdout)["formulas"]}
    return done.returncode, {name: one for name, one in told.items() if one["verdict"] != "not provided"}


def shows(finding: Finding) -> None:
    """Fails unless the reproduction leaves what the finding says, in ten lines."""
    import torch

    left: dict[str, Any] = {}
    exec(finding.reproduction, left)
    got = left["got"] if isinstance(left["got"], tuple) else torch.as_tensor(left["got"]).reshape(-1)
    assert [float(x) for x in got] == pytest.approx(finding.got, rel=1e-5, nan_ok=True)
    assert len(finding.reproduction.strip().splitlines()) <= 10
    assert not finding.case or finding.case in {vector.id for vector in vectors().of(finding.formula)}


def confirmed(finding: Finding, wanted: Mapping[str, Callable[[], tuple[Any, ...]]]) -> None:
    """Fails unless the wanted value is the one that Arb gives, and the library's is another."""
    from flint import ctx

    before, ctx.prec = ctx.prec, 256
    try:
        values = [float(x) for x in wanted[finding.name]()]
    finally:
        ctx.prec = before
    assert finding.wanted == pytest.approx(values, rel=1e-6)
    assert finding.got != pytest.approx(values, rel=1e-9, abs=1e-9)
