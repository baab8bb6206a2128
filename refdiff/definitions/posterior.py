"""The forward posterior from Bayes' rule: the joint Gaussian of x_s and x_t, conditioned on x_t."""

from flint import arb

from refdiff.definitions.entries import FAR, NEAR, entrywise
from refdiff.definitions.moments import condition
from refdiff.definitions.walk import conditioned, walk

__all__ = [
    "general_posterior_mean",
    "general_posterior_variance",
    "posterior_log_variance",
    "posterior_log_variance_large",
    "posterior_log_variance_learned",
    "posterior_mean",
    "posterior_mean_x_0_coefficient",
    "posterior_mean_x_t_coefficient",
    "posterior_variance",
    "posterior_variance_large",
]


def _log(x):
    return x.neg_inf() if x.is_zero() else x.log()


@entrywise(FAR)
def posterior_mean_x_0_coefficient(log_alpha_bar_s, log_alpha_bar_t):
    """Mean of x_s given x_0 = 1 and x_t = 0."""
    return conditioned(1, 0, 0, log_alpha_bar_s, log_alpha_bar_t)[0]


@entrywise(FAR)
def posterior_mean_x_t_coefficient(log_alpha_bar_s, log_alpha_bar_t):
    """Mean of x_s given x_0 = 0 and x_t = 1."""
    return conditioned(0, 0, 1, log_alpha_bar_s, log_alpha_bar_t)[0]


@entrywise(FAR)
def posterior_mean(x_0, x_t, log_alpha_bar_s, log_alpha_bar_t):
    """Mean of x_s given x_t when the walk starts at x_0."""
    return conditioned(x_0, 0, x_t, log_alpha_bar_s, log_alpha_bar_t)[0]


@entrywise(FAR)
def posterior_variance(log_alpha_bar_s, log_alpha_bar_t):
    """Variance of x_s given x_t when the walk starts at a point."""
    return conditioned(0, 0, 0, log_alpha_bar_s, log_alpha_bar_t)[1]


@entrywise(FAR)
def posterior_variance_large(log_alpha_bar_s, log_alpha_bar_t):
    """Variance of x_s given x_t when the walk starts at unit Gaussian data."""
    return conditioned(0, 1, 0, log_alpha_bar_s, log_alpha_bar_t)[1]


@entrywise(FAR)
def posterior_log_variance(log_alpha_bar_s, log_alpha_bar_t):
    """Log of the variance of x_s given x_t when the walk starts at a point."""
    return _log(conditioned(0, 0, 0, log_alpha_bar_s, log_alpha_bar_t)[1])


@entrywise(FAR)
def posterior_log_variance_large(log_alpha_bar_s, log_alpha_bar_t):
    """Log of the variance after small forward steps from a point at s."""
    return _log(walk(0, 0, log_alpha_bar_s, log_alpha_bar_t)[1])


@entrywise(FAR)
def posterior_log_variance_learned(interpolation, log_alpha_bar_s, log_alpha_bar_t):
    """Log of the weighted geometric mean of x_s's variance given x_t for unit Gaussian data and for a point."""
    large = conditioned(0, 1, 0, log_alpha_bar_s, log_alpha_bar_t)[1]
    small = conditioned(0, 0, 0, log_alpha_bar_s, log_alpha_bar_t)[1]
    return (large**interpolation * small ** (1 - interpolation)).log()


def _given_both(x_0, x_t, alpha_s, sigma_s, alpha_t, sigma_t):
    """x_s and x_t are Gaussian about x_0; the noise in x_s is in x_t as well, as much as the signal of x_s is."""
    shared = sigma_s * sigma_s * alpha_t / alpha_s
    return condition(alpha_s * x_0, alpha_t * x_0, sigma_s * sigma_s, shared, sigma_t * sigma_t, x_t)


@entrywise(NEAR)
def general_posterior_mean(x_0, x_t, alpha_s, sigma_s, alpha_t, sigma_t):
    """The joint Gaussian of x_s and x_t about x_0, conditioned on x_t."""
    return _given_both(x_0, x_t, alpha_s, sigma_s, alpha_t, sigma_t)[0]


@entrywise(NEAR)
def general_posterior_variance(alpha_s, sigma_s, alpha_t, sigma_t):
    """The joint Gaussian of x_s and x_t about x_0, conditioned on x_t."""
    return _given_both(arb(0), arb(0), alpha_s, sigma_s, alpha_t, sigma_t)[1]
