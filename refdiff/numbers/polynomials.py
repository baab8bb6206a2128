"""Polynomials through given values, their integrals, and small linear systems, over any numbers: what solvers' papers print."""

from collections.abc import Callable
from itertools import accumulate
from typing import Any

import numpy as np

__all__ = ["combined", "exp_integral", "integral", "interpolation", "powers", "solution"]


def combined(weights: Any, rows: Any) -> Any:
    """Sum of the rows, each with its weight."""
    return sum((weight * row for weight, row in zip(weights, rows, strict=True)), 0 * rows[:1].sum(axis=0))


def interpolation(nodes: Any, values: Any) -> list[Any]:
    """Coefficients, the constant first, of the polynomial through the values: Lagrange's, basis by basis."""
    total = [0 * values[0] for _ in nodes]
    for j, value in enumerate(values):
        basis = [value]
        for k in range(len(nodes)):
            if k != j:
                raised, kept = [0 * value, *basis], [*basis, 0 * value]
                basis = [(a - nodes[k] * b) / (nodes[j] - nodes[k]) for a, b in zip(raised, kept, strict=True)]
        total = [a + b for a, b in zip(total, basis, strict=True)]
    return total


def _value(coefficients: list[Any], x: Any) -> Any:
    """A polynomial's value, by Horner's rule."""
    found = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        found = found * x + coefficient
    return found


def integral(coefficients: list[Any], start: Any, end: Any) -> Any:
    """Integral of a polynomial from start to end."""
    whole = [coefficient / (i + 1) for i, coefficient in enumerate(coefficients)]
    return _value(whole, end) * end - _value(whole, start) * start


def exp_integral(coefficients: list[Any], start: Any, end: Any, exp: Callable[[Any], Any]) -> Any:
    """Integral of exp(u) times a polynomial of u, by its antiderivative: exp(u) times the alternating sum of derivatives."""
    inner = coefficients[-1:]
    for i in reversed(range(len(coefficients) - 1)):
        inner.insert(0, coefficients[i] - (i + 1) * inner[0])
    return _value(inner, end) * exp(end) - _value(inner, start) * exp(start)


def powers(x: Any) -> Any:
    """Square matrix whose rows are the powers of the entries, from 0 on."""
    rows = accumulate(range(1, len(x)), lambda row, _: row * x, initial=0 * x + 1)
    return np.array(list(rows)[: len(x)], dtype=x.dtype).reshape(len(x), len(x))


def solution(matrix: Any, right: Any) -> Any:
    """Solution of a small linear system, by elimination; no leading minor may be 0."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i, pivot in enumerate(rows):
        pivot[:] = [entry / pivot[i] for entry in pivot]
        for row in (other for other in rows if other is not pivot):
            row[:] = [entry - row[i] * kept for entry, kept in zip(row, pivot, strict=True)]
    return np.array([row[-1] for row in rows], dtype=right.dtype)
