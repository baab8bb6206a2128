"""A Gaussian mixture with isotropic components: the exact density, score, denoiser and loss floors."""

from refdiff.numbers import namespace

__all__ = [
    "denoiser_jacobian_mixture",
    "denoiser_mixture",
    "eps_loss_floor_mixture",
    "log_density_mixture",
    "loss_floor_mixture",
    "posterior_covariance_mixture",
    "posterior_weights_mixture",
    "score_divergence_mixture",
    "score_mixture",
]


def _likeliest(x_t, weights, means, variances, alpha_t, sigma_t):
    """Index of the likeliest component for each state, up to rounding."""
    xp = namespace(x_t, weights, means, variances, alpha_t, sigma_t)
    powers = alpha_t**2 * variances + sigma_t**2
    gaps = x_t[:, None, :] - alpha_t * means[None, :, :]
    logs = xp.log(weights) - (x_t.shape[1] * xp.log(powers) + xp.sum(gaps * gaps, axis=2) / powers) / 2
    return xp.argmax(logs, axis=1)


def _about_their_mean(posterior, x_t, means, variances, alpha_t, sigma_t):
    """Each component's mean of x_0 given x_t, less the mean over components, shape (B, K, d).

    Taken from the likeliest component by products of differences, so that spreads far below one ulp of x_0 are kept.
    """
    xp = namespace(posterior, x_t, means, variances, alpha_t, sigma_t)
    likeliest = xp.argmax(posterior, axis=1)
    mean, variance = xp.take(means, likeliest, axis=0)[:, None, :], xp.take(variances, likeliest, axis=0)[:, None]
    powers, power = alpha_t**2 * variances + sigma_t**2, alpha_t**2 * variance + sigma_t**2
    wider = alpha_t * (variances[None, :] - variance) / power
    offsets = means[None, :, :] - mean + wider[:, :, None] * (x_t[:, None, :] - alpha_t * mean)
    offsets = offsets * (sigma_t**2 / powers)[None, :, None]
    return offsets - xp.sum(posterior[:, :, None] * offsets, axis=1)[:, None, :]


def posterior_weights_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Probability of each component given x_t: its responsibility.

    Formula:
        softmax(log(weights) - len(transpose(means))*log(powers)/2
        - squared_distance(x_t, alpha_t*means)/(2*powers))
        where powers = alpha_t**2*variances + sigma_t**2

    Args:
        x_t: states, shape (B, d).
        weights: probabilities of the components, > 0, sum 1, shape (K,).
        means: their means, shape (K, d).
        variances: variance of every entry of each, >= 0, shape (K,).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, K), rows sum to 1. Ties and states far away keep the digits that x_t has.
        Error at most 6.5 ulp of value*(1 + (1 - value)*reach[:, None])
        where reach = (alpha_t*max(abs(means)) + (1 - min(powers)/max(powers))*size)*size/min(powers)
        - log(min(weights)) + len(transpose(means))*(1 + log(max(powers)/min(powers)))
        where size = sum(abs(x_t) + alpha_t*max(abs(means)))
        where powers = alpha_t**2*variances + sigma_t**2.

    Source:
        Bishop 2006, Pattern Recognition and Machine Learning, section 9.2, Eq. (9.13), with the component
        N(alpha_t*mean, alpha_t**2*variance + sigma_t**2) that noise makes of each.
    """
    xp = namespace(x_t, weights, means, variances, alpha_t, sigma_t)
    # Any component would do in exact arithmetic; the likeliest keeps digits, as products of differences do.
    best = _likeliest(x_t, weights, means, variances, alpha_t, sigma_t)
    mean, variance = xp.take(means, best, axis=0)[:, None, :], xp.take(variances, best, axis=0)[:, None]
    powers, power = alpha_t**2 * variances + sigma_t**2, alpha_t**2 * variance + sigma_t**2
    gaps = x_t[:, None, :] - alpha_t * mean
    nearer = alpha_t * xp.sum((means[None, :, :] - mean) * (gaps + (x_t[:, None, :] - alpha_t * means[None, :, :])), axis=2)
    wider = alpha_t**2 * (variances - variance) / power * xp.sum(gaps * gaps, axis=2)
    exponents = ((nearer + wider) / powers - x_t.shape[1] * xp.log(powers / power)) / 2
    exponents = exponents + xp.log(weights / xp.take(weights, best, axis=0)[:, None])
    odds = xp.exp(exponents - xp.max(exponents, axis=1, keepdims=True))
    return odds / xp.sum(odds, axis=1)[:, None]


def log_density_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Log density of x_t.

    Formula:
        log(sum(weights*exp(-squared_distance(x_t, alpha_t*means)/(2*powers))/sqrt(2*pi*powers)**len(transpose(means))))
        where powers = alpha_t**2*variances + sigma_t**2

    Args:
        x_t: states, shape (B, d).
        weights: probabilities of the components, > 0, sum 1, shape (K,).
        means: their means, shape (K, d).
        variances: variance of every entry of each, >= 0, shape (K,).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B,), in nats; never -inf while the square of the distance over the scale is finite.
        Error at most 5.5 ulp of abs(value) + sum(posterior*(parts - log(weights)), 1)
        where parts = len(transpose(means))*(1 + abs(log(powers)))
        + alpha_t*max(abs(means))*sum(abs(x_t[:, None, :] - alpha_t*means), 2)/powers
        where posterior = softmax(log(weights) - len(transpose(means))*log(powers)/2
            - squared_distance(x_t, alpha_t*means)/(2*powers))
        where powers = alpha_t**2*variances + sigma_t**2.

    Source:
        Bishop 2006, Pattern Recognition and Machine Learning, section 2.3.9, Eq. (2.188), for the noised components.
        Written by Bayes' rule: log p(x_t) = log p(x_t, component) - log p(component | x_t) for the likeliest one.
    """
    xp = namespace(x_t, weights, means, variances, alpha_t, sigma_t)
    posterior = posterior_weights_mixture(x_t, weights, means, variances, alpha_t, sigma_t)
    best = xp.argmax(posterior, axis=1)
    share = xp.take_along_axis(posterior, best[:, None], axis=1)[:, 0]
    power = alpha_t**2 * xp.take(variances, best, axis=0) + sigma_t**2
    gaps = x_t - alpha_t * xp.take(means, best, axis=0)
    squares = xp.sum(gaps * gaps, axis=1) / power
    normaliser = x_t.shape[1] * (xp.log(2 * xp.pi) + xp.log(power))
    return xp.log(xp.take(weights, best, axis=0) / share) - (squares + normaliser) / 2


def denoiser_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Mean of x_0 given x_t.

    Formula:
        sum(posterior[:, :, None]*component, 1)
        where component = (sigma_t**2*means + alpha_t*variances[:, None]*x_t[:, None, :])/powers[:, None]
        where posterior = softmax(log(weights) - len(transpose(means))*log(powers)/2
            - squared_distance(x_t, alpha_t*means)/(2*powers))
        where powers = alpha_t**2*variances + sigma_t**2

    Args:
        x_t: states, shape (B, d).
        weights: probabilities of the components, > 0, sum 1, shape (K,).
        means: their means, shape (K, d).
        variances: variance of every entry of each, >= 0, shape (K,).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, d), in units of x_0.
        Error at most 6 ulp of sum(posterior[:, :, None]*(parts + abs(component - value[:, None, :])*reach[:, None, None]), 1)
        where parts = (sigma_t**2*abs(means) + alpha_t*variances[:, None]*abs(x_t)[:, None, :])/powers[:, None]
        where component = (sigma_t**2*means + alpha_t*variances[:, None]*x_t[:, None, :])/powers[:, None]
        where posterior = softmax(log(weights) - len(transpose(means))*log(powers)/2
            - squared_distance(x_t, alpha_t*means)/(2*powers))
        where reach = (alpha_t*max(abs(means)) + (1 - min(powers)/max(powers))*size)*size/min(powers)
        - log(min(weights)) + len(transpose(means))*(1 + log(max(powers)/min(powers)))
        where size = sum(abs(x_t) + alpha_t*max(abs(means)))
        where powers = alpha_t**2*variances + sigma_t**2.

    Source:
        Kay 1993, Fundamentals of Statistical Signal Processing, Theorem 10.2, for one component;
        averaged over Bishop 2006, Pattern Recognition and Machine Learning, section 9.2, Eq. (9.13).
    """
    posterior = posterior_weights_mixture(x_t, weights, means, variances, alpha_t, sigma_t)
    powers = alpha_t**2 * variances + sigma_t**2
    component = sigma_t**2 * means[None, :, :] + alpha_t * variances[None, :, None] * x_t[:, None, :]
    shares = posterior / powers[None, :]
    return namespace(posterior).sum(shares[:, :, None] * component, axis=1)


def score_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Gradient of the log density of x_t.

    Formula:
        sum(posterior[:, :, None]*(alpha_t*means - x_t[:, None, :])/powers[:, None], 1)
        where posterior = softmax(log(weights) - len(transpose(means))*log(powers)/2
            - squared_distance(x_t, alpha_t*means)/(2*powers))
        where powers = alpha_t**2*variances + sigma_t**2

    Args:
        x_t: states, shape (B, d).
        weights: probabilities of the components, > 0, sum 1, shape (K,).
        means: their means, shape (K, d).
        variances: variance of every entry of each, >= 0, shape (K,).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, d), in units of 1/x_t.
        Error at most 4.5 ulp of sum(posterior[:, :, None]*(parts + abs(slopes - value[:, None, :])*reach[:, None, None]), 1)
        where parts = (abs(x_t)[:, None, :] + alpha_t*abs(means))/powers[:, None]
        where slopes = (alpha_t*means - x_t[:, None, :])/powers[:, None]
        where posterior = softmax(log(weights) - len(transpose(means))*log(powers)/2
            - squared_distance(x_t, alpha_t*means)/(2*powers))
        where reach = (alpha_t*max(abs(means)) + (1 - min(powers)/max(powers))*size)*size/min(powers)
        - log(min(weights)) + len(transpose(means))*(1 + log(max(powers)/min(powers)))
        where size = sum(abs(x_t) + alpha_t*max(abs(means)))
        where powers = alpha_t**2*variances + sigma_t**2.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, section 2.1, the score that its models learn; the derivative of
        Bishop 2006, Pattern Recognition and Machine Learning, Eq. (2.188).
    """
    posterior = posterior_weights_mixture(x_t, weights, means, variances, alpha_t, sigma_t)
    shares = posterior / (alpha_t**2 * variances + sigma_t**2)[None, :]
    gaps = alpha_t * means[None, :, :] - x_t[:, None, :]
    return namespace(posterior).sum(shares[:, :, None] * gaps, axis=1)


def posterior_covariance_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Covariance of x_0 given x_t.

    Formula:
        sum(posterior*sigma_t**2*variances/powers, 1)[:, None, None]*eye(len(transpose(means)))
        + sum(posterior[:, :, None, None]*centred[:, :, :, None]*centred[:, :, None, :], 1)
        where centred = component - sum(posterior[:, :, None]*component, 1)[:, None, :]
        where component = (sigma_t**2*means + alpha_t*variances[:, None]*x_t[:, None, :])/powers[:, None]
        where posterior = softmax(log(weights) - len(transpose(means))*log(powers)/2
            - squared_distance(x_t, alpha_t*means)/(2*powers))
        where powers = alpha_t**2*variances + sigma_t**2

    Args:
        x_t: states, shape (B, d).
        weights: probabilities of the components, > 0, sum 1, shape (K,).
        means: their means, shape (K, d).
        variances: variance of every entry of each, >= 0, shape (K,).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, d, d), in units of x_0 squared; symmetric, positive semidefinite up to rounding.
        Error at most 3 ulp of sqrt(diag(value)[:, :, None]*diag(value)[:, None, :])*(1 + reach[:, None, None])
        where reach = (alpha_t*max(abs(means)) + (1 - min(powers)/max(powers))*size)*size/min(powers)
        - log(min(weights)) + len(transpose(means))*(1 + log(max(powers)/min(powers)))
        where size = sum(abs(x_t) + alpha_t*max(abs(means)))
        where powers = alpha_t**2*variances + sigma_t**2.

    Source:
        Kay 1993, Fundamentals of Statistical Signal Processing, Theorem 10.2, for one component;
        the law of total covariance over Bishop 2006, Pattern Recognition and Machine Learning, section 9.2, Eq. (9.13).
    """
    xp = namespace(x_t, weights, means, variances, alpha_t, sigma_t)
    posterior = posterior_weights_mixture(x_t, weights, means, variances, alpha_t, sigma_t)
    centred = _about_their_mean(posterior, x_t, means, variances, alpha_t, sigma_t)
    between = xp.sum(posterior[:, :, None, None] * (centred[:, :, :, None] * centred[:, :, None, :]), axis=1)
    within = xp.sum(posterior * (sigma_t**2 * variances / (alpha_t**2 * variances + sigma_t**2))[None, :], axis=1)
    return between + within[:, None, None] * xp.eye(x_t.shape[1])[None, :, :]


def denoiser_jacobian_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Derivative of the mean of x_0 given x_t by x_t.

    Formula:
        alpha_t*sum(posterior*variances/powers, 1)[:, None, None]*eye(len(transpose(means)))
        + alpha_t/sigma_t**2*sum(posterior[:, :, None, None]*centred[:, :, :, None]*centred[:, :, None, :], 1)
        where centred = component - sum(posterior[:, :, None]*component, 1)[:, None, :]
        where component = (sigma_t**2*means + alpha_t*variances[:, None]*x_t[:, None, :])/powers[:, None]
        where posterior = softmax(log(weights) - len(transpose(means))*log(powers)/2
            - squared_distance(x_t, alpha_t*means)/(2*powers))
        where powers = alpha_t**2*variances + sigma_t**2

    Args:
        x_t: states, shape (B, d).
        weights: probabilities of the components, > 0, sum 1, shape (K,).
        means: their means, shape (K, d).
        variances: variance of every entry of each, >= 0, shape (K,).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, d, d), rows are entries of x_0, columns of x_t; symmetric.
        Error at most 3 ulp of sqrt(diag(value)[:, :, None]*diag(value)[:, None, :])*(1 + reach[:, None, None])
        where reach = (alpha_t*max(abs(means)) + (1 - min(powers)/max(powers))*size)*size/min(powers)
        - log(min(weights)) + len(transpose(means))*(1 + log(max(powers)/min(powers)))
        where size = sum(abs(x_t) + alpha_t*max(abs(means)))
        where powers = alpha_t**2*variances + sigma_t**2.

    Source:
        Manor and Michaeli 2024, arXiv:2309.13598v2, section 3, Theorem 2, for alpha_t = 1.
    """
    return alpha_t * posterior_covariance_mixture(x_t, weights, means, variances, alpha_t, sigma_t) / sigma_t**2


def loss_floor_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Least mean squared error of x_0 given x_t, summed over entries: what no denoiser goes below.

    Formula:
        sum(posterior*(len(transpose(means))*sigma_t**2*variances/powers + sum(centred**2, 2)), 1)
        where centred = component - sum(posterior[:, :, None]*component, 1)[:, None, :]
        where component = (sigma_t**2*means + alpha_t*variances[:, None]*x_t[:, None, :])/powers[:, None]
        where posterior = softmax(log(weights) - len(transpose(means))*log(powers)/2
            - squared_distance(x_t, alpha_t*means)/(2*powers))
        where powers = alpha_t**2*variances + sigma_t**2

    Args:
        x_t: states, shape (B, d).
        weights: probabilities of the components, > 0, sum 1, shape (K,).
        means: their means, shape (K, d).
        variances: variance of every entry of each, >= 0, shape (K,).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B,), in units of x_0 squared: the trace of posterior_covariance_mixture.
        Error at most 2 ulp of value*(1 + reach)
        where reach = (alpha_t*max(abs(means)) + (1 - min(powers)/max(powers))*size)*size/min(powers)
        - log(min(weights)) + len(transpose(means))*(1 + log(max(powers)/min(powers)))
        where size = sum(abs(x_t) + alpha_t*max(abs(means)))
        where powers = alpha_t**2*variances + sigma_t**2.

    Source:
        Kay 1993, Fundamentals of Statistical Signal Processing, section 10.3, the Bayesian mean squared error.
    """
    xp = namespace(x_t, weights, means, variances, alpha_t, sigma_t)
    posterior = posterior_weights_mixture(x_t, weights, means, variances, alpha_t, sigma_t)
    centred = _about_their_mean(posterior, x_t, means, variances, alpha_t, sigma_t)
    within = x_t.shape[1] * sigma_t**2 * variances / (alpha_t**2 * variances + sigma_t**2)
    return xp.sum(posterior * (within[None, :] + xp.sum(centred * centred, axis=2)), axis=1)


def eps_loss_floor_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Least mean squared error of eps given x_t, summed over entries: what no prediction of the noise goes below.

    Formula:
        alpha_t**2*sum(posterior*(len(transpose(means))*variances/powers + sum(centred**2, 2)/sigma_t**2), 1)
        where centred = component - sum(posterior[:, :, None]*component, 1)[:, None, :]
        where component = (sigma_t**2*means + alpha_t*variances[:, None]*x_t[:, None, :])/powers[:, None]
        where posterior = softmax(log(weights) - len(transpose(means))*log(powers)/2
            - squared_distance(x_t, alpha_t*means)/(2*powers))
        where powers = alpha_t**2*variances + sigma_t**2

    Args:
        x_t: states, shape (B, d).
        weights: probabilities of the components, > 0, sum 1, shape (K,).
        means: their means, shape (K, d).
        variances: variance of every entry of each, >= 0, shape (K,).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B,). Error at most 1.5 ulp of value*(1 + reach)
        where reach = (alpha_t*max(abs(means)) + (1 - min(powers)/max(powers))*size)*size/min(powers)
        - log(min(weights)) + len(transpose(means))*(1 + log(max(powers)/min(powers)))
        where size = sum(abs(x_t) + alpha_t*max(abs(means)))
        where powers = alpha_t**2*variances + sigma_t**2.

    Source:
        Vincent 2011, Neural Computation 23(7), section 4.2 and the appendix: the constant between the two score matching
        losses, given x_t, for the weight sigma_t**2 and without the half; eps = (x_t - alpha_t*x_0)/sigma_t.
    """
    return (alpha_t / sigma_t) ** 2 * loss_floor_mixture(x_t, weights, means, variances, alpha_t, sigma_t)


def score_divergence_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Laplacian of the log density of x_t: the divergence of its score.

    Formula:
        sum(posterior*(sum(slopes**2, 2) - len(transpose(means))/powers), 1) - sum(sum(posterior[:, :, None]*slopes, 1)**2)
        where slopes = (alpha_t*means - x_t[:, None, :])/powers[:, None]
        where posterior = softmax(log(weights) - len(transpose(means))*log(powers)/2
            - squared_distance(x_t, alpha_t*means)/(2*powers))
        where powers = alpha_t**2*variances + sigma_t**2

    Args:
        x_t: states, shape (B, d).
        weights: probabilities of the components, > 0, sum 1, shape (K,).
        means: their means, shape (K, d).
        variances: variance of every entry of each, >= 0, shape (K,).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B,), in units of 1/x_t squared.
        Error at most 4.5 ulp of level + (value + level)*(1 + reach)
        where level = sum(posterior*len(transpose(means))/powers, 1)
        where posterior = softmax(log(weights) - len(transpose(means))*log(powers)/2
            - squared_distance(x_t, alpha_t*means)/(2*powers))
        where reach = (alpha_t*max(abs(means)) + (1 - min(powers)/max(powers))*size)*size/min(powers)
        - log(min(weights)) + len(transpose(means))*(1 + log(max(powers)/min(powers)))
        where size = sum(abs(x_t) + alpha_t*max(abs(means)))
        where powers = alpha_t**2*variances + sigma_t**2.

    Source:
        Hyvarinen 2005, Journal of Machine Learning Research 6, Eq. (4), the first term, for the exact score; the derivative
        of score_mixture. Written about the mean: the printed form cancels where components agree.
    """
    xp = namespace(x_t, weights, means, variances, alpha_t, sigma_t)
    posterior = posterior_weights_mixture(x_t, weights, means, variances, alpha_t, sigma_t)
    centred = _about_their_mean(posterior, x_t, means, variances, alpha_t, sigma_t) * alpha_t / sigma_t**2
    level = x_t.shape[1] / (alpha_t**2 * variances + sigma_t**2)
    return xp.sum(posterior * (xp.sum(centred * centred, axis=2) - level[None, :]), axis=1)
