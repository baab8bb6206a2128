"""Wrong bodies of formulas of latent diffusion."""

__all__ = []
