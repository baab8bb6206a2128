"""The production path agrees with every golden vector, on each device there is."""

import json
from importlib import import_module
from importlib.util import find_spec

import pytest

torch = pytest.importorskip("torch")

from refdiff.catalogue import SUBJECTS, formulas  # noqa: E402
from refdiff.conformance.adapter import load_adapter  # noqa: E402
from refdiff.conformance.check import Settings, check  # noqa: E402
from refdiff.conformance.judge import Verdict  # noqa: E402
from refdiff.conformance.report import summary  # noqa: E402
from refdiff.golden.vectors import Vectors  # noqa: E402

from .readme_figures import PRODUCTION  # noqa: E402

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device: not run")
DEVICES = ["cpu", pytest.param("cuda", marks=[pytest.mark.cuda, needs_cuda])]
SUBJECTS_WITH_PRODUCTION = [subject for subject in SUBJECTS if find_spec(f"refdiff.production.{subject}")]
OFFERED = {name for one in SUBJECTS_WITH_PRODUCTION for name in import_module(f"refdiff.production.{one}").__all__}
PROVIDED = OFFERED & set(formulas())
STALE = "python -m tests.readme_figures writes what `refdiff list` and README say of the production path anew"


# `refdiff verify` asks in float32 too.
@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.slow)])
@pytest.mark.parametrize("device", DEVICES)
def test_every_formula_of_the_production_path_is_conformant(device, dtype):
    results = list(check(load_adapter("production"), Vectors(), Settings("torch", dtype, device)))
    deviating = {one.formula: one.verdict.value for one in results if one.verdict is not Verdict.CONFORMANT}
    assert deviating == {name: "not provided" for name in Vectors().counts if name not in PROVIDED}
    assert not any(one.declined for one in results)
    held = json.loads(PRODUCTION.read_text(encoding="utf-8"))
    told = {name: verdicts[dtype] for name, verdicts in held["verdicts"].items()}
    assert told == {one.formula: one.verdict.value for one in results if one.formula in PROVIDED}, STALE
    assert held["cases"][dtype] == summary(results)["cases"], STALE
