"""Formulas of diffusion across resolutions, from their definitions."""

__all__ = []
