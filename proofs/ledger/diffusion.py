"""What the entries on stochastic differential equations share: chain rule, Euler step, terms of the Fokker-Planck equation."""

from collections.abc import Mapping
from typing import Any

import sympy as sp

from ..algebra import expectation

__all__ = ["euler_rate", "rate", "spread", "transport"]


def rate(expression: Any, rates: Mapping[Any, Any]) -> Any:
    """Time derivative by the chain rule, from that of each symbol that moves."""
    return sum(sp.diff(expression, symbol) * speed for symbol, speed in rates.items())


def euler_rate(test: Any, x: Any, drift: Any, noise: Any) -> Any:
    """Rate at which the mean of test(x) grows from a known x: one step x + f h + g sqrt(h) z, to first order in h."""
    root, z = sp.Dummy("root"), sp.Dummy("z")
    moved = expectation(test.subs(x, x + drift * root**2 + noise * root * z), [z])
    return sp.expand(moved).coeff(root, 2)


def transport(log_density: Any, x: Any, drift: Any) -> Any:
    """-(f u)'/u for the density u = exp(log_density)."""
    return -sp.diff(drift, x) - drift * sp.diff(log_density, x)


def spread(log_density: Any, x: Any) -> Any:
    """u''/u for the density u = exp(log_density)."""
    slope = sp.diff(log_density, x)
    return sp.diff(slope, x) + slope**2
