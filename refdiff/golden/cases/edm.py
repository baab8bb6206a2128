"""Cases of the EDM design space."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, single, state

__all__ = ["cases"]

# sigma_t, sigma_data, what the pair hunts.
_LEVELS = (
    (0.002, 0.5, "EDM's least noise: c_skip nearly 1, c_out nearly sigma"),
    (80.0, 0.5, "EDM's largest noise: c_skip nearly 0, c_out nearly sigma_data"),
    (0.5, 0.5, "noise equal to the data: sums for products do not show, halves and roots do"),
    (1.0, 0.5, "unit noise: squares and roots of sigma agree"),
    (1.0, 1.0, "both 1: only the shape of the formula shows"),
    (0.25, 1.0, "sigma_data 1, as k-diffusion's default: factors of sigma_data vanish"),
    (4.0, 1.0, "sigma_data 1, much noise"),
    (0.25, 0.5, "half of the data's spread"),
    (2.0, 0.5, "four times the data's spread"),
    (0.05, 0.5, "little noise"),
    (0.3, 0.5, "median noise of EDM's training, exp(-1.2)"),
    (14.6146, 0.5, "Stable Diffusion's largest sigma"),
    (0.0292, 0.5, "Stable Diffusion's least sigma"),
    (157.4, 0.5, "the end of DDPM's linear schedule"),
    (1.5, 2.0, "wide data, less noise than data"),
    (6.0, 2.0, "wide data, more noise than data"),
    (0.75, 0.25, "narrow data"),
    (10.0, 16.0, "protein coordinates: data of 16 units, as in AlphaFold 3"),
    (160.0, 16.0, "protein coordinates, much noise"),
    (0.01, 0.0625, "latents of small spread"),
    (3.0, 0.7, "no power of two in sight"),
)

# sigma_t, share of it that is left at s, what the step hunts.
_STEPS = (
    (80.0, 0.72, "EDM's first step of 18"),
    (80.0, 0.5, "much noise, halved"),
    (57.6, 0.7, "EDM's second step"),
    (2.0, 0.8, "middle"),
    (2.0, 0.0625, "a long step: Heun and Euler far apart"),
    (1.0, 0.5, "unit noise, halved"),
    (1.0, 0.75, "unit noise, a short step"),
    (0.5, 0.5, "little noise, halved"),
    (0.5, 0.0, "the last step: no noise is left, Heun falls back on Euler"),
    (0.002, 0.0, "EDM's last step"),
    (0.0292, 0.0, "Stable Diffusion's last step"),
    (10.0, 0.0, "all in one step"),
    (14.6146, 0.9, "Stable Diffusion's first step"),
    (14.6146, 0.25, "Stable Diffusion, a quarter left"),
    (0.01, 0.4, "near the data"),
    (0.25, 0.99, "s near t: the difference of the scales loses digits"),
    (4.0, 0.9375, "s near t, exact in every dtype"),
    (3.0, 0.3, "no power of two in sight"),
    (160.0, 0.6, "protein coordinates"),
    (1.0, 1.0, "no step: s is t"),
    (2.0, 1.5, "a step back towards noise, as inversion takes"),
)

_TIMES = tuple(
    k / 1024 for k in (1, 32, 50, 64, 96, 128, 192, 256, 320, 384, 512, 544, 576, 640, 704, 768, 832, 896, 960, 992, 999)
)


def _grids() -> Iterator[tuple[str, str, dict[str, Any]]]:
    kinds = (
        (0.002, 80.0, 7.0, "EDM's own grid"),
        (0.0292, 14.6146, 7.0, "Stable Diffusion's range"),
        (0.002, 80.0, 1.0, "rho 1: equal steps in sigma"),
        (0.01, 50.0, 3.0, "rho 3: equal truncation error"),
        (0.1, 10.0, 5.0, "a short range"),
        (0.5, 1.0, 2.5, "a fractional rho over one octave"),
    )
    for i, (low, high, rho, comment) in enumerate(kinds):
        for n in (2, 3, 5, 10) if i else (2, 5, 10, 18):
            told = {2: "both ends alone", 3: "one inner point", 5: "a few", 10: "ten", 18: "the paper's 18"}[n]
            label = f"{low}-{high}-rho-{rho}-n-{n}"
            yield label, f"{comment}; {told}", {"n": n, "sigma_min": single(low), "sigma_max": single(high), "rho": rho}


def _churns() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for S_churn, n, told in ((40.0, 256, "below the cap"), (80.0, 18, "cut off at sqrt(2) - 1"), (0.0, 18, "none asked for")):
        for sigma_t, S_min, S_max, where in (
            (1.0, 0.0625, 50.0, "inside"),
            (0.0625, 0.0625, 50.0, "at the lower bound, which is inside"),
            (50.0, 0.0625, 50.0, "at the upper bound, which is inside"),
            (0.03125, 0.0625, 50.0, "below the range"),
            (80.0, 0.0625, 50.0, "above the range"),
            (80.0, 0.0, 128.0, "inside a range that starts at 0"),
            (1.0, 1.0, 1.0, "a range of one point"),
        ):
            yield (
                f"churn-{S_churn:g}-n-{n}-sigma-{sigma_t:g}-from-{S_min:g}-to-{S_max:g}",
                f"{where}; {told}",
                {"sigma_t": sigma_t, "S_churn": S_churn, "S_min": S_min, "S_max": S_max, "n": n},
            )


def _training(i: int) -> dict[str, Any]:
    mean, spread = ((-1.2, 1.2), (-0.4, 1.0), (0.0, 1.0), (-1.2, 0.5), (0.75, 2.0), (-2.5, 0.25))[i % 6]
    centre = state(f"edm/logsnr/{i}", (2, 3), unit=1 / 8)
    draws = {"P_mean": single(mean), "P_std": single(spread), "z": state(f"edm/draw/{i}", (2, 3), unit=1 / 16)}
    return draws | {"logsnr_t": centre}


def _processes(i: int) -> dict[str, Any]:
    """Levels and their rates for EDM's general ODE: both signs, unequal sizes."""
    return {
        "alpha_t": single((0.9, 1.0, 0.5, 0.125, 0.75)[i % 5]),
        "alpha_dot_t": single((-0.5, 0.0, -1.0, -3.0)[i % 4]),
        "noise_level_t": _LEVELS[i][0] if _LEVELS[i][0] in (0.25, 0.5, 1.0, 2.0, 4.0) else single(_LEVELS[i][0]),
        "noise_level_dot_t": single((1.0, 2.5, 0.75, -1.5, 6.0)[i % 5]),
    }


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("edm", name, label), comment, given))

    for i, (sigma, data, comment) in enumerate(_LEVELS):
        label = f"sigma-{sigma:g}-data-{data:g}"
        level, both = {"sigma_t": single(sigma)}, {"sigma_t": single(sigma), "sigma_data": single(data)}
        unscaled = {"alpha_t": 1.0}
        states = {
            name: state(f"edm/{name}/{i}", (2, 3)) for name in ("x_t", "x_0", "network_output", "v_hat", "velocity_hat", "z")
        }
        for name in ("edm_c_skip", "edm_c_out", "edm_c_in", "edm_loss_weight"):
            add(name, label, comment, both)
        for name, extra in (("edm_denoiser", "network_output"), ("edm_target", "x_0")):
            add(name, label, comment, both | {"x_t": states["x_t"], extra: states[extra]})
        for name, extra in (("edm_denoiser_from_v", "v_hat"), ("edm_denoiser_from_flow", "velocity_hat")):
            told = f"sigma {sigma:g}: the weights of state and prediction"
            add(name, f"sigma-{sigma:g}-{i}", told, level | {"x_t": states["x_t"], extra: states[extra]})
        share = single((0.0, 0.03125, 0.15625, 0.25, float(np.sqrt(2) - 1), 0.001)[i % 6])
        told, name_of = (
            f"sigma {sigma:g} raised by {share:.3g} of it: do scales add, or variances",
            f"sigma-{sigma:g}-churn-{share:.3g}",
        )
        add("edm_churned_sigma", name_of, told, level | {"churn": share})
        add("edm_churned_state", name_of, told, level | unscaled | {
            "churn": share, "S_noise": single((1.0, 1.003, 1.007, 0.875)[i % 4]), "x_t": states["x_t"], "z": states["z"],
        })  # fmt: skip
        told = f"around {sigma:g}: the natural log, quartered"
        add(
            "edm_c_noise",
            f"around-{sigma:g}-{i}",
            told,
            {"sigma_t": np.array([single(sigma), single(sigma / 3), single(7 * sigma)])},
        )
        moving = _processes(i)
        told = f"noise level {moving['noise_level_t']:.3g}: the scale's motion beside the noise's, in all signs"
        add(
            "edm_velocity",
            f"level-{moving['noise_level_t']:.4g}-{i}",
            told,
            moving | {name: states[name] for name in ("x_t", "x_0")},
        )
        told = f"signal scale {(i + 1) / 22:.3g}: taken off once"
        add("edm_state", f"alpha-{(i + 1) / 22:.3g}", told, {"alpha_t": single((i + 1) / 22), "x_t": states["x_t"]})
        for name in ("edm_sigma", "edm_logsnr_log_density"):
            given = _training(i)
            given.pop("logsnr_t" if name == "edm_sigma" else "z")
            add(name, f"draw-{i}", f"mean {given['P_mean']:.3g}, spread {given['P_std']:.3g}: signs, bases and squares", given)
        ends = {"beta_rate_min": single((0.1, 0.25, 0.5)[i % 3]), "beta_rate_max": (20.0, 8.0, 12.0)[i % 3]}
        range_ = {"sigma_min": single((0.01, 0.02, 0.5)[i % 3]), "sigma_max": (50.0, 348.0, 2.0)[i % 3]}
        time = {"time": _TIMES[i]}
        told = f"time {_TIMES[i]:.4g}: rates and ranges that are not the defaults"
        add("edm_sigma_from_vp_time", f"time-{_TIMES[i]:g}-beta-{ends['beta_rate_max']:g}", told, time | ends)
        add("edm_sigma_from_ve_time", f"time-{_TIMES[i]:g}-to-{range_['sigma_max']:g}", told, time | range_)
        add("edm_sigma_from_flow_time", f"time-{_TIMES[i]:g}", f"time {_TIMES[i]:.4g}: 0 is data", time)
        told_back = f"sigma {sigma:g}: squares, logs and rates that are not the defaults"
        add("vp_time_from_edm_sigma", f"sigma-{sigma:g}-{i}", told_back, level | ends)
        inside = single(range_["sigma_min"] * (range_["sigma_max"] / range_["sigma_min"]) ** _TIMES[i])
        add("ve_time_from_edm_sigma", f"sigma-{inside:.4g}-to-{range_['sigma_max']:g}", told, range_ | {"sigma_t": inside})
        add("flow_time_from_edm_sigma", f"sigma-{sigma:g}-{i}", f"sigma {sigma:g}: 0 is data", level)
    for i, (sigma, share, comment) in enumerate(_STEPS):
        levels = {"alpha_t": 1.0, "sigma_t": single(sigma), "sigma_s": single(sigma * share)}
        states = {name: state(f"edm/step/{name}/{i}", (2, 3)) for name in ("x_t", "x_0", "x_0_s")}
        label = f"sigma-{sigma:g}-share-{share:g}"
        add("edm_heun_step", label, comment, levels | states)
        add("edm_euler_step", label, comment, levels | {name: states[name] for name in ("x_t", "x_0")})
    for label, comment, given in _grids():
        add("sigmas_karras", label, comment, given)
    for label, comment, given in _churns():
        add("edm_churn_gamma", label, comment, given)
    for T in (1, 2, 3, 5, 10, 16, 20):
        for offset, beta_max in ((0.008, 0.999), (0.0, 0.99), (0.25, 0.5)):
            given = {"T": T, "offset": single(offset), "beta_max": single(beta_max)}
            comment = f"{T} step{'s' * (T > 1)}, capped at {beta_max}: from which end j counts, the cap, and the offset"
            add("sigmas_iddpm", f"T-{T}-offset-{offset:g}-cap-{beta_max:g}", comment, given)
    return found
