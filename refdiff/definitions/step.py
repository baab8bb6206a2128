"""Sampling steps from their defining constraints."""

from flint import arb

from refdiff.definitions.entries import FAR, entrywise
from refdiff.definitions.walk import conditioned, walk

__all__ = ["ddim_noise_scale", "ddim_step", "ddpm_step", "ddpm_step_large"]


@entrywise(FAR)
def ddpm_step(x_t, x_0, z, log_alpha_bar_s, log_alpha_bar_t):
    """The point z standard deviations from the mean of x_s given x_t, when the walk starts at x_0."""
    mean, variance = conditioned(x_0, 0, x_t, log_alpha_bar_s, log_alpha_bar_t)
    return mean + variance.sqrt() * z


@entrywise(FAR)
def ddpm_step_large(x_t, x_0, z, log_alpha_bar_s, log_alpha_bar_t):
    """The mean as in `ddpm_step`, the spread that of x_s given x_t for unit Gaussian data."""
    mean = conditioned(x_0, 0, x_t, log_alpha_bar_s, log_alpha_bar_t)[0]
    return mean + conditioned(0, 1, 0, log_alpha_bar_s, log_alpha_bar_t)[1].sqrt() * z


@entrywise(FAR)
def ddim_noise_scale(eta, log_alpha_bar_s, log_alpha_bar_t):
    """That share of the standard deviation of x_s given x_t and x_0."""
    return eta * conditioned(0, 0, 0, log_alpha_bar_s, log_alpha_bar_t)[1].sqrt()


@entrywise(FAR)
def ddim_step(x_t, x_0, z, eta, log_alpha_bar_s, log_alpha_bar_t):
    """The affine step whose output has the walk's mean and variance at s whenever its input has them at t.

    Of x_s = a*x_0 + b*x_t + scale*z, the variance gives b and then the mean gives a.
    """
    spread = conditioned(0, 0, 0, log_alpha_bar_s, log_alpha_bar_t)[1]
    mean_s, variance_s = walk(1, 0, 0, log_alpha_bar_s)
    mean_t, variance_t = walk(1, 0, 0, log_alpha_bar_t)
    square = (variance_s - eta * eta * spread) / variance_t
    # Where x_t carries no signal and eta is 1, nothing of x_t is kept and the square is a ball around 0.
    b = square.sqrt() if square > 0 else arb(0).union(square.abs_upper().sqrt())
    return (mean_s - b * mean_t) * x_0 + b * x_t + eta * spread.sqrt() * z
