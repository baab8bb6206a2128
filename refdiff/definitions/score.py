"""Formulas of score matching and Langevin dynamics, from their definitions."""

__all__ = []
