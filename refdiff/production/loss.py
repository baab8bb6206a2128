"""DDPM's variational bound term by term, its simple loss, and the weights that join them."""

import math

import torch
from torch import Tensor

from refdiff.production.schedule import Schedule

__all__ = [
    "bits_per_dimension",
    "decoder_log_likelihood",
    "denoising_kl",
    "denoising_kl_gradient",
    "min_snr_weight_eps",
    "min_snr_weight_score",
    "min_snr_weight_v",
    "min_snr_weight_velocity",
    "min_snr_weight_x_0",
    "prior_kl",
    "simple_loss",
    "simple_loss_gradient",
    "simple_loss_weight",
    "snr_weight_eps",
    "snr_weight_score",
    "snr_weight_v",
    "snr_weight_velocity",
    "snr_weight_x_0",
]


def denoising_kl(schedule: Schedule, s: Tensor | int, t: Tensor | int, x_0: Tensor, x_0_hat: Tensor) -> Tensor:
    """L_(t-1) in nats, shape (B,), for any 1 <= s < t; both steps have the posterior variance.

    Source: Ho et al. 2020, arXiv:2006.11239v2, Eqs. (5) and (8); Kingma et al. 2021, arXiv:2107.00630v6, Eq. (13).
    """
    log_s, log_t, gap = schedule.levels(s, t)
    fall = torch.exp(log_s) * -torch.expm1(gap) / (torch.expm1(log_s) * torch.expm1(log_t))
    return (fall / 2).to(x_0.dtype) * (x_0 - x_0_hat).flatten(1).square().sum(dim=1)


def denoising_kl_gradient(schedule: Schedule, s: Tensor | int, t: Tensor | int, x_0: Tensor, x_0_hat: Tensor) -> Tensor:
    """Gradient of `denoising_kl` with respect to x_0_hat, as training gets it: by automatic differentiation."""
    free = x_0_hat.detach().requires_grad_()
    return torch.autograd.grad(denoising_kl(schedule, s, t, x_0, free).sum(), free)[0]


def prior_kl(schedule: Schedule, x_0: Tensor) -> Tensor:
    """L_T in nats, shape (B,). Source: Ho et al. 2020, arXiv:2006.11239v2, Eq. (5)."""
    power = torch.exp(schedule.log_alpha_bar[-1])
    flat = x_0.flatten(1)
    offset = (-torch.log1p(-power) - power) * flat.shape[1]
    return (power * flat.square().sum(dim=1, dtype=torch.float64) + offset).div(2).to(x_0.dtype)


def decoder_log_likelihood(x_0: Tensor, mean: Tensor, log_scale: Tensor | float, levels: int = 256) -> Tensor:
    """Log probability of data on `levels` equally spaced values of [-1, 1], elementwise, in nats.

    Each value owns the bin of half width 1/(levels - 1) around it, the outermost reach to infinity: 256 levels give the
    paper's x +- 1/255; the digits' 17 grey levels 0..16, scaled by x/8 - 1, are 1/8 apart and give x +- 1/16.

    Source: Ho et al. 2020, arXiv:2006.11239v2, Eq. (13), for any number of levels.
    """
    steps = levels - 1
    x, center = x_0.to(torch.float64), mean.to(torch.float64)
    scaled = torch.exp(-torch.as_tensor(log_scale, dtype=torch.float64, device=x.device)) / steps
    offset = steps * (x - center)
    to_low, to_high = (offset - 1) * scaled, (offset + 1) * scaled
    # The tail that holds the bin: differences of small numbers instead of numbers close to 1.
    near = torch.special.log_ndtr(torch.where(offset > 0, -to_low, to_high))
    far = torch.special.log_ndtr(torch.where(offset > 0, -to_high, to_low))
    inside = near + torch.log1p(-torch.exp(far - near))
    below, above = torch.special.log_ndtr(to_high), torch.special.log_ndtr(-to_low)
    last = steps * x > steps - 1
    return torch.where(steps * x < 1 - steps, below, torch.where(last, above, inside)).to(mean.dtype)


def bits_per_dimension(nats: Tensor, dimensions: int) -> Tensor:
    """Negative log likelihood in bits per dimension. Source: Ho et al. 2020, arXiv:2006.11239v2, section 4."""
    return nats / (dimensions * math.log(2))


def simple_loss(eps: Tensor, eps_hat: Tensor) -> Tensor:
    """Mean squared error of eps, shape (B,). Source: Ho et al. 2020, arXiv:2006.11239v2, Eq. (14), averaged."""
    return (eps - eps_hat).flatten(1).square().mean(dim=1)


def simple_loss_gradient(eps: Tensor, eps_hat: Tensor) -> Tensor:
    """Gradient of the summed `simple_loss` with respect to eps_hat, as training gets it: by automatic differentiation."""
    free = eps_hat.detach().requires_grad_()
    return torch.autograd.grad(simple_loss(eps, free).sum(), free)[0]


def simple_loss_weight(schedule: Schedule, s: Tensor | int, t: Tensor | int) -> Tensor:
    """Weight that turns the squared error of eps into L_(t-1), for 1 <= s < t.

    Source: Ho et al. 2020, arXiv:2006.11239v2, Eq. (12) with the posterior variance for sigma_t**2.
    """
    log_s, _, gap = schedule.levels(s, t)
    return (torch.expm1(-gap) / -torch.expm1(log_s) / 2).to(schedule.dtype)


def snr_weight_x_0(logsnr_t: Tensor) -> Tensor:
    """Weight of an x_0 error equal to the eps error. Source: Kingma and Gao 2023, arXiv:2303.00848v7, Table 1."""
    return torch.exp(logsnr_t)


def snr_weight_eps(logsnr_t: Tensor) -> Tensor:
    """Weight of an eps error: one. Source: Kingma and Gao 2023, arXiv:2303.00848v7, Table 1."""
    return torch.ones_like(logsnr_t)


def snr_weight_v(logsnr_t: Tensor) -> Tensor:
    """Weight of a v error equal to the eps error, variance preserving. Source: arXiv:2303.00848v7, Table 1."""
    return torch.sigmoid(logsnr_t)


def snr_weight_score(sigma_t: Tensor) -> Tensor:
    """Weight of a score error equal to the eps error. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (7)."""
    return torch.square(sigma_t)


def snr_weight_velocity(alpha_t: Tensor, sigma_t: Tensor, alpha_dot_t: Tensor, sigma_dot_t: Tensor) -> Tensor:
    """Weight of a velocity error equal to the eps error. Source: arXiv:2303.00848v7, Table 1."""
    return torch.square(alpha_t / (alpha_t * sigma_dot_t - sigma_t * alpha_dot_t))


def min_snr_weight_x_0(logsnr_t: Tensor, gamma: Tensor | float) -> Tensor:
    """Min-SNR weight of an x_0 error. Source: Hang et al. 2023, arXiv:2303.09556v3, section 3.4."""
    return torch.exp(logsnr_t).clamp(max=gamma)


def min_snr_weight_eps(logsnr_t: Tensor, gamma: Tensor | float) -> Tensor:
    """Min-SNR weight of an eps error. Source: Hang et al. 2023, arXiv:2303.09556v3, section 3.4."""
    return (gamma * torch.exp(-logsnr_t)).clamp(max=1)


def min_snr_weight_v(logsnr_t: Tensor, gamma: Tensor | float) -> Tensor:
    """Min-SNR weight of a v error, variance preserving. Source: Hang et al. 2023, arXiv:2303.09556v3, section 3.4."""
    return torch.minimum(torch.sigmoid(logsnr_t), gamma * torch.sigmoid(-logsnr_t))


def min_snr_weight_score(logsnr_t: Tensor, sigma_t: Tensor, gamma: Tensor | float) -> Tensor:
    """Min-SNR weight of a score error. Source: Hang et al. 2023, arXiv:2303.09556v3, section 3.4."""
    return torch.square(sigma_t) * min_snr_weight_eps(logsnr_t, gamma)


def min_snr_weight_velocity(
    alpha_t: Tensor, sigma_t: Tensor, alpha_dot_t: Tensor, sigma_dot_t: Tensor, gamma: Tensor | float
) -> Tensor:
    """Min-SNR weight of a velocity error. Source: Hang et al. 2023, arXiv:2303.09556v3, section 3.4."""
    turn = alpha_t * sigma_dot_t - sigma_t * alpha_dot_t
    return torch.minimum(torch.square(alpha_t / turn), gamma * torch.square(sigma_t / turn))
