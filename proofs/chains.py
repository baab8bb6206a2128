"""Means along the forward chain, and comparisons of long polynomials term by term."""

import numpy as np
import sympy as sp

from .algebra import column, completed_square, expectation, forward_posterior, log_normal, positive, real, same

__all__ = ["alike", "along", "branches", "coefficients", "divergence", "least_error", "marginal", "snr_step"]

_UNIT = real("unit")


def divergence(mean_1, variance_1, mean_2, variance_2):
    """KL from the first Gaussian to the second: the mean, over the first, of the log ratio."""
    draw = mean_1 + sp.sqrt(variance_1) * _UNIT
    log_ratio = log_normal(_UNIT, 0, 1) - sp.log(variance_1) / 2 - log_normal(draw, mean_2, variance_2)
    return expectation(log_ratio, [_UNIT])


def marginal(x, a, unit):
    """State at signal scale a, variance preserved."""
    return a * x + sp.sqrt(1 - a**2) * unit


def alike(found, expected, symbols):
    """Whether two polynomials in the symbols agree in each coefficient."""
    if np.shape(found) != np.shape(expected):
        return False
    pairs = zip(np.ravel(found), np.ravel(expected), strict=True)
    return all(all(same(a, b) for a, b in zip(*(coefficients(x, symbols) for x in pair), strict=True)) for pair in pairs)


def coefficients(expression, symbols):
    """A polynomial's coefficients up to degree 2 in each symbol, one symbol after the other."""
    parts = [sp.sympify(expression)]
    for symbol in symbols:
        parts = [sp.diff(part, symbol, order).subs(symbol, 0) for part in parts for order in (0, 1, 2)]
    return parts


def along(expression, symbols, states, noises):
    """Mean of an expression quadratic in some symbols, over the states they stand for: from their first two moments."""
    found = 0
    for orders, factor in sp.Poly(expression, *symbols).terms():
        found += factor * expectation(sp.prod([state**order for state, order in zip(states, orders, strict=True)]), noises)
    return found


def branches(expressions):
    """The expressions with the first choice of every Piecewise, then with the last."""
    for choice in (0, -1):
        yield column([entry.replace(sp.Piecewise, lambda *pairs, at=choice: pairs[at][0]) for entry in expressions])


def least_error(snr, variance):
    """Variance of x_0 given x_t, of zero-mean data of this variance seen through sqrt(snr)*x_0 + eps."""
    x, seen = real("x seen")
    return completed_square(log_normal(x, 0, variance) + log_normal(seen, sp.sqrt(snr) * x, 1), x)[1]


def snr_step(snr_s, snr_t, variance):
    """Mean divergence of the reverse step given x_0 from the one given its mean, over data of this variance and noise."""
    a_s, a_t = (sp.sqrt(snr / (1 + snr)) for snr in (snr_s, snr_t))
    root, x, noises = positive("root"), real("x"), real("u_1 u_2")
    x_0 = root * noises[0]
    x_t = marginal(x_0, a_t, noises[1])
    guess = completed_square(log_normal(x, 0, root**2) + log_normal(x_t, a_t * x, 1 - a_t**2), x)[0]
    (mean, spread), (guessed, _) = (forward_posterior(data, x_t, a_s, a_t) for data in (x_0, guess))
    return expectation((mean - guessed) ** 2 / (2 * spread), noises).subs(root, sp.sqrt(variance))
