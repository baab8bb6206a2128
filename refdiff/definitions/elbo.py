"""The bound from its definition: expectations of log ratios under the whole chain; weightings by differentiating schedules."""

from itertools import pairwise

import flint
import numpy as np
from flint import acb, arb, arb_series

from refdiff.definitions.chain import average, chain, forward, log_density, of_samples, reverse, variance_of
from refdiff.definitions.entries import FAR, NEAR, entrywise, guarded
from refdiff.definitions.moments import density_of_one, kl_of_one
from refdiff.definitions.quadrature import natural_log
from refdiff.definitions.walk import conditioned, walk

__all__ = [
    "bits_per_dimension_of_density",
    "consistency_term",
    "denoising_matching_term",
    "denoising_matching_variance",
    "elbo_weight",
    "elbo_weight_edm",
    "elbo_weight_flow",
    "elbo_weight_flow_logit_normal",
    "elbo_weight_min_snr",
    "elbo_weight_p2",
    "elbo_weight_sigmoid",
    "elbo_weight_simple_cosine",
    "elbo_weight_v_cosine",
    "log_ratio_variance",
    "prior_matching_term",
    "reconstruction_term",
    "variational_bound_linear",
    "vlb_gaussian_continuous",
    "vlb_gaussian_discrete",
    "vlb_gaussian_excess",
]


def _divergence(x, x_t, slope, intercept, power_s, power_t):
    """Divergence of two steps to x_s: given x_0, and given the estimate."""
    given = conditioned(x, arb(0), x_t, power_s, power_t)
    return kl_of_one(*given, *conditioned(slope * x_t + intercept, arb(0), x_t, power_s, power_t))


@guarded(FAR)
def denoising_matching_term(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t):
    """Average over sigma points of x_t of the divergence of two steps to x_s: given x_0, and given the estimate."""
    line = (slope, intercept, log_alpha_bar_s, log_alpha_bar_t)

    def term(x):
        return average(lambda states: _divergence(x, states[0], *line), *chain(x, [log_alpha_bar_t]))

    return of_samples(term, x_0)


@guarded(FAR)
def denoising_matching_variance(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t):
    """Variance over x_t of that divergence, from its values at three Gauss-Hermite points."""
    line = (slope, intercept, log_alpha_bar_s, log_alpha_bar_t)

    def term(x):
        return variance_of(lambda x_t: _divergence(x, x_t, *line), *walk(x, arb(0), arb(0), log_alpha_bar_t))

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


def _least_error(variance, logsnr):
    """Variance of x_0 given x_t at this noise level, by conditioning; complex near the real line."""
    ratio = (logsnr / 2).exp()
    covariance = ratio * variance
    return variance - covariance / (ratio * covariance + 1) * covariance


@entrywise(FAR)
def vlb_gaussian_continuous(variance, logsnr_s, logsnr_t):
    """Integral over logsnr of half the least squared error of eps, by quadrature."""

    def error(logsnr, _):
        return _least_error(variance, logsnr) * logsnr.exp() / 2

    return acb.integral(error, logsnr_t, logsnr_s, abs_tol=arb(2) ** -(10**6), rel_tol=arb(2) ** -(flint.ctx.prec // 4)).real


def _step(variance, logsnr_s, logsnr_t):
    """Divergence of a reverse step given x_0 from the one given its estimate, off by the root of the least squared error."""
    power_s, power_t = [-(1 + (-logsnr).exp()).log() for logsnr in (logsnr_s, logsnr_t)]
    mean, spread = conditioned(_least_error(variance, logsnr_t).sqrt(), arb(0), arb(0), power_s, power_t)
    return kl_of_one(mean, spread, conditioned(arb(0), arb(0), arb(0), power_s, power_t)[0], spread)


@guarded(NEAR)
def vlb_gaussian_discrete(variance, logsnrs):
    """Sum over steps of the divergence between the two reverse steps."""
    return sum(_step(variance, *pair) for pair in pairwise(logsnrs))


@guarded(NEAR)
def vlb_gaussian_excess(variance, logsnrs):
    """The steps' divergences less the information they carry: half the log ratio of the variances left before and after."""
    left = [_least_error(variance, logsnr) for logsnr in (logsnrs[0], logsnrs[-1])]
    return vlb_gaussian_discrete(variance, logsnrs) - (left[1] / left[0]).log() / 2


@entrywise(NEAR)
def bits_per_dimension_of_density(nats, dimensions, bin_width):
    """Minus the log of the probability of one dimension's bin, whose density is even, over the nats in one bit."""
    probability = (-nats / dimensions).exp() * bin_width
    return -probability.log() / natural_log(arb(2))


def _density_of_logsnr(time, logsnr_t):
    """Density of logsnr_t when time, a function of it, is uniform: minus the slope of its power series."""
    return -time(arb_series([logsnr_t, 1], 2))[1]


def _cosine_time(logsnr):
    """Time at which the cosine schedule has this logsnr."""
    return (-logsnr / 2).exp().atan() * 2 / arb.pi()


def _straight_time(logsnr):
    """Time, also the noise scale, at which a straight path has this logsnr."""
    return 1 / ((logsnr / 2).exp() + 1)


def _eps_error(alpha_t, sigma_t):
    """Error of eps that an x_0 wrong by 1 makes at a fixed x_t."""
    return -alpha_t / sigma_t


def _cosine_scales(logsnr_t):
    angle = _cosine_time(logsnr_t) * arb.pi() / 2
    return angle.cos(), angle.sin()


@entrywise(NEAR)
def elbo_weight(loss_weight, logsnr_dot_t):
    """Loss weight times the density of logsnr at uniform times, from the inverse of logsnr as a series in time."""
    return -arb_series([0, logsnr_dot_t], 2).reversion()[1] * loss_weight


def _simple(logsnr_t):
    """Density of logsnr on the cosine schedule, over the density at 0."""
    return _density_of_logsnr(_cosine_time, logsnr_t) / _density_of_logsnr(_cosine_time, arb(0))


@entrywise(FAR)
def elbo_weight_simple_cosine(logsnr_t):
    """Density of logsnr on the cosine schedule, over the density at 0."""
    return _simple(logsnr_t)


@entrywise(FAR)
def elbo_weight_min_snr(logsnr_t, gamma):
    """That density ratio times what an x_0 wrong by 1 counts, over the squared error it makes in eps."""
    square = _eps_error(*_cosine_scales(logsnr_t)) ** 2
    return _simple(logsnr_t) * square.min(gamma) / square


@entrywise(FAR)
def elbo_weight_p2(logsnr_t, p2_gamma):
    """That density ratio times the noise power to P2's exponent."""
    return _simple(logsnr_t) * (_cosine_scales(logsnr_t)[1] ** 2) ** p2_gamma


@entrywise(FAR)
def elbo_weight_v_cosine(logsnr_t):
    """Density of logsnr times the squared error of v over that of eps, over the same at logsnr 0."""

    def weight(level):
        alpha_t, sigma_t = _cosine_scales(level)
        v_error = alpha_t * _eps_error(alpha_t, sigma_t) - sigma_t
        return _density_of_logsnr(_cosine_time, level) * (v_error / _eps_error(alpha_t, sigma_t)) ** 2

    return weight(logsnr_t) / weight(arb(0))


def _velocity_share(time):
    """Squared error of the straight path's velocity, eps - x_0, over that of eps."""
    eps_error = _eps_error(1 - time, time)
    return ((eps_error - 1) / eps_error) ** 2


@entrywise(FAR)
def elbo_weight_flow(logsnr_t):
    """Density of logsnr at uniform times of straight paths times the velocity's share, over the same at logsnr 0."""

    def weight(level):
        return _density_of_logsnr(_straight_time, level) * _velocity_share(_straight_time(level))

    return weight(logsnr_t) / weight(arb(0))


@entrywise(NEAR)
def elbo_weight_flow_logit_normal(logsnr_t, logit_mean, logit_scale):
    """Density of logsnr at logit-normal times of straight paths times the velocity's share."""
    time = _straight_time(logsnr_t)
    logit = (time / (1 - time)).log()
    of_time = density_of_one(logit, logit_mean, logit_scale * logit_scale) * (1 / time + 1 / (1 - time))
    return of_time * _density_of_logsnr(_straight_time, logsnr_t) * _velocity_share(time)


@entrywise(NEAR)
def elbo_weight_edm(logsnr_t, P_mean, P_std, sigma_data):
    """Density of logsnr at EDM's noise scales times its loss weight in terms of eps, times sigma_data**2."""
    sigma_t = (-logsnr_t / 2).exp()
    of_scale = density_of_one(sigma_t.log(), P_mean, P_std * P_std) / sigma_t
    density = of_scale * _density_of_logsnr(lambda logsnr: (-logsnr / 2).exp(), logsnr_t)
    out = sigma_t * sigma_data / (sigma_t**2 + sigma_data**2).sqrt()
    # The network puts out (x_0 - skip*x_t)/out, its error unweighted; x_t held, x_0 is wrong by sigma_t where eps is by 1.
    network_error = (sigma_t / out) ** 2
    return density * network_error * sigma_data**2


@entrywise(FAR)
def elbo_weight_sigmoid(logsnr_t, weight_bias):
    """Signal power of a process that preserves variance, as far on the other side of weight_bias."""
    return _cosine_scales(weight_bias - logsnr_t)[0] ** 2
