"""The bound from its definition: means of log ratios along the forward chain; weightings by a change of variables."""

import pytest
import sympy as sp

from refdiff.reference import elbo, loss

from .algebra import column, completed_square, expectation, forward_posterior, forward_states, log_normal, positive, real, same
from .chains import alike, along, branches, divergence, marginal

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


def least_error(snr):
    """Variance of x_0 given x_t, of zero-mean data of this variance seen through sqrt(snr)*x_0 + eps."""
    joint = log_normal(X, 0, VARIANCE) + log_normal(UNIT, sp.sqrt(snr) * X, 1)
    return completed_square(joint, X)[1]


def test_vlb_gaussian_continuous_grows_by_half_the_least_error_for_each_unit_of_snr():
    high, low = positive("high low")
    found = elbo.vlb_gaussian_continuous(VARIANCE, sp.log(high), sp.log(low))
    assert same(sp.diff(found, high), least_error(high) / 2)
    assert same(found.subs(high, low), 0)


def step(snr_s, snr_t):
    """Mean divergence of the reverse step given x_0 from the one given its mean, over data and noise."""
    a_s, a_t = (sp.sqrt(snr / (1 + snr)) for snr in (snr_s, snr_t))
    root = positive("root")
    x_0 = root * NOISES[0]
    x_t = marginal(x_0, a_t, NOISES[1])
    guess = completed_square(log_normal(X, 0, root**2) + log_normal(x_t, a_t * X, 1 - a_t**2), X)[0]
    (mean, variance), (guessed, _) = (forward_posterior(data, x_t, a_s, a_t) for data in (x_0, guess))
    return expectation((mean - guessed) ** 2 / (2 * variance), NOISES[:2]).subs(root, sp.sqrt(VARIANCE))


def test_vlb_gaussian_discrete_adds_up_the_mean_divergences_of_the_steps():
    snrs = [sp.Integer(3), sp.Rational(4, 3), sp.Rational(1, 5)]
    found = elbo.vlb_gaussian_discrete(VARIANCE, column([sp.log(snr) for snr in snrs]))
    assert same(found, step(snrs[0], snrs[1]) + step(snrs[1], snrs[2]))


def test_vlb_gaussian_excess_is_vlb_gaussian_discrete_less_vlb_gaussian_continuous():
    logs = column([sp.log(snr) for snr in positive("p q r")])
    expected = elbo.vlb_gaussian_discrete(VARIANCE, logs) - elbo.vlb_gaussian_continuous(VARIANCE, logs[0], logs[-1])
    assert same(elbo.vlb_gaussian_excess(VARIANCE, logs), expected)


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


# Root of the SNR; on the cosine schedule the cotangent of the angle pi/2*time.
ROOT = positive("root")
TIME = positive("time")
COSINE_SCALES = {sp.cos(sp.pi * TIME / 2): ROOT / sp.sqrt(1 + ROOT**2), sp.sin(sp.pi * TIME / 2): 1 / sp.sqrt(1 + ROOT**2)}
LOGSNR = 2 * sp.log(ROOT)


def eps_error(alpha, sigma):
    """Error of eps that an x_0 wrong by 1 makes at a fixed x_t."""
    return sp.diff((UNIT - alpha * X) / sigma, X)


def cosine_density():
    """Density of logsnr at uniform times of the cosine schedule, where the root of the SNR is ROOT."""
    logsnr = 2 * sp.log(sp.cos(sp.pi * TIME / 2) / sp.sin(sp.pi * TIME / 2))
    return -1 / sp.diff(logsnr, TIME).subs(COSINE_SCALES)


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
def test_elbo_weight_p2_is_the_density_times_the_weight_of_eps(power):
    share = (1 / (1 + ROOT**2)) ** power
    assert same(elbo.elbo_weight_p2(LOGSNR, power), 2 * sp.pi * cosine_density() * share)


def test_elbo_weight_v_cosine_is_the_density_times_the_error_of_v_for_one_of_eps():
    alpha, sigma = COSINE_SCALES.values()
    v_error = alpha * eps_error(alpha, sigma) - sigma
    expected = cosine_density() * (v_error / eps_error(alpha, sigma)) ** 2
    assert same(elbo.elbo_weight_v_cosine(LOGSNR), sp.pi * expected)


def straight(logit_law):
    """Density of logsnr times the squared error of eps - x_0 for one of eps, on a straight path where time has this law."""
    slope = sp.diff(2 * sp.log((1 - TIME) / TIME), TIME)
    error = eps_error(1 - TIME, TIME)
    found = -logit_law(TIME) / slope * ((error - 1) / error) ** 2
    return found.subs(TIME, 1 / (1 + ROOT))


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
