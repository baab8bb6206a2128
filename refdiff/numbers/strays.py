"""Rounding reading: a value, and how far each rounding on the way to it carries, to first order.

Balls forget that one number was used twice: a run of thirty steps that shrinks its errors looks as if it blew them up. A stray
keeps the derivative of its value with respect to every rounding made so far, so that what cancels cancels.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import flint
import numpy as np
from flint import arb

from refdiff.numbers.balls import ball
from refdiff.numbers.objects import ObjectNamespace

__all__ = ["STRAYS", "Stray", "reach", "rounded", "strays", "tracking"]

_count = 0


@contextmanager
def tracking() -> Iterator[None]:
    """Inside the block roundings are counted anew; strays of another block must not be used."""
    global _count
    before, _count = _count, 0
    try:
        yield
    finally:
        _count = before


def _slope(x: arb) -> float:
    return float(x.mid())


Operator = Callable[["Stray", Any], Any]


def _entry(operator: Operator) -> Operator:
    """An operator of two numbers: beside an array, NumPy takes it entry by entry."""

    def applied(self: "Stray", other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else operator(self, other)

    return applied


class Stray:
    """A number that was rounded on its way here.

    Attributes:
        value: ball of the value without any rounding.
        parts: derivatives by the roundings so far, each in units of the value it rounded.
    """

    __slots__ = ("parts", "value")

    def __init__(self, value: arb, parts: np.ndarray) -> None:
        self.value, self.parts = value, parts

    @_entry
    def __add__(self, other: Any) -> "Stray":
        return _sum(self, _stray(other))

    @_entry
    def __sub__(self, other: Any) -> "Stray":
        return _sum(self, -_stray(other))

    @_entry
    def __rsub__(self, other: Any) -> "Stray":
        return _sum(_stray(other), -self)

    def __neg__(self) -> "Stray":
        return Stray(-self.value, -self.parts)

    @_entry
    def __mul__(self, other: Any) -> "Stray":
        if isinstance(other, int) and abs(other) == 1:
            return self if other == 1 else -self
        other = _stray(other)
        return _after(self.value * other.value, (_slope(other.value), self), (_slope(self.value), other))

    @_entry
    def __truediv__(self, other: Any) -> "Stray":
        return _quotient(self, _stray(other))

    @_entry
    def __rtruediv__(self, other: Any) -> "Stray":
        return _quotient(_stray(other), self)

    @_entry
    def __pow__(self, other: Any) -> "Stray":
        if isinstance(other, int):
            # As a product: Arb's power of a ball about 0 is nan.
            found = arb(1)
            for _ in range(abs(other)):
                found = found * self.value
            found = found if other >= 0 else 1 / found
            return _after(found, (_slope(other * found / self.value) if not self.value.is_zero() else float(other == 1), self))
        other = _stray(other)
        found = self.value**other.value
        slopes = _slope(other.value * found / self.value), _slope(found * self.value.log())
        return _after(found, (slopes[0], self), (slopes[1], other))

    __radd__ = __add__
    __rmul__ = __mul__

    def __abs__(self) -> "Stray":
        return -self if self.value < 0 else self

    @_entry
    def __lt__(self, other: Any) -> bool:
        return bool(self.value < _stray(other).value)

    @_entry
    def __le__(self, other: Any) -> bool:
        return bool(self.value <= _stray(other).value)

    @_entry
    def __gt__(self, other: Any) -> bool:
        return bool(self.value > _stray(other).value)

    @_entry
    def __ge__(self, other: Any) -> bool:
        return bool(self.value >= _stray(other).value)

    @_entry
    def __eq__(self, other: Any) -> bool:
        return bool(self.value == _stray(other).value)

    __hash__ = None  # type: ignore[assignment]


def _stray(x: Any) -> Stray:
    return x if isinstance(x, Stray) else Stray(ball(x), np.zeros(0))


def _after(value: arb, *sources: tuple[float, Stray], rounding: float = 1.0) -> Stray:
    """What an operation gives of these numbers, with its own rounding."""
    global _count
    parts = np.zeros(_count + 1)
    for slope, source in sources:
        if slope and source.parts.any():
            parts[: source.parts.size] += slope * source.parts
    parts[_count] = rounding * _slope(abs(value))
    _count += 1
    return Stray(value, parts)


def _sum(a: Stray, b: Stray) -> Stray:
    for one, other in ((a, b), (b, a)):
        if other.value.is_zero() and not other.parts.any():
            return one
    return _after(a.value + b.value, (1.0, a), (1.0, b))


def _quotient(a: Stray, b: Stray) -> Stray:
    found = a.value / b.value
    return _after(found, (_slope(1 / b.value), a), (_slope(-found / b.value), b))


def rounded(x: Any, times: float = 1.0) -> Any:
    """The same numbers after one more rounding, so many times the usual one."""
    if isinstance(x, np.ndarray):
        return np.array([rounded(entry, times) for entry in x.flat], dtype=object).reshape(x.shape)
    x = _stray(x)
    return _after(x.value, (1.0, x), rounding=times)


def strays(x: Any) -> Any:
    """Exact numbers: what was given is not rounded."""
    if isinstance(x, np.ndarray):
        return np.array([_stray(entry) for entry in x.flat], dtype=object).reshape(x.shape)
    return _stray(x)


def reach(x: Any) -> float:
    """How far the value may be off, in units of half the gap below 2: the sum of what every rounding carries."""
    parts = _stray(x).parts
    return math.fsum(np.abs(parts).tolist()) if np.isfinite(parts).all() else math.inf


def _function(of: Callable[[arb], arb], slope: Callable[[arb, arb], arb]) -> Callable[[Any], Stray]:
    def applied(x: Any) -> Stray:
        x = _stray(x)
        found = of(x.value)
        return _after(found, (_slope(slope(x.value, found)), x))

    return applied


def _expm1mx(x: arb) -> arb:
    from refdiff.numbers.balls import BALLS

    return BALLS.expm1mx(x)  # type: ignore[attr-defined, no-any-return]


def _betaincinv(a: Any, b: Any, p: Any) -> Stray:
    from refdiff.numbers.balls import BALLS

    given = [_stray(x) for x in (a, b, p)]
    values = [x.value for x in given]
    step = arb(2) ** -(flint.ctx.prec // 3)

    def slope(place: int) -> float:
        ends = [BALLS.betaincinv(*(v + side * step * (i == place) for i, v in enumerate(values))) for side in (1, -1)]
        return _slope((ends[0] - ends[1]) / (2 * step))

    return _after(BALLS.betaincinv(*values), *((slope(i), x) for i, x in enumerate(given) if x.parts.any()))


class _Strays(ObjectNamespace):
    def __init__(self) -> None:
        scalars = {
            "exp": _function(arb.exp, lambda x, y: y),
            "expm1": _function(arb.expm1, lambda x, y: y + 1),
            "expm1mx": _function(_expm1mx, lambda x, y: x.expm1()),
            "log": _function(arb.log, lambda x, y: 1 / x),
            "log1p": _function(arb.log1p, lambda x, y: 1 / (1 + x)),
            "sqrt": _function(arb.sqrt, lambda x, y: 1 / (2 * y)),
            "sin": _function(arb.sin, lambda x, y: x.cos()),
            "cos": _function(arb.cos, lambda x, y: -x.sin()),
            "atan": _function(arb.atan, lambda x, y: 1 / (1 + x * x)),
            "sigmoid": _function(lambda x: 1 / (1 + (-x).exp()), lambda x, y: y * (1 - y)),
        }
        pairs = {"minimum": lambda a, b: a if a < b else b, "maximum": lambda a, b: b if a < b else a}
        super().__init__(scalars, pairs)
        self.betaincinv = np.frompyfunc(_betaincinv, 3, 1)

    @staticmethod
    def _tail_of_exp(x: Any, count: int) -> Stray:
        from refdiff.numbers.balls import BALLS

        applied = _function(lambda y: BALLS.exp_tail(y, count), lambda y, _: BALLS.exp_tail(y, count - 1))
        return applied(x)

    @property
    def pi(self) -> Stray:
        return _after(arb.pi())

    @staticmethod
    def argmax(x: Any, axis: int) -> Any:
        """Index of the largest value."""
        return np.argmax(np.array([float(_stray(entry).value.mid()) for entry in x.flat]).reshape(x.shape), axis=axis)

    @staticmethod
    def where(condition: Any, a: Any, b: Any) -> Any:
        chosen = np.where(condition, a, b)
        return chosen if chosen.ndim else chosen.item()


STRAYS = _Strays()
