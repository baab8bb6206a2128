"""Properties of Gaussian algebra."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import gaussian

from .strategies import covariances, matrices, scales, slack, states, within


def ulp(value, count):
    return count * np.spacing(np.abs(value))


@given(states(3), states(3), covariances(3))
def test_gaussian_density_is_largest_at_the_mean(x, mean, covariance):
    assert gaussian.gaussian_density(x, mean, covariance) <= gaussian.gaussian_density(mean, mean, covariance)


@given(states(3), states(3), covariances(3))
def test_gaussian_log_density_is_the_log_of_gaussian_density(x, mean, covariance):
    found = gaussian.gaussian_log_density(x, mean, covariance)
    assert gaussian.gaussian_density(x, mean, covariance) == np.exp(found)


@given(states(3), covariances(3), states(3))
def test_gaussian_log_density_is_the_same_on_both_sides_of_the_mean(gap, covariance, mean):
    near = gaussian.gaussian_log_density(gap, 0 * gap, covariance)
    assert gaussian.gaussian_log_density(-gap, 0 * gap, covariance) == near


@given(states(1, 3), states(1, 3), st.integers(-6, 6))
def test_gaussian_log_density_isotropic_is_gaussian_log_density_of_a_multiple_of_the_identity(x, mean, power):
    variance = 2.0**power
    given_values = {"x": x, "mean": mean, "variance": variance}
    found = gaussian.gaussian_log_density_isotropic(x, mean, variance)
    expected = gaussian.gaussian_log_density(x[0], mean[0], variance * np.eye(3))
    full = {"x": x[0], "mean": mean[0], "covariance": variance * np.eye(3)}
    allowed = slack("gaussian_log_density_isotropic", given_values, found) + slack("gaussian_log_density", full, expected)
    assert within(found, [expected], allowed)


@given(states(3), states(2), matrices(2, 3))
def test_gaussian_affine_mean_maps_differences_without_the_offset(mean, offset, matrix):
    shifted = gaussian.gaussian_affine_mean(mean, matrix, offset) - gaussian.gaussian_affine_mean(0 * mean, matrix, offset)
    allowed = ulp(np.abs(matrix) @ np.abs(mean) + np.abs(offset), 17)
    assert within(shifted, matrix @ mean, allowed)


@given(covariances(3), matrices(2, 3), matrices(4, 2))
def test_gaussian_affine_covariance_of_two_maps_is_that_of_their_product(covariance, first, second):
    twice = gaussian.gaussian_affine_covariance(gaussian.gaussian_affine_covariance(covariance, first), second)
    sizes = np.abs(second) @ np.abs(first) @ np.abs(covariance) @ np.abs(first).T @ np.abs(second).T
    assert within(twice, gaussian.gaussian_affine_covariance(covariance, second @ first), ulp(sizes, 48))


@given(covariances(3), matrices(2, 3), covariances(2))
def test_gaussian_marginal_covariance_without_noise_is_gaussian_affine_covariance(covariance, matrix, noise_covariance):
    found = gaussian.gaussian_marginal_covariance(covariance, matrix, 0 * noise_covariance)
    assert np.array_equal(found, gaussian.gaussian_affine_covariance(covariance, matrix))


@given(covariances(3), matrices(2, 3), covariances(2))
def test_gaussian_marginal_covariance_exceeds_gaussian_affine_covariance_by_the_noise(covariance, matrix, noise_covariance):
    found = gaussian.gaussian_marginal_covariance(covariance, matrix, noise_covariance)
    carried = gaussian.gaussian_affine_covariance(covariance, matrix)
    assert within(found - carried, noise_covariance, ulp(np.abs(found) + np.abs(carried), 1))


@given(covariances(3), matrices(2, 3), covariances(2))
def test_gaussian_marginal_covariance_is_positive_definite(covariance, matrix, noise_covariance):
    assert np.all(np.linalg.eigvalsh(gaussian.gaussian_marginal_covariance(covariance, matrix, noise_covariance)) > 0)


@given(states(3), covariances(3), states(3), covariances(3))
def test_gaussian_product_mean_and_gaussian_product_covariance_do_not_mind_the_order(mean_1, first, mean_2, second):
    found = gaussian.gaussian_product_covariance(first, second)
    allowed = 2 * slack("gaussian_product_covariance", {"covariance_1": first, "covariance_2": second}, found)
    assert within(found, gaussian.gaussian_product_covariance(second, first), allowed)
    one = gaussian.gaussian_product_mean(mean_1, first, mean_2, second)
    other = gaussian.gaussian_product_mean(mean_2, second, mean_1, first)
    assert within(one, other, ulp(np.max(np.abs(mean_1)) + np.max(np.abs(mean_2)), 800))


@given(states(3), covariances(3))
def test_gaussian_product_mean_of_a_gaussian_with_itself_is_its_mean_and_gaussian_product_covariance_half_of_its_own(
    mean, spread
):
    found = gaussian.gaussian_product_covariance(spread, spread)
    assert within(found, spread / 2, ulp(np.max(np.abs(spread)), 400))
    assert within(gaussian.gaussian_product_mean(mean, spread, mean, spread), mean, ulp(2 * np.max(np.abs(mean)), 400))


@given(scales, scales)
def test_gaussian_product_variance_isotropic_is_below_both_variances(variance_1, variance_2):
    found = gaussian.gaussian_product_variance_isotropic(variance_1, variance_2)
    assert 0 < found <= min(variance_1, variance_2) * (1 + 2.0**-51)


@given(states(4), scales, states(4), scales)
def test_gaussian_product_mean_isotropic_lies_between_the_means(mean_1, variance_1, mean_2, variance_2):
    found = gaussian.gaussian_product_mean_isotropic(mean_1, variance_1, mean_2, variance_2)
    margin = ulp(np.abs(mean_1) + np.abs(mean_2), 4)
    assert np.all(np.minimum(mean_1, mean_2) - margin <= found)
    assert np.all(found <= np.maximum(mean_1, mean_2) + margin)


@given(states(4), scales, states(4))
def test_gaussian_product_mean_isotropic_of_equal_variances_is_the_midpoint(mean_1, variance, mean_2):
    found = gaussian.gaussian_product_mean_isotropic(mean_1, variance, mean_2, variance)
    assert within(found, (mean_1 + mean_2) / 2, ulp(np.abs(mean_1) + np.abs(mean_2), 5))


@given(states(3), covariances(3), states(3), covariances(3))
def test_gaussian_kl_is_positive_and_zero_from_a_gaussian_to_itself(mean_1, first, mean_2, second):
    keys = ("mean_1", "covariance_1", "mean_2", "covariance_2")
    found = gaussian.gaussian_kl(mean_1, first, mean_2, second)
    assert found >= -slack("gaussian_kl", dict(zip(keys, (mean_1, first, mean_2, second), strict=True)), found)
    itself = gaussian.gaussian_kl(mean_1, first, mean_1, first)
    assert abs(itself) <= slack("gaussian_kl", dict(zip(keys, (mean_1, first) * 2, strict=True)), itself)


@given(states(1, 3), st.integers(-6, 6), states(1, 3), st.integers(-6, 6))
def test_gaussian_kl_isotropic_is_gaussian_kl_of_multiples_of_the_identity(mean_1, power_1, mean_2, power_2):
    variance_1, variance_2 = 2.0**power_1, 2.0**power_2
    found = gaussian.gaussian_kl_isotropic(mean_1, variance_1, mean_2, variance_2)
    expected = gaussian.gaussian_kl(mean_1[0], variance_1 * np.eye(3), mean_2[0], variance_2 * np.eye(3))
    sizes = 3 * variance_1 / variance_2 + 3 + np.sum((mean_2 - mean_1) ** 2) / variance_2
    assert within(found, [expected], ulp(sizes + expected, 208))


@given(states(4, 3), scales)
def test_gaussian_kl_isotropic_is_zero_from_a_gaussian_to_itself(mean, variance):
    assert np.array_equal(gaussian.gaussian_kl_isotropic(mean, variance, mean, variance), np.zeros(4))


@given(states(3), covariances(3), matrices(3, 3))
def test_gaussian_quadratic_expectation_about_the_mean_is_a_trace(mean, covariance, matrix):
    found = gaussian.gaussian_quadratic_expectation(mean, covariance, matrix, mean)
    assert within(found, np.sum(matrix * covariance), ulp(np.sum(np.abs(matrix * covariance)), 16 + 9))


@given(states(3), matrices(3, 3), states(3))
def test_gaussian_quadratic_expectation_without_spread_is_the_form_at_the_mean(mean, matrix, center):
    found = gaussian.gaussian_quadratic_expectation(mean, np.zeros((3, 3)), matrix, center)
    gap = mean - center
    assert within(found, np.sum(np.outer(gap, gap) * matrix), ulp(np.abs(gap) @ np.abs(matrix) @ np.abs(gap), 25))


@given(states(3), covariances(3), matrices(3, 3), states(3))
def test_gaussian_quadratic_expectation_ignores_the_antisymmetric_part(mean, covariance, matrix, center):
    one = gaussian.gaussian_quadratic_expectation(mean, covariance, matrix, center)
    other = gaussian.gaussian_quadratic_expectation(mean, covariance, matrix.T, center)
    gap = np.abs(mean - center)
    assert within(one, other, ulp(np.sum(np.abs(matrix) * np.abs(covariance)) + gap @ np.abs(matrix) @ gap, 32))


@given(states(3), covariances(3), matrices(2, 3), states(2), covariances(2))
def test_gaussian_conditional_mean_of_the_expected_observation_is_the_prior_mean(mean, covariance, matrix, offset, noise):
    y = gaussian.gaussian_affine_mean(mean, matrix, offset)
    found = gaussian.gaussian_conditional_mean(y, mean, covariance, matrix, offset, noise)
    assert within(found, mean, ulp(np.max(np.abs(mean)) + np.max(np.abs(y)) + np.max(np.abs(offset)), 2000))


@given(covariances(3), matrices(2, 3), covariances(2))
def test_gaussian_conditional_covariance_is_below_the_prior_covariance(covariance, matrix, noise_covariance):
    found = gaussian.gaussian_conditional_covariance(covariance, matrix, noise_covariance)
    margin = 3 * ulp(np.max(np.abs(covariance)), 2000)
    assert np.all(np.linalg.eigvalsh(covariance - (found + found.T) / 2) >= -margin)
    assert np.all(np.linalg.eigvalsh((found + found.T) / 2) >= -margin)


@given(states(3), covariances(3), states(3), covariances(3))
def test_gaussian_conditional_mean_and_gaussian_conditional_covariance_of_a_direct_observation_are_the_products(
    y, noise, mean, prior
):
    identity = np.eye(3)
    spread = gaussian.gaussian_conditional_covariance(prior, identity, noise)
    allowed = ulp(np.max(np.abs(prior)), 2400)
    assert within(spread, gaussian.gaussian_product_covariance(prior, noise), allowed)
    found = gaussian.gaussian_conditional_mean(y, mean, prior, identity, 0 * y, noise)
    expected = gaussian.gaussian_product_mean(mean, prior, y, noise)
    assert within(found, expected, ulp(np.max(np.abs(mean)) + np.max(np.abs(y)), 2400))
