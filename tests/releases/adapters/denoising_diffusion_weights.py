"""Min-SNR weights of old denoising-diffusion-pytorch, by what the network predicts."""

from torch import Tensor

from tests.releases.adapters.denoising_diffusion_release import Network, diffusion

__all__ = ["ARRAY", "min_snr_weight_eps", "min_snr_weight_v", "min_snr_weight_x_0"]

ARRAY = "torch"


def _weight(betas: Tensor, t: int, gamma: Tensor, objective: str) -> Tensor:
    built = diffusion(
        betas,
        Network(),
        objective=objective,
        beta_schedule="cosine",
        min_snr_loss_weight=True,
        min_snr_gamma=float(gamma),
    )
    return built.loss_weight[t - 1]


def min_snr_weight_eps(betas: Tensor, t: int, gamma: Tensor) -> Tensor:
    return _weight(betas, t, gamma, "pred_noise")


def min_snr_weight_v(betas: Tensor, t: int, gamma: Tensor) -> Tensor:
    return _weight(betas, t, gamma, "pred_v")


def min_snr_weight_x_0(betas: Tensor, t: int, gamma: Tensor) -> Tensor:
    return _weight(betas, t, gamma, "pred_x0")
