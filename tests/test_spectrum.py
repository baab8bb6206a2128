"""Properties of stationary data's formulas."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import denoiser, spectrum

from .strategies import scales, slack, within

seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)
ordinary = st.floats(-2, 2).map(lambda exponent: 10**exponent)
exponents = st.floats(0.5, 4)
sizes = st.integers(1, 12)


def ulp(value, count):
    return count * np.spacing(np.abs(value))


def signal(rng, size):
    """Two states, a mean and mirrored powers."""
    half = 10 ** rng.uniform(-3, 3, size // 2 + 1)
    index = np.arange(size)
    return rng.standard_normal((2, size)), np.full(size, rng.standard_normal()), half[np.minimum(index, size - index)]


def arguments(rng, size, alpha_t, sigma_t):
    x_t, mean, power = signal(rng, size)
    return {"x_t": x_t, "mean": mean, "power": power, "alpha_t": alpha_t, "sigma_t": sigma_t}


@given(seeds, sizes, ordinary, ordinary)
def test_denoiser_stationary_is_numpys_fft_times_the_gain(rng, size, alpha_t, sigma_t):
    given_ = arguments(rng, size, alpha_t, sigma_t)
    gain = spectrum.wiener_gain(given_["power"], alpha_t, sigma_t)
    shifted = np.fft.fft(given_["x_t"] - alpha_t * given_["mean"], norm="ortho")
    expected = given_["mean"] + np.fft.ifft(shifted * gain, norm="ortho").real
    found = spectrum.denoiser_stationary(**given_)
    assert within(found, expected, 3 * slack("denoiser_stationary", given_, found))


@given(seeds, sizes, ordinary, ordinary)
def test_denoiser_stationary_and_score_stationary_commute_with_a_shift_of_the_signal(rng, size, alpha_t, sigma_t):
    given_ = arguments(rng, size, alpha_t, sigma_t)
    for name in ("denoiser_stationary", "score_stationary"):
        found = getattr(spectrum, name)(**given_)
        moved = getattr(spectrum, name)(**given_ | {"x_t": np.roll(given_["x_t"], 1, axis=1)})
        assert within(moved, np.roll(found, 1, axis=1), 2 * slack(name, given_, found))


@given(seeds, sizes, ordinary, ordinary, ordinary)
def test_denoiser_stationary_of_white_data_is_denoiser_gaussian(rng, size, variance, alpha_t, sigma_t):
    given_ = arguments(rng, size, alpha_t, sigma_t) | {"power": np.full(size, variance)}
    found = spectrum.denoiser_stationary(**given_)
    expected = denoiser.denoiser_gaussian(given_["x_t"], given_["mean"], variance, alpha_t, sigma_t)
    assert within(found, expected, 3 * slack("denoiser_stationary", given_, found))


@given(seeds, sizes)
def test_stationary_covariance_has_the_powers_for_eigenvalues_and_their_mean_on_its_diagonal(rng, size):
    power = signal(rng, size)[2]
    found = spectrum.stationary_covariance(power)
    allowed = size * slack("stationary_covariance", {"power": power}, found)
    assert within(np.diag(found), np.full(size, power.mean()), allowed)
    assert within(np.linalg.eigvalsh(found), np.sort(power), 40 * allowed)


@given(scales, scales, scales)
def test_wiener_gain_shrinks_and_frequency_posterior_variance_is_below_both_variances(power, alpha_t, sigma_t):
    assert 0 < spectrum.wiener_gain(power, alpha_t, sigma_t) * alpha_t <= 1 + 1e-15
    left = spectrum.frequency_posterior_variance(power, alpha_t, sigma_t)
    assert 0 < left <= min(power, (sigma_t / alpha_t) ** 2) * (1 + 1e-15)


@given(scales, scales, scales)
def test_noised_power_is_noise_times_one_more_than_frequency_snr(power, alpha_t, sigma_t):
    total = spectrum.noised_power(power, alpha_t, sigma_t)
    assert within(total, sigma_t**2 * (1 + spectrum.frequency_snr(power, alpha_t, sigma_t)), ulp(total, 6))


@given(seeds, sizes, ordinary, ordinary)
def test_loss_floor_stationary_is_at_most_that_of_white_data(rng, size, alpha_t, sigma_t):
    power = signal(rng, size)[2]
    floor = spectrum.loss_floor_stationary(power, alpha_t, sigma_t)
    white = spectrum.frequency_posterior_variance(power.mean(), alpha_t, sigma_t)
    assert 0 < floor <= white + ulp(white, 8)


@given(ordinary, exponents, st.sampled_from([1, -1]), ordinary, ordinary)
def test_cutoff_frequency_is_where_frequency_snr_of_power_law_spectrum_is_one(power_at_one, exponent, sign, alpha_t, sigma_t):
    cutoff = spectrum.cutoff_frequency(power_at_one, sign * exponent, alpha_t, sigma_t)
    power = spectrum.power_law_spectrum(cutoff, power_at_one, sign * exponent)
    assert abs(spectrum.frequency_snr(power, alpha_t, sigma_t) - 1) < 1e-14
    above = spectrum.power_law_spectrum(2 * cutoff, power_at_one, sign * exponent)
    assert (spectrum.frequency_snr(above, alpha_t, sigma_t) < 1) == (sign > 0)
