"""Cases of the schedules and time grids."""

from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, integers, labelled, schedules, single, times

__all__ = ["cases"]

_STEPS = (1, 2, 3, 4, 5, 7, 8, 10, 13, 16, 20, 25, 30, 32, 40, 50, 60, 64, 100, 1000)
_ENDS = ((1e-4, 0.02), (0.00085, 0.012), (0.01, 0.4), (0.001, 0.2), (0.05, 0.9))
_GRIDS = (
    (1000, 1), (1000, 2), (1000, 3), (1000, 7), (1000, 10), (1000, 13), (1000, 15), (1000, 20), (1000, 27), (1000, 50),
    (1000, 53), (1000, 100), (1000, 999), (1000, 1000), (50, 7), (10, 3), (10, 4), (10, 10), (1, 1), (2, 1), (17, 5),
    (16, 16), (100, 8), (250, 6), (1000, 61), (1000, 4), (1000, 12), (1000, 17), (500, 9), (100, 100), (64, 5), (12, 7),
    (1000, 28), (1000, 38), (50, 50), (200, 11), (1000, 8),
)  # fmt: skip


def _short(name: str) -> list[tuple[str, np.ndarray]]:
    """Betas of every length from 2 to 20, ascending and uneven, so that a shifted index shows in each entry."""
    rows = []
    for length in range(2, 21):
        steps = sorted(integers(f"{name}/betas/{length}", length, 1, 255))
        rows.append((f"uneven-{length}", np.array(steps, dtype=np.float64) / 512))
    return rows


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("schedule", name, label), comment, given))

    for i, steps in enumerate(_STEPS):
        start, end = (single(value) for value in _ENDS[i % 5])
        what = "one step: no division by T - 1" if steps == 1 else "both ends and all between"
        for name in ("betas_linear", "betas_scaled_linear", "betas_sigmoid"):
            add(name, f"T-{steps}", what, {"T": steps, "beta_start": start, "beta_end": end})
        offset, cap = (0.008, 0.008, 0.0, 0.02)[i % 4], (0.999, 0.9999, 0.999, 0.5)[i % 4]
        what = "the cap at T and the flat start: a cap or an offset left out shows"
        add("betas_cosine", f"T-{steps}", what, {"T": steps, "offset": offset, "beta_max": cap})
    for name in ("betas_zero_terminal_snr", "alpha_bar", "log_alpha_bar"):
        for label, betas in _short(name):
            add(name, label, "uneven betas: a shifted index shows in each entry", {"betas": betas})
        add(name, "linear-1000", "a thousand steps: rounding adds up", {"betas": schedules()["linear-1000"]})
        add(name, "cosine-50", "one beta close to 1", {"betas": schedules()["cosine-50"]})
    for label, comment, given in times():
        for name in ("alpha", "sigma", "snr", "logsnr"):
            add(name, label, comment, given)
    for steps, n in _GRIDS:
        tied = {
            "timesteps_leading": False,
            "timesteps_trailing": any(2 * steps * k % (2 * n) == n for k in range(n)),
            "timesteps_linspace": n > 1 and any(2 * (steps - 1) * k % (2 * (n - 1)) == n - 1 for k in range(n)),
        }
        what = "n divides T" if steps % n == 0 else "n does not divide T: a grid of the wrong length or an early start shows"
        for name in tied:
            # Half-way times are rounded one way by some libraries and the other way by others; neither is wrong.
            if tied[name]:
                continue
            given = {"T": steps, "n": n} | ({"steps_offset": 0} if name == "timesteps_leading" else {})
            add(name, f"T-{steps}-n-{n}", what, given)
            if name == "timesteps_leading" and (steps, n) in ((1000, 50), (1000, 20), (50, 7)):
                add(name, f"T-{steps}-n-{n}-offset-1", "Stable Diffusion's offset of one", given | {"steps_offset": 1})
    return found
