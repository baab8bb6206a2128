"""Properties of diffusion in a latent space."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import gaussian, latent

from .strategies import matrices, scales, seeds, slack, states, within

variances = seeds.map(lambda rng: 10 ** rng.uniform(-3, 3, (2, 3)))
shifts = st.floats(-10, 10)


def known(x_0, mean, variance, matrix, offset, decoder_variance):
    return {
        "x_0": x_0, "mean": mean, "variance": variance, "matrix": matrix, "offset": offset, "decoder_variance": decoder_variance,
    }  # fmt: skip


@given(states(2, 3), shifts, scales)
def test_unscaled_latent_undoes_scaled_latent(z, shift, scale):
    found = latent.unscaled_latent(latent.scaled_latent(z, shift, scale), shift, scale)
    assert within(found, z, 8 * np.spacing(np.abs(z) + abs(shift)))


@given(scales, scales, st.integers(1, 10_000))
def test_latent_scaling_log_determinant_adds_up_and_is_zero_for_one(one, other, count):
    found = latent.latent_scaling_log_determinant(one, count) + latent.latent_scaling_log_determinant(other, count)
    size = 4 * count * np.spacing(abs(np.log(one)) + abs(np.log(other)) + 1)
    assert within(latent.latent_scaling_log_determinant(one * other, count), found, size)
    assert latent.latent_scaling_log_determinant(1.0, count) == 0


@given(variances, scales)
def test_encoder_entropy_grows_by_the_log_determinant_of_a_scaling(variance, scale):
    found = latent.encoder_entropy(variance * scale**2) - latent.encoder_entropy(variance)
    expected = np.full(2, latent.latent_scaling_log_determinant(scale, 3))
    assert within(found, expected, 1e-13 * (10 + np.abs(latent.encoder_entropy(variance)) + np.abs(expected)))


@given(states(2, 3), variances, states(3), seeds.map(lambda rng: 10 ** rng.uniform(-3, 3, 3)))
def test_latent_cross_entropy_is_at_least_encoder_entropy(mean_1, variance_1, mean_2, variance_2):
    arguments = {"mean_1": mean_1, "variance_1": variance_1, "mean_2": mean_2, "variance_2": variance_2}
    found, entropy = latent.latent_cross_entropy(**arguments), latent.encoder_entropy(variance_1)
    margin = slack("latent_cross_entropy", arguments, found) + slack("encoder_entropy", {"variance": variance_1}, entropy)
    assert np.all(found >= entropy - margin)
    # Their difference is a KL divergence.
    own = latent.latent_cross_entropy(mean_1, variance_1, mean_1, variance_1)
    assert within(own, entropy, 2 * margin)


@given(states(2, 4), states(2, 3), variances, matrices(4, 3), states(4), scales)
def test_latent_bound_is_reconstruction_plus_entropy_less_cross_entropy(x_0, mean, variance, matrix, offset, noise):
    arguments = known(x_0, mean, variance, matrix, offset, noise)
    found = latent.latent_bound(**arguments)
    kept = latent.latent_reconstruction(**arguments)
    expected = kept + latent.encoder_entropy(variance) - latent.latent_cross_entropy(mean, variance, np.zeros(3), np.ones(3))
    assert within(found, expected, 4 * slack("latent_bound", arguments, found))


@given(states(2, 4), states(2, 3), variances, matrices(4, 3), states(4), st.floats(0.1, 10))
def test_latent_bound_is_at_most_the_log_density(x_0, mean, variance, matrix, offset, noise):
    arguments = known(x_0, mean, variance, matrix, offset, noise)
    covariance = matrix @ matrix.T + noise * np.eye(4)
    true = np.array([gaussian.gaussian_log_density(x, offset, covariance) for x in x_0])
    found = latent.latent_bound(**arguments)
    assert np.all(found <= true + slack("latent_bound", arguments, found) + 1e-11 * (1 + np.abs(true)))


@given(states(2, 3), states(3), seeds.map(lambda rng: np.diag(rng.uniform(0.1, 2, 3))), st.floats(0.1, 10))
def test_latent_bound_is_the_log_density_when_the_encoder_is_the_posterior(x_0, offset, matrix, noise):
    slope = np.diag(matrix)
    variance = np.tile(noise / (noise + slope**2), (2, 1))
    arguments = known(x_0, (x_0 - offset) * slope / (noise + slope**2), variance, matrix, offset, noise)
    true = -np.sum((x_0 - offset) ** 2 / (noise + slope**2) + np.log(2 * np.pi * (noise + slope**2)), axis=1) / 2
    found = latent.latent_bound(**arguments)
    assert within(found, true, 2 * slack("latent_bound", arguments, found))


@given(states(2, 4), states(2, 3), variances, matrices(4, 3), states(4), st.floats(0.1, 10), st.floats(0.01, 0.9))
def test_latent_bound_diffusion_of_one_exact_step_is_latent_bound(x_0, mean, variance, matrix, offset, noise, beta):
    """One step whose reverse is the posterior of a unit Gaussian latent loses nothing."""
    model = (np.array([np.sqrt(1 - beta)]), np.zeros(1), beta, np.array([beta]))
    arguments = known(x_0, mean, variance, matrix, offset, noise)
    found = latent.latent_bound_diffusion(*arguments.values(), *model)
    given_ = arguments | dict(zip(("slopes", "intercepts", "latent_variance", "betas"), model, strict=True))
    assert within(found, latent.latent_bound(**arguments), 4 * slack("latent_bound_diffusion", given_, found))


@given(states(2, 4), states(2, 3), variances, matrices(4, 3), st.floats(-2, 2), st.floats(-2, 2), st.floats(0.1, 5))
def test_latent_bound_diffusion_is_at_most_the_bound_with_its_own_prior(x_0, mean, variance, matrix, slope, intercept, spread):
    """One step's model of the latent is a Gaussian: intercept, slope**2 + latent_variance."""
    arguments = known(x_0, mean, variance, matrix, np.zeros(4), 0.5)
    model = {
        "slopes": np.array([slope]), "intercepts": np.array([intercept]), "latent_variance": spread, "betas": np.array([0.3]),
    }  # fmt: skip
    found = latent.latent_bound_diffusion(**arguments, **model)
    cross = latent.latent_cross_entropy(mean, variance, np.full(3, intercept), np.full(3, slope**2 + spread))
    whole = latent.latent_reconstruction(**arguments) + latent.encoder_entropy(variance) - cross
    assert np.all(found <= whole + 4 * slack("latent_bound_diffusion", arguments | model, found))
