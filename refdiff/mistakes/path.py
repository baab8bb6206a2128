"""Wrong bodies of whole sampling runs."""

from refdiff.mistakes.schedule import alpha_bar__shifted_by_one
from refdiff.numbers import namespace
from refdiff.reference.schedule import log_alpha_bar
from refdiff.reference.step import ddim_step, ddpm_step, ddpm_step_large

__all__ = [
    "ddim_path__denoiser_of_initial_state",
    "ddim_path__eta_ignored",
    "ddim_path__final_alpha_bar_first_step",
    "ddim_path__levels_one_step_early",
    "ddim_path__levels_one_stride_early",
    "ddim_path__previous_by_fixed_stride",
    "ddim_path__previous_step_when_strided",
    "ddpm_path__denoiser_of_initial_state",
    "ddpm_path__noise_at_last_step",
    "ddpm_path__previous_step_when_strided",
    "ddpm_path__same_noise_every_step",
    "ddpm_path__without_noise",
]


def _walked(step, x_T, betas, timesteps):
    """States of step(i, x_t, t, log_alpha_bar_s, log_alpha_bar_t) looped over the times."""
    xp = namespace(x_T, betas)
    logs = log_alpha_bar(betas)
    states = [x_T]
    for i, t in enumerate(timesteps):
        s = timesteps[i + 1] if i + 1 < len(timesteps) else 0
        states.append(step(i, states[i], t, logs[s - 1] if s > 0 else 0 * logs[0], logs[t - 1]))
    return xp.stack(states)


def ddpm_path__noise_at_last_step(denoiser, x_T, z, betas, timesteps):
    """Noise of the larger variance (fixed_large) at every step, the last one too.

    Fix: sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s))*z, which ends at 0, Ho et al. (7)
    Seen in: B040, huggingface/diffusers#5681, in another sampler
    """

    def step(i, x_t, t, log_s, log_t):
        return ddpm_step_large(x_t, denoiser(x_t, t), z[i], log_s, log_t)

    return _walked(step, x_T, betas, timesteps)


def ddpm_path__previous_step_when_strided(denoiser, x_T, z, betas, timesteps):
    """Every step computed from t to t - 1, though steps are skipped.

    Fix: step to the next of the timesteps: alpha_bar_s at that s, Ho et al. 2020, Algorithm 2
    Seen in: B030, huggingface/diffusers#2076
    """
    previous = namespace(betas).log(alpha_bar__shifted_by_one(betas))

    def step(i, x_t, t, log_s, log_t):
        return ddpm_step(x_t, denoiser(x_t, t), z[i], previous[t - 1], log_t)

    return _walked(step, x_T, betas, timesteps)


def ddpm_path__denoiser_of_initial_state(denoiser, x_T, z, betas, timesteps):
    """The denoiser asked about x_T at every step.

    Fix: denoiser(x_t, t) of the current state, Ho et al. 2020, Algorithm 2
    Seen in: B101, lucidrains/rectified-flow-pytorch@b7a5e64
    """

    def step(i, x_t, t, log_s, log_t):
        return ddpm_step(x_t, denoiser(x_T, t), z[i], log_s, log_t)

    return _walked(step, x_T, betas, timesteps)


def ddpm_path__without_noise(denoiser, x_T, z, betas, timesteps):
    """The mean alone at every step: not the deterministic DDIM.

    Fix: add sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s))*z, Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """

    def step(i, x_t, t, log_s, log_t):
        return ddpm_step(x_t, denoiser(x_t, t), 0 * z[i], log_s, log_t)

    return _walked(step, x_T, betas, timesteps)


def ddpm_path__same_noise_every_step(denoiser, x_T, z, betas, timesteps):
    """The first step's noise used at every step.

    Fix: z[i] is fresh at each step, Ho et al. 2020, Algorithm 2
    Seen in: plausible
    """

    def step(i, x_t, t, log_s, log_t):
        return ddpm_step(x_t, denoiser(x_t, t), z[0], log_s, log_t)

    return _walked(step, x_T, betas, timesteps)


def ddim_path__final_alpha_bar_first_step(denoiser, x_T, z, eta, betas, timesteps):
    """alpha_bar of the first step in place of 1 at the end (set_alpha_to_one=False): noise is left in the result.

    Fix: alpha_bar_s is 1 at s = 0, Song et al. 2021, Eq. (12)
    Seen in: B026, Stability-AI/stablediffusion#345
    """
    first = log_alpha_bar(betas)[0]

    def step(i, x_t, t, log_s, log_t):
        last = i + 1 == len(timesteps)
        return ddim_step(x_t, denoiser(x_t, t), z[i], eta, first if last else log_s, log_t)

    return _walked(step, x_T, betas, timesteps)


def ddim_path__levels_one_step_early(denoiser, x_T, z, eta, betas, timesteps):
    """The table of previous values read at both ends: alpha_bar of t - 1 and of s - 1.

    Fix: alpha_bar_s and alpha_bar_t are rows s - 1 and t - 1 of cumprod(1 - betas), Song et al. 2021, Eq. (12)
    Seen in: B043, lucidrains/denoising-diffusion-pytorch#83
    """
    logs = namespace(betas).log(alpha_bar__shifted_by_one(betas))

    def step(i, x_t, t, log_s, log_t):
        s = timesteps[i + 1] if i + 1 < len(timesteps) else 1
        return ddim_step(x_t, denoiser(x_t, t), z[i], eta, logs[s - 1], logs[t - 1])

    return _walked(step, x_T, betas, timesteps)


def ddim_path__previous_step_when_strided(denoiser, x_T, z, eta, betas, timesteps):
    """Every step computed from t to t - 1, though steps are skipped.

    Fix: step to the next of the timesteps: alpha_bar_s at that s, Song et al. 2021, Eq. (12)
    Seen in: B030, huggingface/diffusers#2076, in its DDPM
    """
    previous = namespace(betas).log(alpha_bar__shifted_by_one(betas))

    def step(i, x_t, t, log_s, log_t):
        return ddim_step(x_t, denoiser(x_t, t), z[i], eta, previous[t - 1], log_t)

    return _walked(step, x_T, betas, timesteps)


def ddim_path__previous_by_fixed_stride(denoiser, x_T, z, eta, betas, timesteps):
    """Each step goes to t - T//n, which is not the next time unless the grid is even.

    Fix: step to the next of the timesteps, and to s = 0 from the last, Song et al. 2021, Eq. (12)
    Seen in: plausible; huggingface/diffusers#12633 reports it
    """
    logs, stride = log_alpha_bar(betas), len(betas) // len(timesteps)

    def step(i, x_t, t, log_s, log_t):
        s = t - stride
        return ddim_step(x_t, denoiser(x_t, t), z[i], eta, logs[s - 1] if s > 0 else 0 * logs[0], log_t)

    return _walked(step, x_T, betas, timesteps)


def ddim_path__levels_one_stride_early(denoiser, x_T, z, eta, betas, timesteps):
    """The noise levels of the step before: alpha_bar of the last t and of this one, the denoiser asked at this one.

    Fix: step from alpha_bar_t at this t to alpha_bar_s at the next, Song et al. 2021, Eq. (12)
    Seen in: B048, huggingface/diffusers#5145, where the inverse sampler took the levels of the step after
    """
    logs = log_alpha_bar(betas)

    def step(i, x_t, t, log_s, log_t):
        before = timesteps[max(i - 1, 0)]
        return ddim_step(x_t, denoiser(x_t, t), z[i], eta, log_t if i else log_s, logs[before - 1])

    return _walked(step, x_T, betas, timesteps)


def ddim_path__denoiser_of_initial_state(denoiser, x_T, z, eta, betas, timesteps):
    """The denoiser asked about x_T at every step.

    Fix: denoiser(x_t, t) of the current state, Song et al. 2021, Eq. (12)
    Seen in: B101, lucidrains/rectified-flow-pytorch@b7a5e64
    """

    def step(i, x_t, t, log_s, log_t):
        return ddim_step(x_t, denoiser(x_T, t), z[i], eta, log_s, log_t)

    return _walked(step, x_T, betas, timesteps)


def ddim_path__eta_ignored(denoiser, x_T, z, betas, timesteps):
    """The deterministic sampler whatever eta is.

    Fix: scale is eta*sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)), Song et al. Eq. (16)
    Seen in: plausible
    """

    def step(i, x_t, t, log_s, log_t):
        return ddim_step(x_t, denoiser(x_t, t), z[i], 0, log_s, log_t)

    return _walked(step, x_T, betas, timesteps)
