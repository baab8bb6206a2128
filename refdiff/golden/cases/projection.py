"""Cases of the denoiser as an approximate projection."""

from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, single, state

__all__ = ["cases"]

_LEVELS = (
    (0.51, "little noise: the nearest point weighs most"),
    (0.63, "little noise"),
    (0.77, "a few points share the weight"),
    (0.87, "a little below unit noise"),
    (1.0, "unit noise: squares and roots of sigma agree"),
    (1.1, "a little above unit noise"),
    (1.2, "noise about the gaps between points"),
    (1.45, "noise above the gaps"),
    (1.7, "noise above the gaps"),
    (2.0, "twice the unit: halves and squares show"),
    (2.6, "noise near the data's range"),
    (3.1, "noise near the data's range"),
    (4.3, "noise above the data's range: the smoothed distance is negative"),
    (5.3, "much noise"),
    (6.7, "much noise"),
    (8.1, "much noise: all points weigh about as much"),
    (0.55, "no power of two in sight"),
    (0.9, "no power of two in sight"),
    (1.3, "no power of two in sight"),
    (2.2, "no power of two in sight"),
    (3.3, "no power of two in sight"),
)

# What only the stable forms survive; the values that vanish with the noise are not asked there.
_HARD = (
    (0.23, "less noise than gaps: all but one weight vanish"),
    (0.06, "hardly any noise: exp underflows in float32 unless the least exponent is taken off"),
    (0.03, "hardly any noise: exp underflows in float64 unless the least exponent is taken off"),
    (21.0, "pure noise"),
)

_RUNS = (
    (0.5, "halved each time"),
    (0.75, "a quarter off each time"),
    (0.9, "a tenth off each time"),
    (0.6, "a fast fall"),
)

_STEPS = (
    (80.0, 0.5), (80.0, 0.75), (8.0, 0.5), (8.0, 0.9), (4.0, 0.25), (4.0, 0.0625), (2.0, 0.5), (2.0, 0.0), (1.0, 0.5),
    (1.0, 0.75), (1.0, 0.3), (0.5, 0.5), (0.5, 0.0), (0.25, 0.6), (0.02, 0.0), (14.6146, 0.9), (14.6146, 0.4), (3.0, 0.7),
    (0.7, 0.2), (10.0, 0.95), (6.0, 0.1),
)  # fmt: skip


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("projection", name, label), comment, given))

    smooth = ("squared_distance_smoothed", "squared_distance_smoothed_gradient")
    vanishing = ("moreau_gap", "denoiser_projection_error")
    for i, (sigma, comment) in enumerate(_LEVELS + _HARD):
        # Odd multiples beside even ones: no state is a point. Unequal numbers of points show a mean taken for a sum.
        points = state(f"projection/points/{i}", (3 + i % 4, 3), unit=1 / 8, reach=20) + 1 / 16
        data = {"x_t": state(f"projection/x_t/{i}", (2, 3), unit=1 / 8, reach=28), "points": points}
        given = data | {"sigma_t": single(sigma)}
        label = f"sigma-{sigma:g}"
        for name in (*smooth, "squared_distance_smoothed_floor", "moreau_envelope", *(vanishing if i < len(_LEVELS) else ())):
            add(name, label, comment, given)
        for share in (0.45,) if i % 2 else (0.7,):
            kept = given | {"sigma_s": single(sigma * share)}
            add("smoothed_descent_step", f"{label}-share-{share:g}", comment, kept)
            add("distance_descent_step", f"{label}-share-{share:g}", comment, kept)
        told = f"{3 + i % 4} points: the nearest, not the first, the last or the mean"
        add("distance_to_points", f"points-{i}", told, data)
        add("projection_onto_points", f"points-{i}", told, data)
    for i, (sigma, share) in enumerate(_STEPS):
        comment = f"from {sigma:g} to {share:g} of it: signs, ratios and which noise is newer"
        levels = {"sigma_t": single(sigma), "sigma_s": single(sigma * share)}
        label = f"sigma-{sigma:g}-share-{share:g}"
        gamma = (2.0, 1.5, 1.25, 1.75, 0.75)[i % 5]
        noises = {name: state(f"projection/{name}/{i}", (2, 3)) for name in ("eps", "eps_previous")} | {"extrapolation": gamma}
        add("distance_step_size", label, comment, levels)
        add("gradient_estimate", label, f"gamma {gamma:g}: {comment}", noises)
        x_t = state(f"projection/step/{i}", (2, 3))
        add("gradient_estimation_step", label, f"gamma {gamma:g}: {comment}", levels | noises | {"x_t": x_t, "alpha_t": 1.0})
        before = levels | {"sigma_u": single(sigma * (1.25, 2.0, 1.5, 4.0)[i % 4])}
        add("gradient_estimation_weight", label, f"unequal steps: {comment}", before)
        # Gamma below 1 or well above it: the two parts of the defect never cancel.
        add("gradient_estimation_defect", label, comment, before | {"extrapolation": (1.0, 0.5, 0.75, 0.25)[i % 4]})
        bound = {"relative_error": single((0.05, 0.1, 0.25, 0.5, 0.9)[i % 5])}
        ratio, n = (1.5, 2.0, 1.0625, 8.0)[i % 4], (10, 1, 50, 5, 2, 100)[i % 6]
        label = f"error-{bound['relative_error']:.3g}-ratio-{ratio:g}-n-{n}"
        comment = f"{n} steps, distances within a factor {ratio:g} of the noise"
        add("distance_step_size_max", label, comment, bound | {"distance_ratio": ratio, "n": n})
    for fall, comment in _RUNS:
        for n in (1, 2, 4, 6, 8):
            run = np.array([single(4 * fall**k) for k in range(n + 1)])
            for error in (0.1, 0.3):
                given = {"sigmas": run, "relative_error": single(error)}
                for name in ("distance_drift_max", "distance_drift_min"):
                    add(name, f"kept-{fall:g}-n-{n}-error-{error:g}", f"{n} steps, {comment}, error {error:g}", given)
    return found
