"""Torchcfm: verdicts and findings as recorded for one release."""

from importlib.metadata import PackageNotFoundError, version

import pytest

from refdiff.adapters.findings import Finding, findings_table
from refdiff.adapters.findings.torchcfm import FINDINGS, VERSION

pytest.importorskip("ot", reason="pot is not installed")
pytest.importorskip("flint", reason="python-flint is not installed; pip install 'refdiff[golden]'")
torch = pytest.importorskip("torch", reason="torch is not installed; pip install 'refdiff[torch]'")
try:
    if version("torchcfm") != VERSION:
        pytest.skip(f"verdicts are recorded for torchcfm {VERSION}", allow_module_level=True)
except PackageNotFoundError:
    pytest.skip("torchcfm is not installed", allow_module_level=True)

from flint import arb  # noqa: E402

from refdiff.adapters.torchcfm import optimal_transport  # noqa: E402
from refdiff.conformance.adapter import load_adapter  # noqa: E402

from .library_findings import by_verdict, command, confirmed, failed, shows  # noqa: E402

COSINE = {"cosine_path_rates", "cosine_path_scales"}


def test_command_names_nothing_wrong_and_the_cosine_path_imprecise() -> None:
    status, told = command("torchcfm")
    assert status == 1
    assert {name for name, one in told.items() if one["verdict"] == "imprecise"} == COSINE
    assert {one["verdict"] for one in told.values()} == {"imprecise", "conformant"}
    assert set(told) == set(load_adapter("torchcfm").functions)


def test_float32_is_conformant_but_for_the_cosine_path() -> None:
    found = by_verdict("torchcfm", "float32")
    assert found.pop("imprecise") == COSINE
    assert set(found) == {"conformant"}


def test_cosine_path_fails_only_in_the_noise_s_scale_near_the_data() -> None:
    for one in failed("torchcfm", "cosine_path_scales").values():
        off = abs(one.got - one.vector.value) > 4 * 2.2e-16 * abs(one.vector.value)
        assert one.vector.given["time"][off.any(0)].max() < 0.5
        assert not off[0].any()


def test_a_root_is_left_as_it_was() -> None:
    load_adapter("torchcfm").functions["minibatch_ot_cost"](torch.zeros(3, 2), torch.ones(3, 2))
    assert optimal_transport.math.sqrt(9.0) == 3.0


def test_25_points_keep_their_distances_and_26_do_not() -> None:
    for n, kept in ((25, 1.0), (26, 0.0)):
        assert optimal_transport.wasserstein(torch.full((n, 1), 4097.0), torch.full((n, 1), 4096.0)) == kept


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.name)
def test_reproduction_shows_what_was_found(finding: Finding) -> None:
    shows(finding)


WANTED = {
    "distances_lose_their_digits_from_26_points_on": lambda: (((arb(4097) - 4096) ** 2).sqrt(),),
    # Of two and two points, entropic transport's straight pairs have the odds exp of the costs' difference over reg.
    "sinkhorn_plan_becomes_uniform": lambda: (1 / (2 * (1 + ((arb(900) - 2500) * 20).exp())),),
    "trigonometric_sigma_is_negative_at_the_data": lambda: (arb(0).sin(),),
}


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.name)
def test_wanted_value_is_confirmed_in_balls(finding: Finding) -> None:
    confirmed(finding, WANTED)


def test_table_has_a_short_row_for_each_finding() -> None:
    rows = findings_table("torchcfm", VERSION, FINDINGS).splitlines()
    assert max(map(len, rows)) <= 120
