"""Several resolutions: pooling and upsampling, what they do to noise and schedules, nested forward processes."""

from refdiff.numbers import namespace
from refdiff.reference.posterior import general_posterior_mean, general_posterior_variance

__all__ = [
    "average_pool",
    "logsnr_interpolated",
    "logsnr_shifted",
    "nearest_upsample",
    "nested_coarse_variance",
    "nested_cross_covariance",
    "nested_cross_covariance_shared_noise",
    "nested_joint_posterior_mean",
    "nested_joint_posterior_variances",
    "nested_joint_sample",
    "nested_posterior_mean",
    "nested_posterior_mean_shared_noise",
    "nested_posterior_variance",
    "nested_posterior_variance_shared_noise",
    "pooled_logsnr",
    "pooled_noise_scale",
]


def average_pool(x, pooling):
    """States at a lower resolution: the mean of each block of `pooling` entries along every axis but the first.

    Formula:
        pool(x, pooling)

    Args:
        x: states, shape (B, L), (B, H, W) or with more axes; channels count as samples.
        pooling: entries of a block along one axis, an integer >= 1 that divides each length.

    Returns:
        Shape (B, L/pooling) or (B, H/pooling, W/pooling), in units of x.
        Error at most 1.5 ulp of pool(abs(x), pooling), for blocks of up to 64 entries.

    Source:
        Gu et al. 2023, arXiv:2310.15111v2, section 3.1, D with average pooling.
    """
    shape = [x.shape[0]]
    for size in x.shape[1:]:
        shape = [*shape, size // pooling, pooling]
    inside = tuple(range(2, len(shape), 2))
    xp = namespace(x)
    return xp.sum(xp.reshape(x, tuple(shape)), axis=inside) / pooling ** len(inside)


def nearest_upsample(x, pooling):
    """States at a higher resolution: each entry repeated `pooling` times along every axis but the first.

    Formula:
        upsample(x, pooling)

    Args:
        x: states, shape (B, L), (B, H, W) or with more axes; channels count as samples.
        pooling: copies of an entry along one axis, an integer >= 1.

    Returns:
        Shape (B, L*pooling) or (B, H*pooling, W*pooling), in units of x. Exact; average_pool takes it back.

    Source:
        Gu et al. 2023, arXiv:2310.15111v2, section 3.1, upsampling as D's right inverse.
    """
    xp = namespace(x)
    for axis in range(1, x.ndim):
        entries = [x[(slice(None),) * axis + (i // pooling, ...)] for i in range(pooling * x.shape[axis])]
        x = xp.stack(entries, axis=axis)
    return x


def pooled_noise_scale(sigma_t, pooling, axes):
    """Noise scale left in an average-pooled state: the mean of pooling**axes independent noises.

    Formula:
        sigma_t/sqrt(pooling**axes)

    Args:
        sigma_t: noise scale at the full resolution, >= 0, any shape.
        pooling: entries of a block along one axis, an integer >= 1.
        axes: number of pooled axes, an integer >= 1: 2 for an image, where the scale falls by pooling itself.

    Returns:
        Shape of sigma_t, in the same units. Error at most 1.5 ulp.
        With alpha_t as it was, the pooled x_t is an x_t of the pooled data at this noise scale.

    Source:
        Hoogeboom et al. 2023, arXiv:2301.11093v2, section 3.1: averaging over s by s pixels.
    """
    xp = namespace(sigma_t)
    return sigma_t / xp.sqrt(pooling**axes + 0 * sigma_t)


def pooled_logsnr(logsnr_t, pooling, axes):
    """Log SNR of an average-pooled state, the data's scale being taken to stay.

    Formula:
        logsnr_t + axes*log(pooling)

    Args:
        logsnr_t: log of alpha_t**2/sigma_t**2 at the full resolution, any shape.
        pooling: entries of a block along one axis, an integer >= 1.
        axes: number of pooled axes, an integer >= 1: 2 for an image, where 2*log(pooling) is gained.

    Returns:
        Shape of logsnr_t, in nats. Error at most 1.5 ulp of abs(logsnr_t) + axes*log(pooling).

    Source:
        Hoogeboom et al. 2023, arXiv:2301.11093v2, section 3.1: SNR at resolution d/s is s**2 times that at d.
    """
    xp = namespace(logsnr_t)
    return logsnr_t + axes * xp.log(pooling + 0 * logsnr_t)


def logsnr_shifted(logsnr_t, resolution, resolution_base):
    """Log SNR of a schedule carried over to images of another resolution.

    Formula:
        logsnr_t + 2*(log(resolution_base) - log(resolution))

    Args:
        logsnr_t: log SNR that the schedule has at resolution_base, any shape.
        resolution: side of the images, an integer >= 1.
        resolution_base: side for which the schedule was made, an integer >= 1, often 64 or 32.

    Returns:
        Shape of logsnr_t, in nats: lower at higher resolutions, so that pooled images keep their SNR.
        Error at most 1.5 ulp of 2 + abs(logsnr_t) + 2*abs(log(resolution_base) - log(resolution)).

    Source:
        Hoogeboom et al. 2023, arXiv:2301.11093v2, section 3.1: shift of 2*log(64/d).
    """
    xp = namespace(logsnr_t)
    return logsnr_t + 2 * xp.log(resolution_base / (resolution + 0 * logsnr_t))


def logsnr_interpolated(logsnr_t, time, resolution, resolution_base, resolution_high):
    """Log SNR that goes from one shifted schedule at the data to another at the noise.

    Formula:
        time*low + (1 - time)*high
        where low = logsnr_t + 2*(log(resolution_base) - log(resolution))
        where high = logsnr_t + 2*(log(resolution_high) - log(resolution))

    Args:
        logsnr_t: log SNR of the schedule before any shift, any shape.
        time: continuous time, 0 at the data, 1 at the noise, in [0, 1], a number or the shape of logsnr_t.
        resolution: side of the images, an integer >= 1.
        resolution_base: the shift's base at the noise, an integer >= 1, often 32.
        resolution_high: the shift's base at the data, an integer >= 1, often 256.

    Returns:
        Shape of logsnr_t, in nats.
        Error at most 2.5 ulp of 2 + abs(logsnr_t) + 2*abs(log(resolution_base) - log(resolution))
        + 2*abs(log(resolution_high) - log(resolution)).

    Source:
        Hoogeboom et al. 2023, arXiv:2301.11093v2, section 3.1, interpolated schedules: t*shifted_low + (1 - t)*shifted_high.
    """
    low, high = (logsnr_shifted(logsnr_t, resolution, base) for base in (resolution_base, resolution_high))
    return time * low + (1 - time) * high


def nested_coarse_variance(variance, pooling, alpha_coarse, sigma_coarse):
    """Variance of the coarse state, alpha_coarse*pool(x_0) + sigma_coarse*noise, for data of independent entries.

    Formula:
        alpha_coarse**2*pool(variance, pooling)/count + sigma_coarse**2
        where count = size(variance)/size(pool(variance, pooling))

    Args:
        variance: variance of the fine data, >= 0, shape (B, L) or (B, H, W).
        pooling: entries of a block along one axis, an integer >= 1.
        alpha_coarse: signal scale of the coarse state, >= 0, a number.
        sigma_coarse: noise scale of the coarse state, >= 0, a number; pooled_noise_scale of sigma_t where it pools x_t.

    Returns:
        Shape (B, L/pooling) or (B, H/pooling, W/pooling), in units of the coarse state squared. Error at most 3.5 ulp.

    Source:
        Gu et al. 2023, arXiv:2310.15111v2, section 3.1, the marginal at a lower resolution, for a Gaussian.
    """
    pooled = average_pool(variance, pooling)
    return alpha_coarse**2 * pooled / pooling ** (variance.ndim - 1) + sigma_coarse**2


def nested_cross_covariance(variance, pooling, alpha_t, alpha_coarse):
    """Covariance of each entry of the fine x_t with its block's coarse state, when each draws noise by itself.

    Formula:
        alpha_t*alpha_coarse*variance/count
        where count = size(variance)/size(pool(variance, pooling))

    Args:
        variance: variance of the fine data, >= 0, shape (B, L) or (B, H, W).
        pooling: entries of a block along one axis, an integer >= 1.
        alpha_t: signal scale of the fine state, >= 0, a number.
        alpha_coarse: signal scale of the coarse state, >= 0, a number.

    Returns:
        Shape of variance; other blocks' coarse states are independent. Error at most 2.5 ulp.

    Source:
        Gu et al. 2023, arXiv:2310.15111v2, section 3.1, the joint process, for a Gaussian.
    """
    return alpha_t * alpha_coarse * variance / pooling ** (variance.ndim - 1)


def nested_cross_covariance_shared_noise(variance, pooling, alpha_t, sigma_t):
    """Covariance of each entry of the fine x_t with its block's average.

    Formula:
        (alpha_t**2*variance + sigma_t**2)/count
        where count = size(variance)/size(pool(variance, pooling))

    Args:
        variance: variance of the fine data, >= 0, shape (B, L) or (B, H, W).
        pooling: entries of a block along one axis, an integer >= 1.
        alpha_t: signal scale of both states, >= 0, a number.
        sigma_t: noise scale of the fine state, >= 0, a number.

    Returns:
        Shape of variance; other blocks' averages are independent. Error at most 3.5 ulp.

    Source:
        Hoogeboom et al. 2023, arXiv:2301.11093v2, section 3.1, pooled x_t, for a Gaussian.
    """
    return (alpha_t**2 * variance + sigma_t**2) / pooling ** (variance.ndim - 1)


def nested_posterior_mean(x_coarse, mean, variance, pooling, alpha_t, sigma_t, alpha_coarse, sigma_coarse):
    """Mean of the fine x_t given the coarse one, for Gaussian data of independent entries and noise drawn for each by itself.

    Formula:
        alpha_t*mean + alpha_t*alpha_coarse*variance*upsample(gap/power, pooling)
        where gap = x_coarse - alpha_coarse*pool(mean, pooling)
        where power = alpha_coarse**2*pool(variance, pooling) + size(mean)/size(x_coarse)*sigma_coarse**2

    Args:
        x_coarse: coarse state, alpha_coarse*pool(x_0) + sigma_coarse*noise, shape (B, L/pooling) or (B, H/pooling, W/pooling).
        mean: mean of the fine data, shape (B, L) or (B, H, W).
        variance: variance of the fine data, >= 0, same shape.
        pooling: entries of a block along one axis, an integer >= 1.
        alpha_t: signal scale of the fine state, >= 0, a number.
        sigma_t: noise scale of the fine state, >= 0, a number; it does not matter here.
        alpha_coarse: signal scale of the coarse state, >= 0, a number.
        sigma_coarse: noise scale of the coarse state, > 0, a number.

    Returns:
        Shape of mean, in units of x_t. Error at most 6 ulp of alpha_t*abs(mean) + alpha_t*alpha_coarse*variance
        *upsample((abs(x_coarse) + alpha_coarse*pool(abs(mean), pooling))
        /(alpha_coarse**2*pool(variance, pooling) + size(mean)/size(x_coarse)*sigma_coarse**2), pooling).

    Source:
        Gu et al. 2023, arXiv:2310.15111v2, section 3.1, the joint process, conditioned by Kay 1993, Theorem 10.2.
    """
    count = pooling ** (mean.ndim - 1)
    power = alpha_coarse**2 * average_pool(variance, pooling) + count * sigma_coarse**2
    gap = x_coarse - alpha_coarse * average_pool(mean, pooling)
    return alpha_t * mean + alpha_t * alpha_coarse * variance * nearest_upsample(gap / power, pooling)


def nested_posterior_variance(variance, pooling, alpha_t, sigma_t, alpha_coarse, sigma_coarse):
    """Variance of each entry of the fine x_t given the coarse one, for Gaussian data and noise drawn for each by itself.

    Formula:
        alpha_t**2*variance + sigma_t**2 - (alpha_t*alpha_coarse*variance)**2/upsample(count*power, pooling)
        where power = alpha_coarse**2*pool(variance, pooling) + count*sigma_coarse**2
        where count = size(variance)/size(pool(variance, pooling))

    Args:
        variance: variance of the fine data, >= 0, shape (B, L) or (B, H, W).
        pooling: entries of a block along one axis, an integer >= 1.
        alpha_t: signal scale of the fine state, >= 0, a number.
        sigma_t: noise scale of the fine state, >= 0, a number.
        alpha_coarse: signal scale of the coarse state, >= 0, a number.
        sigma_coarse: noise scale of the coarse state, > 0, a number.

    Returns:
        Shape of variance, in units of x_t squared. Error at most 4 ulp of alpha_t**2*variance + sigma_t**2.

    Source:
        Gu et al. 2023, arXiv:2310.15111v2, section 3.1, the joint process, conditioned by Kay 1993, Theorem 10.2.
    """
    count = pooling ** (variance.ndim - 1)
    power = alpha_coarse**2 * average_pool(variance, pooling) + count * sigma_coarse**2
    kept = 1 - alpha_coarse**2 * variance / (count * nearest_upsample(power, pooling))
    return alpha_t**2 * variance * kept + sigma_t**2


def nested_posterior_mean_shared_noise(x_coarse, mean, variance, pooling, alpha_t, sigma_t):
    """Mean of the fine x_t given its own average, for Gaussian data of independent entries: both resolutions share the noise.

    Formula:
        alpha_t*mean + power*upsample((x_coarse - alpha_t*pool(mean, pooling))/pool(power, pooling), pooling)
        where power = alpha_t**2*variance + sigma_t**2

    Args:
        x_coarse: coarse state, pool(x_t) = alpha_t*pool(x_0) + sigma_t*pool(eps), shape (B, L/pooling) or
            (B, H/pooling, W/pooling).
        mean: mean of the fine data, shape (B, L) or (B, H, W).
        variance: variance of the fine data, >= 0, same shape.
        pooling: entries of a block along one axis, an integer >= 1.
        alpha_t: signal scale of both states, >= 0, a number.
        sigma_t: noise scale of the fine state, > 0, a number; the coarse one's is pooled_noise_scale.

    Returns:
        Shape of mean, in units of x_t; its blocks' means are x_coarse. Error at most 6 ulp of alpha_t*abs(mean)
        + (alpha_t**2*variance + sigma_t**2)*upsample((abs(x_coarse) + alpha_t*pool(abs(mean), pooling))
        /pool(alpha_t**2*variance + sigma_t**2, pooling), pooling).

    Source:
        Hoogeboom et al. 2023, arXiv:2301.11093v2, section 3.1, pooled x_t, conditioned by Kay 1993, Theorem 10.2.
    """
    power = alpha_t**2 * variance + sigma_t**2
    gap = x_coarse - alpha_t * average_pool(mean, pooling)
    return alpha_t * mean + power * nearest_upsample(gap / average_pool(power, pooling), pooling)


def nested_posterior_variance_shared_noise(variance, pooling, alpha_t, sigma_t):
    """Variance of each entry of the fine x_t given its own average, for Gaussian data of independent entries.

    Formula:
        power - power**2/upsample(count*pool(power, pooling), pooling)
        where count = size(variance)/size(pool(variance, pooling))
        where power = alpha_t**2*variance + sigma_t**2

    Args:
        variance: variance of the fine data, >= 0, shape (B, L) or (B, H, W).
        pooling: entries of a block along one axis, an integer >= 1.
        alpha_t: signal scale of both states, >= 0, a number.
        sigma_t: noise scale of the fine state, > 0, a number.

    Returns:
        Shape of variance, in units of x_t squared: what is left for the detail. Error at most 3.5 ulp of
        alpha_t**2*variance + sigma_t**2.

    Source:
        Hoogeboom et al. 2023, arXiv:2301.11093v2, section 3.1, pooled x_t, conditioned by Kay 1993, Theorem 10.2.
    """
    power = alpha_t**2 * variance + sigma_t**2
    count = pooling ** (variance.ndim - 1)
    return power * (1 - power / (count * nearest_upsample(average_pool(power, pooling), pooling)))


def _beside(fine, coarse):
    """The entries of both states in a row, for each sample."""
    xp = namespace(fine, coarse)
    return xp.concat([xp.reshape(state, (state.shape[0], -1)) for state in (fine, coarse)], axis=1)


def nested_joint_sample(x_0, eps, eps_coarse, pooling, alpha_t, sigma_t, alpha_coarse, sigma_coarse):
    """Fine and coarse state of the nested forward process, each with noise of its own, side by side.

    Formula:
        beside(alpha_t*x_0 + sigma_t*eps, alpha_coarse*pool(x_0, pooling) + sigma_coarse*eps_coarse)

    Args:
        x_0: fine data, shape (B, L) or (B, H, W).
        eps: unit noise of the fine state, same shape.
        eps_coarse: unit noise of the coarse state, shape (B, L/pooling) or (B, H/pooling, W/pooling).
        pooling: entries of a block along one axis, an integer >= 1 that divides each length.
        alpha_t: signal scale of the fine state, >= 0, a number.
        sigma_t: noise scale of the fine state, >= 0, a number.
        alpha_coarse: signal scale of the coarse state, >= 0, a number.
        sigma_coarse: noise scale of the coarse state, >= 0, a number.

    Returns:
        Shape (B, N + n): each sample's N fine entries in order, then its n coarse ones. Where both share their noise the coarse
        state is average_pool of the fine one. Error at most 2.5 ulp of
        beside(alpha_t*abs(x_0) + sigma_t*abs(eps), alpha_coarse*pool(abs(x_0), pooling) + sigma_coarse*abs(eps_coarse)),
        for blocks of up to 64 entries.

    Source:
        Gu et al. 2023, arXiv:2310.15111v2, section 3.1, the extended latent of all resolutions.
    """
    coarse = alpha_coarse * average_pool(x_0, pooling) + sigma_coarse * eps_coarse
    return _beside(alpha_t * x_0 + sigma_t * eps, coarse)


def nested_joint_posterior_mean(
    x_0, x_t, x_coarse, pooling, alpha_s, sigma_s, alpha_t, sigma_t, alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse
):
    """Mean of the fine and the coarse state at s given both at t and x_0, for noise drawn for each by itself.

    Formula:
        beside(alpha_s*added/sigma_t**2*x_0 + alpha_t/alpha_s*sigma_s**2/sigma_t**2*x_t,
        alpha_coarse_s*added_coarse/sigma_coarse**2*pool(x_0, pooling)
        + alpha_coarse/alpha_coarse_s*sigma_coarse_s**2/sigma_coarse**2*x_coarse)
        where added = sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2
        where added_coarse = sigma_coarse**2 - (alpha_coarse/alpha_coarse_s)**2*sigma_coarse_s**2

    Given x_0 the two chains are independent: the joint posterior is the product of two, the coarse one about pool(x_0).
    What couples them is x_0 alone, by the network's estimate of it.

    Args:
        x_0: fine data, shape (B, L) or (B, H, W).
        x_t: fine state at t, same shape.
        x_coarse: coarse state at t, shape (B, L/pooling) or (B, H/pooling, W/pooling).
        pooling: entries of a block along one axis, an integer >= 1 that divides each length.
        alpha_s: signal scale of the fine state at s, > 0, a number.
        sigma_s: noise scale of the fine state at s, >= 0, a number.
        alpha_t: signal scale of the fine state at t, > 0, a number.
        sigma_t: noise scale of the fine state at t, at least alpha_t/alpha_s*sigma_s and > 0, a number.
        alpha_coarse_s: signal scale of the coarse state at s, > 0, a number.
        sigma_coarse_s: noise scale of the coarse state at s, >= 0, a number.
        alpha_coarse: signal scale of the coarse state at t, > 0, a number.
        sigma_coarse: noise scale of the coarse state at t, at least alpha_coarse/alpha_coarse_s*sigma_coarse_s and > 0, a number.

    Returns:
        Shape (B, N + n): each sample's N fine entries in order, then its n coarse ones. Where both share their noise, and the
        coarse scales are alpha and pooled_noise_scale of sigma, the coarse mean is average_pool of the fine one.
        Error at most 2.5 ulp of beside(alpha_s*abs(x_0) + alpha_t/alpha_s*sigma_s**2/sigma_t**2*abs(x_t),
        alpha_coarse_s*pool(abs(x_0), pooling) + alpha_coarse/alpha_coarse_s*sigma_coarse_s**2/sigma_coarse**2*abs(x_coarse)),
        for blocks of up to 64 entries.

    Source:
        Gu et al. 2023, arXiv:2310.15111v2, section 3.1, the joint process, by Bayes' rule at each resolution.
    """
    coarse = (average_pool(x_0, pooling), x_coarse, alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse)
    return _beside(general_posterior_mean(x_0, x_t, alpha_s, sigma_s, alpha_t, sigma_t), general_posterior_mean(*coarse))


def nested_joint_posterior_variances(
    alpha_s, sigma_s, alpha_t, sigma_t, alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse
):
    """Variances of an entry of the fine and of the coarse state at s given both at t and x_0, for noise drawn for each.

    Formula:
        stack(sigma_s**2*(sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2)/sigma_t**2,
        sigma_coarse_s**2*(sigma_coarse**2 - (alpha_coarse/alpha_coarse_s)**2*sigma_coarse_s**2)/sigma_coarse**2)

    Args:
        alpha_s: signal scale of the fine state at s, > 0, any shape.
        sigma_s: noise scale of the fine state at s, >= 0, same shape.
        alpha_t: signal scale of the fine state at t, > 0, same shape.
        sigma_t: noise scale of the fine state at t, > 0 and at least alpha_t/alpha_s*sigma_s, same shape.
        alpha_coarse_s: signal scale of the coarse state at s, > 0, same shape.
        sigma_coarse_s: noise scale of the coarse state at s, >= 0, same shape.
        alpha_coarse: signal scale of the coarse state at t, > 0, same shape.
        sigma_coarse: noise scale of the coarse state at t, > 0 and such that no variance is negative, same shape.

    Returns:
        Shape (2, ...): the fine variance, then the coarse one; all covariances are 0. In units of x_s squared.
        Error at most 1 ulp of stack(sigma_s**2, sigma_coarse_s**2).

    Source:
        Gu et al. 2023, arXiv:2310.15111v2, section 3.1, the joint process, by Bayes' rule at each resolution.
    """
    fine = general_posterior_variance(alpha_s, sigma_s, alpha_t, sigma_t)
    coarse = general_posterior_variance(alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse)
    return namespace(fine, coarse).stack([fine, coarse])
