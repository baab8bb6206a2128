"""Flow matching as training and sampling use it: velocities, losses, times and their shifts, pairings, steps.

Time 0 is data, 1 is noise, and a velocity is dx_t/dtime. Batched states come first; a time or scale is a number or a tensor
that broadcasts against them.
"""

import math

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from refdiff.production.denoiser import denoiser_dirac, posterior_weights
from refdiff.production.mixture import loss_floor_mixture

__all__ = [
    "cosine_path_rates", "cosine_path_scales", "cosmap_density", "cosmap_time", "exponentially_shifted_time",
    "flow_euler_step", "flow_heun_step", "flow_map_gaussian", "flow_matching_loss", "linear_path_rates",
    "linear_path_scales", "linear_path_velocity", "logit_normal_density", "logit_normal_time", "marginal_velocity_dirac",
    "marginal_velocity_gaussian", "marginal_velocity_mixture", "minibatch_ot_cost", "minibatch_ot_permutation",
    "mode_time", "mode_time_density", "path_straightness", "reflow_velocity_gaussian", "resolution_time_shift",
    "sequence_length_time_shift", "shifted_time", "shifted_time_density", "transformed_velocity", "unshifted_time",
    "ve_path_rates", "ve_path_scales", "velocity_variance_dirac", "velocity_variance_gaussian",
    "velocity_variance_mixture", "vp_path_rates", "vp_path_scales",
]  # fmt: skip

Number = Tensor | float


def _quarter(share: Tensor) -> Tensor:
    """Sine of this share of a right angle."""
    return torch.sin(share * (math.pi / 2))


def _as_tensor(number: Number) -> Tensor:
    return torch.as_tensor(number, dtype=None if isinstance(number, Tensor) else torch.float64)


def linear_path_scales(time: Tensor, sigma_min: Number = 0.0) -> Tensor:
    """alpha_t and sigma_t of the straight path. Source: Lipman et al. 2023, arXiv:2210.02747v2, Eq. (20), t = 1 - time."""
    return torch.stack([1 - time, torch.lerp(_as_tensor(sigma_min).to(time).expand_as(time), torch.ones_like(time), time)])


def linear_path_rates(time: Tensor, sigma_min: Number = 0.0) -> Tensor:
    """Their time derivatives. Source: Lipman et al. 2023, arXiv:2210.02747v2, Eq. (20), differentiated."""
    return torch.stack([-torch.ones_like(time), torch.ones_like(time) * (1 - sigma_min)])


def linear_path_velocity(x_t: Tensor, x_0: Tensor, time: Number, sigma_min: Number = 0.0) -> Tensor:
    """Velocity at x_t of the straight path to x_0. Source: Lipman et al. 2023, arXiv:2210.02747v2, Eq. (21), t = 1 - time."""
    grown = 1 - sigma_min
    return (grown * x_t - x_0) / (sigma_min + grown * time)


def cosine_path_scales(time: Tensor) -> Tensor:
    """alpha_t and sigma_t of the trigonometric path. Source: Albergo and Vanden-Eijnden 2023, arXiv:2209.15571v3, section 2."""
    return torch.stack([_quarter(1 - time), _quarter(time)])


def cosine_path_rates(time: Tensor) -> Tensor:
    """Their time derivatives. Source: Albergo and Vanden-Eijnden 2023, arXiv:2209.15571v3, section 2, differentiated."""
    return torch.stack([-_quarter(time), _quarter(1 - time)]) * (math.pi / 2)


def _vp(time: Tensor, beta_rate_min: Number, beta_rate_max: Number) -> tuple[Tensor, Tensor, Tensor]:
    """log alpha_t, sigma_t and beta(time)."""
    power = -time * (beta_rate_min * (2 - time) + beta_rate_max * time) / 4
    return power, torch.sqrt(-torch.expm1(2 * power)), beta_rate_min * (1 - time) + beta_rate_max * time


def vp_path_scales(time: Tensor, beta_rate_min: Number, beta_rate_max: Number) -> Tensor:
    """alpha_t and sigma_t of the linear VP process. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (33)."""
    power, sigma_t, _ = _vp(time, beta_rate_min, beta_rate_max)
    return torch.stack([torch.exp(power), sigma_t])


def vp_path_rates(time: Tensor, beta_rate_min: Number, beta_rate_max: Number) -> Tensor:
    """Their time derivatives, for time > 0. Source: Lipman et al. 2023, arXiv:2210.02747v2, Eqs. (18) and (19)."""
    power, sigma_t, rate = _vp(time, beta_rate_min, beta_rate_max)
    return torch.stack([-torch.exp(power), torch.exp(2 * power) / sigma_t]) * (rate / 2)


def ve_path_scales(time: Tensor, sigma_min: Number, sigma_max: Number) -> Tensor:
    """alpha_t = 1 and a geometric sigma_t. Source: Song et al. 2021, arXiv:2011.13456v2, appendix C."""
    return torch.stack([torch.ones_like(time), sigma_min * torch.pow(sigma_max / sigma_min, time)])


def ve_path_rates(time: Tensor, sigma_min: Number, sigma_max: Number) -> Tensor:
    """Their time derivatives. Source: Song et al. 2021, arXiv:2011.13456v2, appendix C, differentiated."""
    growth = torch.log(_as_tensor(sigma_max / sigma_min)).to(time)
    return torch.stack([torch.zeros_like(time), ve_path_scales(time, sigma_min, sigma_max)[1] * growth])


def marginal_velocity_gaussian(
    x_t: Tensor, mean: Number, variance: Number, alpha_t: Number, sigma_t: Number, alpha_dot_t: Number, sigma_dot_t: Number
) -> Tensor:
    """Velocity field of Gaussian data. Source: Lipman et al. 2023, arXiv:2210.02747v2, Eqs. (8) and (15)."""
    own = (alpha_t * alpha_dot_t * variance + sigma_t * sigma_dot_t) * x_t
    towards = sigma_t * (sigma_t * alpha_dot_t - alpha_t * sigma_dot_t) * mean
    return (own + towards) / (alpha_t * alpha_t * variance + sigma_t * sigma_t)


def marginal_velocity_dirac(
    x_t: Tensor, points: Tensor, alpha_t: Number, sigma_t: Number, alpha_dot_t: Number, sigma_dot_t: Number
) -> Tensor:
    """Velocity field of a data set, shape (B, d). Source: Lipman et al. 2023, arXiv:2210.02747v2, Eqs. (8) and (15)."""
    turn = sigma_t * alpha_dot_t - alpha_t * sigma_dot_t
    return (sigma_dot_t * x_t + turn * denoiser_dirac(x_t, points, alpha_t, sigma_t)) / sigma_t


def marginal_velocity_mixture(
    x_t: Tensor, weights: Tensor, means: Tensor, variances: Tensor, alpha_t: Number, sigma_t: Number, alpha_dot_t: Number,
    sigma_dot_t: Number,
) -> Tensor:  # fmt: skip
    """Velocity field of a mixture of isotropic Gaussians. Source: Lipman et al. 2023, arXiv:2210.02747v2, Eq. (8)."""
    wide = [one.to(torch.float64) for one in (x_t, weights, means, variances)]
    x, masses, centres, spreads = wide[0], wide[1], alpha_t * wide[2], alpha_t * alpha_t * wide[3] + sigma_t * sigma_t
    gaps = x[:, None] - centres
    shares = torch.softmax(masses.log() - x.shape[1] / 2 * spreads.log() - gaps.square().sum(2) / (2 * spreads), dim=1)
    gain = (alpha_t * alpha_dot_t * wide[3] + sigma_t * sigma_dot_t) / spreads
    return torch.einsum("bk,bkd->bd", shares, alpha_dot_t * wide[2] + gain[:, None] * gaps).to(x_t.dtype)


def velocity_variance_gaussian(
    variance: Number, alpha_t: Number, sigma_t: Number, alpha_dot_t: Number, sigma_dot_t: Number
) -> Number:
    """What the conditional loss adds to the marginal one. Source: Lipman et al. 2023, arXiv:2210.02747v2, Theorem 2."""
    turn = sigma_t * alpha_dot_t - alpha_t * sigma_dot_t
    return turn * turn * (variance / (alpha_t * alpha_t * variance + sigma_t * sigma_t))


def velocity_variance_dirac(
    x_t: Tensor, points: Tensor, alpha_t: Number, sigma_t: Number, alpha_dot_t: Number, sigma_dot_t: Number
) -> Tensor:
    """The same for a data set, shape (B,), as distances from the mean: no N by N table.

    Source: Lipman et al. 2023, arXiv:2210.02747v2, Theorem 2.
    """
    shares, values = posterior_weights(x_t, points, alpha_t, sigma_t), points.to(torch.float64)
    away = torch.cdist(shares @ values, values, compute_mode="donot_use_mm_for_euclid_dist").square()
    turn = (alpha_dot_t * sigma_t - alpha_t * sigma_dot_t) / sigma_t
    return (turn * turn * (shares * away).sum(1) / points.shape[1]).to(x_t.dtype)


def velocity_variance_mixture(
    x_t: Tensor, weights: Tensor, means: Tensor, variances: Tensor, alpha_t: Number, sigma_t: Number, alpha_dot_t: Number,
    sigma_dot_t: Number,
) -> Tensor:  # fmt: skip
    """The same for a mixture of isotropic Gaussians, shape (B,). Source: Lipman et al. 2023, arXiv:2210.02747v2, Theorem 2."""
    turn = (alpha_dot_t * sigma_t - alpha_t * sigma_dot_t) / sigma_t
    return turn * turn * (loss_floor_mixture(x_t, weights, means, variances, alpha_t, sigma_t) / x_t.shape[1])


def flow_matching_loss(velocity: Tensor, velocity_hat: Tensor) -> Tensor:
    """Mean squared error of each sample, shape (B,). Source: Lipman et al. 2023, arXiv:2210.02747v2, Eqs. (5) and (9)."""
    return (velocity - velocity_hat).flatten(1).square().mean(dim=1)


def transformed_velocity(
    x_t: Tensor, velocity: Tensor, state_scale: Number, state_scale_rate: Number, time_rate: Number
) -> Tensor:
    """Velocity of state_scale*x_t by another clock. Source: Lipman et al. 2024, arXiv:2412.06264v1, section 4.6.2."""
    return state_scale_rate * x_t + state_scale * time_rate * velocity


def path_straightness(displacement: Tensor, velocities: Tensor) -> Tensor:
    """Mean square distance of velocities (B, n, ...) from the displacement. Source: Liu et al. 2022, arXiv:2209.03003v1."""
    return (velocities - displacement[:, None]).flatten(2).square().sum(dim=2).mean(dim=1)


def flow_map_gaussian(
    x_t: Tensor, mean: Number, variance: Number, alpha_s: Number, sigma_s: Number, alpha_t: Number, sigma_t: Number
) -> Tensor:
    """State at s that Gaussian data's flow carries x_t to. Source: Song et al. 2021, arXiv:2011.13456v2, Eq. (13)."""
    ratio = (alpha_s * alpha_s * variance + sigma_s * sigma_s) / (alpha_t * alpha_t * variance + sigma_t * sigma_t)
    return alpha_s * mean + torch.sqrt(_as_tensor(ratio)) * (x_t - alpha_t * mean)


def reflow_velocity_gaussian(x_t: Tensor, mean: Number, variance: Number, time: Number) -> Tensor:
    """Velocity field after one reflow on Gaussian data. Source: Liu et al. 2022, arXiv:2209.03003v1, section 2.2."""
    deviation = torch.sqrt(_as_tensor(variance))
    return ((1 - deviation) * x_t - mean) / ((1 - time) * deviation + time)


def logit_normal_time(z: Tensor, logit_mean: Number, logit_scale: Number) -> Tensor:
    """Training time made of unit Gaussians. Source: Esser et al. 2024, arXiv:2403.03206v1, Eq. (19)."""
    return torch.sigmoid(logit_mean + logit_scale * z)


def logit_normal_density(time: Tensor, logit_mean: Number, logit_scale: Number) -> Tensor:
    """Density of that time. Source: Esser et al. 2024, arXiv:2403.03206v1, Eq. (19)."""
    gap = (torch.log(time) - torch.log1p(-time) - logit_mean) / logit_scale
    return torch.exp(-gap.square() / 2) / (math.sqrt(2 * math.pi) * logit_scale * time * (1 - time))


def mode_time(uniform: Tensor, mode_scale: Number) -> Tensor:
    """Training time made of uniform numbers. Source: Esser et al. 2024, arXiv:2403.03206v1, Eq. (20)."""
    return (1 - uniform) * (1 + mode_scale) - mode_scale * _quarter(1 - uniform).square()


def mode_time_density(uniform: Tensor, mode_scale: Number) -> Tensor:
    """Density of that time. Source: Esser et al. 2024, arXiv:2403.03206v1, section 3.1."""
    return 1 / (1 + mode_scale * (1 - torch.sin(math.pi * uniform) * (math.pi / 2)))


def cosmap_time(uniform: Tensor) -> Tensor:
    """Training time made of uniform numbers. Source: Esser et al. 2024, arXiv:2403.03206v1, section 3.1."""
    return _quarter(uniform) / (_quarter(uniform) + _quarter(1 - uniform))


def cosmap_density(time: Tensor) -> Tensor:
    """Density of that time. Source: Esser et al. 2024, arXiv:2403.03206v1, section 3.1."""
    return (2 / math.pi) / (time.square() + (1 - time).square())


def shifted_time(time: Tensor, time_shift: Number) -> Tensor:
    """Time moved towards noise. Source: Esser et al. 2024, arXiv:2403.03206v1, Eq. (23)."""
    return time_shift * time / (1 - time + time_shift * time)


def unshifted_time(time: Tensor, time_shift: Number) -> Tensor:
    """Time that `shifted_time` carries to this one. Source: Esser et al. 2024, arXiv:2403.03206v1, Eq. (23)."""
    return time / (time + time_shift * (1 - time))


def shifted_time_density(time: Tensor, time_shift: Number) -> Tensor:
    """Density of a uniform time after the shift. Source: Esser et al. 2024, arXiv:2403.03206v1, Eq. (23)."""
    return time_shift / (time + time_shift * (1 - time)).square()


def resolution_time_shift(pixels: Number, base_pixels: Number) -> Tensor:
    """Shift for another number of pixels. Source: Esser et al. 2024, arXiv:2403.03206v1, Eq. (23)."""
    return torch.sqrt(_as_tensor(pixels / base_pixels))


def exponentially_shifted_time(time: Tensor, log_time_shift: Number) -> Tensor:
    """`shifted_time` at exp(log_time_shift). Source: Black Forest Labs 2024, code of FLUX.1."""
    return time / (time + torch.exp(-_as_tensor(log_time_shift)).to(time) * (1 - time))


def sequence_length_time_shift(
    sequence_length: Number, base_sequence_length: Number = 256.0, max_sequence_length: Number = 4096.0,
    base_log_time_shift: Number = 0.5, max_log_time_shift: Number = 1.15,
) -> Number:  # fmt: skip
    """Log of the shift for a number of image tokens. Source: Black Forest Labs 2024, code of FLUX.1."""
    low = base_log_time_shift * (max_sequence_length - sequence_length)
    high = max_log_time_shift * (sequence_length - base_sequence_length)
    return (low + high) / (max_sequence_length - base_sequence_length)


def minibatch_ot_permutation(x_0: Tensor, eps: Tensor) -> Tensor:
    """The best pairing of a batch with its noises, shape (B,), int64, by SciPy's solver: sample i goes with eps[result[i]].

    Distances are float64 sums of differences. Of equal pairings SciPy's choice, which need not be the reference's.

    Source: Tong et al. 2024, arXiv:2302.00482v4, Algorithm 3.
    """
    data, noise = (one.detach().flatten(1).to(torch.float64) for one in (x_0, eps))
    cost = torch.cdist(data, noise, compute_mode="donot_use_mm_for_euclid_dist").square()
    return torch.from_numpy(linear_sum_assignment(cost.cpu().numpy())[1]).to(x_0.device)


def minibatch_ot_cost(x_0: Tensor, eps: Tensor) -> Tensor:
    """Mean squared distance of that pairing. Source: Tong et al. 2024, arXiv:2302.00482v4, section 3.2."""
    return (x_0 - eps[minibatch_ot_permutation(x_0, eps)]).flatten(1).square().sum(dim=1).mean()


def flow_euler_step(x_t: Tensor, velocity: Tensor, step_size: Number) -> Tensor:
    """State one Euler step nearer to the data. Source: Liu et al. 2022, arXiv:2209.03003v1, section 2.2."""
    return x_t - step_size * velocity


def flow_heun_step(x_t: Tensor, velocity: Tensor, velocity_next: Tensor, step_size: Number) -> Tensor:
    """State one step of Heun's method nearer to the data. Source: Karras et al. 2022, arXiv:2206.00364v2, Algorithm 1."""
    return x_t - step_size / 2 * (velocity + velocity_next)
