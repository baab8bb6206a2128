"""What refdiff found in denoising-diffusion-pytorch, each with code that shows it without refdiff."""

from refdiff.adapters.findings import Finding

__all__ = ["CONVENTIONS", "FINDINGS", "VERSION"]

VERSION = "2.3.4"

_NAN = float("nan")

FINDINGS = (
    Finding(
        "guidance_of_scale_1_mixes_the_batch",
        "cond_scale = 1 gives all one image's estimate",
        "guided_ddim_path",
        "x_0 predicted as 0 for the first of two images, as 1 for the second; the estimates at cond_scale = 1",
        (0.0,),
        (0.0, 1.0),
        "forward_with_cond_scale returns one estimate at a scale of 1 and two at any other; model_predictions unpacks two. A "
        "batch of two is split into its rows, and the first image's estimate serves both; another batch size is a ValueError.",
        """
import torch
from denoising_diffusion_pytorch.classifier_free_guidance import GaussianDiffusion, Unet
class Network(torch.nn.Module):
    channels, out_dim, random_or_learned_sinusoidal_cond = 1, 1, False
    forward_with_cond_scale = Unet.forward_with_cond_scale
    def forward(self, x, t, classes, cond_drop_prob):
        return torch.arange(2.0).reshape(2, 1, 1, 1)
diffusion, x = GaussianDiffusion(Network(), image_size=1, objective="pred_x0"), torch.zeros(2, 1, 1, 1)
got = diffusion.model_predictions(x, torch.tensor([9, 9]), None, cond_scale=1.0).pred_x_start
""",
        case="path.guided_ddim_path/linear-10/n-1-from-10-scale-1-v-1@1",
    ),
    Finding(
        "immiscible_noise_is_not_the_target",
        "immiscible: trained on another image's noise",
        "simple_loss",
        "data 1 and -1, noises -1 and 1, t = 501, a network that knows the noise in x_t; its loss",
        (4.0,),
        (0.0,),
        "q_sample pairs data and noise anew for itself, p_losses goes on with the order as drawn: wherever the pairing changes "
        "anything, the target of pred_noise and pred_v belongs to another image. pred_x0 is not struck.",
        """
import torch
from denoising_diffusion_pytorch import GaussianDiffusion
x_0, noise = (torch.tensor(x).reshape(2, 1, 1, 1) for x in ([1.0, -1.0], [-1.0, 1.0]))
class Network(torch.nn.Module):
    channels, out_dim, self_condition = 1, 1, False
    def forward(self, x, t, _):
        return diffusion.predict_noise_from_start(x, t, x_0)
diffusion = GaussianDiffusion(Network(), image_size=1, objective="pred_noise", immiscible=True)
got = diffusion.p_losses(x_0, torch.tensor([500, 500]), noise)
""",
    ),
    Finding(
        "interpolation_skips_its_first_step",
        "interpolate() skips the first reverse step",
        "ddpm_path",
        "two images noised to t_index 3; the t_index of each step back",
        (2, 1, 0),
        (3, 2, 1, 0),
        "the images are noised to t, but range(0, t) steps back from t - 1: the network is told less noise than there is, and "
        "the noise of one step stays in the result. So in every file that has it.",
        """
import torch
from denoising_diffusion_pytorch import GaussianDiffusion
asked, x = [], torch.zeros(1, 1, 1, 1)
class Network(torch.nn.Module):
    channels, out_dim, self_condition = 1, 1, False
    def forward(self, x, t, _):
        asked.append(int(t))
        return x
GaussianDiffusion(Network(), image_size=1).interpolate(x, x, t=3)
got = tuple(asked)
""",
    ),
    Finding(
        "ddim_on_the_cosine_schedule_is_nan",
        "cosine, eta = 1, 2 or 5 DDIM steps: nan",
        "ddim_path",
        "cosine schedule, T = 1000, 5 steps, eta = 1, x_0 predicted as 1; the sample",
        (_NAN,),
        (1.0,),
        "1 - alpha_bar_s - sigma**2 is about 0 where alpha_bar_t is 2e-9, float32 rounds it below 0, and its root is taken. Of "
        "all numbers of steps 2 and 5 are struck. Both are the default options of classifier_free_guidance.py.",
        """
import torch
from denoising_diffusion_pytorch import GaussianDiffusion
class Network(torch.nn.Module):
    channels, out_dim, self_condition = 1, 1, False
    def forward(self, x, t, _):
        return 1 + 0 * x
options = dict(beta_schedule="cosine", sampling_timesteps=5, ddim_sampling_eta=1.0, objective="pred_x0")
got = GaussianDiffusion(Network(), image_size=1, auto_normalize=False, **options).sample(1)
""",
    ),
    Finding(
        "learned_variance_ignores_the_objective",
        "learned variance: objective is ignored",
        "posterior_mean",
        "linear schedule, T = 1000, t = 1000, objective pred_x0, x_t = 1, output 1/2; the estimate of x_0",
        (78.7068,),
        (0.5,),
        "LearnedGaussianDiffusion takes the output for noise in p_mean_variance and p_losses, whatever objective says; pred_v, "
        "the default, included.",
        """
import torch
from denoising_diffusion_pytorch import LearnedGaussianDiffusion
class Network(torch.nn.Module):
    channels, out_dim, self_condition = 1, 2, False
diffusion = LearnedGaussianDiffusion(Network(), image_size=1, beta_schedule="linear", objective="pred_x0")
x, output = torch.ones(1, 1, 1, 1), torch.full((1, 2, 1, 1), 0.5)
got = diffusion.p_mean_variance(x=x, t=torch.tensor([999]), clip_denoised=False, model_output=output)[3]
""",
    ),
    Finding(
        "learned_variance_has_no_ddim",
        "learned variance: DDIM is a NameError",
        "x_0_from_eps",
        "linear schedule, T = 1000, t = 1, x_t = 1, eps = 0; the estimate of x_0",
        (),
        (1.0000500037503,),
        "model_predictions, which ddim_sample calls, uses partial and identity, which its file does not import.",
        """
import torch
from denoising_diffusion_pytorch import LearnedGaussianDiffusion
class Network(torch.nn.Module):
    channels, out_dim, self_condition, forward = 1, 2, False, lambda self, x, t: torch.zeros(1, 2, 1, 1)
diffusion = LearnedGaussianDiffusion(Network(), image_size=1, beta_schedule="linear", objective="pred_noise")
try:
    got = diffusion.model_predictions(torch.ones(1, 1, 1, 1), torch.tensor([0])).pred_x_start
except NameError:
    got = ()
""",
    ),
    Finding(
        "repaint_resamples_at_the_last_steps",
        "RePaint resamples at t = jump, not where it is",
        "ddpm_path",
        "T = 1000, a jump of 1 after the step at t_index 950; the t_index of the step after the jump",
        (1,),
        (950,),
        "the loop's t is overwritten by resample_jump: noise of beta at that early step is added once, however long the jump, "
        "and each step back is told that t, whatever noise there is. Lugmayr et al. 2022, Algorithm 1, goes from t - 1 to t.",
        """
import torch
from denoising_diffusion_pytorch.repaint import GaussianDiffusion
asked, one = [], torch.ones(1, 1, 1, 1)
class Network(torch.nn.Module):
    channels, out_dim, self_condition, random_or_learned_sinusoidal_cond = 1, 1, False, False
    def forward(self, x, t, _):
        asked.append(int(t))
        return x
GaussianDiffusion(Network(), image_size=1).sample(gt=one, mask=one, resample_iter=1, resample_jump=1)
got = (asked[asked.index(950) + 1],)
""",
    ),
    Finding(
        "simple_diffusion_always_clips",
        "simple diffusion clips even when told not to",
        "posterior_mean",
        "SNR 1 at t and 3 at s, x_t = 4, v = 0, clip_sample_denoised=False; the posterior's mean",
        (2.2103435,),
        (3.2659863,),
        "p_mean_variance of simple_diffusion.py clips x_0 to [-1, 1] without asking clip_sample_denoised, which the two other "
        "continuous-time classes do.",
        """
import torch
from denoising_diffusion_pytorch.simple_diffusion import GaussianDiffusion
class Network(torch.nn.Module):
    def forward(self, x, log_snr):
        return 0 * x
diffusion = GaussianDiffusion(Network(), image_size=1, clip_sample_denoised=False, noise_schedule=lambda t: torch.log(3 - 2 * t))
got = diffusion.p_mean_variance(torch.full((1,), 4.0), torch.tensor(1.0), torch.tensor(0.0))[0]
""",
    ),
    Finding(
        "weighted_objective_cannot_sample",
        "weighted objective: sample() is a TypeError",
        "ddpm_step",
        "T = 1, both estimates of x_0 are 0; the sample",
        (),
        (0.0,),
        "p_sample gives p_mean_variance an argument that WeightedObjectiveGaussianDiffusion's does not take, and wants four "
        "values of it, of which it returns three.",
        """
import torch
from denoising_diffusion_pytorch import WeightedObjectiveGaussianDiffusion
class Network(torch.nn.Module):
    channels, out_dim, self_condition, forward = 1, 4, False, lambda self, x, t: torch.zeros(1, 4, 1, 1)
diffusion = WeightedObjectiveGaussianDiffusion(Network(), image_size=1, timesteps=1, auto_normalize=False)
try:
    got = diffusion.sample(1)
except TypeError:
    got = ()
""",
    ),
    Finding(
        "clipping_leaves_eps_in_copies",
        "1D, guided: clipped x_0 with unclipped eps",
        "ddim_step",
        "linear schedule, T = 1000, t = 501, x_t = 3, predicted eps = 0: x_0 is clipped to 1; the eps DDIM goes on with",
        (0.0,),
        (2.8335304,),
        "x_t = alpha_t*x_0 + sigma_t*eps no longer holds. GaussianDiffusion derives eps again (rederive_pred_noise); "
        "GaussianDiffusion1D's ddim_sample does not ask for it, and guided_diffusion.py and classifier_free_guidance.py cannot.",
        """
import torch
from denoising_diffusion_pytorch import GaussianDiffusion1D
class Network(torch.nn.Module):
    channels, out_dim, self_condition, forward = 1, 1, False, lambda self, x, t: 0 * x
diffusion = GaussianDiffusion1D(Network(), seq_length=1, beta_schedule="linear")
got = diffusion.model_predictions(torch.full((1, 1, 1), 3.0), torch.tensor([500]), clip_x_start=True).pred_noise
""",
    ),
    Finding(
        "sigmoid_ends_are_float32",
        "default schedule: alpha_bar off by 2.6e-5",
        "alpha_bar",
        "sigmoid schedule (the default), T = 1000; alpha_bar at t = 999",
        (0.000300286987,),
        (0.000300279199749,),
        "the float64 curve is shifted and scaled by sigmoids of torch.tensor(start) and torch.tensor(end), which are float32: "
        "their rounding of 3e-8 is all there is near the noise.",
        """
import torch
from denoising_diffusion_pytorch.denoising_diffusion_pytorch import sigmoid_beta_schedule
got = torch.cumprod(1 - sigmoid_beta_schedule(1000), 0)[998]
""",
    ),
    Finding(
        "kl_of_a_law_from_itself_is_not_0",
        "normal_kl of a law from itself is not 0",
        "denoising_kl",
        "means 0, log variances -3.3 in float32",
        (-1.1920929e-07,),
        (0.0,),
        "-1 + logvar2 - logvar1 + exp(logvar1 - logvar2) rounds -1 + logvar2 first: what a small divergence is made of drowns, "
        "and the sign may turn. logvar2 - logvar1 first, and expm1, keep it.",
        """
import torch
from denoising_diffusion_pytorch.learned_gaussian_diffusion import normal_kl
zero, log_variance = torch.zeros(1), torch.full((1,), -3.3)
got = normal_kl(zero, log_variance, zero, log_variance)
""",
        case="loss.denoising_kl/linear-1000/s-998-t-999@1",
    ),
    Finding(
        "tables_are_float32",
        "tables are float32 whatever the samples are",
        "alpha_bar",
        "linear schedule, T = 1000; alpha_bar at t = 1",
        (0.99989998340,),
        (0.9999,),
        "schedules are made in float64 and kept in float32: 7 digits. With float64 tables in their place "
        "(`denoising_diffusion_pytorch:exact`) the same formulas keep all digits but some of 1/alpha_bar_t - 1 near the data.",
        """
import torch
from denoising_diffusion_pytorch import GaussianDiffusion
class Network(torch.nn.Module):
    channels, out_dim, self_condition = 1, 1, False
got = GaussianDiffusion(Network(), image_size=1, beta_schedule="linear").alphas_cumprod[0]
""",
        case="schedule.alpha_bar/linear-1000@1",
        documented="a comment in __init__: 'helper function to register buffer from float64 to float32'",
    ),
    Finding(
        "guided_mean_is_float32",
        "classifier guidance is float32",
        "classifier_guided_mean",
        "mean 1/3 in float64, variance and score 0",
        (0.3333333432674408,),
        (1 / 3,),
        "condition_mean casts mean and score to float32, whatever the state is.",
        """
import torch
from denoising_diffusion_pytorch.guided_diffusion import GaussianDiffusion
mean, zero = (torch.full((1,), x, dtype=torch.float64) for x in (1 / 3, 0.0))
got = GaussianDiffusion.condition_mean(None, lambda x, t: zero, mean, zero, mean, None, {})
""",
    ),
)

CONVENTIONS = (
    "x_0 is clipped to [-1, 1] in every step of every sampler; the adapter leaves clipping out.",
    "DDIM's grid is linspace(-1, T - 1, n + 1) in float32 without its fractions: t = k*T//n, now and then one less by rounding "
    "(n = 26 of T = 1000 takes 499 where 500 is exact).",
    "without min-SNR the losses of x_0 and v are weighted by snr and snr/(snr + 1): that of eps in other units.",
    "posterior_log_variance_clipped is log(1e-20) at t = 1, as in Ho et al.'s code and not as in Nichol and Dhariwal's, so that "
    "a learned variance there lies between 1e-20 and beta_1.",
    "discretized_gaussian_log_likelihood takes tanh for the normal distribution, as Ho et al.'s code: up to 2e-4 off. Named "
    "approx there; the adapter leaves it out.",
    "Unet.forward_with_cond_scale takes the part along the conditional estimate off the guidance, and rescales by 0.7, unless "
    "told otherwise; sample() cannot tell it to keep that part.",
    "immiscible pairs by distance, not by its square: not the coupling of minibatch optimal transport.",
    "alpha_cosine_log_snr does not divide by its value at t = 0, and beta_linear_log_snr starts at 1e-4: neither begins at data.",
)
