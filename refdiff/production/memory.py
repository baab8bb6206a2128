"""Weights of the estimates that a step remembers, in plain numbers: once a run, whatever its states."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

__all__ = [
    "EQUAL",
    "Rule",
    "Weights",
    "data_exact",
    "equal",
    "euler",
    "half_way",
    "lms",
    "noise_exact",
    "released_3m",
    "transferred",
    "unic_bh1",
    "unic_bh2",
    "unip_bh1",
    "unip_bh2",
]

# Factor of x_t and weights of the estimates, oldest first.
Weights = tuple[float, list[float]]
# Weights from the signal and noise scales at the estimates' levels and at s, and from the number of estimates.
Rule = Callable[[Sequence[float], Sequence[float], int], Weights]

EQUAL = ((1.0,), (-1 / 2, 3 / 2), (5 / 12, -4 / 3, 23 / 12), (-3 / 8, 37 / 24, -59 / 24, 55 / 24))


def _moments(h: float, count: int) -> list[float]:
    """Integrals from 0 to h of x**i*exp(x - h): what exp(-h) leaves of its series, summed where that is small."""
    found, known, term = [], 0.0, 1.0
    for i in range(count):
        known, term = known + term, term * -h / (i + 1)
        series = 1.0
        for n in range(40, i + 1, -1):
            series = 1 - h / n * series
        tail = term * series if abs(h) < 4 else math.exp(-h) - known
        found.append(math.factorial(i) * (-1) ** (i + 1) * tail)
    return found


def _interpolated(nodes: Sequence[float], moments: Sequence[float]) -> list[float]:
    """Weights of the values at the nodes in their polynomial's integral, by the weight's moments about 0."""
    weights, row = [0.0] * len(nodes), list(moments)
    for k in range(1, len(nodes) + 1):
        newest = nodes[-k:]
        for j, node in enumerate(newest, len(nodes) - k):
            weights[j] += row[0] / math.prod(node - other for other in newest if other != node)
        row = [higher - newest[0] * lower for lower, higher in pairwise(row)]
    return weights


def _past(alphas: Sequence[float], sigmas: Sequence[float]) -> list[float]:
    """half_logsnr of every level less that of the level before the last."""
    ratios = [sigma / alpha for alpha, sigma in zip(alphas, sigmas, strict=True)]
    return [math.log(ratios[-2] / ratio) for ratio in ratios]


def data_exact(alphas: Sequence[float], sigmas: Sequence[float], count: int) -> Weights:
    """The data a polynomial of half_logsnr: exponential Adams and Bashforth, or Moulton with an estimate at s."""
    past = _past(alphas, sigmas)
    weights = _interpolated(past[:count], _moments(past[-1], count))
    return sigmas[-1] / sigmas[-2], [alphas[-1] * weight for weight in weights]


def noise_exact(alphas: Sequence[float], sigmas: Sequence[float], count: int) -> Weights:
    """The noise a polynomial of half_logsnr: DEIS."""
    levels = [-level for level in _past(alphas, sigmas)]
    weights = _interpolated(levels[:count], _moments(levels[-1], count))
    return alphas[-1] / alphas[-2], [sigmas[-1] * weight for weight in weights]


def euler(alphas: Sequence[float], sigmas: Sequence[float], count: int) -> Weights:
    """The newest data held over the step."""
    ratio = sigmas[-1] / sigmas[-2]
    return ratio, [0.0] * (count - 1) + [alphas[-1] - ratio * alphas[-2]]


def transferred(alphas: Sequence[float], sigmas: Sequence[float], count: int) -> Weights:
    """The newest noise held over the step: DDIM."""
    ratio = alphas[-1] / alphas[-2]
    return ratio, [0.0] * (count - 1) + [sigmas[-1] - ratio * sigmas[-2]]


def half_way(base: Rule) -> Rule:
    """Two estimates' line held at the middle of the step, on this first-order rule."""

    def rule(alphas: Sequence[float], sigmas: Sequence[float], count: int) -> Weights:
        (factor, (_, whole)), past = base(alphas, sigmas, 2), _past(alphas, sigmas)
        beyond = -past[2] / (2 * past[0])
        return factor, [-beyond * whole, (1 + beyond) * whole]

    return rule


def released_3m(alphas: Sequence[float], sigmas: Sequence[float], count: int) -> Weights:
    """The released DPM-Solver++(3M): half the parabola's second derivative."""
    (factor, weights), past = data_exact(alphas, sigmas, 3), _past(alphas, sigmas)
    half = alphas[3] * _moments(past[3], 3)[2] / 2
    bends = [half / math.prod(node - other for other in past[:3] if other != node) for node in past[:3]]
    return factor, [weight - bend for weight, bend in zip(weights, bends, strict=True)]


def unip_bh1(alphas: Sequence[float], sigmas: Sequence[float], count: int) -> Weights:
    """UniPC's predictor with B(h) = h."""
    if count != 2:
        return data_exact(alphas, sigmas, count)
    (factor, (_, whole)), past = euler(alphas, sigmas, 2), _past(alphas, sigmas)
    rise = -alphas[2] * past[2] ** 2 / (2 * past[0])
    return factor, [-rise, whole + rise]


def unip_bh2(alphas: Sequence[float], sigmas: Sequence[float], count: int) -> Weights:
    """UniPC's predictor with B(h) = exp(h) - 1."""
    return (half_way(euler) if count == 2 else data_exact)(alphas, sigmas, count)


def unic_bh1(alphas: Sequence[float], sigmas: Sequence[float], count: int) -> Weights:
    """UniPC's corrector with B(h) = h."""
    if count != 2:
        return data_exact(alphas, sigmas, count)
    (factor, (whole,)), rise = euler(alphas, sigmas, 1), alphas[1] * _past(alphas, sigmas)[1] / 2
    return factor, [whole - rise, rise]


def unic_bh2(alphas: Sequence[float], sigmas: Sequence[float], count: int) -> Weights:
    """UniPC's corrector with B(h) = exp(h) - 1."""
    if count != 2:
        return data_exact(alphas, sigmas, count)
    factor, (whole,) = euler(alphas, sigmas, 1)
    return factor, [whole / 2, whole / 2]


def lms(alphas: Sequence[float], sigmas: Sequence[float], count: int) -> Weights:
    """The noise a polynomial of sigma, where the signal's scale is 1."""
    nodes = [sigma - sigmas[-2] for sigma in sigmas]
    return 1.0, _interpolated(nodes[:-1], [nodes[-1] ** (i + 1) / (i + 1) for i in range(count)])


def equal(alphas: Sequence[float], sigmas: Sequence[float], count: int) -> Weights:
    """Adams and Bashforth's weights for equal steps, transferred as DDIM does."""
    factor, (*_, move) = transferred(alphas, sigmas, count)
    return factor, [move * weight for weight in EQUAL[count - 1]]
