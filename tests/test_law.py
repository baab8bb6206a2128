"""Properties of exact laws on Gaussian data: what samplers do to them, step by step and over whole runs."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refdiff.numbers import namespace
from refdiff.numbers.balls import ball, balls, precision
from refdiff.numbers.strays import strays
from refdiff.reference import ddim, law, singlestep
from refdiff.reference.denoiser import denoiser_correlated_gaussian, denoiser_gaussian

from .strategies import covariances, share, slack, states, within

mild = st.floats(0.05, 20)
variances = st.floats(-2, 2).map(lambda exponent: 10**exponent)
shares = st.floats(0.01, 0.99)


@given(states(3, 4), states(4), covariances(4), mild, mild, mild, mild)
def test_probability_flow_solution_correlated_comes_back_to_where_it_started(x_t, mean, covariance, a, b, c, d):
    there = law.probability_flow_solution_correlated(x_t, mean, covariance, a, b, c, d)
    back = law.probability_flow_solution_correlated(there, mean, covariance, c, d, a, b)
    assert np.allclose(back, x_t, rtol=0, atol=1e-9 * (np.abs(x_t).max() + 20 * np.abs(mean).max()))


@given(states(3, 2), states(2), variances, variances, mild, mild, mild, mild)
def test_probability_flow_solution_correlated_has_each_entrys_own_gain_where_nothing_correlates(x_t, mean, v, w, a, b, c, d):
    found = law.probability_flow_solution_correlated(x_t, mean, np.diag([v, w]), a, b, c, d)
    gains = np.array([ddim.probability_flow_gain(variance, c, d, a, b) for variance in (v, w)])
    expected = c * mean + gains * (x_t - a * mean)
    parts = c * np.abs(mean) + gains * (np.abs(x_t) + a * np.abs(mean))
    assert np.all(np.abs(found - expected) <= 1e-11 * parts + 1e-13 * parts.max())


def test_probability_flow_solution_correlated_is_the_limit_of_euler_path_with_many_steps():
    rng = np.random.default_rng(3)
    mean, factor = rng.standard_normal(3), rng.standard_normal((3, 3))
    covariance = factor @ factor.T + np.eye(3) / 4
    angles = np.linspace(1.4, 0.1, 401)
    x_T = rng.standard_normal((2, 3))

    def denoiser(x_t, alpha_t, sigma_t):
        return denoiser_correlated_gaussian(x_t, mean, covariance, alpha_t, sigma_t)

    run = singlestep.dpmpp_3s_path(denoiser, x_T, np.cos(angles), np.sin(angles))
    for i in (100, 250, 400):
        level = np.cos(angles[i]), np.sin(angles[i])
        exact = law.probability_flow_solution_correlated(x_T, mean, covariance, np.cos(1.4), np.sin(1.4), *level)
        assert np.abs(run[i] - exact).max() < 1e-7


@given(covariances(3), st.integers(20, 300))
def test_symmetric_roots_square_to_their_matrix_in_floats_and_in_balls(covariance, bits):
    root = namespace(covariance).sqrtm(covariance)
    assert np.allclose(root @ root, covariance, rtol=0, atol=1e-13 * np.trace(covariance))
    with precision(bits):
        matrix = balls(covariance)
        enclosed = namespace(matrix).sqrtm(matrix)
        gaps = enclosed @ enclosed - matrix
        assert all(ball(gap).contains(0) for gap in gaps.flat)
        assert all(
            abs(float(ball(entry).mid()) - middle) <= 1e-12 + float(ball(entry).rad())
            for entry, middle in zip(enclosed.flat, root.flat, strict=True)
        )


def test_symmetric_roots_in_balls_know_equal_eigenvalues_and_refuse_what_has_none():
    with precision(200):
        found = namespace(balls(np.eye(3))).sqrtm(balls(4 * np.eye(3)))
        assert all(entry.contains(2 * int(i % 4 == 0)) and entry.rad() < 1e-50 for i, entry in enumerate(found.flat))
        indefinite = balls(np.array([[1.0, 2.0], [2.0, 1.0]]))
        assert not any(entry.is_finite() for entry in namespace(indefinite).sqrtm(indefinite).flat)
    with pytest.raises(NotImplementedError, match="2 x 2 matrix, whose root"):
        namespace(strays(np.eye(2))).sqrtm(strays(np.eye(2)))


@given(st.integers(1, 6), st.integers(2, 4), st.integers(0, 2**31))
def test_affine_chain_mean_and_covariance_are_those_of_the_chain_written_out(n, size, seed):
    rng = np.random.default_rng(seed)
    gains, offsets = rng.standard_normal((n, size, size)), rng.standard_normal((n, size))
    factors, start = rng.standard_normal((n, size, 2)), rng.standard_normal((size, size))
    whole, constant, draws = start, np.zeros(size), []
    for gain, offset, factor in zip(gains, offsets, factors, strict=True):
        whole, constant, draws = gain @ whole, gain @ constant + offset, [*(gain @ part for part in draws), factor]
    mean = rng.standard_normal(size)
    known = {"gains": gains, "offsets": offsets, "mean": mean}
    carried = np.linalg.multi_dot([*gains[::-1], mean[:, None]])[:, 0] if n > 1 else gains[0] @ mean
    expected = carried + constant
    assert within(law.affine_chain_mean(**known), expected, 8 * slack("affine_chain_mean", known, expected))
    found = law.affine_chain_covariance(gains, factors, start @ start.T)
    expected = whole @ whole.T + sum(part @ part.T for part in draws)
    assert np.allclose(found, expected, rtol=0, atol=1e-11 * np.abs(expected).max())
    assert np.allclose(found, found.T, rtol=0, atol=1e-12 * np.abs(found).max())


def run_gain(name, variance, levels):
    """What one step of a whole run scales the distance from the mean by."""
    alphas, sigmas = (np.array(side) for side in zip(*levels, strict=True))
    given = {"alphas": alphas} if name not in ("heun_path", "dpm2_path") else {}

    def denoiser(x_t, alpha_t, sigma_t):
        return denoiser_gaussian(x_t, 0.0, variance, alpha_t, sigma_t)

    return getattr(singlestep, name)(denoiser, np.ones((1, 1)), **given, sigmas=sigmas)[1].item()


@given(variances, mild, shares)
def test_heun_gain_and_dpm2_gain_are_those_of_their_runs(variance, sigma_t, part):
    levels = [(1.0, sigma_t), (1.0, sigma_t * part)]
    for name, gain in (("heun_path", law.heun_gain), ("dpm2_path", law.dpm2_gain)):
        found, size = gain(variance, sigma_t, sigma_t * part), 1 + 1 / part
        assert abs(found - run_gain(name, variance, levels)) <= 1e-13 * size


@given(variances, mild, mild, mild, shares)
def test_dpmpp_2s_gain_is_that_of_its_run_and_always_positive(variance, alpha_t, alpha_s, level, part):
    pair = [(alpha_t, alpha_t * level), (alpha_s, alpha_s * level * part)]
    found = law.dpmpp_2s_gain(variance, *pair[1], *pair[0])
    assert np.isclose(found, run_gain("dpmpp_2s_path", variance, pair), rtol=1e-11)
    assert found > 0


@given(variances, mild)
def test_heun_gain_dpm2_gain_and_dpmpp_2s_gain_are_eulers_down_to_the_data(variance, sigma_t):
    euler = ddim.ddim_gain(variance, 1, 0, 1, sigma_t)
    assert law.heun_gain(variance, sigma_t, 0.0) == law.dpm2_gain(variance, sigma_t, 0.0) == euler
    assert np.isclose(law.dpmpp_2s_gain(variance, 1.0, 0.0, 1.0, sigma_t), euler, rtol=1e-14)


@pytest.mark.parametrize("gain", [law.heun_gain, law.dpm2_gain, lambda v, t, s: law.dpmpp_2s_gain(v, 1.0, s, 1.0, t)])
def test_heun_gain_dpm2_gain_and_dpmpp_2s_gain_near_the_flows_with_the_third_power_of_the_step(gain):
    def gap(h):
        return abs(gain(0.5, 1.0, 1 - h) - np.sqrt((0.5 + (1 - h) ** 2) / 1.5))

    assert abs(np.log2(gap(0.02) / gap(0.01)) - 3) < 0.1


@given(variances, mild, st.floats(0, 1))
def test_heun_gain_and_dpm2_gain_are_positive_however_long_the_step(variance, sigma_t, part):
    assert law.heun_gain(variance, sigma_t, sigma_t * part) > 0
    assert law.dpm2_gain(variance, sigma_t, sigma_t * part) > 0


@given(variances, share, mild, mild, mild, shares)
def test_ancestral_gain_falls_from_ddims_with_more_fresh_noise(variance, eta, alpha_t, alpha_s, level, part):
    pair = (alpha_s, alpha_s * level * part), (alpha_t, alpha_t * level)
    found = law.ancestral_gain(variance, eta, *pair[0], *pair[1])
    most, least = (law.ancestral_gain(variance, x, *pair[0], *pair[1]) for x in (0.0, 1.0))
    assert least * (1 - 1e-14) <= found <= most * (1 + 1e-14)
    assert np.isclose(most, ddim.ddim_gain(variance, *pair[0], *pair[1]), rtol=1e-14)


@given(variances, share, st.integers(1, 8), mild, st.integers(0, 2**31))
def test_ancestral_chain_variance_stays_below_the_true_one_and_comes_near_it_in_short_steps(variance, eta, n, start, seed):
    rng = np.random.default_rng(seed)
    sigmas = start * np.cumprod([1.0, *rng.uniform(0.1, 0.95, n)])
    alphas = np.sort(rng.uniform(0.2, 1, n + 1))
    true = alphas[-1] ** 2 * variance + sigmas[-1] ** 2
    assert law.ancestral_chain_variance(variance, eta, alphas, sigmas) <= true * (1 + 1e-12)
    fine = np.geomspace(start, start / 4, 2001)
    found = law.ancestral_chain_variance(variance, eta, np.ones(2001), fine)
    assert np.isclose(found, variance + fine[-1] ** 2, rtol=2e-3)


@given(variances, mild, st.integers(1, 6), st.integers(0, 2**31))
def test_ancestral_chain_variance_without_fresh_noise_is_ddim_chain_variance(variance, start, n, seed):
    rng = np.random.default_rng(seed)
    sigmas = start * np.cumprod([1.0, *rng.uniform(0.1, 0.95, n)])
    alphas = np.sort(rng.uniform(0.2, 1, n + 1))
    found = law.ancestral_chain_variance(variance, 0.0, alphas, sigmas)
    assert np.isclose(found, ddim.ddim_chain_variance(variance, alphas, sigmas), rtol=1e-13)


@given(variances, mild, st.integers(1, 6), st.integers(0, 2**31))
def test_heun_chain_variance_is_that_of_the_affine_chain_of_its_gains(variance, start, n, seed):
    sigmas = start * np.cumprod([1.0, *np.random.default_rng(seed).uniform(0.3, 0.95, n)])
    gains = np.array([law.heun_gain(variance, a, b) for a, b in pairwise(sigmas)]).reshape(n, 1, 1)
    first = np.array([[variance + sigmas[0] ** 2]])
    chain = law.affine_chain_covariance(gains, np.zeros((n, 1, 1)), first)
    assert np.isclose(law.heun_chain_variance(variance, sigmas), chain.item(), rtol=1e-12)


def test_heun_chain_variance_converges_to_the_true_one_with_second_order():
    def gap(n):
        return abs(law.heun_chain_variance(0.5, np.linspace(2, 0.2, n + 1)) - (0.5 + 0.2**2))

    assert abs(np.log2(gap(64) / gap(128)) - 2) < 0.1
