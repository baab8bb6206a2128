"""Variational autoencoders from their definitions: expectations of logs of densities, and Bayes' rule by completed squares."""

import numpy as np
from flint import arb

from refdiff.definitions.entries import NEAR, entrywise, guarded
from refdiff.definitions.moments import (
    density,
    density_of_one,
    expectation,
    inverse,
    kl_of_one,
    quadratic,
    sigma_points,
    solve,
    unit_vectors,
)

__all__ = [
    "bernoulli_reconstruction_nll",
    "beta_vae_loss",
    "gaussian_reconstruction_nll",
    "linear_vae_elbo",
    "linear_vae_gap",
    "linear_vae_log_evidence",
    "reparameterised_sample",
    "vae_kl",
    "vae_kl_elementwise",
]

# exp(-700) beside 1, and squares of differences of 1e-12, twice over.
_STEEP = 2600


def _sums(entries):
    return np.array([np.sum(sample) for sample in entries], dtype=object)


@entrywise(NEAR)
def reparameterised_sample(mean, log_variance, eps):
    """The affine map that takes 1 and -1, the unit Gaussian's sigma points, to those of the encoder's law, at eps."""
    above, below = sigma_points(np.array([mean]), np.array([[log_variance.exp()]]))
    return (above[0] + below[0]) / 2 + eps * (above[0] - below[0]) / 2


def _kl(mean, log_variance):
    if mean.is_zero() and log_variance.is_zero():
        return arb(0)
    return kl_of_one(mean, log_variance.exp(), arb(0), arb(1))


@entrywise(_STEEP)
def vae_kl_elementwise(mean, log_variance):
    """Expectation under the encoder of the log of the ratio of its density and the prior's."""
    return _kl(mean, log_variance)


@guarded(_STEEP)
def vae_kl(mean, log_variance):
    """Sum over entries of the expectation under the encoder of the log of the densities' ratio."""
    return _sums(np.frompyfunc(_kl, 2, 1)(mean, log_variance))


@guarded(NEAR)
def gaussian_reconstruction_nll(x_0, mean, log_variance):
    """Minus the log of the product of the entries' densities."""
    densities = np.frompyfunc(lambda x, centre, power: density_of_one(x, centre, power.exp()), 3, 1)(x_0, mean, log_variance)
    return np.array([-np.prod(sample).log() for sample in densities], dtype=object)


def _cross_entropy(x_0, logits):
    """Minus the log of the geometric mean of the two outcomes' probabilities, whose masses are exp(logits) and 1."""
    mass = logits.exp()
    one, zero = mass / (mass + 1), 1 / (mass + 1)
    return -(one**x_0 * zero ** (1 - x_0)).log()


@guarded(_STEEP)
def bernoulli_reconstruction_nll(x_0, logits):
    """Sum over entries of minus the mean log probability of an outcome that is 1 as often as x_0 says."""
    return _sums(np.frompyfunc(_cross_entropy, 2, 1)(x_0, logits))


@entrywise(NEAR)
def beta_vae_loss(reconstruction_nll, kl, kl_weight):
    """The negative evidence lower bound, and what the KL term counts beyond it."""
    return (reconstruction_nll + kl) + (kl_weight - 1) * kl


def _log_joint(x_0, matrix, offset, noise_variance):
    """Log density of the pair (x_0, latent) as a function of the latent."""

    def log_joint(latent):
        seen = [density_of_one(x, m, noise_variance) for x, m in zip(x_0, matrix @ latent + offset, strict=True)]
        return np.prod([density_of_one(entry, 0, arb(1)) for entry in latent] + seen).log()

    return log_joint


def _posterior(log_joint, size):
    """Mean and covariance of the latent given x_0: the joint's stationary point and inverse curvature."""
    slope, curvature = quadratic(log_joint, size)
    return solve(-curvature, slope), inverse(-curvature)


def _encoder(mean, log_variance):
    """Log density of the encoder, and the average of a quadratic function under it."""
    spread = np.array([power.exp() for power in log_variance], dtype=object)
    covariance = np.array(unit_vectors(len(mean)), dtype=object) * spread

    def log_encoder(latent):
        return np.prod([density_of_one(*entry) for entry in zip(latent, mean, spread, strict=True)]).log()

    return log_encoder, lambda function: expectation(function, mean, covariance)


@guarded(NEAR)
def linear_vae_elbo(x_0, mean, log_variance, matrix, offset, noise_variance):
    """Expectation under the encoder of the log of the joint density over the encoder's."""

    def bound(x, centre, power):
        log_joint = _log_joint(x, matrix, offset, noise_variance)
        log_encoder, average = _encoder(centre, power)
        return average(lambda latent: log_joint(latent) - log_encoder(latent))

    return np.array([bound(*sample) for sample in zip(x_0, mean, log_variance, strict=True)], dtype=object)


@guarded(NEAR)
def linear_vae_log_evidence(x_0, matrix, offset, noise_variance):
    """Log of the joint density over the posterior's, both at latent 0: Bayes' rule read backwards."""

    def evidence(x):
        log_joint, origin = _log_joint(x, matrix, offset, noise_variance), np.full(matrix.shape[1], arb(0))
        return log_joint(origin) - density(origin, *_posterior(log_joint, len(origin))).log()

    return np.array([evidence(sample) for sample in x_0], dtype=object)


@guarded(NEAR)
def linear_vae_gap(x_0, mean, log_variance, matrix, offset, noise_variance):
    """Expectation under the encoder of the log of its density over the posterior's."""

    def gap(x, centre, power):
        posterior = _posterior(_log_joint(x, matrix, offset, noise_variance), len(centre))
        log_encoder, average = _encoder(centre, power)
        return average(lambda latent: log_encoder(latent) - density(latent, *posterior).log())

    return np.array([gap(*sample) for sample in zip(x_0, mean, log_variance, strict=True)], dtype=object)
