"""Properties of samplers that go too far and add noise back, and their laws on Gaussian data, measured exactly."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import ancestral, ddim, edm, sde
from refdiff.reference.denoiser import denoiser_correlated_gaussian

from .strategies import pairs, scales, share, slack, states, within

etas = st.floats(0, 3)
shares = st.floats(0.01, 0.999)


@given(etas, scales, share)
def test_ancestral_sigma_up_and_ancestral_sigma_down_make_up_the_variance_at_s(eta, sigma_t, left):
    sigma_s = sigma_t * left
    up, down = (level(eta, sigma_s, sigma_t) for level in (ancestral.ancestral_sigma_up, ancestral.ancestral_sigma_down))
    assert 0 <= up <= sigma_s
    assert 0 <= down <= sigma_s * (1 + 1e-15)
    assert abs(up**2 + down**2 - sigma_s**2) <= 1e-14 * (1 + eta**2) * sigma_s**2


@given(scales, share)
def test_ancestral_sigma_down_falls_and_ancestral_sigma_up_rises_with_eta(sigma_t, left):
    eta = np.linspace(0, 3, 50)
    assert np.all(np.diff(ancestral.ancestral_sigma_down(eta, sigma_t * left, sigma_t)) <= 0)
    assert np.all(np.diff(ancestral.ancestral_sigma_up(eta, sigma_t * left, sigma_t)) >= 0)


@given(states(4), states(4), states(4), etas, scales, shares)
def test_euler_ancestral_step_of_the_state_itself_adds_noise_alone(x_t, x_0, z, eta, sigma_t, left):
    levels = eta, sigma_t * left, sigma_t
    noise = ancestral.ancestral_sigma_up(*levels) * z
    found = ancestral.euler_ancestral_step(x_t, x_t, z, *levels)
    allowed = slack(
        "euler_ancestral_step",
        dict(zip(("x_t", "x_0", "z", "eta", "sigma_s", "sigma_t"), (x_t, x_t, z, *levels), strict=True)),
        found,
    )
    assert within(found, x_t + noise, allowed + np.spacing(np.abs(x_t) + np.abs(noise)))
    assert np.array_equal(ancestral.euler_ancestral_step(x_t, x_0, z, eta, 0.0, sigma_t), x_0)


@given(states(4), states(4), states(4), share, scales, shares)
def test_two_stage_steps_are_eulers_where_the_middle_knows_nothing_new(x_t, x_0, z, eta, sigma_t, left):
    levels = eta, sigma_t * left, sigma_t
    euler = ancestral.euler_ancestral_step(x_t, x_0, z, *levels)
    for step in (ancestral.dpm2_ancestral_step, ancestral.dpmpp_2s_ancestral_step):
        assert np.array_equal(step(x_t, np.stack([x_0, x_0]), z, *levels), euler)


@given(states(4), states(2, 4), states(4), share, scales, shares)
def test_dpm2_ancestral_step_turns_further_than_dpmpp_2s_ancestral_step(x_t, x_0s, z, eta, sigma_t, left):
    levels = eta, sigma_t * left, sigma_t
    shrunk = ancestral.ancestral_sigma_down(*levels) / sigma_t
    one, other = (step(x_t, x_0s, z, *levels) for step in (ancestral.dpm2_ancestral_step, ancestral.dpmpp_2s_ancestral_step))
    # By 1/sqrt(shrunk), which is 1 for short steps.
    euler = ancestral.euler_ancestral_step(x_t, x_0s[0], z, *levels)
    size = np.abs(x_t) + np.abs(x_0s).sum(axis=0) * (1 + 1 / shrunk) + sigma_t * np.abs(z)
    assert within((one - euler) * np.sqrt(shrunk), other - euler, 1e-14 * size)


@given(states(4), states(4), states(4), share, shares, share)
def test_euler_ancestral_flow_step_keeps_to_data_and_noise_where_both_are_known(x_0, eps, z, eta, time_t, left):
    time_s = time_t * left
    found = ancestral.euler_ancestral_flow_step((1 - time_t) * x_0 + time_t * eps, x_0, z, eta, time_s, time_t)
    rest = found - (1 - time_s) * x_0
    # Noise kept and fresh noise are two legs of a triangle.
    reach = time_s * np.sqrt(eps**2 + z**2)
    assert np.all(np.abs(rest) <= reach * (1 + 1e-12) + 1e-13 * (np.abs(x_0) + np.abs(eps)))
    assert np.array_equal(ancestral.euler_ancestral_flow_step(eps, x_0, z, eta, 0.0, time_t), x_0)


@given(states(4), states(4), states(4), share, scales, share)
def test_renoised_step_is_euler_ancestral_step_where_the_signal_keeps_its_scale(x_t, x_0, z, eta, sigma_t, left):
    levels = eta, sigma_t * left, sigma_t
    sigmas = np.array([sigma_t, ancestral.ancestral_sigma_down(*levels), sigma_t * left])
    found = ancestral.renoised_step(x_t, x_0, z, np.ones(3), sigmas)
    # The fresh variance is a difference here: it keeps half of the digits.
    size = np.abs(x_t) + np.abs(x_0)
    assert within(found, ancestral.euler_ancestral_step(x_t, x_0, z, *levels), 1e-14 * size + 1e-7 * sigmas[2] * np.abs(z))


@given(states(4), states(4), states(4), pairs, shares)
def test_tcd_step_is_ddims_without_fresh_noise_and_lcm_step_with_nothing_else(x_t, x_0, z, levels, part):
    early, late = levels
    straight = ancestral.tcd_step(x_t, x_0, z, early, early, late)
    alphas, sigmas = (np.exp(np.array(levels) / 2), np.sqrt(-np.expm1(levels)))
    size = np.abs(x_0) + np.abs(z) + sigmas[0] / sigmas[1] * (np.abs(x_t) + np.abs(x_0))
    assert within(
        straight,
        ddim.rectified_step(x_t, x_0, *(scale for pair in zip(alphas, sigmas, strict=True) for scale in pair)),
        1e-13 * size,
    )
    fresh = ancestral.tcd_step(x_t, x_0, z, 0.0, early, late)
    assert within(fresh, ancestral.lcm_step(x_0, z, alphas[0], sigmas[0]), 1e-13 * (np.abs(x_0) + np.abs(z)))
    between = ancestral.tcd_step(x_t, x_0, 0 * z, early * part, early, late)
    assert np.all(np.isfinite(between))


@given(st.integers(0, 1000), scales, scales)
def test_lcm_c_skip_and_lcm_c_out_are_a_squared_cosine_and_a_sine(t_index, timestep_scaling, sigma_data):
    skip, out = (weight(t_index, timestep_scaling, sigma_data) for weight in (ancestral.lcm_c_skip, ancestral.lcm_c_out))
    assert 0 <= skip <= 1
    assert 0 <= out <= 1
    assert abs(skip + out**2 - 1) <= 1e-15 * 4
    assert (t_index > 0) or (skip, out) == (1, 0)


def test_lcm_c_out_is_one_within_rounding_of_float16_at_the_models_own_times():
    # With EDM's factor sigma_data the estimate would be halved.
    assert ancestral.lcm_c_out(19, 10.0, 0.5) > 1 - 2.0**-11
    assert ancestral.lcm_c_skip(19, 10.0, 0.5) < 2.0**-16


@given(states(4), states(4), scales, scales)
def test_lcm_step_is_linear_in_data_and_noise(x_0, z, alpha_s, sigma_s):
    parts = ancestral.lcm_step(x_0, 0 * z, alpha_s, sigma_s) + ancestral.lcm_step(0 * x_0, z, alpha_s, sigma_s)
    assert np.array_equal(ancestral.lcm_step(x_0, z, alpha_s, sigma_s), parts)


# Laws: a run on Gaussian data is affine in its start and its noise; unit vectors give every coefficient.

COVARIANCE, MEAN = np.array([[1.0, 0.6], [0.6, 0.5]]), np.array([0.5, -0.25])


def gaussian(x_t, alpha_t, sigma_t):
    return denoiser_correlated_gaussian(x_t, MEAN, COVARIANCE, alpha_t, sigma_t)


def law(run, scales_t, draws):
    """Gain of the start, mean and covariance of the last state of run(x_T, z) from the true law at the first level."""
    alpha, sigma = scales_t
    probes = np.zeros((1 + 2 + 2 * draws, 2))
    probes[1:3] = np.eye(2)
    z = np.zeros((draws, len(probes), 2))
    for k in range(2 * draws):
        z[k // 2, 3 + k, k % 2] = 1
    last = run(probes, z)[-1]
    columns = (last[1:] - last[0]).T
    covariance = columns[:, :2] @ (alpha**2 * COVARIANCE + sigma**2 * np.eye(2)) @ columns[:, :2].T
    return columns[:, :2], last[0] + alpha * columns[:, :2] @ MEAN, covariance + columns[:, 2:] @ columns[:, 2:].T


def true(alpha, sigma):
    return alpha * MEAN, alpha**2 * COVARIANCE + sigma**2 * np.eye(2)


def falling(n, start=8.0, end=0.25):
    """n + 1 noise scales, evenly spaced in their third root."""
    return (start ** (1 / 3) + np.arange(n + 1) / n * (end ** (1 / 3) - start ** (1 / 3))) ** 3


def order(error):
    """Power of 1/n with which error(n) falls when n is doubled."""
    return np.log2(np.abs(error(64)).max() / np.abs(error(128)).max())


def options(name, n, **given):
    """The run as a function of start and noise, with its levels, and how much noise it draws."""
    sigmas = falling(n)
    if name == "euler_ancestral_flow_path":
        times = np.linspace(0.98, 0.2, n + 1)
        return lambda x, z: ancestral.euler_ancestral_flow_path(gaussian, x, z, times, given["eta"]), 1 - times, times, n
    if name == "restart_path":
        stretch = falling(n // 2, 3 * sigmas[n // 2], sigmas[n // 2])[:-1]
        run = lambda x, z: ancestral.restart_path(gaussian, x, z, sigmas, stretch, n // 2, given["restarts"])
        return run, 1 + 0 * sigmas, sigmas, max(1, given["restarts"])
    run = lambda x, z: getattr(ancestral, name)(gaussian, x, z, sigmas, **given)
    return run, 1 + 0 * sigmas, sigmas, n


CHURN = {"S_churn": 3.0, "S_min": 0.0, "S_max": 99.0, "S_noise": 1.0}
ORDERS = [
    *(("euler_ancestral_path", {"eta": eta}, 1) for eta in (0.0, 0.5, 1.0)),
    *(("euler_ancestral_flow_path", {"eta": eta}, 1) for eta in (0.0, 0.5, 1.0)),
    *(("dpm2_ancestral_path", {"eta": eta}, 2) for eta in (0.0, 0.5, 1.0)),
    *(("dpmpp_2s_ancestral_path", {"eta": eta}, 2) for eta in (0.0, 0.5, 1.0)),
    *(("edm_stochastic_path", CHURN | {"S_churn": churn}, 2) for churn in (0.0, 3.0)),
    *(("restart_path", {"restarts": count}, 2) for count in (0, 1, 3)),
]


@pytest.mark.parametrize(("name", "given", "expected"), ORDERS)
def test_the_law_of_the_last_state_converges_at_the_stated_order_on_gaussian_data(name, given, expected):
    def error(n):
        run, alphas, sigmas, draws = options(name, n, **given)
        _, mean, covariance = law(run, (alphas[0], sigmas[0]), draws)
        right = true(alphas[-1], sigmas[-1])
        assert np.allclose(mean, right[0], atol=2.0 / n)
        return covariance - right[1]

    assert abs(order(error) - expected) < 0.15


@pytest.mark.parametrize("name", ["dpm2_ancestral_path", "dpmpp_2s_ancestral_path"])
@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_what_becomes_of_a_given_start_is_of_second_order_without_noise_and_of_first_order_with_it(name, eta):
    values, vectors = np.linalg.eigh(COVARIANCE)

    def error(n):
        run, alphas, sigmas, draws = options(name, n, eta=eta)
        gain = law(run, (alphas[0], sigmas[0]), draws)[0]
        # The process with eta times the noise: (1 + eta**2)/2 of the reverse drift.
        right = ((values + sigmas[-1] ** 2) / (values + sigmas[0] ** 2)) ** ((1 + eta**2) / 2)
        return gain - vectors * right @ vectors.T

    assert abs(order(error) - (1 if eta else 2)) < 0.15


@pytest.mark.parametrize("eta", [0.0, 0.3, 1.0, 5.0])
def test_euler_ancestral_path_has_the_law_that_its_gains_and_fresh_variances_give(eta):
    sigmas = falling(6)
    found = law(lambda x, z: ancestral.euler_ancestral_path(gaussian, x, z, sigmas, eta), (1.0, sigmas[0]), 6)
    values, vectors = np.linalg.eigh(COVARIANCE)
    spread = values + sigmas[0] ** 2
    for sigma_t, sigma_s in pairwise(sigmas):
        down, up = ancestral.ancestral_sigma_down(eta, sigma_s, sigma_t), ancestral.ancestral_sigma_up(eta, sigma_s, sigma_t)
        spread = ddim.ddim_gain(values, 1.0, down, 1.0, sigma_t) ** 2 * spread + up**2
    assert np.allclose(found[1], MEAN, atol=1e-13)
    assert np.allclose(found[2], vectors * spread @ vectors.T, rtol=1e-12)
    assert np.all(spread <= (values + sigmas[-1] ** 2) * (1 + 1e-12))


def test_noise_that_is_inflated_or_a_gamma_that_is_held_fixed_leave_the_law_off_however_many_steps_are_taken():
    def inflated(n):
        run, alphas, sigmas, draws = options("edm_stochastic_path", n, **CHURN | {"S_noise": 1.05})
        return law(run, (alphas[0], sigmas[0]), draws)[2] - true(alphas[-1], sigmas[-1])[1]

    def too_far(n, part):
        ratios = falling(n)
        below = ratios[1:] - part(ratios)
        (alphas, sigmas), (alphas_down, sigmas_down) = ((1 / np.sqrt(1 + k**2), k / np.sqrt(1 + k**2)) for k in (ratios, below))
        run = lambda x, z: ancestral.tcd_path(gaussian, x, z, alphas, sigmas, alphas_down, sigmas_down)
        return law(run, (alphas[0], sigmas[0]), n)[2] - true(alphas[-1], sigmas[-1])[1]

    assert order(inflated) < 0.3
    assert order(lambda n: too_far(n, lambda ratios: ratios[1:] / 10)) < 0.5
    assert abs(order(lambda n: too_far(n, lambda ratios: (ratios[:-1] - ratios[1:]) / 2)) - 1) < 0.15


def exact_flow(sigma_end):
    """The consistency function of the Gaussian data: where the probability flow leads."""
    values, vectors = np.linalg.eigh(COVARIANCE)

    def model(x_t, alpha_t, sigma_t):
        turned = x_t @ vectors
        ends = (MEAN @ vectors, values, alpha_t, sigma_t, 1.0, sigma_end)
        return sde.probability_flow_solution_gaussian(turned, *ends) @ vectors.T

    return model


@pytest.mark.parametrize("n", [1, 2, 5])
def test_lcm_path_and_consistency_path_have_exact_laws_at_any_number_of_steps_of_an_exact_consistency_function(n):
    ratios = np.append(falling(max(n - 1, 1))[:n], 0.0)
    alphas, sigmas = 1 / np.sqrt(1 + ratios**2), ratios / np.sqrt(1 + ratios**2)
    _, mean, covariance = law(lambda x, z: ancestral.lcm_path(exact_flow(0.0), x, z, alphas, sigmas), (alphas[0], sigmas[0]), n)
    assert np.allclose(mean, MEAN, rtol=1e-12)
    assert np.allclose(covariance, COVARIANCE, rtol=1e-12)
    levels = np.append(ratios[:-1], 0.125)
    _, mean, covariance = law(
        lambda x, z: ancestral.consistency_path(exact_flow(0.125), x, z, levels, 0.125), (1.0, levels[0]), n
    )
    assert np.allclose(mean, MEAN, rtol=1e-12)
    assert np.allclose(covariance, COVARIANCE + 0.125**2 * np.eye(2), rtol=1e-12)


def test_lcm_path_with_the_mean_of_the_data_for_a_consistency_function_leaves_half_of_their_variance():
    ratios = np.append(falling(400, 4.0, 0.02), 0.0)
    _, mean, covariance = law(lambda x, z: ancestral.lcm_path(gaussian, x, z, 1 + 0 * ratios, ratios), (1.0, ratios[0]), 401)
    assert np.allclose(mean, MEAN, rtol=1e-12)
    assert np.allclose(covariance, COVARIANCE / 2, rtol=0.05)


@given(states(2, 3), states(5, 2, 3))
def test_runs_without_noise_or_restarts_are_the_solvers_they_are_made_of(x_T, z):
    sigmas = np.append(falling(4), 0.0)
    denoise = lambda x_t, alpha_t, sigma_t: x_t / (1 + sigma_t**2)
    churned = ancestral.edm_stochastic_path(denoise, x_T, z, sigmas, 0.0, 0.0, 99.0, 1.0)
    assert np.array_equal(churned, ancestral.restart_path(denoise, x_T, z, sigmas, sigmas[:1], 2, 0))
    euler = [x_T]
    for sigma_t, sigma_s in pairwise(sigmas):
        euler.append(edm.edm_euler_step(euler[-1], denoise(euler[-1], 1, sigma_t), sigma_t, sigma_s))
    assert np.array_equal(ancestral.euler_ancestral_path(denoise, x_T, z, sigmas, 0.0), np.stack(euler))
    for path in (ancestral.euler_ancestral_path, ancestral.dpm2_ancestral_path, ancestral.dpmpp_2s_ancestral_path):
        assert np.array_equal(path(denoise, x_T, z, sigmas, 0.0), path(denoise, x_T, 0 * z, sigmas, 0.0))
