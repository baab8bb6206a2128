"""Wrong bodies of formulas of data of a Gaussian mixture."""

from refdiff.numbers import namespace

__all__ = [
    "denoiser_jacobian_mixture__fixed_weights",
    "denoiser_jacobian_mixture__scale_for_variance",
    "denoiser_jacobian_mixture__signal_forgotten",
    "denoiser_mixture__means_alone",
    "denoiser_mixture__prior_weights",
    "denoiser_mixture__shrunk_by_the_noisy_variance",
    "eps_loss_floor_mixture__of_x_0",
    "eps_loss_floor_mixture__ratio_not_squared",
    "eps_loss_floor_mixture__signal_forgotten",
    "log_density_mixture__constant_forgotten",
    "log_density_mixture__mean_of_logs",
    "log_density_mixture__weights_forgotten",
    "log_density_mixture__width_forgotten",
    "loss_floor_mixture__between_alone",
    "loss_floor_mixture__width_of_one_dimension",
    "posterior_covariance_mixture__between_alone",
    "posterior_covariance_mixture__prior_widths",
    "posterior_covariance_mixture__within_alone",
    "posterior_weights_mixture__determinant_forgotten",
    "posterior_weights_mixture__determinant_of_one_dimension",
    "posterior_weights_mixture__noise_forgotten",
    "posterior_weights_mixture__variance_as_scale",
    "posterior_weights_mixture__weights_forgotten",
    "posterior_weights_mixture__width_forgotten",
    "score_divergence_mixture__identity_forgotten",
    "score_divergence_mixture__identity_of_one_dimension",
    "score_divergence_mixture__within_alone",
    "score_mixture__opposite_sign",
    "score_mixture__prior_weights",
    "score_mixture__width_forgotten",
]


def _powers(variances, alpha_t, sigma_t):
    return alpha_t**2 * variances + sigma_t**2


def _softmax(exponents):
    xp = namespace(exponents)
    odds = xp.exp(exponents - xp.max(exponents, axis=1, keepdims=True))
    return odds / xp.sum(odds, axis=1)[:, None]


def _logs(x_t, weights, means, powers, alpha_t):
    """Log of each component's share of the density of x_t, but for the power of 2*pi."""
    xp = namespace(x_t, weights, means, powers, alpha_t)
    gaps = x_t[:, None, :] - alpha_t * means[None, :, :]
    squares = xp.sum(gaps * gaps, axis=2)
    return xp.log(weights)[None, :] - x_t.shape[1] * xp.log(powers)[None, :] / 2 - squares / (2 * powers)[None, :]


def _posterior(x_t, weights, means, variances, alpha_t, sigma_t):
    return _softmax(_logs(x_t, weights, means, _powers(variances, alpha_t, sigma_t), alpha_t))


def _log_sum(logs):
    xp = namespace(logs)
    peak = xp.max(logs, axis=1, keepdims=True)
    return xp.log(xp.sum(xp.exp(logs - peak), axis=1)) + peak[:, 0]


def _component_means(x_t, means, variances, alpha_t, sigma_t):
    powers = _powers(variances, alpha_t, sigma_t)[None, :, None]
    return (sigma_t**2 * means[None, :, :] + alpha_t * variances[None, :, None] * x_t[:, None, :]) / powers


def _average(posterior, values):
    return namespace(posterior, values).sum(posterior[:, :, None] * values, axis=1)


def _parts(x_t, weights, means, variances, alpha_t, sigma_t):
    """Mean variance within the components, and covariance of their means."""
    xp = namespace(x_t, weights, means, variances, alpha_t, sigma_t)
    posterior = _posterior(x_t, weights, means, variances, alpha_t, sigma_t)
    component = _component_means(x_t, means, variances, alpha_t, sigma_t)
    centred = component - _average(posterior, component)[:, None, :]
    between = xp.sum(posterior[:, :, None, None] * centred[:, :, :, None] * centred[:, :, None, :], axis=1)
    return xp.sum(posterior * (sigma_t**2 * variances / _powers(variances, alpha_t, sigma_t))[None, :], axis=1), between


def _trace(matrices):
    total = 0 * matrices[:, 0, 0]
    for i in range(matrices.shape[1]):
        total = total + matrices[:, i, i]
    return total


def _on_the_diagonal(values, like):
    return values[:, None, None] * namespace(values).eye(like.shape[1])[None, :, :]


def posterior_weights_mixture__noise_forgotten(x_t, weights, means, variances, alpha_t, sigma_t):
    """The data's own variances in place of alpha_t**2*variances + sigma_t**2.

    Fix: weights*N(x_t; alpha_t*means, alpha_t**2*variances + sigma_t**2), normalised, Bishop 2006, Eq. (9.13)
    Seen in: plausible
    """
    return _softmax(_logs(x_t, weights, means, alpha_t**2 * variances + 0 * sigma_t, alpha_t))


def posterior_weights_mixture__width_forgotten(x_t, weights, means, variances, alpha_t, sigma_t):
    """sigma_t**2 alone: the components taken for points.

    Fix: weights*N(x_t; alpha_t*means, alpha_t**2*variances + sigma_t**2), normalised, Bishop 2006, Eq. (9.13)
    Seen in: plausible
    """
    return _softmax(_logs(x_t, weights, means, 0 * variances + sigma_t**2, alpha_t))


def posterior_weights_mixture__weights_forgotten(x_t, weights, means, variances, alpha_t, sigma_t):
    """Components taken as equally likely.

    Fix: weights*N(x_t; alpha_t*means, alpha_t**2*variances + sigma_t**2), normalised, Bishop 2006, Eq. (9.13)
    Seen in: plausible
    """
    return _softmax(_logs(x_t, 0 * weights + 1, means, _powers(variances, alpha_t, sigma_t), alpha_t))


def posterior_weights_mixture__determinant_forgotten(x_t, weights, means, variances, alpha_t, sigma_t):
    """Exponents alone: wide components are not held back by their normaliser.

    Fix: weights*N(x_t; alpha_t*means, alpha_t**2*variances + sigma_t**2), normalised, Bishop 2006, Eq. (9.13)
    Seen in: plausible
    """
    xp = namespace(x_t, weights, means, variances, alpha_t, sigma_t)
    powers = _powers(variances, alpha_t, sigma_t)
    return _softmax(_logs(x_t, weights, means, powers, alpha_t) + x_t.shape[1] * xp.log(powers)[None, :] / 2)


def posterior_weights_mixture__determinant_of_one_dimension(x_t, weights, means, variances, alpha_t, sigma_t):
    """The normaliser of one dimension in place of d.

    Fix: weights*N(x_t; alpha_t*means, alpha_t**2*variances + sigma_t**2), normalised, Bishop 2006, Eq. (9.13)
    Seen in: plausible
    """
    xp = namespace(x_t, weights, means, variances, alpha_t, sigma_t)
    powers = _powers(variances, alpha_t, sigma_t)
    return _softmax(_logs(x_t, weights, means, powers, alpha_t) + (x_t.shape[1] - 1) * xp.log(powers)[None, :] / 2)


def posterior_weights_mixture__variance_as_scale(x_t, weights, means, variances, alpha_t, sigma_t):
    """The variances squared, as if they were standard deviations.

    Fix: weights*N(x_t; alpha_t*means, alpha_t**2*variances + sigma_t**2), normalised, Bishop 2006, Eq. (9.13)
    Seen in: plausible
    """
    return _posterior(x_t, weights, means, variances**2, alpha_t, sigma_t)


def log_density_mixture__width_forgotten(x_t, weights, means, variances, alpha_t, sigma_t):
    """sigma_t**2 alone as each component's variance.

    Fix: log of the sum of weights*N(x_t; alpha_t*means, alpha_t**2*variances + sigma_t**2), Bishop 2006, Eq. (2.188)
    Seen in: plausible
    """
    xp = namespace(x_t, weights, means, variances, alpha_t, sigma_t)
    logs = _logs(x_t, weights, means, 0 * variances + sigma_t**2, alpha_t)
    return _log_sum(logs) - x_t.shape[1] * xp.log(2 * xp.pi) / 2


def log_density_mixture__weights_forgotten(x_t, weights, means, variances, alpha_t, sigma_t):
    """Components taken as equally likely.

    Fix: log of the sum of weights*N(x_t; alpha_t*means, alpha_t**2*variances + sigma_t**2), Bishop 2006, Eq. (2.188)
    Seen in: plausible
    """
    xp = namespace(x_t, weights, means, variances, alpha_t, sigma_t)
    logs = _logs(x_t, 0 * weights + 1, means, _powers(variances, alpha_t, sigma_t), alpha_t)
    return _log_sum(logs) - xp.log(0 * x_t[:, 0] + weights.shape[0]) - x_t.shape[1] * xp.log(2 * xp.pi) / 2


def log_density_mixture__constant_forgotten(x_t, weights, means, variances, alpha_t, sigma_t):
    """The constant d*log(2*pi)/2 left out.

    Fix: log of the sum of weights*N(x_t; alpha_t*means, alpha_t**2*variances + sigma_t**2), Bishop 2006, Eq. (2.188)
    Seen in: plausible
    """
    return _log_sum(_logs(x_t, weights, means, _powers(variances, alpha_t, sigma_t), alpha_t))


def log_density_mixture__mean_of_logs(x_t, weights, means, variances, alpha_t, sigma_t):
    """The weighted mean of the components' log densities: a lower bound, by Jensen.

    Fix: log of the sum of weights*N(x_t; alpha_t*means, alpha_t**2*variances + sigma_t**2), Bishop 2006, Eq. (2.188)
    Seen in: plausible
    """
    xp = namespace(x_t, weights, means, variances, alpha_t, sigma_t)
    logs = _logs(x_t, 0 * weights + 1, means, _powers(variances, alpha_t, sigma_t), alpha_t)
    return xp.sum(weights[None, :] * logs, axis=1) - x_t.shape[1] * xp.log(2 * xp.pi) / 2


def denoiser_mixture__means_alone(x_t, weights, means, variances, alpha_t, sigma_t):
    """The posterior average of the means: each component taken for a point.

    Fix: the posterior average of (sigma_t**2*means + alpha_t*variances*x_t)/powers, Kay 1993, Theorem 10.2
    Seen in: plausible
    """
    return _posterior(x_t, weights, means, variances, alpha_t, sigma_t) @ means


def denoiser_mixture__prior_weights(x_t, weights, means, variances, alpha_t, sigma_t):
    """The components' posterior means averaged with the prior weights.

    Fix: the posterior average of (sigma_t**2*means + alpha_t*variances*x_t)/powers, Kay 1993, Theorem 10.2
    Seen in: plausible
    """
    posterior = weights[None, :] + 0 * x_t[:, :1]
    return _average(posterior, _component_means(x_t, means, variances, alpha_t, sigma_t))


def denoiser_mixture__shrunk_by_the_noisy_variance(x_t, weights, means, variances, alpha_t, sigma_t):
    """variances/(variances + sigma_t**2) as the gain, right only where alpha_t is 1.

    Fix: the posterior average of (sigma_t**2*means + alpha_t*variances*x_t)/powers, Kay 1993, Theorem 10.2
    Seen in: plausible
    """
    posterior = _posterior(x_t, weights, means, variances, alpha_t, sigma_t)
    gain = (variances / (variances + sigma_t**2))[None, :, None]
    return _average(posterior, means[None, :, :] + gain * (x_t[:, None, :] - alpha_t * means[None, :, :]))


def score_mixture__width_forgotten(x_t, weights, means, variances, alpha_t, sigma_t):
    """The gap divided by sigma_t**2 in place of each component's own variance.

    Fix: the posterior average of (alpha_t*means - x_t)/(alpha_t**2*variances + sigma_t**2), Bishop 2006, Eq. (2.188)
    Seen in: plausible
    """
    posterior = _posterior(x_t, weights, means, variances, alpha_t, sigma_t)
    return _average(posterior, (alpha_t * means[None, :, :] - x_t[:, None, :]) / sigma_t**2)


def score_mixture__prior_weights(x_t, weights, means, variances, alpha_t, sigma_t):
    """The components' scores averaged with the prior weights: the gradient of the mean of the logs.

    Fix: the posterior average of (alpha_t*means - x_t)/(alpha_t**2*variances + sigma_t**2), Bishop 2006, Eq. (2.188)
    Seen in: plausible
    """
    posterior = weights[None, :] + 0 * x_t[:, :1]
    gaps = alpha_t * means[None, :, :] - x_t[:, None, :]
    return _average(posterior, gaps / _powers(variances, alpha_t, sigma_t)[None, :, None])


def score_mixture__opposite_sign(x_t, weights, means, variances, alpha_t, sigma_t):
    """The gradient of the energy: minus the score.

    Fix: the posterior average of (alpha_t*means - x_t)/(alpha_t**2*variances + sigma_t**2), Bishop 2006, Eq. (2.188)
    Seen in: plausible
    """
    posterior = _posterior(x_t, weights, means, variances, alpha_t, sigma_t)
    gaps = x_t[:, None, :] - alpha_t * means[None, :, :]
    return _average(posterior, gaps / _powers(variances, alpha_t, sigma_t)[None, :, None])


def posterior_covariance_mixture__between_alone(x_t, weights, means, variances, alpha_t, sigma_t):
    """The covariance of the components' means: their own widths left out.

    Fix: the mean covariance within components and the covariance of their means, Kay 1993, Theorem 10.2
    Seen in: plausible
    """
    _within, between = _parts(x_t, weights, means, variances, alpha_t, sigma_t)
    return between


def posterior_covariance_mixture__within_alone(x_t, weights, means, variances, alpha_t, sigma_t):
    """The mean of the components' covariances: the spread of their means left out.

    Fix: the mean covariance within components and the covariance of their means, Kay 1993, Theorem 10.2
    Seen in: plausible
    """
    within, _between = _parts(x_t, weights, means, variances, alpha_t, sigma_t)
    return _on_the_diagonal(within, x_t)


def posterior_covariance_mixture__prior_widths(x_t, weights, means, variances, alpha_t, sigma_t):
    """The components' widths before x_t was seen.

    Fix: the mean covariance within components and the covariance of their means, Kay 1993, Theorem 10.2
    Seen in: plausible
    """
    _within, between = _parts(x_t, weights, means, variances, alpha_t, sigma_t)
    widths = _posterior(x_t, weights, means, variances, alpha_t, sigma_t) @ variances
    return between + _on_the_diagonal(widths, x_t)


def denoiser_jacobian_mixture__signal_forgotten(x_t, weights, means, variances, alpha_t, sigma_t):
    """The covariance over sigma_t**2 without alpha_t, right only where alpha_t is 1.

    Fix: alpha_t/sigma_t**2 times the posterior covariance, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    within, between = _parts(x_t, weights, means, variances, alpha_t, sigma_t)
    return (between + _on_the_diagonal(within, x_t)) / sigma_t**2


def denoiser_jacobian_mixture__fixed_weights(x_t, weights, means, variances, alpha_t, sigma_t):
    """The components' gains alone: responsibilities taken not to depend on x_t.

    Fix: alpha_t/sigma_t**2 times the posterior covariance, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    within, _between = _parts(x_t, weights, means, variances, alpha_t, sigma_t)
    return alpha_t / sigma_t**2 * _on_the_diagonal(within, x_t)


def denoiser_jacobian_mixture__scale_for_variance(x_t, weights, means, variances, alpha_t, sigma_t):
    """The covariance over sigma_t in place of sigma_t**2.

    Fix: alpha_t/sigma_t**2 times the posterior covariance, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    within, between = _parts(x_t, weights, means, variances, alpha_t, sigma_t)
    return alpha_t / sigma_t * (between + _on_the_diagonal(within, x_t))


def loss_floor_mixture__between_alone(x_t, weights, means, variances, alpha_t, sigma_t):
    """The spread of the components' means: their own widths left out.

    Fix: the trace of the posterior covariance, Kay 1993, section 10.3
    Seen in: plausible
    """
    within, between = _parts(x_t, weights, means, variances, alpha_t, sigma_t)
    return _trace(between) + 0 * within


def loss_floor_mixture__width_of_one_dimension(x_t, weights, means, variances, alpha_t, sigma_t):
    """The width of one dimension in place of d.

    Fix: the trace of the posterior covariance, Kay 1993, section 10.3
    Seen in: plausible
    """
    within, between = _parts(x_t, weights, means, variances, alpha_t, sigma_t)
    return _trace(between) + within


def eps_loss_floor_mixture__of_x_0(x_t, weights, means, variances, alpha_t, sigma_t):
    """The floor of x_0 in its place.

    Fix: alpha_t**2/sigma_t**2 times the floor of x_0, Vincent 2011, section 4.2
    Seen in: plausible
    """
    within, between = _parts(x_t, weights, means, variances, alpha_t, sigma_t)
    return x_t.shape[1] * within + _trace(between)


def eps_loss_floor_mixture__ratio_not_squared(x_t, weights, means, variances, alpha_t, sigma_t):
    """alpha_t/sigma_t in place of its square.

    Fix: alpha_t**2/sigma_t**2 times the floor of x_0, Vincent 2011, section 4.2
    Seen in: plausible
    """
    within, between = _parts(x_t, weights, means, variances, alpha_t, sigma_t)
    return alpha_t / sigma_t * (x_t.shape[1] * within + _trace(between))


def eps_loss_floor_mixture__signal_forgotten(x_t, weights, means, variances, alpha_t, sigma_t):
    """The floor of x_0 over sigma_t**2, right only where alpha_t is 1.

    Fix: alpha_t**2/sigma_t**2 times the floor of x_0, Vincent 2011, section 4.2
    Seen in: plausible
    """
    within, between = _parts(x_t, weights, means, variances, alpha_t, sigma_t)
    return (x_t.shape[1] * within + _trace(between)) / sigma_t**2


def score_divergence_mixture__within_alone(x_t, weights, means, variances, alpha_t, sigma_t):
    """The mean of the components' own divergences: the change of responsibilities left out.

    Fix: alpha_t**2/sigma_t**4*trace of the posterior covariance - d/sigma_t**2, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    powers = _powers(variances, alpha_t, sigma_t)
    return -x_t.shape[1] * (_posterior(x_t, weights, means, variances, alpha_t, sigma_t) @ (1 / powers))


def score_divergence_mixture__identity_of_one_dimension(x_t, weights, means, variances, alpha_t, sigma_t):
    """1/sigma_t**2 once in place of d times.

    Fix: alpha_t**2/sigma_t**4*trace of the posterior covariance - d/sigma_t**2, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    within, between = _parts(x_t, weights, means, variances, alpha_t, sigma_t)
    total = x_t.shape[1] * within + _trace(between)
    return alpha_t**2 * total / sigma_t**4 - 1 / sigma_t**2


def score_divergence_mixture__identity_forgotten(x_t, weights, means, variances, alpha_t, sigma_t):
    """The covariance term alone.

    Fix: alpha_t**2/sigma_t**4*trace of the posterior covariance - d/sigma_t**2, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    within, between = _parts(x_t, weights, means, variances, alpha_t, sigma_t)
    total = x_t.shape[1] * within + _trace(between)
    return alpha_t**2 * total / sigma_t**4
