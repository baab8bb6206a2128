"""Properties of the spectrum of stationary data."""
