"""Losses from their definitions: KL as the mean of a log ratio, likelihood as an integral, weights by the error they carry."""

import inspect

import pytest
import sympy as sp

from refdiff.reference import loss

from .algebra import column, expectation, forward_posterior, log_normal, positive, real, same

A_S, A_T, GAMMA, ALPHA, SIGMA, SIGMA_DOT, ALPHA_DROP = positive("a_s a_t gamma alpha sigma sigma_dot alpha_drop")
LOG_S, LOG_T = 2 * sp.log(A_S), 2 * sp.log(A_T)
X_0, X_T, EPS, GUESS = real("x_0 x_t eps guess")
ROWS, GUESSES = column(real("x_1 x_2 x_3 x_4")).reshape(2, 2), column(real("y_1 y_2 y_3 y_4")).reshape(2, 2)
LEVELS_S, LEVELS_T = positive("b_1 b_2"), positive("c_1 c_2")


def divergence(*laws):
    """KL from the first Gaussian to the second, each a mean and a variance: the mean, over the first, of the log ratio."""
    mean_1, mean_2, unit = real("mean_1 mean_2 unit")
    variance_1, variance_2 = positive("variance_1 variance_2")
    draw = mean_1 + sp.sqrt(variance_1) * unit
    log_ratio = log_normal(draw, mean_1, variance_1) - log_normal(draw, mean_2, variance_2)
    found = expectation(sp.expand_log(log_ratio), [unit])
    return found.subs(list(zip((mean_1, variance_1, mean_2, variance_2), laws, strict=True)))


def step_divergence(x_0, x_0_hat, a_s, a_t):
    """KL between the reverse steps that know x_0 and that take x_0_hat for it, both by Bayes' rule."""
    (mean, variance), (guessed, _) = (forward_posterior(data, X_T, a_s, a_t) for data in (x_0, x_0_hat))
    return divergence(mean, variance, guessed, variance)


def test_denoising_kl_is_the_divergence_of_the_two_reverse_steps_summed_over_entries():
    levels_s, levels_t = (column([2 * sp.log(a) for a in levels]) for levels in (LEVELS_S, LEVELS_T))
    rows = zip(ROWS, GUESSES, LEVELS_S, LEVELS_T, strict=True)
    expected = [sum(step_divergence(*pair, a_s, a_t) for pair in zip(x, y, strict=True)) for x, y, a_s, a_t in rows]
    assert same(loss.denoising_kl(ROWS, GUESSES, levels_s, levels_t), column(expected))


def test_denoising_kl_gradient_is_the_slope_of_the_divergence_in_the_guess():
    divergences = [step_divergence(*pair, A_S, A_T) for pair in zip(ROWS.flat, GUESSES.flat, strict=True)]
    slopes = [sp.diff(entry, guess) for entry, guess in zip(divergences, GUESSES.flat, strict=True)]
    assert same(loss.denoising_kl_gradient(ROWS, GUESSES, LOG_S, LOG_T), column(slopes).reshape(2, 2))


def test_prior_kl_is_the_divergence_of_the_last_marginal_from_the_unit_gaussian():
    levels = column([2 * sp.log(a) for a in LEVELS_T])
    expected = [sum(divergence(a * x, 1 - a**2, 0, 1) for x in row) for row, a in zip(ROWS, LEVELS_T, strict=True)]
    for branch in zip(*map(branches, loss.prior_kl(ROWS, levels)), strict=True):
        assert same(column(branch), column(expected))


def branches(expression):
    """The expression with the first choice of every Piecewise, then with the last."""
    for choice in (0, -1):
        yield expression.replace(sp.Piecewise, lambda *pairs, choice=choice: pairs[choice][0])


@pytest.mark.parametrize("level", [0, 1, 77, 128, 254, 255])
def test_decoder_log_likelihood_is_the_log_of_the_density_integrated_over_the_bin(level):
    edge, mean, scale = real("edge"), real("mean"), positive("scale")
    below = (1 + sp.erf((edge - mean) / (scale * sp.sqrt(2)))) / 2
    assert same(sp.diff(below, edge), sp.exp(log_normal(edge, mean, scale**2)))
    # The level as float64 holds it: a threshold that only rounding passes would be seen.
    centre = sp.Rational((2 * level - 255) / 255)
    upper = 1 if level == 255 else below.subs(edge, centre + sp.Rational(1, 255))
    lower = 0 if level == 0 else below.subs(edge, centre - sp.Rational(1, 255))
    for branch in branches(loss.decoder_log_likelihood(centre, mean, sp.log(scale))):
        likelihood = sp.exp(branch).rewrite(sp.erf)
        assert same(with_plain_edges(likelihood), with_plain_edges(sp.sympify(upper - lower)))


def with_plain_edges(expression):
    return sp.expand(expression).replace(sp.erf, lambda edge: sp.erf(sp.expand(edge)))


def test_bits_per_dimension_count_how_often_the_likelihood_halves():
    nats, dimensions = real("nats"), positive("dimensions")
    bits = loss.bits_per_dimension(nats, dimensions) * dimensions
    assert same(2**bits, sp.exp(nats))
    assert same(loss.bits_per_dimension(sp.Integer(0), dimensions), 0)


def test_simple_loss_averages_the_squares_over_all_axes_but_the_first():
    eps, guess = column(real("e_:12")).reshape(2, 3, 2), column(real("g_:12")).reshape(2, 3, 2)
    expected = [sum((one - other) ** 2 for one, other in zip(eps[i].flat, guess[i].flat, strict=True)) / 6 for i in range(2)]
    assert same(loss.simple_loss(eps, guess), column(expected))


def test_simple_loss_gradient_is_the_slope_of_the_summed_simple_loss():
    eps, guess = column(real("e_:6")).reshape(2, 3), column(real("g_:6")).reshape(2, 3)
    total = sum((one - other) ** 2 / 3 for one, other in zip(eps.flat, guess.flat, strict=True))
    slopes = column([sp.diff(total, entry) for entry in guess.flat]).reshape(2, 3)
    assert same(loss.simple_loss_gradient(eps, guess), slopes)


def test_simple_loss_weight_turns_the_error_of_eps_into_the_divergence_of_the_reverse_steps():
    data, guessed = ((X_T - sp.sqrt(1 - A_T**2) * noise) / A_T for noise in (EPS, GUESS))
    expected = step_divergence(data, guessed, A_S, A_T)
    assert same(loss.simple_loss_weight(LOG_S, LOG_T) * (EPS - GUESS) ** 2, sp.expand(expected))


def slope_in_x_0(target, sigma):
    """How fast the predicted quantity moves with x_0 while x_t stays: errors of the two are in this ratio."""
    eps = (X_T - ALPHA * X_0) / sigma
    predicted = {
        "x_0": X_0,
        "eps": eps,
        "v": ALPHA * eps - sigma * X_0,
        "score": -eps / sigma,
        "velocity": -ALPHA_DROP * X_0 + SIGMA_DOT * eps,
    }
    return sp.diff(predicted[target], X_0)


def weight_of_x_0(body, target):
    """The weight that the squared error of x_0 gets when the body weighs the target's, and the SNR."""
    sigma = sp.sqrt(1 - ALPHA**2) if target == "v" else SIGMA
    known = {
        "logsnr_t": sp.log(ALPHA**2 / sigma**2),
        "alpha_t": ALPHA,
        "sigma_t": sigma,
        "alpha_dot_t": -ALPHA_DROP,
        "sigma_dot_t": SIGMA_DOT,
        "gamma": GAMMA,
    }
    weight = body(**{name: known[name] for name in inspect.signature(body).parameters})
    return weight, slope_in_x_0(target, sigma) ** 2, ALPHA**2 / sigma**2


@pytest.mark.parametrize("name", ["snr_weight_x_0", "snr_weight_eps", "snr_weight_v", "snr_weight_score", "snr_weight_velocity"])
def test_snr_weights_give_the_error_of_x_0_the_snr_for_weight(name):
    weight, squared_slope, snr = weight_of_x_0(getattr(loss, name), name.removeprefix("snr_weight_"))
    assert same(weight * squared_slope, snr)


@pytest.mark.parametrize(
    "name",
    ["min_snr_weight_x_0", "min_snr_weight_eps", "min_snr_weight_v", "min_snr_weight_score", "min_snr_weight_velocity"],
)
def test_min_snr_weights_give_the_error_of_x_0_the_smaller_of_snr_and_gamma_for_weight(name):
    weight, squared_slope, snr = weight_of_x_0(getattr(loss, name), name.removeprefix("min_snr_weight_"))
    (smaller,) = weight.atoms(sp.Min)
    assert not weight.has(sp.Max)
    # Positive factors pass through a minimum: the two choices must be the SNR and gamma times one factor.
    chosen = sp.Symbol("chosen")
    factor = sp.diff(weight.subs(smaller, chosen), chosen)
    assert same(weight.subs(smaller, 0), 0)
    assert not factor.has(chosen)
    scaled = [factor * choice * squared_slope for choice in smaller.args]
    assert any(same(column(order), column([snr, GAMMA])) for order in (scaled, scaled[::-1]))
    assert factor.subs({ALPHA: sp.Rational(3, 5), SIGMA: 1, ALPHA_DROP: 1, SIGMA_DOT: 2}).is_positive


def test_snr_weight_eps_min_snr_weight_eps_and_min_snr_weight_score_hold_where_signal_equals_noise():
    level = sp.Integer(0)
    assert same(loss.snr_weight_eps(level), 1)
    assert loss.min_snr_weight_eps(level, GAMMA) == sp.Min(1, GAMMA)
    assert loss.min_snr_weight_score(level, SIGMA, GAMMA) == SIGMA**2 * sp.Min(1, GAMMA)
