"""Stochastic differential equations of diffusion: dx = f*x dt + g dw, their reverse, their marginals and their steps.

Time is continuous, 0 is data and 1 is noise; dw is white noise of unit rate. A reverse drift is stated for dt < 0: a step of
length h towards the data takes drift*h away.
"""

from refdiff.numbers import namespace
from refdiff.reference.score import corrector_step_ve, corrector_step_vp

__all__ = [
    "ancestral_step_ve",
    "ancestral_step_vp",
    "euler_maruyama_step",
    "fokker_planck_rate",
    "linear_sde_diffusion",
    "linear_sde_drift_rate",
    "linear_sde_mean_rate",
    "linear_sde_transition_mean",
    "linear_sde_transition_variance",
    "linear_sde_variance_rate",
    "predictor_corrector_step_ve",
    "predictor_corrector_step_vp",
    "probability_flow_drift",
    "probability_flow_solution_gaussian",
    "reverse_diffusion_step_ve",
    "reverse_diffusion_step_vp",
    "reverse_euler_maruyama_step",
    "reverse_sde_drift",
    "reverse_sde_mean_gaussian",
    "reverse_sde_variance_gaussian",
    "same_marginals_drift",
    "subvp_diffusion",
    "subvp_sigma",
    "subvp_transition_variance",
    "ve_added_variance",
    "ve_diffusion",
    "ve_sigma",
    "ve_transition_sample",
    "vp_beta_rate",
    "vp_diffusion",
    "vp_drift_rate",
    "vp_log_alpha_bar",
]


def vp_beta_rate(time, beta_rate_min, beta_rate_max):
    """beta(time) of the variance-preserving process, linear in time.

    Formula:
        beta_rate_min + time*(beta_rate_max - beta_rate_min)

    Args:
        time: in [0, 1], any shape.
        beta_rate_min: beta(0), > 0; Song et al. take 0.1.
        beta_rate_max: beta(1), > beta_rate_min; Song et al. take 20.

    Returns:
        The shape of time, per unit time. Error at most 2 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Appendix C.
    """
    return (1 - time) * beta_rate_min + time * beta_rate_max


def vp_log_alpha_bar(time, beta_rate_min, beta_rate_max):
    """Log signal power of the VP and sub-VP processes: minus the integral of beta from 0 to time.

    Formula:
        -(time**2*(beta_rate_max - beta_rate_min)/2 + time*beta_rate_min)

    The signal scale is exp(log_alpha_bar/2); the noise scale of VP follows by `sigma`, that of sub-VP by `subvp_sigma`.

    Args:
        time: in [0, 1], any shape.
        beta_rate_min: beta(0), > 0.
        beta_rate_max: beta(1), > beta_rate_min.

    Returns:
        The shape of time, <= 0. Error at most 2.5 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Appendix C, where the exponent of the mean is half of this.
    """
    return -time * ((2 - time) * beta_rate_min + time * beta_rate_max) / 2


def vp_drift_rate(time, beta_rate_min, beta_rate_max):
    """f of the VP and sub-VP processes: minus half of beta(time).

    Formula:
        -(beta_rate_min + time*(beta_rate_max - beta_rate_min))/2

    Args:
        time: in [0, 1], any shape.
        beta_rate_min: beta(0), > 0.
        beta_rate_max: beta(1), > beta_rate_min.

    Returns:
        The shape of time, per unit time. Error at most 2 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (11).
    """
    return -vp_beta_rate(time, beta_rate_min, beta_rate_max) / 2


def vp_diffusion(time, beta_rate_min, beta_rate_max):
    """g of the variance-preserving process: the root of beta(time).

    Formula:
        sqrt(beta_rate_min + time*(beta_rate_max - beta_rate_min))

    Args:
        time: in [0, 1], any shape.
        beta_rate_min: beta(0), > 0.
        beta_rate_max: beta(1), > beta_rate_min.

    Returns:
        The shape of time. Error at most 1.5 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (11).
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    return xp.sqrt(vp_beta_rate(time, beta_rate_min, beta_rate_max))


def subvp_sigma(log_alpha_bar_t):
    """Noise scale of the sub-VP process: a standard deviation, the variance of VP.

    Formula:
        1 - exp(log_alpha_bar_t)

    Args:
        log_alpha_bar_t: log signal power, <= 0, any shape.

    Returns:
        The same shape, in units of x_0. Error at most 1 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Appendix C, kernel of the sub-VP SDE.
    """
    xp = namespace(log_alpha_bar_t)
    return -xp.expm1(log_alpha_bar_t)


def subvp_diffusion(time, beta_rate_min, beta_rate_max):
    """g of the sub-VP process with linear beta.

    Formula:
        sqrt(beta*(1 - exp(-2*time*beta_rate_min - time**2*(beta_rate_max - beta_rate_min))))
        where beta = beta_rate_min + time*(beta_rate_max - beta_rate_min)

    Args:
        time: in [0, 1], any shape.
        beta_rate_min: beta(0), > 0.
        beta_rate_max: beta(1), > beta_rate_min.

    Returns:
        The shape of time; 0 at time 0. Error at most 2.5 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (12).
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    kept = 2 * vp_log_alpha_bar(time, beta_rate_min, beta_rate_max)
    return xp.sqrt(-vp_beta_rate(time, beta_rate_min, beta_rate_max) * xp.expm1(kept))


def subvp_transition_variance(log_alpha_bar_s, log_alpha_bar_t):
    """Variance of x_t given an earlier x_s in the sub-VP process; the mean is VP's, `transition_mean`.

    Formula:
        (1 - alpha_bar_t)**2 - alpha_bar_t/alpha_bar_s*(1 - alpha_bar_s)**2

    Args:
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], any shape.
        log_alpha_bar_t: log signal power at t, in [-700, 0), broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0 squared: VP's 1 - alpha_bar_t/alpha_bar_s times 1 - alpha_bar_s*alpha_bar_t.
        Error at most 2.5 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (12), solved from s instead of 0; Appendix C for s = 0.
    """
    xp = namespace(log_alpha_bar_s, log_alpha_bar_t)
    return xp.expm1(log_alpha_bar_t - log_alpha_bar_s) * xp.expm1(log_alpha_bar_t + log_alpha_bar_s)


def ve_sigma(time, sigma_min, sigma_max):
    """Noise scale of the variance-exploding process, geometric in time.

    Formula:
        sigma_min*(sigma_max/sigma_min)**time

    This is the scale a VE network is trained on: the data count as already noised by sigma_min at time 0.
    The SDE started at x_0 itself has variance `ve_added_variance(sigma_min, sigma)`, sigma_min**2 less.

    Args:
        time: in [0, 1], any shape.
        sigma_min: scale at time 0, > 0; Song et al. take 0.01.
        sigma_max: scale at time 1, > sigma_min.

    Returns:
        The shape of time, in units of x_0. Error at most 2.5 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Appendix C.
    """
    return sigma_min * (sigma_max / sigma_min) ** time


def ve_diffusion(time, sigma_min, sigma_max):
    """g of the variance-exploding process with geometric scales.

    Formula:
        sigma_min*(sigma_max/sigma_min)**time*sqrt(2*log(sigma_max/sigma_min))

    Args:
        time: in [0, 1], any shape.
        sigma_min: scale at time 0, > 0.
        sigma_max: scale at time 1, > sigma_min.

    Returns:
        The shape of time, in units of x_0. Error at most 3.5 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Appendix C.
    """
    xp = namespace(time, sigma_min, sigma_max)
    return ve_sigma(time, sigma_min, sigma_max) * xp.sqrt(2 * xp.log1p((sigma_max - sigma_min) / sigma_min))


def ve_added_variance(sigma_s, sigma_t):
    """Variance of x_t given x_s in the variance-exploding process.

    Formula:
        sigma_t**2 - sigma_s**2

    Args:
        sigma_s: noise scale at the earlier s, >= 0, any shape.
        sigma_t: noise scale at t, >= sigma_s, broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0 squared. Error at most 2 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (8), the step of the VE chain, and Appendix C for s = 0.
    """
    return (sigma_t - sigma_s) * (sigma_t + sigma_s)


def ve_transition_sample(x_s, z, sigma_s, sigma_t):
    """x_t drawn given x_s: the variance-exploding process solved exactly.

    Formula:
        x_s + sqrt(sigma_t**2 - sigma_s**2)*z

    Args:
        x_s: state at s, any shape.
        z: fresh unit noise, broadcasts against x_s.
        sigma_s: noise scale at s, >= 0, broadcasts against x_s.
        sigma_t: noise scale at t, >= sigma_s, broadcasts against x_s.

    Returns:
        The broadcast shape, in units of x_0. Error at most 2.5 ulp of abs(x_s) + sqrt(sigma_t**2 - sigma_s**2)*abs(z).

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (8).
    """
    xp = namespace(x_s, z, sigma_s, sigma_t)
    return x_s + xp.sqrt(ve_added_variance(sigma_s, sigma_t)) * z


def linear_sde_drift_rate(alpha_t, alpha_dot_t):
    """f of the linear process whose signal scale is alpha.

    Formula:
        alpha_dot_t/alpha_t

    Args:
        alpha_t: signal scale, > 0, any shape; EDM calls it s(t).
        alpha_dot_t: its time derivative, broadcasts against the first.

    Returns:
        The broadcast shape, per unit time. Error at most 0.5 ulp.

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, Appendix; Karras et al. 2022, arXiv:2206.00364v2, Appendix B.
    """
    return alpha_dot_t / alpha_t


def linear_sde_diffusion(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """g of the linear process whose signal and noise scales are alpha and sigma.

    Formula:
        sqrt(2*sigma_t*sigma_dot_t - 2*alpha_dot_t/alpha_t*sigma_t**2)

    With alpha = s and sigma = s*sigma_edm this is EDM's s*sqrt(2*sigma_edm*sigma_edm_dot).

    Args:
        alpha_t: signal scale, > 0, any shape.
        sigma_t: noise scale, >= 0, broadcasts against the first.
        alpha_dot_t: time derivative of alpha, <= 0, broadcasts against the first.
        sigma_dot_t: time derivative of sigma, >= 0, broadcasts against the first.

    Returns:
        The broadcast shape. Error at most 2 ulp.

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, Appendix; Karras et al. 2022, arXiv:2206.00364v2, Appendix B.
    """
    xp = namespace(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    return xp.sqrt(2 * sigma_t * (sigma_dot_t - alpha_dot_t / alpha_t * sigma_t))


def linear_sde_mean_rate(mean, drift_rate):
    """Time derivative of the mean of a linear process.

    Formula:
        drift_rate*mean

    Args:
        mean: mean of the state, any shape.
        drift_rate: f, broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0 per unit time; the noise does not matter. Error at most 0.5 ulp.

    Source:
        Sarkka and Solin 2019, Applied Stochastic Differential Equations, sections 5.5 and 6.1.
    """
    return drift_rate * mean


def linear_sde_variance_rate(variance, drift_rate, diffusion):
    """Time derivative of the variance of a linear process.

    Formula:
        2*drift_rate*variance + diffusion**2

    Args:
        variance: variance of the state, >= 0, any shape.
        drift_rate: f, broadcasts against the first.
        diffusion: g, >= 0, broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0 squared per unit time.
        Error at most 1.5 ulp of 2*abs(drift_rate)*variance + diffusion**2.

    Source:
        Sarkka and Solin 2019, Applied Stochastic Differential Equations, sections 5.5 and 6.1.
    """
    return 2 * drift_rate * variance + diffusion**2


def linear_sde_transition_mean(x_s, drift_rate, step_size):
    """Mean of the state a time step_size after x_s, for constant f (Ornstein and Uhlenbeck's process where f < 0).

    Formula:
        exp(drift_rate*step_size)*x_s

    Args:
        x_s: the earlier state, any shape.
        drift_rate: f, constant over the step, broadcasts against x_s.
        step_size: length of the step, > 0, broadcasts against x_s.

    Returns:
        The broadcast shape, in units of x_0. Error at most 2 ulp of (1 + abs(drift_rate*step_size))*abs(value).

    Source:
        Sarkka and Solin 2019, Applied Stochastic Differential Equations, section 6.2.
    """
    xp = namespace(x_s, drift_rate, step_size)
    return xp.exp(drift_rate * step_size) * x_s


def linear_sde_transition_variance(drift_rate, diffusion, step_size):
    """Variance of the state a time step_size after a known one, for constant f and g.

    Formula:
        diffusion**2*where(drift_rate == 0, step_size, (exp(2*drift_rate*step_size) - 1)/(2*rate))
        where rate = where(drift_rate == 0, 1, drift_rate)

    Args:
        drift_rate: f, constant over the step, any shape; 0 is allowed.
        diffusion: g, >= 0, constant over the step, broadcasts against the first.
        step_size: length of the step, > 0, broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0 squared. Error at most 3.5 ulp of (1 + abs(drift_rate*step_size))*value.

    Source:
        Sarkka and Solin 2019, Applied Stochastic Differential Equations, section 6.2.
    """
    xp = namespace(drift_rate, diffusion, step_size)
    rate = xp.where(drift_rate == 0, 1, drift_rate)
    duration = xp.where(drift_rate == 0, step_size, xp.expm1(2 * drift_rate * step_size) / (2 * rate))
    return diffusion**2 * duration


def reverse_sde_drift(x_t, score, drift_rate, diffusion):
    """Drift of the reverse-time process, whose noise has the forward one's strength g.

    Formula:
        drift_rate*x_t - diffusion**2*score

    Stated for time that runs backwards, dt < 0: a step of length h towards the data takes this times h away.

    Args:
        x_t: state, any shape.
        score: gradient of log p_t at x_t, broadcasts against x_t.
        drift_rate: f at t, broadcasts against x_t.
        diffusion: g at t, >= 0, broadcasts against x_t.

    Returns:
        The broadcast shape, per unit time. Error at most 3 ulp of abs(drift_rate*x_t) + diffusion**2*abs(score).

    Source:
        Anderson 1982, Stochastic Processes and their Applications 12; Song et al. 2021, arXiv:2011.13456v2, Eq. (6).
    """
    return drift_rate * x_t - diffusion**2 * score


def probability_flow_drift(x_t, score, drift_rate, diffusion):
    """Drift of the noiseless process that has the marginals of the noisy one; the same in both directions of time.

    Formula:
        drift_rate*x_t - diffusion**2*score/2

    Args:
        x_t: state, any shape.
        score: gradient of log p_t at x_t, broadcasts against x_t.
        drift_rate: f at t, broadcasts against x_t.
        diffusion: g at t, >= 0, broadcasts against x_t.

    Returns:
        The broadcast shape, per unit time. Error at most 3 ulp of abs(drift_rate*x_t) + diffusion**2*abs(score)/2.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (13).
    """
    return drift_rate * x_t - diffusion**2 * score / 2


def same_marginals_drift(x_t, score, drift_rate, diffusion, noise_strength):
    """Drift of the reverse-time process that has the same marginals and noise of strength noise_strength*g.

    Formula:
        drift_rate*x_t - (1 + noise_strength**2)/2*diffusion**2*score

    Stated for dt < 0. A share of 0 is the probability flow, of 1 the reverse-time process.

    Args:
        x_t: state, any shape.
        score: gradient of log p_t at x_t, broadcasts against x_t.
        drift_rate: f at t, broadcasts against x_t.
        diffusion: g at t, >= 0, broadcasts against x_t.
        noise_strength: strength of the noise over g, >= 0, broadcasts against x_t.

    Returns:
        The broadcast shape, per unit time.
        Error at most 4 ulp of abs(drift_rate*x_t) + (1 + noise_strength**2)/2*diffusion**2*abs(score).

    Source:
        Zhang and Chen 2023, arXiv:2204.13902v4, section 2, where noise_strength is lambda.
    """
    return drift_rate * x_t - (1 + noise_strength**2) * diffusion**2 * score / 2


def euler_maruyama_step(x_t, drift, z, diffusion, step_size):
    """State one short step later, drift and diffusion frozen: towards the noise.

    Formula:
        x_t + drift*step_size + diffusion*sqrt(step_size)*z

    Args:
        x_t: state, any shape.
        drift: the forward drift at x_t, broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t.
        diffusion: g at x_t's time, >= 0, broadcasts against x_t.
        step_size: length of the step, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0.
        Error at most 3 ulp of abs(x_t) + abs(drift)*step_size + diffusion*sqrt(step_size)*abs(z).

    Source:
        Kloeden and Platen 1992, Numerical Solution of Stochastic Differential Equations, section 9.1.
    """
    xp = namespace(x_t, drift, z, diffusion, step_size)
    return x_t + drift * step_size + diffusion * xp.sqrt(step_size) * z


def reverse_euler_maruyama_step(x_t, drift, z, diffusion, step_size):
    """State one short step earlier, reverse drift and diffusion frozen: towards the data.

    Formula:
        x_t - drift*step_size + diffusion*sqrt(step_size)*z

    Args:
        x_t: state, any shape.
        drift: the reverse drift at x_t, stated for dt < 0, such as `reverse_sde_drift`; broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t.
        diffusion: strength of the noise, >= 0 (0 for the probability flow), broadcasts against x_t.
        step_size: length of the step, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0.
        Error at most 3 ulp of abs(x_t) + abs(drift)*step_size + diffusion*sqrt(step_size)*abs(z).

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (6) and section 4.1.
    """
    xp = namespace(x_t, drift, z, diffusion, step_size)
    return x_t - drift * step_size + diffusion * xp.sqrt(step_size) * z


def reverse_diffusion_step_ve(x_t, score, z, sigma_s, sigma_t):
    """Reverse-diffusion predictor's x_s in the variance-exploding chain.

    Formula:
        x_t + (sigma_t**2 - sigma_s**2)*score + sqrt(sigma_t**2 - sigma_s**2)*z

    Args:
        x_t: state at t, any shape.
        score: gradient of log p_t at x_t, broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t.
        sigma_s: noise scale at s, >= 0, broadcasts against x_t.
        sigma_t: noise scale at t, >= sigma_s, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 4 ulp of
        abs(x_t) + (sigma_t**2 - sigma_s**2)*abs(score) + sqrt(sigma_t**2 - sigma_s**2)*abs(z).

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Algorithm 2, predictor, with t - 1 written s.
    """
    xp = namespace(x_t, score, z, sigma_s, sigma_t)
    added = ve_added_variance(sigma_s, sigma_t)
    return x_t + added * score + xp.sqrt(added) * z


def reverse_diffusion_step_vp(x_t, score, z, beta_t):
    """Reverse-diffusion predictor's state one step of DDPM's chain earlier.

    Formula:
        (2 - sqrt(1 - beta_t))*x_t + beta_t*score + sqrt(beta_t)*z

    Args:
        x_t: state at t, any shape.
        score: gradient of log p_t at x_t, broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t.
        beta_t: variance of the chain's step to t, in (0, 1), broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 2.5 ulp of 2*abs(x_t) + beta_t*abs(score) + sqrt(beta_t)*abs(z).

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Algorithm 3, predictor.
    """
    xp = namespace(x_t, score, z, beta_t)
    return (2 - xp.sqrt(1 - beta_t)) * x_t + beta_t * score + xp.sqrt(beta_t) * z


def ancestral_step_ve(x_t, score, z, sigma_s, sigma_t):
    """Ancestral sampler's x_s in the variance-exploding chain: the posterior at the denoised x_0.

    Formula:
        x_t + (sigma_t**2 - sigma_s**2)*score + sqrt(sigma_s**2*(sigma_t**2 - sigma_s**2)/sigma_t**2)*z

    Args:
        x_t: state at t, any shape.
        score: gradient of log p_t at x_t, broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t; without effect at sigma_s = 0.
        sigma_s: noise scale at s, >= 0, broadcasts against x_t.
        sigma_t: noise scale at t, > 0 and >= sigma_s, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 4.5 ulp of
        abs(x_t) + (sigma_t**2 - sigma_s**2)*abs(score) + sigma_s*sqrt(sigma_t**2 - sigma_s**2)/sigma_t*abs(z).

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Appendix F, with t - 1 written s.
    """
    xp = namespace(x_t, score, z, sigma_s, sigma_t)
    added = ve_added_variance(sigma_s, sigma_t)
    return x_t + added * score + sigma_s / sigma_t * xp.sqrt(added) * z


def ancestral_step_vp(x_t, score, z, beta_t):
    """Ancestral sampler's state one step of DDPM's chain earlier, with the forward step's variance.

    Formula:
        (x_t + beta_t*score)/sqrt(1 - beta_t) + sqrt(beta_t)*z

    Args:
        x_t: state at t, any shape.
        score: gradient of log p_t at x_t, broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t.
        beta_t: variance of the chain's step to t, in (0, 1), broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0.
        Error at most 4 ulp of (abs(x_t) + beta_t*abs(score))/sqrt(1 - beta_t) + sqrt(beta_t)*abs(z).

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (4).
    """
    xp = namespace(x_t, score, z, beta_t)
    return (x_t + beta_t * score) / xp.sqrt(1 - beta_t) + xp.sqrt(beta_t) * z


def predictor_corrector_step_ve(x_t, score, score_s, z, corrector_snr, sigma_s, sigma_t):
    """Predictor-corrector sampler's x_s in the variance-exploding chain: reverse diffusion to s, one Langevin step there.

    Formula:
        predicted + step*score_s + sqrt(2*step)*z[1]
        where step = 2*corrector_snr**2*sum(z[1]**2, 1)[:, None]/sum(score_s**2, 1)[:, None]
        where predicted = x_t + (sigma_t**2 - sigma_s**2)*score + sqrt(sigma_t**2 - sigma_s**2)*z[0]

    Args:
        x_t: state at t, shape (B, d).
        score: gradient of log p_t at x_t, same shape.
        score_s: gradient of log p_s at the predictor's state, same shape, not all 0 in any sample.
        z: fresh unit noise of the predictor and of the corrector, shape (2, B, d).
        corrector_snr: r, ratio of the corrector's drift to its noise, > 0; 0.16 in the paper.
        sigma_s: noise scale at s, > 0, a number.
        sigma_t: noise scale at t, >= sigma_s, a number.

    Returns:
        Shape (B, d), in units of x_0. Norms are of each sample; the released code takes their means over the batch: the cases
        are batches of one sample. In the paper's order; released code corrects at t before it predicts: its loop is this one
        with one corrector step more at the first level and one less at the last.
        Error at most 5 ulp of predicted + step*abs(score_s) + sqrt(2*step)*abs(z[1])
        where step = 2*corrector_snr**2*sum(z[1]**2, 1)[:, None]/sum(score_s**2, 1)[:, None]
        where predicted = abs(x_t) + (sigma_t**2 - sigma_s**2)*abs(score) + sqrt(sigma_t**2 - sigma_s**2)*abs(z[0]), for d <= 8.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Algorithm 2 with one corrector step, of Algorithm 4; t - 1 is written s.
    """
    predicted = reverse_diffusion_step_ve(x_t, score, z[0, ...], sigma_s, sigma_t)
    return corrector_step_ve(predicted, score_s, z[1, ...], corrector_snr)


def predictor_corrector_step_vp(x_t, score, score_s, z, corrector_snr, beta_s, beta_t):
    """Predictor-corrector sampler's state one step of DDPM's chain earlier: reverse diffusion, one Langevin step there.

    Formula:
        predicted + step*score_s + sqrt(2*step)*z[1]
        where step = 2*(1 - beta_s)*corrector_snr**2*sum(z[1]**2, 1)[:, None]/sum(score_s**2, 1)[:, None]
        where predicted = (2 - sqrt(1 - beta_t))*x_t + beta_t*score + sqrt(beta_t)*z[0]

    Args:
        x_t: state at t, shape (B, d).
        score: gradient of log p_t at x_t, same shape.
        score_s: gradient of log p_s at the predictor's state, s = t - 1, same shape, not all 0 in any sample.
        z: fresh unit noise of the predictor and of the corrector, shape (2, B, d).
        corrector_snr: r, ratio of the corrector's drift to its noise but for the factor, > 0.
        beta_s: variance of the chain's step to s, in (0, 1), a number.
        beta_t: variance of the chain's step to t, in (0, 1), a number.

    Returns:
        Shape (B, d), in units of x_0. Norms are of each sample; the released code takes their means over the batch: the cases
        are batches of one sample. In the paper's order; released code corrects at t, with beta_t, before it predicts.
        Error at most 3.5 ulp of predicted + step*abs(score_s) + sqrt(2*step)*abs(z[1])
        where step = 2*(1 - beta_s)*corrector_snr**2*sum(z[1]**2, 1)[:, None]/sum(score_s**2, 1)[:, None]
        where predicted = 2*abs(x_t) + beta_t*abs(score) + sqrt(beta_t)*abs(z[0]), for d <= 8.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Algorithm 3 with one corrector step, of Algorithm 5, whose alpha_i is 1 - beta_i
        in the released code.
    """
    predicted = reverse_diffusion_step_vp(x_t, score, z[0, ...], beta_t)
    return corrector_step_vp(predicted, score_s, z[1, ...], corrector_snr, beta_s)


def probability_flow_solution_gaussian(x_t, mean, variance, alpha_t, sigma_t, alpha_s, sigma_s):
    """x_s that the probability flow reaches from x_t when x_0 is Gaussian with independent entries.

    Formula:
        alpha_s*mean + sqrt((alpha_s**2*variance + sigma_s**2)/(alpha_t**2*variance + sigma_t**2))*(x_t - alpha_t*mean)

    Args:
        x_t: state at t, any shape.
        mean: mean of the data, broadcasts against x_t.
        variance: variance of the data, >= 0, broadcasts against x_t.
        alpha_t: signal scale at t, >= 0, broadcasts against x_t.
        sigma_t: noise scale at t, > 0, broadcasts against x_t.
        alpha_s: signal scale at s, >= 0, broadcasts against x_t; s may be earlier or later.
        sigma_s: noise scale at s, >= 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 4 ulp of alpha_s*abs(mean)
        + sqrt((alpha_s**2*variance + sigma_s**2)/(alpha_t**2*variance + sigma_t**2))*(abs(x_t) + alpha_t*abs(mean)).

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (13), solved; no equation of the paper.
    """
    xp = namespace(x_t, mean, variance, alpha_t, sigma_t, alpha_s, sigma_s)
    spread = (alpha_s**2 * variance + sigma_s**2) / (alpha_t**2 * variance + sigma_t**2)
    return alpha_s * mean + xp.sqrt(spread) * (x_t - alpha_t * mean)


def _variance(variance, log_alpha_bar_t):
    xp = namespace(variance, log_alpha_bar_t)
    return xp.wide(xp.exp(log_alpha_bar_t)) * variance - xp.expm1(log_alpha_bar_t)


def reverse_sde_mean_gaussian(x_t, mean, variance, log_alpha_bar_s, log_alpha_bar_t):
    """Mean of x_s that the exact reverse-time process reaches from x_t, for Gaussian data and preserved variance.

    Formula:
        sqrt(alpha_bar_s)*mean + sqrt(alpha_bar_t/alpha_bar_s)*(alpha_bar_s*variance + 1 - alpha_bar_s)
        /(alpha_bar_t*variance + 1 - alpha_bar_t)*(x_t - sqrt(alpha_bar_t)*mean)

    Args:
        x_t: state at t, any shape.
        mean: mean of the data, broadcasts against x_t.
        variance: variance of the data, >= 0, broadcasts against x_t.
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], broadcasts against x_t.
        log_alpha_bar_t: log signal power at t, in [-700, 0), broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 3.5 ulp of sqrt(alpha_bar_s)*abs(mean)
        + sqrt(alpha_bar_t/alpha_bar_s)*(alpha_bar_s*variance + 1 - alpha_bar_s)/(alpha_bar_t*variance + 1 - alpha_bar_t)
        *(abs(x_t) + sqrt(alpha_bar_t)*abs(mean)).

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (6), solved by Bayes' rule; no equation of the paper.
    """
    xp = namespace(x_t, mean, variance, log_alpha_bar_s, log_alpha_bar_t)
    early, late = xp.wide(xp.exp(log_alpha_bar_s / 2)), xp.wide(xp.exp(log_alpha_bar_t / 2))
    gain = late / early * (_variance(variance, log_alpha_bar_s) / _variance(variance, log_alpha_bar_t))
    return xp.rounded(early * mean + gain * (x_t - late * mean))


def reverse_sde_variance_gaussian(variance, log_alpha_bar_s, log_alpha_bar_t):
    """Variance of x_s that the exact reverse-time process reaches from x_t, for Gaussian data and preserved variance.

    Formula:
        (alpha_bar_s*variance + 1 - alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(alpha_bar_t*variance + 1 - alpha_bar_t)

    The body has the variance of x_t as what the step keeps of that of x_s and what it adds, which rounds less.

    Args:
        variance: variance of the data, >= 0, any shape.
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0], broadcasts against the first.
        log_alpha_bar_t: log signal power at t, in [-700, 0), broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0 squared. Error at most 2.5 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (6), solved by Bayes' rule; no equation of the paper.
    """
    xp = namespace(variance, log_alpha_bar_s, log_alpha_bar_t)
    added, early = -xp.expm1(log_alpha_bar_t - log_alpha_bar_s), _variance(variance, log_alpha_bar_s)
    kept = xp.exp(log_alpha_bar_t) / xp.exp(log_alpha_bar_s)
    return xp.rounded(added * early / (kept * early + added))


def fokker_planck_rate(drift, score, drift_divergence, score_divergence, diffusion):
    """Time derivative of the log density at a fixed point: the Fokker-Planck equation divided by the density.

    Formula:
        -(drift_divergence + sum(drift*score)) + diffusion**2/2*(score_divergence + sum(score**2))

    With diffusion = 0 it is the continuity equation.

    Args:
        drift: forward drift at the points, shape (B, d).
        score: gradient of the log density there, shape (B, d).
        drift_divergence: trace of the drift's Jacobian, shape (B,).
        score_divergence: trace of the score's Jacobian, shape (B,).
        diffusion: g, >= 0, a number or shape (B,).

    Returns:
        Shape (B,), nats per unit time. Error at most 4 ulp of
        abs(drift_divergence) + sum(abs(drift*score)) + diffusion**2/2*(abs(score_divergence) + sum(score**2)).

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Appendix D.1, the Fokker-Planck equation.
    """
    xp = namespace(drift, score, drift_divergence, score_divergence, diffusion)
    lost = drift_divergence + xp.sum(drift * score, axis=1)
    return diffusion**2 * (score_divergence + xp.sum(score * score, axis=1)) / 2 - lost
