"""Stationary data, frequency by frequency: real signals of d samples, periodic, whose law does not know where they begin.

The transform is the orthonormal discrete Fourier transform, X_k = sum over n of x_n*exp(-2*pi*i*k*n/d)/sqrt(d); `power` is the
variance of X_k, for k = 0..d-1, and power[k] is power[d - k] because the signal is real. The mean of power over k is the variance
of every sample.
"""

from refdiff.numbers import namespace

__all__ = [
    "cutoff_frequency",
    "denoiser_stationary",
    "frequency_posterior_variance",
    "frequency_snr",
    "loss_floor_stationary",
    "noised_power",
    "power_law_spectrum",
    "score_stationary",
    "stationary_covariance",
    "wiener_gain",
]


def noised_power(power, alpha_t, sigma_t):
    """Power spectrum of x_t.

    Formula:
        alpha_t**2*power + sigma_t**2

    Args:
        power: variance of each coefficient of the data, >= 0, any shape.
        alpha_t: signal scale, >= 0, broadcasts against power.
        sigma_t: noise scale, >= 0, broadcasts against power.

    Returns:
        The broadcast shape, in units of x_0 squared. Error at most 2.5 ulp.

    Source:
        Wiener 1949, Extrapolation, Interpolation and Smoothing of Stationary Time Series, chapter 3.
    """
    return alpha_t**2 * power + sigma_t**2


def frequency_snr(power, alpha_t, sigma_t):
    """Signal-to-noise ratio of each coefficient of x_t; white noise has the same power everywhere.

    Formula:
        alpha_t**2*power/sigma_t**2

    Args:
        power: variance of each coefficient of the data, >= 0, any shape.
        alpha_t: signal scale, >= 0, broadcasts against power.
        sigma_t: noise scale, > 0, broadcasts against power.

    Returns:
        The broadcast shape, a ratio. Error at most 4 ulp.

    Source:
        Rissanen et al. 2023, arXiv:2206.13397v7, section on spectral analysis; Dieleman 2024, Diffusion is spectral
        autoregression, a web page.
    """
    return (alpha_t / sigma_t) ** 2 * power


def wiener_gain(power, alpha_t, sigma_t):
    """Factor that maps a coefficient of x_t to the mean of that of x_0, for data of mean 0.

    Formula:
        alpha_t*power/(alpha_t**2*power + sigma_t**2)

    Args:
        power: variance of each coefficient of the data, >= 0, any shape.
        alpha_t: signal scale, >= 0, broadcasts against power.
        sigma_t: noise scale, > 0, broadcasts against power.

    Returns:
        The broadcast shape, a ratio. Error at most 4 ulp.

    Source:
        Wiener 1949, Extrapolation, Interpolation and Smoothing of Stationary Time Series, chapter 3.
    """
    return alpha_t * power / noised_power(power, alpha_t, sigma_t)


def frequency_posterior_variance(power, alpha_t, sigma_t):
    """Variance of each coefficient of x_0 given x_t, for Gaussian data: what no denoiser can know.

    Formula:
        power*sigma_t**2/(alpha_t**2*power + sigma_t**2)

    Args:
        power: variance of each coefficient of the data, >= 0, any shape.
        alpha_t: signal scale, >= 0, broadcasts against power.
        sigma_t: noise scale, > 0, broadcasts against power.

    Returns:
        The broadcast shape, in units of x_0 squared. Error at most 4 ulp.

    Source:
        Wiener 1949, Extrapolation, Interpolation and Smoothing of Stationary Time Series, chapter 3.
    """
    return sigma_t**2 * power / noised_power(power, alpha_t, sigma_t)


def loss_floor_stationary(power, alpha_t, sigma_t):
    """Least mean squared error of x_0 given x_t, per sample of the signal, for Gaussian data.

    Formula:
        power @ (sigma_t**2/(alpha_t**2*power + sigma_t**2))/len(power)

    Args:
        power: variance of each coefficient of the data, >= 0, shape (d,).
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        A number, in units of x_0 squared. Error at most 4 ulp.

    Source:
        Wiener 1949, Extrapolation, Interpolation and Smoothing of Stationary Time Series, chapter 3.
    """
    xp = namespace(power, alpha_t, sigma_t)
    return xp.sum(frequency_posterior_variance(power, alpha_t, sigma_t)) / power.shape[0]


def _waves(xp, size):
    """Real orthonormal symmetric transform (Hartley's): its columns carry the frequencies 0..size - 1."""
    index = xp.arange(size)
    angles = 2 * xp.pi * (index[:, None] * index[None, :] % size) / size
    return (xp.cos(angles) + xp.sin(angles)) / xp.sqrt(size)


def stationary_covariance(power):
    """Covariance of the data: the circulant matrix whose eigenvalues are the powers.

    Formula:
        circulant(power)

    Entry i, j is the sum over k of power[k]*cos(2*pi*k*(i - j)/d)/d.

    Args:
        power: variance of each coefficient of the data, >= 0, shape (d,), power[k] equal to power[d - k].

    Returns:
        Shape (d, d), in units of x_0 squared. Error at most 4.5 ulp of max(power).

    Source:
        Gray 2006, Toeplitz and Circulant Matrices: A Review, section 3.1.
    """
    xp = namespace(power)
    waves = _waves(xp, power.shape[0])
    return (waves * power) @ waves


def denoiser_stationary(x_t, mean, power, alpha_t, sigma_t):
    """Mean of x_0 given x_t when x_0 is Gaussian with a circulant covariance: Wiener's filter.

    Formula:
        mean + (x_t - alpha_t*mean) @ circulant(alpha_t*power/(alpha_t**2*power + sigma_t**2))

    Entry i, j of circulant(g) is the sum over k of g[k]*cos(2*pi*k*(i - j)/d)/d: the transform, times g, and back.

    Args:
        x_t: states, shape (B, d).
        mean: mean of the data, shape (d,); of stationary data all entries are the same.
        power: variance of each coefficient of the data, >= 0, shape (d,), power[k] equal to power[d - k].
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, d), in units of x_0. Error at most 4 ulp of max(abs(mean))
        + max(alpha_t*power/(alpha_t**2*power + sigma_t**2))*len(power)*(max(abs(x_t)) + alpha_t*max(abs(mean))).

    Source:
        Wiener 1949, Extrapolation, Interpolation and Smoothing of Stationary Time Series, chapter 3.
    """
    xp = namespace(x_t, mean, power, alpha_t, sigma_t)
    waves = _waves(xp, power.shape[0])
    return mean + (x_t - alpha_t * mean) @ (waves * wiener_gain(power, alpha_t, sigma_t)) @ waves


def score_stationary(x_t, mean, power, alpha_t, sigma_t):
    """Gradient of log p_t at x_t when x_0 is Gaussian with a circulant covariance.

    Formula:
        (alpha_t*mean - x_t) @ circulant(1/(alpha_t**2*power + sigma_t**2))

    Entry i, j of circulant(g) is the sum over k of g[k]*cos(2*pi*k*(i - j)/d)/d: the transform, times g, and back.

    Args:
        x_t: states, shape (B, d).
        mean: mean of the data, shape (d,); of stationary data all entries are the same.
        power: variance of each coefficient of the data, >= 0, shape (d,), power[k] equal to power[d - k].
        alpha_t: signal scale, >= 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, d), per unit of x_0. Error at most 4 ulp of
        max(1/(alpha_t**2*power + sigma_t**2))*len(power)*(max(abs(x_t)) + alpha_t*max(abs(mean))).

    Source:
        Bishop 2006, Pattern Recognition and Machine Learning, section 2.3; Gray 2006, Toeplitz and Circulant Matrices: A Review,
        section 3.1.
    """
    xp = namespace(x_t, mean, power, alpha_t, sigma_t)
    waves = _waves(xp, power.shape[0])
    return (alpha_t * mean - x_t) @ (waves / noised_power(power, alpha_t, sigma_t)) @ waves


def power_law_spectrum(frequency, power_at_one, spectral_exponent):
    """Power at a frequency, for a spectrum that is a straight line on logarithmic axes.

    Formula:
        power_at_one/frequency**spectral_exponent

    Args:
        frequency: waves over the period, > 0, any shape.
        power_at_one: power at frequency 1, > 0, broadcasts against the first.
        spectral_exponent: above 0 the spectrum falls, below 0 it rises; about 2 for photographs; broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0 squared. Error at most 2 ulp.

    Source:
        van der Schaaf and van Hateren 1996, Vision Research 36, section 3.
    """
    return power_at_one / frequency**spectral_exponent


def cutoff_frequency(power_at_one, spectral_exponent, alpha_t, sigma_t):
    """Frequency at which the SNR of x_t is 1, for a spectrum that is a power law.

    Formula:
        (power_at_one*alpha_t**2/sigma_t**2)**(1/spectral_exponent)

    The noise drowns what lies above it where the spectrum falls, what lies below it where the spectrum rises: that detail goes
    first is a property of the data. The body corrects the rounding of 1/spectral_exponent, which the power would magnify.

    Args:
        power_at_one: power at frequency 1, > 0, any shape.
        spectral_exponent: not 0, broadcasts against the first.
        alpha_t: signal scale, > 0, broadcasts against the first.
        sigma_t: noise scale, > 0, broadcasts against the first.

    Returns:
        The broadcast shape, waves over the period. Error at most 3 ulp of (1 + 1/abs(spectral_exponent))*value.

    Source:
        Rissanen et al. 2023, arXiv:2206.13397v7, section on spectral analysis; Dieleman 2024, Diffusion is spectral
        autoregression, a web page.
    """
    signal = (alpha_t / sigma_t) ** 2 * power_at_one
    guess = signal ** (1 / spectral_exponent)
    return guess * (1 + (signal / guess**spectral_exponent - 1) / spectral_exponent)
