"""Every verdict of the ledger stands on evidence that runs."""

import importlib
import inspect

import pytest

from refdiff.catalogue import formulas
from refdiff.ledger import VERDICTS, entries

from .ledger.evidence import Counterexample, Order, Proof, Unchecked, faults, numbers

ENTRIES = {entry.id: entry for entry in entries()}
# What must be among the evidence of each verdict.
NEEDED = {
    "proved": Proof,
    "true under a named convention": Proof,
    "notation slip": Proof,
    "false as printed": Counterexample,
    "heuristic": Order,
    "definition": Proof,
    "not checkable": Unchecked,
}


def evidence(entry):
    module, _, name = entry.evidence.partition(".")
    found = getattr(importlib.import_module(f"{__package__}.ledger.{module}"), name)()
    return [found] if isinstance(found, (Proof, Counterexample, Order, Unchecked)) else list(found)


@pytest.mark.parametrize("identifier", ENTRIES)
def test_evidence_holds(identifier):
    entry = ENTRIES[identifier]
    found = evidence(entry)
    assert faults(found) == []
    assert any(isinstance(one, NEEDED[entry.verdict]) for one in found), f"{entry.verdict} needs {NEEDED[entry.verdict].__name__}"
    # A reader must see what a proof covers; the longest line that is not wrapped at 80 columns.
    assert bool(entry.scope) == any(isinstance(one, Proof) for one in found)
    assert len(f"Scope: {entry.scope}") < 80
    shown = [numbers(one) for one in found if isinstance(one, Counterexample)]
    assert entry.numbers == "; ".join(shown)


@pytest.mark.parametrize("identifier", ENTRIES)
def test_entry_says_all_it_must(identifier):
    entry = ENTRIES[identifier]
    assert entry.title
    assert entry.printed
    assert entry.verdict in VERDICTS
    assert set(entry.formulas) <= set(formulas())
    if entry.verdict in ("true under a named convention", "notation slip", "false as printed", "heuristic"):
        assert entry.right
    if entry.verdict not in ("proved", "definition"):
        assert entry.reading
    # A formula is never broken where a terminal of 80 columns ends.
    assert all(len(line) <= 75 for text in (entry.printed, entry.right) for line in text.splitlines())


def test_ids_are_unique():
    assert len(entries()) == len(ENTRIES)


def test_verdicts_need_evidence_of_their_kind():
    assert set(NEEDED) == set(VERDICTS)


def test_faults_are_found():
    assert faults(Proof(1, 2, (3,)))
    assert faults(Proof(1, 1, ()))
    assert faults(Proof(1, 1, (1,)))
    assert faults(Counterexample("x = 1", 2, 2))
    assert faults(Counterexample("x = 1", True, True))
    assert faults(Order(lambda h: h, 2, (lambda _: 1,)))
    assert faults(Order(lambda h: h, 1, ()))
    assert faults(Order(lambda h: h, 1, (lambda h: 2 * h,)))
    assert faults(Order(lambda h: h, 1, (lambda _: 0,)))
    assert faults(())
    assert not faults(Proof(1, 1, (2,)))
    assert not faults(Order(lambda h: h**1.5, 1.5, (lambda h: h,)))


def test_a_yes_or_no_is_told_as_one():
    assert numbers(Counterexample("x = 1, is it above 0", True, False)) == "at x = 1, is it above 0: printed yes, right no"


def test_entries_stand_alone():
    for entry in ENTRIES.values():
        module, _, name = entry.evidence.partition(".")
        function = getattr(importlib.import_module(f"{__package__}.ledger.{module}"), name)
        assert not inspect.signature(function).parameters
