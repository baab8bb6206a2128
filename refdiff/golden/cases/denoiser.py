"""Cases of the exact denoisers."""

from typing import Any

from refdiff.golden.cases.inputs import Case, labelled, state, times

__all__ = ["cases"]


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("denoiser", name, label), comment, given))

    for i, (label, comment, given) in enumerate(times()):
        data = {"mean": state(f"denoiser/mean/{i}", (3,)), "variance": state(f"denoiser/variance/{i}", (3,)) ** 2}
        add("denoiser_gaussian", label, comment, given | data | {"x_t": state(f"denoiser/x_t/{i}", (2, 3))})
        points = state(f"denoiser/points/{i}", (5, 3))
        add("denoiser_dirac", label, comment, given | {"points": points, "x_t": state(f"denoiser/dirac/x_t/{i}", (2, 3))})
    return found
