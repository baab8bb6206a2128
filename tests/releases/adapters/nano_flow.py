"""NanoFlow of old rectified-flow-pytorch: its clock runs from noise at 0 to data at 1, its velocity too."""

from types import SimpleNamespace
from unittest import mock

import torch
from torch import Tensor, nn

from tests.releases.absent import bare

__all__ = ["ARRAY", "even", "flow_euler_path", "linear_path_scales"]

bare("rectified_flow_pytorch")

from rectified_flow_pytorch.nano_flow import NanoFlow  # noqa: E402

ARRAY = "torch"


class Network(nn.Module):
    """Any function of state and times as a network."""

    def __init__(self, function) -> None:
        super().__init__()
        self.function = function

    def parameters(self, recurse: bool = True):
        yield SimpleNamespace(device=torch.device("cpu"))

    def forward(self, state: Tensor, times: Tensor) -> Tensor:
        return self.function(state, times)


def _run(velocity_model, x_T: Tensor, times: Tensor) -> Tensor:
    n = len(times) - 1
    if not torch.equal(times, 1 - torch.arange(n + 1, dtype=times.dtype) / n):
        raise NotImplementedError("even steps from noise to data only")
    network = Network(lambda x_t, own: -velocity_model(x_t, 1 - own[0].to(x_t.dtype)))
    sampler = NanoFlow(network, times_cond_kwarg="times")
    sampler.data_shape = x_T.shape[1:]
    with mock.patch.object(torch, "randn", return_value=x_T):
        return sampler.sample(steps=n, batch_size=len(x_T))


def flow_euler_path(velocity_model, x_T: Tensor, times: Tensor) -> Tensor:
    return _run(velocity_model, x_T, times)


class Even:
    """The sampler at the times that its steps of 1/n call for: releases to 0.2.12 ask at times 1/(n - 1) apart."""

    ARRAY = "torch"

    def flow_euler_path(self, velocity_model, x_T: Tensor, times: Tensor) -> Tensor:
        n = len(times) - 1
        with mock.patch.object(torch, "linspace", return_value=torch.arange(n) / n):
            return _run(velocity_model, x_T, times)


even = Even()


def linear_path_scales(time: Tensor, sigma_min: Tensor) -> Tensor:
    if float(sigma_min):
        raise NotImplementedError("its path ends at data")
    states = []

    def network(state: Tensor, own: Tensor) -> Tensor:
        states.append(state.flatten())
        return state

    one = torch.ones_like(time)[:, None]
    for data, noise in ((one, 0 * one), (0 * one, one)):
        with mock.patch.multiple(torch, rand=lambda *_, **__: 1 - time, randn_like=lambda _, noise=noise: noise):
            NanoFlow(Network(network), times_cond_kwarg="times")(data)
    return torch.stack(states)
