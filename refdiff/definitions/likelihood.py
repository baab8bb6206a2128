"""Formulas of likelihood along the probability flow, from their definitions."""

__all__ = []
