"""How quantities follow from each other, in textbook form.

A rule is a plain function that bears the quantity's name and asks for others by parameter name. Read at 320 bits the rules give
the truth, read at 24 bits they stray as an honest float32 implementation may.
"""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from refdiff.numbers import namespace

__all__ = ["ROUTES", "RULES", "Rule"]


def _at(array: Any, t: Any, start: Any) -> Any:
    """Entry t of a table that starts at t = 1; `start` at t = 0; one entry for each t of an array."""
    if getattr(t, "ndim", 0):
        entries = [_at(array, k, start) for k in t.reshape(-1)]
        table = np.array(entries, dtype=array.dtype) if isinstance(array, np.ndarray) else namespace(array).stack(entries)
        return table.reshape(t.shape)
    return array[int(t) - 1] if int(t) > 0 else start


def _betas_rules() -> list[Callable[..., Any]]:
    def T(betas):
        return len(betas)

    def alpha_bars(betas):
        return namespace(betas).cumprod(1 - betas)

    def alpha_bar_T(alpha_bars):
        return alpha_bars[-1]

    def alpha_bar_T_from_log(log_alpha_bar_T):
        return namespace(log_alpha_bar_T).exp(log_alpha_bar_T)

    def log_alpha_bar_T(alpha_bar_T):
        return namespace(alpha_bar_T).log(alpha_bar_T)

    def t_index(t):
        return t - 1

    def fractional_t_index(fractional_t):
        return fractional_t - 1

    def s_index(s):
        return s - 1

    def beta_t(betas, t):
        return _at(betas, t, 0 * betas[0])

    def n(timesteps):
        return len(timesteps)

    def timesteps(x_T, T, n, steps_offset):
        # Of a run that is given how to space its times; the grids' own cases sample nothing.
        return np.arange(n)[::-1] * (T // n) + 1 + steps_offset

    def timestep_indices(timesteps):
        return timesteps - 1

    return [T, alpha_bars, alpha_bar_T, alpha_bar_T_from_log, log_alpha_bar_T, t_index, fractional_t_index, s_index, beta_t, n,
        timesteps, timestep_indices]  # fmt: skip


def _run_rules() -> list[Callable[..., Any]]:
    """A whole run's levels, from what it is given: a table and times, down to data; times of a straight path; noise scales."""

    def _powers(alpha_bars, times):
        return [_at(alpha_bars, t, 1 - 0 * alpha_bars[0]) for t in times]

    def _alphas(alpha_bars, times):
        xp = namespace(alpha_bars)
        return xp.stack([xp.sqrt(power) for power in _powers(alpha_bars, times)])

    def _sigmas(alpha_bars, times):
        xp = namespace(alpha_bars)
        return xp.stack([xp.sqrt(1 - power) for power in _powers(alpha_bars, times)])

    def alphas(alpha_bars, timesteps):
        return _alphas(alpha_bars, [*timesteps.tolist(), 0])

    def sigmas(alpha_bars, timesteps):
        return _sigmas(alpha_bars, [*timesteps.tolist(), 0])

    def alphas_down(alpha_bars, timesteps_down):
        return _alphas(alpha_bars, timesteps_down.tolist())

    def sigmas_down(alpha_bars, timesteps_down):
        return _sigmas(alpha_bars, timesteps_down.tolist())

    def alphas_from_times(times):
        return 1 - times

    def sigmas_from_times(times):
        return times

    def alphas_from_sigmas(sigmas):
        return namespace(sigmas).ones_like(sigmas)

    return [alphas, sigmas, alphas_down, sigmas_down, alphas_from_times, sigmas_from_times, alphas_from_sigmas]


def _noise_level_rules() -> list[Callable[..., Any]]:
    """Rules for one time, written for t and repeated for s."""

    def alpha_bar_t(alpha_bars, t):
        return _at(alpha_bars, t, 1 - 0 * alpha_bars[0])

    def alpha_bar_t_from_log(log_alpha_bar_t):
        return namespace(log_alpha_bar_t).exp(log_alpha_bar_t)

    def alpha_bar_t_from_logsnr(logsnr_t):
        return namespace(logsnr_t).sigmoid(logsnr_t)

    def alpha_bar_t_from_ratio(sigma_over_alpha_t):
        return 1 / (1 + sigma_over_alpha_t**2)

    def log_alpha_bar_t(alpha_bar_t):
        return namespace(alpha_bar_t).log(alpha_bar_t)

    def alpha_t(alpha_bar_t):
        return namespace(alpha_bar_t).sqrt(alpha_bar_t)

    def sigma_t(alpha_bar_t):
        return namespace(alpha_bar_t).sqrt(1 - alpha_bar_t)

    def snr_t_from_logsnr(logsnr_t):
        return namespace(logsnr_t).exp(logsnr_t)

    def snr_t(alpha_bar_t):
        return alpha_bar_t / (1 - alpha_bar_t)

    def snr_t_from_scales(alpha_t, sigma_t):
        return (alpha_t / sigma_t) ** 2

    def logsnr_t(snr_t):
        return namespace(snr_t).log(snr_t)

    def half_logsnr_t(logsnr_t):
        return logsnr_t / 2

    def sigma_over_alpha_t(alpha_bar_t):
        return namespace(alpha_bar_t).sqrt((1 - alpha_bar_t) / alpha_bar_t)

    def sigma_over_alpha_t_from_scales(alpha_t, sigma_t):
        return sigma_t / alpha_t

    return [
        alpha_bar_t,
        alpha_bar_t_from_log,
        alpha_bar_t_from_logsnr,
        alpha_bar_t_from_ratio,
        log_alpha_bar_t,
        alpha_t,
        sigma_t,
        snr_t_from_logsnr,
        snr_t,
        snr_t_from_scales,
        logsnr_t,
        half_logsnr_t,
        sigma_over_alpha_t,
        sigma_over_alpha_t_from_scales,
    ]


def _prediction_rules() -> list[Callable[..., Any]]:
    """Rules among x_0, eps, v and score at one x_t; `_hat` names are repeated for a network's estimates."""

    def x_t(x_0, eps, alpha_t, sigma_t):
        return alpha_t * x_0 + sigma_t * eps

    def x_0(x_t, eps, alpha_t, sigma_t):
        return (x_t - sigma_t * eps) / alpha_t

    def x_0_from_v(x_t, v, alpha_t, sigma_t):
        return (alpha_t * x_t - sigma_t * v) / (alpha_t**2 + sigma_t**2)

    def x_0_from_score(x_t, score, alpha_t, sigma_t):
        return (x_t + sigma_t**2 * score) / alpha_t

    def x_0_from_velocity(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
        return (sigma_dot_t * x_t - sigma_t * velocity) / (alpha_t * sigma_dot_t - sigma_t * alpha_dot_t)

    def eps(x_t, x_0, alpha_t, sigma_t):
        return (x_t - alpha_t * x_0) / sigma_t

    def v(x_0, eps, alpha_t, sigma_t):
        return alpha_t * eps - sigma_t * x_0

    def score(eps, sigma_t):
        return -eps / sigma_t

    def velocity(x_0, eps, alpha_dot_t, sigma_dot_t):
        return alpha_dot_t * x_0 + sigma_dot_t * eps

    return [x_t, x_0, x_0_from_v, x_0_from_score, x_0_from_velocity, eps, v, score, velocity]


Rule = tuple[tuple[str, ...], Callable[..., Any]]


def _rules() -> dict[str, list[Rule]]:
    table: dict[str, list[Rule]] = {}

    def add(function: Callable[..., Any], rename: Callable[[str], str]) -> None:
        asked = tuple(rename(name) for name in inspect.signature(function).parameters)
        table.setdefault(rename(function.__name__.partition("_from_")[0]), []).append((asked, function))

    def at_s(name: str) -> str:
        return name[:-1] + "s" if name == "t" or name.endswith("_t") else name

    def hatted(name: str) -> str:
        return name + "_hat" if name in ("x_0", "eps", "v", "score") else name

    for function in (*_betas_rules(), *_run_rules()):
        add(function, str)
    for function in _noise_level_rules():
        add(function, str)
        add(function, at_s)
    for function in _prediction_rules():
        add(function, str)
        if function.__name__ not in ("x_t", "x_0_from_velocity", "velocity"):
            add(function, hatted)
    return table


RULES = _rules()

# Where an honest implementation may start from: each is rounded once, and the rest follows from it.
ROUTES = (("alpha_bar",), ("log_alpha_bar",), ("alpha", "sigma"), ("logsnr",), ("sigma_over_alpha",))
