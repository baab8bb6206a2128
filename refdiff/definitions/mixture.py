"""Formulas of data of a Gaussian mixture, from their definitions."""

__all__ = []
