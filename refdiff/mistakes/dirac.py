"""Wrong bodies of formulas of finite data."""

from refdiff.numbers import namespace

__all__ = [
    "denoiser_jacobian_dirac__of_the_score",
    "denoiser_jacobian_dirac__scale_for_variance",
    "denoiser_jacobian_dirac__signal_forgotten",
    "eps_loss_floor_dirac__of_x_0",
    "eps_loss_floor_dirac__ratio_not_squared",
    "eps_loss_floor_dirac__signal_forgotten",
    "log_density_dirac__normaliser_of_one_dimension",
    "log_density_dirac__normaliser_without_noise",
    "log_density_dirac__not_divided_by_count",
    "log_density_dirac__points_not_scaled",
    "log_density_dirac__scale_for_variance",
    "loss_floor_dirac__about_the_likeliest_point",
    "loss_floor_dirac__second_moment",
    "loss_floor_dirac__sum_of_pairs",
    "posterior_covariance_dirac__about_the_state",
    "posterior_covariance_dirac__equal_weights",
    "posterior_covariance_dirac__of_the_scaled_points",
    "posterior_covariance_dirac__second_moment",
    "posterior_weights_dirac__distance_not_squared",
    "posterior_weights_dirac__exponent_not_halved",
    "posterior_weights_dirac__mean_of_squares",
    "posterior_weights_dirac__over_the_batch",
    "posterior_weights_dirac__points_not_scaled",
    "posterior_weights_dirac__scale_for_variance",
    "posterior_weights_dirac__state_not_rescaled",
    "score_dirac__denominator_floored",
    "score_dirac__eps",
    "score_dirac__equal_weights",
    "score_dirac__mean_not_scaled",
    "score_dirac__of_the_nearest_point",
    "score_dirac__opposite_sign",
    "score_divergence_dirac__identity_forgotten",
    "score_divergence_dirac__identity_of_one_dimension",
    "score_divergence_dirac__of_one_point",
    "score_divergence_dirac__signal_not_squared",
]


def _squares(x_t, points):
    gaps = x_t[:, None, :] - points[None, :, :]
    return namespace(x_t, points).sum(gaps * gaps, axis=2)


def _softmax(exponents):
    xp = namespace(exponents)
    odds = xp.exp(exponents - xp.max(exponents, axis=1, keepdims=True))
    return odds / xp.sum(odds, axis=1)[:, None]


def _posterior(x_t, points, alpha_t, sigma_t):
    return _softmax(-_squares(x_t, alpha_t * points) / (2 * sigma_t**2))


def _mean(x_t, points, alpha_t, sigma_t):
    return _posterior(x_t, points, alpha_t, sigma_t) @ points


def _outer(weights, gaps):
    return namespace(weights, gaps).sum(weights[:, :, None, None] * gaps[:, :, :, None] * gaps[:, :, None, :], axis=1)


def _covariance(x_t, points, alpha_t, sigma_t):
    weights = _posterior(x_t, points, alpha_t, sigma_t)
    return _outer(weights, points[None, :, :] - (weights @ points)[:, None, :])


def _spread(x_t, points, alpha_t, sigma_t):
    xp = namespace(x_t, points, alpha_t, sigma_t)
    weights = _posterior(x_t, points, alpha_t, sigma_t)
    gaps = points[None, :, :] - (weights @ points)[:, None, :]
    return xp.sum(weights * xp.sum(gaps * gaps, axis=2), axis=1)


def _log_mean_exp(exponents):
    xp = namespace(exponents)
    peak = xp.max(exponents, axis=1, keepdims=True)
    return xp.log(xp.sum(xp.exp(exponents - peak), axis=1)) + peak[:, 0] - xp.log(0 * peak[:, 0] + exponents.shape[1])


def posterior_weights_dirac__exponent_not_halved(x_t, points, alpha_t, sigma_t):
    """The squared distance divided by sigma_t**2 in place of 2*sigma_t**2.

    Fix: softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2)), Karras et al. 2022, Eq. (57)
    Seen in: plausible
    """
    return _softmax(-_squares(x_t, alpha_t * points) / sigma_t**2)


def posterior_weights_dirac__scale_for_variance(x_t, points, alpha_t, sigma_t):
    """The squared distance divided by 2*sigma_t in place of 2*sigma_t**2.

    Fix: softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2)), Karras et al. 2022, Eq. (57)
    Seen in: plausible
    """
    return _softmax(-_squares(x_t, alpha_t * points) / (2 * sigma_t))


def posterior_weights_dirac__points_not_scaled(x_t, points, alpha_t, sigma_t):
    """Distances to the points in place of to alpha_t*points, right only where alpha_t is 1.

    Fix: softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2)), Karras et al. 2022, Eq. (57)
    Seen in: plausible
    """
    return _softmax(-_squares(x_t, points) / (2 * sigma_t**2))


def posterior_weights_dirac__state_not_rescaled(x_t, points, alpha_t, sigma_t):
    """Distances in units of x_0 with the noise of x_t: sigma_t in place of sigma_t/alpha_t.

    Fix: softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2)), Karras et al. 2022, Eq. (57)
    Seen in: plausible
    """
    return _softmax(-_squares(x_t / alpha_t, points) / (2 * sigma_t**2))


def posterior_weights_dirac__distance_not_squared(x_t, points, alpha_t, sigma_t):
    """The distance in place of its square.

    Fix: softmax(-squared_distance(x_t, alpha_t*points)/(2*sigma_t**2)), Karras et al. 2022, Eq. (57)
    Seen in: plausible
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    return _softmax(-xp.sqrt(_squares(x_t, alpha_t * points)) / (2 * sigma_t**2))


def log_density_dirac__not_divided_by_count(x_t, points, alpha_t, sigma_t):
    """The sum over points in place of the mean: a density of total mass N.

    Fix: log mean exp(-squared_distance/(2*sigma_t**2)) - d*log(2*pi*sigma_t**2)/2, Karras et al. 2022, Eq. (54)
    Seen in: plausible
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    sum_over_points = _log_mean_exp(-_squares(x_t, alpha_t * points) / (2 * sigma_t**2)) + xp.log(0 * x_t[:, 0] + points.shape[0])
    return sum_over_points - points.shape[1] * (xp.log(2 * xp.pi) + 2 * xp.log(sigma_t)) / 2


def log_density_dirac__normaliser_of_one_dimension(x_t, points, alpha_t, sigma_t):
    """log(2*pi*sigma_t**2)/2 once in place of d times.

    Fix: log mean exp(-squared_distance/(2*sigma_t**2)) - d*log(2*pi*sigma_t**2)/2, Karras et al. 2022, Eq. (54)
    Seen in: plausible
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    return _log_mean_exp(-_squares(x_t, alpha_t * points) / (2 * sigma_t**2)) - (xp.log(2 * xp.pi) + 2 * xp.log(sigma_t)) / 2


def log_density_dirac__normaliser_without_noise(x_t, points, alpha_t, sigma_t):
    """log(2*pi)/2 in each dimension in place of log(2*pi*sigma_t**2)/2.

    Fix: log mean exp(-squared_distance/(2*sigma_t**2)) - d*log(2*pi*sigma_t**2)/2, Karras et al. 2022, Eq. (54)
    Seen in: plausible
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    return _log_mean_exp(-_squares(x_t, alpha_t * points) / (2 * sigma_t**2)) - points.shape[1] * xp.log(2 * xp.pi) / 2


def log_density_dirac__scale_for_variance(x_t, points, alpha_t, sigma_t):
    """sigma_t in place of sigma_t**2, in the exponent and in the normaliser.

    Fix: log mean exp(-squared_distance/(2*sigma_t**2)) - d*log(2*pi*sigma_t**2)/2, Karras et al. 2022, Eq. (54)
    Seen in: plausible
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    return (
        _log_mean_exp(-_squares(x_t, alpha_t * points) / (2 * sigma_t))
        - points.shape[1] * (xp.log(2 * xp.pi) + xp.log(sigma_t)) / 2
    )


def log_density_dirac__points_not_scaled(x_t, points, alpha_t, sigma_t):
    """Distances to the points in place of to alpha_t*points.

    Fix: log mean exp(-squared_distance/(2*sigma_t**2)) - d*log(2*pi*sigma_t**2)/2, Karras et al. 2022, Eq. (54)
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_t)
    return (
        _log_mean_exp(-_squares(x_t, points) / (2 * sigma_t**2)) - points.shape[1] * (xp.log(2 * xp.pi) + 2 * xp.log(sigma_t)) / 2
    )


def score_dirac__opposite_sign(x_t, points, alpha_t, sigma_t):
    """The gradient of the energy: minus the score.

    Fix: (alpha_t*(posterior @ points) - x_t)/sigma_t**2, Karras et al. 2022, Eq. (3)
    Seen in: plausible
    """
    return (x_t - alpha_t * _mean(x_t, points, alpha_t, sigma_t)) / sigma_t**2


def score_dirac__eps(x_t, points, alpha_t, sigma_t):
    """The mean of eps with the sign of the score: divided by sigma_t in place of sigma_t**2.

    Fix: (alpha_t*(posterior @ points) - x_t)/sigma_t**2, Karras et al. 2022, Eq. (3)
    Seen in: plausible
    """
    return (alpha_t * _mean(x_t, points, alpha_t, sigma_t) - x_t) / sigma_t


def score_dirac__mean_not_scaled(x_t, points, alpha_t, sigma_t):
    """The denoiser in place of alpha_t times it, right only where alpha_t is 1.

    Fix: (alpha_t*(posterior @ points) - x_t)/sigma_t**2, Karras et al. 2022, Eq. (3)
    Seen in: plausible
    """
    return (_mean(x_t, points, alpha_t, sigma_t) - x_t) / sigma_t**2


def score_dirac__of_the_nearest_point(x_t, points, alpha_t, sigma_t):
    """The score of the nearest point alone: the other points left out.

    Fix: (alpha_t*(posterior @ points) - x_t)/sigma_t**2, Karras et al. 2022, Eq. (3)
    Seen in: plausible
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    nearest = xp.take(points, xp.argmax(-_squares(x_t, alpha_t * points), axis=1), axis=0)
    return (alpha_t * nearest - x_t) / sigma_t**2


def posterior_covariance_dirac__second_moment(x_t, points, alpha_t, sigma_t):
    """The mean of x_0 x_0^T, not centred.

    Fix: the posterior mean of (x_0 - mean)(x_0 - mean)^T, Kay 1993, section 10.3
    Seen in: plausible
    """
    weights = _posterior(x_t, points, alpha_t, sigma_t)
    return _outer(weights, points[None, :, :] + 0 * x_t[:, None, :])


def posterior_covariance_dirac__equal_weights(x_t, points, alpha_t, sigma_t):
    """The covariance of the data, whatever x_t is.

    Fix: the posterior mean of (x_0 - mean)(x_0 - mean)^T, Kay 1993, section 10.3
    Seen in: plausible
    """
    weights = 0 * _posterior(x_t, points, alpha_t, sigma_t) + 1
    weights = weights / points.shape[0]
    return _outer(weights, points[None, :, :] - (weights @ points)[:, None, :])


def posterior_covariance_dirac__of_the_scaled_points(x_t, points, alpha_t, sigma_t):
    """The covariance of alpha_t*x_0.

    Fix: the posterior mean of (x_0 - mean)(x_0 - mean)^T, Kay 1993, section 10.3
    Seen in: plausible
    """
    return alpha_t**2 * _covariance(x_t, points, alpha_t, sigma_t)


def posterior_covariance_dirac__about_the_state(x_t, points, alpha_t, sigma_t):
    """Centred at x_t in place of the mean of x_0.

    Fix: the posterior mean of (x_0 - mean)(x_0 - mean)^T, Kay 1993, section 10.3
    Seen in: plausible
    """
    return _outer(_posterior(x_t, points, alpha_t, sigma_t), points[None, :, :] - x_t[:, None, :])


def denoiser_jacobian_dirac__signal_forgotten(x_t, points, alpha_t, sigma_t):
    """The covariance over sigma_t**2 without alpha_t, right only where alpha_t is 1.

    Fix: alpha_t/sigma_t**2 times the posterior covariance, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    return _covariance(x_t, points, alpha_t, sigma_t) / sigma_t**2


def denoiser_jacobian_dirac__of_the_score(x_t, points, alpha_t, sigma_t):
    """The Jacobian of the score in place of that of the denoiser, but for the identity.

    Fix: alpha_t/sigma_t**2 times the posterior covariance, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    return alpha_t**2 * _covariance(x_t, points, alpha_t, sigma_t) / sigma_t**4


def denoiser_jacobian_dirac__scale_for_variance(x_t, points, alpha_t, sigma_t):
    """The covariance over sigma_t in place of sigma_t**2.

    Fix: alpha_t/sigma_t**2 times the posterior covariance, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    return alpha_t * _covariance(x_t, points, alpha_t, sigma_t) / sigma_t


def loss_floor_dirac__second_moment(x_t, points, alpha_t, sigma_t):
    """The mean of |x_0|^2: the error of a denoiser that answers 0.

    Fix: the posterior mean of |x_0 - mean|^2, Kay 1993, section 10.3
    Seen in: plausible
    """
    weights = _posterior(x_t, points, alpha_t, sigma_t)
    return weights @ namespace(points).sum(points * points, axis=1)


def loss_floor_dirac__about_the_likeliest_point(x_t, points, alpha_t, sigma_t):
    """The spread about the likeliest point in place of the mean.

    Fix: the posterior mean of |x_0 - mean|^2, Kay 1993, section 10.3
    Seen in: plausible
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    weights = _posterior(x_t, points, alpha_t, sigma_t)
    gaps = points[None, :, :] - xp.take(points, xp.argmax(weights, axis=1), axis=0)[:, None, :]
    return xp.sum(weights * xp.sum(gaps * gaps, axis=2), axis=1)


def loss_floor_dirac__sum_of_pairs(x_t, points, alpha_t, sigma_t):
    """The mean squared distance of two draws from the posterior: twice the variance.

    Fix: the posterior mean of |x_0 - mean|^2, Kay 1993, section 10.3
    Seen in: plausible
    """
    return 2 * _spread(x_t, points, alpha_t, sigma_t)


def eps_loss_floor_dirac__of_x_0(x_t, points, alpha_t, sigma_t):
    """The floor of x_0 in its place.

    Fix: alpha_t**2/sigma_t**2 times the floor of x_0, as eps is (x_t - alpha_t*x_0)/sigma_t, Vincent 2011, section 4.2
    Seen in: plausible
    """
    return _spread(x_t, points, alpha_t, sigma_t)


def eps_loss_floor_dirac__ratio_not_squared(x_t, points, alpha_t, sigma_t):
    """alpha_t/sigma_t in place of its square.

    Fix: alpha_t**2/sigma_t**2 times the floor of x_0, as eps is (x_t - alpha_t*x_0)/sigma_t, Vincent 2011, section 4.2
    Seen in: plausible
    """
    return alpha_t / sigma_t * _spread(x_t, points, alpha_t, sigma_t)


def eps_loss_floor_dirac__signal_forgotten(x_t, points, alpha_t, sigma_t):
    """The floor of x_0 over sigma_t**2, right only where alpha_t is 1.

    Fix: alpha_t**2/sigma_t**2 times the floor of x_0, as eps is (x_t - alpha_t*x_0)/sigma_t, Vincent 2011, section 4.2
    Seen in: plausible
    """
    return _spread(x_t, points, alpha_t, sigma_t) / sigma_t**2


def score_divergence_dirac__identity_of_one_dimension(x_t, points, alpha_t, sigma_t):
    """1/sigma_t**2 once in place of d times.

    Fix: alpha_t**2/sigma_t**4*trace of the posterior covariance - d/sigma_t**2, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    return (alpha_t**2 * _spread(x_t, points, alpha_t, sigma_t) / sigma_t**2 - 1) / sigma_t**2


def score_divergence_dirac__identity_forgotten(x_t, points, alpha_t, sigma_t):
    """The covariance term alone.

    Fix: alpha_t**2/sigma_t**4*trace of the posterior covariance - d/sigma_t**2, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    return alpha_t**2 * _spread(x_t, points, alpha_t, sigma_t) / sigma_t**4


def score_divergence_dirac__of_one_point(x_t, points, alpha_t, sigma_t):
    """-d/sigma_t**2: the divergence of the conditional score.

    Fix: alpha_t**2/sigma_t**4*trace of the posterior covariance - d/sigma_t**2, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    return 0 * x_t[:, 0] - points.shape[1] / sigma_t**2


def score_divergence_dirac__signal_not_squared(x_t, points, alpha_t, sigma_t):
    """alpha_t in place of alpha_t**2.

    Fix: alpha_t**2/sigma_t**4*trace of the posterior covariance - d/sigma_t**2, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    return (alpha_t * _spread(x_t, points, alpha_t, sigma_t) / sigma_t**2 - points.shape[1]) / sigma_t**2


def posterior_weights_dirac__mean_of_squares(x_t, points, alpha_t, sigma_t):
    """The mean of the squared differences, as of a mean squared error, in place of their sum.

    Fix: softmax(-|x_t - alpha_t*points|**2/(2*sigma_t**2)), with the sum over the dimensions, Karras et al. 2022, Eq. (3)
    Seen in: plausible
    """
    return _softmax(-_squares(x_t, alpha_t * points) / (2 * sigma_t**2 * points.shape[1]))


def score_dirac__equal_weights(x_t, points, alpha_t, sigma_t):
    """The mean of all points in place of the posterior mean: the score of one Gaussian about the data's mean.

    Fix: (alpha_t*(posterior @ points) - x_t)/sigma_t**2, Karras et al. 2022, Eq. (3)
    Seen in: plausible
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    return (alpha_t * (xp.sum(points, axis=0) / points.shape[0]) - x_t) / sigma_t**2


def score_dirac__denominator_floored(x_t, points, alpha_t, sigma_t):
    """The sum of densities floored at 1e-12: far from all points the posterior mean becomes 0.

    Fix: softmax, with the largest exponent taken off, Karras et al. 2022, Eq. (3)
    Seen in: plausible
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    shares = xp.exp(-_squares(x_t, alpha_t * points) / (2 * sigma_t**2))
    total = xp.sum(shares, axis=1)
    held = xp.maximum(total, (0 * total + 1) / 10**12)
    return (alpha_t * (shares @ points) / held[:, None] - x_t) / sigma_t**2


def posterior_weights_dirac__over_the_batch(x_t, points, alpha_t, sigma_t):
    """A softmax over the samples of the batch in place of the points.

    Fix: softmax over the points, so that each sample's weights add to 1, Karras et al. 2022, Eq. (57)
    Seen in: plausible
    """
    return _softmax((-_squares(x_t, alpha_t * points) / (2 * sigma_t**2)).T).T
