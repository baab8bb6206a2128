"""Arguments of the formulas of denoising with a GAN."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import Draw, draw, schedule_pair

__all__ = ["sample"]


def _log_density(rng: np.random.Generator) -> float:
    return float(rng.uniform(-1, 1) * 10 ** rng.uniform(-2, 2.5))


def _logit(rng: np.random.Generator) -> float:
    return float(rng.choice([-1.0, 1.0]) * 10 ** rng.uniform(-6, np.log10(700)))


_SAMPLERS: dict[str, Draw] = {
    "log_density_real": _log_density,
    "log_density_fake": _log_density,
    "logit_real": _logit,
    "logit_fake": _logit,
}


def _probabilities(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two distributions: unrelated, almost equal, or with zeros in different places."""
    size = int(rng.integers(2, 7))
    first, second = rng.dirichlet(np.ones(size), 2)
    kind = rng.integers(4)
    if kind == 1:
        second = first * (1 + 10 ** rng.uniform(-9, -1) * rng.uniform(-1, 1, size))
    if kind == 2:
        first[0], second[-1] = 0.0, 0.0
    if kind == 3:
        second = first ** rng.uniform(0.2, 5)
    return first / first.sum(), second / second.sum()


def _weights(rng: np.random.Generator, components: int) -> np.ndarray:
    """Multiples of 2**-30, so that their sum is 1 and not merely near it."""
    whole = 2**30
    cuts = np.sort(rng.choice(whole - 1, components - 1, replace=False) + 1) if components > 1 else np.array([], dtype=int)
    return np.diff(np.concat([[0], cuts, [whole]])) / whole


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    given = draw(arguments, rng, _SAMPLERS)
    if "probabilities_1" in arguments:
        given["probabilities_1"], given["probabilities_2"] = _probabilities(rng)
    size, components, reach = int(rng.integers(1, 4)), int(rng.integers(1, 5)), 10 ** rng.uniform(-2, 1)
    if name == "excess_kurtosis_mixture":
        components += 1  # One component alone has none at all, exactly.
    if "variances" in arguments:
        given["variances"] = 10 ** rng.uniform(-3, 1, components)
    if "weights" in arguments:
        given["weights"] = _weights(rng, components)
    if "means" in arguments:
        given["means"] = (rng.standard_normal((components, size)) + rng.choice([0.0, 0.0, 100.0])) * reach
    for argument in {"x_t", "x_s"} & set(arguments) if "variances" in arguments else ():
        given[argument] = rng.standard_normal((2, size)) * reach
    if "log_alpha_bar_t" in arguments:
        early, given["log_alpha_bar_t"] = schedule_pair(rng)
        if "log_alpha_bar_s" in arguments:
            given["log_alpha_bar_s"] = early * float(rng.choice([0.0, 1.0, 1.0, 1.0]))
    return given
