"""Gaussian algebra: densities, affine maps, products, KL, quadratic forms, conditionals and marginals."""

from refdiff.numbers import namespace

__all__ = [
    "gaussian_affine_covariance",
    "gaussian_affine_mean",
    "gaussian_conditional_covariance",
    "gaussian_conditional_mean",
    "gaussian_density",
    "gaussian_kl",
    "gaussian_kl_isotropic",
    "gaussian_log_density",
    "gaussian_log_density_isotropic",
    "gaussian_marginal_covariance",
    "gaussian_product_covariance",
    "gaussian_product_mean",
    "gaussian_product_mean_isotropic",
    "gaussian_product_variance_isotropic",
    "gaussian_quadratic_expectation",
]


def gaussian_log_density(x, mean, covariance):
    """Log density of a Gaussian.

    Formula:
        -((x - mean) @ inv(covariance) @ (x - mean) + log(det(covariance)) + len(x)*log(2*pi))/2

    Args:
        x: point, shape (d,).
        mean: mean, shape (d,).
        covariance: symmetric positive definite, shape (d, d), condition number at most 100.

    Returns:
        A number, in nats. Error at most 8 ulp of 1 + (x - mean) @ inv(covariance) @ (x - mean) + abs(value), for d <= 8.

    Source:
        Bishop 2006, Pattern Recognition and Machine Learning, Eq. (2.43).
    """
    xp = namespace(x, mean, covariance)
    gap = x - mean
    square = gap @ xp.solve(covariance, gap)
    return -(square + xp.logdet(covariance) + x.shape[0] * xp.log(2 * xp.pi + 0 * square)) / 2


def gaussian_density(x, mean, covariance):
    """Density of a Gaussian.

    Formula:
        exp(-(x - mean) @ inv(covariance) @ (x - mean)/2)/sqrt((2*pi)**len(x)*det(covariance))

    Args:
        x: point, shape (d,), within 20 standard deviations of the mean.
        mean: mean, shape (d,).
        covariance: symmetric positive definite, shape (d, d), condition number at most 100.

    Returns:
        A number, per unit volume.
        Error at most 8 ulp of (1 + (x - mean) @ inv(covariance) @ (x - mean) + abs(log(value)))*value, for d <= 8.

    Source:
        Bishop 2006, Pattern Recognition and Machine Learning, Eq. (2.43).
    """
    xp = namespace(x, mean, covariance)
    return xp.exp(gaussian_log_density(x, mean, covariance))


def gaussian_log_density_isotropic(x, mean, variance):
    """Log density of a Gaussian whose entries are independent with one variance.

    Formula:
        -sum((x - mean)**2/variance + log(2*pi*variance))/2

    Args:
        x: points, shape (B, ...).
        mean: mean, same shape.
        variance: variance of every entry, > 0, a number.

    Returns:
        Shape (B,), in nats, summed over all axes but the first.
        Error at most 2 ulp of sum((x - mean)**2/variance + 2 + abs(log(variance))), for up to 64 summands.

    Source:
        Bishop 2006, Pattern Recognition and Machine Learning, Eqs. (1.46) and (2.43). A variance, not a scale.
    """
    xp = namespace(x, mean, variance)
    squares = (x - mean) ** 2 / variance
    return -xp.sum(squares + xp.log(2 * xp.pi * variance + 0 * squares), axis=tuple(range(1, squares.ndim))) / 2


def gaussian_affine_mean(mean, matrix, offset):
    """Mean of matrix x + offset when x has this mean.

    Formula:
        matrix @ mean + offset

    Args:
        mean: mean of x, shape (d,).
        matrix: shape (m, d).
        offset: shape (m,).

    Returns:
        Shape (m,). Error at most 4 ulp of abs(matrix) @ abs(mean) + abs(offset), for d <= 8.

    Source:
        Bishop 2006, Pattern Recognition and Machine Learning, Eq. (2.115); also the marginal mean of an observation.
    """
    return matrix @ mean + offset


def gaussian_affine_covariance(covariance, matrix):
    """Covariance of matrix x when x has this covariance.

    Formula:
        matrix @ covariance @ transpose(matrix)

    Args:
        covariance: covariance of x, shape (d, d).
        matrix: shape (m, d).

    Returns:
        Shape (m, m). Error at most 5 ulp of abs(matrix) @ abs(covariance) @ transpose(abs(matrix)), for d <= 8.

    Source:
        Bishop 2006, Pattern Recognition and Machine Learning, Eq. (2.115) without noise.
    """
    return matrix @ covariance @ matrix.T


def gaussian_product_covariance(covariance_1, covariance_2):
    """Covariance of the Gaussian proportional to the product of two Gaussian densities.

    Formula:
        inv(inv(covariance_1) + inv(covariance_2))

    Args:
        covariance_1: symmetric positive definite, shape (d, d), condition number at most 100.
        covariance_2: the same.

    Returns:
        Shape (d, d). Error at most 40 ulp of max(abs(value)), for d <= 8.

    Source:
        Petersen and Pedersen 2012, The Matrix Cookbook, Eq. (371).
    """
    xp = namespace(covariance_1, covariance_2)
    return covariance_1 @ xp.solve(covariance_1 + covariance_2, covariance_2)


def gaussian_product_mean(mean_1, covariance_1, mean_2, covariance_2):
    """Mean of the Gaussian proportional to the product of two Gaussian densities.

    Formula:
        inv(inv(covariance_1) + inv(covariance_2)) @ (inv(covariance_1) @ mean_1 + inv(covariance_2) @ mean_2)

    Args:
        mean_1: shape (d,).
        covariance_1: symmetric positive definite, shape (d, d), condition number at most 100.
        mean_2: shape (d,).
        covariance_2: symmetric positive definite, shape (d, d), condition number at most 100.

    Returns:
        Shape (d,). Error at most 30 ulp of max(abs(mean_1)) + max(abs(mean_2)), for d <= 8.

    Source:
        Petersen and Pedersen 2012, The Matrix Cookbook, Eq. (371).
    """
    xp = namespace(mean_1, covariance_1, mean_2, covariance_2)
    both = covariance_1 + covariance_2
    return covariance_2 @ xp.solve(both, mean_1) + covariance_1 @ xp.solve(both, mean_2)


def gaussian_product_variance_isotropic(variance_1, variance_2):
    """Variance of the Gaussian proportional to the product of two isotropic ones.

    Formula:
        1/(1/variance_1 + 1/variance_2)

    Args:
        variance_1: > 0, any shape.
        variance_2: > 0, broadcasts against the first.

    Returns:
        The broadcast shape. Error at most 2.5 ulp.

    Source:
        Petersen and Pedersen 2012, The Matrix Cookbook, Eq. (371), for multiples of the identity.
    """
    return variance_1 * (variance_2 / (variance_1 + variance_2))


def gaussian_product_mean_isotropic(mean_1, variance_1, mean_2, variance_2):
    """Mean of the Gaussian proportional to the product of two isotropic ones.

    Formula:
        (mean_1/variance_1 + mean_2/variance_2)/(1/variance_1 + 1/variance_2)

    Args:
        mean_1: any shape.
        variance_1: > 0, broadcasts against mean_1.
        mean_2: broadcasts against mean_1.
        variance_2: > 0, broadcasts against mean_1.

    Returns:
        The broadcast shape. Error at most 3 ulp of (abs(mean_1)/variance_1 + abs(mean_2)/variance_2)
        /(1/variance_1 + 1/variance_2).

    Source:
        Petersen and Pedersen 2012, The Matrix Cookbook, Eq. (371), for multiples of the identity.
    """
    return (variance_2 * mean_1 + variance_1 * mean_2) / (variance_1 + variance_2)


def gaussian_kl(mean_1, covariance_1, mean_2, covariance_2):
    """KL divergence from the first Gaussian to the second.

    Formula:
        (tr(inv(covariance_2) @ covariance_1) + (mean_2 - mean_1) @ inv(covariance_2) @ (mean_2 - mean_1)
         - len(mean_1) + log(det(covariance_2)/det(covariance_1)))/2

    Args:
        mean_1: shape (d,).
        covariance_1: symmetric positive definite, shape (d, d), condition number at most 100.
        mean_2: shape (d,).
        covariance_2: symmetric positive definite, shape (d, d), condition number at most 100.

    Returns:
        A number, in nats, >= 0.
        Error at most 30 ulp of len(mean_1) + tr(inv(covariance_2) @ covariance_1) + value, for d <= 8.

    Source:
        Kullback 1959, Information Theory and Statistics, chapter 9, Eq. (1.4). Not symmetric in its arguments.
    """
    xp = namespace(mean_1, covariance_1, mean_2, covariance_2)
    gap = mean_2 - mean_1
    spread = xp.trace(xp.solve(covariance_2, covariance_1)) + gap @ xp.solve(covariance_2, gap)
    return (spread - mean_1.shape[0] + xp.logdet(covariance_2) - xp.logdet(covariance_1)) / 2


def gaussian_kl_isotropic(mean_1, variance_1, mean_2, variance_2):
    """KL divergence from the first isotropic Gaussian to the second.

    Formula:
        sum(variance_1/variance_2 - 1 + (mean_2 - mean_1)**2/variance_2 + log(variance_2/variance_1))/2

    Args:
        mean_1: shape (B, ...).
        variance_1: variance of every entry, > 0, a number.
        mean_2: same shape as mean_1.
        variance_2: variance of every entry, > 0, a number.

    Returns:
        Shape (B,), in nats, >= 0, summed over all axes but the first.
        Error at most 2 ulp of sum(variance_1/variance_2 + abs(log(variance_1/variance_2)) + 1 + (mean_2 - mean_1)**2/variance_2),
        for up to 64 summands.

    Source:
        Kullback 1959, Information Theory and Statistics, chapter 9, Eq. (1.4), for multiples of the identity.
    """
    xp = namespace(mean_1, variance_1, mean_2, variance_2)
    ratio = variance_1 / variance_2
    squares = (mean_2 - mean_1) ** 2 / variance_2
    return xp.sum(squares + (ratio - 1 - xp.log(ratio + 0 * squares)), axis=tuple(range(1, squares.ndim))) / 2


def gaussian_quadratic_expectation(mean, covariance, matrix, center):
    """Expectation of (x - center) . matrix (x - center) for Gaussian x.

    Formula:
        tr(matrix @ covariance) + (mean - center) @ matrix @ (mean - center)

    Args:
        mean: mean of x, shape (d,).
        covariance: covariance of x, shape (d, d).
        matrix: any square matrix, shape (d, d).
        center: shape (d,).

    Returns:
        A number.
        Error at most 4 ulp of tr(abs(matrix) @ abs(covariance)) + abs(mean - center) @ abs(matrix) @ abs(mean - center),
        for d <= 8.

    Source:
        Petersen and Pedersen 2012, The Matrix Cookbook, Eq. (318), with the quadratic form centred anywhere.
    """
    xp = namespace(mean, covariance, matrix, center)
    gap = mean - center
    return xp.trace(matrix @ covariance) + gap @ matrix @ gap


def gaussian_marginal_covariance(covariance, matrix, noise_covariance):
    """Covariance of the observation y = matrix x + offset + noise.

    Formula:
        matrix @ covariance @ transpose(matrix) + noise_covariance

    Args:
        covariance: covariance of x, shape (d, d).
        matrix: shape (m, d).
        noise_covariance: covariance of the noise, shape (m, m).

    Returns:
        Shape (m, m). Its mean is gaussian_affine_mean.
        Error at most 4 ulp of abs(matrix) @ abs(covariance) @ transpose(abs(matrix)) + abs(noise_covariance), for d <= 8.

    Source:
        Bishop 2006, Pattern Recognition and Machine Learning, Eq. (2.115).
    """
    return matrix @ covariance @ matrix.T + noise_covariance


def gaussian_conditional_mean(y, mean, covariance, matrix, offset, noise_covariance):
    """Mean of x given the observation y = matrix x + offset + noise.

    Formula:
        inv(inv(covariance) + transpose(matrix) @ inv(noise_covariance) @ matrix)
        @ (transpose(matrix) @ inv(noise_covariance) @ (y - offset) + inv(covariance) @ mean)

    Args:
        y: observation, shape (m,).
        mean: mean of x, shape (d,).
        covariance: covariance of x, symmetric positive definite, shape (d, d), condition number at most 100.
        matrix: shape (m, d), entries in [-2, 2].
        offset: shape (m,).
        noise_covariance: symmetric positive definite, shape (m, m), condition number at most 100.

    Returns:
        Shape (d,). Error at most 150 ulp of max(abs(mean)) + max(abs(y)) + max(abs(offset)), for d, m <= 8.

    Source:
        Bishop 2006, Pattern Recognition and Machine Learning, Eq. (2.116).
    """
    xp = namespace(y, mean, covariance, matrix, offset, noise_covariance)
    cross = covariance @ matrix.T
    surprise = y - matrix @ mean - offset
    return mean + cross @ xp.solve(matrix @ cross + noise_covariance, surprise)


def gaussian_conditional_covariance(covariance, matrix, noise_covariance):
    """Covariance of x given the observation y = matrix x + offset + noise.

    Formula:
        inv(inv(covariance) + transpose(matrix) @ inv(noise_covariance) @ matrix)

    Args:
        covariance: covariance of x, symmetric positive definite, shape (d, d), condition number at most 100.
        matrix: shape (m, d), entries in [-2, 2].
        noise_covariance: symmetric positive definite, shape (m, m), condition number at most 100.

    Returns:
        Shape (d, d). Error at most 30 ulp of max(abs(covariance)), for d, m <= 8.

    Source:
        Bishop 2006, Pattern Recognition and Machine Learning, Eq. (2.117).
    """
    xp = namespace(covariance, matrix, noise_covariance)
    cross = covariance @ matrix.T
    return covariance - cross @ xp.solve(matrix @ cross + noise_covariance, cross.T)
