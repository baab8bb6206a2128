"""Cases of solvers that forget: steps over levels of every kind, and runs on data whose denoiser is exact."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, single, state
from refdiff.golden.cases.runs import data, runs

__all__ = ["cases"]

_KINDS = ("unit", "vp", "flow", "free")
_TOLD = {
    "unit": "the signal keeps its scale",
    "vp": "variance is preserved",
    "flow": "scales sum to 1",
    "free": "neither scale nor variance kept",
}
# Noise over signal at t, the step's length in half_logsnr, what it hunts.
_LENGTHS = (
    (4.0, 0.5, "a short step"),
    (1.0, 1.0, "exp(h) is e"),
    (14.6, 0.75, "Stable Diffusion's largest noise"),
    (80.0, 2.0, "a long step from EDM's largest noise"),
    (0.5, 1.5, "little noise"),
    (2.0, 0.25, "a very short step"),
    (8.0, 3.0, "a step in which noise falls twentyfold"),
    (0.125, 0.5, "hardly any noise"),
    (1.5, 0.6931471805599453, "noise halved"),
)
# Shares of the step in half_logsnr at which the inner levels lie.
_SHARES = ((1 / 2, 2 / 3), (1 / 3, 2 / 3), (1 / 4, 3 / 4), (4 / 5, 9 / 10), (1 / 5, 3 / 5), (2 / 3, 5 / 6), (1 / 3, 1 / 2))
_COUNT = 28


def _level(kind: str, ratio: float, i: int) -> tuple[float, float]:
    if kind == "flow":
        sigma = round(ratio / (1 + ratio) * 2**16) / 2**16
        return 1 - sigma, sigma
    alpha = {"unit": 1.0, "vp": 1 / np.sqrt(1 + ratio**2), "free": (0.75, 1.25, 0.5, 2.0)[i]}[kind]
    return single(alpha), single(alpha * ratio)


def _steps(inner: int, kinds: tuple[str, ...] = _KINDS) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(label, comment, levels) of steps with so many inner levels."""
    for i in range(_COUNT):
        kind, (start, length, told), shares = kinds[i % len(kinds)], _LENGTHS[i % len(_LENGTHS)], _SHARES[i % len(_SHARES)]
        inside = shares[:inner]
        ratios = [start * np.exp(-share * length) for share in (0.0, *inside, 1.0)]
        levels = np.array([_level(kind, ratio, k) for k, ratio in enumerate(ratios)])
        label = f"{kind}-from-{start:g}-over-{length:.3g}-at-{'-'.join(f'{share:.3g}' for share in inside)}"
        yield label, f"{told}; {_TOLD[kind]}", {"alphas": levels[:, 0], "sigmas": levels[:, 1]}


# (label, comment, times): all from noise at 1 to data, but where told.
_TIMES: tuple[tuple[str, str, tuple[float, ...]], ...] = (
    ("even-4", "even times from pure noise to data", (1, 0.75, 0.5, 0.25, 0)),
    ("even-8", "eight even steps", (1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0)),
    ("shifted-4", "times shifted by 3 towards noise, as SD3's", (1, 0.9, 0.75, 0.5, 0)),
    ("bent-5", "short steps near the data", (1, 0.7, 0.45, 0.25, 0.1, 0)),
    ("one-step", "all the way in one step", (1, 0)),
    ("two-unequal", "two unequal steps", (1, 0.375, 0)),
    ("ends-with-noise", "stopped before the data", (0.9375, 0.75, 0.625, 0.375, 0.125)),
    ("starts-late", "started from a noisy image, not from noise", (0.6, 0.4, 0.3, 0.1, 0)),
    ("one-step-within-noise", "a single step that leaves noise", (0.8125, 0.5625)),
)


def _flows(key: str, laws: tuple[str, ...]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(label, comment, given) of runs along the straight path, each grid on every law."""
    for i in range(3 * len(_TIMES)):
        label, comment, times = _TIMES[i % len(_TIMES)]
        law = laws[(i + i // len(_TIMES)) % len(laws)]
        given = data(f"{key}/{i}", law) | {"times": np.array([single(time) for time in times])}
        again = f"-{i // len(_TIMES) + 1}" if i >= len(_TIMES) else ""
        yield f"{law}/{label}{again}", comment, given | {"x_T": state(f"{key}/{i}/x_T", (2, 2), reach=32)}


# What a run is given its levels by; along the straight path, the laws whose velocity is finite where the run asks for it.
_RUNS = {
    "euler_path": ("sigmas", "betas", "times"),
    "heun_path": ("sigmas",),
    "dpm2_path": ("sigmas",),
    "dpm_solver_2s_path": ("sigmas", "betas", "times"),
    "dpm_solver_3s_path": ("sigmas", "betas", "times"),
    "dpmpp_2s_path": ("sigmas", "betas", "times"),
    "dpmpp_3s_path": ("sigmas", "betas", "times"),
}
_FLOWS = {
    "flow_euler_path": ("gaussian", "dirac", "mixture"),
    "flow_midpoint_path": ("mixture", "gaussian", "dirac"),
    "flow_heun_path": ("gaussian", "mixture"),
    "flow_rk4_path": ("mixture", "gaussian"),
    "flow_three_eighths_path": ("gaussian", "mixture"),
}
# Number of inner levels, and what the step is made of.
_STEPS = {
    "dpm_solver_2s_step": (1, "epsilons", 2),
    "dpm_solver_3s_state": (1, "epsilons", 2),
    "dpm_solver_3s_step": (2, "epsilons", 3),
    "dpmpp_2s_step": (1, "x_0s", 2),
    "dpmpp_2s_heun_step": (1, "x_0s", 2),
    "dpmpp_3s_state": (1, "x_0s", 2),
    "dpmpp_3s_step": (2, "x_0s", 3),
    "dpmpp_3s_heun_step": (2, "x_0s", 3),
}


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("singlestep", name, label), comment, given))

    for name, (inner, estimates, count) in _STEPS.items():
        for i, (label, comment, levels) in enumerate(_steps(inner)):
            states = {"x_t": state(f"{name}/{i}/x_t", (2, 3)), estimates: state(f"{name}/{i}/{estimates}", (count, 2, 3))}
            add(name, label, comment, levels | states)
    for i, (label, comment, levels) in enumerate(_steps(1, ("unit",))):
        states = {"x_t": state(f"dpm2_step/{i}/x_t", (2, 3)), "x_0s": state(f"dpm2_step/{i}/x_0s", (2, 2, 3))}
        add("dpm2_step", f"{label}-{i}", comment.partition(";")[0], {"sigmas": levels["sigmas"]} | states)
    for name, kinds in _RUNS.items():
        for label, comment, given in runs(f"singlestep/{name}", kinds):
            add(name, label, comment, given)
    for name, laws in _FLOWS.items():
        for label, comment, given in _flows(f"singlestep/{name}", laws):
            add(name, label, comment, given)
    return found
