"""Tells a person, or a program, what a check found."""

import json
import platform
from collections.abc import Sequence
from typing import Any

import numpy as np

import refdiff
from refdiff.conformance.check import Outcome, Result, Settings
from refdiff.conformance.judge import Verdict
from refdiff.conformance.orders import Order
from refdiff.golden.files import pack

__all__ = [
    "case_lines",
    "command",
    "exit_status",
    "failure_lines",
    "order_cell",
    "run_lines",
    "summary",
    "summary_line",
    "to_json",
    "to_junit",
    "unjudged_line",
]

_BAD = (Verdict.WRONG, Verdict.IMPRECISE)


def command(target: str, settings: Settings, identifier: str) -> str:
    """The command that runs exactly one case again."""
    parts = ["refdiff check", target, f"--case {identifier}", f"--dtype {settings.dtype}", f"--array {settings.array}"]
    return " ".join(parts + ([f"--device {settings.device}"] if settings.device != "cpu" else []))


def summary(results: Sequence[Result]) -> dict[str, int]:
    """Number of formulas by verdict, and of cases that were run."""
    found = {verdict.value: sum(result.verdict is verdict for result in results) for verdict in Verdict}
    return found | {"cases": sum(len(result.outcomes) for result in results)}


def summary_line(results: Sequence[Result]) -> str:
    """One line a person can act on."""
    count = summary(results)
    parts = [f"{count[verdict.value]} {verdict.value}" for verdict in Verdict if count[verdict.value]]
    return f"{', '.join(parts)} ({count['cases']} cases)"


def unjudged_line(results: Sequence[Result], dtype: str) -> str:
    """Why some cases were not judged; empty where all were."""
    count = sum(result.count(Verdict.NOT_JUDGED) for result in results)
    if not count:
        return ""
    return f"{count} cases were not judged: there even honest {dtype} code strays from the truth by more than 1% of it"


def exit_status(results: Sequence[Result]) -> int:
    """0 conformant, 1 deviations, 4 when nothing could be judged."""
    if any(result.verdict in _BAD for result in results):
        return 1
    return 0 if any(result.verdict is Verdict.CONFORMANT for result in results) else 4


def failure_lines(result: Result, target: str, settings: Settings) -> list[str]:
    """What is wrong with one formula: the diagnosis, the worst element, and how to run it again."""
    worst = result.worst
    counts = [f"{verdict.value} in {result.count(verdict)}" for verdict in _BAD if result.count(verdict)]
    lines = [f"{result.formula}: {', '.join(counts) or 'right in all'} of {len(result.outcomes)} cases"]
    lines += [f"  {told}" for told in run_lines(result)]
    if worst is None:
        return lines if result.verdict in _BAD else []
    if result.diagnosis:
        found = result.diagnosis
        known = f"{found.mistake}: " if "__" in found.mistake else ""
        lines.append(f"  it equals {known}{found.what} ({found.matched} of {found.total} elements)")
        if found.fix:
            lines.append(f"  {'fix' if known else 'printed'}: {found.fix}")
    elif result.verdict is Verdict.WRONG:
        lines.append("  no known mistake explains it")
    else:
        lines.append("  the right formula, with digits lost")
    lines += case_lines(worst, settings)
    lines.append(f"  hunts: {worst.vector.comment}")
    lines.append(f"  again: {command(target, settings, worst.vector.id)}")
    return [line for line in lines if line]


def order_cell(result: Result) -> str:
    """The order of convergence that was measured, the lowest of all; with what it should be where it is lower."""
    measured = [order for order in result.orders if order.measured]
    if not measured:
        return ""
    worst = min(measured, key=lambda order: order.order - order.expected)
    return f"{worst.order:.1f} of {worst.expected:.1f}" if worst.short else f"{worst.order:.1f}"


def run_lines(result: Result) -> list[str]:
    """What a sampler broke beyond its cases: invariants, and its order of convergence."""
    lines = []
    if result.broken:
        counts = ", ".join(str(one.n) for one in result.broken[:6]) + (", ..." if len(result.broken) > 6 else "")
        lines.append(f"at n = {counts}: {result.broken[0].told}")
    if result.short:
        worst = min(result.short, key=lambda order: order.order - order.expected)
        where = f"on {worst.problem}" if "step from" not in worst.problem else f"in {worst.problem}"
        lines.append(f"order {worst.order:.2f} ({worst.low:.2f} to {worst.high:.2f}) {where}, wanted {worst.expected:.2f}")
    return lines


def case_lines(outcome: Outcome, settings: Settings) -> list[str]:
    """The worst element of one case, with its numbers."""
    judged = outcome.judgement
    where = f" at {list(judged.worst)}" if judged.worst else ""
    lines = [f"  case {outcome.vector.id}{where}"]
    if judged.reason:
        lines.append(f"  {judged.reason}")
    if not np.isnan(judged.wanted):
        wanted = int(judged.wanted) if outcome.vector.exact else repr(judged.wanted)
        lines.append(f"  got {judged.got!r}, wanted {wanted}")
    if np.isfinite(judged.badness) and judged.badness > 0:
        digits = f"{max(0.0, judged.digits):.1f} digits kept" if np.isfinite(judged.digits) else "no digit kept"
        lines.append(f"  off by {judged.ulps:.3g} ulp of {settings.dtype}, {digits}")
        lines.append(f"  {judged.badness:.3g} times what honest rounding allows")
    return lines + ([f"  note: {outcome.note}"] if outcome.note else [])


def _number(x: float) -> float | str:
    return x if np.isfinite(x) else repr(x)


def _case(outcome: Outcome, target: str, settings: Settings) -> dict[str, Any]:
    judged = outcome.judgement
    found: dict[str, Any] = {"id": outcome.vector.id, "verdict": outcome.verdict.value, "judged": judged.judged}
    if judged.reason:
        found["reason"] = judged.reason
    if outcome.note:
        found["note"] = outcome.note
    if outcome.verdict in _BAD:
        found |= {"failed": judged.failed, "worst": list(judged.worst), "hunts": outcome.vector.comment}
        found |= {name: _number(getattr(judged, name)) for name in ("got", "wanted", "badness", "ulps", "digits")}
        found["inputs"] = {name: pack(value, {}, f"{outcome.vector.id}/{name}") for name, value in outcome.vector.given.items()}
        found["again"] = command(target, settings, outcome.vector.id)
    return found


def _order(order: Order) -> dict[str, Any]:
    numbers = {name: _number(getattr(order, name)) for name in ("order", "low", "high", "constant", "expected")}
    rungs = [{"n": rung.n, "error": _number(rung.error)} for rung in order.rungs]
    return {"problem": order.problem, **numbers, "stated": order.stated, "short": order.short, "rungs": rungs}


def to_json(results: Sequence[Result], target: str, settings: Settings) -> str:
    """The whole report, as conformance/report.schema.json describes it."""
    content = {
        "format": "refdiff-report/1",
        "refdiff": refdiff.__version__,
        "python": platform.python_version(),
        "target": target,
        "array": settings.array,
        "dtype": settings.dtype,
        "device": settings.device,
        "summary": summary(results),
        "formulas": [
            {
                "formula": result.formula,
                "verdict": result.verdict.value,
                "reason": result.reason,
                "declined": list(result.declined),
                "diagnosis": vars(result.diagnosis) if result.diagnosis else None,
                "orders": [_order(order) for order in result.orders],
                "broken": [{"n": one.n, "told": one.told} for one in result.broken],
                "cases": [_case(outcome, target, settings) for outcome in result.outcomes],
            }
            for result in results
        ],
    }
    return json.dumps(content, indent=1, allow_nan=False)


def to_junit(results: Sequence[Result], target: str, settings: Settings) -> str:
    """JUnit XML: one test case a golden case."""
    from xml.etree import ElementTree

    bad = sum(outcome.verdict in _BAD for result in results for outcome in result.outcomes)
    count = sum(len(result.outcomes) for result in results)
    measured = [result for result in results if result.orders or result.broken]
    bad += sum(bool(run_lines(result)) for result in measured)
    count += len(measured)
    suite = ElementTree.Element("testsuite", name=f"refdiff {target} {settings.dtype}", tests=str(count), failures=str(bad))
    for result in results:
        for outcome in result.outcomes:
            case = ElementTree.SubElement(suite, "testcase", classname=result.formula, name=outcome.vector.id)
            if outcome.verdict in _BAD:
                lines = case_lines(outcome, settings)
                ElementTree.SubElement(case, "failure", message=outcome.verdict.value).text = "\n".join(lines)
            elif outcome.verdict is not Verdict.CONFORMANT:
                ElementTree.SubElement(case, "skipped", message=outcome.judgement.reason or outcome.verdict.value)
    for result in measured:
        case = ElementTree.SubElement(
            suite, "testcase", classname=result.formula, name=f"{result.formula}: orders and invariants"
        )
        if told := run_lines(result):
            ElementTree.SubElement(case, "failure", message="wrong").text = "\n".join(told)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)
