"""Wrong bodies of formulas of diffusion in a latent space."""

import math

from refdiff.numbers import namespace
from refdiff.reference.elbo import variational_bound_linear
from refdiff.reference.latent import (
    encoder_entropy,
    latent_bound,
    latent_bound_diffusion,
    latent_cross_entropy,
    latent_reconstruction,
)

__all__ = [
    "encoder_entropy__mean_over_dimensions",
    "encoder_entropy__of_the_wrong_sign",
    "encoder_entropy__variance_as_scale",
    "encoder_entropy__without_the_squares",
    "latent_bound__entropy_subtracted",
    "latent_bound__prior_at_the_mean",
    "latent_bound__reconstruction_at_the_mean",
    "latent_bound__without_the_entropy",
    "latent_bound_diffusion__bound_at_the_mean",
    "latent_bound_diffusion__entropy_forgotten",
    "latent_bound_diffusion__simple_loss",
    "latent_bound_diffusion__unit_prior",
    "latent_cross_entropy__density_at_the_mean",
    "latent_cross_entropy__kl",
    "latent_cross_entropy__swapped",
    "latent_reconstruction__at_the_mean",
    "latent_reconstruction__squares_alone",
    "latent_reconstruction__variance_not_squared_by_the_map",
    "latent_scaling_log_determinant__dimensions_left_out",
    "latent_scaling_log_determinant__of_the_inverse",
    "latent_scaling_log_determinant__of_the_variance",
    "scaled_latent__divided",
    "scaled_latent__shift_added",
    "scaled_latent__shift_after_scaling",
    "scaled_latent__shift_left_out",
    "unscaled_latent__multiplied",
    "unscaled_latent__shift_before_scaling",
    "unscaled_latent__shift_left_out",
    "unscaled_latent__shift_taken_off",
]


def scaled_latent__divided(latent, latent_shift, latent_scale):
    """Divided by the scale, as the way back is.

    Fix: (latent - latent_shift)*latent_scale, Rombach et al. 2022, appendix G
    Seen in: plausible
    """
    return (latent - latent_shift) / latent_scale


def scaled_latent__shift_after_scaling(latent, latent_shift, latent_scale):
    """The shift taken off the scaled latent.

    Fix: (latent - latent_shift)*latent_scale, the shift first, Esser et al. 2024, code
    Seen in: plausible
    """
    return latent * latent_scale - latent_shift


def scaled_latent__shift_left_out(latent, latent_scale):
    """The scale alone, as in Stable Diffusion 1 and 2: later autoencoders have a shift too.

    Fix: (latent - latent_shift)*latent_scale, Esser et al. 2024, code
    Seen in: plausible
    """
    return latent * latent_scale


def scaled_latent__shift_added(latent, latent_shift, latent_scale):
    """The shift added, as on the way back.

    Fix: (latent - latent_shift)*latent_scale, Esser et al. 2024, code
    Seen in: plausible
    """
    return (latent + latent_shift) * latent_scale


def unscaled_latent__multiplied(scaled, latent_shift, latent_scale):
    """Multiplied by the scale, as the way forth is.

    Fix: scaled/latent_scale + latent_shift, Rombach et al. 2022, appendix G
    Seen in: plausible
    """
    return scaled * latent_scale + latent_shift


def unscaled_latent__shift_before_scaling(scaled, latent_shift, latent_scale):
    """The shift added before the division.

    Fix: scaled/latent_scale + latent_shift, the shift last, Esser et al. 2024, code
    Seen in: plausible
    """
    return (scaled + latent_shift) / latent_scale


def unscaled_latent__shift_left_out(scaled, latent_scale):
    """The scale alone, as in Stable Diffusion 1 and 2: later autoencoders have a shift too.

    Fix: scaled/latent_scale + latent_shift, Esser et al. 2024, code
    Seen in: plausible
    """
    return scaled / latent_scale


def unscaled_latent__shift_taken_off(scaled, latent_shift, latent_scale):
    """The shift taken off again, as on the way forth.

    Fix: scaled/latent_scale + latent_shift, Esser et al. 2024, code
    Seen in: plausible
    """
    return scaled / latent_scale - latent_shift


def _variance(latent):
    xp = namespace(latent)
    count = math.prod(latent.shape)
    return xp.sum((latent - xp.sum(latent) / count) ** 2) / count


def latent_scaling_log_determinant__dimensions_left_out(latent_scale):
    """The log of the scale once, in place of once for each dimension.

    Fix: dimensions*log(latent_scale), Dinh et al. 2017, Eq. (2)
    Seen in: plausible
    """
    return namespace(latent_scale).log(latent_scale)


def latent_scaling_log_determinant__of_the_inverse(latent_scale, dimensions):
    """The log determinant of the way back.

    Fix: dimensions*log(latent_scale), Dinh et al. 2017, Eq. (2)
    Seen in: plausible
    """
    return -dimensions * namespace(latent_scale).log(latent_scale)


def latent_scaling_log_determinant__of_the_variance(latent_scale, dimensions):
    """Half of it, as if the scale were a variance's.

    Fix: dimensions*log(latent_scale), Dinh et al. 2017, Eq. (2)
    Seen in: plausible
    """
    return dimensions * namespace(latent_scale).log(latent_scale) / 2


def encoder_entropy__of_the_wrong_sign(variance):
    """The negative entropy, which the loss holds.

    Fix: sum(log(2*pi*e*variance))/2, Vahdat et al. 2021, section 3
    Seen in: plausible
    """
    return -encoder_entropy(variance)


def encoder_entropy__mean_over_dimensions(variance):
    """The mean over the dimensions in place of the sum.

    Fix: sum(log(2*pi*e*variance))/2, Vahdat et al. 2021, section 3
    Seen in: plausible
    """
    return encoder_entropy(variance) / math.prod(variance.shape[1:])


def encoder_entropy__without_the_squares(variance):
    """log(2*pi*variance) alone: the expected square, 1, is left out.

    Fix: sum(log(2*pi*e*variance))/2, Vahdat et al. 2021, section 3
    Seen in: plausible
    """
    xp = namespace(variance)
    return xp.sum(xp.log(2 * xp.pi * variance), axis=tuple(range(1, variance.ndim))) / 2


def encoder_entropy__variance_as_scale(variance):
    """The variance squared, as if it were a standard deviation.

    Fix: sum(log(2*pi*e*variance))/2, Vahdat et al. 2021, section 3
    Seen in: plausible
    """
    return encoder_entropy(variance**2)


def latent_cross_entropy__swapped(mean_1, variance_1, mean_2, variance_2):
    """The prior's cross entropy to the encoder.

    Fix: sum(log(2*pi*variance_2) + (variance_1 + (mean_1 - mean_2)**2)/variance_2)/2, Vahdat et al. 2021, section 3
    Seen in: plausible
    """
    return latent_cross_entropy(mean_2, variance_2 + 0 * mean_1, mean_1, variance_1)


def latent_cross_entropy__density_at_the_mean(mean_1, mean_2, variance_2):
    """The prior's density at the encoder's mean, without the encoder's spread.

    Fix: sum(log(2*pi*variance_2) + (variance_1 + (mean_1 - mean_2)**2)/variance_2)/2, Vahdat et al. 2021, section 3
    Seen in: plausible
    """
    return latent_cross_entropy(mean_1, 0 * mean_1, mean_2, variance_2)


def latent_cross_entropy__kl(mean_1, variance_1, mean_2, variance_2):
    """The KL divergence: the encoder's entropy is taken off, which a term of its own does.

    Fix: sum(log(2*pi*variance_2) + (variance_1 + (mean_1 - mean_2)**2)/variance_2)/2, Vahdat et al. 2021, section 3
    Seen in: plausible
    """
    return latent_cross_entropy(mean_1, variance_1, mean_2, variance_2) - encoder_entropy(variance_1)


def latent_reconstruction__at_the_mean(x_0, mean, variance, matrix, offset, decoder_variance):
    """The log likelihood at the encoder's mean: the encoder's spread costs nothing.

    Fix: add variance @ (matrix**2).T to the squares, Lucas et al. 2019, section 4
    Seen in: plausible
    """
    return latent_reconstruction(x_0, mean, 0 * variance, matrix, offset, decoder_variance)


def latent_reconstruction__squares_alone(x_0, mean, variance, matrix, offset, decoder_variance):
    """The weighted squares without the normaliser log(2*pi*decoder_variance).

    Fix: -(squares/decoder_variance + log(2*pi*decoder_variance))/2, summed, Lucas et al. 2019, section 4
    Seen in: plausible
    """
    xp = namespace(x_0, mean, variance, matrix, offset, decoder_variance)
    gaps = x_0 - mean @ matrix.mT - offset
    return -xp.sum(gaps**2 + variance @ matrix.mT**2, axis=1) / (2 * decoder_variance)


def latent_reconstruction__variance_not_squared_by_the_map(x_0, mean, variance, matrix, offset, decoder_variance):
    """The variance mapped by the matrix itself, as a mean is.

    Fix: variance @ (matrix**2).T, Lucas et al. 2019, section 4
    Seen in: plausible
    """
    xp = namespace(x_0, mean, variance, matrix, offset, decoder_variance)
    squares = ((x_0 - mean @ matrix.mT - offset) ** 2 + variance @ matrix.mT) / decoder_variance
    return -xp.sum(squares + xp.log(2 * xp.pi * decoder_variance + 0 * squares), axis=1) / 2


def _prior(mean, variance):
    return latent_cross_entropy(mean, variance, 0 * mean, 1 + 0 * mean)


def latent_bound__without_the_entropy(x_0, mean, variance, matrix, offset, decoder_variance):
    """Reconstruction less cross entropy: the encoder's entropy is left out.

    Fix: reconstruction + entropy - cross entropy, Vahdat et al. 2021, section 3
    Seen in: plausible
    """
    return latent_reconstruction(x_0, mean, variance, matrix, offset, decoder_variance) - _prior(mean, variance)


def latent_bound__entropy_subtracted(x_0, mean, variance, matrix, offset, decoder_variance):
    """The encoder's entropy subtracted.

    Fix: reconstruction + entropy - cross entropy, Vahdat et al. 2021, section 3
    Seen in: plausible
    """
    rest = latent_bound__without_the_entropy(x_0, mean, variance, matrix, offset, decoder_variance)
    return rest - encoder_entropy(variance)


def latent_bound__reconstruction_at_the_mean(x_0, mean, variance, matrix, offset, decoder_variance):
    """The reconstruction at the encoder's mean: no bound any more.

    Fix: add variance @ (matrix**2).T to the squares of the reconstruction, Lucas et al. 2019, section 4
    Seen in: plausible
    """
    kept = latent_reconstruction__at_the_mean(x_0, mean, variance, matrix, offset, decoder_variance)
    return kept + encoder_entropy(variance) - _prior(mean, variance)


def latent_bound__prior_at_the_mean(x_0, mean, variance, matrix, offset, decoder_variance):
    """The prior's density at the encoder's mean, without the encoder's spread.

    Fix: the cross entropy holds variance + mean**2, Vahdat et al. 2021, section 3
    Seen in: plausible
    """
    whole = latent_bound(x_0, mean, variance, matrix, offset, decoder_variance)
    return whole + namespace(variance).sum(variance, axis=1) / 2


def latent_bound_diffusion__bound_at_the_mean(
    x_0, mean, variance, matrix, offset, decoder_variance, slopes, intercepts, latent_variance, betas
):
    """The diffusion model's bound at the encoder's mean, without its spread.

    Fix: reconstruction + entropy - the mean over latents of the diffusion model's bound, Vahdat et al. 2021, section 3
    Seen in: plausible
    """
    kept = latent_reconstruction(x_0, mean, variance, matrix, offset, decoder_variance) + encoder_entropy(variance)
    return kept - variational_bound_linear(mean, slopes, intercepts, latent_variance, betas)


def latent_bound_diffusion__entropy_forgotten(
    x_0, mean, variance, matrix, offset, decoder_variance, slopes, intercepts, latent_variance, betas
):
    """The encoder's entropy left out.

    Fix: reconstruction + entropy - the mean over latents of the diffusion model's bound, Vahdat et al. 2021, section 3
    Seen in: plausible
    """
    bound = latent_bound_diffusion(
        x_0, mean, variance, matrix, offset, decoder_variance, slopes, intercepts, latent_variance, betas
    )
    return bound - encoder_entropy(variance)


def latent_bound_diffusion__unit_prior(x_0, mean, variance, matrix, offset, decoder_variance):
    """A unit Gaussian for the prior, as in a VAE.

    Fix: reconstruction + entropy - the mean over latents of the diffusion model's bound, Vahdat et al. 2021, section 3
    Seen in: plausible
    """
    return latent_bound(x_0, mean, variance, matrix, offset, decoder_variance)


def latent_bound_diffusion__simple_loss(
    x_0, mean, variance, matrix, offset, decoder_variance, slopes, intercepts, latent_variance, betas
):
    """L_simple for the diffusion model's bound: half the squared errors at the mean, unweighted.

    Fix: reconstruction + entropy - the mean over latents of the diffusion model's bound, Vahdat et al. 2021, section 3
    Seen in: plausible
    """
    xp = namespace(mean, variance, slopes, intercepts, betas)
    logs = xp.cumsum(xp.log1p(-betas))
    errors = (mean[:, :, None] * (1 - slopes * xp.exp(logs / 2)) - intercepts) ** 2
    kept = latent_reconstruction(x_0, mean, variance, matrix, offset, decoder_variance) + encoder_entropy(variance)
    return kept - xp.sum(xp.sum(errors, axis=2), axis=1) / 2
