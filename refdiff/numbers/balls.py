"""Arb reading: every result is a rigorous enclosure at the current precision (`precision(bits)`)."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flint
import numpy as np
from flint import arb, arb_mat
from scipy.special import betaincinv

from refdiff.numbers.objects import ObjectNamespace, _ldl

__all__ = ["BALLS", "ball", "balls", "precision"]

# Bits beyond twice the working precision, and at most so many steps of an iteration that doubles the digits.
_GUARD, _ITERATIONS = 64, 60


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


def _beta_density(a: arb, b: arb, x: arb) -> arb:
    return x ** (a - 1) * (1 - x) ** (b - 1) * (a + b).gamma() / (a.gamma() * b.gamma())


def _near_quantile(a: arb, b: arb, p: arb) -> arb:
    """Newton's steps from SciPy's float, in the lower half of the mass, where every quantile is a float."""
    x = arb(float(betaincinv(float(a.mid()), float(b.mid()), float(p.mid()))))
    for _ in range(2 + flint.ctx.prec.bit_length()):
        step = (x.beta_lower(a.mid(), b.mid(), True) - p.mid()) / _beta_density(a.mid(), b.mid(), x)
        x = (x - step).mid()
    return x


def _enclosed_quantile(a: arb, b: arb, p: arb) -> arb:
    """Grown from near the quantile until the mass below is certainly too little at one end and too much at the other."""
    x = _near_quantile(a, b, p)
    reach = arb((abs(x.beta_lower(a, b, True) - p) / _beta_density(a.mid(), b.mid(), x)).upper()) + x * arb(2) ** -flint.ctx.prec
    for _ in range(60):
        low, high = (x - reach).mid(), (x + reach).mid()
        below = low <= 0 or low.beta_lower(a, b, True) < p
        if below and (high >= 1 or high.beta_lower(a, b, True) > p):
            return low.max(arb(0)).union(high.min(arb(1)))
        reach = 2 * reach
    return arb(0).union(arb(1))


def _betaincinv(a: Any, b: Any, p: Any) -> arb:
    a, b, p = ball(a), ball(b), ball(p)
    if p.is_zero() or (p - 1).is_zero():
        return p
    if not p.is_finite() or p < 0 or p > 1:
        return arb.nan()
    # A quantile near 1 has that many bits fewer of its distance from 1.
    with precision(2 * flint.ctx.prec + 64):
        x = _enclosed_quantile(a, b, p) if p.mid() < 0.5 else 1 - _enclosed_quantile(b, a, 1 - p)
    return +x


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


def _norm(matrix: arb_mat) -> arb:
    """Upper bound of the Frobenius norm, and so of the spectral norm."""
    return sum((abs(entry).upper() ** 2 for entry in matrix.entries()), arb(0)).sqrt().upper()


def _root_by_newton(matrix: arb_mat) -> arb_mat:
    """Near the symmetric root of a positive definite matrix's middle, by Denman and Beavers' iteration; not rigorous."""
    size, root = matrix.nrows(), matrix.mid()
    inverse = arb_mat(size, size, [int(i == j) for i in range(size) for j in range(size)])
    for _ in range(_ITERATIONS):
        before = root
        try:
            root, inverse = ((root + inverse.inv()) / 2).mid(), ((inverse + root.inv()) / 2).mid()
        except ZeroDivisionError:  # Only where the matrix is not positive definite; the caller sees it.
            break
        # The next error is the square of this change.
        if _norm(root - before) <= _norm(root) * arb(2) ** -(flint.ctx.prec // 2):
            break
    return ((root + root.transpose()) / 2).mid()


def _sqrtm(matrix: Any) -> Any:
    """Enclosure of the symmetric root S of a positive definite A, and of what honest code makes of A at this precision.

    For any symmetric X with least eigenvalue c > 0, S*(S - X) + (S - X)*X = A - X*X, so that the norm of S - X is at most that
    of A - X*X over c. An eigenvalue decomposition is exact for a matrix as far from A as its size times a rounding.
    """
    given = arb_mat([[ball(entry) for entry in row] for row in matrix])
    lost = given.nrows() * arb(2) ** -flint.ctx.prec
    with precision(2 * flint.ctx.prec + _GUARD):
        near = _root_by_newton(given)
        residual = _norm(given - near * near) + lost * _norm(given)
        definite = all(pivot > 0 for pivot in _ldl(np.array(near.tolist(), dtype=object))[1])
        reach = (residual * _norm(near.inv())).upper() if definite else arb.pos_inf()
        root = [[entry + arb(0, reach) for entry in row] for row in near.tolist()]
    return np.array([[+entry for entry in row] for row in root], dtype=object)


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
            "atan": lambda x: ball(x).atan(),
            "sigmoid": lambda x: 1 / (1 + (-ball(x)).exp()),
            "log_ndtr": _log_ndtr,
        }
        pairs = {"minimum": lambda a, b: ball(a).min(ball(b)), "maximum": lambda a, b: ball(a).max(ball(b))}
        super().__init__(scalars, pairs)
        self.betaincinv = np.frompyfunc(_betaincinv, 3, 1)

    @property
    def pi(self) -> arb:
        return arb.pi()

    @staticmethod
    def argmax(x: Any, axis: int) -> Any:
        """Index of the largest middle: for choices that change the rounding and not the value."""
        return np.argmax(np.array([float(ball(entry).mid()) for entry in x.flat]).reshape(x.shape), axis=axis)

    def sqrtm(self, matrix: Any) -> Any:
        """Symmetric root of a symmetric positive definite matrix."""
        return _sqrtm(matrix)

    @staticmethod
    def where(condition: Any, a: Any, b: Any) -> Any:
        chosen = np.where(condition, a, b)
        return chosen if chosen.ndim else chosen.item()


BALLS = _Balls()
