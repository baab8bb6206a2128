"""Guidance by classifiers and without."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from refdiff.adapters.denoising_diffusion_pytorch.diffusions import Model, Tables, conditional, driven, guided

__all__ = ["Guidance"]


def _combined(given: Tensor, without: Tensor, scale: float, rescale_share: float = 0.0) -> Any:
    """What Unet.forward_with_cond_scale makes of both estimates, without taking away the part along the conditional one."""
    network = SimpleNamespace(forward=lambda cond_drop_prob: without if cond_drop_prob else given)
    return conditional.Unet.forward_with_cond_scale(
        network, cond_scale=scale, rescaled_phi=rescale_share, remove_parallel_component=False
    )


def _first(found: Any) -> Tensor:
    guided_estimate: Tensor = found[0] if isinstance(found, tuple) else found
    return guided_estimate


@dataclass(frozen=True)
class Guidance:
    """classifier_free_guidance's GaussianDiffusion, and guided_diffusion's mean."""

    tables: Tables
    ARRAY = "torch"

    def classifier_free_guidance(self, eps_unconditional: Tensor, eps_conditional: Tensor, guidance_scale: Tensor) -> Tensor:
        return _first(_combined(eps_conditional, eps_unconditional, float(guidance_scale)))

    def rescaled_guidance(self, eps_guided: Tensor, eps_conditional: Tensor, rescale_share: Tensor) -> Tensor:
        # At twice the conditional estimate less the guided one, a scale of 2 guides to just that.
        without = 2 * eps_conditional - eps_guided
        return _first(_combined(eps_conditional, without, 2.0, float(rescale_share)))

    def classifier_guided_mean(self, mean: Tensor, variance: Tensor, classifier_score: Tensor, guidance_scale: Tensor) -> Tensor:
        moved: Tensor = guided.GaussianDiffusion.condition_mean(
            None, lambda x, t: guidance_scale * classifier_score, mean, variance, mean, None, {}
        )
        return moved

    def _run(
        self, betas: Tensor, times: list[int], answer: Callable[[Tensor, int, float], Any], scale: Tensor, x_T: Tensor, plus: bool
    ) -> list[Tensor]:
        """States of a guided DDIM run; the loop returns its last alone, the others are what the network sees."""
        seen: list[Tensor] = []
        diffusion = self.tables.diffusion(
            betas, "pred_noise", lambda x, t: None, conditional.GaussianDiffusion, ddim_sampling_eta=0.0, use_cfg_plus_plus=plus
        )

        def estimate(x: Tensor, t: Tensor, _classes: Any, cond_scale: float, rescaled_phi: float) -> Any:
            seen.append(x)
            return answer(x, int(t[0]) + 1, cond_scale)

        diffusion.model.forward_with_cond_scale = estimate
        draws = [x_T, *([torch.zeros_like(x_T)] * len(times))]
        with driven(conditional, draws, times):
            last: Tensor = diffusion.ddim_sample(None, x_T.shape, float(scale), 0.0)
        return [*seen, last]

    def cfg_pp_step(
        self,
        betas: Tensor,
        s: int,
        t: int,
        x_t: Tensor,
        eps_unconditional: Tensor,
        eps_conditional: Tensor,
        guidance_scale: Tensor,
    ) -> Tensor:
        if (betas[:t] == 1).any():
            raise NotImplementedError("its schedules never reach alpha_bar_t = 0, where the tables it predicts by are infinite")

        def answer(x: Tensor, time: int, scale: float) -> Any:
            return _combined(eps_conditional, eps_unconditional, scale)

        return self._run(betas, [t, s] if s else [t], answer, guidance_scale, x_t, True)[1]

    def guided_ddim_path(
        self,
        betas: Tensor,
        timesteps: Tensor,
        eps_model_conditional: Model,
        eps_model_unconditional: Model,
        guidance_scale: Tensor,
        x_T: Tensor,
    ) -> Tensor:
        def answer(x: Tensor, time: int, scale: float) -> Any:
            return _combined(eps_model_conditional(x, time), eps_model_unconditional(x, time), scale)

        return torch.stack(self._run(betas, timesteps.tolist(), answer, guidance_scale, x_T, False))
