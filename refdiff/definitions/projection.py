"""Formulas of denoising as approximate projection, from their definitions."""

__all__ = []
