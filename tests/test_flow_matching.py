"""Meta's flow_matching: verdicts and findings as recorded for one release."""

from importlib.metadata import PackageNotFoundError, version

import pytest

from refdiff.adapters.findings import Finding, findings_table
from refdiff.adapters.findings.flow_matching import FINDINGS, VERSION

pytest.importorskip("torchdiffeq", reason="torchdiffeq is not installed")
pytest.importorskip("flint", reason="python-flint is not installed; pip install 'refdiff[golden]'")
torch = pytest.importorskip("torch", reason="torch is not installed; pip install 'refdiff[torch]'")
try:
    if version("flow-matching") != VERSION:
        pytest.skip(f"verdicts are recorded for flow_matching {VERSION}", allow_module_level=True)
except PackageNotFoundError:
    pytest.skip("flow_matching is not installed", allow_module_level=True)

from flint import arb  # noqa: E402
from flow_matching.path.scheduler import CondOTScheduler, ScheduleTransformedModel, VPScheduler  # noqa: E402
from flow_matching.solver import ODESolver  # noqa: E402

from refdiff.conformance.adapter import load_adapter  # noqa: E402
from refdiff.reference.flow import marginal_velocity_gaussian  # noqa: E402
from refdiff.reference.likelihood import probability_flow_log_likelihood  # noqa: E402

from .library_findings import by_verdict, command, confirmed, failed, results, shows  # noqa: E402

COSINE = {"cosine_path_rates", "cosine_path_scales"}
DECLINED = {"flow_rk4_path"}


def test_command_names_one_formula_wrong_and_the_cosine_path_imprecise() -> None:
    status, told = command("flow_matching")
    assert status == 1
    assert {name for name, one in told.items() if one["verdict"] == "wrong"} == {"hutchinson_divergence"}
    assert {name for name, one in told.items() if one["verdict"] == "imprecise"} == COSINE
    assert set(told) == set(load_adapter("flow_matching").functions) - DECLINED


def test_float32_is_conformant_but_for_the_cosine_path() -> None:
    found = by_verdict("flow_matching", "float32")
    assert found.pop("imprecise") == COSINE
    assert set(found) == {"conformant"}
    assert "hutchinson_divergence" in found["conformant"]


def test_solvers_show_the_orders_they_have() -> None:
    wanted = {"flow_euler_path": 1, "flow_heun_path": 2, "flow_midpoint_path": 2, "flow_three_eighths_path": 4}
    for name, order in wanted.items():
        result = results("flow_matching", "float64")[name]
        assert not result.short
        assert max(one.order for one in result.orders if one.measured) == pytest.approx(order, abs=0.3)


def test_cosine_path_fails_only_in_the_noise_near_the_data_and_the_signal_s_rate_is_the_same_cosine() -> None:
    for one in failed("flow_matching", "cosine_path_scales").values():
        off = abs(one.got - one.vector.value) > 4 * 2.2e-16 * abs(one.vector.value)
        assert one.vector.given["time"][off.any(0)].max() < 0.5
        assert not off[0].any()


@pytest.mark.parametrize("exact", [True, False])
def test_likelihood_of_a_gaussian_flow_is_the_closed_form(exact: bool) -> None:
    """Its own velocity field, an adaptive solver: the sign of the divergence and the direction of time are right."""
    mean, variance = torch.tensor([0.5, -1.0]), torch.tensor([0.25, 2.0])

    def velocity(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return -marginal_velocity_gaussian(x, mean, variance, t, 1 - t, -1.0, 1.0)

    def log_source(x: torch.Tensor) -> torch.Tensor:
        return torch.distributions.Normal(0.0, 1.0).log_prob(x).sum(1)

    x_0 = torch.tensor([[0.25, 1.0], [1.5, -3.0]])
    settings = {"step_size": None, "method": "dopri5", "atol": 1e-6, "rtol": 1e-6, "exact_divergence": exact}
    got = ODESolver(velocity).compute_likelihood(x_0, log_source, **settings)[1]
    wanted = probability_flow_log_likelihood(*(x.double().numpy() for x in (x_0, mean, variance)), 0.0, 1.0)
    # The Jacobian is diagonal, so that probes of signs leave no variance.
    assert got.tolist() == pytest.approx(wanted.reshape(2, -1).sum(1).tolist(), abs=2e-4)


def test_moved_vp_model_is_right_once_it_has_left_the_noise() -> None:
    class Model(torch.nn.Module):
        def forward(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
            at = VPScheduler()(t)
            ratio = at.d_sigma_t / at.sigma_t
            return ratio * x + (at.d_alpha_t - ratio * at.alpha_t)

    moved = ScheduleTransformedModel(Model(), VPScheduler(), CondOTScheduler())
    for r in (1e-3, 0.25, 0.5, 0.75):
        got = moved(torch.tensor([0.3], dtype=torch.float64), torch.tensor(r, dtype=torch.float64))
        assert got.item() == pytest.approx((1 - 0.3) / (1 - r), rel=1e-6)


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.name)
def test_reproduction_shows_what_was_found(finding: Finding) -> None:
    shows(finding)


WANTED = {
    # The straight path to a single point is left by no Euler step: the last ends on it.
    "vp_model_is_nan_on_the_straight_path": lambda: (arb(3) / 10 + (1 - arb(3) / 10) / 2 + (1 - arb(3) / 10) / 2,),
    # (alpha*alpha' + sigma*sigma')/(alpha**2 + sigma**2)*x with alpha = r**2, sigma = 1 - r**2, at r = x = 1.
    "moved_model_is_nan_at_the_data": lambda: ((arb(1) ** 2 * 2 + (1 - arb(1) ** 2) * -2) / (arb(1) ** 4 + 0),),
    "hutchinson_refuses_float64": lambda: (-(2 * arb(3)),),
    "exact_divergence_refuses_images": lambda: (-(2 * arb(4)),),
    "cosine_sigma_is_negative_at_the_data": lambda: (arb(0).sin(),),
}


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.name)
def test_wanted_value_is_confirmed_in_balls(finding: Finding) -> None:
    confirmed(finding, WANTED)


def test_table_has_a_short_row_for_each_finding() -> None:
    rows = findings_table("flow_matching", VERSION, FINDINGS).splitlines()
    assert max(map(len, rows)) <= 120
