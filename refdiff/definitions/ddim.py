"""Formulas of the DDIM family and its equivalence with rectified flow, from their definitions."""

__all__ = []
