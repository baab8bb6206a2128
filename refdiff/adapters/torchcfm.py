"""Torchcfm's flow matchers and its minibatch couplings under the vocabulary's names.

Its t = 1 is data, its x0 our eps and its x1 our x_0, and its velocities point to the data: times become 1 - time, and rates
and velocities turn their signs.
"""

from unittest import mock

import torch
from torch import Tensor

from refdiff.adapters.placeholders import placeholders

try:
    # Its package loads torchdyn's toy data sets and its own networks, neither of which is asked for here.
    with placeholders("torchdyn"):
        from torchcfm import optimal_transport
        from torchcfm.conditional_flow_matching import (
            ConditionalFlowMatcher,
            TargetConditionalFlowMatcher,
            VariancePreservingConditionalFlowMatcher,
        )
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "torchcfm":
        raise
    raise ImportError("torchcfm is not installed; pip install torchcfm") from error

__all__ = [
    "ARRAY",
    "cosine_path_rates",
    "cosine_path_scales",
    "linear_path_rates",
    "linear_path_scales",
    "linear_path_velocity",
    "minibatch_ot_cost",
    "minibatch_ot_permutation",
]

ARRAY = "torch"


def _their_time(time: Tensor) -> Tensor:
    t = 1 - time
    if (1 - t != time).any():
        raise NotImplementedError("torchcfm counts time from noise to data, and 1 - time is not exact in this dtype")
    return t


def _matcher(sigma_min: Tensor) -> ConditionalFlowMatcher:
    """The matcher of the straight path: Liu et al.'s where no noise is left on the data, Lipman et al.'s else."""
    return TargetConditionalFlowMatcher(float(sigma_min)) if sigma_min else ConditionalFlowMatcher(0.0)


def _scales(matcher: ConditionalFlowMatcher, time: Tensor) -> Tensor:
    """Means of data of 1 without noise and of noise of 1 without data."""
    t = _their_time(time).reshape(-1)
    one, zero = torch.ones_like(t), torch.zeros_like(t)
    return torch.stack([matcher.compute_mu_t(zero, one, t), matcher.compute_mu_t(one, zero, t)]).reshape(2, *time.shape)


def _rates(matcher: ConditionalFlowMatcher, time: Tensor) -> Tensor:
    """The same of velocities, each where its own path is."""
    t = _their_time(time).reshape(-1)
    one, zero = torch.ones_like(t), torch.zeros_like(t)
    data = matcher.compute_conditional_flow(zero, one, t, matcher.sample_xt(zero, one, t, zero))
    noise = matcher.compute_conditional_flow(one, zero, t, matcher.sample_xt(one, zero, t, one))
    return -torch.stack([data, noise]).reshape(2, *time.shape)


def linear_path_scales(time: Tensor, sigma_min: Tensor) -> Tensor:
    matcher = _matcher(sigma_min)
    if not sigma_min:
        return _scales(matcher, time)
    t = _their_time(time)
    return torch.stack([matcher.compute_mu_t(0 * t, torch.ones_like(t), t).reshape(t.shape), matcher.compute_sigma_t(t)])


def linear_path_rates(time: Tensor, sigma_min: Tensor) -> Tensor:
    return _rates(_matcher(sigma_min), time)


def linear_path_velocity(x_t: Tensor, x_0: Tensor, time: Tensor, sigma_min: Tensor) -> Tensor:
    matcher = TargetConditionalFlowMatcher(float(sigma_min))
    velocity: Tensor = matcher.compute_conditional_flow(torch.zeros_like(x_0), x_0, _their_time(time), x_t)
    return -velocity


def cosine_path_scales(time: Tensor) -> Tensor:
    return _scales(VariancePreservingConditionalFlowMatcher(0.0), time)


def cosine_path_rates(time: Tensor) -> Tensor:
    return _rates(VariancePreservingConditionalFlowMatcher(0.0), time)


def minibatch_ot_cost(x_0: Tensor, eps: Tensor) -> float:
    # What it takes the root of: squared again, the root may be 2 ulp off.
    with mock.patch.object(optimal_transport.math, "sqrt", float):
        cost: float = optimal_transport.wasserstein(eps, x_0, method="exact", power=2)
    return cost


def minibatch_ot_permutation(x_0: Tensor, eps: Tensor) -> Tensor:
    # Each row of an exact plan between equally many points holds one entry.
    return torch.from_numpy(optimal_transport.OTPlanSampler("exact").get_map(x_0, eps).argmax(1))
