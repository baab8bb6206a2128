"""Wrong bodies of formulas of the evidence lower bound of diffusion models."""

import math

from refdiff.numbers import namespace
from refdiff.reference import elbo

__all__ = [
    "bits_per_dimension_of_density__in_nats",
    "bits_per_dimension_of_density__width_divided",
    "bits_per_dimension_of_density__width_ignored",
    "bits_per_dimension_of_density__width_once",
    "consistency_term__as_divergence",
    "consistency_term__entropies_swapped",
    "consistency_term__matching_alone",
    "denoising_matching_term__mean_for_sum",
    "denoising_matching_term__noise_scale_for_variance",
    "denoising_matching_term__not_halved",
    "denoising_matching_term__without_spread",
    "denoising_matching_variance__gain_not_squared",
    "denoising_matching_variance__of_one_drawn_step",
    "denoising_matching_variance__without_bias",
    "elbo_weight__multiplied",
    "elbo_weight__negative",
    "elbo_weight_edm__logsnr_for_log_sigma",
    "elbo_weight_edm__mean_reversed",
    "elbo_weight_edm__spread_of_sigma",
    "elbo_weight_edm__weight_of_x_0",
    "elbo_weight_flow__constant",
    "elbo_weight_flow__density_alone",
    "elbo_weight_flow_logit_normal__density_alone",
    "elbo_weight_flow_logit_normal__logsnr_for_logit",
    "elbo_weight_flow_logit_normal__mean_reversed",
    "elbo_weight_min_snr__loss_weight_alone",
    "elbo_weight_min_snr__max_for_min",
    "elbo_weight_min_snr__weight_of_x_0",
    "elbo_weight_p2__inverse_snr",
    "elbo_weight_p2__loss_weight_alone",
    "elbo_weight_p2_offset__inverse_snr",
    "elbo_weight_p2_offset__offset_of_one",
    "elbo_weight_p2_offset__offset_times_the_snr",
    "elbo_weight_p2_offset__power_of_the_snr_alone",
    "elbo_weight_sigmoid__bias_of_the_other_sign",
    "elbo_weight_sigmoid__rising",
    "elbo_weight_simple_cosine__constant",
    "elbo_weight_simple_cosine__not_halved",
    "elbo_weight_snr__error_of_v",
    "elbo_weight_snr__unweighted",
    "elbo_weight_snr__weight_of_eps",
    "elbo_weight_truncated_snr__min_for_max",
    "elbo_weight_truncated_snr__not_truncated",
    "elbo_weight_truncated_snr__plus_one",
    "elbo_weight_truncated_snr__weight_of_eps",
    "elbo_weight_v_cosine__as_eps",
    "elbo_weight_v_cosine__not_halved",
    "elbo_weight_v_cosine__rising",
    "log_ratio_variance__divergence",
    "log_ratio_variance__spread_ignored",
    "log_ratio_variance__variances_swapped",
    "logsnr_dot__of_the_half",
    "logsnr_dot__of_the_snr",
    "logsnr_dot__signal_alone",
    "prior_matching_term__given_data",
    "prior_matching_term__not_halved",
    "prior_matching_term__scale_for_log_variance",
    "prior_matching_term__scale_handed_over",
    "reconstruction_term__of_likelihood",
    "reconstruction_term__scale_for_variance",
    "reconstruction_term__without_spread",
    "snr_dot__noise_added",
    "snr_dot__of_the_log",
    "snr_dot__of_the_root",
    "variational_bound_linear__positive",
    "variational_bound_linear__simple_weights",
    "variational_bound_linear__without_prior",
    "vlb_gaussian_continuous__bound_of_no_denoiser",
    "vlb_gaussian_continuous__integral_over_logsnr",
    "vlb_gaussian_continuous__not_halved",
    "vlb_gaussian_discrete__eps_weight",
    "vlb_gaussian_discrete__error_at_cleaner_end",
    "vlb_gaussian_discrete__not_halved",
    "vlb_gaussian_excess__first_order",
    "vlb_gaussian_excess__other_sign",
    "vlb_integrand__averaged",
    "vlb_integrand__half_forgotten",
    "vlb_integrand__negative",
    "vlb_integrand__not_weighted",
    "vlb_integrand_eps__averaged",
    "vlb_integrand_eps__half_forgotten",
    "vlb_integrand_eps__half_logsnr",
    "vlb_integrand_eps__negative",
]


def _count(x_0):
    return math.prod(x_0.shape[1:])


def _others(x):
    return tuple(range(1, x.ndim))


def denoising_matching_term__without_spread(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t):
    """The error at the mean of x_t, without what the spread of x_t adds.

    Fix: slope**2*(1 - alpha_bar_t) more for each entry, Luo 2022, Eq. (58)
    Seen in: plausible
    """
    xp = namespace(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t)
    still = x_0 * (1 - slope * xp.exp(log_alpha_bar_t / 2)) - intercept
    return elbo.denoising_matching_term(still, 0 * slope, 0 * intercept, log_alpha_bar_s, log_alpha_bar_t)


def denoising_matching_term__not_halved(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t):
    """snr_s - snr_t in place of half of it.

    Fix: (snr_s - snr_t)/2 times the mean squared error, Luo 2022, Eq. (58)
    Seen in: plausible
    """
    return 2 * elbo.denoising_matching_term(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t)


def denoising_matching_term__mean_for_sum(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t):
    """The mean over entries in place of the sum.

    Fix: (snr_s - snr_t)/2 times the summed squared error, Luo 2022, Eq. (58)
    Seen in: plausible
    """
    return elbo.denoising_matching_term(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t) / _count(x_0)


def denoising_matching_term__noise_scale_for_variance(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t):
    """sigma_t where its square belongs.

    Fix: slope**2*(1 - alpha_bar_t) for each entry, Luo 2022, Eq. (58)
    Seen in: plausible
    """
    xp = namespace(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t)
    noise = -xp.expm1(log_alpha_bar_t)
    unit = elbo.denoising_matching_term(x_0 * 0 + 1, 0 * slope, 0 * intercept, log_alpha_bar_s, log_alpha_bar_t)
    right = elbo.denoising_matching_term(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t)
    return right + unit * slope**2 * (xp.sqrt(noise) - noise)


def denoising_matching_variance__without_bias(x_0, slope, log_alpha_bar_s, log_alpha_bar_t):
    """The variance of a pure square: right where the estimate is right on average.

    Fix: slope**2*(1 - alpha_bar_t) times the squared bias more for each entry, Matrix Cookbook, section 8.2
    Seen in: plausible
    """
    return elbo.denoising_matching_variance(0 * x_0, slope, 0 * slope, log_alpha_bar_s, log_alpha_bar_t)


def denoising_matching_variance__gain_not_squared(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t):
    """snr_s - snr_t where its square belongs.

    Fix: (snr_s - snr_t)**2, a variance, Matrix Cookbook, section 8.2
    Seen in: plausible
    """
    unit = elbo.denoising_matching_term(x_0[:1] * 0 + 1, 0 * slope, 0 * intercept, log_alpha_bar_s, log_alpha_bar_t)
    gain = 2 * unit / _count(x_0)
    return elbo.denoising_matching_variance(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t) / gain


def denoising_matching_variance__of_one_drawn_step(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t):
    """The variance of the log ratio of one drawn x_s, which the closed form takes away, added.

    Fix: the variance of denoising_kl alone, Ho et al. 2020, section 2
    Seen in: plausible
    """
    extra = 2 * elbo.denoising_matching_term(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t)
    return elbo.denoising_matching_variance(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t) + extra


def _entropies(x_0, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t):
    """Variances of x_s given x_t and x_0, and given x_r."""
    xp = namespace(x_0, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t)
    narrowing = xp.expm1(log_alpha_bar_t - log_alpha_bar_s) / xp.expm1(log_alpha_bar_t)
    return -xp.expm1(log_alpha_bar_s) * narrowing, -xp.expm1(log_alpha_bar_s - log_alpha_bar_r)


def consistency_term__as_divergence(x_0, slope, intercept, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t):
    """The mean of the KL from q(x_s given x_r) to p(x_s given x_t): x_s drawn without regard to x_t.

    Fix: the mean of the log ratio over x_r, x_s and x_t together, Luo 2022, Eq. (44), not Eq. (45)
    Seen in: plausible; Luo 2022, arXiv:2208.11970v1, Eq. (45)
    """
    xp = namespace(x_0, slope, intercept, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t)
    left, added = _entropies(x_0, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t)
    # x_s drawn afresh from x_r and x_t from its own law: their gap is wider than along one chain.
    kept = xp.exp(log_alpha_bar_t - log_alpha_bar_s)
    back = xp.exp((log_alpha_bar_t - log_alpha_bar_s) / 2) * xp.expm1(log_alpha_bar_s) / xp.expm1(log_alpha_bar_t)
    right = elbo.consistency_term(x_0, slope, intercept, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t)
    gain = xp.exp(log_alpha_bar_s / 2) * xp.expm1(log_alpha_bar_t - log_alpha_bar_s) / xp.expm1(log_alpha_bar_t)
    reach = slope * gain + back
    return right + _count(x_0) * reach * xp.sqrt(kept) * added / left


def consistency_term__matching_alone(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t):
    """The denoising matching term, without the two entropies.

    Fix: half the log of the ratio of the two variances more for each entry, Luo 2022, Eq. (44)
    Seen in: plausible
    """
    return elbo.denoising_matching_term(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t)


def consistency_term__entropies_swapped(x_0, slope, intercept, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t):
    """The entropies subtracted the wrong way round.

    Fix: log of the reverse step's variance less log of the forward step's, Luo 2022, Eq. (44)
    Seen in: plausible
    """
    xp = namespace(x_0, slope, intercept, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t)
    left, added = _entropies(x_0, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t)
    right = elbo.consistency_term(x_0, slope, intercept, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t)
    return right - _count(x_0) * xp.log(left / added)


def reconstruction_term__without_spread(x_0, slope, intercept, variance, log_alpha_bar_t):
    """The likelihood at the mean of x_t, without what the spread of x_t adds.

    Fix: slope**2*(1 - alpha_bar_t)/variance more for each entry, Luo 2022, Eq. (58)
    Seen in: plausible
    """
    xp = namespace(x_0, slope, intercept, variance, log_alpha_bar_t)
    extra = slope**2 * xp.expm1(log_alpha_bar_t) / variance / 2
    return elbo.reconstruction_term(x_0, slope, intercept, variance, log_alpha_bar_t) + _count(x_0) * extra


def reconstruction_term__of_likelihood(x_0, slope, intercept, variance, log_alpha_bar_t):
    """The log likelihood, not its negative.

    Fix: the bound in nats adds the negative log likelihood, Luo 2022, Eq. (58), sign reversed
    Seen in: plausible
    """
    return -elbo.reconstruction_term(x_0, slope, intercept, variance, log_alpha_bar_t)


def reconstruction_term__scale_for_variance(x_0, slope, intercept, variance, log_alpha_bar_t):
    """The decoder's variance squared, as if it were a scale.

    Fix: errors/variance and log(2*pi*variance), Luo 2022, Eq. (58)
    Seen in: B147, bjlkeng/sandbox#10, in a VAE
    """
    return elbo.reconstruction_term(x_0, slope, intercept, variance**2, log_alpha_bar_t)


def prior_matching_term__given_data(x_0, log_alpha_bar_T):
    """The KL from x_T given x_0: the other decomposition's prior term.

    Fix: log(1 - alpha_bar_T/alpha_bar_s) in place of log(1 - alpha_bar_T), Luo 2022, Eq. (45)
    Seen in: plausible
    """
    return elbo.prior_matching_term(x_0, 0 * log_alpha_bar_T, log_alpha_bar_T)


def prior_matching_term__scale_for_log_variance(x_0, log_alpha_bar_s, log_alpha_bar_T):
    """The log of the noise scale where that of its variance belongs.

    Fix: log(1 - alpha_bar_T/alpha_bar_s), Luo 2022, Eq. (45)
    Seen in: B133, tqch/ddpm-torch#9, which handed over the scale itself
    """
    xp = namespace(x_0, log_alpha_bar_s, log_alpha_bar_T)
    log_noise = xp.log1p(-xp.exp(log_alpha_bar_T - log_alpha_bar_s))
    return elbo.prior_matching_term(x_0, log_alpha_bar_s, log_alpha_bar_T) + _count(x_0) * log_noise / 4


def prior_matching_term__not_halved(x_0, log_alpha_bar_s, log_alpha_bar_T):
    """Without the factor 1/2.

    Fix: sum(alpha_bar_T*x_0**2 - alpha_bar_T - log(1 - alpha_bar_T/alpha_bar_s))/2, Luo 2022, Eq. (45)
    Seen in: plausible
    """
    return 2 * elbo.prior_matching_term(x_0, log_alpha_bar_s, log_alpha_bar_T)


def variational_bound_linear__without_prior(x_0, slopes, intercepts, variance, betas):
    """The prior's term left out.

    Fix: prior_kl is part of the bound, Ho et al. 2020, Eq. (5)
    Seen in: plausible
    """
    xp = namespace(x_0, slopes, intercepts, variance, betas)
    last = xp.sum(xp.log1p(-betas))
    prior = elbo.prior_matching_term(x_0, 0 * last, last)
    return elbo.variational_bound_linear(x_0, slopes, intercepts, variance, betas) - prior


def variational_bound_linear__simple_weights(x_0, slopes, intercepts, variance, betas):
    """Every step's error of eps counted alike, as in L_simple, at half weight.

    Fix: (snr_s - snr_t)/2 at each step, Ho et al. 2020, Eq. (5)
    Seen in: plausible
    """
    xp = namespace(x_0, slopes, intercepts, variance, betas)
    powers, x = xp.cumsum(xp.log1p(-betas)), x_0[:, :, None]
    errors = (x - slopes * xp.exp(powers / 2) * x - intercepts) ** 2 - slopes**2 * xp.expm1(powers)
    kept = xp.sum(xp.sum(errors[:, :, 1:] * xp.exp(powers[1:]) / -xp.expm1(powers[1:]), axis=2), axis=1) / 2
    first = elbo.reconstruction_term(x_0, slopes[0], intercepts[0], variance, powers[0])
    return kept + first + elbo.prior_matching_term(x_0, 0 * powers[-1], powers[-1])


def variational_bound_linear__positive(x_0, slopes, intercepts, variance, betas):
    """The bound itself in place of its negative.

    Fix: nats to be made small: Ho et al. 2020, Eq. (5)
    Seen in: plausible
    """
    return -elbo.variational_bound_linear(x_0, slopes, intercepts, variance, betas)


def log_ratio_variance__divergence(mean_1, variance_1, mean_2, variance_2):
    """The mean of the log ratio, the divergence, in place of its variance.

    Fix: sum((variance_1/variance_2 - 1)**2/2 + variance_1*(mean_1 - mean_2)**2/variance_2**2), Matrix Cookbook, section 8.2
    Seen in: plausible
    """
    xp = namespace(mean_1, variance_1, mean_2, variance_2)
    ratio, squares = variance_1 / variance_2, (mean_1 - mean_2) ** 2 / variance_2
    return xp.sum(squares + (ratio - 1 - xp.log(ratio + 0 * squares)), axis=_others(squares)) / 2


def log_ratio_variance__variances_swapped(mean_1, variance_1, mean_2, variance_2):
    """The variance under the second Gaussian.

    Fix: sum((variance_1/variance_2 - 1)**2/2 + variance_1*(mean_1 - mean_2)**2/variance_2**2), Matrix Cookbook, section 8.2
    Seen in: plausible
    """
    return elbo.log_ratio_variance(mean_2, variance_2, mean_1, variance_1)


def log_ratio_variance__spread_ignored(mean_1, variance_1, mean_2, variance_2):
    """The means' part alone.

    Fix: sum((variance_1/variance_2 - 1)**2/2 + variance_1*(mean_1 - mean_2)**2/variance_2**2), Matrix Cookbook, section 8.2
    Seen in: plausible
    """
    squares = variance_1 * ((mean_1 - mean_2) / variance_2) ** 2
    return namespace(squares).sum(squares, axis=_others(squares))


def vlb_gaussian_continuous__not_halved(variance, logsnr_s, logsnr_t):
    """Without the factor 1/2.

    Fix: log((1 + variance*snr_s)/(1 + variance*snr_t))/2, Kingma et al. 2021, Eq. (18)
    Seen in: plausible
    """
    return 2 * elbo.vlb_gaussian_continuous(variance, logsnr_s, logsnr_t)


def vlb_gaussian_continuous__bound_of_no_denoiser(variance, logsnr_s, logsnr_t):
    """The variance for the least squared error: half the fall of the SNR times it, the bound of a denoiser that knows the mean.

    Fix: log((1 + variance*snr_s)/(1 + variance*snr_t))/2, Kingma et al. 2021, Eq. (18)
    Seen in: plausible
    """
    xp = namespace(variance, logsnr_s, logsnr_t)
    return variance * (xp.exp(logsnr_s) - xp.exp(logsnr_t)) / 2


def vlb_gaussian_continuous__integral_over_logsnr(variance, logsnr_s, logsnr_t):
    """The error of x_0 integrated over logsnr in place of over the SNR.

    Fix: log((1 + variance*snr_s)/(1 + variance*snr_t))/2, Kingma et al. 2021, Eq. (18)
    Seen in: plausible
    """
    xp = namespace(variance, logsnr_s, logsnr_t)
    grown = elbo.vlb_gaussian_continuous(variance, logsnr_s, logsnr_t)
    return variance * ((logsnr_s - logsnr_t) / 2 - grown) + 0 * xp.exp(logsnr_t)


def vlb_gaussian_discrete__error_at_cleaner_end(variance, logsnrs):
    """The error at the cleaner end of each step in place of the noisier: less than the bound.

    Fix: (snr_s - snr_t)/2 times the error at t, Kingma et al. 2021, Eq. (13)
    Seen in: plausible
    """
    xp = namespace(variance, logsnrs)
    snrs = xp.exp(logsnrs)
    return xp.sum((snrs[:-1] - snrs[1:]) * variance / (1 + variance * snrs[:-1])) / 2


def vlb_gaussian_discrete__not_halved(variance, logsnrs):
    """Without the factor 1/2.

    Fix: (snr_s - snr_t)/2 times the error at t, Kingma et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return 2 * elbo.vlb_gaussian_discrete(variance, logsnrs)


def vlb_gaussian_discrete__eps_weight(variance, logsnrs):
    """snr_s - snr_t times the error of eps, whose weight is snr_s/snr_t - 1.

    Fix: (snr_s/snr_t - 1)/2 times the error of eps, Kingma et al. 2021, Eq. (14)
    Seen in: plausible
    """
    xp = namespace(variance, logsnrs)
    snrs = xp.exp(logsnrs)
    return xp.sum((snrs[:-1] - snrs[1:]) * snrs[1:] * variance / (1 + variance * snrs[1:])) / 2


def vlb_gaussian_excess__first_order(variance, logsnrs):
    """A quarter of the squared rises: what is left of each step where it is short.

    Fix: sum(rises - log(1 + rises))/2, Kingma et al. 2021, appendix F
    Seen in: plausible
    """
    xp = namespace(variance, logsnrs)
    snrs = xp.exp(logsnrs)
    return xp.sum((variance * (snrs[:-1] - snrs[1:]) / (1 + variance * snrs[1:])) ** 2) / 4


def vlb_gaussian_excess__other_sign(variance, logsnrs):
    """Continuous time less finitely many steps.

    Fix: sum(rises - log(1 + rises))/2, Kingma et al. 2021, appendix F: finitely many steps cost more
    Seen in: plausible
    """
    return -elbo.vlb_gaussian_excess(variance, logsnrs)


def bits_per_dimension_of_density__width_ignored(nats, dimensions):
    """nats/(dimensions*log(2)): a density's nats taken for a probability's.

    Fix: (nats/dimensions - log(bin_width))/log(2), Theis et al. 2016, section 3.1
    Seen in: plausible
    """
    xp = namespace(nats, dimensions)
    return nats / (dimensions * xp.log(2 + 0 * nats))


def bits_per_dimension_of_density__width_divided(nats, dimensions, bin_width):
    """log(bin_width) added in place of subtracted.

    Fix: (nats/dimensions - log(bin_width))/log(2), Theis et al. 2016, section 3.1
    Seen in: plausible
    """
    return elbo.bits_per_dimension_of_density(nats, dimensions, 1 / bin_width)


def bits_per_dimension_of_density__width_once(nats, dimensions, bin_width):
    """The bin's width counted once in place of once for each dimension.

    Fix: (nats/dimensions - log(bin_width))/log(2), Theis et al. 2016, section 3.1
    Seen in: plausible
    """
    xp = namespace(nats, dimensions, bin_width)
    return (nats - xp.log(bin_width + 0 * nats)) / (dimensions * xp.log(2 + 0 * nats))


def bits_per_dimension_of_density__in_nats(nats, dimensions, bin_width):
    """Not divided by log(2): nats per dimension.

    Fix: (nats/dimensions - log(bin_width))/log(2), Theis et al. 2016, section 3.1
    Seen in: plausible
    """
    xp = namespace(nats, dimensions, bin_width)
    return nats / dimensions - xp.log(bin_width + 0 * nats)


def elbo_weight__multiplied(loss_weight, logsnr_dot_t):
    """Multiplied by the derivative in place of divided: the density of times, not of noise levels.

    Fix: -loss_weight/logsnr_dot_t, Kingma and Gao 2023, section 3
    Seen in: plausible
    """
    return -loss_weight * logsnr_dot_t


def elbo_weight__negative(loss_weight, logsnr_dot_t):
    """The sign of the derivative left in.

    Fix: -loss_weight/logsnr_dot_t, Kingma and Gao 2023, section 3: logsnr falls in time
    Seen in: plausible
    """
    return loss_weight / logsnr_dot_t


def elbo_weight_simple_cosine__constant(logsnr_t):
    """1 everywhere: L_simple taken for the evidence lower bound.

    Fix: 2/(exp(logsnr_t/2) + exp(-logsnr_t/2)), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return 1 + 0 * logsnr_t


def elbo_weight_simple_cosine__not_halved(logsnr_t):
    """logsnr in place of its half: the hyperbolic secant of the wrong argument.

    Fix: 2/(exp(logsnr_t/2) + exp(-logsnr_t/2)), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return elbo.elbo_weight_simple_cosine(2 * logsnr_t)


def elbo_weight_min_snr__max_for_min(logsnr_t, gamma):
    """max in place of min.

    Fix: sech(logsnr/2)*min(1, gamma*exp(-logsnr)), Kingma and Gao 2023, Table 1
    Seen in: B124, lucidrains/recurrent-interface-network-pytorch#11, in the loss weight
    """
    xp = namespace(logsnr_t, gamma)
    return elbo.elbo_weight_simple_cosine(logsnr_t) * xp.maximum(xp.exp(0 * logsnr_t), gamma * xp.exp(-logsnr_t))


def elbo_weight_min_snr__weight_of_x_0(logsnr_t, gamma):
    """The weight of an error of x_0, min(snr, gamma), on an error of eps.

    Fix: sech(logsnr/2)*min(1, gamma*exp(-logsnr)), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    xp = namespace(logsnr_t, gamma)
    return elbo.elbo_weight_simple_cosine(logsnr_t) * xp.minimum(xp.exp(logsnr_t), gamma + 0 * logsnr_t)


def elbo_weight_min_snr__loss_weight_alone(logsnr_t, gamma):
    """The loss weight without the density of noise levels.

    Fix: sech(logsnr/2)*min(1, gamma*exp(-logsnr)), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    xp = namespace(logsnr_t, gamma)
    return xp.minimum(xp.exp(0 * logsnr_t), gamma * xp.exp(-logsnr_t))


def elbo_weight_p2__inverse_snr(logsnr_t, p2_gamma):
    """exp(-logsnr) where the SNR belongs.

    Fix: sech(logsnr/2)/(1 + exp(logsnr))**gamma, Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    xp = namespace(logsnr_t, p2_gamma)
    return elbo.elbo_weight_simple_cosine(logsnr_t) / (1 + xp.exp(-logsnr_t)) ** p2_gamma


def elbo_weight_p2__loss_weight_alone(logsnr_t, p2_gamma):
    """The loss weight without the density of noise levels.

    Fix: sech(logsnr/2)/(1 + exp(logsnr))**gamma, Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    xp = namespace(logsnr_t, p2_gamma)
    return 1 / (1 + xp.exp(logsnr_t)) ** p2_gamma


def elbo_weight_v_cosine__as_eps(logsnr_t):
    """The weighting of an unweighted error of eps.

    Fix: exp(-logsnr/2), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return elbo.elbo_weight_simple_cosine(logsnr_t)


def elbo_weight_v_cosine__rising(logsnr_t):
    """exp(logsnr/2): the sign of logsnr reversed.

    Fix: exp(-logsnr/2), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return elbo.elbo_weight_v_cosine(-logsnr_t)


def elbo_weight_v_cosine__not_halved(logsnr_t):
    """exp(-logsnr) in place of its root.

    Fix: exp(-logsnr/2), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return elbo.elbo_weight_v_cosine(2 * logsnr_t)


def elbo_weight_flow__constant(logsnr_t):
    """1 everywhere: flow matching taken for the evidence lower bound.

    Fix: exp(-logsnr/2), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return 1 + 0 * logsnr_t


def elbo_weight_flow__density_alone(logsnr_t):
    """The density of noise levels alone, an error of eps for that of the velocity.

    Fix: exp(-logsnr/2), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    xp = namespace(logsnr_t)
    return 4 * xp.sigmoid(logsnr_t / 2) * xp.sigmoid(-logsnr_t / 2)


def elbo_weight_flow_logit_normal__mean_reversed(logsnr_t, logit_mean, logit_scale):
    """The mean of the wrong sign: time 1 taken for data.

    Fix: logit(time) is -logsnr/2, Esser et al. 2024, Eq. (19)
    Seen in: plausible
    """
    return elbo.elbo_weight_flow_logit_normal(logsnr_t, -logit_mean, logit_scale)


def elbo_weight_flow_logit_normal__density_alone(logsnr_t, logit_mean, logit_scale):
    """The density of noise levels alone, an error of eps for that of the velocity.

    Fix: the density times (1 + exp(-logsnr/2))**2, Esser et al. 2024, Eq. (19)
    Seen in: plausible
    """
    xp = namespace(logsnr_t, logit_mean, logit_scale)
    both = elbo.elbo_weight_flow_logit_normal(logsnr_t, logit_mean, logit_scale)
    return both / (1 + xp.exp(-logsnr_t / 2)) ** 2


def elbo_weight_flow_logit_normal__logsnr_for_logit(logsnr_t, logit_mean, logit_scale):
    """logsnr taken for the logit of time, not for minus twice it.

    Fix: logit(time) is -logsnr/2, Esser et al. 2024, Eq. (19)
    Seen in: plausible
    """
    return elbo.elbo_weight_flow_logit_normal(2 * logsnr_t, logit_mean, logit_scale)


def elbo_weight_edm__spread_of_sigma(logsnr_t, P_mean, P_std, sigma_data):
    """P_std taken for the spread of logsnr, which is twice as wide.

    Fix: N(logsnr; -2*P_mean, (2*P_std)**2)*(exp(-logsnr) + sigma_data**2), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return elbo.elbo_weight_edm(logsnr_t, P_mean, P_std / 2, sigma_data)


def elbo_weight_edm__weight_of_x_0(logsnr_t, P_mean, P_std, sigma_data):
    """EDM's weight of an error of x_0 left on an error of eps.

    Fix: N(logsnr; -2*P_mean, (2*P_std)**2)*(exp(-logsnr) + sigma_data**2), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return elbo.elbo_weight_edm(logsnr_t, P_mean, P_std, sigma_data) * namespace(logsnr_t).exp(logsnr_t)


def elbo_weight_edm__mean_reversed(logsnr_t, P_mean, P_std, sigma_data):
    """The mean of the wrong sign: log(sigma) rises where logsnr falls.

    Fix: N(logsnr; -2*P_mean, (2*P_std)**2)*(exp(-logsnr) + sigma_data**2), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return elbo.elbo_weight_edm(logsnr_t, -P_mean, P_std, sigma_data)


def elbo_weight_sigmoid__rising(logsnr_t, weight_bias):
    """sigmoid(logsnr - bias): rising in the SNR, so no bound for noisy data.

    Fix: sigmoid(bias - logsnr), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return namespace(logsnr_t, weight_bias).sigmoid(logsnr_t - weight_bias)


def elbo_weight_sigmoid__bias_of_the_other_sign(logsnr_t, weight_bias):
    """sigmoid(-logsnr - bias).

    Fix: sigmoid(bias - logsnr), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return namespace(logsnr_t, weight_bias).sigmoid(-logsnr_t - weight_bias)


def elbo_weight_edm__logsnr_for_log_sigma(logsnr_t, P_mean, P_std, sigma_data):
    """The log SNR where minus the log of sigma belongs: the Gaussian neither shifted nor widened by 2.

    Fix: the log SNR is Gaussian with mean -2*P_mean and spread 2*P_std, Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    xp = namespace(logsnr_t, P_mean, P_std, sigma_data)
    density = xp.exp(-((logsnr_t + P_mean) ** 2) / (2 * P_std**2)) / (P_std * math.sqrt(2 * math.pi))
    return density * (xp.exp(-logsnr_t) + sigma_data**2)


def prior_matching_term__scale_handed_over(x_0, log_alpha_bar_s, log_alpha_bar_T):
    """The noise scale itself handed over as the log variance.

    Fix: log(1 - alpha_bar_T/alpha_bar_s), Luo 2022, Eq. (45)
    Seen in: B133, tqch/ddpm-torch#9
    """
    xp = namespace(x_0, log_alpha_bar_s, log_alpha_bar_T)
    scale = xp.sqrt(-xp.expm1(log_alpha_bar_T - log_alpha_bar_s))
    return xp.sum(xp.exp(log_alpha_bar_T) * x_0**2 + xp.exp(scale) - 1 - scale, axis=tuple(range(1, x_0.ndim))) / 2


def snr_dot__of_the_log(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The rate of the log.

    Fix: d/dt of alpha_t**2/sigma_t**2, Kingma et al. 2021, section 4.2
    Seen in: plausible
    """
    return elbo.logsnr_dot(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)


def snr_dot__of_the_root(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The rate of alpha_t/sigma_t.

    Fix: d/dt of alpha_t**2/sigma_t**2, Kingma et al. 2021, section 4.2
    Seen in: plausible
    """
    return (alpha_dot_t * sigma_t - alpha_t * sigma_dot_t) / sigma_t**2


def snr_dot__noise_added(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The noise's growth with the wrong sign.

    Fix: d/dt of alpha_t**2/sigma_t**2, Kingma et al. 2021, section 4.2
    Seen in: plausible
    """
    return 2 * alpha_t * (alpha_dot_t * sigma_t + alpha_t * sigma_dot_t) / sigma_t**3


def logsnr_dot__of_the_half(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """DPM-Solver's lambda: half of it.

    Fix: 2*(alpha_dot_t/alpha_t - sigma_dot_t/sigma_t), Kingma and Gao 2023, section 2
    Seen in: plausible
    """
    return elbo.logsnr_dot(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t) / 2


def logsnr_dot__signal_alone(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The noise that stays as it is.

    Fix: 2*(alpha_dot_t/alpha_t - sigma_dot_t/sigma_t), Kingma and Gao 2023, section 2
    Seen in: plausible
    """
    return 2 * alpha_dot_t / alpha_t


def logsnr_dot__of_the_snr(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The rate of the SNR itself.

    Fix: 2*(alpha_dot_t/alpha_t - sigma_dot_t/sigma_t), Kingma and Gao 2023, section 2
    Seen in: plausible
    """
    return elbo.snr_dot(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)


def vlb_integrand__half_forgotten(x_0, x_0_hat, snr_dot_t):
    """Twice the bound.

    Fix: -snr_dot_t/2*sum((x_0 - x_0_hat)**2), Kingma et al. 2021, section 4.2
    Seen in: plausible
    """
    return 2 * elbo.vlb_integrand(x_0, x_0_hat, snr_dot_t)


def vlb_integrand__negative(x_0, x_0_hat, snr_dot_t):
    """The falling SNR taken for a weight as it is.

    Fix: -snr_dot_t/2*sum((x_0 - x_0_hat)**2), Kingma et al. 2021, section 4.2
    Seen in: plausible
    """
    return -elbo.vlb_integrand(x_0, x_0_hat, snr_dot_t)


def vlb_integrand__averaged(x_0, x_0_hat, snr_dot_t):
    """The mean over entries in place of the sum.

    Fix: -snr_dot_t/2*sum((x_0 - x_0_hat)**2), Kingma et al. 2021, section 4.2
    Seen in: plausible
    """
    return elbo.vlb_integrand(x_0, x_0_hat, snr_dot_t) / math.prod(x_0.shape[1:])


def vlb_integrand__not_weighted(x_0, x_0_hat):
    """Half the squared error alone.

    Fix: -snr_dot_t/2*sum((x_0 - x_0_hat)**2), Kingma et al. 2021, section 4.2
    Seen in: plausible
    """
    return elbo.vlb_integrand(x_0, x_0_hat, -1)


def vlb_integrand_eps__half_forgotten(eps, eps_hat, logsnr_dot_t):
    """Twice the bound.

    Fix: -logsnr_dot_t/2*sum((eps - eps_hat)**2), Kingma et al. 2021, section 4.2
    Seen in: plausible
    """
    return 2 * elbo.vlb_integrand_eps(eps, eps_hat, logsnr_dot_t)


def vlb_integrand_eps__half_logsnr(eps, eps_hat, logsnr_dot_t):
    """DPM-Solver's lambda for its double.

    Fix: -logsnr_dot_t/2*sum((eps - eps_hat)**2), Kingma et al. 2021, section 4.2
    Seen in: plausible
    """
    return elbo.vlb_integrand_eps(eps, eps_hat, logsnr_dot_t / 2)


def vlb_integrand_eps__negative(eps, eps_hat, logsnr_dot_t):
    """The falling SNR taken for a weight as it is.

    Fix: -logsnr_dot_t/2*sum((eps - eps_hat)**2), Kingma et al. 2021, section 4.2
    Seen in: plausible
    """
    return -elbo.vlb_integrand_eps(eps, eps_hat, logsnr_dot_t)


def vlb_integrand_eps__averaged(eps, eps_hat, logsnr_dot_t):
    """The mean over entries in place of the sum.

    Fix: -logsnr_dot_t/2*sum((eps - eps_hat)**2), Kingma et al. 2021, section 4.2
    Seen in: plausible
    """
    return elbo.vlb_integrand_eps(eps, eps_hat, logsnr_dot_t) / math.prod(eps.shape[1:])


def elbo_weight_snr__weight_of_eps(logsnr_t):
    """The SNR kept as if the error were one of eps.

    Fix: sech(logsnr/2): the SNR is what turns an error of x_0 into one of eps, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return elbo.elbo_weight_simple_cosine(logsnr_t) * namespace(logsnr_t).exp(logsnr_t)


def elbo_weight_snr__unweighted(logsnr_t):
    """An error of x_0 without weight.

    Fix: sech(logsnr/2): the SNR is what turns an error of x_0 into one of eps, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return elbo.elbo_weight_simple_cosine(logsnr_t) * namespace(logsnr_t).exp(-logsnr_t)


def elbo_weight_snr__error_of_v(logsnr_t):
    """SNR + 1 for the SNR: an error of v.

    Fix: sech(logsnr/2): the SNR is what turns an error of x_0 into one of eps, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return elbo.elbo_weight_v_cosine(logsnr_t)


def elbo_weight_truncated_snr__min_for_max(logsnr_t):
    """The smaller of both errors.

    Fix: sech(logsnr/2)*max(1, exp(-logsnr)), Salimans and Ho 2022, section 4
    Seen in: B124, lucidrains/recurrent-interface-network-pytorch#11
    """
    return elbo.elbo_weight_min_snr(logsnr_t, 1)


def elbo_weight_truncated_snr__not_truncated(logsnr_t):
    """The SNR alone, which vanishes at the noise.

    Fix: sech(logsnr/2)*max(1, exp(-logsnr)), Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return elbo.elbo_weight_snr(logsnr_t)


def elbo_weight_truncated_snr__weight_of_eps(logsnr_t):
    """max(SNR, 1) kept as if the error were one of eps.

    Fix: sech(logsnr/2)*max(1, exp(-logsnr)), Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    xp = namespace(logsnr_t)
    return elbo.elbo_weight_simple_cosine(logsnr_t) * xp.maximum(xp.exp(0 * logsnr_t), xp.exp(logsnr_t))


def elbo_weight_truncated_snr__plus_one(logsnr_t):
    """SNR + 1 in place of the larger: an error of v.

    Fix: sech(logsnr/2)*max(1, exp(-logsnr)), Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return elbo.elbo_weight_v_cosine(logsnr_t)


def elbo_weight_p2_offset__offset_of_one(logsnr_t, p2_gamma):
    """k hard-wired to 1.

    Fix: sech(logsnr/2)/(k + exp(logsnr))**gamma, Choi et al. 2022, Eq. (8)
    Seen in: plausible
    """
    return elbo.elbo_weight_p2(logsnr_t, p2_gamma)


def elbo_weight_p2_offset__power_of_the_snr_alone(logsnr_t, p2_gamma, p2_offset):
    """The SNR alone to the power.

    Fix: sech(logsnr/2)/(k + exp(logsnr))**gamma, Choi et al. 2022, Eq. (8)
    Seen in: plausible
    """
    xp = namespace(logsnr_t, p2_gamma, p2_offset)
    return elbo.elbo_weight_simple_cosine(logsnr_t) / (p2_offset + xp.exp(p2_gamma * logsnr_t))


def elbo_weight_p2_offset__inverse_snr(logsnr_t, p2_gamma, p2_offset):
    """The noise-to-signal ratio in place of the SNR.

    Fix: sech(logsnr/2)/(k + exp(logsnr))**gamma, Choi et al. 2022, Eq. (8)
    Seen in: plausible
    """
    xp = namespace(logsnr_t, p2_gamma, p2_offset)
    return elbo.elbo_weight_simple_cosine(logsnr_t) / (p2_offset + xp.exp(-logsnr_t)) ** p2_gamma


def elbo_weight_p2_offset__offset_times_the_snr(logsnr_t, p2_gamma, p2_offset):
    """1 + k*SNR in place of k + SNR.

    Fix: sech(logsnr/2)/(k + exp(logsnr))**gamma, Choi et al. 2022, Eq. (8)
    Seen in: plausible
    """
    xp = namespace(logsnr_t, p2_gamma, p2_offset)
    return elbo.elbo_weight_simple_cosine(logsnr_t) / (1 + p2_offset * xp.exp(logsnr_t)) ** p2_gamma
