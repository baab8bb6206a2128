"""`refdiff list` and `refdiff show`: the catalogue."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

import refdiff
from refdiff.catalogue import formulas
from refdiff.cli.terminal import Json, asked, console, say
from refdiff.golden.files import folder

__all__ = ["list_formulas", "show"]


def _verdicts() -> dict[str, dict[str, str]]:
    """What `refdiff check` last said of the production path: verdict by formula and dtype."""
    file = Path(refdiff.__file__).parent / "production" / "verdicts.json"
    found: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))["verdicts"]
    return found


def _proofs() -> dict[str, str]:
    """Changes of each body that a proof refutes, of all that alter it."""
    file = folder().parent / "proofs" / "mutations.json"
    rows = json.loads(file.read_text(encoding="utf-8"))["formulas"]
    return {name: f"{row['killed_by_a_proof']}/{row['altering']}" for name, row in rows.items()}


def list_formulas(as_json: Json = False) -> None:
    """List every formula with its proof, certified error, golden cases and the verdict on its production version."""
    from refdiff.golden.vectors import Vectors

    counts, proofs, verdicts = Vectors().counts, _proofs(), _verdicts()
    known = formulas().values()
    if as_json:
        fields = [
            {
                "subject": one.subject,
                "name": one.name,
                "proof": proofs.get(one.name, ""),
                "error": one.error,
                "cases": counts.get(one.name, 0),
                "production": verdicts.get(one.name, {}),
                "summary": one.summary,
            }
            for one in known
        ]
        print(json.dumps(fields, indent=1))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("formula", no_wrap=True)
    for title in ("proof", "error", "cases"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("production", no_wrap=True)
    subject = ""
    for one in known:
        if one.subject != subject:
            subject = one.subject
            table.add_row(f"[bold]{subject}[/]")
        error, scale = one.error
        verdict = verdicts.get(one.name, {}).get("float64", "")
        limit = f"{error:g}" + ("  " if scale == "value" else " *")
        table.add_row("  " + one.name, proofs.get(one.name, ""), limit, str(counts.get(one.name, 0)), verdict)
    out = console()
    out.print(table)
    say(
        out,
        f"\n{len(known)} formulas, {sum(counts.values())} golden cases.\n"
        "proof: one-place changes of the body that a proof refutes, of all that alter it\n"
        "error: of the float64 body, in ulp; * of a scale that refdiff show NAME states\n"
        "production: verdict of refdiff check in float64; blank where there is no fast version",
    )


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
    say(out, f"{_proofs().get(name, 'none yet')} one-place changes of the body that alter it fail a proof", "    ")
    if name in _verdicts():
        out.print()
        out.print("[bold]Production version[/]")
        say(out, ", ".join(f"{verdict} in {dtype}" for dtype, verdict in _verdicts()[name].items()), "    ")
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
