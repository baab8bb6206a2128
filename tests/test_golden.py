"""The golden vectors: cases that keep their promises, values certified and by two roads, rebuilds identical to the bit."""

import json
import re
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
from refdiff.golden.files import folder, read_tensors
from refdiff.golden.truth import truth
from refdiff.golden.vectors import Vectors
from refdiff.numbers.balls import ball, precision


@cache
def vectors() -> Vectors:
    return Vectors()


def test_the_shipped_vectors_verify_and_stay_small() -> None:
    assert vectors().verify() == sum(vectors().counts.values()) == vectors().manifest["total"]
    size = sum(file.stat().st_size for file in folder().rglob("*") if file.is_file())
    assert size <= 2_000 * vectors().manifest["total"]


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
        shape = re.compile(rf"{formulas()[name].subject}\.{name}/[A-Za-z0-9][A-Za-z0-9_./-]*@[1-9]\d*")
        assert not [one for one in mine if not shape.fullmatch(one)]


def test_every_case_says_what_it_hunts() -> None:
    assert not [one.id for one in vectors() if not 5 <= len(one.comment) <= 110 or "\n" in one.comment]


def _single(value: Any) -> bool:
    array = np.asarray(value)
    return array.dtype.kind == "i" or bool(np.array_equal(array, array.astype(np.float32).astype(np.float64)))


def test_inputs_are_exact_in_float32() -> None:
    # Decimals as every library writes them: 0.008 and 0.999; 0.00085, 0.012 and 0.18215.
    decimal = {("betas_cosine", "offset"), ("betas_cosine", "beta_max")}
    decimal |= {("stable_diffusion_path", name) for name in ("beta_start", "beta_end", "latent_scale")}
    inexact = [(one.formula, name) for one in vectors() for name, value in one.given.items() if not _single(value)]
    assert set(inexact) <= decimal


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
        assert (abs(low) <= np.spacing(abs(value)) * 0.500005).all(), one.id
        assert (radius <= 1e-5 * np.spacing(abs(value))).all(), one.id
        for dtype in ("float64", "float32", "float16", "bfloat16"):
            assert (one.expected[dtype] >= 0).all(), one.id
        assert (one.expected["float64"] <= one.expected["float32"]).all(), one.id


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
