"""EDM's preconditioning, loss weight, noise grid and steps, batched: a scale is a number or one entry for each sample.

Their sigma is sigma_t with alpha_t = 1. A tensor of scales of shape (B,) lines up with the first axis of the states.
"""

import math

import torch
from torch import Tensor

from refdiff.production.forward import like

__all__ = [
    "edm_c_in",
    "edm_c_noise",
    "edm_c_out",
    "edm_c_skip",
    "edm_churn_gamma",
    "edm_churned_sigma",
    "edm_churned_state",
    "edm_denoiser",
    "edm_denoiser_from_flow",
    "edm_denoiser_from_v",
    "edm_euler_step",
    "edm_heun_step",
    "edm_loss_weight",
    "edm_sigma",
    "edm_sigma_from_flow_time",
    "edm_target",
    "flow_time_from_edm_sigma",
    "sigmas_karras",
]

Scale = Tensor | float


def _at(scale: Scale, x: Tensor) -> Tensor:
    """The scale in float64 on the state's device, lined up with its first axis."""
    wide = torch.as_tensor(scale, dtype=torch.float64, device=x.device)
    return wide.reshape(wide.shape + (1,) * (x.ndim - wide.ndim)) if wide.ndim else wide


def _root(scale: Scale) -> Tensor:
    return torch.sqrt(torch.as_tensor(scale))


def edm_c_skip(sigma_t: Scale, sigma_data: Scale) -> Scale:
    """Weight of the noisy input. Source: Karras et al. 2022, arXiv:2206.00364v2, Table 1."""
    return sigma_data**2 / (sigma_t**2 + sigma_data**2)


def edm_c_out(sigma_t: Scale, sigma_data: Scale) -> Tensor:
    """Weight of the raw output. Source: Karras et al. 2022, arXiv:2206.00364v2, Table 1."""
    return sigma_t * sigma_data / _root(sigma_t**2 + sigma_data**2)


def edm_c_in(sigma_t: Scale, sigma_data: Scale) -> Tensor:
    """Scale of the network's input. Source: Karras et al. 2022, arXiv:2206.00364v2, Table 1."""
    return 1 / _root(sigma_t**2 + sigma_data**2)


def edm_c_noise(sigma_t: Scale) -> Tensor:
    """Noise level as the network is told it. Source: Karras et al. 2022, arXiv:2206.00364v2, Table 1."""
    return torch.log(torch.as_tensor(sigma_t)) / 4


def edm_denoiser(x_t: Tensor, network_output: Tensor, sigma_t: Scale, sigma_data: Scale) -> Tensor:
    """Estimate of x_0 from the raw output. Source: Karras et al. 2022, arXiv:2206.00364v2, Eq. (7)."""
    sigma, data = _at(sigma_t, x_t), _at(sigma_data, x_t)
    skip, out = edm_c_skip(sigma, data), edm_c_out(sigma, data)
    return torch.addcmul(like(torch.as_tensor(skip), x_t) * x_t, like(out, x_t), network_output)


def edm_target(x_t: Tensor, x_0: Tensor, sigma_t: Scale, sigma_data: Scale) -> Tensor:
    """Raw output that the network should give; the states are subtracted first, so that little noise costs no digits.

    Source: Karras et al. 2022, arXiv:2206.00364v2, Eq. (8).
    """
    sigma, data = _at(sigma_t, x_t), _at(sigma_data, x_t)
    reach = torch.sqrt(sigma**2 + data**2)
    return like(sigma / (data * reach), x_t) * x_0 + like(data / (sigma * reach), x_t) * (x_0 - x_t)


def edm_loss_weight(sigma_t: Scale, sigma_data: Scale) -> Scale:
    """Weight of the squared error of x_0. Source: Karras et al. 2022, arXiv:2206.00364v2, Table 1."""
    return (sigma_t**2 + sigma_data**2) / (sigma_t * sigma_data) ** 2


def edm_sigma(z: Tensor, P_mean: Scale, P_std: Scale) -> Tensor:
    """Log-normal noise scale of training. Source: Karras et al. 2022, arXiv:2206.00364v2, Table 1."""
    return torch.exp(P_mean + P_std * z)


def sigmas_karras(n: int, sigma_min: Scale, sigma_max: Scale, rho: Scale) -> Tensor:
    """Noise scales of the sampler, falling; the final 0 is not among them. float64 unless sigma_max is a tensor.

    Source: Karras et al. 2022, arXiv:2206.00364v2, Eq. (5).
    """
    kind = sigma_max if isinstance(sigma_max, Tensor) else torch.zeros((), dtype=torch.float64)
    low, high, power = (torch.as_tensor(x, dtype=torch.float64, device=kind.device) for x in (sigma_min, sigma_max, rho))
    k = torch.arange(int(n), dtype=torch.float64, device=kind.device)
    roots = (high ** (1 / power) * (n - 1 - k) + low ** (1 / power) * k) / (n - 1)
    return (roots**power).to(kind.dtype)


def edm_churn_gamma(sigma_t: Scale, S_churn: Scale, S_min: Scale, S_max: Scale, n: int) -> Tensor:
    """Share by which the noise scale rises before a step. Source: Karras et al. 2022, arXiv:2206.00364v2, Algorithm 2."""
    sigma = torch.as_tensor(sigma_t)
    share = torch.as_tensor(S_churn / n, dtype=sigma.dtype, device=sigma.device).clamp(max=1 / (1 + math.sqrt(2)))
    return torch.where((S_min <= sigma) & (sigma <= S_max), share, 0 * share)


def edm_churned_sigma(sigma_t: Scale, churn: Scale) -> Scale:
    """Noise scale after the churn. Source: Karras et al. 2022, arXiv:2206.00364v2, Algorithm 2."""
    return sigma_t * (1 + churn)


def edm_churned_state(x_t: Tensor, z: Tensor, sigma_t: Scale, churn: Scale, S_noise: Scale) -> Tensor:
    """State after the churn. Source: Karras et al. 2022, arXiv:2206.00364v2, Algorithm 2."""
    sigma, share = _at(sigma_t, x_t), _at(churn, x_t)
    return torch.addcmul(x_t, like(sigma * torch.sqrt(share * (2 + share)) * _at(S_noise, x_t), x_t), z)


def edm_euler_step(x_t: Tensor, x_0: Tensor, sigma_t: Scale, sigma_s: Scale) -> Tensor:
    """State at s by one Euler step. Source: Karras et al. 2022, arXiv:2206.00364v2, Algorithm 1."""
    return torch.lerp(x_0, x_t, like(_at(sigma_s, x_t) / _at(sigma_t, x_t), x_t))


def edm_heun_step(x_t: Tensor, x_0: Tensor, x_0_s: Tensor, sigma_t: Scale, sigma_s: Scale) -> Tensor:
    """State at s by one step of Heun's method; Euler's for the samples without noise at s.

    Source: Karras et al. 2022, arXiv:2206.00364v2, Algorithm 1.
    """
    end, start = _at(sigma_s, x_t), _at(sigma_t, x_t)
    euler = edm_euler_step(x_t, x_0, sigma_t, sigma_s)
    share = torch.where(end > 0, (end - start) / (2 * torch.where(end > 0, end, start)), 0 * end)
    drift = (x_t - x_0) * like(end / start, x_t) + (x_0 - x_0_s)
    slope = like(share, x_t) * drift
    return euler + slope - like(torch.where(end > 0, (end - start) / (2 * start), 0 * end), x_t) * (x_t - x_0)


def flow_time_from_edm_sigma(sigma_t: Scale) -> Scale:
    """Rectified flow's time, 0 for data. Source: Liu et al. 2022, arXiv:2209.03003v1, section 2.1."""
    return sigma_t / (1 + sigma_t)


def edm_sigma_from_flow_time(time: Scale) -> Scale:
    """EDM's sigma at rectified flow's time. Source: Liu et al. 2022, arXiv:2209.03003v1, section 2.1."""
    return time / (1 - time)


def edm_denoiser_from_v(x_t: Tensor, v_hat: Tensor, sigma_t: Scale) -> Tensor:
    """Estimate of x_0 from a VP network's v. Source: Salimans and Ho 2022, arXiv:2202.00512v2, appendix D."""
    sigma = _at(sigma_t, x_t)
    power = sigma**2 + 1
    return torch.addcmul(like(1 / power, x_t) * x_t, like(-sigma / torch.sqrt(power), x_t), v_hat)


def edm_denoiser_from_flow(x_t: Tensor, velocity_hat: Tensor, sigma_t: Scale) -> Tensor:
    """Estimate of x_0 from a flow network's velocity. Source: Liu et al. 2022, arXiv:2209.03003v1, section 2.1."""
    sigma = _at(sigma_t, x_t)
    return torch.addcmul(like(1 / (1 + sigma), x_t) * x_t, like(-sigma / (1 + sigma), x_t), velocity_hat)
