"""Proofs of score matching and Langevin dynamics."""
