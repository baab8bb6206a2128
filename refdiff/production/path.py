"""Whole sampling runs: all coefficients at once, then one fused update a step."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import torch
from torch import Tensor

from refdiff.production.latent import unscaled_latent
from refdiff.production.schedule import Schedule, betas_scaled_linear, timesteps_leading
from refdiff.production.step import Weights, ddim_step_coefficients, ddpm_step_coefficients

__all__ = ["Denoiser", "Rule", "ddim_path", "ddpm_path", "guided_ddim_path", "stable_diffusion_path", "states"]

Denoiser = Callable[[Tensor, int], Tensor]
Rule = Callable[[Schedule, Tensor, Tensor], Weights]


def states(
    rule: Rule,
    schedule: Schedule,
    timesteps: Tensor,
    denoiser: Denoiser,
    x_T: Tensor,
    z: Iterable[Tensor],
    end: int = 0,
) -> Iterator[Tensor]:
    """The states after each step, from timesteps[0] down to `end`, one network evaluation each.

    Args:
        rule: weights of x_0, x_t and z from (schedule, s, t), such as `ddpm_step_coefficients`.
        schedule: tables on the state's device.
        timesteps: decreasing times in 1..T, shape (n,).
        denoiser: callable (x_t, t) giving the mean of x_0 given x_t.
        x_T: state at timesteps[0].
        z: unit noise of each step, shape (n, *x_T.shape), or n tensors drawn as they are needed.
        end: the time that the last step goes to; 0 is data.
    """
    if not len(timesteps) or bool((timesteps[1:] >= timesteps[:-1]).any()):
        raise ValueError(f"times {timesteps.tolist()} do not decrease; give at least one, largest first")
    earlier = torch.cat([timesteps[1:], timesteps.new_full((1,), end)])
    weights = (weight.to(x_T.dtype) for weight in rule(schedule, earlier, timesteps))
    x = x_T
    for t, of_x_0, of_x_t, of_z, noise in zip(timesteps.tolist(), *weights, z, strict=True):
        x_0 = denoiser(x, t)
        x = (of_x_t * x).addcmul_(x_0, of_x_0).addcmul_(noise, of_z)
        yield x


def _path(rule: Rule, schedule: Schedule, timesteps: Tensor, denoiser: Denoiser, x_T: Tensor, z: Tensor) -> Tensor:
    return torch.stack([x_T, *states(rule, schedule, timesteps, denoiser, x_T, z)])


def ddpm_path(schedule: Schedule, timesteps: Tensor, denoiser: Denoiser, x_T: Tensor, z: Tensor) -> Tensor:
    """States of DDPM's sampler, x_T first, shape (n + 1, *x_T.shape); arguments as `states`.

    Source: Ho et al. 2020, arXiv:2006.11239v2, Algorithm 2, with the posterior variance.
    """
    return _path(ddpm_step_coefficients, schedule, timesteps, denoiser, x_T, z)


def ddim_path(schedule: Schedule, timesteps: Tensor, denoiser: Denoiser, x_T: Tensor, z: Tensor, eta: Tensor | float) -> Tensor:
    """States of DDIM's sampler, x_T first, shape (n + 1, *x_T.shape); arguments as `states`.

    Source: Song et al. 2021, arXiv:2010.02502v4, Eqs. (12) and (16).
    """
    return _path(partial(ddim_step_coefficients, eta=eta), schedule, timesteps, denoiser, x_T, z)


def guided_ddim_path(
    schedule: Schedule,
    timesteps: Tensor,
    v_model_conditional: Denoiser,
    v_model_unconditional: Denoiser,
    guidance_scale: Tensor | float,
    x_T: Tensor,
) -> Tensor:
    """States of the deterministic DDIM sampler guided by two models of v, x_T first, shape (n + 1, *x_T.shape).

    Args:
        schedule: tables on the state's device.
        timesteps: decreasing times in 1..T, shape (n,); the last step goes to 0.
        v_model_conditional, v_model_unconditional: callables (x_t, t) giving the mean of v with and without the condition.
        guidance_scale: unconditional + guidance_scale*(conditional - unconditional); 1 is no guidance.
        x_T: state at timesteps[0].

    Source: Ho and Salimans 2022, arXiv:2207.12598v1, Eq. (6); Rombach et al. 2022, arXiv:2112.10752v2, code.
    """

    denoiser = _guided(schedule, v_model_conditional, v_model_unconditional, guidance_scale)
    silent = torch.zeros_like(x_T).expand(len(timesteps), *x_T.shape)
    return ddim_path(schedule, timesteps, denoiser, x_T, silent, 0.0)


def _guided(schedule: Schedule, conditional: Denoiser, unconditional: Denoiser, guidance_scale: Tensor | float) -> Denoiser:
    """The data that two models' combined v implies."""

    def denoiser(x: Tensor, t: int) -> Tensor:
        v = unconditional(x, t)
        v = torch.addcmul(v, conditional(x, t) - v, torch.as_tensor(guidance_scale, dtype=v.dtype, device=v.device))
        alpha, sigma = (schedule.rows(table, t).to(x.dtype) for table in (schedule.alpha, schedule.sigma))
        return alpha * x - sigma * v

    return denoiser


def stable_diffusion_path(
    v_model_conditional: Denoiser,
    v_model_unconditional: Denoiser,
    guidance_scale: Tensor | float,
    x_T: Tensor,
    T: int = 1000,
    n: int = 50,
    steps_offset: int = 1,
    beta_start: Tensor | float = 0.00085,
    beta_end: Tensor | float = 0.012,
    latent_scale: Tensor | float = 0.18215,
) -> Tensor:
    """States of Stable Diffusion's DDIM sampler as released, and the latent its decoder takes, shape (n + 2, *x_T.shape).

    Args:
        v_model_conditional, v_model_unconditional: callables (x_t, t) giving the mean of v, t in 1..T, with and without prompt.
        guidance_scale: unconditional + guidance_scale*(conditional - unconditional), usually 7.5.
        x_T: state at the first of the times, which are leading ones; the last step goes to t = 1, not to data.
        T, n, steps_offset, beta_start, beta_end, latent_scale: as in the released configuration.

    Source: Rombach et al. 2022, arXiv:2112.10752v2, released code.
    """
    betas = betas_scaled_linear(T, float(beta_start), float(beta_end)).to(x_T.device)
    schedule, timesteps = Schedule.from_betas(betas), timesteps_leading(T, n, steps_offset).to(x_T.device)
    denoiser = _guided(schedule, v_model_conditional, v_model_unconditional, guidance_scale)
    rule: Rule = partial(ddim_step_coefficients, eta=0.0)
    silent = torch.zeros_like(x_T).expand(n, *x_T.shape)
    found = [x_T, *states(rule, schedule, timesteps, denoiser, x_T, silent, end=1)]
    return torch.stack([*found, unscaled_latent(found[-1], 0.0, torch.as_tensor(latent_scale).to(x_T))])
