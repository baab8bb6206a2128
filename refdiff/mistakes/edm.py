"""Wrong bodies of formulas of the EDM design space."""

__all__ = []
