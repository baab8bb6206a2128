"""Real bugs from public code, written the way that code is written; their numbers are the collection's.

A function is named after its formula and, past two underscores, after the bug's number.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Bug"]


class Bug(NamedTuple):
    """One bug: where it was, the code, and the diagnosis that is right; an empty one is none at all."""

    thread: str
    function: Callable[..., Any]
    named: str
    array: str = "torch"
