"""Wrong bodies of denoising with a GAN."""

from refdiff.numbers import namespace
from refdiff.reference.posterior import posterior_mean, posterior_variance

__all__ = [
    "ddgan_step__fresh_marginal",
    "ddgan_step__no_noise",
    "ddgan_step__variance_for_scale",
    "denoising_posterior_log_density_mixture__marginal",
    "denoising_posterior_log_density_mixture__prior_weights",
    "denoising_posterior_means_mixture__of_points",
    "denoising_posterior_means_mixture__step_scale_forgotten",
    "denoising_posterior_variances_mixture__of_a_point",
    "denoising_posterior_variances_mixture__of_the_marginal",
    "denoising_posterior_weights_mixture__distances_alone",
    "denoising_posterior_weights_mixture__means_not_scaled",
    "denoising_posterior_weights_mixture__prior",
    "discriminator_loss__halved",
    "discriminator_loss__labels_swapped",
    "discriminator_loss__of_the_data_alone",
    "excess_kurtosis_mixture__cross_term_not_sixfold",
    "excess_kurtosis_mixture__mean_of_the_components",
    "excess_kurtosis_mixture__three_not_taken_away",
    "gan_value_at_optimum__divergence_alone",
    "gan_value_at_optimum__log_2",
    "gan_value_at_optimum__not_doubled",
    "generator_loss_nonsaturating__saturating",
    "generator_loss_nonsaturating__sign",
    "jensen_shannon__bits",
    "jensen_shannon__distance",
    "jensen_shannon__not_halved",
    "jensen_shannon__one_sided",
    "optimal_discriminator__logit",
    "optimal_discriminator__of_the_generator",
    "optimal_discriminator__ratio",
]


def _weighed_logs(x_t, weights, means, spread, scale):
    """Log of each component's weight times its density at scale*means with this spread."""
    xp = namespace(x_t, weights, means, spread, scale)
    gaps = x_t[:, None, :] - scale * means
    return xp.log(weights) - (x_t.shape[1] * xp.log(2 * xp.pi * spread) + xp.sum(gaps * gaps, axis=2) / spread) / 2


def _softmax(logs):
    xp = namespace(logs)
    shares = xp.exp(logs - xp.max(logs, axis=1, keepdims=True))
    return shares / xp.sum(shares, axis=1)[:, None]


def _log_sum(logs):
    xp = namespace(logs)
    largest = xp.max(logs, axis=1, keepdims=True)
    return largest[:, 0] + xp.log(xp.sum(xp.exp(logs - largest), axis=1))


def _divergence(probabilities_1, probabilities_2):
    """KL divergence; what the first does not hold counts for nothing."""
    xp = namespace(probabilities_1, probabilities_2)
    return xp.sum(probabilities_1 * xp.log(xp.where(probabilities_1 == 0, 1, probabilities_1 / probabilities_2)))


def optimal_discriminator__ratio(log_density_real, log_density_fake):
    """The ratio of the densities, which is the odds.

    Fix: exp(log_density_real)/(exp(log_density_real) + exp(log_density_fake)), Goodfellow et al. 2014, Eq. (2)
    Seen in: plausible
    """
    return namespace(log_density_real, log_density_fake).exp(log_density_real - log_density_fake)


def optimal_discriminator__of_the_generator(log_density_real, log_density_fake):
    """The probability that the point is generated.

    Fix: exp(log_density_real)/(exp(log_density_real) + exp(log_density_fake)), Goodfellow et al. 2014, Eq. (2)
    Seen in: plausible
    """
    return namespace(log_density_real, log_density_fake).sigmoid(log_density_fake - log_density_real)


def optimal_discriminator__logit(log_density_real, log_density_fake):
    """The logit in place of the probability.

    Fix: exp(log_density_real)/(exp(log_density_real) + exp(log_density_fake)), Goodfellow et al. 2014, Eq. (2)
    Seen in: plausible
    """
    return log_density_real - log_density_fake


def jensen_shannon__not_halved(probabilities_1, probabilities_2):
    """The sum of both divergences in place of their mean.

    Fix: the mean of both KL divergences from (probabilities_1 + probabilities_2)/2, Goodfellow et al. 2014, Eq. (6)
    Seen in: plausible
    """
    mixture = (probabilities_1 + probabilities_2) / 2
    return _divergence(probabilities_1, mixture) + _divergence(probabilities_2, mixture)


def jensen_shannon__one_sided(probabilities_1, probabilities_2):
    """The first divergence alone.

    Fix: the mean of both KL divergences from (probabilities_1 + probabilities_2)/2, Goodfellow et al. 2014, Eq. (6)
    Seen in: plausible
    """
    return _divergence(probabilities_1, (probabilities_1 + probabilities_2) / 2)


def jensen_shannon__distance(probabilities_1, probabilities_2):
    """The root of it: the Jensen-Shannon distance, as SciPy's function of that name gives.

    Fix: the mean of both KL divergences from (probabilities_1 + probabilities_2)/2, Goodfellow et al. 2014, Eq. (6)
    Seen in: plausible
    """
    xp = namespace(probabilities_1, probabilities_2)
    mixture = (probabilities_1 + probabilities_2) / 2
    return xp.sqrt((_divergence(probabilities_1, mixture) + _divergence(probabilities_2, mixture)) / 2)


def jensen_shannon__bits(probabilities_1, probabilities_2):
    """Bits in place of nats.

    Fix: the mean of both KL divergences from (probabilities_1 + probabilities_2)/2, Goodfellow et al. 2014, Eq. (6)
    Seen in: plausible
    """
    xp = namespace(probabilities_1, probabilities_2)
    mixture = (probabilities_1 + probabilities_2) / 2
    both = _divergence(probabilities_1, mixture) + _divergence(probabilities_2, mixture)
    return both / 2 / xp.log(2 + 0 * probabilities_1[0])


def gan_value_at_optimum__divergence_alone(probabilities_1, probabilities_2):
    """2*JSD without the -log(4).

    Fix: 2*JSD - log(4), Goodfellow et al. 2014, Theorem 1
    Seen in: plausible
    """
    mixture = (probabilities_1 + probabilities_2) / 2
    return _divergence(probabilities_1, mixture) + _divergence(probabilities_2, mixture)


def gan_value_at_optimum__not_doubled(probabilities_1, probabilities_2):
    """JSD in place of twice it.

    Fix: 2*JSD - log(4), Goodfellow et al. 2014, Theorem 1
    Seen in: plausible
    """
    xp = namespace(probabilities_1, probabilities_2)
    mixture = (probabilities_1 + probabilities_2) / 2
    both = _divergence(probabilities_1, mixture) + _divergence(probabilities_2, mixture)
    return both / 2 - xp.log(4 + 0 * probabilities_1[0])


def gan_value_at_optimum__log_2(probabilities_1, probabilities_2):
    """-log(2) in place of -log(4).

    Fix: 2*JSD - log(4), Goodfellow et al. 2014, Theorem 1
    Seen in: plausible
    """
    xp = namespace(probabilities_1, probabilities_2)
    mixture = (probabilities_1 + probabilities_2) / 2
    both = _divergence(probabilities_1, mixture) + _divergence(probabilities_2, mixture)
    return both - xp.log(2 + 0 * probabilities_1[0])


def discriminator_loss__labels_swapped(logit_real, logit_fake):
    """Data called generated and generated points data.

    Fix: log(1 + exp(-logit_real)) + log(1 + exp(logit_fake)), Goodfellow et al. 2014, Eq. (1)
    Seen in: plausible
    """
    xp = namespace(logit_real, logit_fake)
    return -xp.log(xp.sigmoid(-logit_real)) - xp.log(xp.sigmoid(logit_fake))


def discriminator_loss__halved(logit_real, logit_fake):
    """The mean of both terms in place of their sum.

    Fix: log(1 + exp(-logit_real)) + log(1 + exp(logit_fake)), Goodfellow et al. 2014, Eq. (1)
    Seen in: plausible
    """
    xp = namespace(logit_real, logit_fake)
    return -(xp.log(xp.sigmoid(logit_real)) + xp.log(xp.sigmoid(-logit_fake))) / 2


def discriminator_loss__of_the_data_alone(logit_real):
    """The generated point left out.

    Fix: log(1 + exp(-logit_real)) + log(1 + exp(logit_fake)), Goodfellow et al. 2014, Eq. (1)
    Seen in: plausible
    """
    xp = namespace(logit_real)
    return -xp.log(xp.sigmoid(logit_real))


def generator_loss_nonsaturating__saturating(logit_fake):
    """log(1 - D), whose gradient dies where the discriminator is sure.

    Fix: log(1 + exp(-logit_fake)), Goodfellow et al. 2014, section 3
    Seen in: plausible
    """
    xp = namespace(logit_fake)
    return xp.log(xp.sigmoid(-logit_fake))


def generator_loss_nonsaturating__sign(logit_fake):
    """The discriminator's own term: the generator learns to be found out.

    Fix: log(1 + exp(-logit_fake)), Goodfellow et al. 2014, section 3
    Seen in: plausible
    """
    xp = namespace(logit_fake)
    return -xp.log(xp.sigmoid(logit_fake)) + logit_fake


def ddgan_step__variance_for_scale(x_t, x_0_hat, z, log_alpha_bar_s, log_alpha_bar_t):
    """The posterior variance for its root.

    Fix: the forward posterior's mean at x_0_hat, plus its standard deviation times z,
    Xiao et al. 2022, section 3.2
    Seen in: plausible
    """
    mean = posterior_mean(x_0_hat, x_t, log_alpha_bar_s, log_alpha_bar_t)
    return mean + posterior_variance(log_alpha_bar_s, log_alpha_bar_t) * z


def ddgan_step__no_noise(x_t, x_0_hat, log_alpha_bar_s, log_alpha_bar_t):
    """The posterior's mean alone.

    Fix: the forward posterior's mean at x_0_hat, plus its standard deviation times z,
    Xiao et al. 2022, section 3.2
    Seen in: plausible
    """
    return posterior_mean(x_0_hat, x_t, log_alpha_bar_s, log_alpha_bar_t)


def ddgan_step__fresh_marginal(x_0_hat, z, alpha_bar_s):
    """x_0_hat noised anew, with no regard to x_t.

    Fix: the forward posterior's mean at x_0_hat, plus its standard deviation times z,
    Xiao et al. 2022, section 3.2
    Seen in: plausible
    """
    xp = namespace(x_0_hat, z, alpha_bar_s)
    return xp.sqrt(alpha_bar_s) * x_0_hat + xp.sqrt(1 - alpha_bar_s) * z


def denoising_posterior_variances_mixture__of_a_point(variances, log_alpha_bar_s, log_alpha_bar_t):
    """The posterior given x_0, the same for all components.

    Fix: (alpha_bar_s*variances + 1 - alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)
    /(alpha_bar_t*variances + 1 - alpha_bar_t), Xiao et al. 2022, section 3.1
    Seen in: plausible
    """
    return posterior_variance(log_alpha_bar_s, log_alpha_bar_t) + 0 * variances


def denoising_posterior_variances_mixture__of_the_marginal(variances, alpha_bar_s):
    """The variance of x_s, before anything is seen.

    Fix: (alpha_bar_s*variances + 1 - alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)
    /(alpha_bar_t*variances + 1 - alpha_bar_t), Xiao et al. 2022, section 3.1
    Seen in: plausible
    """
    return alpha_bar_s * variances + 1 - alpha_bar_s


def denoising_posterior_means_mixture__of_points(x_t, means, log_alpha_bar_s, log_alpha_bar_t):
    """The posterior at each component's mean, as if it were a point.

    Fix: sqrt(alpha_bar_s)*means + gain*(x_t - sqrt(alpha_bar_t)*means) by Bayes' rule, Xiao et al. 2022, section 3.1
    Seen in: plausible
    """
    return posterior_mean(means[None, :, :], x_t[:, None, :], log_alpha_bar_s, log_alpha_bar_t)


def denoising_posterior_means_mixture__step_scale_forgotten(x_t, means, variances, alpha_bar_s, alpha_bar_t):
    """The ratio of the variances without the scale of the forward step.

    Fix: sqrt(alpha_bar_s)*means + gain*(x_t - sqrt(alpha_bar_t)*means) by Bayes' rule, Xiao et al. 2022, section 3.1
    Seen in: plausible
    """
    xp = namespace(x_t, means, variances, alpha_bar_s, alpha_bar_t)
    ratio = (alpha_bar_s * variances + 1 - alpha_bar_s) / (alpha_bar_t * variances + 1 - alpha_bar_t)
    gaps = x_t[:, None, :] - xp.sqrt(alpha_bar_t) * means[None, :, :]
    return xp.sqrt(alpha_bar_s) * means[None, :, :] + ratio[None, :, None] * gaps


def denoising_posterior_weights_mixture__prior(x_t, weights):
    """The weights of the data, whatever is seen.

    Fix: weights times the components' densities of x_t, normalised, Xiao et al. 2022, section 3.1
    Seen in: plausible
    """
    return weights + 0 * x_t[:, :1]


def denoising_posterior_weights_mixture__distances_alone(x_t, weights, means, variances, alpha_bar_t):
    """The densities' normalisers left out: wide components are favoured.

    Fix: weights times the components' densities of x_t, normalised, Xiao et al. 2022, section 3.1
    Seen in: plausible
    """
    xp = namespace(x_t, weights, means, variances, alpha_bar_t)
    spread = alpha_bar_t * variances + 1 - alpha_bar_t
    gaps = x_t[:, None, :] - xp.sqrt(alpha_bar_t) * means
    return _softmax(xp.log(weights) - xp.sum(gaps * gaps, axis=2) / spread / 2)


def denoising_posterior_weights_mixture__means_not_scaled(x_t, weights, means, variances, alpha_bar_t):
    """Distances to the means of the data in place of those of x_t.

    Fix: weights times the components' densities of x_t, normalised, Xiao et al. 2022, section 3.1
    Seen in: plausible
    """
    return _softmax(_weighed_logs(x_t, weights, means, alpha_bar_t * variances + 1 - alpha_bar_t, 1))


def denoising_posterior_log_density_mixture__prior_weights(x_s, x_t, weights, means, variances, alpha_bar_s, alpha_bar_t):
    """The product q(x_s)*q(x_t | x_s), not divided by q(x_t).

    Fix: log q(x_s) + log q(x_t | x_s) - log q(x_t), Xiao et al. 2022, section 3.1
    Seen in: plausible
    """
    xp = namespace(x_s, x_t, weights, means, variances, alpha_bar_s, alpha_bar_t)
    added = 1 - alpha_bar_t / alpha_bar_s
    early = _weighed_logs(x_s, weights, means, alpha_bar_s * variances + 1 - alpha_bar_s, xp.sqrt(alpha_bar_s))
    squares = xp.sum((x_t - xp.sqrt(alpha_bar_t / alpha_bar_s) * x_s) ** 2, axis=1)
    return _log_sum(early) - squares / (2 * added) - x_t.shape[1] * xp.log(2 * xp.pi * added) / 2


def denoising_posterior_log_density_mixture__marginal(x_s, weights, means, variances, alpha_bar_s):
    """The law of x_s before x_t is seen.

    Fix: log q(x_s) + log q(x_t | x_s) - log q(x_t), Xiao et al. 2022, section 3.1
    Seen in: plausible
    """
    xp = namespace(x_s, weights, means, variances, alpha_bar_s)
    return _log_sum(_weighed_logs(x_s, weights, means, alpha_bar_s * variances + 1 - alpha_bar_s, xp.sqrt(alpha_bar_s)))


def excess_kurtosis_mixture__three_not_taken_away(weights, means, variances):
    """The kurtosis itself, 3 for a Gaussian.

    Fix: weights @ (gap**4 + 6*gap**2*variance + 3*variance**2)
    /(weights @ (gap**2 + variance))**2 - 3, Fruhwirth-Schnatter 2006, section 1.2.4
    Seen in: plausible
    """
    gap = means - weights @ means
    spread = variances[:, None]
    return weights @ (gap**4 + 6 * gap**2 * spread + 3 * spread**2) / (weights @ (gap**2 + spread)) ** 2


def excess_kurtosis_mixture__mean_of_the_components(weights, means, variances):
    """The spread of the means alone, each component a point.

    Fix: weights @ (gap**4 + 6*gap**2*variance + 3*variance**2)
    /(weights @ (gap**2 + variance))**2 - 3, Fruhwirth-Schnatter 2006, section 1.2.4
    Seen in: plausible
    """
    gap = means - weights @ means
    return weights @ gap**4 / (weights @ (gap**2 + variances[:, None])) ** 2 - 3


def excess_kurtosis_mixture__cross_term_not_sixfold(weights, means, variances):
    """gap**2*variance taken three times in place of six.

    Fix: weights @ (gap**4 + 6*gap**2*variance + 3*variance**2)
    /(weights @ (gap**2 + variance))**2 - 3, Fruhwirth-Schnatter 2006, section 1.2.4
    Seen in: plausible
    """
    gap = means - weights @ means
    spread = variances[:, None]
    return weights @ (gap**4 + 3 * gap**2 * spread + 3 * spread**2) / (weights @ (gap**2 + spread)) ** 2 - 3
