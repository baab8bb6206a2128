"""Conversions between predictions: each is one fused combination of x_t and the source, and one division.

Its weights are taken in float64, from signal and noise scales that are one number or one for each sample, shaped to
broadcast (see `forward.like`); only the states are touched in their own dtype. Nothing assumes a variance-preserving pair.
"""

import torch
from torch import Tensor

__all__ = [
    "eps_from_score",
    "eps_from_v",
    "eps_from_velocity",
    "eps_from_x_0",
    "score_from_eps",
    "score_from_v",
    "score_from_velocity",
    "score_from_x_0",
    "v_from_eps",
    "v_from_score",
    "v_from_velocity",
    "v_from_x_0",
    "velocity_from_eps",
    "velocity_from_score",
    "velocity_from_v",
    "velocity_from_x_0",
    "x_0_from_eps",
    "x_0_from_score",
    "x_0_from_v",
    "x_0_from_velocity",
]

Scale = Tensor | float


def _wide(*scales: Scale) -> tuple[Tensor, ...]:
    return tuple(torch.as_tensor(scale, dtype=torch.float64) for scale in scales)


def _mixed(of_x_t: Tensor | int, x_t: Tensor, of_source: Tensor, source: Tensor, under: Tensor) -> Tensor:
    first = of_x_t.to(source) * x_t if isinstance(of_x_t, Tensor) else of_x_t * x_t
    return torch.addcmul(first, of_source.to(source), source) / under.to(source)


def eps_from_x_0(x_t: Tensor, x_0: Tensor, alpha_t: Scale, sigma_t: Scale) -> Tensor:
    """Unit noise from x_0. Source: Ho et al. 2020, arXiv:2006.11239v2, section 3.2."""
    alpha, sigma = _wide(alpha_t, sigma_t)
    return _mixed(1, x_t, -alpha, x_0, sigma)


def eps_from_v(x_t: Tensor, v: Tensor, alpha_t: Scale, sigma_t: Scale) -> Tensor:
    """Unit noise from v. Source: Salimans and Ho 2022, arXiv:2202.00512v2, appendix D."""
    alpha, sigma = _wide(alpha_t, sigma_t)
    power = alpha.square() + sigma.square()
    return _mixed(sigma, x_t, alpha, v, power)


def eps_from_score(x_t: Tensor, score: Tensor, alpha_t: Scale, sigma_t: Scale) -> Tensor:
    """Unit noise from score. Source: Song et al. 2021, arXiv:2011.13456v2, score of the Gaussian."""
    (sigma,) = _wide(sigma_t)
    return -sigma.to(score) * score


def eps_from_velocity(
    x_t: Tensor, velocity: Tensor, alpha_t: Scale, sigma_t: Scale, alpha_dot_t: Scale, sigma_dot_t: Scale
) -> Tensor:
    """Unit noise from velocity. Source: Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15)."""
    alpha, sigma, alpha_dot, sigma_dot = _wide(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    turn = alpha * sigma_dot - sigma * alpha_dot
    return _mixed(-alpha_dot, x_t, alpha, velocity, turn)


def x_0_from_eps(x_t: Tensor, eps: Tensor, alpha_t: Scale, sigma_t: Scale) -> Tensor:
    """Data from eps. Source: Ho et al. 2020, arXiv:2006.11239v2, section 3.2."""
    alpha, sigma = _wide(alpha_t, sigma_t)
    return _mixed(1, x_t, -sigma, eps, alpha)


def x_0_from_v(x_t: Tensor, v: Tensor, alpha_t: Scale, sigma_t: Scale) -> Tensor:
    """Data from v. Source: Salimans and Ho 2022, arXiv:2202.00512v2, appendix D."""
    alpha, sigma = _wide(alpha_t, sigma_t)
    power = alpha.square() + sigma.square()
    return _mixed(alpha, x_t, -sigma, v, power)


def x_0_from_score(x_t: Tensor, score: Tensor, alpha_t: Scale, sigma_t: Scale) -> Tensor:
    """Data from score. Source: Song et al. 2021, arXiv:2011.13456v2, score of the Gaussian."""
    alpha, sigma = _wide(alpha_t, sigma_t)
    return _mixed(1, x_t, sigma.square(), score, alpha)


def x_0_from_velocity(
    x_t: Tensor, velocity: Tensor, alpha_t: Scale, sigma_t: Scale, alpha_dot_t: Scale, sigma_dot_t: Scale
) -> Tensor:
    """Data from velocity. Source: Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15)."""
    alpha, sigma, alpha_dot, sigma_dot = _wide(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    turn = alpha * sigma_dot - sigma * alpha_dot
    return _mixed(sigma_dot, x_t, -sigma, velocity, turn)


def v_from_eps(x_t: Tensor, eps: Tensor, alpha_t: Scale, sigma_t: Scale) -> Tensor:
    """v from eps. Source: Salimans and Ho 2022, arXiv:2202.00512v2, appendix D."""
    alpha, sigma = _wide(alpha_t, sigma_t)
    power = alpha.square() + sigma.square()
    return _mixed(-sigma, x_t, power, eps, alpha)


def v_from_x_0(x_t: Tensor, x_0: Tensor, alpha_t: Scale, sigma_t: Scale) -> Tensor:
    """v from x_0. Source: Salimans and Ho 2022, arXiv:2202.00512v2, appendix D."""
    alpha, sigma = _wide(alpha_t, sigma_t)
    power = alpha.square() + sigma.square()
    return _mixed(alpha, x_t, -power, x_0, sigma)


def v_from_score(x_t: Tensor, score: Tensor, alpha_t: Scale, sigma_t: Scale) -> Tensor:
    """v from score. Source: Salimans and Ho 2022, arXiv:2202.00512v2, appendix D."""
    alpha, sigma = _wide(alpha_t, sigma_t)
    power = alpha.square() + sigma.square()
    return _mixed(-sigma, x_t, -sigma * power, score, alpha)


def v_from_velocity(
    x_t: Tensor, velocity: Tensor, alpha_t: Scale, sigma_t: Scale, alpha_dot_t: Scale, sigma_dot_t: Scale
) -> Tensor:
    """v from velocity. Source: Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15)."""
    alpha, sigma, alpha_dot, sigma_dot = _wide(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    turn = alpha * sigma_dot - sigma * alpha_dot
    power = alpha.square() + sigma.square()
    return _mixed(-(alpha * alpha_dot + sigma * sigma_dot), x_t, power, velocity, turn)


def score_from_eps(x_t: Tensor, eps: Tensor, alpha_t: Scale, sigma_t: Scale) -> Tensor:
    """Score of the marginal from eps. Source: Song et al. 2021, arXiv:2011.13456v2, score of the Gaussian."""
    (sigma,) = _wide(sigma_t)
    return -eps / sigma.to(eps)


def score_from_x_0(x_t: Tensor, x_0: Tensor, alpha_t: Scale, sigma_t: Scale) -> Tensor:
    """Score of the marginal from x_0. Source: Song et al. 2021, arXiv:2011.13456v2, score of the Gaussian."""
    alpha, sigma = _wide(alpha_t, sigma_t)
    return _mixed(-1, x_t, alpha, x_0, sigma.square())


def score_from_v(x_t: Tensor, v: Tensor, alpha_t: Scale, sigma_t: Scale) -> Tensor:
    """Score of the marginal from v. Source: Salimans and Ho 2022, arXiv:2202.00512v2, appendix D."""
    alpha, sigma = _wide(alpha_t, sigma_t)
    power = alpha.square() + sigma.square()
    return _mixed(-sigma, x_t, -alpha, v, sigma * power)


def score_from_velocity(
    x_t: Tensor, velocity: Tensor, alpha_t: Scale, sigma_t: Scale, alpha_dot_t: Scale, sigma_dot_t: Scale
) -> Tensor:
    """Score of the marginal from velocity. Source: Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15)."""
    alpha, sigma, alpha_dot, sigma_dot = _wide(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    turn = alpha * sigma_dot - sigma * alpha_dot
    return _mixed(alpha_dot, x_t, -alpha, velocity, sigma * turn)


def velocity_from_eps(x_t: Tensor, eps: Tensor, alpha_t: Scale, sigma_t: Scale, alpha_dot_t: Scale, sigma_dot_t: Scale) -> Tensor:
    """Velocity from eps. Source: Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15)."""
    alpha, sigma, alpha_dot, sigma_dot = _wide(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    turn = alpha * sigma_dot - sigma * alpha_dot
    return _mixed(alpha_dot, x_t, turn, eps, alpha)


def velocity_from_x_0(x_t: Tensor, x_0: Tensor, alpha_t: Scale, sigma_t: Scale, alpha_dot_t: Scale, sigma_dot_t: Scale) -> Tensor:
    """Velocity from x_0. Source: Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15)."""
    alpha, sigma, alpha_dot, sigma_dot = _wide(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    turn = alpha * sigma_dot - sigma * alpha_dot
    return _mixed(sigma_dot, x_t, -turn, x_0, sigma)


def velocity_from_v(x_t: Tensor, v: Tensor, alpha_t: Scale, sigma_t: Scale, alpha_dot_t: Scale, sigma_dot_t: Scale) -> Tensor:
    """Velocity from v. Source: Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15)."""
    alpha, sigma, alpha_dot, sigma_dot = _wide(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    turn = alpha * sigma_dot - sigma * alpha_dot
    power = alpha.square() + sigma.square()
    return _mixed(alpha * alpha_dot + sigma * sigma_dot, x_t, turn, v, power)


def velocity_from_score(
    x_t: Tensor, score: Tensor, alpha_t: Scale, sigma_t: Scale, alpha_dot_t: Scale, sigma_dot_t: Scale
) -> Tensor:
    """Velocity from score. Source: Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15)."""
    alpha, sigma, alpha_dot, sigma_dot = _wide(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    turn = alpha * sigma_dot - sigma * alpha_dot
    return _mixed(alpha_dot, x_t, -sigma * turn, score, alpha)
