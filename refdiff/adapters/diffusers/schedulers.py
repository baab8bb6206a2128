"""Diffusers' DDPMScheduler and DDIMScheduler, built and driven through their public methods.

Their times are our t_index: one less than ours, and -1 for data.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from unittest import mock

import torch
from torch import Tensor

try:
    from diffusers.schedulers import scheduling_ddpm
    from diffusers.schedulers.scheduling_ddim import DDIMScheduler
    from diffusers.schedulers.scheduling_ddpm import DDPMScheduler
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "diffusers":
        raise
    raise ImportError("diffusers is not installed; pip install 'refdiff[diffusers]'") from error

__all__ = ["DDPMScheduler", "Model", "Schedulers", "Variance", "ddim_move", "ddpm_move", "run"]

Model = Callable[[Tensor, int], Tensor]
Move = Callable[[Tensor, int, Tensor, Tensor], Tensor]


class Variance(NamedTuple):
    """A variance type of DDPMScheduler, and what the network puts out for it where it is learned."""

    kind: str
    predicted: float | None = None

    def beside(self, output: Tensor) -> Tensor:
        """What a network puts out: its prediction, and beside it the variance where that is learned."""
        return output if self.predicted is None else torch.cat([output, torch.full_like(output, self.predicted)], 1)


SMALL, LARGE = Variance("fixed_small"), Variance("fixed_large")


@dataclass(frozen=True)
class Schedulers:
    """How schedulers are built. Clipping is off: its effect is not part of any formula.

    Attributes:
        small: what makes DDPMScheduler use the posterior's variance.
        large: what makes it use the forward step's variance.
        float64_tables: diffusers keeps its tables in float32 whatever it is given; True replaces them by float64
            ones, so that what is left of a deviation is the formula's and not the tables'.
    """

    small: Variance = SMALL
    large: Variance = LARGE
    float64_tables: bool = False

    def ddpm(self, betas: Tensor, times: Sequence[int] | Tensor, predicts: str, variance: Variance) -> DDPMScheduler:
        """A DDPMScheduler set to these decreasing times; the last of them steps to data."""
        scheduler = DDPMScheduler(
            num_train_timesteps=len(betas),
            trained_betas=betas.cpu().numpy(),
            prediction_type=predicts,
            variance_type=variance.kind,
            clip_sample=False,
        )
        # They have no number for t = 0: whatever comes after the last time is data.
        scheduler.set_timesteps(timesteps=[int(t) - 1 for t in times if t > 0])
        return self._tabled(scheduler, betas)

    def ddim(
        self, betas: Tensor, predicts: str, n: int, spacing: str = "leading", offset: int = 0, to_data: bool = True
    ) -> DDIMScheduler:
        """A DDIMScheduler set to n steps; the last goes to data, or to the first step's signal power as Stable Diffusion's."""
        scheduler = DDIMScheduler(
            num_train_timesteps=len(betas),
            trained_betas=betas.cpu().numpy(),
            prediction_type=predicts,
            timestep_spacing=spacing,
            steps_offset=offset,
            set_alpha_to_one=to_data,
            clip_sample=False,
        )
        scheduler.set_timesteps(n)
        return self._tabled(scheduler, betas)

    def _tabled(self, scheduler: Any, betas: Tensor) -> Any:
        if self.float64_tables:
            scheduler.betas = betas.double()
            scheduler.alphas = 1 - scheduler.betas
            scheduler.alphas_cumprod = torch.cumprod(scheduler.alphas, 0)
            if not scheduler.config.get("set_alpha_to_one", True):
                scheduler.final_alpha_cumprod = scheduler.alphas_cumprod[0]
        return scheduler

    def ddim_strided(self, betas: Tensor, predicts: str, s: int, t: int) -> DDIMScheduler:
        """A DDIMScheduler whose step at t goes to s.

        Raises:
            NotImplementedError: when no number of steps makes that stride.
        """
        T = len(betas)
        n = T // (t - s)
        # Everything below its first entry is data to DDIMScheduler, so the stride to s = 0 may be too long.
        if s > 0 and T // n != t - s:
            raise NotImplementedError(f"DDIMScheduler strides by T // n, which is never {t - s} for T = {T}")
        return self.ddim(betas, predicts, n)

    def ddim_gridded(self, betas: Tensor, predicts: str, timesteps: Tensor) -> DDIMScheduler:
        """A DDIMScheduler whose own grid is these times.

        Raises:
            NotImplementedError: when none of its spacings makes them.
        """
        asked, n = (timesteps - 1).tolist(), len(timesteps)
        for spacing, offset in (("trailing", 0), ("linspace", 0), ("leading", asked[-1])):
            scheduler = self.ddim(betas, predicts, n, spacing, offset)
            if scheduler.timesteps.tolist() == asked:
                return scheduler
        raise NotImplementedError("DDIMScheduler takes no custom times, and none of its spacings makes these")


def ddpm_move(scheduler: DDPMScheduler, output: Tensor, t: int, x_t: Tensor, z: Tensor) -> Tensor:
    """One DDPM step from our t with this noise, which `step` has no argument for: it draws its own."""
    with mock.patch.object(scheduling_ddpm, "randn_tensor", return_value=z):
        moved: Tensor = scheduler.step(output, t - 1, x_t).prev_sample
    return moved


def ddim_move(scheduler: DDIMScheduler, output: Tensor, t: int, x_t: Tensor, z: Tensor, eta: float) -> Tensor:
    """One DDIM step from our t with this noise."""
    moved: Tensor = scheduler.step(output, t - 1, x_t, eta, variance_noise=z).prev_sample
    return moved


def run(scheduler: DDPMScheduler | DDIMScheduler, model: Model, x_T: Tensor, z: Tensor, move: Move) -> Tensor:
    """All states of a run over the scheduler's own times; `move` makes x_s of (output, t, x_t, z)."""
    states = [x_T]
    for index, noise in zip(scheduler.timesteps.tolist(), z, strict=True):
        t = index + 1
        states.append(move(model(states[-1], t), t, states[-1], noise))
    return torch.stack(states)
