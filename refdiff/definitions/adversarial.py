"""Formulas of denoising diffusion GANs, from their definitions."""

__all__ = []
