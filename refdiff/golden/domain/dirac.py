"""Arguments of the formulas of finite data: noise from 1e-3 to 1e3, ties between points, states far away."""

from typing import Any

import numpy as np

__all__ = ["FAR", "levels", "sample"]

FAR = 1e6
_SPREADS = {
    "denoiser_jacobian_dirac",
    "eps_loss_floor_dirac",
    "loss_floor_dirac",
    "posterior_covariance_dirac",
    "score_divergence_dirac",
}


def levels(rng: np.random.Generator) -> tuple[float, float]:
    """alpha_t and sigma_t: no signal, barely any, or all of it; noise over six decades."""
    alpha_t = float(rng.choice([1.0, 1.0, rng.uniform(0, 1), 10 ** rng.uniform(-3, 0), 0.0], p=[0.35, 0.2, 0.2, 0.2, 0.05]))
    return alpha_t, float(10 ** rng.uniform(-3, 3))


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    alpha_t, sigma_t = levels(rng)
    kind = rng.integers(4)
    unit = sigma_t / max(alpha_t, 1e-3)
    # A spread that a float64 can hold needs a second point within reach; the other formulas are asked without one too.
    reach = 10 ** rng.uniform(-3, 1) if name in _SPREADS else 10 ** rng.uniform(-3, 4)
    if kind == 3 and (name in _SPREADS or rng.integers(2)):
        reach = 10 ** rng.uniform(-2, 2) * sigma_t / FAR
    points = rng.standard_normal((int(rng.integers(1 if name not in _SPREADS else 2, 6)), 3)) * unit * reach
    points += unit * reach * rng.choice([0.0, 10.0])
    near = points[rng.integers(len(points), size=2)]
    x_t = alpha_t * near + sigma_t * rng.standard_normal((2, 3))
    if kind == 1:  # between two points
        x_t = alpha_t * (near + points[rng.integers(len(points), size=2)]) / 2
        x_t += sigma_t * 10 ** rng.uniform(-3, 0) * rng.standard_normal((2, 3))
    elif kind == 2 and name not in _SPREADS:  # far away on the plane that halves two points
        points[:, 0] = points[0, 0]
        x_t = np.array([FAR, 0, 0]) + x_t
    elif kind == 3:
        x_t = FAR * rng.standard_normal((2, 3))
    return {"x_t": x_t, "points": points, "alpha_t": alpha_t, "sigma_t": sigma_t}
