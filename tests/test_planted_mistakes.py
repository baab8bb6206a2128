"""Planted mistakes are called wrong and named; what is right beside them stays conformant; every known mistake is killed."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from refdiff.catalogue import formula, formulas
from refdiff.conformance.adapter import load_adapter
from refdiff.conformance.check import Result, Settings, check
from refdiff.conformance.diagnose import diagnose
from refdiff.conformance.judge import Verdict
from refdiff.conformance.kills import kills, write_kills
from refdiff.golden.files import folder
from refdiff.golden.vectors import Vectors
from refdiff.mistakes import mistakes_of
from tests.adapters.planted import PLANTED


@cache
def vectors() -> Vectors:
    return Vectors()


@cache
def found(planted: str, dtype: str) -> dict[str, Result]:
    adapter = load_adapter(f"tests.adapters.planted:{planted}")
    names = [*PLANTED[planted], "posterior_variance_large", "marginal_mean", "snr_weight_v", "ddim_noise_scale", "log_alpha_bar"]
    return {result.formula: result for result in check(adapter, vectors(), Settings("numpy", dtype), names)}


_CASES = [(planted, name) for planted, wrong in PLANTED.items() for name in wrong]
# Explanations that are no known mistake of one formula.
STRUCTURAL = {"", "time index"}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("planted", "name"), _CASES)
def test_a_planted_mistake_is_called_wrong(planted: str, name: str, dtype: str) -> None:
    result = found(planted, dtype)[name]
    assert result.verdict is Verdict.WRONG
    assert result.worst is not None


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("planted", "name"), _CASES)
def test_the_diagnosis_names_the_planted_mistake_and_never_another(planted: str, name: str, dtype: str) -> None:
    diagnosis = found(planted, dtype)[name].diagnosis
    # What no known mistake explains, a change of the printed form in one place may.
    expected = {mistake if mistake in STRUCTURAL else f"{name}__{mistake}" for mistake in PLANTED[planted][name]}
    expected |= {"slip"} if "" in expected else set()
    assert (diagnosis.mistake if diagnosis else "") in expected
    assert diagnosis is None or diagnosis.fix or diagnosis.mistake in STRUCTURAL


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_right_beside_a_planted_mistake_stays_conformant(planted: str, dtype: str) -> None:
    for name, result in found(planted, dtype).items():
        if name not in PLANTED[planted]:
            assert result.verdict is Verdict.CONFORMANT, name


def test_a_shift_by_one_step_shows_at_every_stride() -> None:
    result = found("b030", "float64")["posterior_mean"]
    strided = [one for one in result.outcomes if one.vector.given["s"] != one.vector.given["t"] - 1]
    single = [one for one in result.outcomes if one.vector.given["s"] == one.vector.given["t"] - 1]
    assert {one.verdict for one in strided} == {Verdict.WRONG}
    assert {one.verdict for one in single} == {Verdict.CONFORMANT}


@pytest.mark.parametrize(
    "name", ["posterior_mean", "ddim_step", "gaussian_kl", "min_snr_weight_v", "betas_cosine", "alpha_bar", "simple_loss"]
)
def test_what_no_known_mistake_explains_is_not_explained(name: str) -> None:
    """A tenth of uneven noise on every value; and the same on all but one case, which a mistake could claim by luck."""
    rng = np.random.default_rng(7)
    failed = [(one, one.value * (1 + 0.1 * rng.uniform(0.5, 1.5, one.value.shape))) for one in vectors().of(name)]
    for dtype in ("float64", "float32"):
        assert diagnose(failed, dtype) is None


def test_a_mistake_that_one_case_of_many_shows_does_not_explain_the_rest() -> None:
    rng = np.random.default_rng(7)
    cases = vectors().of("marginal_variance")
    failed = [(one, one.value * rng.uniform(1.5, 3, one.value.shape)) for one in cases[:-1]] + [
        (cases[-1], cases[-1].value ** 0.5)
    ]
    assert diagnose(failed, "float64") is None


@cache
def matrix() -> list[dict[str, Any]]:
    return kills(vectors())


def test_every_known_mistake_is_killed_in_float64_and_float32() -> None:
    survivors = [row["mistake"] for row in matrix() if not (row["float32"] and row["float64"])]
    assert not survivors, "no golden case tells these from the truth: add a case that does"


def test_every_known_mistake_can_be_tried_on_some_case() -> None:
    assert not [row["mistake"] for row in matrix() if not row["cases"]]
    assert {row["mistake"] for row in matrix()} == {mistake for name in formulas() for mistake in mistakes_of(name)}


def test_a_mistake_that_equals_the_truth_survives(monkeypatch: pytest.MonkeyPatch) -> None:
    """The matrix itself can fail: a body that is right kills nothing."""
    monkeypatch.setattr(
        "refdiff.conformance.kills.mistakes_of", lambda name: {f"{name}__none": formula(name).function} if name == "sigma" else {}
    )
    (row,) = kills(vectors())
    assert row["cases"] == 24
    assert row["float64"] == row["float32"] == 0


def test_the_published_kill_matrix_is_the_one_the_vectors_give(tmp_path: Path) -> None:
    published = folder() / "kills.json"
    write_kills(matrix(), tmp_path / "kills.json")
    assert published.read_bytes() == (tmp_path / "kills.json").read_bytes(), "golden/kills.json is stale: rebuild the vectors"
