"""Arguments of the Gaussian algebra that the ordinary ones do not cover."""

from typing import Any

import numpy as np

from refdiff.golden.domain import ordinary
from refdiff.golden.domain.draws import Draw, covariance, draw, state

__all__ = ["sample"]

_NEW = {
    "bilinear_form", "completed_square_constant", "completed_square_mean", "gaussian_cross_entropy", "gaussian_entropy",
    "gaussian_product_log_normaliser", "gaussian_quadratic_factor_gradient", "gaussian_quadratic_mean_gradient",
    "gaussian_quadratic_variance", "gaussian_sample", "gaussian_score", "gaussian_second_moment", "trace_of_product",
}  # fmt: skip


def _factor(rng: np.random.Generator, size: int) -> np.ndarray:
    """A Cholesky factor, or one turned by a rotation."""
    lower = np.linalg.cholesky(covariance(rng, size))
    rotation, _ = np.linalg.qr(rng.standard_normal((size, size)))
    return np.asarray(lower if rng.integers(2) else lower @ rotation)


def _samplers(size: int) -> dict[str, Draw]:
    matrices: dict[str, Draw] = dict.fromkeys(
        ("covariance", "covariance_1", "covariance_2", "precision"), lambda rng: covariance(rng, size)
    )
    vectors: dict[str, Draw] = dict.fromkeys(
        ("x", "z", "mean", "mean_1", "mean_2", "center", "linear"), lambda rng: state(rng, (size,))
    )
    others: dict[str, Draw] = {
        "factor": lambda rng: _factor(rng, size),
        "matrix": lambda rng: rng.uniform(-2, 2, (size, size)),
    }
    return matrices | vectors | others


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    if name not in _NEW:
        return ordinary.sample(name, arguments, rng)
    size, other = (int(count) for count in rng.integers(1, 9, 2))
    if name == "trace_of_product":
        return {"matrix_1": state(rng, (size, other)), "matrix_2": state(rng, (other, size))}
    if name == "bilinear_form":
        return {"left": state(rng, (size,)), "matrix": rng.uniform(-2, 2, (size, other)), "right": state(rng, (other,))}
    return draw(arguments, rng, _samplers(size))
