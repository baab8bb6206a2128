"""Proofs of the EDM design space."""
