"""Samples of a trained network by DDPM or DDIM, strided or not, from a seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from refdiff.production.checkpoint import read_checkpoint
from refdiff.production.network import UNet
from refdiff.production.path import Denoiser, Rule, states
from refdiff.production.prediction import PREDICTIONS, Prediction
from refdiff.production.progress import Report, silent
from refdiff.production.schedule import Schedule, timesteps_trailing
from refdiff.production.step import ddim_step_coefficients, ddpm_step_coefficients
from refdiff.production.training import TrainingConfig, schedule_of

__all__ = ["DDPM", "Loaded", "Model", "ddim", "load_model", "sample", "sample_images"]

DDPM: Rule = ddpm_step_coefficients


def ddim(eta: float = 0.0) -> Rule:
    """DDIM's rule: eta 0 is deterministic, 1 adds DDPM's noise."""
    if not 0 <= eta <= 1:
        raise ValueError(f"eta is {eta}; give a share of noise in 0..1")
    return partial(ddim_step_coefficients, eta=eta)


@dataclass(frozen=True, eq=False)
class Model:
    """A network, what it predicts, and the schedule it was taught with."""

    network: nn.Module
    prediction: Prediction
    schedule: Schedule

    def said(self, x_t: Tensor, t: Tensor | int) -> tuple[Tensor, Tensor, Tensor]:
        """What the network says of x_t, with alpha_t and sigma_t lined up with it; t is a number or has shape (B,)."""
        times = torch.as_tensor(t, device=x_t.device).expand(len(x_t))
        shape = (len(x_t),) + (1,) * (x_t.ndim - 1)
        alpha, sigma = (table[times].reshape(shape) for table in (self.schedule.alpha, self.schedule.sigma))
        with torch.no_grad():
            return self.network(x_t, times), alpha, sigma

    def x_0_hat(self, x_t: Tensor, t: Tensor | int) -> Tensor:
        """The network's estimate of x_0."""
        output, alpha, sigma = self.said(x_t, t)
        return self.prediction.to_x_0(x_t, output, alpha, sigma)

    def eps_hat(self, x_t: Tensor, t: Tensor | int) -> Tensor:
        """The network's estimate of eps."""
        output, alpha, sigma = self.said(x_t, t)
        return self.prediction.to_eps(x_t, output, alpha, sigma)

    def x_0_hat_through(self, other: Prediction) -> Denoiser:
        """The same estimate of x_0, by way of another parameterisation: equal but for rounding."""

        def denoiser(x_t: Tensor, t: int) -> Tensor:
            output, alpha, sigma = self.said(x_t, t)
            eps = self.prediction.to_eps(x_t, output, alpha, sigma)
            return other.to_x_0(x_t, other.from_eps(x_t, eps, alpha, sigma), alpha, sigma)

        return denoiser


class Loaded(NamedTuple):
    """What a checkpoint holds for use: the averaged network, how it was trained, and one image's (C, H, W)."""

    model: Model
    config: TrainingConfig
    image_shape: tuple[int, ...]


def load_model(checkpoint: Path, device: torch.device | str = "cpu") -> Loaded:
    """The averaged network of a checkpoint.

    Raises:
        ValueError: when the checkpoint is missing or corrupt.
    """
    tensors, about = read_checkpoint(checkpoint)
    config = TrainingConfig.from_json(about["config"])
    network = UNet(config.network)
    prefix = "average."
    network.load_state_dict({name.removeprefix(prefix): v for name, v in tensors.items() if name.startswith(prefix)})
    model = Model(network.to(device).eval(), PREDICTIONS[config.prediction], schedule_of(config, device))
    return Loaded(model, config, tuple(about["image_shape"]))


def sample(
    denoiser: Denoiser,
    schedule: Schedule,
    shape: tuple[int, ...],
    rule: Rule,
    timesteps: Tensor,
    generator: torch.Generator,
    dtype: torch.dtype = torch.float32,
    report: Report = silent,
) -> Tensor:
    """Samples of this shape, from unit noise at timesteps[0]; all noise comes from the generator, on its device."""

    def noise() -> Tensor:
        return torch.randn(shape, generator=generator, device=generator.device, dtype=dtype)

    def fresh() -> Iterator[Tensor]:
        for _ in range(len(timesteps)):
            yield noise()

    x_T = x = noise()
    for done, state in enumerate(states(rule, schedule, timesteps.to(x_T.device), denoiser, x_T, fresh()), 1):
        x = state
        report(done, "")
    return x


def sample_images(
    checkpoint: Path,
    count: int = 64,
    steps: int | None = None,
    rule: Rule = DDPM,
    seed: int = 0,
    device: torch.device | str = "cpu",
    report: Report = silent,
) -> Tensor:
    """Images in about [-1, 1], shape (count, C, H, W), on the CPU.

    Args:
        checkpoint: file that training wrote.
        count: number of images.
        steps: sampling steps in 1..T, by trailing spacing, which starts at T; None for all T.
        rule: `DDPM` or `ddim(eta)`.
        seed: of all noise; the same seed gives the same images on the same device.
        device: where to run.
        report: shown after each step.
    """
    model, config, image_shape = load_model(checkpoint, device)
    n = config.T if steps is None else steps
    if not 1 <= n <= config.T or count < 1:
        raise ValueError(f"{count} images in {n} steps were asked for; give at least 1 image and 1..{config.T} steps")
    generator = torch.Generator(torch.device(device)).manual_seed(seed)
    shape, times = (count, *image_shape), timesteps_trailing(config.T, n)
    return sample(model.x_0_hat, model.schedule, shape, rule, times, generator, report=report).cpu()
