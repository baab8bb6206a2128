"""Formulas of score matching and Langevin dynamics."""

__all__ = []
