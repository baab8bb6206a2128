"""Schedules: grids and curves from their description, powers from composing the forward chain's steps."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from refdiff.reference import schedule

from .algebra import column, expectation, forward_states, positive, real, same

START, END, CAP, PHI = positive("beta_start beta_end beta_max phi")
KEPT = positive("r_1 r_2 r_3 r_4")
BETAS = column([1 - factor**2 for factor in KEPT])
NOISES = real("u_1 u_2 u_3 u_4")
LOG_POWER = 2 * sp.log(KEPT[0] * KEPT[1] * KEPT[2] * KEPT[3])


def grows_evenly(values, first, last):
    return same(values[0], first) and same(values[-1], last) and same(np.diff(values, 2), 0 * values[2:])


@pytest.mark.parametrize("T", [2, 3, 5])
def test_betas_linear_grow_evenly_from_start_to_end(T):
    betas = schedule.betas_linear(T, START, END)
    assert betas.shape == (T,)
    assert grows_evenly(betas, START, END)


@pytest.mark.parametrize("T", [2, 3, 5])
def test_roots_of_betas_scaled_linear_grow_evenly_from_root_to_root(T):
    betas = schedule.betas_scaled_linear(T, START**2, END**2)
    assert betas.shape == (T,)
    assert grows_evenly(column([sp.sqrt(sp.factor(beta)) for beta in betas]), START, END)


@pytest.mark.parametrize("T", [2, 3, 6])
def test_betas_sigmoid_climb_the_logistic_curve_from_minus_six_to_six(T):
    betas = schedule.betas_sigmoid(T, START, END)
    places = [-6 + sp.Rational(12 * k, T - 1) for k in range(T)]
    # u solves u' = u*(1 - u) with u(0) = 1/2, so u/(1 - u) = exp(x): the logistic curve without its closed form.
    risen = column([(beta - START) / (END - START) for beta in betas])
    assert same(risen, column([sp.exp(place) for place in places]) * (1 - risen))


@pytest.mark.parametrize(("name", "only"), [("linear", START), ("scaled_linear", START), ("sigmoid", None)])
def test_a_single_step_takes_the_start_of_betas_linear_betas_scaled_linear_and_betas_sigmoid(name, only):
    betas = getattr(schedule, "betas_" + name)(1, START, END)
    low = START + (END - START) / (1 + sp.exp(6))
    assert betas.shape == (1,)
    assert same(betas[0], low if only is None else only)


@pytest.mark.parametrize("T", [1, 2, 3, 4])
def test_betas_cosine_are_the_steps_of_a_squared_cosine_capped_at_beta_max(T):
    # One step turns the cosine's angle by 2*phi: T*(1 + offset) such steps make pi/2, so offset = pi/(4*T*phi) - 1.
    offset = sp.pi / (4 * T * PHI) - 1

    def power(t):
        return sp.cos(sp.expand((sp.Rational(t, T) + offset) / (1 + offset) * sp.pi / 2)) ** 2

    betas = schedule.betas_cosine(T, offset, CAP)
    assert betas.shape == (T,)
    for t, beta in enumerate(betas, 1):
        assert isinstance(beta, sp.Min)
        (uncapped,) = set(beta.args) - {CAP}
        assert same(in_half_tangent(uncapped), in_half_tangent(1 - power(t) / power(t - 1)))


def in_half_tangent(expression):
    """Sines and cosines of multiples of phi as rational functions of tan(phi/2)."""
    expanded = expression.replace(
        lambda part: isinstance(part, (sp.sin, sp.cos)),
        lambda part: sp.expand_trig(part.func(sp.expand(part.args[0]))),
    )
    tangent = positive("tangent")
    return expanded.subs(
        {
            sp.sin(PHI): 2 * tangent / (1 + tangent**2),
            sp.cos(PHI): (1 - tangent**2) / (1 + tangent**2),
        }
    )


def test_betas_zero_terminal_snr_shift_and_scale_the_signal_so_that_it_ends_at_nothing():
    signal = column([sp.prod(KEPT[: t + 1]) for t in range(4)])
    scale, shift = sp.symbols("scale shift")
    ends = [scale * signal[0] + shift - signal[0], scale * signal[-1] + shift]
    (solved,) = sp.solve(ends, [scale, shift], dict=True)
    rescaled = [solved[scale] * entry + solved[shift] for entry in signal]
    betas = schedule.betas_zero_terminal_snr(BETAS)
    assert betas.shape == (4,)
    assert same(np.cumprod(1 - betas), column(rescaled) ** 2)


def test_log_alpha_bar_and_alpha_bar_measure_the_signal_left_by_composed_steps():
    x_0 = real("x_0")
    states = forward_states(x_0, KEPT, NOISES)[1:]
    powers = column([sp.diff(expectation(state, NOISES), x_0) ** 2 for state in states])
    assert same(schedule.alpha_bar(BETAS), powers)
    assert same(column([sp.exp(entry) for entry in schedule.log_alpha_bar(BETAS)]), powers)


def test_alpha_and_sigma_are_the_scales_of_signal_and_noise_in_composed_steps():
    x_0 = real("x_0")
    state = forward_states(x_0, KEPT, NOISES)[4]
    mean = expectation(state, NOISES)
    assert same(schedule.alpha(LOG_POWER), sp.diff(mean, x_0))
    assert same(schedule.sigma(LOG_POWER) ** 2, expectation((state - mean) ** 2, NOISES))
    assert schedule.sigma(-sp.log(4)).is_positive


def test_snr_and_logsnr_compare_signal_power_with_noise_power():
    x_0 = real("x_0")
    state = forward_states(x_0, KEPT, NOISES)[4]
    mean = expectation(state, NOISES)
    ratio = sp.diff(mean, x_0) ** 2 / expectation((state - mean) ** 2, NOISES)
    assert same(schedule.snr(LOG_POWER), ratio)
    assert same(sp.exp(schedule.logsnr(LOG_POWER)), ratio)


GRIDS = [(T, n) for T in range(1, 41) for n in range(1, T + 1)]


def test_timesteps_leading_are_multiples_of_the_whole_stride_counted_from_the_first_time():
    for T, n in GRIDS:
        for steps_offset in (0, 1):
            times = [1 + index + steps_offset for index in range(0, (T // n) * n, T // n)]
            assert list(schedule.timesteps_leading(T, n, steps_offset)) == times[::-1]


def test_timesteps_trailing_go_down_from_the_last_time_by_exact_strides_rounded_half_to_even():
    for T, n in GRIDS:
        times = [round(T - step * Fraction(T, n)) for step in range(n)]
        assert list(schedule.timesteps_trailing(T, n)) == times


def test_timesteps_linspace_divide_the_indices_from_zero_to_the_last_evenly_rounded_half_to_even():
    for T, n in GRIDS:
        indices = [round(step * Fraction(T - 1, n - 1)) for step in range(n)] if n > 1 else [0]
        assert list(schedule.timesteps_linspace(T, n)) == [1 + index for index in indices[::-1]]
