"""Arguments of the formulas of singlestep: levels of every kind, near to each other as often as far apart."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import run, state

__all__ = ["sample"]


def _levels(rng: np.random.Generator, count: int) -> dict[str, Any]:
    """Levels with falling noise over signal: the signal's scale or the variance kept, scales that sum to 1, or none of it."""
    falls = 10 ** rng.uniform(-3, 0.6, count)
    ratios = 10 ** rng.uniform(-2, 2) * np.exp(falls[0] - np.cumsum(falls))
    kinds = (np.ones(count), 1 / np.sqrt(1 + ratios**2), 1 / (1 + ratios), 10 ** rng.uniform(-1, 1, count))
    alphas = kinds[int(rng.integers(len(kinds)))]
    return {"alphas": alphas, "sigmas": ratios * alphas}


def _run(arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """A run on Gaussian data or a mixture of wide components: models of narrow ones sharpen an error that stands between them."""
    given = run(rng, ("sigmas",))
    while "points" in given:
        given = run(rng, ("sigmas",))
    if "variances" in given:
        given["variances"] = 10 ** rng.uniform(-0.3, 0.3, len(given["variances"]))
    ratios = given.pop("sigmas")
    kind = 1 if "times" in arguments else int(rng.integers(3)) if "alphas" in arguments else 0
    alphas = (1 + 0 * ratios, 1 / (1 + ratios), 1 / np.sqrt(1 + ratios**2))[kind]
    levels = ({"sigmas": ratios}, {"times": ratios * alphas}, {"alphas": alphas, "sigmas": ratios * alphas})[kind]
    if "times" in arguments and rng.integers(3) == 0:
        levels["times"][0] = 1.0
    return given | levels | {"x_T": alphas[0] * given["x_T"]}


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    if "x_T" in arguments:
        return _run(arguments, rng)
    third = "3s" in name
    estimates = 3 if third and name.endswith("step") else 2
    given = _levels(rng, estimates + 1) | {"x_t": state(rng)}
    given["x_0s" if "x_0s" in arguments else "epsilons"] = np.stack(
        [state(rng)] + [state(rng, (4, 3)) for _ in range(estimates - 1)]
    )
    if name == "dpm2_step":
        ends = given["sigmas"] / given["alphas"]
        middle = np.sqrt(ends[0] * ends[2]) if rng.integers(2) else ends[1]
        given["sigmas"] = np.array([ends[0], middle, ends[2]])
    return {argument: given[argument] for argument in arguments}
