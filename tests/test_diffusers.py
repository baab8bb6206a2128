"""Diffusers' DDPM, DDIM and tables: verdicts and findings of one release, and that each deviation is what its record says."""

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

VERSION = "0.42.1"
diffusers = pytest.importorskip("diffusers", reason="diffusers is not installed; pip install 'refdiff[diffusers]'")
flint = pytest.importorskip("flint", reason="python-flint is not installed; pip install 'refdiff[golden]'")
torch = pytest.importorskip("torch", reason="torch is not installed; pip install 'refdiff[torch]'")
if diffusers.__version__ != VERSION:
    pytest.skip(f"verdicts are recorded for diffusers {VERSION}, this is {diffusers.__version__}", allow_module_level=True)

from diffusers.schedulers import scheduling_ddpm  # noqa: E402
from flint import arb, ctx  # noqa: E402

from refdiff.adapters.diffusers import schedulers as diffusers_schedulers  # noqa: E402
from refdiff.adapters.findings import Finding, findings_table  # noqa: E402
from refdiff.adapters.findings.diffusers import FINDINGS, TABLES  # noqa: E402
from refdiff.conformance.adapter import load_adapter  # noqa: E402
from refdiff.conformance.check import Outcome, Result, Settings, check  # noqa: E402
from refdiff.conformance.judge import Verdict  # noqa: E402
from refdiff.golden.vectors import Vectors  # noqa: E402
from refdiff.reference.schedule import log_alpha_bar  # noqa: E402
from refdiff.reference.step import ddim_step, ddpm_step  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
ON_GRID = {"timesteps_leading", "timesteps_linspace"}
CLAMPED = {"ddpm_path", "ddpm_step"}
NAN_BY_LOG = {"ddpm_step_large", "posterior_variance_large"}
OFF_GRID = ("n-4-from-10", "n-4-from-1000", "n-3-from-10")
# What variance types change; all else of these targets is the code of `sample`.
LAWS = ("log_variance", "log_variance_large", "log_variance_learned", "mean", "variance")
VARIANCES = sorted(CLAMPED | NAN_BY_LOG) + [f"posterior_{name}" for name in LAWS]


@cache
def vectors() -> Vectors:
    return Vectors()


def provided(target: str) -> list[str]:
    """What the adapter holds but the solvers, which have tests of their own."""
    return sorted(set(load_adapter(target).functions) - set(load_adapter("diffusers:solvers").functions))


@cache
def results(target: str, dtype: str) -> dict[str, Result]:
    adapter = load_adapter(target)
    names = VARIANCES if target.endswith(("log_variances", "learned_range")) else provided(target)
    return {result.formula: result for result in check(adapter, vectors(), Settings("torch", dtype), names)}


def by_verdict(target: str, dtype: str) -> dict[Verdict, set[str]]:
    found: dict[Verdict, set[str]] = {}
    for name, result in results(target, dtype).items():
        found.setdefault(result.verdict, set()).add(name)
    return found


@pytest.mark.slow  # .ci/run asks every library by command.
def test_command_names_two_formulas_wrong_and_the_float32_tables_imprecise() -> None:
    asked = [word for name in provided("diffusers") for word in ("--formula", name)]
    command = [sys.executable, "-m", "refdiff", "check", "diffusers", "--json", *asked]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=120)
    assert done.returncode == 1, done.stderr
    told = {one["formula"]: one for one in json.loads(done.stdout)["formulas"]}
    found: dict[str, set[str]] = {}
    for name, one in told.items():
        found.setdefault(one["verdict"], set()).add(name)
    assert found.pop("wrong") == {"ddim_path", "timesteps_trailing"}
    assert found.pop("conformant") == ON_GRID
    assert found.pop("imprecise") == set(provided("diffusers")) - ON_GRID - {"ddim_path", "timesteps_trailing"}
    assert not found
    assert told["ddim_path"]["diagnosis"]["mistake"] == "ddim_path__previous_by_fixed_stride"
    wrong = [(case["id"], case["reason"]) for case in told["timesteps_trailing"]["cases"] if case["verdict"] == "wrong"]
    assert wrong == [
        ("schedule.timesteps_trailing/T-1000-n-61@1", "returned shape (62,), wanted (61,); the first 61 entries are right")
    ]


@pytest.mark.parametrize(
    ("predicts", "wrong"),
    [
        ("", {"ddim_path", "timesteps_trailing"}),
        (":sample", {"ddim_path"}),
        (":v_prediction", {"ddim_path"}),
        (":learned_range", set()),
        (":log_variances", NAN_BY_LOG),
    ],
)
def test_float32_is_conformant_except_for_the_findings(predicts: str, wrong: set[str]) -> None:
    found = by_verdict(f"diffusers{predicts}", "float32")
    assert found.pop(Verdict.WRONG, set()) == wrong
    assert set(found) == {Verdict.CONFORMANT}


@pytest.mark.parametrize(
    ("predicts", "wrong"),
    [
        ("", {"ddim_path"}),
        ("_sample", {"ddim_path"}),
        ("_v_prediction", {"ddim_path"}),
        ("_learned_range", set()),
        ("_log_variances", NAN_BY_LOG),
    ],
)
def test_formulas_keep_float64_when_the_tables_do(predicts: str, wrong: set[str]) -> None:
    found = by_verdict(f"diffusers:exact{predicts}", "float64")
    assert found.pop(Verdict.WRONG, set()) == wrong
    # compute_snr has float32 of its own.
    assert found.pop(Verdict.IMPRECISE) == (CLAMPED | {"snr"}) & set(results(f"diffusers:exact{predicts}", "float64"))
    assert set(found) == {Verdict.CONFORMANT}


def failures(target: str, formula: str, dtype: str = "float64") -> list[Outcome]:
    return [one for one in results(target, dtype)[formula].outcomes if one.verdict in (Verdict.WRONG, Verdict.IMPRECISE)]


def test_ddim_path_fails_only_where_the_next_time_is_not_one_stride_away() -> None:
    off_grid = {vector.id for vector in vectors().of("ddim_path") if any(f"{grid}-eta" in vector.id for grid in OFF_GRID)}
    assert {one.vector.id for one in failures("diffusers:exact_sample", "ddim_path")} == off_grid
    # In float32 float16's room holds the smallest of these deviations, so that they pass for lost digits there.
    assert {one.vector.id for one in failures("diffusers:sample", "ddim_path", "float32")} == off_grid


def test_ddim_path_is_right_but_for_the_times_it_steps_to() -> None:
    """Every failed run equals our own steps from each t to t - T // n."""
    for one in failures("diffusers:exact_sample", "ddim_path"):
        given = one.vector.given
        powers, times = log_alpha_bar(given["betas"]), given["timesteps"]
        states = [given["x_T"]]
        for t, z in zip(times.tolist(), given["z"], strict=True):
            s = max(t - len(powers) // len(times), 0)
            x_0 = exact_denoiser(one)(states[-1], t)
            states.append(ddim_step(states[-1], x_0, z, given["eta"], powers[s - 1] if s else 0.0, powers[t - 1]))
        np.testing.assert_allclose(one.got, np.stack(states), rtol=1e-10, atol=1e-12)


def exact_denoiser(one: Outcome) -> Callable[[Any, int], Any]:
    from refdiff.conformance.arrays import inputs

    found: Callable[[Any, int], Any] = inputs(one.vector, lambda _, value: value)["denoiser"]
    return found


def test_ddpm_is_right_but_for_1e_10_of_noise_in_the_result() -> None:
    for one in failures("diffusers:exact_sample", "ddpm_step"):
        assert one.vector.given["s"] == 0
        wanted = one.vector.value + one.vector.expected["low"] + 1e-10 * one.vector.given["z"]
        np.testing.assert_allclose(one.got, wanted, rtol=1e-12, atol=1e-14)
    for one in failures("diffusers:exact_sample", "ddpm_path"):
        assert one.vector.given["timesteps"][-1] > 1
        wanted = one.vector.value + one.vector.expected["low"]
        wanted[-1] += 1e-10 * one.vector.given["z"][-1]
        np.testing.assert_allclose(one.got, wanted, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("finding", TABLES, ids=lambda finding: finding.name)
def test_reproduction_shows_what_was_found(finding: Finding) -> None:
    shown: dict[str, Any] = {}
    exec(finding.reproduction, shown)
    got = [float(x) for x in (shown["got"] if isinstance(shown["got"], tuple) else torch.as_tensor(shown["got"]).reshape(-1))]
    assert got == pytest.approx(finding.got, rel=1e-5, nan_ok=True)
    assert len(finding.reproduction.strip().splitlines()) <= 10
    assert not finding.case or finding.case in {vector.id for vector in vectors().of(finding.formula)}


def alpha_bars(betas: list[Any]) -> list[Any]:
    """Signal power at t = 0, 1, ..., T, in balls."""
    powers = [arb(1)]
    for beta in betas:
        powers.append(powers[-1] * (1 - beta))
    return powers


def linear() -> list[Any]:
    first, last = arb(1) / 10000, arb(2) / 100
    return [first + (last - first) * k / 999 for k in range(1000)]


def next_of_grid() -> Any:
    """x_667 from x_1000 = 0 and x_0 = 1, Song et al.'s Eq. (12) at eta = 0."""
    powers = alpha_bars(linear())
    return powers[667].sqrt() - (1 - powers[667]).sqrt() * powers[1000].sqrt() / (1 - powers[1000]).sqrt()


def zero_snr() -> Any:
    """v = 1 at x_t = 1 without signal is x_0 = -1; eta = 1 leaves -alpha_s and the noise."""
    first, last = (arb(85) / 100000).sqrt(), (arb(12) / 1000).sqrt()
    roots = [power.sqrt() for power in alpha_bars([(first + (last - first) * k / 999) ** 2 for k in range(1000)])[1:]]
    alpha_s = (roots[979] - roots[-1]) * roots[0] / (roots[0] - roots[-1])
    return -alpha_s + (1 - alpha_s**2).sqrt()


WANTED: dict[str, Callable[[], tuple[Any, ...]]] = {
    "ddim_strides_past_its_grid": lambda: (next_of_grid(),),
    "ddim_stops_short_of_data": lambda: (arb(0),),
    "trailing_grid_has_a_step_too_many": lambda: (arb(61), arb(1000) / 61 - 1),
    "ddim_is_nan_at_zero_snr": lambda: (zero_snr(),),
    "fixed_large_log_is_nan": lambda: (linear()[500].sqrt(),),
    "fixed_large_leaves_noise_in_the_result": lambda: (arb(0),),
    "last_strided_step_adds_1e_10": lambda: (arb(0),),
    "tables_are_float32": lambda: (1 - arb(1) / 3,),
    "half_precision_training_adds_no_noise": lambda: ((1 - alpha_bars(linear())[10]).sqrt(),),
    "compute_snr_is_float32": lambda: (arb(2) / 3 / (1 - arb(2) / 3),),
    "eps_at_zero_snr_is_not_refused": lambda: (),
    "offset_leaves_the_schedule": lambda: (),
}


@pytest.mark.parametrize("finding", TABLES, ids=lambda finding: finding.name)
def test_wanted_value_is_confirmed_in_balls(finding: Finding) -> None:
    before, ctx.prec = ctx.prec, 256
    try:
        wanted = [float(x) for x in WANTED[finding.name]()]
    finally:
        ctx.prec = before
    if finding.name == "trailing_grid_has_a_step_too_many":
        wanted = [round(x) for x in wanted]
    assert finding.wanted == pytest.approx(wanted, rel=1e-6)


def test_trailing_grid_is_too_long_for_62_numbers_of_steps() -> None:
    scheduler = diffusers.DDPMScheduler(timestep_spacing="trailing")
    longer = []
    for n in range(1, 1001):
        scheduler.set_timesteps(n)
        if len(scheduler.timesteps) != n:
            longer.append((len(scheduler.timesteps) - n, int(scheduler.timesteps[-1])))
    assert longer == [(1, -1)] * 62


def clipped_setting() -> tuple[Any, ...]:
    """betas, log powers at s = 480 and t = 500, x_t, x_0 outside [-1, 1], and z."""
    betas = np.float64(np.linspace(1e-4, 0.02, 1000, dtype=np.float32))
    powers = log_alpha_bar(betas)
    x_t, x_0, z = np.array([[1.5, -0.25, 3.0]]), np.array([[2.5, -0.5, -4.0]]), np.array([[0.5, 1.0, -2.0]])
    return betas, powers[479], powers[499], x_t, x_0, z


def test_clipped_ddpm_step_is_the_step_of_clipped_data() -> None:
    betas, log_s, log_t, x_t, x_0, z = clipped_setting()
    scheduler = diffusers.DDPMScheduler(1000, trained_betas=betas, prediction_type="sample")
    scheduler.set_timesteps(timesteps=[499, 479])
    got = diffusers_schedulers.ddpm_move(scheduler, torch.tensor(x_0), 500, torch.tensor(x_t), torch.tensor(z))
    np.testing.assert_allclose(got, ddpm_step(x_t, x_0.clip(-1, 1), z, log_s, log_t), rtol=1e-4)


@pytest.mark.parametrize("eta", [0.0, 0.5])
def test_clipped_ddim_step_is_the_step_of_clipped_data_only_when_asked(eta: float) -> None:
    betas, log_s, log_t, x_t, x_0, z = clipped_setting()
    scheduler = diffusers.DDIMScheduler(1000, trained_betas=betas, prediction_type="sample")
    scheduler.set_timesteps(50)
    states = [torch.tensor(x) for x in (x_0, x_t, z)]
    wanted = ddim_step(x_t, x_0.clip(-1, 1), z, eta, log_s, log_t)
    for consistent in (True, False):
        got = scheduler.step(states[0], 499, states[1], eta, consistent, variance_noise=states[2]).prev_sample
        assert np.allclose(got, wanted, rtol=1e-4) is consistent


def test_the_library_s_own_draw_is_left_as_it_was() -> None:
    before = scheduling_ddpm.randn_tensor
    results("diffusers:sample", "float32")
    assert scheduling_ddpm.randn_tensor is before


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "diffusers"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "diffusers", None)
    monkeypatch.delitem(sys.modules, "refdiff.adapters.diffusers.schedulers")
    with pytest.raises(ImportError, match=r"diffusers is not installed; pip install 'refdiff\[diffusers\]'"):
        importlib.import_module("refdiff.adapters.diffusers.schedulers")


def test_recorded_release_is_the_checked_one() -> None:
    assert importlib.import_module("refdiff.adapters.findings.diffusers").VERSION == VERSION


def test_table_has_a_short_row_for_each_finding_and_a_link_for_each_issue() -> None:
    rows, _, links = findings_table("diffusers", VERSION, FINDINGS).partition("\n\n")
    title, rule, *shown = rows.splitlines()
    assert [one.what in row for one, row in zip(FINDINGS, shown, strict=True)] == [True] * len(FINDINGS)
    assert {row.count("|") for row in (title, rule, *shown)} == {7}
    assert max(map(len, shown)) <= 120
    assert {line.split(": ")[1] for line in links.splitlines()} == {one.reported for one in FINDINGS} - {""}
