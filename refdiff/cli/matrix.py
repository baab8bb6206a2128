"""`refdiff check --all-installed`: other people's libraries side by side."""

import json
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

import refdiff
from refdiff.adapters.findings import Finding, findings_of
from refdiff.adapters.libraries import LIBRARIES, installed
from refdiff.cli.terminal import USAGE, console, fail, say
from refdiff.conformance.matrix import Column, checked, failed, rows
from refdiff.page import Section, SummaryRow, write_report
from refdiff.page import Table as PageTable

__all__ = ["matrix"]

_SHORT = {"conformant": "ok", "imprecise": "digits", "wrong": "WRONG", "not judged": "?"}


def matrix(names: Sequence[str], dtype: str, as_json: bool, html: Path | None) -> None:
    """Check every installed library that there is a built-in adapter for, and print one matrix: formula by library.

    Exits 0 when all that is provided is conformant, 1 when something deviates, 3 when a library could not be checked, 2 when
    none is installed.
    """
    targets = installed()
    if not targets:
        names = ", ".join(library.distribution for library in LIBRARIES)
        fail(USAGE, f"none of {names} is installed; pip install one, or name a target: refdiff check my_adapter")
    quiet = as_json or not sys.stderr.isatty()
    columns = checked(
        targets, dtype, names, min(len(targets), os.cpu_count() or 1), told=lambda column: None if quiet else _told(column)
    )
    if as_json:
        print(json.dumps([_told_as_json(column) for column in columns], indent=1))
    else:
        _print(columns, dtype)
    if html:
        _write_page(html, columns, dtype)
    if any(column.report is None for column in columns):
        raise typer.Exit(3)
    deviating = any(verdict in ("wrong", "imprecise") for column in columns for verdict in column.verdicts.values())
    raise typer.Exit(1 if deviating else 0)


def _told(column: Column) -> None:
    print(f"{column.target} {column.version}: {column.failure or 'checked'}", file=sys.stderr)


def _told_as_json(column: Column) -> dict[str, Any]:
    known = findings_of(column.target)[1]
    return {
        "library": column.target,
        "version": column.version,
        "failure": column.failure,
        "findings": [one._asdict() for one in known],
        "report": column.report,
    }


def _heading(column: Column) -> str:
    return next(library.short for library in LIBRARIES if library.target == column.target)


def _counts(column: Column) -> str:
    found = list(column.verdicts.values())
    parts = [f"{found.count(verdict)} {verdict}" for verdict in _SHORT if found.count(verdict)]
    return ", ".join(parts) or column.failure


def _print(columns: Sequence[Column], dtype: str) -> None:
    out = console()
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("formula", overflow="fold")
    for column in columns:
        table.add_column(_heading(column), no_wrap=True, min_width=5)
    colours = {"ok": "green", "digits": "yellow", "WRONG": "red"}
    for name, verdicts in rows(columns):
        cells = [_SHORT.get(verdict, "") for verdict in verdicts]
        table.add_row(name, *(f"[{colours.get(cell, 'dim')}]{cell}[/]" if cell else "" for cell in cells))
    out.print(table)
    out.print()
    for column in columns:
        say(out, f"{_heading(column)}  {column.target} {column.version} in {dtype}: {_counts(column)}")
    say(out, "ok: conformant; digits: the right formula with digits lost; WRONG: below; blank: not provided")
    for column, one in failed(columns):
        out.print()
        for line in _lines(column, one):
            say(out, line)
    out.print()
    say(out, "one cell again: refdiff check LIBRARY --formula NAME")


def _finding(column: Column, name: str) -> Finding | None:
    return next((one for one in findings_of(column.target)[1] if name in (one.formula, *one.also)), None)


def _lines(column: Column, one: dict[str, Any] | Any) -> list[str]:
    lines = [f"{column.target}: {one['formula']} is wrong"]
    if one["diagnosis"]:
        lines.append(f"  it equals {one['diagnosis']['what']}")
    elif one["reason"]:
        lines.append(f"  {one['reason']}")
    short = [order for order in one["orders"] if order["short"]]
    if short:
        lines.append(f"  order {short[0]['order']:.2f} on {short[0]['problem']}, wanted {short[0]['expected']:.2f}")
    if one["broken"]:
        lines.append(f"  at n = {one['broken'][0]['n']}: {one['broken'][0]['told']}")
    if known := _finding(column, one["formula"]):
        lines += [
            f"  {known.what}: {known.why}",
            f"  {'documented: ' + known.documented if known.documented else 'not documented'}",
        ]
    return lines


def _write_page(path: Path, columns: Sequence[Column], dtype: str) -> None:
    claims = [
        SummaryRow(
            f"{column.target} {column.version} agrees with every vector it was asked about",
            set(column.verdicts.values()) <= {"conformant", "not judged"} if column.verdicts else None,
            _counts(column) or "none of these formulas is provided",
        )
        for column in columns
    ]
    head = ("formula", *(f"{column.target.replace('_', ' ')} {column.version}" for column in columns))
    cells = [(name, *verdicts) for name, verdicts in rows(columns)]
    sections = [Section("Formulas by library", [], [], [PageTable(f"in {dtype}", head, cells)])]
    for column, one in failed(columns):
        known = _finding(column, one["formula"])
        title, *rest = _lines(column, one)
        sections.append(Section(title, [line.strip() for line in rest], code=[known.reproduction.strip()] if known else []))
    try:
        write_report(
            path, "refdiff check --all-installed", claims, sections, f"refdiff {refdiff.__version__}, {date.today().isoformat()}"
        )
    except ValueError as error:
        fail(USAGE, str(error))
