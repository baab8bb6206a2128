"""Arguments of the formulas of score matching and Langevin dynamics."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import Draw, draw, scale, state

__all__ = ["sample"]

_SAMPLERS: dict[str, Draw] = {
    "sigma_t": scale,
    "alpha_t": scale,
    "step_size": scale,
    "variance": lambda rng: float(10 ** rng.uniform(-6, 6)),
    "dimensions": lambda rng: int(rng.integers(1, 200_000)),
    "divergence": lambda rng: state(rng, (4,)),
    "jacobian": lambda rng: state(rng, (2, 3, 3)),
    "n": lambda rng: int(rng.choice([2, 3, 4, 10, 50])),
    "sigma_min": lambda rng: float(10 ** rng.uniform(-4, -1)),
    "sigma_max": lambda rng: float(10 ** rng.uniform(-0.9, 3)),
    "corrector_snr": lambda rng: float(10 ** rng.uniform(-3, 0)),
    "beta_t": lambda rng: float(rng.choice([10 ** rng.uniform(-8, 0), rng.uniform(0, 1), 1 - 10 ** rng.uniform(-6, -1)])),
}


def _stable(rng: np.random.Generator) -> float:
    """A step over the variance: tiny, near the 2 that forgets the start at once, near the 4 where the chain diverges."""
    choices = [
        10 ** rng.uniform(-10, 0),
        rng.uniform(0, 4),
        2 * (1 + 10 ** rng.uniform(-9, -1)),
        2 * (1 - 10 ** rng.uniform(-9, -1)),
    ]
    return float(rng.choice([*choices, 4 * (1 - 10 ** rng.uniform(-9, -1))]))


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    given = draw(arguments, rng, _SAMPLERS)
    if name.startswith("dsm_constant_mixture"):
        given |= {argument: value for argument, value in _mixture(rng).items() if argument in arguments}
    if name.startswith("langevin_") and "variance" in arguments:
        given["step_size"] = given["variance"] * _stable(rng)
    if "variance_start" in arguments:
        start = rng.choice([given["variance"] * 10 ** rng.uniform(-6, 6), 0.0], p=[0.9, 0.1])
        given |= {"variance_start": float(start), "n": int(rng.choice([1, 2, 3, 10, 100, 1000]))}
    return given


def _mixture(rng: np.random.Generator) -> dict[str, Any]:
    """A few components, alike or not, as far apart as ten times the noise."""
    count, size, sigma = int(rng.integers(1, 5)), int(rng.integers(1, 5)), scale(rng)
    unit = sigma * float(rng.choice([1.0, 10 ** rng.uniform(-3, 0)]))
    return {
        "weights": (1 + rng.multinomial(2**50 - count, rng.dirichlet(np.ones(count)))) / 2**50,  # the sum is 1 without rounding
        "means": unit * (rng.uniform(-2, 2, (count, size)) + rng.uniform(-1, 1)),
        "variances": unit**2 * 10 ** rng.uniform(-3, 1, count),
        "alpha_t": float(rng.choice([1.0, rng.uniform(0.1, 1)])),
        "sigma_t": sigma,
    }
