"""Wrong bodies of formulas of finite data."""

__all__ = []
