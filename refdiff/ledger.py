"""The ledger as text: which printed statements hold. Read from the source of `proofs/ledger`, nothing is run."""

import ast
import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from refdiff.golden.files import folder

__all__ = ["RULE", "VERDICTS", "Entry", "entries", "named"]

VERDICTS = (
    "proved",
    "true under a named convention",
    "notation slip",
    "false as printed",
    "heuristic",
    "definition",
    "not checkable",
)
# How a verdict is reached, a line each; README says the same.
RULE = (
    "A statement is read literally first, by its text's own definitions, then charitably; Reading says how.",
    "- False as printed: computed or decided as it stands, the value, law or fact is another, however plain the slip.",
    "- Notation slip: it cannot be computed as it stands (a bracket never closes, a log is taken of a quotient of matrices), or "
    "the value, law or fact is right and only a name is wrong.",
    "- True under a named convention: the text leaves open what the convention settles.",
    "- Heuristic: an approximation, of the order that Reading gives.",
    "A slip is charged where it stands: what refers to it is read with its right form. What is plainly the doing of the text's "
    "extraction from a PDF or a page is charged to nobody. Scope is what the proof covers; a left side in square brackets is one "
    "that the printed line continues.",
)
_SECTION = re.compile(r"^(Printed|Verdict|Scope|Reading|Right|Numbers|Formulas):[ \n]", re.MULTILINE)
# How people write ids, and how the ledger does.
_SPELLINGS = (
    (r"arxiv:|\b(?:eqs?|equations?)\b\.?|[()]", " "),
    (r"§|\bsec\b\.?", "section "),
    (r"\bthm\b\.?", "theorem"),
    (r"\bprop\b\.?", "proposition"),
    (r"\bcor\b\.?", "corollary"),
    (r"\bdef\b\.?", "definition"),
    (r"\brem\b\.?", "remark"),
    (r"\s*/\s*", "/"),
)


@dataclass(frozen=True)
class Entry:
    """One printed statement: where it stands, what it says, and what is true of it."""

    id: str
    title: str
    printed: str
    verdict: str
    scope: str
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
    told = {key: " ".join(found.get(key, "").split()) for key in ("Verdict", "Scope", "Reading", "Numbers")}
    return Entry(
        identifier, title.removesuffix("."), found.get("Printed", ""), told["Verdict"], told["Scope"], told["Reading"],
        found.get("Right", ""), told["Numbers"], names, evidence,
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


def _folded(identifier: str) -> str:
    """An id in one spelling: lower case, without brackets, abbreviations written out, an equation by its number alone."""
    for pattern, written in _SPELLINGS:
        identifier = re.sub(pattern, written, identifier.lower())
    return " ".join(identifier.split()).replace("/ ", "/")


def named(identifier: str, among: Iterable[Entry]) -> list[Entry]:
    """The entries of this id, with or without its document; where there is none, those whose ids begin with it."""
    wanted = _folded(identifier)
    ids = {entry: _folded(entry.id) for entry in among}
    rests = {entry: full.partition("/")[2] for entry, full in ids.items()}
    # Whole words first: "after 3" is "after 3 a", not "after 33 a".
    for fits in (wanted.__eq__, lambda one: one.startswith(f"{wanted} "), lambda one: one.startswith(wanted)):
        for names in (ids, rests):
            if found := [entry for entry, name in names.items() if fits(name)]:
                return found
    return []
