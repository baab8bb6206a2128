"""Golden cases: for each formula, inputs chosen to kill mistakes, each with what it hunts."""

import importlib
from functools import cache

from refdiff.catalogue import SUBJECTS, formulas
from refdiff.golden.cases.inputs import Case

__all__ = ["Case", "all_cases", "cases"]


@cache
def all_cases() -> dict[str, tuple[Case, ...]]:
    """The cases of every formula, by formula name, sorted by id.

    Raises:
        ValueError: when two cases share an id.
    """
    found: dict[str, tuple[Case, ...]] = {}
    for subject in SUBJECTS:
        module = importlib.import_module(f"refdiff.golden.cases.{subject}")
        for name, listed in module.cases().items():
            found[name] = tuple(sorted(listed, key=lambda case: case.id))
    ids = [case.id for listed in found.values() for case in listed]
    repeated = {identifier for identifier in ids if ids.count(identifier) > 1} if len(set(ids)) < len(ids) else set()
    if repeated:
        raise ValueError(f"case ids are used twice: {', '.join(sorted(repeated))}")
    return {name: found[name] for name in formulas() if name in found}


def cases(name: str) -> tuple[Case, ...]:
    """The cases of one formula, sorted by id."""
    return all_cases()[name]
