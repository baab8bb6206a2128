"""What every deterministic sampler does however it is built: on data that are one point it walks along one noise.

Then every state is alpha*x_0 + sigma*eps with the same eps, so that a model asked at a level that is not the state's, a sum of
steps that is not the whole way, a run of another length or a number that is none shows at any number of steps.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from refdiff.catalogue import Formula, formula
from refdiff.conformance.adapter import Adapter
from refdiff.conformance.arrays import Lift, inputs, lifter, output
from refdiff.conformance.orders import without_noise
from refdiff.golden.models import scales_at
from refdiff.golden.vectors import Vector
from refdiff.vocabulary import Quantities

__all__ = ["COUNTS", "Broken", "broken"]

# Numbers of steps to try: small ones, primes, and ones that divide nothing.
COUNTS = (1, 2, 3, 4, 5, 7, 9, 10, 13, 15, 16, 19, 20, 25, 29, 30, 37, 50, 61, 64, 77, 99, 100, 128)
_POINT = np.array([[0.75, -0.5]])
_NOISE = np.array([[1.5, -0.25], [-0.625, 2.0]])
# Far above what float32 tables lose, far below what a wrong level does.
_NEAR = 1e-3
_MODELS = ("denoiser", "eps_model", "v_model", "velocity_model", "denoiser_at_level")
_TABLE = 1000
_PATIENCE = 20.0


class Broken(NamedTuple):
    """An invariant that does not hold: at how many steps, and what happened there."""

    n: int
    told: str


def _case(asked: Formula, n: int, options: Mapping[str, Any]) -> Vector:
    falling = 8.0 * (1 / 40) ** (np.arange(n + 1) / n)
    given: dict[str, Any] = {"points": _POINT} | dict(options)
    if "timesteps" in asked.arguments:
        given |= {
            "betas": np.linspace(1e-4, 0.02, _TABLE),
            "timesteps": np.round(_TABLE * np.arange(n, 0, -1) / n).astype(np.int64),
        }
    elif "times" in asked.arguments:
        given |= {"times": falling / (1 + falling)}
    elif "alphas" in asked.arguments:
        alphas = 1 / np.sqrt(1 + falling**2)
        given |= {"alphas": alphas, "sigmas": falling * alphas}
    else:
        given |= {"sigmas": falling}
    known = Quantities(given)
    given["x_T"] = known["alphas"][0] * _POINT + known["sigmas"][0] * _NOISE
    if "z" in asked.arguments:
        given["z"] = np.zeros((n if "timesteps" in given else 2 * n, *_NOISE.shape))
    derived = {
        name: known[name] for name in ("alphas", "sigmas", "timestep_indices", "n", "T") if name in known and name not in given
    }
    return Vector(f"invariant/{asked.name}/{n}", asked.name, "", given, derived, {})


def _on_line(x: np.ndarray, alpha: float, sigma: float) -> bool:
    wanted = alpha * _POINT + sigma * _NOISE
    return x.shape == wanted.shape and bool(np.abs(x - wanted).max() <= _NEAR * (alpha + sigma))


def _watched(model: Callable[..., Any], scales: Callable[..., tuple[float, float]], strayed: list[str]) -> Callable[..., Any]:
    """The model, noting when it is asked about a state at a level that is not the state's."""

    def asked(x_t: Any, *at: Any) -> Any:
        levels = tuple(float(np.ravel(output(level))[0]) for level in at)
        alpha, sigma = scales(*levels)
        if not strayed and not _on_line(np.asarray(output(x_t), dtype=np.float64), alpha, sigma):
            strayed.append(
                f"the model is asked at {', '.join(f'{level:.6g}' for level in levels)} about a state of another noise level"
            )
        return model(x_t, *at)

    return asked


def _faults(adapter: Adapter, name: str, vector: Vector, lift: Lift, seconds: float) -> Iterator[str]:
    quantities = dict(inputs(vector, lift))
    if adapter.missing(name, quantities):
        return
    strayed: list[str] = []
    for model in _MODELS:
        if model in quantities:
            scales = (lambda alpha, sigma: (alpha, sigma)) if model == "denoiser_at_level" else scales_at(vector.given)
            quantities[model] = _watched(quantities[model], scales, strayed)
    called = adapter.call(name, quantities, seconds)
    if called.declined:
        return
    if called.failure:
        yield called.failure
        return
    known = Quantities(vector.given)
    try:
        states = np.asarray(output(called.value), dtype=np.float64)
    except (TypeError, ValueError) as error:
        yield str(error)
        return
    length = len(known["sigmas"])
    if states.shape not in ((length, *_NOISE.shape), (length - 1, *_NOISE.shape), _NOISE.shape):
        yield f"returned shape {states.shape}, wanted {(length, *_NOISE.shape)}"
    elif not np.isfinite(states).all():
        yield "returned numbers that are not finite"
    elif strayed:
        yield strayed[0]
    elif not _on_line(
        states if states.ndim == _NOISE.ndim else states[-1], float(known["alphas"][-1]), float(known["sigmas"][-1])
    ):
        yield "does not end where data of one point lead: the steps do not sum to the whole way"


def broken(adapter: Adapter, name: str, lift: Lift, seconds: float) -> list[Broken]:
    """Numbers of steps at which a sampler breaks an invariant, with what it does there; none where it is no deterministic run."""
    asked = formula(name)
    options = without_noise(asked) if asked.whole_run else None
    if options is None:
        return []
    if "order" in asked.arguments:
        options |= {"order": 2}
    found = []
    for n in COUNTS:
        vector = _case(asked, n, options)
        if _within_reach(vector):
            found += [Broken(n, told) for told in _faults(adapter, name, vector, lift, seconds)]
    return found


def _within_reach(vector: Vector) -> bool:
    """Whether the reference itself keeps the invariants there: some methods need more steps, or levels of their own."""
    name = vector.formula
    itself = Adapter("reference", {name: formula(name).function}, {name: formula(name).arguments}, "numpy")
    with np.errstate(all="ignore"):
        return not any(_faults(itself, name, vector, lifter("numpy", "float64", "cpu"), _PATIENCE))
