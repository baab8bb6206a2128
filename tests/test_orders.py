"""Orders of convergence: every reference sampler at its own, a lost one told, and no right code accused."""

from unittest import mock

import numpy as np
import pytest

from refdiff.catalogue import formula, formulas
from refdiff.conformance.adapter import Adapter
from refdiff.conformance.arrays import lifter
from refdiff.conformance.check import Settings, check
from refdiff.conformance.judge import Verdict
from refdiff.conformance.local_orders import local_orders, local_orders_of
from refdiff.conformance.orders import LADDER, Order, Rung, fitted, orders, orders_of
from refdiff.conformance.report import run_lines
from refdiff.golden.models import array_models
from refdiff.golden.vectors import Vectors
from refdiff.reference import multistep
from refdiff.vocabulary import Quantities

FLOOR = 2e-12
RUNS = [
    name
    for name, known in formulas().items()
    if known.whole_run and known.section("Order") and "timesteps" not in known.arguments
]
STEPS = ("dpmpp_2m_step", "dpmpp_3m_step")


def reference(vector):
    asked = formula(vector.formula)
    known = Quantities({**vector.derived, **vector.given, **array_models(vector.given, lambda _, value: value)})
    return np.asarray(asked.function(*(known[name] for name in asked.arguments)))


def ladder(constant, order, bend=0.0, floor=0.0):
    return tuple(Rung(n, constant / n**order * (1 + bend / n) + floor) for n in LADDER)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_a_straight_ladder_gives_its_order_and_constant(order):
    found = fitted(ladder(5.0, order), 0.0)
    assert found == pytest.approx((order, order, order, 5.0), rel=1e-9)


def test_first_steps_that_are_not_yet_the_methods_do_not_count():
    assert fitted(ladder(5.0, 2, bend=8.0), 0.0)[0] == pytest.approx(2, abs=0.1)


def test_runs_below_the_rounding_do_not_count():
    assert fitted(ladder(1.0, 3, floor=3e-13), FLOOR)[0] == pytest.approx(3, abs=0.05)


def test_tables_that_level_off_do_not_pass_for_a_lost_order():
    for floor in (1e-3, 1e-4, 1e-5, 1e-6):
        found = fitted(ladder(1.0, 2, floor=floor), 0.0)
        assert np.isnan(found[0]) or found[2] > 2 - 0.35, floor


def test_roundings_that_grow_with_the_steps_do_not_pass_for_a_lost_order():
    rungs = tuple(Rung(n, 1 / n**2 + (n / 50) ** 2 * 1e-3) for n in LADDER)
    found = fitted(rungs, 0.0)
    assert found[2] > 2 - 0.35


def test_an_order_is_measured_above_the_rounding_alone():
    assert np.isnan(fitted(ladder(1e-9, 3), FLOOR)).all()


def test_an_order_is_short_only_beyond_the_spread_of_its_slopes():
    def measured(order, low, high, expected):
        return Order("", order, low, high, 1.0, expected, 2, ())

    assert measured(1.0, 0.98, 1.02, 2.0).short
    assert not measured(1.8, 1.7, 1.9, 2.0).short
    assert not measured(1.2, 0.8, 1.9, 2.0).short
    assert not measured(float("nan"), 0, 0, 2.0).short
    assert not measured(1.0, 0.98, 1.02, float("nan")).short


@pytest.mark.parametrize("name", RUNS)
def test_every_sampler_reaches_the_order_its_docstring_states(name):
    found = list(orders(reference, name))
    for one in found:
        assert not one.short
        if "smooth" in one.problem and one.measured:
            assert one.high > one.stated - 0.35, one
    if found:
        assert any(one.measured for one in found)


def of(function, name, asked=None):
    return Adapter("planted", {name: function}, {name: asked or formula(name).arguments}, "numpy")


def first_order_in_disguise(denoiser_at_level, x_T, alphas, sigmas):
    """DPM-Solver++(2M) whose data are taken at the end of the step in place of its middle."""

    def at_the_end(x_t, x_0s, alphas, sigmas):
        level = np.log(alphas / sigmas)
        share = (level[2] - level[1]) / (level[1] - level[0])
        return sigmas[2] / sigmas[1] * x_t - alphas[2] * np.expm1(level[1] - level[2]) * (x_0s[1] + share * (x_0s[1] - x_0s[0]))

    with mock.patch.object(multistep, "dpmpp_2m_step", at_the_end):
        return multistep.dpmpp_2m_path(denoiser_at_level, x_T, alphas, sigmas)


def test_a_lost_order_is_told_beside_the_wrong_values():
    adapter = of(first_order_in_disguise, "dpmpp_2m_path")
    (result,) = check(adapter, Vectors(), Settings("numpy"), ["dpmpp_2m_path"])
    assert result.verdict is Verdict.WRONG
    assert len(result.short) == len(result.orders) == 4
    assert all(one.order == pytest.approx(1, abs=0.2) for one in result.short)
    assert any(line.startswith(("order 1.", "order 0.9")) for line in run_lines(result))


def test_a_sampler_that_is_right_in_every_case_and_wrong_in_longer_runs_is_wrong():
    def drops_to_euler(denoiser_at_level, x_T, alphas, sigmas):
        from refdiff.reference.singlestep import euler_path

        body = multistep.dpmpp_2m_path if len(sigmas) <= 16 else euler_path
        return body(denoiser_at_level, x_T, alphas, sigmas)

    (result,) = check(of(drops_to_euler, "dpmpp_2m_path"), Vectors(), Settings("numpy"), ["dpmpp_2m_path"])
    assert result.count(Verdict.CONFORMANT) == len(result.outcomes)
    assert result.verdict is Verdict.WRONG
    assert result.short


@pytest.mark.parametrize("name", ["dpmpp_2m_path", "euler_path", "heun_path", "flow_midpoint_path"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_right_code_in_either_precision_is_not_short(name, dtype):
    found = orders_of(of(formula(name).function, name), name, lifter("numpy", dtype, "cpu"), dtype, 20.0)
    assert found
    assert not [one for one in found if one.short]


@pytest.mark.parametrize("name", STEPS)
def test_a_right_step_has_its_local_order(name):
    counts = (2,) if "2m" in name else (3,)
    (found,) = local_orders(reference, name, counts, False)
    assert found.order == pytest.approx(counts[0], abs=0.05)
    assert found.expected == pytest.approx(found.order, abs=1e-9)


def test_half_the_second_derivative_costs_the_third_order_method_one_order():
    """What released code of the three-step method has: the divided difference for the derivative."""
    from refdiff.mistakes.multistep import dpmpp_3m_step__half_the_second_derivative as released

    (found,) = local_orders_of(of(released, "dpmpp_3m_step"), "dpmpp_3m_step", lifter("numpy", "float64", "cpu"), 20.0)
    assert found.short
    assert found.order == pytest.approx(2, abs=0.1)
    assert found.expected == pytest.approx(3, abs=0.1)
