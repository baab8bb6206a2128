"""Distances to a data set, smoothed, and the samplers that descend them; batched.

Distances are summed from differences in float64: the product form |x|**2 - 2*x@y + |y|**2 loses the digits that tell near
points apart. A noise scale is a number or one entry for each sample.
"""

import torch
from torch import Tensor

from refdiff.production.denoiser import denoiser_dirac
from refdiff.production.forward import like

__all__ = [
    "denoiser_projection_error",
    "distance_descent_step",
    "distance_step_size",
    "distance_step_size_max",
    "distance_to_points",
    "gradient_estimate",
    "gradient_estimation_step",
    "gradient_estimation_weight",
    "moreau_gap",
    "projection_onto_points",
    "smoothed_descent_step",
    "squared_distance_smoothed",
    "squared_distance_smoothed_gradient",
]

Scale = Tensor | float


def _distances(x_t: Tensor, points: Tensor) -> Tensor:
    return torch.cdist(x_t.double(), points.double(), compute_mode="donot_use_mm_for_euclid_dist")


def _wide(scale: Scale, x: Tensor) -> Tensor:
    return torch.as_tensor(scale, dtype=torch.float64, device=x.device)


def _nearest(x_t: Tensor, points: Tensor) -> Tensor:
    return points[_distances(x_t, points).argmin(dim=1)]


def distance_to_points(x_t: Tensor, points: Tensor) -> Tensor:
    """Distance to the nearest point, shape (B,). Source: Permenter and Yuan 2024, arXiv:2306.04848v4, section 2.2."""
    return _distances(x_t, points).amin(dim=1).to(x_t.dtype)


def projection_onto_points(x_t: Tensor, points: Tensor) -> Tensor:
    """Nearest point, the first of equally near ones. Source: Permenter and Yuan 2024, arXiv:2306.04848v4, section 2.2."""
    return _nearest(x_t, points).to(x_t.dtype)


def _log_total(x_t: Tensor, points: Tensor, sigma_t: Scale) -> tuple[Tensor, Tensor]:
    """The least squared distance, and the log of the sum of weights over the largest one; shape (B,), float64."""
    distances = _distances(x_t, points)
    least = distances.amin(dim=1, keepdim=True)
    scale = _wide(sigma_t, x_t).reshape(-1, 1)
    exponents = (least - distances) / scale * ((least + distances) / scale) / 2
    return least.squeeze(1).square(), torch.logsumexp(exponents, dim=1)


def squared_distance_smoothed(x_t: Tensor, points: Tensor, sigma_t: Scale) -> Tensor:
    """Soft minimum of the squared distances, shape (B,). Source: Permenter and Yuan 2024, arXiv:2306.04848v4, section 3.1."""
    least, total = _log_total(x_t, points, sigma_t)
    return (least - 2 * _wide(sigma_t, x_t).square() * total).to(x_t.dtype)


def moreau_gap(x_t: Tensor, points: Tensor, sigma_t: Scale) -> Tensor:
    """Moreau envelope less the smoothed distance over 2*sigma_t**2, shape (B,).

    Source: Permenter and Yuan 2024, arXiv:2306.04848v4, section 3.1.
    """
    return _log_total(x_t, points, sigma_t)[1].to(x_t.dtype)


def _taken_off(x_t: Tensor, points: Tensor, sigma_t: Scale) -> Tensor:
    """The state less its denoised value, float64."""
    wide = x_t.double()
    return wide - denoiser_dirac(wide, points, 1.0, sigma_t)


def squared_distance_smoothed_gradient(x_t: Tensor, points: Tensor, sigma_t: Scale) -> Tensor:
    """Gradient of the smoothed squared distance. Source: Permenter and Yuan 2024, arXiv:2306.04848v4, section 3.1."""
    return 2 * _taken_off(x_t, points, sigma_t).to(x_t.dtype)


def denoiser_projection_error(x_t: Tensor, points: Tensor, sigma_t: Scale) -> Tensor:
    """Distance of the exact denoiser from the projection over the state's, shape (B,); weights below exp(-60) count as 0.

    Source: Permenter and Yuan 2024, arXiv:2306.04848v4, section 3, relative error model.
    """
    wide, known = x_t.double(), points.double()
    missed = denoiser_dirac(wide, known, 1.0, sigma_t) - _nearest(wide, known)
    sizes: Tensor = torch.linalg.vector_norm(missed, dim=1)
    return (sizes / _distances(x_t, points).amin(dim=1)).to(x_t.dtype)


def distance_step_size(sigma_s: Scale, sigma_t: Scale) -> Scale:
    """Step size of DDIM as descent. Source: Permenter and Yuan 2024, arXiv:2306.04848v4, section 4."""
    return (sigma_t - sigma_s) / sigma_t


def distance_step_size_max(relative_error: Scale, distance_ratio: Scale, n: int) -> Tensor:
    """Largest constant step size of an admissible schedule. Source: Permenter and Yuan 2024, arXiv:2306.04848v4, section 4."""
    c = -torch.expm1(-torch.log(torch.as_tensor(distance_ratio)) / n)
    return c / (relative_error + c)


def distance_descent_step(x_t: Tensor, points: Tensor, sigma_s: Scale, sigma_t: Scale) -> Tensor:
    """State at s along half the squared distance's gradient. Source: Permenter and Yuan 2024, arXiv:2306.04848v4, section 4."""
    return torch.lerp(projection_onto_points(x_t, points), x_t, like(_wide(sigma_s, x_t) / _wide(sigma_t, x_t), x_t))


def smoothed_descent_step(x_t: Tensor, points: Tensor, sigma_s: Scale, sigma_t: Scale) -> Tensor:
    """State at s by DDIM with the exact denoiser. Source: Permenter and Yuan 2024, arXiv:2306.04848v4, sections 3.1 and 4."""
    size = like((_wide(sigma_t, x_t) - _wide(sigma_s, x_t)) / _wide(sigma_t, x_t), x_t.double())
    return (x_t - size * _taken_off(x_t, points, sigma_t)).to(x_t.dtype)


def gradient_estimate(eps: Tensor, eps_previous: Tensor, extrapolation: Scale) -> Tensor:
    """Newest noise estimate, extrapolated. Source: Permenter and Yuan 2024, arXiv:2306.04848v4, section 5."""
    weight = _wide(extrapolation, eps)
    return torch.addcmul(like(weight, eps) * eps, like(1 - weight, eps), eps_previous)


def gradient_estimation_step(
    x_t: Tensor, eps: Tensor, eps_previous: Tensor, extrapolation: Scale, sigma_s: Scale, sigma_t: Scale
) -> Tensor:
    """State at s by the gradient-estimation sampler. Source: Permenter and Yuan 2024, arXiv:2306.04848v4, section 5."""
    moved = like(_wide(sigma_s, x_t) - _wide(sigma_t, x_t), x_t)
    return torch.addcmul(x_t, moved, gradient_estimate(eps, eps_previous, extrapolation))


def gradient_estimation_weight(sigma_s: Scale, sigma_t: Scale, sigma_u: Scale) -> Scale:
    """The extrapolation of second order. Source: Hairer, Norsett and Wanner 1993, section III.5."""
    return 1 + (sigma_t - sigma_s) / (2 * (sigma_u - sigma_t))
