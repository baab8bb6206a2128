"""`refdiff list` and `refdiff show`: the catalogue."""

import json
from typing import Annotated

import typer
from rich.table import Table

from refdiff.catalogue import formulas
from refdiff.cli.terminal import Json, asked, console, say

__all__ = ["list_formulas", "show"]


def list_formulas(as_json: Json = False) -> None:
    """List every formula with its certified error and number of golden cases."""
    from refdiff.golden.vectors import Vectors

    counts = Vectors().counts
    rows = [(one.subject, one.name, one.error, counts.get(one.name, 0), one.summary) for one in formulas().values()]
    if as_json:
        names = ("subject", "name", "error", "cases", "summary")
        print(json.dumps([dict(zip(names, row, strict=True)) for row in rows], indent=1))
        return
    table = Table(box=None, pad_edge=False)
    for title in ("subject", "formula"):
        table.add_column(title, no_wrap=True)
    for title in ("error (ulp)", "cases"):
        table.add_column(title, justify="right", no_wrap=True)
    for subject, name, (error, scale), cases, _ in rows:
        table.add_row(subject, name, f"{error:g}" + ("  " if scale == "value" else " *"), str(cases))
    out = console()
    out.print(table)
    out.print(f"\n{len(rows)} formulas, {sum(counts.values())} golden cases. * of a scale that refdiff show NAME states")


def show(name: Annotated[str, typer.Argument(help="A formula's name.")], as_json: Json = False) -> None:
    """Show one formula: statement, arguments, certified error, source, vectors, known mistakes."""
    from refdiff.golden.vectors import Vectors
    from refdiff.ledger import entries
    from refdiff.mistakes import explanation, mistakes_of

    known = asked(name)
    vectors = Vectors().of(name)
    mistakes = {key.partition("__")[2]: explanation(function) for key, function in mistakes_of(name).items()}
    printed = [entry for entry in entries() if name in entry.formulas]
    if as_json:
        fields = {"name": name, "subject": known.subject, "arguments": known.arguments, "document": known.document}
        told = {key: {"what": what, "fix": fix, "seen in": seen} for key, (what, fix, seen) in mistakes.items()}
        print(
            json.dumps(
                {
                    **fields,
                    "cases": [vector.id for vector in vectors],
                    "mistakes": told,
                    "ledger": [entry.id for entry in entries() if name in entry.formulas],
                },
                indent=1,
            )
        )
        return
    out = console()
    out.print(f"[bold]refdiff.reference.{known.subject}.{name}[/]")
    say(out, f"{name}({', '.join(known.arguments)})\n\n{known.document}")
    out.print()
    out.print("[bold]Proof[/]")
    say(out, f"proofs/test_{known.subject}.py, proofs/test_statements.py", "    ")
    if printed:
        out.print()
        out.print("[bold]Printed elsewhere[/], refdiff ledger ID")
        for entry in printed:
            say(out, f"{entry.id}: {entry.title}: {entry.verdict}", "    ")
    out.print()
    out.print(f"[bold]Vectors[/]: {len(vectors)} cases in golden/{known.subject}/{name}.json, such as")
    for vector in vectors[:3]:
        say(out, f"{vector.id}\n    {vector.comment}", "    ")
    out.print(f"\n[bold]Known mistakes[/]: {len(mistakes)}")
    for key, (what, fix, seen) in mistakes.items():
        say(out, f"{key}\n    {what}\n    fix: {fix}\n    seen in: {seen}", "    ")
