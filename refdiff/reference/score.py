"""Score matching in its forms, second-order Tweedie, and Langevin dynamics with its exact bias on Gaussians."""

from refdiff.numbers import namespace

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


def _others(x):
    return tuple(range(1, x.ndim))


def explicit_score_matching_loss(score_hat, score):
    """Half the squared distance of two scores; its mean over the data is half their Fisher divergence.

    Formula:
        sum((score_hat - score)**2)/2

    Args:
        score_hat: the network's score, shape (B, ...).
        score: the score of the density, same shape.

    Returns:
        Shape (B,), summed over all axes but the first. Error at most 4 ulp, for up to 64 summands.

    Source:
        Hyvarinen 2005, Journal of Machine Learning Research 6, Eq. (2), for one state; Vincent 2011, Neural Computation
        23(7), section 3, J_ESM.
    """
    xp = namespace(score_hat, score)
    return xp.sum((score_hat - score) ** 2, axis=_others(score_hat)) / 2


def denoising_score_matching_loss(score_hat, eps, sigma_t):
    """Half the squared distance to the score given x_0, which is -eps/sigma_t, with NCSN's weight sigma_t**2.

    Formula:
        sigma_t**2*sum((score_hat + eps/sigma_t)**2)/2

    Args:
        score_hat: the network's score at x_t, shape (B, ...).
        eps: unit noise in x_t, same shape.
        sigma_t: noise scale, > 0, broadcasts against score_hat.

    Returns:
        Shape (B,), summed over all axes but the first. Given x_t its mean is sigma_t**2 times
        explicit_score_matching_loss plus half of eps_loss_floor, whatever the data.
        Error at most 4 ulp of sum(abs(sigma_t*score_hat + eps)*(sigma_t*abs(score_hat) + abs(eps))).

    Source:
        Song and Ermon 2019, arXiv:1907.05600v3, Eqs. (5) and (6), with lambda(sigma) = sigma**2; Vincent 2011, Neural
        Computation 23(7), section 4.2, J_DSM.
    """
    xp = namespace(score_hat, eps, sigma_t)
    return xp.sum((sigma_t * score_hat + eps) ** 2, axis=_others(score_hat)) / 2


def implicit_score_matching_loss(score_hat, divergence):
    """Hyvarinen's loss, which needs no score of the data: as the explicit one but for a constant, over the data.

    Formula:
        divergence + sum(score_hat**2)/2

    Args:
        score_hat: the network's score, shape (B, ...).
        divergence: trace of its Jacobian by x_t, shape (B,).

    Returns:
        Shape (B,), summed over all axes but the first.
        Error at most 2.5 ulp of abs(divergence) + sum(score_hat**2)/2, for up to 64 summands.

    Source:
        Hyvarinen 2005, Journal of Machine Learning Research 6, Eq. (4), Theorem 1.
    """
    xp = namespace(score_hat, divergence)
    return divergence + xp.sum(score_hat**2, axis=_others(score_hat)) / 2


def sliced_score_matching_loss(score_hat, probe, directional_derivative):
    """Implicit score matching along one random direction: Jacobian and square both projected.

    Formula:
        sum(probe*directional_derivative) + sum(probe*score_hat)**2/2

    Args:
        score_hat: the network's score, shape (B, ...).
        probe: direction of mean 0 and unit covariance, same shape.
        directional_derivative: Jacobian of the score times the probe, same shape; the transposed Jacobian serves as well.

    Returns:
        Shape (B,), summed over all axes but the first.
        Error at most 2.5 ulp of sum(abs(probe*directional_derivative)) + sum(abs(probe*score_hat))**2, for up to 64 summands.

    Source:
        Song et al. 2019, arXiv:1905.07088v2, section 3.2, the summand of the estimator for one projection.
    """
    xp = namespace(score_hat, probe, directional_derivative)
    axes = _others(score_hat)
    projected = xp.sum(probe * score_hat, axis=axes)
    return xp.sum(probe * directional_derivative, axis=axes) + projected * projected / 2


def sliced_score_matching_loss_reduced(score_hat, probe, directional_derivative):
    """Sliced score matching with less variance: the mean of the squared projection, taken exactly.

    Formula:
        sum(probe*directional_derivative) + sum(score_hat**2)/2

    Args:
        score_hat: the network's score, shape (B, ...).
        probe: direction of mean 0 and unit covariance, same shape.
        directional_derivative: Jacobian of the score times the probe, same shape; the transposed Jacobian serves as well.

    Returns:
        Shape (B,), summed over all axes but the first.
        Error at most 2.5 ulp of sum(abs(probe*directional_derivative)) + sum(score_hat**2), for up to 64 summands.

    Source:
        Song et al. 2019, arXiv:1905.07088v2, section 3.2, with variance reduction (SSM-VR).
    """
    xp = namespace(score_hat, probe, directional_derivative)
    axes = _others(score_hat)
    return xp.sum(probe * directional_derivative, axis=axes) + xp.sum(score_hat**2, axis=axes) / 2


def dsm_constant_gaussian(variance, alpha_t, sigma_t, dimensions):
    """What denoising score matching exceeds sigma_t**2 times explicit score matching by, for Gaussian data.

    Formula:
        dimensions*alpha_t**2*variance/(2*(alpha_t**2*variance + sigma_t**2))

    Args:
        variance: variance of every entry of the data, > 0, any shape.
        alpha_t: signal scale, > 0, broadcasts against the first.
        sigma_t: noise scale, > 0, broadcasts against the first.
        dimensions: number of dimensions of one sample.

    Returns:
        The broadcast shape: the mean of denoising_score_matching_loss less that of sigma_t**2 times
        explicit_score_matching_loss, the same for every score_hat. Error at most 4 ulp.

    Source:
        Vincent 2011, Neural Computation 23(7), section 4.2 and the appendix, where it is a constant C; its value here.
    """
    power = alpha_t**2 * variance
    return dimensions * (power / (power + sigma_t**2)) / 2


def posterior_covariance_from_score_jacobian(jacobian, alpha_t, sigma_t):
    """Covariance of x_0 given x_t from the Hessian of the log density: Tweedie's formula of second order.

    Formula:
        (sigma_t**2*eye(len(first(jacobian))) + sigma_t**4*jacobian)/alpha_t**2

    Args:
        jacobian: derivative of the score of x_t by x_t, shape (B, d, d).
        alpha_t: signal scale, > 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, d, d), in units of x_0 squared.
        Error at most 4 ulp of sigma_t**2/alpha_t**2*(eye(len(first(jacobian))) + sigma_t**2*abs(jacobian)).

    Source:
        Meng et al. 2021, arXiv:2111.04726v1, section 3, the second-order denoising moment, for alpha_t = 1.
    """
    xp = namespace(jacobian, alpha_t, sigma_t)
    return (sigma_t / alpha_t) ** 2 * (xp.eye(jacobian.shape[1])[None, :, :] + sigma_t**2 * jacobian)


def posterior_covariance_from_denoiser_jacobian(jacobian, alpha_t, sigma_t):
    """Covariance of x_0 given x_t from the derivative of its mean.

    Formula:
        sigma_t**2/alpha_t*jacobian

    Args:
        jacobian: derivative of the mean of x_0 given x_t by x_t, shape (B, d, d).
        alpha_t: signal scale, > 0, a number.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, d, d), in units of x_0 squared. Error at most 2.5 ulp.

    Source:
        Manor and Michaeli 2024, arXiv:2309.13598v2, section 3, Theorem 2, for alpha_t = 1.
    """
    return sigma_t**2 / alpha_t * jacobian


def ncsn_sigmas(n, sigma_min, sigma_max):
    """NCSN's noise scales: a geometric sequence from the largest down.

    Formula:
        exp(((n - k)*log(sigma_max) + (k - 1)*log(sigma_min))/(n - 1))

    Args:
        n: number of noise scales, at least 2.
        sigma_min: least noise scale, > 0.
        sigma_max: largest noise scale, > sigma_min.

    Returns:
        Shape (n,), decreasing. Error at most 3 ulp of value*(1 + log(sigma_max/sigma_min)).

    Source:
        Song and Ermon 2019, arXiv:1907.05600v3, section 4.2, the geometric sequence; as in the released code, equally
        spaced logs. Also EDM's column VE (its sigma**2 is geometric), DPM-Solver's uniform steps of half_logsnr, k-diffusion's
        get_sigmas_exponential, and diffusers' use_exponential_sigmas and use_lu_lambdas.
    """
    xp = namespace(sigma_min, sigma_max)
    return sigma_max * xp.exp(xp.log(sigma_min / sigma_max) * xp.arange(n) / (n - 1))


def ncsn_weight(sigma_t):
    """NCSN's weight of denoising score matching, which makes every noise scale's loss of one size.

    Formula:
        sigma_t**2

    Args:
        sigma_t: noise scale, > 0, any shape.

    Returns:
        The same shape; for a loss on the score, which is of size 1/sigma_t. Error at most 1 ulp.

    Source:
        Song and Ermon 2019, arXiv:1907.05600v3, section 4.2, lambda(sigma) = sigma**2 in Eq. (6).
    """
    return sigma_t**2


def annealed_langevin_step_size(sigma_t, sigma_min, step_size):
    """Step of annealed Langevin dynamics at one noise scale: drift and noise keep their ratio.

    Formula:
        step_size*sigma_t**2/sigma_min**2

    Args:
        sigma_t: noise scale of this stage, > 0, any shape.
        sigma_min: noise scale of the last stage, > 0.
        step_size: step at the last stage, > 0: epsilon in the paper.

    Returns:
        The broadcast shape; for langevin_step. Error at most 4 ulp.

    Source:
        Song and Ermon 2019, arXiv:1907.05600v3, Algorithm 1, alpha_i.
    """
    return step_size * (sigma_t / sigma_min) ** 2


def langevin_step(x_t, score, z, step_size):
    """One step of unadjusted Langevin dynamics, in the convention with half the step on the score.

    Formula:
        x_t + step_size/2*score + sqrt(step_size)*z

    Args:
        x_t: state, any shape.
        score: score at x_t, broadcasts against it.
        z: unit noise, broadcasts against x_t.
        step_size: the step, > 0, broadcasts against x_t. With the step e of the other convention, x + e*score + sqrt(2*e)*z
            as in predictor-corrector samplers, step_size is 2*e.

    Returns:
        The broadcast shape. Error at most 4 ulp of abs(x_t) + step_size*abs(score) + sqrt(step_size)*abs(z).

    Source:
        Welling and Teh 2011, Bayesian learning via stochastic gradient Langevin dynamics, Eq. (3); Song and Ermon 2019,
        arXiv:1907.05600v3, Eq. (4).
    """
    xp = namespace(x_t, score, z, step_size)
    return x_t + step_size / 2 * score + xp.sqrt(step_size) * z


def langevin_stationary_variance(variance, step_size):
    """Variance that unadjusted Langevin dynamics settles at on a Gaussian: larger than the Gaussian's.

    Formula:
        variance/(1 - step_size/(4*variance))

    Args:
        variance: variance of the Gaussian, > 0, any shape.
        step_size: step of langevin_step, in (0, 4*variance); the chain diverges from there on. Broadcasts.

    Returns:
        The broadcast shape, in units of variance. Error at most 2.5 ulp.

    Source:
        Song and Ermon 2019, arXiv:1907.05600v3, Eq. (4), with the score -(x - mean)/variance: an autoregression of first
        order, whose variance is step_size/(1 - (1 - step_size/(2*variance))**2).
    """
    return 4 * variance / (4 * variance - step_size) * variance


def langevin_chain_variance(variance_start, variance, step_size, n):
    """Variance after n steps of unadjusted Langevin dynamics on a Gaussian.

    Formula:
        stationary + (1 - step_size/(2*variance))**(2*n)*(variance_start - stationary)
        where stationary = variance/(1 - step_size/(4*variance))

    Args:
        variance_start: variance of the first state about the Gaussian's mean, >= 0, any shape.
        variance: variance of the Gaussian, > 0, broadcasts against the first.
        step_size: step of langevin_step, in (0, 4*variance), broadcasts against the first.
        n: number of steps, at least 1.

    Returns:
        The broadcast shape, in units of variance. Error at most 5 ulp of value + sqrt(variance_start*value).

    Source:
        Song and Ermon 2019, arXiv:1907.05600v3, Eq. (4), with the score -(x - mean)/variance: each step keeps
        (1 - step_size/(2*variance))**2 of the variance and adds step_size.
    """
    xp = namespace(variance_start, variance, step_size)
    # A step keeps 1 - r of a deviation, r = step_size/(2*variance); where that is negative its size is 1 - (2 - r).
    less = xp.minimum(step_size, 4 * variance - step_size) / (2 * variance)
    logs = 2 * n * xp.log1p(-less)
    return xp.exp(logs) * variance_start - xp.expm1(logs) * langevin_stationary_variance(variance, step_size)


def corrector_step_size(score, z, corrector_snr):
    """Step of the corrector that gives a set ratio of drift to noise, sample by sample.

    Formula:
        2*corrector_snr**2*sum(z**2)/sum(score**2)

    Args:
        score: score at the state, shape (B, ...), not all 0 in any sample.
        z: the step's unit noise, same shape.
        corrector_snr: r, wanted ratio of |step*score| to |sqrt(2*step)*z|, > 0.

    Returns:
        Shape (B,): the step e of x + e*score + sqrt(2*e)*z; langevin_step takes 2*e. Norms are of each sample, over all
        axes but the first; the released code takes the means of both norms over the batch, one step for all.
        That is a convention: the cases are batches of one sample, where both agree.
        Error at most 3.5 ulp, for up to 64 summands.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, appendix G, Algorithm 4, for the VE SDE; Algorithm 5, for VP, has the factor
        alpha_i before it.
    """
    xp = namespace(score, z, corrector_snr)
    axes = _others(score)
    return xp.rounded(2 * xp.wide(corrector_snr) ** 2 * (xp.wide(xp.sum(z**2, axis=axes)) / xp.sum(score**2, axis=axes)))


def corrector_step_size_vp(score, z, corrector_snr, beta_t):
    """Step of the corrector for the variance-preserving chain: that of `corrector_step_size`, times what a step keeps.

    Formula:
        2*(1 - beta_t)*corrector_snr**2*sum(z**2)/sum(score**2)

    Args:
        score: score at the state, shape (B, ...), not all 0 in any sample.
        z: the step's unit noise, same shape.
        corrector_snr: r, wanted ratio of |step*score| to |sqrt(2*step)*z| but for the factor, > 0.
        beta_t: variance of the chain's step to the level that is corrected, in (0, 1), a number.

    Returns:
        Shape (B,): the step e of x + e*score + sqrt(2*e)*z; langevin_step takes 2*e. Norms are of each sample; the released
        code takes the means of both norms over the batch. That is a convention: the cases are batches of one sample, where
        both agree. Error at most 4 ulp, for up to 64 summands.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, appendix G, Algorithm 5, whose alpha_i is 1 - beta_i in the released code; in
        section 2.2 the paper gives the letter to the product of these.
    """
    xp = namespace(score, z, corrector_snr, beta_t)
    return xp.rounded((1 - xp.wide(beta_t)) * corrector_step_size(score, z, corrector_snr))


def corrector_step_ve(x_t, score, z, corrector_snr):
    """State after one step of the corrector for the variance-exploding process: Langevin's, as large as its SNR asks.

    Formula:
        x_t + step*score + sqrt(2*step)*z
        where step = 2*corrector_snr**2*sum(z**2, 1)[:, None]/sum(score**2, 1)[:, None]

    Args:
        x_t: state, shape (B, d).
        score: score at x_t, same shape, not all 0 in any sample.
        z: fresh unit noise, same shape.
        corrector_snr: r, ratio of |step*score| to |sqrt(2*step)*z|, > 0; 0.16 in the paper for VE.

    Returns:
        Shape (B, d): a draw nearer to the law whose score it is, at the same noise level. Norms are of each sample; the
        released code takes their means over the batch: the cases are batches of one sample. Error at most 4 ulp of
        abs(x_t) + step*abs(score) + sqrt(2*step)*abs(z)
        where step = 2*corrector_snr**2*sum(z**2, 1)[:, None]/sum(score**2, 1)[:, None], for d <= 8.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, appendix G, Algorithm 4.
    """
    return langevin_step(x_t, score, z, 2 * corrector_step_size(score, z, corrector_snr)[:, None])


def corrector_step_vp(x_t, score, z, corrector_snr, beta_t):
    """State after one step of the corrector for the variance-preserving chain.

    Formula:
        x_t + step*score + sqrt(2*step)*z
        where step = 2*(1 - beta_t)*corrector_snr**2*sum(z**2, 1)[:, None]/sum(score**2, 1)[:, None]

    Args:
        x_t: state, shape (B, d).
        score: score at x_t, same shape, not all 0 in any sample.
        z: fresh unit noise, same shape.
        corrector_snr: r, ratio of drift to noise but for the factor, > 0; 0.16 and 0.01 in the paper.
        beta_t: variance of the chain's step to this level, in (0, 1), a number.

    Returns:
        Shape (B, d): a draw nearer to the law whose score it is, at the same noise level. Norms are of each sample; the
        released code takes their means over the batch: the cases are batches of one sample. Error at most 4 ulp of
        abs(x_t) + step*abs(score) + sqrt(2*step)*abs(z)
        where step = 2*(1 - beta_t)*corrector_snr**2*sum(z**2, 1)[:, None]/sum(score**2, 1)[:, None], for d <= 8.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, appendix G, Algorithm 5, whose alpha_i is 1 - beta_i in the released code.
    """
    return langevin_step(x_t, score, z, 2 * corrector_step_size_vp(score, z, corrector_snr, beta_t)[:, None])


def dsm_constant_mixture_floor(weights, variances, alpha_t, sigma_t, dimensions):
    """What denoising score matching exceeds explicit score matching by at least, for a mixture: what each component has.

    Formula:
        dimensions/2*(weights @ (alpha_t**2*variances/(alpha_t**2*variances + sigma_t**2)))

    The constant between the two losses, with the weight sigma_t**2, is the mean over x_t of eps_loss_floor_mixture/2. Given
    x_t that is in closed form; its mean over x_t is not, unless all components are one: the mean score square of a mixture,
    its Fisher information, has no closed form. In closed form are this floor, which the constant nears as the components move
    apart, and `dsm_constant_mixture_ceiling`, which it nears as noise outgrows the data and x_t becomes Gaussian.

    Args:
        weights: probabilities of the components, > 0, sum 1, shape (K,).
        variances: variance of every entry of each, >= 0, shape (K,).
        alpha_t: signal scale, > 0, a number.
        sigma_t: noise scale, > 0, a number.
        dimensions: number of dimensions of one sample.

    Returns:
        A number, at most the constant: what is left of eps/sqrt(2) once x_t and the component are told.
        Error at most 3.5 ulp, for up to 4 components.

    Source:
        Vincent 2011, Neural Computation 23(7), section 4.2 and the appendix, the constant C; bounded by the law of total
        variance, no equation of the paper.
    """
    return weights @ dsm_constant_gaussian(variances, alpha_t, sigma_t, dimensions)


def dsm_constant_mixture_ceiling(weights, means, variances, alpha_t, sigma_t):
    """What denoising score matching exceeds explicit score matching by at most, for a mixture: as for a Gaussian of its moments.

    Formula:
        (len(spread) - sigma_t**2*tr(inv(alpha_t**2*spread + sigma_t**2*eye(len(spread)))))/2
        where spread = (weights @ variances)*eye(len(transpose(means))) + transpose(gaps) @ (weights[:, None]*gaps)
        where gaps = means - weights @ means

    See `dsm_constant_mixture_floor` for what is in closed form and what is not.

    Args:
        weights: probabilities of the components, > 0, sum 1, shape (K,).
        means: their means, shape (K, d).
        variances: variance of every entry of each, >= 0, shape (K,).
        alpha_t: signal scale, > 0, a number.
        sigma_t: noise scale, > 0, a number; alpha_t**2 times the data's largest variance is at most 100*sigma_t**2.

    Returns:
        A number, at least the constant: half of what the best linear estimate of eps from x_t leaves. Equal to it for one
        component. Error at most 3 ulp of 1, for d <= 4.

    Source:
        Vincent 2011, Neural Computation 23(7), section 4.2 and the appendix, the constant C; bounded by linear estimation,
        Kay 1993, Fundamentals of Statistical Signal Processing, section 12.3.
    """
    xp = namespace(weights, means, variances, alpha_t, sigma_t)
    gaps = means - weights @ means
    eye = xp.eye(means.shape[1])
    power = alpha_t**2 * ((weights @ variances) * eye + gaps.T @ (weights[:, None] * gaps))
    return xp.trace(xp.solve(power + sigma_t**2 * eye, power)) / 2
