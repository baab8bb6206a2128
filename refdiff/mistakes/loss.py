"""Wrong bodies of the variational bound's terms, the simple loss and the weights."""

import math

from refdiff.numbers import namespace

__all__ = [
    "bits_per_dimension__multiplied_by_log_2",
    "bits_per_dimension__nats",
    "bits_per_dimension__sign",
    "bits_per_dimension__total_bits",
    "decoder_log_likelihood__bins_of_127_5",
    "decoder_log_likelihood__bins_of_256",
    "decoder_log_likelihood__closed_ends",
    "decoder_log_likelihood__density",
    "decoder_log_likelihood__half_the_bin",
    "decoder_log_likelihood__log_scale_halved",
    "decoder_log_likelihood__log_variance_for_log_scale",
    "decoder_log_likelihood__tanh_for_phi",
    "denoising_kl__error_of_eps",
    "denoising_kl__large_variance",
    "denoising_kl__mean_for_sum",
    "denoising_kl__not_halved",
    "denoising_kl__sign",
    "denoising_kl__weight_of_eps",
    "denoising_kl__weights_averaged_over_batch",
    "denoising_kl_gradient__error_of_eps",
    "denoising_kl_gradient__halved",
    "denoising_kl_gradient__mean_for_sum",
    "denoising_kl_gradient__sign",
    "min_snr_weight_eps__max_for_min",
    "min_snr_weight_eps__of_v",
    "min_snr_weight_eps__of_x_0",
    "min_snr_weight_eps__ratio_of_scales",
    "min_snr_weight_score__max_for_min",
    "min_snr_weight_score__of_eps",
    "min_snr_weight_score__scale_for_variance",
    "min_snr_weight_v__max_for_min",
    "min_snr_weight_v__of_eps",
    "min_snr_weight_v__one_added_before_cap",
    "min_snr_weight_v__one_outside_fraction",
    "min_snr_weight_velocity__max_for_min",
    "min_snr_weight_velocity__of_v",
    "min_snr_weight_velocity__straight_path_only",
    "min_snr_weight_x_0__max_for_min",
    "min_snr_weight_x_0__of_eps",
    "min_snr_weight_x_0__ratio_of_scales",
    "prior_kl__arguments_swapped",
    "prior_kl__constant_once",
    "prior_kl__log_variance_is_scale",
    "prior_kl__log_variance_left_out",
    "prior_kl__mean_for_sum",
    "prior_kl__mean_not_scaled_twice",
    "simple_loss__absolute_error",
    "simple_loss__halved",
    "simple_loss__mean_over_batch",
    "simple_loss__root",
    "simple_loss__sum_for_mean",
    "simple_loss_gradient__halved",
    "simple_loss_gradient__of_mean_over_batch",
    "simple_loss_gradient__of_sum",
    "simple_loss_gradient__sign",
    "simple_loss_weight__inverted_ratio",
    "simple_loss_weight__large_variance",
    "simple_loss_weight__not_halved",
    "simple_loss_weight__of_x_0",
    "snr_weight_eps__inverse_snr",
    "snr_weight_eps__snr",
    "snr_weight_score__fourth_power",
    "snr_weight_score__inverse",
    "snr_weight_score__scale",
    "snr_weight_v__noise_power",
    "snr_weight_v__of_x_0",
    "snr_weight_v__one_outside_fraction",
    "snr_weight_velocity__not_squared",
    "snr_weight_velocity__of_v",
    "snr_weight_velocity__straight_path_only",
    "snr_weight_x_0__inverse",
    "snr_weight_x_0__plus_one",
    "snr_weight_x_0__ratio_of_scales",
    "snr_weight_x_0__signal_power",
]


def _others(x):
    return tuple(range(1, x.ndim))


def _squared_error(a, b):
    return namespace(a, b).sum((a - b) ** 2, axis=_others(a))


def denoising_kl__mean_for_sum(x_0, x_0_hat, snr_s, snr_t):
    """The mean over dimensions in place of the sum.

    Fix: (snr_s - snr_t)/2*sum((x_0 - x_0_hat)**2), summed over all axes but the first, Kingma et al. 2021, Eq. (13)
    Seen in: B141, keras-team/keras-io#270, in a VAE
    """
    return (snr_s - snr_t) / 2 * _squared_error(x_0, x_0_hat) / math.prod(x_0.shape[1:])


def denoising_kl__not_halved(x_0, x_0_hat, snr_s, snr_t):
    """The weight without the factor 1/2.

    Fix: (snr_s - snr_t)/2*sum((x_0 - x_0_hat)**2), Kingma et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return (snr_s - snr_t) * _squared_error(x_0, x_0_hat)


def denoising_kl__sign(x_0, x_0_hat, snr_s, snr_t):
    """snr_t - snr_s in place of snr_s - snr_t: the term is negative.

    Fix: (snr_s - snr_t)/2*sum((x_0 - x_0_hat)**2), Kingma et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return (snr_t - snr_s) / 2 * _squared_error(x_0, x_0_hat)


def denoising_kl__error_of_eps(x_0, x_0_hat, snr_s, snr_t):
    """The weight of the error of x_0 put on the error of eps.

    Fix: (snr_s - snr_t)/2 weighs the error of x_0; the error of eps takes (snr_s/snr_t - 1)/2, Kingma et al. (14)
    Seen in: plausible
    """
    return (snr_s - snr_t) / 2 * snr_t * _squared_error(x_0, x_0_hat)


def denoising_kl__weight_of_eps(x_0, x_0_hat, snr_s, snr_t):
    """The weight of the error of eps put on the error of x_0.

    Fix: (snr_s - snr_t)/2 weighs the error of x_0; the error of eps takes (snr_s/snr_t - 1)/2, Kingma et al. (14)
    Seen in: plausible
    """
    return (snr_s / snr_t - 1) / 2 * _squared_error(x_0, x_0_hat)


def denoising_kl__large_variance(x_0, x_0_hat, snr_s, snr_t, alpha_bar_s, alpha_bar_t):
    """Both variances 1 - alpha_bar_t/alpha_bar_s (fixed_large) in place of the posterior variance.

    Fix: the squared difference of means over twice the posterior variance, Ho et al. 2020, Eq. (8)
    Seen in: plausible
    """
    shrink = (1 - alpha_bar_s) / (1 - alpha_bar_t)
    return shrink * (snr_s - snr_t) / 2 * _squared_error(x_0, x_0_hat)


def denoising_kl__weights_averaged_over_batch(x_0, x_0_hat, snr_s, snr_t):
    """Weights and errors broadcast against each other: every sample gets the batch's mean weight.

    Fix: multiply weight and error of the same sample, shapes (B,) and (B,), Kingma et al. 2021, Eq. (13)
    Seen in: B132, bayesflow-org/bayesflow#787
    """
    xp = namespace(x_0, x_0_hat, snr_s, snr_t)
    errors = _squared_error(x_0, x_0_hat)
    return xp.sum((snr_s - snr_t) / 2 + 0 * errors) / x_0.shape[0] * errors


def denoising_kl_gradient__sign(x_0, x_0_hat, snr_s, snr_t):
    """x_0 - x_0_hat in place of x_0_hat - x_0: the step goes uphill.

    Fix: (snr_s - snr_t)*(x_0_hat - x_0), Ho et al. 2020, Eq. (8), differentiated
    Seen in: plausible
    """
    return (snr_s - snr_t) * (x_0 - x_0_hat)


def denoising_kl_gradient__halved(x_0, x_0_hat, snr_s, snr_t):
    """Half of it: the 2 that the square gives was left out.

    Fix: (snr_s - snr_t)*(x_0_hat - x_0), Ho et al. 2020, Eq. (8), differentiated
    Seen in: plausible
    """
    return (snr_s - snr_t) / 2 * (x_0_hat - x_0)


def denoising_kl_gradient__mean_for_sum(x_0, x_0_hat, snr_s, snr_t):
    """The gradient of the mean over dimensions in place of the sum.

    Fix: (snr_s - snr_t)*(x_0_hat - x_0), Ho et al. 2020, Eq. (8), differentiated
    Seen in: B141, keras-team/keras-io#270, in a VAE
    """
    return (snr_s - snr_t) * (x_0_hat - x_0) / math.prod(x_0.shape[1:])


def denoising_kl_gradient__error_of_eps(x_0, x_0_hat, snr_s, snr_t):
    """The weight of the error of x_0 put on the error of eps.

    Fix: (snr_s - snr_t)*(x_0_hat - x_0), Ho et al. 2020, Eq. (8), differentiated
    Seen in: plausible
    """
    return (snr_s - snr_t) * snr_t * (x_0_hat - x_0)


def prior_kl__log_variance_is_scale(x_0, alpha_bar_T):
    """sqrt(1 - alpha_bar_T) handed over as the log variance.

    Fix: sum(alpha_bar_T*x_0**2 + (1 - alpha_bar_T) - 1 - log(1 - alpha_bar_T))/2, Ho et al. 2020, Eq. (5)
    Seen in: B133, tqch/ddpm-torch#9
    """
    xp = namespace(x_0, alpha_bar_T)
    count, sigma_T = math.prod(x_0.shape[1:]), xp.sqrt(1 - alpha_bar_T)
    return (alpha_bar_T * xp.sum(x_0**2, axis=_others(x_0)) + count * (xp.exp(sigma_T) - 1 - sigma_T)) / 2


def prior_kl__mean_for_sum(x_0, alpha_bar_T):
    """The mean over dimensions in place of the sum.

    Fix: sum(alpha_bar_T*x_0**2 + (1 - alpha_bar_T) - 1 - log(1 - alpha_bar_T))/2, Ho et al. 2020, Eq. (5)
    Seen in: B141, keras-team/keras-io#270, in a VAE
    """
    xp = namespace(x_0, alpha_bar_T)
    squares = xp.sum(x_0**2, axis=_others(x_0)) / math.prod(x_0.shape[1:])
    return (alpha_bar_T * (squares - 1) - xp.log(1 - alpha_bar_T)) / 2


def prior_kl__mean_not_scaled_twice(x_0, alpha_bar_T):
    """sqrt(alpha_bar_T)*x_0**2: the scale of the mean left out of the square.

    Fix: sum(alpha_bar_T*x_0**2 + (1 - alpha_bar_T) - 1 - log(1 - alpha_bar_T))/2, Ho et al. 2020, Eq. (5)
    Seen in: plausible
    """
    xp = namespace(x_0, alpha_bar_T)
    count = math.prod(x_0.shape[1:])
    squares = xp.sqrt(alpha_bar_T) * xp.sum(x_0**2, axis=_others(x_0))
    return (squares - count * (alpha_bar_T + xp.log(1 - alpha_bar_T))) / 2


def prior_kl__log_variance_left_out(x_0, alpha_bar_T):
    """Half of alpha_bar_T*(|x_0|**2 - d), without the log.

    Fix: sum(alpha_bar_T*x_0**2 + (1 - alpha_bar_T) - 1 - log(1 - alpha_bar_T))/2, Ho et al. 2020, Eq. (5)
    Seen in: plausible
    """
    xp = namespace(x_0, alpha_bar_T)
    return alpha_bar_T * (xp.sum(x_0**2, axis=_others(x_0)) - math.prod(x_0.shape[1:])) / 2


def prior_kl__constant_once(x_0, alpha_bar_T):
    """1 subtracted once in place of once for each dimension.

    Fix: sum(alpha_bar_T*x_0**2 + (1 - alpha_bar_T) - 1 - log(1 - alpha_bar_T))/2, Ho et al. 2020, Eq. (5)
    Seen in: B143, ericjang/draw#6
    """
    xp = namespace(x_0, alpha_bar_T)
    count = math.prod(x_0.shape[1:])
    variance = 1 - alpha_bar_T
    return (alpha_bar_T * xp.sum(x_0**2, axis=_others(x_0)) + count * (variance - xp.log(variance)) - 1) / 2


def prior_kl__arguments_swapped(x_0, alpha_bar_T):
    """The divergence of the unit Gaussian from x_T's law in place of the reverse.

    Fix: sum(alpha_bar_T*x_0**2 + (1 - alpha_bar_T) - 1 - log(1 - alpha_bar_T))/2, Ho et al. 2020, Eq. (5)
    Seen in: plausible
    """
    xp = namespace(x_0, alpha_bar_T)
    variance = 1 - alpha_bar_T
    squares = alpha_bar_T * xp.sum(x_0**2, axis=_others(x_0))
    return (squares / variance + math.prod(x_0.shape[1:]) * (xp.log(variance) + 1 / variance - 1)) / 2


def _log_mass(x_0, mean, inverse, half_width):
    """Log probability between x_0 - half_width and x_0 + half_width, in bins of 1/255, from the nearer tail."""
    xp = namespace(x_0, mean, inverse)
    distance, sign = 255 * (x_0 - mean), xp.where(255 * x_0 > 255 * mean, -1, 1)
    near = xp.log_ndtr((half_width + sign * distance) * inverse / 255)
    far = xp.log_ndtr((sign * distance - half_width) * inverse / 255)
    return near + xp.log1p(-xp.exp(far - near))


def _open_ended(x_0, mean, inverse, half_width):
    xp = namespace(x_0, mean, inverse)
    distance = 255 * (x_0 - mean)
    below = xp.log_ndtr((distance + half_width) * inverse / 255)
    above = xp.log_ndtr((half_width - distance) * inverse / 255)
    inside = _log_mass(x_0, mean, inverse, half_width)
    return xp.where(255 * x_0 < -254, below, xp.where(255 * x_0 > 254, above, inside))


def decoder_log_likelihood__log_variance_for_log_scale(x_0, mean, log_scale):
    """The log variance handed over where the log scale belongs.

    Fix: log_scale is half of the log variance, Ho et al. 2020, Eq. (13)
    Seen in: B147, bjlkeng/sandbox#10
    """
    xp = namespace(x_0, mean, log_scale)
    return _open_ended(x_0, mean, xp.exp(-2 * log_scale), 1)


def decoder_log_likelihood__log_scale_halved(x_0, mean, log_scale):
    """The log scale halved as if it were a log variance.

    Fix: the scale is exp(log_scale), Ho et al. 2020, Eq. (13)
    Seen in: plausible
    """
    xp = namespace(x_0, mean, log_scale)
    return _open_ended(x_0, mean, xp.exp(-log_scale / 2), 1)


def decoder_log_likelihood__closed_ends(x_0, mean, log_scale):
    """The outermost bins as narrow as the others in place of reaching to infinity.

    Fix: Phi is 1 above 254/255 and 0 below -254/255, Ho et al. 2020, Eq. (13)
    Seen in: plausible
    """
    xp = namespace(x_0, mean, log_scale)
    return _log_mass(x_0, mean, xp.exp(-log_scale), 1)


def decoder_log_likelihood__half_the_bin(x_0, mean, log_scale):
    """Bins of width 1/255, as for data on [0, 1], in place of 2/255.

    Fix: Phi at x_0 + 1/255 and x_0 - 1/255, Ho et al. 2020, Eq. (13)
    Seen in: plausible
    """
    xp = namespace(x_0, mean, log_scale)
    half = 1 / (0 * log_scale + 2)
    return _open_ended(x_0, mean, xp.exp(-log_scale), half)


def decoder_log_likelihood__bins_of_127_5(x_0, mean, log_scale):
    """Half widths of 1/127.5, the distance of neighbouring levels: every bin reaches over half of its neighbours.

    Fix: Phi at x_0 + 1/255 and x_0 - 1/255, Ho et al. 2020, Eq. (13)
    Seen in: plausible
    """
    xp = namespace(x_0, mean, log_scale)
    return _open_ended(x_0, mean, xp.exp(-log_scale), 2)


def decoder_log_likelihood__bins_of_256(x_0, mean, log_scale):
    """Half widths of 1/256, from the number of levels in place of the number of gaps between them.

    Fix: Phi at x_0 + 1/255 and x_0 - 1/255, Ho et al. 2020, Eq. (13)
    Seen in: plausible
    """
    xp = namespace(x_0, mean, log_scale)
    half = 255 / (0 * log_scale + 256)
    return _open_ended(x_0, mean, xp.exp(-log_scale), half)


def decoder_log_likelihood__density(x_0, mean, log_scale):
    """The log density at x_0, not integrated over its bin.

    Fix: log(Phi(x_0 + 1/255) - Phi(x_0 - 1/255)) of the scaled distances, Ho et al. 2020, Eq. (13)
    Seen in: plausible
    """
    xp = namespace(x_0, mean, log_scale)
    scaled = (x_0 - mean) * xp.exp(-log_scale)
    return -(scaled**2) / 2 - log_scale - xp.log(2 * xp.pi + 0 * scaled) / 2


def _log_tanh_cdf(x):
    """Log of (1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))/2."""
    xp = namespace(x)
    return xp.log(xp.sigmoid(xp.sqrt(8 / xp.pi + 0 * x) * (x + 8943 * x**3 / 200000)))


def decoder_log_likelihood__tanh_for_phi(x_0, mean, log_scale):
    """Phi approximated by a tanh, as in released code: off by up to 2e-4 in Phi, and more in its log.

    Fix: Phi(x) = (1 + erf(x/sqrt(2)))/2, Ho et al. 2020, Eq. (13); the approximation is of the released code
    Seen in: plausible; openai/improved-diffusion, approx_standard_normal_cdf, on purpose
    """
    xp = namespace(x_0, mean, log_scale)
    inverse, distance = xp.exp(-log_scale), 255 * (x_0 - mean)
    sign = xp.where(255 * x_0 > 255 * mean, -1, 1)
    near = _log_tanh_cdf((1 + sign * distance) * inverse / 255)
    far = _log_tanh_cdf((sign * distance - 1) * inverse / 255)
    below, above = (_log_tanh_cdf((1 + side * distance) * inverse / 255) for side in (1, -1))
    inside = near + xp.log1p(-xp.exp(far - near))
    return xp.where(255 * x_0 < -254, below, xp.where(255 * x_0 > 254, above, inside))


def bits_per_dimension__nats(nats, dimensions):
    """Nats for each dimension, not divided by log(2).

    Fix: nats/(dimensions*log(2)), Ho et al. 2020, section 4
    Seen in: plausible
    """
    return nats / dimensions


def bits_per_dimension__total_bits(nats):
    """Bits of the whole sample, not divided by its dimensions.

    Fix: nats/(dimensions*log(2)), Ho et al. 2020, section 4
    Seen in: plausible
    """
    return nats / namespace(nats).log(0 * nats + 2)


def bits_per_dimension__multiplied_by_log_2(nats, dimensions):
    """Multiplied by log(2) in place of divided.

    Fix: nats/(dimensions*log(2)), Ho et al. 2020, section 4
    Seen in: plausible
    """
    return nats * namespace(nats).log(0 * nats + 2) / dimensions


def bits_per_dimension__sign(nats, dimensions):
    """The log likelihood in place of its negative.

    Fix: nats/(dimensions*log(2)) of the negative log likelihood, Ho et al. 2020, section 4
    Seen in: plausible
    """
    return -nats / (dimensions * namespace(nats).log(0 * nats + 2))


def simple_loss__sum_for_mean(eps, eps_hat):
    """The sum over dimensions, as printed, in place of the mean.

    Fix: mean((eps - eps_hat)**2) over all axes but the first, Ho et al. 2020, released code
    Seen in: plausible; Eq. (14) is the sum, the released code the mean
    """
    return _squared_error(eps, eps_hat)


def simple_loss__mean_over_batch(eps, eps_hat):
    """One mean over batch and dimensions in place of one for each sample.

    Fix: mean((eps - eps_hat)**2) over all axes but the first, Ho et al. 2020, Eq. (14)
    Seen in: plausible; the default of mse_loss
    """
    return namespace(eps, eps_hat).sum((eps - eps_hat) ** 2) / math.prod(eps.shape)


def simple_loss__absolute_error(eps, eps_hat):
    """The absolute error in place of its square.

    Fix: mean((eps - eps_hat)**2) over all axes but the first, Ho et al. 2020, Eq. (14)
    Seen in: plausible; an option of lucidrains/denoising-diffusion-pytorch
    """
    xp = namespace(eps, eps_hat)
    return xp.sum(xp.absolute(eps - eps_hat), axis=_others(eps)) / math.prod(eps.shape[1:])


def simple_loss__root(eps, eps_hat):
    """The root mean square in place of the mean square.

    Fix: mean((eps - eps_hat)**2) over all axes but the first, Ho et al. 2020, Eq. (14)
    Seen in: plausible
    """
    return namespace(eps, eps_hat).sqrt(_squared_error(eps, eps_hat) / math.prod(eps.shape[1:]))


def simple_loss__halved(eps, eps_hat):
    """Half of the mean square.

    Fix: mean((eps - eps_hat)**2) over all axes but the first, Ho et al. 2020, Eq. (14)
    Seen in: plausible
    """
    return _squared_error(eps, eps_hat) / (2 * math.prod(eps.shape[1:]))


def simple_loss_gradient__of_sum(eps, eps_hat):
    """The gradient of the sum over dimensions in place of the mean.

    Fix: 2*(eps_hat - eps)/d for d dimensions of a sample, Ho et al. 2020, Eq. (14), averaged and differentiated
    Seen in: plausible; Eq. (14) is the sum, the released code the mean
    """
    return 2 * (eps_hat - eps)


def simple_loss_gradient__of_mean_over_batch(eps, eps_hat):
    """The gradient of one mean over batch and dimensions.

    Fix: 2*(eps_hat - eps)/d for d dimensions of a sample, Ho et al. 2020, Eq. (14), averaged and differentiated
    Seen in: plausible; the default of mse_loss
    """
    return 2 * (eps_hat - eps) / math.prod(eps.shape)


def simple_loss_gradient__sign(eps, eps_hat):
    """eps - eps_hat in place of eps_hat - eps: the step goes uphill.

    Fix: 2*(eps_hat - eps)/d for d dimensions of a sample, Ho et al. 2020, Eq. (14), averaged and differentiated
    Seen in: plausible
    """
    return 2 * (eps - eps_hat) / math.prod(eps.shape[1:])


def simple_loss_gradient__halved(eps, eps_hat):
    """Half of it: the 2 that the square gives was left out.

    Fix: 2*(eps_hat - eps)/d for d dimensions of a sample, Ho et al. 2020, Eq. (14), averaged and differentiated
    Seen in: plausible
    """
    return (eps_hat - eps) / math.prod(eps.shape[1:])


def simple_loss_weight__large_variance(alpha_bar_s, alpha_bar_t):
    """The weight for the larger variance (fixed_large): beta_t**2/(2*beta_t*(1 - beta_t)*(1 - alpha_bar_t)).

    Fix: (snr_s/snr_t - 1)/2, Ho et al. 2020, Eq. (12) with the posterior variance
    Seen in: plausible; Ho et al. print it with a free sigma_t
    """
    return (alpha_bar_s / alpha_bar_t - 1) / (2 * (1 - alpha_bar_t))


def simple_loss_weight__of_x_0(snr_s, snr_t):
    """(snr_s - snr_t)/2, the weight of the error of x_0.

    Fix: (snr_s/snr_t - 1)/2, Kingma et al. 2021, Eq. (14)
    Seen in: plausible
    """
    return (snr_s - snr_t) / 2


def simple_loss_weight__not_halved(snr_s, snr_t):
    """snr_s/snr_t - 1, without the factor 1/2.

    Fix: (snr_s/snr_t - 1)/2, Kingma et al. 2021, Eq. (14)
    Seen in: plausible
    """
    return snr_s / snr_t - 1


def simple_loss_weight__inverted_ratio(snr_s, snr_t):
    """(1 - snr_t/snr_s)/2, the ratio turned over.

    Fix: (snr_s/snr_t - 1)/2, Kingma et al. 2021, Eq. (14)
    Seen in: plausible
    """
    return (1 - snr_t / snr_s) / 2


def snr_weight_x_0__inverse(snr_t):
    """1/snr_t.

    Fix: snr_t, Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return 1 / snr_t


def snr_weight_x_0__ratio_of_scales(snr_t):
    """alpha_t/sigma_t, a ratio of scales in place of powers.

    Fix: snr_t = alpha_t**2/sigma_t**2, Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return namespace(snr_t).sqrt(snr_t)


def snr_weight_x_0__plus_one(snr_t):
    """snr_t + 1, the weight that makes it an error of v.

    Fix: snr_t, Kingma and Gao 2023, Table 1
    Seen in: plausible; Salimans and Ho 2022 call it SNR + 1 weighting
    """
    return snr_t + 1


def snr_weight_x_0__signal_power(snr_t):
    """snr_t/(snr_t + 1), the weight of an error of v.

    Fix: snr_t, Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return snr_t / (snr_t + 1)


def snr_weight_eps__snr(snr_t):
    """snr_t, the weight of an error of x_0.

    Fix: 1, Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return +snr_t


def snr_weight_eps__inverse_snr(snr_t):
    """1/snr_t.

    Fix: 1, Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return 1 / snr_t


def snr_weight_v__one_outside_fraction(snr_t):
    """snr_t/snr_t + 1: the 1 fell out of the denominator.

    Fix: snr_t/(snr_t + 1), Kingma and Gao 2023, Table 1
    Seen in: B126, huggingface/diffusers#5238, in the min-SNR weight
    """
    return snr_t / snr_t + 1


def snr_weight_v__noise_power(snr_t):
    """1/(snr_t + 1), sigma_t**2 in place of alpha_t**2.

    Fix: snr_t/(snr_t + 1), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return 1 / (snr_t + 1)


def snr_weight_v__of_x_0(snr_t):
    """snr_t, the weight of an error of x_0.

    Fix: snr_t/(snr_t + 1), Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return +snr_t


def snr_weight_score__scale(sigma_t):
    """sigma_t in place of its square.

    Fix: sigma_t**2, Song et al. 2021, Eq. (7)
    Seen in: plausible
    """
    return +sigma_t


def snr_weight_score__inverse(sigma_t):
    """1/sigma_t**2.

    Fix: sigma_t**2, Song et al. 2021, Eq. (7)
    Seen in: plausible
    """
    return 1 / sigma_t**2


def snr_weight_score__fourth_power(sigma_t):
    """sigma_t**4, the weight that makes it an error of alpha_t*x_0.

    Fix: sigma_t**2, Song et al. 2021, Eq. (7)
    Seen in: plausible
    """
    return sigma_t**4


def snr_weight_velocity__of_v(alpha_t, sigma_t):
    """alpha_t**2/(alpha_t**2 + sigma_t**2), the weight of an error of v.

    Fix: alpha_t**2/(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)**2, Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return alpha_t**2 / (alpha_t**2 + sigma_t**2)


def snr_weight_velocity__straight_path_only(alpha_t):
    """alpha_t**2, right only for alpha_t = 1 - t, sigma_t = t.

    Fix: alpha_t**2/(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)**2, Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return alpha_t**2


def snr_weight_velocity__not_squared(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """alpha_t over the determinant, not squared.

    Fix: alpha_t**2/(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)**2, Kingma and Gao 2023, Table 1
    Seen in: plausible
    """
    return alpha_t / (alpha_t * sigma_dot_t - sigma_t * alpha_dot_t)


def min_snr_weight_x_0__max_for_min(snr_t, gamma):
    """max(snr_t, gamma) in place of min.

    Fix: min(snr_t, gamma), Hang et al. 2023, section 3.4
    Seen in: B124, lucidrains/recurrent-interface-network-pytorch#11
    """
    return namespace(snr_t, gamma).maximum(snr_t, gamma)


def min_snr_weight_x_0__of_eps(snr_t, gamma):
    """min(snr_t, gamma)/snr_t, the weight of an error of eps.

    Fix: min(snr_t, gamma), Hang et al. 2023, section 3.4
    Seen in: plausible
    """
    return namespace(snr_t, gamma).minimum(snr_t, gamma) / snr_t


def min_snr_weight_x_0__ratio_of_scales(snr_t, gamma):
    """min(alpha_t/sigma_t, gamma), a ratio of scales in place of powers.

    Fix: min(snr_t, gamma) with snr_t = alpha_t**2/sigma_t**2, Hang et al. 2023, section 3.4
    Seen in: plausible
    """
    xp = namespace(snr_t, gamma)
    return xp.minimum(xp.sqrt(snr_t), gamma)


def min_snr_weight_eps__max_for_min(snr_t, gamma):
    """max(snr_t, gamma)/snr_t in place of min.

    Fix: min(snr_t, gamma)/snr_t, Hang et al. 2023, section 3.4
    Seen in: B124, lucidrains/recurrent-interface-network-pytorch#11
    """
    return namespace(snr_t, gamma).maximum(snr_t, gamma) / snr_t


def min_snr_weight_eps__of_x_0(snr_t, gamma):
    """min(snr_t, gamma), the weight of an error of x_0.

    Fix: min(snr_t, gamma)/snr_t, Hang et al. 2023, section 3.4
    Seen in: plausible
    """
    return namespace(snr_t, gamma).minimum(snr_t, gamma)


def min_snr_weight_eps__of_v(snr_t, gamma):
    """min(snr_t, gamma)/(snr_t + 1), the weight of an error of v.

    Fix: min(snr_t, gamma)/snr_t, Hang et al. 2023, section 3.4
    Seen in: plausible
    """
    return namespace(snr_t, gamma).minimum(snr_t, gamma) / (snr_t + 1)


def min_snr_weight_eps__ratio_of_scales(snr_t, gamma):
    """The ratio of scales in place of powers, in the cap and the denominator.

    Fix: min(snr_t, gamma)/snr_t with snr_t = alpha_t**2/sigma_t**2, Hang et al. 2023, section 3.4
    Seen in: plausible
    """
    xp = namespace(snr_t, gamma)
    return xp.minimum(xp.sqrt(snr_t), gamma) / xp.sqrt(snr_t)


def min_snr_weight_v__one_outside_fraction(snr_t, gamma):
    """min(snr_t, gamma)/snr_t + 1: the 1 fell out of the denominator.

    Fix: min(snr_t, gamma)/(snr_t + 1), Hang et al. 2023, section 3.4
    Seen in: B126, huggingface/diffusers#5238
    """
    return namespace(snr_t, gamma).minimum(snr_t, gamma) / snr_t + 1


def min_snr_weight_v__of_eps(snr_t, gamma):
    """min(snr_t, gamma)/snr_t, the weight of an error of eps.

    Fix: min(snr_t, gamma)/(snr_t + 1), Hang et al. 2023, section 3.4
    Seen in: B128, kohya-ss/sd-scripts#673
    """
    return namespace(snr_t, gamma).minimum(snr_t, gamma) / snr_t


def min_snr_weight_v__max_for_min(snr_t, gamma):
    """max(snr_t, gamma)/(snr_t + 1) in place of min.

    Fix: min(snr_t, gamma)/(snr_t + 1), Hang et al. 2023, section 3.4
    Seen in: B124, lucidrains/recurrent-interface-network-pytorch#11
    """
    return namespace(snr_t, gamma).maximum(snr_t, gamma) / (snr_t + 1)


def min_snr_weight_v__one_added_before_cap(snr_t, gamma):
    """min(snr_t + 1, gamma)/(snr_t + 1): the 1 is added under the cap too.

    Fix: min(snr_t, gamma)/(snr_t + 1), Hang et al. 2023, section 3.4
    Seen in: plausible
    """
    return namespace(snr_t, gamma).minimum(snr_t + 1, gamma) / (snr_t + 1)


def min_snr_weight_score__max_for_min(snr_t, sigma_t, gamma):
    """max(snr_t, gamma) in place of min.

    Fix: sigma_t**2*min(snr_t, gamma)/snr_t, Hang et al. 2023, section 3.4
    Seen in: B124, lucidrains/recurrent-interface-network-pytorch#11
    """
    return sigma_t**2 * namespace(snr_t, sigma_t, gamma).maximum(snr_t, gamma) / snr_t


def min_snr_weight_score__of_eps(snr_t, gamma):
    """min(snr_t, gamma)/snr_t, the weight of an error of eps.

    Fix: sigma_t**2*min(snr_t, gamma)/snr_t, Hang et al. 2023, section 3.4
    Seen in: plausible
    """
    return namespace(snr_t, gamma).minimum(snr_t, gamma) / snr_t


def min_snr_weight_score__scale_for_variance(snr_t, sigma_t, gamma):
    """sigma_t in place of its square.

    Fix: sigma_t**2*min(snr_t, gamma)/snr_t, Hang et al. 2023, section 3.4
    Seen in: plausible
    """
    return sigma_t * namespace(snr_t, sigma_t, gamma).minimum(snr_t, gamma) / snr_t


def min_snr_weight_velocity__max_for_min(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t, gamma):
    """max(snr_t, gamma) in place of min.

    Fix: min(alpha_t**2, gamma*sigma_t**2)/(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)**2, Hang et al., section 3.4
    Seen in: B124, lucidrains/recurrent-interface-network-pytorch#11
    """
    xp = namespace(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t, gamma)
    return xp.maximum(alpha_t**2, gamma * sigma_t**2) / (alpha_t * sigma_dot_t - sigma_t * alpha_dot_t) ** 2


def min_snr_weight_velocity__of_v(alpha_t, sigma_t, gamma):
    """min(snr_t, gamma)/(snr_t + 1), the weight of an error of v.

    Fix: min(alpha_t**2, gamma*sigma_t**2)/(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)**2, Hang et al., section 3.4
    Seen in: plausible
    """
    xp = namespace(alpha_t, sigma_t, gamma)
    return xp.minimum(alpha_t**2, gamma * sigma_t**2) / (alpha_t**2 + sigma_t**2)


def min_snr_weight_velocity__straight_path_only(alpha_t, sigma_t, gamma):
    """min(alpha_t**2, gamma*sigma_t**2), right only for alpha_t = 1 - t, sigma_t = t.

    Fix: min(alpha_t**2, gamma*sigma_t**2)/(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)**2, Hang et al., section 3.4
    Seen in: plausible
    """
    xp = namespace(alpha_t, sigma_t, gamma)
    return xp.minimum(alpha_t**2, gamma * sigma_t**2)
