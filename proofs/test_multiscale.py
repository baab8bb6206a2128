"""Proofs of several resolutions: pooling entry by entry, moments of averages, orthogonality of what is left."""

import numpy as np
import pytest
import sympy as sp

from refdiff.reference import multiscale

from .algebra import column, expectation, positive, real, same

ALPHA, SIGMA, ALPHA_COARSE, SIGMA_COARSE = positive("alpha sigma alpha_c sigma_c")
LEVEL = real("logsnr")


@pytest.mark.parametrize("factor", [2, 3])
def test_average_pool_takes_the_mean_of_each_block(factor):
    x = column(real(f"x_:{8 * factor * factor}")).reshape(2, 2 * factor, 2 * factor)
    found = multiscale.average_pool(x, factor)
    assert found.shape == (2, 2, 2)
    for b, i, j in np.ndindex(2, 2, 2):
        block = [x[b, i * factor + k, j * factor + n] for k in range(factor) for n in range(factor)]
        assert same(found[b, i, j] * factor**2, sum(block))
    assert same(multiscale.average_pool(x[:, :, 0], factor)[:, 1], [sum(row[factor:, 0]) / factor for row in x])


@pytest.mark.parametrize("factor", [2, 3])
def test_nearest_upsample_copies_each_entry_to_its_block(factor):
    x = column(real("x_:12")).reshape(2, 2, 3)
    found = multiscale.nearest_upsample(x, factor)
    assert found.shape == (2, 2 * factor, 3 * factor)
    for b, i, j in np.ndindex(*found.shape):
        assert found[b, i, j] == x[b, i // factor, j // factor]
    assert same(multiscale.average_pool(found, factor), x)


@pytest.mark.parametrize(("factor", "axes"), [(2, 1), (3, 1), (2, 2), (3, 2), (2, 3)])
def test_pooled_noise_scale_and_pooled_logsnr_are_those_of_a_pooled_state(factor, axes):
    shape = (1, *[factor] * axes)
    noises = real(f"u_:{factor**axes}")
    signal = ALPHA * multiscale.average_pool(np.full(shape, real("x")), factor).item()
    noise = multiscale.average_pool(SIGMA * column(noises).reshape(shape), factor).item()
    variance = expectation(noise**2, noises)
    assert same(multiscale.pooled_noise_scale(SIGMA, factor, axes) ** 2, variance)
    assert multiscale.pooled_noise_scale(sp.Integer(5), factor, axes) > 0
    found = multiscale.pooled_logsnr(sp.log(ALPHA**2 / SIGMA**2), factor, axes)
    assert same(found, sp.log(sp.diff(signal, real("x")) ** 2 / variance))
    assert same(multiscale.pooled_logsnr(sp.Integer(0), factor, axes), sp.log(factor**axes))


@pytest.mark.parametrize("factor", [1, 2, 4, 5])
def test_logsnr_shifted_to_a_higher_resolution_is_pooled_back_to_the_base(factor):
    shifted = multiscale.logsnr_shifted(LEVEL, 8 * factor, 8)
    assert same(multiscale.pooled_logsnr(shifted, factor, 2), LEVEL)
    assert same(multiscale.logsnr_shifted(LEVEL, 8, 8 * factor), multiscale.pooled_logsnr(LEVEL, factor, 2))
    assert same(multiscale.logsnr_shifted(sp.Integer(0), 8, 8 * factor), sp.log(factor**2))


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


def left_over(fine, coarse, found, variance, factor, noises):
    """Whether what the fine state has beyond its mean given the coarse one is unbiased, unrelated to it, and this varied."""
    for index in list(np.ndindex(*fine.shape))[:2]:
        block = (0, *(i // factor for i in index[1:]))
        left = sp.expand(fine[index] - found[index])
        held = coarse[block] - expectation(coarse[block], noises)
        assert same(expectation(left, noises), 0)
        assert same(expectation(left * held, noises), 0)
        assert same(expectation(left**2, noises), variance[index])


@pytest.mark.parametrize(("factor", "scales"), BLOCKS)
def test_nested_posterior_mean_and_nested_posterior_variance_leave_what_the_coarse_state_does_not_tell(factor, scales):
    mean, data, eps, noises = drawn(scales)
    coarse = ALPHA_COARSE * multiscale.average_pool(data, factor)
    own = column(real(f"n_:{coarse.size}")).reshape(coarse.shape)
    coarse = coarse + SIGMA_COARSE * own
    levels = (factor, ALPHA, SIGMA, ALPHA_COARSE, SIGMA_COARSE)
    found = multiscale.nested_posterior_mean(coarse, mean, scales**2, *levels)
    variance = multiscale.nested_posterior_variance(scales**2, *levels)
    left_over(ALPHA * data + SIGMA * eps, coarse, found, variance, factor, [*noises, *own.flat])


@pytest.mark.parametrize(("factor", "scales"), BLOCKS)
def test_nested_posterior_mean_shared_noise_and_nested_posterior_variance_shared_noise_leave_the_detail(factor, scales):
    mean, data, eps, noises = drawn(scales)
    fine = ALPHA * data + SIGMA * eps
    coarse = multiscale.average_pool(fine, factor)
    found = multiscale.nested_posterior_mean_shared_noise(coarse, mean, scales**2, factor, ALPHA, SIGMA)
    variance = multiscale.nested_posterior_variance_shared_noise(scales**2, factor, ALPHA, SIGMA)
    left_over(fine, coarse, found, variance, factor, noises)


@pytest.mark.parametrize(("factor", "scales"), BLOCKS)
def test_nested_coarse_variance_and_nested_cross_covariance_are_second_moments_of_states_with_noise_of_their_own(factor, scales):
    mean, data, eps, noises = drawn(scales)
    fine = ALPHA * (data - mean) + SIGMA * eps
    pooled = multiscale.average_pool(data - mean, factor)
    own = column(real(f"n_:{pooled.size}")).reshape(pooled.shape)
    coarse, noises = ALPHA_COARSE * pooled + SIGMA_COARSE * own, [*noises, *own.flat]
    found = multiscale.nested_coarse_variance(scales**2, factor, ALPHA_COARSE, SIGMA_COARSE)
    assert same(found, column([expectation(entry**2, noises) for entry in coarse.flat]).reshape(coarse.shape))
    expected = column([expectation(entry * coarse.item(), noises) for entry in fine.flat]).reshape(fine.shape)
    assert same(multiscale.nested_cross_covariance(scales**2, factor, ALPHA, ALPHA_COARSE), expected)


@pytest.mark.parametrize(("factor", "scales"), BLOCKS)
def test_nested_cross_covariance_shared_noise_is_the_second_moment_with_the_states_own_average(factor, scales):
    mean, data, eps, noises = drawn(scales)
    fine = ALPHA * (data - mean) + SIGMA * eps
    coarse = multiscale.average_pool(fine, factor).item()
    expected = column([expectation(entry * coarse, noises) for entry in fine.flat]).reshape(fine.shape)
    assert same(multiscale.nested_cross_covariance_shared_noise(scales**2, factor, ALPHA, SIGMA), expected)
