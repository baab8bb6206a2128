"""Wrong bodies of formulas of the DDIM family and its equivalence with rectified flow."""

__all__ = []
