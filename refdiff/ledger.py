"""The ledger as text: which printed statements hold. Read from the source of `proofs/ledger`, nothing is run."""

import ast
import inspect
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from refdiff.golden.files import folder

__all__ = ["VERDICTS", "Entry", "entries"]

VERDICTS = (
    "proved",
    "true under a named convention",
    "notation slip",
    "false as printed",
    "heuristic",
    "definition",
    "not checkable",
)
_SECTION = re.compile(r"^(Printed|Verdict|Reading|Right|Numbers|Formulas):[ \n]", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """One printed statement: where it stands, what it says, and what is true of it."""

    id: str
    title: str
    printed: str
    verdict: str
    reading: str
    right: str
    numbers: str
    formulas: tuple[str, ...]
    evidence: str


def _entry(document: str, evidence: str) -> Entry:
    heading, *parts = _SECTION.split(inspect.cleandoc(document))
    found = {title: inspect.cleandoc("\n" + text).strip() for title, text in zip(parts[::2], parts[1::2], strict=True)}
    identifier, _, title = " ".join(heading.split()).partition(": ")
    names = tuple(re.findall(r"\w+", found.get("Formulas", "")))
    told = {key: " ".join(found.get(key, "").split()) for key in ("Verdict", "Reading", "Numbers")}
    return Entry(
        identifier, title.removesuffix("."), found.get("Printed", ""), told["Verdict"], told["Reading"], found.get("Right", ""),
        told["Numbers"], names, evidence,
    )  # fmt: skip


def _order(entry: Entry) -> tuple[str, tuple[int, ...], bool, str]:
    """By document, then by the numbers in the id, a sentence behind the equation it follows."""
    source, _, rest = entry.id.partition("/")
    return source, tuple(map(int, re.findall(r"\d+", rest))), "after" in rest, rest


@cache
def entries(root: Path | None = None) -> tuple[Entry, ...]:
    """Every entry, sorted by id.

    Args:
        root: folder that holds `proofs`; the installed one unless given.
    """
    place = (root or folder().parent) / "proofs" / "ledger"
    found = []
    for path in sorted(place.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and "\nVerdict:" in inspect.cleandoc(document := ast.get_docstring(node) or ""):
                found.append(_entry(document, f"{path.stem}.{node.name}"))
    return tuple(sorted(found, key=_order))
