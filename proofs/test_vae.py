"""Proofs of variational autoencoders."""
