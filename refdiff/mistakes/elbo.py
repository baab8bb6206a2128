"""Wrong bodies of formulas of the evidence lower bound of diffusion models."""

__all__ = []
