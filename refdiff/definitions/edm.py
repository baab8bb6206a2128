"""Formulas of the EDM design space, from their definitions."""

__all__ = []
