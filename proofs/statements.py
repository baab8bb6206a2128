"""A formula's body beside its docstring's form: on symbols, and at many points in Arb balls."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from flint import arb

from refdiff.catalogue import Formula, formula
from refdiff.golden.domain import sample
from refdiff.numbers.balls import balls, precision
from refdiff.vocabulary import Quantities

from .algebra import column, positive, real, symmetric

__all__ = ["POINTS", "agree", "contradicts", "points", "reading", "refutes", "stated", "symbolic_arguments"]

POINTS = 20
BITS, TIGHT = 300, 150
_WIDEST = 4800


_EQUALS = {"x": "mean", "mean_2": "mean_1", "x_0_hat": "x_0", "eps_hat": "eps", "center": "mean"}


def _hard_ends(name: str, arguments: tuple[str, ...]) -> list[dict[str, Any]]:
    """What a random draw does not hit: s at the data, a guess that is right, every tie of an integer grid, the last pixels."""
    rng = np.random.default_rng(0)
    ends: list[dict[str, Any]] = []
    known = formula(name).section("Args")
    if "log_alpha_bar_s" in arguments and "0]" in known.partition("log_alpha_bar_s: ")[2].partition("\n")[0]:
        ends += [sample(name, arguments, rng) | {"log_alpha_bar_s": 0.0} for _ in range(2)]
    if {"n", "T"} <= set(arguments):
        ends += [sample(name, arguments, rng) | {"T": T, "n": n} for T in range(1, 25) for n in range(1, T + 1)]
    elif "T" in arguments:
        ends += [sample(name, arguments, rng) | {"T": T} for T in (1, 2, 3, 8)]
    equal = sample(name, arguments, rng)
    ends.append(equal | {key: equal[other] for key, other in _EQUALS.items() if {key, other} <= set(arguments)})
    ends += [sample(name, arguments, rng) | {key: 0.0} for key in ("logsnr_t", "eta") if key in arguments]
    if name == "decoder_log_likelihood":
        levels = (2 * np.array([0, 1, 127, 128, 254, 255]) - 255) / 255
        ends += [{"x_0": levels, "mean": levels + shift, "log_scale": -4 + 0 * levels} for shift in (-0.01, 0.0, 0.01)]
    return ends


@cache
def points(name: str) -> tuple[Mapping[str, Any], ...]:
    """Arguments at which body and statement are compared: the hard ends, then random ones, the same on every run."""
    known = formula(name)
    rng = np.random.default_rng(list(name.encode()))
    drawn = [sample(name, known.arguments, rng) for _ in range(POINTS)]
    return tuple(_hard_ends(name, known.arguments) + drawn)


def _lifted(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int) else balls(value) for name, value in arguments.items()}


def reading(body: Callable[..., Any], arguments: Mapping[str, Any], bits: int) -> np.ndarray:
    """Enclosures of the body's values at these float64 arguments, taken exactly."""
    with precision(bits):
        return np.asarray(body(**_lifted(arguments)), dtype=object)


def _tight(entry: Any) -> bool:
    entry = arb(entry)
    return (not entry.is_finite() and str(entry) in ("-inf", "+inf")) or bool(entry.rad() <= abs(entry.mid()) * arb(2) ** -TIGHT)


def _refined(evaluate: Callable[[int], np.ndarray]) -> tuple[int, np.ndarray]:
    """Bits, doubled until every enclosure is tight, and the enclosures: printed forms may cancel hundreds of bits."""
    bits = BITS
    values = evaluate(bits)
    while not all(_tight(entry) for entry in values.flat) and bits < _WIDEST:
        bits *= 2
        values = evaluate(bits)
    return bits, values


@cache
def stated(name: str, index: int) -> tuple[int, np.ndarray]:
    """Bits used, and enclosures of the docstring's form at one of the points."""

    def evaluate(bits: int) -> np.ndarray:
        with precision(bits):
            return np.asarray(formula(name).textbook(Quantities(_lifted(points(name)[index]))), dtype=object)

    return _refined(evaluate)


def agree(found: np.ndarray, expected: np.ndarray) -> bool:
    """Whether all enclosures are tight and none is refuted."""
    return not disagree(found, expected) and all(map(_tight, [*found.flat, *expected.flat]))


def disagree(found: np.ndarray, expected: np.ndarray) -> bool:
    """Whether the shapes differ, or two enclosures are apart, or only one of two values is finite."""
    if found.shape != expected.shape:
        return True
    pairs = zip(map(arb, found.flat), map(arb, expected.flat), strict=True)
    return any(not one.overlaps(other) or one.is_finite() != other.is_finite() for one, other in pairs)


def refutes(expected: Callable[[str, int], tuple[int, np.ndarray]], body: Callable[..., Any], name: str) -> bool:
    """Whether the body's values are not the expected ones at one point at least."""
    for index, arguments in enumerate(points(name)):
        bits, values = expected(name, index)
        try:
            with np.errstate(all="ignore"):
                found = reading(body, arguments, bits)
            if disagree(found, values):
                return True
        except Exception:  # a body that raises where the formula is defined has no value there
            return True
    return False


def contradicts(body: Callable[..., Any], name: str) -> bool:
    """Whether this body breaks the docstring's statement of the formula."""
    return refutes(stated, body, name)


def _symbol(known: Formula, argument: str) -> Any:
    """A symbol, or a small array of symbols, of the kind the argument is."""
    observed = known.name.startswith("gaussian_conditional")
    plain = {"T": 4, "n": 3, "steps_offset": 1, "x_0": sp.Rational(1, 255)}
    if argument in plain and (argument != "x_0" or known.name == "decoder_log_likelihood"):
        return plain[argument]
    # Signal scales below one and falling, so that every root and log in sight has a positive argument.
    a_s, a_t = 1 / (1 + positive("h")), 1 / ((1 + positive("g")) * (1 + positive("h")))
    if argument.startswith("log_alpha_bar"):
        return 2 * sp.log(a_s if argument.endswith("s") else a_t)
    others = {
        "betas": column([1 - kept**2 for kept in positive("k_1 k_2 k_3")]),
        "logsnr_t": 2 * sp.log(positive("ratio")),
        "log_scale": sp.log(positive("scale")),
        "alpha_dot_t": -positive("alpha_drop"),
        "noise_covariance": np.diag(positive("e_1 e_2"))[: 1 if observed else 2, : 1 if observed else 2],
        "covariance": symmetric("p q r")[0],
        "precision": symmetric("p q r")[0],
        "covariance_1": symmetric("p q r")[0],
        "covariance_2": symmetric("f g h")[0],
    }
    if argument in others:
        return others[argument]
    if argument.startswith(("beta_", "variance", "alpha", "sigma", "gamma", "dimensions")) or known.subject == "schedule":
        return positive(argument)
    return _array(known, argument, observed)


def _array(known: Formula, argument: str, observed: bool) -> Any:
    rows, entries = column(real(f"{argument}_:4")).reshape(2, 2), column(real(f"{argument}_:2"))
    if known.subject == "gaussian" and "isotropic" not in known.name:
        if argument in ("matrix", "factor", "matrix_1", "matrix_2"):
            return rows[:1] if observed else rows
        return entries[:1] if observed and argument in ("y", "offset") else entries
    if known.name == "denoiser_correlated_gaussian" and argument == "mean":
        return entries
    batched = known.name in ("denoising_kl", "prior_kl", "simple_loss", "simple_loss_gradient", "denoiser_dirac",
        "denoiser_correlated_gaussian")  # fmt: skip
    summed = known.name in ("gaussian_kl_isotropic", "gaussian_log_density_isotropic")
    return rows if batched or summed else real(argument)


def symbolic_arguments(known: Formula) -> dict[str, Any]:
    """Symbols for every argument of the formula."""
    return {argument: _symbol(known, argument) for argument in known.arguments}
