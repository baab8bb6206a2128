"""Step variances as GaussianDiffusion makes and keeps them, and simple diffusion's shifts of a schedule by resolution."""

from dataclasses import dataclass

import torch
from torch import Tensor

from refdiff.adapters.denoising_diffusion_pytorch.diffusions import Network, Tables, discrete, simple

__all__ = ["Schedules"]


@dataclass(frozen=True)
class Schedules:
    """Schedules by their names in the library."""

    tables: Tables
    ARRAY = "torch"

    def _betas(self, T: int, schedule: str, **options: float) -> Tensor:
        with self.tables.wide():
            betas: Tensor = discrete.GaussianDiffusion(
                Network(None), image_size=1, timesteps=T, beta_schedule=schedule, schedule_fn_kwargs=options
            ).betas
        return betas

    def betas_linear(self, T: int, beta_start: Tensor, beta_end: Tensor) -> Tensor:
        ends = [torch.as_tensor(end / T, dtype=beta_start.dtype) for end in (0.1, 20.0)]
        if ends != [beta_start, beta_end]:
            raise NotImplementedError("its linear schedule goes from 0.1/T to 20/T")
        return self._betas(T, "linear")

    def betas_cosine(self, T: int, offset: Tensor, beta_max: Tensor) -> Tensor:
        if abs(float(beta_max) - 0.999) > 1e-7:
            raise NotImplementedError("its cosine schedule is capped at 0.999")
        return self._betas(T, "cosine", s=float(offset))

    def logsnr_shifted(self, logsnr_t: Tensor, resolution: int, resolution_base: int) -> Tensor:
        shifted: Tensor = simple.logsnr_schedule_shifted(lambda t: t, int(resolution), int(resolution_base))(logsnr_t)
        return shifted

    def logsnr_interpolated(
        self, logsnr_t: Tensor, time: Tensor, resolution: int, resolution_base: int, resolution_high: int
    ) -> Tensor:
        sides = int(resolution), int(resolution_base), int(resolution_high)
        between: Tensor = simple.logsnr_schedule_interpolated(lambda t: logsnr_t, *sides)(time)
        return between
