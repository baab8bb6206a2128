"""Formulas of guidance."""

__all__ = []
