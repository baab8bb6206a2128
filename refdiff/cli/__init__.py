"""The command line. Exit status: 0 conformant, 1 deviations, 2 usage, 3 the adapter failed, 4 integrity."""

import sys

import typer

import refdiff
from refdiff.cli.catalogue import list_formulas, show
from refdiff.cli.check import certify, check
from refdiff.cli.golden import golden
from refdiff.cli.ledger import ledger
from refdiff.cli.production import audit, sample, train, verify
from refdiff.cli.terminal import ADAPTER, INTEGRITY, USAGE
from refdiff.conformance.adapter import AdapterError
from refdiff.conformance.arrays import UnavailableError
from refdiff.golden.files import IntegrityError
from refdiff.ledger import RULE

__all__ = ["app", "main"]

app = typer.Typer(help=refdiff.__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(verify)
app.command()(check)
app.command("list")(list_formulas)
app.command()(show)
app.command(epilog="\n\n".join(RULE))(ledger)
app.command()(certify)
app.command()(train)
app.command()(sample)
app.command()(audit)
app.add_typer(golden, name="golden")

_STATUS: dict[type[Exception], int] = {AdapterError: ADAPTER, IntegrityError: INTEGRITY, UnavailableError: USAGE}
_EXTRA = {"flint": "golden", "sympy": "proofs", "torch": "torch", "sklearn": "torch", "matplotlib": "report", "jinja2": "report"}


def main() -> None:
    """Entry point: turns the faults a user can mend into one sentence and the right exit status."""
    try:
        app()
    except tuple(_STATUS) as error:
        print(f"refdiff: {error}", file=sys.stderr)
        sys.exit(_STATUS[type(error)])
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        print(f"refdiff: this command needs {name!r}; pip install 'refdiff[{_EXTRA.get(name, 'all')}]'", file=sys.stderr)
        sys.exit(USAGE)
