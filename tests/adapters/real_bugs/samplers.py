"""Bugs in single steps and in whole samplers."""

import itertools

import torch

from tests.adapters.real_bugs import Bug


def _levels(betas, s, t):
    kept = torch.cat([torch.ones_like(betas[:1]), (1 - betas).cumprod(0)])
    return kept[s], kept[t]


def ddpm_step__b038(betas, s, t, x_t, x_0, z):
    if s != t - 1:
        raise NotImplementedError("single steps alone")
    before, now = _levels(betas, s, t)
    a, s2, sb = (now / before).sqrt(), 1 - now / before, (1 - now).sqrt()
    eps = (x_t - now.sqrt() * x_0) / sb
    c = (s2 * (1 - before) / (1 - now)).sqrt()
    return x_t / a - sb**2 / (a * sb) * eps + c * z


def lcm_path__b040(denoiser_at_level, x_T, z, alphas, sigmas):
    x = x_T
    for i in range(len(sigmas) - 1):
        denoised = denoiser_at_level(x, alphas[i], sigmas[i])
        to = i + 1 if i + 1 < len(sigmas) - 1 else i  # no next time: this one again
        x = alphas[to] * denoised + sigmas[to] * z[i]
    return x


def ddim_step__b045(betas, s, t, x_t, x_0, z, eta):
    before, now = _levels(betas, s, t)
    eps = (x_t - now.sqrt() * x_0) / (1 - now).sqrt()
    sigma = eta * ((1 - before) / (1 - now) * (1 - now / before)).sqrt()
    return before.sqrt() * x_0.clamp(-1, 1) + (1 - before - sigma**2).sqrt() * eps + sigma * z


def ddim_inversion_step__b048(betas, s, t, x_s, x_0):
    stride = t - s
    if t + stride > len(betas):
        raise NotImplementedError("the table ends there")
    now, after = _levels(betas, t, t + stride)
    eps = (x_s - now.sqrt() * x_0) / (1 - now).sqrt()
    return after.sqrt() * x_0 + (1 - after).sqrt() * eps


def heun_path__b055(denoiser_at_level, x_T, sigmas):
    x = x_T
    for sigma, after in itertools.pairwise(sigmas):
        d = (x - denoiser_at_level(x, 1.0, sigma)) / sigma
        ahead = x + d * (after - sigma)
        if after > 0:
            x_0 = denoiser_at_level(ahead, 1.0, after)
            v = (ahead / (after**2 + 1) - x_0) * (after**2 + 1).sqrt() / after
            again = ahead / (sigma**2 + 1) - v * sigma / (sigma**2 + 1).sqrt()  # of v at the level before
            ahead = x + (d + (ahead - again) / sigma) / 2 * (after - sigma)
        x = ahead
    return x


def dpmpp_2s_path__b060(denoiser_at_level, x_T, alphas, sigmas):
    lambdas = alphas.log() - sigmas.log()
    x = x_T
    for i in range(len(sigmas) - 1):
        h = lambdas[i + 1] - lambdas[i]  # infinite in a last step down to sigma = 0
        middle = lambdas[i] + h / 2
        r = (middle - lambdas[i]) / h
        inner_sigma = alphas[i] / middle.exp()
        first = denoiser_at_level(x, alphas[i], sigmas[i])
        inner = inner_sigma / sigmas[i] * x - alphas[i] * torch.expm1(-h / 2) * first
        slope = (denoiser_at_level(inner, alphas[i], inner_sigma) - first) / r
        x = sigmas[i + 1] / sigmas[i] * x - alphas[i + 1] * torch.expm1(-h) * (first + 0.5 * slope)
    return x


def euler_path__b062(denoiser_at_level, x_T, alphas, sigmas):
    data = denoiser_at_level(x_T, alphas[0], sigmas[0])
    eps = (x_T - alphas[0] * data) / sigmas[0]
    return alphas[-1] * data + sigmas[-1] * eps


def flow_euler_path__b101(velocity_model, x_T, times):
    x = x_T.clone()
    for now, after in itertools.pairwise(times):
        x = x + (after - now) * velocity_model(x_T, now)
    return x


def flow_euler_path__b015(velocity_model, x_T, times):
    shift = 3.0
    noise = shift * times / (1 + (shift - 1) * times)
    x = x_T.clone()
    for i in range(len(times) - 1):
        x += (noise[i + 1] - noise[i]) * velocity_model(x, times[i])
    return x


def edm_stochastic_path__b066(denoiser_at_level, x_T, z, sigmas, S_churn, S_min, S_max, S_noise):
    x, n = x_T, len(sigmas) - 1
    for i in range(n):
        gamma = max(float(S_churn) / n, 2**0.5 - 1) if S_min <= sigmas[i] <= S_max else 0.0
        sigma_hat = sigmas[i] * (1 + gamma)
        x = x + (sigma_hat**2 - sigmas[i] ** 2).sqrt() * S_noise * z[i]
        d = (x - denoiser_at_level(x, 1.0, sigma_hat)) / sigma_hat
        ahead = x + (sigmas[i + 1] - sigma_hat) * d
        if sigmas[i + 1] > 0:
            after = (ahead - denoiser_at_level(ahead, 1.0, sigmas[i + 1])) / sigmas[i + 1]
            ahead = x + (sigmas[i + 1] - sigma_hat) * (d + after) / 2
        x = ahead
    return x


def ddim_path__b026(denoiser, x_T, z, eta, betas, timesteps):
    kept = (1 - betas).cumprod(0)
    indices = [*(timesteps - 1).tolist(), None]
    x = x_T.clone()
    for k, (now, after) in enumerate(itertools.pairwise(indices)):
        a = kept[now]
        b = kept[0] if after is None else kept[after]
        x_0 = denoiser(x, now + 1)
        eps = (x - a.sqrt() * x_0) / (1 - a).sqrt()
        sigma = eta * ((1 - b) / (1 - a) * (1 - a / b)).sqrt()
        x = b.sqrt() * x_0 + (1 - b - sigma**2).clamp(min=0).sqrt() * eps + sigma * z[k]
    return x


def ddpm_path__b030(denoiser, x_T, z, betas, timesteps):
    kept = torch.cat([torch.ones_like(betas[:1]), (1 - betas).cumprod(0)])
    x = x_T.clone()
    for k, t in enumerate(timesteps.tolist()):
        beta, before, now = betas[t - 1], kept[t - 1], kept[t]  # of one step, whatever the stride
        mean = before.sqrt() * beta / (1 - now) * denoiser(x, t) + (1 - beta).sqrt() * (1 - before) / (1 - now) * x
        x = mean + (beta * (1 - before) / (1 - now)).sqrt() * z[k]
    return x


def ddim_path__b043(denoiser, x_T, z, eta, betas, timesteps):
    before = torch.cat([torch.ones_like(betas[:1]), (1 - betas).cumprod(0)[:-1]])
    indices = [*(timesteps - 1).tolist(), -1]
    x = x_T.clone()
    for k, (now, after) in enumerate(itertools.pairwise(indices)):
        if now == 0:
            raise NotImplementedError("divides by the noise of the data")
        a, b = before[now], before[after] if after >= 0 else before[0]
        x_0 = denoiser(x, now + 1)
        eps = (x - a.sqrt() * x_0) / (1 - a).sqrt()
        sigma = eta * ((1 - b) / (1 - a) * (1 - a / b)).sqrt()
        x = b.sqrt() * x_0 + (1 - b - sigma**2).sqrt() * eps + sigma * z[k]
    return x


def euler_ancestral_path__b064(denoiser_at_level, x_T, z, sigmas, eta):
    x = x_T
    for i, (sigma, after) in enumerate(itertools.pairwise(sigmas)):
        up = torch.minimum(after, eta * (after**2 * (sigma**2 - after**2) / sigma**2).sqrt())
        d = (x - denoiser_at_level(x, 1.0, sigma)) / sigma
        x = x + d * (after - sigma) + up * z[i]  # down to the next level, not below it
    return x


BUGS = {
    "B015-run": Bug("huggingface/diffusers#14011", flow_euler_path__b015, ""),
    "B026-run": Bug("Stability-AI/stablediffusion#345", ddim_path__b026, "ddim_path__final_alpha_bar_first_step"),
    "B030-run": Bug("huggingface/diffusers#2076", ddpm_path__b030, "ddpm_path__previous_step_when_strided"),
    "B038": Bug("coleygroup/shepherd#14", ddpm_step__b038, "ddpm_step__marginal_variance_times_eps"),
    "B040": Bug("huggingface/diffusers#5681", lcm_path__b040, "lcm_path__noise_at_last_step"),
    "B043-run": Bug("lucidrains/denoising-diffusion-pytorch#83", ddim_path__b043, "ddim_path__levels_one_step_early"),
    "B045": Bug("lucidrains/denoising-diffusion-pytorch@6dda508", ddim_step__b045, "ddim_step__eps_of_unclipped_x_0"),
    "B048": Bug("huggingface/diffusers#5145", ddim_inversion_step__b048, "ddim_inversion_step__levels_one_stride_late"),
    "B055": Bug("huggingface/diffusers#1512", heun_path__b055, "heun_path__second_v_read_at_t"),
    "B060": Bug("huggingface/diffusers#9104", dpmpp_2s_path__b060, "last step"),
    "B062": Bug("LuChengTHU/dpm-solver@8acf2bb", euler_path__b062, "euler_path__whole_way_in_one_step"),
    "B064": Bug("Comfy-Org/ComfyUI#8030", euler_ancestral_path__b064, "euler_ancestral_path__down_to_s"),
    "B066-run": Bug("Koishi-Star/Euler-Smea-Dyn-Sampler#11", edm_stochastic_path__b066, "edm_stochastic_path__max_for_min"),
    "B101": Bug("lucidrains/rectified-flow-pytorch@b7a5e64", flow_euler_path__b101, "flow_euler_path__model_of_initial_state"),
}
