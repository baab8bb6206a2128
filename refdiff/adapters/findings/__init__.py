"""What refdiff found in other people's libraries, each with ten lines that show it without refdiff.

`got` is what the reproduction leaves in its variable `got`; `wanted` was evaluated in Arb at 256 bits from the definition, on
what the library documents. A test runs every reproduction and every evaluation. Nothing here names a convention a fault:
`documented` says what the library itself says of it, and is empty where it says nothing.
"""

import importlib
from collections.abc import Sequence
from importlib.util import find_spec
from typing import NamedTuple

__all__ = ["Finding", "findings_of", "findings_table"]


class Finding(NamedTuple):
    """One deviation of a library from a formula.

    Attributes:
        name: the finding's own name.
        what: what happens, in one line.
        formula: the formula it is about.
        inputs: on what.
        got: what the library gives.
        wanted: what it should give; empty where that is an error.
        why: where it comes from, and what it strikes.
        reproduction: Python that leaves `got`, with the library alone.
        case: a golden case that shows it, where one does.
        documented: what the library says of it.
        reported: address of the thread where it is reported.
        also: other formulas that it strikes.
    """

    name: str
    what: str
    formula: str
    inputs: str
    got: tuple[float, ...]
    wanted: tuple[float, ...]
    why: str
    reproduction: str
    case: str = ""
    documented: str = ""
    reported: str = ""
    also: tuple[str, ...] = ()


def findings_of(target: str) -> tuple[str, Sequence[Finding]]:
    """(version, findings) of a built-in adapter's library; ("", ()) where nothing is recorded."""
    name = f"{__name__}.{target.partition(':')[0]}"
    if not target.partition(":")[0].isidentifier() or find_spec(name) is None:
        return "", ()
    module = importlib.import_module(name)
    return module.VERSION, module.FINDINGS


def findings_table(library: str, version: str, findings: Sequence[Finding]) -> str:
    """The findings in Markdown: a row of at most 120 columns each, and below them what the links are."""
    rows = [f"| {library} | what | got | wanted | documented | issue |", "|---|---|---|---|---|---|"]
    links: dict[str, None] = {}
    for one in findings:
        got, wanted = (", ".join(f"{x:.8g}" for x in numbers) or "an error" for numbers in (one.got, one.wanted))
        documented = "in a comment" if one.documented else "no"
        issue = f"[#{one.reported.rpartition('/')[2]}]" if one.reported else "none known"
        if one.reported:
            links[f"{issue}: {one.reported}"] = None
        rows.append(f"| {version} | {one.what} | {got} | {wanted} | {documented} | {issue} |")
    return "\n".join([*rows, "", *links])
