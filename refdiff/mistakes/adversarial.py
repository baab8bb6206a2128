"""Wrong bodies of formulas of denoising diffusion GANs."""

__all__ = []
