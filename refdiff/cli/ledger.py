"""`refdiff ledger`: which printed statements hold."""

import json
from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from refdiff.cli.terminal import USAGE, Json, console, fail, say
from refdiff.ledger import VERDICTS, Entry, entries, named

__all__ = ["ledger"]


def _chosen(identifier: str | None, verdict: str | None) -> list[Entry]:
    found = list(entries())
    if verdict is not None:
        meant = [one for one in VERDICTS if one.startswith(verdict)]
        if len(meant) != 1:
            fail(USAGE, f"no verdict is called {verdict!r}; give one of {', '.join(VERDICTS)}, or how one begins")
        found = [entry for entry in found if entry.verdict == meant[0]]
    if identifier is not None:
        found = named(identifier, found)
        if not found:
            fail(USAGE, f"the ledger has no entry {identifier!r}; `refdiff ledger` names them all")
    return found


def _whole(entry: Entry) -> None:
    out = console()
    say(out, f"{entry.id}: {entry.title}")
    out.print(f"[bold]{entry.verdict}[/]")
    if entry.scope:
        say(out, f"Scope: {entry.scope}")
    parts = {"Printed": entry.printed, "Reading": entry.reading, "Right": entry.right, "Numbers": entry.numbers}
    for title, text in parts.items():
        if text:
            out.print(f"\n[bold]{title}[/]")
            say(out, text, "    ")
    out.print("\n[bold]Evidence[/]")
    say(out, f"proofs/ledger/{entry.evidence.replace('.', '.py: ')}", "    ")
    if entry.formulas:
        out.print("\n[bold]Formulas[/]")
        say(out, ", ".join(entry.formulas), "    ")


def ledger(
    identifier: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One entry, such as 002/45 or 'Lemma 5.12', or how ids begin.")
    ] = None,
    verdict: Annotated[str | None, typer.Option(help="Only entries of this verdict, such as false.")] = None,
    as_json: Json = False,
) -> None:
    """Say of each printed equation and theorem whether it is right."""
    found = _chosen(identifier, verdict)
    if as_json:
        print(json.dumps([asdict(entry) for entry in found], indent=1))
        return
    if identifier is not None and len(found) == 1:
        _whole(found[0])
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("id", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("statement")
    for entry in found:
        table.add_row(entry.id, entry.verdict, escape(entry.title))
    out = console()
    out.print(table)
    counts = Counter(entry.verdict for entry in found)
    told = ", ".join(f"{counts[one]} {one}" for one in VERDICTS if counts[one])
    say(out, f"\n{len(found)} entries: {told}. refdiff ledger ID shows one whole")
