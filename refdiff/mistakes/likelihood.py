"""Wrong bodies of formulas of likelihood along the probability flow."""

__all__ = []
