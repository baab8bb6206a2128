"""The forward chain's joint law given x_0, and the log densities of its steps and of a linear model's."""

import numpy as np
from flint import arb

from refdiff.definitions.moments import density_of_one, expectation, kl_of_one
from refdiff.definitions.walk import conditioned, walk

__all__ = [
    "average", "chain", "divergence", "forward", "least_error", "log_density", "of_samples", "reverse", "step_divergence",
    "variance_of",
]  # fmt: skip


def of_samples(term, x_0, *levels):
    """Sum over each sample's entries of a term of numbers; a level is a number or has one entry for each sample."""
    columns = [np.broadcast_to(level, x_0.shape[:1]) for level in levels]
    samples = zip(x_0, *columns, strict=True)
    return np.array([sum((term(x, *rest) for x in sample.flat), arb(0)) for sample, *rest in samples], dtype=object)


def average(function, means, covariance):
    """Expectation of a function that is at most quadratic, over sigma points."""
    return expectation(function, np.array(means, dtype=object), np.array(covariance, dtype=object))


def log_density(x, mean, variance):
    """Log density of a Gaussian number."""
    return density_of_one(x, mean, variance).log()


def chain(x_0, powers):
    """Means and covariance of the states at falling log signal powers, given x_0: the walk's."""
    moments = [walk(x_0, arb(0), arb(0), power) for power in powers]
    spread = np.empty((len(powers), len(powers)), dtype=object)
    for i, (_, variance) in enumerate(moments):
        for j in range(i, len(powers)):
            spread[i, j] = spread[j, i] = walk(variance, arb(0), powers[i], powers[j])[0]
    for i, (_, variance) in enumerate(moments):
        spread[i, i] = variance
    return [mean for mean, _ in moments], spread


def reverse(slope, intercept, power_s, power_t):
    """Log density of the model's step from x_t to x_s: Bayes' rule with the estimate for x_0."""
    variance = conditioned(arb(0), arb(0), arb(0), power_s, power_t)[1]

    def log_reverse(x_s, x_t):
        mean = conditioned(slope * x_t + intercept, arb(0), x_t, power_s, power_t)[0]
        return log_density(x_s, mean, variance)

    return log_reverse


def forward(power_s, power_t):
    """Log density of the walk's step from x_s to x_t."""

    def log_forward(x_t, x_s):
        return log_density(x_t, *walk(x_s, arb(0), power_s, power_t))

    return log_forward


def variance_of(function, mean, spread):
    """Variance of a quadratic function of a Gaussian number: three Gauss-Hermite points, exact for quartics."""
    reach = (3 * spread).sqrt()
    values = [function(mean + side * reach) for side in (-1, 0, 1)]
    weights = [arb(1) / 6, arb(2) / 3, arb(1) / 6]
    level = sum(weight * value for weight, value in zip(weights, values, strict=True))
    return sum(weight * (value - level) * (value - level) for weight, value in zip(weights, values, strict=True))


def divergence(x, x_t, slope, intercept, power_s, power_t):
    """Divergence of two steps to x_s: given x_0, and given the estimate."""
    given = conditioned(x, arb(0), x_t, power_s, power_t)
    return kl_of_one(*given, *conditioned(slope * x_t + intercept, arb(0), x_t, power_s, power_t))


def least_error(variance, logsnr):
    """Variance of x_0 given x_t at this noise level, by conditioning; complex near the real line."""
    ratio = (logsnr / 2).exp()
    covariance = ratio * variance
    return variance - covariance / (ratio * covariance + 1) * covariance


def step_divergence(variance, logsnr_s, logsnr_t):
    """Divergence of a reverse step given x_0 from the one given its estimate, off by the root of the least squared error."""
    power_s, power_t = [-(1 + (-logsnr).exp()).log() for logsnr in (logsnr_s, logsnr_t)]
    mean, spread = conditioned(least_error(variance, logsnr_t).sqrt(), arb(0), arb(0), power_s, power_t)
    return kl_of_one(mean, spread, conditioned(arb(0), arb(0), arb(0), power_s, power_t)[0], spread)
