"""Local orders: one step of a solver from an exact history, on smooth functions of half_logsnr, with shorter and shorter steps.

No sampling is needed, and no start-up steps blur it: a wrong coefficient shows as a lost power of the step's length.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refdiff.catalogue import Formula, formula
from refdiff.conformance.adapter import Adapter
from refdiff.conformance.arrays import Lift
from refdiff.conformance.orders import Order, Rung, called_run, fitted, without_noise
from refdiff.golden.vectors import Vector, Vectors
from refdiff.vocabulary import Quantities

__all__ = ["local_orders", "local_orders_of"]

Floats = NDArray[np.float64]
_LENGTHS = tuple(2.0 ** -(k / 2) for k in range(1, 15))
_FLOOR = 2e-14
_AT = 0.3
# Where the estimates were made, in lengths of the step: before it for a solver that remembers, within it for one that does not.
_BEFORE = (0.0, -0.8, -2.1, -2.7)
_WITHIN = {1: (0.0,), 2: (0.0, 0.5), 3: (0.0, 1 / 3, 2 / 3)}
_WAVES = np.array([[1.3, 0.4], [0.7, -1.1]])


def _data(level: Floats) -> Floats:
    """x_0 as a function of half_logsnr, two entries."""
    return np.asarray(np.cos(_WAVES[:, 0] * level[..., None] + _WAVES[:, 1]))


def _integral(level: Floats) -> Floats:
    """Integral of exp(level)*x_0, up to a constant."""
    rate, phase = _WAVES[:, 0], _WAVES[:, 0] * level[..., None] + _WAVES[:, 1]
    return np.asarray(np.exp(level)[..., None] * (np.cos(phase) + rate * np.sin(phase)) / (1 + rate**2))


def _exact(level: Floats, alpha: Floats, sigma: Floats) -> tuple[Floats, Floats, Floats]:
    """State, x_0 and eps on the solution of d(x/sigma)/dlambda = exp(lambda)*x_0 that has this data."""
    state = sigma[..., None] * (_integral(level) + 0.75)
    return state, _data(level), (state - alpha[..., None] * _data(level)) / sigma[..., None]


def _steps(asked: Formula, count: int, options: Mapping[str, Any], inner: bool) -> Iterator[tuple[float, Vector, Floats]]:
    """(length, case, wanted) of one step with so many estimates."""
    for length in _LENGTHS:
        places = _WITHIN[count] if inner else tuple(reversed(_BEFORE[:count]))
        level = _AT + length * np.array([*places, 1.0])
        ratio = np.exp(-level)
        alpha = 1 / np.sqrt(1 + ratio**2) if "alphas" in asked.arguments else np.ones_like(ratio)
        sigma = ratio * alpha
        state, x_0, eps = _exact(level, alpha, sigma)
        given: dict[str, Any] = {"sigmas": sigma, "x_t": state[0 if inner else count - 1][None]} | dict(options)
        given |= {"alphas": alpha} if "alphas" in asked.arguments else {}
        given |= {name: value[:count, None] for name, value in (("x_0s", x_0), ("epsilons", eps)) if name in asked.arguments}
        if "z" in asked.arguments:
            given["z"] = np.zeros_like(given["x_t"])
        yield length, Vector(f"local/{asked.name}/{length:g}", asked.name, "", given, {}, {}), state[-1][None]


def _places(name: str) -> tuple[tuple[int, ...], bool] | None:
    """Numbers of estimates that a step's golden cases have, and whether they lie within the step; None for other formulas."""
    asked = formula(name)
    history = next((one for one in ("x_0s", "epsilons") if one in asked.arguments), None)
    if history is None or "sigmas" not in asked.arguments or "x_t" not in asked.arguments or not asked.section("Order"):
        return None
    vectors = Vectors().of(name)
    counts = {len(vector.given[history]) for vector in vectors if len(vector.given["sigmas"]) == len(vector.given[history]) + 1}
    return tuple(sorted(counts)), asked.subject == "singlestep"


def local_orders_of(adapter: Adapter, name: str, lift: Lift, seconds: float) -> list[Order]:
    """Local orders that an implementation's step shows; none for what is not a solver's step."""
    places = _places(name)
    return list(local_orders(called_run(adapter, name, lift, seconds), name, *places)) if places else []


def local_orders(run: Callable[[Vector], Floats | None], name: str, counts: tuple[int, ...], inner: bool) -> Iterator[Order]:
    """Local orders of one step; the global order is one less.

    Args:
        run: the new state of a case; None where it cannot run it.
        name: the formula, a step that takes arrays of estimates and levels.
        counts: numbers of estimates to try.
        inner: whether the estimates lie within the step, and not before it.
    """
    asked = formula(name)
    options = without_noise(asked)
    if options is None:
        return
    for count in counts:
        rungs, reference = [], []
        for length, vector, wanted in _steps(asked, count, options, inner):
            known = Quantities(vector.given)
            right = np.asarray(asked.function(*(known[key] for key in asked.arguments)))
            got = run(vector)
            reference.append(Rung(round(1 / length, 6), float(np.abs(right - wanted).max())))
            if got is not None and got.shape == wanted.shape:
                rungs.append(Rung(round(1 / length, 6), float(np.abs(got - wanted).max())))
        slopes = [one - 1 for one in fitted(tuple(rungs), _FLOOR)[:3]]
        expected = min(fitted(tuple(reference), _FLOOR)[0] - 1, asked.order or count)
        told = f"one step from {count} exact estimate{'s' if count > 1 else ''}"
        yield Order(
            told, slopes[0], slopes[1], slopes[2], fitted(tuple(rungs), _FLOOR)[3], expected, asked.order or count, tuple(rungs)
        )
