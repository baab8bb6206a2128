"""What the last full run found, for programs and for people."""

import datetime
import json
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import refdiff
from tests.releases.replay import Outcome
from tests.releases.replays import REPLAYS, SKIPPED

__all__ = ["PAGE", "RESULTS", "page", "write"]

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results.json"
PAGE = FOLDER / "RESULTS.md"


def write(outcomes: Sequence[Outcome]) -> None:
    """Both files, with the date and the versions that made them."""
    content = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "versions": {
            "refdiff": refdiff.__version__,
            "python": platform.python_version(),
            "numpy": version("numpy"),
            "torch": version("torch"),
        },
        "outcomes": [outcome.row() for outcome in outcomes],
    }
    RESULTS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(content), encoding="utf-8")


def page(content: dict[str, Any]) -> str:
    """The table for people."""
    replays = {replay.name: replay for replay in REPLAYS}
    made = ", ".join(f"{name} {number}" for name, number in content["versions"].items())
    lines = [
        "# Old releases replayed",
        "",
        f"`python -m tests.releases --write`, {content['date']}, {made}.",
        "Each release was fetched from the package index and asked by the same adapter before and after the fix; the line that",
        "was fixed was found in the one source and not in the other. Cases are those conformant of those run; named is what the",
        "diagnosis says of the release before, and where the fix is none of the one after.",
        "",
        "| bug | thread | what was wrong | releases | formula | dtype | before | after | named |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in content["outcomes"]:
        one = replays[row["replay"]]
        sides = [f"{row[part]['verdict']} {row[part]['conformant']}/{row[part]['cases']}" for part in ("before", "after")]
        cells = [one.bug, one.thread, one.what, f"{one.distribution} {one.before}, {one.after}", f"`{row['formula']}`", one.dtype]
        named = "; ".join(row[part]["mistake"] for part in ("before", "after") if row[part]["mistake"])
        lines.append(f"| {' | '.join([*cells, *sides, named or 'nothing'])} |")
    if notes := [f"- {one.name}: {one.note}." for one in REPLAYS if one.note]:
        lines += ["", "Notes:", "", *notes]
    lines += [
        "",
        "Not replayed, beside bugs of projects that the index does not hold:",
        "",
        *(f"- {bug}: {why}." for bug, why in SKIPPED.items()),
    ]
    return "\n".join(lines) + "\n"
