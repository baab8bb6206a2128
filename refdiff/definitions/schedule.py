"""Noise schedules from their definitions: recurrences over t, integrals for logs, fractions for time grids."""

from fractions import Fraction

import numpy as np
from flint import acb, arb

from refdiff.definitions.entries import FAR, NEAR, entrywise, guarded
from refdiff.definitions.moments import solve
from refdiff.definitions.quadrature import natural_log
from refdiff.definitions.walk import walk
from refdiff.numbers.balls import balls

__all__ = [
    "alpha",
    "alpha_bar",
    "betas_cosine",
    "betas_linear",
    "betas_scaled_linear",
    "betas_sigmoid",
    "betas_zero_terminal_snr",
    "log_alpha_bar",
    "logsnr",
    "sigma",
    "snr",
    "timesteps_leading",
    "timesteps_linspace",
    "timesteps_trailing",
]


def _running(step, start, count):
    """`start` and what repeated steps make of it, `count` values in all."""
    values = [start]
    while len(values) < count:
        values.append(step(values[-1]))
    return np.array(values, dtype=object)


@guarded(NEAR)
def betas_linear(T, beta_start, beta_end):
    """Equal increments added one after the other."""
    increment = (beta_end - beta_start) / max(T - 1, 1)
    return _running(lambda beta: beta + increment, beta_start, T)


@guarded(NEAR)
def betas_scaled_linear(T, beta_start, beta_end):
    """Squares of roots that grow by equal increments, added one after the other."""
    increment = (beta_end.sqrt() - beta_start.sqrt()) / max(T - 1, 1)
    return _running(lambda root: root + increment, beta_start.sqrt(), T) ** 2


@guarded(NEAR)
def betas_cosine(T, offset, beta_max):
    """Lost share of the signal power, whose root is the real part of a complex number turned by equal angles."""
    turn = acb(0, arb.pi() / 2 / (T * (1 + offset))).exp()
    start = acb(0, arb.pi() / 2 * offset / (1 + offset)).exp()
    power = [phase.real * phase.real for phase in _running(lambda phase: phase * turn, start, T + 1)]
    betas = [1 - power[t] / power[t - 1] for t in range(1, T + 1)]
    return np.array([beta.min(beta_max) for beta in betas], dtype=object)


@guarded(NEAR)
def betas_sigmoid(T, beta_start, beta_end):
    """Share of the way up from odds in geometric progression, from exp(-6) to exp(6)."""
    growth = (arb(12) / max(T - 1, 1)).exp()
    odds = _running(lambda value: value * growth, arb(-6).exp(), T)
    return beta_start + (beta_end - beta_start) * (odds / (1 + odds))


@guarded(NEAR)
def betas_zero_terminal_snr(betas):
    """Lin et al.'s demand: signal scales map to a*last + b*scale, the first kept and the last sent to 0."""
    scales = np.frompyfunc(lambda power: power.sqrt(), 1, 1)(_powers(betas))
    a, b = solve(np.array([[scales[-1], scales[0]], [1, 1]], dtype=object), np.array([scales[0], arb(0)]))
    kept = a * scales[-1] + b * scales
    powers = kept * kept
    return np.array([betas[0], *(1 - powers[1:] / powers[:-1])], dtype=object)


def _powers(betas):
    """Signal powers left after each step: squares of the mean of x_t that starts at 1."""
    scale, powers = arb(1), []
    for beta in betas:
        scale = (1 - beta).sqrt() * scale
        powers.append(scale**2)
    return np.array(powers, dtype=object)


@guarded(NEAR)
def alpha_bar(betas):
    """Square of the mean of x_t when x_0 = 1, one forward step after the other."""
    return _powers(betas)


@guarded(NEAR)
def log_alpha_bar(betas):
    """Sum over steps of the integral of 1/u from 1 to 1 - beta."""
    total, logs = arb(0), []
    for beta in betas:
        total = total + natural_log(1 - beta)
        logs.append(total)
    return np.array(logs, dtype=object)


@entrywise(FAR)
def alpha(log_alpha_bar_t):
    """Mean after small forward steps from 1."""
    return walk(1, 0, 0, log_alpha_bar_t)[0]


@entrywise(FAR)
def sigma(log_alpha_bar_t):
    """Standard deviation after small forward steps from a point."""
    return walk(0, 0, 0, log_alpha_bar_t)[1].sqrt()


@entrywise(FAR)
def snr(log_alpha_bar_t):
    """Squared mean over variance after small forward steps from 1."""
    mean, variance = walk(1, 0, 0, log_alpha_bar_t)
    return mean**2 / variance


@entrywise(FAR)
def logsnr(log_alpha_bar_t):
    """Twice the log of the mean over the standard deviation, after small forward steps from 1."""
    mean, variance = walk(1, 0, 0, log_alpha_bar_t)
    return 2 * (mean / variance.sqrt()).log()


def _times(values):
    return balls(np.array(values, dtype=object))


def timesteps_leading(T, n, steps_offset):
    """The first n times that lie a whole number of strides above the first, latest first."""
    stride = Fraction(T, n).__floor__()
    grid = [t for t in range(1, T + 1) if (t - 1) % stride == 0][:n]
    return _times([t + steps_offset for t in reversed(grid)])


def timesteps_trailing(T, n):
    """T and what repeated subtraction of T/n leaves above 0, rounded."""
    times, left = [], Fraction(T)
    while left > 0:
        times.append(round(left))
        left -= Fraction(T, n)
    return _times(times)


def timesteps_linspace(T, n):
    """Weighted means of both ends of 0..T-1, rounded, and counted from 1; for n = 1 the early end alone."""
    shares = [Fraction(n - k, max(n - 1, 1)) for k in range(1, n + 1)]
    return _times([1 + round(share * (T - 1)) for share in shares])
