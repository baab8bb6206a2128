"""Diffusion's SDEs: coefficients from moments, reversal from Bayes' rule, marginals from the Fokker-Planck equation.

A density is a polynomial here where it may be any: an identity between a density's derivatives at a point needs no more.
"""

import numpy as np
import pytest
import sympy as sp

from refdiff.reference import schedule, sde

from .algebra import column, completed_square, expectation, log_normal, positive, real, same
from .processes import expanded, fokker_planck, law, polynomial, rising_in_noise

TIME, LOW, HIGH, H = positive("time low high h")
X, SCORE, F, Z, DRIFT, MEAN = real("x score f z drift mean")
G, SHARE, VARIANCE, A, A_S, A_T, S_S, S_T = positive("g share variance a a_s a_t s_s s_t")
RATES = (TIME, LOW, HIGH)


def test_vp_beta_rate_is_the_line_through_both_ends():
    rate = sde.vp_beta_rate(*RATES)
    assert same(rate.subs(TIME, 0), LOW)
    assert same(rate.subs(TIME, 1), HIGH)
    assert same(sp.diff(rate, TIME, 2), 0)


def test_vp_log_alpha_bar_is_minus_the_integral_of_vp_beta_rate():
    assert same(sp.diff(sde.vp_log_alpha_bar(*RATES), TIME), -(LOW + (HIGH - LOW) * TIME))
    assert same(sp.diff(sde.vp_log_alpha_bar(*RATES), TIME), -sde.vp_beta_rate(*RATES))
    assert same(sde.vp_log_alpha_bar(sp.Integer(0), LOW, HIGH), 0)


def vp_scales():
    power = sp.exp(LOW * -TIME - (HIGH - LOW) * TIME**2 / 2)
    return sp.sqrt(power), power


def test_vp_drift_rate_is_the_logarithmic_derivative_of_the_signal_scale():
    scale, _ = vp_scales()
    assert same(sde.vp_drift_rate(*RATES), sp.diff(sp.log(scale), TIME))


@pytest.mark.parametrize("name", ["vp_diffusion", "subvp_diffusion"])
def test_vp_diffusion_and_subvp_diffusion_keep_the_variance_by_its_moment_equation(name):
    _, power = vp_scales()
    variance = 1 - power if name == "vp_diffusion" else (1 - power) ** 2
    squared = sp.diff(variance, TIME) + (LOW + (HIGH - LOW) * TIME) * variance
    found = getattr(sde, name)(*RATES)
    assert same(found**2, squared)
    assert found.subs({TIME: sp.Rational(1, 2), LOW: 1, HIGH: 3}).is_positive


def test_subvp_sigma_is_the_variance_of_the_variance_preserving_process():
    level = 2 * sp.log(1 / (1 + A))
    assert same(sde.subvp_sigma(level), schedule.sigma(level) ** 2)
    assert same(sde.subvp_sigma(sp.log(A)), 1 - A)


def test_subvp_transition_variance_solves_the_moment_equation_from_a_known_state():
    """In the log power that is lost, V' = -V + 1 - alpha_bar**2, whose alpha_bar at t is a_s*a."""
    found = sde.subvp_transition_variance(sp.log(A_S), sp.log(A_S * A))
    assert same(-A * sp.diff(found, A), -found + 1 - (A_S * A) ** 2)
    assert same(found.subs(A, 1), 0)


def test_ve_sigma_grows_evenly_in_its_log_between_its_ends():
    scale = sde.ve_sigma(TIME, LOW, HIGH)
    assert same(sde.ve_sigma(sp.Integer(0), LOW, HIGH), LOW)
    assert same(sde.ve_sigma(sp.Integer(1), LOW, HIGH), HIGH)
    assert same(sp.diff(sp.diff(scale, TIME) / scale, TIME), 0)


def test_ve_diffusion_squared_is_the_growth_of_the_variance():
    found = sde.ve_diffusion(TIME, LOW, HIGH)
    # With ends in the ratio exp(a), scale**2 is low**2*exp(2*a*time), which grows at 2*a of itself.
    ratio = found.subs(HIGH, LOW * sp.exp(A)) / (LOW * sp.exp(A * TIME))
    assert same(sp.powdenest(sp.simplify(ratio), force=True) ** 2, 2 * A)
    assert found.subs({TIME: sp.Rational(1, 3), LOW: 2, HIGH: 7}).is_positive


def test_ve_added_variance_is_the_growth_between_two_times():
    grown = sp.integrate(2 * X, (X, S_S, S_T))
    assert same(sde.ve_added_variance(S_S, S_T), grown)


def test_ve_transition_sample_carries_the_marginal_at_s_to_that_at_t():
    mean, variance = law(sde.ve_transition_sample(X, Z, S_S, S_T))
    assert same(mean, X)
    assert same(variance + S_S**2, S_T**2)
    assert rising_in_noise(sde.ve_transition_sample(X, Z, S_S, S_T))


def test_linear_sde_drift_rate_and_linear_sde_diffusion_move_mean_and_variance_as_the_scales_do():
    alpha, sigma = A + DRIFT * TIME, S_T + F * TIME
    rate = sde.linear_sde_drift_rate(alpha, DRIFT)
    squared = sde.linear_sde_diffusion(alpha, sigma, DRIFT, F) ** 2
    assert same(sp.diff(alpha * X, TIME), rate * alpha * X)
    assert same(sp.diff(sigma**2, TIME), 2 * rate * sigma**2 + squared)
    assert sde.linear_sde_diffusion(*map(sp.Integer, (1, 2, -1, 1))).is_positive


def test_linear_sde_diffusion_is_edms_in_edms_scales():
    s, sigma = sp.exp(-F * TIME), 1 + A * TIME
    found = sde.linear_sde_diffusion(s, s * sigma, sp.diff(s, TIME), sp.diff(s * sigma, TIME))
    assert same(found**2, s**2 * 2 * sigma * sp.diff(sigma, TIME))


def test_linear_sde_mean_rate_is_that_of_the_first_moment():
    """The adjoint of the Fokker-Planck operator applied to x."""
    assert same(sde.linear_sde_mean_rate(MEAN, F), expectation(F * (MEAN + sp.sqrt(VARIANCE) * Z), [Z]))


def test_linear_sde_variance_rate_is_that_of_the_second_moment():
    """The adjoint of the Fokker-Planck operator applied to x**2, for a process of mean 0."""
    second = 2 * X * F * X + G**2
    assert same(sde.linear_sde_variance_rate(VARIANCE, F, G), expectation(second.subs(X, sp.sqrt(VARIANCE) * Z), [Z]))


def test_linear_sde_transition_mean_and_linear_sde_transition_variance_solve_the_moment_equations():
    mean = sde.linear_sde_transition_mean(X, F, H)
    variance = sde.linear_sde_transition_variance(F, G, H)
    assert same(sp.diff(mean, H), F * mean)
    assert same(mean.subs(H, 0), X)
    assert same(sp.diff(variance, H), 2 * F * variance + G**2)
    assert same(variance.subs(H, 0), 0)


def test_linear_sde_transition_variance_has_brownian_motion_for_its_limit():
    assert same(sde.linear_sde_transition_variance(sp.Integer(0), G, H), G**2 * H)
    assert same(sp.limit(sde.linear_sde_transition_variance(F, G, H), F, 0), G**2 * H)


def reversed_rate():
    """Rate at which the mean of an earlier state, given x, leaves x: Bayes' rule over a vanishing step."""
    earlier_mean, earlier_variance = MEAN - F * MEAN * H, VARIANCE - (2 * F * VARIANCE + G**2) * H
    joint = log_normal(Z, earlier_mean, earlier_variance) + log_normal(X, (1 + F * H) * Z, G**2 * H)
    return sp.diff(completed_square(joint, Z)[0], H).subs(H, 0)


def test_reverse_sde_drift_is_what_bayes_rule_gives_over_a_vanishing_step():
    score = -(X - MEAN) / VARIANCE
    assert same(-reversed_rate(), sde.reverse_sde_drift(X, score, F, G))


@pytest.mark.parametrize("name", ["reverse_sde_drift", "probability_flow_drift", "same_marginals_drift"])
def test_reverse_sde_drift_probability_flow_drift_and_same_marginals_drift_leave_every_marginal_as_it_is(name):
    density = polynomial("p", X)
    score = sp.diff(density, X) / density
    share = {"reverse_sde_drift": sp.Integer(1), "probability_flow_drift": sp.Integer(0)}.get(name, SHARE)
    arguments = [X, score, F, G] + ([SHARE] if name == "same_marginals_drift" else [])
    drift = getattr(sde, name)(*arguments)
    # Time runs backwards, so the noise smooths in the other direction.
    backwards = fokker_planck(density, drift, -((share * G) ** 2))
    assert same(backwards, fokker_planck(density, F * X, G**2))


def test_probability_flow_drift_keeps_each_point_at_its_quantile():
    spread = sp.sqrt(VARIANCE + (2 * F * VARIANCE + G**2) * TIME)
    path = MEAN * (1 + F * TIME) + spread / sp.sqrt(VARIANCE) * (X - MEAN)
    score = -(X - MEAN) / VARIANCE
    assert same(sp.diff(path, TIME).subs(TIME, 0), sde.probability_flow_drift(X, score, F, G))


def test_fokker_planck_rate_is_the_fokker_planck_equation_over_the_density():
    y = real("y")
    density, fields = polynomial("p", X, y), [polynomial("u", X, y), polynomial("v", X, y)]
    score = [sp.diff(density, axis) / density for axis in (X, y)]
    rate = sum(
        -sp.diff(field * density, axis) + G**2 / 2 * sp.diff(density, axis, 2) for field, axis in zip(fields, (X, y), strict=True)
    )
    divergences = [sum(map(sp.diff, field, (X, y))) for field in (fields, score)]
    at = {X: 0, y: 0}  # Any point: the coefficients are free.
    rows = [column([[sp.cancel(sp.sympify(entry).subs(at)) for entry in field]]) for field in (fields, score)]
    sums = [column([sp.cancel(total.subs(at))]) for total in divergences]
    found = sde.fokker_planck_rate(*rows, *sums, G)
    assert same(found[0], (rate / density).subs(at))
    still = sde.fokker_planck_rate(*rows, *sums, sp.Integer(0))
    assert same(still[0], (-sum(map(sp.diff, [field * density for field in fields], (X, y))) / density).subs(at))


def test_fokker_planck_rate_treats_each_point_on_its_own():
    rows = [column(real(f"{name}:4")).reshape(2, 2) for name in "bs"]
    sums = [column(real(f"{name}:2")) for name in "de"]
    both = sde.fokker_planck_rate(*rows, *sums, G)
    alone = [sde.fokker_planck_rate(*(array[i : i + 1] for array in (*rows, *sums)), G)[0] for i in range(2)]
    assert same(both, column(alone))


def test_probability_flow_solution_gaussian_follows_the_probability_flow_from_x_t():
    """Any paths of the scales, here lines in the time s; the flow's drift from the scales' rates."""
    alpha, sigma = A_T + DRIFT * TIME, S_T + F * TIME
    state = sde.probability_flow_solution_gaussian(X, MEAN, VARIANCE, A_T, S_T, alpha, sigma)
    assert same(state.subs(TIME, 0), X)
    spread = alpha**2 * VARIANCE + sigma**2
    score = -(state - alpha * MEAN) / spread
    squared = 2 * sigma * F - 2 * DRIFT / alpha * sigma**2
    assert same(sp.diff(state, TIME), DRIFT / alpha * state - squared * score / 2)


def gaussian_reversal():
    """Mean and variance of x_s given x_t by Bayes' rule, with the powers of the scales a_s and a_t = a_s*a."""
    prior = log_normal(Z, A_S * MEAN, A_S**2 * VARIANCE + 1 - A_S**2)
    return completed_square(prior + log_normal(X, A * Z, 1 - A**2), Z)


def test_reverse_sde_mean_gaussian_and_reverse_sde_variance_gaussian_are_bayes_rule():
    levels = (2 * sp.log(A_S), 2 * sp.log(A_S * A))
    mean, variance = gaussian_reversal()
    assert same(sde.reverse_sde_mean_gaussian(X, MEAN, VARIANCE, *levels), mean)
    assert same(sde.reverse_sde_variance_gaussian(VARIANCE, *levels), variance)


def test_reverse_sde_mean_gaussian_moves_as_reverse_sde_drift_over_a_short_step():
    """VP with beta = 1: over h the mean moves by -h times the drift, the variance grows by h."""
    beta = sp.Integer(1)
    level_t = 2 * sp.log(A)
    level_s = level_t + beta * H
    power = A**2 * VARIANCE + 1 - A**2
    mean = sde.reverse_sde_mean_gaussian(X, MEAN, VARIANCE, level_s, level_t)
    drift = sde.reverse_sde_drift(X, -(X - A * MEAN) / power, -beta / 2, sp.sqrt(beta))
    assert same(sp.diff(mean, H).subs(H, 0), -drift)
    assert same(sp.diff(sde.reverse_sde_variance_gaussian(VARIANCE, level_s, level_t), H).subs(H, 0), beta)


def test_euler_maruyama_step_has_the_first_order_of_the_exact_moments():
    mean, variance = law(sde.euler_maruyama_step(X, F * X, Z, G, H))
    assert same(mean, expanded(sde.linear_sde_transition_mean(X, F, H), 1))
    assert same(variance, expanded(sde.linear_sde_transition_variance(F, G, H), 1))
    assert rising_in_noise(sde.euler_maruyama_step(X, DRIFT, Z, G, H))


def test_reverse_euler_maruyama_step_has_the_first_order_of_the_reverse_law():
    score = -(X - MEAN) / VARIANCE
    mean, variance = law(sde.reverse_euler_maruyama_step(X, sde.reverse_sde_drift(X, score, F, G), Z, G, H))
    assert same(mean, X + H * reversed_rate())
    assert same(variance, G**2 * H)
    assert rising_in_noise(sde.reverse_euler_maruyama_step(X, DRIFT, Z, G, H))


def test_reverse_diffusion_step_ve_turns_the_chains_own_step_round():
    """The forward step adds nothing to the mean and the growth of the variance; the score carries that variance."""
    mean, variance = law(sde.reverse_diffusion_step_ve(X, SCORE, Z, S_S, S_T))
    forward = law(sde.ve_transition_sample(X, Z, S_S, S_T))
    assert same(variance, S_T**2 - S_S**2)
    assert same(mean, X - (forward[0] - X) + forward[1] * SCORE)
    assert rising_in_noise(sde.reverse_diffusion_step_ve(X, SCORE, Z, S_S, S_T))


def test_reverse_diffusion_step_vp_turns_ddpms_own_step_round():
    forward_mean, forward_variance = law(sp.sqrt(1 - A) * X + sp.sqrt(A) * Z)
    mean, variance = law(sde.reverse_diffusion_step_vp(X, SCORE, Z, A))
    assert same(mean, X - (forward_mean - X) + forward_variance * SCORE)
    assert same(variance, forward_variance)
    assert rising_in_noise(sde.reverse_diffusion_step_vp(X, SCORE, Z, A))


def test_ancestral_step_ve_draws_from_the_posterior_at_tweedies_x_0():
    x_0 = X + S_T**2 * SCORE
    y = real("y")
    mean, variance = completed_square(log_normal(y, x_0, S_S**2) + log_normal(X, y, S_T**2 - S_S**2), y)
    found = law(sde.ancestral_step_ve(X, SCORE, Z, S_S, S_T))
    assert same(found[0], mean)
    assert same(found[1], variance)
    assert rising_in_noise(sde.ancestral_step_ve(X, SCORE, Z, S_S, S_T))


def test_ancestral_step_vp_has_the_mean_of_the_earlier_state_and_the_forward_steps_variance():
    """The earlier law is any Gaussian; one step of the chain turns it into the one whose score is asked for."""
    y = real("y")
    posterior, _ = completed_square(log_normal(y, MEAN, VARIANCE) + log_normal(X, sp.sqrt(1 - A) * y, A), y)
    score = -(X - sp.sqrt(1 - A) * MEAN) / ((1 - A) * VARIANCE + A)
    mean, variance = law(sde.ancestral_step_vp(X, score, Z, A))
    assert same(mean, posterior)
    assert same(variance, A)
    assert rising_in_noise(sde.ancestral_step_vp(X, SCORE, Z, A))


@pytest.mark.parametrize("name", ["predictor_corrector_step_ve", "predictor_corrector_step_vp"])
def test_predictor_corrector_step_ve_and_predictor_corrector_step_vp_correct_what_the_predictor_reached(name):
    """What comes after reverse diffusion has the later score for its slope, and twice the step for its noise's variance."""
    x, score, later, *z = (column(list(map(sp.Rational, row))).reshape(1, 2) for row in ("12", "34", "53", "27", "61"))
    levels, kept, predicted = (S_S, S_T), 1, sde.reverse_diffusion_step_ve(x, score, z[0], S_S, S_T)
    if name == "predictor_corrector_step_vp":
        levels, kept, predicted = (A_S, A), 1 - A_S, sde.reverse_diffusion_step_vp(x, score, z[0], A)
    found = getattr(sde, name)(x, score, later, np.stack(z), SHARE, *levels)
    step = 2 * kept * SHARE**2 * sum(z[1][0] ** 2) / sum(later[0] ** 2)
    noise = [sp.expand(one) for one in (found - predicted - step * later).flat]
    assert same(column([one**2 for one in noise]), 2 * step * z[1][0] ** 2)
    assert all(one.subs({A_S: sp.Rational(1, 2), SHARE: 1}) > 0 for one in noise)
