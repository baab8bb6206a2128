"""Noise grids from what they are for: equal steps of a quantity, least divergence, lines through a table's neighbours."""

from fractions import Fraction
from itertools import pairwise

import sympy as sp

from refdiff.numbers.symbols import BetaQuantile
from refdiff.reference import edm, grid, score

from .algebra import column, expectation, forward_states, positive, real, same

LOW, HIGH, LOG, RATE, RISE, SHIFT, SIGMA = positive("low high log rate rise shift sigma")
LEAST, END, DROP = positive("least end drop")
U, X = real("u x")
KEPT = positive("k_1 k_2 k_3 k_4")
NOISES = real("e_1 e_2 e_3 e_4")
TABLE = column([1 - kept**2 for kept in KEPT])
ONE = sp.Integer(1)


def evenly(start, end, count):
    """`count` numbers from start on, equally far apart on the way to end."""
    return [start + sp.Rational(k, max(count - 1, 1)) * (end - start) for k in range(count)]


def equal_steps(values):
    """Whether neighbours are equally far apart."""
    gaps = [b - a for a, b in pairwise(values)]
    return all(same(gap, gaps[0]) for gap in gaps)


def ratios():
    """Squared noise over signal scale after each step of the forward chain, by its moments."""
    x_0 = real("x_0")
    found = []
    for state in forward_states(x_0, KEPT, NOISES)[1:]:
        mean = expectation(state, NOISES)
        found.append(expectation((state - mean) ** 2, NOISES) / sp.diff(mean, x_0) ** 2)
    return found


def test_sigmas_polyexponential_steps_equally_in_the_root_of_the_log():
    for n, rho in ((1, 2), (2, 3), (5, 2), (4, 3)):
        found = grid.sigmas_polyexponential(n, LOW, LOW * sp.exp(LOG), sp.Integer(rho))
        assert found.shape == (n,)
        roots = [sp.real_root(sp.log(sp.simplify(entry / LOW)) / LOG, rho) for entry in found]
        assert same(roots[0], 1)
        assert n == 1 or same(roots[-1], 0)
        assert equal_steps(roots)


def test_sigmas_polyexponential_is_ncsn_sigmas_at_power_one():
    assert same(grid.sigmas_polyexponential(4, LOW, HIGH, ONE), score.ncsn_sigmas(4, LOW, HIGH))


def test_sigmas_vp_follows_from_the_rate_integrated_to_equally_spaced_times():
    for n in (1, 2, 4):
        found = grid.sigmas_vp(n, RATE, RATE + RISE, LEAST)
        assert found.shape == (n,)
        for entry, time in zip(found, evenly(ONE, LEAST, n), strict=True):
            integral = sp.integrate(RATE + U * RISE, (U, 0, time))
            assert same(entry**2, (1 - sp.exp(-integral)) / sp.exp(-integral))
            assert not entry.could_extract_minus_sign()


def quantile(a, b, p):
    """Where the density's integral from 0 has that share of the whole, solved by hand."""
    mass = sp.integrate(sp.expand(U ** (a - 1) * (1 - U) ** (b - 1)), (U, 0, X))
    roots = sp.solve(sp.expand(mass - p * mass.subs(X, 1)), X)
    (found,) = [root for root in roots if root.is_real and 0 <= root <= 1]
    return found


def test_sigmas_beta_cuts_the_density_into_equal_masses():
    for n, a, b in ((1, 2, 1), (2, 1, 2), (4, 2, 1), (4, 1, 2), (3, 1, 1), (3, 3, 1), (5, 1, 3)):
        found = grid.sigmas_beta(n, LOW, HIGH, sp.Integer(a), sp.Integer(b))
        assert found.shape == (n,)
        for entry, mass in zip(found, evenly(ONE, sp.Integer(0), n), strict=True):
            place = quantile(a, b, mass)
            assert same(sp.sympify(entry).replace(BetaQuantile, quantile), LOW + place * (HIGH - LOW))


def test_sigmas_beta_of_symbolic_shapes_has_both_ends_and_the_quantiles_between():
    a, b = positive("a b")
    found = grid.sigmas_beta(3, LOW, HIGH, a, b)
    half = BetaQuantile(a, b, sp.Rational(1, 2))
    assert same(found, column([HIGH, LOW * (1 - half) + HIGH * half, LOW]))
    assert grid.sigmas_beta(1, LOW, HIGH, a, b)[0] == HIGH


def test_sigmas_interpolated_lie_on_straight_lines_between_listed_logs():
    listed = column(positive("s_0 s_1 s_2 s_3"))
    for n in (2, 3, 4, 5, 7, 8):
        found = grid.sigmas_interpolated(n, listed)
        assert found.shape == (n,)
        for k, entry in enumerate(found):
            place = Fraction(3 * k, n - 1)
            row = min(int(place), 2)
            part = (place - row) * (n - 1)
            assert part.denominator == 1
            assert same(entry ** (n - 1), listed[row] ** (n - 1 - int(part)) * listed[row + 1] ** int(part))


def test_sigmas_kl_optimal_are_tangents_of_equally_spaced_arcs():
    root = sp.sqrt(3)
    arcs = {1: [5], 2: [5, 1], 3: [5, 3, 1], 5: [5, 4, 3, 2, 1]}
    for n, twelfths in arcs.items():
        found = grid.sigmas_kl_optimal(n, 2 - root, 2 + root)
        assert found.shape == (n,)
        for entry, k in zip(found, twelfths, strict=True):
            assert sp.radsimp(sp.simplify(entry - sp.tan(k * sp.pi / 12))) == 0


def left_by_euler(levels):
    """Share of the standard deviation of unit Gaussian data that Euler's steps leave of what the exact flow would."""
    share = ONE
    for sigma_t, sigma_s in pairwise(levels):
        kept = edm.edm_euler_step(ONE, 1 / (1 + sigma_t**2), sigma_t, sigma_s)
        share = share * kept / sp.sqrt((1 + sigma_s**2) / (1 + sigma_t**2))
    return share


def test_sigmas_kl_optimal_leaves_cosines_of_the_arcs_whose_product_is_largest_where_they_are_equal():
    a, b = positive("a b")
    # Each step leaves the cosine of its arc: tangents a and b, the tangent of the difference from the rule for sums.
    between = (a - b) / (1 + a * b)
    assert same(left_by_euler([a, b]) ** 2, 1 / (1 + between**2))
    # log cos is concave: of all arcs with one sum the product of cosines is largest where they are equal.
    assert same(sp.simplify(sp.diff(sp.log(sp.cos(X)), X, 2)), -1 / sp.cos(X) ** 2)
    high, middle, least = grid.sigmas_kl_optimal(3, 1 / sp.sqrt(3), sp.sqrt(3))
    moved = sp.log(left_by_euler([high, SIGMA, least]))
    assert sp.simplify(sp.diff(moved, SIGMA).subs(SIGMA, middle)) == 0
    assert sp.simplify(sp.diff(moved, SIGMA, 2).subs(SIGMA, middle)) < 0


def test_a_larger_share_left_means_less_divergence_from_unit_gaussian_data_as_sigmas_kl_optimal_wants():
    share = positive("share")
    divergence = (share**2 - 1 - sp.log(share**2)) / 2
    assert same(sp.diff(divergence, share), share - 1 / share)
    assert (sp.Integer(1) - left_by_euler(grid.sigmas_kl_optimal(2, 2 - sp.sqrt(3), sp.sqrt(3)))).is_positive


PLACES = [ONE, sp.Rational(9, 4), sp.Rational(5, 2), sp.Integer(3), sp.Rational(7, 2), sp.Integer(4)]
# For each: the step before, and quarters of the way to the next.
QUARTERS = [(1, 0), (2, 1), (2, 2), (3, 0), (3, 2), (3, 4)]


def test_edm_sigma_at_fractional_time_log_linear_is_a_weighted_geometric_mean_of_neighbouring_steps():
    found = grid.edm_sigma_at_fractional_time_log_linear(TABLE, column(PLACES))
    levels = ratios()
    for entry, (row, quarters) in zip(found, QUARTERS, strict=True):
        assert same(entry**8, levels[row - 1] ** (4 - quarters) * levels[row] ** quarters)


def test_edm_sigma_at_fractional_time_linear_is_a_weighted_mean_of_neighbouring_steps():
    found = grid.edm_sigma_at_fractional_time_linear(TABLE, column(PLACES))
    levels = [sp.sqrt(ratio) for ratio in ratios()]
    for entry, (row, quarters) in zip(found, QUARTERS, strict=True):
        assert same(entry, (levels[row - 1] * (4 - quarters) + levels[row] * quarters) / 4)


# Signal powers 4/5, 1/2 and 1/17: noise over signal 1/2, 1 and 4.
DOUBLING = column([sp.Rational(1, 5), sp.Rational(3, 8), sp.Rational(15, 17)])


def test_fractional_time_from_edm_sigma_grows_by_shares_of_the_logs_gap_and_stops_at_the_ends():
    # Nowhere on a step itself, where sympy does not see that differences of logs are 0.
    powers_of_two = [sp.Rational(-7, 8), sp.Rational(-1, 4), sp.Rational(1, 2), sp.Rational(7, 4)]
    times = [sp.Rational(9, 8), sp.Rational(7, 4), sp.Rational(9, 4), sp.Rational(23, 8)]
    found = grid.fractional_time_from_edm_sigma(DOUBLING, column([sp.Integer(2) ** power for power in powers_of_two]))
    assert same(found, column(times))
    outside = grid.fractional_time_from_edm_sigma(DOUBLING, column([sp.Rational(1, 16), sp.Integer(32)]))
    assert same(outside, column([1, 3]))


def test_fractional_time_from_edm_sigma_undoes_edm_sigma_at_fractional_time_log_linear():
    times = column([sp.Rational(4, 3), sp.Rational(9, 4), sp.Rational(14, 5)])
    sigmas = grid.edm_sigma_at_fractional_time_log_linear(DOUBLING, times)
    assert same(grid.fractional_time_from_edm_sigma(DOUBLING, sigmas), times)


def test_sigmas_of_table_are_those_of_equally_spaced_times_from_the_last_step_to_the_first():
    levels = ratios()
    places = {1: [(4, 0)], 2: [(4, 0), (1, 0)], 3: [(4, 0), (2, 1), (1, 0)], 4: [(4, 0), (3, 0), (2, 0), (1, 0)]}
    for n, expected in places.items():
        found = grid.sigmas_of_table(n, TABLE)
        assert found.shape == (n,)
        for entry, (row, halves) in zip(found, expected, strict=True):
            assert same(entry**4, levels[row - 1] ** (2 - halves) * levels[min(row, 3)] ** halves)
    assert same(grid.sigmas_of_table(3, DOUBLING[:1]), column([sp.Rational(1, 2)] * 3))


def test_cosine_time_from_edm_sigma_makes_sigma_the_ratio_of_the_paths_scales():
    arc = sp.pi / 2 * grid.cosine_time_from_edm_sigma(SIGMA)
    assert same(sp.sin(arc), SIGMA * sp.cos(arc))
    assert grid.cosine_time_from_edm_sigma(sp.Integer(0)) == 0
    assert grid.cosine_time_from_edm_sigma(ONE) == sp.Rational(1, 2)


def test_edm_sigma_from_cosine_time_is_the_ratio_of_the_paths_scales():
    time = positive("time")
    found = grid.edm_sigma_from_cosine_time(time).replace(sp.sin, lambda arc: sp.sin(sp.expand(arc)))
    assert same(found * sp.cos(sp.pi * time / 2), sp.sin(sp.pi * time / 2))


def less_signal(found, times, factor):
    """Whether signal over noise scale is that factor of what it is at these times."""
    return all(same((1 - entry) / entry, factor * (1 - time) / time) for entry, time in zip(found, times, strict=True))


def test_flow_times_shifted_divide_the_ratio_of_scales_at_times_that_cut_the_path_into_equal_parts():
    for n in (1, 2, 5):
        found = grid.flow_times_shifted(n, SHIFT)
        assert found.shape == (n,)
        assert less_signal(found, evenly(ONE, sp.Rational(1, n), n), 1 / SHIFT)


def test_flow_times_exponentially_shifted_take_the_shift_off_the_log_of_the_ratio():
    for n in (1, 2, 5):
        found = grid.flow_times_exponentially_shifted(n, sp.log(SHIFT))
        assert found.shape == (n,)
        assert less_signal(found, evenly(ONE, sp.Rational(1, n), n), 1 / SHIFT)
    log_shift = real("log_shift")
    assert less_signal(grid.flow_times_exponentially_shifted(3, log_shift), evenly(ONE, sp.Rational(1, 3), 3), sp.exp(-log_shift))


def test_flow_times_ending_at_divide_the_ratio_of_scales_at_equally_spaced_times_once():
    for n in (1, 2, 5):
        found = grid.flow_times_ending_at(n, LEAST, SHIFT)
        assert found.shape == (n,)
        assert less_signal(found, evenly(ONE, LEAST, n), 1 / SHIFT)


def test_flow_times_stretched_keep_one_and_every_ratio_of_gaps_and_end_where_asked():
    times = column([ONE, *real("t_1 t_2 t_3")])
    found = grid.flow_times_stretched(times, END)
    assert same(found[0], 1)
    assert same(found[-1], END)
    for k in (1, 2):
        assert same((found[k] - found[k - 1]) * (times[3] - times[0]), (times[k] - times[k - 1]) * (found[3] - found[0]))


def test_flow_times_linear_quadratic_fall_evenly_then_by_a_parabola_with_the_same_slope_down_to_nothing():
    for n, linear_steps in ((2, 1), (5, 2), (4, 3), (6, 1), (6, 3)):
        found = grid.flow_times_linear_quadratic(n, linear_steps, DROP)
        assert found.shape == (n,)
        assert same(found[0], 1)
        falls = [a - b for a, b in pairwise([*found, sp.Integer(0)])]
        assert all(same(fall, DROP / linear_steps) for fall in falls[:linear_steps])
        # A parabola from the joint on, level there but for the slope that goes on: steps 1, 3, 5, ... of its bend.
        bend = falls[linear_steps] - DROP / linear_steps
        for j, fall in enumerate(falls[linear_steps:]):
            assert same(fall - DROP / linear_steps, (2 * j + 1) * bend)


def test_timesteps_quadratic_are_whole_parts_of_squares_up_to_four_fifths_of_the_table():
    for T in (1, 2, 9, 10, 17, 40):
        for n in range(1, T + 1):
            for steps_offset in (0, 1):
                squares = [Fraction(4 * T, 5) * Fraction(k, max(n - 1, 1)) ** 2 for k in reversed(range(n))]
                expected = [1 + steps_offset + square.__floor__() for square in squares]
                assert list(grid.timesteps_quadratic(T, n, steps_offset)) == expected
