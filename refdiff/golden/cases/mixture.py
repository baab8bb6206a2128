"""Cases of data of a Gaussian mixture."""

from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, single, state

__all__ = ["cases"]

_NAMES = (
    "denoiser_jacobian_mixture",
    "denoiser_mixture",
    "eps_loss_floor_mixture",
    "log_density_mixture",
    "loss_floor_mixture",
    "posterior_covariance_mixture",
    "posterior_weights_mixture",
    "score_divergence_mixture",
    "score_mixture",
)
_WEIGHTS = {
    1: (1.0,),
    2: (0.25, 0.75),
    3: (0.5, 0.125, 0.375),
    4: (0.125, 0.5, 0.0625, 0.3125),
    5: (0.25, 0.125, 0.0625, 0.5, 0.0625),
}
_WIDTHS = (0.5, 2.0, 0.125, 1.0, 0.75)

# label, what it hunts, alpha_t, sigma_t, (B, K, d), unit of the means, unit of the states, factor of the variances
_DRAWN: tuple[tuple[str, str, float, float, tuple[int, int, int], float, float, float], ...] = (
    ("unit", "noise, widths and gaps of one size", 1.0, 1.0, (2, 3, 3), 1 / 16, 1 / 16, 1.0),
    ("ve-2", "alpha_t = 1 and more noise", 1.0, 2.0, (3, 4, 2), 1 / 16, 1 / 16, 1.0),
    ("ve-half", "alpha_t = 1 and less noise", 1.0, 0.5, (2, 3, 3), 1 / 32, 1 / 32, 0.25),
    ("vp-0.8", "variance preserved: means by alpha_t, variances by its square", 0.8, 0.6, (2, 3, 3), 1 / 16, 1 / 16, 1.0),
    ("vp-0.6", "variance preserved, more noise than signal", 0.6, 0.8, (2, 5, 3), 1 / 16, 1 / 16, 1.0),
    ("vp-0.28", "variance preserved, little signal", 0.28, 0.96, (3, 4, 3), 1 / 16, 1 / 16, 1.0),
    ("flow-0.75", "scales of a straight path: squares do not add up to 1", 0.75, 0.25, (2, 3, 2), 1 / 32, 1 / 32, 0.25),
    ("flow-0.25", "scales of a straight path, noisier", 0.25, 0.75, (2, 3, 2), 1 / 16, 1 / 16, 4.0),
    ("little-signal", "alpha_t = 1/1024: the posterior is nearly the prior", 1 / 1024, 1.0, (2, 3, 3), 1 / 16, 1 / 16, 1.0),
    ("wide", "components much wider than the noise", 0.8, 0.6, (2, 3, 3), 1.0, 1.0, 1024.0),
    ("narrow", "components much narrower than the noise", 0.8, 0.6, (2, 3, 3), 1 / 32, 1 / 32, 2.0**-10),
    ("sigma-0.001", "sigma_t = 1e-3, means and widths as small", 1.0, 0.001, (2, 3, 3), 2.0**-15, 2.0**-15, 2.0**-20),
    ("sigma-0.001-wide", "sigma_t = 1e-3 and data of unit size: x_t is nearly x_0", 1.0, 0.001, (2, 3, 3), 1 / 16, 1 / 16, 1.0),
    ("sigma-1000", "sigma_t = 1e3: responsibilities nearly the weights", 1.0, 1000.0, (2, 3, 3), 1 / 16, 16.0, 1.0),
    ("sigma-1000-wide", "sigma_t = 1e3 and data as wide", 1.0, 1000.0, (2, 3, 3), 32.0, 32.0, 2.0**20),
    ("sigma-80", "EDM's largest sigma", 1.0, 80.0, (2, 4, 3), 1.0, 2.0, 16.0),
    ("one-dimension", "d = 1: shapes are not squeezed", 1.0, 1.0, (3, 4, 1), 1 / 16, 1 / 16, 1.0),
    ("four-dimensions", "d = 4, K = 3: no two axes of one length", 0.8, 0.6, (2, 3, 4), 1 / 32, 1 / 32, 1.0),
    ("one-state", "B = 1", 0.6, 0.8, (1, 5, 3), 1 / 16, 1 / 16, 1.0),
    ("two-components", "K = 2", 1.0, 1.0, (2, 2, 3), 1 / 16, 1 / 16, 1.0),
)  # fmt: skip

# As (alpha_t*denoised - x_t)/sigma_t**2, or as a mean of squares less a square, these have no digits in float32 where components
# are a thousand sigma_t wide.
_CANCELLING = (
    "denoiser_jacobian_mixture",
    "eps_loss_floor_mixture",
    "loss_floor_mixture",
    "posterior_covariance_mixture",
    "score_divergence_mixture",
    "score_mixture",
)


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(label: str, comment: str, given: dict[str, Any], without: tuple[str, ...] = ()) -> None:
        for name in _NAMES:
            if name not in without:
                found.setdefault(name, []).append(Case(labelled("mixture", name, label), comment, given))

    for label, comment, alpha_t, sigma_t, (states, count, size), near, far, factor in _DRAWN:
        given = {
            "weights": np.array(_WEIGHTS[count]),
            "means": state(f"mixture/means/{label}", (count, size), near),
            "variances": np.array(_WIDTHS[:count]) * factor,
            "x_t": state(f"mixture/x_t/{label}", (states, size), far),
            "alpha_t": single(alpha_t),
            "sigma_t": single(sigma_t),
        }
        add(label, comment, given, _CANCELLING if label == "sigma-0.001-wide" else ())
    means = state("mixture/means/special", (3, 3), 1 / 32)
    data = {"weights": np.array(_WEIGHTS[3]), "means": means, "variances": np.array(_WIDTHS[:3])}
    level = {"alpha_t": 1.0, "sigma_t": 0.5}
    between = {"x_t": (means[:2] + means[1:3]) / 2}
    add("between", "exactly between two means", data | between | level)
    alike = data | {"variances": np.array([0.5, 0.5, 0.5])}
    add("one-width", "components of one width: normalisers cancel", alike | between | level)
    away = alike | {"x_t": state("mixture/x_t/far", (2, 3), 2.0**15), "alpha_t": single(0.9), "sigma_t": 1024.0}
    # The printed divergence is a difference of squares: far away it has no digits in float64.
    add("far", "states 1e6 away, sigma_t = 1024: squares of distances swamp differences", away, ("score_divergence_mixture",))
    points = data | {"variances": np.zeros(3)} | between | level
    add("points", "variances of 0: finite data with unequal weights", points)
    nothing = data | {"x_t": state("mixture/x_t/none", (2, 3)), "alpha_t": 0.0, "sigma_t": 1.0}
    add("no-signal", "alpha_t = 0: x_t says nothing of x_0", nothing, ("denoiser_jacobian_mixture", "eps_loss_floor_mixture"))
    alone = {"weights": np.array([1.0]), "means": means[:1], "variances": np.array([0.75]), "x_t": means[1:], **level}
    add("one-component", "K = 1: a single Gaussian", alone, ("denoiser_jacobian_mixture", "posterior_covariance_mixture"))
    return found
