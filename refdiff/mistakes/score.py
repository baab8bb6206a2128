"""Wrong bodies of formulas of score matching and Langevin dynamics."""

__all__ = []
