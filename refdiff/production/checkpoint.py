"""Checkpoints: safetensors with the configuration as JSON metadata, a digest, and an atomic write."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from refdiff.writing import write_atomically

__all__ = ["read_checkpoint", "write_checkpoint"]

_FORMAT = "refdiff checkpoint 1"


def _digest(tensors: Mapping[str, Tensor], about: str) -> str:
    digest = hashlib.sha256(about.encode())
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        digest.update(f"{name}{tensor.dtype}{tuple(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def write_checkpoint(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Write tensors and a JSON object; the file at `path` is the old one or the new one, never half of either.

    Raises:
        ValueError: when the folder cannot be written to, with what to do.
    """
    # Clones, because the format refuses tensors that share memory.
    stored = {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in tensors.items()}
    text = json.dumps(about, sort_keys=True)
    # One metadata key: the stock writer's order varies when there are more.
    header = json.dumps({"about": text, "digest": _digest(stored, text), "format": _FORMAT}, sort_keys=True)
    content = safetensors.torch.save(stored, {"refdiff": header})
    write_atomically(path, content)


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and JSON object of a checkpoint, checked against its digest.

    Raises:
        ValueError: when the file is missing, truncated, corrupt or not a refdiff checkpoint.
    """
    if not path.is_file():
        raise ValueError(f"{path} is missing; give a checkpoint that `refdiff train` wrote")
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror or error}); give a readable checkpoint") from error
    except safetensors.SafetensorError as error:
        raise ValueError(f"{path} is truncated or corrupt ({error}); give an earlier checkpoint") from error
    try:
        header = json.loads(metadata["refdiff"])
        text, digest, form = header["about"], header["digest"], header["format"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is safetensors but no refdiff checkpoint; give one that `refdiff train` wrote") from error
    if form != _FORMAT:
        raise ValueError(f"{path} is a {form!r}, this version reads {_FORMAT!r}; train again or use the version that wrote it")
    if digest != _digest(tensors, text):
        raise ValueError(f"{path} does not match its own digest: it is corrupt; give an earlier checkpoint")
    return tensors, json.loads(text)
