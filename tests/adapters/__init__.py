"""Implementations to check, each written as its own user would write it: honest ones and mistaken ones."""
