"""The forward process walked in DDPM's own small steps: x becomes sqrt(1 - beta)*x + sqrt(beta)*z."""

from refdiff.definitions.moments import condition

__all__ = ["conditioned", "walk"]

_STEPS = 12


def walk(mean, variance, log_alpha_bar_s, log_alpha_bar_t):
    """Mean and variance of x_t from those of x_s, after equal small steps that keep alpha_bar_t/alpha_bar_s together."""
    kept = ((log_alpha_bar_t - log_alpha_bar_s) / _STEPS).exp()
    beta = 1 - kept
    for _ in range(_STEPS):
        mean, variance = kept.sqrt() * mean, kept * variance + beta
    return mean, variance


def conditioned(mean, variance, x_t, log_alpha_bar_s, log_alpha_bar_t):
    """Mean and variance of x_s given x_t, when x_0 has this mean and variance: the joint Gaussian, conditioned."""
    mean_s, variance_s = walk(mean, variance, 0, log_alpha_bar_s)
    mean_t, variance_t = walk(mean_s, variance_s, log_alpha_bar_s, log_alpha_bar_t)
    covariance = walk(variance_s, 0, log_alpha_bar_s, log_alpha_bar_t)[0]
    return condition(mean_s, mean_t, variance_s, covariance, variance_t, x_t)
