"""Proofs of denoising diffusion GANs."""
