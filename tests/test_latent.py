"""Properties of latent diffusion."""
