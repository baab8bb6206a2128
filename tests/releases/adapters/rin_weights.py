"""Min-SNR weights of old RIN-pytorch: what a squared error of 1 weighs in its loss."""

from unittest import mock

import torch
from torch import Tensor, nn

from tests.releases.absent import bare, pretend, without_beartype

__all__ = ["ARRAY", "min_snr_weight_eps", "min_snr_weight_v", "min_snr_weight_x_0"]

pretend("torchvision", "PIL", "accelerate", "ema_pytorch")
without_beartype()
bare("rin_pytorch")

from rin_pytorch import rin_pytorch as library  # noqa: E402

ARRAY = "torch"


class Network(nn.Module):
    """Off by 1 where the target is 0, as it is for eps, for data in the middle of its range, and for v of both."""

    channels = image_size = 1

    def forward(self, image: Tensor, *_: object) -> Tensor:
        return torch.ones_like(image)


def _weight(alpha_bar_t: Tensor, gamma: Tensor, objective: str) -> Tensor:
    built = library.GaussianDiffusion(Network(), objective=objective, train_prob_self_cond=0.0, min_snr_gamma=float(gamma))
    built.gamma_schedule = lambda times: alpha_bar_t.expand(times.shape)
    image = torch.full((1, 1, 1, 1), 0.5, dtype=alpha_bar_t.dtype)
    with mock.patch.object(torch, "randn_like", torch.zeros_like):
        return built(image)


def min_snr_weight_eps(alpha_bar_t: Tensor, gamma: Tensor) -> Tensor:
    return _weight(alpha_bar_t, gamma, "eps")


def min_snr_weight_v(alpha_bar_t: Tensor, gamma: Tensor) -> Tensor:
    return _weight(alpha_bar_t, gamma, "v")


def min_snr_weight_x_0(alpha_bar_t: Tensor, gamma: Tensor) -> Tensor:
    return _weight(alpha_bar_t, gamma, "x0")
