"""The judge on numbers: what is conformant, what is imprecise, what is wrong, and what cannot be told."""

from dataclasses import replace

import numpy as np
import pytest

from refdiff.conformance.diagnose import diagnose
from refdiff.conformance.judge import Verdict, judge, ulp
from refdiff.golden.vectors import Vector
from tests.fakes import MATRIX, SCALAR, STATE, TIMES, judgements, truth, vector, vectors, verdict_on


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_the_truth_is_never_accused(dtype: str) -> None:
    accused = [name for name, found in judgements(truth, dtype) if found.verdict not in (Verdict.CONFORMANT, Verdict.NOT_JUDGED)]
    assert not accused


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("way", [1, -1])
def test_one_ulp_off_is_conformant(dtype: str, way: int) -> None:
    def off(one: Vector) -> np.ndarray:
        # A value of exactly 0 has no neighbour that arithmetic would give.
        return truth(one) if one.exact else np.where(one.value == 0, 0, truth(one) + way * ulp(one.value, dtype))

    accused = [name for name, found in judgements(off, dtype) if found.verdict in (Verdict.WRONG, Verdict.IMPRECISE)]
    assert not accused


def test_every_case_judges_float64() -> None:
    unjudged = [name for name, found in judgements(truth, "float64") if found.verdict is Verdict.NOT_JUDGED]
    assert not unjudged, f"{len(unjudged)} cases tell nothing, such as {unjudged[:3]}"


def test_most_cases_of_every_formula_judge_float32() -> None:
    for formula, count in vectors().counts.items():
        judged = sum(judge(one, truth(one), "float32").verdict is Verdict.CONFORMANT for one in vectors().of(formula))
        assert judged >= max(15, count / 2), formula


def test_steps_to_the_data_are_judged_in_every_formula_that_has_them() -> None:
    """s = 0 is where an index one row off shows most."""
    last = [one for one in vectors() if np.ndim(one.given.get("s", 1)) == 0 and one.given.get("s", 1) == 0]
    assert len(last) > 30
    assert not [one.id for one in last if judge(one, truth(one), "float64").verdict is not Verdict.CONFORMANT]
    judged = [one for one in last if judge(one, truth(one), "float32").verdict is Verdict.CONFORMANT]
    assert len(judged) >= 0.75 * len(last)


@pytest.mark.parametrize("identifier", [SCALAR, STATE, MATRIX])
def test_a_thousand_times_the_envelope_is_imprecise_in_float64(identifier: str) -> None:
    one = vector(identifier)
    found = verdict_on(one, truth(one) + 1000 * (one.expected["float64"] + ulp(one.value, "float64")))
    assert found.verdict is Verdict.IMPRECISE
    assert "float32" in found.judgement.reason
    assert found.judgement.badness > 100


def test_a_hundred_ulp_off_is_imprecise_where_rounding_is_small() -> None:
    def close(one: Vector) -> bool:
        return not one.exact and bool(one.value.all()) and bool((one.expected["float64"] < 10 * ulp(one.value, "float64")).all())

    tight = [one for one in vectors() if close(one)]
    assert len(tight) > 300
    for one in tight[::20]:
        found = judge(one, truth(one) + 100 * ulp(one.value, "float64"), "float64")
        assert found.verdict is Verdict.IMPRECISE
        assert found.ulps == pytest.approx(100, rel=0.02)
        assert 13 < found.digits < 15


@pytest.mark.parametrize("identifier", [SCALAR, STATE, MATRIX])
def test_a_thousandth_off_is_wrong(identifier: str) -> None:
    one = vector(identifier)
    assert verdict_on(one, truth(one) * 1.001, "float64").verdict is Verdict.WRONG
    # In float32 that may still be a loss of digits; a tenth may not.
    assert verdict_on(one, truth(one) * 1.001, "float32").verdict in (Verdict.WRONG, Verdict.IMPRECISE)
    assert verdict_on(one, truth(one) * 1.1, "float32").verdict is Verdict.WRONG


@pytest.mark.parametrize("identifier", [SCALAR, STATE, MATRIX, TIMES])
@pytest.mark.parametrize("filler", [np.nan, np.inf, -np.inf, 0.0, 1e300])
def test_a_constant_is_wrong(identifier: str, filler: float) -> None:
    one = vector(identifier)
    found = verdict_on(one, np.full(one.value.shape, filler))
    assert found.verdict is Verdict.WRONG
    if not one.exact and not np.isfinite(filler):
        assert ("nan" if np.isnan(filler) else "inf") in found.judgement.reason


def test_one_nan_among_right_values_is_wrong() -> None:
    one = vector(STATE)
    got = truth(one).copy()
    got.flat[-1] = np.nan
    found = verdict_on(one, got)
    assert found.verdict is Verdict.WRONG
    assert found.judgement.failed == 1
    assert found.judgement.worst == tuple(size - 1 for size in got.shape)


def test_nan_is_wrong_even_where_the_dtype_is_too_narrow_to_judge_digits() -> None:
    for one in vectors():
        reach = one.expected.get("float32")
        if not one.exact and np.isfinite(reach).all() and (reach > 0.01 * abs(one.value)).all():
            assert judge(one, np.full(one.value.shape, np.nan), "float32").verdict is Verdict.WRONG
            assert judge(one, truth(one), "float32").verdict is Verdict.NOT_JUDGED
            return
    pytest.fail("no case is too hard for float32")


def test_a_transposed_matrix_is_wrong_and_so_named() -> None:
    one = vector("gaussian.gaussian_affine_mean/d-3-v-1@1")
    square = replace(one, expected={key: np.stack([value, value * 3, value * 2]) for key, value in one.expected.items()})
    assert judge(square, truth(square), "float64").verdict is Verdict.CONFORMANT
    assert judge(square, truth(square).T, "float64").verdict is Verdict.WRONG
    found = diagnose([(square, truth(square).T)], "float64")
    assert found is not None
    assert found.mistake == "transposed"


@pytest.mark.parametrize("one", [np.inf, -np.inf, np.nan])
def test_special_values_compare_by_class(one: float) -> None:
    scalar = vector(SCALAR)
    expected = {key: np.asarray(0.0) for key in scalar.expected} | {"value": np.asarray(one)}
    special = replace(scalar, expected=expected)
    for got in (np.inf, -np.inf, np.nan, 0.0, 1e308):
        same = got == one or (np.isnan(got) and np.isnan(one))
        assert judge(special, np.asarray(got), "float64").verdict is (Verdict.CONFORMANT if same else Verdict.WRONG)


def test_a_zero_may_have_either_sign_but_nothing_else() -> None:
    zero = vector("posterior.posterior_mean_x_t_coefficient/linear-1000/s-0-t-1@1")
    assert zero.value == 0
    assert judge(zero, np.asarray(-0.0), "float64").verdict is Verdict.CONFORMANT
    assert judge(zero, np.asarray(1e-12), "float64").verdict is not Verdict.CONFORMANT


def test_half_precision_is_not_accused_of_leaving_its_range_and_float32_is() -> None:
    """A sum of squares overflows in float16 before it is halved."""
    one = next(one for one in vectors().of("denoising_score_matching_loss") if one.value.max() > 5e4)
    infinite = np.full_like(one.value, np.inf)
    assert judge(one, infinite, "float16").verdict is Verdict.NOT_JUDGED
    assert judge(one, infinite, "float32").verdict is Verdict.WRONG
    assert judge(one, 2 * one.value, "float16").verdict is Verdict.WRONG
