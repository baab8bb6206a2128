"""Proofs: each formula follows from its definition, read off the shipping body with symbols."""
