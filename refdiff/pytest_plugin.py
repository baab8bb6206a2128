"""`pytest --refdiff=my_adapter -n auto`: the golden cases as tests, one a case."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

__all__ = ["Case", "DeviationError", "Run"]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("refdiff", "check an implementation against refdiff's golden vectors")
    group.addoption("--refdiff", metavar="ADAPTER", help="module, module:object, .py file or built-in adapter to check")
    group.addoption("--refdiff-dtype", default="float64", metavar="DTYPE", help="float64, float32, float16 or bfloat16")
    group.addoption(
        "--refdiff-device", default="cpu", metavar="DEVICE", help="cpu, cuda (workers spread over the GPUs) or cuda:N"
    )
    group.addoption(
        "--refdiff-array", default=None, metavar="ARRAY", help="numpy, torch, jax or cupy; the adapter's own unless given"
    )
    group.addoption("--refdiff-formula", action="append", default=[], metavar="NAME", help="only this formula; may be repeated")


def _device(asked: str) -> str:
    """The GPU of this worker, where `cuda` was asked for and there are several."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    if asked != "cuda" or not worker.isdigit():
        return asked
    import torch

    return f"cuda:{int(worker) % max(torch.cuda.device_count(), 1)}"


class DeviationError(Exception):
    """A case that is imprecise or wrong."""


class Case(pytest.Item):
    """One golden case of the adapter under test."""

    def __init__(self, *, vector: Any, session_check: "_Check", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.vector, self.check = vector, session_check

    def runtest(self) -> None:
        from refdiff.conformance.check import outcome
        from refdiff.conformance.judge import Verdict
        from refdiff.conformance.report import case_lines, command

        check = self.check
        found = outcome(check.adapter, self.vector, check.lift, check.settings)
        if found.verdict in (Verdict.NOT_PROVIDED, Verdict.NOT_JUDGED):
            pytest.skip(found.judgement.reason or f"too hard for {check.settings.dtype}")
        if found.verdict is not Verdict.CONFORMANT:
            again = command(check.adapter.target, check.settings, self.vector.id)
            lines = [f"{self.vector.formula}: {found.verdict.value}", *case_lines(found, check.settings)]
            raise DeviationError("\n".join([*lines, f"  hunts: {self.vector.comment}", f"  again: {again}"]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, DeviationError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[str, int | None, str]:
        return str(self.config.rootpath), None, f"refdiff {self.vector.id}"


class Run(pytest.Item):
    """Invariants and orders of convergence of one sampler of the adapter under test."""

    def __init__(self, *, formula: str, session_check: "_Check", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.formula, self.check = formula, session_check

    def runtest(self) -> None:
        from refdiff.conformance.check import Result, beyond_cases
        from refdiff.conformance.report import run_lines

        check = self.check
        found = beyond_cases(check.adapter, Result(self.formula, ()), check.settings, check.lift)
        if told := run_lines(found):
            raise DeviationError("\n".join([f"{self.formula}: wrong", *(f"  {line}" for line in told)]))

    repr_failure = Case.repr_failure

    def reportinfo(self) -> tuple[str, int | None, str]:
        return str(self.config.rootpath), None, f"refdiff {self.formula}: orders and invariants"


class _Check:
    """What every case of a session shares."""

    def __init__(self, config: pytest.Config) -> None:
        from refdiff.catalogue import formula
        from refdiff.conformance.adapter import AdapterError, load_adapter
        from refdiff.conformance.arrays import DTYPES, UnavailableError, lifter
        from refdiff.conformance.check import Settings
        from refdiff.golden.files import IntegrityError
        from refdiff.golden.vectors import Vectors

        dtype, device = config.getoption("--refdiff-dtype"), config.getoption("--refdiff-device")
        if dtype not in DTYPES:
            raise pytest.UsageError(f"got --refdiff-dtype {dtype}, wanted one of {', '.join(DTYPES)}")
        try:
            self.adapter = load_adapter(config.getoption("--refdiff"))
            array = config.getoption("--refdiff-array") or self.adapter.array
            self.settings = Settings(array, dtype, _device(device))
            self.lift = lifter(array, dtype, self.settings.device)
            self.names = [formula(name).name for name in config.getoption("--refdiff-formula")]
            self.vectors = Vectors()
        except (AdapterError, UnavailableError, IntegrityError, LookupError) as error:
            raise pytest.UsageError(str(error)) from error

    @property
    def provided(self) -> list[str]:
        """The formulas asked for that the adapter has."""
        return sorted(name for name in self.names or self.vectors.counts if name in self.adapter.functions)

    def __iter__(self) -> Iterator[Any]:
        for name in self.provided:
            yield from self.vectors.of(name)

    @property
    def samplers(self) -> list[str]:
        """Those of them that are whole runs."""
        from refdiff.catalogue import formulas

        return [name for name in self.provided if formulas()[name].whole_run]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--refdiff"):
        from refdiff.golden.files import IntegrityError

        check = _Check(config)
        try:
            vectors = list(check)
        except IntegrityError as error:
            raise pytest.UsageError(str(error)) from error
        items.extend(Case.from_parent(session, name=f"refdiff::{one.id}", vector=one, session_check=check) for one in vectors)
        for name in check.samplers:
            items.append(
                Run.from_parent(session, name=f"refdiff::{name}/orders-and-invariants", formula=name, session_check=check)
            )
