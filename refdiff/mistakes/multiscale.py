"""Wrong bodies of formulas of diffusion across resolutions."""

__all__ = []
