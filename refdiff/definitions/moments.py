"""Gaussians by their moments: conditioning, densities by the chain rule, expectations over sigma points."""

import numpy as np
from flint import arb, arb_mat

__all__ = [
    "condition",
    "density",
    "density_of_one",
    "expectation",
    "inverse",
    "kl_of_one",
    "quadratic",
    "quartic_expectation",
    "sigma_points",
    "solve",
    "unit_vectors",
]


def _matrix(array):
    return arb_mat(np.atleast_2d(array).tolist())


def _array(matrix):
    return np.array(matrix.tolist(), dtype=object)


def solve(matrix, right):
    """Solution of a square linear system with one right-hand side."""
    return _array(_matrix(matrix).solve(_matrix(right).transpose()))[:, 0]


def inverse(matrix):
    """Inverse of a square matrix."""
    return _array(_matrix(matrix).inv())


def unit_vectors(size):
    """The unit vectors, exact."""
    return [np.array([arb(int(i == j)) for j in range(size)], dtype=object) for i in range(size)]


def condition(mean_a, mean_b, variance_a, covariance, variance_b, b):
    """Mean and variance of the number a given the number b, jointly Gaussian."""
    gain = covariance / variance_b
    return mean_a + gain * (b - mean_b), (variance_a - gain * covariance).nonnegative_part()


def density_of_one(x, mean, variance):
    """Density of a Gaussian number; the normaliser from Gamma(1/2), Euler's form of the Gaussian integral."""
    total = (2 * variance).sqrt() * (arb(1) / 2).gamma()
    gap = x - mean  # squared as a product: Arb's power of a ball about 0 is nan
    return (-gap * gap / (2 * variance)).exp() / total


def density(x, mean, covariance):
    """Density by the chain rule: each entry's, given the entries before it."""
    product = arb(1)
    for i in range(len(x)):
        centre, spread = mean[i], covariance[i, i]
        if i:
            weights = solve(covariance[:i, :i], covariance[:i, i])
            centre = centre + weights @ (x[:i] - mean[:i])
            spread = spread - weights @ covariance[:i, i]
        product = product * density_of_one(x[i], centre, spread)
    return product


def _cholesky(covariance):
    """Lower triangle whose product with its transpose is the covariance."""
    lower = np.full(covariance.shape, arb(0))
    for i, j in zip(*np.tril_indices(len(covariance)), strict=True):
        left = covariance[i, j] - lower[i, :j] @ lower[j, :j]
        lower[i, j] = left.sqrt() if i == j else left / lower[j, j]
    return lower


def sigma_points(mean, covariance):
    """Equally likely points with exactly this mean and covariance: one pair along each Cholesky column."""
    size = len(mean)
    columns = arb(size).sqrt() * _cholesky(covariance).T
    return [mean + sign * column for column in columns for sign in (1, -1)]


def expectation(function, mean, covariance):
    """Expectation under a Gaussian of a function that is at most quadratic: sigma points give it exactly."""
    points = sigma_points(mean, covariance)
    return sum(map(function, points)) / len(points)


def kl_of_one(mean_1, variance_1, mean_2, variance_2):
    """KL divergence of two Gaussian numbers: the mean under the first of the log of the densities' ratio."""

    def log_ratio(x):
        return (density_of_one(x, mean_1, variance_1) / density_of_one(x, mean_2, variance_2)).log()

    spread = variance_1.sqrt()
    return (log_ratio(mean_1 + spread) + log_ratio(mean_1 - spread)) / 2


def quadratic(function, size):
    """Gradient at 0 and Hessian of an exactly quadratic function, by differences."""
    units = unit_vectors(size)
    value = function(0 * units[0])
    ahead = [function(unit) for unit in units]
    behind = [function(-unit) for unit in units]
    gradient = np.array([(a - b) / 2 for a, b in zip(ahead, behind, strict=True)], dtype=object)
    hessian = np.array(
        [[function(units[i] + units[j]) - ahead[i] - ahead[j] + value for j in range(size)] for i in range(size)],
        dtype=object,
    )
    return gradient, hessian


def quartic_expectation(function, mean, covariance):
    """Expectation of a function of degree up to 5, by Stroud's rule of 2 d^2 + 1 points."""
    size = len(mean)
    units = [point - mean for point in sigma_points(mean, covariance)[::2]]  # Cholesky columns times sqrt(size)
    reach = (arb(size + 2) / size).sqrt()
    total = function(mean) * 2 / (size + 2)
    for i, one in enumerate(units):
        total = total + sum(function(mean + sign * reach * one) for sign in (1, -1)) * (4 - size) / (2 * (size + 2) ** 2)
        for other in units[:i]:
            pairs = [first * one + second * other for first in (1, -1) for second in (1, -1)]
            total = total + sum(function(mean + reach / arb(2).sqrt() * pair) for pair in pairs) / (size + 2) ** 2
    return total
