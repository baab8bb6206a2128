"""Denoising with a GAN: the true denoising law of Gaussian mixtures, the generator's step, and what a discriminator measures.

A mixture has weights (K,), means (K, d) and variances (K,), isotropic. The true law of x_s given x_t is a mixture again.
"""

from refdiff.numbers import namespace
from refdiff.reference.sde import reverse_sde_mean_gaussian, reverse_sde_variance_gaussian
from refdiff.reference.step import ddpm_step

__all__ = [
    "ddgan_step",
    "denoising_posterior_log_density_mixture",
    "denoising_posterior_means_mixture",
    "denoising_posterior_variances_mixture",
    "denoising_posterior_weights_mixture",
    "discriminator_loss",
    "excess_kurtosis_mixture",
    "gan_value_at_optimum",
    "generator_loss_nonsaturating",
    "jensen_shannon",
    "optimal_discriminator",
]


def optimal_discriminator(log_density_real, log_density_fake):
    """Probability that a point is data, by the best discriminator for equally many real and generated points.

    Formula:
        exp(log_density_real)/(exp(log_density_real) + exp(log_density_fake))

    Args:
        log_density_real: log density of the data's law at the point, any shape.
        log_density_fake: log density of the generator's law there, broadcasts against the first.

    Returns:
        The broadcast shape, in [0, 1]. Error at most 1.5 ulp of (1 + abs(log_density_real - log_density_fake))*value.

    Source:
        Goodfellow et al. 2014, arXiv:1406.2661v1, Proposition 1, Eq. (2).
    """
    return namespace(log_density_real, log_density_fake).sigmoid(log_density_real - log_density_fake)


def _contrast(share):
    """(1 + u)*log(1 + u) + (1 - u)*log(1 - u), for abs(u) well below 1, without its terms of first order."""
    xp = namespace(share)
    return xp.rounded(xp.log1p(-share * share) + share * (xp.log1p(share) - xp.log1p(-share)))


def _scaled_log(x):
    """x*log(x), 0 at 0."""
    xp = namespace(x)
    return xp.rounded(x * xp.log(x + xp.where(xp.rounded(x) == 0, 1, 0)))


def jensen_shannon(probabilities_1, probabilities_2):
    """Jensen-Shannon divergence of two finite distributions: mean KL divergence from their even mixture.

    Formula:
        probabilities_1 @ log(where(probabilities_1 == 0, 1, 2*probabilities_1/total))/2
        + probabilities_2 @ log(where(probabilities_2 == 0, 1, 2*probabilities_2/total))/2
        where total = probabilities_1 + probabilities_2

    Args:
        probabilities_1: first distribution, shape (K,), >= 0, sum 1.
        probabilities_2: second distribution, shape (K,), >= 0, sum 1, not 0 where the first is.

    Returns:
        A number, nats, in [0, log(2)]. Error at most 4 ulp.

    Source:
        Lin 1991, IEEE Transactions on Information Theory 37, Eq. (4.1); Goodfellow et al. 2014, arXiv:1406.2661v1, Eq. (6).
    """
    xp = namespace(probabilities_1, probabilities_2)
    total = xp.wide(probabilities_1) + probabilities_2
    share = (probabilities_1 - xp.wide(probabilities_2)) / total
    alike = xp.less(xp.absolute(xp.rounded(2 * share)), 1)
    near = _contrast(share * xp.where(alike, 1, 0))
    far = _scaled_log(2 * probabilities_1 / total) + _scaled_log(2 * probabilities_2 / total)
    return xp.sum(xp.rounded(total * xp.where(alike, near, far))) / 4


def gan_value_at_optimum(probabilities_1, probabilities_2):
    """The minimax game's value when the discriminator is the best one: 2*JSD - log(4).

    Formula:
        probabilities_1 @ log(where(probabilities_1 == 0, 1, probabilities_1/total))
        + probabilities_2 @ log(where(probabilities_2 == 0, 1, probabilities_2/total))
        where total = probabilities_1 + probabilities_2

    Args:
        probabilities_1: the data's distribution, shape (K,), >= 0, sum 1.
        probabilities_2: the generator's distribution, shape (K,), >= 0, sum 1, not 0 where the first is.

    Returns:
        A number, nats, in [-log(4), 0]. Error at most 2 ulp.

    Source:
        Goodfellow et al. 2014, arXiv:1406.2661v1, Theorem 1, Eqs. (4) to (6).
    """
    xp = namespace(probabilities_1, probabilities_2)
    data = probabilities_1 * xp.log1p(probabilities_2 / xp.where(probabilities_1 == 0, 1, probabilities_1))
    generated = probabilities_2 * xp.log1p(probabilities_1 / xp.where(probabilities_2 == 0, 1, probabilities_2))
    return -xp.sum(data + generated)


def _softplus(x):
    xp = namespace(x)
    return xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.absolute(x)))


def discriminator_loss(logit_real, logit_fake):
    """Cross entropy of a discriminator on one real and one generated point each.

    Formula:
        log(1 + exp(-logit_real)) + log(1 + exp(logit_fake))

    Args:
        logit_real: logit at the data, in [-700, 700], any shape.
        logit_fake: logit at the generated point, in [-700, 700], broadcasts against the first.

    Returns:
        The broadcast shape, nats. Error at most 3 ulp.

    Source:
        Goodfellow et al. 2014, arXiv:1406.2661v1, Eq. (1); Xiao et al. 2022, arXiv:2112.07804v2, section 3.2.
    """
    return _softplus(-logit_real) + _softplus(logit_fake)


def generator_loss_nonsaturating(logit_fake):
    """Generator's loss that keeps its gradient where the discriminator is sure: -log D(fake).

    Formula:
        log(1 + exp(-logit_fake))

    Args:
        logit_fake: logit at the generated point, in [-700, 700], any shape.

    Returns:
        The same shape, nats. Error at most 1.5 ulp.

    Source:
        Goodfellow et al. 2014, arXiv:1406.2661v1, section 3; Xiao et al. 2022, arXiv:2112.07804v2, section 3.2.
    """
    return _softplus(-logit_fake)


def ddgan_step(x_t, x_0_hat, z, log_alpha_bar_s, log_alpha_bar_t):
    """x_s drawn from the posterior of the forward process at the generator's x_0.

    Formula:
        sqrt(alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(1 - alpha_bar_t)*x_0_hat
        + sqrt(alpha_bar_t/alpha_bar_s)*(1 - alpha_bar_s)/(1 - alpha_bar_t)*x_t
        + sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s))*z

    The generator's x_0_hat is itself random, so x_s given x_t need not be Gaussian, however long the step.

    Args:
        x_t: state at t, any shape.
        x_0_hat: the generator's draw of the data, broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t; without effect at s = 0.
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], broadcasts against x_t.
        log_alpha_bar_t: log signal power at t, in [-700, 0), broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 4 ulp of abs(x_0_hat) + abs(x_t) + abs(z).

    Source:
        Xiao et al. 2022, arXiv:2112.07804v2, section 3.2, with t - 1 written s.
    """
    return ddpm_step(x_t, x_0_hat, z, log_alpha_bar_s, log_alpha_bar_t)


def denoising_posterior_variances_mixture(variances, log_alpha_bar_s, log_alpha_bar_t):
    """Variance of x_s given x_t and the component, for each component of a Gaussian mixture.

    Formula:
        (alpha_bar_s*variances + 1 - alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(alpha_bar_t*variances + 1 - alpha_bar_t)

    Args:
        variances: variance of the data's components, > 0, shape (K,).
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], a number.
        log_alpha_bar_t: log signal power at t, in [-700, 0), a number.

    Returns:
        Shape (K,), in units of x_0 squared. Error at most 4 ulp.

    Source:
        Xiao et al. 2022, arXiv:2112.07804v2, section 3.1, by Bayes' rule; no equation of the paper.
    """
    return reverse_sde_variance_gaussian(variances, log_alpha_bar_s, log_alpha_bar_t)


def denoising_posterior_means_mixture(x_t, means, variances, log_alpha_bar_s, log_alpha_bar_t):
    """Mean of x_s given x_t and the component, for each component of a Gaussian mixture.

    Formula:
        sqrt(alpha_bar_s)*means[None, :, :] + gain[None, :, None]*(x_t[:, None, :] - sqrt(alpha_bar_t)*means[None, :, :])
        where gain = sqrt(alpha_bar_t/alpha_bar_s)*(alpha_bar_s*variances + 1 - alpha_bar_s)
        /(alpha_bar_t*variances + 1 - alpha_bar_t)

    Args:
        x_t: states, shape (B, d).
        means: means of the data's components, shape (K, d).
        variances: variance of the data's components, > 0, shape (K,).
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], a number.
        log_alpha_bar_t: log signal power at t, in [-700, 0), a number.

    Returns:
        Shape (B, K, d), in units of x_0. Error at most 3 ulp of max(abs(means))
        + max(sqrt(alpha_bar_t/alpha_bar_s)*(alpha_bar_s*variances + 1 - alpha_bar_s)/(alpha_bar_t*variances + 1 - alpha_bar_t))
        *(max(abs(x_t)) + sqrt(alpha_bar_t)*max(abs(means))).

    Source:
        Xiao et al. 2022, arXiv:2112.07804v2, section 3.1, by Bayes' rule; no equation of the paper.
    """
    spread = variances[:, None]
    return reverse_sde_mean_gaussian(x_t[:, None, :], means, spread, log_alpha_bar_s, log_alpha_bar_t)


def _log_joint(x_t, weights, means, variances, log_alpha_bar_t):
    """Log of each component's weight times its density at each state, up to what all components share."""
    xp = namespace(x_t, weights, means, variances, log_alpha_bar_t)
    spread = xp.exp(log_alpha_bar_t) * variances - xp.expm1(log_alpha_bar_t)
    gaps = x_t[:, None, :] - xp.exp(log_alpha_bar_t / 2) * means
    return xp.log(weights) - (x_t.shape[1] * xp.log(spread) + xp.sum(gaps * gaps, axis=2) / spread) / 2


def denoising_posterior_weights_mixture(x_t, weights, means, variances, log_alpha_bar_t):
    """Probability of each component given x_t, for a Gaussian mixture: the weights of the true denoising law at every s.

    Formula:
        softmax(log(weights) - (len(transpose(x_t))*log(spread) + squared_distance(x_t, sqrt(alpha_bar_t)*means)/spread)/2)
        where spread = alpha_bar_t*variances + 1 - alpha_bar_t

    Args:
        x_t: states, shape (B, d).
        weights: weights of the data's components, > 0, sum 1, shape (K,).
        means: means of the data's components, shape (K, d).
        variances: variance of the data's components, > 0, shape (K,).
        log_alpha_bar_t: log signal power at t, in [-700, 0), a number.

    Returns:
        Shape (B, K), each row sums to 1. Error at most 8 ulp of value*(1 + max(abs(log(weights)))
        + len(transpose(x_t))*max(abs(log(alpha_bar_t*variances + 1 - alpha_bar_t)))
        + max(squared_distance(x_t, sqrt(alpha_bar_t)*means)/(alpha_bar_t*variances + 1 - alpha_bar_t))).

    Source:
        Xiao et al. 2022, arXiv:2112.07804v2, section 3.1, by Bayes' rule; no equation of the paper.
    """
    xp = namespace(x_t, weights, means, variances, log_alpha_bar_t)
    joint = _log_joint(x_t, weights, means, variances, log_alpha_bar_t)
    shares = xp.exp(joint - xp.max(joint, axis=1, keepdims=True))
    return shares / xp.sum(shares, axis=1)[:, None]


def _log_sum(logs):
    xp = namespace(logs)
    largest = xp.max(logs, axis=1, keepdims=True)
    return largest[:, 0] + xp.log(xp.sum(xp.exp(logs - largest), axis=1))


def denoising_posterior_log_density_mixture(x_s, x_t, weights, means, variances, log_alpha_bar_s, log_alpha_bar_t):
    """Log density of the true denoising law, x_s given x_t, for a Gaussian mixture.

    Formula:
        log(sum(weights*exp(-squared_distance(x_s, sqrt(alpha_bar_s)*means)/(2*spread_s))/(2*pi*spread_s)**(d/2)))
        - log(sum(weights*exp(-squared_distance(x_t, sqrt(alpha_bar_t)*means)/(2*spread_t))/(2*pi*spread_t)**(d/2)))
        - sum((x_t - sqrt(alpha_bar_t/alpha_bar_s)*x_s)**2)/(2*added) - d*log(2*pi*added)/2
        where spread_s = alpha_bar_s*variances + 1 - alpha_bar_s
        where spread_t = alpha_bar_t*variances + 1 - alpha_bar_t
        where added = 1 - alpha_bar_t/alpha_bar_s
        where d = len(transpose(x_t))

    The body mixes the components' Gaussian posteriors instead: the same by Bayes' rule, without a difference of two large logs.

    Args:
        x_s: states at s, shape (B, d).
        x_t: states at t, shape (B, d).
        weights: weights of the data's components, > 0, sum 1, shape (K,).
        means: means of the data's components, shape (K, d).
        variances: variance of the data's components, > 0, shape (K,).
        log_alpha_bar_s: log signal power at s, in (log_alpha_bar_t, 0], a number.
        log_alpha_bar_t: log signal power at t, in [-700, 0), a number.

    Returns:
        Shape (B,), nats. Error at most 3 ulp of 1 + abs(value) + max(abs(log(weights)))
        + max(squared_distance(x_t, sqrt(alpha_bar_t)*means)/(alpha_bar_t*variances + 1 - alpha_bar_t))
        + (max(abs(x_s)) + max(abs(x_t)) + max(abs(means)))**2*max((alpha_bar_t*variances + 1 - alpha_bar_t)
        /((alpha_bar_s*variances + 1 - alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s))).

    Source:
        Xiao et al. 2022, arXiv:2112.07804v2, section 3.1: q(x_s | x_t) is q(x_t | x_s)*q(x_s)/q(x_t).
    """
    xp = namespace(x_s, x_t, weights, means, variances, log_alpha_bar_s, log_alpha_bar_t)
    joint = _log_joint(x_t, weights, means, variances, log_alpha_bar_t)
    spread = denoising_posterior_variances_mixture(variances, log_alpha_bar_s, log_alpha_bar_t)
    gaps = x_s[:, None, :] - denoising_posterior_means_mixture(x_t, means, variances, log_alpha_bar_s, log_alpha_bar_t)
    exponents = (x_t.shape[1] * xp.log(2 * xp.pi * spread) + xp.sum(gaps * gaps, axis=2) / spread) / 2
    return _log_sum(joint - exponents) - _log_sum(joint)


def excess_kurtosis_mixture(weights, means, variances):
    """Excess kurtosis of a Gaussian mixture along each axis: how far from Gaussian it is, 0 if it is one.

    Formula:
        weights @ (gap**4 + 6*gap**2*spread + 3*spread**2)/(weights @ (gap**2 + spread))**2 - 3
        where gap = means - weights @ means
        where spread = variances[:, None]

    With the weights, means and variances of the denoising posterior at one x_t: the non-Gaussianity that a denoising GAN
    models and a Gaussian step cannot. The body has 3*variance(gap**2 + spread) - 2*mean(gap**4), which is 0 term by term for a
    Gaussian.

    Args:
        weights: weights of the components, > 0, sum 1, shape (K,).
        means: means of the components, shape (K, d).
        variances: variance of the components, > 0, shape (K,).

    Returns:
        Shape (d,), a ratio, >= -2. Error at most 8 ulp of (3 + abs(value))
        *(1 + max(abs(means))/sqrt(weights @ ((means - weights @ means)**2 + variances[:, None]))).

    Source:
        Fruhwirth-Schnatter 2006, Finite Mixture and Markov Switching Models, section 1.2.4.
    """
    gap = means - weights @ means
    power = gap * gap + variances[:, None]
    second = weights @ power
    excess = 3 * (power - second) ** 2 - 2 * gap**4
    return weights @ excess / second**2
