"""Formulas of variational autoencoders."""

__all__ = []
