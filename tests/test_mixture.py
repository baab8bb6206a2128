"""Properties of data of a Gaussian mixture."""
