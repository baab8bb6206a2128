"""Wrong bodies of one sampling step."""

from refdiff.mistakes.posterior import (
    posterior_mean__alpha_bar_t_for_s,
    posterior_mean__marginal_variance_times_eps,
    posterior_mean__previous_step_when_strided,
    posterior_mean__swapped_coefficients,
    posterior_variance__previous_step_when_strided,
)
from refdiff.mistakes.schedule import alpha_bar__shifted_by_one
from refdiff.numbers import namespace
from refdiff.reference.posterior import posterior_mean, posterior_variance, posterior_variance_large
from refdiff.reference.step import ddim_step

__all__ = [
    "ddim_noise_scale__eta_inside_root",
    "ddim_noise_scale__forward_scale",
    "ddim_noise_scale__marginal_noise",
    "ddim_noise_scale__previous_step_when_strided",
    "ddim_noise_scale__variance",
    "ddim_step__direction_at_t",
    "ddim_step__direction_minus_scale",
    "ddim_step__direction_not_shortened",
    "ddim_step__eps_of_unclipped_x_0",
    "ddim_step__eta_ignored",
    "ddim_step__eta_squared",
    "ddim_step__final_alpha_bar_first_step",
    "ddim_step__fresh_noise_for_eps",
    "ddim_step__levels_one_step_early",
    "ddim_step__marginal_noise",
    "ddim_step__noise_left_out",
    "ddim_step__previous_step_when_strided",
    "ddim_step__variance_for_scale",
    "ddpm_step__alpha_bar_t_for_s",
    "ddpm_step__beta_t_when_strided",
    "ddpm_step__direction_not_shortened",
    "ddpm_step__large_variance",
    "ddpm_step__marginal_variance_times_eps",
    "ddpm_step__noised_data",
    "ddpm_step__previous_step_when_strided",
    "ddpm_step__swapped_coefficients",
    "ddpm_step__variance_for_scale",
    "ddpm_step__without_noise",
    "ddpm_step_large__beta_t_when_strided",
    "ddpm_step_large__posterior_variance",
    "ddpm_step_large__previous_step_when_strided",
    "ddpm_step_large__variance_for_scale",
    "ddpm_step_large__without_noise",
]


def ddpm_step__large_variance(x_t, x_0, z, log_alpha_bar_s, log_alpha_bar_t):
    """Noise of the larger variance (fixed_large).

    Fix: posterior_mean + sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s))*z, Ho et al. (7)
    Seen in: B001, lucidrains/denoising-diffusion-pytorch#18
    """
    xp = namespace(x_t, x_0, z, log_alpha_bar_s, log_alpha_bar_t)
    mean = posterior_mean(x_0, x_t, log_alpha_bar_s, log_alpha_bar_t)
    return mean + xp.sqrt(posterior_variance_large(log_alpha_bar_s, log_alpha_bar_t)) * z


def ddpm_step__variance_for_scale(x_t, x_0, z, log_alpha_bar_s, log_alpha_bar_t):
    """Noise multiplied by its variance, or by exp of the log variance, without the root.

    Fix: posterior_mean + sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s))*z, Ho et al. (7)
    Seen in: B147, bjlkeng/sandbox#10, in a VAE
    """
    mean = posterior_mean(x_0, x_t, log_alpha_bar_s, log_alpha_bar_t)
    return mean + posterior_variance(log_alpha_bar_s, log_alpha_bar_t) * z


def ddpm_step__without_noise(x_t, x_0, log_alpha_bar_s, log_alpha_bar_t):
    """The mean alone, without noise.

    Fix: posterior_mean + sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s))*z, Ho et al. (7)
    Seen in: plausible
    """
    return posterior_mean(x_0, x_t, log_alpha_bar_s, log_alpha_bar_t)


def ddpm_step__previous_step_when_strided(x_t, x_0, z, betas, beta_t, alpha_bar_t, t):
    """The step from t to t - 1 in place of the one to s: noise piles up when steps are skipped.

    Fix: take alpha_bar_s at the s stepped to, and 1 - alpha_bar_t/alpha_bar_s for beta_t, Ho et al. 2020, Eq. (7)
    Seen in: B030, huggingface/diffusers#2076
    """
    xp = namespace(x_t, x_0, z, betas)
    mean = posterior_mean__previous_step_when_strided(x_0, x_t, betas, beta_t, alpha_bar_t, t)
    return mean + xp.sqrt(posterior_variance__previous_step_when_strided(betas, beta_t, alpha_bar_t, t)) * z


def ddpm_step__beta_t_when_strided(x_t, x_0, z, beta_t, alpha_bar_s, alpha_bar_t):
    """beta_t for 1 - alpha_bar_t/alpha_bar_s in the mean and the variance, right only for s = t - 1.

    Fix: take alpha_bar_s at the s stepped to, and 1 - alpha_bar_t/alpha_bar_s for beta_t, Ho et al. 2020, Eq. (7)
    Seen in: B034, huggingface/diffusers#3006, in the larger variance
    """
    xp = namespace(x_t, x_0, z, beta_t, alpha_bar_s, alpha_bar_t)
    of_x_0 = xp.sqrt(alpha_bar_s) * beta_t / (1 - alpha_bar_t)
    of_x_t = xp.sqrt(1 - beta_t) * (1 - alpha_bar_s) / (1 - alpha_bar_t)
    variance = (1 - alpha_bar_s) / (1 - alpha_bar_t) * beta_t
    return of_x_0 * x_0 + of_x_t * x_t + xp.sqrt(variance) * z


def ddpm_step__marginal_variance_times_eps(x_t, eps, z, alpha_bar_s, alpha_bar_t, log_alpha_bar_s, log_alpha_bar_t):
    """1 - alpha_bar_t in place of 1 - alpha_bar_t/alpha_bar_s before eps: too much noise is taken away.

    Fix: sqrt(alpha_bar_s/alpha_bar_t)*(x_t - (1 - alpha_bar_t/alpha_bar_s)/sigma_t*eps) + ..., Ho et al. (11)
    Seen in: B038, coleygroup/shepherd#14
    """
    xp = namespace(x_t, eps, z, alpha_bar_s, alpha_bar_t)
    mean = posterior_mean__marginal_variance_times_eps(x_t, eps, alpha_bar_s, alpha_bar_t)
    return mean + xp.sqrt(posterior_variance(log_alpha_bar_s, log_alpha_bar_t)) * z


def ddpm_step__alpha_bar_t_for_s(x_t, x_0, z, alpha_bar_s, alpha_bar_t):
    """alpha_bar_t in place of alpha_bar_s beside the step variance: the table of previous values is not shifted.

    Fix: take alpha_bar_s at the s stepped to, in the mean and the variance, Ho et al. 2020, Eq. (7)
    Seen in: B001, lucidrains/denoising-diffusion-pytorch#18
    """
    xp = namespace(x_t, x_0, z, alpha_bar_s, alpha_bar_t)
    mean = posterior_mean__alpha_bar_t_for_s(x_0, x_t, alpha_bar_s, alpha_bar_t)
    return mean + xp.sqrt(1 - alpha_bar_t / alpha_bar_s) * z


def ddpm_step__swapped_coefficients(x_t, x_0, z, alpha_bar_s, alpha_bar_t, log_alpha_bar_s, log_alpha_bar_t):
    """The weights of x_0 and x_t swapped.

    Fix: posterior_mean_x_0_coefficient*x_0 + posterior_mean_x_t_coefficient*x_t + ..., Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """
    xp = namespace(x_t, x_0, z, alpha_bar_s, alpha_bar_t)
    mean = posterior_mean__swapped_coefficients(x_0, x_t, alpha_bar_s, alpha_bar_t)
    return mean + xp.sqrt(posterior_variance(log_alpha_bar_s, log_alpha_bar_t)) * z


def ddpm_step__noised_data(x_0, z, alpha_s, sigma_s):
    """The estimate noised afresh to s, a consistency model's step, whatever x_t holds.

    Fix: posterior_mean + sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s))*z, Ho et al. (7)
    Seen in: plausible; B040, huggingface/diffusers#5681, is the same step with noise left at the end
    """
    return alpha_s * x_0 + sigma_s * z


def ddpm_step__direction_not_shortened(x_0, z, eps, alpha_s, sigma_s, log_alpha_bar_s, log_alpha_bar_t):
    """All of the noise of s before eps, as without fresh noise, and the fresh noise on top.

    Fix: posterior_mean + sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s))*z, Ho et al. (7)
    Seen in: plausible
    """
    xp = namespace(x_0, z, log_alpha_bar_s, log_alpha_bar_t)
    return alpha_s * x_0 + sigma_s * eps + xp.sqrt(posterior_variance(log_alpha_bar_s, log_alpha_bar_t)) * z


def ddpm_step_large__posterior_variance(x_t, x_0, z, log_alpha_bar_s, log_alpha_bar_t):
    """Noise of the posterior variance (fixed_small).

    Fix: posterior_mean + sqrt(1 - alpha_bar_t/alpha_bar_s)*z, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    xp = namespace(x_t, x_0, z, log_alpha_bar_s, log_alpha_bar_t)
    mean = posterior_mean(x_0, x_t, log_alpha_bar_s, log_alpha_bar_t)
    return mean + xp.sqrt(posterior_variance(log_alpha_bar_s, log_alpha_bar_t)) * z


def ddpm_step_large__variance_for_scale(x_t, x_0, z, log_alpha_bar_s, log_alpha_bar_t):
    """Noise multiplied by its variance, without the root.

    Fix: posterior_mean + sqrt(1 - alpha_bar_t/alpha_bar_s)*z, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    mean = posterior_mean(x_0, x_t, log_alpha_bar_s, log_alpha_bar_t)
    return mean + posterior_variance_large(log_alpha_bar_s, log_alpha_bar_t) * z


def ddpm_step_large__beta_t_when_strided(x_t, x_0, z, beta_t, log_alpha_bar_s, log_alpha_bar_t):
    """Noise of variance beta_t, right only for s = t - 1: too little when steps are skipped.

    Fix: posterior_mean + sqrt(1 - alpha_bar_t/alpha_bar_s)*z, Ho et al. 2020, section 3.2
    Seen in: B034, huggingface/diffusers#3006
    """
    xp = namespace(x_t, x_0, z, beta_t)
    return posterior_mean(x_0, x_t, log_alpha_bar_s, log_alpha_bar_t) + xp.sqrt(beta_t) * z


def ddpm_step_large__previous_step_when_strided(x_t, x_0, z, betas, beta_t, alpha_bar_t, t):
    """The step from t to t - 1 in place of the one to s.

    Fix: take alpha_bar_s at the s stepped to, and 1 - alpha_bar_t/alpha_bar_s for beta_t, Ho et al. 2020, Eq. (7)
    Seen in: B030, huggingface/diffusers#2076
    """
    xp = namespace(x_t, x_0, z, betas)
    mean = posterior_mean__previous_step_when_strided(x_0, x_t, betas, beta_t, alpha_bar_t, t)
    return mean + xp.sqrt(beta_t) * z


def ddpm_step_large__without_noise(x_t, x_0, log_alpha_bar_s, log_alpha_bar_t):
    """The mean alone, without noise.

    Fix: posterior_mean + sqrt(1 - alpha_bar_t/alpha_bar_s)*z, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return posterior_mean(x_0, x_t, log_alpha_bar_s, log_alpha_bar_t)


def ddim_noise_scale__marginal_noise(eta, sigma_t):
    """eta*sqrt(1 - alpha_bar_t), the noise since the data.

    Fix: eta*sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)), Song et al. 2021, Eq. (16)
    Seen in: B050, jsboige/CoursIA#16158
    """
    return eta * sigma_t


def ddim_noise_scale__variance(eta, log_alpha_bar_s, log_alpha_bar_t):
    """eta times the variance, without the root.

    Fix: eta*sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)), Song et al. 2021, Eq. (16)
    Seen in: plausible
    """
    return eta * posterior_variance(log_alpha_bar_s, log_alpha_bar_t)


def ddim_noise_scale__forward_scale(eta, log_alpha_bar_s, log_alpha_bar_t):
    """eta*sqrt(1 - alpha_bar_t/alpha_bar_s), the larger variance.

    Fix: eta*sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)), Song et al. 2021, Eq. (16)
    Seen in: plausible; Song et al. call it sigma-hat and use it for one row of their table
    """
    xp = namespace(eta, log_alpha_bar_s, log_alpha_bar_t)
    return eta * xp.sqrt(posterior_variance_large(log_alpha_bar_s, log_alpha_bar_t))


def ddim_noise_scale__eta_inside_root(eta, log_alpha_bar_s, log_alpha_bar_t):
    """eta under the root: eta is a share of the scale, not of the variance.

    Fix: eta*sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)), Song et al. 2021, Eq. (16)
    Seen in: plausible
    """
    xp = namespace(eta, log_alpha_bar_s, log_alpha_bar_t)
    return xp.sqrt(eta * posterior_variance(log_alpha_bar_s, log_alpha_bar_t))


def ddim_noise_scale__previous_step_when_strided(eta, betas, beta_t, alpha_bar_t, t):
    """The noise of the step from t to t - 1 in place of the one to s.

    Fix: eta*sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)), Song et al. 2021, Eq. (16)
    Seen in: B030, huggingface/diffusers#2076, in its DDPM
    """
    xp = namespace(eta, betas)
    return eta * xp.sqrt(posterior_variance__previous_step_when_strided(betas, beta_t, alpha_bar_t, t))


def ddim_step__eps_of_unclipped_x_0(x_t, x_0, z, eta, alpha_s, log_alpha_bar_s, log_alpha_bar_t):
    """x_0 clipped to [-1, 1] but eps taken from the unclipped one: together they no longer make x_t.

    Fix: eps is (x_t - alpha_t*x_0)/sigma_t of the same x_0, clipped or not, Song et al. 2021, Eq. (12)
    Seen in: B045, lucidrains/denoising-diffusion-pytorch@6dda508
    """
    xp = namespace(x_t, x_0, z, log_alpha_bar_s, log_alpha_bar_t)
    clipped = xp.minimum(xp.maximum(x_0, -1), 1)
    return ddim_step(x_t, x_0, z, eta, log_alpha_bar_s, log_alpha_bar_t) + alpha_s * (clipped - x_0)


def ddim_step__marginal_noise(x_t, x_0, z, eta, eps, alpha_s, alpha_bar_s, sigma_t):
    """Noise of eta*sqrt(1 - alpha_bar_t), the negative radicand that it makes clipped to 0.

    Fix: scale is eta*sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)), Song et al. Eq. (16)
    Seen in: B050, jsboige/CoursIA#16158
    """
    xp = namespace(x_t, x_0, z, eta)
    left = xp.maximum(1 - alpha_bar_s - (eta * sigma_t) ** 2, 0)
    return alpha_s * x_0 + xp.sqrt(left) * eps + eta * sigma_t * z


def ddim_step__levels_one_step_early(x_0, z, eta, eps, betas, t, s):
    """The table of previous values read at both ends, alpha_bar of t - 1 and of s - 1, beside the eps and x_0 of t.

    Fix: alpha_bar_s and alpha_bar_t are rows s - 1 and t - 1 of cumprod(1 - betas), Song et al. 2021, Eq. (12)
    Seen in: B043, lucidrains/denoising-diffusion-pytorch#83
    """
    xp = namespace(betas)
    levels = alpha_bar__shifted_by_one(betas)
    at_s, at_t = levels[s - 1 + (s == 0)], levels[t - 1]
    variance = eta**2 * (1 - at_s) / (1 - at_t) * (1 - at_t / at_s)
    return xp.sqrt(at_s) * x_0 + xp.sqrt(1 - at_s - variance) * eps + xp.sqrt(variance) * z


def ddim_step__final_alpha_bar_first_step(x_t, x_0, z, eta, alpha_bars, s, log_alpha_bar_t):
    """alpha_bar of the first step in place of 1 at s = 0, Stable Diffusion's released convention (set_alpha_to_one=False).

    Fix: alpha_bar_s is 1 at s = 0, Song et al. 2021, Eq. (12)
    Seen in: B026, Stability-AI/stablediffusion#345
    """
    xp = namespace(alpha_bars)
    return ddim_step(x_t, x_0, z, eta, xp.log(alpha_bars)[s - 1 + (s == 0)], log_alpha_bar_t)


def ddim_step__direction_not_shortened(x_0, z, eta, eps, alpha_s, sigma_s, log_alpha_bar_s, log_alpha_bar_t):
    """sqrt(1 - alpha_bar_s) before eps whatever eta is: fresh noise comes on top.

    Fix: sqrt(1 - alpha_bar_s - scale**2) before eps, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    xp = namespace(x_0, z, eta, log_alpha_bar_s, log_alpha_bar_t)
    scale = eta * xp.sqrt(posterior_variance(log_alpha_bar_s, log_alpha_bar_t))
    return alpha_s * x_0 + sigma_s * eps + scale * z


def ddim_step__direction_at_t(x_0, z, eta, eps, alpha_s, sigma_t, log_alpha_bar_s, log_alpha_bar_t):
    """alpha_bar_t in place of alpha_bar_s before eps: the noise of t is kept beside the data of s.

    Fix: sqrt(alpha_bar_s)*x_0 + sqrt(1 - alpha_bar_s - scale**2)*eps + scale*z, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    xp = namespace(x_0, z, eta, eps, alpha_s, sigma_t)
    scale = eta * xp.sqrt(posterior_variance(log_alpha_bar_s, log_alpha_bar_t))
    return alpha_s * x_0 + xp.sqrt(sigma_t**2 - scale**2) * eps + scale * z


def ddim_step__direction_minus_scale(x_0, z, eta, eps, alpha_s, alpha_bar_s, log_alpha_bar_s, log_alpha_bar_t):
    """The scale taken from 1 - alpha_bar_s in place of its square, the negative radicand that it makes clipped to 0.

    Fix: sqrt(alpha_bar_s)*x_0 + sqrt(1 - alpha_bar_s - scale**2)*eps + scale*z, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    xp = namespace(x_0, z, eta, eps, alpha_s, alpha_bar_s)
    scale = eta * xp.sqrt(posterior_variance(log_alpha_bar_s, log_alpha_bar_t))
    left = xp.maximum(1 - alpha_bar_s - scale, 0)
    return alpha_s * x_0 + xp.sqrt(left) * eps + scale * z


def ddim_step__variance_for_scale(x_t, x_0, z, eta, log_alpha_bar_s, log_alpha_bar_t):
    """Fresh noise multiplied by its variance, without the root.

    Fix: scale is eta*sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)), Song et al. Eq. (16)
    Seen in: plausible
    """
    variance = posterior_variance(log_alpha_bar_s, log_alpha_bar_t)
    return ddim_step(x_t, x_0, 0 * z, eta, log_alpha_bar_s, log_alpha_bar_t) + eta**2 * variance * z


def ddim_step__previous_step_when_strided(x_t, x_0, z, eta, betas, t, log_alpha_bar_t):
    """The step from t to t - 1 in place of the one to s.

    Fix: take alpha_bar_s at the s stepped to, Song et al. 2021, Eq. (12)
    Seen in: B030, huggingface/diffusers#2076, in its DDPM
    """
    xp = namespace(betas)
    return ddim_step(x_t, x_0, z, eta, xp.log(alpha_bar__shifted_by_one(betas)[t - 1]), log_alpha_bar_t)


def ddim_step__fresh_noise_for_eps(x_0, z, alpha_s, sigma_s):
    """The estimate noised afresh to s, a consistency model's step, whatever x_t holds.

    Fix: sqrt(alpha_bar_s)*x_0 + sqrt(1 - alpha_bar_s - scale**2)*eps + scale*z, Song et al. 2021, Eq. (12)
    Seen in: plausible; B040, huggingface/diffusers#5681, is the same step with noise left at the end
    """
    return alpha_s * x_0 + sigma_s * z


def ddim_step__eta_ignored(x_t, x_0, z, log_alpha_bar_s, log_alpha_bar_t):
    """The deterministic step whatever eta is.

    Fix: scale is eta*sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)), Song et al. Eq. (16)
    Seen in: plausible
    """
    return ddim_step(x_t, x_0, z, 0, log_alpha_bar_s, log_alpha_bar_t)


def ddim_step__eta_squared(x_t, x_0, z, eta, log_alpha_bar_s, log_alpha_bar_t):
    """eta squared in the scale: the square belongs to the variance.

    Fix: scale is eta*sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)), Song et al. Eq. (16)
    Seen in: plausible
    """
    return ddim_step(x_t, x_0, z, eta**2, log_alpha_bar_s, log_alpha_bar_t)


def ddim_step__noise_left_out(x_t, x_0, z, eta, log_alpha_bar_s, log_alpha_bar_t):
    """The direction shortened by the scale, but no fresh noise added: the state holds too little.

    Fix: sqrt(alpha_bar_s)*x_0 + sqrt(1 - alpha_bar_s - scale**2)*eps + scale*z, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    return ddim_step(x_t, x_0, 0 * z, eta, log_alpha_bar_s, log_alpha_bar_t)
