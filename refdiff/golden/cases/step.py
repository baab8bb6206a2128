"""Cases of the sampling steps."""

from typing import Any

from refdiff.golden.cases.inputs import Case, labelled, pairs, state

__all__ = ["cases"]

_SHAPES = ((2, 3), (1, 1), (3, 1, 2), (4, 2), (2, 2, 2))
_KINDS = ("eps", "x_0", "v")
_ETAS = (0.0, 1.0, 0.5, 0.25)


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("step", name, label), comment, given))

    for i, (label, comment, given) in enumerate(pairs()):
        shape, eta = _SHAPES[i % 5], _ETAS[i % 4]
        add("ddim_noise_scale", f"{label}/eta-{eta or 0.75:g}", comment, given | {"eta": eta or 0.75})
        for turn in range(2):
            kind = "x_0" if given["betas"][given["t"] - 1] == 1 else _KINDS[(i + turn) % 3]
            if turn and kind == "x_0" and given["betas"][given["t"] - 1] == 1:
                continue
            key = f"step/{i}/{turn}"
            states = {"x_t": state(f"{key}/x_t", shape), kind: state(f"{key}/{kind}", shape), "z": state(f"{key}/z", shape)}
            if turn == 0:
                add("ddpm_step", f"{label}/{kind}", comment, given | states)
                # At s = 0 Algorithm 2 adds no noise whatever the variance, so z is 0 there.
                quiet = states | ({"z": 0 * states["z"]} if given["s"] == 0 else {})
                add("ddpm_step_large", f"{label}/{kind}", comment, given | quiet)
            eta = _ETAS[(i + turn) % 4]
            if label.startswith("zero-snr-1000") and given["t"] == 1000 and eta == 1:
                eta = 0.5  # The printed radicand is exactly 0 there: rounding it to nan is no mistake in the formula.
            add("ddim_step", f"{label}/{kind}-eta-{eta:g}", comment, given | states | {"eta": eta})
    far = {name: state(f"step/far/{name}", (2, 3), unit=4.0) for name in ("x_t", "x_0")}
    given = next(given for label, _, given in pairs() if label == "linear-1000/s-480-t-500")
    comment = "states far outside the data range: hidden clipping shows"
    z = {"z": state("step/far/z", (2, 3))}
    add("ddpm_step", "far/linear-1000/s-480-t-500/x_0", comment, given | far | z)
    add("ddim_step", "far/linear-1000/s-480-t-500/x_0-eta-0.5", comment, given | far | z | {"eta": 0.5})
    return found
