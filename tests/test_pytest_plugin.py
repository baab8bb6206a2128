"""`pytest --refdiff=adapter`: one test a golden case, in any order and on any number of workers."""

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from refdiff.golden.vectors import Vectors

pytest_plugins = ["pytester"]

_ROOT = Path(__file__).parents[1]
_ADAPTER = """
import numpy as np

def snr_weight_v(snr_t):
    return snr_t / (snr_t + 1)

def min_snr_weight_v(snr_t, gamma):
    return np.minimum(snr_t, gamma) / (snr_t + 1)

def marginal_variance(alpha_bar_t):
    return {variance}

def transition_variance(s, t, alpha_bar_s, alpha_bar_t):
    if s != t - 1:
        raise NotImplementedError("no strided steps")
    return 1 - alpha_bar_t / alpha_bar_s
"""
_PROVIDED = ("snr_weight_v", "min_snr_weight_v", "marginal_variance", "transition_variance")


def _count(formula: str) -> int:
    return Vectors().counts[formula]


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A user's own project, with an honest adapter and one that mistakes a scale for a variance."""
    pytester.makepyfile(
        honest=_ADAPTER.format(variance="1 - alpha_bar_t"),
        mistaken=_ADAPTER.format(variance="np.sqrt(1 - alpha_bar_t)"),
        test_own="def test_of_the_project():\n    assert True\n",
    )
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", "")))))
    return pytester


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:randomly", *_plugin(), *arguments)


def _plugin() -> list[str]:
    """Loads the plugin where it is not installed with its entry point."""
    loaded = any(one.value == "refdiff.pytest_plugin" for one in entry_points(group="pytest11"))
    return [] if loaded else ["-p", "refdiff.pytest_plugin"]


def collected(project: pytest.Pytester, *arguments: str) -> list[str]:
    done = run(project, "--collect-only", "-q", *arguments)
    assert done.ret == 0
    return [line for line in done.outlines if "refdiff::" in line]


def text(done: pytest.RunResult) -> str:
    return "\n".join([*done.outlines, *done.errlines])


def test_there_is_one_test_a_case_beside_the_projects_own_on_two_workers(project: pytest.Pytester) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *_plugin(), "--refdiff=honest", "-n", "2"]
    done = project.run(*command, timeout=120)
    assert done.ret == 0
    counts = done.parseoutcomes()
    assert counts["passed"] + counts["skipped"] == sum(map(_count, _PROVIDED)) + 1
    assert counts["skipped"] > 5


def test_without_the_option_nothing_changes(project: pytest.Pytester) -> None:
    run(project).assert_outcomes(passed=1)


def test_ids_are_static_and_sorted_and_only_of_what_is_provided(project: pytest.Pytester) -> None:
    names = collected(project, "--refdiff=honest")
    cases = [name.partition("refdiff::")[2] for name in names]
    assert len(set(cases)) == len(cases) == sum(map(_count, _PROVIDED))
    order = [(case.partition("/")[0].partition(".")[2], case) for case in cases]
    assert order == sorted(order)
    assert {formula for formula, _ in order} == set(_PROVIDED)
    assert names == collected(project, "--refdiff=honest")


def test_a_planted_mistake_fails_and_its_message_can_be_read(project: pytest.Pytester) -> None:
    done = run(project, "--refdiff=mistaken", "--refdiff-formula=marginal_variance", "--refdiff-formula=snr_weight_v")
    assert done.ret == 1
    done.assert_outcomes(failed=_count("marginal_variance"), passed=_count("snr_weight_v") + 1)
    output = text(done)
    assert "marginal_variance: wrong" in output
    assert "snr_weight_v: " not in output
    for words in (
        "case forward.marginal_variance/linear-1000/t-500@1",
        "got ",
        "wanted ",
        "hunts: ",
        "again: refdiff check mistaken --case",
    ):
        assert words in output
    assert "Traceback" not in output
    assert "pytest_plugin.py" not in output


def test_the_command_in_the_message_runs_exactly_that_case(project: pytest.Pytester) -> None:
    done = run(project, "--refdiff=mistaken", "-k", "marginal_variance and t-500 and linear-1000 and not scaled")
    assert done.ret == 1
    (again,) = set(re.findall(r"again: refdiff (check .*)", text(done)))
    told = subprocess.run(
        [sys.executable, "-m", "refdiff", *again.split()], capture_output=True, text=True, timeout=60, check=False
    )
    assert told.returncode == 1
    assert "forward.marginal_variance/linear-1000/t-500@1" in told.stdout


def test_k_selects_cases(project: pytest.Pytester) -> None:
    run(project, "--refdiff=honest", "-k", "marginal_variance and linear-10 and not 1000").assert_outcomes(passed=4)


def test_declined_cases_are_skipped_with_the_reason(project: pytest.Pytester) -> None:
    done = run(project, "--refdiff=honest", "--refdiff-formula=transition_variance", "-rs")
    assert done.ret == 0
    assert "no strided steps" in text(done)


def test_what_a_dtype_cannot_judge_is_skipped_and_not_passed(project: pytest.Pytester) -> None:
    done = run(project, "--refdiff=honest", "--refdiff-dtype=float16", "--refdiff-formula=transition_variance", "-rs")
    assert done.ret == 0
    assert "too hard for float16" in text(done)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--refdiff=no_such_adapter"], "no module named 'no_such_adapter'"),
        (
            ["--refdiff=honest", "--refdiff-dtype=float128"],
            "got --refdiff-dtype float128, wanted one of float64, float32, float16, bfloat16",
        ),
        (["--refdiff=honest", "--refdiff-array=tensorflow"], "got --array tensorflow, wanted one of"),
        (["--refdiff=honest", "--refdiff-formula=marginal_varience"], "did you mean marginal_variance"),
        (["--refdiff=test_own"], "none of refdiff's names"),
    ],
)
def test_a_usage_error_is_one_sentence(project: pytest.Pytester, arguments: list[str], sentence: str) -> None:
    done = run(project, *arguments)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert sentence in text(done)
    assert "Traceback" not in text(done)
    assert "INTERNALERROR" not in text(done)


def test_damaged_vectors_are_a_usage_error_and_not_a_crash(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    from refdiff.golden import vectors as module

    project.mkdir("golden")
    for file in (_ROOT / "golden").iterdir():
        (project.path / "golden" / file.name).symlink_to(file)
    (project.path / "golden" / "forward").unlink()
    monkeypatch.setattr(module, "folder", lambda: project.path / "golden")
    done = run(project, "--refdiff=honest")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert "cannot be read" in text(done)
    assert "INTERNALERROR" not in text(done)
