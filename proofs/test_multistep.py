"""Multistep solvers: exact for the estimates they take for granted, and runs that give each step its own levels and history."""

import pytest
import sympy as sp

from refdiff.reference import multistep

from .algebra import column, positive, real, same
from .recorders import check_pseudo, check_steps, held, known, recorded, scales, transferred

X, U = real("x u")
H, GAP = positive("h gap")
SCALES = column(positive("a_0 a_1 a_2 a_3 a_4"))
# half_logsnr of the levels: t at 0, s a step h on, the older ones at unequal distances.
OLD = [-sp.Rational(7, 2), -sp.Rational(5, 3), -sp.Rational(1, 2), sp.Integer(0)]


def levels(count, old=OLD):
    """half_logsnr of the last levels, and scales that have it."""
    nodes = [*old[len(old) - count :], H]
    alphas = SCALES[: count + 1]
    return nodes, alphas, column([alpha * sp.exp(-node) for alpha, node in zip(alphas, nodes, strict=True)])


def data_flow(function, alphas, sigmas):
    """x_s where the data are this function of half_logsnr: x/sigma grows by the integral of exp(half_logsnr) times them."""
    moved = sp.integrate(sp.expand(sp.exp(U) * function), (U, 0, H))
    return sigmas[-1] / sigmas[-2] * X + sigmas[-1] * moved


def noise_flow(function, alphas, sigmas):
    """x_s where the noise is this function of half_logsnr: x/alpha falls by the integral of exp(-half_logsnr) times it."""
    moved = sp.integrate(sp.expand(sp.exp(-U) * function), (U, 0, H))
    return alphas[-1] / alphas[-2] * X - alphas[-1] * moved


def at(function, nodes):
    return column([sp.sympify(function).subs(U, node) for node in nodes])


def alike(found, expected):
    return same(sp.expand(sp.powsimp(sp.expand(found - expected))), 0)


def exact(name, flow, function, count, ahead=0):
    """Whether the step gives what the flow does, from that many estimates up to t and so many at s."""
    nodes, alphas, sigmas = levels(count)
    estimates = at(function, nodes[: count + ahead])
    return alike(getattr(multistep, name)(X, estimates, alphas, sigmas), flow(function, alphas, sigmas))


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_lms_step_integrates_polynomials_of_sigma(count):
    sigmas = column(positive("s_0 s_1 s_2 s_3 s_4"))[4 - count :]
    for degree in range(count):
        found = multistep.lms_step(X, sigmas[:-1] ** degree, sigmas)
        assert same(found, X + (sigmas[-1] ** (degree + 1) - sigmas[-2] ** (degree + 1)) / (degree + 1))


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_adams_bashforth_eps_is_the_mean_over_the_next_step_of_polynomials_seen_at_equal_steps(count):
    seen = column(range(1 - count, 1))
    for degree in range(count):
        found = multistep.adams_bashforth_eps(column([sp.Integer(x) ** degree for x in seen]))
        assert same(found, sp.integrate(U**degree, (U, 0, 1)))
    estimates, sigmas = column(real("e_0 e_1 e_2 e_3"))[:count], column([(count - j) * H for j in range(count + 1)])
    assert same(multistep.lms_step(X, estimates, sigmas), X - H * multistep.adams_bashforth_eps(estimates))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_deis_step_follows_noise_that_is_a_polynomial_of_the_level(count):
    assert all(exact("deis_step", noise_flow, U**degree, count) for degree in range(count))
    # Not one degree more: the order is the number of estimates.
    assert not exact("deis_step", noise_flow, U**count, count)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_exponential_multistep_step_follows_data_that_are_a_polynomial_of_the_level(count):
    assert all(exact("exponential_multistep_step", data_flow, U**degree, count) for degree in range(count))
    assert not exact("exponential_multistep_step", data_flow, U**count, count)


def test_dpm_solver_2m_heun_step_and_dpmpp_2m_heun_step_follow_lines():
    for degree in (0, 1):
        assert exact("dpm_solver_2m_heun_step", noise_flow, U**degree, 2)
        assert exact("dpmpp_2m_heun_step", data_flow, U**degree, 2)


def test_dpm_solver_3m_step_and_dpmpp_3m_step_follow_parabolas():
    for degree in (0, 1, 2):
        assert exact("dpm_solver_3m_step", noise_flow, U**degree, 3)
        assert exact("dpmpp_3m_step", data_flow, U**degree, 3)


def test_dpm_solver_2m_step_and_dpmpp_2m_step_hold_a_lines_middle_over_the_step():
    (new, old), (_, alphas, sigmas) = real("e_1 e_0"), levels(2, [-GAP, sp.Integer(0)])
    middle = new + H / 2 * (new - old) / GAP
    found = multistep.dpm_solver_2m_step(X, column([old, new]), alphas, sigmas)
    assert alike(found, noise_flow(middle, alphas, sigmas))
    assert alike(multistep.dpmpp_2m_step(X, column([old, new]), alphas, sigmas), data_flow(middle, alphas, sigmas))


def test_dpmpp_3m_released_step_follows_lines_but_bends_half_as_much_as_its_data():
    assert exact("dpmpp_3m_released_step", data_flow, sp.Integer(1), 3)
    assert exact("dpmpp_3m_released_step", data_flow, U, 3)
    nodes, alphas, sigmas = levels(3)
    found = multistep.dpmpp_3m_released_step(X, at(U**2, nodes[:3]), alphas, sigmas)
    missed = sp.expand(sp.powsimp(sp.expand(found - data_flow(U**2, alphas, sigmas))))
    assert alike(missed, -data_flow(U**2 / 2, alphas, sigmas) + data_flow(0, alphas, sigmas))
    # The second derivative is 2: the local error is alpha_s*h**3/12 times it, so the method is of second order.
    assert same(sp.limit(sp.simplify(missed / alphas[-1]) / H**3, H, 0), -sp.Rational(2, 12))
    # What a factor of 2 in the released d_2 would add is just what is missed.
    assert alike(multistep.dpmpp_3m_step(X, at(U**2, nodes[:3]), alphas, sigmas), found - missed)


GROWTH = {"bh1": H, "bh2": 1 - sp.exp(-H)}


@pytest.mark.parametrize("name", ["unip_step_bh1", "unip_step_bh2"])
def test_unip_steps_solve_their_system_but_for_two_estimates(name):
    for count in (1, 3):
        assert all(exact(name, data_flow, U**degree, count) for degree in range(count))
    (new, old), (_, alphas, sigmas) = real("e_1 e_0"), levels(2, [-GAP, sp.Integer(0)])
    change = H * (new - old) / GAP
    found = getattr(multistep, name)(X, column([old, new]), alphas, sigmas)
    assert alike(found, data_flow(new, alphas, sigmas) + alphas[-1] * GROWTH[name[-3:]] * change / 2)


@pytest.mark.parametrize("name", ["unic_step_bh1", "unic_step_bh2"])
def test_unic_steps_solve_their_system_but_for_one_past_estimate(name):
    for count in (2, 3):
        assert all(exact(name, data_flow, U**degree, count, ahead=1) for degree in range(count + 1))
    (now, end), (_, alphas, sigmas) = real("e_0 e_1"), levels(1)
    found = getattr(multistep, name)(X, column([now, end]), alphas, sigmas)
    assert alike(found, data_flow(now, alphas, sigmas) + alphas[-1] * GROWTH[name[-3:]] * (end - now) / 2)


@pytest.mark.parametrize("variant", GROWTH)
def test_a_rho_of_one_half_keeps_the_second_order(variant):
    share = sp.series(GROWTH[variant] * H / 2, H, 0, 3).removeO()
    wanted = sp.integrate(sp.series(U * sp.exp(U - H), U, 0, 3).removeO(), (U, 0, H))
    assert same(sp.series(wanted, H, 0, 3).removeO(), share)


@pytest.mark.parametrize(
    "name", ["unip_step_bh1", "unip_step_bh2", "unic_step_bh1", "unic_step_bh2", "dpmpp_2m_step", "deis_step"]
)
def test_steps_treat_entries_alike_however_many_there_are(name):
    _, alphas, sigmas = levels(1 if "unic" in name else 2)
    states, estimates = column(real("x_1 x_2 x_3")), column(real("a b c d e f")).reshape(2, 3)
    step = getattr(multistep, name)
    found = step(states, estimates, alphas, sigmas)
    assert same(found, column([step(states[j], estimates[:, j], alphas, sigmas) for j in range(3)]))


def test_adams_bashforth_eps_treats_entries_alike_however_many_there_are():
    estimates = column(real("a b c d e f")).reshape(2, 3)
    found = multistep.adams_bashforth_eps(estimates)
    assert same(found, column([multistep.adams_bashforth_eps(estimates[:, j]) for j in range(3)]))


@pytest.mark.parametrize("to_data", [False, True])
@pytest.mark.parametrize(
    "name", ["dpmpp_2m_path", "dpmpp_2m_heun_path", "dpmpp_3m_path", "dpm_solver_2m_path", "dpm_solver_3m_path"]
)
def test_solver_paths_take_each_step_from_the_newest_estimates_and_their_own_levels(name, to_data):
    check_steps(name, to_data)


@pytest.mark.parametrize("to_data", [False, True])
@pytest.mark.parametrize("name", ["exponential_multistep_path", "deis_path"])
def test_paths_of_an_order_take_no_more_estimates_than_that(name, to_data):
    check_steps(name, to_data, [3])
    states, data, _ = recorded(name, *scales(3, to_data), 1)
    assert all(same(states[i + 1], held(states[i], data[i], *scales(3, to_data), i)) for i in range(2))


@pytest.mark.parametrize("to_data", [False, True])
@pytest.mark.parametrize("order", [1, 3])
def test_lms_path_takes_each_step_from_the_newest_noise_and_its_own_levels(order, to_data):
    _, sigmas = scales(6, to_data)
    states, data, asked = recorded("lms_path", None, sigmas, order)
    assert asked == [(states[i], 1, sigmas[i]) for i in range(5)]
    noise = [(states[i] - data[i]) / sigmas[i] for i in range(5)]
    for i in range(5):
        first = max(0, i + 1 - order)
        assert same(states[i + 1], multistep.lms_step(states[i], column(noise[first : i + 1]), sigmas[first : i + 2]))


@pytest.mark.parametrize("to_data", [False, True])
def test_ipndm_path_transfers_the_combined_noise(to_data):
    alphas, sigmas = scales(7, to_data)
    states, data, asked = recorded("ipndm_path", alphas, sigmas)
    assert asked == [(states[i], alphas[i], sigmas[i]) for i in range(6)]
    noise = [(states[i] - alphas[i] * data[i]) / sigmas[i] for i in range(6)]
    check_pseudo(states, noise, alphas, sigmas, range(7), 0)


@pytest.mark.parametrize("to_data", [False, True])
def test_plms_path_starts_with_the_mean_of_the_noise_at_both_ends_of_eulers_step(to_data):
    alphas, sigmas = scales(7, to_data)
    states, data, asked = recorded("plms_path", alphas, sigmas)
    euler = held(X, data[0], alphas, sigmas, 0)
    assert same(asked[1][0], euler)
    assert [level[1:] for level in asked[:2]] == [(alphas[0], sigmas[0]), (alphas[1], sigmas[1])]
    ahead = (euler - alphas[1] * data[1]) / sigmas[1]
    noise = [(states[i] - alphas[i] * data[i + (i > 0)]) / sigmas[i] for i in range(6)]
    assert same(states[1], transferred(X, (noise[0] + ahead) / 2, alphas, sigmas, 0, 1))
    assert asked[2:] == [(states[i], alphas[i], sigmas[i]) for i in range(1, 6)]
    check_pseudo(states, noise, alphas, sigmas, range(7), 1)
    # A single step to data has no noise at its end to ask for.
    states, data, asked = recorded("plms_path", *scales(2, True))
    assert len(asked) == 1
    assert same(states[1], alphas[1] * data[0])


@pytest.mark.parametrize("to_data", [False, True])
def test_pndm_path_starts_with_three_runge_kutta_steps_over_their_middles(to_data):
    alphas, sigmas = scales(9, to_data)
    states, data, asked = recorded("pndm_path", alphas, sigmas)
    ends = [0, 2, 4, 6, 7, 8]
    places = [*(level for at in (0, 2, 4) for level in (at, at + 1, at + 1, at + 2)), 6, 7]
    assert [level[1:] for level in asked] == [(alphas[j], sigmas[j]) for j in places]
    noise = [(x - alphas[j] * data[i]) / sigmas[j] for i, ((x, *_), j) in enumerate(zip(asked, places, strict=True))]
    for i in range(3):
        seen, steps = noise[4 * i : 4 * i + 4], [transferred(states[i], eps, alphas, sigmas, 2 * i, j)
            for eps, j in zip(noise[4 * i :], (2 * i + 1, 2 * i + 1, 2 * i + 2), strict=False)]  # fmt: skip
        assert asked[4 * i][0] == states[i]
        assert all(same(asked[4 * i + 1 + k][0], steps[k]) for k in range(3))
        simpson = (seen[0] + 4 * (seen[1] + seen[2]) / 2 + seen[3]) / 6
        assert same(states[i + 1], transferred(states[i], simpson, alphas, sigmas, 2 * i, 2 * i + 2))
    check_pseudo(states, [noise[k] for k in (0, 4, 8, 12, 13)], alphas, sigmas, ends, 3)


@pytest.mark.parametrize("to_data", [False, True])
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", ["unipc_bh1_path", "unipc_bh2_path"])
def test_unipc_paths_predict_ask_and_correct(name, order, to_data):
    alphas, sigmas = scales(5, to_data)
    states, data, asked = recorded(name, alphas, sigmas, order)
    predictor, corrector = (getattr(multistep, f"{part}_step_{name[6:9]}") for part in ("unip", "unic"))
    assert asked[0] == (X, alphas[0], sigmas[0])
    for i in range(4):
        first = max(0, i + 1 - order)
        if sigmas[i + 1] == 0:
            assert same(states[i + 1], alphas[i + 1] * data[i])
            continue
        guess = predictor(states[i], column(data[first : i + 1]), *known(alphas, sigmas, first, i))
        if i < 3:
            assert same(asked[i + 1][0], guess)
            assert asked[i + 1][1:] == (alphas[i + 1], sigmas[i + 1])
            guess = corrector(states[i], column(data[first : i + 2]), *known(alphas, sigmas, first, i))
        assert same(states[i + 1], guess)
    assert len(asked) == 4


def test_gradient_estimation_path_goes_beyond_the_newest_noise_from_the_one_before():
    _, sigmas = scales(5, True)
    weight = real("w")
    states, data, asked = recorded("gradient_estimation_path", None, sigmas, weight)
    assert asked == [(states[i], 1, sigmas[i]) for i in range(4)]
    noise = [(states[i] - data[i]) / sigmas[i] for i in range(4)]
    for i in range(4):
        before = noise[max(i - 1, 0)]
        assert same(states[i + 1], states[i] + (sigmas[i + 1] - sigmas[i]) * (before + weight * (noise[i] - before)))
