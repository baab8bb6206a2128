"""Cases of the exact denoisers."""

from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, covariance, labelled, single, state, times

__all__ = ["cases"]


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("denoiser", name, label), comment, given))

    for i, (label, comment, given) in enumerate(times()):
        data = {"mean": state(f"denoiser/mean/{i}", (3,)), "variance": state(f"denoiser/variance/{i}", (3,)) ** 2}
        add("denoiser_gaussian", label, comment, given | data | {"x_t": state(f"denoiser/x_t/{i}", (2, 3))})
        size = 2 if i % 2 else 3
        spread = {
            "mean": state(f"denoiser/correlated/mean/{i}", (size,)),
            "covariance": covariance(f"denoiser/covariance/{i}", size),
        }
        correlated = given | spread | {"x_t": state(f"denoiser/correlated/x_t/{i}", (2, size))}
        add("denoiser_correlated_gaussian", label, f"{comment}; correlated entries", correlated)
        points = state(f"denoiser/points/{i}", (5, 3))
        add("denoiser_dirac", label, comment, given | {"points": points, "x_t": state(f"denoiser/dirac/x_t/{i}", (2, 3))})
    points = state("denoiser/points/hard", (5, 3), 1 / 32)
    pair = np.array([[1.0, 0.375, -0.25], [-1.0, -0.375, 0.25], [0.5, 2.0, 1.0]])
    hard = (
        ("sigma-0.001", "sigma_t = 1e-3 among points as near as that", points / 2**10, points[:2] / 2**10, 1.0, 0.001),
        ("decided", "sigma_t = 1e-3, points 1 apart: exp underflows for all but one", points, points[:2] + 1 / 16, 1.0, 0.001),
        ("between", "exactly between two points, not in the middle of all", points, (points[:2] + points[1:3]) / 2, 1.0, 0.5),
        ("tie-far", "500 away, equally far from two of three points", pair, np.array([[192.0, -256.0, 384.0]]), 0.8, 16.0),
        ("far", "states 1e6 away, sigma_t = 1e3", points, state("denoiser/x_t/far", (2, 3), 2.0**15), 0.9, 1000.0),
    )
    for label, comment, known, x_t, alpha_t, sigma_t in hard:
        given = {"points": known, "x_t": x_t, "alpha_t": single(alpha_t), "sigma_t": single(sigma_t)}
        add("denoiser_dirac", label, comment, given)
    return found
