"""Tests: properties of each formula, and one file for each machine."""
