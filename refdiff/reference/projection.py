"""Formulas of denoising as approximate projection."""

__all__ = []
