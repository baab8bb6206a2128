"""Wrong bodies of the stochastic differential equations of diffusion."""

from refdiff.numbers import namespace
from refdiff.reference.score import corrector_step_ve, corrector_step_vp
from refdiff.reference.sde import ancestral_step_ve, reverse_diffusion_step_ve, reverse_diffusion_step_vp

__all__ = [
    "ancestral_step_ve__levels_swapped",
    "ancestral_step_ve__reverse_diffusion_noise",
    "ancestral_step_ve__variance_for_scale",
    "ancestral_step_vp__divided_by_the_square",
    "ancestral_step_vp__scale_on_the_score_too_small",
    "ancestral_step_vp__variance_for_scale",
    "euler_maruyama_step__diffusion_squared",
    "euler_maruyama_step__noise_times_step",
    "euler_maruyama_step__step_forgotten",
    "fokker_planck_rate__diffusion_not_halved",
    "fokker_planck_rate__square_of_the_score_forgotten",
    "fokker_planck_rate__transport_forgotten",
    "linear_sde_diffusion__drift_forgotten",
    "linear_sde_diffusion__drift_not_doubled",
    "linear_sde_diffusion__square",
    "linear_sde_drift_rate__derivative_alone",
    "linear_sde_drift_rate__halved",
    "linear_sde_mean_rate__decay",
    "linear_sde_mean_rate__doubled",
    "linear_sde_mean_rate__rate_alone",
    "linear_sde_transition_mean__one_euler_step",
    "linear_sde_transition_mean__rate_halved",
    "linear_sde_transition_variance__exponent_not_doubled",
    "linear_sde_transition_variance__one_euler_step",
    "linear_sde_transition_variance__rate_not_doubled",
    "linear_sde_variance_rate__diffusion_not_squared",
    "linear_sde_variance_rate__drift_not_doubled",
    "predictor_corrector_step_ve__ancestral_predictor",
    "predictor_corrector_step_ve__noises_swapped",
    "predictor_corrector_step_ve__same_noise_twice",
    "predictor_corrector_step_ve__score_of_the_start",
    "predictor_corrector_step_ve__without_corrector",
    "predictor_corrector_step_vp__beta_of_the_start",
    "predictor_corrector_step_vp__exploding_corrector",
    "predictor_corrector_step_vp__same_noise_twice",
    "predictor_corrector_step_vp__score_of_the_start",
    "probability_flow_drift__all_halved",
    "probability_flow_drift__diffusion_not_squared",
    "probability_flow_drift__score_not_halved",
    "probability_flow_drift__score_sign",
    "probability_flow_solution_gaussian__mean_not_scaled",
    "probability_flow_solution_gaussian__one_ddim_step",
    "probability_flow_solution_gaussian__ratio_of_variances",
    "reverse_diffusion_step_ve__ancestral_noise",
    "reverse_diffusion_step_ve__probability_flow",
    "reverse_diffusion_step_ve__score_sign",
    "reverse_diffusion_step_ve__whole_variance",
    "reverse_diffusion_step_vp__ancestral",
    "reverse_diffusion_step_vp__forward_scale",
    "reverse_diffusion_step_vp__variance_for_scale",
    "reverse_euler_maruyama_step__diffusion_squared",
    "reverse_euler_maruyama_step__drift_added",
    "reverse_euler_maruyama_step__noise_times_step",
    "reverse_sde_drift__diffusion_not_squared",
    "reverse_sde_drift__drift_turned",
    "reverse_sde_drift__score_halved",
    "reverse_sde_drift__score_sign",
    "reverse_sde_mean_gaussian__probability_flow",
    "reverse_sde_mean_gaussian__step_scale_forgotten",
    "reverse_sde_variance_gaussian__of_a_point",
    "reverse_sde_variance_gaussian__of_unit_data",
    "same_marginals_drift__share_alone",
    "same_marginals_drift__share_not_squared",
    "subvp_diffusion__exponent_not_doubled",
    "subvp_diffusion__of_vp",
    "subvp_diffusion__square",
    "subvp_sigma__power_of_alpha",
    "subvp_sigma__root",
    "subvp_sigma__square",
    "subvp_transition_variance__difference_of_marginals",
    "subvp_transition_variance__preserving",
    "subvp_transition_variance__ratio_squared",
    "subvp_transition_variance__square_of_preserving",
    "ve_added_variance__square_of_the_difference",
    "ve_added_variance__sum",
    "ve_added_variance__whole_variance",
    "ve_diffusion__derivative_of_the_scale",
    "ve_diffusion__log_not_doubled",
    "ve_diffusion__no_root",
    "ve_diffusion__scale_alone",
    "ve_sigma__ends_swapped",
    "ve_sigma__linear",
    "ve_sigma__variance",
    "ve_transition_sample__difference_of_scales",
    "ve_transition_sample__variance_for_scale",
    "ve_transition_sample__whole_noise",
    "vp_beta_rate__ends_swapped",
    "vp_beta_rate__geometric",
    "vp_beta_rate__slope_is_the_maximum",
    "vp_diffusion__halved",
    "vp_diffusion__square",
    "vp_drift_rate__not_halved",
    "vp_drift_rate__root",
    "vp_drift_rate__sign",
    "vp_log_alpha_bar__log_alpha",
    "vp_log_alpha_bar__rate_times_time",
    "vp_log_alpha_bar__sign",
    "vp_log_alpha_bar__slope_is_the_maximum",
]


def vp_beta_rate__slope_is_the_maximum(time, beta_rate_min, beta_rate_max):
    """The whole beta_rate_max for the slope.

    Fix: beta_rate_min + time*(beta_rate_max - beta_rate_min), Song et al. 2021, appendix C
    Seen in: plausible
    """
    return beta_rate_min + time * beta_rate_max


def vp_beta_rate__ends_swapped(time, beta_rate_min, beta_rate_max):
    """Time counted from the noise.

    Fix: beta_rate_min + time*(beta_rate_max - beta_rate_min), Song et al. 2021, appendix C
    Seen in: plausible
    """
    return beta_rate_max + time * (beta_rate_min - beta_rate_max)


def vp_beta_rate__geometric(time, beta_rate_min, beta_rate_max):
    """A rate that grows geometrically, as VE's scales do.

    Fix: beta_rate_min + time*(beta_rate_max - beta_rate_min), Song et al. 2021, appendix C
    Seen in: plausible
    """
    return beta_rate_min * (beta_rate_max / beta_rate_min) ** time


def vp_log_alpha_bar__log_alpha(time, beta_rate_min, beta_rate_max):
    """The log of the signal scale, half of the log of its power.

    Fix: -(time**2*(beta_rate_max - beta_rate_min)/2 + time*beta_rate_min), Song et al. 2021, appendix C
    Seen in: plausible
    """
    return -(time**2 * (beta_rate_max - beta_rate_min) / 4 + time * beta_rate_min / 2)


def vp_log_alpha_bar__slope_is_the_maximum(time, beta_rate_min, beta_rate_max):
    """The whole beta_rate_max for the slope, as if beta_d were the maximum.

    Fix: -(time**2*(beta_rate_max - beta_rate_min)/2 + time*beta_rate_min), Song et al. 2021, appendix C
    Seen in: plausible
    """
    return -(time**2 * beta_rate_max / 2 + time * beta_rate_min)


def vp_log_alpha_bar__rate_times_time(time, beta_rate_min, beta_rate_max):
    """beta(time)*time in place of the integral.

    Fix: -(time**2*(beta_rate_max - beta_rate_min)/2 + time*beta_rate_min), Song et al. 2021, appendix C
    Seen in: plausible
    """
    return -time * (beta_rate_min + time * (beta_rate_max - beta_rate_min))


def vp_log_alpha_bar__sign(time, beta_rate_min, beta_rate_max):
    """The integral itself: a power that grows.

    Fix: -(time**2*(beta_rate_max - beta_rate_min)/2 + time*beta_rate_min), Song et al. 2021, appendix C
    Seen in: plausible
    """
    return time**2 * (beta_rate_max - beta_rate_min) / 2 + time * beta_rate_min


def vp_drift_rate__not_halved(time, beta_rate_min, beta_rate_max):
    """The whole of beta.

    Fix: -(beta_rate_min + time*(beta_rate_max - beta_rate_min))/2, Song et al. 2021, Eq. (11)
    Seen in: plausible
    """
    return -(beta_rate_min + time * (beta_rate_max - beta_rate_min))


def vp_drift_rate__sign(time, beta_rate_min, beta_rate_max):
    """Drift away from 0.

    Fix: -(beta_rate_min + time*(beta_rate_max - beta_rate_min))/2, Song et al. 2021, Eq. (11)
    Seen in: plausible
    """
    return (beta_rate_min + time * (beta_rate_max - beta_rate_min)) / 2


def vp_drift_rate__root(time, beta_rate_min, beta_rate_max):
    """The root of beta, which is the diffusion.

    Fix: -(beta_rate_min + time*(beta_rate_max - beta_rate_min))/2, Song et al. 2021, Eq. (11)
    Seen in: plausible
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    return -xp.sqrt(beta_rate_min + time * (beta_rate_max - beta_rate_min)) / 2


def vp_diffusion__square(time, beta_rate_min, beta_rate_max):
    """beta itself: the diffusion squared.

    Fix: sqrt(beta_rate_min + time*(beta_rate_max - beta_rate_min)), Song et al. 2021, Eq. (11)
    Seen in: plausible
    """
    return beta_rate_min + time * (beta_rate_max - beta_rate_min)


def vp_diffusion__halved(time, beta_rate_min, beta_rate_max):
    """The root of beta/2, which holds a variance of one half.

    Fix: sqrt(beta_rate_min + time*(beta_rate_max - beta_rate_min)), Song et al. 2021, Eq. (11)
    Seen in: plausible
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    return xp.sqrt((beta_rate_min + time * (beta_rate_max - beta_rate_min)) / 2)


def subvp_sigma__root(log_alpha_bar_t):
    """The noise scale of VP, its root.

    Fix: 1 - exp(log_alpha_bar_t), Song et al. 2021, appendix C
    Seen in: plausible
    """
    xp = namespace(log_alpha_bar_t)
    return xp.sqrt(-xp.expm1(log_alpha_bar_t))


def subvp_sigma__square(log_alpha_bar_t):
    """The variance in place of the standard deviation.

    Fix: 1 - exp(log_alpha_bar_t), Song et al. 2021, appendix C
    Seen in: plausible
    """
    xp = namespace(log_alpha_bar_t)
    return xp.expm1(log_alpha_bar_t) ** 2


def subvp_sigma__power_of_alpha(log_alpha_bar_t):
    """1 - alpha in place of 1 - alpha**2.

    Fix: 1 - exp(log_alpha_bar_t), Song et al. 2021, appendix C
    Seen in: plausible
    """
    xp = namespace(log_alpha_bar_t)
    return -xp.expm1(log_alpha_bar_t / 2)


def subvp_diffusion__of_vp(time, beta_rate_min, beta_rate_max):
    """The diffusion of VP.

    Fix: sqrt(beta*(1 - exp(-2*time*beta_rate_min - time**2*(beta_rate_max - beta_rate_min)))), Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    return xp.sqrt(beta_rate_min + time * (beta_rate_max - beta_rate_min))


def subvp_diffusion__exponent_not_doubled(time, beta_rate_min, beta_rate_max):
    """1 - alpha_bar in place of 1 - alpha_bar**2.

    Fix: sqrt(beta*(1 - exp(-2*time*beta_rate_min - time**2*(beta_rate_max - beta_rate_min)))), Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    kept = -(time**2 * (beta_rate_max - beta_rate_min) / 2 + time * beta_rate_min)
    return xp.sqrt(-(beta_rate_min + time * (beta_rate_max - beta_rate_min)) * xp.expm1(kept))


def subvp_diffusion__square(time, beta_rate_min, beta_rate_max):
    """The diffusion squared.

    Fix: sqrt(beta*(1 - exp(-2*time*beta_rate_min - time**2*(beta_rate_max - beta_rate_min)))), Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    kept = -(time**2 * (beta_rate_max - beta_rate_min) + 2 * time * beta_rate_min)
    return -(beta_rate_min + time * (beta_rate_max - beta_rate_min)) * xp.expm1(kept)


def ve_sigma__linear(time, sigma_min, sigma_max):
    """Scales evenly spaced.

    Fix: sigma_min*(sigma_max/sigma_min)**time, Song et al. 2021, appendix C
    Seen in: plausible
    """
    return sigma_min + time * (sigma_max - sigma_min)


def ve_sigma__ends_swapped(time, sigma_min, sigma_max):
    """Time counted from the noise.

    Fix: sigma_min*(sigma_max/sigma_min)**time, Song et al. 2021, appendix C
    Seen in: plausible
    """
    return sigma_max * (sigma_min / sigma_max) ** time


def ve_sigma__variance(time, sigma_min, sigma_max):
    """The variance in place of the scale.

    Fix: sigma_min*(sigma_max/sigma_min)**time, Song et al. 2021, appendix C
    Seen in: plausible
    """
    return sigma_min**2 * (sigma_max / sigma_min) ** (2 * time)


def ve_diffusion__log_not_doubled(time, sigma_min, sigma_max):
    """The root of the log, without the 2.

    Fix: sigma_min*(sigma_max/sigma_min)**time*sqrt(2*log(sigma_max/sigma_min)), Song et al. 2021, appendix C
    Seen in: plausible
    """
    xp = namespace(time, sigma_min, sigma_max)
    return sigma_min * (sigma_max / sigma_min) ** time * xp.sqrt(xp.log(sigma_max / sigma_min))


def ve_diffusion__no_root(time, sigma_min, sigma_max):
    """2*log in place of its root.

    Fix: sigma_min*(sigma_max/sigma_min)**time*sqrt(2*log(sigma_max/sigma_min)), Song et al. 2021, appendix C
    Seen in: plausible
    """
    xp = namespace(time, sigma_min, sigma_max)
    return sigma_min * (sigma_max / sigma_min) ** time * 2 * xp.log(sigma_max / sigma_min)


def ve_diffusion__scale_alone(time, sigma_min, sigma_max):
    """sigma in place of the root of its square's derivative.

    Fix: sigma_min*(sigma_max/sigma_min)**time*sqrt(2*log(sigma_max/sigma_min)), Song et al. 2021, appendix C
    Seen in: plausible
    """
    return sigma_min * (sigma_max / sigma_min) ** time


def ve_diffusion__derivative_of_the_scale(time, sigma_min, sigma_max):
    """The derivative of sigma.

    Fix: sigma_min*(sigma_max/sigma_min)**time*sqrt(2*log(sigma_max/sigma_min)), Song et al. 2021, appendix C
    Seen in: plausible
    """
    xp = namespace(time, sigma_min, sigma_max)
    return sigma_min * (sigma_max / sigma_min) ** time * xp.log(sigma_max / sigma_min)


def ve_added_variance__square_of_the_difference(sigma_s, sigma_t):
    """(sigma_t - sigma_s)**2: scales do not add, variances do.

    Fix: sigma_t**2 - sigma_s**2, Song et al. 2021, Eq. (8)
    Seen in: plausible
    """
    return (sigma_t - sigma_s) ** 2


def ve_added_variance__whole_variance(sigma_s, sigma_t):
    """The variance given x_0.

    Fix: sigma_t**2 - sigma_s**2, Song et al. 2021, Eq. (8)
    Seen in: plausible
    """
    return sigma_t**2 + 0 * sigma_s


def ve_added_variance__sum(sigma_s, sigma_t):
    """The sum of the squares.

    Fix: sigma_t**2 - sigma_s**2, Song et al. 2021, Eq. (8)
    Seen in: plausible
    """
    return sigma_t**2 + sigma_s**2


def ve_transition_sample__difference_of_scales(x_s, z, sigma_s, sigma_t):
    """Noise of scale sigma_t - sigma_s: scales do not add, variances do.

    Fix: x_s + sqrt(sigma_t**2 - sigma_s**2)*z, Song et al. 2021, Eq. (8)
    Seen in: plausible
    """
    return x_s + (sigma_t - sigma_s) * z


def ve_transition_sample__variance_for_scale(x_s, z, sigma_s, sigma_t):
    """The variance for the standard deviation.

    Fix: x_s + sqrt(sigma_t**2 - sigma_s**2)*z, Song et al. 2021, Eq. (8)
    Seen in: plausible
    """
    return x_s + (sigma_t**2 - sigma_s**2) * z


def ve_transition_sample__whole_noise(x_s, z, sigma_t):
    """All of sigma_t on top of what x_s carries.

    Fix: x_s + sqrt(sigma_t**2 - sigma_s**2)*z, Song et al. 2021, Eq. (8)
    Seen in: plausible
    """
    return x_s + sigma_t * z


def linear_sde_drift_rate__derivative_alone(alpha_t, alpha_dot_t):
    """The derivative of alpha, not of its log.

    Fix: alpha_dot_t/alpha_t, Karras et al. 2022, appendix B
    Seen in: plausible
    """
    return alpha_dot_t + 0 * alpha_t


def linear_sde_drift_rate__halved(alpha_t, alpha_dot_t):
    """Half of it, as if alpha were the power.

    Fix: alpha_dot_t/alpha_t, Karras et al. 2022, appendix B
    Seen in: plausible
    """
    return alpha_dot_t / alpha_t / 2


def linear_sde_diffusion__square(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The diffusion squared.

    Fix: sqrt(2*sigma_t*sigma_dot_t - 2*alpha_dot_t/alpha_t*sigma_t**2), Karras et al. 2022, appendix B
    Seen in: plausible
    """
    return 2 * sigma_t * sigma_dot_t - 2 * alpha_dot_t / alpha_t * sigma_t**2


def linear_sde_diffusion__drift_forgotten(sigma_t, sigma_dot_t):
    """The derivative of sigma squared alone, right only without drift.

    Fix: sqrt(2*sigma_t*sigma_dot_t - 2*alpha_dot_t/alpha_t*sigma_t**2), Karras et al. 2022, appendix B
    Seen in: plausible
    """
    xp = namespace(sigma_t, sigma_dot_t)
    return xp.sqrt(2 * sigma_t * sigma_dot_t)


def linear_sde_diffusion__drift_not_doubled(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """f*sigma**2 in place of 2*f*sigma**2.

    Fix: sqrt(2*sigma_t*sigma_dot_t - 2*alpha_dot_t/alpha_t*sigma_t**2), Karras et al. 2022, appendix B
    Seen in: plausible
    """
    xp = namespace(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    return xp.sqrt(2 * sigma_t * sigma_dot_t - alpha_dot_t / alpha_t * sigma_t**2)


def linear_sde_variance_rate__drift_not_doubled(variance, drift_rate, diffusion):
    """f in place of 2*f.

    Fix: 2*drift_rate*variance + diffusion**2, Sarkka and Solin 2019, section 5.5
    Seen in: plausible
    """
    return drift_rate * variance + diffusion**2


def linear_sde_variance_rate__diffusion_not_squared(variance, drift_rate, diffusion):
    """g in place of g**2.

    Fix: 2*drift_rate*variance + diffusion**2, Sarkka and Solin 2019, section 5.5
    Seen in: plausible
    """
    return 2 * drift_rate * variance + diffusion


def linear_sde_transition_mean__one_euler_step(x_s, drift_rate, step_size):
    """The first order of the exponential.

    Fix: exp(drift_rate*step_size)*x_s, Sarkka and Solin 2019, section 6.2
    Seen in: plausible
    """
    return (1 + drift_rate * step_size) * x_s


def linear_sde_transition_mean__rate_halved(x_s, drift_rate, step_size):
    """Half of the rate, as if f were beta.

    Fix: exp(drift_rate*step_size)*x_s, Sarkka and Solin 2019, section 6.2
    Seen in: plausible
    """
    xp = namespace(x_s, drift_rate, step_size)
    return xp.exp(drift_rate * step_size / 2) * x_s


def linear_sde_transition_variance__one_euler_step(drift_rate, diffusion, step_size):
    """g**2*h: right only without drift.

    Fix: diffusion**2*(exp(2*drift_rate*step_size) - 1)/(2*drift_rate), Sarkka and Solin 2019, section 6.2
    Seen in: plausible
    """
    return diffusion**2 * step_size + 0 * drift_rate


def linear_sde_transition_variance__exponent_not_doubled(drift_rate, diffusion, step_size):
    """exp(f*h) in place of exp(2*f*h).

    Fix: diffusion**2*(exp(2*drift_rate*step_size) - 1)/(2*drift_rate), Sarkka and Solin 2019, section 6.2
    Seen in: plausible
    """
    xp = namespace(drift_rate, diffusion, step_size)
    rate = xp.where(drift_rate == 0, 1, drift_rate)
    return diffusion**2 * xp.where(drift_rate == 0, step_size, xp.expm1(drift_rate * step_size) / (2 * rate))


def linear_sde_transition_variance__rate_not_doubled(drift_rate, diffusion, step_size):
    """Divided by f in place of 2*f.

    Fix: diffusion**2*(exp(2*drift_rate*step_size) - 1)/(2*drift_rate), Sarkka and Solin 2019, section 6.2
    Seen in: plausible
    """
    xp = namespace(drift_rate, diffusion, step_size)
    rate = xp.where(drift_rate == 0, 1, drift_rate)
    return diffusion**2 * xp.where(drift_rate == 0, step_size, xp.expm1(2 * drift_rate * step_size) / rate)


def reverse_sde_drift__score_halved(x_t, score, drift_rate, diffusion):
    """The drift of the probability flow, which suits no noise.

    Fix: drift_rate*x_t - diffusion**2*score, Song et al. 2021, Eq. (6)
    Seen in: plausible
    """
    return drift_rate * x_t - diffusion**2 * score / 2


def reverse_sde_drift__drift_turned(x_t, score, drift_rate, diffusion):
    """The drift turned round but not the score: a sign for dt < 0 taken twice.

    Fix: drift_rate*x_t - diffusion**2*score, Song et al. 2021, Eq. (6)
    Seen in: plausible
    """
    return -drift_rate * x_t - diffusion**2 * score


def reverse_sde_drift__score_sign(x_t, score, drift_rate, diffusion):
    """Away from the data.

    Fix: drift_rate*x_t - diffusion**2*score, Song et al. 2021, Eq. (6)
    Seen in: plausible
    """
    return drift_rate * x_t + diffusion**2 * score


def reverse_sde_drift__diffusion_not_squared(x_t, score, drift_rate, diffusion):
    """g in place of g**2.

    Fix: drift_rate*x_t - diffusion**2*score, Song et al. 2021, Eq. (6)
    Seen in: plausible
    """
    return drift_rate * x_t - diffusion * score


def probability_flow_drift__score_not_halved(x_t, score, drift_rate, diffusion):
    """The drift of the reverse process without its noise.

    Fix: drift_rate*x_t - diffusion**2*score/2, Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return drift_rate * x_t - diffusion**2 * score


def probability_flow_drift__score_sign(x_t, score, drift_rate, diffusion):
    """Away from the data.

    Fix: drift_rate*x_t - diffusion**2*score/2, Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return drift_rate * x_t + diffusion**2 * score / 2


def probability_flow_drift__diffusion_not_squared(x_t, score, drift_rate, diffusion):
    """g in place of g**2.

    Fix: drift_rate*x_t - diffusion**2*score/2, Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return drift_rate * x_t - diffusion * score / 2


def probability_flow_drift__all_halved(x_t, score, drift_rate, diffusion):
    """f halved as well.

    Fix: drift_rate*x_t - diffusion**2*score/2, Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    return (drift_rate * x_t - diffusion**2 * score) / 2


def same_marginals_drift__share_not_squared(x_t, score, drift_rate, diffusion, noise_strength):
    """1 + noise_strength in place of its square: right at 0 and 1 only.

    Fix: drift_rate*x_t - (1 + noise_strength**2)/2*diffusion**2*score, Zhang and Chen 2023, section 2
    Seen in: plausible
    """
    return drift_rate * x_t - (1 + noise_strength) * diffusion**2 * score / 2


def same_marginals_drift__share_alone(x_t, score, drift_rate, diffusion, noise_strength):
    """noise_strength**2 alone: right at 1 only.

    Fix: drift_rate*x_t - (1 + noise_strength**2)/2*diffusion**2*score, Zhang and Chen 2023, section 2
    Seen in: plausible
    """
    return drift_rate * x_t - noise_strength**2 * diffusion**2 * score


def euler_maruyama_step__noise_times_step(x_t, drift, z, diffusion, step_size):
    """Noise scaled by the step in place of its root: it dies out as steps shrink.

    Fix: x_t + drift*step_size + diffusion*sqrt(step_size)*z, Kloeden and Platen 1992, section 9.1
    Seen in: plausible
    """
    return x_t + drift * step_size + diffusion * step_size * z


def euler_maruyama_step__step_forgotten(x_t, drift, z, diffusion, step_size):
    """Noise that does not know the step.

    Fix: x_t + drift*step_size + diffusion*sqrt(step_size)*z, Kloeden and Platen 1992, section 9.1
    Seen in: plausible
    """
    return x_t + drift * step_size + diffusion * z


def euler_maruyama_step__diffusion_squared(x_t, drift, z, diffusion, step_size):
    """g**2 in place of g.

    Fix: x_t + drift*step_size + diffusion*sqrt(step_size)*z, Kloeden and Platen 1992, section 9.1
    Seen in: plausible
    """
    xp = namespace(x_t, drift, z, diffusion, step_size)
    return x_t + drift * step_size + diffusion**2 * xp.sqrt(step_size) * z


def reverse_euler_maruyama_step__drift_added(x_t, drift, z, diffusion, step_size):
    """The drift added: time runs backwards, so a step takes it away.

    Fix: x_t - drift*step_size + diffusion*sqrt(step_size)*z, Song et al. 2021, section 4.1
    Seen in: plausible
    """
    xp = namespace(x_t, drift, z, diffusion, step_size)
    return x_t + drift * step_size + diffusion * xp.sqrt(step_size) * z


def reverse_euler_maruyama_step__noise_times_step(x_t, drift, z, diffusion, step_size):
    """Noise scaled by the step in place of its root: it dies out as steps shrink.

    Fix: x_t - drift*step_size + diffusion*sqrt(step_size)*z, Song et al. 2021, section 4.1
    Seen in: plausible
    """
    return x_t - drift * step_size + diffusion * step_size * z


def reverse_euler_maruyama_step__diffusion_squared(x_t, drift, z, diffusion, step_size):
    """g**2 in place of g.

    Fix: x_t - drift*step_size + diffusion*sqrt(step_size)*z, Song et al. 2021, section 4.1
    Seen in: plausible
    """
    xp = namespace(x_t, drift, z, diffusion, step_size)
    return x_t - drift * step_size + diffusion**2 * xp.sqrt(step_size) * z


def reverse_diffusion_step_ve__whole_variance(x_t, score, z, sigma_t):
    """sigma_t**2 in place of its growth: a jump to the data, and noise on top.

    Fix: x_t + (sigma_t**2 - sigma_s**2)*score + sqrt(sigma_t**2 - sigma_s**2)*z, Song et al. 2021, Algorithm 2
    Seen in: plausible
    """
    return x_t + sigma_t**2 * score + sigma_t * z


def reverse_diffusion_step_ve__probability_flow(x_t, score, z, sigma_s, sigma_t):
    """Half of the score's step, with the noise.

    Fix: x_t + (sigma_t**2 - sigma_s**2)*score + sqrt(sigma_t**2 - sigma_s**2)*z, Song et al. 2021, Algorithm 2
    Seen in: plausible
    """
    xp = namespace(x_t, score, z, sigma_s, sigma_t)
    added = sigma_t**2 - sigma_s**2
    return x_t + added * score / 2 + xp.sqrt(added) * z


def reverse_diffusion_step_ve__ancestral_noise(x_t, score, z, sigma_s, sigma_t):
    """The ancestral sampler's smaller noise.

    Fix: x_t + (sigma_t**2 - sigma_s**2)*score + sqrt(sigma_t**2 - sigma_s**2)*z, Song et al. 2021, Algorithm 2
    Seen in: plausible
    """
    xp = namespace(x_t, score, z, sigma_s, sigma_t)
    added = sigma_t**2 - sigma_s**2
    return x_t + added * score + sigma_s / sigma_t * xp.sqrt(added) * z


def reverse_diffusion_step_ve__score_sign(x_t, score, z, sigma_s, sigma_t):
    """Away from the data.

    Fix: x_t + (sigma_t**2 - sigma_s**2)*score + sqrt(sigma_t**2 - sigma_s**2)*z, Song et al. 2021, Algorithm 2
    Seen in: plausible
    """
    xp = namespace(x_t, score, z, sigma_s, sigma_t)
    added = sigma_t**2 - sigma_s**2
    return x_t - added * score + xp.sqrt(added) * z


def reverse_diffusion_step_vp__forward_scale(x_t, score, z, beta_t):
    """sqrt(1 - beta)*x_t: the forward step's shrinking.

    Fix: (2 - sqrt(1 - beta_t))*x_t + beta_t*score + sqrt(beta_t)*z, Song et al. 2021, Algorithm 3
    Seen in: plausible
    """
    xp = namespace(x_t, score, z, beta_t)
    return xp.sqrt(1 - beta_t) * x_t + beta_t * score + xp.sqrt(beta_t) * z


def reverse_diffusion_step_vp__variance_for_scale(x_t, score, z, beta_t):
    """Noise of scale beta in place of its root.

    Fix: (2 - sqrt(1 - beta_t))*x_t + beta_t*score + sqrt(beta_t)*z, Song et al. 2021, Algorithm 3
    Seen in: plausible
    """
    xp = namespace(x_t, score, z, beta_t)
    return (2 - xp.sqrt(1 - beta_t)) * x_t + beta_t * score + beta_t * z


def reverse_diffusion_step_vp__ancestral(x_t, score, z, beta_t):
    """The ancestral sampler's mean, equal to first order only.

    Fix: (2 - sqrt(1 - beta_t))*x_t + beta_t*score + sqrt(beta_t)*z, Song et al. 2021, Algorithm 3
    Seen in: plausible
    """
    xp = namespace(x_t, score, z, beta_t)
    return (x_t + beta_t * score) / xp.sqrt(1 - beta_t) + xp.sqrt(beta_t) * z


def ancestral_step_ve__reverse_diffusion_noise(x_t, score, z, sigma_s, sigma_t):
    """The reverse-diffusion sampler's larger noise, also in the last step.

    Fix: x_t + (sigma_t**2 - sigma_s**2)*score
    + sqrt(sigma_s**2*(sigma_t**2 - sigma_s**2)/sigma_t**2)*z, Song et al. 2021, appendix F
    Seen in: plausible
    """
    xp = namespace(x_t, score, z, sigma_s, sigma_t)
    added = sigma_t**2 - sigma_s**2
    return x_t + added * score + xp.sqrt(added) * z


def ancestral_step_ve__variance_for_scale(x_t, score, z, sigma_s, sigma_t):
    """The posterior variance for its root.

    Fix: x_t + (sigma_t**2 - sigma_s**2)*score
    + sqrt(sigma_s**2*(sigma_t**2 - sigma_s**2)/sigma_t**2)*z, Song et al. 2021, appendix F
    Seen in: plausible
    """
    added = sigma_t**2 - sigma_s**2
    return x_t + added * score + sigma_s**2 / sigma_t**2 * added * z


def ancestral_step_ve__levels_swapped(x_t, score, z, sigma_s, sigma_t):
    """The ratio of the levels upside down.

    Fix: x_t + (sigma_t**2 - sigma_s**2)*score
    + sqrt(sigma_s**2*(sigma_t**2 - sigma_s**2)/sigma_t**2)*z, Song et al. 2021, appendix F
    Seen in: plausible
    """
    xp = namespace(x_t, score, z, sigma_s, sigma_t)
    added = sigma_t**2 - sigma_s**2
    return x_t + added * score + sigma_t / xp.where(sigma_s == 0, sigma_t, sigma_s) * xp.sqrt(added) * z


def ancestral_step_vp__scale_on_the_score_too_small(x_t, score, z, beta_t):
    """The score beside the rescaled state, not rescaled with it.

    Fix: (x_t + beta_t*score)/sqrt(1 - beta_t) + sqrt(beta_t)*z, Song et al. 2021, Eq. (4)
    Seen in: plausible
    """
    xp = namespace(x_t, score, z, beta_t)
    return x_t / xp.sqrt(1 - beta_t) + beta_t * score + xp.sqrt(beta_t) * z


def ancestral_step_vp__divided_by_the_square(x_t, score, z, beta_t):
    """1 - beta in place of its root.

    Fix: (x_t + beta_t*score)/sqrt(1 - beta_t) + sqrt(beta_t)*z, Song et al. 2021, Eq. (4)
    Seen in: plausible
    """
    xp = namespace(x_t, score, z, beta_t)
    return (x_t + beta_t * score) / (1 - beta_t) + xp.sqrt(beta_t) * z


def ancestral_step_vp__variance_for_scale(x_t, score, z, beta_t):
    """Noise of scale beta in place of its root.

    Fix: (x_t + beta_t*score)/sqrt(1 - beta_t) + sqrt(beta_t)*z, Song et al. 2021, Eq. (4)
    Seen in: plausible
    """
    xp = namespace(x_t, score, z, beta_t)
    return (x_t + beta_t * score) / xp.sqrt(1 - beta_t) + beta_t * z


def probability_flow_solution_gaussian__ratio_of_variances(x_t, mean, variance, alpha_t, sigma_t, alpha_s, sigma_s):
    """The ratio of the variances for that of the standard deviations.

    Fix: alpha_s*mean + the ratio of the standard deviations at s and t times (x_t - alpha_t*mean),
    Song et al. 2021, Eq. (13), solved
    Seen in: plausible
    """
    ratio = (alpha_s**2 * variance + sigma_s**2) / (alpha_t**2 * variance + sigma_t**2)
    return alpha_s * mean + ratio * (x_t - alpha_t * mean)


def probability_flow_solution_gaussian__mean_not_scaled(x_t, mean, variance, alpha_t, sigma_t, alpha_s, sigma_s):
    """The mean of the data where those of x_s and x_t belong.

    Fix: alpha_s*mean + the ratio of the standard deviations at s and t times (x_t - alpha_t*mean),
    Song et al. 2021, Eq. (13), solved
    Seen in: plausible
    """
    xp = namespace(x_t, mean, variance, alpha_t, sigma_t, alpha_s, sigma_s)
    ratio = xp.sqrt((alpha_s**2 * variance + sigma_s**2) / (alpha_t**2 * variance + sigma_t**2))
    return mean + ratio * (x_t - mean)


def probability_flow_solution_gaussian__one_ddim_step(x_t, mean, variance, alpha_t, sigma_t, alpha_s, sigma_s):
    """One DDIM step with the exact denoiser: the flow's first order.

    Fix: alpha_s*mean + the ratio of the standard deviations at s and t times (x_t - alpha_t*mean),
    Song et al. 2021, Eq. (13), solved
    Seen in: plausible
    """
    gain = alpha_t * variance / (alpha_t**2 * variance + sigma_t**2)
    x_0 = mean + gain * (x_t - alpha_t * mean)
    return alpha_s * x_0 + sigma_s * (x_t - alpha_t * x_0) / sigma_t


def reverse_sde_mean_gaussian__probability_flow(x_t, mean, variance, alpha_bar_s, alpha_bar_t):
    """The point the probability flow reaches, which is no mean.

    Fix: the mean of x_s given x_t by Bayes' rule, Song et al. 2021, Eq. (6), solved
    Seen in: plausible
    """
    xp = namespace(x_t, mean, variance, alpha_bar_s, alpha_bar_t)
    ratio = xp.sqrt((alpha_bar_s * variance + 1 - alpha_bar_s) / (alpha_bar_t * variance + 1 - alpha_bar_t))
    return xp.sqrt(alpha_bar_s) * mean + ratio * (x_t - xp.sqrt(alpha_bar_t) * mean)


def reverse_sde_mean_gaussian__step_scale_forgotten(x_t, mean, variance, alpha_bar_s, alpha_bar_t):
    """The ratio of the variances without the scale of the forward step.

    Fix: the mean of x_s given x_t by Bayes' rule, Song et al. 2021, Eq. (6), solved
    Seen in: plausible
    """
    xp = namespace(x_t, mean, variance, alpha_bar_s, alpha_bar_t)
    ratio = (alpha_bar_s * variance + 1 - alpha_bar_s) / (alpha_bar_t * variance + 1 - alpha_bar_t)
    return xp.sqrt(alpha_bar_s) * mean + ratio * (x_t - xp.sqrt(alpha_bar_t) * mean)


def reverse_sde_variance_gaussian__of_a_point(log_alpha_bar_s, log_alpha_bar_t):
    """The posterior given x_0, for data without spread.

    Fix: (alpha_bar_s*variance + 1 - alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)
    /(alpha_bar_t*variance + 1 - alpha_bar_t), Song et al. 2021, Eq. (6), solved
    Seen in: plausible
    """
    xp = namespace(log_alpha_bar_s, log_alpha_bar_t)
    return xp.expm1(log_alpha_bar_s) / xp.expm1(log_alpha_bar_t) * -xp.expm1(log_alpha_bar_t - log_alpha_bar_s)


def reverse_sde_variance_gaussian__of_unit_data(log_alpha_bar_s, log_alpha_bar_t):
    """The forward step's variance, right for data of unit variance.

    Fix: (alpha_bar_s*variance + 1 - alpha_bar_s)*(1 - alpha_bar_t/alpha_bar_s)
    /(alpha_bar_t*variance + 1 - alpha_bar_t), Song et al. 2021, Eq. (6), solved
    Seen in: plausible
    """
    return -namespace(log_alpha_bar_s, log_alpha_bar_t).expm1(log_alpha_bar_t - log_alpha_bar_s)


def fokker_planck_rate__transport_forgotten(score, drift_divergence, score_divergence, diffusion):
    """The density's transport left out: the rate along a path, not at a point.

    Fix: -(drift_divergence + sum(drift*score)) + diffusion**2/2*(score_divergence + sum(score**2)),
    Song et al. 2021, appendix D.1
    Seen in: plausible
    """
    xp = namespace(score, drift_divergence, score_divergence, diffusion)
    return diffusion**2 * (score_divergence + xp.sum(score**2, axis=1)) / 2 - drift_divergence


def fokker_planck_rate__diffusion_not_halved(drift, score, drift_divergence, score_divergence, diffusion):
    """g**2 in place of g**2/2.

    Fix: -(drift_divergence + sum(drift*score)) + diffusion**2/2*(score_divergence + sum(score**2)),
    Song et al. 2021, appendix D.1
    Seen in: plausible
    """
    xp = namespace(drift, score, drift_divergence, score_divergence, diffusion)
    spread = diffusion**2 * (score_divergence + xp.sum(score**2, axis=1))
    return spread - drift_divergence - xp.sum(drift * score, axis=1)


def fokker_planck_rate__square_of_the_score_forgotten(drift, score, drift_divergence, score_divergence, diffusion):
    """The Laplacian of the log density for that of the density over the density.

    Fix: -(drift_divergence + sum(drift*score)) + diffusion**2/2*(score_divergence + sum(score**2)),
    Song et al. 2021, appendix D.1
    Seen in: plausible
    """
    xp = namespace(drift, score, drift_divergence, score_divergence, diffusion)
    return diffusion**2 * score_divergence / 2 - drift_divergence - xp.sum(drift * score, axis=1)


def subvp_transition_variance__difference_of_marginals(alpha_bar_s, alpha_bar_t):
    """The marginal variance at t less that at s, which is carried over whole.

    Fix: (1 - alpha_bar_t/alpha_bar_s)*(1 - alpha_bar_t*alpha_bar_s), Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    return (1 - alpha_bar_t) ** 2 - (1 - alpha_bar_s) ** 2


def subvp_transition_variance__preserving(alpha_bar_s, alpha_bar_t):
    """VP's variance.

    Fix: (1 - alpha_bar_t/alpha_bar_s)*(1 - alpha_bar_t*alpha_bar_s), Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    return 1 - alpha_bar_t / alpha_bar_s


def subvp_transition_variance__square_of_preserving(alpha_bar_s, alpha_bar_t):
    """The square of VP's, as from the data.

    Fix: (1 - alpha_bar_t/alpha_bar_s)*(1 - alpha_bar_t*alpha_bar_s), Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    return (1 - alpha_bar_t / alpha_bar_s) ** 2


def subvp_transition_variance__ratio_squared(alpha_bar_s, alpha_bar_t):
    """The ratio of powers squared before it carries the variance.

    Fix: (1 - alpha_bar_t/alpha_bar_s)*(1 - alpha_bar_t*alpha_bar_s), Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    return (1 - alpha_bar_t) ** 2 - (alpha_bar_t / alpha_bar_s) ** 2 * (1 - alpha_bar_s) ** 2


def linear_sde_mean_rate__doubled(mean, drift_rate):
    """The variance's rate of loss.

    Fix: drift_rate*mean, Sarkka and Solin 2019, section 6.1
    Seen in: plausible
    """
    return 2 * drift_rate * mean


def linear_sde_mean_rate__decay(mean, drift_rate):
    """f taken for a rate of decay.

    Fix: drift_rate*mean, Sarkka and Solin 2019, section 6.1
    Seen in: plausible
    """
    return -drift_rate * mean


def linear_sde_mean_rate__rate_alone(mean, drift_rate):
    """f itself.

    Fix: drift_rate*mean, Sarkka and Solin 2019, section 6.1
    Seen in: plausible
    """
    return drift_rate + 0 * mean


def predictor_corrector_step_ve__same_noise_twice(x_t, score, score_s, z, corrector_snr, sigma_s, sigma_t):
    """One noise for the predictor and the corrector.

    Fix: the predictor at t, then x + step*score_s + sqrt(2*step)*z at s, Song et al. 2021, Algorithm 2
    Seen in: plausible
    """
    predicted = reverse_diffusion_step_ve(x_t, score, z[0], sigma_s, sigma_t)
    return corrector_step_ve(predicted, score_s, z[0], corrector_snr)


def predictor_corrector_step_ve__score_of_the_start(x_t, score, z, corrector_snr, sigma_s, sigma_t):
    """The score at t kept for the corrector.

    Fix: the predictor at t, then x + step*score_s + sqrt(2*step)*z at s, Song et al. 2021, Algorithm 2
    Seen in: plausible
    """
    predicted = reverse_diffusion_step_ve(x_t, score, z[0], sigma_s, sigma_t)
    return corrector_step_ve(predicted, score, z[1], corrector_snr)


def predictor_corrector_step_ve__ancestral_predictor(x_t, score, score_s, z, corrector_snr, sigma_s, sigma_t):
    """The ancestral sampler for the predictor.

    Fix: the predictor at t, then x + step*score_s + sqrt(2*step)*z at s, Song et al. 2021, Algorithm 2
    Seen in: plausible
    """
    predicted = ancestral_step_ve(x_t, score, z[0], sigma_s, sigma_t)
    return corrector_step_ve(predicted, score_s, z[1], corrector_snr)


def predictor_corrector_step_ve__without_corrector(x_t, score, z, sigma_s, sigma_t):
    """The predictor's state.

    Fix: the predictor at t, then x + step*score_s + sqrt(2*step)*z at s, Song et al. 2021, Algorithm 2
    Seen in: plausible
    """
    return reverse_diffusion_step_ve(x_t, score, z[0], sigma_s, sigma_t)


def predictor_corrector_step_vp__beta_of_the_start(x_t, score, score_s, z, corrector_snr, beta_t):
    """The corrector's factor at t, as where correctors come first.

    Fix: the predictor at t, then x + step*score_s + sqrt(2*step)*z at s, Song et al. 2021, Algorithm 3
    Seen in: plausible
    """
    predicted = reverse_diffusion_step_vp(x_t, score, z[0], beta_t)
    return corrector_step_vp(predicted, score_s, z[1], corrector_snr, beta_t)


def predictor_corrector_step_vp__exploding_corrector(x_t, score, score_s, z, corrector_snr, beta_t):
    """The corrector without its factor.

    Fix: the predictor at t, then x + step*score_s + sqrt(2*step)*z at s, Song et al. 2021, Algorithm 3
    Seen in: plausible
    """
    predicted = reverse_diffusion_step_vp(x_t, score, z[0], beta_t)
    return corrector_step_ve(predicted, score_s, z[1], corrector_snr)


def predictor_corrector_step_vp__same_noise_twice(x_t, score, score_s, z, corrector_snr, beta_s, beta_t):
    """One noise for the predictor and the corrector.

    Fix: the predictor at t, then x + step*score_s + sqrt(2*step)*z at s, Song et al. 2021, Algorithm 3
    Seen in: plausible
    """
    predicted = reverse_diffusion_step_vp(x_t, score, z[0], beta_t)
    return corrector_step_vp(predicted, score_s, z[0], corrector_snr, beta_s)


def predictor_corrector_step_vp__score_of_the_start(x_t, score, z, corrector_snr, beta_s, beta_t):
    """The score at t kept for the corrector.

    Fix: the predictor at t, then x + step*score_s + sqrt(2*step)*z at s, Song et al. 2021, Algorithm 3
    Seen in: plausible
    """
    predicted = reverse_diffusion_step_vp(x_t, score, z[0], beta_t)
    return corrector_step_vp(predicted, score, z[1], corrector_snr, beta_s)


def predictor_corrector_step_ve__noises_swapped(x_t, score, score_s, z, corrector_snr, sigma_s, sigma_t):
    """The corrector's noise in the predictor, and the other way round.

    Fix: the predictor at t, then x + step*score_s + sqrt(2*step)*z at s, Song et al. 2021, Algorithm 2
    Seen in: plausible
    """
    predicted = reverse_diffusion_step_ve(x_t, score, z[1], sigma_s, sigma_t)
    return corrector_step_ve(predicted, score_s, z[0], corrector_snr)
