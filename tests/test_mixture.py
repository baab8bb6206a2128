"""Properties of Gaussian mixtures."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import dirac, mixture
from refdiff.reference.denoiser import denoiser_dirac, denoiser_gaussian

from .strategies import scales, seeds, slack, states, within

NAMES = ("x_t", "weights", "means", "variances", "alpha_t", "sigma_t")
weights = seeds.map(lambda rng: rng.dirichlet(np.ones(4)) + 1e-6)
widths = seeds.map(lambda rng: 10 ** rng.uniform(-3, 3, 4))
levels = st.floats(-3, 3).map(lambda exponent: 10**exponent)


def allowed(name, value, *given):
    return slack(name, dict(zip(NAMES, given, strict=True)), value)


@given(states(3, 2), weights, states(4, 2), widths, levels, levels)
def test_posterior_weights_mixture_are_probabilities(x_t, weights, means, variances, alpha_t, sigma_t):
    found = mixture.posterior_weights_mixture(x_t, weights, means, variances, alpha_t, sigma_t)
    assert np.all((found >= 0) & (found <= 1))
    assert np.all(np.abs(found.sum(axis=1) - 1) < 1e-15)


@given(states(3, 2), weights, states(4, 2), widths, levels)
def test_posterior_weights_mixture_of_pure_noise_are_the_weights(x_t, weights, means, variances, sigma_t):
    found = mixture.posterior_weights_mixture(x_t, weights, means, variances, 0.0, sigma_t)
    assert np.allclose(found, weights / weights.sum(), rtol=1e-14)


@given(states(3, 2), states(4, 2), scales, scales)
def test_mixtures_without_widths_are_finite_data(x_t, means, alpha_t, sigma_t):
    given = (x_t, np.full(4, 0.25), means, np.zeros(4), alpha_t, sigma_t)
    pairs = (
        (mixture.posterior_weights_mixture, dirac.posterior_weights_dirac),
        (mixture.log_density_mixture, dirac.log_density_dirac),
        (mixture.denoiser_mixture, denoiser_dirac),
        (mixture.score_mixture, dirac.score_dirac),
        (mixture.loss_floor_mixture, dirac.loss_floor_dirac),
    )
    for one, other in pairs:
        found = one(*given)
        margin = 2 * allowed(one.__name__, found, *given) + 1e-300
        assert within(other(x_t, means, alpha_t, sigma_t), found, margin)


@given(states(3, 2), states(1, 2), levels, levels, levels)
def test_denoiser_mixture_of_one_component_is_denoiser_gaussian(x_t, means, variance, alpha_t, sigma_t):
    given = (x_t, np.ones(1), means, np.array([variance]), alpha_t, sigma_t)
    found = mixture.denoiser_mixture(*given)
    expected = denoiser_gaussian(x_t, means, variance, alpha_t, sigma_t)
    assert within(found, expected, 2 * allowed("denoiser_mixture", found, *given))


@given(states(3, 2), weights, states(4, 2), widths, levels, levels)
def test_score_mixture_is_tweedies_formula(x_t, weights, means, variances, alpha_t, sigma_t):
    given = (x_t, weights, means, variances, alpha_t, sigma_t)
    denoised = mixture.denoiser_mixture(*given)
    expected = (alpha_t * denoised - x_t) / sigma_t**2
    margin = alpha_t * allowed("denoiser_mixture", denoised, *given) + np.spacing(np.abs(alpha_t * denoised) + np.abs(x_t))
    found = mixture.score_mixture(*given)
    assert within(found, expected, 2 * margin / sigma_t**2 + 2 * allowed("score_mixture", found, *given))


@given(states(3, 2), weights, states(4, 2), widths, levels, levels)
def test_log_density_mixture_does_not_mind_the_order_of_the_components(x_t, weights, means, variances, alpha_t, sigma_t):
    given = (x_t, weights, means, variances, alpha_t, sigma_t)
    found = mixture.log_density_mixture(*given)
    reverse = mixture.log_density_mixture(x_t, weights[::-1], means[::-1], variances[::-1], alpha_t, sigma_t)
    assert within(reverse, found, 2 * allowed("log_density_mixture", found, *given))


@given(states(3, 2), weights, states(4, 2), widths, levels, levels)
def test_posterior_covariance_mixture_is_symmetric_and_positive_definite(x_t, weights, means, variances, alpha_t, sigma_t):
    found = mixture.posterior_covariance_mixture(x_t, weights, means, variances, alpha_t, sigma_t)
    assert np.array_equal(found, np.swapaxes(found, 1, 2))
    assert np.all(np.linalg.eigvalsh(found)[:, 0] >= -1e-14 * np.trace(found, axis1=1, axis2=2))


@given(states(3, 2), weights, states(4, 2), widths, levels, levels)
def test_denoiser_jacobian_mixture_and_the_floors_follow_from_the_covariance(x_t, weights, means, variances, alpha_t, sigma_t):
    given = (x_t, weights, means, variances, alpha_t, sigma_t)
    covariance = mixture.posterior_covariance_mixture(*given)
    floor = np.trace(covariance, axis1=1, axis2=2)
    assert np.allclose(mixture.denoiser_jacobian_mixture(*given), alpha_t / sigma_t**2 * covariance, rtol=1e-14, atol=0)
    assert np.allclose(mixture.loss_floor_mixture(*given), floor, rtol=1e-13)
    assert np.allclose(mixture.eps_loss_floor_mixture(*given), (alpha_t / sigma_t) ** 2 * floor, rtol=1e-13)
    divergence = (alpha_t / sigma_t) ** 2 * floor / sigma_t**2 - 2 / sigma_t**2
    margin = 1e-12 * (2 / sigma_t**2 + (alpha_t / sigma_t) ** 2 * floor / sigma_t**2)
    assert within(mixture.score_divergence_mixture(*given), divergence, margin)


def test_a_wide_component_is_likelier_far_away():
    given = (np.array([[1e6, 0.0]]), np.array([0.999, 0.001]), np.zeros((2, 2)), np.array([1.0, 4.0]), 1.0, 1e-3)
    assert np.array_equal(mixture.posterior_weights_mixture(*given), [[0.0, 1.0]])
    assert np.isfinite(mixture.log_density_mixture(*given)).all()
