"""Classes that know no table: ElucidatedDiffusion in sigma, and the continuous-time ones in log SNR."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

import torch
from torch import Tensor

from refdiff.adapters.denoising_diffusion_pytorch.diffusions import (
    Network,
    Tables,
    continuous,
    driven,
    elucidated,
    v_continuous,
)

__all__ = ["Continuous", "Elucidated", "VContinuous"]

DenoiserAtLevel = Callable[[Tensor, float, float], Tensor]


@dataclass(frozen=True)
class Elucidated:
    """ElucidatedDiffusion. Its network's preconditioning is passed over where a case gives a denoiser."""

    tables: Tables
    ARRAY = "torch"

    def _diffusion(self, answer: Callable[..., Any] = torch.zeros_like, **options: Any) -> Any:
        return elucidated.ElucidatedDiffusion(Network(answer, continuous_time=True), image_size=1, **options)

    def edm_c_skip(self, sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
        factor: Tensor = self._diffusion(sigma_data=float(sigma_data)).c_skip(sigma_t)
        return factor

    def edm_c_out(self, sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
        factor: Tensor = self._diffusion(sigma_data=float(sigma_data)).c_out(sigma_t)
        return factor

    def edm_c_in(self, sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
        factor: Tensor = self._diffusion(sigma_data=float(sigma_data)).c_in(sigma_t)
        return factor

    def edm_c_noise(self, sigma_t: Tensor) -> Tensor:
        told: Tensor = self._diffusion().c_noise(sigma_t)
        return told

    def edm_denoiser(self, x_t: Tensor, network_output: Tensor, sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
        images = x_t[:, :, None, None]
        diffusion = self._diffusion(lambda x, t: network_output.expand(x_t.shape)[:, :, None, None], sigma_data=float(sigma_data))
        x_0: Tensor = diffusion.preconditioned_network_forward(images, sigma_t.expand(len(x_t)))
        return x_0[:, :, 0, 0]

    def edm_loss_weight(self, sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
        weight: Tensor = self._diffusion(sigma_data=float(sigma_data)).loss_weight(sigma_t)
        return weight

    def sigmas_karras(self, n: int, sigma_min: Tensor, sigma_max: Tensor, rho: Tensor) -> Tensor:
        diffusion = self._diffusion(sigma_min=float(sigma_min), sigma_max=float(sigma_max), rho=float(rho))
        with self.tables.wide():
            sigmas: Tensor = diffusion.sample_schedule(int(n))
        return sigmas[:-1]

    def _run(
        self, sampler: str, denoise: DenoiserAtLevel, x_T: Tensor, z: list[Tensor], sigmas: Tensor, **options: Any
    ) -> Tensor:
        diffusion = self._diffusion(**options)
        diffusion.sample_schedule = lambda _steps: sigmas
        diffusion.preconditioned_network_forward = lambda x, sigma, *_given, **_named: denoise(x, 1.0, sigma)
        with self.tables.wide(), driven(elucidated, [x_T / sigmas[0], *z]):
            last: Tensor = getattr(diffusion, sampler)(len(x_T), num_sample_steps=len(sigmas) - 1)
        return last

    def edm_stochastic_path(
        self,
        denoiser_at_level: DenoiserAtLevel,
        x_T: Tensor,
        z: Tensor,
        sigmas: Tensor,
        S_churn: Tensor,
        S_min: Tensor,
        S_max: Tensor,
        S_noise: Tensor,
    ) -> Tensor:
        churn = {"S_churn": float(S_churn), "S_tmin": float(S_min), "S_tmax": float(S_max), "S_noise": float(S_noise)}
        return self._run("sample", denoiser_at_level, x_T, list(z), sigmas, **churn)

    def heun_path(self, denoiser_at_level: DenoiserAtLevel, x_T: Tensor, sigmas: Tensor) -> Tensor:
        still = [torch.zeros_like(x_T)] * (len(sigmas) - 1)
        return self._run("sample", denoiser_at_level, x_T, still, sigmas, S_churn=0.0)

    def dpmpp_2m_path(self, denoiser_at_level: DenoiserAtLevel, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
        if (alphas != 1).any():
            raise NotImplementedError("ElucidatedDiffusion's signal keeps its scale")
        return self._run("sample_using_dpmpp", denoiser_at_level, x_T, [], sigmas)


class _ByLogSNR:
    """A schedule whose time 1 is at t and whose time 1/2, or 0 where s is data, is at s."""

    def __init__(self, logsnr_s: Tensor | None, logsnr_t: Tensor) -> None:
        infinite = torch.full_like(logsnr_t, torch.inf)
        self.s = torch.zeros(()) if logsnr_s is None else torch.full((), 0.5)
        self.t = torch.ones(())
        self._levels = {float(self.s): infinite if logsnr_s is None else logsnr_s, 1.0: logsnr_t}

    def __call__(self, time: Tensor) -> Tensor:
        return self._levels[float(time)].reshape(())


def _step(kind: Any, logsnr_s: Tensor | None, logsnr_t: Tensor, x_t: Tensor, output: Tensor, draws: list[Tensor]) -> Any:
    """The mean and variance of a class's step, or the state it comes to where noise is drawn."""
    diffusion = kind(Network(lambda x, t: output, continuous_time=True), image_size=1, clip_sample_denoised=False)
    diffusion.log_snr = schedule = _ByLogSNR(logsnr_s, logsnr_t)
    with driven(continuous, draws):
        step = diffusion.p_sample if draws else diffusion.p_mean_variance
        return step(x_t, schedule.t, schedule.s)


@final
class Continuous:
    """ContinuousTimeGaussianDiffusion, which predicts eps, between any two levels."""

    ARRAY = "torch"
    _kind: Any = continuous.ContinuousTimeGaussianDiffusion

    def posterior_mean(self, x_t: Tensor, eps: Tensor, logsnr_t: Tensor, logsnr_s: Tensor | None = None) -> Tensor:
        mean: Tensor = _step(self._kind, logsnr_s, logsnr_t, x_t, eps, [])[0]
        return mean

    def posterior_variance(self, logsnr_t: Tensor, logsnr_s: Tensor | None = None) -> Tensor:
        zero = torch.zeros_like(logsnr_t).reshape(1)
        variance: Tensor = _step(self._kind, logsnr_s, logsnr_t, zero, zero, [])[1]
        return variance

    def ddpm_step(self, x_t: Tensor, eps: Tensor, z: Tensor, logsnr_t: Tensor, logsnr_s: Tensor | None = None) -> Tensor:
        moved: Tensor = _step(self._kind, logsnr_s, logsnr_t, x_t, eps, [z])
        return moved


@final
class VContinuous:
    """VParamContinuousTimeGaussianDiffusion, which predicts v, between any two levels."""

    ARRAY = "torch"
    _kind: Any = v_continuous.VParamContinuousTimeGaussianDiffusion

    def posterior_mean(self, x_t: Tensor, v: Tensor, logsnr_t: Tensor, logsnr_s: Tensor | None = None) -> Tensor:
        mean: Tensor = _step(self._kind, logsnr_s, logsnr_t, x_t, v, [])[0]
        return mean

    def ddpm_step(self, x_t: Tensor, v: Tensor, z: Tensor, logsnr_t: Tensor, logsnr_s: Tensor | None = None) -> Tensor:
        moved: Tensor = _step(self._kind, logsnr_s, logsnr_t, x_t, v, [z])
        return moved
