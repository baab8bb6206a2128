"""Proofs of several resolutions: pooling entry by entry, moments of averages, orthogonality of what is left."""

import numpy as np
import pytest
import sympy as sp

from refdiff.reference import multiscale

from .algebra import column, expectation, positive, real, same

ALPHA, SIGMA, ALPHA_COARSE, SIGMA_COARSE = positive("alpha sigma alpha_c sigma_c")
LEVEL = real("logsnr")


@pytest.mark.parametrize("pooling", [2, 3])
def test_average_pool_takes_the_mean_of_each_block(pooling):
    x = column(real(f"x_:{8 * pooling * pooling}")).reshape(2, 2 * pooling, 2 * pooling)
    found = multiscale.average_pool(x, pooling)
    assert found.shape == (2, 2, 2)
    for b, i, j in np.ndindex(2, 2, 2):
        block = [x[b, i * pooling + k, j * pooling + n] for k in range(pooling) for n in range(pooling)]
        assert same(found[b, i, j] * pooling**2, sum(block))
    assert same(multiscale.average_pool(x[:, :, 0], pooling)[:, 1], [sum(row[pooling:, 0]) / pooling for row in x])


@pytest.mark.parametrize("pooling", [2, 3])
def test_nearest_upsample_copies_each_entry_to_its_block(pooling):
    x = column(real("x_:12")).reshape(2, 2, 3)
    found = multiscale.nearest_upsample(x, pooling)
    assert found.shape == (2, 2 * pooling, 3 * pooling)
    for b, i, j in np.ndindex(*found.shape):
        assert found[b, i, j] == x[b, i // pooling, j // pooling]
    assert same(multiscale.average_pool(found, pooling), x)


@pytest.mark.parametrize(("pooling", "axes"), [(2, 1), (3, 1), (2, 2), (3, 2), (2, 3)])
def test_pooled_noise_scale_and_pooled_logsnr_are_those_of_a_pooled_state(pooling, axes):
    shape = (1, *[pooling] * axes)
    noises = real(f"u_:{pooling**axes}")
    signal = ALPHA * multiscale.average_pool(np.full(shape, real("x")), pooling).item()
    noise = multiscale.average_pool(SIGMA * column(noises).reshape(shape), pooling).item()
    variance = expectation(noise**2, noises)
    assert same(multiscale.pooled_noise_scale(SIGMA, pooling, axes) ** 2, variance)
    assert multiscale.pooled_noise_scale(sp.Integer(5), pooling, axes) > 0
    found = multiscale.pooled_logsnr(sp.log(ALPHA**2 / SIGMA**2), pooling, axes)
    assert same(found, sp.log(sp.diff(signal, real("x")) ** 2 / variance))
    assert same(multiscale.pooled_logsnr(sp.Integer(0), pooling, axes), sp.log(pooling**axes))


@pytest.mark.parametrize("pooling", [1, 2, 4, 5])
def test_logsnr_shifted_to_a_higher_resolution_is_pooled_back_to_the_base(pooling):
    shifted = multiscale.logsnr_shifted(LEVEL, 8 * pooling, 8)
    assert same(multiscale.pooled_logsnr(shifted, pooling, 2), LEVEL)
    assert same(multiscale.logsnr_shifted(LEVEL, 8, 8 * pooling), multiscale.pooled_logsnr(LEVEL, pooling, 2))
    assert same(multiscale.logsnr_shifted(sp.Integer(0), 8, 8 * pooling), sp.log(pooling**2))


def test_logsnr_interpolated_goes_straight_from_one_shift_to_the_other():
    time = real("time")
    found = multiscale.logsnr_interpolated(LEVEL, time, 6, 2, 3)
    assert same(found.subs(time, 0), LEVEL - 2 * sp.log(2))
    assert same(found.subs(time, 1), LEVEL - 2 * sp.log(3))
    assert same(sp.diff(found, time, 2), 0)


# Factor and the data's scales: one block of three entries, and one of an image.
BLOCKS = [
    (3, column([sp.Integer(k) for k in (1, 2, 4)]).reshape(1, 3)),
    (2, column([sp.Integer(k) for k in (1, 3, 2, 5)]).reshape(1, 2, 2)),
]


def drawn(scales):
    """Mean, data and fine noise for data of these scales; the unit noises they are made of."""
    count = scales.size
    mean = column(real(f"m_:{count}")).reshape(scales.shape)
    units, noises = real(f"u_:{count}"), real(f"e_:{count}")
    return mean, mean + scales * column(units).reshape(scales.shape), column(noises).reshape(scales.shape), [*units, *noises]


def left_over(fine, coarse, found, variance, pooling, noises):
    """Whether what the fine state has beyond its mean given the coarse one is unbiased, unrelated to it, and this varied."""
    for index in list(np.ndindex(*fine.shape))[:2]:
        block = (0, *(i // pooling for i in index[1:]))
        left = sp.expand(fine[index] - found[index])
        held = coarse[block] - expectation(coarse[block], noises)
        assert same(expectation(left, noises), 0)
        assert same(expectation(left * held, noises), 0)
        assert same(expectation(left**2, noises), variance[index])


@pytest.mark.parametrize(("pooling", "scales"), BLOCKS)
def test_nested_posterior_mean_and_nested_posterior_variance_leave_what_the_coarse_state_does_not_tell(pooling, scales):
    mean, data, eps, noises = drawn(scales)
    coarse = ALPHA_COARSE * multiscale.average_pool(data, pooling)
    own = column(real(f"n_:{coarse.size}")).reshape(coarse.shape)
    coarse = coarse + SIGMA_COARSE * own
    levels = (pooling, ALPHA, SIGMA, ALPHA_COARSE, SIGMA_COARSE)
    found = multiscale.nested_posterior_mean(coarse, mean, scales**2, *levels)
    variance = multiscale.nested_posterior_variance(scales**2, *levels)
    left_over(ALPHA * data + SIGMA * eps, coarse, found, variance, pooling, [*noises, *own.flat])


@pytest.mark.parametrize(("pooling", "scales"), BLOCKS)
def test_nested_posterior_mean_shared_noise_and_nested_posterior_variance_shared_noise_leave_the_detail(pooling, scales):
    mean, data, eps, noises = drawn(scales)
    fine = ALPHA * data + SIGMA * eps
    coarse = multiscale.average_pool(fine, pooling)
    found = multiscale.nested_posterior_mean_shared_noise(coarse, mean, scales**2, pooling, ALPHA, SIGMA)
    variance = multiscale.nested_posterior_variance_shared_noise(scales**2, pooling, ALPHA, SIGMA)
    left_over(fine, coarse, found, variance, pooling, noises)


@pytest.mark.parametrize(("pooling", "scales"), BLOCKS)
def test_nested_coarse_variance_and_nested_cross_covariance_are_second_moments_of_states_with_noise_of_their_own(pooling, scales):
    mean, data, eps, noises = drawn(scales)
    fine = ALPHA * (data - mean) + SIGMA * eps
    pooled = multiscale.average_pool(data - mean, pooling)
    own = column(real(f"n_:{pooled.size}")).reshape(pooled.shape)
    coarse, noises = ALPHA_COARSE * pooled + SIGMA_COARSE * own, [*noises, *own.flat]
    found = multiscale.nested_coarse_variance(scales**2, pooling, ALPHA_COARSE, SIGMA_COARSE)
    assert same(found, column([expectation(entry**2, noises) for entry in coarse.flat]).reshape(coarse.shape))
    expected = column([expectation(entry * coarse.item(), noises) for entry in fine.flat]).reshape(fine.shape)
    assert same(multiscale.nested_cross_covariance(scales**2, pooling, ALPHA, ALPHA_COARSE), expected)


@pytest.mark.parametrize(("pooling", "scales"), BLOCKS)
def test_nested_cross_covariance_shared_noise_is_the_second_moment_with_the_states_own_average(pooling, scales):
    mean, data, eps, noises = drawn(scales)
    fine = ALPHA * (data - mean) + SIGMA * eps
    coarse = multiscale.average_pool(fine, pooling).item()
    expected = column([expectation(entry * coarse, noises) for entry in fine.flat]).reshape(fine.shape)
    assert same(multiscale.nested_cross_covariance_shared_noise(scales**2, pooling, ALPHA, SIGMA), expected)


LEVELS = positive("a_s s_s a_t s_t"), positive("A_s S_s A_t S_t")


def joint(pooling=2):
    """Both chains at s and t, from data of one block, and the noises that they are made of."""
    data, noises = column(real("x_:2")).reshape(1, 2), real("e_1 e_2 f_1 f_2 g h")
    (a_s, s_s, a_t, s_t), (b_s, r_s, b_t, r_t) = LEVELS
    pooled = multiscale.average_pool(data, pooling)
    early = a_s * data + s_s * column(noises[:2])[None], b_s * pooled + r_s * noises[4]
    steps = sp.sqrt(s_t**2 - (a_t / a_s * s_s) ** 2), sp.sqrt(r_t**2 - (b_t / b_s * r_s) ** 2)
    late = a_t / a_s * early[0] + steps[0] * column(noises[2:4])[None], b_t / b_s * early[1] + steps[1] * noises[5]
    return data, early, late, noises


def test_nested_joint_sample_has_the_marginals_of_both_chains_and_noises_of_their_own():
    data, eps, own = column(real("x_:4")).reshape(1, 2, 2), column(real("e_:4")).reshape(1, 2, 2), column([[real("g")]])[None]
    found = multiscale.nested_joint_sample(data, eps, own, 2, ALPHA, SIGMA, ALPHA_COARSE, SIGMA_COARSE)
    assert found.shape == (1, 5)
    assert same(found[0, :4], column([ALPHA * x + SIGMA * e for x, e in zip(data.flat, eps.flat, strict=True)]))
    assert same(found[0, 4], ALPHA_COARSE * sum(data.flat) / 4 + SIGMA_COARSE * real("g"))
    both = np.concat([data, 2 * data])
    twice = multiscale.nested_joint_sample(both, 0 * both, np.concat([own, own]), 2, ALPHA, SIGMA, ALPHA_COARSE, SIGMA_COARSE)
    assert same(twice[1, :4] - 2 * twice[0, :4], 0 * twice[0, :4])


def test_nested_joint_posterior_mean_and_nested_joint_posterior_variances_leave_what_neither_state_at_t_tells():
    data, early, late, noises = joint()
    found = multiscale.nested_joint_posterior_mean(data, *late, 2, *LEVELS[0], *LEVELS[1])
    variances = multiscale.nested_joint_posterior_variances(*LEVELS[0], *LEVELS[1])
    states, later = [*early[0].flat, *early[1].flat], [*late[0].flat, *late[1].flat]
    left = [sp.expand(state - mean) for state, mean in zip(states, found[0], strict=True)]
    for i, one in enumerate(left):
        assert same(expectation(one, noises), 0)
        assert same(expectation(one**2, noises), variances[0 if i < 2 else 1])
        assert all(same(expectation(one * (other - expectation(other, noises)), noises), 0) for other in later)
    assert same(expectation(left[0] * left[2], noises), 0)


def test_nested_joint_posterior_mean_pools_to_the_coarse_one_where_both_share_their_noise():
    """A coarse chain of the same signal and the pooled noise, at the average of the fine state."""
    data, state = column(real("x_:4")).reshape(1, 2, 2), column(real("y_:4")).reshape(1, 2, 2)
    a_s, s_s, a_t, s_t = LEVELS[0]
    pooled = multiscale.average_pool(state, 2)
    found = multiscale.nested_joint_posterior_mean(data, state, pooled, 2, a_s, s_s, a_t, s_t, a_s, s_s / 2, a_t, s_t / 2)
    assert same(found[0, 4], sum(found[0, :4]) / 4)
