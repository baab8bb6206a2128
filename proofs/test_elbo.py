"""Proofs of the evidence lower bound of diffusion models."""
