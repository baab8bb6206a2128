"""Finite data: the exact density, score, posterior and loss floors when x_0 is one of N equally likely points."""

from refdiff.numbers import namespace

__all__ = [
    "denoiser_jacobian_dirac",
    "eps_loss_floor_dirac",
    "log_density_dirac",
    "loss_floor_dirac",
    "posterior_covariance_dirac",
    "posterior_weights_dirac",
    "score_dirac",
    "score_divergence_dirac",
]


def posterior_weights_dirac(x_t, points, alpha_t, sigma_t):
    """Probability of each point given x_t.

    Formula:
        softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2))

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, N), rows sum to 1. Ties and states far away keep the digits that x_t has.
        Error at most 5 ulp of value*(1 + (1 - value)*reach[:, None])
        where reach = alpha_t*max(abs(points))*sum(abs(x_t) + alpha_t*max(abs(points)))/sigma_t**2.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Eq. (57), the factors of the points, for alpha_t = 1.
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    gaps = x_t[:, None, :] - alpha_t * points[None, :, :]
    # Any point would do in exact arithmetic; the nearest keeps digits, as products of differences do.
    nearest = xp.take(points, xp.argmax(-xp.sum(gaps * gaps, axis=2), axis=1), axis=0)[:, None, :]
    both = gaps + (x_t[:, None, :] - alpha_t * nearest)
    nearer = alpha_t * xp.sum((points[None, :, :] - nearest) * both, axis=2)
    exponents = nearer / (2 * sigma_t**2)
    odds = xp.exp(exponents - xp.max(exponents, axis=1, keepdims=True))
    return odds / xp.sum(odds, axis=1)[:, None]


def log_density_dirac(x_t, points, alpha_t, sigma_t):
    """Log density of x_t.

    Formula:
        log(sum(exp(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2)))/len(points))
        - len(transpose(points))*log(2*pi*sigma_t**2)/2

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B,), in nats; never -inf while the square of the distance over sigma_t is finite.
        Error at most 4 ulp of abs(value) + len(transpose(points))*(1 + abs(log(sigma_t))) + log(len(points))
        + alpha_t*max(abs(points))*sum(posterior*sum(abs(x_t[:, None, :] - alpha_t*points), 2), 1)/sigma_t**2
        where posterior = softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2)).

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Eq. (54), for alpha_t = 1. Written by Bayes' rule from the likeliest
        point: log p(x_t) = log p(x_t, point) - log p(point | x_t).
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    posterior = posterior_weights_dirac(x_t, points, alpha_t, sigma_t)
    likeliest = xp.argmax(posterior, axis=1)
    share = xp.take_along_axis(posterior, likeliest[:, None], axis=1)[:, 0]
    gaps = (x_t - alpha_t * xp.take(points, likeliest, axis=0)) / sigma_t
    squares = xp.sum(gaps * gaps, axis=1)
    normaliser = x_t.shape[1] * (xp.log(2 * xp.pi) + 2 * xp.log(sigma_t))
    return -(squares + normaliser) / 2 - xp.log(points.shape[0] * share)


def score_dirac(x_t, points, alpha_t, sigma_t):
    """Gradient of the log density of x_t.

    Formula:
        (alpha_t*(posterior @ points) - x_t)/sigma_t**2
        where posterior = softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2))

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, d), in units of 1/x_t.
        Error at most 16 ulp of (abs(x_t) + alpha_t*max(abs(points)) + alpha_t*spread*reach[:, None])/sigma_t**2
        where reach = alpha_t*max(abs(points))*sum(abs(x_t) + alpha_t*max(abs(points)))/sigma_t**2
        where spread = sum(posterior[:, :, None]*abs(points - (posterior @ points)[:, None, :]), 1)
        where posterior = softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2)), for up to 1797 points.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Eqs. (3) and (57), for alpha_t = 1.
    """
    posterior = posterior_weights_dirac(x_t, points, alpha_t, sigma_t)
    gaps = alpha_t * points[None, :, :] - x_t[:, None, :]
    return (posterior[:, None, :] @ gaps)[:, 0, :] / sigma_t**2


def posterior_covariance_dirac(x_t, points, alpha_t, sigma_t):
    """Covariance of x_0 given x_t.

    Formula:
        transpose(points) @ (posterior[:, :, None]*points) - mean[:, :, None]*mean[:, None, :]
        where mean = posterior @ points
        where posterior = softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2))

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, d, d), in units of x_0 squared; symmetric, positive semidefinite up to rounding.
        Error at most 32 ulp of sqrt(diag(value)[:, :, None]*diag(value)[:, None, :])*(1 + reach[:, None, None])
        where reach = alpha_t*max(abs(points))*sum(abs(x_t) + alpha_t*max(abs(points)))/sigma_t**2, for up to 1797 points.

    Source:
        Kay 1993, Fundamentals of Statistical Signal Processing, section 10.3, the spread about the mean in Bayes' rule;
        Karras et al. 2022, arXiv:2206.00364v2, Eq. (57), the weights.
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    posterior = posterior_weights_dirac(x_t, points, alpha_t, sigma_t)
    likeliest = xp.take(points, xp.argmax(posterior, axis=1), axis=0)
    # From the likeliest point, then about the mean: a spread far below one ulp of the points is kept.
    offsets = points[None, :, :] - likeliest[:, None, :]
    centred = offsets - xp.sum(posterior[:, :, None] * offsets, axis=1)[:, None, :]
    return xp.sum(posterior[:, :, None, None] * (centred[:, :, :, None] * centred[:, :, None, :]), axis=1)


def denoiser_jacobian_dirac(x_t, points, alpha_t, sigma_t):
    """Derivative of the mean of x_0 given x_t by x_t.

    Formula:
        alpha_t/sigma_t**2*(transpose(points) @ (posterior[:, :, None]*points) - mean[:, :, None]*mean[:, None, :])
        where mean = posterior @ points
        where posterior = softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2))

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, d, d), rows are entries of x_0, columns of x_t; symmetric.
        Error at most 32 ulp of sqrt(diag(value)[:, :, None]*diag(value)[:, None, :])*(1 + reach[:, None, None])
        where reach = alpha_t*max(abs(points))*sum(abs(x_t) + alpha_t*max(abs(points)))/sigma_t**2, for up to 1797 points.

    Source:
        Manor and Michaeli 2024, arXiv:2309.13598v2, section 3, Theorem 2, for alpha_t = 1.
    """
    return alpha_t * posterior_covariance_dirac(x_t, points, alpha_t, sigma_t) / sigma_t**2


def loss_floor_dirac(x_t, points, alpha_t, sigma_t):
    """Least mean squared error of x_0 given x_t, summed over entries: what no denoiser goes below.

    Formula:
        sum(posterior*sum((points - (posterior @ points)[:, None, :])**2, 2), 1)
        where posterior = softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2))

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B,), in units of x_0 squared: the trace of posterior_covariance_dirac.
        Error at most 4 ulp of value*(1 + reach)
        where reach = alpha_t*max(abs(points))*sum(abs(x_t) + alpha_t*max(abs(points)))/sigma_t**2.

    Source:
        Kay 1993, Fundamentals of Statistical Signal Processing, section 10.3, the Bayesian mean squared error.
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    posterior = posterior_weights_dirac(x_t, points, alpha_t, sigma_t)
    likeliest = xp.take(points, xp.argmax(posterior, axis=1), axis=0)
    offsets = points[None, :, :] - likeliest[:, None, :]
    centred = offsets - xp.sum(posterior[:, :, None] * offsets, axis=1)[:, None, :]
    return xp.sum(posterior * xp.sum(centred * centred, axis=2), axis=1)


def eps_loss_floor_dirac(x_t, points, alpha_t, sigma_t):
    """Least mean squared error of eps given x_t, summed over entries: what no prediction of the noise goes below.

    Formula:
        alpha_t**2/sigma_t**2*sum(posterior*sum((points - (posterior @ points)[:, None, :])**2, 2), 1)
        where posterior = softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2))

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B,). Error at most 6.5 ulp of value*(1 + reach)
        where reach = alpha_t*max(abs(points))*sum(abs(x_t) + alpha_t*max(abs(points)))/sigma_t**2.

    Source:
        Vincent 2011, Neural Computation 23(7), section 4.2 and the appendix: the constant between the two score matching
        losses, given x_t, for the weight sigma_t**2 and without the half; eps = (x_t - alpha_t*x_0)/sigma_t.
    """
    return (alpha_t / sigma_t) ** 2 * loss_floor_dirac(x_t, points, alpha_t, sigma_t)


def score_divergence_dirac(x_t, points, alpha_t, sigma_t):
    """Laplacian of the log density of x_t: the divergence of its score.

    Formula:
        alpha_t**2/sigma_t**4*sum(posterior*sum((points - (posterior @ points)[:, None, :])**2, 2), 1)
        - len(transpose(points))/sigma_t**2
        where posterior = softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2))

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B,), in units of 1/x_t squared, at least -d/sigma_t**2.
        Error at most 2.5 ulp of len(transpose(points))/sigma_t**2 + (value + len(transpose(points))/sigma_t**2)*(1 + reach)
        where reach = alpha_t*max(abs(points))*sum(abs(x_t) + alpha_t*max(abs(points)))/sigma_t**2.

    Source:
        Manor and Michaeli 2024, arXiv:2309.13598v2, section 3, Theorem 2, its trace, through Tweedie's formula.
    """
    return (eps_loss_floor_dirac(x_t, points, alpha_t, sigma_t) - x_t.shape[1]) / sigma_t**2
