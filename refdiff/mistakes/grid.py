"""Known wrong bodies of noise grids and spacings."""

from refdiff.numbers import namespace
from refdiff.reference.schedule import log_alpha_bar

__all__ = [
    "cosine_time_from_edm_sigma__flow_time",
    "cosine_time_from_edm_sigma__half_turn",
    "cosine_time_from_edm_sigma__of_the_variance",
    "cosine_time_from_edm_sigma__radians",
    "edm_sigma_at_fractional_time_linear__log_linear",
    "edm_sigma_at_fractional_time_linear__nearest_step",
    "edm_sigma_at_fractional_time_linear__one_row_late",
    "edm_sigma_at_fractional_time_linear__variance_preserved",
    "edm_sigma_at_fractional_time_linear__variances",
    "edm_sigma_at_fractional_time_log_linear__linear",
    "edm_sigma_at_fractional_time_log_linear__one_row_late",
    "edm_sigma_at_fractional_time_log_linear__signal_power",
    "edm_sigma_at_fractional_time_log_linear__step_before",
    "edm_sigma_at_fractional_time_log_linear__variance_preserved",
    "edm_sigma_from_cosine_time__flow_ratio",
    "edm_sigma_from_cosine_time__half_turn",
    "edm_sigma_from_cosine_time__noise_scale",
    "edm_sigma_from_cosine_time__radians",
    "flow_times_ending_at__ends_shifted",
    "flow_times_ending_at__equal_parts",
    "flow_times_ending_at__least_left_out",
    "flow_times_ending_at__not_shifted",
    "flow_times_ending_at__shifted_twice",
    "flow_times_exponentially_shifted__down_to_0",
    "flow_times_exponentially_shifted__down_to_a_thousandth",
    "flow_times_exponentially_shifted__log_for_shift",
    "flow_times_exponentially_shifted__not_shifted",
    "flow_times_exponentially_shifted__towards_data",
    "flow_times_linear_quadratic__equal_steps",
    "flow_times_linear_quadratic__own_slope",
    "flow_times_linear_quadratic__time_turned",
    "flow_times_shifted__down_to_0",
    "flow_times_shifted__down_to_a_thousandth",
    "flow_times_shifted__not_shifted",
    "flow_times_shifted__rising",
    "flow_times_shifted__shifted_twice",
    "flow_times_shifted__towards_data",
    "flow_times_stretched__cut_off",
    "flow_times_stretched__factor_inverted",
    "flow_times_stretched__from_0",
    "flow_times_stretched__moved",
    "fractional_time_from_edm_sigma__from_0",
    "fractional_time_from_edm_sigma__goes_on",
    "fractional_time_from_edm_sigma__linear",
    "fractional_time_from_edm_sigma__nearest_step",
    "fractional_time_from_edm_sigma__step_before",
    "sigmas_beta__ends_swapped",
    "sigmas_beta__even",
    "sigmas_beta__in_the_log",
    "sigmas_beta__least_left_out",
    "sigmas_beta__shapes_swapped",
    "sigmas_beta__usual_shapes",
    "sigmas_interpolated__last_is_0",
    "sigmas_interpolated__least_left_out",
    "sigmas_interpolated__linear",
    "sigmas_interpolated__nearest",
    "sigmas_kl_optimal__even",
    "sigmas_kl_optimal__geometric",
    "sigmas_kl_optimal__least_left_out",
    "sigmas_kl_optimal__rising",
    "sigmas_of_table__least_left_out",
    "sigmas_of_table__linear",
    "sigmas_of_table__rising",
    "sigmas_of_table__strided_rows",
    "sigmas_polyexponential__geometric",
    "sigmas_polyexponential__inverse_power",
    "sigmas_polyexponential__karras",
    "sigmas_polyexponential__power_of_the_fall",
    "sigmas_polyexponential__rising",
    "sigmas_vp__down_to_0",
    "sigmas_vp__rate_for_integral",
    "sigmas_vp__rise_is_the_end",
    "sigmas_vp__variance",
    "sigmas_vp__variance_preserved",
    "timesteps_quadratic__all_of_the_table",
    "timesteps_quadratic__linear",
    "timesteps_quadratic__offset_ignored",
    "timesteps_quadratic__one_step_early",
    "timesteps_quadratic__rounded",
]


def _left(n, like):
    """1 to 0 in n equal places."""
    gaps = max(n - 1, 1)
    return (gaps - namespace(like).arange(n)) / (gaps + 0 * like)


def _parts(n, like):
    """1 to 1/n in n equal places."""
    return (n - namespace(like).arange(n)) / (n + 0 * like)


def _shifted(time, shift):
    return shift * time / (1 + (shift - 1) * time)


def sigmas_polyexponential__geometric(n, sigma_min, sigma_max):
    """The power left out: a geometric sequence.

    Fix: exp(log(sigma_min) + (1 - (k - 1)/(n - 1))**rho*log(sigma_max/sigma_min)), code of k-diffusion
    Seen in: plausible
    """
    return sigma_min * (sigma_max / sigma_min) ** _left(n, sigma_min)


def sigmas_polyexponential__power_of_the_fall(n, sigma_min, sigma_max, rho):
    """The share of the fall to the power rho, not that of what is left: finer near the most noise.

    Fix: exp(log(sigma_min) + (1 - (k - 1)/(n - 1))**rho*log(sigma_max/sigma_min)), code of k-diffusion
    Seen in: plausible
    """
    return sigma_max * (sigma_min / sigma_max) ** ((1 - _left(n, sigma_min)) ** rho)


def sigmas_polyexponential__inverse_power(n, sigma_min, sigma_max, rho):
    """1/rho in place of rho, as in EDM's grid.

    Fix: exp(log(sigma_min) + (1 - (k - 1)/(n - 1))**rho*log(sigma_max/sigma_min)), code of k-diffusion
    Seen in: plausible
    """
    return sigma_min * (sigma_max / sigma_min) ** (_left(n, sigma_min) ** (1 / rho))


def sigmas_polyexponential__karras(n, sigma_min, sigma_max, rho):
    """EDM's grid: equal steps in sigma**(1/rho).

    Fix: exp(log(sigma_min) + (1 - (k - 1)/(n - 1))**rho*log(sigma_max/sigma_min)), code of k-diffusion
    Seen in: plausible
    """
    left = _left(n, sigma_min)
    return (sigma_min ** (1 / rho) * (1 - left) + sigma_max ** (1 / rho) * left) ** rho


def sigmas_polyexponential__rising(n, sigma_min, sigma_max, rho):
    """From the least up.

    Fix: exp(log(sigma_min) + (1 - (k - 1)/(n - 1))**rho*log(sigma_max/sigma_min)), code of k-diffusion
    Seen in: plausible
    """
    return sigma_min * (sigma_max / sigma_min) ** ((1 - _left(n, sigma_min)) ** rho)


def sigmas_vp__rise_is_the_end(n, beta_rate_min, beta_rate_max, time_min):
    """beta_rate_max in place of the rise beta_d.

    Fix: sqrt(exp(beta_d*time**2/2 + beta_min*time) - 1) with beta_d = beta_max - beta_min, Karras et al. 2022, Table 1
    Seen in: B006, NVlabs/edm@62072d2, beta_d 19.1 for 19.9
    """
    xp = namespace(beta_rate_min, beta_rate_max, time_min)
    left = _left(n, time_min)
    time = left + (1 - left) * time_min
    return xp.sqrt(xp.expm1(time * (beta_rate_min + time * beta_rate_max / 2)))


def sigmas_vp__rate_for_integral(n, beta_rate_min, beta_rate_max, time_min):
    """The rate times the time in place of the rate's integral: the 1/2 left out.

    Fix: sqrt(exp(beta_d*time**2/2 + beta_min*time) - 1), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    xp = namespace(beta_rate_min, beta_rate_max, time_min)
    left = _left(n, time_min)
    time = left + (1 - left) * time_min
    return xp.sqrt(xp.expm1(time * (beta_rate_min + time * (beta_rate_max - beta_rate_min))))


def sigmas_vp__variance(n, beta_rate_min, beta_rate_max, time_min):
    """The root left out.

    Fix: sqrt(exp(beta_d*time**2/2 + beta_min*time) - 1), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    xp = namespace(beta_rate_min, beta_rate_max, time_min)
    left = _left(n, time_min)
    time = left + (1 - left) * time_min
    return xp.expm1(time * (beta_rate_min + time * (beta_rate_max - beta_rate_min) / 2))


def sigmas_vp__variance_preserved(n, beta_rate_min, beta_rate_max, time_min):
    """VP's own noise scale, not divided by the signal's.

    Fix: sqrt(exp(beta_d*time**2/2 + beta_min*time) - 1), Karras et al. 2022, Table 1
    Seen in: plausible
    """
    xp = namespace(beta_rate_min, beta_rate_max, time_min)
    left = _left(n, time_min)
    time = left + (1 - left) * time_min
    return xp.sqrt(-xp.expm1(-time * (beta_rate_min + time * (beta_rate_max - beta_rate_min) / 2)))


def sigmas_vp__down_to_0(n, beta_rate_min, beta_rate_max):
    """Times to 0 in place of time_min: the last level has no noise.

    Fix: sqrt(exp(beta_d*time**2/2 + beta_min*time) - 1), time from 1 to time_min, Karras et al. 2022, Table 1
    Seen in: plausible
    """
    xp = namespace(beta_rate_min, beta_rate_max)
    time = _left(n, beta_rate_min)
    return xp.sqrt(xp.expm1(time * (beta_rate_min + time * (beta_rate_max - beta_rate_min) / 2)))


def sigmas_beta__ends_swapped(n, sigma_min, sigma_max, beta_a, beta_b):
    """The first entry of a rising table taken for the largest, the last for the least: noise rises.

    Fix: sigma_min + quantile(1 - (k - 1)/(n - 1))*(sigma_max - sigma_min), code of diffusers
    Seen in: B010, huggingface/diffusers#9954
    """
    share = namespace(sigma_min, sigma_max, beta_a, beta_b).betaincinv(beta_a, beta_b, _left(n, beta_a))
    return sigma_max * (1 - share) + sigma_min * share


def sigmas_beta__shapes_swapped(n, sigma_min, sigma_max, beta_a, beta_b):
    """The two shapes in each other's place.

    Fix: sigma_min + quantile(1 - (k - 1)/(n - 1))*(sigma_max - sigma_min), code of diffusers
    Seen in: plausible
    """
    share = namespace(sigma_min, sigma_max, beta_a, beta_b).betaincinv(beta_b, beta_a, _left(n, beta_a))
    return sigma_min * (1 - share) + sigma_max * share


def sigmas_beta__usual_shapes(n, sigma_min, sigma_max):
    """Both shapes 0.6, whatever is asked for.

    Fix: sigma_min + quantile(1 - (k - 1)/(n - 1))*(sigma_max - sigma_min), code of diffusers
    Seen in: plausible
    """
    shape = 3 / (5 + 0 * sigma_min)
    share = namespace(sigma_min, sigma_max).betaincinv(shape, shape, _left(n, sigma_min))
    return sigma_min * (1 - share) + sigma_max * share


def sigmas_beta__even(n, sigma_min, sigma_max):
    """The quantile left out: scales equally far apart.

    Fix: sigma_min + quantile(1 - (k - 1)/(n - 1))*(sigma_max - sigma_min), code of diffusers
    Seen in: plausible
    """
    left = _left(n, sigma_min)
    return sigma_min * (1 - left) + sigma_max * left


def sigmas_beta__in_the_log(n, sigma_min, sigma_max, beta_a, beta_b):
    """The distribution stretched over the logs of the range.

    Fix: sigma_min + quantile(1 - (k - 1)/(n - 1))*(sigma_max - sigma_min), code of diffusers
    Seen in: plausible
    """
    share = namespace(sigma_min, sigma_max, beta_a, beta_b).betaincinv(beta_a, beta_b, _left(n, beta_a))
    return sigma_min * (sigma_max / sigma_min) ** share


def sigmas_beta__least_left_out(n, sigma_min, sigma_max, beta_a, beta_b):
    """n in place of n - 1: the quantile of 0, the least scale, is not reached.

    Fix: sigma_min + quantile(1 - (k - 1)/(n - 1))*(sigma_max - sigma_min), code of diffusers
    Seen in: plausible; ComfyUI leaves it out of its rows of a table on purpose
    """
    share = namespace(sigma_min, sigma_max, beta_a, beta_b).betaincinv(beta_a, beta_b, _parts(n, beta_a))
    return sigma_min * (1 - share) + sigma_max * share


def _places(n, m, gaps):
    """Rows below and parts of the way to the next, for n places in a list of m."""
    return [(row, rest, min(row + 1, m - 1)) for row, rest in (divmod(k * (m - 1), gaps) for k in range(n))]


def sigmas_interpolated__linear(n, sigmas):
    """Straight in the scales themselves.

    Fix: exp(interp((len(sigmas) - 1)*(k - 1)/(n - 1), log(sigmas))), code of Align Your Steps
    Seen in: plausible
    """
    found = [
        (sigmas[row] * (n - 1 - rest) + sigmas[after] * rest) / (n - 1) for row, rest, after in _places(n, sigmas.shape[0], n - 1)
    ]
    return namespace(sigmas).stack(found)


def sigmas_interpolated__nearest(n, sigmas):
    """The nearest listed scale.

    Fix: exp(interp((len(sigmas) - 1)*(k - 1)/(n - 1), log(sigmas))), code of Align Your Steps
    Seen in: plausible
    """
    places = _places(n, sigmas.shape[0], n - 1)
    return namespace(sigmas).stack([sigmas[after if 2 * rest > n - 1 else row] for row, rest, after in places])


def sigmas_interpolated__least_left_out(n, sigmas):
    """n in place of n - 1: the list's last scale is not reached.

    Fix: exp(interp((len(sigmas) - 1)*(k - 1)/(n - 1), log(sigmas))), code of Align Your Steps
    Seen in: plausible
    """
    found = [
        sigmas[row] * (sigmas[after] / sigmas[row]) ** (rest / (n + 0 * sigmas[0]))
        for row, rest, after in _places(n, sigmas.shape[0], n)
    ]
    return namespace(sigmas).stack(found)


def sigmas_interpolated__last_is_0(n, sigmas):
    """The final 0 in the place of the list's least scale.

    Fix: exp(interp((len(sigmas) - 1)*(k - 1)/(n - 1), log(sigmas))), code of Align Your Steps, with the 0 after it
    Seen in: plausible
    """
    found = [
        sigmas[row] * (sigmas[after] / sigmas[row]) ** (rest / (n - 1 + 0 * sigmas[0]))
        for row, rest, after in _places(n, sigmas.shape[0], n - 1)
    ]
    return namespace(sigmas).stack([*found[:-1], 0 * sigmas[0]])


def sigmas_kl_optimal__even(n, sigma_min, sigma_max):
    """Scales equally far apart, not their arcs.

    Fix: tan of equally spaced arcs from atan(sigma_max) to atan(sigma_min), Sabour et al. 2024, section 3
    Seen in: plausible
    """
    left = _left(n, sigma_min)
    return sigma_min * (1 - left) + sigma_max * left


def sigmas_kl_optimal__geometric(n, sigma_min, sigma_max):
    """Logs equally far apart, not arcs.

    Fix: tan of equally spaced arcs from atan(sigma_max) to atan(sigma_min), Sabour et al. 2024, section 3
    Seen in: plausible
    """
    return sigma_min * (sigma_max / sigma_min) ** _left(n, sigma_min)


def sigmas_kl_optimal__rising(n, sigma_min, sigma_max):
    """From the least up: the weights of the ends swapped.

    Fix: tan of equally spaced arcs from atan(sigma_max) to atan(sigma_min), Sabour et al. 2024, section 3
    Seen in: plausible
    """
    xp = namespace(sigma_min, sigma_max)
    left = _left(n, sigma_min)
    arc = xp.atan(sigma_max) * (1 - left) + xp.atan(sigma_min) * left
    return xp.sin(arc) / xp.cos(arc)


def sigmas_kl_optimal__least_left_out(n, sigma_min, sigma_max):
    """The first n of n + 1 scales.

    Fix: tan of equally spaced arcs from atan(sigma_max) to atan(sigma_min), Sabour et al. 2024, section 3
    Seen in: plausible; A1111 counts n steps and n + 1 scales
    """
    xp = namespace(sigma_min, sigma_max)
    share = xp.arange(n) / (n + 0 * sigma_min)
    arc = xp.atan(sigma_max) * (1 - share) + xp.atan(sigma_min) * share
    return xp.sin(arc) / xp.cos(arc)


def _between(places, table, xp):
    """Straight lines through neighbouring entries; places counted from 0, the last entry beyond the end."""
    last = table.shape[0] - 1
    near = xp.minimum(xp.maximum(places, 0), last + 0 * places)
    return xp.sum(xp.maximum(1 - xp.absolute(near[:, None] - xp.arange(last + 1)), 0) * table, axis=1)


def _levels(betas):
    return namespace(betas).sqrt(namespace(betas).expm1(-log_alpha_bar(betas)))


def _reached(places, count, xp):
    """Numbers of steps at or below places that count from 0, less one: the places rounded down."""
    return xp.sum(xp.where(xp.less(places[:, None], xp.arange(1, count)), 0 * places[:, None], 0 * places[:, None] + 1), axis=1)


def edm_sigma_at_fractional_time_log_linear__linear(betas, fractional_t):
    """Straight in sigma, as diffusers' np.interp, in place of its log.

    Fix: exp(interp(fractional_t - 1, log(sigmas))), code of k-diffusion
    Seen in: plausible
    """
    return _between(fractional_t - 1, _levels(betas), namespace(betas, fractional_t))


def edm_sigma_at_fractional_time_log_linear__one_row_late(betas, fractional_t):
    """The time taken for a row counted from 0.

    Fix: exp(interp(fractional_t - 1, log(sigmas))), code of k-diffusion, whose t is fractional_t - 1
    Seen in: plausible
    """
    xp = namespace(betas, fractional_t)
    return xp.exp(_between(fractional_t, xp.log(_levels(betas)), xp))


def edm_sigma_at_fractional_time_log_linear__signal_power(betas, fractional_t):
    """alpha_bar interpolated, and sigma taken of that.

    Fix: exp(interp(fractional_t - 1, log(sigmas))), code of k-diffusion
    Seen in: plausible
    """
    xp = namespace(betas, fractional_t)
    return xp.sqrt(1 / _between(fractional_t - 1, xp.exp(log_alpha_bar(betas)), xp) - 1)


def edm_sigma_at_fractional_time_log_linear__step_before(betas, fractional_t):
    """The time rounded down to a step.

    Fix: exp(interp(fractional_t - 1, log(sigmas))), code of k-diffusion
    Seen in: plausible
    """
    xp = namespace(betas, fractional_t)
    return _between(_reached(fractional_t - 1, betas.shape[0], xp), _levels(betas), xp)


def edm_sigma_at_fractional_time_log_linear__variance_preserved(betas, fractional_t):
    """sqrt(1 - alpha_bar), not divided by the signal's scale.

    Fix: exp(interp(fractional_t - 1, log(sigmas))) with sigmas = sqrt((1 - alpha_bars)/alpha_bars), code of k-diffusion
    Seen in: plausible
    """
    xp = namespace(betas, fractional_t)
    return xp.exp(_between(fractional_t - 1, xp.log(-xp.expm1(log_alpha_bar(betas))) / 2, xp))


def edm_sigma_at_fractional_time_linear__log_linear(betas, fractional_t):
    """Straight in the log, as k-diffusion, in place of sigma itself.

    Fix: interp(fractional_t - 1, sigmas), code of diffusers
    Seen in: plausible
    """
    xp = namespace(betas, fractional_t)
    return xp.exp(_between(fractional_t - 1, xp.log(_levels(betas)), xp))


def edm_sigma_at_fractional_time_linear__nearest_step(betas, fractional_t):
    """The time rounded to the nearest step.

    Fix: interp(fractional_t - 1, sigmas), code of diffusers
    Seen in: plausible
    """
    xp = namespace(betas, fractional_t)
    return _between(_reached(fractional_t - 1 + 1 / (2 + 0 * fractional_t), betas.shape[0], xp), _levels(betas), xp)


def edm_sigma_at_fractional_time_linear__one_row_late(betas, fractional_t):
    """The time taken for a row counted from 0.

    Fix: interp(fractional_t - 1, sigmas), code of diffusers, whose timesteps are fractional_t - 1
    Seen in: plausible
    """
    return _between(fractional_t, _levels(betas), namespace(betas, fractional_t))


def edm_sigma_at_fractional_time_linear__variances(betas, fractional_t):
    """Straight in sigma**2.

    Fix: interp(fractional_t - 1, sigmas), code of diffusers
    Seen in: plausible
    """
    xp = namespace(betas, fractional_t)
    return xp.sqrt(_between(fractional_t - 1, xp.expm1(-log_alpha_bar(betas)), xp))


def edm_sigma_at_fractional_time_linear__variance_preserved(betas, fractional_t):
    """sqrt(1 - alpha_bar), not divided by the signal's scale.

    Fix: interp(fractional_t - 1, sigmas) with sigmas = sqrt((1 - alpha_bars)/alpha_bars), code of diffusers
    Seen in: plausible
    """
    xp = namespace(betas, fractional_t)
    return _between(fractional_t - 1, xp.sqrt(-xp.expm1(log_alpha_bar(betas))), xp)


def _shares(table, level):
    """Shares of the way from each entry of a table to the next."""
    return (level[:, None] - table[:-1]) / (table[1:] - table[:-1])


def fractional_time_from_edm_sigma__from_0(betas, sigma_over_alpha_t):
    """Counted from 0: the row in a table in place of the time.

    Fix: 1 + sum of clipped shares of the way in log(sigma), code of k-diffusion, which counts from 0
    Seen in: plausible
    """
    xp = namespace(betas, sigma_over_alpha_t)
    shares = _shares(xp.log(_levels(betas)), xp.log(sigma_over_alpha_t))
    return xp.sum(xp.minimum(xp.maximum(shares, 0), 1), axis=1)


def fractional_time_from_edm_sigma__linear(betas, sigma_over_alpha_t):
    """Straight in sigma: the inverse of np.interp.

    Fix: 1 + sum of clipped shares of the way in log(sigma), code of k-diffusion
    Seen in: plausible
    """
    xp = namespace(betas, sigma_over_alpha_t)
    return 1 + xp.sum(xp.minimum(xp.maximum(_shares(_levels(betas), sigma_over_alpha_t), 0), 1), axis=1)


def fractional_time_from_edm_sigma__goes_on(betas, sigma_over_alpha_t):
    """Not clipped at the ends: the first and last line go on outside the table.

    Fix: 1 + sum of clipped shares of the way in log(sigma), code of k-diffusion
    Seen in: plausible
    """
    xp = namespace(betas, sigma_over_alpha_t)
    shares = _shares(xp.log(_levels(betas)), xp.log(sigma_over_alpha_t))
    outside = xp.minimum(shares[:, 0], 0) + xp.maximum(shares[:, -1] - 1, 0)
    return 1 + outside + xp.sum(xp.minimum(xp.maximum(shares, 0), 1), axis=1)


def fractional_time_from_edm_sigma__nearest_step(betas, sigma_over_alpha_t):
    """The step of the nearest log level, as k-diffusion with quantize=True: not interpolated.

    Fix: 1 + sum of clipped shares of the way in log(sigma), code of k-diffusion
    Seen in: plausible
    """
    xp = namespace(betas, sigma_over_alpha_t)
    shares = 2 * _shares(xp.log(_levels(betas)), xp.log(sigma_over_alpha_t))
    return 1 + xp.sum(xp.where(xp.less(shares, 1), 0 * shares, 0 * shares + 1), axis=1)


def fractional_time_from_edm_sigma__step_before(betas, sigma_over_alpha_t):
    """The last step with less noise: not interpolated.

    Fix: 1 + sum of clipped shares of the way in log(sigma), code of k-diffusion
    Seen in: plausible
    """
    xp = namespace(betas, sigma_over_alpha_t)
    shares = _shares(xp.log(_levels(betas)), xp.log(sigma_over_alpha_t))
    return 1 + xp.sum(xp.where(xp.less(shares, 1), 0 * shares, 0 * shares + 1), axis=1)


def sigmas_of_table__linear(n, betas):
    """Straight in sigma between the steps.

    Fix: exp(interp((T - 1)*(1 - (k - 1)/(n - 1)), log(sigmas))), code of k-diffusion
    Seen in: plausible
    """
    return _between((betas.shape[0] - 1) * _left(n, betas[0]), _levels(betas), namespace(betas))


def sigmas_of_table__rising(n, betas):
    """From the data to the noise.

    Fix: exp(interp((T - 1)*(1 - (k - 1)/(n - 1)), log(sigmas))), code of k-diffusion
    Seen in: plausible
    """
    xp = namespace(betas)
    return xp.exp(_between((betas.shape[0] - 1) * (1 - _left(n, betas[0])), xp.log(_levels(betas)), xp))


def sigmas_of_table__least_left_out(n, betas):
    """The first n of n + 1 times.

    Fix: exp(interp((T - 1)*(1 - (k - 1)/(n - 1)), log(sigmas))), code of k-diffusion
    Seen in: plausible; ComfyUI's sgm_uniform, on purpose
    """
    xp = namespace(betas)
    return xp.exp(_between((betas.shape[0] - 1) * _parts(n, betas[0]), xp.log(_levels(betas)), xp))


def sigmas_of_table__strided_rows(n, betas):
    """Every (T // n)-th step counted up from the first: sampling starts below the last.

    Fix: exp(interp((T - 1)*(1 - (k - 1)/(n - 1)), log(sigmas))), code of k-diffusion
    Seen in: B024, CompVis/stable-diffusion#686
    """
    xp = namespace(betas)
    levels = _levels(betas)
    return xp.stack([levels[(n - 1 - k) * (betas.shape[0] // n)] for k in range(n)])


def cosine_time_from_edm_sigma__radians(sigma_t):
    """The arc in radians, not as a share of a quarter turn.

    Fix: atan(sigma_t)/pi*2, code of k-diffusion
    Seen in: B012, crowsonkb/k-diffusion@2ce2bb3
    """
    return namespace(sigma_t).atan(sigma_t)


def cosine_time_from_edm_sigma__half_turn(sigma_t):
    """The arc as a share of half a turn.

    Fix: atan(sigma_t)/pi*2, code of k-diffusion
    Seen in: plausible
    """
    xp = namespace(sigma_t)
    return xp.atan(sigma_t) / xp.pi


def cosine_time_from_edm_sigma__of_the_variance(sigma_t):
    """The arc of the variance.

    Fix: atan(sigma_t)/pi*2, code of k-diffusion
    Seen in: plausible
    """
    xp = namespace(sigma_t)
    return 2 * xp.atan(sigma_t**2) / xp.pi


def cosine_time_from_edm_sigma__flow_time(sigma_t):
    """The straight path's time.

    Fix: atan(sigma_t)/pi*2, code of k-diffusion
    Seen in: plausible
    """
    return sigma_t / (1 + sigma_t)


def edm_sigma_from_cosine_time__radians(time):
    """The time taken for an arc in radians.

    Fix: tan(time*pi/2), code of k-diffusion
    Seen in: plausible
    """
    xp = namespace(time)
    return xp.sin(time) / xp.cos(time)


def edm_sigma_from_cosine_time__half_turn(time):
    """The time taken for a share of half a turn.

    Fix: tan(time*pi/2), code of k-diffusion
    Seen in: plausible
    """
    xp = namespace(time)
    return xp.sin(xp.pi * time) / xp.cos(xp.pi * time)


def edm_sigma_from_cosine_time__noise_scale(time):
    """The path's own noise scale, not divided by the signal's.

    Fix: tan(time*pi/2), code of k-diffusion
    Seen in: plausible
    """
    xp = namespace(time)
    return xp.sin(xp.pi * time / 2)


def edm_sigma_from_cosine_time__flow_ratio(time):
    """The straight path's ratio of scales.

    Fix: tan(time*pi/2), code of k-diffusion
    Seen in: plausible
    """
    return time / (1 - time)


def flow_times_shifted__not_shifted(n, time_shift):
    """The times before the shift.

    Fix: time_shift*time/(1 + (time_shift - 1)*time) for time = 1 to 1/n, Esser et al. 2024, Eq. (23)
    Seen in: B015, huggingface/diffusers#14011, told to the network beside the shifted noise
    """
    return _parts(n, time_shift)


def flow_times_shifted__shifted_twice(n, time_shift):
    """Shifted twice: by time_shift**2.

    Fix: time_shift*time/(1 + (time_shift - 1)*time) for time = 1 to 1/n, Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return _shifted(_shifted(_parts(n, time_shift), time_shift), time_shift)


def flow_times_shifted__towards_data(n, time_shift):
    """Shifted the other way.

    Fix: time_shift*time/(1 + (time_shift - 1)*time) for time = 1 to 1/n, Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return _shifted(_parts(n, time_shift), 1 / time_shift)


def flow_times_shifted__down_to_0(n, time_shift):
    """n times from 1 to 0: the final 0 among them, one step less.

    Fix: time_shift*time/(1 + (time_shift - 1)*time) for time = 1 to 1/n, Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return _shifted(_left(n, time_shift), time_shift)


def flow_times_shifted__down_to_a_thousandth(n, time_shift):
    """The training grid's least time, 1/1000, in place of 1/n: the last step is too small.

    Fix: time_shift*time/(1 + (time_shift - 1)*time) for time = 1 to 1/n, Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return _shifted(_even(n, 1 / (1000 + 0 * time_shift)), time_shift)


def flow_times_shifted__rising(n, time_shift):
    """Times of data first: 1 less each.

    Fix: time_shift*time/(1 + (time_shift - 1)*time) for time = 1 to 1/n, Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return 1 - _shifted(_parts(n, time_shift), time_shift)


def flow_times_exponentially_shifted__down_to_a_thousandth(n, log_time_shift):
    """The training grid's least time, 1/1000, in place of 1/n: the last step is too small.

    Fix: exp(mu)/(exp(mu) + 1/time - 1) for time = 1 to 1/n, code of FLUX.1
    Seen in: plausible
    """
    return _shifted(_even(n, 1 / (1000 + 0 * log_time_shift)), namespace(log_time_shift).exp(log_time_shift))


def flow_times_exponentially_shifted__log_for_shift(n, log_time_shift):
    """mu taken for the shift itself, as with time_shift_type "linear".

    Fix: exp(mu)/(exp(mu) + 1/time - 1) for time = 1 to 1/n, code of FLUX.1
    Seen in: plausible
    """
    return _shifted(_parts(n, log_time_shift), log_time_shift)


def flow_times_exponentially_shifted__towards_data(n, log_time_shift):
    """The log's sign turned.

    Fix: exp(mu)/(exp(mu) + 1/time - 1) for time = 1 to 1/n, code of FLUX.1
    Seen in: plausible
    """
    return _shifted(_parts(n, log_time_shift), namespace(log_time_shift).exp(-log_time_shift))


def flow_times_exponentially_shifted__not_shifted(n, log_time_shift):
    """The times before the shift.

    Fix: exp(mu)/(exp(mu) + 1/time - 1) for time = 1 to 1/n, code of FLUX.1
    Seen in: plausible
    """
    return _parts(n, log_time_shift)


def flow_times_exponentially_shifted__down_to_0(n, log_time_shift):
    """n times from 1 to 0: the final 0 among them, one step less.

    Fix: exp(mu)/(exp(mu) + 1/time - 1) for time = 1 to 1/n, code of FLUX.1
    Seen in: plausible
    """
    return _shifted(_left(n, log_time_shift), namespace(log_time_shift).exp(log_time_shift))


def _even(n, time_min):
    """1 to time_min in n equal places."""
    left = _left(n, time_min)
    return left + (1 - left) * time_min


def flow_times_ending_at__shifted_twice(n, time_min, time_shift):
    """The least time taken from a table already shifted: shifted twice there.

    Fix: time_shift*time/(1 + (time_shift - 1)*time) for time = 1 to time_min, Esser et al. 2024, Eq. (23)
    Seen in: B017, apple/coreai-models#190, after diffusers' own
    """
    return _shifted(_even(n, _shifted(time_min, time_shift)), time_shift)


def flow_times_ending_at__equal_parts(n, time_shift):
    """Times down to 1/n in place of time_min: a larger last step.

    Fix: time_shift*time/(1 + (time_shift - 1)*time) for time = 1 to time_min, Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return _shifted(_parts(n, time_shift), time_shift)


def flow_times_ending_at__ends_shifted(n, time_min, time_shift):
    """The ends shifted, and equal steps between them.

    Fix: time_shift*time/(1 + (time_shift - 1)*time) for time = 1 to time_min, Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return _even(n, _shifted(time_min, time_shift))


def flow_times_ending_at__least_left_out(n, time_min, time_shift):
    """The first n of n + 1 times.

    Fix: time_shift*time/(1 + (time_shift - 1)*time) for time = 1 to time_min, Esser et al. 2024, Eq. (23)
    Seen in: plausible; diffusers' UniPC takes these, on purpose
    """
    return _shifted(_even(n + 1, time_min)[:-1], time_shift)


def flow_times_ending_at__not_shifted(n, time_min):
    """The times before the shift.

    Fix: time_shift*time/(1 + (time_shift - 1)*time) for time = 1 to time_min, Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return _even(n, time_min)


def flow_times_stretched__from_0(times, terminal):
    """Scaled from 0: the first time moves.

    Fix: 1 - (1 - times)*(1 - terminal)/(1 - last), code of LTX-Video
    Seen in: plausible
    """
    return times * (terminal / times[-1])


def flow_times_stretched__moved(times, terminal):
    """All moved by what the last must move.

    Fix: 1 - (1 - times)*(1 - terminal)/(1 - last), code of LTX-Video
    Seen in: plausible
    """
    return times + (terminal - times[-1])


def flow_times_stretched__factor_inverted(times, terminal):
    """Multiplied by the factor that divides.

    Fix: 1 - (1 - times)*(1 - terminal)/(1 - last), code of LTX-Video
    Seen in: plausible
    """
    return 1 - (1 - times) * ((1 - times[-1]) / (1 - terminal))


def flow_times_stretched__cut_off(times, terminal):
    """No time below the given one: cut off in place of stretched.

    Fix: 1 - (1 - times)*(1 - terminal)/(1 - last), code of LTX-Video
    Seen in: plausible
    """
    return namespace(times, terminal).maximum(times, terminal)


def flow_times_linear_quadratic__equal_steps(n, threshold_noise):
    """Equal steps all the way.

    Fix: 1 less the linear part, then a parabola that goes on with its slope to 1, code of Mochi 1
    Seen in: plausible
    """
    return _parts(n, threshold_noise)


def flow_times_linear_quadratic__own_slope(n, linear_steps, threshold_noise):
    """A parabola that starts level: its first steps are smaller than the equal ones.

    Fix: 1 less the linear part, then a parabola that goes on with its slope to 1, code of Mochi 1
    Seen in: plausible
    """
    xp = namespace(threshold_noise)
    share = xp.arange(n - linear_steps) / (n - linear_steps + 0 * threshold_noise)
    straight = 1 - threshold_noise * xp.arange(linear_steps) / linear_steps
    return xp.concat([straight, (1 - threshold_noise) * (1 - share * share)])


def flow_times_linear_quadratic__time_turned(n, linear_steps, threshold_noise):
    """How far the run has come: time the other way round.

    Fix: 1 less the linear part, then a parabola that goes on with its slope to 1, code of Mochi 1
    Seen in: plausible
    """
    xp = namespace(threshold_noise)
    step, after = threshold_noise / linear_steps, xp.arange(n - linear_steps)
    bend = (1 - step * n) / (n - linear_steps) ** 2
    return xp.concat([step * xp.arange(linear_steps), step * (linear_steps + after) + bend * after**2])


def timesteps_quadratic__one_step_early(T, n, steps_offset):
    """Rows of a table counted from 0 in place of times: t - 1.

    Fix: 4*T*(n - k)**2//(5*(n - 1)**2) + 1 + steps_offset, code of DDIM, which counts from 0
    Seen in: plausible
    """
    gaps = max(n - 1, 1)
    return 4 * T * (n - 1 - namespace(T, n).arange(n)) ** 2 // (5 * gaps**2) + steps_offset


def timesteps_quadratic__offset_ignored(T, n):
    """steps_offset left out.

    Fix: 4*T*(n - k)**2//(5*(n - 1)**2) + 1 + steps_offset, code of DDIM
    Seen in: plausible
    """
    gaps = max(n - 1, 1)
    return 4 * T * (n - 1 - namespace(T, n).arange(n)) ** 2 // (5 * gaps**2) + 1


def timesteps_quadratic__all_of_the_table(T, n, steps_offset):
    """T in place of four fifths of it: the first row lies beyond the table.

    Fix: 4*T*(n - k)**2//(5*(n - 1)**2) + 1 + steps_offset, code of DDIM
    Seen in: plausible
    """
    gaps = max(n - 1, 1)
    return T * (n - 1 - namespace(T, n).arange(n)) ** 2 // gaps**2 + 1 + steps_offset


def timesteps_quadratic__linear(T, n, steps_offset):
    """Equal steps over the same range.

    Fix: 4*T*(n - k)**2//(5*(n - 1)**2) + 1 + steps_offset, code of DDIM
    Seen in: plausible
    """
    gaps = max(n - 1, 1)
    return 4 * T * (n - 1 - namespace(T, n).arange(n)) // (5 * gaps) + 1 + steps_offset


def timesteps_quadratic__rounded(T, n, steps_offset):
    """Rounded in place of truncated.

    Fix: 4*T*(n - k)**2//(5*(n - 1)**2) + 1 + steps_offset, code of DDIM
    Seen in: plausible
    """
    whole = 10 * max(n - 1, 1) ** 2
    return (8 * T * (n - 1 - namespace(T, n).arange(n)) ** 2 + whole // 2) // whole + 1 + steps_offset
