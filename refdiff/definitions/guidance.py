"""Formulas of guidance, from their definitions."""

__all__ = []
