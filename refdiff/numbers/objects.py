"""What symbols and balls share: NumPy object arrays, elementwise functions, exact-shape linear algebra."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["ObjectNamespace"]


def _ldl(matrix: Any) -> tuple[Any, list[Any]]:
    """Unit lower triangle and pivots of a symmetric positive definite object matrix."""
    size = len(matrix)
    lower = np.array([[0 * matrix[i, j] + int(i == j) for j in range(size)] for i in range(size)], dtype=object)
    pivots: list[Any] = []
    for j in range(size):
        pivot = matrix[j, j]
        for k in range(j):
            pivot = pivot - lower[j, k] ** 2 * pivots[k]
        pivots.append(pivot)
        for i in range(j + 1, size):
            entry = matrix[i, j]
            for k in range(j):
                entry = entry - lower[i, k] * lower[j, k] * pivots[k]
            lower[i, j] = entry / pivot
    return lower, pivots


class ObjectNamespace:
    """NumPy's array functions over objects, with the scalar functions given by the number system."""

    absolute = staticmethod(np.abs)
    arange = staticmethod(np.arange)
    concat = staticmethod(np.concat)
    cumprod = staticmethod(np.cumprod)
    cumsum = staticmethod(np.cumsum)
    flip = staticmethod(np.flip)
    less = staticmethod(np.frompyfunc(lambda a, b: a < b, 2, 1))
    prod = staticmethod(np.prod)
    reshape = staticmethod(np.reshape)
    stack = staticmethod(np.stack)
    sum = staticmethod(np.sum)
    take = staticmethod(np.take)
    take_along_axis = staticmethod(np.take_along_axis)
    trace = staticmethod(np.trace)

    def __init__(self, scalars: Mapping[str, Callable[[Any], Any]], pairs: Mapping[str, Callable[[Any, Any], Any]]) -> None:
        for name, scalar in scalars.items():
            setattr(self, name, np.frompyfunc(scalar, 1, 1))
        for name, pair in pairs.items():
            setattr(self, name, np.frompyfunc(pair, 2, 1))

    def eye(self, size: int) -> Any:
        """Identity matrix of whole numbers."""
        return np.eye(size, dtype=int).astype(object)

    def max(self, x: Any, axis: int, keepdims: bool = False) -> Any:
        """Largest entry along one axis."""
        largest = self.maximum.reduce(x, axis=axis)  # type: ignore[attr-defined]
        return np.expand_dims(largest, axis) if keepdims else largest

    @staticmethod
    def wide(x: Any) -> Any:
        """The same: only floats carry more digits than their own."""
        return x

    @staticmethod
    def rounded(x: Any) -> Any:
        """The same: these numbers round, if at all, at each operation."""
        return x

    def ones_like(self, x: Any) -> Any:
        return 0 * x + 1

    def exp_tail(self, x: Any, count: int) -> Any:
        """exp(x) less its first terms, so many of 1, x, x**2/2 and so on."""
        return np.frompyfunc(lambda entry: self._tail_of_exp(entry, count), 1, 1)(x)  # type: ignore[attr-defined]

    def log_ndtr_between(self, low: Any, high: Any) -> Any:
        """Log probability that a unit Gaussian falls between two numbers."""
        near = self.log_ndtr(high)  # type: ignore[attr-defined]
        return near + self.log1p(-self.exp(self.log_ndtr(low) - near))  # type: ignore[attr-defined]

    def solve(self, matrix: Any, right: Any) -> Any:
        """Solution of a symmetric positive definite system; `right` is a vector or a matrix."""
        lower, pivots = _ldl(matrix)
        size = len(pivots)
        rows = [right[i] for i in range(size)]
        for i in range(size):
            for k in range(i):
                rows[i] = rows[i] - lower[i, k] * rows[k]
        rows = [row / pivot for row, pivot in zip(rows, pivots, strict=True)]
        for i in reversed(range(size)):
            for k in range(i + 1, size):
                rows[i] = rows[i] - lower[k, i] * rows[k]
        return np.array(rows, dtype=object)

    def inv(self, matrix: Any) -> Any:
        """Inverse of a symmetric positive definite matrix."""
        return self.solve(matrix, self.eye(len(matrix)))

    def sqrtm(self, matrix: Any) -> Any:
        """Symmetric root of a symmetric positive definite matrix, where the number system knows one."""
        raise NotImplementedError(f"got a {len(matrix)} x {len(matrix)} matrix, whose root this number system does not know")

    def logdet(self, matrix: Any) -> Any:
        """Log of the determinant of a symmetric positive definite matrix."""
        return np.sum(self.log(np.array(_ldl(matrix)[1], dtype=object)))  # type: ignore[attr-defined]
