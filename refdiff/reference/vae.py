"""Variational autoencoders: the bound's two terms, and all of it in closed form where encoder and decoder are linear."""

from refdiff.numbers import namespace

__all__ = [
    "bernoulli_reconstruction_nll",
    "beta_vae_loss",
    "gaussian_reconstruction_nll",
    "linear_vae_elbo",
    "linear_vae_gap",
    "linear_vae_log_evidence",
    "reparameterised_sample",
    "vae_kl",
    "vae_kl_elementwise",
]


def _others(x):
    return tuple(range(1, x.ndim))


def reparameterised_sample(mean, log_variance, eps):
    """Draw from the encoder's Gaussian as a smooth function of its mean and log variance.

    Formula:
        mean + exp(log_variance/2)*eps

    Args:
        mean: the encoder's mean, any shape.
        log_variance: log of the encoder's variance, in [-700, 700], broadcasts against mean. Not a log scale: it is halved.
        eps: unit noise, broadcasts against mean.

    Returns:
        The broadcast shape. Error at most 2.5 ulp of abs(mean) + exp(log_variance/2)*abs(eps).

    Source:
        Kingma and Welling 2014, arXiv:1312.6114v10, Eq. (10) and section 2.4, with log_variance for log sigma^2.
    """
    xp = namespace(mean, log_variance, eps)
    return mean + xp.exp(log_variance / 2) * eps


def vae_kl_elementwise(mean, log_variance):
    """KL divergence of each latent entry's Gaussian from the unit Gaussian.

    Formula:
        (mean**2 + exp(log_variance) - 1 - log_variance)/2

    Args:
        mean: the encoder's mean, any shape.
        log_variance: log of the encoder's variance, in [-700, 700], broadcasts against mean.

    Returns:
        The broadcast shape, in nats, >= 0; not summed, as free bits and capacity counts want it.
        Error at most 3 ulp. Near 0 too, where exp(log_variance) - 1 - log_variance as printed loses its digits.

    Source:
        Kingma and Welling 2014, arXiv:1312.6114v10, Eq. (10) and appendix B, sign reversed, one term of the sum.
    """
    xp = namespace(mean, log_variance)
    return (mean**2 + xp.expm1mx(log_variance)) / 2


def vae_kl(mean, log_variance):
    """KL divergence of the encoder's Gaussian from the unit Gaussian, for each sample.

    Formula:
        sum(mean**2 + exp(log_variance) - 1 - log_variance)/2

    Args:
        mean: the encoder's mean, shape (B, ...).
        log_variance: log of the encoder's variance, same shape, in [-700, 700].

    Returns:
        Shape (B,), in nats, >= 0, summed over all axes but the first.
        Error at most 4 ulp, for up to 64 summands. Near 0 too, where the printed form loses its digits.

    Source:
        Kingma and Welling 2014, arXiv:1312.6114v10, Eq. (10) and appendix B, sign reversed.
    """
    xp = namespace(mean, log_variance)
    return xp.sum(mean**2 + xp.expm1mx(log_variance), axis=_others(mean)) / 2


def gaussian_reconstruction_nll(x_0, mean, log_variance):
    """Negative log likelihood of the data under a Gaussian decoder, for each sample.

    Formula:
        sum((x_0 - mean)**2*exp(-log_variance) + log_variance + log(2*pi))/2

    Args:
        x_0: data, shape (B, ...).
        mean: the decoder's mean, same shape.
        log_variance: log of the decoder's variance, same shape, in [-30, 30]. A log scale is half of it.

    Returns:
        Shape (B,), in nats, summed over all axes but the first; may be negative, a density being no probability.
        Error at most 2.5 ulp of sum((x_0 - mean)**2*exp(-log_variance) + abs(log_variance) + 2), for up to 64 summands.

    Source:
        Kingma and Welling 2014, arXiv:1312.6114v10, appendix C.2, sign reversed, with log_variance for log sigma^2.
    """
    xp = namespace(x_0, mean, log_variance)
    squares = (x_0 - mean) ** 2 * xp.exp(-log_variance)
    return xp.sum(squares + (log_variance + xp.log(2 * xp.pi + 0 * squares)), axis=_others(x_0)) / 2


def bernoulli_reconstruction_nll(x_0, logits):
    """Binary cross-entropy of data in [0, 1] under a Bernoulli decoder, for each sample.

    Formula:
        -sum(x_0*log(sigmoid(logits)) + (1 - x_0)*log(1 - sigmoid(logits)))

    Args:
        x_0: data, shape (B, ...), in [0, 1].
        logits: the decoder's log odds that an entry is 1, same shape, in [-700, 700].

    Returns:
        Shape (B,), in nats, >= 0, summed over all axes but the first. Error at most 3 ulp, for up to 64 summands.
        A likelihood where every entry is 0 or 1; between them its exponential does not integrate to 1.

    Source:
        Kingma and Welling 2014, arXiv:1312.6114v10, appendix C.1, sign reversed, with y = sigmoid(logits).
        Loaiza-Ganem and Cunningham 2019, arXiv:1907.06845v5, section 3, on data strictly between 0 and 1.
    """
    xp = namespace(x_0, logits)
    common = xp.log1p(xp.exp(-xp.absolute(logits)))
    ones, zeros = xp.maximum(-logits, 0 * logits) + common, xp.maximum(logits, 0 * logits) + common
    return xp.sum(x_0 * ones + (1 - x_0) * zeros, axis=_others(x_0))


def beta_vae_loss(reconstruction_nll, kl, kl_weight):
    """Negative evidence lower bound with its KL term weighted.

    Formula:
        reconstruction_nll + kl_weight*kl

    Args:
        reconstruction_nll: negative log likelihood of each sample, in nats, shape (B,).
        kl: KL divergence of each sample's encoder from the prior, in nats, summed over latents, shape (B,).
        kl_weight: beta, >= 0, a number or shape (B,); 1 gives the negative evidence lower bound.

    Returns:
        Shape (B,), in nats. A bound on the evidence where kl_weight is at least 1.
        Error at most 1.5 ulp of abs(reconstruction_nll) + abs(kl_weight*kl).

    Source:
        Higgins et al. 2017, beta-VAE, ICLR 2017, Eq. (4), sign reversed.
    """
    return reconstruction_nll + kl_weight * kl


def linear_vae_elbo(x_0, mean, log_variance, matrix, offset, noise_variance):
    """Evidence lower bound of a linear decoder under a Gaussian encoder of independent entries, for each sample.

    Formula:
        -(len(transpose(x_0))*log(2*pi*noise_variance)
          + (sum((x_0 - offset - mean @ transpose(matrix))**2) + sum(exp(log_variance) @ transpose(matrix**2)))/noise_variance
          + sum(mean**2 + exp(log_variance) - 1 - log_variance))/2

    Args:
        x_0: data, shape (B, d).
        mean: the encoder's mean, shape (B, k).
        log_variance: log of the encoder's variance, shape (B, k), in [-30, 30].
        matrix: the decoder's matrix, shape (d, k), entries in [-2, 2].
        offset: the decoder's offset, shape (d,).
        noise_variance: variance of the decoder's noise, in [0.01, 100], a number.

    Returns:
        Shape (B,), in nats, at most linear_vae_log_evidence.
        Error at most 3 ulp of sum(mean**2 + exp(log_variance) + abs(log_variance))
        + len(transpose(x_0))*(2 + abs(log(noise_variance)))
        + sum((abs(x_0) + abs(offset) + abs(mean) @ transpose(abs(matrix)))**2)/noise_variance
        + sum(exp(log_variance) @ transpose(matrix**2))/noise_variance, for d, k <= 8.

    Source:
        Lucas et al. 2019, arXiv:1911.02469v1, section on linear VAEs, with any mean and diagonal covariance of the encoder.
    """
    xp = namespace(x_0, mean, log_variance, matrix, offset, noise_variance)
    gap = x_0 - offset - mean @ matrix.T
    errors = xp.sum(gap**2, axis=1) + xp.sum(xp.exp(log_variance) @ matrix.T**2, axis=1)
    level = x_0.shape[1] * xp.log(2 * xp.pi * noise_variance + 0 * errors)
    return -(level + errors / noise_variance) / 2 - vae_kl(mean, log_variance)


def linear_vae_log_evidence(x_0, matrix, offset, noise_variance):
    """Log evidence of a linear decoder whose latent is a unit Gaussian, for each sample.

    Formula:
        -(sum((x_0 - offset) @ inv(law)*(x_0 - offset)) + log(det(law)) + len(transpose(x_0))*log(2*pi))/2
        where law = matrix @ transpose(matrix) + noise_variance*eye(len(matrix))

    Args:
        x_0: data, shape (B, d).
        matrix: the decoder's matrix, shape (d, k), entries in [-2, 2].
        offset: the decoder's offset, shape (d,).
        noise_variance: variance of the decoder's noise, in [0.01, 100], a number.

    Returns:
        Shape (B,), in nats: probabilistic PCA's log density of x_0.
        Error at most 3 ulp of (1 + tr(matrix @ transpose(matrix))/noise_variance)
        *(len(transpose(x_0))*(2 + abs(log(noise_variance))) + sum((abs(x_0) + abs(offset))**2)/noise_variance), for d, k <= 8.

    Source:
        Tipping and Bishop 1999, Probabilistic Principal Component Analysis, section 3.1, Eq. (4).
    """
    xp = namespace(x_0, matrix, offset, noise_variance)
    law = matrix @ matrix.T + noise_variance * xp.eye(matrix.shape[0])
    gap = x_0 - offset
    square = xp.sum(gap * xp.solve(law, gap.T).T, axis=1)
    return -(square + xp.logdet(law) + x_0.shape[1] * xp.log(2 * xp.pi + 0 * square)) / 2


def linear_vae_gap(x_0, mean, log_variance, matrix, offset, noise_variance):
    """KL divergence of a Gaussian encoder from the true posterior of a linear decoder: what its lower bound falls short by.

    Formula:
        (sum((mean - at) @ precision*(mean - at)) + sum(exp(log_variance) - 1 - log_variance)
         + sum(exp(log_variance) @ transpose(matrix**2))/noise_variance - log(det(precision)))/2
        where at = (x_0 - offset) @ matrix @ inv(precision)/noise_variance
        where precision = eye(len(transpose(matrix))) + transpose(matrix) @ matrix/noise_variance

    Args:
        x_0: data, shape (B, d).
        mean: the encoder's mean, shape (B, k).
        log_variance: log of the encoder's variance, shape (B, k), in [-30, 30].
        matrix: the decoder's matrix, shape (d, k), entries in [-2, 2].
        offset: the decoder's offset, shape (d,).
        noise_variance: variance of the decoder's noise, in [0.01, 100], a number.

    Returns:
        Shape (B,), in nats, >= 0: linear_vae_log_evidence - linear_vae_elbo.
        Error at most 3 ulp of (1 + tr(matrix @ transpose(matrix))/noise_variance)
        *sum(2 + mean**2 + exp(log_variance) + abs(log_variance))
        + tr(matrix @ transpose(matrix))/noise_variance*sum((abs(x_0) + abs(offset))**2)/noise_variance, for d, k <= 8.

    Source:
        Kingma and Welling 2014, arXiv:1312.6114v10, Eq. (1), with the posterior of Tipping and Bishop 1999, Eq. (6).
    """
    xp = namespace(x_0, mean, log_variance, matrix, offset, noise_variance)
    precision = xp.eye(matrix.shape[1]) + matrix.T @ matrix / noise_variance
    pull = mean @ precision - (x_0 - offset) @ matrix / noise_variance
    square = xp.sum(pull * xp.solve(precision, pull.T).T, axis=1)
    spread = xp.expm1mx(log_variance) + xp.exp(log_variance) * (xp.sum(matrix**2, axis=0) / noise_variance)
    return (square + xp.sum(spread, axis=1) - xp.logdet(precision)) / 2
