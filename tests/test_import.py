"""Importing is cheap and quiet: nothing optional loads, nothing is contacted, and every module can be imported."""

import importlib
import json
import subprocess
import sys

import pytest

from .sources import module_name, python_files

HEAVY = {"torch", "sympy", "mpmath", "flint", "matplotlib", "jinja2", "sklearn", "diffusers", "safetensors", "array_api_compat"}
TERMINAL = {"rich", "typer", "click"}
TESTING = {"pytest", "hypothesis"}
OPTIONAL = HEAVY | TESTING
MODULES = [module_name(path) for path in python_files("refdiff") if path.name != "__main__.py"]

WATCHED = """
import json, sys
seen = []
watched = ("socket.", "urllib.", "http.", "ftplib.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "pickle.")
sys.addaudithook(lambda event, args: seen.append(event) if event.startswith(watched) else None)
import {module}
print(json.dumps([sorted({{name.partition(".")[0] for name in sys.modules}}), seen]))
"""


def loaded(module: str) -> tuple[set[str], list[str]]:
    """Top-level packages that importing one module loads in a fresh process, and what it reached for outside."""
    script = WATCHED.format(module=module)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    packages, events = json.loads(done.stdout)
    return set(packages), events


def test_import_refdiff_loads_nothing_optional_and_reaches_nothing_outside():
    packages, events = loaded("refdiff")
    assert {"refdiff", "numpy", "scipy"} <= packages
    assert not packages & (OPTIONAL | TERMINAL)
    assert not events


@pytest.mark.parametrize(
    "module", ["refdiff.cli", "refdiff.pytest_plugin", "refdiff.conformance.check", "refdiff.golden.vectors"]
)
def test_edges_load_only_what_they_need(module):
    packages, events = loaded(module)
    needed = {"refdiff.cli": TERMINAL, "refdiff.pytest_plugin": TESTING}.get(module, set())
    assert not packages & ((OPTIONAL | TERMINAL) - needed)
    assert not [event for event in events if not event.startswith("subprocess.")]


@pytest.mark.parametrize("module", MODULES)
def test_module_can_be_imported(module):
    try:
        importlib.import_module(module)
    except ImportError as error:
        missing = (error.name or str(error).split()[0]).partition(".")[0]
        if missing not in OPTIONAL:
            raise
        pytest.skip(f"{missing} is not installed")
