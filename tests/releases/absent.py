"""Lets an old release be imported where its dependencies are absent or have moved on.

A release's formulas need torch and numpy alone; what else its modules import (a hub's client, image libraries, trackers)
is replaced by modules whose every attribute is an empty class or a word: it can be imported, inherited from and used as a
decorator.
Nothing that a formula calls may come from here, so calling one gives an object that no arithmetic takes. Unlike
`refdiff.adapters.placeholders`, which fills gaps only, these take the place of what is installed in too new a release.
"""

import sys
import tempfile
import typing
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

__all__ = ["bare", "pretend", "without_beartype"]


class _Module(ModuleType):
    __path__: ClassVar[list[str]] = []
    __version__ = "0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        # A constant is a name or a folder. All else is an exception, since some are caught by name, and takes any arguments.
        named = name.isupper() or self.__name__.endswith("constants")
        made: Any = str(Path(tempfile.gettempdir()) / "absent") if named else None
        if made is None:
            made = type(name, (Exception,), {"__module__": self.__name__, "__init__": lambda self, *_, **__: None})
        setattr(self, name, made)
        return made


class _Finder:
    """Finds the pretended packages and everything below them."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = set(names)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        known = any(name == one or name.startswith(f"{one}.") for one in self.names)
        return ModuleSpec(name, self, is_package=True) if known else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def pretend(*names: str) -> None:
    """Packages, or modules of them, that are empty from here on, whether they are installed or not."""
    sys.meta_path.insert(0, _Finder(names))  # type: ignore[arg-type]


def bare(*packages: str) -> None:
    """Packages whose modules can be imported although their own `__init__` is not run, outer ones first."""
    for package in packages:
        outer, _, last = package.rpartition(".")
        spec = PathFinder.find_spec(last if not outer else package, sys.modules[outer].__path__ if outer else None)
        if spec is None or spec.origin is None:
            raise ImportError(f"no package {package} on the path", name=package)
        module = ModuleType(package)
        module.__path__ = [str(Path(spec.origin).parent)]
        module.__dict__["__version__"] = "0"
        sys.modules[package] = module
        if outer:
            setattr(sys.modules[outer], last, module)


def without_beartype() -> None:
    """Calls whose types beartype would check go through unchecked, so that stand-ins can be handed over."""
    module: Any = ModuleType("beartype")
    module.beartype = lambda function: function
    module.typing = typing
    sys.modules.update({"beartype": module, "beartype.typing": typing})
