"""Properties of finite data."""
