"""Wrong bodies of formulas of the DDIM family."""

from refdiff.numbers import namespace

__all__ = [
    "ddim_chain_gain__denoiser_at_s",
    "ddim_chain_gain__exact_flow",
    "ddim_chain_gain__one_step",
    "ddim_chain_variance__exact",
    "ddim_chain_variance__gain_not_squared",
    "ddim_chain_variance__unit_start",
    "ddim_conditional_mean__fresh_noise_not_subtracted",
    "ddim_conditional_mean__power_for_scale",
    "ddim_conditional_mean__share_not_squared",
    "ddim_conditional_variance__deviation",
    "ddim_conditional_variance__of_t",
    "ddim_conditional_variance__share_not_squared",
    "ddim_eta_max__no_root",
    "ddim_eta_max__noise_at_s",
    "ddim_eta_max__one",
    "ddim_gain__deviation_for_variance",
    "ddim_gain__exact_flow",
    "ddim_gain__unit_data",
    "ddim_inversion_step__forward_process",
    "ddim_inversion_step__levels_one_stride_late",
    "ddim_inversion_step__levels_swapped",
    "ddim_inversion_step__noise_read_at_t",
    "ddim_step_exponential__euler",
    "ddim_step_exponential__noise_form",
    "ddim_step_exponential__noise_scale_before_data",
    "ddim_step_exponential__sign_turned",
    "ddim_step_exponential__whole_logsnr",
    "ddim_step_exponential_eps__noise_added",
    "ddim_step_exponential_eps__noise_scale_at_t",
    "ddim_step_exponential_eps__whole_logsnr",
    "ddim_step_scaled__not_scaled",
    "ddim_step_scaled__not_scaled_back",
    "ddim_step_scaled__step_turned",
    "ddim_stochastic_gap__fresh_noise_alone",
    "ddim_stochastic_gap__two_left_out",
    "probability_flow_gain__no_root",
    "probability_flow_gain__one_ddim_step",
    "probability_flow_gain__turned",
    "rectified_state__not_scaled",
    "rectified_state__signal_scale",
    "rectified_state__unit_variance",
    "rectified_step__noise_scales_for_times",
    "rectified_step__not_scaled",
    "rectified_step__not_scaled_back",
    "rectified_time__angle",
    "rectified_time__data_share",
    "rectified_time__noise_scale",
    "rectified_velocity__data_less_noise",
    "rectified_velocity__noise",
    "rectified_velocity__v",
    "reflow_gain_gap__none",
    "reflow_gain_gap__sign_turned",
    "unscaled_rectified_gap__end_alone",
    "unscaled_rectified_gap__none",
    "unscaled_rectified_gap__sign_turned",
]


def ddim_conditional_mean__fresh_noise_not_subtracted(x_0, x_t, log_alpha_bar_s, log_alpha_bar_t):
    """The old noise kept whole beside the fresh: too much variance at s.

    Fix: sqrt(alpha_bar_s)*x_0 + sqrt(1 - alpha_bar_s - scale**2)*noise, Song et al. 2021, Eq. (7)
    Seen in: plausible
    """
    xp = namespace(x_0, x_t, log_alpha_bar_s, log_alpha_bar_t)
    kept = xp.sqrt(xp.expm1(log_alpha_bar_s) / xp.expm1(log_alpha_bar_t))
    return xp.exp(log_alpha_bar_s / 2) * x_0 + kept * (x_t - xp.exp(log_alpha_bar_t / 2) * x_0)


def ddim_conditional_mean__share_not_squared(x_0, x_t, noise_share, log_alpha_bar_s, log_alpha_bar_t):
    """1 - noise_share under the root: scales subtracted where variances must be.

    Fix: sqrt(alpha_bar_s)*x_0 + sqrt(1 - alpha_bar_s - scale**2)*noise, Song et al. 2021, Eq. (7)
    Seen in: plausible
    """
    xp = namespace(x_0, x_t, noise_share, log_alpha_bar_s, log_alpha_bar_t)
    kept = xp.sqrt(xp.expm1(log_alpha_bar_s) / xp.expm1(log_alpha_bar_t) * (1 - noise_share))
    return xp.exp(log_alpha_bar_s / 2) * x_0 + kept * (x_t - xp.exp(log_alpha_bar_t / 2) * x_0)


def ddim_conditional_mean__power_for_scale(x_0, x_t, noise_share, log_alpha_bar_s, log_alpha_bar_t):
    """Signal powers in place of their roots.

    Fix: sqrt(alpha_bar_s)*x_0 + sqrt(1 - alpha_bar_s - scale**2)*noise, Song et al. 2021, Eq. (7)
    Seen in: plausible
    """
    xp = namespace(x_0, x_t, noise_share, log_alpha_bar_s, log_alpha_bar_t)
    kept = xp.sqrt(xp.expm1(log_alpha_bar_s) / xp.expm1(log_alpha_bar_t) * (1 - noise_share**2))
    return xp.exp(log_alpha_bar_s) * x_0 + kept * (x_t - xp.exp(log_alpha_bar_t) * x_0)


def ddim_conditional_variance__share_not_squared(noise_share, log_alpha_bar_s):
    """The share not squared.

    Fix: noise_share**2*(1 - alpha_bar_s), Song et al. 2021, Eq. (7)
    Seen in: plausible
    """
    return -namespace(noise_share, log_alpha_bar_s).expm1(log_alpha_bar_s) * noise_share


def ddim_conditional_variance__deviation(noise_share, log_alpha_bar_s):
    """The standard deviation in place of the variance.

    Fix: noise_share**2*(1 - alpha_bar_s), Song et al. 2021, Eq. (7)
    Seen in: plausible
    """
    xp = namespace(noise_share, log_alpha_bar_s)
    return xp.sqrt(-xp.expm1(log_alpha_bar_s)) * noise_share


def ddim_conditional_variance__of_t(noise_share, log_alpha_bar_t):
    """The share of the noise at t in place of s.

    Fix: noise_share**2*(1 - alpha_bar_s), Song et al. 2021, Eq. (7)
    Seen in: B050, jsboige/CoursIA#16158
    """
    return -namespace(noise_share, log_alpha_bar_t).expm1(log_alpha_bar_t) * noise_share**2


def ddim_eta_max__one(log_alpha_bar_s, log_alpha_bar_t):
    """1, DDPM's noise, which is not the largest.

    Fix: sqrt((1 - alpha_bar_t)/(1 - alpha_bar_t/alpha_bar_s)), Song et al. 2021, Eq. (16)
    Seen in: plausible
    """
    return namespace(log_alpha_bar_s, log_alpha_bar_t).exp(0 * (log_alpha_bar_s + log_alpha_bar_t))


def ddim_eta_max__no_root(log_alpha_bar_s, log_alpha_bar_t):
    """The ratio of the variances in place of its root.

    Fix: sqrt((1 - alpha_bar_t)/(1 - alpha_bar_t/alpha_bar_s)), Song et al. 2021, Eq. (16)
    Seen in: plausible
    """
    xp = namespace(log_alpha_bar_s, log_alpha_bar_t)
    return xp.expm1(log_alpha_bar_t) / xp.expm1(log_alpha_bar_t - log_alpha_bar_s)


def ddim_eta_max__noise_at_s(log_alpha_bar_s, log_alpha_bar_t):
    """The noise at s in place of t.

    Fix: sqrt((1 - alpha_bar_t)/(1 - alpha_bar_t/alpha_bar_s)), Song et al. 2021, Eq. (16)
    Seen in: plausible
    """
    xp = namespace(log_alpha_bar_s, log_alpha_bar_t)
    return xp.sqrt(xp.expm1(log_alpha_bar_s) / xp.expm1(log_alpha_bar_t - log_alpha_bar_s))


def ddim_inversion_step__levels_swapped(x_s, x_0, log_alpha_bar_s, log_alpha_bar_t):
    """The step towards data: the two levels swapped.

    Fix: sqrt(alpha_bar_t)*x_0 + sqrt(1 - alpha_bar_t)*noise with the noise of x_s, Song et al. 2021, section 4.3
    Seen in: plausible
    """
    xp = namespace(x_s, x_0, log_alpha_bar_s, log_alpha_bar_t)
    kept = xp.sqrt(xp.expm1(log_alpha_bar_s) / xp.expm1(log_alpha_bar_t))
    return xp.exp(log_alpha_bar_s / 2) * x_0 + kept * (x_s - xp.exp(log_alpha_bar_t / 2) * x_0)


def ddim_inversion_step__noise_read_at_t(x_s, x_0, log_alpha_bar_s, log_alpha_bar_t):
    """The noise of x_s read with the level of t, one stride late.

    Fix: sqrt(alpha_bar_t)*x_0 + sqrt(1 - alpha_bar_t)*noise with the noise of x_s, Song et al. 2021, section 4.3
    Seen in: plausible
    """
    xp = namespace(x_s, x_0, log_alpha_bar_s, log_alpha_bar_t)
    return xp.exp(log_alpha_bar_t / 2) * x_0 + (x_s - xp.exp(log_alpha_bar_t / 2) * x_0)


def ddim_inversion_step__levels_one_stride_late(x_s, x_0, alpha_bars, s, t, alpha_bar_t):
    """The step from t to t + (t - s), past the table to pure noise, made of the state at s.

    Fix: sqrt(alpha_bar_t)*x_0 + sqrt(1 - alpha_bar_t)*noise with the noise of x_s, Song et al. 2021, section 4.3
    Seen in: B048, huggingface/diffusers#5145
    """
    xp = namespace(x_s, x_0, alpha_bars)
    last = alpha_bars.shape[0]
    late = 2 * t - s
    alpha_bar_late = alpha_bars[min(late, last) - 1] * (late <= last)
    eps = (x_s - xp.sqrt(alpha_bar_t) * x_0) / xp.sqrt(1 - alpha_bar_t)
    return xp.sqrt(alpha_bar_late) * x_0 + xp.sqrt(1 - alpha_bar_late) * eps


def ddim_inversion_step__forward_process(x_s, x_0, log_alpha_bar_s, log_alpha_bar_t):
    """The forward step's mean, which adds no noise of x_s's own.

    Fix: sqrt(alpha_bar_t)*x_0 + sqrt(1 - alpha_bar_t)*noise with the noise of x_s, Song et al. 2021, section 4.3
    Seen in: plausible
    """
    xp = namespace(x_s, x_0, log_alpha_bar_s, log_alpha_bar_t)
    return xp.exp((log_alpha_bar_t - log_alpha_bar_s) / 2) * x_s + 0 * x_0


def ddim_step_exponential__whole_logsnr(x_t, x_0, logsnr_s, logsnr_t):
    """The step in log SNR in place of half of it.

    Fix: sigma_s/sigma_t*x_t + alpha_s*(1 - exp(-h))*x_0, Lu et al. 2022, arXiv:2211.01095, section 4.2
    Seen in: plausible
    """
    xp = namespace(x_t, x_0, logsnr_s, logsnr_t)
    kept = xp.sqrt(xp.sigmoid(-logsnr_s) / xp.sigmoid(-logsnr_t))
    return kept * x_t - xp.sqrt(xp.sigmoid(logsnr_s)) * xp.expm1(logsnr_t - logsnr_s) * x_0


def ddim_step_exponential__sign_turned(x_t, x_0, logsnr_s, logsnr_t):
    """exp(h) in place of exp(-h).

    Fix: sigma_s/sigma_t*x_t + alpha_s*(1 - exp(-h))*x_0, Lu et al. 2022, arXiv:2211.01095, section 4.2
    Seen in: plausible
    """
    xp = namespace(x_t, x_0, logsnr_s, logsnr_t)
    kept = xp.sqrt(xp.sigmoid(-logsnr_s) / xp.sigmoid(-logsnr_t))
    return kept * x_t + xp.sqrt(xp.sigmoid(logsnr_s)) * xp.expm1((logsnr_s - logsnr_t) / 2) * x_0


def ddim_step_exponential__noise_scale_before_data(x_t, x_0, logsnr_s, logsnr_t):
    """sigma_s in place of alpha_s before the data.

    Fix: sigma_s/sigma_t*x_t + alpha_s*(1 - exp(-h))*x_0, Lu et al. 2022, arXiv:2211.01095, section 4.2
    Seen in: plausible
    """
    xp = namespace(x_t, x_0, logsnr_s, logsnr_t)
    kept = xp.sqrt(xp.sigmoid(-logsnr_s) / xp.sigmoid(-logsnr_t))
    return kept * x_t - xp.sqrt(xp.sigmoid(-logsnr_s)) * xp.expm1((logsnr_t - logsnr_s) / 2) * x_0


def ddim_step_exponential__euler(x_t, x_0, logsnr_s, logsnr_t):
    """h in place of 1 - exp(-h): Euler's method without the exponential.

    Fix: sigma_s/sigma_t*x_t + alpha_s*(1 - exp(-h))*x_0, Lu et al. 2022, arXiv:2211.01095, section 4.2
    Seen in: plausible
    """
    xp = namespace(x_t, x_0, logsnr_s, logsnr_t)
    kept = xp.sqrt(xp.sigmoid(-logsnr_s) / xp.sigmoid(-logsnr_t))
    return kept * x_t + xp.sqrt(xp.sigmoid(logsnr_s)) * (logsnr_s - logsnr_t) / 2 * x_0


def ddim_step_exponential__noise_form(x_t, x_0, logsnr_s, logsnr_t):
    """DPM-Solver's update for a prediction of noise, given the data.

    Fix: sigma_s/sigma_t*x_t + alpha_s*(1 - exp(-h))*x_0, Lu et al. 2022, arXiv:2211.01095, section 4.2
    Seen in: plausible; asked about in LuChengTHU/dpm-solver#61
    """
    xp = namespace(x_t, x_0, logsnr_s, logsnr_t)
    kept = xp.sqrt(xp.sigmoid(logsnr_s) / xp.sigmoid(logsnr_t))
    return kept * x_t - xp.sqrt(xp.sigmoid(-logsnr_s)) * xp.expm1((logsnr_s - logsnr_t) / 2) * x_0


def ddim_step_exponential_eps__whole_logsnr(x_t, eps, logsnr_s, logsnr_t):
    """The step in log SNR in place of half of it.

    Fix: alpha_s/alpha_t*x_t - sigma_s*(exp(h) - 1)*eps, Lu et al. 2022, arXiv:2206.00927, section 4.1
    Seen in: plausible
    """
    xp = namespace(x_t, eps, logsnr_s, logsnr_t)
    grown = xp.sqrt(xp.sigmoid(logsnr_s) / xp.sigmoid(logsnr_t))
    return grown * x_t - xp.sqrt(xp.sigmoid(-logsnr_s)) * xp.expm1(logsnr_s - logsnr_t) * eps


def ddim_step_exponential_eps__noise_added(x_t, eps, logsnr_s, logsnr_t):
    """The noise added in place of taken off.

    Fix: alpha_s/alpha_t*x_t - sigma_s*(exp(h) - 1)*eps, Lu et al. 2022, arXiv:2206.00927, section 4.1
    Seen in: plausible
    """
    xp = namespace(x_t, eps, logsnr_s, logsnr_t)
    grown = xp.sqrt(xp.sigmoid(logsnr_s) / xp.sigmoid(logsnr_t))
    return grown * x_t + xp.sqrt(xp.sigmoid(-logsnr_s)) * xp.expm1((logsnr_s - logsnr_t) / 2) * eps


def ddim_step_exponential_eps__noise_scale_at_t(x_t, eps, logsnr_s, logsnr_t):
    """sigma_t in place of sigma_s.

    Fix: alpha_s/alpha_t*x_t - sigma_s*(exp(h) - 1)*eps, Lu et al. 2022, arXiv:2206.00927, section 4.1
    Seen in: plausible
    """
    xp = namespace(x_t, eps, logsnr_s, logsnr_t)
    grown = xp.sqrt(xp.sigmoid(logsnr_s) / xp.sigmoid(logsnr_t))
    return grown * x_t - xp.sqrt(xp.sigmoid(-logsnr_t)) * xp.expm1((logsnr_s - logsnr_t) / 2) * eps


def ddim_step_scaled__not_scaled(x_t, eps, sigma_s, sigma_t):
    """The states not scaled: right only where alpha is 1 at both ends.

    Fix: alpha_s*(x_t/alpha_t + (sigma_s/alpha_s - sigma_t/alpha_t)*eps), Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return x_t + (sigma_s - sigma_t) * eps


def ddim_step_scaled__not_scaled_back(x_t, eps, alpha_s, sigma_s, alpha_t, sigma_t):
    """Left in the scaled coordinates.

    Fix: alpha_s*(x_t/alpha_t + (sigma_s/alpha_s - sigma_t/alpha_t)*eps), Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return x_t / alpha_t + (sigma_s / alpha_s - sigma_t / alpha_t) * eps


def ddim_step_scaled__step_turned(x_t, eps, alpha_s, sigma_s, alpha_t, sigma_t):
    """The step's sign turned.

    Fix: alpha_s*(x_t/alpha_t + (sigma_s/alpha_s - sigma_t/alpha_t)*eps), Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return alpha_s * (x_t / alpha_t + (sigma_t / alpha_t - sigma_s / alpha_s) * eps)


def ddim_stochastic_gap__fresh_noise_alone(noise_share, log_alpha_bar_s):
    """The fresh noise's variance alone: the old noise kept is less, too.

    Fix: 2*(1 - alpha_bar_s)*(1 - sqrt(1 - noise_share**2)), Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    return -namespace(noise_share, log_alpha_bar_s).expm1(log_alpha_bar_s) * noise_share**2


def ddim_stochastic_gap__two_left_out(noise_share, log_alpha_bar_s):
    """The 2 left out.

    Fix: 2*(1 - alpha_bar_s)*(1 - sqrt(1 - noise_share**2)), Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    xp = namespace(noise_share, log_alpha_bar_s)
    return -xp.expm1(log_alpha_bar_s) * (1 - xp.sqrt(1 - noise_share**2))


def ddim_gain__exact_flow(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """The exact flow's gain, as if one step were exact.

    Fix: (alpha_s*alpha_t*variance + sigma_s*sigma_t)/(alpha_t**2*variance + sigma_t**2), Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    xp = namespace(variance, alpha_s, sigma_s, alpha_t, sigma_t)
    return xp.sqrt((alpha_s**2 * variance + sigma_s**2) / (alpha_t**2 * variance + sigma_t**2))


def ddim_gain__unit_data(alpha_s, sigma_s, alpha_t, sigma_t):
    """The data's variance taken for 1.

    Fix: (alpha_s*alpha_t*variance + sigma_s*sigma_t)/(alpha_t**2*variance + sigma_t**2), Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    return (alpha_s * alpha_t + sigma_s * sigma_t) / (alpha_t**2 + sigma_t**2)


def ddim_gain__deviation_for_variance(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """The data's variance taken for a standard deviation.

    Fix: (alpha_s*alpha_t*variance + sigma_s*sigma_t)/(alpha_t**2*variance + sigma_t**2), Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    return (alpha_s * alpha_t * variance**2 + sigma_s * sigma_t) / (alpha_t**2 * variance**2 + sigma_t**2)


def probability_flow_gain__no_root(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """The ratio of variances in place of its root.

    Fix: sqrt((alpha_s**2*variance + sigma_s**2)/(alpha_t**2*variance + sigma_t**2)), Song et al. 2021, section 4.3
    Seen in: plausible
    """
    return (alpha_s**2 * variance + sigma_s**2) / (alpha_t**2 * variance + sigma_t**2)


def probability_flow_gain__one_ddim_step(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """The gain of one DDIM step.

    Fix: sqrt((alpha_s**2*variance + sigma_s**2)/(alpha_t**2*variance + sigma_t**2)), Song et al. 2021, section 4.3
    Seen in: plausible
    """
    return (alpha_s * alpha_t * variance + sigma_s * sigma_t) / (alpha_t**2 * variance + sigma_t**2)


def probability_flow_gain__turned(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """From s to t.

    Fix: sqrt((alpha_s**2*variance + sigma_s**2)/(alpha_t**2*variance + sigma_t**2)), Song et al. 2021, section 4.3
    Seen in: plausible
    """
    xp = namespace(variance, alpha_s, sigma_s, alpha_t, sigma_t)
    return xp.sqrt((alpha_t**2 * variance + sigma_t**2) / (alpha_s**2 * variance + sigma_s**2))


def reflow_gain_gap__none(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """0, as if a DDIM step from the first model were the reflowed one's.

    Fix: sqrt(power_s/power_t) - (alpha_s*alpha_t*variance + sigma_s*sigma_t)/power_t, Liu et al. 2022, section 2.2
    Seen in: plausible
    """
    return 0 * (variance + alpha_s + sigma_s + alpha_t + sigma_t)


def reflow_gain_gap__sign_turned(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """DDIM's gain less the reflowed one's.

    Fix: sqrt(power_s/power_t) - (alpha_s*alpha_t*variance + sigma_s*sigma_t)/power_t, Liu et al. 2022, section 2.2
    Seen in: plausible
    """
    xp = namespace(variance, alpha_s, sigma_s, alpha_t, sigma_t)
    power = alpha_t**2 * variance + sigma_t**2
    exact = xp.sqrt((alpha_s**2 * variance + sigma_s**2) / power)
    return (alpha_s * alpha_t * variance + sigma_s * sigma_t) / power - exact


def ddim_chain_gain__one_step(variance, alphas, sigmas):
    """One step from the first level to the last.

    Fix: the product of every step's gain, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    power = alphas[0] ** 2 * variance + sigmas[0] ** 2
    return (alphas[-1] * alphas[0] * variance + sigmas[-1] * sigmas[0]) / power


def ddim_chain_gain__exact_flow(variance, alphas, sigmas):
    """The exact flow's gain.

    Fix: the product of every step's gain, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    xp = namespace(variance, alphas, sigmas)
    power = alphas[0] ** 2 * variance + sigmas[0] ** 2
    return xp.sqrt((alphas[-1] ** 2 * variance + sigmas[-1] ** 2) / power)


def ddim_chain_gain__denoiser_at_s(variance, alphas, sigmas):
    """Each step's denoiser at the level it goes to.

    Fix: the product of every step's gain, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    xp = namespace(variance, alphas, sigmas)
    powers = alphas**2 * variance + sigmas**2
    both = alphas[1:] * alphas[:-1] * variance + sigmas[1:] * sigmas[:-1]
    return xp.prod(both / powers[1:])


def ddim_chain_variance__exact(variance, alphas, sigmas):
    """The true variance at the end.

    Fix: the squared gain of the run times the first level's variance, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    return alphas[-1] ** 2 * variance + sigmas[-1] ** 2


def ddim_chain_variance__gain_not_squared(variance, alphas, sigmas):
    """The gain itself.

    Fix: the squared gain of the run times the first level's variance, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    xp = namespace(variance, alphas, sigmas)
    powers = alphas**2 * variance + sigmas**2
    both = alphas[1:] * alphas[:-1] * variance + sigmas[1:] * sigmas[:-1]
    return xp.prod(both / powers[:-1]) * powers[0]


def ddim_chain_variance__unit_start(variance, alphas, sigmas):
    """The start taken for unit noise.

    Fix: the squared gain of the run times the first level's variance, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    xp = namespace(variance, alphas, sigmas)
    powers = alphas**2 * variance + sigmas**2
    both = alphas[1:] * alphas[:-1] * variance + sigmas[1:] * sigmas[:-1]
    return xp.prod(both / powers[:-1]) ** 2


def rectified_time__data_share(alpha_t, sigma_t):
    """The data's share: time the other way round.

    Fix: sigma_t/(alpha_t + sigma_t), Liu et al. 2022, section 2.3
    Seen in: B110, kohya-ss/sd-scripts#2215
    """
    return alpha_t / (alpha_t + sigma_t)


def rectified_time__noise_scale(sigma_t):
    """The noise scale itself: right only where the scales sum to 1.

    Fix: sigma_t/(alpha_t + sigma_t), Liu et al. 2022, section 2.3
    Seen in: plausible
    """
    return 1 * sigma_t


def rectified_time__angle(alpha_t, sigma_t):
    """sigma/sqrt(alpha**2 + sigma**2): the noise scale of a VP process.

    Fix: sigma_t/(alpha_t + sigma_t), Liu et al. 2022, section 2.3
    Seen in: plausible
    """
    return sigma_t / namespace(alpha_t, sigma_t).sqrt(alpha_t**2 + sigma_t**2)


def rectified_state__not_scaled(x_t):
    """The state as it is: the time changed alone.

    Fix: x_t/(alpha_t + sigma_t), Liu et al. 2022, section 2.3
    Seen in: plausible
    """
    return 1 * x_t


def rectified_state__signal_scale(x_t, alpha_t):
    """Divided by the signal scale: EDM's state.

    Fix: x_t/(alpha_t + sigma_t), Liu et al. 2022, section 2.3
    Seen in: plausible
    """
    return x_t / alpha_t


def rectified_state__unit_variance(x_t, alpha_t, sigma_t):
    """Divided by sqrt(alpha**2 + sigma**2).

    Fix: x_t/(alpha_t + sigma_t), Liu et al. 2022, section 2.3
    Seen in: plausible
    """
    return x_t / namespace(x_t, alpha_t, sigma_t).sqrt(alpha_t**2 + sigma_t**2)


def rectified_velocity__data_less_noise(x_t, x_0, alpha_t, sigma_t):
    """Data less noise, for a time in which 1 is data.

    Fix: (x_t - alpha_t*x_0)/sigma_t - x_0, Liu et al. 2022, Eq. (1)
    Seen in: B099, lucidrains/rectified-flow-pytorch#14
    """
    return x_0 - (x_t - alpha_t * x_0) / sigma_t


def rectified_velocity__noise(x_t, x_0, alpha_t, sigma_t):
    """The noise alone.

    Fix: (x_t - alpha_t*x_0)/sigma_t - x_0, Liu et al. 2022, Eq. (1)
    Seen in: plausible
    """
    return (x_t - alpha_t * x_0) / sigma_t


def rectified_velocity__v(x_t, x_0, alpha_t, sigma_t):
    """v = alpha*eps - sigma*x_0 in place of eps - x_0.

    Fix: (x_t - alpha_t*x_0)/sigma_t - x_0, Liu et al. 2022, Eq. (1)
    Seen in: plausible
    """
    return alpha_t * (x_t - alpha_t * x_0) / sigma_t - sigma_t * x_0


def rectified_step__not_scaled(x_t, x_0, alpha_s, sigma_s, alpha_t, sigma_t):
    """The time changed alone, the state not scaled.

    Fix: (alpha_s + sigma_s)*(x_t/(alpha_t + sigma_t) + (time_s - time_t)*velocity), Liu et al. 2022, section 2.3
    Seen in: plausible
    """
    moved = sigma_s / (alpha_s + sigma_s) - sigma_t / (alpha_t + sigma_t)
    return x_t + moved * ((x_t - alpha_t * x_0) / sigma_t - x_0)


def rectified_step__not_scaled_back(x_t, x_0, alpha_s, sigma_s, alpha_t, sigma_t):
    """Left in rectified flow's coordinates.

    Fix: (alpha_s + sigma_s)*(x_t/(alpha_t + sigma_t) + (time_s - time_t)*velocity), Liu et al. 2022, section 2.3
    Seen in: plausible
    """
    return (alpha_s * x_0 + sigma_s / sigma_t * (x_t - alpha_t * x_0)) / (alpha_s + sigma_s)


def rectified_step__noise_scales_for_times(x_t, x_0, alpha_s, sigma_s, alpha_t, sigma_t):
    """Noise scales taken for times.

    Fix: (alpha_s + sigma_s)*(x_t/(alpha_t + sigma_t) + (time_s - time_t)*velocity), Liu et al. 2022, section 2.3
    Seen in: plausible
    """
    velocity = (x_t - alpha_t * x_0) / sigma_t - x_0
    return (alpha_s + sigma_s) * (x_t / (alpha_t + sigma_t) + (sigma_s - sigma_t) * velocity)


def unscaled_rectified_gap__none(x_0, eps, alpha_s, sigma_s, alpha_t, sigma_t):
    """0, as if the time change alone were enough.

    Fix: (1 - 1/(alpha_t + sigma_t))*x_t less the same at s, Liu et al. 2022, section 2.3
    Seen in: plausible
    """
    return 0 * (alpha_s + sigma_s + alpha_t + sigma_t) * (x_0 + eps)


def unscaled_rectified_gap__sign_turned(x_0, eps, alpha_s, sigma_s, alpha_t, sigma_t):
    """DDIM's step less the unscaled one.

    Fix: (1 - 1/(alpha_t + sigma_t))*x_t less the same at s, Liu et al. 2022, section 2.3
    Seen in: plausible
    """
    moved = sigma_s / (alpha_s + sigma_s) - sigma_t / (alpha_t + sigma_t)
    return (alpha_s - alpha_t) * x_0 + (sigma_s - sigma_t) * eps - moved * (eps - x_0)


def unscaled_rectified_gap__end_alone(x_0, eps, alpha_s, sigma_s, alpha_t, sigma_t):
    """The excess at s alone, as if the start were scaled.

    Fix: (1 - 1/(alpha_t + sigma_t))*x_t less the same at s, Liu et al. 2022, section 2.3
    Seen in: plausible
    """
    return -(1 - 1 / (alpha_s + sigma_s)) * (alpha_s * x_0 + sigma_s * eps) + 0 * (alpha_t + sigma_t)
