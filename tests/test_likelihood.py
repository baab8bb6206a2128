"""Properties of likelihood along the probability flow."""
