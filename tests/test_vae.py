"""Properties of variational autoencoders."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import gaussian, vae

from .strategies import levels, matrices, scales, seeds, share, slack, states, within

logs = seeds.map(lambda rng: rng.choice([-1, 1], (4, 3)) * 10 ** rng.uniform(-12, 2, (4, 3)))
mild = seeds.map(lambda rng: rng.uniform(-8, 8, (2, 3)))
noises = st.floats(-2, 2).map(lambda exponent: 10**exponent)


def linear(x_0, mean, log_variance, matrix, offset, noise_variance):
    """Arguments of the linear autoencoder by name."""
    return {
        "x_0": x_0, "mean": mean, "log_variance": log_variance, "matrix": matrix, "offset": offset,
        "noise_variance": noise_variance,
    }  # fmt: skip


@given(states(4, 3), logs)
def test_reparameterised_sample_without_noise_is_the_mean_and_is_odd_about_it(mean, log_variance):
    assert np.array_equal(vae.reparameterised_sample(mean, log_variance, 0 * mean), mean)
    ahead, behind = (vae.reparameterised_sample(0 * mean, log_variance, sign * mean) for sign in (1, -1))
    assert np.array_equal(ahead, -behind)


@given(states(4, 3), logs)
def test_vae_kl_is_never_negative_and_vae_kl_elementwise_neither(mean, log_variance):
    assert np.all(vae.vae_kl(mean, log_variance) >= 0)
    assert np.all(vae.vae_kl_elementwise(mean, log_variance) >= 0)


@given(states(4, 3), logs)
def test_vae_kl_is_the_sum_of_vae_kl_elementwise(mean, log_variance):
    found, parts = vae.vae_kl(mean, log_variance), vae.vae_kl_elementwise(mean, log_variance)
    assert within(found, parts.sum(axis=1), 2 * slack("vae_kl", {}, found))


@given(st.floats(1e-12, 1e-3), st.sampled_from([1, -1]))
def test_vae_kl_elementwise_near_the_prior_is_a_quarter_of_the_squared_log_variance(size, sign):
    found = vae.vae_kl_elementwise(np.zeros(1), np.array([sign * size]))
    assert abs(found[0] / (size**2 / 4) - 1) <= size + 1e-15


def test_vae_kl_of_the_prior_is_zero():
    assert np.array_equal(vae.vae_kl(np.zeros((2, 3)), np.zeros((2, 3))), np.zeros(2))


@given(states(2, 3), st.integers(-8, 8))
def test_vae_kl_is_gaussian_kl_isotropic_from_the_unit_gaussian(mean, power):
    log_variance = np.full((2, 3), float(power))
    found, variance = vae.vae_kl(mean, log_variance), float(np.exp(power))
    expected = gaussian.gaussian_kl_isotropic(mean, variance, 0 * mean, 1.0)
    laws = {"mean_1": mean, "variance_1": variance, "mean_2": 0 * mean, "variance_2": 1.0}
    assert within(found, expected, 2 * slack("gaussian_kl_isotropic", laws, expected) + slack("vae_kl", {}, found))


@given(states(4, 3), logs)
def test_gaussian_reconstruction_nll_is_least_where_the_mean_is_the_data(x_0, log_variance):
    log_variance = np.clip(log_variance, -30, 30)
    best = vae.gaussian_reconstruction_nll(x_0, x_0, log_variance)
    assert np.all(vae.gaussian_reconstruction_nll(x_0, 0 * x_0, log_variance) >= best)


@given(states(4, 3), states(4, 3))
def test_gaussian_reconstruction_nll_of_unit_variance_is_half_the_squared_distance_and_a_constant(x_0, mean):
    found = vae.gaussian_reconstruction_nll(x_0, mean, 0 * mean)
    expected = -gaussian.gaussian_log_density_isotropic(x_0, mean, 1.0)
    assert within(found, expected, 4 * np.spacing(np.abs(expected) + 10))


@given(states(4, 3))
def test_bernoulli_reconstruction_nll_does_not_mind_swapping_zeros_and_ones(logits):
    data = np.tile([0.0, 1.0, 0.25], (4, 1))
    found = vae.bernoulli_reconstruction_nll(data, logits)
    swapped = vae.bernoulli_reconstruction_nll(1 - data, -logits)
    assert np.array_equal(found, swapped)
    assert np.all(found >= 0)


@given(levels)
def test_bernoulli_reconstruction_nll_of_a_sure_and_right_decoder_stays_positive(logit):
    found = vae.bernoulli_reconstruction_nll(np.array([[float(logit > 0)]]), np.array([[logit]]))
    assert 0 < found[0] <= np.log(2)


@given(states(4), states(4), scales)
def test_beta_vae_loss_grows_with_the_weight_by_the_kl(reconstruction_nll, kl, kl_weight):
    kl = np.abs(kl)
    found = vae.beta_vae_loss(reconstruction_nll, kl, kl_weight)
    assert np.all(found >= reconstruction_nll)
    assert np.array_equal(vae.beta_vae_loss(reconstruction_nll, kl, 0.0), reconstruction_nll)


@given(states(2, 2), states(2, 3), mild, matrices(2, 3), states(2), noises)
def test_linear_vae_elbo_and_linear_vae_gap_add_up_to_linear_vae_log_evidence(x_0, mean, log_variance, matrix, offset, noise):
    given_values = linear(x_0, mean, log_variance, matrix, offset, noise)
    evidence = vae.linear_vae_log_evidence(x_0, matrix, offset, noise)
    bound, gap = (body(**given_values) for body in (vae.linear_vae_elbo, vae.linear_vae_gap))
    found = {"linear_vae_log_evidence": evidence, "linear_vae_elbo": bound, "linear_vae_gap": gap}
    allowed = sum(slack(name, given_values, value) for name, value in found.items())
    assert within(bound + gap, evidence, 2 * allowed)
    assert np.all(gap >= -slack("linear_vae_gap", given_values, gap))


@given(states(2, 2), states(2, 3), mild, states(2), noises)
def test_linear_vae_gap_of_a_decoder_that_ignores_the_latent_is_vae_kl(x_0, mean, log_variance, offset, noise):
    matrix = np.zeros((2, 3))
    found = vae.linear_vae_gap(x_0, mean, log_variance, matrix, offset, noise)
    allowed = slack("linear_vae_gap", linear(x_0, mean, log_variance, matrix, offset, noise), found)
    assert within(found, vae.vae_kl(mean, log_variance), 2 * allowed)


@given(states(2, 2), matrices(2, 1), states(2), noises, share)
def test_linear_vae_gap_closes_at_the_posterior_of_a_single_latent(x_0, matrix, offset, noise, moved):
    precision = 1 + (matrix**2).sum() / noise
    mean = (x_0 - offset) @ matrix / noise / precision
    log_variance = np.full((2, 1), -np.log(precision))
    found = vae.linear_vae_gap(x_0, mean, log_variance, matrix, offset, noise)
    allowed = slack("linear_vae_gap", linear(x_0, mean, log_variance, matrix, offset, noise), found)
    assert np.all(np.abs(found) <= 2 * allowed + 4e-16 * precision * mean[:, 0] ** 2)
    farther = vae.linear_vae_gap(x_0, mean + moved, log_variance, matrix, offset, noise)
    wide = slack("linear_vae_gap", linear(x_0, mean + moved, log_variance, matrix, offset, noise), farther)
    assert np.all(np.abs(farther - precision * moved**2 / 2) <= 4 * (allowed + wide) + 1e-14 * (1 + precision))
