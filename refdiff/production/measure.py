"""A trained denoiser measured against theory: the exact denoiser of its training set, and itself in other words."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from refdiff.production.data import ImageData
from refdiff.production.denoiser import posterior_weights
from refdiff.production.forward import marginal_sample
from refdiff.production.loss import simple_loss
from refdiff.production.path import ddim_path
from refdiff.production.prediction import EPS, SCORE, X_0, V
from refdiff.production.sampling import Model
from refdiff.production.schedule import Schedule, timesteps_trailing

__all__ = [
    "Agreement",
    "Estimate",
    "NoiseLevel",
    "agreements",
    "estimate",
    "exact_denoiser",
    "exact_posterior",
    "noise_levels",
]


@dataclass(frozen=True)
class Estimate:
    """A mean over independent draws and its standard error."""

    mean: float
    error: float


def estimate(draws: Tensor) -> Estimate:
    """Mean and standard error of independent draws."""
    wide = draws.to(torch.float64)
    return Estimate(wide.mean().item(), wide.std().item() / math.sqrt(len(wide)) if len(wide) > 1 else math.inf)


@dataclass(frozen=True)
class NoiseLevel:
    """Squared errors of eps, averaged over dimensions, at one time.

    Attributes:
        loss: of the network, on noised training images.
        floor: of the exact denoiser of the training set, as its posterior variance: no network can do better.
        excess: squared distance of the network to the exact denoiser; loss = floor + excess in expectation.
        balance: loss - floor - excess, paired draw by draw: 0 within its standard error, or the bookkeeping is wrong.
        held_out: of the network, on noised images it was not trained on.
    """

    t: int
    sigma_over_alpha: float
    loss: Estimate
    floor: Estimate
    excess: Estimate
    balance: Estimate
    held_out: Estimate


def exact_posterior(x_t: Tensor, points: Tensor, alpha_t: Tensor | float, sigma_t: Tensor | float) -> tuple[Tensor, Tensor]:
    """Mean (B, d) and summed variance (B,) of x_0 given x_t, for equally likely points, float64."""
    values = points.to(torch.float64)
    weights = posterior_weights(x_t, points, alpha_t, sigma_t)
    mean = weights @ values
    # Distances from the mean: the mean of squares less the square of the mean cancels to noise at low noise levels.
    spread = torch.cdist(mean, values, compute_mode="donot_use_mm_for_euclid_dist").square()
    return mean, (weights * spread).sum(dim=1)


def exact_denoiser(schedule: Schedule, points: Tensor) -> Callable[[Tensor, Tensor | int], Tensor]:
    """Callable (x_t, t) giving the exact mean of x_0 over equally likely images; t is a number or has shape (B,)."""
    flat = points.flatten(1)

    def denoiser(x_t: Tensor, t: Tensor | int) -> Tensor:
        mean, _ = exact_posterior(x_t.flatten(1), flat, schedule.alpha[t], schedule.sigma[t])
        return mean.reshape(x_t.shape).to(x_t.dtype)

    return denoiser


def noise_levels(model: Model, data: ImageData, times: Sequence[int], draws: int = 512, seed: int = 1) -> list[NoiseLevel]:
    """Loss beside the exact floor at each time, from `draws` noised images; the data must be on the model's device."""
    generator = torch.Generator(data.train.device).manual_seed(seed)
    flat, found = data.train.flatten(1), []

    def drawn(images: Tensor, t: int) -> tuple[Tensor, Tensor]:
        rows = torch.randint(len(images), (draws,), generator=generator, device=images.device)
        eps = torch.randn((draws, *images.shape[1:]), generator=generator, device=images.device)
        return eps, marginal_sample(model.schedule, t, images[rows], eps)

    for t in times:
        alpha, sigma = model.schedule.alpha[t].to(torch.float64), model.schedule.sigma[t].to(torch.float64)
        eps, x_t = drawn(data.train, t)
        eps_hat = model.eps_hat(x_t, t).to(torch.float64)
        mean, variance = exact_posterior(x_t.flatten(1), flat, alpha, sigma)
        eps_exact = (x_t.flatten(1).to(torch.float64) - alpha * mean) / sigma
        loss = simple_loss(eps.to(torch.float64), eps_hat)
        floor = variance * (alpha / sigma).square() / data.dimensions
        excess = simple_loss(eps_exact, eps_hat.flatten(1))
        other_eps, other_x_t = drawn(data.held_out, t)
        found.append(
            NoiseLevel(
                t=t,
                sigma_over_alpha=(sigma / alpha).item(),
                loss=estimate(loss),
                floor=estimate(floor),
                excess=estimate(excess),
                balance=estimate(loss - floor - excess),
                held_out=estimate(simple_loss(other_eps, model.eps_hat(other_x_t, t))),
            )
        )
    return found


@dataclass(frozen=True)
class Agreement:
    """DDIM runs of one network, by its own prediction and by way of another: how far apart their samples end."""

    prediction: str
    dtype: str
    largest_difference: float
    digits: float


def agreements(model: Model, shape: tuple[int, ...], steps: int = 20, seed: int = 2) -> list[Agreement]:
    """Deterministic DDIM from the same x_T through every parameterisation, in float32 and float64."""
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(shape, generator=generator, dtype=torch.float64)
    times = timesteps_trailing(model.schedule.T, steps)
    found = []
    for dtype in (torch.float32, torch.float64):
        device = model.schedule.alpha.device
        network = model.network.to(dtype)
        typed = Model(network, model.prediction, Schedule.from_betas(model.schedule.betas, dtype))
        x_T = start.to(device, dtype)
        still = torch.zeros((1, *shape), dtype=dtype, device=device).expand(steps, *shape)
        runs = {
            other.name: ddim_path(typed.schedule, times.to(device), typed.x_0_hat_through(other), x_T, still, 0.0)[-1]
            for other in (EPS, X_0, V, SCORE)
        }
        own = runs.pop(model.prediction.name)
        for name, ended in runs.items():
            gap = (ended - own).abs().max().item()
            digits = -math.log10(max(gap / own.abs().max().item(), torch.finfo(dtype).eps / 4))
            found.append(Agreement(name, str(dtype).removeprefix("torch."), gap, digits))
    model.network.to(torch.float32)
    return found
