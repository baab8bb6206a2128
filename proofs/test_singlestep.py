"""Solvers that forget: steps as exact solutions for estimates on a polynomial, runs by what they ask and what they make of it."""

from itertools import pairwise

import pytest
import sympy as sp

from refdiff.reference import edm, singlestep

from .algebra import column, positive, real, same
from .flows import ALPHAS, LAMBDAS, LEVELS, X_T, H, Recorder, U, estimates, flowed, integral, leading, moved, scales, truncated

SPARE, LEVEL, SLOPE, BEND = real("spare level slope bend")


@pytest.mark.parametrize("growth", [1, -1])
def test_antiderivatives_by_parts_have_the_derivative_they_should(growth):
    assert same(sp.diff(integral(growth, parabola(), U), U), sp.exp(growth * U) * parabola())


def line(at=U):
    return LEVEL + SLOPE * (at - LAMBDAS[0])


def parabola(at=U):
    return line(at) + BEND * (at - LAMBDAS[0]) ** 2


@pytest.mark.parametrize(
    ("name", "kind"), [("dpmpp_2s_heun_step", "x_0s"), ("dpmpp_3s_state", "x_0s"), ("dpm_solver_3s_state", "epsilons")]
)
def test_dpmpp_2s_heun_step_and_the_states_are_exact_for_estimates_on_a_line(name, kind):
    found = getattr(singlestep, name)(column([X_T]), estimates(line(LAMBDAS[0]), line(LAMBDAS[1])), *scales(0, 1, 2))
    assert same(found.item(), moved(kind, line(), 0, 2))


@pytest.mark.parametrize(("name", "kind"), [("dpmpp_3s_step", "x_0s"), ("dpm_solver_3s_step", "epsilons")])
def test_dpmpp_3s_step_and_dpm_solver_3s_step_are_exact_on_a_line_through_the_first_and_third_estimate(name, kind):
    known = estimates(line(LAMBDAS[0]), SPARE, line(LAMBDAS[2]))
    found = getattr(singlestep, name)(column([X_T]), known, *scales(0, 1, 2, 3))
    assert same(found.item(), moved(kind, line(), 0, 3))


@pytest.mark.parametrize(("name", "kind"), [("dpmpp_2s_step", "x_0s"), ("dpm_solver_2s_step", "epsilons")])
def test_dpmpp_2s_step_and_dpm_solver_2s_step_hold_what_a_line_has_in_the_middle(name, kind):
    found = getattr(singlestep, name)(column([X_T]), estimates(line(LAMBDAS[0]), line(LAMBDAS[1])), *scales(0, 1, 2))
    assert same(found.item(), moved(kind, line((LAMBDAS[0] + LAMBDAS[2]) / 2), 0, 2))


def test_dpmpp_3s_heun_step_is_exact_for_data_on_a_parabola():
    known = estimates(*(parabola(at) for at in LAMBDAS[:3]))
    found = singlestep.dpmpp_3s_heun_step(column([X_T]), known, *scales(0, 1, 2, 3)).item()
    # Linear in the polynomial: one power at a time.
    for coefficient in (LEVEL, SLOPE, BEND):
        assert same(sp.diff(found, coefficient), sp.diff(moved("x_0s", parabola(), 0, 3), coefficient))
    assert same(sp.diff(found, X_T), LEVELS[3][1] / LEVELS[0][1])


# Where inner levels lie, by name of a step; a rational share that is not special in any way, and the special ones.
INSIDE = {
    "dpmpp_2s_step": [sp.Rational(2, 5)],
    "dpmpp_2s_heun_step": [sp.Rational(2, 5)],
    "dpm_solver_2s_step": [sp.Rational(2, 5)],
    "dpmpp_3s_step": [sp.Rational(2, 5), sp.Rational(2, 3)],
    "dpmpp_3s_heun_step": [sp.Rational(2, 5), sp.Rational(2, 3)],
    "dpm_solver_3s_step": [sp.Rational(2, 5), sp.Rational(2, 3)],
}


def gaussian_error(name, shares):
    """Leading power of h in one step's error on unit Gaussian data, from x_t = 1 at sigma_t = 1, alpha = 1 throughout.

    The denoiser is x/(1 + sigma**2), the flow x*sqrt((1 + sigma_s**2)/2); squares differ by as little as what is squared.
    """
    sigmas = [sp.exp(-share * H) for share in (0, *shares, 1)]
    ones, of_noise = column([sp.Integer(1)] * len(sigmas)), name.startswith("dpm_solver")
    inner = singlestep.dpm_solver_3s_state if of_noise else singlestep.dpmpp_3s_state
    start, known = column([sp.Integer(1)]), []
    for i in range(len(shares) + 1):
        state = sp.Integer(1)
        if i == 1:
            state = (1 + sigmas[1]) / 2
        elif i == 2:
            state = inner(start, estimates(*known), ones[:3], column(sigmas[:3])).item()
        known.append(truncated(state * (sigmas[i] if of_noise else 1) / (1 + sigmas[i] ** 2)))
    found = getattr(singlestep, name)(start, estimates(*known), ones, column(sigmas)).item()
    return leading(truncated(found) ** 2 - (1 + sigmas[-1] ** 2) / 2)


@pytest.mark.parametrize("name", INSIDE)
def test_dpmpp_2s_step_and_its_kin_are_off_by_one_power_more_than_their_order(name):
    """Wherever the first inner level lies: dpmpp_2s_step, dpmpp_2s_heun_step, dpm_solver_2s_step; with the second at two thirds,
    dpmpp_3s_step, dpmpp_3s_heun_step, dpm_solver_3s_step.
    """
    assert gaussian_error(name, INSIDE[name]) == (4 if "3s" in name else 3)


@pytest.mark.parametrize("name", ["dpmpp_3s_step", "dpmpp_3s_heun_step", "dpm_solver_3s_step"])
def test_dpmpp_3s_steps_fall_to_second_order_where_the_second_inner_level_is_not_at_two_thirds(name):
    assert gaussian_error(name, [sp.Rational(1, 3), sp.Rational(3, 4)]) == 3


SIGMAS = positive("s_0 s_1 s_2")
D_0, D_1 = real("d_0 d_1")


def test_dpm2_step_follows_the_slope_at_the_middle_from_where_the_first_slope_leads():
    middle = X_T + (SIGMAS[1] - SIGMAS[0]) * (X_T - D_0) / SIGMAS[0]
    expected = X_T + (SIGMAS[2] - SIGMAS[0]) * (middle - D_1) / SIGMAS[1]
    assert same(singlestep.dpm2_step(column([X_T]), estimates(D_0, D_1), column(SIGMAS)).item(), expected)


def test_dpm2_step_is_dpm_solver_2s_step_at_the_geometric_mean():
    sigmas = [sp.exp(-LAMBDAS[0]), sp.exp(-(LAMBDAS[0] + LAMBDAS[1]) / 2), sp.exp(-LAMBDAS[1])]
    eps = (X_T - D_0) / sigmas[0]
    state = edm.edm_euler_step(X_T, D_0, sigmas[0], sigmas[1])
    ones = column([sp.Integer(1)] * 3)
    noise = singlestep.dpm_solver_2s_step(column([X_T]), estimates(eps, (state - D_1) / sigmas[1]), ones, column(sigmas))
    assert same(singlestep.dpm2_step(column([X_T]), estimates(D_0, D_1), column(sigmas)), noise)


ANSWERS = real("d_0 d_1 d_2 d_3 d_4 d_5 d_6 d_7")
START = column([[X_T]])
# Two levels with noise, of any signal scale, and one without.
RUN = column([*ALPHAS[:2], ALPHAS[2]]), column([LEVELS[0][1], LEVELS[1][1], sp.Integer(0)])
# The same where the signal keeps its scale.
UNIT = [*(sp.exp(-at) for at in LAMBDAS[:3]), sp.Integer(0)]


def euler(x_t, x_0, start, end):
    """The data as estimated and the noise left over, put together again."""
    return end[0] * x_0 + end[1] * (x_t - start[0] * x_0) / start[1]


FIRST = (*LEVELS[0], LAMBDAS[0])


def between(share):
    """A level at this share of the way between the first two in half_logsnr, its own last, with signal scale 1."""
    at = (1 - share) * LAMBDAS[0] + share * LAMBDAS[1]
    return sp.Integer(1), sp.exp(-at), at


def to_data(kind, x_t, answer):
    """The last state, without noise, from level 1."""
    return ALPHAS[2] * (answer if kind == "x_0s" else (x_t - LEVELS[1][1] * answer) / LEVELS[1][0])


def left(x_t, x_0, level):
    return (x_t - level[0] * x_0) / level[1]


def is_asked(recorder, expected):
    """Whether the model was asked at these states and levels, in this order."""
    assert len(recorder.asked) == len(expected)
    return all(same(column(one), column(other)) for one, other in zip(recorder.asked, expected, strict=True))


def test_euler_path_asks_each_state_at_its_own_level_and_keeps_the_noise_left_over():
    recorder = Recorder(ANSWERS)
    states = singlestep.euler_path(recorder, START, *RUN).reshape(-1)
    first = euler(X_T, ANSWERS[0], LEVELS[0], LEVELS[1])
    assert is_asked(recorder, [(X_T, *LEVELS[0]), (first, *LEVELS[1])])
    assert same(states, column([X_T, first, ALPHAS[2] * ANSWERS[1]]))


def test_heun_path_asks_twice_where_noise_is_left_and_once_down_to_the_data():
    recorder, expected, asked = Recorder(ANSWERS), [X_T], []
    states = singlestep.heun_path(recorder, START, column(UNIT)).reshape(-1)
    for i, (start, end) in enumerate(pairwise(UNIT[:3])):
        x_t, (first, second) = expected[-1], ANSWERS[2 * i : 2 * i + 2]
        euler_state = euler(x_t, first, (1, start), (1, end))
        slopes = left(x_t, first, (1, start)), left(euler_state, second, (1, end))
        expected.append(x_t + (end - start) * sum(slopes) / 2)
        asked += [(x_t, 1, start), (euler_state, 1, end)]
    assert is_asked(recorder, [*asked, (expected[-1], 1, UNIT[2])])
    assert same(states, column([*expected, ANSWERS[4]]))


def test_dpm2_path_asks_at_the_geometric_mean_and_follows_that_slope():
    recorder, expected, asked = Recorder(ANSWERS), [X_T], []
    states = singlestep.dpm2_path(recorder, START, column(UNIT)).reshape(-1)
    for i, (start, end) in enumerate(pairwise(UNIT[:3])):
        x_t, (first, second), middle = expected[-1], ANSWERS[2 * i : 2 * i + 2], sp.exp(-(LAMBDAS[i] + LAMBDAS[i + 1]) / 2)
        inner = euler(x_t, first, (1, start), (1, middle))
        expected.append(x_t + (end - start) * left(inner, second, (1, middle)))
        asked += [(x_t, 1, start), (inner, 1, middle)]
    assert is_asked(recorder, [*asked, (expected[-1], 1, UNIT[2])])
    assert same(states, column([*expected, ANSWERS[4]]))


@pytest.mark.parametrize(("name", "kind"), [("dpmpp_2s_path", "x_0s"), ("dpm_solver_2s_path", "epsilons")])
def test_dpmpp_2s_path_and_dpm_solver_2s_path_ask_in_the_middle_of_each_step_and_hold_the_answer(name, kind):
    recorder = Recorder(ANSWERS, kind)
    states = getattr(singlestep, name)(recorder, START, *RUN).reshape(-1)
    half = between(sp.Rational(1, 2))
    inner = flowed(kind, ANSWERS[0], FIRST, half)
    second = moved(kind, ANSWERS[1], 0, 1)
    assert is_asked(recorder, [(X_T, *LEVELS[0]), (inner, *half[:2]), (second, *LEVELS[1])])
    assert same(states, column([X_T, second, to_data(kind, second, ANSWERS[2])]))


@pytest.mark.parametrize(("name", "kind"), [("dpmpp_3s_path", "x_0s"), ("dpm_solver_3s_path", "epsilons")])
def test_dpmpp_3s_path_and_dpm_solver_3s_path_ask_at_thirds_of_each_step_along_lines(name, kind):
    recorder = Recorder(ANSWERS, kind)
    states = getattr(singlestep, name)(recorder, START, *RUN).reshape(-1)
    third, later = between(sp.Rational(1, 3)), between(sp.Rational(2, 3))
    rise = LAMBDAS[1] - LAMBDAS[0]

    def through(answer, share):
        return ANSWERS[0] + (answer - ANSWERS[0]) / (share * rise) * (U - LAMBDAS[0])

    inner = flowed(kind, ANSWERS[0], FIRST, third)
    state = flowed(kind, through(ANSWERS[1], sp.Rational(1, 3)), FIRST, later)
    second = moved(kind, through(ANSWERS[2], sp.Rational(2, 3)), 0, 1)
    assert is_asked(recorder, [(X_T, *LEVELS[0]), (inner, *third[:2]), (state, *later[:2]), (second, *LEVELS[1])])
    assert same(states, column([X_T, second, to_data(kind, second, ANSWERS[3])]))


T_0, T_1, T_2 = positive("t_0 t_1 t_2")
TIMES = column([T_0, T_1, T_2])
FALL = T_0 - T_1
# Of each method: the shares of the velocities before it that lead to each stage, and those that make the step.
HALF, THIRD = sp.Rational(1, 2), sp.Rational(1, 3)
TABLEAUS = {
    "flow_euler_path": ([[]], [1]),
    "flow_midpoint_path": ([[], [HALF]], [0, 1]),
    "flow_heun_path": ([[], [1]], [HALF, HALF]),
    "flow_rk4_path": ([[], [HALF], [0, HALF], [0, 0, 1]], [sp.Rational(k, 6) for k in (1, 2, 2, 1)]),
    "flow_three_eighths_path": ([[], [THIRD], [-THIRD, 1], [1, -1, 1]], [sp.Rational(k, 8) for k in (1, 3, 3, 1)]),
}


@pytest.mark.parametrize("name", TABLEAUS)
def test_flow_runs_ask_the_stages_of_their_method_and_weigh_them(name):
    """flow_euler_path, flow_midpoint_path, flow_heun_path, flow_rk4_path and flow_three_eighths_path."""
    rows, weights = TABLEAUS[name]
    recorder = Recorder(ANSWERS)
    states = getattr(singlestep, name)(recorder, START, TIMES).reshape(-1)
    expected, asked, answers = [X_T], [], list(ANSWERS)
    for start, end in ((T_0, T_1), (T_1, T_2)):
        found = answers[: len(rows)]
        del answers[: len(rows)]
        for row in rows:
            at = expected[-1] - (start - end) * sum(share * one for share, one in zip(row, found, strict=False))
            asked.append((at, start - (start - end) * sum(row)))
        expected.append(expected[-1] - (start - end) * sum(share * one for share, one in zip(weights, found, strict=True)))
    assert is_asked(recorder, asked)
    assert same(states, column(expected))


ORDERS = {"flow_euler_path": 1, "flow_midpoint_path": 2, "flow_heun_path": 2, "flow_rk4_path": 4, "flow_three_eighths_path": 4}


@pytest.mark.parametrize("name", ORDERS)
def test_flow_runs_have_the_order_of_their_method_on_a_curved_flow(name):
    """flow_euler_path, flow_midpoint_path, flow_heun_path, flow_rk4_path, flow_three_eighths_path: dx/dt = 2*t*x**2 from x = 1
    at t = 1, solved by 1/(2 - t**2); the error of one step is of one power more.
    """

    def model(x_t, time):
        return column([[truncated(2 * time * x_t.item() ** 2)]])

    found = getattr(singlestep, name)(model, column([[sp.Integer(1)]]), column([sp.Integer(1), 1 - H]))[1].item()
    assert leading(found - 1 / (2 - (1 - H) ** 2)) == ORDERS[name] + 1


def test_flow_midpoint_path_has_no_error_of_its_order_on_gaussian_data():
    """A step of h from time 1/2, of a state one away from the mean: its square falls as the variance (1 - t)**2*v + t**2 does."""
    variance, start = positive("v"), sp.Rational(1, 2)

    def power(time):
        return (1 - time) ** 2 * variance + time**2

    def model(x_t, time):
        return x_t * sp.diff(power(U), U).subs(U, time) / (2 * power(time))

    found = singlestep.flow_midpoint_path(model, column([[sp.Integer(1)]]), column([start, start - H]))[1].item()
    assert leading(found**2 - power(start - H) / power(start)) == 4


def test_flow_euler_path_is_euler_path_where_the_scales_sum_to_one():
    data = Recorder(ANSWERS)
    states = singlestep.euler_path(data, START, 1 - TIMES, TIMES)
    seen = iter(zip(data.asked, ANSWERS, strict=False))

    def velocity_model(x_t, time):
        _, x_0 = next(seen)
        return (x_t - (1 - time) * x_0) / time - x_0

    assert same(singlestep.flow_euler_path(velocity_model, START, TIMES), states)


@pytest.mark.parametrize("name", ["euler_path", "dpmpp_2s_path", "dpmpp_3s_path", "dpm_solver_2s_path", "dpm_solver_3s_path"])
def test_runs_that_know_the_data_keep_its_noise_at_every_level(name):
    data, eps = real("data eps")
    start = column([[LEVELS[0][0] * data + LEVELS[0][1] * eps]])
    states = getattr(singlestep, name)(lambda x_t, alpha, sigma: 0 * x_t + data, start, *RUN).reshape(-1)
    assert same(states, column([alpha * data + sigma * eps for alpha, sigma in zip(*RUN, strict=True)]))
