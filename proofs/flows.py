"""Levels as symbols, the probability flow for estimates on a polynomial, power series of one step, and models that remember."""

from typing import Any

import numpy as np
import sympy as sp

from .algebra import column, positive, real

__all__ = [
    "ALPHAS",
    "LAMBDAS",
    "LEVELS",
    "X_T",
    "H",
    "Recorder",
    "U",
    "estimates",
    "flowed",
    "integral",
    "leading",
    "moved",
    "scales",
    "taylor",
    "truncated",
]  # fmt: skip

ALPHAS = positive("a_0 a_1 a_2 a_3")
LAMBDAS = real("l_0 l_1 l_2 l_3")
LEVELS = [(alpha, alpha * sp.exp(-at)) for alpha, at in zip(ALPHAS, LAMBDAS, strict=True)]
X_T, U = real("x_t u")
H = positive("h")


def scales(*which: int) -> tuple[np.ndarray, ...]:
    """Signal and noise scales of these levels, as the bodies take them."""
    return tuple(column([LEVELS[i][side] for i in which]) for side in (0, 1))


def estimates(*values: Any) -> np.ndarray:
    """Estimates of one entry each, in the order they were made."""
    return column(values).reshape(-1, 1)


def moved(kind: str, polynomial: Any, start: int, end: int) -> Any:
    """State at the end by the probability flow, where the data or the noise are this polynomial of half_logsnr u.

    d(x/sigma)/du = exp(u)*x_0, and d(x/alpha)/du = -exp(-u)*eps.
    """
    return flowed(kind, polynomial, (*LEVELS[start], LAMBDAS[start]), (*LEVELS[end], LAMBDAS[end]))


def flowed(kind: str, polynomial: Any, start: Any, end: Any) -> Any:
    """The same between any two levels, each a signal scale, a noise scale and their half_logsnr."""
    if kind == "x_0s":
        return end[1] * (X_T / start[1] + integral(1, polynomial, end[2]) - integral(1, polynomial, start[2]))
    return end[0] * (X_T / start[0] - integral(-1, polynomial, end[2]) + integral(-1, polynomial, start[2]))


def integral(growth: int, polynomial: Any, at: Any) -> Any:
    """Of exp(growth*u) times a polynomial of u, for growth 1 or -1: by parts, until nothing is left."""
    total, part = sp.Integer(0), sp.sympify(polynomial)
    for k in range(3):
        total, part = total + (-growth) ** k * growth * part, sp.diff(part, U)
    return (sp.exp(growth * U) * total).subs(U, at)


def taylor(expression: Any, count: int = 7) -> list[Any]:
    """Coefficients of h**0, h**1, ... of an expression that is rational in h and in exponentials of multiples of h."""

    def polynomial(exponent: Any) -> Any:
        return sum(exponent**k / sp.factorial(k) for k in range(count + 2))

    above, below = sp.fraction(sp.cancel(sp.together(sp.sympify(expression).replace(sp.exp, polynomial))))
    numerator, denominator = ([sp.Poly(part, H).coeff_monomial(H**k) for k in range(count)] for part in (above, below))
    found: list[Any] = []
    for k in range(count):
        found.append((numerator[k] - sum(denominator[j] * found[k - j] for j in range(1, k + 1))) / denominator[0])
    return found


def truncated(expression: Any) -> Any:
    """The expression as a polynomial in h."""
    return sum(coefficient * H**k for k, coefficient in enumerate(taylor(expression)))


def leading(expression: Any) -> int:
    """Least power of h in the expression."""
    return next(k for k, coefficient in enumerate(taylor(expression)) if coefficient != 0)


class Recorder:
    """A model that answers a new symbol each time, and remembers what it was asked: for data, or for the noise left over."""

    def __init__(self, answers: Any, kind: str = "x_0s") -> None:
        self.answers, self.kind = iter(answers), kind
        self.asked: list[tuple[Any, ...]] = []

    def __call__(self, x_t: Any, *level: Any) -> Any:
        self.asked.append((x_t.item(), *level))
        found = 0 * x_t + next(self.answers)
        return found if self.kind == "x_0s" else (x_t - level[1] * found) / level[0]
