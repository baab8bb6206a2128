"""Real bugs from public code are called wrong, and the diagnosis names what was reported and never another thing."""

from functools import cache
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from refdiff.conformance.adapter import Adapter
from refdiff.conformance.check import Result, Settings, check
from refdiff.conformance.diagnose import diagnose
from refdiff.conformance.judge import Verdict
from refdiff.golden.vectors import Vectors
from tests.adapters.real_bugs import Bug, losses, samplers, schedules
from tests.test_suspected import arguments, told

MODULES = (losses, samplers, schedules)
BUGS: dict[str, Bug] = {name: bug for module in MODULES for name, bug in module.BUGS.items()}


@cache
def vectors() -> Vectors:
    return Vectors()


@cache
def checked(name: str, dtype: str) -> Result:
    bug = BUGS[name]
    formula = bug.function.__name__.partition("__")[0]
    adapter = Adapter(name, {formula: bug.function}, {formula: arguments(bug.function)}, bug.array)
    return next(iter(check(adapter, vectors(), Settings(bug.array, dtype), [formula])))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", BUGS)
def test_a_real_bug_is_called_wrong(name: str, dtype: str) -> None:
    result = checked(name, dtype)
    assert result.verdict is Verdict.WRONG, told(result)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", BUGS)
def test_the_diagnosis_names_the_bug(name: str, dtype: str) -> None:
    diagnosis = checked(name, dtype).diagnosis
    assert (diagnosis.mistake if diagnosis else "") == BUGS[name].named


def _shifted(formula: str, by: Any) -> tuple[str, str]:
    found = diagnose([(one, one.value + by(one)) for one in vectors().of(formula)], "float64")
    return (found.mistake, found.what) if found else ("", "")


def test_one_constant_beside_every_value_is_told() -> None:
    """B139 leaves such a constant out where all data have the same bins."""
    assert _shifted("gaussian_log_density_isotropic", lambda one: -7.0) == ("offset", "the right value - 7")


def test_a_constant_of_each_case_is_told_apart_from_one_of_each_sample() -> None:
    rng = np.random.default_rng(3)
    formula = "gaussian_log_density_isotropic"
    assert _shifted(formula, lambda one: 100 + rng.uniform(1, 2))[0] == "offset"
    assert _shifted(formula, lambda one: 100 + rng.uniform(1, 2, one.value.shape)) == ("", "")


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_loss_reduced_over_the_batch_is_told(reduction: str) -> None:
    """B132 and its kin: what a framework's loss does unless it is asked for no reduction."""

    def loss(velocity: Any, velocity_hat: Any) -> Any:
        each = ((velocity - velocity_hat) ** 2).reshape(len(velocity), -1).mean(1)
        return getattr(each, reduction)()

    name = "flow_matching_loss"
    adapter = Adapter("reduced", {name: loss}, {name: arguments(loss)}, "torch")
    result = next(iter(check(adapter, vectors(), Settings("torch"), [name])))
    assert result.verdict is Verdict.WRONG
    assert result.diagnosis is not None
    assert result.diagnosis.what == f"the {reduction} over the batch in place of one value for each sample"
