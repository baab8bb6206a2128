"""Properties of the EDM design space."""
