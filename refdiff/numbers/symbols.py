"""sympy reading: what proofs reason about."""

from typing import Any

import mpmath
import numpy as np
import sympy as sp

from refdiff.numbers.objects import ObjectNamespace

__all__ = ["SYMBOLS"]

_DIGITS = 120


class _Symbols(ObjectNamespace):
    pi = sp.pi

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
            "sigmoid": lambda x: 1 / (1 + sp.exp(-x)),
            "log_ndtr": lambda x: sp.log(sp.erfc(-x / sp.sqrt(2)) / 2),
        }
        super().__init__(scalars, {"minimum": sp.Min, "maximum": sp.Max})
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
