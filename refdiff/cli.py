"""The command line. Exit status: 0 conformant, 1 deviations, 2 usage, 3 the adapter failed, 4 integrity."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

import refdiff
from refdiff.catalogue import Formula, formula, formulas
from refdiff.conformance.adapter import AdapterError, load_adapter
from refdiff.conformance.arrays import UnavailableError
from refdiff.golden.files import IntegrityError

app = typer.Typer(help=refdiff.__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
golden = typer.Typer(help="The golden vectors.", no_args_is_help=True)
app.add_typer(golden, name="golden")

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


def _fail(status: int, sentence: str) -> NoReturn:
    print(f"refdiff: {sentence}", file=sys.stderr)
    raise typer.Exit(status)


def console() -> Console:
    """Where tables go: standard output, 80 columns where nobody looks."""
    plain = Console(highlight=False)
    return plain if plain.is_terminal else Console(highlight=False, width=80, soft_wrap=False)


def _asked(name: str) -> Formula:
    try:
        return formula(name)
    except LookupError as error:
        _fail(USAGE, str(error))


@app.command("list")
def list_formulas(as_json: Json = False) -> None:
    """List every formula with its certified error and number of golden cases."""
    from refdiff.golden.vectors import Vectors

    counts = Vectors().counts
    rows = [(one.subject, one.name, one.error, counts.get(one.name, 0), one.summary) for one in formulas().values()]
    if as_json:
        print(
            json.dumps([dict(zip(("subject", "name", "error", "cases", "summary"), row, strict=True)) for row in rows], indent=1)
        )
        return
    table = Table(box=None, pad_edge=False)
    for title in ("subject", "formula", "error (ulp)", "cases"):
        table.add_column(title, justify="right" if title in ("error (ulp)", "cases") else "left", no_wrap=True)
    for subject, name, (error, scale), cases, _ in rows:
        table.add_row(subject, name, f"{error:g}" + ("" if scale == "value" else " *"), str(cases))
    out = console()
    out.print(table)
    out.print(f"\n{len(rows)} formulas, {sum(counts.values())} golden cases. * relative to a stated scale: refdiff show NAME")


@app.command()
def show(name: Annotated[str, typer.Argument(help="A formula's name.")], as_json: Json = False) -> None:
    """Show one formula: statement, arguments, certified error, source, vectors, known mistakes."""
    from refdiff.golden.vectors import Vectors
    from refdiff.mistakes import explanation, mistakes_of

    asked = _asked(name)
    vectors = Vectors().of(name)
    known = {key: explanation(function) for key, function in mistakes_of(name).items()}
    if as_json:
        fields = {"name": name, "subject": asked.subject, "arguments": asked.arguments, "document": asked.document}
        told = {key: {"what": what, "fix": fix, "seen in": seen} for key, (what, fix, seen) in known.items()}
        print(json.dumps({**fields, "cases": [vector.id for vector in vectors], "mistakes": told}, indent=1))
        return
    out = console()
    out.print(f"[bold]{name}[/]({', '.join(asked.arguments)})    refdiff.reference.{asked.subject}\n")
    out.print(asked.document, markup=False)
    out.print(f"\n[bold]Proof[/]: proofs/test_{asked.subject}.py and proofs/test_statements.py")
    out.print(f"[bold]Vectors[/]: golden/{asked.subject}/{name}.json, {len(vectors)} cases, such as")
    for vector in vectors[:3]:
        out.print(f"  {vector.id}\n    {vector.comment}", markup=False)
    out.print(f"[bold]Known mistakes[/]: {len(known)}")
    for key, (what, fix, seen) in known.items():
        out.print(f"  {key.partition('__')[2]}: {what}", markup=False)
        out.print(f"    fix: {fix}\n    seen in: {seen}", markup=False)


@app.command()
def check(
    target: Annotated[str, typer.Argument(help="diffusers, production, module, module:object or file.py.")] = "production",
    array: Annotated[Array | None, typer.Option(help="Array library; the adapter's own choice, or numpy, unless given.")] = None,
    dtype: Annotated[Dtype, typer.Option(help="Arithmetic to ask for and to judge by.")] = Dtype.float64,
    device: Annotated[str, typer.Option(help="cpu, cuda or cuda:N.")] = "cpu",
    only: Annotated[list[str] | None, typer.Option("--formula", help="Only this formula; may be repeated.")] = None,
    case: Annotated[str | None, typer.Option(help="Only this case, with all its numbers.")] = None,
    as_json: Json = False,
    junit: Annotated[Path | None, typer.Option(help="Also write JUnit XML to this file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Also write an HTML report to this file.")] = None,
    seconds: Annotated[float, typer.Option(help="Limit on one call.", min=0.01)] = 20.0,
    vectors: VectorsFolder = None,
) -> None:
    """Check an implementation: is each formula right, how many digits does it keep, which mistake was made?"""
    from refdiff.conformance import report
    from refdiff.conformance.check import Result, Settings, check
    from refdiff.golden.vectors import Vectors

    names = [_asked(name).name for name in only or []]
    held = Vectors(vectors)
    if case is not None:
        names = [_asked(case.partition("/")[0].partition(".")[2]).name]
        if case not in {vector.id for vector in held.of(names[0])}:
            _fail(USAGE, f"no case is called {case!r}; `refdiff show {names[0]} --json` lists them")
    adapter = load_adapter(target)
    settings = Settings(array.value if array else adapter.array, dtype.value, device, seconds)
    results: list[Result] = []
    told = console()
    person = sys.stderr.isatty() and not as_json
    try:
        with Console(stderr=True).status("checking") if person else _silence() as status:
            for result in check(adapter, held, settings, names):
                results.append(result)
                if person and status is not None:
                    status.update(f"checking {result.formula}")
    except KeyboardInterrupt:
        _fail(130, f"interrupted after {len(results)} formulas; nothing was judged beyond them: {report.summary_line(results)}")
    if case is not None:
        results = [Result(one.formula, [out for out in one.outcomes if out.vector.id == case], one.diagnosis) for one in results]
    if junit:
        _write(junit, report.to_junit(results, target, settings))
    if html:
        from refdiff.conformance.page import to_html

        _write(html, to_html(results, target, settings))
    if as_json:
        print(report.to_json(results, target, settings))
    else:
        _print_results(told, results, target, settings, case)
    raise typer.Exit(report.exit_status(results))


class _silence:  # noqa: N801
    """A status that shows nothing."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        _fail(USAGE, f"cannot write {path} ({error.strerror}); give a path in a folder you may write to")


def _print_results(out: Console, results: list[Any], target: str, settings: Any, case: str | None) -> None:
    from refdiff.conformance import report
    from refdiff.conformance.judge import Verdict

    colours = {Verdict.CONFORMANT: "green", Verdict.IMPRECISE: "yellow", Verdict.WRONG: "red"}
    table = Table(box=None, pad_edge=False)
    for title in ("formula", "verdict", "cases", "digits kept"):
        table.add_column(title, justify="left" if title in ("formula", "verdict") else "right", no_wrap=True)
    for result in results:
        if result.verdict is Verdict.NOT_PROVIDED:
            continue
        colour = colours.get(result.verdict, "dim")
        passed = f"{result.count(Verdict.CONFORMANT)}/{len(result.outcomes)}"
        digits = min((one.judgement.digits for one in result.outcomes), default=float("inf"))
        kept = f"{max(digits, 0):.1f}" if result.worst and digits < 30 else ""
        table.add_row(result.formula, f"[{colour}]{result.verdict.value}[/]", passed, kept)
    out.print(table)
    for result in results:
        lines = report.failure_lines(result, target, settings)
        if lines:
            out.print()
            for line in lines:
                out.print(line, markup=False)
    if case is not None and results and results[0].outcomes:
        _print_case(out, results[0].outcomes[0])
    missing = [result.formula for result in results if result.verdict is Verdict.NOT_PROVIDED]
    out.print(f"\n{target} in {settings.dtype} on {settings.array} ({settings.device}): {report.summary_line(results)}")
    if missing and len(missing) <= 8:
        out.print(f"not provided: {', '.join(missing)}")


def _print_case(out: Console, outcome: Any) -> None:
    import numpy as np

    out.print("\ninputs:")
    for name, value in outcome.vector.given.items():
        text = np.array2string(value, threshold=12, precision=17) if isinstance(value, np.ndarray) else repr(value)
        out.print(f"  {name} = {text}", markup=False)
    out.print(f"wanted: {np.array2string(outcome.vector.value, threshold=64, precision=17)}", markup=False)
    if outcome.got is not None:
        out.print(f"got:    {np.array2string(outcome.got, threshold=64, precision=17)}", markup=False)


@app.command()
def certify(
    only: Annotated[list[str] | None, typer.Option("--formula", help="Only this formula; may be repeated.")] = None,
    tries: Annotated[int, typer.Option(help="Sets of random arguments for each formula.", min=1)] = 100,
    seed: Annotated[int, typer.Option(help="Another seed searches elsewhere.", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """Search the worst float64 error of the reference, against Arb, and compare it with the docstrings."""
    from refdiff.golden.certify import certify

    found = [certify(_asked(name), tries, seed) for name in only or formulas()]
    if as_json:
        print(json.dumps([{**one._asdict(), "arguments": None, "holds": one.holds} for one in found], indent=1))
    else:
        table = Table("formula", "worst (ulp)", "stated (ulp)", "values", box=None, pad_edge=False)
        for one in found:
            table.add_row(
                one.formula, f"{one.worst:.2f}", f"{one.stated:g}" if one.holds else f"[red]{one.stated:g}[/]", str(one.values)
            )
        console().print(table)
        held = sum(one.holds for one in found)
        console().print(f"\n{held} of {len(found)} stated errors hold over {sum(one.values for one in found)} values")
    raise typer.Exit(0 if all(one.holds for one in found) else 1)


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
            build(Path(folder), _progress())
            again = Vectors(Path(folder)).digests
        changed = sorted(file for file in {*again, *held.digests} if again.get(file) != held.digests.get(file))
        if changed:
            _fail(
                INTEGRITY,
                f"a rebuild differs in {len(changed)} files: {', '.join(changed[:5])}; values change only with a new revision",
            )
        print(f"rebuilt: all {len(again)} files identical to the bit")


@golden.command("build")
def golden_build(folder: Annotated[Path, typer.Argument(help="Where to write.")] = Path("golden")) -> None:
    """Build every vector: two roads to each value, certified, with the envelope of each dtype."""
    from refdiff.golden.build import build

    try:
        counts = build(folder, _progress())
    except OSError as error:
        _fail(USAGE, f"cannot write {folder} ({error.strerror}); give a folder you may write to")
    print(f"{sum(counts.values())} cases of {len(counts)} formulas in {folder}")


@golden.command("export")
def golden_export(
    name: Annotated[str, typer.Argument(help="A formula's name.")],
    target: Annotated[Path | None, typer.Argument(help="File to write; standard output unless given.")] = None,
) -> None:
    """Write one formula's vectors as a single JSON file, long arrays included, for a port in any language."""
    from refdiff.golden.export import export

    text = export(_asked(name))
    if target is None:
        print(text)
    else:
        _write(target, text)


@app.command()
def verify(
    report: Annotated[Path, typer.Option(help="Where the HTML report goes.")] = Path("report.html"),
    steps: Annotated[int | None, typer.Option(help="Training steps; fewer train less.", min=1)] = None,
) -> None:
    """Verify everything: proofs, certificates, vectors, conformance, and a network trained on real digits."""
    from refdiff.verify import verify

    out = console()
    try:
        rows = verify(
            report, steps, lambda row, seconds: print(f"{_MARK[row.held]} {row.claim} ({seconds:.0f} s)", file=sys.stderr)
        )
    except ValueError as error:
        _fail(USAGE, str(error))
    except KeyboardInterrupt:
        _fail(130, "interrupted; no report was written")
    table = Table("", "claim", "shown by", box=None, pad_edge=False)
    for row in rows:
        colour = {True: "green", False: "red", None: "dim"}[row.held]
        table.add_row(f"[{colour}]{_MARK[row.held]}[/]", row.claim, row.detail)
    out.print(table)
    failed, skipped = (sum(row.held is held for row in rows) for held in (False, None))
    out.print(f"\n{len(rows) - failed - skipped} claims held, {failed} failed, {skipped} not run; see {report}")
    raise typer.Exit(1 if failed else 0)


_MARK = {True: "held", False: "FAILED", None: "not run"}


def _progress() -> Any:
    return lambda name, count: print(f"{name}: {count} cases", file=sys.stderr)


def main() -> None:
    """Entry point: turns the faults a user can mend into one sentence and the right exit status."""
    try:
        app()
    except AdapterError as error:
        print(f"refdiff: {error}", file=sys.stderr)
        sys.exit(ADAPTER)
    except IntegrityError as error:
        print(f"refdiff: {error}", file=sys.stderr)
        sys.exit(INTEGRITY)
    except UnavailableError as error:
        print(f"refdiff: {error}", file=sys.stderr)
        sys.exit(USAGE)
    except ModuleNotFoundError as error:
        extra = {
            "flint": "golden",
            "sympy": "proofs",
            "torch": "torch",
            "sklearn": "torch",
            "matplotlib": "report",
            "jinja2": "report",
        }
        name = (error.name or "").partition(".")[0]
        print(f"refdiff: this command needs {name!r}; pip install 'refdiff[{extra.get(name, 'all')}]'", file=sys.stderr)
        sys.exit(USAGE)
