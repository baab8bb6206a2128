"""What refdiff found in diffusers' solvers, grids and other schedulers, each with code that shows it without refdiff."""

from refdiff.adapters.findings import Finding

__all__ = ["SOLVERS"]

_ISSUES = "https://github.com/huggingface/diffusers/issues/"
_NAN = float("nan")
_THIRD = """
import torch
from diffusers import DPMSolverMultistepScheduler
scheduler = DPMSolverMultistepScheduler(solver_order=3, algorithm_type="{}")
zero, levels = torch.zeros(1, 1, dtype=torch.float64), torch.tensor([8.0, 4.0, 2.0, 1.0], dtype=torch.float64)
scheduler.sigmas, scheduler._step_index = levels, 2
got = scheduler.multistep_dpm_solver_third_order_update([zero + 1, zero, zero], sample=zero, noise=zero)
"""
_PARABOLA = "sigma/alpha 8, 4, 2 and 1, variance preserved; x_t = z = 0, estimates of x_0 1, 0 and 0, the oldest first"

SOLVERS = (
    Finding(
        "unipc_bh1_is_nan_at_data",
        "UniPC with bh1 ends in nan",
        "unipc_bh1_path",
        "defaults but for solver_type bh1, one step; x_t = 0 and x_0 = 1 at t = 1000",
        (_NAN,),
        (1.0,),
        "at the final sigma = 0 h is infinite, bh1's B(h) is h, and step() multiplies it by a correction of 0. So every run with "
        "final_sigmas_type zero, the default, ends in nan. The docstring recommends bh1 for unconditional sampling.",
        """
import torch
from diffusers import UniPCMultistepScheduler
scheduler = UniPCMultistepScheduler(solver_type="bh1", prediction_type="sample")
scheduler.set_timesteps(1)
got = scheduler.step(torch.ones(1, 1), scheduler.timesteps[0], torch.zeros(1, 1)).prev_sample
""",
        case="multistep.unipc_bh1_path/mixture/two-steps-order-1@1",
    ),
    Finding(
        "unipc_of_noise_is_nan_at_data",
        "UniPC with predict_x0=False ends in nan",
        "unipc_bh2_path",
        "defaults but for predict_x0 False, one step; x_t = 0 and x_0 = 1 at t = 1000",
        (_NAN,),
        (1.0,),
        "the update for predictions of noise has sigma_s*(exp(h) - 1), 0 times infinity at the final sigma = 0, which is the "
        "default. DPMSolverMultistepScheduler refuses that pair of options, UniPC does not.",
        """
import torch
from diffusers import UniPCMultistepScheduler
scheduler = UniPCMultistepScheduler(predict_x0=False, prediction_type="sample")
scheduler.set_timesteps(1)
got = scheduler.step(torch.ones(1, 1), scheduler.timesteps[0], torch.zeros(1, 1)).prev_sample
""",
    ),
    Finding(
        "unipc_at_full_order_is_nan_at_data",
        "UniPC without lower_order_final ends in nan",
        "unipc_bh2_path",
        "defaults but for lower_order_final False, two steps; x_t = 0 at t = 1000 and x_0 = 1 throughout",
        (_NAN,),
        (1.0,),
        "a step of second order to the final sigma = 0 divides by its infinite length. DPMSolverMultistepScheduler takes Euler's "
        "step to sigma = 0 whatever lower_order_final says.",
        """
import torch
from diffusers import UniPCMultistepScheduler
scheduler = UniPCMultistepScheduler(lower_order_final=False, prediction_type="sample")
scheduler.set_timesteps(2)
got = torch.zeros(1, 1)
for t in scheduler.timesteps:
    got = scheduler.step(torch.ones(1, 1), t, got).prev_sample
""",
    ),
    Finding(
        "dpm_solver_is_nan_at_a_level_twice",
        "DPM-Solver, Karras to sigma_min: nan from 15 steps",
        "dpmpp_2m_heun_path",
        "linear betas 1e-4 to 0.02, heun, use_karras_sigmas, final_sigmas_type sigma_min, n = 15; x_t = 0 at first, x_0 = 1",
        (_NAN,),
        (0.9998866,),
        "Karras' spacing ends at sigma_min, and final_sigmas_type sigma_min appends it again: the last step has length 0, by "
        "which heun, and midpoint of order 3, divide. Below 15 steps lower_order_final takes Euler's step there. So it is with "
        "use_exponential_sigmas, use_beta_sigmas and use_lu_lambdas.",
        """
import torch
from diffusers import DPMSolverMultistepScheduler
scheduler = DPMSolverMultistepScheduler(solver_type="heun", prediction_type="sample", use_karras_sigmas=True,
    final_sigmas_type="sigma_min")
scheduler.set_timesteps(15)
got = torch.zeros(1, 1)
for t in scheduler.timesteps:
    got = scheduler.step(torch.ones(1, 1), t, got).prev_sample
""",
    ),
    Finding(
        "third_order_is_second",
        "DPM-Solver++ of order 3 takes half a derivative",
        "dpmpp_3m_step",
        _PARABOLA,
        (0.1331630,),
        (0.1678075,),
        "the third update has the second divided difference where its double, the second derivative, belongs: its steps are of "
        "second order. The authors' own code has the same, and the paper prints no third multistep order, so that "
        "`diffusers` is held to dpmpp_3m_released_step; `diffusers:third_order` is held to third order. dpmsolver alike.",
        _THIRD.format("dpmsolver++"),
        case="multistep.dpmpp_3m_step/angles-3-v-1@1",
    ),
    Finding(
        "third_order_sde_has_a_wrong_sign",
        "sde-dpmsolver++ of order 3 is of order 1",
        "dpmpp_3m_sde_step",
        _PARABOLA,
        (-0.1315577,),
        (0.2817141,),
        "the parabola's coefficient is (1 - exp(-2h) - 2h)/(2h)**2 - 1/2 where + 1/2 is right, so that it tends to -1 and not to "
        "0 with the length of the step: order 1. DPMSolverSinglestepScheduler's heun of order 3 has the same.",
        _THIRD.format("sde-dpmsolver++"),
        case="sde_solver.dpmpp_3m_sde_step/unscaled/8-4-2-1-eta-1@1",
        reported="https://github.com/huggingface/diffusers/pull/9104",
        also=("dpmpp_3m_sde_path",),
    ),
    Finding(
        "pndm_combines_v",
        "PNDM combines v of several levels",
        "plms_path",
        "linear betas 1e-4 to 0.02, skip_prk_steps, v_prediction, n = 2; x_0 = 1 and eps = 0 throughout",
        (0.5403192,),
        (1.0,),
        "the linear multistep weights are for eps, whose values at several levels may be combined; step() combines v and makes "
        "eps of the result with the scales of one level. Runge-Kutta's steps do the same. Order 1 in place of 2.",
        """
import torch
from diffusers import PNDMScheduler
scheduler = PNDMScheduler(prediction_type="v_prediction", skip_prk_steps=True, set_alpha_to_one=True)
scheduler.set_timesteps(2)
powers = scheduler.alphas_cumprod
got = powers[500].sqrt() * torch.ones(1, 1)
for t in scheduler.timesteps.tolist():
    got = scheduler.step(-(1 - powers[t]).sqrt() * torch.ones(1, 1), t, got).prev_sample
""",
        case="multistep.plms_path/dirac/karras-5@1",
        reported=_ISSUES + "14816",
    ),
    Finding(
        "pndm_strides_past_its_grid",
        "PNDM steps to t - T // n, not to its next time",
        "plms_path",
        "linear betas 1e-4 to 0.02, skip_prk_steps, linspace, n = 2: times 1000 and 1; x_0 = 1 and eps = 1 throughout",
        (0.1649873,),
        (1.0,),
        "as DDIMScheduler does: each step goes from t to t - T // n, and its first from t = 501 whatever t was, while the model "
        "is asked at the grid's times. So on linspace grids and on trailing ones whose n does not divide T.",
        """
import torch
from diffusers import PNDMScheduler
scheduler = PNDMScheduler(timestep_spacing="linspace", skip_prk_steps=True, set_alpha_to_one=True)
scheduler.set_timesteps(2)
power = scheduler.alphas_cumprod[999]
got = (power.sqrt() + (1 - power).sqrt()) * torch.ones(1, 1)
for t in scheduler.timesteps.tolist():
    got = scheduler.step(torch.ones(1, 1), t, got).prev_sample
""",
    ),
    Finding(
        "tcd_ignores_set_alpha_to_one",
        "TCD ends at t = 1, not at data",
        "tcd_path",
        "scaled linear betas 0.00085 to 0.012, n = 1, eta = 0; x_t = 1 and x_0 = 0 at t = 1000",
        (0.02922330,),
        (0.0,),
        "set_alpha_to_one, True by default, is documented to end at alpha = 1; step() reads row 0 of alphas_cumprod, so that the "
        "noise of t = 1 stays in the result. The authors' own code does so too.",
        """
import torch
from diffusers import TCDScheduler
scheduler = TCDScheduler(prediction_type="sample", clip_sample=False)
scheduler.set_timesteps(1)
got = scheduler.step(torch.zeros(1, 1), scheduler.timesteps[0], torch.ones(1, 1), eta=0.0).prev_sample
""",
        case="ancestral.tcd_path/dirac/cosine-50-strided-gamma-0.5@1",
    ),
)
