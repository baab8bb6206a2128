"""What refdiff found in diffusers' grids and in schedulers beside its solvers, each with code that shows it without refdiff."""

from refdiff.adapters.findings import Finding

__all__ = ["GRIDS"]

_ISSUES = "https://github.com/huggingface/diffusers/issues/"
_NAN = float("nan")

GRIDS = (
    Finding(
        "flow_grid_is_shifted_twice",
        "flow matching's own grid is shifted twice",
        "flow_times_ending_at",
        "shift = 3, T = 1000, n = 1000; the last time",
        (0.008928572,),
        (0.002994012,),
        "set_timesteps(n) spaces times between ends that are already shifted, and shifts them again. Grids that a pipeline hands "
        "over as sigmas are shifted once. FlowMatchHeunDiscreteScheduler and FlowMatchLCMScheduler alike.",
        """
from diffusers import FlowMatchEulerDiscreteScheduler
scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0)
scheduler.set_timesteps(1000)
got = scheduler.sigmas[-2]
""",
        case="grid.flow_times_ending_at/n-28-8@1",
        reported=_ISSUES + "13243",
    ),
    Finding(
        "stretched_grid_of_one_step_is_nan",
        "shift_terminal with one step is nan",
        "flow_times_stretched",
        "shift_terminal = 0.1, n = 1; the first time",
        (_NAN,),
        (),
        "the only time is 1 and cannot be stretched: 0/0. Nothing is refused, and the first step ends in IndexError.",
        """
from diffusers import FlowMatchEulerDiscreteScheduler
scheduler = FlowMatchEulerDiscreteScheduler(shift_terminal=0.1)
scheduler.set_timesteps(1)
got = scheduler.sigmas[0]
""",
    ),
    Finding(
        "first_time_twice_skips_a_level",
        "a first time that comes twice skips a level",
        "sigmas_karras",
        "DPMSolverMultistep, squaredcos_cap_v2, use_karras_sigmas, n = 20; place of the first step",
        (1.0,),
        (0.0,),
        "times are cut to whole ones, so that the first two levels share one; index_for_timestep takes the second, for image to "
        "image, and the run starts a level late and ends in IndexError. With use_flow_sigmas and flow_shift 3 so do UniPC "
        "from 334 and DPMSolverMultistep from 501 steps. Pipelines that call set_begin_index are not struck.",
        """
from diffusers import DPMSolverMultistepScheduler
scheduler = DPMSolverMultistepScheduler(beta_schedule="squaredcos_cap_v2", use_karras_sigmas=True)
scheduler.set_timesteps(20)
got = scheduler.index_for_timestep(scheduler.timesteps[0])
""",
        reported=_ISSUES + "12771",
    ),
    Finding(
        "solvers_of_T_steps_are_nan",
        "DPM-Solver, UniPC, DEIS, SA-Solver: nan at n = T",
        "dpmpp_2m_path",
        "DPMSolverMultistep, linear betas 1e-4 to 0.02, T = n = 1000; x_t = 0 at t = 1000 and x_0 = 1 throughout",
        (_NAN,),
        (1.0,),
        "they round n + 1 times to whole ones, of which there are T: t = 501 comes twice, the step between has length 0, and the "
        "next divides by it.",
        """
import torch
from diffusers import DPMSolverMultistepScheduler
scheduler = DPMSolverMultistepScheduler(prediction_type="sample")
scheduler.set_timesteps(1000)
got = torch.zeros(1, 1)
for t in scheduler.timesteps:
    got = scheduler.step(torch.ones(1, 1), t, got).prev_sample
""",
    ),
    Finding(
        "leading_grid_of_T_steps_stands_still",
        "DPM-Solver's leading grid at n = T: all t = 1",
        "timesteps_leading",
        "DPMSolverMultistep, leading, T = n = 1000; the first t_index",
        (0.0,),
        (),
        "the stride is T // (n + 1) = 0: every time is the cleanest. UniPC, DEIS and SASolver alike; DDPM's and DDIM's leading "
        "grids stride by T // n.",
        """
from diffusers import DPMSolverMultistepScheduler
scheduler = DPMSolverMultistepScheduler(timestep_spacing="leading")
scheduler.set_timesteps(1000)
got = scheduler.timesteps[0]
""",
    ),
    Finding(
        "inverse_of_flow_runs_forwards",
        "DPM inverse with flow sigmas goes to data",
        "flow_times_shifted",
        "DPMSolverMultistepInverse, use_flow_sigmas, n = 4; first and last noise level",
        (0.999, 0.24975),
        (0.24975, 0.999),
        "an inverse scheduler goes from data to noise; with use_flow_sigmas its levels are those of the forward one, falling.",
        """
from diffusers import DPMSolverMultistepInverseScheduler
scheduler = DPMSolverMultistepInverseScheduler(use_flow_sigmas=True, prediction_type="flow_prediction")
scheduler.set_timesteps(4)
got = scheduler.sigmas[0], scheduler.sigmas[-1]
""",
        reported="https://github.com/huggingface/diffusers/pull/12262",
    ),
    Finding(
        "inverse_grid_drops_times_and_keeps_levels",
        "DPM inverse, Karras, 79 steps: times, levels",
        "sigmas_karras",
        "DPMSolverMultistepInverse, linear betas 1e-4 to 0.02, use_karras_sigmas, n = 79; number of times, and of levels",
        (78.0, 80.0),
        (79.0, 80.0),
        "times that round to the same whole one are dropped, their levels are not: from there on the model is told the time of a "
        "later level, and the run ends before the noisiest. From n = 79 on, for 122 of the first 200 numbers of steps.",
        """
from diffusers import DPMSolverMultistepInverseScheduler
scheduler = DPMSolverMultistepInverseScheduler(use_karras_sigmas=True)
scheduler.set_timesteps(79)
got = len(scheduler.timesteps), len(scheduler.sigmas)
""",
    ),
    Finding(
        "log_linear_grid_has_a_level_too_many",
        "Euler's log_linear grid: levels, end of the run",
        "sigmas_polyexponential",
        "linear betas 1e-4 to 0.02, interpolation_type log_linear, n = 4; number of levels, and the level that 4 steps end at",
        (6.0, 0.01000133),
        (5.0, 0.0),
        "it makes n + 1 levels and appends 0 as a further one, so that the run ends with the noise of t = 1; and the times stay "
        "those of linspace, so that the model is told 667 at a level that is that of about t = 747. With use_karras_sigmas, "
        "which makes levels anew, it does not show.",
        """
from diffusers import EulerDiscreteScheduler
scheduler = EulerDiscreteScheduler(interpolation_type="log_linear")
scheduler.set_timesteps(4)
got = len(scheduler.sigmas), scheduler.sigmas[len(scheduler.timesteps)]
""",
    ),
    Finding(
        "churn_comes_after_the_model",
        "Euler's churn comes after the model is asked",
        "edm_stochastic_path",
        "linear betas 1e-4 to 0.02, trailing, n = 1, s_churn = 1; x_0 = 0 and x_t = 0: standard deviation of the result",
        (157.6030,),
        (0.0,),
        "Karras et al.'s Algorithm 2 raises the noise and then asks the model; step() is given the model's answer, raises the "
        "noise, and takes the answer for one about the raised state. The fresh noise is never removed: on data of one point the "
        "last step leaves all of it. EDMEulerScheduler and FlowMatchHeunDiscreteScheduler alike; with v_prediction sigma is "
        "that before the rise too. s_churn is 0 by default.",
        """
import torch
from diffusers import EulerDiscreteScheduler
scheduler = EulerDiscreteScheduler(timestep_spacing="trailing")
scheduler.set_timesteps(1)
scheduler.is_scale_input_called = True
zero, generator = torch.zeros(1, 100_000), torch.Generator().manual_seed(0)
got = scheduler.step(zero, scheduler.timesteps[0], zero, s_churn=1.0, generator=generator).prev_sample.std()
""",
    ),
    Finding(
        "repaint_goes_back_by_another_stride_s_noise",
        "RePaint goes back with the next stride's betas",
        "transition_variance",
        "linear betas 1e-4 to 0.02, n = 250: a stride of 4; from t = 1 back to t = 5, x_1 = 0: standard deviation",
        (0.02885435,),
        (0.02447582,),
        "after a step at t_index 4 the pipeline holds a state of t_index 0 and calls undo_step with 4; that adds noise with "
        "betas 4 to 7 where the stride has 1 to 4. It is right for a stride of 1 alone.",
        """
import torch
from diffusers import RePaintScheduler
scheduler = RePaintScheduler()
scheduler.set_timesteps(250)
zero = torch.zeros(1, 100_000)
got = scheduler.undo_step(zero, 4, torch.Generator().manual_seed(0)).std()
""",
    ),
    Finding(
        "ipndm_forgets_its_first_answer",
        "IPNDM's first step drops what the model says",
        "ipndm_path",
        "defaults, n = 4: from alpha = 0 to alpha = 0.5210; x_t = 0, v = -1: x_0 = 1",
        (0.0,),
        (0.5210054,),
        "its grid starts without signal; the step makes eps of v, and x_0 of eps by a division by alpha, kept from 0/0 by "
        "max(alpha, 1e-8), which gives 0. v says x_0 there: alpha*x_t - sigma*v.",
        """
import torch
from diffusers import IPNDMScheduler
scheduler = IPNDMScheduler()
scheduler.set_timesteps(4)
got = scheduler.step(-torch.ones(1, 1), scheduler.timesteps[0], torch.zeros(1, 1)).prev_sample
""",
    ),
)
