"""Gaussian algebra from one definition: x = mean + L u, with u independent unit Gaussians and L L^T the covariance."""

import numpy as np
import sympy as sp

from refdiff.reference import gaussian

from .algebra import column, completed_square, expectation, log_normal, positive, real, same, symmetric

U, W = real("u_1 u_2"), real("w_1 w_2")
COVARIANCE_1, FACTOR_1 = symmetric("p q r")
COVARIANCE_2, FACTOR_2 = symmetric("f g h")
MEAN_1, MEAN_2 = column(real("m_1 m_2")), column(real("n_1 n_2"))
MATRIX = column(real("c_1 c_2 c_3 c_4 c_5 c_6")).reshape(3, 2)
SQUARE = MATRIX[:2]
OFFSET = column(real("o_1 o_2 o_3"))
NOISE_COVARIANCE = np.diag(positive("e_1 e_2 e_3"))
DRAW = MEAN_1 + FACTOR_1 @ column(U)
VARIANCE_1, VARIANCE_2 = positive("a b")
# The last entries are equal: a quotient by their difference would show.
ROWS_1, ROWS_2 = column(real("x_1 x_2 x_3 x_4")).reshape(2, 2), column(real("y_1 y_2 y_3 x_4")).reshape(2, 2)


def mean_of(vector, noises):
    return column([expectation(entry, noises) for entry in vector])


def covariance_of(vector, noises):
    gap = vector - mean_of(vector, noises)
    return column([[expectation(one * other, noises) for other in gap] for one in gap])


def log_density_of_draw():
    """Log density at `DRAW`: that of u, less the log of the volume by which L stretches."""
    return log_normal(U[0], 0, 1) + log_normal(U[1], 0, 1) - sp.log(FACTOR_1[0, 0] * FACTOR_1[1, 1])


def log_multivariate(x, mean, covariance):
    """Exponent of the density that has this covariance's inverse as its precision, for completing squares."""
    inverse = np.array(sp.Matrix(covariance).inv(), dtype=object)
    return -(x - mean) @ inverse @ (x - mean) / 2


def is_completed_by(exponent, x, mean, covariance):
    """Whether the exponent, quadratic in x, peaks at the mean with the covariance as inverse curvature."""
    slope = column([sp.diff(exponent, entry) for entry in x])
    curvature = column([[sp.diff(one, entry) for entry in x] for one in slope])
    at_mean = dict(zip(x, mean, strict=True))
    flat = column([sp.sympify(entry).subs(at_mean) for entry in slope])
    return same(flat, 0 * flat) and same(curvature @ covariance, -np.eye(len(x), dtype=int).astype(object))


def test_gaussian_log_density_follows_from_the_change_of_variables():
    assert same(gaussian.gaussian_log_density(DRAW, MEAN_1, COVARIANCE_1), log_density_of_draw())


def test_gaussian_log_density_follows_from_the_change_of_variables_at_the_mean_itself():
    expected = log_density_of_draw().subs(dict.fromkeys(U, 0))
    assert same(gaussian.gaussian_log_density(MEAN_1, MEAN_1, COVARIANCE_1), expected)


def test_gaussian_density_follows_from_the_change_of_variables():
    assert same(sp.log(gaussian.gaussian_density(DRAW, MEAN_1, COVARIANCE_1)), log_density_of_draw())


def test_gaussian_density_integrates_to_one():
    x = real("x")
    density = gaussian.gaussian_density(column([x]), MEAN_1[:1], column([[sp.Integer(4)]]))
    assert sp.integrate(density.subs(MEAN_1[0], 0), (x, -sp.oo, sp.oo)) == 1


def test_gaussian_log_density_isotropic_is_that_of_independent_entries():
    found = gaussian.gaussian_log_density_isotropic(ROWS_1, ROWS_2, VARIANCE_1**2)
    units = (ROWS_1 - ROWS_2) / VARIANCE_1
    expected = [sum(log_normal(unit, 0, 1) - sp.log(VARIANCE_1) for unit in row) for row in units]
    assert same(found, column(expected))


def test_gaussian_affine_mean_is_the_mean_of_the_mapped_draw():
    assert same(gaussian.gaussian_affine_mean(MEAN_1, MATRIX, OFFSET), mean_of(MATRIX @ DRAW + OFFSET, U))


def test_gaussian_affine_covariance_is_the_covariance_of_the_mapped_draw():
    assert same(gaussian.gaussian_affine_covariance(COVARIANCE_1, MATRIX), covariance_of(MATRIX @ DRAW, U))


def test_gaussian_marginal_covariance_is_the_covariance_of_the_noisy_observation():
    noises = real("k_1 k_2 k_3")
    roots = column([sp.sqrt(entry) for entry in np.diag(NOISE_COVARIANCE)])
    observed = MATRIX @ DRAW + OFFSET + roots * column(noises)
    found = gaussian.gaussian_marginal_covariance(COVARIANCE_1, MATRIX, NOISE_COVARIANCE)
    assert same(found, covariance_of(observed, [*U, *noises]))


def test_gaussian_quadratic_expectation_is_the_mean_of_the_quadratic_form():
    form = (DRAW - MEAN_2) @ SQUARE @ (DRAW - MEAN_2)
    assert same(gaussian.gaussian_quadratic_expectation(MEAN_1, COVARIANCE_1, SQUARE, MEAN_2), expectation(form, U))


def test_gaussian_product_mean_and_gaussian_product_covariance_complete_the_square_of_two_densities():
    x = column(real("x y"))
    exponent = log_multivariate(x, MEAN_1, COVARIANCE_1) + log_multivariate(x, MEAN_2, COVARIANCE_2)
    mean = gaussian.gaussian_product_mean(MEAN_1, COVARIANCE_1, MEAN_2, COVARIANCE_2)
    assert is_completed_by(exponent, x, mean, gaussian.gaussian_product_covariance(COVARIANCE_1, COVARIANCE_2))


def test_gaussian_product_mean_isotropic_and_gaussian_product_variance_isotropic_complete_the_square():
    x, mean_1, mean_2 = real("x m n")
    both = log_normal(x, mean_1, VARIANCE_1) + log_normal(x, mean_2, VARIANCE_2)
    mean, variance = completed_square(both, x)
    assert same(gaussian.gaussian_product_mean_isotropic(mean_1, VARIANCE_1, mean_2, VARIANCE_2), mean)
    assert same(gaussian.gaussian_product_variance_isotropic(VARIANCE_1, VARIANCE_2), variance)


def test_gaussian_kl_is_the_mean_of_the_log_ratio_of_densities():
    second = np.array(sp.Matrix(FACTOR_2).inv(), dtype=object) @ (DRAW - MEAN_2)
    log_second = sum(log_normal(unit, 0, 1) for unit in second) - sp.log(FACTOR_2[0, 0] * FACTOR_2[1, 1])
    log_ratio = log_density_of_draw() - log_second
    found = gaussian.gaussian_kl(MEAN_1, COVARIANCE_1, MEAN_2, COVARIANCE_2)
    assert same(found, expectation(log_ratio, U))


def test_gaussian_kl_isotropic_sums_the_means_of_the_log_ratios_over_entries():
    unit = U[0]

    def divergence(mean_1, mean_2):
        draw = mean_1 + VARIANCE_1 * unit
        first, second = log_normal(unit, 0, 1) - sp.log(VARIANCE_1), log_normal(draw, mean_2, VARIANCE_2)
        return expectation(first - second, [unit])

    found = gaussian.gaussian_kl_isotropic(ROWS_1, VARIANCE_1**2, ROWS_2, VARIANCE_2)
    expected = [sum(map(divergence, *rows)) for rows in zip(ROWS_1, ROWS_2, strict=True)]
    assert same(found, column(expected))


def conditional_is_bayes(matrix, covariance, mean, noise_covariance):
    """Whether mean and covariance given y complete the square of prior times likelihood."""
    x, y = column(real("x y")[: len(mean)]), column(real("y_1 y_2")[: len(matrix)])
    offset = OFFSET[: len(matrix)]
    prior = log_multivariate(x, mean, covariance)
    exponent = prior + log_multivariate(y, matrix @ x + offset, noise_covariance)
    found = gaussian.gaussian_conditional_mean(y, mean, covariance, matrix, offset, noise_covariance)
    return is_completed_by(exponent, x, found, gaussian.gaussian_conditional_covariance(covariance, matrix, noise_covariance))


def test_gaussian_conditional_mean_and_gaussian_conditional_covariance_follow_from_bayes():
    assert conditional_is_bayes(MATRIX[:1], COVARIANCE_1, MEAN_1, NOISE_COVARIANCE[:1, :1])


def test_gaussian_conditional_mean_and_gaussian_conditional_covariance_follow_from_bayes_with_more_observations_than_unknowns():
    assert conditional_is_bayes(MATRIX[:2, :1], COVARIANCE_2[:1, :1], MEAN_1[:1], NOISE_COVARIANCE[:2, :2])


FULL = column(real("l_1 l_2 l_3 l_4")).reshape(2, 2)


def test_gaussian_sample_maps_no_noise_to_the_mean_and_moves_along_the_factors_columns():
    assert same(gaussian.gaussian_sample(column([0, 0]), MEAN_1, FULL), MEAN_1)
    draw = gaussian.gaussian_sample(column(U), MEAN_1, FULL)
    assert same(column([[sp.diff(entry, unit) for unit in U] for entry in draw]), FULL)
    assert same(covariance_of(draw, U), FULL @ FULL.T)


def test_gaussian_score_is_the_gradient_of_the_log_density():
    x = column(real("x y"))
    gradient = [sp.diff(log_multivariate(x, MEAN_1, COVARIANCE_1), entry) for entry in x]
    assert same(gaussian.gaussian_score(x, MEAN_1, COVARIANCE_1), column(gradient))


def test_gaussian_entropy_is_the_mean_of_minus_the_log_density():
    assert same(gaussian.gaussian_entropy(COVARIANCE_1), -expectation(log_density_of_draw(), U))


def test_gaussian_cross_entropy_is_the_mean_of_minus_the_other_log_density():
    second = np.array(sp.Matrix(FACTOR_2).inv(), dtype=object) @ (DRAW - MEAN_2)
    log_second = sum(log_normal(unit, 0, 1) for unit in second) - sp.log(FACTOR_2[0, 0] * FACTOR_2[1, 1])
    assert same(gaussian.gaussian_cross_entropy(MEAN_1, COVARIANCE_1, MEAN_2, COVARIANCE_2), -expectation(log_second, U))


def test_gaussian_product_log_normaliser_is_what_the_product_exceeds_its_own_density_by():
    x, mean_1, mean_2 = real("x m n")
    both = log_normal(x, mean_1, VARIANCE_1) + log_normal(x, mean_2, VARIANCE_2)
    laws = [column([mean_1]), column([[VARIANCE_1]]), column([mean_2]), column([[VARIANCE_2]])]
    assert same(gaussian.gaussian_product_log_normaliser(*laws), both - log_normal(x, *completed_square(both, x)))


def test_gaussian_product_log_normaliser_is_the_log_density_of_the_gap_of_two_draws():
    gap = covariance_of(DRAW + FACTOR_2 @ column(W), [*U, *W])
    expected = gaussian.gaussian_log_density(MEAN_1 - MEAN_2, 0 * MEAN_1, gap)
    assert same(gaussian.gaussian_product_log_normaliser(MEAN_1, COVARIANCE_1, MEAN_2, COVARIANCE_2), expected)


def test_gaussian_second_moment_is_the_mean_of_the_outer_product():
    gap = DRAW - MEAN_2
    expected = column([[expectation(one * other, U) for other in gap] for one in gap])
    assert same(gaussian.gaussian_second_moment(MEAN_1, COVARIANCE_1, MEAN_2), expected)


def test_gaussian_quadratic_expectation_is_the_trace_of_the_matrix_times_gaussian_second_moment():
    moment = gaussian.gaussian_second_moment(MEAN_1, COVARIANCE_1, MEAN_2)
    for product in (SQUARE @ moment, moment @ SQUARE):
        assert same(gaussian.gaussian_quadratic_expectation(MEAN_1, COVARIANCE_1, SQUARE, MEAN_2), np.trace(product))


def test_gaussian_quadratic_variance_is_the_mean_square_less_the_squared_mean():
    form = (DRAW - MEAN_2) @ SQUARE @ (DRAW - MEAN_2)
    expected = expectation(form**2, U) - expectation(form, U) ** 2
    assert same(gaussian.gaussian_quadratic_variance(MEAN_1, COVARIANCE_1, SQUARE, MEAN_2), expected)


def test_gaussian_quadratic_mean_gradient_is_the_slope_of_the_mean_and_the_mean_of_the_slope():
    form = (DRAW - MEAN_2) @ SQUARE @ (DRAW - MEAN_2)
    found = gaussian.gaussian_quadratic_mean_gradient(MEAN_1, SQUARE, MEAN_2)
    assert same(found, column([sp.diff(expectation(form, U), entry) for entry in MEAN_1]))
    assert same(found, column([expectation(sp.diff(form, entry), U) for entry in MEAN_1]))


def test_gaussian_quadratic_factor_gradient_is_the_slope_of_the_mean_and_the_mean_of_the_slope():
    gap = MEAN_1 + FULL @ column(U) - MEAN_2
    form = gap @ SQUARE @ gap
    found = gaussian.gaussian_quadratic_factor_gradient(FULL, SQUARE)
    assert same(found, column([[sp.diff(expectation(form, U), entry) for entry in row] for row in FULL]))
    assert same(found, column([[expectation(sp.diff(form, entry), U) for entry in row] for row in FULL]))


def test_completed_square_mean_and_completed_square_constant_complete_the_square():
    x = column(real("x y"))
    form = x @ COVARIANCE_1 @ x / 2 - MEAN_1 @ x
    mean = gaussian.completed_square_mean(COVARIANCE_1, MEAN_1)
    square = (x - mean) @ COVARIANCE_1 @ (x - mean) / 2
    assert same(form, square + gaussian.completed_square_constant(COVARIANCE_1, MEAN_1))


def test_trace_of_product_is_the_same_in_either_order_and_for_any_cyclic_shift():
    wide = column(real("d_:6")).reshape(2, 3)
    product = [[sum(MATRIX[i, k] * wide[k, j] for k in range(2)) for j in range(3)] for i in range(3)]
    assert same(gaussian.trace_of_product(MATRIX, wide), sum(product[i][i] for i in range(3)))
    assert same(gaussian.trace_of_product(wide, MATRIX), gaussian.trace_of_product(MATRIX, wide))
    assert same(gaussian.trace_of_product(SQUARE @ wide, MATRIX), gaussian.trace_of_product(MATRIX @ SQUARE, wide))


def test_bilinear_form_is_the_trace_of_the_matrix_with_the_outer_product_and_its_mean_that_with_the_covariance():
    left, right = column(real("l_1 l_2 l_3")), column(real("h_1 h_2"))
    outer = column([[one * other for other in left] for one in right])
    assert same(gaussian.bilinear_form(left, MATRIX, right), gaussian.trace_of_product(MATRIX, outer))
    entries = [left[i] * MATRIX[i, j] * right[j] for i in range(3) for j in range(2)]
    assert same(gaussian.bilinear_form(left, MATRIX, right), sum(entries))
    form = gaussian.bilinear_form(DRAW - MEAN_1, SQUARE, DRAW - MEAN_1)
    assert same(expectation(form, U), gaussian.trace_of_product(SQUARE, COVARIANCE_1))
