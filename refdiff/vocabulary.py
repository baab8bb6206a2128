"""The contract: every quantity's name, meaning and range, and how it follows from the others.

A rule is a plain function that bears the quantity's name and asks for others by parameter name. Rules are the textbook
forms: read at 192 bits they give the truth, read at 24 bits they stray as an honest float32 implementation may.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from refdiff.numbers import namespace

__all__ = ["QUANTITIES", "ROUTES", "Quantities", "Quantity"]


class Quantity(NamedTuple):
    """One entry of the contract: what a name means, and the range it lives in."""

    meaning: str
    range: str


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

    def s_index(s):
        return s - 1

    def beta_t(betas, t):
        return _at(betas, t, 0 * betas[0])

    def n(timesteps):
        return len(timesteps)

    def timestep_indices(timesteps):
        return timesteps - 1

    return [T, alpha_bars, alpha_bar_T, alpha_bar_T_from_log, log_alpha_bar_T, t_index, s_index, beta_t, n, timestep_indices]


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

    def alpha_bar_t_from_alpha(alpha_t):
        return alpha_t**2

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

    def logsnr_t(snr_t):
        return namespace(snr_t).log(snr_t)

    def half_logsnr_t(logsnr_t):
        return logsnr_t / 2

    def sigma_over_alpha_t(alpha_bar_t):
        return namespace(alpha_bar_t).sqrt((1 - alpha_bar_t) / alpha_bar_t)

    return [
        alpha_bar_t,
        alpha_bar_t_from_log,
        alpha_bar_t_from_alpha,
        alpha_bar_t_from_logsnr,
        alpha_bar_t_from_ratio,
        log_alpha_bar_t,
        alpha_t,
        sigma_t,
        snr_t_from_logsnr,
        snr_t,
        logsnr_t,
        half_logsnr_t,
        sigma_over_alpha_t,
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

    for function in _betas_rules():
        add(function, str)
    for function in _noise_level_rules():
        add(function, str)
        add(function, at_s)
    for function in _prediction_rules():
        add(function, str)
        if function.__name__ not in ("x_t", "x_0_from_velocity", "velocity"):
            add(function, hatted)
    return table


_RULES = _rules()

# Where an honest implementation may start from: each is rounded once, and the rest follows from it.
ROUTES = (("alpha_bar",), ("log_alpha_bar",), ("alpha", "sigma"), ("logsnr",), ("sigma_over_alpha",))

_POWER = "[0, 1], from 1 at t = 0 down"
QUANTITIES: dict[str, Quantity] = {
    "T": Quantity("number of training steps", "integer >= 1"),
    "t": Quantity("time; 0 is data, discrete steps run 1..T", "integer in 1..T"),
    "s": Quantity("an earlier time, s < t", "integer in 0..T-1"),
    "t_index": Quantity("t - 1, the row of t in a table that has no row for t = 0", "integer in 0..T-1"),
    "s_index": Quantity("s - 1; -1 means s = 0", "integer in -1..T-2"),
    "n": Quantity("number of sampling steps", "integer in 1..T"),
    "timesteps": Quantity("decreasing times of a strided sampler", "integers in 1..T"),
    "timestep_indices": Quantity("timesteps - 1", "integers in 0..T-1"),
    "steps_offset": Quantity("shift of the leading grid towards noise", "integer >= 0"),
    "betas": Quantity("DDPM's step variances for t = 1..T", "(0, 1); 1 only at T"),
    "beta_t": Quantity("betas at t", "(0, 1)"),
    "beta_start": Quantity("first level of a schedule of betas", "(0, 1)"),
    "beta_end": Quantity("last level of a schedule of betas", "[beta_start, 1)"),
    "beta_max": Quantity("cap of the cosine schedule's betas", "(0, 1)"),
    "offset": Quantity("the cosine schedule's s; the constant of an affine map", "[0, 1]; any"),
    "alpha_bars": Quantity("running products of 1 - betas for t = 1..T", "[0, 1]"),
    "alpha_bar_t": Quantity("signal power at t, alpha_t**2 when variance is preserved", _POWER),
    "alpha_bar_s": Quantity("signal power at s", _POWER),
    "alpha_bar_T": Quantity("signal power at T", _POWER),
    "log_alpha_bar_t": Quantity("log of alpha_bar_t", "<= 0"),
    "log_alpha_bar_s": Quantity("log of alpha_bar_s", "[log_alpha_bar_t, 0]"),
    "log_alpha_bar_T": Quantity("log of alpha_bar_T", "<= 0"),
    "alpha_t": Quantity("signal scale: x_t = alpha_t*x_0 + sigma_t*eps", "[0, 1] for VP"),
    "alpha_s": Quantity("signal scale at s", "[0, 1] for VP"),
    "sigma_t": Quantity("noise scale: x_t = alpha_t*x_0 + sigma_t*eps", ">= 0"),
    "sigma_s": Quantity("noise scale at s", ">= 0"),
    "alpha_dot_t": Quantity("time derivative of alpha_t", "<= 0"),
    "sigma_dot_t": Quantity("time derivative of sigma_t", ">= 0"),
    "snr_t": Quantity("alpha_t**2/sigma_t**2", "> 0"),
    "snr_s": Quantity("alpha_s**2/sigma_s**2", "> 0"),
    "logsnr_t": Quantity("log of snr_t", "any"),
    "logsnr_s": Quantity("log of snr_s", "any"),
    "half_logsnr_t": Quantity("half of logsnr_t, DPM-Solver's lambda", "any"),
    "half_logsnr_s": Quantity("half of logsnr_s", "any"),
    "sigma_over_alpha_t": Quantity("EDM's and k-diffusion's sigma", ">= 0"),
    "sigma_over_alpha_s": Quantity("the same at s", ">= 0"),
    "x_0": Quantity("data, or a network's estimate of it in a step", "any"),
    "x_t": Quantity("state at t", "any"),
    "x_s": Quantity("state at s", "any"),
    "x_T": Quantity("state a sampler starts from", "any"),
    "eps": Quantity("unit noise in x_t", "any"),
    "v": Quantity("alpha_t*eps - sigma_t*x_0", "any"),
    "score": Quantity("-eps/sigma_t", "any"),
    "velocity": Quantity("alpha_dot_t*x_0 + sigma_dot_t*eps", "any"),
    "x_0_hat": Quantity("a network's estimate of x_0", "any"),
    "eps_hat": Quantity("a network's estimate of eps", "any"),
    "v_hat": Quantity("a network's estimate of v", "any"),
    "score_hat": Quantity("a network's estimate of the score", "any"),
    "z": Quantity("fresh unit noise a stochastic step adds", "any"),
    "eta": Quantity("DDIM's share of DDPM's noise", "[0, 1]"),
    "interpolation": Quantity("share of the larger log variance; networks put out 2*interpolation - 1", "[0, 1]"),
    "gamma": Quantity("cap on the SNR in min-SNR weights", "> 0"),
    "log_scale": Quantity("log standard deviation of the decoder", "any"),
    "nats": Quantity("negative log likelihood of a whole sample", "any"),
    "dimensions": Quantity("number of dimensions of one sample", "integer >= 1"),
    "denoiser": Quantity("callable (x_t, t) giving the mean of x_0 given x_t", "callable"),
    "eps_model": Quantity("callable (x_t, t) giving the mean of eps given x_t", "callable"),
    "v_model": Quantity("callable (x_t, t) giving the mean of v given x_t", "callable"),
    "points": Quantity("the points of a finite data set, shape (N, d)", "any"),
    "x": Quantity("point at which a density is taken", "any"),
    "y": Quantity("observation matrix x + offset + noise", "any"),
    "mean": Quantity("mean of a Gaussian", "any"),
    "mean_1": Quantity("mean of the first Gaussian", "any"),
    "mean_2": Quantity("mean of the second Gaussian", "any"),
    "variance": Quantity("variance of every entry", "> 0"),
    "variance_1": Quantity("variance of every entry of the first Gaussian", "> 0"),
    "variance_2": Quantity("variance of every entry of the second Gaussian", "> 0"),
    "covariance": Quantity("covariance matrix", "symmetric positive definite"),
    "covariance_1": Quantity("covariance matrix of the first Gaussian", "symmetric positive definite"),
    "covariance_2": Quantity("covariance matrix of the second Gaussian", "symmetric positive definite"),
    "noise_covariance": Quantity("covariance of an observation's noise", "symmetric positive definite"),
    "matrix": Quantity("matrix of a linear map or quadratic form", "any"),
    "center": Quantity("centre of a quadratic form", "any"),
}


class Quantities(Mapping[str, Any]):
    """Given quantities and all that follows from them, each derived when first asked for.

    Raises:
        KeyError: for a name that neither is given nor follows.
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._values = dict(given)
        self._open: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            if name in self._open:
                raise KeyError(name)
            self._open.add(name)
            try:
                self._values[name] = self._derive(name)
            finally:
                self._open.discard(name)
        return self._values[name]

    def _derive(self, name: str) -> Any:
        for asked, function in _RULES.get(name, ()):
            try:
                values = [self[other] for other in asked]
            except KeyError:
                continue
            return function(*values)
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        try:
            self[str(name)]
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return (name for name in QUANTITIES if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
