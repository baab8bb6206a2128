"""Gaussian algebra: densities, draws, affine maps, products, KL, entropy, quadratic forms, conditionals and marginals."""

from refdiff.numbers import namespace

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


def gaussian_log_density(x, mean, covariance):
    """Log density of a Gaussian.

    Formula:
        -((x - mean) @ inv(covariance) @ (x - mean) + log(det(covariance)) + len(x)*log(2*pi))/2

    Args:
        x: point, shape (d,).
        mean: mean, shape (d,).
        covariance: symmetric positive definite, shape (d, d), condition number at most 100.

    Returns:
        A number, in nats. Error at most 12 ulp of 1 + (x - mean) @ inv(covariance) @ (x - mean) + abs(value), for d <= 8.

    Source:
        Bishop 2006, Pattern Recognition and Machine Learning, Eq. (2.43).
    """
    xp = namespace(x, mean, covariance)
    gap = xp.wide(x) - mean
    square = xp.rounded(gap) @ xp.solve(covariance, gap)
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
        Error at most 16 ulp of (1 + (x - mean) @ inv(covariance) @ (x - mean) + abs(log(value)))*value, for d <= 8.

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
        Shape (d, d). Error at most 50 ulp of max(abs(value)), for d <= 8.

    Source:
        Petersen and Pedersen 2012, The Matrix Cookbook, Eq. (371).
    """
    xp = namespace(covariance_1, covariance_2)
    return covariance_1 @ xp.solve(xp.wide(covariance_1) + covariance_2, covariance_2)


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
    both = xp.wide(covariance_1) + covariance_2
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
        The broadcast shape. Error at most 4.5 ulp of (abs(mean_1)/variance_1 + abs(mean_2)/variance_2)
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
        Error at most 12 ulp of len(mean_1) + tr(inv(covariance_2) @ covariance_1) + value, for d <= 8.

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


def gaussian_sample(z, mean, factor):
    """Draw from a Gaussian as an affine function of unit noise.

    Formula:
        mean + factor @ z

    Args:
        z: unit noise, shape (d,).
        mean: mean, shape (d,).
        factor: any invertible matrix whose product with its transpose is the covariance, shape (d, d).

    Returns:
        Shape (d,). Error at most 2.5 ulp of abs(mean) + abs(factor) @ abs(z), for d <= 8.

    Source:
        Kingma and Welling 2014, arXiv:1312.6114v10, section 2.4; Bishop 2006, section 11.1.1.
    """
    return mean + factor @ z


def gaussian_score(x, mean, covariance):
    """Gradient of a Gaussian's log density.

    Formula:
        -inv(covariance) @ (x - mean)

    Args:
        x: point, shape (d,).
        mean: mean, shape (d,).
        covariance: symmetric positive definite, shape (d, d), condition number at most 100.

    Returns:
        Shape (d,), per unit of x. Error at most 1.5 ulp of max(abs(inv(covariance)))*(max(abs(x)) + max(abs(mean))), for d <= 8.

    Source:
        Hyvarinen 2005, Estimation of Non-Normalized Statistical Models by Score Matching, section 3.1.
    """
    xp = namespace(x, mean, covariance)
    return xp.solve(covariance, xp.wide(mean) - x)


def gaussian_entropy(covariance):
    """Differential entropy of a Gaussian.

    Formula:
        (len(covariance)*(1 + log(2*pi)) + log(det(covariance)))/2

    Args:
        covariance: symmetric positive definite, shape (d, d), condition number at most 100.

    Returns:
        A number, in nats; of either sign, no mean enters. Error at most 3 ulp of 3*len(covariance) + abs(log(det(covariance))),
        for d <= 8.

    Source:
        Cover and Thomas 2006, Elements of Information Theory, Theorem 8.4.1.
    """
    xp = namespace(covariance)
    volume = xp.logdet(covariance)
    return (covariance.shape[0] * (1 + xp.log(2 * xp.pi + 0 * volume)) + volume) / 2


def gaussian_cross_entropy(mean_1, covariance_1, mean_2, covariance_2):
    """Mean, under the first Gaussian, of the negative log density of the second.

    Formula:
        (tr(inv(covariance_2) @ covariance_1) + (mean_2 - mean_1) @ inv(covariance_2) @ (mean_2 - mean_1)
         + log(det(covariance_2)) + len(mean_1)*log(2*pi))/2

    Args:
        mean_1: shape (d,).
        covariance_1: symmetric positive definite, shape (d, d), condition number at most 100.
        mean_2: shape (d,).
        covariance_2: symmetric positive definite, shape (d, d), condition number at most 100.

    Returns:
        A number, in nats: gaussian_kl plus gaussian_entropy of the first.
        Error at most 4 ulp of len(mean_1)*2 + tr(inv(covariance_2) @ covariance_1)
        + (mean_2 - mean_1) @ inv(covariance_2) @ (mean_2 - mean_1) + abs(log(det(covariance_2))), for d <= 8.

    Source:
        Petersen and Pedersen 2012, The Matrix Cookbook, section 8.2.2, the mean of the exponent.
    """
    xp = namespace(mean_1, covariance_1, mean_2, covariance_2)
    gap = mean_2 - mean_1
    spread = xp.trace(xp.solve(covariance_2, covariance_1)) + gap @ xp.solve(covariance_2, gap)
    return (spread + xp.logdet(covariance_2) + mean_1.shape[0] * xp.log(2 * xp.pi + 0 * spread)) / 2


def gaussian_product_log_normaliser(mean_1, covariance_1, mean_2, covariance_2):
    """Log of the integral of the product of two Gaussian densities.

    Formula:
        -((mean_1 - mean_2) @ inv(covariance_1 + covariance_2) @ (mean_1 - mean_2)
          + log(det(covariance_1 + covariance_2)) + len(mean_1)*log(2*pi))/2

    Args:
        mean_1: shape (d,).
        covariance_1: symmetric positive definite, shape (d, d), condition number at most 100.
        mean_2: shape (d,).
        covariance_2: symmetric positive definite, shape (d, d), condition number at most 100.

    Returns:
        A number, in nats: log density at mean_1 of a Gaussian about mean_2 with both covariances.
        Error at most 4 ulp of 1 + (mean_1 - mean_2) @ inv(covariance_1 + covariance_2) @ (mean_1 - mean_2) + abs(value),
        for d <= 8.

    Source:
        Petersen and Pedersen 2012, The Matrix Cookbook, Eq. (371), the constant c_c.
    """
    xp = namespace(mean_1, covariance_1, mean_2, covariance_2)
    return gaussian_log_density(mean_1, mean_2, xp.wide(covariance_1) + covariance_2)


def gaussian_second_moment(mean, covariance, center):
    """Mean of the outer product of x - center with itself, for Gaussian x.

    Formula:
        covariance + (mean - center)[:, None]*(mean - center)[None, :]

    Args:
        mean: mean of x, shape (d,).
        covariance: covariance of x, shape (d, d).
        center: shape (d,).

    Returns:
        Shape (d, d); the trace of matrix times it is gaussian_quadratic_expectation.
        Error at most 4 ulp of abs(covariance) + abs(mean - center)[:, None]*abs(mean - center)[None, :].

    Source:
        Petersen and Pedersen 2012, The Matrix Cookbook, section 8.2, about any centre.
    """
    gap = mean - center
    return covariance + gap[:, None] * gap[None, :]


def gaussian_quadratic_variance(mean, covariance, matrix, center):
    """Variance of (x - center) . matrix (x - center) for Gaussian x.

    Formula:
        2*tr(even @ covariance @ even @ covariance) + 4*(mean - center) @ even @ covariance @ even @ (mean - center)
        where even = (matrix + transpose(matrix))/2

    Args:
        mean: mean of x, shape (d,).
        covariance: covariance of x, shape (d, d).
        matrix: any square matrix, shape (d, d); only its symmetric part counts.
        center: shape (d,).

    Returns:
        A number, >= 0. Error at most 7 ulp of tr(abs(matrix + transpose(matrix)) @ abs(covariance)
        @ abs(matrix + transpose(matrix)) @ abs(covariance))/2 + abs(mean - center) @ abs(matrix + transpose(matrix))
        @ abs(covariance) @ abs(matrix + transpose(matrix)) @ abs(mean - center), for d <= 8.

    Source:
        Petersen and Pedersen 2012, The Matrix Cookbook, section 8.2.2, centred anywhere.
        2 tr(matrix covariance matrix covariance), often printed, holds for symmetric matrices only.
    """
    xp = namespace(mean, covariance, matrix, center)
    gap = mean - center
    even = matrix + matrix.T
    spread = even @ covariance
    return xp.trace(spread @ spread) / 2 + gap @ spread @ even @ gap


def gaussian_quadratic_mean_gradient(mean, matrix, center):
    """Gradient by the mean of gaussian_quadratic_expectation, through draws or in closed form.

    Formula:
        (matrix + transpose(matrix)) @ (mean - center)

    Args:
        mean: mean of x, shape (d,).
        matrix: any square matrix, shape (d, d).
        center: shape (d,).

    Returns:
        Shape (d,): the mean of the form's gradient. No covariance enters.
        Error at most 4 ulp of abs(matrix + transpose(matrix)) @ abs(mean - center), for d <= 8.

    Source:
        Rezende, Mohamed and Wierstra 2014, arXiv:1401.4082v3, section 3, Bonnet's theorem, for a quadratic form.
    """
    return (matrix + matrix.T) @ (mean - center)


def gaussian_quadratic_factor_gradient(factor, matrix):
    """Gradient by the factor of the mean of a quadratic form of draws mean + factor z.

    Formula:
        (matrix + transpose(matrix)) @ factor

    Args:
        factor: matrix whose product with its transpose is the covariance, shape (d, d).
        matrix: any square matrix, shape (d, d).

    Returns:
        Shape (d, d): the mean of the form's gradient times z, entry by entry. Neither mean nor centre enters.
        Error at most 4 ulp of abs(matrix + transpose(matrix)) @ abs(factor), for d <= 8.

    Source:
        Rezende, Mohamed and Wierstra 2014, arXiv:1401.4082v3, section 3, Price's theorem, for a quadratic form.
    """
    return (matrix + matrix.T) @ factor


def completed_square_mean(precision, linear):
    """Point where x . precision x/2 - linear . x is least.

    Formula:
        inv(precision) @ linear

    Args:
        precision: symmetric positive definite, shape (d, d), condition number at most 100.
        linear: shape (d,).

    Returns:
        Shape (d,): the mean of the Gaussian whose exponent is minus this. Error at most 1.5 ulp of
        max(abs(inv(precision)))*max(abs(linear)), for d <= 8.

    Source:
        Bishop 2006, Pattern Recognition and Machine Learning, Eq. (2.71).
    """
    xp = namespace(precision, linear)
    return xp.solve(precision, linear)


def completed_square_constant(precision, linear):
    """Least value of x . precision x/2 - linear . x.

    Formula:
        -linear @ inv(precision) @ linear/2

    Args:
        precision: symmetric positive definite, shape (d, d), condition number at most 100.
        linear: shape (d,).

    Returns:
        A number, <= 0: what is left beside the square about completed_square_mean. Error at most 4 ulp, for d <= 8.

    Source:
        Petersen and Pedersen 2012, The Matrix Cookbook, section 8.1.6.
    """
    xp = namespace(precision, linear)
    return -(linear @ xp.solve(precision, linear)) / 2


def trace_of_product(matrix_1, matrix_2):
    """Trace of the product of two matrices, in either order.

    Formula:
        tr(matrix_1 @ matrix_2)

    Args:
        matrix_1: shape (m, d).
        matrix_2: shape (d, m).

    Returns:
        A number: the sum of the products of entries of the first and of the transposed second, so that tr(A @ B) = tr(B @ A),
        and of more factors any cyclic shift has the same trace. The whole product is not needed.
        Error at most 2 ulp of tr(abs(matrix_1) @ abs(matrix_2)), for m and d <= 8.

    Source:
        Petersen and Pedersen 2012, The Matrix Cookbook, section 1.1, on traces.
    """
    xp = namespace(matrix_1, matrix_2)
    return xp.sum(matrix_1 * matrix_2.T)


def bilinear_form(left, matrix, right):
    """The trace trick: a bilinear form as the trace of the matrix times an outer product.

    Formula:
        tr(matrix @ (right[:, None]*left))

    Args:
        left: shape (m,).
        matrix: shape (m, d).
        right: shape (d,).

    Returns:
        A number, left . matrix right; with left = right = x - mean its mean is tr(matrix @ covariance), and with matrix 1 the
        trace of an outer product is the inner one. Error at most 5 ulp of abs(left) @ abs(matrix) @ abs(right),
        for m and d <= 8.

    Source:
        Petersen and Pedersen 2012, The Matrix Cookbook, section 1.1, on traces.
    """
    return namespace(left, matrix, right).sum(left * (matrix @ right))
