"""A torch diffusion library in the common style, and its adapter: states in any dtype, arithmetic in at least float32."""

import itertools

import torch
from torch.nn import functional

ARRAY = "torch"


def _wide(x):
    """Half precision is for storage: it is widened before any arithmetic."""
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x


def extract(table, index, x):
    """Entry of a table, shaped to broadcast over a batch."""
    at = torch.full((x.shape[0],), index, dtype=torch.long, device=x.device)
    return table.gather(0, at).reshape(-1, *([1] * (x.ndim - 1)))


class Diffusion(torch.nn.Module):
    """Buffers built once; index -1 is the data."""

    def __init__(self, betas):
        super().__init__()
        betas = _wide(betas)
        bars = torch.cumprod(1.0 - betas, dim=0)
        self.register_buffer("betas", betas)
        self.register_buffer("alphas_cumprod", bars)
        self.register_buffer("alphas_cumprod_prev", functional.pad(bars[:-1], (1, 0), value=1.0))
        self.register_buffer("sqrt_alphas_cumprod", torch.sqrt(bars))
        self.register_buffer("sqrt_one_minus_alphas_cumprod", torch.sqrt(1.0 - bars))
        self.register_buffer("sqrt_recip_alphas_cumprod", torch.sqrt(1.0 / bars))
        self.register_buffer("sqrt_recipm1_alphas_cumprod", torch.sqrt(1.0 / bars - 1))
        self.register_buffer("posterior_variance", betas * (1.0 - self.alphas_cumprod_prev) / (1.0 - bars))

    def two(self, s, t):
        """Signal power at s and t; at time 0 it is 1."""
        bars = functional.pad(self.alphas_cumprod, (1, 0), value=1.0)
        return bars[s], bars[t]


def _consecutive(s, t):
    if s != t - 1:
        raise NotImplementedError("this library has no strided posterior")


def betas_linear(T, beta_start, beta_end):
    return torch.linspace(float(beta_start), float(beta_end), T, dtype=torch.float64)


def betas_scaled_linear(T, beta_start, beta_end):
    return torch.linspace(float(beta_start) ** 0.5, float(beta_end) ** 0.5, T, dtype=torch.float64) ** 2


def betas_cosine(T, offset, beta_max):
    steps = torch.linspace(0, T, T + 1, dtype=torch.float64)
    bars = torch.cos(((steps / T) + offset) / (1 + offset) * torch.pi * 0.5) ** 2
    bars = bars / bars[0]
    return torch.clip(1 - (bars[1:] / bars[:-1]), 0, float(beta_max))


def betas_sigmoid(T, beta_start, beta_end):
    steps = torch.linspace(-6, 6, T, dtype=torch.float64)
    return torch.sigmoid(steps) * (beta_end - beta_start) + beta_start


def alpha_bar(betas):
    return Diffusion(betas).alphas_cumprod


def log_alpha_bar(betas):
    return torch.cumsum(torch.log1p(-betas), dim=0)


def alpha(betas, t_index):
    return Diffusion(betas).sqrt_alphas_cumprod[t_index]


def sigma(betas, t_index):
    return Diffusion(betas).sqrt_one_minus_alphas_cumprod[t_index]


def snr(betas, t_index):
    diffusion = Diffusion(betas)
    return (diffusion.sqrt_alphas_cumprod[t_index] / diffusion.sqrt_one_minus_alphas_cumprod[t_index]) ** 2


def marginal_mean(betas, t_index, x_0):
    x = _wide(x_0)
    return (extract(Diffusion(betas).sqrt_alphas_cumprod, t_index, x) * x).to(x_0.dtype)


def marginal_variance(betas, t_index):
    return Diffusion(betas).sqrt_one_minus_alphas_cumprod[t_index] ** 2


def marginal_sample(betas, t_index, x_0, eps):
    diffusion, x = Diffusion(betas), _wide(x_0)
    kept, added = diffusion.sqrt_alphas_cumprod, diffusion.sqrt_one_minus_alphas_cumprod
    return (extract(kept, t_index, x) * x + extract(added, t_index, x) * _wide(eps)).to(x_0.dtype)


def transition_mean(betas, s, t, x_s):
    before, now = Diffusion(betas).two(s, t)
    return (torch.sqrt(now / before) * _wide(x_s)).to(x_s.dtype)


def transition_variance(betas, s, t):
    before, now = Diffusion(betas).two(s, t)
    return 1 - now / before


def posterior_mean_x_0_coefficient(betas, s, t):
    _consecutive(s, t)
    diffusion = Diffusion(betas)
    return (betas * torch.sqrt(diffusion.alphas_cumprod_prev) / (1.0 - diffusion.alphas_cumprod))[t - 1]


def posterior_mean_x_t_coefficient(betas, s, t):
    _consecutive(s, t)
    diffusion = Diffusion(betas)
    return ((1.0 - diffusion.alphas_cumprod_prev) * torch.sqrt(1.0 - betas) / (1.0 - diffusion.alphas_cumprod))[t - 1]


def posterior_mean(betas, s, t, x_0, x_t):
    of_data, of_state = posterior_mean_x_0_coefficient(betas, s, t), posterior_mean_x_t_coefficient(betas, s, t)
    return (of_data * _wide(x_0) + of_state * _wide(x_t)).to(x_t.dtype)


def posterior_variance(betas, s, t):
    _consecutive(s, t)
    return Diffusion(betas).posterior_variance[t - 1]


def posterior_log_variance(betas, s, t):
    _consecutive(s, t)
    return torch.log(Diffusion(betas).posterior_variance.clamp(min=1e-20))[t - 1]


def posterior_variance_large(betas, s, t):
    _consecutive(s, t)
    return betas[t - 1]


def x_0_from_eps(betas, t_index, x_t, eps):
    diffusion, x = Diffusion(betas), _wide(x_t)
    scale, spread = diffusion.sqrt_recip_alphas_cumprod, diffusion.sqrt_recipm1_alphas_cumprod
    return (extract(scale, t_index, x) * x - extract(spread, t_index, x) * _wide(eps)).to(x_t.dtype)


def eps_from_x_0(betas, t_index, x_t, x_0):
    diffusion, x = Diffusion(betas), _wide(x_t)
    scale, spread = diffusion.sqrt_recip_alphas_cumprod, diffusion.sqrt_recipm1_alphas_cumprod
    return ((extract(scale, t_index, x) * x - _wide(x_0)) / extract(spread, t_index, x)).to(x_t.dtype)


def v_from_x_0(betas, t_index, x_t, x_0):
    # From the data and the noise that x_t holds, as a training target is made.
    diffusion, x = Diffusion(betas), _wide(x_t)
    kept, added = diffusion.sqrt_alphas_cumprod[t_index], diffusion.sqrt_one_minus_alphas_cumprod[t_index]
    eps = (x - kept * _wide(x_0)) / added
    return (kept * eps - added * _wide(x_0)).to(x_t.dtype)


def x_0_from_v(betas, t_index, x_t, v):
    diffusion, x = Diffusion(betas), _wide(x_t)
    kept, added = diffusion.sqrt_alphas_cumprod, diffusion.sqrt_one_minus_alphas_cumprod
    return (extract(kept, t_index, x) * x - extract(added, t_index, x) * _wide(v)).to(x_t.dtype)


def eps_from_v(betas, t_index, x_t, v):
    diffusion, x = Diffusion(betas), _wide(x_t)
    kept, added = diffusion.sqrt_alphas_cumprod, diffusion.sqrt_one_minus_alphas_cumprod
    return (extract(kept, t_index, x) * _wide(v) + extract(added, t_index, x) * x).to(x_t.dtype)


def score_from_eps(betas, t_index, eps):
    return (-_wide(eps) / Diffusion(betas).sqrt_one_minus_alphas_cumprod[t_index]).to(eps.dtype)


def simple_loss(eps, eps_hat):
    loss = functional.mse_loss(_wide(eps_hat), _wide(eps), reduction="none")
    return loss.flatten(1).mean(dim=1).to(eps.dtype)


def simple_loss_gradient(eps, eps_hat):
    guess = _wide(eps_hat).detach().clone().requires_grad_()
    functional.mse_loss(guess, _wide(eps), reduction="none").flatten(1).mean(1).sum().backward()
    return guess.grad.to(eps.dtype)


def snr_weight_v(betas, t_index):
    bars = Diffusion(betas).alphas_cumprod
    ratio = bars / (1 - bars)
    return (ratio / (ratio + 1))[t_index]


def min_snr_weight_eps(betas, t_index, gamma):
    bars = Diffusion(betas).alphas_cumprod
    ratio = bars / (1 - bars)
    return (ratio.clamp(max=float(gamma)) / ratio)[t_index]


def min_snr_weight_v(betas, t_index, gamma):
    bars = Diffusion(betas).alphas_cumprod
    ratio = bars / (1 - bars)
    return (ratio.clamp(max=float(gamma)) / (ratio + 1))[t_index]


def ddim_noise_scale(betas, s, t, eta):
    before, now = Diffusion(betas).two(s, t)
    return eta * ((1 - now / before) * (1 - before) / (1 - now)).sqrt()


def ddim_step(betas, s, t, x_t, x_0, z, eta):
    before, now = Diffusion(betas).two(s, t)
    x, data = _wide(x_t), _wide(x_0)
    eps = (x / now.sqrt() - data) / (1 / now - 1).sqrt() if now > 0 else x
    scale = ddim_noise_scale(betas, s, t, eta)
    direction = (1 - before - scale**2).clamp(min=0).sqrt()
    return (data * before.sqrt() + direction * eps + scale * _wide(z)).to(x_t.dtype)


def ddpm_step(betas, s, t, x_t, x_0, z):
    noise = torch.sqrt(posterior_variance(betas, s, t)) * _wide(z) if s else 0.0
    of_data, of_state = posterior_mean_x_0_coefficient(betas, s, t), posterior_mean_x_t_coefficient(betas, s, t)
    return (of_data * _wide(x_0) + of_state * _wide(x_t) + noise).to(x_t.dtype)


def ddim_path(denoiser, betas, timesteps, x_T, z, eta):
    states, times = [x_T], [*timesteps.tolist(), 0]
    for i, (t, s) in enumerate(itertools.pairwise(times)):
        x = states[-1]
        states.append(ddim_step(betas, s, t, x, denoiser(x, t), z[i], eta))
    return torch.stack(states)
