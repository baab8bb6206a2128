"""Proofs of likelihood along the probability flow: divergence, moments of a probe, change of variables, Bayes' rule."""

from itertools import product

import numpy as np
import sympy as sp

from refdiff.reference import likelihood

from .algebra import column, completed_square, expectation, log_normal, positive, real, same

ALPHA, SIGMA, DIFFUSION = positive("alpha sigma g")
VARIANCES = column(positive("v_1 v_2"))
MEANS, DATA = column(real("m_1 m_2")), column(real("x_1 x_2"))
POWERS = ALPHA**2 * VARIANCES + SIGMA**2
GIVEN = (DATA.reshape(1, 2), MEANS, VARIANCES, ALPHA, SIGMA)
ROWS = column(real("j_:9")).reshape(3, 3)
PROBE = column(real("p_1 p_2 p_3"))
STEP = sp.Symbol("h")


def jacobians(rows):
    """Two samples, so that an axis taken for another shows."""
    return np.array([rows, rows.T @ rows + 1], dtype=object)


def test_exact_divergence_and_log_density_rate_follow_the_growth_of_a_small_volume():
    found, rates = (getattr(likelihood, name)(jacobians(ROWS)) for name in ("exact_divergence", "log_density_rate"))
    for rows, divergence, rate in zip(jacobians(ROWS), found, rates, strict=True):
        volume = (sp.eye(3) + STEP * sp.Matrix(rows)).det()
        growth = sp.diff(volume, STEP).subs(STEP, 0)
        assert same(divergence, growth)
        assert same(rate, -growth)


def test_hutchinson_divergence_is_the_probes_share_of_the_fields_change_along_it():
    rows, probes = jacobians(ROWS), np.array([PROBE, 2 * PROBE + 1], dtype=object)
    found = likelihood.hutchinson_divergence(probes, rows)
    for estimate, probe, one in zip(found, probes, rows, strict=True):
        moved = [sp.diff(entry, STEP) for entry in one @ (STEP * probe)]
        assert same(estimate, sum(a * b for a, b in zip(probe, moved, strict=True)))
    assert same(expectation(found[0], PROBE), sp.Matrix(ROWS).trace())


def test_hutchinson_variance_gaussian_is_the_estimates_variance_over_gaussian_probes():
    found = likelihood.hutchinson_variance_gaussian(jacobians(ROWS))
    for variance, rows in zip(found, jacobians(ROWS), strict=True):
        estimate = PROBE @ rows @ PROBE
        assert same(variance, expectation(estimate**2, PROBE) - expectation(estimate, PROBE) ** 2)


def test_hutchinson_variance_rademacher_is_the_estimates_variance_over_signs():
    found = likelihood.hutchinson_variance_rademacher(jacobians(ROWS))
    for variance, rows in zip(found, jacobians(ROWS), strict=True):
        estimates = [column(signs) @ rows @ column(signs) for signs in product([1, -1], repeat=3)]
        mean = sum(estimates) / 8
        assert same(variance, sum((estimate - mean) ** 2 for estimate in estimates) / 8)
    assert same(likelihood.hutchinson_variance_rademacher(jacobians(ROWS)[:1]), found[:1])


def test_probability_flow_divergence_is_that_of_the_velocity():
    x, drift = column(real("x_1 x_2 x_3")), real("f")
    score = ROWS @ x**2
    velocity = drift * x - DIFFUSION**2 / 2 * score
    trace, expected = (sum(sp.diff(field[i], x[i]) for i in range(3)) for field in (score, velocity))
    found = likelihood.probability_flow_divergence(column([trace]), drift, DIFFUSION, sp.Integer(3))
    assert same(found, column([expected]))


def test_probability_flow_latent_solves_the_flow_and_starts_at_the_data():
    x, mean, variance = DATA[0], MEANS[0], VARIANCES[0]
    alpha_dot, sigma_dot = real("alpha_dot sigma_dot")
    found = likelihood.probability_flow_latent(x, mean, variance, ALPHA, SIGMA)
    drift = alpha_dot / ALPHA
    power = 2 * SIGMA * sigma_dot - 2 * drift * SIGMA**2  # g squared
    score = sp.diff(log_normal(PROBE[0], ALPHA * mean, POWERS[0]), PROBE[0]).subs(PROBE[0], found)
    moved = sp.diff(found, ALPHA) * alpha_dot + sp.diff(found, SIGMA) * sigma_dot
    assert same(moved, drift * found - power / 2 * score)
    assert same(found.subs({ALPHA: 1, SIGMA: 0}), x)


def changed_variables():
    """Log density of each entry of the data that the flow gives from the prior, by change of variables."""
    logs = []
    for x, mean, variance, power in zip(DATA, MEANS, VARIANCES, POWERS, strict=True):
        latent = ALPHA * mean + sp.sqrt(power) / sp.sqrt(variance) * (x - mean)
        logs.append(log_normal(latent, 0, 1) + sp.log(sp.diff(latent, x)))
    return logs


def test_probability_flow_log_likelihood_is_the_priors_density_changed_by_the_flow():
    assert same(likelihood.probability_flow_log_likelihood(*GIVEN), column([sum(changed_variables())]))


def test_probability_flow_prior_mismatch_is_the_flows_log_likelihood_less_the_datas_log_density():
    true = sum(log_normal(x, m, v) for x, m, v in zip(DATA, MEANS, VARIANCES, strict=True))
    assert same(likelihood.probability_flow_prior_mismatch(*GIVEN), column([sum(changed_variables()) - true]))


def test_reverse_sde_log_likelihood_is_the_density_of_data_drawn_from_the_priors_state():
    prior, noise = real("prior noise")
    total = 0
    for x, mean, variance in zip(DATA, MEANS, VARIANCES, strict=True):
        centre, spread = completed_square(log_normal(x, mean, variance) + log_normal(prior, ALPHA * x, SIGMA**2), x)
        drawn = centre + sp.Symbol("root") * noise
        first, second = (sp.cancel(expectation(drawn**k, [prior, noise]).subs(sp.Symbol("root") ** 2, spread)) for k in (1, 2))
        total += log_normal(x, first, sp.factor(second - first**2))
    assert same(likelihood.reverse_sde_log_likelihood(*GIVEN), column([total]))


def test_elbo_gaussian_data_is_the_bound_on_the_log_density():
    noise = real("noise")
    total = 0
    for x, mean, variance, power in zip(DATA, MEANS, VARIANCES, POWERS, strict=True):
        x_t = ALPHA * x + SIGMA * noise
        start = PROBE[0]
        joint = log_normal(start, mean, variance) + log_normal(x_t, ALPHA * start, SIGMA**2)
        centre, spread = completed_square(joint, start)
        ratio = log_normal(x, centre, spread) + log_normal(x_t, 0, 1) - log_normal(x_t, ALPHA * x, SIGMA**2)
        total += expectation(ratio, [noise])
        assert same(spread, variance * SIGMA**2 / power)
    assert same(likelihood.elbo_gaussian_data(*GIVEN), column([total]))


def test_uniform_dequantisation_bound_is_the_mean_log_density_over_the_bin():
    width, inside = positive("width"), real("u")
    total = 0
    for x, mean, variance in zip(DATA, MEANS, VARIANCES, strict=True):
        square = sp.integrate(sp.expand((x + inside - mean) ** 2), (inside, -width / 2, width / 2)) / width
        total += sp.log(width) - square / (2 * variance) + log_normal(x, x, variance)
    found = likelihood.uniform_dequantisation_bound(*GIVEN[:3], width)
    assert same(found, column([total]))


def test_dequantised_bits_per_dimension_counts_the_probability_of_a_bin_in_powers_of_two():
    log_density, width, count = real("log_density"), positive("width"), positive("count")
    found = likelihood.dequantised_bits_per_dimension(column([log_density]), count, width)[0]
    assert same(-found * count * sp.log(2), log_density + count * sp.log(width))


def test_logit_log_determinant_is_the_log_slope_of_the_transform():
    h = column(positive("h_1 h_2"))
    margin = 1 / (2 + positive("k"))
    shares = 1 / (1 + h)  # between 0 and 1
    total = 0
    for share in shares:
        x = sp.Symbol("x")
        shrunk = margin + (1 - 2 * margin) * x
        total += sp.log(sp.factor(sp.diff(sp.log(shrunk) - sp.log(1 - shrunk), x).subs(x, share)))
    assert same(likelihood.logit_log_determinant(shares.reshape(1, 2), margin), column([total]))


def test_likelihood_weighted_loss_is_the_kl_of_reverse_steps_per_unit_of_time():
    wrong, noise, length = PROBE[:2], real("noise"), positive("h")
    rate = 0
    for true, guess in zip(DATA, wrong, strict=True):
        here = DIFFUSION**2 * length * true + DIFFUSION * sp.sqrt(length) * noise
        logs = [log_normal(here, DIFFUSION**2 * length * one, DIFFUSION**2 * length) for one in (true, guess)]
        rate += expectation(logs[0] - logs[1], [noise]) / length
    found = likelihood.likelihood_weighted_loss(DATA.reshape(1, 2), wrong.reshape(1, 2), DIFFUSION)
    assert same(found, column([rate]))
