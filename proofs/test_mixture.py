"""Proofs of data of a Gaussian mixture."""
