"""What refdiff found in smalldiffusion, each with code that shows it without refdiff."""

from refdiff.adapters.findings import Finding

__all__ = ["CONVENTIONS", "FINDINGS", "VERSION"]

VERSION = "0.5.0"

_NAN = float("nan")

FINDINGS = (
    Finding(
        "ddpm_with_all_steps_is_nan",
        "DDPM is nan where it takes as many steps as levels",
        "euler_ancestral_path",
        "ScheduleLDM(1000).sample_sigmas(1000), mu = 0.5; the last step, x_t = 1, the noise estimated as 0",
        (_NAN,),
        (1.0,),
        "sample_sigmas ends in the least level, which a grid of n = N steps already reaches: its last two levels are the same. "
        "Then sig_p = (sig/sig**mu)**(1/(1 - mu)) is sig but for rounding, and where it is rounded up the root of "
        "sig**2 - sig_p**2 is nan. ScheduleLDM and ScheduleSigmoid of any N are struck, ScheduleCosine for some; ScheduleDDPM "
        "and ScheduleLogLinear at their defaults are not. DDIM (mu = 0) does not round there.",
        """
import torch
from smalldiffusion import ModelMixin, ScheduleLDM, samples
class Zero(torch.nn.Module, ModelMixin):
    input_dims = (1,)
    def forward(self, x, sigma, cond=None):
        return torch.zeros_like(x)
sigmas = ScheduleLDM(1000).sample_sigmas(1000)
*_, got = samples(Zero(), sigmas[-2:], mu=0.5, xt=torch.ones(1, 1))
""",
    ),
    Finding(
        "more_steps_than_levels_jump_to_noise",
        "more steps than levels end in the noisiest level",
        "timesteps_trailing",
        "ScheduleLogLinear(10), sigma from 0.02 to 10, 21 steps; the last level but one",
        (10.0,),
        (),
        "with more than 2*N steps an index rounds to -1, which is the noisiest level: the run jumps from sigma_min to "
        "sigma_max and back in its last steps. Nothing refuses it.",
        """
from smalldiffusion import ScheduleLogLinear
got = ScheduleLogLinear(10).sample_sigmas(21)[-2]
""",
    ),
    Finding(
        "cosine_schedule_is_float32",
        "the cosine schedule is cut to float32",
        "sigmas_iddpm",
        "N = 1000, torch's default dtype float64; the least sigma",
        (0.0064316113,),
        (0.0064254128,),
        "ScheduleCosine makes its betas in float64 and rounds them to float32 before the product of 1 - beta is taken and 1 "
        "subtracted again: 3 digits of the least sigma are left, whatever torch's default dtype. The other schedules follow "
        "that dtype (`smalldiffusion:exact`).",
        """
import torch
from smalldiffusion import ScheduleCosine
torch.set_default_dtype(torch.float64)
got = ScheduleCosine(1000).sigmas[0]
torch.set_default_dtype(torch.float32)
""",
    ),
    Finding(
        "ideal_denoiser_cancels",
        "IdealDenoiser loses digits far from the origin",
        "denoiser_dirac",
        "points 1000 and 1001, x_t = 1000.4, sigma_t = 0.5, float32",
        (1000.4378662,),
        (1000.4013358,),
        "squared distances are made of |x|**2 + |x_0|**2 - 2*x*x_0, which leaves nothing of distances that are small beside "
        "the norms: in float32 the exponent is off by about 6e-8*|x|**2/sigma_t**2. All golden cases, of unit size, hold.",
        """
import torch
from smalldiffusion import IdealDenoiser
ideal, sigma = IdealDenoiser([torch.tensor([1000.0]), torch.tensor([1001.0])]), torch.tensor(0.5)
x = torch.tensor([[1000.4]])
got = x - sigma * ideal(x, sigma)
""",
    ),
)

CONVENTIONS = (
    "sigma is noise_scale/signal_scale, and states are those of a signal that keeps its scale; PredFlow's are those of the "
    "straight path.",
    "sample_sigmas ends in the schedule's least level, so that the result keeps its noise; for n = N the last two levels are "
    "equal and the last step does nothing. Documented there.",
    "mu is an exponent: DDIM at 0, DDPM at 1/2; other values of DDIM's eta are not among its laws.",
    "cfg_scale is Ho and Salimans' w: 0 is no guidance. Documented there.",
    "ScheduleCosine takes beta_start and beta_end and does not use them.",
    "get_loss takes the mean over the batch as well.",
)
