"""Exact denoisers from Bayes' rule."""

import numpy as np
from flint import arb

from refdiff.definitions.entries import NEAR, entrywise, guarded
from refdiff.definitions.moments import density_of_one, solve

__all__ = ["denoiser_correlated_gaussian", "denoiser_dirac", "denoiser_gaussian"]


@entrywise(NEAR)
def denoiser_gaussian(x_t, mean, variance, alpha_t, sigma_t):
    """The x_0 of the most probable pair (x_0, eps) that makes x_t: for Gaussians the mode is the mean.

    With a multiplier m: x_0 - mean = variance*alpha_t*m, eps = sigma_t*m, alpha_t*x_0 + sigma_t*eps = x_t.
    """
    system = [[1, 0, -variance * alpha_t], [0, 1, -sigma_t], [alpha_t, sigma_t, 0]]
    return solve(np.array(system, dtype=object), np.array([mean, 0, x_t], dtype=object))[0]


@guarded(NEAR)
def denoiser_correlated_gaussian(x_t, mean, covariance, alpha_t, sigma_t):
    """The law of x_0 updated one observed entry of x_t at a time: gain, mean and covariance after each."""
    found = []
    for state in x_t:
        centre, spread = mean, covariance
        for i, entry in enumerate(state):
            gain = alpha_t * spread[:, i] / (alpha_t * alpha_t * spread[i, i] + sigma_t * sigma_t)
            centre, spread = centre + gain * (entry - alpha_t * centre[i]), spread - alpha_t * np.outer(gain, spread[i])
        found.append(centre)
    return np.stack(found)


@guarded(NEAR)
def denoiser_dirac(x_t, points, alpha_t, sigma_t):
    """Average of the points under masses that Bayes' rule updates one observed entry of x_t at a time."""
    means = np.empty(x_t.shape, dtype=object)
    for b, state in enumerate(x_t):
        masses = [arb(1) / len(points)] * len(points)
        for entry, column in zip(state, points.T, strict=True):
            likelihoods = [density_of_one(entry, alpha_t * x_0, sigma_t * sigma_t) for x_0 in column]
            joint = [mass * likelihood for mass, likelihood in zip(masses, likelihoods, strict=True)]
            masses = [mass / sum(joint, arb(0)) for mass in joint]
        means[b] = np.array(masses, dtype=object) @ points
    return means
