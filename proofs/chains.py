"""Means along the forward chain, and comparisons of long polynomials term by term."""

import numpy as np
import sympy as sp

from .algebra import column, expectation, log_normal, real, same

__all__ = ["alike", "along", "branches", "coefficients", "divergence", "marginal"]

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
