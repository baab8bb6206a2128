"""Steps that go too far and add noise back: marginals from moments, levels from Bayes' rule, orders from series."""

from itertools import pairwise

import numpy as np
import pytest
import sympy as sp

from refdiff.reference import ancestral, ddim, edm, sde

from .algebra import column, completed_square, log_normal, positive, real, same
from .noising import (
    CHURN,
    HALF,
    NOISES,
    RUNS,
    SIGMAS,
    H,
    Recorder,
    alike,
    at_one,
    heun,
    law_of_a_step,
    local_order,
    moments,
    one_estimate,
    plain,
    run,
)

S, T, DATA, SCALING = positive("s t sigma_data scaling")
X, X_0, X_1, Z, U, W = real("x x_0 x_1 z u w")
# Shares and levels for which the least and the largest are known: eta in (0, 1), s below t.
ETA, LATE = 1 / (1 + positive("e")), S * (1 + positive("q"))


def posterior(x_t):
    """Mean and variance of x_s given x_t and x_0, where noise of variance t**2 - s**2 comes between them."""
    early = sp.Dummy("x_s", real=True)
    prior, likelihood = log_normal(early, X_0, S**2), log_normal(x_t, early, LATE**2 - S**2)
    return completed_square(prior + likelihood, early)


def test_ancestral_sigma_up_is_the_share_eta_of_the_posteriors_spread():
    up = plain(ancestral.ancestral_sigma_up(ETA, S, LATE))
    assert same(up**2, ETA**2 * posterior(X)[1])
    assert at_one(up) > 0


def test_ancestral_sigma_down_and_ancestral_sigma_up_split_the_variance_at_s():
    down, up = (plain(level(ETA, S, LATE)) for level in (ancestral.ancestral_sigma_down, ancestral.ancestral_sigma_up))
    assert same(down**2 + up**2, S**2)
    assert at_one(down) > 0
    assert same(plain(ancestral.ancestral_sigma_down(sp.Integer(1), S, LATE)), S**2 / LATE)
    assert same(plain(ancestral.ancestral_sigma_down(sp.Integer(0), S, LATE)), S)


def test_ancestral_sigma_up_is_capped_where_ancestral_sigma_down_has_come_to_nothing():
    # From 5 to 3 the posterior's spread is 3*4/5: all of the noise is fresh from eta = 5/4 on.
    three, five = sp.Integer(3), sp.Integer(5)
    for eta, up in ((sp.Rational(3, 4), sp.Rational(9, 5)), (sp.Rational(5, 4), three), (sp.Integer(2), three)):
        assert same(ancestral.ancestral_sigma_up(eta, three, five), up)
        assert same(ancestral.ancestral_sigma_down(eta, three, five), sp.sqrt(9 - up**2))


def test_euler_ancestral_step_keeps_the_marginal_of_known_data_at_any_eta():
    state = plain(ancestral.euler_ancestral_step(X_0 + LATE * U, X_0, Z, ETA, S, LATE))
    mean, variance = moments(state)
    assert same(mean, X_0)
    assert same(variance, S**2)
    capped = ancestral.euler_ancestral_step(X_0 + 5 * U, X_0, Z, sp.Integer(2), sp.Integer(3), sp.Integer(5))
    assert same(capped, X_0 + 3 * Z)


def test_euler_ancestral_step_is_the_posteriors_sample_at_eta_one_and_its_mean_is_right_for_any_data():
    found = plain(ancestral.euler_ancestral_step(X, X_0, Z, sp.Integer(1), S, LATE))
    mean, variance = posterior(X)
    assert same(moments(found, [Z]), (mean, variance))
    assert same(found, sde.ancestral_step_ve(X, (X_0 - X) / LATE**2, Z, S, LATE))
    # The posterior's mean is affine in x_0: over data it holds with the mean of x_0 given x_t.
    assert same(sp.diff(mean, X_0, 2), 0)


def test_euler_ancestral_step_is_eulers_and_draws_no_noise_at_eta_zero():
    found = plain(ancestral.euler_ancestral_step(X, X_0, Z, sp.Integer(0), S, LATE))
    assert same(found, edm.edm_euler_step(X, X_0, LATE, S))


def test_dpm2_ancestral_step_is_the_midpoint_rule_down_whose_middle_is_half_way_in_the_log():
    for eta, down, up in ((0, S, 0), (1, S**2 / LATE, S * sp.sqrt(LATE**2 - S**2) / LATE)):
        middle = sp.sqrt(LATE * down)
        assert same(middle / LATE, down / middle)
        inner = X + (middle - LATE) * (X - X_0) / LATE
        expected = X + (down - LATE) * (inner - X_1) / middle + up * Z
        assert same(plain(ancestral.dpm2_ancestral_step(X, column([X_0, X_1]), Z, sp.Integer(eta), S, LATE)), expected)


def test_dpmpp_2s_ancestral_step_is_variation_of_constants_down_with_the_middles_data():
    for eta, down, up in ((0, S, 0), (1, S**2 / LATE, S * sp.sqrt(LATE**2 - S**2) / LATE)):
        expected = down * (X / LATE + sp.integrate(X_1, (W, 1 / LATE, 1 / down))) + up * Z
        assert same(plain(ancestral.dpmpp_2s_ancestral_step(X, column([X_0, X_1]), Z, sp.Integer(eta), S, LATE)), expected)


@pytest.mark.parametrize("name", ["dpm2_ancestral_step", "dpmpp_2s_ancestral_step"])
def test_two_stage_steps_keep_the_marginal_of_known_data(name):
    for eta in (sp.Integer(0), sp.Rational(3, 4), sp.Integer(1)):
        levels = eta, sp.Integer(3), sp.Integer(5)
        assert same(moments(getattr(ancestral, name)(X_0 + 5 * U, column([X_0, X_0]), Z, *levels)), (X_0, sp.Integer(9)))


@pytest.mark.parametrize("name", ["euler_ancestral_step", "dpm2_ancestral_step", "dpmpp_2s_ancestral_step"])
def test_a_step_leaves_the_marginal_law_at_one_power_more_than_its_order_and_the_conditional_law_at_the_second(name):
    for eta in (0, 1):
        gain, fresh = law_of_a_step(name, eta)
        right = (1 + (1 - H) ** 2) / 2
        marginal = sp.series(2 * gain**2 + fresh - 2 * right, H, 0, 4).removeO()
        assert local_order(marginal) == (2 if name == "euler_ancestral_step" else 3)
        # The probability flow's gain at eta = 0; at eta = 1 the reverse process's, which Euler's step meets.
        conditional = local_order(sp.series(gain - right ** sp.Rational(1 + eta, 2), H, 0, 4).removeO())
        assert conditional == ({"euler_ancestral_step": 4}.get(name, 2) if eta else local_order(marginal))


def test_euler_ancestral_flow_step_keeps_the_marginal_of_known_data_on_the_straight_path():
    early, late = S / (1 + S + T), (S + T) / (1 + S + T)
    state = ancestral.euler_ancestral_flow_step((1 - late) * X_0 + late * U, X_0, Z, ETA, early, late)
    mean, variance = moments(state)
    assert same(mean, (1 - early) * X_0)
    assert same(variance, early**2)
    down = early * (1 + (early / late - 1) * ETA)
    assert same(sp.diff(state, U), (1 - early) / (1 - down) * down)
    assert at_one(sp.diff(state, Z)) > 0


def test_euler_ancestral_flow_step_is_the_deterministic_one_at_eta_zero_and_not_the_posteriors_at_eta_one():
    early, late = sp.Rational(1, 4), sp.Rational(1, 2)
    found = ancestral.euler_ancestral_flow_step(X, X_0, Z, sp.Integer(0), early, late)
    assert same(found, ddim.rectified_step(X, X_0, 1 - early, early, 1 - late, late))
    state = ancestral.euler_ancestral_flow_step(late * X_0 + late * U, X_0, Z, sp.Integer(1), early, late)
    # The posterior keeps of the noise what the forward step shares: the ratio of noise and signal squared.
    shared = (1 - late) / (1 - early) * early**2 / late
    assert not same(sp.diff(state, U), shared)
    assert same(ancestral.euler_ancestral_flow_step(X, X_0, Z, ETA, sp.Integer(0), late), X_0)


LEVELS = positive("a_t a_r a_s"), positive("s_t s_r s_s")


def test_renoised_step_keeps_the_marginal_of_known_data_on_any_levels():
    (a_t, _, a_s), (s_t, _, s_s) = LEVELS
    state = plain(ancestral.renoised_step(a_t * X_0 + s_t * U, X_0, Z, *map(column, LEVELS)))
    mean, variance = moments(state)
    assert same(mean, a_s * X_0)
    assert same(variance, s_s**2)
    assert same(sp.diff(state, U), a_s / LEVELS[0][1] * LEVELS[1][1])
    assert at_one(sp.diff(state, Z).subs({s_s: 2})) > 0
    whole = ancestral.renoised_step(X, X_0, Z, column([1, 2, 1]), column([sp.Integer(5), sp.Integer(0), sp.Integer(3)]))
    assert same(whole, X_0 + 3 * Z)
    nothing = ancestral.renoised_step(X, X_0, Z, column([1, sp.Integer(2), 1]), column([5, sp.Integer(6), sp.Integer(3)]))
    assert same(sp.diff(nothing, Z), 0)


def test_renoised_step_is_every_other_step_of_the_subject():
    ones = column([sp.Integer(1)] * 3)
    down = plain(ancestral.ancestral_sigma_down(ETA, S, LATE))
    chain = plain(ancestral.renoised_step(X, X_0, Z, ones, column([LATE, down, S])))
    assert alike(chain, plain(ancestral.euler_ancestral_step(X, X_0, Z, ETA, S, LATE)))
    early, late = sp.Rational(1, 4), sp.Rational(1, 2)
    times = column([late, early * (1 - ETA / 2), early])
    straight = plain(ancestral.renoised_step(X, X_0, Z, 1 - times, times))
    assert alike(straight, ancestral.euler_ancestral_flow_step(X, X_0, Z, ETA, early, late))
    fresh = ancestral.renoised_step(X, X_0, Z, column([1, sp.Integer(1), T]), column([S, sp.Integer(0), DATA]))
    assert same(fresh, ancestral.lcm_step(X_0, Z, T, DATA))


# Signal scales of preserved variance, falling from r over s to t.
A_R = 1 / (1 + positive("g"))
A_S, A_T = A_R / (1 + positive("k")), A_R / ((1 + positive("k")) * (1 + positive("l")))
POWERS = [2 * sp.log(scale) for scale in (A_R, A_S, A_T)]


def test_tcd_step_keeps_the_marginal_of_known_data_and_adds_the_forward_steps_noise():
    state = ancestral.tcd_step(A_T * X_0 + sp.sqrt(1 - A_T**2) * U, X_0, Z, *POWERS)
    mean, variance = moments(state)
    assert same(mean, A_S * X_0)
    assert same(variance, 1 - A_S**2)
    assert same(sp.diff(state, Z) ** 2, 1 - A_S**2 / A_R**2)
    assert all(at_one(sp.diff(state, noise)) > 0 for noise in (U, Z))


def test_tcd_step_is_renoised_step_where_variance_is_preserved():
    scales = column([A_T, A_R, A_S])
    noises = column([sp.sqrt(1 - scale**2) for scale in scales])
    assert alike(plain(ancestral.renoised_step(X, X_0, Z, scales, noises)), ancestral.tcd_step(X, X_0, Z, *POWERS))


def test_lcm_c_skip_and_lcm_c_out_are_the_input_alone_at_the_boundary_and_the_estimate_alone_far_from_it():
    weights = ancestral.lcm_c_skip, ancestral.lcm_c_out
    assert [weight(0, SCALING, DATA) for weight in weights] == [1, 0]
    assert [sp.limit(weight(T, SCALING, DATA), T, sp.oo) for weight in weights] == [0, 1]


def test_lcm_c_out_is_edms_without_the_spread_of_a_raw_output_and_lcm_c_skip_is_edms():
    assert same(ancestral.lcm_c_skip(T, SCALING, DATA), edm.edm_c_skip(SCALING * T, DATA))
    assert same(ancestral.lcm_c_out(T, SCALING, DATA) * DATA, edm.edm_c_out(SCALING * T, DATA))
    assert same(ancestral.lcm_c_skip(T, SCALING, DATA) + ancestral.lcm_c_out(T, SCALING, DATA) ** 2, 1)


def test_lcm_step_has_the_marginal_of_known_data_and_nothing_of_the_state_before():
    state = ancestral.lcm_step(X_0, Z, T, S)
    assert same(moments(state, [Z]), (T * X_0, S**2))
    assert sp.diff(state, Z).is_positive
    assert state.free_symbols == {X_0, Z, T, S}


def test_steps_treat_every_entry_alike():
    states, noises = np.array([[X, U], [W, X_1]], dtype=object), np.array([[Z, W], [U, X]], dtype=object)
    found = ancestral.renoised_step(states, X_0, noises, *map(column, LEVELS))
    for index, x in np.ndenumerate(states):
        assert same(plain(found[index]), plain(ancestral.renoised_step(x, X_0, noises[index], *map(column, LEVELS))))


@pytest.mark.parametrize("name", RUNS)
def test_runs_keep_the_marginals_of_known_data_at_every_level(name):
    for options in RUNS[name]:
        states, levels = run(name, Recorder(X_0), *options)
        for state, (alpha, sigma) in zip(states, levels, strict=True):
            assert same(moments(sp.expand(state), (U, *NOISES)), (alpha * X_0, sigma**2))


def test_edm_stochastic_path_keeps_them_only_with_s_noise_one_and_consistency_path_only_from_data_noised_by_sigma_min():
    states, _ = run("edm_stochastic_path", Recorder(X_0), SIGMAS, *CHURN, T)
    # Noise of variance 9/16*sigma**2 is added at sigma = 2, of which the step to 1 leaves (4/10)**2.
    assert same(moments(sp.expand(states[2]), (U, *NOISES))[1] - 1, sp.Rational(9, 4) * sp.Rational(4, 25) * (T**2 - 1))
    clean, _ = run("consistency_path", Recorder(X_0), SIGMAS, HALF)
    noised, _ = run("consistency_path", Recorder(X_0 + HALF * W), SIGMAS, HALF)
    for i in (1, 2):
        assert same(moments(clean[i], NOISES)[1], SIGMAS[i] ** 2 - HALF**2)
        assert same(moments(noised[i], (W, *NOISES))[1], SIGMAS[i] ** 2)


@pytest.mark.parametrize(
    "name", ["euler_ancestral_path", "euler_ancestral_flow_path", "lcm_path", "tcd_path", "consistency_path"]
)
def test_runs_of_one_estimate_ask_about_the_state_they_stand_at_and_take_its_step(name):
    for options in [*RUNS[name], *([(SIGMAS, HALF)] if name in ("euler_ancestral_path", "consistency_path") else [])]:
        model = Recorder()
        states, levels = run(name, model, *options)
        assert model.asked == [(x, *level) for x, level in zip(states[:-1], levels[:-1], strict=True)]
        for i, (x, found) in enumerate(pairwise(states)):
            assert same(found, one_estimate(name, options, i)(x, sp.Symbol(f"d_{i}")))


@pytest.mark.parametrize("name", ["dpm2_ancestral_path", "dpmpp_2s_ancestral_path"])
def test_runs_of_two_stages_ask_again_half_way_down_in_the_log_and_take_eulers_step_where_nothing_is_left(name):
    for eta in (sp.Integer(0), sp.Integer(1), sp.Integer(4)):
        model = Recorder()
        states, _ = run(name, model, SIGMAS, eta)
        asked, guesses = iter(model.asked), iter(sp.symbols(f"d_:{len(model.asked)}"))
        for i, (x, found) in enumerate(pairwise(states)):
            late, early = SIGMAS[i : i + 2]
            down, levels = ancestral.ancestral_sigma_down(eta, early, late), (NOISES[i], eta, early, late)
            first = next(guesses)
            assert next(asked) == (x, 1, late)
            if down == 0:
                assert same(found, ancestral.euler_ancestral_step(x, first, *levels))
                continue
            middle = sp.sqrt(late * down)
            assert same(next(asked), (edm.edm_euler_step(x, first, late, middle), 1, middle))
            step = getattr(ancestral, name.replace("_path", "_step"))
            assert same(found, step(x, column([first, next(guesses)]), *levels))
        assert len(model.asked) == {0: 5, 1: 5, 4: 3}[int(eta)]


def test_edm_stochastic_path_churns_within_its_bounds_and_restart_path_runs_through_its_stretch_again():
    model, again = Recorder(), Recorder()
    states, _ = run("edm_stochastic_path", model, SIGMAS, *CHURN, T)
    for i, (x, found) in enumerate(pairwise(states)):
        share = sp.Rational(1, 4) if i else 0  # 3/4 over three steps; the first level lies above the bounds
        churned = edm.edm_churned_state(column([[x]]), NOISES[i], SIGMAS[i], share, T)
        assert same(heun(again, churned, edm.edm_churned_sigma(SIGMAS[i], share), SIGMAS[i + 1]).item(), found)
    assert model.asked == again.asked
    for _, stretch, index, count in RUNS["restart_path"]:
        model, again = Recorder(), Recorder()
        states, _ = run("restart_path", model, SIGMAS, stretch, index, count)
        for i, found in enumerate(states[1:]):
            state = heun(again, column([[states[i]]]), *SIGMAS[i : i + 2])
            for k in range(count if i + 1 == index else 0):
                state = sde.ve_transition_sample(state, NOISES[k], SIGMAS[i + 1], stretch[0])
                for late, early in ((stretch[0], stretch[1]), (stretch[1], SIGMAS[i + 1])):
                    state = heun(again, state, late, early)
            assert same(state.item(), found)
        assert model.asked == again.asked
