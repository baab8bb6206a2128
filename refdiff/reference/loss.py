"""DDPM's variational bound term by term, its simple loss, and the weights that join them."""

import math

from refdiff.numbers import namespace

__all__ = [
    "bits_per_dimension",
    "decoder_log_likelihood",
    "denoising_kl",
    "denoising_kl_gradient",
    "min_snr_weight_eps",
    "min_snr_weight_score",
    "min_snr_weight_v",
    "min_snr_weight_velocity",
    "min_snr_weight_x_0",
    "prior_kl",
    "simple_loss",
    "simple_loss_gradient",
    "simple_loss_weight",
    "snr_weight_eps",
    "snr_weight_score",
    "snr_weight_v",
    "snr_weight_velocity",
    "snr_weight_x_0",
]


def _others(x):
    return tuple(range(1, x.ndim))


def denoising_kl(x_0, x_0_hat, log_alpha_bar_s, log_alpha_bar_t):
    """KL from the true reverse step to the model's, which has the same variance and x_0_hat for x_0.

    Formula:
        (snr_s - snr_t)/2*sum((x_0 - x_0_hat)**2)

    Args:
        x_0: data, shape (B, ...).
        x_0_hat: the network's estimate, same shape.
        log_alpha_bar_s: log signal power at s, in (log_alpha_bar_t, 0), a number or shape (B,).
        log_alpha_bar_t: log signal power at t, in [-600, 0), a number or shape (B,).

    Returns:
        Shape (B,), in nats, summed over all axes but the first. Error at most 5 ulp, for up to 64 summands.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eqs. (5) and (8), L_{t-1}; Kingma et al. 2021, arXiv:2107.00630v6, Eq. (13).
    """
    xp = namespace(x_0, x_0_hat, log_alpha_bar_s, log_alpha_bar_t)
    drop = xp.exp(log_alpha_bar_s) * xp.expm1(xp.wide(log_alpha_bar_t) - log_alpha_bar_s)
    gain = -drop / (xp.wide(xp.expm1(log_alpha_bar_s)) * xp.expm1(log_alpha_bar_t))
    return xp.rounded(gain / 2 * xp.sum((x_0 - x_0_hat) ** 2, axis=_others(x_0)))


def denoising_kl_gradient(x_0, x_0_hat, log_alpha_bar_s, log_alpha_bar_t):
    """Gradient of denoising_kl with respect to x_0_hat.

    Formula:
        (snr_s - snr_t)*(x_0_hat - x_0)

    Args:
        x_0: data, shape (B, ...).
        x_0_hat: the network's estimate, same shape.
        log_alpha_bar_s: log signal power at s, in (log_alpha_bar_t, 0), a number.
        log_alpha_bar_t: log signal power at t, in [-600, 0), a number.

    Returns:
        Shape of x_0, in nats per unit of x_0. Error at most 3.5 ulp.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eqs. (5) and (8), differentiated.
    """
    xp = namespace(x_0, x_0_hat, log_alpha_bar_s, log_alpha_bar_t)
    drop = xp.exp(log_alpha_bar_s) * xp.expm1(xp.wide(log_alpha_bar_t) - log_alpha_bar_s)
    gain = -drop / (xp.wide(xp.expm1(log_alpha_bar_s)) * xp.expm1(log_alpha_bar_t))
    return xp.rounded(gain * (xp.wide(x_0_hat) - x_0))


def prior_kl(x_0, log_alpha_bar_T):
    """KL from x_T given x_0 to the unit Gaussian.

    Formula:
        sum(alpha_bar_T*x_0**2 + (1 - alpha_bar_T) - 1 - log(1 - alpha_bar_T))/2

    Args:
        x_0: data, shape (B, ...).
        log_alpha_bar_T: log signal power at T, in [-700, 0), a number or shape (B,).

    Returns:
        Shape (B,), in nats, summed over all axes but the first.
        Error at most 2 ulp of sum(alpha_bar_T*(x_0**2 + 1) - log(1 - alpha_bar_T)), for up to 64 summands.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (5), L_T.
    """
    xp = namespace(x_0, log_alpha_bar_T)
    squares = xp.sum(x_0**2, axis=_others(x_0))
    count = math.prod(x_0.shape[1:])
    alpha_bar_T = xp.exp(log_alpha_bar_T)
    log_noise = xp.where(xp.less(log_alpha_bar_T, -1), xp.log1p(-alpha_bar_T), xp.log(-xp.expm1(log_alpha_bar_T)))
    return (alpha_bar_T * (squares - count) - count * log_noise) / 2


def decoder_log_likelihood(x_0, mean, log_scale):
    """Log probability of 8-bit data under a Gaussian of this mean and scale, integrated over each value's bin.

    Formula:
        log(where(255*x_0 > 254, 1, Phi((x_0 + 1/255 - mean)/exp(log_scale)))
            - where(255*x_0 < -254, 0, Phi((x_0 - 1/255 - mean)/exp(log_scale))))

    Args:
        x_0: data scaled to [-1, 1], one of (2*k - 255)/255 for k = 0..255, any shape.
        mean: mean of the decoder, within 8 scales of x_0's bin, broadcasts against x_0.
        log_scale: log standard deviation, in [-7, 1], broadcasts against x_0. A log variance is twice it.

    Returns:
        The broadcast shape, elementwise, in nats. The outermost bins reach to infinity.
        Error at most 4 ulp of 1 + abs(value).

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (13).
    """
    xp = namespace(x_0, mean, log_scale)
    inverse = xp.exp(-log_scale)
    distance, sign = 255 * (xp.wide(x_0) - mean), xp.where(255 * x_0 > 255 * mean, -1, 1)
    # Of the bin and its mirror image the one in the lower tail, where probabilities are small and keep their digits.
    inside = xp.log_ndtr_between((sign * distance - 1) * inverse / 255, (1 + sign * distance) * inverse / 255)
    below = xp.log_ndtr(xp.rounded((distance + 1) * inverse / 255))
    above = xp.log_ndtr(xp.rounded((1 - distance) * inverse / 255))
    return xp.where(255 * x_0 < -254, below, xp.where(255 * x_0 > 254, above, inside))


def bits_per_dimension(nats, dimensions):
    """Negative log likelihood in bits per dimension.

    Formula:
        nats/(dimensions*log(2))

    Args:
        nats: negative log likelihood of a whole sample, in nats, any shape.
        dimensions: number of dimensions of one sample, an integer >= 1.

    Returns:
        The same shape, in bits per dimension. Error at most 2.5 ulp.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, section 4. Density of data in [-1, 1] needs 7 bits more, in [0, 1] 8.
    """
    xp = namespace(nats, dimensions)
    return nats / (dimensions * xp.log(0 * nats + 2))


def simple_loss(eps, eps_hat):
    """Mean squared error of the predicted noise, for each sample.

    Formula:
        mean((eps - eps_hat)**2)

    Args:
        eps: the noise that was added, shape (B, ...).
        eps_hat: the network's estimate, same shape.

    Returns:
        Shape (B,), averaged over all axes but the first. Error at most 4 ulp, for up to 64 summands.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (14), which sums; its released code averages, as here.
    """
    xp = namespace(eps, eps_hat)
    error = (eps - eps_hat) ** 2
    return xp.sum(error, axis=_others(error)) / math.prod(error.shape[1:])


def simple_loss_gradient(eps, eps_hat):
    """Gradient of the batch's summed simple_loss with respect to eps_hat.

    Formula:
        2*(eps_hat - eps)*len(eps)/size(eps)

    Args:
        eps: the noise that was added, shape (B, ...).
        eps_hat: the network's estimate, same shape.

    Returns:
        Shape of eps. Error at most 1.5 ulp.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (14), averaged over dimensions and differentiated.
    """
    return 2 * (eps_hat - eps) / math.prod(eps.shape[1:])


def simple_loss_weight(log_alpha_bar_s, log_alpha_bar_t):
    """Weight that turns the squared error of eps into the KL term at t.

    Formula:
        (snr_s/snr_t - 1)/2

    Args:
        log_alpha_bar_s: log signal power at s, in (log_alpha_bar_t, 0), any shape.
        log_alpha_bar_t: log signal power at t, in [-700, 0), broadcasts against the first.

    Returns:
        The broadcast shape, >= 0; denoising_kl is it times sum((eps - eps_hat)**2). Error at most 4 ulp.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (12) with the posterior variance for sigma_t^2;
        Kingma et al. 2021, arXiv:2107.00630v6, Eq. (14).
    """
    xp = namespace(log_alpha_bar_s, log_alpha_bar_t)
    fall = xp.expm1(xp.wide(log_alpha_bar_t) - log_alpha_bar_s) / (2 * xp.expm1(log_alpha_bar_s))
    return xp.rounded(xp.exp(log_alpha_bar_s) / xp.wide(xp.exp(log_alpha_bar_t)) * fall)


def snr_weight_x_0(logsnr_t):
    """Weight of a squared error of x_0 that makes it the squared error of eps.

    Formula:
        snr_t

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-700, 700], any shape.

    Returns:
        The same shape, > 0. Error at most 1 ulp.

    Source:
        Kingma and Gao 2023, arXiv:2303.00848v7, section 3 and Table 1, with the error of x_0 weighted by the SNR.
    """
    xp = namespace(logsnr_t)
    return xp.exp(logsnr_t)


def snr_weight_eps(logsnr_t):
    """Weight of a squared error of eps: one everywhere.

    Formula:
        snr_t/snr_t

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-700, 700], any shape.

    Returns:
        The same shape, all ones. Exact.

    Source:
        Kingma and Gao 2023, arXiv:2303.00848v7, section 3 and Table 1, with the error of x_0 weighted by the SNR.
    """
    xp = namespace(logsnr_t)
    return xp.exp(0 * logsnr_t)


def snr_weight_v(logsnr_t):
    """Weight of a squared error of v that makes it the squared error of eps, where variance is preserved.

    Formula:
        snr_t/(snr_t + 1)

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-700, 700], any shape.

    Returns:
        The same shape, in [0, 1]: alpha_t squared. Error at most 2.5 ulp.

    Source:
        Kingma and Gao 2023, arXiv:2303.00848v7, section 3 and Table 1, with the error of x_0 weighted by the SNR.
    """
    xp = namespace(logsnr_t)
    return xp.sigmoid(logsnr_t)


def snr_weight_score(sigma_t):
    """Weight of a squared error of the score that makes it the squared error of eps.

    Formula:
        sigma_t**2

    Args:
        sigma_t: noise scale at t, > 0, any shape.

    Returns:
        The same shape, > 0. Error at most 0.5 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (7), with lambda(t) the noise variance.
    """
    return sigma_t * sigma_t


def snr_weight_velocity(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Weight of a squared error of the velocity that makes it the squared error of eps.

    Formula:
        (alpha_t/sigma_t)**2/(alpha_dot_t - alpha_t*sigma_dot_t/sigma_t)**2

    Args:
        alpha_t: signal scale, > 0, any shape.
        sigma_t: noise scale, > 0, broadcasts against the first.
        alpha_dot_t: time derivative of alpha_t, <= 0, broadcasts against the first.
        sigma_dot_t: time derivative of sigma_t, >= 0 and not 0 together with alpha_dot_t.

    Returns:
        The broadcast shape, > 0. Error at most 1 ulp.

    Source:
        Kingma and Gao 2023, arXiv:2303.00848v7, section 3 and Table 1, with the error of x_0 weighted by the SNR.
    """
    xp = namespace(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    turn = xp.wide(alpha_t) * sigma_dot_t - xp.wide(sigma_t) * alpha_dot_t
    return xp.rounded((alpha_t / turn) ** 2)


def min_snr_weight_x_0(logsnr_t, gamma):
    """Min-SNR weight of a squared error of x_0.

    Formula:
        min(snr_t, gamma)

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-700, 700], any shape.
        gamma: cap on the SNR, > 0, broadcasts against the first; 5 in the paper.

    Returns:
        The broadcast shape, in (0, gamma]. Error at most 1 ulp.

    Source:
        Hang et al. 2023, arXiv:2303.09556v3, section 3.4. min, not max; gamma is compared with the SNR, not its root.
    """
    xp = namespace(logsnr_t, gamma)
    return xp.minimum(xp.exp(logsnr_t), gamma)


def min_snr_weight_eps(logsnr_t, gamma):
    """Min-SNR weight of a squared error of eps.

    Formula:
        min(snr_t, gamma)/snr_t

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-700, 700], any shape.
        gamma: cap on the SNR, > 0, broadcasts against the first; 5 in the paper.

    Returns:
        The broadcast shape, in (0, 1]. Error at most 2 ulp.

    Source:
        Hang et al. 2023, arXiv:2303.09556v3, section 3.4. min, not max; gamma is compared with the SNR, not its root.
    """
    xp = namespace(logsnr_t, gamma)
    return xp.minimum(xp.exp(0 * logsnr_t), gamma * xp.exp(-logsnr_t))


def min_snr_weight_v(logsnr_t, gamma):
    """Min-SNR weight of a squared error of v, where variance is preserved.

    Formula:
        min(snr_t, gamma)/(snr_t + 1)

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-700, 700], any shape.
        gamma: cap on the SNR, > 0, broadcasts against the first; 5 in the paper.

    Returns:
        The broadcast shape, in (0, 1). Error at most 2.5 ulp.

    Source:
        Hang et al. 2023, arXiv:2303.09556v3, section 3.4. min, not max; gamma is compared with the SNR, not its root.
        The 1 belongs to the denominator.
    """
    xp = namespace(logsnr_t, gamma)
    return xp.minimum(xp.sigmoid(logsnr_t), gamma * xp.sigmoid(-logsnr_t))


def min_snr_weight_score(logsnr_t, sigma_t, gamma):
    """Min-SNR weight of a squared error of the score.

    Formula:
        sigma_t**2*min(snr_t, gamma)/snr_t

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-700, 700], any shape.
        sigma_t: noise scale at t, > 0, broadcasts against the first.
        gamma: cap on the SNR, > 0, broadcasts against the first; 5 in the paper.

    Returns:
        The broadcast shape, > 0. Error at most 3.5 ulp.

    Source:
        Hang et al. 2023, arXiv:2303.09556v3, section 3.4. min, not max; gamma is compared with the SNR, not its root.
    """
    xp = namespace(logsnr_t, sigma_t, gamma)
    return sigma_t**2 * xp.minimum(xp.exp(0 * logsnr_t), gamma * xp.exp(-logsnr_t))


def min_snr_weight_velocity(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t, gamma):
    """Min-SNR weight of a squared error of the velocity.

    Formula:
        min((alpha_t/sigma_t)**2, gamma)/(alpha_dot_t - alpha_t*sigma_dot_t/sigma_t)**2

    Args:
        alpha_t: signal scale, > 0, any shape.
        sigma_t: noise scale, > 0, broadcasts against the first.
        alpha_dot_t: time derivative of alpha_t, <= 0, broadcasts against the first.
        sigma_dot_t: time derivative of sigma_t, >= 0 and not 0 together with alpha_dot_t.
        gamma: cap on the SNR, > 0, broadcasts against the first; 5 in the paper.

    Returns:
        The broadcast shape, > 0. Error at most 2 ulp.

    Source:
        Hang et al. 2023, arXiv:2303.09556v3, section 3.4. min, not max; gamma is compared with the SNR, not its root.
    """
    xp = namespace(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t, gamma)
    turn = xp.wide(alpha_t) * sigma_dot_t - xp.wide(sigma_t) * alpha_dot_t
    return xp.rounded(xp.minimum(alpha_t**2, gamma * sigma_t**2) / turn**2)
