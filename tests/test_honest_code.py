"""Honest code is never called wrong, in any dtype."""

from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest

from refdiff.conformance.adapter import Adapter, load_adapter
from refdiff.conformance.check import Result, Settings, check
from refdiff.conformance.judge import Verdict
from refdiff.golden.vectors import Vectors

_BAD = (Verdict.WRONG, Verdict.IMPRECISE)


@cache
def vectors() -> Vectors:
    return Vectors()


def checked(adapter: Adapter, dtype: str, array: str | None = None) -> list[Result]:
    return list(check(adapter, vectors(), Settings(array or adapter.array, dtype), sorted(adapter.functions)))


def accused(results: list[Result]) -> list[str]:
    """One line for each formula that is accused, with its worst case."""
    worst = [(result, result.worst) for result in results]
    return [f"{one.vector.id}: {one.judgement}" for result, one in worst if one is not None and result.verdict in _BAD]


def counted(results: list[Result]) -> Counter[Verdict]:
    return Counter(result.verdict for result in results)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_honest_numpy_code_is_conformant(dtype: str) -> None:
    results = checked(load_adapter("tests.adapters.honest_numpy"), dtype)
    assert accused(results) == []
    assert counted(results) == {Verdict.CONFORMANT: len(results)}
    assert len(results) >= 50


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["losses", "processes"])
def test_released_code_is_conformant(name: str, dtype: str) -> None:
    results = checked(load_adapter(f"tests.adapters.released_{name}"), dtype)
    assert accused(results) == []
    assert len(results) >= 35


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_honest_torch_code_is_conformant(dtype: str) -> None:
    pytest.importorskip("torch")
    results = checked(load_adapter("tests.adapters.honest_torch"), dtype)
    assert accused(results) == []
    assert counted(results) == {Verdict.CONFORMANT: len(results)}
    assert len(results) >= 30


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_honest_half_precision_code_with_wider_sums_is_never_accused(dtype: str) -> None:
    pytest.importorskip("torch")
    results = checked(load_adapter("tests.adapters.honest_torch"), dtype)
    assert accused(results) == []
    assert counted(results)[Verdict.CONFORMANT] >= 5


def test_honest_numpy_code_in_half_precision_all_through_is_never_accused() -> None:
    assert accused(checked(load_adapter("tests.adapters.honest_numpy"), "float16")) == []


def test_code_for_variance_preserving_processes_is_not_asked_about_others() -> None:
    """alpha_bar_t, snr_t and the like are carried only where they mean what the vocabulary says."""
    for one in vectors():
        if "betas" in one.given or "alpha_t" not in one.given:
            continue
        carried = {"alpha_bar_t", "log_alpha_bar_t"} & set(one.derived)
        if "sigma_t" not in one.given:
            assert not (carried | ({"sigma_t", "snr_t", "sigma_over_alpha_t"} & set(one.derived))), one.id
            continue
        preserving = one.given["alpha_t"] ** 2 + one.given["sigma_t"] ** 2 == 1
        assert preserving or not carried, one.id
        if "sigma_over_alpha_t" in one.derived:
            assert one.derived["sigma_over_alpha_t"] == pytest.approx(one.given["sigma_t"] / one.given["alpha_t"]), one.id
        if "snr_t" in one.derived:
            assert one.derived["snr_t"] == pytest.approx((one.given["alpha_t"] / one.given["sigma_t"]) ** 2), one.id


def _agree(one: Any, name: str, value: Any, places: float) -> bool:
    carried = {**one.derived, **one.given}
    return name not in carried or bool(np.allclose(carried[name], value, rtol=places, atol=0))


def test_derived_quantities_agree_with_each_other() -> None:
    """Whichever of a case's names an implementation asks for, it is told the same case."""
    for one in vectors():
        carried = {**one.derived, **one.given}
        for time in "st":
            alpha, sigma = carried.get(f"alpha_{time}"), carried.get(f"sigma_{time}")
            if alpha is None or sigma is None or np.min(sigma) == 0 or np.min(alpha) == 0:
                continue
            ratio = np.asarray(sigma) / np.asarray(alpha)
            assert _agree(one, f"sigma_over_alpha_{time}", ratio, 1e-14), one.id
            assert _agree(one, f"snr_{time}", ratio**-2.0, 1e-14), one.id
        if {"x_0", "eps", "x_t", "alpha_t", "sigma_t"} <= set(carried) and np.ndim(carried["alpha_t"]) == 0:
            rebuilt = carried["alpha_t"] * carried["x_0"] + carried["sigma_t"] * carried["eps"]
            size = abs(carried["alpha_t"] * carried["x_0"]) + abs(carried["sigma_t"] * carried["eps"])
            assert (abs(rebuilt - carried["x_t"]) <= 1e-15 * size).all(), one.id


def test_betas_respaced_near_no_signal_lose_digits_and_are_called_imprecise() -> None:
    """1 - (1 - ratio) for a tiny ratio, as in widely used respacing code: right formula, few digits."""

    def respaced(alpha_bar_s: Any, alpha_bar_t: Any) -> Any:
        beta = 1 - alpha_bar_t / alpha_bar_s
        return np.sqrt(1 - beta) * (1 - alpha_bar_s) / (1 - alpha_bar_t)

    name = "posterior_mean_x_t_coefficient"
    (result,) = checked(Adapter("respaced", {name: respaced}, {name: ("alpha_bar_s", "alpha_bar_t")}, "numpy"), "float64")
    assert result.verdict is Verdict.IMPRECISE
    assert {one.vector.given["t"] for one in result.outcomes if one.verdict is Verdict.IMPRECISE} == {1000}
    assert result.diagnosis is None


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_float16_tables_are_never_conformant(dtype: str) -> None:
    """B155: a table cast to half once spoils every later step."""

    def halved(alpha_bars: Any, t_index: int) -> Any:
        return np.sqrt(1 - alpha_bars.astype(np.float16))[t_index]

    (result,) = checked(Adapter("halved", {"sigma": halved}, {"sigma": ("alpha_bars", "t_index")}, "numpy"), dtype)
    assert result.verdict in _BAD
    assert result.count(Verdict.CONFORMANT) <= 4


def test_a_float32_table_in_float64_code_is_imprecise_and_not_wrong() -> None:
    """B153: schedules kept in float32."""

    def single(alpha_bars: Any, t_index: int) -> Any:
        return np.sqrt(alpha_bars.astype(np.float32))[t_index]

    (result,) = checked(Adapter("single", {"alpha": single}, {"alpha": ("alpha_bars", "t_index")}, "numpy"), "float64")
    assert result.verdict is Verdict.IMPRECISE
    assert "float32" in result.outcomes[0].judgement.reason
