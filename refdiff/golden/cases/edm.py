"""Cases of the EDM design space."""

from refdiff.golden.cases.inputs import Case

__all__ = ["cases"]


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    return {}
