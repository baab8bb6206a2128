"""Orders of convergence: a sampler run with more and more steps, against the flow's own solution to thirty digits.

The reference runs on the same ladder, so that a method that starts with lower-order steps, or that is made for equal steps, is
held to what it can do there and not to its name.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refdiff.catalogue import Formula, formula
from refdiff.conformance.adapter import Adapter
from refdiff.conformance.arrays import Lift, inputs, output
from refdiff.golden.models import array_models
from refdiff.golden.solutions import Solution, solutions
from refdiff.golden.vectors import Vector
from refdiff.vocabulary import Quantities

__all__ = ["LADDER", "Order", "Run", "Rung", "called_run", "fitted", "ladder_case", "orders", "orders_of", "without_noise"]

Floats = NDArray[np.float64]
LADDER = (8, 12, 16, 24, 32, 48, 64, 96, 128, 192)
# Errors this many roundings of the state tell more of arithmetic than of the method.
_FLOOR = {"float64": 2e-12, "float32": 2e-4}
# A method made of float32 tables stops there whatever the dtype of its states.
_COARSE = 1e-5
_RUNGS = 3
# A slope that falls to less than this share of the one before is levelling off.
_LEVELLED = 0.8
_SHORT = 0.35
# Options of samplers, at the value that makes a deterministic run of them.
_OFF: Mapping[str, Any] = {
    "eta": 0.0, "S_churn": 0.0, "S_min": 0.0, "S_max": 1e9, "S_noise": 1.0, "extrapolation": 2.0,
}  # fmt: skip

_PLAIN = {
    "denoiser", "eps_model", "v_model", "denoiser_at_level", "velocity_model", "x_T", "x_t", "x_0s", "epsilons", "z", "alphas",
    "sigmas", "times", "betas", "timesteps", "order",
}  # fmt: skip


@dataclass(frozen=True)
class Rung:
    """One run: its number of steps (of a single step, one over its length), and how far it ends from the solution."""

    n: float
    error: float


@dataclass(frozen=True)
class Order:
    """A measured order of convergence.

    Attributes:
        problem: what was solved, on what grid, and with which option.
        order: the fitted power of 1/n; nan where too few runs lie between the first steps and the rounding.
        low, high: the range of the slopes between neighbouring runs that were fitted.
        constant: the error is constant/n**order there.
        expected: what the reference's own run shows on the same ladder, at most what is stated.
        stated: what the formula's docstring states, None where it states none.
        rungs: every run.
    """

    problem: str
    order: float
    low: float
    high: float
    constant: float
    expected: float
    stated: int | None
    rungs: tuple[Rung, ...]

    @property
    def measured(self) -> bool:
        return bool(np.isfinite(self.order))

    @property
    def short(self) -> bool:
        """Whether the order is lower than the reference's by more than the slopes' own spread."""
        return self.measured and np.isfinite(self.expected) and max(self.high, self.order) < self.expected - _SHORT


def fitted(rungs: tuple[Rung, ...], floor: float) -> tuple[float, float, float, float]:
    """Order, range of slopes and constant from the finest runs above the rounding; nan where there are too few.

    The first runs are left out as long as enough others remain: their slopes are not yet the method's.
    """
    telling = [rung for rung in rungs if np.isfinite(rung.error) and rung.error > floor]
    # What comes after an error below the floor is no longer a straight line.
    telling = telling[: next((i for i, rung in enumerate(rungs) if not rung.error > floor), len(rungs))]
    least = min(range(len(telling)), key=lambda i: telling[i].error, default=0)
    if least > _RUNGS:
        telling = telling[: least + 1]  # Errors that fall and then rise are roundings that each further step magnifies.
    while len(telling) > 2 and _slope(*telling[-2:]) < _LEVELLED * _slope(*telling[-3:-1]):
        telling = telling[:-1]  # The tables' rounding.
    if len(telling) < _RUNGS + 1:
        return (float("nan"),) * 4
    n, error = (np.log([getattr(rung, name) for rung in telling]) for name in ("n", "error"))
    last = slice(-min(5, len(telling)), None)
    slope, level = np.polyfit(n[last], error[last], 1)
    slopes = -np.diff(error[last]) / np.diff(n[last])
    return float(-slope), float(slopes.min()), float(slopes.max()), float(np.exp(level))


def _slope(coarse: Rung, fine: Rung) -> float:
    return float(np.log(coarse.error / fine.error) / np.log(fine.n / coarse.n))


def _smooth(n: int, start: float, end: float) -> Floats:
    """Noise scales as EDM spaces them: steps in half_logsnr that change slowly."""
    steps = np.arange(n + 1) / n
    return np.asarray((start ** (1 / 7) + steps * (end ** (1 / 7) - start ** (1 / 7))) ** 7)


def _uneven(n: int, start: float, end: float) -> Floats:
    """Noise scales whose steps in half_logsnr are short, long and longer in turn: of two lengths alone errors may cancel."""
    lengths = np.array([1.0, 2.0, 3.0])[np.arange(n) % 3]
    shares = np.concatenate([[0.0], np.cumsum(lengths)]) / lengths.sum()
    return np.asarray(start ** (1 - shares) * end**shares)


_GRIDS: Mapping[str, Callable[[int, float, float], Floats]] = {"smooth": _smooth, "uneven": _uneven}


def _levels(kind: str, sigmas: Floats) -> tuple[dict[str, Floats], Floats]:
    """The levels as a case of this kind gives them, and their signal scales."""
    if kind == "times":
        return {"times": sigmas / (1 + sigmas)}, 1 / (1 + sigmas)
    if kind == "scales":
        alphas = 1 / np.sqrt(1 + sigmas**2)
        return {"alphas": alphas, "sigmas": sigmas * alphas}, alphas
    return {"sigmas": sigmas}, np.ones_like(sigmas)


def _kind(asked: Formula) -> str:
    if "times" in asked.arguments:
        return "times"
    return "scales" if "alphas" in asked.arguments else "sigmas"


def ladder_case(asked: Formula, solution: Solution, grid: str, n: int, options: Mapping[str, Any]) -> tuple[Vector, Floats]:
    """A case of n steps, and the solution at its last level."""
    sigmas = _GRIDS[grid](n, solution.start, solution.end)
    given, alphas = _levels(_kind(asked), sigmas)
    given |= dict(solution.data) | {"x_T": alphas[0] * solution.x_start} | dict(options)
    derived: dict[str, Any] = {}
    if _kind(asked) != "scales":
        known = Quantities(given)
        derived = {name: known[name] for name in ("alphas", "sigmas") if name not in given}
    if "z" in asked.arguments:
        given["z"] = np.zeros((2 * n, *solution.x_start.shape))
    return Vector(f"order/{solution.id}/{grid}/{n}", asked.name, "", given, derived, {}), alphas[-1] * solution.value


Run = Callable[[Vector], Floats | None]


def _climbed(run: Run, asked: Formula, solution: Solution, grid: str, options: Mapping[str, Any]) -> tuple[Rung, ...]:
    rungs = []
    for n in LADDER:
        vector, wanted = ladder_case(asked, solution, grid, n, options)
        states = run(vector)
        if states is None:
            continue
        last = states[-1] if states.ndim == wanted.ndim + 1 else states
        if last.shape != wanted.shape:
            return ()
        with np.errstate(invalid="ignore", over="ignore"):
            rungs.append(Rung(n, float(np.sqrt(((last - wanted) ** 2).mean() / (wanted**2).mean()))))
    return tuple(rungs)


def _reference(vector: Vector) -> Floats:
    asked = formula(vector.formula)
    given = {**vector.derived, **vector.given}
    known = Quantities(given | array_models(vector.given, lambda _, value: value))
    with np.errstate(all="ignore"):
        return np.asarray(asked.function(*(known[name] for name in asked.arguments)), dtype=np.float64)


@cache
def _expected(name: str, problem: str, grid: str, options: tuple[tuple[str, Any], ...]) -> float:
    """Order that the reference shows."""
    rungs = _climbed(_reference, formula(name), solutions()[problem], grid, dict(options))
    return fitted(rungs, _FLOOR["float64"])[0]


def without_noise(asked: Formula) -> dict[str, Any] | None:
    """Options that make a deterministic method of it; None where none do."""
    rest = [name for name in asked.arguments if name not in _PLAIN]
    if any(name not in _OFF for name in rest) or ("z" in asked.arguments and "eta" not in rest and "S_churn" not in rest):
        return None
    return {name: _OFF[name] for name in rest}


def _settings(asked: Formula) -> Iterator[tuple[tuple[str, Any], ...]]:
    """Every choice of options that makes a deterministic run with an order."""
    options = without_noise(asked)
    if options is None:
        return
    fixed = tuple(options.items())
    if "order" in asked.arguments:
        yield from (((*fixed, ("order", order))) for order in (1, 2, 3))
    else:
        yield fixed


def orders(run: Run, name: str, floor: float = _FLOOR["float64"]) -> Iterator[Order]:
    """Orders of one sampler on every problem, grid and option; none where it is no deterministic run with a stated order.

    Args:
        run: states of a case, or its last one; None where it cannot run it.
        name: the formula.
        floor: relative error below which roundings tell more than the method.
    """
    asked = formula(name)
    if not asked.whole_run or not asked.section("Order") or "timesteps" in asked.arguments:
        return
    for options in _settings(asked):
        for problem, solution in solutions().items():
            for grid in _GRIDS:
                rungs = _climbed(run, asked, solution, grid, dict(options))
                told = ", ".join(f"{key} = {value:g}" for key, value in options if key == "order")
                label = f"{problem.partition('/')[2].partition('@')[0]}, {grid} steps" + (f", {told}" if told else "")
                stated = asked.order_at(dict(options).get("order"))
                expected = _expected(name, problem, grid, options)
                yield Order(label, *fitted(rungs, floor), expected if stated is None else min(expected, stated), stated, rungs)


def orders_of(adapter: Adapter, name: str, lift: Lift, dtype: str, seconds: float, coarse: bool = False) -> list[Order]:
    """Orders that an implementation's sampler shows.

    Args:
        adapter: the implementation.
        name: the formula.
        lift: turns arrays into the implementation's.
        dtype: arithmetic asked for.
        seconds: limit on one run.
        coarse: whether its own tables are known to be coarser than the dtype.
    """

    floor = max(_FLOOR[dtype], _COARSE if coarse else 0.0)
    return list(orders(called_run(adapter, name, lift, seconds), name, floor))


def called_run(adapter: Adapter, name: str, lift: Lift, seconds: float) -> Run:
    """Function that gives an implementation's answer to a case; None where it has none."""

    def run(vector: Vector) -> Floats | None:
        quantities = inputs(vector, lift)
        if adapter.missing(name, quantities):
            return None
        called = adapter.call(name, quantities, seconds)
        if called.declined or called.failure:
            return None
        try:
            return output(called.value).astype(np.float64)
        except (TypeError, ValueError):
            return None

    return run
