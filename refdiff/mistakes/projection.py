"""Wrong bodies of formulas of denoising as approximate projection."""

__all__ = []
