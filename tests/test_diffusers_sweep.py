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
    Judged(r"PNDM\(.*linspace.*epsilon", "the model asked about a state of another level", "pndm_strides_past_its_grid",
        None, (0, 0, 0)),
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
