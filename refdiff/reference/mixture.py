"""Formulas of data of a Gaussian mixture."""

__all__ = []
