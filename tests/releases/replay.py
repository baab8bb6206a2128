"""One bug replayed: both releases fetched, their sources compared, and `refdiff check` run on each in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "Outcome", "Replay", "ReplayError", "Side", "replayed"]

ROOT = Path(__file__).resolve().parents[2]
FETCH_SECONDS = 300
CHECK_SECONDS = 300


class ReplayError(Exception):
    """A release that cannot be fetched, imported or asked, or whose source is not what the table says."""


@dataclass(frozen=True)
class Replay:
    """A fixed bug, and how its formulas are asked of the release before the fix and of the one after it.

    Attributes:
        bug: the bug's number in the bank.
        thread: where it was reported or fixed.
        what: what was wrong, as short as it can be said.
        distribution: name on the package index.
        before: the last release with the bug, or a late one.
        after: the first release without it, or an early one.
        adapter: module below `tests.releases.adapters`, with `:object` where it holds several.
        formulas: what is checked.
        file: source file of the release that holds the formula.
        wrong: a line that only the release before has; empty where the fix only added something.
        right: the line that only the release after has; empty where the fix only took something away.
        dtype: arithmetic of the check; float32 where the library's tables are.
        beside: small distributions that the release imports and that this environment may lack.
        verdicts: what is expected before and after.
        note: what a reader of the table must know.
    """

    bug: str
    thread: str
    what: str
    distribution: str
    before: str
    after: str
    adapter: str
    formulas: tuple[str, ...]
    file: str
    wrong: str
    right: str
    dtype: str = "float64"
    beside: tuple[str, ...] = ()
    verdicts: tuple[str, str] = ("wrong", "conformant")
    note: str = ""

    @property
    def name(self) -> str:
        """Unlike the bug's number unique: one bug may have been fixed in several libraries and releases."""
        return f"{self.bug} {self.distribution} {self.before}"


@dataclass(frozen=True)
class Side:
    """What `refdiff check` said of one formula of one release."""

    verdict: str
    conformant: int
    cases: int
    mistake: str = ""
    declined: int = 0


@dataclass(frozen=True)
class Outcome:
    """One formula before and after a fix."""

    replay: str
    formula: str
    before: Side
    after: Side

    @property
    def verdicts(self) -> tuple[str, str]:
        return self.before.verdict, self.after.verdict

    def row(self) -> dict[str, Any]:
        return asdict(self)


def replayed(replay: Replay, cache: Path) -> list[Outcome]:
    """What was found, formula by formula.

    Raises:
        ReplayError: in one sentence, when one of the releases could not be asked.
    """
    folders = {version: fetched(replay.distribution, version, cache) for version in (replay.before, replay.after)}
    compare(replay, folders)
    beside = [fetched(*name.split("=="), cache) for name in replay.beside]
    before, after = (checked(replay, [folders[version], *beside]) for version in (replay.before, replay.after))
    return [Outcome(replay.name, name, before[name], after[name]) for name in replay.formulas]


def fetched(distribution: str, version: str, cache: Path) -> Path:
    """A folder that holds one release without its dependencies, fetched from the package index unless it is there."""
    folder = cache / f"{distribution}-{version}"
    if folder.is_dir():
        return folder
    part = cache / f"{distribution}-{version}.part"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--disable-pip-version-check"]
    pip += ["--retries", "1", "--timeout", "15"]
    try:
        done = subprocess.run(
            [*pip, "--target", str(part), f"{distribution}=={version}"], capture_output=True, text=True, timeout=FETCH_SECONDS
        )
    except subprocess.TimeoutExpired as late:
        raise ReplayError(f"{distribution} {version} was not fetched within {FETCH_SECONDS} s") from late
    if done.returncode:
        raise ReplayError(f"{distribution} {version} could not be fetched: {done.stderr.strip().splitlines()[-1:]}")
    part.rename(folder)
    return folder


def compare(replay: Replay, folders: Mapping[str, Path]) -> None:
    """Holds the table to the released sources: the wrong line is in the one only, the right one in the other only."""
    before, after = ((folders[version] / replay.file).read_text(encoding="utf-8") for version in (replay.before, replay.after))
    if replay.wrong and (replay.wrong not in before or replay.wrong in after):
        raise ReplayError(f"{replay.file}: {replay.wrong!r} is not in {replay.before} alone")
    if replay.right and (replay.right in before or replay.right not in after):
        raise ReplayError(f"{replay.file}: {replay.right!r} is not in {replay.after} alone")


def checked(replay: Replay, folders: list[Path]) -> dict[str, Side]:
    """`refdiff check` of one release, by formula."""
    # This project's own folder comes first, since a release may ship a package named tests.
    path = os.pathsep.join(map(str, [ROOT, *folders]))
    command = [sys.executable, "-m", "refdiff", "check", f"tests.releases.adapters.{replay.adapter}", "--json"]
    command += ["--dtype", replay.dtype, *(part for name in replay.formulas for part in ("--formula", name))]
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=CHECK_SECONDS)
    except subprocess.TimeoutExpired as late:
        raise ReplayError(f"{folders[0].name} was not checked within {CHECK_SECONDS} s") from late
    if done.returncode not in (0, 1):
        raise ReplayError(f"{folders[0].name}: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    return {one["formula"]: side(one) for one in json.loads(done.stdout)["formulas"]}


def side(told: Mapping[str, Any]) -> Side:
    """One formula's part of a report."""
    verdicts = [case["verdict"] for case in told["cases"]]
    diagnosis = told["diagnosis"] or {}
    known = str(diagnosis.get("mistake", ""))
    mistake = known if "__" in known else str(diagnosis.get("what", ""))
    return Side(told["verdict"], verdicts.count("conformant"), len(verdicts), mistake, len(told["declined"]))
