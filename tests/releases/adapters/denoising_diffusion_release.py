"""GaussianDiffusion of old denoising-diffusion-pytorch, built on a case's own betas; its times are our t_index."""

import inspect
from typing import Any
from unittest import mock

from torch import Tensor, nn

from tests.releases.absent import bare, pretend

__all__ = ["Network", "diffusion", "library"]

pretend("torchvision", "PIL", "accelerate", "ema_pytorch", "pytorch_fid")
bare("denoising_diffusion_pytorch")

from denoising_diffusion_pytorch import denoising_diffusion_pytorch as library  # noqa: E402


class Network(nn.Module):
    """What the diffusion asks of its network, which puts out the same whatever it is given."""

    channels = out_dim = 1
    self_condition = random_or_learned_sinusoidal_cond = learned_sinusoidal_cond = False

    def __init__(self, output: Tensor | None = None) -> None:
        super().__init__()
        self.output = output

    def forward(self, *_: Any) -> Tensor | None:
        return self.output


def diffusion(betas: Tensor, network: Network, **options: Any) -> Any:
    """A GaussianDiffusion on these betas, in float64 like its own; options that a release does not know are left out."""
    known = inspect.signature(library.GaussianDiffusion.__init__).parameters
    options = {name: value for name, value in options.items() if name in known}
    with mock.patch.object(library, "cosine_beta_schedule", return_value=betas.double()):
        return library.GaussianDiffusion(network, image_size=1, timesteps=len(betas), **options)
