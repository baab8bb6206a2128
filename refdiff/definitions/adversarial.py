"""Denoising with a GAN from Bayes' rule, entropies and cumulants."""

import numpy as np
from flint import arb, arb_series

from refdiff.definitions.entries import FAR, NEAR, entrywise, guarded
from refdiff.definitions.moments import density_of_one
from refdiff.definitions.walk import conditioned, walk

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


@entrywise(FAR)
def optimal_discriminator(log_density_real, log_density_fake):
    """Bayes' rule for a point drawn from either law with even chances."""
    real, fake = log_density_real.exp(), log_density_fake.exp()
    return real / 2 / ((real + fake) / 2)


def _entropy(probabilities):
    """Mean of minus the log; what has no probability counts for nothing."""
    return -sum((p * p.log() for p in probabilities if not p.is_zero()), arb(0))


@guarded(NEAR)
def jensen_shannon(probabilities_1, probabilities_2):
    """Entropy of the even mixture less the mean of the entropies."""
    mixture = (probabilities_1 + probabilities_2) / 2
    return _entropy(mixture) - (_entropy(probabilities_1) + _entropy(probabilities_2)) / 2


@guarded(NEAR)
def gan_value_at_optimum(probabilities_1, probabilities_2):
    """The game's value, point by point, with each point's best answer."""
    value = arb(0)
    for real, fake in zip(probabilities_1, probabilities_2, strict=True):
        best = real / (real + fake)
        value = value + (real * best.log() if real > 0 else 0) + (fake * (1 - best).log() if fake > 0 else 0)
    return value


def _log_of_failure(logit):
    """Minus the log of the chance that a fair game of these log odds is lost."""
    won, lost = (logit / 2).exp(), (-logit / 2).exp()
    return -(lost / (won + lost)).log()


@entrywise(FAR)
def discriminator_loss(logit_real, logit_fake):
    """Surprise at calling data generated, and generated points data, by the odds of both."""
    return _log_of_failure(-logit_real) + _log_of_failure(logit_fake)


@entrywise(FAR)
def generator_loss_nonsaturating(logit_fake):
    """Surprise when the generated point is taken for data."""
    return _log_of_failure(-logit_fake)


@entrywise(FAR)
def ddgan_step(x_t, x_0_hat, z, log_alpha_bar_s, log_alpha_bar_t):
    """The point z standard deviations from the mean of x_s given x_t, when the walk starts at the generator's x_0."""
    mean, variance = conditioned(x_0_hat, 0, x_t, log_alpha_bar_s, log_alpha_bar_t)
    return mean + variance.sqrt() * z


@entrywise(FAR)
def denoising_posterior_variances_mixture(variances, log_alpha_bar_s, log_alpha_bar_t):
    """Variance of x_s given x_t when the walk starts from one component."""
    return conditioned(0, variances, 0, log_alpha_bar_s, log_alpha_bar_t)[1]


@entrywise(FAR)
def _mean(x_t, mean, variance, log_alpha_bar_s, log_alpha_bar_t):
    return conditioned(mean, variance, x_t, log_alpha_bar_s, log_alpha_bar_t)[0]


def denoising_posterior_means_mixture(x_t, means, variances, log_alpha_bar_s, log_alpha_bar_t):
    """Mean of x_s given x_t, entry by entry, when the walk starts from one component."""
    return _mean(x_t[:, None, :], means[None, :, :], variances[None, :, None], log_alpha_bar_s, log_alpha_bar_t)


def _updated(masses, state, laws):
    """Masses of the components after one look at each entry of a state; a law is a mean and a variance at each entry."""
    for j, entry in enumerate(state):
        joint = [mass * density_of_one(entry, *law[j]) for mass, law in zip(masses, laws, strict=True)]
        masses = [mass / sum(joint, arb(0)) for mass in joint]
    return masses


def _walked(means, variances, log_alpha_bar_t):
    return [
        [walk(entry, variance, 0, log_alpha_bar_t) for entry in mean] for mean, variance in zip(means, variances, strict=True)
    ]


@guarded(FAR)
def denoising_posterior_weights_mixture(x_t, weights, means, variances, log_alpha_bar_t):
    """Masses that Bayes' rule updates one observed entry of x_t at a time, each component walked to t."""
    laws = _walked(means, variances, log_alpha_bar_t)
    return np.array([_updated(list(weights), state, laws) for state in x_t], dtype=object)


@guarded(FAR)
def denoising_posterior_log_density_mixture(x_s, x_t, weights, means, variances, log_alpha_bar_s, log_alpha_bar_t):
    """Chain rule over the entries of x_s: each one's density under the masses that x_t and the entries before it leave."""
    laws, logs = _walked(means, variances, log_alpha_bar_t), []
    for earlier, state in zip(x_s, x_t, strict=True):
        masses, log_density = _updated(list(weights), state, laws), arb(0)
        pairs = list(zip(means, variances, strict=True))
        for j, entry in enumerate(earlier):
            given = [conditioned(mean[j], spread, state[j], log_alpha_bar_s, log_alpha_bar_t) for mean, spread in pairs]
            joint = [mass * density_of_one(entry, *law) for mass, law in zip(masses, given, strict=True)]
            log_density = log_density + sum(joint, arb(0)).log()
            masses = [mass / sum(joint, arb(0)) for mass in joint]
        logs.append(log_density)
    return np.array(logs, dtype=object)


@guarded(NEAR)
def excess_kurtosis_mixture(weights, means, variances):
    """Fourth cumulant over the square of the second, from the log of the moments' generating series."""
    found = []
    for column in means.T:
        total = arb_series([0])
        for weight, mean, variance in zip(weights, column, variances, strict=True):
            total = total + arb_series([0, mean, variance / 2]).exp() * weight
        logs = (total / total[0]).log()
        found.append(24 * logs[4] / (2 * logs[2]) / (2 * logs[2]))
    return np.array(found, dtype=object)
