"""Formulas of finite data, from their definitions."""

__all__ = []
