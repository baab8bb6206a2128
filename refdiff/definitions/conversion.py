"""Conversions by solving for the pair (x_0, eps): x_t's equation and the given prediction's, two unknowns."""

import numpy as np

from refdiff.definitions.entries import NEAR, entrywise
from refdiff.definitions.moments import solve

__all__ = [
    "eps_from_score",
    "eps_from_v",
    "eps_from_velocity",
    "eps_from_x_0",
    "score_from_eps",
    "score_from_v",
    "score_from_velocity",
    "score_from_x_0",
    "v_from_eps",
    "v_from_score",
    "v_from_velocity",
    "v_from_x_0",
    "velocity_from_eps",
    "velocity_from_score",
    "velocity_from_v",
    "velocity_from_x_0",
    "x_0_from_eps",
    "x_0_from_score",
    "x_0_from_v",
    "x_0_from_velocity",
]


def _pair(x_t, prediction, alpha_t, sigma_t, of_x_0, of_eps):
    """The x_0 and eps of which x_t = alpha_t*x_0 + sigma_t*eps and prediction = of_x_0*x_0 + of_eps*eps."""
    system = np.array([[alpha_t, sigma_t], [of_x_0, of_eps]], dtype=object)
    return solve(system, np.array([x_t, prediction], dtype=object))


@entrywise(NEAR)
def eps_from_x_0(x_t, x_0, alpha_t, sigma_t):
    """eps of the pair that x_0 and x_t fix."""
    return _pair(x_t, x_0, alpha_t, sigma_t, 1, 0)[1]


@entrywise(NEAR)
def eps_from_v(x_t, v, alpha_t, sigma_t):
    """eps of the pair that v and x_t fix."""
    return _pair(x_t, v, alpha_t, sigma_t, -sigma_t, alpha_t)[1]


@entrywise(NEAR)
def eps_from_score(x_t, score, alpha_t, sigma_t):
    """eps of the pair that the score and x_t fix."""
    return _pair(x_t, score, alpha_t, sigma_t, 0, -1 / sigma_t)[1]


@entrywise(NEAR)
def eps_from_velocity(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """eps of the pair that the velocity and x_t fix."""
    return _pair(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)[1]


@entrywise(NEAR)
def x_0_from_eps(x_t, eps, alpha_t, sigma_t):
    """x_0 of the pair that eps and x_t fix."""
    return _pair(x_t, eps, alpha_t, sigma_t, 0, 1)[0]


@entrywise(NEAR)
def x_0_from_v(x_t, v, alpha_t, sigma_t):
    """x_0 of the pair that v and x_t fix."""
    return _pair(x_t, v, alpha_t, sigma_t, -sigma_t, alpha_t)[0]


@entrywise(NEAR)
def x_0_from_score(x_t, score, alpha_t, sigma_t):
    """x_0 of the pair that the score and x_t fix."""
    return _pair(x_t, score, alpha_t, sigma_t, 0, -1 / sigma_t)[0]


@entrywise(NEAR)
def x_0_from_velocity(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """x_0 of the pair that the velocity and x_t fix."""
    return _pair(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)[0]


@entrywise(NEAR)
def v_from_x_0(x_t, x_0, alpha_t, sigma_t):
    """v of the pair that x_0 and x_t fix."""
    x_0, eps = _pair(x_t, x_0, alpha_t, sigma_t, 1, 0)
    return alpha_t * eps - sigma_t * x_0


@entrywise(NEAR)
def v_from_eps(x_t, eps, alpha_t, sigma_t):
    """v of the pair that eps and x_t fix."""
    x_0, eps = _pair(x_t, eps, alpha_t, sigma_t, 0, 1)
    return alpha_t * eps - sigma_t * x_0


@entrywise(NEAR)
def v_from_score(x_t, score, alpha_t, sigma_t):
    """v of the pair that the score and x_t fix."""
    x_0, eps = _pair(x_t, score, alpha_t, sigma_t, 0, -1 / sigma_t)
    return alpha_t * eps - sigma_t * x_0


@entrywise(NEAR)
def v_from_velocity(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """v of the pair that the velocity and x_t fix."""
    x_0, eps = _pair(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    return alpha_t * eps - sigma_t * x_0


@entrywise(NEAR)
def score_from_x_0(x_t, x_0, alpha_t, sigma_t):
    """The score of the pair that x_0 and x_t fix."""
    eps = _pair(x_t, x_0, alpha_t, sigma_t, 1, 0)[1]
    return -eps / sigma_t


@entrywise(NEAR)
def score_from_eps(x_t, eps, alpha_t, sigma_t):
    """The score of the pair that eps and x_t fix."""
    eps = _pair(x_t, eps, alpha_t, sigma_t, 0, 1)[1]
    return -eps / sigma_t


@entrywise(NEAR)
def score_from_v(x_t, v, alpha_t, sigma_t):
    """The score of the pair that v and x_t fix."""
    eps = _pair(x_t, v, alpha_t, sigma_t, -sigma_t, alpha_t)[1]
    return -eps / sigma_t


@entrywise(NEAR)
def score_from_velocity(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The score of the pair that the velocity and x_t fix."""
    eps = _pair(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)[1]
    return -eps / sigma_t


@entrywise(NEAR)
def velocity_from_x_0(x_t, x_0, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The velocity of the pair that x_0 and x_t fix."""
    x_0, eps = _pair(x_t, x_0, alpha_t, sigma_t, 1, 0)
    return alpha_dot_t * x_0 + sigma_dot_t * eps


@entrywise(NEAR)
def velocity_from_eps(x_t, eps, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The velocity of the pair that eps and x_t fix."""
    x_0, eps = _pair(x_t, eps, alpha_t, sigma_t, 0, 1)
    return alpha_dot_t * x_0 + sigma_dot_t * eps


@entrywise(NEAR)
def velocity_from_v(x_t, v, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The velocity of the pair that v and x_t fix."""
    x_0, eps = _pair(x_t, v, alpha_t, sigma_t, -sigma_t, alpha_t)
    return alpha_dot_t * x_0 + sigma_dot_t * eps


@entrywise(NEAR)
def velocity_from_score(x_t, score, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The velocity of the pair that the score and x_t fix."""
    x_0, eps = _pair(x_t, score, alpha_t, sigma_t, 0, -1 / sigma_t)
    return alpha_dot_t * x_0 + sigma_dot_t * eps
