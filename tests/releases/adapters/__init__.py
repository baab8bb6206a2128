"""Adapters of old releases, each written so that the release before a fix and the one after it are asked in the same way."""
