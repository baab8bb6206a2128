"""Whole runs under test: all states, all but the start, or the last alone; models that say what level they know."""

import numpy as np
import pytest

from refdiff.conformance.adapter import Adapter
from refdiff.conformance.check import Settings, check
from refdiff.conformance.judge import Verdict
from refdiff.golden.cases.runs import LEVELS, data, runs
from refdiff.golden.models import array_models
from refdiff.golden.vectors import Vectors
from refdiff.mistakes.path import ddim_path__eta_ignored
from refdiff.reference.denoiser import denoiser_correlated_gaussian, denoiser_dirac, denoiser_gaussian
from refdiff.reference.mixture import denoiser_mixture
from refdiff.reference.path import ddim_path

ASKED = ("denoiser", "x_T", "z", "eta", "betas", "timesteps")
VIEWS = {"all": lambda run: run, "all but the start": lambda run: run[1:], "the last": lambda run: run[-1]}


def checked(function, asked=ASKED):
    (result,) = check(
        Adapter("planted", {"ddim_path": function}, {"ddim_path": asked}, "numpy"), Vectors(), Settings("numpy"), ["ddim_path"]
    )
    return result


@pytest.mark.parametrize("view", VIEWS)
def test_a_right_run_is_conformant_however_much_of_it_is_returned(view):
    result = checked(lambda **given: VIEWS[view](ddim_path(**given)))
    assert result.verdict is Verdict.CONFORMANT
    assert result.count(Verdict.CONFORMANT) == len(result.outcomes)


@pytest.mark.parametrize("view", VIEWS)
def test_a_wrong_run_is_named_however_much_of_it_is_returned(view):
    asked = tuple(name for name in ASKED if name != "eta")
    result = checked(lambda **given: VIEWS[view](ddim_path__eta_ignored(**given)), asked)
    assert result.verdict is Verdict.WRONG
    assert result.diagnosis.mistake == "ddim_path__eta_ignored"


def test_a_run_of_another_length_is_wrong():
    result = checked(lambda **given: ddim_path(**given)[::2])
    assert result.verdict is Verdict.WRONG
    assert "returned shape" in result.reason


X = np.array([[0.5, -1.25]])


def test_models_know_every_level_by_its_scales_and_by_the_cases_own_time():
    points = np.array([[1.0, 0.5], [-1.0, 0.25]])
    expected = denoiser_dirac(X, points, 1.0, 0.75)
    for sigma in (0.75, np.float64(0.75), np.array([0.75]), np.array([[0.75]])):
        known = array_models({"x_T": X, "sigmas": np.array([1.0, 0.0]), "points": points}, lambda _, value: value)
        assert np.array_equal(known["denoiser"](X, sigma), expected)
        assert np.array_equal(known["denoiser_at_level"](X, 1.0, sigma), expected)
        assert np.allclose(known["eps_model"](X, sigma), (X - expected) / 0.75, rtol=1e-15)
        assert "velocity_model" not in known
    flow = array_models({"x_T": X, "times": np.array([1.0, 0.0]), "points": points}, lambda _, value: value)
    assert np.array_equal(flow["denoiser"](X, 0.25), denoiser_dirac(X, points, 0.75, 0.25))
    assert np.allclose(flow["velocity_model"](X, 0.25), (X - flow["denoiser"](X, 0.25)) / 0.25, rtol=1e-14)


def test_a_process_has_a_model_at_every_time_of_its_own():
    law = {"x_T": X, "sde_times": np.array([1.0, 0.0]), "points": np.array([[1.0, 0.5], [-1.0, 0.25]])}
    for ends, level in (
        ({"sigma_min": 0.25, "sigma_max": 4.0}, (1, 1.0)),
        ({"beta_rate_min": 1.0, "beta_rate_max": 3.0}, (np.exp(-0.375), np.sqrt(-np.expm1(-0.75)))),
    ):
        known = array_models(law | ends, lambda _, value: value)
        expected = known["denoiser_at_level"](X, *level)
        assert np.allclose(known["denoiser"](X, 0.5), expected, rtol=1e-14)
        assert np.allclose(known["eps_model"](X, 0.5), (X - level[0] * expected) / level[1], rtol=1e-13)


def test_a_table_has_no_model_between_its_times():
    known = array_models({"x_T": X, "betas": np.array([0.1, 0.2]), "mean": X[0], "variance": X[0] ** 2}, lambda _, value: value)
    assert np.isfinite(known["denoiser"](X, 2)).all()
    with pytest.raises(NotImplementedError, match=r"knows whole times, not 1\.5; denoiser_at_level"):
        known["denoiser"](X, 1.5)


def test_every_law_has_its_own_denoiser():
    levels = {"x_T": X, "sigmas": np.array([1.0, 0.0])}
    bodies = {"dirac": denoiser_dirac, "gaussian": denoiser_gaussian, "mixture": denoiser_mixture}
    for law, body in (bodies | {"correlated": denoiser_correlated_gaussian}).items():
        known = data("test", law)
        x = np.ones((1, 8)) if law == "correlated" else X
        model = array_models(levels | known, lambda _, value: value)["denoiser_at_level"]
        assert np.array_equal(model(x, 0.75, 0.5), body(x, *known.values(), 0.75, 0.5))


def test_every_kind_of_levels_gives_at_least_twenty_runs_with_their_own_labels():
    for kinds in (("sigmas",), ("betas",), ("times",), ("sigmas", "times"), ("sigmas", "betas", "times")):
        rows = list(runs("test", kinds))
        assert len({label for label, _, _ in rows}) == len(rows) >= 20
        assert {kind for kind, _, _, levels in LEVELS if kind in kinds} == set(kinds)
        for _, comment, given in rows:
            assert comment
            assert set(given) & {"sigmas", "betas", "times"}
            assert given["x_T"].ndim == 2
