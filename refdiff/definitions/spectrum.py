"""Formulas of the spectrum of stationary data, from their definitions."""

__all__ = []
