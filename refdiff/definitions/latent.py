"""Diffusion in a latent space: affine maps through two points, and expectations over the encoder's latent."""

import numpy as np
from flint import arb

from refdiff.definitions.elbo import variational_bound_linear
from refdiff.definitions.entries import NEAR, entrywise, guarded
from refdiff.definitions.moments import density_of_one, expectation, unit_vectors
from refdiff.definitions.quadrature import natural_log
from refdiff.numbers.balls import ball

__all__ = [
    "encoder_entropy",
    "latent_bound",
    "latent_bound_diffusion",
    "latent_cross_entropy",
    "latent_reconstruction",
    "latent_scaling_log_determinant",
    "scaled_latent",
    "unscaled_latent",
]


def _preimage(affine, value):
    """Where an affine map takes this value, from its values at 0 and 1."""
    at_0, at_1 = affine(arb(0)), affine(arb(1))
    return (value - at_0) / (at_1 - at_0)


@entrywise(NEAR)
def scaled_latent(latent, latent_shift, latent_scale):
    """The scaled latent that the decoder's side maps to this latent."""
    return _preimage(lambda scaled: scaled / latent_scale + latent_shift, latent)


@entrywise(NEAR)
def unscaled_latent(scaled, latent_shift, latent_scale):
    """The latent that the encoder's side maps to this scaled one."""
    return _preimage(lambda latent: (latent - latent_shift) * latent_scale, scaled)


@guarded(NEAR)
def latent_scaling_log_determinant(latent_scale, dimensions):
    """Log of the growth of a unit cube's volume, one edge after the other; the log by quadrature."""
    return natural_log(ball(latent_scale)) * dimensions


def _gaussian(mean, variance):
    """Mean and covariance of independent entries."""
    return mean, np.array(unit_vectors(len(mean)), dtype=object) * variance


def _log_density(x, mean, variance):
    """Log density of independent entries, the product of theirs."""
    return np.sum([density_of_one(*entry).log() for entry in zip(x, mean, variance, strict=True)])


def _expectations(function, *samples):
    """The function's values at each sample, as an array."""
    return np.array([function(*sample) for sample in zip(*samples, strict=True)], dtype=object)


@guarded(NEAR)
def encoder_entropy(variance):
    """Mean of -log q over the encoder's own sigma points."""

    def one(spread):
        law = 0 * spread, spread
        return -expectation(lambda z: _log_density(z, *law), *_gaussian(*law))

    return _expectations(one, variance.reshape(len(variance), -1))


@guarded(NEAR)
def latent_cross_entropy(mean_1, variance_1, mean_2, variance_2):
    """Mean of -log of the prior's density over the encoder's sigma points."""
    priors = np.broadcast_arrays(mean_1, mean_2)[1], np.broadcast_arrays(mean_1, variance_2)[1]

    def one(mean, variance, centre, spread):
        return -expectation(lambda z: _log_density(z, centre, spread), *_gaussian(mean, variance))

    return _expectations(one, mean_1, variance_1, *priors)


def _decoded(matrix, offset, decoder_variance):
    """Log likelihood of the data given a latent."""
    spread = np.full(len(offset), decoder_variance)
    return lambda x, z: _log_density(x, matrix @ z + offset, spread)


@guarded(NEAR)
def latent_reconstruction(x_0, mean, variance, matrix, offset, decoder_variance):
    """Mean of the decoder's log density over the encoder's sigma points."""
    decoded = _decoded(matrix, offset, decoder_variance)

    def one(x, centre, spread):
        return expectation(lambda z: decoded(x, z), *_gaussian(centre, spread))

    return _expectations(one, x_0, mean, variance)


@guarded(NEAR)
def latent_bound(x_0, mean, variance, matrix, offset, decoder_variance):
    """Mean of log p(x_0, latent) - log q(latent) over the encoder's sigma points."""
    decoded = _decoded(matrix, offset, decoder_variance)

    def one(x, centre, spread):
        def log_ratio(z):
            return decoded(x, z) + _log_density(z, 0 * z, 0 * z + 1) - _log_density(z, centre, spread)

        return expectation(log_ratio, *_gaussian(centre, spread))

    return _expectations(one, x_0, mean, variance)


@guarded(NEAR)
def latent_bound_diffusion(x_0, mean, variance, matrix, offset, decoder_variance, slopes, intercepts, latent_variance, betas):
    """Mean of log p(x_0 | latent) - log q(latent) less the diffusion model's bound, over the encoder's sigma points."""
    decoded = _decoded(matrix, offset, decoder_variance)

    def one(x, centre, spread):
        def log_ratio(z):
            bound = variational_bound_linear(z[None, :], slopes, intercepts, latent_variance, betas)[0]
            return decoded(x, z) - bound - _log_density(z, centre, spread)

        return expectation(log_ratio, *_gaussian(centre, spread))

    return _expectations(one, x_0, mean, variance)
