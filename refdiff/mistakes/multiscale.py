"""Wrong bodies of formulas of several resolutions."""

from refdiff.numbers import namespace
from refdiff.reference.multiscale import (
    average_pool,
    logsnr_interpolated,
    logsnr_shifted,
    nearest_upsample,
    nested_joint_posterior_mean,
    nested_joint_sample,
    nested_posterior_mean,
    nested_posterior_variance,
)
from refdiff.reference.posterior import general_posterior_mean, general_posterior_variance

__all__ = [
    "average_pool__blocks_interleaved",
    "average_pool__every_nth_entry",
    "average_pool__one_axis_counted",
    "average_pool__sum_of_block",
    "logsnr_interpolated__ends_swapped",
    "logsnr_interpolated__high_resolution_alone",
    "logsnr_interpolated__low_resolution_alone",
    "logsnr_shifted__not_doubled",
    "logsnr_shifted__of_the_wrong_sign",
    "nearest_upsample__divided_by_the_copies",
    "nearest_upsample__tiled",
    "nested_coarse_variance__averaged_alone",
    "nested_coarse_variance__noise_averaged_too",
    "nested_coarse_variance__one_axis",
    "nested_cross_covariance__count_left_out",
    "nested_cross_covariance__of_the_block",
    "nested_cross_covariance__one_axis",
    "nested_cross_covariance_shared_noise__count_left_out",
    "nested_cross_covariance_shared_noise__noise_of_its_own",
    "nested_cross_covariance_shared_noise__one_axis",
    "nested_joint_posterior_mean__coarse_from_the_fine_state",
    "nested_joint_posterior_mean__levels_swapped",
    "nested_joint_posterior_mean__one_level",
    "nested_joint_posterior_mean__pooled_posterior",
    "nested_joint_posterior_variances__coarse_first",
    "nested_joint_posterior_variances__one_level",
    "nested_joint_posterior_variances__scales",
    "nested_joint_sample__coarse_first",
    "nested_joint_sample__one_level",
    "nested_joint_sample__pooled_noise",
    "nested_joint_sample__pooled_state",
    "nested_posterior_mean__coarse_state_upsampled",
    "nested_posterior_mean__mean_of_the_data",
    "nested_posterior_mean__noise_not_multiplied_by_the_count",
    "nested_posterior_mean_shared_noise__coarse_gap_upsampled",
    "nested_posterior_mean_shared_noise__coarse_state_upsampled",
    "nested_posterior_mean_shared_noise__noise_of_its_own",
    "nested_posterior_variance__block_for_entry",
    "nested_posterior_variance__not_conditioned",
    "nested_posterior_variance_shared_noise__equal_variances",
    "nested_posterior_variance_shared_noise__noise_of_its_own",
    "nested_posterior_variance_shared_noise__not_conditioned",
    "pooled_logsnr__counted_once_for_all_axes",
    "pooled_logsnr__of_the_wrong_sign",
    "pooled_logsnr__twice",
    "pooled_noise_scale__count_for_its_root",
    "pooled_noise_scale__one_axis",
    "pooled_noise_scale__unchanged",
]


def average_pool__sum_of_block(x, pooling):
    """The sum of each block in place of its mean.

    Fix: the mean over pooling**axes entries, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    return average_pool(x, pooling) * pooling ** (x.ndim - 1)


def average_pool__one_axis_counted(x, pooling):
    """The sum divided by pooling, though a block of an image has pooling**2 entries.

    Fix: the mean over pooling**axes entries, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    return average_pool(x, pooling) * pooling ** (x.ndim - 2)


def average_pool__every_nth_entry(x, pooling):
    """Every pooling-th entry, which keeps the noise's scale and folds fine detail into the coarse state.

    Fix: the mean over pooling**axes entries, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    return x[(slice(None),) + (slice(None, None, pooling),) * (x.ndim - 1)]


def average_pool__blocks_interleaved(x, pooling):
    """Entries a stride apart averaged, from reshaping to (pooling, size) in place of (size, pooling).

    Fix: blocks of neighbouring entries, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    shape = [x.shape[0]]
    for size in x.shape[1:]:
        shape = [*shape, pooling, size // pooling]
    inside = tuple(range(1, len(shape), 2))
    return namespace(x).sum(x.reshape(shape), axis=inside) / pooling ** len(inside)


def nearest_upsample__tiled(x, pooling):
    """The whole state repeated side by side, in place of each entry.

    Fix: entry i of the result is entry i // pooling, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    for axis in range(1, x.ndim):
        rows = [i % x.shape[axis] for i in range(pooling * x.shape[axis])]
        x = x[(slice(None),) * axis + (rows,)]
    return x


def nearest_upsample__divided_by_the_copies(x, pooling):
    """The transpose of pooling, which shares an entry among its copies.

    Fix: entry i of the result is entry i // pooling, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    return nearest_upsample(x, pooling) / pooling ** (x.ndim - 1)


def pooled_noise_scale__unchanged(sigma_t):
    """The fine noise scale: averaging lowers it.

    Fix: sigma_t/sqrt(pooling**axes), Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return sigma_t + 0 * sigma_t


def pooled_noise_scale__count_for_its_root(sigma_t, pooling, axes):
    """Divided by the number of entries in place of its root.

    Fix: sigma_t/sqrt(pooling**axes), Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return sigma_t / pooling**axes


def pooled_noise_scale__one_axis(sigma_t, pooling):
    """One axis counted, whatever the state has.

    Fix: sigma_t/sqrt(pooling**axes): sigma_t/pooling for an image, Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return sigma_t / namespace(sigma_t).sqrt(pooling + 0 * sigma_t)


def pooled_logsnr__of_the_wrong_sign(logsnr_t, pooling, axes):
    """A lower SNR after pooling, in place of a higher one.

    Fix: logsnr_t + axes*log(pooling), Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return logsnr_t - axes * namespace(logsnr_t).log(pooling + 0 * logsnr_t)


def pooled_logsnr__counted_once_for_all_axes(logsnr_t, pooling):
    """log(pooling) once, whatever the number of axes.

    Fix: logsnr_t + axes*log(pooling): 2*log(pooling) for an image, Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return logsnr_t + namespace(logsnr_t).log(pooling + 0 * logsnr_t)


def pooled_logsnr__twice(logsnr_t, pooling, axes):
    """Twice the gain: the scale taken to fall by pooling along each axis.

    Fix: logsnr_t + axes*log(pooling), Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return logsnr_t + 2 * axes * namespace(logsnr_t).log(pooling + 0 * logsnr_t)


def logsnr_shifted__of_the_wrong_sign(logsnr_t, resolution, resolution_base):
    """A higher SNR at higher resolutions: pooled images would hardly be noised.

    Fix: logsnr_t + 2*log(resolution_base/resolution), Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return 2 * logsnr_t - logsnr_shifted(logsnr_t, resolution, resolution_base)


def logsnr_shifted__not_doubled(logsnr_t, resolution, resolution_base):
    """log(resolution_base/resolution) once, as for signals with one axis.

    Fix: logsnr_t + 2*log(resolution_base/resolution), Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return (logsnr_t + logsnr_shifted(logsnr_t, resolution, resolution_base)) / 2


def logsnr_interpolated__ends_swapped(logsnr_t, time, resolution, resolution_base, resolution_high):
    """The two ends swapped: the low base at the data.

    Fix: time*low + (1 - time)*high, Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return logsnr_interpolated(logsnr_t, time, resolution, resolution_high, resolution_base)


def logsnr_interpolated__low_resolution_alone(logsnr_t, resolution, resolution_base):
    """The shift for the low base at every time.

    Fix: time*low + (1 - time)*high, Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return logsnr_shifted(logsnr_t, resolution, resolution_base)


def logsnr_interpolated__high_resolution_alone(logsnr_t, resolution, resolution_high):
    """The shift for the high base at every time.

    Fix: time*low + (1 - time)*high, Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return logsnr_shifted(logsnr_t, resolution, resolution_high)


def nested_coarse_variance__averaged_alone(variance, pooling, alpha_coarse, sigma_coarse):
    """The mean variance of a block in place of the variance of its mean.

    Fix: alpha_coarse**2*pool(variance)/count + sigma_coarse**2, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    return alpha_coarse**2 * average_pool(variance, pooling) + sigma_coarse**2


def nested_coarse_variance__one_axis(variance, pooling, alpha_coarse, sigma_coarse):
    """Divided by pooling, though a block of an image has pooling**2 entries.

    Fix: alpha_coarse**2*pool(variance)/count + sigma_coarse**2, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    return alpha_coarse**2 * average_pool(variance, pooling) / pooling + sigma_coarse**2


def nested_coarse_variance__noise_averaged_too(variance, pooling, alpha_coarse, sigma_coarse):
    """The coarse noise divided by the count again, though its scale is given for the coarse state.

    Fix: alpha_coarse**2*pool(variance)/count + sigma_coarse**2, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    return (alpha_coarse**2 * average_pool(variance, pooling) + sigma_coarse**2) / pooling ** (variance.ndim - 1)


def nested_cross_covariance__count_left_out(variance, alpha_t, alpha_coarse):
    """The whole variance: the coarse state taken for a copy of the entry.

    Fix: alpha_t*alpha_coarse*variance/count, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    return alpha_t * alpha_coarse * variance


def nested_cross_covariance__one_axis(variance, pooling, alpha_t, alpha_coarse):
    """Divided by pooling, though a block of an image has pooling**2 entries.

    Fix: alpha_t*alpha_coarse*variance/count, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    return alpha_t * alpha_coarse * variance / pooling


def nested_cross_covariance__of_the_block(variance, pooling, alpha_t, alpha_coarse):
    """The block's mean variance for each of its entries.

    Fix: alpha_t*alpha_coarse*variance/count, with each entry's own variance, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    pooled = nearest_upsample(average_pool(variance, pooling), pooling)
    return alpha_t * alpha_coarse * pooled / pooling ** (variance.ndim - 1)


def nested_cross_covariance_shared_noise__noise_of_its_own(variance, pooling, alpha_t):
    """The data's share alone, as when each resolution draws its own noise.

    Fix: (alpha_t**2*variance + sigma_t**2)/count, Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return alpha_t**2 * variance / pooling ** (variance.ndim - 1)


def nested_cross_covariance_shared_noise__count_left_out(variance, alpha_t, sigma_t):
    """The entry's own variance: the average taken for a copy of the entry.

    Fix: (alpha_t**2*variance + sigma_t**2)/count, Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return alpha_t**2 * variance + sigma_t**2


def nested_cross_covariance_shared_noise__one_axis(variance, pooling, alpha_t, sigma_t):
    """Divided by pooling, though a block of an image has pooling**2 entries.

    Fix: (alpha_t**2*variance + sigma_t**2)/count, Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return (alpha_t**2 * variance + sigma_t**2) / pooling


def nested_posterior_mean__mean_of_the_data(mean, alpha_t):
    """The mean without the coarse state: the two resolutions taken for independent.

    Fix: add alpha_t*alpha_coarse*variance*upsample(gap/power), Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    return alpha_t * mean


def nested_posterior_mean__coarse_state_upsampled(x_coarse, mean, pooling, alpha_t, alpha_coarse):
    """The coarse gap upsampled as if it had no noise: as in cascades that trust the coarse image.

    Fix: the gain alpha_coarse*variance/(alpha_coarse**2*pool(variance) + count*sigma_coarse**2), Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    gap = x_coarse / alpha_coarse - average_pool(mean, pooling)
    return alpha_t * (mean + nearest_upsample(gap, pooling))


def nested_posterior_mean__noise_not_multiplied_by_the_count(
    x_coarse, mean, variance, pooling, alpha_t, alpha_coarse, sigma_coarse
):
    """The coarse noise weighed against the mean variance: the data's mean varies less than the data.

    Fix: alpha_coarse**2*pool(variance) + count*sigma_coarse**2 in the gain, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    power = alpha_coarse**2 * average_pool(variance, pooling) + sigma_coarse**2
    gap = x_coarse - alpha_coarse * average_pool(mean, pooling)
    return alpha_t * mean + alpha_t * alpha_coarse * variance * nearest_upsample(gap / power, pooling)


def nested_posterior_variance__not_conditioned(variance, alpha_t, sigma_t):
    """The variance without the coarse state.

    Fix: take off (alpha_t*alpha_coarse*variance)**2/(count*power), Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    return alpha_t**2 * variance + sigma_t**2


def nested_posterior_variance__block_for_entry(variance, pooling, alpha_t, sigma_t, alpha_coarse, sigma_coarse):
    """The coarse state taken for a noisy copy of each entry, without the count.

    Fix: take off (alpha_t*alpha_coarse*variance)**2/(count*power), Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    power = alpha_coarse**2 * nearest_upsample(average_pool(variance, pooling), pooling) + sigma_coarse**2
    return alpha_t**2 * variance + sigma_t**2 - (alpha_t * alpha_coarse * variance) ** 2 / power


def nested_posterior_mean_shared_noise__coarse_state_upsampled(x_coarse, pooling):
    """The coarse state upsampled, right where the fine mean is flat and the variances are equal.

    Fix: alpha_t*mean + power*upsample((x_coarse - alpha_t*pool(mean))/pool(power)), Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return nearest_upsample(x_coarse, pooling)


def nested_posterior_mean_shared_noise__coarse_gap_upsampled(x_coarse, mean, pooling, alpha_t):
    """The coarse gap shared out evenly, whatever the entries' variances.

    Fix: alpha_t*mean + power*upsample((x_coarse - alpha_t*pool(mean))/pool(power)), Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return alpha_t * mean + nearest_upsample(x_coarse - alpha_t * average_pool(mean, pooling), pooling)


def nested_posterior_mean_shared_noise__noise_of_its_own(x_coarse, mean, variance, pooling, alpha_t, sigma_t):
    """The coarse state's noise taken for independent of the fine one's.

    Fix: the pooled noise is part of the fine noise: power holds sigma_t**2, Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    xp = namespace(x_coarse, mean, variance)
    scale = sigma_t / xp.sqrt(pooling ** (mean.ndim - 1) + 0 * sigma_t)
    return nested_posterior_mean(x_coarse, mean, variance, pooling, alpha_t, sigma_t, alpha_t, scale)


def nested_posterior_variance_shared_noise__not_conditioned(variance, alpha_t, sigma_t):
    """The variance without the coarse state.

    Fix: power - power**2/(count*pool(power)), Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    return alpha_t**2 * variance + sigma_t**2


def nested_posterior_variance_shared_noise__noise_of_its_own(variance, pooling, alpha_t, sigma_t):
    """The coarse state's noise taken for independent of the fine one's.

    Fix: the pooled noise is part of the fine noise: power holds sigma_t**2, Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    scale = sigma_t / namespace(variance).sqrt(pooling ** (variance.ndim - 1) + 0 * sigma_t)
    return nested_posterior_variance(variance, pooling, alpha_t, sigma_t, alpha_t, scale)


def nested_posterior_variance_shared_noise__equal_variances(variance, pooling, alpha_t, sigma_t):
    """power*(1 - 1/count), which holds where the entries of a block vary alike.

    Fix: power - power**2/(count*pool(power)), Hoogeboom et al. 2023, section 3.1
    Seen in: plausible
    """
    power = alpha_t**2 * variance + sigma_t**2
    return power - power / pooling ** (variance.ndim - 1)


def _beside(one, other):
    xp = namespace(one, other)
    return xp.concat([xp.reshape(state, (state.shape[0], -1)) for state in (one, other)], axis=1)


def nested_joint_sample__pooled_noise(x_0, eps, pooling, alpha_t, sigma_t, alpha_coarse, sigma_coarse):
    """The fine noise pooled for the coarse state: too weak, and shared.

    Fix: alpha_coarse*pool(x_0) + sigma_coarse*eps_coarse beside the fine state, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    return nested_joint_sample(x_0, eps, average_pool(eps, pooling), pooling, alpha_t, sigma_t, alpha_coarse, sigma_coarse)


def nested_joint_sample__pooled_state(x_0, eps, pooling, alpha_t, sigma_t):
    """The average of the fine state for the coarse one.

    Fix: alpha_coarse*pool(x_0) + sigma_coarse*eps_coarse beside the fine state, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    fine = alpha_t * x_0 + sigma_t * eps
    return _beside(fine, average_pool(fine, pooling))


def nested_joint_sample__one_level(x_0, eps, eps_coarse, pooling, alpha_t, sigma_t):
    """The fine state's scales at both resolutions.

    Fix: alpha_coarse*pool(x_0) + sigma_coarse*eps_coarse beside the fine state, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    return nested_joint_sample(x_0, eps, eps_coarse, pooling, alpha_t, sigma_t, alpha_t, sigma_t)


def nested_joint_sample__coarse_first(x_0, eps, eps_coarse, pooling, alpha_t, sigma_t, alpha_coarse, sigma_coarse):
    """The coarse state before the fine one.

    Fix: alpha_coarse*pool(x_0) + sigma_coarse*eps_coarse beside the fine state, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    return _beside(alpha_coarse * average_pool(x_0, pooling) + sigma_coarse * eps_coarse, alpha_t * x_0 + sigma_t * eps)


def nested_joint_posterior_mean__one_level(x_0, x_t, x_coarse, pooling, alpha_s, sigma_s, alpha_t, sigma_t):
    """The fine chain's scales at both resolutions.

    Fix: Bayes' rule at each resolution, the coarse one about pool(x_0) with its own scales, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    levels = (alpha_s, sigma_s, alpha_t, sigma_t)
    return nested_joint_posterior_mean(x_0, x_t, x_coarse, pooling, *levels, *levels)


def nested_joint_posterior_mean__coarse_from_the_fine_state(
    x_0, x_t, pooling, alpha_s, sigma_s, alpha_t, sigma_t, alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse
):
    """The coarse state at t taken for the average of the fine one.

    Fix: Bayes' rule at each resolution, the coarse one about pool(x_0) with its own scales, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    levels = (alpha_s, sigma_s, alpha_t, sigma_t, alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse)
    return nested_joint_posterior_mean(x_0, x_t, average_pool(x_t, pooling), pooling, *levels)


def nested_joint_posterior_mean__pooled_posterior(x_0, x_t, pooling, alpha_s, sigma_s, alpha_t, sigma_t):
    """The average of the fine posterior's mean, as where both shared their noise.

    Fix: Bayes' rule at each resolution, the coarse one about pool(x_0) with its own scales, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    fine = general_posterior_mean(x_0, x_t, alpha_s, sigma_s, alpha_t, sigma_t)
    return _beside(fine, average_pool(fine, pooling))


def nested_joint_posterior_mean__levels_swapped(
    x_0, x_t, x_coarse, pooling, alpha_s, sigma_s, alpha_t, sigma_t, alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse
):
    """The scales of the two resolutions swapped.

    Fix: Bayes' rule at each resolution, the coarse one about pool(x_0) with its own scales, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    levels = (alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse, alpha_s, sigma_s, alpha_t, sigma_t)
    return nested_joint_posterior_mean(x_0, x_t, x_coarse, pooling, *levels)


def nested_joint_posterior_variances__one_level(alpha_s, sigma_s, alpha_t, sigma_t):
    """The fine chain's variance at both resolutions.

    Fix: Bayes' rule at each resolution, the coarse one about pool(x_0) with its own scales, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    fine = general_posterior_variance(alpha_s, sigma_s, alpha_t, sigma_t)
    return namespace(fine).stack([fine, fine])


def nested_joint_posterior_variances__coarse_first(
    alpha_s, sigma_s, alpha_t, sigma_t, alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse
):
    """The coarse variance before the fine one.

    Fix: Bayes' rule at each resolution, the coarse one about pool(x_0) with its own scales, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    fine = general_posterior_variance(alpha_s, sigma_s, alpha_t, sigma_t)
    coarse = general_posterior_variance(alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse)
    return namespace(fine, coarse).stack([coarse, fine])


def nested_joint_posterior_variances__scales(
    alpha_s, sigma_s, alpha_t, sigma_t, alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse
):
    """Standard deviations.

    Fix: Bayes' rule at each resolution, the coarse one about pool(x_0) with its own scales, Gu et al. 2023, section 3.1
    Seen in: plausible
    """
    fine = general_posterior_variance(alpha_s, sigma_s, alpha_t, sigma_t)
    xp, coarse = namespace(fine), general_posterior_variance(alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse)
    return xp.sqrt(xp.stack([fine, coarse]))
