"""Diffusers' DDPMScheduler and DDIMScheduler under the vocabulary's names.

The module itself predicts eps. Its objects hold the same formulas for another choice, as in `refdiff check diffusers:sample`:
`epsilon`, `sample` and `v_prediction` by what the network predicts; `log_variances` with the variance types that go
through a log; `exact`, `exact_sample`, `exact_v_prediction` and `exact_log_variances` with float64 tables instead of the
library's float32 ones, which tell a wrong formula from a rounded table. See findings/diffusers.py for what was found.
"""

from torch import Tensor

from refdiff.adapters.diffusers.formulas import Epsilon, Sample, VPrediction
from refdiff.adapters.diffusers.schedulers import DDPMScheduler, Schedulers, Variance

__all__ = [
    "ARRAY",
    "alpha",
    "alpha_bar",
    "betas_cosine",
    "betas_linear",
    "betas_scaled_linear",
    "betas_sigmoid",
    "betas_zero_terminal_snr",
    "ddim_noise_scale",
    "ddim_path",
    "ddim_step",
    "ddpm_path",
    "ddpm_step",
    "ddpm_step_large",
    "epsilon",
    "exact",
    "exact_learned_range",
    "exact_log_variances",
    "exact_sample",
    "exact_v_prediction",
    "learned_range",
    "log_variances",
    "marginal_mean",
    "marginal_sample",
    "posterior_log_variance",
    "posterior_log_variance_large",
    "posterior_log_variance_learned",
    "posterior_mean",
    "posterior_mean_x_0_coefficient",
    "posterior_mean_x_t_coefficient",
    "posterior_variance",
    "posterior_variance_large",
    "sample",
    "sigma",
    "snr",
    "timesteps_leading",
    "timesteps_linspace",
    "timesteps_trailing",
    "v_from_eps",
    "v_from_x_0",
    "v_prediction",
    "x_0_from_eps",
    "x_0_from_v",
]

ARRAY = "torch"

_LOG = Variance("fixed_small_log"), Variance("fixed_large_log")
_LEARNED = Variance("learned_range", -1.0), Variance("learned_range", 1.0)

epsilon = Epsilon(Schedulers())
sample = Sample(Schedulers())
v_prediction = VPrediction(Schedulers())
log_variances = Sample(Schedulers(*_LOG))
learned_range = Sample(Schedulers(*_LEARNED))
exact = Epsilon(Schedulers(float64_tables=True))
exact_sample = Sample(Schedulers(float64_tables=True))
exact_v_prediction = VPrediction(Schedulers(float64_tables=True))
exact_log_variances = Sample(Schedulers(*_LOG, float64_tables=True))
exact_learned_range = Sample(Schedulers(*_LEARNED, float64_tables=True))

alpha = epsilon.alpha
sigma = epsilon.sigma
snr = epsilon.snr
marginal_mean = epsilon.marginal_mean
marginal_sample = epsilon.marginal_sample
v_from_eps = epsilon.v_from_eps
v_from_x_0 = epsilon.v_from_x_0
x_0_from_eps = epsilon.x_0_from_eps
x_0_from_v = epsilon.x_0_from_v
posterior_mean = epsilon.posterior_mean
posterior_mean_x_0_coefficient = epsilon.posterior_mean_x_0_coefficient
posterior_mean_x_t_coefficient = epsilon.posterior_mean_x_t_coefficient
posterior_variance = epsilon.posterior_variance
posterior_variance_large = epsilon.posterior_variance_large
posterior_log_variance = epsilon.posterior_log_variance
posterior_log_variance_large = epsilon.posterior_log_variance_large
posterior_log_variance_learned = epsilon.posterior_log_variance_learned
ddpm_step = epsilon.ddpm_step
ddpm_step_large = epsilon.ddpm_step_large
ddim_noise_scale = epsilon.ddim_noise_scale
ddim_step = epsilon.ddim_step
ddpm_path = epsilon.ddpm_path
ddim_path = epsilon.ddim_path


def _betas(T: int, beta_start: Tensor, beta_end: Tensor, schedule: str) -> Tensor:
    betas: Tensor = DDPMScheduler(T, float(beta_start), float(beta_end), schedule).betas
    return betas


def betas_linear(T: int, beta_start: Tensor, beta_end: Tensor) -> Tensor:
    return _betas(T, beta_start, beta_end, "linear")


def betas_scaled_linear(T: int, beta_start: Tensor, beta_end: Tensor) -> Tensor:
    return _betas(T, beta_start, beta_end, "scaled_linear")


def betas_sigmoid(T: int, beta_start: Tensor, beta_end: Tensor) -> Tensor:
    return _betas(T, beta_start, beta_end, "sigmoid")


def betas_cosine(T: int, offset: Tensor, beta_max: Tensor) -> Tensor:
    # As near as float32 carries them.
    if abs(float(offset) - 0.008) > 1e-9 or abs(float(beta_max) - 0.999) > 1e-7:
        raise NotImplementedError("diffusers fixes the cosine schedule's offset at 0.008 and its cap at 0.999")
    betas: Tensor = DDPMScheduler(T, beta_schedule="squaredcos_cap_v2").betas
    return betas


def betas_zero_terminal_snr(betas: Tensor) -> Tensor:
    rescaled: Tensor = DDPMScheduler(trained_betas=betas.cpu().numpy(), rescale_betas_zero_snr=True).betas
    return rescaled


def alpha_bar(betas: Tensor) -> Tensor:
    products: Tensor = DDPMScheduler(trained_betas=betas.cpu().numpy()).alphas_cumprod
    return products


def _grid(T: int, n: int, spacing: str, steps_offset: int = 0) -> Tensor:
    scheduler = DDPMScheduler(T, timestep_spacing=spacing, steps_offset=steps_offset)
    scheduler.set_timesteps(n)
    times: Tensor = scheduler.timesteps + 1
    return times


def timesteps_leading(T: int, n: int, steps_offset: int) -> Tensor:
    return _grid(T, n, "leading", steps_offset)


def timesteps_trailing(T: int, n: int) -> Tensor:
    return _grid(T, n, "trailing")


def timesteps_linspace(T: int, n: int) -> Tensor:
    return _grid(T, n, "linspace")
