"""Schedulers that are driven by a list of noise levels: their tables set to a case's levels, and their runs.

`set_timesteps` takes no levels, so a scheduler's own `sigmas` are replaced by the case's, in the dtype asked for: the library
keeps them in float32, which would hide whether a formula is right behind a rounded table. Its times become labels of the
levels. Every solver scales with the state, so levels of another scale than the scheduler's are brought to its own and back.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple
from unittest import mock

import torch
from diffusers.utils import logging
from torch import Tensor

__all__ = [
    "EPSILON", "FLOW", "NOISE_ALONE", "SAMPLE", "STRAIGHT", "VARIANCE", "Denoiser", "Levels", "Predicts", "Scale", "V", "drawn",
    "quiet", "refused",
]  # fmt: skip

Denoiser = Callable[[Tensor, Any, Any], Tensor]


class Scale(NamedTuple):
    """How a scheduler scales its states: `size(alpha, sigma)` is what it divides a state by, `flow` its option for it."""

    size: Callable[[Tensor, Tensor], Tensor]
    table: Callable[[Tensor, Tensor], Tensor]
    flow: bool = False


# What its table holds beside each size: sigma/alpha, or the straight path's time.
VARIANCE = Scale(torch.hypot, lambda alpha, sigma: sigma / alpha)
STRAIGHT = Scale(torch.add, lambda alpha, sigma: sigma / (alpha + sigma), flow=True)
NOISE_ALONE = Scale(lambda alpha, _: alpha, lambda alpha, sigma: sigma / alpha)


class Predicts(NamedTuple):
    """What a network predicts: diffusers' name for it, and how it follows from (x_t, x_0, alpha_t, sigma_t)."""

    name: str
    output: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


def _eps(x_t: Tensor, x_0: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
    return (x_t - alpha * x_0) / sigma


def _v(x_t: Tensor, x_0: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
    # In the scale where variance is preserved, which is what networks that predict v are trained in.
    size = torch.hypot(alpha, sigma)
    return (alpha * _eps(x_t, x_0, alpha, sigma) - sigma * x_0) / size


EPSILON = Predicts("epsilon", _eps)
SAMPLE = Predicts("sample", lambda _x, x_0, _alpha, _sigma: x_0)
V = Predicts("v_prediction", _v)
FLOW = Predicts("flow_prediction", lambda x_t, x_0, alpha, sigma: _eps(x_t, x_0, alpha, sigma) - x_0)


def refused(predicts: Predicts, *known: Predicts) -> None:
    """Says so where a scheduler does not know what the network predicts.

    Raises:
        NotImplementedError: where none of the known ones is it.
    """
    if predicts not in known:
        raise NotImplementedError(f"this scheduler has no prediction_type {predicts.name}")


@contextmanager
def quiet() -> Iterator[None]:
    """Without the library's warnings: of options that it will drop one day, and of times that no training saw."""
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        logging.set_verbosity(level)


@contextmanager
def drawn(module: Any, z: Tensor) -> Iterator[None]:
    """The module's draw of noise replaced: its `step` has no argument for it."""
    with mock.patch.object(module, "randn_tensor", return_value=z):
        yield


@dataclass(frozen=True)
class Levels:
    """Levels of a run in a scheduler's own scale.

    Attributes:
        scale: the scheduler's.
        alphas, sigmas: the case's.
    """

    scale: Scale
    alphas: Tensor
    sigmas: Tensor

    @property
    def sizes(self) -> Tensor:
        return self.scale.size(self.alphas, self.sigmas)

    @property
    def table(self) -> Tensor:
        return self.scale.table(self.alphas, self.sigmas).cpu()

    def into(self, scheduler: Any, index: int = 0) -> Any:
        """The scheduler with this table, standing at the level of this index."""
        scheduler.sigmas = self.table
        scheduler.timesteps = torch.arange(len(self.sigmas) - 1, 0, -1).double()
        scheduler.num_inference_steps = len(self.sigmas) - 1
        scheduler._step_index = index
        return scheduler

    def output(self, predicts: Predicts, model: Denoiser, x: Tensor, i: int) -> Tensor:
        """What a network puts out for a state in the scheduler's scale."""
        size = self.sizes[i]
        x_0 = model(x * size, self.alphas[i], self.sigmas[i])
        return predicts.output(x, x_0, self.alphas[i] / size, self.sigmas[i] / size)

    def run(
        self,
        scheduler: Any,
        predicts: Predicts,
        model: Denoiser,
        x_T: Tensor,
        moved: Callable[[Tensor, int, Tensor], Tensor] | None = None,
    ) -> Tensor:
        """All states of a run; `moved` makes the next state of (output, index, state), `step` unless given."""

        def step(output: Tensor, i: int, x: Tensor) -> Tensor:
            state: Tensor = scheduler.step(output, scheduler.timesteps[i], x).prev_sample
            return state

        move = moved or step
        states = [x_T / self.sizes[0]]
        for i in range(len(self.sigmas) - 1):
            states.append(move(self.output(predicts, model, states[-1], i), i, states[-1]))
        return self.back(states)

    def back(self, states: Sequence[Tensor]) -> Tensor:
        """States at the levels in the case's own scale."""
        return torch.stack([x * size for x, size in zip(states, self.sizes, strict=True)])
