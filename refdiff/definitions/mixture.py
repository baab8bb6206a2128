"""A Gaussian mixture from Bayes' rule, one observed entry at a time, and derivatives as coefficients of power series."""

from functools import partial

import numpy as np
from flint import arb, arb_series

from refdiff.definitions.entries import NEAR, guarded
from refdiff.definitions.moments import condition, density_of_one, unit_vectors

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


def _masses(state, weights, means, variances, alpha_t, sigma_t):
    """Each component's probability given the whole state, and each entry's density given the entries before it."""
    masses, densities = list(weights), []
    spreads = [alpha_t * alpha_t * variance + sigma_t * sigma_t for variance in variances]
    for entry, column in zip(state, means.T, strict=True):
        likelihoods = [density_of_one(entry, alpha_t * mean, spread) for mean, spread in zip(column, spreads, strict=True)]
        joint = [mass * likelihood for mass, likelihood in zip(masses, likelihoods, strict=True)]
        densities.append(sum(joint, arb(0)))
        masses = [one / densities[-1] for one in joint]
    return np.array(masses, dtype=object), densities


def _given_state(state, means, variances, alpha_t, sigma_t):
    """Mean and variance of each entry of x_0 given x_t, in each component: the joint Gaussian, conditioned."""
    found = []
    for mean, variance in zip(means, variances, strict=True):
        spread = alpha_t * alpha_t * variance + sigma_t * sigma_t
        entries = [condition(m, alpha_t * m, variance, alpha_t * variance, spread, x) for m, x in zip(mean, state, strict=True)]
        found.append(entries)
    centres = np.array([[mean for mean, _ in entries] for entries in found], dtype=object)
    return centres, np.array([entries[0][1] for entries in found], dtype=object)


def _log_density_along(state, weights, means, variances, alpha_t, sigma_t, axis):
    """Log density of the state moved by h along one axis, as a power series in h to its square, but for a constant."""
    size = 3
    total = arb_series([0], size)
    for weight, mean, variance in zip(weights, means, variances, strict=True):
        spread = alpha_t * alpha_t * variance + sigma_t * sigma_t
        gaps = [arb_series([x - alpha_t * m] + [1] * (i == axis), size) for i, (x, m) in enumerate(zip(state, mean, strict=True))]
        squares = sum((gap * gap for gap in gaps), arb_series([0], size))
        total = total + (-squares / (2 * spread)).exp() * (weight / spread.sqrt() ** len(state))
    return total.log()


def _between(masses, values, others):
    """Covariance of two functions of the component: over pairs, both masses times the products of the differences."""
    size = values.shape[1]
    total = np.full((size, size), arb(0))
    for i in range(len(values)):
        for j in range(i):
            total = total + masses[i] * masses[j] * np.multiply.outer(values[i] - values[j], others[i] - others[j])
    return total


@guarded(NEAR)
def posterior_weights_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Masses that Bayes' rule updates one observed entry of x_t at a time."""
    return np.stack([_masses(state, weights, means, variances, alpha_t, sigma_t)[0] for state in x_t])


@guarded(NEAR)
def log_density_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Chain rule: the log of each entry's density given the entries before it."""
    chains = [_masses(state, weights, means, variances, alpha_t, sigma_t)[1] for state in x_t]
    return np.array([sum(one.log() for one in chain) for chain in chains], dtype=object)


@guarded(NEAR)
def denoiser_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Average over components of the mean of x_0 in the joint Gaussian of x_0 and x_t."""
    found = []
    for state in x_t:
        masses = _masses(state, weights, means, variances, alpha_t, sigma_t)[0]
        found.append(masses @ _given_state(state, means, variances, alpha_t, sigma_t)[0])
    return np.stack(found)


@guarded(NEAR)
def score_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """First coefficient of the log density along each axis."""
    log_density = partial(_log_density_along, weights=weights, means=means, variances=variances, alpha_t=alpha_t, sigma_t=sigma_t)
    return np.array([[log_density(state, axis=i)[1] for i in range(means.shape[1])] for state in x_t], dtype=object)


@guarded(NEAR)
def posterior_covariance_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Law of total covariance: the mean of the covariances and the covariance of the means."""
    found = []
    for state in x_t:
        masses = _masses(state, weights, means, variances, alpha_t, sigma_t)[0]
        centres, spreads = _given_state(state, means, variances, alpha_t, sigma_t)
        found.append(np.stack(unit_vectors(len(state))) * (masses @ spreads) + _between(masses, centres, centres))
    return np.stack(found)


@guarded(NEAR)
def denoiser_jacobian_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Derivative of an average: the components' gains, and how the masses move with the components' slopes."""
    found = []
    for state in x_t:
        masses = _masses(state, weights, means, variances, alpha_t, sigma_t)[0]
        centres, _ = _given_state(state, means, variances, alpha_t, sigma_t)
        spreads = [alpha_t * alpha_t * variance + sigma_t * sigma_t for variance in variances]
        slopes = np.stack([(alpha_t * mean - state) / spread for mean, spread in zip(means, spreads, strict=True)])
        gain = sum(mass * alpha_t * variance / spread for mass, variance, spread in zip(masses, variances, spreads, strict=True))
        found.append(np.stack(unit_vectors(len(state))) * gain + _between(masses, centres, slopes))
    return np.stack(found)


@guarded(NEAR)
def loss_floor_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Half the mean squared distance of two independent draws from the posterior."""
    totals = posterior_covariance_mixture(x_t, weights, means, variances, alpha_t, sigma_t)
    return np.array([np.trace(total) for total in totals], dtype=object)


@guarded(NEAR)
def eps_loss_floor_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Law of total variance of the noise that makes x_t of x_0, which is (x_t - alpha_t*x_0)/sigma_t."""
    floors = []
    for state in x_t:
        masses = _masses(state, weights, means, variances, alpha_t, sigma_t)[0]
        centres, spreads = _given_state(state, means, variances, alpha_t, sigma_t)
        noises = (state - alpha_t * centres) / sigma_t
        within = alpha_t * alpha_t / (sigma_t * sigma_t) * (masses @ spreads) * len(state)
        floors.append(within + np.trace(_between(masses, noises, noises)))
    return np.array(floors, dtype=object)


@guarded(NEAR)
def score_divergence_mixture(x_t, weights, means, variances, alpha_t, sigma_t):
    """Second derivatives of the log density: twice the second coefficient along each axis, summed."""
    log_density = partial(_log_density_along, weights=weights, means=means, variances=variances, alpha_t=alpha_t, sigma_t=sigma_t)
    bends = [[log_density(state, axis=i)[2] for i in range(means.shape[1])] for state in x_t]
    return np.array([2 * sum(bend) for bend in bends], dtype=object)
