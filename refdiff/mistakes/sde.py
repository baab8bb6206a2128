"""Wrong bodies of formulas of the stochastic differential equations of diffusion."""

__all__ = []
