"""Diffusers' schedulers over options and numbers of steps: every fault that the sweep sees is judged, and stays as it is."""

import re
from typing import NamedTuple

import pytest

VERSION = "0.42.1"
diffusers = pytest.importorskip("diffusers", reason="diffusers is not installed; pip install 'refdiff[diffusers]'")
pytest.importorskip("torch", reason="torch is not installed; pip install 'refdiff[torch]'")
if diffusers.__version__ != VERSION:
    pytest.skip(f"faults are recorded for diffusers {VERSION}, this is {diffusers.__version__}", allow_module_level=True)

from refdiff.adapters.diffusers import sweep  # noqa: E402
from refdiff.adapters.diffusers.settings import SETTINGS, Setting  # noqa: E402
from refdiff.adapters.findings.diffusers import CONVENTIONS, FINDINGS  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:__array:DeprecationWarning", "ignore::RuntimeWarning")
FEW = (1, 2, 4, 13, 15)
ALL = sorted({*range(1, 201), *range(203, 1001, 53), 250, 251, 333, 334, 500, 501, 750, 999, 1000})
RUN = (1, 2, 3, 4, 5, 6, 7, 9, 10, 13, 14, 15, 16, 20, 25, 30, 50, 61)


class Judged(NamedTuple):
    """A fault of some settings: what it is, and how often it shows.

    Attributes:
        settings: pattern of the settings that have it.
        fault: what the sweep says.
        as_what: a finding's name, or the start of a convention.
        few: (settings struck, least number of steps, how often) over FEW; none where it shows at none of them.
        all: the same over ALL, runs at RUN.
    """

    settings: str
    fault: str
    as_what: str
    few: tuple[int, int, int] | None
    all: tuple[int, int, int]


JUDGED = (
    Judged(r"PNDM\(.*epsilon", "the model asked about a state of another level", "pndm_strides_past_its_grid",
        (3, 2, 8), (4, 2, 35)),
    Judged(r"PNDM\(.*v_prediction", "the model asked about a state of another level", "pndm_combines_v",
        (6, 2, 21), (6, 2, 96)),
    Judged(r"PNDM\(.*skip_prk_steps=False", "raises ValueError", "LCM's and TCD's steps",
        (6, 1, 12), (6, 1, 18)),
    Judged(r"^DDIM\(", "the model asked about a state of another level", "ddim_strides_past_its_grid",
        (2, 2, 5), (2, 2, 19)),
    Judged(r"^DDIMInverse", "the model asked about a state of another level", "ddim_strides_past_its_grid",
        None, (1, 61, 1)),
    Judged(r"^TCD", "an end that is not its last level", "tcd_ignores_set_alpha_to_one",
        (1, 1, 5), (1, 1, 14)),
    Judged(r"^UnCLIP", "raises ZeroDivisionError", "LCM's and TCD's steps",
        (1, 1, 1), (1, 1, 1)),
    Judged(r"^IPNDM", "an end that is not its last level", "ipndm_forgets_its_first_answer",
        (1, 1, 5), (1, 1, 17)),
    Judged(r"^DPMSolverMultistep.*sigma_min, use_karras", "a last step that goes nowhere", "dpm_solver_is_nan_at_a_level_twice",
        (4, 2, 16), (4, 2, 896)),
    Judged(r"^DPMSolverMultistep.*sigma_min, use_karras", "a state that is no number", "dpm_solver_is_nan_at_a_level_twice",
        (3, 15, 3), (3, 15, 21)),
    Judged(r"^(DEIS|SASolver)", "a last step that goes nowhere", "DEISMultistep and SASolver end",
        (11, 1, 55), (13, 1, 2491)),
    Judged(r"^EulerDiscrete\(final_sigmas_type", "a last step that goes nowhere", "EulerDiscrete with final_sigmas_type",
        (1, 1, 5), (1, 1, 225)),
    Judged(r"^UniPC.*bh1.*predict_x0\)", "a state that is no number", "unipc_bh1_is_nan_at_data",
        (3, 1, 15), (3, 1, 54)),
    Judged(r"^UniPC.*predict_x0=False", "a state that is no number", "unipc_of_noise_is_nan_at_data",
        (6, 1, 30), (6, 1, 108)),
    Judged(r"^UniPC.*lower_order_final=False", "a state that is no number", "unipc_at_full_order_is_nan_at_data",
        (1, 2, 4), (1, 2, 17)),
    Judged(r"shift_terminal", "a time that is no number", "stretched_grid_of_one_step_is_nan",
        (1, 1, 1), (1, 1, 1)),
    Judged(r"shift_terminal", "raises IndexError", "stretched_grid_of_one_step_is_nan",
        (1, 1, 1), (1, 1, 1)),
    Judged(r"log_linear", "a time of another noise level", "log_linear_grid_has_a_level_too_many",
        (1, 1, 5), (1, 1, 225)),
    Judged(r"log_linear", "an end that is not its last level", "log_linear_grid_has_a_level_too_many",
        (1, 1, 5), (1, 1, 18)),
    Judged(r"squaredcos", "a first step from another level", "first_time_twice_skips_a_level",
        (1, 4, 3), (1, 4, 222)),
    Judged(r"squaredcos", "raises IndexError", "first_time_twice_skips_a_level",
        (1, 4, 3), (1, 4, 15)),
    Judged(r"linspace", "a start that is not noise", "linspace with one step",
        (24, 1, 24), (24, 1, 24)),
    Judged(r"trailing", "another number of calls", "trailing_grid_has_a_step_too_many",
        None, (19, 61, 114)),
    Judged(r"steps_offset", "a time outside the table", "offset_leaves_the_schedule",
        None, (2, 999, 2)),
    Judged(r"flow_shift", "a first step from another level", "first_time_twice_skips_a_level",
        None, (2, 334, 33)),
    Judged(r"^(DPMSolver|DEIS|UniPC|SASolver)(?!.*leading)", "a noise level twice", "solvers_of_T_steps_are_nan",
        None, (34, 1000, 34)),
    Judged(r"leading", "a noise level twice", "leading_grid_of_T_steps_stands_still",
        None, (5, 999, 6)),
    Judged(r"leading", "a first step from another level", "leading_grid_of_T_steps_stands_still",
        None, (4, 1000, 4)),
    Judged(r"^CMStochastic", "a last step that goes nowhere", "CMStochasticIterative at n = T",
        None, (1, 40, 1)),
)  # fmt: skip


def totals(found: dict[str, dict[str, list[int]]]) -> dict[Judged, tuple[int, int, int]]:
    """What was seen of each judged fault."""
    seen: dict[Judged, list[list[int]]] = {}
    for setting, faults in found.items():
        for fault, counts in faults.items():
            judged = [one for one in JUDGED if one.fault == fault and re.search(one.settings, setting)]
            assert len(judged) == 1, f"{setting}: {fault} at {counts[:5]} is judged {len(judged)} times"
            seen.setdefault(judged[0], []).append(counts)
    return {one: (len(rows), min(map(min, rows)), sum(map(len, rows))) for one, rows in seen.items()}


def test_faults_at_a_few_numbers_of_steps_are_the_judged_ones() -> None:
    assert totals(sweep.swept(FEW, FEW)) == {one: one.few for one in JUDGED if one.few}


@pytest.mark.slow
def test_faults_at_all_numbers_of_steps_are_the_judged_ones() -> None:
    assert totals(sweep.swept(ALL, RUN)) == {one: one.all for one in JUDGED}


def test_every_judgement_is_a_finding_or_a_convention() -> None:
    names = {finding.name for finding in FINDINGS}
    for one in JUDGED:
        assert one.as_what in names or any(told.startswith(one.as_what) for told in CONVENTIONS), one.as_what


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("lambda s: s.sigmas.__setitem__(3, s.sigmas[2])", "a noise level twice"),
        ("lambda s: s.sigmas.__setitem__(3, 2 * s.sigmas[2])", "a noise level that rises"),
        ("lambda s: s.sigmas.__setitem__(3, float('nan'))", "a noise level that is no number"),
        ("lambda s: s.timesteps.__setitem__(3, 1000)", "a time outside the table"),
        ("lambda s: s.timesteps.__setitem__(3, s.timesteps[2])", "a time of another noise level"),
        ("lambda s: setattr(s, 'timesteps', s.timesteps[:-1])", "another number of calls"),
        ("lambda s: s.timesteps.__setitem__(1, s.timesteps[0])", "a first step from another level"),
        ("lambda s: s.sigmas.__setitem__(-1, s.sigmas[-2])", "a last step that goes nowhere"),
        ("lambda s: s.sigmas.__setitem__(-1, 0.5 * s.sigmas[-2])", ""),
    ],
)
def test_sweep_sees_a_grid_that_is_spoilt(monkeypatch: pytest.MonkeyPatch, change: str, fault: str) -> None:
    spoil = eval(change)
    kind = diffusers.EulerDiscreteScheduler
    made = kind.set_timesteps

    def spoilt(self: object, n: int) -> None:
        made(self, n)
        spoil(self)

    setting = Setting("EulerDiscrete", {"timestep_spacing": "trailing"})
    assert list(sweep.faults(setting, 8, run=False)) == []
    monkeypatch.setattr(kind, "set_timesteps", spoilt)
    assert (fault in list(sweep.faults(setting, 8, run=False))) is bool(fault)


@pytest.mark.parametrize("scheduler", ["EulerDiscrete", "DPMSolverMultistep", "HeunDiscrete", "DEISMultistep", "DDIM"])
def test_sweep_sees_a_step_that_is_too_long(monkeypatch: pytest.MonkeyPatch, scheduler: str) -> None:
    kind = getattr(diffusers, f"{scheduler}Scheduler")
    made = kind.step

    def longer(self: object, output: object, t: object, x: object, **more: object) -> object:
        moved = made(self, output, t, x, **more)
        moved.prev_sample = x + 1.1 * (moved.prev_sample - x)
        return moved

    setting = next(one for one in SETTINGS if one.scheduler == scheduler and not list(sweep.faults(one, 6, run=True)))
    monkeypatch.setattr(kind, "step", longer)
    assert list(sweep.faults(setting, 6, run=True))
