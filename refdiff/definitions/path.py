"""Sampling runs looped over the running product of 1 - beta, with the predicted noise in the place of the data."""

import numpy as np

from refdiff.definitions.entries import NEAR, guarded
from refdiff.definitions.latent import unscaled_latent
from refdiff.definitions.moments import condition
from refdiff.definitions.schedule import betas_scaled_linear, timesteps_leading
from refdiff.numbers.balls import ball

__all__ = ["ddim_path", "ddpm_path", "guided_ddim_path", "stable_diffusion_path"]

_sqrt = np.frompyfunc(lambda x: x.sqrt(), 1, 1)


def _powers(betas, timesteps):
    """Pairs of signal powers (at s, at t) and t, from the first step to the last."""
    alphas_cumprod = [1 + 0 * betas[0]]
    for beta in betas:
        alphas_cumprod.append(alphas_cumprod[-1] * (1 - beta))
    times = [int(t) for t in timesteps]
    return [(alphas_cumprod[s], alphas_cumprod[t], t) for t, s in zip(times, [*times[1:], 0], strict=True)]


@guarded(NEAR)
def ddpm_path(denoiser, x_T, z, betas, timesteps):
    """Each state drawn from x_s given x_t, the joint Gaussian about the predicted data conditioned on x_t."""
    states = [x_T]
    for noise, (power_s, power_t, t) in zip(z, _powers(betas, timesteps), strict=True):
        data = denoiser(states[-1], t)
        shared = (power_t / power_s).sqrt() * (1 - power_s)
        mean_s, mean_t = power_s.sqrt() * data, power_t.sqrt() * data
        mean, variance = condition(mean_s, mean_t, 1 - power_s, shared, 1 - power_t, states[-1])
        states.append(mean + variance.sqrt() * noise)
    return np.stack(states)


@guarded(NEAR)
def ddim_path(denoiser, x_T, z, eta, betas, timesteps):
    """Song et al.'s Eqs. (12) and (16) as printed, from the predicted noise."""
    states = [x_T]
    for noise, (power_s, power_t, t) in zip(z, _powers(betas, timesteps), strict=True):
        data = denoiser(states[-1], t)
        eps = (states[-1] - power_t.sqrt() * data) / (1 - power_t).sqrt()
        scale = eta * ((1 - power_s) / (1 - power_t)).sqrt() * (1 - power_t / power_s).sqrt()
        states.append(power_s.sqrt() * data + (1 - power_s - scale**2).nonnegative_part().sqrt() * eps + scale * noise)
    return np.stack(states)


@guarded(NEAR)
def guided_ddim_path(v_model_conditional, v_model_unconditional, guidance_scale, x_T, betas, timesteps):
    """Each state turned towards the data by the difference of the two levels' angles: (x_t, v) is (x_0, eps) turned."""
    models = (v_model_conditional, guidance_scale), (v_model_unconditional, 1 - guidance_scale)
    return np.stack(_turned(models, x_T, _powers(betas, timesteps)))


def _turned(models, x_T, levels):
    """The start and where each step turns it; the models' v are added up by their shares."""
    states = [x_T]
    for power_s, power_t, t in levels:
        cosine = (power_s * power_t).sqrt() + ((1 - power_s) * (1 - power_t)).sqrt()
        sine = (power_s * (1 - power_t)).sqrt() - ((1 - power_s) * power_t).sqrt()
        states.append(cosine * states[-1] - sine * sum(share * model(states[-1], t) for model, share in models))
    return states


@guarded(NEAR)
def stable_diffusion_path(
    v_model_conditional, v_model_unconditional, guidance_scale, x_T, T, n, steps_offset, beta_start, beta_end, latent_scale
):
    """The same turns on a table and a grid of its own, without the last of a grid that goes on to t = 1 and to data."""
    models = (v_model_conditional, guidance_scale), (v_model_unconditional, 1 - guidance_scale)
    grid = [*(int(float(t)) for t in timesteps_leading(T, n, steps_offset)), 1]
    levels = _powers(betas_scaled_linear(T, ball(beta_start), ball(beta_end)), grid)
    states = _turned(models, x_T, levels[:-1])
    return np.stack([*states, unscaled_latent(states[-1], 0, latent_scale)])
