"""Posterior tables of old denoising-diffusion-pytorch; they hold every step from t to t - 1."""

from torch import Tensor

from tests.releases.adapters.denoising_diffusion_release import Network, diffusion

__all__ = ["ARRAY", "posterior_mean_x_0_coefficient", "posterior_mean_x_t_coefficient", "posterior_variance"]

ARRAY = "torch"


def _table(name: str, betas: Tensor, s: int, t: int) -> Tensor:
    if s != t - 1:
        raise NotImplementedError("steps from t to t - 1 only")
    return getattr(diffusion(betas, Network()), name)[t - 1]


def posterior_variance(betas: Tensor, s: int, t: int) -> Tensor:
    return _table("posterior_variance", betas, s, t)


def posterior_mean_x_0_coefficient(betas: Tensor, s: int, t: int) -> Tensor:
    return _table("posterior_mean_coef1", betas, s, t)


def posterior_mean_x_t_coefficient(betas: Tensor, s: int, t: int) -> Tensor:
    return _table("posterior_mean_coef2", betas, s, t)
