"""Implementations that draw their own noise: told right from wrong by probing with one seed, and by statistics."""

import numpy as np
import pytest

from refdiff.catalogue import Formula, formulas
from refdiff.conformance.adapter import Adapter, load_adapter
from refdiff.conformance.check import Settings, check
from refdiff.conformance.judge import Verdict
from refdiff.golden.vectors import Vectors

HEAD = """
import numpy as np
from refdiff.reference import path, step


def drawn(seed, shape):
    return np.random.default_rng(seed).standard_normal(shape)


"""
STEP = "def ddpm_step(x_t, x_0, seed, log_alpha_bar_s, log_alpha_bar_t):\n"
RIGHT = STEP + "    return step.ddpm_step(x_t, x_0, drawn(seed, x_t.shape), log_alpha_bar_s, log_alpha_bar_t)\n"
RUN = """def {name}(denoiser, x_T, seed, {eta}betas, timesteps):
    z = {z}
    return path.{name}(denoiser, x_T, z, {eta}betas, timesteps){last}
"""
FRESH = "drawn(seed, (len(timesteps), *x_T.shape))"


def result(tmp_path, body):
    file = tmp_path / "adapter.py"
    file.write_text(HEAD + body, encoding="utf-8")
    adapter = load_adapter(str(file))
    return next(iter(check(adapter, Vectors(), Settings("numpy"), list(adapter.functions))))


def test_a_right_step_with_its_own_noise_is_conformant(tmp_path):
    found = result(tmp_path, RIGHT)
    assert found.verdict is Verdict.CONFORMANT
    assert len(found.outcomes) >= 25


@pytest.mark.parametrize(("name", "last"), [("ddpm_path", ""), ("ddpm_path", "[1:]"), ("ddpm_path", "[-1]"), ("ddim_path", "")])
def test_a_right_run_with_its_own_noise_is_conformant_on_gaussian_data(tmp_path, name, last):
    eta = "eta, " if name == "ddim_path" else ""
    found = result(tmp_path, RUN.format(name=name, eta=eta, z=FRESH, last=last))
    assert found.verdict is Verdict.CONFORMANT
    assert found.declined


WRONG = {
    "times its variance": RIGHT.replace("drawn(seed, x_t.shape)", "1.02 * drawn(seed, x_t.shape)"),
    "fourth moment": RIGHT.replace(
        "drawn(seed, x_t.shape)", "np.sqrt(3) * np.random.default_rng(seed).uniform(-1, 1, x_t.shape)"
    ),
    "a mean of": RIGHT.replace("drawn(seed, x_t.shape)", "(drawn(seed, x_t.shape) + 0.05)"),
    "neighbouring samples": RIGHT.replace("drawn(seed, x_t.shape)", "np.repeat(drawn(seed, x_t.shape)[::2], 2, 0)[: len(x_t)]"),
    "neighbouring entries": RIGHT.replace("drawn(seed, x_t.shape)", "drawn(seed, (len(x_t), 1)) + 0 * x_t"),
}


@pytest.mark.parametrize("told", WRONG)
def test_wrong_noise_is_told_by_what_is_wrong_with_it(tmp_path, told):
    found = result(tmp_path, WRONG[told])
    assert found.verdict is Verdict.WRONG
    assert any(told in one.judgement.reason for one in found.outcomes), [one.judgement.reason for one in found.outcomes][:5]


def test_one_noise_for_every_step_is_told_by_its_variance(tmp_path):
    same = "np.repeat(drawn(seed, (1, *x_T.shape)), len(timesteps), 0)"
    found = result(tmp_path, RUN.format(name="ddpm_path", eta="", z=same, last=""))
    assert found.verdict is Verdict.WRONG
    assert any("times its variance" in one.judgement.reason for one in found.outcomes)


def test_a_wrong_mean_is_judged_exactly_whatever_the_noise(tmp_path):
    found = result(tmp_path, RIGHT.replace("(x_t, x_0, drawn", "(x_t, x_0 * (1 + 1e-9), drawn"))
    assert found.verdict in (Verdict.WRONG, Verdict.IMPRECISE)


def test_noise_at_a_step_that_has_none_is_told(tmp_path):
    found = result(
        tmp_path,
        RIGHT.rstrip() + " + 1e-6 * drawn(seed + 1, x_t.shape)\n",
    )
    assert found.verdict is Verdict.WRONG
    assert any("where there is none" in one.judgement.reason for one in found.outcomes)


def test_a_generator_that_ignores_its_seed_cannot_be_judged_right(tmp_path):
    found = result(tmp_path, RIGHT.replace("drawn(seed, x_t.shape)", "np.random.default_rng().standard_normal(x_t.shape)"))
    assert found.verdict is Verdict.WRONG


DRAWING = [formula for formula in formulas().values() if "z" in formula.arguments]
# What cannot be told from a seed: noise that enters by its square or in an exponent, noises that hang together in released
# code as the caller chooses, and noise without a state beside it.
DECLINED = {
    "corrector_step_size", "corrector_step_size_vp", "corrector_step_ve", "corrector_step_vp", "predictor_corrector_step_ve",
    "predictor_corrector_step_vp", "predictor_corrector_ve_path", "predictor_corrector_vp_path", "edm_sigma", "logit_normal_time",
    "dpmpp_sde_path", "gaussian_sample",
}  # fmt: skip


def drawing(asked: Formula, noises: dict[bytes, int]) -> Adapter:
    """The reference with noise of its own: of a run as many as its cases have, told by their inputs."""
    others = tuple(name for name in asked.arguments if name != "z")

    def function(seed, **quantities):
        states = [quantities[name] for name in ("x_T", "x_t", "x_0", "x_s", "score") if name in quantities]
        shape = states[0].shape if states else (4,)
        if asked.whole_run:
            shape = (noises[_told_by(quantities)], *shape)
        z = np.random.default_rng(seed).standard_normal(shape)
        return asked.function(**quantities, z=z)

    return Adapter("drawing", {asked.name: function}, {asked.name: (*others, "seed")}, "numpy")


def _told_by(quantities) -> bytes:
    """What tells a run's number of noises: its levels and how often it restarts."""
    levels = next(np.asarray(quantities[name]) for name in ("timesteps", "sde_times", "sigmas", "times") if name in quantities)
    return b"".join([levels.tobytes(), *(np.float64(quantities[name]).tobytes() for name in ("restarts",) if name in quantities)])


@pytest.mark.parametrize("asked", DRAWING, ids=lambda asked: asked.name)
def test_the_reference_with_its_own_noise_is_never_accused(asked: Formula) -> None:
    vectors = Vectors()
    noises = {}
    for one in vectors.of(asked.name):
        if asked.whole_run:
            known = {**one.derived, **one.given}
            noises[_told_by({name: known[name] for name in asked.arguments if name in known})] = len(one.given["z"])
    found = next(iter(check(drawing(asked, noises), vectors, Settings("numpy"), [asked.name])))
    told = [
        (one.vector.id, one.judgement) for one in found.outcomes if one.verdict not in (Verdict.CONFORMANT, Verdict.NOT_JUDGED)
    ]
    assert not told, told[:2]
    assert found.verdict is (Verdict.NOT_PROVIDED if asked.name in DECLINED else Verdict.CONFORMANT), found.declined


@pytest.mark.parametrize("times", [0.9, 1.1])
def test_noise_of_another_scale_is_told_on_correlated_data_too(times: float) -> None:
    name = "euler_ancestral_path"
    asked, vectors = formulas()[name], Vectors()
    adapter = drawing(asked, {_told_by({"sigmas": one.given["sigmas"]}): len(one.given["z"]) for one in vectors.of(name)})
    louder = Adapter(
        "louder",
        {name: lambda seed, eta, **given: adapter.functions[name](seed, eta=eta, **given) * np.where(eta > 0, times, 1)},
        adapter.asked,
        "numpy",
    )
    found = next(iter(check(louder, vectors, Settings("numpy"), [name])))
    correlated = [one for one in found.outcomes if "covariance" in one.vector.given and one.vector.given["eta"] > 0]
    assert correlated
    assert {one.verdict for one in correlated} == {Verdict.WRONG}
