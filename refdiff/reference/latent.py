"""Diffusion in a latent space: the scaling of latents, and the terms an autoencoder adds to the bound."""

from refdiff.numbers import namespace
from refdiff.reference.elbo import variational_bound_linear

__all__ = [
    "encoder_entropy",
    "latent_bound",
    "latent_bound_diffusion",
    "latent_cross_entropy",
    "latent_reconstruction",
    "latent_scaling_log_determinant",
    "scaled_latent",
    "unscaled_latent",
]


def scaled_latent(latent, latent_shift, latent_scale):
    """Latent as the diffusion model takes it: shifted, then scaled.

    Formula:
        (latent - latent_shift)*latent_scale

    Args:
        latent: the encoder's output, any shape.
        latent_shift: 0 for Stable Diffusion 1, 2 and XL, 0.0609 for 3, 0.1159 for Flux; a number, or one for each channel.
        latent_scale: 0.18215 for Stable Diffusion 1 and 2, 0.13025 for XL, 1.5305 for 3, 0.3611 for Flux; > 0.

    Returns:
        The broadcast shape, of about unit variance. Error at most 2 ulp.

    Source:
        Rombach et al. 2022, arXiv:2112.10752v2, Appendix G, without the shift; Esser et al. 2024, arXiv:2403.03206v1, code.
    """
    return (latent - latent_shift) * latent_scale


def unscaled_latent(scaled, latent_shift, latent_scale):
    """Latent as the decoder takes it, from the diffusion model's.

    Formula:
        scaled/latent_scale + latent_shift

    Args:
        scaled: the diffusion model's latent, any shape.
        latent_shift: shift taken off before scaling, a number, or one for each channel.
        latent_scale: scale, > 0, a number, or one for each channel.

    Returns:
        The broadcast shape, in the encoder's units. Error at most 1.5 ulp of abs(scaled/latent_scale) + abs(latent_shift).

    Source:
        Rombach et al. 2022, arXiv:2112.10752v2, Appendix G, without the shift; Esser et al. 2024, arXiv:2403.03206v1, code.
    """
    return scaled / latent_scale + latent_shift


def latent_scaling_log_determinant(latent_scale, dimensions):
    """Log determinant of the scaling: what the log density of a latent has beyond that of its scaled form.

    Formula:
        dimensions*log(latent_scale)

    Args:
        latent_scale: scale, > 0, a number.
        dimensions: number of entries of one latent, an integer >= 1.

    Returns:
        A number, in nats; the shift adds nothing. Error at most 1 ulp.

    Source:
        Dinh et al. 2017, arXiv:1605.08803v3, Eq. (2), for the scaling of Rombach et al. 2022, Appendix G.
    """
    return dimensions * namespace(latent_scale).log(latent_scale)


def encoder_entropy(variance):
    """Entropy of a Gaussian encoder's latent given the data.

    Formula:
        sum(log(2*pi*exp(1)*variance))/2

    Args:
        variance: variance of each entry of the latent, > 0, shape (B, ...).

    Returns:
        Shape (B,), in nats, summed over all axes but the first; negative where the latent is sharp.
        Error at most 1.5 ulp of sum(2 + abs(log(variance))), for up to 64 summands.

    Source:
        Vahdat et al. 2021, arXiv:2106.05931v3, section 3, negative encoder entropy, for a Gaussian.
    """
    xp = namespace(variance)
    return xp.sum(1 + xp.log(2 * xp.pi * variance), axis=tuple(range(1, variance.ndim))) / 2


def latent_cross_entropy(mean_1, variance_1, mean_2, variance_2):
    """Cross entropy of a Gaussian encoder's latent to a Gaussian prior of the latent.

    Formula:
        sum(log(2*pi*variance_2) + (variance_1 + (mean_1 - mean_2)**2)/variance_2)/2

    Args:
        mean_1: the encoder's mean, shape (B, d).
        variance_1: the encoder's variance, > 0, shape (B, d).
        mean_2: the prior's mean, shape (d,) or (B, d).
        variance_2: the prior's variance, > 0, shape (d,) or (B, d).

    Returns:
        Shape (B,), in nats, summed over d: the mean of -log p(latent), at least the encoder's entropy.
        Error at most 3 ulp of sum(2 + abs(log(variance_2)) + (variance_1 + (mean_1 - mean_2)**2)/variance_2), for d <= 8.

    Source:
        Vahdat et al. 2021, arXiv:2106.05931v3, section 3, cross entropy, for a Gaussian prior.
    """
    xp = namespace(mean_1, variance_1, mean_2, variance_2)
    squares = (variance_1 + (mean_1 - mean_2) ** 2) / variance_2
    return xp.sum(squares + xp.log(2 * xp.pi * variance_2), axis=1) / 2


def latent_reconstruction(x_0, mean, variance, matrix, offset, decoder_variance):
    """Expected log likelihood of the data under a linear Gaussian decoder, over a Gaussian encoder's latent.

    Formula:
        -(sum((x_0 - mean @ transpose(matrix) - offset)**2) + sum(variance @ transpose(matrix)**2))/(2*decoder_variance)
        - len(offset)*log(2*pi*decoder_variance)/2

    Args:
        x_0: data, shape (B, m).
        mean: the encoder's mean, shape (B, d).
        variance: the encoder's variance of each entry, > 0, shape (B, d).
        matrix: the decoder's map, shape (m, d): the mean of x_0 is matrix @ latent + offset.
        offset: the decoder's offset, shape (m,).
        decoder_variance: variance of every entry of x_0 given the latent, > 0, a number.

    Returns:
        Shape (B,), in nats, summed over m. Error at most 3 ulp of sum(2 + abs(log(decoder_variance))
        + ((abs(x_0) + abs(mean) @ abs(transpose(matrix)) + abs(offset))**2 + variance @ transpose(matrix)**2)/decoder_variance),
        for m and d <= 8.

    Source:
        Vahdat et al. 2021, arXiv:2106.05931v3, section 3, reconstruction term; Lucas et al. 2019, arXiv:1911.02469v1, section 4,
        the linear VAE.
    """
    xp = namespace(x_0, mean, variance, matrix, offset, decoder_variance)
    gaps = x_0 - mean @ matrix.mT - offset
    squares = (gaps**2 + variance @ matrix.mT**2) / decoder_variance
    return -xp.sum(squares + xp.log(2 * xp.pi * decoder_variance + 0 * squares), axis=1) / 2


def latent_bound(x_0, mean, variance, matrix, offset, decoder_variance):
    """Evidence lower bound of a linear Gaussian autoencoder whose latent has a unit Gaussian prior.

    Formula:
        -(sum((x_0 - mean @ transpose(matrix) - offset)**2) + sum(variance @ transpose(matrix)**2))/(2*decoder_variance)
        - len(offset)*log(2*pi*decoder_variance)/2
        + sum(log(2*pi*exp(1)*variance))/2
        - sum(log(2*pi) + variance + mean**2)/2

    Args:
        x_0: data, shape (B, m).
        mean: the encoder's mean, shape (B, d).
        variance: the encoder's variance of each entry, > 0, shape (B, d).
        matrix: the decoder's map, shape (m, d).
        offset: the decoder's offset, shape (m,).
        decoder_variance: variance of every entry of x_0 given the latent, > 0, a number.

    Returns:
        Shape (B,), in nats: reconstruction, plus the encoder's entropy, less the cross entropy to the prior; at most
        log N(x_0; offset, matrix @ transpose(matrix) + decoder_variance*I).
        Error at most 3 ulp of sum(2 + abs(log(decoder_variance)) + ((abs(x_0) + abs(mean) @ abs(transpose(matrix))
        + abs(offset))**2 + variance @ transpose(matrix)**2)/decoder_variance) + sum(1 + abs(log(variance)) + variance + mean**2),
        for m and d <= 8.

    Source:
        Vahdat et al. 2021, arXiv:2106.05931v3, section 3, all three terms; Lucas et al. 2019, arXiv:1911.02469v1, section 4.
    """
    xp = namespace(x_0, mean, variance, matrix, offset, decoder_variance)
    kept = latent_reconstruction(x_0, mean, variance, matrix, offset, decoder_variance)
    return kept + xp.sum(1 + xp.log(variance) - variance - mean**2, axis=1) / 2


def latent_bound_diffusion(x_0, mean, variance, matrix, offset, decoder_variance, slopes, intercepts, latent_variance, betas):
    """Evidence lower bound of a linear Gaussian autoencoder whose latent's prior is a diffusion model.

    Formula:
        -(sum((x_0 - mean @ transpose(matrix) - offset)**2) + sum(variance @ transpose(matrix)**2))/(2*decoder_variance)
        - len(offset)*log(2*pi*decoder_variance)/2
        + sum(log(2*pi*exp(1)*variance))/2
        - (sum(gains*((keeps*mean[:, :, None] - intercepts)**2 + keeps**2*variance[:, :, None] + slopes**2*(1 - alpha_bars)))
        + sum(0*mean + log(2*pi*latent_variance)) + sum(alpha_bar_T*(mean**2 + variance) - alpha_bar_T - log(1 - alpha_bar_T)))/2
        where keeps = 1 - slopes*sqrt(alpha_bars)
        where gains = previous(snrs, first(snrs) + 1/latent_variance) - snrs
        where snrs = alpha_bars/(1 - alpha_bars)

    Args:
        x_0: data, shape (B, m).
        mean: the encoder's mean, shape (B, d).
        variance: the encoder's variance of each entry, > 0, shape (B, d).
        matrix: the decoder's map, shape (m, d).
        offset: the decoder's offset, shape (m,).
        decoder_variance: variance of every entry of x_0 given the latent, > 0, a number.
        slopes: factor of the noised latent in the model's estimate of the latent at each time, shape (T,).
        intercepts: constant of the estimate at each time, shape (T,).
        latent_variance: variance of every entry of the latent given its first noised state, > 0, a number.
        betas: DDPM's step variances, in (0, 1), shape (T,).

    Returns:
        Shape (B,), in nats: reconstruction, plus the encoder's entropy, less the mean over the encoder's latents of the
        diffusion model's negative bound, which stands for the cross entropy to the prior and is at least it. At most the log
        evidence of the data. Error at most 5 ulp of sum(2 + abs(log(decoder_variance)) + ((abs(x_0)
        + abs(mean) @ abs(transpose(matrix)) + abs(offset))**2 + variance @ transpose(matrix)**2)/decoder_variance)
        + sum(3 + abs(log(variance)) + mean**2 + variance + abs(log(latent_variance)) - log(1 - alpha_bar_T))
        + sum(gains*((1 + abs(slopes))**2*(abs(mean) + sqrt(variance))[:, :, None]**2 + intercepts**2 + slopes**2))
        where gains = previous(snrs, first(snrs) + 1/latent_variance) - snrs
        where snrs = alpha_bars/(1 - alpha_bars), for m, d and T <= 8.

    Source:
        Vahdat et al. 2021, arXiv:2106.05931v3, section 3: reconstruction, negative encoder entropy, and the
        cross entropy to a diffusion prior, here by Ho et al. 2020, arXiv:2006.11239v2, Eq. (5), with a linear estimate.
    """
    xp = namespace(x_0, mean, variance, matrix, offset, decoder_variance, slopes, intercepts, latent_variance, betas)
    kept = latent_reconstruction(x_0, mean, variance, matrix, offset, decoder_variance) + encoder_entropy(variance)
    # The bound is quadratic in each entry of the latent: two points one standard deviation off give its mean.
    ends = (mean + sign * xp.sqrt(variance) for sign in (1, -1))
    bounds = [variational_bound_linear(end, slopes, intercepts, latent_variance, betas) for end in ends]
    return kept - (bounds[0] + bounds[1]) / 2
