"""The production path under the vocabulary's names: tables from betas, read by integer times."""

from collections.abc import Callable

import torch
from torch import Tensor

from refdiff.production import forward, loss, path, posterior, schedule, step
from refdiff.production.schedule import Schedule

__all__ = [
    "alpha", "alpha_bar", "betas_cosine", "betas_linear", "betas_scaled_linear", "betas_sigmoid", "betas_zero_terminal_snr",
    "ddim_noise_scale", "ddim_path", "ddim_step", "ddpm_path", "ddpm_step", "ddpm_step_large", "decoder_log_likelihood",
    "denoising_kl", "denoising_kl_gradient", "guided_ddim_path", "log_alpha_bar", "logsnr", "marginal_mean",
    "marginal_sample", "marginal_variance", "posterior_log_variance", "posterior_log_variance_large",
    "posterior_log_variance_learned", "posterior_mean", "posterior_mean_x_0_coefficient", "posterior_mean_x_t_coefficient",
    "posterior_variance", "posterior_variance_large", "prior_kl", "sigma", "simple_loss_weight", "snr", "timesteps_leading",
    "timesteps_linspace", "timesteps_trailing", "transition_mean", "transition_variance",
]  # fmt: skip

Time = Tensor | int
Number = Tensor | float


def _checked(betas: Tensor, t: Time) -> Tensor:
    """Times on the betas' device; one outside 0..T is an error."""
    times = torch.as_tensor(t, dtype=torch.int64, device=betas.device)
    if times.numel() and not 0 <= int(times.min()) <= int(times.max()) <= len(betas):
        raise ValueError(f"time {times.tolist()} lies outside 0..{len(betas)}; give times of this schedule")
    return times


def _at(betas: Tensor, t: Time) -> tuple[Schedule, Tensor]:
    return Schedule.from_betas(betas), _checked(betas, t)


def _between(betas: Tensor, s: Time, t: Time) -> tuple[Schedule, Tensor, Tensor]:
    return Schedule.from_betas(betas), _checked(betas, s), _checked(betas, t)


def _kind(number: Number) -> torch.dtype:
    return number.dtype if isinstance(number, Tensor) else torch.float64


def betas_linear(T: int, beta_start: Number, beta_end: Number) -> Tensor:
    return schedule.betas_linear(int(T), float(beta_start), float(beta_end), _kind(beta_start))


def betas_scaled_linear(T: int, beta_start: Number, beta_end: Number) -> Tensor:
    return schedule.betas_scaled_linear(int(T), float(beta_start), float(beta_end), _kind(beta_start))


def betas_cosine(T: int, offset: Number, beta_max: Number) -> Tensor:
    return schedule.betas_cosine(int(T), float(offset), float(beta_max), _kind(beta_max))


def betas_sigmoid(T: int, beta_start: Number, beta_end: Number) -> Tensor:
    return schedule.betas_sigmoid(int(T), float(beta_start), float(beta_end), _kind(beta_start))


def betas_zero_terminal_snr(betas: Tensor) -> Tensor:
    return schedule.betas_zero_terminal_snr(betas)


def alpha_bar(betas: Tensor) -> Tensor:
    return schedule.alpha_bar(betas)


def log_alpha_bar(betas: Tensor) -> Tensor:
    return schedule.log_alpha_bar(betas)


def alpha(betas: Tensor, t: Time) -> Tensor:
    return schedule.alpha(*_at(betas, t))


def sigma(betas: Tensor, t: Time) -> Tensor:
    return schedule.sigma(*_at(betas, t))


def snr(betas: Tensor, t: Time) -> Tensor:
    return schedule.snr(*_at(betas, t))


def logsnr(betas: Tensor, t: Time) -> Tensor:
    return schedule.logsnr(*_at(betas, t))


def timesteps_leading(T: int, n: int, steps_offset: int) -> Tensor:
    return schedule.timesteps_leading(int(T), int(n), int(steps_offset))


def timesteps_trailing(T: int, n: int) -> Tensor:
    return schedule.timesteps_trailing(int(T), int(n))


def timesteps_linspace(T: int, n: int) -> Tensor:
    return schedule.timesteps_linspace(int(T), int(n))


def marginal_mean(betas: Tensor, t: Time, x_0: Tensor) -> Tensor:
    return forward.marginal_mean(*_at(betas, t), x_0)


def marginal_variance(betas: Tensor, t: Time) -> Tensor:
    return forward.marginal_variance(*_at(betas, t))


def marginal_sample(betas: Tensor, t: Time, x_0: Tensor, eps: Tensor) -> Tensor:
    return forward.marginal_sample(*_at(betas, t), x_0, eps)


def transition_mean(betas: Tensor, s: Time, t: Time, x_s: Tensor) -> Tensor:
    return forward.transition_mean(*_between(betas, s, t), x_s)


def transition_variance(betas: Tensor, s: Time, t: Time) -> Tensor:
    return forward.transition_variance(*_between(betas, s, t))


def posterior_mean_x_0_coefficient(betas: Tensor, s: Time, t: Time) -> Tensor:
    return posterior.posterior_mean_x_0_coefficient(*_between(betas, s, t))


def posterior_mean_x_t_coefficient(betas: Tensor, s: Time, t: Time) -> Tensor:
    return posterior.posterior_mean_x_t_coefficient(*_between(betas, s, t))


def posterior_mean(betas: Tensor, s: Time, t: Time, x_0: Tensor, x_t: Tensor) -> Tensor:
    return posterior.posterior_mean(*_between(betas, s, t), x_0, x_t)


def posterior_variance(betas: Tensor, s: Time, t: Time) -> Tensor:
    return posterior.posterior_variance(*_between(betas, s, t))


def posterior_variance_large(betas: Tensor, s: Time, t: Time) -> Tensor:
    return posterior.posterior_variance_large(*_between(betas, s, t))


def posterior_log_variance(betas: Tensor, s: Time, t: Time) -> Tensor:
    return posterior.posterior_log_variance(*_between(betas, s, t))


def posterior_log_variance_large(betas: Tensor, s: Time, t: Time) -> Tensor:
    return posterior.posterior_log_variance_large(*_between(betas, s, t))


def posterior_log_variance_learned(betas: Tensor, s: Time, t: Time, interpolation: Number) -> Tensor:
    share = torch.as_tensor(interpolation, dtype=betas.dtype, device=betas.device)
    return posterior.posterior_log_variance_learned(*_between(betas, s, t), share)


def denoising_kl(betas: Tensor, s: Time, t: Time, x_0: Tensor, x_0_hat: Tensor) -> Tensor:
    return loss.denoising_kl(*_between(betas, s, t), x_0, x_0_hat)


def denoising_kl_gradient(betas: Tensor, s: Time, t: Time, x_0: Tensor, x_0_hat: Tensor) -> Tensor:
    return loss.denoising_kl_gradient(*_between(betas, s, t), x_0, x_0_hat)


def prior_kl(betas: Tensor, x_0: Tensor) -> Tensor:
    return loss.prior_kl(Schedule.from_betas(betas), x_0)


def simple_loss_weight(betas: Tensor, s: Time, t: Time) -> Tensor:
    return loss.simple_loss_weight(*_between(betas, s, t))


def ddpm_step(betas: Tensor, s: Time, t: Time, x_t: Tensor, x_0: Tensor, z: Tensor) -> Tensor:
    return step.ddpm_step(*_between(betas, s, t), x_t, x_0, z)


def ddpm_step_large(betas: Tensor, s: Time, t: Time, x_t: Tensor, x_0: Tensor, z: Tensor) -> Tensor:
    return step.ddpm_step_large(*_between(betas, s, t), x_t, x_0, z)


def ddim_noise_scale(betas: Tensor, s: Time, t: Time, eta: Number) -> Tensor:
    return step.ddim_noise_scale(*_between(betas, s, t), eta)


def ddim_step(betas: Tensor, s: Time, t: Time, x_t: Tensor, x_0: Tensor, z: Tensor, eta: Number) -> Tensor:
    return step.ddim_step(*_between(betas, s, t), x_t, x_0, z, eta)


def ddpm_path(betas: Tensor, timesteps: Tensor, denoiser: Callable[[Tensor, int], Tensor], x_T: Tensor, z: Tensor) -> Tensor:
    return path.ddpm_path(*_at(betas, timesteps), denoiser, x_T, z)


def ddim_path(
    betas: Tensor,
    timesteps: Tensor,
    denoiser: Callable[[Tensor, int], Tensor],
    x_T: Tensor,
    z: Tensor,
    eta: Number,
) -> Tensor:
    return path.ddim_path(*_at(betas, timesteps), denoiser, x_T, z, eta)


def guided_ddim_path(
    betas: Tensor,
    timesteps: Tensor,
    v_model_conditional: Callable[[Tensor, int], Tensor],
    v_model_unconditional: Callable[[Tensor, int], Tensor],
    guidance_scale: Number,
    x_T: Tensor,
) -> Tensor:
    return path.guided_ddim_path(*_at(betas, timesteps), v_model_conditional, v_model_unconditional, guidance_scale, x_T)


def decoder_log_likelihood(x_0: Tensor, mean: Tensor, log_scale: Number) -> Tensor:
    return loss.decoder_log_likelihood(x_0, mean, log_scale)
