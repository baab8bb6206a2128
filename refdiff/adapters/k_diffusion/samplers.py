"""The formulas that k-diffusion's samplers hold."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from refdiff.adapters.k_diffusion.runs import (
    Model,
    drawn,
    noises_by_level,
    noises_in_turn,
    replayed,
    run,
    sampling,
    step,
)

__all__ = [
    "ancestral_sigma_down", "ancestral_sigma_up", "dpm2_ancestral_path", "dpm2_ancestral_step", "dpm2_path",
    "dpm_solver_2s_path", "dpm_solver_2s_step", "dpm_solver_3s_path", "dpm_solver_3s_state", "dpm_solver_3s_step",
    "dpmpp_2m_path", "dpmpp_2m_sde_heun_path", "dpmpp_2m_sde_heun_step", "dpmpp_2m_sde_path", "dpmpp_2m_sde_step",
    "dpmpp_2m_step", "dpmpp_2s_ancestral_path", "dpmpp_2s_ancestral_step", "dpmpp_2s_path", "dpmpp_3m_released_step",
    "dpmpp_3m_sde_released_path", "dpmpp_3m_sde_released_step", "dpmpp_sde_1_path", "dpmpp_sde_path", "dpmpp_sde_step",
    "edm_churn_gamma", "edm_churned_sigma", "edm_churned_state", "edm_euler_step", "edm_heun_step", "edm_stochastic_path",
    "euler_ancestral_path", "euler_ancestral_step", "euler_path", "heun_path", "lms_path", "lms_step",
]  # fmt: skip


def _unit(sigmas: Tensor) -> Tensor:
    return torch.ones_like(sigmas)


def euler_path(denoiser_at_level: Model, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    return run(sampling.sample_euler, denoiser_at_level, x_T, alphas, sigmas)


def heun_path(denoiser_at_level: Model, x_T: Tensor, sigmas: Tensor) -> Tensor:
    return run(sampling.sample_heun, denoiser_at_level, x_T, _unit(sigmas), sigmas)


def dpm2_path(denoiser_at_level: Model, x_T: Tensor, sigmas: Tensor) -> Tensor:
    return run(sampling.sample_dpm_2, denoiser_at_level, x_T, _unit(sigmas), sigmas)


def lms_path(denoiser_at_level: Model, x_T: Tensor, sigmas: Tensor, order: int) -> Tensor:
    return run(sampling.sample_lms, denoiser_at_level, x_T, _unit(sigmas), sigmas, order=order)


def lms_step(x_t: Tensor, epsilons: Tensor, sigmas: Tensor) -> Tensor:
    answers: Iterator[Tensor] = iter(epsilons)

    def model(x: Tensor, sigma: Tensor) -> Tensor:
        return x - sigma.reshape(-1, *[1] * (x.ndim - 1)) * next(answers)

    return step(sampling.sample_lms, model, x_t, _unit(sigmas), sigmas)


def dpmpp_2m_path(denoiser_at_level: Model, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    return run(sampling.sample_dpmpp_2m, denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_2m_step(x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    return step(sampling.sample_dpmpp_2m, replayed(x_0s), x_t, alphas, sigmas)


def dpmpp_2s_path(denoiser_at_level: Model, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    return run(sampling.sample_dpmpp_2s_ancestral, denoiser_at_level, x_T, alphas, sigmas, eta=0.0)


def _solver(epsilons: Iterable[Tensor]) -> tuple[Any, dict[str, Tensor]]:
    """A DPMSolver, and its cache filled with the estimates of the noise that a step would ask the model for."""
    return sampling.DPMSolver(None), dict(zip(("eps", "eps_r1", "eps_r2"), epsilons, strict=False))


def dpm_solver_2s_step(x_t: Tensor, epsilons: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    solver, cache = _solver(epsilons)
    start, middle, end = solver.t(sigmas / alphas)
    moved: Tensor = solver.dpm_solver_2_step(x_t / alphas[0], start, end, r1=(middle - start) / (end - start), eps_cache=cache)[0]
    return moved * alphas[-1]


def dpm_solver_3s_step(x_t: Tensor, epsilons: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    solver, cache = _solver(epsilons)
    start, *middle, end = solver.t(sigmas / alphas)
    r1, r2 = ((at - start) / (end - start) for at in middle)
    moved: Tensor = solver.dpm_solver_3_step(x_t / alphas[0], start, end, r1=r1, r2=r2, eps_cache=cache)[0]
    return moved * alphas[-1]


def dpm_solver_3s_state(x_t: Tensor, epsilons: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    solver, cache = _solver(epsilons)
    asked: list[Tensor] = []

    def model(x: Tensor, _: Tensor) -> Tensor:
        asked.append(x)
        return x

    # The third estimate is not in the cache: the model is asked for it at this state.
    solver.model, solver.eps_callback = model, lambda: None
    start, inner, end = solver.t(sigmas / alphas)
    solver.dpm_solver_3_step(x_t / alphas[0], start, end, r1=(inner - start) / (end - start), r2=1.0, eps_cache=cache)
    return asked[0] * alphas[-1]


def _dpm_solver_path(method: str, model: Model, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    if sigmas[-1] == 0:
        raise NotImplementedError("DPMSolver counts in -log(sigma) and does not go to sigma = 0")
    solver = sampling.DPMSolver(lambda x, sigma: model(x, 1.0, sigma), eps_callback=lambda: None)
    times, states = solver.t(sigmas / alphas), [x_T / alphas[0]]
    for start, end in pairwise(times):
        states.append(getattr(solver, method)(states[-1], start, end)[0])
    return torch.stack(states) * alphas.reshape(-1, *[1] * x_T.ndim)


def dpm_solver_2s_path(denoiser_at_level: Model, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    return _dpm_solver_path("dpm_solver_2_step", denoiser_at_level, x_T, alphas, sigmas)


def dpm_solver_3s_path(denoiser_at_level: Model, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    return _dpm_solver_path("dpm_solver_3_step", denoiser_at_level, x_T, alphas, sigmas)


def ancestral_sigma_down(eta: Tensor, sigma_s: Tensor, sigma_t: Tensor) -> Tensor:
    down: Tensor = sampling.get_ancestral_step(sigma_t, sigma_s, eta)[0]
    return down


def ancestral_sigma_up(eta: Tensor, sigma_s: Tensor, sigma_t: Tensor) -> Tensor | float:
    up: Tensor | float = sampling.get_ancestral_step(sigma_t, sigma_s, eta)[1]
    return up


def _ancestral_path(sampler: Any, model: Model, x_T: Tensor, z: Tensor, sigmas: Tensor, eta: Tensor) -> Tensor:
    noises = noises_by_level(z, sigmas)
    return run(sampler, model, x_T, _unit(sigmas), sigmas, eta=float(eta), noise_sampler=noises)


def euler_ancestral_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, sigmas: Tensor, eta: Tensor) -> Tensor:
    return _ancestral_path(sampling.sample_euler_ancestral, denoiser_at_level, x_T, z, sigmas, eta)


def dpm2_ancestral_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, sigmas: Tensor, eta: Tensor) -> Tensor:
    return _ancestral_path(sampling.sample_dpm_2_ancestral, denoiser_at_level, x_T, z, sigmas, eta)


def dpmpp_2s_ancestral_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, sigmas: Tensor, eta: Tensor) -> Tensor:
    return _ancestral_path(sampling.sample_dpmpp_2s_ancestral, denoiser_at_level, x_T, z, sigmas, eta)


def _ancestral_step(
    sampler: Any, x_t: Tensor, x_0s: Iterable[Tensor], z: Tensor, eta: Tensor, sigma_s: Tensor, sigma_t: Tensor
) -> Tensor:
    levels = torch.stack([sigma_t, sigma_s])
    return step(sampler, replayed(x_0s), x_t, _unit(levels), levels, eta=float(eta), noise_sampler=lambda *_: z)


def euler_ancestral_step(x_t: Tensor, x_0: Tensor, z: Tensor, eta: Tensor, sigma_s: Tensor, sigma_t: Tensor) -> Tensor:
    return _ancestral_step(sampling.sample_euler_ancestral, x_t, [x_0], z, eta, sigma_s, sigma_t)


def dpm2_ancestral_step(x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Tensor, sigma_s: Tensor, sigma_t: Tensor) -> Tensor:
    return _ancestral_step(sampling.sample_dpm_2_ancestral, x_t, list(x_0s), z, eta, sigma_s, sigma_t)


def dpmpp_2s_ancestral_step(x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Tensor, sigma_s: Tensor, sigma_t: Tensor) -> Tensor:
    return _ancestral_step(sampling.sample_dpmpp_2s_ancestral, x_t, list(x_0s), z, eta, sigma_s, sigma_t)


def dpmpp_sde_1_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    noises = noises_in_turn(z)
    return run(sampling.sample_euler_ancestral, denoiser_at_level, x_T, alphas, sigmas, noise_sampler=noises)


def _sde_path(
    sampler: Any, model: Model, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor, eta: Tensor, **options: Any
) -> Tensor:
    noises = noises_in_turn(z)
    return run(sampler, model, x_T, alphas, sigmas, eta=float(eta), noise_sampler=noises, **options)


def _sde_step(
    sampler: Any, x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Tensor, alphas: Tensor, sigmas: Tensor, **options: Any
) -> Tensor:
    return step(sampler, replayed(x_0s), x_t, alphas, sigmas, eta=float(eta), noise_sampler=lambda *_: z, **options)


def dpmpp_sde_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor, eta: Tensor) -> Tensor:
    return _sde_path(sampling.sample_dpmpp_sde, denoiser_at_level, x_T, z, alphas, sigmas, eta)


def dpmpp_sde_step(x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    start, middle, end = (alphas / sigmas).log()
    r, ends = (middle - start) / (end - start), slice(None, None, 2)
    return _sde_step(sampling.sample_dpmpp_sde, x_t, x_0s, z, eta, alphas[ends], sigmas[ends], r=r)


def dpmpp_2m_sde_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor, eta: Tensor) -> Tensor:
    return _sde_path(sampling.sample_dpmpp_2m_sde, denoiser_at_level, x_T, z, alphas, sigmas, eta)


def dpmpp_2m_sde_step(x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    return _sde_step(sampling.sample_dpmpp_2m_sde, x_t, x_0s, z, eta, alphas, sigmas)


def dpmpp_2m_sde_heun_path(
    denoiser_at_level: Model, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor, eta: Tensor
) -> Tensor:
    return _sde_path(sampling.sample_dpmpp_2m_sde, denoiser_at_level, x_T, z, alphas, sigmas, eta, solver_type="heun")


def dpmpp_2m_sde_heun_step(x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    return _sde_step(sampling.sample_dpmpp_2m_sde, x_t, x_0s, z, eta, alphas, sigmas, solver_type="heun")


def dpmpp_3m_sde_released_path(
    denoiser_at_level: Model, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor, eta: Tensor
) -> Tensor:
    return _sde_path(sampling.sample_dpmpp_3m_sde, denoiser_at_level, x_T, z, alphas, sigmas, eta)


def dpmpp_3m_sde_released_step(x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    return _sde_step(sampling.sample_dpmpp_3m_sde, x_t, x_0s, z, eta, alphas, sigmas)


def dpmpp_3m_released_step(x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    return step(sampling.sample_dpmpp_3m_sde, replayed(x_0s), x_t, alphas, sigmas, eta=0.0)


def edm_euler_step(x_t: Tensor, x_0: Tensor, sigma_t: Tensor, sigma_s: Tensor) -> Tensor:
    levels = torch.stack([sigma_t, sigma_s])
    return step(sampling.sample_euler, replayed([x_0]), x_t, _unit(levels), levels)


def edm_heun_step(x_t: Tensor, x_0: Tensor, x_0_s: Tensor, sigma_t: Tensor, sigma_s: Tensor) -> Tensor:
    levels = torch.stack([sigma_t, sigma_s])
    return step(sampling.sample_heun, replayed([x_0, x_0_s]), x_t, _unit(levels), levels)


def _churn(S_churn: Tensor, S_min: Tensor, S_max: Tensor, S_noise: Tensor | float) -> dict[str, float]:
    return {"s_churn": float(S_churn), "s_tmin": float(S_min), "s_tmax": float(S_max), "s_noise": float(S_noise)}


def edm_stochastic_path(
    denoiser_at_level: Model,
    x_T: Tensor,
    z: Tensor,
    sigmas: Tensor,
    S_churn: Tensor,
    S_min: Tensor,
    S_max: Tensor,
    S_noise: Tensor,
) -> Tensor:
    options = _churn(S_churn, S_min, S_max, S_noise)
    with drawn(z):
        # Its callback is told states after churn.
        return run(sampling.sample_heun, denoiser_at_level, x_T, _unit(sigmas), sigmas, **options)[-1]


def _churned(x_t: Tensor, z: Tensor, sigma_t: Tensor, steps: int, **options: float) -> dict[str, Tensor]:
    """What a callback is told in the first of so many steps from sigma_t."""
    told: list[dict[str, Tensor]] = []
    levels = sigma_t * torch.arange(steps, -1, -1, dtype=sigma_t.dtype, device=sigma_t.device) / steps
    with drawn(z.expand(steps, *z.shape)):
        sampling.sample_heun(lambda x, *_: x, x_t, levels, disable=True, callback=told.append, **options)
    return told[0]


def edm_churn_gamma(sigma_t: Tensor, S_churn: Tensor, S_min: Tensor, S_max: Tensor, n: int) -> Tensor:
    x_t = torch.zeros_like(sigma_t)[None, None]
    told = _churned(x_t, x_t, sigma_t, n, **_churn(S_churn, S_min, S_max, 1.0))
    return told["sigma_hat"] / told["sigma"] - 1


def edm_churned_sigma(sigma_t: Tensor, churn: Tensor) -> Tensor:
    x_t = torch.zeros_like(sigma_t)[None, None]
    return _churned(x_t, x_t, sigma_t, 1, s_churn=_share(churn))["sigma_hat"]


def edm_churned_state(x_t: Tensor, z: Tensor, sigma_t: Tensor, churn: Tensor, S_noise: Tensor) -> Tensor:
    return _churned(x_t, z, sigma_t, 1, s_churn=_share(churn), s_noise=float(S_noise))["x"]


def _share(churn: Tensor) -> float:
    if float(churn) > 2**0.5 - 1:
        raise NotImplementedError("k-diffusion cuts a step's churn off at sqrt(2) - 1, as EDM's Algorithm 2 does")
    return float(churn)
