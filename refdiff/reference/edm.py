"""Formulas of the EDM design space."""

__all__ = []
