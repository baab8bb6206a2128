"""The forward posterior by Bayes' rule: p(x_s | x_t, x_0) is proportional to p(x_t | x_s) p(x_s | x_0)."""

import sympy as sp

from refdiff.reference import posterior

from .algebra import completed_square, forward_posterior, log_normal, positive, real, same

A_S, A_T = positive("a_s a_t")
LOG_S, LOG_T = 2 * sp.log(A_S), 2 * sp.log(A_T)
X_0, X_S, X_T = real("x_0 x_s x_t")
MEAN, VARIANCE = forward_posterior(X_0, X_T, A_S, A_T)


def test_posterior_mean_follows_from_bayes():
    assert same(posterior.posterior_mean(X_0, X_T, LOG_S, LOG_T), MEAN)


def test_posterior_mean_x_0_coefficient_is_the_means_slope_in_x_0():
    assert same(posterior.posterior_mean_x_0_coefficient(LOG_S, LOG_T), sp.diff(MEAN, X_0))


def test_posterior_mean_x_t_coefficient_is_the_means_slope_in_x_t():
    assert same(posterior.posterior_mean_x_t_coefficient(LOG_S, LOG_T), sp.diff(MEAN, X_T))


def test_posterior_variance_follows_from_bayes():
    assert same(posterior.posterior_variance(LOG_S, LOG_T), VARIANCE)


def test_posterior_log_variance_is_the_log_of_bayes_variance():
    assert same(sp.exp(posterior.posterior_log_variance(LOG_S, LOG_T)), VARIANCE)


def unit_data_variance():
    """Variance of x_s given x_t when the data, and with them every marginal, are unit Gaussian."""
    likelihood = log_normal(X_T, A_T / A_S * X_S, 1 - A_T**2 / A_S**2)
    return completed_square(log_normal(X_S, 0, 1) + likelihood, X_S)[1]


def test_posterior_variance_large_is_the_reverse_variance_of_unit_gaussian_data():
    assert same(posterior.posterior_variance_large(LOG_S, LOG_T), unit_data_variance())


def test_posterior_log_variance_large_is_the_log_of_the_reverse_variance_of_unit_gaussian_data():
    assert same(sp.exp(posterior.posterior_log_variance_large(LOG_S, LOG_T)), unit_data_variance())


def test_posterior_log_variance_learned_joins_the_two_log_variances_by_a_straight_line():
    share = real("share")
    learned = posterior.posterior_log_variance_learned(share, LOG_S, LOG_T)
    assert same(sp.diff(learned, share, 2), 0)
    assert same(sp.exp(learned.subs(share, 0)), VARIANCE)
    assert same(sp.exp(learned.subs(share, 1)), unit_data_variance())


def test_general_posterior_mean_and_general_posterior_variance_follow_from_bayes():
    """Prior x_s about x_0, likelihood the step that carries any such law at s to the one at t."""
    s_s, s_t = positive("s_s s_t")
    added = s_t**2 - (A_T / A_S) ** 2 * s_s**2
    mean, variance = completed_square(log_normal(X_S, A_S * X_0, s_s**2) + log_normal(X_T, A_T / A_S * X_S, added), X_S)
    assert same(posterior.general_posterior_mean(X_0, X_T, A_S, s_s, A_T, s_t), mean)
    assert same(posterior.general_posterior_variance(A_S, s_s, A_T, s_t), variance)
