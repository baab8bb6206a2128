"""Whole samplers as released code writes them: other clocks, other orders of work, other states returned."""

import itertools

import numpy as np
import torch

from tests.adapters.suspected import Question


def to_d(x, sigma, denoised):
    """k-diffusion's derivative: the noise, with its plus sign."""
    return (x - denoised) / sigma


def append_zero(x):
    return torch.cat([x, x.new_zeros([1])])


def sigmas_karras__appended_zero(n, sigma_min, sigma_max, rho):
    ramp = torch.linspace(0, 1, n, dtype=torch.float64)
    least, most = sigma_min ** (1 / rho), sigma_max ** (1 / rho)
    return append_zero((most + ramp * (least - most)) ** rho)


def sigmas_karras__zero_for_the_least(n, sigma_min, sigma_max, rho):
    return append_zero(sigmas_karras__appended_zero(n, sigma_min, sigma_max, rho)[:-2])


def sigmas_karras__two_zeros(n, sigma_min, sigma_max, rho):
    return append_zero(sigmas_karras__appended_zero(n, sigma_min, sigma_max, rho))


def flow_times_shifted__appended_zero(n, time_shift):
    times = torch.linspace(1, 0, n + 1, dtype=torch.float64)
    return time_shift * times / (1 + (time_shift - 1) * times)


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


def edm_stochastic_path__churned_first(denoiser_at_level, x_T, z, sigmas, S_churn, S_min, S_max, S_noise):
    x, n = x_T, len(sigmas) - 1
    for i in range(n):
        gamma = min(S_churn / n, np.sqrt(2) - 1) if S_min <= sigmas[i] <= S_max else 0
        sigma_hat = sigmas[i] * (gamma + 1)
        if gamma > 0:
            x = x + z[i] * S_noise * (sigma_hat**2 - sigmas[i] ** 2) ** 0.5
        d = to_d(x, sigma_hat, denoiser_at_level(x, 1.0, sigma_hat))
        dt = sigmas[i + 1] - sigma_hat
        if sigmas[i + 1] == 0:
            x = x + d * dt
        else:
            x_2 = x + d * dt
            d_2 = to_d(x_2, sigmas[i + 1], denoiser_at_level(x_2, 1.0, sigmas[i + 1]))
            x = x + (d + d_2) / 2 * dt
    return x


def edm_stochastic_path__churn_at_least(denoiser_at_level, x_T, z, sigmas, S_churn, S_min, S_max, S_noise):
    x, n = x_T, len(sigmas) - 1
    for i in range(n):
        gamma = max(float(S_churn) / n, 2**0.5 - 1) if S_min <= sigmas[i] <= S_max else 0
        sigma_hat = sigmas[i] * (gamma + 1)
        if gamma > 0:
            x = x + z[i] * S_noise * (sigma_hat**2 - sigmas[i] ** 2) ** 0.5
        d = to_d(x, sigma_hat, denoiser_at_level(x, 1.0, sigma_hat))
        x_2 = x + d * (sigmas[i + 1] - sigma_hat)
        if sigmas[i + 1] > 0:
            d_2 = to_d(x_2, sigmas[i + 1], denoiser_at_level(x_2, 1.0, sigmas[i + 1]))
            x_2 = x + (d + d_2) / 2 * (sigmas[i + 1] - sigma_hat)
        x = x_2
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


def ddim_path__flipped_tables(denoiser, x_T, z, eta, betas, timesteps):
    # Latent diffusion: tables made forwards, walked from behind; the data are one more entry in front.
    kept = (1 - betas).cumprod(0)
    forwards = (timesteps - 1).flip(0).tolist()
    now = kept[forwards]
    before = torch.cat([torch.ones_like(kept[:1]), now[:-1]])
    spread = eta * ((1 - before) / (1 - now) * (1 - now / before)).sqrt()
    img = x_T.clone()
    for i, step in enumerate(reversed(forwards)):
        index = len(forwards) - i - 1
        a_t, a_prev, sigma_t = now[index], before[index], spread[index]
        pred_x0 = denoiser(img, step + 1)
        e_t = (img - a_t.sqrt() * pred_x0) / (1 - a_t).sqrt()
        img = a_prev.sqrt() * pred_x0 + (1.0 - a_prev - sigma_t**2).sqrt() * e_t + sigma_t * z[i]
    return img


def ddim_path__tables_walked_forwards(denoiser, x_T, z, eta, betas, timesteps):
    kept = (1 - betas).cumprod(0)
    forwards = (timesteps - 1).flip(0).tolist()
    now = kept[forwards]
    before = torch.cat([torch.ones_like(kept[:1]), now[:-1]])
    spread = eta * ((1 - before) / (1 - now) * (1 - now / before)).sqrt()
    img = x_T.clone()
    for i, step in enumerate(reversed(forwards)):
        a_t, a_prev, sigma_t = now[i], before[i], spread[i]
        pred_x0 = denoiser(img, step + 1)
        e_t = (img - a_t.sqrt() * pred_x0) / (1 - a_t).sqrt()
        img = a_prev.sqrt() * pred_x0 + (1.0 - a_prev - sigma_t**2).clamp(min=0).sqrt() * e_t + sigma_t * z[i]
    return img


def ddpm_path__respaced_betas(denoiser, x_T, z, betas, timesteps):
    # Respaced: new betas whose products are the old ones at the times that are used, then all tables anew.
    kept = (1 - betas.double()).cumprod(0)
    use, last, new = timesteps.flip(0).tolist(), 1.0, []
    for time in use:
        new.append(1 - kept[time - 1] / last)
        last = kept[time - 1]
    spaced = torch.stack(new)
    product = (1 - spaced).cumprod(0)
    before = torch.cat([torch.ones(1, dtype=product.dtype), product[:-1]])
    variance = spaced * (1 - before) / (1 - product)
    log_variance = torch.log(torch.cat([variance[1:2], variance[1:]])) if len(use) > 1 else torch.zeros(1)
    x = x_T
    for k, i in enumerate(range(len(use) - 1, -1, -1)):
        x_0 = denoiser(x, use[i])
        mean = spaced[i] * before[i].sqrt() / (1 - product[i]) * x_0
        mean = mean + (1 - spaced[i]).sqrt() * (1 - before[i]) / (1 - product[i]) * x
        nonzero_mask = float(i != 0)
        x = mean + nonzero_mask * torch.exp(0.5 * log_variance[i]) * z[k]
    return x


def ddpm_path__clipped_variance_kept(denoiser, x_T, z, betas, timesteps):
    kept = (1 - betas).cumprod(0)
    x, use = x_T, timesteps.tolist()
    for k, time in enumerate(use):
        now = kept[time - 1]
        before = kept[use[k + 1] - 1] if k + 1 < len(use) else torch.ones_like(now)
        x_0, beta = denoiser(x, time), 1 - now / before
        mean = (before.sqrt() * beta * x_0 + (1 - beta).sqrt() * (1 - before) * x) / (1 - now)
        variance = (beta * (1 - before) / (1 - now)).clamp(min=1e-4)
        x = mean + variance.sqrt() * z[k]
    return x


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


def predictor_corrector_ve_path__correct_then_predict(denoiser_at_level, x_T, z, sigmas, corrector_snr):
    x = x_T
    for i in range(len(sigmas) - 1):
        grad = (denoiser_at_level(x, 1.0, sigmas[i]) - x) / sigmas[i] ** 2
        noise = z[2 * i]
        grad_norm = torch.norm(grad.reshape(grad.shape[0], -1), dim=-1).mean()
        noise_norm = torch.norm(noise.reshape(noise.shape[0], -1), dim=-1).mean()
        step_size = (corrector_snr * noise_norm / grad_norm) ** 2 * 2
        x = x + step_size * grad + torch.sqrt(step_size * 2) * noise
        score = (denoiser_at_level(x, 1.0, sigmas[i]) - x) / sigmas[i] ** 2
        g2 = sigmas[i] ** 2 - sigmas[i + 1] ** 2
        x = x + g2 * score + g2.sqrt() * z[2 * i + 1]
    return x


def predictor_corrector_ve_path__noise_of_one_step(denoiser_at_level, x_T, z, sigmas, corrector_snr):
    x = x_T
    for i in range(len(sigmas) - 1):
        grad = (denoiser_at_level(x, 1.0, sigmas[i]) - x) / sigmas[i] ** 2
        step_size = (corrector_snr * torch.norm(z[2 * i]) / torch.norm(grad)) ** 2 * 2
        x = x + step_size * grad + torch.sqrt(step_size) * z[2 * i]
        score = (denoiser_at_level(x, 1.0, sigmas[i]) - x) / sigmas[i] ** 2
        g2 = sigmas[i] ** 2 - sigmas[i + 1] ** 2
        x = x + g2 * score + g2.sqrt() * z[2 * i + 1]
    return x


def euler_ancestral_path__level_below(denoiser_at_level, x_T, z, sigmas, eta):
    # smalldiffusion with mu = 1/2: the level below is sigma_s**2/sigma_t, noise makes up the rest.
    if eta != 1:
        raise NotImplementedError("the chain's own noise alone")
    x = x_T
    for i in range(len(sigmas) - 1):
        eps = (x - denoiser_at_level(x, 1.0, sigmas[i])) / sigmas[i]
        below = sigmas[i + 1] ** 2 / sigmas[i]
        x = x - (sigmas[i] - below) * eps + (sigmas[i + 1] ** 2 - below**2).sqrt() * z[i]
    return x


def euler_ancestral_path__down_to_the_next(denoiser_at_level, x_T, z, sigmas, eta):
    if eta != 1:
        raise NotImplementedError("the chain's own noise alone")
    x = x_T
    for i in range(len(sigmas) - 1):
        eps = (x - denoiser_at_level(x, 1.0, sigmas[i])) / sigmas[i]
        below = sigmas[i + 1] ** 2 / sigmas[i]
        x = x - (sigmas[i] - sigmas[i + 1]) * eps + (sigmas[i + 1] ** 2 - below**2).sqrt() * z[i]
    return x


def consistency_path__noise_to_the_floor(denoiser_at_level, x_T, z, sigmas, sigma_min):
    x = denoiser_at_level(x_T, 1.0, sigmas[0])
    for k, t in enumerate(sigmas[1:-1]):
        noised = x + torch.sqrt(t**2 - sigma_min**2) * z[k]
        x = denoiser_at_level(noised, 1.0, t)
    return x


def consistency_path__noise_to_the_top(denoiser_at_level, x_T, z, sigmas, sigma_min):
    x = denoiser_at_level(x_T, 1.0, sigmas[0])
    for k, t in enumerate(sigmas[1:-1]):
        x = denoiser_at_level(x + torch.sqrt(t**2 + sigma_min**2) * z[k], 1.0, t)
    return x


_TORCH = ("torch",)

QUESTIONS = {
    "karras-zero": Question(
        "k-diffusion's get_sigmas_karras appends the data's 0",
        (sigmas_karras__appended_zero,),
        (sigmas_karras__zero_for_the_least, sigmas_karras__two_zeros),
        _TORCH,
    ),
    "flow-zero": Question("n + 1 times down to 0", (flow_times_shifted__appended_zero,), (), _TORCH),
    "to-d": Question("k-diffusion's to_d", (euler_path__to_d,), (euler_path__minus_d,), _TORCH),
    "edm-zero": Question(
        "NVlabs/edm: a 0 behind the noise scales, and no second stage there",
        (heun_path__appended_zero,),
        (heun_path__second_stage_at_the_old_level,),
        _TORCH,
    ),
    "edm-churn": Question(
        "Koishi-Star/Euler-Smea-Dyn-Sampler#11: the churn is the less of two",
        (edm_stochastic_path__churned_first,),
        (edm_stochastic_path__churn_at_least,),
        _TORCH,
    ),
    "log-sigma": Question(
        "k-diffusion's DPM-Solver++(2M) in -log(sigma)",
        (dpmpp_2m_path__log_sigma_clock,),
        (dpmpp_2m_path__gap_to_the_next,),
        _TORCH,
    ),
    "ddim-flip": Question(
        "CompVis/latent-diffusion: tables forwards, times from behind",
        (ddim_path__flipped_tables,),
        (ddim_path__tables_walked_forwards,),
        _TORCH,
    ),
    "respaced": Question(
        "openai/improved-diffusion: respaced betas, and a clipped variance that no noise meets at t = 1",
        (ddpm_path__respaced_betas,),
        (ddpm_path__clipped_variance_kept,),
        _TORCH,
    ),
    "flow-clock": Question(
        "rectified flow's clock runs from noise to data",
        (flow_euler_path__clock_from_noise, flow_euler_path__list_of_states),
        (flow_euler_path__velocity_not_turned,),
        _TORCH,
    ),
    "flow-heun": Question("a state that is changed in place", (flow_heun_path__in_place,), (), _TORCH),
    "corrects-first": Question(
        "yang-song/score_sde_pytorch: the corrector goes first",
        (predictor_corrector_ve_path__correct_then_predict,),
        (predictor_corrector_ve_path__noise_of_one_step,),
        _TORCH,
    ),
    "level-below": Question(
        "yuanchenyang/smalldiffusion: mu = 1/2 is the ancestral sampler",
        (euler_ancestral_path__level_below,),
        (euler_ancestral_path__down_to_the_next,),
        _TORCH,
    ),
    "consistency-floor": Question(
        "openai/consistency_models: sqrt(t**2 - t_min**2)",
        (consistency_path__noise_to_the_floor,),
        (consistency_path__noise_to_the_top,),
        _TORCH,
    ),
}
