"""Properties of schedules and time grids."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import schedule

from .strategies import log_powers, pairs, schedules, within

counts = st.integers(1, 300)
starts, ends = st.floats(1e-6, 0.1), st.floats(0.1, 0.999)
grids = st.integers(1, 4000).flatmap(lambda T: st.tuples(st.just(T), st.integers(1, T)))


def ulp(value, count):
    return count * np.spacing(np.abs(value))


def rises_from_to(betas, start, end):
    margin = ulp(end, 4)
    return np.all(np.diff(betas) >= -margin) and abs(betas[0] - start) <= margin and abs(betas[-1] - end) <= margin


@given(st.integers(2, 300), starts, ends)
def test_betas_linear_and_betas_scaled_linear_rise_from_start_to_end(T, beta_start, beta_end):
    assert rises_from_to(schedule.betas_linear(T, beta_start, beta_end), beta_start, beta_end)
    assert rises_from_to(schedule.betas_scaled_linear(T, beta_start, beta_end), beta_start, beta_end)


@given(counts, starts, ends)
def test_betas_scaled_linear_lie_below_betas_linear(T, beta_start, beta_end):
    linear = schedule.betas_linear(T, beta_start, beta_end)
    assert np.all(schedule.betas_scaled_linear(T, beta_start, beta_end) <= linear + ulp(linear, 6.5))


@given(st.integers(2, 300), starts, ends)
def test_betas_sigmoid_are_symmetric_about_their_middle(T, beta_start, beta_end):
    betas = schedule.betas_sigmoid(T, beta_start, beta_end)
    total = np.full(T, beta_start + beta_end)
    assert within(betas + betas[::-1], total, ulp(total, 6))
    assert np.all((betas >= beta_start - ulp(beta_start, 4)) & (betas <= beta_end + ulp(beta_end, 4)))


@given(counts, st.floats(0, 1), st.floats(0.5, 0.9999))
def test_betas_cosine_rise_up_to_their_cap(T, offset, beta_max):
    betas = schedule.betas_cosine(T, offset, beta_max)
    assert betas.shape == (T,)
    assert np.all(np.diff(betas) >= -ulp(betas[1:], 12))
    assert np.all((betas > 0) & (betas <= beta_max))
    assert betas[-1] == beta_max


@given(schedules)
def test_betas_zero_terminal_snr_keep_the_first_step_and_end_at_one(betas):
    rescaled = schedule.betas_zero_terminal_snr(betas)
    assert rescaled.shape == betas.shape
    assert rescaled[0] == betas[0]
    assert rescaled[-1] == 1
    assert np.all((rescaled > 0) & (rescaled <= 1))


def test_betas_zero_terminal_snr_end_at_one_exactly_at_every_length():
    # Vectorised expm1 may round the same number differently at different places of an array.
    for T in range(2, 400):
        betas = np.sort(np.random.default_rng(T).uniform(1e-5, 0.3, T))
        assert schedule.betas_zero_terminal_snr(betas)[-1] == 1, f"T = {T}"


@given(schedules)
def test_betas_zero_terminal_snr_leave_no_signal_in_alpha_bar(betas):
    with np.errstate(divide="ignore"):
        assert schedule.alpha_bar(schedule.betas_zero_terminal_snr(betas))[-1] == 0


@given(schedules)
def test_alpha_bar_and_log_alpha_bar_decrease(betas):
    assert np.all(np.diff(schedule.alpha_bar(betas)) <= 0)
    assert np.all(np.diff(schedule.log_alpha_bar(betas)) < 0)


@given(schedules)
def test_alpha_bar_is_the_exponential_of_log_alpha_bar(betas):
    assert np.array_equal(schedule.alpha_bar(betas), np.exp(schedule.log_alpha_bar(betas)))


@given(schedules, st.integers(1, 199))
def test_log_alpha_bar_adds_up_over_parts_of_a_schedule(betas, cut):
    cut %= len(betas)
    whole = schedule.log_alpha_bar(betas)
    rest = schedule.log_alpha_bar(betas[cut:])
    start = whole[cut - 1] if cut else 0.0
    assert within(start + rest, whole[cut:], ulp(whole[cut:], 7))


@given(log_powers)
def test_alpha_squared_and_sigma_squared_sum_to_one(log_t):
    assert within(schedule.alpha(log_t) ** 2 + schedule.sigma(log_t) ** 2, 1.0, ulp(1.0, 6))


@given(pairs)
def test_snr_logsnr_and_alpha_decrease_while_sigma_grows(levels):
    earlier, later = levels
    assert schedule.snr(earlier) >= schedule.snr(later)
    assert schedule.logsnr(earlier) >= schedule.logsnr(later)
    assert schedule.alpha(earlier) >= schedule.alpha(later)
    assert schedule.sigma(earlier) <= schedule.sigma(later)


@given(log_powers)
def test_snr_is_alpha_squared_over_sigma_squared_and_logsnr_its_log(log_t):
    ratio = schedule.snr(log_t)
    assert within((schedule.alpha(log_t) / schedule.sigma(log_t)) ** 2, ratio, ulp(ratio, 10))
    log_ratio = schedule.logsnr(log_t)
    assert within(np.log(ratio), log_ratio, ulp(1 + abs(log_ratio), 6))


def decreases_within(times, n, T):
    return times.shape == (n,) and np.all(np.diff(times) < 0) and times[-1] >= 1 and times[0] <= T


@given(grids)
def test_timesteps_leading_timesteps_trailing_and_timesteps_linspace_decrease_within_the_schedule(grid):
    T, n = grid
    for times in (schedule.timesteps_leading(T, n, 0), schedule.timesteps_trailing(T, n), schedule.timesteps_linspace(T, n)):
        assert decreases_within(times, n, T)


@given(grids, st.integers(0, 1))
def test_timesteps_leading_end_at_the_first_time_after_the_offset_and_keep_one_stride(grid, steps_offset):
    times = schedule.timesteps_leading(*grid, steps_offset)
    assert times[-1] == 1 + steps_offset
    assert len(set(np.diff(times))) <= 1


@given(grids)
def test_timesteps_trailing_start_at_the_last_time(grid):
    T, n = grid
    times = schedule.timesteps_trailing(T, n)
    assert times[0] == T
    assert np.ptp(-np.diff(times, append=0)) <= 1


@given(grids)
def test_timesteps_trailing_are_the_nearest_times_to_an_exact_stride(grid):
    T, n = grid
    doubled_gaps = 2 * np.abs(n * schedule.timesteps_trailing(T, n) - T * (n - np.arange(n)))
    assert np.all(doubled_gaps <= n)


@given(st.integers(1, 500))
def test_timesteps_trailing_send_halves_to_the_even_time(half):
    # T = 2*half + 1 steps in two: the second time lies half way between two integers.
    assert schedule.timesteps_trailing(2 * half + 1, 2)[1] == 2 * ((half + 1) // 2)


@given(grids)
def test_timesteps_linspace_hold_both_ends(grid):
    T, n = grid
    times = schedule.timesteps_linspace(T, n)
    assert times[-1] == 1
    assert n == 1 or times[0] == T


@given(counts)
def test_all_time_grids_visit_every_time_when_there_are_as_many_steps(T):
    every = np.arange(T, 0, -1)
    for times in (schedule.timesteps_leading(T, T, 0), schedule.timesteps_trailing(T, T), schedule.timesteps_linspace(T, T)):
        assert np.array_equal(times, every)
