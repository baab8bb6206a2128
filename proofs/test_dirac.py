"""Finite data from Bayes' rule: posteriors are ratios of Gaussian densities, scores and divergences are derivatives."""

import numpy as np
import sympy as sp

from refdiff.reference import dirac

from .algebra import column, log_normal, positive, real, same
from .ratios import Ratios

ALPHA, SIGMA = positive("alpha sigma")
STATE = column(real("x_1 x_2"))
POINTS = column(real("y_:6")).reshape(3, 2)
PAIR = POINTS[:2]


def logs(points):
    """Log density of the state given each point."""
    return [sum(map(log_normal, STATE, ALPHA * point, [SIGMA**2] * 2)) for point in points]


BOTH, ALL = Ratios(logs(PAIR)), Ratios(logs(POINTS))
MEAN = BOTH.average(PAIR)
LOG_DENSITY = logs(PAIR)[0] + sp.log(sum(BOTH.odds) / 2)


def read(function, points=PAIR, ratios=BOTH):
    return ratios.read(function(STATE[None, :], points, ALPHA, SIGMA))


def test_posterior_weights_dirac_follow_from_bayes_for_equally_likely_points():
    expected = [odd / sum(ALL.odds) for odd in ALL.odds]
    assert same(read(dirac.posterior_weights_dirac, POINTS, ALL), column([expected]))


def test_log_density_dirac_is_the_log_of_the_mean_density():
    expected = logs(POINTS)[0] + sp.log(sum(ALL.odds) / 3)
    assert same(read(dirac.log_density_dirac, POINTS, ALL), column([expected]))


def test_score_dirac_is_the_slope_of_the_log_density():
    assert same(read(dirac.score_dirac), column([[BOTH.slope(LOG_DENSITY, x) for x in STATE]]))


def test_posterior_covariance_dirac_is_the_second_moment_about_the_mean():
    expected = BOTH.average([np.multiply.outer(point, point) for point in PAIR]) - np.multiply.outer(MEAN, MEAN)
    assert same(read(dirac.posterior_covariance_dirac), expected[None])


def test_denoiser_jacobian_dirac_is_the_slope_of_the_posterior_mean():
    expected = [[BOTH.slope(entry, x) for x in STATE] for entry in MEAN]
    assert same(read(dirac.denoiser_jacobian_dirac), column([expected]))


def test_loss_floor_dirac_is_the_mean_squared_error_of_the_posterior_mean():
    expected = BOTH.average([sum((point - MEAN) ** 2) for point in PAIR])
    assert same(read(dirac.loss_floor_dirac), column([expected]))


def test_eps_loss_floor_dirac_is_the_mean_squared_error_of_the_mean_of_eps():
    noises = [(STATE - ALPHA * point) / SIGMA for point in PAIR]
    expected = BOTH.average([sum((noise - BOTH.average(noises)) ** 2) for noise in noises])
    assert same(read(dirac.eps_loss_floor_dirac), column([expected]))


def test_score_divergence_dirac_is_the_laplacian_of_the_log_density():
    expected = sum(BOTH.slope(BOTH.slope(LOG_DENSITY, x), x) for x in STATE)
    assert same(read(dirac.score_divergence_dirac), column([expected]))


# Bodies that take their bearings from one point: that of each state, and one of the points.
BEARINGS = ("posterior_weights_dirac", "log_density_dirac", "posterior_covariance_dirac", "loss_floor_dirac")


def test_each_state_is_treated_on_its_own():
    states = column(real("x_:4")).reshape(2, 2)
    for name in BEARINGS:  # posterior_weights_dirac, log_density_dirac, posterior_covariance_dirac, loss_floor_dirac
        both = getattr(dirac, name)(states, PAIR, ALPHA, SIGMA)
        alone = [getattr(dirac, name)(states[i : i + 1], PAIR, ALPHA, SIGMA)[0] for i in range(2)]
        assert np.all(both == np.array(alone, dtype=object))


def test_posterior_weights_dirac_take_their_bearings_from_a_point_whatever_the_shapes():
    states, points = np.array([[2.0, -3.0, 0.0]]), np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
    odds = np.exp(-np.sum((states - points / 2) ** 2, axis=1) / 8)
    assert np.allclose(dirac.posterior_weights_dirac(states, points, 0.5, 2.0), odds / odds.sum(), rtol=1e-14)
