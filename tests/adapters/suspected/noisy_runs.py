"""Samplers that add noise as released code writes them: other orders of work, other tables, the last state alone."""

import numpy as np
import torch

from tests.adapters.suspected import Question, adapter


def to_d(x, sigma, denoised):
    """k-diffusion's derivative: the noise, with its plus sign."""
    return (x - denoised) / sigma


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
    "edm-churn": Question(
        "Koishi-Star/Euler-Smea-Dyn-Sampler#11: the churn is the less of two",
        (edm_stochastic_path__churned_first,),
        (edm_stochastic_path__churn_at_least,),
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

right = adapter(QUESTIONS, "torch")
