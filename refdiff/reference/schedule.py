"""Discrete noise schedules, their running products and their strided time grids."""

from refdiff.numbers import namespace

__all__ = [
    "alpha",
    "alpha_bar",
    "betas_cosine",
    "betas_linear",
    "betas_scaled_linear",
    "betas_sigmoid",
    "betas_zero_terminal_snr",
    "log_alpha_bar",
    "logsnr",
    "sigma",
    "snr",
    "timesteps_leading",
    "timesteps_linspace",
    "timesteps_trailing",
]


def betas_linear(T, beta_start, beta_end):
    """Step variances that grow linearly.

    Formula:
        beta_start + (beta_end - beta_start)*(t - 1)/max(T - 1, 1)

    Args:
        T: number of steps, an integer >= 1.
        beta_start: first step variance, in (0, 1).
        beta_end: last step variance, in [beta_start, 1).

    Returns:
        Shape (T,), for t = 1..T. Error at most 3 ulp.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, section 4: 1e-4 to 0.02 over 1000 steps.
    """
    xp = namespace(beta_start, beta_end)
    k = xp.arange(T)
    return (beta_start * (T - 1 - k) + beta_end * k) / (T - 1) if T > 1 else beta_start * xp.ones_like(k)


def betas_scaled_linear(T, beta_start, beta_end):
    """Step variances whose square roots grow linearly.

    Formula:
        (sqrt(beta_start) + (sqrt(beta_end) - sqrt(beta_start))*(t - 1)/max(T - 1, 1))**2

    Args:
        T: number of steps, an integer >= 1.
        beta_start: first step variance, in (0, 1).
        beta_end: last step variance, in [beta_start, 1).

    Returns:
        Shape (T,), for t = 1..T. Error at most 3 ulp.

    Source:
        Rombach et al. 2022, arXiv:2112.10752v2, released code ("linear" there): 0.00085 to 0.012 over 1000 steps.
    """
    xp = namespace(beta_start, beta_end)
    k = xp.arange(T)
    if T == 1:
        return beta_start * xp.ones_like(k)
    rest = T - 1 - k
    both = 2 * xp.sqrt(beta_start * beta_end) * (k * rest)
    return (beta_start * rest**2 + both + beta_end * k**2) / (T - 1) ** 2


def betas_cosine(T, offset, beta_max):
    """Step variances of the squared-cosine signal power.

    Formula:
        min(1 - cos((t/T + offset)/(1 + offset)*pi/2)**2 / cos(((t - 1)/T + offset)/(1 + offset)*pi/2)**2, beta_max)

    The body measures angles from the far end, where the cosine is a small sine, and adds positive terms.

    Args:
        T: number of steps, an integer >= 1.
        offset: the paper's s, in [0, 1]; 0.008 there.
        beta_max: cap on each step variance, in (0, 1); 0.999 there.

    Returns:
        Shape (T,), for t = 1..T. Error at most 3.5 ulp.

    Source:
        Nichol and Dhariwal 2021, arXiv:2102.09672v1, Eq. (17). A widely copied blog printed it without the square.
    """
    xp = namespace(offset, beta_max)
    k = xp.arange(T)
    angle = xp.pi / (2 * (T + T * xp.wide(offset)))
    slope = xp.sin(angle * (k + T * xp.wide(offset))) / xp.sin(angle * (T - k))
    lost = 2 * xp.sin(angle / 2) ** 2 + xp.sin(angle) * slope
    return xp.minimum(xp.rounded(lost * (2 - lost)), beta_max)


def betas_sigmoid(T, beta_start, beta_end):
    """Step variances that follow a logistic curve from -6 to 6.

    Formula:
        beta_start + (beta_end - beta_start)*sigmoid(-6 + 12*(t - 1)/max(T - 1, 1))

    Args:
        T: number of steps, an integer >= 1.
        beta_start: lower level, in (0, 1).
        beta_end: upper level, in [beta_start, 1).

    Returns:
        Shape (T,), for t = 1..T. Error at most 3 ulp.

    Source:
        Xu et al. 2022 (GeoDiff), arXiv:2203.02923v1, released code. Not the sigmoid schedule of
        Jabri et al. 2022, arXiv:2212.11972, which shapes alpha_bar instead.
    """
    xp = namespace(beta_start, beta_end)
    k = xp.arange(T)
    gaps = max(T - 1, 1)
    whole = (24 * k - 11 * gaps) // (2 * gaps)
    odds = xp.wide(xp.exp(whole)) * xp.exp((12 * k - (6 + whole) * gaps) / (gaps + 0 * xp.wide(beta_start)))
    return xp.rounded((beta_start + beta_end * odds) / (1 + odds))


def betas_zero_terminal_snr(betas):
    """Step variances rescaled so that no signal is left at T while the first one is kept.

    Formula:
        1 - (kept/previous(kept, 1))**2
        where kept = (root - last(root))*first(root)/(first(root) - last(root))
        where root = sqrt(cumprod(1 - betas))

    Args:
        betas: step variances, shape (T,) with T >= 2, each in (0, 1); the last may be 1.

    Returns:
        Shape (T,); the first is kept and the last is 1 exactly. Error at most 4 ulp.

    Source:
        Lin et al. 2024, arXiv:2305.08891v4, Algorithm 1.
    """
    xp = namespace(betas)
    tails = xp.flip(xp.cumsum(xp.flip(xp.log1p(-betas) / 2)))
    lost = betas / ((1 + xp.sqrt(1 - xp.wide(betas))) * -xp.expm1(tails))
    return xp.concat([betas[:1], xp.rounded(lost * (2 - lost))[1:-1], 0 * betas[:1] + 1])


def alpha_bar(betas):
    """Signal power left after each step.

    Formula:
        cumprod(1 - betas)

    Args:
        betas: step variances, shape (T,), each in [0, 1].

    Returns:
        Shape (T,), in [0, 1]. Error at most 2 ulp of (1 - log(value))*value, for T up to 4000.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, above Eq. (4). Diffusers calls it alphas_cumprod.
    """
    xp = namespace(betas)
    return xp.exp(log_alpha_bar(betas))


def log_alpha_bar(betas):
    """Log signal power left after each step.

    Formula:
        log(cumprod(1 - betas))

    Args:
        betas: step variances, shape (T,), each in [0, 1].

    Returns:
        Shape (T,), <= 0; -inf once a step variance is 1. Error at most 1.5 ulp, for T up to 4000.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, above Eq. (4).
    """
    xp = namespace(betas)
    return xp.cumsum(xp.log1p(-betas))


def alpha(log_alpha_bar_t):
    """Signal scale of a variance-preserving process.

    Formula:
        sqrt(alpha_bar_t)

    Args:
        log_alpha_bar_t: log signal power at t, in [-700, 0], any shape.

    Returns:
        The same shape, in [0, 1]. Error at most 1 ulp.

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, section 3.1. Not Ho et al.'s alpha_t, which is 1 - beta_t.
    """
    xp = namespace(log_alpha_bar_t)
    return xp.exp(log_alpha_bar_t / 2)


def sigma(log_alpha_bar_t):
    """Noise scale of a variance-preserving process.

    Formula:
        sqrt(1 - alpha_bar_t)

    Args:
        log_alpha_bar_t: log signal power at t, <= 0, any shape.

    Returns:
        The same shape, in [0, 1]. Error at most 1.5 ulp.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Eq. (4).
    """
    xp = namespace(log_alpha_bar_t)
    return xp.sqrt(-xp.expm1(log_alpha_bar_t))


def snr(log_alpha_bar_t):
    """Signal-to-noise ratio: signal power over noise power.

    Formula:
        alpha_bar_t / (1 - alpha_bar_t)

    Args:
        log_alpha_bar_t: log signal power at t, in [-700, 0), any shape.

    Returns:
        The same shape, > 0. Error at most 2 ulp.

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, Eq. (2). A ratio of powers, not of scales.
    """
    xp = namespace(log_alpha_bar_t)
    return 1 / xp.expm1(-log_alpha_bar_t)


def logsnr(log_alpha_bar_t):
    """Log of the signal-to-noise ratio.

    Formula:
        log(alpha_bar_t / (1 - alpha_bar_t))

    Args:
        log_alpha_bar_t: log signal power at t, in [-700, 0), any shape.

    Returns:
        The same shape, in nats. Error at most 1.5 ulp of 1 + abs(value); it crosses 0 at log_alpha_bar_t = -log(2).

    Source:
        Kingma et al. 2021, arXiv:2107.00630v6, Eq. (2). DPM-Solver's lambda is half of it.
    """
    xp = namespace(log_alpha_bar_t)
    return log_alpha_bar_t - xp.log(-xp.expm1(log_alpha_bar_t))


def timesteps_leading(T, n, steps_offset):
    """Times of n strided steps, counted up from the first.

    Formula:
        (n - k)*(T // n) + 1 + steps_offset

    Args:
        T: number of training steps, an integer.
        n: number of sampling steps, in 1..T.
        steps_offset: shift towards noise, an integer; 0 or 1 in use.

    Returns:
        Integers, shape (n,), decreasing, for k = 1..n; in 1..T for steps_offset 0. Exact.

    Source:
        Lin et al. 2024, arXiv:2305.08891v4, Table 2 ("leading"), which counts from 0 like t_index.
    """
    xp = namespace(T, n)
    return (n - 1 - xp.arange(n)) * (T // n) + 1 + steps_offset


def timesteps_trailing(T, n):
    """Times of n strided steps, counted down from T.

    Formula:
        round_half_even(T*(n + 1 - k)/n)

    Args:
        T: number of training steps, an integer.
        n: number of sampling steps, in 1..T.

    Returns:
        Integers, shape (n,), decreasing from T, for k = 1..n. Exact; halves go to the even time.

    Source:
        Lin et al. 2024, arXiv:2305.08891v4, Table 2 ("trailing").
    """
    xp = namespace(T, n)
    doubled = 2 * T * (n - xp.arange(n)) + n
    quotient = doubled // (2 * n)
    return quotient - (doubled % (2 * n) == 0) * (quotient % 2)


def timesteps_linspace(T, n):
    """Times of n steps spread evenly over 1..T, both ends included.

    Formula:
        1 + round_half_even((T - 1)*(n - k)/max(n - 1, 1))

    Args:
        T: number of training steps, an integer.
        n: number of sampling steps, in 1..T; n = 1 gives t = 1.

    Returns:
        Integers, shape (n,), decreasing, for k = 1..n. Exact; halves of t_index go to the even one, where libraries differ.

    Source:
        Lin et al. 2024, arXiv:2305.08891v4, Table 2 ("linspace"), which counts from 0 like t_index.
    """
    xp = namespace(T, n)
    gaps = max(n - 1, 1)
    doubled = 2 * (T - 1) * (n - 1 - xp.arange(n)) + gaps
    quotient = doubled // (2 * gaps)
    return 1 + quotient - (doubled % (2 * gaps) == 0) * (quotient % 2)
