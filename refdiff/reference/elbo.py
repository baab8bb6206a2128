"""The evidence lower bound of diffusion models: its terms where everything is Gaussian, its limit, its units, its weightings.

The model behind the terms is linear: x_0 is estimated by slope*x_t + intercept. Then each expectation is in closed form,
and both decompositions of the bound can be compared term by term.
"""

import math

from refdiff.numbers import namespace

__all__ = [
    "bits_per_dimension_of_density",
    "consistency_term",
    "denoising_matching_term",
    "denoising_matching_variance",
    "elbo_weight",
    "elbo_weight_edm",
    "elbo_weight_flow",
    "elbo_weight_flow_logit_normal",
    "elbo_weight_min_snr",
    "elbo_weight_p2",
    "elbo_weight_p2_offset",
    "elbo_weight_sigmoid",
    "elbo_weight_simple_cosine",
    "elbo_weight_snr",
    "elbo_weight_truncated_snr",
    "elbo_weight_v_cosine",
    "log_ratio_variance",
    "logsnr_dot",
    "prior_matching_term",
    "reconstruction_term",
    "snr_dot",
    "variational_bound_linear",
    "vlb_gaussian_continuous",
    "vlb_gaussian_discrete",
    "vlb_gaussian_excess",
    "vlb_integrand",
    "vlb_integrand_eps",
]


def _others(x):
    return tuple(range(1, x.ndim))


def denoising_matching_term(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t):
    """Mean over x_t given x_0 of denoising_kl, when slope*x_t + intercept estimates x_0.

    Formula:
        (snr_s - snr_t)/2*sum((x_0 - slope*alpha_t*x_0 - intercept)**2 + slope**2*(1 - alpha_bar_t))

    Args:
        x_0: data, shape (B, ...).
        slope: factor of x_t in the estimate, a number.
        intercept: constant of the estimate, a number.
        log_alpha_bar_s: log signal power at s, in (log_alpha_bar_t, 0), a number.
        log_alpha_bar_t: log signal power at t, in [-600, 0), a number.

    Returns:
        Shape (B,), in nats, >= 0, summed over all axes but the first.
        Error at most 5.5 ulp of (snr_s - snr_t)*sum((abs(x_0) + abs(slope*alpha_t*x_0) + abs(intercept))**2
        + slope**2*(1 - alpha_bar_t)), for up to 64 summands.

    Source:
        Luo 2022, arXiv:2208.11970v1, section on variational diffusion models, the denoising matching term of Eq. (58);
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (5), L_{t-1}.
    """
    xp = namespace(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t)
    drop = xp.exp(log_alpha_bar_s) * xp.expm1(log_alpha_bar_t - log_alpha_bar_s)
    gain = -drop / (xp.expm1(log_alpha_bar_s) * xp.expm1(log_alpha_bar_t))
    bias = x_0 - slope * xp.exp(log_alpha_bar_t / 2) * x_0 - intercept
    return gain / 2 * xp.sum(bias**2 - slope**2 * xp.expm1(log_alpha_bar_t), axis=_others(x_0))


def denoising_matching_variance(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t):
    """Variance over x_t given x_0 of denoising_kl, when slope*x_t + intercept estimates x_0.

    Formula:
        (snr_s - snr_t)**2*sum(slope**2*(1 - alpha_bar_t)*(x_0 - slope*alpha_t*x_0 - intercept)**2
                               + slope**4*(1 - alpha_bar_t)**2/2)

    Args:
        x_0: data, shape (B, ...).
        slope: factor of x_t in the estimate, a number.
        intercept: constant of the estimate, a number.
        log_alpha_bar_s: log signal power at s, in (log_alpha_bar_t, 0), a number.
        log_alpha_bar_t: log signal power at t, in [-600, 0), a number.

    Returns:
        Shape (B,), in nats squared: what one drawn x_t leaves. The log ratio of one drawn x_s has twice
        denoising_matching_term more, which the closed form given x_0 and x_t takes away.
        Error at most 12 ulp of (snr_s - snr_t)**2*sum(slope**2*(1 - alpha_bar_t)*(abs(x_0) + abs(slope*alpha_t*x_0)
        + abs(intercept))**2 + slope**4*(1 - alpha_bar_t)**2), for up to 64 summands.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, section 2, on Rao-Blackwellized terms;
        the variance follows from Petersen and Pedersen 2012, The Matrix Cookbook, section 8.2.2.
    """
    xp = namespace(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t)
    drop = xp.exp(log_alpha_bar_s) * xp.expm1(log_alpha_bar_t - log_alpha_bar_s)
    gain = drop / (xp.expm1(log_alpha_bar_s) * xp.expm1(log_alpha_bar_t))
    bias = x_0 - slope * xp.exp(log_alpha_bar_t / 2) * x_0 - intercept
    spread = -(slope**2) * xp.expm1(log_alpha_bar_t)
    return gain**2 * xp.sum(spread * (bias**2 + spread / 2), axis=_others(x_0))


def consistency_term(x_0, slope, intercept, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t):
    """Mean over x_r, x_s and x_t given x_0 of log q(x_s given x_r) - log p(x_s given x_t), for neighbouring times r < s < t.

    The model's reverse step p has the true posterior's variance, and slope*x_t + intercept for x_0.

    Formula:
        (sum(x_0*0 + log((1 - alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(1 - alpha_bar_t)
                         /(1 - alpha_bar_s/exp(log_alpha_bar_r))))
         + (snr_s - snr_t)*sum((x_0 - slope*alpha_t*x_0 - intercept)**2 + slope**2*(1 - alpha_bar_t)))/2

    Args:
        x_0: data, shape (B, ...).
        slope: factor of x_t in the estimate, a number.
        intercept: constant of the estimate, a number.
        log_alpha_bar_r: log signal power at r, in (log_alpha_bar_s, 0], a number.
        log_alpha_bar_s: log signal power at s, in (log_alpha_bar_t, 0), a number.
        log_alpha_bar_t: log signal power at t, in [-600, 0), a number.

    Returns:
        Shape (B,), in nats, summed over all axes but the first; of either sign, so no divergence.
        Error at most 4 ulp of sum(x_0*0 + 1 + abs(log((1 - alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(1 - alpha_bar_t)
        /(1 - alpha_bar_s/exp(log_alpha_bar_r))))) + (snr_s - snr_t)*sum((abs(x_0) + abs(slope*alpha_t*x_0) + abs(intercept))**2
        + slope**2*(1 - alpha_bar_t)), for up to 64 summands.

    Source:
        Luo 2022, arXiv:2208.11970v1, section on variational diffusion models, Eq. (44), the consistency term as a mean over three
        states. Eq. (45) there writes it as a KL divergence, averaged over x_s given x_r alone, as if x_t told nothing of x_s:
        those divergences are other numbers, never negative, and with them the terms do not add up to the bound.
    """
    xp = namespace(x_0, slope, intercept, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t)
    narrowing = xp.expm1(log_alpha_bar_t - log_alpha_bar_s) / xp.expm1(log_alpha_bar_t)
    entropy = xp.log(narrowing * (xp.expm1(log_alpha_bar_s) / xp.expm1(log_alpha_bar_s - log_alpha_bar_r)))
    matching = denoising_matching_term(x_0, slope, intercept, log_alpha_bar_s, log_alpha_bar_t)
    return math.prod(x_0.shape[1:]) * entropy / 2 + matching


def reconstruction_term(x_0, slope, intercept, variance, log_alpha_bar_t):
    """Mean over x_t given x_0, t the first time, of x_0's negative log likelihood under a Gaussian about slope*x_t + intercept.

    Formula:
        sum((x_0 - slope*alpha_t*x_0 - intercept)**2/variance + slope**2*(1 - alpha_bar_t)/variance + log(2*pi*variance))/2

    Args:
        x_0: data, shape (B, ...).
        slope: factor of x_t in the decoder's mean, a number.
        intercept: constant of the decoder's mean, a number.
        variance: the decoder's variance of every entry, > 0, a number.
        log_alpha_bar_t: log signal power at the first time, in [-700, 0), a number.

    Returns:
        Shape (B,), in nats, summed over all axes but the first; the bound adds it.
        Error at most 4 ulp of sum((abs(x_0) + abs(slope*alpha_t*x_0) + abs(intercept))**2/variance
        + slope**2*(1 - alpha_bar_t)/variance + 2 + abs(log(variance))), for up to 64 summands.

    Source:
        Luo 2022, arXiv:2208.11970v1, section on variational diffusion models, the reconstruction term of Eq. (58), sign reversed.
    """
    xp = namespace(x_0, slope, intercept, variance, log_alpha_bar_t)
    bias = x_0 - slope * xp.exp(log_alpha_bar_t / 2) * x_0 - intercept
    errors = bias**2 - slope**2 * xp.expm1(log_alpha_bar_t)
    return xp.sum(errors / variance + xp.log(2 * xp.pi * variance + 0 * errors), axis=_others(x_0)) / 2


def prior_matching_term(x_0, log_alpha_bar_s, log_alpha_bar_T):
    """Mean over x_s given x_0, s the last time but one, of the KL from x_T given x_s to the unit Gaussian.

    Formula:
        sum(alpha_bar_T*x_0**2 - alpha_bar_T - log(1 - alpha_bar_T/alpha_bar_s))/2

    Args:
        x_0: data, shape (B, ...).
        log_alpha_bar_s: log signal power at s, in (log_alpha_bar_T, 0], a number or shape (B,).
        log_alpha_bar_T: log signal power at T, in [-700, 0), a number or shape (B,).

    Returns:
        Shape (B,), in nats, summed over all axes but the first: prior_kl where s is the data.
        Error at most 2 ulp of sum(alpha_bar_T*(x_0**2 + 1) - log(1 - alpha_bar_T/alpha_bar_s)), for up to 64 summands.

    Source:
        Luo 2022, arXiv:2208.11970v1, section on variational diffusion models, the prior matching term of Eq. (45).
    """
    xp = namespace(x_0, log_alpha_bar_s, log_alpha_bar_T)
    count = math.prod(x_0.shape[1:])
    squares = xp.sum(x_0**2, axis=_others(x_0))
    step, power = log_alpha_bar_T - log_alpha_bar_s, xp.exp(log_alpha_bar_T)
    log_noise = xp.where(xp.less(step, -1), xp.log1p(-power / xp.exp(log_alpha_bar_s)), xp.log(-xp.expm1(step)))
    return (power * (squares - count) - count * log_noise) / 2


def variational_bound_linear(x_0, slopes, intercepts, variance, betas):
    """Negative evidence lower bound of a DDPM whose estimate of x_0 at t is slopes[t]*x_t + intercepts[t], summed over t.

    Formula:
        (sum(gains*((x_0[:, :, None] - slopes*sqrt(alpha_bars)*x_0[:, :, None] - intercepts)**2 + slopes**2*(1 - alpha_bars)))
         + sum(x_0*0 + log(2*pi*variance)) + sum(alpha_bar_T*x_0**2 - alpha_bar_T - log(1 - alpha_bar_T)))/2
        where gains = previous(snrs, first(snrs) + 1/variance) - snrs
        where snrs = alpha_bars/(1 - alpha_bars)

    Args:
        x_0: data, shape (B, d).
        slopes: factor of x_t in the estimate at each time, shape (T,).
        intercepts: constant of the estimate at each time, shape (T,).
        variance: variance of the Gaussian decoder at t = 1, > 0, a number. The other steps have the posterior's variance.
        betas: DDPM's step variances, in (0, 1), shape (T,).

    Returns:
        Shape (B,), in nats, at least minus the log evidence of x_0. reconstruction_term, prior_kl and denoising_matching_term
        at t = 2..T add up to it; so do reconstruction_term, prior_matching_term and consistency_term.
        Error at most 4 ulp of sum((previous(alpha_bars/(1 - alpha_bars), first(alpha_bars/(1 - alpha_bars)) + 1/variance)
        - alpha_bars/(1 - alpha_bars))*((abs(x_0[:, :, None]) + abs(slopes*sqrt(alpha_bars)*x_0[:, :, None])
        + abs(intercepts))**2 + slopes**2)) + sum(x_0**2 + 2 + abs(log(variance)) - log(1 - alpha_bar_T)), for up to 64 summands.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (5), with a Gaussian decoder; Luo 2022, arXiv:2208.11970v1, Eq. (58).
    """
    xp = namespace(x_0, slopes, intercepts, variance, betas)
    powers, x = xp.cumsum(xp.log1p(-betas)), x_0[:, :, None]
    before = powers[:-1]
    gains = xp.exp(before) * betas[1:] / (xp.expm1(before) * xp.expm1(powers[1:]))
    errors = (x - slopes * xp.exp(powers / 2) * x - intercepts) ** 2 - slopes**2 * xp.expm1(powers)
    matching = xp.sum(xp.sum(xp.concat([1 / variance + 0 * betas[:1], gains]) * errors, axis=2), axis=1)
    prior = prior_matching_term(x_0, 0 * powers[-1], powers[-1])
    return matching / 2 + x_0.shape[1] * xp.log(2 * xp.pi * variance + 0 * matching) / 2 + prior


def log_ratio_variance(mean_1, variance_1, mean_2, variance_2):
    """Variance, under the first isotropic Gaussian, of the log of its density over the second's.

    It is what one drawn sample adds to the estimate of a KL term, and what the closed form given x_0 and x_t takes away.

    Formula:
        sum((variance_1/variance_2 - 1)**2/2 + variance_1*(mean_1 - mean_2)**2/variance_2**2)

    Args:
        mean_1: shape (B, ...).
        variance_1: variance of every entry, > 0, a number.
        mean_2: same shape as mean_1.
        variance_2: variance of every entry, > 0, a number.

    Returns:
        Shape (B,), in nats squared, summed over all axes but the first; twice the KL where the variances are equal.
        Error at most 4 ulp, for up to 64 summands.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, section 2, on Rao-Blackwellized terms;
        the variance follows from Petersen and Pedersen 2012, The Matrix Cookbook, section 8.2.2.
    """
    xp = namespace(mean_1, variance_1, mean_2, variance_2)
    excess = (xp.wide(variance_1) - variance_2) / variance_2
    squares = variance_1 * ((xp.wide(mean_1) - mean_2) / variance_2) ** 2
    return xp.sum(xp.rounded(squares + excess**2 / 2), axis=_others(mean_1))


def vlb_gaussian_continuous(variance, logsnr_s, logsnr_t):
    """Diffusion loss of continuous time between two noise levels, for Gaussian data and their exact denoiser, per dimension.

    Formula:
        log((1 + variance*snr_s)/(1 + variance*snr_t))/2

    Args:
        variance: variance of the data, in [1e-6, 1e6], any shape.
        logsnr_s: log signal-to-noise ratio at the cleaner end, >= logsnr_t, in [-340, 340], broadcasts against variance.
        logsnr_t: log signal-to-noise ratio at the noisier end, broadcasts against variance.

    Returns:
        The broadcast shape, in nats per dimension, >= 0: half the integral of the least squared error over the SNR.
        No schedule between the ends changes it. Error at most 4 ulp.

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, section 5.1, Eq. (18), with the exact denoiser;
        Guo, Shamai and Verdu 2005, Mutual Information and Minimum Mean-Square Error in Gaussian Channels, Theorem 1.
    """
    xp = namespace(variance, logsnr_s, logsnr_t)
    rise = -xp.wide(variance) * xp.exp(logsnr_s) * xp.expm1(xp.wide(logsnr_t) - logsnr_s)
    return xp.log1p(xp.rounded(rise / (1 + xp.wide(variance) * xp.exp(logsnr_t)))) / 2


def vlb_gaussian_discrete(variance, logsnrs):
    """Diffusion loss of finitely many steps, for Gaussian data and their exact denoiser, per dimension.

    Formula:
        sum((exp(logsnrs)[None, :-1] - exp(logsnrs)[None, 1:])*variance/(1 + variance*exp(logsnrs)[None, 1:]))[0]/2

    Args:
        variance: variance of the data, in [1e-6, 1e6], a number.
        logsnrs: log signal-to-noise ratios, falling, in [-20, 20], shape (n + 1,) for n steps.

    Returns:
        A number, in nats per dimension, above vlb_gaussian_continuous between the same ends. Error at most 4 ulp.

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, Eqs. (13) and (14), with the exact denoiser.
    """
    xp = namespace(variance, logsnrs)
    drops = xp.exp(logsnrs[:-1]) * -xp.expm1(logsnrs[1:] - logsnrs[:-1])
    return xp.sum(variance * drops / (1 + variance * xp.exp(logsnrs[1:]))) / 2


def vlb_gaussian_excess(variance, logsnrs):
    """What finitely many steps add to the bound of continuous time, for Gaussian data and their exact denoiser, per dimension.

    Formula:
        sum(rises - log(1 + rises))[0]/2
        where rises = variance*(exp(logsnrs)[None, :-1] - exp(logsnrs)[None, 1:])/(1 + variance*exp(logsnrs)[None, 1:])

    Args:
        variance: variance of the data, in [1e-6, 1e6], a number.
        logsnrs: log signal-to-noise ratios, falling, in [-20, 20], shape (n + 1,) for n steps.

    Returns:
        A number, in nats per dimension, > 0: vlb_gaussian_discrete - vlb_gaussian_continuous, of order 1/n.
        Error at most 4 ulp of value*(2 + first(logsnrs) - last(logsnrs)), for up to 64 steps.

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, appendix F: more steps give a lower loss.
    """
    xp = namespace(variance, logsnrs)
    drops = xp.exp(logsnrs[:-1]) * -xp.expm1(logsnrs[1:] - logsnrs[:-1])
    growths = xp.log1p(variance * drops / (1 + variance * xp.exp(logsnrs[1:])))
    return xp.sum(xp.expm1mx(growths)) / 2


def snr_dot(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Time derivative of the signal-to-noise ratio.

    Formula:
        2*alpha_t*alpha_dot_t/sigma_t**2 - 2*alpha_t**2*sigma_dot_t/sigma_t**3

    Args:
        alpha_t: signal scale, > 0, any shape.
        sigma_t: noise scale, > 0, broadcasts against the first.
        alpha_dot_t: time derivative of alpha_t, <= 0, broadcasts against the first.
        sigma_dot_t: time derivative of sigma_t, >= 0, broadcasts against the first.

    Returns:
        The broadcast shape, <= 0, per unit time, where time 0 is data. Error at most 1 ulp.

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, section 4.2, SNR'(t) for SNR = alpha**2/sigma**2.
    """
    xp = namespace(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    return xp.rounded(2 * alpha_t * (alpha_dot_t * sigma_t - alpha_t * sigma_dot_t) / sigma_t**3)


def logsnr_dot(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Time derivative of the log of the signal-to-noise ratio.

    Formula:
        2*(alpha_dot_t/alpha_t - sigma_dot_t/sigma_t)

    Args:
        alpha_t: signal scale, > 0, any shape.
        sigma_t: noise scale, > 0, broadcasts against the first.
        alpha_dot_t: time derivative of alpha_t, <= 0, broadcasts against the first.
        sigma_dot_t: time derivative of sigma_t, >= 0, broadcasts against the first.

    Returns:
        The broadcast shape, <= 0, in nats per unit time; twice the rate of half_logsnr. Error at most 2 ulp.

    Source:
        Kingma and Gao 2023, arXiv:2303.00848v7, section 2, the derivative of lambda_t.
    """
    return 2 * (alpha_dot_t / alpha_t - sigma_dot_t / sigma_t)


def vlb_integrand(x_0, x_0_hat, snr_dot_t):
    """What continuous time adds to the negative variational bound per unit time, from an estimate of the data.

    Formula:
        -snr_dot_t/2*sum((x_0 - x_0_hat)**2)

    The bound's diffusion loss is the integral over time of its mean over x_t: half the integral over the SNR of the squared
    error, whatever the schedule between its ends.

    Args:
        x_0: data, shape (B, ...).
        x_0_hat: estimate of the data from x_t, same shape.
        snr_dot_t: time derivative of snr_t, < 0, a number or shape (B,), such as snr_dot.

    Returns:
        Shape (B,), nats per unit time, summed over all axes but the first. Error at most 4 ulp, for up to 64 summands.

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, section 4.2, infinitely many steps; section 5.1 for the schedule.
    """
    xp = namespace(x_0, x_0_hat, snr_dot_t)
    return -snr_dot_t * xp.sum((x_0 - x_0_hat) ** 2, axis=_others(x_0)) / 2


def vlb_integrand_eps(eps, eps_hat, logsnr_dot_t):
    """What continuous time adds to the negative variational bound per unit time, from an estimate of the noise.

    Formula:
        -logsnr_dot_t/2*sum((eps - eps_hat)**2)

    Args:
        eps: unit noise in x_t, shape (B, ...).
        eps_hat: estimate of the noise from x_t, same shape.
        logsnr_dot_t: time derivative of logsnr_t, < 0, a number or shape (B,), such as logsnr_dot.

    Returns:
        Shape (B,), nats per unit time, summed over all axes but the first: vlb_integrand of the data that the noises imply.
        Error at most 4 ulp, for up to 64 summands.

    Source:
        Kingma and Gao 2023, arXiv:2303.00848v7, section 2; Kingma et al. 2021, arXiv:2107.00630v6, section 4.2, for the noise.
    """
    xp = namespace(eps, eps_hat, logsnr_dot_t)
    return -logsnr_dot_t * xp.sum((eps - eps_hat) ** 2, axis=_others(eps)) / 2


def bits_per_dimension_of_density(nats, dimensions, bin_width):
    """Bits per dimension of discrete data, from a density's negative log likelihood of the data spread over their bins.

    Formula:
        (nats/dimensions - log(bin_width))/log(2)

    Args:
        nats: negative log density of a whole sample, in nats, any shape.
        dimensions: number of dimensions of one sample, an integer >= 1.
        bin_width: distance of neighbouring levels in the units of the density, > 0, broadcasts against nats:
            1 for 8-bit integers, 1/256 for them over 256, 1/255 over 255, 2/255 for 2*k/255 - 1, 2/256 for k/128 - 1.

    Returns:
        The broadcast shape, in bits per dimension; bits_per_dimension of nats - dimensions*log(bin_width).
        Error at most 3 ulp of (abs(nats)/dimensions + abs(log(bin_width)))/log(2).

    Source:
        Theis et al. 2016, arXiv:1511.01844v3, section 3.1, on noise of one bin's width; van den Oord and Dambre 2015, section 3.
    """
    xp = namespace(nats, dimensions, bin_width)
    return (nats / dimensions - xp.log(bin_width + 0 * nats)) / xp.log(0 * nats + 2)


def elbo_weight(loss_weight, logsnr_dot_t):
    """Weighting of noise levels that a weighted loss over uniform times amounts to.

    Formula:
        -loss_weight/logsnr_dot_t

    Args:
        loss_weight: weight of the squared error of eps at t, >= 0, any shape. A squared error of x_0 with weight w has w/snr_t.
        logsnr_dot_t: time derivative of logsnr_t, < 0, broadcasts against the first.

    Returns:
        The broadcast shape, >= 0: the loss is the integral over logsnr of it times the squared error of eps.
        1/2 everywhere gives the diffusion loss of the evidence lower bound; any constant gives its multiple.
        Error at most 0.5 ulp.

    Source:
        Kingma and Gao 2023, arXiv:2303.00848v7, section 3 and Table 1. Their weighting is twice this one: they halve the loss.
    """
    return -loss_weight / logsnr_dot_t


def elbo_weight_simple_cosine(logsnr_t):
    """Weighting of noise levels by L_simple, an unweighted error of eps, on the cosine schedule.

    Formula:
        2/(exp(logsnr_t/2) + exp(-logsnr_t/2))

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-700, 700], any shape.

    Returns:
        The same shape, in (0, 1], 1 at logsnr 0; elbo_weight is it over 2*pi. An error of x_0 weighted by the SNR has the same.
        Error at most 2.5 ulp.

    Source:
        Kingma and Gao 2023, arXiv:2303.00848v7, Table 1, the row of IDDPM: sech(logsnr/2), without the schedule's offset.
    """
    xp = namespace(logsnr_t)
    return 2 / (xp.exp(logsnr_t / 2) + xp.exp(-logsnr_t / 2))


def elbo_weight_min_snr(logsnr_t, gamma):
    """Weighting of noise levels by the min-SNR loss on the cosine schedule.

    Formula:
        2/(exp(logsnr_t/2) + exp(-logsnr_t/2))*min(1 + 0*snr_t, gamma/snr_t)

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-600, 600], any shape.
        gamma: cap on the SNR, in [0.01, 100], broadcasts against the first; 5 in the paper.

    Returns:
        The broadcast shape, in (0, 1]; elbo_weight is it over 2*pi. Error at most 4 ulp.

    Source:
        Kingma and Gao 2023, arXiv:2303.00848v7, Table 1, the row of Min-SNR: sech(logsnr/2)*min(1, gamma*exp(-logsnr)).
    """
    xp = namespace(logsnr_t, gamma)
    share = xp.minimum(xp.exp(0 * logsnr_t), gamma * xp.exp(-logsnr_t))
    return 2 / (xp.exp(logsnr_t / 2) + xp.exp(-logsnr_t / 2)) * share


def elbo_weight_p2(logsnr_t, p2_gamma):
    """Weighting of noise levels by the P2 loss on the cosine schedule, for P2's k of 1.

    Formula:
        2/(exp(logsnr_t/2) + exp(-logsnr_t/2))/(1 + snr_t)**p2_gamma

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-300, 300], any shape.
        p2_gamma: P2's gamma, in [0, 1], broadcasts against the first; 1/2 or 1 in the paper.

    Returns:
        The broadcast shape, in (0, 1]; elbo_weight is it over 2*pi. Error at most 4 ulp.

    Source:
        Kingma and Gao 2023, arXiv:2303.00848v7, Table 1, the row of P2: sech(logsnr/2)/(1 + exp(logsnr))**gamma;
        Choi et al. 2022, arXiv:2204.00227v1, Eq. (8).
    """
    return elbo_weight_p2_offset(logsnr_t, p2_gamma, 1)


def elbo_weight_p2_offset(logsnr_t, p2_gamma, p2_offset):
    """Weighting of noise levels by the P2 loss on the cosine schedule, for any k.

    Formula:
        2/(exp(logsnr_t/2) + exp(-logsnr_t/2))/(p2_offset + snr_t)**p2_gamma

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-300, 300], any shape.
        p2_gamma: P2's gamma, in [0, 1], broadcasts against the first; 1/2 or 1 in the paper.
        p2_offset: P2's k, in [0.01, 100], broadcasts against the first; 1 in the paper, where it is `elbo_weight_p2`.

    Returns:
        The broadcast shape, > 0; elbo_weight is it over 2*pi. Error at most 4 ulp.

    Source:
        Choi et al. 2022, arXiv:2204.00227v1, Eq. (8), times the density of logsnr; Kingma and Gao 2023, arXiv:2303.00848v7,
        Table 1, the row of P2, for k = 1.
    """
    xp = namespace(logsnr_t, p2_gamma, p2_offset)
    return 2 / (xp.exp(logsnr_t / 2) + xp.exp(-logsnr_t / 2)) / (p2_offset + xp.exp(logsnr_t)) ** p2_gamma


def elbo_weight_snr(logsnr_t):
    """Weighting of noise levels by an error of x_0 that the SNR weights, on the cosine schedule.

    Formula:
        2/(exp(logsnr_t/2) + exp(-logsnr_t/2))

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-700, 700], any shape.

    Returns:
        The same shape, in (0, 1], 1 at logsnr 0; elbo_weight is it over 2*pi. A squared error of x_0 is one of eps over the SNR,
        so that the weight is gone: the same as elbo_weight_simple_cosine. Error at most 2.5 ulp.

    Source:
        Salimans and Ho 2022, arXiv:2202.00512v2, section 4, the SNR weighting; Kingma and Gao 2023, arXiv:2303.00848v7,
        Table 1, the row of IDDPM.
    """
    xp = namespace(logsnr_t)
    return 2 / (xp.exp(logsnr_t / 2) + xp.exp(-logsnr_t / 2))


def elbo_weight_truncated_snr(logsnr_t):
    """Weighting of noise levels by an error of x_0 that max(SNR, 1) weights, on the cosine schedule.

    Formula:
        2/(exp(logsnr_t/2) + exp(-logsnr_t/2))*max(1 + 0*snr_t, 1/snr_t)

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-690, 690], any shape.

    Returns:
        The same shape, > 0, 1 at logsnr 0; elbo_weight is it over 2*pi. Of the errors of x_0 and eps the larger counts.
        Error at most 3 ulp.

    Source:
        Salimans and Ho 2022, arXiv:2202.00512v2, section 4, the truncated SNR weighting, times the density of logsnr.
    """
    xp = namespace(logsnr_t)
    return elbo_weight_simple_cosine(logsnr_t) * xp.maximum(xp.exp(0 * logsnr_t), xp.exp(-logsnr_t))


def elbo_weight_v_cosine(logsnr_t):
    """Weighting of noise levels by an unweighted error of v on the cosine schedule.

    Formula:
        exp(-logsnr_t/2)

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-700, 700], any shape.

    Returns:
        The same shape, > 0, 1 at logsnr 0; elbo_weight is it over pi. Error at most 1 ulp.

    Source:
        Kingma and Gao 2023, arXiv:2303.00848v7, Table 1, the row of v-prediction: exp(-logsnr/2).
    """
    xp = namespace(logsnr_t)
    return xp.exp(-logsnr_t / 2)


def elbo_weight_flow(logsnr_t):
    """Weighting of noise levels by an unweighted error of the velocity on straight paths at uniform times.

    Formula:
        exp(-logsnr_t/2)

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-700, 700], any shape.

    Returns:
        The same shape, > 0, 1 at logsnr 0; elbo_weight is it over 2. The same as elbo_weight_v_cosine:
        rectified flow at uniform times and v on the cosine schedule differ in nothing but a constant. Error at most 1 ulp.

    Source:
        Kingma and Gao 2023, arXiv:2303.00848v7, Table 1, the row of flow matching with the OT path: exp(-logsnr/2).
    """
    xp = namespace(logsnr_t)
    return xp.exp(-logsnr_t / 2)


def elbo_weight_flow_logit_normal(logsnr_t, logit_mean, logit_scale):
    """Weighting of noise levels by an unweighted error of the velocity on straight paths at logit-normal times.

    Formula:
        exp(-(logsnr_t/2 + logit_mean)**2/(2*logit_scale**2))*(1 + exp(-logsnr_t/2))**2/(2*logit_scale*sqrt(2*pi))

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-60, 60], any shape.
        logit_mean: mean of logit(time), time 1 being noise, in [-3, 3], a number.
        logit_scale: standard deviation of logit(time), in [0.2, 5], a number.

    Returns:
        The same shape, > 0: the loss is the integral over logsnr of it times the squared error of eps.
        Error at most 3 ulp of value*(1 + (logsnr_t/2 + logit_mean)**2/logit_scale**2).

    Source:
        Esser et al. 2024, arXiv:2403.03206v1, section 3.1, Eq. (19), carried to logsnr = -2*logit(time).
    """
    xp = namespace(logsnr_t, logit_mean, logit_scale)
    distance = (logsnr_t / 2 + xp.wide(logit_mean)) / logit_scale
    scale = 2 * logit_scale * xp.sqrt(2 * xp.pi + 0 * distance)
    return xp.rounded(xp.exp(-(distance**2) / 2) * (1 + xp.wide(xp.exp(-logsnr_t / 2))) ** 2 / scale)


def elbo_weight_edm(logsnr_t, P_mean, P_std, sigma_data):
    """Weighting of noise levels by EDM's loss and its log-normal noise scales.

    Formula:
        exp(-(logsnr_t + 2*P_mean)**2/(8*P_std**2))/(2*P_std*sqrt(2*pi))*(exp(-logsnr_t) + sigma_data**2)

    Args:
        logsnr_t: log signal-to-noise ratio at t, -2*log(sigma) as alpha is 1, in [-60, 60], any shape.
        P_mean: mean of log(sigma), in [-3, 3], a number; -1.2 in the paper.
        P_std: standard deviation of log(sigma), in [0.2, 5], a number; 1.2 in the paper.
        sigma_data: standard deviation of the data, > 0, a number; 0.5 in the paper.

    Returns:
        The same shape, > 0; the loss is the integral over logsnr of it, over sigma_data**2, times the squared error of eps.
        Error at most 4 ulp of value*(1 + (logsnr_t + 2*P_mean)**2/(4*P_std**2)).

    Source:
        Kingma and Gao 2023, arXiv:2303.00848v7, Table 1, the row of EDM: N(logsnr; 2.4, 2.4^2)*(exp(-logsnr) + 0.5^2);
        Karras et al. 2022, arXiv:2206.00364v2, Table 1.
    """
    xp = namespace(logsnr_t, P_mean, P_std, sigma_data)
    distance = (logsnr_t + 2 * xp.wide(P_mean)) / (2 * P_std)
    # Taken off one factor and put to the other: the density may underflow where the weight does not.
    far = xp.maximum(xp.rounded(distance**2) / 2 - 600, 0)
    density = xp.exp(far - distance**2 / 2) / (2 * P_std * xp.sqrt(2 * xp.pi + 0 * distance))
    return xp.rounded(density * (xp.exp(-logsnr_t - far) + xp.wide(sigma_data) ** 2 * xp.exp(-far)))


def elbo_weight_sigmoid(logsnr_t, weight_bias):
    """Sigmoid weighting of noise levels, which falls with the SNR.

    Formula:
        sigmoid(weight_bias - logsnr_t)

    Args:
        logsnr_t: log signal-to-noise ratio at t, in [-690, 690], any shape.
        weight_bias: logsnr at which the weight is 1/2, in [-8, 8], broadcasts against the first; 2 or so in the paper.

    Returns:
        The broadcast shape, in (0, 1), falling in logsnr_t: such a loss is a bound for data with Gaussian noise added.
        Error at most 4 ulp.

    Source:
        Kingma and Gao 2023, arXiv:2303.00848v7, Table 1, the last row, with k for weight_bias.
    """
    xp = namespace(logsnr_t, weight_bias)
    return 1 / (1 + xp.exp(logsnr_t) * xp.exp(-weight_bias))
