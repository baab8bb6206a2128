"""`refdiff golden`: the vectors."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from refdiff.cli.terminal import INTEGRITY, USAGE, VectorsFolder, asked, fail, write

__all__ = ["golden"]

golden = typer.Typer(help="The golden vectors.", no_args_is_help=True)


@golden.command("verify")
def golden_verify(
    vectors: VectorsFolder = None,
    rebuild: Annotated[bool, typer.Option(help="Also build every vector again and compare to the bit.")] = False,
) -> None:
    """Check every vector's digest, and with --rebuild every byte."""
    from refdiff.golden.vectors import Vectors

    held = Vectors(vectors)
    count = held.verify()
    print(f"{count} cases in {len(held.digests)} files are what the manifest promises")
    if rebuild:
        import tempfile

        from refdiff.golden.build import build

        with tempfile.TemporaryDirectory() as folder:
            build(Path(folder), _told)
            again = Vectors(Path(folder)).digests
        changed = sorted(file for file in {*again, *held.digests} if again.get(file) != held.digests.get(file))
        if changed:
            fail(
                INTEGRITY,
                f"a rebuild differs in {len(changed)} files: {', '.join(changed[:5])}; values change only with a new revision",
            )
        print(f"rebuilt: all {len(again)} files identical to the bit")


@golden.command("build")
def golden_build(
    folder: Annotated[Path, typer.Argument(help="Where to write.")] = Path("golden"),
    only: Annotated[list[str] | None, typer.Option(help="Only this formula; may be repeated. The others are kept.")] = None,
) -> None:
    """Build every vector: two roads to each value, certified, with the envelope of each dtype."""
    from refdiff.conformance.kills import kills, write_kills
    from refdiff.golden.build import build
    from refdiff.golden.vectors import Vectors

    try:
        counts = build(folder, _told, [asked(name).name for name in only or ()])
        write_kills(kills(Vectors(folder)), folder / "kills.json")
    except OSError as error:
        fail(USAGE, f"cannot write {folder} ({error.strerror}); give a folder you may write to")
    print(f"{sum(counts.values())} cases of {len(counts)} formulas in {folder}")


@golden.command("export")
def golden_export(
    name: Annotated[str, typer.Argument(help="A formula's name.")],
    target: Annotated[Path | None, typer.Argument(help="File to write; standard output unless given.")] = None,
) -> None:
    """Write one formula's vectors as a single JSON file, long arrays included, for a port in any language."""
    from refdiff.golden.export import export

    text = export(asked(name))
    if target is None:
        print(text)
    else:
        write(target, text)


def _told(name: str, count: int) -> None:
    print(f"{name}: {count} cases", file=sys.stderr)
