"""Every known mistake is named, explained, evaluable in every number system, and truly wrong."""

import importlib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

pytest.importorskip("flint")

from refdiff import mistakes
from refdiff.catalogue import SUBJECTS, Formula, formulas
from refdiff.golden.cases import all_cases
from refdiff.mistakes import explanation, mistakes_of
from refdiff.numbers.balls import balls, precision
from refdiff.reference.denoiser import denoiser_gaussian
from refdiff.vocabulary import QUANTITIES, Quantities

Given = Mapping[str, Any]
BITS = 192
NOTICEABLE = 1e-4
FORMULAS = list(formulas().values())
MISTAKES = [(formula, name) for formula in FORMULAS for name in mistakes_of(formula.name)]
IDS = [name for _, name in MISTAKES]

rng = np.random.default_rng(20)
BETAS = np.linspace(1e-4, 0.02, 1000)
STATES = {name: 1.5 * rng.standard_normal((2, 3)) for name in ("x_0", "x_t", "x_s", "eps", "z", "x_0_hat", "eps_hat")}
SPREAD = rng.standard_normal((3, 3, 3))
GAUSSIAN = {
    "covariance": SPREAD[0] @ SPREAD[0].T + np.eye(3),
    "covariance_1": SPREAD[1] @ SPREAD[1].T + np.eye(3),
    "covariance_2": SPREAD[2] @ SPREAD[2].T + np.eye(3) / 2,
    "noise_covariance": np.diag([0.3, 0.7, 1.4]),
    "matrix": rng.standard_normal((3, 3)),
} | {name: rng.standard_normal(3) for name in ("x", "y", "mean", "mean_1", "mean_2", "center", "offset")}
GAUSSIAN |= {
    "factor": SPREAD[0] + 2 * np.eye(3),
    "precision": GAUSSIAN["covariance"],
    "z": STATES["z"][0],
    "linear": STATES["eps"][0],
    "left": STATES["x_0"][0],
    "right": STATES["x_t"][0],
    "matrix_1": SPREAD[0],
    "matrix_2": SPREAD[1],
}
ISOTROPIC = {name: rng.standard_normal((2, 3)) for name in ("x", "mean", "mean_1", "mean_2")} | {
    "variance": 0.3,
    "variance_1": 0.4,
    "variance_2": 1.9,
}
STEPS = [(500, 499), (500, 480), (1000, 950), (20, 0), (1, 0)]
LOG_LEVELS = (np.array([-0.02, -1.0]), np.array([-0.3, -4.0]))
SCALES = [(0.8, 0.6, -0.6, 0.8), (0.7, 0.3, -1.0, 1.0), (0.9, 2.0, -0.2, 3.0)]


def _levels() -> Iterator[dict[str, Any]]:
    for t, s in STEPS:
        yield {"betas": BETAS, "t": t, "s": s}
    early, late = LOG_LEVELS
    yield {"log_alpha_bar_s": float(early[0]), "log_alpha_bar_t": float(late[0])}
    yield {"log_alpha_bar_s": early[:, None], "log_alpha_bar_t": late[:, None]}


def _schedule_cases(formula: Formula) -> Iterator[dict[str, Any]]:
    if "n" in formula.arguments:
        yield from ({"T": T, "n": n, "steps_offset": k} for T, n, k in [(1000, 7, 1), (1000, 50, 0), (30, 30, 0), (30, 20, 1)])
    elif "T" in formula.arguments:
        levels = {"beta_start": 1e-4, "beta_end": 0.02, "beta_max": 0.999, "offset": 0.008}
        yield from ({"T": T} | levels for T in (1000, 10))
    elif "betas" in formula.arguments:
        yield from ({"betas": betas} for betas in (BETAS, np.linspace(0.1, 0.4, 10)))
    else:
        yield from _levels()


def _conversion_cases(formula: Formula) -> Iterator[dict[str, Any]]:
    for alpha_t, sigma_t, alpha_dot_t, sigma_dot_t in SCALES:
        rates = {"alpha_t": alpha_t, "sigma_t": sigma_t, "alpha_dot_t": alpha_dot_t, "sigma_dot_t": sigma_dot_t}
        everything = Quantities(rates | {"x_0": STATES["x_0"], "eps": STATES["eps"]})
        yield rates | {name: everything[name] for name in formula.arguments}


def _loss_cases(formula: Formula) -> Iterator[dict[str, Any]]:
    bins = np.array([[-255, -253, 1], [129, 251, 255]]) / 255
    decoder = {"mean": bins + 0.01 * STATES["eps"], "log_scale": np.full((2, 3), -3.5)}
    both = {"nats": np.array([4e3, 7e3]), "dimensions": 3072}
    for gamma in (5.0, 0.5):
        rates = dict(zip(("alpha_t", "sigma_t", "alpha_dot_t", "sigma_dot_t"), SCALES[2], strict=True))
        if formula.name == "decoder_log_likelihood":
            yield decoder | {"x_0": bins}
        elif "logsnr_t" in formula.arguments:
            yield {"logsnr_t": np.array([-3.0, 0.1, 4.0]), "sigma_t": 0.6, "gamma": gamma}
        elif "alpha_t" in formula.arguments:
            yield rates | {"gamma": gamma}
        elif "log_alpha_bar_t" not in formula.arguments:
            batch = 1 if gamma < 1 else 2
            states = {name: state[:batch] for name, state in STATES.items()}
            yield both | states | {"log_alpha_bar_T": -1.5, "sigma_t": 0.6}
    for levels in _levels():
        infinite = levels.get("s") == 0
        batched = np.ndim(levels.get("log_alpha_bar_t", 0)) == 2
        if "log_alpha_bar_t" in formula.arguments and not infinite and not (batched and "gradient" in formula.name):
            yield STATES | {name: value[:, 0] if batched else value for name, value in levels.items()}


def _denoiser_cases(formula: Formula) -> Iterator[dict[str, Any]]:
    known = GAUSSIAN if "covariance" in formula.arguments else ISOTROPIC
    given = {"x_t": STATES["x_t"], "points": GAUSSIAN["matrix"], "alpha_t": 0.7, "sigma_t": 0.9, "variance": 0.3}
    yield given | {name: known[name] for name in ("mean", "covariance") if name in known}


def _path_cases(formula: Formula) -> Iterator[dict[str, Any]]:
    noise = np.stack([STATES[name] for name in ("z", "eps", "x_s", "eps_hat")])
    yield {
        "betas": BETAS, "timesteps": np.array([900, 600, 300, 20]), "x_T": STATES["x_t"], "z": noise, "eta": 0.5,
        "guidance_scale": 2.5, "T": 1000, "n": 4, "steps_offset": 1, "beta_start": 0.00085, "beta_end": 0.012,
        "latent_scale": 0.25,
    }  # fmt: skip


def _cases(formula: Formula) -> list[Given]:
    """Ordinary inputs of a formula, and what else follows from them."""
    if formula.subject == "gaussian":
        return [ISOTROPIC if any(name.startswith("variance") for name in formula.arguments) else GAUSSIAN]
    if formula.subject in ("forward", "posterior", "step") and "log_alpha_bar_t" in formula.arguments:
        extra = STATES | {"eta": 0.5, "interpolation": 0.3}
        return [{name: extra[name] for name in formula.arguments if name in extra} | levels for levels in _levels()]
    generate: dict[str, Callable[[Formula], Iterator[dict[str, Any]]]] = {
        "schedule": _schedule_cases,
        "conversion": _conversion_cases,
        "loss": _loss_cases,
        "denoiser": _denoiser_cases,
        "path": _path_cases,
    }
    if formula.subject not in generate:
        # Wrong bodies need not keep their digits far out, where the right ones do.
        return [case.given for case in all_cases()[formula.name] if "far-sigma" not in case.id]
    return list(generate[formula.subject](formula))


def _as_balls(value: Any) -> Any:
    return balls(value) if np.asarray(value).dtype.kind == "f" else value


def _as_tensors(value: Any) -> Any:
    torch = pytest.importorskip("torch")
    return torch.asarray(value, dtype=torch.float64) if np.asarray(value).dtype.kind == "f" else value


def _value(function: Callable[..., Any], given: Given, read: Callable[[Any], Any]) -> np.ndarray | None:
    """Value of one body in one number system, as float64; None where the quantities do not suffice."""
    with precision(BITS), np.errstate(all="ignore"):
        quantities = Quantities({name: read(value) for name, value in given.items()})

        def denoiser(x_t: Any, t: Any) -> Any:
            at = Quantities({"betas": quantities["betas"], "t": int(t)})
            return denoiser_gaussian(x_t, 1, 2, at["alpha_t"], at["sigma_t"])

        if "x_T" in given:
            models = {
                "denoiser": denoiser,
                "denoiser_at_level": lambda x_t, alpha_t, sigma_t: denoiser_gaussian(x_t, 1, 2, alpha_t, sigma_t),
                "velocity_model": lambda x_t, time: (x_t - 1) * (3 * time - 2) / (2 - 4 * time + 3 * time**2) - 1,
                "v_model_conditional": lambda x_t, t: denoiser(x_t, t) / 2 + 1,
                "v_model_unconditional": lambda x_t, t: x_t - denoiser(x_t, t),
            }
            quantities = Quantities({name: read(value) for name, value in given.items()} | models)
        asked = inspect.signature(function).parameters
        if not all(name in quantities for name in asked):
            return None
        return np.asarray(function(*(quantities[name] for name in asked)), dtype=float)


def _differs(wrong: np.ndarray, right: np.ndarray) -> bool:
    """More than a rounding apart: another shape, or a finite entry off by more than NOTICEABLE."""
    try:
        wrong, right = np.broadcast_arrays(wrong, right)
    except ValueError:
        return True
    known = np.isfinite(wrong) & np.isfinite(right)
    return bool((np.abs(wrong[known] - right[known]) > NOTICEABLE * np.abs(right[known])).any())


def _is_wrong(formula: Formula, function: Callable[..., Any]) -> bool:
    """Evaluated both as numbers and as balls in some case, and off in both."""
    found = False
    for given in _cases(formula):
        truth = _value(formula.function, given, _as_balls)
        readings = [_value(function, given, read) for read in (np.asarray, _as_balls)]
        if truth is not None and all(value is not None for value in readings):
            found |= all(_differs(value, truth) for value in readings if value is not None)
    return found


def test_every_name_begins_with_a_formula_of_its_subject() -> None:
    for subject in SUBJECTS:
        module = importlib.import_module(f"refdiff.mistakes.{subject}")
        assert module.__all__ == sorted(set(module.__all__))
        written = [name for name, value in vars(module).items() if "__" in name and inspect.isfunction(value)]
        assert set(module.__all__) == {name for name in written if vars(module)[name].__module__ == module.__name__}
        for name in module.__all__:
            formula, _, what = name.partition("__")
            assert formulas()[formula].subject == subject, name
            assert what, name


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
def test_every_formula_has_two_mistakes(formula: Formula) -> None:
    assert len(mistakes_of(formula.name)) >= 2


@pytest.mark.parametrize(("formula", "name"), MISTAKES, ids=IDS)
def test_every_mistake_is_explained(formula: Formula, name: str) -> None:
    function = mistakes_of(formula.name)[name]
    what, fix, seen_in = explanation(function)
    assert what
    assert re.search(r"\(\d+(\.\d+)?\)|section|Table|Algorithm|Theorem|appendix|code|Song et al. 2021|Kullback", fix), "no source"
    assert re.match(r"plausible(;.+)?$|B\d{3}, [\w.-]+/[\w.-]+[#@]\w+", seen_in), seen_in
    assert set(inspect.signature(function).parameters) <= set(QUANTITIES), "asks for a name outside the vocabulary"


def test_a_docstring_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="another shape"):
        explanation(formulas()["posterior_variance"].function)


@pytest.mark.parametrize(("formula", "name"), MISTAKES, ids=IDS)
def test_every_mistake_is_wrong_in_numbers_and_in_balls(formula: Formula, name: str) -> None:
    assert _is_wrong(formula, mistakes_of(formula.name)[name])


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
def test_the_right_body_is_not_wrong(formula: Formula) -> None:
    assert not _is_wrong(formula, formula.function)


@pytest.mark.parametrize(("formula", "name"), MISTAKES, ids=IDS)
def test_every_number_system_agrees_on_a_mistake(formula: Formula, name: str) -> None:
    function, read = mistakes_of(formula.name)[name], 0
    for given in _cases(formula):
        numbers, enclosed, tensors = (_value(function, given, kind) for kind in (np.asarray, _as_balls, _as_tensors))
        if enclosed is None or numbers is None or tensors is None:
            assert enclosed is numbers is tensors is None
            continue
        read += 1
        known = np.isfinite(enclosed)
        assert np.allclose(numbers[known], enclosed[known], rtol=1e-6, atol=1e-7)
        assert np.allclose(tensors[known], enclosed[known], rtol=1e-6, atol=1e-7)
    assert read


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
def test_no_two_mistakes_of_a_formula_are_the_same(formula: Formula) -> None:
    found: dict[str, list[np.ndarray | None]] = {}
    for name, function in mistakes_of(formula.name).items():
        found[name] = [_value(function, given, np.asarray) for given in _cases(formula)]
    for a in found:
        for b in found:
            pairs = [(x, y) for x, y in zip(found[a], found[b], strict=True) if x is not None or y is not None]
            told_apart = any(x is None or y is None or _differs(x, y) for x, y in pairs)
            assert a == b or told_apart, f"{a} and {b} agree in every case"


def test_betas_are_needed_only_where_the_mistake_is_about_them() -> None:
    asked = {name: set(inspect.signature(mistakes_of(formula.name)[name]).parameters) for formula, name in MISTAKES}
    for subject in ("forward", "posterior", "step"):
        names = importlib.import_module(f"refdiff.mistakes.{subject}").__all__
        free = [name for name in names if not asked[name] & {"betas", "beta_t", "alpha_bars"}]
        assert len(free) > len(names) / 2


def test_mistakes_of_an_unknown_name_are_none() -> None:
    assert mistakes_of("posterior") == {}
    assert mistakes.__all__ == ["explanation", "mistakes_of"]
