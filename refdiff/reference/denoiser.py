"""Exact denoisers: the mean of x_0 given x_t for data whose law is known."""

from refdiff.numbers import namespace

__all__ = ["denoiser_dirac", "denoiser_gaussian"]


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
        Error at most 3.5 ulp of abs(mean) + alpha_t*variance/(alpha_t**2*variance + sigma_t**2)*abs(x_t).

    Source:
        Kay 1993, Fundamentals of Statistical Signal Processing, Theorem 10.2.
    """
    gain = alpha_t**2 * variance + sigma_t**2
    return (sigma_t**2 * mean + alpha_t * variance * x_t) / gain


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
        Shape (B, d), in units of x_0.
        Error at most 1.5 ulp of max(abs(points))*(1 + max(squared_distance(x_t, alpha_t*points))/sigma_t**2).

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Eq. (57), for alpha_t = 1.
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    distances = xp.sum((x_t[:, None, :] - alpha_t * points[None, :, :]) ** 2, axis=2)
    exponents = -distances / (2 * sigma_t**2)
    weights = xp.exp(exponents - xp.max(exponents, axis=1, keepdims=True))
    return weights @ points / xp.sum(weights, axis=1)[:, None]
