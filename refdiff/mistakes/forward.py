"""Wrong bodies of the forward process."""

from refdiff.mistakes.schedule import alpha_bar__shifted_by_one
from refdiff.numbers import namespace

__all__ = [
    "general_transition_mean__from_data",
    "general_transition_mean__inverted",
    "general_transition_mean__noise_ratio",
    "general_transition_mean__squared",
    "general_transition_variance__difference_of_variances",
    "general_transition_variance__from_data",
    "general_transition_variance__preserving",
    "general_transition_variance__ratio_not_squared",
    "general_transition_variance__scale",
    "marginal_mean__alpha_bar_for_alpha",
    "marginal_mean__one_minus_sigma",
    "marginal_mean__one_step",
    "marginal_mean__variance_exploding",
    "marginal_sample__alpha_bar_for_alpha",
    "marginal_sample__one_step",
    "marginal_sample__one_step_early",
    "marginal_sample__sigma_over_alpha",
    "marginal_sample__swapped_scales",
    "marginal_sample__variance_exploding",
    "marginal_sample__variance_for_scale",
    "marginal_variance__beta_t",
    "marginal_variance__scale",
    "marginal_variance__sigma_over_alpha",
    "marginal_variance__signal_power",
    "residual_shift_sample__residual_turned",
    "residual_shift_sample__root_of_the_share",
    "residual_shift_sample__variance_for_scale",
    "residual_shift_sample__variance_of_one_step",
    "transition_mean__from_data",
    "transition_mean__inverted",
    "transition_mean__one_step_when_strided",
    "transition_mean__without_root",
    "transition_variance__alpha_for_alpha_bar",
    "transition_variance__beta_t_when_strided",
    "transition_variance__difference",
    "transition_variance__from_data",
    "transition_variance__scale",
]


def marginal_mean__alpha_bar_for_alpha(x_0, alpha_bar_t):
    """alpha_bar_t*x_0, without the root.

    Fix: sqrt(alpha_bar_t)*x_0, Ho et al. 2020, Eq. (4)
    Seen in: plausible
    """
    return alpha_bar_t * x_0


def marginal_mean__variance_exploding(x_0):
    """x_0 itself, as where noise is added without scaling the data.

    Fix: sqrt(alpha_bar_t)*x_0, Ho et al. 2020, Eq. (4)
    Seen in: B092, huggingface/diffusers#253, where the other scaling was the right one
    """
    return +x_0


def marginal_mean__one_step(x_0, beta_t):
    """sqrt(1 - beta_t)*x_0, what one step keeps.

    Fix: sqrt(alpha_bar_t)*x_0, Ho et al. 2020, Eq. (4)
    Seen in: plausible
    """
    return namespace(x_0, beta_t).sqrt(1 - beta_t) * x_0


def marginal_mean__one_minus_sigma(x_0, sigma_t):
    """(1 - sigma_t)*x_0, a straight line's signal scale.

    Fix: sqrt(alpha_bar_t)*x_0, Ho et al. 2020, Eq. (4)
    Seen in: plausible
    """
    return (1 - sigma_t) * x_0


def marginal_variance__scale(sigma_t):
    """The scale sqrt(1 - alpha_bar_t) in place of the variance.

    Fix: 1 - alpha_bar_t, Ho et al. 2020, Eq. (4)
    Seen in: plausible
    """
    return +sigma_t


def marginal_variance__signal_power(alpha_bar_t):
    """alpha_bar_t in place of 1 - alpha_bar_t.

    Fix: 1 - alpha_bar_t, Ho et al. 2020, Eq. (4)
    Seen in: plausible
    """
    return +alpha_bar_t


def marginal_variance__beta_t(beta_t):
    """beta_t, the variance of one step.

    Fix: 1 - alpha_bar_t, Ho et al. 2020, Eq. (4)
    Seen in: plausible
    """
    return +beta_t


def marginal_variance__sigma_over_alpha(alpha_bar_t):
    """1/alpha_bar_t - 1, the square of sigma_t/alpha_t.

    Fix: 1 - alpha_bar_t, Ho et al. 2020, Eq. (4)
    Seen in: B052, tqch/ddpm-torch@1702650
    """
    return 1 / alpha_bar_t - 1


def marginal_sample__variance_for_scale(x_0, eps, alpha_t, alpha_bar_t):
    """(1 - alpha_bar_t)*eps, without the root.

    Fix: sqrt(alpha_bar_t)*x_0 + sqrt(1 - alpha_bar_t)*eps, Ho et al. 2020, Eq. (4)
    Seen in: B094, Ryota-Kawamura/How-Diffusion-Models-Work#1; B096, huggingface/diffusers#10185
    """
    return alpha_t * x_0 + (1 - alpha_bar_t) * eps


def marginal_sample__alpha_bar_for_alpha(x_0, eps, alpha_bar_t, sigma_t):
    """alpha_bar_t*x_0, without the root.

    Fix: sqrt(alpha_bar_t)*x_0 + sqrt(1 - alpha_bar_t)*eps, Ho et al. 2020, Eq. (4)
    Seen in: plausible
    """
    return alpha_bar_t * x_0 + sigma_t * eps


def marginal_sample__swapped_scales(x_0, eps, alpha_t, sigma_t):
    """The scales of data and noise swapped: time runs the other way.

    Fix: sqrt(alpha_bar_t)*x_0 + sqrt(1 - alpha_bar_t)*eps, Ho et al. 2020, Eq. (4)
    Seen in: B099, lucidrains/rectified-flow-pytorch#14, and B110, kohya-ss/sd-scripts#2215, for flows
    """
    return sigma_t * x_0 + alpha_t * eps


def marginal_sample__sigma_over_alpha(x_0, eps, alpha_t, sigma_over_alpha_t):
    """sigma_t/alpha_t in place of sigma_t, the data still scaled by alpha_t.

    Fix: sqrt(alpha_bar_t)*x_0 + sqrt(1 - alpha_bar_t)*eps, Ho et al. 2020, Eq. (4)
    Seen in: B052, tqch/ddpm-torch@1702650
    """
    return alpha_t * x_0 + sigma_over_alpha_t * eps


def marginal_sample__variance_exploding(x_0, eps, sigma_over_alpha_t):
    """x_0 + sigma_t/alpha_t*eps, the scaling of EDM and k-diffusion: x_t divided by alpha_t.

    Fix: sqrt(alpha_bar_t)*x_0 + sqrt(1 - alpha_bar_t)*eps, Ho et al. 2020, Eq. (4)
    Seen in: B092, huggingface/diffusers#253, where the other scaling was the right one
    """
    return x_0 + sigma_over_alpha_t * eps


def marginal_sample__one_step(x_0, eps, beta_t):
    """sqrt(1 - beta_t)*x_0 + sqrt(beta_t)*eps, one step in place of t.

    Fix: sqrt(alpha_bar_t)*x_0 + sqrt(1 - alpha_bar_t)*eps, Ho et al. 2020, Eq. (4)
    Seen in: plausible
    """
    xp = namespace(x_0, eps, beta_t)
    return xp.sqrt(1 - beta_t) * x_0 + xp.sqrt(beta_t) * eps


def marginal_sample__one_step_early(x_0, eps, betas, t):
    """The noise level at t - 1.

    Fix: alpha_bar_t is the product over steps 1..t: row t - 1 of a table without a row for t = 0, Ho et al. (4)
    Seen in: B043, lucidrains/denoising-diffusion-pytorch#83, in its DDIM
    """
    xp = namespace(x_0, eps, betas)
    level = alpha_bar__shifted_by_one(betas)[t - 1]
    return xp.sqrt(level) * x_0 + xp.sqrt(1 - level) * eps


def _first(level):
    return level[:1] if getattr(level, "ndim", 0) else level


def transition_mean__from_data(x_s, alpha_t):
    """alpha_t*x_s, as if x_s were data.

    Fix: sqrt(alpha_bar_t/alpha_bar_s)*x_s, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return alpha_t * x_s


def transition_mean__without_root(x_s, alpha_bar_s, alpha_bar_t):
    """alpha_bar_t/alpha_bar_s*x_s, without the root.

    Fix: sqrt(alpha_bar_t/alpha_bar_s)*x_s, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return alpha_bar_t / alpha_bar_s * x_s


def transition_mean__inverted(x_s, alpha_s, alpha_t):
    """alpha_s/alpha_t in place of alpha_t/alpha_s.

    Fix: sqrt(alpha_bar_t/alpha_bar_s)*x_s, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return alpha_s / alpha_t * x_s


def transition_mean__one_step_when_strided(x_s, beta_t):
    """sqrt(1 - beta_t)*x_s, right only for s = t - 1.

    Fix: sqrt(alpha_bar_t/alpha_bar_s)*x_s, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return namespace(x_s, beta_t).sqrt(1 - beta_t) * x_s


def transition_variance__from_data(alpha_bar_t):
    """1 - alpha_bar_t, as if x_s were data.

    Fix: 1 - alpha_bar_t/alpha_bar_s, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return 1 - alpha_bar_t


def transition_variance__difference(alpha_bar_s, alpha_bar_t):
    """alpha_bar_s - alpha_bar_t, the difference of noise powers.

    Fix: 1 - alpha_bar_t/alpha_bar_s, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return alpha_bar_s - alpha_bar_t


def transition_variance__beta_t_when_strided(beta_t):
    """beta_t, right only for s = t - 1.

    Fix: 1 - alpha_bar_t/alpha_bar_s, Kingma et al. 2021, Eq. (20)
    Seen in: B034, huggingface/diffusers#3006
    """
    return +beta_t


def transition_variance__scale(alpha_bar_s, alpha_bar_t):
    """The scale, the root of the variance.

    Fix: 1 - alpha_bar_t/alpha_bar_s, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return namespace(alpha_bar_s, alpha_bar_t).sqrt(1 - alpha_bar_t / alpha_bar_s)


def transition_variance__alpha_for_alpha_bar(alpha_s, alpha_t):
    """1 - alpha_t/alpha_s, scales in place of powers.

    Fix: 1 - alpha_bar_t/alpha_bar_s, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return 1 - alpha_t / alpha_s


def general_transition_mean__from_data(x_s, alpha_t):
    """alpha_t*x_s, as if x_s were the data.

    Fix: alpha_t/alpha_s*x_s, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return alpha_t * x_s


def general_transition_mean__inverted(x_s, alpha_s, alpha_t):
    """alpha_s/alpha_t, the way back.

    Fix: alpha_t/alpha_s*x_s, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return alpha_s / alpha_t * x_s


def general_transition_mean__noise_ratio(x_s, sigma_s, sigma_t):
    """sigma_t/sigma_s, what a deterministic step does to the noise.

    Fix: alpha_t/alpha_s*x_s, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return sigma_t / sigma_s * x_s


def general_transition_mean__squared(x_s, alpha_s, alpha_t):
    """The ratio of signal powers for that of scales.

    Fix: alpha_t/alpha_s*x_s, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return (alpha_t / alpha_s) ** 2 * x_s


def general_transition_variance__difference_of_variances(sigma_s, sigma_t):
    """sigma_t**2 - sigma_s**2, which holds where the signal is not scaled.

    Fix: sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return sigma_t**2 - sigma_s**2


def general_transition_variance__preserving(alpha_s, alpha_t):
    """1 - (alpha_t/alpha_s)**2, which holds where variance is preserved.

    Fix: sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return 1 - (alpha_t / alpha_s) ** 2


def general_transition_variance__ratio_not_squared(alpha_s, sigma_s, alpha_t, sigma_t):
    """The ratio of signal scales not squared.

    Fix: sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return sigma_t**2 - alpha_t / alpha_s * sigma_s**2


def general_transition_variance__scale(alpha_s, sigma_s, alpha_t, sigma_t):
    """The standard deviation.

    Fix: sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    xp = namespace(alpha_s, sigma_s, alpha_t, sigma_t)
    return xp.sqrt(sigma_t**2 - (alpha_t / alpha_s) ** 2 * sigma_s**2)


def general_transition_variance__from_data(sigma_t):
    """sigma_t**2, the variance given x_0.

    Fix: sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2, Kingma et al. 2021, Eq. (20)
    Seen in: plausible
    """
    return +(sigma_t**2)


def residual_shift_sample__variance_of_one_step(x_0, x_degraded, eps, shift_s, shift_t, shift_noise):
    """shift_t - shift_s in the place of shift_t in the variance: that of the last step alone.

    Fix: x_0 + shift_t*(x_degraded - x_0) + shift_noise*sqrt(shift_t)*eps, Yue et al. 2023, section 3.1
    Seen in: plausible; asked for in zsyOAOA/ResShift#83
    """
    xp = namespace(x_0, x_degraded, eps, shift_s, shift_t, shift_noise)
    return x_0 + shift_t * (x_degraded - x_0) + shift_noise * xp.sqrt(shift_t - shift_s) * eps


def residual_shift_sample__variance_for_scale(x_0, x_degraded, eps, shift_t, shift_noise):
    """shift_noise*shift_t*eps, without the root over the share.

    Fix: x_0 + shift_t*(x_degraded - x_0) + shift_noise*sqrt(shift_t)*eps, Yue et al. 2023, section 3.1
    Seen in: plausible
    """
    return x_0 + shift_t * (x_degraded - x_0) + shift_noise * shift_t * eps


def residual_shift_sample__root_of_the_share(x_0, x_degraded, eps, shift_t, shift_noise):
    """The root of the share before the residual too, as the tables hold it.

    Fix: x_0 + shift_t*(x_degraded - x_0) + shift_noise*sqrt(shift_t)*eps, Yue et al. 2023, section 3.1
    Seen in: plausible
    """
    share = namespace(x_0, x_degraded, eps, shift_t, shift_noise).sqrt(shift_t)
    return x_0 + share * (x_degraded - x_0) + shift_noise * share * eps


def residual_shift_sample__residual_turned(x_0, x_degraded, eps, shift_t, shift_noise):
    """x_0 - x_degraded for the residual: the state moves away from the degraded image.

    Fix: x_0 + shift_t*(x_degraded - x_0) + shift_noise*sqrt(shift_t)*eps, Yue et al. 2023, section 3.1
    Seen in: plausible
    """
    share = namespace(x_0, x_degraded, eps, shift_t, shift_noise).sqrt(shift_t)
    return x_0 + shift_t * (x_0 - x_degraded) + shift_noise * share * eps
