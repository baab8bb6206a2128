"""NumPy and SciPy reading: float64 (or whatever float the arrays hold)."""

import builtins
import math
from typing import Any

import numpy as np
from numpy import abs as absolute
from numpy import (
    arange,
    argmax,
    asarray,
    atan,
    concat,
    cos,
    cumprod,
    exp,
    expm1,
    eye,
    flip,
    less,
    log,
    log1p,
    max,
    maximum,
    minimum,
    ones_like,
    pi,
    prod,
    reshape,
    sin,
    sqrt,
    stack,
    take,
    take_along_axis,
    where,
)
from numpy.linalg import inv
from scipy.special import betaincinv, erfc, erfcx
from scipy.special import expit as sigmoid

from refdiff.numbers.wide import rounded, two_sum, wide

__all__ = [
    "absolute",
    "arange",
    "argmax",
    "asarray",
    "atan",
    "betaincinv",
    "concat",
    "cos",
    "cumprod",
    "cumsum",
    "exp",
    "exp_tail",
    "expm1",
    "expm1_less_x",
    "expm1mx",
    "eye",
    "flip",
    "inv",
    "less",
    "log",
    "log1p",
    "log_ndtr",
    "log_ndtr_between",
    "logdet",
    "max",
    "maximum",
    "minimum",
    "ones_like",
    "pi",
    "prod",
    "reshape",
    "rounded",
    "sigmoid",
    "sin",
    "solve",
    "sqrt",
    "sqrtm",
    "stack",
    "sum",
    "tail_of_exp",
    "take",
    "take_along_axis",
    "trace",
    "two_sum_cumsum",
    "where",
    "wide",
]


def two_sum_cumsum(x: Any, running: Any, xp: Any) -> Any:
    """Running sums corrected by the exact rounding error of each addition (Knuth's TwoSum)."""
    before = xp.concat([0 * running[:1], running[:-1]])
    added = running - before
    lost = (before - (running - added)) + (x - added)
    # After an infinite term there is nothing left to correct, and inf - inf would be nan.
    return xp.where(xp.isinf(running), running, running + xp.cumsum(lost))


def cumsum(x: Any) -> Any:
    """Running sums along the only axis, each within about one ulp however long the array."""
    x = np.asarray(x)
    with np.errstate(invalid="ignore"):
        return two_sum_cumsum(x, np.cumsum(x), np)


def expm1_less_x(x: Any, xp: Any) -> Any:
    """exp(x) - 1 - x: near 0, where the difference loses its digits, by the series that is left."""
    series = 1 + 0 * x
    for n in range(18, 2, -1):
        series = 1 + x / n * series
    return xp.where(xp.abs(x) < 1, x * x / 2 * series, xp.expm1(x) - x)


def tail_of_exp(x: Any, count: int, xp: Any) -> Any:
    """exp(x) less its first terms, so many of 1, x, x**2/2 and so on: near 0 by the series that is left."""
    series, term, known = 1 + 0 * x, 1 + 0 * x, 0 * x
    for n in range(40, count, -1):
        series = 1 + x / n * series
    for n in range(1, count + 1):
        known, term = known + term, term * x / n
    return xp.where(xp.abs(x) < 4, term * series, xp.exp(x) - known)


def exp_tail(x: Any, count: int) -> Any:
    """exp(x) less its first terms to full relative precision."""
    return tail_of_exp(x, count, np)


def expm1mx(x: Any) -> Any:
    """exp(x) - 1 - x to full relative precision."""
    return expm1_less_x(x, np)


def log_ndtr(x: Any) -> Any:
    """Log probability that a unit Gaussian falls below; SciPy's own is several ulp off."""
    tail, rest = minimum(x, -1), maximum(x, -1)
    small = rounded(log(erfcx(-tail / math.sqrt(2)) / 2) - wide(tail) ** 2 / 2)
    return np.where(x < -1, small, log1p(-erfc(rest / math.sqrt(2)) / 2))[()]


def log_ndtr_between(low: Any, high: Any) -> Any:
    """Log probability that a unit Gaussian falls between two numbers, which may be wide; high - low keeps its digits.

    Where they are near, their own probabilities hardly differ: there the density is integrated instead, relative to the middle's,
    which is a smooth function of the place between them.
    """
    middle, half = (wide(low) + high) / 2, rounded((wide(high) - low) / 2)
    close = half < 1
    reach, steep = np.where(close, half, 0), np.where(close, rounded(middle), 0)
    places, weights = (column.tolist() for column in np.polynomial.legendre.leggauss(16))
    total = builtins.sum(
        weight * exp(-reach * place * (steep + reach * place / 2)) for place, weight in zip(places, weights, strict=True)
    )
    near = log_ndtr(rounded(high))
    apart = np.where(close, -1, log_ndtr(rounded(low)) - near)
    within = rounded(log(np.where(close, half * total, 1)) - (wide(middle) ** 2 + math.log(2 * math.pi)) / 2)
    return np.where(close, within, near + log1p(-exp(apart)))[()]


def logdet(matrix: Any) -> Any:
    """Log of the determinant of a symmetric positive definite matrix."""
    return np.linalg.slogdet(rounded(matrix))[1]


def solve(matrix: Any, right: Any) -> Any:
    """Solution of a linear system, either part of it wide or not, refined once by what it leaves."""
    nearest = rounded(matrix)
    found, left = np.linalg.solve(nearest, rounded(right)), wide(right)
    for k in range(len(nearest)):
        column = wide(matrix)[:, k] if found.ndim == 1 else wide(matrix)[:, k, None]
        left = left - column * found[k]
    return found + np.linalg.solve(nearest, rounded(left))


def sqrtm(matrix: Any) -> Any:
    """Symmetric root of a symmetric positive definite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(values)) @ vectors.T


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Sums along axes, each rounded about once however many the summands: halves are added, and what each addition lost."""
    x = np.asarray(x)
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis).tolist()
    if x.dtype.kind != "f" or not axes or not x.size:
        return np.sum(x, axis=axis, keepdims=keepdims)
    total = np.moveaxis(x, axes, range(-len(axes), 0))
    total = total.reshape(*total.shape[: x.ndim - len(axes)], -1)
    lost = np.zeros(total.shape[:-1], x.dtype)
    while (count := total.shape[-1]) > 1:
        ends = total[..., count - count % 2 :]
        with np.errstate(invalid="ignore"):
            total, rest = two_sum(total[..., : count // 2], total[..., count // 2 : count - count % 2])
        total, lost = np.concat([total, ends], axis=-1), lost + np.sum(np.where(np.isfinite(rest), rest, 0), axis=-1)
    found = total[..., 0] + lost
    return np.expand_dims(found, [place % x.ndim for place in axes]) if keepdims else found[()]


def trace(matrix: Any) -> Any:
    """Sum of the diagonal."""
    return np.trace(matrix)
