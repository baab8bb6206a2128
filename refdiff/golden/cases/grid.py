"""Cases of noise grids and spacings."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, schedules, single

__all__ = ["cases"]

_COUNTS = {
    1: "one level alone: no division by n - 1",
    2: "both ends alone",
    3: "one level between the ends",
    5: "a few levels",
    10: "ten levels: every gap differs",
    18: "as many as EDM's run has",
    28: "as many as Stable Diffusion 3's run has",
}
# Least and largest noise scale, and where they come from.
_RANGES = (
    (0.0291671582, 14.6146412293, "Stable Diffusion's range"),
    (0.002, 80.0, "EDM's range"),
    (0.01, 50.0, "a range of 5000"),
    (0.5, 3.0, "a short range about 1"),
    (0.002, 700.0, "Stable Video Diffusion's range"),
)
_SHAPES = ((0.6, 0.6), (1.0, 1.0), (0.5, 0.5), (0.6, 1.5), (2.0, 0.75), (1.0, 2.5))
# Published by Align Your Steps: 10 steps, 11 scales.
_PUBLISHED = {
    "sd": (14.6146412293, 6.4745760956, 3.8636745985, 2.694615152, 1.8841921177, 1.3943805092, 0.9642583904, 0.6523686016,
           0.3977456272, 0.1515232662, 0.0291671582),
    "svd": (700.0, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034, 0.002),
    "four": (20.0, 5.0, 1.5, 0.25),
    "two": (80.0, 0.125),
}  # fmt: skip
_TABLES = ("linear-1000", "scaled-linear-1000", "cosine-50", "linear-10", "sigmoid-100")
# Shares of the way from the first step to the last; what is asked lies on steps, half way, and near either end.
_PLACES = (
    (0.0, 1.0),
    (0.0, 0.25, 0.5, 0.75, 1.0),
    (0.0625, 0.9375),
    (0.3125, 0.6875, 0.4375),
)
# Truncated floats agree with whole numbers here: four fifths of T times the square of the share of the way is nowhere a tie.
_QUADRATIC = (
    (1000, 1), (1000, 2), (1000, 4), (1000, 8), (1000, 10), (1000, 20), (1000, 28), (1000, 50), (1000, 1000), (512, 7),
    (512, 53), (128, 15), (128, 20), (64, 10), (64, 64), (50, 8), (50, 50), (17, 5), (12, 7), (250, 30), (4000, 50), (8, 8),
)  # fmt: skip


def _grids() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(label, comment, {n, sigma_min, sigma_max}) for every count of levels and every range."""
    for i, (low, high, whence) in enumerate(_RANGES):
        for n in list(_COUNTS)[i % 2 :: 2] if i else _COUNTS:
            label = f"n-{n}-from-{high:.4g}-to-{low:.3g}"
            yield label, f"{_COUNTS[n]}; {whence}", {"n": n, "sigma_min": single(low), "sigma_max": single(high)}


def _times(steps: int, shares: tuple[float, ...]) -> np.ndarray:
    """Times of a table at these shares of the way, exact in float32."""
    return np.array([round((1 + share * (steps - 1)) * 64) / 64 for share in shares])


def _stretched() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for n, shift in ((2, 1.0), (3, 1.0), (4, 3.0), (5, 1.0), (8, 2.0), (10, 5.0), (20, 3.0)):
        left = np.arange(n, 0, -1)
        times = np.float32(shift * left / (n - left + shift * left)).astype(np.float64)
        for terminal in (0.1, 0.02, 0.5):
            told = "the last time becomes it and 1 stays 1"
            label = f"n-{n}-shift-{shift:g}-terminal-{terminal:g}"
            yield label, f"{n} times to {terminal:g}: {told}", {"times": times, "terminal": single(terminal)}
    part = {"times": np.array([0.75, 0.5, 0.1875]), "terminal": 0.0625}
    yield "started-below-1", "a run that starts below 1: its first time moves too", part
    yield "to-0", "stretched to 0: the last time is 0 itself", part | {"terminal": 0.0}


def _flow() -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """(label, comment, {n, time_shift}, {n, log_time_shift}) and so on for every count of levels."""
    shifts = (3.0, 1.0, 0.5, 1.15, 7.0, 12.0, 2.02)
    for i in range(24):
        n = (28, 4, 1, 20, 50, 10, 2, 3)[i % 8]
        shift, log_shift = single(shifts[i % 7]), single((1.15, 0.5, -0.75, 0.0, 2.5, 3.25)[i % 6])
        yield f"n-{n}-{i}", f"{n} time{'s' * (n > 1)}", {"n": n, "time_shift": shift}, {"n": n, "log_time_shift": log_shift}


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("grid", name, label), comment, given))

    for i, (label, comment, given) in enumerate(_grids()):
        add("sigmas_kl_optimal", label, comment, given)
        rho = single((2.0, 7.0, 0.5, 1.0, 3.0)[i % 5])
        add("sigmas_polyexponential", f"{label}-rho-{rho:g}", f"{comment}; the logs' power {rho:g}", given | {"rho": rho})
        a, b = _SHAPES[i % 6]
        told = f"{comment}; shapes {a:g} and {b:g}"
        shapes = {"beta_a": single(a), "beta_b": single(b)}
        add("sigmas_beta", f"{label}-shapes-{a:g}-{b:g}", told, given | shapes)
    for i in range(24):
        n = (10, 18, 1, 2, 3, 5, 20, 50)[i % 8]
        ends = {"beta_rate_min": single((0.1, 0.25, 0.5)[i % 3]), "beta_rate_max": (20.0, 8.0, 12.0, 20.0)[i % 4]}
        least = single((1e-3, 1e-3, 0.01, 1e-5)[i % 4])
        told = f"{n} level{'s' * (n > 1)} down to time {least:.3g}: the rates' ends and their difference"
        add("sigmas_vp", f"n-{n}-beta-{ends['beta_rate_max']:g}-{i}", told, {"n": n, "time_min": least} | ends)
    for key, listed in _PUBLISHED.items():
        sigmas = np.array([single(sigma) for sigma in listed])
        for n in (2, 3, 4, 7, 10, 11, 13, 21, 41) if len(listed) > 4 else (2, 5, 7, 10):
            what = "the list itself" if n == len(listed) else "between the list's scales straight in the log"
            add("sigmas_interpolated", f"{key}-n-{n}", f"{n} levels from {len(listed)}: {what}", {"n": n, "sigmas": sigmas})
    for table in _TABLES:
        betas = schedules()[table]
        steps = len(betas)
        for i, shares in enumerate(_PLACES):
            given = {"betas": betas, "fractional_t": _times(steps, shares)}
            told = f"{table}: {'the ends and between' if shares[0] == 0 else 'between the steps'}, straight in the log or not"
            for name in ("edm_sigma_at_fractional_time_log_linear", "edm_sigma_at_fractional_time_linear"):
                add(name, f"{table}/places-{i}", told, given)
        for i, factor in enumerate((1.0, 1.0, 1.0, 4.0)):
            powers = np.cumprod(1 - betas)
            rows = [(r * (steps - 2)) // 7 for r in ((1, 3, 6), (2, 4, 5), (0, 7), (0, 7))[i]]
            levels = [np.sqrt(1 / powers[r] - 1) ** share * np.sqrt(1 / powers[r + 1] - 1) ** (1 - share)
                      for r, share in zip(rows, (0.25, 0.625, 0.4), strict=False)]  # fmt: skip
            if factor > 1:
                levels = [np.sqrt(1 / powers[0] - 1) / factor, np.sqrt(1 / powers[-1] - 1) * factor]
            told = "outside the table: the first and the last time" if factor > 1 else "between the steps"
            given = {"betas": betas, "sigma_over_alpha_t": np.array([single(level) for level in levels])}
            add("fractional_time_from_edm_sigma", f"{table}/levels-{i}", f"{table}: {told}", given)
        for n in (1, 2, 3, 7, 10, 30) if steps > 10 else (1, 2, 4, 7, 10):
            what = (
                "the whole table" if n == steps else "n does not divide T - 1" if (steps - 1) % max(n - 1, 1) else "whole steps"
            )
            add("sigmas_of_table", f"{table}/n-{n}", f"{table} in {n}: {what}, both ends", {"n": n, "betas": betas})
    for i, sigma in enumerate((0.002, 0.03, 0.25, 0.5, 1.0, 2.0, 3.5, 14.6, 80.0, 157.4)):
        given = {"sigma_t": np.array([single(sigma), single(sigma * 1.3), single(sigma / 7)])}
        for part in (given, {"sigma_t": single(sigma)}):
            kind = "three levels" if np.ndim(part["sigma_t"]) else "one level"
            add("cosine_time_from_edm_sigma", f"sigma-{sigma:g}-{kind[:3]}", f"{kind} at {sigma:g}: a quarter turn is 1", part)
        share = i / 10 + 1 / 64
        times = {"time": np.array([single(share), single(share / 3), single(1 - share / 5)])}
        for part in (times, {"time": single(share)}):
            kind = "three times" if np.ndim(part["time"]) else "one time"
            add("edm_sigma_from_cosine_time", f"time-{share:.3g}-{kind[:3]}", f"{kind} at {share:.3g}: 1 is a quarter turn", part)
    for i, (label, comment, static, dynamic) in enumerate(_flow()):
        add("flow_times_shifted", label, f"{comment}, cut into equal parts; shift {static['time_shift']:.3g}", static)
        told = f"{comment}, cut into equal parts; log shift {dynamic['log_time_shift']:.3g}"
        add("flow_times_exponentially_shifted", label, told, dynamic)
        least = single((1e-3, 0.01, 1e-3, 0.1, 1e-3, 1 / 28)[i % 6])
        told = f"{comment} from 1 to {least:.3g}, shifted once by {static['time_shift']:.3g}"
        add("flow_times_ending_at", label, told, static | {"time_min": least})
    for label, comment, given in _stretched():
        add("flow_times_stretched", label, comment, given)
    for n in (2, 3, 5, 8, 10, 20, 50, 64):
        for linear_steps, drop in ((n // 2, 0.025), (max(n // 4, 1), 0.05), (n - 1, 0.25)):
            label = f"n-{n}-linear-{linear_steps}-threshold-{drop:g}"
            told = f"{linear_steps} equal of {n} steps, then a parabola with their slope"
            given = {"n": n, "linear_steps": linear_steps, "threshold_noise": single(drop)}
            add("flow_times_linear_quadratic", label, told, given)
    for T, n in _QUADRATIC:
        given = {"T": T, "n": n, "steps_offset": 0}
        what = "times repeat near the data" if n * n > T else "squares of equal steps, up to 4/5 of T"
        add("timesteps_quadratic", f"T-{T}-n-{n}", f"{n} of {T}: {what}", given)
        if (T, n) in ((1000, 50), (1000, 20), (512, 7), (17, 5)):
            told = f"{n} of {T}: latent diffusion's offset of one"
            add("timesteps_quadratic", f"T-{T}-n-{n}-offset-1", told, given | {"steps_offset": 1})
    return found
