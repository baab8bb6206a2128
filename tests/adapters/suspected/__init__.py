"""Code that looks wrong and is right, each beside the change that somebody asked for, which is wrong.

A function is named after its formula and, past two underscores, what is suspected in it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Question"]


class Question(NamedTuple):
    """What was asked, the code as it stands, and what was proposed in its place."""

    thread: str
    right: tuple[Callable[..., Any], ...]
    wrong: tuple[Callable[..., Any], ...] = ()
    arrays: tuple[str, ...] = ("numpy", "torch")
