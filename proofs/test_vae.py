"""Variational autoencoders from densities: means of log ratios under the encoder, and Bayes' rule for a linear decoder."""

import numpy as np
import pytest
import sympy as sp

from refdiff.reference import vae

from .algebra import column, completed_square, expectation, log_normal, positive, real, same

MEANS, SCALES = column(real("m_1 m_2 m_3 m_4")).reshape(2, 2), column(positive("s_1 s_2 s_3 s_4")).reshape(2, 2)
ROWS = column(real("x_1 x_2 x_3 x_4")).reshape(2, 2)
UNITS = real("u_1 u_2")
NOISE = positive("noise")


def logs(scales):
    """Log variances, as the bodies take them."""
    return column([2 * sp.log(scale) for scale in scales.flat]).reshape(scales.shape)


def log_of_draw(scale, unit):
    """Log density of mean + scale*unit under its own law."""
    return log_normal(unit, 0, 1) - sp.log(scale)


def divergence(mean, scale):
    """Mean, over the encoder, of the log of its density over the prior's."""
    unit = UNITS[0]
    return expectation(log_of_draw(scale, unit) - log_normal(mean + scale * unit, 0, 1), [unit])


def test_reparameterised_sample_has_the_encoders_mean_and_variance_and_rises_with_the_noise():
    mean, scale, eps = MEANS[0, 0], SCALES[0, 0], real("eps")
    draw = vae.reparameterised_sample(mean, 2 * sp.log(scale), eps)
    assert same(expectation(draw, [eps]), mean)
    assert same(expectation((draw - mean) ** 2, [eps]), scale**2)
    assert sp.diff(draw, eps).is_positive


def test_vae_kl_elementwise_is_the_mean_of_the_log_ratio_of_encoder_and_prior():
    expected = [divergence(*pair) for pair in zip(MEANS.flat, SCALES.flat, strict=True)]
    assert same(vae.vae_kl_elementwise(MEANS, logs(SCALES)), column(expected).reshape(2, 2))


def test_vae_kl_sums_the_divergences_of_each_samples_entries():
    expected = [sum(map(divergence, *pair)) for pair in zip(MEANS, SCALES, strict=True)]
    assert same(vae.vae_kl(MEANS, logs(SCALES)), column(expected))


def test_gaussian_reconstruction_nll_sums_minus_the_log_densities():
    triples = zip(ROWS, MEANS, SCALES, strict=True)
    expected = [-sum(map(log_normal, x, mean, scale**2)) for x, mean, scale in triples]
    assert same(vae.gaussian_reconstruction_nll(ROWS, MEANS, logs(SCALES)), column(expected))


@pytest.mark.parametrize("sign", [1, -1])
def test_bernoulli_reconstruction_nll_sums_the_cross_entropies_of_the_two_outcomes(sign):
    excess = column(positive("h_1 h_2 h_3 h_4")).reshape(2, 2)
    logits = column([sign * sp.log(1 + entry) for entry in excess.flat]).reshape(2, 2)
    masses = (1 + excess) ** sign
    ones = [[sp.log(mass / (1 + mass)) for mass in row] for row in masses]
    zeros = [[sp.log(1 / (1 + mass)) for mass in row] for row in masses]
    expected = -np.sum(ROWS * column(ones) + (1 - ROWS) * column(zeros), axis=1)
    assert same(vae.bernoulli_reconstruction_nll(ROWS, logits), expected)


def test_bernoulli_reconstruction_nll_of_a_logit_of_0_is_log_2_whatever_the_data():
    assert same(vae.bernoulli_reconstruction_nll(ROWS, 0 * ROWS), column([2 * sp.log(2)] * 2))


def test_beta_vae_loss_is_the_lagrangian_of_a_constraint_on_the_kl():
    nll, kl, weight = real("nll kl weight")
    loss = vae.beta_vae_loss(nll, kl, weight)
    assert [sp.diff(loss, nll), sp.diff(loss, kl), sp.diff(loss, weight)] == [1, weight, kl]
    assert loss.subs(dict.fromkeys((nll, kl), 0)) == 0


def linear(d, k):
    """Matrix, offset, encoder's means and scales, data: one sample."""
    matrix = column(real("w_1 w_2")[: d * k]).reshape(d, k)
    return matrix, column(real("b_1 b_2")[:d]), MEANS[:1, :k], SCALES[:1, :k], ROWS[:1, :d]


def log_joint(x, latent, matrix, offset):
    seen = zip(x, matrix @ latent + offset, strict=True)
    return sum(log_normal(*pair, NOISE) for pair in seen) + sum(log_normal(entry, 0, 1) for entry in latent)


SIZES = pytest.mark.parametrize(("d", "k"), [(2, 1), (1, 2)])


@SIZES
def test_linear_vae_elbo_is_the_mean_of_the_log_joint_density_over_the_encoders(d, k):
    matrix, offset, mean, scale, x = linear(d, k)
    units = UNITS[:k]
    latent = mean[0] + scale[0] * column(units)
    log_ratio = log_joint(x[0], latent, matrix, offset) - sum(map(log_of_draw, scale[0], units))
    found = vae.linear_vae_elbo(x, mean, logs(scale), matrix, offset, NOISE)
    assert same(found, column([expectation(log_ratio, units)]))


def posterior(x, matrix, offset):
    """Log density of the latent given x: the joint's square completed in one latent after the other."""
    latent = column(real("z_1 z_2")[: matrix.shape[1]])
    left, total = log_joint(x, latent, matrix, offset), 0
    for entry in latent:
        law = completed_square(left, entry)
        total = total + log_normal(entry, *law)
        # What is left once this latent is integrated out.
        left = sp.expand_log(left - log_normal(entry, *law), force=True).subs(entry, 0)
    return latent, total, left


@SIZES
def test_linear_vae_log_evidence_is_what_is_left_when_the_latents_are_integrated_out(d, k):
    matrix, offset, _, _, x = linear(d, k)
    found = vae.linear_vae_log_evidence(x, matrix, offset, NOISE)
    assert same(found, column([posterior(x[0], matrix, offset)[2]]))


@SIZES
def test_linear_vae_gap_is_the_mean_of_the_log_ratio_of_encoder_and_posterior(d, k):
    matrix, offset, mean, scale, x = linear(d, k)
    latent, log_posterior, _ = posterior(x[0], matrix, offset)
    units = UNITS[:k]
    at = log_posterior.subs(list(zip(latent, mean[0] + scale[0] * column(units), strict=True)), simultaneous=True)
    log_ratio = sum(map(log_of_draw, scale[0], units)) - sp.expand_log(at, force=True)
    found = vae.linear_vae_gap(x, mean, logs(scale), matrix, offset, NOISE)
    assert same(found, column([expectation(log_ratio, units)]))


@SIZES
def test_linear_vae_gap_is_linear_vae_log_evidence_less_linear_vae_elbo(d, k):
    matrix, offset, mean, scale, x = linear(d, k)
    bound = vae.linear_vae_elbo(x, mean, logs(scale), matrix, offset, NOISE)
    evidence = vae.linear_vae_log_evidence(x, matrix, offset, NOISE)
    assert same(vae.linear_vae_gap(x, mean, logs(scale), matrix, offset, NOISE), evidence - bound)
