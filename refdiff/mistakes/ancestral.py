"""Wrong bodies of samplers that go too far and add noise back."""

__all__ = []
