"""The formulas that GaussianDiffusion and its kin hold, each by what the network predicts.

Each is read from what a user can call; coefficients are what the posterior makes of ones and zeros.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, final

import torch
from torch import Tensor

from refdiff.adapters.denoising_diffusion_pytorch.diffusions import Model, Tables, discrete, driven, learned, times_of

__all__ = ["Epsilon", "Formulas", "Sample", "VPrediction"]


def _unasked(x_t: Tensor, t: int) -> Tensor:
    raise RuntimeError("the network was called where no formula needs it")


def _need_signal(betas: Tensor, t: int) -> None:
    if (betas[:t] == 1).any():
        raise NotImplementedError("its schedules never reach alpha_bar_t = 0, where the tables it predicts by are infinite")


def _need_next(s: int, t: int) -> None:
    if s != t - 1:
        raise NotImplementedError("GaussianDiffusion's posterior goes to t - 1 alone")


def _of(answer: Tensor) -> Model:
    """A model that predicts this."""
    return lambda x_t, t: answer


@dataclass(frozen=True)
class Formulas:
    """Formulas that do not depend on what the network predicts, and the runs by what it does."""

    tables: Tables
    objective: ClassVar[str] = "pred_noise"
    ARRAY = "torch"

    def _diffusion(self, betas: Tensor, model: Callable[..., Any] = _unasked, **options: Any) -> Any:
        return self.tables.diffusion(betas, self.objective, model, **options)

    def alpha_bar(self, betas: Tensor) -> Tensor:
        products: Tensor = self._diffusion(betas).alphas_cumprod
        return products

    def marginal_sample(self, betas: Tensor, t: int, x_0: Tensor, eps: Tensor) -> Tensor:
        noisy: Tensor = self._diffusion(betas).q_sample(x_0, times_of(t, len(x_0)), eps)
        return noisy

    def marginal_mean(self, betas: Tensor, t: int, x_0: Tensor) -> Tensor:
        return self.marginal_sample(betas, t, x_0, torch.zeros_like(x_0))

    def alpha(self, betas: Tensor, t: int) -> Tensor:
        return self.marginal_sample(betas, t, torch.ones_like(betas[:1]), torch.zeros_like(betas[:1]))

    def sigma(self, betas: Tensor, t: int) -> Tensor:
        return self.marginal_sample(betas, t, torch.zeros_like(betas[:1]), torch.ones_like(betas[:1]))

    def snr(self, betas: Tensor, t: int) -> Tensor:
        return self._weight(betas, t, "pred_x0")

    def x_0_from_eps(self, betas: Tensor, t: int, x_t: Tensor, eps: Tensor) -> Tensor:
        _need_signal(betas, t)
        x_0: Tensor = self._diffusion(betas).predict_start_from_noise(x_t, times_of(t, len(x_t)), eps)
        return x_0

    def eps_from_x_0(self, betas: Tensor, t: int, x_t: Tensor, x_0: Tensor) -> Tensor:
        _need_signal(betas, t)
        eps: Tensor = self._diffusion(betas).predict_noise_from_start(x_t, times_of(t, len(x_t)), x_0)
        return eps

    def x_0_from_v(self, betas: Tensor, t: int, x_t: Tensor, v: Tensor) -> Tensor:
        x_0: Tensor = self._diffusion(betas).predict_start_from_v(x_t, times_of(t, len(x_t)), v)
        return x_0

    def eps_from_v(self, betas: Tensor, t: int, x_t: Tensor, v: Tensor) -> Tensor:
        _need_signal(betas, t)
        diffusion = self.tables.diffusion(betas, "pred_v", _of(v))
        eps: Tensor = diffusion.model_predictions(x_t, times_of(t, len(x_t))).pred_noise
        return eps

    def v_from_x_0(self, betas: Tensor, t: int, x_0: Tensor, eps: Tensor) -> Tensor:
        v: Tensor = self._diffusion(betas).predict_v(x_0, times_of(t, len(x_0)), eps)
        return v

    def v_from_eps(self, betas: Tensor, t: int, x_0: Tensor, eps: Tensor) -> Tensor:
        return self.v_from_x_0(betas, t, x_0, eps)

    def _posterior(self, betas: Tensor, s: int, t: int, x_0: Tensor, x_t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        _need_next(s, t)
        found: tuple[Tensor, Tensor, Tensor] = self._diffusion(betas).q_posterior(x_0, x_t, times_of(t, len(x_t)))
        return found

    def posterior_mean_x_0_coefficient(self, betas: Tensor, s: int, t: int) -> Tensor:
        one = torch.ones_like(betas[:1])
        return self._posterior(betas, s, t, one, 0 * one)[0]

    def posterior_mean_x_t_coefficient(self, betas: Tensor, s: int, t: int) -> Tensor:
        one = torch.ones_like(betas[:1])
        return self._posterior(betas, s, t, 0 * one, one)[0]

    def posterior_variance(self, betas: Tensor, s: int, t: int) -> Tensor:
        return self._posterior(betas, s, t, 0 * betas[:1], 0 * betas[:1])[1]

    def posterior_log_variance(self, betas: Tensor, s: int, t: int) -> Tensor:
        return self._posterior(betas, s, t, 0 * betas[:1], 0 * betas[:1])[2]

    def posterior_log_variance_learned(self, betas: Tensor, s: int, t: int, interpolation: Tensor) -> Tensor:
        _need_next(s, t)
        diffusion = self.tables.diffusion(betas, "pred_noise", _unasked, learned.LearnedGaussianDiffusion)
        output = torch.cat([torch.zeros_like(interpolation), 2 * interpolation - 1], 1)
        x_t = torch.zeros_like(interpolation)
        log_variance: Tensor = diffusion.p_mean_variance(
            x=x_t, t=times_of(t, len(x_t)), clip_denoised=False, model_output=output
        )[2]
        return log_variance

    def posterior_log_variance_large(self, betas: Tensor, s: int, t: int) -> Tensor:
        return self.posterior_log_variance_learned(betas, s, t, torch.ones_like(betas[:1])[None])

    def _weight(self, betas: Tensor, t: int | Tensor, objective: str, **options: Any) -> Tensor:
        weights: Tensor = self.tables.diffusion(betas, objective, _unasked, **options).loss_weight
        return weights[torch.as_tensor(t) - 1]

    def snr_weight_eps(self, betas: Tensor, t: int) -> Tensor:
        return self._weight(betas, t, "pred_noise")

    def snr_weight_x_0(self, betas: Tensor, t: int) -> Tensor:
        return self._weight(betas, t, "pred_x0")

    def snr_weight_v(self, betas: Tensor, t: int) -> Tensor:
        return self._weight(betas, t, "pred_v")

    def min_snr_weight_eps(self, betas: Tensor, t: int, gamma: Tensor) -> Tensor:
        return self._weight(betas, t, "pred_noise", min_snr_loss_weight=True, min_snr_gamma=float(gamma))

    def min_snr_weight_x_0(self, betas: Tensor, t: int, gamma: Tensor) -> Tensor:
        return self._weight(betas, t, "pred_x0", min_snr_loss_weight=True, min_snr_gamma=float(gamma))

    def min_snr_weight_v(self, betas: Tensor, t: int, gamma: Tensor) -> Tensor:
        return self._weight(betas, t, "pred_v", min_snr_loss_weight=True, min_snr_gamma=float(gamma))

    def simple_loss(self, eps: Tensor, eps_hat: Tensor) -> Tensor:
        shape = (len(eps), 1, 1, -1)
        betas = torch.full((2,), 0.5, dtype=eps.dtype)
        diffusion = self.tables.diffusion(betas, "pred_noise", _of(eps_hat.reshape(shape)))
        noise = eps.reshape(shape)
        loss: Tensor = diffusion.p_losses(torch.zeros_like(noise), times_of(1, len(eps)), noise, loss_reduction="none")
        return loss

    def denoising_kl(self, betas: Tensor, s: int | Tensor, t: int | Tensor, x_0: Tensor, x_0_hat: Tensor) -> Tensor:
        if (torch.as_tensor(s) != torch.as_tensor(t) - 1).any():
            raise NotImplementedError("GaussianDiffusion's posterior goes to t - 1 alone")
        diffusion, times = self._diffusion(betas), times_of(t, len(x_0))
        mean, _, log_variance = diffusion.q_posterior(x_0, torch.zeros_like(x_0), times)
        mean_hat, _, _ = diffusion.q_posterior(x_0_hat, torch.zeros_like(x_0), times)
        elements: Tensor = learned.normal_kl(mean, log_variance, mean_hat, log_variance)
        return elements.flatten(1).sum(1)

    def _mean(self, betas: Tensor, s: int, t: int, x_t: Tensor, output: Tensor) -> Tensor:
        _need_next(s, t)
        mean: Tensor = self._diffusion(betas, _of(output)).p_mean_variance(x_t, times_of(t, len(x_t)), clip_denoised=False)[0]
        return mean

    def _ddpm_step(self, betas: Tensor, s: int, t: int, x_t: Tensor, output: Tensor, z: Tensor) -> Tensor:
        _need_next(s, t)
        with driven(discrete, [z]):
            moved: Tensor = self._diffusion(betas, _of(output)).p_sample(x_t, t - 1)[0]
        return moved

    def _ddpm_path(self, betas: Tensor, timesteps: Tensor, model: Model, x_T: Tensor, z: Tensor) -> Tensor:
        if timesteps.tolist() != list(range(len(betas), 0, -1)):
            raise NotImplementedError("p_sample_loop takes every time from T down to 1")
        with driven(discrete, [x_T, *z]):
            states: Tensor = self._diffusion(betas, model).p_sample_loop(x_T.shape, return_all_timesteps=True)
        return states.movedim(1, 0)

    def _ddim_path(self, betas: Tensor, times: list[int], model: Model, x_T: Tensor, z: Tensor, eta: Tensor) -> Tensor:
        diffusion = self._diffusion(betas, model, ddim_sampling_eta=float(eta))
        with driven(discrete, [x_T, *z], times):
            states: Tensor = diffusion.ddim_sample(x_T.shape, return_all_timesteps=True)
        return states.movedim(1, 0)

    def _ddim_step(self, betas: Tensor, s: int, t: int, x_t: Tensor, output: Tensor, z: Tensor, eta: Tensor) -> Tensor:
        _need_signal(betas, t)
        times = [t, s] if s else [t]
        return self._ddim_path(betas, times, _of(output), x_t, z[None], eta)[1]

    def ddim_noise_scale(self, betas: Tensor, s: int, t: int, eta: Tensor) -> Tensor:
        zero, one = torch.zeros_like(betas[:1]), torch.ones_like(betas[:1])
        return Epsilon(self.tables).ddim_step(betas, s, t, zero, zero, one, eta)


@final
class Epsilon(Formulas):
    """The network predicts eps."""

    objective = "pred_noise"

    def posterior_mean(self, betas: Tensor, s: int, t: int, x_t: Tensor, eps: Tensor) -> Tensor:
        _need_signal(betas, t)
        return self._mean(betas, s, t, x_t, eps)

    def ddpm_step(self, betas: Tensor, s: int, t: int, x_t: Tensor, eps: Tensor, z: Tensor) -> Tensor:
        _need_signal(betas, t)
        return self._ddpm_step(betas, s, t, x_t, eps, z)

    def ddim_step(self, betas: Tensor, s: int, t: int, x_t: Tensor, eps: Tensor, z: Tensor, eta: Tensor) -> Tensor:
        return self._ddim_step(betas, s, t, x_t, eps, z, eta)

    def ddpm_path(self, betas: Tensor, timesteps: Tensor, eps_model: Model, x_T: Tensor, z: Tensor) -> Tensor:
        return self._ddpm_path(betas, timesteps, eps_model, x_T, z)

    def ddim_path(self, betas: Tensor, timesteps: Tensor, eps_model: Model, x_T: Tensor, z: Tensor, eta: Tensor) -> Tensor:
        return self._ddim_path(betas, timesteps.tolist(), eps_model, x_T, z, eta)


@final
class Sample(Formulas):
    """The network predicts x_0."""

    objective = "pred_x0"

    def posterior_mean(self, betas: Tensor, s: int, t: int, x_t: Tensor, x_0: Tensor) -> Tensor:
        return self._mean(betas, s, t, x_t, x_0)

    def ddpm_step(self, betas: Tensor, s: int, t: int, x_t: Tensor, x_0: Tensor, z: Tensor) -> Tensor:
        return self._ddpm_step(betas, s, t, x_t, x_0, z)

    def ddim_step(self, betas: Tensor, s: int, t: int, x_t: Tensor, x_0: Tensor, z: Tensor, eta: Tensor) -> Tensor:
        return self._ddim_step(betas, s, t, x_t, x_0, z, eta)

    def ddpm_path(self, betas: Tensor, timesteps: Tensor, denoiser: Model, x_T: Tensor, z: Tensor) -> Tensor:
        return self._ddpm_path(betas, timesteps, denoiser, x_T, z)

    def ddim_path(self, betas: Tensor, timesteps: Tensor, denoiser: Model, x_T: Tensor, z: Tensor, eta: Tensor) -> Tensor:
        return self._ddim_path(betas, timesteps.tolist(), denoiser, x_T, z, eta)


@final
class VPrediction(Formulas):
    """The network predicts v: the library's own choice."""

    objective = "pred_v"

    def posterior_mean(self, betas: Tensor, s: int, t: int, x_t: Tensor, v: Tensor) -> Tensor:
        return self._mean(betas, s, t, x_t, v)

    def ddpm_step(self, betas: Tensor, s: int, t: int, x_t: Tensor, v: Tensor, z: Tensor) -> Tensor:
        return self._ddpm_step(betas, s, t, x_t, v, z)

    def ddim_step(self, betas: Tensor, s: int, t: int, x_t: Tensor, v: Tensor, z: Tensor, eta: Tensor) -> Tensor:
        return self._ddim_step(betas, s, t, x_t, v, z, eta)

    def ddpm_path(self, betas: Tensor, timesteps: Tensor, v_model: Model, x_T: Tensor, z: Tensor) -> Tensor:
        return self._ddpm_path(betas, timesteps, v_model, x_T, z)

    def ddim_path(self, betas: Tensor, timesteps: Tensor, v_model: Model, x_T: Tensor, z: Tensor, eta: Tensor) -> Tensor:
        return self._ddim_path(betas, timesteps.tolist(), v_model, x_T, z, eta)
