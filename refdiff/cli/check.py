"""`refdiff check` and `refdiff certify`: an implementation, and the reference itself."""

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from refdiff.catalogue import formulas
from refdiff.cli.terminal import USAGE, Array, Dtype, Json, VectorsFolder, asked, console, fail, say, write
from refdiff.conformance import report
from refdiff.conformance.adapter import load_adapter
from refdiff.conformance.check import Outcome, Result, Settings
from refdiff.conformance.check import check as run
from refdiff.conformance.judge import Verdict
from refdiff.golden.vectors import Vectors

__all__ = ["certify", "check"]

_COLOURS = {Verdict.CONFORMANT: "green", Verdict.IMPRECISE: "yellow", Verdict.WRONG: "red"}
_INTERRUPTED = 130


def check(
    target: Annotated[str, typer.Argument(help="A built-in adapter, module, module:object or file.py.")] = "production",
    array: Annotated[Array | None, typer.Option(help="Array library; the adapter's own choice, or numpy, unless given.")] = None,
    dtype: Annotated[Dtype, typer.Option(help="Arithmetic to ask for and to judge by.")] = Dtype.float64,
    device: Annotated[str, typer.Option(help="cpu, cuda or cuda:N.")] = "cpu",
    only: Annotated[list[str] | None, typer.Option("--formula", help="Only this formula; may be repeated.")] = None,
    case: Annotated[str | None, typer.Option(help="Only this case, with all its numbers.")] = None,
    as_json: Json = False,
    junit: Annotated[Path | None, typer.Option(help="Also write JUnit XML to this file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Also write an HTML report to this file.")] = None,
    seconds: Annotated[float, typer.Option(help="Limit on one call.", min=0.01)] = 20.0,
    all_installed: Annotated[
        bool, typer.Option("--all-installed", help="Every installed library with a built-in adapter, in one matrix.")
    ] = False,
    vectors: VectorsFolder = None,
) -> None:
    """Check an implementation: is each formula right, how many digits does it keep, which mistake was made?"""
    names = [asked(name).name for name in only or []]
    if all_installed:
        from refdiff.cli.matrix import matrix

        if target != "production" or array or junit or case or vectors or device != "cpu":
            fail(USAGE, "--all-installed goes with --dtype, --formula, --json and --html alone; name one target for the rest")
        matrix(names, dtype.value, as_json, html)
    held = Vectors(vectors)
    if case is not None:
        names = [asked(case.partition("/")[0].rpartition(".")[2]).name]
        if case not in {vector.id for vector in held.of(names[0])}:
            fail(USAGE, f"no case is called {case!r}; `refdiff show {names[0]} --json` lists them")
    adapter = load_adapter(target)
    settings = Settings(array.value if array else adapter.array, dtype.value, device, seconds)
    results: list[Result] = []
    interrupted = False
    with _status(as_json) as told:
        try:
            for result in run(adapter, held, settings, names, [case] if case else []):
                told(result.formula)
                results.append(result)
        except KeyboardInterrupt:
            interrupted = True
    if junit:
        write(junit, report.to_junit(results, target, settings))
    if html:
        from refdiff.conformance.page import write_page

        try:
            write_page(html, results, target, settings)
        except ValueError as error:
            fail(USAGE, str(error))
    if as_json:
        print(report.to_json(results, target, settings))
    else:
        _print_results(results, target, settings)
        if case is not None and results and results[0].outcomes:
            _print_case(results[0].outcomes[0])
    if interrupted:
        fail(_INTERRUPTED, f"interrupted after {len(results)} formulas; what is shown was judged in full, the rest not at all")
    raise typer.Exit(report.exit_status(results))


@contextlib.contextmanager
def _status(quiet: bool) -> Iterator[Any]:
    """Names the formula under way to a person at a terminal; says nothing to a program."""
    if quiet or not sys.stderr.isatty():
        yield lambda formula: None
        return
    with Console(stderr=True).status("checking") as status:
        yield lambda formula: status.update(f"checking, {formula} done")


def _print_results(results: list[Result], target: str, settings: Settings) -> None:
    out = console()
    table = Table(box=None, pad_edge=False)
    table.add_column("formula", overflow="fold")
    table.add_column("verdict", no_wrap=True)
    sampled = any(result.orders for result in results)
    for title in ("cases", "digits kept", *(("order",) if sampled else ())):
        table.add_column(title, justify="right", no_wrap=True)
    for result in results:
        if result.verdict is Verdict.NOT_PROVIDED:
            continue
        colour = _COLOURS.get(result.verdict, "dim")
        worst = result.worst
        digits = worst.judgement.digits if worst else np.inf
        kept = f"{max(0.0, digits):.1f}" if worst and np.isfinite(digits) else ""
        passed = f"{result.count(Verdict.CONFORMANT)}/{len(result.outcomes)}"
        cells = (passed, kept, report.order_cell(result)) if sampled else (passed, kept)
        table.add_row(result.formula, f"[{colour}]{result.verdict.value}[/]", *cells)
    if table.row_count:
        out.print(table)
    imprecise = [result for result in results if result.verdict is Verdict.IMPRECISE]
    # A library with float32 tables is imprecise throughout: the table says by how much, one formula shows why.
    detailed = [result for result in results if result.verdict is Verdict.WRONG] + imprecise[: 3 if len(imprecise) <= 3 else 1]
    for result in detailed:
        out.print()
        say(out, "\n".join(report.failure_lines(result, target, settings)))
    if len(imprecise) > 3:
        out.print(f"\n{len(imprecise) - 1} more are imprecise: refdiff check {target} --formula NAME shows each")
    out.print()
    say(out, f"{target} in {settings.dtype} on {settings.array} ({settings.device}): {report.summary_line(results)}")
    if unjudged := report.unjudged_line(results, settings.dtype):
        say(out, unjudged)
    missing = [result for result in results if result.verdict is Verdict.NOT_PROVIDED]
    if missing and (len(missing) <= 8 or not table.row_count):
        for result in missing[:8]:
            say(out, f"  {result.formula} is not provided: {result.reason}")


def _print_case(outcome: Outcome) -> None:
    out = console()

    def shown(value: Any) -> str:
        return np.array2string(value, threshold=64, precision=17) if isinstance(value, np.ndarray) else repr(value)

    out.print("\ninputs")
    for name, value in outcome.vector.given.items():
        say(out, f"{name} = {shown(value)}", "  ")
    out.print("wanted")
    say(out, shown(outcome.vector.value), "  ")
    if outcome.got is not None:
        out.print("got")
        say(out, shown(outcome.got), "  ")


def certify(
    only: Annotated[list[str] | None, typer.Option("--formula", help="Only this formula; may be repeated.")] = None,
    tries: Annotated[
        int, typer.Option(help="Sets of arguments for each formula; half of them near the worst found.", min=1)
    ] = 200,
    seed: Annotated[int, typer.Option(help="Another seed searches elsewhere.", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """Search the worst float64 error of the reference, against Arb, and compare it with the docstrings."""
    from refdiff.golden.certify import certify

    found = []
    with _status(as_json) as told:
        for name in only or formulas():
            found.append(certify(asked(name), tries, seed))
            told(name)
    if as_json:
        print(json.dumps([{**one._asdict(), "arguments": None, "holds": one.holds} for one in found], indent=1))
        raise typer.Exit(0 if all(one.holds for one in found) else 1)
    table = Table(box=None, pad_edge=False)
    table.add_column("formula", no_wrap=True)
    for title in ("worst (ulp)", "stated (ulp)", "values"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in found:
        stated = f"{one.stated:g}" if one.holds else f"[red]{one.stated:g} is false[/]"
        table.add_row(one.formula, f"{one.worst:.2f}", stated, f"{one.values:,}")
    out = console()
    out.print(table)
    holding = sum(one.holds for one in found)
    out.print(f"\n{holding} of {len(found)} stated errors hold over {sum(one.values for one in found):,} values")
    raise typer.Exit(0 if holding == len(found) else 1)
