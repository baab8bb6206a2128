"""Whole sampling runs: a step function looped over decreasing times."""

from refdiff.numbers import namespace
from refdiff.reference.schedule import log_alpha_bar
from refdiff.reference.step import ddim_step, ddpm_step

__all__ = ["ddim_path", "ddpm_path"]


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
