"""Likelihood along the probability flow: flux and volume, moments of the probe, quadrature of the flow, Bayes' rule."""

from itertools import pairwise, product

import numpy as np
from flint import acb, arb, arb_mat, arb_series

from refdiff.definitions.entries import NEAR, entrywise, guarded, other_axes
from refdiff.definitions.moments import condition, density_of_one, expectation, kl_of_one, unit_vectors
from refdiff.definitions.quadrature import natural_log
from refdiff.numbers.balls import ball, balls

__all__ = [
    "dequantised_bits_per_dimension",
    "elbo_gaussian_data",
    "exact_divergence",
    "hutchinson_divergence",
    "hutchinson_variance_gaussian",
    "hutchinson_variance_rademacher",
    "likelihood_weighted_loss",
    "log_density_rate",
    "logit_log_determinant",
    "probability_flow_divergence",
    "probability_flow_latent",
    "probability_flow_log_likelihood",
    "probability_flow_prior_mismatch",
    "reverse_sde_log_likelihood",
    "uniform_dequantisation_bound",
]


def _flux(field, size):
    """Flux of a linear field out of the unit cube about 0: over each face, its value at the middle."""
    return sum((field(unit / 2)[i] - field(-unit / 2)[i] for i, unit in enumerate(unit_vectors(size))), arb(0))


@guarded(NEAR)
def exact_divergence(jacobian):
    """Flux of the linear field with this Jacobian out of the unit cube: Gauss's theorem."""
    return np.array([_flux(lambda x, rows=rows: rows @ x, len(rows)) for rows in jacobian], dtype=object)


@guarded(NEAR)
def log_density_rate(jacobian):
    """Minus the growth of a volume: the slope at h = 0 of det(1 + h*J), by forward differences of this polynomial in h."""
    rates = []
    for rows in jacobian:
        size = len(rows)
        values = [arb_mat((np.diag(unit_vectors(size)[0] * 0 + 1) + h * rows).tolist()).det() for h in range(size + 1)]
        slope, sign = arb(0), 1
        for order in range(1, size + 1):
            values = [after - before for before, after in pairwise(values)]
            slope, sign = slope + sign * values[0] / order, -sign
        rates.append(-slope)
    return np.array(rates, dtype=object)


@guarded(NEAR)
def hutchinson_divergence(probe, jacobian):
    """The product of the probe and the field's change along it, from the lengths of their sum and difference."""
    moved = np.array([rows @ one for one, rows in zip(probe, jacobian, strict=True)], dtype=object)
    return (np.sum((probe + moved) ** 2, axis=1) - np.sum((probe - moved) ** 2, axis=1)) / 4


def _variance_over(rule, jacobian):
    """Variance of the quadratic form over probes of independent entries, each following a rule of (node, weight) pairs."""
    found = []
    for rows in jacobian:
        first = second = arb(0)
        for chosen in product(rule, repeat=len(rows)):
            probe = balls(np.zeros(len(rows))) + [node for node, _ in chosen]
            weight = np.prod([weight for _, weight in chosen])
            value = probe @ rows @ probe
            first, second = first + weight * value, second + weight * value * value
        found.append(second - first * first)
    return np.array(found, dtype=object)


@guarded(NEAR)
def hutchinson_variance_gaussian(jacobian):
    """Second moment less the first one's square, by the three-point Gauss-Hermite rule: exact up to the fifth power."""
    root, third = arb(3).sqrt(), arb(1) / 3
    return _variance_over([(arb(0), 2 * third), (root, third / 2), (-root, third / 2)], jacobian)


@guarded(NEAR)
def hutchinson_variance_rademacher(jacobian):
    """Second moment less the first one's square, over all patterns of signs."""
    return _variance_over([(arb(1), arb(1) / 2), (arb(-1), arb(1) / 2)], jacobian)


@guarded(NEAR)
def probability_flow_divergence(score_divergence, drift_rate, diffusion, dimensions):
    """Flux of the flow's velocity out of the unit cube, one pair of faces for each dimension, for an isotropic linear score."""

    def velocity(x):
        return drift_rate * x - diffusion**2 * (score_divergence / dimensions * x) / 2

    return dimensions * (velocity(ball(1) / 2) - velocity(-ball(1) / 2))


def _stretch(variance, alpha_t, sigma_t):
    """Log of the flow's growth in y = x/alpha: the integral over u = sigma/alpha of (y - E[x_0 | y])/u per unit of y - mean."""
    return acb.integral(lambda u, _: u / (variance + u * u), 0, sigma_t / alpha_t, abs_tol=arb(2) ** -(10**6)).real


@entrywise(NEAR)
def probability_flow_latent(x_0, mean, variance, alpha_t, sigma_t):
    """The flow dy/du = (y - E[x_0 | y])/u of y = x/alpha, u = sigma/alpha, followed by quadrature."""
    return alpha_t * (mean + _stretch(variance, alpha_t, sigma_t).exp() * (x_0 - mean))


def _summed(one):
    """Definition of a sample from that of one entry."""
    spread = entrywise(NEAR)(one)
    return lambda *arguments: np.sum(spread(*arguments), axis=1)


@guarded(0)
def probability_flow_log_likelihood(x_0, mean, variance, alpha_t, sigma_t):
    """Log density of the latent under the prior, and the integrated divergence of the flow."""

    def one(x_0, mean, variance, alpha_t, sigma_t):
        grown = _stretch(variance, alpha_t, sigma_t)
        latent = alpha_t * (mean + grown.exp() * (x_0 - mean))
        return density_of_one(latent, arb(0), arb(1)).log() + grown + alpha_t.log()

    return _summed(one)(x_0, mean, variance, alpha_t, sigma_t)


@guarded(0)
def probability_flow_prior_mismatch(x_0, mean, variance, alpha_t, sigma_t):
    """Log of the ratio of the prior's density to that of x_t's law, at the latent."""

    def one(x_0, mean, variance, alpha_t, sigma_t):
        latent = alpha_t * (mean + _stretch(variance, alpha_t, sigma_t).exp() * (x_0 - mean))
        law = density_of_one(latent, alpha_t * mean, alpha_t * alpha_t * variance + sigma_t * sigma_t)
        return (density_of_one(latent, arb(0), arb(1)) / law).log()

    return _summed(one)(x_0, mean, variance, alpha_t, sigma_t)


def _given(x_t, mean, variance, alpha_t, sigma_t):
    """Mean and variance of x_0 given x_t."""
    power = alpha_t * alpha_t * variance + sigma_t * sigma_t
    return condition(mean, alpha_t * mean, variance, alpha_t * variance, power, x_t)


@guarded(0)
def reverse_sde_log_likelihood(x_0, mean, variance, alpha_t, sigma_t):
    """Density of x_0 drawn given an x_t that is drawn from the prior: total mean and total variance over its sigma points."""

    def one(x_0, mean, variance, alpha_t, sigma_t):
        middles, spreads = zip(*(_given(arb(x), mean, variance, alpha_t, sigma_t) for x in (1, -1)), strict=True)
        centre = sum(middles) / 2
        spread = sum(spreads) / 2 + sum((middle - centre) * (middle - centre) for middle in middles) / 2
        return density_of_one(x_0, centre, spread).log()

    return _summed(one)(x_0, mean, variance, alpha_t, sigma_t)


@guarded(0)
def elbo_gaussian_data(x_0, mean, variance, alpha_t, sigma_t):
    """Expectation given x_0 of log p(x_0 | x_t) p(x_t)/q(x_t | x_0): all that lies between x_0 and x_t is reversed exactly."""

    def one(x_0, mean, variance, alpha_t, sigma_t):
        noise = sigma_t * sigma_t

        def log_ratio(x_t):
            likelihood = density_of_one(x_0, *_given(x_t[0], mean, variance, alpha_t, sigma_t))
            ratio = density_of_one(x_t[0], arb(0), arb(1)) / density_of_one(x_t[0], alpha_t * x_0, noise)
            return (likelihood * ratio).log()

        return expectation(log_ratio, np.array([alpha_t * x_0], dtype=object), np.array([[noise]], dtype=object))

    return _summed(one)(x_0, mean, variance, alpha_t, sigma_t)


@guarded(0)
def uniform_dequantisation_bound(x_0, mean, variance, bin_width):
    """Mean of log(density*width) over the bin by Simpson's rule, which is exact for a parabola."""

    def one(x_0, mean, variance, bin_width):
        def value(x):
            return (density_of_one(x, mean, variance) * bin_width).log()

        return (value(x_0 - bin_width / 2) + 4 * value(x_0) + value(x_0 + bin_width / 2)) / 6

    return _summed(one)(x_0, mean, variance, bin_width)


@guarded(NEAR)
def dequantised_bits_per_dimension(log_density, dimensions, bin_width):
    """Nats from natural logs by quadrature, for a density counted in bins, shared among the dimensions."""
    return -(log_density + dimensions * natural_log(bin_width)) / (dimensions * natural_log(arb(2)))


@guarded(0)
def logit_log_determinant(x_0, margin):
    """Log of the first coefficient of the transform's power series about x_0."""

    def one(x_0, margin):
        shrunk = margin + (1 - 2 * margin) * arb_series([x_0, 1], prec=2)
        return (shrunk.log() - (1 - shrunk).log())[1].log()

    return _summed(one)(x_0, margin)


@guarded(NEAR)
def likelihood_weighted_loss(score, score_hat, diffusion):
    """KL of two reverse steps of one length that differ in the score, per unit of the length."""
    length = ball(1) / 64
    variance = other_axes(diffusion, score) ** 2 * length + 0 * score
    kl = np.frompyfunc(kl_of_one, 4, 1)(variance * score, variance, variance * score_hat, variance)
    return np.sum(kl, axis=tuple(range(1, score.ndim))) / length
