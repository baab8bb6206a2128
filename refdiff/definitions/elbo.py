"""Formulas of the evidence lower bound of diffusion models, from their definitions."""

__all__ = []
