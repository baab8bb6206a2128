"""Guidance: classifier, classifier-free and its kin, and what the guided law of Gaussians is and is not.

One convention throughout: guidance_scale w means unconditional + w*(conditional - unconditional), so 1 is no guidance and 0
the unconditional model. It is an interpolation only for w in [0, 1]; beyond, an affine combination that leaves the segment.
What holds for eps holds for x_0, v, the velocity and the score, each being affine in the others with the same coefficients.
"""

import math

from refdiff.numbers import namespace

__all__ = [
    "autoguidance",
    "cfg_pp_step",
    "classifier_free_guidance",
    "classifier_free_guidance_weighted",
    "classifier_guided_eps",
    "classifier_guided_mean",
    "classifier_guided_score",
    "guided_gaussian_mean",
    "guided_gaussian_variance",
    "guided_noising_mean_gap",
    "guided_noising_variance_gap",
    "guided_scale_bound",
    "interval_guidance",
    "negative_guidance",
    "rescaled_guidance",
]


def classifier_guided_score(score, classifier_score, guidance_scale):
    """Score of p(x_t)*p(y|x_t)**guidance_scale: at scale 1 that of the posterior given y.

    Formula:
        score + guidance_scale*classifier_score

    Args:
        score: gradient of log p(x_t), any shape.
        classifier_score: gradient of log p(y|x_t) with respect to x_t, same shape.
        guidance_scale: power of the classifier, broadcasts against score; 0 is no guidance here, 1 Bayes' rule.

    Returns:
        The broadcast shape, in inverse units of x_0.
        Error at most 1.5 ulp of abs(score) + abs(guidance_scale*classifier_score).

    Source:
        Dhariwal and Nichol 2021, arXiv:2105.05233v4, section 4.2; Song et al. 2021, arXiv:2011.13456v2, Eq. (14), at 1.
    """
    return score + guidance_scale * classifier_score


def classifier_guided_mean(mean, variance, classifier_score, guidance_scale):
    """Mean of a guided denoising step: the step's own, moved along the classifier's gradient.

    Formula:
        mean + guidance_scale*variance*classifier_score

    Args:
        mean: mean of the step's Gaussian, any shape.
        variance: variance of the step's Gaussian, >= 0, broadcasts against mean; not its root.
        classifier_score: gradient of log p(y|x) at the step's mean, same shape as mean.
        guidance_scale: power of the classifier, broadcasts against mean.

    Returns:
        The broadcast shape, in units of x_0. Error at most 2 ulp of abs(mean) + abs(guidance_scale*variance*classifier_score).

    Source:
        Dhariwal and Nichol 2021, arXiv:2105.05233v4, Algorithm 1, to first order in the gradient. The gradient
        belongs at the step's mean; the released code takes it at x_t.
    """
    return mean + guidance_scale * variance * classifier_score


def classifier_guided_eps(eps, classifier_score, sigma_t, guidance_scale):
    """Noise estimate whose score is guided by a classifier.

    Formula:
        eps - guidance_scale*sigma_t*classifier_score

    Args:
        eps: unit noise, or its prediction, any shape.
        classifier_score: gradient of log p(y|x_t) with respect to x_t, same shape.
        sigma_t: noise scale, > 0, broadcasts against eps; sqrt(1 - alpha_bar_t) for DDPM.
        guidance_scale: power of the classifier, broadcasts against eps.

    Returns:
        The broadcast shape, without unit. Error at most 2 ulp of abs(eps) + abs(guidance_scale*sigma_t*classifier_score).

    Source:
        Dhariwal and Nichol 2021, arXiv:2105.05233v4, Algorithm 2 and Eq. (14), with a scale as in Algorithm 1.
    """
    return eps - guidance_scale * sigma_t * classifier_score


def classifier_free_guidance(eps_unconditional, eps_conditional, guidance_scale):
    """Guided noise estimate; or x_0, v, velocity, score in eps's place.

    Formula:
        eps_unconditional + guidance_scale*(eps_conditional - eps_unconditional)

    Args:
        eps_unconditional: estimate without the condition, or for a negative prompt in its place, any shape.
        eps_conditional: estimate given the condition, same shape.
        guidance_scale: w, broadcasts against eps; 1 is no guidance, 0 unconditional.

    Returns:
        The broadcast shape, without unit.
        Error at most 2 ulp of abs((1 - guidance_scale)*eps_unconditional) + abs(guidance_scale*eps_conditional).

    Source:
        Ho and Salimans 2022, arXiv:2207.12598v1, Eq. (6), whose w is guidance_scale - 1;
        Saharia et al. 2022, arXiv:2205.11487v1, section 2.2, Eq. (2), in this form.
    """
    return (1 - guidance_scale) * eps_unconditional + guidance_scale * eps_conditional


def classifier_free_guidance_weighted(eps_unconditional, eps_conditional, guidance_weight):
    """Guided noise estimate by Ho and Salimans' own weight: guidance_scale is 1 + guidance_weight.

    Formula:
        (1 + guidance_weight)*eps_conditional - guidance_weight*eps_unconditional

    Args:
        eps_unconditional: estimate without the condition, any shape.
        eps_conditional: estimate given the condition, same shape.
        guidance_weight: the paper's w, broadcasts against eps; 0 is no guidance, -1 unconditional.

    Returns:
        The broadcast shape, without unit.
        Error at most 2 ulp of abs((1 + guidance_weight)*eps_conditional) + abs(guidance_weight*eps_unconditional).

    Source:
        Ho and Salimans 2022, arXiv:2207.12598v1, Eq. (6).
    """
    return (1 + guidance_weight) * eps_conditional - guidance_weight * eps_unconditional


def negative_guidance(eps_unconditional, eps_conditional, eps_negative, guidance_scale, negative_scale):
    """Noise estimate towards one condition and away from another.

    Formula:
        eps_unconditional + guidance_scale*(eps_conditional - eps_unconditional)
        - negative_scale*(eps_negative - eps_unconditional)

    Args:
        eps_unconditional: estimate without any condition, any shape.
        eps_conditional: estimate given the condition to follow, same shape.
        eps_negative: estimate given the condition to avoid, same shape.
        guidance_scale: w of the first, broadcasts against eps.
        negative_scale: w of the second, >= 0, broadcasts against eps; 0 is classifier_free_guidance.

    Returns:
        The broadcast shape, without unit. Error at most 4 ulp of abs(guidance_scale*eps_conditional)
        + (1 + abs(guidance_scale) + abs(negative_scale))*abs(eps_unconditional) + abs(negative_scale*eps_negative).

    Source:
        Liu et al. 2022, arXiv:2206.01714v6, section 4: conjunction and negation. The common negative prompt is another
        thing: classifier_free_guidance with eps_negative in the place of eps_unconditional.
    """
    kept = 1 - guidance_scale + negative_scale
    return kept * eps_unconditional + guidance_scale * eps_conditional - negative_scale * eps_negative


def rescaled_guidance(eps_guided, eps_conditional, rescale_share):
    """Guided estimate with its spread drawn back towards the conditional one's.

    Formula:
        rescale_share*transpose(transpose(eps_guided)*ratio) + (1 - rescale_share)*eps_guided
        where ratio = std(eps_conditional)/std(eps_guided)

    Args:
        eps_guided: classifier_free_guidance's estimate, shape (B, ...), not constant in any sample.
        eps_conditional: estimate given the condition, same shape.
        rescale_share: the paper's phi, in [0, 1], a number; 0.7 in the paper, 0 leaves the estimate as it is.

    Returns:
        Shape (B, ...). The ratio of standard deviations is taken over all axes but the first, so it is the same for the
        population's and the sample's. Error at most 4 ulp of abs(eps_guided) + abs(value).

    Source:
        Lin et al. 2024, arXiv:2305.08891v4, Eqs. (14) to (16); made for v, used for eps as well.
    """
    xp = namespace(eps_guided, eps_conditional, rescale_share)
    ratio = xp.sqrt(_centred_squares(eps_conditional) / _centred_squares(eps_guided))
    return eps_guided * (1 - rescale_share + rescale_share * ratio)


def _centred_squares(x):
    """Sum of squares about each sample's own mean, shaped to broadcast against the batch."""
    xp = namespace(x)
    axes = tuple(range(1, x.ndim))
    gap = x - xp.sum(x, axis=axes, keepdims=True) / math.prod(x.shape[1:])
    return xp.sum(gap * gap, axis=axes, keepdims=True)


def interval_guidance(eps_unconditional, eps_conditional, guidance_scale, sigma_t, interval_low, interval_high):
    """Guided estimate at noise levels inside an interval, the conditional one outside.

    Formula:
        where(interval_low < sigma_t, where(sigma_t <= interval_high,
        eps_unconditional + guidance_scale*(eps_conditional - eps_unconditional), eps_conditional), eps_conditional)

    Args:
        eps_unconditional: estimate without the condition, any shape.
        eps_conditional: estimate given the condition, same shape.
        guidance_scale: w inside the interval, a number; outside it is 1, not 0.
        sigma_t: noise level in the interval's own unit, a number; the paper's is EDM's sigma.
        interval_low: lower end, not in the interval, a number.
        interval_high: upper end, in the interval, a number.

    Returns:
        The broadcast shape, without unit. Error at most 2 ulp
        of abs((1 - guidance_scale)*eps_unconditional) + (1 + abs(guidance_scale))*abs(eps_conditional).

    Source:
        Kynkaanniemi et al. 2024, arXiv:2404.07724v2, section 3: (sigma_low, sigma_high].
    """
    inside = bool(interval_low < sigma_t) and bool(sigma_t <= interval_high)
    scale = guidance_scale if inside else 1
    return (1 - scale) * eps_unconditional + scale * eps_conditional


def autoguidance(x_0_hat, x_0_hat_weak, guidance_scale):
    """Denoiser's estimate, led away from that of a worse version of itself under the same condition.

    Formula:
        guidance_scale*x_0_hat + (1 - guidance_scale)*x_0_hat_weak

    Args:
        x_0_hat: estimate of the better network, any shape.
        x_0_hat_weak: estimate of the smaller or less trained network for the same x_t and condition, same shape.
        guidance_scale: w, broadcasts against x_0_hat; 1 is no guidance.

    Returns:
        The broadcast shape, in units of x_0.
        Error at most 2 ulp of abs((1 - guidance_scale)*x_0_hat_weak) + abs(guidance_scale*x_0_hat).

    Source:
        Karras et al. 2024, arXiv:2406.02507v3, section 2, with D_1 = x_0_hat and D_0 = x_0_hat_weak.
    """
    return guidance_scale * x_0_hat + (1 - guidance_scale) * x_0_hat_weak


def cfg_pp_step(x_t, eps_unconditional, eps_conditional, guidance_scale, alpha_s, sigma_s, alpha_t, sigma_t):
    """State at s of CFG++'s DDIM step: the guided estimate cleans, the unconditional one puts the noise back.

    Formula:
        alpha_s*(x_t - sigma_t*guided)/alpha_t + sigma_s*eps_unconditional
        where guided = eps_unconditional + guidance_scale*(eps_conditional - eps_unconditional)

    Args:
        x_t: state at t, any shape.
        eps_unconditional: estimate without the condition, same shape.
        eps_conditional: estimate given the condition, same shape.
        guidance_scale: the paper's lambda, in [0, 1], a number.
        alpha_s: signal scale at s, broadcasts against x_t.
        sigma_s: noise scale at s, broadcasts against x_t.
        alpha_t: signal scale at t, > 0, broadcasts against x_t.
        sigma_t: noise scale at t, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 4 ulp of alpha_s*(abs(x_t) + sigma_t*((1 + guidance_scale)
        *abs(eps_unconditional) + guidance_scale*abs(eps_conditional)))/alpha_t + sigma_s*abs(eps_unconditional).

    Source:
        Chung et al. 2024, arXiv:2406.08070v2, Algorithm 2.
    """
    guided = classifier_free_guidance(eps_unconditional, eps_conditional, guidance_scale)
    return alpha_s * ((x_t - sigma_t * guided) / alpha_t) + sigma_s * eps_unconditional


def _blend(variance_unconditional, variance_conditional, guidance_scale):
    """Both variances' product times the guided precision."""
    return (1 - guidance_scale) * variance_conditional + guidance_scale * variance_unconditional


def guided_gaussian_variance(variance_unconditional, variance_conditional, guidance_scale):
    """Variance of the law proportional to p(x)**(1 - w)*p(x|y)**w when both are Gaussian.

    Formula:
        1/((1 - guidance_scale)/variance_unconditional + guidance_scale/variance_conditional)

    Args:
        variance_unconditional: variance without the condition, > 0, any shape.
        variance_conditional: variance given the condition, > 0, broadcasts against the first.
        guidance_scale: w, broadcasts against the first; below guided_scale_bound where the conditional law is the wider.

    Returns:
        The broadcast shape, in squared units of x_0; where it is negative there is no such law. Error at most 4 ulp of value
        *(abs(1 - guidance_scale)*variance_conditional + abs(guidance_scale)*variance_unconditional)
        /abs((1 - guidance_scale)*variance_conditional + guidance_scale*variance_unconditional).

    Source:
        Ho and Salimans 2022, arXiv:2207.12598v1, section 3.2: the law that guidance would sample if scores were consistent.
    """
    return variance_unconditional * variance_conditional / _blend(variance_unconditional, variance_conditional, guidance_scale)


def guided_gaussian_mean(mean_unconditional, variance_unconditional, mean_conditional, variance_conditional, guidance_scale):
    """Mean of the law proportional to p(x)**(1 - w)*p(x|y)**w when both are Gaussian.

    Formula:
        ((1 - guidance_scale)*mean_unconditional/variance_unconditional + guidance_scale*mean_conditional/variance_conditional)
        /((1 - guidance_scale)/variance_unconditional + guidance_scale/variance_conditional)

    Args:
        mean_unconditional: mean without the condition, any shape.
        variance_unconditional: variance without the condition, > 0, broadcasts against the mean.
        mean_conditional: mean given the condition, broadcasts against the first.
        variance_conditional: variance given the condition, > 0, broadcasts against the mean.
        guidance_scale: w, broadcasts against the mean; below guided_scale_bound where the conditional law is the wider.

    Returns:
        The broadcast shape, in units of x_0. Error at most 4 ulp of (abs(value)*(abs(1 - guidance_scale)*variance_conditional
        + abs(guidance_scale)*variance_unconditional) + abs((1 - guidance_scale)*mean_unconditional)*variance_conditional
        + abs(guidance_scale*mean_conditional)*variance_unconditional)
        /abs((1 - guidance_scale)*variance_conditional + guidance_scale*variance_unconditional).

    Source:
        Ho and Salimans 2022, arXiv:2207.12598v1, section 3.2, for Gaussians.
    """
    pull = (1 - guidance_scale) * mean_unconditional * variance_conditional
    pull = pull + guidance_scale * mean_conditional * variance_unconditional
    return pull / _blend(variance_unconditional, variance_conditional, guidance_scale)


def guided_scale_bound(variance_unconditional, variance_conditional):
    """Guidance scale at which the guided precision of Gaussians vanishes: there is a guided law on one side only.

    Formula:
        variance_conditional/(variance_conditional - variance_unconditional)

    Args:
        variance_unconditional: variance without the condition, > 0, any shape.
        variance_conditional: variance given the condition, > 0, not equal to the first, broadcasts against it.

    Returns:
        The broadcast shape. Where the conditional law is the wider it exceeds 1 and scales must lie below it; else it is
        negative and they must lie above it. Error at most 2 ulp.

    Source:
        Bradley and Nakkiran 2024, arXiv:2408.09000v2, section 3: guided Gaussians; here 1/variance > 0 solved for w.
    """
    return variance_conditional / (variance_conditional - variance_unconditional)


def guided_noising_variance_gap(variance_unconditional, variance_conditional, guidance_scale, alpha_t, sigma_t):
    """Variance of the law that guided noised scores belong to, less that of the noised guided law.

    Formula:
        1/((1 - guidance_scale)/(alpha_t**2*variance_unconditional + sigma_t**2)
        + guidance_scale/(alpha_t**2*variance_conditional + sigma_t**2))
        - alpha_t**2/((1 - guidance_scale)/variance_unconditional + guidance_scale/variance_conditional) - sigma_t**2

    Args:
        variance_unconditional: variance of the data without the condition, > 0, any shape.
        variance_conditional: variance of the data given the condition, > 0, broadcasts against the first.
        guidance_scale: w, broadcasts against the first; below guided_scale_bound where the conditional law is the wider.
        alpha_t: signal scale, >= 0, broadcasts against the first.
        sigma_t: noise scale, >= 0, not 0 together with alpha_t, broadcasts against the first.

    Returns:
        The broadcast shape, in squared units of x_0: 0 only if w is 0 or 1, the variances are equal, or there is no noise or
        no signal; negative for w > 1. Error at most 1 ulp of value*((abs(1 - guidance_scale)*variance_conditional
        + abs(guidance_scale)*variance_unconditional)/abs((1 - guidance_scale)*variance_conditional
        + guidance_scale*variance_unconditional)).

    Source:
        Bradley and Nakkiran 2024, arXiv:2408.09000v2, section 3: guidance does not sample the tilted law. Ho and Salimans
        2022, arXiv:2207.12598v1, section 3.2, call it a law without the noise. Difference of the two, derived here.
    """
    xp = namespace(variance_unconditional, variance_conditional, guidance_scale, alpha_t, sigma_t)
    alpha_t, sigma_t, guidance_scale = xp.wide(alpha_t), xp.wide(sigma_t), xp.wide(guidance_scale)
    apart = (xp.wide(variance_conditional) - variance_unconditional) ** 2
    blend = _blend(variance_unconditional, variance_conditional, guidance_scale)
    spread = alpha_t**2 * blend + sigma_t**2
    return xp.rounded(guidance_scale * (1 - guidance_scale) * (alpha_t**2 / spread) * (sigma_t**2 / blend) * apart)


def guided_noising_mean_gap(
    mean_unconditional, variance_unconditional, mean_conditional, variance_conditional, guidance_scale, alpha_t, sigma_t
):
    """Mean of the law that guided noised scores belong to, less that of the noised guided law.

    Formula:
        alpha_t*(noised_pull/noised_precision - pull/precision)
        where noised_pull = (1 - guidance_scale)*mean_unconditional/noised_unconditional
        + guidance_scale*mean_conditional/noised_conditional
        where noised_precision = (1 - guidance_scale)/noised_unconditional + guidance_scale/noised_conditional
        where noised_unconditional = alpha_t**2*variance_unconditional + sigma_t**2
        where noised_conditional = alpha_t**2*variance_conditional + sigma_t**2
        where pull = (1 - guidance_scale)*mean_unconditional/variance_unconditional
        + guidance_scale*mean_conditional/variance_conditional
        where precision = (1 - guidance_scale)/variance_unconditional + guidance_scale/variance_conditional

    Args:
        mean_unconditional: mean of the data without the condition, any shape.
        variance_unconditional: variance of the data without the condition, > 0, broadcasts against the mean.
        mean_conditional: mean of the data given the condition, broadcasts against the first.
        variance_conditional: variance of the data given the condition, > 0, broadcasts against the mean.
        guidance_scale: w, broadcasts against the mean; below guided_scale_bound where the conditional law is the wider.
        alpha_t: signal scale, >= 0, broadcasts against the mean.
        sigma_t: noise scale, >= 0, not 0 together with alpha_t, broadcasts against the mean.

    Returns:
        The broadcast shape, in units of x_0: 0 where guided_noising_variance_gap is, and where the means are equal.
        Error at most 1 ulp of value*((abs(1 - guidance_scale)*variance_conditional
        + abs(guidance_scale)*variance_unconditional)/abs((1 - guidance_scale)*variance_conditional
        + guidance_scale*variance_unconditional)).

    Source:
        Bradley and Nakkiran 2024, arXiv:2408.09000v2, section 3. Difference of the two means, derived here.
    """
    xp = namespace(mean_unconditional, mean_conditional, variance_unconditional, variance_conditional, guidance_scale, alpha_t)
    alpha_t, sigma_t, guidance_scale = xp.wide(alpha_t), xp.wide(sigma_t), xp.wide(guidance_scale)
    apart = (xp.wide(variance_conditional) - variance_unconditional) * (xp.wide(mean_conditional) - mean_unconditional)
    blend = _blend(variance_unconditional, variance_conditional, guidance_scale)
    spread = alpha_t**2 * blend + sigma_t**2
    return xp.rounded(guidance_scale * (1 - guidance_scale) * (alpha_t / spread) * (sigma_t**2 / blend) * apart)
