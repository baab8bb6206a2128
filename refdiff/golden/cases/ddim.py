"""Cases of the DDIM family and its equivalence with rectified flow."""

from refdiff.golden.cases.inputs import Case

__all__ = ["cases"]


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    return {}
