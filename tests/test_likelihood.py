"""Properties of likelihood along the probability flow."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_ndtr

from refdiff.reference import denoiser, likelihood

from .strategies import scales, slack, states, within

signals = st.floats(-2, 0).map(lambda exponent: 10**exponent)
noises = st.floats(-2, 2).map(lambda exponent: 10**exponent)
spreads = st.floats(-2, 2).map(lambda exponent: 10**exponent)
FLOW = ("probability_flow_log_likelihood", "probability_flow_prior_mismatch", "reverse_sde_log_likelihood", "elbo_gaussian_data")


def known(x_0, mean, variance, alpha_t, sigma_t):
    return {"x_0": x_0, "mean": mean, "variance": variance, "alpha_t": alpha_t, "sigma_t": sigma_t}


def log_density(x_0, mean, variance):
    return -np.sum((x_0 - mean) ** 2 / variance + np.log(2 * np.pi * variance), axis=1) / 2


@st.composite
def gaussian_data(draw):
    """Data a few standard deviations from their mean, which is of their size too."""
    variance = draw(spreads) * (1 + np.abs(draw(states(3))) % 1)
    mean = np.sqrt(variance) * np.clip(draw(states(3)), -3, 3)
    x_0 = mean + np.sqrt(variance) * np.clip(draw(states(4, 3)), -3, 3)
    return x_0, mean, variance


def allowed(name, *data):
    arguments = known(*data)
    return slack(name, arguments, getattr(likelihood, name)(**arguments))


@given(states(3, 4, 4), states(3, 4, 4))
def test_exact_divergence_is_linear_and_blind_to_rotation(one, other):
    skew = other - other.mT
    found = likelihood.exact_divergence(one + skew)
    assert within(found, likelihood.exact_divergence(one), slack("exact_divergence", {"jacobian": one}, found))


@given(states(3, 4, 4))
def test_log_density_rate_is_minus_exact_divergence(jacobian):
    assert np.array_equal(likelihood.log_density_rate(jacobian), -likelihood.exact_divergence(jacobian))


@given(states(3, 4, 4), st.integers(0, 2**32 - 1))
def test_hutchinson_divergence_over_all_patterns_of_signs_has_the_stated_mean_and_variance(jacobian, seed):
    signs = np.array(np.meshgrid(*[[-1.0, 1.0]] * 4)).reshape(4, -1).T
    found = np.stack([likelihood.hutchinson_divergence(np.tile(one, (3, 1)), jacobian) for one in signs])
    size = np.sum(np.abs(jacobian), axis=(1, 2))
    assert within(found.mean(axis=0), likelihood.exact_divergence(jacobian), 64 * np.spacing(size))
    assert within(found.var(axis=0), likelihood.hutchinson_variance_rademacher(jacobian), 256 * np.spacing(size**2))


@given(states(3, 4), states(3, 4, 4))
def test_hutchinson_divergence_does_not_tell_a_jacobian_from_its_transpose(probe, jacobian):
    found = likelihood.hutchinson_divergence(probe, jacobian)
    margin = 2 * slack("hutchinson_divergence", {"probe": probe, "jacobian": jacobian}, found)
    assert within(likelihood.hutchinson_divergence(probe, jacobian.mT), found, margin)


@given(states(3, 4, 4))
def test_hutchinson_variance_rademacher_is_at_most_hutchinson_variance_gaussian(jacobian):
    signs, gaussian = (getattr(likelihood, f"hutchinson_variance_{kind}")(jacobian) for kind in ("rademacher", "gaussian"))
    assert np.all(signs <= gaussian * (1 + 1e-14))
    diagonal = jacobian * np.eye(4)
    assert np.all(likelihood.hutchinson_variance_rademacher(diagonal) == 0)
    assert np.all(likelihood.hutchinson_variance_gaussian(jacobian - jacobian.mT) == 0)


@given(st.floats(-10, 10), scales, st.integers(1, 4000))
def test_probability_flow_divergence_of_pure_noise_of_unit_variance_is_that_of_the_stationary_flow(rate, diffusion, count):
    # Where the score is -x and f is -g**2/2, nothing moves.
    still = likelihood.probability_flow_divergence(np.array([-float(count)]), -(diffusion**2) / 2, diffusion, count)
    assert np.all(np.abs(still) <= 4 * np.spacing(diffusion**2 * count))
    silent = likelihood.probability_flow_divergence(np.array([7.0]), rate, 0.0, count)
    assert np.all(silent == rate * count)


@given(gaussian_data(), noises)
def test_probability_flow_latent_follows_the_flow_in_small_steps(data, level):
    # Heun's steps of dy/du = (y - E[x_0 | y])/u with alpha = 1, from u = 0 on.
    x_0, mean, variance = data
    grid = level * np.linspace(0, 1, 401)
    y = np.array(x_0)
    for here, there in pairwise(grid):
        slope = 0 * y if here == 0 else (y - denoiser.denoiser_gaussian(y, mean, variance, 1.0, here)) / here
        guess = y + (there - here) * slope
        y = y + (there - here) * (slope + (guess - denoiser.denoiser_gaussian(guess, mean, variance, 1.0, there)) / there) / 2
    found = likelihood.probability_flow_latent(x_0, mean, variance, 1.0, level)
    # Second order in a step of level/400, which is to be small against the data's scale.
    step = level / 400 / np.sqrt(variance.min())
    assert within(y, found, np.abs(found - mean).max() * (step**2 + 1e-12) + 1e-12 * np.abs(mean).max())


@given(gaussian_data(), signals, noises)
def test_probability_flow_log_likelihood_less_its_mismatch_is_the_true_log_density(data, alpha_t, sigma_t):
    mismatch = likelihood.probability_flow_prior_mismatch(*data, alpha_t, sigma_t)
    found = likelihood.probability_flow_log_likelihood(*data, alpha_t, sigma_t)
    margin = sum(allowed(name, *data, alpha_t, sigma_t) for name in FLOW[:2])
    assert within(found - mismatch, log_density(*data), 4 * margin + 64 * np.spacing(np.abs(log_density(*data)) + 300))


@given(gaussian_data(), signals, noises)
def test_elbo_gaussian_data_is_at_most_reverse_sde_log_likelihood(data, alpha_t, sigma_t):
    bound = likelihood.elbo_gaussian_data(*data, alpha_t, sigma_t)
    found = likelihood.reverse_sde_log_likelihood(*data, alpha_t, sigma_t)
    assert np.all(bound <= found + sum(allowed(name, *data, alpha_t, sigma_t) for name in FLOW[2:]))


@given(states(4, 3), st.floats(0.01, 0.99))
def test_all_likelihoods_agree_when_the_law_of_x_t_is_the_prior(x_0, alpha_t):
    data, sigma_t = (x_0, np.zeros(3), np.ones(3)), np.sqrt((1 - alpha_t) * (1 + alpha_t))
    expected = log_density(*data)
    size = 16 * np.spacing(np.abs(expected) + 10)
    assert within(likelihood.probability_flow_log_likelihood(*data, alpha_t, sigma_t), expected, size)
    assert within(likelihood.reverse_sde_log_likelihood(*data, alpha_t, sigma_t), expected, size)
    assert within(likelihood.elbo_gaussian_data(*data, alpha_t, sigma_t), expected, size)
    assert within(likelihood.probability_flow_prior_mismatch(*data, alpha_t, sigma_t), 0 * expected, size)


@given(states(4, 3), states(4, 3), st.floats(-3, 3), st.floats(-3, 2))
def test_uniform_dequantisation_bound_is_at_most_the_log_probability_of_the_bin(x_0, gap, size, share):
    variance = 10 ** (2 * size)
    mean = x_0 + np.clip(gap, -3, 3) * 10**size
    # The floats of x_0 and of the bin's ends are not finer than this share of the scale.
    width = 10 ** (size + share) + 1e-6 * np.abs(x_0).max()
    lower, upper = (x_0 - mean - width / 2) / 10**size, (x_0 - mean + width / 2) / 10**size
    low, high = np.minimum(np.abs(lower), np.abs(upper)), np.maximum(np.abs(lower), np.abs(upper))
    inside = (lower < 0) & (upper > 0)
    near, far = np.exp(log_ndtr(-low)), np.exp(log_ndtr(-high))
    mass = np.where(inside, 1 - near - far, near - far)
    found = likelihood.uniform_dequantisation_bound(x_0, mean, variance, width)
    with np.errstate(divide="ignore", invalid="ignore"):
        true = np.sum(np.log(mass), axis=1)
    known_well = (mass > 1e-9).all(axis=1)
    assert np.all(found[known_well] <= true[known_well] + 1e-6)


@given(states(5), st.integers(1, 10_000))
def test_dequantised_bits_per_dimension_of_uniform_data_are_eight(nats, count):
    assert np.all(likelihood.dequantised_bits_per_dimension(np.zeros(2), count, 1 / 256) == 8)
    assert np.all(likelihood.dequantised_bits_per_dimension(np.full(2, -count * np.log(2.0)), count, 1 / 128) == 8)
    # The same density in coordinates twice as wide: as many bits.
    one = likelihood.dequantised_bits_per_dimension(nats, count, 1 / 256)
    other = likelihood.dequantised_bits_per_dimension(nats - count * np.log(2.0), count, 1 / 128)
    assert within(one, other, 16 * np.spacing(np.abs(one) + 8))


@given(st.floats(1e-6, 0.49), st.integers(0, 2**32 - 1))
def test_logit_log_determinant_is_least_in_the_middle_and_symmetric(margin, seed):
    x_0 = np.random.default_rng(seed).uniform(0.01, 0.99, (4, 3))
    found = likelihood.logit_log_determinant(x_0, margin)
    assert np.allclose(likelihood.logit_log_determinant(1 - x_0, margin), found, rtol=1e-12)
    assert np.all(likelihood.logit_log_determinant(0 * x_0 + 0.5, margin) <= found + 1e-13 * (1 + np.abs(found)))


@given(states(3, 2, 2), states(3, 2, 2), scales)
def test_likelihood_weighted_loss_is_zero_for_the_true_score_and_even_in_the_error(score, error, diffusion):
    assert np.all(likelihood.likelihood_weighted_loss(score, score, diffusion) == 0)
    found = likelihood.likelihood_weighted_loss(0 * error, error, diffusion)
    assert np.array_equal(found, likelihood.likelihood_weighted_loss(error, 0 * error, diffusion))
    each = likelihood.likelihood_weighted_loss(0 * error, error, np.full(3, diffusion))
    assert np.array_equal(found, each)
