"""Wrong bodies of formulas of variational autoencoders."""

import math

from refdiff.numbers import namespace
from refdiff.reference import vae

__all__ = [
    "bernoulli_reconstruction_nll__arguments_swapped",
    "bernoulli_reconstruction_nll__mean_for_sum",
    "bernoulli_reconstruction_nll__ones_alone",
    "bernoulli_reconstruction_nll__sigmoid_twice",
    "bernoulli_reconstruction_nll__softplus_without_data",
    "beta_vae_loss__free_bits",
    "beta_vae_loss__interpolated",
    "beta_vae_loss__kl_subtracted",
    "beta_vae_loss__weight_on_reconstruction",
    "gaussian_reconstruction_nll__half_squared_error",
    "gaussian_reconstruction_nll__mean_for_sum",
    "gaussian_reconstruction_nll__scale_for_variance",
    "gaussian_reconstruction_nll__squared_error",
    "gaussian_reconstruction_nll__without_log_variance",
    "gaussian_reconstruction_nll__without_two_pi",
    "linear_vae_elbo__kl_added",
    "linear_vae_elbo__noise_scale_for_variance",
    "linear_vae_elbo__without_encoder_spread",
    "linear_vae_gap__kl_to_prior",
    "linear_vae_gap__noise_scale",
    "linear_vae_gap__offset_ignored",
    "linear_vae_log_evidence__likelihood_at_prior_mean",
    "linear_vae_log_evidence__noise_scale",
    "linear_vae_log_evidence__noise_twice",
    "linear_vae_log_evidence__offset_ignored",
    "reparameterised_sample__log_variance_for_scale",
    "reparameterised_sample__log_variance_not_halved",
    "reparameterised_sample__mean_scaled_too",
    "reparameterised_sample__softplus",
    "vae_kl__clamped",
    "vae_kl__constant_once",
    "vae_kl__mean_for_sum",
    "vae_kl__mean_not_squared",
    "vae_kl__reversed",
    "vae_kl__scale_for_variance",
    "vae_kl__square_of_log_variance",
    "vae_kl_elementwise__log_scale_for_log_variance",
    "vae_kl_elementwise__not_halved",
    "vae_kl_elementwise__sign_of_log_variance",
]


def _others(x):
    return tuple(range(1, x.ndim))


def reparameterised_sample__log_variance_not_halved(mean, log_variance, eps):
    """exp(log_variance) as the scale: the variance in place of its root.

    Fix: mean + exp(log_variance/2)*eps, Kingma and Welling 2014, section 2.4
    Seen in: B147, bjlkeng/sandbox#10
    """
    xp = namespace(mean, log_variance, eps)
    return mean + xp.exp(log_variance) * eps


def reparameterised_sample__log_variance_for_scale(mean, log_variance, eps):
    """The log variance itself as the scale.

    Fix: mean + exp(log_variance/2)*eps, Kingma and Welling 2014, section 2.4
    Seen in: plausible
    """
    return mean + log_variance * eps


def reparameterised_sample__mean_scaled_too(mean, log_variance, eps):
    """The mean scaled along with the noise.

    Fix: mean + exp(log_variance/2)*eps, Kingma and Welling 2014, section 2.4
    Seen in: plausible
    """
    xp = namespace(mean, log_variance, eps)
    return (mean + eps) * xp.exp(log_variance / 2)


def vae_kl_elementwise__not_halved(mean, log_variance):
    """Without the factor 1/2.

    Fix: (mean**2 + exp(log_variance) - 1 - log_variance)/2, Kingma and Welling 2014, appendix B
    Seen in: plausible
    """
    return 2 * vae.vae_kl_elementwise(mean, log_variance)


def vae_kl_elementwise__log_scale_for_log_variance(mean, log_variance):
    """The log variance read as a log standard deviation.

    Fix: (mean**2 + exp(log_variance) - 1 - log_variance)/2, Kingma and Welling 2014, appendix B
    Seen in: plausible
    """
    return vae.vae_kl_elementwise(mean, 2 * log_variance)


def vae_kl_elementwise__sign_of_log_variance(mean, log_variance):
    """log_variance added in place of subtracted.

    Fix: (mean**2 + exp(log_variance) - 1 - log_variance)/2, Kingma and Welling 2014, appendix B
    Seen in: plausible
    """
    xp = namespace(mean, log_variance)
    return (mean**2 + xp.expm1(log_variance) + log_variance) / 2


def vae_kl__mean_for_sum(mean, log_variance):
    """The mean over latents in place of the sum: the KL term weighs too little by the number of latents.

    Fix: sum(mean**2 + exp(log_variance) - 1 - log_variance)/2, Kingma and Welling 2014, appendix B
    Seen in: B141, keras-team/keras-io#270
    """
    return vae.vae_kl(mean, log_variance) / math.prod(mean.shape[1:])


def vae_kl__square_of_log_variance(mean, log_variance):
    """The log scale squared and added, in place of doubled and subtracted.

    Fix: sum(mean**2 + exp(log_variance) - 1 - log_variance)/2, Kingma and Welling 2014, appendix B
    Seen in: B145, FluxML/model-zoo#147
    """
    xp = namespace(mean, log_variance)
    return xp.sum(mean**2 + xp.expm1(log_variance) + log_variance**2 / 4, axis=_others(mean)) / 2


def vae_kl__constant_once(mean, log_variance):
    """1 subtracted once in place of once for each latent.

    Fix: sum(mean**2 + exp(log_variance) - 1 - log_variance)/2, Kingma and Welling 2014, appendix B
    Seen in: B143, ericjang/draw#6
    """
    return vae.vae_kl(mean, log_variance) + (math.prod(mean.shape[1:]) - 1) / 2


def vae_kl__mean_not_squared(mean, log_variance):
    """The size of the mean in place of its square.

    Fix: sum(mean**2 + exp(log_variance) - 1 - log_variance)/2, Kingma and Welling 2014, appendix B
    Seen in: plausible
    """
    xp = namespace(mean, log_variance)
    return xp.sum(xp.absolute(mean) + xp.expm1mx(log_variance), axis=_others(mean)) / 2


def vae_kl__scale_for_variance(mean, log_variance):
    """The standard deviation where the variance belongs.

    Fix: sum(mean**2 + exp(log_variance) - 1 - log_variance)/2, Kingma and Welling 2014, appendix B
    Seen in: plausible
    """
    xp = namespace(mean, log_variance)
    return xp.sum(mean**2 + xp.expm1(log_variance / 2) - log_variance, axis=_others(mean)) / 2


def vae_kl__reversed(mean, log_variance):
    """The divergence of the prior from the encoder.

    Fix: sum(mean**2 + exp(log_variance) - 1 - log_variance)/2, Kingma and Welling 2014, appendix B
    Seen in: plausible
    """
    xp = namespace(mean, log_variance)
    return xp.sum(mean**2 * xp.exp(-log_variance) + xp.expm1(-log_variance) + log_variance, axis=_others(mean)) / 2


def gaussian_reconstruction_nll__scale_for_variance(x_0, mean, log_variance):
    """exp(log_variance) handed over as a standard deviation.

    Fix: sum((x_0 - mean)**2*exp(-log_variance) + log_variance + log(2*pi))/2, Kingma and Welling 2014, appendix C
    Seen in: B147, bjlkeng/sandbox#10
    """
    return vae.gaussian_reconstruction_nll(x_0, mean, 2 * log_variance)


def gaussian_reconstruction_nll__without_log_variance(x_0, mean, log_variance):
    """The weighted squares alone: a decoder that learns its variance makes it endless.

    Fix: sum((x_0 - mean)**2*exp(-log_variance) + log_variance + log(2*pi))/2, Kingma and Welling 2014, appendix C
    Seen in: plausible
    """
    xp = namespace(x_0, mean, log_variance)
    return xp.sum((x_0 - mean) ** 2 * xp.exp(-log_variance), axis=_others(x_0)) / 2


def gaussian_reconstruction_nll__without_two_pi(x_0, mean, log_variance):
    """log(2*pi) left out: right as a training loss, not as nats.

    Fix: sum((x_0 - mean)**2*exp(-log_variance) + log_variance + log(2*pi))/2, Kingma and Welling 2014, appendix C
    Seen in: plausible
    """
    xp = namespace(x_0, mean, log_variance)
    return xp.sum((x_0 - mean) ** 2 * xp.exp(-log_variance) + log_variance, axis=_others(x_0)) / 2


def gaussian_reconstruction_nll__mean_for_sum(x_0, mean, log_variance):
    """The mean over entries in place of the sum.

    Fix: sum((x_0 - mean)**2*exp(-log_variance) + log_variance + log(2*pi))/2, Kingma and Welling 2014, appendix C
    Seen in: plausible
    """
    return vae.gaussian_reconstruction_nll(x_0, mean, log_variance) / math.prod(x_0.shape[1:])


def bernoulli_reconstruction_nll__mean_for_sum(x_0, logits):
    """The mean over pixels in place of the sum, against a KL that is summed.

    Fix: -sum(x_0*log(sigmoid(logits)) + (1 - x_0)*log(1 - sigmoid(logits))), Kingma and Welling 2014, appendix C
    Seen in: plausible
    """
    return vae.bernoulli_reconstruction_nll(x_0, logits) / math.prod(x_0.shape[1:])


def bernoulli_reconstruction_nll__ones_alone(x_0, logits):
    """The log probability of ones alone: pixels that are 0 count for nothing.

    Fix: -sum(x_0*log(sigmoid(logits)) + (1 - x_0)*log(1 - sigmoid(logits))), Kingma and Welling 2014, appendix C
    Seen in: plausible
    """
    xp = namespace(x_0, logits)
    return xp.sum(x_0 * (xp.log1p(xp.exp(-xp.absolute(logits))) + xp.maximum(-logits, 0 * logits)), axis=_others(x_0))


def bernoulli_reconstruction_nll__sigmoid_twice(x_0, logits):
    """Probabilities handed to a function that takes logits.

    Fix: -sum(x_0*log(sigmoid(logits)) + (1 - x_0)*log(1 - sigmoid(logits))), Kingma and Welling 2014, appendix C
    Seen in: plausible
    """
    return vae.bernoulli_reconstruction_nll(x_0, namespace(x_0, logits).sigmoid(logits))


def bernoulli_reconstruction_nll__softplus_without_data(x_0, logits):
    """softplus(logits) without -x_0*logits.

    Fix: -sum(x_0*log(sigmoid(logits)) + (1 - x_0)*log(1 - sigmoid(logits))), Kingma and Welling 2014, appendix C
    Seen in: plausible
    """
    return vae.bernoulli_reconstruction_nll(0 * x_0, logits)


def beta_vae_loss__weight_on_reconstruction(reconstruction_nll, kl, kl_weight):
    """The weight on the reconstruction in place of the KL.

    Fix: reconstruction_nll + kl_weight*kl, Higgins et al. 2017, Eq. (4)
    Seen in: plausible
    """
    return kl_weight * reconstruction_nll + kl


def beta_vae_loss__kl_subtracted(reconstruction_nll, kl, kl_weight):
    """The KL subtracted, as in the bound, from a negative log likelihood, which has the other sign.

    Fix: reconstruction_nll + kl_weight*kl, Higgins et al. 2017, Eq. (4)
    Seen in: plausible
    """
    return reconstruction_nll - kl_weight * kl


def beta_vae_loss__interpolated(reconstruction_nll, kl, kl_weight):
    """A blend whose weights add up to 1.

    Fix: reconstruction_nll + kl_weight*kl, Higgins et al. 2017, Eq. (4)
    Seen in: plausible
    """
    return (1 - kl_weight) * reconstruction_nll + kl_weight * kl


def linear_vae_elbo__without_encoder_spread(x_0, mean, log_variance, matrix, offset, noise_variance):
    """The reconstruction at the encoder's mean, without what its variance adds.

    Fix: sum(exp(log_variance) @ transpose(matrix**2))/noise_variance more in the errors,
    Lucas et al. 2019, section on linear VAEs
    Seen in: plausible
    """
    xp = namespace(x_0, mean, log_variance, matrix, offset, noise_variance)
    spread = xp.sum(xp.exp(log_variance) @ matrix.T**2, axis=1) / noise_variance
    return vae.linear_vae_elbo(x_0, mean, log_variance, matrix, offset, noise_variance) + spread / 2


def linear_vae_elbo__noise_scale_for_variance(x_0, mean, log_variance, matrix, offset, noise_variance):
    """The noise variance taken for a standard deviation and squared.

    Fix: errors/noise_variance and log(2*pi*noise_variance), Lucas et al. 2019, section on linear VAEs
    Seen in: plausible
    """
    return vae.linear_vae_elbo(x_0, mean, log_variance, matrix, offset, noise_variance**2)


def linear_vae_elbo__kl_added(x_0, mean, log_variance, matrix, offset, noise_variance):
    """The KL added to the expected log likelihood.

    Fix: expected log likelihood less the KL, Lucas et al. 2019, section on linear VAEs
    Seen in: plausible
    """
    return vae.linear_vae_elbo(x_0, mean, log_variance, matrix, offset, noise_variance) + 2 * vae.vae_kl(mean, log_variance)


def linear_vae_log_evidence__noise_twice(x_0, matrix, offset, noise_variance):
    """The noise variance counted twice on the diagonal.

    Fix: law = matrix @ transpose(matrix) + noise_variance*eye, Tipping and Bishop 1999, section 3.1
    Seen in: plausible
    """
    return vae.linear_vae_log_evidence(x_0, matrix, offset, 2 * noise_variance)


def linear_vae_log_evidence__offset_ignored(x_0, matrix, offset, noise_variance):
    """The offset left in the data.

    Fix: (x_0 - offset) in the square, Tipping and Bishop 1999, section 3.1
    Seen in: plausible
    """
    return vae.linear_vae_log_evidence(x_0, matrix, 0 * offset, noise_variance)


def linear_vae_log_evidence__noise_scale(x_0, matrix, offset, noise_variance):
    """The noise variance taken for a standard deviation and squared.

    Fix: law = matrix @ transpose(matrix) + noise_variance*eye, Tipping and Bishop 1999, section 3.1
    Seen in: plausible
    """
    return vae.linear_vae_log_evidence(x_0, matrix, offset, noise_variance**2)


def linear_vae_log_evidence__likelihood_at_prior_mean(x_0, matrix, offset, noise_variance):
    """The likelihood at latent 0 in place of its mean over the prior.

    Fix: law = matrix @ transpose(matrix) + noise_variance*eye, Tipping and Bishop 1999, section 3.1
    Seen in: plausible
    """
    return vae.linear_vae_log_evidence(x_0, 0 * matrix, offset, noise_variance)


def linear_vae_gap__kl_to_prior(mean, log_variance):
    """The divergence from the prior in place of that from the posterior.

    Fix: KL of the encoder from the posterior, Kingma and Welling 2014, Eq. (1)
    Seen in: plausible
    """
    return vae.vae_kl(mean, log_variance)


def linear_vae_gap__noise_scale(x_0, mean, log_variance, matrix, offset, noise_variance):
    """The noise variance taken for a standard deviation and squared.

    Fix: precision = eye + transpose(matrix) @ matrix/noise_variance, Tipping and Bishop 1999, Eq. (6)
    Seen in: plausible
    """
    return vae.linear_vae_gap(x_0, mean, log_variance, matrix, offset, noise_variance**2)


def linear_vae_gap__offset_ignored(x_0, mean, log_variance, matrix, offset, noise_variance):
    """The offset left in the data.

    Fix: at = (x_0 - offset) @ matrix @ inv(precision)/noise_variance, Tipping and Bishop 1999, Eq. (6)
    Seen in: plausible
    """
    return vae.linear_vae_gap(x_0, mean, log_variance, matrix, 0 * offset, noise_variance)


def reparameterised_sample__softplus(mean, log_variance, eps):
    """softplus(log_variance) as the scale, right where the network gives what softplus turns into a scale.

    Fix: mean + exp(log_variance/2)*eps, Kingma and Welling 2014, section 2.4
    Seen in: plausible
    """
    xp = namespace(mean, log_variance, eps)
    return mean + xp.log1p(xp.exp(log_variance)) * eps


def gaussian_reconstruction_nll__squared_error(x_0, mean):
    """The summed squared error: the log variance has no effect.

    Fix: sum((x_0 - mean)**2*exp(-log_variance) + log_variance + log(2*pi))/2, Kingma and Welling 2014, appendix C.2
    Seen in: plausible
    """
    xp = namespace(x_0, mean)
    return xp.sum((x_0 - mean) ** 2, axis=_others(x_0))


def gaussian_reconstruction_nll__half_squared_error(x_0, mean):
    """Half of the summed squared error, as of unit variance: the log variance has no effect.

    Fix: sum((x_0 - mean)**2*exp(-log_variance) + log_variance + log(2*pi))/2, Kingma and Welling 2014, appendix C.2
    Seen in: plausible
    """
    xp = namespace(x_0, mean)
    return xp.sum((x_0 - mean) ** 2, axis=_others(x_0)) / 2


def vae_kl__clamped(mean, log_variance):
    """The log variance clamped to [-15, 15].

    Fix: sum(mean**2 + exp(log_variance) - 1 - log_variance)/2, Kingma and Welling 2014, appendix B
    Seen in: plausible
    """
    xp = namespace(mean, log_variance)
    held = xp.minimum(xp.maximum(log_variance, 0 * log_variance - 15), 0 * log_variance + 15)
    return vae.vae_kl(mean, held)


def bernoulli_reconstruction_nll__arguments_swapped(x_0, logits):
    """Data and logits handed over in each other's place.

    Fix: binary_cross_entropy_with_logits(logits, x_0), Kingma and Welling 2014, appendix C.1
    Seen in: plausible
    """
    return vae.bernoulli_reconstruction_nll(logits, x_0)


def beta_vae_loss__free_bits(reconstruction_nll, kl, kl_weight):
    """The KL term held above half a nat (free bits).

    Fix: reconstruction_nll + kl_weight*kl, Higgins et al. 2017, Eq. (4)
    Seen in: plausible
    """
    xp = namespace(reconstruction_nll, kl, kl_weight)
    return reconstruction_nll + kl_weight * xp.maximum(kl, (0 * kl + 1) / 2)
