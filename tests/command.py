"""The command line as a test runs it: fixtures for one run in an empty folder, and for an adapter written there."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from refdiff.cli import main

__all__ = ["RIGHT", "WRONG", "Done", "adapter", "one_sentence", "refdiff"]

RIGHT = "def snr_weight_v(snr_t):\n    return snr_t / (snr_t + 1)\n"
WRONG = "def marginal_variance(sigma_t):\n    return sigma_t\n"


class Done(NamedTuple):
    """What one run of the command came to."""

    status: int
    out: str
    err: str


@pytest.fixture
def refdiff(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Done]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "path", [*sys.path])

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["refdiff", *arguments])
        status: Any = 0
        try:
            main()
        except SystemExit as stop:
            status = stop.code or 0
        captured = capsys.readouterr()
        return Done(status, captured.out, captured.err)

    return run


@pytest.fixture
def adapter(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str, name: str = "mine.py") -> str:
        (tmp_path / name).write_text(text)
        return name

    return write


def one_sentence(done: Done, status: int, *words: str) -> None:
    assert done.status == status, done
    assert done.out == ""
    assert "Traceback" not in done.err
    assert done.err.count("\n") == 1
    assert done.err.startswith("refdiff: ")
    for word in words:
        assert word in done.err, done.err
