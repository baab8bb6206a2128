"""Wrong bodies of formulas of flow matching."""

__all__ = []
