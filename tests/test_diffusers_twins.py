"""Diffusers' schedulers that are another's mathematics again: each gives what its twin gives."""

from typing import Any

import pytest

VERSION = "0.42.1"
diffusers = pytest.importorskip("diffusers", reason="diffusers is not installed; pip install 'refdiff[diffusers]'")
torch = pytest.importorskip("torch", reason="torch is not installed; pip install 'refdiff[torch]'")
if diffusers.__version__ != VERSION:
    pytest.skip(f"twins are those of diffusers {VERSION}, this is {diffusers.__version__}", allow_module_level=True)

from refdiff.adapters.diffusers.levels import quiet  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:__array:DeprecationWarning")
SHAPE = (2, 3)


def states() -> tuple[Any, Any]:
    generator = torch.Generator().manual_seed(5)
    return torch.randn(SHAPE, generator=generator), torch.randn(SHAPE, generator=generator)


def seeded() -> Any:
    return torch.Generator().manual_seed(11)


@pytest.mark.parametrize("spacing", ["leading", "trailing", "linspace"])
@pytest.mark.parametrize("predicts", ["epsilon", "sample", "v_prediction"])
@pytest.mark.parametrize("family", ["DDPM", "DDIM"])
def test_parallel_schedulers_step_as_their_twins(family: str, predicts: str, spacing: str) -> None:
    options = {"timestep_spacing": spacing, "prediction_type": predicts}
    plain, parallel = (getattr(diffusers, f"{family}{kind}Scheduler")(**options) for kind in ("", "Parallel"))
    x, output = states()
    for scheduler in (plain, parallel):
        scheduler.set_timesteps(13)
    assert plain.timesteps.tolist() == parallel.timesteps.tolist()
    more = {"eta": 0.5} if family == "DDIM" else {}
    for t in (plain.timesteps[0], plain.timesteps[6]):
        one, other = (scheduler.step(output, t, x, generator=seeded(), **more) for scheduler in (plain, parallel))
        assert torch.equal(one.prev_sample, other.prev_sample)
        assert torch.equal(one.pred_original_sample, other.pred_original_sample)


@pytest.mark.parametrize("family", ["DDPM", "DDIM"])
def test_parallel_schedulers_step_many_times_at_once_without_noise(family: str) -> None:
    scheduler = getattr(diffusers, f"{family}ParallelScheduler")(timestep_spacing="trailing")
    scheduler.set_timesteps(10)
    x, output = states()
    times = scheduler.timesteps[[2, 7]]
    together = scheduler.batch_step_no_noise(output, times, x)
    with quiet():
        twin = getattr(diffusers, f"{family}Scheduler")(timestep_spacing="trailing")
        twin.set_timesteps(10)
    for row, t in enumerate(times):
        draw = torch.zeros(1, SHAPE[1])
        if family == "DDIM":
            alone = twin.step(output[row : row + 1], t, x[row : row + 1]).prev_sample
        else:
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr("diffusers.schedulers.scheduling_ddpm.randn_tensor", lambda *_, draw=draw, **__: draw)
                alone = twin.step(output[row : row + 1], t, x[row : row + 1]).prev_sample
        torch.testing.assert_close(together[row : row + 1], alone)


@pytest.mark.parametrize("form", ["midpoint", "heun"])
@pytest.mark.parametrize("kind", ["dpmsolver", "dpmsolver++"])
@pytest.mark.parametrize("order", [2, 3])
def test_inverse_multistep_updates_are_the_multistep_ones(kind: str, form: str, order: int) -> None:
    options = {"solver_order": order, "algorithm_type": kind, "solver_type": form}
    x, output = states()
    found = []
    # Only the scheduler that ends at data has to be told not to.
    for name, more in (("", {"final_sigmas_type": "sigma_min"}), ("Inverse", {})):
        with quiet():
            scheduler = getattr(diffusers, f"DPMSolverMultistep{name}Scheduler")(**options, **more)
        scheduler.sigmas, scheduler._step_index = torch.tensor([0.5, 1.0, 2.5, 4.0]), 2
        update = getattr(scheduler, f"multistep_dpm_solver_{'second' if order == 2 else 'third'}_order_update")
        found.append(update([output, 2 * output, x], sample=x))
    assert torch.equal(*found)


def test_flow_lcm_is_stochastic_flow_euler() -> None:
    x, output = states()
    found = []
    for scheduler in (
        diffusers.FlowMatchLCMScheduler(),
        diffusers.FlowMatchEulerDiscreteScheduler(stochastic_sampling=True),
    ):
        scheduler.set_timesteps(sigmas=[1.0, 0.75, 0.25])
        found.append(scheduler.step(output, scheduler.timesteps[1], x, generator=seeded()).prev_sample)
    assert torch.equal(*found)


@pytest.mark.parametrize("spacing", ["leading", "trailing", "linspace"])
def test_ddpm_and_ddim_make_the_same_grids(spacing: str) -> None:
    for n in (1, 7, 13, 50, 61, 1000):
        grids = []
        for kind in (diffusers.DDPMScheduler, diffusers.DDIMScheduler):
            scheduler = kind(timestep_spacing=spacing, steps_offset=0)
            scheduler.set_timesteps(n)
            grids.append(scheduler.timesteps.tolist())
        assert grids[0] == grids[1]


def thirds(ends: Any) -> Any:
    """Levels with two between each two, a third and two thirds of the way in log."""
    rows = [ends[:-1] * (ends[1:] / ends[:-1]) ** (k / 3) for k in range(3)]
    return torch.cat([torch.stack(rows, 1).reshape(-1), ends[-1:]])


def third_order_run(form: str, n: int) -> float:
    """Error of n steps of DPMSolverSinglestep of order 3 on Gaussian data of variance 1/4, whose flow is known."""
    levels = thirds(8.0 * torch.tensor(1 / 40, dtype=torch.float64) ** (torch.arange(n + 1, dtype=torch.float64) / n))
    scheduler = diffusers.DPMSolverSinglestepScheduler(
        solver_order=3, solver_type=form, prediction_type="sample", final_sigmas_type="sigma_min"
    )
    scheduler.set_timesteps(3 * n)
    scheduler.sigmas, scheduler.order_list = levels, [1, 2, 3] * n
    spread = torch.sqrt((1 / 4 + levels**2) / (1 + levels**2))
    x = spread[:1, None]
    for sigma, t in zip(levels[:-1], scheduler.timesteps, strict=True):
        mean = x * torch.sqrt(1 + sigma**2) / 4 / (1 / 4 + sigma**2)
        x = scheduler.step(mean, t, x).prev_sample
    return float((x - spread[-1]).abs())


@pytest.mark.parametrize("form", ["midpoint", "heun"])
def test_third_order_singlestep_is_of_third_order_in_both_forms(form: str) -> None:
    coarse, fine = third_order_run(form, 32), third_order_run(form, 64)
    assert 2.6 < torch.log2(torch.tensor(coarse / fine)) < 3.6
