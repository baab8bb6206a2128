"""A network and a run small enough for tests."""

from refdiff.production.network import NetworkConfig
from refdiff.production.training import TrainingConfig

__all__ = ["CONFIG", "SMALL"]

SMALL = NetworkConfig(widths=(8, 16), blocks=1, time_width=16)
CONFIG = TrainingConfig(steps=6, batch_size=8, T=50, warmup=2, network=SMALL)
