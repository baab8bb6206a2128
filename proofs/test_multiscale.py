"""Proofs of diffusion across resolutions."""
