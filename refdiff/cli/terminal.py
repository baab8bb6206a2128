"""What every command shares: where output goes, how faults end, common options."""

import sys
import textwrap
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from refdiff.catalogue import Formula, formula

__all__ = [
    "ADAPTER",
    "INTEGRITY",
    "USAGE",
    "Array",
    "Dtype",
    "Json",
    "VectorsFolder",
    "asked",
    "console",
    "fail",
    "say",
    "write",
    "write_bytes",
]

USAGE, ADAPTER, INTEGRITY = 2, 3, 4


class Array(StrEnum):
    """Array libraries an adapter may want."""

    numpy = "numpy"
    torch = "torch"
    jax = "jax"
    cupy = "cupy"


class Dtype(StrEnum):
    """Arithmetics an adapter may be asked for."""

    float64 = "float64"
    float32 = "float32"
    float16 = "float16"
    bfloat16 = "bfloat16"


Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
VectorsFolder = Annotated[
    Path | None, typer.Option("--vectors", help="Folder of golden vectors; the package's own unless given.")
]


def fail(status: int, sentence: str) -> NoReturn:
    """End with one sentence on stderr."""
    print(f"refdiff: {sentence}", file=sys.stderr)
    raise typer.Exit(status)


def console() -> Console:
    """Where tables go: standard output, 80 columns where nobody looks."""
    plain = Console(highlight=False)
    return plain if plain.is_terminal else Console(highlight=False, width=80)


def say(out: Console, text: str, indent: str = "") -> None:
    """Plain text, wrapped line by line under its own indent."""
    for line in text.splitlines():
        margin = indent + line[: len(line) - len(line.lstrip())]
        for piece in textwrap.wrap(line.strip(), out.width - len(margin) - 1, break_on_hyphens=False, break_long_words=False) or [
            ""
        ]:
            out.print(margin + piece, markup=False, soft_wrap=True)


def asked(name: str) -> Formula:
    """The formula of this name; a usage error where there is none."""
    try:
        return formula(name)
    except LookupError as error:
        fail(USAGE, str(error))


def write(path: Path, text: str) -> None:
    """Write a text file the user asked for; a usage error where that fails."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file the user asked for; a usage error where that fails."""
    try:
        path.write_bytes(content)
    except OSError as error:
        fail(USAGE, f"cannot write {path} ({error.strerror}); give a path in a folder you may write to")
