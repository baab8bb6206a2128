"""The forward process by table: x_t given x_0, and x_t given an earlier x_s. Times are integers or tensors of shape (B,)."""

import torch
from torch import Tensor

from refdiff.production.schedule import Schedule

__all__ = [
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
