"""Properties of conversions between predictions, over every ordered pair."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import conversion

from .strategies import scales, slack, states, within

NAMES = [
    "eps_from_score",
    "eps_from_v",
    "eps_from_velocity",
    "eps_from_x_0",
    "score_from_eps",
    "score_from_v",
    "score_from_velocity",
    "score_from_x_0",
    "v_from_eps",
    "v_from_score",
    "v_from_velocity",
    "v_from_x_0",
    "velocity_from_eps",
    "velocity_from_score",
    "velocity_from_v",
    "velocity_from_x_0",
    "x_0_from_eps",
    "x_0_from_score",
    "x_0_from_v",
    "x_0_from_velocity",
]
KINDS = sorted({name.partition("_from_")[0] for name in NAMES})
levels = st.tuples(scales, scales, scales, scales)
sixteenths = st.integers(-256, 256).map(lambda number: number / 16)
powers_of_two = st.tuples(*[st.integers(-4, 4).map(lambda power: 2.0**power)] * 4)


def asked(name, x_t, source, level):
    """Arguments of one conversion by name."""
    alpha_t, sigma_t, alpha_drop, sigma_dot_t = level
    given_values = {"x_t": x_t, name.partition("_from_")[2]: source, "alpha_t": alpha_t, "sigma_t": sigma_t}
    if "velocity" in name:
        given_values |= {"alpha_dot_t": -alpha_drop, "sigma_dot_t": sigma_dot_t}
    return given_values


def convert(name, x_t, source, level):
    """The converted prediction and the error its docstring allows."""
    given_values = asked(name, x_t, source, level)
    found = getattr(conversion, name)(**given_values)
    return found, slack(name, given_values, found)


def test_there_is_a_conversion_for_every_ordered_pair():
    pairs = {f"{target}_from_{source}" for target, source in itertools.permutations(KINDS, 2)}
    assert sorted(NAMES) == sorted(conversion.__all__) == sorted(pairs)


@pytest.mark.parametrize("name", NAMES)
@given(states(4), states(4), levels)
def test_conversion_round_trip_returns_the_prediction(name, x_t, source, level):
    back = "_from_".join(name.split("_from_")[::-1])
    target, error = convert(name, x_t, source, level)
    found, back_error = convert(back, x_t, target, level)
    # The map back is affine: the first error passes through its slope, which is its value at x_t = 0 on a unit input.
    slope = convert(back, np.zeros(1), np.ones(1), level)[0]
    assert within(found, source, 1.01 * np.abs(slope) * error + back_error)


@pytest.mark.parametrize("name", NAMES)
@given(states(4), states(4), levels)
def test_conversion_through_a_third_prediction_is_the_direct_one(name, x_t, source, level):
    target_kind, source_kind = name.split("_from_")
    direct, error = convert(name, x_t, source, level)
    for middle in set(KINDS) - {target_kind, source_kind}:
        between, first_error = convert(f"{middle}_from_{source_kind}", x_t, source, level)
        last = f"{target_kind}_from_{middle}"
        found, last_error = convert(last, x_t, between, level)
        slope = convert(last, np.zeros(1), np.ones(1), level)[0]
        assert within(found, direct, error + 1.01 * np.abs(slope) * first_error + last_error)


@pytest.mark.parametrize("name", NAMES)
@given(sixteenths, sixteenths, powers_of_two)
def test_conversion_of_exactly_held_numbers_stays_within_the_stated_error(name, x_0, eps, level):
    alpha_t, sigma_t, alpha_drop, sigma_dot_t = level
    held = {
        "x_0": x_0,
        "eps": eps,
        "v": alpha_t * eps - sigma_t * x_0,
        "score": -eps / sigma_t,
        "velocity": sigma_dot_t * eps - alpha_drop * x_0,
    }
    target, source = name.split("_from_")
    x_t = alpha_t * x_0 + sigma_t * eps
    found, error = convert(name, np.float64(x_t), np.float64(held[source]), level)
    assert within(found, held[target], error)
