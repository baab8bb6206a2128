"""The reverse-time SDE's moment equations, solved by matrix exponentials for data or noise on a polynomial.

In the coordinates y = x/alpha, where the noise scale is exp(-l): dy = -(1 + strength)*(y - x_0) dl + sqrt(2*strength)*exp(-l) dw.
"""

from itertools import accumulate
from operator import mul

import numpy as np
from flint import arb, arb_mat

from refdiff.definitions.moments import condition, inverse

__all__ = [
    "ancestral",
    "ancestral_in_the_middle",
    "data_bent_by_half",
    "data_held",
    "data_in_the_middle",
    "data_on_a_polynomial",
    "noise_held",
    "noise_in_the_middle",
    "places",
    "solved",
]


def places(alphas, sigmas):
    """half_logsnr of every level, counted from the level before the last."""
    logs = [(alpha / sigma).log() for alpha, sigma in zip(alphas, sigmas, strict=True)]
    return [log - logs[-2] for log in logs]


def _grown(rates, h):
    """Value after h of the first of some quantities that drive each other linearly, when the second starts at 1."""
    return (arb_mat(rates) * h).exp()[0, 1]


def _spread(pull, strength, h, alphas, sigmas):
    """Standard deviation at the end of what the SDE adds: variance' = -2*pull*variance + 2*strength*w, w' = -2*w."""
    start = sigmas[-2] / alphas[-2]
    return alphas[-1] * (_grown([[-2 * pull, 2 * strength], [0, -2]], h) * start * start).sqrt()


def _driven(power, pull, h):
    """What a drift pull*l**power makes of 0 after h, against the pull: the powers of l drive each other."""
    size = power + 2
    rates = [[arb(0)] * size for _ in range(size)]
    rates[0][0], rates[0][-1] = -pull, pull
    for p in range(1, power + 1):
        rates[p + 1][p] = arb(p)
    return _grown(rates, h)


def _coefficients(nodes):
    """What each power of the polynomial through these nodes takes of each value there."""
    return inverse(np.array([list(accumulate([arb(1), *[node] * (len(nodes) - 1)], mul)) for node in nodes], dtype=object))


def solved(x_t, data, nodes, z, strength, alphas, sigmas):
    """State at the last level from that at the level before, for data on the polynomial through these nodes."""
    h, pull = places(alphas, sigmas)[-1], 1 + strength
    moved = (-pull * h).exp() * x_t / alphas[-2]
    for p, row in enumerate(_coefficients(nodes)):
        moved = moved + _driven(p, pull, h) * sum(weight * one for weight, one in zip(row, data, strict=True))
    return alphas[-1] * moved + _spread(pull, strength, h, alphas, sigmas) * z


def _at(place, nodes, estimates):
    """Value at a place of the line through two estimates."""
    intercept, slope = inverse(np.array([[arb(1), nodes[0]], [arb(1), nodes[1]]], dtype=object))
    weights = [intercept[j] + slope[j] * place for j in range(2)]
    return weights[0] * estimates[0] + weights[1] * estimates[1]


def data_held(x_t, x_0s, z, eta, alphas, sigmas):
    """The moment equations for the last estimate, held."""
    return solved(x_t, x_0s[-1:], [arb(0)], z, eta, alphas, sigmas)


def data_in_the_middle(x_t, x_0s, z, eta, alphas, sigmas):
    """The moment equations for the data that the line through two estimates has in the middle of the step."""
    at = places(alphas, sigmas)
    return solved(x_t, [_at(at[-1] / 2, at[:2], x_0s)], [arb(0)], z, eta, alphas, sigmas)


def data_on_a_polynomial(x_t, x_0s, z, eta, alphas, sigmas):
    """The moment equations for data on the polynomial through the estimates."""
    return solved(x_t, x_0s, places(alphas, sigmas)[:-1], z, eta, alphas, sigmas)


def data_bent_by_half(x_t, x_0s, z, eta, alphas, sigmas):
    """The same for data with half the bend: each estimate loses half of what the parabola's square adds at its node."""
    nodes = places(alphas, sigmas)[:-1]
    bend = sum(weight * one for weight, one in zip(_coefficients(nodes)[2], x_0s, strict=True))
    straighter = [one - bend * node * node / 2 for one, node in zip(x_0s, nodes, strict=True)]
    return solved(x_t, straighter, nodes, z, eta, alphas, sigmas)


def noise_held(x_t, eps, z, alphas, sigmas):
    """The same SDE driven by held noise: y' = -2*w*eps with w the noise scale, w' = -w."""
    h, start = places(alphas, sigmas)[-1], sigmas[-2] / alphas[-2]
    moved = x_t / alphas[-2] + _grown([[0, -2], [0, -1]], h) * start * eps
    return alphas[-1] * moved + _spread(arb(0), arb(1), h, alphas, sigmas) * z


def noise_in_the_middle(x_t, epsilons, z, alphas, sigmas):
    """The same for the noise that the line through two estimates has in the middle of the step."""
    at = places(alphas, sigmas)
    return noise_held(x_t, _at(at[-1] / 2, at[:2], epsilons), z, alphas, sigmas)


def ancestral(x_t, x_0, z, eta, alphas, sigmas):
    """What is left of the old noise, and fresh noise: a share of that of x_s given x_t, jointly Gaussian about x_0."""
    early, late = (scale * scale for scale in (sigmas[-1] / alphas[-1], sigmas[0] / alphas[0]))
    fresh = eta * condition(x_0, x_0, early, early, late, x_t / alphas[0])[1].sqrt()
    old = (early - fresh * fresh).nonnegative_part().sqrt() * (x_t / alphas[0] - x_0) / late.sqrt()
    return alphas[-1] * (x_0 + old + fresh * z)


def ancestral_in_the_middle(x_t, x_0s, z, eta, alphas, sigmas):
    """The same with the data that the line through both estimates has in the middle of the step."""
    logs = [(alpha / sigma).log() for alpha, sigma in zip(alphas, sigmas, strict=True)]
    return ancestral(x_t, _at((logs[0] + logs[2]) / 2, logs[:2], x_0s), z, eta, alphas, sigmas)
