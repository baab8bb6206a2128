"""Builds the vectors: each value by two roads, certified, with the envelope of every dtype."""

import os
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np

from refdiff.catalogue import Formula, formulas
from refdiff.golden.cases import Case, all_cases
from refdiff.golden.cases.inputs import schedules
from refdiff.golden.certified import certified
from refdiff.golden.files import FORMAT, load, pack, write_json, write_tensors
from refdiff.golden.solutions import FILE, write_solutions
from refdiff.golden.truth import TRUTH_BITS, envelopes, exact, truth
from refdiff.numbers.balls import ball, precision
from refdiff.vocabulary import Quantities

__all__ = ["build", "build_case"]

# What an implementation may ask for beside the inputs, where it follows from them; whole tables are left to it.
_DERIVED = (
    "T", "t_index", "fractional_t_index", "s_index", "n", "timesteps", "timestep_indices", "beta_t", "alpha_bar_t", "alpha_bar_s",
    "alpha_bar_T", "log_alpha_bar_t", "log_alpha_bar_s", "log_alpha_bar_T", "alpha_t", "alpha_s", "sigma_t", "sigma_s", "snr_t",
    "snr_s", "logsnr_t", "logsnr_s", "half_logsnr_t", "half_logsnr_s", "sigma_over_alpha_t", "sigma_over_alpha_s", "x_t", "x_0",
    "eps", "v", "score", "x_0_hat", "eps_hat", "v_hat", "score_hat", "alphas", "sigmas", "alphas_down", "sigmas_down",
)  # fmt: skip
_RUN = {"alphas", "sigmas", "alphas_down", "sigmas_down"}
# Which derived quantities an implementation of a formula may sensibly ask for.
_LEVELS = {f"{name}_t" for name in ("snr", "logsnr", "half_logsnr", "sigma_over_alpha")}
_STATES = {"x_t", "x_0", "eps", "v", "score", "x_0_hat", "eps_hat", "v_hat", "score_hat"}


def _up(x: float, digits: int = 2) -> float:
    """x rounded up to a few significant digits."""
    if x == 0 or not np.isfinite(x):
        return x
    short = float(f"{x:.{digits - 1}e}")
    return short if short >= x else float(f"{x * (1 + 10.0 ** (1 - digits) * 0.9):.{digits - 1}e}")


def _expected(asked: Formula, case: Case) -> dict[str, Any]:
    """Value, remainder, radius and envelopes, each with the shape of the result."""
    true = truth(asked, case.given)
    shape = true.shape
    if all(isinstance(entry, (int, np.integer)) for entry in true.flat):
        return {"value": true.astype(np.int64)}
    with precision(TRUTH_BITS):
        entries = [ball(entry) for entry in true.flat]
        value, low, radius = certified(entries)
    short = np.array([float(f"{x:.5e}") for x in low])
    radius = radius + np.abs(low - short)
    found = {"value": value, "low": short, "radius": np.array([_up(x) for x in radius.tolist()])}
    for dtype, reach in envelopes(asked, case.given, true).items():
        found[dtype] = np.array([_up(x) for x in reach.ravel().tolist()]).reshape(reach.shape)
    return found | {name: found[name].reshape(shape) for name in ("value", "low", "radius")}


def _misleading(name: str, asked: Formula, case: Case, quantities: Quantities) -> bool:
    """Whether right code that asks for this quantity could be led astray by the case."""
    if name in _STATES and "x_t" not in quantities:
        return True
    if name in _RUN and name not in asked.arguments:
        return True
    # Code that asks for an SNR takes x_t to preserve variance; where it need not, only the scales are handed over.
    if "x_t" in case.given and "alpha_t" in case.given and name in _LEVELS:
        return True
    # Without signal at t, eps and the score say nothing of x_0.
    silent = "betas" in case.given and "t" in case.given and np.ndim(case.given["t"]) == 0 and quantities["alpha_bar_t"] == 0
    return silent and name in ("eps", "score", "eps_hat", "score_hat")


def _derived(asked: Formula, case: Case) -> dict[str, Any]:
    """Quantities that follow from the inputs, rounded once to float64."""
    with precision(TRUTH_BITS):
        quantities = Quantities(exact(case.given))
        found: dict[str, Any] = {}
        for name in _DERIVED:
            if name in case.given or name not in quantities or _misleading(name, asked, case, quantities):
                continue
            value = quantities[name]
            if isinstance(value, int) or (isinstance(value, np.ndarray) and value.dtype.kind == "i"):
                found[name] = value
            elif isinstance(value, np.ndarray):
                found[name] = np.array([float(ball(entry)) for entry in value.flat]).reshape(value.shape)
            else:
                found[name] = float(ball(value))
    # The log of no signal is -inf; other infinite quantities belong to forms that exclude a zero SNR.
    return {name: value for name, value in found.items() if np.isfinite(value).all() or name.startswith("log_alpha_bar")}


def build_case(asked: Formula, case: Case, tensors: dict[str, np.ndarray]) -> dict[str, Any]:
    """One case as stored; long results go to `tensors`."""
    named = {id(betas): f"betas/{name}" for name, betas in schedules().items()}
    given = {
        name: {"tensor": named[id(value)]} if id(value) in named else pack(value, tensors, f"{case.id}/{name}")
        for name, value in case.given.items()
    }
    derived = {name: pack(value, tensors, f"{case.id}/{name}") for name, value in _derived(asked, case).items()}
    expected = _expected(asked, case)
    if expected["value"].size > 200:
        expected = {name: array if name == "value" else array.astype(np.float32) for name, array in expected.items()}
    packed = {name: pack(array, tensors, f"{case.id}/{name}") for name, array in expected.items()}
    return {"id": case.id, "comment": case.comment, "given": given, "derived": derived, "expected": packed}


def build(
    target: Path, told: Callable[[str, int], None] = lambda name, count: None, names: Collection[str] = ()
) -> dict[str, int]:
    """Writes every vector below `target`.

    Args:
        target: folder; created where missing, files of earlier builds are overwritten.
        told: called with each formula's name and number of cases when it is done.
        names: build only these formulas; the others' files are taken over from `target`. All unless given.

    Returns:
        Number of cases by formula.

    Raises:
        ArithmeticError: when a value's two roads disagree.
        OSError: when the folder cannot be written.
    """
    target.mkdir(parents=True, exist_ok=True)
    # Built aside and moved when whole, so that a reader never meets half a build.
    with tempfile.TemporaryDirectory(prefix=".building-", dir=target) as aside:
        counts = _write(Path(aside), told, target if names else None, names)
        for file in sorted(Path(aside).rglob("*.*")):
            place = target / file.relative_to(aside)
            place.parent.mkdir(exist_ok=True)
            os.replace(file, place)
    return counts


def _write(target: Path, told: Callable[[str, int], None], kept: Path | None, names: Collection[str]) -> dict[str, int]:
    before = load(kept / "manifest.json") if kept else {"cases": {}, "files": []}
    known = {entry["file"]: entry["sha256"] for entry in before["files"]}
    digests: dict[str, str] = {}
    counts: dict[str, int] = {}
    digests["inputs.safetensors"] = write_tensors(
        target / "inputs.safetensors", {f"betas/{name}": betas for name, betas in schedules().items()}
    )
    digests[FILE] = known[FILE] if kept and FILE in known else write_solutions(target)
    for name, listed in all_cases().items():
        asked = formulas()[name]
        if kept and name not in names and name in before["cases"]:
            counts[name] = before["cases"][name]
            digests |= {file: known[file] for file in known if file.startswith(f"{asked.subject}/{name}.")}
            continue
        tensors: dict[str, np.ndarray] = {}
        rows = [build_case(asked, case, tensors) for case in listed]
        header = {
            "format": FORMAT,
            "formula": name,
            "summary": asked.summary,
            "statement": asked.statement,
            "arguments": list(asked.arguments),
            "source": asked.section("Source"),
        }
        file = f"{asked.subject}/{name}.json"
        digests[file] = write_json(target / file, header, "cases", rows)
        if tensors:
            file = f"{asked.subject}/{name}.safetensors"
            digests[file] = write_tensors(target / file, tensors)
        counts[name] = len(rows)
        told(name, len(rows))
    manifest = {"format": FORMAT, "cases": counts, "total": sum(counts.values()), "notes": _NOTES}
    files = [{"file": file, "sha256": digests[file]} for file in sorted(digests)]
    write_json(target / "manifest.json", manifest, "files", files)
    return counts


_NOTES = {
    "value": "the float64 nearest to the truth; the truth lies within radius of value + low",
    "float64, float32, float16, bfloat16": "envelope: how far honest code of that dtype may stray from the truth",
    "judging": "accept abs(y - (value + low)) <= radius + 2*(ulp/2 + envelope), where the envelope is at most 1% of value",
    "given": "exact inputs, each a float32 but for decimals that all code has: 0.008 and 0.999 in betas_cosine, 0.00085, 0.012"
    " and 0.18215 in stable_diffusion_path; derived: what follows, rounded to float64",
    "tensor": "the array of this name in inputs.safetensors or in the formula's own .safetensors",
    "not finite": "written as the strings inf, -inf, nan",
}
