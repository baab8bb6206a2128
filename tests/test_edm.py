"""Properties of the EDM design space."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import denoiser, edm

from .strategies import scales, share, slack, states, within


def ulp(value, count):
    return count * np.spacing(np.abs(value))


inside = st.floats(0, 0.999)
rates = st.tuples(st.floats(0.01, 1), st.floats(1.5, 30))
counts = st.integers(2, 40)


@given(scales, scales)
def test_edm_c_skip_and_c_out_share_the_data_between_them(sigma_t, sigma_data):
    skip, out = edm.edm_c_skip(sigma_t, sigma_data), edm.edm_c_out(sigma_t, sigma_data)
    assert 0 <= skip <= 1
    assert out <= min(sigma_t, sigma_data) * (1 + 1e-15)
    assert np.isclose(out**2, sigma_t**2 * skip, rtol=1e-14)
    assert np.isclose(out * edm.edm_c_in(sigma_t, sigma_data), sigma_t * skip / sigma_data, rtol=1e-14)


@given(scales, scales)
def test_edm_loss_weight_gives_the_raw_output_weight_one(sigma_t, sigma_data):
    assert np.isclose(edm.edm_loss_weight(sigma_t, sigma_data) * edm.edm_c_out(sigma_t, sigma_data) ** 2, 1, rtol=1e-14)


@given(scales)
def test_edm_c_noise_falls_to_0_at_unit_noise_and_is_odd_in_the_log(sigma_t):
    assert edm.edm_c_noise(1.0) == 0
    assert np.isclose(edm.edm_c_noise(1 / sigma_t), -edm.edm_c_noise(sigma_t), rtol=1e-12, atol=1e-16)


@given(states(4), states(4), scales, scales)
def test_edm_denoiser_undoes_edm_target(x_t, x_0, sigma_t, sigma_data):
    target = edm.edm_target(x_t, x_0, sigma_t, sigma_data)
    again = edm.edm_denoiser(x_t, target, sigma_t, sigma_data)
    parts = np.abs(x_t) + np.abs(x_0)
    assert within(again, x_0, ulp(parts, 20))


@given(states(4), states(4), scales)
def test_edm_denoiser_without_noise_is_the_state_itself(x_t, network_output, sigma_data):
    assert np.array_equal(edm.edm_denoiser(x_t, network_output, 0.0, sigma_data), x_t)


@given(states(4), scales, scales)
def test_edm_denoiser_of_no_output_is_the_exact_denoiser_of_centred_gaussian_data(x_t, sigma_t, sigma_data):
    found = edm.edm_denoiser(x_t, 0 * x_t, sigma_t, sigma_data)
    expected = denoiser.denoiser_gaussian(x_t, 0.0, sigma_data**2, 1.0, sigma_t)
    assert within(found, expected, ulp(expected, 10))


@given(st.floats(-3, 3), st.floats(0.05, 3), states(3))
def test_edm_sigma_and_edm_logsnr_log_density_agree_on_where_noise_lies(P_mean, P_std, z):
    z = np.clip(z, -5, 5)
    logsnr = -2 * np.log(edm.edm_sigma(z, P_mean, P_std))
    found = edm.edm_logsnr_log_density(logsnr, P_mean, P_std)
    expected = -(z**2) / 2 - np.log(2 * P_std * np.sqrt(2 * np.pi))
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-9 / P_std)


@given(counts, scales, st.floats(1.1, 1e5), st.floats(1, 10))
def test_sigmas_karras_falls_from_the_largest_to_the_least(n, sigma_min, ratio, rho):
    found = edm.sigmas_karras(n, sigma_min, sigma_min * ratio, rho)
    assert found.shape == (n,)
    assert np.all(np.diff(found) < 0)
    assert np.isclose(found[0], sigma_min * ratio, rtol=1e-13)
    assert np.isclose(found[-1], sigma_min, rtol=1e-13)


def test_sigmas_karras_is_the_papers_grid():
    found = edm.sigmas_karras(18, 0.002, 80.0, 7.0)
    assert np.allclose(found[[0, 1, 17]], [80.0, 57.58598, 0.002], rtol=1e-6)


@given(scales, st.floats(0, 100), scales, scales, st.integers(1, 500))
def test_edm_churn_gamma_at_most_doubles_the_variance(sigma_t, S_churn, a, b, n):
    found = edm.edm_churn_gamma(sigma_t, S_churn, min(a, b), max(a, b), n)
    assert 0 <= found <= np.sqrt(2) - 1
    assert (found > 0) == (S_churn > 0 and min(a, b) <= sigma_t <= max(a, b))
    assert edm.edm_churned_sigma(sigma_t, found) ** 2 <= 2 * sigma_t**2 * (1 + 1e-15)


@given(states(4), states(4), scales, share)
def test_edm_churned_state_without_churn_is_the_state_and_with_it_is_linear_in_the_noise(x_t, z, sigma_t, churn):
    assert np.array_equal(edm.edm_churned_state(x_t, z, sigma_t, 0.0, 1.0), x_t)
    up, down = (edm.edm_churned_state(x_t, sign * z, sigma_t, churn, 1.0) for sign in (1, -1))
    assert within((up + down) / 2, x_t, ulp(np.abs(x_t) + np.abs(up), 4))


@given(states(4), states(4), scales, share)
def test_edm_euler_step_lies_between_state_and_data(x_t, x_0, sigma_t, left):
    found = edm.edm_euler_step(x_t, x_0, sigma_t, sigma_t * left)
    margin = slack("edm_euler_step", {"x_t": x_t, "x_0": x_0, "sigma_t": sigma_t, "sigma_s": sigma_t * left}, found)
    assert np.all(np.minimum(x_t, x_0) - margin <= found)
    assert np.all(found <= np.maximum(x_t, x_0) + margin)
    assert np.array_equal(edm.edm_euler_step(x_t, x_0, sigma_t, 0.0), x_0)


@given(states(4), states(4), scales, st.floats(0.01, 1))
def test_edm_heun_step_is_eulers_for_a_denoiser_that_stands_still(x_t, x_0, sigma_t, left):
    found = edm.edm_heun_step(x_t, x_0, x_0, sigma_t, sigma_t * left)
    expected = edm.edm_euler_step(x_t, x_0, sigma_t, sigma_t * left)
    assert within(found, expected, ulp((np.abs(x_t) + np.abs(x_0)) / left, 8))


@given(states(4), states(4), states(4), scales)
def test_edm_heun_step_without_noise_at_s_does_not_ask_for_the_second_estimate(x_t, x_0, x_0_s, sigma_t):
    assert np.array_equal(edm.edm_heun_step(x_t, x_0, x_0_s, sigma_t, 0.0), x_0)


@pytest.mark.parametrize(("heun", "order"), [(False, 1), (True, 2)])
def test_edm_steps_meet_the_gaussian_flow_at_their_order(heun, order):
    def error(n):
        levels = np.linspace(4.0, 0.5, n + 1)
        x = np.array([3.0])
        for sigma_t, sigma_s in pairwise(levels):
            x_0 = denoiser.denoiser_gaussian(x, 0.0, 1.0, 1.0, sigma_t)
            euler = edm.edm_euler_step(x, x_0, sigma_t, sigma_s)
            other = denoiser.denoiser_gaussian(euler, 0.0, 1.0, 1.0, sigma_s)
            x = edm.edm_heun_step(x, x_0, other, sigma_t, sigma_s) if heun else euler
        return np.abs(x - 3 * np.sqrt((1 + 0.25) / (1 + 16))).item()

    assert abs(np.log2(error(64) / error(128)) - order) < 0.1


@given(states(4), states(4), st.floats(0.1, 1), scales, states(2))
def test_edm_velocity_is_linear_in_the_rates(x_t, x_0, alpha_t, level, rates_of):
    a, b = rates_of

    def velocity(alpha_dot, level_dot):
        return edm.edm_velocity(x_t, x_0, alpha_t, alpha_dot, level, level_dot)

    total = np.abs(velocity(a, 0.0)) + np.abs(velocity(0.0, b))
    parts = total + np.abs(b) / level * (np.abs(x_t) + np.abs(x_0))
    assert within(velocity(a, b), velocity(a, 0.0) + velocity(0.0, b), ulp(parts, 8))


@given(states(4), states(4), st.floats(0.1, 1), scales)
def test_edm_state_takes_the_scale_off(x_0, eps, alpha_t, sigma_t):
    assert within(edm.edm_state(alpha_t * x_0, alpha_t), x_0, ulp(x_0, 2))


@given(st.floats(1e-6, 1), rates)
def test_vp_time_from_edm_sigma_undoes_edm_sigma_from_vp_time(time, beta):
    sigma = edm.edm_sigma_from_vp_time(time, *beta)
    assert np.isclose(edm.vp_time_from_edm_sigma(sigma, *beta), time, rtol=1e-12)


@given(st.floats(0, 1), scales, st.floats(1.01, 1e5))
def test_ve_time_from_edm_sigma_undoes_edm_sigma_from_ve_time(time, sigma_min, ratio):
    sigma = edm.edm_sigma_from_ve_time(time, sigma_min, sigma_min * ratio)
    assert np.isclose(edm.ve_time_from_edm_sigma(sigma, sigma_min, sigma_min * ratio), time, atol=1e-15 / np.log(ratio) * 60)


@given(inside)
def test_flow_time_from_edm_sigma_undoes_edm_sigma_from_flow_time(time):
    assert np.isclose(edm.flow_time_from_edm_sigma(edm.edm_sigma_from_flow_time(time)), time, rtol=1e-13, atol=0)


@given(st.integers(1, 60), st.floats(0, 1), st.floats(0.01, 0.9999))
def test_sigmas_iddpm_falls_and_starts_at_what_the_cap_leaves(T, offset, beta_max):
    found = edm.sigmas_iddpm(T, offset, beta_max)
    assert found.shape == (T,)
    assert np.all(np.diff(found) < 0)
    assert np.all(found > 0)


@given(states(4), states(4), scales)
def test_edm_denoiser_from_v_is_edm_denoiser_of_unit_data_with_the_sign_turned(x_t, v_hat, sigma_t):
    found = edm.edm_denoiser_from_v(x_t, v_hat, sigma_t)
    expected = edm.edm_denoiser(x_t, -v_hat, sigma_t, 1.0)
    assert within(found, expected, ulp(np.abs(x_t) + np.abs(v_hat), 8))


@given(states(4), states(4), scales)
def test_edm_denoiser_from_flow_lies_between_the_state_and_minus_the_velocity(x_t, velocity_hat, sigma_t):
    found = edm.edm_denoiser_from_flow(x_t, velocity_hat, sigma_t)
    margin = ulp(np.abs(x_t) + np.abs(velocity_hat), 4)
    assert np.all(np.minimum(x_t, -velocity_hat) - margin <= found)
    assert np.all(found <= np.maximum(x_t, -velocity_hat) + margin)
