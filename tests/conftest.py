"""One hypothesis profile for every machine: the same examples on each run, and no clock."""

from hypothesis import settings

settings.register_profile("stable", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("stable")
