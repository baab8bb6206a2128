"""Proofs of latent diffusion."""
