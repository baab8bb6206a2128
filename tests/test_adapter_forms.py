"""Right code in unusual forms is heard out, and wrong code of the wrong shape is still explained."""

import numpy as np
import pytest

from refdiff.conformance.adapter import AdapterError, load_adapter
from refdiff.conformance.check import Result, Settings, check
from refdiff.conformance.judge import Verdict
from refdiff.golden.vectors import Vectors


def checked(tmp_path, source: str, name: str) -> Result:
    path = tmp_path / "forms.py"
    path.write_text("import numpy as np\n\n" + source, encoding="utf-8")
    adapter = load_adapter(str(path))
    return next(iter(check(adapter, Vectors(), Settings("numpy"), [name])))


def test_without_signal_code_that_asks_for_eps_is_not_asked(tmp_path):
    silent = [one for one in Vectors() if np.ndim(one.derived.get("alpha_bar_t", 1)) == 0 and one.derived.get("alpha_bar_t") == 0]
    assert silent
    assert not any({"eps", "score", "eps_hat"} & set(one.derived) for one in silent)
    source = """
def ddim_step(x_t, eps, z, eta, alpha_bar_s, alpha_bar_t):
    scale = eta * np.sqrt((1 - alpha_bar_s) / (1 - alpha_bar_t)) * np.sqrt(1 - alpha_bar_t / alpha_bar_s)
    x_0 = (x_t - np.sqrt(1 - alpha_bar_t) * eps) / np.sqrt(alpha_bar_t)
    return np.sqrt(alpha_bar_s) * x_0 + np.sqrt(1 - alpha_bar_s - scale**2) * eps + scale * z
"""
    assert checked(tmp_path, source, "ddim_step").verdict is Verdict.CONFORMANT


def test_a_form_that_divides_by_no_signal_is_imprecise_and_told_so(tmp_path):
    source = """
def ddim_step(x_t, x_0, z, eta, alpha_bar_s, alpha_bar_t):
    with np.errstate(all="ignore"):
        scale = eta * np.sqrt((1 - alpha_bar_s) / (1 - alpha_bar_t)) * np.sqrt(1 - alpha_bar_t / alpha_bar_s)
        eps = (x_t / np.sqrt(alpha_bar_t) - x_0) / np.sqrt(1 / alpha_bar_t - 1)
        return np.sqrt(alpha_bar_s) * x_0 + np.sqrt(1 - alpha_bar_s - scale**2) * eps + scale * z
"""
    found = checked(tmp_path, source, "ddim_step")
    assert found.verdict is Verdict.IMPRECISE
    assert "no signal" in found.worst.judgement.reason


def test_code_that_preserves_variance_is_not_asked_where_nothing_does(tmp_path):
    source = """
def x_0_from_eps(x_t, eps, logsnr_t):
    return (x_t - np.sqrt(1 / (1 + np.exp(logsnr_t))) * eps) / np.sqrt(1 / (1 + np.exp(-logsnr_t)))
"""
    found = checked(tmp_path, source, "x_0_from_eps")
    assert found.verdict is Verdict.CONFORMANT
    assert not any("/ve/" in one.vector.id or "/flow/" in one.vector.id for one in found.outcomes)


def test_an_optional_parameter_may_go_without(tmp_path):
    found = checked(tmp_path, "def snr(alpha_bar_t, eta=0.0, mine=3):\n    return alpha_bar_t / (1 - alpha_bar_t)\n", "snr")
    assert found.verdict is Verdict.CONFORMANT


def test_a_helper_that_resembles_a_formula_beside_it_is_no_mistake(tmp_path):
    source = "def alpha_bars(betas):\n    return np.cumprod(1 - betas)\n\ndef alpha_bar(betas):\n    return alpha_bars(betas)\n"
    assert checked(tmp_path, source, "alpha_bar").verdict is Verdict.CONFORMANT


@pytest.mark.parametrize("signature", ["*args", "**kwargs", "log_alpha_bar_t, /"])
def test_a_signature_that_names_nothing_is_refused(tmp_path, signature):
    with pytest.raises(AdapterError, match=r"write its parameters out|drop the /"):
        checked(tmp_path, f"def snr({signature}):\n    return 1\n", "snr")


def test_a_mistake_of_the_wrong_shape_is_named(tmp_path):
    source = "def timesteps_leading(T, n, steps_offset):\n    return np.arange(0, T, T // n)[::-1] + 1 + steps_offset\n"
    found = checked(tmp_path, source, "timesteps_leading")
    assert found.verdict is Verdict.WRONG
    assert found.diagnosis.mistake == "timesteps_leading__whole_range_by_stride"


def test_zero_in_place_of_one_before_the_first_step_is_not_explained_by_a_coincidence(tmp_path):
    source = """
def posterior_variance(betas, t_index, s_index):
    table = np.append(np.cumprod(1 - betas), 0.0)
    now, before = table[t_index], table[s_index]
    with np.errstate(all="ignore"):
        return (1 - before) / (1 - now) * (1 - now / before)
"""
    found = checked(tmp_path, source, "posterior_variance")
    assert found.verdict is Verdict.WRONG
    assert found.diagnosis is None or found.diagnosis.mistake.startswith("posterior_variance__")


GENERATOR = """
def flow_euler_path(velocity_model, x_T, times):
    x = x_T
    for now, after in zip(times[:-1], times[1:]):
        {before}
        x = x + (after - now) * velocity_model(x, now)
        yield x
"""


def test_a_run_may_be_a_generator_of_its_states(tmp_path):
    assert checked(tmp_path, GENERATOR.format(before="pass"), "flow_euler_path").verdict is Verdict.CONFORMANT


def test_a_generator_that_fails_on_its_way_is_wrong_and_says_how(tmp_path):
    found = checked(tmp_path, GENERATOR.format(before="x[5]"), "flow_euler_path")
    assert found.verdict is Verdict.WRONG
    assert "IndexError" in found.worst.judgement.reason


def test_a_tensor_that_cannot_be_read_is_a_verdict_and_not_a_crash(tmp_path):
    pytest.importorskip("torch")
    found = checked(tmp_path, "import torch\n\ndef snr(snr_t):\n    return torch.zeros((), device='meta')\n", "snr")
    assert found.verdict is Verdict.WRONG
    assert "cannot be read" in found.worst.judgement.reason


@pytest.mark.parametrize("last", ["[0.0]", "[]", "[1e-9]", "[0.0, 0.0]"])
def test_a_grid_may_end_with_the_datas_zero_and_with_nothing_else(tmp_path, last):
    source = f"""
def sigmas_karras(n, sigma_min, sigma_max, rho):
    k = np.arange(n)
    most, least = sigma_max ** (1 / rho), sigma_min ** (1 / rho)
    return np.concatenate([(most + k / (n - 1) * (least - most)) ** rho, {last}])
"""
    found = checked(tmp_path, source, "sigmas_karras")
    assert found.verdict is (Verdict.CONFORMANT if last in ("[0.0]", "[]") else Verdict.WRONG)
