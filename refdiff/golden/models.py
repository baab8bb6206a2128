"""Exact denoisers of a case's data, handed to samplers as callables."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from refdiff.numbers import namespace
from refdiff.reference.denoiser import denoiser_dirac, denoiser_gaussian
from refdiff.reference.schedule import alpha, log_alpha_bar, sigma
from refdiff.vocabulary import Quantities

__all__ = ["array_models", "ball_models"]

Model = Callable[[Any, Any], Any]


def _models(denoiser: Model, level: Callable[[Any], tuple[Any, Any]], condition: str = "") -> dict[str, Model]:
    """The denoiser, and the same knowledge as a prediction of eps and of v; names end in the condition."""

    def eps_model(x_t: Any, t: Any) -> Any:
        alpha_t, sigma_t = level(t)
        return (x_t - alpha_t * denoiser(x_t, t)) / sigma_t

    def v_model(x_t: Any, t: Any) -> Any:
        alpha_t, sigma_t = level(t)
        return alpha_t * eps_model(x_t, t) - sigma_t * denoiser(x_t, t)

    found = {"denoiser": denoiser, "eps_model": eps_model, "v_model": v_model}
    return {name + condition: model for name, model in found.items()}


def _guided(denoisers: Callable[[str], Model], level: Callable[[Any], tuple[Any, Any]], known: Any) -> dict[str, Model]:
    """Models of all the points; where some of them meet a condition, models with and without it too."""
    found = _models(denoisers("points"), level)
    if "points_conditional" not in known:
        return found
    unconditional = _models(denoisers("points"), level, "_unconditional")
    return found | unconditional | _models(denoisers("points_conditional"), level, "_conditional")


def ball_models(quantities: Quantities) -> dict[str, Model]:
    """Models of a case read in balls, with textbook noise levels; none where the case samples nothing.

    Args:
        quantities: the case, with `x_T`, `betas`, and `points` or `mean` and `variance`.
    """
    if "x_T" not in quantities:
        return {}

    def level(t: Any) -> tuple[Any, Any]:
        at = Quantities({"alpha_bars": quantities["alpha_bars"], "t": int(t)})
        return at["alpha_t"], at["sigma_t"]

    def denoisers(points: str) -> Model:
        def denoiser(x_t: Any, t: Any) -> Any:
            if points in quantities:
                return denoiser_dirac(x_t, quantities[points], *level(t))
            return denoiser_gaussian(x_t, quantities["mean"], quantities["variance"], *level(t))

        return denoiser

    return _guided(denoisers, level, quantities)


def array_models(given: Mapping[str, Any], lift: Callable[[str, np.ndarray], Any]) -> dict[str, Model]:
    """Models of a case for an implementation's arrays, with accurate noise levels; none where it samples nothing.

    Args:
        given: the case's inputs, NumPy arrays.
        lift: turns a named NumPy array into the implementation's kind.
    """
    if "x_T" not in given:
        return {}
    with np.errstate(divide="ignore"):
        powers = log_alpha_bar(given["betas"])

    def level(t: Any) -> tuple[float, float]:
        # A time may arrive as an integer, an array or a tensor on a device, one for each sample or one for all.
        first = t.reshape(-1)[0] if hasattr(t, "reshape") else t
        power = powers[int(first) - 1]
        return float(alpha(power)), float(sigma(power))

    def like(x: Any, data: Any) -> Any:
        """The data in the dtype the state has, which an implementation may have widened on the way."""
        return data if getattr(data, "dtype", None) == x.dtype else namespace(x).asarray(data, dtype=x.dtype)

    def denoisers(points: str) -> Model:
        def denoiser(x_t: Any, t: Any) -> Any:
            if points in given:
                return denoiser_dirac(x_t, like(x_t, lift(points, given[points])), *level(t))
            mean, variance = (like(x_t, lift(name, given[name])) for name in ("mean", "variance"))
            return denoiser_gaussian(x_t, mean, variance, *level(t))

        return denoiser

    return _guided(denoisers, level, given)
