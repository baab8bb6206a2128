"""Properties of guidance."""
