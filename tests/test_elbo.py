"""Properties of the evidence lower bound of diffusion models."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import elbo, gaussian, loss

from .strategies import levels, scales, seeds, share, slack, states, within

SMALL = np.linspace(-12.0, 12.0, 97)
numbers = st.floats(-3, 3)
falling = st.lists(st.integers(-1500, 1500), min_size=2, max_size=8, unique=True).map(
    lambda found: np.array(sorted(found)[::-1]) / 100
)
powers = st.lists(st.integers(-100, 75), min_size=3, max_size=3, unique=True).map(
    lambda found: [-(10 ** (exponent / 50)) for exponent in sorted(found)]
)


def chains(T):
    """Data, slopes, intercepts and betas of T steps."""

    def build(rng):
        betas = np.sort(10 ** rng.uniform(-3, -0.1, T))
        return rng.standard_normal((2, 2)), rng.uniform(-1, 1, T), rng.standard_normal(T), betas

    return seeds.map(build)


@given(states(3, 2), numbers, numbers, powers)
def test_denoising_matching_term_of_an_estimate_that_ignores_the_state_is_denoising_kl(x_0, slope, intercept, level):
    log_s, log_t = level[0], level[2]
    found = elbo.denoising_matching_term(x_0, 0.0, intercept, log_s, log_t)
    assert within(found, loss.denoising_kl(x_0, 0 * x_0 + intercept, log_s, log_t), 30 * np.spacing(found))
    assert np.all(elbo.denoising_matching_term(x_0, slope, intercept, log_s, log_t) >= 0)


@given(states(3, 2), numbers, numbers, powers)
def test_consistency_term_exceeds_denoising_matching_term_by_the_same_for_every_sample(x_0, slope, intercept, level):
    given_values = {"x_0": x_0, "slope": slope, "intercept": intercept, "log_alpha_bar_s": level[1], "log_alpha_bar_t": level[2]}
    matching = elbo.denoising_matching_term(**given_values)
    found = elbo.consistency_term(**given_values, log_alpha_bar_r=level[0])
    extra = elbo.consistency_term(0 * x_0, 0.0, 0.0, *level)
    allowed = slack("consistency_term", given_values | {"log_alpha_bar_r": level[0]}, found)
    assert within(found - matching, extra, 4 * allowed)


@given(states(3, 2), numbers, numbers, powers)
def test_denoising_matching_variance_is_that_of_the_divergence_over_drawn_states(x_0, slope, intercept, level):
    found = elbo.denoising_matching_variance(x_0, slope, intercept, level[0], level[2])
    drawn = [np.exp(level[2] / 2) * x_0[:, :1] + np.sqrt(-3 * np.expm1(level[2])) * side for side in (-1, 0, 1)]
    values = np.stack([loss.denoising_kl(x_0[:, :1], slope * x_t + intercept, level[0], level[2]) for x_t in drawn])
    # Three Gauss-Hermite points; samples of one entry.
    chances = np.array([[1 / 6], [2 / 3], [1 / 6]])
    expected = (chances * (values - (chances * values).sum(axis=0)) ** 2).sum(axis=0)
    one = elbo.denoising_matching_variance(x_0[:, :1], slope, intercept, level[0], level[2])
    assert within(one, expected, 1e-9 * values.max(axis=0) ** 2)
    assert np.all(found >= one * (1 - 1e-12))


def test_consistency_term_may_be_negative():
    assert elbo.consistency_term(np.ones((1, 1)), 0.0, 1.0, 0.0, -0.5, -1.0)[0] < 0


@given(states(3, 2), numbers, numbers, powers, st.integers(-6, 6))
def test_reconstruction_term_at_hardly_any_noise_is_the_negative_log_density(x_0, slope, intercept, level, power):
    variance = 2.0**power
    found = elbo.reconstruction_term(x_0, 0.0, intercept, variance, level[0])
    expected = -gaussian.gaussian_log_density_isotropic(x_0, 0 * x_0 + intercept, variance)
    laws = {"x": x_0, "mean": 0 * x_0 + intercept, "variance": variance}
    assert within(found, expected, 4 * slack("gaussian_log_density_isotropic", laws, expected))
    assert np.all(elbo.reconstruction_term(x_0, slope, intercept, 1.0, level[0]) >= np.log(2 * np.pi) - 1e-9)


@given(states(3, 2), powers)
def test_prior_matching_term_is_at_least_prior_kl_and_meets_it_at_the_data(x_0, level):
    found = elbo.prior_matching_term(x_0, level[1], level[2])
    expected = loss.prior_kl(x_0, level[2])
    allowed = slack("prior_kl", {"x_0": x_0, "log_alpha_bar_T": level[2]}, expected)
    assert np.all(found >= expected - 2 * allowed)
    assert within(elbo.prior_matching_term(x_0, 0.0, level[2]), expected, 2 * allowed)


@given(st.integers(1, 5).flatmap(chains), scales)
def test_variational_bound_linear_is_the_sum_of_either_decomposition(chain, scale):
    x_0, slopes, intercepts, betas = chain
    variance = float(np.clip(scale, 1e-2, 1e2))
    logs = np.cumsum(np.log1p(-betas))
    found = elbo.variational_bound_linear(x_0, slopes, intercepts, variance, betas)
    first = elbo.reconstruction_term(x_0, slopes[0], intercepts[0], variance, logs[0])
    times, starts = range(1, len(betas)), [0.0, *logs]
    lines = [(slopes[t], intercepts[t]) for t in times]
    matching = [elbo.denoising_matching_term(x_0, *line, *starts[t : t + 2]) for t, line in zip(times, lines, strict=True)]
    consistency = [elbo.consistency_term(x_0, *line, *starts[t - 1 : t + 2]) for t, line in zip(times, lines, strict=True)]
    bounds = [first + loss.prior_kl(x_0, logs[-1]) + sum(matching)]
    bounds += [first + elbo.prior_matching_term(x_0, starts[-2], logs[-1]) + sum(consistency)]
    sizes = 1 + np.abs(first) + sum(np.abs(term) + 9 for term in matching)
    for bound in bounds:
        assert within(bound, found, 1e-12 * sizes)


@given(states(3, 2), scales, states(3, 2))
def test_log_ratio_variance_of_equal_variances_is_twice_the_divergence(mean_1, variance, mean_2):
    found = elbo.log_ratio_variance(mean_1, variance, mean_2, variance)
    expected = 2 * gaussian.gaussian_kl_isotropic(mean_1, variance, mean_2, variance)
    assert within(found, expected, 1e-14 * found)


@given(states(3, 2), scales)
def test_log_ratio_variance_of_a_gaussian_with_itself_is_zero(mean, variance):
    assert np.array_equal(elbo.log_ratio_variance(mean, variance, mean, variance), np.zeros(3))


@given(scales, st.lists(st.floats(-30, 30), min_size=3, max_size=3, unique=True).map(sorted))
def test_vlb_gaussian_continuous_adds_up_over_neighbouring_stretches(variance, found):
    low, middle, high = found
    whole = elbo.vlb_gaussian_continuous(variance, high, low)
    parts = elbo.vlb_gaussian_continuous(variance, high, middle) + elbo.vlb_gaussian_continuous(variance, middle, low)
    assert abs(whole - parts) <= 16 * np.spacing(whole)


@given(scales, falling)
def test_vlb_gaussian_excess_is_vlb_gaussian_discrete_less_vlb_gaussian_continuous_and_positive(variance, logsnrs):
    whole = elbo.vlb_gaussian_discrete(variance, logsnrs)
    limit = elbo.vlb_gaussian_continuous(variance, logsnrs[0], logsnrs[-1])
    excess = elbo.vlb_gaussian_excess(variance, logsnrs)
    assert excess > 0
    allowed = slack("vlb_gaussian_excess", {"variance": variance, "logsnrs": logsnrs}, excess)
    assert abs(whole - limit - excess) <= 2 * allowed + 20 * np.spacing(whole)


@given(st.floats(-2, 2).map(lambda exponent: 10**exponent), st.floats(1, 12))
def test_vlb_gaussian_excess_halves_when_the_steps_are_halved(variance, reach):
    coarse, fine = (elbo.vlb_gaussian_excess(variance, np.linspace(reach, -reach, n + 1)) for n in (4000, 8000))
    assert abs(coarse / fine - 2) < 0.01


@given(states(4), st.integers(1, 100_000))
def test_bits_per_dimension_of_density_of_unit_bins_is_bits_per_dimension(nats, dimensions):
    found = elbo.bits_per_dimension_of_density(nats, dimensions, 1.0)
    assert within(found, loss.bits_per_dimension(nats, dimensions), 4 * np.spacing(np.abs(found)))
    halves = elbo.bits_per_dimension_of_density(nats, dimensions, 0.5)
    assert within(halves - 1, found, 4 * np.spacing(np.abs(found) + 1))


@pytest.mark.parametrize(("high", "width"), [(255.0, 1.0), (1.0, 1 / 255), (255 / 256, 1 / 256), (2.0, 2 / 255)])
def test_bits_per_dimension_of_density_do_not_depend_on_the_scale_of_the_data(high, width):
    # A density even over 256 bins is 8 bits per dimension, in whatever units.
    nats = np.array([3 * np.log(high + width)])
    assert np.allclose(elbo.bits_per_dimension_of_density(nats, 3, width), 8, rtol=1e-14)


def test_elbo_weight_of_the_bound_itself_is_constant():
    rates = np.linspace(-9.0, -1.0, 50)
    assert np.array_equal(elbo.elbo_weight(-rates, rates), np.ones(50))


@given(levels)
def test_elbo_weight_simple_cosine_is_even_and_largest_at_0(level):
    found = elbo.elbo_weight_simple_cosine(level)
    assert found == elbo.elbo_weight_simple_cosine(-level)
    assert 0 < found <= 1


@given(st.floats(-600, 600), st.floats(0.01, 100))
def test_elbo_weight_min_snr_is_elbo_weight_simple_cosine_below_the_cap_and_lower_above(level, gamma):
    found, simple = elbo.elbo_weight_min_snr(level, gamma), elbo.elbo_weight_simple_cosine(level)
    assert found == simple if level < np.log(gamma) - 1e-9 else found <= simple


@given(st.floats(-300, 300), share)
def test_elbo_weight_p2_lies_between_elbo_weight_simple_cosine_and_that_over_one_plus_the_snr(level, p2_gamma):
    found, simple = elbo.elbo_weight_p2(level, p2_gamma), elbo.elbo_weight_simple_cosine(level)
    assert simple / (1 + np.exp(level)) * (1 - 1e-15) <= found <= simple
    assert elbo.elbo_weight_p2(level, 0.0) == simple


@given(levels)
def test_elbo_weight_v_cosine_and_elbo_weight_flow_are_one_weighting(level):
    assert elbo.elbo_weight_v_cosine(level) == elbo.elbo_weight_flow(level)


def test_elbo_weight_v_cosine_is_elbo_weight_simple_cosine_over_the_signal_power():
    found = elbo.elbo_weight_simple_cosine(SMALL) * (1 + np.exp(-SMALL)) / 2
    assert np.allclose(found, elbo.elbo_weight_v_cosine(SMALL), rtol=1e-14)


@given(numbers, st.floats(0.5, 2))
def test_elbo_weight_flow_logit_normal_over_the_velocitys_share_is_a_density_of_logsnr(logit_mean, logit_scale):
    grid = np.linspace(-60.0, 60.0, 24001)
    density = elbo.elbo_weight_flow_logit_normal(grid, logit_mean, logit_scale) / (1 + np.exp(-grid / 2)) ** 2
    assert abs(np.sum(density) * (grid[1] - grid[0]) - 1) < 1e-9
    assert abs(np.sum(density * grid) * (grid[1] - grid[0]) + 2 * logit_mean) < 1e-7


@given(numbers, st.floats(0.5, 2), st.floats(0.1, 2))
def test_elbo_weight_edm_over_its_loss_weight_is_a_density_of_logsnr(P_mean, P_std, sigma_data):
    grid = np.linspace(-60.0, 60.0, 24001)
    density = elbo.elbo_weight_edm(grid, P_mean, P_std, sigma_data) / (np.exp(-grid) + sigma_data**2)
    assert abs(np.sum(density) * (grid[1] - grid[0]) - 1) < 1e-9
    assert abs(np.sum(density * grid) * (grid[1] - grid[0]) + 2 * P_mean) < 1e-7


@given(st.floats(-600, 600), st.floats(-8, 8))
def test_elbo_weight_sigmoid_falls_and_is_half_at_the_bias(level, weight_bias):
    assert elbo.elbo_weight_sigmoid(level, weight_bias) >= elbo.elbo_weight_sigmoid(level + 1e-3, weight_bias)
    assert abs(elbo.elbo_weight_sigmoid(weight_bias, weight_bias) - 0.5) < 1e-15


@given(scales, scales, scales, scales)
def test_snr_dot_is_snr_times_logsnr_dot(alpha_t, sigma_t, fall, rise):
    given_ = (alpha_t, sigma_t, -fall, rise)
    found = elbo.snr_dot(*given_)
    assert found < 0
    assert within(found, (alpha_t / sigma_t) ** 2 * elbo.logsnr_dot(*given_), 12 * np.spacing(abs(found)))


@given(states(3, 2), states(3, 2), scales, scales, scales)
def test_vlb_integrand_and_vlb_integrand_eps_are_the_same_loss(x_0, x_0_hat, alpha_t, sigma_t, rate):
    found = elbo.vlb_integrand(x_0, x_0_hat, -rate * (alpha_t / sigma_t) ** 2)
    noises = [-alpha_t / sigma_t * data for data in (x_0, x_0_hat)]
    assert np.allclose(elbo.vlb_integrand_eps(*noises, -rate), found, rtol=1e-9)
    assert np.all(found >= 0)


def test_vlb_integrand_integrates_to_vlb_gaussian_continuous_on_any_schedule():
    """Unit Gaussian data, the exact denoiser's mean square error, on two schedules with the same ends."""
    times = (np.arange(4000) + 0.5) / 4000
    for power in (1.0, 2.0):
        level = 4 - 8 * times**power
        rate = -8 * power * times ** (power - 1)
        error = np.sqrt(1 / (1 + np.exp(level)))[:, None]
        total = np.mean(elbo.vlb_integrand(error, 0 * error, rate * np.exp(level)))
        assert np.isclose(total, elbo.vlb_gaussian_continuous(1.0, 4.0, -4.0), rtol=1e-5)


@given(levels)
def test_elbo_weight_snr_and_elbo_weight_truncated_snr_meet_where_there_is_more_signal_than_noise(level):
    level = level * 0.98
    simple, truncated = elbo.elbo_weight_snr(level), elbo.elbo_weight_truncated_snr(level)
    assert within(simple, elbo.elbo_weight_simple_cosine(level), 6 * np.spacing(simple))
    assert truncated >= elbo.elbo_weight_simple_cosine(level)
    assert (truncated == elbo.elbo_weight_simple_cosine(level)) == (level >= 0 or np.exp(-level) == 1)


@given(levels, share, scales)
def test_elbo_weight_p2_offset_falls_with_the_offset_and_is_elbo_weight_p2_at_1(level, gamma, offset):
    level = level * 0.4
    assert elbo.elbo_weight_p2_offset(level, gamma, 1) == elbo.elbo_weight_p2(level, gamma)
    found = elbo.elbo_weight_p2_offset(level, gamma, offset)
    assert elbo.elbo_weight_p2_offset(level, gamma, 2 * offset) <= found
    assert np.isclose(elbo.elbo_weight_p2_offset(level, 0.0, offset), elbo.elbo_weight_simple_cosine(level), rtol=1e-14)
