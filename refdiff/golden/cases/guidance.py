"""Cases of guidance."""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, pairs, single, state, times

__all__ = ["cases"]

Given = dict[str, Any]
COUNT = 20
_SCALES = (7.5, 1.5, 0.5, 3.0, 0.25, 4.0, 12.0, -0.5)


def _estimates(i: int, *names: str) -> Given:
    shape = ((2, 3), (3, 2), (2, 4), (2, 2, 2))[i % 4]
    return {name: state(f"guidance/{name}/{i}", shape) for name in names}


def _spread(i: int) -> Given:
    """Samples of unequal spread and unequal mean: a ratio over the batch, or norms, show."""
    given = _estimates(i, "eps_guided", "eps_conditional")
    factor = np.arange(1, len(given["eps_guided"]) + 1).reshape(-1, *(1,) * (given["eps_guided"].ndim - 1))
    given["eps_guided"] = given["eps_guided"] * factor + (i % 3) / 2
    # Population or sample standard deviation, and diffusers' order of operations, give the same ratio.
    return given | {"rescale_share": (single(0.7), 0.5, 0.25, 1.0, 0.75)[i % 5]}


def _interval(i: int) -> Given:
    """Inside, below and above, never on an end: papers and code differ there."""
    low, high = ((0.25, 2.0), (1.0, 8.0), (0.125, 0.5), (0.5, 5.0))[i % 4]
    level = ((low + high) / 2, low / 2, high * 2, low * 1.25)[(i + i // 4) % 4]
    levels = {"sigma_t": level, "interval_low": low, "interval_high": high, "guidance_scale": _SCALES[i % 8]}
    return _estimates(i, "eps_unconditional", "eps_conditional") | levels


def _variances(i: int) -> Given:
    """Conditional laws narrower and wider than the unconditional one, with scales at which there is a guided law."""
    pair = ((4.0, 1.0), (1.0, 0.25), (0.5, 0.75), (2.0, 0.125), (1.0, 1.5))[i % 5]
    scale = (1.5, 7.5, 0.5, 3.0, 2.0)[i % 5] - (i // 5) / 8
    unit = 1 + i // 5
    return {"variance_unconditional": unit * pair[0], "variance_conditional": unit * pair[1], "guidance_scale": scale}


def _means(i: int) -> Given:
    return {name: state(f"guidance/{name}/{i}", (3,)) for name in ("mean_unconditional", "mean_conditional")}


def _levels(i: int) -> Given:
    level = (i + 1) / 32 + 1 / 8
    return {"alpha_t": 1 - level, "sigma_t": level} if i % 2 else {"alpha_t": 1.0, "sigma_t": 4 * level}


_CASES: Mapping[str, tuple[str, Callable[[int], Given]]] = {
    "classifier_guided_score": (
        "sign and scale",
        lambda i: _estimates(i, "score", "classifier_score") | {"guidance_scale": _SCALES[i % 8]},
    ),
    "classifier_guided_mean": (
        "the variance, not its root",
        lambda i: (
            _estimates(i, "mean", "classifier_score")
            | {"variance": (0.25, 1 / 64, 0.5, 2.0)[i % 4], "guidance_scale": _SCALES[i % 8]}
        ),
    ),
    "classifier_free_guidance": (
        "1 is no guidance; beyond 1 it leaves the segment",
        lambda i: _estimates(i, "eps_unconditional", "eps_conditional") | {"guidance_scale": _SCALES[i % 8]},
    ),
    "classifier_free_guidance_weighted": (
        "0 is no guidance",
        lambda i: _estimates(i, "eps_unconditional", "eps_conditional") | {"guidance_weight": _SCALES[i % 8]},
    ),
    "negative_guidance": (
        "weights that add to 1; the negative away",
        lambda i: (
            _estimates(i, "eps_unconditional", "eps_conditional", "eps_negative")
            | {"guidance_scale": _SCALES[i % 8], "negative_scale": (0.5, 2.0, 1.25)[i % 3]}
        ),
    ),
    "rescaled_guidance": ("one ratio a sample, means off; not dependent on the kind of standard deviation", _spread),
    "interval_guidance": ("the conditional estimate outside, not the unconditional one", _interval),
    "autoguidance": (
        "which network is the weak one",
        lambda i: _estimates(i, "x_0_hat", "x_0_hat_weak") | {"guidance_scale": _SCALES[i % 8]},
    ),
    "guided_gaussian_variance": ("precisions, not variances, are blended", _variances),
    "guided_gaussian_mean": ("weighed by precisions", lambda i: _means(i) | _variances(i)),
    "guided_scale_bound": (
        "the guided precision's zero",
        lambda i: {name: value for name, value in _variances(i).items() if name != "guidance_scale"},
    ),
    "guided_noising_variance_gap": ("guiding noised laws is not noising the guided law", lambda i: _variances(i) | _levels(i)),
    "guided_noising_mean_gap": (
        "guiding noised laws is not noising the guided law",
        lambda i: _means(i) | _variances(i) | _levels(i),
    ),
}


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found = {
        name: [Case(labelled("guidance", name, f"v-{i + 1}"), comment, given(i)) for i in range(COUNT)]
        for name, (comment, given) in _CASES.items()
    }
    found["classifier_guided_eps"] = [
        Case(
            labelled("guidance", "classifier_guided_eps", label),
            f"sigma_t is sqrt(1 - alpha_bar_t), and the sign; {comment}",
            given | _estimates(i, "eps", "classifier_score") | {"guidance_scale": _SCALES[i % 8]},
        )
        for i, (label, comment, given) in enumerate(times())
    ]
    steps = pairs(from_data=False, to_no_signal=False)
    found["cfg_pp_step"] = [
        Case(
            labelled("guidance", "cfg_pp_step", label),
            f"which noise goes back; {comment}",
            given
            | _estimates(i, "x_t", "eps_unconditional", "eps_conditional")
            | {"guidance_scale": (0.5, 0.25, single(0.6), 0.75)[i % 4]},
        )
        for i, (label, comment, given) in enumerate(islice(steps, 24))
    ]
    return found
