"""Cases of solvers that remember: steps over levels of every kind, and whole runs on data whose denoiser is exact."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, schedules, single, state
from refdiff.golden.cases.runs import LAWS, data, runs

__all__ = ["cases"]

_FLAT = (1.0,) * 5
# label, what the levels hunt, signal scales and noise scales at five levels, the oldest first.
_LEVELS: tuple[tuple[str, str, tuple[float, ...], tuple[float, ...]], ...] = (
    ("karras", "EDM's spacing", _FLAT, (8.0, 4.25, 2.0, 0.8125, 0.25)),
    ("even", "equal steps in sigma, which grow in half_logsnr", _FLAT, (3.0, 2.5, 2.0, 1.5, 1.0)),
    ("geometric", "equal steps in half_logsnr: ratios of steps do not show", _FLAT, (6.0, 3.0, 1.5, 0.75, 0.375)),
    ("growing", "steps that grow fast", _FLAT, (4.0, 3.5, 2.75, 1.5, 0.375)),
    ("shrinking", "steps that shrink fast", _FLAT, (10.0, 2.5, 1.0, 0.625, 0.5)),
    ("noisy", "much noise", _FLAT, (80.0, 57.5, 40.5, 28.0, 19.0)),
    ("clean", "little noise", _FLAT, (0.25, 0.14, 0.07, 0.03, 0.0117)),
    ("near", "short steps", _FLAT, (2.0, 1.875, 1.75, 1.5625, 1.375)),
    ("flow", "a straight path, even times", (0.03125, 0.25, 0.5, 0.75, 0.9375), (0.96875, 0.75, 0.5, 0.25, 0.0625)),
    ("flow-shifted", "a straight path, shifted times", (0.015625, 0.0625, 0.1875, 0.4375, 0.75),
     (0.984375, 0.9375, 0.8125, 0.5625, 0.25)),
    ("angles", "variance preserved, unequal angles", tuple(np.cos([1.5, 1.3, 1.0, 0.6, 0.25])),
     tuple(np.sin([1.5, 1.3, 1.0, 0.6, 0.25]))),
    ("powers", "variance preserved, signal powers of a table", tuple(np.sqrt([0.006, 0.05, 0.2, 0.5, 0.82])),
     tuple(np.sqrt([0.994, 0.95, 0.8, 0.5, 0.18]))),
    ("free", "scales of no process: each is used where it belongs", (0.5, 0.75, 0.625, 0.875, 1.25),
     (2.0, 1.25, 0.75, 0.5, 0.25)),
)  # fmt: skip
_FALLING: tuple[tuple[str, str, tuple[float, ...]], ...] = (
    ("to-data", "the last step goes to sigma = 0", (4.0, 3.0, 2.25, 1.0, 0.0)),
    ("to-data-clean", "the last step goes to sigma = 0 from little noise", (1.5, 0.9, 0.45, 0.15, 0.0)),
    ("to-data-even", "equal steps down to sigma = 0: Adams and Bashforth's own weights", (2.0, 1.5, 1.0, 0.5, 0.0)),
)


def _memories(most: int, least: int = 1) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    """(number of estimates, label, comment, levels): every set of levels with two numbers of estimates, or twice with one."""
    for i, (label, comment, alphas, sigmas) in enumerate(_LEVELS):
        for turn in range(2):
            # From the most down: the longest memories are the most likely to be wrong.
            count = most - (i + 2 * turn) % (most - least + 1)
            scales = [np.array([single(x) for x in row[4 - count :]]) for row in (alphas, sigmas)]
            told = f"{comment}; {count} estimate{'s' * (count > 1)}"
            yield count, f"{label}-{count}-v-{turn + 1}", told, {"alphas": scales[0], "sigmas": scales[1]}


def _noise_scales() -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    """The same for signal scale 1, with steps to sigma = 0."""
    rows = [(label, comment, sigmas) for label, comment, alphas, sigmas in _LEVELS if alphas == _FLAT]
    for i, (label, comment, sigmas) in enumerate([*rows, *_FALLING]):
        for turn in range(2):
            count = 4 - (i + 2 * turn) % 4
            told = f"{comment}; {count} estimate{'s' * (count > 1)}"
            yield count, f"{label}-{count}-v-{turn + 1}", told, {"sigmas": np.array([single(x) for x in sigmas[4 - count :]])}


def _states(key: str, count: int, name: str) -> dict[str, Any]:
    return {"x_t": state(f"{key}/x_t", (2, 3)), name: state(f"{key}/{name}", (count, 2, 3), reach=32)}


def _steps() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(formula, label, comment, given) of every step."""
    for count, label, comment, levels in _noise_scales():
        key = f"multistep/lms/{label}"
        yield "lms_step", label, comment, levels | _states(key, count, "epsilons")
    for i in range(24):
        count = 4 - i % 4
        told = f"{count} estimate{'s' * (count > 1)}: weights, their signs and their order"
        given = {"epsilons": state(f"multistep/equal/{i}", (count, 2, 3), reach=32)}
        yield "adams_bashforth_eps", f"{count}-estimates-v-{i // 4 + 1}", told, given
    fixed = {"dpm_solver_2m_step": 2, "dpm_solver_2m_heun_step": 2, "dpm_solver_3m_step": 3}
    fixed |= {"dpmpp_2m_step": 2, "dpmpp_2m_heun_step": 2, "dpmpp_3m_step": 3, "dpmpp_3m_released_step": 3}
    for name, count in fixed.items():
        for _, label, comment, levels in _memories(count, count):
            of = "x_0s" if name.startswith("dpmpp") else "epsilons"
            yield name, label, comment, levels | _states(f"multistep/{name}/{label}", count, of)
    for name, most in {"deis_step": 3, "exponential_multistep_step": 4, "unip_step_bh1": 3, "unip_step_bh2": 3}.items():
        for count, label, comment, levels in _memories(most):
            of = "epsilons" if name == "deis_step" else "x_0s"
            yield name, label, comment, levels | _states(f"multistep/{name}/{label}", count, of)
    for name in ("unic_step_bh1", "unic_step_bh2"):
        for count, label, comment, levels in _memories(3):
            told = f"{comment} and the one at s"
            yield name, label, told, levels | _states(f"multistep/{name}/{label}", count + 1, "x_0s")


# Steps of PNDM's run: the middles of the first three beside the ends.
_HALVED: tuple[tuple[str, str, str, tuple[float, ...]], ...] = (
    ("sigmas", "even-5", "equal steps in sigma, where the method is of fourth order", (5, 4.5, 4, 3.5, 3, 2.5, 2, 1, 0)),
    ("sigmas", "even-6-ends-with-noise", "equal steps in sigma, within noise", (3.5, 3.25, 3, 2.75, 2.5, 2.25, 2, 1.5, 1, 0.5)),
    ("sigmas", "karras-4", "EDM's spacing, unequal steps", (8, 6.5, 5.25, 4.25, 3.25, 2.5, 1.875, 0)),
    ("sigmas", "falling-7", "steps that shrink", (12, 9, 7, 5.5, 4.25, 3.25, 2.5, 1.5, 0.75, 0.25, 0)),
    ("betas", "linear-10", "a short table, strides of two and then of one", (10, 9, 8, 7, 6, 5, 4, 3, 2, 1)),
    ("betas", "linear-1000", "five steps of 200 from the end of the table", (1000, 900, 800, 700, 600, 500, 400, 200)),
    ("betas", "scaled-linear-1000", "Stable Diffusion's schedule in steps of 125",
     (1000, 938, 875, 813, 750, 688, 625, 500, 375, 250, 125)),
    ("betas", "cosine-50", "T not a multiple of n", (49, 46, 42, 39, 35, 32, 28, 21, 14, 7)),
    ("times", "flow-5", "a straight path in even times", (0.9375, 0.84375, 0.75, 0.65625, 0.5625, 0.46875, 0.375, 0.1875, 0.0)),
    ("times", "flow-4-ends-with-noise", "a straight path stopped before data",
     (0.9375, 0.84375, 0.75, 0.65625, 0.5625, 0.46875, 0.375, 0.1875)),
)  # fmt: skip


def _halved() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """PNDM's runs: every kind of levels on two laws."""
    for i, (kind, label, comment, levels) in enumerate([*_HALVED, *_HALVED]):
        law = LAWS[(i + i // len(_HALVED)) % len(LAWS)]
        key = f"multistep/pndm_path/{i}"
        known = data(key, law)
        given = (
            {"betas": schedules()[label], "timesteps": np.array(levels)} if kind == "betas" else {kind: np.array(levels) * 1.0}
        )
        size = 8 if law == "correlated" else 2
        start = state(f"{key}/x_T", (1 if size > 2 else 2, size), unit=0.25 if kind == "sigmas" else 1 / 16, reach=32)
        yield f"{law}/{label}-{i // len(_HALVED) + 1}", comment, given | known | {"x_T": start}


def _to_data(given: dict[str, Any]) -> bool:
    return "betas" in given or 0 in (given.get("sigmas", [1])[-1], given.get("times", [1])[-1])


def _options(name: str, i: int, given: dict[str, Any]) -> dict[str, Any]:
    """What else a run asks for. Released DEIS and UniPC reach data at falling orders alone: there the order is at most 2."""
    if name.startswith(("deis", "unipc")):
        return {"order": 1 + i % 2 if _to_data(given) else 3 - i % 2}
    if name in ("lms_path", "exponential_multistep_path"):
        return {"order": 4 - i % 4}
    return {"extrapolation": (2.0, 1.5, 1.25, 3.0)[i % 4]} if name == "gradient_estimation_path" else {}


def _runs(name: str, kinds: tuple[str, ...]) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """(label, comment, given, options): every run, and those that end with noise once more where they ask for other options."""
    for i, (label, comment, given) in enumerate(runs(f"multistep/{name}", kinds)):
        # What a single step of PLMS is, released code does not agree on.
        if name != "plms_path" or "one-step" not in label:
            yield label, comment, given, _options(name, i, given)
    if name != "plms_path" and not _options(name, 0, {}):
        return
    for i, (label, comment, given) in enumerate(runs(f"multistep/{name}/more", kinds)):
        if not _to_data(given) and "one-step" not in label and i < 20:
            yield f"more/{label}", comment, given, _options(name, i + 1, given)


def _paths() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(formula, label, comment, given) of every run."""
    for label, comment, given in _halved():
        yield "pndm_path", label, comment, given
    flat = {"lms_path", "gradient_estimation_path"}
    names = {"ipndm_path", "plms_path", "dpm_solver_2m_path", "dpm_solver_3m_path", "deis_path", "dpmpp_2m_path"}
    names |= {"dpmpp_2m_heun_path", "dpmpp_3m_path", "exponential_multistep_path", "unipc_bh1_path", "unipc_bh2_path"}
    for name in sorted(flat | names):
        kinds = ("sigmas",) if name in flat else ("sigmas", "betas", "times")
        for label, comment, given, options in _runs(name, kinds):
            told = "".join(f"; {key} {value:g}" for key, value in options.items())
            short = "".join(f"-{key}-{value:g}" for key, value in options.items())
            yield name, f"{label}{short}", f"{comment}{told}", given | options


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}
    for name, label, comment, given in (*_steps(), *_paths()):
        found.setdefault(name, []).append(Case(labelled("multistep", name, label), comment, given))
    return found
