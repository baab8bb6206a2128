"""What refdiff found in the laws that diffusers' stochastic solvers leave, each with code that shows it without refdiff."""

from refdiff.adapters.findings import Finding

__all__ = ["LAWS"]

_RUN = """
import torch
from diffusers import DPMSolverSinglestepScheduler
scheduler = DPMSolverSinglestepScheduler(algorithm_type="sde-dpmsolver++", solver_order={order}, solver_type="{form}",
    prediction_type="sample", final_sigmas_type="sigma_min")
scheduler.set_timesteps({n})
generator = torch.Generator().manual_seed(0)
x = torch.randn(1, 100_000, generator=generator)
for power, t in zip(1 / (1 + scheduler.sigmas**2), scheduler.timesteps):
    x = scheduler.step(x * power.sqrt() / 4 / (power / 4 + 1 - power), t, x, generator=generator).prev_sample
got = x.var()
"""

LAWS = (
    Finding(
        "singlestep_sde_of_third_order_does_not_converge",
        "singlestep sde of order 3, heun: never converges",
        "dpmpp_3m_sde_step",
        "linear betas 1e-4 to 0.02, n = 300, data of mean 0 and variance 1/4 whose exact mean is told: variance of the result",
        (9.950214,),
        (0.250075,),
        "the sign of third_order_sde_has_a_wrong_sign, here on a difference of estimates made from states of independent "
        "noises, which falls with the root of the step alone: the error of the variance does not fall with more steps.",
        _RUN.format(order=3, form="heun", n=300),
        reported="https://github.com/huggingface/diffusers/pull/9104",
    ),
    Finding(
        "singlestep_sde_gains_nothing_by_its_order",
        "singlestep sde of order 2 is of weak order 1",
        "dpmpp_2m_sde_step",
        "linear betas 1e-4 to 0.02, n = 40: 20 steps of two; data of mean 0 and variance 1/4: variance of the result",
        (0.2016539,),
        (0.250075,),
        "the inner state's noise and the step's are drawn apart, where the reverse process has one path through both. The "
        "variance is off as that of order 1 with as many whole steps, by the first power of their length, at orders 2 and 3 "
        "alike, for two and three times the model's calls. The multistep scheduler's order 2 is of weak order 2.",
        _RUN.format(order=2, form="midpoint", n=40),
    ),
)
