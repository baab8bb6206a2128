"""Guidance: tilted densities differentiated, spreads by pairs, noised Gaussians by moments."""

import numpy as np
import pytest
import sympy as sp

from refdiff.reference import guidance

from .algebra import column, completed_square, log_normal, positive, real, same

ALPHA, SIGMA, ALPHA_S, SIGMA_S, V_U, V_C, VARIANCE = positive("alpha sigma alpha_s sigma_s v_u v_c variance")
X, W, N, M_U, M_C, EPS_U, EPS_C, EPS_N, SLOPE, MEAN = real("x w n m_u m_c eps_u eps_c eps_n slope mean")


def noised(mean, variance):
    """Moments of alpha_t*x_0 + sigma_t*eps."""
    return ALPHA * mean, ALPHA**2 * variance + SIGMA**2


def tilted(own, given):
    """Mean and variance of the law proportional to p(x)**(1 - w)*p(x|y)**w."""
    return completed_square((1 - W) * log_normal(X, *own) + W * log_normal(X, *given), X)


OWN, GIVEN = (M_U, V_U), (M_C, V_C)


def test_classifier_guided_score_is_that_of_the_tilted_density():
    log_likelihood = SLOPE * X**2
    log_density = log_normal(X, MEAN, VARIANCE)
    found = guidance.classifier_guided_score(sp.diff(log_density, X), sp.diff(log_likelihood, X), W)
    assert same(found, sp.diff(log_density + W * log_likelihood, X))


def test_classifier_guided_score_at_one_is_the_score_of_the_posterior():
    posterior = log_normal(X, *GIVEN)
    likelihood = posterior - log_normal(X, *OWN)  # Bayes' rule, but for what does not hold x
    found = guidance.classifier_guided_score(sp.diff(log_normal(X, *OWN), X), sp.diff(likelihood, X), 1)
    assert same(found, sp.diff(posterior, X))


def test_classifier_guided_mean_is_that_of_the_step_times_the_linearised_likelihood():
    expected = completed_square(log_normal(X, MEAN, VARIANCE) + W * SLOPE * (X - MEAN), X)
    assert same(guidance.classifier_guided_mean(MEAN, VARIANCE, SLOPE, W), expected[0])
    assert same(VARIANCE, expected[1])


def test_classifier_guided_eps_has_the_guided_score():
    found = guidance.classifier_guided_eps(EPS_U, SLOPE, SIGMA, W)
    assert same(-found / SIGMA, guidance.classifier_guided_score(-EPS_U / SIGMA, SLOPE, W))


def test_classifier_free_guidance_has_the_score_of_the_tilted_noised_marginals():
    own, given = noised(*OWN), noised(*GIVEN)
    scores = [sp.diff(log_normal(X, *law), X) for law in (own, given)]
    found = guidance.classifier_free_guidance(*(-SIGMA * score for score in scores), W)
    assert same(-found / SIGMA, sp.diff((1 - W) * log_normal(X, *own) + W * log_normal(X, *given), X))


def test_classifier_free_guidance_is_classifier_guidance_by_the_implicit_classifier():
    implicit = -(EPS_C - EPS_U) / SIGMA
    assert same(guidance.classifier_free_guidance(EPS_U, EPS_C, W), guidance.classifier_guided_eps(EPS_U, implicit, SIGMA, W))


def test_classifier_free_guidance_of_eps_and_of_x_0_and_of_v_agree():
    def x_0(eps):
        return (X - SIGMA * eps) / ALPHA

    def v(eps):
        return ALPHA * eps - SIGMA * x_0(eps)

    guided = guidance.classifier_free_guidance(EPS_U, EPS_C, W)
    for other in (x_0, v):
        assert same(guidance.classifier_free_guidance(other(EPS_U), other(EPS_C), W), other(guided))


def test_classifier_free_guidance_weighted_is_classifier_free_guidance_at_one_more():
    found = guidance.classifier_free_guidance_weighted(EPS_U, EPS_C, W)
    assert same(found, EPS_U + (1 + W) * (EPS_C - EPS_U))


def test_negative_guidance_has_the_score_of_a_ratio_of_densities():
    laws = [log_normal(X, *OWN), log_normal(X, *GIVEN), log_normal(X, MEAN, VARIANCE)]
    found = guidance.negative_guidance(*(sp.diff(law, X) for law in laws), W, N)
    ratio = laws[0] + W * (laws[1] - laws[0]) - N * (laws[2] - laws[0])
    assert same(found, sp.diff(ratio, X))


def spread(row):
    """Variance by pairs, but for a factor."""
    return sum((a - b) ** 2 for a in row for b in row)


@pytest.mark.parametrize("share", [sp.Integer(0), sp.Integer(1), sp.Rational(7, 10)])
def test_rescaled_guidance_has_the_conditional_spread_in_every_sample_at_one(share):
    guided, conditional = column(sp.sympify(((1, 3, -1), (2, 0, 5)))), column(sp.sympify(((0, 4, 2), (7, 3, -2))))
    found = guidance.rescaled_guidance(guided, conditional, share)
    for row, own, given in zip(found, guided, conditional, strict=True):
        ratio = sp.sqrt(sp.Rational(spread(given), spread(own)))
        assert same(row, (1 - share) * own + share * ratio * own)
        assert share != 1 or same(spread(row), spread(given))


def test_rescaled_guidance_takes_samples_of_any_shape():
    guided, conditional = column(sp.sympify(((1, 3, -1, 4), (2, 0, 5, 1)))), column(sp.sympify(((0, 4, 2, 1), (7, 3, -2, 0))))
    flat = guidance.rescaled_guidance(guided, conditional, sp.Rational(1, 3))
    found = guidance.rescaled_guidance(guided.reshape(2, 2, 2), conditional.reshape(2, 2, 2), sp.Rational(1, 3))
    assert same(found, flat.reshape(2, 2, 2))


@pytest.mark.parametrize(("level", "guided"), [(1, False), (2, False), (3, True), (5, True), (6, False)])
def test_interval_guidance_guides_above_the_lower_end_up_to_the_upper_one(level, guided):
    found = guidance.interval_guidance(EPS_U, EPS_C, W, sp.Integer(level), sp.Integer(2), sp.Integer(5))
    assert same(found, EPS_U + W * (EPS_C - EPS_U) if guided else EPS_C)


def test_autoguidance_has_the_denoiser_of_the_tilted_law_where_the_weak_one_is_wider():
    strong, weak = log_normal(X, *noised(M_C, V_C)), log_normal(X, *noised(M_C, V_U))
    estimates = [(X + SIGMA**2 * sp.diff(law, X)) / ALPHA for law in (strong, weak)]
    expected = (X + SIGMA**2 * sp.diff(W * strong + (1 - W) * weak, X)) / ALPHA
    assert same(guidance.autoguidance(*estimates, W), expected)


def test_cfg_pp_step_cleans_with_the_guided_and_renoises_with_the_unconditional_estimate():
    found = guidance.cfg_pp_step(X, EPS_U, EPS_C, W, ALPHA_S, SIGMA_S, ALPHA, SIGMA)
    clean = sp.Symbol("clean")
    solved = sp.solve(ALPHA * clean + SIGMA * (EPS_U + W * (EPS_C - EPS_U)) - X, clean)[0]
    assert same(found, ALPHA_S * solved + SIGMA_S * EPS_U)
    # No condition: nothing but DDIM, which undoes itself.
    back = guidance.cfg_pp_step(found.subs(EPS_C, EPS_U), EPS_U, EPS_U, W, ALPHA, SIGMA, ALPHA_S, SIGMA_S)
    assert same(back, X)


def test_guided_gaussian_mean_and_guided_gaussian_variance_are_those_of_the_tilted_density():
    mean, variance = tilted(OWN, GIVEN)
    assert same(guidance.guided_gaussian_mean(M_U, V_U, M_C, V_C, W), mean)
    assert same(guidance.guided_gaussian_variance(V_U, V_C, W), variance)


def test_guided_scale_bound_is_where_the_guided_precision_vanishes():
    precision = 1 / tilted(OWN, GIVEN)[1]
    bound = guidance.guided_scale_bound(V_U, V_C)
    assert same(precision.subs(W, bound), 0)
    assert same(bound - 1, V_U / (V_C - V_U))  # above 1 exactly where the conditional law is the wider


def test_guided_noising_variance_gap_is_what_noising_first_adds():
    expected = tilted(noised(*OWN), noised(*GIVEN))[1] - noised(*tilted(OWN, GIVEN))[1]
    assert same(guidance.guided_noising_variance_gap(V_U, V_C, W, ALPHA, SIGMA), expected)


def test_guided_noising_mean_gap_is_what_noising_first_adds():
    expected = tilted(noised(*OWN), noised(*GIVEN))[0] - noised(*tilted(OWN, GIVEN))[0]
    assert same(guidance.guided_noising_mean_gap(M_U, V_U, M_C, V_C, W, ALPHA, SIGMA), expected)


def test_guiding_noised_laws_is_noising_the_guided_law_only_without_guidance_or_at_equal_variances():
    gap = sp.factor(guidance.guided_noising_variance_gap(V_U, V_C, W, ALPHA, SIGMA))
    zeros = sp.Poly(sp.numer(gap), W, V_C).factor_list()[1]
    assert {factor.as_expr() for factor, _ in zeros} in ({W, W - 1, V_C - V_U}, {W, W - 1, V_U - V_C})
    means = sp.factor(guidance.guided_noising_mean_gap(M_U, V_U, M_C, V_C, W, ALPHA, SIGMA))
    assert same([means.subs(W, 0), means.subs(W, 1), means.subs(V_C, V_U), means.subs(M_C, M_U)], np.zeros(4, dtype=int))
