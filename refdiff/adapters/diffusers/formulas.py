"""The formulas that diffusers' schedulers hold, each by what the network predicts.

Each is read from what a user can call (`step`, `add_noise`, `get_velocity`, `compute_snr`): coefficients and noise scales
are what a step makes of ones and zeros. DDPM's draw of noise is replaced, since `step` takes none, and log variances are
read from `_get_variance`, since a step keeps too few of their digits.
"""

from dataclasses import dataclass
from functools import partial
from typing import final

import torch
from torch import Tensor

from refdiff.adapters.diffusers.schedulers import Model, Schedulers, Variance, ddim_move, ddpm_move, run

__all__ = ["Epsilon", "Formulas", "Sample", "VPrediction"]


def _need_signal(betas: Tensor, t: int) -> None:
    if (betas[:t] == 1).any():
        raise NotImplementedError("eps says nothing of x_0 where alpha_bar_t is 0: diffusers divides by 0 there")


@dataclass(frozen=True)
class Formulas:
    """Formulas that do not depend on what the network predicts."""

    build: Schedulers
    ARRAY = "torch"

    def marginal_sample(self, betas: Tensor, t: int, x_0: Tensor, eps: Tensor) -> Tensor:
        noisy: Tensor = self.build.ddpm(betas, [t], "sample", self.build.small).add_noise(x_0, eps, torch.tensor(t - 1))
        return noisy

    def marginal_mean(self, betas: Tensor, t: int, x_0: Tensor) -> Tensor:
        return self.marginal_sample(betas, t, x_0, torch.zeros_like(x_0))

    def alpha(self, betas: Tensor, t: int) -> Tensor:
        return self.marginal_sample(betas, t, torch.ones_like(betas[:1]), torch.zeros_like(betas[:1]))

    def sigma(self, betas: Tensor, t: int) -> Tensor:
        return self.marginal_sample(betas, t, torch.zeros_like(betas[:1]), torch.ones_like(betas[:1]))

    def snr(self, betas: Tensor, t: int) -> Tensor:
        from diffusers.training_utils import compute_snr  # loads every model: only when asked for

        ratio: Tensor = compute_snr(self.build.ddpm(betas, [t], "sample", self.build.small), torch.tensor([t - 1]))
        return ratio

    def v_from_eps(self, betas: Tensor, t: int, x_0: Tensor, eps: Tensor) -> Tensor:
        v: Tensor = self.build.ddim(betas, "v_prediction", 1).get_velocity(x_0, eps, torch.tensor(t - 1))
        return v

    def v_from_x_0(self, betas: Tensor, t: int, x_0: Tensor, eps: Tensor) -> Tensor:
        return self.v_from_eps(betas, t, x_0, eps)

    def x_0_from_eps(self, betas: Tensor, t: int, x_t: Tensor, eps: Tensor) -> Tensor:
        x_0: Tensor = self.build.ddim(betas, "epsilon", 1).step(eps, t - 1, x_t).pred_original_sample
        return x_0

    def x_0_from_v(self, betas: Tensor, t: int, x_t: Tensor, v: Tensor) -> Tensor:
        x_0: Tensor = self.build.ddim(betas, "v_prediction", 1).step(v, t - 1, x_t).pred_original_sample
        return x_0

    def _ddpm(
        self, betas: Tensor, s: int, t: int, x_t: Tensor, output: Tensor, z: Tensor, predicts: str, variance: Variance
    ) -> Tensor:
        return ddpm_move(self.build.ddpm(betas, [t, s], predicts, variance), variance.beside(output), t, x_t, z)

    def posterior_mean_x_0_coefficient(self, betas: Tensor, s: int, t: int) -> Tensor:
        one = torch.ones_like(betas[:1])[None]
        return self._ddpm(betas, s, t, 0 * one, one, 0 * one, "sample", self.build.small)

    def posterior_mean_x_t_coefficient(self, betas: Tensor, s: int, t: int) -> Tensor:
        one = torch.ones_like(betas[:1])[None]
        return self._ddpm(betas, s, t, one, 0 * one, 0 * one, "sample", self.build.small)

    def _scale(self, betas: Tensor, s: int, t: int, variance: Variance) -> Tensor:
        """Standard deviation of a step's noise: what z = 1 makes of a state and a prediction of 0."""
        one = torch.ones_like(betas[:1])[None]
        return self._ddpm(betas, s, t, 0 * one, 0 * one, one, "sample", variance)

    def posterior_variance(self, betas: Tensor, s: int, t: int) -> Tensor:
        if s == 0 and t > 1:
            raise NotImplementedError("DDPMScheduler clamps this variance, 0 at s = 0, at 1e-20 so that its log exists")
        return self._scale(betas, s, t, self.build.small) ** 2

    def posterior_variance_large(self, betas: Tensor, s: int, t: int) -> Tensor:
        if t == 1:
            raise NotImplementedError("DDPMScheduler adds no noise at t = 1, as Ho et al.'s Algorithm 2 wants")
        return self._scale(betas, s, t, self.build.large) ** 2

    def posterior_log_variance_learned(self, betas: Tensor, s: int, t: int, interpolation: Tensor) -> Tensor:
        scheduler = self.build.ddpm(betas, [t, s], "sample", Variance("learned_range"))
        # A step shows exp of half of it, which keeps no digits of a log near 0.
        log_variance: Tensor = scheduler._get_variance(t - 1, 2 * interpolation - 1)
        return log_variance

    def posterior_log_variance(self, betas: Tensor, s: int, t: int) -> Tensor:
        return self.posterior_log_variance_learned(betas, s, t, torch.zeros_like(betas[:1]))

    def posterior_log_variance_large(self, betas: Tensor, s: int, t: int) -> Tensor:
        return self.posterior_log_variance_learned(betas, s, t, torch.ones_like(betas[:1]))

    def ddim_noise_scale(self, betas: Tensor, s: int, t: int, eta: Tensor) -> Tensor:
        one = torch.ones_like(betas[:1])[None]
        return self._ddim_step(betas, s, t, 0 * one, 0 * one, one, eta, "sample")

    def _ddim_step(
        self, betas: Tensor, s: int, t: int, x_t: Tensor, output: Tensor, z: Tensor, eta: Tensor, predicts: str
    ) -> Tensor:
        return ddim_move(self.build.ddim_strided(betas, predicts, s, t), output, t, x_t, z, float(eta))

    def _ddpm_path(self, betas: Tensor, timesteps: Tensor, model: Model, x_T: Tensor, z: Tensor, predicts: str) -> Tensor:
        variance = self.build.small
        scheduler = self.build.ddpm(betas, timesteps, predicts, variance)
        return run(scheduler, lambda x_t, t: variance.beside(model(x_t, t)), x_T, z, partial(ddpm_move, scheduler))

    def _ddim_path(
        self, betas: Tensor, timesteps: Tensor, model: Model, x_T: Tensor, z: Tensor, eta: Tensor, predicts: str
    ) -> Tensor:
        scheduler = self.build.ddim_gridded(betas, predicts, timesteps)
        return run(scheduler, model, x_T, z, partial(ddim_move, scheduler, eta=float(eta)))


@final
class Epsilon(Formulas):
    """The network predicts eps."""

    def posterior_mean(self, betas: Tensor, s: int, t: int, x_t: Tensor, eps: Tensor) -> Tensor:
        _need_signal(betas, t)
        return self._ddpm(betas, s, t, x_t, eps, 0 * x_t, "epsilon", self.build.small)

    def ddpm_step(self, betas: Tensor, s: int, t: int, x_t: Tensor, eps: Tensor, z: Tensor) -> Tensor:
        _need_signal(betas, t)
        return self._ddpm(betas, s, t, x_t, eps, z, "epsilon", self.build.small)

    def ddpm_step_large(self, betas: Tensor, s: int, t: int, x_t: Tensor, eps: Tensor, z: Tensor) -> Tensor:
        _need_signal(betas, t)
        return self._ddpm(betas, s, t, x_t, eps, z, "epsilon", self.build.large)

    def ddim_step(self, betas: Tensor, s: int, t: int, x_t: Tensor, eps: Tensor, z: Tensor, eta: Tensor) -> Tensor:
        _need_signal(betas, t)
        return self._ddim_step(betas, s, t, x_t, eps, z, eta, "epsilon")

    def ddpm_path(self, betas: Tensor, timesteps: Tensor, eps_model: Model, x_T: Tensor, z: Tensor) -> Tensor:
        return self._ddpm_path(betas, timesteps, eps_model, x_T, z, "epsilon")

    def ddim_path(self, betas: Tensor, timesteps: Tensor, eps_model: Model, x_T: Tensor, z: Tensor, eta: Tensor) -> Tensor:
        return self._ddim_path(betas, timesteps, eps_model, x_T, z, eta, "epsilon")


@final
class Sample(Formulas):
    """The network predicts x_0."""

    def posterior_mean(self, betas: Tensor, s: int, t: int, x_t: Tensor, x_0: Tensor) -> Tensor:
        return self._ddpm(betas, s, t, x_t, x_0, 0 * x_t, "sample", self.build.small)

    def ddpm_step(self, betas: Tensor, s: int, t: int, x_t: Tensor, x_0: Tensor, z: Tensor) -> Tensor:
        return self._ddpm(betas, s, t, x_t, x_0, z, "sample", self.build.small)

    def ddpm_step_large(self, betas: Tensor, s: int, t: int, x_t: Tensor, x_0: Tensor, z: Tensor) -> Tensor:
        return self._ddpm(betas, s, t, x_t, x_0, z, "sample", self.build.large)

    def ddim_step(self, betas: Tensor, s: int, t: int, x_t: Tensor, x_0: Tensor, z: Tensor, eta: Tensor) -> Tensor:
        return self._ddim_step(betas, s, t, x_t, x_0, z, eta, "sample")

    def ddpm_path(self, betas: Tensor, timesteps: Tensor, denoiser: Model, x_T: Tensor, z: Tensor) -> Tensor:
        return self._ddpm_path(betas, timesteps, denoiser, x_T, z, "sample")

    def ddim_path(self, betas: Tensor, timesteps: Tensor, denoiser: Model, x_T: Tensor, z: Tensor, eta: Tensor) -> Tensor:
        return self._ddim_path(betas, timesteps, denoiser, x_T, z, eta, "sample")


@final
class VPrediction(Formulas):
    """The network predicts v."""

    def posterior_mean(self, betas: Tensor, s: int, t: int, x_t: Tensor, v: Tensor) -> Tensor:
        return self._ddpm(betas, s, t, x_t, v, 0 * x_t, "v_prediction", self.build.small)

    def ddpm_step(self, betas: Tensor, s: int, t: int, x_t: Tensor, v: Tensor, z: Tensor) -> Tensor:
        return self._ddpm(betas, s, t, x_t, v, z, "v_prediction", self.build.small)

    def ddpm_step_large(self, betas: Tensor, s: int, t: int, x_t: Tensor, v: Tensor, z: Tensor) -> Tensor:
        return self._ddpm(betas, s, t, x_t, v, z, "v_prediction", self.build.large)

    def ddim_step(self, betas: Tensor, s: int, t: int, x_t: Tensor, v: Tensor, z: Tensor, eta: Tensor) -> Tensor:
        return self._ddim_step(betas, s, t, x_t, v, z, eta, "v_prediction")

    def ddpm_path(self, betas: Tensor, timesteps: Tensor, v_model: Model, x_T: Tensor, z: Tensor) -> Tensor:
        return self._ddpm_path(betas, timesteps, v_model, x_T, z, "v_prediction")

    def ddim_path(self, betas: Tensor, timesteps: Tensor, v_model: Model, x_T: Tensor, z: Tensor, eta: Tensor) -> Tensor:
        return self._ddim_path(betas, timesteps, v_model, x_T, z, eta, "v_prediction")

    def stable_diffusion_path(
        self,
        v_model_conditional: Model,
        v_model_unconditional: Model,
        guidance_scale: Tensor,
        x_T: Tensor,
        betas: Tensor,
        n: int,
        steps_offset: int,
        latent_scale: Tensor,
    ) -> Tensor:
        def guided(x_t: Tensor, t: int) -> Tensor:
            v = v_model_unconditional(x_t, t)
            return v + guidance_scale * (v_model_conditional(x_t, t) - v)

        scheduler = self.build.ddim(betas, "v_prediction", n, "leading", steps_offset, to_data=False)
        silent = torch.zeros((n, *x_T.shape), dtype=x_T.dtype)
        states = run(scheduler, guided, x_T, silent, partial(ddim_move, scheduler, eta=0.0))
        return torch.cat([states, states[-1:] / latent_scale])
