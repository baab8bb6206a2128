"""Wrong bodies of formulas of guidance."""

__all__ = []
