"""RectifiedFlow of old rectified-flow-pytorch: its clock runs from noise at 0 to data at 1, its velocity too."""

import inspect
from types import SimpleNamespace
from unittest import mock

import torch
from torch import Tensor

from tests.releases.absent import bare, pretend

__all__ = ["ARRAY", "reparameterised_sample", "x_0_from_velocity"]

pretend("torchvision", "PIL", "accelerate", "ema_pytorch", "torchdiffeq", "einx", "hyper_connections")
bare("rectified_flow_pytorch")
import torchvision.models  # noqa: E402

torchvision.models.VGG16_Weights.DEFAULT = None  # a default argument

from rectified_flow_pytorch import rectified_flow as library  # noqa: E402

ARRAY = "torch"


def x_0_from_velocity(
    x_t: Tensor, velocity: Tensor, alpha_t: Tensor, sigma_t: Tensor, alpha_dot_t: Tensor, sigma_dot_t: Tensor
) -> Tensor:
    """The data that its perceptual loss is told of."""
    if alpha_dot_t != -1 or sigma_dot_t != 1 or alpha_t + sigma_t != 1:
        raise NotImplementedError("the straight path only")
    told = []
    loss = SimpleNamespace(
        pseudo_huber=lambda predicted, *_, **__: predicted, lpips=lambda _, data, **__: told.append(data) or data
    )
    forward = library.PseudoHuberLossWithLPIPS.forward
    more = {"noised": x_t} if "noised" in inspect.signature(forward).parameters else {}
    forward(loss, -velocity, -velocity, times=alpha_t, data=x_t, **more)
    return told[0]


def reparameterised_sample(mean: Tensor, log_variance: Tensor, eps: Tensor) -> Tensor:
    """A step's flow, drawn from what a network with mean and variance puts out."""
    if log_variance.exp().min() < 1e-5:
        raise NotImplementedError("it holds variances at 1e-5 or above")
    flow = SimpleNamespace(
        use_consistency=False,
        model=None,
        training=False,
        eval=lambda: None,
        train=lambda _: None,
        data_shape=mean.shape[1:],
        clip_during_sampling=False,
        clip_flow_during_sampling=False,
        mean_variance_net=True,
        device=mean.device,
        odeint_kwargs={},
        predict_flow=lambda *_, **__: (None, torch.stack((mean, log_variance.exp().expand_as(mean)))),
        data_unnormalize_fn=lambda data: data,
    )
    with (
        mock.patch.object(library, "odeint", lambda field, state, times, **_: [field(times[0], state)]),
        mock.patch.object(torch, "normal", lambda mean, std: mean + std * eps),
    ):
        return library.RectifiedFlow.sample(flow, noise=mean)
