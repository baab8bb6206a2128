"""Wrong bodies of formulas of the spectrum of stationary data."""

__all__ = []
