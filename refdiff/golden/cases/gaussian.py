"""Cases of the Gaussian algebra."""

from typing import Any

import numpy as np

from refdiff.catalogue import formulas
from refdiff.golden.cases.inputs import Case, covariance, integers, labelled, single, state

__all__ = ["cases"]

_SIZES = (1, 2, 3, 5, 8)
_ISOTROPIC = ((1, 1), (2, 3), (3, 4), (1, 8), (4, 2))
_VARIANCES = ((1.0, 1.0), (0.25, 2.0), (4.0, 0.5), (single(0.01), 1.5), (100.0, single(0.3)))


def _vector(key: str, name: str, size: int) -> Any:
    if "covariance" in name or name == "precision":
        return covariance(f"{key}/{name}", size)
    if name == "matrix_2":
        return state(f"{key}/{name}", (size, size + 1), unit=1 / 8, reach=12)
    if name == "matrix_1":
        return state(f"{key}/{name}", (size + 1, size), unit=1 / 8, reach=12)
    if name == "matrix":
        return state(f"{key}/{name}", (size, size), unit=1 / 8, reach=12)
    if name == "factor":
        full = state(f"{key}/{name}", (size, size), unit=1 / 8, reach=12)
        # A Cholesky factor, or one that is no triangle.
        return np.tril(full) if integers(f"{key}/triangle", 1, 0, 1)[0] else full
    return state(f"{key}/{name}", (size,), unit=1 / 16, reach=24)


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}
    for name, formula in formulas().items():
        if formula.subject != "gaussian":
            continue
        listed = found.setdefault(name, [])
        isotropic = name.endswith("isotropic")
        for i in range(20):
            size, seed = _SIZES[i % 5], i // 5
            key = f"{name}/{i}"
            if isotropic:
                shape, (variance_1, variance_2) = _ISOTROPIC[i % 5], _VARIANCES[(i + seed) % 5]
                variances = {"variance": variance_1, "variance_1": variance_1, "variance_2": variance_2}
                given = {a: variances[a] if a in variances else state(f"{key}/{a}", shape) for a in formula.arguments}
                label = f"shape-{'x'.join(map(str, shape))}-v-{seed + 1}"
                comment = "unequal variances and means: swapped or square-rooted variances show"
                if not any("mean" in a for a in formula.arguments):
                    label = f"pair-{i + 1}"
                    given = {"variance_1": _VARIANCES[i % 5][0] * (1 + i // 5), "variance_2": _VARIANCES[i % 5][1]}
            else:
                given = {argument: _vector(key, argument, size) for argument in formula.arguments}
                label = f"d-{size}-v-{seed + 1}"
                comment = (
                    "full covariance, asymmetric map: a transpose, an inverse or a swap shows" if size > 1 else "one dimension"
                )
                if name == "trace_of_product":
                    comment = "not square: a transpose that is missing, or one too many, shows"
                if name == "gaussian_quadratic_expectation" and seed == 0:
                    given["center"] = np.array(given["mean"])
                    comment = "centred at the mean: only the trace is left"
            listed.append(Case(labelled("gaussian", name, label), comment, given))
    return found
