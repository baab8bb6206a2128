"""Flow matching: paths by their conditions and derivatives, velocities by Bayes' rule, times by change of variables."""

from itertools import permutations

import numpy as np
import pytest
import sympy as sp

from refdiff.reference import flow

from .algebra import column, completed_square, log_normal, positive, real, same

TIME, LOW, HIGH, SHIFT, R, W = positive("time low high shift r w")
ALPHA, SIGMA, FALL, RISE, VARIANCE, STEP = positive("alpha sigma fall rise variance step")
X_0, X_T, EPS, MEAN, V, V_NEXT = real("x_0 x_t eps mean v v_next")
RATES = (ALPHA, SIGMA, -FALL, RISE)
# A little data in two dimensions, at rational places: what is left is a few numbers exp(rational).
POINTS = column([*map(sp.sympify, ((0, 1), ("1/2", -1), (2, "1/3")))])
STATES = column([*map(sp.sympify, ((1, "1/4"), ("-1/2", 0)))])
HALF, THIRD = sp.Rational(1, 2), sp.Rational(1, 3)


def slopes(scales, by=TIME):
    return [sp.diff(one, by) for one in scales]


def at(scales, time):
    return [sp.sympify(one).subs(TIME, time) for one in scales]


def test_linear_path_scales_are_straight_between_the_data_with_sigma_min_and_unit_noise():
    scales = flow.linear_path_scales(TIME, LOW)
    assert same(at(scales, 0), [1, LOW])
    assert same(at(scales, 1), [0, 1])
    assert same([sp.diff(one, TIME, 2) for one in scales], [0, 0])


def test_cosine_path_scales_turn_evenly_from_the_data_by_a_quarter():
    scales = flow.cosine_path_scales(TIME)
    assert same([sp.diff(one, TIME, 2) for one in scales], [-(sp.pi**2) / 4 * one for one in scales])
    assert same(at(scales, 0), [1, 0])
    assert same(at(slopes(scales), 0), [0, sp.pi / 2])


def test_vp_path_scales_solve_the_linear_equation_of_the_rate_and_keep_the_variance():
    alpha, sigma = flow.vp_path_scales(TIME, LOW, HIGH)
    assert same(sp.diff(alpha, TIME) / alpha, -(LOW + TIME * (HIGH - LOW)) / 2)
    assert same(alpha.subs(TIME, 0), 1)
    assert same(alpha**2 + sigma**2, 1)


def test_ve_path_scales_grow_by_equal_factors_and_leave_the_data():
    alpha, sigma = flow.ve_path_scales(TIME, LOW, HIGH)
    assert alpha == 1
    assert same(sigma.subs(TIME, 0), LOW)
    assert same(sigma.subs(TIME, 1), HIGH)
    assert same(sp.diff(sigma, TIME, 2) * sigma, sp.diff(sigma, TIME) ** 2)


@pytest.mark.parametrize(
    ("name", "levels"),
    [("linear_path_rates", (LOW,)), ("cosine_path_rates", ()), ("vp_path_rates", (LOW, HIGH)), ("ve_path_rates", (LOW, HIGH))],
)
def test_rates_are_the_derivatives_of_the_scales(name, levels):
    scales = getattr(flow, name.replace("rates", "scales"))(TIME, *levels)
    assert same(list(getattr(flow, name)(TIME, *levels)), slopes(scales))


@pytest.mark.parametrize(
    ("name", "levels"), [("linear_path_rates", (LOW,)), ("ve_path_rates", (LOW, HIGH)), ("ve_path_scales", (LOW, HIGH))]
)
def test_what_does_not_change_is_still_given_at_every_time(name, levels):
    found = getattr(flow, name)(column([sp.Integer(0), TIME]), *levels)
    assert same(found, np.stack([getattr(flow, name)(time, *levels) for time in (sp.Integer(0), TIME)], axis=1))


def test_linear_path_velocity_is_the_rate_of_the_state_that_the_pair_makes():
    state = (1 - TIME) * X_0 + (1 - (1 - LOW) * (1 - TIME)) * EPS
    assert same(flow.linear_path_velocity(state, X_0, TIME, LOW), sp.diff(state, TIME))


def gaussian_posterior(x_t, mean=MEAN, variance=VARIANCE):
    joint = log_normal(X_0, mean, variance) + log_normal(x_t, ALPHA * X_0, SIGMA**2)
    return completed_square(joint, X_0)


def conditional(x_t, x_0, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Velocity at x_t of the path to x_0."""
    return alpha_dot_t * x_0 + sigma_dot_t * (x_t - alpha_t * x_0) / sigma_t


def test_marginal_velocity_gaussian_is_the_mean_of_the_conditional_one():
    expected = conditional(X_T, gaussian_posterior(X_T)[0], *RATES)
    assert same(flow.marginal_velocity_gaussian(X_T, MEAN, VARIANCE, *RATES), expected)


def test_marginal_velocity_gaussian_keeps_the_mass_of_the_moving_gaussian():
    alpha, sigma = sp.Function("alpha", positive=True)(TIME), sp.Function("sigma", positive=True)(TIME)
    log_density = log_normal(X_T, alpha * MEAN, alpha**2 * VARIANCE + sigma**2)
    field = flow.marginal_velocity_gaussian(X_T, MEAN, VARIANCE, alpha, sigma, sp.diff(alpha, TIME), sp.diff(sigma, TIME))
    residual = sp.diff(log_density, TIME) + sp.diff(field, X_T) + field * sp.diff(log_density, X_T)
    names = dict(zip((sp.diff(alpha, TIME), sp.diff(sigma, TIME), alpha, sigma), (-FALL, RISE, ALPHA, SIGMA), strict=True))
    assert same(residual.subs(names), 0)


def test_velocity_variance_gaussian_is_the_posterior_variance_at_the_velocity_s_rate():
    slope = sp.diff(conditional(X_T, X_0, *RATES), X_0)
    assert same(flow.velocity_variance_gaussian(VARIANCE, *RATES), slope**2 * gaussian_posterior(X_T)[1])


def posterior(state, prior, centres, variances):
    """Bayes' rule at numbers."""
    pairs = zip(prior, centres, variances, strict=True)
    joint = [
        mass * sp.exp(sum(log_normal(x, c, spread) for x, c in zip(state, centre, strict=True))) for mass, centre, spread in pairs
    ]
    return [mass / sum(joint) for mass in joint]


def of_points(state):
    """Probability and velocity of each point given one state, at alpha_t = 1/2 and sigma_t = 3/2, with any rates."""
    masses = posterior(state, [THIRD] * 3, POINTS / 2, [sp.Rational(9, 4)] * 3)
    return list(zip(masses, [conditional(state, point, HALF, 3 * HALF, -FALL, RISE) for point in POINTS], strict=True))


def test_marginal_velocity_dirac_is_the_mean_of_the_points_velocities():
    found = flow.marginal_velocity_dirac(STATES, POINTS, HALF, 3 * HALF, -FALL, RISE)
    expected = np.array([sum(mass * velocity for mass, velocity in of_points(state)) for state in STATES])
    assert same(found, expected)


def test_velocity_variance_dirac_is_the_mean_square_less_the_square_of_the_mean():
    found = flow.velocity_variance_dirac(STATES, POINTS, HALF, 3 * HALF, -FALL, RISE)
    for one, state in zip(found, STATES, strict=True):
        known = of_points(state)
        mean = sum(mass * velocity for mass, velocity in known)
        assert same(one, sum(sum(mass * velocity**2 for mass, velocity in known) - mean**2) / 2)


def test_conditional_loss_is_marginal_loss_plus_velocity_variance_dirac_whatever_the_network_says():
    guess = column(real("h_:4")).reshape(2, 2)
    marginal = flow.flow_matching_loss(flow.marginal_velocity_dirac(STATES, POINTS, HALF, 3 * HALF, -FALL, RISE), guess)
    constant = flow.velocity_variance_dirac(STATES, POINTS, HALF, 3 * HALF, -FALL, RISE)
    for i, state in enumerate(STATES):
        losses = [mass * flow.flow_matching_loss(velocity[None], guess[i : i + 1])[0] for mass, velocity in of_points(state)]
        assert same(sum(losses), marginal[i] + constant[i])


@pytest.mark.parametrize("name", ["marginal_velocity_mixture", "velocity_variance_mixture"])
def test_marginal_velocity_mixture_and_velocity_variance_mixture_are_mean_and_variance_over_components_and_data(name):
    weights, variances = column([HALF, THIRD, sp.Rational(1, 6)]), column(sp.sympify((1, 4, "1/3")))
    (found,) = getattr(flow, name)(STATES[:1], weights, POINTS, variances, HALF, 3 * HALF, -FALL, RISE)
    masses = column(posterior(STATES[0], weights, POINTS / 2, variances / 4 + sp.Rational(9, 4)))
    means, spreads = [], []
    for centre, variance in zip(POINTS, variances, strict=True):
        given = [gaussian_posterior(x, m, variance) for x, m in zip(STATES[0], centre, strict=True)]
        rows = [[conditional(x, mean, *RATES) for x, (mean, _) in zip(STATES[0], given, strict=True)], [given[0][1]]]
        at_level = [[sp.sympify(one).subs({ALPHA: HALF, SIGMA: 3 * HALF}) for one in row] for row in rows]
        means.append(at_level[0])
        spreads.append(at_level[1][0] * (-FALL - RISE / 3) ** 2)
    average = masses @ column(means)
    if name == "marginal_velocity_mixture":
        assert same(found, average)
    else:
        assert same(found, masses @ column(spreads) + sum(masses @ column(means) ** 2 - average**2) / 2)


def test_flow_matching_loss_is_the_mean_square_of_each_sample():
    velocity, guess = column(real("a_:6")).reshape(2, 3), column(real("b_:6")).reshape(2, 3)
    expected = column([sum((velocity[i, j] - guess[i, j]) ** 2 for j in range(3)) / 3 for i in range(2)])
    assert same(flow.flow_matching_loss(velocity, guess), expected)


def test_transformed_velocity_follows_from_the_chain_rule():
    clock = sp.Symbol("clock", real=True)
    factor, time, state = sp.Function("c")(clock), sp.Function("time")(clock), sp.Function("x")
    new = factor * state(time)
    velocity = sp.diff(state(W), W).subs(W, time)
    found = flow.transformed_velocity(state(time), velocity, factor, sp.diff(factor, clock), sp.diff(time, clock))
    assert sp.expand(found - sp.diff(new, clock).doit()).doit() == 0


def test_path_straightness_is_the_mean_square_distance_from_the_displacement():
    displacement, velocities = column(real("d_:4")).reshape(2, 2), column(real("v_:12")).reshape(2, 3, 2)
    found = flow.path_straightness(displacement, velocities)
    for b in range(2):
        gaps = [displacement[b, j] - velocities[b, k, j] for k in range(3) for j in range(2)]
        assert same(found[b], sum(gap**2 for gap in gaps) / 3)


def test_flow_map_gaussian_solves_the_flow_from_the_state_itself():
    later = positive("alpha_s sigma_s")
    state = flow.flow_map_gaussian(X_T, MEAN, VARIANCE, *later, ALPHA, SIGMA)
    rate = -FALL * sp.diff(state, later[0]) + RISE * sp.diff(state, later[1])
    field = conditional(X_T, gaussian_posterior(X_T)[0], *RATES).subs({ALPHA: later[0], SIGMA: later[1]})
    assert same(rate, field.subs(X_T, state))
    assert same(flow.flow_map_gaussian(X_T, MEAN, VARIANCE, ALPHA, SIGMA, ALPHA, SIGMA), X_T)


def test_reflow_velocity_gaussian_is_the_displacement_of_the_pair_that_flow_map_gaussian_makes():
    x_0 = flow.flow_map_gaussian(EPS, MEAN, R**2, 1, 0, 0, 1)
    found = flow.reflow_velocity_gaussian((1 - TIME) * x_0 + TIME * EPS, MEAN, R**2, TIME)
    assert same(found, EPS - x_0)
    straightness = flow.path_straightness(column([[EPS - x_0]]), column([[[found], [found.subs(TIME, HALF)]]]))
    assert same(straightness, column([0]))


def test_logit_normal_time_has_the_gaussian_for_its_logit():
    time = flow.logit_normal_time(X_T, MEAN, SIGMA)
    assert same(time / (1 - time), sp.exp(MEAN + SIGMA * X_T))


def test_logit_normal_density_follows_from_the_logit_s_by_change_of_variables():
    time = R / (1 + R)
    found = flow.logit_normal_density(time, MEAN, SIGMA)
    logit_rate = sp.diff(sp.log(TIME / (1 - TIME)), TIME).subs(TIME, time)
    assert same(sp.expand_log(sp.log(found), force=True), log_normal(sp.log(R), MEAN, SIGMA**2) + sp.log(logit_rate))


def in_angle(expression):
    """Sines and cosines of multiples of W written by those of W."""
    for function in (sp.sin, sp.cos):
        expression = expression.replace(function, lambda angle, function=function: function(sp.expand(angle)))
    return sp.expand_trig(expression)


def test_mode_time_is_the_papers_map_and_mode_time_density_one_over_its_fall():
    uniform = 1 - 2 * W / sp.pi
    paper = 1 - TIME - SHIFT * (sp.cos(sp.pi * TIME / 2) ** 2 - 1 + TIME)
    assert same(flow.mode_time(uniform, SHIFT), paper.subs(TIME, uniform))
    fall = -sp.diff(paper, TIME).subs(TIME, uniform)
    assert same(in_angle(1 / flow.mode_time_density(uniform, SHIFT)), in_angle(fall))


def test_cosmap_time_has_the_tangent_for_its_odds_and_cosmap_density_is_its_inverse_s_rate():
    time = flow.cosmap_time(2 * W / sp.pi)
    assert same(time / (1 - time), sp.sin(W) / sp.cos(W))
    rate = sp.diff(2 / sp.pi * sp.atan(R), R) / sp.diff(R / (1 + R), R)
    assert same(flow.cosmap_density(R / (1 + R)), rate)


def test_shifted_time_multiplies_the_odds_of_noise():
    later = flow.shifted_time(TIME, SHIFT)
    assert same(later / (1 - later), SHIFT * TIME / (1 - TIME))
    assert same(flow.shifted_time(later, R), flow.shifted_time(TIME, R * SHIFT))


def test_unshifted_time_undoes_shifted_time_and_shifted_time_density_is_its_rate():
    assert same(flow.unshifted_time(flow.shifted_time(TIME, SHIFT), SHIFT), TIME)
    assert same(flow.shifted_time_density(TIME, SHIFT), sp.diff(TIME / (SHIFT - (SHIFT - 1) * TIME), TIME))


def test_resolution_time_shift_keeps_the_uncertainty_of_a_constant_image():
    later = flow.shifted_time(TIME, flow.resolution_time_shift(HIGH, LOW))
    assert same(later / (1 - later) / sp.sqrt(HIGH), TIME / (1 - TIME) / sp.sqrt(LOW))


def test_exponentially_shifted_time_adds_to_the_log_odds():
    later = flow.exponentially_shifted_time(TIME, sp.log(SHIFT))
    assert same(later / (1 - later), SHIFT * TIME / (1 - TIME))


def test_sequence_length_time_shift_is_the_line_through_two_points():
    given = dict(zip(("base_sequence_length", "max_sequence_length"), (LOW, HIGH), strict=True))
    given |= {"base_log_time_shift": X_0, "max_log_time_shift": X_T}
    line = flow.sequence_length_time_shift(sequence_length=W, **given)
    assert same(line.subs(W, LOW), X_0)
    assert same(line.subs(W, HIGH), X_T)
    assert same(sp.diff(line, W, 2), 0)


BATCHES = [
    (((0, 0), (3, 1), (1, 5)), ((2, 6), (1, -1), (4, 1))),
    (((0,), (1,), (3,)), ((2,), (5,), ("1/2",))),
    (((0, 1), (0, 1)), ((2, 1), (2, 3))),
]


@pytest.mark.parametrize("batch", range(3))
def test_minibatch_ot_permutation_and_minibatch_ot_cost_are_the_least_over_all_pairings(batch):
    x_0, eps = (column([*map(sp.sympify, rows)]) for rows in BATCHES[batch])
    costs = {
        order: sum(np.sum((x - eps[j]) ** 2) for x, j in zip(x_0, order, strict=True)) for order in permutations(range(len(x_0)))
    }
    least = min(costs.values())
    first = min(order for order, cost in costs.items() if cost == least)
    assert tuple(flow.minibatch_ot_permutation(x_0, eps)) == first
    assert flow.minibatch_ot_cost(x_0, eps) == sp.Rational(least, len(x_0))


def test_flow_euler_step_is_exact_where_the_velocity_does_not_change():
    assert same(flow.flow_euler_step(X_T, V, STEP), X_T + sp.integrate(V, (W, TIME, TIME - STEP)))


def test_flow_heun_step_is_exact_where_the_velocity_changes_evenly():
    along = V + (V_NEXT - V) * (TIME - W) / STEP
    assert same(flow.flow_heun_step(X_T, V, V_NEXT, STEP), X_T + sp.integrate(along, (W, TIME, TIME - STEP)))
