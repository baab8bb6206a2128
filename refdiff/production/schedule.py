"""Noise schedules as tables: built once in float64 from the accurate forms, then read by integer t.

Row t of a table is time t; row 0 is clean data. Running sums of log(1 - beta) are kept as an unevaluated pair high + low, so that
the gap between any two times keeps its digits when s is close to t.
"""

import math
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import accumulate
from operator import mul

import torch
from torch import Tensor

__all__ = [
    "Schedule",
    "alpha",
    "alpha_bar",
    "betas_cosine",
    "betas_linear",
    "betas_scaled_linear",
    "betas_sigmoid",
    "betas_zero_terminal_snr",
    "log_alpha_bar",
    "logsnr",
    "sigma",
    "snr",
    "timesteps_leading",
    "timesteps_linspace",
    "timesteps_trailing",
]


@dataclass(frozen=True, eq=False)
class Schedule:
    """Tables of a discrete variance-preserving schedule; build it with `Schedule.from_betas`.

    `betas` and `log_alpha_bar`, `log_alpha_bar_low` are float64; `alpha`, `sigma`, `snr`, `logsnr` have the asked dtype.
    `betas` has T rows, the others T + 1.
    """

    betas: Tensor
    log_alpha_bar: Tensor
    log_alpha_bar_low: Tensor
    alpha: Tensor
    sigma: Tensor
    snr: Tensor
    logsnr: Tensor

    @staticmethod
    def from_betas(betas: Tensor, dtype: torch.dtype | None = None) -> "Schedule":
        """Tables of these step variances, on their device; `dtype` is theirs unless given."""
        if betas.ndim != 1 or not len(betas):
            raise ValueError(f"betas have shape {tuple(betas.shape)}; give a non-empty vector of step variances")
        dtype = dtype or betas.dtype
        wide = betas.detach().to(torch.float64)
        inside = bool(((wide[:-1] > 0) & (wide[:-1] < 1)).all() & (wide[-1] > 0) & (wide[-1] <= 1))
        if not inside:
            raise ValueError("a step variance lies outside (0, 1); give betas in (0, 1), of which only the last may be 1")
        high, low = _running_sums(torch.log1p(-wide).tolist())
        powers = torch.tensor(high, dtype=torch.float64, device=betas.device)
        noise = -torch.expm1(powers)
        return Schedule(
            betas=wide,
            log_alpha_bar=powers,
            log_alpha_bar_low=torch.tensor(low, dtype=torch.float64, device=betas.device),
            alpha=torch.exp(powers / 2).to(dtype),
            sigma=torch.sqrt(noise).to(dtype),
            snr=torch.reciprocal(torch.expm1(-powers)).to(dtype),
            logsnr=(powers - torch.log(noise)).to(dtype),
        )

    @property
    def T(self) -> int:
        """Number of steps."""
        return len(self.betas)

    @property
    def dtype(self) -> torch.dtype:
        """Type in which coefficients are handed out."""
        return self.alpha.dtype

    def to(self, device: torch.device | str) -> "Schedule":
        """The same tables on another device."""
        return Schedule(*(table.to(device) for table in vars(self).values()))

    def rows(self, table: Tensor, t: Tensor | int) -> Tensor:
        """Rows t of a table, with the shape of t; a time outside 0..T is an error, never a row counted from the end."""
        if isinstance(t, int):
            if not 0 <= t <= self.T:
                raise IndexError(f"time {t} lies outside 0..{self.T}; give a time of this schedule")
            return table[t]
        return table.index_select(0, t.reshape(-1)).reshape(t.shape)

    def levels(self, s: Tensor | int, t: Tensor | int) -> tuple[Tensor, Tensor, Tensor]:
        """log_alpha_bar_s, log_alpha_bar_t and their gap (t minus s, <= 0), float64 with all digits."""
        high_s, high_t = self.rows(self.log_alpha_bar, s), self.rows(self.log_alpha_bar, t)
        low_s, low_t = self.rows(self.log_alpha_bar_low, s), self.rows(self.log_alpha_bar_low, t)
        return high_s, high_t, (high_t - high_s) + (low_t - low_s)


def _running_sums(steps: list[float]) -> tuple[list[float], list[float]]:
    """0 and the running sums, as the nearest float64 and what it leaves out (Knuth's TwoSum)."""
    high, low, total, lost = [0.0], [0.0], 0.0, 0.0
    for step in steps:
        grown = total + step
        if math.isinf(grown):
            total, lost = grown, 0.0
        else:
            added = grown - total
            lost += (total - (grown - added)) + (step - added)
            total = grown
        nearest = total + lost
        high.append(nearest)
        low.append(0.0 if math.isinf(nearest) else lost - (nearest - total))
    return high, low


def betas_linear(T: int, beta_start: float, beta_end: float, dtype: torch.dtype = torch.float64) -> Tensor:
    """Step variances that grow linearly. Source: Ho et al. 2020, arXiv:2006.11239v2, section 4."""
    return torch.linspace(beta_start, beta_end, T, dtype=torch.float64).to(dtype)


def betas_scaled_linear(T: int, beta_start: float, beta_end: float, dtype: torch.dtype = torch.float64) -> Tensor:
    """Step variances whose square roots grow linearly. Source: Rombach et al. 2022, arXiv:2112.10752v2, released code."""
    return torch.linspace(math.sqrt(beta_start), math.sqrt(beta_end), T, dtype=torch.float64).square().to(dtype)


def betas_cosine(T: int, offset: float, beta_max: float, dtype: torch.dtype = torch.float64) -> Tensor:
    """Step variances of the squared-cosine signal power. Source: Nichol and Dhariwal 2021, arXiv:2102.09672v1, Eq. (17).

    cos(a)**2 - cos(b)**2 is written sin(b - a)*sin(a + b), and both cos(a) and sin(a + b) are measured from the far end.
    """
    unit = math.pi / (2 * T * (1 + offset))
    left = torch.arange(T, 0, -1, dtype=torch.float64)  # T - (t - 1): distance of the step's start from zero signal
    lost = math.sin(unit) * torch.sin(unit * (2 * left - 1))
    return (lost / torch.sin(unit * left).square()).clamp(max=beta_max).to(dtype)


def betas_sigmoid(T: int, beta_start: float, beta_end: float, dtype: torch.dtype = torch.float64) -> Tensor:
    """Step variances along a logistic curve from -6 to 6. Source: Xu et al. 2022, arXiv:2203.02923v1, released code."""
    rise = torch.sigmoid(torch.linspace(-6, 6, T, dtype=torch.float64))
    return (rise * (beta_end - beta_start) + beta_start).to(dtype)


def betas_zero_terminal_snr(betas: Tensor) -> Tensor:
    """Step variances rescaled so that no signal is left at T. Source: Lin et al. 2024, arXiv:2305.08891v4, Algorithm 1.

    With drops d_t = alpha_(t-1) - alpha_t and r = d_t/(d_t + ... + d_T), the new variance is r*(2 - r): all terms positive.
    """
    steps = torch.log1p(-betas.to(torch.float64)) / 2
    drops = torch.exp(torch.cumsum(steps, 0) - steps)[1:] * -torch.expm1(steps[1:])
    rest = torch.flip(torch.cumsum(torch.flip(drops, [0]), 0), [0])
    ratio = drops / rest
    return torch.cat([betas[:1], (ratio * (2 - ratio)).to(betas.dtype)])


def _log_powers(betas: Tensor) -> Tensor:
    high, _ = _running_sums(torch.log1p(-betas.to(torch.float64)).tolist())
    return torch.tensor(high[1:], dtype=torch.float64, device=betas.device)


def log_alpha_bar(betas: Tensor) -> Tensor:
    """Log signal power after each step, shape (T,). Source: Ho et al. 2020, arXiv:2006.11239v2, above Eq. (4)."""
    return _log_powers(betas).to(betas.dtype)


def alpha_bar(betas: Tensor) -> Tensor:
    """Signal power after each step, shape (T,). Source: Ho et al. 2020, arXiv:2006.11239v2, above Eq. (4)."""
    with localcontext(prec=40):
        kept = (1 - Decimal(beta) for beta in betas.to(torch.float64).tolist())
        powers = [float(power) for power in accumulate(kept, mul)]
    return torch.tensor(powers, dtype=betas.dtype, device=betas.device)


def alpha(schedule: Schedule, t: Tensor | int) -> Tensor:
    """Signal scale at t. Source: Kingma et al. 2021, arXiv:2107.00630v6, section 3.1."""
    return schedule.rows(schedule.alpha, t)


def sigma(schedule: Schedule, t: Tensor | int) -> Tensor:
    """Noise scale at t. Source: Ho et al. 2020, arXiv:2006.11239v2, Eq. (4)."""
    return schedule.rows(schedule.sigma, t)


def snr(schedule: Schedule, t: Tensor | int) -> Tensor:
    """Signal power over noise power at t. Source: Kingma et al. 2021, arXiv:2107.00630v6, Eq. (2)."""
    return schedule.rows(schedule.snr, t)


def logsnr(schedule: Schedule, t: Tensor | int) -> Tensor:
    """Log signal-to-noise ratio at t. Source: Kingma et al. 2021, arXiv:2107.00630v6, Eq. (2)."""
    return schedule.rows(schedule.logsnr, t)


def timesteps_leading(T: int, n: int, steps_offset: int) -> Tensor:
    """Decreasing times, counted up from the first. Source: Lin et al. 2024, arXiv:2305.08891v4, Table 2."""
    return torch.arange(n - 1, -1, -1) * (T // n) + (1 + steps_offset)


def timesteps_trailing(T: int, n: int) -> Tensor:
    """Decreasing times, counted down from T. Source: Lin et al. 2024, arXiv:2305.08891v4, Table 2."""
    return torch.round(torch.arange(n, 0, -1, dtype=torch.float64) * T / n).to(torch.int64)


def timesteps_linspace(T: int, n: int) -> Tensor:
    """Decreasing times from T to 1 where n > 1. Source: Lin et al. 2024, arXiv:2305.08891v4, Table 2."""
    rows = torch.arange(n - 1, -1, -1, dtype=torch.float64) * (T - 1) / max(n - 1, 1)
    return 1 + torch.round(rows).to(torch.int64)
