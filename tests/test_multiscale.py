"""Properties of diffusion across resolutions."""
