"""The forward process from its definition: many small steps, one after the other."""

from refdiff.definitions.entries import FAR, entrywise
from refdiff.definitions.walk import walk

__all__ = ["marginal_mean", "marginal_sample", "marginal_variance", "transition_mean", "transition_variance"]


@entrywise(FAR)
def marginal_mean(x_0, log_alpha_bar_t):
    """Mean after small forward steps that start at x_0."""
    return walk(x_0, 0, 0, log_alpha_bar_t)[0]


@entrywise(FAR)
def marginal_variance(log_alpha_bar_t):
    """Variance after small forward steps that start at a point."""
    return walk(0, 0, 0, log_alpha_bar_t)[1]


@entrywise(FAR)
def marginal_sample(x_0, eps, log_alpha_bar_t):
    """The point eps standard deviations from the mean after small forward steps that start at x_0."""
    mean, variance = walk(x_0, 0, 0, log_alpha_bar_t)
    return mean + variance.sqrt() * eps


@entrywise(FAR)
def transition_mean(x_s, log_alpha_bar_s, log_alpha_bar_t):
    """Mean after small forward steps from x_s."""
    return walk(x_s, 0, log_alpha_bar_s, log_alpha_bar_t)[0]


@entrywise(FAR)
def transition_variance(log_alpha_bar_s, log_alpha_bar_t):
    """Variance after small forward steps from a point at s."""
    return walk(0, 0, log_alpha_bar_s, log_alpha_bar_t)[1]
