"""The forward process from its definition: many small steps, one after the other."""

from flint import arb

from refdiff.definitions.entries import FAR, NEAR, entrywise
from refdiff.definitions.motion import integral
from refdiff.definitions.walk import walk

__all__ = [
    "general_transition_mean", "general_transition_variance", "marginal_mean", "marginal_sample", "marginal_variance",
    "residual_shift_sample", "transition_mean", "transition_variance",
]  # fmt: skip


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


@entrywise(NEAR)
def general_transition_mean(x_s, alpha_s, alpha_t):
    """dx = alpha'/alpha*x dt without noise, solved by quadrature along the line from the one signal scale to the other."""
    rise = alpha_t - alpha_s
    return x_s * integral(lambda u: rise / (alpha_s + u * rise), arb(0), arb(1)).exp()


@entrywise(NEAR)
def general_transition_variance(alpha_s, sigma_s, alpha_t, sigma_t):
    """The noise that the linear SDE spends, carried on to t and added up by quadrature: g**2 = (sigma**2)' - 2*f*sigma**2.

    Any path between the levels will do: here the log of the signal and the variance go along lines.
    """
    fall, start = (alpha_t / alpha_s).log(), sigma_s * sigma_s
    growth = sigma_t * sigma_t - start
    return integral(lambda u: (2 * fall * (1 - u)).exp() * (growth - 2 * fall * (start + u * growth)), arb(0), arb(1))


@entrywise(NEAR)
def residual_shift_sample(x_0, x_degraded, eps, shift_t, shift_noise):
    """The point eps standard deviations from the mean of the chain's steps, unequal ones, one after the other."""
    mean, variance, before = x_0, arb(0), arb(0)
    for k in range(1, 8):
        share = shift_t * k * k / 49
        mean = mean + (share - before) * (x_degraded - x_0)
        variance = variance + shift_noise * shift_noise * (share - before)
        before = share
    return mean + variance.sqrt() * eps
