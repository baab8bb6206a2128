"""Denoising-diffusion-pytorch's classes, built on a case's tables and driven through their own loops.

Its t is our t_index. Its loops draw their start and their noise, clip x_0 to [-1, 1] and draw progress bars; here they get the
start and the noise of the case, and neither clip nor draw bars: clipping is part of no formula.
"""

import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from unittest import mock

import torch
from torch import Tensor

from refdiff.adapters.placeholders import placeholders

try:
    # Its package loads data sets, averaging of weights and launchers, none of which is asked for here.
    with placeholders("torchvision", "ema_pytorch", "accelerate", "pytorch_fid"):
        for _module in ("classifier_free_guidance", "guided_diffusion", "simple_diffusion"):
            importlib.import_module(f"denoising_diffusion_pytorch.{_module}")
    from denoising_diffusion_pytorch import classifier_free_guidance as conditional
    from denoising_diffusion_pytorch import continuous_time_gaussian_diffusion as continuous
    from denoising_diffusion_pytorch import denoising_diffusion_pytorch as discrete
    from denoising_diffusion_pytorch import elucidated_diffusion as elucidated
    from denoising_diffusion_pytorch import guided_diffusion as guided
    from denoising_diffusion_pytorch import learned_gaussian_diffusion as learned
    from denoising_diffusion_pytorch import simple_diffusion as simple
    from denoising_diffusion_pytorch import v_param_continuous_time_gaussian_diffusion as v_continuous
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "denoising_diffusion_pytorch":
        raise
    raise ImportError("denoising_diffusion_pytorch is not installed; pip install denoising-diffusion-pytorch") from error

__all__ = [
    "Model",
    "Network",
    "Tables",
    "conditional",
    "continuous",
    "discrete",
    "driven",
    "elucidated",
    "guided",
    "learned",
    "simple",
    "times_of",
    "v_continuous",
]

Model = Callable[[Tensor, int], Tensor]


class Network(torch.nn.Module):
    """What the classes ask of a network, and this answer wherever it is called."""

    def __init__(self, answer: Callable[..., Any] | None, outputs: int = 1, continuous_time: bool = False) -> None:
        super().__init__()
        self.answer = answer
        self.channels, self.out_dim = 1, outputs
        self.self_condition = False
        self.random_or_learned_sinusoidal_cond = continuous_time
        self.place = torch.nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor, t: Tensor, *_conditions: Any) -> Any:
        return None if self.answer is None else self.answer(x, t)


@contextmanager
def _wide(float64: bool) -> Iterator[None]:
    """Inside, what the library asks for in float32, or leaves to torch's default, is float64."""
    if not float64:
        yield
        return
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        with mock.patch.object(torch, "float32", torch.float64):
            yield
    finally:
        torch.set_default_dtype(before)


@dataclass(frozen=True)
class Tables:
    """How the classes are built.

    Attributes:
        float64: the library makes its tables in float64 and keeps them in float32; True keeps them as they were made, so that
            what is left of a deviation is the formula's and not the tables'.
    """

    float64: bool = False

    def wide(self) -> Any:
        return _wide(self.float64)

    def diffusion(
        self, betas: Tensor, objective: str, model: Callable[..., Any], kind: Any = discrete.GaussianDiffusion, **options: Any
    ) -> Any:
        """A discrete diffusion with these step variances; the model is asked with our t."""
        module = {conditional.GaussianDiffusion: conditional}.get(kind, discrete)
        outputs = 2 if kind is learned.LearnedGaussianDiffusion else 1
        if module is discrete:
            options |= {"auto_normalize": False}
        with self.wide(), mock.patch.object(module, "linear_beta_schedule", return_value=betas.double()):
            return kind(
                Network(lambda x, t: model(x, int(t.reshape(-1)[0]) + 1), outputs),
                image_size=1,
                timesteps=len(betas),
                beta_schedule="linear",
                objective=objective,
                **options,
            )


def times_of(t: int | Tensor, batch: int) -> Tensor:
    """A batch of the library's times."""
    return (torch.as_tensor(t).reshape(-1) - 1).expand(batch)


def _same(value: Any, *_given: Any, **_named: Any) -> Any:
    return value


@contextmanager
def driven(module: ModuleType, draws: Sequence[Tensor], times: Sequence[int] | None = None) -> Iterator[None]:
    """Inside, the module's loops draw these tensors in turn, clip nothing, and step through these times if any, down to data.

    Args:
        module: the module whose loop runs.
        draws: the start, where the loop draws it, and the noise of each step.
        times: falling times as we count them, without 0; None leaves a loop its own.
    """
    left = iter(draws)
    grid = None if times is None else torch.tensor([-1.0, *(float(t) - 1 for t in reversed(times))])
    with ExitStack() as stack:
        for place, name in ((torch, "clamp"), (Tensor, "clamp"), (Tensor, "clamp_")):
            stack.enter_context(mock.patch.object(place, name, _same))
        for name in ("randn", "randn_like"):
            stack.enter_context(mock.patch.object(torch, name, side_effect=left))
        if grid is not None:
            stack.enter_context(mock.patch.object(torch, "linspace", return_value=grid))
        stack.enter_context(mock.patch.object(module, "tqdm", _same))
        stack.enter_context(mock.patch.object(module, "unnormalize_to_zero_to_one", _same))
        yield
