"""Proofs of guidance."""
