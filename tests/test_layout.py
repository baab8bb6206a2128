"""One formula has one name everywhere, every module lists what it offers, and imports run one way."""

import ast
import importlib
import inspect
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from refdiff.catalogue import SUBJECTS, formulas

from .sources import ROOT, imported, module_name, package_of, python_files, tree

FORMULAS = list(formulas().values())
NAMES = [formula.name for formula in FORMULAS]
MODULES = {module_name(path): path for path in python_files("refdiff")}
CASES = 20
MISTAKES = 2

# What production modules offer beside formulas: batched coefficients, the schedule's tables, shape helpers.
PRODUCTION_HELPERS = {
    "schedule": {"Schedule"},
    "forward": {"like"},
    "posterior": {"posterior_mean_coefficients"},
    "step": {"ddpm_step_coefficients", "ddim_step_coefficients"},
    "denoiser": {"posterior_weights"},
    "path": {"Denoiser", "Rule", "states"},
    "singlestep": {"probability_flow_rk45"},
}

# Proofs' and definitions' tools: nothing on the fast path evaluates them.
WITHOUT_PRODUCTION = {"gaussian"}

# Which parts of refdiff each part may import; the root holds the version and the catalogue.
ARROWS = {
    "numbers": {"numbers"},
    "reference": {"numbers", "reference"},
    "definitions": {"numbers", "definitions"},
    "vocabulary": {"numbers", "vocabulary"},
    "writing": set(),
    "page": {"writing"},
    "catalogue": {"numbers", "reference"},
    "refdiff": {"catalogue", "reference"},
    "mistakes": {"numbers", "reference", "catalogue", "mistakes"},
    "golden": {"numbers", "reference", "definitions", "catalogue", "vocabulary", "golden"},
    "conformance": {"refdiff", "reference", "catalogue", "vocabulary", "mistakes", "golden", "page", "writing", "conformance"},
    "production": {"vocabulary", "page", "writing", "production"},
    "adapters": {"catalogue", "vocabulary", "production", "adapters"},
    "ledger": {"golden"},
    "verify": {"refdiff", "catalogue", "golden", "conformance", "production", "page"},
    "pytest_plugin": {"catalogue", "golden", "conformance"},
    "cli": {
        "refdiff",
        "adapters",
        "catalogue",
        "mistakes",
        "golden",
        "conformance",
        "production",
        "page",
        "writing",
        "verify",
        "ledger",
        "cli",
    },
    "__main__": {"cli"},
}
# A body may use nothing from outside that a number system could read differently: shapes and orders only.
OUTSIDE_OF_REFERENCE = {"itertools", "math"}


@cache
def public(module: str) -> set[str]:
    """Functions and classes that a module defines under a public name; pytest and typer find their own."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    defined = [node for node in top_level(tree(MODULES[module]).body) if isinstance(node, kinds)]
    commands = {node.name for node in defined if any(".command(" in ast.unparse(mark) for mark in node.decorator_list)}
    return {node.name for node in defined if not node.name.startswith(("_", "pytest_"))} - commands


def top_level(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """A module's statements, those under `if` and `try` among them."""
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try)):
            yield from top_level([*node.body, *node.orelse])


def bound(module: str) -> Iterator[str]:
    """Every name that a module binds at its top level."""
    for node in top_level(tree(MODULES[module]).body):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name


def listed(module: str) -> list[str] | None:
    """`__all__` as written; None where the module has none."""
    for node in tree(MODULES[module]).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return None


def in_order(name: str) -> tuple[int, list[tuple[int, str]]]:
    """Constants, then classes, then functions; numbers in names by value, as the linter sorts."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    parts = re.findall(r"\d+|\D+", name)
    return kind, [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def test_definitions_bear_the_same_names_and_parameters():
    pytest.importorskip("flint")
    for formula in FORMULAS:
        definition = getattr(importlib.import_module(f"refdiff.definitions.{formula.subject}"), formula.name, None)
        assert definition is not None, f"refdiff.definitions.{formula.subject} has no {formula.name}"
        assert tuple(inspect.signature(definition).parameters) == formula.arguments, formula.name


def test_golden_files_bear_the_same_names_and_hold_enough_cases():
    for formula in FORMULAS:
        content = json.loads((ROOT / "golden" / formula.subject / f"{formula.name}.json").read_text(encoding="utf-8"))
        assert content["formula"] == formula.name
        assert tuple(content["arguments"]) == formula.arguments, formula.name
        assert len(content["cases"]) >= CASES, formula.name
        for case in content["cases"]:
            assert case["id"].startswith(f"{formula.subject}.{formula.name}/")
            assert case["comment"], case["id"]


def test_golden_folder_holds_nothing_else():
    expected = {f"{formula.subject}/{formula.name}" for formula in FORMULAS} | {"inputs", "kills", "manifest", "solutions"}
    found = {str(path.relative_to(ROOT / "golden").with_suffix("")) for path in (ROOT / "golden").rglob("*.*")}
    assert found == expected


def test_mistakes_stand_in_the_same_module():
    for formula in FORMULAS:
        names = listed(f"refdiff.mistakes.{formula.subject}") or []
        assert sum(name.startswith(f"{formula.name}__") for name in names) >= MISTAKES, formula.name


@cache
def spoken(path: Path) -> set[str]:
    """What a test file's code speaks of: attributes, imported names, strings; not comments or local variables."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


@pytest.mark.parametrize("folder", ["proofs", "tests"])
def test_every_name_appears_in_its_subjects_proofs_and_tests(folder):
    silent = [one.name for one in FORMULAS if one.name not in spoken(ROOT / folder / f"test_{one.subject}.py")]
    assert not silent


@pytest.mark.parametrize("subject", SUBJECTS)
def test_modules_named_after_a_subject_offer_its_formulas_and_known_helpers(subject):
    of_subject = {formula.name for formula in FORMULAS if formula.subject == subject}
    assert set(listed(f"refdiff.definitions.{subject}") or []) == of_subject
    assert {name.partition("__")[0] for name in listed(f"refdiff.mistakes.{subject}") or []} == of_subject
    if f"refdiff.production.{subject}" not in MODULES:
        return
    fast = set(listed(f"refdiff.production.{subject}") or [])
    assert fast - of_subject == PRODUCTION_HELPERS.get(subject, set())
    assert fast & of_subject, "a production module without a formula; name it after what it holds"


def test_a_formula_name_is_not_used_for_anything_else():
    homes = {f"refdiff.{part}.{subject}" for part in ("reference", "definitions", "production") for subject in SUBJECTS}
    elsewhere = {
        f"{module}:{name}"
        for module in MODULES
        if module not in homes and package_of(module) != "adapters"
        for name in public(module) & set(NAMES)
    }
    assert not elsewhere


def unlike_its_list(module: str) -> Iterator[str]:
    """What is wrong with a module's `__all__`."""
    names, offered = listed(module), public(module)
    if names is None:
        if offered:
            yield f"{module} has no __all__ for {', '.join(sorted(offered))}"
        return
    if names != sorted(set(names), key=in_order):
        yield f"{module} does not sort its __all__, or names one twice"
    submodules = {name.rpartition(".")[2] for name in MODULES if name.rpartition(".")[0] == module}
    if unlisted := sorted(offered - set(names)):
        yield f"{module} does not list {', '.join(unlisted)}"
    if undefined := sorted(set(names) - {*bound(module), *submodules}):
        yield f"{module} lists {', '.join(undefined)} but has none"


def test_dunder_all_is_sorted_complete_and_true():
    faults = [fault for module in MODULES for fault in unlike_its_list(module)]
    assert not faults, "\n".join(faults)


def test_imports_run_one_way():
    faults = []
    for module, path in MODULES.items():
        part, names = package_of(module), set(imported(path))
        inside = {package_of(name) for name in names if name.partition(".")[0] == "refdiff"}
        assert part in ARROWS, f"{part} is new: say in ARROWS what it may import"
        faults += [f"{module} imports {name}" for name in sorted(inside - ARROWS[part])]
        if part == "reference":
            outside = {name for name in names if name.partition(".")[0] != "refdiff"}
            faults += [f"{module} imports {name}" for name in sorted(outside - OUTSIDE_OF_REFERENCE)]
    assert not faults, "\n".join(faults)


def test_arrows_have_no_cycle():
    order: list[str] = []
    waiting = {part: allowed - {part} for part, allowed in ARROWS.items()}
    while ready := [part for part, allowed in waiting.items() if allowed <= set(order)]:
        order += ready
        waiting = {part: allowed for part, allowed in waiting.items() if part not in ready}
    assert not waiting


def test_no_module_is_named_after_nothing():
    nameless = {"utils", "util", "common", "helpers", "helper", "misc", "core", "base", "torch"}
    found = [
        str(path.relative_to(ROOT)) for path in python_files() if nameless & set(path.relative_to(ROOT).with_suffix("").parts)
    ]
    assert not found


def test_every_subject_has_its_files():
    folders = ("refdiff/reference", "refdiff/definitions", "refdiff/mistakes", "refdiff/production", "refdiff/golden/cases")
    expected = [ROOT / folder / f"{subject}.py" for folder in folders for subject in SUBJECTS]
    expected += [ROOT / folder / f"test_{subject}.py" for folder in ("proofs", "tests") for subject in SUBJECTS]
    missing = {str(Path(path).relative_to(ROOT)) for path in expected if not path.is_file()}
    assert missing == {f"refdiff/production/{subject}.py" for subject in WITHOUT_PRODUCTION}
