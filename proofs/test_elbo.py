"""The bound from its definition: means of log ratios along the forward chain; weightings by a change of variables."""

import pytest
import sympy as sp

from refdiff.reference import elbo, loss

from .algebra import column, expectation, forward_posterior, forward_states, log_normal, positive, real, same
from .chains import alike, along, branches, divergence, least_error, marginal, snr_step
from .weightings import COSINE_SCALES, LOGSNR, ROOT, TIME, cosine_density, eps_error, straight

# Signal scales at r < s < t.
A_R, A_S, A_T = positive("a_r a_s a_t")
LOG_R, LOG_S, LOG_T = (2 * sp.log(a) for a in (A_R, A_S, A_T))
X, SLOPE, INTERCEPT, UNIT = real("x slope intercept unit")
VARIANCE = positive("variance")
NOISES = real("u_1 u_2 u_3")
LINE = [SLOPE, INTERCEPT]
ROWS = column([*real("x_1 x_2"), 2, sp.Rational(1, 3)]).reshape(2, 2)


def estimate(x_t):
    return SLOPE * x_t + INTERCEPT


def summed(term, rows=ROWS):
    """The term of each entry, added up for each sample."""
    return column([sum(map(term, row)) for row in rows])


def step_divergence(x, unit):
    """KL between the reverse steps that know x_0 and that estimate it, at one x_t."""
    x_t = marginal(x, A_T, unit)
    (mean, variance), (guess, _) = (forward_posterior(data, x_t, A_S, A_T) for data in (x, estimate(x_t)))
    return (mean - guess) ** 2 / (2 * variance)


def matching(x):
    return expectation(step_divergence(x, UNIT), [UNIT])


def test_denoising_matching_term_is_the_mean_divergence_of_two_reverse_steps_of_one_variance():
    mean, guess, spread = real("mean guess")[0], real("mean guess")[1], positive("spread")
    assert same(divergence(mean, spread, guess, spread), (mean - guess) ** 2 / (2 * spread))
    assert alike(elbo.denoising_matching_term(ROWS[:1], SLOPE, INTERCEPT, LOG_S, LOG_T), summed(matching, ROWS[:1]), LINE)


def test_denoising_matching_variance_is_the_mean_square_of_the_divergence_less_its_squared_mean():
    def term(x):
        error = x - estimate(marginal(x, A_T, UNIT))
        # The divergence is the squared error times half of what a unit error makes of it.
        gain = sp.cancel(step_divergence(x, UNIT) / error**2)
        assert not gain.has(X, UNIT, SLOPE, INTERCEPT)
        return gain**2 * (expectation(error**4, [UNIT]) - expectation(error**2, [UNIT]) ** 2)

    assert same(elbo.denoising_matching_variance(ROWS[:, :1], SLOPE, INTERCEPT, LOG_S, LOG_T), summed(term, ROWS[:, :1]))


def log_reverse(x_s, x_t):
    """Log density of the model's step: Bayes' rule with the estimate for the data."""
    return log_normal(x_s, *forward_posterior(estimate(x_t), x_t, A_S, A_T))


def log_forward(x_t, x_s, a_s, a_t):
    return log_normal(x_t, a_t / a_s * x_s, 1 - (a_t / a_s) ** 2)


def ratio(x):
    """Mean of the log ratio along the chain: the states at r, s and t move together."""
    symbols = real("x_r x_s x_t")
    states = forward_states(x, [A_R, A_S / A_R, A_T / A_S], NOISES)[1:]
    forward, reverse = log_forward(symbols[1], symbols[0], A_R, A_S), log_reverse(symbols[1], symbols[2])
    return along(forward, symbols, states, NOISES) - along(reverse, symbols, states, NOISES)


def test_consistency_term_is_the_mean_log_ratio_over_three_states():
    assert alike(elbo.consistency_term(ROWS[:1], SLOPE, INTERCEPT, LOG_R, LOG_S, LOG_T), summed(ratio, ROWS[:1]), LINE)


def test_consistency_term_is_not_the_mean_divergence():
    """Where the estimate is right the divergence is positive, and the term, here log(1/2)/2, is not: no KL can be meant."""
    powers = [0, sp.log(sp.Rational(1, 2)), sp.log(sp.Rational(1, 3))]
    found = elbo.consistency_term(column([[X]]), 0, X, *powers)[0]
    assert same(found, sp.log(sp.Rational(1, 2)) / 2)
    variance = forward_posterior(X, X, sp.sqrt(sp.Rational(1, 2)), sp.sqrt(sp.Rational(1, 3)))[1]
    assert same(variance, sp.Rational(1, 4))
    assert divergence(0, sp.Rational(1, 2), 0, variance) > 0


def test_reconstruction_term_is_the_mean_of_minus_the_decoders_log_density():
    def term(x):
        return -expectation(log_normal(x, estimate(marginal(x, A_T, UNIT)), VARIANCE), [UNIT])

    assert same(elbo.reconstruction_term(ROWS, SLOPE, INTERCEPT, VARIANCE, LOG_T), summed(term))


def test_prior_matching_term_is_the_mean_divergence_of_the_last_step_from_the_unit_gaussian():
    kept = A_T / A_S

    def term(x):
        divided = divergence(kept * marginal(x, A_S, NOISES[0]), 1 - kept**2, 0, 1)
        return expectation(divided, [NOISES[0]])

    for branch in branches(elbo.prior_matching_term(ROWS, LOG_S, LOG_T)):
        assert same(branch, summed(term))


def schedule(T):
    """Shares of the scale that T steps keep, log signal powers, slopes, intercepts."""
    kept = positive("k_1 k_2 k_3")[:T]
    powers = [2 * sp.log(sp.prod(kept[: t + 1])) for t in range(T)]
    return kept, powers, column(real("c_1 c_2 c_3")[:T]), column(real("d_1 d_2 d_3")[:T])


def bound(T, x_0):
    kept, _, slopes, intercepts = schedule(T)
    found = elbo.variational_bound_linear(x_0, slopes, intercepts, VARIANCE, column([1 - k**2 for k in kept]))
    return next(branches(found))


@pytest.mark.parametrize("T", [1, 2])
def test_variational_bound_linear_is_the_mean_log_ratio_of_the_whole_chain(T):
    kept, _, slopes, intercepts = schedule(T)
    scales = [sp.prod(kept[: t + 1]) for t in range(T)]
    x, symbols = ROWS[0, 0], real("z_1 z_2 z_3")[:T]
    parts = [-log_normal(symbols[-1], 0, 1), -log_normal(x, slopes[0] * symbols[0] + intercepts[0], VARIANCE)]
    for t in range(T):
        parts.append(log_forward(symbols[t], symbols[t - 1] if t else x, scales[t] / kept[t], scales[t]))
    for t in range(1, T):
        guess = slopes[t] * symbols[t] + intercepts[t]
        parts.append(-log_normal(symbols[t - 1], *forward_posterior(guess, symbols[t], scales[t - 1], scales[t])))
    states = forward_states(x, kept, NOISES[:T])[1:]
    expected = sum(along(part, symbols, states, NOISES) for part in parts)
    assert alike(bound(T, ROWS[:1, :1]), column([expected]), [x, *slopes, *intercepts])


def test_variational_bound_linear_is_the_sum_of_either_decomposition():
    """At three steps: prior, denoising matching and reconstruction; or prior matching, consistency and reconstruction."""
    _, powers, slopes, intercepts = schedule(3)
    lines = list(zip(slopes, intercepts, strict=True))
    first = elbo.reconstruction_term(ROWS, *lines[0], VARIANCE, powers[0])
    denoising = [elbo.denoising_matching_term(ROWS, *lines[t], powers[t - 1], powers[t]) for t in (1, 2)]
    starts = [sp.Integer(0), *powers]
    consistency = [elbo.consistency_term(ROWS, *lines[t], *starts[t - 1 : t + 2]) for t in (1, 2)]
    for prior in (loss.prior_kl(ROWS, powers[2]), elbo.prior_matching_term(ROWS, 0 * powers[2], powers[2])):
        assert same(next(branches(prior)) + sum(denoising) + first, bound(3, ROWS))
    last = next(branches(elbo.prior_matching_term(ROWS, powers[1], powers[2])))
    assert same(last + sum(consistency) + first, bound(3, ROWS))


def test_log_ratio_variance_is_the_mean_square_of_the_log_ratio_less_its_squared_mean():
    others, (one, other) = column(real("y_1 y_2 y_3 y_4")).reshape(2, 2), positive("one other")

    def term(mean_1, mean_2):
        draw = mean_1 + one * UNIT
        log_ratio = log_normal(UNIT, 0, 1) - sp.log(one) - log_normal(draw, mean_2, other)
        centred = log_ratio - expectation(log_ratio, [UNIT])
        return expectation(centred**2, [UNIT])

    expected = [sum(map(term, *rows)) for rows in zip(ROWS, others, strict=True)]
    assert same(elbo.log_ratio_variance(ROWS, one**2, others, other), column(expected))


def test_vlb_gaussian_continuous_grows_by_half_the_least_error_for_each_unit_of_snr():
    high, low = positive("high low")
    found = elbo.vlb_gaussian_continuous(VARIANCE, sp.log(high), sp.log(low))
    assert same(sp.diff(found, high), least_error(high, VARIANCE) / 2)
    assert same(found.subs(high, low), 0)


def test_vlb_gaussian_discrete_adds_up_the_mean_divergences_of_the_steps():
    snrs = [sp.Integer(3), sp.Rational(4, 3), sp.Rational(1, 5)]
    found = elbo.vlb_gaussian_discrete(VARIANCE, column([sp.log(snr) for snr in snrs]))
    assert same(found, snr_step(snrs[0], snrs[1], VARIANCE) + snr_step(snrs[1], snrs[2], VARIANCE))


def test_vlb_gaussian_excess_is_vlb_gaussian_discrete_less_vlb_gaussian_continuous():
    logs = column([sp.log(snr) for snr in positive("p q r")])
    expected = elbo.vlb_gaussian_discrete(VARIANCE, logs) - elbo.vlb_gaussian_continuous(VARIANCE, logs[0], logs[-1])
    assert same(elbo.vlb_gaussian_excess(VARIANCE, logs), expected)


def test_snr_dot_and_logsnr_dot_are_the_derivatives_along_any_scales():
    alpha, sigma = (sp.Function(name, positive=True)(TIME) for name in ("alpha", "sigma"))
    levels, ratio = (alpha, sigma, sp.diff(alpha, TIME), sp.diff(sigma, TIME)), alpha**2 / sigma**2
    names = dict(zip(levels[::-1], (*real("q r"), A_S, A_T), strict=True))
    for found, whole in ((elbo.snr_dot(*levels), ratio), (elbo.logsnr_dot(*levels), sp.log(ratio))):
        assert same((found - sp.diff(whole, TIME)).subs(names), 0)


def test_vlb_integrand_is_the_divergence_of_two_reverse_steps_over_a_vanishing_step():
    """The SNR at s is 1/2 + rate*h, at t 1/2: the divergence of denoising_matching_term, in h to first order."""
    rate, h = positive("rate h")
    (mean, spread), (guess, _) = (
        forward_posterior(data, UNIT, sp.sqrt((1 + 2 * rate * h) / (3 + 2 * rate * h)), sp.sqrt(sp.Rational(1, 3)))
        for data in (X, SLOPE)
    )
    growth = sp.limit(sp.cancel((mean - guess) ** 2 / (2 * spread)) / h, h, 0)
    found = elbo.vlb_integrand(column([[X, X], [0, X]]), column([[SLOPE, 0 * SLOPE], [0, SLOPE]]), -rate)
    assert same(found, column([growth + rate * X**2 / 2, growth]))


def test_vlb_integrand_eps_is_vlb_integrand_of_the_data_that_the_noises_imply():
    alpha, sigma, rate = positive("alpha sigma rate")
    noises, guesses, states = (column(real(f"{letter}_:4")).reshape(2, 2) for letter in "eqx")
    data = [(states - sigma * noise) / alpha for noise in (noises, guesses)]
    assert same(elbo.vlb_integrand_eps(noises, guesses, -rate), elbo.vlb_integrand(*data, -rate * alpha**2 / sigma**2))


def test_bits_per_dimension_of_density_is_the_log_of_each_bins_probability_to_base_two():
    log_density, width = real("log_density"), positive("width")
    for dimensions in (1, 3):
        log_probability = log_density + dimensions * sp.log(width)
        bits = elbo.bits_per_dimension_of_density(-log_density, dimensions, width)
        assert same(bits * dimensions * sp.log(2), -log_probability)
        assert same(bits, loss.bits_per_dimension(-log_probability, dimensions))


def test_elbo_weight_gives_a_stretch_of_logsnr_the_weight_of_its_stretch_of_time():
    weight, fall, length = positive("weight fall length")
    logsnr = -fall * UNIT
    passed = logsnr.subs(UNIT, 0) - logsnr.subs(UNIT, length)
    assert same(elbo.elbo_weight(weight, sp.diff(logsnr, UNIT)) * passed, weight * length)


def test_elbo_weight_simple_cosine_is_the_density_of_logsnr_over_that_at_0():
    assert same(elbo.elbo_weight_simple_cosine(LOGSNR), 2 * sp.pi * cosine_density())


def test_elbo_weight_min_snr_is_the_density_times_the_weight_of_eps():
    cap = positive("cap")
    found = elbo.elbo_weight_min_snr(LOGSNR, cap)
    share = sp.Min(ROOT**2, cap) / ROOT**2
    assert same(elbo.elbo_weight_min_snr(sp.Integer(0), 2), 1)
    for below in (sp.Rational(1, 3), 3):
        at = {cap: ROOT**2 * below}
        assert same(found.subs(at), (2 * sp.pi * cosine_density() * share).subs(at))


@pytest.mark.parametrize("power", [1, sp.Rational(1, 2), sp.Rational(3, 4)])
def test_elbo_weight_p2_and_elbo_weight_p2_offset_are_the_density_times_the_weight_of_eps(power):
    share = (1 / (VARIANCE + ROOT**2)) ** power
    assert same(elbo.elbo_weight_p2_offset(LOGSNR, power, VARIANCE), 2 * sp.pi * cosine_density() * share)
    assert same(elbo.elbo_weight_p2(LOGSNR, power), 2 * sp.pi * cosine_density() * share.subs(VARIANCE, 1))


def test_elbo_weight_snr_is_the_density_times_the_snr_weighted_error_of_x_0_for_one_of_eps():
    expected = cosine_density() * ROOT**2 / eps_error(*COSINE_SCALES.values()) ** 2
    assert same(elbo.elbo_weight_snr(LOGSNR), 2 * sp.pi * expected)


def test_elbo_weight_truncated_snr_is_the_density_times_the_larger_of_both_errors_for_one_of_eps():
    found, square = elbo.elbo_weight_truncated_snr(LOGSNR), eps_error(*COSINE_SCALES.values()) ** 2
    for root, larger in ((sp.Rational(1, 3), 1), (sp.Integer(3), square)):
        assert same(found.subs(ROOT, root), (2 * sp.pi * cosine_density() * larger / square).subs(ROOT, root))
    assert same(elbo.elbo_weight_truncated_snr(sp.Integer(0)), 1)


def test_elbo_weight_v_cosine_is_the_density_times_the_error_of_v_for_one_of_eps():
    alpha, sigma = COSINE_SCALES.values()
    v_error = alpha * eps_error(alpha, sigma) - sigma
    expected = cosine_density() * (v_error / eps_error(alpha, sigma)) ** 2
    assert same(elbo.elbo_weight_v_cosine(LOGSNR), sp.pi * expected)


def test_elbo_weight_flow_is_the_density_times_the_error_of_the_velocity_for_one_of_eps():
    assert same(elbo.elbo_weight_flow(LOGSNR), 2 * straight(lambda time: 1))


def test_elbo_weight_flow_logit_normal_is_the_density_times_the_error_of_the_velocity_for_one_of_eps():
    middle, scale = real("middle"), positive("scale")

    def law(time):
        logit = sp.log(time / (1 - time))
        return sp.exp(log_normal(logit, middle, scale**2)) * sp.diff(logit, time)

    found = elbo.elbo_weight_flow_logit_normal(LOGSNR, middle, scale)
    assert same(sp.expand_log(sp.log(found), force=True), sp.expand_log(sp.log(straight(law)), force=True))


def test_elbo_weight_edm_is_the_density_of_its_noise_scales_times_its_loss_weight_in_eps():
    middle, data, scale, sigma = real("middle"), positive("data"), positive("scale"), positive("sigma")
    logsnr = -2 * sp.log(sigma)
    log_of_scale = log_normal(sp.log(sigma), middle, scale**2) - sp.log(sigma)
    loss_weight = (sigma**2 + data**2) / (sigma * data) ** 2 / eps_error(1, sigma) ** 2
    expected = log_of_scale + sp.log(-loss_weight / sp.diff(logsnr, sigma) * data**2)
    found = elbo.elbo_weight_edm(logsnr, middle, scale, data)
    assert same(sp.expand_log(sp.log(found), force=True), sp.expand_log(expected, force=True))


def test_elbo_weight_sigmoid_is_half_at_the_bias_and_falls_by_the_logistic_law():
    bias, level = real("bias level")
    found = elbo.elbo_weight_sigmoid(level, bias)
    assert same(found.subs(level, bias), sp.Rational(1, 2))
    steepness = (sp.diff(found, level) / found).subs({level: bias + sp.log(ROOT)})
    assert same(steepness, found.subs({level: bias + sp.log(ROOT)}) - 1)
