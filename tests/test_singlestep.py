"""Properties of solvers that forget, and their orders of convergence, measured."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refdiff.catalogue import formula
from refdiff.reference import ddim, edm, flow, singlestep
from refdiff.reference.denoiser import denoiser_gaussian

from .strategies import slack, states, within

MEAN, VARIANCE = np.array([0.5, -0.25]), np.array([0.5, 2.0])
NOISE_STEPS = ("dpm_solver_2s_step", "dpm_solver_3s_state", "dpm_solver_3s_step")
DATA_STEPS = ("dpmpp_2s_step", "dpmpp_2s_heun_step", "dpmpp_3s_state", "dpmpp_3s_step", "dpmpp_3s_heun_step")
LEVEL_RUNS = ("euler_path", "dpm_solver_2s_path", "dpm_solver_3s_path", "dpmpp_2s_path", "dpmpp_3s_path")
SIGMA_RUNS = ("heun_path", "dpm2_path")
FLOW_RUNS = ("flow_euler_path", "flow_midpoint_path", "flow_heun_path", "flow_rk4_path", "flow_three_eighths_path")


@st.composite
def levels(draw, count):
    """Signal and noise scales with falling noise over signal, by steps of ordinary length."""
    falls = draw(st.lists(st.floats(0.05, 2), min_size=count, max_size=count))
    ratios = draw(st.floats(0.1, 30)) * np.exp(falls[0] - np.cumsum(falls))
    alphas = draw(st.sampled_from([np.ones(count), 1 / np.sqrt(1 + ratios**2), 1 / (1 + ratios)]))
    return alphas, ratios * alphas


def estimates(name):
    return 3 if "3s" in name and name.endswith("step") else 2


@pytest.mark.parametrize("name", DATA_STEPS)
@given(data=st.data())
def test_steps_of_data_that_stand_still_keep_the_noise(name, data):
    """dpmpp_2s_step, dpmpp_2s_heun_step, dpmpp_3s_state, dpmpp_3s_step, dpmpp_3s_heun_step."""
    alphas, sigmas = data.draw(levels(estimates(name) + 1))
    x_0, eps = data.draw(states(4)), data.draw(states(4))
    known = {
        "x_t": alphas[0] * x_0 + sigmas[0] * eps,
        "x_0s": np.stack([x_0] * estimates(name)),
        "alphas": alphas,
        "sigmas": sigmas,
    }
    found = getattr(singlestep, name)(**known)
    expected = alphas[-1] * x_0 + sigmas[-1] * eps
    assert within(found, expected, 2 * slack(name, known, expected) + 4 * np.spacing(np.abs(expected)))


@pytest.mark.parametrize("name", NOISE_STEPS)
@given(data=st.data())
def test_steps_of_noise_that_stands_still_keep_the_data(name, data):
    """dpm_solver_2s_step, dpm_solver_3s_state, dpm_solver_3s_step."""
    alphas, sigmas = data.draw(levels(estimates(name) + 1))
    x_0, eps = data.draw(states(4)), data.draw(states(4))
    known = {"x_t": alphas[0] * x_0 + sigmas[0] * eps, "alphas": alphas, "sigmas": sigmas}
    known["epsilons"] = np.stack([eps] * estimates(name))
    found = getattr(singlestep, name)(**known)
    expected = alphas[-1] * x_0 + sigmas[-1] * eps
    assert within(found, expected, 2 * slack(name, known, expected) + 4 * np.spacing(np.abs(expected)))


@given(levels(3), states(4), states(2, 4))
def test_dpmpp_3s_state_is_dpmpp_2s_heun_step_to_its_level(levels, x_t, x_0s):
    assert np.array_equal(singlestep.dpmpp_3s_state(x_t, x_0s, *levels), singlestep.dpmpp_2s_heun_step(x_t, x_0s, *levels))


@pytest.mark.parametrize("name", ["dpmpp_3s_step", "dpm_solver_3s_step"])
@given(levels(4), states(4), states(3, 4), states(4))
def test_third_order_steps_do_not_weigh_the_second_estimate_itself(name, levels, x_t, made, other):
    again = np.stack([made[0], other, made[2]])
    step = getattr(singlestep, name)
    assert np.array_equal(step(x_t, made, *levels), step(x_t, again, *levels))


@given(levels(4), states(4), states(4), states(4))
def test_dpmpp_3s_heun_step_is_dpmpp_2s_heun_step_where_the_estimates_lie_on_a_line(levels, x_t, x_0, slope):
    alphas, sigmas = levels
    rises = -np.log(sigmas / alphas) + np.log(sigmas[0] / alphas[0])
    made = x_0 + rises[:3, None] * slope
    known = {"x_t": x_t, "x_0s": made, "alphas": alphas, "sigmas": sigmas}
    found = singlestep.dpmpp_3s_heun_step(**known)
    ends = [0, 2, 3]
    expected = singlestep.dpmpp_2s_heun_step(x_t, made[[0, 2]], alphas[ends], sigmas[ends])
    assert within(found, expected, 8 * slack("dpmpp_3s_heun_step", known, expected))


@given(st.floats(0.1, 80), st.floats(0.05, 0.95), states(4), states(4), states(4))
def test_dpm2_step_is_dpm_solver_2s_step_where_the_signal_keeps_its_scale(sigma_t, share, x_t, first, second):
    sigmas = np.array([sigma_t, sigma_t * np.sqrt(share), sigma_t * share])
    known = {"x_t": x_t, "x_0s": np.stack([first, second]), "sigmas": sigmas}
    middle = edm.edm_euler_step(x_t, first, sigmas[0], sigmas[1])
    epsilons = np.stack([(x_t - first) / sigmas[0], (middle - second) / sigmas[1]])
    expected = singlestep.dpm_solver_2s_step(x_t, epsilons, np.ones(3), sigmas)
    parts = np.abs(x_t) + np.abs(first) + np.abs(second)
    assert np.all(np.abs(singlestep.dpm2_step(**known) - expected) <= 64 / (1 - share) * np.spacing(parts / share))


def shrink(x_t, alpha_t, sigma_t):
    return alpha_t * x_t / (1 + sigma_t)


def velocity_model(x_t, time):
    return x_t / (1 + time) - 1


@pytest.mark.parametrize("name", [*LEVEL_RUNS, *SIGMA_RUNS, *FLOW_RUNS])
@given(data=st.data())
def test_runs_start_at_x_T_and_take_one_state_for_every_level(name, data):
    alphas, sigmas = data.draw(levels(data.draw(st.integers(2, 6))))
    x_T = data.draw(states(2, 3))
    asked = formula(name).arguments
    times = sigmas / (alphas + sigmas)
    known = {"denoiser_at_level": shrink, "velocity_model": velocity_model, "x_T": x_T, "alphas": alphas, "sigmas": sigmas}
    found = formula(name).function(**{key: value for key, value in (known | {"times": times}).items() if key in asked})
    assert found.shape == (len(sigmas), 2, 3)
    assert np.array_equal(found[0], x_T)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("name", [*LEVEL_RUNS, *SIGMA_RUNS])
def test_runs_down_to_the_data_end_at_their_last_estimate(name):
    sigmas = np.array([4.0, 1.5, 0.5, 0.0])
    given = {"alphas": np.array([0.5, 0.75, 0.875, 1.0])} if name in LEVEL_RUNS else {}
    found = getattr(singlestep, name)(shrink, np.ones((2, 3)), **given, sigmas=sigmas)
    expected = shrink(found[-2], given["alphas"][-2] if given else 1, sigmas[-2])
    assert np.allclose(found[-1], expected, rtol=1e-14, atol=0)


@given(st.lists(st.floats(0.05, 0.95), min_size=2, max_size=6, unique=True), states(2, 3))
def test_euler_path_is_flow_euler_path_where_the_scales_sum_to_one(listed, x_T):
    times = np.sort(listed)[::-1]

    def straight(x_t, time):
        return ddim.rectified_velocity(x_t, shrink(x_t, 1 - time, time), 1 - time, time)

    found = singlestep.flow_euler_path(straight, x_T, times)
    expected = singlestep.euler_path(shrink, x_T, 1 - times, times)
    assert np.all(np.abs(found - expected) <= 1e-12 * np.abs(x_T).max() / times[-1])


# The flow of Gaussian data between two levels, in closed form.
def solution(x_t, start, end):
    gain = np.sqrt((end[0] ** 2 * VARIANCE + end[1] ** 2) / (start[0] ** 2 * VARIANCE + start[1] ** 2))
    return end[0] * MEAN + gain * (x_t - start[0] * MEAN)


def denoiser(x_t, alpha_t, sigma_t):
    return denoiser_gaussian(x_t, MEAN, VARIANCE, alpha_t, sigma_t)


def straight_velocity(x_t, time):
    return flow.marginal_velocity_gaussian(x_t, MEAN, VARIANCE, 1 - time, time, -1, 1)


X = np.array([[0.75, -1.25], [-0.5, 0.5]])


def error(name, n, kind, function=None):
    """Largest error of the last state of n steps, on a grid that is even in no variable the solvers use."""
    share = np.linspace(0, 1, n + 1)
    if kind == "flow":
        sigmas = 0.95 + share * (0.1 - 0.95) - 0.1 * share * (1 - share)
        alphas = 1 - sigmas
    elif kind == "vp":
        angle = 1.4 + share * (0.2 - 1.4)
        alphas, sigmas = np.cos(angle), np.sin(angle)
    else:
        sigmas = (5**0.25 + share * (0.2**0.25 - 5**0.25)) ** 4
        alphas = np.ones(n + 1)
    known = {"denoiser_at_level": denoiser, "velocity_model": straight_velocity, "x_T": X, "alphas": alphas, "sigmas": sigmas}
    asked = formula(name).arguments
    function = function or formula(name).function
    found = function(**{key: value for key, value in (known | {"times": sigmas}).items() if key in asked})
    return np.abs(found[-1] - solution(X, (alphas[0], sigmas[0]), (alphas[-1], sigmas[-1]))).max()


def measured(name, kind, n=64, function=None):
    """Order of convergence between n and 2n steps."""
    return np.log2(error(name, n, kind, function) / error(name, 2 * n, kind, function))


KINDS = {"euler_path": ("unit", "vp", "flow")}
KINDS |= (
    dict.fromkeys(LEVEL_RUNS[1:], ("unit", "vp", "flow"))
    | dict.fromkeys(SIGMA_RUNS, ("unit",))
    | dict.fromkeys(FLOW_RUNS, ("flow",))
)


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kinds in KINDS.items() for kind in kinds])
def test_runs_converge_with_the_order_that_their_docstrings_state(name, kind):
    # On Gaussian data the midpoint method's leading error is 0: see the next test.
    assert abs(measured(name, kind) - formula(name).order - (name == "flow_midpoint_path")) < 0.2


def mixture_velocity(x_t, time):
    known = np.array([0.5, 0.3, 0.2]), np.array([[1.0, 0.5], [-1.0, 0.25], [0.25, -1.5]]), np.array([0.5, 0.75, 1.0])
    return flow.marginal_velocity_mixture(x_t, *known, 1 - time, time, -1, 1)


@pytest.mark.parametrize("name", FLOW_RUNS)
def test_flow_runs_keep_their_order_down_to_time_0_on_a_mixture(name):
    exact = singlestep.flow_rk4_path(mixture_velocity, X, np.linspace(1, 0, 1025))[-1]

    def last(n):
        return np.abs(formula(name).function(mixture_velocity, X, np.linspace(1, 0, n + 1) ** 1.25)[-1] - exact).max()

    n = 32 if formula(name).order == 4 else 64
    assert abs(np.log2(last(n) / last(2 * n)) - formula(name).order) < 0.35


@pytest.mark.parametrize("name", [*LEVEL_RUNS[1:], *SIGMA_RUNS])
def test_a_step_to_the_data_costs_runs_their_order(name):
    """Where the last level has no noise, its Euler step leaves an error that more steps elsewhere do not shrink."""

    def last(n):
        sigmas = np.append(np.geomspace(5, 0.2, n), 0)
        given = {"alphas": 1 + 0 * sigmas} if name in LEVEL_RUNS else {}
        return np.abs(getattr(singlestep, name)(denoiser, X, **given, sigmas=sigmas)[-1] - solution(X, (1, 5), (1, 0))).max()

    assert last(32) / last(64) < 1.2


ORDERS = {"dpm_solver_2s_step": 2, "dpmpp_2s_step": 2, "dpmpp_2s_heun_step": 2}
ORDERS |= {"dpm_solver_3s_step": 3, "dpmpp_3s_step": 3, "dpmpp_3s_heun_step": 3}


def step_error(name, length, shares):
    """Error of one step from x_t at sigma_t = 1, of estimates that the solver makes itself, where variance is preserved."""
    ratios = np.exp(-length * np.array([0, *shares, 1]))
    alphas = 1 / np.sqrt(1 + ratios**2)
    sigmas, noisy = ratios * alphas, name.startswith("dpm_solver")
    made, state = [], X
    for i in range(len(shares) + 1):
        x_0 = denoiser(state, alphas[i], sigmas[i])
        made.append((state - alphas[i] * x_0) / sigmas[i] if noisy else x_0)
        if i == 0:
            state = ddim.rectified_step(X, x_0, alphas[1], sigmas[1], alphas[0], sigmas[0])
        elif i == 1 and len(shares) == 2:
            inner = singlestep.dpm_solver_3s_state if noisy else singlestep.dpmpp_3s_state
            state = inner(X, np.stack(made), alphas[:3], sigmas[:3])
    found = getattr(singlestep, name)(X, np.stack(made), alphas, sigmas)
    return np.abs(found - solution(X, (alphas[0], sigmas[0]), (alphas[-1], sigmas[-1]))).max()


def local_order(name, *shares):
    return np.log2(step_error(name, 0.05, shares) / step_error(name, 0.025, shares))


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
@pytest.mark.parametrize("name", ORDERS)
def test_steps_are_off_by_one_power_more_than_the_order_that_their_docstrings_state(name, share):
    """Wherever the first inner level lies, the second at two thirds where there is one."""
    assert formula(name).order == ORDERS[name]
    shares = (share, 2 / 3) if "3s" in name else (share,)
    if share == 0.8 and "3s" in name:
        shares = (0.6, 2 / 3)
    assert abs(local_order(name, *shares) - ORDERS[name] - 1) < 0.15


@pytest.mark.parametrize("name", ["dpm_solver_3s_step", "dpmpp_3s_step", "dpmpp_3s_heun_step"])
def test_third_order_steps_are_of_second_order_where_the_second_inner_level_keeps_another_share(name):
    """The parabola through all three estimates is of second order there too: its second estimate is made at an Euler state."""
    assert abs(local_order(name, 1 / 3, 0.75) - 3) < 0.15
    assert abs(local_order(name, 0.5, 0.8) - 3) < 0.15


@pytest.mark.parametrize("name", ["dpmpp_3s_step", "dpmpp_3s_heun_step"])
def test_dpmpp_3s_step_and_dpmpp_3s_heun_step_keep_third_order_over_neighbours_of_a_smooth_grid(name):
    """As diffusers takes them: inner levels are levels of the grid, whose shares near a third and two thirds as steps shrink."""

    def last(n):
        sigmas, state = (5 ** (1 / 7) + np.linspace(0, 1, 3 * n + 1) * (0.2 ** (1 / 7) - 5 ** (1 / 7))) ** 7, 5 * X
        for i in range(0, 3 * n, 3):
            levels, ones, made = sigmas[i : i + 4], np.ones(4), [denoiser(state, 1, sigmas[i])]
            made.append(denoiser(edm.edm_euler_step(state, made[0], *levels[:2]), 1, levels[1]))
            inner = singlestep.dpmpp_2s_step(state, np.stack(made), ones[:3], levels[:3])
            made.append(denoiser(inner, 1, levels[2]))
            state = getattr(singlestep, name)(state, np.stack(made), ones, levels)
        return np.abs(state - solution(5 * X, (1, 5), (1, 0.2))).max()

    assert abs(np.log2(last(32) / last(64)) - 3) < 0.1


def test_dpm2_step_is_of_second_order_at_the_geometric_mean_and_of_first_order_elsewhere():
    def last(length, share):
        sigmas = np.exp(-length * np.array([0, share, 1]))
        x_0 = denoiser(X, 1, 1)
        middle = edm.edm_euler_step(X, x_0, sigmas[0], sigmas[1])
        found = singlestep.dpm2_step(X, np.stack([x_0, denoiser(middle, 1, sigmas[1])]), sigmas)
        return np.abs(found - solution(X, (1, 1), (1, sigmas[2]))).max()

    assert formula("dpm2_step").order == 2
    assert abs(np.log2(last(0.05, 0.5) / last(0.025, 0.5)) - 3) < 0.1
    assert abs(np.log2(last(0.05, 0.3) / last(0.025, 0.3)) - 2) < 0.1
