"""Wrong bodies of Gaussian algebra."""

import math

from refdiff.numbers import namespace
from refdiff.reference import gaussian

__all__ = [
    "bilinear_form__diagonal_alone",
    "bilinear_form__trace_times_product",
    "bilinear_form__transposed",
    "completed_square_constant__not_halved",
    "completed_square_constant__other_sign",
    "completed_square_mean__half",
    "completed_square_mean__precision_not_inverted",
    "gaussian_affine_covariance__matrix_once",
    "gaussian_affine_covariance__transposed_matrix",
    "gaussian_affine_mean__offset_subtracted",
    "gaussian_affine_mean__transposed_matrix",
    "gaussian_affine_mean__without_offset",
    "gaussian_conditional_covariance__correction_added",
    "gaussian_conditional_covariance__noise_not_inverted",
    "gaussian_conditional_covariance__precision",
    "gaussian_conditional_mean__mean_not_predicted",
    "gaussian_conditional_mean__offset_ignored",
    "gaussian_conditional_mean__prior_mean_left_out",
    "gaussian_cross_entropy__at_the_mean",
    "gaussian_cross_entropy__divergence",
    "gaussian_density__determinant_without_root",
    "gaussian_density__two_pi_once",
    "gaussian_density__without_normalisation",
    "gaussian_entropy__determinant_not_halved",
    "gaussian_entropy__without_dimension",
    "gaussian_entropy__without_e",
    "gaussian_kl__constant_once",
    "gaussian_kl__log_ratio_inverted",
    "gaussian_kl__not_halved",
    "gaussian_kl__swapped_arguments",
    "gaussian_kl_isotropic__constant_once",
    "gaussian_kl_isotropic__log_ratio_doubled",
    "gaussian_kl_isotropic__log_ratio_inverted",
    "gaussian_kl_isotropic__mean_for_sum",
    "gaussian_kl_isotropic__square_of_log_scale",
    "gaussian_kl_isotropic__swapped_arguments",
    "gaussian_log_density__covariance_for_precision",
    "gaussian_log_density__determinant_not_halved",
    "gaussian_log_density__two_pi_once",
    "gaussian_log_density__without_normalisation",
    "gaussian_log_density_isotropic__log_of_two_pi_not_halved",
    "gaussian_log_density_isotropic__log_variance_not_halved",
    "gaussian_log_density_isotropic__mean_for_sum",
    "gaussian_log_density_isotropic__variance_for_scale",
    "gaussian_log_density_isotropic__without_normalisation",
    "gaussian_marginal_covariance__noise_squared",
    "gaussian_marginal_covariance__transposed_matrix",
    "gaussian_marginal_covariance__without_noise",
    "gaussian_product_covariance__inverse_of_sum",
    "gaussian_product_covariance__precision",
    "gaussian_product_covariance__sum",
    "gaussian_product_log_normaliser__one",
    "gaussian_product_log_normaliser__one_covariance",
    "gaussian_product_log_normaliser__without_normalisation",
    "gaussian_product_mean__average",
    "gaussian_product_mean__not_normalised",
    "gaussian_product_mean__swapped_weights",
    "gaussian_product_mean_isotropic__average",
    "gaussian_product_mean_isotropic__swapped_weights",
    "gaussian_product_mean_isotropic__weighted_by_scale",
    "gaussian_product_variance_isotropic__harmonic_mean",
    "gaussian_product_variance_isotropic__precision",
    "gaussian_product_variance_isotropic__sum",
    "gaussian_quadratic_expectation__center_ignored",
    "gaussian_quadratic_expectation__trace_of_covariance",
    "gaussian_quadratic_expectation__without_trace",
    "gaussian_quadratic_factor_gradient__by_covariance",
    "gaussian_quadratic_factor_gradient__factor_on_the_left",
    "gaussian_quadratic_mean_gradient__center_ignored",
    "gaussian_quadratic_mean_gradient__matrix_taken_for_symmetric",
    "gaussian_quadratic_variance__matrix_taken_for_symmetric",
    "gaussian_quadratic_variance__second_moment",
    "gaussian_quadratic_variance__without_mean",
    "gaussian_sample__covariance_for_factor",
    "gaussian_sample__mean_scaled_too",
    "gaussian_sample__transposed_factor",
    "gaussian_score__covariance_not_inverted",
    "gaussian_score__other_sign",
    "gaussian_second_moment__covariance_alone",
    "gaussian_second_moment__squares_on_the_diagonal",
    "trace_of_product__all_entries",
    "trace_of_product__of_the_diagonals",
    "trace_of_product__of_the_sizes",
    "trace_of_product__with_its_transpose",
]


def _others(x):
    return tuple(range(1, x.ndim))


def gaussian_log_density__without_normalisation(x, mean, covariance):
    """The exponent alone, without log det(covariance) and len(x)*log(2*pi).

    Fix: -((x - mean) @ inv(covariance) @ (x - mean) + log(det(covariance)) + len(x)*log(2*pi))/2, Bishop (2.43)
    Seen in: plausible
    """
    xp = namespace(x, mean, covariance)
    gap = x - mean
    return -(gap @ xp.solve(covariance, gap)) / 2


def gaussian_log_density__determinant_not_halved(x, mean, covariance):
    """log det(covariance) in place of half of it.

    Fix: -((x - mean) @ inv(covariance) @ (x - mean) + log(det(covariance)) + len(x)*log(2*pi))/2, Bishop (2.43)
    Seen in: plausible
    """
    xp = namespace(x, mean, covariance)
    gap = x - mean
    square = gap @ xp.solve(covariance, gap)
    return -(square + x.shape[0] * xp.log(2 * xp.pi + 0 * square)) / 2 - xp.logdet(covariance)


def gaussian_log_density__two_pi_once(x, mean, covariance):
    """log(2*pi) once in place of once for each dimension.

    Fix: -((x - mean) @ inv(covariance) @ (x - mean) + log(det(covariance)) + len(x)*log(2*pi))/2, Bishop (2.43)
    Seen in: plausible
    """
    xp = namespace(x, mean, covariance)
    gap = x - mean
    square = gap @ xp.solve(covariance, gap)
    return -(square + xp.logdet(covariance) + xp.log(2 * xp.pi + 0 * square)) / 2


def gaussian_log_density__covariance_for_precision(x, mean, covariance):
    """The covariance in the exponent in place of its inverse.

    Fix: (x - mean) @ inv(covariance) @ (x - mean) in the exponent, Bishop (2.43)
    Seen in: plausible
    """
    xp = namespace(x, mean, covariance)
    gap = x - mean
    square = gap @ covariance @ gap
    return -(square + xp.logdet(covariance) + x.shape[0] * xp.log(2 * xp.pi + 0 * square)) / 2


def gaussian_density__determinant_without_root(x, mean, covariance):
    """det(covariance) in the denominator in place of its root.

    Fix: exp(-(x - mean) @ inv(covariance) @ (x - mean)/2)/sqrt((2*pi)**len(x)*det(covariance)), Bishop (2.43)
    Seen in: plausible
    """
    xp = namespace(x, mean, covariance)
    return xp.exp(gaussian_log_density__determinant_not_halved(x, mean, covariance))


def gaussian_density__two_pi_once(x, mean, covariance):
    """sqrt(2*pi) once in place of once for each dimension.

    Fix: exp(-(x - mean) @ inv(covariance) @ (x - mean)/2)/sqrt((2*pi)**len(x)*det(covariance)), Bishop (2.43)
    Seen in: plausible
    """
    xp = namespace(x, mean, covariance)
    return xp.exp(gaussian_log_density__two_pi_once(x, mean, covariance))


def gaussian_density__without_normalisation(x, mean, covariance):
    """The exponential alone, not divided by its integral.

    Fix: exp(-(x - mean) @ inv(covariance) @ (x - mean)/2)/sqrt((2*pi)**len(x)*det(covariance)), Bishop (2.43)
    Seen in: plausible
    """
    xp = namespace(x, mean, covariance)
    return xp.exp(gaussian_log_density__without_normalisation(x, mean, covariance))


def gaussian_log_density_isotropic__variance_for_scale(x, mean, variance):
    """The variance handed over as a standard deviation.

    Fix: -sum((x - mean)**2/variance + log(2*pi*variance))/2, Bishop (1.46); a scale is sqrt(variance)
    Seen in: B147, bjlkeng/sandbox#10
    """
    xp = namespace(x, mean, variance)
    squares = (x - mean) ** 2 / variance**2
    return -xp.sum(squares + xp.log(2 * xp.pi * variance**2 + 0 * squares), axis=_others(squares)) / 2


def gaussian_log_density_isotropic__log_variance_not_halved(x, mean, variance):
    """log(variance) in place of half of it.

    Fix: -sum((x - mean)**2/variance + log(2*pi*variance))/2, Bishop (1.46)
    Seen in: plausible
    """
    xp = namespace(x, mean, variance)
    squares = (x - mean) ** 2 / variance
    return -xp.sum(squares + xp.log(2 * xp.pi * variance**2 + 0 * squares), axis=_others(squares)) / 2


def gaussian_log_density_isotropic__log_of_two_pi_not_halved(x, mean, variance):
    """log(2*pi) in place of half of it.

    Fix: -sum((x - mean)**2/variance + log(2*pi*variance))/2, Bishop (1.46); log(sqrt(2*pi)) is the half
    Seen in: plausible; asked for in yifan123/flow_grpo#108
    """
    xp = namespace(x, mean, variance)
    squares = (x - mean) ** 2 / variance
    return -xp.sum(squares + xp.log(4 * xp.pi**2 * variance + 0 * squares), axis=_others(squares)) / 2


def gaussian_log_density_isotropic__mean_for_sum(x, mean, variance):
    """The mean over dimensions in place of the sum.

    Fix: -sum((x - mean)**2/variance + log(2*pi*variance))/2, summed over all axes but the first, Bishop (1.46)
    Seen in: plausible
    """
    xp = namespace(x, mean, variance)
    squares = (x - mean) ** 2 / variance
    total = xp.sum(squares + xp.log(2 * xp.pi * variance + 0 * squares), axis=_others(squares))
    return -total / (2 * math.prod(squares.shape[1:]))


def gaussian_log_density_isotropic__without_normalisation(x, mean, variance):
    """The exponent alone, without log(2*pi*variance).

    Fix: -sum((x - mean)**2/variance + log(2*pi*variance))/2, Bishop (1.46)
    Seen in: plausible
    """
    xp = namespace(x, mean, variance)
    squares = (x - mean) ** 2 / variance
    return -xp.sum(squares, axis=_others(squares)) / 2


def gaussian_affine_mean__without_offset(mean, matrix):
    """matrix @ mean, without the offset.

    Fix: matrix @ mean + offset, Bishop (2.115)
    Seen in: plausible
    """
    return matrix @ mean


def gaussian_affine_mean__offset_subtracted(mean, matrix, offset):
    """The offset subtracted in place of added.

    Fix: matrix @ mean + offset, Bishop (2.115)
    Seen in: plausible
    """
    return matrix @ mean - offset


def gaussian_affine_mean__transposed_matrix(mean, matrix, offset):
    """The matrix transposed, as for row vectors.

    Fix: matrix @ mean + offset, Bishop (2.115)
    Seen in: plausible
    """
    return matrix.T @ mean + offset


def gaussian_affine_covariance__transposed_matrix(covariance, matrix):
    """transpose(matrix) on the left and matrix on the right.

    Fix: matrix @ covariance @ transpose(matrix), Bishop (2.115)
    Seen in: plausible
    """
    return matrix.T @ covariance @ matrix


def gaussian_affine_covariance__matrix_once(covariance, matrix):
    """The matrix applied once in place of on both sides.

    Fix: matrix @ covariance @ transpose(matrix), Bishop (2.115)
    Seen in: plausible
    """
    return matrix @ covariance


def gaussian_product_covariance__sum(covariance_1, covariance_2):
    """The sum of the covariances: the law of the sum of two variables, not of the product of two densities.

    Fix: inv(inv(covariance_1) + inv(covariance_2)), Matrix Cookbook (371)
    Seen in: plausible
    """
    return covariance_1 + covariance_2


def gaussian_product_covariance__precision(covariance_1, covariance_2):
    """The precision, the sum of the inverses, not inverted back.

    Fix: inv(inv(covariance_1) + inv(covariance_2)), Matrix Cookbook (371)
    Seen in: plausible
    """
    xp = namespace(covariance_1, covariance_2)
    return xp.inv(covariance_1) + xp.inv(covariance_2)


def gaussian_product_covariance__inverse_of_sum(covariance_1, covariance_2):
    """The inverse of the sum of the covariances in place of that of the sum of the precisions.

    Fix: inv(inv(covariance_1) + inv(covariance_2)), Matrix Cookbook (371)
    Seen in: plausible
    """
    xp = namespace(covariance_1, covariance_2)
    return xp.inv(covariance_1 + covariance_2)


def gaussian_product_mean__swapped_weights(mean_1, covariance_1, mean_2, covariance_2):
    """Each mean weighted by its own covariance in place of its precision.

    Fix: inv(inv(covariance_1) + inv(covariance_2)) @ (inv(covariance_1) @ mean_1 + ...), Matrix Cookbook (371)
    Seen in: plausible
    """
    xp = namespace(mean_1, covariance_1, mean_2, covariance_2)
    both = covariance_1 + covariance_2
    return covariance_1 @ xp.solve(both, mean_1) + covariance_2 @ xp.solve(both, mean_2)


def gaussian_product_mean__average(mean_1, mean_2):
    """The plain average of the means.

    Fix: inv(inv(covariance_1) + inv(covariance_2)) @ (inv(covariance_1) @ mean_1 + ...), Matrix Cookbook (371)
    Seen in: plausible
    """
    return (mean_1 + mean_2) / 2


def gaussian_product_mean__not_normalised(mean_1, covariance_1, mean_2, covariance_2):
    """The precision-weighted sum, not multiplied by the product's covariance.

    Fix: inv(inv(covariance_1) + inv(covariance_2)) @ (inv(covariance_1) @ mean_1 + ...), Matrix Cookbook (371)
    Seen in: plausible
    """
    xp = namespace(mean_1, covariance_1, mean_2, covariance_2)
    return xp.solve(covariance_1, mean_1) + xp.solve(covariance_2, mean_2)


def gaussian_product_variance_isotropic__sum(variance_1, variance_2):
    """The sum of the variances: the law of the sum of two variables, not of the product of two densities.

    Fix: 1/(1/variance_1 + 1/variance_2), Matrix Cookbook (371)
    Seen in: plausible
    """
    return variance_1 + variance_2


def gaussian_product_variance_isotropic__precision(variance_1, variance_2):
    """The precision, the sum of the inverses, not inverted back.

    Fix: 1/(1/variance_1 + 1/variance_2), Matrix Cookbook (371)
    Seen in: plausible
    """
    return 1 / variance_1 + 1 / variance_2


def gaussian_product_variance_isotropic__harmonic_mean(variance_1, variance_2):
    """The harmonic mean of the variances, twice the right value.

    Fix: 1/(1/variance_1 + 1/variance_2), Matrix Cookbook (371)
    Seen in: plausible
    """
    return 2 * variance_1 * variance_2 / (variance_1 + variance_2)


def gaussian_product_mean_isotropic__swapped_weights(mean_1, variance_1, mean_2, variance_2):
    """Each mean weighted by its own variance in place of its inverse.

    Fix: (mean_1/variance_1 + mean_2/variance_2)/(1/variance_1 + 1/variance_2), Matrix Cookbook (371)
    Seen in: plausible
    """
    return (variance_1 * mean_1 + variance_2 * mean_2) / (variance_1 + variance_2)


def gaussian_product_mean_isotropic__weighted_by_scale(mean_1, variance_1, mean_2, variance_2):
    """Each mean weighted by its inverse standard deviation in place of its inverse variance.

    Fix: (mean_1/variance_1 + mean_2/variance_2)/(1/variance_1 + 1/variance_2), Matrix Cookbook (371)
    Seen in: plausible
    """
    xp = namespace(mean_1, variance_1, mean_2, variance_2)
    scale_1, scale_2 = xp.sqrt(variance_1), xp.sqrt(variance_2)
    return (scale_2 * mean_1 + scale_1 * mean_2) / (scale_1 + scale_2)


def gaussian_product_mean_isotropic__average(mean_1, mean_2):
    """The plain average of the means.

    Fix: (mean_1/variance_1 + mean_2/variance_2)/(1/variance_1 + 1/variance_2), Matrix Cookbook (371)
    Seen in: plausible
    """
    return (mean_1 + mean_2) / 2


def _kl_terms(mean_1, covariance_1, mean_2, covariance_2):
    xp = namespace(mean_1, covariance_1, mean_2, covariance_2)
    gap = mean_2 - mean_1
    spread = xp.trace(xp.solve(covariance_2, covariance_1)) + gap @ xp.solve(covariance_2, gap)
    return spread, xp.logdet(covariance_2) - xp.logdet(covariance_1), mean_1.shape[0]


def gaussian_kl__swapped_arguments(mean_1, covariance_1, mean_2, covariance_2):
    """The divergence from the second to the first.

    Fix: invert covariance_2, not covariance_1: KL(first, second) is an expectation under the first, Kullback (1.4)
    Seen in: plausible
    """
    spread, growth, d = _kl_terms(mean_2, covariance_2, mean_1, covariance_1)
    return (spread - d + growth) / 2


def gaussian_kl__log_ratio_inverted(mean_1, covariance_1, mean_2, covariance_2):
    """log(det(covariance_1)/det(covariance_2)) in place of its negative.

    Fix: (tr(...) + (...)**2 - len(mean_1) + log(det(covariance_2)/det(covariance_1)))/2, Kullback (1.4)
    Seen in: plausible
    """
    spread, growth, d = _kl_terms(mean_1, covariance_1, mean_2, covariance_2)
    return (spread - d - growth) / 2


def gaussian_kl__constant_once(mean_1, covariance_1, mean_2, covariance_2):
    """1 subtracted once in place of once for each dimension.

    Fix: (tr(...) + (...)**2 - len(mean_1) + log(det(covariance_2)/det(covariance_1)))/2, Kullback (1.4)
    Seen in: B143, ericjang/draw#6
    """
    spread, growth, _ = _kl_terms(mean_1, covariance_1, mean_2, covariance_2)
    return (spread - 1 + growth) / 2


def gaussian_kl__not_halved(mean_1, covariance_1, mean_2, covariance_2):
    """The sum without the factor 1/2.

    Fix: (tr(...) + (...)**2 - len(mean_1) + log(det(covariance_2)/det(covariance_1)))/2, Kullback (1.4)
    Seen in: plausible
    """
    spread, growth, d = _kl_terms(mean_1, covariance_1, mean_2, covariance_2)
    return spread - d + growth


def _isotropic_terms(mean_1, variance_1, mean_2, variance_2):
    squares = (mean_2 - mean_1) ** 2 / variance_2
    return variance_1 / variance_2, squares, _others(squares)


def gaussian_kl_isotropic__swapped_arguments(mean_1, variance_1, mean_2, variance_2):
    """The divergence from the second to the first.

    Fix: sum(variance_1/variance_2 - 1 + (mean_2 - mean_1)**2/variance_2 + log(variance_2/variance_1))/2, Kullback
    Seen in: plausible
    """
    ratio, squares, axes = _isotropic_terms(mean_2, variance_2, mean_1, variance_1)
    xp = namespace(ratio, squares)
    return xp.sum(squares + (ratio - 1 - xp.log(ratio + 0 * squares)), axis=axes) / 2


def gaussian_kl_isotropic__log_ratio_inverted(mean_1, variance_1, mean_2, variance_2):
    """log(variance_1/variance_2) in place of its negative.

    Fix: sum(variance_1/variance_2 - 1 + (mean_2 - mean_1)**2/variance_2 + log(variance_2/variance_1))/2, Kullback
    Seen in: plausible
    """
    ratio, squares, axes = _isotropic_terms(mean_1, variance_1, mean_2, variance_2)
    xp = namespace(ratio, squares)
    return xp.sum(squares + (ratio - 1 + xp.log(ratio + 0 * squares)), axis=axes) / 2


def gaussian_kl_isotropic__log_ratio_doubled(mean_1, variance_1, mean_2, variance_2):
    """The log ratio of variances doubled under the factor 1/2, as if it were of scales.

    Fix: sum(variance_1/variance_2 - 1 + (mean_2 - mean_1)**2/variance_2 + log(variance_2/variance_1))/2, Kullback
    Seen in: plausible; openai/improved-diffusion#119 asked for it where the code was right
    """
    ratio, squares, axes = _isotropic_terms(mean_1, variance_1, mean_2, variance_2)
    xp = namespace(ratio, squares)
    return xp.sum(squares + (ratio - 1 - 2 * xp.log(ratio + 0 * squares)), axis=axes) / 2


def gaussian_kl_isotropic__square_of_log_scale(mean_1, variance_1, mean_2, variance_2):
    """The log of the scales' ratio squared and added, in place of doubled and subtracted.

    Fix: sum(variance_1/variance_2 - 1 + (mean_2 - mean_1)**2/variance_2 + log(variance_2/variance_1))/2, Kullback
    Seen in: B145, FluxML/model-zoo#147
    """
    ratio, squares, axes = _isotropic_terms(mean_1, variance_1, mean_2, variance_2)
    xp = namespace(ratio, squares)
    return xp.sum(squares + (ratio - 1 + xp.log(ratio + 0 * squares) ** 2 / 4), axis=axes) / 2


def gaussian_kl_isotropic__mean_for_sum(mean_1, variance_1, mean_2, variance_2):
    """The mean over dimensions in place of the sum.

    Fix: sum(variance_1/variance_2 - 1 + (mean_2 - mean_1)**2/variance_2 + log(variance_2/variance_1))/2, Kullback
    Seen in: B141, keras-team/keras-io#270
    """
    ratio, squares, axes = _isotropic_terms(mean_1, variance_1, mean_2, variance_2)
    xp = namespace(ratio, squares)
    total = xp.sum(squares + (ratio - 1 - xp.log(ratio + 0 * squares)), axis=axes)
    return total / (2 * math.prod(squares.shape[1:]))


def gaussian_kl_isotropic__constant_once(mean_1, variance_1, mean_2, variance_2):
    """1 subtracted once in place of once for each dimension.

    Fix: sum(variance_1/variance_2 - 1 + (mean_2 - mean_1)**2/variance_2 + log(variance_2/variance_1))/2, Kullback
    Seen in: B143, ericjang/draw#6
    """
    ratio, squares, axes = _isotropic_terms(mean_1, variance_1, mean_2, variance_2)
    xp = namespace(ratio, squares)
    return (xp.sum(squares + (ratio - xp.log(ratio + 0 * squares)), axis=axes) - 1) / 2


def gaussian_quadratic_expectation__without_trace(mean, matrix, center):
    """The form at the mean, without the trace that the spread adds.

    Fix: tr(matrix @ covariance) + (mean - center) @ matrix @ (mean - center), Matrix Cookbook (318)
    Seen in: plausible
    """
    gap = mean - center
    return gap @ matrix @ gap


def gaussian_quadratic_expectation__center_ignored(mean, covariance, matrix):
    """The form centred at the origin in place of at center.

    Fix: tr(matrix @ covariance) + (mean - center) @ matrix @ (mean - center), Matrix Cookbook (318)
    Seen in: plausible
    """
    xp = namespace(mean, covariance, matrix)
    return xp.trace(matrix @ covariance) + mean @ matrix @ mean


def gaussian_quadratic_expectation__trace_of_covariance(mean, covariance, matrix, center):
    """tr(covariance) in place of tr(matrix @ covariance), right for the squared distance only.

    Fix: tr(matrix @ covariance) + (mean - center) @ matrix @ (mean - center), Matrix Cookbook (318)
    Seen in: plausible
    """
    xp = namespace(mean, covariance, matrix, center)
    gap = mean - center
    return xp.trace(covariance) + gap @ matrix @ gap


def gaussian_marginal_covariance__without_noise(covariance, matrix):
    """The covariance of matrix x, without the observation's noise.

    Fix: matrix @ covariance @ transpose(matrix) + noise_covariance, Bishop (2.115)
    Seen in: plausible
    """
    return matrix @ covariance @ matrix.T


def gaussian_marginal_covariance__transposed_matrix(covariance, matrix, noise_covariance):
    """transpose(matrix) on the left and matrix on the right.

    Fix: matrix @ covariance @ transpose(matrix) + noise_covariance, Bishop (2.115)
    Seen in: plausible
    """
    return matrix.T @ covariance @ matrix + noise_covariance


def gaussian_marginal_covariance__noise_squared(covariance, matrix, noise_covariance):
    """The noise covariance squared, as if it were a scale.

    Fix: matrix @ covariance @ transpose(matrix) + noise_covariance, Bishop (2.115)
    Seen in: plausible
    """
    return matrix @ covariance @ matrix.T + noise_covariance @ noise_covariance


def _gain_times(surprise, covariance, matrix, noise_covariance):
    xp = namespace(surprise, covariance, matrix, noise_covariance)
    cross = covariance @ matrix.T
    return cross @ xp.solve(matrix @ cross + noise_covariance, surprise)


def gaussian_conditional_mean__offset_ignored(y, mean, covariance, matrix, noise_covariance):
    """The offset left in the observation.

    Fix: mean + gain @ (y - matrix @ mean - offset), equal to Bishop (2.116)
    Seen in: plausible
    """
    return mean + _gain_times(y - matrix @ mean, covariance, matrix, noise_covariance)


def gaussian_conditional_mean__mean_not_predicted(y, mean, covariance, matrix, offset, noise_covariance):
    """The whole observation taken for the surprise, matrix @ mean not subtracted.

    Fix: mean + gain @ (y - matrix @ mean - offset), equal to Bishop (2.116)
    Seen in: plausible
    """
    return mean + _gain_times(y - offset, covariance, matrix, noise_covariance)


def gaussian_conditional_mean__prior_mean_left_out(y, mean, covariance, matrix, offset, noise_covariance):
    """The correction alone, not added to the prior's mean.

    Fix: mean + gain @ (y - matrix @ mean - offset), equal to Bishop (2.116)
    Seen in: plausible
    """
    return _gain_times(y - matrix @ mean - offset, covariance, matrix, noise_covariance)


def gaussian_conditional_covariance__correction_added(covariance, matrix, noise_covariance):
    """The correction added: knowing y made x less certain.

    Fix: inv(inv(covariance) + transpose(matrix) @ inv(noise_covariance) @ matrix), Bishop (2.117)
    Seen in: plausible
    """
    return covariance + _gain_times(matrix @ covariance, covariance, matrix, noise_covariance)


def gaussian_conditional_covariance__precision(covariance, matrix, noise_covariance):
    """The precision, not inverted back.

    Fix: inv(inv(covariance) + transpose(matrix) @ inv(noise_covariance) @ matrix), Bishop (2.117)
    Seen in: plausible
    """
    xp = namespace(covariance, matrix, noise_covariance)
    return xp.inv(covariance) + matrix.T @ xp.solve(noise_covariance, matrix)


def gaussian_conditional_covariance__noise_not_inverted(covariance, matrix, noise_covariance):
    """The noise covariance in place of its inverse.

    Fix: inv(inv(covariance) + transpose(matrix) @ inv(noise_covariance) @ matrix), Bishop (2.117)
    Seen in: plausible
    """
    xp = namespace(covariance, matrix, noise_covariance)
    return xp.inv(xp.inv(covariance) + matrix.T @ noise_covariance @ matrix)


def gaussian_sample__covariance_for_factor(z, mean, factor):
    """The covariance in place of its factor.

    Fix: mean + factor @ z, Bishop 2006, section 11.1.1
    Seen in: plausible
    """
    return mean + factor @ (factor.T @ z)


def gaussian_sample__transposed_factor(z, mean, factor):
    """The factor transposed, as a Cholesky routine that returns the upper triangle gives it.

    Fix: mean + factor @ z, Bishop 2006, section 11.1.1
    Seen in: plausible
    """
    return mean + factor.T @ z


def gaussian_sample__mean_scaled_too(z, mean, factor):
    """The mean mapped along with the noise.

    Fix: mean + factor @ z, Bishop 2006, section 11.1.1
    Seen in: plausible
    """
    return factor @ (mean + z)


def gaussian_score__other_sign(x, mean, covariance):
    """The gradient of the exponent's size: it points away from the mean.

    Fix: -inv(covariance) @ (x - mean), Hyvarinen 2005, section 3.1
    Seen in: plausible
    """
    return -gaussian.gaussian_score(x, mean, covariance)


def gaussian_score__covariance_not_inverted(x, mean, covariance):
    """The covariance in place of its inverse.

    Fix: -inv(covariance) @ (x - mean), Hyvarinen 2005, section 3.1
    Seen in: plausible
    """
    return covariance @ (mean - x)


def gaussian_entropy__without_dimension(covariance):
    """1/2 once in place of once for each dimension.

    Fix: (len(covariance)*(1 + log(2*pi)) + log(det(covariance)))/2, Cover and Thomas 2006, Theorem 8.4.1
    Seen in: plausible
    """
    return gaussian.gaussian_entropy(covariance) - (covariance.shape[0] - 1) / 2


def gaussian_entropy__without_e(covariance):
    """log(2*pi) in place of log(2*pi*e).

    Fix: (len(covariance)*(1 + log(2*pi)) + log(det(covariance)))/2, Cover and Thomas 2006, Theorem 8.4.1
    Seen in: plausible
    """
    return gaussian.gaussian_entropy(covariance) - covariance.shape[0] / 2


def gaussian_entropy__determinant_not_halved(covariance):
    """log det(covariance) in place of half of it.

    Fix: (len(covariance)*(1 + log(2*pi)) + log(det(covariance)))/2, Cover and Thomas 2006, Theorem 8.4.1
    Seen in: plausible
    """
    return gaussian.gaussian_entropy(covariance) + namespace(covariance).logdet(covariance) / 2


def gaussian_cross_entropy__divergence(mean_1, covariance_1, mean_2, covariance_2):
    """The divergence, without the first Gaussian's entropy.

    Fix: gaussian_kl plus gaussian_entropy of the first, Matrix Cookbook, section 8.2.2
    Seen in: plausible
    """
    return gaussian.gaussian_kl(mean_1, covariance_1, mean_2, covariance_2)


def gaussian_cross_entropy__at_the_mean(mean_1, covariance_2, mean_2):
    """The negative log density at the first mean, without what the spread about it adds.

    Fix: tr(inv(covariance_2) @ covariance_1)/2 more, Matrix Cookbook, section 8.2.2
    Seen in: plausible
    """
    return -gaussian.gaussian_log_density(mean_1, mean_2, covariance_2)


def gaussian_product_log_normaliser__one(mean_1, covariance_1, mean_2, covariance_2):
    """Zero: the product of two densities taken for a density.

    Fix: log density at mean_1 of a Gaussian about mean_2 with both covariances, Matrix Cookbook (371)
    Seen in: plausible
    """
    return 0 * gaussian.gaussian_product_log_normaliser(mean_1, covariance_1, mean_2, covariance_2)


def gaussian_product_log_normaliser__one_covariance(mean_1, mean_2, covariance_2):
    """The second covariance alone in place of the sum.

    Fix: log density at mean_1 of a Gaussian about mean_2 with both covariances, Matrix Cookbook (371)
    Seen in: plausible
    """
    return gaussian.gaussian_log_density(mean_1, mean_2, covariance_2)


def gaussian_product_log_normaliser__without_normalisation(mean_1, covariance_1, mean_2, covariance_2):
    """The exponent alone.

    Fix: log density at mean_1 of a Gaussian about mean_2 with both covariances, Matrix Cookbook (371)
    Seen in: plausible
    """
    return gaussian_log_density__without_normalisation(mean_1, mean_2, covariance_1 + covariance_2)


def gaussian_second_moment__covariance_alone(covariance):
    """The covariance, right about the mean alone.

    Fix: covariance + (mean - center)[:, None]*(mean - center)[None, :], Matrix Cookbook, section 8.2
    Seen in: plausible
    """
    return 1 * covariance


def gaussian_second_moment__squares_on_the_diagonal(mean, covariance, center):
    """The squared distance added to every entry in place of the outer product.

    Fix: covariance + (mean - center)[:, None]*(mean - center)[None, :], Matrix Cookbook, section 8.2
    Seen in: plausible
    """
    return covariance + (mean - center) @ (mean - center)


def gaussian_quadratic_variance__matrix_taken_for_symmetric(mean, covariance, matrix, center):
    """2 tr(matrix covariance matrix covariance) + ..., which holds for symmetric matrices only.

    Fix: the symmetric part (matrix + transpose(matrix))/2 throughout, Matrix Cookbook, section 8.2.2
    Seen in: plausible
    """
    xp, gap, spread = namespace(mean, covariance, matrix, center), mean - center, matrix @ covariance
    return 2 * xp.trace(spread @ spread) + 4 * gap @ spread @ matrix @ gap


def gaussian_quadratic_variance__without_mean(covariance, matrix):
    """The trace alone, right about the mean.

    Fix: 4*(mean - center) @ even @ covariance @ even @ (mean - center) more, Matrix Cookbook, section 8.2.2
    Seen in: plausible
    """
    spread = (matrix + matrix.T) @ covariance
    return namespace(covariance, matrix).trace(spread @ spread) / 2


def gaussian_quadratic_variance__second_moment(mean, covariance, matrix, center):
    """The mean square, from which the squared mean is not subtracted.

    Fix: 2*tr(even @ covariance @ even @ covariance) + ..., Matrix Cookbook, section 8.2.2
    Seen in: plausible
    """
    level = gaussian.gaussian_quadratic_expectation(mean, covariance, matrix, center)
    return gaussian.gaussian_quadratic_variance(mean, covariance, matrix, center) + level**2


def gaussian_quadratic_mean_gradient__matrix_taken_for_symmetric(mean, matrix, center):
    """2*matrix @ (mean - center), which holds for symmetric matrices only.

    Fix: (matrix + transpose(matrix)) @ (mean - center), Rezende et al. 2014, section 3
    Seen in: plausible
    """
    return 2 * matrix @ (mean - center)


def gaussian_quadratic_mean_gradient__center_ignored(mean, matrix):
    """The form centred at the origin.

    Fix: (matrix + transpose(matrix)) @ (mean - center), Rezende et al. 2014, section 3
    Seen in: plausible
    """
    return (matrix + matrix.T) @ mean


def gaussian_quadratic_factor_gradient__by_covariance(factor, matrix):
    """The gradient by the covariance, which does not depend on the factor.

    Fix: (matrix + transpose(matrix)) @ factor, Rezende et al. 2014, section 3
    Seen in: plausible
    """
    return (matrix + matrix.T) / 2 + 0 * factor


def gaussian_quadratic_factor_gradient__factor_on_the_left(factor, matrix):
    """The factor on the left of the matrix.

    Fix: (matrix + transpose(matrix)) @ factor, Rezende et al. 2014, section 3
    Seen in: plausible
    """
    return factor @ (matrix + matrix.T)


def completed_square_mean__half(precision, linear):
    """Half of the point: the 1/2 of the square counted once too often.

    Fix: inv(precision) @ linear, Bishop (2.71)
    Seen in: plausible
    """
    return gaussian.completed_square_mean(precision, linear) / 2


def completed_square_mean__precision_not_inverted(precision, linear):
    """precision @ linear.

    Fix: inv(precision) @ linear, Bishop (2.71)
    Seen in: plausible
    """
    return precision @ linear


def completed_square_constant__other_sign(precision, linear):
    """The constant with which the square is completed, in place of the one that is left.

    Fix: -linear @ inv(precision) @ linear/2, Bishop (2.71)
    Seen in: plausible
    """
    return -gaussian.completed_square_constant(precision, linear)


def completed_square_constant__not_halved(precision, linear):
    """Without the factor 1/2.

    Fix: -linear @ inv(precision) @ linear/2, Bishop (2.71)
    Seen in: plausible
    """
    return 2 * gaussian.completed_square_constant(precision, linear)


def trace_of_product__of_the_diagonals(matrix_1, matrix_2):
    """The products of the diagonals alone.

    Fix: sum(matrix_1*transpose(matrix_2)), Petersen and Pedersen 2012, section 1.1
    Seen in: plausible
    """
    count = min(matrix_1.shape)
    return sum(matrix_1[i, i] * matrix_2[i, i] for i in range(count))


def trace_of_product__of_the_sizes(matrix_1, matrix_2):
    """The product of two traces.

    Fix: sum(matrix_1*transpose(matrix_2)), Petersen and Pedersen 2012, section 1.1
    Seen in: plausible
    """
    count = min(matrix_1.shape)
    return sum(matrix_1[i, i] for i in range(count)) * sum(matrix_2[i, i] for i in range(count))


def trace_of_product__all_entries(matrix_1, matrix_2):
    """All entries of the product added up.

    Fix: sum(matrix_1*transpose(matrix_2)), Petersen and Pedersen 2012, section 1.1
    Seen in: plausible
    """
    xp = namespace(matrix_1, matrix_2)
    return xp.sum(matrix_1 @ matrix_2)


def trace_of_product__with_its_transpose(matrix_1):
    """The first matrix with itself: the squared norm.

    Fix: sum(matrix_1*transpose(matrix_2)), Petersen and Pedersen 2012, section 1.1
    Seen in: plausible
    """
    xp = namespace(matrix_1)
    return xp.sum(matrix_1 * matrix_1)


def bilinear_form__transposed(left, matrix, right):
    """The outer product the other way round: the matrix transposed.

    Fix: tr(matrix @ outer(right, left)), Petersen and Pedersen 2012, section 1.1
    Seen in: plausible
    """
    return right @ matrix @ left


def bilinear_form__trace_times_product(left, matrix, right):
    """The trace of the matrix times the inner product.

    Fix: tr(matrix @ outer(right, left)), Petersen and Pedersen 2012, section 1.1
    Seen in: plausible
    """
    return namespace(matrix).trace(matrix) * (left @ right)


def bilinear_form__diagonal_alone(left, matrix, right):
    """The diagonal of the matrix alone.

    Fix: tr(matrix @ outer(right, left)), Petersen and Pedersen 2012, section 1.1
    Seen in: plausible
    """
    return sum(left[i] * matrix[i, i] * right[i] for i in range(left.shape[0]))
