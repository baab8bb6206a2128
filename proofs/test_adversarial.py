"""Denoising with a GAN: the game's optimum from its value, and the true denoising law of mixtures from Bayes' rule."""

import itertools

import numpy as np
import pytest
import sympy as sp
from sympy.core.relational import Relational

from refdiff.reference import adversarial

from .algebra import column, completed_square, expectation, forward_posterior, log_normal, positive, real, same

A, B, P, Q, A_S, A_T, STEP = positive("a b p q a_s a_t step")
X_S, X_T, X_0, Z = real("x_s x_t x_0 z")
LEVELS = (2 * sp.log(A_S), 2 * sp.log(A_T))
FIRST, SECOND = column(positive("p_1 p_2")), column(positive("q_1 q_2"))


def divergence(first, second):
    """KL divergence by its definition."""
    return sum(p * (sp.log(p) - sp.log(q)) for p, q in zip(first, second, strict=True))


def at_rationals(expression, digits=50):
    return abs(sp.N(expression, digits)) < sp.Rational(1, 10**35)


def test_optimal_discriminator_makes_the_games_value_greatest():
    guess = sp.symbols("guess", positive=True)
    value = P * sp.log(guess) + Q * sp.log(1 - guess)
    best = adversarial.optimal_discriminator(sp.log(P), sp.log(Q))
    assert same(sp.diff(value, guess).subs(guess, best), 0)
    assert sp.diff(value, guess, 2).subs({guess: best, P: 2, Q: 3}).is_negative


@pytest.mark.parametrize("alike", [True, False])
def test_jensen_shannon_is_the_mean_divergence_from_the_even_mixture_in_both_of_its_forms(alike):
    mixture = (FIRST + SECOND) / 2
    expected = (divergence(FIRST, mixture) + divergence(SECOND, mixture)) / 2
    found = adversarial.jensen_shannon(FIRST, SECOND)
    assert same(found.subs(dict.fromkeys(found.atoms(Relational), sp.S(alike))), expected)


def test_jensen_shannon_and_gan_value_at_optimum_count_nothing_for_what_has_no_probability():
    one, other = column([sp.Integer(1), sp.Integer(0)]), column([sp.Integer(0), sp.Integer(1)])
    even = column([sp.Rational(1, 2)] * 2)
    assert same(adversarial.jensen_shannon(one, other), sp.log(2))
    assert same(adversarial.gan_value_at_optimum(one, other), 0)
    assert same(adversarial.gan_value_at_optimum(even, even), -sp.log(4))
    missed = divergence([sp.Rational(1, 2)] * 2, [sp.Rational(3, 4), sp.Rational(1, 4)]) + sp.log(sp.Rational(4, 3))
    for pair in ((one, even), (even, one)):
        assert at_rationals(adversarial.jensen_shannon(*pair) - missed / 2)
        assert at_rationals(adversarial.gan_value_at_optimum(*pair) - missed + sp.log(4))


def test_gan_value_at_optimum_is_the_value_of_optimal_discriminator_and_2_jsd_less_log_4():
    best = [adversarial.optimal_discriminator(sp.log(p), sp.log(q)) for p, q in zip(FIRST, SECOND, strict=True)]
    played = sum(p * sp.log(d) + q * sp.log(1 - d) for p, q, d in zip(FIRST, SECOND, best, strict=True))
    found = adversarial.gan_value_at_optimum(FIRST, SECOND)
    assert same(found, played)
    mixture = (FIRST + SECOND) / 2
    doubled = divergence(FIRST, mixture) + divergence(SECOND, mixture)
    assert same(found, doubled - sp.log(2) * sum(FIRST + SECOND))


@pytest.mark.parametrize("signs", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
def test_discriminator_loss_is_minus_the_log_likelihood_of_both_answers(signs):
    real_logit, fake_logit = signs[0] * A, signs[1] * B
    chance = 1 / (1 + sp.exp(-real_logit)) * sp.exp(-fake_logit) / (1 + sp.exp(-fake_logit))
    assert same(sp.exp(adversarial.discriminator_loss(real_logit, fake_logit)), 1 / chance)


@pytest.mark.parametrize("sign", [1, -1])
def test_generator_loss_nonsaturating_is_minus_the_log_chance_to_pass_for_data(sign):
    assert same(sp.exp(adversarial.generator_loss_nonsaturating(sign * A)), 1 + sp.exp(-sign * A))


def test_ddgan_step_draws_from_the_posterior_of_bayes_at_the_generators_x_0():
    state = adversarial.ddgan_step(X_T, X_0, Z, *LEVELS)
    mean = expectation(state, [Z])
    expected = forward_posterior(X_0, X_T, A_S, A_T)
    assert same(mean, expected[0])
    assert same(expectation((state - mean) ** 2, [Z]), expected[1])
    assert sp.diff(state.subs({A_S: sp.Rational(1, 2), A_T: sp.Rational(1, 4)}), Z).is_positive


def component(mean, variance, x_t):
    """Mean and variance of x_s given x_t, for one Gaussian component and a step that keeps step**2 of the power."""
    prior = log_normal(X_S, A_S * mean, A_S**2 * variance + 1 - A_S**2)
    return completed_square(prior + log_normal(x_t, STEP * X_S, 1 - STEP**2), X_S)


def test_denoising_posterior_means_mixture_and_denoising_posterior_variances_mixture_are_bayes_rule_for_each_component():
    levels = (2 * sp.log(A_S), 2 * sp.log(A_S * STEP))
    x_t, means = column([real("x y")]), column(real("m:4")).reshape(2, 2)
    variances = column(positive("v w"))
    found = adversarial.denoising_posterior_means_mixture(x_t, means, variances, *levels)
    spreads = adversarial.denoising_posterior_variances_mixture(variances, *levels)
    assert found.shape == (1, 2, 2)
    for k, j in itertools.product(range(2), repeat=2):
        mean, variance = component(means[k, j], variances[k], x_t[0, j])
        assert same(found[0, k, j], mean)
        assert same(spreads[k], variance)


def log_joint(weight, mean, variance, states, scale):
    """Log of a component's weight times its density at the noisy states."""
    terms = [log_normal(x, scale * m, scale**2 * variance + 1 - scale**2) for x, m in zip(states, mean, strict=True)]
    return sp.log(weight) + sum(terms)


def test_denoising_posterior_weights_mixture_weighs_each_component_by_its_density_at_x_t():
    states, means = column([real("x y")]), column(real("m:4")).reshape(2, 2)
    weights, variances = column(positive("w_1 w_2")), column(positive("v_1 v_2"))
    found = adversarial.denoising_posterior_weights_mixture(states, weights, means, variances, 2 * sp.log(A))
    logs = [log_joint(*law, states[0], A) for law in zip(weights, means, variances, strict=True)]
    shift = found[0, 0].atoms(sp.Max)
    assert len(shift) == 1
    for argument in shift.pop().args:
        first, second = (entry.replace(sp.Max, lambda *_, chosen=argument: chosen) for entry in found[0])
        odds = sp.powsimp(sp.powdenest(sp.expand_log(sp.log(first / second), force=True)))
        assert same(odds, logs[0] - logs[1])
        assert at_rationals((first + second - 1).subs(rationals(first)))


def rationals(expression):
    return {symbol: sp.Rational(3 + i, 5 + 2 * i) for i, symbol in enumerate(sorted(expression.free_symbols, key=str))}


def mixture_at_rationals(components):
    """A mixture in two dimensions, and three states at each time."""
    r = sp.Rational
    weights = column([[r(1)], [r(1, 4), r(3, 4)], [r(1, 2), r(1, 3), r(1, 6)]][components - 1])
    means = column([[r(1), r(-2)], [r(-1, 2), r(3, 4)], [r(2), r(1, 5)]][:components])
    variances = column([r(1, 3), r(2), r(5, 7)][:components])
    x_s = column([[r(1, 2), r(-1, 3)], [r(2), r(1)], [r(0), r(3, 7)]])
    x_t = column([[r(1, 5), r(1, 4)], [r(-1), r(3, 2)], [r(2, 3), r(-1)]])
    return x_s, x_t, weights, means, variances


@pytest.mark.parametrize("components", [1, 2, 3])
def test_denoising_posterior_log_density_mixture_is_bayes_rule_for_the_whole_mixture_at_exact_points(components):
    """log q(x_s) + log q(x_t | x_s) - log q(x_t), to 35 digits at rational points."""
    x_s, x_t, weights, means, variances = mixture_at_rationals(components)
    a_s, a_t = sp.Rational(4, 5), sp.Rational(1, 2)
    levels = (2 * sp.log(a_s), 2 * sp.log(a_t))
    found = adversarial.denoising_posterior_log_density_mixture(x_s, x_t, weights, means, variances, *levels)
    assert found.shape == (3,)
    for i in range(3):
        early, late = (
            sp.log(sum(sp.exp(log_joint(*law, states[i], scale)) for law in zip(weights, means, variances, strict=True)))
            for states, scale in ((x_s, a_s), (x_t, a_t))
        )
        forward = sum(log_normal(late_x, a_t / a_s * x, 1 - (a_t / a_s) ** 2) for x, late_x in zip(x_s[i], x_t[i], strict=True))
        assert at_rationals(found[i] - (early + forward - late))


def test_excess_kurtosis_mixture_is_the_standardised_fourth_moment_less_three():
    share = A / (A + B)
    weights, variances = column([share, 1 - share]), column([P**2, Q**2])
    means = column([[X_0, X_S], [X_T, Z]])
    found = adversarial.excess_kurtosis_mixture(weights, means, variances)
    noise = real("u")
    for j in range(2):
        laws = list(zip(weights, [means[k, j] + root * noise for k, root in enumerate((P, Q))], strict=True))

        def moment(power, centre, laws=laws):
            return sum(weight * expectation((x - centre) ** power, [noise]) for weight, x in laws)

        mean = moment(1, 0)
        at = {A: 2, B: 3} if j else {A: 1, B: 1}
        assert same((found[j] * moment(2, mean) ** 2).subs(at), (moment(4, mean) - 3 * moment(2, mean) ** 2).subs(at))


def test_excess_kurtosis_mixture_of_a_gaussian_is_0_and_of_two_points_minus_2():
    halves = column([sp.Rational(1, 2)] * 2)
    alike = adversarial.excess_kurtosis_mixture(halves, column([[X_0], [X_0]]), column([P, P]))
    assert same(alike, column([sp.Integer(0)]))
    apart = adversarial.excess_kurtosis_mixture(halves, column([[-P], [P]]), column([sp.Integer(0)] * 2))
    assert same(apart, column([sp.Integer(-2)]))


def test_the_true_denoising_law_of_a_mixture_is_not_gaussian_for_a_long_step_and_is_in_the_limit_of_a_short_one():
    """Two points at -1 and 1 seen at x_t = 0: excess_kurtosis_mixture of denoising_posterior_means_mixture and variances."""
    a_t = sp.Rational(1, 2)
    halves, points = column([sp.Rational(1, 2)] * 2), column([[sp.Integer(-1)], [sp.Integer(1)]])
    levels = (2 * sp.log(A), 2 * sp.log(a_t))
    none = column([sp.Integer(0)] * 2)
    means = adversarial.denoising_posterior_means_mixture(column([[sp.Integer(0)]]), points, none, *levels)[0]
    variances = adversarial.denoising_posterior_variances_mixture(none, *levels)
    found = sp.cancel(adversarial.excess_kurtosis_mixture(halves, means, variances)[0])
    assert found.subs(A, a_t) == 0
    values = [found.subs(A, sp.Rational(k, 20)) for k in range(10, 21)]
    assert all(later < earlier for earlier, later in itertools.pairwise(values))
    assert values[-1] == -2
    assert np.shape(means) == (2, 1)
