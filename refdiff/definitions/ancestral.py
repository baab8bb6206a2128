"""Ancestral steps from Bayes' rule, from the flow of frozen data and from the forward process's own noise; runs looped over them.

Where the signal keeps its scale the data's flow is solved in log(sigma), where the state decays towards the data as exp does.
"""

import numpy as np
from flint import acb, arb, arb_mat

from refdiff.definitions.entries import FAR, NEAR, entrywise, guarded
from refdiff.definitions.moments import condition

__all__ = [
    "ancestral_sigma_down", "ancestral_sigma_up", "consistency_path", "dpm2_ancestral_path", "dpm2_ancestral_step",
    "dpmpp_2s_ancestral_path", "dpmpp_2s_ancestral_step", "edm_stochastic_path", "euler_ancestral_flow_path",
    "euler_ancestral_flow_step", "euler_ancestral_path", "euler_ancestral_step", "lcm_c_out", "lcm_c_skip", "lcm_path",
    "lcm_step", "renoised_step", "restart_path", "tcd_path", "tcd_step",
]  # fmt: skip


def _integral(function, start, end):
    """Integral of a smooth function; nothing where the ends meet."""
    return arb(0) if (end - start).is_zero() else acb.integral(lambda u, _: function(u), start, end).real


def _split(eta, sigma_s, sigma_t):
    """Scales of the noise kept and of the fresh noise at s: the fresh is eta times that of x_s given x_t and x_0."""
    if sigma_s.is_zero():
        return arb(0), arb(0)
    shared = sigma_s * sigma_s
    fresh = eta * condition(arb(0), arb(0), shared, shared, sigma_t * sigma_t, arb(0))[1].sqrt()
    if fresh >= sigma_s:
        return arb(0), sigma_s
    return (shared - fresh * fresh).sqrt(), fresh


@entrywise(NEAR)
def ancestral_sigma_up(eta, sigma_s, sigma_t):
    """eta times the spread of x_s given x_t and x_0, by Bayes' rule."""
    return _split(eta, sigma_s, sigma_t)[1]


@entrywise(NEAR)
def ancestral_sigma_down(eta, sigma_s, sigma_t):
    """What is left of the variance at s when the fresh noise's is taken off."""
    return _split(eta, sigma_s, sigma_t)[0]


def _decayed(x, x_0, sigma_t, sigma_s):
    """Where the flow of frozen data leads: the distance to the data decays as fast as log(sigma) falls."""
    return x_0 if sigma_s.is_zero() else x_0 + (sigma_s.log() - sigma_t.log()).exp() * (x - x_0)


def _euler(x_t, x_0, z, eta, sigma_s, sigma_t):
    down, up = _split(eta, sigma_s, sigma_t)
    return _decayed(x_t, x_0, sigma_t, down) + up * z


@entrywise(NEAR)
def euler_ancestral_step(x_t, x_0, z, eta, sigma_s, sigma_t):
    """The flow of frozen data down, and fresh noise."""
    return _euler(x_t, x_0, z, eta, sigma_s, sigma_t)


def _moved(x, slope, start, end):
    """Along a straight line in sigma."""
    return x + _integral(lambda _: acb(1), start, end) * slope


def _midpoint(x_t, x_0, x_0_middle, z, eta, sigma_s, sigma_t):
    down, up = _split(eta, sigma_s, sigma_t)
    middle = ((sigma_t.log() + down.log()) / 2).exp()
    inner = _moved(x_t, (x_t - x_0) / sigma_t, sigma_t, middle)
    return _moved(x_t, (inner - x_0_middle) / middle, sigma_t, down) + up * z


@guarded(NEAR)
def dpm2_ancestral_step(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """The midpoint rule in sigma, its middle half way in log(sigma), and fresh noise."""
    return _midpoint(x_t, *x_0s, z, eta, sigma_s, sigma_t)


def _variation_of_constants(x_t, _, x_0_middle, z, eta, sigma_s, sigma_t):
    down, up = _split(eta, sigma_s, sigma_t)
    weight = _integral(lambda u: u.exp(), -sigma_t.log(), -down.log())
    return down * (x_t / sigma_t + weight * x_0_middle) + up * z


@guarded(NEAR)
def dpmpp_2s_ancestral_step(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """The middle's data under the integral of exp(-log(sigma)) that variation of constants gives, and fresh noise."""
    return _variation_of_constants(x_t, *x_0s, z, eta, sigma_s, sigma_t)


def _flow(x_t, x_0, z, eta, sigma_s, sigma_t):
    down = sigma_s - eta * (sigma_s / sigma_t) * (sigma_t - sigma_s)
    reached = x_t + (down - sigma_t) * ((x_t - (1 - sigma_t) * x_0) / sigma_t - x_0)
    # dx = -x/(1 - u) du + sqrt(2*u/(1 - u)) dw keeps the marginals; what w adds at u shrinks with the signal until s.
    added = _integral(lambda u: 2 * u / (1 - u) ** 3, down, sigma_s)
    return (1 - sigma_s) * (reached / (1 - down) + added.nonnegative_part().sqrt() * z)


@entrywise(NEAR)
def euler_ancestral_flow_step(x_t, x_0, z, eta, sigma_s, sigma_t):
    """Along the velocity for so long, then up by the linear process of the straight path, its noise integrated over time."""
    return _flow(x_t, x_0, z, eta, sigma_s, sigma_t)


def _renoised(x_t, x_0, z, t, r, s):
    """Down and up over levels (signal scale, noise scale), the forward process as a walk of x/alpha at r."""
    noise = (x_t - t[0] * x_0) / t[1]
    reached = r[0] * x_0 + r[1] * noise
    carried = s[0] / r[0] * reached
    return carried + _fresh(r, s) * z


def _fresh(r, s):
    """Root of the variance at s less that of what is carried over from r."""
    return (s[1] * s[1] - s[0] * s[0] * (r[1] * r[1]) / (r[0] * r[0])).nonnegative_part().sqrt()


@guarded(FAR)
def renoised_step(x_t, x_0, z, alphas, sigmas):
    """Through the noise in x_t and the state at r, both made."""
    return _renoised(x_t, x_0, z, *zip(alphas, sigmas, strict=True))


@entrywise(FAR)
def tcd_step(x_t, x_0, z, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t):
    """Through the noise in x_t and the state at r, both made; scales as the cosine and sine of one angle."""
    levels = []
    for log_power in (log_alpha_bar_t, log_alpha_bar_r, log_alpha_bar_s):
        angle = (log_power / 2).exp().acos() if not log_power.is_zero() else arb(0)
        levels.append((angle.cos(), angle.sin()))
    return _renoised(x_t, x_0, z, *levels)


def _angle(t_index, timestep_scaling, sigma_data):
    """Angle whose tangent is the scaled time over sigma_data."""
    return (timestep_scaling * t_index / sigma_data).atan()


@entrywise(NEAR)
def lcm_c_skip(t_index, timestep_scaling, sigma_data):
    """Square of the cosine."""
    return _angle(t_index, timestep_scaling, sigma_data).cos() ** 2


@entrywise(NEAR)
def lcm_c_out(t_index, timestep_scaling, sigma_data):
    """The sine."""
    return _angle(t_index, timestep_scaling, sigma_data).sin()


@entrywise(NEAR)
def lcm_step(x_0, z, alpha_s, sigma_s):
    """Inner product of scales and states."""
    return (arb_mat([[alpha_s, sigma_s]]) * arb_mat([[x_0], [z]]))[0, 0]


def _walked(move, x_T, sigmas):
    """States of move(i, state, sigma_t, sigma_s) from level to level."""
    states = [x_T]
    for i in range(len(sigmas) - 1):
        states.append(move(i, states[-1], sigmas[i], sigmas[i + 1]))
    return np.stack(states)


@guarded(NEAR)
def euler_ancestral_path(denoiser_at_level, x_T, z, sigmas, eta):
    """The step's definition from level to level."""

    def move(i, x, sigma_t, sigma_s):
        return _euler(x, denoiser_at_level(x, arb(1), sigma_t), z[i], eta, sigma_s, sigma_t)

    return _walked(move, x_T, sigmas)


def _two_staged(step, denoiser_at_level, x_T, z, sigmas, eta):
    def move(i, x, sigma_t, sigma_s):
        data, down = denoiser_at_level(x, arb(1), sigma_t), _split(eta, sigma_s, sigma_t)[0]
        if down.is_zero():
            return _euler(x, data, z[i], eta, sigma_s, sigma_t)
        middle = ((sigma_t.log() + down.log()) / 2).exp()
        inner = data + middle / sigma_t * (x - data)
        return step(x, data, denoiser_at_level(inner, arb(1), middle), z[i], eta, sigma_s, sigma_t)

    return _walked(move, x_T, sigmas)


@guarded(NEAR)
def dpm2_ancestral_path(denoiser_at_level, x_T, z, sigmas, eta):
    """The step's definition from level to level, its second data asked for half way in log(sigma)."""
    return _two_staged(_midpoint, denoiser_at_level, x_T, z, sigmas, eta)


@guarded(NEAR)
def dpmpp_2s_ancestral_path(denoiser_at_level, x_T, z, sigmas, eta):
    """The step's definition from level to level, its second data asked for half way in log(sigma)."""
    return _two_staged(_variation_of_constants, denoiser_at_level, x_T, z, sigmas, eta)


@guarded(NEAR)
def euler_ancestral_flow_path(denoiser_at_level, x_T, z, times, eta):
    """The step's definition from time to time."""

    def move(i, x, time_t, time_s):
        return _flow(x, denoiser_at_level(x, 1 - time_t, time_t), z[i], eta, time_s, time_t)

    return _walked(move, x_T, times)


def _heun(denoiser_at_level, x, sigma_t, sigma_s):
    """The mean of the slopes at both ends; where s has no noise, the data that the first slope leads to."""
    data = denoiser_at_level(x, arb(1), sigma_t)
    if sigma_s.is_zero():
        return data
    slope = (x - data) / sigma_t
    ahead = x + (sigma_s - sigma_t) * slope
    other = (ahead - denoiser_at_level(ahead, arb(1), sigma_s)) / sigma_s
    return x + (sigma_s - sigma_t) * (slope + other) / 2


def _noised(x, noise, sigma_low, sigma_high):
    """The random walk from scale to scale: its variance the integral of 2*sigma."""
    return x + _integral(lambda u: 2 * u, sigma_low, sigma_high).nonnegative_part().sqrt() * noise


@guarded(NEAR)
def edm_stochastic_path(denoiser_at_level, x_T, z, sigmas, S_churn, S_min, S_max, S_noise):
    """A random walk up by an equal part of the run's churn, where asked for, then the mean of two slopes."""
    n = len(sigmas) - 1

    def move(i, x, sigma_t, sigma_s):
        share = (S_churn / n).min((arb.pi() / 8).tan()) if S_min <= sigma_t <= S_max else arb(0)
        raised = sigma_t + share * sigma_t
        return _heun(denoiser_at_level, _noised(x, S_noise * z[i], sigma_t, raised), raised, sigma_s)

    return _walked(move, x_T, sigmas)


@guarded(NEAR)
def restart_path(denoiser_at_level, x_T, z, sigmas, restart_sigmas, restart_index, restarts):
    """Up to the level of the restarts, as many random walks up and ways back, and on to the data."""
    before, after = sigmas[: restart_index + 1], sigmas[restart_index:]
    stretch = [*restart_sigmas, before[-1]]

    def move(_, x, sigma_t, sigma_s):
        return _heun(denoiser_at_level, x, sigma_t, sigma_s)

    first = _walked(move, x_T, before)
    state = first[-1]
    for noise in z[:restarts]:
        state = _walked(move, _noised(state, noise, stretch[-1], stretch[0]), stretch)[-1]
    return np.concat([first[:-1], _walked(move, state, after)])


@guarded(NEAR)
def lcm_path(denoiser_at_level, x_T, z, alphas, sigmas):
    """The data at each level, noised afresh up to the next."""
    states = [x_T]
    for i, (alpha_t, sigma_t) in enumerate(zip(alphas[:-1], sigmas[:-1], strict=True)):
        states.append(denoiser_at_level(states[-1], alpha_t, sigma_t) * alphas[i + 1] + z[i] * sigmas[i + 1])
    return np.stack(states)


@guarded(NEAR)
def tcd_path(denoiser_at_level, x_T, z, alphas, sigmas, alphas_down, sigmas_down):
    """Through the noise in each state and the state at the level below, both made."""
    levels, below = (list(zip(*pair, strict=True)) for pair in ((alphas, sigmas), (alphas_down, sigmas_down)))
    states = [x_T]
    for i, down in enumerate(below):
        data = denoiser_at_level(states[-1], *levels[i])
        states.append(_renoised(states[-1], data, z[i], levels[i], down, levels[i + 1]))
    return np.stack(states)


@guarded(NEAR)
def consistency_path(denoiser_at_level, x_T, z, sigmas, sigma_min):
    """The data at each level, walked up from sigma_min to the next; at last the data alone."""
    states = [x_T]
    for i, sigma_t in enumerate(sigmas[:-1]):
        data = denoiser_at_level(states[-1], arb(1), sigma_t)
        states.append(data if i == len(sigmas) - 2 else _noised(data, z[i], sigma_min, sigmas[i + 1]))
    return np.stack(states)
