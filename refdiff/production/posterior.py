"""The forward posterior by table: x_s given a later x_t and x_0, for any s < t, strided or not.

The coefficients are a handful of numbers a sample, taken in float64; only the state is touched in its own dtype.
`general_posterior_mean` and `general_posterior_variance` take scales in place of a table: those of any process.
"""

import torch
from torch import Tensor

from refdiff.production.forward import general_transition_variance, like
from refdiff.production.schedule import Schedule

__all__ = [
    "general_posterior_mean",
    "general_posterior_variance",
    "posterior_log_variance",
    "posterior_log_variance_large",
    "posterior_log_variance_learned",
    "posterior_mean",
    "posterior_mean_coefficients",
    "posterior_mean_x_0_coefficient",
    "posterior_mean_x_t_coefficient",
    "posterior_variance",
    "posterior_variance_large",
]

Number = Tensor | float


def posterior_mean_coefficients(schedule: Schedule, s: Tensor | int, t: Tensor | int) -> tuple[Tensor, Tensor]:
    """Weights of x_0 and x_t in the posterior mean, float64."""
    log_s, log_t, gap = schedule.levels(s, t)
    noise = torch.expm1(log_t)
    return torch.exp(log_s / 2) * torch.expm1(gap) / noise, torch.exp(gap / 2) * torch.expm1(log_s) / noise


def posterior_mean_x_0_coefficient(schedule: Schedule, s: Tensor | int, t: Tensor | int) -> Tensor:
    """Weight of x_0 in the mean of x_s. Source: Ho et al. 2020, arXiv:2006.11239v2, Eq. (7)."""
    return posterior_mean_coefficients(schedule, s, t)[0].to(schedule.dtype)


def posterior_mean_x_t_coefficient(schedule: Schedule, s: Tensor | int, t: Tensor | int) -> Tensor:
    """Weight of x_t in the mean of x_s. Source: Ho et al. 2020, arXiv:2006.11239v2, Eq. (7)."""
    return posterior_mean_coefficients(schedule, s, t)[1].to(schedule.dtype)


def posterior_mean(schedule: Schedule, s: Tensor | int, t: Tensor | int, x_0: Tensor, x_t: Tensor) -> Tensor:
    """Mean of x_s given x_t and x_0. Source: Ho et al. 2020, arXiv:2006.11239v2, Eq. (7)."""
    of_x_0, of_x_t = posterior_mean_coefficients(schedule, s, t)
    return torch.addcmul(like(of_x_t, x_t) * x_t, like(of_x_0, x_0), x_0)


def _variance(schedule: Schedule, s: Tensor | int, t: Tensor | int) -> Tensor:
    log_s, log_t, gap = schedule.levels(s, t)
    return torch.expm1(log_s) / torch.expm1(log_t) * -torch.expm1(gap)


def posterior_variance(schedule: Schedule, s: Tensor | int, t: Tensor | int) -> Tensor:
    """Variance of x_s given x_t and x_0. Source: Ho et al. 2020, arXiv:2006.11239v2, Eq. (7)."""
    return _variance(schedule, s, t).to(schedule.dtype)


def posterior_variance_large(schedule: Schedule, s: Tensor | int, t: Tensor | int) -> Tensor:
    """Variance of the forward step from s to t. Source: Ho et al. 2020, arXiv:2006.11239v2, section 3.2."""
    return -torch.expm1(schedule.levels(s, t)[2]).to(schedule.dtype)


def posterior_log_variance(schedule: Schedule, s: Tensor | int, t: Tensor | int) -> Tensor:
    """Log of posterior_variance; -inf at s = 0. Source: Ho et al. 2020, arXiv:2006.11239v2, Eq. (7)."""
    return torch.log(_variance(schedule, s, t)).to(schedule.dtype)


def posterior_log_variance_large(schedule: Schedule, s: Tensor | int, t: Tensor | int) -> Tensor:
    """Log of posterior_variance_large. Source: Ho et al. 2020, arXiv:2006.11239v2, section 3.2."""
    return torch.log(-torch.expm1(schedule.levels(s, t)[2])).to(schedule.dtype)


def posterior_log_variance_learned(schedule: Schedule, s: Tensor | int, t: Tensor | int, interpolation: Tensor) -> Tensor:
    """Log variance between the two, `interpolation` 1 for the larger; 1 <= s < t.

    Source: Nichol and Dhariwal 2021, arXiv:2102.09672v1, Eq. (15).
    """
    log_s, log_t, gap = schedule.levels(s, t)
    large = torch.log(-torch.expm1(gap))
    shrink = torch.log(torch.expm1(log_s) / torch.expm1(log_t))
    return torch.addcmul(like(large, interpolation), 1 - interpolation, like(shrink, interpolation))


def general_posterior_mean(
    x_0: Tensor, x_t: Tensor, alpha_s: Number, sigma_s: Number, alpha_t: Number, sigma_t: Number
) -> Tensor:
    """Mean of x_s given x_t and x_0, for scales of any process. Source: Kingma et al. 2021, arXiv:2107.00630v6, Appendix A."""
    added = general_transition_variance(alpha_s, sigma_s, alpha_t, sigma_t) / (sigma_t * sigma_t)
    ratio = sigma_s / sigma_t
    return alpha_s * added * x_0 + ratio * ratio * (alpha_t / alpha_s) * x_t


def general_posterior_variance(alpha_s: Number, sigma_s: Number, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Variance of x_s given x_t and x_0, for scales of any process.

    Source: Kingma et al. 2021, arXiv:2107.00630v6, Appendix A.
    """
    ratio = sigma_s / sigma_t
    return ratio * ratio * general_transition_variance(alpha_s, sigma_s, alpha_t, sigma_t)
