"""DDPMScheduler of old diffusers, one strided step at a time; its times are our t_index."""

from unittest import mock

from torch import Tensor

from tests.releases.adapters.diffusers_release import scheduling, strides

__all__ = ["ARRAY", "ddpm_step", "posterior_log_variance_learned", "posterior_mean", "posterior_variance", "timesteps_leading"]

ARRAY = "torch"
ddpm = scheduling("ddpm")


def _scheduler(betas, s, t, variance="fixed_small"):
    scheduler = ddpm.DDPMScheduler(
        len(betas), trained_betas=betas.numpy(), prediction_type="sample", variance_type=variance, clip_sample=False
    )
    scheduler.set_timesteps(strides(len(betas), s, t))
    return scheduler


def ddpm_step(betas: Tensor, s: int, t: int, x_t: Tensor, x_0: Tensor, z: Tensor) -> Tensor:
    with mock.patch.object(ddpm, "randn_tensor", return_value=z):
        return _scheduler(betas, s, t).step(x_0, t - 1, x_t).prev_sample


def posterior_mean(betas: Tensor, s: int, t: int, x_t: Tensor, x_0: Tensor) -> Tensor:
    return ddpm_step(betas, s, t, x_t, x_0, 0 * x_t)


def posterior_variance(betas: Tensor, s: int, t: int) -> Tensor:
    if s == 0:
        raise NotImplementedError("clamped at 1e-20 so that its log exists")
    return _scheduler(betas, s, t)._get_variance(t - 1)


def posterior_log_variance_learned(betas: Tensor, s: int, t: int, interpolation: Tensor) -> Tensor:
    scheduler = _scheduler(betas, s, t, "learned_range")
    return scheduler._get_variance(t - 1, predicted_variance=2 * interpolation - 1)


def timesteps_leading(T: int, n: int, steps_offset: int) -> Tensor:
    if steps_offset:
        raise NotImplementedError("it knows no offset")
    scheduler = ddpm.DDPMScheduler(T)
    scheduler.set_timesteps(n)
    return scheduler.timesteps + 1
