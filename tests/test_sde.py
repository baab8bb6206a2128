"""Properties of the stochastic differential equations of diffusion."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import forward, schedule, score, sde

from .strategies import log_powers, pairs, scales, share, slack, states, within

rising = st.tuples(scales, st.floats(-12, 6)).map(lambda ends: (ends[0], ends[0] * (1 + 10 ** ends[1])))
ordinary = st.floats(-2, 2).map(lambda exponent: 10**exponent)
rates = st.floats(-5, 5)
steps = st.floats(-6, 0).map(lambda exponent: 10**exponent)


def ulp(value, count):
    return count * np.spacing(np.abs(value))


@given(share, rising)
def test_vp_beta_rate_lies_between_its_ends_and_drift_and_diffusion_follow(time, ends):
    rate = sde.vp_beta_rate(time, *ends)
    assert ends[0] - ulp(ends[0], 2) <= rate <= ends[1] + ulp(ends[1], 2)
    assert sde.vp_drift_rate(time, *ends) == -rate / 2
    assert sde.vp_diffusion(time, *ends) == np.sqrt(rate)


@given(rising)
def test_vp_log_alpha_bar_falls_from_0_to_the_mean_rate(ends):
    times = np.linspace(0, 1, 20)
    power = sde.vp_log_alpha_bar(times, *ends)
    assert power[0] == 0
    assert np.all(np.diff(power) < 0)
    assert within(power[-1], -np.mean(ends), ulp(ends[1], 4))


@given(log_powers)
def test_subvp_sigma_is_below_that_of_vp_and_is_its_square(power):
    scale = schedule.sigma(power)
    assert sde.subvp_sigma(power) <= scale
    assert within(sde.subvp_sigma(power), forward.marginal_variance(power), ulp(sde.subvp_sigma(power), 4))


@given(share, rising)
def test_subvp_diffusion_is_below_vp_diffusion_and_0_at_the_data(time, ends):
    assert sde.subvp_diffusion(0.0, *ends) == 0
    found = sde.subvp_diffusion(time, *ends)
    assert 0 <= found <= sde.vp_diffusion(time, *ends) + ulp(found, 5)


@given(share, rising)
def test_ve_sigma_grows_from_sigma_min_to_sigma_max(time, ends):
    low, high = ends
    assert sde.ve_sigma(0.0, *ends) == low
    assert within(sde.ve_sigma(1.0, *ends), high, ulp(high, 2))
    assert low - ulp(low, 3) <= sde.ve_sigma(time, *ends) <= high + ulp(high, 3)


@given(share, rising)
def test_ve_diffusion_is_sigma_times_a_constant(time, ends):
    found = sde.ve_diffusion(time, *ends) * sde.ve_sigma(0.0, *ends)
    assert within(found, sde.ve_diffusion(0.0, *ends) * sde.ve_sigma(time, *ends), ulp(found, 14))


@given(states(2, 3), states(2, 3), rising)
def test_ve_transition_sample_adds_ve_added_variance_of_noise(x_s, z, levels):
    added = sde.ve_added_variance(*levels)
    found = sde.ve_transition_sample(x_s, z, *levels)
    assert within(found, x_s + np.sqrt(added) * z, ulp(np.abs(x_s) + np.sqrt(added) * np.abs(z), 2))
    assert np.array_equal(sde.ve_transition_sample(x_s, z, levels[1], levels[1]), x_s)


@given(st.lists(scales, min_size=3, max_size=3))
def test_ve_added_variance_adds_up_over_steps(levels):
    low, middle, high = sorted(levels)
    whole = sde.ve_added_variance(low, high)
    parts = sde.ve_added_variance(low, middle) + sde.ve_added_variance(middle, high)
    assert within(whole, parts, ulp(whole, 6))


@given(scales, scales, scales)
def test_linear_sde_drift_rate_and_linear_sde_diffusion_without_drift_are_the_growth_of_the_noise(alpha_t, sigma_t, growth):
    assert sde.linear_sde_drift_rate(alpha_t, 0.0) == 0
    found = sde.linear_sde_diffusion(alpha_t, sigma_t, 0.0, growth)
    assert within(found, np.sqrt(2 * sigma_t * growth), ulp(found, 4))


@given(states(3), ordinary, steps)
def test_linear_sde_transition_mean_and_linear_sde_transition_variance_compose(x_s, diffusion, step):
    rate = -1.5
    half = sde.linear_sde_transition_variance(rate, diffusion, step / 2)
    kept = sde.linear_sde_transition_mean(1.0, rate, step / 2)
    whole = sde.linear_sde_transition_variance(rate, diffusion, step)
    assert within(kept**2 * half + half, whole, ulp(whole, 12))
    twice = sde.linear_sde_transition_mean(kept * x_s, rate, step / 2)
    assert within(twice, sde.linear_sde_transition_mean(x_s, rate, step), ulp(x_s, 8))


@given(ordinary, steps)
def test_linear_sde_transition_variance_is_continuous_where_the_drift_vanishes(diffusion, step):
    still = sde.linear_sde_transition_variance(0.0, diffusion, step)
    assert within(still, diffusion**2 * step, ulp(still, 2))
    for rate in (1e-17, -1e-17):
        assert within(sde.linear_sde_transition_variance(rate, diffusion, step), still, ulp(still, 6))


@given(ordinary, ordinary)
def test_linear_sde_variance_rate_is_0_at_the_stationary_variance(rate, diffusion):
    stationary = diffusion**2 / (2 * rate)
    assert within(sde.linear_sde_variance_rate(stationary, -rate, diffusion), 0.0, ulp(diffusion**2, 4))


@given(states(2, 3), states(2, 3), rates, ordinary, share)
def test_same_marginals_drift_joins_probability_flow_drift_and_reverse_sde_drift(x_t, score, rate, diffusion, noise):
    given_ = {"x_t": x_t, "score": score, "drift_rate": rate, "diffusion": diffusion}
    flow, reverse = sde.probability_flow_drift(**given_), sde.reverse_sde_drift(**given_)
    allowed = slack("reverse_sde_drift", given_, reverse) * 4
    assert within(sde.same_marginals_drift(**given_, noise_strength=0.0), flow, allowed)
    assert within(sde.same_marginals_drift(**given_, noise_strength=1.0), reverse, allowed)
    between = flow + noise**2 * (reverse - flow)
    assert within(sde.same_marginals_drift(**given_, noise_strength=noise), between, allowed)
    assert within(2 * flow - reverse, rate * x_t, allowed)


@given(states(2, 3), states(2, 3), states(2, 3), ordinary, steps)
def test_euler_maruyama_step_and_reverse_euler_maruyama_step_differ_in_the_drifts_direction(x_t, drift, z, diffusion, step):
    ahead = sde.euler_maruyama_step(x_t, drift, z, diffusion, step)
    assert np.array_equal(sde.reverse_euler_maruyama_step(x_t, -drift, z, diffusion, step), ahead)
    still = sde.euler_maruyama_step(x_t, 0 * drift, z, diffusion, step)
    assert within(still, x_t + diffusion * np.sqrt(step) * z, ulp(np.abs(x_t) + diffusion * np.abs(z), 3))


@given(states(2, 3), states(2, 3), states(2, 3), rising)
def test_ancestral_step_ve_ends_at_tweedies_x_0_and_reverse_diffusion_step_ve_does_not(x_t, score, z, levels):
    sigma = levels[1]
    denoised = x_t + sigma**2 * score
    margin = ulp(np.abs(x_t) + sigma**2 * np.abs(score), 3)
    assert within(sde.ancestral_step_ve(x_t, score, z, 0.0, sigma), denoised, margin)
    noisy = sde.reverse_diffusion_step_ve(x_t, score, z, 0.0, sigma)
    assert within(noisy, denoised + sigma * z, margin + ulp(sigma * np.abs(z), 3))


@given(states(2, 3), states(2, 3), states(2, 3), st.floats(-8, -3).map(lambda exponent: 10**exponent))
def test_ancestral_step_vp_and_reverse_diffusion_step_vp_agree_to_first_order(x_t, score, z, beta_t):
    gap = sde.ancestral_step_vp(x_t, score, z, beta_t) - sde.reverse_diffusion_step_vp(x_t, score, z, beta_t)
    bound = beta_t**2 * (np.abs(x_t) + np.abs(score))
    assert np.all(np.abs(gap) <= bound + ulp(np.abs(x_t) + np.abs(score) + np.abs(z), 8))


@given(states(3), states(3), ordinary, ordinary, ordinary, ordinary, ordinary)
def test_probability_flow_solution_gaussian_is_undone_by_going_back(x_t, mean, variance, alpha_t, sigma_t, alpha_s, sigma_s):
    here, there = (alpha_t, sigma_t), (alpha_s, sigma_s)
    x_s = sde.probability_flow_solution_gaussian(x_t, mean, variance, *here, *there)
    back = sde.probability_flow_solution_gaussian(x_s, mean, variance, *there, *here)
    ratio = np.sqrt((alpha_t**2 * variance + sigma_t**2) / (alpha_s**2 * variance + sigma_s**2))
    scale = np.abs(x_t) + (alpha_t + ratio * alpha_s) * np.abs(mean)
    assert within(back, x_t, ulp(scale, 20))


@given(states(3), states(3), scales, pairs)
def test_reverse_sde_mean_gaussian_and_reverse_sde_variance_gaussian_return_the_marginal(x_t, mean, variance, levels):
    spread = sde.reverse_sde_variance_gaussian(variance, *levels)
    at_s = forward.marginal_variance(levels[0]) + np.exp(levels[0]) * variance
    assert 0 < spread <= at_s + ulp(at_s, 6)
    centred = sde.reverse_sde_mean_gaussian(np.exp(levels[1] / 2) * mean, mean, variance, *levels)
    given_ = {"x_t": x_t, "mean": mean, "variance": variance, "log_alpha_bar_s": levels[0], "log_alpha_bar_t": levels[1]}
    allowed = slack("reverse_sde_mean_gaussian", given_ | {"x_t": np.exp(levels[1] / 2) * mean}, centred)
    assert within(centred, np.exp(levels[0] / 2) * mean, 2 * allowed)


@given(states(3, 2), states(3), states(3))
def test_fokker_planck_rate_of_a_stationary_law_is_0(x, flat, other):
    """Unit Gaussian, drift -x/2 and g = 1; and a uniform field moves a flat density nowhere."""
    count = np.full(3, 2.0)
    found = sde.fokker_planck_rate(-x / 2, -x, -count / 2, -count, 1.0)
    assert within(found, np.zeros(3), ulp(1 + np.sum(x**2, axis=1), 6))
    still = sde.fokker_planck_rate(x, 0 * x, flat, 0 * other, 0.0)
    assert within(still, -flat, ulp(flat, 1))


@given(st.floats(0.2, 4), ordinary)
def test_euler_maruyama_step_reaches_the_exact_law_at_first_order(rate, start):
    """Variance of a process with drift -rate*x/2 and g**2 = rate, after time 1 in n steps and in 2n."""
    exact = 1 + (start - 1) * np.exp(-rate)
    errors = []
    for count in (512, 1024):
        size, variance = 1 / count, start
        kept = sde.euler_maruyama_step(1.0, -rate / 2, 0.0, np.sqrt(rate), size)
        added = sde.euler_maruyama_step(0.0, 0.0, 1.0, np.sqrt(rate), size) ** 2
        for _ in range(count):
            variance = kept**2 * variance + added
        errors.append(variance - exact)
    scale = rate**2 * (1 + abs(start)) / 512
    assert np.all(np.abs(errors) < 2 * scale)
    assert abs(errors[0] - 2 * errors[1]) < 4 * scale**2 / (1 + abs(start)) * (1 + rate) + 1e-13 * (1 + start) * 1024


@given(states(3), rates)
def test_linear_sde_mean_rate_is_the_slope_of_linear_sde_transition_mean(mean, rate):
    moved = sde.linear_sde_transition_mean(mean, rate, 1e-6) - sde.linear_sde_transition_mean(mean, rate, -1e-6)
    assert np.allclose(moved / 2e-6, sde.linear_sde_mean_rate(mean, rate), rtol=1e-7, atol=1e-8 * np.abs(mean).max())


@given(pairs)
def test_subvp_transition_variance_is_that_of_the_marginals_and_below_vps(levels):
    found = sde.subvp_transition_variance(*levels)
    scales_at = [(np.exp(level / 2), sde.subvp_sigma(level)) for level in levels]
    general = forward.general_transition_variance(*scales_at[0], *scales_at[1])
    assert within(found, general, (8 + abs(levels[1])) * np.spacing(scales_at[1][1] ** 2))
    assert 0 < found <= forward.transition_variance(*levels) * (1 + 1e-15)
    assert within(sde.subvp_transition_variance(0.0, levels[1]), sde.subvp_sigma(levels[1]) ** 2, ulp(found, 4))


@given(states(2, 3), states(2, 3), states(2, 3), rising, st.floats(0.01, 1), st.floats(1e-4, 0.9), st.floats(1e-4, 0.9))
def test_predictor_corrector_step_ve_and_predictor_corrector_step_vp_are_two_steps(
    x, slope, later, levels, ratio, beta_s, beta_t
):
    z = np.stack([later + 1, slope - 2])
    found = sde.predictor_corrector_step_ve(x, slope, later, z, ratio, *levels)
    predicted = sde.reverse_diffusion_step_ve(x, slope, z[0], *levels)
    assert np.array_equal(found, score.corrector_step_ve(predicted, later, z[1], ratio))
    found = sde.predictor_corrector_step_vp(x, slope, later, z, ratio, beta_s, beta_t)
    predicted = sde.reverse_diffusion_step_vp(x, slope, z[0], beta_t)
    assert np.array_equal(found, score.corrector_step_vp(predicted, later, z[1], ratio, beta_s))
