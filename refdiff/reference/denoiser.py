"""Exact denoisers: the mean of x_0 given x_t for data whose law is known."""

from refdiff.numbers import namespace
from refdiff.reference.dirac import posterior_weights_dirac

__all__ = ["denoiser_correlated_gaussian", "denoiser_dirac", "denoiser_gaussian"]


def denoiser_gaussian(x_t, mean, variance, alpha_t, sigma_t):
    """Mean of x_0 given x_t when x_0 is Gaussian with independent entries.

    Formula:
        mean + alpha_t*variance/(alpha_t**2*variance + sigma_t**2)*(x_t - alpha_t*mean)

    Args:
        x_t: state, any shape.
        mean: mean of the data, broadcasts against x_t.
        variance: variance of the data, >= 0, broadcasts against x_t.
        alpha_t: signal scale, >= 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0.
        Error at most 1 ulp of abs(mean) + alpha_t*variance/(alpha_t**2*variance + sigma_t**2)*abs(x_t).

    Source:
        Kay 1993, Fundamentals of Statistical Signal Processing, Theorem 10.2.
    """
    xp = namespace(x_t, mean, variance, alpha_t, sigma_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    gain = alpha_t**2 * variance + sigma_t**2
    return xp.rounded((sigma_t**2 * mean + alpha_t * variance * x_t) / gain)


def denoiser_correlated_gaussian(x_t, mean, covariance, alpha_t, sigma_t):
    """Mean of x_0 given x_t when x_0 is Gaussian with correlated entries.

    Formula:
        mean + alpha_t*(x_t - alpha_t*mean) @ inv(alpha_t**2*covariance + sigma_t**2*eye(len(mean))) @ covariance

    Args:
        x_t: states, shape (B, d).
        mean: mean of the data, shape (d,).
        covariance: covariance of the data, symmetric positive definite, shape (d, d).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, d), in units of x_0. Error at most 3 ulp of max(abs(mean)) + gain*(max(abs(x_t)) + alpha_t*max(abs(mean)))
        where gain = alpha_t*tr(covariance)/(alpha_t**2*tr(covariance)/len(mean) + sigma_t**2), for condition numbers up to 100.

    Source:
        Kay 1993, Fundamentals of Statistical Signal Processing, Theorem 10.2.
    """
    xp = namespace(x_t, mean, covariance, alpha_t, sigma_t)
    spread = xp.wide(alpha_t) ** 2 * covariance + xp.wide(sigma_t) ** 2 * xp.eye(mean.shape[0])
    return mean + alpha_t * ((x_t - alpha_t * mean) @ xp.solve(spread, covariance))


def denoiser_dirac(x_t, points, alpha_t, sigma_t):
    """Mean of x_0 given x_t when x_0 is one of finitely many points, equally likely.

    Formula:
        softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2)) @ points

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, d), in units of x_0. Ties and states far away keep the digits that x_t has.
        Error at most 16 ulp of abs(value) + spread*(1 + reach[:, None])
        where reach = alpha_t*max(abs(points))*sum(abs(x_t) + alpha_t*max(abs(points)))/sigma_t**2
        where spread = sum(posterior[:, :, None]*abs(points - value[:, None, :]), 1)
        where posterior = softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2)), for up to 1797 points.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Eq. (57), for alpha_t = 1.
    """
    return posterior_weights_dirac(x_t, points, alpha_t, sigma_t) @ points
