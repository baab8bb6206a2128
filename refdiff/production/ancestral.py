"""Samplers that go too far and add noise back: each update a few weights, taken in float64 for all steps of a run at once.

Levels of single steps are numbers or one entry for each sample; a run's are tensors of shape (n + 1,) on any device, and its
model is called with plain numbers. Noise is always an argument.
"""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from refdiff.production.forward import like

__all__ = [
    "ancestral_sigma_down", "ancestral_sigma_up", "consistency_path", "dpm2_ancestral_path", "dpm2_ancestral_step",
    "dpmpp_2s_ancestral_path", "dpmpp_2s_ancestral_step", "edm_stochastic_path", "euler_ancestral_flow_path",
    "euler_ancestral_flow_step", "euler_ancestral_path", "euler_ancestral_step", "lcm_c_out", "lcm_c_skip", "lcm_path",
    "lcm_step", "renoised_step", "restart_path", "tcd_path", "tcd_step",
]  # fmt: skip

Level = Tensor | float
Model = Callable[[Tensor, float, float], Tensor]
_CAP = 2**0.5 - 1


def _wide(level: Level) -> Tensor:
    return torch.as_tensor(level, dtype=torch.float64)


def _numbers(levels: Tensor) -> list[float]:
    found: list[float] = _wide(levels).tolist()
    return found


def _sum(*parts: tuple[Tensor, Tensor]) -> Tensor:
    """Weights times states, added up in the dtype of the states."""
    (weight, x), *rest = parts
    total = like(weight.to(x.device), x) * x
    for weight, x in rest:
        total = torch.addcmul(total, like(weight.to(x.device), x), x)
    return total


def ancestral_sigma_up(eta: Level, sigma_s: Level, sigma_t: Level) -> Tensor:
    """Standard deviation of the noise added back, float64. Source: k-diffusion, code of get_ancestral_step."""
    share, end, start = _wide(eta), _wide(sigma_s), _wide(sigma_t)
    return torch.minimum(end, share * (end / start) * torch.sqrt((start - end) * (start + end)))


def ancestral_sigma_down(eta: Level, sigma_s: Level, sigma_t: Level) -> Tensor:
    """Noise scale before noise is added back, float64. Source: k-diffusion, code of get_ancestral_step."""
    share, end, start = _wide(eta), _wide(sigma_s), _wide(sigma_t)
    return end * torch.sqrt(((1 - share) * (1 + share) + (share * (end / start)).square()).clamp(min=0))


def euler_ancestral_step(x_t: Tensor, x_0: Tensor, z: Tensor, eta: Level, sigma_s: Level, sigma_t: Level) -> Tensor:
    """State at s by an Euler step down and fresh noise. Source: k-diffusion, code of sample_euler_ancestral."""
    down, start = ancestral_sigma_down(eta, sigma_s, sigma_t), _wide(sigma_t)
    return _sum((down / start, x_t), ((start - down) / start, x_0), (ancestral_sigma_up(eta, sigma_s, sigma_t), z))


def dpm2_ancestral_step(x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Level, sigma_s: Level, sigma_t: Level) -> Tensor:
    """State at s by a midpoint step down and fresh noise. Source: k-diffusion, code of sample_dpm_2_ancestral."""
    shrunk = ancestral_sigma_down(eta, sigma_s, sigma_t) / _wide(sigma_t)
    turn = ((1 - shrunk) / torch.sqrt(shrunk)).to(x_t.device)
    return torch.addcmul(euler_ancestral_step(x_t, x_0s[0], z, eta, sigma_s, sigma_t), like(turn, x_t), x_0s[1] - x_0s[0])


def dpmpp_2s_ancestral_step(x_t: Tensor, x_0s: Tensor, z: Tensor, eta: Level, sigma_s: Level, sigma_t: Level) -> Tensor:
    """State at s from the middle's data and fresh noise. Source: k-diffusion, code of sample_dpmpp_2s_ancestral."""
    return euler_ancestral_step(x_t, x_0s[1], z, eta, sigma_s, sigma_t)


def _flow_weights(eta: Level, sigma_s: Level, sigma_t: Level) -> tuple[Tensor, Tensor, Tensor]:
    """Weights of x_t, x_0 and z on the straight path, float64."""
    share, end, start = _wide(eta), _wide(sigma_s), _wide(sigma_t)
    ratio = end / start
    gap, down = share * ratio * (start - end), end * (1 - share + share * ratio)
    clear = 1 - end + gap
    kept = (1 - end) / clear
    return kept * (down / start), kept * ((start - down) / start), torch.sqrt(gap * (end * clear + (1 - end) * down)) / clear


def euler_ancestral_flow_step(x_t: Tensor, x_0: Tensor, z: Tensor, eta: Level, sigma_s: Level, sigma_t: Level) -> Tensor:
    """State at s on the straight path. Source: ComfyUI, code of sample_euler_ancestral_RF."""
    return _sum(*zip(_flow_weights(eta, sigma_s, sigma_t), (x_t, x_0, z), strict=True))


def _renoised_weights(alphas: Tensor, sigmas: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Weights of x_t, x_0 and z, float64; the first axis holds the levels t, r and s."""
    alpha_t, alpha_r, alpha_s = alphas
    sigma_t, sigma_r, sigma_s = sigmas
    kept = alpha_s / alpha_r * sigma_r
    added = ((sigma_s - kept) * (sigma_s + kept)).clamp(min=0)
    return kept / sigma_t, alpha_s - kept * (alpha_t / sigma_t), torch.sqrt(added)


def renoised_step(x_t: Tensor, x_0: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    """State at s by a step down to r and the forward process up. Source: Song et al. 2021, arXiv:2010.02502v4, Eq. (12)."""
    return _sum(*zip(_renoised_weights(_wide(alphas), _wide(sigmas)), (x_t, x_0, z), strict=True))


def tcd_step(
    x_t: Tensor, x_0: Tensor, z: Tensor, log_alpha_bar_r: Level, log_alpha_bar_s: Level, log_alpha_bar_t: Level
) -> Tensor:
    """State at s by strategic stochastic sampling. Source: Zheng et al. 2024, arXiv:2402.19159v1, Algorithm 4."""
    log_r, log_s, log_t = _wide(log_alpha_bar_r), _wide(log_alpha_bar_s), _wide(log_alpha_bar_t)
    kept = torch.exp((log_s - log_r) / 2) * torch.sqrt(torch.expm1(log_r) / torch.expm1(log_t))
    of_x_0 = torch.exp(log_s / 2) - kept * torch.exp(log_t / 2)
    return _sum((kept, x_t), (of_x_0, x_0), (torch.sqrt(-torch.expm1(log_s - log_r)), z))


def lcm_c_skip(t_index: Tensor | int, timestep_scaling: Level, sigma_data: Level) -> Tensor:
    """Weight of the noisy input, float64. Source: Luo et al. 2023, arXiv:2310.04378v1, code."""
    scaled, data = _wide(timestep_scaling) * t_index, _wide(sigma_data)
    return data.square() / (scaled.square() + data.square())


def lcm_c_out(t_index: Tensor | int, timestep_scaling: Level, sigma_data: Level) -> Tensor:
    """Weight of the predicted data, float64. Source: Luo et al. 2023, arXiv:2310.04378v1, code."""
    scaled = _wide(timestep_scaling) * t_index
    return scaled / torch.hypot(scaled, _wide(sigma_data))


def lcm_step(x_0: Tensor, z: Tensor, alpha_s: Level, sigma_s: Level) -> Tensor:
    """The data noised afresh up to s. Source: Song et al. 2023, arXiv:2303.01469v2, Algorithm 1."""
    return _sum((_wide(alpha_s), x_0), (_wide(sigma_s), z))


def _states(move: Callable[[int, Tensor], Tensor], x_T: Tensor, n: int) -> Tensor:
    """x_T and the states after each of n moves, stacked."""
    found = [x_T]
    for i in range(n):
        found.append(move(i, found[i]))
    return torch.stack(found)


def euler_ancestral_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, sigmas: Tensor, eta: Level) -> Tensor:
    """States of the Euler ancestral sampler, x_T first. Source: k-diffusion, code of sample_euler_ancestral."""
    levels, ends, starts = _numbers(sigmas), _wide(sigmas)[1:], _wide(sigmas)[:-1]
    shares = _numbers(ancestral_sigma_down(eta, ends, starts) / starts)
    ups = _numbers(ancestral_sigma_up(eta, ends, starts))

    def move(i: int, x: Tensor) -> Tensor:
        return torch.lerp(denoiser_at_level(x, 1.0, levels[i]), x, shares[i]).add_(z[i], alpha=ups[i])

    return _states(move, x_T, len(shares))


def _two_stages(turned: Callable[[float], float], model: Model, x_T: Tensor, z: Tensor, sigmas: Tensor, eta: Level) -> Tensor:
    """States of an ancestral sampler whose step is Euler's from x_0, turned by so much of what the middle's x_0 is more."""
    levels, ends, starts = _numbers(sigmas), _wide(sigmas)[1:], _wide(sigmas)[:-1]
    shares = _numbers(ancestral_sigma_down(eta, ends, starts) / starts)
    ups = _numbers(ancestral_sigma_up(eta, ends, starts))

    def move(i: int, x: Tensor) -> Tensor:
        x_0, root = model(x, 1.0, levels[i]), shares[i] ** 0.5
        euler = torch.lerp(x_0, x, shares[i]).add_(z[i], alpha=ups[i])
        if not root:
            return euler
        middle = model(torch.lerp(x_0, x, root), 1.0, levels[i] * root)
        return euler.add_(middle - x_0, alpha=turned(shares[i]))

    return _states(move, x_T, len(shares))


def dpm2_ancestral_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, sigmas: Tensor, eta: Level) -> Tensor:
    """States of the ancestral sampler with midpoint steps, x_T first; Euler's where it goes down to 0.

    Source: k-diffusion, code of sample_dpm_2_ancestral.
    """
    return _two_stages(lambda share: (1 - share) / share**0.5, denoiser_at_level, x_T, z, sigmas, eta)


def dpmpp_2s_ancestral_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, sigmas: Tensor, eta: Level) -> Tensor:
    """States of the ancestral sampler with DPM-Solver++'s single steps of order 2, x_T first; Euler's where it goes down to 0.

    Source: k-diffusion, code of sample_dpmpp_2s_ancestral.
    """
    return _two_stages(lambda share: 1 - share, denoiser_at_level, x_T, z, sigmas, eta)


def euler_ancestral_flow_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, times: Tensor, eta: Level) -> Tensor:
    """States of the Euler ancestral sampler on the straight path, x_T first. Source: ComfyUI, sample_euler_ancestral_RF."""
    levels = _numbers(times)
    weights = list(zip(*map(_numbers, _flow_weights(eta, _wide(times)[1:], _wide(times)[:-1])), strict=True))

    def move(i: int, x: Tensor) -> Tensor:
        of_x, of_x_0, of_z = weights[i]
        x_0 = denoiser_at_level(x, 1 - levels[i], levels[i])
        return torch.mul(x, of_x).add_(x_0, alpha=of_x_0).add_(z[i], alpha=of_z)

    return _states(move, x_T, len(weights))


def _heun(model: Model, x: Tensor, start: float, end: float) -> Tensor:
    x_0 = model(x, 1.0, start)
    if not end:
        return x_0
    euler = torch.lerp(x_0, x, end / start)
    slopes = (euler - model(euler, 1.0, end)).div_(end).sub_(x - x_0, alpha=1 / start)
    return torch.add(euler, slopes, alpha=(end - start) / 2)


def edm_stochastic_path(
    denoiser_at_level: Model,
    x_T: Tensor,
    z: Tensor,
    sigmas: Tensor,
    S_churn: Level,
    S_min: Level,
    S_max: Level,
    S_noise: Level,
) -> Tensor:
    """States of EDM's stochastic sampler, x_T first. Source: Karras et al. 2022, arXiv:2206.00364v2, Algorithm 2."""
    levels = _numbers(sigmas)
    n = len(levels) - 1
    most, low, high, noise = min(float(S_churn) / n, _CAP), float(S_min), float(S_max), float(S_noise)

    def move(i: int, x: Tensor) -> Tensor:
        share = most if low <= levels[i] <= high else 0.0
        x = torch.add(x, z[i], alpha=levels[i] * (share * (2 + share)) ** 0.5 * noise) if share else x
        return _heun(denoiser_at_level, x, levels[i] * (1 + share), levels[i + 1])

    return _states(move, x_T, n)


def restart_path(
    denoiser_at_level: Model,
    x_T: Tensor,
    z: Tensor,
    sigmas: Tensor,
    restart_sigmas: Tensor,
    restart_index: int,
    restarts: int,
) -> Tensor:
    """States of Restart sampling over one interval, x_T first. Source: Xu et al. 2023, arXiv:2306.14878v2, section 3."""
    levels = _numbers(sigmas)
    stretch = [*_numbers(restart_sigmas), levels[int(restart_index)]]
    rise = ((stretch[0] - stretch[-1]) * (stretch[0] + stretch[-1])) ** 0.5

    def move(i: int, x: Tensor) -> Tensor:
        x = _heun(denoiser_at_level, x, levels[i], levels[i + 1])
        for k in range(int(restarts) if i + 1 == restart_index else 0):
            x = torch.add(x, z[k], alpha=rise)
            for start, end in pairwise(stretch):
                x = _heun(denoiser_at_level, x, start, end)
        return x

    return _states(move, x_T, len(levels) - 1)


def lcm_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, alphas: Tensor, sigmas: Tensor) -> Tensor:
    """States of multistep consistency sampling, x_T first. Source: Song et al. 2023, arXiv:2303.01469v2, Algorithm 1."""
    signal, noise = _numbers(alphas), _numbers(sigmas)

    def move(i: int, x: Tensor) -> Tensor:
        return torch.mul(denoiser_at_level(x, signal[i], noise[i]), signal[i + 1]).add_(z[i], alpha=noise[i + 1])

    return _states(move, x_T, len(noise) - 1)


def tcd_path(
    denoiser_at_level: Model,
    x_T: Tensor,
    z: Tensor,
    alphas: Tensor,
    sigmas: Tensor,
    alphas_down: Tensor,
    sigmas_down: Tensor,
) -> Tensor:
    """States of strategic stochastic sampling, x_T first. Source: Zheng et al. 2024, arXiv:2402.19159v1, Algorithm 4."""
    signal, noise = _numbers(alphas), _numbers(sigmas)
    threes = (
        torch.stack([a[:-1], b, a[1:]]) for a, b in ((_wide(alphas), _wide(alphas_down)), (_wide(sigmas), _wide(sigmas_down)))
    )
    weights = list(zip(*map(_numbers, _renoised_weights(*threes)), strict=True))

    def move(i: int, x: Tensor) -> Tensor:
        of_x, of_x_0, of_z = weights[i]
        x_0 = denoiser_at_level(x, signal[i], noise[i])
        return torch.mul(x, of_x).add_(x_0, alpha=of_x_0).add_(z[i], alpha=of_z)

    return _states(move, x_T, len(weights))


def consistency_path(denoiser_at_level: Model, x_T: Tensor, z: Tensor, sigmas: Tensor, sigma_min: Level) -> Tensor:
    """States of multistep consistency sampling, x_T first. Source: Song et al. 2023, arXiv:2303.01469v2, Algorithm 1."""
    levels, least = _numbers(sigmas), float(sigma_min)

    def move(i: int, x: Tensor) -> Tensor:
        x_0 = denoiser_at_level(x, 1.0, levels[i])
        if i + 2 == len(levels):
            return x_0
        return torch.add(x_0, z[i], alpha=((levels[i + 1] - least) * (levels[i + 1] + least)) ** 0.5)

    return _states(move, x_T, len(levels) - 1)
