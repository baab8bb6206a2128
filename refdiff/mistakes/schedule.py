"""Wrong bodies of noise schedules, their running products and their time grids."""

from refdiff.numbers import namespace

__all__ = [
    "alpha__alpha_bar",
    "alpha__noise_scale",
    "alpha__one_step",
    "alpha_bar__exponential_of_sum",
    "alpha_bar__one_step",
    "alpha_bar__product_of_betas",
    "alpha_bar__root",
    "alpha_bar__shifted_by_one",
    "betas_cosine__grid_one_step_too_fine",
    "betas_cosine__noise_power",
    "betas_cosine__offset_ignored",
    "betas_cosine__without_cap",
    "betas_cosine__without_square",
    "betas_linear__counted_from_one",
    "betas_linear__divided_by_T",
    "betas_linear__rescaled_by_1000_over_T",
    "betas_linear__scaled_linear",
    "betas_scaled_linear__divided_by_T",
    "betas_scaled_linear__linear",
    "betas_scaled_linear__root_of_squares",
    "betas_scaled_linear__roots_not_squared",
    "betas_sigmoid__divided_by_T",
    "betas_sigmoid__from_minus_3_to_3",
    "betas_sigmoid__without_range",
    "betas_zero_terminal_snr__last_beta_only",
    "betas_zero_terminal_snr__on_alpha_bar",
    "betas_zero_terminal_snr__roots_not_squared",
    "betas_zero_terminal_snr__scaled_not_shifted",
    "betas_zero_terminal_snr__shifted_not_scaled",
    "log_alpha_bar__log_alpha",
    "log_alpha_bar__log_noise_power",
    "log_alpha_bar__minus_sum_of_betas",
    "log_alpha_bar__shifted_by_one",
    "logsnr__decibels",
    "logsnr__half_logsnr",
    "logsnr__sign",
    "sigma__one_minus_alpha",
    "sigma__one_step",
    "sigma__sigma_over_alpha",
    "sigma__variance",
    "snr__inverse",
    "snr__ratio_of_scales",
    "snr__signal_power",
    "snr__squared_twice",
    "timesteps_leading__offset_ignored",
    "timesteps_leading__one_step_early",
    "timesteps_leading__stride_not_floored",
    "timesteps_leading__trailing",
    "timesteps_leading__whole_range_by_stride",
    "timesteps_linspace__endpoint_excluded",
    "timesteps_linspace__floored",
    "timesteps_linspace__n_plus_one_points",
    "timesteps_linspace__one_step_early",
    "timesteps_trailing__floored",
    "timesteps_trailing__leading",
    "timesteps_trailing__one_step_early",
    "timesteps_trailing__stride_floored",
]


def _line(T, first, last, gaps, start):
    """From `first` by equal shares of the way to `last`: (k + start)/gaps of it at k = 0..T-1."""
    k = namespace(first, last).arange(T) + start
    return (first * (gaps - k) + last * k) / gaps


def betas_linear__divided_by_T(T, beta_start, beta_end):
    """Steps of (beta_end - beta_start)/T: the end is never reached.

    Fix: beta_start + (beta_end - beta_start)*(t - 1)/(T - 1), Ho et al. 2020, section 4
    Seen in: plausible
    """
    return _line(T, beta_start, beta_end, T, 0)


def betas_linear__counted_from_one(T, beta_start, beta_end):
    """t/T of the way in place of (t - 1)/(T - 1): the first value is already one step on.

    Fix: beta_start + (beta_end - beta_start)*(t - 1)/(T - 1), Ho et al. 2020, section 4
    Seen in: plausible
    """
    return _line(T, beta_start, beta_end, T, 1)


def betas_linear__scaled_linear(T, beta_start, beta_end):
    """The square of evenly spaced roots (scaled_linear, Stable Diffusion's).

    Fix: beta_start + (beta_end - beta_start)*(t - 1)/(T - 1), Ho et al. 2020, section 4
    Seen in: plausible; Stable Diffusion's code calls its own "linear"
    """
    xp = namespace(beta_start, beta_end)
    return _line(T, xp.sqrt(beta_start), xp.sqrt(beta_end), max(T - 1, 1), 0) ** 2


def betas_linear__rescaled_by_1000_over_T(T, beta_start, beta_end):
    """Both ends multiplied by 1000/T.

    Fix: beta_start + (beta_end - beta_start)*(t - 1)/(T - 1); rescale the ends outside, Ho et al. 2020, section 4
    Seen in: plausible; a choice of openai/guided-diffusion's named schedule
    """
    return _line(T, 1000 * beta_start / T, 1000 * beta_end / T, max(T - 1, 1), 0)


def betas_scaled_linear__linear(T, beta_start, beta_end):
    """Evenly spaced values, without roots (linear, Ho et al.'s).

    Fix: (sqrt(beta_start) + (sqrt(beta_end) - sqrt(beta_start))*(t - 1)/(T - 1))**2, Rombach et al.'s code
    Seen in: plausible
    """
    return _line(T, beta_start, beta_end, max(T - 1, 1), 0)


def betas_scaled_linear__roots_not_squared(T, beta_start, beta_end):
    """Evenly spaced roots, not squared back.

    Fix: (sqrt(beta_start) + (sqrt(beta_end) - sqrt(beta_start))*(t - 1)/(T - 1))**2, Rombach et al.'s code
    Seen in: plausible
    """
    xp = namespace(beta_start, beta_end)
    return _line(T, xp.sqrt(beta_start), xp.sqrt(beta_end), max(T - 1, 1), 0)


def betas_scaled_linear__root_of_squares(T, beta_start, beta_end):
    """The root of evenly spaced squares in place of the square of evenly spaced roots.

    Fix: (sqrt(beta_start) + (sqrt(beta_end) - sqrt(beta_start))*(t - 1)/(T - 1))**2, Rombach et al.'s code
    Seen in: plausible
    """
    xp = namespace(beta_start, beta_end)
    return xp.sqrt(_line(T, beta_start**2, beta_end**2, max(T - 1, 1), 0))


def betas_scaled_linear__divided_by_T(T, beta_start, beta_end):
    """Steps of the roots divided by T: the end is never reached.

    Fix: (sqrt(beta_start) + (sqrt(beta_end) - sqrt(beta_start))*(t - 1)/(T - 1))**2, Rombach et al.'s code
    Seen in: plausible
    """
    xp = namespace(beta_start, beta_end)
    return _line(T, xp.sqrt(beta_start), xp.sqrt(beta_end), T, 0) ** 2


def _cosine_ratio(xp, T, offset, scale, gaps):
    """cos(angle at t)/cos(angle at t - 1), the angle (k/gaps + offset)/scale*pi/2 at k = 0..T."""
    cosine = xp.cos((xp.arange(T + 1) + gaps * offset) * (xp.pi / (2 * gaps * scale)))
    return cosine[1:] / cosine[:-1]


def betas_cosine__without_square(T, offset, beta_max):
    """The cosine in place of its square: too little noise everywhere.

    Fix: min(1 - alpha_bar_t/alpha_bar_s, beta_max), alpha_bar_t as cos((t/T + offset)/(1 + offset)*pi/2)**2, (17)
    Seen in: B008, lilianweng/lilianweng.github.io#9
    """
    xp = namespace(offset, beta_max)
    return xp.minimum(1 - _cosine_ratio(xp, T, offset, 1 + offset, T), beta_max)


def betas_cosine__offset_ignored(T, beta_max):
    """The offset left out: the first steps add almost no noise.

    Fix: cos((t/T + offset)/(1 + offset)*pi/2)**2 with offset 0.008, Nichol and Dhariwal 2021, Eq. (17)
    Seen in: plausible
    """
    xp = namespace(beta_max)
    return xp.minimum(1 - _cosine_ratio(xp, T, 0 * beta_max, 1, T) ** 2, beta_max)


def betas_cosine__without_cap(T, offset):
    """Betas not capped: the last one is 1.

    Fix: min(1 - alpha_bar_t/alpha_bar_s, beta_max) with beta_max 0.999, Nichol and Dhariwal 2021, below Eq. (17)
    Seen in: plausible
    """
    xp = namespace(offset)
    return 1 - _cosine_ratio(xp, T, offset, 1 + offset, T) ** 2


def betas_cosine__noise_power(T, offset, beta_max):
    """1 - alpha_bar_t in place of 1 - alpha_bar_t/alpha_bar_s.

    Fix: min(1 - alpha_bar_t/alpha_bar_s, beta_max) with s = t - 1, Nichol and Dhariwal 2021, Eq. (17)
    Seen in: plausible
    """
    xp = namespace(offset, beta_max)
    ratio = _cosine_ratio(xp, T, offset, 1 + offset, T)
    return xp.minimum(1 - xp.cumprod(ratio**2), beta_max)


def betas_cosine__grid_one_step_too_fine(T, offset, beta_max):
    """t/(T + 1) in place of t/T: the schedule stops one step before its end.

    Fix: cos((t/T + offset)/(1 + offset)*pi/2)**2 for t = 0..T, Nichol and Dhariwal 2021, Eq. (17)
    Seen in: plausible
    """
    xp = namespace(offset, beta_max)
    return xp.minimum(1 - _cosine_ratio(xp, T, offset, 1 + offset, T + 1) ** 2, beta_max)


def betas_sigmoid__without_range(T, beta_start):
    """The logistic curve itself, not scaled to beta_start..beta_end.

    Fix: beta_start + (beta_end - beta_start)*sigmoid(-6 + 12*(t - 1)/(T - 1)), Xu et al.'s code
    Seen in: plausible
    """
    xp = namespace(beta_start)
    return xp.sigmoid(_line(T, 0 * beta_start - 6, 0 * beta_start + 6, max(T - 1, 1), 0))


def betas_sigmoid__from_minus_3_to_3(T, beta_start, beta_end):
    """The logistic curve from -3 to 3 in place of -6 to 6.

    Fix: beta_start + (beta_end - beta_start)*sigmoid(-6 + 12*(t - 1)/(T - 1)), Xu et al.'s code
    Seen in: plausible; -3 to 3 belongs to Jabri et al. 2022, who shape alpha_bar
    """
    xp = namespace(beta_start, beta_end)
    curve = xp.sigmoid(_line(T, 0 * beta_start - 3, 0 * beta_start + 3, max(T - 1, 1), 0))
    return beta_start + (beta_end - beta_start) * curve


def betas_sigmoid__divided_by_T(T, beta_start, beta_end):
    """Steps of 12/T in place of 12/(T - 1): 6 is never reached.

    Fix: beta_start + (beta_end - beta_start)*sigmoid(-6 + 12*(t - 1)/(T - 1)), Xu et al.'s code
    Seen in: plausible
    """
    xp = namespace(beta_start, beta_end)
    curve = xp.sigmoid(_line(T, 0 * beta_start - 6, 0 * beta_start + 6, T, 0))
    return beta_start + (beta_end - beta_start) * curve


def _steps_of(levels):
    """Betas whose running product these levels are, the first kept from 1."""
    xp = namespace(levels)
    return 1 - levels / xp.concat([xp.ones_like(levels[:1]), levels[:-1]])


def betas_zero_terminal_snr__on_alpha_bar(betas):
    """alpha_bar shifted and scaled in place of its root.

    Fix: shift and scale sqrt(alpha_bars), then square, Lin et al. 2024, Algorithm 1
    Seen in: plausible
    """
    xp = namespace(betas)
    levels = xp.cumprod(1 - betas)
    return _steps_of((levels - levels[-1]) * (levels[0] / (levels[0] - levels[-1])))


def betas_zero_terminal_snr__shifted_not_scaled(betas):
    """The roots shifted to 0 but not scaled: the first beta is not kept.

    Fix: multiply the shifted roots by alpha_1/(alpha_1 - alpha_T), Lin et al. 2024, Algorithm 1
    Seen in: plausible
    """
    xp = namespace(betas)
    roots = xp.sqrt(xp.cumprod(1 - betas))
    left = roots - roots[-1]
    return _steps_of(left * left)


def betas_zero_terminal_snr__scaled_not_shifted(betas):
    """The roots scaled but not shifted: signal is left at the end, and only the first beta changes.

    Fix: take alpha_T off the roots before they are scaled, Lin et al. 2024, Algorithm 1
    Seen in: plausible
    """
    xp = namespace(betas)
    roots = xp.sqrt(xp.cumprod(1 - betas))
    scaled = roots * (roots[0] / (roots[0] - roots[-1]))
    return _steps_of(scaled * scaled)


def betas_zero_terminal_snr__roots_not_squared(betas):
    """Betas of the rescaled roots, not squared back to alpha_bar.

    Fix: 1 - (kept_t/kept_s)**2 of the rescaled roots, Lin et al. 2024, Algorithm 1
    Seen in: plausible
    """
    xp = namespace(betas)
    roots = xp.sqrt(xp.cumprod(1 - betas))
    return _steps_of((roots - roots[-1]) * (roots[0] / (roots[0] - roots[-1])))


def betas_zero_terminal_snr__last_beta_only(betas):
    """The last beta set to 1 and the others left as they were.

    Fix: rescale sqrt(alpha_bars) as a whole, Lin et al. 2024, Algorithm 1
    Seen in: plausible
    """
    xp = namespace(betas)
    return xp.concat([betas[:-1], xp.ones_like(betas[:1])])


def alpha_bar__shifted_by_one(betas):
    """alpha_bar_s of the step before, which starts at 1: the table of "previous" values.

    Fix: cumprod(1 - betas), without a 1 in front, Ho et al. 2020, above Eq. (4)
    Seen in: B043, lucidrains/denoising-diffusion-pytorch#83
    """
    xp = namespace(betas)
    levels = xp.cumprod(1 - betas)
    return xp.concat([xp.ones_like(levels[:1]), levels[:-1]])


def alpha_bar__root(betas):
    """alpha_t, the root of alpha_bar_t.

    Fix: cumprod(1 - betas), Ho et al. 2020, above Eq. (4)
    Seen in: plausible
    """
    xp = namespace(betas)
    return xp.sqrt(xp.cumprod(1 - betas))


def alpha_bar__one_step(betas):
    """1 - beta_t, what one step keeps, in place of the running product.

    Fix: cumprod(1 - betas), Ho et al. 2020, above Eq. (4)
    Seen in: plausible
    """
    return 1 - betas


def alpha_bar__product_of_betas(betas):
    """The running product of betas in place of that of 1 - betas.

    Fix: cumprod(1 - betas), Ho et al. 2020, above Eq. (4)
    Seen in: plausible
    """
    return namespace(betas).cumprod(betas)


def alpha_bar__exponential_of_sum(betas):
    """exp(-cumsum(betas)), the limit of many small steps.

    Fix: cumprod(1 - betas), Ho et al. 2020, above Eq. (4)
    Seen in: plausible
    """
    xp = namespace(betas)
    return xp.exp(-xp.cumsum(betas))


def log_alpha_bar__minus_sum_of_betas(betas):
    """-cumsum(betas), the limit of many small steps.

    Fix: cumsum(log1p(-betas)), Ho et al. 2020, above Eq. (4)
    Seen in: plausible
    """
    return -namespace(betas).cumsum(betas)


def log_alpha_bar__shifted_by_one(betas):
    """log alpha_bar_s of the step before, which starts at 0.

    Fix: cumsum(log1p(-betas)), without a 0 in front, Ho et al. 2020, above Eq. (4)
    Seen in: B043, lucidrains/denoising-diffusion-pytorch#83
    """
    xp = namespace(betas)
    logs = xp.cumsum(xp.log1p(-betas))
    return xp.concat([0 * logs[:1], logs[:-1]])


def log_alpha_bar__log_alpha(betas):
    """log alpha_t, half of log alpha_bar_t.

    Fix: cumsum(log1p(-betas)), Ho et al. 2020, above Eq. (4)
    Seen in: plausible
    """
    xp = namespace(betas)
    return xp.cumsum(xp.log1p(-betas)) / 2


def log_alpha_bar__log_noise_power(betas):
    """log(1 - alpha_bar_t) in place of log(alpha_bar_t).

    Fix: cumsum(log1p(-betas)), Ho et al. 2020, above Eq. (4)
    Seen in: plausible
    """
    xp = namespace(betas)
    return xp.log(1 - xp.cumprod(1 - betas))


def alpha__alpha_bar(alpha_bar_t):
    """alpha_bar_t, without the root.

    Fix: sqrt(alpha_bar_t), Kingma et al. 2021, section 3.1
    Seen in: plausible
    """
    return +alpha_bar_t


def alpha__one_step(beta_t):
    """sqrt(1 - beta_t), what one step keeps.

    Fix: sqrt(alpha_bar_t), Kingma et al. 2021, section 3.1
    Seen in: plausible; Ho et al. 2020 write alpha_t for 1 - beta_t
    """
    return namespace(beta_t).sqrt(1 - beta_t)


def alpha__noise_scale(alpha_bar_t):
    """The noise scale sqrt(1 - alpha_bar_t).

    Fix: sqrt(alpha_bar_t), Kingma et al. 2021, section 3.1
    Seen in: plausible
    """
    return namespace(alpha_bar_t).sqrt(1 - alpha_bar_t)


def sigma__variance(alpha_bar_t):
    """The variance 1 - alpha_bar_t, without the root.

    Fix: sqrt(1 - alpha_bar_t), Ho et al. 2020, Eq. (4)
    Seen in: B094, Ryota-Kawamura/How-Diffusion-Models-Work#1
    """
    return 1 - alpha_bar_t


def sigma__sigma_over_alpha(alpha_bar_t):
    """sigma_t/alpha_t, the sigma of EDM and k-diffusion: sqrt(1/alpha_bar_t - 1).

    Fix: sqrt(1 - alpha_bar_t), Ho et al. 2020, Eq. (4)
    Seen in: B052, tqch/ddpm-torch@1702650
    """
    return namespace(alpha_bar_t).sqrt(1 / alpha_bar_t - 1)


def sigma__one_minus_alpha(alpha_t):
    """1 - alpha_t, a straight line's noise scale.

    Fix: sqrt(1 - alpha_bar_t), Ho et al. 2020, Eq. (4)
    Seen in: plausible
    """
    return 1 - alpha_t


def sigma__one_step(beta_t):
    """sqrt(beta_t), the noise of one step.

    Fix: sqrt(1 - alpha_bar_t), Ho et al. 2020, Eq. (4)
    Seen in: plausible; Ho et al. 2020 write sigma_t for it
    """
    return namespace(beta_t).sqrt(beta_t)


def snr__ratio_of_scales(alpha_bar_t):
    """alpha_t/sigma_t, a ratio of scales in place of powers.

    Fix: alpha_bar_t/(1 - alpha_bar_t), Kingma et al. 2021, Eq. (2)
    Seen in: plausible
    """
    return namespace(alpha_bar_t).sqrt(alpha_bar_t / (1 - alpha_bar_t))


def snr__inverse(alpha_bar_t):
    """Noise over signal: (1 - alpha_bar_t)/alpha_bar_t.

    Fix: alpha_bar_t/(1 - alpha_bar_t), Kingma et al. 2021, Eq. (2)
    Seen in: plausible
    """
    return (1 - alpha_bar_t) / alpha_bar_t


def snr__squared_twice(alpha_bar_t):
    """(alpha_bar_t/(1 - alpha_bar_t))**2: alpha_bar_t taken for a scale.

    Fix: alpha_bar_t/(1 - alpha_bar_t), Kingma et al. 2021, Eq. (2)
    Seen in: plausible
    """
    return (alpha_bar_t / (1 - alpha_bar_t)) ** 2


def snr__signal_power(alpha_bar_t):
    """alpha_bar_t, not divided by the noise power.

    Fix: alpha_bar_t/(1 - alpha_bar_t), Kingma et al. 2021, Eq. (2)
    Seen in: plausible
    """
    return +alpha_bar_t


def logsnr__half_logsnr(half_logsnr_t):
    """Half of it: DPM-Solver's lambda, log(alpha_t/sigma_t).

    Fix: log(alpha_bar_t/(1 - alpha_bar_t)), Kingma et al. 2021, Eq. (2)
    Seen in: plausible
    """
    return +half_logsnr_t


def logsnr__sign(logsnr_t):
    """The log of noise over signal: the sign is turned round.

    Fix: log(alpha_bar_t/(1 - alpha_bar_t)), Kingma et al. 2021, Eq. (2)
    Seen in: plausible; Kingma et al. 2021 write gamma for it
    """
    return -logsnr_t


def logsnr__decibels(logsnr_t):
    """Decibels, 10*log10, in place of nats.

    Fix: log(alpha_bar_t/(1 - alpha_bar_t)), the natural log, Kingma et al. 2021, Eq. (2)
    Seen in: plausible
    """
    xp = namespace(logsnr_t)
    return 10 * logsnr_t / xp.log(0 * logsnr_t + 10)


def timesteps_leading__whole_range_by_stride(T, n, steps_offset):
    """Every (T // n)-th time of the whole range: more than n times unless n divides T.

    Fix: (n - k)*(T // n) + 1 + steps_offset for k = 1..n, Lin et al. 2024, Table 2
    Seen in: B018, huggingface/diffusers#466
    """
    xp = namespace(T, n)
    return xp.flip(xp.arange(0, T, T // n)) + 1 + steps_offset


def timesteps_leading__one_step_early(T, n, steps_offset):
    """Rows of a table counted from 0 in place of times: t - 1.

    Fix: (n - k)*(T // n) + 1 + steps_offset for k = 1..n, Lin et al. 2024, Table 2, which counts from 0
    Seen in: plausible
    """
    xp = namespace(T, n)
    return (n - 1 - xp.arange(n)) * (T // n) + steps_offset


def timesteps_leading__offset_ignored(T, n):
    """steps_offset left out.

    Fix: (n - k)*(T // n) + 1 + steps_offset for k = 1..n, Lin et al. 2024, Table 2
    Seen in: plausible
    """
    xp = namespace(T, n)
    return (n - 1 - xp.arange(n)) * (T // n) + 1


def timesteps_leading__stride_not_floored(T, n, steps_offset):
    """(n - k)*T/n floored at the end in place of the stride T // n.

    Fix: (n - k)*(T // n) + 1 + steps_offset for k = 1..n, Lin et al. 2024, Table 2
    Seen in: plausible
    """
    xp = namespace(T, n)
    return (n - 1 - xp.arange(n)) * T // n + 1 + steps_offset


def timesteps_leading__trailing(T, n):
    """Times counted down from T (trailing).

    Fix: (n - k)*(T // n) + 1 + steps_offset for k = 1..n, Lin et al. 2024, Table 2
    Seen in: plausible
    """
    xp = namespace(T, n)
    return _rounded(T * (n - xp.arange(n)), n)


def timesteps_trailing__leading(T, n):
    """Times counted up from 1 (leading): sampling starts below T, where x_T holds too much noise.

    Fix: round_half_even(T*(n + 1 - k)/n) for k = 1..n, Lin et al. 2024, Table 2
    Seen in: B024, CompVis/stable-diffusion#686
    """
    xp = namespace(T, n)
    return (n - 1 - xp.arange(n)) * (T // n) + 1


def _rounded(numerator, denominator):
    """Nearest integers, halves to even."""
    quotient = (2 * numerator + denominator) // (2 * denominator)
    return quotient - ((2 * numerator + denominator) % (2 * denominator) == 0) * (quotient % 2)


def timesteps_trailing__one_step_early(T, n):
    """Rows of a table counted from 0 in place of times: t - 1.

    Fix: round_half_even(T*(n + 1 - k)/n) for k = 1..n, Lin et al. 2024, Table 2, which counts from 0
    Seen in: plausible
    """
    xp = namespace(T, n)
    return _rounded(T * (n - xp.arange(n)), n) - 1


def timesteps_trailing__floored(T, n):
    """Floored in place of rounded.

    Fix: round_half_even(T*(n + 1 - k)/n) for k = 1..n, Lin et al. 2024, Table 2
    Seen in: plausible
    """
    xp = namespace(T, n)
    return T * (n - xp.arange(n)) // n


def timesteps_trailing__stride_floored(T, n):
    """T counted down by T // n in place of T/n.

    Fix: round_half_even(T*(n + 1 - k)/n) for k = 1..n, Lin et al. 2024, Table 2
    Seen in: plausible
    """
    xp = namespace(T, n)
    return T - xp.arange(n) * (T // n)


def timesteps_linspace__one_step_early(T, n):
    """Rows of a table counted from 0 in place of times: t - 1.

    Fix: 1 + round_half_even((T - 1)*(n - k)/(n - 1)) for k = 1..n, Lin et al. 2024, Table 2, which counts from 0
    Seen in: plausible
    """
    xp = namespace(T, n)
    return _rounded((T - 1) * (n - 1 - xp.arange(n)), max(n - 1, 1))


def timesteps_linspace__n_plus_one_points(T, n):
    """The first n of n + 1 evenly spaced times: t = 1 is not among them, and n = T repeats a time.

    Fix: 1 + round_half_even((T - 1)*(n - k)/(n - 1)) for k = 1..n, Lin et al. 2024, Table 2
    Seen in: B022, huggingface/diffusers@953c9d14eb, where n = T gave steps of length 0
    """
    xp = namespace(T, n)
    return 1 + _rounded((T - 1) * (n - xp.arange(n)), n)


def timesteps_linspace__floored(T, n):
    """Floored in place of rounded.

    Fix: 1 + round_half_even((T - 1)*(n - k)/(n - 1)) for k = 1..n, Lin et al. 2024, Table 2
    Seen in: plausible
    """
    xp = namespace(T, n)
    return 1 + (T - 1) * (n - 1 - xp.arange(n)) // max(n - 1, 1)


def timesteps_linspace__endpoint_excluded(T, n):
    """n evenly spaced times without the last: sampling starts below T.

    Fix: 1 + round_half_even((T - 1)*(n - k)/(n - 1)) for k = 1..n, Lin et al. 2024, Table 2
    Seen in: plausible
    """
    xp = namespace(T, n)
    return 1 + _rounded((T - 1) * (n - 1 - xp.arange(n)), n)
