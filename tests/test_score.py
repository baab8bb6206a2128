"""Properties of score matching and Langevin dynamics."""
