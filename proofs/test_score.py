"""Score matching from expectations over the data, second-order Tweedie by Bayes' rule, Langevin by the moments of a step."""

import numpy as np
import pytest
import sympy as sp

from refdiff.reference import score

from .algebra import column, expectation, log_normal, positive, real, same, symmetric

ALPHA, SIGMA, VARIANCE, STEP, START = positive("alpha sigma variance step start")
X, MEAN = real("x mean")
UNITS, NOISES = real("u_1 u_2"), real("e_1 e_2")
ROWS, OTHERS = column(real("s_:4")).reshape(2, 2), column(real("r_:4")).reshape(2, 2)
EYE = np.array([[1, 0], [0, 1]], dtype=object)


def test_explicit_score_matching_loss_vanishes_at_the_score_and_has_the_gap_for_its_gradient():
    found = score.explicit_score_matching_loss(ROWS, OTHERS)
    assert same(score.explicit_score_matching_loss(OTHERS, OTHERS), column([0, 0]))
    for i in range(2):
        assert same(column([sp.diff(found[i], entry) for entry in ROWS[i]]), ROWS[i] - OTHERS[i])


def test_denoising_score_matching_loss_is_explicit_matching_of_the_score_given_x_0():
    x_0 = sp.Symbol("x_0", real=True)
    slope = sp.diff(log_normal(X, ALPHA * x_0, SIGMA**2), X)
    targets = column([slope.subs(X, ALPHA * x_0 + SIGMA * eps) for eps in OTHERS.flat]).reshape(2, 2)
    found = score.denoising_score_matching_loss(ROWS, OTHERS, SIGMA)
    assert same(found, SIGMA**2 * score.explicit_score_matching_loss(ROWS, targets))


def quadratic_guess(x):
    a, b, c = real("a b c")
    return a + b * x + c * x**2


def test_dsm_constant_gaussian_is_what_denoising_matching_exceeds_explicit_matching_by():
    """For any score_hat: denoising_score_matching_loss and explicit_score_matching_loss, averaged over data and noise."""
    x_t = ALPHA * (MEAN + sp.sqrt(VARIANCE) * UNITS[0]) + SIGMA * NOISES[0]
    truth = sp.diff(log_normal(X, ALPHA * MEAN, ALPHA**2 * VARIANCE + SIGMA**2), X).subs(X, x_t)
    guess, rows = quadratic_guess(x_t), {"dtype": object}
    denoising = score.denoising_score_matching_loss(np.array([[guess]], **rows), np.array([[NOISES[0]]], **rows), SIGMA)[0]
    explicit = score.explicit_score_matching_loss(np.array([[guess]], **rows), np.array([[truth]], **rows))[0]
    excess = expectation(denoising - SIGMA**2 * explicit, [UNITS[0], NOISES[0]])
    dimensions = sp.Symbol("dimensions", positive=True)
    assert same(score.dsm_constant_gaussian(VARIANCE, ALPHA, SIGMA, 1), excess)
    assert same(score.dsm_constant_gaussian(VARIANCE, ALPHA, SIGMA, dimensions), dimensions * excess)


def test_implicit_score_matching_loss_is_the_explicit_one_but_for_a_constant_over_the_data():
    x, y = real("x y")
    draws = {x: MEAN + sp.sqrt(VARIANCE) * UNITS[0], y: sp.sqrt(VARIANCE) * UNITS[1]}
    a, b, c, d = real("a b c d")
    guess = np.array([[a + b * x + c * x * y, d * x * y + b * y**2]], dtype=object)
    divergence = column([sp.diff(guess[0, 0], x) + sp.diff(guess[0, 1], y)])
    truth = np.array([[-(x - MEAN) / VARIANCE, -y / VARIANCE]], dtype=object)
    gap = score.implicit_score_matching_loss(guess, divergence)[0] - score.explicit_score_matching_loss(guess, truth)[0]
    assert same(expectation(gap.subs(draws), UNITS), -1 / VARIANCE)


def test_sliced_score_matching_loss_and_its_reduced_form_are_the_implicit_one_on_average():
    """sliced_score_matching_loss and sliced_score_matching_loss_reduced, for either order of the Jacobian's axes."""
    jacobian = column(real("j_:4")).reshape(2, 2)
    probe = column(UNITS)[None, :]
    expected = score.implicit_score_matching_loss(ROWS[:1], column([jacobian[0, 0] + jacobian[1, 1]]))[0]
    for product in (probe @ jacobian, probe @ jacobian.T):
        for loss in (score.sliced_score_matching_loss, score.sliced_score_matching_loss_reduced):
            assert same(expectation(loss(ROWS[:1], probe, product)[0], UNITS), expected)


def test_sliced_score_matching_loss_keeps_the_projection_and_sliced_score_matching_loss_reduced_does_not():
    probe = np.array([[sp.Integer(1), sp.Integer(1)]], dtype=object)
    gap = score.sliced_score_matching_loss(ROWS[:1], probe, 0 * probe) - score.sliced_score_matching_loss_reduced(
        ROWS[:1], probe, 0 * probe
    )
    assert same(gap, column([ROWS[0, 0] * ROWS[0, 1]]))


def gaussian():
    """Covariance of two-dimensional data, and of its noised states."""
    covariance, _ = symmetric("p q r")
    return sp.Matrix(covariance.tolist()), sp.Matrix((ALPHA**2 * covariance + SIGMA**2 * EYE).tolist())


def posterior(covariance):
    """Covariance given x_t by Bayes' rule: precisions add."""
    return np.array((covariance.inv() + sp.eye(2) * ALPHA**2 / SIGMA**2).inv().tolist(), dtype=object)


def test_posterior_covariance_from_score_jacobian_is_that_of_bayes_rule_on_gaussian_data():
    covariance, noised = gaussian()
    hessian = np.array((-noised.inv()).tolist(), dtype=object)
    found = score.posterior_covariance_from_score_jacobian(hessian[None], ALPHA, SIGMA)
    assert same(found, posterior(covariance)[None])


def test_posterior_covariance_from_denoiser_jacobian_is_that_of_bayes_rule_on_gaussian_data():
    covariance, noised = gaussian()
    gain = np.array((ALPHA * covariance * noised.inv()).tolist(), dtype=object)
    found = score.posterior_covariance_from_denoiser_jacobian(gain[None], ALPHA, SIGMA)
    assert same(found, posterior(covariance)[None])


def test_ncsn_sigmas_fall_from_the_largest_to_the_least_by_one_ratio():
    least, largest = positive("least largest")
    found = score.ncsn_sigmas(4, least, largest)
    assert len(found) == 4
    assert same(found[0], largest)
    assert same(sp.expand_log(sp.log(found[3]), force=True), sp.log(least))
    logs = [sp.expand_log(sp.log(sigma), force=True) for sigma in found]
    assert same(logs[1] - logs[0], (sp.log(least) - sp.log(largest)) / 3)
    assert same(logs[2] - logs[1], logs[1] - logs[0])


def test_ncsn_weight_makes_the_conditional_score_of_unit_size():
    slope = sp.diff(log_normal(X, MEAN, SIGMA**2), X).subs(X, MEAN + SIGMA * UNITS[0])
    assert same(score.ncsn_weight(SIGMA) * expectation(slope**2, UNITS[:1]), sp.Integer(1))


def test_annealed_langevin_step_size_keeps_the_ratio_of_drift_to_noise():
    """Drift step/2*score with a score of size 1/sigma, noise sqrt(step): as in the last stage, whose step is given."""
    least = positive("least")
    found = score.annealed_langevin_step_size(SIGMA, least, STEP)
    assert same((found / 2 / SIGMA) ** 2 / found, (STEP / 2 / least) ** 2 / STEP)


def after_one_step(variance_before):
    """Second moment after langevin_step on a Gaussian of mean 0, from a Gaussian of another variance."""
    x = sp.sqrt(variance_before) * UNITS[0]
    return expectation(sp.expand(score.langevin_step(x, -x / VARIANCE, NOISES[0], STEP) ** 2), [UNITS[0], NOISES[0]])


def test_langevin_step_adds_noise_of_variance_step_size_and_keeps_a_gaussian_to_second_order():
    moved = score.langevin_step(X, real("s"), NOISES[0], STEP)
    assert same(sp.diff(moved, NOISES[0]) ** 2, STEP)
    assert same(sp.diff(moved, X), sp.Integer(1))
    assert same(sp.diff(after_one_step(VARIANCE), STEP).subs(STEP, 0), sp.Integer(0))
    assert sp.diff(moved, real("s")).is_positive
    assert sp.diff(moved, NOISES[0]).is_positive


def test_langevin_stationary_variance_is_what_one_step_does_not_change():
    found = score.langevin_stationary_variance(VARIANCE, STEP)
    kept = after_one_step(START).subs(START, found)
    assert same(kept, found)


def branches(expression):
    """The expression with each choice of every minimum."""
    for choice in (0, 1):
        yield expression.replace(sp.Min, lambda *parts, choice=choice: sorted(parts, key=str)[choice])


def test_langevin_chain_variance_follows_the_moments_of_the_steps():
    """From n = 1, one langevin_step, each further step is one more; the two ways to size what a step keeps agree."""
    found = [list(branches(score.langevin_chain_variance(START, VARIANCE, STEP, n))) for n in (1, 2, 3)]
    for chain in zip(*found, strict=True):
        before = START
        for variance in chain:
            assert same(variance, after_one_step(START).subs(START, before))
            before = variance


def test_langevin_chain_variance_is_real_where_a_step_turns_the_deviation_round():
    """Steps on either side of 2*variance, in numbers: a log of what is negative would be nan, yet a right symbol."""
    for step in (1.0, 3.0):
        kept = (1 - step / 2) ** 2
        assert np.isclose(score.langevin_chain_variance(5.0, 1.0, step, 2), kept * (kept * 5 + step) + step, rtol=1e-14)


def test_corrector_step_size_gives_each_sample_the_ratio_of_drift_to_noise():
    ratio = positive("ratio")
    found = score.corrector_step_size(ROWS, OTHERS, ratio)
    for step, slope, noise in zip(found, ROWS, OTHERS, strict=True):
        assert same(sum((step * slope) ** 2), ratio**2 * sum(2 * step * noise**2))


def test_corrector_step_size_vp_gives_the_ratio_of_drift_to_noise_but_for_the_scale_that_a_step_keeps():
    ratio, kept = positive("ratio kept")
    found = score.corrector_step_size_vp(ROWS, OTHERS, ratio, 1 - kept**2)
    for step, slope, noise in zip(found, ROWS, OTHERS, strict=True):
        assert same(sum((step * slope) ** 2), kept**2 * ratio**2 * sum(2 * step * noise**2))


def corrected(name):
    """Gains on the score and on the noise of each sample, and the step that they are compared with."""
    ratio, beta = positive("ratio beta")
    rows = [ROWS, OTHERS, ratio] + [beta] * (name == "corrector_step_vp")
    step = (score.corrector_step_size_vp if name == "corrector_step_vp" else score.corrector_step_size)(*rows)
    start = column(real("x_:4")).reshape(2, 2)
    return start, getattr(score, name)(start, *rows), step


@pytest.mark.parametrize("name", ["corrector_step_ve", "corrector_step_vp"])
def test_corrector_step_ve_and_corrector_step_vp_are_eulers_steps_of_langevins_equation_for_the_time_of_the_step(name):
    """dx = score dt + sqrt(2) dw: the drift is the score times the time, the noise has twice the time for its variance."""
    start, found, step = corrected(name)
    at = dict(zip([*ROWS.flat, *OTHERS.flat], map(sp.Rational, (1, "1/2", -2, 3, "2/3", 4, 1, "5/2")), strict=True))
    for b in range(2):
        noise = column([sp.sympify(entry).subs(at) for entry in found[b] - start[b] - step[b] * ROWS[b]])
        drawn = column([entry.subs(at) for entry in OTHERS[b]])
        assert same(noise**2, 2 * sp.sympify(step[b]).subs(at) * drawn**2)
        numbers = {positive("ratio"): 2, positive("beta"): sp.Rational(1, 2)}
        assert all((one * other).subs(numbers) > 0 for one, other in zip(noise, drawn, strict=True))


def test_dsm_constant_mixture_floor_is_the_loss_of_the_best_estimate_of_eps_that_is_told_the_component():
    """Means over data and noise of half the squared error, in each component that of its own regression."""
    weights, spreads = column([sp.Rational(1, 4), sp.Rational(3, 4)]), positive("r_1 r_2")
    total = 0
    for weight, spread in zip(weights, spreads, strict=True):
        x_t = ALPHA * spread * UNITS[0] + SIGMA * NOISES[0]
        slope = expectation(x_t * NOISES[0], [UNITS[0], NOISES[0]]) / expectation(x_t**2, [UNITS[0], NOISES[0]])
        total += weight * expectation((NOISES[0] - slope * x_t) ** 2, [UNITS[0], NOISES[0]]) / 2
    dimensions = sp.Symbol("dimensions", positive=True)
    found = score.dsm_constant_mixture_floor(weights, column([spread**2 for spread in spreads]), ALPHA, SIGMA, dimensions)
    assert same(found, dimensions * total)


def test_dsm_constant_mixture_ceiling_is_the_loss_of_the_best_linear_estimate_of_eps():
    """Half the mean squared error over a mixture in the plane, least where its gradient by the linear map vanishes."""
    weights, spreads = column(list(map(sp.Rational, ("1/4", "1/2", "1/4")))), column(list(map(sp.Rational, (1, "1/2", 2))))
    means = column(list(map(sp.Rational, (1, 2, "-1/2", 1, 0, "-3/2")))).reshape(3, 2)
    matrix, offset = column(real("l_:4")).reshape(2, 2), column(real("b_1 b_2"))
    loss = 0
    for weight, mean, spread in zip(weights, means, spreads, strict=True):
        x_t = ALPHA * (mean + spread * column(UNITS)) + SIGMA * column(NOISES)
        loss += weight * expectation(sum((column(NOISES) - matrix @ x_t - offset) ** 2) / 2, [*UNITS, *NOISES])
    numbers = {ALPHA: sp.Rational(2, 3), SIGMA: sp.Rational(3, 2)}
    loss, unknowns = sp.expand(loss.subs(numbers)), [*matrix.flat, *offset]
    least = loss.subs(sp.solve([sp.diff(loss, one) for one in unknowns], unknowns, dict=True)[0])
    found = score.dsm_constant_mixture_ceiling(weights, means, spreads**2, *numbers.values())
    assert same(found, least)


def test_dsm_constant_mixture_floor_and_dsm_constant_mixture_ceiling_meet_in_dsm_constant_gaussian_for_one_component():
    one, mean = column([sp.Integer(1)]), column(real("m_1 m_2"))[None, :]
    found = score.dsm_constant_mixture_ceiling(one, mean, column([VARIANCE]), ALPHA, SIGMA)
    assert same(found, score.dsm_constant_gaussian(VARIANCE, ALPHA, SIGMA, 2))
    assert same(found, score.dsm_constant_mixture_floor(one, column([VARIANCE]), ALPHA, SIGMA, 2))
