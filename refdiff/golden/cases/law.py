"""Cases of exact laws on Gaussian data."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, covariance, labelled, single, state

__all__ = ["cases"]

# alpha_t, sigma_t, alpha_s, sigma_s, what the pair hunts.
_PAIRS: tuple[tuple[float, float, float, float, str], ...] = (
    (1.0, 80.0, 1.0, 40.0, "EDM's first step, noise halved"),
    (1.0, 80.0, 1.0, 0.5, "EDM's whole range in one step"),
    (1.0, 4.0, 1.0, 3.0, "a short step within noise"),
    (1.0, 1.0, 1.0, 0.25, "a long step"),
    (1.0, 0.5, 1.0, 0.25, "noise below the data's spread"),
    (1.0, 2.0, 1.0, 0.0, "down to the data"),
    (1.0, 0.125, 1.0, 0.0, "the last step to the data"),
    (1.0, 8.0, 1.0, 0.0625, "a step far too long"),
    (1.0, 1.5, 1.0, 1.25, "no power of two in sight"),
    (1.0, 0.75, 1.0, 0.6, "no power of two, less noise"),
    (1.0, 0.03, 1.0, 0.002, "EDM's least noise"),
    (0.1, 0.995, 0.6, 0.8, "variance preserved, from little signal"),
    (0.6, 0.8, 0.8, 0.6, "variance preserved, in the middle"),
    (0.8, 0.6, 0.96, 0.28, "variance preserved, near the data"),
    (0.96, 0.28, 1.0, 0.0, "variance preserved, to the data"),
    (0.25, 0.75, 0.5, 0.5, "scales that sum to 1"),
    (0.03125, 0.96875, 0.25, 0.75, "scales that sum to 1, from little signal"),
    (0.5, 0.5, 0.75, 0.25, "scales that sum to 1, near the data"),
    (0.75, 0.25, 1.0, 0.0, "scales that sum to 1, to the data"),
    (0.5, 2.0, 2.0, 3.0, "neither scale nor variance kept"),
    (2.0, 1.0, 0.5, 0.125, "a signal that shrinks"),
    (0.3, 0.7, 0.9, 0.2, "no power of two in sight"),
)
_VARIANCES = ((0.25, 1.0, 4.0), (0.5, 0.0625, 2.0), (1.5, 9.0, 0.125), (0.3, 0.7, 5.0))
_GRIDS: tuple[tuple[str, str, tuple[float, ...]], ...] = (
    ("halved-5", "noise halved each time", (8, 4, 2, 1, 0.5, 0.25)),
    ("to-data-4", "down to the data", (4, 2, 1, 0.5, 0)),
    ("one-step", "a single step to the data", (2, 0)),
    ("one-step-within-noise", "a single step that leaves noise", (2, 1.25)),
    ("karras-6", "EDM's spacing from its largest noise", (80, 24.4, 5.84, 0.966, 0.085, 0.002, 0)),
    ("even-4", "even noise scales", (2, 1.5, 1, 0.5)),
    ("long-2", "two steps that are too long", (16, 0.75, 0.03125)),
    ("short-8", "eight short steps", (2, 1.8, 1.6, 1.4, 1.2, 1, 0.85, 0.7, 0.6)),
    ("uneven-3", "three uneven steps", (6, 5, 0.7, 0.3)),
    ("uneven-to-data-3", "three uneven steps to the data", (3, 2.75, 0.4, 0)),
    ("little-3", "little noise throughout", (0.25, 0.125, 0.0625, 0.03125)),
)


def _singles(values: Any) -> np.ndarray:
    return np.array([single(float(x)) for x in values])


def _pairs(kept: bool) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(label, comment, levels and three variances), with signal scales or for those that keep them, each pair on two spreads."""
    rows = [(i, row) for i, row in enumerate(_PAIRS) if not kept or row[0] == row[2] == 1]
    for k in range(2 if kept else 1):
        for i, (alpha_t, sigma_t, alpha_s, sigma_s, comment) in rows:
            levels = {"alpha_t": alpha_t, "sigma_t": sigma_t, "alpha_s": alpha_s, "sigma_s": sigma_s}
            known = {name: single(x) for name, x in levels.items() if not kept or "sigma" in name}
            label = f"from-{alpha_t:g}-{sigma_t:g}-to-{alpha_s:g}-{sigma_s:g}-spread-{(i + k) % len(_VARIANCES) + 1}"
            yield label, comment, known | {"variance": _singles(_VARIANCES[(i + k) % len(_VARIANCES)])}


def _chains() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(label, comment, given): matrices that do not commute, one step and many, noise of fewer draws than entries."""
    for i in range(21):
        n, size, draws = (1, 2, 3, 5, 4)[i % 5], (2, 3, 4)[i % 3], (1, 2, 3, 4)[i % 4]
        given = {
            "gains": state(f"law/gains/{i}", (n, size, size), unit=1 / 16, reach=16),
            "offsets": state(f"law/offsets/{i}", (n, size), unit=1 / 8, reach=24),
            "noise_factors": state(f"law/factors/{i}", (n, size, draws), unit=1 / 16, reach=16),
            "mean": state(f"law/mean/{i}", (size,), unit=1 / 8, reach=24),
            "covariance": covariance(f"law/covariance/{i}", size),
        }
        told = "a single step" if n == 1 else f"{n} steps that do not commute: order, and which matrix is transposed"
        yield f"steps-{n}-of-{size}-draws-{draws}-{i}", f"{told}; {draws} draws on {size} entries", given


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("law", name, label), comment, given))

    for i, (alpha_t, sigma_t, alpha_s, sigma_s, comment) in enumerate(_PAIRS):
        size = (2, 3, 2, 2)[i % 4]
        levels = {"alpha_t": alpha_t, "sigma_t": sigma_t, "alpha_s": alpha_s, "sigma_s": sigma_s}
        given = {name: single(x) for name, x in levels.items()} | {
            "x_t": state(f"law/x_t/{i}", (2, size)),
            "mean": state(f"law/centre/{i}", (size,), unit=1 / 8, reach=16),
            "covariance": covariance(f"law/spread/{i}", size),
        }
        label = f"from-{alpha_t:g}-{sigma_t:g}-to-{alpha_s:g}-{sigma_s:g}-of-{size}"
        add("probability_flow_solution_correlated", label, comment, given)
    for name in ("heun_gain", "dpm2_gain"):
        for label, comment, given in _pairs(kept=True):
            add(name, label, comment, given)
    for label, comment, given in _pairs(kept=False):
        add("dpmpp_2s_gain", label, comment, given)
    for i, (label, comment, given) in enumerate(_pairs(kept=False)):
        eta = (1.0, 0.5, 0.0, 0.25)[i % 4]
        add("ancestral_gain", f"{label}-eta-{eta:g}", f"{comment}; eta {eta:g}", given | {"eta": eta})
    for k in range(2):
        for i, (label, comment, sigmas) in enumerate(_GRIDS):
            variance = (0.25, 1.0, 4.0, 0.3, 2.5)[(i + k) % 5]
            known = {"variance": single(variance), "sigmas": _singles(sigmas)}
            add("heun_chain_variance", f"{label}-variance-{variance:g}", comment, known)
            eta = (1.0, 0.5, 0.0)[(i + 2 * k) % 3]
            # Signal scales rise, or stay where the levels are EDM's own.
            rise = [1.0 for _ in sigmas] if i % 2 else [single(0.5 + j / 16) for j, _ in enumerate(sigmas)]
            label = f"{label}-variance-{variance:g}-eta-{eta:g}"
            add("ancestral_chain_variance", label, f"{comment}; eta {eta:g}", known | {"eta": eta, "alphas": np.array(rise)})
    for label, comment, given in _chains():
        parts = {
            "affine_chain_mean": ("gains", "offsets", "mean"),
            "affine_chain_covariance": ("gains", "noise_factors", "covariance"),
        }
        for name, names in parts.items():
            add(name, label, comment, {key: given[key] for key in names})
    return found
