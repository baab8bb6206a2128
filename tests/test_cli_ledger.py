"""`refdiff ledger` at 80 columns, its filters, and what it says of a name it does not know."""

import json

import pytest

from refdiff.ledger import RULE, VERDICTS, entries, named

from .sources import ROOT

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
    for part in ("Scope", "Printed", "Reading", "Right", "Numbers", "Evidence", "Formulas", "gaussian_density"):
        assert part in told


@pytest.mark.parametrize(
    ("written", "ids"),
    [
        ("002/Eq. 7", ["002/7"]),
        ("eq. (7)", ["002/7"]),
        ("Lemma 5.12", ["2511.11746/Lemma 5.12"]),
        ("arXiv:2511.11746 / thm 5.4", ["2511.11746/Theorem 5.4"]),
        ("§5.3", ["2511.11746/section 5.3"]),
        ("002/After 33", [f"002/after 33 {letter}" for letter in "abc"]),
        ("after 3", [f"002/after 3 {letter}" for letter in "abcd"]),
        ("33", ["002/33", "2511.11746/(33)"]),
        ("002/999", []),
    ],
)
def test_an_id_may_be_spelled_as_papers_are_cited(written, ids):
    assert [entry.id for entry in named(written, entries())] == ids


def test_help_and_readme_give_one_rule(refdiff):
    told = [
        " ".join(text.split()) for text in (refdiff("ledger", "--help").out, (ROOT / "README.md").read_text(encoding="utf-8"))
    ]
    for line in RULE:
        assert all(line in text for text in told), line


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
