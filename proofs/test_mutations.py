"""Proofs that bite: change any formula in one place, and its docstring's form or a proof of its subject must fail."""

import ast
import inspect
import zlib
from contextlib import ExitStack

import pytest

from refdiff.catalogue import SUBJECTS, formulas

from .kills import altering, failed_proof, fails_its_statement, planted, proofs_of
from .mutations import Mutant, mutants, rebuilt

FORMULAS = formulas()
STATED = [name for name, known in FORMULAS.items() if not known.whole_run]


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_has_a_proof_and_changes_that_alter_it(name):
    assert proofs_of(name)
    assert altering(name)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_proof_fails_when_the_bodies_are_rebuilt_unchanged(subject):
    names = [name for name, known in FORMULAS.items() if known.subject == subject]
    with ExitStack() as stack:
        for name in names:
            source = ast.unparse(ast.parse(inspect.getsource(FORMULAS[name].function)))
            stack.enter_context(planted(Mutant(name, "", rebuilt(source, name))))
        for proof in dict(proof for name in names for proof in proofs_of(name)).values():
            proof()


@pytest.mark.parametrize("name", STATED)
def test_every_altering_change_contradicts_the_docstring(name):
    assert [mutant.line for mutant in altering(name) if not fails_its_statement(mutant)] == []


@pytest.mark.parametrize("name", FORMULAS)
def test_an_altering_change_fails_a_proof(name):
    changed = altering(name)
    mutant = changed[zlib.crc32(name.encode()) % len(changed)]
    assert failed_proof(mutant), mutant.line


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMULAS)
def test_every_altering_change_fails_a_proof(name):
    assert [mutant.line for mutant in altering(name) if not failed_proof(mutant)] == []


def test_changes_are_of_many_kinds():
    lines = {mutant.line for name in ("posterior_variance", "ddim_step") for mutant in mutants(name)}
    for text in (
        "fall = xp.expm1(xp.wide(log_alpha_bar_t) - log_alpha_bar_s)",
        "return xp.rounded(xp.expm1(log_alpha_bar_s) * xp.wide(xp.expm1(log_alpha_bar_t)) * fall)",
        "return xp.rounded(xp.expm1(log_alpha_bar_s) / xp.wide(xp.exp(log_alpha_bar_t)) * fall)",
        "return xp.rounded(xp.expm1(log_alpha_bar_t) / xp.wide(xp.expm1(log_alpha_bar_t)) * fall)",
        "kept = xp.sqrt(ratio * ((1 - eta) * (1 + eta) + eta ** 3 * share))",
        "kept = ratio * ((1 - eta) * (1 + eta) + eta ** 2 * share)",
    ):
        assert text in lines
