"""Proofs of the DDIM family and its equivalence with rectified flow."""
