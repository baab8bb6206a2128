"""Progress of a long loop: a bar for a person at a terminal, ten plain lines otherwise."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Report", "progress", "silent"]

Report = Callable[[int, str], None]


def silent(done: int, note: str) -> None:
    """Report nothing."""


@contextmanager
def progress(title: str, total: int) -> Iterator[Report]:
    """A function of (steps done, note) that shows them on stderr."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[note]}"))
        with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(title, total=total, note="")
            yield lambda done, note: bar.update(task, completed=done, note=note)
        return
    start, shown = time.monotonic(), 0

    def line(done: int, note: str) -> None:
        nonlocal shown
        if done * 10 // max(total, 1) > shown:
            shown = done * 10 // max(total, 1)
            print(f"{title} {done}/{total} {note} {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)

    yield line
