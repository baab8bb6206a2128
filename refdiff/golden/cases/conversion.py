"""Cases of the conversions between predictions."""

from typing import Any

from refdiff.catalogue import formulas
from refdiff.golden.cases.inputs import Case, labelled, single, state, times

__all__ = ["cases"]

_SHAPES = ((2, 3), (1, 1), (3, 1, 2), (4, 2), (2, 2, 2))
_VE = (0.002, 0.1, 1.0, 5.0, 80.0)
_FLOW = (0.0078125, 0.125, 0.25, 0.5, 0.75, 0.875, 0.9921875)


def _levels() -> list[tuple[str, str, dict[str, Any]]]:
    """Noise levels that are not variance preserving, with their time derivatives."""
    exploding = [
        (f"ve/sigma-{sigma:g}", "variance exploding: alpha is 1, not sqrt(1 - sigma**2)",
         {"alpha_t": 1.0, "sigma_t": single(sigma), "alpha_dot_t": 0.0, "sigma_dot_t": 1.0})
        for sigma in _VE
    ]  # fmt: skip
    straight = [
        (f"flow/t-{t:g}", "rectified flow: alpha is 1 - t and sigma is t",
         {"alpha_t": 1 - t, "sigma_t": t, "alpha_dot_t": -1.0, "sigma_dot_t": 1.0})
        for t in _FLOW
    ]  # fmt: skip
    return exploding + straight


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}
    for name, formula in formulas().items():
        if formula.subject != "conversion":
            continue
        source = formula.arguments[1]
        levels = list(times())
        # v has two conventions where alpha**2 + sigma**2 is not 1; only the common ground is judged.
        if "v" not in (source, name.partition("_from_")[0]):
            levels = [level for level in levels if "linear-1000" in level[0]] + _levels()
        for i, (label, comment, given) in enumerate(levels):
            shape, key = _SHAPES[i % 5], f"{name}/{label}/2"
            # Odd multiples of 1/64 beside even ones: no difference of the two is 0, which would judge nothing.
            states = {"x_t": state(f"{key}/x_t", shape), source: state(f"{key}/{source}", shape) + 1 / 64}
            if "velocity" in name and "alpha_dot_t" not in given:
                given = given | {"alpha_dot_t": -0.5 - i / 8, "sigma_dot_t": 0.25 + i / 4}
            asked = {key: value for key, value in given.items() if "velocity" in name or "dot" not in key}
            found.setdefault(name, []).append(Case(labelled("conversion", name, label), comment, asked | states))
    return found
