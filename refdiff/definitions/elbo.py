"""The bound from its definition: expectations of log ratios under the whole chain; weightings by differentiating schedules."""

from itertools import pairwise

import flint
import numpy as np
from flint import acb, arb, arb_series

from refdiff.definitions import weightings
from refdiff.definitions.chain import (
    average,
    chain,
    divergence,
    forward,
    least_error,
    log_density,
    of_samples,
    reverse,
    step_divergence,
    variance_of,
)  # fmt: skip
from refdiff.definitions.entries import FAR, NEAR, entrywise, guarded, other_axes
from refdiff.definitions.moments import density_of_one, kl_of_one
from refdiff.definitions.quadrature import natural_log
from refdiff.definitions.walk import walk

__all__ = [
    "bits_per_dimension_of_density", "consistency_term", "denoising_matching_term", "denoising_matching_variance",
    "elbo_weight", "elbo_weight_edm", "elbo_weight_flow", "elbo_weight_flow_logit_normal", "elbo_weight_min_snr",
    "elbo_weight_p2", "elbo_weight_p2_offset", "elbo_weight_sigmoid", "elbo_weight_simple_cosine", "elbo_weight_snr",
    "elbo_weight_truncated_snr", "elbo_weight_v_cosine", "log_ratio_variance", "logsnr_dot", "prior_matching_term",
    "reconstruction_term", "snr_dot", "variational_bound_linear", "vlb_gaussian_continuous", "vlb_gaussian_discrete",
    "vlb_gaussian_excess", "vlb_integrand", "vlb_integrand_eps",
]  # fmt: skip


@guarded(FAR)
def denoising_matching_term(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t):
    """Average over sigma points of x_t of the divergence of two steps to x_s: given x_0, and given the estimate."""
    line = (slope, intercept, log_alpha_bar_s, log_alpha_bar_t)

    def term(x):
        return average(lambda states: divergence(x, states[0], *line), *chain(x, [log_alpha_bar_t]))

    return of_samples(term, x_0)


@guarded(FAR)
def denoising_matching_variance(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t):
    """Variance over x_t of that divergence, from its values at three Gauss-Hermite points."""
    line = (slope, intercept, log_alpha_bar_s, log_alpha_bar_t)

    def term(x):
        return variance_of(lambda x_t: divergence(x, x_t, *line), *walk(x, arb(0), arb(0), log_alpha_bar_t))

    return of_samples(term, x_0)


@guarded(FAR)
def consistency_term(x_0, slope, intercept, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t):
    """Average over sigma points of the states at r, s and t of the log ratio of the two densities of x_s."""

    def term(x):
        log_reverse = reverse(slope, intercept, log_alpha_bar_s, log_alpha_bar_t)
        log_forward = forward(log_alpha_bar_r, log_alpha_bar_s)
        if log_alpha_bar_r.is_zero():
            means, spread = chain(x, [log_alpha_bar_s, log_alpha_bar_t])
            return average(lambda states: log_forward(states[0], x) - log_reverse(*states), means, spread)
        means, spread = chain(x, [log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t])
        return average(lambda states: log_forward(states[1], states[0]) - log_reverse(*states[1:]), means, spread)

    return of_samples(term, x_0)


@guarded(FAR)
def reconstruction_term(x_0, slope, intercept, variance, log_alpha_bar_t):
    """Average over sigma points of x_t of minus the log of the decoder's density."""

    def term(x):
        means, spread = chain(x, [log_alpha_bar_t])
        return -average(lambda states: log_density(x, slope * states[0] + intercept, variance), means, spread)

    return of_samples(term, x_0)


@guarded(FAR)
def prior_matching_term(x_0, log_alpha_bar_s, log_alpha_bar_T):
    """Average over sigma points of x_s of the divergence of the last step from the unit Gaussian."""

    def term(x, power_s, power_t):
        if power_s.is_zero():
            return kl_of_one(*walk(x, arb(0), arb(0), power_t), arb(0), arb(1))
        means, spread = chain(x, [power_s])
        return average(lambda states: kl_of_one(*walk(states[0], arb(0), power_s, power_t), arb(0), arb(1)), means, spread)

    return of_samples(term, x_0, log_alpha_bar_s, log_alpha_bar_T)


@guarded(NEAR)
def variational_bound_linear(x_0, slopes, intercepts, variance, betas):
    """Average over sigma points of the whole chain of the log of its density over the model's."""
    powers = np.cumsum(np.array([(1 - beta).log() for beta in betas], dtype=object))
    starts = np.concat([[arb(0)], powers])

    def term(x):
        ahead = [forward(*pair) for pair in zip(starts, powers, strict=False)]
        back = [reverse(*step) for step in zip(slopes[1:], intercepts[1:], powers, powers[1:], strict=False)]

        def log_ratio(states):
            drawn = sum(step(b, a) for step, a, b in zip(ahead, [x, *states], states, strict=False))
            modelled = sum((step(a, b) for step, a, b in zip(back, states, states[1:], strict=False)), arb(0))
            decoded = log_density(x, slopes[0] * states[0] + intercepts[0], variance)
            return drawn - modelled - decoded - log_density(states[-1], arb(0), arb(1))

        return average(log_ratio, *chain(x, list(powers)))

    return of_samples(term, x_0)


@guarded(NEAR)
def log_ratio_variance(mean_1, variance_1, mean_2, variance_2):
    """Variance under the first of the log ratio of the densities, from its values at three Gauss-Hermite points."""

    def of_one(centre_1, centre_2):
        def log_ratio(x):
            return log_density(x, centre_1, variance_1) - log_density(x, centre_2, variance_2)

        return variance_of(log_ratio, centre_1, variance_1)

    entries = np.frompyfunc(of_one, 2, 1)(mean_1, mean_2)
    return np.array([np.sum(sample) for sample in entries], dtype=object)


@entrywise(FAR)
def vlb_gaussian_continuous(variance, logsnr_s, logsnr_t):
    """Integral over logsnr of half the least squared error of eps, by quadrature."""

    def error(logsnr, _):
        return least_error(variance, logsnr) * logsnr.exp() / 2

    return acb.integral(error, logsnr_t, logsnr_s, abs_tol=arb(2) ** -(10**6), rel_tol=arb(2) ** -(flint.ctx.prec // 4)).real


@guarded(NEAR)
def vlb_gaussian_discrete(variance, logsnrs):
    """Sum over steps of the divergence between the two reverse steps."""
    return sum(step_divergence(variance, *pair) for pair in pairwise(logsnrs))


@guarded(NEAR)
def vlb_gaussian_excess(variance, logsnrs):
    """The steps' divergences less the information they carry: half the log ratio of the variances left before and after."""
    left = [least_error(variance, logsnr) for logsnr in (logsnrs[0], logsnrs[-1])]
    return vlb_gaussian_discrete(variance, logsnrs) - (left[1] / left[0]).log() / 2


@entrywise(NEAR)
def snr_dot(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """First coefficient of the squared ratio of two power series."""
    ratio = arb_series([alpha_t, alpha_dot_t], 2) / arb_series([sigma_t, sigma_dot_t], 2)
    return (ratio * ratio)[1]


@entrywise(NEAR)
def logsnr_dot(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """First coefficient of the difference of two logs of power series, twice."""
    return 2 * (arb_series([alpha_t, alpha_dot_t], 2).log() - arb_series([sigma_t, sigma_dot_t], 2).log())[1]


def _information(one, other, fall):
    """KL of two observations of Brownian motion over a time `fall`, one with the data for its drift, one with the estimate."""
    entries = np.frompyfunc(lambda a, b, time: kl_of_one(a * time, time, b * time, time), 3, 1)
    found = entries(one, other, other_axes(fall, one))
    return np.array([np.sum(sample) for sample in found], dtype=object)


@guarded(NEAR)
def vlb_integrand(x_0, x_0_hat, snr_dot_t):
    """The information that a channel gives whose SNR grows for a unit of time at this rate."""
    return _information(x_0, x_0_hat, -snr_dot_t)


@guarded(NEAR)
def vlb_integrand_eps(eps, eps_hat, logsnr_dot_t):
    """The same for the data that two noises imply at an SNR of 1/4, where the SNR's rate is a quarter of its log's."""
    return _information(-2 * eps, -2 * eps_hat, -logsnr_dot_t / 4)


@entrywise(NEAR)
def bits_per_dimension_of_density(nats, dimensions, bin_width):
    """Minus the log of the probability of one dimension's bin, whose density is even, over the nats in one bit."""
    probability = (-nats / dimensions).exp() * bin_width
    return -probability.log() / natural_log(arb(2))


@entrywise(NEAR)
def elbo_weight(loss_weight, logsnr_dot_t):
    """Loss weight times the density of logsnr at uniform times, from the inverse of logsnr as a series in time."""
    return -arb_series([0, logsnr_dot_t], 2).reversion()[1] * loss_weight


@entrywise(FAR)
def elbo_weight_simple_cosine(logsnr_t):
    """Density of logsnr on the cosine schedule, over the density at 0."""
    return weightings.simple(logsnr_t)


@entrywise(FAR)
def elbo_weight_min_snr(logsnr_t, gamma):
    """That density ratio times what an x_0 wrong by 1 counts, over the squared error it makes in eps."""
    square = weightings.eps_error(*weightings.cosine_scales(logsnr_t)) ** 2
    return weightings.simple(logsnr_t) * square.min(gamma) / square


@entrywise(FAR)
def elbo_weight_p2(logsnr_t, p2_gamma):
    """That density ratio times the noise power to P2's exponent."""
    return weightings.simple(logsnr_t) * (weightings.cosine_scales(logsnr_t)[1] ** 2) ** p2_gamma


@entrywise(FAR)
def elbo_weight_p2_offset(logsnr_t, p2_gamma, p2_offset):
    """That density ratio over the exponential of P2's exponent times the log of k and the SNR of the cosine's scales."""
    alpha_t, sigma_t = weightings.cosine_scales(logsnr_t)
    return weightings.simple(logsnr_t) / (p2_gamma * (p2_offset + (alpha_t / sigma_t) ** 2).log()).exp()


@entrywise(FAR)
def elbo_weight_snr(logsnr_t):
    """That density ratio times the SNR of the cosine's scales, over the squared error that an x_0 wrong by 1 makes in eps."""
    alpha_t, sigma_t = weightings.cosine_scales(logsnr_t)
    return weightings.simple(logsnr_t) * (alpha_t / sigma_t) ** 2 / weightings.eps_error(alpha_t, sigma_t) ** 2


@entrywise(FAR)
def elbo_weight_truncated_snr(logsnr_t):
    """That density ratio times the larger of both squared errors that an x_0 wrong by 1 makes, over the one in eps."""
    square = weightings.eps_error(*weightings.cosine_scales(logsnr_t)) ** 2
    return weightings.simple(logsnr_t) * square.max(1) / square


@entrywise(FAR)
def elbo_weight_v_cosine(logsnr_t):
    """Density of logsnr times the squared error of v over that of eps, over the same at logsnr 0."""

    def weight(level):
        alpha_t, sigma_t = weightings.cosine_scales(level)
        v_error = alpha_t * weightings.eps_error(alpha_t, sigma_t) - sigma_t
        return (
            weightings.density_of_logsnr(weightings.cosine_time, level) * (v_error / weightings.eps_error(alpha_t, sigma_t)) ** 2
        )

    return weight(logsnr_t) / weight(arb(0))


@entrywise(FAR)
def elbo_weight_flow(logsnr_t):
    """Density of logsnr at uniform times of straight paths times the velocity's share, over the same at logsnr 0."""

    def weight(level):
        return weightings.density_of_logsnr(weightings.straight_time, level) * weightings.velocity_share(
            weightings.straight_time(level)
        )

    return weight(logsnr_t) / weight(arb(0))


@entrywise(NEAR)
def elbo_weight_flow_logit_normal(logsnr_t, logit_mean, logit_scale):
    """Density of logsnr at logit-normal times of straight paths times the velocity's share."""
    time = weightings.straight_time(logsnr_t)
    logit = (time / (1 - time)).log()
    of_time = density_of_one(logit, logit_mean, logit_scale * logit_scale) * (1 / time + 1 / (1 - time))
    return of_time * weightings.density_of_logsnr(weightings.straight_time, logsnr_t) * weightings.velocity_share(time)


@entrywise(NEAR)
def elbo_weight_edm(logsnr_t, P_mean, P_std, sigma_data):
    """Density of logsnr at EDM's noise scales times its loss weight in terms of eps, times sigma_data**2."""
    sigma_t = (-logsnr_t / 2).exp()
    of_scale = density_of_one(sigma_t.log(), P_mean, P_std * P_std) / sigma_t
    density = of_scale * weightings.density_of_logsnr(lambda logsnr: (-logsnr / 2).exp(), logsnr_t)
    out = sigma_t * sigma_data / (sigma_t**2 + sigma_data**2).sqrt()
    # The network puts out (x_0 - skip*x_t)/out, its error unweighted; x_t held, x_0 is wrong by sigma_t where eps is by 1.
    network_error = (sigma_t / out) ** 2
    return density * network_error * sigma_data**2


@entrywise(FAR)
def elbo_weight_sigmoid(logsnr_t, weight_bias):
    """Signal power of a process that preserves variance, as far on the other side of weight_bias."""
    return weightings.cosine_scales(weight_bias - logsnr_t)[0] ** 2
