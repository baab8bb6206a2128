"""Several resolutions: blocks entry by entry, moments of sums, most probable states under a constraint."""

import numpy as np
from flint import arb

from refdiff.definitions.entries import NEAR, entrywise, guarded
from refdiff.definitions.moments import inverse, solve, unit_vectors
from refdiff.numbers.balls import ball

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


def _coarse(index, pooling):
    """The block that an entry lies in."""
    return (index[0], *(i // pooling for i in index[1:]))


def _blocks(shape, pooling):
    """Indices of the entries of each block, by the block's index."""
    found = {}
    for index in np.ndindex(*shape):
        found.setdefault(_coarse(index, pooling), []).append(index)
    return found


@guarded(NEAR)
def average_pool(x, pooling):
    """Each block's mean as it runs over the entries, one by one."""
    pooled = np.empty((len(x), *(size // pooling for size in x.shape[1:])), dtype=object)
    for block, indices in _blocks(x.shape, pooling).items():
        mean = arb(0)
        for count, index in enumerate(indices, 1):
            mean = mean + (x[index] - mean) / count
        pooled[block] = mean
    return pooled


def nearest_upsample(x, pooling):
    """Each entry of the result looked up."""
    shape = (len(x), *(size * pooling for size in x.shape[1:]))
    return np.array([x[_coarse(index, pooling)] for index in np.ndindex(*shape)], dtype=object).reshape(shape)


@guarded(NEAR)
def pooled_noise_scale(sigma_t, pooling, axes):
    """Root of the variance of the mean of a block's noises, added up term by term."""

    def one(sigma):
        return sum((sigma / count * sigma / count for _ in range(count)), arb(0)).sqrt()

    count = pooling**axes
    return np.frompyfunc(one, 1, 1)(sigma_t)


@guarded(NEAR)
def pooled_logsnr(logsnr_t, pooling, axes):
    """Log of the ratio of powers when a block's equal signals add up by their sum, its noises by their squares."""

    def one(logsnr):
        return (logsnr.exp() * count * count / sum((arb(1) for _ in range(count)), arb(0))).log()

    count = pooling**axes
    return np.frompyfunc(one, 1, 1)(logsnr_t)


def _carried(logsnr_t, resolution, base):
    """The SNR whose mean over as many pixels as there are for one of the base's gives the base's own."""
    return logsnr_t.exp() / (resolution * resolution / (base * base))


@entrywise(NEAR)
def logsnr_shifted(logsnr_t, resolution, resolution_base):
    """Log of the SNR that pooling to the base's resolution makes the base's."""
    return _carried(logsnr_t, resolution, resolution_base).log()


@entrywise(NEAR)
def logsnr_interpolated(logsnr_t, time, resolution, resolution_base, resolution_high):
    """Log of the weighted geometric mean of the two SNRs."""
    low, high = _carried(logsnr_t, resolution, resolution_base), _carried(logsnr_t, resolution, resolution_high)
    return (low**time * high ** (1 - time)).log()


def _jointly(shape, pooling, maps):
    """For each block, what `maps` makes of its indices: rows of weights of independent unit Gaussians, coarse state last."""
    return {block: np.array(maps(indices), dtype=object) for block, indices in _blocks(shape, pooling).items()}


def _data_maps(variance, alpha, noise):
    """Weights of the fine states on unit data and unit noises of a block, and those of their average."""

    def maps(indices):
        count = len(indices)
        zeros = [[arb(0)] * (2 * count) for _ in indices]
        for i, index in enumerate(indices):
            zeros[i][i], zeros[i][count + i] = alpha * variance[index].sqrt(), noise
        return zeros

    return maps


@guarded(NEAR)
def nested_coarse_variance(variance, pooling, alpha_coarse, sigma_coarse):
    """Squares of the weights of all independent parts of a block's coarse state, added up."""
    found = np.empty((len(variance), *(size // pooling for size in variance.shape[1:])), dtype=object)
    for block, rows in _jointly(variance.shape, pooling, _data_maps(variance, alpha_coarse, arb(0))).items():
        weights = [sum(column) / len(rows) for column in rows.T] + [sigma_coarse]
        found[block] = sum((weight * weight for weight in weights), arb(0))
    return found


@guarded(NEAR)
def nested_cross_covariance(variance, pooling, alpha_t, alpha_coarse):
    """Products of the weights that a fine state and the coarse one have on the same part of the data, added up."""
    blocks = _jointly(variance.shape, pooling, _data_maps(variance, arb(1), arb(0)))

    def entries(block, _):
        rows = blocks[block]
        shared = [sum(column) / len(rows) * alpha_coarse for column in rows.T]
        return [alpha_t * row @ np.array(shared, dtype=object) for row in rows]

    return _filled(variance.shape, pooling, entries)


@guarded(NEAR)
def nested_cross_covariance_shared_noise(variance, pooling, alpha_t, sigma_t):
    """Products of the weights that a fine state and its block's average have on the same data and noise, added up."""
    blocks = _jointly(variance.shape, pooling, _data_maps(variance, alpha_t, sigma_t))

    def entries(block, _):
        rows = blocks[block]
        return [row @ np.array([sum(column) / len(rows) for column in rows.T], dtype=object) for row in rows]

    return _filled(variance.shape, pooling, entries)


def _most_probable(scales, centres, total, observed):
    """Most probable independent Gaussians of these scales and centres whose sum weighted by `total` is as observed."""
    size = len(scales)
    system = np.full((size + 1, size + 1), arb(0))
    for i, (scale, weight) in enumerate(zip(scales, total, strict=True)):
        system[i, i], system[i, size], system[size, i] = arb(1), -scale * scale * weight, weight
    return solve(system, np.array([*centres, observed], dtype=object))[:size]


def _filled(shape, pooling, entries):
    """An array whose blocks are filled with what `entries` says of a block and its indices."""
    found = np.empty(shape, dtype=object)
    for block, indices in _blocks(shape, pooling).items():
        for index, entry in zip(indices, entries(block, indices), strict=True):
            found[index] = entry
    return found


@guarded(NEAR)
def nested_posterior_mean(x_coarse, mean, variance, pooling, alpha_t, sigma_t, alpha_coarse, sigma_coarse):
    """The most probable data of each block and noise of the coarse state that together make the coarse state."""

    def entries(block, indices):
        weights = [alpha_coarse / len(indices)] * len(indices) + [sigma_coarse]
        scales = [variance[index].sqrt() for index in indices] + [arb(1)]
        centres = [mean[index] for index in indices] + [arb(0)]
        return alpha_t * _most_probable(scales, centres, weights, x_coarse[block])[:-1]

    return _filled(mean.shape, pooling, entries)


@guarded(NEAR)
def nested_posterior_mean_shared_noise(x_coarse, mean, variance, pooling, alpha_t, sigma_t):
    """The most probable data and noises of each block that together make the coarse state."""

    def entries(block, indices):
        count = len(indices)
        scales = [variance[index].sqrt() for index in indices] + [arb(1)] * count
        centres = [mean[index] for index in indices] + [arb(0)] * count
        weights = [alpha_t / count] * count + [sigma_t / count] * count
        found = _most_probable(scales, centres, weights, x_coarse[block])
        return alpha_t * found[:count] + sigma_t * found[count:]

    return _filled(mean.shape, pooling, entries)


@guarded(NEAR)
def nested_posterior_variance(variance, pooling, alpha_t, sigma_t, alpha_coarse, sigma_coarse):
    """Diagonal of the inverse of the fine entries' part of the joint precision matrix."""

    def entries(_, indices):
        count = len(indices)
        spread = [variance[index] for index in indices]
        joint = np.diag(unit_vectors(count + 1)[0] * 0 + sigma_t * sigma_t)
        joint[count, count] = sigma_coarse * sigma_coarse
        for i, one in enumerate(spread):
            maps = [alpha_t * (ball(1) if j == i else ball(0)) for j in range(count)] + [alpha_coarse / count]
            joint = joint + np.outer(maps, maps) * one
        return np.diag(inverse(inverse(joint)[:count, :count]))

    return _filled(variance.shape, pooling, entries)


@guarded(NEAR)
def nested_posterior_variance_shared_noise(variance, pooling, alpha_t, sigma_t):
    """Variance of what is left of an entry after its share of the block's sum: independent parts added up."""

    def entries(_, indices):
        powers = [alpha_t * alpha_t * variance[index] + sigma_t * sigma_t for index in indices]
        shares = [power / sum(powers) for power in powers]
        lefts = [[(int(i == j) - share) for j in range(len(powers))] for i, share in enumerate(shares)]
        return [sum((w * w * p for w, p in zip(left, powers, strict=True)), arb(0)) for left in lefts]

    return _filled(variance.shape, pooling, entries)


def _row(fine, coarse):
    return np.concat([np.array([list(one.flat) for one in states], dtype=object) for states in (fine, coarse)], axis=1)


@guarded(NEAR)
def nested_joint_sample(x_0, eps, eps_coarse, pooling, alpha_t, sigma_t, alpha_coarse, sigma_coarse):
    """All states of a sample as one linear map of its data and noises: a row of weights for each."""
    found = []
    for data, fine, coarse in zip(x_0, eps, eps_coarse, strict=True):
        blocks = list(_blocks((1, *data.shape), pooling).values())
        places = {index: i for i, index in enumerate(np.ndindex(1, *data.shape))}
        size, count = data.size, len(blocks)
        weights = np.full((size + count, 2 * size + count), arb(0))
        for i in range(size):
            weights[i, i], weights[i, size + i] = alpha_t, sigma_t
        for j, block in enumerate(blocks):
            weights[size + j, [places[index] for index in block]] = alpha_coarse / ball(len(block))
            weights[size + j, 2 * size + j] = sigma_coarse
        found.append(weights @ np.array([*data.flat, *fine.flat, *coarse.flat], dtype=object))
    return np.stack(found)


def _between(x_0, x_t, alpha_s, sigma_s, alpha_t, sigma_t):
    """Mean and variance of the state at s: the noise in it and the noise added since, most probable given their sum."""
    gain = alpha_t / alpha_s
    added = (sigma_t * sigma_t - gain * gain * sigma_s * sigma_s).nonnegative_part().sqrt()

    def entry(data, state):
        early = _most_probable([sigma_s, arb(1)], [arb(0), arb(0)], [gain, added], state - alpha_t * data)[0]
        return alpha_s * data + early

    return np.frompyfunc(entry, 2, 1)(x_0, x_t)


@guarded(NEAR)
def nested_joint_posterior_mean(
    x_0, x_t, x_coarse, pooling, alpha_s, sigma_s, alpha_t, sigma_t, alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse
):
    """The most probable noises at each resolution that together make the states at t."""
    fine, coarse = (alpha_s, sigma_s, alpha_t, sigma_t), (alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse)
    pooled = average_pool(x_0, pooling)
    return _row(_between(x_0, x_t, *map(ball, fine)), _between(pooled, x_coarse, *map(ball, coarse)))


@guarded(NEAR)
def nested_joint_posterior_variances(
    alpha_s, sigma_s, alpha_t, sigma_t, alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse
):
    """What the state at s has beyond its regression on the state at t: squares of the weights of independent noises."""

    def one(a_s, s_s, a_t, s_t):
        gain = a_t / a_s
        added = s_t * s_t - gain * gain * s_s * s_s
        slope = gain * s_s * s_s / (gain * gain * s_s * s_s + added)
        kept = (1 - slope * gain) * s_s
        return kept * kept + slope * slope * added

    spread = np.frompyfunc(lambda *levels: one(*map(ball, levels)), 4, 1)
    fine = spread(alpha_s, sigma_s, alpha_t, sigma_t)
    return np.stack([np.asarray(fine, dtype=object), spread(alpha_coarse_s, sigma_coarse_s, alpha_coarse, sigma_coarse)])
