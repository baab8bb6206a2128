"""Properties of noise grids and spacings."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import edm, flow, grid, schedule, score

from .strategies import schedules, seeds

counts = st.integers(1, 40)
ranges = st.tuples(st.floats(-3, 0), st.floats(0.01, 5)).map(lambda ends: (10 ** ends[0], 10 ** (ends[0] + ends[1])))
shapes = st.floats(0.4, 5)
shifts = st.floats(0.1, 30)


def falls(found, n):
    return found.shape == (n,) and bool(np.all(np.diff(found) < 0))


@given(counts, ranges, st.floats(0.2, 7))
def test_sigmas_polyexponential_fall_from_the_largest_to_the_least(n, ends, rho):
    found = grid.sigmas_polyexponential(n, *ends, rho)
    assert found.shape == (n,)
    assert np.all(np.diff(found) <= 0)
    assert np.isclose(found[0], ends[1], rtol=1e-13)
    assert n == 1 or np.isclose(found[-1], ends[0], rtol=1e-13)


@given(st.integers(2, 40), ranges)
def test_ncsn_sigmas_are_the_exponential_grid_of_every_library(n, ends):
    low, high = ends
    found = score.ncsn_sigmas(n, low, high)
    assert np.allclose(found, grid.sigmas_polyexponential(n, low, high, 1.0), rtol=1e-12)
    assert np.allclose(found, np.exp(np.linspace(np.log(high), np.log(low), n)), rtol=1e-12)  # k-diffusion, diffusers
    assert np.allclose(found, np.exp(-np.linspace(-np.log(high), -np.log(low), n)), rtol=1e-12)  # steps of half_logsnr
    variances = high**2 * (low**2 / high**2) ** (np.arange(n) / (n - 1))
    assert np.allclose(found, np.sqrt(variances), rtol=1e-12)  # EDM's column VE


@given(counts, st.floats(0.01, 1), st.floats(1.5, 30), st.floats(1e-5, 0.9))
def test_sigmas_vp_fall_from_time_1_to_the_least_time(n, low, high, time_min):
    found = grid.sigmas_vp(n, low, high, time_min)
    assert falls(found, n)
    assert np.isclose(found[0], edm.edm_sigma_from_vp_time(1.0, low, high), rtol=1e-13)
    assert n == 1 or np.isclose(found[-1], edm.edm_sigma_from_vp_time(time_min, low, high), rtol=1e-10)
    times = edm.vp_time_from_edm_sigma(found, low, high)
    assert np.allclose(times, np.linspace(1, time_min, n), rtol=1e-9)


@given(counts, ranges, shapes, shapes)
def test_sigmas_beta_cut_the_distribution_into_equal_masses(n, ends, a, b):
    low, high = ends
    found = grid.sigmas_beta(n, low, high, a, b)
    assert falls(found, n)
    assert found[0] == high
    places = np.clip((found - low) / (high - low), 0, 1)
    # Rounding of the scale moves the mass by the density there, which is endless at the ends.
    inside = (places > 1e-6) & (places < 1 - 1e-6)
    assert np.allclose(scipy.stats.beta.cdf(places, a, b)[inside], np.linspace(1, 0, n)[inside], atol=1e-6 / (high - low) * high)


@given(counts, ranges)
def test_sigmas_beta_of_flat_shapes_are_equally_far_apart(n, ends):
    low, high = ends
    assert np.allclose(grid.sigmas_beta(n, low, high, 1.0, 1.0), np.linspace(high, low, n), rtol=1e-12)


@given(st.integers(2, 40), st.integers(2, 12), seeds)
def test_sigmas_interpolated_keep_the_ends_and_the_order_of_a_list(n, m, rng):
    listed = np.sort(10 ** rng.uniform(-3, 2.5, m))[::-1].copy()
    found = grid.sigmas_interpolated(n, listed)
    assert falls(found, n)
    assert found[0] == listed[0]
    assert np.isclose(found[-1], listed[-1], rtol=1e-13)
    twice = grid.sigmas_interpolated(2 * m - 1, listed)
    assert np.allclose(twice[::2], listed, rtol=1e-13)
    assert np.allclose(twice[1::2], np.sqrt(listed[1:] * listed[:-1]), rtol=1e-12)


@given(counts, ranges)
def test_sigmas_kl_optimal_have_equally_spaced_arcs(n, ends):
    found = grid.sigmas_kl_optimal(n, *ends)
    assert falls(found, n)
    assert np.allclose(np.arctan(found), np.linspace(np.arctan(ends[1]), np.arctan(ends[0]), n), rtol=1e-13)
    assert np.isclose(found[0], ends[1], rtol=1e-13)
    assert n == 1 or np.isclose(found[-1], ends[0], rtol=1e-13)


def left_by_euler(levels):
    """Standard deviation that Euler's steps leave of unit Gaussian data at the last level, over the right one."""
    x = np.sqrt(1 + levels[0] ** 2)
    for sigma_t, sigma_s in pairwise(levels):
        x = edm.edm_euler_step(x, x / (1 + sigma_t**2), sigma_t, sigma_s)
    return x / np.sqrt(1 + levels[-1] ** 2)


@given(st.integers(3, 12), seeds)
def test_sigmas_kl_optimal_leave_more_of_unit_gaussian_data_than_any_grid_near_them_and_than_others(n, rng):
    best = grid.sigmas_kl_optimal(n, 0.02, 20.0)
    nearby = best.copy()
    nearby[1:-1] *= 1 + 1e-3 * rng.uniform(-1, 1, n - 2)
    others = (nearby, score.ncsn_sigmas(n, 0.02, 20.0), edm.sigmas_karras(n, 0.02, 20.0, 7.0))
    assert all(left_by_euler(other) <= left_by_euler(best) <= 1 for other in others)
    assert np.isclose(left_by_euler(best), np.cos((np.arctan(20.0) - np.arctan(0.02)) / (n - 1)) ** (n - 1), rtol=1e-12)


def levels_of(betas):
    return np.sqrt(np.expm1(-schedule.log_alpha_bar(betas)))


@given(schedules, seeds)
def test_both_interpolations_meet_the_table_at_whole_times_and_the_straight_one_lies_above(betas, rng):
    steps = len(betas)
    whole = np.arange(1.0, steps + 1)
    logs, lines = grid.edm_sigma_at_fractional_time_log_linear, grid.edm_sigma_at_fractional_time_linear
    for body in (logs, lines):
        assert np.allclose(body(betas, whole), levels_of(betas), rtol=1e-12)
    between = rng.uniform(1, steps, 20)
    assert np.all(logs(betas, between) <= lines(betas, between) * (1 + 1e-12))
    assert np.allclose(lines(betas, between), np.interp(between - 1, np.arange(steps), levels_of(betas)), rtol=1e-9)


@given(schedules, seeds)
def test_fractional_time_from_edm_sigma_undoes_edm_sigma_at_fractional_time_log_linear(betas, rng):
    times = np.sort(rng.uniform(1, len(betas), 20))
    sigmas = grid.edm_sigma_at_fractional_time_log_linear(betas, times)
    found = grid.fractional_time_from_edm_sigma(betas, sigmas)
    gaps = np.diff(np.log(levels_of(betas))).min()
    assert np.allclose(found, times, rtol=1e-12, atol=1e-14 / gaps)
    assert np.all(np.diff(found) >= -1e-12 / gaps)


@given(schedules)
def test_fractional_time_from_edm_sigma_stops_at_the_first_and_the_last_step(betas):
    levels = levels_of(betas)
    assert np.array_equal(grid.fractional_time_from_edm_sigma(betas, np.array([levels[0] / 2, 2 * levels[-1]])), [1, len(betas)])


@given(schedules, counts)
def test_sigmas_of_table_fall_between_its_ends_and_are_the_table_for_as_many_levels(betas, n):
    found = grid.sigmas_of_table(n, betas)
    levels = levels_of(betas)
    assert falls(found, n)
    assert np.isclose(found[0], levels[-1], rtol=1e-12)
    assert n == 1 or np.isclose(found[-1], levels[0], rtol=1e-12)
    assert np.allclose(grid.sigmas_of_table(len(betas), betas), levels[::-1], rtol=1e-12)


@given(st.floats(0, 0.9999))
def test_cosine_time_from_edm_sigma_undoes_edm_sigma_from_cosine_time(time):
    sigma = grid.edm_sigma_from_cosine_time(time)
    alpha_t, sigma_t = flow.cosine_path_scales(np.float64(time))
    assert np.isclose(sigma, sigma_t / alpha_t, rtol=1e-12)
    assert np.isclose(grid.cosine_time_from_edm_sigma(sigma), time, rtol=1e-12, atol=0)


@given(counts, shifts)
def test_flow_times_shifted_cut_the_path_into_equal_parts_before_the_shift(n, shift):
    found = grid.flow_times_shifted(n, shift)
    assert falls(found, n)
    assert found[0] == 1
    assert np.allclose(flow.unshifted_time(found, shift), np.linspace(1, 1 / n, n), rtol=1e-12)
    assert np.allclose(grid.flow_times_exponentially_shifted(n, np.log(shift)), found, rtol=1e-12)
    assert np.allclose(grid.flow_times_ending_at(n, 1 / n if n > 1 else 0.5, shift), found, rtol=1e-12)


@given(counts, st.floats(1e-5, 0.99), shifts)
def test_flow_times_ending_at_end_at_the_least_time_shifted_once(n, time_min, shift):
    found = grid.flow_times_ending_at(n, time_min, shift)
    assert falls(found, n)
    assert found[0] == 1
    assert n == 1 or np.isclose(found[-1], flow.shifted_time(time_min, shift), rtol=1e-12)


def test_flow_times_ending_at_is_the_schedule_that_a_port_of_stable_diffusion_3_missed():
    found = grid.flow_times_ending_at(28, 1 / 1000, 3.0)
    assert np.isclose(found[-1], 0.0029940, rtol=1e-4)
    again = flow.shifted_time(flow.shifted_time(1 / 1000, 3.0), 3.0)
    assert np.isclose(again, 0.0089286, rtol=1e-4)


@given(st.integers(2, 30), shifts, st.floats(0, 0.9))
def test_flow_times_stretched_start_at_1_and_end_where_asked(n, shift, terminal):
    times = grid.flow_times_shifted(n, shift)
    found = grid.flow_times_stretched(times, terminal)
    assert falls(found, n)
    assert found[0] == 1
    assert np.isclose(found[-1], terminal, rtol=1e-12, atol=1e-15)
    assert np.allclose(grid.flow_times_stretched(found, times[-1]), times, rtol=1e-9)


@given(st.integers(2, 60), st.floats(0.01, 1), st.data())
def test_flow_times_linear_quadratic_fall_by_steps_that_never_shrink_down_to_0(n, share, data):
    linear_steps = data.draw(st.integers(1, n - 1))
    found = grid.flow_times_linear_quadratic(n, linear_steps, share * linear_steps / n)
    assert falls(found, n)
    assert found[0] == 1
    steps = -np.diff([*found, 0.0])
    assert np.all(np.diff(steps) >= -1e-14)
    assert np.allclose(steps[:linear_steps], share / n, rtol=1e-9)


@given(st.integers(1, 400).flatmap(lambda T: st.tuples(st.just(T), st.integers(1, T))), st.integers(0, 1))
def test_timesteps_quadratic_never_rise_from_four_fifths_of_the_table_to_its_first_step(grid_of, steps_offset):
    T, n = grid_of
    found = grid.timesteps_quadratic(T, n, steps_offset)
    assert found.shape == (n,)
    assert found[-1] == 1 + steps_offset
    assert n == 1 or found[0] == 4 * T // 5 + 1 + steps_offset
    assert np.all(np.diff(found) <= 0)


@pytest.mark.parametrize(("T", "n"), [(1000, 10), (1000, 20), (1000, 50), (1000, 1), (512, 7), (128, 15)])
def test_timesteps_quadratic_are_ddims_truncated_squares(T, n):
    released = (np.linspace(0, np.sqrt(T * 0.8), n) ** 2).astype(int)
    assert np.array_equal(grid.timesteps_quadratic(T, n, 0), released[::-1] + 1)


def test_grids_of_one_level_are_the_largest():
    betas = np.array([0.1, 0.2, 0.4])
    ends = (0.5, 7.0)
    assert grid.sigmas_polyexponential(1, *ends, 3.0).tolist() == [7.0]
    assert grid.sigmas_beta(1, *ends, 0.6, 0.6).tolist() == [7.0]
    assert np.allclose(grid.sigmas_kl_optimal(1, *ends), [7.0], rtol=1e-15)
    assert np.allclose(grid.sigmas_of_table(1, betas), levels_of(betas)[-1:], rtol=1e-15)
    for times in (grid.flow_times_shifted(1, 3.0), grid.flow_times_exponentially_shifted(1, 1.15)):
        assert times.tolist() == [1.0]
    assert grid.flow_times_ending_at(1, 0.001, 3.0).tolist() == [1.0]
