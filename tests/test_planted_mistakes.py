"""Planted mistakes are called wrong and named; what is right beside them stays conformant; every known mistake is killed."""

import json
from functools import cache
from pathlib import Path

import pytest

from refdiff.catalogue import formulas
from refdiff.conformance.adapter import load_adapter
from refdiff.conformance.check import Result, Settings, check
from refdiff.conformance.judge import Verdict
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


_CASES = [(planted, formula) for planted, wrong in PLANTED.items() for formula in wrong]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("planted", "formula"), _CASES)
def test_a_planted_mistake_is_called_wrong(planted: str, formula: str, dtype: str) -> None:
    result = found(planted, dtype)[formula]
    assert result.verdict is Verdict.WRONG
    assert result.worst is not None


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("planted", "formula"), _CASES)
def test_the_diagnosis_names_the_planted_mistake_and_never_another(planted: str, formula: str, dtype: str) -> None:
    diagnosis = found(planted, dtype)[formula].diagnosis
    expected = {name and f"{formula}__{name}" for name in PLANTED[planted][formula]}
    named = diagnosis.mistake if diagnosis else ""
    if f"{formula}__nats" in expected:
        expected.add("nats")
    assert named in expected
    if "__" in named:
        assert diagnosis is not None
        assert diagnosis.fix


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_right_beside_a_planted_mistake_stays_conformant(planted: str, dtype: str) -> None:
    for formula, result in found(planted, dtype).items():
        if formula not in PLANTED[planted]:
            assert result.verdict is Verdict.CONFORMANT, formula


def test_a_shift_by_one_step_shows_at_every_stride() -> None:
    result = found("b030", "float64")["posterior_mean"]
    strided = [one for one in result.outcomes if one.vector.given["s"] != one.vector.given["t"] - 1]
    single = [one for one in result.outcomes if one.vector.given["s"] == one.vector.given["t"] - 1]
    assert {one.verdict for one in strided} == {Verdict.WRONG}
    assert {one.verdict for one in single} == {Verdict.CONFORMANT}


def test_mistaken_bodies_are_called_wrong_by_the_whole_suite() -> None:
    """The library's own mistakes, run as an implementation, in float64: each formula's first mistake."""
    for formula in formulas():
        for name, body in list(mistakes_of(formula).items())[:1]:
            holder = type("Holder", (), {formula: staticmethod(body)})
            assert not _conformant(formula, holder), name


def _conformant(formula: str, holder: type) -> bool:
    from refdiff.conformance.adapter import Adapter
    from refdiff.vocabulary import Quantities
    from refdiff.conformance.arrays import inputs, lifter
    import inspect

    body = getattr(holder, formula)
    asked = tuple(inspect.signature(body).parameters)
    lift = lifter("numpy", "float64", "cpu")
    verdicts = set()
    from refdiff.conformance.judge import judge
    import numpy as np

    for one in vectors().of(formula):
        quantities = Quantities(dict(inputs(one, lift)))
        if all(name in quantities for name in asked):
            with np.errstate(all="ignore"):
                verdicts.add(judge(one, np.asarray(body(*(quantities[name] for name in asked))), "float64").verdict)
    del Adapter
    return verdicts <= {Verdict.CONFORMANT, Verdict.NOT_JUDGED}
