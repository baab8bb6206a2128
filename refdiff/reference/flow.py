"""Formulas of flow matching."""

__all__ = []
