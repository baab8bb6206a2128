"""Properties of the DDIM family, its inversion, and its bond with rectified flow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import conversion, ddim, denoiser, edm, step

from .strategies import pairs, scales, share, slack, states, within

variances = st.floats(-3, 3).map(lambda exponent: 10**exponent)
mild = st.floats(0.05, 20)
snrs = st.tuples(st.floats(-30, 30), st.floats(0, 20)).map(lambda pair: (pair[0] + pair[1], pair[0]))


def ulp(value, count):
    return count * np.spacing(np.abs(value))


def close(found, expected, parts, count=12):
    return within(found, expected, ulp(np.broadcast_to(parts, np.shape(expected)), count))


@given(states(4), states(4), pairs)
def test_ddim_conditional_mean_with_all_noise_fresh_forgets_the_state(x_0, x_t, levels):
    found = ddim.ddim_conditional_mean(x_0, x_t, 1.0, *levels)
    assert close(found, np.exp(levels[0] / 2) * x_0, np.abs(x_0), 2)
    assert ddim.ddim_conditional_variance(1.0, levels[0]) == -np.expm1(levels[0])


@given(states(4), states(4), share, pairs)
def test_ddim_conditional_mean_and_variance_are_those_of_ddim_step(x_0, x_t, eta, levels):
    scale = step.ddim_noise_scale(eta, *levels)
    largest = np.sqrt(-np.expm1(levels[0]))
    noise_share = min(scale / largest, 1.0)
    found = ddim.ddim_conditional_mean(x_0, x_t, noise_share, *levels)
    expected = step.ddim_step(x_t, x_0, 0.0, eta, *levels)
    # Near share 1 the root magnifies the rounding of the share.
    assert np.allclose(found, expected, rtol=0, atol=1e-7 * np.abs(largest) * np.max(np.abs(x_t) + np.abs(x_0)) + 1e-300)
    assert np.isclose(ddim.ddim_conditional_variance(noise_share, levels[0]), scale**2, rtol=1e-13, atol=0)


@given(pairs)
def test_ddim_eta_max_is_at_least_one(levels):
    assert ddim.ddim_eta_max(*levels) >= 1 - 1e-15


@given(states(4), states(4), pairs)
def test_ddim_inversion_step_undoes_the_deterministic_step(x_s, x_0, levels):
    x_t = ddim.ddim_inversion_step(x_s, x_0, *levels)
    back = step.ddim_step(x_t, x_0, 0.0, 0.0, *levels)
    ratio = np.sqrt(np.expm1(levels[0]) / np.expm1(levels[1]))
    assert close(back, x_s, np.abs(x_s) + 2 * np.abs(x_0) + ratio * np.abs(x_t), 20)


@given(states(4), states(4), pairs)
def test_ddim_inversion_step_between_equal_levels_stays(x_s, x_0, levels):
    assert close(ddim.ddim_inversion_step(x_s, x_0, levels[1], levels[1]), x_s, np.abs(x_s) + np.abs(x_0), 4)


@given(states(4), states(4), snrs)
def test_ddim_step_exponential_and_its_eps_form_agree(x_0, eps, levels):
    logsnr_s, logsnr_t = levels
    alpha, sigma = (np.sqrt(1 / (1 + np.exp(sign * logsnr_t))) for sign in (-1, 1))
    x_t = alpha * x_0 + sigma * eps
    found = ddim.ddim_step_exponential(x_t, x_0, logsnr_s, logsnr_t)
    other = ddim.ddim_step_exponential_eps(x_t, eps, logsnr_s, logsnr_t)
    grown = np.sqrt((1 + np.exp(-logsnr_t)) / (1 + np.exp(-logsnr_s)))
    assert close(found, other, (np.abs(x_0) + np.abs(eps)) * (1 + grown), 60)


@given(states(4), states(4), st.floats(-30, 30))
def test_ddim_step_exponential_between_equal_levels_stays(x_t, x_0, logsnr):
    assert np.array_equal(ddim.ddim_step_exponential(x_t, x_0, logsnr, logsnr), x_t)
    assert np.array_equal(ddim.ddim_step_exponential_eps(x_t, x_0, logsnr, logsnr), x_t)


@given(states(4), states(4), mild, mild, mild, mild)
def test_ddim_step_scaled_is_edms_euler_step_of_the_scaled_state(x_t, eps, alpha_s, sigma_s, alpha_t, sigma_t):
    found = ddim.ddim_step_scaled(x_t, eps, alpha_s, sigma_s, alpha_t, sigma_t)
    x_0 = conversion.x_0_from_eps(x_t, eps, alpha_t, sigma_t)
    euler = edm.edm_euler_step(edm.edm_state(x_t, alpha_t), x_0, sigma_t / alpha_t, sigma_s / alpha_s)
    parts = alpha_s / alpha_t * (np.abs(x_t) + sigma_t * np.abs(eps)) + sigma_s * np.abs(eps)
    assert close(found, alpha_s * euler, parts * (1 + sigma_s * alpha_t / (alpha_s * sigma_t)), 20)


@given(st.floats(0, 1), pairs)
def test_ddim_stochastic_gap_is_0_for_no_fresh_noise_alone(noise_share, levels):
    assert ddim.ddim_stochastic_gap(0.0, levels[0]) == 0
    found = ddim.ddim_stochastic_gap(noise_share, levels[0])
    fresh = ddim.ddim_conditional_variance(noise_share, levels[0])
    assert fresh * (1 - 1e-15) <= found <= 2 * fresh * (1 + 1e-15)


@given(variances, mild, mild, mild, mild)
def test_ddim_gain_never_exceeds_probability_flow_gain(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    levels = alpha_s, sigma_s, alpha_t, sigma_t
    one_step, exact = ddim.ddim_gain(variance, *levels), ddim.probability_flow_gain(variance, *levels)
    assert one_step <= exact * (1 + 1e-14)
    gap = ddim.reflow_gain_gap(variance, *levels)
    assert 0 <= gap <= exact * (1 + 1e-14)
    assert np.isclose(exact - one_step, gap, rtol=0, atol=1e-14 * exact)


@given(variances, mild, mild)
def test_reflow_gain_gap_is_0_where_the_ratio_of_the_scales_stays(variance, alpha_t, sigma_t):
    assert ddim.reflow_gain_gap(variance, 2 * alpha_t, 2 * sigma_t, alpha_t, sigma_t) == 0


@given(states(3), variances, mild, mild, mild, mild)
def test_ddim_gain_is_a_step_with_the_exact_denoiser(x_t, variance, alpha_s, sigma_s, alpha_t, sigma_t):
    x_0 = denoiser.denoiser_gaussian(x_t, 0.0, variance, alpha_t, sigma_t)
    x_s = ddim.rectified_step(x_t, x_0, alpha_s, sigma_s, alpha_t, sigma_t)
    levels = alpha_s, sigma_s, alpha_t, sigma_t
    parts = slack("rectified_step", dict(zip(("alpha_s", "sigma_s", "alpha_t", "sigma_t"), levels, strict=True))
                  | {"x_t": x_t, "x_0": x_0}, x_s)  # fmt: skip
    assert within(ddim.ddim_gain(variance, *levels) * x_t, x_s, 4 * parts + ulp(x_s, 8))


@pytest.mark.parametrize("variance", [0.04, 1.0, 9.0])
def test_ddim_chain_gain_falls_short_of_the_exact_flow_by_a_share_that_halves_with_the_step(variance):
    def shortfall(n):
        sigmas = np.linspace(0.98, 0.0, n + 1)
        alphas = 1 - sigmas
        exact = ddim.probability_flow_gain(variance, alphas[-1], sigmas[-1], alphas[0], sigmas[0])
        return 1 - ddim.ddim_chain_gain(variance, alphas, sigmas) / exact

    assert 0 < shortfall(400) < shortfall(200)
    assert abs(shortfall(400) / shortfall(800) - 2) < 0.1


@given(variances, st.integers(2, 9), st.integers(0, 2**32 - 1).map(np.random.default_rng))
def test_ddim_chain_variance_is_never_above_the_true_one(variance, n, rng):
    alphas, sigmas = np.sort(rng.uniform(0.1, 1, n)), np.sort(rng.uniform(0.01, 5, n))[::-1]
    found = ddim.ddim_chain_variance(variance, alphas, sigmas)
    assert found <= (alphas[-1] ** 2 * variance + sigmas[-1] ** 2) * (1 + 1e-13)


@given(scales, scales)
def test_rectified_time_lies_in_the_unit_interval_and_turns_with_the_scales(alpha_t, sigma_t):
    found = ddim.rectified_time(alpha_t, sigma_t)
    assert 0 <= found <= 1
    assert np.isclose(found + ddim.rectified_time(sigma_t, alpha_t), 1, rtol=1e-15)
    assert np.isclose(found, edm.flow_time_from_edm_sigma(sigma_t / alpha_t), rtol=1e-14)


@given(states(4), states(4), st.floats(0.01, 1))
def test_rectified_state_and_velocity_of_a_straight_path_are_its_own(x_0, eps, time):
    x_t = (1 - time) * x_0 + time * eps
    parts = np.abs(x_0) + np.abs(eps)
    assert close(ddim.rectified_state(x_t, 1 - time, time), x_t, parts, 4)
    assert close(ddim.rectified_velocity(x_t, x_0, 1 - time, time), eps - x_0, parts / time, 8)


@given(states(4), states(4), pairs)
def test_rectified_step_is_ddims_when_variance_is_preserved(x_t, x_0, levels):
    (alpha_s, sigma_s), (alpha_t, sigma_t) = ((np.exp(log / 2), np.sqrt(-np.expm1(log))) for log in levels)
    found = ddim.rectified_step(x_t, x_0, alpha_s, sigma_s, alpha_t, sigma_t)
    expected = step.ddim_step(x_t, x_0, 0.0, 0.0, *levels)
    parts = np.abs(x_0) + sigma_s / sigma_t * (np.abs(x_t) + np.abs(x_0))
    assert close(found, expected, parts, 12)


@given(states(4), states(4), st.floats(0, 1), st.floats(0.01, 1))
def test_unscaled_rectified_gap_is_0_where_the_scales_sum_to_one(x_0, eps, time_s, time_t):
    found = ddim.unscaled_rectified_gap(x_0, eps, 1 - time_s, time_s, 1 - time_t, time_t)
    assert np.all(np.abs(found) <= ulp(np.abs(x_0) + np.abs(eps), 8))


@given(states(4), states(4), st.floats(0.1, 1.4), st.floats(0.1, 1.4))
def test_unscaled_rectified_gap_is_what_the_unscaled_step_misses(x_0, eps, angle_s, angle_t):
    at_s, at_t = ((np.cos(angle), np.sin(angle)) for angle in (angle_s, angle_t))
    x_t = at_t[0] * x_0 + at_t[1] * eps
    moved = ddim.rectified_time(*at_s) - ddim.rectified_time(*at_t)
    unscaled = x_t + moved * ddim.rectified_velocity(x_t, x_0, *at_t)
    expected = unscaled - ddim.rectified_step(x_t, x_0, *at_s, *at_t)
    assert close(ddim.unscaled_rectified_gap(x_0, eps, *at_s, *at_t), expected, (np.abs(x_0) + np.abs(eps)) / at_t[1], 40)
