"""A check's results as one HTML page."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import refdiff
from refdiff.conformance.check import Result, Settings
from refdiff.conformance.judge import Verdict
from refdiff.conformance.report import failure_lines, order_cell, summary_line
from refdiff.page import Section, SummaryRow, Table, write_report

__all__ = ["conformance_table", "write_page"]


def conformance_table(results: Sequence[Result], caption: str) -> Table:
    """Formulas by verdict, with the cases that passed and the digits the worst failure keeps."""
    rows = []
    for result in results:
        if result.verdict is Verdict.NOT_PROVIDED:
            continue
        digits = result.worst.judgement.digits if result.worst else float("inf")
        kept = f"{max(0.0, digits):.1f}" if digits < 30 else ""
        passed = f"{result.count(Verdict.CONFORMANT)}/{len(result.outcomes)}"
        rows.append((result.formula, result.verdict.value, passed, kept, order_cell(result)))
    return Table(caption, ("formula", "verdict", "cases", "digits kept", "order"), rows)


def write_page(path: Path, results: Sequence[Result], target: str, settings: Settings) -> None:
    """Write the page: a claim for each formula that deviates, and the table of all.

    Raises:
        ValueError: when the file cannot be written.
    """
    caption = f"{target} in {settings.dtype} on {settings.array} ({settings.device}): {summary_line(results)}"
    judged = [result for result in results if result.verdict is not Verdict.NOT_PROVIDED]
    deviating = [result for result in judged if result.verdict in (Verdict.WRONG, Verdict.IMPRECISE)]
    held = bool(judged) and not deviating
    claims = [SummaryRow(f"{target} agrees with every vector it was asked about", held, summary_line(results))]
    sections = [
        Section(
            f"{result.formula}: {result.verdict.value}", [line.strip() for line in failure_lines(result, target, settings)[1:]]
        )
        for result in sorted(deviating, key=lambda result: result.verdict is not Verdict.WRONG)
    ]
    sections.append(Section("Formulas", [], [], [conformance_table(results, caption)]))
    about = f"refdiff {refdiff.__version__}, {date.today().isoformat()}"
    write_report(path, f"refdiff check {target}", claims, sections, about)
