"""Formulas of the spectrum of stationary data."""

__all__ = []
