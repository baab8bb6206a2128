"""Score matching by KL divergences of Gaussians, second-order Tweedie by conditioning, Langevin step by step."""

import numpy as np
from flint import arb

from refdiff.definitions.entries import NEAR, entrywise, guarded
from refdiff.definitions.moments import condition, inverse, kl_of_one, solve, unit_vectors
from refdiff.numbers.balls import ball

__all__ = [
    "annealed_langevin_step_size",
    "corrector_step_size",
    "corrector_step_size_vp",
    "corrector_step_ve",
    "corrector_step_vp",
    "denoising_score_matching_loss",
    "dsm_constant_gaussian",
    "dsm_constant_mixture_ceiling",
    "dsm_constant_mixture_floor",
    "explicit_score_matching_loss",
    "implicit_score_matching_loss",
    "langevin_chain_variance",
    "langevin_stationary_variance",
    "langevin_step",
    "ncsn_sigmas",
    "ncsn_weight",
    "posterior_covariance_from_denoiser_jacobian",
    "posterior_covariance_from_score_jacobian",
    "sliced_score_matching_loss",
    "sliced_score_matching_loss_reduced",
]

_UNIT = arb(1)


def _divergences(means, others):
    """KL from the unit Gaussian at the one array to that at the other, for each sample."""
    one, other = np.broadcast_arrays(means, others)
    entries = [
        [kl_of_one(a, _UNIT, b, _UNIT) for a, b in zip(x.flat, y.flat, strict=True)] for x, y in zip(one, other, strict=True)
    ]
    return np.array([sum(row, arb(0)) for row in entries], dtype=object)


def _dots(one, other):
    return np.array([sum((a * b for a, b in zip(x.flat, y.flat, strict=True)), arb(0)) for x, y in zip(one, other, strict=True)])


@guarded(NEAR)
def explicit_score_matching_loss(score_hat, score):
    """KL of two unit Gaussians, centred at the one and the other score."""
    return _divergences(score_hat, score)


@guarded(NEAR)
def denoising_score_matching_loss(score_hat, eps, sigma_t):
    """KL of two unit Gaussians, centred at the noise and at the network's estimate of it."""
    return _divergences(-(sigma_t * score_hat), eps)


@guarded(NEAR)
def implicit_score_matching_loss(score_hat, divergence):
    """The divergence, and the KL of the unit Gaussian at the score from the one at 0."""
    return _divergences(score_hat, 0 * score_hat) + divergence


@guarded(NEAR)
def sliced_score_matching_loss(score_hat, probe, directional_derivative):
    """The projected derivative, and the KL of the unit Gaussian at the projected score from the one at 0."""
    projected = [kl_of_one(one, _UNIT, arb(0), _UNIT) for one in _dots(score_hat, probe)]
    return np.array(projected, dtype=object) + _dots(directional_derivative, probe)


@guarded(NEAR)
def sliced_score_matching_loss_reduced(score_hat, probe, directional_derivative):
    """The projected derivative, and the KL of the unit Gaussian at the score from the one at 0."""
    return _divergences(0 * score_hat, score_hat) + _dots(directional_derivative, probe)


@entrywise(NEAR)
def dsm_constant_gaussian(variance, alpha_t, sigma_t, dimensions):
    """Half the variance that eps keeps when x_t is known, in each dimension: the two are jointly Gaussian."""
    total = alpha_t * alpha_t * variance + sigma_t * sigma_t
    return dimensions * condition(arb(0), arb(0), arb(1), sigma_t, total, arb(0))[1] / 2


def _eye(size):
    return np.stack(unit_vectors(size))


@guarded(NEAR)
def posterior_covariance_from_score_jacobian(jacobian, alpha_t, sigma_t):
    """Conditioning in the Gaussian whose log density has this Hessian: x_t of covariance -1/jacobian."""
    found, noise = [], sigma_t * sigma_t * _eye(jacobian.shape[1])
    for hessian in jacobian:
        data = (-inverse(hessian) - noise) / (alpha_t * alpha_t)
        found.append(data + alpha_t * data @ hessian @ data * alpha_t)
    return np.stack(found)


@guarded(NEAR)
def posterior_covariance_from_denoiser_jacobian(jacobian, alpha_t, sigma_t):
    """Conditioning in the Gaussian whose denoiser has this gain."""
    found = []
    for gain in jacobian:
        left = _eye(len(gain)) - alpha_t * gain
        data = inverse(left) @ gain * (sigma_t * sigma_t / alpha_t)
        found.append(data - alpha_t * gain @ data)
    return np.stack(found)


@guarded(NEAR)
def ncsn_sigmas(n, sigma_min, sigma_max):
    """Multiplying by one ratio, the root that leads from the largest to the least."""
    sigmas = [ball(sigma_max)]
    ratio = (ball(sigma_min) / sigma_max).root(n - 1)
    for _ in range(n - 1):
        sigmas.append(sigmas[-1] * ratio)
    return np.array(sigmas, dtype=object)


@entrywise(NEAR)
def ncsn_weight(sigma_t):
    """One over the mean square of the conditional score: its values one standard deviation to either side."""
    scores = [(-step * sigma_t) / (sigma_t * sigma_t) for step in (1, -1)]
    return 2 / sum(score * score for score in scores)


@entrywise(NEAR)
def annealed_langevin_step_size(sigma_t, sigma_min, step_size):
    """The step whose drift, on a score of size 1/sigma_t, is as large against its noise as in the last stage."""
    ratio = step_size / sigma_min / (2 * step_size.sqrt())
    root = 2 * ratio * sigma_t
    return root * root


@entrywise(NEAR)
def langevin_step(x_t, score, z, step_size):
    """Euler's step of the SDE dx = score/2 dt + dw over a time step_size."""
    return x_t + step_size * (score + 2 * z / step_size.sqrt()) / 2


@entrywise(NEAR)
def langevin_stationary_variance(variance, step_size):
    """The variance that one step does not change."""
    kept = 1 - step_size / (2 * variance)
    return solve(np.array([[1 - kept * kept]], dtype=object), np.array([step_size], dtype=object))[0]


@guarded(NEAR)
def langevin_chain_variance(variance_start, variance, step_size, n):
    """The chain's variance, step after step."""
    kept = 1 - step_size / (2 * variance)
    now = variance_start + 0 * kept
    for _ in range(n):
        now = kept * kept * now + step_size
    return now


@guarded(NEAR)
def corrector_step_size(score, z, corrector_snr):
    """The root of the step from |step*score| = r*|sqrt(2*step)*z|."""
    lengths = [[one.sqrt() for one in _dots(array, array)] for array in (score, z)]
    roots = [corrector_snr * arb(2).sqrt() * noise / drift for drift, noise in zip(*lengths, strict=True)]
    return np.array([root * root for root in roots], dtype=object)


@guarded(NEAR)
def corrector_step_size_vp(score, z, corrector_snr, beta_t):
    """The root of the step from |step*score| = r*|sqrt(2*step)*z|, shrunk by the scale that one step of the chain keeps."""
    kept = ball(1 - beta_t).sqrt()
    lengths = [[one.sqrt() for one in _dots(array, array)] for array in (score, z)]
    roots = [kept * corrector_snr * arb(2).sqrt() * noise / drift for drift, noise in zip(*lengths, strict=True)]
    return np.array([root * root for root in roots], dtype=object)


def _settled(x_t, score, z, steps):
    """The SDE dx = score dt + sqrt(2) dw with its score frozen, over times `steps`, along the one noise z."""
    moves = [x + step * (slope + noise / (step / 2).sqrt()) for x, slope, noise, step in zip(x_t, score, z, steps, strict=True)]
    return np.stack(moves)


@guarded(NEAR)
def corrector_step_ve(x_t, score, z, corrector_snr):
    """Langevin's SDE over the time at which drift and noise have the ratio asked for."""
    return _settled(x_t, score, z, corrector_step_size(score, z, corrector_snr))


@guarded(NEAR)
def corrector_step_vp(x_t, score, z, corrector_snr, beta_t):
    """Langevin's SDE over the shorter time of the chain."""
    return _settled(x_t, score, z, corrector_step_size_vp(score, z, corrector_snr, beta_t))


@guarded(NEAR)
def dsm_constant_mixture_floor(weights, variances, alpha_t, sigma_t, dimensions):
    """Half the variance that eps keeps when x_t and the component are known, averaged over the components."""
    total = arb(0)
    for weight, variance in zip(weights, variances, strict=True):
        noised = alpha_t * alpha_t * variance + sigma_t * sigma_t
        total += weight * condition(arb(0), arb(0), arb(1), ball(sigma_t), noised, arb(0))[1]
    return dimensions * total / 2


@guarded(NEAR)
def dsm_constant_mixture_ceiling(weights, means, variances, alpha_t, sigma_t):
    """Half the variance of eps less that of its regression on x_t, axis by axis; covariances over pairs of components."""
    count, size = means.shape
    covariance = _eye(size) * (weights @ variances)
    for i, j in zip(*np.tril_indices(count, -1), strict=True):
        covariance = covariance + weights[i] * weights[j] * np.outer(means[i] - means[j], means[i] - means[j])
    noised = alpha_t * alpha_t * covariance + _eye(size) * (sigma_t * sigma_t)
    left = [1 - sigma_t * solve(noised, sigma_t * axis) @ axis for axis in _eye(size)]
    return sum(left, arb(0)) / 2
