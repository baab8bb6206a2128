"""sympy reading: what proofs reason about."""

from typing import Any

import mpmath
import numpy as np
import sympy as sp

from refdiff.numbers.objects import ObjectNamespace

__all__ = ["SYMBOLS", "BetaQuantile"]


def _lower_quantile(a: Any, b: Any, p: Any) -> Any:
    """Newton's steps from SciPy's float, in the lower half of the mass, where every quantile is a float."""
    from scipy.special import betaincinv

    x = mpmath.mpf(float(betaincinv(float(a), float(b), float(p))))
    for _ in range(mpmath.mp.prec.bit_length()):
        density = x ** (a - 1) * (1 - x) ** (b - 1) / mpmath.beta(a, b)
        x = x - (mpmath.betainc(a, b, 0, x, regularized=True) - p) / density
    return x


class BetaQuantile(sp.Function):  # type: ignore[misc]
    """The x in [0, 1] below which the beta distribution of shapes a and b has mass p; known by name until it is evaluated."""

    nargs = 3

    @classmethod
    def eval(cls, a: Any, b: Any, p: Any) -> Any:
        return p if p in (0, 1) else None

    def _eval_evalf(self, prec: int) -> Any:
        with mpmath.workprec(2 * prec + 64):
            a, b, p = (mpmath.mpmathify(sp.N(arg, mpmath.mp.dps)) for arg in self.args)
            x = _lower_quantile(a, b, p) if 2 * p < 1 else 1 - _lower_quantile(b, a, 1 - p)
            return sp.Float(x, precision=prec)


_DIGITS = 120


class _Symbols(ObjectNamespace):
    pi = sp.pi

    @staticmethod
    def _tail_of_exp(x: Any, count: int) -> Any:
        return sp.exp(x) - sum(x**n / sp.factorial(n) for n in range(count))

    def __init__(self) -> None:
        scalars = {
            "exp": sp.exp,
            "expm1": lambda x: sp.exp(x) - 1,
            "expm1mx": lambda x: sp.exp(x) - 1 - x,
            "log": sp.log,
            "log1p": lambda x: sp.log(1 + x),
            "sqrt": sp.sqrt,
            "sin": sp.sin,
            "cos": sp.cos,
            "atan": sp.atan,
            "sigmoid": lambda x: 1 / (1 + sp.exp(-x)),
            "log_ndtr": lambda x: sp.log(sp.erfc(-x / sp.sqrt(2)) / 2),
        }
        super().__init__(scalars, {"minimum": sp.Min, "maximum": sp.Max})
        self.betaincinv = np.frompyfunc(BetaQuantile, 3, 1)
        self._where = np.frompyfunc(lambda condition, a, b: sp.Piecewise((a, condition), (b, True)), 3, 1)

    def argmax(self, x: Any, axis: int) -> Any:
        """Index 0, as symbols have no order: for choices that change the rounding and not the value."""
        return np.zeros(np.delete(x.shape, axis), dtype=int)

    def sqrtm(self, matrix: Any) -> Any:
        """Symmetric root of a positive definite matrix: in closed form for 2 rows, by digits for more rows of numbers alone."""
        entries = sp.Matrix(matrix)
        if entries.shape == (2, 2):
            root = sp.sqrt(entries.det())
            return np.array((entries + root * sp.eye(2)) / sp.sqrt(entries.trace() + 2 * root), dtype=object)
        if entries.free_symbols:
            return super().sqrtm(matrix)
        with mpmath.workdps(_DIGITS):
            root = mpmath.sqrtm(mpmath.matrix(entries.evalf(_DIGITS).tolist()))
            return np.array([[sp.Float(x.real, _DIGITS) for x in row] for row in root.tolist()], dtype=object)

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        return self._where(condition, a, b)


SYMBOLS = _Symbols()
