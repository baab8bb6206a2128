"""Every formula has a second road to its value, and in balls both roads meet."""

import ast
import importlib
import inspect
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("flint")

from refdiff import definitions
from refdiff.catalogue import SUBJECTS, Formula, formulas
from refdiff.golden.domain import sample
from refdiff.golden.models import ball_models
from refdiff.numbers.balls import ball, balls, precision
from refdiff.vocabulary import Quantities

BITS = 300
NARROW = 2.0**-120
FORMULAS = list(formulas().values())
PATHS = [formula for formula in FORMULAS if formula.subject == "path"]


def _definition(formula: Formula) -> Any:
    return getattr(importlib.import_module(f"refdiff.definitions.{formula.subject}"), formula.name)


def _entries(value: Any) -> list[Any]:
    return [ball(entry) for entry in np.asarray(value, dtype=object).flat]


def _both_roads(formula: Formula, arguments: Mapping[str, Any], bits: int = BITS) -> tuple[Any, Any]:
    """The value by definition and the reference's; real arguments as exact balls, whole numbers and callables as they are."""
    # Balls forget that one state is read twice: a run widens them at every step.
    with precision(4 * bits if formula.whole_run else bits):
        given = {name: balls(value) if np.asarray(value).dtype.kind == "f" else value for name, value in arguments.items()}
        known = Quantities(given | (ball_models(Quantities(given)) if formula.whole_run and not _has_models(given) else {}))
        asked = [known[name] for name in formula.arguments]
        return _definition(formula)(*asked), formula.function(*asked)


def _has_models(arguments: Mapping[str, Any]) -> bool:
    return any(callable(value) for value in arguments.values())


def _width(x: Any) -> float:
    """Radius over the middle, or alone where the middle is 0; nothing where x is infinite."""
    if x == x.neg_inf() or x == x.pos_inf():
        return 0.0
    return float(x.rad() if x.mid().is_zero() else x.rad() / abs(x.mid()))


def _assert_roads_meet(formula: Formula, arguments: Mapping[str, Any], bits: int = BITS) -> None:
    defined, written = _both_roads(formula, arguments, bits)
    assert np.shape(defined) == np.shape(written)
    for i, (a, b) in enumerate(zip(_entries(defined), _entries(written), strict=True)):
        assert _width(a) < NARROW, f"the definition strays at entry {i}: {a}, for {arguments}"
        assert min(_width(b), float(b.rad())) < NARROW or b == a, f"the reference strays at entry {i}: {b}, for {arguments}"
        assert a == b or a.overlaps(b), f"entry {i}: {a} by definition, {b} in the reference, for {arguments}"


def _random(formula: Formula, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng([zlib.crc32(formula.name.encode()), seed])
    return sample(formula.name, formula.arguments, rng)


def _gaussian_denoiser(betas: np.ndarray) -> Any:
    """Exact denoiser of Gaussian data of mean 1/2 and variance 2, at noise levels rounded to float64."""
    powers = np.cumprod(1 - betas)

    def denoiser(x_t: Any, t: int) -> Any:
        alpha_t, sigma_t = ball(float(np.sqrt(powers[t - 1]))), ball(float(np.sqrt(1 - powers[t - 1])))
        return (sigma_t**2 / 2 + 2 * alpha_t * x_t) / (2 * alpha_t**2 + sigma_t**2)

    return denoiser


def _path_arguments(formula: Formula, betas: np.ndarray, times: list[int], eta: float) -> dict[str, Any]:
    rng = np.random.default_rng(len(times))
    powers = np.cumprod(1 - betas)

    def v_model(x_t: Any, t: int) -> Any:
        return x_t * ball(float(powers[min(t, len(powers)) - 1])) / 2 - 1

    given = {
        "denoiser": _gaussian_denoiser(betas),
        "v_model_conditional": v_model,
        "v_model_unconditional": lambda x_t, t: 1 - v_model(x_t, t) / 4,
        "guidance_scale": 7.5,
        "x_T": rng.standard_normal((2, 3)),
        "z": rng.standard_normal((len(times), 2, 3)),
        "eta": eta,
        "betas": betas,
        "timesteps": np.array(times),
    }
    T = max(len(betas), 2)
    given |= {
        "T": T,
        "n": min(len(times), T // 2),
        "steps_offset": 1,
        "beta_start": 0.01,
        "beta_end": 0.5,
        "latent_scale": 0.18215,
    }
    return {name: given[name] for name in formula.arguments}


LINEAR = np.linspace(1e-4, 0.02, 1000)
STEEP = np.array([0.02, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.999])
SILENT = np.array([0.01, 0.1, 0.25, 0.375, 0.5, 1.0])


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
def test_definition_and_reference_meet(formula: Formula) -> None:
    for seed in range(4):
        _assert_roads_meet(formula, _random(formula, seed))


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
def test_definition_and_reference_meet_at_200_bits(formula: Formula) -> None:
    _assert_roads_meet(formula, _random(formula, 99), bits=200)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(
    ("betas", "times"),
    [
        pytest.param(LINEAR, [1000, 667, 334, 1], id="last-step-from-1"),
        pytest.param(LINEAR, [999, 500, 3], id="strides-that-miss-both-ends"),
        pytest.param(STEEP, [8, 7, 6, 5, 4, 3, 2, 1], id="every-step"),
        pytest.param(LINEAR[:1], [1], id="one-step"),
        pytest.param(SILENT, [6, 4, 2], id="no-signal-at-T"),
    ],
)
@pytest.mark.parametrize("formula", PATHS, ids=lambda formula: formula.name)
def test_paths_meet(formula: Formula, betas: np.ndarray, times: list[int], eta: float) -> None:
    _assert_roads_meet(formula, _path_arguments(formula, betas, times, eta))


@pytest.mark.parametrize("name", ["posterior_mean", "posterior_variance", "posterior_log_variance", "ddim_step"])
def test_roads_meet_where_s_is_0(name: str) -> None:
    formula = formulas()[name]
    _assert_roads_meet(formula, {**_random(formula, 0), "log_alpha_bar_s": 0.0, "log_alpha_bar_t": -1e-4})


@pytest.mark.parametrize("steps", [1, 2, 7, 10, 1000])
def test_time_grids_meet_for_every_number_of_steps(steps: int) -> None:
    for name in ("timesteps_leading", "timesteps_trailing", "timesteps_linspace"):
        for n in range(1, steps + 1, 1 + steps // 50):
            offset = {"steps_offset": 1} if name == "timesteps_leading" else {}
            _assert_roads_meet(formulas()[name], {"T": steps, "n": n, **offset})


@pytest.mark.parametrize("name", ["denoiser_gaussian", "denoiser_dirac"])
def test_denoisers_meet_where_no_signal_is_left(name: str) -> None:
    formula = formulas()[name]
    _assert_roads_meet(formula, {**_random(formula, 0), "alpha_t": 0.0})


@pytest.mark.parametrize("name", ["denoising_kl", "denoising_kl_gradient", "simple_loss", "simple_loss_gradient"])
def test_losses_meet_where_the_prediction_is_right(name: str) -> None:
    formula = formulas()[name]
    arguments = _random(formula, 0)
    truth, guess = formula.arguments[:2]
    arguments[guess][0] = arguments[truth][0]
    _assert_roads_meet(formula, arguments)


@pytest.mark.parametrize("name", ["alpha_bar", "log_alpha_bar"])
def test_signal_power_meets_where_none_is_left(name: str) -> None:
    _assert_roads_meet(formulas()[name], {"betas": SILENT})


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
def test_roads_part_when_the_reference_is_off_by_1e_25(formula: Formula) -> None:
    arguments = _random(formula, 1)
    defined, written = _both_roads(formula, arguments)
    with precision(BITS):
        off = 1 + ball(10) ** -25
        pairs = [(a, b) for a, b in zip(_entries(defined), _entries(written), strict=True) if not b.contains(0)]
        assert pairs
        assert not any(a.overlaps(b * off) or a.overlaps(b / off) for a, b in pairs)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_definitions_bear_the_names_and_parameters_of_the_reference(subject: str) -> None:
    module = importlib.import_module(f"refdiff.definitions.{subject}")
    written = {formula.name: formula.arguments for formula in FORMULAS if formula.subject == subject}
    defined = {name: tuple(inspect.signature(getattr(module, name)).parameters) for name in module.__all__}
    assert defined == written
    assert all(inspect.getdoc(getattr(module, name)) for name in module.__all__)


@pytest.mark.parametrize("path", sorted(Path(definitions.__file__).parent.glob("*.py")), ids=lambda path: path.stem)
def test_definitions_never_import_the_reference(path: Path) -> None:
    allowed = {"refdiff.definitions", "refdiff.numbers"}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module or ""]
        else:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            assert not name.startswith("refdiff") or ".".join(name.split(".")[:2]) in allowed, name
