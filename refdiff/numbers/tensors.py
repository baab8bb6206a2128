"""Any array API: torch with gradients, array-api-strict, JAX, CuPy, through array-api-compat."""

from typing import Any

import numpy as np

from refdiff.numbers.floats import expm1_less_x, tail_of_exp, two_sum_cumsum

__all__ = ["tensors"]


class _Tensors:
    """An array API's functions, with Python numbers lifted to its arrays and the few it lacks added."""

    def __init__(self, xp: Any, like: Any) -> None:
        self._xp, self._like = xp, like
        self.pi = xp.pi
        self.concat, self.flip, self.stack = xp.concat, xp.flip, xp.stack

    def _array(self, x: Any) -> Any:
        if isinstance(x, (int, float, np.ndarray, np.generic)):
            return self._xp.asarray(x, dtype=self._like.dtype, device=self._like.device)
        return x

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._xp, {"absolute": "abs"}.get(name, name))
        return lambda *args, **kwargs: function(*map(self._array, args), **kwargs)

    @staticmethod
    def wide(x: Any) -> Any:
        return x

    @staticmethod
    def rounded(x: Any) -> Any:
        return x

    def arange(self, *args: Any) -> Any:
        return self._xp.arange(*args, dtype=self._like.dtype, device=self._like.device)

    def eye(self, size: int) -> Any:
        return self._xp.eye(size, dtype=self._like.dtype, device=self._like.device)

    def cumsum(self, x: Any) -> Any:
        return two_sum_cumsum(x, self._xp.cumulative_sum(x), _Running(self._xp))

    def cumprod(self, x: Any) -> Any:
        return self._xp.cumulative_prod(x)

    def expm1mx(self, x: Any) -> Any:
        return expm1_less_x(self._array(x), self._xp)

    def exp_tail(self, x: Any, count: int) -> Any:
        return tail_of_exp(self._array(x), count, self._xp)

    def sigmoid(self, x: Any) -> Any:
        return 1 / (1 + self.exp(-self._array(x)))

    def log_ndtr(self, x: Any) -> Any:
        x = self._array(x)
        if hasattr(self._xp, "special"):
            return self._xp.special.log_ndtr(x)
        from scipy.special import log_ndtr

        return self._xp.asarray(log_ndtr(np.asarray(x)), dtype=x.dtype)

    def log_ndtr_between(self, low: Any, high: Any) -> Any:
        near = self.log_ndtr(high)
        return near + self.log1p(-self.exp(self.log_ndtr(low) - near))

    def betaincinv(self, a: Any, b: Any, p: Any) -> Any:
        from scipy.special import betaincinv

        # SciPy's value alone: it carries no gradient.
        wide = [self._xp.astype(self._array(x), self._xp.float64) for x in (a, b, p)]
        found = betaincinv(*(np.asarray(x.detach().cpu() if hasattr(x, "detach") else x) for x in wide))
        return self._xp.asarray(found, dtype=self._like.dtype, device=self._like.device)

    def solve(self, matrix: Any, right: Any) -> Any:
        return self._xp.linalg.solve(matrix, right)

    def inv(self, matrix: Any) -> Any:
        return self._xp.linalg.inv(matrix)

    def logdet(self, matrix: Any) -> Any:
        return self._xp.linalg.slogdet(matrix)[1]

    def sqrtm(self, matrix: Any) -> Any:
        values, vectors = self._xp.linalg.eigh(matrix)
        return (vectors * self._xp.sqrt(values)) @ vectors.T

    def trace(self, matrix: Any) -> Any:
        return self._xp.linalg.trace(matrix)


class _Running:
    def __init__(self, xp: Any) -> None:
        self.concat, self.cumsum, self.isinf, self.where = xp.concat, xp.cumulative_sum, xp.isinf, xp.where


def tensors(*args: Any) -> _Tensors:
    """The functions of the arguments' array API; raises TypeError where they have none or mix two."""
    import array_api_compat

    if any(isinstance(arg, np.ndarray) and arg.ndim for arg in args):
        raise TypeError("got NumPy arrays beside another library's; give all of them in one array library")
    arrays = [arg for arg in args if array_api_compat.is_array_api_obj(arg) and not isinstance(arg, (np.ndarray, np.generic))]
    floating = [arg for arg in arrays if "float" in str(arg.dtype)]
    return _Tensors(array_api_compat.array_namespace(*arrays), (floating or arrays)[0])
