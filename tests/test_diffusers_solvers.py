"""Diffusers' solvers, grids and other schedulers: verdicts and findings of one release, each deviation traced to its line."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

VERSION = "0.42.1"
diffusers = pytest.importorskip("diffusers", reason="diffusers is not installed; pip install 'refdiff[diffusers]'")
flint = pytest.importorskip("flint", reason="python-flint is not installed; pip install 'refdiff[golden]'")
torch = pytest.importorskip("torch", reason="torch is not installed; pip install 'refdiff[torch]'")
if diffusers.__version__ != VERSION:
    pytest.skip(f"verdicts are recorded for diffusers {VERSION}, this is {diffusers.__version__}", allow_module_level=True)

from flint import acb, arb, ctx  # noqa: E402

from refdiff.adapters.diffusers.levels import quiet  # noqa: E402
from refdiff.adapters.findings import Finding  # noqa: E402
from refdiff.adapters.findings.diffusers import FINDINGS, TABLES  # noqa: E402
from refdiff.conformance.adapter import load_adapter  # noqa: E402
from refdiff.conformance.arrays import lifter  # noqa: E402
from refdiff.conformance.check import Result, Settings, beyond_cases, check  # noqa: E402
from refdiff.conformance.judge import Verdict  # noqa: E402
from refdiff.golden.vectors import Vectors  # noqa: E402

# Of NumPy where schedulers hand it tensors.
pytestmark = pytest.mark.filterwarnings("ignore:__array:DeprecationWarning", "ignore::RuntimeWarning")
OWN = tuple(finding for finding in FINDINGS if finding not in TABLES)
WRONG = {"unipc_bh1_path", "tcd_path", "dpmpp_3m_sde_path", "dpmpp_3m_sde_step", "flow_times_ending_at"}
# step() casts states to float32, or makes a float32 step size.
CAST = {
    "dpm_solver_2m_path", "dpm_solver_2m_sde_path", "dpm_solver_sde_1_path", "dpmpp_2m_heun_path", "dpmpp_2m_path",
    "dpmpp_2m_sde_heun_path", "dpmpp_2m_sde_path", "dpmpp_sde_1_path", "euler_ancestral_flow_path", "euler_ancestral_flow_step",
    "euler_ancestral_path", "euler_path", "flow_euler_path", "flow_heun_path", "lcm_path", "predictor_corrector_ve_path",
}  # fmt: skip
# set_timesteps leaves float32.
FLOAT32_GRIDS = {
    "edm_sigma_at_fractional_time_linear", "exponentially_shifted_time", "flow_times_exponentially_shifted", "flow_times_shifted",
    "flow_times_stretched", "fractional_time_from_edm_sigma", "shifted_time", "sigmas_karras", "sigmas_polyexponential",
}  # fmt: skip


@cache
def vectors() -> Vectors:
    return Vectors()


@cache
def results(target: str, dtype: str = "float64") -> dict[str, Result]:
    """Golden cases alone: orders and invariants take minutes, and have tests of their own."""
    adapter, settings = load_adapter(target), Settings("torch", dtype)
    return {
        name: next(iter(check(adapter, vectors(), settings, [name], [vector.id for vector in vectors().of(name)])))
        for name in sorted(adapter.functions)
    }


def by_verdict(target: str, dtype: str = "float64") -> dict[Verdict, set[str]]:
    found: dict[Verdict, set[str]] = {}
    for name, result in results(target, dtype).items():
        found.setdefault(result.verdict, set()).add(name)
    return found


def test_solvers_are_right_except_for_the_findings_and_imprecise_where_they_cast() -> None:
    found = by_verdict("diffusers:solvers")
    assert found.pop(Verdict.WRONG) == WRONG
    assert found.pop(Verdict.IMPRECISE) == CAST | FLOAT32_GRIDS
    assert len(found.pop(Verdict.CONFORMANT)) == 47
    assert not found


def test_float32_is_conformant_except_for_the_findings() -> None:
    found = by_verdict("diffusers:solvers", "float32")
    assert found.pop(Verdict.WRONG) == WRONG
    assert set(found) == {Verdict.CONFORMANT}


@pytest.mark.parametrize(
    ("predicts", "wrong", "refused"),
    [
        ("sample", WRONG - {"flow_times_ending_at"}, {"dpm2_path", "dpm2_ancestral_path", "dpm2_ancestral_step",
            "euler_ancestral_path", "euler_ancestral_step", "plms_path", "pndm_path"}),
        ("v_prediction", WRONG - {"flow_times_ending_at"} | {"plms_path", "pndm_path"}, set()),
        ("flow_prediction", WRONG - {"flow_times_ending_at", "tcd_path"}, {"dpm2_path", "dpm2_ancestral_path",
            "dpm2_ancestral_step", "euler_ancestral_path", "euler_ancestral_step", "plms_path", "pndm_path", "dpm_solver_2m_path",
            "dpm_solver_2s_path", "dpm_solver_2m_sde_path", "dpm_solver_sde_1_path", "euler_path", "heun_path", "lms_path",
            "ddim_inversion_step", "tcd_path", "tcd_step"}),
    ],
)  # fmt: skip
def test_what_the_network_predicts_changes_no_verdict_but_pndm_s(predicts: str, wrong: set[str], refused: set[str]) -> None:
    found = by_verdict(f"diffusers:solvers_{predicts}", "float32")
    assert found.pop(Verdict.WRONG) == wrong
    assert found.pop(Verdict.NOT_PROVIDED, set()) == refused
    assert set(found) == {Verdict.CONFORMANT}


@pytest.mark.parametrize(
    ("formula", "mistake"),
    [
        ("tcd_path", "tcd_path__final_alpha_bar_first_step"),
        ("dpmpp_3m_sde_path", "dpmpp_3m_sde_path__half_subtracted"),
        ("dpmpp_3m_sde_step", "dpmpp_3m_sde_step__half_subtracted"),
        ("flow_times_ending_at", "flow_times_ending_at__shifted_twice"),
    ],
)
def test_wrong_formulas_are_known_mistakes(formula: str, mistake: str) -> None:
    diagnosis = results("diffusers:solvers")[formula].diagnosis
    assert diagnosis is not None
    assert diagnosis.mistake == mistake


def test_unipc_bh1_is_nan_where_it_ends_at_data_and_right_elsewhere() -> None:
    for outcome in results("diffusers:solvers")["unipc_bh1_path"].outcomes:
        to_data = "ends-with-noise" not in outcome.vector.id and "end-with-noise" not in outcome.vector.id
        assert (outcome.verdict is Verdict.WRONG) is to_data
        assert outcome.got is not None
        assert np.isnan(outcome.got[-1]).all() == to_data
        assert np.isfinite(outcome.got[:-1]).all()


def test_tcd_is_right_but_for_where_it_ends() -> None:
    for outcome in results("diffusers:solvers")["tcd_path"].outcomes:
        assert outcome.got is not None
        np.testing.assert_allclose(outcome.got[:-1], outcome.vector.value[:-1], rtol=1e-12, atol=1e-13)


def test_third_order_multistep_is_the_released_one_of_second_order() -> None:
    found = results("diffusers:third_order")
    assert {name: result.verdict for name, result in found.items()} == dict.fromkeys(found, Verdict.WRONG)
    for name, result in found.items():
        assert result.diagnosis is not None
        assert result.diagnosis.mistake == f"{name}__half_the_second_derivative"
    settings, lift = Settings("torch"), lifter("torch", "float64", "cpu")
    for name in ("dpmpp_3m_step", "dpm_solver_3m_step"):
        (order,) = beyond_cases(load_adapter("diffusers:third_order"), found[name], settings, lift).orders
        assert order.short
        assert order.order == pytest.approx(2, abs=0.15)


@pytest.mark.slow
def test_orders_and_invariants_tell_no_more_than_the_cases() -> None:
    adapter = load_adapter("diffusers:solvers")
    for result in check(adapter, vectors(), Settings("torch"), sorted(adapter.functions)):
        assert result.verdict is results("diffusers:solvers")[result.formula].verdict, result.formula
        assert not result.short, result.formula
        assert not result.broken, result.formula


@pytest.mark.parametrize("target", ["diffusers:unclip", "diffusers:unclip_sample"])
def test_unclip_is_ddpm_but_for_a_clamped_variance(target: str) -> None:
    for outcome in results(target)["ddpm_step"].outcomes:
        if outcome.verdict is not Verdict.CONFORMANT:
            given = outcome.vector.given
            assert outcome.verdict is Verdict.IMPRECISE
            assert given["s"] == 0 or given["t"] > 990 or given["betas"][given["t"] - 1] > 0.5


def on_gaussian_data(scheduler: Any, dtype: Any, n: int) -> Any:
    """End of a run of n steps whose model knows data of variance 1/4."""
    scheduler.set_timesteps(n)
    scheduler.sigmas = scheduler.sigmas.to(dtype)
    x = torch.tensor([[1.0, -0.5]], dtype=dtype)
    for sigma, t in zip(scheduler.sigmas[:-1].double(), scheduler.timesteps, strict=True):
        signal = 1 / (1 + sigma**2)
        eps = sigma * signal.sqrt() / (signal / 4 + 1 - signal) * x.double()
        x = scheduler.step(eps.to(dtype), t, x).prev_sample
    return x.double()


@pytest.mark.parametrize(("name", "low", "high"), [("DEISMultistep", 1e-4, 1e-2), ("DPMSolverMultistep", 0.0, 1e-5)])
def test_deis_of_third_order_loses_digits_in_float32(name: str, low: float, high: float) -> None:
    more = {} if name == "DEISMultistep" else {"final_sigmas_type": "sigma_min"}
    kind = getattr(diffusers, f"{name}Scheduler")
    single, double = (on_gaussian_data(kind(solver_order=3, **more), dtype, 100) for dtype in (torch.float32, torch.float64))
    assert low < float(((single - double) / double).abs().max()) < high


@pytest.mark.parametrize("finding", OWN, ids=lambda finding: finding.name)
def test_reproduction_shows_what_was_found(finding: Finding) -> None:
    shown: dict[str, Any] = {}
    with quiet():
        exec(finding.reproduction, shown)
    got = [float(x) for x in (shown["got"] if isinstance(shown["got"], tuple) else torch.as_tensor(shown["got"]).reshape(-1))]
    assert got == pytest.approx(finding.got, rel=1e-5, nan_ok=True)
    assert len(finding.reproduction.strip().splitlines()) <= 10
    assert not finding.case or finding.case in {vector.id for vector in vectors().of(finding.formula)}


def powers(last: int = 1000) -> list[Any]:
    """Signal powers of linear betas 1e-4 to 0.02 at t = 0, 1, ..."""
    found, first, end = [arb(1)], arb(1) / 10000, arb(2) / 100
    for k in range(last):
        found.append(found[-1] * (1 - first - (end - first) * k / 999))
    return found


def of_parabola(strength: int) -> Any:
    """alpha_s times the integral of k*exp(-k*(h - u))*x_0(u) over a step of log 2, by quadrature: x_0 = u*(u + h)/(2*h**2)."""
    h = acb(2).log()
    value = acb.integral(lambda u, _: strength * (strength * (u - h)).exp() * u * (u + h) / (2 * h**2), 0, h)
    return value.real / arb(2).sqrt()


def held_to_sigma_min() -> Any:
    """alpha_1*x_0 + sigma_1*eps for x_0 = 1 and the eps of the state 0 at t = 1000."""
    found = powers()
    return found[1].sqrt() - (1 - found[1]).sqrt() * (found[1000] / (1 - found[1000])).sqrt()


def after_one_ipndm_step() -> Any:
    """alpha at the second of four levels, whose sigma is sin(3*pi/8)**2, times x_0 = 1."""
    return (1 - (3 * arb.pi() / 8).sin() ** 4).sqrt()


WANTED: dict[str, Callable[[], tuple[Any, ...]]] = {
    "unipc_bh1_is_nan_at_data": lambda: (arb(1),),
    "unipc_of_noise_is_nan_at_data": lambda: (arb(1),),
    "unipc_at_full_order_is_nan_at_data": lambda: (arb(1),),
    "dpm_solver_is_nan_at_a_level_twice": lambda: (held_to_sigma_min(),),
    "third_order_is_second": lambda: (of_parabola(1),),
    "third_order_sde_has_a_wrong_sign": lambda: (of_parabola(2),),
    "singlestep_sde_of_third_order_does_not_converge": lambda: (powers(1)[1] / 4 + 1 - powers(1)[1],),
    "singlestep_sde_gains_nothing_by_its_order": lambda: (powers(1)[1] / 4 + 1 - powers(1)[1],),
    "pndm_combines_v": lambda: (arb(1),),
    "pndm_strides_past_its_grid": lambda: (arb(1),),
    "tcd_ignores_set_alpha_to_one": lambda: (arb(0),),
    "flow_grid_is_shifted_twice": lambda: (3 * arb(1) / 1000 / (1 + 2 * arb(1) / 1000),),
    "stretched_grid_of_one_step_is_nan": lambda: (),
    "first_time_twice_skips_a_level": lambda: (arb(0),),
    "solvers_of_T_steps_are_nan": lambda: (arb(1),),
    "leading_grid_of_T_steps_stands_still": lambda: (),
    "inverse_of_flow_runs_forwards": lambda: ((1 - arb(1) / 1000) / 4, 1 - arb(1) / 1000),
    "inverse_grid_drops_times_and_keeps_levels": lambda: (arb(79), arb(80)),
    "log_linear_grid_has_a_level_too_many": lambda: (arb(5), arb(0)),
    "churn_comes_after_the_model": lambda: (arb(0),),
    "repaint_goes_back_by_another_stride_s_noise": lambda: ((1 - powers(5)[5] / powers(5)[1]).sqrt(),),
    "ipndm_forgets_its_first_answer": lambda: (after_one_ipndm_step(),),
}


@pytest.mark.parametrize("finding", OWN, ids=lambda finding: finding.name)
def test_wanted_value_is_confirmed_in_balls(finding: Finding) -> None:
    before, ctx.prec = ctx.prec, 256
    try:
        wanted = [float(x) for x in WANTED[finding.name]()]
    finally:
        ctx.prec = before
    assert finding.wanted == pytest.approx(wanted, rel=1e-6)
