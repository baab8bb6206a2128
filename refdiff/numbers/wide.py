"""Float numbers carried with twice the digits, so that a formula's arithmetic costs one rounding, at its end."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

__all__ = ["Wide", "rounded", "two_sum", "wide"]


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """A sum and its exact rounding error (Knuth 1969)."""
    total = a + b
    added = total - a
    return total, (a - (total - added)) + (b - added)


def _two_product(a: Any, b: Any) -> tuple[Any, Any]:
    """A product and its exact rounding error (Dekker 1971): each factor is split into halves whose products are exact."""
    product = a * b
    factor = 2 ** ((np.finfo(np.result_type(a, b)).nmant + 2) // 2) + 1
    (a_high, a_low), (b_high, b_low) = (((factor * x - (factor * x - x)), x - (factor * x - (factor * x - x))) for x in (a, b))
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


class Wide(NDArrayOperatorsMixin):  # type: ignore[misc]
    """The unevaluated sum of a float and what its rounding lost, or arrays of both.

    Attributes:
        high: the nearest float.
        low: the rest.
        weak: whether it is of Python's numbers alone, which take the dtype of what they meet, as they do beside arrays.
    """

    def __init__(self, high: Any, low: Any, weak: bool = False) -> None:
        self.high, self.low, self.weak = high, low, weak

    def __getitem__(self, place: Any) -> "Wide":
        return Wide(self.high[place], self.low[place])

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        known = _FUNCTIONS.get(ufunc.__name__)
        if known is None or method != "__call__" or kwargs:
            return NotImplemented
        parts = [wide(entry) for entry in inputs]
        met = [part.high.dtype for part in parts if not part.weak]
        with np.errstate(all="ignore"):
            found = known(*(_cast(part, np.result_type(*met)) if met and part.weak else part for part in parts))
        if isinstance(found, Wide):
            found.weak = not met
        return found


def wide(x: Any) -> Wide:
    """These numbers, with room for the digits that later roundings would lose."""
    if isinstance(x, Wide):
        return x
    known = np.asarray(x)
    known = (known if known.dtype.kind == "f" else known.astype(np.float64))[()]
    return Wide(known, np.zeros_like(known)[()], type(x) in (int, float))


def _cast(x: Wide, dtype: Any) -> Wide:
    high = x.high.astype(dtype)
    return Wide(high, ((x.high - high) + x.low).astype(dtype))


def rounded(x: Any) -> Any:
    """The nearest floats."""
    if not isinstance(x, Wide):
        return x
    return float(x.high + x.low) if x.weak else x.high + x.low


def _finite(rest: Any) -> Any:
    """A rest, where there is one: nothing is left of infinities and of what is undefined."""
    return np.where(np.isfinite(rest), rest, 0)[()]


def _settled(high: Any, low: Any) -> Wide:
    total, rest = two_sum(high, _finite(low))
    return Wide(total, _finite(rest))


def _sum(a: Wide, b: Wide) -> Wide:
    high, low = two_sum(a.high, b.high)
    other, rest = two_sum(a.low, b.low)
    total = _settled(high, low + other)
    return _settled(total.high, total.low + rest)


def _negative(a: Wide) -> Wide:
    return Wide(-a.high, -a.low)


def _product(a: Wide, b: Wide) -> Wide:
    high, low = _two_product(a.high, b.high)
    return _settled(high, _finite(low) + (a.high * b.low + a.low * b.high))


def _quotient(a: Wide, b: Wide) -> Wide:
    high = a.high / b.high
    left = _sum(a, _negative(_product(wide(high), b)))
    return _settled(high, (left.high + left.low) / b.high)


def _power(a: Wide, exponent: Wide) -> Wide:
    """A small whole power, as a product."""
    found = a
    for _ in range(int(exponent.high) - 1):
        found = _product(found, a)
    return found


def _root(a: Wide) -> Wide:
    high = np.sqrt(a.high)
    left = _sum(a, _negative(_product(wide(high), wide(high))))
    return _settled(high, (left.high + left.low) / (2 * high))


def _near(function: Callable[[Any], Any], slope: Callable[[Any], Any]) -> Callable[[Wide], Wide]:
    """NumPy's value at the nearest float, and what the rest of the argument adds."""
    return lambda a: _settled(function(a.high), slope(a.high) * a.low)


def _less(a: Wide, b: Wide) -> Any:
    return (a.high < b.high) | ((a.high == b.high) & (a.low < b.low))


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "add": _sum,
    "subtract": lambda a, b: _sum(a, _negative(b)),
    "negative": _negative,
    "multiply": _product,
    "divide": _quotient,
    "power": _power,
    "sqrt": _root,
    "exp": _near(np.exp, np.exp),
    "expm1": _near(np.expm1, np.exp),
    "log": _near(np.log, lambda x: 1 / x),
    "log1p": _near(np.log1p, lambda x: 1 / (1 + x)),
    "less": _less,
    "arctan": _near(np.atan, lambda x: 1 / (1 + x * x)),
    "sin": _near(np.sin, np.cos),
}
