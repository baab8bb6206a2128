"""Formulas of variational autoencoders, from their definitions."""

__all__ = []
