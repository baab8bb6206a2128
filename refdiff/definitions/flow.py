"""Formulas of flow matching, from their definitions."""

__all__ = []
