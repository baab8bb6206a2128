"""README's figures about other people's libraries, and the file they are made of: `tests/matrix.json`."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import refdiff
from refdiff.adapters.findings import findings_of, findings_table
from refdiff.adapters.libraries import LIBRARIES
from refdiff.catalogue import formulas

from .sources import ROOT

__all__ = ["MATRIX", "VERDICT_NAMES", "check_diffusers", "findings", "library_verdicts", "matrix", "table"]

MATRIX = ROOT / "tests" / "matrix.json"
_OTHERS = (("diffusers", "float32"), ("diffusers:exact", "float64"))
VERDICT_NAMES = ("conformant", "imprecise", "wrong", "not judged")
_CELLS = {"": "", "conformant": "conformant", "imprecise": "digits lost", "wrong": "**WRONG**", "not judged": "not judged"}


def table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; numbers with thousands separators."""

    def cell(value: object) -> str:
        return f"{value:,}" if isinstance(value, int) else str(value)

    lines = ["| " + " | ".join(map(cell, row)) + " |" for row in (titles, *rows)]
    return "\n".join([lines[0], "|---" * len(titles) + "|", *lines[1:]])


def library_verdicts() -> str:
    """What every library is found to be, in a file of its own: one line a formula."""
    done = subprocess.run(
        [sys.executable, "-m", "refdiff", "check", "--all-installed", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    columns = json.loads(done.stdout)
    missing = {library.target for library in LIBRARIES} - {column["library"] for column in columns if column["report"]}
    if missing:
        raise SystemExit(f"{', '.join(sorted(missing))} could not be checked; pip install --no-deps -r libraries.txt")
    parts = [f'"diffusers in other ways": {json.dumps([_counts(*other) for other in _OTHERS])}']
    for column in columns:
        rows = {one["formula"]: one["verdict"] for one in column["report"]["formulas"] if one["verdict"] != "not provided"}
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(verdict)}" for name, verdict in rows.items())
        version = json.dumps(column["version"])
        parts.append(f'{json.dumps(column["library"])}: {{"version": {version}, "verdicts": {{\n{lines}\n}}}}')
    return f'{{"date": "{date.today().isoformat()}", "refdiff": "{refdiff.__version__}",\n' + ",\n".join(parts) + "}\n"


def _counts(target: str, dtype: str) -> list[Any]:
    command = [sys.executable, "-m", "refdiff", "check", target, "--dtype", dtype, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    count = json.loads(done.stdout)["summary"]
    return [f"`{target}`", dtype, *(count[verdict] for verdict in VERDICT_NAMES), count["cases"]]


def check_diffusers() -> str:
    """Diffusers by dtype and by tables."""
    held = json.loads(MATRIX.read_text(encoding="utf-8"))
    return table(("target", "dtype", *VERDICT_NAMES, "cases"), held["diffusers in other ways"])


def _columns() -> dict[str, dict[str, Any]]:
    """(version, verdicts) of every library, as it was last found; tests of each library hold them."""
    held = json.loads(MATRIX.read_text(encoding="utf-8"))
    return {library.target: held[library.target] for library in LIBRARIES}


def matrix() -> str:
    """Library by verdict, and below it formula by library."""
    held = json.loads(MATRIX.read_text(encoding="utf-8"))
    counts, cells = [], []
    for target, column in _columns().items():
        count = Counter(column["verdicts"].values())
        counts.append((f"`{target}`", column["version"], *(count[verdict] for verdict in VERDICT_NAMES)))
    for name in formulas():
        found = [_CELLS[column["verdicts"].get(name, "")] for column in _columns().values()]
        if any(found):
            cells.append((f"`{name}`", *found))
    heads = ("formula", *(library.target.replace("_", " ") for library in LIBRARIES))
    return "\n".join(
        [
            f"{held['date']}, refdiff {held['refdiff']}, float64 on a CPU:",
            "",
            table(("library", "release", *VERDICT_NAMES), counts),
            "",
            "<details><summary>Formula by library: conformant, digits lost, WRONG; empty where it is not provided</summary>",
            "",
            table(heads, cells),
            "",
            "</details>",
        ]
    )


def findings() -> str:
    """What was found in each library, with numbers."""
    parts = []
    for library in LIBRARIES:
        version, found = findings_of(library.target)
        if found:
            title = f"<details><summary>{library.distribution} {version}: {len(found)}</summary>"
            parts += [title, "", findings_table(library.distribution, version, found).rstrip(), "", "</details>", ""]
    return "\n".join(parts)
