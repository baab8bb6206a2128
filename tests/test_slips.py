"""Slips of the pen in a printed form are named when they explain an output, and never when they do not."""

import ast
import re

import pytest

from refdiff.catalogue import formulas
from refdiff.conformance.adapter import load_adapter
from refdiff.conformance.check import Settings, check
from refdiff.conformance.judge import Verdict
from refdiff.conformance.slips import printed, slips
from refdiff.golden.vectors import Vectors

PATH = """
    alpha_bars = np.append(np.cumprod(1 - betas), 1.0)
    states = [x_T]
    for i, t in enumerate(timesteps):
        s = timesteps[i + 1] if i + 1 < len(timesteps) else 0
        now, before = alpha_bars[t - 1], alpha_bars[s - 1]
        x_0 = denoiser(states[-1], {asked})
        eps = (states[-1] - np.sqrt(now) * x_0) / np.sqrt(1 - now)
        scale = {eta} * np.sqrt((1 - before) / (1 - now) * (1 - now / before))
        kept = np.sqrt(np.maximum(1 - before - scale**2, 0))
        states.append(np.sqrt(before) * x_0 + kept * eps + scale * {noise})
    return np.stack(states)
"""
RUN = "ddim_path(denoiser, x_T, z, eta, betas, timesteps)"
RIGHT = {"asked": "t", "eta": "eta", "noise": "z[i]"}
COSINE = """
    def power(t):
        return np.cos((t / T + {offset}) / (1 + {offset}) * np.pi / 2) ** 2
    t = np.arange(1, T + 1)
    return np.minimum(1 - power(t) / power(t - 1), {cap})
"""
PLANTED = [
    (RUN, PATH.format(**RIGHT | {"asked": "max(s, 1)"}), "the model asked at s in place of t"),
    (RUN, PATH.format(**RIGHT | {"eta": "eta / 2"}), "the printed form with eta / 2 in place of eta"),
    (RUN, PATH.format(**RIGHT | {"noise": "z[len(timesteps) - 1 - i]"}), "the noise of the steps in reversed order"),
    (
        "betas_cosine(T, offset, beta_max)",
        COSINE.format(offset="0.008", cap="beta_max"),
        "the printed form with 8/1000 in place of offset, everywhere",
    ),
    (
        "betas_cosine(T, offset, beta_max)",
        COSINE.format(offset="offset", cap="0.9999"),
        "the printed form with 9999 / 10000 in place of beta_max",
    ),
    (
        "denoiser_gaussian(x_t, mean, variance, alpha_t, sigma_t)",
        "    return mean + alpha_t * variance / (variance + sigma_t**2) * (x_t - alpha_t * mean)\n",
        "the printed form with variance in place of alpha_t ** 2 * variance",
    ),
]


def result(tmp_path, signature, body):
    path = tmp_path / "adapter.py"
    path.write_text(f"import numpy as np\n\n\ndef {signature}:\n{body.lstrip(chr(10))}", encoding="utf-8")
    adapter = load_adapter(str(path))
    return next(iter(check(adapter, Vectors(), Settings("numpy"), list(adapter.functions))))


@pytest.mark.parametrize(("signature", "body", "what"), PLANTED, ids=[what for *_, what in PLANTED])
def test_a_planted_slip_is_named(tmp_path, signature, body, what):
    found = result(tmp_path, signature, body)
    assert found.verdict is Verdict.WRONG
    assert found.diagnosis.mistake == "slip"
    assert found.diagnosis.what == what
    assert found.diagnosis.fix


def test_the_right_run_is_conformant_and_needs_no_name(tmp_path):
    found = result(tmp_path, RUN, PATH.format(**RIGHT))
    assert found.verdict is Verdict.CONFORMANT
    assert found.diagnosis is None


def test_what_no_slip_explains_is_not_named(tmp_path):
    body = "    return mean + np.tanh(alpha_t * variance) * (x_t - alpha_t * mean)\n"
    found = result(tmp_path, "denoiser_gaussian(x_t, mean, variance, alpha_t, sigma_t)", body)
    assert found.verdict is Verdict.WRONG
    assert found.diagnosis is None


def test_a_run_that_is_made_of_several_steps_has_the_slips_of_each():
    found = [slip.what for slip in slips("guided_ddim_path")]
    for step in ("x_0_from_v", "ddim_step"):
        assert any(what.startswith(f"the printed form of {step} with ") for what in found)


GUIDED = "guided_ddim_path(v_model_conditional, v_model_unconditional, guidance_scale, x_T, betas, timesteps)"
GUIDED_BODY = """
    alpha_bars = np.append(np.cumprod(1 - betas), 1.0)
    states = [x_T]
    for i, t in enumerate(timesteps):
        s = timesteps[i + 1] if i + 1 < len(timesteps) else 0
        now, before = alpha_bars[t - 1], alpha_bars[s - 1]
        x, v = states[-1], v_model_unconditional(states[-1], t)
        v = v + guidance_scale * (v_model_conditional(x, t) - v)
        x_0 = {data}
        eps = (x - np.sqrt(now) * x_0) / np.sqrt(1 - now)
        states.append(np.sqrt(before) * x_0 + np.sqrt(1 - before) * eps)
    return np.stack(states)
"""


def guided(tmp_path, data):
    return result(tmp_path, GUIDED, GUIDED_BODY.format(data=data))


def test_a_mistake_in_one_step_of_a_run_is_named(tmp_path):
    assert guided(tmp_path, "np.sqrt(now) * x - np.sqrt(1 - now) * v").verdict is Verdict.CONFORMANT
    found = guided(tmp_path, "np.sqrt(now) * x + np.sqrt(1 - now) * v")
    assert found.verdict is Verdict.WRONG
    assert found.diagnosis.mistake == "x_0_from_v__sign_of_v"
    assert found.diagnosis.what.startswith("in its step: ")


def test_a_slip_in_one_step_of_a_run_is_named(tmp_path):
    found = guided(tmp_path, "np.sqrt(now) * x - (1 - now) * v")
    assert found.verdict is Verdict.WRONG
    assert found.diagnosis.mistake == "slip"
    assert found.diagnosis.what.startswith("the printed form of x_0_from_v with sigma_t ** 2 in place of sigma_t")
    assert found.diagnosis.fix.startswith("(alpha_t*x_t - sigma_t*v)")


@pytest.mark.parametrize("name", [name for name in formulas() if printed(name)])
def test_every_formula_has_slips_that_parse(name):
    found = slips(name)
    assert found
    assert len({slip.what for slip in found}) > len(found) / 3
    for slip in found:
        for part in re.split(r" in place of ", slip.what.removeprefix("the printed form with ").removesuffix(", everywhere")):
            assert slip.what.startswith(("the model", "the noise")) or ast.parse(part, mode="eval")
