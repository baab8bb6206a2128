"""Right code that looks wrong is not flagged; what was proposed in its place is, wherever it is wrong."""

import inspect
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from refdiff.conformance.adapter import Adapter, load_adapter
from refdiff.conformance.check import Result, Settings, check
from refdiff.conformance.judge import Verdict
from refdiff.golden.vectors import Vectors

pytest.importorskip("torch")

from tests.adapters.suspected import Question, conventions, forms, grids, noisy_runs, reported, runs, weights

MODULES = (reported, conventions, forms, weights, grids, runs, noisy_runs)
QUESTIONS: dict[str, Question] = {name: question for module in MODULES for name, question in module.QUESTIONS.items()}


@cache
def vectors() -> Vectors:
    return Vectors()


def arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    """What a function asks for."""
    return tuple(inspect.signature(function).parameters)


@cache
def checked(function: Callable[..., Any], array: str, dtype: str) -> Result:
    name = function.__name__.partition("__")[0]
    adapter = Adapter(function.__name__, {name: function}, {name: arguments(function)}, array)
    return next(iter(check(adapter, vectors(), Settings(array, dtype), [name])))


def told(result: Result) -> str:
    """What a reader needs to see when a verdict is not the expected one."""
    one = result.worst
    return f"{result.reason} {result.short} {result.broken} {one and (one.vector.id, one.judgement)}"


def _asked(wrong: bool) -> Iterator[Any]:
    for name, question in QUESTIONS.items():
        for function in question.wrong if wrong else question.right:
            # A wrong run is as wrong in float32 and on other arrays, and its many runs take their time.
            once = wrong and "_path__" in function.__name__
            dtypes = ("float64",) if once else ("float64", "float32")
            for array in question.arrays[:1] if once else question.arrays:
                for dtype in dtypes:
                    yield pytest.param(function, array, dtype, id=f"{name}-{function.__name__}-{array}-{dtype}")


@pytest.mark.parametrize(("function", "array", "dtype"), list(_asked(wrong=False)))
def test_right_code_that_looks_wrong_is_conformant(function: Callable[..., Any], array: str, dtype: str) -> None:
    result = checked(function, array, dtype)
    assert result.verdict is Verdict.CONFORMANT, told(result)
    assert result.count(Verdict.CONFORMANT) >= 2, told(result)


@pytest.mark.parametrize(("function", "array", "dtype"), list(_asked(wrong=True)))
def test_what_was_proposed_in_its_place_is_called_wrong(function: Callable[..., Any], array: str, dtype: str) -> None:
    result = checked(function, array, dtype)
    assert result.verdict is Verdict.WRONG, told(result)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_each_module_is_an_adapter_that_the_command_takes(module: Any) -> None:
    adapter = load_adapter(f"{module.__name__}:right")
    asked = {question.right[0].__name__.partition("__")[0] for question in module.QUESTIONS.values()}
    assert set(adapter.functions) - {f"{name}_gradient" for name in asked} == asked
