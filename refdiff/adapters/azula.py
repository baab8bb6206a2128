"""Azula's schedules, denoisers and samplers under the vocabulary's names.

A sampler is given a schedule that reads its levels from a case: its times are their numbers. Levels without noise are left out
where azula divides by the noise: its documentation wants some noise at time 0. See findings/azula.py for what was found.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn

try:
    import azula.denoise  # type: ignore[import-untyped, unused-ignore]
    import azula.guidance  # type: ignore[import-untyped, unused-ignore]
    import azula.linalg.covariance  # type: ignore[import-untyped, unused-ignore]
    import azula.noise  # type: ignore[import-untyped, unused-ignore]
    import azula.sample  # type: ignore[import-untyped, unused-ignore]
except ModuleNotFoundError as error:
    raise ImportError(f"azula needs {error.name}; pip install --no-deps -r libraries.txt") from error

__all__ = [
    "ARRAY", "classifier_free_guidance_weighted", "ddim_inversion_step", "ddim_noise_scale", "ddim_step", "ddpm_step",
    "deis_path", "deis_step", "denoiser_correlated_gaussian", "denoiser_gaussian", "dpm_solver_sde_1_path",
    "dpmpp_sde_1_path", "dpmpp_sde_1_step", "edm_c_in", "edm_c_out", "edm_c_skip", "edm_denoiser", "edm_heun_step",
    "edm_loss_weight", "euler_path", "exponential_multistep_path", "exponential_multistep_step", "flow_euler_path",
    "heun_path", "linear_path_scales", "lms_path", "lms_step", "rectified_step", "ve_path_scales", "ve_sigma",
]  # fmt: skip

ARRAY = "torch"

Model = Callable[[Tensor, Any, Any], Tensor]


class _Levels(azula.noise.Schedule):  # type: ignore[misc]
    """Levels by their number."""

    def __init__(self, alphas: Tensor, sigmas: Tensor) -> None:
        self.alphas, self.sigmas = alphas, sigmas

    def __call__(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return self.alphas[t.long()], self.sigmas[t.long()]


class _Denoiser(azula.denoise.Denoiser):  # type: ignore[misc]
    """A denoiser that answers as it is told and keeps the states it was asked about."""

    def __init__(self, model: Callable[..., Tensor], alphas: Tensor, sigmas: Tensor) -> None:
        super().__init__()
        self.model, self.schedule = model, _Levels(alphas, sigmas)
        self.states: list[Tensor] = []

    def forward(self, x_t: Tensor, t: Tensor, **named: Any) -> azula.denoise.DiracPosterior:
        self.states.append(x_t)
        return azula.denoise.DiracPosterior(self.model(x_t, *self.schedule(t), **named))


def _run(
    kind: type,
    model: Callable[..., Tensor],
    x_T: Tensor,
    alphas: Tensor,
    sigmas: Tensor,
    z: Iterable[Tensor] = (),
    **options: Any,
) -> Tensor:
    """All states of a sampler that asks its denoiser once a step."""
    denoiser = _Denoiser(model, alphas, sigmas)
    last = _last(kind, denoiser, x_T, z, **options)
    return torch.stack([*denoiser.states, last])


def _last(kind: type, denoiser: _Denoiser, x_T: Tensor, z: Iterable[Tensor] = (), **options: Any) -> Tensor:
    noises: Iterator[Tensor] = iter(z)
    steps = len(denoiser.schedule.alphas) - 1
    sampler = kind(denoiser, start=0.0, stop=float(steps), steps=steps, silent=True, dtype=torch.float64, **options)
    # Samplers draw their own noise, also where they multiply it by 0.
    with mock.patch.object(torch, "randn_like", side_effect=lambda x: next(noises, torch.zeros_like(x))):
        last: Tensor = sampler(x_T)
    return last


def _remembering(kind: type, estimates: Tensor, x_t: Tensor, alphas: Tensor, sigmas: Tensor, eps: bool) -> Tensor:
    """Last step of a run from these estimates, whose earlier steps only fill the sampler's memory."""
    _need_noise(sigmas, len(estimates) > 1 and kind is not azula.sample.zABSampler)
    answers, left = iter(estimates), iter(range(len(estimates) - 1, -1, -1))

    def model(x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        estimate: Tensor = next(answers)
        if next(left) == 0:
            x.copy_(x_t)
        return (x - sigma * estimate) / alpha if eps else estimate

    return _last(kind, _Denoiser(model, alphas, sigmas), x_t.clone(), order=len(estimates))


def _need_noise(sigmas: Tensor, asked: bool = True) -> None:
    if asked and (sigmas == 0).any():
        raise NotImplementedError("azula divides by the noise scale or takes its log: it wants noise at every level")


def euler_path(denoiser_at_level: Model, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    return _run(azula.sample.EulerSampler, denoiser_at_level, x_T, alphas, sigmas)


def rectified_step(x_t: Tensor, x_0: Tensor, alpha_s: Tensor, sigma_s: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    return _step(azula.sample.EulerSampler, x_t, x_0, alpha_s, sigma_s, alpha_t, sigma_t)


def _step(
    kind: type,
    x_t: Tensor,
    x_0: Tensor,
    alpha_s: Tensor,
    sigma_s: Tensor,
    alpha_t: Tensor,
    sigma_t: Tensor,
    *z: Tensor,
    **options: Any,
) -> Tensor:
    alphas, sigmas = torch.stack([alpha_t, alpha_s]), torch.stack([sigma_t, sigma_s])
    return _last(kind, _Denoiser(lambda *_: x_0, alphas, sigmas), x_t, z, **options)


def ddim_inversion_step(x_s: Tensor, x_0: Tensor, alpha_s: Tensor, sigma_s: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    _need_noise(sigma_s)
    return rectified_step(x_s, x_0, alpha_t, sigma_t, alpha_s, sigma_s)


def dpmpp_sde_1_step(
    x_t: Tensor, x_0: Tensor, z: Tensor, alpha_s: Tensor, sigma_s: Tensor, alpha_t: Tensor, sigma_t: Tensor
) -> Tensor:
    return _step(azula.sample.DDPMSampler, x_t, x_0, alpha_s, sigma_s, alpha_t, sigma_t, z)


def dpmpp_sde_1_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    return _run(azula.sample.DDPMSampler, denoiser_at_level, x_T, alphas, sigmas, z)


def ddpm_step(x_t: Tensor, x_0: Tensor, z: Tensor, alpha_s: Tensor, sigma_s: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    return _step(azula.sample.DDPMSampler, x_t, x_0, alpha_s, sigma_s, alpha_t, sigma_t, z)


def ddim_step(
    x_t: Tensor, x_0: Tensor, z: Tensor, eta: Tensor, alpha_s: Tensor, sigma_s: Tensor, alpha_t: Tensor, sigma_t: Tensor
) -> Tensor:
    # Its eta is a share of the noise's variance, as its documentation prints it.
    return _step(azula.sample.DDIMSampler, x_t, x_0, alpha_s, sigma_s, alpha_t, sigma_t, z, eta=float(eta) ** 2)


def ddim_noise_scale(eta: Tensor, alpha_s: Tensor, sigma_s: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    one = torch.ones_like(sigma_t)[None]
    return ddim_step(0 * one, 0 * one, one, eta, alpha_s, sigma_s, alpha_t, sigma_t)[0]


def heun_path(denoiser_at_level: Model, x_T: Tensor, sigmas: Tensor) -> Tensor:
    _need_noise(sigmas)
    return _last(azula.sample.HeunSampler, _Denoiser(denoiser_at_level, torch.ones_like(sigmas), sigmas), x_T)


def edm_heun_step(x_t: Tensor, x_0: Tensor, x_0_s: Tensor, sigma_t: Tensor, sigma_s: Tensor) -> Tensor:
    sigmas, answers = torch.stack([sigma_t, sigma_s]), iter((x_0, x_0_s))
    _need_noise(sigmas)
    return _last(azula.sample.HeunSampler, _Denoiser(lambda *_: next(answers), torch.ones_like(sigmas), sigmas), x_t)


def dpm_solver_sde_1_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    return _run(azula.sample.ItoSampler, denoiser_at_level, x_T, alphas, sigmas, z)


def lms_path(denoiser_at_level: Model, x_T: Tensor, sigmas: Tensor, order: int) -> Tensor:
    return _run(azula.sample.zABSampler, denoiser_at_level, x_T, torch.ones_like(sigmas), sigmas, order=order)


def lms_step(x_t: Tensor, epsilons: Tensor, sigmas: Tensor) -> Tensor:
    return _remembering(azula.sample.zABSampler, epsilons, x_t, torch.ones_like(sigmas), sigmas, eps=True)


def deis_path(denoiser_at_level: Model, x_T: Tensor, alphas: Tensor, sigmas: Tensor, order: int) -> Tensor:
    _need_noise(sigmas)
    return _run(azula.sample.zEABSampler, denoiser_at_level, x_T, alphas, sigmas, order=order)


def deis_step(x_t: Tensor, epsilons: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    return _remembering(azula.sample.zEABSampler, epsilons, x_t, alphas, sigmas, eps=True)


def exponential_multistep_path(denoiser_at_level: Model, x_T: Tensor, alphas: Tensor, sigmas: Tensor, order: int) -> Tensor:
    _need_noise(sigmas)
    return _run(azula.sample.xEABSampler, denoiser_at_level, x_T, alphas, sigmas, order=order)


def exponential_multistep_step(x_t: Tensor, x_0s: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    return _remembering(azula.sample.xEABSampler, x_0s, x_t, alphas, sigmas, eps=False)


def flow_euler_path(denoiser_at_level: Model, x_T: Tensor, times: Tensor) -> Tensor:
    return _run(azula.sample.vABSampler, denoiser_at_level, x_T, 1 - times, times, order=1)


def _gaussian(covariance: Any, x_t: Tensor, mean: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    if alpha_t == 0:
        raise NotImplementedError("azula divides by the signal scale, and its schedules keep some signal at time 1")
    schedule = _Levels(alpha_t[None], sigma_t[None])
    x_0: Tensor = azula.denoise.GaussianDenoiser(mean, covariance, schedule)(x_t, torch.zeros(())).mean
    return x_0


def denoiser_gaussian(x_t: Tensor, mean: Tensor, variance: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    return _gaussian(azula.linalg.covariance.DiagonalCovariance(variance), x_t, mean, alpha_t, sigma_t)


def denoiser_correlated_gaussian(x_t: Tensor, mean: Tensor, covariance: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(covariance)
    return _gaussian(azula.linalg.covariance.FullCovariance(vectors, values), x_t, mean, alpha_t, sigma_t)


class _Backbone(nn.Module):
    """A network that says this whatever it is asked, and keeps its input."""

    def __init__(self, output: Tensor) -> None:
        super().__init__()
        self.register_buffer("output", output)
        self.inputs: list[Tensor] = []

    def forward(self, x: Tensor, _time: Tensor) -> Any:
        self.inputs.append(x)
        return self.output


def _karras(output: Tensor, sigma_t: Tensor, sigma_data: Tensor) -> tuple[Any, _Backbone]:
    if (sigma_data != 1).any():
        raise NotImplementedError("azula's preconditioning is for data of unit variance")
    levels, backbone = sigma_t.reshape(-1), _Backbone(output)
    return azula.denoise.KarrasDenoiser(backbone, _Levels(torch.ones_like(levels), levels)), backbone


def edm_denoiser(x_t: Tensor, network_output: Tensor, sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
    denoiser, _ = _karras(network_output, sigma_t, sigma_data)
    x_0: Tensor = denoiser(x_t, torch.arange(sigma_t.numel()) if sigma_t.ndim else torch.zeros(())).mean
    return x_0


def _each(sigma_t: Tensor) -> Tensor:
    return torch.arange(sigma_t.numel(), dtype=sigma_t.dtype)


def edm_c_skip(sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
    one = torch.ones_like(sigma_t.reshape(-1))
    c_skip: Tensor = _karras(0 * one, sigma_t, sigma_data)[0](one, _each(sigma_t)).mean
    return c_skip.reshape(sigma_t.shape)


def edm_c_out(sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
    one = torch.ones_like(sigma_t.reshape(-1))
    c_out: Tensor = _karras(one, sigma_t, sigma_data)[0](0 * one, _each(sigma_t)).mean
    return c_out.reshape(sigma_t.shape)


def edm_c_in(sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
    one = torch.ones_like(sigma_t.reshape(-1))
    denoiser, backbone = _karras(one, sigma_t, sigma_data)
    denoiser(one, _each(sigma_t))
    return backbone.inputs[0].reshape(sigma_t.shape)


def edm_loss_weight(sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
    """Its loss of data 0 without noise, beside the square of what a network that says 1 makes of them."""
    one, weights = torch.ones((1, 1), dtype=sigma_t.dtype), []
    for sigma in sigma_t.reshape(-1):
        denoiser, _ = _karras(one, sigma, sigma_data)
        with mock.patch.object(torch, "randn_like", side_effect=torch.zeros_like):
            weights.append(denoiser.loss(0 * one, torch.zeros(1)) / denoiser(0 * one, torch.zeros(1)).mean[0, 0] ** 2)
    return torch.stack(weights).reshape(sigma_t.shape)


def classifier_free_guidance_weighted(eps_unconditional: Tensor, eps_conditional: Tensor, guidance_weight: Tensor) -> Tensor:
    one = torch.ones(1, dtype=eps_conditional.dtype)
    denoiser = _Denoiser(lambda *_, estimate: estimate, one, one)
    labels: Sequence[dict[str, Tensor]] = ({"estimate": eps_conditional}, {"estimate": eps_unconditional})
    guided: Tensor = azula.guidance.CFGDenoiser(denoiser)(
        eps_conditional, torch.zeros(()), *labels, guidance=guidance_weight
    ).mean
    return guided


def ve_path_scales(time: Tensor, sigma_min: Tensor, sigma_max: Tensor) -> Tensor:
    return torch.stack(azula.noise.VESchedule(float(sigma_min), float(sigma_max))(time))


def ve_sigma(time: Tensor, sigma_min: Tensor, sigma_max: Tensor) -> Tensor:
    return ve_path_scales(time, sigma_min, sigma_max)[1]


def linear_path_scales(time: Tensor, sigma_min: Tensor) -> Tensor:
    # No signal left at time 1, where azula's own default leaves 0.001 of it.
    return torch.stack(azula.noise.RectifiedSchedule(0.0, float(sigma_min))(time))
