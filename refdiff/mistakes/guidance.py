"""Wrong bodies of formulas of guidance."""

import math

from refdiff.numbers import namespace

__all__ = [
    "autoguidance__swapped",
    "autoguidance__weight_for_scale",
    "cfg_pp_step__conditional_noise",
    "cfg_pp_step__exchanged",
    "cfg_pp_step__guided_noise",
    "classifier_free_guidance__first_entry_left_out",
    "classifier_free_guidance__only_above_one",
    "classifier_free_guidance__same_condition_twice",
    "classifier_free_guidance__swapped",
    "classifier_free_guidance__weight_for_scale",
    "classifier_free_guidance_weighted__scale_for_weight",
    "classifier_free_guidance_weighted__unconditional_added",
    "classifier_guided_eps__sigma_dropped",
    "classifier_guided_eps__sign",
    "classifier_guided_eps__variance_for_scale",
    "classifier_guided_mean__deviation_for_variance",
    "classifier_guided_mean__scale_dropped",
    "classifier_guided_mean__variance_dropped",
    "classifier_guided_score__scale_dropped",
    "classifier_guided_score__sign",
    "guided_gaussian_mean__linear",
    "guided_gaussian_mean__weighed_by_variances",
    "guided_gaussian_variance__conditional_sharpened",
    "guided_gaussian_variance__linear",
    "guided_noising_mean_gap__mean_not_scaled",
    "guided_noising_mean_gap__sign",
    "guided_noising_variance_gap__noise_left_out",
    "guided_noising_variance_gap__sign",
    "guided_scale_bound__ratio",
    "guided_scale_bound__unconditional_above",
    "interval_guidance__everywhere",
    "interval_guidance__outside",
    "interval_guidance__unconditional_outside",
    "negative_guidance__in_place_of_the_unconditional",
    "negative_guidance__negative_not_centred",
    "negative_guidance__towards_the_negative",
    "rescaled_guidance__mean_not_taken_off",
    "rescaled_guidance__ratio_inverted",
    "rescaled_guidance__share_of_the_other",
    "rescaled_guidance__variances",
    "rescaled_guidance__whole_batch",
]


def _squares(x, first):
    """Sum of squares about the mean over the axes from `first` on."""
    xp = namespace(x)
    axes = tuple(range(first, x.ndim))
    count = math.prod(x.shape[first:])
    gap = x - xp.sum(x, axis=axes, keepdims=True) / count
    return xp.sum(gap * gap, axis=axes, keepdims=True) / count


def classifier_guided_score__sign(score, classifier_score, guidance_scale):
    """Away from the class.

    Fix: score + guidance_scale*classifier_score, Dhariwal and Nichol 2021, section 4.2
    Seen in: plausible
    """
    return score - guidance_scale * classifier_score


def classifier_guided_score__scale_dropped(score, classifier_score):
    """Bayes' rule, whatever the scale.

    Fix: score + guidance_scale*classifier_score, Dhariwal and Nichol 2021, section 4.2
    Seen in: plausible
    """
    return score + classifier_score


def classifier_guided_mean__deviation_for_variance(mean, variance, classifier_score, guidance_scale):
    """The step's standard deviation in place of its variance.

    Fix: mean + guidance_scale*variance*classifier_score, Dhariwal and Nichol 2021, Algorithm 1
    Seen in: plausible
    """
    xp = namespace(mean, variance, classifier_score, guidance_scale)
    return mean + guidance_scale * xp.sqrt(variance) * classifier_score


def classifier_guided_mean__variance_dropped(mean, classifier_score, guidance_scale):
    """The gradient without the variance, which is large where it should be small.

    Fix: mean + guidance_scale*variance*classifier_score, Dhariwal and Nichol 2021, Algorithm 1
    Seen in: plausible
    """
    return mean + guidance_scale * classifier_score


def classifier_guided_mean__scale_dropped(mean, variance, classifier_score):
    """Bayes' rule, whatever the scale.

    Fix: mean + guidance_scale*variance*classifier_score, Dhariwal and Nichol 2021, Algorithm 1
    Seen in: plausible
    """
    return mean + variance * classifier_score


def classifier_guided_eps__sign(eps, classifier_score, sigma_t, guidance_scale):
    """The score's sign: eps points the other way.

    Fix: eps - guidance_scale*sigma_t*classifier_score, Dhariwal and Nichol 2021, Algorithm 2
    Seen in: plausible
    """
    return eps + guidance_scale * sigma_t * classifier_score


def classifier_guided_eps__sigma_dropped(eps, classifier_score, guidance_scale):
    """A score added to a unit noise without its scale.

    Fix: eps - guidance_scale*sigma_t*classifier_score, Dhariwal and Nichol 2021, Algorithm 2
    Seen in: plausible
    """
    return eps - guidance_scale * classifier_score


def classifier_guided_eps__variance_for_scale(eps, classifier_score, sigma_t, guidance_scale):
    """1 - alpha_bar_t in place of its root.

    Fix: eps - guidance_scale*sigma_t*classifier_score, Dhariwal and Nichol 2021, Algorithm 2
    Seen in: plausible
    """
    return eps - guidance_scale * sigma_t**2 * classifier_score


def classifier_free_guidance__weight_for_scale(eps_unconditional, eps_conditional, guidance_scale):
    """Ho and Salimans' w in place of 1 + w: one unit too much guidance.

    Fix: eps_unconditional + guidance_scale*(eps_conditional - eps_unconditional), Saharia et al. 2022, Eq. (2)
    Seen in: plausible
    """
    return (1 + guidance_scale) * eps_conditional - guidance_scale * eps_unconditional


def classifier_free_guidance__same_condition_twice(eps_conditional):
    """The same label in both calls: no guidance at any scale.

    Fix: eps_unconditional + guidance_scale*(eps_conditional - eps_unconditional), Saharia et al. 2022, Eq. (2)
    Seen in: B123, QiaoyuHu89/DiffGui#5
    """
    return eps_conditional


def classifier_free_guidance__swapped(eps_unconditional, eps_conditional, guidance_scale):
    """The two halves of the batch exchanged: away from the condition.

    Fix: eps_unconditional + guidance_scale*(eps_conditional - eps_unconditional), Saharia et al. 2022, Eq. (2)
    Seen in: plausible
    """
    return eps_conditional + guidance_scale * (eps_unconditional - eps_conditional)


def classifier_free_guidance__first_entry_left_out(eps_unconditional, eps_conditional, guidance_scale):
    """The last channel left without guidance.

    Fix: eps_unconditional + guidance_scale*(eps_conditional - eps_unconditional), Saharia et al. 2022, Eq. (2)
    Seen in: B117, facebookresearch/DiT#41
    """
    xp = namespace(eps_unconditional, eps_conditional, guidance_scale)
    guided = eps_unconditional + guidance_scale * (eps_conditional - eps_unconditional)
    return xp.concat([guided[:, :-1], eps_conditional[:, -1:]], axis=1)


def classifier_free_guidance_weighted__scale_for_weight(eps_unconditional, eps_conditional, guidance_weight):
    """The weight taken for guidance_scale: one unit too little guidance.

    Fix: (1 + guidance_weight)*eps_conditional - guidance_weight*eps_unconditional, Ho and Salimans 2022, Eq. (6)
    Seen in: plausible
    """
    return eps_unconditional + guidance_weight * (eps_conditional - eps_unconditional)


def classifier_free_guidance_weighted__unconditional_added(eps_unconditional, eps_conditional, guidance_weight):
    """A sum whose weights do not add to 1.

    Fix: (1 + guidance_weight)*eps_conditional - guidance_weight*eps_unconditional, Ho and Salimans 2022, Eq. (6)
    Seen in: plausible
    """
    return (1 + guidance_weight) * eps_conditional + guidance_weight * eps_unconditional


def negative_guidance__towards_the_negative(eps_unconditional, eps_conditional, eps_negative, guidance_scale, negative_scale):
    """The condition to avoid followed.

    Fix: eps_unconditional + w*(eps_conditional - eps_unconditional) - n*(eps_negative - eps_unconditional),
    Liu et al. 2022, section 4
    Seen in: plausible
    """
    towards = guidance_scale * (eps_conditional - eps_unconditional)
    return eps_unconditional + towards + negative_scale * (eps_negative - eps_unconditional)


def negative_guidance__in_place_of_the_unconditional(eps_conditional, eps_negative, guidance_scale):
    """The common negative prompt, which has one scale and no unconditional estimate.

    Fix: eps_unconditional + w*(eps_conditional - eps_unconditional) - n*(eps_negative - eps_unconditional),
    Liu et al. 2022, section 4
    Seen in: plausible
    """
    return eps_negative + guidance_scale * (eps_conditional - eps_negative)


def negative_guidance__negative_not_centred(eps_unconditional, eps_conditional, eps_negative, guidance_scale, negative_scale):
    """Weights that do not add to 1.

    Fix: eps_unconditional + w*(eps_conditional - eps_unconditional) - n*(eps_negative - eps_unconditional),
    Liu et al. 2022, section 4
    Seen in: plausible
    """
    return eps_unconditional + guidance_scale * (eps_conditional - eps_unconditional) - negative_scale * eps_negative


def rescaled_guidance__whole_batch(eps_guided, eps_conditional, rescale_share):
    """One ratio for the whole batch.

    Fix: phi*eps_guided*std(eps_conditional)/std(eps_guided) + (1 - phi)*eps_guided, Lin et al. 2024, Eq. (15)
    Seen in: plausible
    """
    xp = namespace(eps_guided, eps_conditional, rescale_share)
    ratio = xp.sqrt(_squares(eps_conditional, 0) / _squares(eps_guided, 0))
    return eps_guided * (1 - rescale_share + rescale_share * ratio)


def rescaled_guidance__ratio_inverted(eps_guided, eps_conditional, rescale_share):
    """The guided spread over the conditional one.

    Fix: phi*eps_guided*std(eps_conditional)/std(eps_guided) + (1 - phi)*eps_guided, Lin et al. 2024, Eq. (15)
    Seen in: plausible
    """
    xp = namespace(eps_guided, eps_conditional, rescale_share)
    ratio = xp.sqrt(_squares(eps_guided, 1) / _squares(eps_conditional, 1))
    return eps_guided * (1 - rescale_share + rescale_share * ratio)


def rescaled_guidance__share_of_the_other(eps_guided, eps_conditional, rescale_share):
    """phi on the estimate that is not rescaled.

    Fix: phi*eps_guided*std(eps_conditional)/std(eps_guided) + (1 - phi)*eps_guided, Lin et al. 2024, Eq. (15)
    Seen in: plausible
    """
    xp = namespace(eps_guided, eps_conditional, rescale_share)
    ratio = xp.sqrt(_squares(eps_conditional, 1) / _squares(eps_guided, 1))
    return eps_guided * (rescale_share + (1 - rescale_share) * ratio)


def rescaled_guidance__variances(eps_guided, eps_conditional, rescale_share):
    """The ratio of variances in place of standard deviations.

    Fix: phi*eps_guided*std(eps_conditional)/std(eps_guided) + (1 - phi)*eps_guided, Lin et al. 2024, Eq. (15)
    Seen in: plausible
    """
    ratio = _squares(eps_conditional, 1) / _squares(eps_guided, 1)
    return eps_guided * (1 - rescale_share + rescale_share * ratio)


def rescaled_guidance__mean_not_taken_off(eps_guided, eps_conditional, rescale_share):
    """Norms in place of standard deviations.

    Fix: phi*eps_guided*std(eps_conditional)/std(eps_guided) + (1 - phi)*eps_guided, Lin et al. 2024, Eq. (15)
    Seen in: plausible
    """
    xp = namespace(eps_guided, eps_conditional, rescale_share)
    axes = tuple(range(1, eps_guided.ndim))
    squares = [xp.sum(one * one, axis=axes, keepdims=True) for one in (eps_conditional, eps_guided)]
    return eps_guided * (1 - rescale_share + rescale_share * xp.sqrt(squares[0] / squares[1]))


def interval_guidance__unconditional_outside(
    eps_unconditional, eps_conditional, guidance_scale, sigma_t, interval_low, interval_high
):
    """Scale 0 outside the interval, which drops the condition, in place of 1.

    Fix: guidance_scale where interval_low < sigma_t <= interval_high, else 1, Kynkaanniemi et al. 2024, section 3
    Seen in: plausible
    """
    inside = bool(interval_low < sigma_t) and bool(sigma_t <= interval_high)
    return eps_unconditional + (guidance_scale if inside else 0) * (eps_conditional - eps_unconditional)


def interval_guidance__everywhere(eps_unconditional, eps_conditional, guidance_scale):
    """Guidance at every level.

    Fix: guidance_scale where interval_low < sigma_t <= interval_high, else 1, Kynkaanniemi et al. 2024, section 3
    Seen in: plausible
    """
    return eps_unconditional + guidance_scale * (eps_conditional - eps_unconditional)


def interval_guidance__outside(eps_unconditional, eps_conditional, guidance_scale, sigma_t, interval_low, interval_high):
    """Guidance outside the interval and none inside.

    Fix: guidance_scale where interval_low < sigma_t <= interval_high, else 1, Kynkaanniemi et al. 2024, section 3
    Seen in: plausible
    """
    inside = bool(interval_low < sigma_t) and bool(sigma_t <= interval_high)
    return eps_unconditional + (1 if inside else guidance_scale) * (eps_conditional - eps_unconditional)


def autoguidance__swapped(x_0_hat, x_0_hat_weak, guidance_scale):
    """Towards the weak network.

    Fix: w*x_0_hat + (1 - w)*x_0_hat_weak, Karras et al. 2024, section 2
    Seen in: plausible
    """
    return guidance_scale * x_0_hat_weak + (1 - guidance_scale) * x_0_hat


def autoguidance__weight_for_scale(x_0_hat, x_0_hat_weak, guidance_scale):
    """One unit too much guidance.

    Fix: w*x_0_hat + (1 - w)*x_0_hat_weak, Karras et al. 2024, section 2
    Seen in: plausible
    """
    return x_0_hat + guidance_scale * (x_0_hat - x_0_hat_weak)


def cfg_pp_step__guided_noise(x_t, eps_unconditional, eps_conditional, guidance_scale, alpha_s, sigma_s, alpha_t, sigma_t):
    """Ordinary guided DDIM: the guided noise put back.

    Fix: alpha_s*(x_t - sigma_t*guided)/alpha_t + sigma_s*eps_unconditional, Chung et al. 2024, Algorithm 2
    Seen in: plausible
    """
    guided = eps_unconditional + guidance_scale * (eps_conditional - eps_unconditional)
    return alpha_s * (x_t - sigma_t * guided) / alpha_t + sigma_s * guided


def cfg_pp_step__conditional_noise(x_t, eps_unconditional, eps_conditional, guidance_scale, alpha_s, sigma_s, alpha_t, sigma_t):
    """The conditional noise put back.

    Fix: alpha_s*(x_t - sigma_t*guided)/alpha_t + sigma_s*eps_unconditional, Chung et al. 2024, Algorithm 2
    Seen in: plausible
    """
    guided = eps_unconditional + guidance_scale * (eps_conditional - eps_unconditional)
    return alpha_s * (x_t - sigma_t * guided) / alpha_t + sigma_s * eps_conditional


def cfg_pp_step__exchanged(x_t, eps_unconditional, eps_conditional, guidance_scale, alpha_s, sigma_s, alpha_t, sigma_t):
    """The unconditional estimate cleans and the guided one puts the noise back.

    Fix: alpha_s*(x_t - sigma_t*guided)/alpha_t + sigma_s*eps_unconditional, Chung et al. 2024, Algorithm 2
    Seen in: plausible
    """
    guided = eps_unconditional + guidance_scale * (eps_conditional - eps_unconditional)
    return alpha_s * (x_t - sigma_t * eps_unconditional) / alpha_t + sigma_s * guided


def guided_gaussian_variance__linear(variance_unconditional, variance_conditional, guidance_scale):
    """Variances blended in place of precisions.

    Fix: 1/((1 - w)/variance_unconditional + w/variance_conditional), Ho and Salimans 2022, section 3.2
    Seen in: plausible
    """
    return (1 - guidance_scale) * variance_unconditional + guidance_scale * variance_conditional


def guided_gaussian_variance__conditional_sharpened(variance_conditional, guidance_scale):
    """p(x|y)**w alone.

    Fix: 1/((1 - w)/variance_unconditional + w/variance_conditional), Ho and Salimans 2022, section 3.2
    Seen in: plausible
    """
    return variance_conditional / guidance_scale


def guided_gaussian_mean__linear(mean_unconditional, mean_conditional, guidance_scale):
    """Means blended as scores are: right only for equal variances.

    Fix: the means weighed by (1 - w)/variance_unconditional and w/variance_conditional,
    Ho and Salimans 2022, section 3.2
    Seen in: plausible
    """
    return (1 - guidance_scale) * mean_unconditional + guidance_scale * mean_conditional


def guided_gaussian_mean__weighed_by_variances(
    mean_unconditional, variance_unconditional, mean_conditional, variance_conditional, guidance_scale
):
    """Variances as weights in place of precisions.

    Fix: the means weighed by (1 - w)/variance_unconditional and w/variance_conditional,
    Ho and Salimans 2022, section 3.2
    Seen in: plausible
    """
    own, given = (1 - guidance_scale) * variance_unconditional, guidance_scale * variance_conditional
    return (own * mean_unconditional + given * mean_conditional) / (own + given)


def guided_scale_bound__unconditional_above(variance_unconditional, variance_conditional):
    """Ho and Salimans' w at the bound: one less.

    Fix: variance_conditional/(variance_conditional - variance_unconditional), Bradley and Nakkiran 2024, section 3
    Seen in: plausible
    """
    return variance_unconditional / (variance_conditional - variance_unconditional)


def guided_scale_bound__ratio(variance_unconditional, variance_conditional):
    """The ratio of the variances.

    Fix: variance_conditional/(variance_conditional - variance_unconditional), Bradley and Nakkiran 2024, section 3
    Seen in: plausible
    """
    return variance_conditional / variance_unconditional


def guided_noising_variance_gap__sign(variance_unconditional, variance_conditional, guidance_scale, alpha_t, sigma_t):
    """The noised guided law's variance less the other's.

    Fix: w*(1 - w)*alpha**2*sigma**2*(v_c - v_u)**2/(b*(alpha**2*b + sigma**2)), b = (1 - w)*v_c + w*v_u,
    Bradley and Nakkiran 2024, section 3
    Seen in: plausible
    """
    blend = (1 - guidance_scale) * variance_conditional + guidance_scale * variance_unconditional
    apart = (variance_conditional - variance_unconditional) ** 2
    gain = guidance_scale * (guidance_scale - 1) * alpha_t**2 * sigma_t**2
    return gain * apart / (blend * (alpha_t**2 * blend + sigma_t**2))


def guided_noising_variance_gap__noise_left_out(variance_unconditional, variance_conditional, guidance_scale, alpha_t, sigma_t):
    """The noise left out below: right only to first order in sigma_t**2.

    Fix: w*(1 - w)*alpha**2*sigma**2*(v_c - v_u)**2/(b*(alpha**2*b + sigma**2)), b = (1 - w)*v_c + w*v_u,
    Bradley and Nakkiran 2024, section 3
    Seen in: plausible
    """
    blend = (1 - guidance_scale) * variance_conditional + guidance_scale * variance_unconditional
    apart = (variance_conditional - variance_unconditional) ** 2
    return guidance_scale * (1 - guidance_scale) * sigma_t**2 * apart / blend**2


def guided_noising_mean_gap__sign(
    mean_unconditional, variance_unconditional, mean_conditional, variance_conditional, guidance_scale, alpha_t, sigma_t
):
    """The noised guided law's mean less the other's.

    Fix: w*(1 - w)*alpha*sigma**2*(v_c - v_u)*(m_c - m_u)/(b*(alpha**2*b + sigma**2)), b = (1 - w)*v_c + w*v_u,
    Bradley and Nakkiran 2024, section 3
    Seen in: plausible
    """
    blend = (1 - guidance_scale) * variance_conditional + guidance_scale * variance_unconditional
    apart = (variance_unconditional - variance_conditional) * (mean_conditional - mean_unconditional)
    gain = guidance_scale * (1 - guidance_scale) * alpha_t * sigma_t**2
    return gain * apart / (blend * (alpha_t**2 * blend + sigma_t**2))


def guided_noising_mean_gap__mean_not_scaled(
    mean_unconditional, variance_unconditional, mean_conditional, variance_conditional, guidance_scale, alpha_t, sigma_t
):
    """In units of x_0 before alpha_t scales it.

    Fix: w*(1 - w)*alpha*sigma**2*(v_c - v_u)*(m_c - m_u)/(b*(alpha**2*b + sigma**2)), b = (1 - w)*v_c + w*v_u,
    Bradley and Nakkiran 2024, section 3
    Seen in: plausible
    """
    blend = (1 - guidance_scale) * variance_conditional + guidance_scale * variance_unconditional
    apart = (variance_conditional - variance_unconditional) * (mean_conditional - mean_unconditional)
    gain = guidance_scale * (1 - guidance_scale) * sigma_t**2
    return gain * apart / (blend * (alpha_t**2 * blend + sigma_t**2))


def classifier_free_guidance__only_above_one(eps_unconditional, eps_conditional, guidance_scale):
    """Guidance only where the scale is above 1; below it the conditional estimate alone.

    Fix: eps_unconditional + guidance_scale*(eps_conditional - eps_unconditional), Saharia et al. 2022, Eq. (2)
    Seen in: plausible; huggingface/diffusers, the pipelines' do_classifier_free_guidance = guidance_scale > 1
    """
    xp = namespace(eps_unconditional, eps_conditional, guidance_scale)
    held = xp.maximum(guidance_scale, 0 * guidance_scale + 1)
    return eps_unconditional + held * (eps_conditional - eps_unconditional)
