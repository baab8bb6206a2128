"""The vectors' files: the same numbers back to the bit, canonical bytes, and every kind of damage noticed."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from refdiff.golden.cases import cases
from refdiff.golden.files import IntegrityError, folder, pack, read_tensors, unpack, write_json, write_tensors
from refdiff.golden.vectors import Vectors


@pytest.mark.parametrize(
    "value",
    [0, 7, -1.5, 0.1, 5e-324, 1.7976931348623157e308, -0.0, np.float64(1 / 3), np.arange(6).reshape(2, 3), np.linspace(0, 1, 300),
     np.array([np.inf, -np.inf, np.nan, 1e-310]), np.zeros((0, 3)), np.array(2.5)],
)  # fmt: skip
def test_numbers_come_back_bit_identical(value: Any) -> None:
    tensors: dict[str, np.ndarray] = {}
    stored = json.loads(json.dumps(pack(value, tensors, "key"), allow_nan=False))
    back = unpack(stored, tensors)
    assert np.shape(back) == np.shape(value)
    assert np.asarray(back).tobytes() == np.asarray(value).tobytes() or np.isnan(value).any()
    assert np.array_equal(np.asarray(back), np.asarray(value), equal_nan=np.asarray(value).dtype.kind == "f")


def test_not_finite_numbers_are_told_apart() -> None:
    back = unpack(pack(np.array([np.inf, -np.inf, np.nan]), {}, "key"), {})
    assert back[0] == np.inf
    assert back[1] == -np.inf
    assert np.isnan(back[2])


def test_safetensors_are_the_same_bytes_twice_and_others_can_read_them(tmp_path: Path) -> None:
    tensors = {"b": np.linspace(0, 1, 7), "a": np.arange(6, dtype=np.int64).reshape(2, 3), "c": np.ones((2, 1), dtype=np.float32)}
    first = write_tensors(tmp_path / "one.safetensors", tensors)
    second = write_tensors(tmp_path / "two.safetensors", dict(reversed(tensors.items())))
    assert first == second
    assert (tmp_path / "one.safetensors").read_bytes() == (tmp_path / "two.safetensors").read_bytes()
    for name, array in read_tensors(tmp_path / "one.safetensors").items():
        assert array.dtype == tensors[name].dtype
        assert np.array_equal(array, tensors[name])
    others = pytest.importorskip("safetensors.numpy").load_file(tmp_path / "one.safetensors")
    assert set(others) == set(tensors)
    assert all(np.array_equal(others[name], array) for name, array in tensors.items())


def test_shipped_tensors_are_readable_by_the_safetensors_package() -> None:
    load = pytest.importorskip("safetensors.numpy").load_file
    for file in folder().rglob("*.safetensors"):
        ours = read_tensors(file)
        theirs = load(file)
        assert set(ours) == set(theirs)
        assert all(np.array_equal(ours[name], theirs[name]) for name in ours)


def test_json_has_one_row_a_line_and_refuses_nan(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"b": 1, "a": "x"}, "rows", [{"k": 1}, {"k": 2}])
    assert (tmp_path / "x.json").read_text() == '{"a":"x",\n"b":1,\n"rows":[\n{"k":1},\n{"k":2}\n]}\n'
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "y.json", {}, "rows", [{"k": float("nan")}])


_FORMULA = "betas_cosine"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    target = tmp_path / "golden"
    (target / "schedule").mkdir(parents=True)
    for file in ("manifest.json", "inputs.safetensors", f"schedule/{_FORMULA}.json", f"schedule/{_FORMULA}.safetensors"):
        shutil.copy(folder() / file, target / file)
    return target


def _fault(root: Path) -> str:
    with pytest.raises(IntegrityError) as caught:
        Vectors(root).of(_FORMULA)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 300
    return sentence


def test_an_undamaged_copy_reads(copy: Path) -> None:
    assert len(Vectors(copy).of(_FORMULA)) == len(cases(_FORMULA))


@pytest.mark.parametrize("file", [f"schedule/{_FORMULA}.json", f"schedule/{_FORMULA}.safetensors"])
@pytest.mark.parametrize("place", [0.1, 0.5, 0.999])
def test_a_flipped_byte_is_noticed(copy: Path, file: str, place: float) -> None:
    blob = bytearray((copy / file).read_bytes())
    blob[int(place * len(blob))] ^= 1
    (copy / file).write_bytes(blob)
    assert "SHA-256" in _fault(copy)
    assert Path(file).name in _fault(copy)


@pytest.mark.parametrize("file", [f"schedule/{_FORMULA}.json", f"schedule/{_FORMULA}.safetensors"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_truncated_file_is_noticed(copy: Path, file: str, share: float) -> None:
    blob = (copy / file).read_bytes()
    (copy / file).write_bytes(blob[: int(share * len(blob))])
    assert "not the file the manifest promises" in _fault(copy)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_truncated_text_is_noticed_even_without_a_digest(copy: Path, share: float) -> None:
    blob = (copy / "manifest.json").read_bytes()
    (copy / "manifest.json").write_bytes(blob[: int(share * len(blob))])
    assert "not valid JSON" in _fault(copy)


@pytest.mark.parametrize("size", [0, 5, 40, -1])
def test_truncated_tensors_are_noticed_even_without_a_digest(copy: Path, size: int) -> None:
    file = copy / f"schedule/{_FORMULA}.safetensors"
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(IntegrityError, match="not a readable safetensors file"):
        read_tensors(file)


@pytest.mark.parametrize("file", ["manifest.json", f"schedule/{_FORMULA}.json", f"schedule/{_FORMULA}.safetensors"])
def test_a_missing_file_is_noticed(copy: Path, file: str) -> None:
    (copy / file).unlink()
    assert "cannot be read (No such file or directory)" in _fault(copy)


def _edit(root: Path, change: Any) -> None:
    manifest = json.loads((root / "manifest.json").read_text())
    change(manifest)
    (root / "manifest.json").write_text(json.dumps(manifest))


def test_fewer_cases_than_promised_are_noticed(copy: Path) -> None:
    _edit(copy, lambda manifest: manifest["cases"].update({_FORMULA: 21}))
    assert "holds 20 cases, the manifest promises 21" in _fault(copy)


def test_a_promise_without_a_file_is_noticed(copy: Path) -> None:
    _edit(copy, lambda manifest: manifest.update(files=[one for one in manifest["files"] if _FORMULA not in one["file"]]))
    assert f"promises cases of {_FORMULA} but has no file" in _fault(copy)


@pytest.mark.parametrize("key", ["cases", "files"])
def test_a_manifest_without_its_parts_is_noticed(copy: Path, key: str) -> None:
    _edit(copy, lambda manifest: manifest.pop(key))
    assert f"lacks '{key}'" in _fault(copy)


def test_files_of_another_format_are_refused(copy: Path) -> None:
    _edit(copy, lambda manifest: manifest.update(format="refdiff-golden/99"))
    assert "not of format refdiff-golden/1" in _fault(copy)


def test_a_suite_without_cases_is_refused(copy: Path) -> None:
    _edit(copy, lambda manifest: manifest.update(cases={}, total=0, files=[]))
    with pytest.raises(IntegrityError, match="holds 0 cases"):
        Vectors(copy).verify()
