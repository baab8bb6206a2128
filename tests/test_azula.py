"""Azula: verdicts and findings as recorded for one release, and that each deviation is what its record says."""

import importlib
import inspect
import math
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pytest

VERSION = "0.11.1"
flint = pytest.importorskip("flint", reason="python-flint is not installed; pip install 'refdiff[golden]'")
torch = pytest.importorskip("torch", reason="torch is not installed; pip install 'refdiff[torch]'")
try:
    INSTALLED = version("azula")
except PackageNotFoundError:
    pytest.skip("azula is not installed; pip install --no-deps -r libraries.txt", allow_module_level=True)
if INSTALLED != VERSION:
    pytest.skip(f"verdicts are recorded for azula {VERSION}, this is {INSTALLED}", allow_module_level=True)

from flint import arb, ctx  # noqa: E402

from refdiff.adapters import azula as adapted  # noqa: E402
from refdiff.adapters.findings import Finding, findings_table  # noqa: E402
from refdiff.adapters.findings import azula as recorded  # noqa: E402
from refdiff.conformance.adapter import load_adapter  # noqa: E402
from refdiff.conformance.check import Result, Settings, check  # noqa: E402
from refdiff.conformance.judge import Verdict  # noqa: E402
from refdiff.golden.vectors import Vectors  # noqa: E402

GAUSSIAN = {"denoiser_gaussian", "denoiser_correlated_gaussian"}
RUNS = ("euler_path", "heun_path", "lms_path", "deis_path", "exponential_multistep_path", "flow_euler_path")


@cache
def results(dtype: str) -> dict[str, Result]:
    """In float64 with what runs show beyond their cases."""
    adapter = load_adapter("azula")
    names, vectors = sorted(adapter.functions), Vectors()
    cases = [] if dtype == "float64" else [vector.id for name in names for vector in vectors.of(name)]
    return {one.formula: one for one in check(adapter, vectors, Settings("torch", dtype), names, cases)}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_all_is_conformant_but_for_the_gaussian_denoiser(dtype: str) -> None:
    deviating = {name for name, one in results(dtype).items() if one.verdict is not Verdict.CONFORMANT}
    assert deviating == GAUSSIAN
    assert {one.verdict for name, one in results("float64").items() if name in GAUSSIAN} == {Verdict.IMPRECISE}


@pytest.mark.parametrize("name", RUNS)
def test_sampler_shows_its_order_and_keeps_its_invariants(name: str) -> None:
    result = results("float64")[name]
    assert any(order.measured for order in result.orders)
    assert not result.short
    assert not result.broken


@pytest.mark.parametrize("formula", sorted(GAUSSIAN))
def test_gaussian_denoiser_fails_only_where_noise_outweighs_signal(formula: str) -> None:
    for one in results("float64")[formula].outcomes:
        if one.verdict is not Verdict.CONFORMANT:
            known = {**one.vector.derived, **one.vector.given}
            assert known["sigma_t"] > 30 * known["alpha_t"]


@pytest.mark.parametrize("formula", sorted(GAUSSIAN))
def test_gaussian_denoiser_keeps_too_few_float32_digits_to_tell_it_from_a_mistake_in_one_case(formula: str) -> None:
    wrong = [one.vector for one in results("float32")[formula].outcomes if one.verdict is Verdict.WRONG]
    assert [vector.id.partition("/")[2] for vector in wrong] == ["zero-snr-1000/t-999@1"]


def error_of(kind: Any, order: int, steps: int) -> float:
    """Distance from the exact flow's end, for Gaussian data of mean 1 and variance 1/4 from sigma = 8 to 1/8."""
    mean, variance = torch.ones(1, dtype=torch.float64), 0.25
    covariance = adapted.azula.linalg.covariance.IsotropicCovariance(variance)
    denoiser = adapted.azula.denoise.GaussianDenoiser(mean, covariance, adapted.azula.noise.VESchedule(0.125, 8.0))
    sampler = kind(denoiser, order=order, steps=steps, silent=True, dtype=torch.float64)
    exact = 1 + 8 * math.sqrt((variance + 0.125**2) / (variance + 8**2))
    return abs(float(sampler(torch.full((1, 1), 9.0, dtype=torch.float64))) - exact)


def mended() -> Any:
    """REABSampler with the factor that its documentation prints."""
    code = inspect.getsource(adapted.azula.sample.REABSampler)
    assert code.count("alpha_s**2 + sigma_t**2") == 1
    names = dict(vars(adapted.azula.sample))
    exec(code.replace("alpha_s**2 + sigma_t**2", "alpha_s**2 + sigma_s**2"), names)
    return names["REABSampler"]


@pytest.mark.parametrize("order", [1, 2, 3])
def test_reab_is_of_order_1_whatever_is_asked_for(order: int) -> None:
    assert (
        math.log2(error_of(adapted.azula.sample.REABSampler, order, 64) / error_of(adapted.azula.sample.REABSampler, order, 128))
        < 1.1
    )


def test_reab_is_of_order_2_with_the_factor_that_is_documented() -> None:
    assert math.log2(error_of(mended(), 2, 64) / error_of(mended(), 2, 128)) > 1.9


@pytest.mark.parametrize("kind", [adapted.azula.sample.zEABSampler, adapted.azula.sample.xEABSampler])
def test_its_other_exponential_samplers_are_of_order_2(kind: Any) -> None:
    assert math.log2(error_of(kind, 2, 64) / error_of(kind, 2, 128)) > 1.9


@pytest.mark.parametrize("schedule", [adapted.azula.noise.CosineSchedule(), adapted.azula.noise.VPSchedule()])
def test_sigma_is_off_by_a_part_in_two_hundred_in_float32_and_right_in_float64(schedule: Any) -> None:
    narrow, wide = (float(schedule.sigma(torch.tensor(1e-4, dtype=kind))) for kind in (torch.float32, torch.float64))
    theta, power = 1e-4 * math.acos(1e-3), -math.expm1(2 * 1e-8 * math.log(1e-3))
    exact = math.sqrt((math.sin(theta) ** 2 if isinstance(schedule, adapted.azula.noise.CosineSchedule) else power) + 1e-6)
    assert wide == pytest.approx(exact, rel=1e-9)
    assert abs(narrow / exact - 1) > 5e-3


@pytest.mark.parametrize("finding", recorded.FINDINGS, ids=lambda finding: finding.name)
def test_reproduction_shows_what_was_found(finding: Finding) -> None:
    shown: dict[str, Any] = {}
    exec(finding.reproduction, shown)
    assert torch.as_tensor(shown["got"]).reshape(-1).tolist() == pytest.approx(finding.got, rel=1e-6)
    assert len(finding.reproduction.strip().splitlines()) <= 10
    failed = [one.vector.id for one in results("float64").get(finding.formula, Result("", ())).outcomes]
    assert not finding.case or finding.case in failed


def documented_step() -> Any:
    """One REAB step of order 1 with the estimate 1, from x = 5 at sigma = 4 to sigma = 1, its integral of e**u/(1 + e**(2*u))."""
    share = arb(16) / 17
    slope = ((1 - share) * 5 - 1) / share.sqrt()
    return (arb(2) / 17).sqrt() * 5 + arb(2).sqrt() * slope * (arb(1).atan() - arb(4).atan())


WANTED = {
    "reab_takes_the_start_for_the_end": documented_step,
    "gaussian_denoiser_cancels": lambda: arb(1000) / (1 + arb(1000) ** 2),
    "sigma_cancels_near_data": lambda: ((arb("0.001").acos() * arb("1e-4")).sin() ** 2 + arb("1e-6")).sqrt(),
}


@pytest.mark.parametrize("finding", recorded.FINDINGS, ids=lambda finding: finding.name)
def test_wanted_value_is_confirmed_in_balls(finding: Finding) -> None:
    before, ctx.prec = ctx.prec, 256
    try:
        wanted = float(WANTED[finding.name]())
    finally:
        ctx.prec = before
    assert finding.wanted == pytest.approx([wanted], rel=1e-7)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "azula"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "azula", None)
    monkeypatch.delitem(sys.modules, "refdiff.adapters.azula")
    with pytest.raises(ImportError, match="azula needs azula"):
        importlib.import_module("refdiff.adapters.azula")


def test_recorded_release_is_the_checked_one_and_its_table_is_narrow() -> None:
    assert recorded.VERSION == VERSION
    rows, _, _ = findings_table("azula", VERSION, recorded.FINDINGS).partition("\n\n")
    assert max(map(len, rows.splitlines())) <= 120
