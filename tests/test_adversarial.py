"""Properties of denoising diffusion GANs."""
