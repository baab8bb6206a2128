"""Everything, end to end: proofs, certificates, vectors, conformance, and a network trained and measured."""

import contextlib
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path

import refdiff
from refdiff.golden.files import folder as vectors_folder
from refdiff.page import Section, SummaryRow, write_report

__all__ = ["verify"]

_LIMIT = 900.0
Told = Callable[[SummaryRow, float], None]


@contextlib.contextmanager
def _child(*command: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A child process in the background, ended by its own id when the block is left."""
    process = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _finished(process: subprocess.Popen[str]) -> tuple[bool, str]:
    """Whether a child succeeded, and its last line."""
    try:
        text, _ = process.communicate(timeout=_LIMIT)
    except subprocess.TimeoutExpired:
        return False, f"did not finish within {_LIMIT:.0f} s"
    lines = [line for line in text.splitlines() if line.strip()]
    return process.returncode == 0, lines[-1] if lines else f"no output, exit status {process.returncode}"


def _proofs() -> tuple[list[str], str]:
    """pytest's arguments for the proofs, and the folder they are a package in."""
    inside = vectors_folder().parent
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
        "-m",
        "not slow",
        f"--rootdir={inside}",
        "-c",
        os.devnull,
    ]
    return ["-m", "pytest", str(inside / "proofs"), *options], str(inside)


def _certificates() -> SummaryRow:
    from refdiff.catalogue import formulas
    from refdiff.golden.certify import certify

    found = [certify(one, tries=60) for one in formulas().values()]
    broken = [one for one in found if not one.holds]
    values = sum(one.values for one in found)
    detail = f"{len(found)} formulas, {values:,} float64 values against Arb"
    if broken:
        detail = f"{broken[0].formula} is {broken[0].worst:.3g} ulp off, its docstring says {broken[0].stated:g}"
    return SummaryRow("Every docstring's error bound holds", not broken, detail)


def _conformance(dtype: str, device: str = "cpu") -> SummaryRow:
    from refdiff.conformance.adapter import load_adapter
    from refdiff.conformance.check import Settings, check
    from refdiff.conformance.judge import Verdict
    from refdiff.conformance.report import summary_line
    from refdiff.golden.vectors import Vectors

    adapter = load_adapter("production")
    results = list(check(adapter, Vectors(), Settings("torch", dtype, device), list(adapter.functions)))
    held = all(result.verdict is Verdict.CONFORMANT for result in results)
    return SummaryRow(f"The production path agrees with the vectors in {dtype} on {device}", held, summary_line(results))


def _about() -> str:
    names = ("numpy", "scipy", "torch", "sympy", "python-flint")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"refdiff {refdiff.__version__}, {date.today().isoformat()}, Python {platform.python_version()}, {versions}"


def verify(report: Path, steps: int | None = None, told: Told = lambda row, seconds: None) -> list[SummaryRow]:
    """Run everything on the embedded default and write the report.

    Args:
        report: where the HTML page goes.
        steps: training steps; the default configuration's unless given.
        told: called with each row and its seconds as soon as it is known.

    Returns:
        One row for each claim; `held` is False where it failed and None where it could not be run here.

    Raises:
        ValueError: when the report cannot be written.
    """
    import torch

    if not os.access(report.resolve().parent, os.W_OK):
        raise ValueError(f"{report} cannot be written; give --report a path in a folder you may write to")
    rows: list[SummaryRow] = []
    start = time.monotonic()

    def add(row: SummaryRow) -> None:
        nonlocal start
        rows.append(row)
        told(row, time.monotonic() - start)
        start = time.monotonic()

    arguments, where = _proofs()
    rebuild = ("-m", "refdiff", "golden", "verify", "--rebuild")
    threads = torch.get_num_threads()
    with _child(*arguments, PYTHONPATH=where) as proofs, contextlib.ExitStack() as stack:
        # Training takes one core, the children the other, one after the other.
        torch.set_num_threads(1)
        sections, claims = _trained(steps)
        torch.set_num_threads(threads)
        for claim in claims:
            add(claim)
        held, last = _finished(proofs)
        add(SummaryRow("Every formula follows from its definition", held, re.sub(r"[=\s]+", " ", last).strip()))
        again = stack.enter_context(_child(*rebuild))
        add(_certificates())
        add(_conformance("float64"))
        add(_conformance("float32"))
        if torch.cuda.is_available():
            add(_conformance("float32", "cuda"))
        else:
            add(SummaryRow("The production path agrees with the vectors on a GPU", None, "no CUDA device"))
        add(SummaryRow("Two roads lead to every vector, rebuilt to the bit", *_finished(again)))
    write_report(report, "refdiff verify", rows, sections, _about())
    return rows


def _trained(steps: int | None) -> tuple[list[Section], list[SummaryRow]]:
    from dataclasses import replace

    from refdiff.production.audit import audit
    from refdiff.production.data import digits
    from refdiff.production.prediction import PREDICTIONS
    from refdiff.production.progress import progress
    from refdiff.production.sampling import Model
    from refdiff.production.sections import audit_sections, training_section
    from refdiff.production.training import TrainingConfig, schedule_of, train

    config = TrainingConfig() if steps is None else replace(TrainingConfig(), steps=steps)
    data = digits()
    with tempfile.TemporaryDirectory() as run, progress("training", config.steps) as shown:
        result = train(config, data, Path(run) / "digits.safetensors", report=shown)
    if result.interrupted:
        raise KeyboardInterrupt
    model = Model(result.network, PREDICTIONS[config.prediction], schedule_of(config))
    with progress("measuring", 6) as shown:
        measured = audit(model, data, report=shown)
    first, last = (float(part.mean()) for part in (result.losses[:50], result.losses[-200:]))
    row = SummaryRow(
        "Training lowers the loss", last < first / 2, f"{first:.3f} to {last:.4f} in {result.step} steps, {result.seconds:.0f} s"
    )
    return [training_section(result), *audit_sections(measured)], [row, *measured.claims()]
