"""Cases of the forward posterior."""

from typing import Any

from refdiff.golden.cases.forward import LEVELS
from refdiff.golden.cases.inputs import Case, labelled, pairs, single, state

__all__ = ["cases"]

_SHAPES = ((2, 3), (1, 1), (3, 1, 2), (4, 2), (2, 2, 2))
_KINDS = ("x_0", "eps", "v")


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("posterior", name, label), comment, given))

    for i, (label, comment, given) in enumerate(pairs()):
        for name in (
            "posterior_mean_x_0_coefficient",
            "posterior_mean_x_t_coefficient",
            "posterior_variance",
            "posterior_variance_large",
        ):
            add(name, label, comment, given)
        add("posterior_log_variance_large", label, comment, given)
        kind = "x_0" if given["betas"][given["t"] - 1] == 1 else _KINDS[i % 3]
        prediction = {kind: state(f"posterior/{kind}/{i}", _SHAPES[i % 5])}
        x_t = state(f"posterior/x_t/{i}", _SHAPES[i % 5])
        add("posterior_mean", f"{label}/{kind}", comment, given | prediction | {"x_t": x_t})
    for i, (label, comment, given) in enumerate(pairs(from_data=False)):
        add("posterior_log_variance", label, comment, given)
        share = state(f"posterior/interpolation/{i}", (2, 3), unit=1 / 64, reach=31) + 0.5
        add("posterior_log_variance_learned", label, comment, given | {"interpolation": share})
    far = {"x_0": state("posterior/far/x_0", (2, 3), unit=4.0), "x_t": state("posterior/far/x_t", (2, 3), unit=4.0)}
    given = next(given for label, _, given in pairs() if label == "linear-1000/s-499-t-500")
    add(
        "posterior_mean",
        "far/linear-1000/s-499-t-500/x_0",
        "states far outside the data range: hidden clipping shows",
        given | far,
    )
    for i, (*scales, comment) in enumerate(LEVELS):
        given = dict(zip(("alpha_s", "sigma_s", "alpha_t", "sigma_t"), map(single, scales), strict=True))
        label = f"from-{scales[2]:g}-{scales[3]:g}-to-{scales[0]:g}-{scales[1]:g}"
        states = {name: state(f"posterior/general/{name}/{i}", _SHAPES[i % 5]) for name in ("x_0", "x_t")}
        add("general_posterior_mean", label, comment, given | states)
        add("general_posterior_variance", label, comment, given)
    return found
