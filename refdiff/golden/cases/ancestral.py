"""Cases of samplers that go too far and add noise back."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, single, state
from refdiff.golden.cases.runs import runs

__all__ = ["cases"]

# sigma_t, sigma_s, eta, what the step hunts.
_STEPS = (
    (4.0, 2.0, 1.0, "half of the noise: down is a quarter, sigma_s**2/sigma_t"),
    (4.0, 2.0, 0.0, "deterministic: no noise back, down is sigma_s"),
    (4.0, 2.0, 0.5, "half of the posterior's noise: eta scales it before the root is taken of what is left"),
    (1.0, 0.5, 1.0, "from unit noise: squares and roots of sigma_t agree"),
    (1.0, 0.75, 1.0, "from unit noise, a short step"),
    (14.6146, 13.0, 1.0, "Stable Diffusion's first step"),
    (14.6146, 9.5, 0.75, "Stable Diffusion, less noise than the posterior's"),
    (80.0, 57.6, 1.0, "EDM's first step"),
    (80.0, 10.0, 1.0, "a long first step: down is far below s"),
    (3.0, 1.25, 0.25, "little fresh noise"),
    (3.0, 2.75, 1.0, "s near t: the difference of the squares loses digits"),
    (2.0, 1.75, 0.5, "s near t, half of the noise"),
    (0.5, 0.25, 1.0, "little noise: squares are smaller than scales"),
    (0.5, 0.125, 0.75, "little noise, a long step"),
    (0.0625, 0.03125, 1.0, "near the data"),
    (0.3, 0.1, 1.0, "near the data, no power of two in sight"),
    (1.5, 0.7, 0.9, "middle, no power of two in sight"),
    (6.0, 1.0, 0.6, "to unit noise, no power of two in sight"),
    (10.0, 9.0, 0.1, "barely stochastic"),
    (2.5, 1.25, 0.875, "halved, most of the noise"),
    (2.0, 1.75, 1.5, "eta beyond 1 that is not yet capped"),
    (5.0, 4.5, 1.25, "eta beyond 1, s near t"),
)
# The same where nothing is left below s.
_ENDS = (
    (4.0, 0.0, 1.0, "the last step: no noise at s, none added"),
    (0.0292, 0.0, 0.5, "Stable Diffusion's last step"),
    (4.0, 1.0, 2.0, "eta so large that all the noise at s is fresh"),
    (2.0, 0.5, 8.0, "eta far beyond the cap"),
)
# sigma_t, sigma_s, eta on the straight path; the same hunts.
_FLOWS = (
    (1.0, 0.75, 1.0, "from pure noise: no signal at t"),
    (1.0, 0.9375, 0.5, "from pure noise, a short step"),
    (1.0, 0.25, 1.0, "from pure noise, a long step"),
    (0.96875, 0.75, 1.0, "little signal at t"),
    (0.96875, 0.875, 0.25, "little signal, little fresh noise"),
    (0.75, 0.5, 1.0, "down is a third: s squared over t"),
    (0.75, 0.5, 0.5, "half of the way too far"),
    (0.75, 0.5, 0.0, "deterministic: no noise back, no rescaling"),
    (0.5, 0.25, 1.0, "equal signal and noise at t: the scales agree"),
    (0.5, 0.25, 0.75, "equal signal and noise at t, less noise back"),
    (0.5, 0.4375, 1.0, "s near t"),
    (0.25, 0.125, 1.0, "mostly signal"),
    (0.25, 0.03125, 0.5, "mostly signal, a long step"),
    (0.875, 0.625, 0.9, "no power of two in eta"),
    (0.625, 0.5, 1.0, "to equal signal and noise at s"),
    (0.9375, 0.5, 0.3, "long, little noise back"),
    (0.8125, 0.6875, 0.6, "middle"),
    (0.6875, 0.3125, 1.0, "middle, long"),
    (0.375, 0.25, 0.125, "barely stochastic"),
    (0.5, 0.0, 1.0, "the last step: no noise at s, none added"),
    (0.0625, 0.0, 0.5, "the last step from little noise"),
)
# Levels at t, r and s as (alpha, sigma): constant alphas, the straight path, and others.
_THREES: tuple[tuple[Any, ...], ...] = (
    ((1, 4.0), (1, 1.0), (1, 2.0), "constant signal: variances add, scales do not"),
    ((1, 80.0), (1, 2.0), (1, 57.6), "constant signal, EDM's first step, far too far"),
    ((1, 2.0), (1, 1.5), (1, 1.75), "constant signal, barely too far"),
    ((1, 0.5), (1, 0.0), (1, 0.25), "constant signal, r at the data: all noise is fresh"),
    ((1, 3.0), (1, 0.3), (1, 1.25), "constant signal, no power of two in sight"),
    ((1, 0.0625), (1, 0.0), (1, 0.0), "constant signal, the last step"),
    ((0.25, 0.75), (0.625, 0.375), (0.5, 0.5), "straight path, middle"),
    ((0.0, 1.0), (0.5, 0.5), (0.25, 0.75), "straight path from pure noise"),
    ((0.03125, 0.96875), (0.75, 0.25), (0.25, 0.75), "straight path, far too far"),
    ((0.5, 0.5), (0.9375, 0.0625), (0.75, 0.25), "straight path, mostly signal"),
    ((0.125, 0.875), (1.0, 0.0), (0.375, 0.625), "straight path, r at the data"),
    ((0.75, 0.25), (1.0, 0.0), (1.0, 0.0), "straight path, the last step"),
    ((0.1, 0.995), (0.8, 0.6), (0.5, 0.866), "variance about preserved, long"),
    ((0.05, 0.99875), (0.3, 0.954), (0.2, 0.98), "variance about preserved, noisy end"),
    ((0.7, 0.714), (0.99, 0.141), (0.9, 0.436), "variance about preserved, clean end"),
    ((0.6, 0.8), (1.0, 0.0), (0.8, 0.6), "variance about preserved, r at the data"),
    ((0.004, 1.0), (0.5, 0.866), (0.06, 0.998), "variance about preserved, from nearly no signal"),
    ((0.5, 1.5), (1.25, 0.5), (0.75, 1.0), "signal above 1 at r: a scale is divided by"),
    ((2.0, 3.0), (0.5, 0.25), (4.0, 3.0), "signal that grows and shrinks"),
    ((0.25, 0.5), (2.0, 0.75), (0.5, 0.625), "signal and noise of no process in use"),
    ((0.75, 1.25), (0.5, 0.25), (0.25, 0.375), "signal that falls towards s"),
)
# Log signal powers at r, s and t.
_POWERS = (
    (-0.25, -0.5, -1.5, "middle: three unequal levels"),
    (0.0, -0.5, -1.5, "r at the data, as at gamma = 1: all noise is fresh"),
    (-0.375, -0.5, -2.0, "barely too far"),
    (-0.125, -1.0, -3.0, "far too far"),
    (-1.0, -2.0, -4.0, "noisy"),
    (-3.0, -4.5, -6.0, "noisier"),
    (-2.0, -5.0, -9.0, "from nearly no signal"),
    (0.0, -3.0, -9.0, "from nearly no signal, r at the data"),
    (-0.0625, -0.125, -0.25, "clean end"),
    (-0.015625, -0.03125, -0.0625, "little noise"),
    (-0.001, -0.01, -0.1, "hardly any noise below"),
    (0.0, -0.01, -0.1, "hardly any noise, r at the data"),
    (0.0, 0.0, -0.1, "the last step from little noise"),
    (0.0, 0.0, -2.5, "all in one step"),
    (-0.7, -0.8, -0.9, "a short step, no power of two in sight"),
    (-0.2, -1.9, -2.1, "s near t, r far below"),
    (-1.3, -1.4, -5.5, "r near s, t far above"),
    (-0.3, -0.6, -0.7, "short, half of the way back"),
    (-5.0, -6.0, -12.0, "almost no signal anywhere"),
    (-0.05, -0.4, -4.7, "Stable Diffusion's range"),
    (-0.9, -1.7, -3.3, "no power of two in sight"),
)


def _array_pairs(levels: Any) -> dict[str, np.ndarray]:
    alphas, sigmas = zip(*levels, strict=True)
    return {
        "alphas": np.array([single(alpha) for alpha in alphas]),
        "sigmas": np.array([single(sigma) for sigma in sigmas]),
    }


def _states(key: str, *names: str) -> dict[str, Any]:
    shapes = {"x_0s": (2, 2, 3)}
    return {name: state(f"ancestral/{key}/{name}", shapes.get(name, (2, 3)), reach=24) for name in names}


def _steps() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(formula, label, comment, given) of everything but whole runs."""
    for i, (sigma_t, sigma_s, eta, comment) in enumerate((*_STEPS, *_ENDS)):
        given = {"alpha_t": 1.0, "alpha_s": 1.0, "sigma_t": single(sigma_t), "sigma_s": single(sigma_s), "eta": single(eta)}
        label = f"sigma-{sigma_t:g}-to-{sigma_s:g}-eta-{eta:g}"
        levels = {name: value for name, value in given.items() if not name.startswith("alpha")}
        for name in ("ancestral_sigma_up", "ancestral_sigma_down"):
            yield name, label, comment, levels
        yield "euler_ancestral_step", label, comment, given | _states(f"euler/{i}", "x_t", "x_0", "z")
        if (sigma_t, sigma_s, eta, comment) in _STEPS:
            for name in ("dpm2_ancestral_step", "dpmpp_2s_ancestral_step"):
                yield name, label, comment, given | _states(f"{name}/{i}", "x_t", "x_0s", "z")
    for i, (sigma_t, sigma_s, eta, comment) in enumerate(_FLOWS):
        given = {"alpha_t": 1 - sigma_t, "alpha_s": 1 - sigma_s, "sigma_t": sigma_t, "sigma_s": sigma_s, "eta": single(eta)}
        label = f"time-{sigma_t:g}-to-{sigma_s:g}-eta-{eta:g}"
        yield "euler_ancestral_flow_step", label, comment, given | _states(f"flow/{i}", "x_t", "x_0", "z")
    for i, (*three, told) in enumerate(_THREES):
        label = "-".join(f"{name}-{alpha:g}-{sigma:g}" for name, (alpha, sigma) in zip("trs", three, strict=True))
        yield "renoised_step", label, told, _array_pairs(three) | _states(f"renoised/{i}", "x_t", "x_0", "z")
    for i, (r, s, t, comment) in enumerate(_POWERS):
        powers = {"log_alpha_bar_r": single(r), "log_alpha_bar_s": single(s), "log_alpha_bar_t": single(t)}
        yield "tcd_step", f"log-powers-{-r:g}-{-s:g}-{-t:g}", comment, powers | _states(f"tcd/{i}", "x_t", "x_0", "z")
    yield from _lcm()


def _lcm() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    told = {1: "the boundary: time 0 by the code's count", 2: "one above the boundary", 20: "the least time of 50 steps"}
    for t in (1, 2, 20, 260, 500, 980, 1000):
        for scaling, data in ((10.0, 0.5), (10.0, 1.0), (0.5, 0.5), (0.0625, 2.0)):
            given = {"t": t, "timestep_scaling": scaling, "sigma_data": data}
            for name in ("lcm_c_skip", "lcm_c_out"):
                comment = f"{told.get(t, 'far from the boundary')}; scaling {scaling:g}, sigma_data {data:g}"
                yield name, f"t-{t}-scaling-{scaling:g}-data-{data:g}", comment, given
    pairs = [levels[2] for levels in _THREES] + [levels[0] for levels in _THREES[:12]]
    for i, (alpha, sigma) in enumerate(dict.fromkeys(pairs)):
        given = {"alpha_s": single(alpha), "sigma_s": single(sigma)} | _states(f"lcm/{i}", "x_0", "z")
        comment = "the last step: no noise is added" if sigma == 0 else f"noise {sigma:g} beside signal {alpha:g}"
        yield "lcm_step", f"alpha-{alpha:g}-sigma-{sigma:g}", comment, given


_ETAS = (
    (1.0, "the posterior's noise"),
    (0.5, "half of the noise"),
    (0.0, "no noise"),
    (0.75, "most of the noise"),
    (4.0, "eta beyond the cap: all noise is fresh"),
)
# S_churn, S_min, S_max, S_noise, what the options hunt.
_CHURNS = (
    (1.0, 0.15625, 7.0, 1.0, "churn below the cap, within bounds"),
    (40.0, 0.0, 128.0, 1.0, "churn cut off at sqrt(2) - 1, everywhere"),
    (2.0, 0.0, 128.0, 1.0078125, "churn below the cap, noise inflated"),
    (1.5, 0.375, 2.25, 0.9375, "churn in the middle alone, noise deflated"),
    (0.0, 0.0, 128.0, 1.0, "no churn: Heun's method"),
)
_GAMMAS = ((0.5, "half of the way back"), (0.25, "a quarter of the way back"), (1.0, "all the way back"), (0.75, "far back"))


def _noise(key: str, given: dict[str, Any], count: int) -> dict[str, Any]:
    return {"z": state(f"{key}/z", (count, *given["x_T"].shape), reach=24)}


def _consistent_levels(given: dict[str, Any]) -> bool:
    """Whether the last level is the data, and no other is the least one, where a consistency function is the identity."""
    if "betas" in given:
        return 1 not in given["timesteps"]
    return bool(given["times" if "times" in given else "sigmas"][-1] == 0)


def _runs() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(formula, label, comment, given) of whole runs."""
    for name in ("euler_ancestral_path", "dpm2_ancestral_path", "dpmpp_2s_ancestral_path"):
        for i, (label, comment, given) in enumerate(runs(f"ancestral/{name}", ("sigmas",))):
            eta, told = _ETAS[(i + i // 10) % 5]
            noise = _noise(f"ancestral/{name}/{i}", given, len(given["sigmas"]) - 1)
            yield name, f"{label}-eta-{eta:g}", f"{comment}; {told}", given | noise | {"eta": eta}
    for i, (label, comment, given) in enumerate(runs("ancestral/flow", ("times",), ("dirac", "gaussian", "mixture"))):
        eta, told = _ETAS[(i + i // 3) % 4]
        noise = _noise(f"ancestral/flow/{i}", given, len(given["times"]) - 1)
        yield "euler_ancestral_flow_path", f"{label}-eta-{eta:g}", f"{comment}; {told}", given | noise | {"eta": eta}
    for i, (label, comment, given) in enumerate(runs("ancestral/churn", ("sigmas",))):
        *options, told = _CHURNS[(i + i // 10) % 5]
        names = ("S_churn", "S_min", "S_max", "S_noise")
        known = given | _noise(f"ancestral/churn/{i}", given, len(given["sigmas"]) - 1) | dict(zip(names, options, strict=True))
        yield "edm_stochastic_path", f"{label}-churn-{options[0]:g}-noise-{options[3]:g}", f"{comment}; {told}", known
    yield from _restarts()
    yield from _consistent()


def _restarts() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for i, (label, comment, given) in enumerate(runs("ancestral/restart", ("sigmas",))):
        sigmas = given["sigmas"]
        index = max(1, (len(sigmas) - 1) * (1 + i % 3) // 3)
        low, count = sigmas[index] or 0.0625, 1 + i % 3
        stretch = np.array([[8.0, 3.0, 1.5], [4.0, 2.0], [2.5]][(i + i // 10) % 3]) * low
        known = {"restart_sigmas": stretch.astype(np.float32).astype(np.float64), "restart_index": index, "restarts": count}
        told = f"{count} restart{'s' * (count > 1)} at level {index} over {len(stretch)} step{'s' * (len(stretch) > 1)}"
        noise = _noise(f"ancestral/restart/{i}", given, count)
        yield "restart_path", f"{label}-restarts-{count}-at-{index}", f"{comment}; {told}", given | noise | known


def _consistent() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Runs of consistency functions, whose part the mean of x_0 takes."""
    for kind, most in (("sigmas", 20), ("betas", 14), ("times", 9)):
        for i, (label, comment, given) in enumerate(runs(f"ancestral/lcm/{kind}", (kind,))):
            if i < most and _consistent_levels(given):
                count = len(given["timesteps"]) if kind == "betas" else len(given[kind]) - 1
                yield "lcm_path", label, comment, given | _noise(f"ancestral/lcm/{kind}/{i}", given, count)
    for i, (label, comment, given) in enumerate(runs("ancestral/tcd", ("betas",))):
        gamma, told = _GAMMAS[(i + i // 7) % 4]
        # Released code's times, counted from 0: floor((1 - gamma)*s); the last step goes to the data. From its time 0 it goes no
        # further down, and a root of rounding would be left of the noise: there we go to the data, for which gamma has no name.
        times = given["timesteps"].tolist()[1:]
        down = [1 + int((1 - gamma) * (s - 1)) if s > 1 else 0 for s in times] + [0]
        known = {"timesteps_down": np.array(down)} | ({} if 1 in times else {"tcd_gamma": gamma})
        noise = _noise(f"ancestral/tcd/{i}", given, len(down))
        yield "tcd_path", f"{label}-gamma-{gamma:g}", f"{comment}; {told}", given | noise | known
    for i, (label, comment, given) in enumerate(runs("ancestral/consistency", ("sigmas",))):
        levels, least = given["sigmas"].copy(), single(0.002) if i % 2 else 0.015625
        levels[-1] = levels[-1] or least
        known = given | {"sigmas": levels, "sigma_min": float(levels[-1])}
        told = f"{comment}; data noised by {levels[-1]:.3g}"
        yield "consistency_path", label, told, known | _noise(f"ancestral/consistency/{i}", given, len(levels) - 1)


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}
    for name, label, comment, given in (*_steps(), *_runs()):
        found.setdefault(name, []).append(Case(labelled("ancestral", name, label), comment, given))
    return found
