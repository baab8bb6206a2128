"""Everything that is measured of one denoiser, and the claims those measurements must bear out."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from refdiff.page import SummaryRow
from refdiff.production.bound import Bound, empirical_entropy, variational_bound
from refdiff.production.data import ImageData
from refdiff.production.measure import Agreement, NoiseLevel, agreements, exact_denoiser, noise_levels
from refdiff.production.neighbours import ClassNeighbours, neighbours
from refdiff.production.progress import Report, silent
from refdiff.production.sampling import DDPM, Model, ddim, sample
from refdiff.production.schedule import timesteps_trailing

__all__ = ["Audit", "audit", "audit_times"]

_SIGMAS = 6  # standard errors: a dozen comparisons raise a false alarm less than once in ten million audits
_DIGITS = {"float32": 3.0, "float64": 11.0}


@dataclass(frozen=True, eq=False)
class Audit:
    """Measurements of one denoiser on one data set.

    Attributes:
        data: what it was measured on.
        levels: losses by time beside the exact floor.
        agreements: the same network by way of other parameterisations.
        bounds: bits per dimension, by the images and the denoiser they are of.
        entropy: bits per dimension below which no model of the training images can come.
        neighbours: samples beside their nearest training images, by class.
        ddpm, ddim: samples; DDIM's are deterministic from noise.
        ddpm_steps, ddim_steps: network evaluations each took.
        seconds: what the audit took.
    """

    data: ImageData
    levels: list[NoiseLevel]
    agreements: list[Agreement]
    bounds: Mapping[str, Bound]
    entropy: float
    neighbours: list[ClassNeighbours]
    ddpm: Tensor
    ddim: Tensor
    ddpm_steps: int
    ddim_steps: int
    seconds: float

    def claims(self) -> list[SummaryRow]:
        """What theory demands of these numbers, each held or not."""
        worst = max(self.levels, key=lambda level: abs(level.balance.mean) / max(level.balance.error, 1e-30))
        ratio = abs(worst.balance.mean) / max(worst.balance.error, 1e-30)
        exact = self.bounds["exact denoiser, training images"].total
        train = self.bounds["network, training images"].total
        held_out = self.bounds["network, held-out images"].total
        uniform = math.log2(self.data.levels)
        digits = [row for row in self.agreements if row.digits < _DIGITS[row.dtype]]
        least = min(self.agreements, key=lambda row: row.digits - _DIGITS[row.dtype])
        return [
            SummaryRow(
                "Loss = exact floor + distance to the exact denoiser, at every noise level",
                ratio < _SIGMAS,
                f"worst of {len(self.levels)} levels: {ratio:.1f} standard errors, at t = {worst.t}",
            ),
            SummaryRow(
                "The exact denoiser's bound respects the entropy of the training set",
                exact.mean + _SIGMAS * exact.error > self.entropy,
                f"{exact.mean:.3f} ± {exact.error:.3f} bits/dim, entropy {self.entropy:.3f}",
            ),
            SummaryRow(
                "No network beats the exact denoiser on the training set",
                train.mean + _SIGMAS * math.hypot(train.error, exact.error) > exact.mean,
                f"{train.mean:.3f} ± {train.error:.3f} bits/dim",
            ),
            SummaryRow(
                "The network has learned: held-out images cost less than uniform grey levels",
                held_out.mean + _SIGMAS * held_out.error < uniform,
                f"{held_out.mean:.3f} ± {held_out.error:.3f} bits/dim, uniform {uniform:.3f}",
            ),
            SummaryRow(
                "DDIM samples agree between parameterisations of one network",
                not digits,
                f"least: {least.digits:.1f} digits through {least.prediction} in {least.dtype}",
            ),
        ]


def audit_times(T: int, count: int = 12) -> list[int]:
    """At most `count` times of 1..T, closer at the clean end."""
    return sorted({max(1, round(T ** (k / (count - 1)))) for k in range(count)})


def _on(data: ImageData, device: torch.device) -> ImageData:
    moved = (tensor.to(device) for tensor in (data.train, data.train_labels, data.held_out, data.held_out_labels))
    return ImageData(data.name, data.levels, *moved)


def audit(
    model: Model,
    data: ImageData,
    samples: int = 100,
    draws: int = 512,
    ddpm_steps: int = 250,
    ddim_steps: int = 50,
    images: int = 256,
    seed: int = 1,
    report: Report = silent,
) -> Audit:
    """Measure any torch denoiser against the exact one of its data set.

    Args:
        model: network, prediction and schedule; the network is called as network(x_t, t) with t of shape (B,).
        data: its training and held-out images.
        samples: images drawn by each sampler.
        draws: noised images per noise level.
        ddpm_steps, ddim_steps: steps of the samplers, at most T.
        images: at most this many images enter each bound.
        seed: of all draws.
        report: told each of the six parts done.
    """
    start, T = time.monotonic(), model.schedule.T
    data = _on(data, model.schedule.alpha.device)
    if isinstance(model.network, nn.Module):
        model.network.eval()
    levels = noise_levels(model, data, audit_times(T), draws, seed)
    report(1, "noise levels")
    pairs = agreements(model, (16, *data.shape), min(20, T), seed)
    report(2, "parameterisations")
    shape, generator = (samples, *data.shape), torch.Generator(data.train.device).manual_seed(seed)
    drawn = []
    for rule, steps in ((DDPM, min(ddpm_steps, T)), (ddim(), min(ddim_steps, T))):
        times = timesteps_trailing(T, steps)
        drawn.append(sample(model.x_0_hat, model.schedule, shape, rule, times, generator))
        report(2 + len(drawn), "samples")
    exact = exact_denoiser(model.schedule, data.train)
    train, held_out = (part[_spread(len(part), images)] for part in (data.train, data.held_out))
    bounds = {
        "network, held-out images": variational_bound(model.x_0_hat, model.schedule, held_out, data.levels, seed=seed),
        "network, training images": variational_bound(model.x_0_hat, model.schedule, train, data.levels, seed=seed),
        "exact denoiser, training images": variational_bound(exact, model.schedule, train, data.levels, seed=seed),
    }
    report(5, "likelihood")
    found = neighbours(drawn[0], data)
    report(6, "neighbours")
    return Audit(
        data=data,
        levels=levels,
        agreements=pairs,
        bounds=bounds,
        entropy=empirical_entropy(len(data.train.flatten(1).unique(dim=0)), data.dimensions),
        neighbours=found,
        ddpm=drawn[0].cpu(),
        ddim=drawn[1].cpu(),
        ddpm_steps=min(ddpm_steps, T),
        ddim_steps=min(ddim_steps, T),
        seconds=time.monotonic() - start,
    )


def _spread(available: int, wanted: int) -> Tensor:
    """Rows spread evenly over a data set, all of them where there are few."""
    return torch.linspace(0, available - 1, min(available, wanted)).round().to(torch.int64)
