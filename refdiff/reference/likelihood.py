"""Formulas of likelihood along the probability flow."""

__all__ = []
