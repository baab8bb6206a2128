"""Known wrong bodies: same modules as the reference, names extended by what is wrong."""

import importlib
import inspect
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

from refdiff.catalogue import SUBJECTS

__all__ = ["explanation", "mistakes_of"]

_DOCSTRING = re.compile(r"(?P<what>\S[^\n]*)\n\nFix: (?P<fix>.+?)\nSeen in: (?P<seen_in>.+)", re.DOTALL)


def _module(subject: str) -> ModuleType:
    return importlib.import_module(f"refdiff.mistakes.{subject}")


def mistakes_of(formula_name: str) -> dict[str, Callable[..., Any]]:
    """Known mistakes for one formula.

    Args:
        formula_name: one of the names of the reference, such as `posterior_variance`.

    Returns:
        The wrong bodies by name, sorted; each asks for vocabulary quantities by parameter name.
    """
    prefix = formula_name + "__"
    modules = [_module(subject) for subject in SUBJECTS]
    found = {name: module for module in modules for name in module.__all__ if name.startswith(prefix)}
    return {name: getattr(found[name], name) for name in sorted(found)}


def explanation(function: Callable[..., Any]) -> tuple[str, str, str]:
    """What a mistake is, the right expression with its equation, and where it was seen.

    Args:
        function: one of the bodies that `mistakes_of` returns.

    Raises:
        ValueError: when the docstring has not these three parts.
    """
    found = _DOCSTRING.fullmatch(inspect.cleandoc(function.__doc__ or ""))
    if found is None:
        name = getattr(function, "__name__", repr(function))
        raise ValueError(f"{name} has a docstring of another shape; give what is wrong, a blank line, Fix: and Seen in:")
    what, fix, seen_in = (" ".join(part.split()).removesuffix(".") for part in found.groups())
    return what, fix, seen_in
