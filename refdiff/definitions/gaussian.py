"""Gaussian algebra from its definitions: the chain rule, sigma points, completed squares, the joint's precision."""

import numpy as np
from flint import arb, arb_mat

from refdiff.definitions.entries import FAR, NEAR, entrywise, guarded
from refdiff.definitions.moments import (
    density,
    density_of_one,
    expectation,
    inverse,
    kl_of_one,
    quadratic,
    quartic_expectation,
    sigma_points,
    solve,
    unit_vectors,
)

__all__ = [
    "bilinear_form",
    "completed_square_constant",
    "completed_square_mean",
    "gaussian_affine_covariance",
    "gaussian_affine_mean",
    "gaussian_conditional_covariance",
    "gaussian_conditional_mean",
    "gaussian_cross_entropy",
    "gaussian_density",
    "gaussian_entropy",
    "gaussian_kl",
    "gaussian_kl_isotropic",
    "gaussian_log_density",
    "gaussian_log_density_isotropic",
    "gaussian_marginal_covariance",
    "gaussian_product_covariance",
    "gaussian_product_log_normaliser",
    "gaussian_product_mean",
    "gaussian_product_mean_isotropic",
    "gaussian_product_variance_isotropic",
    "gaussian_quadratic_expectation",
    "gaussian_quadratic_factor_gradient",
    "gaussian_quadratic_mean_gradient",
    "gaussian_quadratic_variance",
    "gaussian_sample",
    "gaussian_score",
    "gaussian_second_moment",
    "trace_of_product",
]


@guarded(NEAR)
def gaussian_log_density(x, mean, covariance):
    """Log of the product of each entry's density given the entries before it."""
    return density(x, mean, covariance).log()


@guarded(NEAR)
def gaussian_density(x, mean, covariance):
    """Product of each entry's density given the entries before it."""
    return density(x, mean, covariance)


@guarded(NEAR)
def gaussian_log_density_isotropic(x, mean, variance):
    """Log of the product of the entries' densities."""
    densities = np.frompyfunc(density_of_one, 3, 1)(x, mean, variance)
    return np.array([np.prod(sample).log() for sample in densities], dtype=object)


@guarded(NEAR)
def gaussian_affine_mean(mean, matrix, offset):
    """Average of the map over sigma points of unit covariance about the mean."""
    return expectation(lambda x: matrix @ x + offset, mean, np.array(unit_vectors(len(mean))))


def _outer(x):
    return np.outer(x, x)


@guarded(NEAR)
def gaussian_affine_covariance(covariance, matrix):
    """Average outer product of the mapped sigma points of a centred law."""
    return expectation(lambda x: _outer(matrix @ x), 0 * covariance[0], covariance)


def _log_product(mean_1, covariance_1, mean_2, covariance_2):
    """Log of the product of two densities, as a function of the point."""

    def log_product(x):
        return (density(x, mean_1, covariance_1) * density(x, mean_2, covariance_2)).log()

    return quadratic(log_product, len(mean_1))


@guarded(NEAR)
def gaussian_product_covariance(covariance_1, covariance_2):
    """Inverse of minus the curvature of the log of the product."""
    centre = 0 * covariance_1[0]
    return inverse(-_log_product(centre, covariance_1, centre, covariance_2)[1])


@guarded(NEAR)
def gaussian_product_mean(mean_1, covariance_1, mean_2, covariance_2):
    """Point where the log of the product is stationary."""
    gradient, hessian = _log_product(mean_1, covariance_1, mean_2, covariance_2)
    return solve(-hessian, gradient)


def _log_product_of_ones(mean_1, variance_1, mean_2, variance_2):
    """Slope at 0 and curvature of the log of the product of two densities of numbers."""
    below, middle, above = [
        (density_of_one(arb(x), mean_1, variance_1) * density_of_one(arb(x), mean_2, variance_2)).log() for x in (-1, 0, 1)
    ]
    return (above - below) / 2, above - 2 * middle + below


@entrywise(FAR)
def gaussian_product_variance_isotropic(variance_1, variance_2):
    """Inverse of minus the curvature of the log of the product."""
    return -1 / _log_product_of_ones(0, variance_1, 0, variance_2)[1]


@entrywise(FAR)
def gaussian_product_mean_isotropic(mean_1, variance_1, mean_2, variance_2):
    """Point where the log of the product is stationary."""
    slope, curvature = _log_product_of_ones(mean_1, variance_1, mean_2, variance_2)
    return -slope / curvature


@guarded(NEAR)
def gaussian_kl(mean_1, covariance_1, mean_2, covariance_2):
    """Expectation under the first of the log of the densities' ratio."""

    def log_ratio(x):
        return (density(x, mean_1, covariance_1) / density(x, mean_2, covariance_2)).log()

    return expectation(log_ratio, mean_1, covariance_1)


@guarded(NEAR)
def gaussian_kl_isotropic(mean_1, variance_1, mean_2, variance_2):
    """Sum over entries of the expectation under the first of the log of the densities' ratio."""
    entries = np.frompyfunc(kl_of_one, 4, 1)(mean_1, variance_1, mean_2, variance_2)
    return np.array([np.sum(sample) for sample in entries], dtype=object)


@guarded(NEAR)
def gaussian_quadratic_expectation(mean, covariance, matrix, center):
    """Average of the form over sigma points."""
    return expectation(lambda x: (x - center) @ matrix @ (x - center), mean, covariance)


def _joint(covariance, matrix, noise_covariance):
    """Covariance of (x, y) from sigma points of (x, noise) about 0."""
    d, m = len(covariance), len(noise_covariance)
    gap = np.full((d, m), arb(0))
    independent = np.block([[covariance, gap], [gap.T, noise_covariance]])
    return expectation(
        lambda both: _outer(np.concat([both[:d], matrix @ both[:d] + both[d:]])),
        0 * independent[0],
        independent,
    )


@guarded(NEAR)
def gaussian_marginal_covariance(covariance, matrix, noise_covariance):
    """The observation's block of the covariance of (x, y)."""
    d = len(covariance)
    return _joint(covariance, matrix, noise_covariance)[d:, d:]


@guarded(NEAR)
def gaussian_conditional_mean(y, mean, covariance, matrix, offset, noise_covariance):
    """Point x where, with y held, the joint density of (x, y) is stationary."""
    d = len(covariance)
    precision = inverse(_joint(covariance, matrix, noise_covariance))
    return mean - solve(precision[:d, :d], precision[:d, d:] @ (y - (matrix @ mean + offset)))


@guarded(NEAR)
def gaussian_conditional_covariance(covariance, matrix, noise_covariance):
    """Inverse of x's block of the precision of (x, y)."""
    d = len(covariance)
    return inverse(inverse(_joint(covariance, matrix, noise_covariance))[:d, :d])


@guarded(NEAR)
def gaussian_sample(z, mean, factor):
    """Point whose distance from the mean the inverse factor takes to z."""
    return mean + solve(inverse(factor), z)


@guarded(NEAR)
def gaussian_score(x, mean, covariance):
    """Gradient of the log density, by differences exact for a quadratic."""
    return quadratic(lambda step: density(x + step, mean, covariance).log(), len(x))[0]


@guarded(NEAR)
def gaussian_entropy(covariance):
    """Minus the expectation of the log density."""
    origin = 0 * covariance[0]
    return -expectation(lambda x: density(x, origin, covariance).log(), origin, covariance)


@guarded(NEAR)
def gaussian_cross_entropy(mean_1, covariance_1, mean_2, covariance_2):
    """Minus the expectation under the first of the second's log density."""
    return -expectation(lambda x: density(x, mean_2, covariance_2).log(), mean_1, covariance_1)


@guarded(NEAR)
def gaussian_product_log_normaliser(mean_1, covariance_1, mean_2, covariance_2):
    """Log of the product of the densities over the density proportional to it, all at 0."""
    slope, curvature = _log_product(mean_1, covariance_1, mean_2, covariance_2)
    origin = 0 * mean_1
    product = density(origin, mean_1, covariance_1) * density(origin, mean_2, covariance_2)
    return (product / density(origin, solve(-curvature, slope), inverse(-curvature))).log()


@guarded(NEAR)
def gaussian_second_moment(mean, covariance, center):
    """Average outer product over sigma points."""
    return expectation(lambda x: _outer(x - center), mean, covariance)


@guarded(NEAR)
def gaussian_quadratic_variance(mean, covariance, matrix, center):
    """Mean square of the form less its mean, by a rule exact for quartics."""
    level = gaussian_quadratic_expectation(mean, covariance, matrix, center)

    def square(x):
        gap = (x - center) @ matrix @ (x - center) - level
        return gap * gap

    return quartic_expectation(square, mean, covariance)


@guarded(NEAR)
def gaussian_quadratic_mean_gradient(mean, matrix, center):
    """Half the change of the form's mean when one entry of the mean moves from 1 below to 1 above; any covariance will do."""
    units = unit_vectors(len(mean))
    law = np.array(units)
    ends = [[gaussian_quadratic_expectation(mean + side * unit, law, matrix, center) for side in (1, -1)] for unit in units]
    return np.array([(above - below) / 2 for above, below in ends], dtype=object)


@guarded(NEAR)
def gaussian_quadratic_factor_gradient(factor, matrix):
    """Half the change of the form's mean over draws when one entry of the factor moves from 1 below to 1 above."""
    units = unit_vectors(len(factor))
    noises = sigma_points(0 * units[0], np.array(units))

    def level(moved):
        return sum((moved @ z) @ matrix @ (moved @ z) for z in noises) / len(noises)

    gradient = np.empty(factor.shape, dtype=object)
    for i, j in np.ndindex(factor.shape):
        step = np.outer(units[i], units[j])
        gradient[i, j] = (level(factor + step) - level(factor - step)) / 2
    return gradient


@guarded(NEAR)
def completed_square_mean(precision, linear):
    """Cramer's rule for the stationary point: determinants with one column replaced, over the whole."""
    whole = arb_mat(precision.tolist()).det()
    entries = []
    for i in range(len(linear)):
        replaced = np.array(precision, dtype=object)
        replaced[:, i] = linear
        entries.append(arb_mat(replaced.tolist()).det() / whole)
    return np.array(entries, dtype=object)


@guarded(NEAR)
def completed_square_constant(precision, linear):
    """Value of the function at the point that Cramer's rule gives."""
    x = completed_square_mean(precision, linear)
    return x @ precision @ x / 2 - linear @ x


@guarded(NEAR)
def trace_of_product(matrix_1, matrix_2):
    """Entries of the product's diagonal, each as a row's inner product with a column, by polarisation: squares of sums."""
    pairs = [zip(row, column, strict=True) for row, column in zip(matrix_1, matrix_2.T, strict=True)]
    return sum(((a + b) * (a + b) - (a - b) * (a - b) for pair in pairs for a, b in pair), arb(0)) / 4


@guarded(NEAR)
def bilinear_form(left, matrix, right):
    """Trace of the product of the matrix with the outer product, whose columns are multiples of one."""
    return sum((matrix @ (right * entry))[i] for i, entry in enumerate(left))
