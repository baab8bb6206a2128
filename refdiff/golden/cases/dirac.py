"""Cases of finite data."""

from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, single, state

__all__ = ["cases"]

_SPREADS = (
    "denoiser_jacobian_dirac",
    "eps_loss_floor_dirac",
    "loss_floor_dirac",
    "posterior_covariance_dirac",
    "score_divergence_dirac",
)
_OTHERS = ("log_density_dirac", "posterior_weights_dirac", "score_dirac")

# Automatic derivatives of logsumexp: sums of squares far away, and weights that do not add up to 1, leave them no digits.
_DERIVATIVES = ("score_dirac", "score_divergence_dirac")

# label, what it hunts, alpha_t, sigma_t, (B, N, d), unit of the points, unit of the states
_DRAWN: tuple[tuple[str, str, float, float, tuple[int, int, int], float, float], ...] = (
    ("unit", "noise of the size of the gaps: every point counts", 1.0, 1.0, (2, 5, 3), 1 / 16, 1 / 16),
    ("ve-2", "alpha_t = 1 and more noise", 1.0, 2.0, (3, 5, 2), 1 / 16, 1 / 16),
    ("ve-half", "alpha_t = 1 and less noise", 1.0, 0.5, (2, 5, 3), 1 / 32, 1 / 32),
    ("vp-0.8", "variance preserved: points must be scaled", 0.8, 0.6, (2, 5, 3), 1 / 32, 1 / 32),
    ("vp-0.6", "variance preserved, more noise than signal", 0.6, 0.8, (2, 6, 3), 1 / 16, 1 / 16),
    ("vp-0.28", "variance preserved, little signal", 0.28, 0.96, (3, 4, 3), 1 / 16, 1 / 16),
    ("flow-0.75", "scales of a straight path: squares do not add up to 1", 0.75, 0.25, (2, 5, 2), 1 / 64, 1 / 64),
    ("flow-0.25", "scales of a straight path, noisier", 0.25, 0.75, (2, 5, 2), 1 / 16, 1 / 16),
    ("little-signal", "alpha_t = 1/1024: the posterior is nearly the prior", 1 / 1024, 1.0, (2, 5, 3), 1 / 16, 1 / 16),
    ("sigma-0.001", "sigma_t = 1e-3 among points as near as that", 1.0, 0.001, (2, 5, 3), 2.0**-15, 2.0**-15),
    ("sigma-0.001-vp", "sigma_t = 1e-3 and alpha_t = 0.75", 0.75, 0.001, (2, 5, 3), 2.0**-15, 2.0**-15),
    ("sigma-0.05", "small noise, points a few sigma_t apart", 1.0, 0.05, (2, 5, 3), 2.0**-9, 2.0**-9),
    ("sigma-1000", "sigma_t = 1e3: all weights nearly equal", 1.0, 1000.0, (2, 5, 3), 1 / 16, 16.0),
    ("sigma-1000-wide", "sigma_t = 1e3 and points as far apart as that", 1.0, 1000.0, (2, 5, 3), 32.0, 32.0),
    ("sigma-80", "EDM's largest sigma", 1.0, 80.0, (2, 5, 3), 1.0, 2.0),
    ("far", "states 1e6 away, sigma_t = 1e3: squares of distances swamp differences", 0.9, 1000.0, (2, 5, 3), 1 / 16, 2.0**15),
    ("one-dimension", "d = 1: shapes are not squeezed", 1.0, 1.0, (3, 4, 1), 1 / 16, 1 / 16),
    ("four-dimensions", "d = 4, N = 3: no two axes of one length", 0.8, 0.6, (2, 3, 4), 1 / 32, 1 / 32),
    ("one-state", "B = 1", 0.6, 0.8, (1, 5, 3), 1 / 16, 1 / 16),
    ("two-points", "N = 2", 1.0, 1.0, (2, 2, 3), 1 / 16, 1 / 16),
    ("more-points", "N = 12, more points than states", 0.8, 0.6, (2, 12, 2), 1 / 32, 1 / 32),
)  # fmt: skip


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(names: tuple[str, ...], label: str, comment: str, given: dict[str, Any]) -> None:
        for name in names:
            found.setdefault(name, []).append(Case(labelled("dirac", name, label), comment, given))

    for label, comment, alpha_t, sigma_t, (states, count, size), near, far in _DRAWN:
        given = {
            "points": state(f"dirac/points/{label}", (count, size), near),
            "x_t": state(f"dirac/x_t/{label}", (states, size), far),
            "alpha_t": single(alpha_t),
            "sigma_t": single(sigma_t),
        }
        add(tuple(name for name in _SPREADS + _OTHERS if label != "far" or name not in _DERIVATIVES), label, comment, given)
    points = state("dirac/points/special", (5, 3), 1 / 32)
    level = {"alpha_t": 1.0, "sigma_t": 0.5}
    between = {"points": points, "x_t": (points[:2] + points[1:3]) / 2}
    add(_SPREADS + _OTHERS, "between", "exactly between two points, not in the middle of all", between | level)
    twice = {"points": np.concatenate([points, points[:2]]), "x_t": points[:2] + 1 / 16}
    add(_SPREADS + _OTHERS, "repeated", "two points stand twice in the data: each copy counts", twice | level)
    pair = np.array([[1.0, 0.375, -0.25], [-1.0, -0.375, 0.25]])
    tie = {"points": pair, "x_t": np.array([[192.0, -256.0, 384.0]]), "alpha_t": single(0.8), "sigma_t": single(0.001)}
    asked = tuple(name for name in _SPREADS + _OTHERS if name != "score_divergence_dirac")
    add(asked, "tie-far-sigma-0.001", "equally far from two points, at sigma_t = 1e-3, 500 away", tie)
    nothing = {"points": points, "x_t": state("dirac/x_t/none", (2, 3)), "alpha_t": 0.0, "sigma_t": 1.0}
    kept = ("loss_floor_dirac", "posterior_covariance_dirac", *_OTHERS)
    add(kept, "no-signal", "alpha_t = 0: x_t says nothing of x_0", nothing)
    alone = {"points": points[:1], "x_t": points[1:3], "alpha_t": 0.75, "sigma_t": 0.5}
    add(_OTHERS, "one-point", "N = 1: the posterior is certain", alone)
    apart = np.array([[1.0, 0.5, -0.25], [-1.0, 0.25, 2.0], [0.5, -1.0, 0.125]])
    decided = {"points": apart, "x_t": apart[:1] * (1 + 2.0**-7), "alpha_t": 1.0, "sigma_t": single(0.001)}
    add(
        ("log_density_dirac", "score_dirac"), "decided", "sigma_t = 1e-3, points 1 apart: exp underflows for all but one", decided
    )
    return found
