"""Smalldiffusion: verdicts and findings as recorded for one release, and that each deviation is what its record says."""

import importlib
import math
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pytest

VERSION = "0.5.0"
flint = pytest.importorskip("flint", reason="python-flint is not installed; pip install 'refdiff[golden]'")
torch = pytest.importorskip("torch", reason="torch is not installed; pip install 'refdiff[torch]'")
try:
    INSTALLED = version("smalldiffusion")
except PackageNotFoundError:
    pytest.skip("smalldiffusion is not installed; pip install --no-deps -r libraries.txt", allow_module_level=True)
if INSTALLED != VERSION:
    pytest.skip(f"verdicts are recorded for smalldiffusion {VERSION}, this is {INSTALLED}", allow_module_level=True)

from flint import arb, ctx  # noqa: E402

from refdiff.adapters import smalldiffusion as adapted  # noqa: E402
from refdiff.adapters.findings import Finding, findings_table  # noqa: E402
from refdiff.adapters.findings import smalldiffusion as recorded  # noqa: E402
from refdiff.conformance.adapter import load_adapter  # noqa: E402
from refdiff.conformance.check import Result, Settings, check  # noqa: E402
from refdiff.conformance.judge import Verdict  # noqa: E402
from refdiff.golden.vectors import Vectors  # noqa: E402

FLOAT32 = {"betas_cosine", "betas_linear", "betas_scaled_linear", "betas_sigmoid", "ncsn_sigmas", "sigmas_iddpm"}


@cache
def results(target: str, dtype: str) -> dict[str, Result]:
    """In float64 with what runs show beyond their cases."""
    adapter = load_adapter(target)
    names, vectors = sorted(adapter.functions), Vectors()
    cases = [] if dtype == "float64" else [vector.id for name in names for vector in vectors.of(name)]
    return {one.formula: one for one in check(adapter, vectors, Settings("torch", dtype), names, cases)}


@pytest.mark.parametrize(
    ("target", "dtype", "imprecise"),
    [
        ("smalldiffusion", "float64", FLOAT32),
        ("smalldiffusion", "float32", set()),
        ("smalldiffusion:exact", "float64", {"betas_cosine", "sigmas_iddpm"}),
    ],
)
def test_all_is_conformant_but_for_float32_schedules(target: str, dtype: str, imprecise: set[str]) -> None:
    found: dict[Verdict, set[str]] = {}
    for name, result in results(target, dtype).items():
        found.setdefault(result.verdict, set()).add(name)
    assert found.pop(Verdict.IMPRECISE, set()) == imprecise
    assert set(found) == {Verdict.CONFORMANT}


def test_samplers_show_their_orders_and_keep_their_invariants() -> None:
    for name in ("euler_path", "flow_euler_path", "gradient_estimation_path"):
        result = results("smalldiffusion", "float64")[name]
        assert any(order.measured for order in result.orders)
        assert not result.short
        assert not result.broken


def test_mu_of_one_half_is_ddpm_and_no_other_eta_is_offered() -> None:
    result = results("smalldiffusion", "float64")["euler_ancestral_path"]
    assert {float(one.vector.given["eta"]) for one in result.outcomes} == {0.0, 1.0}
    assert list(result.declined) == ["smalldiffusion's mu is an exponent: DDPM and DDIM it has, DDIM's eta between them not"]


def last_step(levels: int, schedule: Any) -> float:
    """What DDPM's last step of n = N makes of 1 when the noise is estimated as 0, where it should do nothing."""
    sigmas = schedule(levels).sample_sigmas(levels)[-2:]
    model = adapted.smalldiffusion.PredX0(adapted._Network)(lambda x, *_: x, [torch.zeros(1, 1)])
    return float(next(adapted._run(model, sigmas, torch.ones(1, 1), mu=0.5)))


@pytest.mark.parametrize("levels", [100, 500, 1000])
def test_ddpm_of_all_steps_is_nan_for_two_schedules_and_does_nothing_for_others(levels: int) -> None:
    library = adapted.smalldiffusion
    for schedule in (library.ScheduleLDM, library.ScheduleSigmoid):
        assert last_step(levels, schedule) != last_step(levels, schedule)
    for schedule in (library.ScheduleDDPM, library.ScheduleLogLinear):
        assert last_step(levels, schedule) == 1


@pytest.mark.parametrize(("shift", "lost"), [(0.0, False), (1000.0, True)])
def test_ideal_denoiser_keeps_its_digits_near_the_origin_and_loses_them_far_from_it(shift: float, lost: bool) -> None:
    points, sigma, x = torch.tensor([[0.0], [1.0]]) + shift, torch.tensor(0.5), torch.tensor([[0.4]]) + shift
    place = float(x) - shift
    exact = 1 / (1 + math.exp(((1 - place) ** 2 - place**2) * 2))
    error = abs(float(x - sigma * adapted._ideal(points)(x, sigma)) - shift - exact)
    assert error > 0.03 if lost else error < 1e-6


@pytest.mark.parametrize("finding", recorded.FINDINGS, ids=lambda finding: finding.name)
def test_reproduction_shows_what_was_found(finding: Finding) -> None:
    shown: dict[str, Any] = {}
    exec(finding.reproduction, shown)
    assert torch.as_tensor(shown["got"]).reshape(-1).tolist() == pytest.approx(finding.got, rel=1e-7, nan_ok=True)
    assert len(finding.reproduction.strip().splitlines()) <= 10
    assert torch.get_default_dtype() is torch.float32


def least_cosine_sigma() -> Any:
    def signal(time: Any) -> Any:
        return ((time + arb("0.008")) / arb("1.008") * arb.pi() / 2).cos() ** 2

    kept = signal(arb(1) / 1000) / signal(arb(0))
    return (1 / kept - 1).sqrt()


def mean_of_two_points() -> Any:
    from_low = arb(float(torch.tensor(1000.4))) - 1000
    return 1000 + 1 / (1 + (((1 - from_low) ** 2 - from_low**2) * 2).exp())


WANTED = {
    "ddpm_with_all_steps_is_nan": lambda: [arb(1)],
    "more_steps_than_levels_jump_to_noise": list,
    "cosine_schedule_is_float32": lambda: [least_cosine_sigma()],
    "ideal_denoiser_cancels": lambda: [mean_of_two_points()],
}


@pytest.mark.parametrize("finding", recorded.FINDINGS, ids=lambda finding: finding.name)
def test_wanted_value_is_confirmed_in_balls(finding: Finding) -> None:
    before, ctx.prec = ctx.prec, 256
    try:
        wanted = [float(x) for x in WANTED[finding.name]()]
    finally:
        ctx.prec = before
    assert finding.wanted == pytest.approx(wanted, rel=1e-8)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "smalldiffusion"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "smalldiffusion", None)
    monkeypatch.delitem(sys.modules, "refdiff.adapters.smalldiffusion")
    with pytest.raises(ImportError, match="smalldiffusion needs smalldiffusion; pip install --no-deps"):
        importlib.import_module("refdiff.adapters.smalldiffusion")


def test_recorded_release_is_the_checked_one_and_its_table_is_narrow() -> None:
    assert recorded.VERSION == VERSION
    rows, _, _ = findings_table("smalldiffusion", VERSION, recorded.FINDINGS).partition("\n\n")
    assert max(map(len, rows.splitlines())) <= 120
