"""Noise grids in PyTorch: computed in float64, given in the dtype and on the device of the first tensor among the arguments.

Grids run from noise to data; the final level without noise is not among them. Python numbers alone give float64 on the CPU.
"""

import torch
from scipy.special import betaincinv
from torch import Tensor

from refdiff.production.schedule import log_alpha_bar

__all__ = [
    "cosine_time_from_edm_sigma",
    "edm_sigma_at_fractional_time_linear",
    "edm_sigma_at_fractional_time_log_linear",
    "edm_sigma_from_cosine_time",
    "flow_times_ending_at",
    "flow_times_exponentially_shifted",
    "flow_times_linear_quadratic",
    "flow_times_shifted",
    "flow_times_stretched",
    "fractional_time_from_edm_sigma",
    "sigmas_beta",
    "sigmas_interpolated",
    "sigmas_kl_optimal",
    "sigmas_of_table",
    "sigmas_polyexponential",
    "sigmas_vp",
    "timesteps_quadratic",
]

Number = Tensor | float


def _kind(*given: Number) -> Tensor:
    """What the result is like: the first tensor, or else a float64 number."""
    return next((x for x in given if isinstance(x, Tensor)), torch.zeros((), dtype=torch.float64))


def _wide(kind: Tensor, *given: Number) -> list[Tensor]:
    return [torch.as_tensor(x, dtype=torch.float64, device=kind.device) for x in given]


def _left(n: int, kind: Tensor) -> Tensor:
    """1 to 0 in n equal places; 1 alone for n = 1."""
    gaps = max(n - 1, 1)
    return torch.arange(gaps, gaps - n, -1, dtype=torch.float64, device=kind.device) / gaps


def sigmas_polyexponential(n: int, sigma_min: Number, sigma_max: Number, rho: Number) -> Tensor:
    """Noise scales whose logs fall by a power law. Source: Crowson et al. 2022, code of k-diffusion."""
    kind = _kind(sigma_max, sigma_min, rho)
    low, high, power = _wide(kind, sigma_min, sigma_max, rho)
    return (low * (high / low) ** (_left(int(n), kind) ** power)).to(kind.dtype)


def sigmas_vp(n: int, beta_rate_min: Number, beta_rate_max: Number, time_min: Number) -> Tensor:
    """EDM's sigmas at equally spaced times of the VP process. Source: Karras et al. 2022, arXiv:2206.00364v2, Table 1."""
    kind = _kind(beta_rate_max, beta_rate_min, time_min)
    start, end, least = _wide(kind, beta_rate_min, beta_rate_max, time_min)
    left = _left(int(n), kind)
    time = left + (1 - left) * least
    return torch.sqrt(torch.expm1(time * (start + time * (end - start) / 2))).to(kind.dtype)


def sigmas_beta(n: int, sigma_min: Number, sigma_max: Number, beta_a: Number, beta_b: Number) -> Tensor:
    """Noise scales at equally spaced quantiles of a beta distribution; no gradient by its shapes.

    Source: Lee et al. 2024, arXiv:2407.12173v1; code of diffusers, _convert_to_beta.
    """
    kind = _kind(sigma_max, sigma_min, beta_a, beta_b)
    low, high = _wide(kind, sigma_min, sigma_max)
    left = _left(int(n), torch.zeros(()))
    (share,) = _wide(kind, torch.from_numpy(betaincinv(float(beta_a), float(beta_b), left.numpy())))
    return torch.lerp(low, high, share).to(kind.dtype)


def sigmas_interpolated(n: int, sigmas: Tensor) -> Tensor:
    """Noise scales between those of a published list, straight in the log. Source: Sabour et al. 2024, arXiv:2404.14507v1."""
    last, gaps = len(sigmas) - 1, int(n) - 1
    places = torch.arange(gaps + 1, device=sigmas.device) * last
    rows = (places // gaps).clamp(max=last - 1)
    logs = torch.log(sigmas.double())
    shares = (places - rows * gaps) / torch.tensor(gaps, dtype=torch.float64)
    return torch.exp(torch.lerp(logs[rows], logs[rows + 1], shares)).to(sigmas.dtype)


def sigmas_kl_optimal(n: int, sigma_min: Number, sigma_max: Number) -> Tensor:
    """Noise scales at equally spaced arcs; sines over sines, so that neither end loses digits.

    Source: Sabour et al. 2024, arXiv:2404.14507v1, section 3.
    """
    kind = _kind(sigma_max, sigma_min)
    low, high = _wide(kind, sigma_min, sigma_max)
    left = _left(int(n), kind)
    arc = torch.lerp(torch.atan(low), torch.atan(high), left)
    rest = torch.lerp(torch.atan(1 / low), torch.atan(1 / high), left)
    return (torch.sin(arc) / torch.sin(rest)).to(kind.dtype)


def _logs(betas: Tensor) -> Tensor:
    """Logs of EDM's sigma at every step, float64."""
    return torch.log(torch.expm1(-log_alpha_bar(betas.double()))) / 2


def _between(table: Tensor, places: Tensor) -> Tensor:
    """Straight lines through neighbouring entries; places count from 0."""
    rows = places.long().clamp(0, max(len(table) - 2, 0))
    return torch.lerp(table[rows], table[(rows + 1).clamp(max=len(table) - 1)], places - rows)


def edm_sigma_at_fractional_time_log_linear(betas: Tensor, fractional_t: Tensor) -> Tensor:
    """EDM's sigma between the steps of a table, straight in its log. Source: Crowson et al. 2022, code of k-diffusion."""
    return torch.exp(_between(_logs(betas), fractional_t.double() - 1)).to(betas.dtype)


def edm_sigma_at_fractional_time_linear(betas: Tensor, fractional_t: Tensor) -> Tensor:
    """EDM's sigma between the steps of a table, straight in itself. Source: von Platen et al. 2022, code of diffusers."""
    return _between(torch.exp(_logs(betas)), fractional_t.double() - 1).to(betas.dtype)


def fractional_time_from_edm_sigma(betas: Tensor, sigma_over_alpha_t: Tensor) -> Tensor:
    """Time of a table, from 1 to T and not always whole, at EDM's sigma. Source: Crowson et al. 2022, code of k-diffusion."""
    logs, log = _logs(betas), torch.log(sigma_over_alpha_t.double())
    rows = (torch.searchsorted(logs, log) - 1).clamp(0, len(logs) - 2)
    shares = (log - logs[rows]) / (logs[rows + 1] - logs[rows])
    return (1 + rows + shares.clamp(0, 1)).to(sigma_over_alpha_t.dtype)


def sigmas_of_table(n: int, betas: Tensor) -> Tensor:
    """EDM's sigmas at equally spaced times of a table, both ends among them. Source: Crowson et al. 2022, code of k-diffusion."""
    return torch.exp(_between(_logs(betas), (len(betas) - 1) * _left(int(n), betas))).to(betas.dtype)


def cosine_time_from_edm_sigma(sigma_t: Number) -> Tensor:
    """Time of the cosine path at EDM's sigma. Source: Crowson et al. 2022, code of k-diffusion, VDenoiser."""
    sigma = torch.as_tensor(sigma_t)
    return torch.atan(sigma) * (2 / torch.pi)


def edm_sigma_from_cosine_time(time: Number) -> Tensor:
    """EDM's sigma at a time of the cosine path. Source: Crowson et al. 2022, code of k-diffusion, VDenoiser."""
    turn = torch.as_tensor(time) * (torch.pi / 2)
    return torch.sin(turn) / torch.sin((1 - torch.as_tensor(time)) * (torch.pi / 2))


def flow_times_shifted(n: int, time_shift: Number) -> Tensor:
    """Times that cut a straight path into n equal parts, shifted. Source: Esser et al. 2024, arXiv:2403.03206v1, Eq. (23)."""
    kind = _kind(time_shift)
    (shift,) = _wide(kind, time_shift)
    left = torch.arange(int(n), 0, -1, dtype=torch.float64, device=kind.device)
    return (shift * left / (int(n) - left + shift * left)).to(kind.dtype)


def flow_times_exponentially_shifted(n: int, log_time_shift: Number) -> Tensor:
    """The same by the log of the shift. Source: Black Forest Labs 2024, code of FLUX.1, get_schedule."""
    kind = _kind(log_time_shift)
    (log_shift,) = _wide(kind, log_time_shift)
    return flow_times_shifted(n, torch.exp(log_shift)).to(kind.dtype)


def flow_times_ending_at(n: int, time_min: Number, time_shift: Number) -> Tensor:
    """Equally spaced times from 1 to a least one, shifted once. Source: Esser et al. 2024, arXiv:2403.03206v1, Eq. (23)."""
    kind = _kind(time_shift, time_min)
    least, shift = _wide(kind, time_min, time_shift)
    left = _left(int(n), kind)
    time = left + (1 - left) * least
    return (shift * time / ((1 - left) * (1 - least) + shift * time)).to(kind.dtype)


def flow_times_stretched(times: Tensor, terminal: Number) -> Tensor:
    """Times stretched from 1 so that the last is a given one. Source: Lightricks 2024, code of LTX-Video, rf.py."""
    last = times[-1]
    return (terminal * (1 - times) + (times - last)) / (1 - last)


def flow_times_linear_quadratic(n: int, linear_steps: int, threshold_noise: Number) -> Tensor:
    """Times that fall by small equal steps, then by a parabola to 0. Source: Genmo 2024, code of Mochi 1."""
    kind, steps, equal = _kind(threshold_noise), int(n), int(linear_steps)
    (drop,) = _wide(kind, threshold_noise)
    left = torch.arange(steps - equal, 0, -1, dtype=torch.float64, device=kind.device)
    excess = (equal - drop * steps) / (steps - equal)
    straight = 1 - drop * torch.arange(equal, dtype=torch.float64, device=kind.device) / equal
    curved = left * (drop + excess * (2 - left / (steps - equal))) / equal
    return torch.cat([straight, curved]).to(kind.dtype)


def timesteps_quadratic(T: int, n: int, steps_offset: int) -> Tensor:
    """Falling times whose square roots are equally spaced. Source: Song et al. 2021, arXiv:2010.02502v4, appendix D.2."""
    left = torch.arange(n - 1, -1, -1)
    return 4 * T * left**2 // (5 * max(n - 1, 1) ** 2) + (1 + steps_offset)
