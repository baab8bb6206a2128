"""Solvers that remember: all weights on the host in float64, then one fused sum of estimates a step.

Levels are tensors or sequences of numbers, the estimates a stacked tensor or a list of tensors, oldest first. A run returns all
states, x_T first; the model is asked with (x_t, alpha_t, sigma_t) as the levels are given.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

from refdiff.production import memory
from refdiff.production.memory import Rule, Weights
from refdiff.production.projection import gradient_estimation_step

__all__ = [
    "adams_bashforth_eps",
    "deis_path",
    "deis_step",
    "dpm_solver_2m_heun_step",
    "dpm_solver_2m_path",
    "dpm_solver_2m_step",
    "dpm_solver_3m_path",
    "dpm_solver_3m_step",
    "dpmpp_2m_heun_path",
    "dpmpp_2m_heun_step",
    "dpmpp_2m_path",
    "dpmpp_2m_step",
    "dpmpp_3m_path",
    "dpmpp_3m_released_step",
    "dpmpp_3m_step",
    "exponential_multistep_path",
    "exponential_multistep_step",
    "gradient_estimation_path",
    "ipndm_path",
    "lms_path",
    "lms_step",
    "plms_path",
    "pndm_path",
    "unic_step_bh1",
    "unic_step_bh2",
    "unip_step_bh1",
    "unip_step_bh2",
    "unipc_bh1_path",
    "unipc_bh2_path",
]

Levels = Tensor | Sequence[float]
Estimates = Tensor | Sequence[Tensor]
Model = Callable[[Tensor, Tensor | float, Tensor | float], Tensor]
# The model's estimate at a state and the index of its level.
Seen = Callable[[Tensor, int], Tensor]


def _host(levels: Levels) -> list[float]:
    return levels.tolist() if isinstance(levels, Tensor) else list(levels)


def _summed(x: Tensor, weights: Weights, estimates: Iterable[Tensor]) -> Tensor:
    total = x * weights[0]
    for weight, estimate in zip(weights[1], estimates, strict=True):
        total.add_(estimate, alpha=weight)
    return total


def _moved(x: Tensor, eps: Tensor, alpha: Sequence[float], sigma: Sequence[float], i: int, j: int) -> Tensor:
    """State at level j, the noise from level i on being eps."""
    return _summed(x, memory.transferred((alpha[i], alpha[j]), (sigma[i], sigma[j]), 1), [eps])


def _step(rule: Rule, x_t: Tensor, estimates: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    return _summed(x_t, rule(_host(alphas), _host(sigmas), len(estimates)), estimates)


def lms_step(x_t: Tensor, epsilons: Estimates, sigmas: Levels) -> Tensor:
    """x_s by variable-step Adams and Bashforth in sigma. Source: Crowson 2022, k-diffusion, sample_lms."""
    return _step(memory.lms, x_t, epsilons, sigmas, sigmas)


def adams_bashforth_eps(epsilons: Estimates) -> Tensor:
    """Noise of a step as long as those before. Source: Liu et al. 2022, arXiv:2202.09778v2, section 3."""
    weights = memory.EQUAL[len(epsilons) - 1]
    return _summed(epsilons[-1], (weights[-1], list(weights[:-1])), epsilons[:-1])


def deis_step(x_t: Tensor, epsilons: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by DEIS in log(sigma/alpha). Source: Zhang and Chen 2023, arXiv:2204.13902v4, section 3; diffusers."""
    return _step(memory.noise_exact, x_t, epsilons, alphas, sigmas)


def dpm_solver_2m_step(x_t: Tensor, epsilons: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by DPM-Solver(2M), the noise half way. Source: Lu et al. 2022, arXiv:2206.00927v3, code."""
    return _step(memory.half_way(memory.transferred), x_t, epsilons, alphas, sigmas)


def dpm_solver_2m_heun_step(x_t: Tensor, epsilons: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by DPM-Solver(2M) of type heun. Source: Lu et al. 2022, arXiv:2206.00927v3, code."""
    return _step(memory.noise_exact, x_t, epsilons, alphas, sigmas)


def dpm_solver_3m_step(x_t: Tensor, epsilons: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by DPM-Solver(3M) with the whole second derivative. Source: Lu et al. 2022, arXiv:2206.00927v3, code."""
    return _step(memory.noise_exact, x_t, epsilons, alphas, sigmas)


def dpmpp_2m_step(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by DPM-Solver++(2M). Source: Lu et al. 2022, arXiv:2211.01095v3, Algorithm 2."""
    return _step(memory.half_way(memory.euler), x_t, x_0s, alphas, sigmas)


def dpmpp_2m_heun_step(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by DPM-Solver++(2M) of type heun. Source: Lu et al. 2022, arXiv:2211.01095v3, code."""
    return _step(memory.data_exact, x_t, x_0s, alphas, sigmas)


def dpmpp_3m_step(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by DPM-Solver++(3M) with the whole second derivative. Source: Lu et al. 2022, arXiv:2211.01095v3, code."""
    return _step(memory.data_exact, x_t, x_0s, alphas, sigmas)


def dpmpp_3m_released_step(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by the released DPM-Solver++(3M), of second order. Source: Lu et al. 2022, arXiv:2211.01095v3, code."""
    return _step(memory.released_3m, x_t, x_0s, alphas, sigmas)


def exponential_multistep_step(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by exponential Adams and Bashforth. Source: Hochbruck and Ostermann 2010, Acta Numerica 19, section 2.5."""
    return _step(memory.data_exact, x_t, x_0s, alphas, sigmas)


def unip_step_bh1(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by UniPC's predictor, B(h) = h. Source: Zhao et al. 2023, arXiv:2302.04867v4, Corollary 3.2."""
    return _step(memory.unip_bh1, x_t, x_0s, alphas, sigmas)


def unip_step_bh2(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by UniPC's predictor, B(h) = exp(h) - 1. Source: Zhao et al. 2023, arXiv:2302.04867v4, Corollary 3.2."""
    return _step(memory.unip_bh2, x_t, x_0s, alphas, sigmas)


def unic_step_bh1(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by UniPC's corrector, B(h) = h. Source: Zhao et al. 2023, arXiv:2302.04867v4, Theorem 3.1."""
    return _step(memory.unic_bh1, x_t, x_0s, alphas, sigmas)


def unic_step_bh2(x_t: Tensor, x_0s: Estimates, alphas: Levels, sigmas: Levels) -> Tensor:
    """x_s by UniPC's corrector, B(h) = exp(h) - 1. Source: Zhao et al. 2023, arXiv:2302.04867v4, Theorem 3.1."""
    return _step(memory.unic_bh2, x_t, x_0s, alphas, sigmas)


def _data(denoiser: Model, alphas: Levels, sigmas: Levels) -> Seen:
    return lambda x, i: denoiser(x, alphas[i], sigmas[i])


def _noise(denoiser: Model, alphas: Levels, sigmas: Levels) -> Seen:
    return lambda x, i: (x - alphas[i] * denoiser(x, alphas[i], sigmas[i])) / sigmas[i]


def _run(rules: Sequence[Rule], seen: Seen, x_T: Tensor, alphas: Levels, sigmas: Levels, to_data: bool = True) -> Tensor:
    """States of a run of rules[k - 1] with k estimates; to_data: with one to sigma = 0."""
    alpha, sigma, made, states = _host(alphas), _host(sigmas), deque[Tensor](maxlen=len(rules)), [x_T]
    for i in range(len(sigma) - 1):
        made.append(seen(states[i], i))
        count = 1 if to_data and sigma[i + 1] == 0 else len(made)
        levels = slice(i + 1 - count, i + 2)
        states.append(_summed(states[i], rules[count - 1](alpha[levels], sigma[levels], count), list(made)[-count:]))
    return torch.stack(states)


def lms_path(denoiser_at_level: Model, x_T: Tensor, sigmas: Tensor, order: int) -> Tensor:
    """States of the linear multistep method. Source: Crowson 2022, k-diffusion, sample_lms."""
    alphas = torch.ones_like(sigmas)
    return _run([memory.lms] * int(order), _noise(denoiser_at_level, alphas, sigmas), x_T, alphas, sigmas, to_data=False)


def ipndm_path(denoiser_at_level: Model, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of iPNDM. Source: Zhang and Chen 2023, arXiv:2204.13902v4, code."""
    return _run([memory.equal] * 4, _noise(denoiser_at_level, alphas, sigmas), x_T, alphas, sigmas, to_data=False)


def plms_path(denoiser_at_level: Model, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of PLMS, whose first step asks the model twice. Source: Liu et al. 2022, arXiv:2202.09778v2, section 3."""
    seen, alpha, sigma = _noise(denoiser_at_level, alphas, sigmas), _host(alphas), _host(sigmas)
    made, states = deque[Tensor](maxlen=4), [x_T]
    for i in range(len(sigma) - 1):
        made.append(seen(states[i], i))
        eps = adams_bashforth_eps(list(made))
        if i == 0 and sigma[1] != 0:
            eps = (eps + seen(_moved(x_T, eps, alpha, sigma, 0, 1), 1)) / 2
        states.append(_moved(states[i], eps, alpha, sigma, i, i + 1))
    return torch.stack(states)


def pndm_path(denoiser_at_level: Model, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of PNDM; the levels hold the middles of the first three steps. Source: Liu et al. 2022, arXiv:2202.09778v2."""
    seen, alpha, sigma = _noise(denoiser_at_level, alphas, sigmas), _host(alphas), _host(sigmas)
    made, states = deque[Tensor](maxlen=4), [x_T]
    for i in (0, 2, 4):
        estimates = [seen(states[-1], i)]
        for j in (i + 1, i + 1, i + 2):
            estimates.append(seen(_moved(states[-1], estimates[-1], alpha, sigma, i, j), j))
        made.append(estimates[0])
        eps = _summed(estimates[0], (1 / 6, [1 / 3, 1 / 3, 1 / 6]), estimates[1:])
        states.append(_moved(states[-1], eps, alpha, sigma, i, i + 2))
    for i in range(6, len(sigma) - 1):
        made.append(seen(states[-1], i))
        states.append(_moved(states[-1], adams_bashforth_eps(list(made)), alpha, sigma, i, i + 1))
    return torch.stack(states)


def dpm_solver_2m_path(denoiser_at_level: Model, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of DPM-Solver(2M). Source: Lu et al. 2022, arXiv:2206.00927v3, code."""
    rules = memory.transferred, memory.half_way(memory.transferred)
    return _run(rules, _noise(denoiser_at_level, alphas, sigmas), x_T, alphas, sigmas)


def dpm_solver_3m_path(denoiser_at_level: Model, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of DPM-Solver(3M), whole second derivative. Source: Lu et al. 2022, arXiv:2206.00927v3, code."""
    rules = memory.transferred, memory.half_way(memory.transferred), memory.noise_exact
    return _run(rules, _noise(denoiser_at_level, alphas, sigmas), x_T, alphas, sigmas)


def deis_path(denoiser_at_level: Model, x_T: Tensor, alphas: Levels, sigmas: Levels, order: int) -> Tensor:
    """States of DEIS in log(sigma/alpha). Source: Zhang and Chen 2023, arXiv:2204.13902v4, section 3; diffusers."""
    rules = [memory.transferred, *[memory.noise_exact] * (int(order) - 1)]
    return _run(rules, _noise(denoiser_at_level, alphas, sigmas), x_T, alphas, sigmas)


def dpmpp_2m_path(denoiser_at_level: Model, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of DPM-Solver++(2M). Source: Lu et al. 2022, arXiv:2211.01095v3, Algorithm 2."""
    rules = memory.euler, memory.half_way(memory.euler)
    return _run(rules, _data(denoiser_at_level, alphas, sigmas), x_T, alphas, sigmas)


def dpmpp_2m_heun_path(denoiser_at_level: Model, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of DPM-Solver++(2M) of type heun. Source: Lu et al. 2022, arXiv:2211.01095v3, code."""
    return _run((memory.euler, memory.data_exact), _data(denoiser_at_level, alphas, sigmas), x_T, alphas, sigmas)


def dpmpp_3m_path(denoiser_at_level: Model, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of DPM-Solver++(3M), whole second derivative. Source: Lu et al. 2022, arXiv:2211.01095v3, code."""
    rules = memory.euler, memory.half_way(memory.euler), memory.data_exact
    return _run(rules, _data(denoiser_at_level, alphas, sigmas), x_T, alphas, sigmas)


def exponential_multistep_path(denoiser_at_level: Model, x_T: Tensor, alphas: Levels, sigmas: Levels, order: int) -> Tensor:
    """States of exponential Adams and Bashforth. Source: Hochbruck and Ostermann 2010, Acta Numerica 19, section 2.5."""
    rules = [memory.euler, *[memory.data_exact] * (int(order) - 1)]
    return _run(rules, _data(denoiser_at_level, alphas, sigmas), x_T, alphas, sigmas)


def _unipc(rules: Sequence[Rule], order: int, denoiser: Model, x_T: Tensor, alphas: Levels, sigmas: Levels) -> Tensor:
    """States of a run of (predictor, corrector)."""
    seen, alpha, sigma = _data(denoiser, alphas, sigmas), _host(alphas), _host(sigmas)
    made, states = deque([seen(x_T, 0)], maxlen=int(order) + 1), [x_T]
    for i in range(len(sigma) - 1):
        count = 1 if sigma[i + 1] == 0 else min(int(order), i + 1)
        levels = slice(i + 1 - count, i + 2)
        rule = memory.euler if sigma[i + 1] == 0 else rules[0]
        x = _summed(states[i], rule(alpha[levels], sigma[levels], count), list(made)[-count:])
        if i + 2 < len(sigma):
            made.append(seen(x, i + 1))
            x = _summed(states[i], rules[1](alpha[levels], sigma[levels], count + 1), list(made)[-count - 1 :])
        states.append(x)
    return torch.stack(states)


def unipc_bh1_path(denoiser_at_level: Model, x_T: Tensor, alphas: Levels, sigmas: Levels, order: int) -> Tensor:
    """Corrected states of UniPC, B(h) = h. Source: Zhao et al. 2023, arXiv:2302.04867v4, section 3."""
    return _unipc((memory.unip_bh1, memory.unic_bh1), order, denoiser_at_level, x_T, alphas, sigmas)


def unipc_bh2_path(denoiser_at_level: Model, x_T: Tensor, alphas: Levels, sigmas: Levels, order: int) -> Tensor:
    """Corrected states of UniPC, B(h) = exp(h) - 1. Source: Zhao et al. 2023, arXiv:2302.04867v4, section 3."""
    return _unipc((memory.unip_bh2, memory.unic_bh2), order, denoiser_at_level, x_T, alphas, sigmas)


def gradient_estimation_path(denoiser_at_level: Model, x_T: Tensor, sigmas: Tensor, extrapolation: Tensor | float) -> Tensor:
    """States of accelerated DDIM. Source: Permenter and Yuan 2024, arXiv:2306.04848v4, Algorithm 2."""
    seen, states, before = _noise(denoiser_at_level, torch.ones_like(sigmas), sigmas), [x_T], None
    for i in range(len(sigmas) - 1):
        eps = seen(states[i], i)
        states.append(
            gradient_estimation_step(states[i], eps, eps if before is None else before, extrapolation, sigmas[i + 1], sigmas[i])
        )
        before = eps
    return torch.stack(states)
