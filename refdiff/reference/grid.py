"""Noise grids and spacings: where a sampler stops on its way from noise to data.

Grids run from noise to data and leave out the final level without noise, which a run appends. n is how many levels they have:
k-diffusion's functions of n return n + 1, the final 0 among them.
"""

from refdiff.numbers import namespace
from refdiff.reference.edm import edm_sigma_from_vp_time
from refdiff.reference.schedule import log_alpha_bar

__all__ = [
    "cosine_time_from_edm_sigma",
    "edm_sigma_at_fractional_time_linear",
    "edm_sigma_at_fractional_time_log_linear",
    "edm_sigma_from_cosine_time",
    "flow_times_ending_at",
    "flow_times_exponentially_shifted",
    "flow_times_linear_quadratic",
    "flow_times_shifted",
    "flow_times_stretched",
    "fractional_time_from_edm_sigma",
    "sigmas_beta",
    "sigmas_interpolated",
    "sigmas_kl_optimal",
    "sigmas_of_table",
    "sigmas_polyexponential",
    "sigmas_vp",
    "timesteps_quadratic",
]


def sigmas_polyexponential(n, sigma_min, sigma_max, rho):
    """Noise scales whose logs fall by a power law.

    Formula:
        exp(log(sigma_min) + (1 - (k - 1)/max(n - 1, 1))**rho*(log(sigma_max) - log(sigma_min)))

    Args:
        n: number of noise scales, an integer >= 1; n = 1 gives sigma_max alone.
        sigma_min: least noise scale, > 0.
        sigma_max: largest noise scale, > sigma_min.
        rho: how much finer the grid's logs are near the least noise, > 0; 1 is the geometric grid, ncsn_sigmas.

    Returns:
        Shape (n,), falling, for k = 1..n, in units of x_0. Error at most 2 ulp
        of value*(1 + (1 + rho)*log(sigma_max/sigma_min)).

    Source:
        Crowson et al. 2022, code of k-diffusion, get_sigmas_polyexponential, which appends a 0. At rho = 1 it is what k-diffusion
        and diffusers call exponential, and DPM-Solver's uniform steps of half_logsnr (diffusers: use_lu_lambdas).
    """
    xp = namespace(sigma_min, sigma_max, rho)
    gaps = max(n - 1, 1)
    left = (gaps - xp.arange(n)) / (gaps + 0 * rho)
    return sigma_min * (sigma_max / sigma_min) ** (left**rho)


def sigmas_vp(n, beta_rate_min, beta_rate_max, time_min):
    """EDM's sigmas at equally spaced times of the variance-preserving process.

    Formula:
        sqrt(exp((beta_rate_max - beta_rate_min)*time**2/2 + beta_rate_min*time) - 1)
        where time = 1 + (k - 1)/max(n - 1, 1)*(time_min - 1)

    Args:
        n: number of noise scales, an integer >= 1; n = 1 gives the largest alone.
        beta_rate_min: beta(0), > 0; 0.1 in the paper.
        beta_rate_max: beta(1), > beta_rate_min; 20 in the papers: EDM's beta_d is the difference, 19.9.
        time_min: EDM's eps_s, the least time, in (0, 1); 0.001 in the paper.

    Returns:
        Shape (n,), falling, for k = 1..n, in units of x_0. Error at most 1.5 ulp of value*(1 + beta_rate_min + beta_rate_max).

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Table 1, column VP, time steps 1 + i/(N - 1)*(eps_s - 1) with i = k - 1;
        Crowson et al. 2022, code of k-diffusion, get_sigmas_vp.
    """
    xp = namespace(beta_rate_min, beta_rate_max, time_min)
    k, gaps = xp.arange(n), max(n - 1, 1)
    return edm_sigma_from_vp_time((gaps - k + k * time_min) / gaps, beta_rate_min, beta_rate_max)


def sigmas_beta(n, sigma_min, sigma_max, beta_a, beta_b):
    """Noise scales at equally spaced quantiles of a beta distribution stretched over their range.

    Formula:
        sigma_min + betaincinv(beta_a, beta_b, 1 - (k - 1)/max(n - 1, 1))*(sigma_max - sigma_min)

    betaincinv(a, b, p) is the x in [0, 1] below which the distribution of density x**(a - 1)*(1 - x)**(b - 1) has mass p.

    Args:
        n: number of noise scales, an integer >= 1; n = 1 gives sigma_max alone.
        sigma_min: least noise scale, >= 0.
        sigma_max: largest noise scale, > sigma_min.
        beta_a: shape at the least noise, > 0; below 1 crowds the grid there; 0.6 in use, 1 and 1 give equal steps.
        beta_b: shape at the largest noise, > 0; below 1 crowds the grid there; 0.6 in use.

    Returns:
        Shape (n,), falling, for k = 1..n, in units of x_0. Error at most 32 ulp, for shapes in [0.4, 5].

    Source:
        Lee et al. 2024, arXiv:2407.12173v1, which takes timesteps as such quantiles; the code of diffusers, _convert_to_beta,
        takes noise scales, as here. ComfyUI's "beta" takes rows of a table and leaves out the quantile of 0.
    """
    xp = namespace(sigma_min, sigma_max, beta_a, beta_b)
    gaps = max(n - 1, 1)
    share = xp.betaincinv(beta_a, beta_b, (gaps - xp.arange(n)) / (gaps + 0 * beta_a))
    return sigma_min * (1 - share) + sigma_max * share


def sigmas_interpolated(n, sigmas):
    """Noise scales between those of a published list, straight in the log.

    Formula:
        exp(interp((len(sigmas) - 1)*(k - 1)/(n - 1), log(sigmas)))

    interp(x, table) is the straight line through neighbouring entries, x counted from 0 at the first.

    Args:
        n: number of noise scales, an integer >= 2: at n = 1 released code returns the least, from which nothing can start.
        sigmas: the list, from noise to data, each > 0, shape (m,) with m >= 2.

    Returns:
        Shape (n,), for k = 1..n, in units of x_0; the ends are the list's. Error at most 2 ulp
        of value*(1 + log(max(sigmas)/min(sigmas))).

    Source:
        Sabour et al. 2024, arXiv:2404.14507v1, code of the project's page, loglinear_interp: how a list of 10 steps, 11 scales,
        serves any number of steps.
    """
    last = sigmas.shape[0] - 1
    found = []
    for k in range(n):
        row, rest = divmod(k * last, n - 1)
        after = min(row + 1, last)
        found.append(sigmas[row] * (sigmas[after] / sigmas[row]) ** (rest / (n - 1 + 0 * sigmas[row])))
    return namespace(sigmas).stack(found)


def sigmas_kl_optimal(n, sigma_min, sigma_max):
    """Noise scales at equally spaced arcs: the best between their ends for Euler's steps on unit Gaussian data.

    Formula:
        tan((k - 1)/max(n - 1, 1)*atan(sigma_min) + (1 - (k - 1)/max(n - 1, 1))*atan(sigma_max))

    On data of law N(0, 1) Euler's step of the probability-flow ODE from one arc to the next leaves cos(difference of the arcs)
    of the standard deviation that the exact flow would; the product of all is nearest to 1, and the KL divergence of the
    result least, where the arcs are equally far apart. The body divides sines, so that neither end loses digits.

    Args:
        n: number of noise scales, an integer >= 1; n = 1 gives sigma_max alone.
        sigma_min: least noise scale in units of the data's standard deviation, > 0.
        sigma_max: largest noise scale in the same units, > sigma_min.

    Returns:
        Shape (n,), falling, for k = 1..n, in units of the data's standard deviation. Error at most 3 ulp.

    Source:
        Sabour et al. 2024, arXiv:2404.14507v1, section 3, the case study of Gaussian data. Code in use takes the data to have
        standard deviation 1. A1111's "KL Optimal" of n steps has n + 1 such scales; ComfyUI's has n and a 0, and nan for n = 1.
    """
    xp = namespace(sigma_min, sigma_max)
    k = xp.arange(n)
    gaps = max(n - 1, 1)
    sigma_min, sigma_max = xp.wide(sigma_min), xp.wide(sigma_max)
    arc = xp.atan(sigma_max) * (gaps - k) + xp.atan(sigma_min) * k
    rest = xp.atan(1 / sigma_max) * (gaps - k) + xp.atan(1 / sigma_min) * k
    return xp.rounded(xp.sin(arc / gaps) / xp.sin(rest / gaps))


def _half_log_nsr(betas):
    """Logs of EDM's sigma at every step of a variance-preserving table."""
    xp = namespace(betas)
    return xp.log(xp.expm1(-log_alpha_bar(betas))) / 2


def _hats(places, count, xp):
    """Weights of a table's rows, counted from 0, in straight lines between neighbours."""
    return xp.maximum(1 - xp.absolute(places[:, None] - xp.arange(count)), 0)


def edm_sigma_at_fractional_time_log_linear(betas, fractional_t):
    """EDM's sigma between the steps of a table, straight in its log.

    Formula:
        exp(interp(fractional_t - 1, log(sqrt((1 - alpha_bars)/alpha_bars))))

    interp(x, table) is the straight line through neighbouring entries, x counted from 0 at the first.

    Args:
        betas: step variances, shape (T,), each in (0, 1).
        fractional_t: times in [1, T], not always whole, shape (B,).

    Returns:
        Shape (B,), in units of x_0. Error at most 2.5 ulp of value*(1 + abs(log(value))).

    Source:
        Crowson et al. 2022, code of k-diffusion, DiscreteSchedule.t_to_sigma, whose t is fractional_t - 1; ComfyUI's sigma(t).
    """
    xp = namespace(betas, fractional_t)
    logs = _half_log_nsr(betas)
    return xp.exp(xp.sum(_hats(fractional_t - 1, betas.shape[0], xp) * logs, axis=1))


def edm_sigma_at_fractional_time_linear(betas, fractional_t):
    """EDM's sigma between the steps of a table, straight in itself.

    Formula:
        interp(fractional_t - 1, sqrt((1 - alpha_bars)/alpha_bars))

    interp(x, table) is the straight line through neighbouring entries, x counted from 0 at the first.

    Args:
        betas: step variances, shape (T,), each in (0, 1).
        fractional_t: times in [1, T], not always whole, shape (B,).

    Returns:
        Shape (B,), in units of x_0; at least the log-linear one. Error at most 3.5 ulp of value*(1 + abs(log(value))).

    Source:
        von Platen et al. 2022, code of diffusers, EulerDiscreteScheduler.set_timesteps with interpolation_type "linear", by
        np.interp, whose timesteps are fractional_t - 1.
    """
    xp = namespace(betas, fractional_t)
    levels = xp.sqrt(xp.expm1(-log_alpha_bar(betas)))
    return xp.sum(_hats(fractional_t - 1, betas.shape[0], xp) * levels, axis=1)


def fractional_time_from_edm_sigma(betas, sigma_over_alpha_t):
    """Time of a table, not always whole, at EDM's sigma: straight in its log between neighbouring steps.

    Formula:
        1 + sum(max(min((log(sigma_over_alpha_t)[:, None] - levels[:-1])/(levels[1:] - levels[:-1]), 1), 0), 1)
        where levels = log(sqrt((1 - alpha_bars)/alpha_bars))

    Args:
        betas: step variances, shape (T,) with T >= 2, each in (0, 1).
        sigma_over_alpha_t: EDM's sigmas, > 0, shape (B,).

    Returns:
        Shape (B,), in [1, T]: 1 for less noise than the table's first step has, T for more than its last.
        Error at most 2 ulp of value + (1 + abs(log(sigma_over_alpha_t)))
        /min((betas/(1 - alpha_bars))[1:]).

    Source:
        Crowson et al. 2022, code of k-diffusion, DiscreteSchedule.sigma_to_t without quantisation, which counts from 0; diffusers
        copied it as _sigma_to_t. The inverse of edm_sigma_at_fractional_time_log_linear, not of the linear one.
    """
    xp = namespace(betas, sigma_over_alpha_t)
    logs = _half_log_nsr(betas)
    shares = (xp.log(sigma_over_alpha_t)[:, None] - logs[:-1]) / (logs[1:] - logs[:-1])
    return 1 + xp.sum(xp.minimum(xp.maximum(shares, 0), 1), axis=1)


def sigmas_of_table(n, betas):
    """EDM's sigmas at equally spaced times of a table, both ends among them.

    Formula:
        exp(interp((T - 1)*(1 - (k - 1)/max(n - 1, 1)), log(sqrt((1 - alpha_bars)/alpha_bars))))

    interp(x, table) is the straight line through neighbouring entries, x counted from 0 at the first.

    Args:
        n: number of noise scales, an integer >= 1; n = 1 gives the largest alone, n = T the whole table.
        betas: step variances, shape (T,), each in (0, 1).

    Returns:
        Shape (n,), falling, for k = 1..n, in units of x_0. Error at most 3 ulp of value*(1 + abs(log(value))).

    Source:
        Crowson et al. 2022, code of k-diffusion, DiscreteSchedule.get_sigmas, which appends a 0; ComfyUI calls it "normal", and
        the first n of n + 1 such scales "sgm_uniform".
    """
    xp = namespace(betas)
    last, gaps = betas.shape[0] - 1, max(n - 1, 1)
    # Counted in parts of one step that are whole, so that a place on a row is exactly there.
    places = last * (gaps - xp.arange(n))[:, None]
    near = xp.maximum(gaps - xp.absolute(places - gaps * xp.arange(last + 1)), 0)
    return xp.exp(xp.sum(near * _half_log_nsr(betas), axis=1) / gaps)


def cosine_time_from_edm_sigma(sigma_t):
    """Time of the cosine path at EDM's sigma.

    Formula:
        atan(sigma_t)/pi*2

    Args:
        sigma_t: EDM's noise scale, >= 0, any shape.

    Returns:
        Same shape, in [0, 1); 0 is data. Error at most 2 ulp.

    Source:
        Crowson et al. 2022, code of k-diffusion, VDenoiser.sigma_to_t, for networks of v-diffusion; alpha_t and sigma_t of that
        time are cosine_path_scales, cos and sin of pi/2*time.
    """
    xp = namespace(sigma_t)
    return 2 * xp.atan(sigma_t) / xp.pi


def edm_sigma_from_cosine_time(time):
    """EDM's sigma at a time of the cosine path.

    Formula:
        tan(time*pi/2)

    Args:
        time: the path's time, in [0, 1), any shape; 0 is data.

    Returns:
        Same shape, in units of x_0. Error at most 4 ulp.

    Source:
        Crowson et al. 2022, code of k-diffusion, VDenoiser.t_to_sigma.
    """
    xp = namespace(time)
    return xp.sin(xp.pi * time / 2) / xp.sin(xp.pi * (1 - time) / 2)


def flow_times_shifted(n, time_shift):
    """Times of a straight path that cut it into n equal parts, moved towards noise.

    Formula:
        time_shift*(1 + (k - 1)*(1/n - 1)/max(n - 1, 1))
        /(1 + (time_shift - 1)*(1 + (k - 1)*(1/n - 1)/max(n - 1, 1)))

    Args:
        n: number of times, an integer >= 1; n = 1 gives 1 alone.
        time_shift: > 0; 3 for Stable Diffusion 3; 1 leaves the parts equal.

    Returns:
        Shape (n,), falling from 1, for k = 1..n; the final 0 is not among them. Error at most 2 ulp.

    Source:
        Esser et al. 2024, arXiv:2403.03206v1, Eq. (23); code of diffusers' pipelines for SD3 and Flux, which hand
        np.linspace(1, 1/n, n) to the scheduler, and the first n of np.linspace(1, 0, n + 1).
    """
    xp = namespace(time_shift)
    left = n - xp.arange(n)
    return time_shift * left / (n - left + time_shift * left)


def flow_times_exponentially_shifted(n, log_time_shift):
    """Times of a straight path that cut it into n equal parts, moved towards noise by a shift given by its log.

    Formula:
        exp(log_time_shift)/(exp(log_time_shift) + 1/(1 + (k - 1)*(1/n - 1)/max(n - 1, 1)) - 1)

    Args:
        n: number of times, an integer >= 1; n = 1 gives 1 alone.
        log_time_shift: log of time_shift, any number; mu in Flux's code, from sequence_length_time_shift.

    Returns:
        Shape (n,), falling from 1, for k = 1..n; the final 0 is not among them. Error at most 2.5 ulp.

    Source:
        Black Forest Labs 2024, code of FLUX.1, get_schedule; diffusers' use_dynamic_shifting with time_shift_type "exponential".
    """
    xp = namespace(log_time_shift)
    left = n - xp.arange(n)
    return left / (left + xp.exp(-log_time_shift) * (n - left))


def flow_times_ending_at(n, time_min, time_shift):
    """Equally spaced times of a straight path from 1 to a least one, moved towards noise.

    Formula:
        time_shift*time/(1 + (time_shift - 1)*time)
        where time = 1 + (k - 1)/max(n - 1, 1)*(time_min - 1)

    Args:
        n: number of times, an integer >= 1; n = 1 gives 1 alone.
        time_min: least time before the shift, in (0, 1); 1/T for a network trained on T times, 1/1000 in use.
        time_shift: > 0; 3 for Stable Diffusion 3; 1 leaves the times equally spaced.

    Returns:
        Shape (n,), falling from 1, for k = 1..n; the final 0 is not among them. Error at most 3 ulp.

    Source:
        Esser et al. 2024, arXiv:2403.03206v1, Eq. (23); code of diffusers, FlowMatchEulerDiscreteScheduler.set_timesteps(n).
        There time_min comes from a table already shifted, so that the last time is shifted twice, which the issue
        huggingface/diffusers#13243 calls a bug. UniPC's use_flow_sigmas takes the first n of n + 1 such times.
    """
    xp = namespace(time_min, time_shift)
    k = xp.arange(n)
    left = max(n - 1, 1) - k + k * time_min
    return time_shift * left / (k * (1 - time_min) + time_shift * left)


def flow_times_stretched(times, terminal):
    """Times of a straight path stretched from 1 so that the last is a given one.

    Formula:
        1 - (1 - times)/((1 - last(times))/(1 - terminal))

    Args:
        times: falling times in [0, 1], after any shift, without a final 0, shape (n,); the last below 1, so n >= 2 from 1 down.
        terminal: what the last becomes, in [0, 1); 0.1 in LTX-Video.

    Returns:
        Shape (n,); a time of 1 stays. Error at most 3.5 ulp.

    Source:
        Lightricks 2024, code of LTX-Video, rf.py; diffusers' shift_terminal.
    """
    last = times[-1]
    return (terminal * (1 - times) + (times - last)) / (1 - last)


def flow_times_linear_quadratic(n, linear_steps, threshold_noise):
    """Times of a straight path that fall by small equal steps at first, then by steps that grow evenly down to 0.

    Formula:
        1 - where(k - 1 < linear_steps, (k - 1)*threshold_noise/linear_steps, quadratic*(k - 1)**2 + linear*(k - 1) + constant)
        where constant = quadratic*linear_steps**2
        where linear = threshold_noise/linear_steps - 2*missing/(n - linear_steps)**2
        where quadratic = missing/(linear_steps*(n - linear_steps)**2)
        where missing = linear_steps - threshold_noise*n

    Args:
        n: number of times, an integer >= 2.
        linear_steps: number of equal steps, an integer in 1..n-1; n // 2 in use.
        threshold_noise: fall of the time over the equal steps, in (0, linear_steps/n]; 0.025 in use.

    Returns:
        Shape (n,), falling from 1, for k = 1..n; the final 0 is not among them. Error at most 1 ulp.

    Source:
        Polyak et al. 2024, arXiv:2410.13720v1, section on inference, the linear-quadratic schedule; Genmo 2024, code of Mochi 1,
        linear_quadratic_schedule, with a final 0 and n its num_steps.
    """
    xp = namespace(threshold_noise)
    threshold_noise, curved = xp.wide(threshold_noise), n - linear_steps
    left = curved - xp.arange(curved)
    excess = (linear_steps - threshold_noise * n) / curved
    straight = 1 - threshold_noise * xp.arange(linear_steps) / linear_steps
    bent = left * (threshold_noise + excess * (2 * curved - left) / curved) / linear_steps
    return xp.concat([xp.rounded(straight), xp.rounded(bent)])


def timesteps_quadratic(T, n, steps_offset):
    """Times of n steps whose square roots are equally spaced, from four fifths of the table down.

    Formula:
        4*T*(n - k)**2//(5*max(n - 1, 1)**2) + 1 + steps_offset

    Args:
        T: number of training steps, an integer.
        n: number of sampling steps, in 1..T; n = 1 gives the first time alone, from which little noise can be removed.
        steps_offset: shift towards noise, an integer; 0 in DDIM's code, 1 in that of latent diffusion.

    Returns:
        Integers, shape (n,), never rising, for k = 1..n. Exact. Times repeat near the data where
        n - 1 is above the root of 4/5*T.

    Source:
        Song et al. 2021, arXiv:2010.02502v4, appendix D.2, tau_i = floor(c*i**2); released code takes c so that the last tau
        is 4/5*T, counts from 0 and truncates np.linspace(0, sqrt(0.8*T), n)**2.
    """
    xp = namespace(T, n)
    return 4 * T * (n - 1 - xp.arange(n)) ** 2 // (5 * max(n - 1, 1) ** 2) + 1 + steps_offset
