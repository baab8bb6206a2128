"""Formulas of finite data."""

__all__ = []
