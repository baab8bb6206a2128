"""Min-SNR weights of old imagen-pytorch: what a squared error of 1 weighs in its loss."""

from types import SimpleNamespace

import torch
from torch import Tensor
from torch.nn.functional import mse_loss

from tests.releases.absent import bare, pretend, without_beartype

__all__ = ["ARRAY", "min_snr_weight_eps", "min_snr_weight_v", "min_snr_weight_x_0"]

pretend("torchvision", "PIL", "accelerate", "ema_pytorch", "kornia", "einops_exts", "imagen_pytorch.t5")
without_beartype()
bare("imagen_pytorch")

from imagen_pytorch.imagen_pytorch import Imagen  # noqa: E402

ARRAY = "torch"


def _weight(logsnr_t: Tensor, gamma: Tensor, objective: str) -> Tensor:
    zero = torch.zeros((1, 1, 1, 1), dtype=logsnr_t.dtype)
    noise_scheduler = SimpleNamespace(q_sample=lambda **_: (zero, logsnr_t.reshape(1), 1, 1), get_condition=lambda _: None)
    # Off by 1: the target is 0 whatever the objective.
    network = SimpleNamespace(forward=lambda *_, **__: zero + 1, self_cond=False)
    imagen = SimpleNamespace(
        normalize_img=lambda image: image, lowres_noise_schedule=noise_scheduler, cond_drop_prob=0.0, loss_fn=mse_loss
    )
    return Imagen.p_losses(
        imagen,
        network,
        zero,
        None,
        noise_scheduler=noise_scheduler,
        noise=zero,
        pred_objective=objective,
        min_snr_gamma=float(gamma),
    )


def min_snr_weight_eps(logsnr_t: Tensor, gamma: Tensor) -> Tensor:
    return _weight(logsnr_t, gamma, "noise")


def min_snr_weight_v(logsnr_t: Tensor, gamma: Tensor) -> Tensor:
    return _weight(logsnr_t, gamma, "v")


def min_snr_weight_x_0(logsnr_t: Tensor, gamma: Tensor) -> Tensor:
    return _weight(logsnr_t, gamma, "x_start")
