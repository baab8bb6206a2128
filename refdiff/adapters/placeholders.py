"""Stand-ins for packages that a library imports beside its mathematics: image data sets, experiment logs, launchers."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

__all__ = ["placeholders"]


class _Named(type):
    """What an absent package gives by name may have been a module, whose names are placeholders too."""

    def __getattr__(cls, name: str) -> type:
        if name.startswith("_"):
            raise AttributeError(name)
        return _Named(name, (_Placeholder,), {"__module__": cls.__module__})


class _Placeholder(metaclass=_Named):
    """Whatever an absent package would have given: it can be subclassed and built while a library is imported, not used."""

    def __init__(self, *_given: object, **_named: object) -> None:
        pass

    def __call__(self, *_given: object, **_named: object) -> Any:
        raise ImportError(f"{type(self).__module__} is not installed; pip install it to use {type(self).__name__}")


class _Absent(ModuleType):
    """A module whose every public name is a placeholder."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("_"):
            raise AttributeError(name)
        return _Named(name, (_Placeholder,), {"__module__": self.__name__})


class _Finder(MetaPathFinder, Loader):
    """Finds absent packages and their submodules."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)

    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        return ModuleSpec(fullname, self, is_package=True) if fullname.partition(".")[0] in self._names else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Absent(spec.name)

    def exec_module(self, _module: ModuleType) -> None:
        pass


@contextmanager
def placeholders(*names: str) -> Iterator[None]:
    """Inside the block, those of these packages that are not installed can be imported; afterwards they are absent again."""
    absent = [name for name in names if name not in sys.modules and PathFinder.find_spec(name) is None]
    finder = _Finder(absent)
    sys.meta_path.append(finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name, module in sys.modules.items() if isinstance(module, _Absent)]:
            del sys.modules[name]
