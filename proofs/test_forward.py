"""The forward process, composed from single steps x_k = sqrt(1 - beta_k)*x_{k-1} + sqrt(beta_k)*eps_k."""

import sympy as sp

from refdiff.reference import forward

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
