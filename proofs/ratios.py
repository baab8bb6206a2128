"""Posteriors over finitely many causes in symbols: each likelihood ratio is one positive symbol, and its derivative is known."""

from typing import Any

import numpy as np
import sympy as sp

from .algebra import same

__all__ = ["Ratios"]


class Ratios:
    """Ratios of likelihoods to the first one's, as symbols, for log likelihoods that are rational in the symbols.

    Args:
        logs: the log likelihoods, the first one's among them; what they share drops out.
        factors: what multiplies the likelihoods' exponentials, such as prior probabilities.
    """

    def __init__(self, logs: list[Any], factors: list[Any] | None = None) -> None:
        self._gaps = [log - logs[0] for log in logs[1:]]
        self._symbols = list(sp.symbols(f"ratio_1:{len(logs)}", positive=True))
        self._shift, self._scale = sp.Symbol("shift", real=True), sp.Symbol("scale", positive=True)
        self.odds = [factor * ratio for factor, ratio in zip(factors or [1] * len(logs), [1, *self._symbols], strict=True)]

    def average(self, values: Any) -> Any:
        """Mean over the causes, by Bayes' rule."""
        return sum(odd * value for odd, value in zip(self.odds, values, strict=True)) / sum(self.odds)

    def slope(self, expression: Any, x: Any) -> Any:
        """Derivative by x, through the ratios as well."""
        through = zip(self._symbols, self._gaps, strict=True)
        return sp.diff(expression, x) + sum(sp.diff(expression, one) * one * sp.diff(gap, x) for one, gap in through)

    def read(self, found: Any) -> np.ndarray:
        """A body's value with each exponential as a product of ratios; the largest exponent is any number, as it cancels."""
        entries = [sp.sympify(entry).replace(sp.Max, lambda *_: self._shift) for entry in np.asarray(found, dtype=object).flat]
        return np.array([entry.replace(sp.exp, self._product) for entry in entries], dtype=object).reshape(np.shape(found))

    def _product(self, power: Any) -> Any:
        """exp(power) by ratios: points give the exponents, algebra proves them."""
        shifts = sp.diff(power, self._shift)
        rest = sp.expand(power - shifts * self._shift)
        symbols = sorted(set().union(*(gap.free_symbols for gap in self._gaps)) | rest.free_symbols, key=str)
        trials = [{symbol: sp.Rational(sp.prime(3 + i + 5 * k), 7 + 2 * k) for i, symbol in enumerate(symbols)} for k in range(4)]
        trials = trials[: len(self._gaps)]
        matrix = sp.Matrix([[gap.subs(trial) for gap in self._gaps] for trial in trials])
        orders = matrix.LUsolve(sp.Matrix([rest.subs(trial) for trial in trials]))
        assert all(order.is_integer for order in orders)
        assert same(rest, sum(order * gap for order, gap in zip(orders, self._gaps, strict=True)))
        powers = (symbol**order for symbol, order in zip(self._symbols, orders, strict=True))
        return self._scale**shifts * sp.prod(powers)
