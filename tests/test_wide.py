"""Wide numbers: what arithmetic with twice the digits costs, and what it leaves alone."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.special import log_ndtr as scipy_log_ndtr

from refdiff.numbers import floats
from refdiff.numbers.balls import BALLS, ball, precision
from refdiff.numbers.wide import rounded, wide

RNG = np.random.default_rng(20261128)


def numbers(count: int, decades: float = 6) -> list[float]:
    return (RNG.standard_normal(count) * 10 ** RNG.uniform(-decades, decades, count)).tolist()


def off(found: float, true: Fraction) -> float:
    """Error in ulp."""
    return float(abs(Fraction(found) - true) / Fraction(float(np.spacing(abs(float(true))))))


def test_a_difference_of_products_over_a_sum_is_rounded_once():
    lost = 0.0
    for _ in range(2000):
        a, b, d, e = numbers(4)
        c = a * b / d * (1 + RNG.choice([1e-15, 1e-8, 1.0]))
        x = [Fraction(value) for value in (a, b, c, d, e)]
        true = (x[0] * x[1] - x[2] * x[3]) / (x[4] ** 2 + x[3] ** 2)
        if true:
            lost = max(lost, off((a * b - c * d) / (e**2 + d**2), true))
            assert off(rounded((wide(a) * b - wide(c) * d) / (wide(e) ** 2 + wide(d) ** 2)), true) < 0.501
    assert lost > 1e6


def test_plain_floats_lose_what_wide_ones_keep():
    a, b = 1 + 2.0**-30, 1 - 2.0**-30
    assert a * b - 1 == 0
    assert rounded(wide(a) * b - 1) == -(2.0**-60)


def test_roots_and_functions_see_the_rest_of_their_argument():
    for name in ("sqrt", "exp", "expm1", "log", "log1p", "sin", "atan"):
        worst = {"wide": 0.0, "plain": 0.0}
        for x, y in zip(RNG.uniform(0.1, 30, 300).tolist(), RNG.uniform(0.1, 1, 300).tolist(), strict=True):
            with precision(200):
                true = getattr(BALLS, name)(ball(x) * ball(y))
                for kind, argument in (("wide", wide(x) * y), ("plain", x * y)):
                    found = float(rounded(getattr(floats, name)(argument)))
                    gap = float(abs(true - ball(found)).upper()) / np.spacing(abs(float(true)))
                    worst[kind] = max(worst[kind], gap)
        assert worst["wide"] < 1.1, name
        assert worst["wide"] < worst["plain"] or name in ("log", "log1p", "atan")


def test_infinities_zeros_and_overflow_are_those_of_floats():
    with np.errstate(divide="ignore"):
        assert rounded(wide(1e305) * 2) == 2e305
        assert rounded(wide(1e308) * 10) == np.inf
        assert rounded(wide(np.inf) * 2) == np.inf
        assert rounded(wide(np.inf) - 1) == np.inf
        assert rounded(1 / wide(0.0)) == np.inf
        assert rounded(wide(1.0) / np.inf) == 0
        assert np.isnan(rounded(wide(np.inf) - np.inf))
    assert rounded(np.sqrt(wide(np.array([4.0, 0.0, np.inf])))).tolist() == [2, 0, np.inf]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_stays(dtype):
    x = wide(dtype(2.1))
    for found in (
        2 * x,
        x / 3.5,
        1 - x,
        x**2,
        x * dtype(3),
        np.sqrt(x),
        np.exp(x),
        wide(0.1) * x,
        wide(0.1) ** 2 * np.ones(2, dtype),
    ):
        assert rounded(found).dtype == dtype
    assert type(rounded(wide(3) / 7)) is float
    assert rounded(wide(3) / 7) == 3 / 7


def test_a_python_number_meets_a_narrower_dtype_with_its_rest():
    assert rounded(wide(0.1) * np.float32(1) - np.float32(0.1)) == np.float32(0.1 - float(np.float32(0.1)))


def test_an_operation_that_is_not_known_is_refused():
    with pytest.raises(TypeError):
        np.cos(wide(1.0))


def test_comparison_reads_the_rest():
    one = wide(1.0)
    assert np.less(one, one + 2.0**-80)
    assert not np.less(one + 2.0**-80, one)


def worst_log(function) -> float:
    worst = 0.0
    for x in np.linspace(-9, 3, 4001).tolist():
        with precision(200):
            true = BALLS.log_ndtr(ball(x))
            worst = max(worst, float(abs(true - ball(float(function(x)))).upper()) / np.spacing(1 + abs(float(true))))
    return worst


def test_log_ndtr_is_nearer_than_scipys():
    assert worst_log(floats.log_ndtr) < 2.5 < worst_log(scipy_log_ndtr)


def test_log_ndtr_between_holds_for_narrow_and_for_wide_intervals():
    for width in (1e-4, 1e-2, 0.5, 1.9, 2.1, 6.0):
        for low in np.linspace(-9, 0, 40).tolist():
            with precision(300):
                true = BALLS.log_ndtr_between(ball(low), ball(low + width))
                gap = float(abs(true - ball(float(floats.log_ndtr_between(low, low + width)))).upper())
            assert gap <= 4 * np.spacing(1 + abs(float(true))), (low, width)


def test_solutions_keep_their_digits_however_skew_the_matrix():
    worst = {"refined": 0.0, "plain": 0.0}
    for _ in range(30):
        basis, _ = np.linalg.qr(RNG.standard_normal((6, 6)))
        matrix = basis * np.geomspace(1, 1e4, 6) @ basis.T
        matrix, right = (matrix + matrix.T) / 2, RNG.standard_normal(6)
        with precision(300):
            exact = np.array([ball(x) for x in matrix.flat], dtype=object).reshape(6, 6)
            true = BALLS.solve(exact, np.array([ball(x) for x in right], dtype=object))
            size = np.spacing(max(abs(float(x)) for x in true))
            for kind, found in (("refined", floats.solve(matrix, right)), ("plain", np.linalg.solve(matrix, right))):
                gap = max(float(abs(a - ball(float(b))).upper()) for a, b in zip(true, found, strict=True)) / size
                worst[kind] = max(worst[kind], gap)
    assert worst["refined"] < 1.5
    assert worst["plain"] > 100


def test_sums_are_rounded_about_once_however_many_the_summands():
    for count in (1, 2, 3, 64, 1797):
        x = RNG.standard_normal(count) * 10 ** RNG.uniform(-3, 3, count)
        true = sum(Fraction(entry) for entry in x.tolist())
        assert abs(Fraction(float(floats.sum(x))) - true) <= Fraction(0.5000001 * float(np.spacing(abs(float(true))))) + Fraction(
            1e-28 * float(np.abs(x).sum())
        )
    assert floats.sum(np.array([1e16, 1.0, -1e16])) == 1


@pytest.mark.parametrize("shape", [(5,), (4, 7, 3), (2, 64), (3, 1), (0,), (2, 0, 3)])
def test_sums_run_along_the_axes_that_numpys_do(shape):
    x = RNG.standard_normal(shape)
    for axis in (None, 0, -1, tuple(range(1, len(shape)))):
        for keepdims in (False, True):
            found, expected = floats.sum(x, axis=axis, keepdims=keepdims), np.sum(x, axis=axis, keepdims=keepdims)
            assert np.shape(found) == np.shape(expected)
            assert np.allclose(found, expected, rtol=1e-13, atol=1e-13)
    assert floats.sum(np.arange(4)) == 6
    assert floats.sum(np.ones(3, np.float32)).dtype == np.float32
    assert floats.sum(np.array([np.inf, 1.0, 2.0])) == np.inf
    assert np.isnan(floats.sum(np.array([np.inf, -np.inf])))
