"""EDM's design space: preconditioning from unit variances and least error, steps as rules of quadrature, changes of variables."""

from itertools import pairwise

import numpy as np
import sympy as sp

from refdiff.reference import edm

from .algebra import column, expectation, log_normal, positive, real, same

SIGMA, SIGMA_S, DATA = positive("sigma sigma_s sigma_data")
X_T, X_0, OUTPUT, Z = real("x_t x_0 output z")
U, W = real("u w")
CHURN, S_NOISE = positive("churn s_noise")
TIME, RATE, RISE = positive("time rate rise")
LOW, RATIO = positive("low ratio")
X_DATA, X_NOISY = DATA * U, DATA * U + SIGMA * W


def least_share():
    """The share of x_t that leaves the least variance, and that variance."""
    share = sp.Symbol("share")
    left = expectation((X_DATA - share * X_NOISY) ** 2, (U, W))
    (best,) = sp.solve(sp.diff(left, share), share)
    return best, left.subs(share, best)


def test_edm_c_skip_leaves_the_network_the_least_to_add():
    assert same(edm.edm_c_skip(SIGMA, DATA), least_share()[0])


def test_edm_c_out_is_the_standard_deviation_of_what_is_left():
    found = edm.edm_c_out(SIGMA, DATA)
    assert same(found**2, least_share()[1])
    assert found.is_positive


def test_edm_c_in_gives_unit_variance():
    found = edm.edm_c_in(SIGMA, DATA)
    assert same(found**2 * expectation(X_NOISY**2, (U, W)), 1)
    assert found.is_positive


def test_edm_c_noise_is_a_quarter_of_the_natural_log():
    found = edm.edm_c_noise(SIGMA)
    assert same(sp.exp(4 * found), SIGMA)


def test_edm_denoiser_of_the_target_is_the_data():
    target = edm.edm_target(X_T, X_0, SIGMA, DATA)
    assert same(edm.edm_denoiser(X_T, target, SIGMA, DATA), X_0)


def test_edm_denoiser_and_target_take_the_least_share_and_what_is_left():
    share, variance = least_share()
    assert same((edm.edm_denoiser(X_T, OUTPUT, SIGMA, DATA) - share * X_T) ** 2, variance * OUTPUT**2)
    assert edm.edm_denoiser(sp.Integer(0), sp.Integer(1), SIGMA, DATA).is_positive
    assert same(edm.edm_target(X_T, X_0, SIGMA, DATA) ** 2 * variance, (X_0 - share * X_T) ** 2)
    assert same(expectation(edm.edm_target(X_NOISY, X_DATA, SIGMA, DATA) ** 2, (U, W)), 1)


def test_edm_loss_weight_gives_the_raw_output_weight_one_at_every_noise():
    assert same(edm.edm_loss_weight(SIGMA, DATA) * edm.edm_c_out(SIGMA, DATA) ** 2, 1)
    assert same(edm.edm_loss_weight(SIGMA, DATA) * least_share()[1], 1)
    # The same weight on the noise's error: sigma**2 less of it, bounded by 1/sigma_data**2 at the data's end.
    assert same(edm.edm_loss_weight(SIGMA, DATA) * SIGMA**2, 1 + SIGMA**2 / DATA**2)


def test_edm_sigma_has_a_normal_log_of_that_mean_and_spread():
    mean, spread = sp.Symbol("m", real=True), positive("spread")
    log = sp.log(edm.edm_sigma(Z, mean, spread))
    assert same(expectation(log, (Z,)), mean)
    assert same(expectation((log - mean) ** 2, (Z,)), spread**2)
    assert sp.diff(log, Z).is_positive


def test_edm_logsnr_log_density_is_that_of_minus_two_log_sigma():
    mean, spread, logsnr = sp.Symbol("m", real=True), positive("spread"), real("l")
    expected = log_normal(-logsnr / 2, mean, spread**2) + sp.log(sp.Rational(1, 2))
    assert same(edm.edm_logsnr_log_density(logsnr, mean, spread), expected)


def test_sigmas_karras_steps_equally_in_the_root_between_its_ends():
    roots = positive("a b")
    for n, rho in ((2, 3), (3, 7), (5, 2)):
        found = edm.sigmas_karras(n, roots[1] ** rho, roots[0] ** rho, sp.Integer(rho))
        assert found.shape == (n,)
        walked = [sp.real_root(sp.factor(entry), rho) for entry in found]
        assert same(walked[0], roots[0])
        assert same(walked[-1], roots[1])
        assert all(same(a - b, (roots[0] - roots[1]) / (n - 1)) for a, b in pairwise(walked))


def test_edm_churn_gamma_shares_the_runs_churn_up_to_twice_the_variance():
    half = sp.Rational(1, 2)
    assert edm.edm_churn_gamma(sp.Integer(1), half, half, sp.Integer(2), 5) == sp.Rational(1, 10)
    cap = edm.edm_churn_gamma(sp.Integer(1), sp.Integer(7), half, sp.Integer(2), 5)
    assert same(sp.radsimp((1 + cap) ** 2), 2)
    assert cap.is_positive
    for sigma, inside in ((half, True), (sp.Integer(2), True), (sp.Rational(49, 100), False), (sp.Rational(201, 100), False)):
        assert edm.edm_churn_gamma(sigma, half, half, sp.Integer(2), 5) == (sp.Rational(1, 10) if inside else 0)


def test_edm_churned_state_has_the_marginal_of_edm_churned_sigma():
    state = edm.edm_churned_state(X_0 + SIGMA * U, Z, SIGMA, CHURN, sp.Integer(1))
    assert same(expectation(state, (U, Z)), X_0)
    assert same(expectation((state - X_0) ** 2, (U, Z)), edm.edm_churned_sigma(SIGMA, CHURN) ** 2)
    assert same(edm.edm_churned_sigma(SIGMA, CHURN) / SIGMA - 1, CHURN)
    fresh = edm.edm_churned_state(sp.Integer(0), Z, SIGMA, CHURN, S_NOISE)
    assert same(fresh**2, ((SIGMA + CHURN * SIGMA) ** 2 - SIGMA**2) * S_NOISE**2 * Z**2)
    assert (fresh / Z).is_positive


def test_edm_euler_step_is_exact_for_a_denoiser_that_stands_still():
    assert same(edm.edm_euler_step(X_0 + SIGMA * W, X_0, SIGMA, SIGMA_S), X_0 + SIGMA_S * W)


def test_edm_heun_step_is_the_trapezium_rule_on_eulers_state():
    other = real("x_0_s")
    slope = (X_T - X_0) / SIGMA
    euler = edm.edm_euler_step(X_T, X_0, SIGMA, SIGMA_S)
    expected = X_T + (SIGMA_S - SIGMA) * (slope + (euler - other) / SIGMA_S) / 2
    assert same(edm.edm_heun_step(X_T, X_0, other, SIGMA, SIGMA_S), expected)


def test_edm_heun_step_is_eulers_where_no_noise_is_left():
    found = edm.edm_heun_step(X_T, X_0, real("x_0_s"), SIGMA, sp.Integer(0))
    assert same(found, edm.edm_euler_step(X_T, X_0, SIGMA, sp.Integer(0)))
    # Below any positive noise it is not: the branch is at 0 alone.
    small = edm.edm_heun_step(X_T, X_0, real("x_0_s"), SIGMA, sp.Rational(1, 2))
    assert not same(small, edm.edm_euler_step(X_T, X_0, SIGMA, sp.Rational(1, 2)))


def test_edm_heun_step_meets_the_gaussian_flow_to_second_order_and_euler_to_first():
    h = positive("h")
    end = 1 - h
    step = {"x_t": sp.Integer(1), "x_0": sp.Rational(1, 2), "sigma_t": sp.Integer(1), "sigma_s": end}
    exact = sp.sqrt((1 + end**2) / 2)
    euler = edm.edm_euler_step(**step)
    heun = edm.edm_heun_step(**step, x_0_s=euler / (1 + end**2))
    assert sp.limit((euler - exact) / h**2, h, 0) == -sp.Rational(1, 8)
    assert sp.limit((heun - exact) / h**2, h, 0) == 0


def test_edm_velocity_is_the_time_derivative_of_the_state():
    time = sp.Symbol("time")
    scale, level = (sp.Function(name, positive=True)(time) for name in ("s", "sigma"))
    path = scale * (X_0 + level * W)
    symbols = positive("a n"), real("a_dot n_dot")
    swap = {sp.diff(scale, time): symbols[1][0], sp.diff(level, time): symbols[1][1]}
    known = {scale: symbols[0][0], level: symbols[0][1]}
    expected = sp.diff(path, time).subs(swap).subs(known)
    found = edm.edm_velocity(path.subs(known), X_0, symbols[0][0], symbols[1][0], symbols[0][1], symbols[1][1])
    assert same(found, expected)


def test_edm_state_keeps_the_signals_scale():
    alpha = positive("alpha")
    assert same(edm.edm_state(alpha * X_0 + SIGMA * W, alpha), X_0 + SIGMA / alpha * W)


def test_edm_sigma_from_vp_time_follows_from_the_integrated_rate():
    integral = sp.integrate(RATE + U * RISE, (U, 0, TIME))
    found = edm.edm_sigma_from_vp_time(TIME, RATE, RATE + RISE)
    assert same(found**2, (1 - sp.exp(-integral)) / sp.exp(-integral))
    assert not found.could_extract_minus_sign()


def test_vp_time_from_edm_sigma_is_the_time_at_which_the_integrated_rate_is_reached():
    log = positive("log")
    found = edm.vp_time_from_edm_sigma(SIGMA, RATE, RATE + RISE).subs(sp.log(SIGMA**2 + 1), log)
    assert SIGMA not in found.free_symbols
    assert same(sp.radsimp(sp.expand(found**2 * RISE / 2 + found * RATE)), log)
    assert found.is_positive


def test_edm_sigma_from_ve_time_and_its_inverse_are_linear_in_the_log():
    share = positive("share")
    log = sp.expand_log(sp.log(edm.edm_sigma_from_ve_time(share, LOW, LOW * RATIO)), force=True)
    assert same(log, sp.log(LOW) + share * sp.log(RATIO))
    assert same(edm.ve_time_from_edm_sigma(LOW * SIGMA, LOW, LOW * RATIO) * sp.log(RATIO), sp.log(SIGMA))


def test_sigmas_iddpm_obeys_edms_recursion():
    for T, offset, cap in ((1, sp.Rational(1, 5), sp.Rational(1, 2)), (3, sp.Rational(1, 2), sp.Rational(3, 4))):
        power = [sp.sin(sp.pi / 2 * sp.Integer(j) / (T * (1 + offset))) ** 2 for j in range(T + 1)]
        found = [*edm.sigmas_iddpm(T, offset, cap), sp.Integer(0)]
        assert len(found) == T + 1
        for j in range(1, T + 1):
            expected = (found[j] ** 2 + 1) / sp.Max(power[j - 1] / power[j], 1 - cap) - 1
            assert abs(sp.N(found[j - 1] ** 2 - expected, 60)) < sp.Rational(1, 10**50)
            assert sp.N(found[j - 1]) > 0


def test_flow_time_from_edm_sigma_and_its_inverse_make_sigma_the_ratio_of_the_flows_scales():
    found = edm.flow_time_from_edm_sigma(SIGMA)
    assert same(found, SIGMA * (1 - found))
    assert same(edm.edm_sigma_from_flow_time(TIME) * (1 - TIME), TIME)


def test_edm_denoiser_from_v_knows_the_data_and_is_edms_own_with_sigma_data_one():
    alpha = edm.edm_c_in(SIGMA, sp.Integer(1))
    noisy = X_0 + SIGMA * W
    assert same(edm.edm_denoiser_from_v(noisy, alpha * W - SIGMA * alpha * X_0, SIGMA), X_0)
    assert same(edm.edm_denoiser_from_v(X_T, OUTPUT, SIGMA), edm.edm_denoiser(X_T, -OUTPUT, SIGMA, sp.Integer(1)))


def test_edm_denoiser_from_flow_knows_the_data_of_a_straight_path():
    found = edm.edm_denoiser_from_flow(X_0 + SIGMA * W, W - X_0, SIGMA)
    assert same(found, X_0)
    time = edm.flow_time_from_edm_sigma(SIGMA)
    assert same(edm.edm_denoiser_from_flow(X_T, OUTPUT, SIGMA), (1 - time) * X_T - time * OUTPUT)


def test_edm_denoisers_treat_every_entry_alike():
    states, outputs = column(real("a b")), column(real("c d"))
    found = edm.edm_denoiser(states, outputs, SIGMA, DATA)
    assert same(found, np.array([edm.edm_denoiser(a, b, SIGMA, DATA) for a, b in zip(states, outputs, strict=True)]))
