"""Guidance as a sampler uses it, for batches; a scale is a number, or one for each sample shaped to broadcast.

guidance_scale w means unconditional + w*(conditional - unconditional): 1 is none. The same functions guide x_0, v and velocities.
"""

import torch
from torch import Tensor

__all__ = [
    "autoguidance", "cfg_pp_step", "classifier_free_guidance", "classifier_free_guidance_weighted",
    "classifier_guided_eps", "classifier_guided_mean", "classifier_guided_score", "guided_gaussian_mean",
    "guided_gaussian_variance", "guided_noising_mean_gap", "guided_noising_variance_gap", "guided_scale_bound",
    "interval_guidance", "negative_guidance", "rescaled_guidance",
]  # fmt: skip

Number = Tensor | float


def classifier_guided_score(score: Tensor, classifier_score: Tensor, guidance_scale: Number) -> Tensor:
    """Score guided by a classifier. Source: Dhariwal and Nichol 2021, arXiv:2105.05233v4, section 4.2."""
    return score + guidance_scale * classifier_score


def classifier_guided_mean(mean: Tensor, variance: Number, classifier_score: Tensor, guidance_scale: Number) -> Tensor:
    """Mean of a guided denoising step. Source: Dhariwal and Nichol 2021, arXiv:2105.05233v4, Algorithm 1."""
    return mean + guidance_scale * variance * classifier_score


def classifier_guided_eps(eps: Tensor, classifier_score: Tensor, sigma_t: Number, guidance_scale: Number) -> Tensor:
    """Noise estimate guided by a classifier. Source: Dhariwal and Nichol 2021, arXiv:2105.05233v4, Algorithm 2."""
    return eps - guidance_scale * sigma_t * classifier_score


def classifier_free_guidance(eps_unconditional: Tensor, eps_conditional: Tensor, guidance_scale: Number) -> Tensor:
    """Guided estimate, exact at scales 0 and 1. Source: Saharia et al. 2022, arXiv:2205.11487v1, Eq. (2)."""
    return (1 - guidance_scale) * eps_unconditional + guidance_scale * eps_conditional


def classifier_free_guidance_weighted(eps_unconditional: Tensor, eps_conditional: Tensor, guidance_weight: Number) -> Tensor:
    """The same by the paper's own weight, scale - 1. Source: Ho and Salimans 2022, arXiv:2207.12598v1, Eq. (6)."""
    return (1 + guidance_weight) * eps_conditional - guidance_weight * eps_unconditional


def negative_guidance(
    eps_unconditional: Tensor, eps_conditional: Tensor, eps_negative: Tensor, guidance_scale: Number, negative_scale: Number
) -> Tensor:
    """Towards one condition and away from another. Source: Liu et al. 2022, arXiv:2206.01714v6, section 4."""
    kept = 1 - guidance_scale + negative_scale
    return kept * eps_unconditional + guidance_scale * eps_conditional - negative_scale * eps_negative


def rescaled_guidance(eps_guided: Tensor, eps_conditional: Tensor, rescale_share: Number) -> Tensor:
    """Guided estimate with its spread drawn back, sample by sample. Source: Lin et al. 2024, arXiv:2305.08891v4, Eq. (15)."""
    axes = tuple(range(1, eps_guided.ndim))
    spreads = [one.std(dim=axes, keepdim=True, correction=0) for one in (eps_conditional, eps_guided)]
    return eps_guided * (1 - rescale_share + rescale_share * (spreads[0] / spreads[1]))


def interval_guidance(
    eps_unconditional: Tensor,
    eps_conditional: Tensor,
    guidance_scale: Number,
    sigma_t: Number,
    interval_low: Number,
    interval_high: Number,
) -> Tensor:
    """Guidance inside (interval_low, interval_high], the conditional estimate outside; sigma_t may be one for each sample.

    Source: Kynkaanniemi et al. 2024, arXiv:2404.07724v2, section 3.
    """
    level = torch.as_tensor(sigma_t, device=eps_conditional.device)
    inside = (level > interval_low) & (level <= interval_high)
    guided = classifier_free_guidance(eps_unconditional, eps_conditional, guidance_scale)
    return torch.where(inside.reshape(-1, *(1,) * (guided.ndim - 1)) if inside.ndim else inside, guided, eps_conditional)


def autoguidance(x_0_hat: Tensor, x_0_hat_weak: Tensor, guidance_scale: Number) -> Tensor:
    """Estimate led away from a worse network's. Source: Karras et al. 2024, arXiv:2406.02507v3, section 2."""
    return guidance_scale * x_0_hat + (1 - guidance_scale) * x_0_hat_weak


def cfg_pp_step(
    x_t: Tensor,
    eps_unconditional: Tensor,
    eps_conditional: Tensor,
    guidance_scale: Number,
    alpha_s: Number,
    sigma_s: Number,
    alpha_t: Number,
    sigma_t: Number,
) -> Tensor:
    """CFG++'s DDIM step: cleaned by the guided estimate, renoised by the unconditional one.

    Source: Chung et al. 2024, arXiv:2406.08070v2, Algorithm 2.
    """
    guided = classifier_free_guidance(eps_unconditional, eps_conditional, guidance_scale)
    return alpha_s * ((x_t - sigma_t * guided) / alpha_t) + sigma_s * eps_unconditional


def _blend(variance_unconditional: Number, variance_conditional: Number, guidance_scale: Number) -> Number:
    """Both variances' product times the guided precision."""
    return (1 - guidance_scale) * variance_conditional + guidance_scale * variance_unconditional


def guided_gaussian_variance(variance_unconditional: Number, variance_conditional: Number, guidance_scale: Number) -> Number:
    """Variance of the guided Gaussian. Source: Ho and Salimans 2022, arXiv:2207.12598v1, section 3.2."""
    return variance_unconditional * variance_conditional / _blend(variance_unconditional, variance_conditional, guidance_scale)


def guided_gaussian_mean(
    mean_unconditional: Tensor,
    variance_unconditional: Number,
    mean_conditional: Tensor,
    variance_conditional: Number,
    guidance_scale: Number,
) -> Tensor:
    """Mean of the guided Gaussian. Source: Ho and Salimans 2022, arXiv:2207.12598v1, section 3.2."""
    own = (1 - guidance_scale) * variance_conditional * mean_unconditional
    given = guidance_scale * variance_unconditional * mean_conditional
    return (own + given) / _blend(variance_unconditional, variance_conditional, guidance_scale)


def guided_scale_bound(variance_unconditional: Number, variance_conditional: Number) -> Number:
    """Scale at which there is no guided Gaussian any more. Source: Bradley and Nakkiran 2024, arXiv:2408.09000v2, section 3."""
    return variance_conditional / (variance_conditional - variance_unconditional)


def _noising_gain(
    variance_unconditional: Number, variance_conditional: Number, guidance_scale: Number, alpha_t: Number, sigma_t: Number
) -> Number:
    blend = _blend(variance_unconditional, variance_conditional, guidance_scale)
    spread = alpha_t * alpha_t * blend + sigma_t * sigma_t
    apart = variance_conditional - variance_unconditional
    return guidance_scale * (1 - guidance_scale) * (alpha_t / spread) * (sigma_t * sigma_t / blend) * apart


def guided_noising_variance_gap(
    variance_unconditional: Number, variance_conditional: Number, guidance_scale: Number, alpha_t: Number, sigma_t: Number
) -> Number:
    """Variance that guiding noised Gaussians adds to the noised guided one. Source: Bradley and Nakkiran 2024, section 3."""
    gain = _noising_gain(variance_unconditional, variance_conditional, guidance_scale, alpha_t, sigma_t)
    return gain * alpha_t * (variance_conditional - variance_unconditional)


def guided_noising_mean_gap(
    mean_unconditional: Tensor,
    variance_unconditional: Number,
    mean_conditional: Tensor,
    variance_conditional: Number,
    guidance_scale: Number,
    alpha_t: Number,
    sigma_t: Number,
) -> Tensor:
    """Mean that guiding noised Gaussians adds to the noised guided one. Source: Bradley and Nakkiran 2024, section 3."""
    gain = _noising_gain(variance_unconditional, variance_conditional, guidance_scale, alpha_t, sigma_t)
    return gain * (mean_conditional - mean_unconditional)
