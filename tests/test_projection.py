"""Properties of the denoiser as an approximate projection."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from refdiff.reference import denoiser, edm, projection

from .strategies import scales, share, slack, states, within

ratios = st.floats(-3, 3).map(lambda exponent: 1 + 10**exponent)
errors = st.floats(0.01, 0.9)


def ulp(value, count):
    return count * np.spacing(np.abs(value))


def squares(x_t, points):
    return np.sum((x_t[:, None] - points) ** 2, axis=2)


@given(states(3, 2), states(5, 2))
def test_distance_to_points_is_that_to_the_projection_and_to_no_point_larger(x_t, points):
    found = projection.distance_to_points(x_t, points)
    nearest = projection.projection_onto_points(x_t, points)
    assert np.allclose(found, np.linalg.norm(x_t - nearest, axis=1), rtol=1e-14)
    assert np.all(found[:, None] <= np.sqrt(squares(x_t, points)) * (1 + 1e-15))
    assert all(any(np.array_equal(row, point) for point in points) for row in nearest)


@given(states(5, 2), st.permutations(range(5)))
def test_projection_onto_points_of_a_point_is_itself_in_any_order(points, order):
    assert np.array_equal(projection.projection_onto_points(points, points[order]), points)
    assert np.array_equal(projection.distance_to_points(points, points[order]), np.zeros(5))


@given(states(3, 2), states(5, 2), scales)
def test_squared_distance_smoothed_lies_between_its_floor_and_the_squared_distance(x_t, points, sigma_t):
    arguments = {"x_t": x_t, "points": points, "sigma_t": sigma_t}
    found = projection.squared_distance_smoothed(x_t, points, sigma_t)
    margin = 2 * slack("squared_distance_smoothed", arguments, found)
    assert np.all(found <= projection.distance_to_points(x_t, points) ** 2 + margin)
    assert np.all(found >= projection.squared_distance_smoothed_floor(x_t, points, sigma_t) - margin)


@given(states(3, 2), states(5, 2), scales)
def test_squared_distance_smoothed_of_a_repeated_data_set_falls_by_its_log(x_t, points, sigma_t):
    arguments = {"x_t": x_t, "points": points, "sigma_t": sigma_t}
    found = projection.squared_distance_smoothed(x_t, points, sigma_t)
    twice = projection.squared_distance_smoothed(x_t, np.concat([points, points]), sigma_t)
    assert within(twice, found - 2 * sigma_t**2 * np.log(2), 4 * slack("squared_distance_smoothed", arguments, found))


@given(states(3, 2), states(5, 2), scales)
def test_squared_distance_smoothed_gradient_points_from_the_denoised_to_the_state(x_t, points, sigma_t):
    arguments = {"x_t": x_t, "points": points, "sigma_t": sigma_t}
    found = projection.squared_distance_smoothed_gradient(x_t, points, sigma_t)
    expected = 2 * (x_t - denoiser.denoiser_dirac(x_t, points, 1.0, sigma_t))
    assert within(found, expected, 3 * slack("squared_distance_smoothed_gradient", arguments, found))


@given(states(1, 2), states(4, 2), st.floats(0.3, 3))
def test_squared_distance_smoothed_gradient_is_the_slope_between_near_states(x_t, points, sigma_t):
    x_t, points = x_t / np.abs(x_t).max(), points / np.abs(points).max()
    step = 1e-5 * np.eye(2)
    ahead, behind = (projection.squared_distance_smoothed(x_t + sign * step, points, sigma_t) for sign in (1, -1))
    found = projection.squared_distance_smoothed_gradient(x_t, points, sigma_t)[0]
    assert np.allclose((ahead - behind) / 2e-5, found, atol=1e-6)


@given(states(3, 2), states(5, 2), scales)
def test_moreau_envelope_and_moreau_gap_give_the_smoothed_distance(x_t, points, sigma_t):
    arguments = {"x_t": x_t, "points": points, "sigma_t": sigma_t}
    gap = projection.moreau_gap(x_t, points, sigma_t)
    assert np.all((gap >= 0) & (gap <= np.log(5) * (1 + 1e-15)))
    found = projection.squared_distance_smoothed(x_t, points, sigma_t)
    expected = 2 * sigma_t**2 * (projection.moreau_envelope(x_t, points, sigma_t) - gap)
    scale = slack("squared_distance_smoothed", arguments, found) + 2 * sigma_t**2 * slack("moreau_gap", arguments, gap)
    assert within(found, expected, 4 * scale)


def test_moreau_envelope_has_a_kink_half_way_where_the_smoothed_distance_has_none():
    points, beside = np.array([[-1.0], [1.0]]), np.array([[-1e-6], [0.0], [1e-6]])
    envelope = projection.moreau_envelope(beside, points, 1.0)
    smoothed = projection.squared_distance_smoothed(beside, points, 1.0)
    assert np.isclose((envelope[2] - 2 * envelope[1] + envelope[0]) / 1e-6, -2, rtol=1e-3)
    assert abs(smoothed[2] - 2 * smoothed[1] + smoothed[0]) < 1e-11


@given(states(3, 2), states(5, 2), scales)
def test_denoiser_projection_error_vanishes_with_the_noise_and_is_0_for_one_point(x_t, points, sigma_t):
    gaps = np.sort(squares(x_t, points), axis=1)
    assume(np.all(gaps[:, 0] > 0) and np.all(gaps[:, 1] - gaps[:, 0] > 0))
    little = np.sqrt((gaps[:, 1] - gaps[:, 0]).min() / 3000)
    assert np.all(projection.denoiser_projection_error(x_t, points, little) < 1e-300)
    assert np.array_equal(projection.denoiser_projection_error(x_t, points[:1], sigma_t), np.zeros(3))


@given(scales, share)
def test_distance_step_size_is_between_nothing_and_the_whole_way(sigma_t, left):
    assert 0 <= projection.distance_step_size(sigma_t * left, sigma_t) <= 1
    assert projection.distance_step_size(0.0, sigma_t) == 1


@given(states(3, 2), states(5, 2), scales, share)
def test_distance_descent_step_scales_the_distance_as_the_noise(x_t, points, sigma_t, left):
    sigma_s = sigma_t * left
    moved = projection.distance_descent_step(x_t, points, sigma_s, sigma_t)
    expected = projection.distance_to_points(x_t, points) * (sigma_s / sigma_t)
    size = np.abs(points).max() + np.abs(x_t).max()
    assert within(projection.distance_to_points(moved, points), expected, ulp(np.full(3, size), 16))


@given(states(3, 2), states(5, 2), scales, share)
def test_smoothed_descent_step_is_edms_euler_step_with_the_exact_denoiser(x_t, points, sigma_t, left):
    arguments = {"x_t": x_t, "points": points, "sigma_s": sigma_t * left, "sigma_t": sigma_t}
    found = projection.smoothed_descent_step(**arguments)
    expected = edm.edm_euler_step(x_t, denoiser.denoiser_dirac(x_t, points, 1.0, sigma_t), sigma_t, sigma_t * left)
    assert within(found, expected, 4 * slack("smoothed_descent_step", arguments, found))


@given(states(4), states(4), st.floats(-1, 3))
def test_gradient_estimate_of_equal_estimates_is_theirs(eps, eps_previous, extrapolation):
    parts = np.abs(extrapolation * eps) + np.abs((1 - extrapolation) * eps)
    assert within(projection.gradient_estimate(eps, eps, extrapolation), eps, ulp(parts, 4))
    assert np.array_equal(projection.gradient_estimate(eps, eps_previous, 1.0), eps)
    assert np.array_equal(projection.gradient_estimate(eps, eps_previous, 0.0), eps_previous)


@given(states(4), states(4), states(4), scales)
def test_gradient_estimation_step_to_the_same_level_stays(x_t, eps, eps_previous, sigma_t):
    assert np.array_equal(projection.gradient_estimation_step(x_t, eps, eps_previous, 2.0, sigma_t, sigma_t), x_t)


@given(scales, share, ratios)
def test_gradient_estimation_weight_leaves_no_defect(sigma_t, left, ratio):
    levels = sigma_t * left, sigma_t, sigma_t * ratio
    gamma = projection.gradient_estimation_weight(*levels)
    assume(np.isfinite(gamma))
    length = sigma_t * (1 - left)
    defect = projection.gradient_estimation_defect(gamma, *levels)
    assert abs(defect) <= ulp(length * (length + gamma * sigma_t * (ratio - 1)), 8) + 1e-300


def endpoint(gamma, n):
    """A run from sigma 4 to 0.5 on unit Gaussian data; gamma is a number, or None for the weight of second order."""
    levels = np.geomspace(4.0, 0.5, n + 1)
    x, before = 3.0, None
    for i, (sigma_t, sigma_s) in enumerate(pairwise(levels)):
        eps = x * sigma_t / (1 + sigma_t**2)
        weight = 1.0 if i == 0 else gamma
        if weight is None:
            weight = projection.gradient_estimation_weight(sigma_s, sigma_t, levels[i - 1])
        x = projection.gradient_estimation_step(x, eps, eps if i == 0 else before, weight, sigma_s, sigma_t)
        before = eps
    return x - 3 * np.sqrt(1.25 / 17)


@pytest.mark.parametrize(("gamma", "order"), [(1.0, 1), (2.0, 1), (None, 2)])
def test_gradient_estimation_step_meets_the_gaussian_flow_at_its_order(gamma, order):
    assert abs(np.log2(abs(endpoint(gamma, 200) / endpoint(gamma, 400))) - order) < 0.1


def test_gradient_estimation_defect_of_gamma_two_has_the_other_sign_than_ddims():
    assert endpoint(1.0, 400) * endpoint(2.0, 400) < 0


@given(st.lists(st.floats(0.3, 1), min_size=1, max_size=8), st.floats(0.01, 0.4))
def test_distance_drift_min_and_max_hold_every_run_between_them(falls, relative_error):
    sigmas = np.cumprod([1.0, *falls])
    least, most = projection.distance_drift_min(sigmas, relative_error), projection.distance_drift_max(sigmas, relative_error)
    assert 0 <= least <= 1 <= most
    # A run on one point, whose denoiser errs by that share of the distance, alternately to and fro.
    distance = 1.0
    for i, (sigma_t, sigma_s) in enumerate(pairwise(sigmas)):
        guess = (-1) ** i * relative_error * distance
        distance = edm.edm_euler_step(distance, guess, sigma_t, sigma_s)
    assert least * (1 - 1e-13) <= distance / sigmas[-1] <= most * (1 + 1e-13)


@given(errors, ratios, st.integers(1, 100))
def test_distance_step_size_max_gives_an_admissible_schedule(relative_error, distance_ratio, n):
    size = projection.distance_step_size_max(relative_error, distance_ratio, n)
    assert 0 < size < 1
    assume(n * np.log(1 - size) > -600)
    sigmas = (1 - size) ** np.arange(n + 1)
    assert np.isclose(projection.distance_drift_min(sigmas, relative_error), 1 / distance_ratio, rtol=1e-9)
    assert projection.distance_drift_max(sigmas, relative_error) <= distance_ratio * (1 + 1e-9)
