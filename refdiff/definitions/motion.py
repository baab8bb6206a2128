"""What moves: derivatives by power series, straight lines, odds, posterior masses, best pairings."""

import numpy as np
from flint import acb, arb, arb_series

from refdiff.definitions.entries import NEAR, guarded
from refdiff.definitions.moments import condition, density_of_one, solve
from refdiff.definitions.walk import walk
from refdiff.numbers.balls import ball

__all__ = [
    "best_pairing", "component_velocities", "gaussian_velocity", "integral", "line", "moving", "point_velocities",
    "posterior_masses", "rate", "share", "stacked_pairs", "velocity_variance", "vp_scales",
]  # fmt: skip


def moving(value, rate):
    """A quantity and its first derivative, as a power series."""
    return arb_series([ball(value), ball(rate)], prec=2)


def rate(function, at):
    """First derivative of a function of power series."""
    return function(moving(at, 1))[1]


def integral(function, start, end):
    """Integral of an analytic function, enclosed by Arb's rigorous quadrature."""
    return acb.integral(lambda x, _: function(x), start, end, abs_tol=arb(2) ** -(10**6)).real


def line(start, end, at):
    """Value at `at` of the straight line from `start` at 0 to `end` at 1."""
    level, slope = solve(np.array([[1, 0], [1, 1]], dtype=object), np.array([start, end], dtype=object))
    return level + slope * at


def share(first, second):
    """The part of 1 that is to the rest as first is to second."""
    return solve(np.array([[1, 1], [second, -first]], dtype=object), np.array([1, 0], dtype=object))[0]


def posterior_masses(state, prior, centres, variances):
    """Bayes' rule, one observed entry at a time."""
    masses = list(prior)
    for entry, column in zip(state, np.transpose(centres), strict=True):
        joint = [
            mass * density_of_one(entry, centre, variance)
            for mass, centre, variance in zip(masses, column, variances, strict=True)
        ]
        masses = [mass / sum(joint, arb(0)) for mass in joint]
    return masses


def best_pairing(x_0, eps):
    """Largest sum of inner products, and who goes with whom: row by row, over sets of noises already taken."""
    best = {0: (arb(0), ())}
    for row in x_0:
        grown = {}
        for taken, (total, order) in best.items():
            for j, noise in enumerate(eps):
                if taken >> j & 1:
                    continue
                found = total + np.sum(row * noise), (*order, j)
                key = taken | 1 << j
                if key not in grown or found[0] > grown[key][0]:
                    grown[key] = found
        best = grown
    return best[2 ** len(eps) - 1]


def stacked_pairs(scales):
    """A function of numbers that gives two, over an array of times, the two along a first axis."""

    @guarded(NEAR)
    def stacked(time, *levels):
        found = np.frompyfunc(lambda at: scales(at, *levels), 1, 2)(time)
        return np.stack([np.asarray(one, dtype=object) for one in found])

    return stacked


def gaussian_velocity(x_t, mean, variance, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """A Gaussian that moves and swells: its mean's rate, and its spread's relative rate times the distance."""
    alpha, sigma = moving(alpha_t, alpha_dot_t), moving(sigma_t, sigma_dot_t)
    spread = (alpha * alpha * variance + sigma * sigma).sqrt()
    centre = alpha * mean
    return centre[1] + spread[1] / spread[0] * (x_t - centre[0])


def _velocity(state, x_0, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """x_0 and the eps that makes `state` of it, each at its rate."""
    return alpha_dot_t * x_0 + sigma_dot_t * ((state - alpha_t * x_0) / sigma_t)


def point_velocities(x_t, points, rates):
    """For each state: the points' probabilities and velocities."""
    alpha_t, sigma_t = rates[:2]
    for state in x_t:
        masses = posterior_masses(
            state, [arb(1) / len(points)] * len(points), alpha_t * points, [sigma_t * sigma_t] * len(points)
        )
        yield np.array(masses, dtype=object), np.stack([_velocity(state, x_0, *rates) for x_0 in points])


def component_velocities(x_t, weights, means, variances, rates):
    """For each state: the components' probabilities and mean velocities."""
    alpha_t, sigma_t = rates[:2]
    spreads = alpha_t * alpha_t * variances + sigma_t * sigma_t
    field = np.frompyfunc(lambda x, mean, variance: gaussian_velocity(x, mean, variance, *rates), 3, 1)
    for state in x_t:
        masses = posterior_masses(state, weights, alpha_t * means, spreads)
        yield np.array(masses, dtype=object), field(state, means, variances[:, None])


def velocity_variance(variance, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Variance of alpha_dot_t*x_0 + sigma_dot_t*eps for Gaussian x_0, conditioned on x_t jointly Gaussian with it."""
    own = alpha_dot_t * alpha_dot_t * variance + sigma_dot_t * sigma_dot_t
    shared = alpha_dot_t * alpha_t * variance + sigma_dot_t * sigma_t
    return condition(arb(0), arb(0), own, shared, alpha_t * alpha_t * variance + sigma_t * sigma_t, arb(0))[1]


def vp_scales(at, low, high):
    """Forward walk through the noise that beta spends until now."""
    spent = integral(lambda u: low + (high - low) * u, arb(0), at) if not at.is_zero() else arb(0)
    mean, variance = walk(1, 0, 0, -spent)
    return mean, variance.sqrt()
