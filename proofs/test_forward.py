"""The forward process, composed from single steps x_k = sqrt(1 - beta_k)*x_{k-1} + sqrt(beta_k)*eps_k."""

import sympy as sp

from refdiff.reference import forward, posterior

from .algebra import expectation, forward_states, positive, real, same

KEPT = positive("r_1 r_2 r_3")
NOISES = real("u_1 u_2 u_3")
X_0, X_S, EPS = real("x_0 x_s eps")
LOG_POWER_1 = 2 * sp.log(KEPT[0])
LOG_POWER_3 = 2 * sp.log(KEPT[0] * KEPT[1] * KEPT[2])


def mean_and_variance(state):
    mean = expectation(state, NOISES)
    return mean, expectation((state - mean) ** 2, NOISES)


def test_marginal_mean_and_marginal_variance_follow_from_composing_steps():
    mean, variance = mean_and_variance(forward_states(X_0, KEPT, NOISES)[3])
    assert same(forward.marginal_mean(X_0, LOG_POWER_3), mean)
    assert same(forward.marginal_variance(LOG_POWER_3), variance)


def test_transition_mean_and_transition_variance_follow_from_composing_the_steps_after_s():
    mean, variance = mean_and_variance(forward_states(X_S, KEPT[1:], NOISES[1:])[2])
    assert same(forward.transition_mean(X_S, LOG_POWER_1, LOG_POWER_3), mean)
    assert same(forward.transition_variance(LOG_POWER_1, LOG_POWER_3), variance)


def test_marginal_sample_has_the_law_of_the_composed_steps():
    mean, variance = mean_and_variance(forward_states(X_0, KEPT, NOISES)[3])
    sample = forward.marginal_sample(X_0, EPS, LOG_POWER_3)
    assert same(expectation(sample, [EPS]), mean)
    assert same(expectation((sample - mean) ** 2, [EPS]), variance)


def test_marginal_sample_grows_with_the_noise():
    slope = sp.diff(forward.marginal_sample(X_0, EPS, sp.log(sp.Rational(1, 4))), EPS)
    assert slope.is_positive


A_S, A_T, S_S, S_T = positive("a_s a_t s_s s_t")


def test_general_transition_mean_and_general_transition_variance_carry_the_marginals_at_s_to_those_at_t():
    """Whatever x_0 is, x_s = a_s*x_0 + s_s*u taken on is a_t*x_0 with variance s_t**2; nothing else is linear and does so."""
    x_s = A_S * X_0 + S_S * NOISES[0]
    moved = forward.general_transition_mean(x_s, A_S, A_T)
    added = forward.general_transition_variance(A_S, S_S, A_T, S_T)
    mean, variance = mean_and_variance(moved)
    assert same(mean, A_T * X_0)
    assert same(variance + added, S_T**2)


def test_general_transition_mean_and_general_transition_variance_follow_from_the_linear_sde():
    """f = (log alpha)' and g**2 = (sigma**2)' - 2*f*sigma**2, along lines of the scales in time h: the moment equations."""
    h, fall, rise = real("h fall rise")
    alpha, sigma = A_S + fall * h, S_S + rise * h
    rate = sp.diff(sp.log(alpha), h)
    mean = forward.general_transition_mean(X_S, A_S, alpha)
    variance = forward.general_transition_variance(A_S, S_S, alpha, sigma)
    assert same(sp.diff(mean, h), rate * mean)
    assert same(sp.diff(variance, h), 2 * rate * variance + sp.diff(sigma**2, h) - 2 * rate * sigma**2)
    assert same(mean.subs(h, 0), X_S)
    assert same(variance.subs(h, 0), 0)


def test_general_transition_variance_is_transition_variance_where_variance_is_preserved():
    root_s, root_t = sp.sqrt(1 - KEPT[0] ** 2), sp.sqrt(1 - (KEPT[0] * KEPT[1]) ** 2)
    found = forward.general_transition_variance(KEPT[0], root_s, KEPT[0] * KEPT[1], root_t)
    assert same(found, forward.transition_variance(LOG_POWER_1, 2 * sp.log(KEPT[0] * KEPT[1])))


STEPS = positive("q_1 q_2 q_3")
KAPPA, Y = positive("kappa"), real("y")


def shifted(start, steps, noises):
    """ResShift's chain: each step adds its share of the residual, and of the variance kappa**2."""
    state = start
    for step, noise in zip(steps, noises, strict=True):
        state = state + step * (Y - X_0) + KAPPA * sp.sqrt(step) * noise
    return state


def test_residual_shift_sample_has_the_law_of_the_composed_steps():
    mean, variance = mean_and_variance(shifted(X_0, STEPS, NOISES))
    sample = forward.residual_shift_sample(X_0, Y, EPS, sum(STEPS), KAPPA)
    assert same(expectation(sample, [EPS]), mean)
    assert same(expectation((sample - mean) ** 2, [EPS]), variance)
    assert sp.diff(sample, EPS).is_positive


def test_residual_shift_sample_has_a_posterior_that_knows_nothing_of_the_degraded_image():
    """Bayes' rule for the Gaussian pair of x_s and x_t: the mean of x_s moves with x_t by covariance over variance."""
    x_s = shifted(X_0, STEPS[:1], NOISES[:1])
    x_t = shifted(x_s, STEPS[1:], NOISES[1:])
    (mean_s, variance_s), (mean_t, variance_t) = mean_and_variance(x_s), mean_and_variance(x_t)
    shared = expectation((x_s - mean_s) * (x_t - mean_t), NOISES)
    scales = KAPPA * sp.sqrt(STEPS[0]), KAPPA * sp.sqrt(sum(STEPS))
    kept = sp.Integer(1)
    found = posterior.general_posterior_mean(X_0, X_S, kept, scales[0], kept, scales[1])
    assert same(found, mean_s + shared / variance_t * (X_S - mean_t))
    spread = posterior.general_posterior_variance(kept, scales[0], kept, scales[1])
    assert same(spread, variance_s - shared**2 / variance_t)
