"""Properties of exact denoisers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import denoiser

from .strategies import scales, slack, states, within


def ulp(value, count):
    return count * np.spacing(np.abs(value))


def arguments(x_t, points, alpha_t, sigma_t):
    return {"x_t": x_t, "points": points, "alpha_t": alpha_t, "sigma_t": sigma_t}


@given(states(4), states(4), scales, scales, scales)
def test_denoiser_gaussian_lies_between_the_mean_and_the_rescaled_state(x_t, mean, variance, alpha_t, sigma_t):
    found = denoiser.denoiser_gaussian(x_t, mean, variance, alpha_t, sigma_t)
    margin = ulp(np.abs(mean) + np.abs(x_t / alpha_t), 8)
    assert np.all(np.minimum(mean, x_t / alpha_t) - margin <= found)
    assert np.all(found <= np.maximum(mean, x_t / alpha_t) + margin)


@given(states(4), states(4), scales, scales)
def test_denoiser_gaussian_of_data_without_spread_is_their_mean(x_t, mean, alpha_t, sigma_t):
    found = denoiser.denoiser_gaussian(x_t, mean, 0.0, alpha_t, sigma_t)
    assert within(found, mean, ulp(mean, 2))


@given(states(4), scales, scales, scales)
def test_denoiser_gaussian_of_the_expected_state_is_the_mean(mean, variance, alpha_t, sigma_t):
    found = denoiser.denoiser_gaussian(alpha_t * mean, mean, variance, alpha_t, sigma_t)
    assert within(found, mean, ulp(mean, 14))


@given(states(3, 2), states(2), scales, scales, scales, scales)
def test_denoiser_correlated_gaussian_without_correlation_is_denoiser_gaussian(x_t, mean, first, second, alpha_t, sigma_t):
    variance = np.array([first, second])
    found = denoiser.denoiser_correlated_gaussian(x_t, mean, np.diag(variance), alpha_t, sigma_t)
    expected = denoiser.denoiser_gaussian(x_t, mean, variance, alpha_t, sigma_t)
    gain = alpha_t * variance / (alpha_t**2 * variance + sigma_t**2)
    assert within(found, expected, ulp(np.abs(mean) + gain * (np.abs(x_t) + alpha_t * np.abs(mean)), 16))


@given(states(3, 3), states(3), scales, scales, st.permutations([0, 1, 2]))
def test_denoiser_correlated_gaussian_does_not_mind_the_order_of_the_entries(x_t, mean, alpha_t, sigma_t, order):
    covariance = np.array([[2.0, 0.5, -0.25], [0.5, 1.0, 0.25], [-0.25, 0.25, 0.5]])
    found = denoiser.denoiser_correlated_gaussian(x_t, mean, covariance, alpha_t, sigma_t)[:, order]
    again = denoiser.denoiser_correlated_gaussian(x_t[:, order], mean[order], covariance[np.ix_(order, order)], alpha_t, sigma_t)
    gain = 4 * alpha_t / (alpha_t**2 + sigma_t**2)
    assert within(found, again, ulp(np.abs(mean).max() + gain * (np.abs(x_t).max() + alpha_t * np.abs(mean).max()), 80))


@given(states(3, 2), states(5, 2), scales, scales)
def test_denoiser_dirac_lies_within_the_range_of_the_points(x_t, points, alpha_t, sigma_t):
    found = denoiser.denoiser_dirac(x_t, points, alpha_t, sigma_t)
    margin = ulp(np.max(np.abs(points)), 8)
    assert found.shape == x_t.shape
    assert np.all((points.min(axis=0) - margin <= found) & (found <= points.max(axis=0) + margin))


@given(states(3, 2), states(1, 2), scales, scales)
def test_denoiser_dirac_of_one_point_is_that_point(x_t, points, alpha_t, sigma_t):
    assert np.array_equal(denoiser.denoiser_dirac(x_t, points, alpha_t, sigma_t), np.repeat(points, 3, axis=0))


@given(states(3, 2), states(5, 2), scales, scales)
def test_denoiser_dirac_does_not_mind_the_order_of_the_points_nor_their_repetition(x_t, points, alpha_t, sigma_t):
    found = denoiser.denoiser_dirac(x_t, points, alpha_t, sigma_t)
    allowed = 2 * slack("denoiser_dirac", arguments(x_t, points, alpha_t, sigma_t), found)
    assert within(denoiser.denoiser_dirac(x_t, points[::-1], alpha_t, sigma_t), found, allowed)
    assert within(denoiser.denoiser_dirac(x_t, np.concat([points, points]), alpha_t, sigma_t), found, allowed)


@given(states(5, 2), st.integers(0, 4))
def test_denoiser_dirac_picks_the_point_itself_when_noise_is_small_against_the_gaps(points, chosen):
    gaps = np.sqrt(np.sum((np.delete(points, chosen, 0) - points[chosen]) ** 2, axis=1))
    sigma_t = gaps.min() / 60
    found = denoiser.denoiser_dirac(points[chosen : chosen + 1], points, 1.0, sigma_t)
    assert np.array_equal(found[0], points[chosen])


@given(states(3, 2), states(5, 2))
def test_denoiser_dirac_of_pure_noise_is_the_mean_of_the_points(x_t, points):
    found = denoiser.denoiser_dirac(x_t, points, 0.0, 1.0)
    expected = np.broadcast_to(points.mean(axis=0), x_t.shape)
    assert within(found, expected, ulp(np.abs(points).max(), 16))
