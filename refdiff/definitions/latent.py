"""Formulas of latent diffusion, from their definitions."""

__all__ = []
