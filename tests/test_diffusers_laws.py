"""Diffusers' stochastic solvers on Gaussian data: how fast the variance that they leave tends to the right one."""

from typing import Any

import pytest

VERSION = "0.42.1"
diffusers = pytest.importorskip("diffusers", reason="diffusers is not installed; pip install 'refdiff[diffusers]'")
torch = pytest.importorskip("torch", reason="torch is not installed; pip install 'refdiff[torch]'")
if diffusers.__version__ != VERSION:
    pytest.skip(f"laws are those of diffusers {VERSION}, this is {diffusers.__version__}", allow_module_level=True)

from refdiff.adapters.diffusers.levels import quiet  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:__array:DeprecationWarning")


def levels(n: int, inner: int) -> Any:
    """Noise scales of n steps equal in the log, each of so many parts."""
    return 8 * torch.tensor(1 / 40, dtype=torch.float64) ** (torch.arange(n * inner + 1, dtype=torch.float64) / (n * inner))


def variance_error(kind: str, order: int, form: str, n: int) -> float:
    """Variance after n whole steps, less the right one, for data of variance 1/4.

    Every step is affine, so that a state is held as its coefficients of the start's noise and of each draw.
    """
    inner = order if kind == "Singlestep" else 1
    sigmas = levels(n, inner)
    with quiet():
        scheduler = getattr(diffusers, f"DPMSolver{kind}Scheduler")(
            algorithm_type="sde-dpmsolver++", solver_order=order, solver_type=form, prediction_type="sample",
            final_sigmas_type="sigma_min", lower_order_final=False,
        )  # fmt: skip
        scheduler.set_timesteps(n * inner)
    scheduler.sigmas, scheduler.order_list = sigmas, list(range(1, inner + 1)) * n
    right = torch.sqrt((1 / 4 + sigmas**2) / (1 + sigmas**2))
    draws = iter(torch.eye(n * inner + 1, dtype=torch.float64)[1:, None])
    x = torch.zeros(1, n * inner + 1, dtype=torch.float64)
    x[0, 0] = right[0]
    with pytest.MonkeyPatch.context() as patched:
        module = f"diffusers.schedulers.scheduling_dpmsolver_{kind.lower()}"
        patched.setattr(f"{module}.randn_tensor", lambda *_, **__: next(draws))
        for sigma, t in zip(sigmas[:-1], scheduler.timesteps, strict=True):
            x = scheduler.step(x * torch.sqrt(1 + sigma**2) / 4 / (1 / 4 + sigma**2), t, x).prev_sample
    return float((x.double() ** 2).sum() - right[-1] ** 2)


@pytest.mark.parametrize(
    ("kind", "order", "form", "low", "high"),
    [
        ("Multistep", 1, "midpoint", 1.8, 2.2),
        ("Multistep", 2, "midpoint", 3.4, 40.0),
        ("Multistep", 2, "heun", 3.4, 4.6),
        ("Singlestep", 2, "midpoint", 1.8, 2.2),
        ("Singlestep", 2, "heun", 1.8, 2.2),
        ("Singlestep", 3, "midpoint", 1.8, 2.2),
        ("Singlestep", 3, "heun", 0.9, 1.1),
    ],
)
def test_weak_order_of_sde_dpm_solver(kind: str, order: int, form: str, low: float, high: float) -> None:
    coarse, fine = (abs(variance_error(kind, order, form, n)) for n in (32, 64))
    assert low < coarse / fine < high


def test_singlestep_sde_is_no_better_than_order_one_with_as_many_whole_steps() -> None:
    one = variance_error("Multistep", 1, "midpoint", 64)
    for order in (2, 3):
        assert variance_error("Singlestep", order, "midpoint", 64) == pytest.approx(one, rel=0.06)
    assert abs(variance_error("Multistep", 2, "heun", 64)) < abs(one) / 30
