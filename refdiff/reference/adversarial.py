"""Formulas of denoising diffusion GANs."""

__all__ = []
