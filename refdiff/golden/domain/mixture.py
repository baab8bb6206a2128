"""Arguments of the formulas of Gaussian mixtures: noise from 1e-3 to 1e3, ties between components, states far away."""

from typing import Any

import numpy as np

from refdiff.golden.domain.dirac import FAR, levels

__all__ = ["sample"]


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    alpha_t, sigma_t = levels(rng)
    # With one component the matrices are 0 beside their diagonal, which a printed form that cancels never shows.
    least = 2 if "covariance" in name or "jacobian" in name else 1
    kind, count = rng.integers(5), int(rng.integers(least, 5))
    unit = sigma_t / max(alpha_t, 1e-3)
    variances = (unit * 10 ** rng.uniform(-3, 3) * 10 ** rng.uniform(-1, 1, count)) ** 2
    if rng.integers(3) == 0:
        variances = np.full(count, variances[0])
    elif rng.integers(8) == 0:
        variances = 0 * variances
    width = np.sqrt(unit**2 + variances.mean())
    reach = 10 ** rng.uniform(-3, 1) * width
    weights = rng.dirichlet(np.full(count, 0.7)) + 1e-9
    means = rng.standard_normal((count, 3)) * reach + width * rng.choice([0.0, 10.0])
    near = means[rng.integers(count, size=2)]
    x_t = alpha_t * near + np.sqrt(alpha_t**2 * variances.mean() + sigma_t**2) * rng.standard_normal((2, 3))
    if kind == 1:  # between two means
        x_t = alpha_t * (near + means[rng.integers(count, size=2)]) / 2 + sigma_t * 1e-3 * rng.standard_normal((2, 3))
    elif kind == 2:  # far away, with components of one width that still compete there
        variances = np.full(count, variances[0])
        level = alpha_t**2 * variances[0] + sigma_t**2
        means = rng.standard_normal((count, 3)) * level / FAR * 10 ** rng.uniform(-2, 2)
        x_t = FAR * rng.standard_normal((2, 3))
    elif kind == 3 and "covariance" not in name and "jacobian" not in name and "floor" not in name:
        x_t = FAR * rng.standard_normal((2, 3))
    return {
        "x_t": x_t, "weights": weights, "means": means, "variances": variances, "alpha_t": alpha_t, "sigma_t": sigma_t,
    }  # fmt: skip
