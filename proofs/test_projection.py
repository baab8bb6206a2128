"""Distances and their smoothing from sums of exponentials, sampling as descent, and the order of gradient estimation.

Points and states have whole coordinates, so that with sigma = 1/sqrt(2*L) every weight is a power of exp(-L): the identities are
exact in the scale of the smoothing.
"""

import numpy as np
import sympy as sp

from refdiff.reference import denoiser, edm, projection

from .algebra import column, positive, real, same

L, SIGMA, SIGMA_S, SIGMA_U, SHARE = positive("L sigma sigma_s sigma_u share")
SMOOTHING = 1 / sp.sqrt(2 * L)
POINTS = column([sp.Integer(k) for k in (0, 0, 3, 1, 1, 4)]).reshape(3, 2)
STATES = column([sp.Integer(k) for k in (-2, 1, 2, 6)]).reshape(2, 2)
NEAREST = column([sp.Integer(k) for k in (0, 0, 1, 4)]).reshape(2, 2)
X_T, EPS, BEFORE, GAMMA, ETA = real("x_t eps before gamma eta")


def squares(state):
    return [sum((a - b) ** 2 for a, b in zip(state, point, strict=True)) for point in POINTS]


def denoised(state):
    weights = [sp.exp(-L * square) for square in squares(state)]
    return sum(weight * point for weight, point in zip(weights, POINTS, strict=True)) / sum(weights)


def test_distance_to_points_is_the_least_of_all():
    assert same(projection.distance_to_points(STATES, POINTS), column([sp.sqrt(min(squares(state))) for state in STATES]))


def test_projection_onto_points_is_the_nearest_and_its_own_projection():
    assert same(projection.projection_onto_points(STATES, POINTS), NEAREST)
    assert same(projection.projection_onto_points(POINTS, POINTS), POINTS)
    half_way = column([sp.Rational(3, 2), sp.Rational(1, 2)]).reshape(1, 2)
    assert same(projection.projection_onto_points(half_way, POINTS), half_way)


def test_squared_distance_smoothed_is_the_log_of_a_sum_of_exponentials():
    found = projection.squared_distance_smoothed(STATES, POINTS, SMOOTHING)
    for value, state in zip(found, STATES, strict=True):
        assert same(sp.exp(sp.expand(-L * value)), sum(sp.exp(-L * square) for square in squares(state)))


def test_squared_distance_smoothed_of_one_point_is_the_squared_distance():
    found = projection.squared_distance_smoothed(STATES, POINTS[:1], SIGMA)
    assert same(found, column([squares(state)[0] for state in STATES]))


def test_squared_distance_smoothed_gradient_is_the_derivative_and_twice_what_the_denoiser_takes_off():
    x = real("x_1 x_2")
    smoothed = -sp.log(sum(sp.exp(-L * square) for square in squares(x))) / L
    found = projection.squared_distance_smoothed_gradient(STATES, POINTS, SMOOTHING)
    for row, state in zip(found, STATES, strict=True):
        at = dict(zip(x, state, strict=True))
        assert same(row, column([sp.diff(smoothed, entry).subs(at) for entry in x]))
        assert same(row, 2 * (state - denoised(state)))


def test_squared_distance_smoothed_lies_between_its_floor_and_the_squared_distance():
    distance = projection.distance_to_points(STATES, POINTS)
    floor = projection.squared_distance_smoothed_floor(STATES, POINTS, SMOOTHING)
    assert same(floor, distance**2 - sp.log(3) / L)
    # exp(L*(distance**2 - smoothed)) is 1 and two numbers in (0, 1): between 1 and 3.
    for gap, state in zip(projection.moreau_gap(STATES, POINTS, SMOOTHING), STATES, strict=True):
        least = min(squares(state))
        terms = [sp.exp(L * (least - square)) for square in squares(state)]
        assert same(sp.exp(gap), sum(terms))
        assert sorted(sp.log(term) / L for term in terms)[-1] == 0


def test_squared_distance_smoothed_floor_is_met_where_all_points_are_equally_near():
    centre, corners = column([sp.Integer(0)] * 2).reshape(1, 2), column([1, 0, 0, 1, -1, 0, 0, -1]).reshape(4, 2)
    found = projection.squared_distance_smoothed(centre, corners, SIGMA)
    assert same(found, projection.squared_distance_smoothed_floor(centre, corners, SIGMA))


def test_moreau_envelope_is_the_least_penalty_on_the_set_and_moreau_gap_parts_it_from_the_smoothed_distance():
    envelope = projection.moreau_envelope(STATES, POINTS, SMOOTHING)
    assert same(envelope, column([L * min(squares(state)) for state in STATES]))
    smoothed = projection.squared_distance_smoothed(STATES, POINTS, SMOOTHING)
    gap = projection.moreau_gap(STATES, POINTS, SMOOTHING)
    assert same(column([sp.exp(sp.expand(one)) for one in envelope - L * smoothed]), column([sp.exp(one) for one in gap]))
    assert all(one.subs(L, 1).is_positive for one in gap)


def test_denoiser_projection_error_is_the_denoisers_distance_from_the_nearest_point_over_the_states():
    found = projection.denoiser_projection_error(STATES, POINTS, SMOOTHING)
    for value, state, point in zip(found, STATES, NEAREST, strict=True):
        missed = denoised(state) - point
        assert same(value**2 * min(squares(state)), missed @ missed)
        assert sp.N(value.subs(L, 1)) > 0


def test_distance_step_size_is_what_the_noise_scale_loses():
    assert same(projection.distance_step_size(SIGMA_S, SIGMA) * SIGMA, SIGMA - SIGMA_S)


def test_distance_descent_step_follows_half_the_squared_distances_gradient_and_scales_the_distance():
    x = real("x_1 x_2")
    found = projection.distance_descent_step(STATES, POINTS, SIGMA_S, SIGMA)
    for row, state, point in zip(found, STATES, NEAREST, strict=True):
        half = sum((a - b) ** 2 for a, b in zip(x, point, strict=True)) / 2
        gradient = column([sp.diff(half, entry).subs(dict(zip(x, state, strict=True))) for entry in x])
        assert same(row, state - projection.distance_step_size(SIGMA_S, SIGMA) * gradient)
    moved = projection.distance_descent_step(STATES, POINTS, sp.Integer(1), sp.Integer(3))
    assert same(projection.distance_to_points(moved, POINTS), projection.distance_to_points(STATES, POINTS) / 3)


def test_smoothed_descent_step_is_ddim_with_the_exact_denoiser():
    found = projection.smoothed_descent_step(STATES, POINTS, SHARE * SMOOTHING, SMOOTHING)
    exact = denoiser.denoiser_dirac(STATES, POINTS, sp.Integer(1), SMOOTHING)
    assert same(exact, np.stack([denoised(state) for state in STATES]))
    assert same(found, edm.edm_euler_step(STATES, exact, SMOOTHING, SHARE * SMOOTHING))
    gradient = projection.squared_distance_smoothed_gradient(STATES, POINTS, SMOOTHING)
    size = projection.distance_step_size(SHARE * SMOOTHING, SMOOTHING)
    assert same(found, STATES - size * gradient / 2)


def test_gradient_estimate_is_the_line_through_both_estimates():
    found = projection.gradient_estimate(EPS, BEFORE, GAMMA)
    assert same(found.subs(GAMMA, 0), BEFORE)
    assert same(found.subs(GAMMA, 1), EPS)
    assert same(sp.diff(found, GAMMA, 2), 0)


def test_gradient_estimation_step_is_ddims_when_the_noise_does_not_change_or_gamma_is_one():
    data = X_T - SIGMA * EPS
    expected = edm.edm_euler_step(X_T, data, SIGMA, SIGMA_S)
    assert same(projection.gradient_estimation_step(X_T, EPS, EPS, GAMMA, SIGMA_S, SIGMA), expected)
    assert same(projection.gradient_estimation_step(X_T, EPS, BEFORE, sp.Integer(1), SIGMA_S, SIGMA), expected)
    moved = projection.gradient_estimation_step(X_T, EPS, BEFORE, GAMMA, SIGMA_S, SIGMA) - X_T
    assert same(moved, (SIGMA_S - SIGMA) * projection.gradient_estimate(EPS, BEFORE, GAMMA))


def missed(gamma, power):
    """Step less exact integral of dx/d(sigma) = eps for eps = (sigma - sigma_t)**power."""
    level = real("level")
    noise = (level - SIGMA) ** power
    values = noise.subs(level, SIGMA), noise.subs(level, SIGMA_U)
    exact = sp.integrate(noise, (level, SIGMA, SIGMA_S))
    return projection.gradient_estimation_step(sp.Integer(0), *values, gamma, SIGMA_S, SIGMA) - exact


def test_gradient_estimation_weight_is_exact_for_noise_linear_in_sigma_and_so_of_second_order():
    gamma = projection.gradient_estimation_weight(SIGMA_S, SIGMA, SIGMA_U)
    assert same(missed(gamma, 0), 0)
    assert same(missed(gamma, 1), 0)
    assert not same(missed(gamma, 2), 0)
    h = positive("h")
    assert same(projection.gradient_estimation_weight(SIGMA - h, SIGMA, SIGMA + h), sp.Rational(3, 2))


def test_gradient_estimation_defect_is_the_error_on_noise_linear_in_sigma():
    assert same(projection.gradient_estimation_defect(GAMMA, SIGMA_S, SIGMA, SIGMA_U), missed(GAMMA, 1))
    h = positive("h")
    levels = SIGMA - h, SIGMA, SIGMA + h
    assert same(projection.gradient_estimation_defect(sp.Integer(1), *levels), -(h**2) / 2)
    assert same(projection.gradient_estimation_defect(sp.Integer(2), *levels), h**2 / 2)


def test_distance_drift_bounds_multiply_the_bounds_of_each_step():
    # One step to p + (1 - size)*(x - p) + size*error with an error of at most eta times the distance.
    levels = column([SIGMA_U, SIGMA, SIGMA_S])
    for bound, sign in ((projection.distance_drift_max, 1), (projection.distance_drift_min, -1)):
        distance = SIGMA_U
        for start, end in ((SIGMA_U, SIGMA), (SIGMA, SIGMA_S)):
            size = projection.distance_step_size(end, start)
            distance = (1 - size) * distance + sign * size * ETA * distance
        assert same(bound(levels, ETA), distance / SIGMA_S)


def test_distance_step_size_max_makes_the_least_drift_one_over_the_ratio_and_keeps_the_largest_below_it():
    eta, root = positive("eta_p root")
    size = projection.distance_step_size_max(eta, root**3, 3)
    falling = column([SIGMA * (1 - size) ** k for k in range(4)])
    assert same(projection.distance_drift_min(falling, eta) * root**3, 1)
    # With y = 1 - 1/root, one step's largest drift 1 + y is below its bound root = 1/(1 - y): by y**2.
    largest = projection.distance_drift_max(falling[:2], eta)
    assert same(1 - largest / root, (1 - 1 / root) ** 2)
    assert same(projection.distance_step_size_max(eta, root, 1), (root - 1) / (eta * root + root - 1))
