"""Denoising score matching of old torchebm, whose network is an energy: its gradient is minus the score."""

from unittest import mock

import torch
from torch import Tensor, nn
from torchebm.losses.score_matching import DenoisingScoreMatching

__all__ = ["ARRAY", "denoising_score_matching_loss"]

ARRAY = "torch"


def denoising_score_matching_loss(score_hat: Tensor, eps: Tensor, sigma_t: Tensor) -> Tensor:
    """Its loss of each sample, which has no weight, times NCSN's."""
    losses = []
    for score, noise, scale in zip(score_hat, eps, sigma_t.expand(len(eps), *[1] * (eps.ndim - 1)), strict=True):
        loss = DenoisingScoreMatching(nn.Identity(), noise_scale=float(scale), dtype=eps.dtype)
        loss.compute_score = lambda *_, score=score, **__: -score[None]
        with mock.patch.object(torch, "randn_like", lambda *_, noise=noise, **__: noise[None]):
            losses.append(loss.compute_loss(torch.zeros_like(noise)[None]) * float(scale) ** 2)
    return torch.stack(losses)
