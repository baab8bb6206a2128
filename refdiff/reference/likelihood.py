"""Likelihood along the probability flow: divergences and their estimates, closed forms for Gaussian data, 8-bit data."""

from refdiff.numbers import namespace

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


def exact_divergence(jacobian):
    """Divergence of a vector field at each sample: the trace of its Jacobian.

    Formula:
        sum(diag(jacobian))

    Args:
        jacobian: derivative of the field, shape (B, d, d), rows are outputs.

    Returns:
        Shape (B,), per unit time. Error at most 1 ulp of sum(diag(abs(jacobian))), for d <= 8.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Appendix D.2, Eq. (39), the integrand.
    """
    xp = namespace(jacobian)
    return xp.sum(xp.stack([jacobian[:, i, i] for i in range(jacobian.shape[1])], axis=1), axis=1)


def log_density_rate(jacobian):
    """Time derivative of log p_t(x(t)) along a trajectory of dx/dt = velocity(x, t): the instantaneous change of variables.

    Formula:
        -sum(diag(jacobian))

    Args:
        jacobian: derivative of the velocity in x, shape (B, d, d), rows are outputs.

    Returns:
        Shape (B,), in nats per unit time, following the moving point; at a fixed point -velocity @ score is added.
        Error at most 1 ulp of sum(diag(abs(jacobian))), for d <= 8.

    Source:
        Chen et al. 2018, arXiv:1806.07366v5, Theorem 1, Eq. (8).
    """
    return -exact_divergence(jacobian)


def hutchinson_divergence(probe, jacobian):
    """Hutchinson's estimate of the divergence at each sample, from one random direction.

    Formula:
        sum(probe*(jacobian @ probe[:, :, None])[:, :, 0])

    Args:
        probe: random directions of mean 0 and unit covariance, shape (B, d), one for each sample.
        jacobian: derivative of the field, shape (B, d, d), rows are outputs.

    Returns:
        Shape (B,), per unit time; its mean over the probe is the trace of the Jacobian.
        Error at most 2.5 ulp of sum(abs(probe)*(abs(jacobian) @ abs(probe)[:, :, None])[:, :, 0]), for d <= 8.

    Source:
        Hutchinson 1990, Communications in Statistics 19(2), section 2; Song et al. 2021, arXiv:2011.13456v2, Eq. (40).
    """
    xp = namespace(probe, jacobian)
    moved = xp.sum(jacobian * probe[:, None, :], axis=2)
    return xp.sum(probe * moved, axis=1)


def hutchinson_variance_gaussian(jacobian):
    """Variance of Hutchinson's estimate over a Gaussian probe.

    Formula:
        2*sum(((jacobian + transpose(jacobian))/2)**2)

    Args:
        jacobian: derivative of the field, shape (B, d, d), symmetric or not.

    Returns:
        Shape (B,), the units of the divergence squared; K probes averaged have a K-th of it.
        Error at most 1.5 ulp of sum((abs(jacobian) + abs(transpose(jacobian)))**2), for d <= 8.

    Source:
        Avron and Toledo 2011, J. ACM 58(2), Table 1: 2*|A|_F^2 for a symmetric A, and only A's symmetric part counts.
    """
    xp = namespace(jacobian)
    return xp.sum((jacobian + jacobian.mT) ** 2, axis=(1, 2)) / 2


def hutchinson_variance_rademacher(jacobian):
    """Variance of Hutchinson's estimate over a probe of independent signs.

    Formula:
        2*(sum(((jacobian + transpose(jacobian))/2)**2) - sum(diag(jacobian)**2))

    Args:
        jacobian: derivative of the field, shape (B, d, d), symmetric or not.

    Returns:
        Shape (B,), the units of the divergence squared; 0 for a diagonal Jacobian. K probes averaged have a K-th of it.
        Error at most 1.5 ulp of sum((abs(jacobian) + abs(transpose(jacobian)))**2), for d <= 8.

    Source:
        Hutchinson 1990, Communications in Statistics 19(2), section 2; Avron and Toledo 2011, J. ACM 58(2), Table 1,
        for a symmetric A.
    """
    xp = namespace(jacobian)
    both = jacobian + jacobian.mT
    return sum(xp.sum(both[:, i, i + 1 :] ** 2, axis=1) for i in range(jacobian.shape[1]))


def probability_flow_divergence(score_divergence, drift_rate, diffusion, dimensions):
    """Divergence of the probability-flow ODE's velocity f*x - g**2/2*score.

    Formula:
        drift_rate*dimensions - diffusion**2/2*score_divergence

    Args:
        score_divergence: trace of the score's Jacobian, shape (B,).
        drift_rate: f of the SDE dx = f*x dt + g dw, a number or shape (B,).
        diffusion: g of the SDE, >= 0, a number or shape (B,).
        dimensions: number of dimensions of one sample, an integer >= 1.

    Returns:
        Shape (B,), per unit time, time running from data to noise.
        Error at most 2 ulp of abs(drift_rate)*dimensions + diffusion**2/2*abs(score_divergence).

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (13) put into Appendix D.2, Eq. (39).
    """
    return drift_rate * dimensions - diffusion**2 * score_divergence / 2


def probability_flow_latent(x_0, mean, variance, alpha_t, sigma_t):
    """State at t on the probability-flow trajectory through x_0, for Gaussian data with independent entries.

    Formula:
        alpha_t*mean + sqrt((alpha_t**2*variance + sigma_t**2)/variance)*(x_0 - mean)

    Args:
        x_0: data, any shape.
        mean: mean of the data, broadcasts against x_0.
        variance: variance of the data, > 0, broadcasts against x_0.
        alpha_t: signal scale, > 0, broadcasts against x_0.
        sigma_t: noise scale, > 0, broadcasts against x_0.

    Returns:
        The broadcast shape, in units of x_t; at t = T, the latent code of x_0. Error at most 3.5 ulp of
        alpha_t*abs(mean) + sqrt((alpha_t**2*variance + sigma_t**2)/variance)*abs(x_0 - mean).

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (13) and section 4.3, solved for a Gaussian: the map of quantiles.
    """
    xp = namespace(x_0, mean, variance, alpha_t, sigma_t)
    return alpha_t * mean + xp.sqrt(alpha_t**2 + sigma_t**2 / variance) * (x_0 - mean)


def probability_flow_log_likelihood(x_0, mean, variance, alpha_t, sigma_t):
    """Log likelihood that the probability-flow ODE with the exact score gives Gaussian data from a unit Gaussian at t.

    Formula:
        sum(log((alpha_t**2*variance + sigma_t**2)/variance) - latent**2 - log(2*pi))/2
        where latent = alpha_t*mean + sqrt((alpha_t**2*variance + sigma_t**2)/variance)*(x_0 - mean)

    Args:
        x_0: data, shape (B, d).
        mean: mean of the data, shape (d,).
        variance: variance of the data, > 0, shape (d,).
        alpha_t: signal scale where the prior stands, > 0, a number.
        sigma_t: noise scale where the prior stands, > 0, a number.

    Returns:
        Shape (B,), in nats, summed over d. Not log p(x_0): the prior N(0, I) is not quite the law of x_t.
        Error at most 4.5 ulp of sum(2 + abs(log((alpha_t**2*variance + sigma_t**2)/variance))
        + (alpha_t*abs(mean) + sqrt((alpha_t**2*variance + sigma_t**2)/variance)*abs(x_0 - mean))**2), for d <= 8.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Appendix D.2, Eq. (39), with the integral in closed form.
    """
    xp = namespace(x_0, mean, variance, alpha_t, sigma_t)
    latent = probability_flow_latent(x_0, mean, variance, alpha_t, sigma_t)
    return xp.sum(xp.log(alpha_t**2 + sigma_t**2 / variance) - xp.log(2 * xp.pi + 0 * latent) - latent**2, axis=1) / 2


def probability_flow_prior_mismatch(x_0, mean, variance, alpha_t, sigma_t):
    """Log likelihood of the probability-flow ODE less the data's true log density: what taking N(0, I) for the law of x_t costs.

    Formula:
        sum(latent_gap**2/power + log(power) - (latent_gap + alpha_t*mean)**2)/2
        where latent_gap = sqrt(power/variance)*(x_0 - mean)
        where power = alpha_t**2*variance + sigma_t**2

    Args:
        x_0: data, shape (B, d).
        mean: mean of the data, shape (d,).
        variance: variance of the data, > 0, shape (d,).
        alpha_t: signal scale where the prior stands, > 0, a number.
        sigma_t: noise scale where the prior stands, > 0, a number.

    Returns:
        Shape (B,), in nats, summed over d; of either sign, but its mean over the data is -KL(law of x_t, N(0, I)).
        Error at most 4.5 ulp of sum((x_0 - mean)**2/variance + 2 + abs(log(alpha_t**2*variance + sigma_t**2))
        + (alpha_t*abs(mean) + sqrt((alpha_t**2*variance + sigma_t**2)/variance)*abs(x_0 - mean))**2), for d <= 8.

    Source:
        Song et al. 2021, arXiv:2101.09258v4, Theorem 1's last term, point by point and for the ODE.
    """
    xp = namespace(x_0, mean, variance, alpha_t, sigma_t)
    power = alpha_t**2 * variance + sigma_t**2
    latent = probability_flow_latent(x_0, mean, variance, alpha_t, sigma_t)
    return xp.sum((x_0 - mean) ** 2 / variance + xp.log(power) - latent**2, axis=1) / 2


def reverse_sde_log_likelihood(x_0, mean, variance, alpha_t, sigma_t):
    """Log likelihood that the reverse SDE with the exact score gives Gaussian data from a unit Gaussian at t.

    Formula:
        -sum((x_0 - mean + gain*alpha_t*mean)**2/spread + log(2*pi*spread))/2
        where spread = variance - gain*alpha_t*variance + gain**2
        where gain = alpha_t*variance/(alpha_t**2*variance + sigma_t**2)

    Args:
        x_0: data, shape (B, d).
        mean: mean of the data, shape (d,).
        variance: variance of the data, > 0, shape (d,).
        alpha_t: signal scale where the prior stands, > 0, a number.
        sigma_t: noise scale where the prior stands, > 0, a number.

    Returns:
        Shape (B,), in nats, summed over d. Neither log p(x_0) nor the ODE's likelihood, unless x_t's law is N(0, I).
        Error at most 3.5 ulp of sum(2 + abs(log(variance)) + abs(log((alpha_t**2*variance + sigma_t**2)/(sigma_t**2 + variance)))
        + (abs(x_0) + abs(mean))**2/variance*(alpha_t**2*variance + sigma_t**2)/sigma_t**2), for d <= 8.

    Source:
        Song et al. 2021, arXiv:2101.09258v4, section 2, the density of the reverse SDE, solved for a Gaussian.
    """
    xp = namespace(x_0, mean, variance, alpha_t, sigma_t)
    power = alpha_t**2 * variance + sigma_t**2
    spread = variance * (sigma_t**2 / power + variance * (alpha_t / power) ** 2)
    gap = x_0 - sigma_t**2 * mean / power
    return -xp.sum(gap**2 / spread + xp.log(2 * xp.pi * spread), axis=1) / 2


def elbo_gaussian_data(x_0, mean, variance, alpha_t, sigma_t):
    """Evidence lower bound in continuous time of Gaussian data, with the exact score and a unit Gaussian at t.

    Formula:
        -sum((x_0 - mean)**2/variance + log(2*pi*variance)
             + alpha_t**2*x_0**2 + sigma_t**2
             - (alpha_t**2*(x_0 - mean)**2 + sigma_t**2)/power - log(power))/2
        where power = alpha_t**2*variance + sigma_t**2

    Args:
        x_0: data, shape (B, d).
        mean: mean of the data, shape (d,).
        variance: variance of the data, > 0, shape (d,).
        alpha_t: signal scale where the prior stands, > 0, a number.
        sigma_t: noise scale where the prior stands, > 0, a number.

    Returns:
        Shape (B,), in nats, summed over d: log p(x_0) + E[log N(x_t; 0, I) - log p(x_t)] given x_0. At most
        reverse_sde_log_likelihood at every x_0; below log p(x_0) in the mean over the data, not at every x_0.
        Error at most 2.5 ulp of sum(4 + abs(log((alpha_t**2*variance + sigma_t**2)/variance)) + alpha_t**2*x_0**2 + sigma_t**2
        + sigma_t**2/(alpha_t**2*variance + sigma_t**2)*(x_0 - mean)**2/variance), for d <= 8.

    Source:
        Song et al. 2021, arXiv:2101.09258v4, Theorem 3, for a Gaussian; Kingma et al. 2021, arXiv:2107.00630v6, Eq. (11).
    """
    xp = namespace(x_0, mean, variance, alpha_t, sigma_t)
    share = sigma_t**2 / (alpha_t**2 * variance + sigma_t**2)
    gained = share * (1 - (x_0 - mean) ** 2 / variance) + xp.log(alpha_t**2 + sigma_t**2 / variance)
    return xp.sum(gained - xp.log(2 * xp.pi + 0 * gained) - (alpha_t * x_0) ** 2 - sigma_t**2, axis=1) / 2


def uniform_dequantisation_bound(x_0, mean, variance, bin_width):
    """Lower bound on the log probability of a bin under a Gaussian: its log density averaged over the bin, times the width.

    Formula:
        sum(log(bin_width) - log(2*pi*variance)/2 - ((x_0 - mean)**2 + bin_width**2/12)/(2*variance))

    Args:
        x_0: centre of the bin, shape (B, d); data k of 0..255 are bins [k, k + 1] of centre k + 1/2 before any scaling.
        mean: mean of the model, shape (B, d) or (d,).
        variance: variance of the model, > 0, shape (d,) or a number.
        bin_width: distance of neighbouring data, > 0, a number: 1/256 on [0, 1], 1/128 on [-1, 1].

    Returns:
        Shape (B,), in nats, summed over d; at most the log of the bin's probability, by Jensen.
        Error at most 2 ulp of sum(2 + abs(log(bin_width**2/variance)) + ((x_0 - mean)**2 + bin_width**2)/variance), for d <= 8.

    Source:
        Theis et al. 2016, arXiv:1511.01844v3, section 3.1; Ho et al. 2019, arXiv:1902.00275v2, section 3.1, for a Gaussian.
    """
    xp = namespace(x_0, mean, variance, bin_width)
    squares = ((x_0 - mean) ** 2 + bin_width**2 / 12) / variance
    return xp.sum(xp.log(bin_width**2 / (2 * xp.pi * variance) + 0 * squares) - squares, axis=1) / 2


def dequantised_bits_per_dimension(log_density, dimensions, bin_width):
    """Bits per dimension of 8-bit data from the log density of their dequantised, rescaled form.

    Formula:
        -(log_density/dimensions + log(bin_width))/log(2)

    Args:
        log_density: log density of a whole sample in the rescaled coordinates, in nats, shape (B,).
        dimensions: number of dimensions of one sample, an integer >= 1.
        bin_width: distance of neighbouring data in those coordinates: 1/256 on [0, 1], which adds 8 bits;
            1/128 on [-1, 1], which adds 7; 1 on [0, 256].

    Returns:
        Shape (B,), in bits. Error at most 3 ulp of abs(log_density/dimensions) + abs(log(bin_width)).

    Source:
        Theis et al. 2016, arXiv:1511.01844v3, section 3.1; Song et al. 2021, arXiv:2011.13456v2, code likelihood.py, adds 7.
    """
    xp = namespace(log_density, bin_width)
    return -(log_density / dimensions + xp.log(bin_width)) / xp.log(2 + 0 * log_density)


def logit_log_determinant(x_0, margin):
    """Log determinant of the logit transform of data in [0, 1], shrunk into [margin, 1 - margin] first.

    Formula:
        sum(log(1 - 2*margin) - log(shrunk) - log(1 - shrunk))
        where shrunk = margin + (1 - 2*margin)*x_0

    Args:
        x_0: dequantised data in (0, 1), shape (B, d).
        margin: distance kept from 0 and 1, in (0, 1/2), a number.

    Returns:
        Shape (B,), in nats, summed over d: what the density of x_0 has beyond that of its logit.
        Error at most 3 ulp of sum(1 + abs(log(1 - 2*margin)) + abs(log(margin + (1 - 2*margin)*x_0))
        + abs(log(1 - margin - (1 - 2*margin)*x_0))), for d <= 8.

    Source:
        Dinh et al. 2017, arXiv:1605.08803v3, section 4.1; Papamakarios et al. 2017, arXiv:1705.07057v4, section 4.3.
    """
    xp = namespace(x_0, margin)
    kept = 1 - 2 * margin
    low, high = margin + kept * x_0, margin + kept * (1 - x_0)
    return xp.sum(xp.log(kept + 0 * low) - xp.log(low) - xp.log(high), axis=1)


def likelihood_weighted_loss(score, score_hat, diffusion):
    """Rate at which a wrong score adds to the KL from the data to the reverse SDE's samples: the weighting g**2 of the loss.

    Formula:
        diffusion**2/2*sum((score_hat - score)**2)

    Args:
        score: score of x_t, or of x_t given x_0, shape (B, ...).
        score_hat: the network's estimate, same shape.
        diffusion: g of the SDE, >= 0, a number or shape (B,).

    Returns:
        Shape (B,), in nats per unit time, summed over all axes but the first. Error at most 3.5 ulp, for up to 64 summands.

    Source:
        Song et al. 2021, arXiv:2101.09258v4, Theorem 1: lambda(t) = g(t)**2.
    """
    xp = namespace(score, score_hat, diffusion)
    return diffusion**2 * xp.sum((score_hat - score) ** 2, axis=tuple(range(1, score.ndim))) / 2
