"""Sampling steps: the law they give x_s is the forward posterior's, or has the forward process's marginals."""

import sympy as sp

from refdiff.reference import step

from .algebra import expectation, forward_posterior, positive, real, same

A_S, A_T = positive("a_s a_t")
LOG_S, LOG_T = 2 * sp.log(A_S), 2 * sp.log(A_T)
HALF, QUARTER = 2 * sp.log(sp.Rational(1, 2)), 2 * sp.log(sp.Rational(1, 4))
X_0, X_T, Z, ETA, EPS = real("x_0 x_t z eta eps")
MEAN, VARIANCE = forward_posterior(X_0, X_T, A_S, A_T)


def law(state, noises=(Z,)):
    mean = expectation(state, noises)
    return mean, expectation((state - mean) ** 2, noises)


def adds_noise_with_positive_sign(body, *share):
    return sp.diff(body(X_T, X_0, Z, *share, HALF, QUARTER), Z).is_positive


def test_ddpm_step_draws_from_the_posterior_of_bayes():
    mean, variance = law(step.ddpm_step(X_T, X_0, Z, LOG_S, LOG_T))
    assert same(mean, MEAN)
    assert same(variance, VARIANCE)
    assert adds_noise_with_positive_sign(step.ddpm_step)


def test_ddpm_step_large_has_the_posteriors_mean_and_the_forward_steps_variance():
    mean, variance = law(step.ddpm_step_large(X_T, X_0, Z, LOG_S, LOG_T))
    assert same(mean, MEAN)
    assert same(variance, 1 - (A_T / A_S) ** 2)
    assert adds_noise_with_positive_sign(step.ddpm_step_large)


def test_ddim_noise_scale_is_eta_times_the_posteriors_standard_deviation():
    scale = step.ddim_noise_scale(ETA, LOG_S, LOG_T)
    assert same(scale**2, ETA**2 * VARIANCE)
    assert same(sp.diff(scale, ETA, 2), 0)
    assert step.ddim_noise_scale(sp.Integer(1), HALF, QUARTER).is_positive


def test_ddim_step_keeps_the_forward_marginals_for_every_eta():
    x_t = A_T * X_0 + sp.sqrt(1 - A_T**2) * EPS
    mean, variance = law(step.ddim_step(x_t, X_0, Z, ETA, LOG_S, LOG_T), (Z, EPS))
    assert same(mean, A_S * X_0)
    assert same(variance, 1 - A_S**2)


def test_ddim_step_adds_the_noise_of_ddim_noise_scale_and_moves_along_x_t():
    variance = law(step.ddim_step(X_T, X_0, Z, ETA, LOG_S, LOG_T))[1]
    assert same(variance, ETA**2 * VARIANCE)
    half = sp.Rational(1, 2)
    assert adds_noise_with_positive_sign(step.ddim_step, half)
    assert sp.diff(step.ddim_step(X_T, X_0, Z, half, HALF, QUARTER), X_T).is_positive


def test_ddim_step_draws_from_the_posterior_of_bayes_when_eta_is_one():
    mean, variance = law(step.ddim_step(X_T, X_0, Z, sp.Integer(1), LOG_S, LOG_T))
    at = {A_S: sp.Rational(4, 5), A_T: sp.Rational(3, 5)}
    assert same(sp.expand(mean.subs(at)), sp.expand(MEAN.subs(at)))
    assert same(variance, VARIANCE)


def test_ddim_step_holds_the_implied_noise_when_eta_is_zero():
    x_s = step.ddim_step(X_T, X_0, Z, sp.Integer(0), LOG_S, LOG_T)
    assert same((x_s - A_S * X_0) ** 2 * (1 - A_T**2), (X_T - A_T * X_0) ** 2 * (1 - A_S**2))
