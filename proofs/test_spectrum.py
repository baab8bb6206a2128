"""Proofs of the spectrum of stationary data."""
