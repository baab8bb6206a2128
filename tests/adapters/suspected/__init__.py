"""Code that looks wrong and is right, each beside the change that somebody asked for, which is wrong.

A function is named after its formula and, past two underscores, what is suspected in it.
"""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

__all__ = ["Question", "adapter"]


class Question(NamedTuple):
    """What was asked, the code as it stands, and what was proposed in its place."""

    thread: str
    right: tuple[Callable[..., Any], ...]
    wrong: tuple[Callable[..., Any], ...] = ()
    arrays: tuple[str, ...] = ("numpy", "torch")


def adapter(questions: Mapping[str, Question], array: str = "numpy") -> SimpleNamespace:
    """The first right form of every formula that is asked about: `refdiff check tests.adapters.suspected.MODULE:right`."""
    found: dict[str, Callable[..., Any]] = {}
    for question in questions.values():
        found.setdefault(question.right[0].__name__.partition("__")[0], question.right[0])
    return SimpleNamespace(ARRAY=array, **found)
