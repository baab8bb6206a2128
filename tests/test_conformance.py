"""Checks of fakes: whatever an implementation returns, raises, prints or spoils, each case gets its own verdict."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from refdiff.conformance.adapter import Adapter
from refdiff.conformance.check import Settings, check
from refdiff.conformance.judge import Verdict
from refdiff.conformance.report import exit_status, summary, to_json
from tests.fakes import SCALAR, STATE, TIMES, truth, vector, vectors, verdict_on


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
    assert found.judgement.reason.startswith(f"returned shape {np.shape(got)}, wanted {one.value.shape}")


def test_a_scalar_may_come_as_an_array_of_one() -> None:
    one = vector(SCALAR)
    assert verdict_on(one, truth(one).reshape(1, 1)).verdict is Verdict.CONFORMANT


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
