"""Denoising-diffusion-pytorch: verdicts and findings as recorded for one release."""

import importlib
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from unittest import mock

import pytest

from refdiff.adapters.findings import Finding, findings_table
from refdiff.adapters.findings.denoising_diffusion_pytorch import FINDINGS, VERSION
from refdiff.adapters.placeholders import placeholders

pytest.importorskip("einops", reason="einops is not installed")
pytest.importorskip("flint", reason="python-flint is not installed; pip install 'refdiff[golden]'")
torch = pytest.importorskip("torch", reason="torch is not installed; pip install 'refdiff[torch]'")
try:
    if version("denoising-diffusion-pytorch") != VERSION:
        pytest.skip(f"verdicts are recorded for denoising-diffusion-pytorch {VERSION}", allow_module_level=True)
except PackageNotFoundError:
    pytest.skip("denoising-diffusion-pytorch is not installed", allow_module_level=True)

from flint import arb  # noqa: E402

from refdiff.adapters.denoising_diffusion_pytorch.diffusions import Tables, discrete, learned  # noqa: E402
from refdiff.conformance.adapter import load_adapter  # noqa: E402
from refdiff.conformance.judge import Verdict  # noqa: E402

from .library_findings import by_verdict, command, confirmed, failed, results, shows  # noqa: E402

LIBRARY = "denoising_diffusion_pytorch"
# What knows no table, or keeps float64 by luck of a weight that is 1.
FREE = {
    "classifier_free_guidance",
    "classifier_guided_mean",
    "dpmpp_2m_path",
    "edm_c_in",
    "edm_c_noise",
    "edm_c_out",
    "edm_c_skip",
    "edm_denoiser",
    "edm_loss_weight",
    "heun_path",
    "logsnr_interpolated",
    "logsnr_shifted",
    "rescaled_guidance",
    "simple_loss",
    "simple_loss_gradient",
    "snr_weight_eps",
}
# x_0 from eps near the data, through the table of 1/alpha_bar_t - 1, and eps from v through x_0.
NEAR_THE_DATA = {"ddim_path", "ddim_step", "eps_from_v"}


@pytest.mark.slow  # .ci/run asks every library by command.
def test_command_names_two_formulas_wrong_and_the_float32_tables_imprecise() -> None:
    status, told = command(LIBRARY)
    assert status == 1
    found: dict[str, set[str]] = {}
    for name, one in told.items():
        found.setdefault(one["verdict"], set()).add(name)
    assert found.pop("conformant") == FREE
    assert found.pop("wrong") == {"denoising_kl", "guided_ddim_path"}
    assert set(found) == {"imprecise"}


@pytest.mark.parametrize(
    ("predicts", "wrong"),
    [("", {"guided_ddim_path"}), (":sample", set()), (":v_prediction", set()), (":continuous", set()), (":continuous_v", set())],
)
def test_float32_is_conformant_except_for_guidance_of_scale_1(predicts: str, wrong: set[str]) -> None:
    found = by_verdict(f"{LIBRARY}{predicts}", "float32")
    assert found.pop("wrong", set()) == wrong
    assert set(found) == {"conformant"}


@pytest.mark.parametrize(
    ("target", "wrong", "imprecise"),
    [
        ("exact", {"guided_ddim_path"}, NEAR_THE_DATA),
        ("exact_sample", set(), {"eps_from_v"}),
        ("exact_v_prediction", set(), {"eps_from_v"}),
        ("continuous", set(), set()),
        ("continuous_v", set(), set()),
    ],
)
def test_formulas_keep_float64_when_the_tables_do(target: str, wrong: set[str], imprecise: set[str]) -> None:
    found = by_verdict(f"{LIBRARY}:{target}", "float64")
    assert found.pop("wrong", set()) == wrong
    assert found.pop("imprecise", set()) == imprecise
    assert set(found) == {"conformant"}


@pytest.mark.parametrize(("target", "dtype"), [(":exact", "float64"), ("", "float32")])
def test_guidance_is_wrong_only_at_a_scale_of_1(target: str, dtype: str) -> None:
    outcomes = results(f"{LIBRARY}{target}", dtype)["guided_ddim_path"].outcomes
    wrong = {one.vector.id for one in outcomes if one.verdict is Verdict.WRONG}
    assert wrong == {one.vector.id for one in outcomes if one.vector.given["guidance_scale"] == 1}


def test_digits_of_ddim_are_lost_at_its_last_step_by_the_table_of_1_over_alpha_bar_less_1() -> None:
    lost = failed(f"{LIBRARY}:exact", "ddim_step")
    assert lost
    assert {(one.vector.given["s"], one.vector.given["t"]) for one in lost.values()} == {(0, 1)}
    built = Tables.diffusion

    def accurate(*given: Any, **named: Any) -> Any:
        diffusion = built(*given, **named)
        diffusion.sqrt_recipm1_alphas_cumprod = ((1 - diffusion.alphas_cumprod) / diffusion.alphas_cumprod).sqrt()
        return diffusion

    with mock.patch.object(Tables, "diffusion", accurate):
        results.cache_clear()
        assert not failed(f"{LIBRARY}:exact", "ddim_step")
    results.cache_clear()


def test_edm_samplers_show_second_order() -> None:
    for name in ("heun_path", "edm_stochastic_path"):
        result = results(f"{LIBRARY}:exact", "float64")[name]
        assert not result.short
        assert max(one.order for one in result.orders if one.measured) == pytest.approx(2, abs=0.3)


def test_what_was_replaced_is_as_it_was() -> None:
    before = torch.randn, torch.randn_like, torch.clamp, torch.linspace, torch.float32, discrete.tqdm
    adapter = load_adapter(f"{LIBRARY}:exact")
    adapter.functions["alpha"](torch.full((3,), 0.5), 2)
    adapter.functions["heun_path"](lambda x, alpha_t, sigma_t: x, torch.ones(1, 2), torch.tensor([2.0, 1.0]))
    assert (torch.randn, torch.randn_like, torch.clamp, torch.linspace, torch.float32, discrete.tqdm) == before
    assert torch.get_default_dtype() is torch.float32
    assert torch.full((1,), 2.0).clamp(max=1.0) == torch.full((1,), 2.0).clamp_(max=1.0) == 1


def steps_of_ddim(n: int) -> list[int]:
    asked: list[int] = []
    diffusion = Tables().diffusion(
        torch.full((1000,), 1e-3), "pred_x0", lambda x, t: asked.append(t) or 0 * x, sampling_timesteps=n
    )
    diffusion.ddim_sample((1, 1, 1, 1))
    return asked


@pytest.mark.parametrize("n", [7, 26])
def test_grid_of_ddim_is_whole_shares_of_t_but_for_one_lost_to_rounding(n: int) -> None:
    exact = [k * 1000 // n for k in range(n, 0, -1)]
    assert steps_of_ddim(n) == [499 if (n, t) == (26, 500) else t for t in exact]


def test_2_and_5_steps_are_all_that_the_cosine_schedule_makes_nan_at_eta_1() -> None:
    powers = torch.cumprod(1 - discrete.cosine_beta_schedule(1000), 0).float()
    struck = []
    for n in range(2, 1000):
        times = torch.linspace(-1, 999, n + 1).int()[1:]
        now, later = powers[times[1:]], powers[times[:-1]]
        scale = ((1 - now / later) * (1 - later) / (1 - now)).sqrt()
        if (1 - later - scale**2 < 0).any():
            struck.append(n)
    assert struck == [2, 5]


def test_tanh_is_within_2e_4_of_the_normal_distribution() -> None:
    x = torch.linspace(-6, 6, 10001, dtype=torch.float64)
    error = (learned.approx_standard_normal_cdf(x) - torch.special.ndtr(x)).abs().max()
    assert 1.5e-4 < error < 2e-4


@pytest.fixture(autouse=True, scope="module")
def _repaint() -> None:
    with placeholders("torchvision", "ema_pytorch", "accelerate", "pytorch_fid"):
        importlib.import_module("denoising_diffusion_pytorch.repaint")


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.name)
def test_reproduction_shows_what_was_found(finding: Finding) -> None:
    shows(finding)


def linear_power(t: int) -> Any:
    """alpha_bar_t of the linear schedule of 1000 steps."""
    power, first, last = arb(1), arb(1) / 10000, arb(2) / 100
    for k in range(t):
        power *= 1 - first - (last - first) * k / 999
    return power


def sigmoid(x: Any) -> Any:
    return 1 / (1 + (-arb(x)).exp())


def clipped_eps() -> Any:
    power = linear_power(501)
    return (3 - power.sqrt()) / (1 - power).sqrt()


def unclipped_mean() -> Any:
    """SNR 1 is alpha_t**2 = 1/2, SNR 3 is alpha_s**2 = 3/4, and x_0 = alpha_t*x_t where v is 0."""
    alpha_t, alpha_s, keep = (arb(1) / 2).sqrt(), (arb(3) / 4).sqrt(), arb(1) / 3
    return alpha_s * (keep * 4 / alpha_t + (1 - keep) * 4 * alpha_t)


WANTED = {
    "guidance_of_scale_1_mixes_the_batch": lambda: (arb(0), arb(1)),
    "immiscible_noise_is_not_the_target": lambda: ((arb(1) - 1) ** 2,),
    "interpolation_skips_its_first_step": lambda: tuple(arb(t) for t in range(3, -1, -1)),
    "ddim_on_the_cosine_schedule_is_nan": lambda: (arb(1),),
    "learned_variance_ignores_the_objective": lambda: (arb(1) / 2,),
    "learned_variance_has_no_ddim": lambda: (1 / linear_power(1).sqrt(),),
    "repaint_resamples_at_the_last_steps": lambda: (arb(950 - 1) + 1,),
    "simple_diffusion_always_clips": lambda: (unclipped_mean(),),
    "weighted_objective_cannot_sample": lambda: (arb(0),),
    "clipping_leaves_eps_in_copies": lambda: (clipped_eps(),),
    "sigmoid_ends_are_float32": lambda: ((sigmoid(3) - sigmoid(3 - arb(6) / 1000)) / (sigmoid(3) - sigmoid(-3)),),
    "kl_of_a_law_from_itself_is_not_0": lambda: ((arb(-33) / 10 - arb(-33) / 10),),
    "tables_are_float32": lambda: (linear_power(1),),
    "guided_mean_is_float32": lambda: (arb(1) / 3,),
}


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.name)
def test_wanted_value_is_confirmed_in_balls(finding: Finding) -> None:
    confirmed(finding, WANTED)


def test_table_has_a_short_row_for_each_finding() -> None:
    rows = findings_table("denoising_diffusion_pytorch", VERSION, FINDINGS).splitlines()
    assert max(map(len, rows)) <= 120
