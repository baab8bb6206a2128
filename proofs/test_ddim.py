"""The DDIM family: its marginals, its inversion, its forms as a solver, and what rectified flow shares with it."""

from itertools import pairwise

import sympy as sp

from refdiff.reference import ddim, edm, step

from .algebra import column, completed_square, expectation, forward_posterior, log_normal, positive, real, same

A_S, A_T = positive("a_s a_t")
LOG_S, LOG_T = 2 * sp.log(A_S), 2 * sp.log(A_T)
HALF, QUARTER = 2 * sp.log(sp.Rational(1, 2)), 2 * sp.log(sp.Rational(1, 4))
ALPHA_S, SIGMA_S, ALPHA_T, SIGMA_T = positive("alpha_s sigma_s alpha_t sigma_t")
SCALES = (ALPHA_S, SIGMA_S, ALPHA_T, SIGMA_T)
X_0, X_S, X_T, EPS, Z = real("x_0 x_s x_t eps z")
SHARE, VARIANCE = positive("share variance")


def ddim_step(x_t, x_0, scales=SCALES):
    """The deterministic step: the data as told and the noise left over, put together at s."""
    alpha_s, sigma_s, alpha_t, sigma_t = scales
    return alpha_s * x_0 + sigma_s * (x_t - alpha_t * x_0) / sigma_t


def test_ddim_conditional_mean_and_variance_keep_the_marginals_at_every_share():
    x_t = A_T * X_0 + sp.sqrt(1 - A_T**2) * EPS
    mean = ddim.ddim_conditional_mean(X_0, x_t, SHARE, LOG_S, LOG_T)
    fresh = ddim.ddim_conditional_variance(SHARE, LOG_S)
    assert same(expectation(mean, (EPS,)), A_S * X_0)
    assert same(sp.expand(expectation((mean - A_S * X_0) ** 2, (EPS,)) + fresh), 1 - A_S**2)
    assert same(sp.sqrt(fresh.subs(A_S, 0)), SHARE)
    assert sp.diff(ddim.ddim_conditional_mean(X_0, X_T, sp.Rational(1, 2), HALF, QUARTER), X_T).is_positive


def same_law(found, expected):
    """Whether two means linear in x_t and x_0 are the same: roots of roots are met by their squares."""
    of_state = [sp.diff(mean, X_T) for mean in (found, expected)]
    of_data = [sp.diff(mean, X_0) + sp.Rational(3, 5) * kept for mean, kept in zip((found, expected), of_state, strict=True)]
    assert all(kept.is_positive for kept in of_state)
    return same(*[sp.expand(kept**2) for kept in of_state]) and same(*map(sp.expand, of_data))


FOUR_FIFTHS, THREE_FIFTHS = (2 * sp.log(sp.Rational(k, 5)) for k in (4, 3))


def test_ddim_conditional_mean_and_variance_are_bayes_at_ddpms_share():
    mean, variance = forward_posterior(X_0, X_T, A_S, A_T)
    share = sp.sqrt(variance / (1 - A_S**2))
    assert same(ddim.ddim_conditional_variance(share, LOG_S), variance)
    at = {A_S: sp.Rational(4, 5), A_T: sp.Rational(3, 5)}
    found = ddim.ddim_conditional_mean(X_0, X_T, share.subs(at), FOUR_FIFTHS, THREE_FIFTHS)
    assert same_law(found, sp.expand(mean.subs(at)))


def test_ddim_conditional_mean_is_the_mean_of_ddim_step():
    for eta in (sp.Integer(0), sp.Rational(1, 2)):
        share = step.ddim_noise_scale(eta, FOUR_FIFTHS, THREE_FIFTHS) / sp.Rational(3, 5)
        found = ddim.ddim_conditional_mean(X_0, X_T, share, FOUR_FIFTHS, THREE_FIFTHS)
        assert same_law(found, step.ddim_step(X_T, X_0, sp.Integer(0), eta, FOUR_FIFTHS, THREE_FIFTHS))


def test_ddim_eta_max_spends_all_the_variance_at_s():
    found = ddim.ddim_eta_max(LOG_S, LOG_T)
    variance = forward_posterior(X_0, X_T, A_S, A_T)[1]
    assert same(found**2 * variance, 1 - A_S**2)
    assert ddim.ddim_eta_max(HALF, QUARTER).is_positive
    # It is above 1: its square is 1 more than a ratio of positive numbers.
    assert same(found**2 - 1, A_T**2 * (1 - A_S**2) / (A_S**2 - A_T**2))


def test_ddim_inversion_step_undoes_the_step_with_the_same_estimate():
    # Signal (1 - p**2)/(1 + p**2) leaves noise 2*p/(1 + p**2): no roots.
    (a_s, b_s), (a_t, b_t) = (((1 - p**2) / (1 + p**2), 2 * p / (1 + p**2)) for p in positive("p_s p_t"))
    found = ddim.ddim_inversion_step(a_s * X_0 + b_s * EPS, X_0, 2 * sp.log(a_s), 2 * sp.log(a_t))
    assert same(found, a_t * X_0 + b_t * EPS)
    back = ddim.ddim_conditional_mean(X_0, X_T, sp.Integer(0), FOUR_FIFTHS, THREE_FIFTHS)
    assert same(ddim.ddim_inversion_step(back, X_0, FOUR_FIFTHS, THREE_FIFTHS), X_T)


def test_ddim_step_exponential_solves_the_ode_for_data_that_stand_still():
    s, t = positive("s t")
    scales = (s / sp.sqrt(1 + s**2), 1 / sp.sqrt(1 + s**2), t / sp.sqrt(1 + t**2), 1 / sp.sqrt(1 + t**2))
    levels = 2 * sp.log(s), 2 * sp.log(t)
    found = ddim.ddim_step_exponential(X_T, X_0, *levels)
    assert same(found, ddim_step(X_T, X_0, scales))
    # d(x/sigma)/d(lambda) = exp(lambda)*x_0, in u = exp(lambda) = alpha/sigma: integrated from t to s.
    u = positive("u")
    assert same(found / scales[1] - X_T / scales[3], sp.integrate(X_0, (u, t, s)))


def test_ddim_step_exponential_eps_solves_the_ode_for_noise_that_stands_still():
    s, t = positive("s t")
    scales = (s / sp.sqrt(1 + s**2), 1 / sp.sqrt(1 + s**2), t / sp.sqrt(1 + t**2), 1 / sp.sqrt(1 + t**2))
    found = ddim.ddim_step_exponential_eps(X_T, EPS, 2 * sp.log(s), 2 * sp.log(t))
    assert same(found, ddim_step(X_T, (X_T - scales[3] * EPS) / scales[2], scales))
    u = positive("u")
    assert same(found / scales[0] - X_T / scales[2], -sp.integrate(EPS / u**2, (u, t, s)))


def test_ddim_step_scaled_is_eulers_step_of_edms_state_and_the_step_itself():
    found = ddim.ddim_step_scaled(X_T, EPS, *SCALES)
    assert same(found, ddim_step(X_T, (X_T - SIGMA_T * EPS) / ALPHA_T))
    data = (X_T - SIGMA_T * EPS) / ALPHA_T
    euler = edm.edm_euler_step(edm.edm_state(X_T, ALPHA_T), data, SIGMA_T / ALPHA_T, SIGMA_S / ALPHA_S)
    assert same(edm.edm_state(found, ALPHA_S), euler)


def test_ddim_stochastic_gap_is_the_mean_square_of_what_no_ode_can_match():
    kept = sp.sqrt(1 - SHARE**2)
    gap = sp.sqrt(1 - A_S**2) * (kept * EPS + SHARE * Z - EPS)
    assert same(sp.expand(ddim.ddim_stochastic_gap(SHARE, LOG_S)), sp.expand(expectation(gap**2, (EPS, Z))))
    assert same(sp.expand(ddim.ddim_stochastic_gap(sp.Rational(3, 5), HALF)), sp.Rational(3, 10))
    assert ddim.ddim_stochastic_gap(sp.Integer(0), HALF) == 0


def test_ddim_step_with_fresh_noise_is_no_function_of_the_state_alone():
    moved = step.ddim_step(X_T, X_0, Z, sp.Rational(1, 2), HALF, QUARTER)
    variance = expectation((moved - expectation(moved, (Z,))) ** 2, (Z,))
    share = step.ddim_noise_scale(sp.Rational(1, 2), HALF, QUARTER) / sp.sqrt(sp.Rational(3, 4))
    assert same(variance, ddim.ddim_conditional_variance(share, HALF))
    assert variance.is_positive


def gaussian_denoiser(x_t, alpha_t, sigma_t):
    """Mean of centred Gaussian data given x_t, by Bayes' rule."""
    data = real("data")
    joint = log_normal(data, 0, VARIANCE) + log_normal(x_t, alpha_t * data, sigma_t**2)
    return completed_square(joint, data)[0]


def power(alpha, sigma):
    return expectation((alpha * sp.sqrt(VARIANCE) * EPS + sigma * Z) ** 2, (EPS, Z))


def test_ddim_gain_is_one_step_with_the_exact_denoiser():
    x_s = ddim_step(X_T, gaussian_denoiser(X_T, ALPHA_T, SIGMA_T))
    assert same(ddim.ddim_gain(VARIANCE, *SCALES) * X_T, x_s)


def test_probability_flow_gain_carries_each_law_to_the_next_and_is_the_limit_of_ddim():
    found = ddim.probability_flow_gain(VARIANCE, *SCALES)
    assert same(found**2 * power(ALPHA_T, SIGMA_T), power(ALPHA_S, SIGMA_S))
    assert found.is_positive
    h = real("h")
    near = (ALPHA_T + h * ALPHA_S, SIGMA_T + h * SIGMA_S, ALPHA_T, SIGMA_T)
    slopes = [sp.diff(gain(VARIANCE, *near), h).subs(h, 0) for gain in (ddim.ddim_gain, ddim.probability_flow_gain)]
    assert same(*slopes)


def test_reflow_gain_gap_is_what_one_ddim_step_falls_short_of_the_straightened_flow():
    found = ddim.reflow_gain_gap(VARIANCE, *SCALES)
    exact, one_step = ddim.probability_flow_gain(VARIANCE, *SCALES), ddim.ddim_gain(VARIANCE, *SCALES)
    # found = exact - one_step, without roots of different sums side by side: (found + one_step)**2 is a square.
    at = {ALPHA_S: 4, SIGMA_S: 3, ALPHA_T: 3, SIGMA_T: 4, VARIANCE: 1}
    assert same((found - exact + one_step).subs(at), 0)
    total = power(ALPHA_T, SIGMA_T)
    square = VARIANCE * (ALPHA_S * SIGMA_T - ALPHA_T * SIGMA_S) ** 2
    assert same(sp.expand((exact**2 - one_step**2) * total**2), sp.expand(square))
    assert same(found * (exact + one_step) * total**2, square)


def test_reflow_straightens_the_flow_so_that_one_euler_step_is_exact():
    # From pure noise the exact flow scales it by the data's deviation; the reflowed velocity is noise less its own end.
    noise, time = real("noise time")
    end = ddim.probability_flow_gain(VARIANCE, 1, 0, 0, 1) * noise
    path = (1 - time) * end + time * noise
    assert same(path.subs(time, 1) - sp.diff(path, time), end)
    # DDIM from the first model's field has forgotten the noise: its one step goes to the mean.
    assert ddim.ddim_gain(VARIANCE, 1, 0, 0, 1) == 0
    assert same(ddim.reflow_gain_gap(VARIANCE, sp.Integer(1), 0, 0, 1) * noise, end)


def test_ddim_chain_gain_and_variance_compose_the_steps():
    alphas, sigmas = column(positive("a_0 a_1 a_2")), column(positive("s_0 s_1 s_2"))
    x = X_T
    for t, s in pairwise(range(3)):
        denoised = gaussian_denoiser(real("y"), alphas[t], sigmas[t]).subs(real("y"), x)
        x = ddim_step(x, denoised, (alphas[s], sigmas[s], alphas[t], sigmas[t]))
    assert same(ddim.ddim_chain_gain(VARIANCE, alphas, sigmas) * X_T, x)
    found = ddim.ddim_chain_variance(VARIANCE, alphas, sigmas)
    assert same(found * X_T**2, x**2 * power(alphas[0], sigmas[0]))


def test_rectified_time_and_state_make_the_weights_sum_to_one():
    time = ddim.rectified_time(ALPHA_T, SIGMA_T)
    state = ddim.rectified_state(ALPHA_T * X_0 + SIGMA_T * EPS, ALPHA_T, SIGMA_T)
    assert same(state, (1 - time) * X_0 + time * EPS)


def test_rectified_velocity_is_the_time_derivative_of_the_straight_path():
    time = real("time")
    expected = sp.diff((1 - time) * X_0 + time * EPS, time)
    assert same(ddim.rectified_velocity(ALPHA_T * X_0 + SIGMA_T * EPS, X_0, ALPHA_T, SIGMA_T), expected)


def test_rectified_step_is_eulers_between_scaled_states_and_ddims_step_for_step():
    start = ddim.rectified_state(X_T, ALPHA_T, SIGMA_T)
    moved = ddim.rectified_time(ALPHA_S, SIGMA_S) - ddim.rectified_time(ALPHA_T, SIGMA_T)
    euler = start + moved * ddim.rectified_velocity(X_T, X_0, ALPHA_T, SIGMA_T)
    found = ddim.rectified_step(X_T, X_0, *SCALES)
    assert same(ddim.rectified_state(found, ALPHA_S, SIGMA_S), euler)
    assert same(found, ddim_step(X_T, X_0))
    variance_preserving = (sp.Rational(1, 2), sp.sqrt(3) / 2, sp.Rational(1, 4), sp.sqrt(15) / 4)
    reference = step.ddim_step(X_T, X_0, Z, sp.Integer(0), HALF, QUARTER)
    assert all(same(sp.diff(ddim.rectified_step(X_T, X_0, *variance_preserving) - reference, x), 0) for x in (X_0, X_T, Z))


def test_unscaled_rectified_gap_is_the_time_changed_step_without_scaling_less_ddims():
    x_t = ALPHA_T * X_0 + SIGMA_T * EPS
    moved = ddim.rectified_time(ALPHA_S, SIGMA_S) - ddim.rectified_time(ALPHA_T, SIGMA_T)
    unscaled = x_t + moved * ddim.rectified_velocity(x_t, X_0, ALPHA_T, SIGMA_T)
    found = ddim.unscaled_rectified_gap(X_0, EPS, *SCALES)
    assert same(found, unscaled - ddim_step(x_t, X_0))
    assert same(ddim.unscaled_rectified_gap(X_0, EPS, 1 - SIGMA_S, SIGMA_S, 1 - SIGMA_T, SIGMA_T), 0)
    # Variance preserved, from scales 3/5 and 4/5 to 4/5 and 3/5.
    fifths = [sp.Rational(k, 5) for k in (4, 3, 3, 4)]
    assert same(ddim.unscaled_rectified_gap(X_0, EPS, *fifths), sp.Rational(2, 35) * (EPS - X_0))
