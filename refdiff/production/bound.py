"""The variational bound in bits per dimension: L_T, the sum of L_(t-1), and the discretised decoder L_0."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from refdiff.production.forward import marginal_sample
from refdiff.production.loss import bits_per_dimension, decoder_log_likelihood, denoising_kl, prior_kl
from refdiff.production.measure import Estimate, estimate
from refdiff.production.schedule import Schedule

__all__ = ["Bound", "empirical_entropy", "strata", "variational_bound"]


@dataclass(frozen=True)
class Bound:
    """Upper bound on the negative log likelihood, in bits per dimension, and its three parts.

    Attributes:
        total: mean over images, with its standard error over images.
        prior: L_T, exact.
        denoising: the sum of L_(t-1) over t = 2..T, estimated without bias.
        decoder: L_0, the log probability of each grey level's bin under N(x_0_hat(x_1, 1), beta_1).
        images, draws: how many images, and noise levels drawn for each.
        levels: number of grey levels; bins of half width 1/(levels - 1) on [-1, 1].
    """

    total: Estimate
    prior: float
    denoising: Estimate
    decoder: Estimate
    images: int
    draws: int
    levels: int


def strata(T: int, count: int) -> list[int]:
    """Edges that cut 2..T into at most `count` runs, each about as wide as its start, for L_(t-1) falls like 1/t."""
    edges = {round(2 * ((T + 1) / 2) ** (k / count)) for k in range(count + 1)}
    return sorted({2, T + 1} | edges) if T > 1 else []


def empirical_entropy(points: int, dimensions: int) -> float:
    """Bits per dimension of an image drawn from `points` distinct ones: below it no model of those images can come."""
    return math.log2(points) / dimensions


def variational_bound(
    denoiser: Callable[[Tensor, Tensor], Tensor],
    schedule: Schedule,
    images: Tensor,
    levels: int,
    count: int = 48,
    seed: int = 3,
) -> Bound:
    """The bound of these images under DDPM's chain with the posterior variance.

    The sum over t = 2..T is estimated from one t drawn in each of `count` strata, for each image on its own, times the
    stratum's width: unbiased, and images are independent, so that the standard error over images is honest.

    Args:
        denoiser: callable (x_t, t of shape (B,)) giving x_0_hat.
        schedule: tables on the images' device.
        images: (B, C, H, W) in [-1, 1], each value one of `levels` equally spaced ones.
        levels: 256 for 8-bit images, 17 for the digits.
        count: strata.
        seed: of the draws.

    Source: Ho et al. 2020, arXiv:2006.11239v2, Eqs. (5), (8) and (13); at T = 1 the middle sum is empty.
    """
    generator = torch.Generator(images.device).manual_seed(seed)
    size, dimensions, device = len(images), images[0].numel(), images.device
    wide = images.to(torch.float64)

    def at(t: Tensor) -> Tensor:
        eps = torch.randn(images.shape, generator=generator, device=device)
        return denoiser(marginal_sample(schedule, t, images, eps), t).to(torch.float64)

    denoising, edges = wide.new_zeros(size), strata(schedule.T, count)
    for low, high in pairwise(edges):
        t = torch.randint(low, high, (size,), generator=generator, device=device)
        denoising += (high - low) * denoising_kl(schedule, t - 1, t, wide, at(t))
    first = torch.ones(size, dtype=torch.int64, device=device)
    log_scale = torch.log(schedule.betas[0]) / 2
    decoder = -decoder_log_likelihood(wide, at(first), log_scale, levels).flatten(1).sum(dim=1)
    prior = prior_kl(schedule, wide)
    in_bits = [bits_per_dimension(part, dimensions) for part in (prior, denoising, decoder)]
    return Bound(
        total=estimate(in_bits[0] + in_bits[1] + in_bits[2]),
        prior=in_bits[0].mean().item(),
        denoising=estimate(in_bits[1]),
        decoder=estimate(in_bits[2]),
        images=size,
        draws=max(len(edges) - 1, 0),
        levels=levels,
    )
