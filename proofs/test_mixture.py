"""Gaussian mixtures from Bayes' rule: responsibilities, and posterior means and variances by completing the square."""

import numpy as np
import sympy as sp

from refdiff.reference import mixture

from .algebra import column, completed_square, log_normal, positive, real, same
from .ratios import Ratios

ALPHA, SIGMA = positive("alpha sigma")
STATE = column(real("x_1 x_2"))
MEANS = column(real("m_:4")).reshape(2, 2)
# The variances by what they are after noise, the simpler symbol wherever they stand.
WEIGHTS, POWERS = column(positive("w_1 w_2")), column(positive("p_1 p_2"))
VARIANCES = (POWERS - SIGMA**2) / ALPHA**2
SQUARES = [sum((STATE - ALPHA * mean) ** 2) for mean in MEANS]
# In two dimensions the normaliser of a component is its power.
GIVEN = Ratios(
    [-square / (2 * power) for square, power in zip(SQUARES, POWERS, strict=True)],
    [weight / power for weight, power in zip(WEIGHTS, POWERS, strict=True)],
)
LOG_DENSITY = -SQUARES[0] / (2 * POWERS[0]) - sp.log(2 * sp.pi) + sp.log(sum(GIVEN.odds))


def component(mean, variance, x):
    """Mean and variance of an entry of x_0 given that of x_t, in one component, by completing the square."""
    x_0 = sp.Dummy("x_0", real=True)
    return completed_square(log_normal(x_0, mean, variance) + log_normal(x, ALPHA * x_0, SIGMA**2), x_0)


INSIDE = [
    [component(mean, variance, x) for mean, x in zip(row, STATE, strict=True)]
    for row, variance in zip(MEANS, VARIANCES, strict=True)
]
CENTRES = [column([mean for mean, _ in entries]) for entries in INSIDE]
SPREADS = [entries[0][1] for entries in INSIDE]
MEAN = GIVEN.average(CENTRES)


def read(function):
    return GIVEN.read(function(STATE[None, :], WEIGHTS, MEANS, VARIANCES, ALPHA, SIGMA))


def test_posterior_weights_mixture_follow_from_bayes():
    assert same(read(mixture.posterior_weights_mixture), column([[odd / sum(GIVEN.odds) for odd in GIVEN.odds]]))


def test_log_density_mixture_is_the_log_of_the_weighted_densities():
    assert same(read(mixture.log_density_mixture), column([LOG_DENSITY]))


def test_denoiser_mixture_is_the_average_of_the_components_posterior_means():
    assert same(read(mixture.denoiser_mixture), MEAN[None])


def test_score_mixture_is_the_slope_of_the_log_density():
    assert same(read(mixture.score_mixture), column([[GIVEN.slope(LOG_DENSITY, x) for x in STATE]]))


def test_posterior_covariance_mixture_is_the_second_moment_about_the_mean():
    unit = np.array([[1, 0], [0, 1]], dtype=object)
    moments = [np.multiply.outer(mean, mean) + unit * spread for mean, spread in zip(CENTRES, SPREADS, strict=True)]
    expected = GIVEN.average(moments) - np.multiply.outer(MEAN, MEAN)
    assert same(read(mixture.posterior_covariance_mixture), expected[None])


def test_denoiser_jacobian_mixture_is_the_slope_of_the_posterior_mean():
    expected = [[GIVEN.slope(entry, x) for x in STATE] for entry in MEAN]
    assert same(read(mixture.denoiser_jacobian_mixture), column([expected]))


def test_loss_floor_mixture_is_the_mean_squared_error_of_the_posterior_mean():
    errors = [2 * spread + sum((mean - MEAN) ** 2) for mean, spread in zip(CENTRES, SPREADS, strict=True)]
    assert same(read(mixture.loss_floor_mixture), column([GIVEN.average(errors)]))


def test_eps_loss_floor_mixture_is_the_mean_squared_error_of_the_mean_of_eps():
    noises = [(STATE - ALPHA * mean) / SIGMA for mean in CENTRES]
    own = [2 * ALPHA**2 * spread / SIGMA**2 for spread in SPREADS]
    middle = GIVEN.average(noises)
    errors = [one + sum((noise - middle) ** 2) for noise, one in zip(noises, own, strict=True)]
    assert same(read(mixture.eps_loss_floor_mixture), column([GIVEN.average(errors)]))


def test_score_divergence_mixture_is_the_laplacian_of_the_log_density():
    expected = sum(GIVEN.slope(GIVEN.slope(LOG_DENSITY, x), x) for x in STATE)
    assert same(read(mixture.score_divergence_mixture), column([expected]))


def test_log_density_mixture_treats_each_state_on_its_own():
    states = column(real("x_:4")).reshape(2, 2)
    for name in ("log_density_mixture", "posterior_weights_mixture", "loss_floor_mixture"):
        both = getattr(mixture, name)(states, WEIGHTS, MEANS, VARIANCES, ALPHA, SIGMA)
        alone = [getattr(mixture, name)(states[i : i + 1], WEIGHTS, MEANS, VARIANCES, ALPHA, SIGMA)[0] for i in range(2)]
        assert np.all(both == np.array(alone, dtype=object))


def test_posterior_weights_mixture_take_their_bearings_from_a_component_whatever_the_shapes():
    states, means = np.array([[2.0, -3.0, 0.0]]), np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
    weights, variances = np.array([0.25, 0.75]), np.array([1.0, 3.0])
    powers = variances / 4 + 4
    odds = weights * np.exp(-np.sum((states - means / 2) ** 2, axis=1) / (2 * powers)) / powers**1.5
    found = mixture.posterior_weights_mixture(states, weights, means, variances, 0.5, 2.0)
    assert np.allclose(found, odds / odds.sum(), rtol=1e-14)
