"""Exact laws on Gaussian data: the probability flow of a full covariance, and what a chain of affine steps makes of it."""

from refdiff.numbers import namespace
from refdiff.reference.ddim import ddim_gain

__all__ = [
    "affine_chain_covariance",
    "affine_chain_mean",
    "ancestral_chain_variance",
    "ancestral_gain",
    "dpm2_gain",
    "dpmpp_2s_gain",
    "heun_chain_variance",
    "heun_gain",
    "probability_flow_solution_correlated",
]


def probability_flow_solution_correlated(x_t, mean, covariance, alpha_t, sigma_t, alpha_s, sigma_s):
    """State at s on the exact probability flow through x_t, when x_0 is Gaussian with correlated entries.

    Formula:
        alpha_s*mean + (x_t - alpha_t*mean) @ sqrtm(inv(alpha_t**2*covariance + sigma_t**2*eye(len(mean))))
        @ sqrtm(alpha_s**2*covariance + sigma_s**2*eye(len(mean)))

    Args:
        x_t: states, shape (B, d).
        mean: mean of the data, shape (d,).
        covariance: covariance of the data, symmetric positive definite, shape (d, d).
        alpha_t: signal scale at t, >= 0, a number.
        sigma_t: noise scale at t, > 0, a number.
        alpha_s: signal scale at s, >= 0, a number.
        sigma_s: noise scale at s, >= 0, a number; not both are 0.

    Returns:
        Shape (B, d), in units of x_0: the limit of every deterministic sampler with many steps. The roots are the symmetric
        ones, which commute: along each eigenvector of the covariance the distance from the mean has probability_flow_gain.
        Error at most 15 ulp of alpha_s*max(abs(mean)) + sqrt((alpha_s**2*tr(covariance) + sigma_s**2*len(mean))
        /(alpha_t**2*tr(covariance)/100 + sigma_t**2))*(max(abs(x_t)) + alpha_t*max(abs(mean))), for condition numbers up to 100.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (13) and section 4.3, solved for Gaussian data.
    """
    xp = namespace(x_t, mean, covariance, alpha_t, sigma_t, alpha_s, sigma_s)
    unit = xp.eye(mean.shape[0])
    before, after = (a**2 * covariance + b**2 * unit for a, b in ((alpha_t, sigma_t), (alpha_s, sigma_s)))
    return alpha_s * mean + (x_t - alpha_t * mean) @ xp.sqrtm(xp.inv(before)) @ xp.sqrtm(after)


def affine_chain_mean(gains, offsets, mean):
    """Mean of the last state of a chain of affine steps, each x to gain @ x + offset and centred noise.

    Formula:
        first(suffix_products(gains)) @ mean
        + sum((suffix_products(gains)[1:] @ offsets[:, :, None])[:, :, 0], 0)

    suffix_products lists the products of all gains from each on, the later ones to the left, and the identity after the last.

    Args:
        gains: matrix of each step, in the order of the steps, shape (n, d, d).
        offsets: constant of each step, shape (n, d).
        mean: mean of the first state, shape (d,).

    Returns:
        Shape (d,), in units of the state. Error at most 3 ulp of first(suffix_products(abs(gains))) @ abs(mean)
        + sum((suffix_products(abs(gains))[1:] @ abs(offsets)[:, :, None])[:, :, 0], 0), for up to 10 steps of 4 entries.

    Source:
        Kay 1993, Fundamentals of Statistical Signal Processing, section 13.3: a Gauss-Markov process, its mean propagated.
    """
    for i in range(gains.shape[0]):
        mean = gains[i, ...] @ mean + offsets[i, ...]
    return mean


def affine_chain_covariance(gains, noise_factors, covariance):
    """Covariance of the last state of a chain of affine steps, each x to gain @ x + factor @ z with fresh unit noise z.

    Formula:
        first(suffix_products(gains)) @ covariance @ transpose(first(suffix_products(gains)))
        + sum(suffix_products(gains)[1:] @ noise_factors @ transpose(noise_factors) @ transpose(suffix_products(gains)[1:]), 0)

    suffix_products lists the products of all gains from each on, the later ones to the left, and the identity after the last.

    Args:
        gains: matrix of each step, in the order of the steps, shape (n, d, d).
        noise_factors: matrix on the fresh noise of each step, shape (n, d, k); 0 for deterministic steps.
        covariance: covariance of the first state, symmetric positive definite, shape (d, d).

    Returns:
        Shape (d, d), in units of the state squared. On Gaussian data every sampler that is linear in its estimates is such a
        chain, so that its law is known without a draw.
        Error at most 3 ulp of first(suffix_products(abs(gains))) @ abs(covariance)
        @ transpose(first(suffix_products(abs(gains))))
        + sum(suffix_products(abs(gains))[1:] @ abs(noise_factors) @ transpose(abs(noise_factors))
        @ transpose(suffix_products(abs(gains))[1:]), 0), for up to 10 steps of 4 entries.

    Source:
        Kay 1993, Fundamentals of Statistical Signal Processing, section 13.3: a Gauss-Markov process, its covariance propagated.
    """
    for i in range(gains.shape[0]):
        gain, factor = gains[i, ...], noise_factors[i, ...]
        covariance = gain @ covariance @ gain.T + factor @ factor.T
    return covariance


def heun_gain(variance, sigma_t, sigma_s):
    """Factor by which a step of EDM's Heun sampler scales the state's distance from its mean, on Gaussian data.

    Formula:
        1 + (sigma_s - sigma_t)*where(0 < sigma_s, (slope + sigma_s/(variance + sigma_s**2)*(1 + (sigma_s - sigma_t)*slope))/2,
        slope)
        where slope = sigma_t/(variance + sigma_t**2)

    Args:
        variance: variance of the data, > 0, any shape.
        sigma_t: noise scale at t, > 0, broadcasts against the first.
        sigma_s: noise scale at s, in [0, sigma_t], broadcasts against the first.

    Returns:
        The broadcast shape, a pure number, positive however long the step; Euler's where s has no noise. Error at most 1 ulp.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Algorithm 1, with the exact denoiser of Gaussian data.
    """
    xp = namespace(variance, sigma_t, sigma_s)
    variance, sigma_t, sigma_s = xp.wide(variance), xp.wide(sigma_t), xp.wide(sigma_s)
    # Over the product of both variances, so that no term is negative.
    parts = variance**2 + variance * (sigma_t**2 + 3 * sigma_s**2) / 2 + sigma_s**3 * sigma_t
    heun = parts / ((variance + sigma_t**2) * (variance + sigma_s**2))
    return xp.where(xp.less(0, sigma_s), xp.rounded(heun), ddim_gain(variance, 1, sigma_s, 1, sigma_t))


def heun_chain_variance(variance, sigmas):
    """Variance of what EDM's deterministic sampler, Heun's method, makes of exact states on Gaussian data.

    Formula:
        prod(1 + step*where(0 < sigmas[1:], (slope + sigmas[1:]/(variance + sigmas[1:]**2)*(1 + step*slope))/2, slope))**2
        *(variance + sigmas[0]**2)
        where slope = sigmas[:-1]/(variance + sigmas[:-1]**2)
        where step = sigmas[1:] - sigmas[:-1]

    Args:
        variance: variance of the data, > 0, a number.
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).

    Returns:
        A number, in units of x_0 squared; variance + sigmas[-1]**2 in the limit of many steps.
        Error at most 2.5 ulp of value*len(sigmas).

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Algorithm 1, with the exact denoiser of Gaussian data.
    """
    xp = namespace(variance, sigmas)
    return xp.prod(heun_gain(variance, sigmas[:-1], sigmas[1:])) ** 2 * (variance + sigmas[0] ** 2)


def dpm2_gain(variance, sigma_t, sigma_s):
    """Factor by which a step of k-diffusion's DPM2 scales the state's distance from its mean, on Gaussian data.

    Formula:
        1 + (sigma_s - sigma_t)*where(0 < sigma_s, middle/(variance + middle**2)*(1 + (middle - sigma_t)*slope), slope)
        where slope = sigma_t/(variance + sigma_t**2)
        where middle = sqrt(sigma_t*sigma_s)

    Args:
        variance: variance of the data, > 0, any shape.
        sigma_t: noise scale at t, > 0, broadcasts against the first.
        sigma_s: noise scale at s, in [0, sigma_t], broadcasts against the first.

    Returns:
        The broadcast shape, a pure number, positive however long the step; Euler's where s has no noise. Error at most 1 ulp.

    Source:
        Lu et al. 2022, arXiv:2206.00927v3, Algorithm 1, for signal scale 1; k-diffusion's code, sample_dpm_2; with the exact
        denoiser of Gaussian data.
    """
    xp = namespace(variance, sigma_t, sigma_s)
    variance, sigma_t, square = xp.wide(variance), xp.wide(sigma_t), xp.wide(sigma_t) * sigma_s
    middle = xp.sqrt(square)
    # Over the product of both variances, so that no term is negative.
    parts = variance**2 + variance * (sigma_t * (sigma_t - middle) + middle * sigma_s + square) + square**2
    whole = parts / ((variance + square) * (variance + sigma_t**2))
    return xp.where(xp.less(0, sigma_s), xp.rounded(whole), ddim_gain(variance, 1, sigma_s, 1, sigma_t))


def dpmpp_2s_gain(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """Factor by which a step of DPM-Solver++(2S) scales the state's distance from its mean, on Gaussian data.

    Formula:
        alpha_s/alpha_t*(level_s/level_t + (1 - level_s/level_t)*variance/(variance + middle**2)
        *(variance + middle*level_t)/(variance + level_t**2))
        where middle = sqrt(level_s*level_t)
        where level_s = sigma_s/alpha_s
        where level_t = sigma_t/alpha_t

    Args:
        variance: variance of the data, > 0, any shape.
        alpha_s: signal scale at s, > 0, broadcasts against the first.
        sigma_s: noise scale at s, >= 0, broadcasts against the first; sigma_s/alpha_s at most sigma_t/alpha_t.
        alpha_t: signal scale at t, > 0, broadcasts against the first.
        sigma_t: noise scale at t, > 0, broadcasts against the first.

    Returns:
        The broadcast shape, a pure number, for the inner level in the middle of the step in half_logsnr: always positive, and
        at sigma_s = 0 Euler's of itself. Error at most 2 ulp.

    Source:
        Lu et al. 2022, arXiv:2211.01095v3, Algorithm 1, with r_1 = 1/2 and the exact denoiser of Gaussian data.
    """
    xp = namespace(variance, alpha_s, sigma_s, alpha_t, sigma_t)
    level_s, level_t = xp.wide(sigma_s) / alpha_s, xp.wide(sigma_t) / alpha_t
    halfway = ddim_gain(variance, 1, xp.sqrt(level_s * level_t), 1, level_t)
    towards = (level_t - level_s) * variance / (variance + level_s * level_t) * halfway
    return xp.rounded(alpha_s / alpha_t * (level_s + towards) / level_t)


def ancestral_gain(variance, eta, alpha_s, sigma_s, alpha_t, sigma_t):
    """Factor by which a DDIM step with fresh noise, Euler's ancestral step, scales the distance from the mean, on Gaussian data.

    Formula:
        (alpha_s*alpha_t*variance + kept*sigma_t)/(alpha_t**2*variance + sigma_t**2)
        where kept = sqrt(sigma_s**2 - eta**2*sigma_s**2*(1 - (alpha_t*sigma_s/(alpha_s*sigma_t))**2))

    Args:
        variance: variance of the data, >= 0, any shape.
        eta: share of DDPM's noise, 1 for DDPM and k-diffusion's default, in [0, 1], broadcasts against the first.
        alpha_s: signal scale at s, > 0, broadcasts against the first.
        sigma_s: noise scale at s, >= 0, broadcasts against the first; sigma_s/alpha_s at most sigma_t/alpha_t.
        alpha_t: signal scale at t, >= 0, broadcasts against the first.
        sigma_t: noise scale at t, > 0, broadcasts against the first.

    Returns:
        The broadcast shape, a pure number; the fresh noise does not change the mean. Error at most 4 ulp.

    Source:
        Song et al. 2021, arXiv:2010.02502v4, Eqs. (12) and (16); k-diffusion's code, get_ancestral_step, whose sigma_down is
        kept; with the exact denoiser of Gaussian data.
    """
    xp = namespace(variance, eta, alpha_s, sigma_s, alpha_t, sigma_t)
    ratio = alpha_t * sigma_s / (alpha_s * sigma_t)
    kept = sigma_s * xp.sqrt((1 - eta) * (1 + eta) + (eta * ratio) ** 2)
    return ddim_gain(variance, alpha_s, kept, alpha_t, sigma_t)


def ancestral_chain_variance(variance, eta, alphas, sigmas):
    """Variance of what a run of DDIM steps with fresh noise, Euler's ancestral sampler, makes of exact states on Gaussian data.

    Formula:
        prod(gain)**2*(alphas[0]**2*variance + sigmas[0]**2) + sum(fresh*(prod(gain)/cumprod(gain))**2, 0)
        where gain = (alphas[1:]*alphas[:-1]*variance + sqrt(sigmas[1:]**2 - fresh)*sigmas[:-1])
        /(alphas[:-1]**2*variance + sigmas[:-1]**2)
        where fresh = eta**2*sigmas[1:]**2*(1 - (alphas[:-1]*sigmas[1:]/(alphas[1:]*sigmas[:-1]))**2)

    Args:
        variance: variance of the data, > 0, a number.
        eta: share of DDPM's noise, 1 for DDPM and k-diffusion's default, in [0, 1], a number.
        alphas: signal scales from noise to data, > 0, shape (n + 1,); sigmas/alphas falls.
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).

    Returns:
        A number, in units of x_0 squared; alphas[-1]**2*variance + sigmas[-1]**2 in the limit of many steps, and less before:
        each step takes the data for their mean. Error at most 4 ulp of value*len(alphas).

    Source:
        Song et al. 2021, arXiv:2010.02502v4, Eqs. (12) and (16); k-diffusion's code, sample_euler_ancestral; with the exact
        denoiser of Gaussian data.
    """
    ratios = alphas[:-1] * sigmas[1:] / (alphas[1:] * sigmas[:-1])
    fresh = (eta * sigmas[1:]) ** 2 * (1 - ratios) * (1 + ratios)
    gains = ancestral_gain(variance, eta, alphas[1:], sigmas[1:], alphas[:-1], sigmas[:-1])
    found = alphas[0] ** 2 * variance + sigmas[0] ** 2
    for i in range(gains.shape[0]):
        found = gains[i] ** 2 * found + fresh[i]
    return found
