"""Exact models of a case's data, handed to samplers as callables."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from refdiff.numbers import namespace
from refdiff.reference import flow, sde
from refdiff.reference.denoiser import denoiser_correlated_gaussian, denoiser_dirac, denoiser_gaussian
from refdiff.reference.mixture import denoiser_mixture
from refdiff.reference.schedule import alpha, betas_scaled_linear, log_alpha_bar, sigma
from refdiff.vocabulary import Quantities

__all__ = ["LAWS", "array_models", "ball_models", "scales_at", "table"]

Model = Callable[..., Any]
# What data a case may have: its quantities, the body that denoises it, and that which gives its velocity.
LAWS: tuple[tuple[tuple[str, ...], Model, Model | None], ...] = (
    (("points",), denoiser_dirac, flow.marginal_velocity_dirac),
    (("weights", "means", "variances"), denoiser_mixture, flow.marginal_velocity_mixture),
    (("mean", "covariance"), denoiser_correlated_gaussian, None),
    (("mean", "variance"), denoiser_gaussian, flow.marginal_velocity_gaussian),
)


def table(known: Mapping[str, Any]) -> Any:
    """Step variances of a case: those it gives, or, where it samples, scaled linear ones between the ends it gives; else None."""
    if "betas" in known or not ("x_T" in known and "beta_start" in known):
        return known.get("betas")
    return betas_scaled_linear(known["T"], known["beta_start"], known["beta_end"])


def _predictions(denoise: Model, level: Callable[[Any], tuple[Any, Any]], condition: str = "") -> dict[str, Model]:
    """What the denoiser knows at a time, as a prediction of x_0, of eps and of v; names end in the condition."""

    def denoiser(x_t: Any, t: Any) -> Any:
        return denoise(x_t, *level(t))

    def eps_model(x_t: Any, t: Any) -> Any:
        alpha_t, sigma_t = level(t)
        return (x_t - alpha_t * denoise(x_t, alpha_t, sigma_t)) / sigma_t

    def v_model(x_t: Any, t: Any) -> Any:
        alpha_t, sigma_t = level(t)
        data = denoise(x_t, alpha_t, sigma_t)
        return alpha_t * ((x_t - alpha_t * data) / sigma_t) - sigma_t * data

    found = {"denoiser": denoiser, "eps_model": eps_model, "v_model": v_model}
    return {name + condition: model for name, model in found.items()}


def _models(
    known: Mapping[str, Any], level: Callable[[Any], tuple[Any, Any]], told: Callable[[str, Any], Any]
) -> dict[str, Model]:
    """Models of a case's data; where some of its points meet a condition, models with and without it too.

    Args:
        known: the case's quantities.
        level: signal and noise scale at a model's second argument.
        told: a quantity of the data by name, of the kind that a state is.
    """
    names, denoise, moved = next(law for law in LAWS if all(name in known for name in law[0]))

    def at_level(x_t: Any, alpha_t: Any, sigma_t: Any) -> Any:
        return denoise(x_t, *(told(name, x_t) for name in names), alpha_t, sigma_t)

    def conditional(x_t: Any, alpha_t: Any, sigma_t: Any) -> Any:
        return denoise(x_t, told("points_conditional", x_t), alpha_t, sigma_t)

    def velocity_model(x_t: Any, time: Any) -> Any:
        return moved(x_t, *(told(name, x_t) for name in names), *level(time), -1, 1)  # type: ignore[misc]

    found: dict[str, Model] = {"denoiser_at_level": at_level, **_predictions(at_level, level)}
    if "times" in known and moved:
        found["velocity_model"] = velocity_model
    if "points_conditional" in known:
        found |= _predictions(at_level, level, "_unconditional") | _predictions(conditional, level, "_conditional")
    return found


def _of_process(time: Any, known: Mapping[str, Any]) -> tuple[Any, Any]:
    """Signal and noise scale at a time of the process whose rates or ends a case gives."""
    if "sigma_min" in known:
        return 1, sde.ve_sigma(time, known["sigma_min"], known["sigma_max"])
    power = sde.vp_log_alpha_bar(time, known["beta_rate_min"], known["beta_rate_max"])
    return alpha(power), sigma(power)


def ball_models(quantities: Quantities) -> dict[str, Model]:
    """Models of a case read in balls, with textbook noise levels; none where the case samples nothing.

    Args:
        quantities: the case, with `x_T`, its levels, and its data: one of LAWS.
    """
    if "x_T" not in quantities:
        return {}
    betas = table(quantities)
    known = quantities if "betas" in quantities or betas is None else Quantities({"betas": betas})

    def level(t: Any) -> tuple[Any, Any]:
        if "betas" in known:
            at = Quantities({"alpha_bars": known["alpha_bars"], "t": int(t)})
            return at["alpha_t"], at["sigma_t"]
        return _of_process(t, quantities) if "sde_times" in quantities else (1 - t, t) if "times" in quantities else (1, t)

    return _models(quantities, level, lambda name, _: quantities[name])


def scales_at(given: Mapping[str, Any]) -> Callable[[Any], tuple[float, float]]:
    """Function that gives the signal and noise scale at a time as the case counts it: t of a table, time, or sigma."""
    betas = table(given)
    with np.errstate(divide="ignore"):
        powers = () if betas is None else log_alpha_bar(betas)

    def level(t: Any) -> tuple[float, float]:
        time = _number(t)
        if not len(powers):
            return _of_process(time, given) if "sde_times" in given else (1 - time, time) if "times" in given else (1.0, time)
        if time != int(time):
            raise NotImplementedError(f"the case's model knows whole times, not {time:g}; denoiser_at_level knows every level")
        power = powers[int(time) - 1]
        return float(alpha(power)), float(sigma(power))

    return level


def array_models(given: Mapping[str, Any], lift: Callable[[str, np.ndarray], Any]) -> dict[str, Model]:
    """Models of a case for an implementation's arrays, with accurate noise levels; none where it samples nothing.

    A time or level may be a number, an array or a tensor on a device, one for each sample or one for all.

    Args:
        given: the case's inputs, NumPy arrays.
        lift: turns a named NumPy array into the implementation's kind.
    """
    if "x_T" not in given:
        return {}
    level = scales_at(given)

    def told(name: str, x: Any) -> Any:
        """The data in the dtype the state has, which an implementation may have widened on the way."""
        data = lift(name, given[name])
        return data if getattr(data, "dtype", None) == x.dtype else namespace(x).asarray(data, dtype=x.dtype)

    found = _models(given, level, told)
    at_level = found["denoiser_at_level"]
    return found | {"denoiser_at_level": lambda x_t, alpha_t, sigma_t: at_level(x_t, _number(alpha_t), _number(sigma_t))}


def _number(x: Any) -> float:
    return float(x.reshape(-1)[0] if hasattr(x, "reshape") else x)
