"""What refdiff found in diffusers: DDPMScheduler, DDIMScheduler and their tables here, the rest in the files beside."""

from refdiff.adapters.findings import Finding
from refdiff.adapters.findings.diffusers_grids import GRIDS
from refdiff.adapters.findings.diffusers_laws import LAWS
from refdiff.adapters.findings.diffusers_solvers import SOLVERS

__all__ = ["CONVENTIONS", "FINDINGS", "TABLES", "VERSION"]

VERSION = "0.42.1"

_ISSUES = "https://github.com/huggingface/diffusers/issues/"
_NAN = float("nan")
_INF = float("inf")

TABLES = (
    Finding(
        "ddim_strides_past_its_grid",
        "DDIM steps to t - T // n, not to its next time",
        "ddim_path",
        "linear betas 1e-4 to 0.02, T = 1000, linspace, n = 4: times 1000, 667, 334, 1; x_t = 0 and x_0 = 1 at t = 1000",
        (0.05154164,),
        (0.09848772,),
        "step() goes to t - T // n whatever the spacing: from t = 1000 to 750, and the next call says 667. So it is on "
        "linspace grids, and on trailing grids whose n does not divide T. DDPMScheduler looks its grid up instead. "
        "The case named has 0.46279 in its worst place, where 0.82288 is right.",
        """
import torch
from diffusers import DDIMScheduler
scheduler = DDIMScheduler(timestep_spacing="linspace", prediction_type="sample", clip_sample=False)
scheduler.set_timesteps(4)  # tensor([999, 666, 333, 0])
got = scheduler.step(torch.ones(1, 1), scheduler.timesteps[0], torch.zeros(1, 1)).prev_sample
""",
        case="path.ddim_path/gaussian/linear-1000/n-4-from-1000-eta-0@1",
        reported=_ISSUES + "12633",
    ),
    Finding(
        "ddim_stops_short_of_data",
        "DDIM's last step ends at t = 1, not at data",
        "ddim_path",
        "linear betas 1e-4 to 0.02, T = 1000, trailing, n = 13: last time 77; x_t = 1 and x_0 = 0 there, eta = 0",
        (0.03956592,),
        (0.0,),
        "the same stride of T // n = 76 takes the last step from t = 77 to t = 1 instead of to data, so that noise of t = 1 "
        "stays in the result.",
        """
import torch
from diffusers import DDIMScheduler
scheduler = DDIMScheduler(timestep_spacing="trailing", prediction_type="sample", clip_sample=False)
scheduler.set_timesteps(13)
got = scheduler.step(torch.zeros(1, 1), scheduler.timesteps[-1], torch.ones(1, 1)).prev_sample
""",
        reported=_ISSUES + "9261",
    ),
    Finding(
        "trailing_grid_has_a_step_too_many",
        "trailing grid of 61 steps: length, last index",
        "timesteps_trailing",
        "T = 1000, n = 61, trailing; the grid's length and its last t_index",
        (62, -1),
        (61, 15),
        "np.arange(T, 0, -T / n) adds one entry when rounding leaves T - n*(T / n) above 0; it rounds to t = 0, and index -1 "
        "reads the noisiest row of alphas_cumprod at the cleanest time. For T = 1000 it strikes 62 of the 1000 possible n. "
        "Both schedulers.",
        """
from diffusers import DDIMScheduler
scheduler = DDIMScheduler(timestep_spacing="trailing")
scheduler.set_timesteps(61)
got = len(scheduler.timesteps), scheduler.timesteps[-1]
""",
        case="schedule.timesteps_trailing/T-1000-n-61@1",
    ),
    Finding(
        "ddim_is_nan_at_zero_snr",
        "DDIM with eta = 1 is nan at zero terminal SNR",
        "ddim_step",
        "scaled_linear betas 0.00085 to 0.012 rescaled to zero terminal SNR, T = 1000, trailing, n = 50, eta = 1; "
        "x_t = v = z = 1 at t = 1000, s = 980",
        (_NAN,),
        (0.9906949,),
        "with alpha_bar_t = 0 the direction's radicand 1 - alpha_bar_s - std**2 is 0, and std = variance**0.5 squared again "
        "rounds above it: the root of a negative number. Whether it does depends on the last bits: here n = 4, 8, 10, 30, "
        "40 with linear betas, n = 25, 30, 50, 1000 with these. No case has it: the printed form itself is exactly 0 there.",
        """
import torch
from diffusers import DDIMScheduler
scheduler = DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
    timestep_spacing="trailing", prediction_type="v_prediction", rescale_betas_zero_snr=True)
scheduler.set_timesteps(50)
one = torch.ones(1, 1)
got = scheduler.step(one, scheduler.timesteps[0], one, eta=1.0, variance_noise=one).prev_sample
""",
        reported=_ISSUES + "5969",
    ),
    Finding(
        "fixed_large_log_is_nan",
        "fixed_large_log takes the root of a log",
        "ddpm_step_large",
        "linear betas 1e-4 to 0.02, T = 1000, t = 501, s = 500; x_t = x_0 = 0; standard deviation of the noise",
        (_NAN,),
        (0.1002994,),
        "variance_type fixed_large_log makes log(beta_t) of the variance, and step() takes its square root instead of "
        "exp(log(beta_t) / 2). At zero terminal SNR the log is 0, and no noise is added at all.",
        """
import torch
from diffusers import DDPMScheduler
scheduler = DDPMScheduler(variance_type="fixed_large_log", prediction_type="sample", clip_sample=False)
zero = torch.zeros(1, 100_000)
got = scheduler.step(zero, 500, zero, generator=torch.Generator().manual_seed(0)).prev_sample.std()
""",
        case="step.ddpm_step_large/linear-1000/s-499-t-500/eps@1",
        reported=_ISSUES + "14569",
    ),
    Finding(
        "fixed_large_leaves_noise_in_the_result",
        "fixed_large adds noise at the last trailing step",
        "ddpm_step_large",
        "linear betas 1e-4 to 0.02, T = 1000, trailing, n = 50: last time 20; x_t = x_0 = 0; standard deviation of the result",
        (0.07604928,),
        (0.0,),
        "the last step adds no noise only where its t_index is 0 (`if t > 0`), as it is with leading spacing without offset and "
        "with linspace. With trailing spacing, custom times or steps_offset = 1 the result keeps noise of variance "
        "1 - alpha_bar_t (0.0759542 its root in Arb); so it does with learned_range unless the network puts out -1. Ho et al.'s "
        "Algorithm 2 and Improved DDPM's respaced sampler add no noise at their last step.",
        """
import torch
from diffusers import DDPMScheduler
scheduler = DDPMScheduler(variance_type="fixed_large", prediction_type="sample", timestep_spacing="trailing")
scheduler.set_timesteps(50)
zero = torch.zeros(1, 100_000)
generator = torch.Generator().manual_seed(0)
got = scheduler.step(zero, scheduler.timesteps[-1], zero, generator=generator).prev_sample.std()
""",
    ),
    Finding(
        "last_strided_step_adds_1e_10",
        "last strided DDPM step: variance clamped, not 0",
        "ddpm_step",
        "linear betas 1e-4 to 0.02, T = 1000, trailing, n = 50: last time 20; posterior variance at s = 0",
        (1e-20,),
        (0.0,),
        "the variance is clamped at 1e-20, so the last strided step adds 1e-10*z: float64 results keep 10 digits, float32 ones "
        "do not show it.",
        """
from diffusers import DDPMScheduler
scheduler = DDPMScheduler(timestep_spacing="trailing")
scheduler.set_timesteps(50)
got = scheduler._get_variance(scheduler.timesteps[-1])
""",
        case="step.ddpm_step/linear-1000/s-0-t-20/eps@1",
        documented="a comment in _get_variance: 'we always take the log of variance, so clamp it to ensure it's not 0'",
    ),
    Finding(
        "tables_are_float32",
        "float64 betas are cut to float32",
        "alpha_bar",
        "betas = [1/3] in float64; alpha_bar at t = 1",
        (0.66666662693,),
        (0.66666666666666666667,),
        "betas and alphas_cumprod are float32 even where trained_betas and the samples are float64: 7 digits are kept. With "
        "float64 tables in their place (`diffusers:exact`) the same formulas keep all digits.",
        """
import numpy as np
from diffusers import DDPMScheduler
got = DDPMScheduler(1, trained_betas=np.array([1 / 3])).alphas_cumprod
""",
        case="schedule.alpha_bar/linear-1000@1",
    ),
    Finding(
        "half_precision_training_adds_no_noise",
        "add_noise in bfloat16 adds none at small t",
        "marginal_sample",
        "linear betas 1e-4 to 0.02, T = 1000; x_0 = 0, eps = 1 in bfloat16 at t = 10",
        (0.0,),
        (0.04352925,),
        "add_noise rounds alphas_cumprod to the samples' dtype before it takes 1 - alphas_cumprod: in bfloat16 no noise is added "
        "for t = 1..10 (linear) or 1..21 (cosine), in float16 for t = 1..2 or 1..4. Cases this hard are not judged in those "
        "dtypes.",
        """
import torch
from diffusers import DDPMScheduler
x_0 = torch.zeros(1, 1, dtype=torch.bfloat16)
got = DDPMScheduler().add_noise(x_0, torch.ones_like(x_0), torch.tensor([9]))
""",
        documented="a comment in add_noise: 'Make sure alphas_cumprod and timestep have same device and dtype as "
        "original_samples'",
        reported="https://github.com/huggingface/diffusers/pull/9004",
    ),
    Finding(
        "compute_snr_is_float32",
        "compute_snr is float32 whatever the table",
        "snr",
        "alpha_bar_t = 2/3 in float64",
        (2.0000002384,),
        (2.0,),
        "training_utils.compute_snr squares the ratio of two roots in float32 whatever the table's dtype.",
        """
import torch
from types import SimpleNamespace
from diffusers.training_utils import compute_snr
table = SimpleNamespace(alphas_cumprod=torch.tensor([2 / 3], dtype=torch.float64))
got = compute_snr(table, torch.tensor([0]))
""",
        case="schedule.snr/linear-1000/t-1@1",
    ),
    Finding(
        "eps_at_zero_snr_is_not_refused",
        "eps without signal makes x_0 infinite",
        "ddim_step",
        "linear betas rescaled to zero terminal SNR, T = 1000; x_t = 2, eps = 1 at t = 1000",
        (_INF,),
        (),
        "eps says nothing of x_0 where alpha_bar_t = 0; the step divides by 0 and goes on, and clip_sample hides it as 1. "
        "The adapter declines the case: there is no value to be wrong about.",
        """
import torch
from diffusers import DDIMScheduler
scheduler = DDIMScheduler(rescale_betas_zero_snr=True, timestep_spacing="trailing", clip_sample=False)
scheduler.set_timesteps(50)
got = scheduler.step(torch.ones(1, 1), 999, 2 * torch.ones(1, 1)).pred_original_sample
""",
        reported=_ISSUES + "3851",
    ),
    Finding(
        "offset_leaves_the_schedule",
        "n = T with steps_offset = 1 starts at T + 1",
        "timesteps_leading",
        "T = 1000, n = 1000, leading, steps_offset = 1; the first t_index",
        (1000,),
        (),
        "the first time is T + 1: step() ends in IndexError, as with Stable Diffusion's own configuration at 1000 steps.",
        """
from diffusers import DDIMScheduler
scheduler = DDIMScheduler(steps_offset=1)
scheduler.set_timesteps(1000)
got = scheduler.timesteps[0]
""",
        reported=_ISSUES + "10003",
    ),
)

FINDINGS = (*TABLES, *SOLVERS, *LAWS, *GRIDS)

CONVENTIONS = (
    "linspace times that fall halfway between integers (T = 1000 with n = 27 or 53) go either way by the last bit of "
    "np.linspace; no source says which is right, so no case has such a grid.",
    "clip_sample clips x_0 but leaves eps as it was in DDIMScheduler.step; use_clipped_model_output=True, off by default, makes "
    "the two consistent again. Documented there.",
    "set_alpha_to_one=False ends DDIM at t = 1 instead of at data, with alpha_bar_1. Documented there.",
    "variance_type learned takes a variance; learned_range takes 2*interpolation - 1.",
    "linspace with one step is t = 1, by np.linspace, in the schedulers whose grids include both ends: the run starts from the "
    "least noise. timesteps_linspace has it so.",
    "sigmas and timesteps of set_timesteps are float32; the adapter puts a case's levels there, in the dtype asked for.",
    "step() of DPMSolverMultistep, EulerDiscrete, EulerAncestralDiscrete, the EDM and the flow-matching schedulers, and of "
    "LTXEulerAncestralRF, casts states to float32; ScoreSdeVe's corrector has a float32 step size. Their comments say that it is "
    "against half precision. In float64 these runs are imprecise, their updates alone are not.",
    "DPMSolverSinglestep of order 3 makes its second inner state by midpoint where the authors' code takes heun, and with solver "
    "type heun its last step too: both are of order 3, neither is dpmpp_3s_path.",
    "The eta of ancestral and sde schedulers is 1 and no option; SASolver alone has a strength, tau.",
    "SASolver adds a term of third order to its steps of order 2, as its authors' code does; orders 3 are the plain ones.",
    "DEISMultistep and SASolver end at the table's least noise, never at data; with Karras, exponential, beta or flow spacing "
    "their last step has length 0 and changes nothing.",
    "DEIS of order 3 makes its weights of differences of logs, in float32: on Gaussian data a run of 100 steps keeps three "
    "digits, where DPM-Solver's keeps six. In float64 it is right.",
    "EulerDiscrete with final_sigmas_type sigma_min has the least noise twice on a linspace grid; its last step changes nothing.",
    "CMStochasticIterative at n = T has sigma_min as its last level and again as its end, where its function is the identity.",
    "DDIMInverse's model is asked at the time a step goes to, as inversion code usually is.",
    "LCM's and TCD's steps are limited to original_inference_steps, CMStochasticIterative's to num_train_timesteps; PNDM with "
    "Runge-Kutta steps needs four, UnCLIP two: they raise.",
    "The middle of PNDM's Runge-Kutta step of an odd stride is told half of it from below and reached half of it from above, one "
    "training step apart.",
    "EDMEuler.set_timesteps(sigmas=...) takes places on the ramp from 0 to 1, as the change that added it shows, not noise "
    "scales as its docstring says.",
    "use_flow_sigmas of DPMSolver, DEIS and SASolver starts at time 1 - 1/T, UniPC's at 1 - 1e-6.",
)
