"""Whole sampling runs: a step function looped over decreasing times."""

from refdiff.numbers import namespace
from refdiff.reference.conversion import x_0_from_v
from refdiff.reference.schedule import alpha, log_alpha_bar, sigma
from refdiff.reference.step import ddim_step, ddpm_step

__all__ = ["ddim_path", "ddpm_path", "guided_ddim_path"]


def ddpm_path(denoiser, x_T, z, betas, timesteps):
    """States of DDPM's sampler from x_T down to x_0, strided or not.

    Args:
        denoiser: callable (x_t, t) giving the mean of x_0 given x_t.
        x_T: state at timesteps[0], shape (B, d).
        z: fresh unit noise of each step, shape (n, B, d).
        betas: step variances, shape (T,).
        timesteps: decreasing integers in 1..T, shape (n,); the last step goes to 0.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 15 ulp of max(abs(value)),
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
        Shape (n + 1, B, d), x_T first. Error at most 30 ulp of max(abs(value)),
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
    """States of the deterministic DDIM sampler under classifier-free guidance of two models of v: Stable Diffusion's sampler.

    Args:
        v_model_conditional: callable (x_t, t) giving the mean of v given x_t and the condition.
        v_model_unconditional: callable (x_t, t) giving the mean of v given x_t alone.
        guidance_scale: unconditional + guidance_scale*(conditional - unconditional), in [0, 10]; 1 for no guidance, often 7.5.
        x_T: state at timesteps[0], shape (B, d).
        betas: step variances, shape (T,); Stable Diffusion's are betas_scaled_linear from 0.00085 to 0.012, T = 1000.
        timesteps: decreasing integers in 1..T, shape (n,); the last step goes to 0, where alpha_bar is 1. Stable Diffusion's
            are timesteps_leading(1000, 50, 1) = 982, 962, ..., 2, which diffusers counts from 0: 981, 961, ..., 1.

    Returns:
        Shape (n + 1, B, d), x_T first; unscaled_latent of the last is what the decoder takes. Configured with
        set_alpha_to_one=False, as Stable Diffusion's is in diffusers, the last step ends at alpha_bar_1 instead of 1: not
        this formula. Error at most 1 ulp of (1 + guidance_scale)*max(abs(value))/betas[0], for up to 10 steps on points of
        unit size: between two points the exact models sharpen an error by up to 1/sigma_t**2.

    Source:
        Ho and Salimans 2022, arXiv:2207.12598v1, Eq. (6), whose w is guidance_scale - 1; Salimans and Ho 2022,
        arXiv:2202.00512v2, section 4, for v; Song et al. 2021, arXiv:2010.02502v4, Eq. (12) with sigma = 0;
        Rombach et al. 2022, arXiv:2112.10752v2, code.
    """
    xp = namespace(x_T, betas)
    log_powers = log_alpha_bar(betas)
    states = [x_T]
    for i, t in enumerate(timesteps):
        s = timesteps[i + 1] if i + 1 < len(timesteps) else 0
        log_s, log_t = log_powers[s - 1] if s > 0 else 0 * log_powers[0], log_powers[t - 1]
        v = v_model_unconditional(states[i], t)
        v = v + guidance_scale * (v_model_conditional(states[i], t) - v)
        x_0 = x_0_from_v(states[i], v, alpha(log_t), sigma(log_t))
        states.append(ddim_step(states[i], x_0, 0 * x_0, 0, log_s, log_t))
    return xp.stack(states)
