"""Wrong bodies of formulas of the EDM design space."""

from refdiff.numbers import namespace

__all__ = [
    "edm_c_in__no_root",
    "edm_c_in__sum_of_scales",
    "edm_c_in__variance_preserving",
    "edm_c_noise__log_of_variance",
    "edm_c_noise__log_ten",
    "edm_c_noise__not_quartered",
    "edm_c_out__default_sigma_data",
    "edm_c_out__no_root",
    "edm_c_out__sigma_data_left_out",
    "edm_c_skip__noise_above",
    "edm_c_skip__not_squared",
    "edm_c_skip__sigma_data_left_out",
    "edm_churn_gamma__bounds_left_out",
    "edm_churn_gamma__everywhere",
    "edm_churn_gamma__max_for_min",
    "edm_churn_gamma__not_capped",
    "edm_churn_gamma__not_divided",
    "edm_churned_sigma__added",
    "edm_churned_sigma__as_variance",
    "edm_churned_state__difference_of_scales",
    "edm_churned_state__no_root",
    "edm_churned_state__raised_scale",
    "edm_churned_state__state_rescaled",
    "edm_denoiser__raw_output",
    "edm_denoiser__scaled_input",
    "edm_denoiser__sign_turned",
    "edm_denoiser__unscaled_output",
    "edm_denoiser_from_flow__flow_sigma",
    "edm_denoiser_from_flow__noise_end",
    "edm_denoiser_from_flow__sigma_for_time",
    "edm_denoiser_from_flow__state_not_scaled",
    "edm_denoiser_from_v__noise",
    "edm_denoiser_from_v__sign_turned",
    "edm_denoiser_from_v__state_half_scaled",
    "edm_euler_step__away_from_data",
    "edm_euler_step__not_divided",
    "edm_euler_step__slope_by_sigma_s",
    "edm_heun_step__euler",
    "edm_heun_step__second_slope_alone",
    "edm_heun_step__second_slope_at_t",
    "edm_heun_step__second_slope_from_x_t",
    "edm_heun_step__slopes_added",
    "edm_logsnr_log_density__half_logsnr",
    "edm_logsnr_log_density__mean_not_turned",
    "edm_logsnr_log_density__unnormalised",
    "edm_loss_weight__not_squared_below",
    "edm_loss_weight__product_of_c",
    "edm_loss_weight__snr",
    "edm_loss_weight__sum_below",
    "edm_sigma__mean_outside",
    "edm_sigma__spread_left_out",
    "edm_sigma__variance_for_deviation",
    "edm_sigma_from_flow_time__time_itself",
    "edm_sigma_from_flow_time__time_turned",
    "edm_sigma_from_ve_time__linear",
    "edm_sigma_from_ve_time__root_of_time",
    "edm_sigma_from_ve_time__time_turned",
    "edm_sigma_from_vp_time__rate_for_integral",
    "edm_sigma_from_vp_time__rise_is_the_end",
    "edm_sigma_from_vp_time__variance_preserved",
    "edm_state__multiplied",
    "edm_state__square",
    "edm_target__data",
    "edm_target__multiplied",
    "edm_target__noise",
    "edm_velocity__data_not_scaled",
    "edm_velocity__noise_part_doubly_scaled",
    "edm_velocity__scale_left_out",
    "edm_velocity__sde_drift",
    "flow_time_from_edm_sigma__data_share",
    "flow_time_from_edm_sigma__variance_preserving",
    "sigmas_iddpm__noise_scale",
    "sigmas_iddpm__not_capped",
    "sigmas_iddpm__rising",
    "sigmas_karras__divided_by_n",
    "sigmas_karras__geometric",
    "sigmas_karras__last_left_out",
    "sigmas_karras__rising",
    "sigmas_karras__squared_ratio",
    "ve_time_from_edm_sigma__from_the_top",
    "ve_time_from_edm_sigma__linear",
    "ve_time_from_edm_sigma__squared",
    "vp_time_from_edm_sigma__not_squared",
    "vp_time_from_edm_sigma__two_left_out",
]


def _cosine(T, offset, beta_max):
    """The cosine schedule's step variances as printed."""
    xp = namespace(offset, beta_max)
    k = xp.arange(T)
    powers = [xp.cos(xp.pi / 2 * (step + T * offset) / (T + T * offset)) ** 2 for step in (k, k + 1)]
    return xp.minimum(1 - powers[1] / powers[0], beta_max)


def edm_c_skip__not_squared(sigma_t, sigma_data):
    """The scales in place of their squares.

    Fix: sigma_data**2/(sigma_t**2 + sigma_data**2), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    return sigma_data / (sigma_t + sigma_data)


def edm_c_skip__noise_above(sigma_t, sigma_data):
    """The noise's share in place of the data's.

    Fix: sigma_data**2/(sigma_t**2 + sigma_data**2), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    return sigma_t**2 / (sigma_t**2 + sigma_data**2)


def edm_c_skip__sigma_data_left_out(sigma_t, sigma_data):
    """1/(sigma_t**2 + sigma_data**2): right only where sigma_data is 1.

    Fix: sigma_data**2/(sigma_t**2 + sigma_data**2), Karras et al. 2022, Table 1
    Seen in: B078, crowsonkb/k-diffusion@5aaa996, in a loss weight
    """
    return 1 / (sigma_t**2 + sigma_data**2)


def edm_c_out__no_root(sigma_t, sigma_data):
    """The root below the line left out.

    Fix: sigma_t*sigma_data/sqrt(sigma_data**2 + sigma_t**2), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    return sigma_t * sigma_data / (sigma_t**2 + sigma_data**2)


def edm_c_out__sigma_data_left_out(sigma_t, sigma_data):
    """sigma_data above the line left out: right only where it is 1.

    Fix: sigma_t*sigma_data/sqrt(sigma_data**2 + sigma_t**2), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    return sigma_t / namespace(sigma_t, sigma_data).sqrt(sigma_t**2 + sigma_data**2)


def edm_c_out__default_sigma_data(sigma_t):
    """0.5 for sigma_data, whatever the data.

    Fix: sigma_t*sigma_data/sqrt(sigma_data**2 + sigma_t**2), Karras et al. 2022, Table 1
    Seen in: B076, NVIDIA/physicsnemo#1534
    """
    return sigma_t / 2 / namespace(sigma_t).sqrt(sigma_t**2 + 1 / (4 + 0 * sigma_t))


def edm_c_in__no_root(sigma_t, sigma_data):
    """The variance in place of its root.

    Fix: 1/sqrt(sigma_t**2 + sigma_data**2), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    return 1 / (sigma_t**2 + sigma_data**2)


def edm_c_in__sum_of_scales(sigma_t, sigma_data):
    """The scales added as if noise and data were one and the same.

    Fix: 1/sqrt(sigma_t**2 + sigma_data**2), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    return 1 / (sigma_t + sigma_data)


def edm_c_in__variance_preserving(sigma_t):
    """1/sqrt(1 + sigma_t**2): the scale of a VP network, right only where sigma_data is 1.

    Fix: 1/sqrt(sigma_t**2 + sigma_data**2), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    return 1 / namespace(sigma_t).sqrt(1 + sigma_t**2)


def edm_c_noise__log_ten(sigma_t):
    """The log to base 10.

    Fix: log(sigma_t)/4, Karras et al. 2022, Table 1
    Seen in: plausible
    """
    xp = namespace(sigma_t)
    return xp.log(sigma_t) / xp.log(10 + 0 * sigma_t) / 4


def edm_c_noise__log_of_variance(sigma_t):
    """A quarter of the log of sigma_t**2.

    Fix: log(sigma_t)/4, Karras et al. 2022, Table 1
    Seen in: plausible
    """
    return namespace(sigma_t).log(sigma_t) / 2


def edm_c_noise__not_quartered(sigma_t):
    """The log itself.

    Fix: log(sigma_t)/4, Karras et al. 2022, Table 1
    Seen in: plausible
    """
    return namespace(sigma_t).log(sigma_t)


def edm_denoiser__raw_output(network_output):
    """The raw output taken for x_0.

    Fix: c_skip*x_t + c_out*network_output, Karras et al. 2022, Eq. (7)
    Seen in: plausible
    """
    return 1 * network_output


def edm_denoiser__scaled_input(x_t, network_output, sigma_t, sigma_data):
    """c_skip on the scaled input c_in*x_t in place of x_t.

    Fix: c_skip*x_t + c_out*network_output, Karras et al. 2022, Eq. (7)
    Seen in: plausible
    """
    xp = namespace(x_t, network_output, sigma_t, sigma_data)
    reach = xp.sqrt(sigma_t**2 + sigma_data**2)
    return sigma_data**2 / reach**3 * x_t + sigma_t * sigma_data / reach * network_output


def edm_denoiser__sign_turned(x_t, network_output, sigma_t, sigma_data):
    """The output subtracted, as if it were v.

    Fix: c_skip*x_t + c_out*network_output, Karras et al. 2022, Eq. (7)
    Seen in: plausible
    """
    xp = namespace(x_t, network_output, sigma_t, sigma_data)
    reach = xp.sqrt(sigma_t**2 + sigma_data**2)
    return (sigma_data / reach) ** 2 * x_t - sigma_t * sigma_data / reach * network_output


def edm_denoiser__unscaled_output(x_t, network_output, sigma_t, sigma_data):
    """The output not scaled by c_out.

    Fix: c_skip*x_t + c_out*network_output, Karras et al. 2022, Eq. (7)
    Seen in: plausible
    """
    return sigma_data**2 / (sigma_t**2 + sigma_data**2) * x_t + network_output


def edm_target__data(x_0):
    """x_0 itself, as if the network were not preconditioned.

    Fix: (x_0 - c_skip*x_t)/c_out, Karras et al. 2022, Eq. (8)
    Seen in: plausible
    """
    return 1 * x_0


def edm_target__noise(x_t, x_0, sigma_t):
    """The unit noise.

    Fix: (x_0 - c_skip*x_t)/c_out, Karras et al. 2022, Eq. (8)
    Seen in: plausible
    """
    return (x_t - x_0) / sigma_t


def edm_target__multiplied(x_t, x_0, sigma_t, sigma_data):
    """Multiplied by c_out in place of divided.

    Fix: (x_0 - c_skip*x_t)/c_out, Karras et al. 2022, Eq. (8)
    Seen in: plausible
    """
    xp = namespace(x_t, x_0, sigma_t, sigma_data)
    reach = xp.sqrt(sigma_t**2 + sigma_data**2)
    return (x_0 - (sigma_data / reach) ** 2 * x_t) * (sigma_t * sigma_data / reach)


def edm_loss_weight__sum_below(sigma_t, sigma_data):
    """(sigma_t + sigma_data)**2 below the line.

    Fix: (sigma_t**2 + sigma_data**2)/(sigma_t*sigma_data)**2, Karras et al. 2022, Table 1
    Seen in: B074, lucidrains/alphafold3-pytorch#68, after the supplement's Eq. (6)
    """
    return (sigma_t**2 + sigma_data**2) / (sigma_t + sigma_data) ** 2


def edm_loss_weight__not_squared_below(sigma_t, sigma_data):
    """sigma_t*sigma_data below the line, not squared.

    Fix: (sigma_t**2 + sigma_data**2)/(sigma_t*sigma_data)**2, Karras et al. 2022, Table 1
    Seen in: plausible
    """
    return (sigma_t**2 + sigma_data**2) / (sigma_t * sigma_data)


def edm_loss_weight__snr(sigma_t):
    """1/sigma_t**2: the weight of the noise prediction's loss.

    Fix: (sigma_t**2 + sigma_data**2)/(sigma_t*sigma_data)**2, Karras et al. 2022, Table 1
    Seen in: plausible
    """
    return 1 / sigma_t**2


def edm_loss_weight__product_of_c(sigma_t, sigma_data):
    """c_out**2 itself in place of 1 over it.

    Fix: (sigma_t**2 + sigma_data**2)/(sigma_t*sigma_data)**2, Karras et al. 2022, Table 1
    Seen in: plausible
    """
    return (sigma_t * sigma_data) ** 2 / (sigma_t**2 + sigma_data**2)


def edm_sigma__variance_for_deviation(z, P_mean, P_std):
    """P_std taken for a variance.

    Fix: exp(P_mean + P_std*z), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    xp = namespace(z, P_mean, P_std)
    return xp.exp(P_mean + xp.sqrt(P_std) * z)


def edm_sigma__spread_left_out(z, P_mean):
    """The spread left out: right only where it is 1.

    Fix: exp(P_mean + P_std*z), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    return namespace(z, P_mean).exp(P_mean + z)


def edm_sigma__mean_outside(z, P_mean, P_std):
    """P_mean*exp(P_std*z): the mean taken for a factor.

    Fix: exp(P_mean + P_std*z), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    return P_mean * namespace(z, P_mean, P_std).exp(P_std * z)


def edm_logsnr_log_density__half_logsnr(logsnr_t, P_mean, P_std):
    """The density of half the log SNR.

    Fix: the normal density of mean -2*P_mean and spread 2*P_std, Karras et al. 2022, Table 1
    Seen in: plausible
    """
    xp = namespace(logsnr_t, P_mean, P_std)
    return -(((logsnr_t / 2 + P_mean) / P_std) ** 2) / 2 - xp.log(2 * xp.pi * P_std**2) / 2


def edm_logsnr_log_density__mean_not_turned(logsnr_t, P_mean, P_std):
    """The mean's sign not turned, as if more SNR were more noise.

    Fix: the normal density of mean -2*P_mean and spread 2*P_std, Karras et al. 2022, Table 1
    Seen in: plausible
    """
    xp = namespace(logsnr_t, P_mean, P_std)
    return -(((logsnr_t / 2 - P_mean) / P_std) ** 2) / 2 - xp.log(8 * xp.pi * P_std**2) / 2


def edm_logsnr_log_density__unnormalised(logsnr_t, P_mean, P_std):
    """The normaliser left out.

    Fix: the normal density of mean -2*P_mean and spread 2*P_std, Karras et al. 2022, Table 1
    Seen in: plausible
    """
    return -(((logsnr_t / 2 + P_mean) / P_std) ** 2) / 2


def sigmas_karras__divided_by_n(n, sigma_min, sigma_max, rho):
    """(k - 1)/n: the grid stops short of sigma_min.

    Fix: (sigma_max**(1/rho) + (k - 1)/(n - 1)*(sigma_min**(1/rho) - sigma_max**(1/rho)))**rho, Karras et al. 2022, Eq. (5)
    Seen in: B068, lucidrains/denoising-diffusion-pytorch@b87ea27, by another slip
    """
    xp = namespace(sigma_min, sigma_max, rho)
    k = xp.arange(n)
    return ((sigma_max ** (1 / rho) * (n - k) + sigma_min ** (1 / rho) * k) / n) ** rho


def sigmas_karras__rising(n, sigma_min, sigma_max, rho):
    """From the least noise to the largest.

    Fix: (sigma_max**(1/rho) + (k - 1)/(n - 1)*(sigma_min**(1/rho) - sigma_max**(1/rho)))**rho, Karras et al. 2022, Eq. (5)
    Seen in: plausible
    """
    xp = namespace(sigma_min, sigma_max, rho)
    k = xp.arange(n)
    return ((sigma_min ** (1 / rho) * (n - 1 - k) + sigma_max ** (1 / rho) * k) / (n - 1)) ** rho


def sigmas_karras__geometric(n, sigma_min, sigma_max):
    """Equal steps in log sigma: the limit of endless rho.

    Fix: (sigma_max**(1/rho) + (k - 1)/(n - 1)*(sigma_min**(1/rho) - sigma_max**(1/rho)))**rho, Karras et al. 2022, Eq. (5)
    Seen in: plausible
    """
    xp = namespace(sigma_min, sigma_max)
    k = xp.arange(n)
    return sigma_max * xp.exp(k * xp.log(sigma_min / sigma_max) / (n - 1))


def sigmas_karras__squared_ratio(n, sigma_min, sigma_max):
    """The geometric grid of the variances, its least entry squared.

    Fix: (sigma_max**(1/rho) + (k - 1)/(n - 1)*(sigma_min**(1/rho) - sigma_max**(1/rho)))**rho, Karras et al. 2022, Eq. (5)
    Seen in: B003, huggingface/diffusers#590
    """
    xp = namespace(sigma_min, sigma_max)
    k = xp.arange(n)
    return sigma_max * xp.exp(2 * k * xp.log(sigma_min / sigma_max) / (n - 1))


def sigmas_karras__last_left_out(n, sigma_min, sigma_max, rho):
    """n - 1 noise scales and the data's 0: sigma_min is never reached.

    Fix: (sigma_max**(1/rho) + (k - 1)/(n - 1)*(sigma_min**(1/rho) - sigma_max**(1/rho)))**rho, Karras et al. 2022, Eq. (5)
    Seen in: B068, lucidrains/denoising-diffusion-pytorch@b87ea27
    """
    xp = namespace(sigma_min, sigma_max, rho)
    k = xp.arange(n)
    right = ((sigma_max ** (1 / rho) * (n - 1 - k) + sigma_min ** (1 / rho) * k) / (n - 1)) ** rho
    return xp.concat([right[:-1], 0 * right[-1:]])


def edm_churn_gamma__max_for_min(sigma_t, S_churn, S_min, S_max, n):
    """The larger of the two: sqrt(2) - 1 at least.

    Fix: min(S_churn/n, sqrt(2) - 1) from S_min to S_max, else 0, Karras et al. 2022, Algorithm 2
    Seen in: B066, Koishi-Star/Euler-Smea-Dyn-Sampler#11
    """
    xp = namespace(sigma_t, S_churn, S_min, S_max)
    outside = 0 * sigma_t
    share = xp.maximum(S_churn / n, xp.sqrt(2) - 1)
    return xp.where(xp.less(sigma_t, S_min), outside, xp.where(xp.less(S_max, sigma_t), outside, share))


def edm_churn_gamma__not_capped(sigma_t, S_churn, S_min, S_max, n):
    """The cap left out.

    Fix: min(S_churn/n, sqrt(2) - 1) from S_min to S_max, else 0, Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    xp = namespace(sigma_t, S_churn, S_min, S_max)
    outside = 0 * sigma_t
    share = S_churn / n
    return xp.where(xp.less(sigma_t, S_min), outside, xp.where(xp.less(S_max, sigma_t), outside, share))


def edm_churn_gamma__not_divided(sigma_t, S_churn, S_min, S_max, n):
    """The whole run's churn at every step.

    Fix: min(S_churn/n, sqrt(2) - 1) from S_min to S_max, else 0, Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    xp = namespace(sigma_t, S_churn, S_min, S_max)
    outside = 0 * sigma_t
    share = xp.minimum(S_churn, xp.sqrt(2) - 1)
    return xp.where(xp.less(sigma_t, S_min), outside, xp.where(xp.less(S_max, sigma_t), outside, share))


def edm_churn_gamma__everywhere(sigma_t, S_churn, n):
    """The range of noise left out.

    Fix: min(S_churn/n, sqrt(2) - 1) from S_min to S_max, else 0, Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    xp = namespace(sigma_t, S_churn)
    return xp.minimum(S_churn / n, xp.sqrt(2) - 1) + 0 * sigma_t


def edm_churn_gamma__bounds_left_out(sigma_t, S_churn, S_min, S_max, n):
    """The bounds themselves not churned.

    Fix: min(S_churn/n, sqrt(2) - 1) from S_min to S_max, else 0, Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    xp = namespace(sigma_t, S_churn, S_min, S_max)
    outside = 0 * sigma_t
    share = xp.minimum(S_churn / n, xp.sqrt(2) - 1)
    return xp.where(xp.less(S_min, sigma_t), xp.where(xp.less(sigma_t, S_max), share, outside), outside)


def edm_churned_sigma__added(sigma_t, churn):
    """churn added to sigma_t, not its share of it.

    Fix: sigma_t + churn*sigma_t, Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    return sigma_t + churn


def edm_churned_sigma__as_variance(sigma_t, churn):
    """The variance raised by the share.

    Fix: sigma_t + churn*sigma_t, Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    return sigma_t * namespace(sigma_t, churn).sqrt(1 + churn)


def edm_churned_state__difference_of_scales(x_t, z, sigma_t, churn, S_noise):
    """The difference of the scales: variances add, scales do not.

    Fix: x_t + sqrt(sigma_hat**2 - sigma_t**2)*S_noise*z, Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    return x_t + churn * sigma_t * S_noise * z


def edm_churned_state__no_root(x_t, z, sigma_t, churn, S_noise):
    """The added variance in place of its root.

    Fix: x_t + sqrt(sigma_hat**2 - sigma_t**2)*S_noise*z, Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    return x_t + sigma_t**2 * churn * (2 + churn) * S_noise * z


def edm_churned_state__raised_scale(x_t, z, sigma_t, churn, S_noise):
    """Noise of the whole raised scale added.

    Fix: x_t + sqrt(sigma_hat**2 - sigma_t**2)*S_noise*z, Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    return x_t + sigma_t * (1 + churn) * S_noise * z


def edm_churned_state__state_rescaled(x_t, z, sigma_t, churn, S_noise):
    """The state raised with its noise.

    Fix: x_t + sqrt(sigma_hat**2 - sigma_t**2)*S_noise*z, Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    xp = namespace(x_t, z, sigma_t, churn, S_noise)
    return (1 + churn) * x_t + sigma_t * xp.sqrt(churn * (2 + churn)) * S_noise * z


def edm_euler_step__slope_by_sigma_s(x_t, x_0, sigma_t, sigma_s):
    """The slope divided by sigma_s + sigma_t in place of sigma_t.

    Fix: x_t + (sigma_s - sigma_t)*(x_t - x_0)/sigma_t, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return x_t + (sigma_s - sigma_t) * (x_t - x_0) / (sigma_s + sigma_t)


def edm_euler_step__away_from_data(x_t, x_0, sigma_t, sigma_s):
    """The step's sign turned: towards more noise.

    Fix: x_t + (sigma_s - sigma_t)*(x_t - x_0)/sigma_t, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return x_t + (sigma_t - sigma_s) * (x_t - x_0) / sigma_t


def edm_euler_step__not_divided(x_t, x_0, sigma_t, sigma_s):
    """The slope not divided by the noise scale.

    Fix: x_t + (sigma_s - sigma_t)*(x_t - x_0)/sigma_t, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return x_t + (sigma_s - sigma_t) * (x_t - x_0)


def edm_heun_step__euler(x_t, x_0, sigma_t, sigma_s):
    """Euler's step: the second slope not used.

    Fix: x_t + (sigma_s - sigma_t)*(d + d_s)/2 with d_s from sigma_s, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return x_0 + sigma_s / sigma_t * (x_t - x_0)


def edm_heun_step__second_slope_at_t(x_t, x_0, x_0_s, sigma_t, sigma_s):
    """The second slope divided by sigma_t in place of sigma_s.

    Fix: x_t + (sigma_s - sigma_t)*(d + d_s)/2 with d_s from sigma_s, Karras et al. 2022, Algorithm 1
    Seen in: B055, huggingface/diffusers#1512, for v-prediction
    """
    slope = (x_t - x_0) / sigma_t
    euler = x_0 + sigma_s * slope
    return x_t + (sigma_s - sigma_t) * (slope + (euler - x_0_s) / sigma_t) / 2


def edm_heun_step__second_slope_from_x_t(x_t, x_0, x_0_s, sigma_t, sigma_s):
    """The second slope from x_t in place of Euler's state.

    Fix: x_t + (sigma_s - sigma_t)*(d + d_s)/2 with d_s from sigma_s, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    xp = namespace(x_t, x_0, x_0_s, sigma_t, sigma_s)
    slope = (x_t - x_0) / sigma_t
    other = (x_t - x_0_s) / xp.where(xp.less(0, sigma_s), sigma_s, sigma_t)
    return x_t + (sigma_s - sigma_t) * (slope + other) / 2


def edm_heun_step__slopes_added(x_t, x_0, x_0_s, sigma_t, sigma_s):
    """The two slopes added, not averaged.

    Fix: x_t + (sigma_s - sigma_t)*(d + d_s)/2 with d_s from sigma_s, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    xp = namespace(x_t, x_0, x_0_s, sigma_t, sigma_s)
    slope = (x_t - x_0) / sigma_t
    euler = x_0 + sigma_s * slope
    other = (euler - x_0_s) / xp.where(xp.less(0, sigma_s), sigma_s, sigma_t)
    return x_t + (sigma_s - sigma_t) * (slope + other)


def edm_heun_step__second_slope_alone(x_t, x_0, x_0_s, sigma_t, sigma_s):
    """The second slope alone: Euler's method backwards, half implicit.

    Fix: x_t + (sigma_s - sigma_t)*(d + d_s)/2 with d_s from sigma_s, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    xp = namespace(x_t, x_0, x_0_s, sigma_t, sigma_s)
    slope = (x_t - x_0) / sigma_t
    euler = x_0 + sigma_s * slope
    other = (euler - x_0_s) / xp.where(xp.less(0, sigma_s), sigma_s, sigma_t)
    return x_t + (sigma_s - sigma_t) * other


def edm_velocity__scale_left_out(x_t, x_0, alpha_t, noise_level_t, noise_level_dot_t):
    """The scale's own motion left out: right only where s(t) is constant.

    Fix: alpha_dot/alpha*x_t + sigma_dot/sigma*(x_t - alpha*x_0), Karras et al. 2022, Eq. (81)
    Seen in: plausible
    """
    return noise_level_dot_t / noise_level_t * (x_t - alpha_t * x_0)


def edm_velocity__data_not_scaled(x_t, x_0, alpha_t, alpha_dot_t, noise_level_t, noise_level_dot_t):
    """x_0 in place of alpha_t*x_0.

    Fix: alpha_dot/alpha*x_t + sigma_dot/sigma*(x_t - alpha*x_0), Karras et al. 2022, Eq. (81)
    Seen in: plausible
    """
    return alpha_dot_t / alpha_t * x_t + noise_level_dot_t / noise_level_t * (x_t - x_0)


def edm_velocity__sde_drift(x_t, x_0, alpha_t, alpha_dot_t, noise_level_t, noise_level_dot_t):
    """The reverse SDE's drift: the score's part twice.

    Fix: alpha_dot/alpha*x_t + sigma_dot/sigma*(x_t - alpha*x_0), Karras et al. 2022, Eq. (81)
    Seen in: plausible
    """
    return alpha_dot_t / alpha_t * x_t + 2 * noise_level_dot_t / noise_level_t * (x_t - alpha_t * x_0)


def edm_velocity__noise_part_doubly_scaled(x_t, x_0, alpha_t, alpha_dot_t, noise_level_t, noise_level_dot_t):
    """s(t)**2 kept before a gradient already taken in x_t/s(t)'s own units.

    Fix: alpha_dot/alpha*x_t + sigma_dot/sigma*(x_t - alpha*x_0), Karras et al. 2022, Eq. (81)
    Seen in: plausible
    """
    return alpha_dot_t / alpha_t * x_t + alpha_t * noise_level_dot_t / noise_level_t * (x_t - alpha_t * x_0)


def edm_state__multiplied(x_t, alpha_t):
    """Multiplied by the scale.

    Fix: x_t/alpha_t, Karras et al. 2022, section 2
    Seen in: plausible
    """
    return x_t * alpha_t


def edm_state__square(x_t, alpha_t):
    """Divided by the signal power.

    Fix: x_t/alpha_t, Karras et al. 2022, section 2
    Seen in: plausible
    """
    return x_t / alpha_t**2


def edm_sigma_from_vp_time__rise_is_the_end(time, beta_rate_min, beta_rate_max):
    """beta_rate_max in place of the rise beta_d.

    Fix: sqrt(exp((beta_rate_max - beta_rate_min)*time**2/2 + beta_rate_min*time) - 1), Karras et al. 2022, Table 1
    Seen in: B006, NVlabs/edm@62072d2, beta_d 19.1 for 19.9
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    return xp.sqrt(xp.expm1(time * (beta_rate_min + time * beta_rate_max / 2)))


def edm_sigma_from_vp_time__rate_for_integral(time, beta_rate_min, beta_rate_max):
    """The rate times the time in place of the rate's integral.

    Fix: sqrt(exp((beta_rate_max - beta_rate_min)*time**2/2 + beta_rate_min*time) - 1), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    return xp.sqrt(xp.expm1(time * (beta_rate_min + time * (beta_rate_max - beta_rate_min))))


def edm_sigma_from_vp_time__variance_preserved(time, beta_rate_min, beta_rate_max):
    """VP's own noise scale sqrt(1 - alpha**2), not divided by alpha.

    Fix: sqrt(exp((beta_rate_max - beta_rate_min)*time**2/2 + beta_rate_min*time) - 1), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    return xp.sqrt(-xp.expm1(-time * (beta_rate_min + time * (beta_rate_max - beta_rate_min) / 2)))


def vp_time_from_edm_sigma__two_left_out(sigma_t, beta_rate_min, beta_rate_max):
    """The 2 before the log left out.

    Fix: (sqrt(beta_min**2 + 2*beta_d*log(sigma**2 + 1)) - beta_min)/beta_d, Karras et al. 2022, Table 1
    Seen in: plausible
    """
    xp = namespace(sigma_t, beta_rate_min, beta_rate_max)
    rise = beta_rate_max - beta_rate_min
    return (xp.sqrt(beta_rate_min**2 + rise * xp.log1p(sigma_t**2)) - beta_rate_min) / rise


def vp_time_from_edm_sigma__not_squared(sigma_t, beta_rate_min, beta_rate_max):
    """log(1 + sigma) in place of log(1 + sigma**2).

    Fix: (sqrt(beta_min**2 + 2*beta_d*log(sigma**2 + 1)) - beta_min)/beta_d, Karras et al. 2022, Table 1
    Seen in: plausible
    """
    xp = namespace(sigma_t, beta_rate_min, beta_rate_max)
    rise = beta_rate_max - beta_rate_min
    return (xp.sqrt(beta_rate_min**2 + 2 * rise * xp.log1p(sigma_t)) - beta_rate_min) / rise


def edm_sigma_from_ve_time__linear(time, sigma_min, sigma_max):
    """Linear between the ends.

    Fix: sigma_min*(sigma_max/sigma_min)**time, Song et al. 2021, section 3.4
    Seen in: plausible
    """
    return sigma_min + time * (sigma_max - sigma_min)


def edm_sigma_from_ve_time__time_turned(time, sigma_min, sigma_max):
    """From the noise to the data.

    Fix: sigma_min*(sigma_max/sigma_min)**time, Song et al. 2021, section 3.4
    Seen in: plausible
    """
    return sigma_max * (sigma_min / sigma_max) ** time


def edm_sigma_from_ve_time__root_of_time(time):
    """sqrt(time): EDM's name for the VE process, on another range of time.

    Fix: sigma_min*(sigma_max/sigma_min)**time, Song et al. 2021, section 3.4
    Seen in: plausible
    """
    return namespace(time).sqrt(time)


def ve_time_from_edm_sigma__linear(sigma_t, sigma_min, sigma_max):
    """Linear between the ends.

    Fix: log(sigma_t/sigma_min)/log(sigma_max/sigma_min), Song et al. 2021, section 3.4
    Seen in: plausible
    """
    return (sigma_t - sigma_min) / (sigma_max - sigma_min)


def ve_time_from_edm_sigma__from_the_top(sigma_t, sigma_min, sigma_max):
    """Counted from the noise.

    Fix: log(sigma_t/sigma_min)/log(sigma_max/sigma_min), Song et al. 2021, section 3.4
    Seen in: plausible
    """
    xp = namespace(sigma_t, sigma_min, sigma_max)
    return xp.log(sigma_max / sigma_t) / xp.log(sigma_max / sigma_min)


def ve_time_from_edm_sigma__squared(sigma_t):
    """sigma_t**2: the inverse of sqrt(time), on another range of time.

    Fix: log(sigma_t/sigma_min)/log(sigma_max/sigma_min), Song et al. 2021, section 3.4
    Seen in: plausible
    """
    return sigma_t**2


def sigmas_iddpm__noise_scale(T, offset, beta_max):
    """VP's own noise scales, not divided by the signal's.

    Fix: u_(j-1) = sqrt((u_j**2 + 1)/max(a_(j-1)/a_j, C_1) - 1), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    xp = namespace(offset, beta_max)
    kept = xp.cumprod(1 - _cosine(T, offset, beta_max))
    return xp.flip(xp.sqrt(1 - kept))


def sigmas_iddpm__rising(T, offset, beta_max):
    """From the data to the noise.

    Fix: u_(j-1) = sqrt((u_j**2 + 1)/max(a_(j-1)/a_j, C_1) - 1), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    xp = namespace(offset, beta_max)
    return xp.sqrt(1 / xp.cumprod(1 - _cosine(T, offset, beta_max)) - 1)


def sigmas_iddpm__not_capped(T, offset):
    """The cap left out, all but a part in a million.

    Fix: u_(j-1) = sqrt((u_j**2 + 1)/max(a_(j-1)/a_j, C_1) - 1), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    xp = namespace(offset)
    kept = xp.cumprod(1 - _cosine(T, offset, 1 - 1 / (10**6 + 0 * offset)))
    return xp.flip(xp.sqrt(1 / kept - 1))


def flow_time_from_edm_sigma__data_share(sigma_t):
    """1/(1 + sigma_t): the data's share, time the other way round.

    Fix: sigma_t/(1 + sigma_t), Liu et al. 2022, section 2.1
    Seen in: B110, kohya-ss/sd-scripts#2215
    """
    return 1 / (1 + sigma_t)


def flow_time_from_edm_sigma__variance_preserving(sigma_t):
    """sigma_t/sqrt(1 + sigma_t**2): VP's noise scale.

    Fix: sigma_t/(1 + sigma_t), Liu et al. 2022, section 2.1
    Seen in: plausible
    """
    return sigma_t / namespace(sigma_t).sqrt(1 + sigma_t**2)


def edm_sigma_from_flow_time__time_itself(time):
    """The flow's time taken for the noise scale.

    Fix: time/(1 - time), Liu et al. 2022, section 2.1
    Seen in: plausible
    """
    return 1 * time


def edm_sigma_from_flow_time__time_turned(time):
    """(1 - time)/time: time the other way round.

    Fix: time/(1 - time), Liu et al. 2022, section 2.1
    Seen in: B099, lucidrains/rectified-flow-pytorch#14
    """
    return (1 - time) / time


def edm_denoiser_from_v__sign_turned(x_t, v_hat, sigma_t):
    """The prediction's sign turned.

    Fix: x_t/(sigma_t**2 + 1) - sigma_t/sqrt(sigma_t**2 + 1)*v_hat, Salimans and Ho 2022, appendix D
    Seen in: plausible
    """
    return x_t / (sigma_t**2 + 1) + sigma_t / namespace(x_t, v_hat, sigma_t).sqrt(sigma_t**2 + 1) * v_hat


def edm_denoiser_from_v__state_half_scaled(x_t, v_hat, sigma_t):
    """x_t divided by sqrt(sigma_t**2 + 1) once, not twice.

    Fix: x_t/(sigma_t**2 + 1) - sigma_t/sqrt(sigma_t**2 + 1)*v_hat, Salimans and Ho 2022, appendix D
    Seen in: plausible
    """
    reach = namespace(x_t, v_hat, sigma_t).sqrt(sigma_t**2 + 1)
    return x_t / reach - sigma_t / reach * v_hat


def edm_denoiser_from_v__noise(x_t, v_hat, sigma_t):
    """The prediction taken for the noise.

    Fix: x_t/(sigma_t**2 + 1) - sigma_t/sqrt(sigma_t**2 + 1)*v_hat, Salimans and Ho 2022, appendix D
    Seen in: plausible
    """
    return x_t - sigma_t * v_hat


def edm_denoiser_from_flow__state_not_scaled(x_t, velocity_hat, sigma_t):
    """x_t not scaled to the flow's state.

    Fix: x_t/(1 + sigma_t) - sigma_t/(1 + sigma_t)*velocity_hat, Liu et al. 2022, section 2.1
    Seen in: plausible
    """
    return x_t - sigma_t / (1 + sigma_t) * velocity_hat


def edm_denoiser_from_flow__sigma_for_time(x_t, velocity_hat, sigma_t):
    """sigma_t in place of the flow's time.

    Fix: x_t/(1 + sigma_t) - sigma_t/(1 + sigma_t)*velocity_hat, Liu et al. 2022, section 2.1
    Seen in: plausible
    """
    return x_t / (1 + sigma_t) - sigma_t * velocity_hat


def edm_denoiser_from_flow__noise_end(x_t, velocity_hat, sigma_t):
    """The step taken to the noise's end.

    Fix: x_t/(1 + sigma_t) - sigma_t/(1 + sigma_t)*velocity_hat, Liu et al. 2022, section 2.1
    Seen in: plausible
    """
    return (x_t + velocity_hat) / (1 + sigma_t)


def edm_denoiser_from_flow__flow_sigma(x_t, velocity_hat, sigma_t):
    """x_t - sigma_t*velocity, right where the state and sigma_t are the flow's own.

    Fix: x_t/(1 + sigma_t) - sigma_t/(1 + sigma_t)*velocity, the flow's state being x_t/(1 + sigma_t), Karras et al. 2022, Eq. (7)
    Seen in: plausible
    """
    return x_t - sigma_t * velocity_hat
