"""The rounding reading: first-order error of every rounding, carried through whatever comes after it."""

import numpy as np
import pytest

pytest.importorskip("flint")

from refdiff.golden.models import array_models
from refdiff.golden.runs import strayed
from refdiff.golden.truth import exact
from refdiff.numbers import namespace
from refdiff.numbers.balls import ball, precision
from refdiff.numbers.strays import STRAYS, Stray, reach, rounded, strays, tracking
from refdiff.reference.denoiser import denoiser_dirac


def read(body, *given):
    """(value, units of rounding) of a body of numbers."""
    with precision(200), tracking():
        found = body(*map(strays, given))
        return float(found.value), reach(found)


def test_given_numbers_are_exact_and_each_operation_rounds_once():
    assert read(lambda a: a, 3.0) == (3.0, 0.0)
    assert read(lambda a, b: a * b, 3.0, 0.5) == (1.5, 1.5)
    assert read(lambda a, b: a + b, 3.0, 0.5) == (3.5, 3.5)
    assert read(lambda a, b: a - b, 3.0, 0.5) == (2.5, 2.5)
    assert read(lambda a, b: a / b, 3.0, 0.5) == (6.0, 6.0)
    assert read(lambda a: a**3, 2.0) == (8.0, 8.0)
    assert read(lambda a: 1 / a, 4.0) == (0.25, 0.25)
    assert read(lambda a: 1 - a, 0.25) == (0.75, 0.75)


def test_what_changes_nothing_rounds_nothing():
    for same in (lambda a: a + 0, lambda a: 0 + a, lambda a: 1 * a, lambda a: 0 + (0 + a), lambda a: abs(a)):
        assert read(same, 3.0) == (3.0, 0.0)


def test_a_difference_carries_the_roundings_of_its_parts_and_what_cancels_cancels():
    value, units = read(lambda a, b: (a * b) - a, 3.0, 1.125)
    assert value == 0.375
    assert units == 3.375 + 0.375  # of the product, then of the difference
    value, units = read(lambda a, b: (lambda p: p - p)(a * b), 3.0, 1.125)
    assert (value, units) == (0.0, 0.0)
    value, units = read(lambda a, b: (lambda p: p / p)(a * b), 3.0, 1.125)
    assert (value, units) == (1.0, 1.0)  # its own alone


FUNCTIONS = {
    "exp": np.exp,
    "expm1": np.exp,
    "expm1mx": np.expm1,
    "log": np.reciprocal,
    "log1p": lambda x: 1 / (1 + x),
    "sqrt": lambda x: 1 / (2 * np.sqrt(x)),
    "sin": np.cos,
    "cos": np.sin,
    "atan": lambda x: 1 / (1 + x * x),
    "sigmoid": lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_carry_a_rounding_by_their_slope(name):
    value, units = read(lambda a, b: getattr(STRAYS, name)(a * b), 3.0, 0.25)
    assert value == pytest.approx(float(getattr(namespace(1.0), name)(0.75)), rel=1e-14)
    assert units == pytest.approx(0.75 * abs(FUNCTIONS[name](0.75)) + abs(value), rel=1e-12)


def test_powers_carry_a_rounding_of_base_and_exponent():
    value, units = read(lambda a, b: (a * a) ** (b * b), 1.5, 0.5)
    assert value == pytest.approx(2.25**0.25)
    assert units == pytest.approx(value * (1 + 0.25 + 0.25 * np.log(2.25)), rel=1e-12)


def test_a_quantile_carries_a_rounding_of_its_mass_and_shapes():
    for place in range(3):

        def quantile(number, place=place):
            return STRAYS.betaincinv(*(number * number if i == place else given for i, given in enumerate((0.6, 0.75, 0.25))))

        root = (0.6, 0.75, 0.25)[place] ** 0.5
        value, units = read(quantile, root)
        ahead, behind = (read(quantile, root * (1 + step))[0] for step in (1e-6, -1e-6))
        assert units == pytest.approx(abs(value) + abs(ahead - behind) / 4e-6, rel=1e-4)


def test_roots_of_an_exact_zero_are_exact():
    assert read(lambda a: STRAYS.sqrt(a - a), 2.0) == (0.0, 0.0)


def test_minima_maxima_and_choices_go_by_value():
    assert read(lambda a, b: STRAYS.maximum(a * 1.5, b), 2.0, 1.0) == (3.0, 3.0)
    assert read(lambda a, b: STRAYS.minimum(a * 1.5, b), 2.0, 1.0) == (1.0, 0.0)
    with precision(100), tracking():
        row = strays(np.array([[1.0, 4.0, 2.0]]))
        assert STRAYS.argmax(row, axis=1).tolist() == [1]
        assert float(STRAYS.max(row, axis=1)[0].value) == 4
        assert float(STRAYS.where(np.array([True]), row[:, 0], row[:, 1])[0].value) == 1


def test_comparisons_are_those_of_the_values():
    with precision(100), tracking():
        two, three = strays(2.0), strays(3.0)
        assert two < three <= three
        assert three > two >= two
        assert two == 2
        assert two != three
        with pytest.raises(TypeError, match="unhashable"):
            hash(two)


def test_rounded_adds_so_many_roundings_and_blocks_count_anew():
    with precision(100), tracking():
        assert reach(rounded(3.0, 2.5)) == 7.5
        assert [reach(entry) for entry in rounded(np.array([1.0, 2.0]))] == [1.0, 2.0]
        with tracking():
            assert (strays(2.0) * 1.5).parts.size == 1
        assert (strays(2.0) * 1.5).parts.size == 4


def test_arrays_work_entry_by_entry_on_either_side():
    with precision(100), tracking():
        number, array = strays(2.0), strays(np.array([1.0, 3.0]))
        for found in (number * array, array * number, array * np.array([2.0, 2.0])):
            assert [float(entry.value) for entry in found] == [2.0, 6.0]
            assert all(isinstance(entry, Stray) for entry in found)
        assert namespace(array) is STRAYS
        assert namespace(number, ball(1)) is STRAYS


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_honest_arithmetic_stays_within_the_reach_of_a_body(dtype):
    rng = np.random.default_rng(0)
    x, points = rng.standard_normal((4, 2)).astype(np.float32), rng.standard_normal((5, 2)).astype(np.float32)
    with precision(300), tracking():
        true = denoiser_dirac(strays(x.astype(float)), strays(points.astype(float)), strays(0.75), strays(0.25))
        units = np.array([reach(entry) for entry in true.flat]).reshape(true.shape)
        value = np.array([float(entry.value) for entry in true.flat]).reshape(true.shape)
    found = denoiser_dirac(x.astype(dtype), points.astype(dtype), dtype(0.75), dtype(0.25))
    assert found.dtype == dtype
    share = np.abs(found - value) / (units * np.finfo(dtype).eps / 2)
    assert (share <= 1).all()
    assert share.max() > 1e-3  # and it is not idle: within a thousandth of what is allowed


def test_a_run_that_shrinks_its_errors_does_not_look_as_if_it_blew_them_up():
    """Thirty Euler steps: balls of 53 bits would be wider than the value."""
    body = pytest.importorskip("refdiff.reference.ode_path").euler_path
    from refdiff.catalogue import formula

    given = {"sigmas": np.float32(np.geomspace(20, 0.05, 31)).astype(float), "x_T": np.array([[16.0, -8.0]])}
    given |= {"mean": np.array([0.5, -0.25]), "variance": np.array([0.5, 2.0])}
    with precision(1280):
        units = strayed(formula("euler_path"), exact(given))
    models = array_models(given, lambda _, value: value)
    last = body(models["denoiser_at_level"], given["x_T"], 0 * given["sigmas"] + 1, given["sigmas"])[-1]
    assert (units[-1] <= 2000 * np.abs(last)).all()
