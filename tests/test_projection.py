"""Properties of denoising as approximate projection."""
