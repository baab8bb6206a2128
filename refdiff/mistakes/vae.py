"""Wrong bodies of formulas of variational autoencoders."""

__all__ = []
