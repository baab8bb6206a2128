"""The forward process by table: x_t given x_0, and x_t given an earlier x_s. Times are integers or tensors of shape (B,).

`general_transition_mean` and `general_transition_variance` take scales in place of a table: those of any process.
"""

import torch
from torch import Tensor

from refdiff.production.schedule import Schedule

__all__ = [
    "general_transition_mean",
    "general_transition_variance",
    "like",
    "marginal_mean",
    "marginal_sample",
    "marginal_variance",
    "transition_mean",
    "transition_variance",
]


def like(coefficient: Tensor, x: Tensor) -> Tensor:
    """A coefficient of one number, or one for each sample, in the state's dtype and lined up with its first axis."""
    coefficient = coefficient.to(x.dtype)
    return coefficient.reshape(coefficient.shape + (1,) * (x.ndim - coefficient.ndim)) if coefficient.ndim else coefficient


def marginal_mean(schedule: Schedule, t: Tensor | int, x_0: Tensor) -> Tensor:
    """Mean of x_t given x_0. Source: Ho et al. 2020, arXiv:2006.11239v2, Eq. (4)."""
    return like(schedule.rows(schedule.alpha, t), x_0) * x_0


def marginal_variance(schedule: Schedule, t: Tensor | int) -> Tensor:
    """Variance of x_t given x_0. Source: Ho et al. 2020, arXiv:2006.11239v2, Eq. (4)."""
    return -torch.expm1(schedule.rows(schedule.log_alpha_bar, t)).to(schedule.dtype)


def marginal_sample(schedule: Schedule, t: Tensor | int, x_0: Tensor, eps: Tensor) -> Tensor:
    """x_t that unit noise eps makes of x_0. Source: Ho et al. 2020, arXiv:2006.11239v2, Eq. (4)."""
    noise = like(schedule.rows(schedule.sigma, t), eps) * eps
    return torch.addcmul(noise, like(schedule.rows(schedule.alpha, t), x_0), x_0)


def transition_mean(schedule: Schedule, s: Tensor | int, t: Tensor | int, x_s: Tensor) -> Tensor:
    """Mean of x_t given an earlier x_s. Source: Ho et al. 2020, arXiv:2006.11239v2, Eq. (2), from t - 1 to any s."""
    gap = schedule.levels(s, t)[2]
    return like(torch.exp(gap / 2), x_s) * x_s


def transition_variance(schedule: Schedule, s: Tensor | int, t: Tensor | int) -> Tensor:
    """Variance of x_t given an earlier x_s. Source: Ho et al. 2020, arXiv:2006.11239v2, Eq. (2), from t - 1 to any s."""
    return -torch.expm1(schedule.levels(s, t)[2]).to(schedule.dtype)


def general_transition_mean(x_s: Tensor, alpha_s: Tensor | float, alpha_t: Tensor | float) -> Tensor:
    """Mean of x_t given an earlier x_s, for any signal scales. Source: Kingma et al. 2021, arXiv:2107.00630v6, Eq. (20)."""
    return alpha_t / alpha_s * x_s


def general_transition_variance(
    alpha_s: Tensor | float, sigma_s: Tensor | float, alpha_t: Tensor | float, sigma_t: Tensor | float
) -> Tensor:
    """Variance of x_t given an earlier x_s, for any scales. Source: Kingma et al. 2021, arXiv:2107.00630v6, Eq. (20)."""
    carried = alpha_t / alpha_s * sigma_s
    return torch.as_tensor((sigma_t - carried) * (sigma_t + carried))
