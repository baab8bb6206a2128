"""Properties of losses and weights."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import conversion, forward, gaussian, loss, schedule

from .strategies import levels, pairs, scales, slack, states, triples, within

PIXELS = (2 * np.arange(256) - 255) / 255
ends = st.floats(-700, -1)
gammas = st.floats(-2, 2).map(lambda exponent: 10**exponent)


def ulp(value, count):
    return count * np.spacing(np.abs(value))


@given(states(3, 4), states(3, 4), pairs)
def test_denoising_kl_is_positive_and_zero_only_for_the_right_guess(x_0, guess, pair):
    assert np.all(loss.denoising_kl(x_0, guess, *pair) >= 0)
    assert np.array_equal(loss.denoising_kl(x_0, x_0, *pair), np.zeros(3))


@given(states(3, 4), states(3, 4), triples)
def test_denoising_kl_of_two_steps_adds_up_to_that_of_the_long_step(x_0, guess, times):
    log_r, log_s, log_t = times
    long = loss.denoising_kl(x_0, guess, log_r, log_t)
    short = loss.denoising_kl(x_0, guess, log_r, log_s) + loss.denoising_kl(x_0, guess, log_s, log_t)
    assert within(short, long, ulp(long, 26))


@given(states(3, 4), states(3, 4), pairs)
def test_simple_loss_weight_makes_denoising_kl_of_the_error_of_eps(x_0, eps, pair):
    log_s, log_t = pair
    log_t = max(log_t, -20.0)
    log_s = max(log_s, log_t)
    alpha_t, sigma_t = schedule.alpha(log_t), schedule.sigma(log_t)
    x_t = forward.marginal_sample(x_0, eps, log_t)
    guess = conversion.x_0_from_eps(x_t, 0 * eps, alpha_t, sigma_t)
    weighted = loss.simple_loss_weight(log_s, log_t) * 4 * loss.simple_loss(eps, 0 * eps)
    found = loss.denoising_kl(x_0, guess, log_s, log_t)
    # The guess differs from x_0 by sigma/alpha*eps; its rounding, and that of x_t, count relative to that difference.
    moved = np.abs(guess) + np.abs(x_0) + np.abs(x_t) / alpha_t
    error = np.sum(2 * np.abs(x_0 - guess) * ulp(moved, 10) + ulp(moved, 10) ** 2, axis=1)
    gain = found / np.sum((x_0 - guess) ** 2, axis=1)
    assert within(found, weighted, gain * error + ulp(weighted, 32))


@given(states(3, 4), states(3, 4), pairs)
def test_denoising_kl_gradient_is_the_slope_of_the_parabola_denoising_kl(x_0, guess, pair):
    gradient = loss.denoising_kl_gradient(x_0, guess, *pair)
    value = loss.denoising_kl(x_0, guess, *pair)
    assert within(np.sum(gradient * (guess - x_0), axis=1) / 2, value, ulp(value, 24))


@given(states(3, 4), ends)
def test_prior_kl_is_positive_and_falls_as_signal_is_lost(x_0, log_T):
    found = loss.prior_kl(x_0, log_T)
    allowed = slack("prior_kl", {"x_0": x_0, "log_alpha_bar_T": log_T}, found)
    assert np.all(found >= -allowed)
    assert np.all(loss.prior_kl(x_0, log_T - 1.0 if log_T > -699 else log_T) <= found + 2 * allowed)


@given(states(3, 4), ends)
def test_prior_kl_is_gaussian_kl_isotropic_from_the_marginal_to_the_unit_gaussian(x_0, log_T):
    mean, variance = forward.marginal_mean(x_0, log_T), forward.marginal_variance(log_T)
    expected = gaussian.gaussian_kl_isotropic(mean, variance, 0 * x_0, 1.0)
    size = np.sum(variance + 1 + mean**2 - np.log(variance), axis=1)
    assert within(loss.prior_kl(x_0, log_T), expected, ulp(size, 24))


@given(st.floats(-1, 1), st.floats(-7, 1))
def test_decoder_log_likelihood_sums_to_certainty_over_all_levels(mean, log_scale):
    logs = loss.decoder_log_likelihood(PIXELS, np.full(256, mean), np.full(256, log_scale))
    near = np.abs(PIXELS - mean) <= 8 * np.exp(log_scale) + 1 / 255
    assert np.all(logs[near] <= 0)
    # Beyond 8 scales lies less than 1e-14 of the probability.
    assert abs(np.sum(np.exp(logs[near])) - 1) <= 1e-14 + 300 * np.sum(np.spacing(np.exp(logs[near]))) * np.e * 40


@given(st.integers(0, 255), st.floats(-1, 1), st.floats(-3, 1))
def test_decoder_log_likelihood_is_the_same_for_mirrored_data_and_mean(level, mean, log_scale):
    one = loss.decoder_log_likelihood(PIXELS[level], mean, log_scale)
    other = loss.decoder_log_likelihood(-PIXELS[level], -mean, log_scale)
    assert within(one, other, 2 * ulp(np.exp(max(log_scale, 0)) * (1 + abs(one)), 300))


@given(states(3), st.integers(1, 10_000))
def test_bits_per_dimension_halve_when_dimensions_double(nats, dimensions):
    found = loss.bits_per_dimension(nats, dimensions)
    assert np.array_equal(loss.bits_per_dimension(nats, 2 * dimensions), found / 2)


@given(st.integers(1, 50))
def test_bits_per_dimension_of_a_fair_coin_is_one(dimensions):
    assert within(loss.bits_per_dimension(dimensions * np.log(2.0), dimensions), 1.0, ulp(1.0, 4))


@given(states(3, 2, 2), states(3, 2, 2))
def test_simple_loss_is_symmetric_and_the_mean_of_squares(eps, guess):
    found = loss.simple_loss(eps, guess)
    assert np.array_equal(found, loss.simple_loss(guess, eps))
    assert within(found, np.mean((eps - guess) ** 2, axis=(1, 2)), ulp(found, 16))


@given(states(3, 4), states(3, 4))
def test_simple_loss_gradient_is_the_slope_of_the_parabola_simple_loss(eps, guess):
    gradient, value = loss.simple_loss_gradient(eps, guess), loss.simple_loss(eps, guess)
    assert within(np.sum(gradient * (guess - eps), axis=1) / 2, value, ulp(value, 16))


@given(triples)
def test_simple_loss_weight_grows_with_the_length_of_the_step(times):
    log_r, log_s, log_t = (max(level, -650.0) for level in times)  # below, the weight itself passes float64's range
    long, short = loss.simple_loss_weight(log_r, log_t), loss.simple_loss_weight(log_s, log_t)
    assert 0 <= short <= long + ulp(long, 8)


@given(levels)
def test_snr_weight_eps_is_one_and_snr_weight_x_0_the_snr(logsnr_t):
    assert loss.snr_weight_eps(logsnr_t) == 1
    assert loss.snr_weight_x_0(logsnr_t) == np.exp(logsnr_t)


@given(st.floats(-30, 30))
def test_snr_weight_v_is_snr_weight_x_0_over_one_more(logsnr_t):
    snr = loss.snr_weight_x_0(logsnr_t)
    assert within(loss.snr_weight_v(logsnr_t), snr / (snr + 1), ulp(snr / (snr + 1), 6))


@given(scales, scales, scales)
def test_snr_weight_velocity_of_a_process_whose_signal_stands_still_weighs_the_noise_rate(alpha_t, sigma_t, sigma_dot_t):
    found = loss.snr_weight_velocity(alpha_t, sigma_t, 0.0, sigma_dot_t)
    assert within(found, 1 / sigma_dot_t**2, ulp(found, 10))


@given(scales)
def test_snr_weight_score_is_the_noise_variance(sigma_t):
    assert loss.snr_weight_score(sigma_t) == sigma_t**2


@given(levels, gammas, scales)
def test_min_snr_weights_are_at_most_the_snr_weights_and_grow_with_gamma(logsnr_t, gamma, sigma_t):
    for kind in ("x_0", "eps", "v"):
        smaller = getattr(loss, "min_snr_weight_" + kind)
        full = getattr(loss, "snr_weight_" + kind)(logsnr_t)
        assert smaller(logsnr_t, gamma) <= full + ulp(full, 3.5)
        assert smaller(logsnr_t, gamma) <= smaller(logsnr_t, 2 * gamma)
    assert loss.min_snr_weight_score(logsnr_t, sigma_t, gamma) <= loss.snr_weight_score(sigma_t) * (1 + 2.0**-50)


@given(levels, gammas)
def test_min_snr_weight_x_0_is_capped_by_gamma_and_min_snr_weight_eps_by_one(logsnr_t, gamma):
    assert 0 < loss.min_snr_weight_x_0(logsnr_t, gamma) <= gamma
    assert 0 < loss.min_snr_weight_eps(logsnr_t, gamma) <= 1
    assert 0 < loss.min_snr_weight_v(logsnr_t, gamma) < 1 + 2.0**-50


@given(levels, gammas)
def test_min_snr_weight_v_is_min_snr_weight_eps_times_snr_weight_v(logsnr_t, gamma):
    expected = loss.min_snr_weight_eps(logsnr_t, gamma) * loss.snr_weight_v(logsnr_t)
    assert within(loss.min_snr_weight_v(logsnr_t, gamma), expected, ulp(expected, 9) + 1e-300)


@given(levels, gammas, scales)
def test_min_snr_weight_score_is_min_snr_weight_eps_times_the_noise_variance(logsnr_t, gamma, sigma_t):
    expected = loss.min_snr_weight_eps(logsnr_t, gamma) * sigma_t**2
    assert within(loss.min_snr_weight_score(logsnr_t, sigma_t, gamma), expected, ulp(expected, 5))


@given(scales, scales, scales, scales, gammas)
def test_min_snr_weight_velocity_is_the_share_of_snr_weight_velocity_below_the_cap(alpha_t, sigma_t, drop, sigma_dot_t, gamma):
    full = loss.snr_weight_velocity(alpha_t, sigma_t, -drop, sigma_dot_t)
    share = min(1.0, gamma * (sigma_t / alpha_t) ** 2)
    assert within(loss.min_snr_weight_velocity(alpha_t, sigma_t, -drop, sigma_dot_t, gamma), share * full, ulp(share * full, 24))
