"""Formulas of diffusion across resolutions."""

__all__ = []
