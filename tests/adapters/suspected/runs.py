"""Deterministic samplers as released code writes them: other clocks, other orders of work, other states returned."""

import itertools

import torch

from tests.adapters.suspected import Question, adapter


def to_d(x, sigma, denoised):
    """k-diffusion's derivative: the noise, with its plus sign."""
    return (x - denoised) / sigma


def _kept_signal(alphas):
    if not (alphas == 1).all():
        raise NotImplementedError("states whose signal keeps its scale")


def euler_path__to_d(denoiser_at_level, x_T, alphas, sigmas):
    _kept_signal(alphas)
    x = x_T
    for i in range(len(sigmas) - 1):
        d = to_d(x, sigmas[i], denoiser_at_level(x, 1.0, sigmas[i]))
        x = x + d * (sigmas[i + 1] - sigmas[i])
    return x


def euler_path__minus_d(denoiser_at_level, x_T, alphas, sigmas):
    _kept_signal(alphas)
    x = x_T
    for i in range(len(sigmas) - 1):
        d = to_d(x, sigmas[i], denoiser_at_level(x, 1.0, sigmas[i]))
        x = x - d * (sigmas[i + 1] - sigmas[i])
    return x


def heun_path__appended_zero(denoiser_at_level, x_T, sigmas):
    t_steps = sigmas if sigmas[-1] == 0 else torch.cat([sigmas, torch.zeros_like(sigmas[:1])])
    steps = len(sigmas) - 1
    x_next, num_steps = x_T.to(torch.float64), len(t_steps) - 1
    for i, (t_cur, t_next) in enumerate(itertools.pairwise(t_steps)):
        if i == steps:
            break
        x_cur = x_next
        d_cur = (x_cur - denoiser_at_level(x_cur, 1.0, t_cur)) / t_cur
        x_next = x_cur + (t_next - t_cur) * d_cur
        if i < num_steps - 1:
            d_prime = (x_next - denoiser_at_level(x_next, 1.0, t_next)) / t_next
            x_next = x_cur + (t_next - t_cur) * (0.5 * d_cur + 0.5 * d_prime)
    return x_next


def heun_path__second_stage_at_the_old_level(denoiser_at_level, x_T, sigmas):
    x = x_T
    for t_cur, t_next in itertools.pairwise(sigmas):
        d_cur = (x - denoiser_at_level(x, 1.0, t_cur)) / t_cur
        ahead = x + (t_next - t_cur) * d_cur
        if t_next > 0:
            d_prime = (ahead - denoiser_at_level(ahead, 1.0, t_cur)) / t_cur
            ahead = x + (t_next - t_cur) * (0.5 * d_cur + 0.5 * d_prime)
        x = ahead
    return x


def dpmpp_2m_path__log_sigma_clock(denoiser_at_level, x_T, alphas, sigmas):
    # k-diffusion: t = -log(sigma), states divided by their signal.
    levels, old = sigmas / alphas, None
    x = x_T / alphas[0]
    t = -levels.log()
    for i in range(len(levels) - 1):
        denoised = denoiser_at_level(x * alphas[i], alphas[i], sigmas[i])
        h = t[i + 1] - t[i]
        if old is None or levels[i + 1] == 0:
            x = (levels[i + 1] / levels[i]) * x - (-h).expm1() * denoised
        else:
            r = (t[i] - t[i - 1]) / h
            mixed = (1 + 1 / (2 * r)) * denoised - (1 / (2 * r)) * old
            x = (levels[i + 1] / levels[i]) * x - (-h).expm1() * mixed
        old = denoised
    return x * alphas[-1]


def dpmpp_2m_path__gap_to_the_next(denoiser_at_level, x_T, alphas, sigmas):
    levels, old = sigmas / alphas, None
    x = x_T / alphas[0]
    t = -levels.log()
    for i in range(len(levels) - 1):
        denoised = denoiser_at_level(x * alphas[i], alphas[i], sigmas[i])
        h = t[i + 1] - t[i]
        mixed = denoised if old is None or levels[i + 1] == 0 else 1.5 * denoised - 0.5 * old
        x = (levels[i + 1] / levels[i]) * x - (-h).expm1() * mixed
        old = denoised
    return x * alphas[-1]


def flow_euler_path__clock_from_noise(velocity_model, x_T, times):
    # Rectified flow's own clock: 0 is noise, 1 is data, and its velocity is data less noise.
    t = 1 - times
    traj, x = [], x_T
    for i in range(len(t) - 1):
        v = -velocity_model(x, 1 - t[i])
        x = x + v * (t[i + 1] - t[i])
        traj.append(x)
    return torch.stack(traj)


def flow_euler_path__list_of_states(velocity_model, x_T, times):
    # With the graph kept and one time for each sample.
    x = x_T.requires_grad_()
    states = [x]
    for now, after in itertools.pairwise(times):
        x = x + (after - now) * velocity_model(x, now.expand(len(x)))
        states.append(x)
    return states


def flow_euler_path__generator(velocity_model, x_T, times):
    x = x_T
    for now, after in itertools.pairwise(times):
        x = x + (after - now) * velocity_model(x, now)
        yield x


def flow_euler_path__velocity_not_turned(velocity_model, x_T, times):
    t = 1 - times
    x = x_T
    for i in range(len(t) - 1):
        x = x + velocity_model(x, 1 - t[i]) * (t[i + 1] - t[i])
    return x


def flow_heun_path__in_place(velocity_model, x_T, times):
    x = x_T.clone()
    for now, then in zip(times[:-1].tolist(), times[1:].tolist(), strict=True):
        first = velocity_model(x, now)
        second = velocity_model(x + (then - now) * first, then)
        x += (then - now) * 0.5 * (first + second)
    return x


_TORCH = ("torch",)

QUESTIONS = {
    "to-d": Question("k-diffusion's to_d", (euler_path__to_d,), (euler_path__minus_d,), _TORCH),
    "edm-zero": Question(
        "NVlabs/edm: a 0 behind the noise scales, and no second stage there",
        (heun_path__appended_zero,),
        (heun_path__second_stage_at_the_old_level,),
        _TORCH,
    ),
    "log-sigma": Question(
        "k-diffusion's DPM-Solver++(2M) in -log(sigma)",
        (dpmpp_2m_path__log_sigma_clock,),
        (dpmpp_2m_path__gap_to_the_next,),
        _TORCH,
    ),
    "flow-clock": Question(
        "rectified flow's clock runs from noise to data",
        (flow_euler_path__clock_from_noise, flow_euler_path__list_of_states, flow_euler_path__generator),
        (flow_euler_path__velocity_not_turned,),
        _TORCH,
    ),
    "flow-heun": Question("a state that is changed in place", (flow_heun_path__in_place,), (), _TORCH),
}

right = adapter(QUESTIONS, "torch")
