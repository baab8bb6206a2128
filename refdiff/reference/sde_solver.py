"""Solvers of the reverse-time SDE: exponential integrators with exact noise, Euler-Maruyama, predictor-corrector, Langevin.

The SDE of noise_strength, along half_logsnr l in the coordinates y = x/alpha where the noise scale is exp(-l):
dy = -(1 + noise_strength**2)*(y - x_0) dl + sqrt(2)*noise_strength*exp(-l) dw. All of them have the same marginals, 0 is the
probability flow and 1 the reverse-time process. In DPM++ 2M SDE and 3M SDE `eta` is noise_strength**2.
"""

from refdiff.numbers import namespace
from refdiff.reference.conversion import eps_from_x_0, score_from_x_0
from refdiff.reference.schedule import alpha, sigma
from refdiff.reference.score import annealed_langevin_step_size, corrector_step_size, langevin_step
from refdiff.reference.sde import (
    reverse_diffusion_step_ve,
    reverse_diffusion_step_vp,
    reverse_euler_maruyama_step,
    reverse_sde_drift,
    ve_diffusion,
    ve_sigma,
    vp_diffusion,
    vp_drift_rate,
    vp_log_alpha_bar,
)

__all__ = [
    "annealed_langevin_path",
    "dpm_solver_2m_sde_path",
    "dpm_solver_2m_sde_step",
    "dpm_solver_sde_1_path",
    "dpm_solver_sde_1_step",
    "dpmpp_2m_sde_heun_path",
    "dpmpp_2m_sde_heun_step",
    "dpmpp_2m_sde_path",
    "dpmpp_2m_sde_step",
    "dpmpp_3m_sde_path",
    "dpmpp_3m_sde_released_path",
    "dpmpp_3m_sde_released_step",
    "dpmpp_3m_sde_step",
    "dpmpp_sde_1_path",
    "dpmpp_sde_1_step",
    "dpmpp_sde_path",
    "dpmpp_sde_step",
    "predictor_corrector_ve_path",
    "predictor_corrector_vp_path",
    "reverse_euler_maruyama_ve_path",
    "reverse_euler_maruyama_vp_path",
    "sa_corrector_step",
    "sa_predictor_step",
]


def _lengths(alphas, sigmas):
    """Lengths in half_logsnr of the steps between neighbouring levels."""
    xp, ratios = namespace(alphas, sigmas), sigmas / alphas
    return [xp.log(ratios[i] / ratios[i + 1]) for i in range(ratios.shape[0] - 1)]


def _held(x_t, x_0, z, eta, alphas, sigmas):
    """State at the last level from that at the level before, for data known and held: the SDE solved exactly."""
    xp, h = namespace(x_t, x_0, z, eta, alphas, sigmas), _lengths(alphas, sigmas)[-1]
    moved = sigmas[-1] / sigmas[-2] * xp.exp(-eta * h) * x_t - alphas[-1] * xp.expm1(-(1 + eta) * h) * x_0
    return moved + sigmas[-1] * xp.sqrt(-xp.expm1(-2 * eta * h)) * z


def _first(x_t, x_0s, z, eta, alphas, sigmas):
    return _held(x_t, x_0s[0, ...], z, eta, alphas, sigmas)


def _moments(decay):
    """Integrals over u in [0, 1] of decay*exp(-decay*(1 - u)) times u, and times u**2."""
    mean = namespace(decay).expm1mx(-decay) / decay
    return mean, 1 - 2 * mean / decay


def _ancestral(x_t, x_0, z, eta, alpha_s, sigma_s, alpha_t, sigma_t):
    """DDIM's state at s with the share eta of DDPM's noise, whatever the scales."""
    xp, shrunk = namespace(x_t, x_0, z, eta, alpha_s, sigma_s, alpha_t, sigma_t), sigma_s / sigma_t * (alpha_t / alpha_s)
    kept = xp.sqrt((1 - eta) * (1 + eta) + eta**2 * shrunk**2)
    fresh = eta * xp.sqrt((1 - shrunk) * (1 + shrunk))
    return alpha_s * x_0 + sigma_s * (kept * (x_t - alpha_t * x_0) / sigma_t + fresh * z)


def _run(move, x_T, sigmas):
    """x_T and the states that move(i, state) makes of each other, one for every level."""
    states = [x_T]
    for i in range(sigmas.shape[0] - 1):
        states.append(move(i, states[i]))
    return namespace(x_T, sigmas).stack(states)


def _remembering(steps, denoiser_at_level, x_T, z, eta, alphas, sigmas):
    """A run whose k-th step is the k-th of `steps`, or the last of them, each of one estimate more; to the data at sigma = 0."""
    xp, x_0s = namespace(x_T, z, alphas, sigmas), []

    def move(i, x_t):
        x_0s.append(denoiser_at_level(x_t, alphas[i], sigmas[i]))
        if sigmas[i + 1] == 0:
            return alphas[i + 1] * x_0s[i]
        k = min(i + 1, len(steps))
        levels = alphas[i + 1 - k : i + 2], sigmas[i + 1 - k : i + 2]
        return steps[k - 1](x_t, xp.stack(x_0s[-k:]), z[i, ...], eta, *levels)

    return _run(move, x_T, sigmas)


def dpmpp_sde_1_step(x_t, x_0, z, alpha_s, sigma_s, alpha_t, sigma_t):
    """x_s by SDE-DPM-Solver++(1): the reverse-time process solved exactly for data that are known and held.

    Formula:
        sigma_s/sigma_t*exp(-h)*x_t + alpha_s*(1 - exp(-2*h))*x_0 + sigma_s*sqrt(1 - exp(-2*h))*z
        where h = log(alpha_s/sigma_s) - log(alpha_t/sigma_t)

    It is DDPM's step, ddpm_step, for scales of any process; its mean is that of x_s given x_t whatever the data's law, if x_0 is
    the mean of x_0 given x_t.

    Args:
        x_t: state at t, any shape.
        x_0: estimate of the data at t, broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t.
        alpha_s: signal scale at s, > 0, broadcasts against x_t.
        sigma_s: noise scale at s, > 0, with sigma_s/alpha_s < sigma_t/alpha_t, broadcasts against x_t.
        alpha_t: signal scale at t, > 0, broadcasts against x_t.
        sigma_t: noise scale at t, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 5 ulp of
        sigma_s/sigma_t*abs(x_t) + alpha_s*abs(x_0) + sigma_s*abs(z)/sqrt(1 - (sigma_s*alpha_t/(alpha_s*sigma_t))**2).

    Order:
        1. The mean of a step is exact, its variance too small by the square of its length: weak order 1.

    Source:
        Lu et al. 2022, arXiv:2211.01095v3, data prediction, and its released code in diffusers, sde-dpmsolver++ of order 1.
    """
    xp, shrunk = namespace(x_t, x_0, z, alpha_s, sigma_s, alpha_t, sigma_t), sigma_s / sigma_t * (alpha_t / alpha_s)
    fresh = (1 - shrunk) * (1 + shrunk)
    return sigma_s / sigma_t * shrunk * x_t + alpha_s * fresh * x_0 + sigma_s * xp.sqrt(fresh) * z


def dpm_solver_sde_1_step(x_t, eps, z, alpha_s, sigma_s, alpha_t, sigma_t):
    """x_s by SDE-DPM-Solver-1: the reverse-time process solved exactly for unit noise that is known and held.

    Formula:
        alpha_s/alpha_t*x_t - 2*sigma_s*(exp(h) - 1)*eps + sigma_s*sqrt(exp(2*h) - 1)*z
        where h = log(alpha_s/sigma_s) - log(alpha_t/sigma_t)

    Args:
        x_t: state at t, any shape.
        eps: estimate of the unit noise at t, broadcasts against x_t.
        z: fresh unit noise, broadcasts against x_t.
        alpha_s: signal scale at s, > 0, broadcasts against x_t.
        sigma_s: noise scale at s, > 0, with sigma_s/alpha_s < sigma_t/alpha_t, broadcasts against x_t. Towards sigma_s = 0 all
            of x_t's noise is replaced by fresh noise of the same scale: nothing is denoised.
        alpha_t: signal scale at t, > 0, broadcasts against x_t.
        sigma_t: noise scale at t, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 4 ulp of
        alpha_s/alpha_t*(abs(x_t) + 2*sigma_t*abs(eps) + sigma_t*abs(z)/sqrt(1 - (sigma_s*alpha_t/(alpha_s*sigma_t))**2)).

    Order:
        1, mean and covariance alike.

    Source:
        Lu et al. 2022, arXiv:2206.00927v3, noise prediction, and its released code in diffusers, sde-dpmsolver of order 1.
    """
    xp, grown = namespace(x_t, eps, z, alpha_s, sigma_s, alpha_t, sigma_t), alpha_s / alpha_t * sigma_t
    return alpha_s / alpha_t * x_t - 2 * (grown - sigma_s) * eps + xp.sqrt((grown - sigma_s) * (grown + sigma_s)) * z


def dpmpp_2m_sde_step(x_t, x_0s, z, eta, alphas, sigmas):
    """x_s by DPM-Solver++(2M) SDE, midpoint: the data extrapolated to the middle of the step and held.

    Formula:
        sigmas[2]/sigmas[1]*exp(-eta*h)*x_t + alphas[2]*(1 - exp(-h - eta*h))*(x_0s[1] + h/(2*h_u)*(x_0s[1] - x_0s[0]))
        + sigmas[2]*sqrt(1 - exp(-2*eta*h))*z
        where h = log(alphas[2]/sigmas[2]) - log(alphas[1]/sigmas[1])
        where h_u = log(alphas[1]/sigmas[1]) - log(alphas[0]/sigmas[0])

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at u and t, u > t being the level before, shape (2, ...).
        z: fresh unit noise, broadcasts against x_t; without effect at eta = 0.
        eta: noise_strength**2, >= 0: 0 is DPM-Solver++(2M), 1 diffusers' sde-dpmsolver++. Not DDIM's eta in between.
        alphas: signal scales at u, t and s, > 0, shape (3,).
        sigmas: noise scales at u, t and s, > 0, shape (3,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 3 ulp of (1 + eta)*(sigmas[2]/sigmas[1]*abs(x_t)
        + alphas[2]*(1 + h/h_u)**2*(abs(x_0s[1]) + abs(x_0s[0])) + sigmas[2]*(1 + 1/sqrt(h))*abs(z))
        where h = log(alphas[2]/alphas[1]*(sigmas[1]/sigmas[2]))
        where h_u = log(alphas[1]/alphas[0]*(sigmas[0]/sigmas[1])).

    Order:
        2 at eta = 0. With noise mean and covariance of Gaussian data come out to weak order 2.

    Source:
        Crowson 2023, code of k-diffusion's sample_dpmpp_2m_sde, midpoint; Lu et al. 2022, arXiv:2211.01095v3, and its
        released code in diffusers, sde-dpmsolver++ of order 2, for eta = 1.
    """
    back, h = _lengths(alphas, sigmas)
    middle = x_0s[1, ...] + h / (2 * back) * (x_0s[1, ...] - x_0s[0, ...])
    return _held(x_t, middle, z, eta, alphas, sigmas)


def dpmpp_2m_sde_heun_step(x_t, x_0s, z, eta, alphas, sigmas):
    """x_s by DPM-Solver++(2M) SDE, heun: the data on the line through both estimates, the SDE solved exactly for it.

    Formula:
        sigmas[2]/sigmas[1]*exp(-eta*h)*x_t + alphas[2]*(1 - exp(-decay))*x_0s[1]
        + alphas[2]*(1 - (1 - exp(-decay))/decay)*h/h_u*(x_0s[1] - x_0s[0]) + sigmas[2]*sqrt(1 - exp(-2*eta*h))*z
        where decay = h + eta*h
        where h = log(alphas[2]/sigmas[2]) - log(alphas[1]/sigmas[1])
        where h_u = log(alphas[1]/sigmas[1]) - log(alphas[0]/sigmas[0])

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at u and t, u > t being the level before, shape (2, ...).
        z: fresh unit noise, broadcasts against x_t; without effect at eta = 0.
        eta: noise_strength**2, >= 0: 1 is diffusers' sde-dpmsolver++, heun. Not DDIM's eta in between.
        alphas: signal scales at u, t and s, > 0, shape (3,).
        sigmas: noise scales at u, t and s, > 0, shape (3,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 4 ulp of (1 + eta)*(sigmas[2]/sigmas[1]*abs(x_t)
        + alphas[2]*(1 + h/h_u)**2*(abs(x_0s[1]) + abs(x_0s[0])) + sigmas[2]*(1 + 1/sqrt(h))*abs(z))
        where h = log(alphas[2]/alphas[1]*(sigmas[1]/sigmas[2]))
        where h_u = log(alphas[1]/alphas[0]*(sigmas[0]/sigmas[1])).

    Order:
        2 at eta = 0. With noise mean and covariance of Gaussian data come out to weak order 2.

    Source:
        Crowson 2023, code of k-diffusion's sample_dpmpp_2m_sde, heun, which is no Heun's method: the estimates are two levels'.
        As SA-Solver's two-step predictor in Xue et al. 2023, arXiv:2309.05019v3, Algorithm 1, with tau**2 written eta.
    """
    back, h = _lengths(alphas, sigmas)
    slope = (x_0s[1, ...] - x_0s[0, ...]) * (h / back)
    return _held(x_t, x_0s[1, ...], z, eta, alphas, sigmas) + alphas[2] * _moments((1 + eta) * h)[0] * slope


def dpmpp_3m_sde_step(x_t, x_0s, z, eta, alphas, sigmas):
    """x_s by DPM-Solver++(3M) SDE: the data on the parabola through three estimates, the SDE solved exactly for it.

    Formula:
        sigmas[3]/sigmas[2]*exp(-eta*h)*x_t + alphas[3]*(1 - exp(-decay))*x_0s[2] + alphas[3]*(phi_2*d_1 - 2*phi_3*d_2)
        + sigmas[3]*sqrt(1 - exp(-2*eta*h))*z
        where phi_3 = phi_2/decay - 1/2
        where phi_2 = (exp(-decay) - 1)/decay + 1
        where decay = h*(1 + eta)
        where d_1 = late + (late - early)*h_t/(h_t + h_u)
        where d_2 = (late - early)*h/(h_t + h_u)
        where late = h*(x_0s[2] - x_0s[1])/h_t
        where early = h*(x_0s[1] - x_0s[0])/h_u
        where h = log(alphas[3]/sigmas[3]) - log(alphas[2]/sigmas[2])
        where h_t = log(alphas[2]/sigmas[2]) - log(alphas[1]/sigmas[1])
        where h_u = log(alphas[1]/sigmas[1]) - log(alphas[0]/sigmas[0])

    The released code has phi_3*d_2 in place of 2*phi_3*d_2, dpmpp_3m_sde_released_step: d_2 is half of the second derivative.

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at the two levels before t and at t, shape (3, ...).
        z: fresh unit noise, broadcasts against x_t; without effect at eta = 0.
        eta: noise_strength**2, >= 0.
        alphas: signal scales at the two levels before t, at t and at s, > 0, shape (4,).
        sigmas: noise scales at the same levels, > 0, shape (4,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 3.5 ulp of (1 + eta)*(sigmas[3]/sigmas[2]*abs(x_t)
        + alphas[3]*(1 + h/h_t + h/h_u)**3*(abs(x_0s[2]) + abs(x_0s[1]) + abs(x_0s[0])) + sigmas[3]*(1 + 1/sqrt(h))*abs(z))
        where h = log(alphas[3]/alphas[2]*(sigmas[2]/sigmas[3]))
        where h_t = log(alphas[2]/alphas[1]*(sigmas[1]/sigmas[2]))
        where h_u = log(alphas[1]/alphas[0]*(sigmas[0]/sigmas[1])).

    Order:
        3 at eta = 0, where the released coefficient leaves order 2. With noise mean and covariance of Gaussian data come out to
        weak order 2, with either coefficient.

    Source:
        Crowson 2023, code of k-diffusion's sample_dpmpp_3m_sde, with the factor 2 of the integral of a parabola; the released
        one, and diffusers' sde-dpmsolver++ of order 3, are known mistakes of this formula.
    """
    early, late, h = _lengths(alphas, sigmas)
    slope = (x_0s[2, ...] - x_0s[1, ...]) * (h / late)
    bend = (slope - (x_0s[1, ...] - x_0s[0, ...]) * (h / early)) / (late + early)
    mean, square = _moments((1 + eta) * h)
    curved = mean * (slope + late * bend) + square * (h * bend)
    return _held(x_t, x_0s[2, ...], z, eta, alphas, sigmas) + alphas[3] * curved


def dpmpp_3m_sde_released_step(x_t, x_0s, z, eta, alphas, sigmas):
    """x_s by the released DPM-Solver++(3M) SDE, which takes half the second derivative: a method of second order.

    Formula:
        sigmas[3]/sigmas[2]*exp(-eta*h)*x_t + alphas[3]*(1 - exp(-decay))*x_0s[2] + alphas[3]*(phi_2*d_1 - phi_3*d_2)
        + sigmas[3]*sqrt(1 - exp(-2*eta*h))*z
        where phi_3 = phi_2/decay - 1/2
        where phi_2 = (exp(-decay) - 1)/decay + 1
        where decay = h*(1 + eta)
        where d_1 = late + (late - early)*h_t/(h_t + h_u)
        where d_2 = (late - early)*h/(h_t + h_u)
        where late = h*(x_0s[2] - x_0s[1])/h_t
        where early = h*(x_0s[1] - x_0s[0])/h_u
        where h = log(alphas[3]/sigmas[3]) - log(alphas[2]/sigmas[2])
        where h_t = log(alphas[2]/sigmas[2]) - log(alphas[1]/sigmas[1])
        where h_u = log(alphas[1]/sigmas[1]) - log(alphas[0]/sigmas[0])

    The SDE solved exactly for data that have the value and the slope of the parabola through the estimates, but half its bend.

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at the two levels before t and at t, shape (3, ...).
        z: fresh unit noise, broadcasts against x_t; without effect at eta = 0.
        eta: noise_strength**2, >= 0: 0 is dpmpp_3m_released_step.
        alphas: signal scales at the two levels before t, at t and at s, > 0, shape (4,).
        sigmas: noise scales at the same levels, > 0, shape (4,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 3.5 ulp of (1 + eta)*(sigmas[3]/sigmas[2]*abs(x_t)
        + alphas[3]*(1 + h/h_t + h/h_u)**3*(abs(x_0s[2]) + abs(x_0s[1]) + abs(x_0s[0])) + sigmas[3]*(1 + 1/sqrt(h))*abs(z))
        where h = log(alphas[3]/alphas[2]*(sigmas[2]/sigmas[3]))
        where h_t = log(alphas[2]/alphas[1]*(sigmas[1]/sigmas[2]))
        where h_u = log(alphas[1]/alphas[0]*(sigmas[0]/sigmas[1])).

    Order:
        2 at eta = 0. A step from exact estimates is off by alpha_s*(1 + eta)*h**3/12 times the data's second derivative in
        half_logsnr, to leading order; twice its d_2, as in dpmpp_3m_sde_step, makes that vanish. With noise mean and covariance
        of Gaussian data come out to weak order 2, with either.

    Source:
        Crowson 2023, code of k-diffusion's sample_dpmpp_3m_sde. Half the second derivative is also what Lu et al. 2022,
        arXiv:2211.01095v3, code, multistep_dpm_solver_third_update, takes without fresh noise.
    """
    early, late, h = _lengths(alphas, sigmas)
    slope = (x_0s[2, ...] - x_0s[1, ...]) * (h / late)
    bend = (slope - (x_0s[1, ...] - x_0s[0, ...]) * (h / early)) / (late + early)
    mean, square = _moments((1 + eta) * h)
    curved = mean * (slope + late * bend) + square * (h * bend) / 2
    return _held(x_t, x_0s[2, ...], z, eta, alphas, sigmas) + alphas[3] * curved


def dpm_solver_2m_sde_step(x_t, epsilons, z, alphas, sigmas):
    """x_s by SDE-DPM-Solver(2M), midpoint: the unit noise extrapolated to the middle of the step and held.

    Formula:
        alphas[2]/alphas[1]*x_t - 2*sigmas[2]*(exp(h) - 1)*(epsilons[1] + h/(2*h_u)*(epsilons[1] - epsilons[0]))
        + sigmas[2]*sqrt(exp(2*h) - 1)*z
        where h = log(alphas[2]/sigmas[2]) - log(alphas[1]/sigmas[1])
        where h_u = log(alphas[1]/sigmas[1]) - log(alphas[0]/sigmas[0])

    Args:
        x_t: state at t, any shape.
        epsilons: estimates of the unit noise at u and t, u > t being the level before, shape (2, ...).
        z: fresh unit noise, broadcasts against x_t.
        alphas: signal scales at u, t and s, > 0, shape (3,).
        sigmas: noise scales at u, t and s, > 0, shape (3,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 2.5 ulp of alphas[2]/alphas[1]*(abs(x_t)
        + 2*sigmas[1]*(1 + h/h_u)*(1 + 1/h_u)*(abs(epsilons[1]) + abs(epsilons[0])) + sigmas[1]*(1 + 1/sqrt(h))*abs(z))
        where h = log(alphas[2]/alphas[1]*(sigmas[1]/sigmas[2]))
        where h_u = log(alphas[1]/alphas[0]*(sigmas[0]/sigmas[1])).

    Order:
        2, mean and covariance of Gaussian data alike.

    Source:
        Lu et al. 2022, arXiv:2206.00927v3, noise prediction, and its released code in diffusers, sde-dpmsolver of order 2.
    """
    back, h = _lengths(alphas, sigmas)
    middle = epsilons[1, ...] + h / (2 * back) * (epsilons[1, ...] - epsilons[0, ...])
    return dpm_solver_sde_1_step(x_t, middle, z, alphas[2], sigmas[2], alphas[1], sigmas[1])


def dpmpp_sde_step(x_t, x_0s, z, eta, alphas, sigmas):
    """x_s by k-diffusion's DPM++ SDE: an ancestral step with the data on the line through two estimates, at its middle.

    Formula:
        alphas[2]*x_0 + down/sigmas[0]*(x_t - alphas[0]*x_0) + up*z
        where down = sqrt(sigmas[2]**2 - up**2)
        where up = eta*sqrt(sigmas[2]**2*(1 - (sigmas[2]*alphas[0]/(alphas[2]*sigmas[0]))**2))
        where x_0 = (1 - 1/(2*r))*x_0s[0] + 1/(2*r)*x_0s[1]
        where r = (log(alphas[1]/sigmas[1]) - log(alphas[0]/sigmas[0]))/(log(alphas[2]/sigmas[2]) - log(alphas[0]/sigmas[0]))

    The state at u is an ancestral step too, with a noise of its own. For data that are held each of the two steps has the law of
    the reverse-time process at eta = 1, and keeps the marginals at every eta; what is not that process's law is that of both
    together. Its noises at u and s have the correlation sigma_s/sigma_u*sqrt((sigma_t**2 - sigma_u**2)/(sigma_t**2 - sigma_s**2))
    where alpha = 1; released code draws them from one Brownian motion over sigma, with the correlation
    sqrt((sigma_t - sigma_u)/(sigma_t - sigma_s)), which comes to the same only in the limit of short steps.

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at t and, of a state there, at u between t and s, shape (2, ...).
        z: unit noise of the whole step, broadcasts against x_t; without effect at eta = 0.
        eta: DDIM's share of DDPM's noise, in [0, 1]: the scale's share, not noise_strength**2.
        alphas: signal scales at t, u and s, > 0, shape (3,).
        sigmas: noise scales at t, u and s, > 0, shape (3,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 4.5 ulp of sigmas[2]/sigmas[0]*abs(x_t)
        + alphas[2]*(1 + h/h_u)*(1 + 1/h_u)*(abs(x_0s[1]) + abs(x_0s[0])) + sigmas[2]*(1 + 1/sqrt(h))*abs(z)
        where h = log(alphas[2]/alphas[0]*(sigmas[0]/sigmas[2]))
        where h_u = log(alphas[1]/alphas[0]*(sigmas[0]/sigmas[1])).

    Order:
        2 at eta = 0. With noise the marginals of Gaussian data come out to weak order 2 where both noises are drawn as released
        code draws them, and to weak order 1 where they are independent.

    Source:
        Crowson 2022, code of k-diffusion's sample_dpmpp_sde, with its r from the levels; crowsonkb/k-diffusion issue 59 says that
        it is not exactly a solver of the reverse-time process.
    """
    start, rest = _lengths(alphas, sigmas)
    middle = x_0s[0, ...] + (start + rest) / (2 * start) * (x_0s[1, ...] - x_0s[0, ...])
    return _ancestral(x_t, middle, z, eta, alphas[2], sigmas[2], alphas[0], sigmas[0])


def sa_predictor_step(x_t, x_0s, z, noise_strength, alphas, sigmas):
    """x_s by SA-Solver's three-step predictor: the data on the parabola through three estimates, the SDE solved exactly for it.

    Formula:
        sigmas[3]/sigmas[2]*exp(-noise_strength**2*h)*x_t + alphas[3]*(x_0s[2]*w_0 + x_0s[1]*w_1 + x_0s[0]*w_2)
        + sigmas[3]*sqrt(1 - exp(-2*noise_strength**2*h))*z
        where w_0 = (m_2 + (h_t + h_t + h_u)*m_1 + h_t*(h_t + h_u)*m_0)/(h_t*(h_t + h_u))
        where w_1 = -(m_2 + (h_t + h_u)*m_1)/(h_t*h_u)
        where w_2 = (m_2 + h_t*m_1)/(h_u*(h_t + h_u))
        where m_2 = h**2 - 2*m_1/(1 + noise_strength**2)
        where m_1 = h - m_0/(1 + noise_strength**2)
        where m_0 = 1 - exp(-(1 + noise_strength**2)*h)
        where h = log(alphas[3]/sigmas[3]) - log(alphas[2]/sigmas[2])
        where h_t = log(alphas[2]/sigmas[2]) - log(alphas[1]/sigmas[1])
        where h_u = log(alphas[1]/sigmas[1]) - log(alphas[0]/sigmas[0])

    It is dpmpp_3m_sde_step with eta = noise_strength**2; of two estimates it is dpmpp_2m_sde_heun_step, to which released code
    adds a term of third order.

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at the two levels before t and at t, shape (3, ...).
        z: fresh unit noise, broadcasts against x_t; without effect at noise_strength = 0.
        noise_strength: the paper's tau, the same all the way, >= 0.
        alphas: signal scales at the two levels before t, at t and at s, > 0, shape (4,).
        sigmas: noise scales at the same levels, > 0, shape (4,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 3.5 ulp of (1 + noise_strength**2)*(sigmas[3]/sigmas[2]*abs(x_t)
        + alphas[3]*(1 + h/h_t + h/h_u)**3*(abs(x_0s[2]) + abs(x_0s[1]) + abs(x_0s[0])) + sigmas[3]*(1 + 1/sqrt(h))*abs(z))
        where h = log(alphas[3]/alphas[2]*(sigmas[2]/sigmas[3]))
        where h_t = log(alphas[2]/alphas[1]*(sigmas[1]/sigmas[2]))
        where h_u = log(alphas[1]/alphas[0]*(sigmas[0]/sigmas[1])).

    Order:
        3 at noise_strength = 0. With noise weak order 2.

    Source:
        Xue et al. 2023, arXiv:2309.05019v3, Algorithm 1, data prediction, its two times of a step written t and s.
    """
    return dpmpp_3m_sde_step(x_t, x_0s, z, noise_strength**2, alphas, sigmas)


def sa_corrector_step(x_t, x_0s, z, noise_strength, alphas, sigmas):
    """x_s by SA-Solver's two-step corrector: the data on the parabola through estimates at u, t and s, the last a prediction's.

    Formula:
        sigmas[2]/sigmas[1]*exp(-noise_strength**2*h)*x_t + alphas[2]*(x_0s[2]*w_0 + x_0s[1]*w_1 + x_0s[0]*w_2)
        + sigmas[2]*sqrt(1 - exp(-2*noise_strength**2*h))*z
        where w_0 = (m_2 + h_u*m_1)/(h*(h + h_u))
        where w_1 = -(m_2 + (h_u - h)*m_1 - h*h_u*m_0)/(h*h_u)
        where w_2 = (m_2 - h*m_1)/(h_u*(h + h_u))
        where m_2 = h**2 - 2*m_1/(1 + noise_strength**2)
        where m_1 = h - m_0/(1 + noise_strength**2)
        where m_0 = 1 - exp(-(1 + noise_strength**2)*h)
        where h = log(alphas[2]/sigmas[2]) - log(alphas[1]/sigmas[1])
        where h_u = log(alphas[1]/sigmas[1]) - log(alphas[0]/sigmas[0])

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at u, at t and, of the predictor's state, at s, shape (3, ...).
        z: the predictor's unit noise of this step, broadcasts against x_t; without effect at noise_strength = 0.
        noise_strength: the paper's tau, the same all the way, >= 0.
        alphas: signal scales at u, t and s, > 0, shape (3,).
        sigmas: noise scales at u, t and s, > 0, shape (3,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 4 ulp of (1 + noise_strength**2)*(sigmas[2]/sigmas[1]*abs(x_t)
        + alphas[2]*(1 + h/h_u)**2*(abs(x_0s[2]) + abs(x_0s[1]) + abs(x_0s[0])) + sigmas[2]*(1 + 1/sqrt(h))*abs(z))
        where h = log(alphas[2]/alphas[1]*(sigmas[1]/sigmas[2]))
        where h_u = log(alphas[1]/alphas[0]*(sigmas[0]/sigmas[1])).

    Order:
        3 at noise_strength = 0.

    Source:
        Xue et al. 2023, arXiv:2309.05019v3, Algorithm 1, data prediction. Of the estimates at t and s alone released code adds a
        term of third order.
    """
    back, h = _lengths(alphas, sigmas)
    slope = x_0s[2, ...] - x_0s[1, ...]
    bend = (slope - (x_0s[1, ...] - x_0s[0, ...]) * (h / back)) / (h + back)
    mean, square = _moments((1 + noise_strength**2) * h)
    curved = mean * (slope - h * bend) + square * (h * bend)
    return _held(x_t, x_0s[1, ...], z, noise_strength**2, alphas, sigmas) + alphas[2] * curved


def dpmpp_sde_1_path(denoiser_at_level, x_T, z, alphas, sigmas):
    """States of SDE-DPM-Solver++(1): DDPM's ancestral sampler for levels of any process.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: unit noise of each step, shape (n, B, d); without effect in a step to sigma = 0.
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 170 ulp of (1 + (alphas[-2]/sigmas[-2])**2)*max(abs(value)), for up to 10
        steps on data of unit size. A step to sigma = 0 gives the denoised data.

    Order:
        1, weakly; the mean of x_s given x_T is exact whatever the data's law.

    Source:
        Lu et al. 2022, arXiv:2211.01095v3, data prediction, and its released code in diffusers, sde-dpmsolver++ of order 1.
    """

    def move(i, x_t):
        x_0 = denoiser_at_level(x_t, alphas[i], sigmas[i])
        if sigmas[i + 1] == 0:
            return alphas[i + 1] * x_0
        return dpmpp_sde_1_step(x_t, x_0, z[i, ...], alphas[i + 1], sigmas[i + 1], alphas[i], sigmas[i])

    return _run(move, x_T, sigmas)


def dpm_solver_sde_1_path(denoiser_at_level, x_T, z, alphas, sigmas):
    """States of SDE-DPM-Solver-1, which holds the unit noise.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: unit noise of each step, shape (n, B, d); without effect in a step to sigma = 0.
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 47 ulp of (1 + (alphas[-2]/sigmas[-2])**2)*max(abs(value)), for up to 10
        steps on data of unit size. A step to sigma = 0 gives the denoised data; that is a convention, as released code
        refuses such steps: the cases end with noise.

    Order:
        1, weakly.

    Source:
        Lu et al. 2022, arXiv:2206.00927v3, noise prediction, and its released code in diffusers, sde-dpmsolver of order 1.
    """

    def move(i, x_t):
        x_0 = denoiser_at_level(x_t, alphas[i], sigmas[i])
        if sigmas[i + 1] == 0:
            return alphas[i + 1] * x_0
        eps = eps_from_x_0(x_t, x_0, alphas[i], sigmas[i])
        return dpm_solver_sde_1_step(x_t, eps, z[i, ...], alphas[i + 1], sigmas[i + 1], alphas[i], sigmas[i])

    return _run(move, x_T, sigmas)


def dpmpp_2m_sde_path(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """States of DPM-Solver++(2M) SDE, midpoint.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: unit noise of each step, shape (n, B, d); without effect at eta = 0 and in a step to sigma = 0.
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        eta: noise_strength**2, >= 0: 0 is DPM-Solver++(2M), 1 diffusers' sde-dpmsolver++.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 180 ulp of (1 + (alphas[-2]/sigmas[-2])**2)*max(abs(value)), for up to 10
        steps on data of unit size. The first step holds the data, and so does one to sigma = 0, which denoises.

    Order:
        2 at eta = 0; with noise mean and covariance of Gaussian data come out to weak order 2, where the last level has noise.

    Source:
        Crowson 2023, code of k-diffusion's sample_dpmpp_2m_sde, midpoint.
    """
    return _remembering((_first, dpmpp_2m_sde_step), denoiser_at_level, x_T, z, eta, alphas, sigmas)


def dpmpp_2m_sde_heun_path(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """States of DPM-Solver++(2M) SDE, heun.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: unit noise of each step, shape (n, B, d); without effect at eta = 0 and in a step to sigma = 0.
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        eta: noise_strength**2, >= 0: 1 is diffusers' sde-dpmsolver++, heun.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 2000 ulp of (1 + (alphas[-2]/sigmas[-2])**2)*max(abs(value)), for up to 10
        steps on data of unit size. The first step holds the data, and so does one to sigma = 0, which denoises.

    Order:
        2 at eta = 0; with noise mean and covariance of Gaussian data come out to weak order 2, where the last level has noise.

    Source:
        Crowson 2023, code of k-diffusion's sample_dpmpp_2m_sde, heun.
    """
    return _remembering((_first, dpmpp_2m_sde_heun_step), denoiser_at_level, x_T, z, eta, alphas, sigmas)


def dpmpp_3m_sde_path(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """States of DPM-Solver++(3M) SDE, with the right coefficient of the parabola.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: unit noise of each step, shape (n, B, d); without effect at eta = 0 and in a step to sigma = 0.
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        eta: noise_strength**2, >= 0.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 12000 ulp of (1 + (alphas[-2]/sigmas[-2])**2)*max(abs(value)), for up to 10
        steps on data of unit size. The first step holds the data, and so does one to sigma = 0, which denoises; the second is
        dpmpp_2m_sde_heun_step.

    Order:
        2: its first step leaves an error of the second power of its length. From two exact steps it is of order 3 at eta = 0,
        the released one of order 2. With noise mean and covariance of Gaussian data come out to weak order 2.

    Source:
        Crowson 2023, code of k-diffusion's sample_dpmpp_3m_sde, with the factor 2 that it lacks: see dpmpp_3m_sde_step.
    """
    steps = _first, dpmpp_2m_sde_heun_step, dpmpp_3m_sde_step
    return _remembering(steps, denoiser_at_level, x_T, z, eta, alphas, sigmas)


def dpmpp_3m_sde_released_path(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """States of DPM-Solver++(3M) SDE as released, whose parabola counts half.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: unit noise of each step, shape (n, B, d); without effect at eta = 0 and in a step to sigma = 0.
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        eta: noise_strength**2, >= 0.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 1100 ulp of (1 + (alphas[-2]/sigmas[-2])**2)*max(abs(value)), for up to
        10 steps on data of unit size. The first step holds the data, and so does one to sigma = 0, which denoises; the second is
        dpmpp_2m_sde_heun_step, all others are dpmpp_3m_sde_released_step.

    Order:
        2 at eta = 0, from exact steps too; with noise mean and covariance of Gaussian data come out to weak order 2, where the
        last level has noise.

    Source:
        Crowson 2023, code of k-diffusion's sample_dpmpp_3m_sde.
    """
    steps = _first, dpmpp_2m_sde_heun_step, dpmpp_3m_sde_released_step
    return _remembering(steps, denoiser_at_level, x_T, z, eta, alphas, sigmas)


def dpm_solver_2m_sde_path(denoiser_at_level, x_T, z, alphas, sigmas):
    """States of SDE-DPM-Solver(2M), midpoint.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: unit noise of each step, shape (n, B, d); without effect in a step to sigma = 0.
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 30 ulp of (1 + (alphas[-2]/sigmas[-2])**2)*max(abs(value)), for up to 10
        steps on data of unit size. The first step is dpm_solver_sde_1_step. A step to sigma = 0 gives the denoised data; that
        is a convention, as released code refuses such steps: the cases end with noise.

    Order:
        2, weakly, where the last level has noise.

    Source:
        Lu et al. 2022, arXiv:2206.00927v3, noise prediction, and its released code in diffusers, sde-dpmsolver of order 2 without
        lower_order_final.
    """
    xp, epsilons = namespace(x_T, z, alphas, sigmas), []

    def move(i, x_t):
        x_0, noise = denoiser_at_level(x_t, alphas[i], sigmas[i]), z[i, ...]
        epsilons.append(eps_from_x_0(x_t, x_0, alphas[i], sigmas[i]))
        if sigmas[i + 1] == 0:
            return alphas[i + 1] * x_0
        if i == 0:
            return dpm_solver_sde_1_step(x_t, epsilons[i], noise, alphas[i + 1], sigmas[i + 1], alphas[i], sigmas[i])
        return dpm_solver_2m_sde_step(x_t, xp.stack(epsilons[-2:]), noise, alphas[i - 1 : i + 2], sigmas[i - 1 : i + 2])

    return _run(move, x_T, sigmas)


def dpmpp_sde_path(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """States of k-diffusion's DPM++ SDE, which asks the denoiser twice a step: at its start and at its middle in half_logsnr.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: unit noises, two of each step, to its middle and over all of it, shape (2*n, B, d); without effect at eta = 0 and in a
            step to sigma = 0. Their law is the caller's: dpmpp_sde_step tells what released code draws.
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        eta: DDIM's share of DDPM's noise, in [0, 1].

    Returns:
        Shape (n + 1, B, d), x_T first; the states at the middles are left out. Error at most 16 ulp of (1 +
        (alphas[-2]/sigmas[-2])**2)*max(abs(value)), for up to 10 steps on data of unit size. A step to sigma = 0 gives the
        denoised data.

    Order:
        2 at eta = 0, where the last level has noise. With noise the marginals of Gaussian data come out to weak order 2 where
        the noises are drawn as released code draws them, and to weak order 1 where they are independent.

    Source:
        Crowson 2022, code of k-diffusion's sample_dpmpp_sde, r = 1/2; crowsonkb/k-diffusion issue 59.
    """
    xp = namespace(x_T, z, alphas, sigmas)

    def move(i, x_t):
        x_0 = denoiser_at_level(x_t, alphas[i], sigmas[i])
        if sigmas[i + 1] == 0:
            return alphas[i + 1] * x_0
        inner = xp.sqrt(alphas[i] * alphas[i + 1]), xp.sqrt(sigmas[i] * sigmas[i + 1])
        x_u = _ancestral(x_t, x_0, z[2 * i, ...], eta, *inner, alphas[i], sigmas[i])
        levels = (xp.stack([scale[i], middle, scale[i + 1]]) for scale, middle in zip((alphas, sigmas), inner, strict=True))
        return dpmpp_sde_step(x_t, xp.stack([x_0, denoiser_at_level(x_u, *inner)]), z[2 * i + 1, ...], eta, *levels)

    return _run(move, x_T, sigmas)


def reverse_euler_maruyama_vp_path(denoiser_at_level, x_T, z, sde_times, beta_rate_min, beta_rate_max):
    """States of the Euler-Maruyama method for the reverse-time process that preserves variance.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first time, shape (B, d).
        z: unit noise of each step, shape (n, B, d), the last step's too. Released code gives the last state's mean where it
            denoises at the end; that is a convention: the cases' last noise is 0, where both agree.
        sde_times: falling times of the process, 1 is noise, > 0 but for the last, shape (n + 1,).
        beta_rate_min: beta(0), > 0.
        beta_rate_max: beta(1), > beta_rate_min.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 98 ulp of max(abs(value)), for up to 10 steps on data of unit size, the
        last of them from a time of at least 1/5.

    Order:
        1, weakly.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (6), section 4.1 and Appendix C.
    """

    def move(i, x_t):
        here = sde_times[i], beta_rate_min, beta_rate_max
        power, diffusion = vp_log_alpha_bar(*here), vp_diffusion(*here)
        scales = alpha(power), sigma(power)
        score = score_from_x_0(x_t, denoiser_at_level(x_t, *scales), *scales)
        drift = reverse_sde_drift(x_t, score, vp_drift_rate(*here), diffusion)
        return reverse_euler_maruyama_step(x_t, drift, z[i, ...], diffusion, sde_times[i] - sde_times[i + 1])

    return _run(move, x_T, sde_times)


def reverse_euler_maruyama_ve_path(denoiser_at_level, x_T, z, sde_times, sigma_min, sigma_max):
    """States of the Euler-Maruyama method for the reverse-time process whose variance explodes.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t, asked with alpha_t = 1.
        x_T: state at the first time, shape (B, d).
        z: unit noise of each step, shape (n, B, d), the last step's too. Released code gives the last state's mean where it
            denoises at the end; that is a convention: the cases' last noise is 0, where both agree.
        sde_times: falling times of the process, 1 is noise, >= 0, shape (n + 1,).
        sigma_min: noise scale at time 0, > 0.
        sigma_max: noise scale at time 1, > sigma_min.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 240 ulp of max(abs(value)), for up to 10 steps on data of unit size, the
        last of them from a time of at least 1/5.

    Order:
        1, weakly.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Eq. (6), section 4.1 and Appendix C.
    """

    def move(i, x_t):
        here = sde_times[i], sigma_min, sigma_max
        scale, diffusion = ve_sigma(*here), ve_diffusion(*here)
        score = score_from_x_0(x_t, denoiser_at_level(x_t, 1, scale), 1, scale)
        drift = reverse_sde_drift(x_t, score, 0, diffusion)
        return reverse_euler_maruyama_step(x_t, drift, z[i, ...], diffusion, sde_times[i] - sde_times[i + 1])

    return _run(move, x_T, sde_times)


def _corrected(x_t, score, z, corrector_snr, kept):
    """State after one step of the Langevin corrector, its step size `kept` times that of the variance-exploding process."""
    step_size = kept * corrector_step_size(score, z, corrector_snr)
    return langevin_step(x_t, score, z, 2 * step_size[:, None])


def predictor_corrector_ve_path(denoiser_at_level, x_T, z, sigmas, corrector_snr):
    """States of the predictor-corrector sampler of the variance-exploding process.

    At each level one step of the Langevin corrector, then the reverse-diffusion predictor to the next, as in released code; the
    paper's algorithms correct after they predict.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t, asked with alpha_t = 1.
        x_T: state at the first level, shape (B, d).
        z: unit noises, two of each step, the corrector's and the predictor's, shape (2*n, B, d). Released code leaves the last
            out where it denoises at the end; that is a convention: the cases' last noise is 0, where both agree.
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        corrector_snr: r, ratio of the corrector's drift to its noise, > 0; 0.16 in released code.

    Returns:
        Shape (n + 1, B, d), x_T first. The corrector's norms are of each sample; the released code takes their means over the
        batch. That is a convention: the cases are batches of one sample. Error at most 20 ulp of (1 +
        1/sigmas[-2]**2)*max(abs(value)), for up to 10 steps on data of unit size.

    Order:
        0: at a fixed corrector_snr the corrector's bias does not fall with the steps' length.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Algorithms 2 and 4, and its released code.
    """

    def move(i, x_t):
        def score(state):
            return score_from_x_0(state, denoiser_at_level(state, 1, sigmas[i]), 1, sigmas[i])

        x_t = _corrected(x_t, score(x_t), z[2 * i, ...], corrector_snr, 1)
        return reverse_diffusion_step_ve(x_t, score(x_t), z[2 * i + 1, ...], sigmas[i + 1], sigmas[i])

    return _run(move, x_T, sigmas)


def predictor_corrector_vp_path(denoiser_at_level, x_T, z, alphas, sigmas, corrector_snr):
    """States of the predictor-corrector sampler of the process that preserves variance.

    At each level one step of the Langevin corrector, then the reverse-diffusion predictor to the next, as in released code; the
    paper's algorithms correct after they predict. Both steps take the beta of the step between the two levels, also
    where the sampler skips some of the process's own steps.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        z: unit noises, two of each step, the corrector's and the predictor's, shape (2*n, B, d). Released code leaves the last
            out where it denoises at the end; that is a convention: the cases' last noise is 0, where both agree.
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, sqrt(1 - alphas**2), > 0 but for the last, shape (n + 1,).
        corrector_snr: r, ratio of the corrector's drift to its noise, > 0; 0.16 in released code.

    Returns:
        Shape (n + 1, B, d), x_T first. The corrector's norms are of each sample; the released code takes their means over the
        batch. That is a convention: the cases are batches of one sample. Error at most 58 ulp of (1 +
        1/sigmas[-2]**2)*max(abs(value)), for up to 10 steps on data of unit size.

    Order:
        0: at a fixed corrector_snr the corrector's bias does not fall with the steps' length.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, Algorithms 3 and 5, with 1 - beta written as the ratio of the levels' signal powers,
        and its released code.
    """

    def move(i, x_t):
        def score(state):
            return score_from_x_0(state, denoiser_at_level(state, alphas[i], sigmas[i]), alphas[i], sigmas[i])

        ratio = alphas[i] / alphas[i + 1]
        beta = (1 - ratio) * (1 + ratio)
        x_t = _corrected(x_t, score(x_t), z[2 * i, ...], corrector_snr, 1 - beta)
        return reverse_diffusion_step_vp(x_t, score(x_t), z[2 * i + 1, ...], beta)

    return _run(move, x_T, sigmas)


def annealed_langevin_path(denoiser_at_level, x_T, z, sigmas, step_size):
    """States of annealed Langevin dynamics after each noise scale's steps.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t, asked with alpha_t = 1.
        x_T: state the dynamics start from, shape (B, d).
        z: unit noises, the same number k of steps at each scale, shape (k*n, B, d).
        sigmas: noise scales from noise to data, each with its k steps, > 0, shape (n,).
        step_size: step at the last scale, > 0: epsilon in the paper.

    Returns:
        Shape (n + 1, B, d), x_T first; the states within a scale are left out. Error at most 150 ulp of max(abs(value)), for up
        to 10 steps on data of unit size.

    Order:
        0: at a fixed step_size the dynamics' bias does not fall with the number of scales.

    Source:
        Song and Ermon 2019, arXiv:1907.05600v3, Algorithm 1, with L and T written n and k.
    """
    steps, states = z.shape[0] // sigmas.shape[0], [x_T]
    for i in range(sigmas.shape[0]):
        x_t, step = states[i], annealed_langevin_step_size(sigmas[i], sigmas[-1], step_size)
        for k in range(steps):
            score = score_from_x_0(x_t, denoiser_at_level(x_t, 1, sigmas[i]), 1, sigmas[i])
            x_t = langevin_step(x_t, score, z[steps * i + k, ...], step)
        states.append(x_t)
    return namespace(x_T, sigmas).stack(states)
