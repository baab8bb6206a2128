"""`refdiff ledger` at 80 columns, its filters, and what it says of a name it does not know."""

import json

import pytest

from refdiff.ledger import VERDICTS, entries

pytest_plugins = ["tests.command"]


def test_every_entry_is_listed_once_within_80_columns(refdiff):
    done = refdiff("ledger")
    assert done.status == 0
    assert max(map(len, done.out.splitlines())) <= 80
    assert f"{len(entries())} entries" in done.out


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_filters_by_how_it_begins(refdiff, verdict):
    done = refdiff("ledger", "--verdict", verdict.split()[0] if verdict != "not checkable" else "not c", "--json")
    found = json.loads(done.out)
    assert found
    assert {entry["verdict"] for entry in found} == {verdict}


def test_a_document_filters_by_how_ids_begin(refdiff):
    found = json.loads(refdiff("ledger", "003", "--json").out)
    assert found
    assert all(entry["id"].startswith("003") for entry in found)


def test_one_entry_is_told_whole(refdiff):
    told = refdiff("ledger", "002/1").out
    for part in ("Printed", "Reading", "Right", "Numbers", "Evidence", "Formulas", "gaussian_density"):
        assert part in told


def test_every_equation_of_the_tutorial_and_every_document_is_judged():
    found = {entry.id for entry in entries()}
    assert {f"002/{number}" for number in range(1, 221)} <= found
    assert {identifier.partition("/")[0] for identifier in found} == {"000", "001", "002", "003", "2511.11746"}


@pytest.mark.parametrize(("words", "hint"), [(["002/999"], "no entry"), (["--verdict", "maybe"], "no verdict")])
def test_what_is_not_there_is_a_usage_error_in_one_sentence(refdiff, words, hint):
    done = refdiff("ledger", *words)
    assert done.status == 2
    assert hint in done.err
    assert done.err.count("\n") == 1


def test_show_links_to_the_ledger(refdiff):
    assert "002/45" in refdiff("show", "posterior_mean").out
    assert "002/45" in json.loads(refdiff("show", "posterior_mean", "--json").out)["ledger"]
