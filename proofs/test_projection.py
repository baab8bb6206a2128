"""Proofs of denoising as approximate projection."""
