"""report.html: one self-contained page from tables and pictures, for phone and desk, light and dark."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from refdiff.writing import write_atomically

__all__ = ["Picture", "Section", "SummaryRow", "Table", "write_report"]


@dataclass(frozen=True)
class SummaryRow:
    """One claim, whether it held (None: not run), and the number that shows it."""

    claim: str
    held: bool | None
    detail: str


@dataclass(frozen=True)
class Table:
    """A table; every cell but the first of a row is set as a number."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Picture:
    """A PNG, with a second one for dark pages where the first would not do; `pixels` keeps hard edges when enlarged."""

    caption: str
    light: bytes
    dark: bytes | None = None
    pixels: bool = False


@dataclass(frozen=True)
class Section:
    """A heading, a few sentences, what they are about, and code that shows it."""

    title: str
    paragraphs: Sequence[str] = ()
    pictures: Sequence[Picture] = ()
    tables: Sequence[Table] = field(default_factory=tuple)
    code: Sequence[str] = field(default_factory=tuple)


def _data_uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()


def write_report(
    path: Path, title: str, summary: Sequence[SummaryRow], sections: Sequence[Section] = (), about: str = ""
) -> None:
    """Write the page, atomically.

    Args:
        path: where to; its folder is made where it is missing.
        title: heading of the page.
        summary: rows of the table on top, in order; the verdict beside the title follows from them.
        sections: what comes below, such as `training_sections(...)`.
        about: one line at the foot: versions, machine, time.

    Raises:
        ValueError: when the file cannot be written.
    """
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("refdiff"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["data_uri"] = _data_uri
    page = environment.get_template("report.html").render(
        title=title,
        summary=summary,
        sections=sections,
        about=about,
        broken=sum(row.held is False for row in summary),
        not_run=sum(row.held is None for row in summary),
        held=sum(row.held is True for row in summary),
    )
    write_atomically(path, page.encode())
