"""Proofs of likelihood along the probability flow."""
