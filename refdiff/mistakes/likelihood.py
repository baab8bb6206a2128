"""Wrong bodies of formulas of likelihood along the probability flow."""

from refdiff.numbers import namespace
from refdiff.reference.likelihood import (
    exact_divergence,
    hutchinson_divergence,
    probability_flow_latent,
    probability_flow_log_likelihood,
)

__all__ = [
    "dequantised_bits_per_dimension__in_nats",
    "dequantised_bits_per_dimension__offset_left_out",
    "dequantised_bits_per_dimension__offset_of_the_wrong_sign",
    "dequantised_bits_per_dimension__offset_shared_among_dimensions",
    "elbo_gaussian_data__noise_of_x_t_left_out",
    "elbo_gaussian_data__true_log_density",
    "elbo_gaussian_data__without_the_log_of_the_law",
    "exact_divergence__mean_of_diagonal",
    "exact_divergence__sum_of_all_entries",
    "hutchinson_divergence__length_of_product",
    "hutchinson_divergence__mean_over_dimensions",
    "hutchinson_divergence__probe_not_multiplied",
    "hutchinson_variance_gaussian__not_doubled",
    "hutchinson_variance_gaussian__of_signs",
    "hutchinson_variance_gaussian__without_symmetrising",
    "hutchinson_variance_rademacher__diagonal_counted",
    "hutchinson_variance_rademacher__without_symmetrising",
    "likelihood_weighted_loss__diffusion_not_squared",
    "likelihood_weighted_loss__mean_over_dimensions",
    "likelihood_weighted_loss__not_halved",
    "log_density_rate__mean_of_diagonal",
    "log_density_rate__of_the_wrong_sign",
    "logit_log_determinant__of_the_inverse",
    "logit_log_determinant__shrinking_left_out",
    "logit_log_determinant__slope_of_shrinking_left_out",
    "probability_flow_divergence__dimensions_left_out",
    "probability_flow_divergence__drift_of_the_reverse_sde",
    "probability_flow_divergence__score_added",
    "probability_flow_latent__mean_not_scaled",
    "probability_flow_latent__mean_of_x_t",
    "probability_flow_latent__variance_for_scale",
    "probability_flow_log_likelihood__divergence_left_out",
    "probability_flow_log_likelihood__divergence_of_the_wrong_sign",
    "probability_flow_log_likelihood__mean_over_dimensions",
    "probability_flow_log_likelihood__true_log_density",
    "probability_flow_prior_mismatch__of_the_wrong_sign",
    "probability_flow_prior_mismatch__without_the_log_of_the_law",
    "reverse_sde_log_likelihood__of_the_flow",
    "reverse_sde_log_likelihood__posterior_of_one_x_t",
    "reverse_sde_log_likelihood__true_log_density",
    "uniform_dequantisation_bound__density_at_the_centre",
    "uniform_dequantisation_bound__noise_from_the_centre",
    "uniform_dequantisation_bound__width_left_out",
]


def _log_density(x, mean, variance):
    """Log density of each entry."""
    return -((x - mean) ** 2 / variance + namespace(x, variance).log(2 * namespace(x, variance).pi * variance)) / 2


def _trace_of_squares(matrix):
    xp = namespace(matrix)
    return xp.sum(matrix**2, axis=(1, 2)), exact_divergence(matrix**2)


def exact_divergence__sum_of_all_entries(jacobian):
    """All entries summed: the sum of the outputs differentiated, as one backward pass gives it.

    Fix: the trace alone, sum of jacobian[i, i], Song et al. 2021, Eq. (39)
    Seen in: plausible
    """
    return namespace(jacobian).sum(jacobian, axis=(1, 2))


def exact_divergence__mean_of_diagonal(jacobian):
    """The mean of the diagonal in place of its sum.

    Fix: sum of jacobian[i, i], Song et al. 2021, Eq. (39)
    Seen in: plausible
    """
    return exact_divergence(jacobian) / jacobian.shape[1]


def log_density_rate__of_the_wrong_sign(jacobian):
    """Plus the trace: the density would grow where the flow spreads.

    Fix: -trace(jacobian), Chen et al. 2018, Theorem 1
    Seen in: plausible
    """
    return exact_divergence(jacobian)


def log_density_rate__mean_of_diagonal(jacobian):
    """The mean of the diagonal in place of its sum.

    Fix: -trace(jacobian), Chen et al. 2018, Theorem 1
    Seen in: plausible
    """
    return -exact_divergence(jacobian) / jacobian.shape[1]


def hutchinson_divergence__probe_not_multiplied(probe, jacobian):
    """The product of Jacobian and probe summed, without multiplying by the probe again.

    Fix: probe @ jacobian @ probe, Song et al. 2021, Eq. (40)
    Seen in: plausible
    """
    return namespace(probe, jacobian).sum(jacobian * probe[:, None, :], axis=(1, 2))


def hutchinson_divergence__mean_over_dimensions(probe, jacobian):
    """The mean over the dimensions in place of the sum.

    Fix: probe @ jacobian @ probe, Song et al. 2021, Eq. (40)
    Seen in: plausible
    """
    return hutchinson_divergence(probe, jacobian) / probe.shape[1]


def hutchinson_divergence__length_of_product(probe, jacobian):
    """The squared length of the product of Jacobian and probe, which estimates |J|_F^2.

    Fix: probe @ jacobian @ probe, Song et al. 2021, Eq. (40)
    Seen in: plausible
    """
    xp = namespace(probe, jacobian)
    return xp.sum(xp.sum(jacobian * probe[:, None, :], axis=2) ** 2, axis=1)


def hutchinson_variance_gaussian__without_symmetrising(jacobian):
    """2*|J|_F^2, which holds for a symmetric J alone; else it is too much.

    Fix: 2*|(J + J.T)/2|_F^2, Avron and Toledo 2011, Table 1, of the symmetric part
    Seen in: plausible
    """
    return 2 * _trace_of_squares(jacobian)[0]


def hutchinson_variance_gaussian__not_doubled(jacobian):
    """|sym(J)|_F^2 without the 2 that the fourth moment of a Gaussian makes.

    Fix: 2*|(J + J.T)/2|_F^2, Avron and Toledo 2011, Table 1
    Seen in: plausible
    """
    return _trace_of_squares((jacobian + jacobian.mT) / 2)[0]


def hutchinson_variance_gaussian__of_signs(jacobian):
    """The variance for a probe of signs: the diagonal does not count.

    Fix: 2*|(J + J.T)/2|_F^2, Avron and Toledo 2011, Table 1
    Seen in: plausible
    """
    squares, diagonal = _trace_of_squares((jacobian + jacobian.mT) / 2)
    return 2 * (squares - diagonal)


def hutchinson_variance_rademacher__diagonal_counted(jacobian):
    """The variance for a Gaussian probe: with signs the diagonal is always right and does not count.

    Fix: 2*(|(J + J.T)/2|_F^2 - sum of J[i, i]**2), Avron and Toledo 2011, Table 1
    Seen in: plausible
    """
    return 2 * _trace_of_squares((jacobian + jacobian.mT) / 2)[0]


def hutchinson_variance_rademacher__without_symmetrising(jacobian):
    """2*(|J|_F^2 - sum of J[i, i]**2), which holds for a symmetric J alone.

    Fix: 2*(|(J + J.T)/2|_F^2 - sum of J[i, i]**2), Avron and Toledo 2011, Table 1, of the symmetric part
    Seen in: plausible
    """
    squares, diagonal = _trace_of_squares(jacobian)
    return 2 * (squares - diagonal)


def probability_flow_divergence__drift_of_the_reverse_sde(score_divergence, drift_rate, diffusion, dimensions):
    """g**2 in place of g**2/2: the reverse SDE's drift, not the flow's.

    Fix: drift_rate*dimensions - diffusion**2/2*score_divergence, Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return drift_rate * dimensions - diffusion**2 * score_divergence


def probability_flow_divergence__score_added(score_divergence, drift_rate, diffusion, dimensions):
    """The score's share added.

    Fix: drift_rate*dimensions - diffusion**2/2*score_divergence, Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return drift_rate * dimensions + diffusion**2 * score_divergence / 2


def probability_flow_divergence__dimensions_left_out(score_divergence, drift_rate, diffusion):
    """The linear drift counted once in place of once for each dimension.

    Fix: drift_rate*dimensions - diffusion**2/2*score_divergence, Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return drift_rate - diffusion**2 * score_divergence / 2


def probability_flow_latent__mean_of_x_t(x_0, alpha_t):
    """alpha_t*x_0: the mean of x_t given x_0, which is not where the flow goes.

    Fix: alpha_t*mean + sqrt((alpha_t**2*variance + sigma_t**2)/variance)*(x_0 - mean), Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return alpha_t * x_0


def probability_flow_latent__mean_not_scaled(x_0, mean, variance, alpha_t, sigma_t):
    """The mean not scaled by alpha_t.

    Fix: alpha_t*mean + sqrt((alpha_t**2*variance + sigma_t**2)/variance)*(x_0 - mean), Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return mean + probability_flow_latent(x_0 - mean, 0 * mean, variance, alpha_t, sigma_t)


def probability_flow_latent__variance_for_scale(x_0, mean, variance, alpha_t, sigma_t):
    """The ratio of the variances without its root.

    Fix: alpha_t*mean + sqrt((alpha_t**2*variance + sigma_t**2)/variance)*(x_0 - mean), Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return alpha_t * mean + (alpha_t**2 + sigma_t**2 / variance) * (x_0 - mean)


def _prior_and_growth(x_0, mean, variance, alpha_t, sigma_t):
    xp = namespace(x_0, mean, variance)
    latent = probability_flow_latent(x_0, mean, variance, alpha_t, sigma_t)
    growth = xp.log(alpha_t**2 + sigma_t**2 / variance + 0 * latent) / 2
    return xp.sum(_log_density(latent, 0 * mean, 1 + 0 * variance), axis=1), xp.sum(growth, axis=1)


def probability_flow_log_likelihood__divergence_left_out(x_0, mean, variance, alpha_t, sigma_t):
    """The prior's log density at the latent alone.

    Fix: log N(x_T; 0, I) plus the integrated divergence, Song et al. 2021, Eq. (39)
    Seen in: plausible
    """
    return _prior_and_growth(x_0, mean, variance, alpha_t, sigma_t)[0]


def probability_flow_log_likelihood__divergence_of_the_wrong_sign(x_0, mean, variance, alpha_t, sigma_t):
    """The integrated divergence subtracted.

    Fix: log N(x_T; 0, I) plus the integral of the divergence from 0 to T, Song et al. 2021, Eq. (39)
    Seen in: plausible
    """
    prior, growth = _prior_and_growth(x_0, mean, variance, alpha_t, sigma_t)
    return prior - growth


def probability_flow_log_likelihood__true_log_density(x_0, mean, variance):
    """The data's true log density: right only when the law of x_T is the prior.

    Fix: log N(x_T; 0, I) plus the integrated divergence, Song et al. 2021, Eq. (39)
    Seen in: plausible
    """
    return namespace(x_0).sum(_log_density(x_0, mean, variance), axis=1)


def probability_flow_log_likelihood__mean_over_dimensions(x_0, mean, variance, alpha_t, sigma_t):
    """The mean over the dimensions in place of the sum.

    Fix: log N(x_T; 0, I) plus the integrated divergence, summed, Song et al. 2021, Eq. (39)
    Seen in: plausible
    """
    return probability_flow_log_likelihood(x_0, mean, variance, alpha_t, sigma_t) / x_0.shape[1]


def probability_flow_prior_mismatch__of_the_wrong_sign(x_0, mean, variance, alpha_t, sigma_t):
    """The true log density less the flow's.

    Fix: log N(x_T; 0, I) - log N(x_T; alpha_t*mean, alpha_t**2*variance + sigma_t**2), Song et al. 2021, Theorem 1
    Seen in: plausible
    """
    true = probability_flow_log_likelihood__true_log_density(x_0, mean, variance)
    return true - probability_flow_log_likelihood(x_0, mean, variance, alpha_t, sigma_t)


def probability_flow_prior_mismatch__without_the_log_of_the_law(x_0, mean, variance, alpha_t, sigma_t):
    """The exponents alone, without the log of the law's variance.

    Fix: log N(x_T; 0, I) - log N(x_T; alpha_t*mean, alpha_t**2*variance + sigma_t**2), Song et al. 2021, Theorem 1
    Seen in: plausible
    """
    latent = probability_flow_latent(x_0, mean, variance, alpha_t, sigma_t)
    return namespace(x_0).sum((x_0 - mean) ** 2 / variance - latent**2, axis=1) / 2


def reverse_sde_log_likelihood__true_log_density(x_0, mean, variance):
    """The data's true log density: right only when the law of x_T is the prior.

    Fix: the Gaussian of mean and variance of x_0 drawn from an x_T of the prior, Song et al. 2021, Theorem 1
    Seen in: plausible
    """
    return probability_flow_log_likelihood__true_log_density(x_0, mean, variance)


def reverse_sde_log_likelihood__of_the_flow(x_0, mean, variance, alpha_t, sigma_t):
    """The probability flow's likelihood: SDE and ODE share their laws only when they start from the law of x_T.

    Fix: the Gaussian of mean and variance of x_0 drawn from an x_T of the prior, Song et al. 2021, Theorem 1
    Seen in: plausible
    """
    return probability_flow_log_likelihood(x_0, mean, variance, alpha_t, sigma_t)


def reverse_sde_log_likelihood__posterior_of_one_x_t(x_0, mean, variance, alpha_t, sigma_t):
    """The variance of x_0 given x_t alone, without that of its mean.

    Fix: variance*sigma_t**2/power + gain**2, Song et al. 2021, Theorem 1
    Seen in: plausible
    """
    power = alpha_t**2 * variance + sigma_t**2
    entries = _log_density(x_0, sigma_t**2 * mean / power, variance * sigma_t**2 / power)
    return namespace(x_0).sum(entries, axis=1)


def elbo_gaussian_data__true_log_density(x_0, mean, variance):
    """The data's true log density: the bound's gap and the prior's mismatch left out.

    Fix: log p(x_0) + E[log N(x_t; 0, I) - log p(x_t)], Song et al. 2021, Theorem 3
    Seen in: plausible
    """
    return probability_flow_log_likelihood__true_log_density(x_0, mean, variance)


def _elbo(x_0, mean, variance, alpha_t, sigma_t, noise, logs):
    power = alpha_t**2 * variance + sigma_t**2
    prior = (alpha_t * x_0) ** 2 + noise
    law = ((alpha_t * (x_0 - mean)) ** 2 + noise) / power + logs * namespace(power).log(power)
    return namespace(x_0).sum(_log_density(x_0, mean, variance) - prior / 2 + law / 2, axis=1)


def elbo_gaussian_data__noise_of_x_t_left_out(x_0, mean, variance, alpha_t, sigma_t):
    """x_t put at its mean alpha_t*x_0, without the spread sigma_t**2 of the expectation.

    Fix: log p(x_0) + E[log N(x_t; 0, I) - log p(x_t)], Song et al. 2021, Theorem 3
    Seen in: plausible
    """
    return _elbo(x_0, mean, variance, alpha_t, sigma_t, 0, 1)


def elbo_gaussian_data__without_the_log_of_the_law(x_0, mean, variance, alpha_t, sigma_t):
    """The log of x_t's variance left out.

    Fix: log p(x_0) + E[log N(x_t; 0, I) - log p(x_t)], Song et al. 2021, Theorem 3
    Seen in: plausible
    """
    return _elbo(x_0, mean, variance, alpha_t, sigma_t, sigma_t**2, 0)


def uniform_dequantisation_bound__density_at_the_centre(x_0, mean, variance, bin_width):
    """The log density at the bin's centre, without the spread bin_width**2/12 of the uniform noise.

    Fix: ((x_0 - mean)**2 + bin_width**2/12)/(2*variance), Theis et al. 2016, section 3.1
    Seen in: plausible
    """
    xp = namespace(x_0, mean, variance, bin_width)
    return xp.sum(_log_density(x_0, mean, variance) + xp.log(bin_width + 0 * x_0), axis=1)


def uniform_dequantisation_bound__width_left_out(x_0, mean, variance, bin_width):
    """The mean log density, without the log of the width that makes it a probability.

    Fix: log(bin_width) plus the mean log density over the bin, Theis et al. 2016, section 3.1
    Seen in: plausible
    """
    return namespace(x_0).sum(_log_density(x_0, mean, variance) - bin_width**2 / (24 * variance), axis=1)


def uniform_dequantisation_bound__noise_from_the_centre(x_0, mean, variance, bin_width):
    """The bin taken to begin at x_0, which is its centre.

    Fix: the bin reaches from x_0 - bin_width/2 to x_0 + bin_width/2, Theis et al. 2016, section 3.1
    Seen in: plausible
    """
    xp = namespace(x_0, mean, variance, bin_width)
    entries = _log_density(x_0 + bin_width / 2, mean, variance) - bin_width**2 / (24 * variance)
    return xp.sum(entries + xp.log(bin_width + 0 * x_0), axis=1)


def dequantised_bits_per_dimension__offset_left_out(log_density, dimensions):
    """Without the log of the bin's width: the density's unit is left in the result.

    Fix: -(log_density/dimensions + log(bin_width))/log(2), Theis et al. 2016, section 3.1
    Seen in: plausible
    """
    return -log_density / dimensions / namespace(log_density).log(2 + 0 * log_density)


def dequantised_bits_per_dimension__offset_of_the_wrong_sign(log_density, dimensions, bin_width):
    """The log of the bin's width subtracted.

    Fix: -(log_density/dimensions + log(bin_width))/log(2), Theis et al. 2016, section 3.1
    Seen in: plausible
    """
    xp = namespace(log_density, bin_width)
    return (xp.log(bin_width) - log_density / dimensions) / xp.log(2 + 0 * log_density)


def dequantised_bits_per_dimension__offset_shared_among_dimensions(log_density, dimensions, bin_width):
    """One bin's width for the whole sample, in place of one for each dimension.

    Fix: -(log_density/dimensions + log(bin_width))/log(2), Theis et al. 2016, section 3.1
    Seen in: plausible
    """
    xp = namespace(log_density, bin_width)
    return -(log_density + xp.log(bin_width)) / dimensions / xp.log(2 + 0 * log_density)


def dequantised_bits_per_dimension__in_nats(log_density, dimensions, bin_width):
    """Nats, not divided by log(2).

    Fix: -(log_density/dimensions + log(bin_width))/log(2), Theis et al. 2016, section 3.1
    Seen in: plausible
    """
    return -(log_density / dimensions + namespace(log_density, bin_width).log(bin_width))


def logit_log_determinant__shrinking_left_out(x_0):
    """The logit of the data themselves, not shrunk away from 0 and 1.

    Fix: -log(shrunk) - log(1 - shrunk) + log(1 - 2*margin), shrunk = margin + (1 - 2*margin)*x_0, Dinh et al. section 4.1
    Seen in: plausible
    """
    xp = namespace(x_0)
    return -xp.sum(xp.log(x_0) + xp.log(1 - x_0), axis=1)


def logit_log_determinant__slope_of_shrinking_left_out(x_0, margin):
    """Without log(1 - 2*margin), the slope of the shrinking.

    Fix: -log(shrunk) - log(1 - shrunk) + log(1 - 2*margin), shrunk = margin + (1 - 2*margin)*x_0, Dinh et al. section 4.1
    Seen in: plausible
    """
    return logit_log_determinant__shrinking_left_out(margin + (1 - 2 * margin) * x_0)


def logit_log_determinant__of_the_inverse(x_0, margin):
    """The log determinant of the way back.

    Fix: -log(shrunk) - log(1 - shrunk) + log(1 - 2*margin), shrunk = margin + (1 - 2*margin)*x_0, Dinh et al. section 4.1
    Seen in: plausible
    """
    xp = namespace(x_0, margin)
    forth = logit_log_determinant__slope_of_shrinking_left_out(x_0, margin)
    return -forth - x_0.shape[1] * xp.log(1 - 2 * margin + 0 * forth)


def likelihood_weighted_loss__not_halved(score, score_hat, diffusion):
    """Without the half.

    Fix: diffusion**2/2*sum((score_hat - score)**2), Song et al. 2021, Theorem 1
    Seen in: plausible
    """
    return diffusion**2 * namespace(score).sum((score_hat - score) ** 2, axis=tuple(range(1, score.ndim)))


def likelihood_weighted_loss__diffusion_not_squared(score, score_hat, diffusion):
    """The weight g in place of g**2.

    Fix: diffusion**2/2*sum((score_hat - score)**2), Song et al. 2021, Theorem 1
    Seen in: plausible
    """
    return diffusion * namespace(score).sum((score_hat - score) ** 2, axis=tuple(range(1, score.ndim))) / 2


def likelihood_weighted_loss__mean_over_dimensions(score, score_hat, diffusion):
    """The mean over the dimensions: no longer nats of a whole sample.

    Fix: diffusion**2/2*sum((score_hat - score)**2), Song et al. 2021, Theorem 1
    Seen in: plausible
    """
    found = likelihood_weighted_loss__not_halved(score, score_hat, diffusion)
    count = 1
    for size in score.shape[1:]:
        count = count * size
    return found / (2 * count)
