"""Whole sampling runs: a step function looped over decreasing times."""

from refdiff.numbers import namespace
from refdiff.reference.conversion import x_0_from_v
from refdiff.reference.latent import unscaled_latent
from refdiff.reference.schedule import alpha, betas_scaled_linear, log_alpha_bar, sigma, timesteps_leading
from refdiff.reference.step import ddim_step, ddpm_step

__all__ = ["ddim_path", "ddpm_path", "guided_ddim_path", "stable_diffusion_path"]


def ddpm_path(denoiser, x_T, z, betas, timesteps):
    """States of DDPM's sampler from x_T down to x_0, strided or not.

    Args:
        denoiser: callable (x_t, t) giving the mean of x_0 given x_t.
        x_T: state at timesteps[0], shape (B, d).
        z: fresh unit noise of each step, shape (n, B, d).
        betas: step variances, shape (T,).
        timesteps: decreasing integers in 1..T, shape (n,); the last step goes to 0.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 30 ulp of max(abs(value)),
        for up to 10 steps on data of unit size; each step's error is shrunk or grown by the later ones.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, Algorithm 2, with the posterior variance between neighbouring times.
    """
    xp = namespace(x_T, z, betas)
    log_powers = log_alpha_bar(betas)
    states = [x_T]
    for i, t in enumerate(timesteps):
        s = timesteps[i + 1] if i + 1 < len(timesteps) else 0
        log_s = log_powers[s - 1] if s > 0 else 0 * log_powers[0]
        states.append(ddpm_step(states[i], denoiser(states[i], t), z[i, ...], log_s, log_powers[t - 1]))
    return xp.stack(states)


def ddim_path(denoiser, x_T, z, eta, betas, timesteps):
    """States of DDIM's sampler from x_T down to x_0, strided or not.

    Args:
        denoiser: callable (x_t, t) giving the mean of x_0 given x_t.
        x_T: state at timesteps[0], shape (B, d).
        z: fresh unit noise of each step, shape (n, B, d); without effect at eta = 0.
        eta: 0 for the deterministic sampler, 1 for DDPM's, in [0, 1].
        betas: step variances, shape (T,).
        timesteps: decreasing integers in 1..T, shape (n,); the last step goes to 0.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 93 ulp of max(abs(value)),
        for up to 10 steps on data of unit size; each step's error is shrunk or grown by the later ones.

    Source:
        Song et al. 2021, arXiv:2010.02502v4, Eqs. (12) and (16), with alpha_bar_0 = 1 at the end.
    """
    xp = namespace(x_T, z, betas)
    log_powers = log_alpha_bar(betas)
    states = [x_T]
    for i, t in enumerate(timesteps):
        s = timesteps[i + 1] if i + 1 < len(timesteps) else 0
        log_s = log_powers[s - 1] if s > 0 else 0 * log_powers[0]
        states.append(ddim_step(states[i], denoiser(states[i], t), z[i, ...], eta, log_s, log_powers[t - 1]))
    return xp.stack(states)


def guided_ddim_path(v_model_conditional, v_model_unconditional, guidance_scale, x_T, betas, timesteps):
    """States of the deterministic DDIM sampler under classifier-free guidance of two models of v, down to data.

    Args:
        v_model_conditional: callable (x_t, t) giving the mean of v given x_t and the condition.
        v_model_unconditional: callable (x_t, t) giving the mean of v given x_t alone.
        guidance_scale: unconditional + guidance_scale*(conditional - unconditional), in [0, 10]; 1 for no guidance, often 7.5.
        x_T: state at timesteps[0], shape (B, d).
        betas: step variances, shape (T,).
        timesteps: decreasing integers in 1..T, shape (n,); the last step goes to 0, where alpha_bar is 1.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 1 ulp of (1 + guidance_scale)*max(abs(value))/betas[0], for up to 50
        steps on points of unit size: between two points the exact models sharpen an error by up to 1/sigma_t**2.
        Two conventions are in use for the last step: here, as in the paper, it goes to alpha_bar_0 = 1 (set_alpha_to_one=True
        in diffusers); Stable Diffusion's released code goes to alpha_bar_1 instead, which is `stable_diffusion_path`.

    Source:
        Ho and Salimans 2022, arXiv:2207.12598v1, Eq. (6), whose w is guidance_scale - 1; Salimans and Ho 2022,
        arXiv:2202.00512v2, section 4, for v; Song et al. 2021, arXiv:2010.02502v4, Eq. (12) with sigma = 0 and alpha_0 = 1.
    """
    xp = namespace(x_T, betas)
    log_powers = log_alpha_bar(betas)
    states = [x_T]
    for i, t in enumerate(timesteps):
        s = timesteps[i + 1] if i + 1 < len(timesteps) else 0
        log_s, log_t = log_powers[s - 1] if s > 0 else 0 * log_powers[0], log_powers[t - 1]
        x_0 = _guided_x_0(v_model_conditional, v_model_unconditional, guidance_scale, states[i], t, log_t)
        states.append(ddim_step(states[i], x_0, 0 * x_0, 0, log_s, log_t))
    return xp.stack(states)


def _guided_x_0(v_model_conditional, v_model_unconditional, guidance_scale, x_t, t, log_alpha_bar_t):
    """The data that two models' combined v implies."""
    v = v_model_unconditional(x_t, t)
    v = v + guidance_scale * (v_model_conditional(x_t, t) - v)
    return x_0_from_v(x_t, v, alpha(log_alpha_bar_t), sigma(log_alpha_bar_t))


def stable_diffusion_path(
    v_model_conditional, v_model_unconditional, guidance_scale, x_T, T, n, steps_offset, beta_start, beta_end, latent_scale
):
    """States of Stable Diffusion's DDIM sampler as released, and the latent that its decoder takes.

    Args:
        v_model_conditional: callable (x_t, t) giving the mean of v given x_t and the condition.
        v_model_unconditional: callable (x_t, t) giving the mean of v given x_t and the empty condition.
        guidance_scale: unconditional + guidance_scale*(conditional - unconditional), in [0, 10]; 7.5.
        x_T: state at the first time, shape (B, d).
        T: number of training steps, an integer >= 2; 1000.
        n: number of sampling steps, in 1..T/2; 50.
        steps_offset: shift of the times, in 1..T//n - 1; 1. At 0 the last step, from t = 1, would do nothing.
        beta_start: first step variance, in (0, 1); 0.00085.
        beta_end: last step variance, in [beta_start, 1); 0.012.
        latent_scale: what the encoder's latents were multiplied by, > 0; 0.18215.

    Returns:
        Shape (n + 2, B, d): x_T, the state after each step, and the last state over latent_scale. Every case has the released
        numbers. Times are timesteps_leading: t = 982, 962, ..., 2, which released code counts from 0 as 981, 961, ..., 1. The
        last step goes from t = 2 to t = 1, not to data: alphas_prev[0] = alphas_cumprod[0] in CompVis' code,
        set_alpha_to_one=False in diffusers. Noise of scale sqrt(beta_start) is left in the latent. That is a convention of
        the released code; the step to alpha_bar = 1 that the paper takes is in `guided_ddim_path`.
        Error at most 3 ulp of (1 + guidance_scale)*max(abs(value))/beta_start, for up to 50 steps on points of unit size.

    Source:
        Rombach et al. 2022, arXiv:2112.10752v2, released code: make_beta_schedule "linear", make_ddim_timesteps "uniform",
        make_ddim_sampling_parameters, scale_factor; v as in Salimans and Ho 2022, arXiv:2202.00512v2, section 4, and the
        released v2 models; guidance as in Ho and Salimans 2022, arXiv:2207.12598v1, Eq. (6), whose w is guidance_scale - 1.
    """
    xp = namespace(x_T, beta_start, beta_end, latent_scale)
    zero = xp.sum(0 * x_T)
    log_powers = log_alpha_bar(betas_scaled_linear(T, beta_start + zero, beta_end + zero))
    times = [*timesteps_leading(T, n, steps_offset).tolist(), 1]
    states = [x_T]
    for i in range(n):
        log_s, log_t = log_powers[times[i + 1] - 1], log_powers[times[i] - 1]
        x_0 = _guided_x_0(v_model_conditional, v_model_unconditional, guidance_scale, states[i], times[i], log_t)
        states.append(ddim_step(states[i], x_0, 0 * x_0, 0, log_s, log_t))
    return xp.stack([*states, unscaled_latent(states[n], 0, latent_scale)])
