"""Cases of the forward process."""

from typing import Any

from refdiff.golden.cases.inputs import Case, labelled, pairs, single, state, times

__all__ = ["LEVELS", "cases"]

_SHAPES = ((2, 3), (1, 1), (3, 1, 2), (4, 2), (2, 2, 2))


# alpha_s, sigma_s, alpha_t, sigma_t.
LEVELS = (
    (1.0, 0.5, 1.0, 2.0, "alpha 1: variances are added"),
    (1.0, 0.0, 1.0, 3.0, "alpha 1, from the data: all of sigma_t"),
    (1.0, 0.03125, 1.0, 0.046875, "alpha 1, adjacent small scales"),
    (0.8, 0.6, 0.6, 0.8, "variance preserved"),
    (0.96, 0.28, 0.28, 0.96, "variance preserved, a wide stride"),
    (0.6, 0.8, 0.28, 0.96, "variance preserved, late"),
    (1.0, 0.0, 0.6, 0.8, "variance preserved, from the data"),
    (0.75, 0.25, 0.5, 0.5, "straight path, middle"),
    (0.9375, 0.0625, 0.875, 0.125, "straight path, early"),
    (0.5, 0.5, 0.125, 0.875, "straight path, late"),
    (0.25, 0.75, 0.0625, 0.9375, "straight path, next to the noise"),
    (1.0, 0.0, 0.25, 0.75, "straight path, from the data"),
    (0.875, 0.234375, 0.5, 0.75, "sub-VP: sigma is 1 - alpha**2"),
    (0.5, 0.75, 0.25, 0.9375, "sub-VP, late"),
    (0.5, 0.75, 0.4375, 0.80859375, "sub-VP, adjacent"),
    (0.5, 0.5, 1.0, 2.0, "the signal grows: EDM's scale as a process"),
    (2.0, 0.25, 0.5, 3.0, "scales above 1"),
    (4.0, 3.0, 1.0, 8.0, "large scales"),
    (0.5, 0.25, 0.5, 0.375, "the signal stays, below 1"),
    (0.125, 2.0, 0.0625, 50.0, "little signal, much noise"),
    (0.75, 1.5, 0.25, 0.625, "the noise scale falls, and still noise is added"),
)


# shift_s, shift_t, shift_noise; s is for those who take a step's variance for the whole.
SHIFTS = tuple(
    (before, after, noise)
    for noise in (2.0, 0.5)
    for before, after in (
        (0.0, 0.0009765625), (0.0009765625, 0.00390625), (0.015625, 0.0625), (0.0625, 0.25), (0.25, 0.5), (0.5, 0.75),
        (0.75, 0.9375), (0.9375, 0.984375), (0.984375, 0.998046875), (0.5, 1.0),
    )
)  # fmt: skip


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("forward", name, label), comment, given))

    for i, (label, comment, given) in enumerate(times()):
        shape = _SHAPES[i % 5]
        x_0, eps = state(f"forward/x_0/{i}", shape), state(f"forward/eps/{i}", shape)
        add("marginal_mean", label, comment, given | {"x_0": x_0})
        add("marginal_variance", label, comment, given)
        add("marginal_sample", label, comment, given | {"x_0": x_0, "eps": eps})
    far = {"x_0": state("forward/far", (2, 3), unit=4.0), "eps": state("forward/eps/far", (2, 3))}
    given = next(given for label, _, given in times() if label == "linear-1000/t-500")
    add("marginal_sample", "far/linear-1000/t-500", "x_0 far outside the data range: hidden clipping shows", given | far)
    for i, (label, comment, given) in enumerate(pairs()):
        add("transition_mean", label, comment, given | {"x_s": state(f"forward/x_s/{i}", _SHAPES[i % 5])})
        add("transition_variance", label, comment, given)
    for i, (*scales, comment) in enumerate(LEVELS):
        given = dict(zip(("alpha_s", "sigma_s", "alpha_t", "sigma_t"), map(single, scales), strict=True))
        label = f"from-{scales[0]:g}-{scales[1]:g}-to-{scales[2]:g}-{scales[3]:g}"
        add("general_transition_mean", label, comment, given | {"x_s": state(f"forward/general/{i}", _SHAPES[i % 5])})
        add("general_transition_variance", label, comment, given)
    for i, (before, after, noise) in enumerate((*SHIFTS, (0.0, 0.0, 2.0))):
        shape = _SHAPES[i % 5]
        states = {name: state(f"forward/shift/{name}/{i}", shape) for name in ("x_0", "x_degraded", "eps")}
        given = states | {"shift_s": before, "shift_t": after, "shift_noise": noise}
        comment = "a share and the root of a share; the whole variance, not a step's"
        add("residual_shift_sample", f"share-{after:g}-noise-{noise:g}", comment if after else "the data themselves", given)
    return found
