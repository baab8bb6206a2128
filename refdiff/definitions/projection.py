"""The denoiser as an approximate projection, from searches, mixture densities, Bayes' rule and steps of the bounds."""

import numpy as np
from flint import arb

from refdiff.definitions.denoiser import denoiser_dirac
from refdiff.definitions.entries import FAR, NEAR, entrywise, guarded
from refdiff.definitions.moments import density_of_one, solve
from refdiff.definitions.quadrature import natural_log

__all__ = [
    "denoiser_projection_error", "distance_descent_step", "distance_drift_max", "distance_drift_min", "distance_step_size",
    "distance_step_size_max", "distance_to_points", "gradient_estimate", "gradient_estimation_defect",
    "gradient_estimation_step", "gradient_estimation_weight", "moreau_envelope", "moreau_gap", "projection_onto_points",
    "smoothed_descent_step", "squared_distance_smoothed", "squared_distance_smoothed_floor",
    "squared_distance_smoothed_gradient",
]  # fmt: skip


def _square(state, point):
    """Squared distance by the law of cosines."""
    return state @ state - 2 * (state @ point) + point @ point


def _nearest(state, points):
    """The point no other is nearer than, and its squared distance, by going through them."""
    best, least = points[0], _square(state, points[0])
    for point in points[1:]:
        square = _square(state, point)
        if square < least:
            best, least = point, square
    return best, least


def _each(function, x_t):
    return np.array([function(state) for state in x_t], dtype=object)


@guarded(NEAR)
def distance_to_points(x_t, points):
    """Root of the least squared distance found."""
    return _each(lambda state: _nearest(state, points)[1].sqrt(), x_t)


@guarded(NEAR)
def projection_onto_points(x_t, points):
    """The point found."""
    return _each(lambda state: _nearest(state, points)[0], x_t)


def _smoothed(state, points, sigma_t):
    """From the density of data under that noise, without what it holds at distance 0 and without the points' number."""
    densities = [np.prod([density_of_one(a, b, sigma_t * sigma_t) for a, b in zip(state, p, strict=True)]) for p in points]
    at_rest = density_of_one(arb(0), arb(0), sigma_t * sigma_t) ** len(state)
    return -2 * sigma_t * sigma_t * (sum(densities, arb(0)) / at_rest).log()


@guarded(NEAR)
def squared_distance_smoothed(x_t, points, sigma_t):
    """From the log density of data under noise."""
    return _each(lambda state: _smoothed(state, points, sigma_t), x_t)


@guarded(NEAR)
def squared_distance_smoothed_gradient(x_t, points, sigma_t):
    """Twice what Bayes' rule takes for noise."""
    return 2 * (x_t - denoiser_dirac(x_t, points, arb(1), sigma_t))


@guarded(NEAR)
def squared_distance_smoothed_floor(x_t, points, sigma_t):
    """The smoothed distance of as many copies of the nearest point."""
    most = 2 * sigma_t * sigma_t * natural_log(arb(len(points)))
    return _each(lambda state: _nearest(state, points)[1] - most, x_t)


@guarded(NEAR)
def moreau_envelope(x_t, points, sigma_t):
    """Least over the points of the penalty alone: it is infinite elsewhere."""
    return _each(lambda state: _nearest(state, points)[1] / sigma_t / sigma_t / 2, x_t)


@guarded(FAR)
def moreau_gap(x_t, points, sigma_t):
    """The difference of the two, each by its own definition."""

    def gap(state):
        return (_nearest(state, points)[1] - _smoothed(state, points, sigma_t)) / (2 * sigma_t * sigma_t)

    return _each(gap, x_t)


@guarded(FAR)
def denoiser_projection_error(x_t, points, sigma_t):
    """Distance of the posterior mean by Bayes' rule from the point found, over the state's distance from that point."""
    denoised = denoiser_dirac(x_t, points, arb(1), sigma_t)

    def error(pair):
        state, mean = pair
        point, least = _nearest(state, points)
        gap = mean - point
        return ((gap @ gap) / least).sqrt()

    return np.array([error(pair) for pair in zip(x_t, denoised, strict=True)], dtype=object)


@entrywise(NEAR)
def distance_step_size(sigma_s, sigma_t):
    """What the log of the ratio takes off 1."""
    return arb(1) if sigma_s.is_zero() else -(sigma_s.log() - sigma_t.log()).expm1()


@guarded(NEAR)
def distance_descent_step(x_t, points, sigma_s, sigma_t):
    """From the state along half the squared distance's gradient, as printed."""
    return _each(lambda state: state - (1 - sigma_s / sigma_t) * (state - _nearest(state, points)[0]), x_t)


@guarded(NEAR)
def smoothed_descent_step(x_t, points, sigma_s, sigma_t):
    """Euler's step in sigma along the noise that Bayes' rule sees."""
    eps = (x_t - denoiser_dirac(x_t, points, arb(1), sigma_t)) / sigma_t
    return x_t + (sigma_s - sigma_t) * eps


def _line(first, second, x):
    """Height at x of the line through two points."""
    start, slope = solve(np.array([[1, first[0]], [1, second[0]]], dtype=object), np.array([first[1], second[1]], dtype=object))
    return start + slope * x


@entrywise(NEAR)
def gradient_estimate(eps, eps_previous, extrapolation):
    """Height at the extrapolation of the line through the last estimate at 0 and the new one at 1."""
    return _line((arb(0), eps_previous), (arb(1), eps), extrapolation)


@entrywise(NEAR)
def gradient_estimation_step(x_t, eps, eps_previous, extrapolation, sigma_s, sigma_t):
    """The state carried along that height."""
    height = _line((arb(0), eps_previous), (arb(1), eps), extrapolation)
    return _line((sigma_t, x_t), (sigma_t + 1, x_t + height), sigma_s)


def _missed(extrapolation, sigma_s, sigma_t, sigma_u):
    """Step less integral for the noise eps = sigma, whose slope is 1."""
    moved = (sigma_s - sigma_t) * _line((arb(0), sigma_u), (arb(1), sigma_t), extrapolation)
    return moved - (sigma_s * sigma_s - sigma_t * sigma_t) / 2


@entrywise(NEAR)
def gradient_estimation_weight(sigma_s, sigma_t, sigma_u):
    """Where the error on a noise linear in sigma is 0: it is linear in the extrapolation. The step's length cancels."""
    if (sigma_s - sigma_t).is_zero():
        return arb(1)
    none, one = (_missed(arb(k), sigma_s, sigma_t, sigma_u) for k in (0, 1))
    return none / (none - one)


@entrywise(NEAR)
def gradient_estimation_defect(extrapolation, sigma_s, sigma_t, sigma_u):
    """The error on a noise whose slope is 1."""
    return _missed(extrapolation, sigma_s, sigma_t, sigma_u)


def _drift(sigmas, relative_error):
    """Distance over noise scale at the run's end, each step's error adding that share of the distance."""
    distance = sigmas[0]
    for k in range(len(sigmas) - 1):
        step = 1 - sigmas[k + 1] / sigmas[k]
        distance = (1 - step) * distance + step * relative_error * distance
    return distance / sigmas[-1]


@guarded(NEAR)
def distance_drift_max(sigmas, relative_error):
    """The errors all away from the points."""
    return _drift(sigmas, relative_error)


@guarded(NEAR)
def distance_drift_min(sigmas, relative_error):
    """The errors all towards them."""
    return _drift(sigmas, -relative_error)


@entrywise(NEAR)
def distance_step_size_max(relative_error, distance_ratio, n):
    """Share of a step at which n errors towards the points together make 1/distance_ratio, by the n-th root."""
    rate = (1 - 1 / distance_ratio.root(int(n.unique_fmpz()))) / relative_error
    return rate / (1 + rate)
