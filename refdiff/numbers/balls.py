"""Arb reading: every result is a rigorous enclosure at the current precision (`precision(bits)`)."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flint
import numpy as np
from flint import arb

from refdiff.numbers.objects import ObjectNamespace

__all__ = ["BALLS", "ball", "balls", "precision"]


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Work with this many bits inside the block."""
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def ball(x: Any) -> arb:
    """Exact ball of a Python or NumPy number; a ball is returned as it is."""
    return x if isinstance(x, arb) else arb(x.item() if isinstance(x, np.generic) else x)


def balls(x: Any) -> Any:
    """Exact balls of an array's numbers, as an object array of the same shape; of a number, one ball."""
    if isinstance(x, np.ndarray):
        return np.array([ball(entry) for entry in x.flat], dtype=object).reshape(x.shape)
    return ball(x)


def _log_ndtr(x: Any) -> arb:
    x = ball(x)
    return ((-x / arb(2).sqrt()).erfc() / 2).log()


def _expm1mx(x: Any) -> arb:
    x = ball(x)
    # As many bits more as the difference loses: x is their order below 1.
    lost = max(0, -math.frexp(float(abs(x).upper()))[1])
    with precision(flint.ctx.prec + lost + 8):
        value = x.expm1() - x
    return +value


def _exp_tail(x: Any, count: int) -> arb:
    x = ball(x)
    # As many bits more as the difference loses: the tail is of the order of x to the count below 1.
    lost = count * max(0, -math.frexp(float(abs(x).upper()))[1])
    with precision(flint.ctx.prec + lost + 16):
        known, term = arb(0), arb(1)
        for n in range(1, count + 1):
            known, term = known + term, term * x / n
        value = x.exp() - known
    return +value


class _Balls(ObjectNamespace):
    _tail_of_exp = staticmethod(_exp_tail)

    def __init__(self) -> None:
        scalars = {
            "exp": lambda x: ball(x).exp(),
            "expm1": lambda x: ball(x).expm1(),
            "expm1mx": _expm1mx,
            "log": lambda x: arb.neg_inf() if ball(x).is_zero() else ball(x).log(),
            "log1p": lambda x: arb.neg_inf() if (1 + ball(x)).is_zero() else ball(x).log1p(),
            "sqrt": lambda x: ball(x).sqrt(),
            "sin": lambda x: ball(x).sin(),
            "cos": lambda x: ball(x).cos(),
            "sigmoid": lambda x: 1 / (1 + (-ball(x)).exp()),
            "log_ndtr": _log_ndtr,
        }
        pairs = {"minimum": lambda a, b: ball(a).min(ball(b)), "maximum": lambda a, b: ball(a).max(ball(b))}
        super().__init__(scalars, pairs)

    @property
    def pi(self) -> arb:
        return arb.pi()

    @staticmethod
    def argmax(x: Any, axis: int) -> Any:
        """Index of the largest middle: for choices that change the rounding and not the value."""
        return np.argmax(np.array([float(ball(entry).mid()) for entry in x.flat]).reshape(x.shape), axis=axis)

    @staticmethod
    def where(condition: Any, a: Any, b: Any) -> Any:
        chosen = np.where(condition, a, b)
        return chosen if chosen.ndim else chosen.item()


BALLS = _Balls()
