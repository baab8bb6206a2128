"""Speeds, as ratios in one run wherever there is a rival: `pytest --benchmark-only tests/benchmarks`."""
