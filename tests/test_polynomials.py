"""Polynomials of the formula language, and what is left of exp's series, in every number system."""

import math

import array_api_strict as strict
import numpy as np
import pytest
import sympy as sp
import torch

from refdiff.numbers import floats, namespace, polynomials
from refdiff.numbers.balls import BALLS, ball, precision
from refdiff.numbers.strays import STRAYS, reach, rounded, strays
from refdiff.numbers.symbols import SYMBOLS


def left(x, count):
    """exp(x) less its first terms, at far more bits than it loses."""
    with precision(1200):
        return float(ball(x).exp() - sum(ball(x) ** n / math.factorial(n) for n in range(count)))


@pytest.mark.parametrize("size", [1e-60, 1e-9, 0.3, 1.0, 3.999, 4.0, 7.0, 30.0])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_exp_tail_keeps_its_digits_near_0_and_beyond(count, size):
    x = np.array([size, -size])
    expected = np.array([left(entry, count) for entry in x.tolist()])
    with precision(200):
        assert [float(BALLS.exp_tail(ball(entry), count)) for entry in x.tolist()] == expected.tolist()
    allowed = (8 if size < 1 else 64) * np.spacing(np.abs(expected))
    assert np.all(np.abs(floats.exp_tail(x, count) - expected) <= allowed)
    for array, lift in ((torch.float64, torch.tensor), (strict.float64, strict.asarray)):
        found = namespace(lift(x, dtype=array)).exp_tail(lift(x, dtype=array), count)
        assert np.all(np.abs(np.asarray(found) - expected) <= allowed)


def test_exp_tail_of_symbols_is_what_it_says():
    x = sp.Symbol("x")
    assert sp.expand(SYMBOLS.exp_tail(x, 3) - (sp.exp(x) - 1 - x - x**2 / 2)) == 0


@pytest.mark.parametrize("count", [1, 2, 3])
def test_exp_tail_of_strays_carries_roundings_by_its_slope(count):
    for x in (0.5, -1.25, 3.0):
        found = reach(STRAYS.exp_tail(rounded(strays(ball(x))), count))
        assert np.isclose(found, abs(left(x, count - 1) * x) + abs(left(x, count)), rtol=1e-12)


NODES, VALUES = np.array([3.0, 2.0, 0.5]), np.array([[1.0, -2.0], [0.5, 0.25], [4.0, 1.0]])


def test_interpolation_passes_through_the_values():
    coefficients = polynomials.interpolation(NODES, VALUES)
    assert np.allclose([sum(c * x**i for i, c in enumerate(coefficients)) for x in NODES], VALUES)


def test_integrals_are_exact():
    assert np.isclose(polynomials.integral([1.0, 0.0, 3.0], 1.0, 2.0), 1 + 7)
    # u*exp(u) has the antiderivative (u - 1)*exp(u).
    assert np.isclose(polynomials.exp_integral([0.0, 1.0], 0.0, 1.0, np.exp), 1)
    assert np.isclose(polynomials.exp_integral([2.0], 0.0, 1.0, np.exp), 2 * np.expm1(1))


def test_solution_solves_the_systems_of_powers_and_the_empty_one():
    matrix = polynomials.powers(NODES)
    assert np.array_equal(matrix, [NODES**0, NODES, NODES**2])
    assert np.allclose(matrix @ polynomials.solution(matrix, VALUES[:, 0]), VALUES[:, 0])
    assert not polynomials.solution(polynomials.powers(NODES[:0]), NODES[:0]).size


def test_combined_weighs_rows():
    assert np.array_equal(polynomials.combined((2, -1, 3), VALUES), 2 * VALUES[0] - VALUES[1] + 3 * VALUES[2])
    assert np.array_equal(polynomials.combined((), VALUES[:0]), [0, 0])
