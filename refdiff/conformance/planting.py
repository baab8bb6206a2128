"""Whole runs of a sampler, one of whose steps is another function."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any
from unittest import mock

from refdiff.catalogue import formula, formulas
from refdiff.vocabulary import Quantities

__all__ = ["planted", "steps_of"]


def _called(function: Callable[..., Any]) -> Iterator[str]:
    """Names that a body uses, those of its module's private functions among them."""
    inner = [function.__code__]
    for code in inner:
        inner += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        for name in code.co_names:
            private = function.__globals__.get(name) if name.startswith("_") else None
            if isinstance(private, FunctionType) and private.__code__ not in inner:
                inner.append(private.__code__)
        yield from code.co_names


def steps_of(name: str) -> tuple[str, ...]:
    """The formulas that a run's body calls; none for what is not a run."""
    if not name.endswith("_path"):
        return ()
    return tuple(step for step in dict.fromkeys(_called(formula(name).function)) if step in formulas())


def planted(name: str, step: str, body: Callable[[Quantities], Any], quantities: Mapping[str, Any]) -> Any:
    """A whole run, one of whose steps has this body.

    Args:
        name: the run.
        step: one of the formulas that it calls.
        body: takes the step's arguments by name.
        quantities: of the run.
    """
    run, right, asked = formula(name).function, formula(step).function, formula(step).arguments

    def replaced(*given: Any) -> Any:
        # The body may call the right step, under the same name.
        with mock.patch.dict(run.__globals__, {step: right}):
            return body(Quantities(dict(zip(asked, given, strict=True))))

    with mock.patch.dict(run.__globals__, {step: replaced}):
        return run(*(quantities[argument] for argument in inspect.signature(run).parameters))
