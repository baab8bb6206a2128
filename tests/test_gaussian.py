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


def factors(size):
    """Cholesky factors of covariances."""
    return covariances(size).map(np.linalg.cholesky)


@given(states(3), states(3), factors(3))
def test_gaussian_sample_at_no_noise_is_the_mean_and_its_log_density_depends_on_the_noise_alone(z, mean, factor):
    assert np.array_equal(gaussian.gaussian_sample(0 * z, mean, factor), mean)
    z = z / (1 + np.abs(z).max())
    found = gaussian.gaussian_log_density(gaussian.gaussian_sample(z, 0 * mean, factor), 0 * mean, factor @ factor.T)
    expected = -(z @ z + 3 * np.log(2 * np.pi)) / 2 - np.sum(np.log(np.diag(factor)))
    assert abs(found - expected) <= 1e-12


@given(states(3), states(3), covariances(3))
def test_gaussian_score_vanishes_at_the_mean_and_points_back_to_it(x, mean, covariance):
    assert np.array_equal(gaussian.gaussian_score(mean, mean, covariance), 0 * mean)
    assert gaussian.gaussian_score(x, mean, covariance) @ (x - mean) <= 0


@given(covariances(3), matrices(3, 3))
def test_gaussian_entropy_grows_by_the_log_of_the_volume(covariance, matrix):
    wider = gaussian.gaussian_entropy(4 * covariance) - gaussian.gaussian_entropy(covariance)
    assert abs(wider - 3 * np.log(2)) <= 1e-13


@given(states(3), covariances(3), states(3), covariances(3))
def test_gaussian_cross_entropy_is_gaussian_entropy_plus_gaussian_kl(mean_1, first, mean_2, second):
    keys = ("mean_1", "covariance_1", "mean_2", "covariance_2")
    laws = dict(zip(keys, (mean_1, first, mean_2, second), strict=True))
    found = gaussian.gaussian_cross_entropy(**laws)
    divergence = gaussian.gaussian_kl(**laws)
    allowed = slack("gaussian_cross_entropy", laws, found) + slack("gaussian_kl", laws, divergence)
    assert abs(found - divergence - gaussian.gaussian_entropy(first)) <= 2 * allowed


@given(states(3), states(3), covariances(3), states(3), covariances(3))
def test_gaussian_product_log_normaliser_is_what_the_product_exceeds_its_own_density_by(x, mean_1, first, mean_2, second):
    x, mean_1, mean_2 = (vector / (1 + np.abs(vector).max()) for vector in (x, mean_1, mean_2))
    laws = (mean_1, first, mean_2, second)
    both = gaussian.gaussian_log_density(x, mean_1, first) + gaussian.gaussian_log_density(x, mean_2, second)
    spread = gaussian.gaussian_product_covariance(first, second)
    own = gaussian.gaussian_log_density(x, gaussian.gaussian_product_mean(*laws), spread)
    assert abs(gaussian.gaussian_product_log_normaliser(*laws) - (both - own)) <= 1e-10


@given(states(3), covariances(3), states(3), matrices(3, 3))
def test_gaussian_quadratic_expectation_is_the_trace_against_gaussian_second_moment(mean, covariance, center, matrix):
    moment = gaussian.gaussian_second_moment(mean, covariance, center)
    assert np.array_equal(moment, moment.T)
    found = gaussian.gaussian_quadratic_expectation(mean, covariance, matrix, center)
    sizes = np.sum(np.abs(matrix) * np.abs(covariance)) + np.abs(mean - center) @ np.abs(matrix) @ np.abs(mean - center)
    assert abs(found - np.sum(matrix * moment.T)) <= ulp(sizes, 40)


@given(states(3), covariances(3), matrices(3, 3), states(3))
def test_gaussian_quadratic_variance_is_not_negative_and_ignores_the_antisymmetric_part(mean, covariance, matrix, center):
    given_values = {"mean": mean, "covariance": covariance, "matrix": matrix, "center": center}
    found = gaussian.gaussian_quadratic_variance(**given_values)
    allowed = slack("gaussian_quadratic_variance", given_values, found)
    assert found >= -allowed
    assert abs(gaussian.gaussian_quadratic_variance(mean, covariance, matrix - matrix.T, center)) <= allowed


@given(states(3), matrices(3, 3), factors(3))
def test_gaussian_quadratic_mean_gradient_and_gaussian_quadratic_factor_gradient_are_linear_maps(mean, matrix, factor):
    found = gaussian.gaussian_quadratic_mean_gradient(mean, matrix, 0 * mean)
    assert np.array_equal(gaussian.gaussian_quadratic_mean_gradient(2 * mean, matrix, 0 * mean), 2 * found)
    by_factor = gaussian.gaussian_quadratic_factor_gradient(factor, matrix)
    assert np.array_equal(gaussian.gaussian_quadratic_factor_gradient(factor, matrix.T), by_factor)


@given(covariances(3), states(3), states(3))
def test_completed_square_constant_is_the_least_value_and_completed_square_mean_where_it_is_taken(precision, linear, x):
    least = gaussian.completed_square_constant(precision, linear)
    at = gaussian.completed_square_mean(precision, linear)
    sizes = 1e-13 * (np.abs(x) @ np.abs(precision) @ np.abs(x) + np.abs(linear) @ np.abs(x) + abs(least))
    assert x @ precision @ x / 2 - linear @ x >= least - sizes
    assert abs(at @ precision @ at / 2 - linear @ at - least) <= 1e-13 * (
        abs(least) + np.abs(at) @ np.abs(precision) @ np.abs(at)
    )


@given(matrices(2, 3), matrices(3, 2), matrices(2, 2))
def test_trace_of_product_is_linear_and_cyclic(one, other, third):
    found = gaussian.trace_of_product(one, other)
    scale = np.abs(one).max() * np.abs(other).max() * 6
    assert within(found, gaussian.trace_of_product(other, one), ulp(scale, 8))
    assert within(found, np.trace(one @ other), ulp(scale, 8))
    shifted = gaussian.trace_of_product(third @ one, other)
    assert within(shifted, gaussian.trace_of_product(one, other @ third), ulp(scale * 4, 16))


@given(states(3), states(3), covariances(3))
def test_bilinear_form_is_symmetric_for_a_symmetric_matrix_and_the_inner_product_for_the_identity(left, right, covariance):
    scale = np.abs(left) @ np.abs(covariance) @ np.abs(right)
    assert within(gaussian.bilinear_form(left, covariance, right), gaussian.bilinear_form(right, covariance, left), ulp(scale, 8))
    assert within(gaussian.bilinear_form(left, np.eye(3), right), left @ right, ulp(np.abs(left) @ np.abs(right), 8))
