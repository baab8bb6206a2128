"""Proofs of the stochastic differential equations of diffusion."""
