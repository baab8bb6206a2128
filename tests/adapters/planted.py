"""Wrong implementations of the subtle kind, each a real bug from public code: one or two functions wrong, the rest honest.

`PLANTED` tells, for each adapter, which formulas are wrong and the known mistakes that explain them.
"""

import inspect
import math
from types import SimpleNamespace

import numpy as np

from tests.adapters import honest_numpy as honest
from tests.adapters.numpy_library import GaussianDiffusion, mean_flat, normal_kl, sum_flat


def _planted(*wrong):
    right = {
        name: value for name, value in vars(honest).items() if inspect.isfunction(value) and value.__module__ == honest.__name__
    }
    return SimpleNamespace(**right | {function.__name__.partition("__")[0]: function for function in wrong})


def _single(s, t):
    if s != t - 1:
        raise NotImplementedError("this library steps by one")


def posterior_variance__padded_right(betas, s, t):
    _single(s, t)
    bars = np.cumprod(1 - betas)
    previous = np.append(bars[:-1], bars.dtype.type(1))
    return (betas * (1 - previous) / (1 - bars))[t - 1]


def posterior_mean_x_0_coefficient__padded_right(betas, s, t):
    _single(s, t)
    bars = np.cumprod(1 - betas)
    previous = np.append(bars[:-1], bars.dtype.type(1))
    return (betas * np.sqrt(previous) / (1 - bars))[t - 1]


def timesteps_leading__length(T, n, steps_offset):
    return np.arange(0, T, T // n)[::-1] + 1 + steps_offset


def posterior_mean__strided(betas, t_index, x_0, x_t):
    return GaussianDiffusion(betas).q_posterior_mean(x_0, x_t, t_index - 1, t_index)


def posterior_log_variance_learned__strided(betas, s, t, interpolation):
    low, high = honest.posterior_log_variance(betas, s - 1, t - 1), np.log(betas[t - 1])
    return interpolation * high + (1 - interpolation) * low


def posterior_variance__step_alpha(betas, s, t):
    diffusion = GaussianDiffusion(betas)
    beta = diffusion.step_beta(s - 1, t - 1)
    return beta * (1 - diffusion.level(s - 1)) / (1 - (1 - beta))


def ddim_step__levels_early(betas, s_index, t_index, x_t, x_0, z, eta):
    return GaussianDiffusion(betas).ddim(x_t, x_0, z, max(s_index - 1, -1), t_index - 1, eta) if t_index > 0 else x_0


def ddim_step__marginal_noise(alpha_bar_s, alpha_bar_t, x_t, x_0, z, eta):
    eps = (x_t - np.sqrt(alpha_bar_t) * x_0) / np.sqrt(1 - alpha_bar_t)
    direction = np.sqrt(np.clip(1 - alpha_bar_s - eta**2 * (1 - alpha_bar_t), 0, None))
    return np.sqrt(alpha_bar_s) * x_0 + direction * eps + eta * np.sqrt(1 - alpha_bar_t) * z


def marginal_sample__sigma_over_alpha(alpha_bar_t, x_0, eps):
    return np.sqrt(alpha_bar_t) * x_0 + np.sqrt(1 / alpha_bar_t - 1) * eps


def marginal_sample__variance(alpha_bar_t, x_0, eps):
    return np.sqrt(alpha_bar_t) * x_0 + (1 - alpha_bar_t) * eps


def x_0_from_eps__v_formula(x_t, eps, alpha_t, sigma_t):
    return alpha_t * x_t - sigma_t * eps


def min_snr_weight_eps__max(snr_t, gamma):
    return np.maximum(snr_t, gamma) / snr_t


def min_snr_weight_v__one_outside(snr_t, gamma):
    return np.minimum(snr_t, gamma) / snr_t + 1


def denoising_kl__outer(snr_s, snr_t, x_0, x_0_hat):
    weight = np.broadcast_to(0.5 * (snr_s - snr_t), (len(x_0),))[:, None]
    return (weight * sum_flat((x_0 - x_0_hat) ** 2)).mean(axis=0)


def prior_kl__log_variance(betas, x_0):
    bar = np.cumprod(1 - betas)[-1]
    return sum_flat(normal_kl(np.sqrt(bar) * x_0, np.sqrt(1 - bar), 0.0, 0.0))


def betas_cosine__not_squared(T, offset, beta_max):
    def f(u):
        return math.cos((u + offset) / (1 + offset) * math.pi / 2)

    return np.array([min(1 - f((i + 1) / T) / f(i / T), beta_max) for i in range(T)])


def ddim_step__first_level_at_the_end(betas, s, t, x_t, x_0, z, eta):
    return GaussianDiffusion(betas).ddim(x_t, x_0, z, max(s - 1, 0), t - 1, eta)


def ddim_path__first_level_at_the_end(denoiser, x_T, z, eta, betas, timesteps):
    diffusion, x, states = GaussianDiffusion(betas), x_T, [x_T]
    indices = [*(timesteps - 1), 0]
    for noise, now, prev in zip(z, indices[:-1], indices[1:], strict=True):
        x = diffusion.ddim(x, denoiser(x, now + 1), noise, prev, now, eta)
        states.append(x)
    return np.stack(states)


def simple_loss__sum(eps, eps_hat):
    return sum_flat((eps - eps_hat) ** 2)


def gaussian_kl_isotropic__mean(mean_1, variance_1, mean_2, variance_2):
    return mean_flat(normal_kl(mean_1, np.log(variance_1), mean_2, np.log(variance_2)))


def bits_per_dimension__nats(nats, dimensions):
    return nats / dimensions


def ddpm_step__variance(betas, s_index, t_index, x_t, x_0, z):
    diffusion = GaussianDiffusion(betas)
    return diffusion.q_posterior_mean(x_0, x_t, s_index, t_index) + diffusion.q_posterior_variance(s_index, t_index) * z


def ddim_step__clipped(betas, s_index, t_index, x_t, x_0, z, eta):
    return GaussianDiffusion(betas).ddim(x_t, np.clip(x_0, -1, 1), z, s_index, t_index, eta)


def eps_from_v__data(x_t, v, alpha_t, sigma_t):
    return alpha_t * x_t - sigma_t * v


def sigma__variance(betas, t_index):
    return 1 - np.cumprod(1 - betas)[t_index]


b001 = _planted(posterior_variance__padded_right, posterior_mean_x_0_coefficient__padded_right)
b018 = _planted(timesteps_leading__length)
b030 = _planted(posterior_mean__strided)
b034 = _planted(posterior_log_variance_learned__strided)
b036 = _planted(posterior_variance__step_alpha)
b043 = _planted(ddim_step__levels_early)
b050 = _planted(ddim_step__marginal_noise)
b052 = _planted(marginal_sample__sigma_over_alpha)
b094 = _planted(marginal_sample__variance)
b112 = _planted(x_0_from_eps__v_formula)
b124 = _planted(min_snr_weight_eps__max)
b126 = _planted(min_snr_weight_v__one_outside)
b132 = _planted(denoising_kl__outer)
b133 = _planted(prior_kl__log_variance)
b008 = _planted(betas_cosine__not_squared)
b026 = _planted(ddim_step__first_level_at_the_end, ddim_path__first_level_at_the_end)
b141 = _planted(simple_loss__sum, gaussian_kl_isotropic__mean)
bits = _planted(bits_per_dimension__nats)
b147 = _planted(ddpm_step__variance, sigma__variance)
clipped = _planted(ddim_step__clipped)
swapped = _planted(eps_from_v__data)

# An explanation that is not among these would be a wrong one; none at all is allowed where the set holds "".
PLANTED = {
    "b001": {
        "posterior_variance": {"previous_padded_at_its_end"},
        "posterior_mean_x_0_coefficient": {"previous_padded_at_its_end"},
    },
    "b018": {"timesteps_leading": {"whole_range_by_stride", ""}},
    "b030": {"posterior_mean": {"previous_step_when_strided"}},
    "b034": {"posterior_log_variance_learned": {"beta_t_when_strided"}},
    "b036": {"posterior_variance": {"marginal_variance_at_s"}},
    "b043": {"ddim_step": {"time index"}},
    "b050": {"ddim_step": {"marginal_noise"}},
    "b052": {"marginal_sample": {"sigma_over_alpha"}},
    "b094": {"marginal_sample": {"variance_for_scale"}},
    "b112": {"x_0_from_eps": {"v_formula"}},
    "b124": {"min_snr_weight_eps": {"max_for_min"}},
    "b126": {"min_snr_weight_v": {"one_outside_fraction"}},
    "b132": {"denoising_kl": {"weights_averaged_over_batch", ""}},
    "b133": {"prior_kl": {"log_variance_is_scale"}},
    "b008": {"betas_cosine": {"without_square"}},
    "b026": {"ddim_step": {"final_alpha_bar_first_step"}, "ddim_path": {"final_alpha_bar_first_step"}},
    "b141": {"simple_loss": {"sum_for_mean"}, "gaussian_kl_isotropic": {"mean_for_sum"}},
    "bits": {"bits_per_dimension": {"nats"}},
    "b147": {"ddpm_step": {"variance_for_scale"}, "sigma": {"variance"}},
    "clipped": {"ddim_step": {""}},
    "swapped": {"eps_from_v": {"data"}},
}
