"""Invariants of samplers: data of one point keep a run on one line, at any number of steps."""

import numpy as np
import pytest

from refdiff.catalogue import formula, formulas
from refdiff.conformance.adapter import Adapter
from refdiff.conformance.arrays import lifter
from refdiff.conformance.invariants import COUNTS, broken
from refdiff.reference.path import ddim_path
from refdiff.reference.singlestep import euler_path

LIFT = lifter("numpy", "float64", "cpu")
ASKED = ("denoiser_at_level", "x_T", "alphas", "sigmas")


def faults(function, name="euler_path", asked=None):
    return broken(Adapter("planted", {name: function}, {name: asked or formula(name).arguments}, "numpy"), name, LIFT, 20.0)


@pytest.mark.parametrize("name", [name for name, known in formulas().items() if known.whole_run])
def test_no_reference_sampler_breaks_one(name):
    assert faults(formula(name).function, name) == []


def test_float32_tables_break_none():
    def single(denoiser_at_level, x_T, alphas, sigmas):
        return euler_path(denoiser_at_level, x_T.astype(np.float32), alphas.astype(np.float32), sigmas.astype(np.float32))

    assert faults(single) == []


PLANTED = {
    "about a state of another noise level": lambda d, x, a, s: euler_path(lambda x_t, at, st: d(x_t, at, st / 1.05), x, a, s),
    "wanted": lambda d, x, a, s: euler_path(d, x, a[::2], s[::2]) if len(s) % 2 else euler_path(d, x, a, s),
    "not finite": lambda d, x, a, s: euler_path(d, x, a, s) * (np.nan if len(s) == 62 else 1),
    "do not sum to the whole way": lambda d, x, a, s: euler_path(d, x, a, np.append(s[:-1], 1.25 * s[-1])),
    "raised ValueError": lambda d, x, a, s: euler_path(d, x, a, s) if len(s) != 78 else int("nothing"),
}


@pytest.mark.parametrize("told", PLANTED)
def test_a_broken_one_is_told_with_the_number_of_steps(told):
    planted = PLANTED[told]
    found = faults(lambda denoiser_at_level, x_T, alphas, sigmas: planted(denoiser_at_level, x_T, alphas, sigmas), asked=ASKED)
    assert found
    assert all(told in one.told for one in found)
    assert {one.n for one in found} <= set(COUNTS)
    if told == "not finite":
        assert [one.n for one in found] == [61]


def test_a_model_asked_one_time_early_is_noticed_on_a_table():
    def early(denoiser, x_T, z, eta, betas, timesteps):
        return ddim_path(lambda x_t, t: denoiser(x_t, max(t - 20, 1)), x_T, z, eta, betas, timesteps)

    found = faults(early, "ddim_path")
    assert found
    assert "about a state of another noise level" in found[-1].told


def test_what_an_adapter_declines_breaks_nothing():
    def declines(denoiser_at_level, x_T, alphas, sigmas):
        raise NotImplementedError("only tables")

    assert faults(declines) == []
