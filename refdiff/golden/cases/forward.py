"""Cases of the forward process."""

from typing import Any

from refdiff.golden.cases.inputs import Case, labelled, pairs, state, times

__all__ = ["cases"]

_SHAPES = ((2, 3), (1, 1), (3, 1, 2), (4, 2), (2, 2, 2))


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("forward", name, label), comment, given))

    for i, (label, comment, given) in enumerate(times()):
        shape = _SHAPES[i % 5]
        x_0, eps = state(f"forward/x_0/{i}", shape), state(f"forward/eps/{i}", shape)
        add("marginal_mean", label, comment, given | {"x_0": x_0})
        add("marginal_variance", label, comment, given)
        add("marginal_sample", label, comment, given | {"x_0": x_0, "eps": eps})
    far = {"x_0": state("forward/far", (2, 3), unit=4.0), "eps": state("forward/eps/far", (2, 3))}
    given = next(given for label, _, given in times() if label == "linear-1000/t-500")
    add("marginal_sample", "far/linear-1000/t-500", "x_0 far outside the data range: hidden clipping shows", given | far)
    for i, (label, comment, given) in enumerate(pairs()):
        add("transition_mean", label, comment, given | {"x_s": state(f"forward/x_s/{i}", _SHAPES[i % 5])})
        add("transition_variance", label, comment, given)
    return found
