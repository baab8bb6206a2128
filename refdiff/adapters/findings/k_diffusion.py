"""What refdiff found in k-diffusion, each with code that shows it without refdiff."""

from refdiff.adapters.findings import Finding

__all__ = ["CONVENTIONS", "FINDINGS", "VERSION"]

VERSION = "0.1.1.post1"

_ISSUES = "https://github.com/crowsonkb/k-diffusion/issues/"
_NAN = float("nan")

FINDINGS = (
    Finding(
        "dpm2_ancestral_adds_no_noise_where_capped",
        "DPM2 ancestral adds no noise where eta is capped",
        "dpm2_ancestral_path",
        "sigmas 2, 1; eta = 4; x_t = 3, x_0 = 0.5, z = 1",
        (0.5,),
        (1.5,),
        "where eta is so large that sigma_up is cut to all of sigma_s, sigma_down is 0 and sample_dpm_2_ancestral takes the "
        "branch of a step to data, which adds no noise: the state has no noise where the next step takes it to have "
        "sigma_s. So it is for eta >= sigma_t/sqrt(sigma_t**2 - sigma_s**2), which is above 1. "
        "sample_dpmpp_2s_ancestral and sample_euler_ancestral add it.",
        """
import torch
from k_diffusion.sampling import sample_dpm_2_ancestral
one, sigmas = torch.ones(1, 1), torch.tensor([2.0, 1.0])
got = sample_dpm_2_ancestral(lambda x, sigma: 0.5 * one, 3 * one, sigmas, disable=True, eta=4.0, noise_sampler=lambda *_: one)
""",
        case="ancestral.dpm2_ancestral_path/correlated/karras-12-2-eta-4@1",
    ),
    Finding(
        "dpmpp_sde_fails_on_one_step",
        "2M and 3M SDE fail on a single step to data",
        "dpmpp_2m_sde_path",
        "sigmas 2, 0; x_T = 3, x_0 = 0.75",
        (_NAN,),
        (0.75,),
        "sample_dpmpp_2m_sde and sample_dpmpp_3m_sde remember h after a step to sigma = 0, which has none: UnboundLocalError "
        "where no step came before it, as in image-to-image runs of one step.",
        """
import torch
from k_diffusion.sampling import sample_dpmpp_2m_sde
one, sigmas = torch.ones(1, 1), torch.tensor([2.0, 0.0])
try:
    got = sample_dpmpp_2m_sde(lambda x, sigma: 0.75 * one, 3 * one, sigmas, disable=True, noise_sampler=lambda *_: one)
except UnboundLocalError:
    got = float("nan")
""",
        case="sde_solver.dpmpp_2m_sde_path/dirac/one-step-eta-0.25@1",
        reported=_ISSUES + "72",
        also=("dpmpp_2m_sde_heun_path", "dpmpp_3m_sde_released_path"),
    ),
    Finding(
        "dpmpp_3m_sde_counts_half_the_parabola",
        "3M SDE takes half the second derivative: order 2",
        "dpmpp_3m_sde_step",
        "sigmas 8, 4, 2, 1; eta = 0; x_0 = log(sigma)**2, a parabola in half_logsnr; x_t = 0 at sigma = 2",
        (0.019546982,),
        (0.066626312,),
        "d2 is half of the second derivative of x_0 in steps of h, and phi_3 is its whole weight over 2: phi_3*d2 is half of "
        "the integral. A step from three exact estimates is of local order 2, and not 3; with 2*phi_3*d2 it is exact for a "
        "parabola. DPM-Solver++(3M) was released with the same coefficient, and diffusers has it too. With noise the weak "
        "order is 2 with either. `k_diffusion` is held to dpmpp_3m_sde_released_step; `k_diffusion:third_order` is held to "
        "third order.",
        """
import torch
from k_diffusion.sampling import sample_dpmpp_3m_sde
def at_two(at):
    if at["i"] == 2:
        at["x"].zero_()
sigmas = torch.tensor([8.0, 4.0, 2.0, 1.0])
got = sample_dpmpp_3m_sde(lambda x, sigma: sigma.log() ** 2, torch.zeros(1), sigmas, disable=True, callback=at_two, eta=0.0)
""",
        case="sde_solver.dpmpp_3m_sde_step/flow/0.9375-0.6875-0.5625-0.0625-eta-0.75@1",
        also=("dpmpp_3m_sde_path",),
    ),
    Finding(
        "own_weighting_is_refused",
        "Denoiser refuses a weighting that is a function",
        "edm_loss_weight",
        "weighting = torch.ones_like, the same as 'karras'; its weight at sigma = 1",
        (_NAN,),
        (1.0,),
        "__init__ takes a callable weighting and goes on to look for its name, which ends in ValueError: the second `if` "
        "lacks an `el`. The three named weightings are right.",
        """
import torch
from k_diffusion.layers import Denoiser
try:
    got = Denoiser(None, weighting=torch.ones_like).weighting(torch.ones(1))
except ValueError:
    got = float("nan")
""",
    ),
    Finding(
        "grids_are_float32",
        "grids are float32, and karras cancels at rho = 1",
        "sigmas_karras",
        "n = 2, sigma_min = 0.002, sigma_max = 80, rho = 1; the last level",
        (0.0019989014,),
        (0.002,),
        "get_sigmas_* take no dtype and make float32 (torch's default dtype) of whatever they are given; get_sigmas_karras "
        "subtracts sigma_max**(1/rho) from itself at its end, which leaves 3 digits of sigma_min at rho = 1 and 6 at rho = 7. "
        "With float64 as torch's default dtype (`k_diffusion:exact`) all digits are kept, but for DiscreteSchedule: its "
        "t_to_sigma rounds places in the table to float32.",
        """
from k_diffusion.sampling import get_sigmas_karras
got = get_sigmas_karras(2, 0.002, 80.0, rho=1.0)[1]
""",
        case="edm.sigmas_karras/0.002-80.0-rho-1.0-n-2@1",
    ),
)

CONVENTIONS = (
    "sigma is noise_scale/signal_scale, and states are those of a signal that keeps its scale.",
    "get_sigmas_* and DiscreteSchedule.get_sigmas append a 0.",
    "eta of 2M and 3M SDE is noise_strength**2; elsewhere it is DDIM's share of the posterior's noise scale.",
    "churn of a step is cut off at sqrt(2) - 1, as in EDM's Algorithm 2; sample_euler and sample_dpm_2 have it too.",
    "rand_cosine_interpolated counts its time from the noise: at 1 - time it is simple diffusion's interpolated schedule, and "
    "its draws have the same law.",
    "log_likelihood takes N(0, sigma_max**2) for the noisiest law, and estimates the divergence with one vector of signs.",
)
