"""Wrong bodies of formulas of data of a Gaussian mixture."""

__all__ = []
