"""Grids of noise levels as samplers take them, with the data's 0 behind them."""

import torch

from tests.adapters.suspected import Question, adapter


def append_zero(x):
    return torch.cat([x, x.new_zeros([1])])


def sigmas_karras__appended_zero(n, sigma_min, sigma_max, rho):
    ramp = torch.linspace(0, 1, n, dtype=torch.float64)
    least, most = sigma_min ** (1 / rho), sigma_max ** (1 / rho)
    return append_zero((most + ramp * (least - most)) ** rho)


def sigmas_karras__zero_for_the_least(n, sigma_min, sigma_max, rho):
    return append_zero(sigmas_karras__appended_zero(n, sigma_min, sigma_max, rho)[:-2])


def sigmas_karras__two_zeros(n, sigma_min, sigma_max, rho):
    return append_zero(sigmas_karras__appended_zero(n, sigma_min, sigma_max, rho))


def flow_times_shifted__appended_zero(n, time_shift):
    times = torch.linspace(1, 0, n + 1, dtype=torch.float64)
    return time_shift * times / (1 + (time_shift - 1) * times)


_TORCH = ("torch",)

QUESTIONS = {
    "karras-zero": Question(
        "k-diffusion's get_sigmas_karras appends the data's 0",
        (sigmas_karras__appended_zero,),
        (sigmas_karras__zero_for_the_least, sigmas_karras__two_zeros),
        _TORCH,
    ),
    "flow-zero": Question("n + 1 times down to 0", (flow_times_shifted__appended_zero,), (), _TORCH),
}

right = adapter(QUESTIONS, "torch")
