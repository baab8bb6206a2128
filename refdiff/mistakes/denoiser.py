"""Wrong bodies of exact denoisers."""

from refdiff.numbers import namespace

__all__ = [
    "denoiser_correlated_gaussian__divided_by_alpha",
    "denoiser_correlated_gaussian__mean_not_scaled",
    "denoiser_correlated_gaussian__scale_for_variance",
    "denoiser_correlated_gaussian__variances_alone",
    "denoiser_dirac__distance_not_squared",
    "denoiser_dirac__exponent_not_halved",
    "denoiser_dirac__points_not_scaled",
    "denoiser_dirac__scale_for_variance",
    "denoiser_dirac__scaled_points_returned",
    "denoiser_gaussian__divided_by_alpha",
    "denoiser_gaussian__mean_not_scaled",
    "denoiser_gaussian__scale_for_variance",
    "denoiser_gaussian__score",
    "denoiser_gaussian__variance_as_scale",
]


def denoiser_gaussian__divided_by_alpha(x_t, alpha_t):
    """x_t/alpha_t: the noise is taken for part of the data.

    Fix: mean + alpha_t*variance/(alpha_t**2*variance + sigma_t**2)*(x_t - alpha_t*mean), Kay 1993, Theorem 10.2
    Seen in: plausible
    """
    return x_t / alpha_t


def denoiser_gaussian__scale_for_variance(x_t, mean, variance, alpha_t, sigma_t):
    """sigma_t in the gain in place of sigma_t**2.

    Fix: mean + alpha_t*variance/(alpha_t**2*variance + sigma_t**2)*(x_t - alpha_t*mean), Kay 1993, Theorem 10.2
    Seen in: plausible
    """
    return mean + alpha_t * variance / (alpha_t**2 * variance + sigma_t) * (x_t - alpha_t * mean)


def denoiser_gaussian__mean_not_scaled(x_t, mean, variance, alpha_t, sigma_t):
    """x_t - mean in place of x_t - alpha_t*mean.

    Fix: mean + alpha_t*variance/(alpha_t**2*variance + sigma_t**2)*(x_t - alpha_t*mean), Kay 1993, Theorem 10.2
    Seen in: plausible
    """
    return mean + alpha_t * variance / (alpha_t**2 * variance + sigma_t**2) * (x_t - mean)


def denoiser_gaussian__variance_as_scale(x_t, mean, variance, alpha_t, sigma_t):
    """The variance squared, as if it were a standard deviation.

    Fix: mean + alpha_t*variance/(alpha_t**2*variance + sigma_t**2)*(x_t - alpha_t*mean), Kay 1993, Theorem 10.2
    Seen in: B147, bjlkeng/sandbox#10, in a VAE
    """
    power = variance**2
    return mean + alpha_t * power / (alpha_t**2 * power + sigma_t**2) * (x_t - alpha_t * mean)


def denoiser_gaussian__score(x_t, mean, variance, alpha_t, sigma_t):
    """The score of x_t in place of the mean of x_0.

    Fix: mean + alpha_t*variance/(alpha_t**2*variance + sigma_t**2)*(x_t - alpha_t*mean), Kay 1993, Theorem 10.2
    Seen in: plausible
    """
    return -(x_t - alpha_t * mean) / (alpha_t**2 * variance + sigma_t**2)


def _correlated(x_t, mean, covariance, alpha_t, noise, centre):
    xp = namespace(x_t, mean, covariance, alpha_t)
    spread = alpha_t**2 * covariance + noise * xp.eye(mean.shape[0])
    return mean + alpha_t * ((x_t - centre) @ xp.solve(spread, covariance))


def denoiser_correlated_gaussian__divided_by_alpha(x_t, alpha_t):
    """x_t/alpha_t: the noise is taken for part of the data.

    Fix: mean + alpha_t*covariance @ inv(alpha_t**2*covariance + sigma_t**2*I) @ (x_t - alpha_t*mean), Kay 1993, Theorem 10.2
    Seen in: plausible
    """
    return x_t / alpha_t


def denoiser_correlated_gaussian__mean_not_scaled(x_t, mean, covariance, alpha_t, sigma_t):
    """x_t - mean in place of x_t - alpha_t*mean.

    Fix: mean + alpha_t*covariance @ inv(alpha_t**2*covariance + sigma_t**2*I) @ (x_t - alpha_t*mean), Kay 1993, Theorem 10.2
    Seen in: plausible
    """
    return _correlated(x_t, mean, covariance, alpha_t, sigma_t**2, mean)


def denoiser_correlated_gaussian__scale_for_variance(x_t, mean, covariance, alpha_t, sigma_t):
    """sigma_t beside the covariance in place of sigma_t**2.

    Fix: mean + alpha_t*covariance @ inv(alpha_t**2*covariance + sigma_t**2*I) @ (x_t - alpha_t*mean), Kay 1993, Theorem 10.2
    Seen in: plausible
    """
    return _correlated(x_t, mean, covariance, alpha_t, sigma_t, alpha_t * mean)


def denoiser_correlated_gaussian__variances_alone(x_t, mean, covariance, alpha_t, sigma_t):
    """Each entry denoised on its own: the covariance's diagonal alone.

    Fix: mean + alpha_t*covariance @ inv(alpha_t**2*covariance + sigma_t**2*I) @ (x_t - alpha_t*mean), Kay 1993, Theorem 10.2
    Seen in: plausible
    """
    xp = namespace(x_t, mean, covariance, alpha_t, sigma_t)
    return _correlated(x_t, mean, covariance * xp.eye(mean.shape[0]), alpha_t, sigma_t**2, alpha_t * mean)


def _softmax_mean(exponents, points):
    xp = namespace(exponents, points)
    weights = xp.exp(exponents - xp.max(exponents, axis=1, keepdims=True))
    return weights @ points / xp.sum(weights, axis=1)[:, None]


def _distances(x_t, points):
    return namespace(x_t, points).sum((x_t[:, None, :] - points[None, :, :]) ** 2, axis=2)


def denoiser_dirac__exponent_not_halved(x_t, points, alpha_t, sigma_t):
    """The squared distance divided by sigma_t**2 in place of 2*sigma_t**2.

    Fix: softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2)) @ points, Karras et al. 2022, Eq. (57)
    Seen in: plausible
    """
    return _softmax_mean(-_distances(x_t, alpha_t * points) / sigma_t**2, points)


def denoiser_dirac__scale_for_variance(x_t, points, alpha_t, sigma_t):
    """The squared distance divided by 2*sigma_t in place of 2*sigma_t**2.

    Fix: softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2)) @ points, Karras et al. 2022, Eq. (57)
    Seen in: plausible
    """
    return _softmax_mean(-_distances(x_t, alpha_t * points) / (2 * sigma_t), points)


def denoiser_dirac__points_not_scaled(x_t, points, sigma_t):
    """Distances to the points in place of to alpha_t*points, right only where alpha_t is 1.

    Fix: softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2)) @ points, Karras et al. 2022, Eq. (57)
    Seen in: plausible
    """
    return _softmax_mean(-_distances(x_t, points) / (2 * sigma_t**2), points)


def denoiser_dirac__distance_not_squared(x_t, points, alpha_t, sigma_t):
    """The distance in place of its square.

    Fix: softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2)) @ points, Karras et al. 2022, Eq. (57)
    Seen in: plausible
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    return _softmax_mean(-xp.sqrt(_distances(x_t, alpha_t * points)) / (2 * sigma_t**2), points)


def denoiser_dirac__scaled_points_returned(x_t, points, alpha_t, sigma_t):
    """The mean of alpha_t*x_0 in place of that of x_0.

    Fix: softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2)) @ points, Karras et al. 2022, Eq. (57)
    Seen in: plausible
    """
    return _softmax_mean(-_distances(x_t, alpha_t * points) / (2 * sigma_t**2), alpha_t * points)
