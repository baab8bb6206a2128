"""K-diffusion: verdicts and findings as recorded for one release, and that each deviation is what its record says."""

import importlib
import math
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from unittest import mock

import pytest

VERSION = "0.1.1.post1"
flint = pytest.importorskip("flint", reason="python-flint is not installed; pip install 'refdiff[golden]'")
torch = pytest.importorskip("torch", reason="torch is not installed; pip install 'refdiff[torch]'")
try:
    INSTALLED = version("k-diffusion")
except PackageNotFoundError:
    pytest.skip("k-diffusion is not installed; pip install --no-deps -r libraries.txt", allow_module_level=True)
if INSTALLED != VERSION:
    pytest.skip(f"verdicts are recorded for k-diffusion {VERSION}, this is {INSTALLED}", allow_module_level=True)

from flint import arb, ctx  # noqa: E402

from refdiff.adapters.findings import Finding, findings_table  # noqa: E402
from refdiff.adapters.findings import k_diffusion as recorded  # noqa: E402
from refdiff.adapters.k_diffusion.runs import drawn, layers, sampling  # noqa: E402
from refdiff.conformance.adapter import load_adapter  # noqa: E402
from refdiff.conformance.check import Outcome, Result, Settings, check  # noqa: E402
from refdiff.conformance.judge import Verdict  # noqa: E402
from refdiff.golden.vectors import Vectors  # noqa: E402

ONE_STEP = {"dpmpp_2m_sde_path", "dpmpp_2m_sde_heun_path", "dpmpp_3m_sde_released_path"}
THIRD_ORDER = {"dpmpp_3m_sde_path", "dpmpp_3m_sde_step"}
WRONG = {"dpm2_ancestral_path"} | ONE_STEP
FLOAT32_GRIDS = {"ncsn_sigmas", "sigmas_karras", "sigmas_of_table", "sigmas_polyexponential", "sigmas_vp"}


@cache
def vectors() -> Vectors:
    return Vectors()


@cache
def results(target: str, dtype: str) -> dict[str, Result]:
    adapter = load_adapter(target)
    names = sorted(adapter.functions)
    cases = tuple(vector.id for name in names for vector in vectors().of(name))
    return {result.formula: result for result in check(adapter, vectors(), Settings("torch", dtype), names, cases)}


def by_verdict(target: str, dtype: str) -> dict[Verdict, set[str]]:
    found: dict[Verdict, set[str]] = {}
    for name, result in results(target, dtype).items():
        found.setdefault(result.verdict, set()).add(name)
    return found


def failures(formula: str) -> list[Outcome]:
    target = "k_diffusion:third_order" if formula in THIRD_ORDER else "k_diffusion"
    return [one for one in results(target, "float64")[formula].outcomes if one.verdict is not Verdict.CONFORMANT]


@pytest.mark.parametrize(
    ("target", "dtype", "wrong", "imprecise"),
    [
        ("k_diffusion", "float64", WRONG, FLOAT32_GRIDS),
        ("k_diffusion", "float32", WRONG, set()),
        ("k_diffusion:exact", "float64", set(), {"sigmas_of_table"}),
        ("k_diffusion:third_order", "float64", THIRD_ORDER, set()),
        ("k_diffusion:third_order", "float32", THIRD_ORDER, set()),
    ],
)
def test_all_is_conformant_except_for_the_findings(target: str, dtype: str, wrong: set[str], imprecise: set[str]) -> None:
    found = by_verdict(target, dtype)
    assert found.pop(Verdict.WRONG, set()) == wrong
    assert found.pop(Verdict.IMPRECISE, set()) == imprecise
    assert set(found) == (set() if wrong == THIRD_ORDER else {Verdict.CONFORMANT})


def test_dpm2_ancestral_fails_only_where_eta_is_beyond_the_cap() -> None:
    # In a step to data no noise is right.
    cases = [one for one in vectors().of("dpm2_ancestral_path") if one.given["eta"] > 1]
    beyond = {one.id for one in cases if (one.given["sigmas"] > 0).sum() > 1}
    assert 0 < len(beyond) < len(cases)
    assert {one.vector.id for one in failures("dpm2_ancestral_path")} == beyond
    told = results("k_diffusion", "float64")["dpm2_ancestral_path"].diagnosis
    assert told is not None
    assert told.mistake == "dpm2_ancestral_path__no_noise_where_capped"


@pytest.mark.parametrize("formula", sorted(ONE_STEP))
def test_2m_and_3m_sde_fail_only_on_a_single_step_to_data(formula: str) -> None:
    cases = [one for one in vectors().of(formula) if len(one.given["z"]) == 1]
    single = {one.id for one in cases if {**one.derived, **one.given}["sigmas"][-1] == 0}
    assert 0 < len(single) < len(cases)
    assert {one.vector.id for one in failures(formula)} == single
    assert all("UnboundLocalError" in one.judgement.reason for one in failures(formula))


@pytest.mark.parametrize("formula", sorted(THIRD_ORDER))
def test_3m_sde_counts_half_the_parabola_and_nothing_else(formula: str) -> None:
    told = results("k_diffusion:third_order", "float64")[formula].diagnosis
    assert told is not None
    assert told.mistake == f"{formula}__half_second_derivative"


def test_3m_sde_step_is_of_order_2_and_other_samplers_show_their_orders() -> None:
    names = ["dpmpp_3m_sde_released_path", "dpmpp_2m_path", "dpm_solver_3s_path", "lms_path"]
    settings, asked = Settings("torch"), {"k_diffusion": names, "k_diffusion:third_order": ["dpmpp_3m_sde_step"]}
    found = [one for target in asked for one in check(load_adapter(target), vectors(), settings, asked[target])]
    checked = {one.formula: one for one in found}
    orders = {name: min(one.order for one in result.orders if one.measured) for name, result in checked.items()}
    assert orders["dpmpp_3m_sde_step"] == pytest.approx(2, abs=0.2)
    assert checked["dpmpp_3m_sde_step"].short
    assert not any(checked[name].short or checked[name].broken for name in names)
    assert orders["dpm_solver_3s_path"] == pytest.approx(3, abs=0.3)


def test_reverted_fixes_of_the_bug_bank_stay_fixed() -> None:
    """B012, arctan(s) without 2/pi, is `cosine_time_from_edm_sigma`; B078 shows where sigma_data is not 1 alone."""
    assert results("k_diffusion", "float64")["cosine_time_from_edm_sigma"].verdict is Verdict.CONFORMANT
    sigma = torch.tensor([0.25, 2.0], dtype=torch.float64)
    denoiser = layers.Denoiser(None, sigma_data=0.5, weighting="snr")
    weight = denoiser.weighting(sigma) / denoiser.get_scalings(sigma)[1] ** 2
    torch.testing.assert_close(weight, sigma**-2)


@pytest.mark.parametrize("time", [0.125, 0.5, 0.75])
def test_interpolated_cosine_is_simple_diffusion_s_at_one_less_the_time(time: float) -> None:
    with mock.patch.object(torch, "rand", return_value=torch.tensor([1 - time], dtype=torch.float64)):
        sigma = sampling.utils.rand_cosine_interpolated((1,), 512, 32, 256, dtype=torch.float64)

    def shifted(noise_d: int) -> float:
        shift = 2 * math.log(noise_d / 512)
        most, least = (math.atan(math.exp(-(x - shift) / 2)) for x in (2 * math.log(1e3), -2 * math.log(1e3)))
        return -2 * math.log(math.tan(most + time * (least - most))) + shift

    assert -2 * math.log(float(sigma)) == pytest.approx(time * shifted(32) + (1 - time) * shifted(256), abs=1e-12)


def test_log_likelihood_is_that_of_gaussian_data_from_its_prior() -> None:
    mean, variance, low, high = 0.5, 0.25, 0.01, 80.0
    x = torch.tensor([[0.75, 1.25]], dtype=torch.float64)

    def denoiser(state: Any, sigma: Any) -> Any:
        return mean + variance / (variance + sigma.reshape(-1, 1) ** 2) * (state - mean)

    got, _ = sampling.log_likelihood(denoiser, x, low, high, atol=1e-10, rtol=1e-10)
    gain = math.sqrt((variance + high**2) / (variance + low**2))
    wanted = (torch.distributions.Normal(0.0, high).log_prob(mean + (x - mean) * gain) + math.log(gain)).sum()
    assert float(got) == pytest.approx(float(wanted), abs=1e-6)


@pytest.mark.parametrize("finding", recorded.FINDINGS, ids=lambda finding: finding.name)
def test_reproduction_shows_what_was_found(finding: Finding) -> None:
    shown: dict[str, Any] = {}
    exec(finding.reproduction, shown)
    assert torch.as_tensor(shown["got"]).reshape(-1).tolist() == pytest.approx(finding.got, rel=1e-5, nan_ok=True)
    assert len(finding.reproduction.strip().splitlines()) <= 10
    assert not finding.case or finding.case in {one.vector.id for one in failures(finding.formula)}


def capped_step() -> Any:
    """x_0 + sigma_down/sigma_t*(x_t - x_0) + sigma_up*z at the cap."""
    up = arb(1).min(arb(4) * (arb(1) * (4 - 1) / 4).sqrt())
    return arb("0.5") + (1 - up**2).sqrt() / 2 * (3 - arb("0.5")) + up


def parabola_step() -> Any:
    """sigma_s times the integral of exp(level)*level**2 from -log(2) to 0."""
    level = -arb(2).log()
    return 2 - level.exp() * (level**2 - 2 * level + 2)


WANTED = {
    "dpm2_ancestral_adds_no_noise_where_capped": capped_step,
    "dpmpp_sde_fails_on_one_step": lambda: arb("0.75"),
    "dpmpp_3m_sde_counts_half_the_parabola": parabola_step,
    "own_weighting_is_refused": lambda: arb(1),
    "grids_are_float32": lambda: arb("0.002"),
}


@pytest.mark.parametrize("finding", recorded.FINDINGS, ids=lambda finding: finding.name)
def test_wanted_value_is_confirmed_in_balls(finding: Finding) -> None:
    before, ctx.prec = ctx.prec, 256
    try:
        wanted = float(WANTED[finding.name]())
    finally:
        ctx.prec = before
    assert finding.wanted == pytest.approx([wanted], rel=1e-6)


def test_torch_is_left_as_it_was() -> None:
    draw, default = torch.randn_like, torch.get_default_dtype()
    load_adapter("k_diffusion:exact").call("sigmas_karras", {"n": 3, "sigma_min": 1.0, "sigma_max": 2.0, "rho": 7.0}, 5.0)
    with drawn(torch.ones(1, 1)):
        assert torch.randn_like(torch.zeros(1)) == 1
    assert torch.randn_like is draw
    assert torch.get_default_dtype() is default


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "k_diffusion"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "k_diffusion", None)
    monkeypatch.delitem(sys.modules, "refdiff.adapters.k_diffusion.runs")
    with pytest.raises(ImportError, match="k-diffusion needs k_diffusion; pip install --no-deps"):
        importlib.import_module("refdiff.adapters.k_diffusion.runs")


def test_recorded_release_is_the_checked_one_and_its_table_is_narrow() -> None:
    assert recorded.VERSION == VERSION
    rows, _, _ = findings_table("k_diffusion", VERSION, recorded.FINDINGS).partition("\n\n")
    assert max(map(len, rows.splitlines())) <= 120
