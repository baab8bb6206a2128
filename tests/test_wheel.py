"""The built wheel, installed into an environment with the core dependencies only, works from any folder."""

import importlib.metadata
import json
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from refdiff.catalogue import formulas

from .sources import ROOT

pytest.importorskip("build")
pytest.importorskip("hatchling")
requirements = pytest.importorskip("packaging.requirements")

RIGHT = '''"""An implementation under test."""
import numpy as np


def posterior_variance(alpha_bar_s, alpha_bar_t):
    return (1 - alpha_bar_s) / (1 - alpha_bar_t) * (1 - alpha_bar_t / alpha_bar_s)


def marginal_sample(x_0, eps, alpha_t, sigma_t):
    return alpha_t * x_0 + sigma_t * eps


def ddim_step(x_t, x_0, alpha_bar_s, alpha_bar_t, z, eta):
    scale = eta * np.sqrt(posterior_variance(alpha_bar_s, alpha_bar_t))
    eps = (x_t - np.sqrt(alpha_bar_t) * x_0) / np.sqrt(1 - alpha_bar_t)
    return np.sqrt(alpha_bar_s) * x_0 + np.sqrt(np.maximum(1 - alpha_bar_s - scale**2, 0)) * eps + scale * z
'''
WRONG = "def posterior_variance(beta_t):\n    return beta_t\n"


class Installed(NamedTuple):
    """An environment that holds the wheel, and an empty folder to work in."""

    wheel: Path
    environment: Path
    folder: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command of the environment, from a folder that is not the checkout, with no variable that leads back to it."""
        kept = {name: os.environ[name] for name in ("SYSTEMROOT", "LANG", "LC_ALL") if name in os.environ}
        variables = kept | {"PATH": str(self.environment / "bin"), "HOME": str(self.folder), "NO_COLOR": "1"}
        program = self.environment / "bin" / command[0]
        return subprocess.run(
            [program, *command[1:]], cwd=self.folder, env=variables, capture_output=True, text=True, timeout=120
        )


def needed(names: Sequence[str]) -> set[str]:
    """Distributions that these need, extras left out, themselves included."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        asked = map(requirements.Requirement, importlib.metadata.requires(name) or [])
        waiting += [one.name for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found


def lend(distribution: str, target: Path) -> None:
    """Links one installed distribution's files into another environment: no network, no copy."""
    for file in importlib.metadata.files(distribution) or []:
        if file.parts[0] == ".." or file.parts[0] == "__pycache__":
            continue
        link, source = target / file.parts[0], Path(str(file.locate())).parents[len(file.parts) - 1] / file.parts[0]
        if not link.exists():
            link.symlink_to(source, target_is_directory=source.is_dir())


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    home = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(home), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, text=True)
    (wheel,) = home.glob("*.whl")
    environment = home / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    core = [one.name for one in map(requirements.Requirement, importlib.metadata.requires("refdiff") or []) if not one.marker]
    for distribution in needed(core):
        lend(distribution, packages)
    pip = [sys.executable, "-m", "pip", "--python", str(environment), "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True, text=True)
    folder = home / "elsewhere"
    folder.mkdir()
    (folder / "right.py").write_text(RIGHT, encoding="utf-8")
    (folder / "wrong.py").write_text(WRONG, encoding="utf-8")
    return Installed(wheel, environment, folder)


def test_wheel_carries_vectors_and_proofs_but_no_tests(installed):
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    files = [row["file"] for row in json.loads((ROOT / "golden" / "manifest.json").read_text(encoding="utf-8"))["files"]]
    proofs = [path.relative_to(ROOT) for path in (ROOT / "proofs").glob("*.py")]
    assert {f"refdiff/data/golden/{file}" for file in files} < names
    assert {f"refdiff/data/{path}" for path in proofs} <= names
    assert {"refdiff/py.typed", "refdiff/data/golden/manifest.json"} < names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    strange = ("tests/", "__pycache__", ".ruff_cache", ".mypy_cache", ".pytest_cache", "tests.py")
    assert not [name for name in names if any(part in name for part in strange)]
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"refdiff"}
    assert all(set(path.parts) & {"refdiff"} for path in map(Path, names) if path.suffix in {".html", ".json"})


def test_installed_package_is_the_wheels_and_needs_no_extra(installed):
    script = (
        "import refdiff, sys, importlib.util as u; print(refdiff.__file__); print([n for n in sys.argv[1:] if u.find_spec(n)])"
    )
    done = installed.run("python", "-I", "-c", script, "torch", "sympy", "flint", "sklearn", "matplotlib", "tests", "proofs")
    where, extras = done.stdout.splitlines()
    assert Path(where).is_relative_to(installed.environment)
    assert extras == "[]"


def test_installed_list_names_every_formula(installed):
    done = installed.run("refdiff", "list", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout)
    assert [row["name"] for row in rows] == list(formulas())
    assert all(row["cases"] >= 20 for row in rows)
    table = installed.run("refdiff", "list")
    assert table.returncode == 0
    assert all(name in table.stdout for name in formulas())
    assert max(map(len, table.stdout.splitlines())) <= 80


def test_installed_show_tells_one_formula(installed):
    done = installed.run("refdiff", "show", "posterior_variance")
    assert (done.returncode, done.stderr) == (0, "")
    for text in (formulas()["posterior_variance"].summary, "Ho et al. 2020", "posterior.posterior_variance/", "beta_t"):
        assert text in done.stdout


def test_installed_ledger_tells_one_entry_without_sympy(installed):
    done = installed.run("refdiff", "ledger", "002/45")
    assert done.returncode == 0, done.stderr
    assert "false as printed" in done.stdout
    assert "right 0.471405" in " ".join(done.stdout.split())


def test_installed_golden_verify_reads_every_vector(installed):
    done = installed.run("refdiff", "golden", "verify")
    total = json.loads((ROOT / "golden" / "manifest.json").read_text(encoding="utf-8"))["total"]
    assert done.returncode == 0, done.stderr
    assert str(total) in done.stdout.replace(",", "")


def test_installed_check_tells_right_from_wrong(installed):
    right = installed.run("refdiff", "check", "right.py")
    assert right.returncode == 0, right.stdout + right.stderr
    assert "3 conformant" in right.stdout
    wrong = installed.run("refdiff", "check", "wrong.py")
    assert wrong.returncode == 1
    assert "posterior_variance__beta_t" in wrong.stdout
    absent = installed.run("refdiff", "check", "absent.py")
    assert absent.returncode == 3
    assert "absent.py" in absent.stderr
    assert "Traceback" not in absent.stderr


def test_installed_command_that_needs_an_extra_names_it(installed):
    done = installed.run("refdiff", "check", "production")
    assert done.returncode in {2, 3}
    assert "torch" in done.stderr
    assert "pip install" in done.stderr
    assert "Traceback" not in done.stderr


def test_proofs_in_the_wheel_hold(installed):
    pytest.importorskip("sympy")
    unpacked = installed.folder / "unpacked"
    zipfile.ZipFile(installed.wheel).extractall(unpacked)
    data = unpacked / "refdiff" / "data"
    options = ["-q", "-p", "no:cacheprovider", "--import-mode=importlib", f"--rootdir={data}", "-c", os.devnull]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join([str(unpacked), str(data)])}
    command = [sys.executable, "-m", "pytest", str(data / "proofs" / "test_forward.py"), *options]
    done = subprocess.run(command, cwd=installed.folder, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
