"""Solvers of the reverse-time SDE in PyTorch: a step's weights as plain numbers, then one fused update.

Levels run from noise to data. A run reads them once, so that it never waits for the device between steps; the noise is an
argument. Each step costs one multiplication of the state and one fused addition for each estimate and noise.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from refdiff.production.exponential import (
    AtLevel,
    Levels,
    Number,
    Rule,
    ancestral,
    held,
    lengths,
    line,
    made,
    midpoint,
    noise_held,
    noise_midpoint,
    numbers,
    parabola,
    parabola_bent_by_half,
    parabola_to_the_end,
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


def _step(rule: Rule, x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Number, alphas: Levels, sigmas: Levels) -> Tensor:
    return made(x_t, x_0s, z, rule(float(eta), numbers(alphas), numbers(sigmas)))


def dpmpp_sde_1_step(
    x_t: Tensor, x_0: Tensor, z: Tensor, alpha_s: Number, sigma_s: Number, alpha_t: Number, sigma_t: Number
) -> Tensor:
    """x_s for data that are held. Source: Lu et al. 2022, arXiv:2211.01095v3, code in diffusers, sde-dpmsolver++."""
    return made(x_t, [x_0], z, held(1.0, [float(alpha_t), float(alpha_s)], [float(sigma_t), float(sigma_s)]))


def dpm_solver_sde_1_step(
    x_t: Tensor, eps: Tensor, z: Tensor, alpha_s: Number, sigma_s: Number, alpha_t: Number, sigma_t: Number
) -> Tensor:
    """x_s for noise that is held. Source: Lu et al. 2022, arXiv:2206.00927v3, code in diffusers, sde-dpmsolver."""
    return made(x_t, [eps], z, noise_held([float(alpha_t), float(alpha_s)], [float(sigma_t), float(sigma_s)]))


def dpmpp_2m_sde_step(x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Number, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s from two estimates, midpoint; eta is noise_strength**2. Source: Crowson 2023, code of k-diffusion."""
    return _step(midpoint, x_t, x_0s, z, eta, alphas, sigmas)


def dpmpp_2m_sde_heun_step(x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Number, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s for data on a line; eta is noise_strength**2. Source: Crowson 2023, code of k-diffusion, heun."""
    return _step(line, x_t, x_0s, z, eta, alphas, sigmas)


def dpmpp_3m_sde_step(x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Number, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s for data on a parabola that counts in full. Source: Crowson 2023, code of k-diffusion, where it counts half."""
    return _step(parabola, x_t, x_0s, z, eta, alphas, sigmas)


def dpmpp_3m_sde_released_step(x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Number, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s for data on a parabola that counts half, of second order. Source: Crowson 2023, code of k-diffusion."""
    return _step(parabola_bent_by_half, x_t, x_0s, z, eta, alphas, sigmas)


def sa_predictor_step(x_t: Tensor, x_0s: Tensor, z: Tensor, noise_strength: Number, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by SA-Solver's three-step predictor. Source: Xue et al. 2023, arXiv:2309.05019v3, Algorithm 1."""
    return _step(parabola, x_t, x_0s, z, noise_strength**2, alphas, sigmas)


def sa_corrector_step(x_t: Tensor, x_0s: Tensor, z: Tensor, noise_strength: Number, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by SA-Solver's two-step corrector. Source: Xue et al. 2023, arXiv:2309.05019v3, Algorithm 1."""
    return _step(parabola_to_the_end, x_t, x_0s, z, noise_strength**2, alphas, sigmas)


def dpm_solver_2m_sde_step(x_t: Tensor, epsilons: Tensor, z: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s from two estimates of the noise. Source: Lu et al. 2022, arXiv:2206.00927v3, code in diffusers, sde-dpmsolver."""
    return made(x_t, epsilons, z, noise_midpoint(numbers(alphas), numbers(sigmas)))


def dpmpp_sde_step(x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Number, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by an ancestral step with the data of the middle. Source: Crowson 2022, code of k-diffusion."""
    signal, noise = numbers(alphas), numbers(sigmas)
    start, rest = lengths(signal, noise)
    inner = (start + rest) / (2 * start)
    return made(x_t, x_0s, z, ancestral(float(eta), signal, noise, [1 - inner, inner]))


def _path(
    rules: Sequence[Rule],
    denoiser_at_level: AtLevel,
    x_T: Tensor,
    z: Tensor,
    levels: tuple[Levels, Levels],
    eta: Number = 1.0,
    of_noise: bool = False,
) -> Tensor:
    """States of a run whose k-th step is the k-th rule or the last; the denoised data at sigma = 0."""
    alphas, sigmas = map(numbers, levels)
    states, known = [x_T], list[Tensor]()
    for i, (alpha, sigma) in enumerate(zip(alphas[:-1], sigmas[:-1], strict=True)):
        x_0 = denoiser_at_level(states[i], alpha, sigma)
        if sigmas[i + 1] == 0:
            states.append(alphas[i + 1] * x_0)
            continue
        k = min(i + 1, len(rules))
        known = [*known[len(known) + 1 - k :], torch.sub(states[i], x_0, alpha=alpha).div_(sigma) if of_noise else x_0]
        weights = rules[k - 1](float(eta), alphas[i + 1 - k : i + 2], sigmas[i + 1 - k : i + 2])
        states.append(made(states[i], known, z[i], weights))
    return torch.stack(states)


def dpmpp_sde_1_path(denoiser_at_level: AtLevel, x_T: Tensor, z: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of SDE-DPM-Solver++(1). Source: Lu et al. 2022, arXiv:2211.01095v3, code in diffusers."""
    return _path([held], denoiser_at_level, x_T, z, (alphas, sigmas))


def dpm_solver_sde_1_path(denoiser_at_level: AtLevel, x_T: Tensor, z: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of SDE-DPM-Solver-1. Source: Lu et al. 2022, arXiv:2206.00927v3, code in diffusers."""
    return _path([lambda _, *at: noise_held(*at)], denoiser_at_level, x_T, z, (alphas, sigmas), of_noise=True)


def dpm_solver_2m_sde_path(denoiser_at_level: AtLevel, x_T: Tensor, z: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of SDE-DPM-Solver(2M). Source: Lu et al. 2022, arXiv:2206.00927v3, code in diffusers."""
    rules = [lambda _, *at: noise_held(*at), lambda _, *at: noise_midpoint(*at)]
    return _path(rules, denoiser_at_level, x_T, z, (alphas, sigmas), of_noise=True)


def dpmpp_2m_sde_path(denoiser_at_level: AtLevel, x_T: Tensor, z: Tensor, alphas: Levels, sigmas: Levels, eta: Number) -> Tensor:
    """States of DPM-Solver++(2M) SDE, midpoint. Source: Crowson 2023, code of k-diffusion."""
    return _path([held, midpoint], denoiser_at_level, x_T, z, (alphas, sigmas), eta)


def dpmpp_2m_sde_heun_path(
    denoiser_at_level: AtLevel, x_T: Tensor, z: Tensor, alphas: Levels, sigmas: Levels, eta: Number
) -> Tensor:
    """States of DPM-Solver++(2M) SDE, heun. Source: Crowson 2023, code of k-diffusion."""
    return _path([held, line], denoiser_at_level, x_T, z, (alphas, sigmas), eta)


def dpmpp_3m_sde_path(denoiser_at_level: AtLevel, x_T: Tensor, z: Tensor, alphas: Levels, sigmas: Levels, eta: Number) -> Tensor:
    """States of DPM-Solver++(3M) SDE with the right coefficient. Source: Crowson 2023, code of k-diffusion."""
    return _path([held, line, parabola], denoiser_at_level, x_T, z, (alphas, sigmas), eta)


def dpmpp_3m_sde_released_path(
    denoiser_at_level: AtLevel, x_T: Tensor, z: Tensor, alphas: Levels, sigmas: Levels, eta: Number
) -> Tensor:
    """States of DPM-Solver++(3M) SDE as released. Source: Crowson 2023, code of k-diffusion."""
    return _path([held, line, parabola_bent_by_half], denoiser_at_level, x_T, z, (alphas, sigmas), eta)


def dpmpp_sde_path(denoiser_at_level: AtLevel, x_T: Tensor, z: Tensor, alphas: Levels, sigmas: Levels, eta: Number) -> Tensor:
    """States of DPM++ SDE; z holds two noises a step. Source: Crowson 2022, code of k-diffusion."""
    signal, noise, states, share = numbers(alphas), numbers(sigmas), [x_T], float(eta)
    for i in range(len(noise) - 1):
        x_0 = denoiser_at_level(states[i], signal[i], noise[i])
        if noise[i + 1] == 0:
            states.append(signal[i + 1] * x_0)
            continue
        middle = math.sqrt(signal[i] * signal[i + 1]), math.sqrt(noise[i] * noise[i + 1])
        x = made(states[i], [x_0], z[2 * i], ancestral(share, [signal[i], middle[0]], [noise[i], middle[1]], [1.0]))
        weights = ancestral(share, signal[i : i + 2], noise[i : i + 2], [1.0])
        states.append(made(states[i], [denoiser_at_level(x, *middle)], z[2 * i + 1], weights))
    return torch.stack(states)


def _euler(denoiser_at_level: AtLevel, x_T: Tensor, z: Tensor, steps: Sequence[tuple[float, float, float, float]]) -> Tensor:
    """States of Euler-Maruyama steps: signal and noise scale, what is lost of log signal power, and the noise's variance."""
    states = [x_T]
    for i, (alpha, sigma, lost, added) in enumerate(steps):
        toward = added / sigma**2
        x_0 = denoiser_at_level(states[i], alpha, sigma)
        states.append(made(states[i], [x_0], z[i], (1 + lost / 2 - toward, [toward * alpha], math.sqrt(added))))
    return torch.stack(states)


def reverse_euler_maruyama_vp_path(
    denoiser_at_level: AtLevel, x_T: Tensor, z: Tensor, sde_times: Levels, beta_rate_min: Number, beta_rate_max: Number
) -> Tensor:
    """States of Euler-Maruyama where variance is preserved. Source: Song et al. 2021, arXiv:2011.13456v2, section 4.1."""
    times, low, high = numbers(sde_times), float(beta_rate_min), float(beta_rate_max)
    steps = []
    for time, after in pairwise(times):
        power = -time * ((2 - time) * low + time * high) / 2
        added = ((1 - time) * low + time * high) * (time - after)
        steps.append((math.exp(power / 2), math.sqrt(-math.expm1(power)), added, added))
    return _euler(denoiser_at_level, x_T, z, steps)


def reverse_euler_maruyama_ve_path(
    denoiser_at_level: AtLevel, x_T: Tensor, z: Tensor, sde_times: Levels, sigma_min: Number, sigma_max: Number
) -> Tensor:
    """States of Euler-Maruyama where variance explodes. Source: Song et al. 2021, arXiv:2011.13456v2, section 4.1."""
    times, low, growth = numbers(sde_times), float(sigma_min), math.log(float(sigma_max) / float(sigma_min))
    steps = []
    for time, after in pairwise(times):
        sigma = low * math.exp(growth * time)
        steps.append((1.0, sigma, 0.0, 2 * growth * sigma**2 * (time - after)))
    return _euler(denoiser_at_level, x_T, z, steps)


def _corrected(x: Tensor, score: Tensor, z: Tensor, kept: float, corrector_snr: Number) -> Tensor:
    """A Langevin step whose drift is corrector_snr times as long as its noise, sample by sample, its size then scaled."""
    lengths_of = [torch.linalg.vector_norm(one.flatten(1), dim=1) for one in (z, score)]
    root = (math.sqrt(2 * kept) * float(corrector_snr) * lengths_of[0] / lengths_of[1]).reshape(-1, *[1] * (x.ndim - 1))
    return torch.addcmul(torch.addcmul(x, root * root, score), root, z, value=math.sqrt(2))


def _predictor_corrector(
    denoiser_at_level: AtLevel, x_T: Tensor, z: Tensor, levels: tuple[Levels, Levels], corrector_snr: Number, exploding: bool
) -> Tensor:
    """States of a corrector's step at each level and the reverse-diffusion predictor to the next."""
    alphas, sigmas = map(numbers, levels)
    states = [x_T]
    for i, (alpha, sigma) in enumerate(zip(alphas[:-1], sigmas[:-1], strict=True)):
        ratio = alpha / alphas[i + 1]
        added = (sigma - sigmas[i + 1]) * (sigma + sigmas[i + 1]) if exploding else (1 - ratio) * (1 + ratio)
        score = torch.sub(alpha * denoiser_at_level(states[i], alpha, sigma), states[i]).div_(sigma**2)
        x = _corrected(states[i], score, z[2 * i], ratio**2, corrector_snr)
        toward = added / sigma**2
        weights = (2 - ratio - toward, [toward * alpha], math.sqrt(added))
        states.append(made(x, [denoiser_at_level(x, alpha, sigma)], z[2 * i + 1], weights))
    return torch.stack(states)


def predictor_corrector_ve_path(
    denoiser_at_level: AtLevel, x_T: Tensor, z: Tensor, sigmas: Levels, corrector_snr: Number
) -> Tensor:
    """States of predictor-corrector where variance explodes. Source: Song et al. 2021, arXiv:2011.13456v2, Algorithms 2 and 4."""
    return _predictor_corrector(denoiser_at_level, x_T, z, ([1.0] * len(sigmas), sigmas), corrector_snr, exploding=True)


def predictor_corrector_vp_path(
    denoiser_at_level: AtLevel, x_T: Tensor, z: Tensor, alphas: Levels, sigmas: Levels, corrector_snr: Number
) -> Tensor:
    """States of predictor-corrector where variance is kept. Source: Song et al. 2021, arXiv:2011.13456v2, Algorithms 3 and 5."""
    return _predictor_corrector(denoiser_at_level, x_T, z, (alphas, sigmas), corrector_snr, exploding=False)


def annealed_langevin_path(denoiser_at_level: AtLevel, x_T: Tensor, z: Tensor, sigmas: Levels, step_size: Number) -> Tensor:
    """States of Langevin steps at falling noise. Source: Song and Ermon 2019, arXiv:1907.05600v3, Algorithm 1."""
    levels, states = numbers(sigmas), [x_T]
    # Every scale's step is the same share of its variance, so that only the noise is scaled.
    share = float(step_size) / levels[-1] ** 2
    for sigma, noises in zip(levels, z.reshape(len(levels), -1, *x_T.shape), strict=True):
        x = states[-1]
        for noise in noises:
            x = made(x, [denoiser_at_level(x, 1.0, sigma)], noise, (1 - share / 2, [share / 2], sigma * math.sqrt(share)))
        states.append(x)
    return torch.stack(states)
