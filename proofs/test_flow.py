"""Proofs of flow matching."""
