"""Solvers of the reverse-time SDE from the SDE itself: its moment equations solved, from level to level in a run."""

import numpy as np
from flint import arb

from refdiff.definitions.entries import NEAR, entrywise, guarded
from refdiff.definitions.exponential import (
    ancestral,
    ancestral_in_the_middle,
    data_bent_by_half,
    data_held,
    data_in_the_middle,
    data_on_a_polynomial,
    noise_held,
    noise_in_the_middle,
    places,
    solved,
)
from refdiff.definitions.moments import solve

__all__ = [
    "annealed_langevin_path", "dpm_solver_2m_sde_path", "dpm_solver_2m_sde_step", "dpm_solver_sde_1_path",
    "dpm_solver_sde_1_step", "dpmpp_2m_sde_heun_path", "dpmpp_2m_sde_heun_step", "dpmpp_2m_sde_path", "dpmpp_2m_sde_step",
    "dpmpp_3m_sde_path", "dpmpp_3m_sde_released_path", "dpmpp_3m_sde_released_step", "dpmpp_3m_sde_step", "dpmpp_sde_1_path",
    "dpmpp_sde_1_step", "dpmpp_sde_path", "dpmpp_sde_step", "predictor_corrector_ve_path", "predictor_corrector_vp_path",
    "reverse_euler_maruyama_ve_path", "reverse_euler_maruyama_vp_path", "sa_corrector_step", "sa_predictor_step",
]  # fmt: skip


@entrywise(NEAR)
def dpmpp_sde_1_step(x_t, x_0, z, alpha_s, sigma_s, alpha_t, sigma_t):
    """The moment equations at full noise for data that are held."""
    return solved(x_t, [x_0], [arb(0)], z, arb(1), [alpha_t, alpha_s], [sigma_t, sigma_s])


@entrywise(NEAR)
def dpm_solver_sde_1_step(x_t, eps, z, alpha_s, sigma_s, alpha_t, sigma_t):
    """The moment equations at full noise for unit noise that is held."""
    return noise_held(x_t, eps, z, [alpha_t, alpha_s], [sigma_t, sigma_s])


@guarded(NEAR)
def dpmpp_2m_sde_step(x_t, x_0s, z, eta, alphas, sigmas):
    """The moment equations for the data that the line through both estimates has in the middle of the step."""
    return data_in_the_middle(x_t, x_0s, z, eta, alphas, sigmas)


@guarded(NEAR)
def dpmpp_2m_sde_heun_step(x_t, x_0s, z, eta, alphas, sigmas):
    """The moment equations for data on the line through both estimates."""
    return data_on_a_polynomial(x_t, x_0s, z, eta, alphas, sigmas)


@guarded(NEAR)
def dpmpp_3m_sde_step(x_t, x_0s, z, eta, alphas, sigmas):
    """The moment equations for data on the parabola through three estimates."""
    return data_on_a_polynomial(x_t, x_0s, z, eta, alphas, sigmas)


@guarded(NEAR)
def dpmpp_3m_sde_released_step(x_t, x_0s, z, eta, alphas, sigmas):
    """The moment equations for data on the parabola through three estimates with half its bend."""
    return data_bent_by_half(x_t, x_0s, z, eta, alphas, sigmas)


@guarded(NEAR)
def dpm_solver_2m_sde_step(x_t, epsilons, z, alphas, sigmas):
    """The moment equations for the unit noise that the line through both estimates has in the middle of the step."""
    return noise_in_the_middle(x_t, epsilons, z, alphas, sigmas)


@guarded(NEAR)
def dpmpp_sde_step(x_t, x_0s, z, eta, alphas, sigmas):
    """The joint Gaussian about the data that the line through both estimates has in the middle of the step, conditioned."""
    return ancestral_in_the_middle(x_t, x_0s, z, eta, alphas, sigmas)


@guarded(NEAR)
def sa_predictor_step(x_t, x_0s, z, noise_strength, alphas, sigmas):
    """The moment equations for data on the parabola through three estimates."""
    return data_on_a_polynomial(x_t, x_0s, z, noise_strength * noise_strength, alphas, sigmas)


@guarded(NEAR)
def sa_corrector_step(x_t, x_0s, z, noise_strength, alphas, sigmas):
    """The moment equations for data on the parabola through three estimates, the last of them at the step's end."""
    return solved(x_t, x_0s, places(alphas, sigmas), z, noise_strength * noise_strength, alphas, sigmas)


def _walked(step, x_T, sigmas):
    """The start, and what step(i, state) makes of each state, one after the other."""
    states = [x_T]
    for i in range(len(sigmas) - 1):
        states.append(step(i, states[-1]))
    return np.stack(states)


def _remembering(steps, denoiser_at_level, x_T, z, eta, alphas, sigmas):
    """A run on the estimates so far: the first of `steps` from one, the second from two, and so on; to data without noise."""
    known = []

    def step(i, state):
        known.append(denoiser_at_level(state, alphas[i], sigmas[i]))
        if sigmas[i + 1].is_zero():
            return alphas[i + 1] * known[-1]
        rule = steps[min(i, len(steps) - 1)]
        first = max(0, i + 1 - len(steps))
        return rule(state, np.stack(known[first:]), z[i], eta, alphas[first : i + 2], sigmas[first : i + 2])

    return _walked(step, x_T, sigmas)


@guarded(NEAR)
def dpmpp_sde_1_path(denoiser_at_level, x_T, z, alphas, sigmas):
    """The moment equations solved from level to level, the data held."""
    return _remembering([data_held], denoiser_at_level, x_T, z, arb(1), alphas, sigmas)


@guarded(NEAR)
def dpmpp_2m_sde_path(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The moment equations solved from level to level, the data those of the middle."""
    return _remembering([data_held, data_in_the_middle], denoiser_at_level, x_T, z, eta, alphas, sigmas)


@guarded(NEAR)
def dpmpp_2m_sde_heun_path(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The moment equations solved from level to level, the data on lines."""
    return _remembering([data_held, data_on_a_polynomial], denoiser_at_level, x_T, z, eta, alphas, sigmas)


@guarded(NEAR)
def dpmpp_3m_sde_path(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The moment equations solved from level to level, the data on parabolas."""
    rules = [data_held, data_on_a_polynomial, data_on_a_polynomial]
    return _remembering(rules, denoiser_at_level, x_T, z, eta, alphas, sigmas)


@guarded(NEAR)
def dpmpp_3m_sde_released_path(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The moment equations solved from level to level, the data on a line, then on parabolas with half their bend."""
    rules = [data_held, data_on_a_polynomial, data_bent_by_half]
    return _remembering(rules, denoiser_at_level, x_T, z, eta, alphas, sigmas)


def _of_noise(denoiser_at_level, x_T, z, alphas, sigmas, memory):
    """A run on so many of the latest estimates of the noise that the denoiser implies."""
    known = []

    def step(i, state):
        data = denoiser_at_level(state, alphas[i], sigmas[i])
        if sigmas[i + 1].is_zero():
            return alphas[i + 1] * data
        known.append((state - alphas[i] * data) / sigmas[i])
        if memory == 1 or i == 0:
            return noise_held(state, known[-1], z[i], alphas[i : i + 2], sigmas[i : i + 2])
        return noise_in_the_middle(state, known[-2:], z[i], alphas[i - 1 : i + 2], sigmas[i - 1 : i + 2])

    return _walked(step, x_T, sigmas)


@guarded(NEAR)
def dpm_solver_sde_1_path(denoiser_at_level, x_T, z, alphas, sigmas):
    """The moment equations solved from level to level, the noise held."""
    return _of_noise(denoiser_at_level, x_T, z, alphas, sigmas, 1)


@guarded(NEAR)
def dpm_solver_2m_sde_path(denoiser_at_level, x_T, z, alphas, sigmas):
    """The moment equations solved from level to level, the noise that of the middle."""
    return _of_noise(denoiser_at_level, x_T, z, alphas, sigmas, 2)


@guarded(NEAR)
def dpmpp_sde_path(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """In EDM's coordinates: to the geometric middle of the noise scales, then all the way with what was learned there."""
    one, levels = arb(1), sigmas / alphas

    def step(i, state):
        data = denoiser_at_level(state / alphas[i], one, levels[i])
        if levels[i + 1].is_zero():
            return alphas[i + 1] * data
        middle = (levels[i] * levels[i + 1]).sqrt()
        inner = ancestral(state / alphas[i], data, z[2 * i], eta, [one, one], [levels[i], middle])
        later = denoiser_at_level(inner, one, middle)
        return alphas[i + 1] * ancestral(state / alphas[i], later, z[2 * i + 1], eta, [one, one], [levels[i], levels[i + 1]])

    return _walked(step, x_T, sigmas)


def _line(time, at_0, at_1):
    intercept, slope = solve(np.array([[1, 0], [1, 1]], dtype=object), np.array([at_0, at_1], dtype=object))
    return intercept + slope * time


@guarded(NEAR)
def reverse_euler_maruyama_vp_path(denoiser_at_level, x_T, z, sde_times, beta_rate_min, beta_rate_max):
    """Each step undoes the forward drift at the rate of its start, and goes towards the data at twice the share of a flow."""

    def step(i, state):
        time, passed = sde_times[i], sde_times[i] - sde_times[i + 1]
        # The rate at half time is a linear rate's mean.
        alpha = (-time * _line(time / 2, beta_rate_min, beta_rate_max) / 2).exp()
        variance, added = 1 - alpha * alpha, _line(time, beta_rate_min, beta_rate_max) * passed
        back = alpha * denoiser_at_level(state, alpha, variance.sqrt()) - state
        return state * (1 + added / 2) + back * added / variance + added.sqrt() * z[i]

    return _walked(step, x_T, sde_times)


@guarded(NEAR)
def reverse_euler_maruyama_ve_path(denoiser_at_level, x_T, z, sde_times, sigma_min, sigma_max):
    """Each step goes towards the data by the share of the variance that it takes away at the rate of its start."""
    growth = 2 * (sigma_max.log() - sigma_min.log())

    def step(i, state):
        level = (_line(sde_times[i], sigma_min.log(), sigma_max.log())).exp()
        share = growth * (sde_times[i] - sde_times[i + 1])
        back = denoiser_at_level(state, arb(1), level) - state
        return state + share * back + level * share.sqrt() * z[i]

    return _walked(step, x_T, sde_times)


def _corrected(state, score, noise, ratio, kept):
    """The step whose drift is so many times as long as its noise, its square scaled; of every sample by itself."""
    lengths = [np.array([[sum(entry * entry for entry in row).sqrt()] for row in rows], dtype=object) for rows in (noise, score)]
    root = arb(2).sqrt() * ratio * lengths[0] / lengths[1] * kept.sqrt()
    return state + root * root * score + arb(2).sqrt() * root * noise


@guarded(NEAR)
def predictor_corrector_ve_path(denoiser_at_level, x_T, z, sigmas, corrector_snr):
    """A Langevin step of the wanted ratio, then to the data by the share of the variance that is lost."""

    def step(i, state):
        power = sigmas[i] * sigmas[i]
        state = _corrected(state, (denoiser_at_level(state, arb(1), sigmas[i]) - state) / power, z[2 * i], corrector_snr, arb(1))
        lost = power - sigmas[i + 1] * sigmas[i + 1]
        return state + lost / power * (denoiser_at_level(state, arb(1), sigmas[i]) - state) + lost.sqrt() * z[2 * i + 1]

    return _walked(step, x_T, sigmas)


@guarded(NEAR)
def predictor_corrector_vp_path(denoiser_at_level, x_T, z, alphas, sigmas, corrector_snr):
    """A Langevin step of the wanted ratio, then what the forward chain's step does to the mean undone, its variance kept."""

    def step(i, state):
        def score(x):
            return (alphas[i] * denoiser_at_level(x, alphas[i], sigmas[i]) - x) / (sigmas[i] * sigmas[i])

        shrunk = alphas[i] / alphas[i + 1]
        state = _corrected(state, score(state), z[2 * i], corrector_snr, shrunk * shrunk)
        added = 1 - shrunk * shrunk
        return state + (state - shrunk * state) + added * score(state) + added.sqrt() * z[2 * i + 1]

    return _walked(step, x_T, sigmas)


@guarded(NEAR)
def annealed_langevin_path(denoiser_at_level, x_T, z, sigmas, step_size):
    """Langevin steps of the same share of the noise's variance at every scale."""
    states, share = [x_T], step_size / (sigmas[-1] * sigmas[-1])
    for level, noises in zip(sigmas, z.reshape(len(sigmas), -1, *x_T.shape), strict=True):
        state = states[-1]
        for noise in noises:
            state = state + share / 2 * (denoiser_at_level(state, arb(1), level) - state) + share.sqrt() * level * noise
        states.append(state)
    return np.stack(states)
