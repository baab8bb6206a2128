"""Stationary data as Gaussian vectors: covariances from roots of unity, conditioning by linear algebra."""

import numpy as np
from flint import acb, arb

from refdiff.definitions.entries import NEAR, entrywise, guarded
from refdiff.definitions.moments import condition, inverse, solve
from refdiff.definitions.quadrature import natural_log

__all__ = [
    "cutoff_frequency",
    "denoiser_stationary",
    "frequency_posterior_variance",
    "frequency_snr",
    "loss_floor_stationary",
    "noised_power",
    "power_law_spectrum",
    "score_stationary",
    "stationary_covariance",
    "wiener_gain",
]


def _power(*parts):
    """Mean square of a sum of independent parts, each a scale and a variance: over all signs of their standard deviations."""
    sums = [arb(0)]
    for scale, variance in parts:
        sums = [total + sign * scale * variance.sqrt() for total in sums for sign in (1, -1)]
    return sum((total * total for total in sums), arb(0)) / len(sums)


@entrywise(NEAR)
def noised_power(power, alpha_t, sigma_t):
    """Mean square of a coefficient of signal and noise."""
    return _power((alpha_t, power), (sigma_t, arb(1)))


@entrywise(NEAR)
def frequency_snr(power, alpha_t, sigma_t):
    """Mean square of a coefficient's signal over that of its noise."""
    return _power((alpha_t, power)) / _power((sigma_t, arb(1)))


@entrywise(NEAR)
def wiener_gain(power, alpha_t, sigma_t):
    """Mean of a coefficient given that 1 is seen."""
    return condition(arb(0), arb(0), power, alpha_t * power, _power((alpha_t, power), (sigma_t, arb(1))), arb(1))[0]


@entrywise(NEAR)
def frequency_posterior_variance(power, alpha_t, sigma_t):
    """Spread of a coefficient given what is seen: the most probable pair's curvature, by its linear equations.

    With a multiplier m: c = power*(1 - alpha*m), whose weight is then what 1 - alpha*gain leaves of the power.
    """
    system = np.array([[arb(1), power * alpha_t], [-alpha_t, sigma_t * sigma_t]], dtype=object)
    return solve(system, np.array([power, arb(0)], dtype=object))[0]


def _covariance(power):
    """Means of products of samples of the signal: sums of products of waves, whose coefficients are uncorrelated."""
    size = len(power)
    waves = [[acb(0, 2 * arb.pi() * k * n / size).exp() for n in range(size)] for k in range(size)]
    rows = range(size)
    products = [
        [sum((power[k] * (waves[k][i] * waves[k][j].conjugate()).real for k in rows), arb(0)) / size for j in rows] for i in rows
    ]
    return np.array(products, dtype=object)


def _observed(covariance, alpha_t, sigma_t):
    return alpha_t * alpha_t * covariance + sigma_t * sigma_t * np.eye(len(covariance), dtype=int).astype(object)


@guarded(NEAR)
def stationary_covariance(power):
    """Means of products of waves."""
    return _covariance(power)


@guarded(NEAR)
def denoiser_stationary(x_t, mean, power, alpha_t, sigma_t):
    """Conditional mean of the Gaussian vector x_0 given the vector x_t."""
    covariance = _covariance(power)
    observed = _observed(covariance, alpha_t, sigma_t)
    return np.array([mean + alpha_t * covariance @ solve(observed, state - alpha_t * mean) for state in x_t], dtype=object)


@guarded(NEAR)
def score_stationary(x_t, mean, power, alpha_t, sigma_t):
    """Minus the precision of the Gaussian vector x_t times its distance from the mean."""
    precision = inverse(_observed(_covariance(power), alpha_t, sigma_t))
    return np.array([precision @ (alpha_t * mean - state) for state in x_t], dtype=object)


@guarded(NEAR)
def loss_floor_stationary(power, alpha_t, sigma_t):
    """Mean of the conditional variances of the vector's entries."""
    covariance = _covariance(power)
    known = alpha_t * alpha_t * covariance @ inverse(_observed(covariance, alpha_t, sigma_t)) @ covariance
    return np.trace(covariance - known) / len(power)


@entrywise(NEAR)
def power_law_spectrum(frequency, power_at_one, spectral_exponent):
    """The straight line in the logs, which are integrals of 1/u."""
    return (natural_log(power_at_one) - spectral_exponent * natural_log(frequency)).exp()


@entrywise(NEAR)
def cutoff_frequency(power_at_one, spectral_exponent, alpha_t, sigma_t):
    """Where the line of the signal's log power meets that of the noise."""
    lines = np.array([[spectral_exponent, arb(1)], [arb(0), arb(1)]], dtype=object)
    signal, noise = natural_log(power_at_one) + 2 * natural_log(alpha_t), 2 * natural_log(sigma_t)
    return solve(lines, np.array([signal, noise], dtype=object))[0].exp()
