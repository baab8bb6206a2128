"""Smalldiffusion's schedules, parametrisations, ideal denoiser and sampler under the vocabulary's names.

Its states are those of a signal that keeps its scale; states of another process are handed over divided by their signal scale.
The module makes schedules as a user gets them, in torch's default float32. Its object `exact` makes them in float64: what is
left of a deviation there is the formula's. See findings/smalldiffusion.py for what was found.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, final
from unittest import mock

import torch
from torch import Tensor, nn

from refdiff.adapters.placeholders import placeholders

try:
    with placeholders("PIL", "accelerate", "datasets", "torchvision"):
        import smalldiffusion  # type: ignore[import-untyped,import-not-found,unused-ignore]
        from smalldiffusion import diffusion
        from smalldiffusion.model import alpha as power  # type: ignore[import-untyped,import-not-found,unused-ignore]
except ModuleNotFoundError as error:
    raise ImportError(f"smalldiffusion needs {error.name}; pip install --no-deps -r libraries.txt") from error

__all__ = [
    "ARRAY", "alpha_bar", "betas_cosine", "betas_linear", "betas_scaled_linear", "betas_sigmoid",
    "classifier_free_guidance_weighted", "dpmpp_sde_1_path", "edm_c_in", "eps_from_v", "eps_from_x_0", "euler_ancestral_path",
    "euler_ancestral_step", "euler_path", "exact", "flow_euler_path", "flow_matching_loss", "flow_times_ending_at",
    "gradient_estimation_path", "gradient_estimation_step", "logit_normal_time", "ncsn_sigmas", "score_dirac", "sigmas_iddpm",
    "simple_loss", "smoothed_descent_step", "snr", "squared_distance_smoothed_gradient", "timesteps_trailing", "v_from_eps",
    "v_from_x_0",
]  # fmt: skip

ARRAY = "torch"

Model = Callable[[Tensor, Any, Any], Tensor]
_ANYWHERE = object()


class _Network(nn.Module, smalldiffusion.ModelMixin):  # type: ignore[misc]
    """A network that answers as it is told, and noise as it is told."""

    def __init__(self, answer: Callable[[Tensor, Tensor, Any], Tensor], noises: Iterable[Tensor] = ()) -> None:
        super().__init__()
        self.answer, self.noises = answer, iter(noises)

    def forward(self, x: Tensor, sigma: Tensor, cond: Any = None) -> Tensor:
        return self.answer(x, sigma, cond)

    def rand_input(self, _batch: int) -> Tensor:
        return next(self.noises, torch.zeros(()))


class _OnePoint(_Network):
    """The same with a parameter, whose dtype the library asks for."""

    def __init__(self, answer: Callable[[Tensor, Tensor, Any], Tensor], dtype: torch.dtype) -> None:
        super().__init__(answer)
        self.scale = nn.Parameter(torch.ones((), dtype=dtype))


def _says(kind: Callable[[type], Any], output: Tensor) -> Any:
    """A network of a kind (what it predicts) that says this whatever it is asked."""
    return kind(_Network)(lambda *_: output)


def _target(model: Any, x_0: Tensor, sigma: Tensor, eps: Tensor) -> Tensor:
    """What a network's loss compares its output with."""
    target: Tensor = model.get_loss(x_0, sigma, eps, loss=lambda: lambda wanted, _: wanted)
    return target


def _run(model: Any, levels: Tensor, x_T: Tensor, gam: float = 1.0, mu: float = 0.0) -> Iterator[Tensor]:
    """States after every step; its accelerator only says where to put a start that is not given."""
    states: Iterator[Tensor] = diffusion.samples(model, levels, gam, mu, xt=x_T, accelerator=_ANYWHERE)
    return states


def _denoising(denoiser_at_level: Model, z: Iterable[Tensor] = ()) -> Any:
    return smalldiffusion.PredX0(_Network)(lambda x, sigma, _: denoiser_at_level(x, 1.0, sigma), z)


def euler_path(denoiser_at_level: Model, x_T: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    states = _run(_denoising(denoiser_at_level), sigmas / alphas, x_T / alphas[0])
    return torch.stack(list(states)) * alphas[1:].reshape(-1, *[1] * x_T.ndim)


def gradient_estimation_path(denoiser_at_level: Model, x_T: Tensor, sigmas: Tensor, extrapolation: Tensor) -> Tensor:
    return torch.stack(list(_run(_denoising(denoiser_at_level), sigmas, x_T, gam=float(extrapolation))))


def gradient_estimation_step(
    x_t: Tensor, eps: Tensor, eps_previous: Tensor, extrapolation: Tensor, sigma_s: Tensor, sigma_t: Tensor
) -> Tensor:
    answers = iter((eps_previous, eps))
    levels = torch.stack([2 * sigma_t, sigma_t, sigma_s])
    states = _run(_Network(lambda *_: next(answers)), levels, x_t, gam=float(extrapolation))
    # The step before only hands its estimate on.
    next(states).copy_(x_t)
    return next(states)


def dpmpp_sde_1_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    states = _run(_denoising(denoiser_at_level, z), sigmas / alphas, x_T / alphas[0], mu=0.5)
    return torch.stack(list(states)) * alphas[1:].reshape(-1, *[1] * x_T.ndim)


def euler_ancestral_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, sigmas: Tensor, eta: Tensor) -> Tensor:
    return torch.stack(list(_run(_denoising(denoiser_at_level, z), sigmas, x_T, mu=_exponent(eta))))


def euler_ancestral_step(x_t: Tensor, x_0: Tensor, z: Tensor, eta: Tensor, sigma_s: Tensor, sigma_t: Tensor) -> Tensor:
    return next(_run(_denoising(lambda *_: x_0, [z]), torch.stack([sigma_t, sigma_s]), x_t, mu=_exponent(eta)))


def _exponent(eta: Tensor) -> float:
    """The sampler's mu: 1/2 is DDPM, 0 is DDIM."""
    if eta not in (0, 1):
        raise NotImplementedError("smalldiffusion's mu is an exponent: DDPM and DDIM it has, DDIM's eta between them not")
    return float(eta) / 2


def flow_euler_path(velocity_model: Callable[[Tensor, Any], Tensor], x_T: Tensor, times: Tensor) -> Tensor:
    model = smalldiffusion.PredFlow(_OnePoint)(lambda x, time, _: velocity_model(x, time), x_T.dtype)
    return torch.stack(list(_run(model, times, x_T)))


def _ideal(points: Tensor) -> Any:
    return smalldiffusion.IdealDenoiser(list(points))


def score_dirac(x_t: Tensor, points: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    if alpha_t == 0:
        raise NotImplementedError("smalldiffusion's states are those of a signal that keeps its scale")
    eps: Tensor = _ideal(points)(x_t / alpha_t, sigma_t / alpha_t)
    return -eps / sigma_t


def squared_distance_smoothed_gradient(x_t: Tensor, points: Tensor, sigma_t: Tensor) -> Tensor:
    eps: Tensor = _ideal(points)(x_t, sigma_t)
    return 2 * sigma_t * eps


def smoothed_descent_step(x_t: Tensor, points: Tensor, sigma_s: Tensor, sigma_t: Tensor) -> Tensor:
    return next(_run(_ideal(points), torch.stack([sigma_t, sigma_s]), x_t))


def _one_by_one(model: Any, targets: Tensor, outputs: Tensor, sigma: float) -> Tensor:
    """Its loss of every sample: it takes the mean over a batch as well."""
    x_0, sigma_t = torch.zeros_like(targets[:1]), torch.full((), sigma, dtype=targets.dtype, device=targets.device)
    losses = [model(output[None]).get_loss(x_0, sigma_t, target[None]) for target, output in zip(targets, outputs, strict=True)]
    return torch.stack(losses)


def simple_loss(eps: Tensor, eps_hat: Tensor) -> Tensor:
    return _one_by_one(lambda output: _Network(lambda *_: output), eps, eps_hat, 1.0)


def flow_matching_loss(velocity: Tensor, velocity_hat: Tensor) -> Tensor:
    return _one_by_one(lambda output: _says(smalldiffusion.PredFlow, output), velocity, velocity_hat, 0.5)


def v_from_eps(x_0: Tensor, eps: Tensor, sigma_over_alpha_t: Tensor, alpha_bar_t: Tensor) -> Tensor:
    return _target(_says(smalldiffusion.PredV, eps), x_0, sigma_over_alpha_t, eps)


def v_from_x_0(x_0: Tensor, eps: Tensor, sigma_over_alpha_t: Tensor, alpha_bar_t: Tensor) -> Tensor:
    return v_from_eps(x_0, eps, sigma_over_alpha_t, alpha_bar_t)


def eps_from_v(x_t: Tensor, v: Tensor, alpha_t: Tensor, sigma_over_alpha_t: Tensor, alpha_bar_t: Tensor) -> Tensor:
    eps: Tensor = _says(smalldiffusion.PredV, v).predict_eps(x_t / alpha_t, sigma_over_alpha_t)
    return eps


def eps_from_x_0(x_t: Tensor, x_0: Tensor, alpha_t: Tensor, sigma_over_alpha_t: Tensor) -> Tensor:
    eps: Tensor = _says(smalldiffusion.PredX0, x_0).predict_eps(x_t / alpha_t, sigma_over_alpha_t)
    return eps


def edm_c_in(sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
    if sigma_data != 1:
        raise NotImplementedError("smalldiffusion scales its inputs for data of unit variance")
    scaled: Tensor = smalldiffusion.Scaled(_Network)(lambda x, *_: x)(torch.ones_like(sigma_t), sigma_t)
    return scaled


def classifier_free_guidance_weighted(eps_unconditional: Tensor, eps_conditional: Tensor, guidance_weight: Tensor) -> Tensor:
    if guidance_weight.ndim:
        raise NotImplementedError("smalldiffusion takes one weight for all entries")
    estimates = torch.stack([eps_unconditional, eps_conditional])
    model: Any = _Network(lambda _, __, cond: torch.cat([estimates[label] for label in cond[:: len(eps_conditional)]]))
    model.cond_embed = mock.Mock(null_cond=0)  # The label that stands for no condition.
    level, cond = torch.ones((), dtype=eps_conditional.dtype), torch.ones(len(eps_conditional), dtype=torch.int64)
    guided: Tensor = model.predict_eps_cfg(eps_conditional, level, cond, float(guidance_weight))
    return guided


def alpha_bar(betas: Tensor) -> Tensor:
    powers: Tensor = power(diffusion.sigmas_from_betas(betas))
    return powers


def snr(betas: Tensor, t_index: int) -> Tensor:
    level: Tensor = diffusion.sigmas_from_betas(betas)[t_index]
    return level**-2


def timesteps_trailing(T: int, n: int) -> Tensor:
    times: Tensor = smalldiffusion.Schedule(torch.arange(1, T + 1)).sample_sigmas(n)
    # What follows is the first level once more: sampling stops there, and not at data.
    return times[:-1]


def flow_times_ending_at(n: int, time_min: Tensor, time_shift: Tensor) -> Tensor:
    if time_shift != 1:
        raise NotImplementedError("smalldiffusion does not shift times")
    times: Tensor = smalldiffusion.ScheduleFlow(2, float(time_min)).sample_sigmas(n)
    return times[:-1]


def logit_normal_time(z: Tensor, logit_mean: Tensor, logit_scale: Tensor) -> Tensor:
    if logit_mean != 0 or logit_scale != 1:
        raise NotImplementedError("smalldiffusion draws logits of mean 0 and variance 1")
    with mock.patch.object(torch, "randn", return_value=z):
        time: Tensor = smalldiffusion.ScheduleLogNormalFlow(2, 0.0, 1.0).sample_batch(z)
    return time


@final
@dataclass(frozen=True)
class _Schedules:
    """Schedules by how torch makes numbers where nobody says of what kind."""

    default: torch.dtype = torch.float32
    ARRAY = "torch"

    def _made(self, schedule: Callable[..., Any], *given: Any, **named: Any) -> Tensor:
        before = torch.get_default_dtype()
        torch.set_default_dtype(self.default)
        try:
            sigmas: Tensor = schedule(*given, **named).sigmas
        finally:
            torch.set_default_dtype(before)
        return sigmas

    def _betas(self, schedule: Callable[..., Any], *given: Any, **named: Any) -> Tensor:
        # A schedule keeps nothing of its betas but the sigmas.
        with mock.patch.object(diffusion, "sigmas_from_betas", side_effect=lambda betas: betas):
            return self._made(schedule, *given, **named)

    def betas_linear(self, T: int, beta_start: Tensor, beta_end: Tensor) -> Tensor:
        return self._betas(smalldiffusion.ScheduleDDPM, T, float(beta_start), float(beta_end))

    def betas_scaled_linear(self, T: int, beta_start: Tensor, beta_end: Tensor) -> Tensor:
        return self._betas(smalldiffusion.ScheduleLDM, T, float(beta_start), float(beta_end))

    def betas_sigmoid(self, T: int, beta_start: Tensor, beta_end: Tensor) -> Tensor:
        return self._betas(smalldiffusion.ScheduleSigmoid, T, float(beta_start), float(beta_end))

    def betas_cosine(self, T: int, offset: Tensor, beta_max: Tensor) -> Tensor:
        _need_offset(offset)
        return self._betas(smalldiffusion.ScheduleCosine, T, max_beta=float(beta_max))

    def sigmas_iddpm(self, T: int, offset: Tensor, beta_max: Tensor) -> Tensor:
        _need_offset(offset)
        return self._made(smalldiffusion.ScheduleCosine, T, max_beta=float(beta_max)).flip(0)

    def ncsn_sigmas(self, n: int, sigma_min: Tensor, sigma_max: Tensor) -> Tensor:
        return self._made(smalldiffusion.ScheduleLogLinear, n, float(sigma_min), float(sigma_max)).flip(0)


def _need_offset(offset: Tensor) -> None:
    # As near as float32 carries it.
    if abs(float(offset) - 0.008) > 1e-9:
        raise NotImplementedError("smalldiffusion fixes the cosine schedule's offset at 0.008")


exact = _Schedules(torch.float64)

_default = _Schedules()
betas_cosine = _default.betas_cosine
betas_linear = _default.betas_linear
betas_scaled_linear = _default.betas_scaled_linear
betas_sigmoid = _default.betas_sigmoid
ncsn_sigmas = _default.ncsn_sigmas
sigmas_iddpm = _default.sigmas_iddpm
