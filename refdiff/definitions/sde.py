"""Formulas of the stochastic differential equations of diffusion, from their definitions."""

__all__ = []
