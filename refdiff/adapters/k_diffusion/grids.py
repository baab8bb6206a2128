"""Formulas of k-diffusion's grids of noise levels, its wrappers of networks and its preconditioning."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, final

import torch
from torch import Tensor

from refdiff.adapters.k_diffusion.runs import external, layers, replayed, sampling

__all__ = ["Grids"]

# A network that says the same whatever time it is told needs no table of its own.
_ANY_TABLE = torch.tensor([0.75, 0.25])


@contextmanager
def _numbers(kind: torch.dtype) -> Iterator[None]:
    """A block in which torch makes numbers of this kind where nobody says which."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(kind)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@final
@dataclass(frozen=True)
class Grids:
    """These formulas, with what the library takes as torch's default dtype.

    Attributes:
        default: grids are made in torch's default dtype, float32, whatever they are made of; float64 here leaves only
            what the library itself rounds.
    """

    default: torch.dtype = torch.float32
    ARRAY = "torch"

    def _grid(self, make: Any, *given: Any) -> Tensor:
        with _numbers(self.default):
            sigmas: Tensor = make(*given)
        return sigmas[:-1]

    def sigmas_karras(self, n: int, sigma_min: Tensor, sigma_max: Tensor, rho: Tensor) -> Tensor:
        return self._grid(sampling.get_sigmas_karras, n, float(sigma_min), float(sigma_max), float(rho))

    def sigmas_polyexponential(self, n: int, sigma_min: Tensor, sigma_max: Tensor, rho: Tensor) -> Tensor:
        return self._grid(sampling.get_sigmas_polyexponential, n, float(sigma_min), float(sigma_max), float(rho))

    def ncsn_sigmas(self, n: int, sigma_min: Tensor, sigma_max: Tensor) -> Tensor:
        return self._grid(sampling.get_sigmas_exponential, n, float(sigma_min), float(sigma_max))

    def sigmas_vp(self, n: int, beta_rate_min: Tensor, beta_rate_max: Tensor, time_min: Tensor) -> Tensor:
        rise = float(beta_rate_max) - float(beta_rate_min)
        return self._grid(sampling.get_sigmas_vp, n, rise, float(beta_rate_min), float(time_min))

    def sigmas_of_table(self, n: int, alpha_bars: Tensor) -> Tensor:
        return self._grid(_table(alpha_bars).get_sigmas, n)

    def fractional_time_from_edm_sigma(self, alpha_bars: Tensor, sigma_over_alpha_t: Tensor) -> Tensor:
        index: Tensor = _table(alpha_bars).sigma_to_t(sigma_over_alpha_t)
        return index + 1

    def edm_sigma_at_fractional_time_log_linear(self, alpha_bars: Tensor, fractional_t_index: Tensor) -> Tensor:
        sigma: Tensor = _table(alpha_bars).t_to_sigma(fractional_t_index)
        return sigma

    def cosine_time_from_edm_sigma(self, sigma_t: Tensor) -> Tensor:
        time: Tensor = external.VDenoiser(None).sigma_to_t(sigma_t)
        return time

    def edm_sigma_from_cosine_time(self, time: Tensor) -> Tensor:
        sigma: Tensor = external.VDenoiser(None).t_to_sigma(time)
        return sigma

    def x_0_from_eps(self, x_t: Tensor, eps: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
        wrapper = external.DiscreteEpsDDPMDenoiser(replayed([eps]), _ANY_TABLE, quantize=True)
        return _denoised(wrapper, x_t, alpha_t, sigma_t)

    def x_0_from_v(self, x_t: Tensor, v: Tensor, alpha_t: Tensor, sigma_t: Tensor, alpha_bar_t: Tensor) -> Tensor:
        wrapper = external.DiscreteVDDPMDenoiser(replayed([v]), _ANY_TABLE, quantize=True)
        return _denoised(wrapper, x_t, alpha_t, sigma_t)

    def edm_denoiser_from_v(self, x_t: Tensor, v_hat: Tensor, sigma_t: Tensor) -> Tensor:
        x_0: Tensor = external.VDenoiser(replayed([v_hat]))(x_t, sigma_t)
        return x_0

    def edm_denoiser(self, x_t: Tensor, network_output: Tensor, sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
        x_0: Tensor = layers.Denoiser(replayed([network_output]), float(sigma_data))(x_t, sigma_t)
        return x_0

    def edm_c_skip(self, sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
        return _scalings(sigma_t, sigma_data)[0]

    def edm_c_out(self, sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
        return _scalings(sigma_t, sigma_data)[1]

    def edm_c_in(self, sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
        return _scalings(sigma_t, sigma_data)[2]

    def edm_loss_weight(self, sigma_t: Tensor, sigma_data: Tensor) -> Tensor:
        return _weight("karras", sigma_t, float(sigma_data))

    def snr_weight_x_0(self, sigma_over_alpha_t: Tensor) -> Tensor:
        return _weight("snr", sigma_over_alpha_t, 1.0)

    def simple_loss(self, eps: Tensor, eps_hat: Tensor) -> Tensor:
        table = external.DiscreteEpsDDPMDenoiser(replayed([eps_hat]), _ANY_TABLE, quantize=True)
        loss: Tensor = table.loss(torch.zeros_like(eps), eps, torch.ones_like(eps[:, 0].reshape(len(eps), -1)[:, 0]))
        return loss


def _table(alpha_bars: Tensor) -> Any:
    """A discrete schedule, whose sigmas are made of a table as its wrapper of DDPM's networks makes them."""
    return external.DiscreteEpsDDPMDenoiser(None, alpha_bars, quantize=False)


def _denoised(wrapper: Any, x_t: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    if (alpha_t == 0).any():
        raise NotImplementedError("k-diffusion's sigma is infinite where there is no signal")
    x_0: Tensor = wrapper(x_t / alpha_t, sigma_t / alpha_t)
    return x_0


def _scalings(sigma_t: Tensor, sigma_data: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    scalings: tuple[Tensor, Tensor, Tensor] = layers.Denoiser(None, float(sigma_data)).get_scalings(sigma_t)
    return scalings


def _weight(weighting: str, sigma_t: Tensor, sigma_data: float) -> Tensor:
    """Weight of the squared error of x_0: the loss of data 0 beside the square of what a network that says 1 makes of them."""
    sigma, zero = sigma_t.reshape(-1), torch.zeros_like(sigma_t.reshape(-1, 1))
    wrapped = layers.Denoiser(lambda x, *_: torch.ones_like(x), sigma_data, weighting)
    weight: Tensor = wrapped.loss(zero, zero, sigma) / wrapped(zero, sigma)[:, 0] ** 2
    return weight.reshape(sigma_t.shape)
