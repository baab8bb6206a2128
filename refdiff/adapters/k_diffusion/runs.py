"""K-diffusion's samplers, driven through their arguments: models, noise, callbacks.

They count noise where the signal keeps its scale. Levels of another process are handed over as k-diffusion's own wrappers of
such models do: the state over its signal scale, the noise scale over the signal scale.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from unittest import mock

import torch
from torch import Tensor

from refdiff.adapters.placeholders import placeholders

try:
    with placeholders("PIL", "accelerate", "cleanfid", "clip", "dctorch", "jsonmerge", "skimage", "torchvision"):
        import k_diffusion  # type: ignore[import-untyped,import-not-found,unused-ignore]
except ModuleNotFoundError as error:
    raise ImportError(f"k-diffusion needs {error.name}; pip install --no-deps -r libraries.txt") from error

__all__ = ["Model", "drawn", "external", "layers", "noises_by_level", "noises_in_turn", "replayed", "run", "sampling", "step"]

external, layers, sampling = k_diffusion.external, k_diffusion.layers, k_diffusion.sampling
Model = Callable[[Tensor, Any, Any], Tensor]
Sampler = Callable[..., Tensor]


def run(sampler: Sampler, model: Model, x_T: Tensor, alphas: Tensor, sigmas: Tensor, **options: Any) -> Tensor:
    """All states of a sampler's run."""
    levels, states = sigmas / alphas, []

    def denoised(x: Tensor, sigma: Tensor, **_: Any) -> Tensor:
        return model(x, 1.0, sigma)

    # A callback is told every state before its step; what it is told after churn is a state of a raised level.
    last = sampler(denoised, x_T / alphas[0], levels, disable=True, callback=lambda at: states.append(at["x"]), **options)
    return torch.stack([*states, last]) * alphas.reshape(-1, *[1] * x_T.ndim)


def replayed(x_0s: Iterable[Tensor]) -> Callable[..., Tensor]:
    """A model that gives these estimates in turn, whatever it is asked."""
    answers: Iterator[Tensor] = iter(x_0s)
    return lambda *_, **__: next(answers)


def step(sampler: Sampler, model: Callable[..., Tensor], x_t: Tensor, alphas: Tensor, sigmas: Tensor, **options: Any) -> Tensor:
    """The last step of a run whose earlier ones only fill the sampler's memory: x_t is put in before it."""
    start, levels = x_t / alphas[-2], sigmas / alphas

    def put(at: dict[str, Any]) -> None:
        if at["i"] == len(levels) - 2:
            at["x"].copy_(start)

    moved: Tensor = sampler(model, start.clone(), levels, disable=True, callback=put, **options)
    return moved * alphas[-1]


def noises_in_turn(z: Tensor) -> Callable[..., Tensor]:
    """Each draw's own noise, for samplers that draw in every step, or twice in every step."""
    noises = iter(z)
    return lambda *_: next(noises)


def noises_by_level(z: Tensor, sigmas: Tensor) -> Callable[..., Tensor]:
    """Each step's own noise, also where a step before it asked for none."""
    return lambda sigma, _: z[int((sigmas - sigma).abs().argmin())]


def drawn(noises: Tensor) -> Any:
    """Context in which churn draws these noises: it has no argument for them."""
    given: Iterator[Tensor] = iter(noises)
    return mock.patch.object(torch, "randn_like", side_effect=lambda *_, **__: next(given))
