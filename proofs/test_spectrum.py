"""Stationary data: covariances from waves, Wiener's filter from the normal equations, and which detail goes first."""

import numpy as np
import pytest
import sympy as sp

from refdiff.reference import spectrum

from .algebra import column, completed_square, expectation, log_normal, positive, real, same

POWER, ALPHA, SIGMA, FREQUENCY, ONE, EXPONENT = positive("power alpha sigma frequency one exponent")
C, X, EPS = real("c x eps")
SIZES = [1, 3, 4]


def powers(size):
    """Mirrored powers of a real signal."""
    half = positive(f"p:{size // 2 + 1}")
    return column([half[min(k, size - k)] for k in range(size)])


def wave(k, size):
    """The orthonormal wave of frequency k, as its real and imaginary part."""
    angles = [2 * sp.pi * k * n / size for n in range(size)]
    return column([sp.cos(a) for a in angles]) / sp.sqrt(size), column([sp.sin(a) for a in angles]) / sp.sqrt(size)


def covariance(size):
    """Means of products of samples of a sum of waves with uncorrelated coefficients of these powers."""
    total = np.full((size, size), sp.Integer(0))
    for k, power in enumerate(powers(size)):
        total = total + power * sum(np.outer(part, part) for part in wave(k, size))
    return total


def observed(size):
    return ALPHA**2 * covariance(size) + SIGMA**2 * np.array(sp.eye(size).tolist(), dtype=object)


def states(size):
    return column(real(f"x:{size}")).reshape(1, size), column(real(f"m:{size}"))


@pytest.mark.parametrize("size", SIZES)
def test_stationary_covariance_has_every_wave_for_eigenvector_and_its_power_for_eigenvalue(size):
    found = spectrum.stationary_covariance(powers(size))
    for k, power in enumerate(powers(size)):
        for part in wave(k, size):
            assert same(found @ part, power * part)


@pytest.mark.parametrize("size", SIZES)
def test_stationary_covariance_does_not_know_where_the_signal_begins(size):
    found = spectrum.stationary_covariance(powers(size))
    assert same(np.roll(found, 1, (0, 1)), found)
    assert same(np.trace(found), sum(powers(size)))


@pytest.mark.parametrize("size", SIZES)
def test_denoiser_stationary_solves_the_normal_equations_of_the_vectors(size):
    """x_0 - mean = alpha*C @ u, where the covariance of x_t maps u to x_t - alpha*mean; circulant matrices commute."""
    x_t, mean = states(size)
    found = spectrum.denoiser_stationary(x_t, mean, powers(size), ALPHA, SIGMA)
    assert same(observed(size) @ (found[0] - mean), ALPHA * covariance(size) @ (x_t[0] - ALPHA * mean))


@pytest.mark.parametrize("size", SIZES)
def test_score_stationary_is_minus_the_precision_times_the_distance(size):
    x_t, mean = states(size)
    found = spectrum.score_stationary(x_t, mean, powers(size), ALPHA, SIGMA)
    assert same(observed(size) @ found[0], ALPHA * mean - x_t[0])


def test_denoiser_stationary_and_score_stationary_obey_tweedies_rule_state_by_state():
    rows, mean = column(real("a b c d")).reshape(2, 2), column(real("m:2"))
    given = (mean, powers(2), ALPHA, SIGMA)
    both = ALPHA * spectrum.denoiser_stationary(rows, *given)
    assert same(both, rows + SIGMA**2 * spectrum.score_stationary(rows, *given))
    assert same(both[1:], ALPHA * spectrum.denoiser_stationary(rows[1:], *given))


def test_loss_floor_stationary_is_the_mean_squared_error_of_denoiser_stationary():
    size = 3
    x_t, mean = states(size)
    given = (powers(size), ALPHA, SIGMA)
    guess = spectrum.denoiser_stationary(x_t, 0 * mean, *given)[0]
    gain = np.array([[sp.diff(entry, symbol) for symbol in x_t[0]] for entry in guess], dtype=object)
    left = np.array(sp.eye(size).tolist(), dtype=object) - ALPHA * gain
    error = np.trace(left @ covariance(size) @ left.T) + SIGMA**2 * np.trace(gain @ gain.T)
    assert same(spectrum.loss_floor_stationary(*given), error / size)


def test_noised_power_is_the_mean_square_of_a_coefficient_of_x_t():
    assert same(
        spectrum.noised_power(POWER, ALPHA, SIGMA), expectation((ALPHA * sp.sqrt(POWER) * C + SIGMA * EPS) ** 2, [C, EPS])
    )


def test_frequency_snr_is_the_ratio_of_the_mean_squares():
    signal, noise = expectation((ALPHA * sp.sqrt(POWER) * C) ** 2, [C]), expectation((SIGMA * EPS) ** 2, [EPS])
    assert same(spectrum.frequency_snr(POWER, ALPHA, SIGMA), signal / noise)


def test_wiener_gain_and_frequency_posterior_variance_are_bayes_rule():
    mean, variance = completed_square(log_normal(C, 0, POWER) + log_normal(X, ALPHA * C, SIGMA**2), C)
    assert same(spectrum.wiener_gain(POWER, ALPHA, SIGMA) * X, mean)
    assert same(spectrum.frequency_posterior_variance(POWER, ALPHA, SIGMA), variance)


def test_wiener_gain_has_the_least_squared_error_and_frequency_posterior_variance_is_that_error():
    gain = real("gain")
    x_0 = sp.sqrt(POWER) * C
    error = expectation((x_0 - gain * (ALPHA * x_0 + SIGMA * EPS)) ** 2, [C, EPS])
    best = {gain: spectrum.wiener_gain(POWER, ALPHA, SIGMA)}
    assert same(sp.diff(error, gain).subs(best), 0)
    assert same(error.subs(best), spectrum.frequency_posterior_variance(POWER, ALPHA, SIGMA))


def test_power_law_spectrum_is_a_straight_line_on_logarithmic_axes():
    power = spectrum.power_law_spectrum(FREQUENCY, ONE, EXPONENT)
    assert same(power.subs(FREQUENCY, 1), ONE)
    assert same(FREQUENCY * sp.diff(power, FREQUENCY) / power, -EXPONENT)


def test_cutoff_frequency_is_where_the_signal_is_as_strong_as_the_noise():
    """With the strength of the signal written as a power of the answer, everything is a power of one symbol."""
    for exponent in (1, 2, 3, -1, -2):
        one = FREQUENCY**exponent * SIGMA**2 / ALPHA**2
        found = spectrum.cutoff_frequency(one, sp.Integer(exponent), ALPHA, SIGMA)
        assert same(found, FREQUENCY)
        power = spectrum.power_law_spectrum(FREQUENCY, one, sp.Integer(exponent))
        assert same(spectrum.frequency_snr(power, ALPHA, SIGMA), 1)


@pytest.mark.parametrize("sign", [1, -1])
def test_detail_goes_first_where_the_spectrum_falls_and_last_where_it_rises(sign):
    """The slope of frequency_snr in frequency has the sign of the spectrum's, so noise drowns one end first.

    The hypothesis is in the data: with power_law_spectrum of exponent below 0 the low frequencies go first.
    """
    power = spectrum.power_law_spectrum(FREQUENCY, ONE, sign * EXPONENT)
    slope = sp.diff(spectrum.frequency_snr(power, ALPHA, SIGMA), FREQUENCY)
    assert slope.is_negative if sign > 0 else slope.is_positive
    # Each level sits where the ratio of the scales is the root of the power: more noise moves the cutoff to greater power.
    cutoff = spectrum.cutoff_frequency(ONE, sp.Integer(2 * sign), sp.Integer(1), SIGMA)
    moved = sp.simplify(sp.diff(cutoff, SIGMA))
    assert moved.is_negative if sign > 0 else moved.is_positive
