"""Diffusers' schedulers under the vocabulary's names.

The module itself predicts eps. Its objects hold the same formulas for another choice, as in `refdiff check diffusers:sample`.
Of DDPMScheduler and DDIMScheduler: `epsilon`, `sample` and `v_prediction` by what the network predicts; `log_variances` with
the variance types that go through a log; `exact`, `exact_sample`, `exact_v_prediction` and `exact_log_variances` with float64
tables instead of the library's float32 ones, which tell a wrong formula from a rounded table. Of all other schedulers:
`solvers`, `solvers_sample`, `solvers_v_prediction` and `solvers_flow_prediction`; `third_order` holds the multistep solvers of
order 3 to what their order says; `unclip` is UnCLIPScheduler, `edm` EDM's two. See findings/ for what was found.
"""

from types import SimpleNamespace

from torch import Tensor

from refdiff.adapters.diffusers.edm import EDM
from refdiff.adapters.diffusers.flow import Flow
from refdiff.adapters.diffusers.formulas import Epsilon, Sample, VPrediction
from refdiff.adapters.diffusers.grids import Grids
from refdiff.adapters.diffusers.levels import EPSILON, FLOW, SAMPLE, STRAIGHT, VARIANCE, Predicts, Scale, V
from refdiff.adapters.diffusers.multistep import Multistep, ThirdOrder
from refdiff.adapters.diffusers.renoised import Renoised
from refdiff.adapters.diffusers.schedulers import DDPMScheduler, Schedulers, Variance
from refdiff.adapters.diffusers.singlestep import Singlestep
from refdiff.adapters.diffusers.stochastic import Stochastic
from refdiff.adapters.diffusers.tables import Tables, UnCLIP

__all__ = [
    "ARRAY", "adams_bashforth_eps", "alpha", "alpha_bar", "betas_cosine", "betas_linear", "betas_scaled_linear",
    "betas_sigmoid", "betas_zero_terminal_snr", "consistency_path", "ddim_inversion_step", "ddim_noise_scale",
    "ddim_path", "ddim_step", "ddpm_path", "ddpm_step", "ddpm_step_large", "deis_path", "deis_step",
    "dpm2_ancestral_path", "dpm2_ancestral_step", "dpm2_path", "dpm_solver_2m_heun_step", "dpm_solver_2m_path",
    "dpm_solver_2m_sde_path", "dpm_solver_2m_sde_step", "dpm_solver_2m_step", "dpm_solver_2s_path",
    "dpm_solver_2s_step", "dpm_solver_3s_state", "dpm_solver_3s_step", "dpm_solver_sde_1_path",
    "dpm_solver_sde_1_step", "dpmpp_2m_heun_path", "dpmpp_2m_heun_step", "dpmpp_2m_path", "dpmpp_2m_sde_heun_path",
    "dpmpp_2m_sde_heun_step", "dpmpp_2m_sde_path", "dpmpp_2m_sde_step", "dpmpp_2m_step", "dpmpp_2s_heun_step",
    "dpmpp_2s_path", "dpmpp_2s_step", "dpmpp_3m_released_step", "dpmpp_3m_sde_path", "dpmpp_3m_sde_step",
    "dpmpp_3s_heun_step", "dpmpp_3s_state", "dpmpp_3s_step", "dpmpp_sde_1_path", "dpmpp_sde_1_step", "edm",
    "edm_sigma_at_fractional_time_linear", "epsilon", "euler_ancestral_flow_path", "euler_ancestral_flow_step",
    "euler_ancestral_path", "euler_ancestral_step", "euler_path", "exact", "exact_learned_range",
    "exact_log_variances", "exact_sample", "exact_v_prediction", "exponentially_shifted_time", "flow_euler_path",
    "flow_euler_step", "flow_heun_path", "flow_times_ending_at", "flow_times_exponentially_shifted",
    "flow_times_shifted", "flow_times_stretched", "fractional_time_from_edm_sigma", "heun_path", "ipndm_path",
    "lcm_c_out", "lcm_c_skip", "lcm_path", "learned_range", "lms_path", "lms_step", "log_variances", "marginal_mean",
    "marginal_sample", "plms_path", "pndm_path", "posterior_log_variance", "posterior_log_variance_large",
    "posterior_log_variance_learned", "posterior_mean", "posterior_mean_x_0_coefficient",
    "posterior_mean_x_t_coefficient", "posterior_variance", "posterior_variance_large",
    "predictor_corrector_ve_path", "sa_corrector_step", "sa_predictor_step", "sample", "shifted_time", "sigma",
    "sigmas_beta", "sigmas_karras", "sigmas_polyexponential", "snr", "solvers", "solvers_flow_prediction",
    "solvers_sample", "solvers_v_prediction", "tcd_path", "tcd_step", "third_order", "timesteps_leading",
    "timesteps_linspace", "timesteps_trailing", "unclip", "unclip_sample", "unic_step_bh1", "unic_step_bh2",
    "unip_step_bh1", "unip_step_bh2", "unipc_bh1_path", "unipc_bh2_path", "v_from_eps", "v_from_x_0", "v_prediction",
    "x_0_from_eps", "x_0_from_v",
]  # fmt: skip

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

edm = EDM()
third_order = ThirdOrder()
unclip, unclip_sample = UnCLIP(), UnCLIP(SAMPLE)


def _joined(*holders: object) -> SimpleNamespace:
    """One object with the formulas of all."""
    found = {name: getattr(one, name) for one in holders for name in dir(one) if not name.startswith("_")}
    return SimpleNamespace(**{name: value for name, value in found.items() if callable(value)}, ARRAY=ARRAY)


def _solvers(predicts: Predicts, scale: Scale) -> SimpleNamespace:
    """Every scheduler that runs on levels or tables, for a network that predicts this, in this scale of the states."""
    families = (Multistep(predicts, scale), Singlestep(predicts, scale), Stochastic(predicts, scale), Renoised(predicts))
    return _joined(*families, Tables(predicts))


solvers = _joined(_solvers(EPSILON, VARIANCE), Flow(), Grids())
solvers_sample = _solvers(SAMPLE, VARIANCE)
solvers_v_prediction = _solvers(V, VARIANCE)
solvers_flow_prediction = _solvers(FLOW, STRAIGHT)

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

dpmpp_2m_step = solvers.dpmpp_2m_step
dpmpp_2m_heun_step = solvers.dpmpp_2m_heun_step
dpmpp_3m_released_step = solvers.dpmpp_3m_released_step
dpm_solver_2m_step = solvers.dpm_solver_2m_step
dpm_solver_2m_heun_step = solvers.dpm_solver_2m_heun_step
dpmpp_2m_path = solvers.dpmpp_2m_path
dpmpp_2m_heun_path = solvers.dpmpp_2m_heun_path
dpm_solver_2m_path = solvers.dpm_solver_2m_path
unip_step_bh1 = solvers.unip_step_bh1
unip_step_bh2 = solvers.unip_step_bh2
unic_step_bh1 = solvers.unic_step_bh1
unic_step_bh2 = solvers.unic_step_bh2
unipc_bh1_path = solvers.unipc_bh1_path
unipc_bh2_path = solvers.unipc_bh2_path
deis_step = solvers.deis_step
deis_path = solvers.deis_path
lms_step = solvers.lms_step
lms_path = solvers.lms_path
euler_path = solvers.euler_path
heun_path = solvers.heun_path
dpm2_path = solvers.dpm2_path
dpmpp_2s_step = solvers.dpmpp_2s_step
dpmpp_2s_heun_step = solvers.dpmpp_2s_heun_step
dpmpp_3s_state = solvers.dpmpp_3s_state
dpmpp_3s_step = solvers.dpmpp_3s_step
dpmpp_3s_heun_step = solvers.dpmpp_3s_heun_step
dpm_solver_2s_step = solvers.dpm_solver_2s_step
dpm_solver_3s_state = solvers.dpm_solver_3s_state
dpm_solver_3s_step = solvers.dpm_solver_3s_step
dpmpp_2s_path = solvers.dpmpp_2s_path
dpm_solver_2s_path = solvers.dpm_solver_2s_path
dpmpp_sde_1_step = solvers.dpmpp_sde_1_step
dpm_solver_sde_1_step = solvers.dpm_solver_sde_1_step
dpmpp_2m_sde_step = solvers.dpmpp_2m_sde_step
dpmpp_2m_sde_heun_step = solvers.dpmpp_2m_sde_heun_step
dpmpp_3m_sde_step = solvers.dpmpp_3m_sde_step
dpm_solver_2m_sde_step = solvers.dpm_solver_2m_sde_step
dpmpp_sde_1_path = solvers.dpmpp_sde_1_path
dpm_solver_sde_1_path = solvers.dpm_solver_sde_1_path
dpmpp_2m_sde_path = solvers.dpmpp_2m_sde_path
dpmpp_2m_sde_heun_path = solvers.dpmpp_2m_sde_heun_path
dpmpp_3m_sde_path = solvers.dpmpp_3m_sde_path
dpm_solver_2m_sde_path = solvers.dpm_solver_2m_sde_path
sa_predictor_step = solvers.sa_predictor_step
sa_corrector_step = solvers.sa_corrector_step
predictor_corrector_ve_path = solvers.predictor_corrector_ve_path
euler_ancestral_step = solvers.euler_ancestral_step
euler_ancestral_path = solvers.euler_ancestral_path
dpm2_ancestral_path = solvers.dpm2_ancestral_path
dpm2_ancestral_step = solvers.dpm2_ancestral_step
euler_ancestral_flow_path = solvers.euler_ancestral_flow_path
euler_ancestral_flow_step = solvers.euler_ancestral_flow_step
lcm_path = solvers.lcm_path
lcm_c_skip = solvers.lcm_c_skip
lcm_c_out = solvers.lcm_c_out
tcd_step = solvers.tcd_step
tcd_path = solvers.tcd_path
consistency_path = solvers.consistency_path
plms_path = solvers.plms_path
pndm_path = solvers.pndm_path
ipndm_path = solvers.ipndm_path
adams_bashforth_eps = solvers.adams_bashforth_eps
ddim_inversion_step = solvers.ddim_inversion_step
flow_euler_path = solvers.flow_euler_path
flow_euler_step = solvers.flow_euler_step
flow_heun_path = solvers.flow_heun_path
sigmas_karras = solvers.sigmas_karras
sigmas_polyexponential = solvers.sigmas_polyexponential
sigmas_beta = solvers.sigmas_beta
edm_sigma_at_fractional_time_linear = solvers.edm_sigma_at_fractional_time_linear
fractional_time_from_edm_sigma = solvers.fractional_time_from_edm_sigma
shifted_time = solvers.shifted_time
exponentially_shifted_time = solvers.exponentially_shifted_time
flow_times_shifted = solvers.flow_times_shifted
flow_times_exponentially_shifted = solvers.flow_times_exponentially_shifted
flow_times_stretched = solvers.flow_times_stretched
flow_times_ending_at = solvers.flow_times_ending_at


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
