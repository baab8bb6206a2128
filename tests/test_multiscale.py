"""Properties of several resolutions."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refdiff.golden.domain.forward import levels
from refdiff.reference import multiscale, posterior

from .strategies import scales, seeds, slack, states, within

factors = st.integers(1, 4)
signals = st.floats(0.01, 1)


@st.composite
def nested(draw):
    """A coarse state, mean and variance of the fine data, and the factor between them."""
    pooling = draw(factors)
    fine = (2, 2 * pooling, 3 * pooling)
    variance = draw(seeds.map(lambda rng: 10 ** rng.uniform(-2, 2, fine)))
    return draw(states(2, 2, 3)), draw(states(*fine)), variance, pooling


@given(states(2, 3, 4), factors)
def test_average_pool_undoes_nearest_upsample(x, pooling):
    found = multiscale.average_pool(multiscale.nearest_upsample(x, pooling), pooling)
    assert within(found, x, 8 * np.spacing(np.abs(x)))


@given(states(2, 6, 6))
def test_average_pool_keeps_the_mean_and_composes(x):
    twice = multiscale.average_pool(multiscale.average_pool(x, 2), 3)
    size = 64 * np.spacing(np.abs(x).max())
    assert within(multiscale.average_pool(x, 6), twice, size)
    assert within(twice[:, 0, 0], x.mean(axis=(1, 2)), size)
    assert np.array_equal(multiscale.average_pool(x, 1), x)


@given(states(2, 6), states(2, 3))
def test_nearest_upsample_and_average_pool_are_adjoint_up_to_the_count(x, y):
    one = np.sum(multiscale.average_pool(x, 2) * y)
    other = np.sum(x * multiscale.nearest_upsample(y, 2)) / 2
    assert abs(one - other) <= 1e-13 * np.abs(x).max() * np.abs(y).max()


@given(scales, factors, st.integers(1, 3))
def test_pooled_logsnr_is_that_of_the_pooled_noise_scale(sigma_t, pooling, axes):
    coarse = multiscale.pooled_noise_scale(sigma_t, pooling, axes)
    found = multiscale.pooled_logsnr(-2 * np.log(sigma_t), pooling, axes)
    assert abs(found + 2 * np.log(coarse)) < 1e-14 * (40 + abs(found))


@given(states(4), st.integers(1, 64), st.integers(1, 8))
def test_logsnr_shifted_is_undone_by_pooling_to_the_base(logsnr, base, pooling):
    found = multiscale.pooled_logsnr(multiscale.logsnr_shifted(logsnr, base * pooling, base), pooling, 2)
    assert within(found, logsnr, 16 * np.spacing(np.abs(logsnr) + 10))


@given(states(4), st.floats(0, 1), st.integers(1, 512), st.integers(1, 64), st.integers(64, 512))
def test_logsnr_interpolated_lies_between_its_ends(logsnr, time, resolution, base, high):
    found = multiscale.logsnr_interpolated(logsnr, time, resolution, base, high)
    low, top = (multiscale.logsnr_shifted(logsnr, resolution, one) for one in (base, high))
    size = 16 * np.spacing(np.abs(logsnr) + 16)
    assert np.all((low - size <= found) & (found <= top + size))
    assert np.array_equal(multiscale.logsnr_interpolated(logsnr, 0.0, resolution, base, high), top)
    assert np.array_equal(multiscale.logsnr_interpolated(logsnr, 1.0, resolution, base, high), low)


@given(nested(), signals, scales)
def test_nested_posterior_mean_shared_noise_pools_to_the_coarse_state(data, alpha_t, sigma_t):
    x_coarse, mean, variance, pooling = data
    arguments = {
        "x_coarse": x_coarse,
        "mean": mean,
        "variance": variance,
        "pooling": pooling,
        "alpha_t": alpha_t,
        "sigma_t": sigma_t,
    }
    found = multiscale.nested_posterior_mean_shared_noise(**arguments)
    margin = multiscale.average_pool(slack("nested_posterior_mean_shared_noise", arguments, found), pooling)
    extra = 32 * np.spacing(np.abs(x_coarse).max() + np.abs(mean).max())
    assert within(multiscale.average_pool(found, pooling), x_coarse, 2 * margin + extra)


@given(nested(), signals, scales, signals, scales)
def test_nested_posterior_variance_is_at_most_the_variance_and_at_least_the_noise(
    data, alpha_t, sigma_t, alpha_coarse, sigma_coarse
):
    _, _, variance, pooling = data
    found = multiscale.nested_posterior_variance(variance, pooling, alpha_t, sigma_t, alpha_coarse, sigma_coarse)
    power = alpha_t**2 * variance + sigma_t**2
    size = 16 * np.spacing(power)
    assert np.all((sigma_t**2 - size <= found) & (found <= power + size))
    blind = multiscale.nested_posterior_variance(variance, pooling, alpha_t, sigma_t, 0.0, sigma_coarse)
    assert within(blind, power, size)


@given(nested(), signals, scales, scales)
def test_nested_posterior_mean_without_coarse_signal_is_the_mean(data, alpha_t, sigma_t, sigma_coarse):
    x_coarse, mean, variance, pooling = data
    found = multiscale.nested_posterior_mean(x_coarse, mean, variance, pooling, alpha_t, sigma_t, 0.0, sigma_coarse)
    assert np.array_equal(found, alpha_t * mean)
    # The fine noise is drawn by itself: the coarse state says nothing of it.
    one, other = (
        multiscale.nested_posterior_mean(x_coarse, mean, variance, pooling, alpha_t, level, 0.5, sigma_coarse)
        for level in (sigma_t, 2 * sigma_t)
    )
    assert np.array_equal(one, other)


@given(nested(), signals, scales)
def test_nested_posterior_variance_shared_noise_is_zero_for_blocks_of_one(data, alpha_t, sigma_t):
    _, _, variance, pooling = data
    found = multiscale.nested_posterior_variance_shared_noise(variance, 1, alpha_t, sigma_t)
    assert np.all(found == 0)
    power = alpha_t**2 * variance + sigma_t**2
    assert np.all(multiscale.nested_posterior_variance_shared_noise(variance, pooling, alpha_t, sigma_t) <= power)


@given(nested(), signals, scales)
def test_a_pooled_state_is_a_state_of_the_pooled_data_at_the_pooled_noise_scale(data, alpha_t, sigma_t):
    _, x_0, eps, pooling = data
    pooled = multiscale.average_pool(alpha_t * x_0 + sigma_t * eps, pooling)
    # Unit noise: the mean of pooling**2 of them, times the factor.
    unit = pooling * multiscale.average_pool(eps, pooling)
    scale = multiscale.pooled_noise_scale(sigma_t, pooling, 2)
    expected = alpha_t * multiscale.average_pool(x_0, pooling) + scale * unit
    assert within(pooled, expected, 64 * np.spacing(np.abs(x_0).max() + sigma_t * np.abs(eps).max()))


@given(nested(), signals, scales, signals, scales)
def test_nested_posterior_variance_is_what_the_covariances_leave(data, alpha_t, sigma_t, alpha_coarse, sigma_coarse):
    _, _, variance, pooling = data
    cross = multiscale.nested_cross_covariance(variance, pooling, alpha_t, alpha_coarse)
    spread = multiscale.nearest_upsample(
        multiscale.nested_coarse_variance(variance, pooling, alpha_coarse, sigma_coarse), pooling
    )
    power = alpha_t**2 * variance + sigma_t**2
    found = multiscale.nested_posterior_variance(variance, pooling, alpha_t, sigma_t, alpha_coarse, sigma_coarse)
    assert within(found, power - cross**2 / spread, 32 * np.spacing(power))


@given(nested(), signals, scales)
def test_nested_cross_covariance_shared_noise_pools_to_nested_coarse_variance_of_the_pooled_noise(data, alpha_t, sigma_t):
    _, _, variance, pooling = data
    cross = multiscale.nested_cross_covariance_shared_noise(variance, pooling, alpha_t, sigma_t)
    noise = multiscale.pooled_noise_scale(sigma_t, pooling, 2)
    expected = multiscale.nested_coarse_variance(variance, pooling, alpha_t, noise)
    assert within(multiscale.average_pool(cross, pooling), expected, 32 * np.spacing(expected))


@given(nested(), signals, scales, signals, scales)
def test_nested_joint_sample_holds_both_states_in_order(data, alpha_t, sigma_t, alpha_coarse, sigma_coarse):
    eps_coarse, x_0, eps, pooling = data
    found = multiscale.nested_joint_sample(x_0, eps, eps_coarse, pooling, alpha_t, sigma_t, alpha_coarse, sigma_coarse)
    fine, coarse = found[:, : x_0[0].size], found[:, x_0[0].size :]
    assert np.array_equal(fine.reshape(x_0.shape), alpha_t * x_0 + sigma_t * eps)
    pooled = alpha_coarse * multiscale.average_pool(x_0, pooling) + sigma_coarse * eps_coarse
    assert np.array_equal(coarse.reshape(eps_coarse.shape), pooled)


@given(nested(), seeds)
def test_nested_joint_posterior_mean_and_nested_joint_posterior_variances_are_those_of_each_chain(data, rng):
    x_coarse, x_0, x_t, pooling = data
    fine, coarse = levels(rng), levels(rng)
    found = multiscale.nested_joint_posterior_mean(x_0, x_t, x_coarse, pooling, *fine.values(), *coarse.values())
    expected = (
        posterior.general_posterior_mean(x_0, x_t, **fine),
        posterior.general_posterior_mean(multiscale.average_pool(x_0, pooling), x_coarse, **coarse),
    )
    assert np.array_equal(found, np.concat([one.reshape(2, -1) for one in expected], axis=1))
    variances = multiscale.nested_joint_posterior_variances(*fine.values(), *coarse.values())
    assert np.array_equal(variances, [posterior.general_posterior_variance(**chain) for chain in (fine, coarse)])
