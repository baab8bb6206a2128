"""Guard digits, and scalar definitions spread over arrays."""

from functools import wraps
from inspect import signature

import flint
import numpy as np

from refdiff.numbers.balls import ball, precision

__all__ = ["FAR", "NEAR", "entrywise", "guarded", "other_axes"]


# Guard bits: 1e-38 three times over; and exp(-700) or 1e-300, which a difference from 1 must carry, twice over.
NEAR, FAR = 384, 2200


def guarded(extra):
    """Decorator: twice the caller's precision and `extra` bits more, so that cancellation leaves the digits asked for."""

    def decorate(function):
        @wraps(function)
        def careful(*args, **kwargs):
            with precision(2 * flint.ctx.prec + extra):
                return function(*args, **kwargs)

        return careful

    return decorate


def entrywise(extra):
    """Decorator: a definition of numbers, at each entry of broadcast arguments, with guard digits as in `guarded`."""

    def decorate(function):
        @wraps(function)
        @guarded(extra)
        def spread(*args, **kwargs):
            bound = signature(function).bind(*args, **kwargs).args
            return np.frompyfunc(lambda *entries: function(*map(ball, entries)), len(bound), 1)(*bound)

        return spread

    return decorate


def other_axes(level, state):
    """A number or one entry for each sample, shaped to broadcast against a batch of states."""
    return np.reshape(level, np.shape(level) + (1,) * (state.ndim - 1)) if np.ndim(level) else level
