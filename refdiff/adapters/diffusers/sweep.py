"""Every scheduler over its options and numbers of steps: faults that need no formula to be seen.

The data are one point x_0 and the noise one e, so that a right grid and a right run are known at any number of steps: a grid
falls, has as many steps as asked for and stays on its table; the model is told the time of the level that the state is at; and
a deterministic run stays on alpha*x_0 + sigma*e and ends at its last level.
"""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

import diffusers.schedulers
import numpy as np
import torch
from torch import Tensor

from refdiff.adapters.diffusers.levels import EPSILON, FLOW, SAMPLE, Predicts, V, quiet
from refdiff.adapters.diffusers.settings import DIVIDING, SETTINGS, Setting

__all__ = ["built", "faults", "swept"]

_POINT = torch.tensor([[0.75, -0.5]], dtype=torch.float64)
_NOISE = torch.tensor([[1.5, -0.25]], dtype=torch.float64)
_PREDICTS = {one.name: one for one in (EPSILON, SAMPLE, V, FLOW)}
_FROM_NOISE = {
    "EulerDiscrete", "EulerAncestralDiscrete", "HeunDiscrete", "LMSDiscrete", "KDPM2Discrete", "KDPM2AncestralDiscrete",
}  # fmt: skip
_UNTABLED = {
    "EDMEuler", "EDMDPMSolverMultistep", "CMStochasticIterative", "FlowMatchEulerDiscrete", "FlowMatchHeunDiscrete",
    "FlowMatchLCM", "IPNDM",
}  # fmt: skip
_TWICE = {"HeunDiscrete", "KDPM2Discrete", "KDPM2AncestralDiscrete", "FlowMatchHeunDiscrete"}
_STOCHASTIC = {
    "EulerAncestralDiscrete", "KDPM2AncestralDiscrete", "SASolver", "LCM", "TCD", "UnCLIP", "CMStochasticIterative",
    "FlowMatchLCM",
}  # fmt: skip
# More steps than this they refuse by name: the steps that they were distilled on, or trained on.
_MOST = {"LCM": 50, "TCD": 50, "CMStochasticIterative": 40}
_T = 1000
# Above what float32 tables lose over a run, below what a level that is another step's does.
_NEAR = 2e-2


def _calls(setting: Setting, n: int) -> int:
    """How often a run of n steps asks the model."""
    if setting.scheduler in _TWICE:
        return 2 * n - 1
    if setting.scheduler == "PNDM":
        return n + 9 if not setting.options["skip_prk_steps"] else n + (n > 1)
    return n


def _has_noises(scheduler: Any) -> bool:
    return isinstance(getattr(scheduler, "sigmas", None), Tensor)


def _levels_of(setting: Setting, scheduler: Any, n: int) -> tuple[Any, Any]:
    """Noise levels of a grid, the last among them, and the model's time at each but the last."""
    noises, times = scheduler.sigmas.double().numpy(), scheduler.timesteps.double().numpy()
    if setting.scheduler in _TWICE:
        return np.concatenate([noises[:1], noises[1 : 2 * n : 2]]), times[::2] if "KDPM2" in setting.scheduler else times[
            [0, *range(1, 2 * n - 1, 2)]
        ]
    return noises, times


def _flow(setting: Setting) -> bool:
    return setting.scheduler.startswith("Flow") or bool(setting.options.get("use_flow_sigmas"))


def _discrete(setting: Setting) -> bool:
    """Whether the model is told a place in the table."""
    return setting.scheduler not in _UNTABLED and setting.options.get("timestep_type") != "continuous"


def _grid_faults(setting: Setting, scheduler: Any, n: int) -> Iterator[str]:
    times = scheduler.timesteps.double().numpy()
    if len(times) != _calls(setting, n):
        yield "another number of calls"
        return
    if not np.isfinite(times).all():
        yield "a time that is no number"
        return
    if _discrete(setting) and (times.min() < 0 or times.max() > _T - 1):
        yield "a time outside the table"
    if setting.options.get("timestep_spacing") in ("linspace", "trailing") and times.max() < _T - 3 and n < _T // 4:
        yield "a start that is not noise"
    if hasattr(scheduler, "index_for_timestep") and scheduler.index_for_timestep(scheduler.timesteps[0]) != 0:
        yield "a first step from another level"
    if not _has_noises(scheduler):
        return
    noises, asked = _levels_of(setting, scheduler, n)
    if not np.isfinite(noises).all():
        yield "a noise level that is no number"
    elif (np.diff(noises) > 0).any():
        yield "a noise level that rises"
    elif (np.diff(noises[:-1]) == 0).any():
        yield "a noise level twice"
    elif noises[-1] == noises[-2]:
        yield "a last step that goes nowhere"
    if _discrete(setting) and not _flow(setting):
        powers = scheduler.alphas_cumprod.double().numpy()
        rows = np.log(np.sqrt((1 - powers) / powers))
        place = np.interp(np.log(np.maximum(noises[: len(asked)], 1e-300)), rows, np.arange(_T))
        # Rounded times are within half a step, cut ones within one.
        if np.abs(place - asked).max() > 1.01:
            yield "a time of another noise level"


def _scales(setting: Setting, scheduler: Any, t: Any) -> tuple[float, float]:
    """Signal and noise scale of the level that the scheduler takes a state for, in its own scale."""
    name = setting.scheduler
    if name in DIVIDING | {"LCM", "TCD", "UnCLIP"}:
        # An inversion's model is asked, as everywhere, at the time it goes to; the state is a stride before it.
        row = int(t) - (_T // scheduler.num_inference_steps if name == "DDIMInverse" else 0)
        power = float(scheduler.alphas_cumprod[row]) if row >= 0 else 1.0
        return power**0.5, (1 - power) ** 0.5
    index = scheduler._step_index
    if name == "IPNDM":
        return float(scheduler.alphas[index]), float(scheduler.betas[index])
    noise = float(scheduler.sigmas[index])
    if name.startswith("KDPM2") and not scheduler.state_in_first_order:
        noise = float(scheduler.sigmas_interpol[index - (name == "KDPM2AncestralDiscrete")])
    return _of_noise(setting, noise)


def _of_noise(setting: Setting, noise: float) -> tuple[float, float]:
    if _flow(setting):
        return 1 - noise, noise
    if setting.scheduler in _FROM_NOISE | _UNTABLED:
        return 1.0, noise
    return 1 / (1 + noise**2) ** 0.5, noise / (1 + noise**2) ** 0.5


def _predicts(setting: Setting) -> Predicts:
    if setting.scheduler == "IPNDM":
        return V
    return FLOW if _flow(setting) else _PREDICTS[setting.options.get("prediction_type", "epsilon")]


def _output(setting: Setting, scheduler: Any, x: Tensor, alpha: float, sigma: float) -> Tensor:
    """What a network of this one point puts out, from the state's own noise where a run adds some."""
    x_0 = _POINT
    if setting.scheduler == "EDMEuler" or setting.scheduler.startswith(("EDMDPM", "CM")):
        if setting.scheduler.startswith("CM"):
            skip, out = scheduler.get_scalings_for_boundary_condition(torch.tensor(sigma, dtype=torch.float64))
        else:
            skip, out = 0.25 / (sigma**2 + 0.25), sigma * 0.5 / (sigma**2 + 0.25) ** 0.5
        told: Tensor = (x_0 - skip * x) / out
        return told
    if sigma == 0:
        return _NOISE
    state = x if setting.scheduler in _STOCHASTIC else alpha * x_0 + sigma * _NOISE
    scales = (torch.tensor(scale, dtype=torch.float64) for scale in (alpha, sigma))
    return _predicts(setting).output(state, x_0, *scales)


def _last(setting: Setting, scheduler: Any) -> tuple[float, float]:
    """Signal and noise scale where a run should end."""
    if setting.scheduler == "CMStochasticIterative" or not _has_noises(scheduler):
        return 1.0, 0.0
    return _of_noise(setting, float(scheduler.sigmas[-1]))


def _run_faults(setting: Setting, scheduler: Any) -> Iterator[str]:
    x, times = _POINT, scheduler.timesteps
    for k, t in enumerate(times):
        if hasattr(scheduler, "_init_step_index") and scheduler._step_index is None:
            scheduler._init_step_index(t)
        alpha, sigma = _scales(setting, scheduler, t)
        wanted = alpha * _POINT + sigma * _NOISE
        if k == 0:
            x = wanted
        elif setting.scheduler in DIVIDING and float((x - wanted).abs().max()) > _NEAR:
            yield "the model asked about a state of another level"
            return
        output = _output(setting, scheduler, x, alpha, sigma)
        if not torch.isfinite(output).all():
            return  # A consistency function at its own boundary, where there is nothing to tell.
        if hasattr(scheduler, "is_scale_input_called"):
            scheduler.is_scale_input_called = True
        whole = int(t) if setting.scheduler in DIVIDING | {"UnCLIP"} else t
        more = {"prev_timestep": int(times[k + 1]) if k + 1 < len(times) else -1} if setting.scheduler == "UnCLIP" else {}
        x = scheduler.step(output, whole, x, **more).prev_sample
        if not torch.isfinite(x).all():
            yield "a state that is no number"
            return
    if setting.scheduler == "DDIMInverse":
        return
    alpha, sigma = _last(setting, scheduler)
    off = float((x - alpha * _POINT - sigma * _NOISE).abs().max())
    if off > _NEAR + (8 * sigma if setting.scheduler in _STOCHASTIC else 0):
        yield "an end that is not its last level"


def built(setting: Setting) -> Any:
    """The scheduler with its options."""
    with quiet(), np.errstate(all="ignore"):
        return getattr(diffusers.schedulers, f"{setting.scheduler}Scheduler")(**setting.options)


def faults(setting: Setting, n: int, run: bool, made: Any = None) -> Iterator[str]:
    """What is wrong with a scheduler at one number of steps.

    Args:
        setting: the scheduler and its options.
        n: number of steps asked for.
        run: whether to run it too, where its grid can be made.
        made: the scheduler as built, left as it is; some make a grid of T steps of themselves, which takes long.
    """
    with quiet(), np.errstate(all="ignore"):
        scheduler = deepcopy(made or built(setting))
        torch.manual_seed(0)  # The draws of stochastic schedulers: their ends are noise-free, or held to 8 deviations.
        try:
            scheduler.set_timesteps(n)
            yield from _grid_faults(setting, scheduler, n)
            if run:
                yield from _run_faults(setting, scheduler)
        except (ArithmeticError, IndexError, ValueError, RuntimeError, AssertionError) as error:
            yield f"raises {type(error).__name__}"


def swept(counts: Iterable[int], runs: Iterable[int], settings: Iterable[Setting] = SETTINGS) -> dict[str, dict[str, list[int]]]:
    """Numbers of steps at which a fault shows, by setting and fault; none for settings without any.

    Args:
        counts: numbers of steps to make grids of.
        runs: those of them to run.
        settings: what to sweep.
    """
    run, found = set(runs), {}
    for setting in settings:
        made = built(setting)
        seen: dict[str, list[int]] = {}
        for n in (n for n in counts if n <= _MOST.get(setting.scheduler, _T)):
            for fault in faults(setting, n, n in run, made):
                seen.setdefault(fault, []).append(n)
        if seen:
            found[str(setting)] = seen
    return found
