"""Diffusion's stochastic differential equations in PyTorch: coefficients, drifts and sampler steps, batched.

Times, rates and scales are numbers or tensors that broadcast against the state; the noise z is always an argument. A reverse
drift is stated for dt < 0: a step towards the data takes it away.
"""

import torch
from torch import Tensor

from refdiff.production.score import corrector_step_ve, corrector_step_vp

__all__ = [
    "ancestral_step_ve",
    "ancestral_step_vp",
    "euler_maruyama_step",
    "fokker_planck_rate",
    "linear_sde_diffusion",
    "linear_sde_drift_rate",
    "linear_sde_mean_rate",
    "predictor_corrector_step_ve",
    "predictor_corrector_step_vp",
    "probability_flow_drift",
    "probability_flow_solution_gaussian",
    "reverse_diffusion_step_ve",
    "reverse_diffusion_step_vp",
    "reverse_euler_maruyama_step",
    "reverse_sde_drift",
    "same_marginals_drift",
    "subvp_diffusion",
    "subvp_sigma",
    "subvp_transition_variance",
    "ve_added_variance",
    "ve_diffusion",
    "ve_sigma",
    "ve_transition_sample",
    "vp_beta_rate",
    "vp_diffusion",
    "vp_drift_rate",
    "vp_log_alpha_bar",
]

Number = Tensor | float


def _root(x: Number) -> Tensor:
    return torch.sqrt(torch.as_tensor(x))


def vp_beta_rate(time: Tensor, beta_rate_min: Number, beta_rate_max: Number) -> Tensor:
    """beta(time), linear. Source: Song et al. 2021, arXiv:2011.13456v2, Appendix C."""
    return (1 - time) * beta_rate_min + time * beta_rate_max


def vp_log_alpha_bar(time: Tensor, beta_rate_min: Number, beta_rate_max: Number) -> Tensor:
    """Log signal power of VP and sub-VP. Source: Song et al. 2021, arXiv:2011.13456v2, Appendix C."""
    return -time * ((2 - time) * beta_rate_min + time * beta_rate_max) / 2


def vp_drift_rate(time: Tensor, beta_rate_min: Number, beta_rate_max: Number) -> Tensor:
    """f of VP and sub-VP. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (11)."""
    return vp_beta_rate(time, beta_rate_min, beta_rate_max) / -2


def vp_diffusion(time: Tensor, beta_rate_min: Number, beta_rate_max: Number) -> Tensor:
    """g of VP. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (11)."""
    return torch.sqrt(vp_beta_rate(time, beta_rate_min, beta_rate_max))


def subvp_sigma(log_alpha_bar_t: Tensor) -> Tensor:
    """Noise scale of sub-VP. Source: Song et al. 2021, arXiv:2011.13456v2, Appendix C."""
    return -torch.expm1(log_alpha_bar_t)


def subvp_diffusion(time: Tensor, beta_rate_min: Number, beta_rate_max: Number) -> Tensor:
    """g of sub-VP. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (12)."""
    kept = 2 * vp_log_alpha_bar(time, beta_rate_min, beta_rate_max)
    return torch.sqrt(vp_beta_rate(time, beta_rate_min, beta_rate_max) * -torch.expm1(kept))


def ve_sigma(time: Tensor, sigma_min: Number, sigma_max: Number) -> Tensor:
    """Noise scale of VE, geometric; sigma_min at time 0. Source: Song et al. 2021, arXiv:2011.13456v2, Appendix C."""
    return sigma_min * (sigma_max / sigma_min) ** time


def ve_diffusion(time: Tensor, sigma_min: Number, sigma_max: Number) -> Tensor:
    """g of VE. Source: Song et al. 2021, arXiv:2011.13456v2, Appendix C."""
    growth = torch.log1p(torch.as_tensor((sigma_max - sigma_min) / sigma_min))
    return ve_sigma(time, sigma_min, sigma_max) * torch.sqrt(2 * growth)


def ve_added_variance(sigma_s: Number, sigma_t: Number) -> Tensor:
    """Variance of x_t given x_s. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (8)."""
    return torch.as_tensor((sigma_t - sigma_s) * (sigma_t + sigma_s))


def ve_transition_sample(x_s: Tensor, z: Tensor, sigma_s: Number, sigma_t: Number) -> Tensor:
    """x_t drawn given x_s, exactly. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (8)."""
    return torch.addcmul(x_s, _root(ve_added_variance(sigma_s, sigma_t)), z)


def linear_sde_drift_rate(alpha_t: Number, alpha_dot_t: Number) -> Tensor:
    """f of the process with this signal scale. Source: Karras et al. 2022, arXiv:2206.00364v2, Appendix B."""
    return torch.as_tensor(alpha_dot_t / alpha_t)


def linear_sde_diffusion(alpha_t: Number, sigma_t: Number, alpha_dot_t: Number, sigma_dot_t: Number) -> Tensor:
    """g of the process with these scales. Source: Karras et al. 2022, arXiv:2206.00364v2, Appendix B."""
    return _root(2 * sigma_t * (sigma_dot_t - alpha_dot_t / alpha_t * sigma_t))


def reverse_sde_drift(x_t: Tensor, score: Tensor, drift_rate: Number, diffusion: Number) -> Tensor:
    """Drift of the reverse-time process, for dt < 0. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (6)."""
    return drift_rate * x_t - diffusion * diffusion * score


def probability_flow_drift(x_t: Tensor, score: Tensor, drift_rate: Number, diffusion: Number) -> Tensor:
    """Drift of the noiseless process. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (13)."""
    return drift_rate * x_t - diffusion * diffusion / 2 * score


def same_marginals_drift(x_t: Tensor, score: Tensor, drift_rate: Number, diffusion: Number, noise_strength: Number) -> Tensor:
    """Drift that suits noise of strength noise_strength*g, for dt < 0. Source: Zhang and Chen 2023, arXiv:2204.13902v4."""
    return drift_rate * x_t - (1 + noise_strength * noise_strength) / 2 * (diffusion * diffusion) * score


def euler_maruyama_step(x_t: Tensor, drift: Tensor, z: Tensor, diffusion: Number, step_size: Number) -> Tensor:
    """State one step later. Source: Kloeden and Platen 1992, section 9.1."""
    return x_t + drift * step_size + diffusion * _root(step_size) * z


def reverse_euler_maruyama_step(x_t: Tensor, drift: Tensor, z: Tensor, diffusion: Number, step_size: Number) -> Tensor:
    """State one step earlier. Source: Song et al. 2021, arXiv:2011.13456v2, section 4.1."""
    return x_t - drift * step_size + diffusion * _root(step_size) * z


def reverse_diffusion_step_ve(x_t: Tensor, score: Tensor, z: Tensor, sigma_s: Number, sigma_t: Number) -> Tensor:
    """Predictor of VE. Source: Song et al. 2021, arXiv:2011.13456v2, Algorithm 2."""
    added = ve_added_variance(sigma_s, sigma_t)
    return torch.addcmul(torch.addcmul(x_t, added, score), torch.sqrt(added), z)


def reverse_diffusion_step_vp(x_t: Tensor, score: Tensor, z: Tensor, beta_t: Number) -> Tensor:
    """Predictor of VP. Source: Song et al. 2021, arXiv:2011.13456v2, Algorithm 3."""
    beta = torch.as_tensor(beta_t)
    return torch.addcmul(torch.addcmul((2 - torch.sqrt(1 - beta)) * x_t, beta, score), torch.sqrt(beta), z)


def ancestral_step_ve(x_t: Tensor, score: Tensor, z: Tensor, sigma_s: Number, sigma_t: Number) -> Tensor:
    """Ancestral step of VE. Source: Song et al. 2021, arXiv:2011.13456v2, Appendix F."""
    added = ve_added_variance(sigma_s, sigma_t)
    return torch.addcmul(torch.addcmul(x_t, added, score), sigma_s / sigma_t * torch.sqrt(added), z)


def ancestral_step_vp(x_t: Tensor, score: Tensor, z: Tensor, beta_t: Number) -> Tensor:
    """Ancestral step of VP. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (4)."""
    beta = torch.as_tensor(beta_t)
    return torch.addcmul(torch.addcmul(x_t, beta, score) / torch.sqrt(1 - beta), torch.sqrt(beta), z)


def probability_flow_solution_gaussian(
    x_t: Tensor,
    mean: Tensor,
    variance: Tensor,
    alpha_t: Number,
    sigma_t: Number,
    alpha_s: Number,
    sigma_s: Number,
) -> Tensor:
    """x_s on the exact flow of Gaussian data. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (13), solved."""
    here, there = (alpha * alpha * variance + sigma * sigma for alpha, sigma in ((alpha_t, sigma_t), (alpha_s, sigma_s)))
    return torch.addcmul(alpha_s * mean, torch.sqrt(there / here), x_t - alpha_t * mean)


def fokker_planck_rate(
    drift: Tensor,
    score: Tensor,
    drift_divergence: Tensor,
    score_divergence: Tensor,
    diffusion: Number,
) -> Tensor:
    """Time derivative of the log density at fixed points. Source: Song et al. 2021, arXiv:2011.13456v2, Appendix D.1."""
    lost = drift_divergence + (drift * score).flatten(1).sum(1)
    return diffusion * diffusion * (score_divergence + score.square().flatten(1).sum(1)) / 2 - lost


def subvp_transition_variance(log_alpha_bar_s: Tensor, log_alpha_bar_t: Tensor) -> Tensor:
    """Variance of x_t given x_s in sub-VP. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (12)."""
    return torch.expm1(log_alpha_bar_t - log_alpha_bar_s) * torch.expm1(log_alpha_bar_t + log_alpha_bar_s)


def predictor_corrector_step_ve(
    x_t: Tensor, score: Tensor, score_s: Tensor, z: Tensor, corrector_snr: Number, sigma_s: Number, sigma_t: Number
) -> Tensor:
    """Reverse diffusion to s and one corrector step there; z of shape (2, B, d), score_s taken at the predictor's state.

    Source: Song et al. 2021, arXiv:2011.13456v2, Algorithm 2.
    """
    return corrector_step_ve(reverse_diffusion_step_ve(x_t, score, z[0], sigma_s, sigma_t), score_s, z[1], corrector_snr)


def predictor_corrector_step_vp(
    x_t: Tensor, score: Tensor, score_s: Tensor, z: Tensor, corrector_snr: Number, beta_s: Number, beta_t: Number
) -> Tensor:
    """The same on DDPM's chain, from t to s = t - 1. Source: Song et al. 2021, arXiv:2011.13456v2, Algorithm 3."""
    return corrector_step_vp(reverse_diffusion_step_vp(x_t, score, z[0], beta_t), score_s, z[1], corrector_snr, beta_s)


def linear_sde_mean_rate(mean: Tensor, drift_rate: Number) -> Tensor:
    """Time derivative of a linear process's mean. Source: Sarkka and Solin 2019, section 6.1."""
    return drift_rate * mean
