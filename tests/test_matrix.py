"""The matrix of libraries in README: of pinned releases, and nothing called wrong without code that shows it."""

import json
import re

import pytest

from refdiff.adapters.findings import findings_of
from refdiff.adapters.libraries import LIBRARIES, installed
from refdiff.catalogue import formulas

from .library_figures import MATRIX, library_verdicts
from .sources import ROOT

HELD = json.loads(MATRIX.read_text(encoding="utf-8"))
PINS = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE))
PROVIDERS = [library.target for library in LIBRARIES]
WRONG = [
    (library.target, name)
    for library in LIBRARIES
    for name, verdict in HELD[library.target]["verdicts"].items()
    if verdict == "wrong"
]


@pytest.mark.parametrize("library", LIBRARIES, ids=[library.target for library in LIBRARIES])
def test_matrix_and_findings_are_of_the_pinned_release(library):
    assert HELD[library.target]["version"] == findings_of(library.target)[0] == PINS[library.distribution]
    assert set(HELD[library.target]["verdicts"]) <= set(formulas())


@pytest.mark.parametrize(("target", "name"), WRONG, ids=[f"{target}-{name}" for target, name in WRONG])
def test_nothing_is_called_wrong_without_code_that_shows_it(target, name):
    found = [one for one in findings_of(target)[1] if name in (one.formula, *one.also)]
    assert found, f"{target}: {name} is wrong and no finding is about it"
    assert all(len(one.reproduction.strip().splitlines()) <= 10 for one in found)


@pytest.mark.parametrize("library", LIBRARIES, ids=[library.target for library in LIBRARIES])
def test_findings_are_about_formulas(library):
    for one in findings_of(library.target)[1]:
        assert {one.formula, *one.also} <= set(formulas()), one.name


@pytest.mark.slow
def test_matrix_is_what_the_libraries_give_now():
    pytest.importorskip("torch")
    missing = [library.target for library in LIBRARIES if library.target not in installed()]
    if missing:
        pytest.skip(f"{', '.join(missing)}: not installed; pip install --no-deps -c constraints.txt -r libraries.txt")
    now = json.loads(library_verdicts())
    assert {name: now[name] for name in PROVIDERS} == {name: HELD[name] for name in PROVIDERS}
