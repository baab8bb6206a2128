"""What the definitions of diffusion's equations share: rates as power series, moment equations, frozen steps."""

import numpy as np
from flint import acb, arb, arb_mat, arb_series

from refdiff.definitions.moments import solve
from refdiff.definitions.quadrature import natural_log

__all__ = [
    "STEPS", "added_variance", "frozen", "grown", "line", "log_power", "moments_after", "per_time", "unit_rates", "ve_scale",
]  # fmt: skip

STEPS = 4


def grown(function, start, end):
    """Integral of a polynomial; nothing where the ends meet."""
    return arb(0) if (end - start).is_zero() else acb.integral(lambda u, _: function(u), start, end).real


def line(time, at_0, at_1):
    """Value of the line through two given values, from its solved intercept and slope."""
    intercept, slope = solve(np.array([[1, 0], [1, 1]], dtype=object), np.array([at_0, at_1], dtype=object))
    return intercept + slope * time


def log_power(time, beta_rate_min, beta_rate_max):
    """Log signal power: minus the integral of beta."""
    return -grown(lambda u: line(u, beta_rate_min, beta_rate_max), arb(0), time)


def per_time(series):
    """Rate of change at the start of a power series in the time passed."""
    return series[1]


def ve_scale(time, sigma_min, sigma_max):
    """Scale as a power series in the time passed: its log grows evenly, by the integral of 1/u from end to end."""
    growth = natural_log(sigma_max) - natural_log(sigma_min)
    return (arb_series([time, 1]) * growth).exp() * sigma_min


def added_variance(sigma_s, sigma_t):
    """Integral of 2*u du from scale to scale."""
    return grown(lambda u: 2 * u, sigma_s, sigma_t)


def moments_after(mean, variance, drift_rate, diffusion, step_size):
    """Mean and variance a step later: the exponential of the moment equations' matrix."""
    zero = arb(0)
    rates = [[drift_rate, zero, zero], [zero, 2 * drift_rate, diffusion * diffusion], [zero, zero, zero]]
    found = (arb_mat(rates) * step_size).exp() * arb_mat([[mean], [variance], [1]])
    return found[0, 0], found[1, 0]


def unit_rates(x_t, score, drift_rate, diffusion):
    """Centre of the unit Gaussian with this score, and how fast its mean and variance move."""
    centre = x_t + score
    return centre, drift_rate * centre, per_time(arb_series([1, 2 * drift_rate + diffusion * diffusion]))


def frozen(x_t, velocity, z, diffusion, step_size):
    """A few substeps with the same velocity and noise, their variances added."""
    variance = sum((diffusion * diffusion * step_size / STEPS for _ in range(STEPS)), arb(0))
    for _ in range(STEPS):
        x_t = x_t + velocity * step_size / STEPS
    return x_t + variance.sqrt() * z
