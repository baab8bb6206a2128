"""The DDIM family from the forward walk's marginals, from straight lines, and from Gaussian regression."""

import numpy as np
from flint import arb

from refdiff.definitions.entries import FAR, NEAR, entrywise, guarded
from refdiff.definitions.moments import condition, expectation, solve
from refdiff.definitions.walk import conditioned, walk

__all__ = [
    "ddim_chain_gain", "ddim_chain_variance", "ddim_conditional_mean", "ddim_conditional_variance", "ddim_eta_max", "ddim_gain",
    "ddim_inversion_step", "ddim_step_exponential", "ddim_step_exponential_eps", "ddim_step_scaled", "ddim_stochastic_gap",
    "probability_flow_gain", "rectified_state", "rectified_step", "rectified_time", "rectified_velocity", "reflow_gain_gap",
    "unscaled_rectified_gap",
]  # fmt: skip


def _kept(start, end, fresh, x, x_0):
    """The affine step that takes one marginal of the walk to the other, `fresh` of its variance being new noise."""
    square = (end[1] - fresh) / start[1]
    # Where all the noise is fresh nothing of the state is kept, and the square is a ball around 0.
    b = square.sqrt() if square > 0 else arb(0).union(square.abs_upper().sqrt())
    return (end[0] - b * start[0]) * x_0 + b * x


@entrywise(FAR)
def ddim_conditional_mean(x_0, x_t, noise_share, log_alpha_bar_s, log_alpha_bar_t):
    """The affine mean that leaves the walk's mean and variance at s, when that share of its deviation is fresh noise."""
    at_s, at_t = walk(1, 0, 0, log_alpha_bar_s), walk(1, 0, 0, log_alpha_bar_t)
    return _kept(at_t, at_s, noise_share * noise_share * at_s[1], x_t, x_0)


@entrywise(FAR)
def ddim_conditional_variance(noise_share, log_alpha_bar_s):
    """The square of that share of the walk's deviation at s."""
    deviation = noise_share * walk(0, 0, 0, log_alpha_bar_s)[1].sqrt()
    return deviation * deviation


@entrywise(FAR)
def ddim_eta_max(log_alpha_bar_s, log_alpha_bar_t):
    """How often the posterior's deviation goes into the walk's at s."""
    return (walk(0, 0, 0, log_alpha_bar_s)[1] / conditioned(0, 0, 0, log_alpha_bar_s, log_alpha_bar_t)[1]).sqrt()


@entrywise(FAR)
def ddim_inversion_step(x_s, x_0, log_alpha_bar_s, log_alpha_bar_t):
    """The affine map without fresh noise from the walk's marginal at s to that at t."""
    return _kept(walk(1, 0, 0, log_alpha_bar_s), walk(1, 0, 0, log_alpha_bar_t), 0, x_s, x_0)


def _scales(logsnr):
    """Signal and noise scale of unit total variance with this log SNR."""
    snr = logsnr.exp()
    return (snr / (1 + snr)).sqrt(), (1 / (1 + snr)).sqrt()


def _moved(x_t, weights, prediction, start, end):
    """The pair (x_0, eps) that makes x_t and the prediction, put together again at s."""
    x_0, eps = solve(np.array([start, weights], dtype=object), np.array([x_t, prediction], dtype=object))
    return end[0] * x_0 + end[1] * eps


@entrywise(FAR)
def ddim_step_exponential(x_t, x_0, logsnr_s, logsnr_t):
    """The data as predicted and the noise left over, put together at s."""
    return _moved(x_t, (1, 0), x_0, _scales(logsnr_t), _scales(logsnr_s))


@entrywise(FAR)
def ddim_step_exponential_eps(x_t, eps, logsnr_s, logsnr_t):
    """The noise as predicted and the data left over, put together at s."""
    return _moved(x_t, (0, 1), eps, _scales(logsnr_t), _scales(logsnr_s))


@entrywise(NEAR)
def ddim_step_scaled(x_t, eps, alpha_s, sigma_s, alpha_t, sigma_t):
    """The noise as predicted and the data left over, put together at s."""
    return _moved(x_t, (0, 1), eps, (alpha_t, sigma_t), (alpha_s, sigma_s))


@entrywise(FAR)
def ddim_stochastic_gap(noise_share, log_alpha_bar_s):
    """Mean square of the difference of the two steps' noises, over sigma points of the old noise and the fresh."""
    kept = (1 - noise_share * noise_share).sqrt()
    zero, one = arb(0), arb(1)
    unit = np.array([[one, zero], [zero, one]], dtype=object)

    def square(noises):
        gap = kept * noises[0] + noise_share * noises[1] - noises[0]
        return gap * gap

    return walk(0, 0, 0, log_alpha_bar_s)[1] * expectation(square, np.array([zero, zero], dtype=object), unit)


def _gain(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """One step from x_t = 1 with the regression of centred data on the state."""
    x_0 = condition(0, 0, variance, alpha_t * variance, alpha_t * alpha_t * variance + sigma_t * sigma_t, 1)[0]
    return _moved(arb(1), (1, 0), x_0, (alpha_t, sigma_t), (alpha_s, sigma_s))


def _deviation(variance, alpha, sigma):
    spread = variance.sqrt()
    zero, one = arb(0), arb(1)
    unit = np.array([[one, zero], [zero, one]], dtype=object)

    def square(noises):
        state = alpha * spread * noises[0] + sigma * noises[1]
        return state * state

    return expectation(square, np.array([zero, zero], dtype=object), unit).sqrt()


@entrywise(NEAR)
def ddim_gain(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """One step from x_t = 1 with the regression of centred data on the state."""
    return _gain(variance, alpha_s, sigma_s, alpha_t, sigma_t)


@entrywise(NEAR)
def probability_flow_gain(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """The rising map of one Gaussian to the other: the ratio of their standard deviations."""
    return _deviation(variance, alpha_s, sigma_s) / _deviation(variance, alpha_t, sigma_t)


@entrywise(NEAR)
def reflow_gain_gap(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """The difference of the two gains."""
    exact = _deviation(variance, alpha_s, sigma_s) / _deviation(variance, alpha_t, sigma_t)
    return exact - _gain(variance, alpha_s, sigma_s, alpha_t, sigma_t)


def _chain(variance, alphas, sigmas):
    found = arb(1)
    for k in range(len(alphas) - 1):
        found = found * _gain(variance, alphas[k + 1], sigmas[k + 1], alphas[k], sigmas[k])
    return found


@guarded(NEAR)
def ddim_chain_gain(variance, alphas, sigmas):
    """One step after the other."""
    return _chain(variance, alphas, sigmas)


@guarded(NEAR)
def ddim_chain_variance(variance, alphas, sigmas):
    """The square of what one standard deviation at the start becomes."""
    end = _deviation(variance, alphas[0], sigmas[0]) * _chain(variance, alphas, sigmas)
    return end * end


def _time(alpha, sigma):
    """Where weights time and 1 - time have the scales' ratio: a linear equation."""
    return solve(np.array([[1, 1], [sigma, -alpha]], dtype=object), np.array([arb(1), arb(0)], dtype=object))[1]


@entrywise(NEAR)
def rectified_time(alpha_t, sigma_t):
    """Where weights time and 1 - time have the scales' ratio."""
    return _time(alpha_t, sigma_t)


@entrywise(NEAR)
def rectified_state(x_t, alpha_t, sigma_t):
    """The state that the flow makes of data without noise, of which the process makes x_t; both are linear."""
    return (1 - _time(alpha_t, sigma_t)) * (x_t / alpha_t)


def _slope(x_t, x_0, alpha_t, sigma_t):
    """Of the straight line from the data at time 0 through the flow's state at its time."""
    time = _time(alpha_t, sigma_t)
    return ((1 - time) * (x_t / alpha_t) - x_0) / time


@entrywise(NEAR)
def rectified_velocity(x_t, x_0, alpha_t, sigma_t):
    """Slope of the straight line from the data at time 0 through the flow's state at its time."""
    return _slope(x_t, x_0, alpha_t, sigma_t)


@entrywise(NEAR)
def rectified_step(x_t, x_0, alpha_s, sigma_s, alpha_t, sigma_t):
    """Along that line to the flow's time at s, and back to the process by the scale that makes the weights sum to 1."""
    end = x_0 + _time(alpha_s, sigma_s) * _slope(x_t, x_0, alpha_t, sigma_t)
    return end * alpha_s / (1 - _time(alpha_s, sigma_s))


@entrywise(NEAR)
def unscaled_rectified_gap(x_0, eps, alpha_s, sigma_s, alpha_t, sigma_t):
    """Both steps taken, and their difference."""
    x_t = alpha_t * x_0 + sigma_t * eps
    unscaled = x_t + (_time(alpha_s, sigma_s) - _time(alpha_t, sigma_t)) * (eps - x_0)
    return unscaled - _moved(x_t, (1, 0), x_0, (alpha_t, sigma_t), (alpha_s, sigma_s))
