"""Properties of flow matching."""
