"""Formulas of latent diffusion."""

__all__ = []
