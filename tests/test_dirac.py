"""Properties of finite data, and its certificates on scikit-learn's 1797 digits of 64 dimensions."""

from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from flint import arb, arb_mat, fmpz_mat
from hypothesis import given

from refdiff.catalogue import evaluate, formula
from refdiff.numbers.balls import precision
from refdiff.reference import dirac
from refdiff.reference.denoiser import denoiser_dirac

from .strategies import scales, slack, states, within

FUNCTIONS = {
    "denoiser_dirac": denoiser_dirac,
    "log_density_dirac": dirac.log_density_dirac,
    "loss_floor_dirac": dirac.loss_floor_dirac,
    "posterior_weights_dirac": dirac.posterior_weights_dirac,
    "score_dirac": dirac.score_dirac,
}


def arguments(x_t, points, alpha_t, sigma_t):
    return {"x_t": x_t, "points": points, "alpha_t": alpha_t, "sigma_t": sigma_t}


def allowed(name, value, *given):
    return slack(name, arguments(*given), value)


@given(states(3, 2), states(5, 2), scales, scales)
def test_posterior_weights_dirac_are_probabilities(x_t, points, alpha_t, sigma_t):
    found = dirac.posterior_weights_dirac(x_t, points, alpha_t, sigma_t)
    assert np.all((found >= 0) & (found <= 1))
    assert np.all(np.abs(found.sum(axis=1) - 1) < 1e-15)


@given(states(3, 2), states(5, 2), scales, scales)
def test_posterior_weights_dirac_move_with_the_order_of_the_points(x_t, points, alpha_t, sigma_t):
    found = dirac.posterior_weights_dirac(x_t, points, alpha_t, sigma_t)
    reverse = dirac.posterior_weights_dirac(x_t, points[::-1], alpha_t, sigma_t)[:, ::-1]
    assert within(reverse, found, 2 * allowed("posterior_weights_dirac", found, x_t, points, alpha_t, sigma_t) + 1e-300)


def test_posterior_weights_dirac_of_a_tie_are_exactly_equal_even_far_away():
    points = np.array([[1.0, 0.5], [-1.0, 0.5]])
    for far in (0.0, 1.0, 1e6):
        found = dirac.posterior_weights_dirac(np.array([[0.0, far]]), points, 1.0, 1e-3)
        assert np.array_equal(found, [[0.5, 0.5]])


@given(states(3, 2), states(1, 2), scales, scales)
def test_log_density_dirac_of_one_point_is_gaussian(x_t, points, alpha_t, sigma_t):
    found = dirac.log_density_dirac(x_t, points, alpha_t, sigma_t)
    squares = np.sum(((x_t - alpha_t * points) / sigma_t) ** 2, axis=1)
    expected = -squares / 2 - np.log(2 * np.pi * sigma_t**2)
    assert np.allclose(found, expected, rtol=1e-12, atol=1e-12)


@given(states(3, 2), states(5, 2), scales, scales)
def test_score_dirac_is_tweedies_formula(x_t, points, alpha_t, sigma_t):
    found = dirac.score_dirac(x_t, points, alpha_t, sigma_t)
    expected = (alpha_t * denoiser_dirac(x_t, points, alpha_t, sigma_t) - x_t) / sigma_t**2
    assert within(found, expected, 4 * allowed("score_dirac", found, x_t, points, alpha_t, sigma_t))


@given(states(3, 2), states(5, 2), scales, scales)
def test_posterior_covariance_dirac_is_symmetric_and_positive_semidefinite(x_t, points, alpha_t, sigma_t):
    found = dirac.posterior_covariance_dirac(x_t, points, alpha_t, sigma_t)
    assert np.array_equal(found, np.swapaxes(found, 1, 2))
    largest = np.trace(found, axis1=1, axis2=2)
    assert np.all(np.linalg.eigvalsh(found)[:, 0] >= -1e-14 * largest)


@given(states(3, 2), states(5, 2), scales, scales)
def test_denoiser_jacobian_dirac_and_the_floors_follow_from_posterior_covariance_dirac(x_t, points, alpha_t, sigma_t):
    given = (x_t, points, alpha_t, sigma_t)
    covariance = dirac.posterior_covariance_dirac(*given)
    floor = np.trace(covariance, axis1=1, axis2=2)
    assert np.allclose(dirac.denoiser_jacobian_dirac(*given), alpha_t / sigma_t**2 * covariance, rtol=1e-14, atol=0)
    assert np.allclose(dirac.loss_floor_dirac(*given), floor, rtol=1e-14, atol=1e-300)
    assert np.allclose(dirac.eps_loss_floor_dirac(*given), (alpha_t / sigma_t) ** 2 * floor, rtol=1e-13, atol=1e-300)
    divergence = (alpha_t / sigma_t) ** 2 * floor / sigma_t**2 - 2 / sigma_t**2
    assert np.allclose(dirac.score_divergence_dirac(*given), divergence, rtol=1e-13, atol=1e-13 / sigma_t**2)


@given(states(3, 2), states(5, 2), scales)
def test_loss_floor_dirac_of_pure_noise_is_the_spread_of_the_points(x_t, points, sigma_t):
    found = dirac.loss_floor_dirac(x_t, points, 0.0, sigma_t)
    assert np.allclose(found, np.sum(points.var(axis=0)), rtol=1e-13)


def test_loss_floor_dirac_keeps_a_spread_far_below_one_ulp_of_the_points():
    points = np.array([[1.0], [2.0]])
    found = dirac.loss_floor_dirac(np.array([[1.0]]), points, 1.0, 1 / 16)
    assert np.isclose(found[0], np.exp(-128.0), rtol=1e-13)


@cache
def digits():
    """The digits on [-1, 1]: multiples of 1/8."""
    data = pytest.importorskip("sklearn.datasets").load_digits().data
    return data / 8 - 1


@cache
def digit_states(sigma_t):
    """A noised digit, a place between two digits, one that halves two of them, and one 1e6 away."""
    rng = np.random.default_rng(int(1000 * sigma_t))
    points = digits()
    noised = points[17] + sigma_t * rng.standard_normal(64)
    between = (points[3] + points[1500]) / 2
    nearest = np.argsort(np.sum((points - points[40]) ** 2, axis=1))[1]
    halved = (points[40] + points[nearest]) / 2
    # Along a corner pixel that no digit uses, all digits keep the order they have at the middle.
    away = (points[40] + points[nearest]) / 2 + 1e6 * np.eye(64)[0]
    return np.stack([noised, between, halved, away])


@cache
def exact_digits(sigma_t):
    """Weights, log density, denoiser, score and loss floor by Arb from exact distances, whole numbers once scaled."""
    points, found = digits(), {name: [] for name in FUNCTIONS}
    whole = (8 * points).astype(int)
    lengths = [arb(int(length)) / 64 for length in np.sum(whole * whole, axis=1)]
    with precision(2600):
        variance = arb(sigma_t) * arb(sigma_t)
        for state in digit_states(sigma_t):
            unit = max(Fraction(x).denominator for x in state.tolist())
            scaled = np.array([int(Fraction(x) * unit * 8) for x in state.tolist()], dtype=object)
            squares = np.sum((scaled - whole.astype(object) * unit) ** 2, axis=1)
            level, least = 2 * variance * (8 * unit) ** 2, min(squares)
            odds = [(arb(int(least - square)) / level).exp() for square in squares]
            total = sum(odds)
            weights = [one / total for one in odds]
            mean = [one / 8 for one in (arb_mat([weights]) * arb_mat(fmpz_mat(whole.tolist()))).entries()]
            normaliser = 32 * (2 * arb.pi() * variance).log()
            found["posterior_weights_dirac"].append(weights)
            found["log_density_dirac"].append((total / len(points)).log() - arb(int(least)) / level - normaliser)
            found["denoiser_dirac"].append(mean)
            found["score_dirac"].append([(one - arb(x)) / variance for one, x in zip(mean, state.tolist(), strict=True)])
            spread = sum(one * length for one, length in zip(weights, lengths, strict=True)) - sum(one * one for one in mean)
            found["loss_floor_dirac"].append(spread)
    return {name: np.array(rows, dtype=object) for name, rows in found.items()}


@pytest.mark.parametrize("sigma_t", [0.001, 0.1, 1.0, 1000.0])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_stated_error_holds_on_the_digits(name, sigma_t):
    exact = exact_digits(sigma_t)
    given = arguments(digit_states(sigma_t), digits(), 1.0, sigma_t)
    found = FUNCTIONS[name](**given)
    with precision(200):
        errors = [float(abs(one - arb(float(other)))) for one, other in zip(exact[name].flat, found.flat, strict=True)]
    value = np.array([float(one.mid()) for one in exact[name].flat]).reshape(exact[name].shape)
    count, text = formula(name).error
    # The posterior of the scale is the exact one: far away its printed form has no digits left in float64.
    kept = [one for one in text.split(" where ") if not one.startswith("posterior = ")]
    weights = exact["posterior_weights_dirac"].astype(float)
    scale = evaluate(" where ".join(kept), given | {"value": value, "posterior": weights})
    assert np.all(np.reshape(errors, value.shape) <= count * np.spacing(scale) + 1e-300)


def test_log_density_dirac_and_denoiser_dirac_keep_nearly_all_digits_of_a_noised_digit():
    exact, given = exact_digits(0.001), arguments(digit_states(0.001), digits(), 1.0, 0.001)
    for name in ("log_density_dirac", "denoiser_dirac", "score_dirac"):
        found, wanted = FUNCTIONS[name](**given)[0], np.asarray(exact[name][0]).astype(float)
        assert np.allclose(found, wanted, rtol=1e-15, atol=0)
