"""Denoising-diffusion-pytorch under the vocabulary's names.

The module itself predicts eps. Its objects hold the same formulas for another choice, as in
`refdiff check denoising_diffusion_pytorch:sample`: `sample` and `v_prediction` by what the network predicts; `exact`,
`exact_sample` and `exact_v_prediction` with float64 tables instead of the library's float32 ones, which tell a wrong formula from
a rounded table; `continuous` and `continuous_v` step in log SNR instead of through tables.
See findings/denoising_diffusion_pytorch.py for what was found.
"""

from types import SimpleNamespace
from typing import Any

from refdiff.adapters.denoising_diffusion_pytorch.diffusions import Tables
from refdiff.adapters.denoising_diffusion_pytorch.formulas import Epsilon, Sample, VPrediction
from refdiff.adapters.denoising_diffusion_pytorch.guidance import Guidance
from refdiff.adapters.denoising_diffusion_pytorch.levels import Continuous, Elucidated, VContinuous
from refdiff.adapters.denoising_diffusion_pytorch.schedules import Schedules
from refdiff.catalogue import formulas

ARRAY = "torch"


def _together(tables: Tables) -> dict[str, Any]:
    """The formulas of every class, where the network predicts eps."""
    holders = Epsilon(tables), Schedules(tables), Elucidated(tables), Guidance(tables)
    return {name: getattr(holder, name) for holder in holders for name in dir(holder) if name in formulas()}


globals().update(_together(Tables()))

sample = Sample(Tables())
v_prediction = VPrediction(Tables())
exact = SimpleNamespace(ARRAY=ARRAY, **_together(Tables(float64=True)))
exact_sample = Sample(Tables(float64=True))
exact_v_prediction = VPrediction(Tables(float64=True))
continuous = Continuous()
continuous_v = VContinuous()
