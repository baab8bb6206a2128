"""Every figure in README: `python -m tests.readme_figures` writes them anew between their markers.

It also writes what they are made of: `refdiff/production/verdicts.json` and `tests/matrix.json`.

A block is `<!-- generated: NAME -->`, its text, `<!-- end -->`; it may stand inside a sentence.
"""

import importlib
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from refdiff.catalogue import SUBJECTS, formulas
from refdiff.conformance.check import Result
from refdiff.ledger import VERDICTS, entries
from refdiff.mistakes import mistakes_of

from .library_figures import MATRIX, VERDICT_NAMES, check_diffusers, findings, library_verdicts, matrix, table
from .sources import ROOT

__all__ = ["FIGURES", "Command", "blocks", "commands", "listings", "rewritten", "run"]

README = ROOT / "README.md"
PRODUCTION = ROOT / "refdiff" / "production" / "verdicts.json"
_BLOCK = re.compile(r"(?P<start><!-- generated: (?P<name>[\w-]+) -->)(?P<text>.*?)(?P<end><!-- end -->)", re.DOTALL)
_FENCE = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_DTYPES = ("float64", "float32", "float16", "bfloat16")
_JUDGED = _DTYPES[:2]


class Command(NamedTuple):
    """One command as README prints it, and the exit status it says: 0 without `# exit status N`."""

    line: str
    status: int


def blocks(text: str) -> dict[str, str]:
    """The generated blocks of a page, by name, without surrounding blanks."""
    return {found["name"]: found["text"].strip() for found in _BLOCK.finditer(text)}


def listings(text: str) -> dict[str, str]:
    """Python listings that begin with the name of their file, as in `# my_adapter.py`."""
    fences = [fence["text"] for fence in _FENCE.finditer(text) if fence["kind"] == "python"]
    named = [(re.match(r"# (\w+\.py)\n", fence), fence) for fence in fences]
    return {found[1]: fence for found, fence in named if found}


def commands(text: str) -> Iterator[Command]:
    """Commands of the `sh` blocks and those behind `$` in the `console` blocks, one for each part of `a && b`."""
    for fence in _FENCE.finditer(text):
        lines = fence["text"].replace("\\\n", " ").splitlines()
        if fence["kind"] == "console":
            lines = [line[2:] for line in lines if line.startswith("$ ")]
        elif fence["kind"] not in {"sh", "bash", "shell"}:
            continue
        for line in lines:
            line, _, comment = line.partition(" # ")
            said = re.search(r"exit status (\d)", comment)
            for part in line.split("&&"):
                if part.strip() and not part.strip().startswith("#"):
                    yield Command(part.strip(), int(said[1]) if said else 0)


def run(command: str, folder: Path, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """One of README's commands, from a folder that holds README's listings, with this environment's programs."""
    for name, text in listings(README.read_text(encoding="utf-8")).items():
        (folder / name).write_text(text, encoding="utf-8")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    variables |= {"PATH": path, "NO_COLOR": "1", "COLUMNS": "80", "OMP_NUM_THREADS": "1"}
    return subprocess.run(shlex.split(command), cwd=folder, env=variables, capture_output=True, text=True, timeout=seconds)


def _manifest() -> dict[str, object]:
    found: dict[str, object] = json.loads((ROOT / "golden" / "manifest.json").read_text(encoding="utf-8"))
    return found


def told_of(adapter: str) -> str:
    """What one of README's own adapters is told."""
    with tempfile.TemporaryDirectory() as folder:
        told = run(f"refdiff check {adapter}", Path(folder)).stdout
    return "\n".join(["```text", *(line.rstrip() for line in told.strip().splitlines()), "```"])


def catalogue() -> str:
    """Formulas and cases by subject, and what is held in all."""
    cases = _manifest()["cases"]
    rows = []
    for subject in SUBJECTS:
        names = [one.name for one in formulas().values() if one.subject == subject]
        told = (importlib.import_module(f"refdiff.reference.{subject}").__doc__ or "").partition("\n")[0].removesuffix(".")
        rows.append((f"`{subject}`", told, len(names), sum(cases[name] for name in names)))  # type: ignore[index]
    mistakes = sum(len(mistakes_of(name)) for name in formulas())
    size = sum(path.stat().st_size for path in (ROOT / "golden").rglob("*") if path.is_file()) / 1e6
    held = f"{len(formulas())} formulas, {_manifest()['total']:,} golden cases in {size:.1f} MB, {mistakes} known mistakes."
    return table(("subject", "what", "formulas", "cases"), rows) + "\n\n" + held


@cache
def checked(target: str, dtype: str) -> Sequence[Result]:
    """What every formula of a target is found to be, on a CPU."""
    from refdiff.conformance.adapter import load_adapter
    from refdiff.conformance.check import Settings, check
    from refdiff.golden.vectors import Vectors

    adapter = load_adapter(target)
    return list(check(adapter, Vectors(), Settings(adapter.array, dtype), list(adapter.functions)))


def production_verdicts() -> str:
    """What `refdiff list` says of the production path, one line a formula, and how many cases say so in each dtype."""
    from refdiff.conformance.report import summary

    found: dict[str, dict[str, str]] = {}
    for dtype in _JUDGED:
        for result in checked("production", dtype):
            found.setdefault(result.formula, {})[dtype] = result.verdict.value
    rows = {name: found[name] for name in formulas() if name in found}
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(verdicts)}" for name, verdicts in rows.items())
    cases = json.dumps({dtype: summary(checked("production", dtype))["cases"] for dtype in _JUDGED})
    return '{"cases": ' + cases + ',\n"verdicts": {\n' + lines + "\n}}\n"


def check_production() -> str:
    """The production path in every dtype it supports, as tests/test_production_vectors.py finds it."""
    held = json.loads(PRODUCTION.read_text(encoding="utf-8"))
    rows = []
    for dtype in _JUDGED:
        count = Counter(verdicts[dtype] for verdicts in held["verdicts"].values())
        rows.append(("`production`", dtype, *(count[verdict] for verdict in VERDICT_NAMES), held["cases"][dtype]))
    return table(("target", "dtype", *VERDICT_NAMES, "cases"), rows)


def mutations() -> str:
    """How many one-place changes of the bodies were tried, and what noticed them."""
    total = json.loads((ROOT / "proofs" / "mutations.json").read_text(encoding="utf-8"))["total"]
    alike, altering, survived = (f"{total[key]:,}" for key in ("equivalent", "altering", "survived"))
    proved, stated = (f"{total[key]:,}" for key in ("killed_by_a_proof", "killed_by_the_statement"))
    return (
        f"{total['changes']:,} bodies with one change each (a sign, an exponent, an index, a factor): {alike} are another way\n"
        f"to write the same function; of the {altering} that alter it, {proved} fail a proof, {stated} contradict the\n"
        f"docstring's executed form, and {survived} survive both."
    )


def kills() -> str:
    """How many known mistakes at least one golden case tells from the truth, in each dtype."""
    rows = json.loads((ROOT / "golden" / "kills.json").read_text(encoding="utf-8"))["mistakes"]
    caught = [sum(row[dtype] > 0 for row in rows) for dtype in _DTYPES]
    return table(("known mistakes", *(f"caught in {dtype}" for dtype in _DTYPES)), [(len(rows), *caught)])


def ledger() -> str:
    """Printed statements by document and verdict."""
    documents = {"000": "abstract", "001": "abstract", "002": "tutorial", "003": "notes", "2511.11746": "theorems"}
    found = Counter((documents[entry.id.partition("/")[0]], entry.verdict) for entry in entries())
    rows = [(verdict, *(found[name, verdict] for name in dict.fromkeys(documents.values()))) for verdict in VERDICTS]
    return table(("verdict", *dict.fromkeys(documents.values())), rows) + f"\n\n{len(entries())} entries."


FIGURES: dict[str, Callable[[], str]] = {
    "formulas": lambda: str(len(formulas())),
    "cases": lambda: f"{_manifest()['total']:,}",
    "catalogue": catalogue,
    "example": lambda: told_of("my_adapter.py"),
    "sampler": lambda: told_of("my_sampler.py"),
    "check-production": check_production,
    "check-diffusers": check_diffusers,
    "matrix": matrix,
    "findings": findings,
    "mutations": mutations,
    "kills": kills,
    "ledger": ledger,
}


def rewritten(text: str, figures: Callable[[str], str]) -> str:
    """The page with every generated block made anew; one that stood on its own lines still does."""

    def block(found: re.Match[str]) -> str:
        fresh = figures(found["name"])
        apart = "\n" if "\n" in found["text"] or "\n" in fresh else ""
        return f"{found['start']}{apart}{fresh}{apart}{found['end']}"

    return _BLOCK.sub(block, text)


def main() -> None:
    """Writes README's blocks."""
    text = README.read_text(encoding="utf-8")
    PRODUCTION.write_text(production_verdicts(), encoding="utf-8")
    MATRIX.write_text(library_verdicts(), encoding="utf-8")
    README.write_text(rewritten(text, lambda name: FIGURES[name]()), encoding="utf-8")


if __name__ == "__main__":
    main()
