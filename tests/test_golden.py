"""The golden vectors: canonical files, damage that is noticed, cases that keep their promises, values by two roads."""

import json
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import arb

from refdiff.catalogue import formula, formulas
from refdiff.golden.build import build_case
from refdiff.golden.cases import cases
from refdiff.golden.certified import certified
from refdiff.golden.files import IntegrityError, folder, pack, read_tensors, unpack, write_json, write_tensors
from refdiff.golden.truth import truth
from refdiff.golden.vectors import Vectors
from refdiff.numbers.balls import ball, precision


@cache
def vectors() -> Vectors:
    return Vectors()


# Files


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


# Damage

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


# Cases


def test_the_shipped_vectors_verify_and_stay_small() -> None:
    assert vectors().verify() == sum(vectors().counts.values()) == vectors().manifest["total"]
    assert sum(file.stat().st_size for file in folder().rglob("*") if file.is_file()) <= 5_000_000


def test_every_formula_has_twenty_cases_and_every_file_a_formula() -> None:
    assert set(vectors().counts) == set(formulas())
    assert not {name: count for name, count in vectors().counts.items() if count < 20}
    promised = {root.relative_to(folder()).as_posix() for root in folder().rglob("*") if root.is_file()}
    assert promised - {"manifest.json", "kills.json"} == set(vectors().digests)


def test_ids_are_unique_sorted_and_of_one_shape() -> None:
    ids = [one.id for one in vectors()]
    assert len(set(ids)) == len(ids)
    for name in vectors().counts:
        mine = [one.id for one in vectors().of(name)]
        assert mine == sorted(mine)
        shape = re.compile(rf"{formulas()[name].subject}\.{name}/[a-z0-9][a-z0-9_./-]*@[1-9]\d*")
        assert not [one for one in mine if not shape.fullmatch(one)]


def test_every_case_says_what_it_hunts() -> None:
    assert not [one.id for one in vectors() if not 8 <= len(one.comment) <= 110 or "\n" in one.comment]


def _single(value: Any) -> bool:
    array = np.asarray(value)
    return array.dtype.kind == "i" or bool(np.array_equal(array, array.astype(np.float32).astype(np.float64)))


def test_inputs_are_exact_in_float32() -> None:
    assert not [(one.id, name) for one in vectors() for name, value in one.given.items() if not _single(value)]


def test_states_are_exact_in_bfloat16() -> None:
    states = {"x_0", "x_t", "x_s", "x_T", "eps", "v", "score", "velocity", "z", "x_0_hat", "eps_hat", "points"}
    for one in vectors():
        for name in states & set(one.given):
            if one.formula == "decoder_log_likelihood":
                continue
            bits = np.asarray(one.given[name], dtype=np.float32).view(np.uint32)
            assert not (bits & 0xFFFF).any(), (one.id, name)


def test_values_are_correctly_rounded_with_a_tiny_radius() -> None:
    for one in vectors():
        if one.exact:
            continue
        value, low, radius = one.value, one.expected["low"], one.expected["radius"]
        assert (abs(low) <= np.spacing(abs(value)) * 0.5000001).all(), one.id
        assert (radius <= 2.0**-20 * np.spacing(abs(value))).all(), one.id
        for dtype in ("float64", "float32", "float16", "bfloat16"):
            assert (one.expected[dtype] >= 0).all(), one.id
        assert (one.expected["float64"] <= one.expected["float32"]).all(), one.id


# Certified


def _point(x: float) -> arb:
    return arb(x)


def test_balls_round_to_the_nearest_float() -> None:
    with precision(200):
        found = certified([arb(1) / 3, -arb(2).sqrt(), arb(10) ** 300, arb(0), arb(1)])
    assert found.value.tolist() == [1 / 3, -(2**0.5), 1e300, 0.0, 1.0]
    assert (abs(found.low) <= np.spacing(abs(found.value)) / 2).all()
    with precision(200):
        gaps = [abs(arb(1) / 3 - arb(found.value[0]) - arb(found.low[0])), abs(arb(10) ** 300 - arb(1e300) - arb(found.low[2]))]
        assert all(gap <= arb(radius) for gap, radius in zip(gaps, found.radius[[0, 2]], strict=True))


def test_a_ball_too_wide_to_round_is_refused() -> None:
    with precision(200), pytest.raises(ValueError, match=r"ball 1, .*too wide to round"):
        certified([arb(1), arb(1, 1e-15)])
    with precision(200), pytest.raises(ValueError, match="too wide"):
        certified([arb(0, 1e-30)])
    with precision(200), pytest.raises(ValueError, match="too wide"):
        # Straddles the half-way point between two floats.
        certified([arb(1) + arb(2) ** -53 + arb(0, 1e-40)])


def test_exact_ties_and_powers_of_two_and_subnormals_round() -> None:
    with precision(2000):
        tie = certified([arb(1) + arb(2) ** -53, arb(1) + 3 * arb(2) ** -53])
        assert tie.value.tolist() == [1.0, 1 + 2.0**-51]
        below = certified([arb(2) ** 10 - arb(2) ** -44, arb(2) ** -1022, arb(2) ** 1000 + arb(2) ** 940])
        assert below.value.tolist() == [1024 - 2.0**-44 if 1024 - 2.0**-44 != 1024 else 1024.0, 2.0**-1022, 2.0**1000]
        tiny = certified([arb(5e-324), arb(2) ** -1060])
        assert tiny.value.tolist() == [5e-324, 2.0**-1060]


def test_a_value_below_the_smallest_float_is_not_called_certain() -> None:
    """The truth lies within radius of value + low, or the ball is refused."""
    with precision(2000):
        item = arb(2) ** -1080
        try:
            found = certified([item])
        except ValueError:
            return
        assert abs(item - arb(found.value[0]) - arb(found.low[0])) <= arb(found.radius[0]) + arb(2) ** -1074


def test_not_finite_balls_keep_their_class() -> None:
    found = certified([arb.pos_inf(), arb.neg_inf(), arb.nan(), arb(2)])
    assert found.value[:2].tolist() == [np.inf, -np.inf]
    assert np.isnan(found.value[2])
    assert found.value[3] == 2
    assert found.low.tolist() == found.radius.tolist() == [0, 0, 0, 0]


# Two roads

_SAMPLED = ("posterior_variance", "ddim_step", "timesteps_trailing")


@pytest.mark.parametrize("name", _SAMPLED)
def test_a_disturbed_reference_and_its_definition_disagree(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, given = formula(name), cases(name)[3].given
    truth(asked, given)
    right = asked.function
    monkeypatch.setattr(
        asked, "function", lambda *args: right(*args) * (1 + arb(2) ** -60) if name != "timesteps_trailing" else right(*args) + 1
    )
    with pytest.raises(ArithmeticError, match=f"{name}: reference and definition disagree"):
        truth(asked, given)


@pytest.mark.parametrize("name", _SAMPLED)
def test_a_disturbed_definition_is_noticed_too(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib

    asked = formula(name)
    module = importlib.import_module(f"refdiff.definitions.{asked.subject}")
    right = getattr(module, name)
    monkeypatch.setattr(
        module,
        name,
        lambda *args, **named: right(*args, **named)[..., :-1] if np.ndim(right(*args, **named)) else right(*args, **named) * 2,
    )
    with pytest.raises(ArithmeticError, match="disagree"):
        truth(asked, cases(name)[3].given)


@pytest.mark.parametrize("name", _SAMPLED)
def test_a_rebuild_is_identical_to_the_bit(name: str, tmp_path: Path) -> None:
    asked = formula(name)
    tensors: dict[str, np.ndarray] = {}
    rows = [build_case(asked, case, tensors) for case in cases(name)]
    stored = (folder() / asked.subject / f"{name}.json").read_text().split('"cases":[\n')[1].split("\n]")[0].split(",\n")
    again = [json.dumps(row, sort_keys=True, separators=(",", ":"), allow_nan=False) for row in rows]
    assert again == stored
    shipped = read_tensors(file) if (file := folder() / asked.subject / f"{name}.safetensors").exists() else {}
    assert {key: value.tobytes() for key, value in tensors.items()} == {key: value.tobytes() for key, value in shipped.items()}


def test_balls_are_what_the_values_were_made_of() -> None:
    one = vectors().of("posterior_variance")[5]
    with precision(320):
        again = truth(formula("posterior_variance"), cases("posterior_variance")[5].given)
        gap = abs(ball(np.asarray(again).item()) - arb(float(one.value)) - arb(float(one.expected["low"])))
        assert gap <= arb(float(one.expected["radius"]))
