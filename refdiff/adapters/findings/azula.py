"""What refdiff found in azula, each with code that shows it without refdiff."""

from refdiff.adapters.findings import Finding

__all__ = ["CONVENTIONS", "FINDINGS", "VERSION"]

VERSION = "0.11.1"

FINDINGS = (
    Finding(
        "reab_takes_the_start_for_the_end",
        "REABSampler takes sigma_t for sigma_s: order 1",
        "probability_flow_solution_gaussian",
        "data that are 1, VE from sigma 4 to 1 in one step of order 1, x_t = 5",
        (3.3362427,),
        (2.2710729,),
        "the integral has the factor sqrt(alpha_s**2 + sigma_t**2) where its documentation has sqrt(1 + exp(2*s)), which is "
        "sqrt(alpha_s**2 + sigma_s**2)/alpha_s. On Gaussian data its measured order is 1 for every order asked for; with sigma_s "
        "it is 2 for order = 2. On data of unit variance the integrand is 0, which hides it. The exact solution here is 2.",
        """
import torch
from azula.denoise import GaussianDenoiser
from azula.linalg.covariance import IsotropicCovariance
from azula.noise import VESchedule
from azula.sample import REABSampler
denoiser = GaussianDenoiser(torch.ones(1), IsotropicCovariance(0.0), VESchedule(1.0, 4.0))
got = REABSampler(denoiser, order=1, steps=1, silent=True)(torch.full((1, 1), 5.0))
""",
    ),
    Finding(
        "gaussian_denoiser_cancels",
        "GaussianDenoiser cancels where there is much noise",
        "denoiser_gaussian",
        "data N(0, 1), VESchedule() at t = 1: sigma_t = 1000; x_t = 1000, float32",
        (0.0009765625,),
        (0.000999999,),
        "it takes the estimated noise off x_t, (x_t + sigma_t**2*C_t**-1*(mean_t - x_t))/alpha_t, where its documentation prints "
        "the form that does not cancel, mean + C*C_t**-1*(x_t - mean). Digits are lost in proportion to the noise-to-signal "
        "ratio: one is left here in float32, at the default sigma_max.",
        """
import torch
from azula.denoise import GaussianDenoiser
from azula.linalg.covariance import IsotropicCovariance
from azula.noise import VESchedule
denoiser = GaussianDenoiser(torch.zeros(1), IsotropicCovariance(1.0), VESchedule())
got = denoiser(torch.full((1, 1), 1000.0), torch.tensor(1.0)).mean
""",
        case="denoiser.denoiser_gaussian/zero-snr-1000/t-999@1",
    ),
    Finding(
        "sigma_cancels_near_data",
        "cosine and VP schedules round sigma near the data",
        "cosine_path_scales",
        "CosineSchedule() at t = 1e-4, float32",
        (0.001,),
        (0.0010122463,),
        "sigma_t = sqrt(1 - alpha_t**2 + sigma_min**2) subtracts alpha_t**2 from 1 in the time's dtype: in float32, samplers' "
        "default for times, sigma_t is off by 1 percent where 1 - alpha_t**2 is below 1e-7. sin(t*acos(alpha_min))**2 and "
        "-expm1(2*t**2*log(alpha_min)) would keep the digits.",
        """
import torch
from azula.noise import CosineSchedule
got = CosineSchedule().sigma(torch.tensor(1e-4))
""",
    ),
)

CONVENTIONS = (
    "DDIMSampler's eta is a share of the noise's variance: the square of Song et al.'s. Documented there.",
    "CFGDenoiser's guidance is Ho and Salimans' w: 0 is no guidance. Documented there.",
    "schedules leave some noise at time 0 and some signal at time 1 (sigma_min and alpha_min, 0.001); HeunSampler, zEABSampler, "
    "xEABSampler and REABSampler divide by the noise scale or take its log, and GaussianDenoiser divides by the signal scale.",
    "VP and cosine schedules add sigma_min**2 to the variance, so that alpha_t**2 + sigma_t**2 is above 1. Documented there.",
    "KarrasDenoiser's preconditioning is EDM's for sigma_data = 1, told log(sigma_t/alpha_t) where EDM takes a quarter of it. "
    "Documented there.",
    "loss takes the mean over the whole batch; its documentation gives it the shape of the batch.",
    "DPSSampler divides by the norm of all the errors it is given: the samples of a batch share it.",
    "samplers make their times in torch's default dtype unless told another, whatever the state's.",
)
