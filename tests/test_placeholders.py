"""Placeholders: absent packages can be imported while a library is, and are absent again afterwards."""

import importlib
import subprocess
import sys

import pytest

from refdiff.adapters.placeholders import placeholders

ABSENT = "no_such_package"


def test_absent_package_can_be_imported_inside_the_block_alone() -> None:
    with placeholders(ABSENT):
        module = importlib.import_module(f"{ABSENT}.some.part")
        subclass = type("Subclass", (module.Thing,), {"answer": 42})
        assert subclass(1, key=2).answer == 42
    assert not [name for name in sys.modules if name.startswith(ABSENT)]
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(ABSENT)


def test_name_taken_from_an_absent_package_may_be_a_module() -> None:
    with placeholders(ABSENT):
        part = importlib.import_module(ABSENT).part
        with pytest.raises(ImportError, match=f"{ABSENT} is not installed; pip install it to use Thing"):
            part.Thing([part.Other()])(4)
        assert not hasattr(part, "_private")


def test_what_an_absent_package_gives_says_that_it_is_absent_when_used() -> None:
    with placeholders(ABSENT):
        thing = importlib.import_module(ABSENT).Thing(3)
    with pytest.raises(ImportError, match=f"{ABSENT} is not installed; pip install it to use Thing"):
        thing(4)


def test_installed_package_is_left_alone() -> None:
    with placeholders("json", "numpy"):
        assert importlib.import_module("json").loads("[1]") == [1]
        assert importlib.import_module("numpy").__file__


def test_placeholders_of_nothing_import_no_library() -> None:
    code = "import refdiff.adapters.placeholders, sys; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"
