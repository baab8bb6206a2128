"""What the proofs share: exact equality, Gaussian expectations by moments, Bayes' rule, the forward chain."""

from typing import Any

import numpy as np
import sympy as sp

__all__ = [
    "column", "completed_square", "expectation", "forward_posterior", "forward_states", "log_normal", "positive", "real", "same",
    "symmetric",
]  # fmt: skip


def positive(names: str) -> Any:
    """Positive symbols; one alone when one name is given."""
    return sp.symbols(names, positive=True)


def real(names: str) -> Any:
    """Real symbols; one alone when one name is given."""
    return sp.symbols(names, real=True)


def column(values: Any) -> np.ndarray:
    """Vector of symbols as the bodies take it."""
    return np.array(values, dtype=object)


def symmetric(names: str) -> tuple[np.ndarray, np.ndarray]:
    """A 2 by 2 covariance L L^T and its factor L, lower triangular with a positive diagonal."""
    first, last = positive(names.split()[0] + " " + names.split()[2])
    factor = np.array([[first, sp.Integer(0)], [real(names.split()[1]), last]], dtype=object)
    return factor @ factor.T, factor


def _separated(expression: Any) -> Any:
    """Logs and roots of products written as sums of logs and products of roots, so that equal ones meet."""

    def is_root(part: Any) -> bool:
        return isinstance(part, sp.Pow) and part.exp.is_Rational and not part.exp.is_Integer

    rooted = expression.replace(is_root, lambda part: sp.expand_power_base(sp.factor(part.base) ** part.exp, force=True))
    return rooted.replace(sp.log, lambda power: sp.expand_log(sp.log(sp.factor(power)), force=True))


def _vanishes(expression: Any) -> bool:
    expression = sp.sympify(expression)
    symbols = sorted(expression.free_symbols, key=str)
    # One exact point first: it refutes a wrong body at once, where cancelling could take long.
    point = {symbol: sp.Rational(sp.prime(7 + 3 * i), 61 + 47 * i) for i, symbol in enumerate(symbols)}
    if abs(sp.N(expression.subs(point), 40)) > sp.Rational(1, 10**25):
        return False
    return any(sp.cancel(sp.together(form)) == 0 for form in (expression, _separated(expression)))


def same(found: Any, expected: Any) -> bool:
    """Whether two expressions, or two equally shaped arrays of them, are identical."""
    if np.shape(found) != np.shape(expected):
        return False
    pairs = zip(np.asarray(found, dtype=object).flat, np.asarray(expected, dtype=object).flat, strict=True)
    return all(_vanishes(one - other) for one, other in pairs)


def _moment(order: int) -> int:
    return 0 if order % 2 else int(sp.factorial2(order - 1)) if order else 1


def expectation(expression: Any, noises: Any) -> Any:
    """Mean of a polynomial in independent unit Gaussians, from the table E[u^k] = (k - 1)!! for even k."""
    terms = sp.Poly(sp.expand(expression), *noises).terms()
    return sum(factor * sp.prod([_moment(order) for order in orders]) for orders, factor in terms)


def log_normal(x: Any, mean: Any, variance: Any) -> Any:
    """Log density of x = mean + sqrt(variance)*u for unit Gaussian u, by change of variables."""
    return -((x - mean) ** 2) / (2 * variance) - sp.log(2 * sp.pi * variance) / 2


def completed_square(log_density: Any, x: Any) -> tuple[Any, Any]:
    """Mean and variance of the Gaussian in x whose log density this is, up to what does not hold x."""
    slope = sp.diff(log_density, x)
    curvature = sp.cancel(sp.diff(slope, x))
    return sp.cancel(x - slope / curvature), sp.cancel(-1 / curvature)


def forward_posterior(x_0: Any, x_t: Any, a_s: Any, a_t: Any) -> tuple[Any, Any]:
    """Mean and variance of x_s given x_t and x_0, by Bayes' rule; `a` is the signal scale, so alpha_bar is its square."""
    x_s = sp.Dummy("x_s", real=True)
    prior = log_normal(x_s, a_s * x_0, 1 - a_s**2)
    likelihood = log_normal(x_t, a_t / a_s * x_s, 1 - a_t**2 / a_s**2)
    return completed_square(prior + likelihood, x_s)


def forward_states(start: Any, kept: Any, noises: Any) -> list[Any]:
    """States of the forward chain from `start`: one step keeps kept**2 of the power and adds 1 - kept**2 of noise."""
    states = [start]
    for factor, noise in zip(kept, noises, strict=True):
        states.append(factor * states[-1] + sp.sqrt(1 - factor**2) * noise)
    return states
