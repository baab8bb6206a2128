"""Wrong bodies of solvers of the reverse-time SDE."""

from refdiff.numbers import namespace
from refdiff.reference import sde_solver
from refdiff.reference.conversion import score_from_x_0
from refdiff.reference.schedule import alpha, sigma
from refdiff.reference.sde import (
    ancestral_step_ve,
    ancestral_step_vp,
    reverse_diffusion_step_ve,
    reverse_diffusion_step_vp,
    ve_sigma,
    vp_beta_rate,
    vp_log_alpha_bar,
)

__all__ = [
    "annealed_langevin_path__noise_by_step", "annealed_langevin_path__ratio_not_squared",
    "annealed_langevin_path__score_not_halved", "annealed_langevin_path__step_not_scaled",
    "dpm_solver_2m_sde_path__data_held", "dpm_solver_2m_sde_path__no_history",
    "dpm_solver_2m_sde_path__same_noise_every_step", "dpm_solver_2m_sde_step__correction_not_doubled",
    "dpm_solver_2m_sde_step__first_order", "dpm_solver_2m_sde_step__lengths_turned_over", "dpm_solver_2m_sde_step__ode_mean",
    "dpm_solver_sde_1_path__data_held", "dpm_solver_sde_1_path__same_noise_every_step",
    "dpm_solver_sde_1_path__without_noise", "dpm_solver_sde_1_step__added_noise",
    "dpm_solver_sde_1_step__noise_of_data_prediction", "dpm_solver_sde_1_step__noise_without_root",
    "dpm_solver_sde_1_step__not_doubled", "dpmpp_2m_sde_heun_path__midpoint", "dpmpp_2m_sde_heun_path__no_history",
    "dpmpp_2m_sde_heun_path__without_noise", "dpmpp_2m_sde_heun_step__eta_left_out",
    "dpmpp_2m_sde_heun_step__lengths_turned_over", "dpmpp_2m_sde_heun_step__midpoint",
    "dpmpp_2m_sde_heun_step__not_taken_from_one", "dpmpp_2m_sde_path__ddims_eta", "dpmpp_2m_sde_path__eta_squared",
    "dpmpp_2m_sde_path__history_of_the_start", "dpmpp_2m_sde_path__no_history", "dpmpp_2m_sde_path__same_noise_every_step",
    "dpmpp_2m_sde_step__ddims_eta", "dpmpp_2m_sde_step__estimates_swapped", "dpmpp_2m_sde_step__first_order",
    "dpmpp_2m_sde_step__lengths_turned_over", "dpmpp_2m_sde_step__ode_decay", "dpmpp_2m_sde_step__to_the_end",
    "dpmpp_3m_sde_path__half_second_derivative", "dpmpp_3m_sde_path__half_subtracted",
    "dpmpp_3m_sde_path__second_step_midpoint", "dpmpp_3m_sde_path__two_steps", "dpmpp_3m_sde_released_path__half_subtracted",
    "dpmpp_3m_sde_released_path__second_step_midpoint", "dpmpp_3m_sde_released_path__two_steps",
    "dpmpp_3m_sde_released_path__whole_second_derivative", "dpmpp_3m_sde_released_step__half_subtracted",
    "dpmpp_3m_sde_released_step__lengths_swapped", "dpmpp_3m_sde_released_step__line",
    "dpmpp_3m_sde_released_step__newest_estimate_first", "dpmpp_3m_sde_released_step__slope_of_the_last_two",
    "dpmpp_3m_sde_released_step__whole_second_derivative", "dpmpp_3m_sde_step__half_second_derivative",
    "dpmpp_3m_sde_step__half_subtracted", "dpmpp_3m_sde_step__lengths_swapped", "dpmpp_3m_sde_step__line",
    "dpmpp_3m_sde_step__slope_of_the_last_two", "dpmpp_sde_1_path__denoiser_of_initial_state",
    "dpmpp_sde_1_path__deterministic", "dpmpp_sde_1_path__same_noise_every_step", "dpmpp_sde_1_path__without_noise",
    "dpmpp_sde_1_step__noise_of_half_the_step", "dpmpp_sde_1_step__noise_scale_of_t", "dpmpp_sde_1_step__noise_without_root",
    "dpmpp_sde_1_step__ode_mean", "dpmpp_sde_1_step__state_not_shrunk", "dpmpp_sde_path__data_of_start",
    "dpmpp_sde_path__noises_swapped", "dpmpp_sde_path__one_noise_for_both", "dpmpp_sde_path__without_noise",
    "dpmpp_sde_step__data_of_start", "dpmpp_sde_step__noise_not_taken_away", "dpmpp_sde_step__noise_strength_for_share",
    "dpmpp_sde_step__weights_swapped", "predictor_corrector_ve_path__ancestral_predictor",
    "predictor_corrector_ve_path__noise_not_doubled", "predictor_corrector_ve_path__predictor_first",
    "predictor_corrector_ve_path__snr_not_squared", "predictor_corrector_ve_path__stale_score",
    "predictor_corrector_vp_path__alpha_left_out", "predictor_corrector_vp_path__alpha_of_one_step",
    "predictor_corrector_vp_path__ancestral_predictor", "predictor_corrector_vp_path__predictor_first",
    "predictor_corrector_vp_path__stale_score", "reverse_euler_maruyama_ve_path__even_steps",
    "reverse_euler_maruyama_ve_path__growth_not_doubled", "reverse_euler_maruyama_ve_path__half_score",
    "reverse_euler_maruyama_ve_path__noise_by_length", "reverse_euler_maruyama_vp_path__drift_not_turned",
    "reverse_euler_maruyama_vp_path__even_steps", "reverse_euler_maruyama_vp_path__half_score",
    "reverse_euler_maruyama_vp_path__noise_by_length", "reverse_euler_maruyama_vp_path__rate_doubled",
    "sa_corrector_step__estimate_at_s_for_all", "sa_corrector_step__line_to_s",
    "sa_corrector_step__noise_strength_not_squared", "sa_corrector_step__predictor",
    "sa_predictor_step__noise_alone_not_squared", "sa_predictor_step__noise_strength_not_squared",
    "sa_predictor_step__two_steps",
]  # fmt: skip


def _lengths(alphas, sigmas):
    xp, ratios = namespace(alphas, sigmas), sigmas / alphas
    return [xp.log(ratios[i] / ratios[i + 1]) for i in range(len(ratios) - 1)]


def _length(alpha_s, sigma_s, alpha_t, sigma_t):
    return namespace(alpha_s, sigma_s, alpha_t, sigma_t).log(alpha_s / sigma_s * (sigma_t / alpha_t))


def _made(x_t, x_0, z, alphas, sigmas, kept, decay, noise):
    """sigma_s/sigma_t*exp(-kept)*x_t + alpha_s*(1 - exp(-decay))*x_0 + sigma_s*sqrt(1 - exp(-2*noise))*z."""
    xp = namespace(x_t, x_0, z, alphas, sigmas, kept, decay, noise)
    moved = sigmas[-1] / sigmas[-2] * xp.exp(-kept) * x_t - alphas[-1] * xp.expm1(-decay) * x_0
    return moved + sigmas[-1] * xp.sqrt(-xp.expm1(-2 * noise)) * z


def _held(x_t, x_0, z, eta, alphas, sigmas):
    h = _lengths(alphas, sigmas)[-1]
    return _made(x_t, x_0, z, alphas, sigmas, eta * h, (1 + eta) * h, eta * h)


def _moment(decay):
    """The integral of decay*exp(-decay*(1 - u))*u."""
    return namespace(decay).expm1mx(-decay) / decay


def _curve(x_0s, h, late, early):
    """First derivative at the last estimate, and half of the second, of the parabola through three, over a step h."""
    slope, before = (x_0s[2] - x_0s[1]) * (h / late), (x_0s[1] - x_0s[0]) * (h / early)
    bend = (slope - before) / (late + early)
    return slope + late * bend, h * bend


def _remembering(denoiser_at_level, x_T, z, alphas, sigmas, eta, *steps):
    """States of a run: data held at first, then these steps, each of one estimate more; the data at sigma = 0."""
    states, x_0s, xp = [x_T], [], namespace(x_T, z, alphas, sigmas)
    for i in range(len(sigmas) - 1):
        x_0s.append(denoiser_at_level(states[i], alphas[i], sigmas[i]))
        k = min(i, len(steps))
        at = z[i], eta, alphas[i - k : i + 2], sigmas[i - k : i + 2]
        if sigmas[i + 1] == 0:
            states.append(alphas[i + 1] * x_0s[i])
        else:
            states.append(steps[k - 1](states[i], xp.stack(x_0s[i - k :]), *at) if k else _held(states[i], x_0s[i], *at))
    return xp.stack(states)


def _score(denoiser_at_level, x_t, alpha_t, sigma_t):
    return score_from_x_0(x_t, denoiser_at_level(x_t, alpha_t, sigma_t), alpha_t, sigma_t)


def _langevin(x_t, score, z, ratio, noise=2):
    """x_t + e*score + sqrt(noise*e)*z, e = 2*ratio*|z|**2/|score|**2."""
    xp = namespace(x_t, score, z)
    step = 2 * ratio * (xp.sum(z**2, axis=1) / xp.sum(score**2, axis=1))[:, None]
    return x_t + step * score + xp.sqrt(noise * step) * z


def _to_next_ve(sigmas, step=reverse_diffusion_step_ve):
    return lambda i, x_t, score, z: step(x_t, score, z, sigmas[i + 1], sigmas[i])


def _to_next_vp(alphas, step=reverse_diffusion_step_vp):
    return lambda i, x_t, score, z: step(x_t, score, z, 1 - (alphas[i] / alphas[i + 1]) ** 2)


def _corrected(denoiser_at_level, x_T, z, alphas, sigmas, predictor, ratio, noise=2, stale=False):
    """States of a corrector's step of this ratio and then the predictor, which may be told the score from before."""
    states = [x_T]
    for i in range(len(sigmas) - 1):
        level = alphas[i], sigmas[i]
        known = _score(denoiser_at_level, states[i], *level)
        x_t = _langevin(states[i], known, z[2 * i], ratio(i), noise)
        states.append(predictor(i, x_t, known if stale else _score(denoiser_at_level, x_t, *level), z[2 * i + 1]))
    return namespace(x_T).stack(states)


def _predicted(denoiser_at_level, x_T, z, alphas, sigmas, predictor, ratio):
    """States of the predictor and then the corrector's step at the level reached."""
    states = [x_T]
    for i in range(len(sigmas) - 1):
        x_t = predictor(i, states[i], _score(denoiser_at_level, states[i], alphas[i], sigmas[i]), z[2 * i])
        if sigmas[i + 1] != 0:
            level = alphas[i + 1], sigmas[i + 1]
            x_t = _langevin(x_t, _score(denoiser_at_level, x_t, *level), z[2 * i + 1], ratio(i + 1))
        states.append(x_t)
    return namespace(x_T).stack(states)


def _vp(beta_rate_min, beta_rate_max):
    def process(time):
        power, beta = (of(time, beta_rate_min, beta_rate_max) for of in (vp_log_alpha_bar, vp_beta_rate))
        return -beta / 2, beta, alpha(power), sigma(power)

    return process


def _ve(sigma_min, sigma_max):
    def process(time):
        level = ve_sigma(time, sigma_min, sigma_max)
        return 0, 2 * level**2 * namespace(sigma_min, sigma_max).log(sigma_max / sigma_min), 1, level

    return process


def _euler(denoiser_at_level, x_T, z, sde_times, process, state=1, score=1, rate=1, rooted=True, even=False):
    """States of Euler-Maruyama steps of a process, f, g**2 and scales at a time, parts of each step scaled."""
    xp, states = namespace(x_T, z, sde_times), [x_T]
    for i in range(len(sde_times) - 1):
        f, square, *scales = process(sde_times[i])
        h = sde_times[i] * 0 + 1 / len(z) if even else sde_times[i] - sde_times[i + 1]
        slope = rate * square * score * _score(denoiser_at_level, states[i], *scales) - state * f * states[i]
        states.append(states[i] + h * slope + xp.sqrt(rate * square) * (xp.sqrt(h) if rooted else h) * z[i])
    return xp.stack(states)


def _annealed(denoiser_at_level, x_T, z, sigmas, step_size, power=2, drift=1 / 2, rooted=True):
    """States of Langevin steps at each scale, the step as this power of the scale."""
    xp, states, steps = namespace(x_T, z, sigmas, step_size), [x_T], len(z) // len(sigmas)
    for i in range(len(sigmas)):
        x_t, step = states[i], step_size * (sigmas[i] / sigmas[-1]) ** power
        for noise in z[steps * i : steps * (i + 1)]:
            x_t = x_t + drift * step * _score(denoiser_at_level, x_t, 1, sigmas[i]) + (xp.sqrt(step) if rooted else step) * noise
        states.append(x_t)
    return xp.stack(states)


def dpmpp_sde_1_step__ode_mean(x_t, x_0, z, alpha_s, sigma_s, alpha_t, sigma_t):
    """DPM-Solver++'s deterministic mean with the SDE's noise on top: too much variance.

    Fix: sigma_s/sigma_t*exp(-h)*x_t + alpha_s*(1 - exp(-2*h))*x_0 + sigma_s*sqrt(1 - exp(-2*h))*z, diffusers' code
    Seen in: plausible
    """
    h = _length(alpha_s, sigma_s, alpha_t, sigma_t)
    return _made(x_t, x_0, z, [alpha_t, alpha_s], [sigma_t, sigma_s], 0 * h, h, h)


def dpmpp_sde_1_step__noise_of_half_the_step(x_t, x_0, z, alpha_s, sigma_s, alpha_t, sigma_t):
    """sqrt(1 - exp(-h)) for the noise: the exponent not doubled.

    Fix: sigma_s/sigma_t*exp(-h)*x_t + alpha_s*(1 - exp(-2*h))*x_0 + sigma_s*sqrt(1 - exp(-2*h))*z, diffusers' code
    Seen in: plausible
    """
    h = _length(alpha_s, sigma_s, alpha_t, sigma_t)
    return _made(x_t, x_0, z, [alpha_t, alpha_s], [sigma_t, sigma_s], h, 2 * h, h / 2)


def dpmpp_sde_1_step__noise_without_root(x_t, x_0, z, alpha_s, sigma_s, alpha_t, sigma_t):
    """1 - exp(-2*h) for the noise: a variance for a scale.

    Fix: sigma_s/sigma_t*exp(-h)*x_t + alpha_s*(1 - exp(-2*h))*x_0 + sigma_s*sqrt(1 - exp(-2*h))*z, diffusers' code
    Seen in: plausible
    """
    h = _length(alpha_s, sigma_s, alpha_t, sigma_t)
    xp = namespace(x_t, z)
    return _made(x_t, x_0, 0 * z, [alpha_t, alpha_s], [sigma_t, sigma_s], h, 2 * h, h) - sigma_s * xp.expm1(-2 * h) * z


def dpmpp_sde_1_step__noise_scale_of_t(x_t, x_0, z, alpha_s, sigma_s, alpha_t, sigma_t):
    """The noise scaled by sigma_t, as it was, in place of sigma_s.

    Fix: sigma_s/sigma_t*exp(-h)*x_t + alpha_s*(1 - exp(-2*h))*x_0 + sigma_s*sqrt(1 - exp(-2*h))*z, diffusers' code
    Seen in: plausible
    """
    h = _length(alpha_s, sigma_s, alpha_t, sigma_t)
    return _made(x_t, x_0, sigma_t / sigma_s * z, [alpha_t, alpha_s], [sigma_t, sigma_s], h, 2 * h, h)


def dpmpp_sde_1_step__state_not_shrunk(x_t, x_0, z, alpha_s, sigma_s, alpha_t, sigma_t):
    """sigma_s/sigma_t*x_t, the ODE's weight of the state, beside the SDE's of the data.

    Fix: sigma_s/sigma_t*exp(-h)*x_t + alpha_s*(1 - exp(-2*h))*x_0 + sigma_s*sqrt(1 - exp(-2*h))*z, diffusers' code
    Seen in: plausible
    """
    h = _length(alpha_s, sigma_s, alpha_t, sigma_t)
    return _made(x_t, x_0, z, [alpha_t, alpha_s], [sigma_t, sigma_s], 0 * h, 2 * h, h)


def dpm_solver_sde_1_step__not_doubled(x_t, eps, z, alpha_s, sigma_s, alpha_t, sigma_t):
    """(exp(h) - 1)*eps, the ODE's, with the SDE's noise: not twice.

    Fix: alpha_s/alpha_t*x_t - 2*sigma_s*(exp(h) - 1)*eps + sigma_s*sqrt(exp(2*h) - 1)*z, diffusers' code
    Seen in: plausible
    """
    grown = alpha_s / alpha_t * sigma_t
    return alpha_s / alpha_t * x_t - (grown - sigma_s) * eps + namespace(grown, sigma_s).sqrt(grown**2 - sigma_s**2) * z


def dpm_solver_sde_1_step__noise_of_data_prediction(x_t, eps, z, alpha_s, sigma_s, alpha_t, sigma_t):
    """sigma_s*sqrt(1 - exp(-2*h)) for the noise, which belongs to the form that holds the data.

    Fix: alpha_s/alpha_t*x_t - 2*sigma_s*(exp(h) - 1)*eps + sigma_s*sqrt(exp(2*h) - 1)*z, diffusers' code
    Seen in: plausible
    """
    grown = alpha_s / alpha_t * sigma_t
    return (
        alpha_s / alpha_t * x_t
        - 2 * (grown - sigma_s) * eps
        + sigma_s / grown * namespace(grown, sigma_s).sqrt(grown**2 - sigma_s**2) * z
    )


def dpm_solver_sde_1_step__noise_without_root(x_t, eps, z, alpha_s, sigma_s, alpha_t, sigma_t):
    """exp(2*h) - 1 for the noise: a variance for a scale.

    Fix: alpha_s/alpha_t*x_t - 2*sigma_s*(exp(h) - 1)*eps + sigma_s*sqrt(exp(2*h) - 1)*z, diffusers' code
    Seen in: plausible
    """
    grown = alpha_s / alpha_t * sigma_t
    return alpha_s / alpha_t * x_t - 2 * (grown - sigma_s) * eps + (grown**2 / sigma_s - sigma_s) * z


def dpm_solver_sde_1_step__added_noise(x_t, eps, z, alpha_s, sigma_s, alpha_t, sigma_t):
    """The estimate of the noise added in place of taken away.

    Fix: alpha_s/alpha_t*x_t - 2*sigma_s*(exp(h) - 1)*eps + sigma_s*sqrt(exp(2*h) - 1)*z, diffusers' code
    Seen in: plausible
    """
    grown = alpha_s / alpha_t * sigma_t
    return alpha_s / alpha_t * x_t + 2 * (grown - sigma_s) * eps + namespace(grown, sigma_s).sqrt(grown**2 - sigma_s**2) * z


def dpmpp_2m_sde_step__ode_decay(x_t, x_0s, z, eta, alphas, sigmas):
    """1 - exp(-h) for the data's weight, whatever eta.

    Fix: data x_0s[1] + h/(2*h_u)*(x_0s[1] - x_0s[0]), their weight 1 - exp(-(1 + eta)*h), k-diffusion's code
    Seen in: plausible
    """
    back, h = _lengths(alphas, sigmas)
    return _made(x_t, x_0s[1] + h / (2 * back) * (x_0s[1] - x_0s[0]), z, alphas, sigmas, eta * h, h, eta * h)


def dpmpp_2m_sde_step__lengths_turned_over(x_t, x_0s, z, eta, alphas, sigmas):
    """The ratio of the steps' lengths turned over: h_u/(2*h).

    Fix: data x_0s[1] + h/(2*h_u)*(x_0s[1] - x_0s[0]), their weight 1 - exp(-(1 + eta)*h), k-diffusion's code
    Seen in: plausible
    """
    back, h = _lengths(alphas, sigmas)
    return _held(x_t, x_0s[1] + back / (2 * h) * (x_0s[1] - x_0s[0]), z, eta, alphas, sigmas)


def dpmpp_2m_sde_step__to_the_end(x_t, x_0s, z, eta, alphas, sigmas):
    """The data extrapolated to the end of the step, not to its middle.

    Fix: data x_0s[1] + h/(2*h_u)*(x_0s[1] - x_0s[0]), their weight 1 - exp(-(1 + eta)*h), k-diffusion's code
    Seen in: plausible
    """
    back, h = _lengths(alphas, sigmas)
    return _held(x_t, x_0s[1] + h / back * (x_0s[1] - x_0s[0]), z, eta, alphas, sigmas)


def dpmpp_2m_sde_step__ddims_eta(x_t, x_0s, z, eta, alphas, sigmas):
    """DDIM's eta: eta*sqrt(1 - exp(-2*h)) for the noise, the mean as it is.

    Fix: data x_0s[1] + h/(2*h_u)*(x_0s[1] - x_0s[0]), their weight 1 - exp(-(1 + eta)*h), k-diffusion's code
    Seen in: plausible
    """
    back, h = _lengths(alphas, sigmas)
    without = _held(x_t, x_0s[1] + h / (2 * back) * (x_0s[1] - x_0s[0]), 0 * z, eta, alphas, sigmas)
    return without + eta * _made(0 * x_t, 0 * x_t, z, alphas, sigmas, h, h, h)


def dpmpp_2m_sde_step__estimates_swapped(x_t, x_0s, z, eta, alphas, sigmas):
    """The estimates in the opposite order, the newest first.

    Fix: data x_0s[1] + h/(2*h_u)*(x_0s[1] - x_0s[0]), their weight 1 - exp(-(1 + eta)*h), k-diffusion's code
    Seen in: plausible
    """
    back, h = _lengths(alphas, sigmas)
    return _held(x_t, x_0s[0] + h / (2 * back) * (x_0s[0] - x_0s[1]), z, eta, alphas, sigmas)


def dpmpp_2m_sde_step__first_order(x_t, x_0s, z, eta, alphas, sigmas):
    """The latest estimate alone.

    Fix: data x_0s[1] + h/(2*h_u)*(x_0s[1] - x_0s[0]), their weight 1 - exp(-(1 + eta)*h), k-diffusion's code
    Seen in: plausible
    """
    return _held(x_t, x_0s[1], z, eta, alphas, sigmas)


def dpmpp_2m_sde_heun_step__midpoint(x_t, x_0s, z, eta, alphas, sigmas):
    """The other solver type: the data extrapolated to the middle and held.

    Fix: alphas[2]*(1 - (1 - exp(-(1 + eta)*h))/((1 + eta)*h))*h/h_u*(x_0s[1] - x_0s[0]), k-diffusion's code, heun
    Seen in: plausible
    """
    return sde_solver.dpmpp_2m_sde_step(x_t, x_0s, z, eta, alphas, sigmas)


def dpmpp_2m_sde_heun_step__eta_left_out(x_t, x_0s, z, eta, alphas, sigmas):
    """The line's weight without eta, as in the deterministic method.

    Fix: alphas[2]*(1 - (1 - exp(-(1 + eta)*h))/((1 + eta)*h))*h/h_u*(x_0s[1] - x_0s[0]), k-diffusion's code, heun
    Seen in: plausible
    """
    back, h = _lengths(alphas, sigmas)
    return _held(x_t, x_0s[1], z, eta, alphas, sigmas) + alphas[2] * _moment(h) * h / back * (x_0s[1] - x_0s[0])


def dpmpp_2m_sde_heun_step__lengths_turned_over(x_t, x_0s, z, eta, alphas, sigmas):
    """The ratio of the steps' lengths turned over: h_u/h.

    Fix: alphas[2]*(1 - (1 - exp(-(1 + eta)*h))/((1 + eta)*h))*h/h_u*(x_0s[1] - x_0s[0]), k-diffusion's code, heun
    Seen in: plausible
    """
    back, h = _lengths(alphas, sigmas)
    return _held(x_t, x_0s[1], z, eta, alphas, sigmas) + alphas[2] * _moment((1 + eta) * h) * back / h * (x_0s[1] - x_0s[0])


def dpmpp_2m_sde_heun_step__not_taken_from_one(x_t, x_0s, z, eta, alphas, sigmas):
    """(1 - exp(-decay))/decay for the line's weight, not 1 less it.

    Fix: alphas[2]*(1 - (1 - exp(-(1 + eta)*h))/((1 + eta)*h))*h/h_u*(x_0s[1] - x_0s[0]), k-diffusion's code, heun
    Seen in: plausible
    """
    back, h = _lengths(alphas, sigmas)
    return _held(x_t, x_0s[1], z, eta, alphas, sigmas) + alphas[2] * (1 - _moment((1 + eta) * h)) * h / back * (x_0s[1] - x_0s[0])


def dpmpp_3m_sde_step__half_second_derivative(x_t, x_0s, z, eta, alphas, sigmas):
    """phi_3*d_2, as released: d_2 is half of the second derivative, so the parabola counts half and the order is 2.

    Fix: phi_2*d_1 - 2*phi_3*d_2, phi_3 = phi_2/decay - 1/2: the integral of the parabola; compare k-diffusion's code
    Seen in: plausible; crowsonkb/k-diffusion's sample_dpmpp_3m_sde
    """
    early, late, h = _lengths(alphas, sigmas)
    slope, bend = _curve(x_0s, h, late, early)
    mean = _moment((1 + eta) * h)
    return _held(x_t, x_0s[2], z, eta, alphas, sigmas) + alphas[3] * (mean * slope + (1 - 2 * mean / ((1 + eta) * h)) / 2 * bend)


def dpmpp_3m_sde_step__half_subtracted(x_t, x_0s, z, eta, alphas, sigmas):
    """-(phi_2/decay + 1/2)*d_2: the sign of 1/2 turned, so that the weight does not vanish for short steps: order 1.

    Fix: phi_2*d_1 - 2*phi_3*d_2, phi_3 = phi_2/decay - 1/2: the integral of the parabola; compare k-diffusion's code
    Seen in: plausible; huggingface/diffusers#9104, sde-dpmsolver++ of order 3
    """
    early, late, h = _lengths(alphas, sigmas)
    slope, bend = _curve(x_0s, h, late, early)
    mean = _moment((1 + eta) * h)
    return _held(x_t, x_0s[2], z, eta, alphas, sigmas) + alphas[3] * (
        mean * slope - (mean / ((1 + eta) * h) + (x_0s[0] * 0 + 1) / 2) * bend
    )


def dpmpp_3m_sde_step__slope_of_the_last_two(x_t, x_0s, z, eta, alphas, sigmas):
    """d_1 = late, the slope of the last two estimates, without its correction to the start of the step.

    Fix: phi_2*d_1 - 2*phi_3*d_2, phi_3 = phi_2/decay - 1/2: the integral of the parabola; compare k-diffusion's code
    Seen in: plausible
    """
    early, late, h = _lengths(alphas, sigmas)
    _, bend = _curve(x_0s, h, late, early)
    mean = _moment((1 + eta) * h)
    return _held(x_t, x_0s[2], z, eta, alphas, sigmas) + alphas[3] * (
        mean * (x_0s[2] - x_0s[1]) * (h / late) + (1 - 2 * mean / ((1 + eta) * h)) * bend
    )


def dpmpp_3m_sde_step__line(x_t, x_0s, z, eta, alphas, sigmas):
    """The line through the last two estimates: no second difference.

    Fix: phi_2*d_1 - 2*phi_3*d_2, phi_3 = phi_2/decay - 1/2: the integral of the parabola; compare k-diffusion's code
    Seen in: plausible
    """
    return sde_solver.dpmpp_2m_sde_heun_step(x_t, x_0s[1:], z, eta, alphas[1:], sigmas[1:])


def dpmpp_3m_sde_step__lengths_swapped(x_t, x_0s, z, eta, alphas, sigmas):
    """The lengths of the two steps before in the opposite order.

    Fix: phi_2*d_1 - 2*phi_3*d_2, phi_3 = phi_2/decay - 1/2: the integral of the parabola; compare k-diffusion's code
    Seen in: plausible
    """
    early, late, h = _lengths(alphas, sigmas)
    slope, bend = _curve(x_0s, h, early, late)
    mean = _moment((1 + eta) * h)
    return _held(x_t, x_0s[2], z, eta, alphas, sigmas) + alphas[3] * (mean * slope + (1 - 2 * mean / ((1 + eta) * h)) * bend)


def dpmpp_3m_sde_released_step__whole_second_derivative(x_t, x_0s, z, eta, alphas, sigmas):
    """Twice the released phi_3*d_2: the method of third order, not the released one.

    Fix: phi_2*d_1 - phi_3*d_2, phi_3 = phi_2/decay - 1/2, d_2 half the second derivative, k-diffusion's code
    Seen in: plausible
    """
    return sde_solver.dpmpp_3m_sde_step(x_t, x_0s, z, eta, alphas, sigmas)


def dpmpp_3m_sde_released_step__half_subtracted(x_t, x_0s, z, eta, alphas, sigmas):
    """-(phi_2/decay + 1/2)*d_2: the sign of 1/2 turned, so that the weight does not vanish for short steps: order 1.

    Fix: phi_2*d_1 - phi_3*d_2, phi_3 = phi_2/decay - 1/2, d_2 half the second derivative, k-diffusion's code
    Seen in: plausible; huggingface/diffusers#9104, sde-dpmsolver++ of order 3
    """
    return dpmpp_3m_sde_step__half_subtracted(x_t, x_0s, z, eta, alphas, sigmas)


def dpmpp_3m_sde_released_step__slope_of_the_last_two(x_t, x_0s, z, eta, alphas, sigmas):
    """d_1 = late, the slope of the last two estimates, without its correction to the start of the step.

    Fix: phi_2*d_1 - phi_3*d_2, phi_3 = phi_2/decay - 1/2, d_2 half the second derivative, k-diffusion's code
    Seen in: plausible
    """
    early, late, h = _lengths(alphas, sigmas)
    _, bend = _curve(x_0s, h, late, early)
    mean = _moment((1 + eta) * h)
    curved = mean * (x_0s[2] - x_0s[1]) * (h / late) + (1 - 2 * mean / ((1 + eta) * h)) / 2 * bend
    return _held(x_t, x_0s[2], z, eta, alphas, sigmas) + alphas[3] * curved


def dpmpp_3m_sde_released_step__line(x_t, x_0s, z, eta, alphas, sigmas):
    """The line through the last two estimates: no second difference.

    Fix: phi_2*d_1 - phi_3*d_2, phi_3 = phi_2/decay - 1/2, d_2 half the second derivative, k-diffusion's code
    Seen in: plausible
    """
    return dpmpp_3m_sde_step__line(x_t, x_0s, z, eta, alphas, sigmas)


def dpmpp_3m_sde_released_step__lengths_swapped(x_t, x_0s, z, eta, alphas, sigmas):
    """The lengths of the two steps before in the opposite order.

    Fix: phi_2*d_1 - phi_3*d_2, phi_3 = phi_2/decay - 1/2, d_2 half the second derivative, k-diffusion's code
    Seen in: plausible
    """
    early, late, h = _lengths(alphas, sigmas)
    slope, bend = _curve(x_0s, h, early, late)
    mean = _moment((1 + eta) * h)
    return _held(x_t, x_0s[2], z, eta, alphas, sigmas) + alphas[3] * (mean * slope + (1 - 2 * mean / ((1 + eta) * h)) / 2 * bend)


def dpmpp_3m_sde_released_step__newest_estimate_first(x_t, x_0s, z, eta, alphas, sigmas):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: phi_2*d_1 - phi_3*d_2, phi_3 = phi_2/decay - 1/2, d_2 half the second derivative, k-diffusion's code
    Seen in: plausible
    """
    turned = namespace(x_0s).stack([x_0s[2], x_0s[1], x_0s[0]])
    return sde_solver.dpmpp_3m_sde_released_step(x_t, turned, z, eta, alphas, sigmas)


def dpm_solver_2m_sde_step__correction_not_doubled(x_t, epsilons, z, alphas, sigmas):
    """The correction of the deterministic method, half of the SDE's.

    Fix: -2*sigma_s*(exp(h) - 1)*(epsilons[1] + h/(2*h_u)*(epsilons[1] - epsilons[0])), diffusers' code, sde-dpmsolver
    Seen in: plausible
    """
    back, h = _lengths(alphas, sigmas)
    middle = epsilons[1] + h / (4 * back) * (epsilons[1] - epsilons[0])
    return sde_solver.dpm_solver_sde_1_step(x_t, middle, z, alphas[2], sigmas[2], alphas[1], sigmas[1])


def dpm_solver_2m_sde_step__lengths_turned_over(x_t, epsilons, z, alphas, sigmas):
    """The ratio of the steps' lengths turned over: h_u/(2*h).

    Fix: -2*sigma_s*(exp(h) - 1)*(epsilons[1] + h/(2*h_u)*(epsilons[1] - epsilons[0])), diffusers' code, sde-dpmsolver
    Seen in: plausible
    """
    back, h = _lengths(alphas, sigmas)
    middle = epsilons[1] + back / (2 * h) * (epsilons[1] - epsilons[0])
    return sde_solver.dpm_solver_sde_1_step(x_t, middle, z, alphas[2], sigmas[2], alphas[1], sigmas[1])


def dpm_solver_2m_sde_step__first_order(x_t, epsilons, z, alphas, sigmas):
    """The latest estimate alone.

    Fix: -2*sigma_s*(exp(h) - 1)*(epsilons[1] + h/(2*h_u)*(epsilons[1] - epsilons[0])), diffusers' code, sde-dpmsolver
    Seen in: plausible
    """
    return sde_solver.dpm_solver_sde_1_step(x_t, epsilons[1], z, alphas[2], sigmas[2], alphas[1], sigmas[1])


def dpm_solver_2m_sde_step__ode_mean(x_t, epsilons, z, alphas, sigmas):
    """The deterministic method's mean with the SDE's noise on top.

    Fix: -2*sigma_s*(exp(h) - 1)*(epsilons[1] + h/(2*h_u)*(epsilons[1] - epsilons[0])), diffusers' code, sde-dpmsolver
    Seen in: plausible
    """
    back, h = _lengths(alphas, sigmas)
    middle = epsilons[1] + h / (2 * back) * (epsilons[1] - epsilons[0])
    return dpm_solver_sde_1_step__not_doubled(x_t, middle, z, alphas[2], sigmas[2], alphas[1], sigmas[1])


def dpmpp_sde_step__data_of_start(x_t, x_0s, z, eta, alphas, sigmas):
    """The estimate at the start alone: the inner one is not used.

    Fix: x_0 = (1 - 1/(2*r))*x_0s[0] + 1/(2*r)*x_0s[1], down = sqrt(sigma_s**2 - up**2), k-diffusion's code
    Seen in: plausible
    """
    return sde_solver.dpmpp_sde_step(x_t, namespace(x_0s).stack([x_0s[0], x_0s[0]]), z, eta, alphas, sigmas)


def dpmpp_sde_step__noise_strength_for_share(x_t, x_0s, z, eta, alphas, sigmas):
    """eta taken for noise_strength**2, as DPM++ 2M SDE's is.

    Fix: x_0 = (1 - 1/(2*r))*x_0s[0] + 1/(2*r)*x_0s[1], down = sqrt(sigma_s**2 - up**2), k-diffusion's code
    Seen in: plausible
    """
    start, rest = _lengths(alphas, sigmas)
    x_0 = x_0s[0] + (start + rest) / (2 * start) * (x_0s[1] - x_0s[0])
    return _held(x_t, x_0, z, eta, alphas[::2], sigmas[::2])


def dpmpp_sde_step__noise_not_taken_away(x_t, x_0s, z, eta, alphas, sigmas):
    """Fresh noise added to a state that keeps all of sigma_s: too much variance.

    Fix: x_0 = (1 - 1/(2*r))*x_0s[0] + 1/(2*r)*x_0s[1], down = sqrt(sigma_s**2 - up**2), k-diffusion's code
    Seen in: plausible
    """
    quiet = sde_solver.dpmpp_sde_step(x_t, x_0s, 0 * z, 0, alphas, sigmas)
    return quiet + sde_solver.dpmpp_sde_step(0 * x_t, 0 * x_0s, z, eta, alphas, sigmas)


def dpmpp_sde_step__weights_swapped(x_t, x_0s, z, eta, alphas, sigmas):
    """The weights of the two estimates swapped.

    Fix: x_0 = (1 - 1/(2*r))*x_0s[0] + 1/(2*r)*x_0s[1], down = sqrt(sigma_s**2 - up**2), k-diffusion's code
    Seen in: plausible
    """
    start, rest = _lengths(alphas, sigmas)
    r = start / (start + rest)
    x_0 = x_0s[1] + (x_0s[0] - x_0s[1]) / (2 * r)
    return sde_solver.dpmpp_sde_step(x_t, namespace(x_0s).stack([x_0, x_0]), z, eta, alphas, sigmas)


def sa_predictor_step__noise_strength_not_squared(x_t, x_0s, z, noise_strength, alphas, sigmas):
    """tau in place of tau**2 everywhere.

    Fix: decay (1 + tau**2)*h, noise sigma_s*sqrt(1 - exp(-2*tau**2*h)), three estimates, Xue et al. 2023, Algorithm 1
    Seen in: plausible
    """
    return sde_solver.dpmpp_3m_sde_step(x_t, x_0s, z, noise_strength, alphas, sigmas)


def sa_predictor_step__two_steps(x_t, x_0s, z, noise_strength, alphas, sigmas):
    """The two latest estimates alone.

    Fix: decay (1 + tau**2)*h, noise sigma_s*sqrt(1 - exp(-2*tau**2*h)), three estimates, Xue et al. 2023, Algorithm 1
    Seen in: plausible
    """
    return dpmpp_3m_sde_step__line(x_t, x_0s, z, noise_strength**2, alphas, sigmas)


def sa_predictor_step__noise_alone_not_squared(x_t, x_0s, z, noise_strength, alphas, sigmas):
    """tau in place of tau**2 under the root of the noise alone.

    Fix: decay (1 + tau**2)*h, noise sigma_s*sqrt(1 - exp(-2*tau**2*h)), three estimates, Xue et al. 2023, Algorithm 1
    Seen in: plausible
    """
    quiet = sde_solver.dpmpp_3m_sde_step(x_t, 1 * x_0s, 0 * z, noise_strength**2, alphas, sigmas)
    return quiet + _held(0 * x_t, 0 * x_t, z, noise_strength, alphas, sigmas)


def sa_corrector_step__predictor(x_t, x_0s, z, noise_strength, alphas, sigmas):
    """The estimate at s not used: the two-step predictor again.

    Fix: the parabola through the estimates at u, t and s, integrated from t to s from x_t, Xue et al. 2023, Algorithm 1
    Seen in: plausible
    """
    return sde_solver.dpmpp_2m_sde_heun_step(x_t, x_0s[:2], z, noise_strength**2, alphas, sigmas)


def sa_corrector_step__line_to_s(x_t, x_0s, z, noise_strength, alphas, sigmas):
    """The line through the estimates at t and s: one step, not two.

    Fix: the parabola through the estimates at u, t and s, integrated from t to s from x_t, Xue et al. 2023, Algorithm 1
    Seen in: plausible
    """
    h, eta = _lengths(alphas, sigmas)[1], noise_strength**2
    return _held(x_t, x_0s[1], z, eta, alphas, sigmas) + alphas[2] * _moment((1 + eta) * h) * (x_0s[2] - x_0s[1])


def sa_corrector_step__noise_strength_not_squared(x_t, x_0s, z, noise_strength, alphas, sigmas):
    """tau in place of tau**2 everywhere.

    Fix: the parabola through the estimates at u, t and s, integrated from t to s from x_t, Xue et al. 2023, Algorithm 1
    Seen in: plausible
    """
    return sde_solver.sa_corrector_step(x_t, x_0s, z, namespace(x_t, noise_strength).sqrt(noise_strength), alphas, sigmas)


def sa_corrector_step__estimate_at_s_for_all(x_t, x_0s, z, noise_strength, alphas, sigmas):
    """The estimate at s held over the step.

    Fix: the parabola through the estimates at u, t and s, integrated from t to s from x_t, Xue et al. 2023, Algorithm 1
    Seen in: plausible
    """
    return _held(x_t, x_0s[2], z, noise_strength**2, alphas, sigmas)


def dpmpp_sde_1_path__same_noise_every_step(denoiser_at_level, x_T, z, alphas, sigmas):
    """The first noise used in every step.

    Fix: dpmpp_sde_1_step from level to level, each state's own data and a fresh noise, diffusers' code, sde-dpmsolver++
    Seen in: plausible
    """
    return sde_solver.dpmpp_sde_1_path(denoiser_at_level, x_T, 0 * z + z[:1], alphas, sigmas)


def dpmpp_sde_1_path__denoiser_of_initial_state(denoiser_at_level, x_T, z, alphas, sigmas):
    """The denoiser asked about x_T in every step.

    Fix: dpmpp_sde_1_step from level to level, each state's own data and a fresh noise, diffusers' code, sde-dpmsolver++
    Seen in: B101, lucidrains/rectified-flow-pytorch@b7a5e64
    """
    return sde_solver.dpmpp_sde_1_path(
        lambda x_t, alpha_t, sigma_t: denoiser_at_level(x_T, alpha_t, sigma_t), x_T, z, alphas, sigmas
    )


def dpmpp_sde_1_path__without_noise(denoiser_at_level, x_T, z, alphas, sigmas):
    """The mean alone in every step: not the deterministic method.

    Fix: dpmpp_sde_1_step from level to level, each state's own data and a fresh noise, diffusers' code, sde-dpmsolver++
    Seen in: plausible
    """
    return sde_solver.dpmpp_sde_1_path(denoiser_at_level, x_T, 0 * z, alphas, sigmas)


def dpmpp_sde_1_path__deterministic(denoiser_at_level, x_T, z, alphas, sigmas):
    """DPM-Solver++(1) in place of its SDE: neither noise nor the SDE's share of the data.

    Fix: dpmpp_sde_1_step from level to level, each state's own data and a fresh noise, diffusers' code, sde-dpmsolver++
    Seen in: plausible
    """
    return _remembering(denoiser_at_level, x_T, z, alphas, sigmas, 0)


def dpm_solver_sde_1_path__same_noise_every_step(denoiser_at_level, x_T, z, alphas, sigmas):
    """The first noise used in every step.

    Fix: dpm_solver_sde_1_step from level to level, each state's own noise and a fresh one, diffusers' code, sde-dpmsolver
    Seen in: plausible
    """
    return sde_solver.dpm_solver_sde_1_path(denoiser_at_level, x_T, 0 * z + z[:1], alphas, sigmas)


def dpm_solver_sde_1_path__without_noise(denoiser_at_level, x_T, z, alphas, sigmas):
    """The mean alone in every step: not the deterministic method.

    Fix: dpm_solver_sde_1_step from level to level, each state's own noise and a fresh one, diffusers' code, sde-dpmsolver
    Seen in: plausible
    """
    return sde_solver.dpm_solver_sde_1_path(denoiser_at_level, x_T, 0 * z, alphas, sigmas)


def dpm_solver_sde_1_path__data_held(denoiser_at_level, x_T, z, alphas, sigmas):
    """The data held in place of the noise: sde-dpmsolver++.

    Fix: dpm_solver_sde_1_step from level to level, each state's own noise and a fresh one, diffusers' code, sde-dpmsolver
    Seen in: plausible
    """
    return sde_solver.dpmpp_sde_1_path(denoiser_at_level, x_T, z, alphas, sigmas)


def dpmpp_2m_sde_path__no_history(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The first step's formula in every step: order 1.

    Fix: x_0s of this level and the one before, lengths of the same levels, noise sqrt(1 - exp(-2*eta*h)), k-diffusion's code
    Seen in: plausible
    """
    return _remembering(denoiser_at_level, x_T, z, alphas, sigmas, eta)


def dpmpp_2m_sde_path__history_of_the_start(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The first estimate kept as the one before: the history is not moved on.

    Fix: x_0s of this level and the one before, lengths of the same levels, noise sqrt(1 - exp(-2*eta*h)), k-diffusion's code
    Seen in: plausible
    """
    first, xp = denoiser_at_level(x_T, alphas[0], sigmas[0]), namespace(x_T)

    def step(x_t, x_0s, *at):
        return sde_solver.dpmpp_2m_sde_step(x_t, xp.stack([first, x_0s[1]]), *at)

    return _remembering(denoiser_at_level, x_T, z, alphas, sigmas, eta, step)


def dpmpp_2m_sde_path__ddims_eta(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """DDIM's eta: eta*sqrt(1 - exp(-2*h)) for the noise, the mean as it is.

    Fix: x_0s of this level and the one before, lengths of the same levels, noise sqrt(1 - exp(-2*eta*h)), k-diffusion's code
    Seen in: plausible
    """
    return _remembering(denoiser_at_level, x_T, z, alphas, sigmas, eta, dpmpp_2m_sde_step__ddims_eta)


def dpmpp_2m_sde_path__eta_squared(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """eta**2 in place of eta.

    Fix: x_0s of this level and the one before, lengths of the same levels, noise sqrt(1 - exp(-2*eta*h)), k-diffusion's code
    Seen in: plausible
    """
    return sde_solver.dpmpp_2m_sde_path(denoiser_at_level, x_T, z, alphas, sigmas, eta**2)


def dpmpp_2m_sde_path__same_noise_every_step(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The first noise used in every step.

    Fix: x_0s of this level and the one before, lengths of the same levels, noise sqrt(1 - exp(-2*eta*h)), k-diffusion's code
    Seen in: plausible
    """
    return sde_solver.dpmpp_2m_sde_path(denoiser_at_level, x_T, 0 * z + z[:1], alphas, sigmas, eta)


def dpmpp_2m_sde_heun_path__midpoint(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The other solver type, which is k-diffusion's default.

    Fix: dpmpp_2m_sde_heun_step with the estimates of this level and the one before, k-diffusion's code, heun
    Seen in: plausible
    """
    return sde_solver.dpmpp_2m_sde_path(denoiser_at_level, x_T, z, alphas, sigmas, eta)


def dpmpp_2m_sde_heun_path__no_history(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The first step's formula in every step: order 1.

    Fix: dpmpp_2m_sde_heun_step with the estimates of this level and the one before, k-diffusion's code, heun
    Seen in: plausible
    """
    return dpmpp_2m_sde_path__no_history(denoiser_at_level, x_T, z, alphas, sigmas, eta)


def dpmpp_2m_sde_heun_path__without_noise(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The mean alone in every step: not the deterministic method.

    Fix: dpmpp_2m_sde_heun_step with the estimates of this level and the one before, k-diffusion's code, heun
    Seen in: plausible
    """
    return sde_solver.dpmpp_2m_sde_heun_path(denoiser_at_level, x_T, 0 * z, alphas, sigmas, eta)


def dpmpp_3m_sde_path__half_second_derivative(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """phi_3*d_2, as released: the parabola counts half.

    Fix: one estimate, then a line through two, then a parabola that counts in full: the integral; compare k-diffusion's code
    Seen in: plausible; crowsonkb/k-diffusion's sample_dpmpp_3m_sde
    """
    steps = sde_solver.dpmpp_2m_sde_heun_step, dpmpp_3m_sde_step__half_second_derivative
    return _remembering(denoiser_at_level, x_T, z, alphas, sigmas, eta, *steps)


def dpmpp_3m_sde_path__half_subtracted(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The sign of the 1/2 in phi_3 turned: order 1.

    Fix: one estimate, then a line through two, then a parabola that counts in full: the integral; compare k-diffusion's code
    Seen in: plausible; huggingface/diffusers#9104, sde-dpmsolver++ of order 3
    """
    steps = sde_solver.dpmpp_2m_sde_heun_step, dpmpp_3m_sde_step__half_subtracted
    return _remembering(denoiser_at_level, x_T, z, alphas, sigmas, eta, *steps)


def dpmpp_3m_sde_path__second_step_midpoint(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The midpoint rule for the second step.

    Fix: one estimate, then a line through two, then a parabola that counts in full: the integral; compare k-diffusion's code
    Seen in: plausible
    """
    steps = sde_solver.dpmpp_2m_sde_step, sde_solver.dpmpp_3m_sde_step
    return _remembering(denoiser_at_level, x_T, z, alphas, sigmas, eta, *steps)


def dpmpp_3m_sde_path__two_steps(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """Never more than two estimates.

    Fix: one estimate, then a line through two, then a parabola that counts in full: the integral; compare k-diffusion's code
    Seen in: plausible
    """
    return sde_solver.dpmpp_2m_sde_heun_path(denoiser_at_level, x_T, z, alphas, sigmas, eta)


def dpmpp_3m_sde_released_path__whole_second_derivative(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The parabola counts in full: of third order from exact steps.

    Fix: one estimate, then a line through two, then dpmpp_3m_sde_released_step's parabola, which counts half, k-diffusion's code
    Seen in: plausible
    """
    return sde_solver.dpmpp_3m_sde_path(denoiser_at_level, x_T, z, alphas, sigmas, eta)


def dpmpp_3m_sde_released_path__half_subtracted(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The sign of the 1/2 in phi_3 turned: order 1.

    Fix: one estimate, then a line through two, then dpmpp_3m_sde_released_step's parabola, which counts half, k-diffusion's code
    Seen in: plausible; huggingface/diffusers#9104, sde-dpmsolver++ of order 3
    """
    return dpmpp_3m_sde_path__half_subtracted(denoiser_at_level, x_T, z, alphas, sigmas, eta)


def dpmpp_3m_sde_released_path__second_step_midpoint(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The midpoint rule for the second step.

    Fix: one estimate, then a line through two, then dpmpp_3m_sde_released_step's parabola, which counts half, k-diffusion's code
    Seen in: plausible
    """
    steps = sde_solver.dpmpp_2m_sde_step, sde_solver.dpmpp_3m_sde_released_step
    return _remembering(denoiser_at_level, x_T, z, alphas, sigmas, eta, *steps)


def dpmpp_3m_sde_released_path__two_steps(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """Never more than two estimates.

    Fix: one estimate, then a line through two, then dpmpp_3m_sde_released_step's parabola, which counts half, k-diffusion's code
    Seen in: plausible
    """
    return sde_solver.dpmpp_2m_sde_heun_path(denoiser_at_level, x_T, z, alphas, sigmas, eta)


def dpm_solver_2m_sde_path__no_history(denoiser_at_level, x_T, z, alphas, sigmas):
    """The first step's formula in every step: order 1.

    Fix: dpm_solver_2m_sde_step with the noises at this level and the one before, diffusers' code, sde-dpmsolver
    Seen in: plausible
    """
    return sde_solver.dpm_solver_sde_1_path(denoiser_at_level, x_T, z, alphas, sigmas)


def dpm_solver_2m_sde_path__data_held(denoiser_at_level, x_T, z, alphas, sigmas):
    """The data extrapolated in place of the noise: sde-dpmsolver++.

    Fix: dpm_solver_2m_sde_step with the noises at this level and the one before, diffusers' code, sde-dpmsolver
    Seen in: plausible
    """
    return sde_solver.dpmpp_2m_sde_path(denoiser_at_level, x_T, z, alphas, sigmas, 1)


def dpm_solver_2m_sde_path__same_noise_every_step(denoiser_at_level, x_T, z, alphas, sigmas):
    """The first noise used in every step.

    Fix: dpm_solver_2m_sde_step with the noises at this level and the one before, diffusers' code, sde-dpmsolver
    Seen in: plausible
    """
    return sde_solver.dpm_solver_2m_sde_path(denoiser_at_level, x_T, 0 * z + z[:1], alphas, sigmas)


def dpmpp_sde_path__noises_swapped(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The step's two noises swapped.

    Fix: z[2*i] to the middle in half_logsnr, the data of that state, z[2*i + 1] over the whole step, k-diffusion's code
    Seen in: plausible
    """
    swapped = [z[i + 1 - 2 * (i % 2)] for i in range(len(z))]
    return sde_solver.dpmpp_sde_path(denoiser_at_level, x_T, namespace(x_T).stack(swapped), alphas, sigmas, eta)


def dpmpp_sde_path__one_noise_for_both(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The first of a step's noises used twice.

    Fix: z[2*i] to the middle in half_logsnr, the data of that state, z[2*i + 1] over the whole step, k-diffusion's code
    Seen in: plausible
    """
    twice = [z[i - i % 2] for i in range(len(z))]
    return sde_solver.dpmpp_sde_path(denoiser_at_level, x_T, namespace(x_T).stack(twice), alphas, sigmas, eta)


def dpmpp_sde_path__data_of_start(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The data of the step's start all the way: an ancestral Euler step.

    Fix: z[2*i] to the middle in half_logsnr, the data of that state, z[2*i + 1] over the whole step, k-diffusion's code
    Seen in: plausible
    """
    asked = []

    def held(x_t, *level):
        asked.append(asked[-1] if len(asked) % 2 else denoiser_at_level(x_t, *level))
        return asked[-1]

    return sde_solver.dpmpp_sde_path(held, x_T, z, alphas, sigmas, eta)


def dpmpp_sde_path__without_noise(denoiser_at_level, x_T, z, alphas, sigmas, eta):
    """The mean alone in every step: not the deterministic method.

    Fix: z[2*i] to the middle in half_logsnr, the data of that state, z[2*i + 1] over the whole step, k-diffusion's code
    Seen in: plausible
    """
    return sde_solver.dpmpp_sde_path(denoiser_at_level, x_T, 0 * z, alphas, sigmas, eta)


def reverse_euler_maruyama_vp_path__half_score(denoiser_at_level, x_T, z, sde_times, beta_rate_min, beta_rate_max):
    """The probability flow's half of the score with the SDE's noise.

    Fix: x + (beta/2*x + beta*score)*h + sqrt(beta*h)*z at the step's own time, Song et al. 2021, Eqs. (6) and (11)
    Seen in: plausible
    """
    return _euler(denoiser_at_level, x_T, z, sde_times, _vp(beta_rate_min, beta_rate_max), score=1 / 2)


def reverse_euler_maruyama_vp_path__drift_not_turned(denoiser_at_level, x_T, z, sde_times, beta_rate_min, beta_rate_max):
    """The forward drift kept: the state shrinks in place of growing.

    Fix: x + (beta/2*x + beta*score)*h + sqrt(beta*h)*z at the step's own time, Song et al. 2021, Eqs. (6) and (11)
    Seen in: plausible
    """
    return _euler(denoiser_at_level, x_T, z, sde_times, _vp(beta_rate_min, beta_rate_max), state=-1)


def reverse_euler_maruyama_vp_path__noise_by_length(denoiser_at_level, x_T, z, sde_times, beta_rate_min, beta_rate_max):
    """sqrt(beta)*h for the noise, without the root of the length.

    Fix: x + (beta/2*x + beta*score)*h + sqrt(beta*h)*z at the step's own time, Song et al. 2021, Eqs. (6) and (11)
    Seen in: B090, google-research/ibc#6
    """
    return _euler(denoiser_at_level, x_T, z, sde_times, _vp(beta_rate_min, beta_rate_max), rooted=False)


def reverse_euler_maruyama_vp_path__rate_doubled(denoiser_at_level, x_T, z, sde_times, beta_rate_min, beta_rate_max):
    """g**2 = 2*beta: the diffusion's square doubled.

    Fix: x + (beta/2*x + beta*score)*h + sqrt(beta*h)*z at the step's own time, Song et al. 2021, Eqs. (6) and (11)
    Seen in: B082, deepinv/deepinv#1343
    """
    return _euler(denoiser_at_level, x_T, z, sde_times, _vp(beta_rate_min, beta_rate_max), rate=2)


def reverse_euler_maruyama_vp_path__even_steps(denoiser_at_level, x_T, z, sde_times, beta_rate_min, beta_rate_max):
    """1/n for every step's length, whatever the times.

    Fix: x + (beta/2*x + beta*score)*h + sqrt(beta*h)*z at the step's own time, Song et al. 2021, Eqs. (6) and (11)
    Seen in: plausible
    """
    return _euler(denoiser_at_level, x_T, z, sde_times, _vp(beta_rate_min, beta_rate_max), even=True)


def reverse_euler_maruyama_ve_path__half_score(denoiser_at_level, x_T, z, sde_times, sigma_min, sigma_max):
    """The probability flow's half of the score with the SDE's noise.

    Fix: x + g**2*score*h + g*sqrt(h)*z, g = sigma(t)*sqrt(2*log(sigma_max/sigma_min)), Song et al. 2021, appendix C
    Seen in: plausible
    """
    return _euler(denoiser_at_level, x_T, z, sde_times, _ve(sigma_min, sigma_max), score=1 / 2)


def reverse_euler_maruyama_ve_path__growth_not_doubled(denoiser_at_level, x_T, z, sde_times, sigma_min, sigma_max):
    """g = sigma(t)*sqrt(log(sigma_max/sigma_min)), without the 2.

    Fix: x + g**2*score*h + g*sqrt(h)*z, g = sigma(t)*sqrt(2*log(sigma_max/sigma_min)), Song et al. 2021, appendix C
    Seen in: plausible
    """
    return _euler(denoiser_at_level, x_T, z, sde_times, _ve(sigma_min, sigma_max), rate=1 / 2)


def reverse_euler_maruyama_ve_path__noise_by_length(denoiser_at_level, x_T, z, sde_times, sigma_min, sigma_max):
    """g*h for the noise, without the root of the length.

    Fix: x + g**2*score*h + g*sqrt(h)*z, g = sigma(t)*sqrt(2*log(sigma_max/sigma_min)), Song et al. 2021, appendix C
    Seen in: B090, google-research/ibc#6
    """
    return _euler(denoiser_at_level, x_T, z, sde_times, _ve(sigma_min, sigma_max), rooted=False)


def reverse_euler_maruyama_ve_path__even_steps(denoiser_at_level, x_T, z, sde_times, sigma_min, sigma_max):
    """1/n for every step's length, whatever the times.

    Fix: x + g**2*score*h + g*sqrt(h)*z, g = sigma(t)*sqrt(2*log(sigma_max/sigma_min)), Song et al. 2021, appendix C
    Seen in: plausible
    """
    return _euler(denoiser_at_level, x_T, z, sde_times, _ve(sigma_min, sigma_max), even=True)


def predictor_corrector_ve_path__noise_not_doubled(denoiser_at_level, x_T, z, sigmas, corrector_snr):
    """sqrt(e)*z beside e*score: the other convention's noise.

    Fix: x + e*score + sqrt(2*e)*z, e = 2*(snr*|z|/|score|)**2, then the predictor, Song et al. 2021, Algorithms 2 and 4, code
    Seen in: plausible
    """
    at = denoiser_at_level, x_T, z, 0 * sigmas + 1, sigmas
    return _corrected(*at, _to_next_ve(sigmas), lambda i: corrector_snr**2, noise=1)


def predictor_corrector_ve_path__snr_not_squared(denoiser_at_level, x_T, z, sigmas, corrector_snr):
    """e = 2*snr*(|z|/|score|)**2.

    Fix: x + e*score + sqrt(2*e)*z, e = 2*(snr*|z|/|score|)**2, then the predictor, Song et al. 2021, Algorithms 2 and 4, code
    Seen in: plausible
    """
    at = denoiser_at_level, x_T, z, 0 * sigmas + 1, sigmas
    return _corrected(*at, _to_next_ve(sigmas), lambda i: corrector_snr)


def predictor_corrector_ve_path__predictor_first(denoiser_at_level, x_T, z, sigmas, corrector_snr):
    """The predictor before the corrector, as the paper prints; the released code corrects first.

    Fix: x + e*score + sqrt(2*e)*z, e = 2*(snr*|z|/|score|)**2, then the predictor, Song et al. 2021, Algorithms 2 and 4, code
    Seen in: plausible
    """
    at = denoiser_at_level, x_T, z, 0 * sigmas + 1, sigmas
    return _predicted(*at, _to_next_ve(sigmas), lambda i: corrector_snr**2)


def predictor_corrector_ve_path__stale_score(denoiser_at_level, x_T, z, sigmas, corrector_snr):
    """The predictor with the score from before the corrector's step.

    Fix: x + e*score + sqrt(2*e)*z, e = 2*(snr*|z|/|score|)**2, then the predictor, Song et al. 2021, Algorithms 2 and 4, code
    Seen in: plausible
    """
    at = denoiser_at_level, x_T, z, 0 * sigmas + 1, sigmas
    return _corrected(*at, _to_next_ve(sigmas), lambda i: corrector_snr**2, stale=True)


def predictor_corrector_ve_path__ancestral_predictor(denoiser_at_level, x_T, z, sigmas, corrector_snr):
    """The ancestral predictor, with the posterior's smaller noise.

    Fix: x + e*score + sqrt(2*e)*z, e = 2*(snr*|z|/|score|)**2, then the predictor, Song et al. 2021, Algorithms 2 and 4, code
    Seen in: plausible
    """
    at = denoiser_at_level, x_T, z, 0 * sigmas + 1, sigmas
    return _corrected(*at, _to_next_ve(sigmas, ancestral_step_ve), lambda i: corrector_snr**2)


def predictor_corrector_vp_path__alpha_left_out(denoiser_at_level, x_T, z, alphas, sigmas, corrector_snr):
    """The corrector's step of the variance-exploding process, without the factor 1 - beta.

    Fix: e = 2*(1 - beta)*(snr*|z|/|score|)**2, 1 - beta the ratio of signal powers, Song et al. 2021, Algorithms 3 and 5
    Seen in: plausible
    """
    at = denoiser_at_level, x_T, z, alphas, sigmas
    return _corrected(*at, _to_next_vp(alphas), lambda i: corrector_snr**2)


def predictor_corrector_vp_path__ancestral_predictor(denoiser_at_level, x_T, z, alphas, sigmas, corrector_snr):
    """The ancestral predictor in place of the reverse-diffusion one.

    Fix: e = 2*(1 - beta)*(snr*|z|/|score|)**2, 1 - beta the ratio of signal powers, Song et al. 2021, Algorithms 3 and 5
    Seen in: plausible
    """
    at = denoiser_at_level, x_T, z, alphas, sigmas
    return _corrected(*at, _to_next_vp(alphas, ancestral_step_vp), lambda i: (alphas[i] / alphas[i + 1] * corrector_snr) ** 2)


def predictor_corrector_vp_path__stale_score(denoiser_at_level, x_T, z, alphas, sigmas, corrector_snr):
    """The predictor with the score from before the corrector's step.

    Fix: e = 2*(1 - beta)*(snr*|z|/|score|)**2, 1 - beta the ratio of signal powers, Song et al. 2021, Algorithms 3 and 5
    Seen in: plausible
    """
    at = denoiser_at_level, x_T, z, alphas, sigmas
    return _corrected(*at, _to_next_vp(alphas), lambda i: (alphas[i] / alphas[i + 1] * corrector_snr) ** 2, stale=True)


def predictor_corrector_vp_path__predictor_first(denoiser_at_level, x_T, z, alphas, sigmas, corrector_snr):
    """The predictor before the corrector, as the paper prints; the released code corrects first.

    Fix: e = 2*(1 - beta)*(snr*|z|/|score|)**2, 1 - beta the ratio of signal powers, Song et al. 2021, Algorithms 3 and 5
    Seen in: plausible
    """
    at = denoiser_at_level, x_T, z, alphas, sigmas
    return _predicted(*at, _to_next_vp(alphas), lambda i: (alphas[i] / alphas[i + 1] * corrector_snr) ** 2)


def predictor_corrector_vp_path__alpha_of_one_step(denoiser_at_level, x_T, z, alphas, sigmas, corrector_snr, betas, timesteps):
    """1 - beta of one of the table's steps in the corrector, though the sampler skips some.

    Fix: e = 2*(1 - beta)*(snr*|z|/|score|)**2, 1 - beta the ratio of signal powers, Song et al. 2021, Algorithms 3 and 5
    Seen in: B088, microsoft/mattergen#79
    """
    at = denoiser_at_level, x_T, z, alphas, sigmas
    return _corrected(*at, _to_next_vp(alphas), lambda i: (1 - betas[int(timesteps[i]) - 1]) * corrector_snr**2)


def annealed_langevin_path__step_not_scaled(denoiser_at_level, x_T, z, sigmas, step_size):
    """The same step at every scale.

    Fix: x + step/2*score + sqrt(step)*z with step = step_size*sigma**2/sigma_n**2 at each scale, Song and Ermon 2019, Algorithm 1
    Seen in: plausible
    """
    return _annealed(denoiser_at_level, x_T, z, sigmas, step_size, power=0)


def annealed_langevin_path__ratio_not_squared(denoiser_at_level, x_T, z, sigmas, step_size):
    """step_size*sigma/sigma_n: the ratio of scales for that of variances.

    Fix: x + step/2*score + sqrt(step)*z with step = step_size*sigma**2/sigma_n**2 at each scale, Song and Ermon 2019, Algorithm 1
    Seen in: plausible
    """
    return _annealed(denoiser_at_level, x_T, z, sigmas, step_size, power=1)


def annealed_langevin_path__score_not_halved(denoiser_at_level, x_T, z, sigmas, step_size):
    """step*score beside sqrt(step)*z: a colder law.

    Fix: x + step/2*score + sqrt(step)*z with step = step_size*sigma**2/sigma_n**2 at each scale, Song and Ermon 2019, Algorithm 1
    Seen in: plausible
    """
    return _annealed(denoiser_at_level, x_T, z, sigmas, step_size, drift=1)


def annealed_langevin_path__noise_by_step(denoiser_at_level, x_T, z, sigmas, step_size):
    """step*z for the noise, without the root.

    Fix: x + step/2*score + sqrt(step)*z with step = step_size*sigma**2/sigma_n**2 at each scale, Song and Ermon 2019, Algorithm 1
    Seen in: B090, google-research/ibc#6
    """
    return _annealed(denoiser_at_level, x_T, z, sigmas, step_size, rooted=False)
