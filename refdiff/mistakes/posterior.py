"""Wrong bodies of the forward posterior."""

from refdiff.mistakes.schedule import alpha_bar__shifted_by_one
from refdiff.numbers import namespace
from refdiff.reference.forward import general_transition_variance
from refdiff.reference.posterior import general_posterior_mean

__all__ = [
    "general_posterior_mean__deterministic",
    "general_posterior_mean__difference_of_variances",
    "general_posterior_mean__levels_swapped",
    "general_posterior_mean__signal_not_scaled",
    "general_posterior_variance__ancestral",
    "general_posterior_variance__scale",
    "general_posterior_variance__signal_ratio_inverted",
    "general_posterior_variance__transition",
    "posterior_log_variance__forward_variance",
    "posterior_log_variance__log_scale",
    "posterior_log_variance__not_logged",
    "posterior_log_variance__previous_step_when_strided",
    "posterior_log_variance__scale_for_log",
    "posterior_log_variance_large__beta_t_when_strided",
    "posterior_log_variance_large__first_of_the_second",
    "posterior_log_variance_large__log_scale",
    "posterior_log_variance_large__marginal_variance",
    "posterior_log_variance_learned__beta_t_when_strided",
    "posterior_log_variance_learned__interpolation_not_halved",
    "posterior_log_variance_learned__log_scale",
    "posterior_log_variance_learned__output_not_rescaled",
    "posterior_log_variance_learned__swapped_ends",
    "posterior_log_variance_learned__variances_interpolated",
    "posterior_mean__alpha_bar_for_alpha",
    "posterior_mean__alpha_bar_t_for_s",
    "posterior_mean__eps_for_x_0",
    "posterior_mean__marginal_variance_times_eps",
    "posterior_mean__previous_padded_at_its_end",
    "posterior_mean__previous_step_when_strided",
    "posterior_mean__signal_ratio_inverted",
    "posterior_mean__step_scale_without_root",
    "posterior_mean__swapped_coefficients",
    "posterior_mean_x_0_coefficient__alpha_bar_for_alpha",
    "posterior_mean_x_0_coefficient__alpha_t_for_s",
    "posterior_mean_x_0_coefficient__beta_t_when_strided",
    "posterior_mean_x_0_coefficient__of_x_t",
    "posterior_mean_x_0_coefficient__previous_padded_at_its_end",
    "posterior_mean_x_0_coefficient__previous_step_when_strided",
    "posterior_mean_x_0_coefficient__scale_for_variance",
    "posterior_mean_x_t_coefficient__alpha_bar_t_for_s",
    "posterior_mean_x_t_coefficient__alpha_t_for_one_step",
    "posterior_mean_x_t_coefficient__of_x_0",
    "posterior_mean_x_t_coefficient__previous_padded_at_its_end",
    "posterior_mean_x_t_coefficient__previous_step_when_strided",
    "posterior_mean_x_t_coefficient__without_root",
    "posterior_variance__beta_t",
    "posterior_variance__beta_t_when_strided",
    "posterior_variance__forward_variance",
    "posterior_variance__inverted_ratio",
    "posterior_variance__marginal_variance_at_s",
    "posterior_variance__previous_padded_at_its_end",
    "posterior_variance__previous_padded_with_0",
    "posterior_variance__previous_step_when_strided",
    "posterior_variance__scale",
    "posterior_variance_large__beta_t_when_strided",
    "posterior_variance_large__first_of_the_second",
    "posterior_variance_large__marginal_variance",
    "posterior_variance_large__posterior_variance",
    "posterior_variance_large__scale",
]


def posterior_mean_x_0_coefficient__alpha_bar_for_alpha(alpha_bar_s, alpha_bar_t):
    """alpha_bar_s in place of its root.

    Fix: sqrt(alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(1 - alpha_bar_t), Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    return (alpha_bar_s - alpha_bar_t) / (1 - alpha_bar_t)


def posterior_mean_x_0_coefficient__alpha_t_for_s(alpha_bar_s, alpha_bar_t):
    """alpha_t in place of alpha_s: the table of previous values is not shifted.

    Fix: sqrt(alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(1 - alpha_bar_t), Ho et al. 2020, Eq. (7)
    Seen in: B001, lucidrains/denoising-diffusion-pytorch#18, but for its last row
    """
    xp = namespace(alpha_bar_s, alpha_bar_t)
    return xp.sqrt(alpha_bar_t) * (1 - alpha_bar_t / alpha_bar_s) / (1 - alpha_bar_t)


def posterior_mean_x_0_coefficient__previous_padded_at_its_end(T, t, beta_t, alpha_bar_t):
    """The table of previous values padded at its end: it is not shifted, and 1 at T.

    Fix: sqrt(alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(1 - alpha_bar_t), Ho et al. 2020, Eq. (7)
    Seen in: B001, lucidrains/denoising-diffusion-pytorch#18
    """
    previous = alpha_bar_t + (t == T) * (1 - alpha_bar_t)
    return namespace(beta_t).sqrt(previous) * beta_t / (1 - alpha_bar_t)


def posterior_mean_x_0_coefficient__previous_step_when_strided(betas, beta_t, alpha_bar_t, t):
    """The step from t to t - 1 in place of the one to s.

    Fix: sqrt(alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(1 - alpha_bar_t) with the s stepped to, Ho et al. (7)
    Seen in: B030, huggingface/diffusers#2076
    """
    xp = namespace(betas)
    return xp.sqrt(alpha_bar__shifted_by_one(betas)[t - 1]) * beta_t / (1 - alpha_bar_t)


def posterior_mean_x_0_coefficient__beta_t_when_strided(beta_t, alpha_bar_s, alpha_bar_t):
    """beta_t for 1 - alpha_bar_t/alpha_bar_s, right only for s = t - 1.

    Fix: sqrt(alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(1 - alpha_bar_t), Ho et al. 2020, Eq. (7)
    Seen in: B034, huggingface/diffusers#3006, in the variance
    """
    xp = namespace(alpha_bar_s, alpha_bar_t)
    return xp.sqrt(alpha_bar_s) * beta_t / (1 - alpha_bar_t)


def posterior_mean_x_0_coefficient__scale_for_variance(alpha_bar_s, alpha_bar_t):
    """Divided by sqrt(1 - alpha_bar_t) in place of 1 - alpha_bar_t.

    Fix: sqrt(alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(1 - alpha_bar_t), Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    xp = namespace(alpha_bar_s, alpha_bar_t)
    return xp.sqrt(alpha_bar_s) * (1 - alpha_bar_t / alpha_bar_s) / xp.sqrt(1 - alpha_bar_t)


def posterior_mean_x_0_coefficient__of_x_t(alpha_bar_s, alpha_bar_t):
    """The weight of x_t.

    Fix: sqrt(alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)/(1 - alpha_bar_t), Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    xp = namespace(alpha_bar_s, alpha_bar_t)
    return xp.sqrt(alpha_bar_t / alpha_bar_s) * (1 - alpha_bar_s) / (1 - alpha_bar_t)


def posterior_mean_x_t_coefficient__without_root(alpha_bar_s, alpha_bar_t):
    """alpha_bar_t/alpha_bar_s in place of its root.

    Fix: sqrt(alpha_bar_t/alpha_bar_s)*(1 - alpha_bar_s)/(1 - alpha_bar_t), Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    return alpha_bar_t / alpha_bar_s * (1 - alpha_bar_s) / (1 - alpha_bar_t)


def posterior_mean_x_t_coefficient__alpha_bar_t_for_s(alpha_bar_s, alpha_bar_t):
    """1 - alpha_bar_t in place of 1 - alpha_bar_s, which cancels: the table of previous values is not shifted.

    Fix: sqrt(alpha_bar_t/alpha_bar_s)*(1 - alpha_bar_s)/(1 - alpha_bar_t), Ho et al. 2020, Eq. (7)
    Seen in: B001, lucidrains/denoising-diffusion-pytorch#18, but for its last row
    """
    return namespace(alpha_bar_s, alpha_bar_t).sqrt(alpha_bar_t / alpha_bar_s)


def posterior_mean_x_t_coefficient__previous_padded_at_its_end(T, t, beta_t):
    """The table of previous values padded at its end: it is not shifted, and 1 at T.

    Fix: sqrt(alpha_bar_t/alpha_bar_s)*(1 - alpha_bar_s)/(1 - alpha_bar_t), Ho et al. 2020, Eq. (7)
    Seen in: B001, lucidrains/denoising-diffusion-pytorch#18
    """
    return namespace(beta_t).sqrt(1 - beta_t) * (t < T)


def posterior_mean_x_t_coefficient__previous_step_when_strided(betas, beta_t, alpha_bar_t, t):
    """The step from t to t - 1 in place of the one to s.

    Fix: sqrt(alpha_bar_t/alpha_bar_s)*(1 - alpha_bar_s)/(1 - alpha_bar_t) with the s stepped to, Ho et al. (7)
    Seen in: B030, huggingface/diffusers#2076
    """
    xp = namespace(betas)
    return xp.sqrt(1 - beta_t) * (1 - alpha_bar__shifted_by_one(betas)[t - 1]) / (1 - alpha_bar_t)


def posterior_mean_x_t_coefficient__alpha_t_for_one_step(alpha_t, alpha_bar_s, alpha_bar_t):
    """alpha_t, kept since the data, in place of what is kept from s to t.

    Fix: sqrt(alpha_bar_t/alpha_bar_s)*(1 - alpha_bar_s)/(1 - alpha_bar_t), Ho et al. 2020, Eq. (7)
    Seen in: plausible; Ho et al. 2020 write alpha_t for 1 - beta_t
    """
    return alpha_t * (1 - alpha_bar_s) / (1 - alpha_bar_t)


def posterior_mean_x_t_coefficient__of_x_0(alpha_bar_s, alpha_bar_t):
    """The weight of x_0.

    Fix: sqrt(alpha_bar_t/alpha_bar_s)*(1 - alpha_bar_s)/(1 - alpha_bar_t), Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    xp = namespace(alpha_bar_s, alpha_bar_t)
    return xp.sqrt(alpha_bar_s) * (1 - alpha_bar_t / alpha_bar_s) / (1 - alpha_bar_t)


def posterior_mean__swapped_coefficients(x_0, x_t, alpha_bar_s, alpha_bar_t):
    """The weights of x_0 and x_t swapped.

    Fix: posterior_mean_x_0_coefficient*x_0 + posterior_mean_x_t_coefficient*x_t, Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    of_x_t = posterior_mean_x_0_coefficient__of_x_t(alpha_bar_s, alpha_bar_t)
    of_x_0 = posterior_mean_x_t_coefficient__of_x_0(alpha_bar_s, alpha_bar_t)
    return of_x_t * x_0 + of_x_0 * x_t


def posterior_mean__alpha_bar_for_alpha(x_0, x_t, alpha_bar_s, alpha_bar_t):
    """alpha_bar in place of its root in both weights.

    Fix: posterior_mean_x_0_coefficient*x_0 + posterior_mean_x_t_coefficient*x_t, Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    of_x_0 = posterior_mean_x_0_coefficient__alpha_bar_for_alpha(alpha_bar_s, alpha_bar_t)
    of_x_t = posterior_mean_x_t_coefficient__without_root(alpha_bar_s, alpha_bar_t)
    return of_x_0 * x_0 + of_x_t * x_t


def posterior_mean__alpha_bar_t_for_s(x_0, x_t, alpha_bar_s, alpha_bar_t):
    """alpha_bar_t in place of alpha_bar_s beside the step variance: the table of previous values is not shifted.

    Fix: posterior_mean_x_0_coefficient*x_0 + posterior_mean_x_t_coefficient*x_t, Ho et al. 2020, Eq. (7)
    Seen in: B001, lucidrains/denoising-diffusion-pytorch#18, but for its last row
    """
    of_x_0 = posterior_mean_x_0_coefficient__alpha_t_for_s(alpha_bar_s, alpha_bar_t)
    of_x_t = posterior_mean_x_t_coefficient__alpha_bar_t_for_s(alpha_bar_s, alpha_bar_t)
    return of_x_0 * x_0 + of_x_t * x_t


def posterior_mean__previous_padded_at_its_end(x_0, x_t, T, t, beta_t, alpha_bar_t):
    """The table of previous values padded at its end: it is not shifted, and 1 at T.

    Fix: posterior_mean_x_0_coefficient*x_0 + posterior_mean_x_t_coefficient*x_t, Ho et al. 2020, Eq. (7)
    Seen in: B001, lucidrains/denoising-diffusion-pytorch#18
    """
    of_x_0 = posterior_mean_x_0_coefficient__previous_padded_at_its_end(T, t, beta_t, alpha_bar_t)
    return of_x_0 * x_0 + posterior_mean_x_t_coefficient__previous_padded_at_its_end(T, t, beta_t) * x_t


def posterior_mean__previous_step_when_strided(x_0, x_t, betas, beta_t, alpha_bar_t, t):
    """The mean of x_{t-1} in place of that of x_s.

    Fix: posterior_mean_x_0_coefficient*x_0 + posterior_mean_x_t_coefficient*x_t with the s stepped to, Ho et al. (7)
    Seen in: B030, huggingface/diffusers#2076
    """
    of_x_0 = posterior_mean_x_0_coefficient__previous_step_when_strided(betas, beta_t, alpha_bar_t, t)
    of_x_t = posterior_mean_x_t_coefficient__previous_step_when_strided(betas, beta_t, alpha_bar_t, t)
    return of_x_0 * x_0 + of_x_t * x_t


def posterior_mean__marginal_variance_times_eps(x_t, eps, alpha_bar_s, alpha_bar_t):
    """1 - alpha_bar_t in place of 1 - alpha_bar_t/alpha_bar_s before eps: too much noise is taken away.

    Fix: sqrt(alpha_bar_s/alpha_bar_t)*(x_t - (1 - alpha_bar_t/alpha_bar_s)/sigma_t*eps), Ho et al. 2020, Eq. (11)
    Seen in: B038, coleygroup/shepherd#14
    """
    xp = namespace(x_t, eps, alpha_bar_s, alpha_bar_t)
    return xp.sqrt(alpha_bar_s / alpha_bar_t) * (x_t - xp.sqrt(1 - alpha_bar_t) * eps)


def posterior_mean__step_scale_without_root(x_t, eps, sigma_t, alpha_bar_s, alpha_bar_t):
    """Divided by alpha_bar_t/alpha_bar_s in place of its root.

    Fix: sqrt(alpha_bar_s/alpha_bar_t)*(x_t - (1 - alpha_bar_t/alpha_bar_s)/sigma_t*eps), Ho et al. 2020, Eq. (11)
    Seen in: plausible
    """
    kept = alpha_bar_t / alpha_bar_s
    return (x_t - (1 - kept) / sigma_t * eps) / kept


def posterior_mean__signal_ratio_inverted(x_t, eps, sigma_t, alpha_bar_s, alpha_bar_t):
    """alpha_t/alpha_s in place of alpha_s/alpha_t before it all: the state is scaled down once more.

    Fix: sqrt(alpha_bar_s/alpha_bar_t)*(x_t - (1 - alpha_bar_t/alpha_bar_s)/sigma_t*eps), Ho et al. 2020, Eq. (11)
    Seen in: plausible; asked for in lucidrains/denoising-diffusion-pytorch#173
    """
    kept = alpha_bar_t / alpha_bar_s
    return namespace(x_t, eps, alpha_bar_s, alpha_bar_t).sqrt(kept) * (x_t - (1 - kept) / sigma_t * eps)


def posterior_mean__eps_for_x_0(x_t, eps, alpha_bar_s, alpha_bar_t):
    """eps in the place of x_0: the prediction was not converted.

    Fix: x_0 is (x_t - sigma_t*eps)/alpha_t, Ho et al. 2020, Eq. (7) and section 3.2
    Seen in: plausible
    """
    of_x_t = posterior_mean_x_0_coefficient__of_x_t(alpha_bar_s, alpha_bar_t)
    of_x_0 = posterior_mean_x_t_coefficient__of_x_0(alpha_bar_s, alpha_bar_t)
    return of_x_0 * eps + of_x_t * x_t


def posterior_variance__beta_t(beta_t):
    """beta_t (fixed_large) in place of the posterior variance.

    Fix: (1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s), Ho et al. 2020, Eq. (7)
    Seen in: B001, lucidrains/denoising-diffusion-pytorch#18, but for its last row
    """
    return +beta_t


def posterior_variance__forward_variance(alpha_bar_s, alpha_bar_t):
    """1 - alpha_bar_t/alpha_bar_s (fixed_large) in place of the posterior variance.

    Fix: (1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s), Ho et al. 2020, Eq. (7)
    Seen in: B001, lucidrains/denoising-diffusion-pytorch#18
    """
    return 1 - alpha_bar_t / alpha_bar_s


def posterior_variance__marginal_variance_at_s(alpha_bar_s):
    """1 - alpha_bar_s: divided by one step's variance, which cancels, in place of 1 - alpha_bar_t.

    Fix: (1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s), Ho et al. 2020, Eq. (7)
    Seen in: B036, varun-ml/diffusion-models-tutorial#1
    """
    return 1 - alpha_bar_s


def posterior_variance__scale(alpha_bar_s, alpha_bar_t):
    """The scale, the root of the posterior variance.

    Fix: (1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s), Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    xp = namespace(alpha_bar_s, alpha_bar_t)
    return xp.sqrt((1 - alpha_bar_s) / (1 - alpha_bar_t) * (1 - alpha_bar_t / alpha_bar_s))


def posterior_variance__previous_step_when_strided(betas, beta_t, alpha_bar_t, t):
    """The variance of x_{t-1} in place of that of x_s.

    Fix: (1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s) with the s stepped to, Ho et al. (7)
    Seen in: B030, huggingface/diffusers#2076
    """
    return (1 - alpha_bar__shifted_by_one(betas)[t - 1]) / (1 - alpha_bar_t) * beta_t


def posterior_variance__beta_t_when_strided(beta_t, alpha_bar_s, alpha_bar_t):
    """beta_t for 1 - alpha_bar_t/alpha_bar_s, right only for s = t - 1.

    Fix: (1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s), Ho et al. 2020, Eq. (7)
    Seen in: B034, huggingface/diffusers#3006, in the larger variance
    """
    return (1 - alpha_bar_s) / (1 - alpha_bar_t) * beta_t


def posterior_variance__inverted_ratio(alpha_bar_s, alpha_bar_t):
    """(1 - alpha_bar_t)/(1 - alpha_bar_s) in place of its inverse.

    Fix: (1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s), Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    return (1 - alpha_bar_t) / (1 - alpha_bar_s) * (1 - alpha_bar_t / alpha_bar_s)


def posterior_variance__previous_padded_at_its_end(T, t, beta_t):
    """The table of previous values padded at its end: beta_t, and 0 at T.

    Fix: (1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s), Ho et al. 2020, Eq. (7)
    Seen in: B001, lucidrains/denoising-diffusion-pytorch#18
    """
    return beta_t * (t < T)


def posterior_variance__previous_padded_with_0(s, alpha_bar_s, alpha_bar_t):
    """The table of previous values padded with 0: 1 - alpha_bar_s is 1 in place of 0 at s = 0.

    Fix: (1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s), alpha_bar_s 1 at s = 0, Ho et al. (7)
    Seen in: plausible
    """
    padded = alpha_bar_s * (s > 0)
    return (1 - padded) / (1 - alpha_bar_t) * (1 - alpha_bar_t / alpha_bar_s)


def posterior_variance_large__beta_t_when_strided(beta_t):
    """beta_t, right only for s = t - 1: too small when steps are skipped.

    Fix: 1 - alpha_bar_t/alpha_bar_s, Ho et al. 2020, section 3.2
    Seen in: B034, huggingface/diffusers#3006
    """
    return +beta_t


def posterior_variance_large__posterior_variance(alpha_bar_s, alpha_bar_t):
    """The posterior variance (fixed_small).

    Fix: 1 - alpha_bar_t/alpha_bar_s, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return (1 - alpha_bar_s) / (1 - alpha_bar_t) * (1 - alpha_bar_t / alpha_bar_s)


def posterior_variance_large__marginal_variance(alpha_bar_t):
    """1 - alpha_bar_t, the variance since the data.

    Fix: 1 - alpha_bar_t/alpha_bar_s, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return 1 - alpha_bar_t


def posterior_variance_large__scale(alpha_bar_s, alpha_bar_t):
    """The scale, the root of the variance.

    Fix: 1 - alpha_bar_t/alpha_bar_s, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return namespace(alpha_bar_s, alpha_bar_t).sqrt(1 - alpha_bar_t / alpha_bar_s)


def posterior_variance_large__first_of_the_second(betas, t, alpha_bar_s, alpha_bar_t):
    """The posterior variance at t = 2 in the first entry of the table, as released code keeps it for the decoder.

    Fix: 1 - alpha_bar_t/alpha_bar_s, which is beta_1 at t = 1, Ho et al. 2020, section 3.2
    Seen in: plausible; openai/guided-diffusion's FIXED_LARGE, on purpose
    """
    second = betas[1] * betas[0] / (1 - (1 - betas[0]) * (1 - betas[1]))
    return second if int(t) == 1 else 1 - alpha_bar_t / alpha_bar_s


def posterior_log_variance__log_scale(alpha_bar_s, alpha_bar_t):
    """The log of the scale, half of the log variance.

    Fix: log((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)), Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    xp = namespace(alpha_bar_s, alpha_bar_t)
    return xp.log((1 - alpha_bar_s) / (1 - alpha_bar_t) * (1 - alpha_bar_t / alpha_bar_s)) / 2


def posterior_log_variance__forward_variance(alpha_bar_s, alpha_bar_t):
    """The log of 1 - alpha_bar_t/alpha_bar_s (fixed_large).

    Fix: log((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)), Ho et al. 2020, Eq. (7)
    Seen in: B001, lucidrains/denoising-diffusion-pytorch#18
    """
    return namespace(alpha_bar_s, alpha_bar_t).log(1 - alpha_bar_t / alpha_bar_s)


def posterior_log_variance__not_logged(alpha_bar_s, alpha_bar_t):
    """The variance itself, not its log.

    Fix: log((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)), Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    return (1 - alpha_bar_s) / (1 - alpha_bar_t) * (1 - alpha_bar_t / alpha_bar_s)


def posterior_log_variance__scale_for_log(alpha_bar_s, alpha_bar_t):
    """The scale in place of the log variance.

    Fix: log((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)), Ho et al. 2020, Eq. (7)
    Seen in: B133, tqch/ddpm-torch#9, in the forward process
    """
    return posterior_variance__scale(alpha_bar_s, alpha_bar_t)


def posterior_log_variance__previous_step_when_strided(betas, beta_t, alpha_bar_t, t):
    """The log variance of x_{t-1} in place of that of x_s.

    Fix: log((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)) with the s stepped to, Ho et al. (7)
    Seen in: B030, huggingface/diffusers#2076
    """
    xp = namespace(betas)
    return xp.log(posterior_variance__previous_step_when_strided(betas, beta_t, alpha_bar_t, t))


def posterior_log_variance_large__beta_t_when_strided(beta_t):
    """log(beta_t), right only for s = t - 1.

    Fix: log(1 - alpha_bar_t/alpha_bar_s), Ho et al. 2020, section 3.2
    Seen in: B034, huggingface/diffusers#3006
    """
    return namespace(beta_t).log(beta_t)


def posterior_log_variance_large__log_scale(alpha_bar_s, alpha_bar_t):
    """The log of the scale, half of the log variance.

    Fix: log(1 - alpha_bar_t/alpha_bar_s), Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return namespace(alpha_bar_s, alpha_bar_t).log(1 - alpha_bar_t / alpha_bar_s) / 2


def posterior_log_variance_large__first_of_the_second(betas, t, alpha_bar_s, alpha_bar_t):
    """The log of the posterior variance at t = 2 in the first entry of the table, as released code keeps it for the decoder.

    Fix: log(1 - alpha_bar_t/alpha_bar_s), which is log(beta_1) at t = 1, Ho et al. 2020, section 3.2
    Seen in: plausible; openai/guided-diffusion's FIXED_LARGE, on purpose
    """
    variance = posterior_variance_large__first_of_the_second(betas, t, alpha_bar_s, alpha_bar_t)
    return namespace(betas).log(variance)


def posterior_log_variance_large__marginal_variance(alpha_bar_t):
    """log(1 - alpha_bar_t), the log variance since the data.

    Fix: log(1 - alpha_bar_t/alpha_bar_s), Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return namespace(alpha_bar_t).log(1 - alpha_bar_t)


def _interpolated(share, small, large):
    return share * large + (1 - share) * small


def posterior_log_variance_learned__output_not_rescaled(interpolation, alpha_bar_s, alpha_bar_t):
    """The network's output in [-1, 1] taken for the share in [0, 1].

    Fix: interpolation is (output + 1)/2, Nichol and Dhariwal 2021, Eq. (15)
    Seen in: plausible
    """
    small = 2 * posterior_log_variance__log_scale(alpha_bar_s, alpha_bar_t)
    large = posterior_log_variance__forward_variance(alpha_bar_s, alpha_bar_t)
    return _interpolated(2 * interpolation - 1, small, large)


def posterior_log_variance_learned__interpolation_not_halved(interpolation, alpha_bar_s, alpha_bar_t):
    """The network's output plus 1, not halved: twice the share.

    Fix: interpolation is (output + 1)/2, Nichol and Dhariwal 2021, Eq. (15)
    Seen in: plausible
    """
    small = 2 * posterior_log_variance__log_scale(alpha_bar_s, alpha_bar_t)
    large = posterior_log_variance__forward_variance(alpha_bar_s, alpha_bar_t)
    return _interpolated(2 * interpolation, small, large)


def posterior_log_variance_learned__swapped_ends(interpolation, alpha_bar_s, alpha_bar_t):
    """The smaller and the larger variance swapped.

    Fix: interpolation*large + (1 - interpolation)*small in logs, Nichol and Dhariwal 2021, Eq. (15)
    Seen in: plausible
    """
    small = 2 * posterior_log_variance__log_scale(alpha_bar_s, alpha_bar_t)
    large = posterior_log_variance__forward_variance(alpha_bar_s, alpha_bar_t)
    return _interpolated(interpolation, large, small)


def posterior_log_variance_learned__variances_interpolated(interpolation, alpha_bar_s, alpha_bar_t):
    """The log of interpolated variances in place of interpolated logs.

    Fix: interpolation*large + (1 - interpolation)*small in logs, Nichol and Dhariwal 2021, Eq. (15)
    Seen in: plausible
    """
    xp = namespace(interpolation, alpha_bar_s, alpha_bar_t)
    large = 1 - alpha_bar_t / alpha_bar_s
    return xp.log(_interpolated(interpolation, (1 - alpha_bar_s) / (1 - alpha_bar_t) * large, large))


def posterior_log_variance_learned__beta_t_when_strided(interpolation, beta_t, alpha_bar_s, alpha_bar_t):
    """log(beta_t) for the larger end, right only for s = t - 1.

    Fix: the larger end is log(1 - alpha_bar_t/alpha_bar_s), Nichol and Dhariwal 2021, Eq. (15)
    Seen in: B034, huggingface/diffusers#3006
    """
    small = 2 * posterior_log_variance__log_scale(alpha_bar_s, alpha_bar_t)
    return _interpolated(interpolation, small, namespace(beta_t).log(beta_t))


def posterior_log_variance_learned__log_scale(interpolation, alpha_bar_s, alpha_bar_t):
    """The log of the scale, half of the log variance.

    Fix: interpolation*log variance_large + (1 - interpolation)*log variance, Nichol and Dhariwal 2021, Eq. (15)
    Seen in: plausible
    """
    small = posterior_log_variance__log_scale(alpha_bar_s, alpha_bar_t)
    large = posterior_log_variance__forward_variance(alpha_bar_s, alpha_bar_t) / 2
    return _interpolated(interpolation, small, large)


def general_posterior_mean__difference_of_variances(x_0, x_t, alpha_s, sigma_s, alpha_t, sigma_t):
    """sigma_t**2 - sigma_s**2 added, which holds where the signal is not scaled.

    Fix: the mean of Bayes' rule, with sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2 added from s to t, Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    added = (sigma_t**2 - sigma_s**2) / sigma_t**2
    return alpha_s * added * x_0 + alpha_t / alpha_s * (1 - added) * x_t


def general_posterior_mean__signal_not_scaled(x_0, x_t, alpha_s, sigma_s, alpha_t, sigma_t):
    """The weights of a process that does not scale its signal.

    Fix: the mean of Bayes' rule, with sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2 added from s to t, Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    return general_posterior_mean(x_0, x_t, 1 + 0 * alpha_s, sigma_s, 1 + 0 * alpha_t, sigma_t)


def general_posterior_mean__levels_swapped(x_0, x_t, alpha_s, sigma_s, alpha_t, sigma_t):
    """The scales of s and t swapped.

    Fix: the mean of Bayes' rule, with sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2 added from s to t, Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    shared = alpha_s / alpha_t * sigma_t**2
    return alpha_t * x_0 + shared / sigma_s**2 * (x_t - alpha_s * x_0)


def general_posterior_mean__deterministic(x_0, x_t, alpha_s, sigma_s, alpha_t, sigma_t):
    """DDIM's step: the noise of x_t, at the scale of s.

    Fix: the mean of Bayes' rule, with sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2 added from s to t, Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    return alpha_s * x_0 + sigma_s / sigma_t * (x_t - alpha_t * x_0)


def general_posterior_variance__transition(alpha_s, sigma_s, alpha_t, sigma_t):
    """The variance that the step from s to t adds.

    Fix: sigma_s**2*(sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2)/sigma_t**2, Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    return general_transition_variance(alpha_s, sigma_s, alpha_t, sigma_t)


def general_posterior_variance__ancestral(sigma_s, sigma_t):
    """k-diffusion's ancestral variance, which holds where the signal is not scaled.

    Fix: sigma_s**2*(sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2)/sigma_t**2, Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    return sigma_s**2 * (sigma_t**2 - sigma_s**2) / sigma_t**2


def general_posterior_variance__scale(alpha_s, sigma_s, alpha_t, sigma_t):
    """The standard deviation.

    Fix: sigma_s**2*(sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2)/sigma_t**2, Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    xp = namespace(alpha_s, sigma_s, alpha_t, sigma_t)
    return xp.sqrt(sigma_s**2 * (sigma_t**2 - (alpha_t / alpha_s) ** 2 * sigma_s**2)) / sigma_t


def general_posterior_variance__signal_ratio_inverted(alpha_s, sigma_s, alpha_t, sigma_t):
    """alpha_s/alpha_t in place of alpha_t/alpha_s.

    Fix: sigma_s**2*(sigma_t**2 - (alpha_t/alpha_s)**2*sigma_s**2)/sigma_t**2, Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    return sigma_s**2 * (sigma_t**2 - (alpha_s / alpha_t) ** 2 * sigma_s**2) / sigma_t**2
