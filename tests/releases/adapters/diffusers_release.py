"""Old diffusers without its package's `__init__`, which loads every model and pipeline."""

from importlib import import_module
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from tests.releases.absent import bare, pretend

__all__ = ["exact", "scheduling", "strides"]

pretend("huggingface_hub", "requests", "safetensors", "transformers", "accelerate", "flax", "jax", "filelock")
bare("diffusers", "diffusers.schedulers")
import_module("diffusers.utils")  # as the package itself does: some modules of it import each other


def scheduling(name: str) -> ModuleType:
    """The module of one scheduler."""
    return import_module(f"diffusers.schedulers.scheduling_{name}")


def exact(scheduler: Any, betas: Tensor) -> Any:
    """The scheduler with float64 tables: diffusers makes float32 ones of whatever it is given."""
    scheduler.betas = betas.double()
    scheduler.alphas = 1 - scheduler.betas
    scheduler.alphas_cumprod = torch.cumprod(scheduler.alphas, 0)
    return scheduler


def strides(T: int, s: int, t: int) -> int:
    """How many steps the leading grid must have for its stride T // n to lead from t to s."""
    n = T // (t - s)
    # Whatever comes before the grid's first time is data, so that the stride to s = 0 may be too long.
    if s > 0 and T // n != t - s:
        raise NotImplementedError(f"the stride T // n is never {t - s} for T = {T}")
    return n
