"""One formula's vectors in one JSON text, for implementations that read no safetensors."""

import json

import numpy as np

from refdiff.catalogue import Formula
from refdiff.golden.files import FORMAT
from refdiff.golden.vectors import Vectors

__all__ = ["export"]


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        data = [x if isinstance(x, int) or np.isfinite(x) else repr(x) for x in value.ravel().tolist()]
        return {"shape": list(value.shape), "data": data}
    return repr(value) if isinstance(value, float) and not np.isfinite(value) else value


def export(asked: Formula) -> str:
    """JSON text with every case of a formula, arrays as shape and flat data, non-finite numbers as strings."""
    vectors = Vectors()
    rows = [
        {
            "id": vector.id,
            "comment": vector.comment,
            "given": {name: _plain(value) for name, value in vector.given.items()},
            "derived": {name: _plain(value) for name, value in vector.derived.items()},
            "expected": {name: _plain(value) for name, value in vector.expected.items()},
        }
        for vector in vectors.of(asked.name)
    ]
    content = {
        "format": FORMAT,
        "formula": asked.name,
        "statement": asked.statement,
        "notes": vectors.manifest["notes"],
        "cases": rows,
    }
    return json.dumps(content, indent=1, allow_nan=False)
