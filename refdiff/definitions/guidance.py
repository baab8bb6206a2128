"""Guidance from its definitions: lines through two estimates, tilted log densities, spreads by pairs."""

import numpy as np
from flint import arb

from refdiff.definitions import motion
from refdiff.definitions.entries import NEAR, entrywise, guarded
from refdiff.definitions.moments import solve

__all__ = [
    "autoguidance", "cfg_pp_step", "classifier_free_guidance", "classifier_free_guidance_weighted",
    "classifier_guided_eps", "classifier_guided_mean", "classifier_guided_score", "guided_gaussian_mean",
    "guided_gaussian_variance", "guided_noising_mean_gap", "guided_noising_variance_gap", "guided_scale_bound",
    "interval_guidance", "negative_guidance", "rescaled_guidance",
]  # fmt: skip


@entrywise(NEAR)
def classifier_guided_score(score, classifier_score, guidance_scale):
    """Rate, along x, of a log density plus guidance_scale times a log likelihood."""
    return motion.rate(lambda x: x * score + (x * classifier_score) * guidance_scale, 0)


@entrywise(NEAR)
def classifier_guided_mean(mean, variance, classifier_score, guidance_scale):
    """Mode of the step's Gaussian times exp(guidance_scale*classifier_score*x), with its slope as a multiplier."""
    system = np.array([[1, -variance], [0, 1]], dtype=object)
    return solve(system, np.array([mean, guidance_scale * classifier_score], dtype=object))[0]


@entrywise(NEAR)
def classifier_guided_eps(eps, classifier_score, sigma_t, guidance_scale):
    """To the score, along x as above, and back."""
    return -sigma_t * motion.rate(lambda x: x * (-eps / sigma_t) + (x * classifier_score) * guidance_scale, 0)


@entrywise(NEAR)
def classifier_free_guidance(eps_unconditional, eps_conditional, guidance_scale):
    """The line that is unconditional at 0 and conditional at 1."""
    return motion.line(eps_unconditional, eps_conditional, guidance_scale)


@entrywise(NEAR)
def classifier_free_guidance_weighted(eps_unconditional, eps_conditional, guidance_weight):
    """The line that is unconditional at -1 and conditional at 0."""
    return motion.line(eps_unconditional, eps_conditional, guidance_weight + 1)


@entrywise(NEAR)
def negative_guidance(eps_unconditional, eps_conditional, eps_negative, guidance_scale, negative_scale):
    """Two lines from the unconditional estimate, the second walked backwards."""
    towards = motion.line(eps_unconditional, eps_conditional, guidance_scale)
    return towards + motion.line(eps_unconditional, eps_negative, -negative_scale) - eps_unconditional


def _pair_squares(sample):
    """Sum of the squared differences of all pairs of entries: the variance but for a factor."""
    entries = list(sample.flat)
    return sum(((a - b) * (a - b) for i, a in enumerate(entries) for b in entries[:i]), arb(0))


@guarded(NEAR)
def rescaled_guidance(eps_guided, eps_conditional, rescale_share):
    """The line from the guided estimate at 0 to the one with the conditional spread at 1."""
    found = []
    for guided, conditional in zip(eps_guided, eps_conditional, strict=True):
        ratio = (_pair_squares(conditional) / _pair_squares(guided)).sqrt()
        found.append(np.frompyfunc(lambda entry, ratio=ratio: motion.line(entry, entry * ratio, rescale_share), 1, 1)(guided))
    return np.stack(found)


@entrywise(NEAR)
def interval_guidance(eps_unconditional, eps_conditional, guidance_scale, sigma_t, interval_low, interval_high):
    """The line above at guidance_scale, or at 1 where the level leaves the interval on either side."""
    outside = not (sigma_t - interval_low) > 0 or not (interval_high - sigma_t) >= 0
    return motion.line(eps_unconditional, eps_conditional, arb(1) if outside else guidance_scale)


@entrywise(NEAR)
def autoguidance(x_0_hat, x_0_hat_weak, guidance_scale):
    """The line that is the weak estimate at 0 and the strong one at 1."""
    return motion.line(x_0_hat_weak, x_0_hat, guidance_scale)


@entrywise(NEAR)
def cfg_pp_step(x_t, eps_unconditional, eps_conditional, guidance_scale, alpha_s, sigma_s, alpha_t, sigma_t):
    """Between the two clean estimates, then the forward process with the unconditional noise."""
    ends = [(x_t - sigma_t * eps) / alpha_t for eps in (eps_unconditional, eps_conditional)]
    return alpha_s * motion.line(*ends, guidance_scale) + sigma_s * eps_unconditional


def _tilted(mean_unconditional, variance_unconditional, mean_conditional, variance_conditional, guidance_scale):
    """Mean and variance from the tilted log density at three points: it is quadratic."""

    def log_density(x):
        own = -(x - mean_unconditional) * (x - mean_unconditional) / (2 * variance_unconditional)
        given = -(x - mean_conditional) * (x - mean_conditional) / (2 * variance_conditional)
        return motion.line(own, given, guidance_scale)

    behind, here, ahead = (log_density(arb(x)) for x in (-1, 0, 1))
    precision = 2 * here - behind - ahead
    return (ahead - behind) / 2 / precision, 1 / precision


@entrywise(NEAR)
def guided_gaussian_variance(variance_unconditional, variance_conditional, guidance_scale):
    """One over the curvature of the tilted log density."""
    return _tilted(arb(0), variance_unconditional, arb(0), variance_conditional, guidance_scale)[1]


@entrywise(NEAR)
def guided_gaussian_mean(mean_unconditional, variance_unconditional, mean_conditional, variance_conditional, guidance_scale):
    """Where the tilted log density has no slope."""
    return _tilted(mean_unconditional, variance_unconditional, mean_conditional, variance_conditional, guidance_scale)[0]


@entrywise(NEAR)
def guided_scale_bound(variance_unconditional, variance_conditional):
    """Zero of the precision, which is linear in the scale."""
    start = motion.line(1 / variance_unconditional, 1 / variance_conditional, arb(0))
    return start / (start - motion.line(1 / variance_unconditional, 1 / variance_conditional, arb(1)))


def _both(mean_unconditional, variance_unconditional, mean_conditional, variance_conditional, guidance_scale, alpha, sigma):
    """Moments of the tilted noised laws and of the noised tilted law."""

    def noised(mean, variance):
        return alpha * mean, alpha * alpha * variance + sigma * sigma

    own, given = noised(mean_unconditional, variance_unconditional), noised(mean_conditional, variance_conditional)
    tilted = _tilted(mean_unconditional, variance_unconditional, mean_conditional, variance_conditional, guidance_scale)
    return _tilted(*own, *given, guidance_scale), noised(*tilted)


@entrywise(NEAR)
def guided_noising_variance_gap(variance_unconditional, variance_conditional, guidance_scale, alpha_t, sigma_t):
    """Both laws' variances, one less the other."""
    first, second = _both(arb(0), variance_unconditional, arb(0), variance_conditional, guidance_scale, alpha_t, sigma_t)
    return first[1] - second[1]


@entrywise(NEAR)
def guided_noising_mean_gap(
    mean_unconditional, variance_unconditional, mean_conditional, variance_conditional, guidance_scale, alpha_t, sigma_t
):
    """Both laws' means, one less the other."""
    laws = mean_unconditional, variance_unconditional, mean_conditional, variance_conditional
    first, second = _both(*laws, guidance_scale, alpha_t, sigma_t)
    return first[0] - second[0]
