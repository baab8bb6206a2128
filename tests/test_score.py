"""Properties of score matching and Langevin dynamics."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import mixture, score

from .strategies import scales, seeds, slack, states, within

shares = st.floats(1e-6, 3.999999)


@given(states(4, 3), states(4, 3))
def test_explicit_score_matching_loss_is_symmetric_and_0_only_at_the_score(score_hat, other):
    found = score.explicit_score_matching_loss(score_hat, other)
    assert np.array_equal(found, score.explicit_score_matching_loss(other, score_hat))
    assert np.array_equal(score.explicit_score_matching_loss(other, other), np.zeros(4))
    assert np.array_equal(found > 0, np.any(score_hat != other, axis=1))


@given(states(4, 3), scales)
def test_denoising_score_matching_loss_is_0_at_the_score_given_x_0(eps, sigma_t):
    found = score.denoising_score_matching_loss(-eps / sigma_t, eps, sigma_t)
    assert np.all(found <= 1e-30 * np.sum(eps**2, axis=1))


@given(states(4, 3), states(4, 3))
def test_sliced_score_matching_loss_along_an_axis_is_the_implicit_one_of_that_axis(score_hat, derivative):
    probe = np.zeros((4, 3))
    probe[:, 1] = 1
    found = score.sliced_score_matching_loss(score_hat, probe, derivative)
    expected = score.implicit_score_matching_loss(score_hat[:, 1:2], derivative[:, 1])
    assert np.allclose(found, expected, rtol=1e-14, atol=1e-12)


@given(states(4, 3), states(4, 3), states(4, 3))
def test_sliced_score_matching_loss_reduced_differs_by_the_squares_alone(score_hat, probe, derivative):
    found = score.sliced_score_matching_loss_reduced(score_hat, probe, derivative)
    other = score.sliced_score_matching_loss(score_hat, probe, derivative)
    expected = (np.sum(score_hat**2, axis=1) - np.sum(probe * score_hat, axis=1) ** 2) / 2
    arguments = {"score_hat": score_hat, "probe": probe, "directional_derivative": derivative}
    margin = sum(slack(name, arguments, other) for name in ("sliced_score_matching_loss", "sliced_score_matching_loss_reduced"))
    assert within(found - other, expected, 4 * margin)


@given(scales, scales, scales)
def test_dsm_constant_gaussian_is_half_the_least_loss_of_eps(variance, alpha_t, sigma_t):
    found = score.dsm_constant_gaussian(variance, alpha_t, sigma_t, 3)
    given = (np.zeros((1, 3)), np.ones(1), np.zeros((1, 3)), np.array([variance]), alpha_t, sigma_t)
    assert np.isclose(found, mixture.eps_loss_floor_mixture(*given)[0] / 2, rtol=1e-14)
    assert 0 < found <= 1.5


@given(seeds)
def test_posterior_covariance_from_score_jacobian_and_from_denoiser_jacobian_are_that_of_a_mixture(rng):
    weights, means, variances = rng.dirichlet(np.ones(3)), rng.standard_normal((3, 2)), rng.uniform(0.1, 2, 3)
    given = (rng.standard_normal((4, 2)), weights, means, variances, 0.8, 0.6)
    expected, slope = mixture.posterior_covariance_mixture(*given), mixture.denoiser_jacobian_mixture(*given)
    assert np.allclose(score.posterior_covariance_from_denoiser_jacobian(slope, 0.8, 0.6), expected, rtol=1e-13, atol=1e-14)
    hessian = (0.8 * slope - np.eye(2)) / 0.6**2
    assert np.allclose(score.posterior_covariance_from_score_jacobian(hessian, 0.8, 0.6), expected, rtol=1e-12, atol=1e-13)


@given(st.integers(2, 200), st.floats(1e-4, 0.1), st.floats(0.2, 1e3))
def test_ncsn_sigmas_decrease_from_the_largest_to_the_least(n, sigma_min, sigma_max):
    found = score.ncsn_sigmas(n, sigma_min, sigma_max)
    assert found.shape == (n,)
    assert found[0] == sigma_max
    assert np.isclose(found[-1], sigma_min, rtol=1e-14)
    assert np.all(np.diff(found) < 0)


@given(scales)
def test_ncsn_weight_is_the_step_of_annealed_langevin_step_size_from_a_unit_scale(sigma_t):
    assert score.ncsn_weight(sigma_t) == score.annealed_langevin_step_size(sigma_t, 1.0, 1.0)


@given(states(4, 3), states(4, 3), scales)
def test_langevin_step_without_score_and_noise_does_not_move(x_t, z, step_size):
    assert np.array_equal(score.langevin_step(x_t, 0 * z, 0 * z, step_size), x_t)


@given(scales, shares)
def test_langevin_stationary_variance_exceeds_the_variance(variance, share):
    found = score.langevin_stationary_variance(variance, share * variance)
    assert found > variance
    assert np.isclose(found, variance / (1 - share / 4), rtol=1e-8)


@given(scales, shares, st.floats(0, 1e3))
def test_langevin_chain_variance_starts_at_one_step_and_ends_at_langevin_stationary_variance(variance, share, start):
    step_size = share * variance
    one = score.langevin_chain_variance(start * variance, variance, step_size, 1)
    assert np.isclose(one, (1 - share / 2) ** 2 * start * variance + step_size, rtol=1e-12)
    end = score.langevin_chain_variance(start * variance, variance, step_size, 10**11)
    assert np.isclose(end, score.langevin_stationary_variance(variance, step_size), rtol=1e-12)


@given(states(4, 3), states(4, 3), st.floats(0.01, 1))
def test_corrector_step_size_is_of_each_sample_alone(slope, z, corrector_snr):
    found = score.corrector_step_size(slope, z, corrector_snr)
    alone = [score.corrector_step_size(slope[i : i + 1], z[i : i + 1], corrector_snr)[0] for i in range(4)]
    assert np.array_equal(found, alone)


@given(states(4, 3), states(4, 3), st.floats(0.01, 1), st.floats(1e-6, 0.999))
def test_corrector_step_size_vp_is_below_corrector_step_size_by_what_a_step_keeps(slope, z, corrector_snr, beta_t):
    whole = score.corrector_step_size(slope, z, corrector_snr)
    # Each is rounded once, the product once more.
    assert np.allclose(score.corrector_step_size_vp(slope, z, corrector_snr, beta_t), (1 - beta_t) * whole, rtol=4e-16, atol=0)


@given(states(4, 3), states(4, 3), states(4, 3), st.floats(0.01, 1))
def test_corrector_step_vp_becomes_corrector_step_ve_as_beta_vanishes_and_both_have_the_ratio_asked_for(x, slope, z, ratio):
    found = score.corrector_step_ve(x, slope, z, ratio)
    assert np.array_equal(score.corrector_step_vp(x, slope, z, ratio, 0.0), found)
    drift = score.corrector_step_ve(0 * x, slope, z, ratio) + score.corrector_step_ve(0 * x, slope, -z, ratio)
    noise = score.corrector_step_ve(0 * x, slope, z, ratio) - score.corrector_step_ve(0 * x, slope, -z, ratio)
    lengths = [np.sqrt(np.sum(one**2, axis=1)) for one in (drift, noise)]
    assert np.allclose(lengths[0], ratio * lengths[1], rtol=1e-12)


@given(seeds, st.floats(0.05, 3))
def test_dsm_constant_mixture_floor_and_dsm_constant_mixture_ceiling_hold_the_constant_between_them(rng, sigma_t):
    """On the line the constant, the mean of eps_loss_floor_mixture/2 over x_t, is summed on a grid that Gaussians allow."""
    weights, means, variances = rng.dirichlet(np.ones(3)), rng.uniform(-3, 3, (3, 1)), rng.uniform(0.05, 1, 3)
    grid = np.linspace(-20, 20, 4001)[:, None]
    given = (grid, weights, means, variances, 0.9, sigma_t)
    constant = np.exp(mixture.log_density_mixture(*given)) @ mixture.eps_loss_floor_mixture(*given) / 2 * 0.01
    floor = score.dsm_constant_mixture_floor(weights, variances, 0.9, sigma_t, 1)
    ceiling = score.dsm_constant_mixture_ceiling(weights, means, variances, 0.9, sigma_t)
    assert floor - 1e-9 <= constant <= ceiling + 1e-9
    apart = score.dsm_constant_mixture_ceiling(weights, 0 * means, variances[:1].repeat(3), 0.9, sigma_t)
    assert np.isclose(apart, score.dsm_constant_mixture_floor(weights, variances[:1].repeat(3), 0.9, sigma_t, 1), rtol=1e-12)
