"""A loss that carries a gradient is judged by it as well."""

import pytest

from refdiff.conformance.adapter import load_adapter
from refdiff.conformance.check import Settings, check
from refdiff.conformance.judge import Verdict
from refdiff.golden.vectors import Vectors

pytest.importorskip("torch")

HONEST = "((eps - eps_hat) ** 2).flatten(1).mean(1)"
# The right value, and half the gradient or none: a detached factor, a detached prediction.
HALF = "((eps - eps_hat) * (eps - eps_hat).detach()).flatten(1).mean(1)"
NONE = "((eps - eps_hat.detach()) ** 2).flatten(1).mean(1)"


def verdicts(tmp_path, body, array="torch"):
    path = tmp_path / "losses.py"
    path.write_text(f"ARRAY = '{array}'\n\ndef simple_loss(eps, eps_hat):\n    return {body}\n", encoding="utf-8")
    adapter = load_adapter(str(path))
    names = ["simple_loss", "simple_loss_gradient"]
    return {one.formula: one for one in check(adapter, Vectors(), Settings(array), names)}


def test_autograds_gradient_is_judged_without_being_asked_for(tmp_path):
    found = verdicts(tmp_path, HONEST)
    assert found["simple_loss"].verdict is Verdict.CONFORMANT
    assert found["simple_loss_gradient"].verdict is Verdict.CONFORMANT


def test_a_right_loss_with_half_the_gradient_is_wrong_and_so_named(tmp_path):
    found = verdicts(tmp_path, HALF)
    assert found["simple_loss"].verdict is Verdict.CONFORMANT
    assert found["simple_loss_gradient"].verdict is Verdict.WRONG
    assert found["simple_loss_gradient"].diagnosis.mistake == "simple_loss_gradient__halved"


def test_a_loss_without_a_gradient_is_not_provided_rather_than_wrong(tmp_path):
    assert verdicts(tmp_path, NONE)["simple_loss_gradient"].verdict is Verdict.NOT_PROVIDED


def test_numpy_losses_have_no_gradient_to_judge(tmp_path):
    found = verdicts(tmp_path, "((eps - eps_hat) ** 2).reshape(len(eps), -1).mean(1)", "numpy")
    assert found["simple_loss"].verdict is Verdict.CONFORMANT
    assert found["simple_loss_gradient"].verdict is Verdict.NOT_PROVIDED
