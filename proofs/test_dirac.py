"""Proofs of finite data."""
