"""The variance-preserving process of old deepinv."""

from torch import Tensor

from tests.releases.absent import bare, pretend

__all__ = ["ARRAY", "vp_diffusion"]

pretend("torchvision", "deepinv.models", "deepinv.optim", "deepinv.physics", "deepinv.sampling.noisy_datafidelity", "tqdm")
bare("deepinv", "deepinv.sampling")

from deepinv.sampling.diffusion_sde import VariancePreservingDiffusion  # noqa: E402

ARRAY = "torch"


def vp_diffusion(time: Tensor, beta_rate_min: Tensor, beta_rate_max: Tensor) -> Tensor:
    if not time:
        raise NotImplementedError("at data it multiplies a noise scale of 0 by its infinite rate")
    process = VariancePreservingDiffusion(None, float(beta_rate_min), float(beta_rate_max), dtype=time.dtype)
    return process.forward_diffusion(time)
