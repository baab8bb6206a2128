"""Samplers that take a step too far and add noise back: ancestral steps, churn, restart, consistency sampling.

Each step ends at a level r that has less noise than its target s, and walks the forward process from r back to s.
"""

from itertools import pairwise

from refdiff.numbers import namespace
from refdiff.reference.ddim import rectified_step
from refdiff.reference.edm import edm_churn_gamma, edm_churned_sigma, edm_churned_state, edm_euler_step, edm_heun_step
from refdiff.reference.sde import ve_added_variance, ve_transition_sample

__all__ = [
    "ancestral_sigma_down",
    "ancestral_sigma_up",
    "consistency_path",
    "dpm2_ancestral_path",
    "dpm2_ancestral_step",
    "dpmpp_2s_ancestral_path",
    "dpmpp_2s_ancestral_step",
    "edm_stochastic_path",
    "euler_ancestral_flow_path",
    "euler_ancestral_flow_step",
    "euler_ancestral_path",
    "euler_ancestral_step",
    "lcm_c_out",
    "lcm_c_skip",
    "lcm_path",
    "lcm_step",
    "renoised_step",
    "restart_path",
    "tcd_path",
    "tcd_step",
]


def ancestral_sigma_up(eta, sigma_s, sigma_t):
    """Standard deviation of the noise that an ancestral step adds back, where the signal keeps its scale.

    Formula:
        min(sigma_s, eta*sqrt(sigma_s**2*(sigma_t**2 - sigma_s**2)/sigma_t**2))

    Args:
        eta: share of the posterior's noise, >= 0, any shape; 0 for a deterministic step, 1 for the ancestral one of the VE chain.
        sigma_s: noise scale at s, in [0, sigma_t], broadcasts against the first.
        sigma_t: noise scale at t, > 0, broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0, at most sigma_s. Error at most 3 ulp.

    Source:
        Katherine Crowson, k-diffusion 2022, code of get_ancestral_step, with its eta beyond 1 capped as there; eta = 1 is Song
        et al. 2021, arXiv:2011.13456v2, Appendix F.
    """
    xp = namespace(eta, sigma_s, sigma_t)
    return xp.minimum(sigma_s, eta * (sigma_s / sigma_t) * xp.sqrt(ve_added_variance(sigma_s, sigma_t)))


def ancestral_sigma_down(eta, sigma_s, sigma_t):
    """Noise scale that an ancestral step goes down to, before noise is added back up to s.

    Formula:
        sqrt(sigma_s**2 - min(sigma_s, eta*sqrt(sigma_s**2*(sigma_t**2 - sigma_s**2)/sigma_t**2))**2)

    The body has what is left of the variance as a sum of positive terms for eta up to 1; sigma_s**2/sigma_t at eta = 1.

    Args:
        eta: share of the posterior's noise, >= 0, any shape.
        sigma_s: noise scale at s, in [0, sigma_t], broadcasts against the first.
        sigma_t: noise scale at t, > 0, broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0; 0 where eta is so large that all the noise at s is fresh.
        Error at most 2.5 ulp of where(0 < value, value + sigma_s**2*max(0, eta**2 - 1)/value, 1 + 0*value).

    Source:
        Katherine Crowson, k-diffusion 2022, code of get_ancestral_step.
    """
    xp = namespace(eta, sigma_s, sigma_t)
    left = (1 - eta) * (1 + eta) + (eta * (sigma_s / sigma_t)) ** 2
    return sigma_s * xp.sqrt(xp.maximum(0 * left, left))


def euler_ancestral_step(x_t, x_0, z, eta, sigma_s, sigma_t):
    """State at s by an Euler step down and fresh noise up to s, where the signal keeps its scale.

    Formula:
        x_t + (down - sigma_t)*(x_t - x_0)/sigma_t + up*z
        where down = sqrt(sigma_s**2 - up**2)
        where up = min(sigma_s, eta*sqrt(sigma_s**2*(sigma_t**2 - sigma_s**2)/sigma_t**2))

    Args:
        x_t: state at t, any shape.
        x_0: denoiser's estimate of the data at t, broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t; without effect at eta = 0 or sigma_s = 0.
        eta: share of the posterior's noise, >= 0, a number.
        sigma_s: noise scale at s, in [0, sigma_t], a number.
        sigma_t: noise scale at t, > 0, a number.

    Returns:
        The broadcast shape, in units of x_0. Error at most 4.5 ulp of
        abs(x_0) + sigma_s*abs(z) + (down + spread)/sigma_t*(abs(x_t) + abs(x_0))
        where spread = where(0 < down, sigma_s**2*max(0, eta**2 - 1)/max(down, sigma_s/1000000), 0*down)
        where down = sigma_s*sqrt(max(0, 1 - eta**2*(1 - (sigma_s/sigma_t)**2))).

    Order:
        1, at any eta.

    Source:
        Katherine Crowson, k-diffusion 2022, code of sample_euler_ancestral with s_noise = 1; at eta = 1 Song et al. 2021,
        arXiv:2011.13456v2, Appendix F, the posterior of the VE chain at the denoised x_0.
    """
    down = ancestral_sigma_down(eta, sigma_s, sigma_t)
    return edm_euler_step(x_t, x_0, sigma_t, down) + ancestral_sigma_up(eta, sigma_s, sigma_t) * z


def dpm2_ancestral_step(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """State at s by a midpoint step down and fresh noise up to s, where the signal keeps its scale.

    Formula:
        x_t + (down - sigma_t)*(inner - x_0s[1])/middle + up*z
        where inner = x_t + (middle - sigma_t)*(x_t - x_0s[0])/sigma_t
        where middle = sqrt(sigma_t*down)
        where down = sqrt(sigma_s**2 - up**2)
        where up = min(sigma_s, eta*sqrt(sigma_s**2*(sigma_t**2 - sigma_s**2)/sigma_t**2))

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at x_t, and at Euler's state at the noise scale sqrt(sigma_t*down), shape (2, ...).
        z: fresh unit noise, broadcasts against x_t; without effect at eta = 0.
        eta: share of the posterior's noise, >= 0 and small enough that down > 0, as [0, 1] is; a number.
        sigma_s: noise scale at s, in (0, sigma_t], a number.
        sigma_t: noise scale at t, > 0, a number.

    Returns:
        The broadcast shape, in units of x_0. Error at most 4 ulp of
        abs(x_0s[0]) + sigma_s*abs(z) + (1 + spread)*(down/sigma_t*(abs(x_t) + abs(x_0s[0]))
        + (1 + sqrt(sigma_t/down))*(abs(x_0s[1]) + abs(x_0s[0])))
        where spread = sigma_s**2*max(0, eta**2 - 1)/down**2
        where down = sigma_s*sqrt(max(0, 1 - eta**2*(1 - (sigma_s/sigma_t)**2))).

    Order:
        2, of the marginal laws at any eta, of single paths at eta = 0.

    Source:
        Katherine Crowson, k-diffusion 2022, code of sample_dpm_2_ancestral with s_noise = 1, whose sigma_mid is our middle.
    """
    xp = namespace(x_t, x_0s, z, eta, sigma_s, sigma_t)
    shrunk = ancestral_sigma_down(eta, sigma_s, sigma_t) / sigma_t
    turn = (1 - shrunk) / xp.sqrt(shrunk) * (x_0s[1, ...] - x_0s[0, ...])
    return euler_ancestral_step(x_t, x_0s[0, ...], z, eta, sigma_s, sigma_t) + turn


def dpmpp_2s_ancestral_step(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """State at s by DPM-Solver++'s single step of order 2 down and fresh noise up to s, where the signal keeps its scale.

    Formula:
        down/sigma_t*x_t + (1 - exp(-h))*x_0s[1] + up*z
        where h = log(sigma_t) - log(down)
        where down = sqrt(sigma_s**2 - up**2)
        where up = min(sigma_s, eta*sqrt(sigma_s**2*(sigma_t**2 - sigma_s**2)/sigma_t**2))

    The first estimate only makes the state that the second is made at: half way in log(sigma) no other weight is left for it.

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at x_t, and at Euler's state at the noise scale sqrt(sigma_t*down), shape (2, ...).
        z: fresh unit noise, broadcasts against x_t; without effect at eta = 0.
        eta: share of the posterior's noise, >= 0 and small enough that down > 0, as [0, 1] is; a number.
        sigma_s: noise scale at s, in (0, sigma_t], a number.
        sigma_t: noise scale at t, > 0, a number.

    Returns:
        The broadcast shape, in units of x_0. Error at most 5 ulp of
        abs(x_0s[1]) + sigma_s*abs(z) + (1 + spread)*down/sigma_t*(abs(x_t) + abs(x_0s[1]))
        where spread = sigma_s**2*max(0, eta**2 - 1)/down**2
        where down = sigma_s*sqrt(max(0, 1 - eta**2*(1 - (sigma_s/sigma_t)**2))).

    Order:
        2, of the marginal laws at any eta, of single paths at eta = 0.

    Source:
        Katherine Crowson, k-diffusion 2022, code of sample_dpmpp_2s_ancestral with s_noise = 1; Lu et al. 2022,
        arXiv:2211.01095v3, Algorithm 1 with r = 1/2, down to `ancestral_sigma_down`.
    """
    return euler_ancestral_step(x_t, x_0s[1, ...], z, eta, sigma_s, sigma_t)


def euler_ancestral_flow_step(x_t, x_0, z, eta, sigma_s, sigma_t):
    """State at s on the straight path by an Euler step down and the forward process up to s.

    Formula:
        (1 - sigma_s)/(1 - down)*(x_t + (down - sigma_t)*(x_t - x_0)/sigma_t)
        + sqrt(sigma_s**2 - down**2*(1 - sigma_s)**2/(1 - down)**2)*z
        where down = sigma_s*(1 + (sigma_s/sigma_t - 1)*eta)

    The body has the added variance as a product of sums of positive terms.

    Args:
        x_t: state at t, (1 - sigma_t)*x_0 + sigma_t*eps, any shape.
        x_0: estimate of the data at t, x_t less sigma_t times the velocity; broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t; without effect at eta = 0 or sigma_s = 0.
        eta: share of the way by which the step goes too far, in [0, 1], a number; 1 takes down to sigma_s**2/sigma_t.
        sigma_s: noise scale at s, its time, in [0, sigma_t] and < 1, a number.
        sigma_t: noise scale at t, its time, in (0, 1], a number.

    Returns:
        The broadcast shape, in units of x_0. Error at most 6.5 ulp of
        kept*(abs(x_0) + down/sigma_t*(abs(x_t) + abs(x_0))) + sigma_s*abs(z)
        where kept = (1 - sigma_s)/(1 - down)
        where down = sigma_s*(1 - eta + eta*sigma_s/sigma_t).

    Order:
        1, at any eta.

    Source:
        ComfyUI 2024, code of sample_euler_ancestral_RF with s_noise = 1, and diffusers 2026, code of
        LTXEulerAncestralRFScheduler; no paper. At eta = 1 it is not the posterior's step, whose down has the ratio of noise and
        signal of s squared over that of t.
    """
    xp = namespace(x_t, x_0, z, eta, sigma_s, sigma_t)
    ratio = sigma_s / sigma_t
    gap, down = eta * ratio * (sigma_t - sigma_s), sigma_s * (1 - eta + eta * ratio)
    clear = 1 - sigma_s + gap
    fresh = xp.sqrt(gap * (sigma_s * clear + (1 - sigma_s) * down)) / clear
    return (1 - sigma_s) / clear * edm_euler_step(x_t, x_0, sigma_t, down) + fresh * z


def renoised_step(x_t, x_0, z, alphas, sigmas):
    """State at s by a deterministic step down to r, with less noise than s, and the forward process from r up to s.

    Formula:
        alphas[2]/alphas[1]*(alphas[1]*x_0 + sigmas[1]*noise) + sqrt(sigmas[2]**2 - (alphas[2]/alphas[1]*sigmas[1])**2)*z
        where noise = (x_t - alphas[0]*x_0)/sigmas[0]

    Every step of this subject is this one: with constant alphas k-diffusion's, on the straight path ComfyUI's, from a table
    TCD's, with r at the data LCM's.

    Args:
        x_t: state at t, any shape.
        x_0: estimate of the data at t, broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t; without effect where r is s.
        alphas: signal scales at t, r and s, shape (3,); > 0 at r, >= 0 at t and s.
        sigmas: noise scales at t, r and s, shape (3,); > 0 at t, and sigma/alpha does not fall from r to s.

    Returns:
        Shape of x_t, in units of x_0. Error at most 3.5 ulp of
        alphas[2]*abs(x_0) + kept/sigmas[0]*(abs(x_t) + alphas[0]*abs(x_0)) + spread*abs(z)
        where spread = where(0 < added, sigmas[2]**2/sqrt(max(added, sigmas[2]**2/10**15)), 0*added)
        where added = sigmas[2]**2 - kept**2
        where kept = alphas[2]/alphas[1]*sigmas[1].

    Order:
        1, where r tends to s.

    Source:
        Song et al. 2021, arXiv:2010.02502v4, Eq. (12) without fresh noise, then the forward process, as in Zheng et al. 2024,
        arXiv:2402.19159v1, Algorithm 4, there for preserved variance.
    """
    xp = namespace(x_t, x_0, z, alphas, sigmas)
    kept = alphas[2] / alphas[1] * sigmas[1]
    added = (sigmas[2] - kept) * (sigmas[2] + kept)
    mean = rectified_step(x_t, x_0, alphas[2], kept, alphas[0], sigmas[0])
    return mean + xp.sqrt(xp.maximum(0 * added, added)) * z


def tcd_step(x_t, x_0, z, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t):
    """State at s by trajectory consistency distillation's strategic stochastic sampling: down to r, then noise up to s.

    Formula:
        sqrt(alpha_bar_s/alpha_bar_r)*(sqrt(alpha_bar_r)*x_0 + sqrt(1 - alpha_bar_r)*noise)
        + sqrt(1 - alpha_bar_s/alpha_bar_r)*z
        where noise = (x_t - sqrt(alpha_bar_t)*x_0)/sqrt(1 - alpha_bar_t)
        where alpha_bar_r = exp(log_alpha_bar_r)

    Args:
        x_t: state at t, any shape.
        x_0: the network's estimate of the data, broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t; without effect where r is s.
        log_alpha_bar_r: log signal power at r, the time (1 - gamma)*s for the paper's gamma, in [log_alpha_bar_s, 0].
        log_alpha_bar_s: log signal power at s, in [log_alpha_bar_t, 0), or 0 where r is the data too, broadcasts against x_t.
        log_alpha_bar_t: log signal power at t, in [-700, 0), broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0.
        Error at most 5 ulp of abs(x_0) + abs(z) + sqrt((1 - exp(log_alpha_bar_r))/(1 - alpha_bar_t))*(abs(x_t) + abs(x_0)).

    Order:
        1, where r tends to s.

    Source:
        Zheng et al. 2024, arXiv:2402.19159v1, Algorithm 4. Released code, and diffusers' TCDScheduler, count times from 0: their
        r is floor((1 - gamma)*s), and their last step ends at their time 0, where alpha_bar is alpha_bar_1 and not 1.
    """
    xp = namespace(x_t, x_0, z, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t)
    forward = log_alpha_bar_s - log_alpha_bar_r
    kept = xp.exp(forward / 2) * xp.sqrt(xp.expm1(log_alpha_bar_r) / xp.expm1(log_alpha_bar_t))
    mean = xp.exp(log_alpha_bar_s / 2) * x_0 + kept * (x_t - xp.exp(log_alpha_bar_t / 2) * x_0)
    return mean + xp.sqrt(-xp.expm1(forward)) * z


def lcm_c_skip(t_index, timestep_scaling, sigma_data):
    """Weight of the noisy input in a latent consistency model.

    Formula:
        sigma_data**2/((timestep_scaling*t_index)**2 + sigma_data**2)

    Args:
        t_index: time counted from 0, an integer >= 0; 0 is the boundary, where the model is its input.
        timestep_scaling: factor on the time, > 0; 10 in released code.
        sigma_data: > 0; 0.5 in released code.

    Returns:
        A number in (0, 1]. Error at most 4 ulp.

    Source:
        Luo et al. 2023, arXiv:2310.04378v1, code of the scheduler's boundary conditions.
    """
    return sigma_data**2 / ((timestep_scaling * t_index) ** 2 + sigma_data**2)


def lcm_c_out(t_index, timestep_scaling, sigma_data):
    """Weight of the predicted data in a latent consistency model.

    Formula:
        timestep_scaling*t_index/sqrt((timestep_scaling*t_index)**2 + sigma_data**2)

    EDM's c_out has a further factor sigma_data, as it weighs a raw output of unit variance. This one weighs an estimate of x_0:
    it must tend to 1.

    Args:
        t_index: time counted from 0, an integer >= 0; 0 is the boundary, where the model is its input.
        timestep_scaling: factor on the time, > 0; 10 in released code.
        sigma_data: > 0; 0.5 in released code.

    Returns:
        A number in [0, 1). Error at most 2.5 ulp.

    Source:
        Luo et al. 2023, arXiv:2310.04378v1, code of the scheduler's boundary conditions.
    """
    scaled = timestep_scaling * t_index
    return scaled / namespace(timestep_scaling, sigma_data).sqrt(scaled**2 + sigma_data**2)


def lcm_step(x_0, z, alpha_s, sigma_s):
    """State at s by multistep consistency sampling: the estimate of the data, noised afresh up to s.

    Formula:
        alpha_s*x_0 + sigma_s*z

    Args:
        x_0: consistency function's estimate of the data, any shape.
        z: fresh unit noise, broadcasts against x_0; without effect at the last step, where sigma_s is 0.
        alpha_s: signal scale at s, >= 0, broadcasts against x_0; 1 at the last step.
        sigma_s: noise scale at s, >= 0, broadcasts against x_0; 0 at the last step.

    Returns:
        The broadcast shape, in units of x_0. Error at most 1.5 ulp of alpha_s*abs(x_0) + sigma_s*abs(z).

    Source:
        Song et al. 2023, arXiv:2303.01469v2, Algorithm 1, with the scales of any process; Luo et al. 2023, arXiv:2310.04378v1,
        code.
    """
    return alpha_s * x_0 + sigma_s * z


def _run(move, x_T, z, sigmas):
    """x_T and the states that move(i, state) makes of each other, one for every level."""
    states = [x_T]
    for i in range(sigmas.shape[0] - 1):
        states.append(move(i, states[i]))
    return namespace(x_T, z, sigmas).stack(states)


def _two_stages(denoiser_at_level, x_t, x_0, middle, sigma_t):
    """Estimates at x_t and at Euler's state in the middle."""
    inner = edm_euler_step(x_t, x_0, sigma_t, middle)
    return namespace(x_t, x_0, middle, sigma_t).stack([x_0, denoiser_at_level(inner, 1, middle)])


def _ancestral(step, denoiser_at_level, x_T, z, sigmas, eta):
    """States of a two-stage ancestral step; Euler's where nothing is left below s."""
    xp = namespace(x_T, z, sigmas, eta)

    def move(i, x_t):
        levels = eta, sigmas[i + 1], sigmas[i]
        x_0, down = denoiser_at_level(x_t, 1, sigmas[i]), ancestral_sigma_down(*levels)
        if down == 0:
            return euler_ancestral_step(x_t, x_0, z[i, ...], *levels)
        both = _two_stages(denoiser_at_level, x_t, x_0, xp.sqrt(sigmas[i] * down), sigmas[i])
        return step(x_t, both, z[i, ...], *levels)

    return _run(move, x_T, z, sigmas)


def euler_ancestral_path(denoiser_at_level, x_T, z, sigmas, eta):
    """States of the Euler ancestral sampler, where the signal keeps its scale.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: fresh unit noise of each step, shape (n, B, d); without effect at eta = 0 or where the last level has no noise.
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        eta: share of the posterior's noise, >= 0; 0 is Euler's method for the probability flow, 1 the VE chain's ancestral
            sampler, more is capped.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 200 ulp of max(abs(value)),
        for up to 10 steps on data of unit size.

    Order:
        1, at any eta, in the laws of the states.

    Source:
        Katherine Crowson, k-diffusion 2022, code of sample_euler_ancestral; Song et al. 2021, arXiv:2011.13456v2, Appendix F.
    """

    def move(i, x_t):
        x_0 = denoiser_at_level(x_t, 1, sigmas[i])
        return euler_ancestral_step(x_t, x_0, z[i, ...], eta, sigmas[i + 1], sigmas[i])

    return _run(move, x_T, z, sigmas)


def dpm2_ancestral_path(denoiser_at_level, x_T, z, sigmas, eta):
    """States of the ancestral sampler with DPM-Solver-2's midpoint steps, where the signal keeps its scale.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: fresh unit noise of each step, shape (n, B, d); without effect at eta = 0 or where the last level has no noise.
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        eta: share of the posterior's noise, >= 0, capped.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 1800 ulp of max(abs(value)),
        for up to 10 steps on data of unit size.

    Order:
        2, where the last level has noise: of single paths at eta = 0, of the states' laws at any eta; what noise makes of a
        given start is off by the first power of the step. Where the step goes down to 0 it is Euler's.

    Source:
        Katherine Crowson, k-diffusion 2022, code of sample_dpm_2_ancestral, which adds no noise where eta is capped.
    """
    return _ancestral(dpm2_ancestral_step, denoiser_at_level, x_T, z, sigmas, eta)


def dpmpp_2s_ancestral_path(denoiser_at_level, x_T, z, sigmas, eta):
    """States of the ancestral sampler with DPM-Solver++'s single steps of order 2, where the signal keeps its scale.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: fresh unit noise of each step, shape (n, B, d); without effect at eta = 0 or where the last level has no noise.
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        eta: share of the posterior's noise, >= 0, capped.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 15000 ulp of max(abs(value)),
        for up to 10 steps on data of unit size.

    Order:
        2, where the last level has noise: of single paths at eta = 0, of the states' laws at any eta; what noise makes of a
        given start is off by the first power of the step. Where the step goes down to 0 it is Euler's.

    Source:
        Katherine Crowson, k-diffusion 2022, code of sample_dpmpp_2s_ancestral.
    """
    return _ancestral(dpmpp_2s_ancestral_step, denoiser_at_level, x_T, z, sigmas, eta)


def euler_ancestral_flow_path(denoiser_at_level, x_T, z, times, eta):
    """States of the Euler ancestral sampler on the straight path from data to noise.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first time, shape (B, d).
        z: fresh unit noise of each step, shape (n, B, d); without effect at eta = 0 or where the last time is 0.
        times: falling times of the levels, in [0, 1], shape (n + 1,): signal scales are 1 - times, noise scales times.
        eta: share of the way by which each step goes too far, in [0, 1]; 0 is Euler's method for the flow.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 1300 ulp of max(abs(value)),
        for up to 10 steps on data of unit size.

    Order:
        1, at any eta, in the laws of the states.

    Source:
        ComfyUI 2024, code of sample_euler_ancestral_RF; diffusers 2026, code of LTXEulerAncestralRFScheduler.
    """

    def move(i, x_t):
        x_0 = denoiser_at_level(x_t, 1 - times[i], times[i])
        return euler_ancestral_flow_step(x_t, x_0, z[i, ...], eta, times[i + 1], times[i])

    return _run(move, x_T, z, times)


def _heun(denoiser_at_level, x_t, sigma_t, sigma_s):
    """State at s by Heun's method, the second slope not asked for where s has no noise."""
    x_0 = denoiser_at_level(x_t, 1, sigma_t)
    euler = edm_euler_step(x_t, x_0, sigma_t, sigma_s)
    if sigma_s == 0:
        return euler
    return edm_heun_step(x_t, x_0, denoiser_at_level(euler, 1, sigma_s), sigma_t, sigma_s)


def edm_stochastic_path(denoiser_at_level, x_T, z, sigmas, S_churn, S_min, S_max, S_noise):
    """States of EDM's stochastic sampler: noise is added before each of Heun's steps.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: fresh unit noise of each step, shape (n, B, d); without effect where a step is not churned.
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        S_churn: amount of churn over the whole run, >= 0.
        S_min: least noise scale that is churned, >= 0; itself included.
        S_max: largest noise scale that is churned, >= S_min; itself included.
        S_noise: standard deviation of the fresh noise before it is scaled; only 1 keeps the marginals.

    Returns:
        Shape (n + 1, B, d), x_T first, each state before it is churned. Error at most 200 ulp of max(abs(value)),
        for up to 10 steps on data of unit size.

    Order:
        2, where the last level has noise: of single paths without churn, of the states' laws with S_noise = 1 and any churn.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Algorithm 2, whose N is n.
    """

    def move(i, x_t):
        churn = edm_churn_gamma(sigmas[i], S_churn, S_min, S_max, sigmas.shape[0] - 1)
        churned = edm_churned_state(x_t, z[i, ...], sigmas[i], churn, S_noise)
        return _heun(denoiser_at_level, churned, edm_churned_sigma(sigmas[i], churn), sigmas[i + 1])

    return _run(move, x_T, z, sigmas)


def restart_path(denoiser_at_level, x_T, z, sigmas, restart_sigmas, restart_index, restarts):
    """States of Restart sampling: Heun's method, one stretch of which is run through again from fresh noise.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: fresh unit noise of each restart, shape (restarts, B, d).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        restart_sigmas: noise scales of the stretch, falling, the first is the one noised up to, shape (m,); the stretch ends
            at sigmas[restart_index], which is not among them.
        restart_index: index of the level at which the run restarts, an integer in 1..n.
        restarts: how often, an integer >= 0; the paper's K.

    Returns:
        Shape (n + 1, B, d), x_T first; at the level of the restarts, the state after all of them. Error at most 460 ulp of
        max(abs(value)), for up to 10 steps on data of unit size.

    Order:
        2, where the last level has noise: of single paths without restarts, of the states' laws with any number of them.

    Source:
        Xu et al. 2023, arXiv:2306.14878v2, section 3, for one interval: t_max is restart_sigmas[0], t_min is
        sigmas[restart_index]. Released code spaces the interval anew as EDM spaces its grid, each of several intervals.
    """

    def move(i, x_t):
        state = _heun(denoiser_at_level, x_t, sigmas[i], sigmas[i + 1])
        levels = [*(restart_sigmas[k] for k in range(restart_sigmas.shape[0])), sigmas[i + 1]]
        for k in range(restarts if i + 1 == restart_index else 0):
            state = ve_transition_sample(state, z[k, ...], levels[-1], levels[0])
            for sigma_t, sigma_s in pairwise(levels):
                state = _heun(denoiser_at_level, state, sigma_t, sigma_s)
        return state

    return _run(move, x_T, z, sigmas)


def lcm_path(denoiser_at_level, x_T, z, alphas, sigmas):
    """States of multistep consistency sampling from a latent consistency model.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the data: the consistency function, which takes the place of
            the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: fresh unit noise of each step, shape (n, B, d); the last is without effect where the last level has no noise.
        alphas: signal scales from noise to data, >= 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).

    Returns:
        Shape (n + 1, B, d), x_T first: with the exact consistency function each state has the exact law after any number of
        steps; with the mean of x_0, and ever more of them, Gaussian data come out with half of their variance.
        Error at most 260 ulp of max(abs(value)), for up to 10 steps on data of unit size.

    Source:
        Song et al. 2023, arXiv:2303.01469v2, Algorithm 1, with the scales of any process; Luo et al. 2023, arXiv:2310.04378v1,
        code, where the estimate is made of the network's with `lcm_c_skip` and `lcm_c_out`.
    """

    def move(i, x_t):
        return lcm_step(denoiser_at_level(x_t, alphas[i], sigmas[i]), z[i, ...], alphas[i + 1], sigmas[i + 1])

    return _run(move, x_T, z, sigmas)


def tcd_path(denoiser_at_level, x_T, z, alphas, sigmas, alphas_down, sigmas_down):
    """States of trajectory consistency distillation's strategic stochastic sampling.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: fresh unit noise of each step, shape (n, B, d); the last is without effect where the last level has no noise.
        alphas: signal scales from noise to data, >= 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        alphas_down: signal scales of the level that each step goes down to before noise is added, > 0, shape (n,).
        sigmas_down: noise scales of the same, shape (n,); of entry i at most that of sigmas[i + 1], both over alpha.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 74 ulp of max(abs(value)),
        for up to 10 steps on data of unit size.

    Order:
        1, where the way back shrinks with the steps; with a gamma held fixed above 0 the laws of the states have another limit.

    Source:
        Zheng et al. 2024, arXiv:2402.19159v1, Algorithm 4, with the levels at times (1 - gamma)*s. Released code, and diffusers'
        TCDScheduler, end at alpha_bar_1 instead of 1.
    """
    xp = namespace(x_T, z, alphas, sigmas)

    def move(i, x_t):
        x_0 = denoiser_at_level(x_t, alphas[i], sigmas[i])
        scales = (alphas, alphas_down), (sigmas, sigmas_down)
        return renoised_step(x_t, x_0, z[i, ...], *(xp.stack([of[i], down[i], of[i + 1]]) for of, down in scales))

    return _run(move, x_T, z, sigmas)


def consistency_path(denoiser_at_level, x_T, z, sigmas, sigma_min):
    """States of multistep consistency sampling where the signal keeps its scale and data count as noised by sigma_min.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the data: the consistency function, which takes the place of
            the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: fresh unit noise of each step, shape (n, B, d); the last is without effect.
        sigmas: noise scales from noise to data, > sigma_min, shape (n + 1,); the last is that of the data and not used.
        sigma_min: noise scale at which the consistency function is the identity, >= 0; 0.002 in the paper.

    Returns:
        Shape (n + 1, B, d), x_T first, the last one the estimate itself. Where the estimates have the law of the data noised by
        sigma_min, each state has that of its level; where they are clean data, sigma_min**2 of the variance is missing.
        Error at most 660 ulp of max(abs(value)), for up to 10 steps on data of unit size.

    Source:
        Song et al. 2023, arXiv:2303.01469v2, Algorithm 1, where sigma is t and sigma_min is epsilon.
    """

    def move(i, x_t):
        x_0 = denoiser_at_level(x_t, 1, sigmas[i])
        last = i + 2 == sigmas.shape[0]
        return x_0 if last else ve_transition_sample(x_0, z[i, ...], sigma_min, sigmas[i + 1])

    return _run(move, x_T, z, sigmas)
