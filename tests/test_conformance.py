"""The judge against fakes: what it accepts, what it calls imprecise, what it calls wrong, and what it survives."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from refdiff.conformance.adapter import Adapter
from refdiff.conformance.arrays import lifter
from refdiff.conformance.check import Outcome, Settings, check, outcome
from refdiff.conformance.diagnose import diagnose
from refdiff.conformance.judge import Judgement, Verdict, judge, ulp
from refdiff.conformance.report import exit_status, summary, to_json
from refdiff.golden.vectors import Vector, Vectors


@cache
def vectors() -> Vectors:
    return Vectors()


def vector(identifier: str) -> Vector:
    found = [one for one in vectors().of(identifier.partition(".")[2].partition("/")[0]) if one.id == identifier]
    assert found, f"the vectors have lost {identifier}"
    return found[0]


SCALAR = "posterior.posterior_variance/linear-10/s-4-t-5@1"
STATE = "step.ddim_step/linear-1000/s-480-t-500/x_0-eta-0.25@1"
MATRIX = "gaussian.gaussian_conditional_covariance/d-3-v-1@1"
TIMES = "schedule.timesteps_leading/T-1000-n-10@1"


def verdict_on(one: Vector, answer: Any, dtype: str = "float64", array: str = "numpy", seconds: float = 5.0) -> Outcome:
    """What the suite says of an implementation that answers this; a function is called, anything else returned."""
    function = answer if callable(answer) else lambda: answer
    adapter = Adapter("fake", {one.formula: function}, {one.formula: ()}, array)
    return outcome(adapter, one, lifter(array, dtype, "cpu"), Settings(array, dtype, seconds=seconds))


def truth(one: Vector) -> np.ndarray:
    return one.value if one.exact else one.value + one.expected["low"]


def judgements(answer: Callable[[Vector], np.ndarray], dtype: str) -> list[tuple[str, Judgement]]:
    return [(one.id, judge(one, answer(one), dtype)) for one in vectors()]


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

    accused = [name for name, found in judgements(off, dtype) if found.verdict is not Verdict.CONFORMANT]
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
        if not one.exact and (one.expected["float16"] > abs(one.value)).all():
            assert judge(one, np.full(one.value.shape, np.nan), "float16").verdict is Verdict.WRONG
            assert judge(one, truth(one), "float16").verdict is Verdict.NOT_JUDGED
            return
    pytest.fail("no case is too hard for float16")


@pytest.mark.parametrize(
    ("identifier", "misshape"),
    [(STATE, lambda x: x[None]), (STATE, np.ravel), (STATE, lambda x: x[:1]), (STATE, lambda x: x.sum()), (STATE, np.transpose),
     (SCALAR, lambda x: np.full((2,), x)), (TIMES, lambda x: x[:-1])],
)  # fmt: skip
def test_a_wrong_shape_is_wrong_and_both_shapes_are_named(identifier: str, misshape: Callable[[Any], Any]) -> None:
    one = vector(identifier)
    got = misshape(truth(one))
    found = verdict_on(one, got)
    assert found.verdict is Verdict.WRONG
    assert found.judgement.reason == f"returned shape {np.shape(got)}, wanted {one.value.shape}"


def test_a_scalar_may_come_as_an_array_of_one() -> None:
    one = vector(SCALAR)
    assert verdict_on(one, truth(one).reshape(1, 1)).verdict is Verdict.CONFORMANT


def test_a_transposed_matrix_is_wrong_and_so_named() -> None:
    one = vector("gaussian.gaussian_affine_mean/d-3-v-1@1")
    square = replace(one, expected={key: np.stack([value, value * 3, value * 2]) for key, value in one.expected.items()})
    assert judge(square, truth(square), "float64").verdict is Verdict.CONFORMANT
    assert judge(square, truth(square).T, "float64").verdict is Verdict.WRONG
    found = diagnose([(square, truth(square).T)], "float64")
    assert found is not None
    assert found.mistake == "transposed"


@pytest.mark.parametrize(
    ("answer", "words"),
    [(1j, "complex128"), (np.array([1j]), "complex128"), ("0.5", "str"), (None, "NoneType"), (object(), "object"),
     ({"mean": 1.0}, "dict"), ([[1.0], [1.0, 2.0]], ""), ((), ""), (np.array(["a"]), ""), (["0.5"], "")],
)  # fmt: skip
def test_what_is_not_real_numbers_is_wrong_in_one_sentence(answer: Any, words: str) -> None:
    found = verdict_on(vector(SCALAR), answer)
    assert found.verdict is Verdict.WRONG
    assert words in found.judgement.reason
    assert found.judgement.reason.count("\n") == 0


def test_float32_returned_for_float64_is_imprecise() -> None:
    one = vector(STATE)
    assert verdict_on(one, truth(one).astype(np.float32)).verdict is Verdict.IMPRECISE


def test_a_narrower_dtype_that_loses_nothing_is_noted() -> None:
    one = vector("gaussian.gaussian_affine_covariance/d-1-v-1@1")
    got = truth(one).astype(np.float32)
    assert got == truth(one)
    found = verdict_on(one, got)
    assert found.verdict is Verdict.CONFORMANT
    assert found.note == "returned float32 for float64"


@pytest.mark.parametrize("kind", [list, tuple, np.asarray, lambda x: x.astype(object)])
def test_times_may_come_in_any_sequence_of_whole_numbers(kind: Callable[[Any], Any]) -> None:
    one = vector(TIMES)
    if kind in (list, tuple, np.asarray):
        assert verdict_on(one, kind(one.value)).verdict is Verdict.CONFORMANT
        assert verdict_on(one, kind(one.value.astype(float))).verdict is Verdict.CONFORMANT
    assert verdict_on(one, kind(one.value + 1)).verdict is Verdict.WRONG


def test_torch_tensors_come_back_whatever_their_kind() -> None:
    torch = pytest.importorskip("torch")
    scalar, state = vector(SCALAR), vector(STATE)
    with_grad = torch.tensor(truth(state)).requires_grad_() * 1
    assert verdict_on(state, with_grad, array="torch").verdict is Verdict.CONFORMANT
    assert verdict_on(scalar, torch.tensor(truth(scalar)), array="torch").verdict is Verdict.CONFORMANT
    assert verdict_on(scalar, torch.tensor(truth(scalar), dtype=torch.complex128), array="torch").verdict is Verdict.WRONG
    for dtype, kind in (("float16", torch.float16), ("bfloat16", torch.bfloat16)):
        rounded = torch.tensor(truth(state), dtype=kind)
        assert verdict_on(state, rounded, dtype, "torch").verdict in (Verdict.CONFORMANT, Verdict.NOT_JUDGED)
    times = vector(TIMES)
    assert verdict_on(times, torch.tensor(times.value), array="torch").verdict is Verdict.CONFORMANT


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("bad shape\nsecond line"), "raised ValueError: bad shape"),
        (SystemExit(3), "raised SystemExit: 3"),
        (KeyError("x"), "KeyError"),
        (RecursionError(), "RecursionError"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_a_call_that_raises_is_wrong_and_says_what_it_raised(error: BaseException, words: str) -> None:
    def fails() -> None:
        raise error

    found = verdict_on(vector(SCALAR), fails)
    assert found.verdict is Verdict.WRONG
    assert words in found.judgement.reason
    assert "second line" not in found.judgement.reason


def test_an_interrupt_by_the_person_is_not_swallowed() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verdict_on(vector(SCALAR), interrupted)


def test_a_call_that_hangs_is_stopped_and_wrong() -> None:
    def hangs() -> None:
        while True:
            try:
                time.sleep(0.01)
            except Exception:
                continue

    started = time.monotonic()
    found = verdict_on(vector(SCALAR), hangs, seconds=0.2)
    assert found.verdict is Verdict.WRONG
    assert found.judgement.reason == "did not return within 0.2 s"
    assert time.monotonic() - started < 5


def test_prints_are_kept_out_of_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    one = vector(SCALAR)

    def chatty() -> Any:
        print("loading weights\nstep 1")
        return truth(one)

    found = verdict_on(one, chatty)
    assert found.verdict is Verdict.CONFORMANT
    assert found.note == "printed 2 lines"
    assert capsys.readouterr().out == ""


def test_spoiled_inputs_do_not_reach_later_cases() -> None:
    def spoils(betas: Any, alpha_bars: Any, x_0: Any, x_t: Any, z: Any, timesteps: Any = None) -> Any:
        for array in (betas, alpha_bars, x_0, x_t, z):
            array[...] = 0.25
        return x_t

    formula = "ddpm_step"
    arguments = ("betas", "alpha_bars", "x_0", "x_t", "z")
    for array in ("numpy", "torch"):
        before = [{key: np.array(value) for key, value in one.given.items()} for one in vectors().of(formula)]
        adapter = Adapter("spoils", {formula: spoils}, {formula: arguments}, array)
        list(check(adapter, vectors(), Settings(array), [formula]))
        for one, kept in zip(vectors().of(formula), before, strict=True):
            assert all(np.array_equal(one.given[key], value) for key, value in kept.items())


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


def test_swapped_arguments_are_wrong() -> None:
    def swapped(x_0: Any, x_t: Any, alpha_t: Any, sigma_t: Any) -> Any:
        return (x_0 - alpha_t * x_t) / sigma_t

    name = "eps_from_x_0"
    adapter = Adapter("swapped", {name: swapped}, {name: ("x_0", "x_t", "alpha_t", "sigma_t")}, "numpy")
    (result,) = check(adapter, vectors(), Settings("numpy"), [name])
    assert result.verdict is Verdict.WRONG


def test_a_case_that_was_not_judged_does_not_count_as_passed() -> None:
    name = "posterior_log_variance"
    adapter = Adapter("right", {name: lambda log_alpha_bar_s: log_alpha_bar_s}, {name: ("log_alpha_bar_s",)}, "numpy")
    (result,) = check(adapter, vectors(), Settings("numpy", "float16"), [name])
    assert result.count(Verdict.CONFORMANT) < len(result.outcomes)
    only_hard = [one for one in result.outcomes if one.verdict is Verdict.NOT_JUDGED]
    unjudged = replace(result, outcomes=only_hard)
    assert only_hard
    assert unjudged.verdict is Verdict.NOT_JUDGED
    assert summary([unjudged])["conformant"] == 0
    assert exit_status([unjudged]) == 4


def test_a_formula_that_declines_every_case_is_not_provided() -> None:
    def declines() -> None:
        raise NotImplementedError("no strided steps")

    adapter = Adapter("declines", {"ddim_step": declines}, {"ddim_step": ()}, "numpy")
    results = list(check(adapter, vectors(), Settings("numpy"), ["ddim_step"]))
    assert results[0].verdict is Verdict.NOT_PROVIDED
    assert results[0].reason == "no strided steps"
    assert exit_status(results) == 4


def test_declined_cases_are_told_in_the_report() -> None:
    def half(s: int, t: int, alpha_bar_s: Any, alpha_bar_t: Any) -> Any:
        if s != t - 1:
            raise NotImplementedError("no strided steps")
        return 1 - alpha_bar_t / alpha_bar_s

    name = "transition_variance"
    adapter = Adapter("half", {name: half}, {name: ("s", "t", "alpha_bar_s", "alpha_bar_t")}, "numpy")
    settings = Settings("numpy")
    results = list(check(adapter, vectors(), settings, [name]))
    assert results[0].verdict is Verdict.CONFORMANT
    assert 0 < len(results[0].outcomes) < len(vectors().of(name))
    assert "no strided steps" in to_json(results, "half", settings)
