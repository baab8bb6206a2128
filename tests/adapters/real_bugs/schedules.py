"""Bugs in schedules and grids."""

import math

import numpy as np
import torch

from tests.adapters.real_bugs import Bug


def ncsn_sigmas__b003(n, sigma_min, sigma_max):
    steps = torch.arange(n, dtype=torch.float64)
    return sigma_max * (sigma_min**2 / sigma_max**2) ** (steps / (n - 1))


def edm_sigma_from_vp_time__b006(time, beta_rate_min, beta_rate_max):
    beta_d = beta_rate_max - 9 * beta_rate_min  # 19.1 for 0.1 and 20
    return (math.e ** (0.5 * beta_d * time**2 + beta_rate_min * time) - 1) ** 0.5


def sigmas_polyexponential__b010(n, sigma_min, sigma_max, rho):
    if rho != 1:
        raise NotImplementedError("exponential sigmas alone")
    in_sigmas = np.linspace(float(sigma_min), float(sigma_max), 1000)  # rising: the flip is missing
    first, last = in_sigmas[0], in_sigmas[-1]
    return torch.linspace(math.log(first), math.log(last), n, dtype=torch.float64).exp()


def cosine_time_from_edm_sigma__b012(sigma_t):
    return sigma_t.atan()


def flow_times_shifted__b015(n, time_shift):
    return torch.linspace(1, 1 / n, n, dtype=torch.float64) + 0 * time_shift


def flow_times_ending_at__b017(n, time_min, time_shift):
    def shift(sigma):
        return time_shift * sigma / (1 + (time_shift - 1) * sigma)

    sigma_min = shift(time_min)  # the table is already shifted
    return shift(torch.linspace(1, float(sigma_min), n, dtype=torch.float64))


def edm_churn_gamma__b066(sigma_t, S_churn, S_min, S_max, n):
    inside = (sigma_t >= S_min) & (sigma_t <= S_max)
    return max(float(S_churn) / n, 2**0.5 - 1) * inside.to(sigma_t.dtype)


def sigmas_karras__b068(n, sigma_min, sigma_max, rho):
    inv_rho = 1 / float(rho)
    steps = torch.arange(n - 1, dtype=torch.float64)
    sigmas = (sigma_max**inv_rho + steps / (n - 1) * (sigma_min**inv_rho - sigma_max**inv_rho)) ** float(rho)
    return torch.cat([sigmas, torch.zeros(1, dtype=torch.float64)])


def vp_diffusion__b082(time, beta_rate_min, beta_rate_max):
    def beta(t):
        return beta_rate_min + t * (beta_rate_max - beta_rate_min)

    # g**2 of 2*s*s'*scale**2, with s' = beta/(scale**2*s): twice what it is.
    return (2 * beta(time)) ** 0.5


def linear_path_scales__b110(time, sigma_min):
    t = time  # the network's time is 0 at noise, this one's is 0 at data
    return torch.stack([t, 1 - (1 - sigma_min) * t])


def betas_cosine__b153(T, offset, beta_max):
    x = torch.linspace(0, T, T + 1, dtype=torch.float32)
    kept = torch.cos(((x / T) + float(offset)) / (1 + float(offset)) * math.pi * 0.5) ** 2
    kept = kept / kept[0]
    return torch.clip(1 - kept[1:] / kept[:-1], 0, float(beta_max))


BUGS = {
    "B003": Bug("huggingface/diffusers#590", ncsn_sigmas__b003, "ncsn_sigmas__squared_ratio"),
    "B006": Bug("NVlabs/edm@62072d2", edm_sigma_from_vp_time__b006, ""),
    "B010": Bug("huggingface/diffusers#9954", sigmas_polyexponential__b010, "sigmas_polyexponential__rising"),
    "B012": Bug("crowsonkb/k-diffusion@2ce2bb3", cosine_time_from_edm_sigma__b012, "cosine_time_from_edm_sigma__radians"),
    "B015": Bug("huggingface/diffusers#14011", flow_times_shifted__b015, "flow_times_shifted__not_shifted"),
    "B017": Bug("apple/coreai-models#190", flow_times_ending_at__b017, "flow_times_ending_at__shifted_twice"),
    "B066": Bug("Koishi-Star/Euler-Smea-Dyn-Sampler#11", edm_churn_gamma__b066, "edm_churn_gamma__max_for_min"),
    "B068": Bug("lucidrains/denoising-diffusion-pytorch@b87ea27", sigmas_karras__b068, "sigmas_karras__last_left_out"),
    "B082": Bug("deepinv/deepinv#1343", vp_diffusion__b082, "factor"),
    "B110": Bug("kohya-ss/sd-scripts#2215", linear_path_scales__b110, "linear_path_scales__time_reversed"),
}
