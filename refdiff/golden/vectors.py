"""Reads the vectors back, with nothing but NumPy."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from refdiff.golden.files import IntegrityError, folder, load, read_tensors, unpack
from refdiff.golden.solutions import solutions

__all__ = ["Vector", "Vectors"]


@dataclass(frozen=True)
class Vector:
    """One golden case: inputs, what follows from them, and the certified result."""

    id: str
    formula: str
    comment: str
    given: Mapping[str, Any]
    derived: Mapping[str, Any]
    expected: Mapping[str, np.ndarray]
    states: int | slice | None = None

    def seen_as(self, shape: tuple[int, ...]) -> "Vector":
        """The case as an output of this shape is held to: of a run its start may be left out, or all but its last state.

        `states` then tells which of the run's states are left.
        """
        whole = self.value.shape
        if not self.formula.endswith("_path") or shape not in (whole[1:], (whole[0] - 1, *whole[1:])):
            return self
        states = -1 if shape == whole[1:] else slice(1, None)
        return replace(self, expected={name: array[states] for name, array in self.expected.items()}, states=states)

    def without_data(self, answer: np.ndarray) -> np.ndarray:
        """A grid of noise levels without the 0 of the data behind it, which samplers append and the grid's formula does not."""
        grid = self.formula.startswith(("sigmas_", "flow_times_")) and self.value.ndim == 1
        appended = grid and answer.shape == (len(self.value) + 1,) and answer[-1] == 0 < self.value[-1]
        return answer[:-1] if appended else answer

    def lined_up(self, run: np.ndarray) -> np.ndarray:
        """The states that are left, of another whole run."""
        return run if self.states is None or run.shape == self.value.shape or not run.ndim else run[self.states]

    @property
    def value(self) -> np.ndarray:
        return self.expected["value"]

    @property
    def exact(self) -> bool:
        """Whether the result is made of integers, judged without any allowance."""
        return self.value.dtype.kind == "i"


class Vectors:
    """The vectors below one folder, each file checked against the manifest when it is first read.

    Raises:
        IntegrityError: when the manifest, or a file it promises, is missing or damaged.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or folder()
        self.manifest = load(self.root / "manifest.json")
        try:
            self.counts: dict[str, int] = dict(self.manifest["cases"])
            self.digests: dict[str, str] = {entry["file"]: entry["sha256"] for entry in self.manifest["files"]}
        except (KeyError, TypeError) as error:
            raise IntegrityError(f"{self.root / 'manifest.json'} lacks {error}; restore it from the release") from error
        self._read: dict[str, tuple[Vector, ...]] = {}

    @cached_property
    def _inputs(self) -> dict[str, np.ndarray]:
        return self._tensors("inputs.safetensors")

    def _tensors(self, file: str) -> dict[str, np.ndarray]:
        import hashlib

        path = self.root / file
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise IntegrityError(f"{path} cannot be read ({error.strerror}); restore it from the release") from error
        if digest != self.digests.get(file):
            raise IntegrityError(f"{path} is not the file the manifest promises: its SHA-256 differs; restore it or rebuild")
        return read_tensors(path)

    def of(self, formula: str) -> tuple[Vector, ...]:
        """Every vector of one formula, sorted by id; none where the manifest has none."""
        if formula not in self._read:
            self._read[formula] = tuple(self._load(formula))
        return self._read[formula]

    def _load(self, formula: str) -> Iterator[Vector]:
        file = next((name for name in self.digests if name.endswith(f"/{formula}.json")), None)
        if file is None:
            if self.counts.get(formula):
                raise IntegrityError(f"{self.root} promises cases of {formula} but has no file for them; restore it or rebuild")
            return
        content = load(self.root / file, self.digests[file])
        aside = file.replace(".json", ".safetensors")
        tensors = self._inputs | (self._tensors(aside) if aside in self.digests else {})
        rows = content["cases"]
        if len(rows) != self.counts[formula]:
            raise IntegrityError(
                f"{file} holds {len(rows)} cases, the manifest promises {self.counts[formula]}; restore it or rebuild"
            )
        for row in rows:
            parts = {
                part: {key: unpack(value, tensors) for key, value in row[part].items()}
                for part in ("given", "derived", "expected")
            }
            shape = np.shape(parts["expected"]["value"])
            expected = {key: np.broadcast_to(np.asarray(value), shape) for key, value in parts["expected"].items()}
            yield Vector(row["id"], formula, row["comment"], parts["given"], parts["derived"], expected)

    def __iter__(self) -> Iterator[Vector]:
        for formula in self.counts:
            yield from self.of(formula)

    def verify(self) -> int:
        """Number of cases, after every file was read and checked.

        Raises:
            IntegrityError: at the first fault.
        """
        count = sum(1 for _ in self)
        for file in self.digests:
            if file.endswith(".safetensors"):
                self._tensors(file)
        if count != self.manifest["total"] or not count:
            raise IntegrityError(
                f"{self.root} holds {count} cases, the manifest promises {self.manifest['total']}; restore it or rebuild"
            )
        solutions(self.root)
        return count
