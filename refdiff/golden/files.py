"""The vectors' files: canonical JSON and safetensors, a digest on each, a manifest over all."""

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["FORMAT", "IntegrityError", "folder", "load", "pack", "read_tensors", "unpack", "write_json", "write_tensors"]

FORMAT = "refdiff-golden/1"
_INLINE = 200
_DTYPES = {"F64": np.float64, "F32": np.float32, "I64": np.int64}


class IntegrityError(Exception):
    """A golden file is damaged, missing, or not the one the manifest promises."""


def folder() -> Path:
    """Where the vectors are: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "data" / "golden"
    return inside if inside.is_dir() else package.parent / "golden"


def _number(x: float) -> float | str:
    return x if math.isfinite(x) else repr(x)


def pack(value: Any, tensors: dict[str, np.ndarray], key: str) -> Any:
    """JSON form of a number or array; an array of more than a few hundred numbers goes to `tensors` under `key`."""
    if isinstance(value, np.ndarray):
        if value.size > _INLINE:
            tensors[key] = value
            return {"tensor": key}
        data = [int(x) for x in value.flat] if value.dtype.kind == "i" else [_number(float(x)) for x in value.flat]
        return {"shape": list(value.shape), "data": data}
    return int(value) if isinstance(value, (int, np.integer)) else _number(float(value))


def unpack(stored: Any, tensors: Mapping[str, np.ndarray]) -> Any:
    """Inverse of `pack`."""
    if isinstance(stored, dict):
        if "tensor" in stored:
            return tensors[stored["tensor"]]
        whole = all(isinstance(x, int) for x in stored["data"])
        data = stored["data"] if whole else [float(x) for x in stored["data"]]
        return np.array(data, dtype=np.int64 if whole else np.float64).reshape(stored["shape"])
    return stored if isinstance(stored, int) else float(stored)


def write_json(path: Path, header: Mapping[str, Any], rows_name: str, rows: list[Any]) -> str:
    """One row a line, keys sorted, shortest round-trip decimals; returns the file's digest."""

    def line(value: Any) -> str:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)

    head = ",\n".join(f"{line(key)}:{line(header[key])}" for key in sorted(header))
    body = ",\n".join(line(row) for row in rows)
    text = f"{{{head},\n{line(rows_name)}:[\n{body}\n]}}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return hashlib.sha256(text.encode()).hexdigest()


def write_tensors(path: Path, tensors: Mapping[str, np.ndarray]) -> str:
    """A safetensors file with sorted names and no metadata, the same bytes on every run; returns its digest."""
    header: dict[str, Any] = {}
    chunks: list[bytes] = []
    start = 0
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name])
        kind = next(code for code, dtype in _DTYPES.items() if array.dtype == dtype)
        chunk = array.astype(array.dtype.newbyteorder("<")).tobytes()
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [start, start + len(chunk)]}
        chunks.append(chunk)
        start += len(chunk)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    blob = len(text).to_bytes(8, "little") + text + b"".join(chunks)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(blob)
    return hashlib.sha256(blob).hexdigest()


def read_tensors(path: Path) -> dict[str, np.ndarray]:
    """Arrays of a safetensors file.

    Raises:
        IntegrityError: when the file is truncated or not of this format.
    """
    try:
        blob = path.read_bytes()
        size = int.from_bytes(blob[:8], "little")
        header = json.loads(blob[8 : 8 + size])
        body = blob[8 + size :]
        found = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            dtype = np.dtype(_DTYPES[entry["dtype"]]).newbyteorder("<")
            found[name] = np.frombuffer(body[begin:end], dtype=dtype).reshape(entry["shape"]).astype(_DTYPES[entry["dtype"]])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IntegrityError(f"{path} is not a readable safetensors file ({error}); restore it from the release") from error
    return found


def load(path: Path, digest: str | None = None) -> Any:
    """Content of a golden JSON file, checked against its digest.

    Raises:
        IntegrityError: when it is missing, damaged, or of another format.
    """
    try:
        blob = path.read_bytes()
    except OSError as error:
        raise IntegrityError(f"{path} cannot be read ({error.strerror}); restore it from the release") from error
    if digest is not None and hashlib.sha256(blob).hexdigest() != digest:
        raise IntegrityError(f"{path} is not the file the manifest promises: its SHA-256 differs; restore it or rebuild")
    try:
        content = json.loads(blob)
    except ValueError as error:
        raise IntegrityError(f"{path} is not valid JSON ({error}); it may be truncated: restore it from the release") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise IntegrityError(f"{path} is not of format {FORMAT}; use the refdiff release that wrote it")
    return content
