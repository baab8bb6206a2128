"""Wrong bodies of the formulas of stationary data."""

from refdiff.numbers import namespace

__all__ = [
    "cutoff_frequency__exponent_not_inverted",
    "cutoff_frequency__scales_not_squared",
    "cutoff_frequency__upside_down",
    "denoiser_stationary__gain_of_x_t",
    "denoiser_stationary__mean_not_scaled",
    "denoiser_stationary__power_not_normalised",
    "denoiser_stationary__white",
    "frequency_posterior_variance__of_the_noise",
    "frequency_posterior_variance__scale_for_variance",
    "frequency_snr__power_squared",
    "frequency_snr__scales_not_squared",
    "frequency_snr__upside_down",
    "loss_floor_stationary__of_the_mean_power",
    "loss_floor_stationary__whole_signal",
    "noised_power__of_a_sum",
    "noised_power__scales_not_squared",
    "power_law_spectrum__amplitude",
    "power_law_spectrum__rising",
    "score_stationary__of_the_noise",
    "score_stationary__sign",
    "stationary_covariance__inverse",
    "stationary_covariance__not_normalised",
    "wiener_gain__amplitude_for_power",
    "wiener_gain__of_x_t",
    "wiener_gain__unit_power",
]


def _filtered(x, gains):
    """Each coefficient of the orthonormal real transform times its gain."""
    xp = namespace(x, gains)
    size = gains.shape[0]
    index = xp.arange(size)
    angles = 2 * xp.pi * (index[:, None] * index[None, :] % size) / size
    waves = (xp.cos(angles) + xp.sin(angles)) / xp.sqrt(size)
    return x @ (waves * gains) @ waves


def _identity(power):
    index = namespace(power).arange(power.shape[0])
    return namespace(power).where(index[:, None] == index[None, :], 1, 0)


def noised_power__scales_not_squared(power, alpha_t, sigma_t):
    """The scales in place of their squares.

    Fix: alpha_t**2*power + sigma_t**2, Wiener 1949, section 3
    Seen in: plausible
    """
    return alpha_t * power + sigma_t


def noised_power__of_a_sum(power, alpha_t, sigma_t):
    """The square of the sum of standard deviations.

    Fix: alpha_t**2*power + sigma_t**2, Wiener 1949, section 3
    Seen in: plausible
    """
    xp = namespace(power, alpha_t, sigma_t)
    return (alpha_t * xp.sqrt(power) + sigma_t) ** 2


def frequency_snr__scales_not_squared(power, alpha_t, sigma_t):
    """A ratio of amplitudes times the power.

    Fix: alpha_t**2*power/sigma_t**2, Rissanen et al. 2023, section on spectral analysis
    Seen in: plausible
    """
    return alpha_t * power / sigma_t


def frequency_snr__power_squared(power, alpha_t, sigma_t):
    """The power squared, as if it were an amplitude.

    Fix: alpha_t**2*power/sigma_t**2, Rissanen et al. 2023, section on spectral analysis
    Seen in: plausible
    """
    return (alpha_t * power / sigma_t) ** 2


def frequency_snr__upside_down(power, alpha_t, sigma_t):
    """Noise over signal.

    Fix: alpha_t**2*power/sigma_t**2, Rissanen et al. 2023, section on spectral analysis
    Seen in: plausible
    """
    return sigma_t**2 / (alpha_t**2 * power + namespace(power, alpha_t, sigma_t).where(power * alpha_t == 0, 1, 0))


def wiener_gain__of_x_t(power, alpha_t, sigma_t):
    """The share of the signal in x_t, without the division by alpha_t.

    Fix: alpha_t*power/(alpha_t**2*power + sigma_t**2), Wiener 1949, section 3
    Seen in: plausible
    """
    return alpha_t**2 * power / (alpha_t**2 * power + sigma_t**2)


def wiener_gain__unit_power(power, alpha_t, sigma_t):
    """The powers left out, as if all were 1.

    Fix: alpha_t*power/(alpha_t**2*power + sigma_t**2), Wiener 1949, section 3
    Seen in: plausible
    """
    return alpha_t / (alpha_t**2 + sigma_t**2) + 0 * power


def wiener_gain__amplitude_for_power(power, alpha_t, sigma_t):
    """The root of the power, as if the spectrum were of amplitudes.

    Fix: alpha_t*power/(alpha_t**2*power + sigma_t**2), Wiener 1949, section 3
    Seen in: plausible
    """
    root = namespace(power, alpha_t, sigma_t).sqrt(power)
    return alpha_t * root / (alpha_t**2 * root + sigma_t**2)


def frequency_posterior_variance__of_the_noise(power, alpha_t, sigma_t):
    """The variance of the noise left in alpha_t*x_0, in units of x_t.

    Fix: power*sigma_t**2/(alpha_t**2*power + sigma_t**2), Wiener 1949, section 3
    Seen in: plausible
    """
    return alpha_t**2 * power * sigma_t**2 / (alpha_t**2 * power + sigma_t**2)


def frequency_posterior_variance__scale_for_variance(power, alpha_t, sigma_t):
    """sigma_t in place of its square.

    Fix: power*sigma_t**2/(alpha_t**2*power + sigma_t**2), Wiener 1949, section 3
    Seen in: plausible
    """
    return power * sigma_t / (alpha_t**2 * power + sigma_t)


def loss_floor_stationary__whole_signal(power, alpha_t, sigma_t):
    """The sum over frequencies, the error of the whole signal.

    Fix: the mean over frequencies of power*sigma_t**2/(alpha_t**2*power + sigma_t**2), Wiener 1949, section 3
    Seen in: plausible
    """
    xp = namespace(power, alpha_t, sigma_t)
    return xp.sum(power * sigma_t**2 / (alpha_t**2 * power + sigma_t**2))


def loss_floor_stationary__of_the_mean_power(power, alpha_t, sigma_t):
    """The floor of white data with the same variance, which is never lower.

    Fix: the mean over frequencies of power*sigma_t**2/(alpha_t**2*power + sigma_t**2), Wiener 1949, section 3
    Seen in: plausible
    """
    xp = namespace(power, alpha_t, sigma_t)
    mean = xp.sum(power) / power.shape[0]
    return mean * sigma_t**2 / (alpha_t**2 * mean + sigma_t**2)


def stationary_covariance__not_normalised(power):
    """A transform that is not orthonormal: too large by the number of samples.

    Fix: the circulant matrix with these eigenvalues, Gray 2006, section 3.1
    Seen in: plausible
    """
    return _filtered(_identity(power), power) * power.shape[0]


def stationary_covariance__inverse(power):
    """The precision in place of the covariance.

    Fix: the circulant matrix with these eigenvalues, Gray 2006, section 3.1
    Seen in: plausible
    """
    return _filtered(_identity(power), 1 / power)


def denoiser_stationary__gain_of_x_t(x_t, mean, power, alpha_t, sigma_t):
    """The gain without the division by alpha_t: the mean of alpha_t*x_0, but for the mean.

    Fix: mean + (x_t - alpha_t*mean) @ circulant(alpha_t*power/(alpha_t**2*power + sigma_t**2)), Wiener 1949, section 3
    Seen in: plausible
    """
    gains = alpha_t**2 * power / (alpha_t**2 * power + sigma_t**2)
    return mean + _filtered(x_t - alpha_t * mean, gains)


def denoiser_stationary__mean_not_scaled(x_t, mean, power, alpha_t, sigma_t):
    """x_t - mean in place of x_t - alpha_t*mean.

    Fix: mean + (x_t - alpha_t*mean) @ circulant(alpha_t*power/(alpha_t**2*power + sigma_t**2)), Wiener 1949, section 3
    Seen in: plausible
    """
    gains = alpha_t * power / (alpha_t**2 * power + sigma_t**2)
    return mean + _filtered(x_t - mean, gains)


def denoiser_stationary__white(x_t, mean, power, alpha_t, sigma_t):
    """Every frequency treated alike, by the mean power.

    Fix: mean + (x_t - alpha_t*mean) @ circulant(alpha_t*power/(alpha_t**2*power + sigma_t**2)), Wiener 1949, section 3
    Seen in: plausible
    """
    xp = namespace(x_t, mean, power, alpha_t, sigma_t)
    variance = xp.sum(power) / power.shape[0]
    return mean + alpha_t * variance / (alpha_t**2 * variance + sigma_t**2) * (x_t - alpha_t * mean)


def denoiser_stationary__power_not_normalised(x_t, mean, power, alpha_t, sigma_t):
    """The power of a transform that is not orthonormal: too large by the number of samples.

    Fix: mean + (x_t - alpha_t*mean) @ circulant(alpha_t*power/(alpha_t**2*power + sigma_t**2)), Wiener 1949, section 3
    Seen in: plausible
    """
    power = power * power.shape[0]
    gains = alpha_t * power / (alpha_t**2 * power + sigma_t**2)
    return mean + _filtered(x_t - alpha_t * mean, gains)


def score_stationary__of_the_noise(x_t, mean, power, alpha_t, sigma_t):
    """The precision of the noise alone.

    Fix: (alpha_t*mean - x_t) @ circulant(1/(alpha_t**2*power + sigma_t**2)), Bishop 2006, section 2.3
    Seen in: plausible
    """
    return (alpha_t * mean - x_t) / sigma_t**2 + 0 * power


def score_stationary__sign(x_t, mean, power, alpha_t, sigma_t):
    """Away from the data.

    Fix: (alpha_t*mean - x_t) @ circulant(1/(alpha_t**2*power + sigma_t**2)), Bishop 2006, section 2.3
    Seen in: plausible
    """
    return _filtered(x_t - alpha_t * mean, 1 / (alpha_t**2 * power + sigma_t**2))


def power_law_spectrum__rising(frequency, power_at_one, spectral_exponent):
    """The sign of the exponent.

    Fix: power_at_one/frequency**spectral_exponent, van der Schaaf and van Hateren 1996, section 3
    Seen in: plausible
    """
    return power_at_one * frequency**spectral_exponent


def power_law_spectrum__amplitude(frequency, power_at_one, spectral_exponent):
    """Half of the exponent: the law of amplitudes.

    Fix: power_at_one/frequency**spectral_exponent, van der Schaaf and van Hateren 1996, section 3
    Seen in: plausible
    """
    return power_at_one / frequency ** (spectral_exponent / 2)


def cutoff_frequency__exponent_not_inverted(power_at_one, spectral_exponent, alpha_t, sigma_t):
    """The exponent in place of its inverse.

    Fix: (power_at_one*alpha_t**2/sigma_t**2)**(1/spectral_exponent), Rissanen et al. 2023, section on spectral analysis
    Seen in: plausible
    """
    return ((alpha_t / sigma_t) ** 2 * power_at_one) ** spectral_exponent


def cutoff_frequency__scales_not_squared(power_at_one, spectral_exponent, alpha_t, sigma_t):
    """A ratio of amplitudes in place of powers.

    Fix: (power_at_one*alpha_t**2/sigma_t**2)**(1/spectral_exponent), Rissanen et al. 2023, section on spectral analysis
    Seen in: plausible
    """
    return (alpha_t / sigma_t * power_at_one) ** (1 / spectral_exponent)


def cutoff_frequency__upside_down(power_at_one, spectral_exponent, alpha_t, sigma_t):
    """Noise over signal.

    Fix: (power_at_one*alpha_t**2/sigma_t**2)**(1/spectral_exponent), Rissanen et al. 2023, section on spectral analysis
    Seen in: plausible
    """
    return ((sigma_t / alpha_t) ** 2 / power_at_one) ** (1 / spectral_exponent)
