"""Solutions of the probability flow where no closed form is known, by two methods that share nothing but the equation.

In EDM's coordinates y = x/alpha and with lambda = -log(sigma/alpha) the flow is dy/dlambda = D(y; exp(-lambda)) - y.
"""

import flint
import numpy as np
from flint import arb, arb_series

from refdiff.definitions.motion import posterior_masses

__all__ = ["extrapolated_flow", "taylor_flow"]

_DEGREE = 40


def _drift_series(weights, means, variances, y, power):
    """D(y) - y for a mixture, as power series; power is sigma**2 as a series."""
    spreads = [power + variance for variance in variances]
    distances = [sum(((a - b) * (a - b) for a, b in zip(y, mean, strict=True)), arb_series([0])) for mean in means]
    logs = [-gap / (2 * spread) - spread.log() * len(y) / 2 for gap, spread in zip(distances, spreads, strict=True)]
    highest = max(logs, key=lambda one: float(one[0]))
    masses = [weight * (one - highest).exp() for weight, one in zip(weights, logs, strict=True)]
    shares = [mass / (sum(masses, arb_series([0])) * spread) for mass, spread in zip(masses, spreads, strict=True)]
    return [
        sum(
            (
                share * (power * mean[j] + variance * entry)
                for share, mean, variance in zip(shares, means, variances, strict=True)
            ),
            arb_series([0]),
        )
        - entry
        for j, entry in enumerate(y)
    ]


def _taylor_step(weights, means, variances, y, level, length):
    """One step of Taylor's method: the series grows by a coefficient with every pass through the equation."""
    before = flint.ctx.cap
    try:
        series = [[entry] for entry in y]
        for known in range(1, _DEGREE + 1):
            flint.ctx.cap = known
            power = arb_series([0, -2], prec=known).exp() * (-2 * level).exp()
            states = [arb_series(entries, prec=known) for entries in series]
            for entries, slope in zip(series, _drift_series(weights, means, variances, states, power), strict=True):
                entries.append(slope[known - 1] / known)
        return [sum((entry * length**i for i, entry in enumerate(entries)), arb(0)) for entries in series]
    finally:
        flint.ctx.cap = before


def taylor_flow(weights, means, variances, y, start, end, steps):
    """State at lambda = end from y, shape (d,), at lambda = start, by Taylor's method of degree 40 in equal steps."""
    length = (end - start) / steps
    for i in range(steps):
        y = [entry.mid() for entry in _taylor_step(weights, means, variances, y, start + i * length, length)]
    return np.array(y, dtype=object)


def _drift(weights, means, variances, y, level):
    """D(y) - y by Bayes' rule, one observed entry at a time."""
    power = (-2 * level).exp()
    spreads = [power + variance for variance in variances]
    masses = posterior_masses(y, weights, means, spreads)
    centres = [(power * mean + variance * y) / spread for mean, variance, spread in zip(means, variances, spreads, strict=True)]
    return sum(mass * centre for mass, centre in zip(masses, centres, strict=True)) - y


def _midpoint_rule(weights, means, variances, y, level, length, n):
    """Gragg's method: n midpoint steps, whose error has even powers of their length alone."""
    step = length / n
    before, here = y, y + step * _drift(weights, means, variances, y, level)
    for k in range(1, n):
        before, here = here, before + 2 * step * _drift(weights, means, variances, here, level + k * step)
    return (before + here + step * _drift(weights, means, variances, here, level + length)) / 2


def extrapolated_flow(weights, means, variances, y, start, end, steps, columns=14):
    """State at lambda = end from y, shape (d,), at lambda = start, by Gragg's method extrapolated (Bulirsch and Stoer)."""
    length = (end - start) / steps
    counts = [2 * (k + 1) for k in range(columns)]
    for i in range(steps):
        row = [_midpoint_rule(weights, means, variances, y, start + i * length, length, n) for n in counts]
        for k in range(1, columns):
            row = [
                row[j + 1] + (row[j + 1] - row[j]) / (arb(counts[j + k]) ** 2 / arb(counts[j]) ** 2 - 1)
                for j in range(columns - k)
            ]
        y = np.array([entry.mid() for entry in row[0]], dtype=object)
    return y
