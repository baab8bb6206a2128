"""Cases of the DDIM family, its inversion, and its bond with rectified flow."""

from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, pairs, single, state

__all__ = ["cases"]

# Not 1: honest code that subtracts the fresh variance then takes the root of a rounding error.
_SHARES = (0.0, 0.5, 0.875, 0.25, 0.75, 0.9375, 0.125)

# alpha_t, sigma_t, alpha_s, sigma_s, what the pair hunts.
_SCALES = (
    (0.6, 0.8, 0.8, 0.6, "variance preserved: scales sum to 1.4 at both ends"),
    (0.28, 0.96, 0.96, 0.28, "variance preserved, a long step"),
    (0.28, 0.96, 0.6, 0.8, "variance preserved, from much noise"),
    (0.8, 0.6, 0.96, 0.28, "variance preserved, to little noise"),
    (0.8, 0.6, 1.0, 0.0, "variance preserved, down to the data"),
    (0.0625, 0.998, 0.28, 0.96, "variance preserved, almost no signal"),
    (0.6, 0.8, 0.61, 0.7924, "variance preserved, s near t"),
    (1.0, 0.5, 1.0, 0.25, "signal scale 1: EDM and k-diffusion"),
    (1.0, 8.0, 1.0, 2.0, "signal scale 1, much noise"),
    (1.0, 80.0, 1.0, 57.5, "signal scale 1, EDM's first step"),
    (1.0, 2.0, 1.0, 0.0, "signal scale 1, down to the data"),
    (1.0, 1.0, 1.0, 0.5, "all scales 1 at t: a scale left out does not show"),
    (0.25, 0.75, 0.5, 0.5, "rectified flow's own scales: they sum to 1, and nothing is missed"),
    (0.125, 0.875, 0.75, 0.25, "rectified flow, a long step"),
    (0.5, 0.5, 1.0, 0.0, "rectified flow, down to the data"),
    (0.03125, 0.96875, 0.0625, 0.9375, "rectified flow, near the noise"),
    (0.5, 0.75, 0.8, 0.36, "sub-VP: sigma is 1 less the signal power"),
    (0.3, 0.2, 0.7, 0.1, "scales that sum to less than 1"),
    (3.0, 4.0, 5.0, 2.0, "scales above 1"),
    (0.7, 0.3, 0.9, 2.0, "more noise at s than at t"),
    (0.8, 0.6, 0.6, 0.8, "towards noise, as inversion steps"),
)

_LOG_SNRS = (-8.0, -6.0, -5.0, -4.0, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.25, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)
_GAPS = (1.0, 0.5, 2.0, 0.125, 4.0)

_RUNS = (
    ("one step of a VP process", (0.28, 0.8), (0.96, 0.6)),
    ("two VP steps", (0.28, 0.6, 0.96), (0.96, 0.8, 0.28)),
    ("three VP steps down to the data", (0.28, 0.6, 0.8, 1.0), (0.96, 0.8, 0.6, 0.0)),
    ("EDM: four steps at signal scale 1", (1.0, 1.0, 1.0, 1.0, 1.0), (80.0, 20.0, 4.0, 0.5, 0.0)),
    ("rectified flow: four equal steps from pure noise", (0.0, 0.25, 0.5, 0.75, 1.0), (1.0, 0.75, 0.5, 0.25, 0.0)),
    ("rectified flow: eight equal steps", tuple(k / 8 for k in range(9)), tuple(1 - k / 8 for k in range(9))),
    ("no two levels of like scales", (0.1, 0.3, 0.4, 0.9), (3.0, 1.7, 0.9, 0.2)),
)


def _run(data: float, alphas: tuple[float, ...], sigmas: tuple[float, ...]) -> dict[str, Any]:
    levels = {"alphas": np.array([single(x) for x in alphas]), "sigmas": np.array([single(x) for x in sigmas])}
    return {"variance": data} | levels


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("ddim", name, label), comment, given))

    for i, (label, comment, given) in enumerate(pairs(to_no_signal=False)):
        share = _SHARES[i % len(_SHARES)]
        states = {name: state(f"ddim/{name}/{i}", (2, 3)) for name in ("x_0", "x_t", "x_s")}
        told = f"{comment}; share {share:g} of the largest noise"
        chosen = given | {"noise_share": share}
        add("ddim_conditional_mean", label, told, chosen | {name: states[name] for name in ("x_0", "x_t")})
        if given["s"] == 0:
            continue
        add("ddim_eta_max", label, comment, given)
        add("ddim_inversion_step", label, comment, given | {name: states[name] for name in ("x_0", "x_s")})
        if share == 0:
            told, chosen = f"{comment}; little fresh noise", given | {"noise_share": 0.03125}
        for name in ("ddim_conditional_variance", "ddim_stochastic_gap"):
            add(name, label, told, chosen)
    for i, logsnr in enumerate(_LOG_SNRS):
        gap = _GAPS[i % len(_GAPS)]
        given = {"logsnr_t": logsnr, "logsnr_s": logsnr + gap, "x_t": state(f"ddim/logsnr/x_t/{i}", (2, 3))}
        label, comment = (
            f"from-{logsnr:g}-to-{logsnr + gap:g}",
            f"{gap:g} nats of log SNR: half of it is the step, and signs show",
        )
        add("ddim_step_exponential", label, comment, given | {"x_0": state(f"ddim/logsnr/x_0/{i}", (2, 3))})
        add("ddim_step_exponential_eps", label, comment, given | {"eps": state(f"ddim/logsnr/eps/{i}", (2, 3))})
    for i, (alpha_t, sigma_t, alpha_s, sigma_s, comment) in enumerate(_SCALES):
        at_t = {"alpha_t": single(alpha_t), "sigma_t": single(sigma_t)}
        given = {"alpha_s": single(alpha_s), "sigma_s": single(sigma_s)} | at_t
        label = f"from-{alpha_t:g}-{sigma_t:g}-to-{alpha_s:g}-{sigma_s:g}"
        states = {name: state(f"ddim/scales/{name}/{i}", (2, 3), unit=1 / 8, reach=20) for name in ("x_t", "eps")}
        # Odd multiples beside even ones: no velocity is exactly 0.
        states["x_0"] = state(f"ddim/scales/x_0/{i}", (2, 3)) + 1 / 32
        add("rectified_time", label, comment, at_t)
        add("rectified_state", label, comment, at_t | {"x_t": states["x_t"]})
        add("rectified_velocity", label, comment, at_t | {"x_t": states["x_t"], "x_0": states["x_0"]})
        add("rectified_step", label, comment, given | {"x_t": states["x_t"], "x_0": states["x_0"]})
        add("ddim_step_scaled", label, comment, given | {"x_t": states["x_t"], "eps": states["eps"]})
        add("unscaled_rectified_gap", label, comment, given | {"x_0": states["x_0"], "eps": states["eps"]})
        data = {"variance": np.array([0.25, 1.0, 3.0]) * (1 + i % 3)}
        for name in ("ddim_gain", "probability_flow_gain", "reflow_gain_gap"):
            add(name, label, comment, given | data)
    for i, (comment, alphas, sigmas) in enumerate(_RUNS):
        for spread in (0.25, 1.0, 3.0):
            for name in ("ddim_chain_gain", "ddim_chain_variance"):
                add(name, f"run-{i}-variance-{spread:g}", f"{comment}; data of variance {spread:g}", _run(spread, alphas, sigmas))
    return found
