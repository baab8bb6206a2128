"""Finite data from Bayes' rule, one observed entry at a time, and derivatives as coefficients of power series."""

import numpy as np
from flint import arb, arb_series

from refdiff.definitions.entries import NEAR, guarded
from refdiff.definitions.moments import density_of_one

__all__ = [
    "denoiser_jacobian_dirac",
    "eps_loss_floor_dirac",
    "log_density_dirac",
    "loss_floor_dirac",
    "posterior_covariance_dirac",
    "posterior_weights_dirac",
    "score_dirac",
    "score_divergence_dirac",
]


def _masses(state, points, alpha_t, sigma_t):
    """Each point's probability given the whole state, and each entry's density given the entries before it."""
    masses, densities = [arb(1) / len(points)] * len(points), []
    for entry, column in zip(state, points.T, strict=True):
        joint = [mass * density_of_one(entry, alpha_t * x_0, sigma_t * sigma_t) for mass, x_0 in zip(masses, column, strict=True)]
        densities.append(sum(joint, arb(0)))
        masses = [one / densities[-1] for one in joint]
    return np.array(masses, dtype=object), densities


def _log_density_along(state, points, alpha_t, sigma_t, axis):
    """Log density of the state moved by h along one axis, as a power series in h to its square, but for a constant."""
    size = 3
    total = arb_series([0], size)
    for x_0 in points:
        gaps = [arb_series([x - alpha_t * y] + [1] * (i == axis), size) for i, (x, y) in enumerate(zip(state, x_0, strict=True))]
        squares = sum((gap * gap for gap in gaps), arb_series([0], size))
        total = total + (-squares / (2 * sigma_t * sigma_t)).exp()
    return total.log()


def _pairs(masses, values):
    """Sum over pairs of points of both masses times the products of the differences of their values."""
    size = values.shape[1]
    total = np.full((size, size), arb(0))
    for i in range(len(values)):
        for j in range(i):
            gap = values[i] - values[j]
            total = total + masses[i] * masses[j] * np.multiply.outer(gap, gap)
    return total


@guarded(NEAR)
def posterior_weights_dirac(x_t, points, alpha_t, sigma_t):
    """Masses that Bayes' rule updates one observed entry of x_t at a time."""
    return np.stack([_masses(state, points, alpha_t, sigma_t)[0] for state in x_t])


@guarded(NEAR)
def log_density_dirac(x_t, points, alpha_t, sigma_t):
    """Chain rule: the log of each entry's density given the entries before it."""
    return np.array([sum(one.log() for one in _masses(state, points, alpha_t, sigma_t)[1]) for state in x_t], dtype=object)


@guarded(NEAR)
def score_dirac(x_t, points, alpha_t, sigma_t):
    """First coefficient of the log density along each axis."""
    axes = range(points.shape[1])
    return np.array([[_log_density_along(state, points, alpha_t, sigma_t, i)[1] for i in axes] for state in x_t], dtype=object)


@guarded(NEAR)
def posterior_covariance_dirac(x_t, points, alpha_t, sigma_t):
    """Half the mean square of the difference of two independent draws from the posterior."""
    return np.stack([_pairs(_masses(state, points, alpha_t, sigma_t)[0], points) for state in x_t])


@guarded(NEAR)
def denoiser_jacobian_dirac(x_t, points, alpha_t, sigma_t):
    """Derivative of a mean: the covariance of x_0 and of its log likelihood's gradient, over pairs of points."""
    found = []
    for state in x_t:
        masses = _masses(state, points, alpha_t, sigma_t)[0]
        slopes = [(alpha_t * x_0 - state) / (sigma_t * sigma_t) for x_0 in points]
        size = len(state)
        total = np.full((size, size), arb(0))
        for i in range(len(points)):
            for j in range(i):
                steeper = np.multiply.outer(points[i] - points[j], slopes[i] - slopes[j])
                total = total + masses[i] * masses[j] * steeper
        found.append(total)
    return np.stack(found)


@guarded(NEAR)
def loss_floor_dirac(x_t, points, alpha_t, sigma_t):
    """Half the mean squared distance of two independent draws from the posterior."""
    return np.array([np.trace(one) for one in posterior_covariance_dirac(x_t, points, alpha_t, sigma_t)], dtype=object)


@guarded(NEAR)
def eps_loss_floor_dirac(x_t, points, alpha_t, sigma_t):
    """The same of the noises that would make x_t of each point."""
    floors = []
    for state in x_t:
        noises = np.stack([(state - alpha_t * x_0) / sigma_t for x_0 in points])
        floors.append(np.trace(_pairs(_masses(state, points, alpha_t, sigma_t)[0], noises)))
    return np.array(floors, dtype=object)


@guarded(NEAR)
def score_divergence_dirac(x_t, points, alpha_t, sigma_t):
    """Second derivatives of the log density: twice the second coefficient along each axis, summed."""
    axes = range(points.shape[1])
    bends = [[_log_density_along(state, points, alpha_t, sigma_t, i)[2] for i in axes] for state in x_t]
    return np.array([2 * sum(bend) for bend in bends], dtype=object)
