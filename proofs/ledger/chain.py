"""A linear Gaussian chain of three steps and a linear Gaussian model of its reversal: every law in it is known by two roads.

Forward, x_t is N(k_t x_{t-1}, n_t^2); the model's p(x_{t-1}|x_t) is N(c_t x_t, d_t^2), and its p(x_3) is N(0, 1).
Nothing ties k to n: DDPM has n^2 = 1 - k^2.
"""

from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from refdiff.reference import gaussian

from ..algebra import column, completed_square, expectation, log_normal, positive, real

__all__ = [
    "BACK", "KEPT", "NOISES", "START", "STEPS", "bound", "divergence", "forward_term", "gradients", "joint_log_density", "kl",
    "log_integral", "marginal", "mean_over", "model_by_jacobian", "model_term", "states",
]  # fmt: skip

STEPS = 3
START = real("x_0")
NOISES = real("u_1:4")
# Kept share and noise scale of the forward steps, then of the model's.
KEPT = list(zip(positive("k_1:4"), positive("n_1:4"), strict=True))
BACK = list(zip(positive("c_1:4"), positive("d_1:4"), strict=True))


def states() -> list[Any]:
    """x_0, x_1, x_2, x_3 in terms of x_0 and the noises."""
    found: list[Any] = [START]
    for (kept, noise), unit in zip(KEPT, NOISES, strict=True):
        found.append(kept * found[-1] + noise * unit)
    return found


def mean_over(expression: Any) -> Any:
    """Mean over the noises of a quadratic in them: its value at 0, and half its curvature."""
    at_0 = dict.fromkeys(NOISES, 0)
    return expression.subs(at_0) + sum(sp.diff(expression, unit, 2).subs(at_0) for unit in NOISES) / 2


def forward_term(t: int, path: Any) -> Any:
    """Log q(x_t|x_{t-1})."""
    kept, noise = KEPT[t - 1]
    return log_normal(path[t], kept * path[t - 1], noise**2)


def model_term(t: int, path: Any) -> Any:
    """Log p(x_{t-1}|x_t); with t one past the last step, log p(x_3)."""
    if t > STEPS:
        return log_normal(path[STEPS], 0, 1)
    slope, noise = BACK[t - 1]
    return log_normal(path[t - 1], slope * path[t], noise**2)


def model_by_jacobian(path: Any) -> Any:
    """Log p(x_{0:3}) from the noises that the model would need for this path, and the volume by which it stretches them."""
    needed = [path[STEPS], *((path[t - 1] - slope * path[t]) / noise for t, (slope, noise) in enumerate(BACK, 1))]
    return -sum(unit**2 + sp.log(2 * sp.pi) for unit in needed) / 2 - sum(sp.log(noise) for _, noise in BACK)


def marginal(t: int, unit: Any) -> Any:
    """x_t drawn at once from q(x_t|x_0), with one noise."""
    scale, variance = sp.Integer(1), sp.Integer(0)
    for kept, noise in KEPT[:t]:
        scale, variance = kept * scale, kept**2 * variance + noise**2
    return scale * START + sp.sqrt(variance) * unit


def joint_log_density(at: Any, drawn: Any, noises: Any) -> Any:
    """Log density at a point of a Gaussian vector, from the means and covariances of its draw."""
    mean = column([expectation(entry, noises) for entry in drawn])
    gap = column(drawn) - mean
    covariance = column([[expectation(one * other, noises) for other in gap] for one in gap])
    return gaussian.gaussian_log_density(column(at), mean, covariance)


def log_integral(log_density: Any, variables: Any) -> Any:
    """Log of the integral of the exponential of a quadratic: its peak, and the volume under a Gaussian of its curvature."""
    slopes = [sp.diff(log_density, one) for one in variables]
    curvature = -sp.Matrix([[sp.diff(slope, one) for one in variables] for slope in slopes])
    peak = sp.solve(slopes, variables, dict=True)[0]
    return log_density.subs(peak) + (len(variables) * sp.log(2 * sp.pi) - sp.log(sp.factor(curvature.det()))) / 2


def kl(mean_1: Any, variance_1: Any, mean_2: Any, variance_2: Any) -> Any:
    """KL between Gaussians of one dimension, by the library."""
    means = [np.array([[mean]], dtype=object) for mean in (mean_1, mean_2)]
    return gaussian.gaussian_kl_isotropic(means[0], variance_1, means[1], variance_2)[0]


@cache
def bound() -> Any:
    """Lower bound of log p(x_0), the mean over q(x_{1:3}|x_0) of log p(x_{0:3})/q(x_{1:3}|x_0), with p by its noises."""
    path = states()
    return mean_over(model_by_jacobian(path) - sum(forward_term(t, path) for t in range(1, STEPS + 1)))


@cache
def _by_bayes(t: int) -> tuple[Any, Any]:
    """Mean and variance of q(x_{t-1}|x_t, x_0) for t >= 2, by completing the square; x_t is drawn with the first noise."""
    x_s, x_t = sp.Dummy("x_s", real=True), sp.Dummy("x_t", real=True)
    before = marginal(t - 1, NOISES[0])
    prior = log_normal(x_s, before.subs(NOISES[0], 0), expectation((before - before.subs(NOISES[0], 0)) ** 2, NOISES))
    mean, variance = completed_square(forward_term(t, {t - 1: x_s, t: x_t}) + prior, x_s)
    return mean.subs(x_t, marginal(t, NOISES[0])), variance


@cache
def divergence(t: int, swapped: bool = False) -> Any:
    """E over q(x_t|x_0) of KL(q(x_{t-1}|x_t, x_0) || p(x_{t-1}|x_t)); swapped, of the KL the other way round."""
    slope, noise = BACK[t - 1]
    model = (slope * marginal(t, NOISES[0]), noise**2)
    return mean_over(kl(*model, *_by_bayes(t)) if swapped else kl(*_by_bayes(t), *model))


def gradients(t: int) -> list[tuple[Any, ...]]:
    """Over data of any mean and variance, in the model's step t: of the bound, of minus the divergence, and of near misses.

    The near misses are the bound of the mean datum alone, and minus the divergence the other way round.
    """
    centre, unit, spread = sp.Dummy("centre", real=True), sp.Dummy("unit", real=True), sp.Dummy("spread", positive=True)

    def of(objective: Any, datum: Any) -> tuple[Any, ...]:
        slopes = [sp.diff(objective, name).subs(START, datum) for name in BACK[t - 1]]
        return tuple(expectation(slope, [unit]) for slope in slopes)

    drawn = centre + spread * unit
    minus = [-divergence(t, swapped=swapped) for swapped in (False, True)]
    return [of(bound(), drawn), of(minus[0], drawn), of(bound(), centre), of(minus[1], drawn)]
