"""Logarithms and Gaussian masses as integrals, enclosed by Arb's rigorous quadrature."""

import flint
from flint import acb, arb

__all__ = ["gaussian_mass", "natural_log"]


def _integral(function, start, end):
    if (end - start).is_zero():
        return arb(0)
    return acb.integral(lambda x, _: function(x), start, end, abs_tol=arb(2) ** -(10**6)).real


def natural_log(x):
    """Log of x > 0 as the integral of 1/u from 1 to x; -inf at 0."""
    return arb.neg_inf() if x.is_zero() else _integral(lambda u: 1 / u, arb(1), x)


def gaussian_mass(start, end):
    """Mass of the unit Gaussian between two points; None means without end on that side.

    An endless side is cut where the tail, at most its first density over its distance, drops out of sight.
    """
    reach = arb(4 * flint.ctx.prec).sqrt()
    cut = reach + max(abs(x) for x in (start, end) if x is not None).upper()
    tail = arb(0, ((-(cut**2) / 2).exp() / cut).upper()) if start is None or end is None else 0
    low, high = -cut if start is None else start, cut if end is None else end
    normaliser = arb(2).sqrt() * (arb(1) / 2).gamma()
    return (_integral(lambda u: (-u * u / 2).exp(), low, high) + tail) / normaliser
