"""Formulas of the evidence lower bound of diffusion models."""

__all__ = []
