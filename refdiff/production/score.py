"""Score matching losses and Langevin dynamics in PyTorch."""

import torch
from torch import Tensor

__all__ = [
    "annealed_langevin_step_size",
    "corrector_step_size",
    "corrector_step_size_vp",
    "corrector_step_ve",
    "corrector_step_vp",
    "denoising_score_matching_loss",
    "explicit_score_matching_loss",
    "implicit_score_matching_loss",
    "langevin_step",
    "ncsn_sigmas",
    "posterior_covariance_from_denoiser_jacobian",
    "posterior_covariance_from_score_jacobian",
    "sliced_score_matching_loss",
    "sliced_score_matching_loss_reduced",
]

Number = Tensor | float


def _summed(x: Tensor) -> Tensor:
    return x.flatten(1).sum(dim=1)


def _like(scale: Number, x: Tensor) -> Tensor:
    """A scale in x's dtype, broadcast against its batch: a number, shape (B,), or a shape that broadcasts already."""
    scale = torch.as_tensor(scale, dtype=x.dtype, device=x.device)
    return scale.reshape(-1, *[1] * (x.ndim - 1)) if scale.ndim == 1 and x.ndim > 1 else scale


def explicit_score_matching_loss(score_hat: Tensor, score: Tensor) -> Tensor:
    """Half the squared distance of two scores, shape (B,).

    Source: Hyvarinen 2005, Journal of Machine Learning Research 6, Eq. (2).
    """
    return _summed((score_hat - score).square()) / 2


def denoising_score_matching_loss(score_hat: Tensor, eps: Tensor, sigma_t: Number) -> Tensor:
    """Half the squared distance to -eps/sigma_t with the weight sigma_t**2, shape (B,); sigma_t a number or shape (B,).

    Source: Song and Ermon 2019, arXiv:1907.05600v3, Eqs. (5) and (6).
    """
    return _summed((_like(sigma_t, score_hat) * score_hat + eps).square()) / 2


def implicit_score_matching_loss(score_hat: Tensor, divergence: Tensor) -> Tensor:
    """Divergence plus half the squared norm, shape (B,).

    Source: Hyvarinen 2005, Journal of Machine Learning Research 6, Eq. (4).
    """
    return divergence + _summed(score_hat.square()) / 2


def sliced_score_matching_loss(score_hat: Tensor, probe: Tensor, directional_derivative: Tensor) -> Tensor:
    """Implicit score matching along the probe, shape (B,).

    Source: Song et al. 2019, arXiv:1905.07088v2, section 3.2.
    """
    return _summed(probe * directional_derivative) + _summed(probe * score_hat).square() / 2


def sliced_score_matching_loss_reduced(score_hat: Tensor, probe: Tensor, directional_derivative: Tensor) -> Tensor:
    """The same with the squared norm taken whole, shape (B,).

    Source: Song et al. 2019, arXiv:1905.07088v2, section 3.2, SSM-VR.
    """
    return _summed(probe * directional_derivative) + _summed(score_hat.square()) / 2


def posterior_covariance_from_score_jacobian(jacobian: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Covariance of x_0 given x_t from the Hessian of the log density, shape (B, d, d).

    Source: Meng et al. 2021, arXiv:2111.04726v1, section 3.
    """
    alpha, sigma = _like(alpha_t, jacobian), _like(sigma_t, jacobian)
    unit = torch.eye(jacobian.shape[1], dtype=jacobian.dtype, device=jacobian.device)
    return (sigma / alpha).square() * (unit + sigma.square() * jacobian)


def posterior_covariance_from_denoiser_jacobian(jacobian: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Covariance of x_0 given x_t from the derivative of its mean, shape (B, d, d).

    Source: Manor and Michaeli 2024, arXiv:2309.13598v2, section 3, Theorem 2.
    """
    return _like(sigma_t, jacobian).square() / _like(alpha_t, jacobian) * jacobian


def ncsn_sigmas(n: int, sigma_min: Number, sigma_max: Number) -> Tensor:
    """Geometric noise scales from the largest down, shape (n,), both ends exact.

    Source: Song and Ermon 2019, arXiv:1907.05600v3, section 4.2.
    """
    least, largest = torch.as_tensor(sigma_min), torch.as_tensor(sigma_max)
    kind = torch.float64 if isinstance(sigma_min, float) else least.dtype
    least, largest = least.double(), largest.double()
    shares = torch.arange(int(n), dtype=torch.float64, device=least.device) / (int(n) - 1)
    scales = largest * torch.exp(shares * torch.log(least / largest))
    scales[0], scales[-1] = largest, least
    return scales.to(kind)


def annealed_langevin_step_size(sigma_t: Number, sigma_min: Number, step_size: Number) -> Number:
    """Step of annealed Langevin dynamics at one noise scale.

    Source: Song and Ermon 2019, arXiv:1907.05600v3, Algorithm 1.
    """
    ratio = sigma_t / sigma_min
    return step_size * (ratio * ratio)


def langevin_step(x_t: Tensor, score: Tensor, z: Tensor, step_size: Number) -> Tensor:
    """x_t + step_size/2*score + sqrt(step_size)*z; step_size a number or shape (B,).

    Source: Song and Ermon 2019, arXiv:1907.05600v3, Eq. (4).
    """
    step = _like(step_size, x_t)
    return x_t + step / 2 * score + step.sqrt() * z


def corrector_step_size(score: Tensor, z: Tensor, corrector_snr: Number) -> Tensor:
    """Step e of x + e*score + sqrt(2*e)*z whose drift is corrector_snr times its noise, shape (B,); langevin_step takes 2*e.

    Source: Song et al. 2021, arXiv:2011.13456v2, appendix G, Algorithm 4, with the norms of each sample.
    """
    ratio = torch.as_tensor(corrector_snr, dtype=score.dtype, device=score.device)
    return 2 * ratio.square() * (_summed(z.square()) / _summed(score.square()))


def corrector_step_size_vp(score: Tensor, z: Tensor, corrector_snr: Number, beta_t: Number) -> Tensor:
    """The same for the variance-preserving chain, shape (B,): less by what a step of it keeps of the power.

    Source: Song et al. 2021, arXiv:2011.13456v2, appendix G, Algorithm 5, with the norms of each sample.
    """
    return (1 - beta_t) * corrector_step_size(score, z, corrector_snr)


def corrector_step_ve(x_t: Tensor, score: Tensor, z: Tensor, corrector_snr: Number) -> Tensor:
    """State after a corrector step. Source: Song et al. 2021, arXiv:2011.13456v2, appendix G, Algorithm 4."""
    return langevin_step(x_t, score, z, 2 * corrector_step_size(score, z, corrector_snr))


def corrector_step_vp(x_t: Tensor, score: Tensor, z: Tensor, corrector_snr: Number, beta_t: Number) -> Tensor:
    """State after a corrector step. Source: Song et al. 2021, arXiv:2011.13456v2, appendix G, Algorithm 5."""
    return langevin_step(x_t, score, z, 2 * corrector_step_size_vp(score, z, corrector_snr, beta_t))
