"""Properties of variational autoencoders."""
