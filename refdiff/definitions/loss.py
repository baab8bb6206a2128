"""The variational bound's terms as divergences and integrals, and weights as ratios of squared errors."""

import numpy as np
from flint import arb

from refdiff.definitions.entries import FAR, NEAR, entrywise, guarded, other_axes
from refdiff.definitions.moments import kl_of_one
from refdiff.definitions.quadrature import gaussian_mass, natural_log
from refdiff.definitions.walk import conditioned, walk

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


def _sums(entries):
    return np.array([np.sum(sample) for sample in entries], dtype=object)


def _step_kl(x_0, x_0_hat, log_alpha_bar_s, log_alpha_bar_t):
    """KL of x_s's law given x_t = 0 about x_0 from the one about x_0_hat with the same variance."""
    if (x_0 - x_0_hat).is_zero():
        return arb(0)
    mean, variance = conditioned(x_0, 0, 0, log_alpha_bar_s, log_alpha_bar_t)
    mean_hat = conditioned(x_0_hat, 0, 0, log_alpha_bar_s, log_alpha_bar_t)[0]
    return kl_of_one(mean, variance, mean_hat, variance)


@guarded(FAR)
def denoising_kl(x_0, x_0_hat, log_alpha_bar_s, log_alpha_bar_t):
    """Divergence between the two Gaussians that Bayes' rule gives about x_0 and about x_0_hat."""
    levels = other_axes(log_alpha_bar_s, x_0), other_axes(log_alpha_bar_t, x_0)
    return _sums(np.frompyfunc(_step_kl, 4, 1)(x_0, x_0_hat, *levels))


@entrywise(FAR)
def denoising_kl_gradient(x_0, x_0_hat, log_alpha_bar_s, log_alpha_bar_t):
    """Half the change of the divergence when x_0_hat moves from 1 below to 1 above: exact for a quadratic."""
    if (x_0 - x_0_hat).is_zero():
        return arb(0)
    above, below = [_step_kl(x_0, x_0_hat + move, log_alpha_bar_s, log_alpha_bar_t) for move in (1, -1)]
    return (above - below) / 2


@guarded(FAR)
def prior_kl(x_0, log_alpha_bar_T):
    """Divergence of the walk's law at T from the unit Gaussian."""

    def of_one(x, level):
        return kl_of_one(*walk(x, 0, 0, level), arb(0), arb(1))

    return _sums(np.frompyfunc(of_one, 2, 1)(x_0, other_axes(log_alpha_bar_T, x_0)))


@entrywise(NEAR)
def decoder_log_likelihood(x_0, mean, log_scale):
    """Log of the Gaussian's mass in the bin of the nearest of 256 levels, by quadrature."""
    level = int(float((255 * x_0 + 255) / 2) + 1 / 2)
    low, high = [(x_0 + side / arb(255) - mean) / log_scale.exp() for side in (-1, 1)]
    return gaussian_mass(None if level <= 0 else low, None if level >= 255 else high).log()


@entrywise(NEAR)
def bits_per_dimension(nats, dimensions):
    """Nats over the nats in one bit, the integral of 1/u from 1 to 2, for each dimension."""
    return nats / natural_log(arb(2)) / dimensions


def _mean_square(sample, sample_hat):
    total, count = arb(0), 0
    for entry, entry_hat in zip(sample.flat, sample_hat.flat, strict=True):
        gap = entry - entry_hat
        total, count = total + gap * gap, count + 1
    return total / count


@guarded(NEAR)
def simple_loss(eps, eps_hat):
    """Squares added up one at a time, over their number."""
    return np.array([_mean_square(*samples) for samples in zip(eps, eps_hat, strict=True)], dtype=object)


@guarded(NEAR)
def simple_loss_gradient(eps, eps_hat):
    """Half the change of the sample's loss when one entry of eps_hat moves from 1 below to 1 above."""
    gradient = np.empty(eps.shape, dtype=object)
    for place in np.ndindex(eps.shape):
        sample, sample_hat, moved = eps[place[0]], eps_hat[place[0]], np.full(eps.shape[1:], arb(0))
        moved[place[1:]] = arb(1)
        gradient[place] = (_mean_square(sample, sample_hat + moved) - _mean_square(sample, sample_hat - moved)) / 2
    return gradient


@entrywise(FAR)
def simple_loss_weight(log_alpha_bar_s, log_alpha_bar_t):
    """Divergence between the two reverse steps when eps at a fixed x_t is wrong by 1."""
    mean, variance = walk(1, 0, 0, log_alpha_bar_t)
    return _step_kl(arb(0), variance.sqrt() / mean, log_alpha_bar_s, log_alpha_bar_t)


def _variance_preserving(logsnr_t):
    """Signal and noise scale as cosine and sine of the angle whose cotangent is their ratio."""
    angle = (-logsnr_t / 2).exp().atan()
    return angle.cos(), angle.sin()


def _eps_error(alpha_t, sigma_t):
    """Error of eps that an x_0 wrong by 1 makes at a fixed x_t."""
    return -alpha_t / sigma_t


def _v_error(alpha_t, sigma_t):
    return alpha_t * _eps_error(alpha_t, sigma_t) - sigma_t


def _score_error(alpha_t, sigma_t):
    return -_eps_error(alpha_t, sigma_t) / sigma_t


def _velocity_error(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    return alpha_dot_t + sigma_dot_t * _eps_error(alpha_t, sigma_t)


@entrywise(FAR)
def snr_weight_x_0(logsnr_t):
    """Squared error of eps over that of x_0, at a fixed x_t."""
    return _eps_error(*_variance_preserving(logsnr_t)) ** 2


@entrywise(FAR)
def snr_weight_eps(logsnr_t):
    """Squared error of eps over itself."""
    return (_eps_error(*_variance_preserving(logsnr_t)) / _eps_error(*_variance_preserving(logsnr_t))) ** 2


@entrywise(FAR)
def snr_weight_v(logsnr_t):
    """Squared error of eps over that of v, at a fixed x_t."""
    scales = _variance_preserving(logsnr_t)
    return (_eps_error(*scales) / _v_error(*scales)) ** 2


@entrywise(NEAR)
def snr_weight_score(sigma_t):
    """Squared error of eps over that of the score, at a fixed x_t; any signal scale gives the same."""
    return (_eps_error(3, sigma_t) / _score_error(3, sigma_t)) ** 2


@entrywise(NEAR)
def snr_weight_velocity(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Squared error of eps over that of the velocity, at a fixed x_t."""
    return (_eps_error(alpha_t, sigma_t) / _velocity_error(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)) ** 2


def _capped(alpha_t, sigma_t, gamma):
    """What a squared error of 1 in x_0 shall count: the SNR, at most gamma."""
    return (_eps_error(alpha_t, sigma_t) ** 2).min(gamma)


@entrywise(FAR)
def min_snr_weight_x_0(logsnr_t, gamma):
    """What an x_0 wrong by 1 shall count."""
    return _capped(*_variance_preserving(logsnr_t), gamma)


@entrywise(FAR)
def min_snr_weight_eps(logsnr_t, gamma):
    """What an x_0 wrong by 1 shall count, over the squared error it makes in eps."""
    scales = _variance_preserving(logsnr_t)
    return _capped(*scales, gamma) / _eps_error(*scales) ** 2


@entrywise(FAR)
def min_snr_weight_v(logsnr_t, gamma):
    """What an x_0 wrong by 1 shall count, over the squared error it makes in v."""
    scales = _variance_preserving(logsnr_t)
    return _capped(*scales, gamma) / _v_error(*scales) ** 2


@entrywise(NEAR)
def min_snr_weight_score(logsnr_t, sigma_t, gamma):
    """What an x_0 wrong by 1 shall count, over the squared error it makes in the score."""
    scales = sigma_t * (logsnr_t / 2).exp(), sigma_t
    return _capped(*scales, gamma) / _score_error(*scales) ** 2


@entrywise(NEAR)
def min_snr_weight_velocity(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t, gamma):
    """What an x_0 wrong by 1 shall count, over the squared error it makes in the velocity."""
    return _capped(alpha_t, sigma_t, gamma) / _velocity_error(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t) ** 2
